// SPDX-License-Identifier: GPL-2.0-only
/* Faults: pause and resume. */
#include "faults.h"
#include "steps.h"

/* The transfer that runs, locked. */
static struct stub_desc *running(struct stub_chan *sc)
{
	return list_first_entry_or_null(&sc->issued, struct stub_desc, node);
}

/* fault_data[0]: a pause is asked for; it begins when the segment has been moved. */
static int pause_after_segment(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);
	struct stub_desc *desc;
	unsigned long irqflags;

	spin_lock_irqsave(&sc->lock, irqflags);
	desc = running(sc);
	if (desc && desc->seg_done)
		sc->fault_data[0] = true;
	else
		sc->paused = true;
	spin_unlock_irqrestore(&sc->lock, irqflags);
	return 0;
}

static ssize_t move_to_pause(struct stub_chan *sc, struct stub_desc *desc, size_t credit)
{
	if (!sc->fault_data[0] || desc->seg_done)
		return stub_move(sc, desc, credit);
	sc->fault_data[0] = false;
	sc->paused = true;
	return 0;
}

static enum dma_status paused_when_asked_for(struct dma_chan *chan, dma_cookie_t cookie,
					     struct dma_tx_state *state)
{
	struct stub_chan *sc = to_stub_chan(chan);
	enum dma_status status = stub_conformant_ops.tx_status(chan, cookie, state);
	unsigned long irqflags;

	spin_lock_irqsave(&sc->lock, irqflags);
	if (sc->fault_data[0] && running(sc) && running(sc)->tx.cookie == cookie)
		status = DMA_PAUSED;
	spin_unlock_irqrestore(&sc->lock, irqflags);
	return status;
}

static int resume_segment(struct dma_chan *chan)
{
	to_stub_chan(chan)->fault_data[0] = false;
	return stub_conformant_ops.resume(chan);
}

static int terminate_segment(struct dma_chan *chan)
{
	to_stub_chan(chan)->fault_data[0] = false;
	return stub_conformant_ops.terminate_all(chan);
}

/* The segment's length and address are loaded again. */
static int resume_from_segment_start(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);
	struct stub_desc *desc;
	unsigned long irqflags;

	spin_lock_irqsave(&sc->lock, irqflags);
	desc = running(sc);
	if (sc->paused && desc) {
		desc->done -= desc->seg_done;
		desc->seg_done = 0;
	}
	spin_unlock_irqrestore(&sc->lock, irqflags);
	return stub_conformant_ops.resume(chan);
}

static enum dma_status never_paused(struct dma_chan *chan, dma_cookie_t cookie,
				    struct dma_tx_state *state)
{
	enum dma_status status = stub_conformant_ops.tx_status(chan, cookie, state);

	return status == DMA_PAUSED ? DMA_IN_PROGRESS : status;
}

/* fault_data[0]: cookie of the transfer that was paused once. */
static int remember_paused(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);
	unsigned long irqflags;

	spin_lock_irqsave(&sc->lock, irqflags);
	sc->fault_data[0] = running(sc) ? running(sc)->tx.cookie : 0;
	spin_unlock_irqrestore(&sc->lock, irqflags);
	return stub_conformant_ops.pause(chan);
}

static enum dma_status paused_for_ever(struct dma_chan *chan, dma_cookie_t cookie,
				       struct dma_tx_state *state)
{
	struct stub_chan *sc = to_stub_chan(chan);
	enum dma_status status = stub_conformant_ops.tx_status(chan, cookie, state);

	return status == DMA_IN_PROGRESS && sc->fault_data[0] == cookie ? DMA_PAUSED : status;
}

/* The timer does not know of the pause. */
static void kick_paused(struct stub_chan *sc)
{
	bool paused = sc->paused;

	sc->paused = false;
	stub_kick(sc);
	sc->paused = paused;
}

static enum hrtimer_restart tick_paused(struct hrtimer *timer)
{
	struct stub_chan *sc = container_of(timer, struct stub_chan, timer);
	unsigned long irqflags;
	bool paused;

	spin_lock_irqsave(&sc->lock, irqflags);
	paused = sc->paused;
	sc->paused = false;
	if (sc->credits == STUB_CREDITS_TIMER && stub_engine_advance(sc, sc->tick_bytes))
		stub_kick(sc);
	sc->paused = paused;
	spin_unlock_irqrestore(&sc->lock, irqflags);
	return HRTIMER_NORESTART;
}

/* fault_data[0]: pauses that are not undone. */
static int count_pause(struct dma_chan *chan)
{
	to_stub_chan(chan)->fault_data[0]++;
	return stub_conformant_ops.pause(chan);
}

static int count_resume(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);

	if (sc->fault_data[0] && --sc->fault_data[0])
		return 0;
	return stub_conformant_ops.resume(chan);
}

static int forget_pauses(struct dma_chan *chan)
{
	to_stub_chan(chan)->fault_data[0] = 0;
	return stub_conformant_ops.terminate_all(chan);
}

static void issue_resumes(struct dma_chan *chan)
{
	to_stub_chan(chan)->paused = false;
	stub_conformant_ops.issue_pending(chan);
}

static int terminate_stays_paused(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);
	bool paused = sc->paused;
	int ret = stub_conformant_ops.terminate_all(chan);

	sc->paused = paused;
	return ret;
}

static void release_unpauses(struct dma_chan *chan)
{
	stub_conformant_ops.free_chan_resources(chan);
	to_stub_chan(chan)->paused = false;
}

static void for_all_channels(struct dma_chan *chan, int (*op)(struct dma_chan *chan))
{
	struct stub_dev *sdev = to_stub_chan(chan)->sdev;

	for (unsigned int i = 0; i < sdev->nchans; i++)
		op(&sdev->chans[i].chan);
}

static int pause_all(struct dma_chan *chan)
{
	for_all_channels(chan, stub_conformant_ops.pause);
	return 0;
}

static int resume_all(struct dma_chan *chan)
{
	for_all_channels(chan, stub_conformant_ops.resume);
	return 0;
}

/* fault_data[0]: something was running when it was paused. */
static int pause_what_runs(struct dma_chan *chan)
{
	to_stub_chan(chan)->fault_data[0] = !list_empty(&to_stub_chan(chan)->issued);
	return stub_conformant_ops.pause(chan);
}

/* fault_data[1]: what was issued since then waits for another issue_pending. */
static int resume_what_ran(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);

	if (sc->fault_data[0] || !sc->paused)
		return stub_conformant_ops.resume(chan);
	sc->fault_data[1] = true;
	sc->paused = false;
	return 0;
}

static void kick_unless_deaf(struct stub_chan *sc)
{
	if (!sc->fault_data[1])
		stub_kick(sc);
}

static void issue_undeafens(struct dma_chan *chan)
{
	to_stub_chan(chan)->fault_data[1] = false;
	stub_conformant_ops.issue_pending(chan);
}

static int terminate_undeafens(struct dma_chan *chan)
{
	to_stub_chan(chan)->fault_data[1] = false;
	return stub_conformant_ops.terminate_all(chan);
}

const struct stub_fault stub_pause_faults[] = {
	STUB_FAULT(pause_after_segment, "pause.stops",
		   "pause returns at once, and the engine stops at the end of the segment",
		   .pause = pause_after_segment, .resume = resume_segment,
		   .terminate_all = terminate_segment, .move = move_to_pause,
		   .tx_status = paused_when_asked_for),
	STUB_FAULT(resume_from_segment_start, "pause.stops",
		   "resume moves the segment that was paused from its beginning",
		   .resume = resume_from_segment_start),
	STUB_FAULT(pause_unseen, "pause.status",
		   "a paused transfer is reported in progress",
		   .tx_status = never_paused),
	STUB_FAULT(pause_for_ever, "pause.status",
		   "a transfer that was paused once is reported paused until its end",
		   .pause = remember_paused, .tx_status = paused_for_ever),
	STUB_FAULT(pause_timer_runs, "pause.no_cb",
		   "the engine's timer goes on while the channel is paused",
		   .kick = kick_paused, .tick = tick_paused),
	STUB_FAULT(pause_counts, "pause.edge",
		   "every pause needs a resume of its own",
		   .pause = count_pause, .resume = count_resume,
		   .terminate_all = forget_pauses),
	STUB_FAULT(pause_issue_resumes, "pause.edge",
		   "issue_pending starts a paused channel again",
		   .issue_pending = issue_resumes),
	STUB_FAULT(pause_of_idle_deaf, "pause.edge",
		   "resume starts nothing that was issued after an idle channel was paused",
		   .pause = pause_what_runs, .resume = resume_what_ran,
		   .kick = kick_unless_deaf, .issue_pending = issue_undeafens,
		   .terminate_all = terminate_undeafens),
	STUB_FAULT(pause_hits_all, "pause.per_channel",
		   "pause and resume are for all channels of the device",
		   .pause = pause_all, .resume = resume_all),
	STUB_FAULT(pause_outlives_terminate, "pause.terminate",
		   "the channel is still paused after terminate_all",
		   .terminate_all = terminate_stays_paused,
		   .free_chan_resources = release_unpauses),
	{}
};
