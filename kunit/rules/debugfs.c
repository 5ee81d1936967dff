// SPDX-License-Identifier: GPL-2.0-only
/* What debugfs shows of a provider. */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/namei.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "dmaconf.h"

#define SUMMARY_SIZE	SZ_64K

/* Open the file, have it printed to our own buffer, and close it. */
static int summary_print(struct dentry *dentry, char *text)
{
	struct file *file = kzalloc(sizeof(*file), GFP_KERNEL);
	const struct file_operations *fops;
	struct seq_file *seq;
	int ret;

	if (!file)
		return -ENOMEM;
	file->f_path.dentry = dentry;
	fops = debugfs_real_fops(file);
	ret = fops->open(d_inode(dentry), file);
	if (!ret) {
		seq = file->private_data;
		seq->buf = text;
		seq->size = SUMMARY_SIZE - 1;
		ret = seq->op->show(seq, NULL);
		text[seq->count] = '\0';
		/* It is ours, and the file would free it. */
		seq->buf = NULL;
		fops->release(d_inode(dentry), file);
	}
	kfree(file);
	return ret;
}

/* The file's text, which goes with the test. */
static const char *read_summary(struct dmaconf *dc)
{
	char *text = kunit_kzalloc(dc->test, SUMMARY_SIZE, GFP_KERNEL);
	struct dentry *dentry = dmaconf_debugfs("dmaengine", "summary");
	int ret;

	KUNIT_ASSERT_NOT_NULL(dc->test, text);
	KUNIT_ASSERT_NOT_NULL_MSG(dc->test, dentry, "no dmaengine/summary in debugfs");
	ret = debugfs_file_get(dentry);
	if (!ret) {
		ret = summary_print(dentry, text);
		debugfs_file_put(dentry);
	}
	dput(dentry);
	KUNIT_ASSERT_EQ_MSG(dc->test, ret, 0, "reading dmaengine/summary");
	return text;
}

/* What the summary says of the channel under test, or NULL. */
static bool summary_has(struct dmaconf *dc, const char *text, const char *what)
{
	const char *at;
	char line[128];

	snprintf(line, sizeof(line), " %-13s| %s", dma_chan_name(dmaconf_unheld(dc)), what);
	at = strstr(text, line);
	/* Who came by way of a router is followed by its name. */
	return at && (at[strlen(line)] == '\n' || strstarts(at + strlen(line), " (via router: "));
}

static void expect_device_line(struct dmaconf *dc, const char *text)
{
	char line[128];

	snprintf(line, sizeof(line), "dma%d (%s): number of channels: %u\n", dc->device->dev_id,
		 dev_name(dc->device->dev), dc->device->chancnt);
	KUNIT_EXPECT_NOT_NULL_MSG(dc->test, strstr(text, line), "no line in the summary: %s", line);
}

/* Who holds the channel: nobody that the core knows, or the client that it was requested for. */
static void expect_held_line(struct dmaconf *dc)
{
	char who[64] = "in-use";

	/* A provider may print in its own way; the core's way is known. */
	if (dc->device->dbg_summary_show)
		return;
	KUNIT_EXPECT_FALSE_MSG(dc->test, summary_has(dc, read_summary(dc), "in-use"),
			       "the summary has a channel that nobody holds");
	dmaconf_claim(dc);
	if (dc->chan->slave)
		snprintf(who, sizeof(who), "%s:%s", dev_name(dc->chan->slave),
			 dc->chan->name + strlen("dma:"));
	KUNIT_EXPECT_TRUE_MSG(dc->test, summary_has(dc, read_summary(dc), who),
			      "the summary does not say that %s holds the channel", who);
	dmaconf_unclaim(dc);
}

/* A channel that was requested by name is shown with its client. */
static void expect_named_line(struct dmaconf *dc)
{
	const struct dma_filter *filter = &dc->device->filter;
	struct dma_chan *chan, *ours = dmaconf_unheld(dc);
	struct device *client;
	char who[64];

	for (int i = 0; i < filter->mapcnt && !dc->device->dbg_summary_show; i++) {
		client = root_device_register(filter->map[i].devname);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(dc->test, client);
		chan = dma_request_chan(client, filter->map[i].slave);
		snprintf(who, sizeof(who), "%s:%s", dev_name(client), filter->map[i].slave);
		if (chan == ours)
			KUNIT_EXPECT_TRUE_MSG(dc->test, summary_has(dc, read_summary(dc), who),
					      "the summary does not say that %s holds it", who);
		if (!IS_ERR(chan))
			dma_release_channel(chan);
		root_device_unregister(client);
	}
}

static void call_show(struct dmaconf *dc, void *seq)
{
	dc->device->dbg_summary_show(seq, dc->device);
}

/* The core calls it with dma_list_mutex held. */
static void expect_only_prints(struct dmaconf *dc)
{
	struct seq_file seq = { .size = SUMMARY_SIZE };

	if (!dc->device->dbg_summary_show)
		return;
	seq.buf = kunit_kzalloc(dc->test, SUMMARY_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(dc->test, seq.buf);
	KUNIT_ASSERT_TRUE_MSG(dc->test, dmaconf_under_list_mutex(dc, call_show, &seq),
			      "dbg_summary_show waits for as long as dma_list_mutex is held: it would deadlock, for the core calls it with that mutex held");
	KUNIT_EXPECT_FALSE_MSG(dc->test, seq_has_overflowed(&seq),
			       "dbg_summary_show printed more than %d bytes", SUMMARY_SIZE);
}

/* Broken: reading a file in debugfs hangs, and from then on nobody gets or releases any channel. */
DMACONF_RULE(debugfs, summary, MUST,
	     "The summary in debugfs has every provider, and who holds its channels; what a provider adds to it prints and does nothing else.",
	     "drivers/dma/dmaengine.c:63; include/linux/dmaengine.h:857",
	     NEEDS_FREE)
{
	if (!IS_ENABLED(CONFIG_DEBUG_FS))
		dmaconf_not_tested(test, "kernel without CONFIG_DEBUG_FS");
	expect_only_prints(dc);
	expect_device_line(dc, read_summary(dc));
	expect_held_line(dc);
	expect_named_line(dc);
}

static struct kunit_case debugfs_rules[] = {
	DMACONF_CASE(debugfs, summary),
	{}
};

DMACONF_SUITE(debugfs);

kunit_test_suites(&debugfs_suite);
