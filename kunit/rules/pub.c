// SPDX-License-Identifier: GPL-2.0-only
/* Public use: channels that all clients of the system share. */
#include <linux/rcupdate.h>

#include "dmaconf.h"
#include "mock.h"

/* Something that no public provider says, so that the core finds ours. */
#define RARE	DMA_LOAD_EOT

static struct dmaconf_mock *public_mock(struct dmaconf *dc, const char *name)
{
	struct dmaconf_mock *mock = dmaconf_mock(dc->test, name);

	dma_cap_set(RARE, mock->dma.cap_mask);
	return mock;
}

static void expect_clients(struct dmaconf *dc, struct dmaconf_mock *mock, int clients,
			   const char *when)
{
	for (int i = 0; i < DMACONF_MOCK_CHANS; i++)
		KUNIT_EXPECT_EQ_MSG(dc->test, mock->chans[i].client_count, clients,
				    "clients of channel %d of %s %s", i,
				    dev_name(mock->dma.dev), when);
}

/* What may be found: a channel of a public provider, allocated, that can do it. */
static void expect_found(struct dmaconf *dc, enum dma_transaction_type type, bool there)
{
	struct dma_chan *chan = dma_find_channel(type);

	if (there)
		KUNIT_EXPECT_NOT_NULL_MSG(dc->test, chan, "no channel found for %d", type);
	if (!chan)
		return;
	KUNIT_EXPECT_TRUE_MSG(dc->test, test_bit(type, chan->device->cap_mask.bits),
			      "found for %d, and cannot do it", type);
	KUNIT_EXPECT_FALSE_MSG(dc->test, dma_has_cap(DMA_PRIVATE, chan->device->cap_mask),
			       "found for %d, and private", type);
	KUNIT_EXPECT_GE_MSG(dc->test, chan->client_count, 1, "found for %d, and not allocated",
			    type);
}

/* Providers that come before and after the first client, and a private one. */
static void expect_core_finds(struct dmaconf *dc)
{
	struct dmaconf_mock *early = public_mock(dc, "dmaconf-early");
	struct dmaconf_mock *late = public_mock(dc, "dmaconf-late");
	struct dmaconf_mock *private = public_mock(dc, "dmaconf-private");

	dma_cap_set(DMA_PRIVATE, private->dma.cap_mask);
	KUNIT_ASSERT_EQ(dc->test, dmaconf_mock_register(private), 0);
	KUNIT_ASSERT_EQ(dc->test, dmaconf_mock_register(early), 0);
	expect_clients(dc, early, 0, "without a client");
	dmaengine_get();
	expect_clients(dc, early, 1, "after dmaengine_get()");
	expect_found(dc, RARE, true);
	if (dmaconf_mock_register(late))
		KUNIT_FAIL(dc->test, "registered while there is a public client");
	expect_clients(dc, late, 1, "registered after dmaengine_get()");
	KUNIT_EXPECT_EQ(dc->test, late->allocs, DMACONF_MOCK_CHANS);
	expect_clients(dc, private, 0, "after dmaengine_get()");
	expect_found(dc, RARE, true);
	dmaengine_put();
	expect_clients(dc, early, 0, "after dmaengine_put()");
	expect_clients(dc, late, 0, "after dmaengine_put()");
	dmaconf_mock_unregister(late);
	dmaconf_mock_unregister(early);
	dmaconf_mock_unregister(private);
}

static void expect_all_found(struct dmaconf *dc)
{
	/* These have no table in the core and may not be looked up. */
	const u32 none = BIT(DMA_INTERRUPT) | BIT(DMA_PRIVATE) | BIT(DMA_SLAVE);
	struct dma_chan *chan;

	list_for_each_entry(chan, &dc->device->channels, device_node)
		KUNIT_EXPECT_EQ_MSG(dc->test, chan->client_count, 1,
				    "clients of channel %d after dmaengine_get()", chan->chan_id);
	for (int type = 0; type < DMA_TX_TYPE_END; type++)
		if (!(none & BIT(type)))
			expect_found(dc, type, test_bit(type, dc->device->cap_mask.bits));
}

/* Broken: public clients such as RAID fall back to the CPU although an engine is there. */
DMACONF_RULE(pub, find, MUST,
	     "A public client gets every channel of every provider that is not private, whenever it came, and finds one for each operation.",
	     "drivers/dma/dmaengine.c:320; drivers/dma/dmaengine.c:551; drivers/dma/dmaengine.c:969; drivers/dma/dmaengine.c:1252",
	     NEEDS_FREE)
{
	if (dmaconf_is_private(dc))
		dmaconf_not_applicable(test, "the provider is for private use only");
	expect_core_finds(dc);
	dmaconf_claim_public(dc);
	expect_all_found(dc);
	if (dmaconf_in_memory(dc))
		dmaconf_transfer(dc, 512);
	dmaconf_unclaim(dc);
	KUNIT_EXPECT_FALSE_MSG(test, dmaconf_anybody_holds(dc->device),
			       "a channel is held after dmaengine_put()");
}

/*
 * Broken: the kernel reports a sleeping function in atomic context, or hangs, when any client
 * flushes all channels.
 */
DMACONF_RULE(pub, issue_all, MUST,
	     "issue_pending of a public provider may be called for every channel in use, idle or not, where nobody may sleep.",
	     "drivers/dma/dmaengine.c:557; Documentation/crypto/async-tx-api.rst:112",
	     NEEDS_FREE)
{
	struct dmaconf_xfer *x;

	if (!dmaconf_sleep_reports())
		dmaconf_not_tested(test, "kernel without CONFIG_DEBUG_ATOMIC_SLEEP");
	dmaconf_claim_public(dc);
	for (int i = 0; i < 3; i++)
		dma_issue_pending_all();
	for (int i = 0; i < 3 && dmaconf_in_memory(dc); i++) {
		x = dmaconf_xfer(dc, 1024);
		dmaconf_queue(x);
		dma_issue_pending_all();
		dma_issue_pending_all();
		dmaconf_finish(x);
	}
}

/* Another public channel of the provider, or the same if it has only one. */
static struct dma_chan *next_channel(struct dmaconf *dc)
{
	struct dma_chan *chan;

	list_for_each_entry(chan, &dc->device->channels, device_node)
		if (chan != dc->chan && chan->client_count)
			return chan;
	return dc->chan;
}

static bool prep_on(struct dmaconf_xfer *x, struct dma_chan *chan)
{
	struct dma_chan *ours = x->dc->chan;
	bool prepared;

	x->dc->chan = chan;
	prepared = dmaconf_try_prep(x);
	x->dc->chan = ours;
	return prepared;
}

/*
 * Broken: a chain of operations over two channels stops after the first; RAID hangs.
 *
 * Disputed: async-tx-api.rst:206 has it among the points that applications rely on, provider.rst
 * only says "should". Nothing depends on a transfer of another channel unless
 * CONFIG_ASYNC_TX_ENABLE_CHANNEL_SWITCH is set, which only those drivers select whose devices
 * cannot do everything on one channel; ioat, idxd, plx_dma and all memcpy providers that are
 * built on virt-dma never do it, and nobody has missed it.
 */
DMACONF_RULE(pub, run_deps, MUST,
	     "The completion of a transfer submits and issues what depends on it, on another channel too.",
	     "Documentation/crypto/async-tx-api.rst:206; Documentation/driver-api/dmaengine/provider.rst:538; drivers/dma/dmaengine.c:1588",
	     NEEDS_FREE | NEEDS_MEMORY)
{
	struct dmaconf_xfer *first, *second;

	if (!IS_ENABLED(CONFIG_ASYNC_TX_ENABLE_CHANNEL_SWITCH))
		dmaconf_not_tested(test, "kernel without CONFIG_ASYNC_TX_ENABLE_CHANNEL_SWITCH");
	dmaconf_claim_public(dc);
	if (dmaconf_prep_locks(dc))
		dmaconf_not_applicable(test, "prep takes a lock that submit drops");
	for (int i = 0; i < 4; i++) {
		first = dmaconf_xfer(dc, 2048);
		second = dmaconf_xfer(dc, 512);
		/* By turns on another channel and on the same. */
		KUNIT_ASSERT_TRUE(test, prep_on(second, i & 1 ? dc->chan : next_channel(dc)));
		KUNIT_ASSERT_TRUE(test, dmaconf_try_prep(first));
		dmaconf_chain(first, second);
		KUNIT_ASSERT_TRUE(test, dmaconf_try_submit(first));
		dmaconf_issue(dc);
		dmaconf_finish(first);
		KUNIT_ASSERT_TRUE_MSG(test, dmaconf_wait_calls(second, 1),
				      "the transfer that depends on one that has completed did not run: dma_run_dependencies() was not called");
		KUNIT_EXPECT_GT_MSG(test, second->seq, first->seq, "it ran first");
		KUNIT_EXPECT_TRUE_MSG(test, dmaconf_xfer_right(second), "its data is wrong");
	}
}

/* In async.c. */
DMACONF_ELSEWHERE(pub, async_tx);

static struct kunit_case pub_rules[] = {
	DMACONF_CASE(pub, find),
	DMACONF_CASE(pub, issue_all),
	DMACONF_CASE(pub, run_deps),
	DMACONF_CASE(pub, async_tx),
	{}
};

DMACONF_SUITE(pub);

kunit_test_suites(&pub_suite);
