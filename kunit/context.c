// SPDX-License-Identifier: GPL-2.0-only
/* Calling a provider from the contexts that its clients call it from. */
#include <linux/hrtimer.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>

#include "dmaconf.h"

static enum hrtimer_restart dmaconf_hardirq_tick(struct hrtimer *timer)
{
	struct dmaconf_hardirq *irq = container_of(timer, struct dmaconf_hardirq, timer);
	struct dmaconf *dc = container_of(irq, struct dmaconf, hardirq);

	irq->fn(dc, irq->arg);
	WRITE_ONCE(irq->done, true);
	wake_up_all(&dc->wait);
	return HRTIMER_NORESTART;
}

/**
 * dmaconf_in_hardirq - call a function once in hard interrupt context
 * @dc: the test; transfers may be held by a gate, but not with interrupts off
 * @fn: called with interrupts off: it may not sleep, expect or assert, it records
 * @arg: for @fn
 *
 * When this returns, @fn has returned and will not be called again.
 *
 * Context: may sleep, at most the timeout; asserts. Skips the rule on
 * PREEMPT_RT, where no client calls a provider from there.
 */
void dmaconf_in_hardirq(struct dmaconf *dc, void (*fn)(struct dmaconf *dc, void *arg),
			void *arg)
{
	struct dmaconf_hardirq *irq = &dc->hardirq;

	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		dmaconf_not_tested(dc->test, "PREEMPT_RT: no client calls from hard interrupts");
	irq->fn = fn;
	irq->arg = arg;
	irq->done = false;
	hrtimer_init(&irq->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	irq->timer.function = dmaconf_hardirq_tick;
	hrtimer_start(&irq->timer, ns_to_ktime(10 * NSEC_PER_USEC), HRTIMER_MODE_REL_HARD);
	wait_event_timeout(dc->wait, READ_ONCE(irq->done),
			   msecs_to_jiffies(dmaconf_timeout_ms()));
	hrtimer_cancel(&irq->timer);
	KUNIT_ASSERT_TRUE_MSG(dc->test, irq->done, "no timer interrupt within %u ms",
			      dmaconf_timeout_ms());
}
