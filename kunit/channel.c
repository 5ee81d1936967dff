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
		 "providers under test: device name, name/number, driver or compatible; a client of an aid, client/channel; \"stub\"; \"all\"; several with commas");

/**
 * struct dmaconf_target - a channel under test
 * @label: as the user sees it, see dmaconf_label(); of a client's channel
 *	"<client>/<channel name>"
 * @chan: the channel; what a client's name leads to may change from request to
 *	request, then it is the one that it led to last
 * @aid: for a client's channel, else NULL
 * @name: for a client's channel, what it is requested by
 * @cpu: the CPU that takes the interrupt which ends its transfers, or DMACONF_CPU_*
 */
struct dmaconf_target {
	char label[DMACONF_LABEL];
	struct dma_chan *chan;
	const struct dmaconf_aid *aid;
	const char *name;
	int cpu;
};

static struct dmaconf_target *dmaconf_targets;
static unsigned int dmaconf_ntargets;
static bool dmaconf_announced;	/* the channels were printed once */

static struct dmaconf_target *dmaconf_target(const char *label)
{
	for (unsigned int i = 0; i < dmaconf_ntargets; i++)
		if (!strcmp(dmaconf_targets[i].label, label))
			return &dmaconf_targets[i];
	return NULL;
}

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

/* A client's channel is known only from asking for it. */
static int dmaconf_resolve(struct dmaconf_target *target)
{
	target->chan = dma_request_chan(target->aid->client, target->name);
	if (IS_ERR(target->chan)) {
		pr_err("# dmaconf: error no channel is found for %s (%pe)\n", target->label,
		       target->chan);
		return PTR_ERR(target->chan);
	}
	dma_release_channel(target->chan);
	return 0;
}

static struct dmaconf_target dmaconf_client_target(const struct dmaconf_aid *aid, unsigned int i)
{
	struct dmaconf_target target = { .aid = aid, .name = aid->names[i] };

	snprintf(target.label, DMACONF_LABEL, "%s/%s", dev_name(aid->client), target.name);
	return target;
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

/* Making a label takes a walk over all channels: not for each that it cannot be anyway. */
static bool dmaconf_may_have_label(struct dma_chan *chan, const char *label)
{
	const char *number = strrchr(label, '/');
	int id;

	return chan->device && str_has_prefix(label, dev_name(chan->device->dev)) && number &&
	       !kstrtoint(number + 1, 10, &id) && id == chan->chan_id;
}

static bool dmaconf_has_label(struct dma_chan *chan, void *param)
{
	char label[DMACONF_LABEL];

	if (!dmaconf_may_have_label(chan, param))
		return false;
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
	struct dmaconf_target *target = dmaconf_target(label);
	struct dma_chan *chan;
	dma_cap_mask_t any;

	if (target && target->aid) {
		chan = dma_request_chan(target->aid->client, target->name);
		if (IS_ERR(chan))
			return NULL;
		target->chan = chan;
		return chan;
	}
	dma_cap_zero(any);
	return dma_request_channel(any, dmaconf_has_label, (void *)label);
}

static bool dmaconf_not_mine(struct dma_chan *chan, void *param)
{
	struct dmaconf *dc = param;

	return chan->device == dc->device && chan != dc->chan &&
	       !dmaconf_has_label(chan, (void *)dc->label);
}

/* Another of the client's channels, if it has one that is of the same provider and free. */
static struct dma_chan *dmaconf_client_peer(struct dmaconf *dc)
{
	const struct dmaconf_target *mine = dmaconf_target(dc->label);
	struct dma_chan *chan;

	for (unsigned int i = 0; mine->aid && i < mine->aid->nnames; i++) {
		if (!strcmp(mine->aid->names[i], mine->name))
			continue;
		chan = dma_request_chan(mine->aid->client, mine->aid->names[i]);
		if (IS_ERR(chan))
			continue;
		if (chan->device == dc->device && chan != dmaconf_unheld(dc))
			return chan;
		dma_release_channel(chan);
	}
	return NULL;
}

/**
 * dmaconf_request_other - request any free channel of the provider but the one under test
 * @dc: the test
 *
 * Context: may sleep.
 * Return: the channel, to be released by the caller, or NULL.
 */
struct dma_chan *dmaconf_request_other(struct dmaconf *dc)
{
	struct dma_chan *chan = dmaconf_client_peer(dc);
	dma_cap_mask_t any;

	/* Transfers on a channel that is slave only need the aid. */
	if (chan || (dc->aid && dc->aid->client && !dmaconf_in_memory(dc)))
		return chan;
	dma_cap_zero(any);
	return dma_request_channel(any, dmaconf_not_mine, dc);
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
	dc->peer = dmaconf_request_other(dc);
	if (!dc->peer)
		dmaconf_not_tested(dc->test, "no second free channel of %s",
				   dev_name(dc->device->dev));
	return dc->peer;
}

static int dmaconf_lookup_one(struct device *dev, void *data)
{
	struct dmaconf_target *target = data;
	struct dma_chan *chan = dmaconf_class_chan(dev);

	if (!dmaconf_has_label(chan, target->label))
		return 0;
	target->chan = chan;
	return 1;
}

static int dmaconf_lookup_client(const struct dmaconf_aid *aid, void *data)
{
	struct dmaconf_target *target = data;

	for (unsigned int i = 0; i < aid->nnames; i++) {
		struct dmaconf_target found = dmaconf_client_target(aid, i);

		if (strcmp(found.label, target->label) || dmaconf_resolve(&found))
			continue;
		target->chan = found.chan;
		target->aid = found.aid;
		target->name = found.name;
		return 1;
	}
	return 0;
}

/**
 * dmaconf_lookup - find provider and aids of the channel under test
 * @dc: the test; @dc->label is set, @dc->device and @dc->aid are filled in
 *
 * Context: may sleep.
 * Return: whether the channel exists.
 */
bool dmaconf_lookup(struct dmaconf *dc)
{
	struct dmaconf_target *target = dmaconf_target(dc->label);
	const struct class *class = dmaconf_class();

	/* Not by what was found before: it may have been unbound, and bound again. */
	if (!class ||
	    !(target->aid ? dmaconf_aid_clients(dmaconf_lookup_client, target) :
			    class_for_each_device(class, NULL, target, dmaconf_lookup_one)))
		return false;
	dc->device = target->chan->device;
	dc->aid = target->aid ?: dmaconf_aid_find(dc->device);
	return true;
}

/**
 * dmaconf_unheld - the channel under test while nobody holds it: to look at, not to use
 * @dc: the test
 *
 * Context: any.
 */
struct dma_chan *dmaconf_unheld(const struct dmaconf *dc)
{
	return dmaconf_target(dc->label)->chan;
}
