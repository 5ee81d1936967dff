// SPDX-License-Identifier: GPL-2.0-only
/* Residue on the way: bounded, falling, and as fine as advertised. */
#include <linux/ktime.h>
#include <linux/sched.h>

#include "dmaconf.h"

#define FIFO	DMACONF_FIFO

static u32 residue_of(struct dmaconf_xfer *x)
{
	return dmaconf_status(x).state.residue;
}

/**
 * struct residue_trace - successive residues of a transfer
 * @x: the transfer
 * @last: the last one
 * @from: the last one before one that is too large
 * @to: one that is larger than the one before it, or than the transfer
 * @wrong: @from and @to are valid
 */
struct residue_trace {
	struct dmaconf_xfer *x;
	u32 last;
	u32 from;
	u32 to;
	bool wrong;
};

static enum dma_status residue_look(struct residue_trace *trace)
{
	struct dmaconf_status at = dmaconf_status(trace->x);

	if (at.state.residue > trace->last && !trace->wrong) {
		trace->wrong = true;
		trace->from = trace->last;
		trace->to = at.state.residue;
	}
	trace->last = at.state.residue;
	return at.status;
}

static void residue_expect_falling(struct kunit *test, struct residue_trace *trace)
{
	KUNIT_EXPECT_FALSE_MSG(test, trace->wrong,
			       "residue of %zu bytes is %u after it was %u (or in the beginning)",
			       trace->x->len, trace->to, trace->from);
}

static void residue_run_freely(struct dmaconf *dc, struct dmaconf_xfer *x)
{
	struct residue_trace trace = { .x = x, .last = x->len };
	ktime_t end = ktime_add_ms(ktime_get(), dmaconf_timeout_ms());
	int polls = 0;

	dmaconf_queue(x);
	/* It may be 0 until it is issued, and from then on it only falls. */
	residue_look(&trace);
	trace.last = x->len;
	dmaconf_issue(dc);
	while (residue_look(&trace) == DMA_IN_PROGRESS && ktime_before(ktime_get(), end))
		if (!(++polls % 64))
			cond_resched();
	residue_expect_falling(dc->test, &trace);
	dmaconf_finish(x);
}

static void residue_run_stepped(struct dmaconf *dc, struct dmaconf_xfer *x)
{
	struct residue_trace trace = { .x = x, .last = x->len };

	dmaconf_hold(dc);
	dmaconf_start(x);
	do {
		residue_look(&trace);
	} while (dmaconf_step(dc, roundup(1 + dmaconf_random(dc, x->len / 8), dc->align)));
	residue_look(&trace);
	dmaconf_release(dc);
	residue_expect_falling(dc->test, &trace);
	dmaconf_finish(x);
}

/* A transfer, in several entries where the channel takes a list. */
static struct dmaconf_xfer *residue_xfer(struct dmaconf *dc, size_t len, unsigned int nents,
					 bool reading)
{
	struct dmaconf_xfer *x = dmaconf_xfer(dc, len);

	if (x->dir == DMA_MEM_TO_MEM)
		return x;
	if (reading && dc->device->directions & BIT(DMA_DEV_TO_MEM))
		x = dmaconf_xfer_dir(dc, len, DMA_DEV_TO_MEM);
	KUNIT_ASSERT_TRUE(dc->test, dmaconf_xfer_split(x, nents));
	return x;
}

/*
 * Broken: the byte count of a client becomes negative: serial receive hands out garbage,
 * audio positions jump.
 */
DMACONF_RULE(residue, bounds, MUST,
	     "The residue of a transfer is at most its length, and from one look to the next it never grows.",
	     "include/linux/dmaengine.h:728; Documentation/driver-api/dmaengine/provider.rst:452",
	     NEEDS_XFER | NEEDS_ORDER | NEEDS_RESIDUE)
{
	static const size_t sizes[] = { 64, 700, 5000, 20000, 50000 };

	for (int i = 0; i < ARRAY_SIZE(sizes); i++) {
		residue_run_freely(dc, residue_xfer(dc, sizes[i], 1 + i, i % 2));
		if (dc->aid && dc->aid->gate)
			residue_run_stepped(dc, residue_xfer(dc, sizes[i], 1 + 2 * i, !(i % 2)));
	}
}

/* Where the entry that holds byte @at begins and ends. */
static size_t residue_entry(struct dmaconf_xfer *x, size_t at, size_t *end)
{
	size_t begin = 0;
	struct scatterlist *sg;
	unsigned int i;

	*end = x->len;
	if (x->dir == DMA_MEM_TO_MEM)
		return 0;
	for_each_sg(x->sgl, sg, x->nents, i) {
		*end = begin + sg_dma_len(sg);
		if (*end > at)
			break;
		begin = *end;
	}
	return begin;
}

static bool residue_by_burst(struct dmaconf *dc)
{
	return dc->device->residue_granularity == DMA_RESIDUE_GRANULARITY_BURST;
}

/* @moved and @later: bytes that had moved before and after the answer @at. */
static void residue_expect_between(struct dmaconf_xfer *x, struct dmaconf_status at,
				   size_t moved, size_t later, size_t most)
{
	size_t slack = FIFO + at.state.in_flight_bytes, left = x->len - later;
	/* A finer account than was promised is welcome. */
	size_t least = left > slack ? left - slack : 0;

	if (residue_by_burst(x->dc))
		most = x->len - moved + slack;
	if (at.state.residue < least || at.state.residue > most)
		KUNIT_FAIL_AND_ABORT(x->dc->test,
				     "residue %u after %zu of %zu bytes, should be %zu to %zu",
				     at.state.residue, moved, x->len, least, most);
}

static void residue_expect_true(struct dmaconf_xfer *x, size_t moved)
{
	size_t end;

	residue_expect_between(x, dmaconf_status(x), moved, moved,
			       x->len - residue_entry(x, moved, &end));
}

/*
 * How far to go: to the end of the entry that runs, or anywhere, but more than a bus moves at
 * once: less moves nothing.
 */
static size_t residue_next_step(struct dmaconf_xfer *x, size_t moved)
{
	struct dmaconf *dc = x->dc;
	size_t end;

	residue_entry(x, moved, &end);
	if (x->nents > 1 && dmaconf_random(dc, 2))
		return end - moved;
	return min(x->len - moved, roundup(FIFO + dmaconf_random(dc, 1200), dc->align));
}

static void residue_follow(struct dmaconf *dc, struct dmaconf_xfer *x)
{
	size_t moved = 0, n;

	dmaconf_hold(dc);
	dmaconf_start(x);
	residue_expect_true(x, 0);
	do {
		n = dmaconf_step(dc, residue_next_step(x, moved));
		moved += n;
		if (moved < x->len)
			residue_expect_true(x, moved);
	} while (n && moved < x->len);
	KUNIT_EXPECT_EQ_MSG(dc->test, residue_of(x), 0, "all %zu bytes moved", x->len);
	dmaconf_release(dc);
	dmaconf_finish(x);
}

/* A transfer that is stopped half way: nothing of it may be found in the next. */
static void residue_stop_one(struct dmaconf *dc)
{
	if (!dc->device->device_terminate_all)
		return;
	if (dc->aid && dc->aid->gate)
		dmaconf_hold(dc);
	dmaconf_start(dmaconf_xfer(dc, 3000));
	if (dc->window == DMACONF_WINDOW_GATE)
		dmaconf_step(dc, roundup(1500, dc->align));
	KUNIT_EXPECT_EQ(dc->test, dmaconf_terminate_sync(dc), 0);
	dmaconf_release(dc);
}

#define LOOKS	64

/**
 * struct residue_look - an answer, and how far the transfer was
 * @at: the answer
 * @before: bytes that had arrived before it was asked for
 * @after: and after it was given
 */
struct residue_look {
	struct dmaconf_status at;
	size_t before;
	size_t after;
};

static bool residue_look_around(struct dmaconf *dc, struct dmaconf_xfer *x,
				struct residue_look *look)
{
	bool taken;

	dmaconf_hold(dc);
	taken = dmaconf_try_queue(x);
	dmaconf_issue(dc);
	for (int i = 0; i < LOOKS && taken; i++) {
		look[i].before = dmaconf_xfer_moved(x);
		look[i].at = dmaconf_status(x);
		look[i].after = dmaconf_xfer_moved(x);
	}
	dmaconf_release(dc);
	return taken;
}

/*
 * Where the engine moves at its own pace, what has arrived right before and after the
 * question bounds the answer. An entry whose end the provider has not been told of yet, for
 * its interrupt is held off, may count as running. Returns how many answers counted.
 */
static int residue_in_window(struct dmaconf *dc, struct dmaconf_xfer *x,
			     struct residue_look *look)
{
	int running = 0;
	size_t end;

	KUNIT_ASSERT_TRUE_MSG(dc->test, residue_look_around(dc, x, look),
			      "a plain transfer was refused");
	for (int i = 0; i < LOOKS; i++) {
		size_t last = look[i].before ? look[i].before - 1 : 0;

		if (look[i].at.status != DMA_IN_PROGRESS)
			continue;
		running += look[i].after > 0;
		residue_expect_between(x, look[i].at, look[i].before, look[i].after,
				       x->len - residue_entry(x, last, &end));
	}
	dmaconf_finish(x);
	return running;
}

/*
 * Broken: the position of one stream follows another one.
 */
DMACONF_RULE(residue, per_channel, MUST,
	     "The residue of a channel's transfer is its own, whatever runs on another channel.",
	     "include/linux/dmaengine.h:728; Documentation/driver-api/dmaengine/provider.rst:461",
	     NEEDS_XFER | NEEDS_ORDER | NEEDS_RESIDUE | NEEDS_PEER | NEEDS_GATE)
{
	struct dmaconf_xfer *neighbour = dmaconf_peer_start(dc);

	residue_follow(dc, residue_xfer(dc, 5000, 3, true));
	KUNIT_EXPECT_EQ_MSG(test, dmaconf_peer_finish(neighbour), DMACONF_DONE,
			    "the transfer of the other channel did not succeed");
}

/*
 * Broken: audio stutters and serial receive waits for a full buffer, as the position
 * does not follow the hardware.
 */
DMACONF_RULE(residue, progress, MUST,
	     "The residue follows the transfer as finely as the provider advertises: by entry, or by burst.",
	     "include/linux/dmaengine.h:462; Documentation/driver-api/dmaengine/provider.rst:127",
	     NEEDS_XFER | NEEDS_ORDER | NEEDS_RESIDUE | NEEDS_WINDOW)
{
	struct residue_look *look = kunit_kcalloc(test, LOOKS, sizeof(*look), GFP_KERNEL);
	bool gate = dc->aid && dc->aid->gate;
	int running = 0;

	KUNIT_ASSERT_NOT_NULL(test, look);
	for (int i = 0; i < 6; i++) {
		struct dmaconf_xfer *x = residue_xfer(dc, 3000 + dmaconf_random(dc, 9000), 1 + i,
						      i % 2);

		if (i % 2)
			residue_stop_one(dc);
		if (gate)
			residue_follow(dc, x);
		else
			running += residue_in_window(dc, x, look);
	}
	if (!gate && !running && test->status == KUNIT_SUCCESS)
		dmaconf_inconclusive(test, "no transfer was seen to be under way");
}
