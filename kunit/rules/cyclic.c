// SPDX-License-Identifier: GPL-2.0-only
/* Cyclic transfers. */
#include "dmaconf.h"

#define PERIODS	4
#define PERIOD	256

static const enum dma_transfer_direction dirs[] = { DMA_MEM_TO_DEV, DMA_DEV_TO_MEM };

/* The next of @dirs, from @i on: one in which the channel offers cyclic transfers. */
static bool next_dir(struct dmaconf *dc, int *i)
{
	while (*i < ARRAY_SIZE(dirs) && !dmaconf_cyclic.offered(dc, dirs[*i]))
		(*i)++;
	return *i < ARRAY_SIZE(dirs);
}

static const char *where(struct dmaconf_xfer *x)
{
	return x->dir == DMA_MEM_TO_DEV ? "to the peripheral" : "from the peripheral";
}

/* Hold it where there is a gate: without one it runs on, and everything is a bound. */
static void ring_start(struct dmaconf_xfer *x)
{
	struct dmaconf *dc = x->dc;

	if (dc->aid->gate)
		dmaconf_hold(dc);
	dmaconf_start(x);
}

static void ring_go(struct dmaconf_xfer *x, size_t bytes)
{
	if (dmaconf_ring_go(x, bytes))
		return;
	KUNIT_FAIL_AND_ABORT(x->dc->test,
			     "a ring of %zu bytes %s stands still after %zu bytes, status %s",
			     x->len, where(x), dmaconf_ring_moved(x),
			     dmaconf_status_name(dmaconf_status(x).status));
}

static void expect_ring_right(struct dmaconf_xfer *x, size_t slack)
{
	size_t moved = dmaconf_ring_moved(x);
	ssize_t wrong = dmaconf_ring_wrong(x, moved, slack);

	if (wrong >= 0)
		KUNIT_FAIL_AND_ABORT(x->dc->test,
				     "byte %zd of %zu that a ring of %zu moved %s is wrong",
				     wrong, moved, x->len, where(x));
}

/* It is in progress, and no transfer has completed since. */
static void expect_runs(struct dmaconf_xfer *x, dma_cookie_t last)
{
	struct dmaconf_status at = dmaconf_status(x);
	size_t laps = dmaconf_ring_moved(x) / x->len;

	if (at.status != DMA_IN_PROGRESS)
		KUNIT_FAIL_AND_ABORT(x->dc->test, "after %zu laps %s it is %s", laps, where(x),
				     dmaconf_status_name(at.status));
	if (at.state.last != last)
		KUNIT_FAIL_AND_ABORT(x->dc->test,
				     "after %zu laps the last completed cookie is %d, it was %d",
				     laps, at.state.last, last);
}

static void loops_once(struct dmaconf *dc, struct dmaconf_xfer *x)
{
	bool gate = dc->aid->gate;
	dma_cookie_t last;

	ring_start(x);
	last = dmaconf_status(x).state.last;
	while (dmaconf_ring_moved(x) < 7 * x->len / 2) {
		ring_go(x, roundup(1 + dmaconf_random(dc, x->len / 2), x->type->align(dc)));
		expect_runs(x, last);
		if (gate)
			expect_ring_right(x, 0);
	}
	dmaconf_release(dc);
	KUNIT_EXPECT_EQ(dc->test, dmaconf_terminate_sync(dc), 0);
	expect_ring_right(x, DMACONF_FIFO);
	dmaconf_ring_end(x);
}

/* Broken: sound plays its buffer once and then noise, or stops. */
DMACONF_RULE(cyclic, loops, MUST,
	     "A cyclic transfer goes through its buffer again and again, and is never complete until it is terminated.",
	     "Documentation/driver-api/dmaengine/provider.rst:238; Documentation/driver-api/dmaengine/client.rst:87; sound/core/pcm_dmaengine.c:258",
	     NEEDS_CYCLIC | NEEDS_PORT | NEEDS_ORDER | NEEDS_TERMINATE)
{
	for (int i = 0; next_dir(dc, &i); i++) {
		loops_once(dc, dmaconf_ring(dc, dirs[i], PERIODS, PERIOD));
		loops_once(dc, dmaconf_ring(dc, dirs[i], 1, 4 * PERIOD));
		loops_once(dc, dmaconf_ring(dc, dirs[i], 16, 64));
	}
}

/**
 * struct period_look - what period callbacks found
 * @early: one came before the bytes of its period were at the port
 * @moved: bytes that were
 * @calls: callbacks so far
 */
struct period_look {
	bool early;
	size_t moved;
	int calls;
};

static void period_in_callback(struct dmaconf_xfer *x)
{
	struct period_look *look = x->priv;
	size_t moved = dmaconf_ring_moved(x);

	/* What the engine holds inside counts as moved. */
	if (look->early || moved + DMACONF_FIFO >= x->calls * x->period)
		return;
	look->early = true;
	look->moved = moved;
	look->calls = x->calls;
}

static struct dmaconf_xfer *period_ring(struct dmaconf *dc, enum dma_transfer_direction dir)
{
	struct period_look *look = kunit_kzalloc(dc->test, sizeof(*look), GFP_KERNEL);
	struct dmaconf_xfer *x = dmaconf_ring(dc, dir, PERIODS, PERIOD);

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
		ring_go(x, x->period / 2);
		now = dmaconf_ring_moved(x) / x->period;
		single &= now <= passed + 1;
		if (now == passed && i < 4)
			KUNIT_EXPECT_TRUE_MSG(dc->test, dmaconf_stays_quiet(dc, dc->seq),
					      "called back within period %zu", passed + 1);
		if (now > passed && single)
			KUNIT_ASSERT_TRUE_MSG(dc->test, dmaconf_wait_calls(x, now),
					      "%d callbacks after %zu periods of %zu bytes %s",
					      x->calls, now, x->period, where(x));
	}
	if (single)
		KUNIT_EXPECT_EQ_MSG(dc->test, x->calls, passed, "callbacks, of as many periods");
}

static void period_stepped(struct dmaconf *dc, struct dmaconf_xfer *x)
{
	int calls;

	ring_start(x);
	period_one_by_one(dc, x);
	calls = x->calls;
	ring_go(x, 3 * x->period);
	KUNIT_EXPECT_TRUE_MSG(dc->test, dmaconf_wait_calls(x, calls + 1),
			      "3 periods passed at once, and none is called back");
	dmaconf_stays_quiet(dc, dc->seq + 3);
	KUNIT_EXPECT_LE_MSG(dc->test, x->calls, calls + 3, "callbacks, after 3 more periods");
}

static void period_free(struct dmaconf *dc, struct dmaconf_xfer *x)
{
	ring_start(x);
	ring_go(x, 4 * x->len);
	KUNIT_EXPECT_TRUE_MSG(dc->test, dmaconf_wait_calls(x, 1),
			      "%zu periods %s passed, and none is called back",
			      dmaconf_ring_moved(x) / x->period, where(x));
}

static void period_cb_once(struct dmaconf *dc, enum dma_transfer_direction dir)
{
	struct dmaconf_xfer *x = period_ring(dc, dir);
	struct period_look *look = x->priv;

	if (dc->aid->gate)
		period_stepped(dc, x);
	else
		period_free(dc, x);
	dmaconf_ring_end(x);
	KUNIT_EXPECT_FALSE_MSG(dc->test, look->early,
			       "callback %d when only %zu bytes of periods of %zu had moved",
			       look->calls, look->moved, x->period);
	KUNIT_EXPECT_FALSE_MSG(dc->test, x->in_hardirq, "called back in a hard interrupt");
}

/* Audio without period wake-ups asks for none. */
static void period_unasked(struct dmaconf *dc, enum dma_transfer_direction dir)
{
	struct dmaconf_xfer *x = dmaconf_ring(dc, dir, PERIODS, PERIOD);

	x->flags &= ~DMA_PREP_INTERRUPT;
	ring_start(x);
	ring_go(x, 2 * x->len);
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
	for (int i = 0; next_dir(dc, &i); i++)
		period_cb_once(dc, dirs[i]);
	if (test->status == KUNIT_SUCCESS)
		for (int i = 0; next_dir(dc, &i); i++)
			period_unasked(dc, dirs[i]);
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

	for (int i = 0; next_dir(dc, &i); i++)
		for (int n = 0; n < ARRAY_SIZE(bad); n++) {
			x = dmaconf_ring(dc, dirs[i], PERIODS, PERIOD);
			x->len = bad[n].len;
			x->period = bad[n].period;
			KUNIT_EXPECT_FALSE_MSG(test, dmaconf_try_prep(x),
					       "%zu bytes in periods of %zu %s were accepted",
					       bad[n].len, bad[n].period, where(x));
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
	ring_go(x, x->period);
	for (int i = 0; i < 14; i++)
		dmaconf_ring_go(x, x->period);
	dmaconf_release(dc);
	KUNIT_EXPECT_EQ(dc->test, dmaconf_terminate_sync(dc), 0);
	/* A last period that is short, or left out; the harness looks past the end. */
	KUNIT_EXPECT_TRUE_MSG(dc->test,
			      ring_as_of(x, x->len, slack) ||
			      ring_as_of(x, rounddown(x->len, x->period), slack),
			      "%zu bytes in periods of %zu %s: moved other bytes than those",
			      x->len, x->period, where(x));
	dmaconf_ring_end(x);
}

/* Broken: memory behind the buffer is played, or recorded over. */
DMACONF_RULE(cyclic, non_multiple, MUST,
	     "A buffer that is no multiple of the period is refused, or nothing beyond its end is touched.",
	     "drivers/dma/ti/edma.c:1332; drivers/dma/stm32/stm32-dma.c:1176; drivers/dma/pl330.c:2696",
	     NEEDS_CYCLIC | NEEDS_PORT | NEEDS_TERMINATE)
{
	for (int i = 0; next_dir(dc, &i); i++)
		non_multiple_once(dc, dirs[i]);
}

/* A ring from its beginning, @halves half laps. */
static void restart_ring(struct dmaconf *dc, enum dma_transfer_direction dir, int halves)
{
	struct dmaconf_xfer *x = dmaconf_ring(dc, dir, PERIODS, PERIOD);

	ring_start(x);
	for (int i = 0; i < halves; i++)
		ring_go(x, x->len / 2 - x->period / 2);
	dmaconf_release(dc);
	KUNIT_EXPECT_EQ(dc->test, dmaconf_terminate_sync(dc), 0);
	expect_ring_right(x, dc->aid->gate ? 0 : DMACONF_FIFO);
	dmaconf_ring_end(x);
}

/* Something that ends by itself, once. */
static void restart_plain(struct dmaconf *dc)
{
	struct dmaconf_xfer *x;

	if (!dc->type)
		return;
	x = dmaconf_xfer(dc, 1000);
	dmaconf_start(x);
	if (!dmaconf_finish(x))
		KUNIT_FAIL_AND_ABORT(dc->test, "a %s after a cyclic transfer", x->type->name);
	KUNIT_EXPECT_TRUE_MSG(dc->test, dmaconf_stays_quiet(dc, dc->seq),
			      "a %s after a cyclic transfer was called back again",
			      x->type->name);
}

/* As audio does it: stopped and started without synchronisation. */
static void restart_at_once(struct dmaconf *dc, enum dma_transfer_direction dir)
{
	struct dmaconf_xfer *x = dmaconf_ring(dc, dir, PERIODS, PERIOD), *again;

	ring_start(x);
	ring_go(x, 5 * x->period / 2);
	KUNIT_EXPECT_EQ(dc->test, dmaconf_terminate(dc), 0);
	again = dmaconf_xfer_of(dc, &dmaconf_cyclic, dir, x->len);
	again->period = x->period;
	dmaconf_streams_resync(dc);
	dmaconf_queue(again);
	dmaconf_issue(dc);
	ring_go(again, 7 * x->period / 2);
	dmaconf_release(dc);
	KUNIT_EXPECT_EQ(dc->test, dmaconf_terminate_sync(dc), 0);
	if (dc->aid->gate)
		expect_ring_right(again, 0);
	dmaconf_ring_end(again);
}

/* Broken: after a stop and a start sound begins in the middle of its buffer, or never again. */
DMACONF_RULE(cyclic, restart, MUST,
	     "After terminate the channel takes transfers of any kind, and a cyclic one starts at the beginning of its buffer.",
	     "sound/core/pcm_dmaengine.c:187",
	     NEEDS_CYCLIC | NEEDS_PORT | NEEDS_TERMINATE)
{
	for (int i = 0; next_dir(dc, &i); i++) {
		for (int halves = 1; halves <= 3; halves++) {
			restart_ring(dc, dirs[i], halves);
			restart_plain(dc);
		}
		restart_ring(dc, dirs[i], 1);
		for (int n = 0; n < 3; n++)
			restart_at_once(dc, dirs[i]);
		restart_plain(dc);
	}
}

/* Paused: whatever the engine is offered, nothing moves and nothing is called back. */
static void expect_standstill(struct dmaconf_xfer *x)
{
	struct dmaconf *dc = x->dc;
	struct kunit *test = dc->test;
	struct dmaconf_status at = dmaconf_status(x), then;
	size_t moved = dmaconf_ring_moved(x);
	int seq;

	/* A callback that is on its way may still come. */
	dmaconf_stays_quiet(dc, dc->seq + 1);
	seq = dc->seq;
	if (dc->window == DMACONF_WINDOW_GATE)
		dmaconf_step(dc, 2 * x->period);
	KUNIT_EXPECT_TRUE_MSG(test, dmaconf_stays_quiet(dc, seq), "called back while paused");
	then = dmaconf_status(x);
	KUNIT_EXPECT_EQ_MSG(test, dmaconf_ring_moved(x), moved, "bytes that moved %s, paused",
			    where(x));
	KUNIT_EXPECT_EQ_MSG(test, at.state.residue, then.state.residue, "residue, paused");
	if (!dma_has_cap(DMA_COMPLETION_NO_ORDER, dc->device->cap_mask))
		KUNIT_EXPECT_EQ_MSG(test, then.status, DMA_PAUSED, "it is %s",
				    dmaconf_status_name(then.status));
}

static void pause_once(struct dmaconf *dc, enum dma_transfer_direction dir)
{
	struct dmaconf_xfer *x = dmaconf_ring(dc, dir, PERIODS, PERIOD);
	int ret;

	ring_start(x);
	for (int i = 0; i < 3; i++) {
		ring_go(x, roundup(x->len / 2 + dmaconf_random(dc, x->len / 2),
				   x->type->align(dc)));
		ret = dmaengine_pause(dc->chan);
		if (ret)
			dmaconf_inconclusive(dc->test, "pause of a cyclic transfer returned %d",
					     ret);
		expect_standstill(x);
		KUNIT_ASSERT_EQ_MSG(dc->test, dmaengine_resume(dc->chan), 0, "resume");
	}
	ring_go(x, x->len);
	dmaconf_release(dc);
	KUNIT_EXPECT_EQ(dc->test, dmaconf_terminate_sync(dc), 0);
	expect_ring_right(x, dc->aid->gate ? 0 : DMACONF_FIFO);
	dmaconf_ring_end(x);
}

/*
 * Broken: a pause is audible: bytes are lost or repeated, or the application is told that
 * sound goes on.
 */
DMACONF_RULE(cyclic, pause, MUST,
	     "A cyclic transfer that is paused moves nothing and is not called back, and resume goes on exactly there.",
	     "Documentation/driver-api/dmaengine/provider.rst:489; sound/core/pcm_dmaengine.c:203",
	     NEEDS_CYCLIC | NEEDS_PORT | NEEDS_TERMINATE | NEEDS_PAUSE | NEEDS_RESUME)
{
	for (int i = 0; next_dir(dc, &i); i++)
		pause_once(dc, dirs[i]);
}

static void terminate_once(struct dmaconf *dc, enum dma_transfer_direction dir, bool sync)
{
	struct dmaconf_xfer *x = dmaconf_ring(dc, dir, PERIODS, PERIOD);
	size_t moved;
	int seq;

	ring_start(x);
	/* With a period's callback on its way. */
	ring_go(x, x->period);
	if (sync) {
		KUNIT_EXPECT_EQ(dc->test, dmaconf_terminate_sync(dc), 0);
	} else {
		KUNIT_EXPECT_EQ(dc->test, dmaconf_terminate(dc), 0);
		dmaengine_synchronize(dc->chan);
	}
	seq = dc->seq;
	moved = dmaconf_ring_moved(x);
	dmaconf_release(dc);
	KUNIT_EXPECT_TRUE_MSG(dc->test, dmaconf_stays_quiet(dc, seq),
			      "a period was called back after synchronize");
	KUNIT_EXPECT_EQ_MSG(dc->test, dmaconf_ring_moved(x), moved,
			    "bytes that moved %s, terminated and synchronized", where(x));
	dmaconf_ring_end(x);
}

/* Broken: the buffer of a closed stream is written to, or its freed data used by a callback. */
DMACONF_RULE(cyclic, terminate, MUST,
	     "After terminate and synchronize a cyclic transfer moves nothing and no period is called back.",
	     "Documentation/driver-api/dmaengine/provider.rst:503; Documentation/driver-api/dmaengine/client.rst:311; drivers/dma/virt-dma.h:212",
	     NEEDS_CYCLIC | NEEDS_PORT | NEEDS_TERMINATE)
{
	for (int i = 0; next_dir(dc, &i); i++)
		for (int n = 0; n < 6; n++)
			terminate_once(dc, dirs[i], n % 2);
}

/* The third period's callback stops the transfer; @priv gets what terminate returned. */
static void stop_in_callback(struct dmaconf_xfer *x)
{
	if (x->calls == 3)
		*(int *)x->priv = dmaengine_terminate_async(x->dc->chan);
}

/* Broken: a stream that is stopped at an underrun goes on, or its CPU hangs. */
DMACONF_RULE(cyclic, in_cb, MUST,
	     "A period's callback may terminate the transfer: it is the last one.",
	     "Documentation/driver-api/dmaengine/provider.rst:509; Documentation/driver-api/dmaengine/client.rst:157",
	     NEEDS_CYCLIC | NEEDS_PORT | NEEDS_TERMINATE)
{
	int *ret = kunit_kzalloc(test, sizeof(*ret), GFP_KERNEL);
	struct dmaconf_xfer *x;

	KUNIT_ASSERT_NOT_NULL(test, ret);
	for (int i = 0; next_dir(dc, &i); i++) {
		x = dmaconf_ring(dc, dirs[i], PERIODS, PERIOD);
		*ret = 1;
		x->on_callback = stop_in_callback;
		x->priv = ret;
		dmaconf_start(x);
		KUNIT_ASSERT_TRUE_MSG(test, dmaconf_wait_calls(x, 3),
				      "%d callbacks of a ring %s", x->calls, where(x));
		dmaengine_synchronize(dc->chan);
		KUNIT_EXPECT_EQ_MSG(test, *ret, 0, "terminate_async inside a period's callback");
		KUNIT_EXPECT_TRUE_MSG(test, dmaconf_stays_quiet(dc, dc->seq),
				      "called back after a callback terminated the transfer");
		KUNIT_EXPECT_EQ_MSG(test, x->calls, 3, "callbacks");
		dmaconf_ring_end(x);
	}
}

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
