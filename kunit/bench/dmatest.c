// SPDX-License-Identifier: GPL-2.0-only
/*
 * dmatest, the kernel's own client, on the same channel and under the same
 * conditions. Its figures are in the line that it prints.
 */
#include <linux/jiffies.h>
#include <linux/kernel.h>

#include "bench.h"

#define BENCH_DMATEST_BOUND	(60 * HZ)

/* No data is looked at, and all transfers are of one size: as with ours. */
static bool bench_dmatest_start(const struct bench_point *point)
{
	char words[256];

	snprintf(words, sizeof(words),
		 "dmatest.noverify=1 dmatest.norandom=1 dmatest.polled=%u dmatest.test_buf_size=%zu dmatest.iterations=%u dmatest.timeout=%u dmatest.channel=%s dmatest.run=1",
		 point->polled, point->size, point->ops, dmaconf_timeout_ms(), point->channel);
	return dmaconf_dmatest_tell(words);
}

/* It keeps the channel until it is told to stop. */
static bool bench_dmatest_stop(void)
{
	char words[] = "dmatest.run=0";

	return dmaconf_dmatest_tell(words);
}

/**
 * bench_dmatest - have dmatest do what a point does, one operation at a time
 * @point: of one channel, which nobody holds and whose name is known
 *
 * Context: may sleep.
 * Return: whether it was started and has ended.
 */
bool bench_dmatest(const struct bench_point *point)
{
	bool ended = bench_dmatest_start(point) &&
		     dmaconf_dmatest_ends(BENCH_DMATEST_BOUND);

	return bench_dmatest_stop() && ended;
}
