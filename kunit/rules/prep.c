// SPDX-License-Identifier: GPL-2.0-only
/* Preparation: what a descriptor is, and what it has no effect on. */
#include <linux/slab.h>

#include "prep.h"

#define ROUNDS		300	/* transfers within which a pool hands out a descriptor again */

static const char *prep_leftover(const struct dma_async_tx_descriptor *tx)
{
	if (tx->callback)
		return "callback";
	if (tx->callback_result)
		return "callback_result";
	if (tx->unmap)
		return "unmap";
	return tx->desc_metadata_mode == DESC_METADATA_NONE ? NULL : "desc_metadata_mode";
}

/* on_prep: note all facts, judge later. */
static void prep_look(struct dmaconf_xfer *x)
{
	struct prep_look *look = x->priv;

	look->tx = x->tx;
	look->chan = x->tx->chan;
	look->has_submit = x->tx->tx_submit;
	look->has_flags = (x->tx->flags & x->flags) == x->flags;
	look->leftover = prep_leftover(x->tx);
	if (look->unmap)
		dma_set_unmap(x->tx, look->unmap);
}

/**
 * prep_look_at - note what prep hands out for a transfer
 * @test: KUnit's
 * @x: not prepared yet; its @priv becomes the look
 *
 * Context: may sleep; asserts.
 * Return: the look, filled in by prep.
 */
struct prep_look *prep_look_at(struct kunit *test, struct dmaconf_xfer *x)
{
	struct prep_look *look = kunit_kzalloc(test, sizeof(*look), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, look);
	x->on_prep = prep_look;
	x->priv = look;
	return look;
}

/* Clients set the field that they use and no other; so does each of these transfers. */
static struct dmaconf_xfer *prep_client(struct kunit *test, struct dmaconf *dc, int kind)
{
	struct dmaconf_xfer *x = dmaconf_xfer(dc, 64);
	struct prep_look *look = prep_look_at(test, x);

	x->with_result = kind == 0;
	x->silent = kind == 2;
	/* Slave clients unmap by themselves. */
	if (x->with_result && dmaconf_in_memory(dc))
		look->unmap = dmaengine_get_unmap_data(dc->dev, 1, GFP_KERNEL);
	return x;
}

static void prep_client_run(struct kunit *test, struct dmaconf_xfer *x, int *calls)
{
	struct prep_look *look = x->priv;
	enum dma_status status;

	x->got_result = false;
	dmaconf_start(x);
	KUNIT_ASSERT_NULL_MSG(test, look->leftover,
			      "prep returned a descriptor whose %s is still that of an earlier transfer",
			      look->leftover);
	if (x->silent) {
		KUNIT_ASSERT_TRUE_MSG(test, dmaconf_poll(x, &status), "cookie %d never ended",
				      x->cookie);
	} else {
		KUNIT_ASSERT_TRUE_MSG(test, dmaconf_wait_calls(x, x->submissions),
				      "cookie %d was not called back", x->cookie);
		KUNIT_ASSERT_EQ_MSG(test, x->got_result, x->with_result,
				    "the wrong one of callback and callback_result was called");
		++*calls;
		KUNIT_ASSERT_EQ_MSG(test, READ_ONCE(x->dc->seq), *calls,
				    "a callback of an earlier transfer was called again");
	}
	dmaconf_xfer_right(x);
}

static bool prep_seen(struct dma_async_tx_descriptor **seen, int n,
		      struct dma_async_tx_descriptor *tx)
{
	for (int i = 0; i < n; i++)
		if (seen[i] == tx)
			return true;
	return false;
}

/* Broken: a callback of an earlier client runs with a parameter that is long freed. */
DMACONF_RULE(prep, recycled_clean, MUST,
	     "A descriptor that is used again carries nothing of its earlier transfer: callbacks, unmap data and metadata mode are reset.",
	     "crypto/async_tx/async_tx.c:148; drivers/dma/pl330.c:2588; drivers/dma/dmaengine.h:140",
	     NEEDS_XFER)
{
	int kinds = dma_has_cap(DMA_COMPLETION_NO_ORDER, dc->device->cap_mask) ? 2 : 3;
	struct dma_async_tx_descriptor **seen;
	struct dmaconf_xfer *clients[3] = {};
	int calls = 0, again = 0;
	struct prep_look *look;

	seen = kunit_kcalloc(test, ROUNDS, sizeof(*seen), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, seen);
	for (int i = 0; i < kinds; i++)
		clients[i] = prep_client(test, dc, i);
	/* Not in turn, so that each kind follows each in a pool of any size. */
	for (int i = 0; i < ROUNDS && again < 24; i++) {
		struct dmaconf_xfer *x = clients[i < kinds ? i : dmaconf_random(dc, kinds)];

		prep_client_run(test, x, &calls);
		look = x->priv;
		again += prep_seen(seen, i, look->tx);
		seen[i] = look->tx;
	}
	look = clients[0]->priv;
	if (look->unmap)
		dmaengine_unmap_put(look->unmap);
	if (!again)
		dmaconf_inconclusive(test, "no descriptor was used again in %d transfers", ROUNDS);
}

static bool prep_outstanding(struct dmaconf_xfer *x)
{
	if (dma_has_cap(DMA_COMPLETION_NO_ORDER, x->dc->device->cap_mask))
		return !READ_ONCE(x->calls);
	return dmaconf_status(x).status == DMA_IN_PROGRESS;
}

static void prep_run_all(struct dmaconf *dc, struct dmaconf_xfer **x, int n)
{
	dmaconf_issue(dc);
	for (int i = 0; i < n; i++)
		if (!dmaconf_finish(x[i]))
			break;
}

/* Prepare and submit each before the next. */
static void prep_unique_pairs(struct kunit *test, struct dmaconf *dc)
{
	struct dma_async_tx_descriptor *tx[8];
	struct dmaconf_xfer *x[8];

	for (int i = 0; i < ARRAY_SIZE(x); i++) {
		struct prep_look *look;

		x[i] = dmaconf_xfer(dc, 32 + 16 * i);
		look = prep_look_at(test, x[i]);
		dmaconf_queue(x[i]);
		tx[i] = look->tx;
		for (int j = 0; j < i; j++)
			KUNIT_ASSERT_FALSE_MSG(test, tx[j] == tx[i] && prep_outstanding(x[j]),
					       "prep %d returned the descriptor of cookie %d, which has not ended",
					       i, x[j]->cookie);
	}
	prep_run_all(dc, x, ARRAY_SIZE(x));
}

/* Prepare all before the first is submitted. */
static void prep_unique_together(struct kunit *test, struct dmaconf *dc)
{
	struct dmaconf_xfer *x[8];

	for (int i = 0; i < ARRAY_SIZE(x); i++) {
		x[i] = dmaconf_xfer(dc, 32 + 16 * i);
		KUNIT_ASSERT_TRUE_MSG(test, dmaconf_try_prep(x[i]), "prep %d was refused", i);
		for (int j = 0; j < i; j++)
			KUNIT_ASSERT_PTR_NE_MSG(test, x[j]->tx, x[i]->tx,
						"preps %d and %d returned the same descriptor", j,
						i);
	}
	for (int i = 0; i < ARRAY_SIZE(x); i++)
		KUNIT_ASSERT_TRUE_MSG(test, dmaconf_try_submit(x[i]), "submit %d was refused", i);
	prep_run_all(dc, x, ARRAY_SIZE(x));
}

/*
 * Broken: two transfers share a descriptor: the first is never done, the second is done
 * twice.
 */
DMACONF_RULE(prep, unique, MUST,
	     "Each prep returns a descriptor of its own while earlier ones are outstanding.",
	     "Documentation/driver-api/dmaengine/provider.rst:405",
	     NEEDS_XFER)
{
	prep_unique_pairs(test, dc);
	if (!dmaconf_prep_locks(dc))
		prep_unique_together(test, dc);
}

/* Descriptors of several kinds, to be prepared and left alone; the last is unlike @running. */
static void prep_others(struct dmaconf_xfer *running, struct dmaconf_xfer **others, int n)
{
	struct dmaconf *dc = running->dc;

	for (int i = 0; i < n; i++) {
		enum dma_transfer_direction dir = running->dir;

		if (dir == DMA_MEM_TO_DEV && i != 1 && dmaconf_offers(dc, DMA_DEV_TO_MEM))
			dir = DMA_DEV_TO_MEM;
		else if (dir == DMA_DEV_TO_MEM && i != 1 && dmaconf_offers(dc, DMA_MEM_TO_DEV))
			dir = DMA_MEM_TO_DEV;
		others[i] = dmaconf_xfer_dir(dc, 16 << i, dir);
	}
}

static void prep_check_side_effect(struct kunit *test, struct dmaconf *dc,
				   enum dma_transfer_direction dir)
{
	struct dmaconf_xfer *running = dmaconf_xfer_dir(dc, 2048, dir), *others[3];
	struct dmaconf_status before, after;
	bool gated, queued;

	prep_others(running, others, ARRAY_SIZE(others));
	dmaconf_hold(dc);
	gated = dc->window == DMACONF_WINDOW_GATE;
	queued = dmaconf_try_queue(running);
	dmaconf_issue(dc);
	if (gated)
		dmaconf_step(dc, 1000);
	before = dmaconf_status(running);
	for (int i = 0; i < ARRAY_SIZE(others); i++)
		dmaconf_try_prep(others[i]);
	after = dmaconf_status(running);
	dmaconf_release(dc);

	KUNIT_ASSERT_TRUE_MSG(test, queued, "a plain transfer was refused");
	KUNIT_EXPECT_EQ_MSG(test, after.state.used, before.state.used,
			    "prep without submit used up a cookie");
	if (gated) {
		KUNIT_EXPECT_STREQ_MSG(test, dmaconf_status_name(after.status),
				       dmaconf_status_name(before.status),
				       "prep changed the status of the running transfer");
		KUNIT_EXPECT_EQ_MSG(test, after.state.residue, before.state.residue,
				    "prep changed the residue of the running transfer");
	}
	if (!dmaconf_finish(running))
		KUNIT_FAIL_AND_ABORT(test, "prep disturbed the transfer that was running");
}

/*
 * Broken: preparing the next transfer disturbs the running one: wrong direction, wrong
 * status, lost bytes.
 */
DMACONF_RULE(prep, no_side_effect, MUST,
	     "Prep alone changes nothing: not the hardware, not other transfers, not cookies or status.",
	     "Documentation/driver-api/dmaengine/provider.rst:418; Documentation/driver-api/dmaengine/client.rst:274",
	     NEEDS_XFER | NEEDS_WINDOW | NEEDS_ORDER)
{
	if (dmaconf_prep_locks(dc))
		dmaconf_not_applicable(test, "the provider keeps a lock from prep to submit");
	if (dmaconf_in_memory(dc)) {
		prep_check_side_effect(test, dc, DMA_MEM_TO_MEM);
		return;
	}
	if (dmaconf_offers(dc, DMA_MEM_TO_DEV))
		prep_check_side_effect(test, dc, DMA_MEM_TO_DEV);
	if (dmaconf_offers(dc, DMA_DEV_TO_MEM))
		prep_check_side_effect(test, dc, DMA_DEV_TO_MEM);
}

/* One descriptor is left alone, before or after the one that is submitted. */
static struct dmaconf_xfer *prep_abandon_one(struct kunit *test, struct dmaconf *dc,
					     enum dma_transfer_direction dir, bool first)
{
	struct dmaconf_xfer *abandoned = dmaconf_xfer_dir(dc, 192, dir);
	struct dmaconf_xfer *wanted = dmaconf_xfer_dir(dc, 128, dir);

	if (first)
		KUNIT_ASSERT_TRUE(test, dmaconf_try_prep(abandoned));
	dmaconf_queue(wanted);
	if (!first)
		KUNIT_ASSERT_TRUE(test, dmaconf_try_prep(abandoned));
	dmaconf_issue(dc);
	dmaconf_finish(wanted);
	dmaconf_issue(dc);
	return abandoned;
}

static void prep_check_abandoned(struct kunit *test, struct dmaconf_xfer *x)
{
	KUNIT_EXPECT_EQ_MSG(test, x->calls, 0,
			    "a descriptor was called back that was not submitted");
	if (dmaconf_dst(x))
		KUNIT_EXPECT_LT_MSG(test, dmaconf_buf_differs(x->dc, dmaconf_dst(x)), 0,
				    "a descriptor was executed that was not submitted");
}

/*
 * Broken: a transfer whose client had changed its mind runs, into memory that is not its
 * any more.
 */
DMACONF_RULE(prep, abandoned, MUST,
	     "A descriptor that was prepared and not submitted is neither executed nor called back.",
	     "Documentation/driver-api/dmaengine/provider.rst:418; include/linux/dmaengine.h:596",
	     NEEDS_XFER)
{
	static const enum dma_transfer_direction slave[] = { DMA_MEM_TO_DEV, DMA_DEV_TO_MEM };
	bool memory = dmaconf_in_memory(dc);
	struct dmaconf_xfer *x[4];

	if (dmaconf_prep_locks(dc))
		dmaconf_not_applicable(test, "the provider keeps a lock from prep to submit");
	for (int i = 0; i < ARRAY_SIZE(x); i++) {
		enum dma_transfer_direction dir = memory ? DMA_MEM_TO_MEM : slave[i / 2];

		if (!memory && !dmaconf_offers(dc, dir))
			dir = slave[!(i / 2)];
		x[i] = prep_abandon_one(test, dc, dir, i & 1);
	}
	dmaconf_stays_quiet(dc, dc->seq);
	for (int i = 0; i < ARRAY_SIZE(x); i++)
		prep_check_abandoned(test, x[i]);
}

/* In prep_atomic.c, prep_refuse.c and prep_args.c. */
DMACONF_ELSEWHERE(prep, atomic);
DMACONF_ELSEWHERE(prep, returns);
DMACONF_ELSEWHERE(prep, fail_clean);
DMACONF_ELSEWHERE(prep, exhaustion);
DMACONF_ELSEWHERE(prep, args_not_retained);
DMACONF_ELSEWHERE(prep, zero_len);

static struct kunit_case prep_rules[] = {
	DMACONF_CASE(prep, atomic),
	DMACONF_CASE(prep, returns),
	DMACONF_CASE(prep, recycled_clean),
	DMACONF_CASE(prep, unique),
	DMACONF_CASE(prep, no_side_effect),
	DMACONF_CASE(prep, fail_clean),
	DMACONF_CASE(prep, exhaustion),
	DMACONF_CASE(prep, args_not_retained),
	DMACONF_CASE(prep, abandoned),
	DMACONF_CASE(prep, zero_len),
	{}
};

DMACONF_SUITE(prep);

kunit_test_suites(&prep_suite);
