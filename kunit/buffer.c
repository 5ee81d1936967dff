// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory for the engine: red zones on both sides, everything mapped as one
 * piece, and an oracle that knows what each byte should be.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmstat.h>

#include "dmaconf.h"

#define DMACONF_RED_ZONE	256

/* All but the memory itself. */
static struct dmaconf_buf *dmaconf_buf_new(struct dmaconf *dc, size_t len,
					   enum dma_data_direction dir)
{
	struct dmaconf_buf *buf = kzalloc(sizeof(*buf), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(dc->test, buf);
	list_add_tail(&buf->node, &dc->bufs);
	buf->len = len;
	buf->size = ALIGN(len, 64) + 2 * DMACONF_RED_ZONE;
	buf->dir = dir;
	buf->want = kvmalloc(buf->size, GFP_KERNEL);
	buf->loose = kvzalloc(buf->size, GFP_KERNEL);
	if (!buf->want || !buf->loose)
		dmaconf_not_tested(dc->test, "no memory for a buffer of %zu bytes", len);
	return buf;
}

static void dmaconf_buf_fill(struct dmaconf *dc, struct dmaconf_buf *buf)
{
	buf->data = buf->mem + DMACONF_RED_ZONE;
	/* All of it random: of patterns with a random start two are alike now and then. */
	prandom_bytes_state(&dc->rnd, buf->mem, buf->size);
	memcpy(buf->want, buf->mem, buf->size);
}

static void dmaconf_buf_map(struct dmaconf *dc, struct dmaconf_buf *buf)
{
	buf->map = dma_map_single(dc->dev, buf->mem, buf->size, buf->dir);
	KUNIT_ASSERT_EQ_MSG(dc->test, dma_mapping_error(dc->dev, buf->map), 0,
			    "%zu bytes cannot be mapped for %s", buf->size, dev_name(dc->dev));
	buf->mapped = true;
	buf->dma = buf->map + DMACONF_RED_ZONE;
}

/**
 * dmaconf_used_kb - how much memory the system uses, for whatever it may be
 *
 * Context: any.
 * Return: KiB.
 */
unsigned long dmaconf_used_kb(void)
{
	unsigned long pages = totalram_pages() - global_zone_page_state(NR_FREE_PAGES);

	return pages << (PAGE_SHIFT - 10);
}

/**
 * dmaconf_buf_most - how long a buffer can be
 * @dc: the test
 *
 * Context: any.
 * Return: bytes; no limit but memory, unless all of it is bounced.
 */
size_t dmaconf_buf_most(struct dmaconf *dc)
{
	return ALIGN_DOWN(dma_max_mapping_size(dc->dev), 64) - 2 * DMACONF_RED_ZONE;
}

/**
 * dmaconf_buf - allocate and map a buffer filled with a pattern of its own
 * @dc: the test
 * @len: bytes between the red zones
 * @dir: DMA_TO_DEVICE when the engine reads it, DMA_FROM_DEVICE when it writes
 *	it, DMA_BIDIRECTIONAL for both
 *
 * The harness unmaps, checks and frees it after the rule.
 *
 * Context: may sleep; asserts.
 * Return: the buffer.
 */
struct dmaconf_buf *dmaconf_buf(struct dmaconf *dc, size_t len, enum dma_data_direction dir)
{
	struct dmaconf_buf *buf;

	if (len > dmaconf_buf_most(dc))
		dmaconf_not_tested(dc->test, "a buffer of %zu bytes cannot be mapped, only of %zu",
				   len, dmaconf_buf_most(dc));
	buf = dmaconf_buf_new(dc, len, dir);
	buf->mem = kmalloc(buf->size, GFP_KERNEL);
	if (!buf->mem)
		dmaconf_not_tested(dc->test, "no memory for a buffer of %zu bytes", len);
	dmaconf_buf_fill(dc, buf);
	dmaconf_buf_map(dc, buf);
	return buf;
}

/**
 * dmaconf_buf_of - the same with another kind of memory
 * @dc: the test
 * @kind: kind of memory
 * @len: bytes between the red zones
 * @dir: as for dmaconf_buf()
 *
 * The harness checks and gives it back after the rule, before the channel.
 *
 * Context: may sleep; asserts.
 * Return: the buffer, or NULL when there is no such memory or it cannot be mapped.
 */
struct dmaconf_buf *dmaconf_buf_of(struct dmaconf *dc, const struct dmaconf_mem *kind,
				   size_t len, enum dma_data_direction dir)
{
	struct dmaconf_buf *buf = dmaconf_buf_new(dc, len, dir);

	buf->kind = kind;
	if (!kind->get(dc, buf)) {
		buf->mem = NULL;
		return NULL;
	}
	dmaconf_buf_fill(dc, buf);
	if (kind->map && !kind->map(dc, buf))
		return NULL;
	buf->dma = buf->map + DMACONF_RED_ZONE;
	return buf;
}

/**
 * dmaconf_buf_refill - give a mapped buffer a new pattern
 * @dc: the test
 * @buf: from dmaconf_buf(), not used by a transfer at this time; it is mapped
 *	afresh, as the device may not learn of the new pattern by a sync
 *
 * Context: may sleep; asserts.
 */
void dmaconf_buf_refill(struct dmaconf *dc, struct dmaconf_buf *buf)
{
	dmaconf_buf_unmap(dc, buf);
	dmaconf_buf_fill(dc, buf);
	memset(buf->loose, 0, buf->size);
	dmaconf_buf_map(dc, buf);
}

/**
 * dmaconf_buf_write - write to a mapped buffer, as its owner
 * @dc: the test
 * @buf: that the engine reads, and does not use at this time
 * @off: bytes into its data
 * @bytes: what to write
 * @len: bytes
 *
 * Context: any.
 */
void dmaconf_buf_write(struct dmaconf *dc, struct dmaconf_buf *buf, size_t off, const void *bytes,
		       size_t len)
{
	if (buf->mapped)
		dma_sync_single_for_cpu(dc->dev, buf->map, buf->size, buf->dir);
	memcpy(buf->data + off, bytes, len);
	if (buf->mapped)
		dma_sync_single_for_device(dc->dev, buf->map, buf->size, buf->dir);
	dmaconf_buf_want(buf, off, bytes, len);
}

/**
 * dmaconf_buf_want - tell the oracle what a transfer will have written
 * @buf: the destination
 * @off: bytes into its data
 * @bytes: what should be there
 * @len: bytes
 *
 * Context: any.
 */
void dmaconf_buf_want(struct dmaconf_buf *buf, size_t off, const void *bytes, size_t len)
{
	off += buf->data - buf->mem;
	memcpy(buf->want + off, bytes, len);
	memset(buf->loose + off, 0, len);
}

/**
 * dmaconf_buf_loosen - tell the oracle that nobody can know what is there
 * @buf: the destination of a transfer that was stopped or failed
 * @off: bytes into its data
 * @len: bytes
 *
 * Context: any.
 */
void dmaconf_buf_loosen(struct dmaconf_buf *buf, size_t off, size_t len)
{
	memset(buf->loose + (buf->data - buf->mem) + off, 1, len);
}

/**
 * dmaconf_buf_differs - compare a buffer and its red zones with the oracle
 * @dc: the test
 * @buf: mapped or not
 *
 * Context: any.
 * Return: -1 when all is as it should be, else the first wrong byte as an
 * index into @buf->mem.
 */
ssize_t dmaconf_buf_differs(struct dmaconf *dc, struct dmaconf_buf *buf)
{
	ssize_t at = -1;

	if (!buf->mem)
		return at;
	if (buf->mapped)
		dma_sync_single_for_cpu(dc->dev, buf->map, buf->size, buf->dir);
	if (memcmp(buf->mem, buf->want, buf->size))
		for (size_t i = 0; i < buf->size && at < 0; i++)
			if (buf->mem[i] != buf->want[i] && !buf->loose[i])
				at = i;
	if (buf->mapped)
		dma_sync_single_for_device(dc->dev, buf->map, buf->size, buf->dir);
	return at;
}

/**
 * dmaconf_buf_check - the same, reporting a difference as a broken invariant
 * @dc: the test
 * @buf: mapped or not
 * @name: what the buffer is to the reader
 *
 * Context: may sleep.
 * Return: whether all is as it should be.
 */
bool dmaconf_buf_check(struct dmaconf *dc, struct dmaconf_buf *buf, const char *name)
{
	ssize_t at = dmaconf_buf_differs(dc, buf);
	ssize_t off = at - (buf->data - buf->mem);

	if (at < 0)
		return true;
	dmaconf_invariant(dc, "%s: byte %zd of a %s buffer of %zu is %#x, should be %#x", name,
			  off, buf->dir == DMA_TO_DEVICE ? "source" : "destination", buf->len,
			  buf->mem[at], buf->want[at]);
	/* Told once: from now on only further changes count. */
	memcpy(buf->want, buf->mem, buf->size);
	return false;
}

/**
 * dmaconf_buf_freeze - what the buffer holds now it has to hold from now on
 * @dc: the test
 * @buf: mapped; nobody may write to it any more
 *
 * Context: may sleep.
 */
void dmaconf_buf_freeze(struct dmaconf *dc, struct dmaconf_buf *buf)
{
	dma_sync_single_for_cpu(dc->dev, buf->map, buf->size, buf->dir);
	dmaconf_buf_want(buf, 0, buf->data, buf->len);
	dma_sync_single_for_device(dc->dev, buf->map, buf->size, buf->dir);
}

/**
 * dmaconf_buf_unmap - give the mapping back, and memory of a special kind
 * @dc: the test
 * @buf: no transfer uses it any more
 *
 * Context: may sleep.
 */
void dmaconf_buf_unmap(struct dmaconf *dc, struct dmaconf_buf *buf)
{
	if (!buf->mem)
		return;
	if (buf->kind) {
		buf->kind->put(dc, buf);
		buf->mem = NULL;
	} else if (buf->mapped) {
		dma_unmap_single(dc->dev, buf->map, buf->size, buf->dir);
	}
	buf->mapped = false;
}
