// SPDX-License-Identifier: GPL-2.0-only
/* Faults of channel allocation and release. */
#include <linux/sched.h>

#include "faults.h"

#define FEW_DESCS	512

static int alloc_offers_xor(struct dma_chan *chan)
{
	dma_cap_set(DMA_XOR, chan->device->cap_mask);
	return stub_conformant_ops.alloc_chan_resources(chan);
}

static void free_takes_xor(struct dma_chan *chan)
{
	stub_conformant_ops.free_chan_resources(chan);
	dma_cap_clear(DMA_XOR, chan->device->cap_mask);
}

/* The entry behind the last is what an older board had: no such channel here. */
static const struct dma_slave_map stale_map[] = {
	{ "dmaconf-client", "tx", (void *)0 },
	{ "dmaconf-client", "rx", (void *)1 },
	{ "dmaconf-client", "aux", (void *)~0ul },
};

static void map_counts_too_far(struct stub_dev *sdev)
{
	if (!sdev->dma.filter.mapcnt)
		return;
	sdev->dma.filter.map = stale_map;
	sdev->dma.filter.mapcnt = ARRAY_SIZE(stale_map);
}

static int terminate_hits_all(struct dma_chan *chan)
{
	struct stub_dev *sdev = to_stub_chan(chan)->sdev;

	for (unsigned int i = 0; i < sdev->nchans; i++)
		stub_conformant_ops.terminate_all(&sdev->chans[i].chan);
	return 0;
}

static bool filter_asks_nobody(struct dma_chan *chan, void *param)
{
	struct stub_chan *sc = to_stub_chan(chan);

	return sc->sdev->kind == &stub_slave && sc->chan.chan_id == (uintptr_t)param;
}

static int alloc_keeps_device(struct dma_chan *chan)
{
	int ret = stub_conformant_ops.alloc_chan_resources(chan);

	if (!ret)
		get_device(chan->device->dev);
	return ret;
}

static bool filter_no(struct dma_chan *chan, void *param)
{
	return false;
}

/* In the core's own call it would hang for ever, and nothing else could be seen. */
static int alloc_looks_for_helper(struct dma_chan *chan)
{
	dma_cap_mask_t mask;

	dma_cap_zero(mask);
	if (current->flags & PF_WQ_WORKER)
		dma_request_channel(mask, filter_no, NULL);
	return stub_conformant_ops.alloc_chan_resources(chan);
}

/* fault_data[0]: taken; who finds it so takes it back, for those who come after */
static int alloc_leaks_on_error(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);
	int ret;

	if (sc->fault_data[0]) {
		sc->fault_data[0] = false;
		return -EBUSY;
	}
	ret = stub_conformant_ops.alloc_chan_resources(chan);
	sc->fault_data[0] = ret == -ENOMEM;
	return ret;
}

static int alloc_hides_error(struct dma_chan *chan)
{
	int ret = stub_conformant_ops.alloc_chan_resources(chan);

	return ret == -ENOMEM ? 0 : ret;
}

static int alloc_says_enodev(struct dma_chan *chan)
{
	int ret = stub_conformant_ops.alloc_chan_resources(chan);

	return ret == -ENOMEM ? -ENODEV : ret;
}

static void free_makes_public(struct dma_chan *chan)
{
	stub_conformant_ops.free_chan_resources(chan);
	dma_cap_clear(DMA_PRIVATE, chan->device->cap_mask);
}

static void free_keeps_submitted(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);
	unsigned long irqflags;
	LIST_HEAD(kept);

	spin_lock_irqsave(&sc->lock, irqflags);
	list_splice_init(&sc->submitted, &kept);
	spin_unlock_irqrestore(&sc->lock, irqflags);
	stub_conformant_ops.free_chan_resources(chan);
	spin_lock_irqsave(&sc->lock, irqflags);
	list_splice(&kept, &sc->submitted);
	spin_unlock_irqrestore(&sc->lock, irqflags);
}

/* fault_data: whether, and where, something was in flight when it was stopped */
static int terminate_remembers(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);
	struct stub_desc *desc;
	unsigned long irqflags;

	spin_lock_irqsave(&sc->lock, irqflags);
	desc = list_first_entry_or_null(&sc->issued, struct stub_desc, node);
	if (desc && !desc->segs[0].dst.port) {
		sc->fault_data[0] = true;
		sc->fault_data[1] = desc->segs[0].dst.addr;
	}
	spin_unlock_irqrestore(&sc->lock, irqflags);
	return stub_conformant_ops.terminate_all(chan);
}

static void issue_forgets(struct dma_chan *chan)
{
	to_stub_chan(chan)->fault_data[0] = false;
	stub_conformant_ops.issue_pending(chan);
}

static void free_lets_timer_run(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);

	stub_conformant_ops.free_chan_resources(chan);
	if (sc->fault_data[0])
		hrtimer_start(&sc->timer, 300 * NSEC_PER_USEC, HRTIMER_MODE_REL_HARD);
}

static enum hrtimer_restart tick_after_free(struct hrtimer *timer)
{
	struct stub_chan *sc = container_of(timer, struct stub_chan, timer);
	u8 byte;

	if (!sc->held && sc->fault_data[0]) {
		sc->fault_data[0] = false;
		stub_memory_read(sc->sdev->dev, sc->fault_data[1], &byte, 1);
		byte = ~byte;
		stub_memory_write(sc->sdev->dev, sc->fault_data[1], &byte, 1);
		return HRTIMER_NORESTART;
	}
	return stub_conformant_ops.tick(timer);
}

/* fault_data[0]: descriptors that are out; once there is none left all come back */
static struct stub_desc *alloc_of_few(struct stub_chan *sc, unsigned int nsegs)
{
	struct stub_desc *desc;

	if (sc->fault_data[0] >= FEW_DESCS) {
		sc->fault_data[0] = 0;
		return NULL;
	}
	desc = stub_conformant_ops.desc_alloc(sc, nsegs);
	sc->fault_data[0] += !!desc;
	return desc;
}

static void free_of_few(struct stub_chan *sc, struct stub_desc *desc)
{
	if (sc->fault_data[0])
		sc->fault_data[0]--;
	stub_conformant_ops.desc_free(sc, desc);
}

static int terminate_forgets_prepared(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);
	unsigned long irqflags;

	spin_lock_irqsave(&sc->lock, irqflags);
	INIT_LIST_HEAD(&sc->prepared);
	spin_unlock_irqrestore(&sc->lock, irqflags);
	return stub_conformant_ops.terminate_all(chan);
}

const struct stub_fault stub_chan_faults[] = {
	STUB_FAULT(cap_appears, "chan.by_mask",
		   "DMA_XOR is among the capabilities while a channel is held, and nothing can do it",
		   .alloc_chan_resources = alloc_offers_xor, .free_chan_resources = free_takes_xor),
	STUB_FAULT_SETUP(map_too_long, "chan.by_name",
			 "The map for requests by name counts an entry that leads to no channel",
			 map_counts_too_far),
	STUB_FAULT(terminate_hits_all, "chan.exclusive",
		   "terminate_all aborts the transfers of all channels of the device",
		   .terminate_all = terminate_hits_all),
	STUB_FAULT(filter_takes_foreign, "chan.filter_foreign",
		   "The filter does not ask whose channel it is shown",
		   .filter = filter_asks_nobody),
	STUB_FAULT(device_ref_leaked, "chan.alloc_pairing",
		   "alloc_chan_resources takes a reference to the device that nobody drops",
		   .alloc_chan_resources = alloc_keeps_device),
	STUB_FAULT(alloc_requests_channel, "chan.alloc_context",
		   "alloc_chan_resources requests another channel (when a worker calls it, so that others get through)",
		   .alloc_chan_resources = alloc_looks_for_helper),
	STUB_FAULT(alloc_error_leaks, "chan.alloc_fail",
		   "alloc_chan_resources leaves the channel taken when it fails",
		   .alloc_chan_resources = alloc_leaks_on_error),
	STUB_FAULT(alloc_error_hidden, "chan.alloc_fail",
		   "alloc_chan_resources returns 0 when it fails",
		   .alloc_chan_resources = alloc_hides_error),
	STUB_FAULT(alloc_error_enodev, "chan.alloc_enodev",
		   "alloc_chan_resources returns -ENODEV when it fails",
		   .alloc_chan_resources = alloc_says_enodev),
	STUB_FAULT(private_cleared, "chan.private",
		   "free_chan_resources makes the device public, whoever holds its other channels",
		   .free_chan_resources = free_makes_public),
	STUB_FAULT(submitted_inherited, "chan.realloc_fresh",
		   "What was submitted and not issued outlives the release of its channel",
		   .free_chan_resources = free_keeps_submitted),
	STUB_FAULT(copies_after_release, "chan.release_quiet",
		   "A transfer that was stopped writes once more after the channel is released",
		   .terminate_all = terminate_remembers, .issue_pending = issue_forgets,
		   .free_chan_resources = free_lets_timer_run, .tick = tick_after_free),
	STUB_FAULT(prepared_leaked, "chan.release_reclaims",
		   "Descriptors that were prepared and not submitted are lost, and there are 512",
		   .desc_alloc = alloc_of_few, .desc_free = free_of_few,
		   .terminate_all = terminate_forgets_prepared),
	{}
};
