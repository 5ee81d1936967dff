// SPDX-License-Identifier: GPL-2.0-only
/* Transfers that fail. */
#include "dmaconf.h"

#define LEN	512

static const enum dmaconf_inject err_kinds[] = { DMACONF_INJECT_READ, DMACONF_INJECT_WRITE };

static const char *err_kind_name(enum dmaconf_inject what)
{
	switch (what) {
	case DMACONF_INJECT_READ:
		return "a source that cannot be read";
	case DMACONF_INJECT_WRITE:
		return "a destination that cannot be written";
	case DMACONF_INJECT_DESC_READ:
		return "a descriptor that the hardware cannot read";
	default:
		return "a stall";
	}
}

/* Arrange for a failure; false when the bench cannot provoke this one. */
static bool err_inject(struct kunit *test, struct dmaconf *dc, enum dmaconf_inject what,
		       size_t after)
{
	int ret = dc->aid->inject(dc->chan, what, after);

	KUNIT_ASSERT_TRUE_MSG(test, !ret || ret == -EOPNOTSUPP, "the bench cannot inject: %d", ret);
	return !ret;
}

/* After a failure the channel may need a termination, where there is one. */
static void err_clear(struct kunit *test, struct dmaconf *dc)
{
	dc->aid->inject(dc->chan, DMACONF_INJECT_NONE, 0);
	if (dc->device->device_terminate_all)
		KUNIT_ASSERT_EQ(test, dmaconf_terminate_sync(dc), 0);
	else
		dmaconf_streams_resync(dc);
}

static void err_check_result(struct kunit *test, struct dmaconf_xfer *x, enum dmaconf_inject what,
			     size_t after)
{
	enum dmaengine_tx_result likely = what == DMACONF_INJECT_READ ? DMA_TRANS_READ_FAILED :
									DMA_TRANS_WRITE_FAILED;

	KUNIT_ASSERT_TRUE_MSG(test, x->got_result, "callback_result was set and not called");
	KUNIT_ASSERT_NE_MSG(test, x->result.result, DMA_TRANS_NOERROR,
			    "%s after %zu of %zu bytes looks like success to callback_result",
			    err_kind_name(what), after, x->len);
	KUNIT_EXPECT_LE_MSG(test, x->result.result, DMA_TRANS_ABORTED,
			    "no enum dmaengine_tx_result");
	if (x->result.result != likely)
		dmaconf_diag(x->dc, "%s was reported as result %d", err_kind_name(what),
			     x->result.result);
	KUNIT_EXPECT_LE_MSG(test, x->result.residue, x->len, "the residue exceeds the transfer");
}

/* It is said to have succeeded, and did: every byte is where it belongs. */
static bool err_recovered(struct dmaconf_xfer *x)
{
	bool success = !x->got_result || x->result.result == DMA_TRANS_NOERROR;

	return success && dmaconf_status(x).status != DMA_ERROR && dmaconf_xfer_right(x);
}

static bool err_check_reported(struct kunit *test, struct dmaconf *dc, enum dmaconf_inject what,
			       size_t after, bool with_result)
{
	struct dmaconf_xfer *x = dmaconf_xfer(dc, LEN);
	enum dma_status status;

	x->with_result = with_result;
	if (!err_inject(test, dc, what, after))
		return false;
	dmaconf_start(x);
	if (!dmaconf_wait_calls(x, 1))
		KUNIT_FAIL_AND_ABORT(test,
				     "%s after %zu of %zu bytes: %s was not called, the client waits for ever",
				     err_kind_name(what), after, x->len,
				     with_result ? "callback_result" : "callback");
	/* Some try again by themselves: then it has not failed. */
	if (err_recovered(x)) {
		dmaconf_diag(dc, "%s after %zu of %zu bytes: all data is there all the same",
			     err_kind_name(what), after, x->len);
		err_clear(test, dc);
		return false;
	}
	if (with_result)
		err_check_result(test, x, what, after);
	status = dmaconf_status(x).status;
	KUNIT_EXPECT_NE_MSG(test, status, DMA_IN_PROGRESS,
			    "it was called back and is still in progress");
	if (status != DMA_ERROR)
		dmaconf_diag(dc, "tx_status of a failed transfer is %s",
			     dmaconf_status_name(status));
	err_clear(test, dc);
	return true;
}

/*
 * Broken: the client goes on with data that never arrived, or waits for ever for a
 * transfer that has failed.
 */
DMACONF_RULE(err, reported, MUST,
	     "A transfer that failed is notified, by either kind of callback, and its result never looks like success.",
	     "Documentation/driver-api/dmaengine/provider.rst:422; include/linux/dmaengine.h:545; drivers/ntb/ntb_transport.c:1500",
	     NEEDS_XFER | NEEDS_INJECT)
{
	static const size_t after[] = { 0, LEN / 2, LEN - 4 };
	bool any = false;

	for (int k = 0; k < ARRAY_SIZE(err_kinds); k++)
		for (int i = 0; i < ARRAY_SIZE(after); i++)
			for (int with_result = 0; with_result < 2; with_result++)
				any |= err_check_reported(test, dc, err_kinds[k], after[i],
							  with_result);
	if (!any)
		dmaconf_inconclusive(test, "no transfer failed, whatever was provoked");
	dmaconf_transfer(dc, LEN);
}

/* Five in a row, one of which fails: the second where it can be chosen. */
static void err_fail_one_of(struct kunit *test, struct dmaconf *dc, struct dmaconf_xfer **x, int n)
{
	bool gate = dc->aid->gate;

	if (gate)
		dmaconf_hold(dc);
	else if (!err_inject(test, dc, DMACONF_INJECT_READ, LEN / 2))
		dmaconf_not_tested(test, "the bench provokes no read errors");
	for (int i = 0; i < n; i++) {
		x[i] = dmaconf_xfer(dc, LEN);
		x[i]->with_result = true;
		dmaconf_queue(x[i]);
	}
	dmaconf_issue(dc);
	if (!gate)
		return;
	dmaconf_step(dc, x[0]->len);
	if (!err_inject(test, dc, DMACONF_INJECT_READ, LEN / 2))
		dmaconf_not_tested(test, "the bench provokes no read errors");
	dmaconf_release(dc);
}

/* What was queued behind the failure: all of it is done, or none. */
static void err_check_rest(struct kunit *test, struct dmaconf *dc, struct dmaconf_xfer **x, int n,
			   int failed)
{
	int done = 0, rest = n - failed - 1;

	/* A channel that stops at an error needs its time to do nothing. */
	if (!dmaconf_wait_calls(x[n - 1], 1))
		dmaconf_diag(dc, "the channel stopped at the error");
	for (int i = failed + 1; i < n; i++)
		if (READ_ONCE(x[i]->calls) && x[i]->result.result == DMA_TRANS_NOERROR)
			done++;
	KUNIT_EXPECT_TRUE_MSG(test, !done || done == rest,
			      "of %d transfers behind the one that failed %d were done, neither all nor none",
			      rest, done);
}

/*
 * Broken: a failure of one peripheral breaks the transfers of others, or some of a queue
 * silently vanish.
 */
DMACONF_RULE(err, isolated, SHOULD,
	     "A failure leaves other channels alone, and what is queued behind it is either all done or all aborted.",
	     "drivers/dma/ioat/dma.c:721; drivers/dma/dw-edma/dw-edma-core.c:703",
	     NEEDS_XFER | NEEDS_INJECT | NEEDS_ORDER | NEEDS_PEER)
{
	struct dmaconf_xfer *x[5], *neighbour;
	int failed = dc->aid->gate ? 1 : 0;
	enum dmaconf_outcome outcome;

	neighbour = dmaconf_peer_start(dc);
	err_fail_one_of(test, dc, x, ARRAY_SIZE(x));
	KUNIT_EXPECT_TRUE_MSG(test, dmaconf_wait_calls(x[failed], 1),
			      "the transfer that failed was not called back");
	err_check_rest(test, dc, x, ARRAY_SIZE(x), failed);
	outcome = dmaconf_peer_finish(neighbour);
	KUNIT_EXPECT_EQ_MSG(test, outcome, DMACONF_DONE,
			    "a transfer of another channel suffered from the failure of this one");
	if (failed)
		dmaconf_finish(x[0]);
	err_clear(test, dc);
}

/* The channel is as new: transfers work, and nothing speaks of the past. */
static void err_check_recovered(struct kunit *test, struct dmaconf *dc, const char *from)
{
	struct dmaconf_xfer *x[3];

	for (int i = 0; i < ARRAY_SIZE(x); i++) {
		x[i] = dmaconf_xfer(dc, LEN >> i);
		x[i]->with_result = i == 0;
		dmaconf_queue(x[i]);
	}
	dmaconf_issue(dc);
	for (int i = 0; i < ARRAY_SIZE(x); i++) {
		enum dma_status status;

		if (!dmaconf_finish(x[i]))
			KUNIT_FAIL_AND_ABORT(test,
					     "transfer %d after %s and terminate_sync", i, from);
		status = dmaconf_status(x[i]).status;
		if (dma_has_cap(DMA_COMPLETION_NO_ORDER, dc->device->cap_mask))
			continue;
		KUNIT_ASSERT_STREQ_MSG(test, dmaconf_status_name(status), "COMPLETE",
				       "transfer %d after %s and terminate_sync", i, from);
	}
}

static bool err_called(struct dmaconf_xfer **x, int n)
{
	for (int i = 0; i < n; i++)
		if (READ_ONCE(x[i]->calls))
			return true;
	return false;
}

/* A failure with more queued behind it, then the client gives up on all of it. */
static bool err_recover_from(struct kunit *test, struct dmaconf *dc, enum dmaconf_inject what)
{
	struct dmaconf_xfer *x[3];
	int seq;

	if (!err_inject(test, dc, what, LEN / 4))
		return false;
	for (int i = 0; i < ARRAY_SIZE(x); i++) {
		x[i] = dmaconf_xfer(dc, LEN);
		dmaconf_queue(x[i]);
	}
	dmaconf_issue(dc);
	if (what == DMACONF_INJECT_STALL) {
		dmaconf_stays_quiet(dc, dc->seq);
		KUNIT_ASSERT_FALSE_MSG(test, err_called(x, ARRAY_SIZE(x)),
				       "a transfer that stalled was called back");
	} else if (!dmaconf_wait_calls(x[0], 1)) {
		/* Hardware that cannot read what it is to do may have no way to tell. */
		KUNIT_EXPECT_EQ_MSG(test, what, DMACONF_INJECT_DESC_READ,
				    "after %s it was not called back", err_kind_name(what));
	}
	KUNIT_ASSERT_EQ_MSG(test, dmaconf_terminate_sync(dc), 0, "after %s", err_kind_name(what));
	seq = dc->seq;
	err_check_recovered(test, dc, err_kind_name(what));
	KUNIT_ASSERT_EQ_MSG(test, dc->seq, seq + 3,
			    "a transfer from before the termination was called back");
	return true;
}

/* The peripheral stops supplying data: what a client's timeout is for. */
static void err_recover_from_silence(struct kunit *test, struct dmaconf *dc)
{
	struct dmaconf_xfer *x = dmaconf_xfer_dir(dc, LEN, DMA_DEV_TO_MEM);

	dmaconf_connect(dc, 0, LEN / 2, false);
	dmaconf_start(x);
	KUNIT_ASSERT_TRUE_MSG(test, dmaconf_stays_quiet(dc, dc->seq),
			      "a transfer of %zu bytes ended when the peripheral had supplied %d",
			      x->len, LEN / 2);
	KUNIT_ASSERT_EQ(test, dmaconf_terminate_sync(dc), 0);
	dmaconf_connect(dc, 0, SIZE_MAX, false);
	x = dmaconf_xfer_dir(dc, LEN, DMA_DEV_TO_MEM);
	dmaconf_start(x);
	if (!dmaconf_finish(x))
		KUNIT_FAIL_AND_ABORT(test,
				     "the channel did not recover from a peripheral without data");
	err_check_recovered(test, dc, "a peripheral without data");
}

/*
 * Broken: after one error the channel is dead, or every later transfer looks failed,
 * until reboot.
 */
DMACONF_RULE(err, recover, MUST,
	     "After an error or a stall terminate_sync brings the channel back, and later transfers report their own end, not the old error.",
	     "include/linux/dmaengine.h:35; drivers/media/platform/st/stm32/stm32-dcmi.c:273; drivers/spi/spi-dw-dma.c:672",
	     NEEDS_XFER | NEEDS_INJECT | NEEDS_TERMINATE)
{
	static const enum dmaconf_inject kinds[] = {
		DMACONF_INJECT_READ, DMACONF_INJECT_STALL, DMACONF_INJECT_WRITE,
		DMACONF_INJECT_DESC_READ,
	};
	bool any = false;

	for (int i = 0; i < ARRAY_SIZE(kinds); i++)
		any |= err_recover_from(test, dc, kinds[i]);
	if (!dmaconf_in_memory(dc) && dmaconf_offers(dc, DMA_DEV_TO_MEM) &&
	    dmaconf_port_counts(dc))
		err_recover_from_silence(test, dc);
	else if (!any)
		dmaconf_not_tested(test, "the bench provokes neither errors nor stalls");
}

static struct kunit_case err_rules[] = {
	DMACONF_CASE(err, reported),
	DMACONF_CASE(err, isolated),
	DMACONF_CASE(err, recover),
	{}
};

DMACONF_SUITE(err);

kunit_test_suites(&err_suite);
