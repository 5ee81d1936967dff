// SPDX-License-Identifier: GPL-2.0-only
/* Control from atomic context, termination and synchronisation. */
#include <linux/bottom_half.h>
#include <linux/irqflags.h>
#include <linux/ktime.h>

#include "dmaconf.h"

/* Transfers queued and issued while the channel is held. */
#define TERM_QUEUE	5

static void term_prepare(struct dmaconf *dc, struct dmaconf_xfer **x, int n)
{
	for (int i = 0; i < n; i++)
		x[i] = dmaconf_xfer(dc, 512 + 256 * dmaconf_random(dc, 4));
}

/*
 * The first one runs, the others wait: an engine that ends a transfer the moment it is told
 * to start would otherwise have moved all of them before it can be terminated.
 */
static bool term_try_start(struct dmaconf *dc, struct dmaconf_xfer **x, int n)
{
	bool taken = dmaconf_try_queue(x[0]);

	dmaconf_issue(dc);
	/* With a gate it is really half way: alone yet, as a later one may overtake. */
	if (dc->window == DMACONF_WINDOW_GATE)
		dmaconf_step(dc, x[0]->len / 2);
	for (int i = 1; i < n; i++)
		taken &= dmaconf_try_queue(x[i]);
	dmaconf_issue(dc);
	return taken;
}

static const char *ctl_irqs_kept(bool kept)
{
	return kept ? "off" : "on";
}

/*
 * Broken: a client that stops a channel under its lock, as audio does, gets "scheduling
 * while atomic", or its lock taken twice.
 */
DMACONF_RULE(ctl, atomic, MUST,
	     "terminate_all, pause and resume are callable in atomic context: they neither sleep nor enable interrupts.",
	     "Documentation/driver-api/dmaengine/provider.rst:509; include/linux/dmaengine.h:1155; drivers/tty/serial/8250/8250_dma.c:97",
	     NEEDS_XFER | NEEDS_TERMINATE)
{
	struct dmaconf_xfer *x[2];
	bool reported = dmaconf_sleep_reports();
	bool paused, resumed, terminated, taken;
	unsigned long irqflags;

	term_prepare(dc, x, ARRAY_SIZE(x));
	local_irq_save(irqflags);
	taken = term_try_start(dc, x, ARRAY_SIZE(x));
	dmaengine_pause(dc->chan);
	paused = irqs_disabled();
	dmaengine_resume(dc->chan);
	resumed = irqs_disabled();
	dmaconf_terminate(dc);
	terminated = irqs_disabled();
	local_irq_restore(irqflags);
	dmaengine_synchronize(dc->chan);

	KUNIT_EXPECT_TRUE_MSG(test, taken, "a transfer was refused with interrupts off");
	KUNIT_EXPECT_STREQ_MSG(test, ctl_irqs_kept(paused), "off", "interrupts after pause");
	KUNIT_EXPECT_STREQ_MSG(test, ctl_irqs_kept(resumed), "off", "interrupts after resume");
	KUNIT_EXPECT_STREQ_MSG(test, ctl_irqs_kept(terminated), "off",
			       "interrupts after terminate_async");
	if (!reported && test->status == KUNIT_SUCCESS)
		dmaconf_inconclusive(test, "only CONFIG_DEBUG_ATOMIC_SLEEP tells whether it slept");
}

/* Broken: a stopped receive still writes into buffers that the client has given back. */
DMACONF_RULE(term, aborts, MUST,
	     "terminate stops the transfer that runs and all that were issued: none of them moves data later.",
	     "Documentation/driver-api/dmaengine/provider.rst:503; include/linux/dmaengine.h:1144",
	     NEEDS_XFER | NEEDS_TERMINATE | NEEDS_WINDOW)
{
	size_t then[TERM_QUEUE], left = 0;
	struct dmaconf_xfer *x[TERM_QUEUE];
	bool taken;
	int ret;

	term_prepare(dc, x, TERM_QUEUE);
	dmaconf_hold(dc);
	taken = term_try_start(dc, x, TERM_QUEUE);
	ret = dmaconf_terminate(dc);
	for (int i = 0; i < TERM_QUEUE; i++) {
		then[i] = dmaconf_xfer_moved(x[i]);
		left += x[i]->len - then[i];
	}
	dmaconf_release(dc);
	dmaengine_synchronize(dc->chan);
	KUNIT_ASSERT_TRUE_MSG(test, taken, "a transfer was refused while the channel was held");
	KUNIT_ASSERT_EQ_MSG(test, ret, 0, "terminate_async");

	dmaconf_stays_quiet(dc, dc->seq);
	for (int i = 0; i < TERM_QUEUE; i++)
		KUNIT_EXPECT_EQ_MSG(test, dmaconf_xfer_moved(x[i]), then[i],
				    "bytes of transfer %d of %d that moved although terminated",
				    i + 1, TERM_QUEUE);
	if (!left)
		dmaconf_inconclusive(test, "all data had moved before terminate");
}

/*
 * Broken: the next user of the channel, on its first issue, starts what the last one had
 * only submitted.
 */
DMACONF_RULE(term, unissued, MUST,
	     "terminate drops what was submitted and not issued too: a later issue_pending does not run it.",
	     "include/linux/dmaengine.h:1144; include/linux/dmaengine.h:1199; Documentation/driver-api/dmaengine/provider.rst:505",
	     NEEDS_XFER | NEEDS_TERMINATE)
{
	struct dmaconf_xfer *a = dmaconf_xfer(dc, 300), *b = dmaconf_xfer(dc, 400);
	int late;

	dmaconf_queue(a);
	KUNIT_ASSERT_EQ(test, dmaconf_terminate_sync(dc), 0);
	late = dc->seq;
	dmaconf_start(b);
	dmaconf_finish(b);
	KUNIT_EXPECT_TRUE_MSG(test, dmaconf_stays_quiet(dc, late + 1),
			      "a transfer that was terminated before it was issued ran later");
	if (a->nto)
		KUNIT_EXPECT_TRUE_MSG(test, dmaconf_xfer_untouched(a),
				      "a terminated transfer wrote to its memory");
}

/* Broken: a callback runs for a request that its client has already torn down. */
DMACONF_RULE(term, no_cb, MUST,
	     "A transfer that was not complete when it was terminated is not called back once terminate_sync has returned.",
	     "Documentation/driver-api/dmaengine/provider.rst:507; Documentation/driver-api/dmaengine/client.rst:311",
	     NEEDS_XFER | NEEDS_TERMINATE | NEEDS_WINDOW)
{
	struct dmaconf_xfer *x[TERM_QUEUE];
	bool taken, gated;
	int calls;

	term_prepare(dc, x, TERM_QUEUE);
	dmaconf_hold(dc);
	gated = dc->window == DMACONF_WINDOW_GATE;
	taken = term_try_start(dc, x, TERM_QUEUE);
	dmaconf_terminate(dc);
	dmaconf_release(dc);
	dmaengine_synchronize(dc->chan);
	calls = dc->seq;
	KUNIT_ASSERT_TRUE_MSG(test, taken, "a transfer was refused while the channel was held");

	KUNIT_EXPECT_TRUE_MSG(test, dmaconf_stays_quiet(dc, calls),
			      "called back after synchronize returned");
	/* Where the hardware may have finished in the window, only what comes later is wrong. */
	if (gated)
		KUNIT_EXPECT_EQ_MSG(test, calls, 0, "callbacks of unfinished transfers");
}

static void term_in_callback(struct dmaconf_xfer *x)
{
	*(int *)x->priv = dmaconf_terminate(x->dc);
}

/*
 * "No further callback" would be too much to ask: transfers that had completed
 * before may still be called back until synchronize (client.rst:319), so only
 * what had not completed is looked at.
 *
 * Broken: a client that stops its channel on an error from the callback, as serial and
 * audio do, deadlocks or is called back once more.
 */
DMACONF_RULE(term, in_cb, MUST,
	     "terminate_async may be called from a callback of the same channel: what has not completed is not called back after it.",
	     "Documentation/driver-api/dmaengine/provider.rst:509; Documentation/driver-api/dmaengine/client.rst:157; include/linux/dmaengine.h:1155",
	     NEEDS_XFER | NEEDS_ORDER | NEEDS_TERMINATE | NEEDS_WINDOW)
{
	struct dmaconf_xfer *x[TERM_QUEUE];
	int *ret = kunit_kzalloc(test, sizeof(*ret), GFP_KERNEL);
	bool taken = true;
	int calls;

	KUNIT_ASSERT_NOT_NULL(test, ret);
	term_prepare(dc, x, TERM_QUEUE);
	x[0]->priv = ret;
	x[0]->on_callback = term_in_callback;
	*ret = 1;
	dmaconf_hold(dc);
	for (int i = 0; i < TERM_QUEUE; i++)
		taken &= dmaconf_try_queue(x[i]);
	dmaconf_issue(dc);
	if (dc->window == DMACONF_WINDOW_GATE)
		dmaconf_step(dc, x[0]->len);
	else
		dmaconf_release(dc);
	KUNIT_ASSERT_TRUE_MSG(test, taken, "a transfer was refused while the channel was held");
	KUNIT_ASSERT_TRUE_MSG(test, dmaconf_wait_calls(x[0], 1), "the first transfer");
	KUNIT_EXPECT_EQ_MSG(test, *ret, 0, "terminate_async inside a callback");
	/* Without a gate the others may have completed together with the first. */
	if (dc->window == DMACONF_WINDOW_NONE)
		dmaengine_synchronize(dc->chan);
	calls = READ_ONCE(dc->seq);
	dmaconf_release(dc);
	KUNIT_EXPECT_TRUE_MSG(test, dmaconf_stays_quiet(dc, calls),
			      "called back after a callback terminated the channel");
	KUNIT_EXPECT_EQ(test, dmaconf_terminate_sync(dc), 0);
	dmaconf_transfer(dc, 256);
}

/*
 * Broken: clients terminate on every shutdown path, idle or not: closing a device fails
 * or disturbs the next use.
 */
DMACONF_RULE(term, idle, MUST,
	     "terminate on an idle channel, again and again, and synchronize without it succeed and change nothing.",
	     "drivers/dma/dmatest.c:938; drivers/dma/dmaengine.c:506; drivers/tty/serial/imx.c:1586",
	     NEEDS_XFER | NEEDS_TERMINATE)
{
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 3; i++)
			KUNIT_EXPECT_EQ_MSG(test, dmaconf_terminate_sync(dc), 0,
					    "call %d after %d transfers", i + 1, round);
		KUNIT_EXPECT_EQ(test, dmaconf_terminate(dc), 0);
		dmaengine_synchronize(dc->chan);
		dmaengine_synchronize(dc->chan);
		dmaconf_transfer(dc, 200);
		dmaengine_synchronize(dc->chan);
	}
}

/*
 * Broken: after the first stop the device works no more until it is opened again, or the
 * machine rebooted.
 */
DMACONF_RULE(term, reusable, MUST,
	     "After terminate_sync the channel takes and runs new work without being released.",
	     "drivers/tty/serial/8250/8250_dma.c:171; drivers/spi/spi-dw-dma.c:672",
	     NEEDS_XFER | NEEDS_TERMINATE | NEEDS_WINDOW)
{
	struct dmaconf_xfer *x[3];
	int ret;

	term_prepare(dc, x, ARRAY_SIZE(x));
	for (int round = 0; round < 12; round++) {
		int n = 1 + dmaconf_random(dc, ARRAY_SIZE(x));
		bool taken;

		dmaconf_hold(dc);
		taken = term_try_start(dc, x, n);
		ret = dmaconf_terminate(dc);
		dmaconf_release(dc);
		dmaengine_synchronize(dc->chan);
		dmaconf_streams_resync(dc);
		KUNIT_ASSERT_TRUE_MSG(test, taken, "round %d: a transfer was refused", round + 1);
		KUNIT_ASSERT_EQ_MSG(test, ret, 0, "round %d", round + 1);
		if (!dmaconf_transfer(dc, 100 + dmaconf_random(dc, 400)))
			KUNIT_FAIL_AND_ABORT(test, "after %d terminations", round + 1);
	}
}

/*
 * Broken: a restarted stream (xrun, flow control) stands still, or ends with the
 * completion of the one that was aborted.
 */
DMACONF_RULE(term, async_restart, MUST,
	     "New transfers may be queued and issued right after terminate_async: they run, and the aborted ones do not disturb them.",
	     "drivers/tty/serial/8250/8250_dma.c:165; sound/core/pcm_dmaengine.c:187",
	     NEEDS_XFER | NEEDS_TERMINATE | NEEDS_WINDOW)
{
	struct dmaconf_xfer *x[3], *fresh;
	bool taken;

	for (int round = 0; round < 6; round++) {
		term_prepare(dc, x, ARRAY_SIZE(x));
		fresh = dmaconf_xfer(dc, 300 + dmaconf_random(dc, 3000));
		dmaconf_hold(dc);
		taken = term_try_start(dc, x, ARRAY_SIZE(x));
		dmaconf_terminate(dc);
		dmaconf_streams_resync(dc);
		taken &= dmaconf_try_queue(fresh);
		dmaconf_issue(dc);
		dmaconf_release(dc);
		KUNIT_ASSERT_TRUE_MSG(test, taken,
				      "a transfer was refused right after terminate_async");
		if (!dmaconf_finish(fresh))
			KUNIT_FAIL_AND_ABORT(test, "round %d", round + 1);
		if (!dma_has_cap(DMA_COMPLETION_NO_ORDER, dc->device->cap_mask))
			KUNIT_EXPECT_EQ_MSG(test, dmaconf_status(fresh).status, DMA_COMPLETE,
					    "of the transfer after terminate_async");
	}
}

/* Terminate half-way transfers and take their memory away at once. */
static void sync_pull_memory(struct kunit *test, struct dmaconf *dc)
{
	struct dmaconf_xfer *x[3];
	bool taken;

	term_prepare(dc, x, ARRAY_SIZE(x));
	dmaconf_hold(dc);
	taken = term_try_start(dc, x, ARRAY_SIZE(x));
	dmaconf_terminate(dc);
	/* With interrupts off nobody may sleep, so synchronize comes after the window. */
	if (dc->window == DMACONF_WINDOW_IRQ)
		dmaconf_release(dc);
	dmaengine_synchronize(dc->chan);
	for (int i = 0; i < ARRAY_SIZE(x); i++) {
		for (unsigned int n = 0; n < x[i]->nfrom; n++)
			dmaconf_buf_refill(dc, x[i]->from[n].buf);
		for (unsigned int n = 0; n < x[i]->nto; n++)
			dmaconf_buf_refill(dc, x[i]->to[n].buf);
	}
	dmaconf_streams_resync(dc);
	dmaconf_release(dc);
	KUNIT_ASSERT_TRUE_MSG(test, taken, "a transfer was refused while the channel was held");
	/* Whatever is still on its way has time to arrive, and a reason to. */
	dmaconf_stays_quiet(dc, dc->seq);
	dmaconf_transfer(dc, 128);
	for (int i = 0; i < ARRAY_SIZE(x); i++)
		for (unsigned int n = 0; n < x[i]->nto; n++)
			KUNIT_EXPECT_EQ_MSG(test, dmaconf_buf_differs(dc, x[i]->to[n].buf),
					    (ssize_t)-1,
					    "transfer %d of %zu wrote to its memory after synchronize",
					    i + 1, ARRAY_SIZE(x));
}

/*
 * Broken: memory that was freed after a stop is overwritten: rare corruption far from
 * its cause.
 */
DMACONF_RULE(sync, no_dma, MUST,
	     "After terminate_async and synchronize no memory of earlier transfers is accessed.",
	     "Documentation/driver-api/dmaengine/provider.rst:517; include/linux/dmaengine.h:1173; Documentation/driver-api/dmaengine/client.rst:369",
	     NEEDS_XFER | NEEDS_TERMINATE | NEEDS_WINDOW)
{
	struct dmaconf_xfer *x;
	size_t bytes;

	for (int round = 0; round < 3; round++)
		sync_pull_memory(test, dc);
	if (!dc->streams[0].len)
		return;
	x = dmaconf_xfer(dc, 512);
	dmaconf_start(x);
	dmaconf_terminate(dc);
	dmaengine_synchronize(dc->chan);
	bytes = dmaconf_port_bytes(dc);
	dmaconf_stays_quiet(dc, dc->seq);
	KUNIT_EXPECT_EQ_MSG(test, dmaconf_port_bytes(dc), bytes,
			    "bytes at the port after synchronize");
	dmaconf_streams_resync(dc);
}

#define DUE_US	2000	/* how long to wait for an interrupt that makes a callback due */

/* Terminate what has ended and was not called back yet, with more queued behind it. */
static void sync_with_callback_due(struct kunit *test, struct dmaconf *dc)
{
	struct dmaconf_xfer *x[TERM_QUEUE];
	bool taken = true;
	ktime_t end;
	int calls;

	term_prepare(dc, x, TERM_QUEUE);
	dmaconf_hold_callbacks(dc);
	for (int i = 0; i < TERM_QUEUE; i++)
		taken &= dmaconf_try_queue(x[i]);
	dmaconf_issue(dc);
	end = ktime_add_us(ktime_get(), DUE_US);
	while (taken && dmaconf_status(x[0]).status != DMA_COMPLETE &&
	       ktime_before(ktime_get(), end))
		cpu_relax();
	dmaconf_terminate(dc);
	dmaconf_release(dc);
	dmaengine_synchronize(dc->chan);
	calls = READ_ONCE(dc->seq);
	KUNIT_ASSERT_TRUE_MSG(test, taken, "a transfer was refused while callbacks were held");
	KUNIT_EXPECT_TRUE_MSG(test, dmaconf_stays_quiet(dc, calls),
			      "called back after synchronize returned, a callback having been due");
	dmaconf_streams_resync(dc);
}

/* A tasklet that calls back runs before the client goes on; anything slower does not. */
static void sync_step(struct dmaconf *dc, size_t bytes)
{
	local_bh_disable();
	dmaconf_step(dc, bytes);
	local_bh_enable();
}

/* Nothing that is due or on its way may come later. */
static void sync_with_scheduled(struct kunit *test, struct dmaconf *dc, bool late, bool two)
{
	struct dmaconf_xfer *x[TERM_QUEUE];
	bool taken = true;
	int calls;

	term_prepare(dc, x, TERM_QUEUE);
	dmaconf_hold(dc);
	for (int i = 0; i < TERM_QUEUE; i++)
		taken &= dmaconf_try_queue(x[i]);
	dmaconf_issue(dc);
	if (dc->window == DMACONF_WINDOW_GATE)
		sync_step(dc, x[0]->len + (two ? x[1]->len : 0));
	if (!late)
		dmaconf_terminate(dc);
	dmaconf_release(dc);
	if (late)
		dmaconf_terminate(dc);
	dmaengine_synchronize(dc->chan);
	calls = READ_ONCE(dc->seq);
	KUNIT_ASSERT_TRUE_MSG(test, taken, "a transfer was refused while the channel was held");
	KUNIT_EXPECT_TRUE_MSG(test, dmaconf_stays_quiet(dc, calls),
			      "called back after synchronize returned");
	dmaconf_streams_resync(dc);
}

static void sync_terminate(struct dmaconf *dc, struct dmaconf_meeting *m)
{
	dmaengine_terminate_sync(dc->chan);
}

/* Broken: a callback runs in memory or in a module that is gone, now and then. */
DMACONF_RULE(sync, no_cb, MUST,
	     "synchronize waits for callbacks that run and leaves none scheduled.",
	     "Documentation/driver-api/dmaengine/provider.rst:525; include/linux/dmaengine.h:1176; drivers/dma/virt-dma.h:212",
	     NEEDS_XFER | NEEDS_TERMINATE | NEEDS_WINDOW)
{
	const struct dmaconf_meeting *m;

	for (int round = 0; round < 4; round++)
		sync_with_scheduled(test, dc, !(round & 2), round & 1);
	for (int round = 0; num_online_cpus() > 1 && round < 3; round++) {
		m = dmaconf_meet(dc, sync_terminate, NULL, 30);
		KUNIT_EXPECT_TRUE_MSG(test, m->outlasted,
				      "terminate_sync returned while a callback ran on another CPU");
		dmaconf_streams_resync(dc);
	}
	for (int round = 0; round < 3; round++)
		sync_with_callback_due(test, dc);
}

static struct kunit_case ctl_rules[] = {
	DMACONF_CASE(ctl, atomic),
	{}
};

DMACONF_SUITE(ctl);

static struct kunit_case term_rules[] = {
	DMACONF_CASE(term, aborts),
	DMACONF_CASE(term, unissued),
	DMACONF_CASE(term, no_cb),
	DMACONF_CASE(term, in_cb),
	DMACONF_CASE(term, idle),
	DMACONF_CASE(term, reusable),
	DMACONF_CASE(term, async_restart),
	{}
};

DMACONF_SUITE(term);

static struct kunit_case sync_rules[] = {
	DMACONF_CASE(sync, no_dma),
	DMACONF_CASE(sync, no_cb),
	{}
};

DMACONF_SUITE(sync);

kunit_test_suites(&ctl_suite, &term_suite, &sync_suite);
