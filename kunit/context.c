// SPDX-License-Identifier: GPL-2.0-only
/* Calling a provider from the contexts that its clients call it from. */
#include <linux/hrtimer.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>

#include "dmaconf.h"

static enum hrtimer_restart dmaconf_timer_tick(struct hrtimer *timer)
{
	struct dmaconf_timer *call = container_of(timer, struct dmaconf_timer, timer);
	struct dmaconf *dc = container_of(call, struct dmaconf, timer);

	call->fn(dc, call->arg);
	WRITE_ONCE(call->done, true);
	wake_up_all(&dc->wait);
	return HRTIMER_NORESTART;
}

/**
 * dmaconf_in_timer - call a function once in a timer's context
 * @dc: the test; transfers may be held by a gate, but not with interrupts off
 * @mode: HRTIMER_MODE_REL_HARD for hard interrupt, HRTIMER_MODE_REL_SOFT for softirq
 * @fn: it may not sleep, expect or assert, it records
 * @arg: for @fn
 *
 * When this returns, @fn has returned and will not be called again.
 *
 * Context: may sleep, at most the timeout; asserts.
 */
void dmaconf_in_timer(struct dmaconf *dc, enum hrtimer_mode mode,
		      void (*fn)(struct dmaconf *dc, void *arg), void *arg)
{
	struct dmaconf_timer *call = &dc->timer;

	call->fn = fn;
	call->arg = arg;
	call->done = false;
	hrtimer_init(&call->timer, CLOCK_MONOTONIC, mode);
	call->timer.function = dmaconf_timer_tick;
	hrtimer_start(&call->timer, ns_to_ktime(10 * NSEC_PER_USEC), mode);
	wait_event_timeout(dc->wait, READ_ONCE(call->done),
			   msecs_to_jiffies(dmaconf_timeout_ms()));
	hrtimer_cancel(&call->timer);
	KUNIT_ASSERT_TRUE_MSG(dc->test, call->done, "no timer interrupt within %u ms",
			      dmaconf_timeout_ms());
}

/**
 * dmaconf_in_hardirq - call a function once in hard interrupt context
 * @dc: as for dmaconf_in_timer()
 * @fn: called with interrupts off
 * @arg: for @fn
 *
 * Context: may sleep, at most the timeout; asserts. Skips the rule on
 * PREEMPT_RT, where no client calls a provider from there.
 */
void dmaconf_in_hardirq(struct dmaconf *dc, void (*fn)(struct dmaconf *dc, void *arg),
			void *arg)
{
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		dmaconf_not_tested(dc->test, "PREEMPT_RT: no client calls from hard interrupts");
	dmaconf_in_timer(dc, HRTIMER_MODE_REL_HARD, fn, arg);
}
