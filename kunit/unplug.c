// SPDX-License-Identifier: GPL-2.0-only
/* Taking a provider away from its driver, and giving it back. */
#include <linux/device.h>
#include <linux/device/bus.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "dmaconf.h"

#define REUSE_SMALLEST	64
#define REUSE_LARGEST	SZ_8K	/* beyond it kmalloc() takes whole pages */
#define REUSE_TRIES	256

/* The device that has the driver: the provider's own, or the one that it was made for. */
static struct device *dmaconf_bound(struct dma_device *device)
{
	struct device *dev = device->dev;

	return dev->driver || !dev->parent ? dev : dev->parent;
}

/**
 * dmaconf_can_unbind - whether the provider's driver may be taken from its device
 * @device: the provider
 *
 * Context: may sleep.
 * Return: whether it may.
 */
bool dmaconf_can_unbind(struct dma_device *device)
{
	struct device *dev = dmaconf_bound(device);

	return dev->bus && dev->driver && !dev->driver->suppress_bind_attrs;
}

static void dmaconf_plug(void *param)
{
	struct device *dev = param;

	if (!dev->driver && device_attach(dev) != 1)
		dev_err(dev, "its driver did not take it back\n");
	put_device(dev);
}

/**
 * dmaconf_unbind - take the provider's driver from its device, as hot unplug does
 * @dc: the test; channels may be held only where there is a device_release
 *
 * From now on &struct dmaconf.device exists only as long as a channel is held.
 * The driver comes back after the rule at the latest.
 *
 * Context: may sleep; asserts.
 */
void dmaconf_unbind(struct dmaconf *dc)
{
	struct device *dev = get_device(dmaconf_bound(dc->device));

	dc->unplugged = dev;
	KUNIT_ASSERT_EQ(dc->test, kunit_add_action_or_reset(dc->test, dmaconf_plug, dev), 0);
	device_release_driver(dev);
	KUNIT_ASSERT_NULL_MSG(dc->test, dev->driver, "the driver of %s stayed", dev_name(dev));
}

/**
 * dmaconf_rebind - give the provider's driver back to its device
 * @dc: the test, after dmaconf_unbind(); no channel is held
 *
 * Context: may sleep; asserts that the channel under test is there again.
 */
void dmaconf_rebind(struct dmaconf *dc)
{
	struct device *dev = dc->unplugged;
	int ret = device_attach(dev);

	KUNIT_ASSERT_EQ_MSG(dc->test, ret, 1, "the driver of %s did not take it back",
			    dev_name(dev));
	dc->unplugged = NULL;
	kunit_release_action(dc->test, dmaconf_plug, dev);
	KUNIT_ASSERT_TRUE_MSG(dc->test, dmaconf_lookup(dc), "%s did not come back", dc->label);
}

static int dmaconf_count_channel(struct device *dev, void *count)
{
	*(int *)count += dev->class && !strcmp(dev->class->name, "dma");
	return 0;
}

/**
 * dmaconf_entries - count the channels that sysfs shows below a device
 * @dev: of a provider
 *
 * Context: may sleep.
 * Return: their number.
 */
int dmaconf_entries(struct device *dev)
{
	int count = 0;

	device_for_each_child(dev, &count, dmaconf_count_channel);
	return count;
}

static bool dmaconf_reused_by(const void *at, size_t len, size_t size, void **tries)
{
	bool hit = false;

	for (int i = 0; i < REUSE_TRIES; i++) {
		tries[i] = kmalloc(size, GFP_KERNEL);
		hit |= tries[i] && at < tries[i] + size && tries[i] < at + len;
	}
	for (int i = 0; i < REUSE_TRIES; i++)
		kfree(tries[i]);
	return hit;
}

/**
 * dmaconf_freed - whether memory that must exist was given back to kfree()
 * @dc: the test
 * @at: the memory
 * @len: its size in bytes
 *
 * Tries to get it. What is not found out is not known to exist.
 *
 * Context: may sleep; asserts.
 * Return: true when it certainly was.
 */
bool dmaconf_freed(struct dmaconf *dc, const void *at, size_t len)
{
	void **tries = kcalloc(REUSE_TRIES, sizeof(*tries), GFP_KERNEL);
	bool freed = false;

	KUNIT_ASSERT_NOT_NULL(dc->test, tries);
	for (size_t size = REUSE_SMALLEST; size <= REUSE_LARGEST; size *= 2)
		freed |= dmaconf_reused_by(at, len, size, tries);
	kfree(tries);
	return freed;
}
