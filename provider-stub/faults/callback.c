// SPDX-License-Identifier: GPL-2.0-only
/* Faults: completion callbacks. */
#include "dmaengine.h"
#include "faults.h"
#include "steps.h"

/* Transfers that are done together share the callback of the first. */
static void coalesce(struct stub_chan *sc, struct stub_desc *desc)
{
	desc->fault_data = !list_empty(&sc->done);
	stub_complete(sc, desc);
}

static void deliver_first_only(struct stub_chan *sc, struct stub_desc *desc)
{
	if (!desc->fault_data)
		stub_deliver(sc, desc);
}

/* Every sixteenth. */
static void mark_some(struct stub_chan *sc, struct stub_desc *desc)
{
	desc->fault_data = desc->tx.cookie % 16 == 15;
	stub_complete(sc, desc);
}

static void deliver_twice(struct stub_chan *sc, struct stub_desc *desc)
{
	stub_deliver(sc, desc);
	if (desc->fault_data)
		stub_deliver(sc, desc);
}

/* Straight from where the end was noticed, which is the timer's interrupt. */
static void deliver_at_once(struct stub_chan *sc, struct stub_desc *desc)
{
	dma_cookie_complete(&desc->tx);
	list_del_init(&desc->node);
	spin_unlock(&sc->lock);
	stub_deliver(sc, desc);
	sc->sdev->ops.desc_free(sc, desc);
	spin_lock(&sc->lock);
}

static void issue_and_finish(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);
	struct stub_desc *desc;
	unsigned long irqflags;
	LIST_HEAD(done);

	stub_conformant_ops.issue_pending(chan);
	/* A callback that issues would end up here again and again. */
	if (sc->credits == STUB_CREDITS_MANUAL || sc->fault_data[0])
		return;
	sc->fault_data[0] = true;
	spin_lock_irqsave(&sc->lock, irqflags);
	stub_engine_advance(sc, SIZE_MAX);
	list_splice_init(&sc->done, &done);
	spin_unlock_irqrestore(&sc->lock, irqflags);
	list_for_each_entry(desc, &done, node)
		stub_deliver(sc, desc);
	stub_free_list(sc, &done);
	sc->fault_data[0] = false;
}

static void deliver_locked(struct stub_chan *sc, struct stub_desc *desc)
{
	unsigned long irqflags;

	spin_lock_irqsave(&sc->lock, irqflags);
	stub_deliver(sc, desc);
	spin_unlock_irqrestore(&sc->lock, irqflags);
}

static void deliver_no_result(struct stub_chan *sc, struct stub_desc *desc)
{
	if (desc->tx.callback_result)
		desc->tx.callback_result(desc->tx.callback_param, NULL);
	else
		stub_deliver(sc, desc);
}

static void deliver_both(struct stub_chan *sc, struct stub_desc *desc)
{
	if (desc->tx.callback_result && desc->tx.callback)
		desc->tx.callback(desc->tx.callback_param);
	stub_deliver(sc, desc);
}

/* The last bytes of a transfer are written when its callback has run. */
static int copy_but_the_end(struct stub_chan *sc, const struct stub_seg *seg, size_t off,
			    size_t len)
{
	if (seg->dst.port || off + len != seg->len)
		return stub_copy(sc, seg, off, len);
	return len > 1 ? stub_copy(sc, seg, off, len - 1) : 0;
}

static void deliver_then_end(struct stub_chan *sc, struct stub_desc *desc)
{
	unsigned long irqflags;

	stub_deliver(sc, desc);
	spin_lock_irqsave(&sc->lock, irqflags);
	for (unsigned int i = 0; i < desc->nsegs; i++)
		if (!desc->segs[i].dst.port)
			stub_copy(sc, &desc->segs[i], desc->segs[i].len - 1, 1);
	spin_unlock_irqrestore(&sc->lock, irqflags);
}

static void complete_later(struct stub_chan *sc, struct stub_desc *desc)
{
	list_move_tail(&desc->node, &sc->done);
	tasklet_schedule(&sc->callbacks);
}

static void deliver_then_complete(struct stub_chan *sc, struct stub_desc *desc)
{
	unsigned long irqflags;

	stub_deliver(sc, desc);
	spin_lock_irqsave(&sc->lock, irqflags);
	dma_cookie_complete(&desc->tx);
	spin_unlock_irqrestore(&sc->lock, irqflags);
}

static void done_lifo(struct stub_chan *sc, struct stub_desc *desc)
{
	stub_complete(sc, desc);
	list_move(&desc->node, &sc->done);
}

const struct stub_fault stub_callback_faults[] = {
	STUB_FAULT(cb_coalesced, "cb.once",
		   "transfers that end together get one callback",
		   .complete = coalesce, .deliver = deliver_first_only),
	STUB_FAULT(cb_twice, "cb.once",
		   "every sixteenth transfer is called back twice",
		   .complete = mark_some, .deliver = deliver_twice),
	STUB_FAULT(cb_in_hardirq, "cb.context",
		   "callbacks run in the interrupt that notices the end",
		   .complete = deliver_at_once),
	STUB_FAULT(cb_inline, "cb.not_inline",
		   "issue_pending finishes the transfer and calls back before it returns",
		   .issue_pending = issue_and_finish),
	STUB_FAULT(cb_locked, "cb.no_lock",
		   "callbacks run under the channel's lock",
		   .deliver = deliver_locked),
	STUB_FAULT(cb_null_result, "cb.result",
		   "callback_result is called without a result",
		   .deliver = deliver_no_result),
	STUB_FAULT(cb_both, "cb.result",
		   "callback is called as well as callback_result",
		   .deliver = deliver_both),
	STUB_FAULT(cb_before_data, "cb.after_data",
		   "the last byte is written after the callback",
		   .copy = copy_but_the_end, .deliver = deliver_then_end),
	STUB_FAULT(cb_before_cookie, "cb.after_cookie",
		   "the cookie completes after the callback",
		   .complete = complete_later, .deliver = deliver_then_complete),
	STUB_FAULT(cb_lifo, "cb.order",
		   "of transfers that end together the last is called back first",
		   .complete = done_lifo),
	{}
};
