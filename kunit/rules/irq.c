// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts that do not arrive as they should: lost, doubled, late, or without a
 * reason. Hardware, interrupt controllers and shared lines do all of that.
 */
#include "dmaconf.h"

#define LEN	512

static void irq_inject(struct kunit *test, struct dmaconf *dc, enum dmaconf_inject what)
{
	int ret = dc->aid->inject(dc->chan, what, 0);

	if (ret == -EOPNOTSUPP)
		dmaconf_not_tested(test, "the bench provokes no such interrupt");
	KUNIT_ASSERT_EQ_MSG(test, ret, 0, "the bench cannot inject");
}

static void irq_queue(struct dmaconf *dc, struct dmaconf_xfer **x, int n)
{
	for (int i = 0; i < n; i++) {
		x[i] = dmaconf_xfer(dc, LEN);
		dmaconf_queue(x[i]);
	}
	dmaconf_issue(dc);
}

static void irq_finish(struct dmaconf_xfer **x, int n)
{
	for (int i = 0; i < n; i++)
		dmaconf_finish(x[i]);
}

/* It has not ended, and nobody may say that it has. */
static void irq_expect_unfinished(struct kunit *test, struct dmaconf_xfer *x, const char *after)
{
	KUNIT_EXPECT_EQ_MSG(test, READ_ONCE(x->calls), 0,
			    "callbacks of a transfer that has moved %zu of %zu bytes, after %s",
			    dmaconf_xfer_moved(x), x->len, after);
	KUNIT_EXPECT_NE_MSG(test, dmaconf_status(x).status, DMA_COMPLETE,
			    "a transfer that has moved %zu of %zu bytes is complete, after %s",
			    dmaconf_xfer_moved(x), x->len, after);
	KUNIT_EXPECT_NE_MSG(test, dmaconf_status(x).status, DMA_ERROR,
			    "a transfer that goes well is a failure, after %s", after);
}

static void irq_expect_quiet(struct kunit *test, struct dmaconf *dc, const char *when)
{
	int seq = dc->seq;

	irq_inject(test, dc, DMACONF_INJECT_IRQ_SPURIOUS);
	KUNIT_EXPECT_TRUE_MSG(test, dmaconf_stays_quiet(dc, seq),
			      "an interrupt without a reason %s led to a callback", when);
}

/* The next transfer goes well, and is said to. */
static void irq_transfer(struct dmaconf *dc)
{
	struct dmaconf_xfer *x = dmaconf_xfer(dc, LEN);

	x->with_result = true;
	dmaconf_start(x);
	dmaconf_finish(x);
}

/*
 * Broken: on a line that is shared the interrupt of another device makes the handler
 * follow a pointer to a transfer that is not there, or the next transfer fails.
 */
DMACONF_RULE(irq, idle, MUST,
	     "An interrupt while the channel has nothing to do is harmless: before the first transfer, after one, and after a termination.",
	     "include/linux/irqreturn.h:7; lib/Kconfig.debug:1030",
	     NEEDS_XFER | NEEDS_INJECT)
{
	struct dmaconf_xfer *x;

	irq_expect_quiet(test, dc, "before the first transfer");
	irq_transfer(dc);
	irq_expect_quiet(test, dc, "after a transfer");
	irq_transfer(dc);
	if (dc->device->device_terminate_all && dc->aid->gate) {
		dmaconf_hold(dc);
		irq_queue(dc, &x, 1);
		dmaconf_step(dc, x->len / 2);
		KUNIT_ASSERT_EQ(test, dmaconf_terminate_sync(dc), 0);
		irq_expect_quiet(test, dc, "after a termination");
		dmaconf_release(dc);
	}
	irq_transfer(dc);
}

/*
 * Broken: the client is told that its data is there while half of it is still to come: it
 * reads the other half too early, and what arrives then hits memory that has another use.
 */
DMACONF_RULE(irq, spurious, MUST,
	     "An interrupt without a reason is no completion: what runs goes on, and ends when its data has moved.",
	     "Documentation/driver-api/dmaengine/provider.rst:400; include/linux/irqreturn.h:7; lib/Kconfig.debug:1030",
	     NEEDS_XFER | NEEDS_INJECT | NEEDS_GATE)
{
	struct dmaconf_xfer *x[2];

	dmaconf_hold(dc);
	irq_queue(dc, x, ARRAY_SIZE(x));
	irq_inject(test, dc, DMACONF_INJECT_IRQ_SPURIOUS);
	dmaconf_stays_quiet(dc, dc->seq);
	irq_expect_unfinished(test, x[0], "an interrupt without a reason");
	dmaconf_step(dc, x[0]->len / 2);
	irq_inject(test, dc, DMACONF_INJECT_IRQ_SPURIOUS);
	dmaconf_stays_quiet(dc, dc->seq);
	irq_expect_unfinished(test, x[0], "an interrupt without a reason");
	irq_expect_unfinished(test, x[1], "an interrupt without a reason");
	dmaconf_release(dc);
	irq_finish(x, ARRAY_SIZE(x));
}

/*
 * Broken: the second arrival ends the transfer that has just begun, or calls back a
 * second time for the one before.
 */
DMACONF_RULE(irq, twice, MUST,
	     "An interrupt that arrives twice ends one transfer: nothing is called back twice, and nothing too early.",
	     "Documentation/driver-api/dmaengine/provider.rst:400; include/linux/irqreturn.h:7",
	     NEEDS_XFER | NEEDS_INJECT | NEEDS_GATE | NEEDS_ORDER)
{
	struct dmaconf_xfer *x[3];

	dmaconf_hold(dc);
	irq_queue(dc, x, ARRAY_SIZE(x));
	irq_inject(test, dc, DMACONF_INJECT_IRQ_TWICE);
	dmaconf_step(dc, x[0]->len);
	dmaconf_finish(x[0]);
	dmaconf_stays_quiet(dc, dc->seq);
	KUNIT_EXPECT_EQ_MSG(test, x[0]->calls, 1, "callbacks, its interrupt arrived twice");
	irq_expect_unfinished(test, x[1], "the interrupt of the one before arrived twice");
	irq_expect_unfinished(test, x[2], "the interrupt of the one before arrived twice");
	dmaconf_release(dc);
	irq_finish(x + 1, ARRAY_SIZE(x) - 1);
}

/*
 * Another handler, or code with interrupts off, holds the CPU up meanwhile; an engine with
 * a queue of its own goes on, and one interrupt is then for all that has ended.
 *
 * Broken: under load a transfer is given up that went well, or its callback is lost in that
 * of the next one, and the client waits for ever.
 */
DMACONF_RULE(irq, delayed, MUST,
	     "An interrupt that arrives late delays, and no more: all that has ended by then is called back, once, and what waits goes on.",
	     "Documentation/driver-api/dmaengine/client.rst:290; Documentation/driver-api/dmaengine/provider.rst:634",
	     NEEDS_XFER | NEEDS_INJECT)
{
	struct dmaconf_xfer *x[4];

	irq_inject(test, dc, DMACONF_INJECT_IRQ_LATE);
	irq_queue(dc, x, ARRAY_SIZE(x));
	irq_finish(x, ARRAY_SIZE(x));
	KUNIT_EXPECT_TRUE_MSG(test, dmaconf_stays_quiet(dc, ARRAY_SIZE(x)),
			      "a transfer was called back twice, its interrupt was late");
}

/*
 * Broken: on fast hardware the driver goes on with a descriptor that has been called back and
 * freed by then, or notes as running what has ended, and never starts anything again.
 */
DMACONF_RULE(irq, at_once, MUST,
	     "A transfer may end, and its interrupt arrive, before issue_pending has returned: it is called back once, and the channel goes on.",
	     "Documentation/driver-api/dmaengine/provider.rst:444; Documentation/driver-api/dmaengine/client.rst:290",
	     NEEDS_XFER | NEEDS_INJECT)
{
	struct dmaconf_xfer *x;
	const int rounds = 4;

	for (int i = 0; i < rounds; i++) {
		irq_inject(test, dc, DMACONF_INJECT_AT_ONCE);
		irq_queue(dc, &x, 1);
		dmaconf_finish(x);
	}
	KUNIT_EXPECT_TRUE_MSG(test, dmaconf_stays_quiet(dc, rounds),
			      "a transfer that has ended was called back again");
	irq_transfer(dc);
}

/*
 * A driver may find out by itself, from a timer or when it is asked; so what happens
 * before the client gives up is left open.
 *
 * Broken: a client's timeout handler terminates the channel as it should, and nothing
 * that it starts afterwards ever runs.
 */
DMACONF_RULE(irq, lost, MUST,
	     "After an interrupt was lost terminate_sync brings the channel back: the client's timeout is enough.",
	     "include/linux/dmaengine.h:1199; drivers/spi/spi-dw-dma.c:672; drivers/dma/dmatest.c:843",
	     NEEDS_XFER | NEEDS_INJECT | NEEDS_TERMINATE)
{
	struct dmaconf_xfer *lost[3], *x[3];
	int seq;

	irq_inject(test, dc, DMACONF_INJECT_IRQ_LOST);
	irq_queue(dc, lost, ARRAY_SIZE(lost));
	dmaconf_stays_quiet(dc, dc->seq);
	KUNIT_ASSERT_EQ_MSG(test, dmaconf_terminate_sync(dc), 0, "after an interrupt was lost");
	seq = dc->seq;
	irq_queue(dc, x, ARRAY_SIZE(x));
	irq_finish(x, ARRAY_SIZE(x));
	KUNIT_EXPECT_TRUE_MSG(test, dmaconf_stays_quiet(dc, seq + 3),
			      "a transfer from before the termination was called back");
}

/*
 * Broken: the client has given up and freed everything; then it is called back, or its
 * next transfer is said to be complete before it is.
 */
DMACONF_RULE(irq, late, MUST,
	     "An interrupt that arrives after terminate_sync ends nothing: no callback for what was terminated, no end of what was started since.",
	     "Documentation/driver-api/dmaengine/provider.rst:507; Documentation/driver-api/dmaengine/client.rst:311; drivers/dma/virt-dma.h:143",
	     NEEDS_XFER | NEEDS_INJECT | NEEDS_TERMINATE | NEEDS_GATE)
{
	struct dmaconf_xfer *before, *x[2];
	int seq;

	dmaconf_hold(dc);
	irq_queue(dc, &before, 1);
	irq_inject(test, dc, DMACONF_INJECT_IRQ_LATE);
	dmaconf_step(dc, before->len);
	KUNIT_ASSERT_EQ_MSG(test, dmaconf_terminate_sync(dc), 0, "with an interrupt under way");
	seq = dc->seq;
	irq_queue(dc, x, ARRAY_SIZE(x));
	dmaconf_step(dc, x[0]->len / 2);
	KUNIT_EXPECT_TRUE_MSG(test, dmaconf_stays_quiet(dc, seq),
			      "called back after synchronize returned");
	irq_expect_unfinished(test, x[0], "a late interrupt");
	irq_expect_unfinished(test, x[1], "a late interrupt");
	dmaconf_release(dc);
	irq_finish(x, ARRAY_SIZE(x));
}

static struct kunit_case irq_rules[] = {
	DMACONF_CASE(irq, idle),
	DMACONF_CASE(irq, spurious),
	DMACONF_CASE(irq, twice),
	DMACONF_CASE(irq, delayed),
	DMACONF_CASE(irq, at_once),
	DMACONF_CASE(irq, lost),
	DMACONF_CASE(irq, late),
	{}
};

DMACONF_SUITE(irq);

kunit_test_suites(&irq_suite);
