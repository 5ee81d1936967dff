// SPDX-License-Identifier: GPL-2.0-only
/* Channel allocation and release. */
#include <linux/bitmap.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

#include "dmaengine.h"
#include "dmaconf.h"

#define NOBODY		"dmaconf-nobody"
#define MAP_ENTRIES	8	/* of a provider's map that are tried */
#define PREPARED	100	/* descriptors that are left over at once */
#define LEFTOVERS	8	/* times that they are */

static bool can_transfer(struct dmaconf *dc)
{
	return dc->type;
}

/* The channel under test while nobody holds it: to look at, not to use. */
static struct dma_chan *chan_unheld(struct dmaconf *dc)
{
	struct dma_chan *chan;
	char label[64];

	list_for_each_entry(chan, &dc->device->channels, device_node) {
		snprintf(label, sizeof(label), "%s/%d", dev_name(dc->device->dev), chan->chan_id);
		if (!strcmp(label, dc->label))
			return chan;
	}
	KUNIT_FAIL_AND_ABORT(dc->test, "%s does not exist any more", dc->label);
	return NULL;
}

/* A filter that takes nothing and notes what it was shown. */
struct peek {
	const struct dma_device *device;
	struct dma_chan *first;
	int ours;
	int held;
};

static bool peek_filter(struct dma_chan *chan, void *param)
{
	struct peek *peek = param;

	if (!peek->first)
		peek->first = chan;
	peek->ours += chan->device == peek->device;
	peek->held += !!chan->client_count;
	return false;
}

static struct peek peek_at(struct dmaconf *dc, dma_cap_mask_t mask)
{
	struct peek peek = { .device = dc->device };

	KUNIT_EXPECT_NULL_MSG(dc->test, dma_request_channel(mask, peek_filter, &peek),
			      "the filter took no channel");
	return peek;
}

static bool of_device_filter(struct dma_chan *chan, void *device)
{
	return chan->device == device;
}

static struct dma_chan *request_any_of(struct dma_device *device)
{
	dma_cap_mask_t any;

	dma_cap_zero(any);
	return dma_request_channel(any, of_device_filter, device);
}

static bool has_op_for(const struct dma_device *device, enum dma_transaction_type type)
{
	switch (type) {
	case DMA_MEMCPY:
		return device->device_prep_dma_memcpy;
	case DMA_XOR:
		return device->device_prep_dma_xor;
	case DMA_XOR_VAL:
		return device->device_prep_dma_xor_val;
	case DMA_PQ:
		return device->device_prep_dma_pq;
	case DMA_PQ_VAL:
		return device->device_prep_dma_pq_val;
	case DMA_MEMSET:
		return device->device_prep_dma_memset;
	case DMA_INTERRUPT:
		return device->device_prep_dma_interrupt;
	case DMA_CYCLIC:
		return device->device_prep_dma_cyclic;
	case DMA_INTERLEAVE:
		return device->device_prep_interleaved_dma;
	default:
		return true;
	}
}

/* While it is held, a channel offers what it offered before, and can do it. */
static void expect_caps_kept(struct dmaconf *dc, const dma_cap_mask_t *before)
{
	for (int cap = 0; cap < DMA_TX_TYPE_END; cap++) {
		bool had = test_bit(cap, before->bits);
		bool has = test_bit(cap, dc->device->cap_mask.bits);

		if (cap == DMA_PRIVATE)
			continue;
		KUNIT_EXPECT_EQ_MSG(dc->test, has, had,
				    "capability %d came or went with the request", cap);
		if (has)
			KUNIT_EXPECT_TRUE_MSG(dc->test, has_op_for(dc->device, cap),
					      "capability %d without its prep operation", cap);
	}
}

/* A mask that somebody else serves first is left alone. */
static void expect_first_by_mask(struct dmaconf *dc, dma_cap_mask_t mask)
{
	struct peek peek = peek_at(dc, mask);
	struct dma_chan *chan;

	if (!peek.first || peek.first->device != dc->device)
		return;
	chan = dma_request_chan_by_mask(&mask);
	KUNIT_EXPECT_PTR_EQ_MSG(dc->test, chan, peek.first, "the first channel that fits");
	if (!IS_ERR_OR_NULL(chan))
		dma_release_channel(chan);
}

static void expect_shown_by_mask(struct dmaconf *dc)
{
	dma_cap_mask_t one, more;

	for (int cap = 0; cap < DMA_TX_TYPE_END; cap++) {
		bool has = test_bit(cap, dc->device->cap_mask.bits);

		bitmap_zero(one.bits, DMA_TX_TYPE_END);
		__set_bit(cap, one.bits);
		KUNIT_EXPECT_EQ_MSG(dc->test, peek_at(dc, one).ours > 0, has,
				    "shown to a filter for capability %d", cap);
		more = dc->device->cap_mask;
		__set_bit(cap, more.bits);
		KUNIT_EXPECT_EQ_MSG(dc->test, peek_at(dc, more).ours > 0, has,
				    "shown to a filter for all it has and capability %d", cap);
	}
}

/*
 * Broken: a client is handed a channel whose operation is missing, and calls NULL, or
 * gets none although one is free.
 */
DMACONF_RULE(chan, by_mask, MUST,
	     "A request by mask gets a channel that has every capability asked for, or says that there is none.",
	     "drivers/dma/dmaengine.c:392; drivers/dma/dmaengine.c:761; drivers/dma/dmaengine.c:888",
	     NEEDS_FREE)
{
	dma_cap_mask_t before = dc->device->cap_mask, all;

	KUNIT_EXPECT_EQ(test, PTR_ERR(dma_request_chan_by_mask(NULL)), -ENODEV);
	bitmap_fill(all.bits, DMA_TX_TYPE_END);
	if (!peek_at(dc, all).first) {
		KUNIT_EXPECT_EQ(test, PTR_ERR(dma_request_chan_by_mask(&all)), -ENODEV);
		KUNIT_EXPECT_NULL(test, dma_request_channel(all, NULL, NULL));
	}
	expect_shown_by_mask(dc);
	expect_first_by_mask(dc, before);

	dmaconf_claim(dc);
	expect_caps_kept(dc, &before);
	dmaconf_unclaim(dc);
	KUNIT_EXPECT_TRUE_MSG(test, bitmap_equal(before.bits, dc->device->cap_mask.bits,
						 DMA_TX_TYPE_END),
			      "the capabilities changed with request and release");
}

static bool has_link(struct kobject *from, const char *name, struct kobject *to)
{
	struct kernfs_node *kn = sysfs_get_dirent(from->sd, name);
	bool is = kn && kernfs_type(kn) == KERNFS_LINK && kn->symlink.target_kn == to->sd;

	sysfs_put(kn);
	return is;
}

static void expect_links(struct dmaconf *dc, struct dma_chan *chan, struct device *client,
			 const char *name, bool there)
{
	struct kobject *of_chan = &chan->dev->device.kobj;
	char link[64];

	snprintf(link, sizeof(link), "dma:%s", name);
	KUNIT_EXPECT_EQ_MSG(dc->test, has_link(of_chan, "slave", &client->kobj), there,
			    "the channel's link \"slave\" to %s", dev_name(client));
	KUNIT_EXPECT_EQ_MSG(dc->test, has_link(&client->kobj, link, of_chan), there,
			    "the link \"%s\" of %s to its channel", link, dev_name(client));
}

static bool anybody_holds(const struct dma_device *device)
{
	const struct dma_chan *chan;

	list_for_each_entry(chan, &device->channels, device_node)
		if (chan->client_count)
			return true;
	return false;
}

static void expect_named(struct dmaconf *dc, struct device *client, const char *name)
{
	bool busy = anybody_holds(dc->device);
	struct dma_chan *chan, *again;

	chan = dma_request_chan(client, name);
	if (PTR_ERR(chan) == -EPROBE_DEFER && busy) {
		dmaconf_diag(dc, "somebody holds what is mapped to %s:%s", dev_name(client), name);
		return;
	}
	if (IS_ERR(chan)) {
		KUNIT_FAIL(dc->test, "the map has %s:%s, but the request for it returned %pe",
			   dev_name(client), name, chan);
		return;
	}
	KUNIT_EXPECT_TRUE(dc->test, dma_has_cap(DMA_SLAVE, chan->device->cap_mask));
	expect_links(dc, chan, client, name, true);

	again = dma_request_chan(client, NOBODY);
	KUNIT_EXPECT_EQ_MSG(dc->test, PTR_ERR(again), -EPROBE_DEFER, "a name that nobody maps");
	/* A provider whose filter takes any channel serves the name once more. */
	again = dma_request_chan(client, name);
	KUNIT_EXPECT_PTR_NE_MSG(dc->test, again, chan, "a channel that is held");
	if (IS_ERR(again))
		KUNIT_EXPECT_EQ_MSG(dc->test, PTR_ERR(again), -EPROBE_DEFER,
				    "a name whose channel is held");
	else
		dma_release_channel(again);

	dma_release_channel(chan);
	expect_links(dc, chan, client, name, false);
}

/* Without a map there is still something to say to a client that nobody serves. */
static void expect_unnamed(struct dmaconf *dc)
{
	struct device *client = root_device_register(NOBODY);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(dc->test, client);
	KUNIT_EXPECT_EQ_MSG(dc->test, PTR_ERR(dma_request_chan(client, "tx")), -EPROBE_DEFER,
			    "a client that nobody maps");
#ifdef CONFIG_OF
	if (of_root && !of_property_present(of_root, "dmas")) {
		client->of_node = of_root;
		KUNIT_EXPECT_EQ_MSG(dc->test, PTR_ERR(dma_request_chan(client, "tx")), -ENODEV,
				    "a client whose node has no \"dmas\"");
		client->of_node = NULL;
	}
#endif
	root_device_unregister(client);
}

/*
 * Broken: a peripheral gets the channel of another one, or its probe fails where it
 * should have been deferred.
 */
DMACONF_RULE(chan, by_name, MUST,
	     "A request by name gets the channel that the provider maps to it, linked in sysfs while it is held, or is deferred.",
	     "drivers/dma/dmaengine.c:792; drivers/dma/dmaengine.c:812; drivers/dma/dmaengine.c:920; Documentation/driver-api/dmaengine/client.rst:38",
	     NEEDS_FREE)
{
	const struct dma_filter *filter = &dc->device->filter;

	expect_unnamed(dc);
	if (!filter->mapcnt)
		dmaconf_not_applicable(test, "the provider maps no names");
	/* From the end, where a count that is too large shows. */
	for (int i = filter->mapcnt - 1; i >= max(0, filter->mapcnt - MAP_ENTRIES); i--) {
		struct device *client;

		KUNIT_ASSERT_NOT_NULL_MSG(test, filter->map[i].devname, "map entry %d", i);
		KUNIT_ASSERT_NOT_NULL_MSG(test, filter->map[i].slave, "map entry %d", i);
		client = root_device_register(filter->map[i].devname);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, client);
		expect_named(dc, client, filter->map[i].slave);
		expect_named(dc, client, filter->map[i].slave);
		root_device_unregister(client);
	}
}

/* The channels that the rule holds; the first is the one under test. */
struct held {
	struct dma_chan **chans;
	int n;
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
	struct dma_chan *chan = request_any_of(dc->device);
	dma_cap_mask_t any;
	struct peek peek;

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
	peek = peek_at(dc, any);
	KUNIT_EXPECT_EQ_MSG(dc->test, peek.held, 0, "held channels shown to a filter");
	KUNIT_EXPECT_EQ_MSG(dc->test, peek.ours, 0, "channels of the device shown to a filter");
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
	while (held->n <= free && (held->chans[held->n] = request_any_of(dc->device)))
		held->n++;
	KUNIT_EXPECT_EQ_MSG(dc->test, held->n - 1, free,
			    "channels obtained of those that were free");
	return held;
}

/* What the other clients do to their channels, while ours has something to do. */
static void release_others(struct dmaconf *dc, struct held *held)
{
	bool gate = dc->aid && dc->aid->gate;
	struct dmaconf_xfer *x = NULL;
	int others = held->n - 1;

	if (can_transfer(dc)) {
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
	KUNIT_EXPECT_NULL_MSG(test, dmaconf_request(dc->label), "requested twice");
	held = hold_all(dc);
	expect_none_left(dc, held);
	release_others(dc, held);

	chan = dc->chan;
	dmaconf_unclaim(dc);
	KUNIT_ASSERT_PTR_EQ_MSG(test, dma_get_slave_channel(chan), chan, "after its release");
	KUNIT_EXPECT_NULL_MSG(test, dmaconf_request(dc->label), "requested twice");
	dma_release_channel(chan);
	dmaconf_claim(dc);
}

/*
 * A channel of somebody else's, with ours around it: what a filter finds there
 * by container_of() looks right, so only asking whose channel it is helps.
 */
struct foreign {
	u8 before[1024];
	struct dma_chan chan;
	u8 after[2048];
};

static struct foreign *foreign_new(struct dmaconf *dc, struct dma_device *device)
{
	struct foreign *foreign = kunit_kzalloc(dc->test, sizeof(*foreign), GFP_KERNEL);
	u8 *chan = (u8 *)dc->chan;

	KUNIT_ASSERT_NOT_NULL(dc->test, foreign);
	copy_from_kernel_nofault(foreign->before, chan - sizeof(foreign->before),
				 sizeof(foreign->before));
	copy_from_kernel_nofault(&foreign->chan, chan, sizeof(foreign->chan));
	copy_from_kernel_nofault(foreign->after, chan + sizeof(foreign->chan),
				 sizeof(foreign->after));
	foreign->chan.device = device;
	foreign->chan.private = NULL;
	foreign->chan.client_count = 0;
	INIT_LIST_HEAD(&foreign->chan.device_node);
	return foreign;
}

static struct device_driver foreign_driver = { .name = "dmaconf-foreign" };

/*
 * Broken: with two DMA controllers in the machine a client gets a channel of the wrong
 * one, and the filter reads foreign memory as its own.
 */
DMACONF_RULE(chan, filter_foreign, MUST,
	     "The filter that a provider exports says no to the channels of other providers.",
	     "drivers/dma/dmaengine.c:651; drivers/dma/amba-pl08x.c:2244; drivers/dma/dw/core.c:768",
	     NEEDS_ANY)
{
	const struct dma_filter *filter = &dc->device->filter;
	struct dma_device *device;
	struct foreign *foreign;

	if (!filter->fn)
		dmaconf_not_applicable(test, "the provider exports no filter");
	if (!filter->mapcnt)
		dmaconf_not_tested(test, "no map tells what the filter's parameter may be");
	device = kunit_kzalloc(test, sizeof(*device), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, device);
	foreign = foreign_new(dc, device);
	device->dev = root_device_register("dmaconf-foreign");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, device->dev);
	device->dev->driver = &foreign_driver;
	device->cap_mask = dc->device->cap_mask;
	INIT_LIST_HEAD(&device->channels);

	for (int i = 0; i < filter->mapcnt; i++)
		KUNIT_EXPECT_FALSE_MSG(test, filter->fn(&foreign->chan, filter->map[i].param),
				       "for %s:%s the filter took a channel of another device",
				       filter->map[i].devname, filter->map[i].slave);
	device->dev->driver = NULL;
	root_device_unregister(device->dev);
}

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

struct refs {
	unsigned int device;
	unsigned int dev;
	int module;
};

static struct refs refs_of(struct dma_device *device)
{
	return (struct refs){
		.device = kref_read(&device->ref),
		.dev = kref_read(&device->dev->kobj.kref),
#ifdef CONFIG_MODULE_UNLOAD
		.module = device->owner ? module_refcount(device->owner) : 0,
#endif
	};
}

static void expect_refs(struct dmaconf *dc, const struct refs *before)
{
	struct refs now = refs_of(dc->device);

	KUNIT_EXPECT_EQ_MSG(dc->test, now.device, before->device, "references to the dma_device");
	KUNIT_EXPECT_EQ_MSG(dc->test, now.dev, before->dev, "references to its device");
	KUNIT_EXPECT_EQ_MSG(dc->test, now.module, before->module, "references to its module");
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
	if (can_transfer(dc))
		dmaconf_transfer(dc, 64);
	expect_counts(dc, 1, 0, "after a transfer");
	dmaconf_unclaim(dc);
	expect_counts(dc, 1, 1, "after the release");
	KUNIT_EXPECT_GE_MSG(dc->test, shim.syncs_at_free, 1, "synchronized before it is freed");
}

/* Public use: the first dmaengine_get() allocates, the last dmaengine_put() frees. */
static void expect_public_pairing(struct dmaconf *dc)
{
	struct dma_chan *chan = chan_unheld(dc);
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
	struct refs before;

	if (anybody_holds(dc->device))
		dmaconf_not_tested(test, "somebody holds another channel of the provider");
	shim_on(dc);
	/* What a driver keeps from the first time on is its own affair. */
	expect_private_pairing(dc);
	before = refs_of(dc->device);
	for (int i = 0; i < 3; i++)
		expect_private_pairing(dc);
	expect_refs(dc, &before);
	if (dma_has_cap(DMA_PRIVATE, dc->device->cap_mask))
		return;
	expect_public_pairing(dc);
	expect_refs(dc, &before);
}

/*
 * The operations that the core calls under dma_list_mutex, called from a
 * worker while the mutex is held by somebody else: if they need it they do not
 * come back, until it is dropped.
 */
static struct {
	struct work_struct work;
	struct completion done;
	struct dma_chan *chan;
	const char *stage;
	int ret;
	bool tried;
	bool in_time;
} under_lock;

static void under_lock_work(struct work_struct *work)
{
	struct dma_chan *chan = under_lock.chan;
	struct dma_device *device = chan->device;

	under_lock.stage = "device_alloc_chan_resources";
	if (device->device_alloc_chan_resources)
		under_lock.ret = device->device_alloc_chan_resources(chan);
	if (under_lock.ret >= 0) {
		under_lock.stage = "device_synchronize";
		if (device->device_synchronize)
			device->device_synchronize(chan);
		under_lock.stage = "device_free_chan_resources";
		if (device->device_free_chan_resources)
			device->device_free_chan_resources(chan);
	}
	complete(&under_lock.done);
}

/* A filter runs with the mutex held: a good place to have the worker try. */
static bool under_lock_filter(struct dma_chan *chan, void *param)
{
	if (chan != param)
		return false;
	under_lock.tried = true;
	schedule_work(&under_lock.work);
	under_lock.in_time = wait_for_completion_timeout(&under_lock.done,
							 msecs_to_jiffies(dmaconf_timeout_ms()));
	return false;
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
	dma_cap_mask_t any;

	dma_cap_zero(any);
	for (int i = 0; i < 3; i++) {
		memset(&under_lock, 0, sizeof(under_lock));
		INIT_WORK(&under_lock.work, under_lock_work);
		init_completion(&under_lock.done);
		under_lock.chan = chan_unheld(dc);
		under_lock.stage = "worker";
		dma_request_channel(any, under_lock_filter, under_lock.chan);
		if (!under_lock.tried)
			dmaconf_not_tested(test, "the channel is not offered: in public use?");
		if (!under_lock.in_time)
			dmaconf_diag(dc, "%s waits for as long as dma_list_mutex is held",
				     under_lock.stage);
		flush_work(&under_lock.work);
		KUNIT_ASSERT_TRUE_MSG(test, under_lock.in_time,
				      "it would deadlock: the core calls it with that mutex held");
		KUNIT_EXPECT_GE_MSG(test, under_lock.ret, 0, "device_alloc_chan_resources");
	}
}

static bool is_private(struct dmaconf *dc)
{
	return dma_has_cap(DMA_PRIVATE, dc->device->cap_mask);
}

static void expect_nothing_held(struct dmaconf *dc, bool private)
{
	KUNIT_EXPECT_EQ_MSG(dc->test, chan_unheld(dc)->client_count, 0, "clients of the channel");
	KUNIT_EXPECT_EQ_MSG(dc->test, is_private(dc), private,
			    "DMA_PRIVATE after a request that failed");
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
	struct dma_chan *chan = chan_unheld(dc);

	shim_on(dc);
	expect_count_is_success(dc);
	for (int i = 0; i < 4; i++) {
		struct refs before = refs_of(dc->device);
		bool private = is_private(dc);

		if (dc->aid->inject(chan, DMACONF_INJECT_ALLOC, 0))
			dmaconf_not_tested(test, "the aid cannot make an allocation fail");
		dc->chan = dmaconf_request(dc->label);
		KUNIT_ASSERT_LT_MSG(test, shim.got, 0, "alloc_chan_resources without resources");
		KUNIT_ASSERT_NULL(test, dc->chan);
		expect_nothing_held(dc, private);
		expect_refs(dc, &before);
		if (i & 1)
			continue;
		dc->chan = dmaconf_request(dc->label);
		KUNIT_ASSERT_NOT_NULL_MSG(test, dc->chan,
					  "requested again after the failure: alloc_chan_resources returned %d",
					  shim.got);
		dmaconf_unclaim(dc);
	}
	dmaconf_claim(dc);
	if (can_transfer(dc))
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
	struct dma_chan *chan = chan_unheld(dc);
	dma_cap_mask_t any;
	int before;

	dma_cap_zero(any);
	before = peek_at(dc, any).ours;
	shim_on(dc);
	if (dc->aid->inject(chan, DMACONF_INJECT_ALLOC, 0))
		dmaconf_not_tested(test, "the aid cannot make an allocation fail");
	dc->chan = dmaconf_request(dc->label);
	KUNIT_EXPECT_NE_MSG(test, shim.got, -ENODEV,
			    "alloc_chan_resources: the core takes it for \"module gone\" and forgets the device");
	dmaconf_unclaim(dc);

	KUNIT_EXPECT_EQ_MSG(test, peek_at(dc, any).ours, before,
			    "channels of the device that are offered after the failure");
	/* Whether it succeeds now is the question of chan.alloc_fail. */
	dc->chan = dmaconf_request(dc->label);
	dmaconf_unclaim(dc);
}

/* Public clients and private ones keep off each other's devices. */
static void expect_public_first(struct dmaconf *dc)
{
	struct dma_chan *chan;

	dmaengine_get();
	KUNIT_EXPECT_FALSE_MSG(dc->test, is_private(dc), "private after dmaengine_get()");
	chan = dmaconf_request(dc->label);
	KUNIT_EXPECT_NULL_MSG(dc->test, chan, "a private request of what is in public use");
	if (chan)
		dma_release_channel(chan);
	dmaengine_put();
	KUNIT_EXPECT_FALSE_MSG(dc->test, is_private(dc), "private after a request that failed");
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
	bool before = is_private(dc);
	struct dma_chan *other;

	if (anybody_holds(dc->device))
		dmaconf_not_tested(test, "somebody holds another channel of the provider");
	for (int i = 0; i < 2; i++) {
		dmaconf_claim(dc);
		KUNIT_EXPECT_TRUE_MSG(test, is_private(dc), "while a channel is held");
		other = request_any_of(dc->device);
		dmaconf_unclaim(dc);
		if (other) {
			KUNIT_EXPECT_TRUE_MSG(test, is_private(dc),
					      "while the second of two channels is held");
			dma_release_channel(other);
		}
		KUNIT_EXPECT_EQ_MSG(test, is_private(dc), before, "after the last release");
	}
	if (before)
		return;
	expect_public_first(dc);
	expect_private_first(dc);
	KUNIT_EXPECT_FALSE_MSG(test, is_private(dc), "after the last release");
}

/* What is left behind, in all the ways that a client may leave it. */
struct leftover {
	const char *what;
	bool terminate;
	bool pause;
	int submitted;
	bool prepared;
	unsigned long flags;
};

static const struct leftover leftovers[] = {
	{ .what = "terminated", .terminate = true, .submitted = 2 },
	{ .what = "not issued", .submitted = 2 },
	{ .what = "not submitted", .prepared = true },
	{ .what = "not issued, not acknowledged", .submitted = 1, .flags = DMA_PREP_INTERRUPT },
	{ .what = "paused and terminated", .terminate = true, .pause = true, .submitted = 1 },
	{ .what = "nothing" },
};

/* The first owner; what it does not issue is in @x when it has gone. */
static void leave_behind(struct dmaconf *dc, const struct leftover *left, struct dmaconf_xfer **x)
{
	dmaconf_claim(dc);
	dmaconf_transfer(dc, 64);
	if (left->pause && dc->device->device_pause) {
		dmaconf_start(dmaconf_xfer(dc, SZ_32K));
		dmaengine_pause(dc->chan);
	}
	for (int i = 0; i < left->submitted; i++) {
		x[i] = dmaconf_xfer(dc, 256);
		x[i]->flags = left->flags ?: x[i]->flags;
		dmaconf_queue(x[i]);
	}
	if (left->prepared)
		KUNIT_EXPECT_TRUE(dc->test, dmaconf_try_prep(dmaconf_xfer(dc, 64)));
	if (left->terminate)
		KUNIT_EXPECT_EQ(dc->test, dmaconf_terminate_sync(dc), 0);
	dmaconf_unclaim(dc);
}

static void expect_fresh(struct dmaconf *dc, const struct leftover *left)
{
	struct dmaconf_xfer *x[2] = {}, *mine;
	bool early[2] = {};
	int seq;

	leave_behind(dc, left, x);
	/* A public provider may have issued it on its own. */
	for (int i = 0; i < left->submitted; i++)
		early[i] = x[i]->calls;
	seq = dc->seq;
	dmaconf_claim(dc);
	dmaconf_issue(dc);
	mine = dmaconf_xfer(dc, 512);
	dmaconf_start(mine);
	KUNIT_EXPECT_GE_MSG(dc->test, mine->cookie, DMA_MIN_COOKIE, "first cookie");
	if (!dmaconf_finish(mine))
		dmaconf_diag(dc, "the last owner had left: %s", left->what);
	KUNIT_EXPECT_EQ_MSG(dc->test, dc->seq, seq + 1,
			    "callbacks until the first of the new owner (left: %s)", left->what);
	for (int i = 0; i < left->submitted; i++) {
		KUNIT_EXPECT_TRUE_MSG(dc->test,
				      early[i] || dmaconf_xfer_moved(x[i]) < x[i]->len,
				      "the last owner's transfer %d was executed (left: %s)", i,
				      left->what);
		x[i]->state = DMACONF_ABORTED;
	}
	dmaconf_unclaim(dc);
}

/*
 * Broken: the next owner is called back for, or has its memory written by, transfers of
 * the last one.
 */
DMACONF_RULE(chan, realloc_fresh, MUST,
	     "A channel that is requested again runs, calls back and reports nothing of what its last owner prepared or submitted.",
	     "Documentation/driver-api/dmaengine/provider.rst:381; drivers/dma/dmaengine.h:12; drivers/dma/virt-dma.h:197",
	     NEEDS_FREE | NEEDS_XFER)
{
	for (int i = 0; i < ARRAY_SIZE(leftovers); i++)
		if (!leftovers[i].terminate || dc->device->device_terminate_all)
			expect_fresh(dc, &leftovers[i]);
	KUNIT_EXPECT_TRUE_MSG(test, dmaconf_stays_quiet(dc, dc->seq),
			      "a callback of an earlier owner came after all");
	dmaconf_claim(dc);
}

/* From now on the oracle knows what nobody may change any more. */
static void freeze(struct dmaconf *dc, struct dmaconf_buf *buf)
{
	dma_sync_single_for_cpu(dc->dev, buf->map, buf->size, buf->dir);
	dmaconf_buf_want(buf, 0, buf->data, buf->len);
	dma_sync_single_for_device(dc->dev, buf->map, buf->size, buf->dir);
}

/* Stop in the middle, somewhere, and let go at once. */
static void stop_and_release(struct dmaconf *dc, enum dma_transfer_direction dir, bool gate)
{
	struct dmaconf_xfer *x[2];

	dmaconf_claim(dc);
	if (gate)
		dmaconf_hold(dc);
	for (int i = 0; i < ARRAY_SIZE(x); i++) {
		x[i] = dmaconf_xfer_dir(dc, SZ_32K, dir);
		dmaconf_start(x[i]);
	}
	if (gate)
		dmaconf_step(dc, dmaconf_random(dc, SZ_64K));
	else
		udelay(dmaconf_random(dc, 60));
	KUNIT_EXPECT_EQ(dc->test, dmaconf_terminate_sync(dc), 0);
	dmaconf_release(dc);
	dmaconf_unclaim(dc);
	for (int i = 0; i < ARRAY_SIZE(x); i++)
		for (unsigned int n = 0; n < x[i]->nto; n++)
			freeze(dc, x[i]->to[n].buf);
}

static size_t port_bytes(struct dmaconf *dc, struct dma_chan *chan)
{
	struct dmaconf_port_stat stat = {};

	if (dc->aid && dc->aid->port)
		dc->aid->port->stat(chan, 0, &stat);
	return stat.written + stat.read + stat.stray;
}

/*
 * Broken: memory that was freed after release is overwritten, and a callback runs in a
 * module that is gone.
 */
DMACONF_RULE(chan, release_quiet, MUST,
	     "After terminate_sync and release a channel neither touches memory nor calls back.",
	     "Documentation/driver-api/dmaengine/provider.rst:525; drivers/dma/dmaengine.c:506",
	     NEEDS_FREE | NEEDS_XFER | NEEDS_TERMINATE)
{
	bool can_read = dc->device->directions & BIT(DMA_DEV_TO_MEM);
	enum dma_transfer_direction dir = dmaconf_in_memory(dc) ? DMA_MEM_TO_MEM :
					  can_read ? DMA_DEV_TO_MEM : DMA_MEM_TO_DEV;
	struct dma_chan *chan = chan_unheld(dc);
	struct dmaconf_buf *buf;
	size_t moved;
	int seq;

	for (int i = 0; i < 4; i++)
		stop_and_release(dc, dir, i & 1 && dc->aid && dc->aid->gate);
	seq = dc->seq;
	moved = port_bytes(dc, chan);
	KUNIT_EXPECT_TRUE_MSG(test, dmaconf_stays_quiet(dc, seq),
			      "a callback came after the channel was released");
	KUNIT_EXPECT_EQ_MSG(test, port_bytes(dc, chan), moved,
			    "bytes at the port after the channel was released");
	list_for_each_entry(buf, &dc->bufs, node)
		KUNIT_EXPECT_TRUE_MSG(test, dmaconf_buf_check(dc, buf, "after the release"),
				      "memory was written after the channel was released");
	dmaconf_claim(dc);
}

/* A provider that takes a lock in prep and drops it in submit cannot leave any over. */
static bool prep_locks(struct dmaconf *dc)
{
	struct dmaconf_xfer *x = dmaconf_xfer(dc, 64);
	int before = preempt_count();
	bool locks;

	KUNIT_ASSERT_TRUE_MSG(dc->test, dmaconf_try_prep(x), "a plain transfer was refused");
	locks = preempt_count() != before;
	dmaconf_try_submit(x);
	dmaconf_issue(dc);
	dmaconf_finish(x);
	return locks;
}

/* Prepare until there are enough or no more; nothing is submitted. */
static int prepare_many(struct dmaconf *dc, struct dmaconf_xfer *x)
{
	int n = 0;

	while (n < PREPARED && dmaconf_try_prep(x))
		n++;
	return n;
}

static void expect_reclaim(struct dmaconf *dc, bool release)
{
	struct dmaconf_xfer *x = dmaconf_xfer(dc, 64);
	int first = 0, n;

	for (int i = 0; i < LEFTOVERS; i++) {
		n = prepare_many(dc, x);
		if (release) {
			dmaconf_unclaim(dc);
			dmaconf_claim(dc);
		} else {
			dmaconf_terminate_sync(dc);
		}
		if (!i)
			first = n;
		KUNIT_ASSERT_GE_MSG(dc->test, n, first,
				    "descriptors after %d times %d were left over by %s", i, first,
				    release ? "release" : "termination");
	}
}

/*
 * Broken: each aborted client leaks descriptors, until prep fails for everybody after
 * days.
 */
DMACONF_RULE(chan, release_reclaims, SHOULD,
	     "Release and termination take back the descriptors that were prepared and never submitted.",
	     "Documentation/driver-api/dmaengine/provider.rst:381; drivers/dma/virt-dma.h:185",
	     NEEDS_FREE | NEEDS_XFER)
{
	dmaconf_claim(dc);
	if (prep_locks(dc))
		dmaconf_not_applicable(test, "prep takes a lock that submit drops");
	expect_reclaim(dc, true);
	if (dc->device->device_terminate_all)
		expect_reclaim(dc, false);
	/* Whatever termination kept is given back by the release, at the latest. */
	dmaconf_unclaim(dc);
	dmaconf_claim(dc);
}

static struct kunit_case chan_rules[] = {
	DMACONF_CASE(chan, by_mask),
	DMACONF_CASE(chan, by_name),
	DMACONF_CASE(chan, exclusive),
	DMACONF_CASE(chan, filter_foreign),
	DMACONF_CASE(chan, alloc_pairing),
	DMACONF_CASE(chan, alloc_context),
	DMACONF_CASE(chan, alloc_fail),
	DMACONF_CASE(chan, alloc_enodev),
	DMACONF_CASE(chan, private),
	DMACONF_CASE(chan, realloc_fresh),
	DMACONF_CASE(chan, release_quiet),
	DMACONF_CASE(chan, release_reclaims),
	{}
};

DMACONF_SUITE(chan);

kunit_test_suites(&chan_suite);
