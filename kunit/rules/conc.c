// SPDX-License-Identifier: GPL-2.0-only
/*
 * Several clients at the same time. On one CPU they take turns where they wait
 * and where an interrupt comes; with several CPUs they really meet.
 */
#include <linux/delay.h>
#include <linux/mutex.h>
#include <linux/sort.h>

#include "dmaconf.h"

#define CONC_EACH	24	/* transfers of each client */
#define CONC_AHEAD	4	/* of these, not waited for at any time */

/**
 * struct conc_client - what one thread sends through one channel
 * @dc: the channel's client
 * @at: where its channel's stream was before
 * @x: its transfers, in the order in which they are submitted
 * @refused: this one was not accepted, however long the client waited
 * @lost: nothing was called back for this one
 */
struct conc_client {
	struct dmaconf *dc;
	size_t at;
	struct dmaconf_xfer *x[CONC_EACH];
	struct dmaconf_xfer *refused;
	struct dmaconf_xfer *lost;
};

struct conc {
	struct conc_client client[DMACONF_THREADS];
	struct dmaconf_xfer *by_cookie[DMACONF_THREADS * CONC_EACH];
};

static void conc_client_init(struct conc_client *c, struct dmaconf *dc, u32 max)
{
	c->dc = dc;
	c->at = dc->streams[0].sink_next;
	for (int i = 0; i < CONC_EACH; i++)
		c->x[i] = dmaconf_xfer(dc, 1 + dmaconf_random(dc, max));
}

/* Where the provider has no descriptor left, one becomes free when a transfer ends. */
static bool conc_queue(struct conc_client *c, struct dmaconf_xfer *x)
{
	int seq;

	do {
		seq = READ_ONCE(c->dc->seq);
		if (dmaconf_try_queue(x))
			return true;
	} while (dmaconf_wait_seq(c->dc, seq + 1));
	c->refused = x;
	return false;
}

static bool conc_wait(struct conc_client *c, struct dmaconf_xfer *x, bool poll)
{
	enum dma_status status;
	bool ended = true;

	if (poll)
		ended = dmaconf_poll(x, &status);
	ended &= dmaconf_wait_calls(x, 1);
	if (!ended)
		c->lost = x;
	return ended;
}

static void conc_client(struct dmaconf_thread *t)
{
	struct conc_client *c = &((struct conc *)t->priv)->client[t->index];
	bool ordered = !dma_has_cap(DMA_COMPLETION_NO_ORDER, c->dc->device->cap_mask);
	int waited = 0;

	for (int i = 0; i < CONC_EACH; i++) {
		u32 mood = prandom_u32_state(&t->rnd) % 4;

		if (!conc_queue(c, c->x[i]))
			break;
		dmaconf_issue(c->dc);
		while (waited <= i - (mood ? CONC_AHEAD : 0))
			if (!conc_wait(c, c->x[waited++], ordered && mood == 1))
				return;
	}
	while (waited < CONC_EACH && c->x[waited]->state != DMACONF_NEW &&
	       c->x[waited] != c->refused)
		if (!conc_wait(c, c->x[waited++], false))
			return;
}

static int conc_cookie_cmp(const void *a, const void *b)
{
	struct dmaconf_xfer * const *x = a, * const *y = b;

	return (*x)->cookie - (*y)->cookie;
}

/* Who came first at the port is known by the cookies only. */
static void conc_sort_stream(struct dmaconf_xfer **x, int n, size_t at)
{
	for (int i = 0; i < n && x[i]->dir == DMA_MEM_TO_DEV; i++) {
		x[i]->stream_off = at;
		at += x[i]->len;
	}
}

/* All transfers of a channel, from one client or from several. */
static void conc_check(struct kunit *test, struct dmaconf *dc, struct conc *conc)
{
	int n = 0, wrong = 0;
	size_t at = 0;

	for (int i = 0; i < DMACONF_THREADS; i++) {
		struct conc_client *c = &conc->client[i];

		if (c->dc != dc)
			continue;
		if (c->refused)
			KUNIT_FAIL_AND_ABORT(test, "%s: client %d: %zu bytes were refused",
					     dc->label, i, c->refused->len);
		if (c->lost)
			KUNIT_FAIL_AND_ABORT(test, "%s: client %d: cookie %d never ended",
					     dc->label, i, c->lost->cookie);
		at = c->at;
		for (int k = 0; k < CONC_EACH; k++)
			conc->by_cookie[n++] = c->x[k];
	}
	sort(conc->by_cookie, n, sizeof(conc->by_cookie[0]), conc_cookie_cmp, NULL);
	for (int i = 1; i < n; i++)
		KUNIT_ASSERT_NE_MSG(test, conc->by_cookie[i]->cookie,
				    conc->by_cookie[i - 1]->cookie,
				    "%s: two of %d submissions got the same cookie", dc->label, n);
	conc_sort_stream(conc->by_cookie, n, at);
	for (int i = 0; i < n; i++)
		wrong += dmaconf_wait(conc->by_cookie[i]) != DMACONF_DONE;
	KUNIT_EXPECT_EQ_MSG(test, wrong, 0, "%s: of %d transfers", dc->label, n);
	dmaconf_streams_resync(dc);
}

/*
 * Broken: under load from several CPUs transfers get lost, or run with another
 * one's addresses; a single busy client never sees it.
 */
DMACONF_RULE(conc, chan_mt, MUST,
	     "Several threads may prepare, submit, issue and ask for the status on one channel at the same time.",
	     "drivers/dma/dmaengine.c:16; Documentation/driver-api/dmaengine/client.rst:140; drivers/dma/dmatest.c:29",
	     NEEDS_XFER)
{
	struct conc *conc = kunit_kzalloc(test, sizeof(*conc), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, conc);
	for (int i = 0; i < DMACONF_THREADS; i++)
		conc_client_init(&conc->client[i], dc, 1000);
	dmaconf_in_threads(dc, DMACONF_THREADS, conc_client, conc);
	conc_check(test, dc, conc);
}

/* A part of each in turn: whatever the channels share is used by both in between. */
static void conc_alternate(struct dmaconf *one, struct dmaconf *two)
{
	struct dmaconf *dc[] = { one, two };
	struct dmaconf_xfer *x[2];

	for (int i = 0; i < 2; i++) {
		x[i] = dmaconf_xfer(dc[i], 1024);
		dmaconf_hold(dc[i]);
		dmaconf_start(x[i]);
	}
	for (int part = 0; part < 4; part++)
		for (int i = 0; i < 2; i++)
			dmaconf_step(dc[i], 256);
	for (int i = 0; i < 2; i++)
		dmaconf_release(dc[i]);
	for (int i = 0; i < 2; i++)
		dmaconf_finish(x[i]);
}

/*
 * Broken: a disk and a serial port that are busy at the same time get each other's
 * data, or one of them stalls.
 */
DMACONF_RULE(conc, multi_chan, MUST,
	     "The channels of a device work at the same time: none disturbs another, and all get on.",
	     "Documentation/driver-api/dmaengine/provider.rst:11; drivers/dma/amba-pl08x.c:899",
	     NEEDS_XFER | NEEDS_PEER)
{
	struct conc *conc = kunit_kzalloc(test, sizeof(*conc), GFP_KERNEL);
	struct dmaconf *channels[DMACONF_THREADS] = { dc };
	unsigned int n = 1;

	KUNIT_ASSERT_NOT_NULL(test, conc);
	while (n < DMACONF_THREADS && (channels[n] = dmaconf_other(dc)))
		n++;
	if (n < 2)
		dmaconf_not_tested(test, "no second free channel of %s", dev_name(dc->device->dev));
	for (unsigned int i = 1; i < n && dc->aid && dc->aid->gate; i++)
		conc_alternate(dc, channels[i]);
	for (unsigned int i = 0; i < n; i++)
		conc_client_init(&conc->client[i], channels[i], 5000);
	dmaconf_in_threads(dc, n, conc_client, conc);
	for (unsigned int i = 0; i < n; i++)
		conc_check(test, conc->client[i].dc, conc);
}

/* Roles of the threads in a race against terminate. */
enum { RACE_SUBMITS, RACE_TERMINATES, RACE_ASKS, RACE_ISSUES, RACE_ROLES };

#define RACE_XFERS	16
/* On one CPU there is little that more of them would show. */
#define RACE_ROUNDS	(num_online_cpus() > 1 ? 150 : 40)

/**
 * struct conc_race - everybody against terminate
 * @pair: from prep to submit, and terminate: a terminate in between takes the
 *	descriptor away, so that no client does that
 * @x: transfers, submitted again and again
 * @latest: the last cookie
 * @started: submissions
 * @terminated: terminations
 * @failed: those that returned an error
 * @stuck: nothing was called back any more
 * @over: stop
 */
struct conc_race {
	struct mutex pair;	/* see above */
	struct dmaconf_xfer *x[RACE_XFERS];
	dma_cookie_t latest;
	int started;
	int terminated;
	int failed;
	bool stuck;
	bool over;
};

/* Long enough for another CPU to come in between. */
static void race_callback(struct dmaconf_xfer *x)
{
	udelay(x->seq % 16);
}

static bool race_queue(struct conc_race *race)
{
	struct dmaconf_xfer *x = race->x[race->started % RACE_XFERS];

	if (!dmaconf_try_queue(x))
		return false;
	WRITE_ONCE(race->latest, x->cookie);
	race->started++;
	return true;
}

static void race_submit(struct dmaconf_thread *t, struct conc_race *race)
{
	u32 batch = prandom_u32_state(&t->rnd) % 4;

	mutex_lock(&race->pair);
	for (u32 i = 0; i <= batch; i++)
		if (!race_queue(race))
			break;
	mutex_unlock(&race->pair);
	if (prandom_u32_state(&t->rnd) % 2)
		dmaconf_issue(t->dc);
	usleep_range(1, 60);
}

/*
 * Every other time when one was called back, so that some are; else at any moment, and
 * right behind a submission, so that some are not.
 */
static void race_terminate(struct dmaconf_thread *t, struct conc_race *race)
{
	for (int i = 0; i < RACE_ROUNDS && !race->stuck; i++) {
		if (i % 2)
			race->stuck = !dmaconf_wait_seq(t->dc, READ_ONCE(t->dc->seq) + 1);
		else
			usleep_range(20, 200);
		udelay(prandom_u32_state(&t->rnd) % 32);
		mutex_lock(&race->pair);
		if (i % 2 == 0)
			race_queue(race);
		race->terminated++;
		race->failed += !!dmaengine_terminate_async(t->dc->chan);
		mutex_unlock(&race->pair);
	}
	WRITE_ONCE(race->over, true);
}

static void race_thread(struct dmaconf_thread *t)
{
	struct conc_race *race = t->priv;

	if (t->index == RACE_TERMINATES)
		race_terminate(t, race);
	while (!READ_ONCE(race->over)) {
		if (t->index == RACE_SUBMITS)
			race_submit(t, race);
		else if (t->index == RACE_ISSUES)
			dmaconf_issue(t->dc);
		else if (READ_ONCE(race->latest))
			dmaengine_tx_status(t->dc->chan, READ_ONCE(race->latest), NULL);
		if (t->index != RACE_SUBMITS)
			usleep_range(1, 30);
	}
}

/*
 * Broken: once in many times closing a busy device corrupts memory or stops the
 * machine.
 */
DMACONF_RULE(conc, term_race, MUST,
	     "terminate may come at any moment: while transfers end, are called back, issued and asked for, on any CPU.",
	     "Documentation/driver-api/dmaengine/provider.rst:509; drivers/dma/virt-dma.h:143; drivers/dma/bcm2835-dma.c:473",
	     NEEDS_XFER | NEEDS_TERMINATE)
{
	struct conc_race *race = kunit_kzalloc(test, sizeof(*race), GFP_KERNEL);
	int calls;

	KUNIT_ASSERT_NOT_NULL(test, race);
	mutex_init(&race->pair);
	for (int i = 0; i < RACE_XFERS; i++) {
		race->x[i] = dmaconf_xfer(dc, 1 + dmaconf_random(dc, 8000));
		race->x[i]->on_callback = race_callback;
	}
	/* More goes through the port than its stream holds. */
	if (dc->streams[0].len)
		dmaconf_connect_endless(dc, 0);
	dmaconf_in_threads(dc, RACE_ROLES, race_thread, race);
	KUNIT_EXPECT_EQ_MSG(test, dmaconf_terminate_sync(dc), 0, "terminate_sync after the race");
	calls = READ_ONCE(dc->seq);
	if (dc->streams[0].len)
		dmaconf_connect(dc, 0, SIZE_MAX, false);
	KUNIT_EXPECT_FALSE_MSG(test, race->stuck,
			       "after %d terminations nothing was called back for %u ms",
			       race->terminated, dmaconf_timeout_ms());
	KUNIT_EXPECT_EQ_MSG(test, race->failed, 0, "of %d terminations", race->terminated);
	KUNIT_EXPECT_TRUE_MSG(test, dmaconf_stays_quiet(dc, calls),
			      "called back after synchronize returned");
	KUNIT_EXPECT_LE_MSG(test, calls, race->started, "callbacks of so many transfers");
	dmaconf_diag(dc, "%d transfers, %d called back, %d terminations", race->started, calls,
		     race->terminated);
	if (test->status == KUNIT_SUCCESS && (!calls || calls == race->started))
		dmaconf_inconclusive(test, "%d of %d transfers were called back", calls,
				     race->started);
}

/**
 * struct irqsafe - the operations of a channel, called from some context
 * @x: transfers of the contexts
 * @next: the next one to use
 * @refused: some were not accepted
 */
struct irqsafe {
	struct dmaconf_xfer *x[4];
	int next;
	int refused;
};

static void irqsafe_ops(struct dmaconf *dc, void *arg)
{
	struct irqsafe *s = arg;
	struct dmaconf_xfer *x = s->x[s->next++];

	s->refused += !dmaconf_try_queue(x);
	dmaconf_issue(dc);
	dmaengine_tx_status(dc->chan, x->cookie, NULL);
	dmaengine_pause(dc->chan);
	dmaengine_resume(dc->chan);
	dmaengine_terminate_async(dc->chan);
}

/*
 * Broken: the machine stands still when an interrupt handler uses the channel just
 * while its CPU is inside the provider.
 */
DMACONF_RULE(conc, irqsafe, MUST,
	     "The locks that prep, submit, issue, tx_status, pause and terminate take may be taken in hard interrupts: the lock validator has nothing to say.",
	     "Documentation/driver-api/dmaengine/provider.rst:395; Documentation/driver-api/dmaengine/provider.rst:448",
	     NEEDS_SLAVE | NEEDS_PORT | NEEDS_LOCKDEP)
{
	struct irqsafe *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, s);
	for (int i = 0; i < ARRAY_SIZE(s->x); i++)
		s->x[i] = dmaconf_xfer(dc, 64);
	/* With interrupts on, so that the locks are seen to be taken in that state. */
	irqsafe_ops(dc, s);
	dmaengine_synchronize(dc->chan);
	dmaconf_streams_resync(dc);
	dmaconf_transfer(dc, 64);
	dmaconf_in_timer(dc, HRTIMER_MODE_REL_SOFT, irqsafe_ops, s);
	dmaengine_synchronize(dc->chan);
	dmaconf_in_hardirq(dc, irqsafe_ops, s);
	dmaengine_synchronize(dc->chan);
	irqsafe_ops(dc, s);
	KUNIT_EXPECT_EQ(test, dmaconf_terminate_sync(dc), 0);
	KUNIT_EXPECT_EQ_MSG(test, s->refused, 0, "transfers refused in some context");
}

static struct kunit_case conc_rules[] = {
	DMACONF_CASE(conc, irqsafe),
	DMACONF_CASE(conc, chan_mt),
	DMACONF_CASE(conc, multi_chan),
	DMACONF_CASE(conc, term_race),
	{}
};

DMACONF_SUITE(conc);

kunit_test_suites(&conc_suite);
