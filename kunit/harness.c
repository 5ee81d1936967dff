// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a rule: what it needs, its channel, and its body. after.c goes on.
 */
#include <linux/hash.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/stringhash.h>
#include <linux/utsname.h>

#include "dmaconf.h"

static unsigned int seed;
module_param(seed, uint, 0644);
MODULE_PARM_DESC(seed, "of all random choices; 0 takes one from the clock");

static unsigned int timeout_ms = 500;
module_param(timeout_ms, uint, 0644);
MODULE_PARM_DESC(timeout_ms, "bound of every wait for something that must happen");

static unsigned int quiet_ms = 20;
module_param(quiet_ms, uint, 0644);
MODULE_PARM_DESC(quiet_ms, "how long to look for something that must not happen");

static unsigned int align = 1;
module_param(align, uint, 0644);
MODULE_PARM_DESC(align,
		 "all lengths and offsets are multiples of so many bytes: a limit of the bench, not of the provider");

static char *rules = "";
module_param(rules, charp, 0644);
MODULE_PARM_DESC(rules, "ids or areas to run, with commas; !id leaves out; all when empty");

static bool gate = true;
module_param(gate, bool, 0644);
MODULE_PARM_DESC(gate, "use gates; without, transfers are held as on an engine that has none");

static bool inject = true;
module_param(inject, bool, 0644);
MODULE_PARM_DESC(inject, "provoke failures; without, what takes that is not tested, as on a board");

/**
 * dmaconf_seed - what all random choices of the run depend on
 *
 * Context: any.
 * Return: what the user gave, or the time of the first suite.
 */
unsigned int dmaconf_seed(void)
{
	return seed;
}

/**
 * dmaconf_timeout_ms - bound of every wait for something that must happen
 *
 * Context: any.
 * Return: milliseconds.
 */
unsigned int dmaconf_timeout_ms(void)
{
	return timeout_ms;
}

/**
 * dmaconf_quiet_ms - how long to look for something that must not happen
 *
 * Context: any.
 * Return: milliseconds.
 */
unsigned int dmaconf_quiet_ms(void)
{
	return quiet_ms;
}

/**
 * dmaconf_bench_align - lengths and offsets have to be multiples of so many bytes
 *
 * A limit of the bench, such as a model that hangs otherwise. What a rule cannot
 * try because of it is not tested, and does not pass.
 *
 * Context: any.
 * Return: bytes, 1 for no limit.
 */
unsigned int dmaconf_bench_align(void)
{
	return max(align, 1U);
}

static bool dmaconf_announced;	/* the run's header was printed */

#define DMACONF_SAY(name, word)						\
void name(struct dmaconf *dc, const char *fmt, ...)			\
{									\
	struct va_format vaf = { .fmt = fmt };				\
	va_list args;							\
									\
	va_start(args, fmt);						\
	vaf.va = &args;							\
	kunit_info(dc->test, "dmaconf: " word " %pV\n", &vaf);		\
	va_end(args);							\
}

/* dmaconf_diag - a fact about what happened, for the reader of a failure */
DMACONF_SAY(dmaconf_diag, "diag")
/* dmaconf_hint - what it may mean */
DMACONF_SAY(dmaconf_hint, "hint")
/* dmaconf_should - from here on the rule is a SHOULD for this channel, and why */
DMACONF_SAY(dmaconf_should, "should")
static DMACONF_SAY(dmaconf_say_invariant, "invariant")

/**
 * dmaconf_invariant - report that something does not hold that always must
 * @dc: the test
 * @fmt: a sentence
 *
 * Fails the rule, whatever its strength.
 *
 * Context: may sleep.
 */
void dmaconf_invariant(struct dmaconf *dc, const char *fmt, ...)
{
	struct va_format vaf = { .fmt = fmt };
	va_list args;

	va_start(args, fmt);
	vaf.va = &args;
	dmaconf_say_invariant(dc, "%pV", &vaf);
	va_end(args);
	dc->broken = true;
}

/**
 * dmaconf_random - a random number that the seed decides
 * @dc: the test
 * @below: upper bound, exclusive, above 0
 *
 * Context: any, but by one thread at a time.
 * Return: 0 to @below - 1.
 */
u32 dmaconf_random(struct dmaconf *dc, u32 below)
{
	return prandom_u32_state(&dc->rnd) % below;
}

/* The last word that names @id or its area decides; one that begins with '!' is against it. */
static bool dmaconf_selected(const char *id)
{
	bool selected = !*rules || *rules == '!';

	for (const char *word = rules; *word; word += *word == ',') {
		bool against = *word == '!';
		size_t len;

		word += against;
		len = strcspn(word, ",");
		if (!strncmp(id, word, len) && (!id[len] || id[len] == '.'))
			selected = !against;
		word += len;
	}
	return selected;
}

/* A rule that was not chosen is left out once, and not once for each channel. */
static void dmaconf_select(struct kunit_suite *suite)
{
	struct kunit_case *test_case;
	char id[64];

	kunit_suite_for_each_test_case(suite, test_case) {
		snprintf(id, sizeof(id), "%s.%s", suite->name + strlen("dmaconf_"),
			 test_case->name);
		test_case->generate_params = dmaconf_selected(id) ? dmaconf_params : NULL;
	}
}

/**
 * dmaconf_begin - print the header once, and find the channels under test
 *
 * Context: may sleep.
 * Return: 0, or negative errno when the device selector names no free channel.
 */
int dmaconf_begin(void)
{
	if (dmaconf_announced)
		return dmaconf_channels_find();
	dmaconf_announced = true;
	dmaconf_reports_watch();
	dmaconf_leaks_watch();
	if (!seed)
		seed = ktime_get_real_ns() | 1;
	pr_info("# dmaconf: run version=%s seed=%#x device=%s timeout_ms=%u align=%u kernel=%s arch=%s\n",
		DMACONF_VERSION, seed, dmaconf_device(), timeout_ms, dmaconf_bench_align(),
		utsname()->release, utsname()->machine);
	return dmaconf_channels_find();
}

/* A channel that is held is made ready for transfers. */
static void dmaconf_set_up(struct dmaconf *dc)
{
	dc->dev = dmaengine_get_dma_device(dc->chan);
	if (!dma_has_cap(DMA_SLAVE, dc->device->cap_mask) || !dc->aid || !dc->aid->port ||
	    !dc->aid->ports)
		return;
	dmaconf_streams(dc);
	/* Hardware with one fixed peripheral has nothing to configure. */
	if (dc->device->device_config)
		KUNIT_ASSERT_EQ_MSG(dc->test, dmaconf_config(dc, 0), 0,
				    "a plain slave configuration was refused");
}

/**
 * dmaconf_suite_init - begin with a suite of rules
 * @suite: KUnit's
 *
 * Context: may sleep.
 * Return: 0, or negative errno when the device selector names no free channel.
 */
int dmaconf_suite_init(struct kunit_suite *suite)
{
	dmaconf_select(suite);
	return dmaconf_begin();
}

/**
 * dmaconf_claim - request the channel under test and make it ready
 * @dc: the test; a NEEDS_FREE rule calls it, for others the harness does
 *
 * Context: may sleep; asserts.
 */
void dmaconf_claim(struct dmaconf *dc)
{
	dc->chan = dmaconf_request(dc->label);
	if (!dc->chan)
		KUNIT_FAIL_AND_ABORT(dc->test, "%s cannot be requested", dc->label);
	dmaconf_set_up(dc);
}

/**
 * dmaconf_unclaim - release the channel under test
 * @dc: the test; no buffer is mapped for a transfer that may still run
 *
 * Context: may sleep.
 */
void dmaconf_unclaim(struct dmaconf *dc)
{
	struct dma_chan *chan = dc->chan;

	dc->chan = NULL;
	if (dc->public)
		dmaengine_put();
	else if (chan)
		dma_release_channel(chan);
	dc->public = false;
}

/**
 * dmaconf_init - begin with a channel: nothing is known of it yet but its name
 * @dc: zeroed
 * @test: KUnit's
 * @id: what is done with the channel; the random choices depend on it
 * @label: of the channel; copied
 *
 * Context: any.
 */
void dmaconf_init(struct dmaconf *dc, struct kunit *test, const char *id, const char *label)
{
	dc->test = test;
	strscpy(dc->label, label, sizeof(dc->label));
	dc->calling_cpu = -1;
	dc->align = 1;
	dc->warned = test_taint(TAINT_WARN);
	dc->reports = dmaconf_reports();
	dc->start = ktime_get();
	INIT_LIST_HEAD(&dc->others);
	INIT_LIST_HEAD(&dc->bufs);
	INIT_LIST_HEAD(&dc->xfers);
	init_waitqueue_head(&dc->wait);
	spin_lock_init(&dc->lock);
	prandom_seed_state(&dc->rnd, hash_64(seed, 32) ^
			   full_name_hash(NULL, id, strlen(id)) ^
			   full_name_hash(NULL, label, strlen(label)));
}

static struct dmaconf *dmaconf_new(struct kunit *test, const struct dmaconf_rule *rule,
				   const char *label)
{
	struct dmaconf *dc = kzalloc(sizeof(*dc), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, dc);
	dc->rule = rule;
	dmaconf_init(dc, test, rule->id, label);
	return dc;
}

/* The aids that were found for the channel, but for what of them is not to be used. */
static const struct dmaconf_aid *dmaconf_aid(struct dmaconf *dc)
{
	const struct dmaconf_aid *aid = dc->aid;

	if (!aid || (gate && inject))
		return aid;
	dc->fewer = *aid;
	if (!gate)
		dc->fewer.gate = NULL;
	if (!inject)
		dc->fewer.inject = NULL;
	return &dc->fewer;
}

/**
 * dmaconf_other - one more channel of the device, with a client of its own
 * @dc: the test
 *
 * All that can be done with @dc can be done with it; what must hold after a
 * rule is checked for it too.
 *
 * Context: may sleep; asserts.
 * Return: the client, or NULL when no further channel is free.
 */
struct dmaconf *dmaconf_other(struct dmaconf *dc)
{
	char label[DMACONF_LABEL];
	struct dma_chan *chan = dmaconf_request_other(dc);
	struct dmaconf *other;

	if (!chan)
		return NULL;
	dmaconf_label(chan, label);
	other = dmaconf_new(dc->test, dc->rule, label);
	list_add_tail(&other->node, &dc->others);
	other->chan = chan;
	other->device = dc->device;
	/* A client's aid is for the channels that were requested for it. */
	other->aid = dc->aid && dc->aid->client && !chan->slave ? NULL : dc->aid;
	dmaconf_natural(other);
	dmaconf_set_up(other);
	return other;
}

/**
 * dmaconf_successor - a client that requests the channel anew after the test has released it
 * @dc: the test; what the client leaves is checked and freed with it
 *
 * Context: may sleep; asserts.
 * Return: the client, or NULL when the channel cannot be had.
 */
struct dmaconf *dmaconf_successor(struct dmaconf *dc)
{
	struct dmaconf *next = dmaconf_new(dc->test, dc->rule, dc->label);

	list_add_tail(&next->node, &dc->others);
	if (!dmaconf_lookup(next))
		return NULL;
	next->chan = dmaconf_request(next->label);
	if (!next->chan)
		return NULL;
	next->aid = dc->aid;
	dmaconf_natural(next);
	dmaconf_set_up(next);
	return next;
}

/**
 * dmaconf_run - run a rule on the channel that is KUnit's parameter
 * @test: KUnit's
 * @rule: the rule
 *
 * Context: may sleep; skips what the channel or the bench cannot do.
 */
void dmaconf_run(struct kunit *test, const struct dmaconf_rule *rule)
{
	struct dmaconf *dc;

	if (!dmaconf_selected(rule->id))
		kunit_skip(test, "deselected");
	if (dmaconf_corrupt())
		kunit_skip(test, "not-run: the kernel's memory is corrupt since an earlier rule");
	dmaconf_reports_renew();
	dc = dmaconf_new(test, rule, dmaconf_channel_label(test->param_value));
	test->priv = dc;
	kunit_info(test, "dmaconf: begin channel=%s pid=%d jiffies=%lu\n", dc->label, current->pid,
		   jiffies);
	if (!dmaconf_lookup(dc))
		KUNIT_FAIL_AND_ABORT(test, "%s does not exist any more", dc->label);
	dc->aid = dmaconf_aid(dc);
	dmaconf_natural(dc);
	dmaconf_check_needs(dc);
	if (rule->needs & NEEDS_WINDOW && !(dc->aid && dc->aid->gate))
		dmaconf_window_find(dc);
	if (!(rule->needs & NEEDS_FREE))
		dmaconf_claim(dc);
	rule->body(test, dc);
}

MODULE_DESCRIPTION("Conformance suite for DMA engine providers");
MODULE_LICENSE("GPL");
