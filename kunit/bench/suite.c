// SPDX-License-Identifier: GPL-2.0-only
/*
 * The rounds of a measurement, as a KUnit suite: it does nothing unless
 * dmaconf.bench= names what to measure. A line goes to the log for each point and
 * round; medians and tables are made of them elsewhere.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "bench.h"

#define BENCH_BUCKETS	64		/* of a histogram, two for each power of two */

static char *bench = "";
module_param(bench, charp, 0444);
MODULE_PARM_DESC(bench, "what to measure: key=value,value:key=value+..., nothing when empty");

static unsigned int bench_rounds = 5;
module_param(bench_rounds, uint, 0444);
MODULE_PARM_DESC(bench_rounds, "times that everything is measured, after once to warm up");

static bool bench_vs;
module_param(bench_vs, bool, 0444);
MODULE_PARM_DESC(bench_vs, "measure dmatest beside each point");

static struct bench_plan bench_plan;

/* A round is a parameter of the one case. */
static const void *bench_next_round(const void *prev, char *desc)
{
	unsigned long round = (unsigned long)prev + 1;

	if (!*bench || round > bench_rounds + 1)
		return NULL;
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "round %lu", round - 1);
	return (const void *)round;
}

static int bench_compare(const void *a, const void *b)
{
	u64 one = *(const u64 *)a, other = *(const u64 *)b;

	return one < other ? -1 : one > other;
}

/* Two buckets for each power of two: below one and a half of it, and above. */
static unsigned int bench_bucket(u64 ns)
{
	unsigned int log = ns ? ilog2(ns) : 0;

	return min(2 * log + (log && ns & BIT_ULL(log - 1) ? 1 : 0), BENCH_BUCKETS - 1U);
}

static u64 bench_bucket_from(unsigned int bucket)
{
	return bucket ? (2ULL + bucket % 2) << (bucket / 2) >> 1 : 0;
}

/* How many samples begin in each bucket, as "from:count" with commas. */
static void bench_histogram(const struct bench *b, char *text, size_t size)
{
	unsigned int counts[BENCH_BUCKETS] = {};
	int n = 0;

	for (unsigned int i = 0; i < b->nsamples; i++)
		counts[bench_bucket(b->samples[i])]++;
	for (unsigned int i = 0; i < BENCH_BUCKETS; i++)
		if (counts[i])
			n += scnprintf(text + n, size - n, "%s%llu:%u", n ? "," : "",
				       bench_bucket_from(i), counts[i]);
}

/* The smallest sample that at most so many thousandths lie above. */
static u64 bench_quantile(const struct bench *b, unsigned int thousandths)
{
	return b->samples[DIV_ROUND_UP(b->nsamples * thousandths, 1000) - 1];
}

static void bench_tell_times(struct bench *b, const char *point)
{
	char text[512] = "";

	if (!b->nsamples)
		return;
	sort(b->samples, b->nsamples, sizeof(*b->samples), bench_compare, NULL);
	bench_histogram(b, text, sizeof(text));
	pr_info("# dmaconf: bench times %s n=%u p50=%llu p99=%llu p999=%llu max=%llu hist=%s\n",
		point, b->nsamples, bench_quantile(b, 500), bench_quantile(b, 990),
		bench_quantile(b, 999), b->samples[b->nsamples - 1], text);
}

/* Of a ring it is not the period that matters, but how far from it each one is. */
static void bench_deviations(struct bench *b, unsigned int ops)
{
	u64 mean = div_u64(b->ns, ops);

	for (unsigned int i = 0; i < ops; i++)
		b->samples[i] = abs((s64)(b->samples[i] - mean));
}

static bool bench_once(struct bench *b, unsigned int ops)
{
	if (b->point->what == BENCH_TERMINATE)
		return bench_run_terminate(b, ops);
	if (b->point->what == BENCH_QUEUED)
		return bench_run_queued(b, ops);
	return b->point->type == &dmaconf_cyclic ? bench_run_ring(b, ops) : bench_run(b, ops);
}

/* First an eighth to warm up; its samples are not kept. */
static bool bench_timed(struct bench *b, unsigned int ops)
{
	b->cpu_ns = bench_cpu_copies(b, ops);
	if (!b->point->map && !bench_map_all(b)) {
		b->why = "its memory cannot be mapped";
		return false;
	}
	if (!bench_once(b, max(ops / 8, 1U)) || !bench_once(b, ops))
		return false;
	if (b->point->type == &dmaconf_cyclic)
		bench_deviations(b, ops);
	return true;
}

static bool bench_samples(struct bench *b, unsigned int ops)
{
	b->samples = kvcalloc(ops + 1, sizeof(*b->samples), GFP_KERNEL);
	if (!b->samples)
		b->why = "there is no memory for its samples";
	return b->samples;
}

static void bench_reset(struct kunit *test)
{
	struct bench *b = test->priv;

	bench_close(b);
	kvfree(b->samples);
	memset(b, 0, sizeof(*b));
	b->test = test;
	init_llist_head(&b->done);
	init_waitqueue_head(&b->wait);
}

/* Measure a point once; all that it takes is given back by bench_exit(), if not here. */
static void bench_measure(struct kunit *test, struct bench_point *point, unsigned int round)
{
	struct bench *b = test->priv;
	char text[160];

	b->point = point;
	bench_point_text(point, text, sizeof(text));
	if (!bench_samples(b, point->ops) || !bench_open(b) || !bench_timed(b, point->ops)) {
		pr_info("# dmaconf: bench none %s round=%u because %s\n", text, round, b->why);
	} else {
		strscpy(point->channel, dma_chan_name(b->lanes[0].dc.chan),
			sizeof(point->channel));
		pr_info("# dmaconf: bench rate %s round=%u lanes=%u most=%u used_kb=%lu ops=%u ns=%llu cpu_ns=%llu\n",
			text, round, b->nlanes, b->most, b->used_kb, point->ops, b->ns, b->cpu_ns);
		snprintf(text + strlen(text), sizeof(text) - strlen(text), " round=%u", round);
		bench_tell_times(b, text);
	}
	bench_reset(test);
}

#if IS_BUILTIN(CONFIG_DMATEST) && !defined(MODULE)
static void bench_compare_with_dmatest(struct kunit *test, const struct bench_point *point,
				       unsigned int round)
{
	char text[160];

	if (!bench_vs || !*point->channel || point->type != &dmaconf_memcpy ||
	    point->what > BENCH_LATENCY || point->channels != 1)
		return;
	bench_point_text(point, text, sizeof(text));
	pr_info("# dmaconf: bench dmatest %s round=%u\n", text, round);
	if (!bench_dmatest(point))
		KUNIT_FAIL(test, "dmatest cannot be run");
}
#else
static void bench_compare_with_dmatest(struct kunit *test, const struct bench_point *point,
				       unsigned int round)
{
	if (bench_vs)
		kunit_skip(test, "dmatest is not built in");
}
#endif

/* Who comes first has cold caches: they take turns. */
static void bench_point_round(struct kunit *test, struct bench_point *point, unsigned int round)
{
	if (round % 2)
		bench_compare_with_dmatest(test, point, round);
	bench_measure(test, point, round);
	if (round % 2 == 0)
		bench_compare_with_dmatest(test, point, round);
}

static void bench_round(struct kunit *test)
{
	unsigned int round = (unsigned long)test->param_value - 1;

	if (!*bench)
		kunit_skip(test, "nothing to measure");
	for (unsigned int i = 0; i < bench_plan.n; i++)
		bench_point_round(test, &bench_plan.points[i], round);
}

static int bench_init(struct kunit *test)
{
	struct bench *b = kzalloc(sizeof(*b), GFP_KERNEL);

	if (!b)
		return -ENOMEM;
	test->priv = b;
	bench_reset(test);
	return 0;
}

static void bench_exit(struct kunit *test)
{
	if (!test->priv)
		return;
	bench_reset(test);
	kfree(test->priv);
}

static int bench_suite_init(struct kunit_suite *suite)
{
	if (!*bench)
		return 0;
	return bench_plan_read(&bench_plan, bench) ?: dmaconf_begin();
}

static struct kunit_case bench_cases[] = {
	KUNIT_CASE_PARAM(bench_round, bench_next_round),
	{}
};

static struct kunit_suite bench_suite = {
	.name = "dmabench",
	.suite_init = bench_suite_init,
	.init = bench_init,
	.exit = bench_exit,
	.test_cases = bench_cases,
};

kunit_test_suite(bench_suite);
