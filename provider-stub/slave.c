// SPDX-License-Identifier: GPL-2.0-only
/*
 * The slave personality: moves scatterlists from and to a peripheral's data
 * port. The other personalities with a peripheral build on it.
 */
#include <linux/scatterlist.h>

#include "steps.h"
#include "stub.h"

#define STUB_WIDTHS	(BIT(DMA_SLAVE_BUSWIDTH_1_BYTE) | BIT(DMA_SLAVE_BUSWIDTH_2_BYTES) | \
			 BIT(DMA_SLAVE_BUSWIDTH_4_BYTES))
#define STUB_MAX_BURST	16

/* Every second channel has a shorter buffer than the device declares. */
static u32 stub_max_burst(const struct stub_chan *sc)
{
	return (sc - sc->sdev->chans) % 2 ? STUB_MAX_BURST / 2 : STUB_MAX_BURST;
}

void stub_caps(struct dma_chan *chan, struct dma_slave_caps *caps)
{
	caps->max_burst = stub_max_burst(to_stub_chan(chan));
}

static bool stub_half_bad(struct stub_chan *sc, enum dma_slave_buswidth width, u32 maxburst)
{
	/* A half that is not in use is left zeroed. */
	if (width == DMA_SLAVE_BUSWIDTH_UNDEFINED)
		return false;
	return width >= 32 || !(BIT(width) & STUB_WIDTHS) || maxburst > stub_max_burst(sc);
}

int stub_config(struct dma_chan *chan, struct dma_slave_config *cfg)
{
	struct stub_chan *sc = to_stub_chan(chan);
	unsigned long irqflags;

	if (stub_half_bad(sc, cfg->src_addr_width, cfg->src_maxburst) ||
	    stub_half_bad(sc, cfg->dst_addr_width, cfg->dst_maxburst))
		return -EINVAL;
	spin_lock_irqsave(&sc->lock, irqflags);
	sc->cfg = *cfg;
	sc->configured = true;
	spin_unlock_irqrestore(&sc->lock, irqflags);
	return 0;
}

/**
 * stub_slave_seg - what all segments of a slave transfer have in common
 * @sc: the channel, not locked
 * @dir: direction
 * @seg: filled in, but for the address of the memory and the length
 *
 * Context: any.
 * Return: false when the direction is none, or its half is not configured.
 */
bool stub_slave_seg(struct stub_chan *sc, enum dma_transfer_direction dir,
		    struct stub_seg *seg)
{
	bool out = dir == DMA_MEM_TO_DEV;
	unsigned long irqflags;
	bool ok;

	if (!out && dir != DMA_DEV_TO_MEM)
		return false;
	*seg = (struct stub_seg){ .src.port = !out, .dst.port = out };
	spin_lock_irqsave(&sc->lock, irqflags);
	*(out ? &seg->dst.addr : &seg->src.addr) = out ? sc->cfg.dst_addr : sc->cfg.src_addr;
	seg->width = out ? sc->cfg.dst_addr_width : sc->cfg.src_addr_width;
	ok = sc->configured && seg->width;
	spin_unlock_irqrestore(&sc->lock, irqflags);
	return ok;
}

/**
 * stub_seg_at - a segment of a slave transfer, for a place in memory
 * @like: from stub_slave_seg()
 * @addr: bus address of the memory
 * @len: bytes
 *
 * Context: any.
 * Return: the segment.
 */
struct stub_seg stub_seg_at(const struct stub_seg *like, dma_addr_t addr, size_t len)
{
	struct stub_seg seg = *like;

	*(seg.src.port ? &seg.dst.addr : &seg.src.addr) = addr;
	seg.len = len;
	return seg;
}

static bool stub_sg_bad(struct scatterlist *sgl, unsigned int sg_len, unsigned int width)
{
	struct scatterlist *sg;
	unsigned int i;

	if (!sgl || !sg_len)
		return true;
	for_each_sg(sgl, sg, sg_len, i)
		if (!sg_dma_len(sg) || sg_dma_len(sg) % width)
			return true;
	return false;
}

struct dma_async_tx_descriptor *stub_prep_slave_sg(struct dma_chan *chan,
						   struct scatterlist *sgl,
						   unsigned int sg_len,
						   enum dma_transfer_direction dir,
						   unsigned long flags, void *context)
{
	struct stub_chan *sc = to_stub_chan(chan);
	struct stub_desc *desc;
	struct scatterlist *sg;
	struct stub_seg seg;
	unsigned int i;

	if (!stub_slave_seg(sc, dir, &seg) || stub_sg_bad(sgl, sg_len, seg.width))
		return NULL;
	desc = sc->sdev->ops.desc_alloc(sc, sg_len);
	if (!desc)
		return NULL;
	for_each_sg(sgl, sg, sg_len, i)
		desc->segs[i] = stub_seg_at(&seg, sg_dma_address(sg), sg_dma_len(sg));
	return sc->sdev->ops.prepared(sc, desc, flags);
}

#ifdef DMACONF_HAVE_DMA_VEC
static bool stub_vec_bad(const struct dma_vec *vecs, size_t nents, unsigned int width)
{
	for (size_t i = 0; i < nents; i++)
		if (!vecs[i].len || vecs[i].len % width)
			return true;
	return !nents;
}

struct dma_async_tx_descriptor *stub_prep_vec(struct dma_chan *chan,
					      const struct dma_vec *vecs, size_t nents,
					      enum dma_transfer_direction dir,
					      unsigned long flags)
{
	struct stub_chan *sc = to_stub_chan(chan);
	struct stub_desc *desc;
	struct stub_seg seg;

	if (!stub_slave_seg(sc, dir, &seg) || stub_vec_bad(vecs, nents, seg.width))
		return NULL;
	desc = sc->sdev->ops.desc_alloc(sc, nents);
	if (!desc)
		return NULL;
	for (size_t i = 0; i < nents; i++)
		desc->segs[i] = stub_seg_at(&seg, vecs[i].addr, vecs[i].len);
	return sc->sdev->ops.prepared(sc, desc, flags);
}
#endif

/* As a board file does it: the channels of a client's device, by name. */
static const struct dma_slave_map stub_slave_map[] = {
	{ "dmaconf-client", "tx", (void *)0 },
	{ "dmaconf-client", "rx", (void *)1 },
};

/* A filter is asked about channels of others too: only ours are a struct stub_chan. */
bool stub_filter(struct dma_chan *chan, void *param)
{
	struct stub_chan *sc;

	if (!stub_owns(chan))
		return false;
	sc = to_stub_chan(chan);
	return sc->sdev->kind == &stub_slave && sc->chan.chan_id == (uintptr_t)param;
}

/**
 * stub_slave_declare - what a provider with a peripheral declares
 * @sdev: the device, not registered yet
 *
 * Context: any; before the device is registered.
 */
void stub_slave_declare(struct stub_dev *sdev)
{
	struct dma_device *dma = &sdev->dma;

	dma_cap_set(DMA_SLAVE, dma->cap_mask);
	dma_cap_set(DMA_PRIVATE, dma->cap_mask);
	dma->directions = BIT(DMA_MEM_TO_DEV) | BIT(DMA_DEV_TO_MEM);
	dma->src_addr_widths = STUB_WIDTHS;
	dma->dst_addr_widths = STUB_WIDTHS;
	dma->max_burst = STUB_MAX_BURST;
	dma->residue_granularity = DMA_RESIDUE_GRANULARITY_BURST;
	dma->device_prep_slave_sg = sdev->ops.prep_slave_sg;
	dma->device_config = sdev->ops.config;
}

static void stub_slave_init(struct stub_dev *sdev)
{
	struct dma_device *dma = &sdev->dma;

	stub_slave_declare(sdev);
	dma->filter.fn = sdev->ops.filter;
	dma->filter.map = stub_slave_map;
	dma->filter.mapcnt = min_t(int, sdev->nchans, ARRAY_SIZE(stub_slave_map));
}

const struct stub_personality stub_slave = {
	.name = "dmaconf-stub-slave",
	.init = stub_slave_init,
};
