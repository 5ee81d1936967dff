// SPDX-License-Identifier: GPL-2.0-only
/* Repeated transfers, and the flags that ask for them. */
#include "dmaconf.h"

/* The transfer runs once, and the channel goes on to the next. */
static void expect_once(struct dmaconf *dc, const struct dmaconf_type *type,
			enum dma_transfer_direction dir, unsigned long flags)
{
	struct dmaconf_xfer *x[2];
	int calls;

	for (int i = 0; i < ARRAY_SIZE(x); i++) {
		x[i] = dmaconf_xfer_of(dc, type, dir, 200 + 100 * i);
		x[i]->flags |= flags;
	}
	calls = READ_ONCE(dc->seq);
	for (int i = 0; i < ARRAY_SIZE(x); i++)
		dmaconf_queue(x[i]);
	dmaconf_issue(dc);
	for (int i = 0; i < ARRAY_SIZE(x); i++)
		if (!dmaconf_finish(x[i]))
			KUNIT_FAIL_AND_ABORT(dc->test, "%s %d of 2 with flags %#lx", type->name,
					     i + 1, flags);
	KUNIT_EXPECT_TRUE_MSG(dc->test, dmaconf_stays_quiet(dc, calls + 2),
			      "%s with flags %#lx was called back again", type->name, flags);
}

/* Broken: a plain transfer never ends, because of a flag that is not about it. */
DMACONF_RULE(repeat, gate, MUST,
	     "DMA_PREP_REPEAT is refused without DMA_REPEAT for an interleaved transfer, and it and DMA_PREP_LOAD_EOT mean nothing to other types.",
	     "include/linux/dmaengine.h:193; include/linux/dmaengine.h:1047; Documentation/driver-api/dmaengine/provider.rst:616",
	     NEEDS_XFER)
{
	static const unsigned long flags[] = {
		DMA_PREP_REPEAT, DMA_PREP_LOAD_EOT, DMA_PREP_REPEAT | DMA_PREP_LOAD_EOT,
	};
	bool repeat = dma_has_cap(DMA_REPEAT, dc->device->cap_mask);
	bool interleave = dma_has_cap(DMA_INTERLEAVE, dc->device->cap_mask);
	const struct dmaconf_type *type = NULL;
	struct dmaconf_xfer *x;

	KUNIT_EXPECT_TRUE_MSG(test, !repeat || interleave,
			      "DMA_REPEAT without DMA_INTERLEAVE: nothing could be repeated");
	if (dc->type == &dmaconf_interleaved && !repeat) {
		x = dmaconf_xfer(dc, 64);
		x->flags |= DMA_PREP_REPEAT;
		KUNIT_EXPECT_FALSE_MSG(test, dmaconf_try_prep(x),
				       "DMA_PREP_REPEAT was taken without DMA_REPEAT");
		expect_once(dc, dc->type, dc->dir, DMA_PREP_LOAD_EOT);
	}
	for (int i = 0; i < ARRAY_SIZE(flags); i++) {
		while ((type = dmaconf_next_type(dc, type)))
			if (type != &dmaconf_interleaved)
				expect_once(dc, type, DMA_MEM_TO_MEM, flags[i]);
		if (dmaconf_slave_sg.offered(dc, DMA_MEM_TO_DEV))
			expect_once(dc, &dmaconf_slave_sg, DMA_MEM_TO_DEV, flags[i]);
		if (dmaconf_slave_sg.offered(dc, DMA_DEV_TO_MEM))
			expect_once(dc, &dmaconf_slave_sg, DMA_DEV_TO_MEM, flags[i]);
	}
}

static const enum dma_transfer_direction dirs[] = { DMA_MEM_TO_DEV, DMA_DEV_TO_MEM };

/* The next of @dirs, from @i on: one in which frames go through the peripheral. */
static bool next_dir(struct dmaconf *dc, int *i)
{
	while (*i < ARRAY_SIZE(dirs) && !dmaconf_interleaved.offered(dc, dirs[*i]))
		(*i)++;
	return *i < ARRAY_SIZE(dirs);
}

/* Some lines with gaps between them, where the channel takes such, else one. */
static struct dmaconf_xfer *repeat_xfer(struct dmaconf *dc, enum dma_transfer_direction dir,
					unsigned long flags)
{
	struct dmaconf_xfer *x = dmaconf_xfer_of(dc, &dmaconf_interleaved, dir, 1024);

	x->flags |= flags;
	return x;
}

/* Whether the @n-th pass of the transfer, counted from 0, did as it must. */
static bool pass_right(struct dmaconf_xfer *x, size_t start, size_t n)
{
	size_t was = x->stream_off;
	bool right;

	x->stream_off = start + n * x->len;
	right = dmaconf_xfer_moved(x) == x->len;
	x->stream_off = was;
	return right;
}

/* Bytes through the port since @start. */
static size_t moved_since(struct dmaconf_xfer *x, size_t start)
{
	return dmaconf_ring_moved(x) + x->stream_off - start;
}

static void repeat_go(struct dmaconf_xfer *x, size_t bytes)
{
	if (dmaconf_ring_go(x, bytes))
		return;
	KUNIT_FAIL_AND_ABORT(x->dc->test, "the repeated transfer stands still, status %s",
			     dmaconf_status_name(dmaconf_status(x).status));
}

static void expect_in_progress(struct dmaconf_xfer *x, const char *which)
{
	enum dma_status status = dmaconf_status(x).status;

	if (status != DMA_IN_PROGRESS)
		KUNIT_FAIL_AND_ABORT(x->dc->test, "%s is %s", which, dmaconf_status_name(status));
}

/* Whole passes of @x from @start on, of which memory shows the last one only. */
static void expect_passes(struct dmaconf_xfer *x, size_t start, size_t n)
{
	size_t first = x->dir == DMA_MEM_TO_DEV || !n ? 0 : n - 1;

	for (size_t i = first; i < n; i++)
		KUNIT_EXPECT_TRUE_MSG(x->dc->test, pass_right(x, start, i),
				      "pass %zu of %zu is wrong", i + 1, n);
}

/* Come to the end of a pass, where there is a gate. */
static void finish_pass(struct dmaconf_xfer *x, size_t start)
{
	size_t rest = moved_since(x, start) % x->len;

	if (x->dc->window == DMACONF_WINDOW_GATE && rest)
		repeat_go(x, x->len - rest);
}

static void repeat_hold(struct dmaconf *dc)
{
	dmaconf_connect(dc, 0, SIZE_MAX, false);
	if (dc->aid->gate)
		dmaconf_hold(dc);
}

static void loops_once(struct dmaconf *dc, enum dma_transfer_direction dir)
{
	struct dmaconf_xfer *x = repeat_xfer(dc, dir, DMA_PREP_REPEAT);
	struct dmaconf_xfer *behind = repeat_xfer(dc, dir, 0);
	size_t start, moved;

	repeat_hold(dc);
	dmaconf_start(x);
	start = x->stream_off;
	for (int i = 0; i < 7; i++) {
		repeat_go(x, x->len / 2);
		expect_in_progress(x, "a repeated transfer");
	}
	dmaconf_queue(behind);
	dmaconf_issue(dc);
	for (int i = 0; i < 7; i++) {
		repeat_go(x, x->len / 2);
		expect_in_progress(x, "a repeated transfer with another behind it");
		expect_in_progress(behind, "a transfer that may not replace the repeated one");
	}
	finish_pass(x, start);
	dmaconf_release(dc);
	KUNIT_EXPECT_EQ(dc->test, dmaconf_terminate_sync(dc), 0);
	moved = moved_since(x, start);
	expect_passes(x, start, dc->aid->gate || dir == DMA_MEM_TO_DEV ? moved / x->len : 0);
	KUNIT_EXPECT_EQ_MSG(dc->test, behind->calls, 0,
			    "callbacks of a transfer that may not replace the repeated one");
	KUNIT_EXPECT_TRUE_MSG(dc->test, dmaconf_stays_quiet(dc, dc->seq),
			      "called back after terminate_sync");
	KUNIT_EXPECT_EQ_MSG(dc->test, moved_since(x, start), moved,
			    "bytes that moved until after terminate_sync");
	dmaconf_connect(dc, 0, SIZE_MAX, false);
}

/* Broken: the screen goes dark after one frame, or shows a frame that was not meant yet. */
DMACONF_RULE(repeat, loops, MUST,
	     "A repeated transfer begins again until one with DMA_PREP_LOAD_EOT replaces it or the channel is terminated; another behind it never starts.",
	     "Documentation/driver-api/dmaengine/provider.rst:277; Documentation/driver-api/dmaengine/provider.rst:603; include/linux/dmaengine.h:193",
	     NEEDS_REPEAT | NEEDS_PORT | NEEDS_ORDER | NEEDS_TERMINATE)
{
	for (int i = 0; next_dir(dc, &i); i++)
		for (int n = 0; n < 3; n++)
			loops_once(dc, dirs[i]);
}

/* It has been replaced, and says so. */
static void expect_replaced(struct dmaconf_xfer *x)
{
	enum dma_status status;

	dmaconf_poll(x, &status);
	KUNIT_EXPECT_EQ_MSG(x->dc->test, status, DMA_COMPLETE, "the replaced transfer is %s",
			    dmaconf_status_name(status));
	KUNIT_EXPECT_TRUE_MSG(x->dc->test, dmaconf_wait_calls(x, 1),
			      "the replaced transfer is not called back");
}

/*
 * Queue @by while @x is on its way, and go on until it has begun. Returns the
 * place in the stream where it did.
 */
static size_t supersede(struct dmaconf_xfer *x, struct dmaconf_xfer *by, size_t start)
{
	struct dmaconf *dc = x->dc;
	size_t at, passes;

	repeat_go(x, 3 * x->len / 2);
	dmaconf_queue(by);
	dmaconf_issue(dc);
	at = moved_since(x, start);
	expect_in_progress(by, "what is to replace the repeated transfer");
	if (dc->aid->gate)
		expect_in_progress(x, "a repeated transfer in the middle of a pass");
	finish_pass(x, start);
	/* Whoever loads what comes next early needs one more pass. */
	for (passes = DIV_ROUND_UP(at, x->len); dmaconf_status(x).status != DMA_COMPLETE; passes++)
		if (passes > at / x->len + 2 || !dmaconf_ring_go(x, x->len))
			break;
	expect_replaced(x);
	return start + passes * x->len;
}

/* Frame after frame, each whole, and the last one once. */
static void eot_once(struct dmaconf *dc, enum dma_transfer_direction dir)
{
	unsigned long again = DMA_PREP_REPEAT | DMA_PREP_LOAD_EOT;
	struct dmaconf_xfer *x[] = {
		repeat_xfer(dc, dir, again), repeat_xfer(dc, dir, again),
		repeat_xfer(dc, dir, DMA_PREP_LOAD_EOT),
	};
	size_t start[ARRAY_SIZE(x)];

	repeat_hold(dc);
	dmaconf_start(x[0]);
	start[0] = x[0]->stream_off;
	for (int i = 1; i < ARRAY_SIZE(x); i++)
		start[i] = supersede(x[i - 1], x[i], start[i - 1]);
	dmaconf_release(dc);
	KUNIT_EXPECT_TRUE_MSG(dc->test, dmaconf_wait_calls(x[2], 1),
			      "the last one is not called back");
	KUNIT_EXPECT_EQ_MSG(dc->test, dmaconf_status(x[2]).status, DMA_COMPLETE,
			    "the last one is %s", dmaconf_status_name(dmaconf_status(x[2]).status));
	if (dc->aid->gate)
		for (int i = 0; i < ARRAY_SIZE(x) - 1; i++)
			expect_passes(x[i], start[i], (start[i + 1] - start[i]) / x[i]->len);
	if (dc->aid->gate)
		expect_passes(x[2], start[2], 1);
	KUNIT_EXPECT_EQ(dc->test, dmaconf_terminate_sync(dc), 0);
	dmaconf_connect(dc, 0, SIZE_MAX, false);
}

/* Broken: the picture is torn, or a page flip never ends. */
DMACONF_RULE(repeat, eot, MUST,
	     "A transfer with DMA_PREP_LOAD_EOT replaces the repeated one at the end of a pass, which then is complete.",
	     "Documentation/driver-api/dmaengine/provider.rst:289; Documentation/driver-api/dmaengine/provider.rst:614; drivers/dma/xilinx/xilinx_dpdma.c:1115",
	     NEEDS_REPEAT | NEEDS_LOAD_EOT | NEEDS_PORT | NEEDS_ORDER | NEEDS_TERMINATE)
{
	for (int i = 0; next_dir(dc, &i); i++)
		for (int n = 0; n < 3; n++)
			eot_once(dc, dirs[i]);
}

static struct kunit_case repeat_rules[] = {
	DMACONF_CASE(repeat, gate),
	DMACONF_CASE(repeat, loops),
	DMACONF_CASE(repeat, eot),
	{}
};

DMACONF_SUITE(repeat);

kunit_test_suites(&repeat_suite);
