// SPDX-License-Identifier: GPL-2.0-only
/* interrupt: moves nothing, and is called back when its turn has come. */
#include "../dmaconf.h"

static bool interrupt_offered(const struct dmaconf *dc, enum dma_transfer_direction dir)
{
	return dir == DMA_MEM_TO_MEM && dma_has_cap(DMA_INTERRUPT, dc->device->cap_mask);
}

static size_t interrupt_align(const struct dmaconf *dc)
{
	return 1;
}

static void interrupt_shape(struct dmaconf_xfer *x)
{
	dmaconf_pieces(x, 0, 0);
	x->len = 0;
}

static struct dma_async_tx_descriptor *interrupt_prep(struct dmaconf_xfer *x)
{
	return x->dc->device->device_prep_dma_interrupt(x->dc->chan, x->flags);
}

static void interrupt_expect(struct dmaconf_xfer *x, size_t at, u8 *bytes, size_t len)
{
}

const struct dmaconf_type dmaconf_interrupt = {
	.name = "interrupt",
	.offered = interrupt_offered,
	.align = interrupt_align,
	.shape = interrupt_shape,
	.prep = interrupt_prep,
	.expect = interrupt_expect,
};
