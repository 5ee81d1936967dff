// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waiting for an event with a bound, and telling the silences apart: an error
 * was reported; it completed and the data is wrong; nothing was called back.
 */
#include <linux/jiffies.h>

#include "dmaconf.h"

/* On another CPU a callback may have been counted, and not have done what it is to do. */
static bool dmaconf_returned(struct dmaconf *dc, const int *calls, const int *inside, int times)
{
	unsigned long irqflags;
	bool returned;

	spin_lock_irqsave(&dc->lock, irqflags);
	returned = *calls - *inside >= times;
	spin_unlock_irqrestore(&dc->lock, irqflags);
	return returned;
}

/**
 * dmaconf_wait_calls - wait until a transfer was called back
 * @x: issued
 * @calls: so many times; these callbacks have returned
 *
 * Context: may sleep, at most the timeout.
 * Return: false when the time ran out.
 */
bool dmaconf_wait_calls(struct dmaconf_xfer *x, int calls)
{
	return wait_event_timeout(x->dc->wait,
				  dmaconf_returned(x->dc, &x->calls, &x->inside, calls),
				  msecs_to_jiffies(dmaconf_timeout_ms()));
}

/**
 * dmaconf_wait_seq - wait until any transfers were called back
 * @dc: the test
 * @seq: so many times in all, since the rule began; these callbacks have returned
 *
 * Context: may sleep, at most the timeout.
 * Return: false when the time ran out.
 */
bool dmaconf_wait_seq(struct dmaconf *dc, int seq)
{
	return wait_event_timeout(dc->wait, dmaconf_returned(dc, &dc->seq, &dc->inside, seq),
				  msecs_to_jiffies(dmaconf_timeout_ms()));
}

/**
 * dmaconf_stays_quiet - look for a callback that must not come
 * @dc: the test
 * @seq: callbacks that may come in all, since the rule began
 *
 * Context: may sleep, at most the quiet time.
 * Return: true when none came beyond these.
 */
bool dmaconf_stays_quiet(struct dmaconf *dc, int seq)
{
	return !wait_event_timeout(dc->wait, READ_ONCE(dc->seq) > seq,
				   msecs_to_jiffies(dmaconf_quiet_ms()));
}

/**
 * dmaconf_poll - ask for the status until the transfer has ended
 * @x: issued
 * @status: the last answer
 *
 * Context: may sleep, at most the timeout.
 * Return: false when the time ran out and it was still in progress.
 */
bool dmaconf_poll(struct dmaconf_xfer *x, enum dma_status *status)
{
	return dmaconf_until((*status = dmaengine_tx_status(x->dc->chan, x->cookie, NULL)) !=
			     DMA_IN_PROGRESS);
}

static void dmaconf_explain_silence(struct dmaconf_xfer *x)
{
	struct dmaconf_status at = dmaconf_status(x);
	size_t moved = dmaconf_xfer_moved(x);

	dmaconf_diag(x->dc,
		     "cookie %d: no callback within %u ms; status %s, residue %u of %zu, %zu bytes arrived",
		     x->cookie, dmaconf_timeout_ms(), dmaconf_status_name(at.status),
		     at.state.residue, x->len, moved);
	if (at.status == DMA_COMPLETE)
		dmaconf_hint(x->dc, "it is complete, so its callback was lost");
	else if (moved == x->len)
		dmaconf_hint(x->dc,
			     "all data moved, so the provider did not notice its end: was the interrupt lost?");
	else if (moved)
		dmaconf_hint(x->dc, "it started and stopped half way");
	else
		dmaconf_hint(x->dc, "it never started");
}

static void dmaconf_explain_data(struct dmaconf_xfer *x)
{
	dmaconf_diag(x->dc,
		     "cookie %d: reported complete, but only the first %zu of %zu bytes are right",
		     x->cookie, dmaconf_xfer_moved(x), x->len);
}

static bool dmaconf_reported_error(struct dmaconf_xfer *x)
{
	if (x->got_result && x->result.result != DMA_TRANS_NOERROR)
		return true;
	return dmaengine_tx_status(x->dc->chan, x->cookie, NULL) == DMA_ERROR;
}

/**
 * dmaconf_wait - wait for the end of a transfer and say how it ended
 * @x: issued; without a callback its status is polled
 *
 * Context: may sleep, at most the timeout.
 * Return: the outcome; what is not DMACONF_DONE is explained.
 */
enum dmaconf_outcome dmaconf_wait(struct dmaconf_xfer *x)
{
	enum dma_status status;

	if (!(x->silent ? dmaconf_poll(x, &status) : dmaconf_wait_calls(x, 1))) {
		dmaconf_explain_silence(x);
		return DMACONF_SILENT;
	}
	x->state = DMACONF_ENDED;
	if (dmaconf_reported_error(x)) {
		dmaconf_diag(x->dc, "cookie %d: an error was reported, result %d, residue %u",
			     x->cookie, x->result.result, x->result.residue);
		return DMACONF_FAILED;
	}
	if (!dmaconf_xfer_right(x)) {
		dmaconf_explain_data(x);
		return DMACONF_WRONG;
	}
	return DMACONF_DONE;
}

/**
 * dmaconf_finish - wait for a transfer that must succeed
 * @x: issued
 *
 * Context: may sleep; expects, and asserts that it is not silent.
 * Return: whether it did.
 */
bool dmaconf_finish(struct dmaconf_xfer *x)
{
	static const char * const how[] = {
		[DMACONF_FAILED] = "an error was reported",
		[DMACONF_WRONG] = "it completed and the data is wrong",
	};
	enum dmaconf_outcome outcome = dmaconf_wait(x);

	/* After a silence nothing else can be learnt, and every wait takes its full time. */
	if (outcome == DMACONF_SILENT)
		KUNIT_FAIL_AND_ABORT(x->dc->test,
				     "a transfer of %zu bytes did not succeed: nothing was called back",
				     x->len);
	if (outcome != DMACONF_DONE)
		KUNIT_FAIL(x->dc->test, "a transfer of %zu bytes did not succeed: %s", x->len,
			   how[outcome]);
	return outcome == DMACONF_DONE;
}

/**
 * dmaconf_transfer - run one plain transfer that must succeed
 * @dc: the test, whose channel is idle and free running
 * @len: bytes
 *
 * Context: may sleep; asserts and expects.
 * Return: whether it did.
 */
bool dmaconf_transfer(struct dmaconf *dc, size_t len)
{
	struct dmaconf_xfer *x = dmaconf_xfer(dc, len);

	dmaconf_start(x);
	return dmaconf_finish(x);
}
