// SPDX-License-Identifier: GPL-2.0-only
/* Residue: how much of a transfer is still to come. */
#include "dmaconf.h"

#define FIFO	DMACONF_FIFO

static u32 residue_of(struct dmaconf_xfer *x)
{
	return dmaconf_status(x).state.residue;
}

static bool residue_by_descriptor(struct dmaconf *dc)
{
	return dc->device->residue_granularity == DMA_RESIDUE_GRANULARITY_DESCRIPTOR;
}

/* @priv collects the residue that a complete transfer has in its own callback. */
static void residue_in_callback(struct dmaconf_xfer *x)
{
	struct dmaconf_status at = dmaconf_status(x);

	if (at.status == DMA_COMPLETE)
		*(u32 *)x->priv |= at.state.residue;
}

/*
 * Broken: a client that computes "length minus residue" takes a whole transfer for a
 * short one, and drops bytes.
 */
DMACONF_RULE(residue, zero_done, MUST,
	     "The residue of a completed transfer is 0, in its callback, afterwards, and while others run.",
	     "include/linux/dmaengine.h:463; include/linux/dmaengine.h:728",
	     NEEDS_XFER | NEEDS_ORDER)
{
	u32 *called = kunit_kzalloc(test, sizeof(*called), GFP_KERNEL);
	struct dmaconf_xfer *x[8], *last;
	u32 busy[ARRAY_SIZE(x)], running = 0;
	bool taken;

	KUNIT_ASSERT_NOT_NULL(test, called);
	for (int i = 0; i < ARRAY_SIZE(x); i++) {
		x[i] = dmaconf_xfer(dc, 1 + dmaconf_random(dc, 40 << i));
		x[i]->on_callback = residue_in_callback;
		x[i]->priv = called;
		dmaconf_queue(x[i]);
		/* Two of them run one behind the other. */
		if (i % 3 == 2)
			continue;
		dmaconf_issue(dc);
		if (dmaconf_finish(x[i]))
			KUNIT_EXPECT_EQ_MSG(test, residue_of(x[i]), 0, "%zu bytes, all moved",
					    x[i]->len);
	}
	dmaconf_finish(x[2]);
	dmaconf_finish(x[5]);
	KUNIT_EXPECT_EQ_MSG(test, *called, 0, "complete, asked inside the callback");

	last = dmaconf_xfer(dc, 3000);
	dmaconf_hold(dc);
	taken = dmaconf_try_queue(last);
	dmaconf_issue(dc);
	for (int i = 0; i < ARRAY_SIZE(x); i++)
		busy[i] = residue_of(x[i]);
	if (taken)
		running = residue_of(last);
	dmaconf_release(dc);
	KUNIT_ASSERT_TRUE_MSG(test, taken, "a plain transfer was refused");
	for (int i = 0; i < ARRAY_SIZE(x); i++)
		KUNIT_EXPECT_EQ_MSG(test, busy[i], 0, "cookie %d is complete and cookie %d runs",
				    x[i]->cookie, last->cookie);
	if (running && residue_by_descriptor(dc))
		dmaconf_diag(dc, "residue %u of a running transfer, but granularity DESCRIPTOR",
			     running);
	dmaconf_finish(last);
}

#define QUEUED	4

/**
 * struct residue_unstarted - transfers behind another one
 * @x: the transfers; the first one runs
 * @residue: what they answered, in two rounds and before they were issued
 * @idle: their data had not begun to arrive right after the answer
 */
struct residue_unstarted {
	struct dmaconf_xfer *x[QUEUED];
	u32 residue[3][QUEUED];
	bool idle[3][QUEUED];
};

static void unstarted_ask(struct dmaconf *dc, struct residue_unstarted *u, int round)
{
	for (int i = 1; i < QUEUED; i++) {
		u->residue[round][i] = residue_of(u->x[i]);
		u->idle[round][i] = dc->window == DMACONF_WINDOW_GATE ||
				    !dmaconf_xfer_moved(u->x[i]);
	}
}

static bool unstarted_held(struct dmaconf *dc, struct residue_unstarted *u)
{
	bool taken;

	dmaconf_hold(dc);
	taken = dmaconf_try_queue(u->x[0]);
	dmaconf_issue(dc);
	for (int i = 1; i < QUEUED && taken; i++) {
		taken = dmaconf_try_queue(u->x[i]);
		u->residue[0][i] = taken ? residue_of(u->x[i]) : 0;
		dmaconf_issue(dc);
	}
	if (taken) {
		unstarted_ask(dc, u, 1);
		if (dc->window == DMACONF_WINDOW_GATE)
			dmaconf_step(dc, roundup(u->x[0]->len / 2, dc->align));
		unstarted_ask(dc, u, 2);
	}
	dmaconf_release(dc);
	return taken;
}

static void unstarted_expect(struct dmaconf *dc, struct residue_unstarted *u, int i)
{
	size_t len = u->x[i]->len;

	KUNIT_EXPECT_LE_MSG(dc->test, u->residue[0][i], len, "not issued yet");
	if (u->residue[0][i] != len)
		dmaconf_diag(dc, "residue %u of %zu bytes that are not issued yet",
			     u->residue[0][i], len);
	for (int round = 1; round < 3; round++)
		if (u->idle[round][i])
			KUNIT_EXPECT_EQ_MSG(dc->test, u->residue[round][i], len,
					    "transfer %d of the queue, issued and not started", i);
}

/*
 * Broken: a client with several transfers in its queue counts bytes of one that has not
 * begun as received.
 */
DMACONF_RULE(residue, unstarted, MUST,
	     "A transfer that is issued behind another and has not started has a residue of its own full length.",
	     "Documentation/driver-api/dmaengine/provider.rst:454; include/linux/dmaengine.h:728",
	     NEEDS_XFER | NEEDS_ORDER | NEEDS_RESIDUE | NEEDS_WINDOW)
{
	static const size_t sizes[][QUEUED] = {
		{ 100, 200, 300, 400 }, { 900, 500, 64, 1000 },
	};
	struct residue_unstarted *u = kunit_kzalloc(test, sizeof(*u), GFP_KERNEL);
	int idle = 0;

	KUNIT_ASSERT_NOT_NULL(test, u);
	for (int n = 0; n < ARRAY_SIZE(sizes); n++) {
		for (int i = 0; i < QUEUED; i++)
			u->x[i] = dmaconf_xfer(dc, sizes[n][i]);
		KUNIT_ASSERT_TRUE_MSG(test, unstarted_held(dc, u),
				      "a transfer was refused while others were queued");
		for (int i = 0; i < QUEUED; i++)
			dmaconf_finish(u->x[i]);
		for (int i = 1; i < QUEUED; i++) {
			unstarted_expect(dc, u, i);
			idle += u->idle[1][i];
		}
	}
	if (!idle)
		dmaconf_inconclusive(test, "every transfer had started before it was asked for");
}

/* By turns in both directions, where there are two. */
static struct dmaconf_xfer *result_xfer(struct dmaconf *dc, size_t len, bool reading)
{
	if (reading && dc->dir != DMA_MEM_TO_MEM && dmaconf_offers(dc, DMA_DEV_TO_MEM))
		return dmaconf_xfer_dir(dc, len, DMA_DEV_TO_MEM);
	return dmaconf_xfer(dc, len);
}

static void result_of_full(struct dmaconf *dc)
{
	struct dmaconf_xfer *x[6];

	for (int i = 0; i < ARRAY_SIZE(x); i++) {
		x[i] = result_xfer(dc, 1 + dmaconf_random(dc, 100 << i), i % 2);
		x[i]->with_result = true;
		dmaconf_queue(x[i]);
	}
	dmaconf_issue(dc);
	for (int i = 0; i < ARRAY_SIZE(x); i++)
		if (dmaconf_finish(x[i]))
			KUNIT_EXPECT_EQ_MSG(dc->test, x[i]->result.residue, 0,
					    "result of %zu bytes, all transferred", x[i]->len);
}

static void expect_result(struct dmaconf_xfer *x, size_t moved)
{
	size_t left = x->len - moved;

	if (x->result.residue > left + FIFO || x->result.residue + FIFO < left)
		KUNIT_FAIL(x->dc->test, "result says residue %u, but %zu of %zu bytes moved",
			   x->result.residue, moved, x->len);
}

/* The peripheral ends its data early. */
static void result_of_short(struct dmaconf *dc, size_t len, size_t there)
{
	struct dmaconf_xfer *x = dmaconf_xfer_dir(dc, len, DMA_DEV_TO_MEM);

	dmaconf_connect(dc, 0, there, true);
	x->with_result = true;
	dmaconf_start(x);
	KUNIT_ASSERT_TRUE_MSG(dc->test, dmaconf_wait_calls(x, 1),
			      "no callback though the peripheral ended after %zu of %zu bytes",
			      there, x->len);
	expect_result(x, there);
	dmaconf_terminate_sync(dc);
	dmaconf_connect(dc, 0, SIZE_MAX, false);
}

static void result_of_failed(struct dmaconf *dc, size_t len, size_t after)
{
	struct dmaconf_xfer *x = dmaconf_xfer(dc, len);

	if (dc->aid->inject(dc->chan, DMACONF_INJECT_READ, after))
		return;
	x->with_result = true;
	dmaconf_start(x);
	KUNIT_ASSERT_TRUE_MSG(dc->test, dmaconf_wait_calls(x, 1),
			      "no callback though the transfer failed after %zu of %zu bytes",
			      after, x->len);
	expect_result(x, after);
	dmaconf_terminate_sync(dc);
	dmaconf_streams_resync(dc);
}

/*
 * Broken: a client that learns the received length from the result, as serial and USB
 * do, hands out too much or nothing.
 */
DMACONF_RULE(residue, result, MUST,
	     "The residue given to callback_result is what was not transferred: 0 unless it ended short or failed.",
	     "Documentation/driver-api/dmaengine/provider.rst:422",
	     NEEDS_XFER)
{
	result_of_full(dc);
	/* Whoever cannot tell how far a transfer came does not know it here either. */
	if (residue_by_descriptor(dc) || !dc->device->device_terminate_all)
		return;
	for (int i = 0; i < 3; i++) {
		size_t len = 1000 + dmaconf_random(dc, 3000);

		if (dc->aid && dc->aid->port && dmaconf_port_counts(dc) && !dc->aid->no_end &&
		    dc->device->directions & BIT(DMA_DEV_TO_MEM))
			result_of_short(dc, len, rounddown(200 + 100 * i, dc->align));
		if (dc->aid && dc->aid->inject)
			result_of_failed(dc, len, rounddown(150 + 140 * i, dc->align));
	}
}

/*
 * Somewhere between the @from and @to bytes that it had moved in all laps, a
 * ring answered with this residue. False when that says nothing, because it may
 * have been anywhere.
 */
static bool ring_position_told(struct dmaconf_xfer *x, struct dmaconf_status at, size_t from,
			       size_t to)
{
	bool burst = x->dc->device->residue_granularity == DMA_RESIDUE_GRANULARITY_BURST;
	size_t slack = FIFO + at.state.in_flight_bytes, ahead;
	u32 residue = at.state.residue;

	if (residue > x->len)
		KUNIT_FAIL_AND_ABORT(x->dc->test,
				     "residue %u of a ring of %zu bytes, after %zu bytes in all",
				     residue, x->len, to);
	if (!burst)
		from -= from % x->period;
	/* Both from the same whole number of laps before the beginning. */
	ahead = (x->len + slack - residue + x->len - from % x->len) % x->len;
	if (to - from + 2 * slack >= x->len)
		return false;
	if (ahead > to - from + 2 * slack)
		KUNIT_FAIL_AND_ABORT(x->dc->test,
				     "residue %u of a ring of %zu bytes in periods of %zu, after %zu to %zu bytes in all",
				     residue, x->len, x->period, from, to);
	return true;
}

static bool ring_ask(struct dmaconf_xfer *x)
{
	size_t from = dmaconf_ring_moved(x);
	struct dmaconf_status at = dmaconf_status(x);

	return ring_position_told(x, at, from, dmaconf_ring_moved(x));
}

/* On its way, and standing still where the channel can pause. */
static int ring_follow(struct dmaconf *dc, struct dmaconf_xfer *x)
{
	int told = 0, n = 0;

	while (dmaconf_ring_moved(x) < 5 * x->len) {
		size_t step = roundup(1 + dmaconf_random(dc, x->len / 3),
				      dmaconf_align(dc, x->type));

		if (!dmaconf_ring_go(x, n % 4 ? step : x->period))
			KUNIT_FAIL_AND_ABORT(dc->test, "the ring stands still after %zu bytes",
					     dmaconf_ring_moved(x));
		told += ring_ask(x);
		if (++n % 5 || dmaengine_pause(dc->chan))
			continue;
		told += ring_ask(x);
		if (dmaengine_resume(dc->chan))
			break;
	}
	return told;
}

/* Broken: the position in a sound buffer jumps, so that sound is cut or played twice. */
DMACONF_RULE(residue, cyclic, MUST,
	     "The residue of a cyclic transfer is what is left of its buffer in this lap, whatever the number of laps.",
	     "Documentation/driver-api/dmaengine/provider.rst:461; sound/core/pcm_dmaengine.c:258; drivers/dma/ti/edma.c:1812",
	     NEEDS_CYCLIC | NEEDS_PORT | NEEDS_ORDER | NEEDS_RESIDUE | NEEDS_TERMINATE)
{
	static const enum dma_transfer_direction dirs[] = { DMA_MEM_TO_DEV, DMA_DEV_TO_MEM };
	struct dmaconf_xfer *x;
	int told = 0;

	if (!dmaconf_port_counts(dc))
		dmaconf_not_tested(test, "the port does not tell where in its buffer a ring is");
	for (int i = 0; i < 2 * ARRAY_SIZE(dirs); i++) {
		if (!dmaconf_cyclic.offered(dc, dirs[i / 2]))
			continue;
		x = dmaconf_ring(dc, dirs[i / 2], i % 2 ? 4 : 8, 512);
		if (dc->aid->gate)
			dmaconf_hold(dc);
		dmaconf_start(x);
		told += ring_follow(dc, x);
		dmaconf_ring_end(x);
	}
	if (!told)
		dmaconf_inconclusive(test, "the engine moved whole laps between two looks");
}

/* In residue_progress.c. */
DMACONF_ELSEWHERE(residue, bounds);
DMACONF_ELSEWHERE(residue, progress);
DMACONF_ELSEWHERE(residue, per_channel);

static struct kunit_case residue_rules[] = {
	DMACONF_CASE(residue, zero_done),
	DMACONF_CASE(residue, bounds),
	DMACONF_CASE(residue, progress),
	DMACONF_CASE(residue, per_channel),
	DMACONF_CASE(residue, unstarted),
	DMACONF_CASE(residue, cyclic),
	DMACONF_CASE(residue, result),
	{}
};

DMACONF_SUITE(residue);

kunit_test_suites(&residue_suite);
