// SPDX-License-Identifier: GPL-2.0-only
/* Who may have a channel: exclusivity, and private devices beside public ones. */
#include "dmaconf.h"
#include "private.h"

/*
 * The channels that the rule holds, the first of them the one under test, and how many
 * that are free it did not get.
 */
struct held {
	struct dma_chan **chans;
	int n;
	int refused;
};

/* All but the one under test, which is the harness's. */
static void held_release(void *param)
{
	struct held *held = param;

	while (held->n > 1)
		dma_release_channel(held->chans[--held->n]);
}

/* Every channel of the device is held, so there is none left by any way to ask. */
static void expect_none_left(struct dmaconf *dc, const struct held *held)
{
	struct dma_chan *chan = dmaconf_request_any(dc->device);
	dma_cap_mask_t any;
	struct dmaconf_peek peek;

	KUNIT_EXPECT_NULL_MSG(dc->test, chan, "a request when all %d channels are held", held->n);
	if (chan)
		dma_release_channel(chan);
	chan = dma_get_any_slave_channel(dc->device);
	KUNIT_EXPECT_NULL_MSG(dc->test, chan, "dma_get_any_slave_channel() when all are held");
	if (chan)
		dma_release_channel(chan);
	for (int i = 0; i < held->n; i++)
		KUNIT_EXPECT_NULL(dc->test, dma_get_slave_channel(held->chans[i]));

	dma_cap_zero(any);
	peek = dmaconf_peek(dc, any);
	KUNIT_EXPECT_EQ_MSG(dc->test, peek.held, 0, "held channels shown to a filter");
	KUNIT_EXPECT_EQ_MSG(dc->test, peek.ours, held->refused,
			    "channels of the device shown to a filter");
}

/* Hold the channel under test and all else that the provider has. */
static struct held *hold_all(struct dmaconf *dc)
{
	struct held *held = kunit_kzalloc(dc->test, sizeof(*held), GFP_KERNEL);
	const struct dma_chan *chan;
	int free = 0;

	KUNIT_ASSERT_NOT_NULL(dc->test, held);
	held->chans = kunit_kcalloc(dc->test, dc->device->chancnt + 2, sizeof(*held->chans),
				    GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(dc->test, held->chans);
	KUNIT_ASSERT_EQ(dc->test, kunit_add_action_or_reset(dc->test, held_release, held), 0);
	list_for_each_entry(chan, &dc->device->channels, device_node)
		free += !chan->client_count;
	held->chans[held->n++] = dc->chan;
	while (held->n <= free && (held->chans[held->n] = dmaconf_request_any(dc->device)))
		held->n++;
	held->refused = free - (held->n - 1);
	if (held->refused) {
		dmaconf_should(dc, "hardware may serve fewer channels at a time than there are");
		KUNIT_FAIL(dc->test, "%d channels obtained of %d that were free", held->n - 1,
			   free);
	}
	return held;
}

/* What the other clients do to their channels, while ours has something to do. */
static void release_others(struct dmaconf *dc, struct held *held)
{
	bool gate = dc->aid && dc->aid->gate;
	struct dmaconf_xfer *x = NULL;
	int others = held->n - 1;

	if (dmaconf_can_transfer(dc)) {
		x = dmaconf_xfer(dc, SZ_16K);
		if (gate)
			dmaconf_hold(dc);
		dmaconf_start(x);
		if (gate)
			dmaconf_step(dc, SZ_4K);
	}
	for (int i = 1; i <= others && dc->device->device_terminate_all; i++)
		dmaengine_terminate_sync(held->chans[i]);
	held_release(held);
	dmaconf_release(dc);
	if (x && !dmaconf_finish(x) && others)
		dmaconf_hint(dc, "%d other channels were terminated and released", others);
}

/* A router, or a provider whose channels serve any client, may give another one, never this. */
static void expect_taken(struct dmaconf *dc, const struct dma_chan *chan)
{
	struct dma_chan *again = dmaconf_request(dc->label);

	KUNIT_EXPECT_PTR_NE_MSG(dc->test, again, chan, "requested twice");
	KUNIT_EXPECT_TRUE_MSG(dc->test,
			      !again || again->router || (dc->aid && dc->aid->client),
			      "requested twice");
	if (again)
		dma_release_channel(again);
}

/*
 * Broken: two drivers share a channel without knowing it, or one driver's terminate
 * kills the other's transfer.
 */
DMACONF_RULE(chan, exclusive, MUST,
	     "A channel belongs to who requested it until it is released: nobody else gets it, and nobody else's channel disturbs it.",
	     "Documentation/driver-api/dmaengine/client.rst:48; include/linux/dmaengine.h:530; drivers/dma/dmaengine.c:645; drivers/dma/dmaengine.c:703",
	     NEEDS_FREE)
{
	struct dma_chan *chan;
	struct held *held;

	dmaconf_claim(dc);
	expect_taken(dc, dc->chan);
	held = hold_all(dc);
	expect_none_left(dc, held);
	release_others(dc, held);

	chan = dc->chan;
	dmaconf_unclaim(dc);
	KUNIT_ASSERT_PTR_EQ_MSG(test, dma_get_slave_channel(chan), chan, "after its release");
	expect_taken(dc, chan);
	dma_release_channel(chan);
	dmaconf_claim(dc);
}

/* Public clients and private ones keep off each other's devices. */
static void expect_public_first(struct dmaconf *dc)
{
	struct dma_chan *chan;

	dmaengine_get();
	KUNIT_EXPECT_FALSE_MSG(dc->test, dmaconf_is_private(dc), "private after dmaengine_get()");
	chan = dmaconf_request(dc->label);
	KUNIT_EXPECT_NULL_MSG(dc->test, chan, "a private request of what is in public use");
	if (chan)
		dma_release_channel(chan);
	dmaengine_put();
	KUNIT_EXPECT_FALSE_MSG(dc->test, dmaconf_is_private(dc),
			       "private after a request that failed");
}

static void expect_private_first(struct dmaconf *dc)
{
	const struct dma_chan *chan;

	dmaconf_claim(dc);
	dmaengine_get();
	list_for_each_entry(chan, &dc->device->channels, device_node)
		KUNIT_EXPECT_EQ_MSG(dc->test, chan->client_count, chan == dc->chan,
				    "clients of channel %d of a device that is held privately",
				    chan->chan_id);
	dmaengine_put();
	dmaconf_unclaim(dc);
}

/*
 * Broken: a channel that one driver owns is handed out for public copies, or a released
 * device never serves public copies again.
 */
DMACONF_RULE(chan, private, MUST,
	     "A device is private from the first private request until the last such channel is released, or for ever if it was registered so.",
	     "Documentation/driver-api/dmaengine/provider.rst:213; drivers/dma/dmaengine.c:635; drivers/dma/dmaengine.c:670; drivers/dma/dmaengine.c:912",
	     NEEDS_FREE)
{
	bool before = dmaconf_is_private(dc);
	struct dma_chan *other;

	if (dmaconf_anybody_holds(dc->device))
		dmaconf_not_tested(test, "somebody holds another channel of the provider");
	for (int i = 0; i < 2; i++) {
		dmaconf_claim(dc);
		KUNIT_EXPECT_TRUE_MSG(test, dmaconf_is_private(dc), "while a channel is held");
		other = dmaconf_request_any(dc->device);
		dmaconf_unclaim(dc);
		if (other) {
			KUNIT_EXPECT_TRUE_MSG(test, dmaconf_is_private(dc),
					      "while the second of two channels is held");
			dma_release_channel(other);
		}
		KUNIT_EXPECT_EQ_MSG(test, dmaconf_is_private(dc), before, "after the last release");
	}
	if (before)
		return;
	expect_public_first(dc);
	expect_private_first(dc);
	KUNIT_EXPECT_FALSE_MSG(test, dmaconf_is_private(dc), "after the last release");
}
