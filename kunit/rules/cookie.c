// SPDX-License-Identifier: GPL-2.0-only
/* Submission and cookies. */
#include <linux/hrtimer.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "dmaconf.h"

/*
 * Broken: a client takes a refused transfer for a queued one and waits for ever, or
 * frees memory that is about to be written.
 */
DMACONF_RULE(cookie, valid, MUST,
	     "Submission returns a cookie of at least DMA_MIN_COOKIE, or a negative errno, never 0; what it refuses never runs.",
	     "include/linux/dmaengine.h:17; Documentation/driver-api/dmaengine/client.rst:265",
	     NEEDS_XFER)
{
	struct dmaconf_xfer *x = dmaconf_xfer(dc, 64), *refused = dmaconf_xfer(dc, 128);

	for (int i = 0; i < 150; i++) {
		KUNIT_ASSERT_TRUE_MSG(test, dmaconf_try_prep(x), "prep %d", i);
		dmaconf_try_submit(x);
		KUNIT_ASSERT_GE_MSG(test, x->cookie, DMA_MIN_COOKIE, "submission %d", i);
		dmaconf_issue(dc);
		KUNIT_ASSERT_TRUE_MSG(test, dmaconf_wait_calls(x, i + 1), "transfer %d", i);
	}
	/* No hardware makes a driver refuse a submission. */
	if (!dc->aid || !dc->aid->inject ||
	    dc->aid->inject(dc->chan, DMACONF_INJECT_SUBMIT, 0))
		return;

	KUNIT_ASSERT_TRUE(test, dmaconf_try_prep(refused));
	KUNIT_EXPECT_FALSE(test, dmaconf_try_submit(refused));
	KUNIT_EXPECT_LT_MSG(test, refused->cookie, 0, "a refused submission");
	dmaconf_transfer(dc, 64);
	KUNIT_EXPECT_EQ_MSG(test, refused->calls, 0, "a refused descriptor was called back");
}

/*
 * Broken: asking for one transfer answers for another: it seems complete before it has
 * started.
 */
DMACONF_RULE(cookie, monotonic, MUST,
	     "Cookies of a channel are unique and increase strictly in submit order, across termination too.",
	     "include/linux/dmaengine.h:596; drivers/dma/dmaengine.h:22",
	     NEEDS_XFER)
{
	bool can_terminate = dc->device->device_terminate_all;
	struct dmaconf_xfer *x = dmaconf_xfer(dc, 64);
	dma_cookie_t last = 0;
	int due = 0;

	for (int i = 0; i < 200; i++) {
		dmaconf_queue(x);
		KUNIT_ASSERT_GT_MSG(test, x->cookie, last, "submission %d", i);
		last = x->cookie;
		due++;
		if (can_terminate && !dmaconf_random(dc, 4)) {
			KUNIT_ASSERT_EQ(test, dmaconf_terminate_sync(dc), 0);
			due = 0;
			x->calls = 0;
		} else if (due == 8) {
			dmaconf_issue(dc);
			KUNIT_ASSERT_TRUE_MSG(test, dmaconf_wait_calls(x, due), "batch to %d", i);
			due = 0;
			x->calls = 0;
		}
	}
}

/*
 * Broken: after two thousand million transfers the channel stops: everything looks
 * complete at once, or never.
 */
DMACONF_RULE(cookie, wrap, MUST,
	     "After INT_MAX cookies go on at DMA_MIN_COOKIE, and the status of transfers on both sides of it stays right.",
	     "drivers/dma/dmaengine.h:34; include/linux/dmaengine.h:1489",
	     NEEDS_XFER | NEEDS_WINDOW | NEEDS_ORDER)
{
	struct dmaconf_xfer *x[8];
	enum dma_status held[8];
	bool taken = true;

	for (int i = 0; i < ARRAY_SIZE(x); i++)
		x[i] = dmaconf_xfer(dc, 64);
	dc->chan->cookie = INT_MAX - 3;
	dc->chan->completed_cookie = INT_MAX - 3;
	dmaconf_hold(dc);
	for (int i = 0; i < ARRAY_SIZE(x); i++)
		taken &= dmaconf_try_queue(x[i]);
	dmaconf_issue(dc);
	for (int i = 0; i < ARRAY_SIZE(x); i++)
		held[i] = dmaconf_status(x[i]).status;
	dmaconf_release(dc);
	KUNIT_ASSERT_TRUE_MSG(test, taken, "submission failed near the wrap");
	for (int i = 0; i < ARRAY_SIZE(x); i++)
		dmaconf_finish(x[i]);
	/* The first one may have ended inside the window, seen by tx_status. */
	for (int i = 1; i < ARRAY_SIZE(x) && held[0] == DMA_IN_PROGRESS; i++)
		KUNIT_EXPECT_EQ_MSG(test, held[i], DMA_IN_PROGRESS,
				    "cookie %d while cookie %d was in flight", x[i]->cookie,
				    x[0]->cookie);
	for (int i = 0; i < ARRAY_SIZE(x); i++)
		KUNIT_EXPECT_EQ_MSG(test, dmaconf_status(x[i]).status, DMA_COMPLETE,
				    "cookie %d after its completion", x[i]->cookie);
}

/* Nothing moves by itself: with a gate that is asked of the engine, else watched for. */
static bool submit_started(struct dmaconf *dc, struct dmaconf_xfer *x)
{
	size_t before = dmaconf_xfer_moved(x);

	if (dc->window == DMACONF_WINDOW_GATE)
		return dmaconf_step(dc, SIZE_MAX);
	return !dmaconf_stays_quiet(dc, dc->seq) || dmaconf_xfer_moved(x) != before ||
	       dmaconf_status(x).status == DMA_COMPLETE;
}

/*
 * Broken: the transfer runs before its client has armed the peripheral, or has finished
 * its list of transfers.
 */
DMACONF_RULE(submit, no_start, MUST,
	     "Submission only queues: nothing moves before issue_pending.",
	     "Documentation/driver-api/dmaengine/client.rst:274; include/linux/dmaengine.h:596",
	     NEEDS_XFER)
{
	struct dmaconf_xfer *x = dmaconf_xfer(dc, 512);
	bool gated = dc->aid && dc->aid->gate;

	if (gated)
		dmaconf_hold(dc);
	dmaconf_queue(x);
	if (submit_started(dc, x)) {
		/* async-tx-api.rst lets a public provider issue by itself. */
		if (!dma_has_cap(DMA_SLAVE, dc->device->cap_mask))
			dmaconf_inconclusive(test, "a public provider may issue by itself");
		KUNIT_FAIL(test, "a submitted transfer ran before it was issued");
		return;
	}
	dmaconf_release(dc);
	dmaconf_issue(dc);
	dmaconf_finish(x);
}

#define SUBMIT_EACH	512
#define SUBMIT_RACE_US	15

/**
 * struct submit_side - one of those who submit at the same time
 * @x: what it submits, again and again
 * @cookies: what it got
 * @n: how many
 */
struct submit_side {
	struct dmaconf_xfer *x;
	dma_cookie_t cookies[SUBMIT_EACH];
	int n;
};

/* A softirq, between any two instructions of a thread; a second thread, on another CPU. */
enum { SUBMIT_SOFT, SUBMIT_THREAD, SUBMIT_SIDES = SUBMIT_THREAD + 2 };

struct submit_race {
	struct hrtimer timer;
	struct dmaconf *dc;
	struct submit_side side[SUBMIT_SIDES];
	dma_cookie_t all[SUBMIT_SIDES * SUBMIT_EACH];
};

static bool submit_race_one(struct submit_race *race, struct submit_side *side)
{
	if (side->n >= SUBMIT_EACH || !dmaconf_try_queue(side->x))
		return false;
	side->cookies[side->n++] = side->x->cookie;
	dmaconf_issue(race->dc);
	return true;
}

static enum hrtimer_restart submit_race_tick(struct hrtimer *timer)
{
	struct submit_race *race = container_of(timer, struct submit_race, timer);

	if (!submit_race_one(race, &race->side[SUBMIT_SOFT]))
		return HRTIMER_NORESTART;
	hrtimer_forward_now(timer, SUBMIT_RACE_US * NSEC_PER_USEC);
	return HRTIMER_RESTART;
}

static void submit_race_thread(struct dmaconf_thread *t)
{
	struct submit_race *race = t->priv;

	if (!t->index)
		hrtimer_start(&race->timer, SUBMIT_RACE_US * NSEC_PER_USEC,
			      HRTIMER_MODE_REL_SOFT);
	while (submit_race_one(race, &race->side[SUBMIT_THREAD + t->index]))
		;
	if (!t->index)
		hrtimer_cancel(&race->timer);
}

static int submit_cookie_cmp(const void *a, const void *b)
{
	return *(const dma_cookie_t *)a - *(const dma_cookie_t *)b;
}

static struct submit_race *submit_race_new(struct kunit *test, struct dmaconf *dc)
{
	struct submit_race *race = kunit_kzalloc(test, sizeof(*race), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, race);
	race->dc = dc;
	for (int i = 0; i < SUBMIT_SIDES; i++) {
		race->side[i].x = dmaconf_xfer(dc, 32);
		race->side[i].x->silent = true;
	}
	hrtimer_init(&race->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT);
	race->timer.function = submit_race_tick;
	return race;
}

/*
 * Broken: with several threads now and then a transfer is lost, or two have the same
 * cookie.
 */
DMACONF_RULE(submit, serialised, MUST,
	     "Cookies are assigned and descriptors queued atomically, whoever else submits at the same time.",
	     "drivers/dma/dmaengine.h:26; Documentation/driver-api/dmaengine/provider.rst:395",
	     NEEDS_XFER | NEEDS_ORDER)
{
	struct submit_race *race = submit_race_new(test, dc);
	enum dma_status status;
	int n = 0;

	dmaconf_in_threads(dc, min(num_online_cpus(), SUBMIT_SIDES - SUBMIT_THREAD + 0u),
			   submit_race_thread, race);
	for (int i = 0; i < SUBMIT_SIDES; i++) {
		memcpy(race->all + n, race->side[i].cookies,
		       race->side[i].n * sizeof(race->all[0]));
		n += race->side[i].n;
	}
	sort(race->all, n, sizeof(race->all[0]), submit_cookie_cmp, NULL);
	for (int i = 1; i < n; i++)
		KUNIT_ASSERT_NE_MSG(test, race->all[i], race->all[i - 1],
				    "two of %d submissions got the same cookie", n);
	for (int i = 0; i < SUBMIT_SIDES; i++)
		if (race->side[i].n)
			KUNIT_ASSERT_TRUE_MSG(test, dmaconf_poll(race->side[i].x, &status),
					      "cookie %d never completed",
					      race->side[i].x->cookie);
	if (!race->side[SUBMIT_SOFT].n)
		dmaconf_inconclusive(test, "no submission came in between");
	/* Who came first at the port is not known. */
	dmaconf_streams_resync(dc);
	dmaconf_transfer(dc, 64);
}

static struct kunit_case cookie_rules[] = {
	DMACONF_CASE(cookie, valid),
	DMACONF_CASE(cookie, monotonic),
	DMACONF_CASE(cookie, wrap),
	{}
};

DMACONF_SUITE(cookie);

static struct kunit_case submit_rules[] = {
	DMACONF_CASE(submit, no_start),
	DMACONF_CASE(submit, serialised),
	{}
};

DMACONF_SUITE(submit);

kunit_test_suites(&cookie_suite, &submit_suite);
