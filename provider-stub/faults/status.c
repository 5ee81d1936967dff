// SPDX-License-Identifier: GPL-2.0-only
/* Faults: status of transfers. */
#include "dmaengine.h"
#include "faults.h"
#include "steps.h"

/* Whether the transfer with a cookie is in one of the channel's lists. */
static bool is_in(struct stub_chan *sc, struct list_head *list, dma_cookie_t cookie)
{
	struct stub_desc *desc;
	unsigned long irqflags;
	bool found = false;

	spin_lock_irqsave(&sc->lock, irqflags);
	list_for_each_entry(desc, list, node)
		found |= desc->tx.cookie == cookie;
	spin_unlock_irqrestore(&sc->lock, irqflags);
	return found;
}

/* The transfer that runs, locked. */
static struct stub_desc *running(struct stub_chan *sc)
{
	return list_first_entry_or_null(&sc->issued, struct stub_desc, node);
}

static enum dma_status forget_old(struct dma_chan *chan, dma_cookie_t cookie,
				  struct dma_tx_state *state)
{
	enum dma_status status = stub_conformant_ops.tx_status(chan, cookie, state);
	bool old = chan->completed_cookie - cookie > 3;

	if (status == DMA_COMPLETE && old && !list_empty(&to_stub_chan(chan)->issued))
		return DMA_IN_PROGRESS;
	return status;
}

/* The ring of hardware descriptors has 64 places. */
static enum dma_status status_by_place(struct dma_chan *chan, dma_cookie_t cookie,
				       struct dma_tx_state *state)
{
	enum dma_status status = stub_conformant_ops.tx_status(chan, cookie, state);
	struct stub_chan *sc = to_stub_chan(chan);
	struct stub_desc *desc;
	unsigned long irqflags;

	spin_lock_irqsave(&sc->lock, irqflags);
	list_for_each_entry(desc, &sc->issued, node)
		if (desc->tx.cookie % 64 == cookie % 64)
			status = DMA_IN_PROGRESS;
	spin_unlock_irqrestore(&sc->lock, irqflags);
	return status;
}

static enum dma_status look_at_issued_only(struct dma_chan *chan, dma_cookie_t cookie,
					   struct dma_tx_state *state)
{
	struct stub_chan *sc = to_stub_chan(chan);
	enum dma_status status = stub_conformant_ops.tx_status(chan, cookie, state);

	return is_in(sc, &sc->submitted, cookie) ? DMA_COMPLETE : status;
}

static enum dma_status status_of_running(struct dma_chan *chan, dma_cookie_t cookie,
					 struct dma_tx_state *state)
{
	struct stub_chan *sc = to_stub_chan(chan);
	struct stub_desc *desc;
	unsigned long irqflags;

	spin_lock_irqsave(&sc->lock, irqflags);
	desc = running(sc);
	if (desc)
		cookie = desc->tx.cookie;
	spin_unlock_irqrestore(&sc->lock, irqflags);
	return stub_conformant_ops.tx_status(chan, cookie, state);
}

static u32 residue_of_running(struct stub_chan *sc, struct stub_desc *desc)
{
	return stub_conformant_ops.residue(sc, running(sc) ?: desc);
}

static enum dma_status switch_irqs_on(struct dma_chan *chan, dma_cookie_t cookie,
				      struct dma_tx_state *state)
{
	struct stub_chan *sc = to_stub_chan(chan);
	enum dma_status status;

	status = stub_conformant_ops.tx_status(chan, cookie, state);
	spin_lock_irq(&sc->lock);
	if (sc->paused && running(sc) && running(sc)->tx.cookie == cookie)
		status = DMA_PAUSED;
	spin_unlock_irq(&sc->lock);
	return status;
}

static enum dma_status insist_on_state(struct dma_chan *chan, dma_cookie_t cookie,
				       struct dma_tx_state *state)
{
	enum dma_status status = stub_conformant_ops.tx_status(chan, cookie, state);

	return state || status == DMA_COMPLETE ? status : DMA_ERROR;
}

static enum dma_status leave_when_complete(struct dma_chan *chan, dma_cookie_t cookie,
					   struct dma_tx_state *state)
{
	enum dma_status status = stub_conformant_ops.tx_status(chan, cookie, NULL);

	if (status == DMA_COMPLETE)
		return status;
	return stub_conformant_ops.tx_status(chan, cookie, state);
}

static enum dma_status leave_in_flight(struct dma_chan *chan, dma_cookie_t cookie,
				       struct dma_tx_state *state)
{
	u32 in_flight = state ? state->in_flight_bytes : 0;
	enum dma_status status = stub_conformant_ops.tx_status(chan, cookie, state);

	dma_set_in_flight_bytes(state, in_flight);
	return status;
}

static enum dma_status swap_last_used(struct dma_chan *chan, dma_cookie_t cookie,
				      struct dma_tx_state *state)
{
	enum dma_status status = stub_conformant_ops.tx_status(chan, cookie, state);

	if (state)
		swap(state->last, state->used);
	return status;
}

/* The counter of remaining bytes has a unit of 8, so it shows 0 a little early. */
static enum dma_status complete_at_zero(struct dma_chan *chan, dma_cookie_t cookie,
					struct dma_tx_state *state)
{
	struct stub_chan *sc = to_stub_chan(chan);
	enum dma_status status = stub_conformant_ops.tx_status(chan, cookie, state);
	struct stub_desc *desc;
	unsigned long irqflags;

	spin_lock_irqsave(&sc->lock, irqflags);
	desc = running(sc);
	if (desc && desc->tx.cookie == cookie && (desc->len - desc->done) / 8 == 0)
		status = DMA_COMPLETE;
	spin_unlock_irqrestore(&sc->lock, irqflags);
	return status;
}

/* Reading the position makes the engine start over with its present burst. */
static enum dma_status hold_up_engine(struct dma_chan *chan, dma_cookie_t cookie,
				      struct dma_tx_state *state)
{
	struct stub_chan *sc = to_stub_chan(chan);
	enum dma_status status = stub_conformant_ops.tx_status(chan, cookie, state);

	if (status == DMA_IN_PROGRESS && hrtimer_is_queued(&sc->timer))
		hrtimer_start(&sc->timer, 20 * NSEC_PER_MSEC, HRTIMER_MODE_REL_HARD);
	return status;
}

static void claim_no_order(struct stub_dev *sdev)
{
	dma_cap_set(DMA_COMPLETION_NO_ORDER, sdev->dma.cap_mask);
}

static enum dma_status out_of_order_behind(struct dma_chan *chan, dma_cookie_t cookie,
					   struct dma_tx_state *state)
{
	struct stub_chan *sc = to_stub_chan(chan);
	enum dma_status status = stub_conformant_ops.tx_status(chan, cookie, state);
	struct stub_desc *desc;
	unsigned long irqflags;

	spin_lock_irqsave(&sc->lock, irqflags);
	desc = running(sc);
	if (desc && status == DMA_IN_PROGRESS && desc->tx.cookie != cookie)
		status = DMA_OUT_OF_ORDER;
	spin_unlock_irqrestore(&sc->lock, irqflags);
	return status;
}

/* The engine is stopped to read its position, and the way out forgets to start it. */
static enum dma_status stop_for_unknown(struct dma_chan *chan, dma_cookie_t cookie,
					struct dma_tx_state *state)
{
	struct stub_chan *sc = to_stub_chan(chan);
	enum dma_status status = stub_conformant_ops.tx_status(chan, cookie, state);
	unsigned long irqflags;

	spin_lock_irqsave(&sc->lock, irqflags);
	if (status == DMA_IN_PROGRESS && dma_cookie_status(chan, cookie, NULL) == status &&
	    !stub_find(sc, cookie))
		sc->paused = true;
	spin_unlock_irqrestore(&sc->lock, irqflags);
	return status;
}

static void complete_with_interrupt(struct stub_chan *sc, struct stub_desc *desc)
{
	if (desc->tx.flags & DMA_PREP_INTERRUPT)
		dma_cookie_complete(&desc->tx);
	list_move_tail(&desc->node, &sc->done);
	tasklet_schedule(&sc->callbacks);
}

/* The engine is not busy yet, so it must be paused. */
static enum dma_status paused_before_start(struct dma_chan *chan, dma_cookie_t cookie,
					   struct dma_tx_state *state)
{
	struct stub_chan *sc = to_stub_chan(chan);
	enum dma_status status = stub_conformant_ops.tx_status(chan, cookie, state);

	if (status == DMA_IN_PROGRESS && hrtimer_is_queued(&sc->timer))
		status = DMA_PAUSED;
	return status;
}

const struct stub_fault stub_status_faults[] = {
	STUB_FAULT(status_forgets_old, "status.complete",
		   "while the channel is busy, only the last few transfers are known to be complete",
		   .tx_status = forget_old),
	STUB_FAULT(status_by_place, "status.complete",
		   "the transfer that runs is confused with one that was 64 before it",
		   .tx_status = status_by_place),
	STUB_FAULT(status_unissued_complete, "status.in_progress",
		   "a transfer that is not issued yet is reported complete",
		   .tx_status = look_at_issued_only),
	STUB_FAULT(status_of_running, "status.by_cookie",
		   "the answer is about the transfer that runs, whatever was asked for",
		   .tx_status = status_of_running),
	STUB_FAULT(status_residue_of_running, "status.by_cookie",
		   "the residue is that of the transfer that runs",
		   .residue = residue_of_running),
	STUB_FAULT(status_irqs_on, "status.call_ctx",
		   "tx_status switches interrupts on when it drops its lock",
		   .tx_status = switch_irqs_on),
	STUB_FAULT(status_insists_on_state, "status.call_ctx",
		   "asking for an unfinished transfer without a state is answered with an error",
		   .tx_status = insist_on_state),
	STUB_FAULT(status_leaves_state, "status.fills_state",
		   "the state is left alone when the transfer is complete",
		   .tx_status = leave_when_complete),
	STUB_FAULT(status_leaves_in_flight, "status.fills_state",
		   "in_flight_bytes is never written",
		   .tx_status = leave_in_flight),
	STUB_FAULT(status_swaps_last_used, "status.last_used",
		   "last and used are exchanged",
		   .tx_status = swap_last_used),
	STUB_FAULT(status_complete_at_zero, "status.passive",
		   "a residue that rounds down to 0 is taken for the end",
		   .tx_status = complete_at_zero),
	STUB_FAULT(status_holds_up_engine, "status.passive",
		   "every question delays the transfer, so that asking without a pause stops it",
		   .tx_status = hold_up_engine),
	STUB_FAULT_SETUP(status_no_order_unsaid, "status.out_of_order",
			 "the provider claims DMA_COMPLETION_NO_ORDER and answers by cookie",
			 claim_no_order),
	STUB_FAULT(status_out_of_order_behind, "status.out_of_order",
		   "what waits behind another transfer is reported out of order",
		   .tx_status = out_of_order_behind),
	STUB_FAULT(status_stops_for_unknown, "status.after_term",
		   "asking for an aborted transfer leaves the engine stopped",
		   .tx_status = stop_for_unknown),
	STUB_FAULT(status_needs_interrupt, "status.poll_no_int",
		   "completion is recorded only for transfers that raise an interrupt",
		   .complete = complete_with_interrupt),
	STUB_FAULT(status_paused_before_start, "status.sync_wait",
		   "a transfer that the engine has not taken up yet is reported paused",
		   .tx_status = paused_before_start),
	{}
};
