// SPDX-License-Identifier: GPL-2.0-only
/*
 * The interleaved personality: moves chunks with gaps between them, from memory
 * to memory or between memory and a data port of the peripheral.
 */
#include "steps.h"
#include "stub.h"

#define STUB_MOST_CHUNKS	1024

size_t stub_gap_after(struct dma_interleaved_template *xt, struct data_chunk *chunk, bool source)
{
	return source ? dmaengine_get_src_icg(xt, chunk) : dmaengine_get_dst_icg(xt, chunk);
}

/* One end is where the channel was configured for. */
static bool stub_port_end(struct stub_chan *sc, struct dma_interleaved_template *xt,
			  struct stub_seg *first)
{
	struct stub_side *memory = xt->dir == DMA_MEM_TO_DEV ? &first->src : &first->dst;
	struct stub_side was = *memory;

	if (was.fixed || !stub_slave_seg(sc, xt->dir, first))
		return false;
	*memory = was;
	return true;
}

/* Both ends of the first chunk. */
static bool stub_ends(struct stub_chan *sc, struct dma_interleaved_template *xt,
		      struct stub_seg *first)
{
	*first = (struct stub_seg){
		.src = { .addr = xt->src_start, .fixed = !xt->src_inc },
		.dst = { .addr = xt->dst_start, .fixed = !xt->dst_inc },
	};
	switch (xt->dir) {
	case DMA_MEM_TO_MEM:
		return true;
	case DMA_MEM_TO_DEV:
	case DMA_DEV_TO_MEM:
		return stub_port_end(sc, xt, first);
	default:
		return false;
	}
}

static bool stub_frame_bad(struct dma_interleaved_template *xt, unsigned int width)
{
	if (!xt->numf || !xt->frame_size || xt->numf > STUB_MOST_CHUNKS ||
	    xt->frame_size > STUB_MOST_CHUNKS / xt->numf)
		return true;
	for (size_t i = 0; i < xt->frame_size; i++)
		if (!xt->sgl[i].size || (width && xt->sgl[i].size % width))
			return true;
	return false;
}

/* Where the next chunk begins. */
static void stub_next_chunk(struct stub_chan *sc, struct dma_interleaved_template *xt,
			    struct data_chunk *chunk, struct stub_seg *at)
{
	if (!at->src.port && !at->src.fixed)
		at->src.addr += chunk->size + sc->sdev->ops.gap_after(xt, chunk, true);
	if (!at->dst.port && !at->dst.fixed)
		at->dst.addr += chunk->size + sc->sdev->ops.gap_after(xt, chunk, false);
}

struct dma_async_tx_descriptor *stub_prep_interleaved(struct dma_chan *chan,
						      struct dma_interleaved_template *xt,
						      unsigned long flags)
{
	struct stub_chan *sc = to_stub_chan(chan);
	struct stub_desc *desc;
	struct stub_seg at;

	if (!stub_ends(sc, xt, &at) || stub_frame_bad(xt, at.width))
		return NULL;
	desc = sc->sdev->ops.desc_alloc(sc, xt->numf * xt->frame_size);
	if (!desc)
		return NULL;
	desc->repeats = flags & DMA_PREP_REPEAT;
	for (unsigned int i = 0; i < desc->nsegs; i++) {
		struct data_chunk *chunk = &xt->sgl[i % xt->frame_size];

		at.len = chunk->size;
		desc->segs[i] = at;
		stub_next_chunk(sc, xt, chunk, &at);
	}
	return sc->sdev->ops.prepared(sc, desc, flags);
}

static void stub_interleaved_init(struct stub_dev *sdev)
{
	struct dma_device *dma = &sdev->dma;

	stub_slave_declare(sdev);
	dma_cap_set(DMA_INTERLEAVE, dma->cap_mask);
	dma->directions |= BIT(DMA_MEM_TO_MEM);
	dma->device_prep_slave_sg = NULL;
	dma->device_prep_interleaved_dma = sdev->ops.prep_interleaved;
}

/* As a display controller: the frame is shown until there is another. */
static void stub_display_init(struct stub_dev *sdev)
{
	stub_interleaved_init(sdev);
	dma_cap_set(DMA_REPEAT, sdev->dma.cap_mask);
	dma_cap_set(DMA_LOAD_EOT, sdev->dma.cap_mask);
	sdev->dma.directions &= ~BIT(DMA_MEM_TO_MEM);
}

const struct stub_personality stub_display = {
	.name = "dmaconf-stub-screen",
	.init = stub_display_init,
	.nchans = 1,
};

const struct stub_personality stub_interleaved = {
	.name = "dmaconf-stub-ilv",
	.init = stub_interleaved_init,
	.nchans = 1,
};
