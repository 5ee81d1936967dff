// SPDX-License-Identifier: GPL-2.0-only
/* Faults: issuing what was submitted. */
#include <linux/slab.h>

#include "faults.h"
#include "steps.h"

static void issue_one(struct stub_chan *sc)
{
	if (!list_empty(&sc->submitted))
		list_move_tail(sc->submitted.next, &sc->issued);
}

static void ignore_when_busy(struct stub_chan *sc)
{
	if (list_empty(&sc->issued))
		stub_conformant_ops.issue(sc);
}

static void issue_lifo(struct stub_chan *sc)
{
	struct list_head *running = list_empty(&sc->issued) ? NULL : sc->issued.next;

	while (!list_empty(&sc->submitted))
		list_move(sc->submitted.next, running ?: &sc->issued);
}

/* The end of a transfer starts whatever is there, issued or not. */
static void complete_and_issue(struct stub_chan *sc, struct stub_desc *desc)
{
	stub_complete(sc, desc);
	stub_conformant_ops.issue(sc);
}

/* The last descriptor stays where the engine finds it. */
static void keep_last(struct stub_chan *sc, struct stub_desc *desc)
{
	struct stub_desc *last = (void *)sc->fault_data[0];

	sc->fault_data[0] = (unsigned long)desc;
	kfree(last);
}

static void rerun_last(struct stub_chan *sc)
{
	struct stub_desc *last = (void *)sc->fault_data[0];

	if (last && list_empty(&sc->submitted) && list_empty(&sc->issued))
		for (unsigned int i = 0; i < last->nsegs; i++)
			stub_copy(sc, &last->segs[i], 0, last->segs[i].len);
	stub_conformant_ops.issue(sc);
}

static void forget_last(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);

	stub_conformant_ops.free_chan_resources(chan);
	kfree((void *)sc->fault_data[0]);
	sc->fault_data[0] = 0;
}

static void unlock_enables_irqs(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);

	spin_lock_irq(&sc->lock);
	sc->sdev->ops.issue(sc);
	sc->sdev->ops.kick(sc);
	spin_unlock_irq(&sc->lock);
}

/* The tasklet that calls back is thought to start the next one, and does not. */
static void issue_unless_due(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);
	unsigned long irqflags;

	spin_lock_irqsave(&sc->lock, irqflags);
	sc->sdev->ops.issue(sc);
	sc->sdev->ops.power(sc);
	if (list_empty(&sc->done))
		sc->sdev->ops.kick(sc);
	spin_unlock_irqrestore(&sc->lock, irqflags);
}

const struct stub_fault stub_issue_faults[] = {
	STUB_FAULT(issue_one_only, "issue.starts",
		   "each call of issue_pending starts one transfer",
		   .issue = issue_one),
	STUB_FAULT(issue_deaf_when_busy, "issue.while_busy",
		   "issue_pending is ignored while a transfer runs",
		   .issue = ignore_when_busy),
	STUB_FAULT(issue_deaf_when_due, "issue.while_busy",
		   "what is issued between the end of a transfer and its callback is not started",
		   .issue_pending = issue_unless_due),
	STUB_FAULT(issue_lifo, "issue.fifo",
		   "what is issued later goes in front",
		   .issue = issue_lifo),
	STUB_FAULT(issue_all_at_end, "issue.scope",
		   "the end of a transfer starts what was only submitted",
		   .complete = complete_and_issue),
	STUB_FAULT(issue_reruns, "issue.empty_noop",
		   "issue_pending on an idle channel runs the last transfer again",
		   .desc_free = keep_last, .issue = rerun_last,
		   .free_chan_resources = forget_last),
	STUB_FAULT(issue_enables_irqs, "issue.atomic",
		   "issue_pending enables interrupts when it unlocks",
		   .issue_pending = unlock_enables_irqs),
	{}
};
