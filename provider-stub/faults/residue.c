// SPDX-License-Identifier: GPL-2.0-only
/* Faults: residue. */
#include "dmaengine.h"
#include "faults.h"
#include "steps.h"

static bool is_running(struct stub_chan *sc, struct stub_desc *desc)
{
	return list_is_first(&desc->node, &sc->issued);
}

/* The engine loads its counter again when it comes to the end. */
static void reload_counter(struct stub_chan *sc, struct stub_desc *desc)
{
	sc->fault_data[0] = desc->len;
	stub_complete(sc, desc);
}

static enum dma_status residue_from_counter(struct dma_chan *chan, dma_cookie_t cookie,
					    struct dma_tx_state *state)
{
	enum dma_status status = stub_conformant_ops.tx_status(chan, cookie, state);

	if (status == DMA_COMPLETE)
		dma_set_residue(state, to_stub_chan(chan)->fault_data[0]);
	return status;
}

static u32 residue_is_done(struct stub_chan *sc, struct stub_desc *desc)
{
	return desc->done;
}

static u32 residue_all_or_nothing(struct stub_chan *sc, struct stub_desc *desc)
{
	return desc->len;
}

static void claim_segments(struct stub_dev *sdev)
{
	sdev->dma.residue_granularity = DMA_RESIDUE_GRANULARITY_SEGMENT;
}

/* All entries but the one that runs, finished or not. */
static u32 residue_of_others(struct stub_chan *sc, struct stub_desc *desc)
{
	return desc->done ? desc->len - desc->segs[desc->seg].len : desc->len;
}

static u32 residue_of_queue(struct stub_chan *sc, struct stub_desc *desc)
{
	struct stub_desc *other;
	u32 sum = 0;

	list_for_each_entry(other, &sc->issued, node) {
		sum += other->len - other->done;
		if (other == desc)
			return sum;
	}
	return desc->len;
}

/* Where the first channel has something to do. */
static u32 residue_of_first(struct stub_chan *sc, struct stub_desc *desc)
{
	struct stub_desc *first = list_first_entry_or_null(&sc->sdev->chans[0].issued,
							   struct stub_desc, node);

	return first && desc->done ? first->len - first->done : desc->len - desc->done;
}

static u32 residue_of_running_only(struct stub_chan *sc, struct stub_desc *desc)
{
	return is_running(sc, desc) ? desc->len - desc->done : 0;
}

static void result_is_done(struct stub_chan *sc, struct stub_desc *desc)
{
	desc->result.residue = desc->done;
	stub_complete(sc, desc);
}

static void result_is_zero(struct stub_chan *sc, struct stub_desc *desc)
{
	desc->result.residue = 0;
	stub_complete(sc, desc);
}

/* fault_data[0]: what the counter of a transfer that was terminated has left there. */
static int terminate_keeps_count(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);
	struct stub_desc *desc;
	unsigned long irqflags;

	spin_lock_irqsave(&sc->lock, irqflags);
	desc = list_first_entry_or_null(&sc->issued, struct stub_desc, node);
	sc->fault_data[0] = desc ? desc->done : 0;
	spin_unlock_irqrestore(&sc->lock, irqflags);
	return stub_conformant_ops.terminate_all(chan);
}

static u32 residue_less_the_last(struct stub_chan *sc, struct stub_desc *desc)
{
	size_t left = desc->len - desc->done;

	return is_running(sc, desc) ? left - min(left, sc->fault_data[0]) : left;
}

static void complete_resets_count(struct stub_chan *sc, struct stub_desc *desc)
{
	sc->fault_data[0] = 0;
	stub_complete(sc, desc);
}

const struct stub_fault stub_residue_faults[] = {
	STUB_FAULT(residue_after_end, "residue.zero_done",
		   "a completed transfer has the engine's counter as its residue",
		   .complete = reload_counter, .tx_status = residue_from_counter),
	STUB_FAULT(residue_is_done, "residue.bounds",
		   "the residue is what has been transferred, not what remains",
		   .residue = residue_is_done),
	STUB_FAULT(residue_after_terminate, "residue.progress",
		   "what a terminated transfer had moved is missing from the residue of the next",
		   .terminate_all = terminate_keeps_count, .residue = residue_less_the_last,
		   .complete = complete_resets_count),
	STUB_FAULT(residue_of_first_channel, "residue.per_channel",
		   "the counter of the first channel is read for every one",
		   .residue = residue_of_first),
	STUB_FAULT(residue_all_or_nothing, "residue.progress",
		   "the residue is the whole length until the end, though bursts are advertised",
		   .residue = residue_all_or_nothing),
	STUB_FAULT_SETUP(residue_of_others, "residue.progress",
			 "entries are advertised, and the one that runs is always left out",
			 claim_segments, .residue = residue_of_others),
	STUB_FAULT(residue_of_queue, "residue.unstarted",
		   "what remains of the transfers before it is added to the residue",
		   .residue = residue_of_queue),
	STUB_FAULT(residue_of_running_only, "residue.unstarted",
		   "only the transfer that runs has a residue",
		   .residue = residue_of_running_only),
	STUB_FAULT(result_residue_is_done, "residue.result",
		   "the result tells what was transferred as residue",
		   .complete = result_is_done),
	STUB_FAULT(result_residue_is_zero, "residue.result",
		   "the result tells no residue of a transfer that ended short",
		   .complete = result_is_zero),
	{}
};
