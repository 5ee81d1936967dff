// SPDX-License-Identifier: GPL-2.0-only
/*
 * A plan as text: "type=memcpy:size=64,4K:depth=1,32+type=xor:size=4K" is every
 * combination of the values before the plus, and then every one behind it.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "bench.h"

#define BENCH_BYTES	SZ_4M		/* that a round moves, within these bounds */
#define BENCH_OPS_MIN	16
#define BENCH_OPS_MAX	1000

static const struct dmaconf_type * const bench_types[] = {
	&dmaconf_memcpy, &dmaconf_memset, &dmaconf_xor, &dmaconf_slave_sg, &dmaconf_cyclic,
};

static const char * const bench_whats[] = {
	[BENCH_RATE] = "rate",
	[BENCH_LATENCY] = "latency",
	[BENCH_TERMINATE] = "terminate",
	[BENCH_QUEUED] = "queued",
};

static int bench_set_type(struct bench_point *point, const char *value)
{
	for (int i = 0; i < ARRAY_SIZE(bench_types); i++)
		if (!strcmp(bench_types[i]->name, value))
			point->type = bench_types[i];
	return point->type ? 0 : -EINVAL;
}

static int bench_set_what(struct bench_point *point, const char *value)
{
	int what = match_string(bench_whats, ARRAY_SIZE(bench_whats), value);

	point->what = what;
	return min(what, 0);
}

static int bench_set_size(struct bench_point *point, const char *value)
{
	char *end;

	point->size = memparse(value, &end);
	return *end || !point->size ? -EINVAL : 0;
}

static int bench_set_depth(struct bench_point *point, const char *value)
{
	return kstrtouint(value, 0, &point->depth) ?: point->depth ? 0 : -EINVAL;
}

static int bench_set_channels(struct bench_point *point, const char *value)
{
	point->channels = 0;
	return strcmp(value, "all") ? kstrtouint(value, 0, &point->channels) : 0;
}

static int bench_set_ops(struct bench_point *point, const char *value)
{
	return kstrtouint(value, 0, &point->ops);
}

static int bench_set_done(struct bench_point *point, const char *value)
{
	static const char * const ways[] = { "callback", "polled" };
	int way = match_string(ways, ARRAY_SIZE(ways), value);

	point->polled = way == 1;
	return min(way, 0);
}

static int bench_set_in(bool *what, const char *value)
{
	static const char * const ways[] = { "out", "in" };
	int way = match_string(ways, ARRAY_SIZE(ways), value);

	*what = way == 1;
	return min(way, 0);
}

static int bench_set_map(struct bench_point *point, const char *value)
{
	return bench_set_in(&point->map, value);
}

static int bench_set_verify(struct bench_point *point, const char *value)
{
	return bench_set_in(&point->verify, value);
}

static const struct bench_key {
	const char *name;
	int (*set)(struct bench_point *point, const char *value);
} bench_keys[] = {
	{ "type", bench_set_type },
	{ "what", bench_set_what },
	{ "size", bench_set_size },
	{ "depth", bench_set_depth },
	{ "channels", bench_set_channels },
	{ "ops", bench_set_ops },
	{ "done", bench_set_done },
	{ "map", bench_set_map },
	{ "verify", bench_set_verify },
};

static const struct bench_key *bench_key(const char *word, size_t len)
{
	for (int i = 0; i < ARRAY_SIZE(bench_keys); i++)
		if (strlen(bench_keys[i].name) == len && !strncmp(bench_keys[i].name, word, len))
			return &bench_keys[i];
	return NULL;
}

/* Rates need time, and tails need many: as many operations as it takes. */
static unsigned int bench_ops(const struct bench_point *point)
{
	size_t ops = clamp_t(size_t, BENCH_BYTES / point->size, BENCH_OPS_MIN, BENCH_OPS_MAX);

	if (point->what == BENCH_TERMINATE)
		return BENCH_OPS_MAX;
	return max_t(size_t, ops, point->depth);
}

static int bench_add(struct bench_plan *plan, const struct bench_point *point)
{
	if (plan->n == ARRAY_SIZE(plan->points))
		return -E2BIG;
	plan->points[plan->n] = *point;
	if (!point->ops)
		plan->points[plan->n].ops = bench_ops(point);
	plan->n++;
	return 0;
}

/* One level for each key: all its values, each with every combination of what follows. */
static int bench_expand(struct bench_plan *plan, struct bench_point point, const char *words)
{
	size_t len = strcspn(words, "=:+"), n;
	const struct bench_key *key = bench_key(words, len);
	const char *value = words + len + 1;
	const char *rest = words + strcspn(words, ":+");
	char text[24];
	int ret;

	if (!*words || *words == '+')
		return bench_add(plan, &point);
	if (!key || words[len] != '=')
		return -EINVAL;
	for (;; value += n + 1) {
		n = strcspn(value, ",:+");
		strscpy(text, value, min(n + 1, sizeof(text)));
		ret = key->set(&point, text) ?:
		      bench_expand(plan, point, rest + (*rest == ':'));
		if (ret || value[n] != ',')
			return ret;
	}
}

/**
 * bench_plan_read - make a plan of its text
 * @plan: filled in
 * @text: the text
 *
 * Context: may sleep. What is wrong is printed.
 * Return: 0, -EINVAL for a word that is none, -E2BIG for too many points.
 */
int bench_plan_read(struct bench_plan *plan, const char *text)
{
	const struct bench_point usual = {
		.type = &dmaconf_memcpy,
		.size = SZ_4K,
		.depth = 1,
		.channels = 1,
	};
	int ret;

	plan->n = 0;
	for (const char *words = text; *words; words += *words == '+') {
		ret = bench_expand(plan, usual, words);
		words += strcspn(words, "+");
		if (!ret)
			continue;
		pr_err("# dmaconf: error bench cannot read its plan: %d after %u points of %s\n",
		       ret, plan->n, text);
		return ret;
	}
	return 0;
}

/**
 * bench_point_text - how a point is told from all others, for the reader and the tools
 * @point: the point
 * @text: where it goes
 * @size: bytes of @text
 *
 * Context: any.
 */
void bench_point_text(const struct bench_point *point, char *text, size_t size)
{
	scnprintf(text, size,
		  "type=%s what=%s size=%zu depth=%u channels=%u done=%s map=%s verify=%s",
		  point->type->name, bench_whats[point->what], point->size, point->depth,
		  point->channels, point->polled ? "polled" : "callback",
		  point->map ? "in" : "out", point->verify ? "in" : "out");
}
