// SPDX-License-Identifier: GPL-2.0-only
/* Faults of filling memory. */
#include <linux/scatterlist.h>

#include "faults.h"

#define BURST	16

static int fill_whole_value(struct stub_chan *sc, const struct stub_seg *seg, size_t off,
			    size_t len)
{
	int ret = 0;

	for (; len && !ret; off++, len--) {
		u8 byte = seg->value >> off % 4 * 8;

		ret = stub_memory_write(sc->sdev->dev, seg->dst.addr + off, &byte, 1);
	}
	return ret;
}

static struct dma_async_tx_descriptor *fill_u16(struct dma_chan *chan, dma_addr_t dst, int value,
						size_t len, unsigned long flags)
{
	return stub_conformant_ops.prep_memset(chan, dst, value, len & 0xffff ?: 4, flags);
}

static struct dma_async_tx_descriptor *fill_some(struct dma_chan *chan, dma_addr_t dst, int value,
						 size_t len, unsigned long flags)
{
	return stub_conformant_ops.prep_memset(chan, dst, value, len ?: BURST, flags);
}

static struct dma_async_tx_descriptor *fill_first_entry(struct dma_chan *chan,
							struct scatterlist *sgl,
							unsigned int nents, int value,
							unsigned long flags)
{
	return stub_conformant_ops.prep_memset_sg(chan, sgl, min(nents, 1), value, flags);
}

/* What the first two entries tell is taken for the whole list. */
static struct dma_async_tx_descriptor *fill_regularly(struct dma_chan *chan,
						      struct scatterlist *sgl,
						      unsigned int nents, int value,
						      unsigned long flags)
{
	struct dma_async_tx_descriptor *tx =
		stub_conformant_ops.prep_memset_sg(chan, sgl, nents, value, flags);
	struct stub_desc *desc = tx ? to_stub_desc(tx) : NULL;
	s64 stride;

	if (!desc || desc->nsegs < 3)
		return tx;
	stride = desc->segs[1].dst.addr - desc->segs[0].dst.addr;
	for (unsigned int i = 2; i < desc->nsegs; i++)
		desc->segs[i].dst.addr = desc->segs[i - 1].dst.addr + stride;
	return tx;
}

static struct dma_async_tx_descriptor *fill_keeps_list(struct dma_chan *chan,
						       struct scatterlist *sgl,
						       unsigned int nents, int value,
						       unsigned long flags)
{
	struct dma_async_tx_descriptor *tx =
		stub_conformant_ops.prep_memset_sg(chan, sgl, nents, value, flags);

	if (tx)
		to_stub_desc(tx)->fault_data = (unsigned long)sgl;
	return tx;
}

static void issue_reads_fills(struct stub_chan *sc)
{
	struct stub_desc *desc;
	struct scatterlist *sg;
	unsigned int i;

	list_for_each_entry(desc, &sc->submitted, node)
		if (desc->fault_data)
			for_each_sg((struct scatterlist *)desc->fault_data, sg, desc->nsegs, i)
				desc->segs[i].dst.addr = sg_dma_address(sg);
	stub_conformant_ops.issue(sc);
}

/* As far as the list goes in memory, whatever the client says. */
static struct dma_async_tx_descriptor *fill_to_end(struct dma_chan *chan,
						   struct scatterlist *sgl,
						   unsigned int nents, int value,
						   unsigned long flags)
{
	return stub_conformant_ops.prep_memset_sg(chan, sgl, sgl ? sg_nents(sgl) : 0, value,
						  flags);
}

static void fill_align_undeclared(struct stub_dev *sdev)
{
	sdev->dma.fill_align = DMAENGINE_ALIGN_1_BYTE;
}

static struct dma_async_tx_descriptor *fill_few_entries(struct dma_chan *chan,
							struct scatterlist *sgl,
							unsigned int nents, int value,
							unsigned long flags)
{
	return stub_conformant_ops.prep_memset_sg(chan, sgl, min(nents, 32), value, flags);
}

const struct stub_fault stub_memset_faults[] = {
	STUB_FAULT(memset_whole_value, "memset.data",
		   "all 32 bits of the value are stored, one byte after the other",
		   .fill = fill_whole_value),
	STUB_FAULT(memset_len_u16, "memset.data",
		   "the length of a fill is kept in 16 bits",
		   .prep_memset = fill_u16),
	STUB_FAULT(memset_first_entry, "memset.data",
		   "of a list only the first entry is filled",
		   .prep_memset_sg = fill_first_entry),
	STUB_FAULT(memset_few_entries, "memset.data",
		   "of a list only the first 32 entries are filled",
		   .prep_memset_sg = fill_few_entries),
	STUB_FAULT(memset_regular_list, "memset.data",
		   "all entries of a list are taken to be as far apart as the first two",
		   .prep_memset_sg = fill_regularly),
	STUB_FAULT(memset_walks_to_end, "sg.dma_fields",
		   "a list is filled to its end mark, beyond the number of entries given",
		   .prep_memset_sg = fill_to_end),
	STUB_FAULT(memset_zero_is_a_burst, "prep.zero_len",
		   "a fill of 0 bytes fills a whole burst",
		   .prep_memset = fill_some),
	STUB_FAULT(memset_keeps_sgl, "prep.args_not_retained",
		   "where to fill is read from the scatterlist when the transfer is issued",
		   .prep_memset_sg = fill_keeps_list,
		   .issue = issue_reads_fills),
	STUB_FAULT_SETUP(fill_align_undeclared, "caps.align",
			 "whole words only can be filled, and fill_align does not say so",
			 fill_align_undeclared),
	{}
};
