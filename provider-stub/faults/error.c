// SPDX-License-Identifier: GPL-2.0-only
/* Faults of transfers that fail. */
#include "faults.h"

static void complete_without_error(struct stub_chan *sc, struct stub_desc *desc)
{
	desc->result.result = DMA_TRANS_NOERROR;
	sc->failed = 0;
	stub_conformant_ops.complete(sc, desc);
}

/* The error interrupt is acknowledged, and that is all. */
static void complete_silently(struct stub_chan *sc, struct stub_desc *desc)
{
	if (desc->result.result == DMA_TRANS_NOERROR)
		stub_conformant_ops.complete(sc, desc);
	else
		list_move_tail(&desc->node, &sc->prepared);
}

static void deliver_result_only(struct stub_chan *sc, struct stub_desc *desc)
{
	if (desc->result.result != DMA_TRANS_NOERROR)
		desc->tx.callback = NULL;
	stub_conformant_ops.deliver(sc, desc);
}

/* Resets the whole device: what the other channels had running is forgotten. */
static void complete_resets_all(struct stub_chan *sc, struct stub_desc *desc)
{
	struct stub_dev *sdev = sc->sdev;

	for (unsigned int i = 0; desc->result.result && i < sdev->nchans; i++) {
		struct stub_chan *other = &sdev->chans[i];

		if (other == sc)
			continue;
		/* The locks of two channels are never taken in the other order. */
		spin_lock_nested(&other->lock, SINGLE_DEPTH_NESTING);
		list_splice_tail_init(&other->issued, &other->prepared);
		spin_unlock(&other->lock);
	}
	stub_conformant_ops.complete(sc, desc);
}

/* Takes the next transfer off the queue along with the one that failed. */
static void complete_skips_next(struct stub_chan *sc, struct stub_desc *desc)
{
	bool failed = desc->result.result != DMA_TRANS_NOERROR;
	struct stub_desc *next;

	stub_conformant_ops.complete(sc, desc);
	next = list_first_entry_or_null(&sc->issued, struct stub_desc, node);
	if (failed && next)
		list_move_tail(&next->node, &sc->prepared);
}

/* fault_data[0]: a transfer has failed since the channel was requested. */
static void complete_sets_flag(struct stub_chan *sc, struct stub_desc *desc)
{
	if (desc->result.result != DMA_TRANS_NOERROR)
		sc->fault_data[0] = true;
	stub_conformant_ops.complete(sc, desc);
}

static enum dma_status status_from_flag(struct dma_chan *chan, dma_cookie_t cookie,
					struct dma_tx_state *state)
{
	enum dma_status status = stub_conformant_ops.tx_status(chan, cookie, state);

	return status == DMA_COMPLETE && to_stub_chan(chan)->fault_data[0] ? DMA_ERROR : status;
}

static void release_clears_flag(struct dma_chan *chan)
{
	stub_conformant_ops.free_chan_resources(chan);
	to_stub_chan(chan)->fault_data[0] = false;
}

/* The engine hangs, and termination only empties the lists. */
static int terminate_stays_stalled(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);
	bool stalled = sc->inject == DMACONF_INJECT_STALL;
	int ret = stub_conformant_ops.terminate_all(chan);

	if (stalled)
		sc->inject = DMACONF_INJECT_STALL;
	return ret;
}

const struct stub_fault stub_error_faults[] = {
	STUB_FAULT(err_looks_like_success, "err.reported",
		   "a transfer that failed is completed with DMA_TRANS_NOERROR",
		   .complete = complete_without_error),
	STUB_FAULT(err_never_reported, "err.reported",
		   "a transfer that failed is neither completed nor called back",
		   .complete = complete_silently),
	STUB_FAULT(err_only_callback_result, "err.reported",
		   "a plain callback is not called when the transfer failed",
		   .deliver = deliver_result_only),
	STUB_FAULT(err_resets_device, "err.isolated",
		   "an error resets the whole device and drops what other channels had running",
		   .complete = complete_resets_all),
	STUB_FAULT(err_drops_next, "err.isolated",
		   "an error also takes the next transfer off the queue",
		   .complete = complete_skips_next),
	STUB_FAULT(err_sticky_status, "err.recover",
		   "after an error every later transfer is reported as DMA_ERROR",
		   .complete = complete_sets_flag,
		   .tx_status = status_from_flag,
		   .free_chan_resources = release_clears_flag),
	STUB_FAULT(err_stall_survives_terminate, "err.recover",
		   "terminate_all empties the queue and leaves a stalled engine as it is",
		   .terminate_all = terminate_stays_stalled),
	{}
};
