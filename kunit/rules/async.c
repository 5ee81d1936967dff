// SPDX-License-Identifier: GPL-2.0-only
/*
 * Public use by way of async_tx, as RAID does it: chains of operations on one
 * channel, in which each reads what the one before it wrote, and only the last
 * one is called back.
 */
#include <linux/async_tx.h>
#include <linux/kref.h>
#include <linux/slab.h>
#include <linux/swiotlb.h>

#include "dmaconf.h"

#define LEN		1024
#define MOST_SOURCES	20
#define ROUNDS		12

/* async_tx is built in if this is; where it is a module it may not be loaded. */
#if defined(CONFIG_DMACONF_ASYNC_TX) && defined(CONFIG_ASYNC_TX_DMA)

/*
 * From its beginning async_tx holds all public channels, so that nobody can have one
 * for himself. It comes before every provider and before us: what it took is given
 * back, and taken by the rule that uses it.
 */
static int __init async_give_back(void)
{
	dmaengine_put();
	return 0;
}
device_initcall(async_give_back);

/* Memory that async_tx maps by itself. */
static bool unmapped_get(struct dmaconf *dc, struct dmaconf_buf *buf)
{
	buf->mem = (u8 *)__get_free_pages(GFP_KERNEL, get_order(buf->size));
	return buf->mem;
}

static void unmapped_put(struct dmaconf *dc, struct dmaconf_buf *buf)
{
	free_pages((unsigned long)buf->mem, get_order(buf->size));
}

static const struct dmaconf_mem unmapped = {
	.name = "unmapped", .get = unmapped_get, .put = unmapped_put,
};

static struct page *page_of(const struct dmaconf_piece *piece)
{
	return virt_to_page(piece->buf->data);
}

static unsigned int offset_of(const struct dmaconf_piece *piece)
{
	return offset_in_page(piece->buf->data);
}

static struct dma_async_tx_descriptor *call_memcpy(struct dmaconf_xfer *x,
						   struct async_submit_ctl *submit)
{
	return async_memcpy(page_of(x->to), page_of(x->from), offset_of(x->to),
			    offset_of(x->from), x->len, submit);
}

static struct dma_async_tx_descriptor *call_xor(struct dmaconf_xfer *x,
						struct async_submit_ctl *submit)
{
	struct page *pages[MOST_SOURCES];

	for (unsigned int i = 0; i < x->nfrom; i++)
		pages[i] = page_of(&x->from[i]);
	submit->flags |= ASYNC_TX_XOR_ZERO_DST;
	return async_xor(page_of(x->to), pages, offset_of(x->to), x->nfrom, x->len, submit);
}

/* Its coefficients are the powers of 2. */
static struct dma_async_tx_descriptor *call_pq(struct dmaconf_xfer *x,
					       struct async_submit_ctl *submit)
{
	unsigned int offsets[MOST_SOURCES + 2];
	struct page *pages[MOST_SOURCES + 2];

	for (unsigned int i = 0; i < x->nfrom + 2; i++) {
		const struct dmaconf_piece *piece = i < x->nfrom ? &x->from[i] :
								   &x->to[i - x->nfrom];

		pages[i] = page_of(piece);
		offsets[i] = offset_of(piece);
	}
	return async_gen_syndrome(pages, offsets, x->nfrom + 2, x->len, submit);
}

static unsigned int one_source(const struct dmaconf *dc, unsigned long flags)
{
	return 1;
}

static unsigned int xor_sources(const struct dmaconf *dc, unsigned long flags)
{
	return dc->device->max_xor;
}

static unsigned int pq_sources(const struct dmaconf *dc, unsigned long flags)
{
	return max(dma_maxpq(dc->device, flags), 0);
}

/**
 * struct async_op - an operation of async_tx
 * @type: what it asks of the provider
 * @nto: results
 * @limit: sources that the provider takes at a time; more take several steps
 * @call: ask for it
 */
struct async_op {
	const struct dmaconf_type *type;
	unsigned int nto;
	unsigned int (*limit)(const struct dmaconf *dc, unsigned long flags);
	struct dma_async_tx_descriptor *(*call)(struct dmaconf_xfer *x,
						struct async_submit_ctl *submit);
};

static const struct async_op async_ops[] = {
	{ &dmaconf_memcpy, 1, one_source, call_memcpy },
	{ &dmaconf_xor, 1, xor_sources, call_xor },
	{ &dmaconf_pq, 2, pq_sources, call_pq },
};

/* As many sources as it takes for one step, for several, or any number between. */
static unsigned int async_sources(struct dmaconf *dc, const struct async_op *op)
{
	unsigned int limit = op->limit(dc, 0);

	if (limit < 2)
		return limit;
	return min_t(unsigned int, 2 + dmaconf_random(dc, 3 * limit), MOST_SOURCES);
}

/* The first of the sources is what the operation before this one wrote. */
static struct dmaconf_xfer *async_new(struct dmaconf *dc, const struct async_op *op,
				      struct dmaconf_xfer *before)
{
	struct dmaconf_xfer *x = dmaconf_xfer_new(dc, op->type, DMA_MEM_TO_MEM, LEN);
	u8 power = 1;

	dmaconf_pieces(x, async_sources(dc, op), op->nto);
	for (unsigned int i = 0; i < x->nfrom + x->nto; i++) {
		struct dmaconf_piece *piece = i < x->nfrom ? &x->from[i] : &x->to[i - x->nfrom];

		if (!i && before)
			*piece = before->to[before->nto - 1];
		else
			piece->buf = dmaconf_buf_of(dc, &unmapped, LEN, DMA_BIDIRECTIONAL);
		if (!piece->buf)
			dmaconf_not_tested(dc->test, "no memory");
		piece->len = LEN;
	}
	x->scf = kunit_kzalloc(dc->test, x->nfrom, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(dc->test, x->scf);
	for (unsigned int i = 0; i < x->nfrom; i++, power = power << 1 ^ (power & 0x80 ? 0x1d : 0))
		x->scf[i] = power;
	return x;
}

/**
 * struct async_chain - operations of which each depends on the one before it
 * @x: the operations
 * @unmap: what each of them has mapped, with a reference of our own
 * @n: how many
 * @tx: descriptor of the last one, which is not acknowledged
 */
struct async_chain {
	struct dmaconf_xfer *x[5];
	struct dmaengine_unmap_data *unmap[5];
	unsigned int n;
	struct dma_async_tx_descriptor *tx;
};

/*
 * async_tx does not ask whether its mappings succeeded, and CONFIG_DMA_API_DEBUG blames the
 * provider for it when it unmaps them: ask in its place, as long as the descriptor is held.
 */
static struct dmaengine_unmap_data *async_mappings(struct dma_async_tx_descriptor *tx)
{
	struct dmaengine_unmap_data *unmap = tx->unmap;

	for (int i = 0; unmap && i < unmap->to_cnt + unmap->from_cnt + unmap->bidi_cnt; i++)
		dma_mapping_error(unmap->dev, unmap->addr[i]);
	if (unmap)
		kref_get(&unmap->kref);
	return unmap;
}

/* What a provider does not unmap must not stay mapped when the memory is somebody else's. */
static void async_unmap(struct dmaengine_unmap_data *unmap)
{
	int n = 0;

	while (unmap->to_cnt && unmap->to_cnt--)
		dma_unmap_page(unmap->dev, unmap->addr[n++], unmap->len, DMA_TO_DEVICE);
	while (unmap->from_cnt && unmap->from_cnt--)
		dma_unmap_page(unmap->dev, unmap->addr[n++], unmap->len, DMA_FROM_DEVICE);
	while (unmap->bidi_cnt && unmap->bidi_cnt--)
		dma_unmap_page(unmap->dev, unmap->addr[n++], unmap->len, DMA_BIDIRECTIONAL);
}

/* Whether the provider has dropped the unmap data of an operation that has ended, or soon does. */
static bool async_unmapped(struct dmaengine_unmap_data *unmap, bool soon)
{
	bool dropped = soon ? dmaconf_until(kref_read(&unmap->kref) == 1) :
			      kref_read(&unmap->kref) == 1;

	if (!dropped)
		async_unmap(unmap);
	dmaengine_unmap_put(unmap);
	return dropped;
}

static void async_append(struct dmaconf *dc, struct async_chain *chain, const struct async_op *op,
			 bool last)
{
	struct dmaconf_xfer *x = async_new(dc, op, chain->n ? chain->x[chain->n - 1] : NULL);
	struct async_submit_ctl submit;

	chain->x[chain->n++] = x;
	init_async_submit(&submit, last ? 0 : ASYNC_TX_FENCE, chain->tx,
			  last ? dmaconf_plain_callback : NULL, x, NULL);
	dmaconf_submitted(x);
	chain->tx = op->call(x, &submit);
	if (!chain->tx)
		KUNIT_FAIL_AND_ABORT(dc->test,
				     "async_tx had the CPU do a %s of %u sources: prep refused it, or the channel was not found",
				     x->type->name, x->nfrom);
	chain->unmap[chain->n - 1] = async_mappings(chain->tx);
	if (last)
		async_tx_ack(chain->tx);
}

/* on_prep: the descriptor stays the client's until it is acknowledged. */
static void async_keep(struct dmaconf_xfer *x)
{
	struct async_chain *chain = x->priv;

	chain->tx = x->tx;
}

/* What all others depend on, so that async_tx stays on its channel. */
static void async_begin(struct dmaconf *dc, struct async_chain *chain)
{
	struct dmaconf_xfer *x = dmaconf_xfer(dc, 256);

	x->flags &= ~DMA_CTRL_ACK;
	x->on_prep = async_keep;
	x->priv = chain;
	KUNIT_ASSERT_TRUE(dc->test, dmaconf_try_prep(x));
	if (async_tx_test_ack(chain->tx)) {
		dmaconf_try_submit(x);
		KUNIT_FAIL_AND_ABORT(dc->test,
				     "prep acknowledged a descriptor for its client: async_tx stops the kernel there");
	}
	KUNIT_ASSERT_TRUE(dc->test, dmaconf_try_submit(x));
}

static unsigned int async_limit(struct dmaconf *dc, const struct dmaconf_xfer *x)
{
	for (int i = 0; i < ARRAY_SIZE(async_ops); i++)
		if (async_ops[i].type == x->type)
			return async_ops[i].limit(dc, 0);
	return 0;
}

static void async_run(struct dmaconf *dc, const struct async_op **ops, unsigned int n)
{
	struct async_chain *chain = kunit_kzalloc(dc->test, sizeof(*chain), GFP_KERNEL);
	const unsigned int links = ARRAY_SIZE(chain->x);
	bool unmapped = true;

	KUNIT_ASSERT_NOT_NULL(dc->test, chain);
	async_begin(dc, chain);
	for (unsigned int i = 0; i < links; i++)
		async_append(dc, chain, ops[dmaconf_random(dc, n)], i + 1 == links);
	dmaconf_issue(dc);
	if (!dmaconf_wait_calls(chain->x[links - 1], 1))
		KUNIT_FAIL_AND_ABORT(dc->test, "the last of %u operations was not called back",
				     links);
	for (unsigned int i = 0; i < links; i++)
		unmapped &= !chain->unmap[i] || async_unmapped(chain->unmap[i], unmapped);
	if (!unmapped)
		dmaconf_inconclusive(dc->test,
				     "what async_tx mapped stays mapped, see map.unmap_put");
	for (unsigned int i = 0; i < links; i++) {
		struct dmaconf_xfer *x = chain->x[i];

		x->state = DMACONF_ENDED;
		if (!dmaconf_xfer_right(x))
			KUNIT_FAIL_AND_ABORT(dc->test,
					     "operation %u of %u, %s of %u sources at %u at a time: wrong",
					     i + 1, links, x->type->name, x->nfrom,
					     async_limit(dc, x));
	}
}

/* async_tx tries again for ever when prep refuses a step: this must be sure not to happen. */
static bool async_takes_most(struct dmaconf *dc, const struct async_op *op, unsigned long flags)
{
	struct dmaconf_xfer *x = dmaconf_xfer_new(dc, op->type, DMA_MEM_TO_MEM, LEN);
	unsigned int n = op->limit(dc, flags);

	if (!n || n > MOST_SOURCES)
		return !!n;
	dmaconf_pieces(x, n, op->nto);
	for (unsigned int i = 0; i < n; i++)
		x->from[i].len = LEN;
	for (unsigned int i = 0; i < op->nto; i++)
		x->to[i] = (struct dmaconf_piece){
			.buf = dmaconf_buf(dc, LEN, DMA_BIDIRECTIONAL), .len = LEN,
		};
	x->flags = flags | DMA_CTRL_ACK | DMA_PREP_FENCE | DMA_PREP_INTERRUPT;
	if (!dmaconf_try_queue(dmaconf_xfer_ready(x)))
		return false;
	dmaconf_issue(dc);
	return dmaconf_wait(x) == DMACONF_DONE;
}

/* What the channel offers of the operations. */
static unsigned int async_offered(struct dmaconf *dc, const struct async_op **ops)
{
	unsigned int n = 0;

	for (int i = 0; i < ARRAY_SIZE(async_ops); i++) {
		const struct async_op *op = &async_ops[i];

		if (!op->type->offered(dc, DMA_MEM_TO_MEM))
			continue;
		if (!async_takes_most(dc, op, 0) ||
		    (op->type == &dmaconf_pq && !async_takes_most(dc, op, DMA_PREP_CONTINUE)))
			dmaconf_inconclusive(dc->test, "a plain %s of %u sources does not work",
					     op->type->name, op->limit(dc, 0));
		ops[n++] = op;
	}
	return n;
}

static void async_chains(struct dmaconf *dc)
{
	const struct async_op *ops[ARRAY_SIZE(async_ops)];
	unsigned int n;

	dmaconf_claim_public(dc);
	/* What an operation reads is mapped when it is submitted: before others have written it. */
	if (is_swiotlb_force_bounce(dc->dev))
		dmaconf_not_tested(dc->test, "async_tx cannot chain where all memory is bounced");
	n = async_offered(dc, ops);
	if (!n)
		dmaconf_not_applicable(dc->test, "the channel offers nothing that async_tx uses");
	for (int i = 0; i < ROUNDS; i++)
		async_run(dc, ops, n);
}

#else

static void async_chains(struct dmaconf *dc)
{
	dmaconf_not_tested(dc->test, "kernel without CONFIG_DMACONF_ASYNC_TX");
}

#endif

/*
 * Broken: RAID and whoever else leaves its channels to async_tx computes wrong parity,
 * waits for ever, or stops the kernel with a BUG.
 */
DMACONF_RULE(pub, async_tx, MUST,
	     "async_tx can use the channel: chains of operations with more sources than it takes at a time, of which only the last is called back, give what the CPU would.",
	     "Documentation/crypto/async-tx-api.rst:91; crypto/async_tx/async_tx.c:143; crypto/async_tx/async_xor.c:42; crypto/async_tx/async_pq.c:53",
	     NEEDS_FREE | NEEDS_XFER | NEEDS_MEMORY)
{
	async_chains(dc);
}
