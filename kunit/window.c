// SPDX-License-Identifier: GPL-2.0-only
/*
 * Holding transfers, so that "in flight" is a fact and not luck.
 *
 * With a gate nothing moves until it is stepped. Without one the interrupts of
 * the CPU that serves the engine are held off: the data of the first transfer
 * may move, but the provider cannot learn that it has ended, and what is queued
 * behind it has not started. With bottom halves off there the interrupt is
 * served, and the callback is due. Which CPU that is, is found out by a transfer that
 * must not be called back while a CPU has its interrupts off.
 */
#include <linux/bottom_half.h>
#include <linux/irqflags.h>
#include <linux/ktime.h>
#include <linux/sched.h>

#include "dmaconf.h"

/* How long to wait for an end that must not come: longer than one that comes takes. */
#define WINDOW_LEAST_US	500
#define WINDOW_MOST_US	10000

static void window_pin(struct dmaconf *dc, int cpu)
{
	cpumask_copy(&dc->cpus, current->cpus_ptr);
	if (cpu >= 0)
		set_cpus_allowed_ptr(current, cpumask_of(cpu));
}

static void window_open(struct dmaconf *dc, int cpu)
{
	window_pin(dc, cpu);
	local_irq_save(dc->irqflags);
	dc->held_cpu = raw_smp_processor_id();
	dc->missed = false;
	/* Callbacks look at it, on whatever CPU they run. */
	smp_store_release(&dc->window, DMACONF_WINDOW_IRQ);
}

static void window_close(struct dmaconf *dc)
{
	WRITE_ONCE(dc->window, DMACONF_WINDOW_NONE);
	local_irq_restore(dc->irqflags);
	set_cpus_allowed_ptr(current, &dc->cpus);
}

/**
 * dmaconf_hold - from now on no transfer of the channel is seen to end
 * @dc: the test
 *
 * Until dmaconf_release() a rule that needs NEEDS_WINDOW only may not sleep,
 * expect or assert: interrupts may be off. It records, and expects afterwards.
 *
 * Context: may sleep, not nested.
 */
void dmaconf_hold(struct dmaconf *dc)
{
	if (dc->aid && dc->aid->gate) {
		dc->window = DMACONF_WINDOW_GATE;
		dc->aid->gate->hold(dc->chan);
	} else {
		window_open(dc, *dmaconf_channel_cpu(dc->test->param_value));
	}
}

/**
 * dmaconf_hold_callbacks - from now on no tasklet of the provider runs
 * @dc: the test, whose rule needs NEEDS_WINDOW
 *
 * The engine's interrupts are served, and what they schedule is due, until
 * dmaconf_release(). Until then the rule may not sleep, expect or assert. A
 * provider that calls back from a thread is not held.
 *
 * Context: may sleep, not nested.
 */
void dmaconf_hold_callbacks(struct dmaconf *dc)
{
	window_pin(dc, *dmaconf_channel_cpu(dc->test->param_value));
	local_bh_disable();
	dc->window = DMACONF_WINDOW_BH;
}

/**
 * dmaconf_step - let held transfers move on; needs NEEDS_GATE
 * @dc: the test, held
 * @bytes: at most
 *
 * Context: any.
 * Return: bytes moved.
 */
size_t dmaconf_step(struct dmaconf *dc, size_t bytes)
{
	return dc->aid->gate->step(dc->chan, bytes);
}

/**
 * dmaconf_release - let transfers run freely again
 * @dc: the test, held or not
 *
 * A rule that needs the window ends here as inconclusive if transfers were
 * called back in spite of it: what it recorded means nothing then.
 *
 * Context: as dmaconf_hold(), in the same thread.
 */
void dmaconf_release(struct dmaconf *dc)
{
	switch (dc->window) {
	case DMACONF_WINDOW_GATE:
		dc->aid->gate->release(dc->chan);
		dc->window = DMACONF_WINDOW_NONE;
		break;
	case DMACONF_WINDOW_IRQ:
		window_close(dc);
		if (dc->missed && dc->rule->needs & NEEDS_WINDOW &&
		    dc->test->status == KUNIT_SUCCESS)
			dmaconf_inconclusive(dc->test,
					     "a transfer ended although CPU %d held its interrupt off",
					     dc->held_cpu);
		break;
	case DMACONF_WINDOW_BH:
		dc->window = DMACONF_WINDOW_NONE;
		local_bh_enable();
		set_cpus_allowed_ptr(current, &dc->cpus);
		break;
	case DMACONF_WINDOW_NONE:
		break;
	}
}

/* A transfer that runs freely: how long does it take, in us, and where is it called back? */
static bool window_measure(struct dmaconf *dc, struct dmaconf_xfer *x, s64 *us)
{
	ktime_t start = ktime_get();

	if (!dmaconf_try_queue(x))
		return false;
	dmaconf_issue(dc);
	if (!dmaconf_wait_calls(x, 1))
		return false;
	*us = ktime_us_delta(ktime_get(), start);
	return true;
}

/* Whether a transfer is called back only after @cpu has its interrupts on again. */
static bool window_holds(struct dmaconf *dc, struct dmaconf_xfer *x, int cpu, s64 us)
{
	int calls = x->calls;
	bool taken, held;
	ktime_t end;

	window_open(dc, cpu);
	taken = dmaconf_try_queue(x);
	dmaconf_issue(dc);
	end = ktime_add_us(ktime_get(), clamp_t(s64, 4 * us, WINDOW_LEAST_US, WINDOW_MOST_US));
	while (READ_ONCE(x->calls) == calls && ktime_before(ktime_get(), end))
		cpu_relax();
	held = READ_ONCE(x->calls) == calls;
	window_close(dc);
	return taken && dmaconf_wait_calls(x, calls + 1) && held;
}

/* Most likely it is the CPU that runs the callback: tasklets stay where they are scheduled. */
static int window_search(struct dmaconf *dc, struct dmaconf_xfer *x)
{
	int first, cpu;
	s64 us;

	if (!window_measure(dc, x, &us))
		return DMACONF_CPU_ANY;
	first = x->cpu;
	if (window_holds(dc, x, first, us))
		return first;
	for_each_online_cpu(cpu)
		if (cpu != first && window_holds(dc, x, cpu, us))
			return cpu;
	return DMACONF_CPU_NONE;
}

static void window_calibrate(struct dmaconf *dc, int *cpu)
{
	struct rnd_state rnd = dc->rnd;
	struct dmaconf_xfer *x;

	dmaconf_claim(dc);
	x = dmaconf_xfer(dc, 64);
	*cpu = window_search(dc, x);
	if (dc->device->device_terminate_all)
		dmaconf_terminate_sync(dc);
	x->state = DMACONF_ABORTED;
	dmaconf_unclaim(dc);
	dmaconf_streams_free(dc);
	/* The rule begins as if nothing had been. */
	dc->seq = 0;
	dc->rnd = rnd;
}

/**
 * dmaconf_window_find - find the CPU by which the channel's transfers are held
 * @dc: the test, whose channel is not claimed; it has no gate
 *
 * Runs a few transfers the first time that a channel is asked for. Where none
 * of them ends, holds are tried on any CPU. On a single CPU there is no choice.
 *
 * Context: may sleep; asserts; skips the rule when no CPU will do.
 */
void dmaconf_window_find(struct dmaconf *dc)
{
	int *cpu = dmaconf_channel_cpu(dc->test->param_value);

	if (*cpu == DMACONF_CPU_UNKNOWN && num_online_cpus() > 1)
		window_calibrate(dc, cpu);
	if (*cpu == DMACONF_CPU_NONE)
		dmaconf_not_tested(dc->test,
				   "no aid that holds transfers, and no CPU's interrupts do");
}
