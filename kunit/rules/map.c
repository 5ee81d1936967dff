// SPDX-License-Identifier: GPL-2.0-only
/* DMA mapping. */
#include <linux/jiffies.h>
#include <linux/kref.h>
#include <linux/pfn.h>
#include <linux/slab.h>

#include "dmaconf.h"

#define LONGEST_COPY	SZ_1M
#define LONGEST_SLAVE	SZ_128K	/* well within the stream of a data port */
#define BLOCKS		16	/* of the largest kind that the page allocator has */
#define OWN_REFS	3	/* a provider that drops too many frees nothing */
#define TO_ADDR		0x1000	/* not looked at: nothing is unmapped by them */
#define FROM_ADDR	0x2000

/* Kinds of memory. */

static bool page_get(struct dmaconf *dc, struct dmaconf_buf *buf)
{
	buf->mem = (u8 *)__get_free_pages(GFP_KERNEL, get_order(buf->size));
	return buf->mem;
}

static bool page_map(struct dmaconf *dc, struct dmaconf_buf *buf)
{
	buf->map = dma_map_page(dc->dev, virt_to_page(buf->mem), offset_in_page(buf->mem),
				buf->size, buf->dir);
	buf->mapped = !dma_mapping_error(dc->dev, buf->map);
	return buf->mapped;
}

static void page_unmap(struct dmaconf *dc, struct dmaconf_buf *buf)
{
	if (buf->mapped)
		dma_unmap_page(dc->dev, buf->map, buf->size, buf->dir);
}

static void page_put(struct dmaconf *dc, struct dmaconf_buf *buf)
{
	page_unmap(dc, buf);
	free_pages((unsigned long)buf->mem, get_order(buf->size));
}

static bool sg_get(struct dmaconf *dc, struct dmaconf_buf *buf)
{
	buf->mem = kmalloc(buf->size, GFP_KERNEL);
	return buf->mem;
}

static bool sg_map(struct dmaconf *dc, struct dmaconf_buf *buf)
{
	sg_init_one(&buf->sg, buf->mem, buf->size);
	buf->mapped = dma_map_sg(dc->dev, &buf->sg, 1, buf->dir) == 1;
	buf->map = sg_dma_address(&buf->sg);
	return buf->mapped;
}

static void sg_put(struct dmaconf *dc, struct dmaconf_buf *buf)
{
	if (buf->mapped)
		dma_unmap_sg(dc->dev, &buf->sg, 1, buf->dir);
	kfree(buf->mem);
}

static bool coherent_get(struct dmaconf *dc, struct dmaconf_buf *buf)
{
	buf->mem = dma_alloc_coherent(dc->dev, buf->size, &buf->map, GFP_KERNEL);
	return buf->mem;
}

static void coherent_put(struct dmaconf *dc, struct dmaconf_buf *buf)
{
	dma_free_coherent(dc->dev, buf->size, buf->mem, buf->map);
}

static bool pool_get(struct dmaconf *dc, struct dmaconf_buf *buf)
{
	buf->pool = dma_pool_create("dmaconf", dc->dev, buf->size, 64, 0);
	if (!buf->pool)
		return false;
	buf->mem = dma_pool_alloc(buf->pool, GFP_KERNEL, &buf->map);
	if (!buf->mem)
		dma_pool_destroy(buf->pool);
	return buf->mem;
}

static void pool_put(struct dmaconf *dc, struct dmaconf_buf *buf)
{
	dma_pool_free(buf->pool, buf->mem, buf->map);
	dma_pool_destroy(buf->pool);
}

/* A buffer in a block of its own, so that several lie far from each other. */
static bool block_get(struct dmaconf *dc, struct dmaconf_buf *buf)
{
	buf->mem = (u8 *)__get_free_pages(GFP_KERNEL | __GFP_COMP | __GFP_NORETRY |
					  __GFP_NOWARN, MAX_PAGE_ORDER);
	return buf->mem;
}

static void block_put(struct dmaconf *dc, struct dmaconf_buf *buf)
{
	page_unmap(dc, buf);
	free_pages((unsigned long)buf->mem, MAX_PAGE_ORDER);
}

static const struct dmaconf_mem mem_block = {
	.name = "block of pages", .get = block_get, .map = page_map, .put = block_put,
};

static const struct dmaconf_mem mem_kinds[] = {
	{ .name = "page", .get = page_get, .map = page_map, .put = page_put },
	{ .name = "sg", .get = sg_get, .map = sg_map, .put = sg_put },
	{ .name = "coherent", .get = coherent_get, .put = coherent_put },
	{ .name = "pool", .get = pool_get, .put = pool_put },
};

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

/* Move data from and to one buffer, by what the channel can. */
static bool serves_buffer(struct dmaconf *dc, struct dmaconf_buf *buf, struct dmaconf_buf *other,
			  size_t len)
{
	struct dmaconf_xfer *x;

	x = dmaconf_xfer_between(dc, buf, 0, other, 0, len);
	dmaconf_start(x);
	return dmaconf_finish(x);
}

/*
 * Broken: on machines with much memory transfers go to a wrong address, cut to the bits
 * that the engine has.
 */
DMACONF_RULE(map, dma_mask, MUST,
	     "The DMA mask tells what the engine can address: every address that the DMA API returns under it works.",
	     "Documentation/core-api/dma-api-howto.rst:161; Documentation/core-api/dma-api.rst:270",
	     NEEDS_XFER)
{
	struct dmaconf_buf *bufs[BLOCKS];
	u64 mask = dma_get_mask(dc->dev), top = 0;
	size_t len = 1024;
	int n;

	KUNIT_ASSERT_NOT_NULL(test, dc->dev->dma_mask);
	KUNIT_ASSERT_NE_MSG(test, mask, 0, "the DMA mask is empty");
	for (n = 0; n < BLOCKS; n++) {
		bufs[n] = dmaconf_buf_of(dc, &mem_block, len, DMA_BIDIRECTIONAL);
		if (!bufs[n])
			break;
		top = max_t(u64, top, bufs[n]->dma);
		KUNIT_ASSERT_LE(test, (u64)bufs[n]->dma + len - 1, mask);
	}
	if (n < 2)
		dmaconf_not_tested(test, "no memory for blocks of pages");
	for (int i = 0; i < n; i++) {
		struct dmaconf_buf *other = bufs[(i + 1 + dmaconf_random(dc, n - 1)) % n];

		if (!serves_buffer(dc, bufs[i], other, len)) {
			dmaconf_diag(dc, "from %#llx to %#llx, with mask %#llx", (u64)other->dma,
				     (u64)bufs[i]->dma, mask);
			return;
		}
	}
	if (top >> 32 == 0 && mask >> 32)
		dmaconf_diag(dc, "highest address tried: %#llx of mask %#llx", top, mask);
}

/* One transfer that is a single segment. */
static bool expect_segment(struct dmaconf *dc, size_t len, unsigned int nents,
			   enum dma_transfer_direction dir)
{
	struct dmaconf_xfer *x;

	if (dir != DMA_MEM_TO_MEM)
		dmaconf_streams(dc);
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

/* The limit, and what a counter of 16 bits could take wrong. */
static void expect_segments(struct dmaconf *dc, size_t longest,
			    enum dma_transfer_direction dir)
{
	size_t most = rounddown(min_t(size_t, dma_get_max_seg_size(dc->dev), longest),
				dc->align);
	size_t tries[] = { most, most - dc->align, SZ_64K, SZ_64K - dc->align, SZ_64K + dc->align };

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
		expect_segments(dc, LONGEST_COPY, DMA_MEM_TO_MEM);
		return;
	}
	if (dc->device->directions & BIT(DMA_MEM_TO_DEV))
		expect_segments(dc, LONGEST_SLAVE, DMA_MEM_TO_DEV);
	if (dc->device->directions & BIT(DMA_DEV_TO_MEM))
		expect_segments(dc, LONGEST_SLAVE, DMA_DEV_TO_MEM);
}

/* A transfer somewhere inside the buffers, of a length that fits. */
static struct dmaconf_xfer *random_inside(struct dmaconf *dc, struct dmaconf_buf *dst,
					  struct dmaconf_buf *src)
{
	size_t units = (dst ? dst->len : src->len) / dc->align;
	size_t len = (1 + dmaconf_random(dc, units / 2)) * dc->align;
	size_t room = units - len / dc->align + 1;

	return dmaconf_xfer_between(dc, dst, dmaconf_random(dc, room) * dc->align,
				    src, dmaconf_random(dc, room) * dc->align, len);
}

static bool pieces_intact(struct dmaconf_xfer *x, const struct dmaconf_piece *pieces,
			  unsigned int n, const char *what)
{
	for (unsigned int i = 0; i < n; i++)
		if (!dmaconf_buf_check(x->dc, pieces[i].buf, what))
			return false;
	return true;
}

static bool expect_exact(struct dmaconf *dc, struct dmaconf_xfer *x)
{
	dmaconf_start(x);
	if (dmaconf_finish(x) &&
	    pieces_intact(x, x->to, x->nto, "outside of what was asked for") &&
	    pieces_intact(x, x->from, x->nfrom, "only read"))
		return true;
	dmaconf_diag(dc, "%s of %zu bytes from +%zu to +%zu", x->type->name, x->len,
		     x->nfrom ? x->from[0].off : 0, x->nto ? x->to[0].off : 0);
	return false;
}

/* The port of the channel got or gave the bytes of the transfers and no more. */
static void expect_exact_port(struct dmaconf *dc)
{
	struct dmaconf_port_stat stat;

	dc->aid->port->stat(dc->chan, 0, &stat);
	KUNIT_EXPECT_EQ_MSG(dc->test, stat.written, dc->streams[0].sink_next,
			    "bytes written to the port");
	KUNIT_EXPECT_EQ_MSG(dc->test, stat.read, dc->streams[0].source_next,
			    "bytes read from the port");
	KUNIT_EXPECT_EQ_MSG(dc->test, stat.stray, 0, "bytes beside the port");
}

/* Broken: neighbours of the destination, other people's memory, change now and then. */
DMACONF_RULE(map, exact_region, MUST,
	     "Exactly the requested bytes of the destination change; the source and what surrounds both stay as they are.",
	     "Documentation/core-api/dma-api.rst:300; Documentation/driver-api/dmaengine/dmatest.rst:9",
	     NEEDS_XFER)
{
	struct dmaconf_buf *src = dmaconf_buf(dc, 600 * dc->align, DMA_TO_DEVICE);
	struct dmaconf_buf *dst = dmaconf_buf(dc, 600 * dc->align, DMA_FROM_DEVICE);
	bool ok = true;

	for (int i = 0; i < 40 && ok; i++) {
		dmaconf_buf_refill(dc, dst);
		if (dmaconf_in_memory(dc))
			ok = expect_exact(dc, random_inside(dc, dst, src));
		else if (i & 1)
			ok = expect_exact(dc, random_inside(dc, NULL, src));
		else
			ok = expect_exact(dc, random_inside(dc, dst, NULL));
	}
	if (!dmaconf_in_memory(dc))
		expect_exact_port(dc);
}

/* A new buffer each time: what was there before proves nothing. */
static struct dmaconf_buf *kind_buf(struct dmaconf *dc, int kind, enum dma_data_direction dir)
{
	size_t len = 128 * dc->align;
	struct dmaconf_buf *buf;

	if (kind < 0)
		return dmaconf_buf(dc, len, dir);
	buf = dmaconf_buf_of(dc, &mem_kinds[kind], len, dir);
	if (!buf)
		dmaconf_not_tested(dc->test, "no %s memory", mem_kinds[kind].name);
	return buf;
}

static const char *kind_name(struct dmaconf_buf *buf)
{
	if (!buf)
		return "the port";
	return buf->kind ? buf->kind->name : "single";
}

static void expect_kind(struct dmaconf *dc, struct dmaconf_buf *dst, struct dmaconf_buf *src)
{
	struct dmaconf_xfer *x = random_inside(dc, dst, src);

	if (!dmaconf_try_queue(x)) {
		KUNIT_FAIL(dc->test, "from %s to %s memory: refused", kind_name(src),
			   kind_name(dst));
		return;
	}
	dmaconf_issue(dc);
	if (!dmaconf_finish(x))
		dmaconf_diag(dc, "from %s +%zu to %s +%zu, %zu bytes", kind_name(src),
			     x->nfrom ? x->from[0].off : 0, kind_name(dst),
			     x->nto ? x->to[0].off : 0, x->len);
}

/*
 * Broken: clients with coherent or pool memory, or with buffers at odd offsets, transfer
 * to a wrong place.
 */
DMACONF_RULE(map, kinds, MUST,
	     "Streaming mappings of all kinds, coherent and dma_pool memory are operands, at any offset inside them.",
	     "Documentation/core-api/dma-api.rst:32; Documentation/core-api/dma-api.rst:118; Documentation/core-api/dma-api.rst:449",
	     NEEDS_XFER)
{
	int kinds = ARRAY_SIZE(mem_kinds);

	for (int s = -1; s < kinds && dmaconf_in_memory(dc); s++)
		for (int d = -1; d < kinds; d++)
			expect_kind(dc, kind_buf(dc, d, DMA_FROM_DEVICE),
				    kind_buf(dc, s, DMA_TO_DEVICE));
	for (int k = -1; k < kinds && !dmaconf_in_memory(dc); k++) {
		if (dc->device->directions & BIT(DMA_MEM_TO_DEV))
			expect_kind(dc, NULL, kind_buf(dc, k, DMA_TO_DEVICE));
		if (dc->device->directions & BIT(DMA_DEV_TO_MEM))
			expect_kind(dc, kind_buf(dc, k, DMA_FROM_DEVICE), NULL);
	}
}

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

/* The reference may go a moment after the callback. */
static void wait_for_drop(struct dmaengine_unmap_data *unmap)
{
	unsigned long end = jiffies + msecs_to_jiffies(dmaconf_timeout_ms());

	while (kref_read(&unmap->kref) > OWN_REFS && time_before(jiffies, end))
		schedule_timeout_uninterruptible(1);
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
		dmaconf_diag(dc, "the unmap data was dropped after the callback, not before");
	wait_for_drop(unmap);
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
