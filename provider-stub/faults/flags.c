// SPDX-License-Identifier: GPL-2.0-only
/* Faults: flags of descriptors. */
#include "faults.h"
#include "steps.h"

/* fault_data[0]: the interrupt that would have started the next one was not raised. */
static void complete_silently(struct stub_chan *sc, struct stub_desc *desc)
{
	sc->fault_data[0] = !(desc->tx.flags & DMA_PREP_INTERRUPT);
	stub_complete(sc, desc);
}

static ssize_t move_after_interrupt(struct stub_chan *sc, struct stub_desc *desc, size_t credit)
{
	return sc->fault_data[0] ? 0 : stub_move(sc, desc, credit);
}

/* An engine that is idle is started by hand. */
static void issue_to_idle(struct stub_chan *sc)
{
	if (list_empty(&sc->issued))
		sc->fault_data[0] = false;
	stub_conformant_ops.issue(sc);
}

static void deliver_and_ack(struct stub_chan *sc, struct stub_desc *desc)
{
	stub_deliver(sc, desc);
	async_tx_ack(&desc->tx);
}

static struct dma_async_tx_descriptor *prepared_not_acked(struct stub_chan *sc,
							  struct stub_desc *desc,
							  unsigned long flags)
{
	return stub_conformant_ops.prepared(sc, desc, flags & ~DMA_CTRL_ACK);
}

/* A second engine takes the next copy while the first one does what was fenced. */
static ssize_t move_beside_fenced(struct stub_chan *sc, struct stub_desc *desc, size_t credit)
{
	struct stub_desc *next = list_next_entry(desc, node);
	size_t len = min(credit, desc->segs[desc->seg].len - desc->seg_done);

	if (desc->tx.flags & DMA_PREP_FENCE && !list_is_last(&desc->node, &sc->issued) &&
	    !next->fault_data) {
		stub_copy(sc, &next->segs[0], 0, next->segs[0].len);
		next->fault_data = true;
	}
	return desc->fault_data ? len : stub_move(sc, desc, credit);
}

const struct stub_fault stub_flags_faults[] = {
	STUB_FAULT(queue_needs_interrupt, "flags.int_last_only",
		   "only the interrupt of a transfer starts the one behind it",
		   .complete = complete_silently, .move = move_after_interrupt,
		   .issue = issue_to_idle),
	STUB_FAULT(descriptor_not_held, "flags.ack_hold",
		   "a descriptor is given back after its callback, acknowledged or not",
		   .deliver = deliver_and_ack),
	STUB_FAULT(ack_not_noted, "flags.ack_kept",
		   "a descriptor does not say that it was prepared with DMA_CTRL_ACK",
		   .prepared = prepared_not_acked),
	STUB_FAULT(fence_ignored, "flags.fence",
		   "the copy after a fence runs beside the one before it",
		   .move = move_beside_fenced),
	{}
};
