/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Device tree nodes made at run time, by a bench that has no board's tree and by
 * rules about requests through it. Without a device tree there are none.
 */
#ifndef DMACONF_TREE_H
#define DMACONF_TREE_H

#include <linux/of.h>

#define DMACONF_TREE_TARGETS	4

/**
 * struct dmaconf_tree - nodes that come and go together
 * @changes: what it takes to add them
 * @applied: they are in the tree
 * @next: the next free phandle
 * @targets: nodes that others refer to
 * @ntargets: how many
 */
struct dmaconf_tree {
	struct of_changeset changes;
	bool applied;
	phandle next;
	struct {
		struct device_node *np;
		phandle handle;
	} targets[DMACONF_TREE_TARGETS];
	int ntargets;
};

/* The kernel has to be able to change its device tree, see kernel.mk. */
#ifdef DMACONF_HAVE_TREE
struct dmaconf_tree *dmaconf_tree_new(void);
struct device_node *dmaconf_tree_target(struct dmaconf_tree *tree, const char *name, u32 cells);
struct device_node *dmaconf_tree_client(struct dmaconf_tree *tree, const char *name,
					struct device_node *target, const char *dma_name,
					const u32 *args, unsigned int nargs);
int dmaconf_tree_apply(struct dmaconf_tree *tree);
void dmaconf_tree_free(struct dmaconf_tree *tree);
#else
static inline struct dmaconf_tree *dmaconf_tree_new(void)
{
	return NULL;
}

static inline struct device_node *dmaconf_tree_target(struct dmaconf_tree *tree,
						      const char *name, u32 cells)
{
	return NULL;
}

static inline struct device_node *dmaconf_tree_client(struct dmaconf_tree *tree, const char *name,
						      struct device_node *target,
						      const char *dma_name, const u32 *args,
						      unsigned int nargs)
{
	return NULL;
}

static inline int dmaconf_tree_apply(struct dmaconf_tree *tree)
{
	return -EOPNOTSUPP;
}

static inline void dmaconf_tree_free(struct dmaconf_tree *tree)
{
}
#endif

#endif /* DMACONF_TREE_H */
