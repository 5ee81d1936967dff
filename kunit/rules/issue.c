// SPDX-License-Identifier: GPL-2.0-only
/* Issuing what was submitted. */
#include <linux/spinlock.h>

#include "dmaconf.h"

/*
 * Broken: only the first of several queued transfers runs; the client waits for the rest
 * until it happens to issue again.
 */
DMACONF_RULE(issue, starts, MUST,
	     "issue_pending starts all that was submitted: each completion starts the next without another call.",
	     "Documentation/driver-api/dmaengine/provider.rst:442; Documentation/driver-api/dmaengine/client.rst:286",
	     NEEDS_XFER)
{
	static const int batch[] = { 1, 2, 5, 16 };
	struct dmaconf_xfer *x[16];

	for (int b = 0; b < ARRAY_SIZE(batch); b++) {
		for (int i = 0; i < batch[b]; i++) {
			x[i] = dmaconf_xfer(dc, 1 + dmaconf_random(dc, 600));
			dmaconf_queue(x[i]);
		}
		dmaconf_issue(dc);
		for (int i = 0; i < batch[b]; i++)
			if (!dmaconf_finish(x[i]))
				KUNIT_FAIL_AND_ABORT(test, "transfer %d of %d issued at once",
						     i + 1, batch[b]);
	}
}

/* Where callbacks are due and do not run: has it ended by then, for its client that polls? */
static bool issue_wait_for_end(struct dmaconf_xfer *x)
{
	ktime_t end = ktime_add_ms(ktime_get(), 20);
	bool ended;

	do {
		ended = dmaconf_xfer_moved(x) == x->len && x->len;
		cpu_relax();
	} while (!ended && ktime_before(ktime_get(), end));
	return ended;
}

/* Between the end of a transfer and its callback the channel is neither busy nor idle. */
static void issue_before_callback(struct dmaconf *dc)
{
	struct dmaconf_xfer *a = dmaconf_xfer(dc, 256), *b = dmaconf_xfer(dc, 320);
	bool taken;

	dmaconf_hold_callbacks(dc);
	taken = dmaconf_try_queue(a);
	dmaconf_issue(dc);
	issue_wait_for_end(a);
	taken &= dmaconf_try_queue(b);
	dmaconf_issue(dc);
	dmaconf_release(dc);
	KUNIT_ASSERT_TRUE_MSG(dc->test, taken, "a transfer was refused while a callback was due");
	dmaconf_finish(a);
	if (!dmaconf_finish(b))
		KUNIT_FAIL_AND_ABORT(dc->test, "it was issued while a callback was due");
}

/* Broken: under load the channel stalls: what was queued while it was busy never starts. */
DMACONF_RULE(issue, while_busy, MUST,
	     "What is submitted and issued while the channel is busy runs afterwards, without another call.",
	     "Documentation/driver-api/dmaengine/client.rst:286; drivers/dma/dmaengine.c:557",
	     NEEDS_XFER | NEEDS_WINDOW)
{
	struct dmaconf_xfer *x[4];
	bool taken = true;

	for (int i = 0; i < ARRAY_SIZE(x); i++)
		x[i] = dmaconf_xfer(dc, 300 + 100 * i);
	dmaconf_hold(dc);
	for (int i = 0; i < ARRAY_SIZE(x); i++) {
		taken &= dmaconf_try_queue(x[i]);
		dmaconf_issue(dc);
	}
	dmaconf_release(dc);
	KUNIT_ASSERT_TRUE_MSG(test, taken, "a transfer was refused while the channel was busy");
	for (int i = 0; i < ARRAY_SIZE(x); i++)
		dmaconf_finish(x[i]);
	for (int i = 0; i < 4; i++)
		issue_before_callback(dc);
}

/* Transfers that all write the same memory: the last one that runs is what remains. */
static void issue_overlapping(struct dmaconf *dc, struct dmaconf_xfer **x, int n)
{
	x[0] = dmaconf_xfer(dc, 256);
	for (int i = 1; i < n; i++)
		x[i] = dmaconf_in_memory(dc) ?
		       dmaconf_xfer_between(dc, dmaconf_dst(x[0]), 0, NULL, 0, x[0]->len) :
		       dmaconf_xfer(dc, 256);
}

/*
 * Broken: a peripheral gets its data in the wrong order; a copy that reads what an
 * earlier one wrote gets old bytes.
 */
DMACONF_RULE(issue, fifo, MUST,
	     "Issued transfers execute and complete in submit order.",
	     "Documentation/driver-api/dmaengine/provider.rst:444; include/linux/dmaengine.h:596",
	     NEEDS_XFER | NEEDS_WINDOW | NEEDS_ORDER)
{
	struct dmaconf_xfer *x[6];
	const int n = ARRAY_SIZE(x);
	bool taken = true;

	issue_overlapping(dc, x, n);
	dmaconf_hold(dc);
	for (int i = 0; i < n; i++) {
		taken &= dmaconf_try_queue(x[i]);
		if (i % 2)
			dmaconf_issue(dc);
	}
	dmaconf_release(dc);
	KUNIT_ASSERT_TRUE_MSG(test, taken, "a transfer was refused while the channel was busy");
	for (int i = 0; i < n; i++)
		KUNIT_ASSERT_TRUE_MSG(test, dmaconf_wait_calls(x[i], 1), "transfer %d of %d",
				      i + 1, n);
	for (int i = 1; i < n; i++)
		KUNIT_EXPECT_GT_MSG(test, x[i]->seq, x[i - 1]->seq,
				    "cookie %d was called back before cookie %d", x[i]->cookie,
				    x[i - 1]->cookie);
	for (int i = dmaconf_dst(x[0]) ? n - 1 : 0; i < n; i++)
		KUNIT_EXPECT_TRUE_MSG(test, dmaconf_xfer_right(x[i]),
				      "the data of transfer %d of %d is not where it belongs",
				      i + 1, n);
}

/* Broken: a transfer starts before its client has set up the peripheral for it. */
DMACONF_RULE(issue, scope, MUST,
	     "issue_pending covers only what was submitted before it: a later submission is not started by a completion.",
	     "Documentation/driver-api/dmaengine/client.rst:274; Documentation/driver-api/dmaengine/client.rst:286; drivers/dma/virt-dma.h:82",
	     NEEDS_XFER | NEEDS_WINDOW)
{
	struct dmaconf_xfer *a = dmaconf_xfer(dc, 400), *b = dmaconf_xfer(dc, 500);
	bool taken;

	if (!dma_has_cap(DMA_SLAVE, dc->device->cap_mask))
		dmaconf_should(dc, "a public provider may issue by itself (async-tx-api.rst:112)");
	dmaconf_hold(dc);
	taken = dmaconf_try_queue(a);
	dmaconf_issue(dc);
	taken &= dmaconf_try_queue(b);
	dmaconf_release(dc);
	KUNIT_ASSERT_TRUE_MSG(test, taken, "a transfer was refused while the channel was busy");

	dmaconf_finish(a);
	KUNIT_EXPECT_TRUE_MSG(test, dmaconf_stays_quiet(dc, 1),
			      "a transfer that was not issued ran when the one before it ended");
	dmaconf_issue(dc);
	dmaconf_finish(b);
}

/* With nothing submitted, issuing again and again runs nothing. */
static void issue_often(struct dmaconf *dc)
{
	for (int i = 0; i < 3; i++)
		dmaconf_issue(dc);
}

/*
 * Broken: a transfer runs twice: a FIFO gets its bytes again, memory that was given back
 * is written again.
 */
DMACONF_RULE(issue, empty_noop, MUST,
	     "issue_pending with nothing submitted, or repeated, has no effect: it starts nothing twice.",
	     "drivers/dma/dmaengine.c:557; drivers/dma/dmaengine.c:531",
	     NEEDS_XFER)
{
	struct dmaconf_xfer *x = dmaconf_xfer(dc, 700);
	size_t bytes;

	issue_often(dc);
	dmaconf_queue(x);
	issue_often(dc);
	dmaconf_finish(x);
	bytes = dmaconf_port_bytes(dc);
	/* Another run of the same descriptor would bring the old data back. */
	if (dmaconf_dst(x))
		dmaconf_buf_refill(dc, dmaconf_dst(x));
	issue_often(dc);
	KUNIT_EXPECT_TRUE_MSG(test, dmaconf_stays_quiet(dc, 1),
			      "%d callbacks for one transfer", dc->seq);
	KUNIT_EXPECT_EQ_MSG(test, dmaconf_port_bytes(dc), bytes, "bytes at the port");
	if (dmaconf_dst(x))
		KUNIT_EXPECT_EQ_MSG(test, dmaconf_buf_differs(dc, dmaconf_dst(x)), (ssize_t)-1,
				    "a finished transfer ran again");
}

/* From hard interrupt context, as a UART's interrupt handler does. */
static void issue_from_irq(struct dmaconf *dc, void *arg)
{
	bool *stayed_off = arg;

	dmaconf_issue(dc);
	*stayed_off = irqs_disabled();
}

/*
 * Broken: a client that issues from its interrupt handler or under a lock finds
 * interrupts on inside its critical section.
 */
DMACONF_RULE(issue, atomic, MUST,
	     "issue_pending is callable from hard interrupts and with spinlocks held, and leaves interrupts off.",
	     "Documentation/driver-api/dmaengine/provider.rst:448; drivers/dma/dmaengine.c:565",
	     NEEDS_XFER)
{
	/* Not on the stack: lockdep knows no locks there. */
	static DEFINE_SPINLOCK(client);
	struct dmaconf_xfer *x = dmaconf_xfer(dc, 128);
	bool *in_irq = kunit_kzalloc(test, sizeof(*in_irq), GFP_KERNEL);
	unsigned long irqflags;
	bool stayed_off;

	KUNIT_ASSERT_NOT_NULL(test, in_irq);
	dmaconf_queue(x);
	dmaconf_in_hardirq(dc, issue_from_irq, in_irq);
	KUNIT_EXPECT_TRUE_MSG(test, *in_irq,
			      "issue_pending enabled interrupts in hard interrupt context");
	KUNIT_ASSERT_TRUE(test, dmaconf_wait_calls(x, 1));
	for (int i = 1; i < 4; i++) {
		dmaconf_queue(x);
		spin_lock_irqsave(&client, irqflags);
		dmaconf_issue(dc);
		stayed_off = irqs_disabled();
		spin_unlock_irqrestore(&client, irqflags);
		KUNIT_EXPECT_TRUE_MSG(test, stayed_off, "issue_pending enabled interrupts");
		KUNIT_ASSERT_TRUE(test, dmaconf_wait_calls(x, i + 1));
	}
}

static struct kunit_case issue_rules[] = {
	DMACONF_CASE(issue, starts),
	DMACONF_CASE(issue, while_busy),
	DMACONF_CASE(issue, fifo),
	DMACONF_CASE(issue, scope),
	DMACONF_CASE(issue, empty_noop),
	DMACONF_CASE(issue, atomic),
	{}
};

DMACONF_SUITE(issue);

kunit_test_suites(&issue_suite);
