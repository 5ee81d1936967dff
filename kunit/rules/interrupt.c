// SPDX-License-Identifier: GPL-2.0-only
/* Interrupt descriptors, by which async_tx learns that all before them is done. */
#include "dmaconf.h"

/* An interrupt behind transfers that are held: it waits for them. */
static void intr_behind(struct dmaconf *dc, bool silent)
{
	struct dmaconf_xfer *a[2], *intr, *after;
	enum dma_status early;
	size_t arrived;
	bool taken;

	for (int i = 0; i < ARRAY_SIZE(a); i++)
		a[i] = dmaconf_xfer(dc, 300 + 200 * i);
	intr = dmaconf_xfer_of(dc, &dmaconf_interrupt, DMA_MEM_TO_MEM, 0);
	after = dmaconf_xfer(dc, 100);
	intr->silent = silent;
	dmaconf_hold(dc);
	taken = dmaconf_try_queue(a[0]) && dmaconf_try_queue(a[1]) && dmaconf_try_queue(intr) &&
		dmaconf_try_queue(after);
	dmaconf_issue(dc);
	if (dc->window == DMACONF_WINDOW_GATE)
		dmaconf_step(dc, a[0]->len + dc->align);
	/* Without a gate the data may have moved, and then this is an answer too. */
	early = dmaengine_tx_status(dc->chan, intr->cookie, NULL);
	arrived = dmaconf_xfer_moved(a[1]);
	dmaconf_release(dc);
	KUNIT_ASSERT_TRUE_MSG(dc->test, taken, "a transfer or interrupt was refused");
	KUNIT_EXPECT_FALSE_MSG(dc->test, early == DMA_COMPLETE && arrived < a[1]->len,
			       "the interrupt is COMPLETE, and only %zu bytes of %zu have arrived before it",
			       arrived, a[1]->len);
	for (int i = 0; i < ARRAY_SIZE(a); i++)
		dmaconf_finish(a[i]);
	dmaconf_finish(intr);
	dmaconf_finish(after);
	if (!silent)
		KUNIT_EXPECT_TRUE_MSG(dc->test, a[1]->seq < intr->seq && intr->seq < after->seq,
				      "callbacks came in another order: before %d, interrupt %d, after %d",
				      a[1]->seq, intr->seq, after->seq);
}

/* on_prep: nobody acknowledged this descriptor, so it may be looked at later. */
static void intr_keep(struct dmaconf_xfer *x)
{
	x->priv = x->tx;
}

/* async_tx gives no flag at all, and waits by looking. */
static void intr_without_flags(struct dmaconf *dc)
{
	struct dmaconf_xfer *a = dmaconf_xfer(dc, 400);
	struct dmaconf_xfer *intr = dmaconf_xfer_of(dc, &dmaconf_interrupt, DMA_MEM_TO_MEM, 0);

	intr->flags = 0;
	intr->silent = true;
	intr->on_prep = intr_keep;
	dmaconf_queue(a);
	dmaconf_queue(intr);
	dmaconf_issue(dc);
	dmaconf_finish(intr);
	async_tx_ack(intr->priv);
	KUNIT_EXPECT_STREQ_MSG(dc->test, dmaconf_status_name(dmaconf_status(a).status), "COMPLETE",
			       "the interrupt is complete, what was submitted before it is not");
	dmaconf_finish(a);
}

/*
 * Broken: who waits for the interrupt believes that all operations before it are done,
 * and uses their results too early.
 */
DMACONF_RULE(intr, order, MUST,
	     "An interrupt descriptor moves nothing, and completes with its callback when all earlier ones of the channel have.",
	     "Documentation/driver-api/dmaengine/provider.rst:205; include/linux/dmaengine.h:829; crypto/async_tx/async_tx.c:89",
	     NEEDS_INTERRUPT | NEEDS_XFER | NEEDS_WINDOW | NEEDS_ORDER)
{
	struct dmaconf_xfer *alone = dmaconf_xfer_of(dc, &dmaconf_interrupt, DMA_MEM_TO_MEM, 0);

	dmaconf_start(alone);
	dmaconf_finish(alone);
	for (int i = 0; i < 4; i++)
		intr_behind(dc, i & 1);
	for (int i = 0; i < 4; i++)
		intr_without_flags(dc);
}

static struct kunit_case intr_rules[] = {
	DMACONF_CASE(intr, order),
	{}
};

DMACONF_SUITE(intr);

kunit_test_suites(&intr_suite);
