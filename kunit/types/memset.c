// SPDX-License-Identifier: GPL-2.0-only
/* memset and memset_sg: all bytes get the low 8 bits of a value. */
#include <linux/scatterlist.h>

#include "../dmaconf.h"

static bool memset_offered(const struct dmaconf *dc, enum dma_transfer_direction dir)
{
	return dir == DMA_MEM_TO_MEM && dma_has_cap(DMA_MEMSET, dc->device->cap_mask);
}

static bool memset_sg_offered(const struct dmaconf *dc, enum dma_transfer_direction dir)
{
	return dir == DMA_MEM_TO_MEM && dma_has_cap(DMA_MEMSET_SG, dc->device->cap_mask) &&
	       dc->device->device_prep_dma_memset_sg;
}

static size_t memset_align(const struct dmaconf *dc)
{
	return 1 << dc->device->fill_align;
}

/* Another value each time, so that one fill does not pass for the next. */
static int memset_value(struct dmaconf *dc)
{
	return (list_count_nodes(&dc->xfers) * 37 + 0x51) & 0xff;
}

static void memset_shape(struct dmaconf_xfer *x)
{
	dmaconf_pieces(x, 0, 1);
	x->to[0].len = x->len;
	x->value = memset_value(x->dc);
}

/* In two places where there is enough for both. */
static void memset_sg_shape(struct dmaconf_xfer *x)
{
	size_t half = roundup(x->len / 2, memset_align(x->dc));
	bool two = half && half < x->len;

	dmaconf_pieces(x, 0, 1 + two);
	x->to[0].len = two ? half : x->len;
	if (two)
		x->to[1].len = x->len - half;
	x->value = memset_value(x->dc);
}

static void memset_sg_args(struct dmaconf_xfer *x)
{
	dmaconf_sgl(x, x->to, x->nto);
}

static struct dma_async_tx_descriptor *memset_prep(struct dmaconf_xfer *x)
{
	return dmaengine_prep_dma_memset(x->dc->chan, x->to[0].buf->dma + x->to[0].off, x->value,
					 x->len, x->flags);
}

static struct dma_async_tx_descriptor *memset_sg_prep(struct dmaconf_xfer *x)
{
	return x->dc->device->device_prep_dma_memset_sg(x->dc->chan, x->sgl, x->nents, x->value,
							x->flags);
}

static void memset_expect(struct dmaconf_xfer *x, size_t at, u8 *bytes, size_t len)
{
	memset(bytes, x->value, len);
}

const struct dmaconf_type dmaconf_memset = {
	.name = "memset",
	.offered = memset_offered,
	.align = memset_align,
	.shape = memset_shape,
	.prep = memset_prep,
	.expect = memset_expect,
};

const struct dmaconf_type dmaconf_memset_sg = {
	.name = "memset_sg",
	.offered = memset_sg_offered,
	.align = memset_align,
	.shape = memset_sg_shape,
	.args = memset_sg_args,
	.prep = memset_sg_prep,
	.expect = memset_expect,
};
