// SPDX-License-Identifier: GPL-2.0-only
/*
 * The channel operations that all personalities share, and the table of
 * conformant steps.
 */
#include <linux/slab.h>

#include "dmaengine.h"
#include "steps.h"
#include "stub.h"

/**
 * stub_injected - whether a failure was asked for; asking uses it up
 * @sc: the channel, not locked
 * @what: the failure
 *
 * Context: any.
 * Return: whether it was.
 */
bool stub_injected(struct stub_chan *sc, enum dmaconf_inject what)
{
	unsigned long irqflags;
	bool hit;

	spin_lock_irqsave(&sc->lock, irqflags);
	hit = sc->inject == what;
	if (hit)
		sc->inject = DMACONF_INJECT_NONE;
	spin_unlock_irqrestore(&sc->lock, irqflags);
	return hit;
}

static struct stub_desc *stub_desc_alloc(struct stub_chan *sc, unsigned int nsegs)
{
	struct stub_desc *desc;

	if (sc->sdev->gone || stub_injected(sc, DMACONF_INJECT_PREP))
		return NULL;
	desc = kzalloc(struct_size(desc, segs, nsegs), GFP_NOWAIT);
	if (!desc)
		return NULL;
	desc->nsegs = nsegs;
	INIT_LIST_HEAD(&desc->node);
	return desc;
}

static void stub_desc_free(struct stub_chan *sc, struct stub_desc *desc)
{
	kfree(desc);
}

/**
 * stub_free_list - give back all descriptors of a list that nobody else sees
 * @sc: the channel, not locked
 * @list: the list, empty afterwards
 *
 * Context: any.
 */
void stub_free_list(struct stub_chan *sc, struct list_head *list)
{
	struct stub_desc *desc, *next;

	list_for_each_entry_safe(desc, next, list, node) {
		list_del_init(&desc->node);
		dma_descriptor_unmap(&desc->tx);
		sc->sdev->ops.desc_free(sc, desc);
	}
}

/* Descriptors that their client has acknowledged since they were called back. */
static void stub_free_acked(struct stub_chan *sc)
{
	struct stub_desc *desc, *next;
	unsigned long irqflags;
	LIST_HEAD(acked);

	spin_lock_irqsave(&sc->lock, irqflags);
	list_for_each_entry_safe(desc, next, &sc->unacked, node)
		if (async_tx_test_ack(&desc->tx))
			list_move_tail(&desc->node, &acked);
	spin_unlock_irqrestore(&sc->lock, irqflags);
	stub_free_list(sc, &acked);
}

/**
 * stub_measure - sum up the bytes of a descriptor's segments
 * @desc: with its segments filled in
 *
 * Context: any.
 */
void stub_measure(struct stub_desc *desc)
{
	desc->len = 0;
	for (unsigned int i = 0; i < desc->nsegs; i++)
		desc->len += desc->segs[i].len;
}

/**
 * stub_rewind - make a descriptor ready to move from its first byte
 * @desc: not running
 *
 * Context: any.
 */
void stub_rewind(struct stub_desc *desc)
{
	desc->done = 0;
	desc->seg = 0;
	desc->seg_done = 0;
	desc->over = false;
}

static struct dma_async_tx_descriptor *stub_prepared(struct stub_chan *sc,
						     struct stub_desc *desc,
						     unsigned long flags)
{
	unsigned long irqflags;

	stub_measure(desc);
	dma_async_tx_descriptor_init(&desc->tx, &sc->chan);
	desc->tx.tx_submit = sc->sdev->ops.tx_submit;
	desc->tx.desc_free = sc->sdev->ops.tx_desc_free;
	if (sc->sdev->dma.desc_metadata_modes)
		desc->tx.metadata_ops = &sc->sdev->metadata_ops;
	desc->tx.flags = flags;
	stub_free_acked(sc);

	spin_lock_irqsave(&sc->lock, irqflags);
	list_add_tail(&desc->node, &sc->prepared);
	spin_unlock_irqrestore(&sc->lock, irqflags);
	return &desc->tx;
}

static dma_cookie_t stub_tx_submit(struct dma_async_tx_descriptor *tx)
{
	struct stub_chan *sc = to_stub_chan(tx->chan);
	struct stub_desc *desc = to_stub_desc(tx);
	unsigned long irqflags;
	dma_cookie_t cookie;

	if (stub_injected(sc, DMACONF_INJECT_SUBMIT)) {
		spin_lock_irqsave(&sc->lock, irqflags);
		list_del_init(&desc->node);
		spin_unlock_irqrestore(&sc->lock, irqflags);
		dma_descriptor_unmap(&desc->tx);
		sc->sdev->ops.desc_free(sc, desc);
		return -ENOMEM;
	}
	spin_lock_irqsave(&sc->lock, irqflags);
	cookie = dma_cookie_assign(tx);
	stub_rewind(desc);
	list_move_tail(&desc->node, &sc->submitted);
	spin_unlock_irqrestore(&sc->lock, irqflags);
	return cookie;
}

/* A client gives back a descriptor that it reused, and that has ended. */
static int stub_tx_desc_free(struct dma_async_tx_descriptor *tx)
{
	struct stub_chan *sc = to_stub_chan(tx->chan);
	struct stub_desc *desc = to_stub_desc(tx);
	unsigned long irqflags;

	spin_lock_irqsave(&sc->lock, irqflags);
	list_del_init(&desc->node);
	spin_unlock_irqrestore(&sc->lock, irqflags);
	dma_descriptor_unmap(tx);
	sc->sdev->ops.desc_free(sc, desc);
	return 0;
}

static void stub_issue(struct stub_chan *sc)
{
	list_splice_tail_init(&sc->submitted, &sc->issued);
}

static void stub_issue_pending(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);
	unsigned long irqflags;

	if (sc->sdev->gone)
		return;
	spin_lock_irqsave(&sc->lock, irqflags);
	sc->sdev->ops.issue(sc);
	sc->sdev->ops.power(sc);
	sc->sdev->ops.kick(sc);
	spin_unlock_irqrestore(&sc->lock, irqflags);
}

/**
 * stub_find - the transfer with a cookie, if it has not ended
 * @sc: the channel, locked
 * @cookie: from submission
 *
 * Context: any.
 * Return: the transfer, or NULL.
 */
struct stub_desc *stub_find(struct stub_chan *sc, dma_cookie_t cookie)
{
	struct stub_desc *desc;

	list_for_each_entry(desc, &sc->issued, node)
		if (desc->tx.cookie == cookie)
			return desc;
	list_for_each_entry(desc, &sc->submitted, node)
		if (desc->tx.cookie == cookie)
			return desc;
	return NULL;
}

static u32 stub_residue(struct stub_chan *sc, struct stub_desc *desc)
{
	return desc->len - desc->done;
}

static enum dma_status stub_tx_status(struct dma_chan *chan, dma_cookie_t cookie,
				      struct dma_tx_state *state)
{
	struct stub_chan *sc = to_stub_chan(chan);
	struct stub_desc *desc;
	enum dma_status status;
	unsigned long irqflags;

	spin_lock_irqsave(&sc->lock, irqflags);
	status = dma_cookie_status(chan, cookie, state);
	/* What has ended is in no list: it is not looked for among all that have not. */
	desc = status == DMA_COMPLETE ? NULL : sc->sdev->ops.find(sc, cookie);
	if (desc) {
		dma_set_residue(state, sc->sdev->ops.residue(sc, desc));
		if (sc->paused && list_is_first(&desc->node, &sc->issued))
			status = DMA_PAUSED;
	} else if (cookie == sc->failed) {
		status = DMA_ERROR;
	}
	spin_unlock_irqrestore(&sc->lock, irqflags);
	return status;
}

static int stub_pause(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);
	unsigned long irqflags;

	spin_lock_irqsave(&sc->lock, irqflags);
	sc->paused = true;
	spin_unlock_irqrestore(&sc->lock, irqflags);
	return 0;
}

static int stub_resume(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);
	unsigned long irqflags;

	spin_lock_irqsave(&sc->lock, irqflags);
	sc->paused = false;
	sc->sdev->ops.kick(sc);
	spin_unlock_irqrestore(&sc->lock, irqflags);
	return 0;
}

/* The engine copies under the lock: once a transfer is off the list it is over. */
static int stub_terminate_all(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);
	unsigned long irqflags;
	LIST_HEAD(aborted);

	spin_lock_irqsave(&sc->lock, irqflags);
	list_splice_tail_init(&sc->issued, &aborted);
	list_splice_tail_init(&sc->submitted, &aborted);
	list_splice_tail_init(&sc->prepared, &aborted);
	list_splice_tail_init(&sc->done, &aborted);
	sc->sdev->ops.power(sc);
	sc->paused = false;
	if (sc->inject == DMACONF_INJECT_STALL)
		sc->inject = DMACONF_INJECT_NONE;
	spin_unlock_irqrestore(&sc->lock, irqflags);
	stub_free_list(sc, &aborted);
	return 0;
}

/* First the stage that schedules callbacks, then the callbacks. */
static void stub_synchronize(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);
	unsigned long irqflags;

	hrtimer_cancel(&sc->timer);
	tasklet_kill(&sc->callbacks);

	/* What was issued since the termination goes on. */
	spin_lock_irqsave(&sc->lock, irqflags);
	if (!list_empty(&sc->done))
		tasklet_schedule(&sc->callbacks);
	sc->sdev->ops.kick(sc);
	spin_unlock_irqrestore(&sc->lock, irqflags);
}

static int stub_alloc_chan_resources(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);

	/* Not -ENODEV, by which the core would forget the device at once. */
	if (sc->sdev->gone)
		return -ESHUTDOWN;
	if (sc->held)
		return -EBUSY;
	sc->held = true;
	if (stub_injected(sc, DMACONF_INJECT_ALLOC)) {
		sc->held = false;
		return -ENOMEM;
	}
	dma_cookie_init(chan);
	sc->failed = 0;
	return 0;
}

static void stub_free_chan_resources(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);
	unsigned long irqflags;
	LIST_HEAD(unacked);

	sc->sdev->ops.terminate_all(chan);
	sc->sdev->ops.synchronize(chan);
	hrtimer_cancel(&sc->late);
	spin_lock_irqsave(&sc->lock, irqflags);
	list_splice_tail_init(&sc->unacked, &unacked);
	sc->configured = false;
	sc->inject = DMACONF_INJECT_NONE;
	spin_unlock_irqrestore(&sc->lock, irqflags);
	stub_free_list(sc, &unacked);
	sc->held = false;
}

static void stub_add_chan(struct stub_chan *sc)
{
	sc->chan.device = &sc->sdev->dma;
	dma_cookie_init(&sc->chan);
	list_add_tail(&sc->chan.device_node, &sc->sdev->dma.channels);
}

/**
 * stub_chan_init - add a channel to its device
 * @sdev: the device, not registered yet
 * @sc: one of its channels, zeroed
 *
 * Context: may sleep.
 */
void stub_chan_init(struct stub_dev *sdev, struct stub_chan *sc)
{
	sc->sdev = sdev;
	sc->credits = sdev->credits;
	sc->tick_bytes = SZ_32K;
	spin_lock_init(&sc->lock);
	INIT_LIST_HEAD(&sc->prepared);
	INIT_LIST_HEAD(&sc->submitted);
	INIT_LIST_HEAD(&sc->issued);
	INIT_LIST_HEAD(&sc->done);
	INIT_LIST_HEAD(&sc->unacked);
	stub_engine_init(sc);
	stub_fifo_init(sc);
	sdev->ops.add_chan(sc);
}

const struct stub_ops stub_conformant_ops = {
	.sleep			= stub_sleep,
	.wake			= stub_wake,
	.power			= stub_power,
	.go_live		= stub_go_live,
	.xlate			= stub_xlate,
	.unplug			= stub_unplug,
	.retire			= stub_retire,
	.release		= stub_release,
	.alloc_chan_resources	= stub_alloc_chan_resources,
	.free_chan_resources	= stub_free_chan_resources,
	.prep_memcpy		= stub_prep_memcpy,
	.prep_slave_sg		= stub_prep_slave_sg,
	.prep_vec		= stub_prep_vec,
	.prep_cyclic		= stub_prep_cyclic,
	.prep_memset		= stub_prep_memset,
	.prep_memset_sg		= stub_prep_memset_sg,
	.prep_xor		= stub_prep_xor,
	.prep_xor_val		= stub_prep_xor_val,
	.prep_pq		= stub_prep_pq,
	.prep_pq_val		= stub_prep_pq_val,
	.prep_interrupt		= stub_prep_interrupt,
	.prep_interleaved	= stub_prep_interleaved,
	.config			= stub_config,
	.caps			= stub_caps,
	.pause			= stub_pause,
	.resume			= stub_resume,
	.terminate_all		= stub_terminate_all,
	.synchronize		= stub_synchronize,
	.tx_status		= stub_tx_status,
	.issue_pending		= stub_issue_pending,
	.filter			= stub_filter,
	.add_chan		= stub_add_chan,
	.prepared		= stub_prepared,
	.tx_submit		= stub_tx_submit,
	.tx_desc_free		= stub_tx_desc_free,
	.attach			= stub_attach,
	.get_ptr		= stub_get_ptr,
	.set_len		= stub_set_len,
	.desc_alloc		= stub_desc_alloc,
	.desc_free		= stub_desc_free,
	.issue			= stub_issue,
	.residue		= stub_residue,
	.kick			= stub_kick,
	.move			= stub_move,
	.copy			= stub_copy,
	.find			= stub_find,
	.period			= stub_period,
	.again			= stub_again,
	.carry			= stub_carry,
	.fill			= stub_fill,
	.xor			= stub_xor,
	.pq			= stub_pq,
	.go_on			= stub_go_on,
	.check			= stub_check,
	.gap_after		= stub_gap_after,
	.interrupt		= stub_interrupt,
	.complete		= stub_complete,
	.deliver		= stub_deliver,
	.tick			= stub_tick,
};
