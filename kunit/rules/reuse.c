// SPDX-License-Identifier: GPL-2.0-only
/* Descriptors that are submitted again. */
#include "dmaconf.h"

/**
 * struct reuse - a descriptor that its client keeps
 * @tx: the descriptor
 * @set: what dmaengine_desc_set_reuse() returned
 * @free: what dmaengine_desc_free() returned before
 * @caps: what dma_get_slave_caps() returned
 * @offered: caps.descriptor_reuse
 * @can_free: the descriptor has an operation to free it
 */
struct reuse {
	struct dma_async_tx_descriptor *tx;
	int set;
	int free;
	int caps;
	bool offered;
	bool can_free;
};

static void reuse_prepared(struct dmaconf_xfer *x)
{
	struct reuse *r = x->priv;

	r->tx = x->tx;
	r->can_free = x->tx->desc_free;
	r->set = dmaengine_desc_set_reuse(x->tx);
}

static struct dmaconf_xfer *reuse_xfer(struct dmaconf *dc, size_t len)
{
	struct reuse *r = kunit_kzalloc(dc->test, sizeof(*r), GFP_KERNEL);
	struct dmaconf_xfer *x = dmaconf_xfer(dc, len);

	KUNIT_ASSERT_NOT_NULL(dc->test, r);
	x->priv = r;
	x->on_prep = reuse_prepared;
	return x;
}

static struct dma_async_tx_descriptor *kept(struct dmaconf_xfer *x)
{
	return ((struct reuse *)x->priv)->tx;
}

static void gate_prepared(struct dmaconf_xfer *x)
{
	struct dma_slave_caps caps = {};
	struct reuse *r = x->priv;

	r->caps = dma_get_slave_caps(x->tx->chan, &caps);
	r->offered = caps.descriptor_reuse;
	r->free = dmaengine_desc_free(x->tx);
	r->set = dmaengine_desc_set_reuse(x->tx);
	r->can_free = x->tx->desc_free;
	dmaengine_desc_clear_reuse(x->tx);
}

/* Broken: a client keeps descriptors that it can never free, or that are freed under it. */
DMACONF_RULE(reuse, gate, MUST,
	     "A descriptor can be kept where the channel says so, and then be freed; elsewhere the client is told that it cannot.",
	     "Documentation/driver-api/dmaengine/provider.rst:572; include/linux/dmaengine.h:1577",
	     NEEDS_XFER)
{
	struct dmaconf_xfer *x = reuse_xfer(dc, 64);
	struct reuse *r = x->priv;

	x->on_prep = gate_prepared;
	dmaconf_start(x);
	dmaconf_finish(x);
	KUNIT_EXPECT_EQ_MSG(test, r->set, r->caps ?: r->offered ? 0 : -EPERM,
			    "dmaengine_desc_set_reuse, %s", r->offered ? "offered" : "not offered");
	KUNIT_EXPECT_EQ_MSG(test, r->free, -EPERM,
			    "dmaengine_desc_free of a descriptor that is not kept");
	if (!r->set)
		KUNIT_EXPECT_TRUE_MSG(test, r->can_free,
				      "a descriptor can be kept, and has no desc_free");
}

/*
 * The sources of a transfer hold something else. They stay mapped: an address that is
 * mapped anew may be another one, and the descriptor has the old one.
 */
static void reuse_refill(struct dmaconf_xfer *x)
{
	struct dmaconf *dc = x->dc;
	u8 *bytes;

	for (unsigned int i = 0; i < x->nfrom; i++) {
		bytes = kunit_kmalloc(dc->test, x->from[i].len, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(dc->test, bytes);
		prandom_bytes_state(&dc->rnd, bytes, x->from[i].len);
		dmaconf_buf_write(dc, x->from[i].buf, x->from[i].off, bytes, x->from[i].len);
		kunit_kfree(dc->test, bytes);
	}
}

/* Submit it, the first time or again, and wait until it has ended. */
static void reuse_run(struct dmaconf_xfer *x)
{
	struct kunit *test = x->dc->test;
	dma_cookie_t before = x->cookie;
	enum dma_status status;
	int n;

	if (x->submissions) {
		x->tx = kept(x);
	} else {
		KUNIT_ASSERT_TRUE_MSG(test, dmaconf_try_prep(x), "prep refused %zu bytes", x->len);
		/* Without it the descriptor is the provider's as soon as it has ended. */
		KUNIT_ASSERT_EQ_MSG(test, ((struct reuse *)x->priv)->set, 0,
				    "dmaengine_desc_set_reuse");
	}
	x->got_result = false;
	KUNIT_ASSERT_TRUE_MSG(test, dmaconf_try_submit(x), "submission %d, cookie %d",
			      x->submissions + 1, x->cookie);
	n = x->submissions;
	if (n > 1 && x->cookie <= before)
		KUNIT_FAIL_AND_ABORT(test, "submission %d has cookie %d, the one before had %d",
				     n, x->cookie, before);
	dmaconf_issue(x->dc);
	KUNIT_ASSERT_TRUE_MSG(test, dmaconf_wait_calls(x, n), "%d callbacks of %d submissions",
			      x->calls, n);
	/* Its own callback is too early to submit it again. */
	dmaengine_synchronize(x->dc->chan);
	KUNIT_ASSERT_TRUE_MSG(test, dmaconf_xfer_right(x),
			      "submission %d: only %zu of %zu bytes are right", n,
			      dmaconf_xfer_moved(x), x->len);
	status = dmaconf_status(x).status;
	KUNIT_ASSERT_EQ_MSG(test, status, DMA_COMPLETE, "submission %d is %s", n,
			    dmaconf_status_name(status));
}

static void reuse_many(struct dmaconf *dc, struct dmaconf_xfer *x, int times)
{
	struct reuse *r = x->priv;

	for (int i = 0; i < times; i++) {
		reuse_refill(x);
		/* The last time: it ends as any other descriptor does. */
		if (i == times - 1)
			dmaengine_desc_clear_reuse(r->tx);
		reuse_run(x);
		if (x->with_result && (!x->got_result || x->result.residue ||
				       x->result.result != DMA_TRANS_NOERROR))
			KUNIT_FAIL_AND_ABORT(dc->test,
					     "submission %d: result %d, residue %u", i + 1,
					     x->result.result, x->result.residue);
	}
	KUNIT_EXPECT_TRUE_MSG(dc->test, dmaconf_stays_quiet(dc, dc->seq), "called back again");
}

/*
 * Broken: a client that saves preparations waits for ever, or works on the data of the
 * last time.
 */
DMACONF_RULE(reuse, resubmit, MUST,
	     "A descriptor that the client keeps can be submitted again and again: data moves, with a new cookie, the same callback and a fresh result.",
	     "Documentation/driver-api/dmaengine/provider.rst:567; drivers/dma/virt-dma.c:19",
	     NEEDS_XFER | NEEDS_REUSE | NEEDS_ORDER)
{
	struct dmaconf_xfer *x;

	for (int i = 0; i < 4; i++) {
		x = reuse_xfer(dc, 40 + dmaconf_random(dc, 800));
		x->with_result = i % 2;
		reuse_many(dc, x, i < 2 ? 100 : 3);
	}
}

#define KEPT	4

/* Other transfers, none of which may get a descriptor that is kept. */
static void lifetime_others(struct dmaconf *dc, struct dmaconf_xfer **x, size_t len)
{
	for (int i = 0; i < 3 * KEPT; i++) {
		struct dmaconf_xfer *other = dmaconf_xfer(dc, len);

		KUNIT_ASSERT_TRUE_MSG(dc->test, dmaconf_try_prep(other), "prep refused %zu bytes",
				      len);
		for (int k = 0; k < KEPT; k++)
			if (other->tx == kept(x[k]))
				KUNIT_FAIL_AND_ABORT(dc->test,
						     "prep gave out a descriptor that its client keeps");
		KUNIT_ASSERT_TRUE(dc->test, dmaconf_try_submit(other));
		dmaconf_issue(dc);
		dmaconf_finish(other);
	}
}

/* Broken: two transfers share a descriptor, and each runs with the addresses of the other. */
DMACONF_RULE(reuse, lifetime, MUST,
	     "A descriptor that the client keeps is neither freed nor given out again until the client frees it or terminates the channel.",
	     "Documentation/driver-api/dmaengine/provider.rst:569; include/linux/dmaengine.h:1593; drivers/dma/virt-dma.c:39",
	     NEEDS_XFER | NEEDS_REUSE | NEEDS_ORDER)
{
	struct dmaconf_xfer *x[KEPT];

	for (int i = 0; i < KEPT; i++) {
		x[i] = reuse_xfer(dc, 200);
		reuse_run(x[i]);
	}
	lifetime_others(dc, x, 200);
	for (int round = 0; round < 3; round++)
		for (int i = KEPT - 1; i >= 0; i--) {
			reuse_refill(x[i]);
			reuse_run(x[i]);
		}
	lifetime_others(dc, x, 200);
	KUNIT_ASSERT_TRUE_MSG(test, ((struct reuse *)x[0]->priv)->can_free,
			      "a descriptor that is kept has no desc_free");
	/* The last one is left to the release of the channel. */
	for (int i = 0; i < KEPT - 1; i++)
		KUNIT_EXPECT_EQ_MSG(test, dmaengine_desc_free(kept(x[i])), 0,
				    "dmaengine_desc_free");
	reuse_refill(x[KEPT - 1]);
	reuse_run(x[KEPT - 1]);
}

static struct kunit_case reuse_rules[] = {
	DMACONF_CASE(reuse, gate),
	DMACONF_CASE(reuse, resubmit),
	DMACONF_CASE(reuse, lifetime),
	{}
};

DMACONF_SUITE(reuse);

kunit_test_suites(&reuse_suite);
