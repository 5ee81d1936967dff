// SPDX-License-Identifier: GPL-2.0-only
/* Faults of interleaved transfers, and of the flags for repeated ones. */
#include <linux/slab.h>

#include "faults.h"

#define BURST	16

static size_t gap_everywhere(struct dma_interleaved_template *xt, struct data_chunk *chunk,
			     bool source)
{
	return (source ? chunk->src_icg : chunk->dst_icg) ?: chunk->icg;
}

static size_t gap_in_common(struct dma_interleaved_template *xt, struct data_chunk *chunk,
			    bool source)
{
	return (source ? xt->src_sgl : xt->dst_sgl) ? chunk->icg : 0;
}

static size_t gap_within_frame(struct dma_interleaved_template *xt, struct data_chunk *chunk,
			       bool source)
{
	if (chunk == &xt->sgl[xt->frame_size - 1])
		return 0;
	return stub_conformant_ops.gap_after(xt, chunk, source);
}

static size_t gap_of_8_bits(struct dma_interleaved_template *xt, struct data_chunk *chunk,
			    bool source)
{
	return stub_conformant_ops.gap_after(xt, chunk, source) & 0xff;
}

/* The conformant prep with a template that was changed. */
static struct dma_async_tx_descriptor *
prep_changed(struct dma_chan *chan, const struct dma_interleaved_template *xt, unsigned long flags,
	     void (*change)(struct dma_interleaved_template *xt))
{
	struct dma_interleaved_template *other;
	struct dma_async_tx_descriptor *tx;

	other = kmemdup(xt, struct_size(xt, sgl, max(xt->frame_size, 1)), GFP_NOWAIT);
	if (!other)
		return NULL;
	change(other);
	tx = stub_conformant_ops.prep_interleaved(chan, other, flags);
	kfree(other);
	return tx;
}

#define PREP_CHANGED(_name, _statement)						\
static void change_##_name(struct dma_interleaved_template *xt)			\
{										\
	_statement;								\
}										\
static struct dma_async_tx_descriptor *						\
prep_##_name(struct dma_chan *chan, struct dma_interleaved_template *xt, unsigned long flags) \
{										\
	return prep_changed(chan, xt, flags, change_##_name);			\
}

PREP_CHANGED(first_chunk, xt->frame_size = min(xt->frame_size, 1))
PREP_CHANGED(first_frame, xt->numf = min(xt->numf, 1))
PREP_CHANGED(walking, xt->src_inc |= xt->dir == DMA_MEM_TO_MEM;
		      xt->dst_inc |= xt->dir == DMA_MEM_TO_MEM)
PREP_CHANGED(frames_of_8_bits, xt->numf = (xt->numf & 0xff) ?: xt->numf)
PREP_CHANGED(chunk_of_12_bits, xt->sgl[0].size = (xt->sgl[0].size & 0xfff) ?: xt->sgl[0].size)
PREP_CHANGED(no_frames_as_one, xt->numf = xt->numf ?: 1)
PREP_CHANGED(no_chunks_as_one, xt->frame_size = xt->frame_size ?: 1)
PREP_CHANGED(empty_as_burst, xt->sgl[0].size = xt->sgl[0].size ?: BURST)
PREP_CHANGED(any_direction, xt->dir = xt->dir < DMA_DEV_TO_DEV ? xt->dir : DMA_MEM_TO_MEM)

static struct dma_async_tx_descriptor *
prep_counts_down(struct dma_chan *chan, struct dma_interleaved_template *xt, unsigned long flags)
{
	struct dma_async_tx_descriptor *tx =
		stub_conformant_ops.prep_interleaved(chan, xt, flags);

	if (tx)
		xt->numf = 0;
	return tx;
}

static struct dma_async_tx_descriptor *
prep_keeps_template(struct dma_chan *chan, struct dma_interleaved_template *xt,
		    unsigned long flags)
{
	struct dma_async_tx_descriptor *tx =
		stub_conformant_ops.prep_interleaved(chan, xt, flags);

	if (tx)
		to_stub_desc(tx)->fault_data = (unsigned long)xt;
	return tx;
}

static void issue_reads_template(struct stub_chan *sc)
{
	const struct dma_interleaved_template *xt;
	struct stub_desc *desc;

	list_for_each_entry(desc, &sc->submitted, node) {
		xt = (void *)desc->fault_data;
		if (xt && !desc->segs[0].dst.port)
			desc->segs[0].dst.addr = xt->dst_start;
	}
	stub_conformant_ops.issue(sc);
}

static struct dma_async_tx_descriptor *prepared_to_repeat(struct stub_chan *sc,
							  struct stub_desc *desc,
							  unsigned long flags)
{
	desc->repeats = flags & DMA_PREP_REPEAT;
	return stub_conformant_ops.prepared(sc, desc, flags);
}

static struct dma_async_tx_descriptor *memcpy_not_repeated(struct dma_chan *chan, dma_addr_t dst,
							   dma_addr_t src, size_t len,
							   unsigned long flags)
{
	if (flags & (DMA_PREP_REPEAT | DMA_PREP_LOAD_EOT))
		return NULL;
	return stub_conformant_ops.prep_memcpy(chan, dst, src, len, flags);
}

static void repeat_everywhere(struct stub_dev *sdev)
{
	dma_cap_set(DMA_REPEAT, sdev->dma.cap_mask);
}

const struct stub_fault stub_interleaved_faults[] = {
	STUB_FAULT(ilv_gap_everywhere, "ilv.data",
		   "the gap is left out at an end for which sgl is not set too",
		   .gap_after = gap_everywhere),
	STUB_FAULT(ilv_gap_in_common, "ilv.data",
		   "src_icg and dst_icg are not looked at",
		   .gap_after = gap_in_common),
	STUB_FAULT(ilv_gap_within_frame, "ilv.data",
		   "there is no gap between one frame and the next",
		   .gap_after = gap_within_frame),
	STUB_FAULT(ilv_first_chunk, "ilv.data",
		   "only the first chunk of each frame is moved",
		   .prep_interleaved = prep_first_chunk),
	STUB_FAULT(ilv_first_frame, "ilv.data",
		   "only the first frame is moved",
		   .prep_interleaved = prep_first_frame),
	STUB_FAULT(ilv_gap_u8, "ilv.data",
		   "the distance between chunks is kept in 8 bits",
		   .gap_after = gap_of_8_bits),
	STUB_FAULT(ilv_frames_u8, "ilv.data",
		   "the number of frames is kept in 8 bits",
		   .prep_interleaved = prep_frames_of_8_bits),
	STUB_FAULT(ilv_chunk_u12, "ilv.data",
		   "the size of a chunk is kept in 12 bits",
		   .prep_interleaved = prep_chunk_of_12_bits),
	STUB_FAULT(ilv_fixed_walks, "ilv.data",
		   "memory that is to be accessed at one address is walked along",
		   .prep_interleaved = prep_walking),
	STUB_FAULT(ilv_no_frames_is_one, "ilv.reject",
		   "a template without frames moves one",
		   .prep_interleaved = prep_no_frames_as_one),
	STUB_FAULT(ilv_no_chunks_is_one, "ilv.reject",
		   "a frame without chunks has one",
		   .prep_interleaved = prep_no_chunks_as_one),
	STUB_FAULT(ilv_empty_is_a_burst, "ilv.reject",
		   "a chunk of 0 bytes moves a whole burst",
		   .prep_interleaved = prep_empty_as_burst),
	STUB_FAULT(ilv_any_direction, "ilv.reject",
		   "what is no direction is taken for memory to memory",
		   .prep_interleaved = prep_any_direction),
	STUB_FAULT(ilv_writes_template, "prep.args_not_retained",
		   "prep counts the frames down in its client's template",
		   .prep_interleaved = prep_counts_down),
	STUB_FAULT(ilv_keeps_template, "prep.args_not_retained",
		   "the destination is read from the template when the transfer is issued",
		   .prep_interleaved = prep_keeps_template,
		   .issue = issue_reads_template),
	STUB_FAULT(repeat_any_type, "repeat.gate",
		   "transfers of any type begin again when they carry DMA_PREP_REPEAT",
		   .prepared = prepared_to_repeat),
	STUB_FAULT(repeat_refused, "repeat.gate",
		   "a memcpy with DMA_PREP_REPEAT or DMA_PREP_LOAD_EOT is refused",
		   .prep_memcpy = memcpy_not_repeated),
	STUB_FAULT_SETUP(repeat_alone, "repeat.gate",
			 "DMA_REPEAT is declared without DMA_INTERLEAVE, by which it is used",
			 repeat_everywhere),
	{}
};
