// SPDX-License-Identifier: GPL-2.0-only
/*
 * Not a rule: keeps KUnit from ending the kernel while dmatest, the kernel's own
 * test, runs beside it. dmatest.wait=1 would not: it looks for threads that run
 * before they have been scheduled, finds none and goes on.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/sched/signal.h>

#define DMATEST_BOUND	(240 * HZ)	/* KUnit itself gives up after 300 seconds */

/* The threads of dmatest are named after channel and operation and end by themselves. */
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

/* Nothing tells others that a thread has ended, so it is looked for now and then. */
static void dmatest_ends(struct kunit *test)
{
	unsigned long end = jiffies + DMATEST_BOUND;

	while (dmatest_runs() && time_before(jiffies, end))
		msleep(20);
	KUNIT_EXPECT_FALSE_MSG(test, dmatest_runs(), "dmatest does not end");
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
