// SPDX-License-Identifier: GPL-2.0-only
/*
 * interleaved: chunks with gaps between them, frame after frame. What a
 * template means is worked out here from the description of struct
 * dma_interleaved_template, not with the helpers that providers use.
 */
#include <linux/slab.h>

#include "../dmaconf.h"

/*
 * The directions mask is about slave transfers, so that a provider which
 * declares none is taken for one that stays in memory; who declares some says
 * so as well.
 */
static bool interleaved_offered(const struct dmaconf *dc, enum dma_transfer_direction dir)
{
	struct dma_device *device = dc->device;

	if (!dma_has_cap(DMA_INTERLEAVE, device->cap_mask))
		return false;
	if (dir == DMA_MEM_TO_MEM)
		return !device->directions || device->directions & BIT(DMA_MEM_TO_MEM);
	return device->directions & BIT(dir) && dc->aid && dc->aid->port && dc->aid->ports;
}

static size_t interleaved_align(const struct dmaconf *dc)
{
	size_t width = dc->device->directions ? dmaconf_width(dc) : 1;

	return max_t(size_t, width, 1 << dc->device->copy_align);
}

/* One frame of one chunk. */
static void interleaved_shape(struct dmaconf_xfer *x)
{
	x->xt = kzalloc(struct_size(x->xt, sgl, 1), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(x->dc->test, x->xt);
	x->xt->dir = x->dir;
	x->xt->src_inc = x->dir != DMA_DEV_TO_MEM;
	x->xt->dst_inc = x->dir != DMA_MEM_TO_DEV;
	x->xt->numf = 1;
	x->xt->frame_size = 1;
	x->xt->sgl[0].size = x->len;
	dmaconf_pieces(x, x->xt->src_inc, x->xt->dst_inc);
	if (x->nfrom)
		x->from[0].len = x->len;
	if (x->nto)
		x->to[0].len = x->len;
}

static struct dma_async_tx_descriptor *interleaved_prep(struct dmaconf_xfer *x)
{
	if (x->nfrom)
		x->xt->src_start = x->from[0].buf->dma + x->from[0].off;
	if (x->nto)
		x->xt->dst_start = x->to[0].buf->dma + x->to[0].off;
	return dmaengine_prep_interleaved_dma(x->dc->chan, x->xt, x->flags);
}

const struct dmaconf_type dmaconf_interleaved = {
	.name = "interleaved",
	.offered = interleaved_offered,
	.align = interleaved_align,
	.shape = interleaved_shape,
	.prep = interleaved_prep,
	.expect = dmaconf_expect_same,
};
