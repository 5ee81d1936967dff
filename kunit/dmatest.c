// SPDX-License-Identifier: GPL-2.0-only
/*
 * Not a rule: starts dmatest, the kernel's own test, and keeps KUnit from ending the
 * kernel while it runs. Started by dmatest.run=1 it would miss every channel whose
 * driver had to wait for another one, and dmatest.wait=1 looks for threads before they
 * have been scheduled, finds none and goes on.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/moduleparam.h>
#include <linux/sched/signal.h>

#include "dmaconf.h"

static bool dmatest;
module_param(dmatest, bool, 0444);
MODULE_PARM_DESC(dmatest, "run the kernel's own dmatest on every channel that there is");

#define DMATEST_BOUND	(240 * HZ)	/* KUnit itself gives up after 300 seconds */

/* Whether a thread of dmatest has not ended yet: they are named after channel and operation. */
static bool dmatest_runs(void)
{
	struct task_struct *task;
	unsigned int device, channel;
	bool found = false;
	char operation;

	rcu_read_lock();
	for_each_process(task)
		if (task->flags & PF_KTHREAD &&
		    sscanf(task->comm, "dma%uchan%u-%c", &device, &channel, &operation) == 3)
			found = true;
	rcu_read_unlock();
	return found;
}

/**
 * dmaconf_dmatest_tell - as if it were written to files of /sys/module/dmatest/parameters
 * @words: "dmatest.<parameter>=<value>", several with blanks; destroyed
 *
 * Context: may sleep.
 * Return: whether dmatest takes all of them.
 */
bool dmaconf_dmatest_tell(char *words)
{
	return !IS_ERR(parse_args("dmatest", words, __start___param,
				  __stop___param - __start___param, -1, -1, NULL, NULL));
}

/**
 * dmaconf_dmatest_ends - wait until all threads of dmatest have ended
 * @bound: jiffies to wait at most
 *
 * They end by themselves, and nothing tells others of it, so they are looked for now
 * and then.
 *
 * Context: may sleep.
 * Return: whether they have.
 */
bool dmaconf_dmatest_ends(unsigned long bound)
{
	unsigned long end = jiffies + bound;

	while (dmatest_runs() && time_before(jiffies, end))
		msleep(20);
	return !dmatest_runs();
}

static void dmatest_ends(struct kunit *test)
{
	char run[] = "dmatest.run=1";

	if (!dmatest)
		kunit_skip(test, "not asked for");
	dmaconf_dmatest_tell(run);
	KUNIT_EXPECT_TRUE_MSG(test, dmaconf_dmatest_ends(DMATEST_BOUND), "dmatest does not end");
}

static struct kunit_case dmatest_cases[] = {
	KUNIT_CASE(dmatest_ends),
	{}
};

static struct kunit_suite dmatest_suite = {
	.name = "dmatest",
	.test_cases = dmatest_cases,
};

kunit_test_suite(dmatest_suite);
