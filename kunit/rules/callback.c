// SPDX-License-Identifier: GPL-2.0-only
/* Completion callbacks. */
#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/irqflags.h>

#include "dmaconf.h"

/* Queue transfers so that they end together. */
static void cb_start_together(struct kunit *test, struct dmaconf *dc, struct dmaconf_xfer **x,
			      int n)
{
	bool taken = true;

	dmaconf_hold(dc);
	for (int i = 0; i < n; i++)
		taken &= dmaconf_try_queue(x[i]);
	dmaconf_issue(dc);
	dmaconf_release(dc);
	KUNIT_ASSERT_TRUE_MSG(test, taken, "a transfer of the batch was refused");
}

/* Several transfers, some without a callback. */
static void cb_batch(struct kunit *test, struct dmaconf *dc)
{
	struct dmaconf_xfer *x[8];

	for (int i = 0; i < ARRAY_SIZE(x); i++) {
		x[i] = dmaconf_xfer(dc, 16 + dmaconf_random(dc, 48));
		/* The last one has a callback, so that the batch can be waited for. */
		x[i]->silent = i + 1 < ARRAY_SIZE(x) && !dmaconf_random(dc, 3);
		if (x[i]->silent && dmaconf_random(dc, 2))
			x[i]->flags &= ~DMA_PREP_INTERRUPT;
	}
	cb_start_together(test, dc, x, ARRAY_SIZE(x));
	for (int i = 0; i < ARRAY_SIZE(x); i++)
		if (!x[i]->silent)
			dmaconf_finish(x[i]);
	for (int i = 0; i < ARRAY_SIZE(x); i++)
		KUNIT_EXPECT_EQ_MSG(test, x[i]->calls, x[i]->silent ? 0 : 1,
				    "callbacks of transfer %d of %zu", i + 1, ARRAY_SIZE(x));
}

/*
 * Broken: a lost callback leaves its client waiting for ever; one that comes twice
 * completes a request that is already freed or used again.
 */
DMACONF_RULE(cb, once, MUST,
	     "Each completed descriptor with a callback is called back exactly once, with its own parameter, also when several end together.",
	     "Documentation/driver-api/dmaengine/pxa_dma.rst:19; Documentation/driver-api/dmaengine/client.rst:290",
	     NEEDS_XFER | NEEDS_WINDOW)
{
	for (int i = 0; i < 12; i++)
		cb_batch(test, dc);
	KUNIT_EXPECT_TRUE_MSG(test, dmaconf_stays_quiet(dc, dc->seq), "a callback came late");
}

/*
 * Broken: callbacks use spin_lock_bh() or wait for softirqs: with them in hard interrupt
 * context the machine deadlocks now and then.
 */
DMACONF_RULE(cb, context, MUST,
	     "Callbacks never run in hard interrupt context.",
	     "Documentation/driver-api/dmaengine/client.rst:164; Documentation/crypto/async-tx-api.rst:204",
	     NEEDS_XFER)
{
	for (int i = 0; i < 8; i++) {
		struct dmaconf_xfer *x = dmaconf_xfer(dc, 64 + dmaconf_random(dc, 4096));

		x->with_result = i % 2;
		dmaconf_start(x);
		dmaconf_finish(x);
		KUNIT_EXPECT_FALSE_MSG(test, x->in_hardirq,
				       "the callback ran in hard interrupt context");
		if (!x->in_softirq)
			dmaconf_diag(dc, "the callback did not run in softirq context");
	}
}

/* An operation of the provider during which nothing may be called back. */
static void cb_forbid(struct dmaconf *dc, bool on)
{
	dc->calling_cpu = on ? raw_smp_processor_id() : -1;
}

/* Hardware does not wait: with a gate a transfer has ended before its client asks. */
static void cb_end_meanwhile(struct dmaconf_xfer *x)
{
	struct dmaconf *dc = x->dc;

	if (dc->aid && dc->aid->gate)
		dmaconf_step(dc, x->len);
}

static bool cb_inline_queue(struct dmaconf *dc, struct dmaconf_xfer *x)
{
	unsigned long irqflags;
	bool taken;

	local_irq_save(irqflags);
	cb_forbid(dc, true);
	taken = dmaconf_try_queue(x);
	dmaconf_issue(dc);
	dmaconf_issue(dc);
	cb_forbid(dc, false);
	cb_end_meanwhile(x);
	cb_forbid(dc, true);
	dmaconf_status(x);
	cb_forbid(dc, false);
	local_irq_restore(irqflags);
	return taken;
}

static void cb_inline_control(struct dmaconf *dc, struct dmaconf_xfer *x)
{
	unsigned long irqflags;

	local_irq_save(irqflags);
	cb_forbid(dc, true);
	dmaengine_pause(dc->chan);
	dmaconf_status(x);
	dmaengine_resume(dc->chan);
	dmaconf_terminate(dc);
	dmaconf_status(x);
	cb_forbid(dc, false);
	local_irq_restore(irqflags);
}

/*
 * Broken: the client holds its lock over issue_pending or submit, its callback takes the
 * same lock, and the CPU hangs.
 */
DMACONF_RULE(cb, not_inline, MUST,
	     "Callbacks never run inside a client's call: the client may hold the lock that its callback takes.",
	     "Documentation/driver-api/dmaengine/client.rst:160; drivers/tty/serial/8250/8250_dma.c:14",
	     NEEDS_XFER)
{
	struct dmaconf_xfer *x = dmaconf_xfer(dc, 256), *cut = dmaconf_xfer(dc, 512);

	for (int i = 0; i < 4; i++) {
		KUNIT_ASSERT_TRUE(test, cb_inline_queue(dc, x));
		KUNIT_ASSERT_TRUE_MSG(test, dmaconf_wait_calls(x, i + 1), "round %d", i + 1);
		KUNIT_EXPECT_FALSE_MSG(test, x->inline_call,
				       "called back inside submit, issue_pending or tx_status");
	}
	KUNIT_ASSERT_TRUE(test, cb_inline_queue(dc, cut));
	cb_inline_control(dc, cut);
	KUNIT_EXPECT_FALSE_MSG(test, cut->inline_call,
			       "called back inside pause, resume or terminate_async");
}

/**
 * struct cb_chain - callbacks that submit the next transfer
 * @x: used in turn
 * @left: transfers to come
 * @depth: callbacks that are running inside each other now
 * @nested: more than one was
 * @irqs_off: a callback ran with interrupts off
 * @refused: a transfer was not taken
 */
struct cb_chain {
	struct dmaconf_xfer *x[2];
	int left;
	int depth;
	bool nested;
	bool irqs_off;
	bool refused;
};

static void cb_chain_next(struct dmaconf_xfer *x)
{
	struct cb_chain *chain = x->priv;
	struct dmaconf_xfer *next = chain->x[x == chain->x[0]];

	chain->nested |= chain->depth++;
	chain->irqs_off |= irqs_disabled();
	/* Where one runs inside another, the chain would go down the stack to its end. */
	if (chain->left && !chain->nested) {
		chain->refused |= !dmaconf_try_queue(next);
		dmaconf_issue(x->dc);
		if (chain->left % 2)
			cb_end_meanwhile(next);
		dmaconf_status(next);
		if (!chain->refused)
			chain->left--;
	}
	chain->depth--;
}

/* Where a callback may not submit (async-tx-api.rst:143), it may still ask for the status. */
static void cb_chain_last(struct dmaconf_xfer *x)
{
	struct cb_chain *chain = x->priv;

	chain->nested |= chain->depth++;
	chain->irqs_off |= irqs_disabled();
	dmaconf_status(x);
	chain->depth--;
}

/* So often another CPU tries; one that is held up by its machine is not every time. */
#define CB_MEETINGS	3

/* Another CPU may use the channel meanwhile; it would wait for a lock. */
static void cb_use_meanwhile(struct dmaconf *dc, struct dmaconf_meeting *m)
{
	struct dmaconf_xfer *x = m->priv;

	if (dmaconf_try_queue(x)) {
		dmaconf_issue(dc);
		dmaconf_status(x);
	}
}

/* Whether it had to wait for the callback's end: a lock's holder is not faster another time. */
static bool cb_waited(struct kunit *test, struct dmaconf *dc)
{
	struct dmaconf_xfer *x = dmaconf_xfer(dc, 32);
	const struct dmaconf_meeting *m = dmaconf_meet(dc, cb_use_meanwhile, x, 400);

	KUNIT_ASSERT_EQ_MSG(test, x->submissions, 1, "a transfer was refused during a callback");
	KUNIT_ASSERT_TRUE(test, dmaconf_wait_calls(x, 1));
	return m->outlasted;
}

static void cb_meet(struct kunit *test, struct dmaconf *dc)
{
	int waited = 0;

	while (waited < CB_MEETINGS && cb_waited(test, dc))
		waited++;
	KUNIT_ASSERT_LT_MSG(test, waited, CB_MEETINGS,
			    "each time a callback ran, another CPU waited for its end to submit a transfer");
}

/* The bound is for one callback; there are emulators that need seconds for all. */
static bool cb_wait_chain(struct dmaconf *dc, int seq)
{
	bool going = true;

	while (going && READ_ONCE(dc->seq) < seq)
		going = dmaconf_wait_seq(dc, min(READ_ONCE(dc->seq) + 20, seq));
	return going;
}

static void cb_chain(struct kunit *test, struct dmaconf *dc)
{
	bool slave = dma_has_cap(DMA_SLAVE, dc->device->cap_mask);
	struct cb_chain *chain = kunit_kzalloc(test, sizeof(*chain), GFP_KERNEL);
	const int rounds = 500;
	int before = dc->seq;
	bool whole;

	KUNIT_ASSERT_NOT_NULL(test, chain);
	chain->left = slave ? rounds : 0;
	for (int i = 0; i < 2; i++) {
		chain->x[i] = dmaconf_xfer(dc, 32);
		chain->x[i]->priv = chain;
		chain->x[i]->on_callback = slave ? cb_chain_next : cb_chain_last;
	}
	dmaconf_start(chain->x[0]);
	whole = cb_wait_chain(dc, before + (slave ? rounds + 1 : 1));
	KUNIT_ASSERT_FALSE_MSG(test, chain->nested, "a callback ran inside a callback");
	KUNIT_ASSERT_TRUE_MSG(test, whole, "the chain broke after %d callbacks", dc->seq - before);
	KUNIT_EXPECT_FALSE_MSG(test, chain->refused, "a transfer was refused inside a callback");
	KUNIT_EXPECT_FALSE_MSG(test, chain->irqs_off,
			       "a callback ran with interrupts off, as under spin_lock_irqsave()");
}

/*
 * Broken: a client that queues its next transfer from its callback, as serial drivers
 * do, deadlocks on the provider's lock.
 */
DMACONF_RULE(cb, no_lock, MUST,
	     "No lock of the provider is held across a callback: it may prepare, submit, issue and ask for the status, again and again.",
	     "Documentation/driver-api/dmaengine/client.rst:146; Documentation/driver-api/dmaengine/provider.rst:509",
	     NEEDS_XFER)
{
	/* First, as a callback that needs a lock which is held never ends. */
	if (num_online_cpus() > 1)
		cb_meet(test, dc);
	cb_chain(test, dc);
}

/*
 * Broken: a client that reads the result of a finished transfer dereferences NULL, sees
 * an error that was none, or completes twice.
 */
DMACONF_RULE(cb, result, MUST,
	     "callback_result is called instead of callback, with a result: no error and residue 0 on success.",
	     "Documentation/driver-api/dmaengine/provider.rst:422; drivers/dma/dmaengine.h:131",
	     NEEDS_XFER)
{
	struct dmaconf_xfer *x = dmaconf_xfer(dc, 1024), *plain = dmaconf_xfer(dc, 64);

	x->with_result = true;
	KUNIT_ASSERT_TRUE(test, dmaconf_try_prep(plain));
	KUNIT_ASSERT_TRUE(test, dmaconf_try_submit(plain));
	KUNIT_ASSERT_TRUE(test, dmaconf_try_prep(x));
	/* With both set, only callback_result counts. */
	x->tx->callback = dmaconf_plain_callback;
	KUNIT_ASSERT_TRUE(test, dmaconf_try_submit(x));
	dmaconf_issue(dc);
	dmaconf_finish(plain);
	dmaconf_finish(x);
	KUNIT_EXPECT_TRUE_MSG(test, dmaconf_stays_quiet(dc, 2),
			      "%d callbacks for two transfers", dc->seq);
	KUNIT_EXPECT_TRUE_MSG(test, x->got_result, "callback_result was not called with a result");
	KUNIT_EXPECT_EQ_MSG(test, x->result.result, DMA_TRANS_NOERROR, "of a good transfer");
	KUNIT_EXPECT_EQ_MSG(test, x->result.residue, 0, "of a complete transfer");
}

static void cb_look_at_data(struct dmaconf_xfer *x)
{
	bool *right = x->priv;

	*right = dmaconf_xfer_right(x);
}

/*
 * Broken: the client reads its buffer in the callback and now and then finds old bytes
 * in it.
 */
DMACONF_RULE(cb, after_data, MUST,
	     "When the callback runs all data of its transfer is in place.",
	     "Documentation/crypto/async-tx-api.rst:124; Documentation/core-api/dma-api.rst:456",
	     NEEDS_XFER)
{
	bool *right = kunit_kzalloc(test, sizeof(*right), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, right);
	for (int i = 0; i < 8; i++) {
		struct dmaconf_xfer *x = dmaconf_xfer(dc, 1 + dmaconf_random(dc, 8192));

		*right = false;
		x->priv = right;
		x->on_callback = cb_look_at_data;
		dmaconf_start(x);
		KUNIT_ASSERT_TRUE(test, dmaconf_wait_calls(x, 1));
		KUNIT_EXPECT_TRUE_MSG(test, *right,
				      "the data of %zu bytes was not there inside the callback",
				      x->len);
	}
}

/* Inside a callback: are all transfers up to this one complete? */
static void cb_look_at_status(struct dmaconf_xfer *x)
{
	bool *complete = x->priv;
	struct dmaconf_xfer *other;

	list_for_each_entry(other, &x->dc->xfers, node) {
		*complete &= dmaconf_status(other).status == DMA_COMPLETE;
		if (other == x)
			break;
	}
}

/*
 * Broken: the callback asks for the status, is told "in progress", and takes its
 * transfer for one that has still to end.
 */
DMACONF_RULE(cb, after_cookie, MUST,
	     "Inside its callback a transfer is already complete, and so are all before it.",
	     "drivers/tty/serial/8250/8250_dma.c:49; drivers/tty/serial/8250/8250_omap.c:986",
	     NEEDS_XFER | NEEDS_ORDER)
{
	bool *complete = kunit_kzalloc(test, sizeof(*complete), GFP_KERNEL);
	struct dmaconf_xfer *x[5];

	KUNIT_ASSERT_NOT_NULL(test, complete);
	*complete = true;
	for (int i = 0; i < ARRAY_SIZE(x); i++) {
		x[i] = dmaconf_xfer(dc, 64 << i);
		x[i]->priv = complete;
		x[i]->on_callback = cb_look_at_status;
		dmaconf_queue(x[i]);
	}
	dmaconf_issue(dc);
	for (int i = 0; i < ARRAY_SIZE(x); i++) {
		dmaconf_finish(x[i]);
		KUNIT_EXPECT_EQ_MSG(test, x[i]->status, DMA_COMPLETE,
				    "status of cookie %d inside its callback", x[i]->cookie);
	}
	KUNIT_EXPECT_TRUE_MSG(test, *complete,
			      "an earlier transfer was not complete inside a callback");
}

/**
 * struct cb_crowd - callbacks that run at the same time
 * @inside: now
 * @met: there were two at some time
 */
struct cb_crowd {
	atomic_t inside;
	bool met;
};

#define CB_STAY_US	50	/* long enough for another CPU to come in */

static void cb_enter(struct dmaconf_xfer *x)
{
	struct cb_crowd *crowd = x->priv;

	if (atomic_inc_return(&crowd->inside) > 1)
		crowd->met = true;
	udelay(CB_STAY_US);
	atomic_dec(&crowd->inside);
}

/*
 * Broken: a stream (serial, network, storage) is put together in the wrong order, or
 * two callbacks change the client's state at the same time.
 */
DMACONF_RULE(cb, order, MUST,
	     "The callbacks of a channel come in cookie order and one at a time.",
	     "Documentation/driver-api/dmaengine/provider.rst:444; drivers/dma/virt-dma.c:83",
	     NEEDS_XFER | NEEDS_ORDER)
{
	struct cb_crowd *crowd = kunit_kzalloc(test, sizeof(*crowd), GFP_KERNEL);
	struct dmaconf_xfer *x[12];

	KUNIT_ASSERT_NOT_NULL(test, crowd);
	for (int i = 0; i < ARRAY_SIZE(x); i++) {
		x[i] = dmaconf_xfer(dc, 16 + dmaconf_random(dc, 64));
		x[i]->priv = crowd;
		x[i]->on_callback = cb_enter;
	}
	cb_start_together(test, dc, x, ARRAY_SIZE(x));
	for (int i = 0; i < ARRAY_SIZE(x); i++)
		dmaconf_finish(x[i]);
	for (int i = 1; i < ARRAY_SIZE(x); i++)
		KUNIT_EXPECT_GT_MSG(test, x[i]->seq, x[i - 1]->seq,
				    "cookie %d was called back before cookie %d", x[i]->cookie,
				    x[i - 1]->cookie);
	KUNIT_EXPECT_FALSE_MSG(test, crowd->met, "two callbacks ran at the same time");
}

static struct kunit_case cb_rules[] = {
	DMACONF_CASE(cb, once),
	DMACONF_CASE(cb, context),
	DMACONF_CASE(cb, not_inline),
	DMACONF_CASE(cb, no_lock),
	DMACONF_CASE(cb, result),
	DMACONF_CASE(cb, after_data),
	DMACONF_CASE(cb, after_cookie),
	DMACONF_CASE(cb, order),
	{}
};

DMACONF_SUITE(cb);

kunit_test_suites(&cb_suite);
