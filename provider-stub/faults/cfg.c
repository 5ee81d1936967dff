// SPDX-License-Identifier: GPL-2.0-only
/* Faults of slave configuration. */
#include <linux/errno.h>

#include "faults.h"

/* fault_data[0] points to the caller's structure. */
static int config_by_pointer(struct dma_chan *chan, struct dma_slave_config *cfg)
{
	to_stub_chan(chan)->fault_data[0] = (unsigned long)cfg;
	return stub_conformant_ops.config(chan, cfg);
}

static struct dma_async_tx_descriptor *
slave_sg_by_pointer(struct dma_chan *chan, struct scatterlist *sgl, unsigned int sg_len,
		    enum dma_transfer_direction dir, unsigned long flags, void *context)
{
	struct stub_chan *sc = to_stub_chan(chan);

	if (sc->configured)
		sc->cfg = *(struct dma_slave_config *)sc->fault_data[0];
	return stub_conformant_ops.prep_slave_sg(chan, sgl, sg_len, dir, flags, context);
}

static int config_wants_both(struct dma_chan *chan, struct dma_slave_config *cfg)
{
	if (!cfg->src_addr_width || !cfg->dst_addr_width)
		return -EINVAL;
	return stub_conformant_ops.config(chan, cfg);
}

static int config_rounds_width(struct dma_chan *chan, struct dma_slave_config *cfg)
{
	struct dma_slave_config rounded = *cfg;

	if (!stub_conformant_ops.config(chan, cfg))
		return 0;
	if (rounded.src_addr_width)
		rounded.src_addr_width = DMA_SLAVE_BUSWIDTH_4_BYTES;
	if (rounded.dst_addr_width)
		rounded.dst_addr_width = DMA_SLAVE_BUSWIDTH_4_BYTES;
	return stub_conformant_ops.config(chan, &rounded);
}

static struct dma_async_tx_descriptor *
slave_sg_configured_direction(struct dma_chan *chan, struct scatterlist *sgl,
			      unsigned int sg_len, enum dma_transfer_direction dir,
			      unsigned long flags, void *context)
{
	struct stub_chan *sc = to_stub_chan(chan);

	if (sc->cfg.direction == DMA_MEM_TO_DEV || sc->cfg.direction == DMA_DEV_TO_MEM)
		dir = sc->cfg.direction;
	return stub_conformant_ops.prep_slave_sg(chan, sgl, sg_len, dir, flags, context);
}

static void issue_configures(struct stub_chan *sc)
{
	struct stub_desc *desc;

	list_for_each_entry(desc, &sc->submitted, node)
		for (unsigned int i = 0; i < desc->nsegs; i++)
			if (desc->segs[i].src.port)
				desc->segs[i].src.addr = sc->cfg.src_addr;
			else if (desc->segs[i].dst.port)
				desc->segs[i].dst.addr = sc->cfg.dst_addr;
	stub_conformant_ops.issue(sc);
}

/* Clears the half that receives. */
static int terminate_unconfigures(struct dma_chan *chan)
{
	int ret = stub_conformant_ops.terminate_all(chan);

	to_stub_chan(chan)->cfg.src_addr_width = DMA_SLAVE_BUSWIDTH_UNDEFINED;
	return ret;
}

static struct dma_async_tx_descriptor *
slave_sg_other_width(struct dma_chan *chan, struct scatterlist *sgl, unsigned int sg_len,
		     enum dma_transfer_direction dir, unsigned long flags, void *context)
{
	struct dma_async_tx_descriptor *tx =
		stub_conformant_ops.prep_slave_sg(chan, sgl, sg_len, dir, flags, context);
	struct stub_chan *sc = to_stub_chan(chan);
	u32 other = dir == DMA_MEM_TO_DEV ? sc->cfg.src_addr_width : sc->cfg.dst_addr_width;

	for (unsigned int i = 0; tx && other && i < to_stub_desc(tx)->nsegs; i++)
		to_stub_desc(tx)->segs[i].width = other;
	return tx;
}

/* There is one set of registers for all channels. */
static int config_for_all(struct dma_chan *chan, struct dma_slave_config *cfg)
{
	struct stub_dev *sdev = to_stub_chan(chan)->sdev;
	int ret = stub_conformant_ops.config(chan, cfg);

	for (unsigned int i = 0; !ret && i < sdev->nchans; i++)
		sdev->chans[i].cfg = *cfg;
	return ret;
}

const struct stub_fault stub_cfg_faults[] = {
	STUB_FAULT(cfg_keeps_pointer, "cfg.copied",
		   "device_config remembers the caller's structure instead of copying it",
		   .config = config_by_pointer,
		   .prep_slave_sg = slave_sg_by_pointer),
	STUB_FAULT(cfg_wants_both_halves, "cfg.accept",
		   "a configuration whose unused half is zero is refused",
		   .config = config_wants_both),
	STUB_FAULT(cfg_width_of_other_half, "cfg.accept",
		   "the bus width is taken from the half of the other direction",
		   .prep_slave_sg = slave_sg_other_width),
	STUB_FAULT(cfg_shared, "cfg.per_channel",
		   "the configuration of one channel is that of all",
		   .config = config_for_all),
	STUB_FAULT(cfg_rounds_width, "cfg.reject",
		   "a bus width that is not supported becomes 4",
		   .config = config_rounds_width),
	STUB_FAULT(cfg_direction_wins, "cfg.direction_arg",
		   "the direction comes from dma_slave_config when it is set there",
		   .prep_slave_sg = slave_sg_configured_direction),
	STUB_FAULT(cfg_read_at_issue, "cfg.subsequent_only",
		   "the port's address is taken from the configuration when a transfer is issued",
		   .issue = issue_configures),
	STUB_FAULT(cfg_lost_on_terminate, "cfg.persist",
		   "terminate_all clears the receiving half of the configuration",
		   .terminate_all = terminate_unconfigures),
	{}
};
