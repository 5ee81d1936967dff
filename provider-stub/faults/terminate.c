// SPDX-License-Identifier: GPL-2.0-only
/* Faults: control from atomic context, termination and synchronisation. */
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "faults.h"
#include "steps.h"

static void nothing(struct work_struct *work)
{
}

static DECLARE_WORK(stub_idle_work, nothing);

static int terminate_sleeps(struct dma_chan *chan)
{
	cancel_work_sync(&stub_idle_work);
	return stub_conformant_ops.terminate_all(chan);
}

/* Leave the list's first descriptor out of what terminate sees. */
static int terminate_all_but(struct dma_chan *chan, struct list_head *from)
{
	struct stub_chan *sc = to_stub_chan(chan);
	struct stub_desc *kept = NULL;
	unsigned long irqflags;
	int ret;

	spin_lock_irqsave(&sc->lock, irqflags);
	kept = list_first_entry_or_null(from, struct stub_desc, node);
	if (kept)
		list_del_init(&kept->node);
	spin_unlock_irqrestore(&sc->lock, irqflags);
	ret = stub_conformant_ops.terminate_all(chan);
	spin_lock_irqsave(&sc->lock, irqflags);
	if (kept)
		list_add(&kept->node, from);
	spin_unlock_irqrestore(&sc->lock, irqflags);
	return ret;
}

static int terminate_lets_finish(struct dma_chan *chan)
{
	return terminate_all_but(chan, &to_stub_chan(chan)->issued);
}

static int terminate_when_busy(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);

	if (list_empty(&sc->issued))
		return 0;
	return stub_conformant_ops.terminate_all(chan);
}

static int terminate_calls_back(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);
	unsigned long irqflags;
	LIST_HEAD(aborted);
	int ret;

	spin_lock_irqsave(&sc->lock, irqflags);
	list_splice_tail_init(&sc->issued, &aborted);
	spin_unlock_irqrestore(&sc->lock, irqflags);
	ret = stub_conformant_ops.terminate_all(chan);
	spin_lock_irqsave(&sc->lock, irqflags);
	list_splice_tail_init(&aborted, &sc->done);
	tasklet_schedule(&sc->callbacks);
	spin_unlock_irqrestore(&sc->lock, irqflags);
	return ret;
}

static int terminate_not_in_callback(struct dma_chan *chan)
{
	return in_serving_softirq() ? 0 : stub_conformant_ops.terminate_all(chan);
}

static int terminate_idle_fails(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);
	bool idle = list_empty(&sc->issued) && list_empty(&sc->submitted);
	int ret = stub_conformant_ops.terminate_all(chan);

	return idle ? -EINVAL : ret;
}

static int terminate_stays_busy(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);

	if (!list_empty(&sc->issued))
		sc->fault_data[0] = true;
	return stub_conformant_ops.terminate_all(chan);
}

static void kick_unless_busy(struct stub_chan *sc)
{
	if (!sc->fault_data[0])
		stub_kick(sc);
}

static void free_forgets(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);

	stub_conformant_ops.free_chan_resources(chan);
	sc->fault_data[0] = 0;
}

/* The aborted transfer's last tick takes the next one for its own. */
static ssize_t move_stale_tick(struct stub_chan *sc, struct stub_desc *desc, size_t credit)
{
	if (!sc->fault_data[0])
		return stub_move(sc, desc, credit);
	sc->fault_data[0] = false;
	stub_engine_end(sc, desc, DMA_TRANS_NOERROR);
	return 0;
}

static void synchronize_stops_ticks(struct dma_chan *chan)
{
	to_stub_chan(chan)->fault_data[0] = false;
	stub_conformant_ops.synchronize(chan);
}

/* What is left of an aborted transfer is moved by the engine's next wake-up. */
static int terminate_keeps_copying(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);
	struct stub_desc *desc;
	struct stub_seg *seg;

	desc = list_first_entry_or_null(&sc->issued, struct stub_desc, node);
	if (desc && desc->done && !sc->fault_data[0]) {
		seg = kmemdup(&desc->segs[desc->seg], sizeof(*seg), GFP_ATOMIC);
		sc->fault_data[0] = (unsigned long)seg;
		sc->fault_data[1] = false;
	}
	return stub_conformant_ops.terminate_all(chan);
}

static void kick_copies_late(struct stub_chan *sc)
{
	struct stub_seg *seg = (void *)sc->fault_data[0];

	if (seg && sc->fault_data[1]) {
		sc->fault_data[0] = 0;
		stub_copy(sc, seg, 0, seg->len);
		kfree(seg);
	}
	stub_kick(sc);
}

static void synchronize_misses_copy(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);

	stub_conformant_ops.synchronize(chan);
	sc->fault_data[1] = true;
}

static void free_drops_copy(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);

	kfree((void *)sc->fault_data[0]);
	sc->fault_data[0] = 0;
	stub_conformant_ops.free_chan_resources(chan);
}

/* Callbacks come from a work item that synchronize does not know. */
struct late_callback {
	struct work_struct work;
	struct dma_async_tx_descriptor tx;
	struct dmaengine_result result;
};

static void call_late(struct work_struct *work)
{
	struct late_callback *late = container_of(work, struct late_callback, work);

	local_bh_disable();
	if (late->tx.callback_result)
		late->tx.callback_result(late->tx.callback_param, &late->result);
	else if (late->tx.callback)
		late->tx.callback(late->tx.callback_param);
	local_bh_enable();
	kfree(late);
}

static void deliver_by_work(struct stub_chan *sc, struct stub_desc *desc)
{
	struct late_callback *late = kzalloc(sizeof(*late), GFP_ATOMIC);

	if (!late)
		return;
	late->tx = desc->tx;
	late->result = desc->result;
	INIT_WORK(&late->work, call_late);
	schedule_work(&late->work);
}

const struct stub_fault stub_terminate_faults[] = {
	STUB_FAULT(term_sleeps, "ctl.atomic",
		   "terminate_all waits for a work item",
		   .terminate_all = terminate_sleeps),
	STUB_FAULT(term_lets_finish, "term.aborts",
		   "terminate_all drops the queue and lets the running transfer finish",
		   .terminate_all = terminate_lets_finish),
	STUB_FAULT(term_only_busy, "term.unissued",
		   "terminate_all returns early when nothing runs",
		   .terminate_all = terminate_when_busy),
	STUB_FAULT(term_calls_back, "term.no_cb",
		   "terminated transfers are called back",
		   .terminate_all = terminate_calls_back),
	STUB_FAULT(term_not_in_cb, "term.in_cb",
		   "terminate_all does nothing inside a callback",
		   .terminate_all = terminate_not_in_callback),
	STUB_FAULT(term_idle_error, "term.idle",
		   "terminate_all fails when nothing runs",
		   .terminate_all = terminate_idle_fails),
	STUB_FAULT(term_stays_busy, "term.reusable",
		   "terminate_all of a running transfer leaves the channel marked busy",
		   .terminate_all = terminate_stays_busy, .kick = kick_unless_busy,
		   .free_chan_resources = free_forgets),
	STUB_FAULT(term_stale_tick, "term.async_restart",
		   "the last tick of a terminated transfer completes the next one",
		   .terminate_all = terminate_stays_busy, .move = move_stale_tick,
		   .synchronize = synchronize_stops_ticks, .free_chan_resources = free_forgets),
	STUB_FAULT(sync_copies_late, "sync.no_dma",
		   "a terminated transfer is still copied after synchronize",
		   .terminate_all = terminate_keeps_copying, .kick = kick_copies_late,
		   .synchronize = synchronize_misses_copy, .free_chan_resources = free_drops_copy),
	STUB_FAULT(sync_misses_callbacks, "sync.no_cb",
		   "synchronize does not wait for the work that calls back",
		   .deliver = deliver_by_work),
	{}
};
