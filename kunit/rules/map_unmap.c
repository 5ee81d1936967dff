// SPDX-License-Identifier: GPL-2.0-only
/* DMA mapping: unmap data, which a client leaves to its provider. */
#include <linux/kref.h>
#include <linux/slab.h>

#include "dmaconf.h"

#define OWN_REFS	3	/* a provider that drops too many frees nothing */
#define TO_ADDR		0x1000	/* not looked at: nothing is unmapped by them */
#define FROM_ADDR	0x2000

/* Unmap data with references of our own, so that it outlives every provider. */
static struct dmaengine_unmap_data *unmap_get(struct dmaconf *dc, int nr)
{
	struct dmaengine_unmap_data *unmap = dmaengine_get_unmap_data(dc->dev, nr, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(dc->test, unmap);
	for (int i = 1; i < OWN_REFS; i++)
		kref_get(&unmap->kref);
	return unmap;
}

/* Nothing is unmapped by it. What a provider still holds is left to it. */
static void unmap_put(struct dmaengine_unmap_data *unmap)
{
	unmap->to_cnt = 0;
	unmap->from_cnt = 0;
	for (int n = min(kref_read(&unmap->kref), OWN_REFS); n; n--)
		dmaengine_unmap_put(unmap);
}

/* A copy that carries unmap data, submitted. */
static struct dmaengine_unmap_data *queue_with_unmap(struct dmaconf_xfer *x)
{
	struct dmaengine_unmap_data *unmap = unmap_get(x->dc, 2);

	unmap->to_cnt = 1;
	unmap->from_cnt = 1;
	unmap->addr[0] = TO_ADDR;
	unmap->addr[1] = FROM_ADDR;
	unmap->len = x->len;
	if (dmaconf_try_prep(x)) {
		dma_set_unmap(x->tx, unmap);
		dmaconf_try_submit(x);
	}
	KUNIT_EXPECT_EQ_MSG(x->dc->test, x->state, DMACONF_SUBMITTED, "a plain copy was refused");
	return unmap;
}

static void unmap_seen_by_callback(struct dmaconf_xfer *x)
{
	struct dmaengine_unmap_data *unmap = x->priv;

	if (kref_read(&unmap->kref) > OWN_REFS)
		x->priv = NULL;
}

static void expect_drop_on_completion(struct dmaconf *dc)
{
	struct dmaconf_xfer *x = dmaconf_xfer(dc, 64 * (1 + dmaconf_random(dc, 64)));
	struct dmaengine_unmap_data *unmap = queue_with_unmap(x);
	int refs;

	x->priv = unmap;
	x->on_callback = unmap_seen_by_callback;
	dmaconf_issue(dc);
	dmaconf_finish(x);
	if (!x->priv)
		dmaconf_diag(dc, "the unmap data was still held inside the callback");
	/* The reference may go a moment after the callback. */
	dmaconf_until(kref_read(&unmap->kref) <= OWN_REFS);
	refs = kref_read(&unmap->kref);
	unmap_put(unmap);
	KUNIT_ASSERT_EQ_MSG(dc->test, refs, OWN_REFS, "unmap data of a completed copy");
}

/* Some running, some waiting, some not issued. */
static void expect_drop_on_termination(struct dmaconf *dc)
{
	struct dmaengine_unmap_data *unmap[4];
	bool gate = dc->aid && dc->aid->gate;

	if (gate)
		dmaconf_hold(dc);
	for (int i = 0; i < ARRAY_SIZE(unmap); i++) {
		unmap[i] = queue_with_unmap(dmaconf_xfer(dc, SZ_16K));
		if (i < 3)
			dmaconf_issue(dc);
		if (gate && !i)
			dmaconf_step(dc, 100);
	}
	KUNIT_EXPECT_EQ(dc->test, dmaconf_terminate_sync(dc), 0);
	dmaconf_release(dc);
	for (int i = 0; i < ARRAY_SIZE(unmap); i++) {
		KUNIT_EXPECT_EQ_MSG(dc->test, kref_read(&unmap[i]->kref), OWN_REFS,
				    "references of the unmap data of copy %d of 4 after termination%s",
				    i, i < 3 ? "" : " (not issued)");
		unmap_put(unmap[i]);
	}
}

/*
 * Broken: every operation leaks a mapping until none is left, or unmaps memory that the
 * engine is still given.
 */
DMACONF_RULE(map, unmap_put, MUST,
	     "Unmap data attached to a descriptor is dropped exactly once, when it completes or is terminated.",
	     "include/linux/dmaengine.h:630; include/linux/dmaengine.h:653; crypto/async_tx/async_memcpy.c:61; drivers/dma/ioat/dma.c:626",
	     NEEDS_MEMORY)
{
	if (dc->type == &dmaconf_interleaved)
		dmaconf_not_applicable(test, "no client attaches unmap data to these transfers");
	for (int i = 0; i < 4; i++)
		expect_drop_on_completion(dc);
	if (dc->device->device_terminate_all)
		expect_drop_on_termination(dc);
}

/* Map @nr pieces that do not share cache lines, the first to, then from, then both ways. */
static int unmap_fill(struct dmaconf *dc, struct dmaengine_unmap_data *unmap, u8 *mem, int nr)
{
	int errors = 0;

	unmap->len = 64;
	unmap->to_cnt = (nr + 2) / 3;
	unmap->from_cnt = (nr + 1) / 3;
	unmap->bidi_cnt = nr - unmap->to_cnt - unmap->from_cnt;
	for (int i = 0; i < nr; i++) {
		u8 *at = mem + i * 2 * L1_CACHE_BYTES;
		enum dma_data_direction dir = i < unmap->to_cnt ? DMA_TO_DEVICE :
			i < unmap->to_cnt + unmap->from_cnt ? DMA_FROM_DEVICE :
			DMA_BIDIRECTIONAL;

		/* A zero among these means that there is nothing to unmap. */
		if (dir == DMA_BIDIRECTIONAL && i == nr - 1)
			continue;
		unmap->addr[i] = dma_map_page(dc->dev, virt_to_page(at), offset_in_page(at),
					      unmap->len, dir);
		errors += !!dma_mapping_error(dc->dev, unmap->addr[i]);
	}
	return errors;
}

/* What is still mapped when it is mapped again is reported by CONFIG_DMA_API_DEBUG. */
static void expect_pool_of(struct dmaconf *dc, u8 *mem, int nr)
{
	for (int twice = 0; twice < 2; twice++) {
		struct dmaengine_unmap_data *unmap;

		unmap = dmaengine_get_unmap_data(dc->dev, nr, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL_MSG(dc->test, unmap, "unmap data for %d addresses", nr);
		KUNIT_EXPECT_EQ(dc->test, unmap->map_cnt, nr);
		KUNIT_EXPECT_EQ(dc->test, unmap->to_cnt + unmap->from_cnt + unmap->bidi_cnt, 0);
		KUNIT_EXPECT_EQ(dc->test, kref_read(&unmap->kref), 1);
		KUNIT_EXPECT_PTR_EQ(dc->test, unmap->dev, dc->dev);
		memset(unmap->addr, 0, nr * sizeof(unmap->addr[0]));
		KUNIT_EXPECT_EQ_MSG(dc->test, unmap_fill(dc, unmap, mem, nr), 0, "not mapped");
		dmaengine_unmap_put(unmap);
	}
}

/* The provider drops the data that its client filled in and leaves it as it is. */
static void expect_unmap_data_kept(struct dmaconf *dc)
{
	struct dmaconf_xfer *x = dmaconf_xfer(dc, 512);
	struct dmaengine_unmap_data *unmap = queue_with_unmap(x);

	dmaconf_issue(dc);
	dmaconf_finish(x);
	dmaengine_synchronize(dc->chan);
	KUNIT_EXPECT_EQ_MSG(dc->test, unmap->map_cnt, 2, "after a copy");
	KUNIT_EXPECT_EQ_MSG(dc->test, unmap->to_cnt, 1, "after a copy");
	KUNIT_EXPECT_EQ_MSG(dc->test, unmap->from_cnt, 1, "after a copy");
	KUNIT_EXPECT_EQ_MSG(dc->test, unmap->bidi_cnt, 0, "after a copy");
	KUNIT_EXPECT_EQ_MSG(dc->test, unmap->len, x->len, "after a copy");
	KUNIT_EXPECT_EQ_MSG(dc->test, unmap->addr[0], TO_ADDR, "after a copy");
	KUNIT_EXPECT_EQ_MSG(dc->test, unmap->addr[1], FROM_ADDR, "after a copy");
	unmap_put(unmap);
}

/*
 * Broken: async_tx unmaps other addresses than it mapped: leaks, stale caches, or use of
 * freed memory.
 */
DMACONF_RULE(map, unmap_pool, MUST,
	     "Unmap data is there for every allowed number of addresses and unmaps what its client entered, which the provider does not change.",
	     "include/linux/dmaengine.h:560; drivers/dma/dmaengine.c:1351",
	     NEEDS_ANY)
{
	static const int counts[] = { 1, 2, 3, 16, 17, 128, 129, 256 };
	int last = IS_ENABLED(CONFIG_DMA_ENGINE_RAID) ? 256 : 2;
	u8 *mem = kunit_kzalloc(test, last * 2 * L1_CACHE_BYTES, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, mem);
	for (int i = 0; i < ARRAY_SIZE(counts) && counts[i] <= last; i++)
		expect_pool_of(dc, mem, counts[i]);
	if (dmaconf_in_memory(dc) && dc->type != &dmaconf_interleaved)
		expect_unmap_data_kept(dc);
}
