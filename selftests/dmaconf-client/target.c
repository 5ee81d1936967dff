// SPDX-License-Identifier: GPL-2.0-only
/* What may be driven: only what the module was told by name. */
#include <linux/device.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/string.h>

#include "client.h"

static char *device = "stub";
module_param(device, charp, 0444);
MODULE_PARM_DESC(device, "what may be driven: device names, NAME/CHANNEL, drivers, compatibles, with commas");

static bool client_is(struct dma_chan *chan, const char *name, size_t len)
{
	struct device *dev = chan->device->dev;
	char word[64], label[64];

	if (!len || len >= sizeof(word))
		return false;
	memcpy(word, name, len);
	word[len] = '\0';
	snprintf(label, sizeof(label), "%s/%d", dev_name(dev), chan->chan_id);
	return !strcmp(word, dev_name(dev)) || !strcmp(word, label) ||
	       !strcmp(word, dev_driver_string(dev)) ||
	       (!strcmp(word, "stub") && !strcmp(dev_driver_string(dev), "dmaconf-stub")) ||
	       (dev->of_node && of_device_is_compatible(dev->of_node, word));
}

/**
 * client_may_drive - whether a channel's provider was named
 * @chan: any channel of the system
 *
 * Context: any.
 * Return: whether it was.
 */
bool client_may_drive(struct dma_chan *chan)
{
	size_t len;

	for (const char *name = device; name; name = name[len] ? name + len + 1 : NULL) {
		len = strcspn(name, ",");
		if (client_is(chan, name, len))
			return true;
	}
	return false;
}
