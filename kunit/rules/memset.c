// SPDX-License-Identifier: GPL-2.0-only
/* Filling memory. */
#include <linux/minmax.h>
#include <linux/slab.h>

#include "dmaconf.h"

#define BUF	SZ_4K
#define LARGE	(SZ_64K + 64)
#define MOST	16	/* entries of a list */

/* Only the low 8 bits count; the others are there to be ignored. */
static const int memset_values[] = { 0, 0x5a, 0xff, 0x1234, -1, -2, 0x7fffff80 };

static const struct dmaconf_type * const memset_types[] = { &dmaconf_memset, &dmaconf_memset_sg };

/* A fill of several stretches of a buffer, of which nothing else may change. */
static void memset_run(struct dmaconf *dc, const struct dmaconf_type *type,
		       const struct dmaconf_piece *pieces, unsigned int n, int value)
{
	struct dmaconf_xfer *x = dmaconf_xfer_new(dc, type, DMA_MEM_TO_MEM, 0);

	dmaconf_pieces(x, 0, n);
	for (unsigned int i = 0; i < n; i++) {
		x->to[i] = pieces[i];
		x->len += pieces[i].len;
	}
	x->value = value;
	if (n <= MOST) {
		dmaconf_start(dmaconf_xfer_ready(x));
	} else if (dmaconf_try_queue(dmaconf_xfer_ready(x))) {
		dmaconf_issue(dc);
	} else {
		dmaconf_diag(dc, "%s of %u places was refused", type->name, n);
		return;
	}
	if (dmaconf_finish(x) && dmaconf_buf_check(dc, pieces[0].buf, "after a fill"))
		return;
	KUNIT_FAIL_AND_ABORT(dc->test, "%s of %u place(s), %zu bytes, first at +%zu, value %#x",
			     type->name, n, x->len, pieces[0].off, value);
}

/* Every short length, at every offset within a few words. */
static void memset_short(struct dmaconf *dc, const struct dmaconf_type *type)
{
	struct dmaconf_buf *buf = dmaconf_buf(dc, BUF, DMA_FROM_DEVICE);
	size_t unit = dmaconf_align(dc, type);

	for (size_t i = 0; i < 64 && 80 * unit <= BUF; i++) {
		const struct dmaconf_piece piece = { buf, i * 3 % 16 * unit, (i + 1) * unit };

		if (i % 16 == 0)
			dmaconf_buf_refill(dc, buf);
		memset_run(dc, type, &piece, 1, memset_values[i % ARRAY_SIZE(memset_values)]);
	}
}

/* Over the limits of counters of 12 and 16 bits. */
static void memset_long(struct dmaconf *dc, const struct dmaconf_type *type)
{
	static const size_t lens[] = {
		SZ_4K - 1, SZ_4K, SZ_4K + 1, SZ_64K - 1, SZ_64K, SZ_64K + 1,
	};
	size_t unit = dmaconf_align(dc, type);
	struct dmaconf_buf *buf = dmaconf_buf(dc, LARGE + 2 * unit, DMA_FROM_DEVICE);

	for (int i = 0; i < ARRAY_SIZE(lens); i++) {
		const struct dmaconf_piece piece = { buf, unit, roundup(lens[i], unit) };

		memset_run(dc, type, &piece, 1, memset_values[1 + i]);
	}
}

/* Places of different length at irregular distances, in no order. */
static unsigned int memset_places(struct dmaconf *dc, struct dmaconf_buf *buf, size_t unit,
				  struct dmaconf_piece *pieces, unsigned int n)
{
	size_t at = dmaconf_random(dc, 8) * unit;

	for (unsigned int i = 0; i < n; i++) {
		pieces[i] = (struct dmaconf_piece){
			.buf = buf, .off = at, .len = (1 + dmaconf_random(dc, 12)) * unit,
		};
		at += pieces[i].len + dmaconf_random(dc, 5) * unit;
		swap(pieces[i], pieces[dmaconf_random(dc, i + 1)]);
	}
	return n;
}

static void memset_lists(struct dmaconf *dc)
{
	static const unsigned int entries[] = { 1, 2, 3, 3, 4, 7, MOST };
	size_t unit = dmaconf_align(dc, &dmaconf_memset_sg);
	struct dmaconf_piece pieces[MOST];
	struct dmaconf_buf *buf = dmaconf_buf(dc, 17 * MOST * unit, DMA_FROM_DEVICE);
	unsigned int n;

	for (int i = 0; i < 2 * ARRAY_SIZE(entries); i++) {
		dmaconf_buf_refill(dc, buf);
		n = memset_places(dc, buf, unit, pieces, entries[i / 2]);
		memset_run(dc, &dmaconf_memset_sg, pieces, n,
			   memset_values[i % ARRAY_SIZE(memset_values)]);
	}
	/* The same distance and length throughout, as a two-dimensional engine likes it. */
	for (unsigned int i = 0; i < MOST; i++)
		pieces[i] = (struct dmaconf_piece){ buf, 7 * i * unit, 4 * unit };
	dmaconf_buf_refill(dc, buf);
	memset_run(dc, &dmaconf_memset_sg, pieces, MOST, 0xc3);
}

/* More entries than hardware chains have. */
static void memset_many(struct dmaconf *dc)
{
	const unsigned int n = 150;
	size_t unit = dmaconf_align(dc, &dmaconf_memset_sg);
	struct dmaconf_buf *buf = dmaconf_buf(dc, 17 * (n + 1) * unit, DMA_FROM_DEVICE);
	struct dmaconf_piece *pieces = kunit_kcalloc(dc->test, n, sizeof(*pieces), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(dc->test, pieces);
	memset_run(dc, &dmaconf_memset_sg, pieces, memset_places(dc, buf, unit, pieces, n), 0x6d);
}

/*
 * Broken: memory that was to be cleared or poisoned holds something else, or the
 * neighbour's memory is cleared with it.
 */
DMACONF_RULE(memset, data, MUST,
	     "A memset fills every byte of its destination, or of every entry of its list, with the low 8 bits of the value, and no byte beside.",
	     "Documentation/driver-api/dmaengine/provider.rst:199; include/linux/dmaengine.h:1060; drivers/dma/at_xdmac.c:1328",
	     NEEDS_MEMSET)
{
	for (int i = 0; i < ARRAY_SIZE(memset_types); i++) {
		if (!memset_types[i]->offered(dc, DMA_MEM_TO_MEM))
			continue;
		memset_short(dc, memset_types[i]);
		memset_long(dc, memset_types[i]);
	}
	if (dmaconf_memset_sg.offered(dc, DMA_MEM_TO_MEM))
		memset_lists(dc);
	if (dmaconf_memset_sg.offered(dc, DMA_MEM_TO_MEM))
		memset_many(dc);
}

static struct kunit_case memset_rules[] = {
	DMACONF_CASE(memset, data),
	{}
};

DMACONF_SUITE(memset);

kunit_test_suites(&memset_suite);
