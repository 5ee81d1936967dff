// SPDX-License-Identifier: GPL-2.0-only
/*
 * The unordered personality: copies memory to memory, the newest transfer
 * first. Cookies cannot tell what has ended, only callbacks can.
 */
#include "dmaengine.h"
#include "steps.h"
#include "stub.h"

/* What runs, or has a fence, is not overtaken. */
static struct list_head *unordered_place(struct stub_chan *sc)
{
	struct stub_desc *desc;

	list_for_each_entry_reverse(desc, &sc->issued, node)
		if (desc->done || desc->tx.flags & DMA_PREP_FENCE)
			return &desc->node;
	return &sc->issued;
}

static void unordered_issue(struct stub_chan *sc)
{
	struct stub_desc *desc, *next;

	list_for_each_entry_safe(desc, next, &sc->submitted, node)
		list_move(&desc->node, unordered_place(sc));
}

static enum dma_status unordered_tx_status(struct dma_chan *chan, dma_cookie_t cookie,
					   struct dma_tx_state *state)
{
	struct stub_chan *sc = to_stub_chan(chan);
	unsigned long irqflags;

	spin_lock_irqsave(&sc->lock, irqflags);
	dma_cookie_status(chan, cookie, state);
	spin_unlock_irqrestore(&sc->lock, irqflags);
	return DMA_OUT_OF_ORDER;
}

static const struct stub_ops unordered_ops = {
	.issue		= unordered_issue,
	.tx_status	= unordered_tx_status,
};

static void unordered_init(struct stub_dev *sdev)
{
	struct dma_device *dma = &sdev->dma;

	dma_cap_set(DMA_MEMCPY, dma->cap_mask);
	dma_cap_set(DMA_PRIVATE, dma->cap_mask);
	dma_cap_set(DMA_COMPLETION_NO_ORDER, dma->cap_mask);
	dma->copy_align = DMAENGINE_ALIGN_1_BYTE;
	dma->residue_granularity = DMA_RESIDUE_GRANULARITY_DESCRIPTOR;
	dma->device_prep_dma_memcpy = sdev->ops.prep_memcpy;
}

const struct stub_personality stub_unordered = {
	.name = "dmaconf-stub-mixed",
	.init = unordered_init,
	.ops = &unordered_ops,
	.keeps_unacked = true,
	.nchans = 1,
};
