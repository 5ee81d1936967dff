// SPDX-License-Identifier: GPL-2.0-only
/* Preparation of descriptors. */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "dmaconf.h"

#define MANY		8192	/* descriptors that no provider keeps in a pool */
#define PREP_SOURCES	32	/* more than most providers combine at once */
#define POOL		64	/* more than small pools have */
#define ROUNDS		300	/* transfers within which a pool hands out a descriptor again */

/*
 * Calls of async_tx providers are not permitted with interrupts off, those of
 * slave providers are: crypto/async-tx-api.rst, 3.6, and provider.rst.
 */
static bool prep_from_irq_allowed(struct dmaconf *dc)
{
	return dma_has_cap(DMA_SLAVE, dc->device->cap_mask);
}

/* The next preparation of the channel fails for lack of memory, where a bench can do that. */
static bool prep_inject(struct dmaconf *dc)
{
	return dc->aid && dc->aid->inject &&
	       !dc->aid->inject(dc->chan, DMACONF_INJECT_PREP, 0);
}

/* Interrupts were enabled, or the task was scheduled away, inside the calls. */
struct prep_slept {
	bool queued;
	bool irqs_on;
	bool switched;
};

static struct prep_slept prep_queue_atomic(struct dmaconf_xfer *x, bool irqs_off)
{
	unsigned long switches = current->nvcsw, irqflags;
	struct prep_slept slept;

	if (irqs_off)
		local_irq_save(irqflags);
	else
		local_bh_disable();
	slept.queued = dmaconf_try_queue(x);
	if (slept.queued)
		dmaconf_issue(x->dc);
	slept.irqs_on = irqs_off && !irqs_disabled();
	slept.switched = current->nvcsw != switches;
	if (irqs_off)
		local_irq_restore(irqflags);
	else
		local_bh_enable();
	return slept;
}

static void prep_check_atomic(struct kunit *test, struct dmaconf *dc, bool irqs_off)
{
	const char *where = irqs_off ? "with interrupts off" : "with bottom halves off";
	struct dmaconf_xfer *x = dmaconf_xfer(dc, 256);
	int reports = dmaconf_reports();
	struct prep_slept slept;

	slept = prep_queue_atomic(x, irqs_off);
	KUNIT_ASSERT_TRUE_MSG(test, slept.queued, "a plain transfer was refused %s", where);
	KUNIT_ASSERT_FALSE_MSG(test, slept.irqs_on,
			       "prep, submit or issue_pending enabled interrupts");
	KUNIT_ASSERT_FALSE_MSG(test, slept.switched,
			       "prep, submit or issue_pending slept %s", where);
	KUNIT_ASSERT_EQ_MSG(test, dmaconf_reports(), reports,
			    "the kernel warned about prep, submit or issue_pending %s: do they allocate with GFP_KERNEL or take a mutex?",
			       where);
	dmaconf_finish(x);
}

/**
 * struct prep_timer - a transfer that is queued from a timer
 * @x: the transfer
 * @queued: the provider accepted the transfer
 */
struct prep_timer {
	struct dmaconf_xfer *x;
	bool queued;
};

static void prep_queue_in_timer(struct dmaconf *dc, void *arg)
{
	struct prep_timer *pt = arg;

	pt->queued = dmaconf_try_queue(pt->x);
	if (pt->queued)
		dmaconf_issue(dc);
}

static void prep_check_timer(struct kunit *test, struct dmaconf *dc, enum hrtimer_mode mode)
{
	const char *where = mode == HRTIMER_MODE_REL_HARD ? "hard interrupt" : "softirq";
	struct prep_timer pt = { .x = dmaconf_xfer(dc, 256) };

	dmaconf_in_timer(dc, mode, prep_queue_in_timer, &pt);
	KUNIT_ASSERT_TRUE_MSG(test, pt.queued,
			      "a plain transfer was refused in %s context", where);
	dmaconf_finish(pt.x);
}

static void prep_queue_next(struct dmaconf_xfer *x)
{
	if (dmaconf_try_queue(x->priv))
		dmaconf_issue(x->dc);
}

static void prep_check_callback(struct kunit *test, struct dmaconf *dc)
{
	struct dmaconf_xfer *x = dmaconf_xfer(dc, 256), *next = dmaconf_xfer(dc, 128);

	x->on_callback = prep_queue_next;
	x->priv = next;
	dmaconf_start(x);
	if (!dmaconf_finish(x))
		return;
	KUNIT_ASSERT_EQ_MSG(test, next->submissions, 1,
			    "a plain transfer was refused inside a completion callback");
	dmaconf_finish(next);
}

/*
 * Broken: a client that prepares in its interrupt handler or under a lock gets
 * "scheduling while atomic", or loses its lock's protection.
 */
DMACONF_RULE(prep, atomic, MUST,
	     "Prep, submit and issue_pending do not sleep, so that atomic context can call them.",
	     "Documentation/driver-api/dmaengine/provider.rst:395; Documentation/driver-api/dmaengine/client.rst:146; Documentation/crypto/async-tx-api.rst:141",
	     NEEDS_XFER)
{
	dmaconf_sleep_reports();
	prep_check_atomic(test, dc, prep_from_irq_allowed(dc));
	for (int i = 0; i < 3; i++) {
		prep_check_timer(test, dc, HRTIMER_MODE_REL_SOFT);
		if (!prep_from_irq_allowed(dc))
			continue;
		if (!IS_ENABLED(CONFIG_PREEMPT_RT))
			prep_check_timer(test, dc, HRTIMER_MODE_REL_HARD);
		prep_check_callback(test, dc);
	}
}

/**
 * struct prep_look - what a descriptor looks like when prep hands it out
 * @tx: the descriptor, for comparison only
 * @chan: its channel
 * @has_submit: tx_submit is set
 * @has_flags: the client's flags are stored
 * @leftover: what is set that belongs to an earlier transfer, or NULL
 * @unmap: to be set by the client, or NULL
 */
struct prep_look {
	struct dma_async_tx_descriptor *tx;
	struct dma_chan *chan;
	bool has_submit;
	bool has_flags;
	const char *leftover;
	struct dmaengine_unmap_data *unmap;
};

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

static struct prep_look *prep_look_at(struct kunit *test, struct dmaconf_xfer *x)
{
	struct prep_look *look = kunit_kzalloc(test, sizeof(*look), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, look);
	x->on_prep = prep_look;
	x->priv = look;
	return look;
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
	PREP_BADS,
};

static const char * const prep_bad_names[] = {
	[PREP_NO_MEMORY] = "no memory for a descriptor",
	[PREP_NO_DIRECTION] = "slave_sg with DMA_TRANS_NONE",
	[PREP_NO_ENTRIES] = "slave_sg without entries",
	[PREP_NO_BYTES] = "memcpy, memset, xor or pq of 0 bytes",
	[PREP_TOO_MANY_SOURCES] = "xor of more sources than max_xor",
	[PREP_NO_FRAMES] = "interleaved without frames",
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

/* The same two buffers over and over. */
static struct dma_async_tx_descriptor *prep_many_sources(struct dmaconf *dc)
{
	struct dmaconf_xfer *x = dmaconf_xfer_of(dc, &dmaconf_xor, DMA_MEM_TO_MEM, 64);
	dma_addr_t src[PREP_SOURCES];

	for (int i = 0; i < ARRAY_SIZE(src); i++)
		src[i] = x->from[i & 1].buf->dma;
	return dc->device->device_prep_dma_xor(dc->chan, dmaconf_dst(x)->dma, src,
					       dc->device->max_xor + 1, x->len, x->flags);
}

static struct dma_async_tx_descriptor *prep_bad_call(struct dmaconf *dc, enum prep_bad bad)
{
	struct dmaconf_xfer *x = dmaconf_xfer(dc, 64);
	struct dmaconf_buf *buf = dmaconf_src(x) ?: dmaconf_dst(x);
	struct scatterlist sg;

	sg_init_table(&sg, 1);
	sg_dma_address(&sg) = buf->dma;
	sg_dma_len(&sg) = 64;
	switch (bad) {
	case PREP_NO_MEMORY:
		if (!prep_inject(dc))
			return NULL;
		dmaconf_try_prep(x);
		dc->aid->inject(dc->chan, DMACONF_INJECT_NONE, 0);
		return x->tx;
	case PREP_NO_DIRECTION:
		return dmaengine_prep_slave_sg(dc->chan, &sg, 1, DMA_TRANS_NONE, x->flags);
	case PREP_NO_ENTRIES:
		return dmaengine_prep_slave_sg(dc->chan, &sg, 0, DMA_MEM_TO_DEV, x->flags);
	case PREP_TOO_MANY_SOURCES:
		return prep_many_sources(dc);
	case PREP_NO_FRAMES:
		x = dmaconf_xfer_of(dc, &dmaconf_interleaved, DMA_MEM_TO_MEM, 64);
		x->xt->numf = 0;
		dmaconf_try_prep(x);
		return x->tx;
	default:
		x = dmaconf_xfer_dir(dc, 0, DMA_MEM_TO_MEM);
		dmaconf_try_prep(x);
		return x->tx;
	}
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
	struct dmaconf_xfer *clients[3];
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

/* async_tx clients try again until it works: crypto/async_tx/async_xor.c:73. */
static bool prep_succeeds_again(struct dmaconf_xfer *x)
{
	ktime_t end = ktime_add_ms(ktime_get(), dmaconf_timeout_ms());

	while (!dmaconf_try_queue(x)) {
		if (ktime_after(ktime_get(), end))
			return false;
		dmaconf_issue(x->dc);
		usleep_range(20, 100);
	}
	return true;
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
	KUNIT_ASSERT_TRUE_MSG(test, prep_succeeds_again(x),
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

/* Broken: one refused request leaves the channel busy for ever. */
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
	}
	if (!refused)
		dmaconf_inconclusive(test, "no prep was refused");
}

/**
 * struct prep_args - what prep is given by pointer, and belongs to its client again after
 * @decoy: where every address points then
 * @sgl: copy of the scatterlist from before prep
 * @xt: copy of the template from before prep
 * @xt_size: its size
 * @scf: copy of the coefficients from before prep; after it those that prep was given
 * @modified: prep has written to one of them
 */
struct prep_args {
	struct dmaconf_buf *decoy;
	struct scatterlist *sgl;
	struct dma_interleaved_template *xt;
	size_t xt_size;
	u8 *scf;
	bool modified;
};

static void prep_spoil_list(struct dmaconf_xfer *x, struct prep_args *args)
{
	struct scatterlist *sg;
	unsigned int i;

	args->modified |= memcmp(args->sgl, x->sgl, x->nents * sizeof(*x->sgl)) != 0;
	for_each_sg(x->sgl, sg, x->nents, i)
		sg_dma_address(sg) = args->decoy->dma;
}

static void prep_spoil_sources(struct dmaconf_xfer *x, struct prep_args *args)
{
	for (unsigned int i = 0; i < x->nfrom; i++) {
		args->modified |= x->addrs[i] != x->from[i].buf->dma + x->from[i].off;
		x->addrs[i] = args->decoy->dma;
	}
	args->modified |= memcmp(args->scf, x->scf, x->nfrom) != 0;
	memset(x->scf, 0x5c, x->nfrom);
	/* The oracle goes by what prep was told. */
	swap(args->scf, x->scf);
}

static void prep_spoil_template(struct dmaconf_xfer *x, struct prep_args *args)
{
	args->xt->src_start = x->xt->src_start;
	args->xt->dst_start = x->xt->dst_start;
	args->modified |= memcmp(args->xt, x->xt, args->xt_size) != 0;
	x->xt->src_start = args->decoy->dma;
	x->xt->dst_start = args->decoy->dma;
	x->xt->sgl[0].size = 1;
}

/* on_prep: all that was given by pointer may hold anything from here on. */
static void prep_spoil(struct dmaconf_xfer *x)
{
	struct prep_args *args = x->priv;

	if (x->sgl)
		prep_spoil_list(x, args);
	if (x->addrs)
		prep_spoil_sources(x, args);
	if (x->xt)
		prep_spoil_template(x, args);
}

static void *prep_copy(struct kunit *test, const void *from, size_t size)
{
	void *copy = from ? kunit_kmalloc(test, size, GFP_KERNEL) : NULL;

	if (!from)
		return NULL;
	KUNIT_ASSERT_NOT_NULL(test, copy);
	return memcpy(copy, from, size);
}

static void prep_watch_args(struct kunit *test, struct dmaconf_xfer *x)
{
	struct prep_args *args = kunit_kzalloc(test, sizeof(*args), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, args);
	args->decoy = dmaconf_buf(x->dc, x->len, DMA_BIDIRECTIONAL);
	args->xt_size = x->xt ? struct_size(x->xt, sgl, x->xt->frame_size) : 0;
	args->sgl = prep_copy(test, x->sgl, x->nents * sizeof(*x->sgl));
	args->scf = prep_copy(test, x->scf, x->nfrom);
	args->xt = prep_copy(test, x->xt, args->xt_size);
	x->on_prep = prep_spoil;
	x->priv = args;
}

/* Two of a kind, queued together; the arguments of both are gone when they run. */
static void prep_check_args(struct kunit *test, struct dmaconf *dc,
			    const struct dmaconf_type *type, enum dma_transfer_direction dir,
			    unsigned int nents)
{
	struct dmaconf_xfer *x[2];

	for (int i = 0; i < ARRAY_SIZE(x); i++) {
		struct prep_args *args;

		x[i] = dmaconf_xfer_of(dc, type, dir, 512);
		if (nents > 1)
			KUNIT_ASSERT_TRUE(test, dmaconf_xfer_split(x[i], nents));
		prep_watch_args(test, x[i]);
		args = x[i]->priv;
		dmaconf_queue(x[i]);
		KUNIT_EXPECT_FALSE_MSG(test, args->modified,
				       "%s: prep has written to what it was given", type->name);
	}
	dmaconf_issue(dc);
	for (int i = 0; i < ARRAY_SIZE(x); i++)
		if (!dmaconf_finish(x[i]))
			KUNIT_FAIL_AND_ABORT(test,
					     "%s, %u entries: what was changed after prep was used again",
					     type->name, nents);
}

/*
 * Broken: the list, array or template stood on the caller's stack or was used again: the
 * transfer goes to random addresses.
 */
DMACONF_RULE(prep, args_not_retained, MUST,
	     "Nothing that prep was given by pointer is used or modified after it has returned.",
	     "include/linux/dmaengine.h:974; include/linux/dmaengine.h:98; drivers/tty/serial/8250/8250_dma.c:93; crypto/async_tx/async_xor.c:62",
	     NEEDS_XFER)
{
	static const enum dma_transfer_direction dirs[] = { DMA_MEM_TO_DEV, DMA_DEV_TO_MEM };
	static const unsigned int nents[] = { 1, 2, 5 };
	const struct dmaconf_type *type = NULL;
	bool any = false;

	for (int i = 0; i < ARRAY_SIZE(dirs) * ARRAY_SIZE(nents); i++) {
		if (!dmaconf_slave_sg.offered(dc, dirs[i % 2]))
			continue;
		any = true;
		prep_check_args(test, dc, &dmaconf_slave_sg, dirs[i % 2], nents[i / 2]);
	}
	while ((type = dmaconf_next_type(dc, type))) {
		if (type == &dmaconf_memcpy || type == &dmaconf_memset)
			continue;
		any = true;
		prep_check_args(test, dc, type, DMA_MEM_TO_MEM, 1);
	}
	if (any)
		return;
	if (dc->device->device_prep_slave_sg)
		dmaconf_not_tested(test, "no aid with a data port");
	dmaconf_not_applicable(test, "no prep of the channel is given a pointer");
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

static void prep_check_degenerate(struct kunit *test, struct dmaconf_xfer *x, const char *what)
{
	if (!dmaconf_try_queue(x)) {
		KUNIT_EXPECT_FALSE_MSG(test, IS_ERR(x->tx), "%s: prep returned %pe, not NULL",
				       what, x->tx);
		return;
	}
	dmaconf_diag(x->dc, "%s: prep did not refuse it", what);
	dmaconf_issue(x->dc);
	if (!dmaconf_finish(x))
		KUNIT_FAIL_AND_ABORT(test, "%s was accepted and did not end well", what);
	if (dmaconf_dst(x) && !x->len)
		KUNIT_EXPECT_LT_MSG(test, dmaconf_buf_differs(x->dc, dmaconf_dst(x)), 0,
				    "%s has written to memory", what);
}

/* A transfer of no bytes: all memory that it knows is red zones. */
static struct dmaconf_xfer *prep_nothing(struct dmaconf *dc, enum dma_transfer_direction dir)
{
	return dmaconf_xfer_dir(dc, 0, dir);
}

static void prep_check_degenerate_lists(struct kunit *test, struct dmaconf *dc,
					enum dma_transfer_direction dir)
{
	struct dmaconf_xfer *x = prep_nothing(dc, dir);
	struct dmaconf_buf *buf = dmaconf_buf(dc, 256, dir == DMA_MEM_TO_DEV ? DMA_TO_DEVICE :
									DMA_FROM_DEVICE);
	const struct dmaconf_piece pieces[] = { { buf, 0, 64 }, { buf, 64, 0 }, { buf, 128, 64 } };

	/* Whoever looks at the first entry all the same finds some red zone in it. */
	sg_dma_len(x->sgl) = 64;
	x->nents = 0;
	prep_check_degenerate(test, x, "a list of 0 entries");

	x = prep_nothing(dc, dir);
	kfree(x->sgl);
	x->sgl = NULL;
	x->nents = 0;
	prep_check_degenerate(test, x, "no list");

	x = prep_nothing(dc, dir);
	sg_dma_len(x->sgl) = 0;
	prep_check_degenerate(test, x, "one entry of 0 bytes");

	x = dmaconf_xfer_scattered(dc, dir, pieces, ARRAY_SIZE(pieces));
	prep_check_degenerate(test, x, "an entry of 0 bytes between others");
}

static void prep_check_degenerate_fills(struct kunit *test, struct dmaconf *dc)
{
	struct dmaconf_xfer *x = dmaconf_xfer_of(dc, &dmaconf_memset_sg, DMA_MEM_TO_MEM, 0);

	x->nents = 0;
	prep_check_degenerate(test, x, "memset_sg of 0 entries");

	x = dmaconf_xfer_of(dc, &dmaconf_memset_sg, DMA_MEM_TO_MEM, 0);
	kfree(x->sgl);
	x->sgl = NULL;
	x->nents = 0;
	prep_check_degenerate(test, x, "memset_sg without a list");
}

/* No sources add up to nothing; what arrives then, if anything, is zeroes. */
static void prep_check_no_sources(struct kunit *test, struct dmaconf *dc)
{
	static const struct dmaconf_type * const types[] = { &dmaconf_xor, &dmaconf_pq };

	for (int i = 0; i < ARRAY_SIZE(types); i++) {
		struct dmaconf_xfer *x;

		if (!types[i]->offered(dc, DMA_MEM_TO_MEM))
			continue;
		x = dmaconf_xfer_of(dc, types[i], DMA_MEM_TO_MEM, 64);
		x->nfrom = 0;
		prep_check_degenerate(test, x, "no sources");
	}
}

/* Broken: a request for nothing moves a burst or 4 GiB, or hangs the channel. */
DMACONF_RULE(prep, zero_len, SHOULD,
	     "Requests for nothing (no bytes, no entries, an entry without bytes) are refused with NULL, or end without moving anything.",
	     "drivers/dma/pl330.c:2784; drivers/dma/dw/core.c:635; drivers/dma/at_xdmac.c:800",
	     NEEDS_XFER)
{
	static const enum dma_transfer_direction dirs[] = { DMA_MEM_TO_DEV, DMA_DEV_TO_MEM };
	const struct dmaconf_type *type = NULL;

	while ((type = dmaconf_next_type(dc, type)))
		prep_check_degenerate(test, dmaconf_xfer_of(dc, type, DMA_MEM_TO_MEM, 0),
				      type->name);
	for (int i = 0; i < ARRAY_SIZE(dirs); i++)
		if (dmaconf_slave_sg.offered(dc, dirs[i]))
			prep_check_degenerate_lists(test, dc, dirs[i]);
	if (dmaconf_memset_sg.offered(dc, DMA_MEM_TO_MEM))
		prep_check_degenerate_fills(test, dc);
	prep_check_no_sources(test, dc);
}

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
