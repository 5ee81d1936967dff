// SPDX-License-Identifier: GPL-2.0-only
/* cyclic: a ring of periods from or to a data port, until it is terminated. */
#include "../dmaconf.h"

static bool cyclic_offered(const struct dmaconf *dc, enum dma_transfer_direction dir)
{
	return (dir == DMA_MEM_TO_DEV || dir == DMA_DEV_TO_MEM) &&
	       dma_has_cap(DMA_CYCLIC, dc->device->cap_mask) && dmaconf_offers(dc, dir) &&
	       dc->aid && dc->aid->port && dc->aid->ports && !dc->aid->no_cyclic;
}

static size_t cyclic_align(const struct dmaconf *dc)
{
	return dmaconf_width(dc);
}

static void cyclic_shape(struct dmaconf_xfer *x)
{
	bool reads = x->dir == DMA_MEM_TO_DEV;

	dmaconf_pieces(x, reads, !reads);
	(reads ? x->from : x->to)->len = x->len;
}

static struct dma_async_tx_descriptor *cyclic_prep(struct dmaconf_xfer *x)
{
	const struct dmaconf_piece *ring = x->dir == DMA_MEM_TO_DEV ? x->from : x->to;

	return dmaengine_prep_dma_cyclic(x->dc->chan, ring->buf->dma + ring->off, x->len,
					 x->period, x->dir, x->flags);
}

const struct dmaconf_type dmaconf_cyclic = {
	.name = "cyclic",
	.offered = cyclic_offered,
	.align = cyclic_align,
	.shape = cyclic_shape,
	.prep = cyclic_prep,
	.expect = dmaconf_expect_same,
	.endless = true,
};
