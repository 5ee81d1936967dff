// SPDX-License-Identifier: GPL-2.0-only
/* slave_sg: a scatterlist from or to a data port of the peripheral. */
#include "../dmaconf.h"

static bool slave_sg_offered(const struct dmaconf *dc, enum dma_transfer_direction dir)
{
	return (dir == DMA_MEM_TO_DEV || dir == DMA_DEV_TO_MEM) &&
	       dma_has_cap(DMA_SLAVE, dc->device->cap_mask) &&
	       dc->device->device_prep_slave_sg && dmaconf_offers(dc, dir) &&
	       dc->aid && dc->aid->port && dc->aid->ports;
}

static size_t slave_sg_align(const struct dmaconf *dc)
{
	return dmaconf_width(dc);
}

static void slave_sg_shape(struct dmaconf_xfer *x)
{
	bool reads = x->dir == DMA_MEM_TO_DEV;

	dmaconf_pieces(x, reads, !reads);
	(reads ? x->from : x->to)->len = x->len;
}

static void slave_sg_args(struct dmaconf_xfer *x)
{
	if (x->dir == DMA_MEM_TO_DEV)
		dmaconf_sgl(x, x->from, x->nfrom);
	else
		dmaconf_sgl(x, x->to, x->nto);
}

static struct dma_async_tx_descriptor *slave_sg_prep(struct dmaconf_xfer *x)
{
	/* One entry is what the wrapper is for; its list is on the stack. */
	if (x->nents == 1)
		return dmaengine_prep_slave_single(x->dc->chan, sg_dma_address(x->sgl),
						   sg_dma_len(x->sgl), x->dir, x->flags);
	return dmaengine_prep_slave_sg(x->dc->chan, x->sgl, x->nents, x->dir, x->flags);
}

const struct dmaconf_type dmaconf_slave_sg = {
	.name = "slave_sg",
	.offered = slave_sg_offered,
	.align = slave_sg_align,
	.shape = slave_sg_shape,
	.args = slave_sg_args,
	.prep = slave_sg_prep,
	.expect = dmaconf_expect_same,
};
