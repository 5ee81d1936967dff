// SPDX-License-Identifier: GPL-2.0-only
/* Status of transfers while others are queued, run and end. */
#include "dmaconf.h"

#define POISON	0xa5a5a5a5	/* what dmaconf_status() leaves where nothing was filled in */

/*
 * The walk: transfers of different sizes are queued, issued, held, stepped and
 * finished, while the last one waits to be issued, and after each event all of
 * them are asked for. Nothing can be expected while they are held, so the
 * answers are kept, and each rule compares all of them with its own sentence.
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

/*
 * With a gate, go through all transfers that were issued, in steps that end anywhere, but
 * not beyond: what was only submitted may be started by a public provider.
 */
static void walk_steps(struct dmaconf *dc, struct status_walk *walk)
{
	size_t total = walk_bytes(walk, walk->issued - 1), n = 1;

	while (dc->window == DMACONF_WINDOW_GATE && n && walk->stepped < total) {
		n = roundup(40 + dmaconf_random(dc, 120), dc->align);
		n = dmaconf_step(dc, min(n, total - walk->stepped));
		walk->stepped += n;
		walk_ask(dc, walk, "moved on");
	}
}

/*
 * The last one is only submitted. At most two are submitted and not issued: more may be
 * started by a public provider.
 */
static bool walk_held(struct dmaconf *dc, struct status_walk *walk)
{
	bool taken;

	dmaconf_hold(dc);
	taken = walk_submit(dc, walk) && walk_submit(dc, walk);
	if (taken)
		walk_issue(dc, walk);
	taken = taken && walk_submit(dc, walk);
	if (taken)
		walk_steps(dc, walk);
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
	for (int i = 1; i < WALKERS; i++) {
		/* Not while others run: whether that works is for issue.while_busy to say. */
		if (i == walk->issued)
			dmaconf_issue(dc);
		walk->ended &= dmaconf_finish(walk->x[i]);
	}
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
