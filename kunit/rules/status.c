// SPDX-License-Identifier: GPL-2.0-only
/* Status of transfers. */
#include <linux/cpumask.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "dmaconf.h"

/*
 * Two observers at once, on two CPUs where there are. Once one of them has seen
 * a transfer complete, neither may see anything else from then on.
 */
#define BATCH	6
#define BATCHES	3
#define OLD	150

struct status_observers {
	struct work_struct work;
	struct dmaconf *dc;
	int n;
	struct dmaconf_xfer *x[BATCHES * BATCH];
	bool complete[BATCHES * BATCH];
	struct dmaconf_xfer *reverted;
	enum dma_status became;
};

static bool observe_once(struct status_observers *o)
{
	bool all = true;

	for (int i = 0; i < o->n; i++) {
		/* Pairs with the release below: the question comes after the other's answer. */
		bool before = smp_load_acquire(&o->complete[i]);
		enum dma_status status = dmaengine_tx_status(o->dc->chan, o->x[i]->cookie, NULL);

		all &= status == DMA_COMPLETE;
		if (status == DMA_COMPLETE) {
			/* Pairs with the acquire above. */
			smp_store_release(&o->complete[i], true);
		} else if (before) {
			o->became = status;
			WRITE_ONCE(o->reverted, o->x[i]);
		}
	}
	return all;
}

static void observe(struct status_observers *o)
{
	ktime_t end = ktime_add_ms(ktime_get(), dmaconf_timeout_ms());

	while (!observe_once(o) && !READ_ONCE(o->reverted) && ktime_before(ktime_get(), end))
		cond_resched();
	for (int i = 0; i < 20; i++)
		observe_once(o);
}

static void observe_work(struct work_struct *work)
{
	observe(container_of(work, struct status_observers, work));
}

static void observe_batch(struct dmaconf *dc, struct status_observers *o)
{
	unsigned int cpu = cpumask_any_but(cpu_online_mask, raw_smp_processor_id());

	for (int i = 0; i < BATCH; i++) {
		o->x[o->n + i] = dmaconf_xfer(dc, 64 + dmaconf_random(dc, 8000));
		dmaconf_queue(o->x[o->n + i]);
	}
	o->n += BATCH;
	dmaconf_issue(dc);
	queue_work_on(cpu < nr_cpu_ids ? cpu : raw_smp_processor_id(), system_wq, &o->work);
	observe(o);
	flush_work(&o->work);
	for (int i = o->n - BATCH; i < o->n; i++)
		if (!dmaconf_finish(o->x[i]))
			KUNIT_FAIL_AND_ABORT(dc->test, "cookie %d did not end", o->x[i]->cookie);
}

/* More than a ring of hardware descriptors has, so that their places were used again. */
static void expect_old_complete(struct dmaconf *dc)
{
	struct dmaconf_xfer *x = dmaconf_xfer(dc, 64), *last = dmaconf_xfer(dc, 3000);
	dma_cookie_t *cookies = kunit_kcalloc(dc->test, OLD, sizeof(*cookies), GFP_KERNEL);
	int wrong = -1;
	bool taken;

	KUNIT_ASSERT_NOT_NULL(dc->test, cookies);
	for (int i = 0; i < OLD; i++) {
		dmaconf_start(x);
		cookies[i] = x->cookie;
		KUNIT_ASSERT_TRUE_MSG(dc->test, dmaconf_wait_calls(x, x->submissions),
				      "cookie %d was not called back", x->cookie);
	}
	dmaconf_hold(dc);
	taken = dmaconf_try_queue(last);
	dmaconf_issue(dc);
	for (int i = 0; i < OLD; i++)
		if (dmaengine_tx_status(dc->chan, cookies[i], NULL) != DMA_COMPLETE)
			wrong = i;
	dmaconf_release(dc);
	KUNIT_ASSERT_TRUE_MSG(dc->test, taken, "a plain transfer was refused");
	dmaconf_finish(last);
	if (wrong >= 0)
		KUNIT_FAIL_AND_ABORT(dc->test,
				     "cookie %d has ended, and is not complete while cookie %d runs",
				     cookies[wrong], last->cookie);
}

/*
 * Broken: a client that asks again later is told that its finished transfer is still
 * running, and waits for ever.
 */
DMACONF_RULE(status, complete, MUST,
	     "Once it has ended a transfer is complete for ever, and no observer sees it go back.",
	     "include/linux/dmaengine.h:30; Documentation/driver-api/dmaengine/client.rst:347",
	     NEEDS_XFER | NEEDS_ORDER)
{
	struct status_observers *o = kunit_kzalloc(test, sizeof(*o), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, o);
	o->dc = dc;
	INIT_WORK(&o->work, observe_work);
	for (int batch = 0; batch < BATCHES; batch++) {
		observe_batch(dc, o);
		if (o->reverted)
			KUNIT_FAIL_AND_ABORT(test, "cookie %d was COMPLETE and became %s",
					     o->reverted->cookie, dmaconf_status_name(o->became));
	}
	if (dc->device->device_terminate_all)
		KUNIT_EXPECT_EQ(test, dmaconf_terminate_sync(dc), 0);
	for (int i = 0; i < o->n; i++)
		KUNIT_EXPECT_EQ_MSG(test, dmaengine_tx_status(dc->chan, o->x[i]->cookie, NULL),
				    DMA_COMPLETE, "cookie %d of %d, all ended",
				    o->x[i]->cookie, o->x[o->n - 1]->cookie);
	expect_old_complete(dc);
}

/**
 * struct status_call - asking for a status with interrupts off
 * @x: who is asked for
 * @without: the answer without a state
 * @with: the answer with one
 * @irqs_on: the provider switched interrupts on
 * @count: by how much the preemption count differs afterwards
 */
struct status_call {
	struct dmaconf_xfer *x;
	enum dma_status without;
	enum dma_status with;
	bool irqs_on;
	int count;
};

static void status_call(struct dmaconf *dc, void *arg)
{
	struct status_call *call = arg;
	int count = preempt_count();

	call->without = dmaengine_tx_status(dc->chan, call->x->cookie, NULL);
	call->irqs_on = !irqs_disabled();
	call->with = dmaconf_status(call->x).status;
	call->irqs_on |= !irqs_disabled();
	call->count = preempt_count() - count;
	if (call->irqs_on)
		local_irq_disable();
}

static void expect_call(struct kunit *test, struct status_call *call, const char *where,
			bool stable)
{
	KUNIT_EXPECT_FALSE_MSG(test, call->irqs_on, "tx_status switched interrupts on, %s", where);
	KUNIT_EXPECT_EQ_MSG(test, call->count, 0, "preemption count changed, %s", where);
	if (stable)
		KUNIT_EXPECT_EQ_MSG(test, call->without, call->with,
				    "%s without a state and %s with one, %s",
				    dmaconf_status_name(call->without),
				    dmaconf_status_name(call->with), where);
}

static DEFINE_SPINLOCK(status_client_lock);

/* @stable: nothing happens to the transfer meanwhile. */
static void status_from_everywhere(struct dmaconf *dc, struct status_call *call, bool stable)
{
	unsigned long irqflags;

	call->without = dmaengine_tx_status(dc->chan, call->x->cookie, NULL);
	call->with = dmaconf_status(call->x).status;
	expect_call(dc->test, call, "from process context", stable);

	spin_lock_irqsave(&status_client_lock, irqflags);
	status_call(dc, call);
	spin_unlock_irqrestore(&status_client_lock, irqflags);
	expect_call(dc->test, call, "under a client's lock", stable);

	dmaconf_in_hardirq(dc, status_call, call);
	expect_call(dc->test, call, "from hard interrupt context", stable);
}

/*
 * Broken: a client that polls under its lock finds interrupts on, sleeps in atomic
 * context, or crashes as it wants no details.
 */
DMACONF_RULE(status, call_ctx, MUST,
	     "tx_status can be called from any context, under a client's lock, and without a state to fill in.",
	     "Documentation/driver-api/dmaengine/provider.rst:457; Documentation/driver-api/dmaengine/provider.rst:467",
	     NEEDS_XFER)
{
	struct status_call *call = kunit_kzalloc(test, sizeof(*call), GFP_KERNEL);
	bool gate = dc->aid && dc->aid->gate;
	struct dmaconf_xfer *behind = dmaconf_xfer(dc, 300);

	KUNIT_ASSERT_NOT_NULL(test, call);
	call->x = dmaconf_xfer(dc, 30000);
	if (gate)
		dmaconf_hold(dc);
	dmaconf_queue(call->x);
	status_from_everywhere(dc, call, true);
	dmaconf_issue(dc);
	status_from_everywhere(dc, call, gate);
	dmaconf_start(behind);
	if (gate)
		dmaconf_step(dc, roundup(call->x->len / 2, dc->align));
	status_from_everywhere(dc, call, gate);
	dmaconf_release(dc);
	dmaconf_finish(call->x);
	dmaconf_finish(behind);
	status_from_everywhere(dc, call, true);
	call->x = behind;
	status_from_everywhere(dc, call, true);
}

/* Ask without a pause until it has ended; its data must be there the very moment it has. */
static void status_poll_tightly(struct dmaconf *dc, struct dmaconf_xfer *x)
{
	ktime_t end = ktime_add_ms(ktime_get(), dmaconf_timeout_ms());
	enum dma_status status;
	size_t moved;
	int polls = 0;

	dmaconf_start(x);
	do {
		status = dmaengine_tx_status(dc->chan, x->cookie, NULL);
		if (!(++polls % 64))
			cond_resched();
	} while (status == DMA_IN_PROGRESS && ktime_before(ktime_get(), end));
	moved = dmaconf_xfer_moved(x);
	KUNIT_EXPECT_EQ_MSG(dc->test, status, DMA_COMPLETE,
			    "%zu bytes, asked for %d times within %u ms: %s, %zu bytes arrived",
			    x->len, polls, dmaconf_timeout_ms(), dmaconf_status_name(status),
			    moved);
	if (status == DMA_COMPLETE)
		KUNIT_EXPECT_EQ_MSG(dc->test, moved, x->len,
				    "COMPLETE was reported before all data had arrived");
	dmaconf_finish(x);
}

/* A transfer that stands still up to its last unit is not brought to an end by asking. */
static void status_poll_held(struct dmaconf *dc, struct dmaconf_xfer *x)
{
	size_t stops[] = { 0, rounddown(x->len / 2, dc->align), x->len - dc->align }, moved = 0;

	dmaconf_hold(dc);
	dmaconf_start(x);
	for (int i = 0; i < ARRAY_SIZE(stops); i++) {
		if (stops[i] > moved)
			moved += dmaconf_step(dc, stops[i] - moved);
		for (int polls = 0; polls < 50; polls++) {
			struct dmaconf_status at = dmaconf_status(x);

			if (at.status != DMA_IN_PROGRESS)
				KUNIT_FAIL_AND_ABORT(dc->test, "%s after %zu of %zu bytes",
						     dmaconf_status_name(at.status), moved, x->len);
		}
	}
	dmaconf_release(dc);
	dmaconf_finish(x);
}

/*
 * Broken: polling loses bytes or slows the transfer down, or the client reads a buffer
 * that is not filled yet.
 */
DMACONF_RULE(status, passive, MUST,
	     "Asking for the status does not disturb a transfer, and COMPLETE means that all data has arrived.",
	     "include/linux/dmaengine.h:848; Documentation/driver-api/dmaengine/provider.rst:452",
	     NEEDS_XFER | NEEDS_ORDER)
{
	static const size_t sizes[] = { 4, 100, 1500, 9000, 33000 };

	for (int i = 0; i < ARRAY_SIZE(sizes); i++) {
		status_poll_tightly(dc, dmaconf_xfer(dc, sizes[i] + dmaconf_random(dc, sizes[i])));
		if (dc->aid && dc->aid->gate)
			status_poll_held(dc, dmaconf_xfer(dc, sizes[i]));
	}
}

static void status_ask_all(struct dmaconf_xfer **x, int n)
{
	for (int i = 0; i < n; i++) {
		dmaengine_tx_status(x[i]->dc->chan, x[i]->cookie, NULL);
		dmaconf_status(x[i]);
	}
}

/* Abort a transfer that runs, one behind it and one not issued; does the next one run? */
static bool status_abort(struct dmaconf *dc, bool ask)
{
	struct dmaconf_xfer *x[3], *next;
	bool taken;
	int ret;

	for (int i = 0; i < ARRAY_SIZE(x); i++)
		x[i] = dmaconf_xfer(dc, 200 + dmaconf_random(dc, 500));
	dmaconf_hold(dc);
	taken = dmaconf_try_queue(x[0]) && dmaconf_try_queue(x[1]);
	dmaconf_issue(dc);
	if (dc->window == DMACONF_WINDOW_GATE)
		dmaconf_step(dc, roundup(dmaconf_random(dc, 180), dc->align));
	taken = taken && dmaconf_try_queue(x[2]);
	ret = dmaconf_terminate(dc);
	if (ask)
		status_ask_all(x, taken ? 3 : 0);
	dmaconf_release(dc);
	dmaengine_synchronize(dc->chan);
	dmaconf_streams_resync(dc);
	KUNIT_ASSERT_TRUE_MSG(dc->test, taken, "a transfer was refused");
	KUNIT_ASSERT_EQ_MSG(dc->test, ret, 0, "terminate_async");
	if (ask)
		status_ask_all(x, 3);

	next = dmaconf_xfer(dc, 300);
	dmaconf_queue(next);
	if (ask)
		status_ask_all(x, 3);
	dmaconf_issue(dc);
	if (ask)
		status_ask_all(x, 3);
	return dmaconf_wait(next) == DMACONF_DONE;
}

/*
 * Broken: a client that looks at a transfer it has just stopped hangs, crashes, or stops
 * the channel for the next one.
 */
DMACONF_RULE(status, after_term, MUST,
	     "Asking for an aborted transfer is safe and does not affect later ones; any answer will do.",
	     "sound/core/pcm_dmaengine.c:352; drivers/dma/dmaengine.h:68",
	     NEEDS_XFER | NEEDS_TERMINATE)
{
	/* Whoever does not survive the termination itself breaks another rule. */
	if (!status_abort(dc, false))
		dmaconf_inconclusive(test, "after terminate no transfer runs, asked for or not");
	for (int round = 0; round < 3; round++)
		KUNIT_EXPECT_TRUE_MSG(test, status_abort(dc, true),
				      "a transfer did not run after aborted ones were asked for");
}

/*
 * Broken: a client that polls instead of taking a callback, as async_tx may, waits for
 * ever.
 */
DMACONF_RULE(status, poll_no_int, MUST,
	     "A transfer without DMA_PREP_INTERRUPT and callback completes too, and asking for it finds that out.",
	     "Documentation/crypto/async-tx-api.rst:121; include/linux/dmaengine.h:1466",
	     NEEDS_XFER | NEEDS_ORDER)
{
	for (int i = 0; i < 12; i++) {
		struct dmaconf_xfer *flagged = i % 3 == 2 ? dmaconf_xfer(dc, 500) : NULL;
		struct dmaconf_xfer *x = dmaconf_xfer(dc, 1 + dmaconf_random(dc, 100 << i % 8));

		x->flags = DMA_CTRL_ACK;
		x->silent = true;
		if (flagged)
			dmaconf_queue(flagged);
		dmaconf_start(x);
		if (!dmaconf_finish(x))
			KUNIT_FAIL_AND_ABORT(test, "cookie %d has no flag and no callback%s",
					     x->cookie, flagged ? ", after one that has" : "");
		if (flagged)
			dmaconf_finish(flagged);
	}
}

/* On one CPU, a provider that completes in a thread waits for whoever spins. */
static bool status_completes_while_spinning(struct dmaconf *dc)
{
	ktime_t end = ktime_add_ms(ktime_get(), dmaconf_timeout_ms());
	struct dmaconf_xfer *x = dmaconf_xfer(dc, 300);
	enum dma_status status;

	dmaconf_start(x);
	do {
		status = dmaengine_tx_status(dc->chan, x->cookie, NULL);
		cpu_relax();
	} while (status == DMA_IN_PROGRESS && ktime_before(ktime_get(), end));
	dmaconf_finish(x);
	return status != DMA_IN_PROGRESS;
}

static void sync_wait_paused(struct dmaconf *dc)
{
	struct dmaconf_xfer *x = dmaconf_xfer(dc, 2000);
	enum dma_status status = DMA_PAUSED;

	dmaconf_hold(dc);
	dmaconf_start(x);
	dmaconf_step(dc, roundup(600, dc->align));
	/* Ask first: a wait for a status other than PAUSED takes its 5 s. */
	if (!dmaengine_pause(dc->chan) && dmaconf_status(x).status == DMA_PAUSED)
		status = dma_sync_wait(dc->chan, x->cookie);
	dmaengine_resume(dc->chan);
	dmaconf_release(dc);
	KUNIT_EXPECT_EQ_MSG(dc->test, status, DMA_PAUSED, "dma_sync_wait() of a paused transfer");
	dmaconf_finish(x);
}

/*
 * Not looked at: that dma_sync_wait() gives up after 5 s with DMA_ERROR. The
 * core does that, no provider can break it, and it takes 5 s.
 *
 * Broken: a synchronous copy times out after five seconds although its data is there, or
 * returns before it is.
 */
DMACONF_RULE(status, sync_wait, MUST,
	     "dma_sync_wait() issues what is pending and returns as soon as it has ended or is paused.",
	     "drivers/dma/dmaengine.c:526; drivers/dma/dmaengine.c:1563",
	     NEEDS_XFER | NEEDS_ORDER)
{
	struct dma_async_tx_descriptor *tx;
	enum dma_status status;

	KUNIT_EXPECT_EQ(test, dma_wait_for_async_tx(NULL), DMA_COMPLETE);
	if (!status_completes_while_spinning(dc) && num_online_cpus() == 1)
		dmaconf_inconclusive(test, "completes in a thread, and a waiting CPU runs none");
	for (int i = 0; i < 6; i++) {
		struct dmaconf_xfer *x = dmaconf_xfer(dc, 1 + dmaconf_random(dc, 20 << 2 * i));

		KUNIT_ASSERT_TRUE_MSG(test, dmaconf_try_prep(x), "prep refused %zu bytes", x->len);
		tx = x->tx;
		KUNIT_ASSERT_TRUE_MSG(test, dmaconf_try_submit(x), "cookie %d", x->cookie);
		/* Not issued, so the descriptor is still there to be waited for. */
		status = i % 2 ? dma_sync_wait(dc->chan, x->cookie) : dma_wait_for_async_tx(tx);
		KUNIT_EXPECT_EQ_MSG(test, status, DMA_COMPLETE, "waiting for %zu bytes: %s",
				    x->len, dmaconf_status_name(status));
		KUNIT_EXPECT_EQ_MSG(test, dmaconf_xfer_moved(x), x->len, "bytes that arrived");
		if (dmaconf_finish(x))
			KUNIT_EXPECT_EQ_MSG(test, dma_sync_wait(dc->chan, x->cookie), DMA_COMPLETE,
					    "waiting for what has ended");
	}
	if (dc->aid && dc->aid->gate && dc->device->device_pause && dc->device->device_resume)
		sync_wait_paused(dc);
}

/* In status_walk.c. */
DMACONF_ELSEWHERE(status, in_progress);
DMACONF_ELSEWHERE(status, by_cookie);
DMACONF_ELSEWHERE(status, fills_state);
DMACONF_ELSEWHERE(status, last_used);
DMACONF_ELSEWHERE(status, out_of_order);

static struct kunit_case status_rules[] = {
	DMACONF_CASE(status, complete),
	DMACONF_CASE(status, in_progress),
	DMACONF_CASE(status, by_cookie),
	DMACONF_CASE(status, call_ctx),
	DMACONF_CASE(status, fills_state),
	DMACONF_CASE(status, last_used),
	DMACONF_CASE(status, passive),
	DMACONF_CASE(status, out_of_order),
	DMACONF_CASE(status, after_term),
	DMACONF_CASE(status, poll_no_int),
	DMACONF_CASE(status, sync_wait),
	{}
};

DMACONF_SUITE(status);

kunit_test_suites(&status_suite);
