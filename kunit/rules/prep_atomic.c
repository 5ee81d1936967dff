// SPDX-License-Identifier: GPL-2.0-only
/* Preparation where nobody may sleep. */
#include <linux/sched.h>

#include "dmaconf.h"

/*
 * Calls of async_tx providers are not permitted with interrupts off, those of
 * slave providers are: crypto/async-tx-api.rst, 3.6, and provider.rst.
 */
static bool prep_from_irq_allowed(struct dmaconf *dc)
{
	return dma_has_cap(DMA_SLAVE, dc->device->cap_mask);
}

/* Interrupts were enabled, or the task was scheduled away, inside the calls. */
struct prep_slept {
	bool queued;
	bool irqs_on;
	bool switched;
};

static struct prep_slept prep_queue_atomic(struct dmaconf_xfer *x, bool irqs_off)
{
	unsigned long switches = current->nvcsw, irqflags;
	struct prep_slept slept;

	if (irqs_off)
		local_irq_save(irqflags);
	else
		local_bh_disable();
	slept.queued = dmaconf_try_queue(x);
	if (slept.queued)
		dmaconf_issue(x->dc);
	slept.irqs_on = irqs_off && !irqs_disabled();
	slept.switched = current->nvcsw != switches;
	if (irqs_off)
		local_irq_restore(irqflags);
	else
		local_bh_enable();
	return slept;
}

static void prep_check_atomic(struct kunit *test, struct dmaconf *dc, bool irqs_off)
{
	const char *where = irqs_off ? "with interrupts off" : "with bottom halves off";
	struct dmaconf_xfer *x = dmaconf_xfer(dc, 256);
	int reports = dmaconf_reports();
	struct prep_slept slept;

	slept = prep_queue_atomic(x, irqs_off);
	KUNIT_ASSERT_TRUE_MSG(test, slept.queued, "a plain transfer was refused %s", where);
	KUNIT_ASSERT_FALSE_MSG(test, slept.irqs_on,
			       "prep, submit or issue_pending enabled interrupts");
	KUNIT_ASSERT_FALSE_MSG(test, slept.switched,
			       "prep, submit or issue_pending slept %s", where);
	KUNIT_ASSERT_EQ_MSG(test, dmaconf_reports(), reports,
			    "the kernel warned about prep, submit or issue_pending %s: do they allocate with GFP_KERNEL or take a mutex?",
			       where);
	dmaconf_finish(x);
}

/**
 * struct prep_timer - a transfer that is queued from a timer
 * @x: the transfer
 * @queued: the provider accepted the transfer
 */
struct prep_timer {
	struct dmaconf_xfer *x;
	bool queued;
};

static void prep_queue_in_timer(struct dmaconf *dc, void *arg)
{
	struct prep_timer *pt = arg;

	pt->queued = dmaconf_try_queue(pt->x);
	if (pt->queued)
		dmaconf_issue(dc);
}

static void prep_check_timer(struct kunit *test, struct dmaconf *dc, enum hrtimer_mode mode)
{
	const char *where = mode == HRTIMER_MODE_REL_HARD ? "hard interrupt" : "softirq";
	struct prep_timer pt = { .x = dmaconf_xfer(dc, 256) };

	dmaconf_in_timer(dc, mode, prep_queue_in_timer, &pt);
	KUNIT_ASSERT_TRUE_MSG(test, pt.queued,
			      "a plain transfer was refused in %s context", where);
	dmaconf_finish(pt.x);
}

static void prep_queue_next(struct dmaconf_xfer *x)
{
	if (dmaconf_try_queue(x->priv))
		dmaconf_issue(x->dc);
}

static void prep_check_callback(struct kunit *test, struct dmaconf *dc)
{
	struct dmaconf_xfer *x = dmaconf_xfer(dc, 256), *next = dmaconf_xfer(dc, 128);

	x->on_callback = prep_queue_next;
	x->priv = next;
	dmaconf_start(x);
	if (!dmaconf_finish(x))
		return;
	KUNIT_ASSERT_EQ_MSG(test, next->submissions, 1,
			    "a plain transfer was refused inside a completion callback");
	dmaconf_finish(next);
}

/*
 * Broken: a client that prepares in its interrupt handler or under a lock gets
 * "scheduling while atomic", or loses its lock's protection.
 */
DMACONF_RULE(prep, atomic, MUST,
	     "Prep, submit and issue_pending do not sleep, so that atomic context can call them.",
	     "Documentation/driver-api/dmaengine/provider.rst:395; Documentation/driver-api/dmaengine/client.rst:146; Documentation/crypto/async-tx-api.rst:141",
	     NEEDS_XFER)
{
	dmaconf_sleep_reports();
	prep_check_atomic(test, dc, prep_from_irq_allowed(dc));
	for (int i = 0; i < 3; i++) {
		prep_check_timer(test, dc, HRTIMER_MODE_REL_SOFT);
		if (!prep_from_irq_allowed(dc))
			continue;
		if (!IS_ENABLED(CONFIG_PREEMPT_RT))
			prep_check_timer(test, dc, HRTIMER_MODE_REL_HARD);
		prep_check_callback(test, dc);
	}
}
