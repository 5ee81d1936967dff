// SPDX-License-Identifier: GPL-2.0-only
/*
 * The engine: moves bytes of issued transfers as far as its credits reach,
 * ends transfers, and has the callbacks delivered.
 */
#include <linux/ktime.h>

#include "dmaengine.h"
#include "steps.h"
#include "stub.h"

#define STUB_TICK_US	20
#define STUB_PACE_US	200	/* of a transfer without an end: a segment each */

static int stub_read(struct stub_chan *sc, const struct stub_seg *seg, size_t off,
		     void *to, size_t len)
{
	if (seg->src.port)
		return stub_fifo_read(sc, seg->src.addr, seg->width, to, len);
	if (seg->src.fixed)
		return stub_memory_read_fixed(sc->sdev->dev, seg->src.addr, to, len);
	return stub_memory_read(sc->sdev->dev, seg->src.addr + off, to, len);
}

static int stub_write(struct stub_chan *sc, const struct stub_seg *seg, size_t off,
		      const void *from, size_t len)
{
	if (seg->dst.port)
		return stub_fifo_write(sc, seg->dst.addr, seg->width, from, len);
	if (seg->dst.fixed)
		return stub_memory_write(sc->sdev->dev, seg->dst.addr, from + len - 1, 1);
	return stub_memory_write(sc->sdev->dev, seg->dst.addr + off, from, len);
}

int stub_copy(struct stub_chan *sc, const struct stub_seg *seg, size_t off, size_t len)
{
	u8 bounce[STUB_BOUNCE];
	size_t n;
	int ret;

	if (seg->work)
		return seg->work(sc, seg, off, len);
	for (; len; len -= n, off += n) {
		n = min(len, sizeof(bounce));
		ret = stub_read(sc, seg, off, bounce, n);
		if (!ret)
			ret = stub_write(sc, seg, off, bounce, n);
		if (ret)
			return ret;
	}
	return 0;
}

/* The bytes that a peripheral has ready, when it is the source. */
static size_t stub_available(struct stub_chan *sc, const struct stub_seg *seg, bool *ends)
{
	const struct stub_fifo *fifo;

	*ends = false;
	if (!seg->src.port)
		return SIZE_MAX;
	for (fifo = sc->fifo; fifo < sc->fifo + STUB_PORTS; fifo++) {
		if (fifo->addr != seg->src.addr || !fifo->to.source)
			continue;
		*ends = fifo->to.ends;
		return fifo->to.wraps ? SIZE_MAX : fifo->to.source_len - fifo->stat.read;
	}
	return SIZE_MAX;
}

/* An injected failure strikes when it is due; until then it limits the credit. */
static int stub_strike(struct stub_chan *sc, struct stub_desc *desc, size_t *credit)
{
	if (sc->inject < DMACONF_INJECT_READ || sc->inject > DMACONF_INJECT_STALL)
		return 0;
	if (desc->done < sc->inject_after) {
		*credit = min(*credit, sc->inject_after - desc->done);
		return 0;
	}
	if (sc->inject == DMACONF_INJECT_STALL)
		*credit = 0;
	else
		return sc->inject == DMACONF_INJECT_READ ? -EIO : -EFAULT;
	return 0;
}

ssize_t stub_move(struct stub_chan *sc, struct stub_desc *desc, size_t credit)
{
	const struct stub_seg *seg = &desc->segs[desc->seg];
	size_t len, available;
	bool ends;
	int ret;

	ret = stub_strike(sc, desc, &credit);
	if (ret)
		return ret;
	available = stub_available(sc, seg, &ends);
	if (!available && ends)
		return -ENODATA;
	len = min3(credit, seg->len - desc->seg_done, available);
	if (!len)
		return 0;
	ret = sc->sdev->ops.copy(sc, seg, desc->seg_done, len);
	return ret ?: (ssize_t)len;
}

static enum dmaengine_tx_result stub_result(ssize_t err)
{
	switch (err) {
	case -ENODATA:
		return DMA_TRANS_NOERROR;
	case -EFAULT:
		return DMA_TRANS_WRITE_FAILED;
	default:
		return DMA_TRANS_READ_FAILED;
	}
}

/**
 * stub_engine_end - a transfer is over; its interrupt has it completed and called back
 * @sc: the channel, locked
 * @desc: a transfer in the issued list
 * @result: how it ended
 *
 * Context: any.
 */
void stub_engine_end(struct stub_chan *sc, struct stub_desc *desc,
		     enum dmaengine_tx_result result)
{
	desc->result.result = result;
	desc->result.residue = desc->len - desc->done;
	desc->over = true;
	stub_irq_raise(sc);
}

void stub_complete(struct stub_chan *sc, struct stub_desc *desc)
{
	dma_cookie_complete(&desc->tx);
	list_move_tail(&desc->node, &sc->done);
	tasklet_schedule(&sc->callbacks);
}

void stub_period(struct stub_chan *sc, struct stub_desc *desc)
{
	if (!(desc->tx.flags & DMA_PREP_INTERRUPT))
		return;
	desc->periods++;
	tasklet_schedule(&sc->callbacks);
}

/* The transfer that would run next, if it was issued to replace this one. */
static bool stub_replaced(struct stub_chan *sc, struct stub_desc *desc)
{
	struct stub_desc *next = list_next_entry(desc, node);

	if (list_is_last(&desc->node, &sc->issued))
		return false;
	return next->tx.flags & DMA_PREP_LOAD_EOT;
}

bool stub_again(struct stub_chan *sc, struct stub_desc *desc)
{
	return desc->cyclic || (desc->repeats && !stub_replaced(sc, desc));
}

static void stub_moved(struct stub_chan *sc, struct stub_desc *desc, size_t len)
{
	desc->done += len;
	desc->seg_done += len;
	while (desc->seg < desc->nsegs && desc->seg_done == desc->segs[desc->seg].len) {
		desc->seg++;
		desc->seg_done = 0;
		if (desc->cyclic)
			sc->sdev->ops.period(sc, desc);
	}
	if (desc->seg < desc->nsegs)
		return;
	if (!sc->sdev->ops.again(sc, desc)) {
		stub_engine_end(sc, desc, DMA_TRANS_NOERROR);
		return;
	}
	stub_rewind(desc);
	if (desc->repeats)
		sc->sdev->ops.period(sc, desc);
}

static bool stub_endless(struct stub_desc *desc)
{
	return desc->cyclic || desc->repeats;
}

/**
 * stub_engine_advance - let the engine run
 * @sc: the channel, locked
 * @credit: bytes that it may move; SIZE_MAX: all of what has an end
 *
 * Context: any.
 * Return: bytes moved. Fewer than @credit when nothing more is issued, or the
 * channel is paused, or its peripheral has no data, or an interrupt is missing.
 */
size_t stub_engine_advance(struct stub_chan *sc, size_t credit)
{
	struct stub_desc *desc;
	size_t moved = 0;
	ssize_t n;

	while (credit && !sc->paused && !sc->sdev->asleep) {
		desc = list_first_entry_or_null(&sc->issued, struct stub_desc, node);
		if (!desc || desc->over || (credit == SIZE_MAX && stub_endless(desc)))
			break;
		/* There are descriptors that move nothing: their turn is all they wait for. */
		if (!desc->len) {
			stub_engine_end(sc, desc, DMA_TRANS_NOERROR);
			continue;
		}
		n = sc->sdev->ops.move(sc, desc, credit);
		if (!n)
			break;
		if (n < 0) {
			stub_engine_end(sc, desc, stub_result(n));
			continue;
		}
		if (credit != SIZE_MAX)
			credit -= n;
		moved += n;
		stub_moved(sc, desc, n);
	}
	return moved;
}

/**
 * stub_engine_step - give the engine credits by hand
 * @sc: the channel
 * @credit: bytes that it may move
 *
 * Context: any.
 * Return: bytes moved.
 */
size_t stub_engine_step(struct stub_chan *sc, size_t credit)
{
	unsigned long irqflags;
	size_t moved;

	spin_lock_irqsave(&sc->lock, irqflags);
	moved = stub_engine_advance(sc, credit);
	spin_unlock_irqrestore(&sc->lock, irqflags);
	return moved;
}

/* The transfer that runs, unless the channel is paused. */
static struct stub_desc *stub_running(struct stub_chan *sc)
{
	return sc->paused || sc->sdev->asleep ? NULL :
	       list_first_entry_or_null(&sc->issued, struct stub_desc, node);
}

void stub_kick(struct stub_chan *sc)
{
	struct stub_desc *desc;
	unsigned int us;

	if (sc->credits == STUB_CREDITS_AT_ONCE || sc->inject == DMACONF_INJECT_AT_ONCE)
		if (stub_engine_advance(sc, SIZE_MAX) && sc->inject == DMACONF_INJECT_AT_ONCE)
			sc->inject = DMACONF_INJECT_NONE;
	desc = stub_running(sc);
	if (!desc || sc->credits == STUB_CREDITS_MANUAL || hrtimer_is_queued(&sc->timer))
		return;
	us = stub_endless(desc) ? STUB_PACE_US : STUB_TICK_US;
	hrtimer_start(&sc->timer, us * NSEC_PER_USEC, HRTIMER_MODE_REL_HARD);
}

/* What the engine may move in a tick. */
static size_t stub_allowance(struct stub_chan *sc)
{
	struct stub_desc *desc = stub_running(sc);

	if (desc && stub_endless(desc))
		return desc->segs[desc->seg].len - desc->seg_done;
	return sc->tick_bytes;
}

enum hrtimer_restart stub_tick(struct hrtimer *timer)
{
	struct stub_chan *sc = container_of(timer, struct stub_chan, timer);
	unsigned long irqflags;
	size_t moved = 0;

	spin_lock_irqsave(&sc->lock, irqflags);
	if (sc->credits != STUB_CREDITS_MANUAL)
		moved = stub_engine_advance(sc, stub_allowance(sc));
	/* A transfer that waits for its peripheral is woken by nobody. */
	if (moved)
		sc->sdev->ops.kick(sc);
	spin_unlock_irqrestore(&sc->lock, irqflags);
	return HRTIMER_NORESTART;
}

static enum hrtimer_restart stub_timer(struct hrtimer *timer)
{
	struct stub_chan *sc = container_of(timer, struct stub_chan, timer);

	return sc->sdev->ops.tick(timer);
}

void stub_deliver(struct stub_chan *sc, struct stub_desc *desc)
{
	struct dmaengine_desc_callback cb;

	dmaengine_desc_get_callback(&desc->tx, &cb);
	dma_descriptor_unmap(&desc->tx);
	dmaengine_desc_callback_invoke(&cb, &desc->result);
	dma_run_dependencies(&desc->tx);
}

/*
 * A client may submit its descriptor again when it said so, or look at it until
 * it acknowledges it.
 */
static void stub_done_with(struct stub_chan *sc, struct stub_desc *desc)
{
	bool reuse = dmaengine_desc_test_reuse(&desc->tx);
	unsigned long irqflags;

	if (!reuse && (!sc->sdev->kind->keeps_unacked || async_tx_test_ack(&desc->tx))) {
		sc->sdev->ops.desc_free(sc, desc);
		return;
	}
	spin_lock_irqsave(&sc->lock, irqflags);
	list_add_tail(&desc->node, reuse ? &sc->prepared : &sc->unacked);
	spin_unlock_irqrestore(&sc->lock, irqflags);
}

/* One period that is due, if any: its descriptor may be gone right after this. */
static bool stub_take_period(struct stub_chan *sc, struct dmaengine_desc_callback *cb)
{
	struct stub_desc *desc;
	unsigned long irqflags;
	bool due;

	spin_lock_irqsave(&sc->lock, irqflags);
	desc = list_first_entry_or_null(&sc->issued, struct stub_desc, node);
	due = desc && desc->periods;
	if (due) {
		desc->periods--;
		dmaengine_desc_get_callback(&desc->tx, cb);
	}
	spin_unlock_irqrestore(&sc->lock, irqflags);
	return due;
}

static void stub_callbacks(struct tasklet_struct *tasklet)
{
	struct stub_chan *sc = from_tasklet(sc, tasklet, callbacks);
	const struct dmaengine_result good = { .result = DMA_TRANS_NOERROR };
	struct dmaengine_desc_callback cb;
	struct stub_desc *desc;
	unsigned long irqflags;

	for (;;) {
		spin_lock_irqsave(&sc->lock, irqflags);
		desc = list_first_entry_or_null(&sc->done, struct stub_desc, node);
		if (desc)
			list_del_init(&desc->node);
		spin_unlock_irqrestore(&sc->lock, irqflags);
		if (!desc)
			break;
		sc->sdev->ops.deliver(sc, desc);
		stub_done_with(sc, desc);
	}
	while (stub_take_period(sc, &cb))
		dmaengine_desc_callback_invoke(&cb, &good);
}

/**
 * stub_engine_init - make a channel's engine ready, standing still
 * @sc: the channel
 *
 * Context: any; before the device is registered.
 */
void stub_engine_init(struct stub_chan *sc)
{
	hrtimer_init(&sc->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	sc->timer.function = stub_timer;
	stub_irq_init(sc);
	tasklet_setup(&sc->callbacks, stub_callbacks);
}
