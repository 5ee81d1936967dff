// SPDX-License-Identifier: GPL-2.0-only
/* Flags of descriptors. */
#include "dmaconf.h"

/*
 * Broken: a client that asks for one interrupt at the end of a chain, as async_tx does,
 * waits for ever.
 */
DMACONF_RULE(flags, int_last_only, MUST,
	     "A queue runs to its end when only its last descriptor carries DMA_PREP_INTERRUPT.",
	     "include/linux/dmaengine.h:176; Documentation/driver-api/dmaengine/client.rst:290; crypto/async_tx/async_xor.c:42",
	     NEEDS_XFER | NEEDS_ORDER)
{
	static const int batch[] = { 2, 5, 3, 12 };
	struct dmaconf_xfer *x[12];

	for (int b = 0; b < ARRAY_SIZE(batch); b++) {
		int last = batch[b] - 1;

		for (int i = 0; i <= last; i++) {
			x[i] = dmaconf_xfer(dc, 1 + dmaconf_random(dc, 3000));
			x[i]->silent = i < last;
			x[i]->flags = i < last ? DMA_CTRL_ACK : DMA_PREP_INTERRUPT | DMA_CTRL_ACK;
			dmaconf_queue(x[i]);
			/* Only the end is asked for, and nobody asks before. */
			if (b % 2)
				dmaconf_issue(dc);
		}
		dmaconf_issue(dc);
		if (!dmaconf_finish(x[last]))
			KUNIT_FAIL_AND_ABORT(test, "%d descriptors, the flag on the last one only",
					     batch[b]);
		for (int i = 0; i < last; i++)
			dmaconf_finish(x[i]);
	}
}

/* What was prepared meanwhile; true when the un-acknowledged descriptor is among it. */
static bool ack_run_others(struct dmaconf *dc, struct dmaconf_xfer **x, int n,
			   struct dma_async_tx_descriptor *kept)
{
	bool recycled = false;

	for (int i = 0; i < n; i++) {
		KUNIT_ASSERT_TRUE_MSG(dc->test, dmaconf_try_prep(x[i]), "prep refused 64 bytes");
		recycled |= x[i]->tx == kept;
		KUNIT_ASSERT_TRUE_MSG(dc->test, dmaconf_try_submit(x[i]), "cookie %d",
				      x[i]->cookie);
	}
	dmaconf_issue(dc);
	KUNIT_ASSERT_TRUE_MSG(dc->test, dmaconf_wait_calls(x[n - 1], x[n - 1]->submissions),
			      "no callback of cookie %d", x[n - 1]->cookie);
	return recycled;
}

#define OTHERS	6

/* One descriptor is kept, and many others come and go. */
static void ack_hold_once(struct dmaconf *dc, struct dmaconf_xfer **others, int rounds)
{
	struct dmaconf_xfer *x = dmaconf_xfer(dc, 200);
	struct dma_async_tx_descriptor *tx;
	struct kunit *test = dc->test;
	bool recycled = false;

	x->flags = DMA_PREP_INTERRUPT;
	KUNIT_ASSERT_TRUE_MSG(test, dmaconf_try_prep(x), "prep refused 200 bytes");
	tx = x->tx;
	KUNIT_ASSERT_TRUE_MSG(test, dmaconf_try_submit(x), "cookie %d", x->cookie);
	dmaconf_issue(dc);
	if (!dmaconf_finish(x))
		KUNIT_FAIL_AND_ABORT(test, "it did not end");
	for (int i = 0; i < rounds && !recycled; i++)
		recycled = ack_run_others(dc, others, OTHERS, tx);
	if (recycled)
		KUNIT_FAIL_AND_ABORT(test, "prep gave the descriptor of cookie %d before its ack",
				     x->cookie);
	KUNIT_EXPECT_PTR_EQ_MSG(test, tx->chan, dc->chan,
				"the descriptor was written to before async_tx_ack()");
	async_tx_ack(tx);
}

/*
 * Broken: a descriptor that its client still refers to is reused: dependent operations
 * chain to a stranger.
 */
DMACONF_RULE(flags, ack_hold, MUST,
	     "A descriptor without DMA_CTRL_ACK is not recycled after completion until async_tx_ack().",
	     "Documentation/driver-api/dmaengine/provider.rst:557; include/linux/dmaengine.h:178",
	     NEEDS_XFER | NEEDS_MEMORY | NEEDS_FREE)
{
	bool private = dma_has_cap(DMA_PRIVATE, dc->device->cap_mask);
	struct dmaconf_xfer *others[OTHERS];

	if (dc->type == &dmaconf_interleaved)
		dmaconf_not_applicable(test, "async_tx knows no interleaved transfers");
	dmaconf_claim(dc);
	if (private)
		dmaconf_should(dc, "async_tx does not use a private provider");
	for (int i = 0; i < OTHERS; i++)
		others[i] = dmaconf_xfer(dc, 64);
	/* Enough to go through a pool of descriptors once. */
	ack_hold_once(dc, others, 24);
	for (int i = 0; i < 6; i++)
		ack_hold_once(dc, others, 2);
}

/* One that was acknowledged in its last use, and one that was not, may come back. */
static void ack_kept_once(struct dmaconf *dc, bool acked)
{
	struct dmaconf_xfer *x = dmaconf_xfer(dc, 100);
	struct dma_async_tx_descriptor *tx;

	x->flags = DMA_PREP_INTERRUPT | (acked ? DMA_CTRL_ACK : 0);
	KUNIT_ASSERT_TRUE_MSG(dc->test, dmaconf_try_prep(x), "prep refused 100 bytes");
	tx = x->tx;
	KUNIT_EXPECT_EQ_MSG(dc->test, async_tx_test_ack(tx), acked,
			    "prepared with%s DMA_CTRL_ACK, its flags are %#x",
			    acked ? "" : "out", tx->flags);
	KUNIT_ASSERT_TRUE_MSG(dc->test, dmaconf_try_submit(x), "cookie %d", x->cookie);
	dmaconf_issue(dc);
	if (!dmaconf_finish(x))
		KUNIT_FAIL_AND_ABORT(dc->test, "it did not end");
	if (!acked)
		async_tx_ack(tx);
}

/*
 * Broken: async_tx, which asks the descriptor, dies in a BUG_ON() or chains to one that
 * is gone.
 */
DMACONF_RULE(flags, ack_kept, MUST,
	     "A descriptor says whether it was prepared with DMA_CTRL_ACK, whatever it was used for before.",
	     "include/linux/dmaengine.h:178; crypto/async_tx/async_tx.c:160; drivers/dma/virt-dma.h:62",
	     NEEDS_XFER | NEEDS_MEMORY)
{
	if (dc->type == &dmaconf_interleaved)
		dmaconf_not_applicable(test, "async_tx knows no interleaved transfers");
	if (dma_has_cap(DMA_PRIVATE, dc->device->cap_mask))
		dmaconf_should(dc, "async_tx does not use a private provider");
	for (int i = 0; i < 12; i++)
		ack_kept_once(dc, i % 4 < 2);
}

/* A chain of operations, each reading what the one before it wrote. */
#define LINKS	4

/* What the channel offers of the types that read memory. */
static unsigned int fence_types(struct dmaconf *dc, const struct dmaconf_type **types)
{
	const struct dmaconf_type *type = NULL;
	unsigned int n = 0;

	while ((type = dmaconf_next_type(dc, type)))
		if (type != &dmaconf_memset && type != &dmaconf_memset_sg && n < LINKS)
			types[n++] = type;
	return n;
}

static void fence_chain(struct dmaconf *dc, struct dmaconf_buf **buf, size_t len,
			const struct dmaconf_type **types, unsigned int n)
{
	struct dmaconf_xfer *x[LINKS];

	for (int i = 0; i < LINKS; i++) {
		const struct dmaconf_piece to = { buf[i + 1], 0, len }, from = { buf[i], 0, len };

		x[i] = dmaconf_xfer_linking(dc, types[dmaconf_random(dc, n)], &to, &from);
		x[i]->flags |= DMA_PREP_FENCE;
		dmaconf_buf_refill(dc, buf[i]);
	}
	dmaconf_buf_refill(dc, buf[LINKS]);
	for (int i = 0; i < LINKS; i++)
		dmaconf_queue(x[i]);
	dmaconf_issue(dc);
	for (int i = 0; i < LINKS; i++)
		if (!dmaconf_finish(x[i]))
			KUNIT_FAIL_AND_ABORT(dc->test, "%s, %d of %d, %zu bytes, all fenced",
					     x[i]->type->name, i + 1, LINKS, len);
}

/*
 * Broken: RAID parity is computed from data that is not there yet, and the array is
 * corrupt.
 */
DMACONF_RULE(flags, fence, MUST,
	     "An operation after one with DMA_PREP_FENCE sees its results.",
	     "include/linux/dmaengine.h:186; drivers/dma/ioat/prep.c:142",
	     NEEDS_MEMORY)
{
	const struct dmaconf_type *types[LINKS];
	unsigned int n = fence_types(dc, types);
	struct dmaconf_buf *buf[LINKS + 1];
	size_t max = SZ_8K, unit = 1;

	if (!n)
		dmaconf_not_applicable(test, "the channel offers nothing that reads memory");
	for (int i = 0; i < n; i++)
		unit = max(unit, dmaconf_align(dc, types[i]));
	for (int i = 0; i <= LINKS; i++)
		buf[i] = dmaconf_buf(dc, max, DMA_BIDIRECTIONAL);
	for (int i = 0; i < 40; i++)
		fence_chain(dc, buf, roundup(1 + dmaconf_random(dc, i % 4 ? 300 : max - unit),
					     unit), types, n);
}

static struct kunit_case flags_rules[] = {
	DMACONF_CASE(flags, int_last_only),
	DMACONF_CASE(flags, ack_hold),
	DMACONF_CASE(flags, ack_kept),
	DMACONF_CASE(flags, fence),
	{}
};

DMACONF_SUITE(flags);

kunit_test_suites(&flags_suite);
