// SPDX-License-Identifier: GPL-2.0-only
/* Request paths: by mask, by name, and the filter that a provider exports. */
#include <linux/bitmap.h>
#include <linux/device.h>
#include <linux/of.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/uaccess.h>

#include "dmaconf.h"

#define NOBODY		"dmaconf-nobody"
#define MAP_ENTRIES	8	/* of a provider's map that are tried */

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
			KUNIT_EXPECT_TRUE_MSG(dc->test, dmaconf_has_prep(dc->device, cap),
					      "capability %d without its prep operation", cap);
	}
}

/* A mask that somebody else serves first is left alone. */
static void expect_first_by_mask(struct dmaconf *dc, dma_cap_mask_t mask)
{
	struct dmaconf_peek peek = dmaconf_peek(dc, mask);
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
		KUNIT_EXPECT_EQ_MSG(dc->test, dmaconf_peek(dc, one).ours > 0, has,
				    "shown to a filter for capability %d", cap);
		more = dc->device->cap_mask;
		__set_bit(cap, more.bits);
		KUNIT_EXPECT_EQ_MSG(dc->test, dmaconf_peek(dc, more).ours > 0, has,
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
	if (!dmaconf_peek(dc, all).first) {
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

/*
 * A channel by name: @mapped by the provider itself, or written into the device
 * tree by somebody who may have been wrong, and translated by the provider.
 */
static void expect_named(struct dmaconf *dc, struct device *client, const char *name, bool mapped)
{
	bool busy = dmaconf_anybody_holds(dc->device);
	struct dma_chan *chan, *again;

	chan = dma_request_chan(client, name);
	if (IS_ERR(chan) && (busy || !mapped)) {
		dmaconf_diag(dc, "no channel for %s:%s (%pe): %s", dev_name(client), name, chan,
			     busy ? "somebody holds one" : "is the device tree right?");
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
	KUNIT_EXPECT_EQ_MSG(dc->test, PTR_ERR(again), mapped ? -EPROBE_DEFER : -ENODEV,
			    "a name that nobody maps");
	/* A provider whose filter takes any channel serves the name once more. */
	again = dma_request_chan(client, name);
	KUNIT_EXPECT_PTR_NE_MSG(dc->test, again, chan, "a channel that is held");
	if (!IS_ERR(again))
		dma_release_channel(again);
	else if (mapped)
		KUNIT_EXPECT_EQ_MSG(dc->test, PTR_ERR(again), -EPROBE_DEFER,
				    "a name whose channel is held");

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

/* A client in the device tree, by each of its names that lead to the provider. */
static int expect_client_named(struct dmaconf *dc, struct device_node *np)
{
	struct device *client = root_device_register("dmaconf-client-of");
	struct of_phandle_args spec;
	const char *name;
	int n = 0;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(dc->test, client);
	client->of_node = np;
	for (int i = 0; !of_parse_phandle_with_args(np, "dmas", "#dma-cells", i, &spec); i++) {
		of_node_put(spec.np);
		if (spec.np != dev_of_node(dc->device->dev) ||
		    of_property_read_string_index(np, "dma-names", i, &name))
			continue;
		expect_named(dc, client, name, false);
		n++;
	}
	client->of_node = NULL;
	root_device_unregister(client);
	return n;
}

/* How many names clients in the device tree have for channels of the provider. */
static int expect_named_in_tree(struct dmaconf *dc)
{
	struct device_node *np;
	int n = 0;

	if (!dev_of_node(dc->device->dev))
		return 0;
	for_each_node_with_property(np, "dmas")
		if (of_device_is_available(np))
			n += expect_client_named(dc, np);
	return n;
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
	if (!expect_named_in_tree(dc) && !filter->mapcnt)
		dmaconf_not_applicable(test, "the provider maps no names");
	/* From the end, where a count that is too large shows. */
	for (int i = filter->mapcnt - 1; i >= max(0, filter->mapcnt - MAP_ENTRIES); i--) {
		struct device *client;

		KUNIT_ASSERT_NOT_NULL_MSG(test, filter->map[i].devname, "map entry %d", i);
		KUNIT_ASSERT_NOT_NULL_MSG(test, filter->map[i].slave, "map entry %d", i);
		client = root_device_register(filter->map[i].devname);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, client);
		expect_named(dc, client, filter->map[i].slave, true);
		expect_named(dc, client, filter->map[i].slave, true);
		root_device_unregister(client);
	}
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

/* In chan_share.c, chan_alloc.c and chan_release.c. */
DMACONF_ELSEWHERE(chan, exclusive);
DMACONF_ELSEWHERE(chan, private);
DMACONF_ELSEWHERE(chan, alloc_pairing);
DMACONF_ELSEWHERE(chan, alloc_context);
DMACONF_ELSEWHERE(chan, alloc_fail);
DMACONF_ELSEWHERE(chan, alloc_enodev);
DMACONF_ELSEWHERE(chan, realloc_fresh);
DMACONF_ELSEWHERE(chan, release_quiet);
DMACONF_ELSEWHERE(chan, release_reclaims);

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
