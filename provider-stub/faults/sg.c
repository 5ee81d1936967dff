// SPDX-License-Identifier: GPL-2.0-only
/* Faults of slave scatterlists. */
#include <linux/dma-direct.h>
#include <linux/scatterlist.h>

#include "faults.h"

#define CHAIN	64U

/* The device address moves on from entry to entry. */
static struct dma_async_tx_descriptor *
slave_sg_moving_device(struct dma_chan *chan, struct scatterlist *sgl, unsigned int sg_len,
		       enum dma_transfer_direction dir, unsigned long flags, void *context)
{
	struct dma_async_tx_descriptor *tx =
		stub_conformant_ops.prep_slave_sg(chan, sgl, sg_len, dir, flags, context);
	struct stub_desc *desc = tx ? to_stub_desc(tx) : NULL;

	for (unsigned int i = 0; desc && i < desc->nsegs; i++) {
		struct stub_seg *seg = &desc->segs[i];
		struct stub_side *device = seg->src.port ? &seg->src : &seg->dst;

		device->addr += i * seg->width;
	}
	return tx;
}

static struct dma_async_tx_descriptor *
slave_sg_to_the_end(struct dma_chan *chan, struct scatterlist *sgl, unsigned int sg_len,
		    enum dma_transfer_direction dir, unsigned long flags, void *context)
{
	unsigned int n = 0;

	for (struct scatterlist *sg = sgl; sg && sg_len; sg = sg_next(sg))
		n++;
	return stub_conformant_ops.prep_slave_sg(chan, sgl, n, dir, flags, context);
}

/* Takes the CPU's address of an entry that has one. */
static struct dma_async_tx_descriptor *
slave_sg_phys(struct dma_chan *chan, struct scatterlist *sgl, unsigned int sg_len,
	      enum dma_transfer_direction dir, unsigned long flags, void *context)
{
	struct dma_async_tx_descriptor *tx =
		stub_conformant_ops.prep_slave_sg(chan, sgl, sg_len, dir, flags, context);
	struct stub_desc *desc = tx ? to_stub_desc(tx) : NULL;
	struct scatterlist *sg;
	unsigned int i;

	if (!desc)
		return NULL;
	for_each_sg(sgl, sg, sg_len, i) {
		struct stub_seg *seg = &desc->segs[i];
		struct stub_side *memory = seg->src.port ? &seg->dst : &seg->src;

		if (sg_page(sg))
			memory->addr = phys_to_dma(chan->device->dev, sg_phys(sg));
	}
	return tx;
}

static struct dma_async_tx_descriptor *
slave_sg_two_directions(struct dma_chan *chan, struct scatterlist *sgl, unsigned int sg_len,
			enum dma_transfer_direction dir, unsigned long flags, void *context)
{
	if (dir != DMA_DEV_TO_MEM)
		dir = DMA_MEM_TO_DEV;
	return stub_conformant_ops.prep_slave_sg(chan, sgl, sg_len, dir, flags, context);
}

/* Programs as many beats as fit. */
static struct dma_async_tx_descriptor *
slave_sg_beats(struct dma_chan *chan, struct scatterlist *sgl, unsigned int sg_len,
	       enum dma_transfer_direction dir, unsigned long flags, void *context)
{
	struct stub_chan *sc = to_stub_chan(chan);
	unsigned int width = dir == DMA_MEM_TO_DEV ? sc->cfg.dst_addr_width :
						     sc->cfg.src_addr_width;
	struct dma_async_tx_descriptor *tx;
	unsigned int len;

	if (sg_len != 1 || !width)
		return stub_conformant_ops.prep_slave_sg(chan, sgl, sg_len, dir, flags, context);
	len = sg_dma_len(sgl);
	sg_dma_len(sgl) = rounddown(len, width);
	tx = stub_conformant_ops.prep_slave_sg(chan, sgl, 1, dir, flags, context);
	sg_dma_len(sgl) = len;
	return tx;
}

static struct dma_async_tx_descriptor *
slave_sg_one_chain(struct dma_chan *chan, struct scatterlist *sgl, unsigned int sg_len,
		   enum dma_transfer_direction dir, unsigned long flags, void *context)
{
	return stub_conformant_ops.prep_slave_sg(chan, sgl, min(sg_len, CHAIN), dir, flags,
						 context);
}

/* What is left of an entry after its last whole burst is not moved. */
static struct dma_async_tx_descriptor *
slave_sg_whole_bursts(struct dma_chan *chan, struct scatterlist *sgl, unsigned int sg_len,
		      enum dma_transfer_direction dir, unsigned long flags, void *context)
{
	struct dma_async_tx_descriptor *tx =
		stub_conformant_ops.prep_slave_sg(chan, sgl, sg_len, dir, flags, context);
	const struct dma_slave_config *cfg = &to_stub_chan(chan)->cfg;
	u32 words = dir == DMA_MEM_TO_DEV ? cfg->dst_maxburst : cfg->src_maxburst;
	struct stub_desc *desc = tx ? to_stub_desc(tx) : NULL;

	for (unsigned int i = 0; desc && words && i < desc->nsegs; i++)
		desc->segs[i].len -= desc->segs[i].len % (words * desc->segs[i].width);
	if (desc)
		stub_measure(desc);
	return tx;
}

const struct stub_fault stub_sg_faults[] = {
	STUB_FAULT(sg_device_address_moves, "sg.data",
		   "the device address moves on with each entry",
		   .prep_slave_sg = slave_sg_moving_device),
	STUB_FAULT(sg_walks_to_end, "sg.dma_fields",
		   "all entries up to the end mark of the list are moved, whatever sg_len says",
		   .prep_slave_sg = slave_sg_to_the_end),
	STUB_FAULT(sg_uses_phys, "sg.dma_fields",
		   "memory is found through sg_phys() instead of sg_dma_address()",
		   .prep_slave_sg = slave_sg_phys),
	STUB_FAULT(sg_any_direction_sends, "sg.reject",
		   "every direction that is not DEV_TO_MEM is taken for MEM_TO_DEV",
		   .prep_slave_sg = slave_sg_two_directions),
	STUB_FAULT(sg_whole_beats, "sg.width_multiple",
		   "the length is cut off to whole accesses of the bus width",
		   .prep_slave_sg = slave_sg_beats),
	STUB_FAULT(sg_whole_bursts, "sg.width_multiple",
		   "the length is cut off to whole bursts of the slave configuration",
		   .prep_slave_sg = slave_sg_whole_bursts),
	STUB_FAULT(sg_first_chain_only, "sg.many",
		   "a transfer ends after the first 64 entries",
		   .prep_slave_sg = slave_sg_one_chain),
	{}
};
