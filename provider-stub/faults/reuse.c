// SPDX-License-Identifier: GPL-2.0-only
/* Faults: descriptors that are submitted again. */
#include "dmaengine.h"
#include "faults.h"
#include "steps.h"

static struct dma_async_tx_descriptor *prep_not_freeable(struct dma_chan *chan,
							 struct scatterlist *sgl,
							 unsigned int sg_len,
							 enum dma_transfer_direction dir,
							 unsigned long flags, void *context)
{
	struct dma_async_tx_descriptor *tx =
		stub_prep_slave_sg(chan, sgl, sg_len, dir, flags, context);

	if (tx)
		tx->desc_free = NULL;
	return tx;
}

static void deliver_forgets(struct stub_chan *sc, struct stub_desc *desc)
{
	stub_deliver(sc, desc);
	desc->tx.callback = NULL;
	desc->tx.callback_result = NULL;
}

/* fault_data: times that it was submitted, 2 for more. */
static dma_cookie_t submit_counts(struct dma_async_tx_descriptor *tx)
{
	struct stub_desc *desc = to_stub_desc(tx);

	desc->fault_data = desc->fault_data ? 2 : 1;
	return stub_conformant_ops.tx_submit(tx);
}

/* The position is still at the end. */
static ssize_t move_first_time(struct stub_chan *sc, struct stub_desc *desc, size_t credit)
{
	if (desc->fault_data < 2)
		return stub_move(sc, desc, credit);
	desc->done = desc->len;
	stub_engine_end(sc, desc, DMA_TRANS_NOERROR);
	return 0;
}

/* fault_data: its first cookie. */
static dma_cookie_t submit_with_old_cookie(struct dma_async_tx_descriptor *tx)
{
	struct stub_desc *desc = to_stub_desc(tx);
	dma_cookie_t cookie = stub_conformant_ops.tx_submit(tx);

	if (cookie < 0)
		return cookie;
	if (!desc->fault_data)
		desc->fault_data = cookie;
	tx->cookie = desc->fault_data;
	return tx->cookie;
}

/* Not the running one's: what the queue behind it was given is completed too. */
static void complete_by_old_cookie(struct stub_chan *sc, struct stub_desc *desc)
{
	dma_cookie_t newest = sc->chan.completed_cookie;

	stub_complete(sc, desc);
	sc->chan.completed_cookie = max(newest, sc->chan.completed_cookie);
}

/* The result of the last time is kept. */
static void complete_with_old_result(struct stub_chan *sc, struct stub_desc *desc)
{
	if (dmaengine_desc_test_reuse(&desc->tx)) {
		if (desc->fault_data)
			desc->result.residue = desc->len;
		desc->fault_data = true;
	}
	stub_complete(sc, desc);
}

/* A descriptor that ended is as good as a new one. */
static struct stub_desc *alloc_from_ended(struct stub_chan *sc, unsigned int nsegs)
{
	struct stub_desc *desc, *found = NULL;
	unsigned long irqflags;

	spin_lock_irqsave(&sc->lock, irqflags);
	list_for_each_entry(desc, &sc->prepared, node)
		if (dmaengine_desc_test_reuse(&desc->tx) && desc->fault_data &&
		    desc->nsegs == nsegs)
			found = desc;
	if (found)
		list_del_init(&found->node);
	spin_unlock_irqrestore(&sc->lock, irqflags);
	if (!found)
		return stub_conformant_ops.desc_alloc(sc, nsegs);
	memset(&found->tx, 0, sizeof(found->tx));
	found->fault_data = 0;
	return found;
}

const struct stub_fault stub_reuse_faults[] = {
	STUB_FAULT(reuse_not_freeable, "reuse.gate",
		   "descriptor reuse is advertised, and descriptors cannot be freed",
		   .prep_slave_sg = prep_not_freeable),
	STUB_FAULT(reuse_forgets_callback, "reuse.resubmit",
		   "the callback is cleared at completion",
		   .deliver = deliver_forgets),
	STUB_FAULT(reuse_moves_once, "reuse.resubmit",
		   "a descriptor that is submitted again completes without moving data",
		   .tx_submit = submit_counts, .move = move_first_time),
	STUB_FAULT(reuse_old_cookie, "reuse.resubmit",
		   "a descriptor that is submitted again has its first cookie",
		   .tx_submit = submit_with_old_cookie, .complete = complete_by_old_cookie),
	STUB_FAULT(reuse_old_result, "reuse.resubmit",
		   "the residue in the result of a descriptor that is submitted again is stale",
		   .complete = complete_with_old_result),
	STUB_FAULT(reuse_recycled, "reuse.lifetime",
		   "a descriptor that ended is given out again though its client keeps it",
		   .tx_submit = submit_counts, .desc_alloc = alloc_from_ended),
	{}
};
