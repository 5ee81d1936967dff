// SPDX-License-Identifier: GPL-2.0-only
/* Memory to memory copies. */
#include <linux/sizes.h>

#include "dmaconf.h"

#define BUF	(6 * SZ_4K)
#define ROUNDS	16
#define BATCH	4

/* on_callback: what completed is visible now, not some time later. */
static void memcpy_look(struct dmaconf_xfer *x)
{
	x->priv = (void *)dmaconf_xfer_moved(x);
}

static struct dmaconf_xfer *memcpy_queue(struct dmaconf *dc, struct dmaconf_buf *dst,
					 size_t dst_off, struct dmaconf_buf *src,
					 size_t src_off, size_t len)
{
	struct dmaconf_xfer *x = dmaconf_xfer_between(dc, dst, dst_off, src, src_off, len);

	x->on_callback = memcpy_look;
	dmaconf_queue(x);
	return x;
}

static void memcpy_check(struct kunit *test, struct dmaconf_xfer *x)
{
	if (!dmaconf_finish(x))
		KUNIT_FAIL_AND_ABORT(test,
				     "%zu bytes from %#zx to %#zx (bus addresses %pad to %pad)",
				     x->len, x->from[0].off, x->to[0].off, &dmaconf_src(x)->dma,
				     &dmaconf_dst(x)->dma);
	KUNIT_ASSERT_EQ_MSG(test, (size_t)x->priv, x->len,
			    "not all of %zu bytes were visible when it was called back", x->len);
}

/* Every short length, at every offset within a word of source and destination. */
static void memcpy_short(struct kunit *test, struct dmaconf *dc, struct dmaconf_buf *dst,
			 struct dmaconf_buf *src)
{
	struct dmaconf_xfer *x[17];

	for (int i = 0; i < ARRAY_SIZE(x); i++)
		x[i] = memcpy_queue(dc, dst, (64 * i + i % 8) * dc->align, src,
				    (i * 3 % 8) * dc->align, (i + 1) * dc->align);
	dmaconf_issue(dc);
	for (int i = 0; i < ARRAY_SIZE(x); i++)
		memcpy_check(test, x[i]);
}

static size_t memcpy_units(struct dmaconf *dc, u32 below)
{
	return dmaconf_random(dc, below / dc->align) * dc->align;
}

/* Lengths and offsets at random: within a page, over its end, over several. */
static void memcpy_random(struct kunit *test, struct dmaconf *dc, struct dmaconf_buf *dst,
			  struct dmaconf_buf *src)
{
	struct dmaconf_xfer *x[BATCH];
	size_t len;

	for (int i = 0; i < BATCH; i++) {
		len = memcpy_units(dc, i & 1 ? 256 : BUF / BATCH / 2) + dc->align;
		x[i] = memcpy_queue(dc, dst, i * BUF / BATCH + memcpy_units(dc, BUF / BATCH / 2),
				    src, memcpy_units(dc, BUF / 2), len);
	}
	dmaconf_issue(dc);
	for (int i = 0; i < BATCH; i++)
		memcpy_check(test, x[i]);
}

/* The status also says when the data is there; no callback is waited for. */
static void memcpy_polled(struct kunit *test, struct dmaconf *dc, struct dmaconf_buf *dst,
			  struct dmaconf_buf *src)
{
	struct dmaconf_xfer *x = memcpy_queue(dc, dst, 0, src, 0, BUF / 2);
	enum dma_status status;
	size_t moved;

	dmaconf_issue(dc);
	KUNIT_ASSERT_TRUE_MSG(test, dmaconf_poll(x, &status), "it never ended");
	moved = dmaconf_xfer_moved(x);
	KUNIT_ASSERT_STREQ(test, dmaconf_status_name(status), "COMPLETE");
	KUNIT_ASSERT_EQ_MSG(test, moved, x->len, "not all bytes were visible when it was COMPLETE");
	memcpy_check(test, x);
}

/* Broken: copies differ from their source, at some lengths or offsets only. */
DMACONF_RULE(memcpy, data, MUST,
	     "A memcpy copies exactly the requested bytes, for any aligned length and offset, and they are all visible at completion.",
	     "Documentation/driver-api/dmaengine/provider.rst:161; include/linux/dmaengine.h:1079",
	     NEEDS_MEMCPY | NEEDS_XFER)
{
	struct dmaconf_buf *src = dmaconf_buf(dc, BUF, DMA_TO_DEVICE);
	struct dmaconf_buf *dst = dmaconf_buf(dc, BUF, DMA_FROM_DEVICE);

	if (17 * 64 * dc->align <= BUF)
		memcpy_short(test, dc, dst, src);
	for (int i = 0; i < ROUNDS; i++) {
		if (i % 4 == 3)
			dmaconf_buf_refill(dc, src);
		memcpy_random(test, dc, dst, src);
	}
	if (!dma_has_cap(DMA_COMPLETION_NO_ORDER, dc->device->cap_mask))
		memcpy_polled(test, dc, dst, src);
}

/*
 * Around the limits of 16 and 20 bit length registers; only one of the long ones is odd, as
 * those are moved byte by byte by many an engine.
 */
static const size_t memcpy_large_lens[] = {
	SZ_64K - 1, SZ_64K, SZ_64K + 1, SZ_1M - 1, SZ_1M, SZ_1M + 8,
};

/* Broken: long copies end early and are reported as complete. */
DMACONF_RULE(memcpy, large, MUST,
	     "A length beyond what one hardware descriptor can hold is split or refused with NULL, never cut off.",
	     "drivers/dma/xilinx/zynqmp_dma.c:846; drivers/dma/idxd/dma.c:118",
	     NEEDS_MEMCPY | NEEDS_XFER)
{
	size_t lens = ARRAY_SIZE(memcpy_large_lens), room = lens * dc->align;
	size_t size = min_t(size_t, roundup(SZ_1M + 8, dc->align),
			    dmaconf_buf_most(dc) - room);
	struct dmaconf_buf *src = dmaconf_buf(dc, size + room, DMA_TO_DEVICE);
	struct dmaconf_buf *dst = dmaconf_buf(dc, size, DMA_FROM_DEVICE);

	for (int i = 0; i < lens; i++) {
		/* From another offset each time, so that the last copy does not pass for this. */
		size_t len = roundup(memcpy_large_lens[i], dc->align), off = i * dc->align;
		struct dmaconf_xfer *x;

		if (len > size) {
			dmaconf_diag(dc, "%zu bytes cannot be mapped", len);
			continue;
		}
		x = dmaconf_xfer_between(dc, dst, 0, src, off, len);
		if (!dmaconf_try_prep(x)) {
			KUNIT_EXPECT_NULL_MSG(test, x->tx, "%zu bytes were refused with %pe", len,
					      x->tx);
			dmaconf_diag(dc, "%zu bytes were refused", len);
			continue;
		}
		KUNIT_ASSERT_TRUE(test, dmaconf_try_submit(x));
		dmaconf_issue(dc);
		if (!dmaconf_finish(x))
			KUNIT_FAIL_AND_ABORT(test, "%zu bytes were accepted and not all copied",
					     len);
	}
}

static struct kunit_case memcpy_rules[] = {
	DMACONF_CASE(memcpy, data),
	DMACONF_CASE(memcpy, large),
	{}
};

DMACONF_SUITE(memcpy);

kunit_test_suites(&memcpy_suite);
