// SPDX-License-Identifier: GPL-2.0-only
/*
 * Preparing descriptors: what all types share, and their table. What no client may ask
 * of a provider is refused here, before the provider sees it: memory that is not mapped,
 * or mapped for the other direction, what the channel does not offer, what is not aligned.
 */
#include <linux/dmaengine.h>
#include <linux/kernel.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "prep.h"

/**
 * client_addr - the bus address of a part
 * @piece: of a buffer that is mapped
 *
 * Context: may sleep; the lock of the session is held.
 * Return: the address.
 */
dma_addr_t client_addr(const struct client_piece *piece)
{
	return piece->buf->addr + piece->off;
}

static bool client_overlap(const struct client_piece *a, const struct client_piece *b)
{
	return a->index == b->index && a->off < b->off + b->len && b->off < a->off + a->len;
}

/* Nothing that is written may be touched in another way too. */
static bool client_clashes(const struct client_job *job, const struct client_piece *piece,
			   bool written)
{
	for (unsigned int i = 0; i < job->nwrite; i++)
		if (client_overlap(&job->write[i], piece))
			return true;
	for (unsigned int i = 0; i < job->nread && written; i++)
		if (client_overlap(&job->read[i], piece))
			return true;
	return false;
}

/**
 * client_take - the word of a part that the engine accesses, for the lists of the job
 * @job: the job
 * @word: the word
 * @len: bytes of it, 0: as many as it says
 * @written: it is written, not read
 *
 * Context: may sleep; the lock of the session is held.
 * Return: 0, what client_part() says, -E2BIG for too many, -EFAULT where the engine may not
 * access it so, -EINVAL where it clashes with another part.
 */
int client_take(struct client_job *job, const char *word, size_t len, bool written)
{
	enum dma_data_direction no = written ? DMA_TO_DEVICE : DMA_FROM_DEVICE;
	unsigned int *n = written ? &job->nwrite : &job->nread;
	struct client_piece piece;
	int ret;

	if (*n == CLIENT_PIECES)
		return -E2BIG;
	ret = client_part(job->c, word, &piece);
	if (ret)
		return ret;
	if (len > piece.len)
		return -ERANGE;
	piece.len = len ?: piece.len;
	if (!piece.buf->mapped || piece.buf->dir == no)
		return -EFAULT;
	if (client_clashes(job, &piece, written))
		return -EINVAL;
	(written ? job->write : job->read)[(*n)++] = piece;
	job->bufs |= BIT(piece.index);
	return 0;
}

/**
 * client_len - a word that is a number of bytes
 * @word: the word
 * @len: filled in
 *
 * Context: may sleep; the lock of the session is held.
 * Return: 0, -EINVAL or -ERANGE.
 */
int client_len(const char *word, unsigned int *len)
{
	return client_number(word, 1, CLIENT_BUF_SIZE, len);
}

/**
 * client_aligned - whether all parts are where the provider can access them
 * @job: the job, with its parts taken
 * @align: as the provider declares it
 *
 * Context: may sleep; the lock of the session is held.
 * Return: whether they are.
 */
bool client_aligned(const struct client_job *job, enum dmaengine_alignment align)
{
	dma_addr_t bits = 0;

	for (unsigned int i = 0; i < job->nread; i++)
		bits |= client_addr(&job->read[i]) | job->read[i].len;
	for (unsigned int i = 0; i < job->nwrite; i++)
		bits |= client_addr(&job->write[i]) | job->write[i].len;
	return IS_ALIGNED(bits, 1 << align);
}

/**
 * client_list - the parts that are written, or those that are read
 * @job: the job
 * @written: which of the two
 * @n: filled in: how many
 *
 * Context: may sleep; the lock of the session is held.
 * Return: the first of them.
 */
struct client_piece *client_list(struct client_job *job, bool written, unsigned int *n)
{
	*n = written ? job->nwrite : job->nread;
	return written ? job->write : job->read;
}

/**
 * client_take_list - the words of a whole list
 * @job: the job
 * @word: the words
 * @n: how many; none is too few
 * @written: they are written, not read
 *
 * Context: may sleep; the lock of the session is held.
 * Return: 0, -EINVAL, or what client_take() says.
 */
int client_take_list(struct client_job *job, char **word, int n, bool written)
{
	int ret = n ? 0 : -EINVAL;

	for (int i = 0; i < n && !ret; i++)
		ret = client_take(job, word[i], 0, written);
	return ret;
}

/**
 * client_sgl - a list as a provider takes it
 * @job: the job
 * @written: the list of what is written, not read
 * @sgl: filled in; room for CLIENT_PIECES
 * @n: filled in: how many
 *
 * Context: may sleep; the lock of the session is held.
 */
void client_sgl(struct client_job *job, bool written, struct scatterlist *sgl, unsigned int *n)
{
	struct client_piece *piece = client_list(job, written, n);

	sg_init_table(sgl, *n);
	for (unsigned int i = 0; i < *n; i++) {
		/* Providers look at addresses only; a coherent buffer may have no page. */
		sg_dma_address(&sgl[i]) = client_addr(&piece[i]);
		sg_dma_len(&sgl[i]) = piece[i].len;
		sgl[i].length = piece[i].len;
	}
}

/* A type of transfer: what has the provider make one, and the operation that it takes. */
static const struct client_type {
	const char *name;
	size_t op; /* of struct dma_device; its absence says that the type is not offered */
	struct dma_async_tx_descriptor *(*prep)(struct client_job *job, char **word, int n);
} client_types[] = {
	{ "memcpy", offsetof(struct dma_device, device_prep_dma_memcpy), client_memcpy },
	{ "memset", offsetof(struct dma_device, device_prep_dma_memset), client_memset },
	{ "memset_sg", offsetof(struct dma_device, device_prep_dma_memset_sg),
	  client_memset_sg },
	{ "xor", offsetof(struct dma_device, device_prep_dma_xor), client_xor },
	{ "xor_val", offsetof(struct dma_device, device_prep_dma_xor_val), client_xor_val },
	{ "pq", offsetof(struct dma_device, device_prep_dma_pq), client_pq },
	{ "pq_val", offsetof(struct dma_device, device_prep_dma_pq_val), client_pq_val },
	{ "interrupt", offsetof(struct dma_device, device_prep_dma_interrupt),
	  client_interrupt },
	{ "slave_sg", offsetof(struct dma_device, device_prep_slave_sg), client_slave_sg },
	{ "cyclic", offsetof(struct dma_device, device_prep_dma_cyclic), client_cyclic },
	{ "interleaved", offsetof(struct dma_device, device_prep_interleaved_dma),
	  client_strided },
#ifdef DMACONF_HAVE_DMA_VEC
	{ "vec", offsetof(struct dma_device, device_prep_peripheral_dma_vec), client_vec },
#endif
};

static const struct client_type *client_type(const char *name)
{
	for (int i = 0; i < ARRAY_SIZE(client_types); i++)
		if (!strcmp(client_types[i].name, name))
			return &client_types[i];
	return NULL;
}

static bool client_offers(const struct dma_device *device, const struct client_type *type)
{
	return *(void * const *)((const char *)device + type->op);
}

static const struct {
	const char *name;
	unsigned long flag;
} client_flags[] = {
	{ "interrupt", DMA_PREP_INTERRUPT },
	{ "ack", DMA_CTRL_ACK },
	{ "fence", DMA_PREP_FENCE },
	{ "repeat", DMA_PREP_REPEAT },
	{ "load_eot", DMA_PREP_LOAD_EOT },
	{ "no_p", DMA_PREP_PQ_DISABLE_P },
	{ "no_q", DMA_PREP_PQ_DISABLE_Q },
	{ "continue", DMA_PREP_CONTINUE },
	{ "plain", CLIENT_PLAIN },
	{ "none", 0 },
};

/* A word flags=FLAG,... in the last place; without it a callback and an acknowledgment. */
static int client_flags_of(char **word, int *n, unsigned long *flags)
{
	const char *value;
	char *list, *name;
	bool known;

	*flags = DMA_PREP_INTERRUPT | DMA_CTRL_ACK;
	if (!*n || !client_option(word[*n - 1], "flags", &value))
		return 0;
	list = word[--(*n)] + strlen("flags=");
	*flags = 0;
	while ((name = strsep(&list, ","))) {
		known = false;
		for (int i = 0; i < ARRAY_SIZE(client_flags); i++) {
			if (strcmp(client_flags[i].name, name))
				continue;
			*flags |= client_flags[i].flag;
			known = true;
		}
		if (!known)
			return -EINVAL;
	}
	return 0;
}

/* A place for a transfer: one that is not, or not any more. */
static int client_place(struct client *c, const char *word, struct client_xfer **x)
{
	unsigned int index;
	int ret;

	ret = client_number(word, 0, CLIENT_XFERS - 1, &index);
	if (ret)
		return client_refuse(c, ret, "not a transfer: %s", word);
	*x = &c->xfers[index];
	if ((*x)->state != CLIENT_XFER_NONE && (*x)->state != CLIENT_XFER_ENDED)
		return client_refuse(c, -EBUSY, "transfer %u is in use", index);
	return 0;
}

static int client_prepare(struct client_job *job, const struct client_type *type, char **word,
			  int n)
{
	struct client_xfer *x = job->x;
	struct dma_async_tx_descriptor *tx;

	job->plain = job->flags & CLIENT_PLAIN;
	job->flags &= ~CLIENT_PLAIN;
	x->sums = 0;
	tx = type->prep(job, word, n);
	if (IS_ERR(tx))
		return client_refuse(job->c, PTR_ERR(tx), "not a %s", type->name);
	if (!tx)
		return client_refuse(job->c, -EIO, "the provider refused");
	x->tx = tx;
	x->cyclic = job->cyclic;
	x->called = job->flags & DMA_PREP_INTERRUPT;
	x->plain = job->plain;
	client_xfer_begin(job->c, x, job->bufs);
	return 0;
}

/* Handler. */
int client_prep(struct client *c, struct client_args *args)
{
	const struct client_type *type = client_type(args->word[1]);
	struct client_job *job;
	struct client_xfer *x;
	int n = args->n - 2;
	int ret;

	ret = client_place(c, args->word[0], &x);
	if (ret)
		return ret;
	if (!type)
		return client_refuse(c, -EINVAL, "no such type");
	if (!client_offers(c->chan->device, type))
		return client_refuse(c, -EOPNOTSUPP, "the channel does not offer it");
	job = kzalloc(sizeof(*job), GFP_KERNEL);
	if (!job)
		return client_refuse(c, -ENOMEM, "no memory");
	job->c = c;
	job->x = x;
	job->device = c->chan->device;
	ret = client_flags_of(args->word + 2, &n, &job->flags);
	ret = ret ? client_refuse(c, ret, "no such flag") :
		client_prepare(job, type, args->word + 2, n);
	kfree(job);
	return ret;
}
