// SPDX-License-Identifier: GPL-2.0-only
/*
 * Preparing descriptors of every type. What no client may ask of a provider is
 * refused here, before the provider sees it: memory that is not mapped, or mapped
 * for the other direction, what the channel does not offer, what is not aligned.
 */
#include <linux/dmaengine.h>
#include <linux/kernel.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "client.h"

/**
 * struct client_job - what is asked of the provider
 * @c: the session
 * @x: the transfer
 * @device: the provider
 * @flags: for the provider
 * @cyclic: the transfer has no end
 * @bufs: mask of the buffers of all parts that were taken
 * @read: parts that the engine reads
 * @nread: how many
 * @write: parts that it writes
 * @nwrite: how many
 */
struct client_job {
	struct client *c;
	struct client_xfer *x;
	struct dma_device *device;
	unsigned long flags;
	bool cyclic;
	u32 bufs;
	struct client_piece read[CLIENT_PIECES];
	unsigned int nread;
	struct client_piece write[CLIENT_PIECES];
	unsigned int nwrite;
};

/*
 * The types' own functions return a descriptor, ERR_PTR() for what is wrong with the
 * words, or NULL where the provider refused.
 */
static dma_addr_t client_addr(const struct client_piece *piece)
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

/* Takes the word of a part of @len bytes (0: as many as it says) that the engine accesses. */
static int client_take(struct client_job *job, const char *word, size_t len, bool written)
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

static int client_len(const char *word, unsigned int *len)
{
	return client_number(word, 1, CLIENT_BUF_SIZE, len);
}

/* Whether all parts are where the provider can access them. */
static bool client_aligned(const struct client_job *job, enum dmaengine_alignment align)
{
	dma_addr_t bits = 0;

	for (unsigned int i = 0; i < job->nread; i++)
		bits |= client_addr(&job->read[i]) | job->read[i].len;
	for (unsigned int i = 0; i < job->nwrite; i++)
		bits |= client_addr(&job->write[i]) | job->write[i].len;
	return IS_ALIGNED(bits, 1 << align);
}

/* memcpy TO FROM BYTES */
static struct dma_async_tx_descriptor *client_memcpy(struct client_job *job, char **word, int n)
{
	unsigned int len;
	int ret;

	ret = n == 3 ? client_len(word[2], &len) : -EINVAL;
	ret = ret ?: client_take(job, word[0], len, true) ?: client_take(job, word[1], len, false);
	if (!ret && !client_aligned(job, job->device->copy_align))
		ret = -EINVAL;
	return ret ? ERR_PTR(ret) :
		dmaengine_prep_dma_memcpy(job->c->chan, client_addr(job->write),
					  client_addr(job->read), len, job->flags);
}

/* memset TO VALUE BYTES */
static struct dma_async_tx_descriptor *client_memset(struct client_job *job, char **word, int n)
{
	unsigned int len, value;
	int ret;

	ret = n == 3 ? client_len(word[2], &len) : -EINVAL;
	ret = ret ?: client_number(word[1], 0, 255, &value) ?:
		client_take(job, word[0], len, true);
	if (!ret && !client_aligned(job, job->device->fill_align))
		ret = -EINVAL;
	return ret ? ERR_PTR(ret) :
		dmaengine_prep_dma_memset(job->c->chan, client_addr(job->write), value, len,
					  job->flags);
}

/* interrupt */
static struct dma_async_tx_descriptor *client_interrupt(struct client_job *job, char **word, int n)
{
	if (n)
		return ERR_PTR(-EINVAL);
	return job->device->device_prep_dma_interrupt(job->c->chan, job->flags);
}

/* The sources of a RAID operation, behind @results words of results and BYTES. */
static int client_raid(struct client_job *job, char **word, int n, int results, bool check,
		       enum dmaengine_alignment align, unsigned int *len)
{
	int ret = n > results + 1 ? client_len(word[results], len) : -EINVAL;

	/* What is checked is read, and a check's sums come after its sources. */
	for (int i = 0; i < results && !ret && !check; i++)
		ret = client_take(job, word[i], *len, true);
	for (int i = results + 1; i < n && !ret; i++)
		ret = client_take(job, word[i], *len, false);
	for (int i = 0; i < results && !ret && check; i++)
		ret = client_take(job, word[i], *len, false);
	return ret ?: client_aligned(job, align) ? 0 : -EINVAL;
}

static void client_sources(const struct client_job *job, dma_addr_t *src, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		src[i] = client_addr(&job->read[i]);
}

/* client_raid() for sums without coefficients, within the provider's limit. */
static int client_xor_raid(struct client_job *job, char **word, int n, int results, bool check,
			   dma_addr_t *src, unsigned int *len)
{
	int ret = client_raid(job, word, n, results, check, job->device->xor_align, len);

	if (!ret && (job->nread < 2 || job->nread > job->device->max_xor))
		ret = -EINVAL;
	if (!ret)
		client_sources(job, src, job->nread);
	return ret;
}

/* xor TO BYTES FROM... */
static struct dma_async_tx_descriptor *client_xor(struct client_job *job, char **word, int n)
{
	dma_addr_t src[CLIENT_PIECES];
	unsigned int len;
	int ret = client_xor_raid(job, word, n, 1, false, src, &len);

	if (ret)
		return ERR_PTR(ret);
	return job->device->device_prep_dma_xor(job->c->chan, client_addr(job->write), src,
						job->nread, len, job->flags);
}

/* xor_val BYTES FROM... : whether the sum of all is zero */
static struct dma_async_tx_descriptor *client_xor_val(struct client_job *job, char **word, int n)
{
	dma_addr_t src[CLIENT_PIECES];
	unsigned int len;
	int ret = client_xor_raid(job, word, n, 0, true, src, &len);

	if (ret)
		return ERR_PTR(ret);
	return job->device->device_prep_dma_xor_val(job->c->chan, src, job->nread, len,
						    &job->x->sums, job->flags);
}

/* The coefficients of Q: powers of the generator. */
static void client_coefs(u8 *coef, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		coef[i] = 1 << i;
}

/* pq P Q BYTES FROM... : at most eight sources, of coefficients 1, 2, 4, ... */
static struct dma_async_tx_descriptor *client_pq(struct client_job *job, char **word, int n)
{
	dma_addr_t src[CLIENT_PIECES], pq[2];
	u8 coef[CLIENT_PIECES];
	unsigned int len;
	int ret;

	ret = client_raid(job, word, n, 2, false, job->device->pq_align, &len);
	if (!ret && job->nread > min(dma_maxpq(job->device, job->flags), 8))
		ret = -EINVAL;
	if (ret)
		return ERR_PTR(ret);
	client_sources(job, src, job->nread);
	client_coefs(coef, job->nread);
	pq[0] = client_addr(&job->write[0]);
	pq[1] = client_addr(&job->write[1]);
	return job->device->device_prep_dma_pq(job->c->chan, pq, src, job->nread, coef, len,
					       job->flags);
}

/* pq_val P Q BYTES FROM... */
static struct dma_async_tx_descriptor *client_pq_val(struct client_job *job, char **word, int n)
{
	dma_addr_t src[CLIENT_PIECES];
	u8 coef[CLIENT_PIECES];
	unsigned int len, nsrc;
	int ret;

	ret = client_raid(job, word, n, 2, true, job->device->pq_align, &len);
	nsrc = job->nread - 2;
	if (!ret && nsrc > min(dma_maxpq(job->device, job->flags), 8))
		ret = -EINVAL;
	if (ret)
		return ERR_PTR(ret);
	client_sources(job, src, job->nread);
	client_coefs(coef, nsrc);
	return job->device->device_prep_dma_pq_val(job->c->chan, src + nsrc, src, nsrc, coef, len,
						   &job->x->sums, job->flags);
}

/* The parts of a list: which of the two, and how many. */
static struct client_piece *client_list(struct client_job *job, bool written, unsigned int *n)
{
	*n = written ? job->nwrite : job->nread;
	return written ? job->write : job->read;
}

static int client_take_list(struct client_job *job, char **word, int n, bool written)
{
	int ret = n ? 0 : -EINVAL;

	for (int i = 0; i < n && !ret; i++)
		ret = client_take(job, word[i], 0, written);
	return ret;
}

static void client_sgl(struct client_job *job, bool written, struct scatterlist *sgl,
		       unsigned int *n)
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

/* memset_sg VALUE PART... */
static struct dma_async_tx_descriptor *client_memset_sg(struct client_job *job, char **word, int n)
{
	struct scatterlist sgl[CLIENT_PIECES];
	unsigned int value, nents;
	int ret;

	ret = n > 1 ? client_number(word[0], 0, 255, &value) : -EINVAL;
	ret = ret ?: client_take_list(job, word + 1, n - 1, true);
	if (!ret && !client_aligned(job, job->device->fill_align))
		ret = -EINVAL;
	if (ret)
		return ERR_PTR(ret);
	client_sgl(job, true, sgl, &nents);
	return job->device->device_prep_dma_memset_sg(job->c->chan, sgl, nents, value, job->flags);
}

/* slave_sg DIR PART... */
static struct dma_async_tx_descriptor *client_slave_sg(struct client_job *job, char **word, int n)
{
	struct scatterlist sgl[CLIENT_PIECES];
	enum dma_transfer_direction dir;
	unsigned int nents;
	int ret;

	ret = n > 1 ? client_direction(word[0], &dir) : -EINVAL;
	ret = ret ?: client_take_list(job, word + 1, n - 1, dir == DMA_DEV_TO_MEM);
	if (ret)
		return ERR_PTR(ret);
	client_sgl(job, dir == DMA_DEV_TO_MEM, sgl, &nents);
	return dmaengine_prep_slave_sg(job->c->chan, sgl, nents, dir, job->flags);
}

/* cyclic DIR PART PERIOD */
static struct dma_async_tx_descriptor *client_cyclic(struct client_job *job, char **word, int n)
{
	enum dma_transfer_direction dir;
	struct client_piece *ring;
	unsigned int period, nents;
	int ret;

	ret = n == 3 ? client_direction(word[0], &dir) : -EINVAL;
	ret = ret ?: client_take_list(job, word + 1, 1, dir == DMA_DEV_TO_MEM) ?:
		client_len(word[2], &period);
	if (ret)
		return ERR_PTR(ret);
	ring = client_list(job, dir == DMA_DEV_TO_MEM, &nents);
	if (ring->len % period)
		return ERR_PTR(-EINVAL);
	job->cyclic = true;
	return dmaengine_prep_dma_cyclic(job->c->chan, client_addr(ring), ring->len, period, dir,
					 job->flags);
}

#ifdef DMACONF_HAVE_DMA_VEC
/* vec DIR PART... */
static struct dma_async_tx_descriptor *client_vec(struct client_job *job, char **word, int n)
{
	struct dma_vec vecs[CLIENT_PIECES];
	enum dma_transfer_direction dir;
	struct client_piece *piece;
	unsigned int nents;
	int ret;

	ret = n > 1 ? client_direction(word[0], &dir) : -EINVAL;
	ret = ret ?: client_take_list(job, word + 1, n - 1, dir == DMA_DEV_TO_MEM);
	if (ret)
		return ERR_PTR(ret);
	piece = client_list(job, dir == DMA_DEV_TO_MEM, &nents);
	for (unsigned int i = 0; i < nents; i++)
		vecs[i] = (struct dma_vec){ client_addr(&piece[i]), piece[i].len };
	return dmaengine_prep_peripheral_dma_vec(job->c->chan, vecs, nents, dir, job->flags);
}
#endif

/* The words of an interleaved transfer: frames of one chunk each. */
static int client_frames(struct client_job *job, char **word, int n,
			 struct dma_interleaved_template *xt)
{
	unsigned int frames, size, gap;
	int ret;

	ret = n == 5 ? client_number(word[2], 1, 4096, &frames) : -EINVAL;
	ret = ret ?: client_len(word[3], &size) ?: client_number(word[4], 0, 65536, &gap);
	if (ret)
		return ret;
	/* The numbers may each be in bounds, and their product not. */
	if ((u64)frames * (size + gap) > CLIENT_BUF_SIZE)
		return -ERANGE;
	ret = client_take(job, word[0], frames * size, true) ?:
		client_take(job, word[1], frames * (size + gap), false);
	if (ret)
		return ret;
	xt->src_start = client_addr(job->read);
	xt->dst_start = client_addr(job->write);
	xt->dir = DMA_MEM_TO_MEM;
	xt->src_inc = true;
	xt->dst_inc = true;
	xt->src_sgl = gap;
	xt->numf = frames;
	xt->frame_size = 1;
	xt->sgl[0].size = size;
	xt->sgl[0].src_icg = gap;
	return client_aligned(job, job->device->copy_align) ? 0 : -EINVAL;
}

/* interleaved TO FROM FRAMES BYTES GAP: in memory, with gaps between the frames read */
static struct dma_async_tx_descriptor *client_strided(struct client_job *job, char **word, int n)
{
	struct dma_interleaved_template *xt = kzalloc(struct_size(xt, sgl, 1), GFP_KERNEL);
	struct dma_async_tx_descriptor *tx;
	int ret;

	if (!xt)
		return ERR_PTR(-ENOMEM);
	ret = client_frames(job, word, n, xt);
	tx = ret ? ERR_PTR(ret) :
		dmaengine_prep_interleaved_dma(job->c->chan, xt, job->flags);
	kfree(xt);
	return tx;
}

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
	struct dma_async_tx_descriptor *tx = type->prep(job, word, n);

	if (IS_ERR(tx))
		return client_refuse(job->c, PTR_ERR(tx), "not a %s", type->name);
	if (!tx)
		return client_refuse(job->c, -EIO, "the provider refused");
	x->tx = tx;
	x->cyclic = job->cyclic;
	x->called = job->flags & DMA_PREP_INTERRUPT;
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
