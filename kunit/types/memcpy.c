// SPDX-License-Identifier: GPL-2.0-only
/* memcpy: the destination gets the bytes of the source. */
#include "../dmaconf.h"

static bool memcpy_offered(const struct dmaconf *dc, enum dma_transfer_direction dir)
{
	return dir == DMA_MEM_TO_MEM && dma_has_cap(DMA_MEMCPY, dc->device->cap_mask);
}

static size_t memcpy_align(const struct dmaconf *dc)
{
	return 1 << dc->device->copy_align;
}

static void memcpy_shape(struct dmaconf_xfer *x)
{
	dmaconf_pieces(x, 1, 1);
	x->from[0].len = x->len;
	x->to[0].len = x->len;
}

static struct dma_async_tx_descriptor *memcpy_prep(struct dmaconf_xfer *x)
{
	return dmaengine_prep_dma_memcpy(x->dc->chan, x->to[0].buf->dma + x->to[0].off,
					 x->from[0].buf->dma + x->from[0].off, x->len, x->flags);
}

const struct dmaconf_type dmaconf_memcpy = {
	.name = "memcpy",
	.offered = memcpy_offered,
	.align = memcpy_align,
	.shape = memcpy_shape,
	.prep = memcpy_prep,
	.expect = dmaconf_expect_same,
};
