// SPDX-License-Identifier: GPL-2.0-only
/* The memcpy personality: a public provider that copies memory to memory. */
#include "steps.h"
#include "stub.h"

struct dma_async_tx_descriptor *stub_prep_memcpy(struct dma_chan *chan, dma_addr_t dst,
						 dma_addr_t src, size_t len,
						 unsigned long flags)
{
	struct stub_chan *sc = to_stub_chan(chan);
	struct stub_desc *desc;

	if (!len)
		return NULL;
	desc = sc->sdev->ops.desc_alloc(sc, 1);
	if (!desc)
		return NULL;
	desc->segs[0] = (struct stub_seg){
		.src.addr = src,
		.dst.addr = dst,
		.len = len,
	};
	return sc->sdev->ops.prepared(sc, desc, flags);
}

static void stub_memcpy_init(struct stub_dev *sdev)
{
	struct dma_device *dma = &sdev->dma;

	dma_cap_set(DMA_MEMCPY, dma->cap_mask);
	dma->copy_align = DMAENGINE_ALIGN_1_BYTE;
	dma->residue_granularity = DMA_RESIDUE_GRANULARITY_BURST;
	dma->device_prep_dma_memcpy = sdev->ops.prep_memcpy;
}

const struct stub_personality stub_memcpy = {
	.name = "dmaconf-stub-memcpy",
	.init = stub_memcpy_init,
	.keeps_unacked = true,
};
