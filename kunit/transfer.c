// SPDX-License-Identifier: GPL-2.0-only
/*
 * One transfer, step by step: memcpy where the channel can, else slave_sg to
 * or from a data port. What its callback saw is recorded in it.
 */
#include <linux/slab.h>

#include "dmaconf.h"

static void dmaconf_called(struct dmaconf_xfer *x, const struct dmaengine_result *result)
{
	struct dmaconf *dc = x->dc;
	unsigned long irqflags;

	spin_lock_irqsave(&dc->lock, irqflags);
	x->in_hardirq = in_hardirq();
	x->in_softirq = in_serving_softirq();
	x->inline_call = dc->calling_cpu == raw_smp_processor_id();
	dc->seq++;
	if (!x->calls++)
		x->seq = dc->seq;
	if (result) {
		x->result = *result;
		x->got_result = true;
	}
	if (x->state == DMACONF_SUBMITTED && x->calls == x->submissions)
		x->state = DMACONF_ENDED;
	spin_unlock_irqrestore(&dc->lock, irqflags);

	/* After the rule its channel is gone and nothing may be asked of it. */
	if (dc->chan && x->cookie > 0)
		x->status = dmaengine_tx_status(dc->chan, x->cookie, NULL);
	if (dc->chan && x->on_callback)
		x->on_callback(x);
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

static struct dmaconf_xfer *dmaconf_xfer_new(struct dmaconf *dc, size_t len)
{
	struct dmaconf_xfer *x = kzalloc(sizeof(*x), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(dc->test, x);
	x->dc = dc;
	x->len = len;
	x->flags = DMA_PREP_INTERRUPT | DMA_CTRL_ACK;
	x->status = DMA_IN_PROGRESS;
	list_add_tail(&x->node, &dc->xfers);
	return x;
}

/* The memory of a slave transfer as @nents entries; only the dma fields are filled in. */
static void dmaconf_sg_fill(struct dmaconf_xfer *x, unsigned int nents)
{
	dma_addr_t at = x->src ? x->src->dma + x->src_off : x->dst->dma + x->dst_off;
	size_t left = x->len, n;
	struct scatterlist *sg;
	unsigned int i;

	sg_init_table(x->sgl, nents);
	for_each_sg(x->sgl, sg, nents, i) {
		n = i + 1 < nents ? rounddown(left / (nents - i), x->dc->align) : left;
		sg_dma_address(sg) = at;
		sg_dma_len(sg) = n;
		at += n;
		left -= n;
	}
	x->nents = nents;
}

/**
 * dmaconf_xfer_split - spread the memory of a slave transfer over several entries
 * @x: not prepared yet, of at least @nents aligned units
 * @nents: number of scatterlist entries, one after the other in memory
 *
 * Context: may sleep.
 * Return: false when there is no memory for the list.
 */
bool dmaconf_xfer_split(struct dmaconf_xfer *x, unsigned int nents)
{
	struct scatterlist *sgl = kmalloc_array(nents, sizeof(*sgl), GFP_KERNEL);

	if (!sgl)
		return false;
	kfree(x->sgl);
	x->sgl = sgl;
	dmaconf_sg_fill(x, nents);
	return true;
}

/**
 * dmaconf_xfer_between - a memcpy between buffers that exist
 * @dc: the test
 * @dst: destination
 * @dst_off: bytes into it
 * @src: source
 * @src_off: bytes into it
 * @len: bytes
 *
 * Context: may sleep; asserts. The harness frees it after the rule.
 * Return: the transfer.
 */
struct dmaconf_xfer *dmaconf_xfer_between(struct dmaconf *dc, struct dmaconf_buf *dst,
					  size_t dst_off, struct dmaconf_buf *src,
					  size_t src_off, size_t len)
{
	struct dmaconf_xfer *x = dmaconf_xfer_new(dc, len);

	x->dir = DMA_MEM_TO_MEM;
	x->src = src;
	x->src_off = src_off;
	x->dst = dst;
	x->dst_off = dst_off;
	return x;
}

/**
 * dmaconf_xfer_dir - a transfer of a given direction with buffers of its own
 * @dc: the test
 * @len: bytes, rounded up to what the channel can align to
 * @dir: DMA_MEM_TO_MEM is a memcpy; the others move data to or from port 0
 *
 * Context: may sleep; asserts. The harness frees it after the rule.
 * Return: the transfer.
 */
struct dmaconf_xfer *dmaconf_xfer_dir(struct dmaconf *dc, size_t len,
				      enum dma_transfer_direction dir)
{
	struct dmaconf_xfer *x = dmaconf_xfer_new(dc, roundup(len, dc->align));

	x->dir = dir;
	if (dir != DMA_DEV_TO_MEM)
		x->src = dmaconf_buf(dc, x->len, DMA_TO_DEVICE);
	if (dir != DMA_MEM_TO_DEV)
		x->dst = dmaconf_buf(dc, x->len, DMA_FROM_DEVICE);
	if (dir != DMA_MEM_TO_MEM)
		KUNIT_ASSERT_TRUE(dc->test, dmaconf_xfer_split(x, 1));
	return x;
}

/**
 * dmaconf_xfer - a transfer of the kind that is natural for the channel
 * @dc: the test, whose rule needs NEEDS_XFER
 * @len: bytes, rounded up to what the channel can align to
 *
 * Context: may sleep; asserts. The harness frees it after the rule.
 * Return: a memcpy, or else a transfer to port 0.
 */
struct dmaconf_xfer *dmaconf_xfer(struct dmaconf *dc, size_t len)
{
	bool memcpy = dma_has_cap(DMA_MEMCPY, dc->device->cap_mask);

	return dmaconf_xfer_dir(dc, len, memcpy ? DMA_MEM_TO_MEM : DMA_MEM_TO_DEV);
}

static void dmaconf_sg_scatter(struct dmaconf_xfer *x)
{
	struct scatterlist *sg;
	unsigned int i;

	sg_init_table(x->sgl, x->npieces);
	for_each_sg(x->sgl, sg, x->npieces, i) {
		sg_dma_address(sg) = x->pieces[i].buf->dma + x->pieces[i].off;
		sg_dma_len(sg) = x->pieces[i].len;
		x->len += x->pieces[i].len;
	}
	x->nents = x->npieces;
}

/**
 * dmaconf_xfer_scattered - a slave transfer from or to memory in many places
 * @dc: the test
 * @dir: DMA_MEM_TO_DEV or DMA_DEV_TO_MEM, to or from port 0
 * @pieces: where, in list order; copied
 * @npieces: how many
 *
 * Lengths and offsets are taken as they are, whatever the channel can align to.
 *
 * Context: may sleep; asserts. The harness frees it after the rule.
 * Return: the transfer.
 */
struct dmaconf_xfer *dmaconf_xfer_scattered(struct dmaconf *dc, enum dma_transfer_direction dir,
					    const struct dmaconf_piece *pieces,
					    unsigned int npieces)
{
	struct dmaconf_xfer *x = dmaconf_xfer_new(dc, 0);

	x->dir = dir;
	x->pieces = kmemdup(pieces, array_size(npieces, sizeof(*pieces)), GFP_KERNEL);
	x->sgl = kmalloc_array(npieces, sizeof(*x->sgl), GFP_KERNEL);
	KUNIT_ASSERT_TRUE(dc->test, x->pieces && x->sgl);
	x->npieces = npieces;
	dmaconf_sg_scatter(x);
	return x;
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
	struct dma_chan *chan = x->dc->chan;

	if (x->dir == DMA_MEM_TO_MEM)
		x->tx = dmaengine_prep_dma_memcpy(chan, x->dst->dma + x->dst_off,
						  x->src->dma + x->src_off, x->len, x->flags);
	else
		x->tx = dmaengine_prep_slave_sg(chan, x->sgl, x->nents, x->dir, x->flags);
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

/* What is there is unknown until the transfer has ended. */
static void dmaconf_xfer_queued(struct dmaconf_xfer *x)
{
	struct dmaconf_stream *stream = &x->dc->streams[x->port];

	if (x->dst)
		dmaconf_buf_loosen(x->dst, x->dst_off, x->len);
	for (unsigned int i = 0; x->dir == DMA_DEV_TO_MEM && i < x->npieces; i++)
		dmaconf_buf_loosen(x->pieces[i].buf, x->pieces[i].off, x->pieces[i].len);
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
	if (x->state == DMACONF_SUBMITTED) {
		x->submissions++;
		dmaconf_xfer_queued(x);
	}
	return x->state == DMACONF_SUBMITTED;
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
