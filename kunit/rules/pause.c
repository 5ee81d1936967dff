// SPDX-License-Identifier: GPL-2.0-only
/* Pause and resume. */
#include "dmaconf.h"

/* A provider may be unable to pause this kind of transfer without losing data. */
static void pause_or_skip(struct dmaconf *dc)
{
	int ret = dmaengine_pause(dc->chan);

	if (ret)
		dmaconf_inconclusive(dc->test, "pause of a running transfer returned %d", ret);
}

/* A transfer, in several entries where the channel takes a list. */
static struct dmaconf_xfer *pause_xfer(struct dmaconf *dc, size_t len, unsigned int nents)
{
	struct dmaconf_xfer *x = dmaconf_xfer(dc, len);

	if (x->dir == DMA_MEM_TO_MEM)
		return x;
	if (nents % 2 && dc->device->directions & BIT(DMA_DEV_TO_MEM))
		x = dmaconf_xfer_dir(dc, len, DMA_DEV_TO_MEM);
	KUNIT_ASSERT_TRUE(dc->test, dmaconf_xfer_split(x, nents));
	return x;
}

/* Paused after @moved bytes: however much the engine is offered, nothing happens. */
static void expect_standstill(struct dmaconf_xfer *x, size_t moved)
{
	bool fine = x->dc->device->residue_granularity == DMA_RESIDUE_GRANULARITY_BURST;
	u32 residue = dmaconf_status(x).state.residue;
	size_t arrived = dmaconf_xfer_moved(x);
	struct kunit *test = x->dc->test;

	for (int i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ_MSG(test, dmaconf_step(x->dc, SZ_4K), 0,
				    "bytes moved while paused after %zu of %zu", moved, x->len);
		KUNIT_EXPECT_EQ_MSG(test, dmaconf_xfer_moved(x), arrived,
				    "data arrived while paused");
		KUNIT_EXPECT_EQ_MSG(test, dmaconf_status(x).state.residue, residue,
				    "the residue changed while paused");
	}
	if (fine)
		KUNIT_EXPECT_EQ_MSG(test, residue, x->len - moved,
				    "residue of a transfer paused after %zu of %zu bytes", moved,
				    x->len);
}

/* Pause a transfer at each of some places, and see that every byte moves exactly once. */
static void pause_at(struct dmaconf *dc, struct dmaconf_xfer *x, const size_t *stops, int n)
{
	size_t moved = 0;

	dmaconf_hold(dc);
	dmaconf_start(x);
	for (int i = 0; i < n; i++) {
		if (stops[i] > moved)
			moved += dmaconf_step(dc, stops[i] - moved);
		pause_or_skip(dc);
		expect_standstill(x, moved);
		KUNIT_ASSERT_EQ_MSG(dc->test, dmaengine_resume(dc->chan), 0,
				    "resume after %zu of %zu bytes", moved, x->len);
	}
	moved += dmaconf_step(dc, 2 * x->len);
	KUNIT_EXPECT_EQ_MSG(dc->test, moved, x->len, "bytes that the engine moved in all");
	dmaconf_release(dc);
	dmaconf_finish(x);
}

#define STOPPED	4

/**
 * struct pause_snapshot - what a pause left behind, and what it was a while later
 * @x: the transfers
 * @moved: bytes of each that had arrived when pause had returned
 * @residue: what each answered then
 * @pause: what pause returned
 */
struct pause_snapshot {
	struct dmaconf_xfer *x[STOPPED];
	size_t moved[STOPPED];
	u32 residue[STOPPED];
	int pause;
};

static bool pause_snapshot(struct dmaconf *dc, struct pause_snapshot *s)
{
	bool taken = true;

	dmaconf_hold(dc);
	for (int i = 0; i < STOPPED; i++)
		taken &= dmaconf_try_queue(s->x[i]);
	dmaconf_issue(dc);
	s->pause = dmaengine_pause(dc->chan);
	for (int i = 0; i < STOPPED && taken; i++) {
		s->moved[i] = dmaconf_xfer_moved(s->x[i]);
		s->residue[i] = dmaconf_status(s->x[i]).state.residue;
	}
	dmaconf_release(dc);
	return taken;
}

/* Pause, and let the engine's interrupt come: it has more to do, and does not do it. */
static void pause_in_window(struct dmaconf *dc, struct pause_snapshot *s)
{
	struct kunit *test = dc->test;
	int open = 0;

	for (int i = 0; i < STOPPED; i++)
		s->x[i] = pause_xfer(dc, 1000 + dmaconf_random(dc, 4000), 1 + i);
	KUNIT_ASSERT_TRUE_MSG(test, pause_snapshot(dc, s), "a plain transfer was refused");
	for (int i = 0; i < STOPPED; i++)
		open += s->moved[i] < s->x[i]->len;
	if (s->pause || !open)
		dmaconf_inconclusive(test, "pause returned %d, and %d transfers were left to do",
				     s->pause, open);
	dmaconf_stays_quiet(dc, INT_MAX);
	for (int i = 0; i < STOPPED; i++) {
		KUNIT_EXPECT_EQ_MSG(test, dmaconf_xfer_moved(s->x[i]), s->moved[i],
				    "bytes of transfer %d that arrived while paused", i);
		/* One whose data is there may have been seen to end. */
		if (s->moved[i] < s->x[i]->len)
			KUNIT_EXPECT_EQ_MSG(test, dmaconf_status(s->x[i]).state.residue,
					    s->residue[i], "residue of transfer %d", i);
	}
	KUNIT_ASSERT_EQ(test, dmaengine_resume(dc->chan), 0);
	for (int i = 0; i < STOPPED; i++)
		dmaconf_finish(s->x[i]);
}

/*
 * Broken: a client that reads the position after pause, as serial receive does, loses or
 * repeats bytes.
 */
DMACONF_RULE(pause, stops, MUST,
	     "When pause has returned no more data moves and the residue stands; resume goes on exactly there.",
	     "Documentation/driver-api/dmaengine/provider.rst:489; Documentation/driver-api/dmaengine/client.rst:330",
	     NEEDS_XFER | NEEDS_PAUSE | NEEDS_RESUME | NEEDS_WINDOW)
{
	bool gate = dc->aid && dc->aid->gate;
	struct pause_snapshot s;

	for (int i = 0; i < 4 && !gate; i++)
		pause_in_window(dc, &s);
	for (int i = 1; i <= 5 && gate; i++) {
		struct dmaconf_xfer *x = pause_xfer(dc, 1000 + dmaconf_random(dc, 4000), i);
		size_t stops[] = {
			0,
			rounddown(dmaconf_random(dc, x->len / 3), dc->align),
			rounddown(x->len / 2, dc->align),
			x->len - dc->align,
		};

		pause_at(dc, x, stops, ARRAY_SIZE(stops));
	}
}

/**
 * struct pause_status - answers around a pause
 * @before: while it ran
 * @paused: after pause, twice
 * @behind: of the transfer behind it, while paused
 * @after: after resume
 * @arrived: all its data was there while paused
 * @pause: what pause returned
 * @resume: what resume returned
 */
struct pause_status {
	enum dma_status before;
	enum dma_status paused[2];
	enum dma_status behind;
	enum dma_status after;
	bool arrived;
	int pause;
	int resume;
};

static enum dma_status pause_ask(struct dmaconf_xfer *x)
{
	return dmaconf_status(x).status;
}

static bool pause_held(struct dmaconf *dc, struct dmaconf_xfer **x, struct pause_status *s)
{
	bool taken;

	dmaconf_hold(dc);
	taken = dmaconf_try_queue(x[0]) && dmaconf_try_queue(x[1]);
	dmaconf_issue(dc);
	if (taken) {
		if (dc->window == DMACONF_WINDOW_GATE)
			dmaconf_step(dc, roundup(dmaconf_random(dc, x[0]->len / 2), dc->align));
		s->before = pause_ask(x[0]);
		s->pause = dmaengine_pause(dc->chan);
		s->paused[0] = pause_ask(x[0]);
		s->behind = pause_ask(x[1]);
		s->paused[1] = pause_ask(x[0]);
		s->arrived = dmaconf_xfer_moved(x[0]) == x[0]->len;
		s->resume = dmaengine_resume(dc->chan);
		s->after = pause_ask(x[0]);
	}
	dmaconf_release(dc);
	return taken;
}

static void pause_status_once(struct dmaconf *dc)
{
	struct dmaconf_xfer *x[] = { dmaconf_xfer(dc, 40000), dmaconf_xfer(dc, 200) };
	bool gate = dc->aid && dc->aid->gate;
	struct pause_status s = {};
	struct kunit *test = dc->test;

	KUNIT_ASSERT_TRUE_MSG(test, pause_held(dc, x, &s), "a plain transfer was refused");
	if (s.pause || s.before != DMA_IN_PROGRESS ||
	    (s.paused[0] != DMA_PAUSED && s.arrived && !gate))
		dmaconf_inconclusive(test, "not paused: pause returned %d, status was %s", s.pause,
				     dmaconf_status_name(s.before));
	for (int i = 0; i < ARRAY_SIZE(s.paused); i++)
		KUNIT_EXPECT_EQ_MSG(test, s.paused[i], DMA_PAUSED, "the paused transfer is %s",
				    dmaconf_status_name(s.paused[i]));
	KUNIT_EXPECT_NE_MSG(test, s.behind, DMA_COMPLETE, "the one behind the paused transfer");
	if (!s.resume && (gate || s.after != DMA_COMPLETE))
		KUNIT_EXPECT_EQ_MSG(test, s.after, DMA_IN_PROGRESS, "after resume it is %s",
				    dmaconf_status_name(s.after));
	if (s.resume) {
		dmaconf_terminate_sync(dc);
		return;
	}
	dmaconf_finish(x[0]);
	dmaconf_finish(x[1]);
	KUNIT_EXPECT_EQ_MSG(test, pause_ask(x[0]), DMA_COMPLETE, "it has ended, but is %s",
			    dmaconf_status_name(pause_ask(x[0])));
}

/*
 * Broken: a client cannot tell a paused transfer from a running one, and waits for what
 * will not come.
 */
DMACONF_RULE(pause, status, MUST,
	     "While it is paused the active transfer is DMA_PAUSED, and in progress again after resume.",
	     "include/linux/dmaengine.h:34; include/linux/dmaengine.h:729",
	     NEEDS_XFER | NEEDS_ORDER | NEEDS_PAUSE | NEEDS_WINDOW)
{
	for (int i = 0; i < 4; i++)
		pause_status_once(dc);
}

/* Pause with @n transfers queued; those whose data has arrived by then may still call back. */
static int pause_queue_held(struct dmaconf *dc, struct dmaconf_xfer **x, bool *arrived, int n)
{
	bool taken = true;
	int ret = -EIO;

	dmaconf_hold(dc);
	for (int i = 0; i < n; i++)
		taken &= dmaconf_try_queue(x[i]);
	dmaconf_issue(dc);
	if (taken && dc->window == DMACONF_WINDOW_GATE)
		dmaconf_step(dc, roundup(x[0]->len + x[1]->len / 2, dc->align));
	if (taken)
		ret = dmaengine_pause(dc->chan);
	for (int i = 0; i < n && taken; i++)
		arrived[i] = dmaconf_xfer_moved(x[i]) == x[i]->len;
	dmaconf_release(dc);
	KUNIT_ASSERT_TRUE_MSG(dc->test, taken, "a plain transfer was refused");
	return ret;
}

/*
 * Broken: a paused stream goes on to report progress, and its client hands out data that
 * has not arrived.
 */
DMACONF_RULE(pause, no_cb, MUST,
	     "Nothing is called back for progress after pause has returned.",
	     "Documentation/driver-api/dmaengine/provider.rst:489; Documentation/driver-api/dmaengine/client.rst:336",
	     NEEDS_XFER | NEEDS_PAUSE | NEEDS_WINDOW)
{
	struct dmaconf_xfer *x[4];
	bool arrived[ARRAY_SIZE(x)];
	int ret, due = 0;

	for (int i = 0; i < ARRAY_SIZE(x); i++)
		x[i] = dmaconf_xfer(dc, 3000 - 600 * i);
	ret = pause_queue_held(dc, x, arrived, ARRAY_SIZE(x));
	for (int i = 0; i < ARRAY_SIZE(x); i++)
		due += arrived[i];
	if (ret || due == ARRAY_SIZE(x))
		dmaconf_inconclusive(test, "pause returned %d, and %d of %zu transfers had moved",
				     ret, due, ARRAY_SIZE(x));
	/* The engine is free to run now, but for the pause. */
	dmaconf_issue(dc);
	dmaconf_stays_quiet(dc, due);
	for (int i = 0; i < ARRAY_SIZE(x); i++)
		if (!arrived[i])
			KUNIT_EXPECT_EQ_MSG(test, x[i]->calls, 0,
					    "transfer %d was called back while paused", i);
	if (!dc->device->device_resume)
		return;
	KUNIT_ASSERT_EQ(test, dmaengine_resume(dc->chan), 0);
	for (int i = 0; i < ARRAY_SIZE(x); i++)
		dmaconf_finish(x[i]);
}

/* Steps of an edge sequence; each pause or resume may also refuse. */
enum pause_step { END, PAUSE, RESUME, START, ISSUE };

static const struct {
	const char *what;
	enum pause_step steps[8];
} pause_edges[] = {
	{ "pause, resume, start", { PAUSE, RESUME, START } },
	{ "pause, start, resume", { PAUSE, START, RESUME } },
	{ "pause twice, resume once, start", { PAUSE, PAUSE, RESUME, START } },
	{ "resume, start", { RESUME, START } },
	{ "start, resume", { START, RESUME } },
	{ "start, pause, resume twice", { START, PAUSE, RESUME, RESUME } },
	{ "start, pause twice, resume once", { START, PAUSE, PAUSE, RESUME } },
	{ "start, pause, issue, start, resume", { START, PAUSE, ISSUE, START, RESUME } },
	{ "start, pause and resume twice", { START, PAUSE, RESUME, PAUSE, RESUME } },
};

/**
 * struct pause_edge - what happened in an edge sequence
 * @x: the transfers
 * @started: how many of them were started
 * @moved: bytes that moved although the channel was paused
 * @resumed: what was DMA_PAUSED was not any more, and nobody had resumed it
 * @taken: no transfer was refused
 */
struct pause_edge {
	struct dmaconf_xfer *x[2];
	int started;
	size_t moved;
	bool resumed;
	bool taken;
};

static void pause_edge_held(struct dmaconf *dc, struct pause_edge *e, const enum pause_step *step)
{
	bool paused = false, seen = false, now;

	dmaconf_hold(dc);
	for (; *step != END && e->taken; step++) {
		switch (*step) {
		case PAUSE:
			paused |= !dmaengine_pause(dc->chan) && e->started;
			break;
		case RESUME:
			dmaengine_resume(dc->chan);
			paused = false;
			seen = false;
			break;
		case START:
			e->taken = dmaconf_try_queue(e->x[e->started++]);
			fallthrough;
		default:
			dmaconf_issue(dc);
		}
		if (paused && dc->window == DMACONF_WINDOW_GATE)
			e->moved += dmaconf_step(dc, dc->align);
		now = paused && pause_ask(e->x[0]) == DMA_PAUSED;
		e->resumed |= seen && !now;
		seen |= now;
	}
	dmaconf_release(dc);
}

static void pause_edge_once(struct dmaconf *dc, int n)
{
	struct pause_edge e = {
		.x = { dmaconf_xfer(dc, 2500), dmaconf_xfer(dc, 700) },
		.taken = true,
	};

	pause_edge_held(dc, &e, pause_edges[n].steps);
	KUNIT_ASSERT_TRUE_MSG(dc->test, e.taken, "a transfer was refused: %s", pause_edges[n].what);
	KUNIT_EXPECT_EQ_MSG(dc->test, e.moved, 0, "bytes moved while paused: %s",
			    pause_edges[n].what);
	KUNIT_EXPECT_FALSE_MSG(dc->test, e.resumed, "paused no more, but never resumed: %s",
			       pause_edges[n].what);
	for (int i = 0; i < e.started; i++)
		if (!dmaconf_finish(e.x[i]))
			KUNIT_FAIL_AND_ABORT(dc->test, "it stands still or lost data: %s",
					     pause_edges[n].what);
}

/*
 * Broken: a stream stays paused for ever after one pause too many, or runs on although
 * nobody resumed it.
 */
DMACONF_RULE(pause, edge, SHOULD,
	     "Needless pause, resume and issue calls do no harm, and one resume undoes any number of pauses.",
	     "Documentation/driver-api/dmaengine/client.rst:344; drivers/dma/amba-pl08x.c:2198",
	     NEEDS_XFER | NEEDS_PAUSE | NEEDS_RESUME | NEEDS_WINDOW)
{
	for (int i = 0; i < ARRAY_SIZE(pause_edges); i++)
		pause_edge_once(dc, i);
}

/* Abort what is paused, once waiting for it and once not. */
static void pause_and_terminate(struct dmaconf *dc, bool sync)
{
	struct dmaconf_xfer *x[] = { dmaconf_xfer(dc, 3000), dmaconf_xfer(dc, 200) }, *next;
	bool taken;
	int paused = -EIO, ret = 0;

	dmaconf_hold(dc);
	taken = dmaconf_try_queue(x[0]) && dmaconf_try_queue(x[1]);
	dmaconf_issue(dc);
	if (taken && dc->window == DMACONF_WINDOW_GATE)
		dmaconf_step(dc, roundup(dmaconf_random(dc, x[0]->len / 2), dc->align));
	if (taken)
		paused = dmaengine_pause(dc->chan);
	if (taken)
		dmaconf_status(x[0]);
	if (!sync)
		ret = dmaconf_terminate(dc);
	dmaconf_release(dc);
	if (sync)
		ret = dmaconf_terminate_sync(dc);
	KUNIT_ASSERT_TRUE_MSG(dc->test, taken, "a plain transfer was refused");
	KUNIT_ASSERT_EQ_MSG(dc->test, ret, 0, "terminate while paused");
	if (paused)
		dmaconf_inconclusive(dc->test, "dmaengine_pause() returned %d", paused);
	dmaengine_synchronize(dc->chan);
	dmaconf_streams_resync(dc);

	next = dmaconf_xfer(dc, 1000);
	dmaconf_start(next);
	if (!dmaconf_finish(next))
		KUNIT_FAIL_AND_ABORT(dc->test, "the next one does not run: still paused?");
}

/*
 * Broken: a stream that was stopped while paused plays no more until its device is
 * reopened, or not even then.
 */
DMACONF_RULE(pause, terminate, MUST,
	     "Terminate works while paused, and the next transfer runs without resume.",
	     "drivers/tty/serial/8250/8250_dma.c:210; sound/core/pcm_dmaengine.c:373",
	     NEEDS_XFER | NEEDS_PAUSE | NEEDS_TERMINATE | NEEDS_WINDOW)
{
	for (int i = 0; i < 4; i++)
		pause_and_terminate(dc, i % 2);
}

/* Broken: a pause of one stream stops the disk, the network or another stream. */
DMACONF_RULE(pause, per_channel, MUST,
	     "Pause and resume are for one channel: another one of the device goes on meanwhile, and stays paused when it is.",
	     "Documentation/driver-api/dmaengine/provider.rst:489; include/linux/dmaengine.h:903",
	     NEEDS_XFER | NEEDS_PAUSE | NEEDS_RESUME | NEEDS_PEER | NEEDS_WINDOW)
{
	struct dmaconf_xfer *x = dmaconf_xfer(dc, 3000), *neighbour;
	enum dmaconf_outcome outcome;
	int ret;

	neighbour = dmaconf_peer_start(dc);
	dmaconf_start(x);
	ret = dmaengine_pause(dc->chan);
	outcome = dmaconf_peer_finish(neighbour);
	if (ret)
		dmaconf_inconclusive(test, "pause returned %d", ret);
	KUNIT_EXPECT_EQ_MSG(test, outcome, DMACONF_DONE,
			    "a transfer of another channel stood still when this one was paused");
	KUNIT_EXPECT_EQ(test, dmaengine_resume(dc->chan), 0);
	dmaconf_finish(x);
}

static struct kunit_case pause_rules[] = {
	DMACONF_CASE(pause, stops),
	DMACONF_CASE(pause, status),
	DMACONF_CASE(pause, no_cb),
	DMACONF_CASE(pause, edge),
	DMACONF_CASE(pause, terminate),
	DMACONF_CASE(pause, per_channel),
	{}
};

DMACONF_SUITE(pause);

kunit_test_suites(&pause_suite);
