// SPDX-License-Identifier: GPL-2.0-only
/*
 * Channels by name: what one is called, and asking for it.
 */
#include <linux/device/class.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "channel.h"

/**
 * dmaconf_class_chan - the channel that an entry of the class dma is for
 * @dev: the entry
 *
 * Context: any.
 * Return: the channel.
 */
struct dma_chan *dmaconf_class_chan(struct device *dev)
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

/**
 * dmaconf_provider_name - what a channel's provider is called: like its device
 * @chan: the channel, which leads to its provider
 * @name: DMACONF_LABEL bytes
 *
 * A driver may register several providers for one device, as amba-pl08x does.
 *
 * Context: may sleep.
 */
void dmaconf_provider_name(struct dma_chan *chan, char *name)
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

/**
 * dmaconf_resolve - find out which channel a client's name leads to
 * @target: of a client; @target->chan is filled in
 *
 * It is known only from asking for it.
 *
 * Context: may sleep.
 * Return: 0 or negative errno, which is printed.
 */
int dmaconf_resolve(struct dmaconf_target *target)
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

/**
 * dmaconf_client_target - a channel that an aid's client may ask for
 * @aid: the aid
 * @i: which one of its names
 *
 * Context: any.
 * Return: the target, not resolved yet.
 */
struct dmaconf_target dmaconf_client_target(const struct dmaconf_aid *aid, unsigned int i)
{
	struct dmaconf_target target = { .aid = aid, .name = aid->names[i] };

	snprintf(target.label, DMACONF_LABEL, "%s/%s", dev_name(aid->client), target.name);
	return target;
}

/* Any free channel leads to the class that has them all; none is kept. */
static bool dmaconf_note_class(struct dma_chan *chan, void *param)
{
	const struct class **class = param;

	*class = chan->dev->device.class;
	return false;
}

/**
 * dmaconf_class - the class that has all channels of the system
 *
 * Context: may sleep.
 * Return: the class, or NULL when no channel is free.
 */
const struct class *dmaconf_class(void)
{
	const struct class *class = NULL;
	dma_cap_mask_t any;

	dma_cap_zero(any);
	dma_request_channel(any, dmaconf_note_class, &class);
	return class;
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
 * Return: the channel; it is there as long as its provider is.
 */
struct dma_chan *dmaconf_unheld(const struct dmaconf *dc)
{
	return dmaconf_target(dc->label)->chan;
}
