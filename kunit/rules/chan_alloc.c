// SPDX-License-Identifier: GPL-2.0-only
/* Allocating the resources of a channel. */
#include "dmaconf.h"

/* The provider's operations with a counter in front; one rule at a time. */
static struct {
	int (*real_alloc)(struct dma_chan *chan);
	void (*real_free)(struct dma_chan *chan);
	void (*real_synchronize)(struct dma_chan *chan);
	int allocs;
	int frees;
	int syncs;
	int syncs_at_free;
	int got;	/* what the last real_alloc returned */
	int forced;	/* returned in its place when it succeeded */
} shim;

/* -ENODEV would make the core forget the device. */
static int shim_alloc(struct dma_chan *chan)
{
	shim.allocs++;
	shim.got = shim.real_alloc ? shim.real_alloc(chan) : 0;
	if (shim.got == -ENODEV)
		return -EIO;
	return shim.got >= 0 && shim.forced ? shim.forced : shim.got;
}

static void shim_free(struct dma_chan *chan)
{
	shim.frees++;
	shim.syncs_at_free = shim.syncs;
	if (shim.real_free)
		shim.real_free(chan);
}

static void shim_synchronize(struct dma_chan *chan)
{
	shim.syncs++;
	if (shim.real_synchronize)
		shim.real_synchronize(chan);
}

static void shim_off(void *param)
{
	struct dma_device *device = param;

	device->device_alloc_chan_resources = shim.real_alloc;
	device->device_free_chan_resources = shim.real_free;
	device->device_synchronize = shim.real_synchronize;
}

/* Nobody may hold a channel of the device; it ends with the rule. */
static void shim_on(struct dmaconf *dc)
{
	struct dma_device *device = dc->device;

	memset(&shim, 0, sizeof(shim));
	shim.real_alloc = device->device_alloc_chan_resources;
	shim.real_free = device->device_free_chan_resources;
	shim.real_synchronize = device->device_synchronize;
	device->device_alloc_chan_resources = shim_alloc;
	device->device_free_chan_resources = shim_free;
	device->device_synchronize = shim_synchronize;
	KUNIT_ASSERT_EQ(dc->test, kunit_add_action_or_reset(dc->test, shim_off, device), 0);
}

static void expect_counts(struct dmaconf *dc, int allocs, int frees, const char *when)
{
	KUNIT_EXPECT_EQ_MSG(dc->test, shim.allocs, allocs, "alloc_chan_resources %s", when);
	KUNIT_EXPECT_EQ_MSG(dc->test, shim.frees, frees, "free_chan_resources %s", when);
}

static void expect_private_pairing(struct dmaconf *dc)
{
	shim.allocs = 0;
	shim.frees = 0;
	shim.syncs = 0;
	dmaconf_claim(dc);
	expect_counts(dc, 1, 0, "after the request");
	if (dmaconf_can_transfer(dc))
		dmaconf_transfer(dc, 64);
	expect_counts(dc, 1, 0, "after a transfer");
	dmaconf_unclaim(dc);
	expect_counts(dc, 1, 1, "after the release");
	KUNIT_EXPECT_GE_MSG(dc->test, shim.syncs_at_free, 1, "synchronized before it is freed");
}

/* Public use: the first dmaengine_get() allocates, the last dmaengine_put() frees. */
static void expect_public_pairing(struct dmaconf *dc)
{
	struct dma_chan *chan = dmaconf_unheld(dc);
	int n = dc->device->chancnt;

	shim.allocs = 0;
	shim.frees = 0;
	dmaengine_get();
	expect_counts(dc, n, 0, "after dmaengine_get()");
	KUNIT_EXPECT_EQ(dc->test, chan->client_count, 1);
	dmaengine_get();
	expect_counts(dc, n, 0, "after dmaengine_get() twice");
	KUNIT_EXPECT_EQ(dc->test, chan->client_count, 2);
	dmaengine_put();
	expect_counts(dc, n, 0, "after one of two dmaengine_put()");
	dmaengine_put();
	expect_counts(dc, n, n, "after dmaengine_put() twice");
	KUNIT_EXPECT_EQ(dc->test, chan->client_count, 0);
}

/*
 * Broken: the provider's module can never be removed, or loses its resources while a
 * client still uses the channel.
 */
DMACONF_RULE(chan, alloc_pairing, MUST,
	     "Resources are allocated for the first client and freed after the last, and all references taken meanwhile are dropped.",
	     "Documentation/driver-api/dmaengine/provider.rst:373; drivers/dma/dmaengine.c:447; drivers/dma/dmaengine.c:909",
	     NEEDS_FREE)
{
	struct dmaconf_refs before;

	if (dmaconf_anybody_holds(dc->device))
		dmaconf_not_tested(test, "somebody holds another channel of the provider");
	shim_on(dc);
	/* What a driver keeps from the first time on is its own affair. */
	expect_private_pairing(dc);
	before = dmaconf_refs(dc->device);
	for (int i = 0; i < 3; i++)
		expect_private_pairing(dc);
	dmaconf_expect_refs(dc, &before);
	if (dma_has_cap(DMA_PRIVATE, dc->device->cap_mask))
		return;
	expect_public_pairing(dc);
	dmaconf_expect_refs(dc, &before);
}

/* What the core calls with dma_list_mutex held, in its order. */
static struct {
	const char *stage;
	int ret;
} under_mutex;

static void call_under_mutex(struct dmaconf *dc, void *arg)
{
	struct dma_device *device = dc->device;
	struct dma_chan *chan = arg;

	under_mutex.stage = "device_alloc_chan_resources";
	if (device->device_alloc_chan_resources)
		under_mutex.ret = device->device_alloc_chan_resources(chan);
	if (under_mutex.ret < 0)
		return;
	under_mutex.stage = "device_synchronize";
	if (device->device_synchronize)
		device->device_synchronize(chan);
	under_mutex.stage = "device_free_chan_resources";
	if (device->device_free_chan_resources)
		device->device_free_chan_resources(chan);
}

/*
 * Broken: the task that requests or releases a channel hangs for ever, and with it
 * everybody who wants any channel.
 */
DMACONF_RULE(chan, alloc_context, MUST,
	     "What allocates, synchronizes and frees a channel calls nothing of the dmaengine that takes the lock held around it.",
	     "Documentation/driver-api/dmaengine/provider.rst:384; drivers/dma/dmaengine.c:441; drivers/dma/dmaengine.c:506",
	     NEEDS_FREE)
{
	for (int i = 0; i < 3; i++) {
		memset(&under_mutex, 0, sizeof(under_mutex));
		if (!dmaconf_under_list_mutex(dc, call_under_mutex, dmaconf_unheld(dc)))
			KUNIT_FAIL_AND_ABORT(test,
					     "%s waits for as long as dma_list_mutex is held: it would deadlock, for the core calls it with that mutex held",
					     under_mutex.stage);
		KUNIT_EXPECT_GE_MSG(test, under_mutex.ret, 0, "device_alloc_chan_resources");
	}
}

static void expect_nothing_held(struct dmaconf *dc, bool private)
{
	KUNIT_EXPECT_EQ_MSG(dc->test, dmaconf_unheld(dc)->client_count, 0,
			    "clients of the channel");
	KUNIT_EXPECT_EQ_MSG(dc->test, dmaconf_is_private(dc), private,
			    "DMA_PRIVATE after a request that failed");
}

static void need_resources(struct dmaconf *dc)
{
	if (!dc->device->device_alloc_chan_resources)
		dmaconf_not_applicable(dc->test, "the channel needs no resources");
}

/* Any number that is not negative is success: many drivers count descriptors. */
static void expect_count_is_success(struct dmaconf *dc)
{
	shim.forced = 17;
	dmaconf_claim(dc);
	dmaconf_unclaim(dc);
	shim.forced = 0;
}

/*
 * Broken: one failure, as when memory is short, makes a channel unusable until reboot,
 * or its client runs with no resources behind it.
 */
DMACONF_RULE(chan, alloc_fail, MUST,
	     "An allocation that fails says so with a negative errno and keeps nothing, so that the next request succeeds.",
	     "include/linux/dmaengine.h:818; drivers/dma/dmaengine.c:468",
	     NEEDS_FREE | NEEDS_INJECT)
{
	struct dma_chan *chan = dmaconf_unheld(dc);

	need_resources(dc);
	shim_on(dc);
	expect_count_is_success(dc);
	for (int i = 0; i < 4; i++) {
		struct dmaconf_refs before = dmaconf_refs(dc->device);
		bool private = dmaconf_is_private(dc);

		if (dc->aid->inject(chan, DMACONF_INJECT_ALLOC, 0))
			dmaconf_not_tested(test, "the aid cannot make an allocation fail");
		dc->chan = dmaconf_request(dc->label);
		KUNIT_ASSERT_LT_MSG(test, shim.got, 0, "alloc_chan_resources without resources");
		KUNIT_ASSERT_NULL(test, dc->chan);
		expect_nothing_held(dc, private);
		dmaconf_expect_refs(dc, &before);
		if (i & 1)
			continue;
		dc->chan = dmaconf_request(dc->label);
		KUNIT_ASSERT_NOT_NULL_MSG(test, dc->chan,
					  "requested again after the failure: alloc_chan_resources returned %d",
					  shim.got);
		dmaconf_unclaim(dc);
	}
	dmaconf_claim(dc);
	if (dmaconf_can_transfer(dc))
		dmaconf_transfer(dc, 1024);
}

/*
 * Broken: a passing failure of one channel removes the whole device for all clients,
 * until reboot.
 */
DMACONF_RULE(chan, alloc_enodev, MUST,
	     "An allocation never fails with -ENODEV, by which the core would lose the whole device.",
	     "drivers/dma/dmaengine.c:679; drivers/dma/dmaengine.c:983; drivers/dma/dmaengine.c:1259",
	     NEEDS_FREE | NEEDS_INJECT)
{
	struct dma_chan *chan = dmaconf_unheld(dc);
	dma_cap_mask_t any;
	int before;

	dma_cap_zero(any);
	before = dmaconf_peek(dc, any).ours;
	need_resources(dc);
	shim_on(dc);
	if (dc->aid->inject(chan, DMACONF_INJECT_ALLOC, 0))
		dmaconf_not_tested(test, "the aid cannot make an allocation fail");
	dc->chan = dmaconf_request(dc->label);
	KUNIT_EXPECT_NE_MSG(test, shim.got, -ENODEV,
			    "alloc_chan_resources: the core takes it for \"module gone\" and forgets the device");
	dmaconf_unclaim(dc);

	KUNIT_EXPECT_EQ_MSG(test, dmaconf_peek(dc, any).ours, before,
			    "channels of the device that are offered after the failure");
	/* Whether it succeeds now is the question of chan.alloc_fail. */
	dc->chan = dmaconf_request(dc->label);
	dmaconf_unclaim(dc);
}
