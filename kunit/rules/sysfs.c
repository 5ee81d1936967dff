// SPDX-License-Identifier: GPL-2.0-only
/* What sysfs shows of a channel. */
#include <linux/device.h>
#include <linux/device/class.h>
#include <linux/fs.h>
#include <linux/kstrtox.h>
#include <linux/mount.h>
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

/* In a mount of its own: nobody may have mounted sysfs yet. */
static struct file *open_attribute(struct vfsmount *mnt, struct device *dev, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "class/dma/%s/%s", dev_name(dev), name);
	return file_open_root_mnt(mnt, path, O_RDONLY, 0);
}

/* @file is of a provider that is registered; it is closed here. */
static void expect_file_gone(struct dmaconf *dc, struct dmaconf_mock *mock, struct file *file)
{
	char text[8] = "";
	loff_t pos = 0;

	if (IS_ERR(file)) {
		KUNIT_FAIL(dc->test, "in_use of a channel cannot be opened: %pe", file);
		return;
	}
	KUNIT_EXPECT_EQ(dc->test, kernel_read(file, text, sizeof(text) - 1, &pos), 2);
	KUNIT_EXPECT_STREQ(dc->test, text, "0\n");
	dmaconf_mock_unregister(mock);
	pos = 0;
	KUNIT_EXPECT_EQ_MSG(dc->test, kernel_read(file, text, sizeof(text) - 1, &pos), -ENODEV,
			    "in_use of a channel that is gone, in a file that was open");
	filp_close(file, NULL);
}

static void expect_open_file_gone(struct dmaconf *dc)
{
	struct dmaconf_mock *mock = dmaconf_mock(dc->test, "dmaconf-open");
	struct file_system_type *sysfs = get_fs_type("sysfs");
	struct vfsmount *mnt;

	KUNIT_ASSERT_NOT_NULL(dc->test, sysfs);
	KUNIT_ASSERT_EQ(dc->test, dmaconf_mock_register(mock), 0);
	mnt = kern_mount(sysfs);
	if (!IS_ERR(mnt)) {
		expect_file_gone(dc, mock, open_attribute(mnt, &mock->chans[0].dev->device,
							  "in_use"));
		kern_unmount(mnt);
	}
	/* put_filesystem() is not exported. */
	module_put(sysfs->owner);
	KUNIT_EXPECT_FALSE_MSG(dc->test, IS_ERR(mnt), "sysfs cannot be mounted: %pe", mnt);
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
	expect_open_file_gone(dc);
}

static struct kunit_case sysfs_rules[] = {
	DMACONF_CASE(sysfs, entries),
	{}
};

DMACONF_SUITE(sysfs);

kunit_test_suites(&sysfs_suite);
