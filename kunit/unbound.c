// SPDX-License-Identifier: GPL-2.0-only
/* Why there is no channel: DMA controllers of the device tree that no driver has taken. */
#include <linux/device.h>
#include <linux/fwnode.h>
#include <linux/of.h>

#include "dmaconf.h"

/* Both kinds of link: to devices, and to nodes that have not become devices yet. */
static void dmaconf_print_awaited(struct device *dev)
{
	struct fwnode_handle *fwnode = dev_fwnode(dev);
	struct fwnode_link *wanted;
	struct device_link *link;

	list_for_each_entry(link, &dev->links.suppliers, c_node)
		if (!device_is_bound(link->supplier))
			pr_err("# dmaconf: unbound device=%s waits=%s\n", dev_name(dev),
			       dev_name(link->supplier));
	list_for_each_entry(wanted, &fwnode->suppliers, c_hook)
		pr_err("# dmaconf: unbound device=%s waits=%pfw\n", dev_name(dev),
		       wanted->supplier);
}

static void dmaconf_print_controller(struct device_node *np)
{
	struct device *dev = np->fwnode.dev;
	const char *compatible;

	if (!of_device_is_available(np) || (dev && device_is_bound(dev)))
		return;
	if (of_property_read_string(np, "compatible", &compatible))
		compatible = "?";
	pr_err("# dmaconf: unbound device=%s compatible=%s%s\n",
	       dev ? dev_name(dev) : np->full_name, compatible, dev ? "" : " waits=its-bus");
	if (dev)
		dmaconf_print_awaited(dev);
}

/**
 * dmaconf_print_unbound - say which DMA controllers have no driver
 *
 * Those that are not in a device tree are not known. A driver that is not
 * configured, or whose probe failed, looks the same; what a deferred one waits
 * for is printed too.
 *
 * Context: may sleep; no device is being probed.
 */
void dmaconf_print_unbound(void)
{
	static const char * const names[] = { "dma", "dma-controller" };
	struct device_node *np;

	for_each_node_with_property(np, "#dma-cells")
		dmaconf_print_controller(np);
	/* Those that nobody refers to, for copies in memory, may be without it. */
	for (int i = 0; i < ARRAY_SIZE(names); i++)
		for_each_node_by_name(np, names[i])
			if (!of_property_read_bool(np, "#dma-cells"))
				dmaconf_print_controller(np);
}
