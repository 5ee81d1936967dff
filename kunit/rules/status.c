// SPDX-License-Identifier: GPL-2.0-only
/* Status of transfers. */
#include <linux/cpumask.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "dmaconf.h"

#define POISON	0xa5a5a5a5	/* what dmaconf_status() leaves where nothing was filled in */

/*
 * The walk: transfers of different sizes are queued, issued, held, stepped and
 * finished, and after each event all of them are asked for. Nothing can be
 * expected while they are held, so the answers are kept, and each rule compares
 * all of them with its own sentence.
 */
#define WALKERS	4	/* the first one has ended before the walk begins */
#define ANSWERS	192

/**
 * struct status_answer - one answer of the walk
 * @x: who was asked for
 * @when: what had happened last
 * @at: the answer
 * @newest: cookie of the newest submission at that time
 * @over: it had ended for certain
 * @open: it had not ended for certain
 * @issued: it was issued
 * @behind: it was issued and had not moved a byte, for certain
 */
struct status_answer {
	struct dmaconf_xfer *x;
	const char *when;
	struct dmaconf_status at;
	dma_cookie_t newest;
	bool over;
	bool open;
	bool issued;
	bool behind;
};

/**
 * struct status_walk - a walk and its answers
 * @x: the transfers, in submit order
 * @submitted: how many of them are
 * @issued: how many of them are
 * @stepped: bytes that the gate let through
 * @ended: all have
 * @n: number of answers
 * @compared: how many of them were compared with a rule
 * @answers: the answers
 */
struct status_walk {
	struct dmaconf_xfer *x[WALKERS];
	int submitted;
	int issued;
	size_t stepped;
	bool ended;
	int n;
	int compared;
	struct status_answer answers[ANSWERS];
};

/* Bytes of the transfers up to and with number @last that the gate must let through. */
static size_t walk_bytes(struct status_walk *walk, int last)
{
	size_t sum = 0;

	for (int i = 1; i <= last; i++)
		sum += walk->x[i]->len;
	return sum;
}

static void walk_ask_for(struct dmaconf *dc, struct status_walk *walk, int i, const char *when)
{
	struct status_answer *a = &walk->answers[walk->n];
	bool gate = dc->window == DMACONF_WINDOW_GATE;

	if (walk->n == ANSWERS)
		return;
	walk->n++;
	a->x = walk->x[i];
	a->when = when;
	a->at = dmaconf_status(a->x);
	a->newest = walk->x[walk->submitted - 1]->cookie;
	a->issued = i < walk->issued;
	a->over = !i || walk->ended || (gate && a->issued && walk->stepped >= walk_bytes(walk, i));
	a->behind = gate && a->issued && !a->over && walk->stepped <= walk_bytes(walk, i - 1);
	/* Without a gate: it had not ended when its data is not all there even now. */
	a->open = !a->over && (gate || !a->issued || dmaconf_xfer_moved(a->x) < a->x->len);
}

static void walk_ask(struct dmaconf *dc, struct status_walk *walk, const char *when)
{
	for (int i = 0; i < walk->submitted; i++)
		walk_ask_for(dc, walk, i, when);
}

static bool walk_submit(struct dmaconf *dc, struct status_walk *walk)
{
	bool taken = dmaconf_try_queue(walk->x[walk->submitted]);

	if (!taken)
		return false;
	walk->submitted++;
	walk_ask(dc, walk, "submitted");
	return true;
}

static void walk_issue(struct dmaconf *dc, struct status_walk *walk)
{
	dmaconf_issue(dc);
	walk->issued = walk->submitted;
	walk_ask(dc, walk, "issued");
}

/* With a gate, go through all transfers in steps that end anywhere. */
static void walk_steps(struct dmaconf *dc, struct status_walk *walk)
{
	size_t total = walk_bytes(walk, WALKERS - 1), n = 1;

	while (dc->window == DMACONF_WINDOW_GATE && n && walk->stepped < total) {
		n = dmaconf_step(dc, roundup(40 + dmaconf_random(dc, 120), dc->align));
		walk->stepped += n;
		walk_ask(dc, walk, "moved on");
	}
}

/* At most two are submitted and not issued: more may be started by a public provider. */
static bool walk_held(struct dmaconf *dc, struct status_walk *walk)
{
	bool taken;

	dmaconf_hold(dc);
	taken = walk_submit(dc, walk) && walk_submit(dc, walk);
	if (taken)
		walk_issue(dc, walk);
	taken = taken && walk_submit(dc, walk);
	if (taken) {
		walk_issue(dc, walk);
		walk_steps(dc, walk);
	}
	dmaconf_release(dc);
	return taken;
}

static struct status_walk *status_walk(struct dmaconf *dc, const size_t len[WALKERS])
{
	struct status_walk *walk = kunit_kzalloc(dc->test, sizeof(*walk), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(dc->test, walk);
	for (int i = 0; i < WALKERS; i++)
		walk->x[i] = dmaconf_xfer(dc, len[i] + dmaconf_random(dc, 40));
	dmaconf_start(walk->x[0]);
	if (!dmaconf_finish(walk->x[0]))
		KUNIT_FAIL_AND_ABORT(dc->test, "no transfer to begin with");
	walk->submitted = 1;
	walk->issued = 1;
	KUNIT_ASSERT_TRUE_MSG(dc->test, walk_held(dc, walk),
			      "a transfer was refused while others were queued");
	walk->ended = true;
	for (int i = 1; i < WALKERS; i++)
		walk->ended &= dmaconf_finish(walk->x[i]);
	if (walk->ended)
		walk_ask(dc, walk, "ended");
	return walk;
}

/* The next answer, up to the first wrong one: those after it would say the same again. */
static struct status_answer *walk_next(struct kunit *test, struct status_walk *walk)
{
	if (test->status != KUNIT_SUCCESS || walk->compared == walk->n)
		return NULL;
	return &walk->answers[walk->compared++];
}

static const size_t falling[WALKERS] = { 80, 400, 240, 100 };
static const size_t rising[WALKERS] = { 500, 90, 200, 420 };

/*
 * Broken: a client that polls frees or reads its buffer before the engine has been
 * there.
 */
DMACONF_RULE(status, in_progress, MUST,
	     "From submit, even before issue, until it has ended, a transfer is in progress and never complete.",
	     "include/linux/dmaengine.h:33; include/linux/dmaengine.h:1466",
	     NEEDS_XFER | NEEDS_ORDER | NEEDS_WINDOW)
{
	const size_t *sizes[] = { falling, rising };
	int running = 0;

	for (int round = 0; round < 2; round++) {
		struct status_walk *walk = status_walk(dc, sizes[round]);
		struct status_answer *a;

		while ((a = walk_next(test, walk))) {
			running += a->issued && (a->open || a->at.status == DMA_IN_PROGRESS);
			if (a->open && a->at.status != DMA_IN_PROGRESS)
				KUNIT_FAIL(test, "cookie %d, %s, is %s after cookie %d was %s",
					   a->x->cookie, a->issued ? "issued" : "not issued yet",
					   dmaconf_status_name(a->at.status), a->newest, a->when);
		}
	}
	if (!running && test->status == KUNIT_SUCCESS)
		dmaconf_inconclusive(test, "every transfer had ended before it could be asked for");
}

static void expect_own_status(struct kunit *test, struct status_answer *a)
{
	if (a->over)
		KUNIT_EXPECT_EQ_MSG(test, a->at.status, DMA_COMPLETE,
				    "cookie %d has ended, but is %s after another was %s",
				    a->x->cookie, dmaconf_status_name(a->at.status), a->when);
	if (a->open)
		KUNIT_EXPECT_NE_MSG(test, a->at.status, DMA_COMPLETE,
				    "cookie %d has not ended, but is complete after another was %s",
				    a->x->cookie, a->when);
}

/* While only others move, the residue of a transfer that waits cannot change. */
static void expect_own_residue(struct kunit *test, struct status_walk *walk,
			       struct status_answer *a)
{
	struct status_answer *first = a;

	KUNIT_EXPECT_LE_MSG(test, a->at.state.residue, a->x->len,
			    "cookie %d of %zu bytes, after one was %s: residue of another transfer?",
			    a->x->cookie, a->x->len, a->when);
	for (struct status_answer *b = a; a->behind && b >= walk->answers; b--)
		if (b->x == a->x && b->behind)
			first = b;
	KUNIT_EXPECT_EQ_MSG(test, a->at.state.residue, first->at.state.residue,
			    "cookie %d waits, but its residue changed with the one that runs",
			    a->x->cookie);
}

/* Broken: a client that asks for its transfer gets the answer for another one's. */
DMACONF_RULE(status, by_cookie, MUST,
	     "Status and residue are those of the cookie that was asked for, not of what runs now.",
	     "Documentation/driver-api/dmaengine/provider.rst:452",
	     NEEDS_XFER | NEEDS_ORDER | NEEDS_WINDOW)
{
	const size_t *sizes[] = { falling, rising };
	bool residue = dc->device->residue_granularity != DMA_RESIDUE_GRANULARITY_DESCRIPTOR;

	for (int round = 0; round < 2; round++) {
		struct status_walk *walk = status_walk(dc, sizes[round]);
		struct status_answer *a;

		while ((a = walk_next(test, walk))) {
			expect_own_status(test, a);
			if (residue)
				expect_own_residue(test, walk, a);
		}
	}
}

static void expect_filled(struct kunit *test, struct dmaconf_xfer *x, struct dmaconf_status *at,
			  const char *when)
{
	const struct {
		const char *name;
		u32 value;
	} fields[] = {
		{ "last", at->state.last },
		{ "used", at->state.used },
		{ "residue", at->state.residue },
		{ "in_flight_bytes", at->state.in_flight_bytes },
	};

	for (int i = 0; i < ARRAY_SIZE(fields); i++)
		KUNIT_EXPECT_NE_MSG(test, fields[i].value, POISON,
				    "%s was not written for cookie %d, which is %s, after one was %s",
				    fields[i].name, x->cookie, dmaconf_status_name(at->status),
				    when);
	if (at->state.in_flight_bytes != POISON)
		KUNIT_EXPECT_LE_MSG(test, at->state.in_flight_bytes, x->len,
				    "in_flight_bytes of cookie %d", x->cookie);
}

/* Broken: clients compute with what happened to lie on their stack. */
DMACONF_RULE(status, fills_state, MUST,
	     "tx_status writes last, used, residue and in_flight_bytes, whatever status it returns.",
	     "include/linux/dmaengine.h:723; include/linux/dmaengine.h:1466; drivers/dma/dmaengine.h:68",
	     NEEDS_XFER | NEEDS_WINDOW)
{
	struct status_answer *a;
	struct status_walk *walk;
	struct dmaconf_status at;
	struct dmaconf_xfer *x;

	if (dma_has_cap(DMA_COMPLETION_NO_ORDER, dc->device->cap_mask))
		dmaconf_should(dc, "cookies have no meaning where completion is out of order");
	walk = status_walk(dc, falling);
	while ((a = walk_next(test, walk)))
		expect_filled(test, a->x, &a->at, a->when);

	if (!dc->device->device_terminate_all)
		return;
	x = dmaconf_xfer(dc, 100);
	dmaconf_queue(x);
	KUNIT_ASSERT_EQ(test, dmaconf_terminate_sync(dc), 0);
	at = dmaconf_status(x);
	expect_filled(test, x, &at, "aborted");
}

/*
 * Broken: dma_async_is_complete() goes wrong, and with it whoever remembers both to ask
 * later.
 */
DMACONF_RULE(status, last_used, MUST,
	     "last is the newest completed cookie and used the newest submitted one, in agreement with the status.",
	     "include/linux/dmaengine.h:723; include/linux/dmaengine.h:1479",
	     NEEDS_XFER | NEEDS_ORDER | NEEDS_WINDOW)
{
	struct status_walk *walk = status_walk(dc, rising);
	struct status_answer *a;

	while ((a = walk_next(test, walk))) {
		struct dma_tx_state *state = &a->at.state;
		bool complete = dma_async_is_complete(a->x->cookie, state->last,
						      state->used) == DMA_COMPLETE;

		KUNIT_EXPECT_EQ_MSG(test, state->used, a->newest,
				    "used, asking for cookie %d after one was %s",
				    a->x->cookie, a->when);
		KUNIT_EXPECT_EQ_MSG(test, complete, a->at.status == DMA_COMPLETE,
				    "cookie %d is %s, but last %d and used %d say otherwise",
				    a->x->cookie, dmaconf_status_name(a->at.status), state->last,
				    state->used);
		KUNIT_EXPECT_LE_MSG(test, state->last, a->newest,
				    "last is a cookie that nobody has");
	}
}

/*
 * Broken: clients that are not prepared for DMA_OUT_OF_ORDER take it for an error; or
 * take "complete" to cover all before it.
 */
DMACONF_RULE(status, out_of_order, MUST,
	     "Only a provider with DMA_COMPLETION_NO_ORDER answers DMA_OUT_OF_ORDER, and it always does.",
	     "Documentation/driver-api/dmaengine/provider.rst:261; Documentation/driver-api/dmaengine/provider.rst:464",
	     NEEDS_XFER)
{
	bool no_order = dma_has_cap(DMA_COMPLETION_NO_ORDER, dc->device->cap_mask);
	struct status_walk *walk = status_walk(dc, rising);
	struct status_answer *a;

	while ((a = walk_next(test, walk))) {
		bool out_of_order = a->at.status == DMA_OUT_OF_ORDER;

		if (out_of_order != no_order)
			KUNIT_FAIL(test, "cookie %d is %s after one was %s, %s COMPLETION_NO_ORDER",
				   a->x->cookie, dmaconf_status_name(a->at.status), a->when,
				   no_order ? "in spite of" : "without");
	}
}

/*
 * Two observers at once, on two CPUs where there are. Once one of them has seen
 * a transfer complete, neither may see anything else from then on.
 */
#define BATCH	6
#define BATCHES	3

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
