// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a client asks of a provider for a transfer, step by step, and what its
 * callback saw.
 */
#include "dmaconf.h"

static void dmaconf_called(struct dmaconf_xfer *x, const struct dmaengine_result *result)
{
	struct dmaconf *dc = x->dc;
	unsigned long irqflags;

	spin_lock_irqsave(&dc->lock, irqflags);
	x->cpu = raw_smp_processor_id();
	x->in_hardirq = in_hardirq();
	x->in_softirq = in_serving_softirq();
	x->inline_call = dc->calling_cpu == x->cpu;
	dc->missed |= dc->window == DMACONF_WINDOW_IRQ && dc->held_cpu != x->cpu;
	dc->seq++;
	dc->inside++;
	x->inside++;
	if (!x->calls++)
		x->seq = dc->seq;
	if (result) {
		x->result = *result;
		x->got_result = true;
	}
	if (x->state == DMACONF_SUBMITTED && x->calls == x->submissions && !dmaconf_endless(x))
		x->state = DMACONF_ENDED;
	spin_unlock_irqrestore(&dc->lock, irqflags);

	/* After the rule its channel is gone and nothing may be asked of it. */
	if (dc->chan && x->cookie > 0)
		x->status = dmaengine_tx_status(dc->chan, x->cookie, NULL);
	if (dc->chan && x->on_callback)
		x->on_callback(x);

	spin_lock_irqsave(&dc->lock, irqflags);
	dc->inside--;
	x->inside--;
	spin_unlock_irqrestore(&dc->lock, irqflags);
	wake_up_all(&dc->wait);
}

/**
 * dmaconf_plain_callback - what every transfer has as its callback
 * @param: the transfer, &struct dmaconf_xfer
 *
 * Context: any, normally softirq.
 */
void dmaconf_plain_callback(void *param)
{
	dmaconf_called(param, NULL);
}

static void dmaconf_callback_result(void *param, const struct dmaengine_result *result)
{
	struct dmaconf_xfer *x = param;

	if (!result)
		x->dc->result_missing = true;
	dmaconf_called(x, result);
}

/*
 * That interrupts are off in a window is the bench's doing, and the rule would say the same
 * with a gate; a prep that may sleep is what prep.atomic is about.
 */
static struct dma_async_tx_descriptor *dmaconf_ask(struct dmaconf_xfer *x)
{
	struct dmaconf *dc = x->dc;
	bool windowed = dc->window == DMACONF_WINDOW_IRQ || dc->window == DMACONF_WINDOW_BH;
	int slept = dmaconf_slept();
	struct dma_async_tx_descriptor *tx = x->type->prep(x);

	slept = dmaconf_slept() - slept;
	if (windowed && slept) {
		dc->reports += slept;
		dc->warned = true;
		dc->prep_slept += slept;
	}
	return tx;
}

/**
 * dmaconf_try_prep - ask the provider for a descriptor
 * @x: the transfer, new or ended
 *
 * Context: any.
 * Return: false when the provider returned NULL or an error pointer; then
 * @x->tx is what it returned.
 */
bool dmaconf_try_prep(struct dmaconf_xfer *x)
{
	x->tx = dmaconf_ask(x);
	x->state = IS_ERR_OR_NULL(x->tx) ? DMACONF_REFUSED : DMACONF_PREPARED;
	if (x->on_prep && x->state == DMACONF_PREPARED)
		x->on_prep(x);
	if (x->state == DMACONF_REFUSED || x->silent)
		return x->state == DMACONF_PREPARED;
	if (x->with_result)
		x->tx->callback_result = dmaconf_callback_result;
	else
		x->tx->callback = dmaconf_plain_callback;
	x->tx->callback_param = x;
	return true;
}

/**
 * dmaconf_submitted - note that a transfer was submitted, whoever did it
 * @x: its memory is the provider's from now on, and what is there unknown until it ends
 *
 * Context: any.
 */
void dmaconf_submitted(struct dmaconf_xfer *x)
{
	struct dmaconf_stream *stream = &x->dc->streams[x->port];

	x->submissions++;
	x->state = DMACONF_SUBMITTED;
	for (unsigned int i = 0; i < x->nto; i++)
		dmaconf_buf_loosen(x->to[i].buf, x->to[i].off, x->to[i].len);
	if (x->dir == DMA_MEM_TO_DEV) {
		x->stream_off = stream->sink_next;
		stream->sink_next += x->len;
	} else if (x->dir == DMA_DEV_TO_MEM) {
		x->stream_off = stream->source_next;
		stream->source_next += x->len;
	}
}

/**
 * dmaconf_try_submit - submit the descriptor
 * @x: prepared
 *
 * Context: any.
 * Return: false when the provider refused it.
 */
bool dmaconf_try_submit(struct dmaconf_xfer *x)
{
	struct dma_async_tx_descriptor *tx = x->tx;

	/* From here on the descriptor is the provider's. */
	x->tx = NULL;
	x->cookie = dmaengine_submit(tx);
	x->state = x->cookie > 0 ? DMACONF_SUBMITTED : DMACONF_REFUSED;
	if (x->state == DMACONF_SUBMITTED)
		dmaconf_submitted(x);
	return x->state == DMACONF_SUBMITTED;
}

/**
 * dmaconf_chain - have a transfer submitted by the completion of another
 * @first: prepared
 * @second: prepared, of any channel of a public provider; it gets no cookie here
 *
 * As async_tx does it; needs CONFIG_ASYNC_TX_ENABLE_CHANNEL_SWITCH.
 *
 * Context: any.
 */
void dmaconf_chain(struct dmaconf_xfer *first, struct dmaconf_xfer *second)
{
	txd_lock(first->tx);
	txd_chain(first->tx, second->tx);
	txd_unlock(first->tx);
	second->tx = NULL;
	dmaconf_submitted(second);
}

/**
 * dmaconf_try_queue - prepare and submit
 * @x: new or ended
 *
 * Context: any.
 * Return: false when the provider refused one of them.
 */
bool dmaconf_try_queue(struct dmaconf_xfer *x)
{
	return dmaconf_try_prep(x) && dmaconf_try_submit(x);
}

/**
 * dmaconf_queue - prepare and submit a transfer that must be accepted
 * @x: new or ended
 *
 * Context: may sleep; asserts.
 */
void dmaconf_queue(struct dmaconf_xfer *x)
{
	struct kunit *test = x->dc->test;

	if (!dmaconf_try_prep(x))
		KUNIT_FAIL_AND_ABORT(test, "prep refused a plain transfer of %zu bytes (%pe)",
				     x->len, x->tx);
	if (!dmaconf_try_submit(x))
		KUNIT_FAIL_AND_ABORT(test, "submit refused a plain transfer: cookie %d",
				     x->cookie);
}

/**
 * dmaconf_issue - start what was submitted
 * @dc: the test
 *
 * Context: any.
 */
void dmaconf_issue(struct dmaconf *dc)
{
	dma_async_issue_pending(dc->chan);
}

/**
 * dmaconf_start - prepare, submit and issue a transfer that must be accepted
 * @x: new or ended
 *
 * Context: may sleep; asserts.
 */
void dmaconf_start(struct dmaconf_xfer *x)
{
	dmaconf_queue(x);
	dmaconf_issue(x->dc);
}

/**
 * dmaconf_prep_locks - whether the provider keeps a lock from prep to submit
 * @dc: the test, whose channel is idle and free running
 *
 * Providers may, and then no second descriptor can be prepared in between, nor
 * can a client leave one unsubmitted. Runs one plain transfer to find out.
 *
 * Context: may sleep; asserts and expects.
 * Return: whether it does.
 */
bool dmaconf_prep_locks(struct dmaconf *dc)
{
	struct dmaconf_xfer *x = dmaconf_xfer(dc, 64);
	int before = preempt_count();
	bool prepared = dmaconf_try_prep(x);
	int between = preempt_count();

	if (!prepared || !dmaconf_try_submit(x))
		KUNIT_FAIL_AND_ABORT(dc->test, "a plain transfer of %zu bytes was refused", x->len);
	dmaconf_issue(dc);
	dmaconf_finish(x);
	return between != before;
}

static void dmaconf_all_aborted(struct dmaconf *dc)
{
	struct dmaconf_xfer *x;

	list_for_each_entry(x, &dc->xfers, node)
		if (x->state == DMACONF_PREPARED || x->state == DMACONF_SUBMITTED)
			x->state = DMACONF_ABORTED;
}

/**
 * dmaconf_terminate - dmaengine_terminate_async(), noting what it aborts
 * @dc: the test
 *
 * Context: any.
 * Return: what it returned.
 */
int dmaconf_terminate(struct dmaconf *dc)
{
	int ret = dmaengine_terminate_async(dc->chan);

	dmaconf_all_aborted(dc);
	return ret;
}

/**
 * dmaconf_terminate_sync - dmaengine_terminate_sync(), noting what it aborts
 * @dc: the test
 *
 * Context: may sleep.
 * Return: what it returned.
 */
int dmaconf_terminate_sync(struct dmaconf *dc)
{
	int ret = dmaengine_terminate_sync(dc->chan);

	dmaconf_all_aborted(dc);
	dmaconf_streams_resync(dc);
	return ret;
}

/**
 * dmaconf_status - ask for the status of a transfer
 * @x: submitted at some time
 *
 * Context: any.
 * Return: the answer; fields that the provider left alone are 0xa5a5a5a5.
 */
struct dmaconf_status dmaconf_status(struct dmaconf_xfer *x)
{
	struct dmaconf_status status;

	memset(&status, 0xa5, sizeof(status));
	status.status = dmaengine_tx_status(x->dc->chan, x->cookie, &status.state);
	return status;
}

/**
 * dmaconf_status_name - for messages
 * @status: what tx_status returned
 *
 * Context: any.
 * Return: a word.
 */
const char *dmaconf_status_name(enum dma_status status)
{
	static const char * const names[] = {
		[DMA_COMPLETE] = "COMPLETE",
		[DMA_IN_PROGRESS] = "IN_PROGRESS",
		[DMA_PAUSED] = "PAUSED",
		[DMA_ERROR] = "ERROR",
		[DMA_OUT_OF_ORDER] = "OUT_OF_ORDER",
	};

	return status < ARRAY_SIZE(names) ? names[status] : "no enum dma_status";
}
