// SPDX-License-Identifier: GPL-2.0-only
/* Faults of declared capabilities. */
#include <linux/string.h>

#include "faults.h"

#define SHORT_LIST	40

/* Sets what differs on this channel, and loses what does not. */
static void caps_forget(struct dma_chan *chan, struct dma_slave_caps *caps)
{
	memset(caps, 0, sizeof(*caps));
	caps->directions = chan->device->directions;
	caps->src_addr_widths = chan->device->src_addr_widths;
	caps->dst_addr_widths = chan->device->dst_addr_widths;
	stub_conformant_ops.caps(chan, caps);
}

/* The enum value of DEV_TO_MEM is the bit of MEM_TO_DEV. */
static void directions_are_values(struct stub_dev *sdev)
{
	if (sdev->dma.directions)
		sdev->dma.directions = BIT(DMA_MEM_TO_DEV) | DMA_DEV_TO_MEM;
}

/* An engine of bytes and words. */
static int config_bytes_and_words(struct dma_chan *chan, struct dma_slave_config *cfg)
{
	if (cfg->src_addr_width == DMA_SLAVE_BUSWIDTH_2_BYTES ||
	    cfg->dst_addr_width == DMA_SLAVE_BUSWIDTH_2_BYTES)
		return -EINVAL;
	return stub_conformant_ops.config(chan, cfg);
}

static void widths_are_values(struct stub_dev *sdev)
{
	if (!sdev->dma.src_addr_widths)
		return;
	sdev->dma.src_addr_widths = BIT(DMA_SLAVE_BUSWIDTH_1_BYTE) | DMA_SLAVE_BUSWIDTH_4_BYTES;
	sdev->dma.dst_addr_widths = sdev->dma.src_addr_widths;
}

static void lists_are_short(struct stub_dev *sdev)
{
	sdev->dma.max_sg_burst = SHORT_LIST;
}

static struct dma_async_tx_descriptor *prep_cuts_list(struct dma_chan *chan,
						      struct scatterlist *sgl,
						      unsigned int sg_len,
						      enum dma_transfer_direction dir,
						      unsigned long flags, void *context)
{
	return stub_conformant_ops.prep_slave_sg(chan, sgl, min(sg_len, SHORT_LIST), dir, flags,
						 context);
}

/* The bus has no byte lanes for the source: its low address bits are lost. */
static struct dma_async_tx_descriptor *prep_word_source(struct dma_chan *chan, dma_addr_t dst,
							dma_addr_t src, size_t len,
							unsigned long flags)
{
	return stub_conformant_ops.prep_memcpy(chan, dst, round_down(src, 4), len, flags);
}

const struct stub_fault stub_caps_faults[] = {
	STUB_FAULT(caps_forgotten, "caps.slave_gate",
		   "device_caps clears the structure before it sets what is special about the channel",
		   .caps = caps_forget),
	STUB_FAULT_SETUP(directions_as_values, "caps.directions",
			 "DMA_DEV_TO_MEM is in the directions instead of BIT(DMA_DEV_TO_MEM)",
			 directions_are_values),
	STUB_FAULT_SETUP(widths_as_values, "caps.widths",
			 "an engine of bytes and words declares the words without BIT()",
			 widths_are_values, .config = config_bytes_and_words),
	STUB_FAULT_SETUP(sg_list_truncated, "caps.burst",
			 "Lists longer than max_sg_burst are cut off there",
			 lists_are_short, .prep_slave_sg = prep_cuts_list),
	STUB_FAULT(copy_align_understated, "caps.align",
		   "Copies of any alignment are taken, but the source is read from a multiple of 4",
		   .prep_memcpy = prep_word_source),
	{}
};
