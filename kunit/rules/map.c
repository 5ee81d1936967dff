// SPDX-License-Identifier: GPL-2.0-only
/* DMA mapping: for which device, how long a segment, and in which context. */
#include <linux/slab.h>

#include "dmaconf.h"

#define LONGEST		(SZ_1M + SZ_64K)

/*
 * A client whose second buffer cannot be mapped gives the first one back and
 * drops its request. That the mapping fails is made up: nothing can make it
 * fail in earnest without a warning of the DMA API.
 */
static void expect_mapping_error(struct dmaconf *dc, struct device *dev)
{
	u8 *mem = kunit_kzalloc(dc->test, 512, GFP_KERNEL);
	dma_addr_t src, dst = DMA_MAPPING_ERROR;

	KUNIT_ASSERT_NOT_NULL(dc->test, mem);
	src = dma_map_single(dev, mem, 512, DMA_TO_DEVICE);
	KUNIT_ASSERT_EQ(dc->test, dma_mapping_error(dev, src), 0);
	KUNIT_EXPECT_NE_MSG(dc->test, dma_mapping_error(dev, dst), 0,
			    "DMA_MAPPING_ERROR is not taken for an error");
	dma_unmap_single(dev, src, 512, DMA_TO_DEVICE);
}

/* A client that cannot map drops its request; the channel knows nothing of it. */
static void expect_channel_to_serve(struct dmaconf *dc)
{
	if (dc->type)
		dmaconf_transfer(dc, 256);
}

/*
 * Broken: buffers are mapped for the wrong device: the engine reads wrong addresses, or
 * an IOMMU stops it.
 */
DMACONF_RULE(map, dma_device, MUST,
	     "dmaengine_get_dma_device() names one device as long as the channel is held, and memory can be mapped for it.",
	     "include/linux/dmaengine.h:364; include/linux/dmaengine.h:1669; Documentation/driver-api/dmaengine/client.rst:122",
	     NEEDS_ANY)
{
	struct device *dev = dmaengine_get_dma_device(dc->chan);

	KUNIT_EXPECT_PTR_EQ(test, dev, dc->chan->dev->chan_dma_dev ? &dc->chan->dev->device :
							       dc->device->dev);
	KUNIT_ASSERT_NOT_NULL_MSG(test, dev->dma_mask,
				  "%s has no dma_mask: nothing can be mapped for it",
				  dev_name(dev));
	dmaconf_buf(dc, 100, DMA_TO_DEVICE);
	dmaconf_buf(dc, 100, DMA_FROM_DEVICE);
	dmaconf_buf(dc, 100, DMA_BIDIRECTIONAL);
	expect_mapping_error(dc, dev);
	expect_channel_to_serve(dc);
	KUNIT_EXPECT_PTR_EQ_MSG(test, dmaengine_get_dma_device(dc->chan), dev,
				"the mapping device changed while the channel was in use");
}

/* One transfer that is a single segment. */
static bool expect_segment(struct dmaconf *dc, size_t len, unsigned int nents,
			   enum dma_transfer_direction dir)
{
	struct dmaconf_xfer *x;

	if (dir != DMA_MEM_TO_MEM)
		dmaconf_streams_of(dc, len * nents);
	x = dmaconf_xfer_dir(dc, len * nents, dir);
	if (nents > 1)
		KUNIT_ASSERT_TRUE(dc->test, dmaconf_xfer_split(x, nents));
	if (!dmaconf_try_queue(x)) {
		KUNIT_FAIL(dc->test, "%s: a segment of %zu bytes was refused; max_seg_size is %u",
			   dmaengine_get_direction_text(dir), len,
			   dma_get_max_seg_size(dc->dev));
		return false;
	}
	dmaconf_issue(dc);
	if (dmaconf_finish(x))
		return true;
	dmaconf_diag(dc, "%s: %u segment(s) of %zu bytes; max_seg_size is %u",
		     dmaengine_get_direction_text(dir), nents, len,
		     dma_get_max_seg_size(dc->dev));
	return false;
}

/*
 * The limit, and what a counter of 16 or 20 bits could take wrong. A length that is not even
 * is moved byte by byte by many an engine: of the long ones memcpy.large tries those.
 */
static void expect_segments(struct dmaconf *dc, enum dma_transfer_direction dir)
{
	u64 limit = min_t(u64, dma_get_max_seg_size(dc->dev), dma_get_seg_boundary(dc->dev));
	size_t most = rounddown((size_t)min_t(u64, limit, LONGEST), dc->align);
	bool copy = dir == DMA_MEM_TO_MEM && dma_has_cap(DMA_MEMCPY, dc->device->cap_mask);
	size_t tries[] = {
		most, limit <= LONGEST ? most - dc->align : 0, SZ_64K, SZ_64K - dc->align,
		SZ_64K + dc->align, SZ_1M, copy ? 0 : SZ_1M - dc->align,
	};

	for (int i = 0; i < ARRAY_SIZE(tries); i++)
		if (tries[i] && tries[i] <= most && !expect_segment(dc, tries[i], 1, dir))
			return;
	if (dir != DMA_MEM_TO_MEM && most <= SZ_64K)
		expect_segment(dc, most, 2, dir);
}

/*
 * Broken: the tail of a long segment is silently missing, though the mapping kept to the
 * limit that the device declares.
 */
DMACONF_RULE(map, max_seg, MUST,
	     "A single segment of any length up to dma_get_max_seg_size() is accepted and moved whole.",
	     "include/linux/dma-mapping.h:517; include/linux/dmaengine.h:1669",
	     NEEDS_XFER)
{
	if (dmaconf_in_memory(dc)) {
		expect_segments(dc, DMA_MEM_TO_MEM);
		return;
	}
	if (dc->device->directions & BIT(DMA_MEM_TO_DEV))
		expect_segments(dc, DMA_MEM_TO_DEV);
	if (dc->device->directions & BIT(DMA_DEV_TO_MEM))
		expect_segments(dc, DMA_DEV_TO_MEM);
}

/*
 * Broken: terminating under a lock warns or crashes inside the memory allocator, on some
 * architectures only.
 */
DMACONF_RULE(map, free_coherent_ctx, MUST,
	     "Termination with interrupts off frees no coherent memory: that must wait for a context that allows it.",
	     "Documentation/core-api/dma-api.rst:72; kernel/dma/mapping.c:650",
	     NEEDS_XFER | NEEDS_TERMINATE)
{
	int reports = dmaconf_reports(), ret;
	unsigned long irqflags;

	for (int i = 0; i < 6; i++) {
		/* Completed before, in flight and not issued. */
		if (i & 1)
			dmaconf_transfer(dc, 64);
		for (int n = 0; n < 2 && i < 4; n++)
			dmaconf_start(dmaconf_xfer(dc, SZ_16K));
		if (i & 2 || i == 4)
			dmaconf_queue(dmaconf_xfer(dc, 512));
		local_irq_save(irqflags);
		ret = dmaconf_terminate(dc);
		local_irq_restore(irqflags);
		KUNIT_EXPECT_EQ(test, ret, 0);
		KUNIT_EXPECT_EQ(test, dmaconf_terminate_sync(dc), 0);
	}
	KUNIT_EXPECT_EQ_MSG(test, dmaconf_reports(), reports,
			    "the kernel warned: was coherent memory freed with interrupts off?");
}

/* In map_memory.c and map_unmap.c. */
DMACONF_ELSEWHERE(map, dma_mask);
DMACONF_ELSEWHERE(map, exact_region);
DMACONF_ELSEWHERE(map, kinds);
DMACONF_ELSEWHERE(map, unmap_put);
DMACONF_ELSEWHERE(map, unmap_pool);

static struct kunit_case map_rules[] = {
	DMACONF_CASE(map, dma_device),
	DMACONF_CASE(map, dma_mask),
	DMACONF_CASE(map, max_seg),
	DMACONF_CASE(map, exact_region),
	DMACONF_CASE(map, kinds),
	DMACONF_CASE(map, unmap_put),
	DMACONF_CASE(map, unmap_pool),
	DMACONF_CASE(map, free_coherent_ctx),
	{}
};

DMACONF_SUITE(map);

kunit_test_suites(&map_suite);
