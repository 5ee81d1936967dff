// SPDX-License-Identifier: GPL-2.0-only
/* Faults of personalities that have steps of their own: on virt-dma, and unordered. */
#include "dmaengine.h"
#include "faults.h"
#include "steps.h"

static void virt_no_next(struct stub_chan *sc, struct stub_desc *desc)
{
	list_del_init(&desc->node);
	desc->vd.tx_result = desc->result;
	spin_lock(&sc->vc.lock);
	vchan_cookie_complete(&desc->vd);
	spin_unlock(&sc->vc.lock);
}

static int virt_drops_queue(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);
	unsigned long irqflags;
	LIST_HEAD(aborted);

	/* Whoever releases the channel takes the memory away. */
	if (!sc->held)
		return stub_virt.ops->terminate_all(chan);
	spin_lock_irqsave(&sc->lock, irqflags);
	spin_lock(&sc->vc.lock);
	vchan_get_all_descriptors(&sc->vc, &aborted);
	spin_unlock(&sc->vc.lock);
	sc->paused = false;
	spin_unlock_irqrestore(&sc->lock, irqflags);
	vchan_dma_desc_free_list(&sc->vc, &aborted);
	return 0;
}

static void virt_free(struct dma_chan *chan)
{
	to_stub_chan(chan)->held = false;
	stub_virt.ops->free_chan_resources(chan);
}

/* Only what was issued is looked for, as vchan_find_desc() suggests. */
static int virt_keeps_unissued(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);
	unsigned long irqflags;
	LIST_HEAD(kept);
	int ret;

	spin_lock_irqsave(&sc->vc.lock, irqflags);
	if (sc->held)
		list_splice_tail_init(&sc->vc.desc_submitted, &kept);
	spin_unlock_irqrestore(&sc->vc.lock, irqflags);
	ret = stub_virt.ops->terminate_all(chan);
	spin_lock_irqsave(&sc->vc.lock, irqflags);
	list_splice_tail(&kept, &sc->vc.desc_submitted);
	spin_unlock_irqrestore(&sc->vc.lock, irqflags);
	return ret;
}

static u32 virt_residue_of_issued(struct stub_chan *sc, struct stub_desc *desc)
{
	return list_is_first(&desc->node, &sc->issued) ? desc->len - desc->done : 0;
}

static enum dma_status in_cookie_order(struct dma_chan *chan, dma_cookie_t cookie,
				       struct dma_tx_state *state)
{
	return stub_conformant_ops.tx_status(chan, cookie, state);
}

static void issue_past_fences(struct stub_chan *sc)
{
	struct stub_desc *desc, *next;

	list_for_each_entry_safe(desc, next, &sc->submitted, node)
		list_move(&desc->node, &sc->issued);
}

const struct stub_fault stub_virt_faults[] = {
	STUB_FAULT_OF(virt_no_next, "issue.starts",
		      "on virt-dma, the next descriptor is started by issue_pending only",
		      &stub_virt, .complete = virt_no_next),
	STUB_FAULT_OF(virt_term_not_active, "term.aborts",
		      "on virt-dma, terminate_all empties the queues and forgets what runs",
		      &stub_virt, .terminate_all = virt_drops_queue,
		      .free_chan_resources = virt_free),
	STUB_FAULT_OF(virt_term_not_unissued, "term.unissued",
		      "on virt-dma, terminate_all leaves what was not issued",
		      &stub_virt, .terminate_all = virt_keeps_unissued,
		      .free_chan_resources = virt_free),
	STUB_FAULT_OF(virt_residue_queued, "residue.unstarted",
		      "on virt-dma, what waits behind another transfer has no residue",
		      &stub_virt, .residue = virt_residue_of_issued),
	STUB_FAULT_OF(unordered_says_order, "status.out_of_order",
		      "a provider that completes out of order answers by cookie",
		      &stub_unordered, .tx_status = in_cookie_order),
	STUB_FAULT_OF(unordered_past_fence, "flags.fence",
		      "a provider that completes out of order overtakes a fenced transfer",
		      &stub_unordered, .issue = issue_past_fences),
	{}
};
