// SPDX-License-Identifier: GPL-2.0-only
/* What sysfs shows of a channel. */
#include <linux/device.h>
#include <linux/device/class.h>
#include <linux/kstrtox.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "dmaconf.h"
#include "mock.h"

/* An attribute of the class, as its file would read it. */
static ssize_t show(struct device *dev, const char *name, char *page)
{
	const struct attribute_group **group = dev->class->dev_groups;
	struct device_attribute *found = NULL;

	for (; group && *group; group++)
		for (struct attribute **attr = (*group)->attrs; *attr; attr++)
			if (!strcmp((*attr)->name, name))
				found = container_of(*attr, struct device_attribute, attr);
	return found ? found->show(dev, found, page) : -ENOENT;
}

static long show_number(struct dmaconf *dc, struct device *dev, const char *name)
{
	char *page = kunit_kzalloc(dc->test, PAGE_SIZE, GFP_KERNEL);
	long value = -1;
	ssize_t ret;

	KUNIT_ASSERT_NOT_NULL(dc->test, page);
	ret = show(dev, name, page);
	if (ret < 0)
		value = ret;
	else
		KUNIT_EXPECT_EQ_MSG(dc->test, kstrtol(page, 10, &value), 0, "%s of %s reads %s",
				    name, dev_name(dev), page);
	kunit_kfree(dc->test, page);
	return value;
}

static void expect_file(struct dmaconf *dc, struct device *dev, const char *name)
{
	struct kernfs_node *file = sysfs_get_dirent(dev->kobj.sd, name);

	KUNIT_EXPECT_NOT_NULL_MSG(dc->test, file, "%s has no %s", dev_name(dev), name);
	sysfs_put(file);
}

static void expect_in_use(struct dmaconf *dc, struct device *dev, int clients)
{
	KUNIT_EXPECT_EQ_MSG(dc->test, dmaconf_unheld(dc)->client_count, clients, "client_count");
	KUNIT_EXPECT_EQ_MSG(dc->test, show_number(dc, dev, "in_use"), clients, "in_use of %s",
			    dev_name(dev));
}

/* Who has a file open keeps the entry, not the channel. */
static void expect_gone_when_unregistered(struct dmaconf *dc)
{
	struct dmaconf_mock *mock = dmaconf_mock(dc->test, "dmaconf-mock");
	struct device *dev;

	KUNIT_ASSERT_EQ(dc->test, dmaconf_mock_register(mock), 0);
	dev = get_device(&mock->chans[0].dev->device);
	KUNIT_EXPECT_EQ(dc->test, show_number(dc, dev, "in_use"), 0);
	dmaconf_mock_unregister(mock);
	KUNIT_EXPECT_EQ(dc->test, show_number(dc, dev, "in_use"), -ENODEV);
	KUNIT_EXPECT_EQ(dc->test, show_number(dc, dev, "memcpy_count"), -ENODEV);
	KUNIT_EXPECT_EQ(dc->test, show_number(dc, dev, "bytes_transferred"), -ENODEV);
	put_device(dev);
}

/* Broken: administrators and scripts look at the wrong channel, or see one in use that is free. */
DMACONF_RULE(sysfs, entries, MUST,
	     "Every channel has its entry dmaXchanY in sysfs, which counts its clients, and says so when it is gone.",
	     "drivers/dma/dmaengine.c:144; drivers/dma/dmaengine.c:1103; drivers/dma/dmaengine.c:1153",
	     NEEDS_FREE)
{
	struct dma_chan *chan = dmaconf_unheld(dc);
	struct device *dev = &chan->dev->device;
	char name[32];

	snprintf(name, sizeof(name), "dma%dchan%d", dc->device->dev_id, chan->chan_id);
	KUNIT_EXPECT_STREQ(test, dev_name(dev), name);
	KUNIT_EXPECT_PTR_EQ(test, dev->parent, dc->device->dev);
	expect_file(dc, dev, "in_use");
	expect_file(dc, dev, "memcpy_count");
	expect_file(dc, dev, "bytes_transferred");
	KUNIT_EXPECT_GE(test, show_number(dc, dev, "memcpy_count"), 0);
	KUNIT_EXPECT_GE(test, show_number(dc, dev, "bytes_transferred"), 0);

	expect_in_use(dc, dev, 0);
	dmaconf_claim(dc);
	expect_in_use(dc, dev, 1);
	dmaconf_unclaim(dc);
	expect_in_use(dc, dev, 0);
	expect_gone_when_unregistered(dc);
}

static struct kunit_case sysfs_rules[] = {
	DMACONF_CASE(sysfs, entries),
	{}
};

DMACONF_SUITE(sysfs);

kunit_test_suites(&sysfs_suite);
