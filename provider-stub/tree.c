// SPDX-License-Identifier: GPL-2.0-only
/*
 * The stub in the device tree: a node for the slave device, and two clients that
 * refer to it by channel and data port.
 */
#include <linux/of_dma.h>

#include "dmaengine.h"
#include "steps.h"
#include "stub.h"
#include "tree.h"

#define STUB_CELLS	2	/* channel, data port */

static struct dmaconf_tree *stub_tree;
static struct device_node *stub_tree_slave;

/**
 * stub_tree_init - add the nodes, where there is a device tree
 *
 * Context: may sleep.
 * Return: 0 or negative errno.
 */
int stub_tree_init(void)
{
	static const u32 tx[STUB_CELLS] = { 0, 0 }, rx[STUB_CELLS] = { 0, 1 };
	struct device_node *np;
	int ret = -ENOMEM;

	stub_tree = dmaconf_tree_new();
	if (!stub_tree)
		return 0;
	np = dmaconf_tree_target(stub_tree, "dmaconf-stub-slave", STUB_CELLS);
	if (np && dmaconf_tree_client(stub_tree, "dmaconf-stub-tx", np, "tx", tx, STUB_CELLS) &&
	    dmaconf_tree_client(stub_tree, "dmaconf-stub-rx", np, "rx", rx, STUB_CELLS))
		ret = dmaconf_tree_apply(stub_tree);
	if (ret)
		stub_tree_exit();
	else
		stub_tree_slave = np;
	return ret;
}

/**
 * stub_tree_exit - take them back
 *
 * Context: may sleep. No device has one.
 */
void stub_tree_exit(void)
{
	stub_tree_slave = NULL;
	dmaconf_tree_free(stub_tree);
	stub_tree = NULL;
}

/**
 * stub_tree_node - the node of a device to be
 * @kind: its personality
 * @instance: its number; only the first has one
 *
 * Context: may sleep.
 * Return: the node, or NULL.
 */
struct device_node *stub_tree_node(const struct stub_personality *kind, int instance)
{
	return kind == &stub_slave && !instance ? stub_tree_slave : NULL;
}

struct dma_chan *stub_xlate(struct of_phandle_args *spec, struct of_dma *ofdma)
{
	struct stub_dev *sdev = ofdma->of_dma_data;

	if (spec->args_count != STUB_CELLS || spec->args[0] >= sdev->nchans ||
	    spec->args[1] >= STUB_PORTS)
		return NULL;
	return dma_get_slave_channel(&sdev->chans[spec->args[0]].chan);
}
