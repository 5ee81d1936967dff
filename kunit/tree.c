// SPDX-License-Identifier: GPL-2.0-only
/* Device tree nodes made at run time, see tree.h. */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "tree.h"

#define ARGS_MAX	8	/* of a client's reference */

/**
 * dmaconf_tree_new - begin with nodes
 *
 * Context: may sleep.
 * Return: no nodes yet, or NULL where the kernel has no device tree to add to.
 */
struct dmaconf_tree *dmaconf_tree_new(void)
{
	struct dmaconf_tree *tree = of_root ? kzalloc(sizeof(*tree), GFP_KERNEL) : NULL;
	struct device_node *np;

	if (!tree)
		return NULL;
	of_changeset_init(&tree->changes);
	for (np = of_find_all_nodes(NULL); np; np = of_find_all_nodes(np))
		tree->next = max(tree->next, np->phandle);
	tree->next++;
	return tree;
}
EXPORT_SYMBOL_GPL(dmaconf_tree_new);

/* Devices for the nodes are made by who made the nodes, or not at all. */
static struct device_node *dmaconf_tree_node(struct dmaconf_tree *tree, const char *name)
{
	struct device_node *np = of_changeset_create_node(&tree->changes, of_root, name);

	if (!np)
		return NULL;
	of_node_set_flag(np, OF_POPULATED);
	/* The changes have a reference of their own, until they are destroyed. */
	of_node_put(np);
	return np;
}

/**
 * dmaconf_tree_target - add a node that DMA clients may refer to
 * @tree: not applied
 * @name: of the node, below the root
 * @cells: its #dma-cells
 *
 * Context: may sleep.
 * Return: the node, or NULL.
 */
struct device_node *dmaconf_tree_target(struct dmaconf_tree *tree, const char *name, u32 cells)
{
	struct device_node *np;

	if (tree->ntargets == DMACONF_TREE_TARGETS)
		return NULL;
	np = dmaconf_tree_node(tree, name);
	if (!np || of_changeset_add_prop_u32_array(&tree->changes, np, "#dma-cells", &cells, 1))
		return NULL;
	tree->targets[tree->ntargets].np = np;
	tree->targets[tree->ntargets++].handle = tree->next++;
	return np;
}
EXPORT_SYMBOL_GPL(dmaconf_tree_target);

static phandle dmaconf_tree_handle(struct dmaconf_tree *tree, struct device_node *np)
{
	for (int i = 0; i < tree->ntargets; i++)
		if (tree->targets[i].np == np)
			return tree->targets[i].handle;
	return 0;
}

/**
 * dmaconf_tree_client - add a node with one DMA channel
 * @tree: not applied
 * @name: of the node, below the root
 * @target: what it refers to, from dmaconf_tree_target()
 * @dma_name: what it calls its channel
 * @args: of the reference
 * @nargs: as many as the target has #dma-cells
 *
 * Context: may sleep.
 * Return: the node, or NULL.
 */
struct device_node *dmaconf_tree_client(struct dmaconf_tree *tree, const char *name,
					struct device_node *target, const char *dma_name,
					const u32 *args, unsigned int nargs)
{
	u32 dmas[1 + ARGS_MAX] = { dmaconf_tree_handle(tree, target) };
	struct device_node *np;

	if (nargs > ARGS_MAX)
		return NULL;
	memcpy(dmas + 1, args, nargs * sizeof(*args));
	np = dmaconf_tree_node(tree, name);
	if (!np ||
	    of_changeset_add_prop_u32_array(&tree->changes, np, "dmas", dmas, 1 + nargs) ||
	    of_changeset_add_prop_string(&tree->changes, np, "dma-names", dma_name))
		return NULL;
	return np;
}
EXPORT_SYMBOL_GPL(dmaconf_tree_client);

/**
 * dmaconf_tree_apply - put the nodes into the tree
 * @tree: with all its nodes
 *
 * Context: may sleep.
 * Return: 0 or negative errno.
 */
int dmaconf_tree_apply(struct dmaconf_tree *tree)
{
	int ret = of_changeset_apply(&tree->changes);

	tree->applied = !ret;
	/* A node is attached before it has properties, so its phandle is not seen. */
	for (int i = 0; i < tree->ntargets && !ret; i++)
		tree->targets[i].np->phandle = tree->targets[i].handle;
	return ret;
}
EXPORT_SYMBOL_GPL(dmaconf_tree_apply);

/**
 * dmaconf_tree_free - take the nodes out of the tree
 * @tree: applied or not, or NULL; nobody uses its nodes
 *
 * Context: may sleep.
 */
void dmaconf_tree_free(struct dmaconf_tree *tree)
{
	if (!tree)
		return;
	if (tree->applied)
		of_changeset_revert(&tree->changes);
	of_changeset_destroy(&tree->changes);
	kfree(tree);
}
EXPORT_SYMBOL_GPL(dmaconf_tree_free);
