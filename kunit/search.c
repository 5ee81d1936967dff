// SPDX-License-Identifier: GPL-2.0-only
/*
 * The channels under test: those that the user's selector names, never one that
 * happens to be free. KUnit gets them as parameters.
 */
#include <linux/device/class.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "channel.h"

static char *device = "stub";
module_param(device, charp, 0644);
MODULE_PARM_DESC(device,
		 "providers under test: device name, name/number, driver or compatible; a client of an aid, client/channel; \"stub\"; \"all\"; several with commas");

static struct dmaconf_target *dmaconf_targets;
static unsigned int dmaconf_ntargets;
static bool dmaconf_announced;	/* the channels were printed once */

/**
 * dmaconf_target - the channel under test that is called so
 * @label: of the channel
 *
 * Context: any; the list changes only between suites.
 * Return: the channel, or NULL.
 */
struct dmaconf_target *dmaconf_target(const char *label)
{
	for (unsigned int i = 0; i < dmaconf_ntargets; i++)
		if (!strcmp(dmaconf_targets[i].label, label))
			return &dmaconf_targets[i];
	return NULL;
}

static bool dmaconf_driven_by(struct device *dev, const char *word)
{
	return !strcmp(word, dev_driver_string(dev)) ||
	       of_device_is_compatible(dev_of_node(dev), word);
}

/* Whether one word of the selector names the channel. */
static bool dmaconf_named(struct dma_chan *chan, const char *word)
{
	char label[DMACONF_LABEL], name[DMACONF_LABEL];
	struct device *dev;

	dmaconf_label(chan, label);
	if (!*label)
		return false;
	dmaconf_provider_name(chan, name);
	dev = chan->device->dev;
	if (!strcmp(word, "all") || !strcmp(word, label) || !strcmp(word, name) ||
	    !strcmp(word, dev_name(dev)))
		return true;
	if (!strcmp(word, "stub"))
		word = "dmaconf-stub";
	/* A provider may register with a device that its driver made for it. */
	return dmaconf_driven_by(dev, word) ||
	       (dev->parent && dmaconf_driven_by(dev->parent, word));
}

static const char *dmaconf_caps_text(struct dma_chan *chan, char *text, size_t size)
{
	static const struct {
		enum dma_transaction_type type;
		const char *name;
	} caps[] = {
		{ DMA_MEMCPY, "memcpy" }, { DMA_MEMSET, "memset" },
		{ DMA_MEMSET_SG, "memset_sg" }, { DMA_XOR, "xor" }, { DMA_XOR_VAL, "xor_val" },
		{ DMA_PQ, "pq" }, { DMA_PQ_VAL, "pq_val" }, { DMA_INTERRUPT, "interrupt" },
		{ DMA_SLAVE, "slave" }, { DMA_CYCLIC, "cyclic" },
		{ DMA_INTERLEAVE, "interleaved" }, { DMA_PRIVATE, "private" },
	};
	int n = 0;

	text[0] = '\0';
	for (int i = 0; i < ARRAY_SIZE(caps); i++)
		if (dma_has_cap(caps[i].type, chan->device->cap_mask))
			n += scnprintf(text + n, size - n, "%s%s", n ? "," : "", caps[i].name);
	return text;
}

/**
 * struct dmaconf_search - a walk over all channels of the system
 * @word: one word of the selector
 * @hits: channels that it names
 * @busy: of these, channels that somebody holds
 * @err: could not go on
 */
struct dmaconf_search {
	const char *word;
	unsigned int hits;
	unsigned int busy;
	int err;
};

static int dmaconf_target_add(const struct dmaconf_target *found)
{
	struct dma_chan *chan = found->chan;
	struct dmaconf_target *more;
	char caps[120];

	if (dmaconf_target(found->label))
		return 0;
	more = krealloc_array(dmaconf_targets, dmaconf_ntargets + 1, sizeof(*more), GFP_KERNEL);
	if (!more)
		return -ENOMEM;
	dmaconf_targets = more;
	more[dmaconf_ntargets] = *found;
	more[dmaconf_ntargets++].cpu = DMACONF_CPU_UNKNOWN;
	if (dmaconf_announced)
		return 0;
	pr_info("# dmaconf: channel label=%s driver=%s name=%s caps=%s\n", found->label,
		dev_driver_string(chan->device->dev), dma_chan_name(chan),
		dmaconf_caps_text(chan, caps, sizeof(caps)));
	return 0;
}

static int dmaconf_search_one(struct device *dev, void *data)
{
	struct dmaconf_target found = { .chan = dmaconf_class_chan(dev) };
	struct dmaconf_search *search = data;

	if (!dmaconf_named(found.chan, search->word))
		return 0;
	search->hits++;
	dmaconf_label(found.chan, found.label);
	if (found.chan->client_count) {
		pr_err("# dmaconf: busy device=%s\n", found.label);
		search->busy++;
		return 0;
	}
	search->err = dmaconf_target_add(&found);
	return search->err;
}

static int dmaconf_search_client(const struct dmaconf_aid *aid, void *data)
{
	struct dmaconf_search *search = data;
	bool whole = !strcmp(search->word, "all") ||
		     !strcmp(search->word, dev_name(aid->client)) ||
		     of_device_is_compatible(dev_of_node(aid->client), search->word);

	for (unsigned int i = 0; i < aid->nnames && !search->err; i++) {
		struct dmaconf_target found = dmaconf_client_target(aid, i);

		if (!whole && strcmp(search->word, found.label))
			continue;
		search->hits++;
		search->err = dmaconf_resolve(&found) ?: dmaconf_target_add(&found);
	}
	return search->err;
}

static int dmaconf_print_available(struct device *dev, void *data)
{
	struct dma_chan *chan = dmaconf_class_chan(dev);

	char name[DMACONF_LABEL];

	if (chan->chan_id || !chan->device)
		return 0;
	dmaconf_provider_name(chan, name);
	pr_info("# dmaconf: available device=%s driver=%s\n", name,
		dev_driver_string(chan->device->dev));
	return 0;
}

static int dmaconf_search(const struct class *class, const char *word)
{
	struct dmaconf_search search = { .word = word };

	class_for_each_device(class, NULL, &search, dmaconf_search_one);
	if (!search.err)
		dmaconf_aid_clients(dmaconf_search_client, &search);
	if (search.err)
		return search.err;
	if (search.busy)
		return -EBUSY;
	if (search.hits)
		return 0;
	pr_err("# dmaconf: error no channel matches device=%s\n", word);
	class_for_each_device(class, NULL, NULL, dmaconf_print_available);
	dmaconf_print_unbound();
	return -ENODEV;
}

/**
 * dmaconf_channels_find - make the list of channels under test
 *
 * Context: may sleep.
 * Return: 0; -ENODEV when a word of the selector names nothing, -EBUSY when a
 * channel that it names is in use. What is wrong is printed.
 */
int dmaconf_channels_find(void)
{
	const struct class *class = dmaconf_class();
	char *words, *rest, *word;
	int ret = 0;

	dmaconf_ntargets = 0;
	if (!class) {
		pr_err("# dmaconf: error no channel matches device=%s\n", device);
		dmaconf_print_unbound();
		return -ENODEV;
	}
	words = kstrdup(device, GFP_KERNEL);
	if (!words)
		return -ENOMEM;
	rest = strim(words);
	while (!ret && (word = strsep(&rest, ",")))
		ret = dmaconf_search(class, word);
	kfree(words);
	dmaconf_announced = !ret;
	return ret;
}

/**
 * dmaconf_device - the selector, as the user gave it
 *
 * Context: any.
 * Return: the words, "" for none.
 */
const char *dmaconf_device(void)
{
	return device;
}

/**
 * dmaconf_params - KUnit parameter generator: one parameter per channel
 * @prev: the last parameter, or NULL
 * @desc: where the label goes
 *
 * Context: any.
 * Return: the next parameter, or NULL after the last.
 */
const void *dmaconf_params(const void *prev, char *desc)
{
	const struct dmaconf_target *next = prev;

	next = prev ? next + 1 : dmaconf_targets;
	if (next >= dmaconf_targets + dmaconf_ntargets)
		return NULL;
	strscpy(desc, next->label, KUNIT_PARAM_DESC_SIZE);
	return next;
}

/**
 * dmaconf_channel_label - what a parameter is called
 * @param: a KUnit parameter
 *
 * Context: any.
 * Return: its name in all reports.
 */
const char *dmaconf_channel_label(const void *param)
{
	const struct dmaconf_target *target = param;

	return target->label;
}

/**
 * dmaconf_channel_cpu - where it is kept which CPU ends the channel's transfers
 * @param: a KUnit parameter
 *
 * Context: any.
 * Return: a place that lasts as long as the suites; DMACONF_CPU_UNKNOWN is there until it is known.
 */
int *dmaconf_channel_cpu(const void *param)
{
	return &((struct dmaconf_target *)param)->cpu;
}
