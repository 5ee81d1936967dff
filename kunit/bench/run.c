// SPDX-License-Identifier: GPL-2.0-only
/*
 * The operations: as many as there are slots are kept under way, and what can be
 * issued or reaped together is. Nothing is allocated for an operation here.
 */
#include <linux/bottom_half.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/sched.h>

#include "bench.h"

#define BENCH_GROUP	32	/* operations of a sample, where they are very short */

static unsigned long bench_patience(void)
{
	return msecs_to_jiffies(dmaconf_timeout_ms());
}

/* Context: as the provider calls its clients back, normally softirq. */
static void bench_called(void *param)
{
	struct bench_slot *slot = param;
	struct bench *b = slot->lane->bench;

	if (b->point->what == BENCH_LATENCY)
		slot->ended = ktime_get_ns();
	if (llist_add(&slot->done, &b->done) && wq_has_sleeper(&b->wait))
		wake_up(&b->wait);
}

static bool bench_submit(struct bench_slot *slot)
{
	struct dmaconf_xfer *x = slot->x;
	struct dma_async_tx_descriptor *tx = x->type->prep(x);

	if (!tx)
		return false;
	if (!slot->lane->bench->point->polled) {
		tx->callback = bench_called;
		tx->callback_param = slot;
	}
	slot->cookie = dmaengine_submit(tx);
	return !dma_submit_error(slot->cookie);
}

static bool bench_start(struct bench_slot *slot)
{
	const struct bench_point *point = slot->lane->bench->point;

	if (point->verify)
		bench_clear(slot);
	if (point->map && !bench_map(slot))
		return false;
	if (bench_submit(slot))
		return true;
	if (slot->mapped)
		bench_unmap(slot);
	return false;
}

/* What the provider does not take now it may take when something has ended. */
static void bench_fill(struct bench_lane *lane, unsigned int ops)
{
	struct bench *b = lane->bench;
	struct bench_slot *slot;

	while (b->started < ops && (slot = lane->free) && bench_start(slot)) {
		lane->free = slot->next;
		slot->next = lane->fresh;
		lane->fresh = slot;
		if (b->point->polled)
			lane->ring[lane->head % b->point->depth] = slot;
		lane->head++;
		b->started++;
		b->most = max(b->most, lane->head - lane->tail);
	}
}

static void bench_issue(struct bench_lane *lane)
{
	u64 now = lane->bench->point->what == BENCH_LATENCY ? ktime_get_ns() : 0;

	if (!lane->fresh)
		return;
	for (; lane->fresh; lane->fresh = lane->fresh->next)
		lane->fresh->issued = now;
	dma_async_issue_pending(lane->dc.chan);
}

static void bench_fill_all(struct bench *b, unsigned int ops)
{
	for (unsigned int i = 0; i < b->nlanes; i++) {
		bench_fill(&b->lanes[i], ops);
		bench_issue(&b->lanes[i]);
	}
}

static void bench_finish(struct bench_slot *slot)
{
	struct bench_lane *lane = slot->lane;
	struct bench *b = lane->bench;

	if (slot->mapped)
		bench_unmap(slot);
	if (b->point->verify && !bench_right(slot))
		b->wrong++;
	if (b->samples && b->point->what == BENCH_LATENCY)
		b->samples[b->nsamples++] = slot->ended - slot->issued;
	slot->next = lane->free;
	lane->free = slot;
	lane->tail++;
	b->ended++;
}

/* Whoever was called back, in that order. */
static bool bench_reap_called(struct bench *b)
{
	struct bench_slot *slot, *next;
	struct llist_node *done;

	if (!wait_event_timeout(b->wait, !llist_empty(&b->done), bench_patience()))
		return false;
	done = llist_reverse_order(llist_del_all(&b->done));
	llist_for_each_entry_safe(slot, next, done, done)
		bench_finish(slot);
	return true;
}

/* One question tells of all that have ended. */
static bool bench_reap_lane(struct bench_lane *lane)
{
	unsigned int tail = lane->tail;
	dma_cookie_t last, used;
	struct bench_slot *slot;

	if (lane->head == lane->tail)
		return false;
	slot = lane->ring[lane->tail % lane->bench->point->depth];
	if (dma_async_is_tx_complete(lane->dc.chan, slot->cookie, &last, &used) != DMA_COMPLETE)
		return false;
	do {
		bench_finish(slot);
		slot = lane->ring[lane->tail % lane->bench->point->depth];
	} while (lane->head != lane->tail &&
		 dma_async_is_complete(slot->cookie, last, used) == DMA_COMPLETE);
	return lane->tail != tail;
}

static bool bench_reap_polled(struct bench *b)
{
	unsigned long end = jiffies + bench_patience();
	bool some = false;

	while (!some && time_before(jiffies, end)) {
		for (unsigned int i = 0; i < b->nlanes; i++)
			some |= bench_reap_lane(&b->lanes[i]);
		if (!some)
			cpu_relax();
	}
	cond_resched();
	return some;
}

/* What was aborted has not been reaped: all slots are free again. */
static void bench_rewind(struct bench_lane *lane)
{
	struct bench *b = lane->bench;

	lane->free = NULL;
	for (unsigned int i = b->point->depth; i--; ) {
		struct bench_slot *slot = &lane->slots[i];

		if (slot->mapped)
			bench_unmap(slot);
		slot->next = lane->free;
		lane->free = slot;
	}
	lane->fresh = NULL;
	lane->tail = lane->head;
}

/* What is under way will not be looked at any more. */
static void bench_abort(struct bench *b)
{
	for (unsigned int i = 0; i < b->nlanes; i++) {
		dmaengine_terminate_sync(b->lanes[i].dc.chan);
		bench_rewind(&b->lanes[i]);
	}
	init_llist_head(&b->done);
}

static bool bench_fail(struct bench *b, const char *why)
{
	b->why = why;
	bench_abort(b);
	return false;
}

static void bench_begin(struct bench *b)
{
	b->started = 0;
	b->ended = 0;
	b->wrong = 0;
	b->most = 0;
	b->nsamples = 0;
}

/**
 * bench_run - run operations, with as many under way as there are slots
 * @b: opened, and mapped unless that is done for each operation
 * @ops: operations of all channels together
 *
 * Context: may sleep.
 * Return: false when the provider takes none, or does not end them in time.
 */
bool bench_run(struct bench *b, unsigned int ops)
{
	u64 start = ktime_get_ns();

	bench_begin(b);
	bench_fill_all(b, ops);
	if (!b->started)
		return bench_fail(b, "the provider takes no such transfer");
	while (b->ended < b->started) {
		if (!(b->point->polled ? bench_reap_polled(b) : bench_reap_called(b)))
			return bench_fail(b, "an operation does not end");
		bench_fill_all(b, ops);
	}
	b->ns = ktime_get_ns() - start;
	if (b->wrong)
		return bench_fail(b, "the data is wrong");
	return true;
}

/* The oldest one moves and is called back, here and now; another one takes its place. */
static bool bench_step(struct bench_lane *lane)
{
	struct bench *b = lane->bench;

	local_bh_disable();
	lane->dc.aid->gate->step(lane->dc.chan, b->point->size);
	local_bh_enable();
	if (!bench_reap_called(b))
		return bench_fail(b, "an operation does not end");
	bench_fill(lane, UINT_MAX);
	bench_issue(lane);
	return true;
}

/* The mean of a few: looking at the clock would be a good part of each. */
static void bench_sample_group(struct bench *b, u64 *since)
{
	u64 now = ktime_get_ns();

	b->samples[b->nsamples++] = div_u64(now - *since, BENCH_GROUP);
	*since = now;
}

static bool bench_steps(struct bench *b, unsigned int ops)
{
	u64 start, group;

	bench_fill_all(b, UINT_MAX);
	if (b->started < b->nlanes * b->point->depth)
		return bench_fail(b, "the provider does not take so many");
	b->used_kb = dmaconf_used_kb();
	start = ktime_get_ns();
	group = start;
	for (unsigned int op = 0; op < ops; op++) {
		if (!bench_step(&b->lanes[op % b->nlanes]))
			return false;
		if (op % BENCH_GROUP == BENCH_GROUP - 1)
			bench_sample_group(b, &group);
	}
	b->ns = ktime_get_ns() - start;
	return true;
}

static void bench_gates(struct bench *b, bool hold)
{
	for (unsigned int i = 0; i < b->nlanes; i++) {
		struct dmaconf *dc = &b->lanes[i].dc;

		(hold ? dc->aid->gate->hold : dc->aid->gate->release)(dc->chan);
	}
}

/**
 * bench_run_queued - run operations one by one, with a full queue behind each
 * @b: as for bench_run(); the channels have gates, and memory is mapped once
 * @ops: operations of all channels together
 *
 * Context: may sleep.
 * Return: false when the queue cannot be filled, or an operation does not end.
 */
bool bench_run_queued(struct bench *b, unsigned int ops)
{
	bool done;

	bench_begin(b);
	bench_gates(b, true);
	done = bench_steps(b, ops);
	bench_abort(b);
	bench_gates(b, false);
	return done;
}

static bool bench_terminate(struct bench *b)
{
	struct bench_lane *lane = &b->lanes[0];
	u64 start, ns;
	int ret;

	b->started = 0;
	bench_fill(lane, b->point->depth);
	if (!b->started)
		return bench_fail(b, "the provider takes no such transfer");
	bench_issue(lane);
	start = ktime_get_ns();
	ret = dmaengine_terminate_sync(lane->dc.chan);
	ns = ktime_get_ns() - start;
	init_llist_head(&b->done);
	bench_rewind(lane);
	if (ret)
		return bench_fail(b, "terminate_sync failed");
	b->ns += ns;
	if (b->samples)
		b->samples[b->nsamples++] = ns;
	return true;
}

/**
 * bench_run_terminate - fill a channel and terminate it, again and again
 * @b: as for bench_run()
 * @ops: how often
 *
 * Context: may sleep.
 * Return: false when it cannot be filled, or not be terminated.
 */
bool bench_run_terminate(struct bench *b, unsigned int ops)
{
	bench_begin(b);
	b->ns = 0;
	for (; b->ended < ops; b->ended++)
		if (!bench_terminate(b))
			return false;
	return true;
}

/* Context: as bench_called(). */
static void bench_period(void *param)
{
	struct bench *b = param;

	if (b->nsamples >= b->started)
		return;
	b->samples[b->nsamples] = ktime_get_ns();
	WRITE_ONCE(b->nsamples, b->nsamples + 1);
	wake_up(&b->wait);
}

static bool bench_ring_go(struct bench *b, struct dmaconf_xfer *x)
{
	struct dma_async_tx_descriptor *tx = x->type->prep(x);
	unsigned int seen = 0;

	if (!tx)
		return bench_fail(b, "the provider takes no such transfer");
	tx->callback = bench_period;
	tx->callback_param = b;
	if (dma_submit_error(dmaengine_submit(tx)))
		return bench_fail(b, "the provider takes no such transfer");
	dma_async_issue_pending(x->dc->chan);
	for (; seen < b->started; seen = READ_ONCE(b->nsamples))
		if (!wait_event_timeout(b->wait, READ_ONCE(b->nsamples) > seen, bench_patience()))
			return bench_fail(b, "the periods do not go on");
	return true;
}

/**
 * bench_run_ring - let a ring go round; @b->samples become the times between periods
 * @b: opened and mapped; @b->samples has room for one more than @ops
 * @ops: periods
 *
 * Context: may sleep.
 * Return: false when there is no such ring, or it stops.
 */
bool bench_run_ring(struct bench *b, unsigned int ops)
{
	struct bench_lane *lane = &b->lanes[0];

	bench_begin(b);
	b->started = ops + 1;
	if (!bench_ring_go(b, lane->xfers[0]))
		return false;
	dmaengine_terminate_sync(lane->dc.chan);
	b->ns = b->samples[ops] - b->samples[0];
	for (unsigned int i = 0; i < ops; i++)
		b->samples[i] = b->samples[i + 1] - b->samples[i];
	b->nsamples = ops;
	b->ended = ops;
	return true;
}
