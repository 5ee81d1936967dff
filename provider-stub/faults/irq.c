// SPDX-License-Identifier: GPL-2.0-only
/* Faults of an interrupt handler, which show when interrupts do not arrive as they should. */
#include "faults.h"
#include "steps.h"

static bool somebody_is_over(struct stub_chan *sc)
{
	struct stub_desc *desc;

	list_for_each_entry(desc, &sc->issued, node)
		if (desc->over)
			return true;
	return false;
}

/* Whose turn it is must be through, as there was an interrupt. */
static void interrupt_ends_first(struct stub_chan *sc)
{
	struct stub_desc *desc = list_first_entry_or_null(&sc->issued, struct stub_desc, node);

	if (desc && !somebody_is_over(sc))
		desc->over = true;
	stub_interrupt(sc);
}

/* fault_data[0]: an interrupt had no reason, and the next transfer pays for it. */
static void interrupt_idle_is_error(struct stub_chan *sc)
{
	if (list_empty(&sc->issued))
		sc->fault_data[0] = true;
	stub_interrupt(sc);
}

static void complete_fails_after_idle(struct stub_chan *sc, struct stub_desc *desc)
{
	if (sc->fault_data[0])
		desc->result.result = DMA_TRANS_ABORTED;
	sc->fault_data[0] = false;
	stub_conformant_ops.complete(sc, desc);
}

/* What ended last waits for its callback: it gets another one. */
static void interrupt_calls_back(struct stub_chan *sc)
{
	bool none = !somebody_is_over(sc);

	if (none && !list_empty(&sc->done))
		list_last_entry(&sc->done, struct stub_desc, node)->fault_data = true;
	stub_interrupt(sc);
}

static void deliver_again(struct stub_chan *sc, struct stub_desc *desc)
{
	if (desc->fault_data && desc->tx.callback)
		desc->tx.callback(desc->tx.callback_param);
	stub_conformant_ops.deliver(sc, desc);
}

/* fault_data[0]: when data moved, in ns. */
static ssize_t move_at(struct stub_chan *sc, struct stub_desc *desc, size_t credit)
{
	sc->fault_data[0] = ktime_get_ns();
	return stub_move(sc, desc, credit);
}

/* What was told too late is taken for lost. */
static void interrupt_gives_up(struct stub_chan *sc)
{
	struct stub_desc *desc = list_first_entry_or_null(&sc->issued, struct stub_desc, node);
	unsigned long now = ktime_get_ns();

	if (desc && desc->over && now - sc->fault_data[0] > NSEC_PER_MSEC)
		desc->result.result = DMA_TRANS_ABORTED;
	stub_interrupt(sc);
}

/* fault_data[0]: it is noted as running after it was started; it may have ended by then. */
static void issue_then_busy(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);
	dma_cookie_t before = chan->completed_cookie;

	stub_conformant_ops.issue_pending(chan);
	sc->fault_data[0] |= chan->completed_cookie != before;
}

static ssize_t move_unless_busy(struct stub_chan *sc, struct stub_desc *desc, size_t credit)
{
	return sc->fault_data[0] ? 0 : stub_move(sc, desc, credit);
}

/* fault_data[0]: what was terminated is over, and its interrupt is still to come. */
static int terminate_expects_interrupt(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);

	sc->fault_data[0] |= somebody_is_over(sc);
	return stub_conformant_ops.terminate_all(chan);
}

static void release_expects_none(struct dma_chan *chan)
{
	stub_conformant_ops.free_chan_resources(chan);
	to_stub_chan(chan)->fault_data[0] = false;
}

/* The handler, which will not be called, is to start what comes next. */
static ssize_t move_after_interrupt(struct stub_chan *sc, struct stub_desc *desc, size_t credit)
{
	return sc->fault_data[0] ? 0 : stub_move(sc, desc, credit);
}

static void interrupt_lets_go_on(struct stub_chan *sc)
{
	sc->fault_data[0] = false;
	stub_interrupt(sc);
}

/* The handler takes it for that of the transfer that runs now. */
static void interrupt_of_the_terminated(struct stub_chan *sc)
{
	if (sc->fault_data[0])
		interrupt_ends_first(sc);
	sc->fault_data[0] = false;
	stub_interrupt(sc);
}

const struct stub_fault stub_irq_faults[] = {
	STUB_FAULT(irq_idle_fails_next, "irq.idle",
		   "an interrupt while nothing runs makes the next transfer fail",
		   .interrupt = interrupt_idle_is_error,
		   .complete = complete_fails_after_idle),
	STUB_FAULT(irq_ends_whatever_runs, "irq.spurious",
		   "the interrupt handler ends the transfer that runs without asking the hardware",
		   .interrupt = interrupt_ends_first),
	STUB_FAULT(irq_twice_calls_twice, "irq.twice",
		   "a second interrupt calls the transfer that has just ended back again",
		   .interrupt = interrupt_calls_back,
		   .deliver = deliver_again),
	STUB_FAULT(irq_late_is_failure, "irq.delayed",
		   "a transfer whose interrupt is late is given up, and reported as failed",
		   .move = move_at,
		   .interrupt = interrupt_gives_up),
	STUB_FAULT(irq_at_once_stays_busy, "irq.at_once",
		   "a transfer that ends inside issue_pending is noted as running afterwards",
		   .issue_pending = issue_then_busy,
		   .free_chan_resources = release_expects_none,
		   .move = move_unless_busy),
	STUB_FAULT(irq_lost_stays_busy, "irq.lost",
		   "after terminate_all the channel waits for the interrupt of what was terminated",
		   .terminate_all = terminate_expects_interrupt,
		   .free_chan_resources = release_expects_none,
		   .interrupt = interrupt_lets_go_on,
		   .move = move_after_interrupt),
	STUB_FAULT(irq_late_ends_next, "irq.late",
		   "the interrupt of a transfer that was terminated ends the next one",
		   .terminate_all = terminate_expects_interrupt,
		   .free_chan_resources = release_expects_none,
		   .interrupt = interrupt_of_the_terminated),
	{}
};
