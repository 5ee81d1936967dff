// SPDX-License-Identifier: GPL-2.0-only
/* Power management: runtime PM, and the sleep of the system. */
#include <linux/pm_runtime.h>

#include "dmaconf.h"

/* References that keep the device from being suspended by runtime PM. */
static int usage(struct dmaconf *dc)
{
#ifdef CONFIG_PM
	return atomic_read(&dc->device->dev->power.usage_count);
#else
	return 0;
#endif
}

/* Some providers let go a little later; nothing tells when. */
static void expect_usage(struct dmaconf *dc, int idle, const char *after)
{
	dmaconf_until(usage(dc) == idle);
	KUNIT_ASSERT_EQ_MSG(dc->test, usage(dc), idle, "runtime PM usage count after %s", after);
}

/* What is in progress afterwards was so when we looked. */
static void expect_active(struct dmaconf *dc, struct dmaconf_xfer *x)
{
	bool active = pm_runtime_active(dc->device->dev);
	bool busy = dmaconf_status(x).status == DMA_IN_PROGRESS && !READ_ONCE(x->calls);

	KUNIT_EXPECT_TRUE_MSG(dc->test, active || !busy,
			      "runtime PM has the device suspended while a transfer runs");
}

static void run_to_the_end(struct dmaconf *dc)
{
	struct dmaconf_xfer *x[3];

	for (int i = 0; i < ARRAY_SIZE(x); i++) {
		x[i] = dmaconf_xfer(dc, SZ_32K);
		dmaconf_queue(x[i]);
	}
	dmaconf_issue(dc);
	expect_active(dc, x[2]);
	for (int i = 0; i < ARRAY_SIZE(x); i++)
		dmaconf_finish(x[i]);
}

static void run_held(struct dmaconf *dc)
{
	struct dmaconf_xfer *x = dmaconf_xfer(dc, SZ_32K);

	if (!dc->aid || !dc->aid->gate)
		return;
	dmaconf_hold(dc);
	dmaconf_start(x);
	dmaconf_step(dc, SZ_4K);
	expect_active(dc, x);
	dmaconf_release(dc);
	dmaconf_finish(x);
}

/* What goes on all the same must not let the device go once more when it ends. */
static void terminate_half_way(struct dmaconf *dc)
{
	bool gate = dc->aid && dc->aid->gate;

	if (!dc->device->device_terminate_all)
		return;
	if (gate)
		dmaconf_hold(dc);
	dmaconf_start(dmaconf_xfer(dc, SZ_32K));
	dmaconf_start(dmaconf_xfer(dc, SZ_32K));
	if (gate)
		dmaconf_step(dc, SZ_4K);
	dmaconf_terminate_sync(dc);
	dmaconf_release(dc);
	dmaconf_stays_quiet(dc, dc->seq);
}

static void terminate_idle(struct dmaconf *dc)
{
	if (!dc->device->device_terminate_all)
		return;
	dmaconf_queue(dmaconf_xfer(dc, 256));
	dmaconf_terminate_sync(dc);
	dmaconf_terminate_sync(dc);
}

static void fail_once(struct dmaconf *dc)
{
	struct dmaconf_xfer *x = dmaconf_xfer(dc, SZ_32K);

	if (!dc->aid || !dc->aid->inject || !dc->device->device_terminate_all ||
	    dc->aid->inject(dc->chan, DMACONF_INJECT_READ, SZ_4K))
		return;
	dmaconf_start(x);
	dmaconf_wait(x);
	dmaconf_terminate_sync(dc);
}

static void issue_nothing(struct dmaconf *dc)
{
	dmaconf_issue(dc);
	dmaconf_issue(dc);
}

static const struct {
	const char *what;
	void (*run)(struct dmaconf *dc);
} uses[] = {
	{ "three transfers", run_to_the_end },
	{ "a transfer that was held", run_held },
	{ "termination half way", terminate_half_way },
	{ "issuing nothing", issue_nothing },
	{ "termination of what was not issued, twice", terminate_idle },
	{ "a transfer that failed", fail_once },
};

/*
 * Broken: the device never sleeps again after one aborted transfer, or loses power in
 * the middle of one.
 */
DMACONF_RULE(pm, runtime, SHOULD,
	     "Runtime PM has the device active while a transfer runs, and lets it go after completion, failure, termination and release.",
	     "drivers/dma/pl330.c:2289; drivers/dma/at_xdmac.c:2031",
	     NEEDS_FREE | NEEDS_XFER)
{
	int unheld = usage(dc), held;
	struct dmaconf_xfer *left;

	if (!IS_ENABLED(CONFIG_PM))
		dmaconf_not_tested(test, "kernel without CONFIG_PM");
	if (!pm_runtime_enabled(dc->device->dev))
		dmaconf_not_applicable(test, "the provider does not use runtime PM");
	dmaconf_claim(dc);
	held = usage(dc);
	for (int i = 0; i < 2 * ARRAY_SIZE(uses); i++) {
		int which = i < ARRAY_SIZE(uses) ? i : dmaconf_random(dc, ARRAY_SIZE(uses));

		if (!dmaconf_in_memory(dc))
			dmaconf_streams(dc);
		uses[which].run(dc);
		expect_usage(dc, held, uses[which].what);
	}
	left = dmaconf_xfer(dc, 256);
	dmaconf_queue(left);
	dmaconf_unclaim(dc);
	left->state = DMACONF_ABORTED;
	expect_usage(dc, unheld, "release, with a transfer not issued");
	dmaconf_claim(dc);
}

/* It may go on afterwards, be reported as aborted, or keep the system awake. */
static void expect_active_survives(struct dmaconf *dc, bool pause)
{
	bool gate = dc->aid && dc->aid->gate;
	struct dmaconf_xfer *x = dmaconf_xfer(dc, SZ_64K);
	enum dmaconf_outcome outcome;
	int ret;

	if (gate)
		dmaconf_hold(dc);
	dmaconf_start(x);
	if (gate)
		dmaconf_step(dc, SZ_16K);
	if (pause)
		dmaengine_pause(dc->chan);
	ret = dmaconf_devices_sleep();
	if (ret)
		dmaconf_diag(dc, "a transfer under way kept the system awake (%d)", ret);
	if (pause)
		dmaengine_resume(dc->chan);
	dmaconf_release(dc);
	outcome = dmaconf_wait(x);
	KUNIT_EXPECT_TRUE_MSG(dc->test, outcome == DMACONF_DONE || outcome == DMACONF_FAILED,
			      "a %s transfer was neither completed nor reported after system suspend",
			      pause ? "paused" : "running");
	if (outcome != DMACONF_DONE && dc->device->device_terminate_all)
		dmaconf_terminate_sync(dc);
}

/* Broken: after the laptop was closed once, sound or the serial port is dead until reboot. */
DMACONF_RULE(pm, suspend, SHOULD,
	     "After the system has slept an idle channel works without being configured again, and a transfer under way goes on or is reported.",
	     "sound/core/pcm_dmaengine.c:200; drivers/dma/at_xdmac.c:1922; drivers/dma/pl330.c:2988",
	     NEEDS_XFER)
{
	int ret;

	if (!IS_ENABLED(CONFIG_PM_SLEEP))
		dmaconf_not_tested(test, "kernel without CONFIG_PM_SLEEP");
	for (int i = 0; i < 2; i++) {
		dmaconf_transfer(dc, 1024);
		ret = dmaconf_devices_sleep();
		if (ret)
			dmaconf_inconclusive(test, "a device refused to sleep: %d", ret);
		dmaconf_transfer(dc, 1024);
	}
	expect_active_survives(dc, false);
	if (dc->device->device_pause && dc->device->device_resume)
		expect_active_survives(dc, true);
	dmaconf_transfer(dc, 1024);
}

static struct kunit_case pm_rules[] = {
	DMACONF_CASE(pm, runtime),
	DMACONF_CASE(pm, suspend),
	{}
};

DMACONF_SUITE(pm);

kunit_test_suites(&pm_suite);
