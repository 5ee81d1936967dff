// SPDX-License-Identifier: GPL-2.0-only
/*
 * The cyclic personality, as for audio: a ring of periods from or to a
 * peripheral, moved round and round until it is terminated.
 */
#include "steps.h"
#include "stub.h"

struct dma_async_tx_descriptor *stub_prep_cyclic(struct dma_chan *chan, dma_addr_t addr,
						 size_t buf_len, size_t period_len,
						 enum dma_transfer_direction dir,
						 unsigned long flags)
{
	struct stub_chan *sc = to_stub_chan(chan);
	struct stub_desc *desc;
	struct stub_seg seg;

	if (!stub_slave_seg(sc, dir, &seg) || !buf_len || !period_len)
		return NULL;
	if (buf_len % period_len || period_len % seg.width)
		return NULL;
	desc = sc->sdev->ops.desc_alloc(sc, buf_len / period_len);
	if (!desc)
		return NULL;
	for (unsigned int i = 0; i < desc->nsegs; i++)
		desc->segs[i] = stub_seg_at(&seg, addr + i * period_len, period_len);
	desc->cyclic = true;
	return sc->sdev->ops.prepared(sc, desc, flags);
}

/**
 * stub_cyclic_declare - what a provider with cyclic transfers declares
 * @sdev: the device, not registered yet
 *
 * Context: any; before the device is registered.
 */
void stub_cyclic_declare(struct stub_dev *sdev)
{
	stub_slave_declare(sdev);
	dma_cap_set(DMA_CYCLIC, sdev->dma.cap_mask);
	sdev->dma.device_prep_dma_cyclic = sdev->ops.prep_cyclic;
}

const struct stub_personality stub_cyclic = {
	.name = "dmaconf-stub-cyclic",
	.init = stub_cyclic_declare,
	.nchans = 1,
};
