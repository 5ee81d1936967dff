// SPDX-License-Identifier: GPL-2.0-only
/*
 * After a rule: the channel comes to rest and is released, and what must hold
 * whatever the rule did is looked at.
 */
#include <linux/module.h>
#include <linux/slab.h>

#include "dmaconf.h"

#define REVIVALS	3	/* transfers, after a rule that did not pass */
#define LINGER_US	100	/* the time of some small transfers */

/*
 * What has ended stays allocated for one more rule: a provider that still
 * writes to its memory or calls its callbacks is found out instead of
 * corrupting the kernel.
 */
static struct dmaconf *dmaconf_quarantine;

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

	old->test = dc->test;
	old->broken = false;
	list_for_each_entry(other, &old->others, node)
		dmaconf_check_left(other, dc);
	if (old->seq != old->seq_at_exit)
		dmaconf_invariant(old,
				  "%s on %s was called back %d times after its channel was released",
				  old->rule->id, old->label, old->seq - old->seq_at_exit);
	old->seq_at_exit = old->seq;
	dmaconf_check_memory(old, "written after the channel was released");
	dc->broken |= old->broken;
}

/* Hardware that was not stopped strikes now, and not in a rule that has nothing to do with it. */
static void dmaconf_rest(struct dmaconf *dc)
{
	bool broken = dc->broken;

	if (!dc->aid || !dc->aid->rest)
		return;
	dc->aid->rest(dc->aid->dev ?: dc->dev);
	dmaconf_check_left(dc, dc);
	dc->broken |= broken;
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

static bool dmaconf_due(struct dmaconf *dc)
{
	struct dmaconf_xfer *x;

	list_for_each_entry(x, &dc->xfers, node)
		if (x->state == DMACONF_SUBMITTED && x->calls < x->submissions)
			return true;
	return false;
}

/*
 * When all has been called back, hardware that goes on with it is to be seen: where code
 * takes no time none has passed since.
 */
static void dmaconf_linger(struct dmaconf *dc)
{
	if (dc->aid && dc->aid->rest && dc->seq && !dmaconf_due(dc))
		usleep_range(LINGER_US, 2 * LINGER_US);
}

/* A failure that the rule asked for, and did not come to, is not to strike another one. */
static void dmaconf_disarm(struct dmaconf *dc)
{
	if (dc->aid && dc->aid->inject)
		dc->aid->inject(dc->chan, DMACONF_INJECT_NONE, 0);
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
		dmaconf_disarm(dc);
		dmaconf_linger(dc);
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

/* The channel takes a transfer, and calls back. */
static bool dmaconf_moves(struct dmaconf *dc)
{
	int seq = dc->seq;

	if (!dmaconf_try_queue(dmaconf_xfer(dc, 64)))
		return false;
	dmaconf_issue(dc);
	return !dmaconf_stays_quiet(dc, seq);
}

/*
 * A driver that a rule has confused, and left so, may take the transfers of the next owner
 * for its own: the next rule is not to suffer what comes of the first of them.
 */
static void dmaconf_revive(struct dmaconf *dc)
{
	struct dmaconf *next = dmaconf_corrupt() ? NULL : dmaconf_successor(dc);

	if (!next)
		return;
	for (int i = 0; i < REVIVALS && dmaconf_moves(next); i++)
		;
	dmaconf_tear_down(next);
	dmaconf_rest(next);
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
	unsigned long used_kb = dmaconf_used_kb();
	struct dmaconf *dc = test->priv;

	if (!DMACONF_TOLD_SKIPS && test->status == KUNIT_SKIPPED)
		kunit_info(test, "dmaconf: skip %s\n", test->status_comment);
	if (!dc)
		return;
	dmaconf_tear_down(dc);
	dmaconf_rest(dc);
	if (test->status != KUNIT_SUCCESS && !list_empty(&dc->xfers))
		dmaconf_revive(dc);
	dmaconf_check_quarantine(dc);
	dmaconf_check_violations(dc);
	if ((!dc->warned && test_taint(TAINT_WARN)) || dmaconf_reports() != dc->reports)
		dmaconf_invariant(dc, "the kernel warned during the rule");
	if (dc->prep_slept)
		kunit_info(test, "dmaconf: excused %d reports of a prep that may sleep: see prep.atomic\n",
			   dc->prep_slept);
	if (dc->broken)
		KUNIT_FAIL(test, "an invariant does not hold after the rule");
	if (dc->raced && test->status == KUNIT_FAILURE)
		dmaconf_hint(dc, "a race; to see it again, here: make run RULES=%s SEED=%#x",
			     dc->rule->id, dmaconf_seed());
	kunit_info(test, "dmaconf: end channel=%s us=%lld pid=%d jiffies=%lu used_kb=%lu\n",
		   dc->label, ktime_us_delta(ktime_get(), dc->start), current->pid, jiffies,
		   used_kb);
}

static void __exit dmaconf_module_exit(void)
{
	dmaconf_reports_unwatch();
	if (dmaconf_quarantine)
		dmaconf_free(dmaconf_quarantine);
}
module_exit(dmaconf_module_exit);
