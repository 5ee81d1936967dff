// SPDX-License-Identifier: GPL-2.0-only
/* Faults of public use. */
#include <linux/mutex.h>

#include "dmaengine.h"
#include "faults.h"
#include "steps.h"

static int alloc_for_private_only(struct dma_chan *chan)
{
	if (!dma_has_cap(DMA_PRIVATE, chan->device->cap_mask))
		return -EBUSY;
	return stub_conformant_ops.alloc_chan_resources(chan);
}

static DEFINE_MUTEX(power_lock);

static void issue_powers_down(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);

	/* A look at the lists is all that it takes to find out that it sleeps. */
	if (list_empty(&sc->submitted)) {
		mutex_lock(&power_lock);
		mutex_unlock(&power_lock);
	}
	stub_conformant_ops.issue_pending(chan);
}

static void deliver_and_forget(struct stub_chan *sc, struct stub_desc *desc)
{
	struct dmaengine_desc_callback cb;

	dmaengine_desc_get_callback(&desc->tx, &cb);
	dma_descriptor_unmap(&desc->tx);
	dmaengine_desc_callback_invoke(&cb, &desc->result);
}

static struct dma_async_tx_descriptor *prepared_and_acked(struct stub_chan *sc,
							  struct stub_desc *desc,
							  unsigned long flags)
{
	return stub_conformant_ops.prepared(sc, desc, flags | DMA_CTRL_ACK);
}

const struct stub_fault stub_pub_faults[] = {
	STUB_FAULT(alloc_refuses_public, "pub.find",
		   "alloc_chan_resources serves private clients only, and the provider is not DMA_PRIVATE",
		   .alloc_chan_resources = alloc_for_private_only),
	STUB_FAULT(issue_locks_when_idle, "pub.issue_all",
		   "issue_pending takes a mutex when nothing was submitted",
		   .issue_pending = issue_powers_down),
	STUB_FAULT(deps_forgotten, "pub.run_deps",
		   "What depends on a transfer is never submitted",
		   .deliver = deliver_and_forget),
	STUB_FAULT(prep_acknowledges, "pub.async_tx",
		   "prep sets DMA_CTRL_ACK by itself",
		   .prepared = prepared_and_acked),
	{}
};
