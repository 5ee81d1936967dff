// SPDX-License-Identifier: GPL-2.0-only
/*
 * One transfer, step by step, of any type. What its callback saw is recorded
 * in it.
 */
#include <linux/slab.h>

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

/* In this order: what moves whole buffers, and needs the fewest of them, first. */
static const struct {
	const struct dmaconf_type *type;
	enum dma_transfer_direction dir;
} dmaconf_naturals[] = {
	{ &dmaconf_memcpy, DMA_MEM_TO_MEM },
	{ &dmaconf_xor, DMA_MEM_TO_MEM },
	{ &dmaconf_pq, DMA_MEM_TO_MEM },
	{ &dmaconf_memset, DMA_MEM_TO_MEM },
	{ &dmaconf_memset_sg, DMA_MEM_TO_MEM },
	{ &dmaconf_interleaved, DMA_MEM_TO_MEM },
	{ &dmaconf_slave_sg, DMA_MEM_TO_DEV },
	{ &dmaconf_slave_sg, DMA_DEV_TO_MEM },
	{ &dmaconf_interleaved, DMA_MEM_TO_DEV },
	{ &dmaconf_interleaved, DMA_DEV_TO_MEM },
};

/**
 * dmaconf_natural - find the kind of transfer that is natural for the channel
 * @dc: the test; @dc->type, @dc->dir and @dc->align are filled in
 *
 * Memory to memory where the channel can, for that needs no peripheral.
 *
 * Context: any.
 */
void dmaconf_natural(struct dmaconf *dc)
{
	for (int i = 0; i < ARRAY_SIZE(dmaconf_naturals); i++) {
		if (!dmaconf_naturals[i].type->offered(dc, dmaconf_naturals[i].dir))
			continue;
		dc->type = dmaconf_naturals[i].type;
		dc->dir = dmaconf_naturals[i].dir;
		dc->align = dc->type->align(dc);
		return;
	}
}

/**
 * dmaconf_next_type - go through the kinds of transfer in memory that the channel offers
 * @dc: the test
 * @prev: the last one, NULL to begin
 *
 * Context: any.
 * Return: the next one, or NULL after the last. What neither reads nor writes
 * memory is not among them.
 */
const struct dmaconf_type *dmaconf_next_type(const struct dmaconf *dc,
					     const struct dmaconf_type *prev)
{
	bool found = !prev;

	for (int i = 0; i < ARRAY_SIZE(dmaconf_naturals); i++) {
		if (dmaconf_naturals[i].dir != DMA_MEM_TO_MEM)
			continue;
		if (found && dmaconf_naturals[i].type->offered(dc, DMA_MEM_TO_MEM))
			return dmaconf_naturals[i].type;
		found |= dmaconf_naturals[i].type == prev;
	}
	return NULL;
}

/**
 * dmaconf_xfer_new - a transfer that a rule gives its own shape
 * @dc: the test
 * @type: kind of transfer
 * @dir: direction
 * @len: bytes
 *
 * The rule fills in what its type needs, then calls dmaconf_xfer_ready().
 *
 * Context: may sleep; asserts. The harness frees it after the rule.
 * Return: the transfer.
 */
struct dmaconf_xfer *dmaconf_xfer_new(struct dmaconf *dc, const struct dmaconf_type *type,
				      enum dma_transfer_direction dir, size_t len)
{
	struct dmaconf_xfer *x = kzalloc(sizeof(*x), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(dc->test, x);
	x->dc = dc;
	x->type = type;
	x->dir = dir;
	x->len = len;
	x->flags = DMA_PREP_INTERRUPT | DMA_CTRL_ACK;
	x->status = DMA_IN_PROGRESS;
	list_add_tail(&x->node, &dc->xfers);
	return x;
}

/**
 * dmaconf_pieces - allocate the lists of memory of a transfer
 * @x: new; it has none yet
 * @nfrom: pieces that it reads
 * @nto: pieces that it writes
 *
 * Context: may sleep; asserts.
 */
void dmaconf_pieces(struct dmaconf_xfer *x, unsigned int nfrom, unsigned int nto)
{
	x->from = kcalloc(nfrom, sizeof(*x->from), GFP_KERNEL);
	x->to = kcalloc(nto, sizeof(*x->to), GFP_KERNEL);
	KUNIT_ASSERT_TRUE(x->dc->test, x->from && x->to);
	x->nfrom = nfrom;
	x->nto = nto;
}

static void dmaconf_give_memory(struct dmaconf *dc, struct dmaconf_piece *pieces, unsigned int n,
				enum dma_data_direction dir)
{
	for (unsigned int i = 0; i < n; i++)
		if (!pieces[i].buf)
			pieces[i].buf = dmaconf_buf(dc, pieces[i].len, dir);
}

/**
 * dmaconf_xfer_ready - give a transfer the memory that it has not yet
 * @x: with its lists of memory allocated
 *
 * Context: may sleep; asserts.
 * Return: @x, ready for prep.
 */
struct dmaconf_xfer *dmaconf_xfer_ready(struct dmaconf_xfer *x)
{
	dmaconf_give_memory(x->dc, x->from, x->nfrom, DMA_TO_DEVICE);
	dmaconf_give_memory(x->dc, x->to, x->nto, DMA_FROM_DEVICE);
	if (x->type->args)
		x->type->args(x);
	return x;
}

/**
 * dmaconf_sgl - make the scatterlist of a transfer
 * @x: not prepared yet
 * @pieces: one for each entry
 * @n: entries
 *
 * Only the DMA fields are filled in.
 *
 * Context: may sleep; asserts.
 */
void dmaconf_sgl(struct dmaconf_xfer *x, const struct dmaconf_piece *pieces, unsigned int n)
{
	struct scatterlist *sg;
	unsigned int i;

	kfree(x->sgl);
	x->sgl = kmalloc_array(n, sizeof(*sg), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(x->dc->test, x->sgl);
	sg_init_table(x->sgl, n);
	for_each_sg(x->sgl, sg, n, i) {
		sg_dma_address(sg) = pieces[i].buf->dma + pieces[i].off;
		sg_dma_len(sg) = pieces[i].len;
	}
	x->nents = n;
}

/**
 * dmaconf_xfer_split - spread the memory of a slave transfer over several entries
 * @x: not prepared yet, in one piece of at least @nents aligned units
 * @nents: number of scatterlist entries, one after the other in memory
 *
 * A type that takes no list stays as it is.
 *
 * Context: may sleep; asserts.
 * Return: false when there is no memory for the list.
 */
bool dmaconf_xfer_split(struct dmaconf_xfer *x, unsigned int nents)
{
	bool reads = x->dir == DMA_MEM_TO_DEV;
	struct dmaconf_piece at = reads ? x->from[0] : x->to[0];
	size_t left = x->len, align = x->type->align(x->dc);
	struct dmaconf_piece *pieces;

	if (!x->sgl && !x->vecs)
		return true;
	pieces = kcalloc(nents, sizeof(*pieces), GFP_KERNEL);
	if (!pieces)
		return false;
	for (unsigned int i = 0; i < nents; i++) {
		at.len = i + 1 < nents ? rounddown(left / (nents - i), align) : left;
		pieces[i] = at;
		at.off += at.len;
		left -= at.len;
	}
	kfree(reads ? x->from : x->to);
	*(reads ? &x->from : &x->to) = pieces;
	*(reads ? &x->nfrom : &x->nto) = nents;
	x->type->args(x);
	return true;
}

/**
 * dmaconf_xfer_of - a transfer of a given type, with buffers of its own
 * @dc: the test
 * @type: kind of transfer, which the channel offers
 * @dir: in this direction; other than DMA_MEM_TO_MEM it is to or from port 0
 * @len: bytes, rounded up to what the type can align to
 *
 * Context: may sleep; asserts. The harness frees it after the rule.
 * Return: the transfer.
 */
struct dmaconf_xfer *dmaconf_xfer_of(struct dmaconf *dc, const struct dmaconf_type *type,
				     enum dma_transfer_direction dir, size_t len)
{
	struct dmaconf_xfer *x = dmaconf_xfer_new(dc, type, dir, roundup(len, type->align(dc)));

	type->shape(x);
	return dmaconf_xfer_ready(x);
}

/**
 * dmaconf_xfer_dir - a transfer in a given direction with buffers of its own
 * @dc: the test
 * @len: bytes, rounded up to what the channel can align to
 * @dir: DMA_MEM_TO_MEM is for channels whose natural transfers stay in memory;
 *	the others move data to or from port 0
 *
 * Context: may sleep; asserts. The harness frees it after the rule.
 * Return: the transfer, of the natural type when that has this direction, else a
 * slave_sg.
 */
struct dmaconf_xfer *dmaconf_xfer_dir(struct dmaconf *dc, size_t len,
				      enum dma_transfer_direction dir)
{
	bool natural = dc->type && (dir == dc->dir || dc->type->offered(dc, dir));

	return dmaconf_xfer_of(dc, natural ? dc->type : &dmaconf_slave_sg, dir, len);
}

/**
 * dmaconf_xfer - a transfer of the kind that is natural for the channel
 * @dc: the test, whose rule needs NEEDS_XFER
 * @len: bytes, rounded up to what the channel can align to
 *
 * Context: may sleep; asserts. The harness frees it after the rule.
 * Return: a transfer in memory, memcpy first, or else one to or from port 0.
 */
struct dmaconf_xfer *dmaconf_xfer(struct dmaconf *dc, size_t len)
{
	return dmaconf_xfer_of(dc, dc->type, dc->dir, len);
}

/* Where the first of some pieces is. */
static void dmaconf_place(struct dmaconf_piece *pieces, unsigned int n, struct dmaconf_buf *buf,
			  size_t off)
{
	if (!n)
		return;
	pieces[0].buf = buf;
	pieces[0].off = buf ? off : 0;
}

/**
 * dmaconf_xfer_between - a natural transfer between buffers that exist
 * @dc: the test, whose rule needs NEEDS_XFER
 * @dst: first destination; of a channel that does not stay in memory, NULL
 *	stands for port 0
 * @dst_off: bytes into it
 * @src: first source; NULL stands for port 0, or for a buffer of its own
 * @src_off: bytes into it
 * @len: bytes, taken as they are
 *
 * Context: may sleep; asserts. The harness frees it after the rule.
 * Return: the transfer.
 */
struct dmaconf_xfer *dmaconf_xfer_between(struct dmaconf *dc, struct dmaconf_buf *dst,
					  size_t dst_off, struct dmaconf_buf *src,
					  size_t src_off, size_t len)
{
	enum dma_transfer_direction dir = dmaconf_in_memory(dc) ? DMA_MEM_TO_MEM :
					  dst ? DMA_DEV_TO_MEM : DMA_MEM_TO_DEV;
	struct dmaconf_xfer *x = dmaconf_xfer_new(dc, dc->type, dir, len);

	x->type->shape(x);
	dmaconf_place(x->from, x->nfrom, src, src_off);
	dmaconf_place(x->to, x->nto, dst, dst_off);
	return dmaconf_xfer_ready(x);
}

/**
 * dmaconf_xfer_linking - a transfer of a given type between memory that exists
 * @dc: the test
 * @type: kind of transfer in memory, which the channel offers
 * @to: first destination, as long as the transfer
 * @from: first source
 *
 * Context: may sleep; asserts. The harness frees it after the rule.
 * Return: the transfer.
 */
struct dmaconf_xfer *dmaconf_xfer_linking(struct dmaconf *dc, const struct dmaconf_type *type,
					  const struct dmaconf_piece *to,
					  const struct dmaconf_piece *from)
{
	struct dmaconf_xfer *x = dmaconf_xfer_new(dc, type, DMA_MEM_TO_MEM, to->len);

	type->shape(x);
	dmaconf_place(x->from, x->nfrom, from->buf, from->off);
	dmaconf_place(x->to, x->nto, to->buf, to->off);
	return dmaconf_xfer_ready(x);
}

/**
 * dmaconf_xfer_scattered - a transfer from or to memory in many places
 * @dc: the test
 * @dir: DMA_MEM_TO_DEV or DMA_DEV_TO_MEM, to or from port 0; DMA_MEM_TO_MEM for
 *	a memset_sg
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
	const struct dmaconf_type *type = dir == DMA_MEM_TO_MEM ? &dmaconf_memset_sg :
								  &dmaconf_slave_sg;
	struct dmaconf_xfer *x = dmaconf_xfer_new(dc, type, dir, 0);
	bool reads = dir == DMA_MEM_TO_DEV;

	dmaconf_pieces(x, reads ? npieces : 0, reads ? 0 : npieces);
	memcpy(reads ? x->from : x->to, pieces, array_size(npieces, sizeof(*pieces)));
	for (unsigned int i = 0; i < npieces; i++)
		x->len += pieces[i].len;
	return dmaconf_xfer_ready(x);
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
	x->tx = x->type->prep(x);
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
	if (x->state == DMACONF_SUBMITTED) {
		x->submissions++;
		dmaconf_xfer_queued(x);
	}
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
	second->submissions++;
	second->state = DMACONF_SUBMITTED;
	dmaconf_xfer_queued(second);
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
