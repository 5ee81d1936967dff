// SPDX-License-Identifier: GPL-2.0-only
/* Interleaved templates. */
#include <linux/minmax.h>
#include <linux/slab.h>

#include "dmaconf.h"

#define MOST	4	/* frames, and chunks of a frame */
#define UNITS	12	/* of a chunk, and of a gap */
#define ROUNDS	40
#define FIXED	64	/* bytes at a fixed address that are all the same */

static const enum dma_transfer_direction ilv_dirs[] = {
	DMA_MEM_TO_MEM, DMA_MEM_TO_DEV, DMA_DEV_TO_MEM,
};

/* Whether a template in this direction can be tried; a provider may still refuse it. */
static bool ilv_possible(struct dmaconf *dc, enum dma_transfer_direction dir)
{
	return dir == DMA_MEM_TO_MEM || dmaconf_interleaved.offered(dc, dir);
}

/* The bytes that are left out behind a chunk at one of its ends. */
static size_t ilv_gap(const struct data_chunk *chunk, bool sgl, size_t own)
{
	return !sgl ? 0 : own ?: chunk->icg;
}

/*
 * Where the chunks are at one end. A gap of one end only counts where sgl says
 * that there are gaps at this end: the description of struct data_chunk says
 * so, the kernel's helpers do not ask; templates made here never differ in it.
 */
static void ilv_pieces(const struct dma_interleaved_template *xt, struct dmaconf_piece *pieces,
		       struct dmaconf_buf *buf, size_t at, bool source)
{
	bool inc = source ? xt->src_inc : xt->dst_inc;
	bool sgl = source ? xt->src_sgl : xt->dst_sgl;

	for (size_t i = 0; i < xt->numf * xt->frame_size; i++) {
		const struct data_chunk *chunk = &xt->sgl[i % xt->frame_size];

		pieces[i] = (struct dmaconf_piece){ buf, at, chunk->size };
		if (inc)
			at += chunk->size + ilv_gap(chunk, sgl,
						    source ? chunk->src_icg : chunk->dst_icg);
	}
}

/* A transfer of @numf frames of @chunks chunks, contiguous until the caller says more. */
static struct dmaconf_xfer *ilv_new(struct dmaconf *dc, enum dma_transfer_direction dir,
				    size_t numf, size_t chunks)
{
	struct dmaconf_xfer *x = dmaconf_xfer_new(dc, &dmaconf_interleaved, dir, 0);
	size_t unit = dmaconf_align(dc, x->type);

	x->xt = kzalloc(struct_size(x->xt, sgl, chunks), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(dc->test, x->xt);
	x->xt->dir = dir;
	x->xt->src_inc = dir != DMA_DEV_TO_MEM;
	x->xt->dst_inc = dir != DMA_MEM_TO_DEV;
	x->xt->numf = numf;
	x->xt->frame_size = chunks;
	for (size_t i = 0; i < chunks; i++)
		x->xt->sgl[i].size = (1 + dmaconf_random(dc, UNITS)) * unit;
	return x;
}

/* Gaps, for both ends at once or each of its own. */
static void ilv_gaps(struct dmaconf_xfer *x)
{
	struct dmaconf *dc = x->dc;
	size_t unit = dmaconf_align(dc, x->type);

	x->xt->src_sgl = x->xt->src_inc && dmaconf_random(dc, 2);
	x->xt->dst_sgl = x->xt->dst_inc && dmaconf_random(dc, 2);
	for (size_t i = 0; i < x->xt->frame_size; i++) {
		struct data_chunk *chunk = &x->xt->sgl[i];

		chunk->icg = dmaconf_random(dc, UNITS) * unit;
		if (x->xt->src_sgl && dmaconf_random(dc, 3) == 0)
			chunk->src_icg = (1 + dmaconf_random(dc, UNITS)) * unit;
		if (x->xt->dst_sgl && dmaconf_random(dc, 3) == 0)
			chunk->dst_icg = (1 + dmaconf_random(dc, UNITS)) * unit;
	}
}

/* Give the template its memory, with room around it. */
static struct dmaconf_xfer *ilv_ready(struct dmaconf_xfer *x)
{
	struct dma_interleaved_template *xt = x->xt;
	size_t chunks = xt->numf * xt->frame_size;
	size_t unit = dmaconf_align(x->dc, x->type), room = 8 * unit;

	for (size_t i = 0; i < chunks; i++) {
		const struct data_chunk *chunk = &xt->sgl[i % xt->frame_size];

		x->len += chunk->size;
		room += chunk->size + max3(chunk->icg, chunk->src_icg, chunk->dst_icg);
	}
	dmaconf_pieces(x, x->dir == DMA_DEV_TO_MEM ? 0 : chunks,
		       x->dir == DMA_MEM_TO_DEV ? 0 : chunks);
	if (x->nfrom)
		ilv_pieces(xt, x->from, dmaconf_buf(x->dc, room, DMA_TO_DEVICE),
			   dmaconf_random(x->dc, 8) * unit, true);
	if (x->nto)
		ilv_pieces(xt, x->to, dmaconf_buf(x->dc, room, DMA_FROM_DEVICE),
			   dmaconf_random(x->dc, 8) * unit, false);
	return dmaconf_xfer_ready(x);
}

static void ilv_explain(struct dmaconf_xfer *x)
{
	struct dma_interleaved_template *xt = x->xt;

	dmaconf_diag(x->dc,
		     "%s: %zu frame(s) of %zu chunk(s), src_inc %d src_sgl %d dst_inc %d dst_sgl %d",
		     dmaengine_get_direction_text(xt->dir), xt->numf, xt->frame_size, xt->src_inc,
		     xt->src_sgl, xt->dst_inc, xt->dst_sgl);
	for (size_t i = 0; i < xt->frame_size; i++)
		dmaconf_diag(x->dc, "chunk %zu: size %zu icg %zu src_icg %zu dst_icg %zu", i,
			     xt->sgl[i].size, xt->sgl[i].icg, xt->sgl[i].src_icg,
			     xt->sgl[i].dst_icg);
}

/* Refused, or moved exactly; returns whether it was taken. */
static bool ilv_run(struct dmaconf_xfer *x)
{
	struct dmaconf *dc = x->dc;
	bool right;

	if (!dmaconf_try_queue(x)) {
		KUNIT_EXPECT_NULL_MSG(dc->test, x->tx, "refused with %pe", x->tx);
		return false;
	}
	dmaconf_issue(dc);
	right = dmaconf_finish(x);
	if (x->nto)
		right &= dmaconf_buf_check(dc, dmaconf_dst(x), "the gaps too");
	if (x->nfrom)
		right &= dmaconf_buf_check(dc, dmaconf_src(x), "only read");
	if (!right) {
		ilv_explain(x);
		KUNIT_FAIL_AND_ABORT(dc->test, "an interleaved transfer went wrong");
	}
	return true;
}

/* One frame of one chunk first, then all shapes there are. */
static int ilv_shapes(struct dmaconf *dc, enum dma_transfer_direction dir)
{
	struct dmaconf_xfer *x;
	int taken = 0;

	for (size_t numf = 1; numf <= MOST; numf++)
		for (size_t chunks = 1; chunks <= MOST; chunks++)
			taken += ilv_run(ilv_ready(ilv_new(dc, dir, numf, chunks)));
	for (int i = 0; i < ROUNDS; i++) {
		x = ilv_new(dc, dir, 1 + dmaconf_random(dc, MOST), 1 + dmaconf_random(dc, MOST));
		ilv_gaps(x);
		taken += ilv_run(ilv_ready(x));
	}
	return taken;
}

/* More frames, longer chunks and wider gaps than registers of 8, 12 or 16 bits can hold. */
static void ilv_large(struct dmaconf *dc, enum dma_transfer_direction dir)
{
	static const struct {
		size_t numf, size, icg;
	} shapes[] = { { 300, 16, 48 }, { 3, 5000, 3000 }, { 2, 70000, 66000 } };

	for (int i = 0; i < ARRAY_SIZE(shapes); i++) {
		struct dmaconf_xfer *x = ilv_new(dc, dir, shapes[i].numf, 1);
		size_t unit = dmaconf_align(dc, x->type);

		if (dir != DMA_MEM_TO_MEM)
			dmaconf_streams(dc);
		x->xt->src_sgl = x->xt->src_inc;
		x->xt->dst_sgl = x->xt->dst_inc;
		x->xt->sgl[0].size = roundup(shapes[i].size, unit);
		x->xt->sgl[0].icg = roundup(shapes[i].icg, unit);
		ilv_run(ilv_ready(x));
	}
}

/*
 * An address in memory that stands still is accessed by a width that only the
 * provider knows: all bytes there are the same, so that it does not matter.
 */
static void ilv_fixed_source(struct dmaconf *dc)
{
	struct dmaconf_xfer *x = ilv_new(dc, DMA_MEM_TO_MEM, 2, 2);
	u8 same[FIXED];

	memset(same, 0x6b, sizeof(same));
	x->xt->src_inc = false;
	x->xt->src_sgl = dmaconf_random(dc, 2);
	for (int i = 0; i < 2; i++) {
		x->xt->sgl[i].size = min(x->xt->sgl[i].size, FIXED);
		x->xt->sgl[i].icg = FIXED;
	}
	ilv_ready(x);
	dmaconf_buf_write(dc, dmaconf_src(x), x->from[0].off, same, sizeof(same));
	ilv_run(x);
}

/* The last access remains, and what lies behind it was not written. */
static void ilv_fixed_destination(struct dmaconf *dc)
{
	struct dmaconf_xfer *x = ilv_new(dc, DMA_MEM_TO_MEM, 1, 1);
	size_t len = 4 * FIXED, off;
	struct dmaconf_buf *dst;
	u8 last;

	x->xt->dst_inc = false;
	x->xt->sgl[0].size = len;
	x->len = len;
	dmaconf_pieces(x, 1, 1);
	x->from[0].len = len;
	x->to[0].len = FIXED / 4;
	dst = dmaconf_dst(dmaconf_xfer_ready(x));
	off = dmaconf_src(x)->data - dmaconf_src(x)->mem;
	last = dmaconf_src(x)->want[off + len - 1];
	if (!dmaconf_try_queue(x))
		return;
	dmaconf_issue(dc);
	KUNIT_ASSERT_TRUE_MSG(dc->test, dmaconf_wait_calls(x, 1), "no callback");
	KUNIT_EXPECT_TRUE_MSG(dc->test, dmaconf_buf_check(dc, dst, "behind a fixed destination"),
			      "a destination that does not increment was walked along");
	KUNIT_EXPECT_NOT_NULL_MSG(dc->test, memchr(dst->data, last, FIXED / 4),
				  "the last byte did not arrive at the fixed destination");
}

/* Broken: pictures are sheared, or what lies between their lines is overwritten. */
DMACONF_RULE(ilv, data, MUST,
	     "An interleaved transfer moves the chunks of all frames and leaves the gaps alone, which each end has as its own inc, sgl and icg say.",
	     "include/linux/dmaengine.h:87; include/linux/dmaengine.h:1333; Documentation/driver-api/dmaengine/provider.rst:248",
	     NEEDS_INTERLEAVE)
{
	int taken = 0;

	for (int i = 0; i < ARRAY_SIZE(ilv_dirs); i++) {
		if (!ilv_possible(dc, ilv_dirs[i]))
			continue;
		taken += ilv_shapes(dc, ilv_dirs[i]);
		ilv_large(dc, ilv_dirs[i]);
	}
	for (int i = 0; i < 4; i++) {
		ilv_fixed_source(dc);
		ilv_fixed_destination(dc);
	}
	if (!taken)
		dmaconf_inconclusive(test, "no template was taken that can be tried here");
}

static void ilv_no_frames(struct dma_interleaved_template *xt)
{
	xt->numf = 0;
}

static void ilv_no_chunks(struct dma_interleaved_template *xt)
{
	xt->frame_size = 0;
}

static void ilv_empty_chunk(struct dma_interleaved_template *xt)
{
	xt->sgl[0].size = 0;
}

static void ilv_no_direction(struct dma_interleaved_template *xt)
{
	xt->dir = DMA_TRANS_NONE;
}

/* Templates that mean nothing, made from one that does. */
struct ilv_bad {
	const char *what;
	void (*make)(struct dma_interleaved_template *xt);
};

static const struct ilv_bad ilv_bads[] = {
	{ "no frames", ilv_no_frames },
	{ "no chunks in a frame", ilv_no_chunks },
	{ "an empty chunk", ilv_empty_chunk },
	{ "DMA_TRANS_NONE", ilv_no_direction },
};

/* NULL; or else nothing moves, and the channel is none the worse for it. */
static void ilv_reject_one(struct dmaconf *dc, enum dma_transfer_direction dir,
			   const struct ilv_bad *bad)
{
	struct dmaconf_xfer *x = ilv_ready(ilv_new(dc, dir, 1, 1));
	struct dmaconf_buf *dst = dmaconf_dst(x);
	size_t bytes = dmaconf_port_bytes(dc);

	/* What goes astray is to be seen, and not to hit somebody else's memory. */
	x->xt->src_start = dmaconf_buf(dc, x->len, DMA_TO_DEVICE)->dma;
	x->xt->dst_start = dmaconf_buf(dc, x->len, DMA_FROM_DEVICE)->dma;
	bad->make(x->xt);
	if (!dmaconf_try_prep(x)) {
		KUNIT_EXPECT_NULL_MSG(dc->test, x->tx, "%s: refused with %pe", bad->what, x->tx);
		return;
	}
	/* To the oracle it moves nothing. */
	x->nfrom = 0;
	x->nto = 0;
	dmaconf_diag(dc, "%s: prep did not refuse it", bad->what);
	KUNIT_ASSERT_TRUE(dc->test, dmaconf_try_submit(x));
	dmaconf_issue(dc);
	KUNIT_ASSERT_TRUE_MSG(dc->test, dmaconf_wait_calls(x, 1), "%s: taken, and never ends",
			      bad->what);
	KUNIT_EXPECT_EQ_MSG(dc->test, dmaconf_port_bytes(dc), bytes, "%s: bytes at the port",
			    bad->what);
	dmaconf_streams_resync(dc);
	if (!dst)
		return;
	KUNIT_EXPECT_LT_MSG(dc->test, dmaconf_buf_differs(dc, dst), 0, "%s: taken, and moved data",
			    bad->what);
	/* Within this buffer it was a lapse, and no more. */
	dmaconf_buf_loosen(dst, 0, dst->len);
}

/* Broken: a client's mistake moves something else, or never ends, instead of failing. */
DMACONF_RULE(ilv, reject, SHOULD,
	     "A template without frames, chunks, bytes or a direction is refused with NULL, or moves nothing.",
	     "drivers/dma/ti/edma.c:1232; drivers/dma/at_xdmac.c:1083; drivers/dma/xilinx/xilinx_dpdma.c:1299",
	     NEEDS_INTERLEAVE)
{
	bool any = false;

	for (int d = 0; d < ARRAY_SIZE(ilv_dirs); d++) {
		/* What refuses the plainest template says nothing about worse ones. */
		if (!ilv_possible(dc, ilv_dirs[d]) ||
		    !ilv_run(ilv_ready(ilv_new(dc, ilv_dirs[d], 1, 1))))
			continue;
		any = true;
		for (int i = 0; i < ARRAY_SIZE(ilv_bads); i++)
			ilv_reject_one(dc, ilv_dirs[d], &ilv_bads[i]);
	}
	if (!any)
		dmaconf_inconclusive(test, "no template was taken that can be tried here");
}

static struct kunit_case ilv_rules[] = {
	DMACONF_CASE(ilv, data),
	DMACONF_CASE(ilv, reject),
	{}
};

DMACONF_SUITE(ilv);

kunit_test_suites(&ilv_suite);
