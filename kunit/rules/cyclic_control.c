// SPDX-License-Identifier: GPL-2.0-only
/* Cyclic transfers: stopped, started again and paused. */
#include "dmaconf.h"

#define PERIODS	4
#define PERIOD	256

/* A ring from its beginning, @halves half laps. */
static void restart_ring(struct dmaconf *dc, enum dma_transfer_direction dir, int halves)
{
	struct dmaconf_xfer *x = dmaconf_ring(dc, dir, PERIODS, PERIOD);

	dmaconf_ring_start(x);
	for (int i = 0; i < halves; i++)
		dmaconf_ring_run(x, x->len / 2 - x->period / 2);
	dmaconf_release(dc);
	KUNIT_EXPECT_EQ(dc->test, dmaconf_terminate_sync(dc), 0);
	dmaconf_ring_expect_right(x, dc->aid->gate ? 0 : DMACONF_FIFO);
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

	dmaconf_ring_start(x);
	dmaconf_ring_run(x, 5 * x->period / 2);
	KUNIT_EXPECT_EQ(dc->test, dmaconf_terminate(dc), 0);
	again = dmaconf_xfer_of(dc, &dmaconf_cyclic, dir, x->len);
	again->period = x->period;
	dmaconf_streams_resync(dc);
	dmaconf_queue(again);
	dmaconf_issue(dc);
	dmaconf_ring_run(again, 7 * x->period / 2);
	dmaconf_release(dc);
	KUNIT_EXPECT_EQ(dc->test, dmaconf_terminate_sync(dc), 0);
	if (dc->aid->gate)
		dmaconf_ring_expect_right(again, 0);
	dmaconf_ring_end(again);
}

/* Broken: after a stop and a start sound begins in the middle of its buffer, or never again. */
DMACONF_RULE(cyclic, restart, MUST,
	     "After terminate the channel takes transfers of any kind, and a cyclic one starts at the beginning of its buffer.",
	     "sound/core/pcm_dmaengine.c:187",
	     NEEDS_CYCLIC | NEEDS_PORT | NEEDS_TERMINATE)
{
	for (int i = 0; dmaconf_ring_next_dir(dc, &i); i++) {
		for (int halves = 1; halves <= 3; halves++) {
			restart_ring(dc, dmaconf_ring_dirs[i], halves);
			restart_plain(dc);
		}
		restart_ring(dc, dmaconf_ring_dirs[i], 1);
		for (int n = 0; n < 3; n++)
			restart_at_once(dc, dmaconf_ring_dirs[i]);
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
			    dmaconf_ring_way(x));
	KUNIT_EXPECT_EQ_MSG(test, at.state.residue, then.state.residue, "residue, paused");
	if (!dma_has_cap(DMA_COMPLETION_NO_ORDER, dc->device->cap_mask))
		KUNIT_EXPECT_EQ_MSG(test, then.status, DMA_PAUSED, "it is %s",
				    dmaconf_status_name(then.status));
}

static void pause_once(struct dmaconf *dc, enum dma_transfer_direction dir)
{
	struct dmaconf_xfer *x = dmaconf_ring(dc, dir, PERIODS, PERIOD);
	int ret;

	dmaconf_ring_start(x);
	for (int i = 0; i < 3; i++) {
		dmaconf_ring_run(x, roundup(x->len / 2 + dmaconf_random(dc, x->len / 2),
					    dmaconf_align(dc, x->type)));
		ret = dmaengine_pause(dc->chan);
		if (ret)
			dmaconf_inconclusive(dc->test, "pause of a cyclic transfer returned %d",
					     ret);
		expect_standstill(x);
		KUNIT_ASSERT_EQ_MSG(dc->test, dmaengine_resume(dc->chan), 0, "resume");
	}
	dmaconf_ring_run(x, x->len);
	dmaconf_release(dc);
	KUNIT_EXPECT_EQ(dc->test, dmaconf_terminate_sync(dc), 0);
	dmaconf_ring_expect_right(x, dc->aid->gate ? 0 : DMACONF_FIFO);
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
	for (int i = 0; dmaconf_ring_next_dir(dc, &i); i++)
		pause_once(dc, dmaconf_ring_dirs[i]);
}

static void terminate_once(struct dmaconf *dc, enum dma_transfer_direction dir, bool sync)
{
	struct dmaconf_xfer *x = dmaconf_ring(dc, dir, PERIODS, PERIOD);
	size_t moved;
	int seq;

	dmaconf_ring_start(x);
	/* With a period's callback on its way. */
	dmaconf_ring_run(x, x->period);
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
			    "bytes that moved %s, terminated and synchronized",
			    dmaconf_ring_way(x));
	dmaconf_ring_end(x);
}

/* Broken: the buffer of a closed stream is written to, or its freed data used by a callback. */
DMACONF_RULE(cyclic, terminate, MUST,
	     "After terminate and synchronize a cyclic transfer moves nothing and no period is called back.",
	     "Documentation/driver-api/dmaengine/provider.rst:503; Documentation/driver-api/dmaengine/client.rst:311; drivers/dma/virt-dma.h:212",
	     NEEDS_CYCLIC | NEEDS_PORT | NEEDS_TERMINATE)
{
	for (int i = 0; dmaconf_ring_next_dir(dc, &i); i++)
		for (int n = 0; n < 6; n++)
			terminate_once(dc, dmaconf_ring_dirs[i], n % 2);
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
	for (int i = 0; dmaconf_ring_next_dir(dc, &i); i++) {
		x = dmaconf_ring(dc, dmaconf_ring_dirs[i], PERIODS, PERIOD);
		*ret = 1;
		x->on_callback = stop_in_callback;
		x->priv = ret;
		dmaconf_start(x);
		KUNIT_ASSERT_TRUE_MSG(test, dmaconf_wait_calls(x, 3),
				      "%d callbacks of a ring %s", x->calls, dmaconf_ring_way(x));
		dmaengine_synchronize(dc->chan);
		KUNIT_EXPECT_EQ_MSG(test, *ret, 0, "terminate_async inside a period's callback");
		KUNIT_EXPECT_TRUE_MSG(test, dmaconf_stays_quiet(dc, dc->seq),
				      "called back after a callback terminated the transfer");
		KUNIT_EXPECT_EQ_MSG(test, x->calls, 3, "callbacks");
		dmaconf_ring_end(x);
	}
}
