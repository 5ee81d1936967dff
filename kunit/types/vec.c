// SPDX-License-Identifier: GPL-2.0-only
/* peripheral_dma_vec: an array of vectors from or to a data port of the peripheral. */
#include <linux/slab.h>

#include "../dmaconf.h"

#ifdef DMACONF_HAVE_DMA_VEC
static bool vec_offered(const struct dmaconf *dc, enum dma_transfer_direction dir)
{
	return (dir == DMA_MEM_TO_DEV || dir == DMA_DEV_TO_MEM) &&
	       dma_has_cap(DMA_SLAVE, dc->device->cap_mask) &&
	       dc->device->device_prep_peripheral_dma_vec && dmaconf_offers(dc, dir) &&
	       dc->aid && dc->aid->port && dc->aid->ports;
}

static size_t vec_align(const struct dmaconf *dc)
{
	return dmaconf_width(dc);
}

static void vec_shape(struct dmaconf_xfer *x)
{
	bool reads = x->dir == DMA_MEM_TO_DEV;

	dmaconf_pieces(x, reads, !reads);
	(reads ? x->from : x->to)->len = x->len;
}

static void vec_args(struct dmaconf_xfer *x)
{
	const struct dmaconf_piece *pieces = x->dir == DMA_MEM_TO_DEV ? x->from : x->to;
	unsigned int n = x->dir == DMA_MEM_TO_DEV ? x->nfrom : x->nto;

	kfree(x->vecs);
	x->vecs = kcalloc(n, sizeof(*x->vecs), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(x->dc->test, x->vecs);
	for (unsigned int i = 0; i < n; i++)
		x->vecs[i] = (struct dma_vec){
			.addr = pieces[i].buf->dma + pieces[i].off,
			.len = pieces[i].len,
		};
	x->nents = n;
}

static struct dma_async_tx_descriptor *vec_prep(struct dmaconf_xfer *x)
{
	return dmaengine_prep_peripheral_dma_vec(x->dc->chan, x->vecs, x->nents, x->dir,
						 x->flags);
}
#else
static bool vec_offered(const struct dmaconf *dc, enum dma_transfer_direction dir)
{
	return false;
}

#define vec_align	NULL
#define vec_shape	NULL
#define vec_args	NULL
#define vec_prep	NULL
#endif

const struct dmaconf_type dmaconf_vec = {
	.name = "peripheral_dma_vec",
	.offered = vec_offered,
	.align = vec_align,
	.shape = vec_shape,
	.args = vec_args,
	.prep = vec_prep,
	.expect = dmaconf_expect_same,
};
