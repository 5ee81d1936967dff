// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a rule: what it needs, its channel, its body, and what must hold
 * afterwards whatever the rule did.
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

/**
 * dmaconf_timeout_ms - bound of every wait for something that must happen
 */
unsigned int dmaconf_timeout_ms(void)
{
	return timeout_ms;
}

/**
 * dmaconf_quiet_ms - how long to look for something that must not happen
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
 */
unsigned int dmaconf_bench_align(void)
{
	return max(align, 1U);
}

/*
 * What has ended stays allocated for one more rule: a provider that still
 * writes to its memory or calls its callbacks is found out instead of
 * corrupting the kernel.
 */
static struct dmaconf *dmaconf_quarantine;
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

/* The aids that were found for the channel, but for a gate that is not to be used. */
static const struct dmaconf_aid *dmaconf_aid(struct dmaconf *dc)
{
	const struct dmaconf_aid *aid = dc->aid;

	if (!aid || gate)
		return aid;
	dc->gateless = *aid;
	dc->gateless.gate = NULL;
	return &dc->gateless;
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

/* Without terminate the only way to quiescence is to let everything run out. */
static void dmaconf_quiesce(struct dmaconf *dc)
{
	enum dma_status status;
	struct dmaconf_xfer *x;
	bool due = false;
	int ret;

	list_for_each_entry(x, &dc->xfers, node)
		due |= x->state == DMACONF_SUBMITTED;
	if (dc->device->device_terminate_all) {
		ret = dmaconf_terminate_sync(dc);
		if (ret && due)
			dmaconf_invariant(dc, "terminate_sync at the end of the rule returned %d",
					  ret);
		return;
	}
	dmaconf_issue(dc);
	list_for_each_entry(x, &dc->xfers, node)
		if (x->state == DMACONF_SUBMITTED && !dmaconf_poll(x, &status))
			dmaconf_invariant(dc, "cookie %d never ended", x->cookie);
	dmaengine_synchronize(dc->chan);
}

static void dmaconf_check_callbacks(struct dmaconf *dc)
{
	struct dmaconf_xfer *x;

	list_for_each_entry(x, &dc->xfers, node)
		if (x->calls > x->submissions && !dmaconf_endless(x))
			dmaconf_invariant(dc, "cookie %d: %d callbacks for %d submissions",
					  x->cookie, x->calls, x->submissions);
	if (dc->result_missing)
		dmaconf_invariant(dc, "callback_result was called without a result");
}

/* A rule that passed leaves a channel that works. */
static void dmaconf_check_usable(struct dmaconf *dc)
{
	struct dmaconf_xfer *x;

	if (dc->test->status != KUNIT_SUCCESS || !(dc->rule->needs & NEEDS_XFER))
		return;
	x = dmaconf_xfer(dc, 64);
	/* The rule may have left another port configured. */
	if (x->dir != DMA_MEM_TO_MEM)
		dmaconf_config(dc, 0);
	if (!dmaconf_try_queue(x)) {
		dmaconf_invariant(dc, "the channel takes no transfer after the rule");
		return;
	}
	dmaconf_issue(dc);
	if (dmaconf_wait(x) != DMACONF_DONE)
		dmaconf_invariant(dc, "the channel does not work after the rule");
}

/* Also what the driver did between the rules counts. */
static void dmaconf_check_violations(struct dmaconf *dc)
{
	unsigned int count = 0;
	char text[120] = "";

	if (dc->aid && dc->aid->violations)
		count = dc->aid->violations(dc->aid->dev ?: dc->dev, text, sizeof(text));
	if (count)
		dmaconf_invariant(dc, "%u violations by the driver; the first: %s", count, text);
}

static void dmaconf_check_memory(struct dmaconf *dc, const char *when)
{
	struct dmaconf_buf *buf;

	list_for_each_entry(buf, &dc->bufs, node)
		if (!dmaconf_buf_check(dc, buf, when))
			break;
}

/**
 * dmaconf_xfers_free - free all transfers, but not the memory that they move
 * @dc: the test; nothing runs any more, and nobody is called back
 *
 * Context: may sleep.
 */
void dmaconf_xfers_free(struct dmaconf *dc)
{
	struct dmaconf_xfer *x, *next;

	list_for_each_entry_safe(x, next, &dc->xfers, node) {
		list_del(&x->node);
		kfree(x->sgl);
		kfree(x->vecs);
		kfree(x->addrs);
		kfree(x->xt);
		kfree(x->from);
		kfree(x->to);
		kfree(x);
	}
}

static void dmaconf_free(struct dmaconf *dc)
{
	struct dmaconf_buf *buf, *next_buf;
	struct dmaconf *other, *next_other;

	list_for_each_entry_safe(other, next_other, &dc->others, node)
		dmaconf_free(other);
	dmaconf_xfers_free(dc);
	list_for_each_entry_safe(buf, next_buf, &dc->bufs, node) {
		kfree(buf->mem);
		kvfree(buf->want);
		kvfree(buf->loose);
		kfree(buf);
	}
	kfree(dc);
}

/* Since its channel was released nothing may have moved. */
static void dmaconf_check_left(struct dmaconf *old, struct dmaconf *dc)
{
	struct dmaconf *other;

	list_for_each_entry(other, &old->others, node)
		dmaconf_check_left(other, dc);
	old->test = dc->test;
	old->broken = false;
	if (old->seq != old->seq_at_exit)
		dmaconf_invariant(old,
				  "%s on %s was called back %d times after its channel was released",
				  old->rule->id, old->label, old->seq - old->seq_at_exit);
	dmaconf_check_memory(old, "written after the channel was released");
	dc->broken |= old->broken;
}

/* What the rule before last left behind. */
static void dmaconf_check_quarantine(struct dmaconf *dc)
{
	struct dmaconf *old = dmaconf_quarantine;

	dmaconf_quarantine = dc;
	if (!old)
		return;
	dmaconf_check_left(old, dc);
	dmaconf_free(old);
}

/* Whatever a rule left running there must not outlive its buffers. */
static void dmaconf_peer_release(struct dmaconf *dc)
{
	if (!dc->peer)
		return;
	if (dc->aid && dc->aid->gate)
		dc->aid->gate->release(dc->peer);
	dmaengine_terminate_sync(dc->peer);
	dma_release_channel(dc->peer);
}

static void dmaconf_tear_down(struct dmaconf *dc)
{
	struct dmaconf_buf *buf;
	struct dmaconf *other;

	list_for_each_entry(other, &dc->others, node) {
		dmaconf_tear_down(other);
		dc->broken |= other->broken;
	}
	dmaconf_release(dc);
	dmaconf_peer_release(dc);
	if (dc->chan) {
		dmaconf_quiesce(dc);
		dmaconf_check_usable(dc);
		dmaconf_quiesce(dc);
		dmaconf_check_callbacks(dc);
		dmaconf_check_memory(dc, "after the rule");
	}
	list_for_each_entry(buf, &dc->bufs, node)
		dmaconf_buf_unmap(dc, buf);
	dmaconf_unclaim(dc);
	dmaconf_streams_free(dc);
	dc->seq_at_exit = dc->seq;
}

/**
 * dmaconf_exit - after every rule: come to rest, check what always must hold
 * @test: KUnit's
 *
 * Order: terminate and synchronize, compare memory, unmap, release, free.
 *
 * Context: may sleep.
 */
void dmaconf_exit(struct kunit *test)
{
	struct dmaconf *dc = test->priv;

	if (!DMACONF_TOLD_SKIPS && test->status == KUNIT_SKIPPED)
		kunit_info(test, "dmaconf: skip %s\n", test->status_comment);
	if (!dc)
		return;
	dmaconf_tear_down(dc);
	dmaconf_check_quarantine(dc);
	dmaconf_check_violations(dc);
	if ((!dc->warned && test_taint(TAINT_WARN)) || dmaconf_reports() != dc->reports)
		dmaconf_invariant(dc, "the kernel warned during the rule");
	if (dc->broken)
		KUNIT_FAIL(test, "an invariant does not hold after the rule");
	if (dc->raced && test->status == KUNIT_FAILURE)
		dmaconf_hint(dc, "a race; to see it again, here: make run RULES=%s SEED=%#x",
			     dc->rule->id, seed);
	kunit_info(test, "dmaconf: end channel=%s us=%lld pid=%d jiffies=%lu\n", dc->label,
		   ktime_us_delta(ktime_get(), dc->start), current->pid, jiffies);
}

static void __exit dmaconf_module_exit(void)
{
	dmaconf_reports_unwatch();
	if (dmaconf_quarantine)
		dmaconf_free(dmaconf_quarantine);
}
module_exit(dmaconf_module_exit);

MODULE_DESCRIPTION("Conformance suite for DMA engine providers");
MODULE_LICENSE("GPL");
