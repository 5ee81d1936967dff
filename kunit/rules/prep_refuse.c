// SPDX-License-Identifier: GPL-2.0-only
/* Preparation that fails: requests that cannot be met, and no descriptors left. */
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "prep.h"

#define MANY		8192	/* descriptors that no provider keeps in a pool */
#define PREP_SOURCES	32	/* more than most providers combine at once */
#define POOL		64	/* more than small pools have */
#define REFUSALS	300	/* more than descriptors that many have */

/* The next preparation of the channel fails for lack of memory, where a bench can do that. */
static bool prep_inject(struct dmaconf *dc)
{
	return dc->aid && dc->aid->inject &&
	       !dc->aid->inject(dc->chan, DMACONF_INJECT_PREP, 0);
}

static void prep_check_descriptor(struct kunit *test, struct dmaconf_xfer *x,
				  unsigned long more_flags)
{
	struct prep_look *look = prep_look_at(test, x);
	struct dmaconf *dc = x->dc;

	x->flags |= more_flags;
	dmaconf_start(x);
	KUNIT_EXPECT_PTR_EQ_MSG(test, look->chan, dc->chan,
				"the descriptor does not belong to the channel");
	KUNIT_EXPECT_TRUE_MSG(test, look->has_submit, "the descriptor has no tx_submit");
	if (!look->has_flags)
		dmaconf_diag(dc, "prep of %s did not store the flags %#lx", x->type->name,
			     x->flags);
	dmaconf_finish(x);
}

/* Requests that cannot be met. */
enum prep_bad {
	PREP_NO_MEMORY,
	PREP_NO_DIRECTION,
	PREP_NO_ENTRIES,
	PREP_NO_BYTES,
	PREP_TOO_MANY_SOURCES,
	PREP_NO_FRAMES,
	PREP_BAD_LAST,
	PREP_BADS,
};

static const char * const prep_bad_names[] = {
	[PREP_NO_MEMORY] = "no memory for a descriptor",
	[PREP_NO_DIRECTION] = "slave_sg with DMA_TRANS_NONE",
	[PREP_NO_ENTRIES] = "slave_sg without entries",
	[PREP_NO_BYTES] = "memcpy, memset, xor or pq of 0 bytes",
	[PREP_TOO_MANY_SOURCES] = "xor of more sources than max_xor",
	[PREP_NO_FRAMES] = "interleaved without frames",
	[PREP_BAD_LAST] = "slave_sg with an empty entry behind good ones",
};

static bool prep_bad_possible(struct dmaconf *dc, enum prep_bad bad)
{
	switch (bad) {
	case PREP_NO_MEMORY:
		return dc->aid && dc->aid->inject;
	case PREP_NO_BYTES:
		return dmaconf_in_memory(dc);
	case PREP_TOO_MANY_SOURCES:
		return dmaconf_xor.offered(dc, DMA_MEM_TO_MEM) &&
		       dc->device->max_xor < PREP_SOURCES;
	case PREP_NO_FRAMES:
		return dmaconf_interleaved.offered(dc, DMA_MEM_TO_MEM);
	default:
		return dma_has_cap(DMA_SLAVE, dc->device->cap_mask) &&
		       dc->device->device_prep_slave_sg;
	}
}

/* The memory of a request that cannot be met, which may be made again and again. */
static struct dmaconf_xfer *prep_bad_xfer(struct dmaconf *dc, enum prep_bad bad)
{
	struct dmaconf_xfer *x;

	switch (bad) {
	case PREP_NO_BYTES:
		return dmaconf_xfer_dir(dc, 0, DMA_MEM_TO_MEM);
	case PREP_TOO_MANY_SOURCES:
		return dmaconf_xfer_of(dc, &dmaconf_xor, DMA_MEM_TO_MEM, 64);
	case PREP_NO_FRAMES:
		x = dmaconf_xfer_of(dc, &dmaconf_interleaved, DMA_MEM_TO_MEM, 64);
		x->xt->numf = 0;
		return x;
	default:
		return dmaconf_xfer(dc, 64);
	}
}

static struct dma_async_tx_descriptor *prep_no_memory(struct dmaconf_xfer *x)
{
	struct dmaconf *dc = x->dc;

	if (!prep_inject(dc))
		return NULL;
	dmaconf_try_prep(x);
	dc->aid->inject(dc->chan, DMACONF_INJECT_NONE, 0);
	return x->tx;
}

/* The same two buffers over and over. */
static struct dma_async_tx_descriptor *prep_many_sources(struct dmaconf_xfer *x)
{
	struct dma_device *device = x->dc->device;
	dma_addr_t src[PREP_SOURCES];

	for (int i = 0; i < ARRAY_SIZE(src); i++)
		src[i] = x->from[i & 1].buf->dma;
	return device->device_prep_dma_xor(x->dc->chan, dmaconf_dst(x)->dma, src,
					   device->max_xor + 1, x->len, x->flags);
}

/* A list with two good entries and an empty one. */
static struct dma_async_tx_descriptor *prep_list(struct dmaconf_xfer *x, unsigned int nents,
						 enum dma_transfer_direction dir)
{
	struct dmaconf_buf *buf = dmaconf_src(x) ?: dmaconf_dst(x);
	struct scatterlist sg[3];

	sg_init_table(sg, ARRAY_SIZE(sg));
	for (int i = 0; i < ARRAY_SIZE(sg); i++) {
		sg_dma_address(&sg[i]) = buf->dma + 16 * i;
		sg_dma_len(&sg[i]) = i < 2 ? 16 : 0;
	}
	return dmaengine_prep_slave_sg(x->dc->chan, sg, nents, dir, x->flags);
}

static struct dma_async_tx_descriptor *prep_bad_try(struct dmaconf_xfer *x, enum prep_bad bad)
{
	bool sends = dmaconf_offers(x->dc, DMA_MEM_TO_DEV);

	switch (bad) {
	case PREP_NO_MEMORY:
		return prep_no_memory(x);
	case PREP_NO_DIRECTION:
		return prep_list(x, 1, DMA_TRANS_NONE);
	case PREP_NO_ENTRIES:
		return prep_list(x, 0, DMA_MEM_TO_DEV);
	case PREP_BAD_LAST:
		return prep_list(x, 3, sends ? DMA_MEM_TO_DEV : DMA_DEV_TO_MEM);
	case PREP_TOO_MANY_SOURCES:
		return prep_many_sources(x);
	default:
		dmaconf_try_prep(x);
		return x->tx;
	}
}

static struct dma_async_tx_descriptor *prep_bad_call(struct dmaconf *dc, enum prep_bad bad)
{
	return prep_bad_try(prep_bad_xfer(dc, bad), bad);
}

/* A descriptor that should not exist: get rid of it without running it. */
static void prep_discard(struct dmaconf *dc, struct dma_async_tx_descriptor *tx)
{
	tx->callback = NULL;
	tx->callback_result = NULL;
	dmaengine_submit(tx);
	if (dc->device->device_terminate_all)
		dmaconf_terminate_sync(dc);
}

/*
 * Broken: clients test for NULL only: they dereference an error pointer, and the kernel
 * dies where it should have tried again.
 */
DMACONF_RULE(prep, returns, MUST,
	     "Prep returns a descriptor of the channel that can be submitted, or NULL on any failure, never an error pointer.",
	     "Documentation/driver-api/dmaengine/provider.rst:405; include/linux/dmaengine.h:610",
	     NEEDS_XFER)
{
	static const size_t lens[] = { 4, 64, 256, 1024, 4096 };
	const struct dmaconf_type *type = NULL;
	struct dma_async_tx_descriptor *tx;

	for (int i = 0; i < ARRAY_SIZE(lens); i++) {
		prep_check_descriptor(test, dmaconf_xfer(dc, lens[i]), 0);
		prep_check_descriptor(test, dmaconf_xfer(dc, lens[i]), DMA_PREP_FENCE);
	}
	while ((type = dmaconf_next_type(dc, type))) {
		prep_check_descriptor(test, dmaconf_xfer_of(dc, type, DMA_MEM_TO_MEM, 512), 0);
		prep_check_descriptor(test, dmaconf_xfer_of(dc, type, DMA_MEM_TO_MEM, 512),
				      DMA_PREP_FENCE);
	}
	for (enum prep_bad bad = 0; bad < PREP_BADS; bad++) {
		if (!prep_bad_possible(dc, bad))
			continue;
		tx = prep_bad_call(dc, bad);
		KUNIT_EXPECT_FALSE_MSG(test, IS_ERR(tx), "%s: prep returned %pe, not NULL",
				       prep_bad_names[bad], tx);
		if (!IS_ERR_OR_NULL(tx))
			prep_discard(dc, tx);
	}
}

/**
 * struct prep_filled - what happened while descriptors were asked for
 * @n: how many were submitted
 * @refused: prep returned NULL or an error pointer in the end
 * @error: prep returned an error pointer
 * @switched: the task was scheduled away inside prep
 * @longest_ms: longest prep
 */
struct prep_filled {
	int n;
	bool refused;
	bool error;
	bool switched;
	s64 longest_ms;
};

/* Prepare and submit until prep refuses; the bench may make it do so after 100. */
static struct prep_filled prep_fill(struct dmaconf_xfer *x, int max, bool inject)
{
	unsigned long switches = current->nvcsw;
	struct prep_filled f = {};
	ktime_t start;

	while (f.n < max && !f.refused) {
		if (inject && f.n == 100)
			prep_inject(x->dc);
		start = ktime_get();
		f.refused = !dmaconf_try_queue(x);
		f.longest_ms = max(f.longest_ms, ktime_ms_delta(ktime_get(), start));
		f.n += !f.refused;
	}
	f.error = IS_ERR(x->tx);
	f.switched = current->nvcsw != switches;
	return f;
}

static bool prep_queue_or_issue(struct dmaconf_xfer *x)
{
	bool taken = dmaconf_try_queue(x);

	if (!taken)
		dmaconf_issue(x->dc);
	return taken;
}

/* Long queues take long: as long as something ends now and then, wait on. */
static void prep_drain(struct kunit *test, struct dmaconf_xfer *x)
{
	int calls = 0;

	while (calls < x->submissions) {
		dmaconf_wait_calls(x, calls + 1);
		KUNIT_ASSERT_GT_MSG(test, READ_ONCE(x->calls), calls,
				    "of %d transfers no more were called back", x->submissions);
		calls = READ_ONCE(x->calls);
	}
}

static void prep_exhaust(struct kunit *test, struct dmaconf *dc, bool inject)
{
	struct dmaconf_xfer *x = dmaconf_xfer(dc, 16);
	struct prep_filled f = prep_fill(x, MANY, inject);

	KUNIT_EXPECT_FALSE_MSG(test, f.error, "prep %d returned %pe, not NULL", f.n, x->tx);
	KUNIT_EXPECT_FALSE_MSG(test, f.switched, "one of %d preps waited instead of returning NULL",
			       f.n);
	KUNIT_EXPECT_LT_MSG(test, f.longest_ms, dmaconf_timeout_ms(), "one of %d preps took long",
			    f.n);
	if (!f.refused)
		dmaconf_diag(dc, "prep never refused in %d descriptors", f.n);
	/* What cannot be exhausted need not run: it would take long on hardware. */
	if (!f.refused && dc->device->device_terminate_all) {
		KUNIT_ASSERT_EQ(test, dmaconf_terminate_sync(dc), 0);
		dmaconf_transfer(dc, 64);
		return;
	}
	dmaconf_issue(dc);
	if (f.n)
		KUNIT_ASSERT_TRUE_MSG(test, dmaconf_wait_calls(x, 1), "nothing was called back");
	/* async_tx clients try again until it works: crypto/async_tx/async_xor.c:73. */
	KUNIT_ASSERT_TRUE_MSG(test, dmaconf_until(prep_queue_or_issue(x)),
			      "after %d descriptors prep returned NULL, and still does so when transfers have ended",
			      f.n);
	dmaconf_issue(dc);
	prep_drain(test, x);
	dmaconf_xfer_right(x);
	dmaconf_transfer(dc, 64);
}

/*
 * Broken: under load the client's interrupt handler hangs in prep, or the channel
 * refuses everything from then on.
 */
DMACONF_RULE(prep, exhaustion, MUST,
	     "Without descriptors or memory left prep returns NULL at once, and works again when issued transfers have ended.",
	     "crypto/async_tx/async_xor.c:73; crypto/async_tx/async_pq.c:79; Documentation/driver-api/dmaengine/provider.rst:397",
	     NEEDS_XFER)
{
	prep_exhaust(test, dc, false);
	if (dc->aid && dc->aid->inject)
		prep_exhaust(test, dc, true);
}

/* A refusal between two transfers, each of which must not notice. */
static void prep_check_refusal(struct kunit *test, struct dmaconf *dc, enum prep_bad bad,
			       bool *refused)
{
	struct dmaconf_xfer *before = dmaconf_xfer(dc, 128), *after = dmaconf_xfer(dc, 256);
	struct dma_async_tx_descriptor *tx;

	dmaconf_queue(before);
	tx = prep_bad_call(dc, bad);
	if (!IS_ERR_OR_NULL(tx)) {
		prep_discard(dc, tx);
		return;
	}
	*refused = true;
	KUNIT_EXPECT_NE_MSG(test, dmaconf_status(before).status, DMA_ERROR,
			    "%s: an earlier transfer is reported as failed", prep_bad_names[bad]);
	dmaconf_queue(after);
	dmaconf_issue(dc);
	if (!dmaconf_finish(before) || !dmaconf_finish(after))
		KUNIT_FAIL_AND_ABORT(test, "the channel does not work after a refused prep: %s",
				     prep_bad_names[bad]);
}

/* The same with nothing queued when the refusal comes. */
static void prep_check_refusal_idle(struct kunit *test, struct dmaconf *dc, enum prep_bad bad)
{
	struct dma_async_tx_descriptor *tx = prep_bad_call(dc, bad);

	if (!IS_ERR_OR_NULL(tx))
		prep_discard(dc, tx);
	else if (!dmaconf_transfer(dc, 64))
		KUNIT_FAIL_AND_ABORT(test,
				     "the idle channel does not work after a refused prep: %s",
				     prep_bad_names[bad]);
}

/* What a refusal had taken is given back: there is no end of them. */
static void prep_check_refusals(struct kunit *test, struct dmaconf *dc, enum prep_bad bad)
{
	struct dmaconf_xfer *x = prep_bad_xfer(dc, bad), *after = dmaconf_xfer(dc, 64);
	struct dma_async_tx_descriptor *tx = NULL;
	int n;

	for (n = 0; n < REFUSALS && IS_ERR_OR_NULL(tx); n++)
		tx = prep_bad_try(x, bad);
	if (!IS_ERR_OR_NULL(tx)) {
		prep_discard(dc, tx);
		return;
	}
	if (!prep_queue_or_issue(after))
		KUNIT_FAIL_AND_ABORT(test, "after %d refusals prep takes nothing any more: %s", n,
				     prep_bad_names[bad]);
	dmaconf_issue(dc);
	dmaconf_finish(after);
}

/* Broken: one refused request leaves the channel busy for ever, or many use up its descriptors. */
DMACONF_RULE(prep, fail_clean, MUST,
	     "A prep that failed leaves the channel and what is queued on it as it was.",
	     "Documentation/driver-api/dmaengine/provider.rst:405",
	     NEEDS_XFER)
{
	struct dmaconf_xfer *x = dmaconf_xfer(dc, 16);
	struct prep_filled f = prep_fill(x, POOL, false);
	bool refused = f.refused;

	dmaconf_issue(dc);
	prep_drain(test, x);
	dmaconf_xfer_right(x);
	dmaconf_transfer(dc, 64);
	for (enum prep_bad bad = 0; bad < PREP_BADS; bad++) {
		if (!prep_bad_possible(dc, bad))
			continue;
		prep_check_refusal_idle(test, dc, bad);
		prep_check_refusal(test, dc, bad, &refused);
		prep_check_refusals(test, dc, bad);
		dmaconf_transfer(dc, 64);
	}
	if (!refused)
		dmaconf_inconclusive(test, "no prep was refused");
}
