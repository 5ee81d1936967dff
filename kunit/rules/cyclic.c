// SPDX-License-Identifier: GPL-2.0-only
/* Cyclic transfers: what they move, and when they call back. */
#include "dmaconf.h"

#define PERIODS	4
#define PERIOD	256

/* It is in progress, and no transfer has completed since. */
static void expect_runs(struct dmaconf_xfer *x, dma_cookie_t last)
{
	struct dmaconf_status at = dmaconf_status(x);
	size_t laps = dmaconf_ring_moved(x) / x->len;

	if (at.status != DMA_IN_PROGRESS)
		KUNIT_FAIL_AND_ABORT(x->dc->test, "after %zu laps %s it is %s", laps,
				     dmaconf_ring_way(x), dmaconf_status_name(at.status));
	if (at.state.last != last)
		KUNIT_FAIL_AND_ABORT(x->dc->test,
				     "after %zu laps the last completed cookie is %d, it was %d",
				     laps, at.state.last, last);
}

/* A ring that some hardware has no room for may be refused, and not be cut short. */
static bool loops_start(struct dmaconf *dc, struct dmaconf_xfer *x, bool must)
{
	bool taken;

	if (dc->aid->gate)
		dmaconf_hold(dc);
	taken = dmaconf_try_queue(x);
	dmaconf_issue(dc);
	if (taken)
		return true;
	dmaconf_release(dc);
	KUNIT_EXPECT_NULL_MSG(dc->test, x->tx, "refused with %pe", x->tx);
	if (must)
		KUNIT_FAIL_AND_ABORT(dc->test, "a ring of %zu bytes in periods of %zu %s: refused",
				     x->len, x->period, dmaconf_ring_way(x));
	dmaconf_diag(dc, "a ring of %zu bytes in periods of %zu %s was refused", x->len,
		     x->period, dmaconf_ring_way(x));
	dmaconf_connect(dc, 0, SIZE_MAX, false);
	return false;
}

static void loops_once(struct dmaconf *dc, struct dmaconf_xfer *x, bool must)
{
	bool gate = dc->aid->gate;
	dma_cookie_t last;

	if (!loops_start(dc, x, must))
		return;
	last = dmaconf_status(x).state.last;
	while (dmaconf_ring_moved(x) < 7 * x->len / 2) {
		dmaconf_ring_run(x, roundup(x->len / 16 + dmaconf_random(dc, x->len / 2),
					    dmaconf_align(dc, x->type)));
		expect_runs(x, last);
		if (gate)
			dmaconf_ring_expect_right(x, 0);
	}
	KUNIT_EXPECT_TRUE_MSG(dc->test, dmaconf_ring_renew(x),
			      "other data in a ring of %zu bytes does not arrive %s", x->len,
			      dmaconf_ring_way(x));
	dmaconf_release(dc);
	KUNIT_EXPECT_EQ(dc->test, dmaconf_terminate_sync(dc), 0);
	dmaconf_ring_expect_right(x, DMACONF_FIFO);
	dmaconf_ring_end(x);
}

/* The longest period that a segment may have, as far as a client would go. */
static size_t longest_period(struct dmaconf *dc)
{
	return rounddown(min_t(size_t, dma_get_max_seg_size(dc->dev), SZ_64K),
			 dmaconf_align(dc, &dmaconf_cyclic));
}

/* Broken: sound plays its buffer once and then noise, or stops. */
DMACONF_RULE(cyclic, loops, MUST,
	     "A cyclic transfer goes through its buffer again and again, and is never complete until it is terminated.",
	     "Documentation/driver-api/dmaengine/provider.rst:238; Documentation/driver-api/dmaengine/client.rst:87; sound/core/pcm_dmaengine.c:258",
	     NEEDS_CYCLIC | NEEDS_PORT | NEEDS_ORDER | NEEDS_TERMINATE)
{
	for (int i = 0; dmaconf_ring_next_dir(dc, &i); i++) {
		enum dma_transfer_direction dir = dmaconf_ring_dirs[i];

		loops_once(dc, dmaconf_ring(dc, dir, PERIODS, PERIOD), true);
		loops_once(dc, dmaconf_ring(dc, dir, 1, 4 * PERIOD), true);
		loops_once(dc, dmaconf_ring(dc, dir, 16, 64), true);
		loops_once(dc, dmaconf_ring_at(dc, dir, PERIODS, PERIOD, 3), true);
		loops_once(dc, dmaconf_ring(dc, dir, 2, longest_period(dc)), false);
		loops_once(dc, dmaconf_ring(dc, dir, 150, 32), false);
	}
}

/**
 * struct period_look - what period callbacks found
 * @early: one came before the bytes of its period were at the port
 * @absent: one came before they were in memory
 * @moved: bytes that were
 * @calls: callbacks so far
 */
struct period_look {
	bool early;
	bool absent;
	size_t moved;
	int calls;
};

static void period_in_callback(struct dmaconf_xfer *x)
{
	struct period_look *look = x->priv;
	size_t moved, begin = (x->calls - 1) * x->period;

	/* What went into memory, and a second lap from it, cannot be told from what was there. */
	if (!dmaconf_port_counts(x->dc) &&
	    (x->dir == DMA_MEM_TO_DEV || x->calls * x->period > x->len))
		return;
	moved = dmaconf_port_counts(x->dc) ? dmaconf_ring_moved(x) : dmaconf_xfer_moved(x);

	/* Unless the engine is there again. */
	if (x->dir == DMA_DEV_TO_MEM && moved < begin + x->len)
		look->absent |= !dmaconf_ring_arrived(x, begin, x->period);
	/* What the engine holds inside counts as moved. */
	if (look->early || moved + DMACONF_FIFO >= x->calls * x->period)
		return;
	look->early = true;
	look->moved = moved;
	look->calls = x->calls;
}

static struct dmaconf_xfer *period_ring(struct dmaconf *dc, enum dma_transfer_direction dir,
					unsigned int periods)
{
	struct period_look *look = kunit_kzalloc(dc->test, sizeof(*look), GFP_KERNEL);
	struct dmaconf_xfer *x = dmaconf_ring(dc, dir, periods, PERIOD);

	KUNIT_ASSERT_NOT_NULL(dc->test, look);
	x->on_callback = period_in_callback;
	x->priv = look;
	return x;
}

/* Periods that pass one by one are called back one by one. */
static void period_one_by_one(struct dmaconf *dc, struct dmaconf_xfer *x)
{
	size_t passed = 0, now;
	bool single = true;

	for (int i = 0; i < 6 * PERIODS; i++, passed = now) {
		dmaconf_ring_run(x, x->period / 2);
		now = dmaconf_ring_moved(x) / x->period;
		single &= now <= passed + 1;
		if (now == passed && i < 4)
			KUNIT_EXPECT_TRUE_MSG(dc->test, dmaconf_stays_quiet(dc, dc->seq),
					      "called back within period %zu", passed + 1);
		if (now > passed && single)
			KUNIT_ASSERT_TRUE_MSG(dc->test, dmaconf_wait_calls(x, now),
					      "%d callbacks after %zu periods of %zu bytes %s",
					      x->calls, now, x->period, dmaconf_ring_way(x));
	}
	if (single)
		KUNIT_EXPECT_EQ_MSG(dc->test, x->calls, passed, "callbacks, of as many periods");
}

static void period_stepped(struct dmaconf *dc, struct dmaconf_xfer *x)
{
	int calls;

	dmaconf_ring_start(x);
	period_one_by_one(dc, x);
	calls = x->calls;
	dmaconf_ring_run(x, 3 * x->period);
	KUNIT_EXPECT_TRUE_MSG(dc->test, dmaconf_wait_calls(x, calls + 1),
			      "3 periods passed at once, and none is called back");
	dmaconf_stays_quiet(dc, dc->seq + 3);
	KUNIT_EXPECT_LE_MSG(dc->test, x->calls, calls + 3, "callbacks, after 3 more periods");
}

static void period_free(struct dmaconf *dc, struct dmaconf_xfer *x)
{
	dmaconf_ring_start(x);
	dmaconf_ring_run(x, 4 * x->len);
	KUNIT_EXPECT_TRUE_MSG(dc->test, dmaconf_wait_calls(x, 1),
			      "%zu periods %s passed, and none is called back",
			      dmaconf_ring_moved(x) / x->period, dmaconf_ring_way(x));
}

static void period_cb_once(struct dmaconf *dc, enum dma_transfer_direction dir,
			   unsigned int periods)
{
	struct dmaconf_xfer *x = period_ring(dc, dir, periods);
	struct period_look *look = x->priv;

	if (dc->aid->gate)
		period_stepped(dc, x);
	else
		period_free(dc, x);
	dmaconf_ring_end(x);
	KUNIT_EXPECT_FALSE_MSG(dc->test, look->early,
			       "callback %d when only %zu bytes of periods of %zu had moved",
			       look->calls, look->moved, x->period);
	KUNIT_EXPECT_FALSE_MSG(dc->test, look->absent,
			       "a period was called back whose bytes were not in memory");
	KUNIT_EXPECT_FALSE_MSG(dc->test, x->in_hardirq, "called back in a hard interrupt");
}

/* Audio without period wake-ups asks for none. */
static void period_unasked(struct dmaconf *dc, enum dma_transfer_direction dir)
{
	struct dmaconf_xfer *x = dmaconf_ring(dc, dir, PERIODS, PERIOD);

	x->flags &= ~DMA_PREP_INTERRUPT;
	dmaconf_ring_start(x);
	dmaconf_ring_run(x, 2 * x->len);
	dmaconf_stays_quiet(dc, dc->seq);
	dmaconf_ring_end(x);
	if (!x->calls)
		return;
	dmaconf_should(dc, "clients bear callbacks that they did not ask for");
	KUNIT_FAIL(dc->test, "%d callbacks without DMA_PREP_INTERRUPT", x->calls);
}

/* Broken: sound stutters or stops: its buffer is refilled too late, too early or never. */
DMACONF_RULE(cyclic, period_cb, MUST,
	     "A cyclic transfer with DMA_PREP_INTERRUPT is called back when a period has moved: at most once for each, and not before.",
	     "include/linux/dmaengine.h:831; drivers/dma/virt-dma.h:135; sound/core/pcm_dmaengine.c:154",
	     NEEDS_CYCLIC | NEEDS_PORT | NEEDS_TERMINATE)
{
	/* A ring of one period comes to its end with every one. */
	for (int i = 0; dmaconf_ring_next_dir(dc, &i); i++) {
		period_cb_once(dc, dmaconf_ring_dirs[i], PERIODS);
		period_cb_once(dc, dmaconf_ring_dirs[i], 1);
	}
	if (test->status == KUNIT_SUCCESS)
		for (int i = 0; dmaconf_ring_next_dir(dc, &i); i++)
			period_unasked(dc, dmaconf_ring_dirs[i]);
}

/* Broken: parameters that come from user space divide by zero or leave the buffer. */
DMACONF_RULE(cyclic, bad_args, SHOULD,
	     "A cyclic transfer without bytes, without a period, or with a period longer than the buffer is refused.",
	     "drivers/dma/stm32/stm32-dma.c:1166; drivers/dma/ti/edma.c:1309; drivers/dma/dma-axi-dmac.c:712",
	     NEEDS_CYCLIC | NEEDS_PORT | NEEDS_TERMINATE)
{
	static const struct {
		size_t len, period;
	} bad[] = { { 0, PERIOD }, { PERIOD, 0 }, { 0, 0 }, { PERIOD, 2 * PERIOD } };
	struct dmaconf_xfer *x;

	for (int i = 0; dmaconf_ring_next_dir(dc, &i); i++)
		for (int n = 0; n < ARRAY_SIZE(bad); n++) {
			x = dmaconf_ring(dc, dmaconf_ring_dirs[i], PERIODS, PERIOD);
			x->len = bad[n].len;
			x->period = bad[n].period;
			KUNIT_EXPECT_FALSE_MSG(test, dmaconf_try_prep(x),
					       "%zu bytes in periods of %zu %s were accepted",
					       bad[n].len, bad[n].period, dmaconf_ring_way(x));
			dmaconf_terminate_sync(dc);
		}
}

/* The stream is that of a ring of the first @len bytes. */
static bool ring_as_of(struct dmaconf_xfer *x, size_t len, size_t slack)
{
	size_t whole = x->len;
	bool right;

	x->len = len;
	right = dmaconf_ring_wrong(x, dmaconf_ring_moved(x), slack) < 0;
	x->len = whole;
	return right;
}

static void non_multiple_once(struct dmaconf *dc, enum dma_transfer_direction dir)
{
	struct dmaconf_xfer *x = dmaconf_ring(dc, dir, 10, 100);
	size_t slack = dc->aid->gate ? 0 : DMACONF_FIFO;

	x->period *= 3;
	if (!dmaconf_try_prep(x))
		return;
	KUNIT_ASSERT_TRUE_MSG(dc->test, dmaconf_try_submit(x), "cookie %d", x->cookie);
	if (dc->aid->gate)
		dmaconf_hold(dc);
	dmaconf_issue(dc);
	dmaconf_ring_run(x, x->period);
	for (int i = 0; i < 14; i++)
		dmaconf_ring_go(x, x->period);
	dmaconf_release(dc);
	KUNIT_EXPECT_EQ(dc->test, dmaconf_terminate_sync(dc), 0);
	/* A last period that is short, or left out; the harness looks past the end. */
	KUNIT_EXPECT_TRUE_MSG(dc->test,
			      ring_as_of(x, x->len, slack) ||
			      ring_as_of(x, rounddown(x->len, x->period), slack),
			      "%zu bytes in periods of %zu %s: moved other bytes than those",
			      x->len, x->period, dmaconf_ring_way(x));
	dmaconf_ring_end(x);
}

/* Broken: memory behind the buffer is played, or recorded over. */
DMACONF_RULE(cyclic, non_multiple, MUST,
	     "A buffer that is no multiple of the period is refused, or nothing beyond its end is touched.",
	     "drivers/dma/ti/edma.c:1332; drivers/dma/stm32/stm32-dma.c:1176; drivers/dma/pl330.c:2696",
	     NEEDS_CYCLIC | NEEDS_PORT | NEEDS_TERMINATE)
{
	for (int i = 0; dmaconf_ring_next_dir(dc, &i); i++)
		non_multiple_once(dc, dmaconf_ring_dirs[i]);
}

/* In cyclic_control.c. */
DMACONF_ELSEWHERE(cyclic, restart);
DMACONF_ELSEWHERE(cyclic, pause);
DMACONF_ELSEWHERE(cyclic, terminate);
DMACONF_ELSEWHERE(cyclic, in_cb);

static struct kunit_case cyclic_rules[] = {
	DMACONF_CASE(cyclic, loops),
	DMACONF_CASE(cyclic, period_cb),
	DMACONF_CASE(cyclic, bad_args),
	DMACONF_CASE(cyclic, non_multiple),
	DMACONF_CASE(cyclic, restart),
	DMACONF_CASE(cyclic, pause),
	DMACONF_CASE(cyclic, terminate),
	DMACONF_CASE(cyclic, in_cb),
	{}
};

DMACONF_SUITE(cyclic);

kunit_test_suites(&cyclic_suite);
