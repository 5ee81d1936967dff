// SPDX-License-Identifier: GPL-2.0-only
/* DMA mapping: which memory transfers may be from and to, and that no other is touched. */
#include <linux/pfn.h>
#include <linux/slab.h>

#include "dmaconf.h"

#define BLOCKS		16	/* of the largest kind that the page allocator has */

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

#define KIND_COHERENT	2
static const struct dmaconf_mem mem_kinds[] = {
	{ .name = "page", .get = page_get, .map = page_map, .put = page_put },
	{ .name = "sg", .get = sg_get, .map = sg_map, .put = sg_put },
	[KIND_COHERENT] = { .name = "coherent", .get = coherent_get, .put = coherent_put },
	/* From the contiguous memory allocator, where that is configured (CONFIG_DMA_CMA). */
	{ .name = "much coherent", .more = SZ_64K, .get = coherent_get, .put = coherent_put },
	{ .name = "pool", .get = pool_get, .put = pool_put },
};

/* Move data from and to one buffer, by what the channel can. */
static bool serves_buffer(struct dmaconf *dc, struct dmaconf_buf *buf, struct dmaconf_buf *other,
			  size_t len)
{
	bool reads = !dmaconf_in_memory(dc) && dc->dir == DMA_MEM_TO_DEV;
	struct dmaconf_xfer *x = dmaconf_xfer_between(dc, reads ? NULL : buf, 0,
						      reads ? buf : other, 0, len);

	dmaconf_start(x);
	return dmaconf_finish(x);
}

/* Coherent memory has a mask of its own. */
static void expect_coherent_within(struct dmaconf *dc)
{
	struct dmaconf_buf *to = dmaconf_buf_of(dc, &mem_kinds[KIND_COHERENT], 512,
						DMA_FROM_DEVICE);
	struct dmaconf_buf *from = dmaconf_buf_of(dc, &mem_kinds[KIND_COHERENT], 512,
						  DMA_TO_DEVICE);

	KUNIT_ASSERT_NE_MSG(dc->test, dc->dev->coherent_dma_mask, 0,
			    "the mask for coherent memory is empty");
	if (!to || !from)
		dmaconf_not_tested(dc->test, "no coherent memory");
	KUNIT_EXPECT_LE(dc->test, (u64)to->dma + 511, dc->dev->coherent_dma_mask);
	serves_buffer(dc, to, from, 512);
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
	expect_coherent_within(dc);
	if (top >> 32 == 0 && mask >> 32)
		dmaconf_diag(dc, "highest address tried: %#llx of mask %#llx", top, mask);
}

static size_t units_of(struct dmaconf *dc, const struct dmaconf_buf *buf)
{
	return buf ? buf->len / dc->align : SIZE_MAX;
}

/* Anywhere in a buffer where @len bytes fit; a port has no places. */
static size_t random_place(struct dmaconf *dc, const struct dmaconf_buf *buf, size_t len)
{
	return buf ? dmaconf_random(dc, units_of(dc, buf) - len / dc->align + 1) * dc->align : 0;
}

/* A transfer somewhere inside the buffers, one of which there is, of a length that fits. */
static struct dmaconf_xfer *random_inside(struct dmaconf *dc, struct dmaconf_buf *dst,
					  struct dmaconf_buf *src)
{
	size_t units = min(units_of(dc, dst), units_of(dc, src));
	size_t len = (1 + dmaconf_random(dc, units / 2)) * dc->align;

	return dmaconf_xfer_between(dc, dst, random_place(dc, dst, len), src,
				    random_place(dc, src, len), len);
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
	KUNIT_EXPECT_EQ_MSG(dc->test, stat.stray, 0, "bytes beside the port");
	if (!dmaconf_port_counts(dc))
		return;
	KUNIT_EXPECT_EQ_MSG(dc->test, stat.written, dc->streams[0].sink_next,
			    "bytes written to the port");
	KUNIT_EXPECT_EQ_MSG(dc->test, stat.read, dc->streams[0].source_next,
			    "bytes read from the port");
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
		else if (i & 1 && dmaconf_offers(dc, DMA_MEM_TO_DEV))
			ok = expect_exact(dc, random_inside(dc, NULL, src));
		else if (dmaconf_offers(dc, DMA_DEV_TO_MEM))
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
	buf = dmaconf_buf_of(dc, &mem_kinds[kind], len + mem_kinds[kind].more, dir);
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
