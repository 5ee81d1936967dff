// SPDX-License-Identifier: GPL-2.0-only
/* Making transfers, of any type: their shape, memory and arguments. */
#include <linux/slab.h>

#include "dmaconf.h"

/* In this order: what moves whole buffers, and needs the fewest of them, first. */
static const struct {
	const struct dmaconf_type *type;
	enum dma_transfer_direction dir;
} dmaconf_naturals[] = {
	{ &dmaconf_memcpy, DMA_MEM_TO_MEM },
	{ &dmaconf_xor, DMA_MEM_TO_MEM },
	{ &dmaconf_pq, DMA_MEM_TO_MEM },
	{ &dmaconf_memset, DMA_MEM_TO_MEM },
	{ &dmaconf_memset_sg, DMA_MEM_TO_MEM },
	{ &dmaconf_interleaved, DMA_MEM_TO_MEM },
	{ &dmaconf_slave_sg, DMA_MEM_TO_DEV },
	{ &dmaconf_slave_sg, DMA_DEV_TO_MEM },
	{ &dmaconf_interleaved, DMA_MEM_TO_DEV },
	{ &dmaconf_interleaved, DMA_DEV_TO_MEM },
};

/**
 * dmaconf_align - what places and lengths must be multiples of
 * @dc: the test
 * @type: kind of transfer
 *
 * Context: any.
 * Return: bytes: as many as the type asks for, or the bench.
 */
size_t dmaconf_align(const struct dmaconf *dc, const struct dmaconf_type *type)
{
	return max_t(size_t, type->align(dc), dmaconf_bench_align());
}

/**
 * dmaconf_natural - find the kind of transfer that is natural for the channel
 * @dc: the test; @dc->type, @dc->dir and @dc->align are filled in
 *
 * Memory to memory where the channel can, for that needs no peripheral.
 *
 * Context: any.
 */
void dmaconf_natural(struct dmaconf *dc)
{
	for (int i = 0; i < ARRAY_SIZE(dmaconf_naturals); i++) {
		if (!dmaconf_naturals[i].type->offered(dc, dmaconf_naturals[i].dir))
			continue;
		dc->type = dmaconf_naturals[i].type;
		dc->dir = dmaconf_naturals[i].dir;
		dc->align = dmaconf_align(dc, dc->type);
		return;
	}
}

/**
 * dmaconf_next_type - go through the kinds of transfer in memory that the channel offers
 * @dc: the test
 * @prev: the last one, NULL to begin
 *
 * Context: any.
 * Return: the next one, or NULL after the last. What neither reads nor writes
 * memory is not among them.
 */
const struct dmaconf_type *dmaconf_next_type(const struct dmaconf *dc,
					     const struct dmaconf_type *prev)
{
	bool found = !prev;

	for (int i = 0; i < ARRAY_SIZE(dmaconf_naturals); i++) {
		if (dmaconf_naturals[i].dir != DMA_MEM_TO_MEM)
			continue;
		if (found && dmaconf_naturals[i].type->offered(dc, DMA_MEM_TO_MEM))
			return dmaconf_naturals[i].type;
		found |= dmaconf_naturals[i].type == prev;
	}
	return NULL;
}

/**
 * dmaconf_xfer_new - a transfer that a rule gives its own shape
 * @dc: the test
 * @type: kind of transfer
 * @dir: direction
 * @len: bytes
 *
 * The rule fills in what its type needs, then calls dmaconf_xfer_ready().
 *
 * Context: may sleep; asserts. The harness frees it after the rule.
 * Return: the transfer.
 */
struct dmaconf_xfer *dmaconf_xfer_new(struct dmaconf *dc, const struct dmaconf_type *type,
				      enum dma_transfer_direction dir, size_t len)
{
	struct dmaconf_xfer *x = kzalloc(sizeof(*x), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(dc->test, x);
	x->dc = dc;
	x->type = type;
	x->dir = dir;
	x->len = len;
	x->flags = DMA_PREP_INTERRUPT | DMA_CTRL_ACK;
	x->status = DMA_IN_PROGRESS;
	list_add_tail(&x->node, &dc->xfers);
	return x;
}

/**
 * dmaconf_pieces - allocate the lists of memory of a transfer
 * @x: new; it has none yet
 * @nfrom: pieces that it reads
 * @nto: pieces that it writes
 *
 * Context: may sleep; asserts.
 */
void dmaconf_pieces(struct dmaconf_xfer *x, unsigned int nfrom, unsigned int nto)
{
	x->from = kcalloc(nfrom, sizeof(*x->from), GFP_KERNEL);
	x->to = kcalloc(nto, sizeof(*x->to), GFP_KERNEL);
	KUNIT_ASSERT_TRUE(x->dc->test, x->from && x->to);
	x->nfrom = nfrom;
	x->nto = nto;
}

static void dmaconf_give_memory(struct dmaconf *dc, struct dmaconf_piece *pieces, unsigned int n,
				enum dma_data_direction dir)
{
	for (unsigned int i = 0; i < n; i++)
		if (!pieces[i].buf)
			pieces[i].buf = dmaconf_buf(dc, pieces[i].len, dir);
}

/**
 * dmaconf_xfer_ready - give a transfer the memory that it has not yet
 * @x: with its lists of memory allocated
 *
 * Context: may sleep; asserts.
 * Return: @x, ready for prep.
 */
struct dmaconf_xfer *dmaconf_xfer_ready(struct dmaconf_xfer *x)
{
	dmaconf_give_memory(x->dc, x->from, x->nfrom, DMA_TO_DEVICE);
	dmaconf_give_memory(x->dc, x->to, x->nto, DMA_FROM_DEVICE);
	if (x->type->args)
		x->type->args(x);
	return x;
}

/**
 * dmaconf_sgl - make the scatterlist of a transfer
 * @x: not prepared yet
 * @pieces: one for each entry
 * @n: entries
 *
 * Only the DMA fields are filled in.
 *
 * Context: may sleep; asserts.
 */
void dmaconf_sgl(struct dmaconf_xfer *x, const struct dmaconf_piece *pieces, unsigned int n)
{
	struct scatterlist *sg;
	unsigned int i;

	kfree(x->sgl);
	x->sgl = kmalloc_array(n, sizeof(*sg), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(x->dc->test, x->sgl);
	sg_init_table(x->sgl, n);
	for_each_sg(x->sgl, sg, n, i) {
		sg_dma_address(sg) = pieces[i].buf->dma + pieces[i].off;
		sg_dma_len(sg) = pieces[i].len;
	}
	x->nents = n;
}

/**
 * dmaconf_xfer_split - spread the memory of a slave transfer over several entries
 * @x: not prepared yet, in one piece of at least @nents aligned units
 * @nents: number of scatterlist entries, one after the other in memory
 *
 * A type that takes no list stays as it is.
 *
 * Context: may sleep; asserts.
 * Return: false when there is no memory for the list.
 */
bool dmaconf_xfer_split(struct dmaconf_xfer *x, unsigned int nents)
{
	bool reads = x->dir == DMA_MEM_TO_DEV;
	struct dmaconf_piece at = reads ? x->from[0] : x->to[0];
	size_t left = x->len, align = dmaconf_align(x->dc, x->type);
	struct dmaconf_piece *pieces;

	if (!x->sgl && !x->vecs)
		return true;
	pieces = kcalloc(nents, sizeof(*pieces), GFP_KERNEL);
	if (!pieces)
		return false;
	for (unsigned int i = 0; i < nents; i++) {
		at.len = i + 1 < nents ? rounddown(left / (nents - i), align) : left;
		pieces[i] = at;
		at.off += at.len;
		left -= at.len;
	}
	kfree(reads ? x->from : x->to);
	*(reads ? &x->from : &x->to) = pieces;
	*(reads ? &x->nfrom : &x->nto) = nents;
	x->type->args(x);
	return true;
}

/**
 * dmaconf_xfer_of - a transfer of a given type, with buffers of its own
 * @dc: the test
 * @type: kind of transfer, which the channel offers
 * @dir: in this direction; other than DMA_MEM_TO_MEM it is to or from port 0
 * @len: bytes, rounded up to what the type can align to
 *
 * Context: may sleep; asserts. The harness frees it after the rule.
 * Return: the transfer.
 */
struct dmaconf_xfer *dmaconf_xfer_of(struct dmaconf *dc, const struct dmaconf_type *type,
				     enum dma_transfer_direction dir, size_t len)
{
	size_t aligned = roundup(len, dmaconf_align(dc, type));
	struct dmaconf_xfer *x = dmaconf_xfer_new(dc, type, dir, aligned);

	type->shape(x);
	return dmaconf_xfer_ready(x);
}

/**
 * dmaconf_xfer_dir - a transfer in a given direction with buffers of its own
 * @dc: the test
 * @len: bytes, rounded up to what the channel can align to
 * @dir: DMA_MEM_TO_MEM is for channels whose natural transfers stay in memory;
 *	the others move data to or from port 0
 *
 * Context: may sleep; asserts. The harness frees it after the rule.
 * Return: the transfer, of the natural type when that has this direction, else a
 * slave_sg.
 */
struct dmaconf_xfer *dmaconf_xfer_dir(struct dmaconf *dc, size_t len,
				      enum dma_transfer_direction dir)
{
	bool natural = dc->type && (dir == dc->dir || dc->type->offered(dc, dir));

	return dmaconf_xfer_of(dc, natural ? dc->type : &dmaconf_slave_sg, dir, len);
}

/**
 * dmaconf_xfer - a transfer of the kind that is natural for the channel
 * @dc: the test, whose rule needs NEEDS_XFER
 * @len: bytes, rounded up to what the channel can align to
 *
 * Context: may sleep; asserts. The harness frees it after the rule.
 * Return: a transfer in memory, memcpy first, or else one to or from port 0.
 */
struct dmaconf_xfer *dmaconf_xfer(struct dmaconf *dc, size_t len)
{
	return dmaconf_xfer_of(dc, dc->type, dc->dir, len);
}

/* Where the first of some pieces is. */
static void dmaconf_place(struct dmaconf_piece *pieces, unsigned int n, struct dmaconf_buf *buf,
			  size_t off)
{
	if (!n)
		return;
	pieces[0].buf = buf;
	pieces[0].off = buf ? off : 0;
}

/**
 * dmaconf_xfer_between - a natural transfer between buffers that exist
 * @dc: the test, whose rule needs NEEDS_XFER
 * @dst: first destination; of a channel that does not stay in memory, NULL
 *	stands for port 0
 * @dst_off: bytes into it
 * @src: first source; NULL stands for port 0, or for a buffer of its own
 * @src_off: bytes into it
 * @len: bytes, taken as they are
 *
 * Context: may sleep; asserts. The harness frees it after the rule.
 * Return: the transfer.
 */
struct dmaconf_xfer *dmaconf_xfer_between(struct dmaconf *dc, struct dmaconf_buf *dst,
					  size_t dst_off, struct dmaconf_buf *src,
					  size_t src_off, size_t len)
{
	enum dma_transfer_direction dir = dmaconf_in_memory(dc) ? DMA_MEM_TO_MEM :
					  dst ? DMA_DEV_TO_MEM : DMA_MEM_TO_DEV;
	struct dmaconf_xfer *x = dmaconf_xfer_new(dc, dc->type, dir, len);

	x->type->shape(x);
	dmaconf_place(x->from, x->nfrom, src, src_off);
	dmaconf_place(x->to, x->nto, dst, dst_off);
	return dmaconf_xfer_ready(x);
}

/**
 * dmaconf_xfer_linking - a transfer of a given type between memory that exists
 * @dc: the test
 * @type: kind of transfer in memory, which the channel offers
 * @to: first destination, as long as the transfer
 * @from: first source
 *
 * Context: may sleep; asserts. The harness frees it after the rule.
 * Return: the transfer.
 */
struct dmaconf_xfer *dmaconf_xfer_linking(struct dmaconf *dc, const struct dmaconf_type *type,
					  const struct dmaconf_piece *to,
					  const struct dmaconf_piece *from)
{
	struct dmaconf_xfer *x = dmaconf_xfer_new(dc, type, DMA_MEM_TO_MEM, to->len);

	type->shape(x);
	dmaconf_place(x->from, x->nfrom, from->buf, from->off);
	dmaconf_place(x->to, x->nto, to->buf, to->off);
	return dmaconf_xfer_ready(x);
}

/**
 * dmaconf_xfer_scattered - a transfer from or to memory in many places
 * @dc: the test
 * @dir: DMA_MEM_TO_DEV or DMA_DEV_TO_MEM, to or from port 0; DMA_MEM_TO_MEM for
 *	a memset_sg
 * @pieces: where, in list order; copied
 * @npieces: how many
 *
 * Lengths and offsets are taken as they are, whatever the channel can align to.
 *
 * Context: may sleep; asserts. The harness frees it after the rule.
 * Return: the transfer.
 */
struct dmaconf_xfer *dmaconf_xfer_scattered(struct dmaconf *dc, enum dma_transfer_direction dir,
					    const struct dmaconf_piece *pieces,
					    unsigned int npieces)
{
	const struct dmaconf_type *type = dir == DMA_MEM_TO_MEM ? &dmaconf_memset_sg :
								  &dmaconf_slave_sg;
	struct dmaconf_xfer *x = dmaconf_xfer_new(dc, type, dir, 0);
	bool reads = dir == DMA_MEM_TO_DEV;

	dmaconf_pieces(x, reads ? npieces : 0, reads ? 0 : npieces);
	memcpy(reads ? x->from : x->to, pieces, array_size(npieces, sizeof(*pieces)));
	for (unsigned int i = 0; i < npieces; i++)
		x->len += pieces[i].len;
	return dmaconf_xfer_ready(x);
}
