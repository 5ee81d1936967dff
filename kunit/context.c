// SPDX-License-Identifier: GPL-2.0-only
/* Calling a provider from the contexts that its clients call it from. */
#include <linux/completion.h>
#include <linux/hrtimer.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/workqueue.h>

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

/* A call from a worker, while a filter holds dma_list_mutex for it. */
struct dmaconf_mutex_call {
	struct work_struct work;
	struct completion done;
	struct dmaconf *dc;
	void (*fn)(struct dmaconf *dc, void *arg);
	void *arg;
	bool in_time;
	bool tried;
};

static void dmaconf_mutex_work(struct work_struct *work)
{
	struct dmaconf_mutex_call *call = container_of(work, struct dmaconf_mutex_call, work);

	call->fn(call->dc, call->arg);
	complete(&call->done);
}

/* Filters run with the mutex held. */
static bool dmaconf_mutex_filter(struct dma_chan *chan, void *param)
{
	struct dmaconf_mutex_call *call = param;

	if (call->tried)
		return false;
	call->tried = true;
	schedule_work(&call->work);
	call->in_time = wait_for_completion_timeout(&call->done,
						    msecs_to_jiffies(dmaconf_timeout_ms()));
	return false;
}

/**
 * dmaconf_under_list_mutex - call a function while somebody else holds dma_list_mutex
 * @dc: the test
 * @fn: called in a worker; may sleep
 * @arg: for @fn
 *
 * The core calls some operations with that mutex held. One that needs it itself
 * would hang there for ever; here it returns when the mutex is dropped.
 *
 * Context: may sleep; skips the rule when no channel of the system is free.
 * Return: whether @fn returned while the mutex was held. It has in any case
 * returned when this does.
 */
bool dmaconf_under_list_mutex(struct dmaconf *dc, void (*fn)(struct dmaconf *dc, void *arg),
			      void *arg)
{
	struct dmaconf_mutex_call call = { .dc = dc, .fn = fn, .arg = arg };
	dma_cap_mask_t any;

	dma_cap_zero(any);
	INIT_WORK_ONSTACK(&call.work, dmaconf_mutex_work);
	init_completion(&call.done);
	dma_request_channel(any, dmaconf_mutex_filter, &call);
	flush_work(&call.work);
	destroy_work_on_stack(&call.work);
	if (!call.tried)
		dmaconf_not_tested(dc->test, "no channel is offered to a filter: all in use?");
	return call.in_time;
}
