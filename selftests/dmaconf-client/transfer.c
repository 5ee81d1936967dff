// SPDX-License-Identifier: GPL-2.0-only
/* Transfers from their submission to their end, and what their callbacks say. */
#include <linux/delay.h>
#include <linux/dmaengine.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/wait.h>

#include "client.h"

static void client_called(void *param, const struct dmaengine_result *result)
{
	struct client_xfer *x = param;

	if (result)
		x->result = *result;
	x->seq = atomic_inc_return(&x->client->seq);
	if (x->metadata.expected && !atomic_read(&x->calls))
		client_metadata_came(x);
	/* Whoever sees the count sees the rest. */
	atomic_inc_return_release(&x->calls);
	wake_up_all(&x->client->called);
}

static void client_called_plainly(void *param)
{
	client_called(param, NULL);
}

/**
 * client_calls - how often a transfer was called back since its submission
 * @x: the transfer
 *
 * Context: may sleep; the lock of the session is held.
 * Return: a number, 0 when it was not.
 */
int client_calls(struct client_xfer *x)
{
	return atomic_read_acquire(&x->calls);
}

/**
 * client_xfer_start - forget what callbacks said of a transfer
 * @x: the transfer, about to be submitted or submitted again
 *
 * Context: may sleep; the lock of the session is held.
 */
void client_xfer_start(struct client_xfer *x)
{
	x->seq = 0;
	x->result = (struct dmaengine_result){ .result = DMA_TRANS_NOERROR };
	atomic_set(&x->calls, 0);
}

/**
 * client_use - there are @by more that access some buffers
 * @c: the session, locked
 * @bufs: mask of the buffers
 * @by: 1 or -1
 *
 * Context: may sleep; the lock of the session is held.
 */
void client_use(struct client *c, u32 bufs, int by)
{
	for (int i = 0; i < CLIENT_BUFS; i++)
		c->bufs[i].users += bufs & BIT(i) ? by : 0;
}

/**
 * client_xfer_begin - a transfer that was prepared
 * @c: the session, locked
 * @x: the transfer, with what is the type's own filled in
 * @bufs: mask of the buffers that it uses
 *
 * Context: may sleep; the lock of the session is held.
 */
void client_xfer_begin(struct client *c, struct client_xfer *x, u32 bufs)
{
	x->client = c;
	x->state = CLIENT_XFER_PREPARED;
	x->cookie = 0;
	x->bufs = bufs;
	x->reused = false;
	x->metadata.expected = false;
	client_xfer_start(x);
	if (x->called) {
		x->tx->callback = x->plain ? client_called_plainly : NULL;
		x->tx->callback_result = x->plain ? NULL : client_called;
		x->tx->callback_param = x;
	}
	client_use(c, bufs, 1);
}

/**
 * client_xfer_end - a transfer that is over for good; its buffers are free again
 * @c: the session, locked
 * @x: the transfer
 *
 * Context: may sleep; the lock of the session is held.
 */
void client_xfer_end(struct client *c, struct client_xfer *x)
{
	if (x->state == CLIENT_XFER_KEPT)
		client_xfer_again(c, x);
	x->state = CLIENT_XFER_ENDED;
	x->tx = NULL;
	client_use(c, x->bufs, -1);
	x->bufs = 0;
}

static bool client_xfer_over(struct client *c, struct client_xfer *x)
{
	enum dma_status status;

	if (x->cyclic)
		return false;
	if (x->called)
		return client_calls(x) > 0;
	status = dma_async_is_tx_complete(c->chan, x->cookie, NULL, NULL);
	return status == DMA_COMPLETE || status == DMA_ERROR;
}

/**
 * client_xfers_reap - notice which transfers are over
 * @c: the session, locked
 *
 * Context: may sleep; the lock of the session is held.
 */
void client_xfers_reap(struct client *c)
{
	for (int i = 0; i < CLIENT_XFERS; i++) {
		struct client_xfer *x = &c->xfers[i];

		if (x->state != CLIENT_XFER_SUBMITTED || !client_xfer_over(c, x))
			continue;
		if (x->reused)
			client_xfer_keep(c, x);
		else
			client_xfer_end(c, x);
	}
}

/**
 * client_xfers_stop - the channel was terminated: what was prepared is gone
 * @c: the session, locked
 *
 * Context: may sleep; the lock of the session is held.
 */
void client_xfers_stop(struct client *c)
{
	for (int i = 0; i < CLIENT_XFERS; i++) {
		struct client_xfer *x = &c->xfers[i];

		if (x->state == CLIENT_XFER_PREPARED || x->state == CLIENT_XFER_KEPT)
			client_xfer_end(c, x);
		else if (x->state == CLIENT_XFER_SUBMITTED)
			x->state = CLIENT_XFER_STOPPED;
	}
}

/**
 * client_xfers_end - the channel is at rest: nothing of it comes any more
 * @c: the session, locked
 *
 * Context: may sleep; the lock of the session is held.
 */
void client_xfers_end(struct client *c)
{
	for (int i = 0; i < CLIENT_XFERS; i++)
		if (c->xfers[i].state != CLIENT_XFER_NONE &&
		    c->xfers[i].state != CLIENT_XFER_ENDED)
			client_xfer_end(c, &c->xfers[i]);
}

/**
 * client_idle - whether nothing is prepared, submitted, stopped or kept
 * @c: the session, locked
 *
 * Context: may sleep; the lock of the session is held.
 * Return: whether that is so.
 */
bool client_idle(const struct client *c)
{
	for (int i = 0; i < CLIENT_XFERS; i++)
		if (c->xfers[i].state != CLIENT_XFER_NONE &&
		    c->xfers[i].state != CLIENT_XFER_ENDED)
			return false;
	return true;
}

static bool client_running(struct client *c)
{
	client_xfers_reap(c);
	for (int i = 0; i < CLIENT_XFERS; i++)
		if (c->xfers[i].state == CLIENT_XFER_SUBMITTED)
			return true;
	return false;
}

/**
 * client_xfers_drain - let everything come to its end, where it cannot be stopped
 * @c: the session, locked; it holds a channel
 *
 * Context: may sleep, CLIENT_WAIT_MS at most.
 * Return: whether it did.
 */
bool client_xfers_drain(struct client *c)
{
	ktime_t until = ktime_add_ms(ktime_get(), CLIENT_WAIT_MS);

	dma_async_issue_pending(c->chan);
	while (client_running(c)) {
		if (ktime_after(ktime_get(), until))
			return false;
		usleep_range(100, 1000);
	}
	return true;
}

/**
 * client_xfer - the transfer that a word names
 * @c: the session, locked
 * @word: the word
 * @x: filled in
 *
 * Context: may sleep; the lock of the session is held.
 * Return: 0, or the errno of what was answered.
 */
int client_xfer(struct client *c, const char *word, struct client_xfer **x)
{
	unsigned int index;
	int ret;

	ret = client_number(word, 0, CLIENT_XFERS - 1, &index);
	if (ret)
		return client_refuse(c, ret, "not a transfer: %s", word);
	*x = &c->xfers[index];
	if ((*x)->state == CLIENT_XFER_NONE)
		return client_refuse(c, -ENOENT, "no transfer %u", index);
	return 0;
}

/* Handler. */
int client_submit(struct client *c, struct client_args *args)
{
	struct client_xfer *x;
	int ret = client_xfer(c, args->word[0], &x);

	if (ret)
		return ret;
	if (x->state == CLIENT_XFER_KEPT) {
		/* Its callback may not have returned yet. */
		dmaengine_synchronize(c->chan);
		client_xfer_again(c, x);
	}
	if (x->state != CLIENT_XFER_PREPARED)
		return client_refuse(c, -EALREADY, "it is not prepared");
	client_xfer_start(x);
	x->cookie = dmaengine_submit(x->tx);
	ret = dma_submit_error(x->cookie);
	if (ret) {
		/* The descriptor is the provider's again. */
		client_xfer_end(c, x);
		x->state = CLIENT_XFER_NONE;
		return client_refuse(c, ret, "the provider refused");
	}
	x->state = CLIENT_XFER_SUBMITTED;
	client_say(c, "cookie=%d", x->cookie);
	return 0;
}

/* Handler. */
int client_issue(struct client *c, struct client_args *args)
{
	dma_async_issue_pending(c->chan);
	return 0;
}

static const char * const client_results[] = {
	[DMA_TRANS_NOERROR] = "noerror",
	[DMA_TRANS_READ_FAILED] = "read-failed",
	[DMA_TRANS_WRITE_FAILED] = "write-failed",
	[DMA_TRANS_ABORTED] = "aborted",
};

static const char * const client_statuses[] = {
	[DMA_COMPLETE] = "complete",
	[DMA_IN_PROGRESS] = "in-progress",
	[DMA_PAUSED] = "paused",
	[DMA_ERROR] = "error",
	[DMA_OUT_OF_ORDER] = "out-of-order",
};

/* What is known of a transfer that was submitted. */
static void client_tell(struct client *c, struct client_xfer *x)
{
	struct dma_tx_state state = {};
	enum dma_status status;
	unsigned int result;

	status = dmaengine_tx_status(c->chan, x->cookie, &state);
	result = x->result.result;
	client_say(c, "%s residue=%u calls=%d seq=%d result=%s left=%u sums=%#x",
		   status < ARRAY_SIZE(client_statuses) ? client_statuses[status] : "?",
		   state.residue, client_calls(x), x->seq,
		   result < ARRAY_SIZE(client_results) ? client_results[result] : "?",
		   x->result.residue, x->sums);
}

/* Handler: it does not wait. */
int client_status(struct client *c, struct client_args *args)
{
	struct client_xfer *x;
	int ret = client_xfer(c, args->word[0], &x);

	if (ret)
		return ret;
	if (x->state == CLIENT_XFER_PREPARED || !x->cookie)
		return client_refuse(c, -EAGAIN, "it was never submitted");
	client_tell(c, x);
	return 0;
}

/* A transfer without a callback is asked for every millisecond. */
static int client_await(struct client *c, struct client_xfer *x, unsigned int ms, int calls)
{
	ktime_t until = ktime_add_ms(ktime_get(), ms);
	long left;

	if (x->called) {
		left = wait_event_interruptible_timeout(c->called,
							client_calls(x) >= calls ||
							READ_ONCE(c->gone),
							msecs_to_jiffies(ms));
		return left < 0 ? -EINTR : left || client_calls(x) >= calls ? 0 : -ETIMEDOUT;
	}
	while (!client_xfer_over(c, x)) {
		if (READ_ONCE(c->gone) || ktime_after(ktime_get(), until))
			return -ETIMEDOUT;
		if (msleep_interruptible(1))
			return -EINTR;
	}
	return 0;
}

/* Handler. */
int client_wait(struct client *c, struct client_args *args)
{
	unsigned int ms, calls = 1;
	struct client_xfer *x;
	int ret = client_xfer(c, args->word[0], &x);

	if (ret)
		return ret;
	ret = client_number(args->word[1], 0, CLIENT_WAIT_MS, &ms);
	if (!ret && args->n > 2)
		ret = client_number(args->word[2], 1, INT_MAX, &calls);
	if (ret)
		return client_refuse(c, ret, "not a bound");
	if (x->state == CLIENT_XFER_PREPARED || !x->cookie)
		return client_refuse(c, -EAGAIN, "it was never submitted");
	if (x->state == CLIENT_XFER_SUBMITTED || x->state == CLIENT_XFER_STOPPED)
		ret = client_await(c, x, ms, calls);
	if (READ_ONCE(c->gone))
		return client_refuse(c, -ENODEV, "the provider is gone");
	if (ret)
		return client_refuse(c, ret, "%d callbacks", client_calls(x));
	client_xfers_reap(c);
	client_tell(c, x);
	return 0;
}
