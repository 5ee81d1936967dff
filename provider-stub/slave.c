// SPDX-License-Identifier: GPL-2.0-only
/* The slave personality: moves scatterlists from and to a peripheral's data port. */
#include <linux/scatterlist.h>

#include "steps.h"
#include "stub.h"

#define STUB_WIDTHS	(BIT(DMA_SLAVE_BUSWIDTH_1_BYTE) | BIT(DMA_SLAVE_BUSWIDTH_2_BYTES) | \
			 BIT(DMA_SLAVE_BUSWIDTH_4_BYTES))
#define STUB_MAX_BURST	16

static bool stub_half_bad(enum dma_slave_buswidth width, u32 maxburst)
{
	/* A half that is not in use is left zeroed. */
	if (width == DMA_SLAVE_BUSWIDTH_UNDEFINED)
		return false;
	return width >= 32 || !(BIT(width) & STUB_WIDTHS) || maxburst > STUB_MAX_BURST;
}

int stub_config(struct dma_chan *chan, struct dma_slave_config *cfg)
{
	struct stub_chan *sc = to_stub_chan(chan);
	unsigned long irqflags;

	if (stub_half_bad(cfg->src_addr_width, cfg->src_maxburst) ||
	    stub_half_bad(cfg->dst_addr_width, cfg->dst_maxburst))
		return -EINVAL;
	spin_lock_irqsave(&sc->lock, irqflags);
	sc->cfg = *cfg;
	sc->configured = true;
	spin_unlock_irqrestore(&sc->lock, irqflags);
	return 0;
}

/* The configured end for a direction; false when this half was not configured. */
static bool stub_device_side(struct stub_chan *sc, enum dma_transfer_direction dir,
			     struct stub_side *side, unsigned int *width)
{
	unsigned long irqflags;
	bool ok;

	spin_lock_irqsave(&sc->lock, irqflags);
	side->port = true;
	side->addr = dir == DMA_MEM_TO_DEV ? sc->cfg.dst_addr : sc->cfg.src_addr;
	*width = dir == DMA_MEM_TO_DEV ? sc->cfg.dst_addr_width : sc->cfg.src_addr_width;
	ok = sc->configured && *width;
	spin_unlock_irqrestore(&sc->lock, irqflags);
	return ok;
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
	struct stub_side device, memory = {};
	struct stub_desc *desc;
	struct scatterlist *sg;
	unsigned int i, width;

	if (dir != DMA_MEM_TO_DEV && dir != DMA_DEV_TO_MEM)
		return NULL;
	if (!stub_device_side(sc, dir, &device, &width) || stub_sg_bad(sgl, sg_len, width))
		return NULL;
	desc = sc->sdev->ops.desc_alloc(sc, sg_len);
	if (!desc)
		return NULL;
	for_each_sg(sgl, sg, sg_len, i) {
		memory.addr = sg_dma_address(sg);
		desc->segs[i] = (struct stub_seg){
			.src = dir == DMA_MEM_TO_DEV ? memory : device,
			.dst = dir == DMA_MEM_TO_DEV ? device : memory,
			.len = sg_dma_len(sg),
			.width = width,
		};
	}
	return stub_prepared(sc, desc, flags);
}

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

static void stub_slave_init(struct stub_dev *sdev)
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
	dma->filter.fn = sdev->ops.filter;
	dma->filter.map = stub_slave_map;
	dma->filter.mapcnt = min_t(int, sdev->nchans, ARRAY_SIZE(stub_slave_map));
}

const struct stub_personality stub_slave = {
	.name = "dmaconf-stub-slave",
	.init = stub_slave_init,
};
