// SPDX-License-Identifier: GPL-2.0-only
/*
 * The channels under test: found by name, never taken because they happen to
 * be free.
 */
#include <linux/device/class.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "dmaconf.h"

static char *device = "stub";
module_param(device, charp, 0644);
MODULE_PARM_DESC(device,
		 "providers under test: device name, name/number, driver or compatible; \"stub\"; \"all\"; several with commas");

/**
 * struct dmaconf_target - a channel under test
 * @label: as the user sees it, see dmaconf_label()
 * @cpu: the CPU that takes the interrupt which ends its transfers, or DMACONF_CPU_*
 */
struct dmaconf_target {
	char label[DMACONF_LABEL];
	int cpu;
};

static struct dmaconf_target *dmaconf_targets;
static unsigned int dmaconf_ntargets;
static bool dmaconf_announced;	/* the channels were printed once */

static struct dma_chan *dmaconf_class_chan(struct device *dev)
{
	return container_of(dev, struct dma_chan_dev, device)->chan;
}

/**
 * struct dmaconf_place - a provider's place among those that a driver registered for a device
 * @device: the provider
 * @before: how many were registered before it
 */
struct dmaconf_place {
	const struct dma_device *device;
	int before;
};

static int dmaconf_count_before(struct device *dev, void *data)
{
	const struct dma_chan *chan = dmaconf_class_chan(dev);
	struct dmaconf_place *place = data;

	if (!chan->chan_id && chan->device && chan->device->dev == place->device->dev &&
	    chan->device->dev_id < place->device->dev_id)
		place->before++;
	return 0;
}

/* A driver may register several providers for one device, as amba-pl08x does. */
static void dmaconf_provider_name(struct dma_chan *chan, char *name)
{
	struct dmaconf_place place = { .device = chan->device };

	class_for_each_device(chan->dev->device.class, NULL, &place, dmaconf_count_before);
	if (place.before)
		snprintf(name, DMACONF_LABEL, "%s:%d", dev_name(chan->device->dev),
			 place.before + 1);
	else
		strscpy(name, dev_name(chan->device->dev), DMACONF_LABEL);
}

/**
 * dmaconf_label - what a channel is called
 * @chan: the channel
 * @label: DMACONF_LABEL bytes, for "<provider>/<number>"; empty when the channel does not
 *	lead to its provider: then it has no name and is never tested
 *
 * Context: may sleep.
 */
void dmaconf_label(struct dma_chan *chan, char *label)
{
	char name[DMACONF_LABEL];

	*label = '\0';
	if (!chan->device)
		return;
	dmaconf_provider_name(chan, name);
	snprintf(label, DMACONF_LABEL, "%s/%d", name, chan->chan_id);
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

static bool dmaconf_listed(const char *label)
{
	for (unsigned int i = 0; i < dmaconf_ntargets; i++)
		if (!strcmp(dmaconf_targets[i].label, label))
			return true;
	return false;
}

static int dmaconf_target_add(struct dma_chan *chan)
{
	struct dmaconf_target *more;
	char caps[120], label[DMACONF_LABEL];

	dmaconf_label(chan, label);
	if (dmaconf_listed(label))
		return 0;
	more = krealloc_array(dmaconf_targets, dmaconf_ntargets + 1, sizeof(*more), GFP_KERNEL);
	if (!more)
		return -ENOMEM;
	dmaconf_targets = more;
	more[dmaconf_ntargets].cpu = DMACONF_CPU_UNKNOWN;
	strscpy(more[dmaconf_ntargets++].label, label, DMACONF_LABEL);
	if (dmaconf_announced)
		return 0;
	pr_info("# dmaconf: channel label=%s driver=%s name=%s caps=%s\n", label,
		dev_driver_string(chan->device->dev), dma_chan_name(chan),
		dmaconf_caps_text(chan, caps, sizeof(caps)));
	return 0;
}

static int dmaconf_search_one(struct device *dev, void *data)
{
	struct dma_chan *chan = dmaconf_class_chan(dev);
	struct dmaconf_search *search = data;
	char label[DMACONF_LABEL];

	if (!dmaconf_named(chan, search->word))
		return 0;
	search->hits++;
	if (chan->client_count) {
		dmaconf_label(chan, label);
		pr_err("# dmaconf: busy device=%s\n", label);
		search->busy++;
		return 0;
	}
	search->err = dmaconf_target_add(chan);
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

/* Any free channel leads to the class that has them all; none is kept. */
static bool dmaconf_note_class(struct dma_chan *chan, void *param)
{
	const struct class **class = param;

	*class = chan->dev->device.class;
	return false;
}

static const struct class *dmaconf_class(void)
{
	const struct class *class = NULL;
	dma_cap_mask_t any;

	dma_cap_zero(any);
	dma_request_channel(any, dmaconf_note_class, &class);
	return class;
}

static int dmaconf_search(const struct class *class, const char *word)
{
	struct dmaconf_search search = { .word = word };

	class_for_each_device(class, NULL, &search, dmaconf_search_one);
	if (search.err)
		return search.err;
	if (search.busy)
		return -EBUSY;
	if (search.hits)
		return 0;
	pr_err("# dmaconf: error no channel matches device=%s\n", word);
	class_for_each_device(class, NULL, NULL, dmaconf_print_available);
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
 */
const char *dmaconf_channel_label(const void *param)
{
	const struct dmaconf_target *target = param;

	return target->label;
}

/**
 * dmaconf_channel_cpu - where it is kept which CPU ends the channel's transfers
 * @param: a KUnit parameter
 */
int *dmaconf_channel_cpu(const void *param)
{
	return &((struct dmaconf_target *)param)->cpu;
}

static bool dmaconf_has_label(struct dma_chan *chan, void *param)
{
	char label[DMACONF_LABEL];

	dmaconf_label(chan, label);
	return !strcmp(label, param);
}

/**
 * dmaconf_request - claim one channel for itself, as clients do
 * @label: of the channel
 *
 * Context: may sleep.
 * Return: the channel, or NULL when it is in use or cannot be allocated.
 */
struct dma_chan *dmaconf_request(const char *label)
{
	dma_cap_mask_t any;

	dma_cap_zero(any);
	return dma_request_channel(any, dmaconf_has_label, (void *)label);
}

static bool dmaconf_not_mine(struct dma_chan *chan, void *param)
{
	struct dmaconf *dc = param;
	char label[DMACONF_LABEL];

	dmaconf_label(chan, label);
	return chan->device == dc->device && strcmp(label, dc->label);
}

/**
 * dmaconf_peer - claim another channel of the provider
 * @dc: the test
 *
 * The harness releases it after the rule.
 *
 * Context: may sleep; skips the rule when there is none.
 * Return: the channel.
 */
struct dma_chan *dmaconf_peer(struct dmaconf *dc)
{
	dma_cap_mask_t any;

	dma_cap_zero(any);
	dc->peer = dma_request_channel(any, dmaconf_not_mine, dc);
	if (!dc->peer)
		dmaconf_not_tested(dc->test, "no second free channel of %s",
				   dev_name(dc->device->dev));
	return dc->peer;
}

static int dmaconf_lookup_one(struct device *dev, void *data)
{
	struct dmaconf *dc = data;
	struct dma_chan *chan = dmaconf_class_chan(dev);

	if (!dmaconf_has_label(chan, (void *)dc->label))
		return 0;
	dc->device = chan->device;
	return 1;
}

/**
 * dmaconf_lookup - find the provider of the channel under test
 * @dc: the test; @dc->label is set, @dc->device is filled in
 *
 * Context: may sleep.
 * Return: whether the channel exists.
 */
bool dmaconf_lookup(struct dmaconf *dc)
{
	const struct class *class = dmaconf_class();

	return class && class_for_each_device(class, NULL, dc, dmaconf_lookup_one);
}
