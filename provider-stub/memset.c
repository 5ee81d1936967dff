// SPDX-License-Identifier: GPL-2.0-only
/* The memset personality: fills memory, one place or a list of them, by whole words. */
#include <linux/scatterlist.h>

#include "steps.h"
#include "stub.h"

#define STUB_FILL_ALIGN	DMAENGINE_ALIGN_4_BYTES

int stub_fill(struct stub_chan *sc, const struct stub_seg *seg, size_t off, size_t len)
{
	u8 bytes[STUB_BOUNCE];
	int ret = 0;
	size_t n;

	memset(bytes, seg->value, sizeof(bytes));
	for (; len && !ret; len -= n, off += n) {
		n = min(len, sizeof(bytes));
		ret = stub_memory_write(sc->sdev->dev, seg->dst.addr + off, bytes, n);
	}
	return ret;
}

static bool stub_fillable(dma_addr_t dst, size_t len)
{
	return len && IS_ALIGNED(dst | len, 1 << STUB_FILL_ALIGN);
}

static struct stub_seg stub_fill_seg(struct stub_chan *sc, dma_addr_t dst, size_t len, int value)
{
	return (struct stub_seg){
		.src.addr = dst,
		.dst.addr = dst,
		.len = len,
		.work = sc->sdev->ops.fill,
		.value = value,
	};
}

struct dma_async_tx_descriptor *stub_prep_memset(struct dma_chan *chan, dma_addr_t dst, int value,
						 size_t len, unsigned long flags)
{
	struct stub_chan *sc = to_stub_chan(chan);
	struct stub_desc *desc;

	if (!stub_fillable(dst, len))
		return NULL;
	desc = sc->sdev->ops.desc_alloc(sc, 1);
	if (!desc)
		return NULL;
	desc->segs[0] = stub_fill_seg(sc, dst, len, value);
	return sc->sdev->ops.prepared(sc, desc, flags);
}

struct dma_async_tx_descriptor *stub_prep_memset_sg(struct dma_chan *chan,
						    struct scatterlist *sgl, unsigned int nents,
						    int value, unsigned long flags)
{
	struct stub_chan *sc = to_stub_chan(chan);
	struct stub_desc *desc;
	struct scatterlist *sg;
	unsigned int i;

	if (!sgl || !nents)
		return NULL;
	for_each_sg(sgl, sg, nents, i)
		if (!stub_fillable(sg_dma_address(sg), sg_dma_len(sg)))
			return NULL;
	desc = sc->sdev->ops.desc_alloc(sc, nents);
	if (!desc)
		return NULL;
	for_each_sg(sgl, sg, nents, i)
		desc->segs[i] = stub_fill_seg(sc, sg_dma_address(sg), sg_dma_len(sg), value);
	return sc->sdev->ops.prepared(sc, desc, flags);
}

static void stub_memset_init(struct stub_dev *sdev)
{
	struct dma_device *dma = &sdev->dma;

	dma_cap_set(DMA_MEMSET, dma->cap_mask);
	dma_cap_set(DMA_MEMSET_SG, dma->cap_mask);
	dma->fill_align = STUB_FILL_ALIGN;
	dma->residue_granularity = DMA_RESIDUE_GRANULARITY_BURST;
	dma->device_prep_dma_memset = sdev->ops.prep_memset;
	dma->device_prep_dma_memset_sg = sdev->ops.prep_memset_sg;
}

const struct stub_personality stub_memset = {
	.name = "dmaconf-stub-memset",
	.init = stub_memset_init,
	.nchans = 1,
	.keeps_unacked = true,
};
