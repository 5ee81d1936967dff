// SPDX-License-Identifier: GPL-2.0-only
/* The channels that are measured, and the memory that they move. */
#include <linux/ktime.h>
#include <linux/slab.h>

#include "bench.h"

#define BENCH_MEMORY	SZ_32M		/* of all buffers, unless one transfer takes more */
#define BENCH_XFERS	256		/* with memory of their own, of a channel */

static enum dma_transfer_direction bench_dir(const struct bench_lane *lane)
{
	const struct dmaconf_type *type = lane->bench->point->type;

	if (type != &dmaconf_slave_sg && type != &dmaconf_cyclic)
		return DMA_MEM_TO_MEM;
	return dmaconf_offers(&lane->dc, DMA_MEM_TO_DEV) ? DMA_MEM_TO_DEV : DMA_DEV_TO_MEM;
}

/* All pieces of memory of a transfer, what it reads first. */
static struct dmaconf_piece *bench_piece(struct dmaconf_xfer *x, unsigned int i)
{
	if (i < x->nfrom)
		return &x->from[i];
	return i < x->nfrom + x->nto ? &x->to[i - x->nfrom] : NULL;
}

/* The pieces of a transfer have the same contents in all transfers. */
static bool bench_memory(struct dmaconf_xfer *x, unsigned int i)
{
	struct dmaconf_piece *piece = bench_piece(x, i);
	struct rnd_state rnd;

	piece->buf = kzalloc(sizeof(*piece->buf), GFP_KERNEL);
	if (!piece->buf)
		return false;
	piece->buf->mem = kmalloc(piece->len, GFP_KERNEL | __GFP_NOWARN);
	if (!piece->buf->mem)
		return false;
	piece->buf->data = piece->buf->mem;
	piece->buf->want = piece->buf->mem;
	piece->buf->size = piece->len;
	piece->buf->len = piece->len;
	piece->buf->dir = i < x->nfrom ? DMA_TO_DEVICE : DMA_FROM_DEVICE;
	prandom_seed_state(&rnd, i + 1);
	prandom_bytes_state(&rnd, piece->buf->mem, min_t(size_t, piece->len, SZ_4K));
	for (size_t at = SZ_4K; at < piece->len; at += SZ_4K)
		memcpy(piece->buf->mem + at, piece->buf->mem,
		       min_t(size_t, piece->len - at, SZ_4K));
	return true;
}

static void bench_memory_free(struct bench_lane *lane)
{
	struct dmaconf_piece *piece;
	struct dmaconf_xfer *x;

	list_for_each_entry(x, &lane->dc.xfers, node)
		for (unsigned int i = 0; (piece = bench_piece(x, i)); i++) {
			if (piece->buf)
				kfree(piece->buf->mem);
			kfree(piece->buf);
		}
}

static bool bench_xfer(struct bench_lane *lane)
{
	const struct bench_point *point = lane->bench->point;
	bool ring = point->type == &dmaconf_cyclic;
	struct dmaconf_xfer *x;

	x = dmaconf_xfer_new(&lane->dc, point->type, bench_dir(lane),
			     point->size * (ring ? point->depth : 1));
	x->period = point->size;
	x->flags = DMA_CTRL_ACK | (point->polled ? 0 : DMA_PREP_INTERRUPT);
	point->type->shape(x);
	for (unsigned int i = 0; bench_piece(x, i); i++)
		if (!bench_memory(x, i))
			return false;
	dmaconf_xfer_ready(x);
	lane->xfers[lane->nxfers++] = x;
	return true;
}

static bool bench_xfers(struct bench_lane *lane)
{
	const struct bench_point *point = lane->bench->point;
	size_t room = BENCH_MEMORY / point->size / lane->bench->nlanes;
	unsigned int n = clamp_t(size_t, room, 1, min(point->depth, BENCH_XFERS));

	/* Where only one moves at a time they share it, so that caches hold it. */
	if (point->type == &dmaconf_cyclic || point->what == BENCH_QUEUED)
		n = 1;
	lane->xfers = kcalloc(n, sizeof(*lane->xfers), GFP_KERNEL);
	lane->scratch = kvmalloc(point->size, GFP_KERNEL);
	lane->want = kvmalloc(point->size, GFP_KERNEL);
	if (!lane->xfers || !lane->scratch || !lane->want)
		return false;
	while (lane->nxfers < n)
		if (!bench_xfer(lane))
			return false;
	if (point->verify)
		point->type->expect(lane->xfers[0], 0, lane->want, point->size);
	return true;
}

static bool bench_slots(struct bench_lane *lane)
{
	unsigned int depth = lane->bench->point->depth;

	lane->slots = kvcalloc(depth, sizeof(*lane->slots), GFP_KERNEL);
	lane->ring = kvcalloc(depth, sizeof(*lane->ring), GFP_KERNEL);
	if (!lane->slots || !lane->ring)
		return false;
	for (unsigned int i = depth; i--; ) {
		struct bench_slot *slot = &lane->slots[i];

		slot->lane = lane;
		slot->x = lane->xfers[i % lane->nxfers];
		slot->next = lane->free;
		lane->free = slot;
	}
	return true;
}

/* What keeps a channel that offers the type from doing what the point wants of it. */
static const char *bench_cannot(const struct bench_lane *lane)
{
	const struct bench_point *point = lane->bench->point;
	struct dma_device *device = lane->dc.device;

	if (point->size % point->type->align(&lane->dc))
		return "the size is no multiple of the channel's alignment";
	if (point->polled && dma_has_cap(DMA_COMPLETION_NO_ORDER, device->cap_mask))
		return "only what ends in order can be polled";
	if (point->verify && bench_dir(lane) != DMA_MEM_TO_MEM)
		return "only transfers in memory are verified";
	if (point->what == BENCH_TERMINATE && !device->device_terminate_all)
		return "the provider has no device_terminate_all";
	if (point->what == BENCH_QUEUED && !(lane->dc.aid && lane->dc.aid->gate))
		return "no aid holds transfers and steps them";
	if (point->type == &dmaconf_cyclic && (point->polled || point->map || point->depth < 2))
		return "a ring is mapped once, called back, and of two periods or more";
	return NULL;
}

/* Claim a channel if it offers the type; false ends the measurement. */
static bool bench_claim(struct bench *b, const char *label)
{
	struct bench_lane *lane = &b->lanes[b->nlanes];
	struct dmaconf *dc = &lane->dc;

	lane->bench = b;
	dmaconf_init(dc, b->test, "bench", label);
	if (!dmaconf_lookup(dc))
		return true;
	dc->aid = dmaconf_aid_find(dc->device);
	if (!b->point->type->offered(dc, bench_dir(lane)))
		return true;
	b->why = bench_cannot(lane);
	if (b->why)
		return false;
	b->nlanes++;
	dmaconf_claim(dc);
	if (bench_dir(lane) != DMA_MEM_TO_MEM)
		dmaconf_connect_endless(dc, 0);
	return true;
}

static unsigned int bench_labels(void)
{
	char desc[KUNIT_PARAM_DESC_SIZE];
	unsigned int n = 0;

	for (const void *at = dmaconf_params(NULL, desc); at; at = dmaconf_params(at, desc))
		n++;
	return n;
}

static bool bench_claim_all(struct bench *b)
{
	unsigned int wanted = b->point->channels ?: bench_labels();
	char desc[KUNIT_PARAM_DESC_SIZE];

	b->lanes = kvcalloc(wanted, sizeof(*b->lanes), GFP_KERNEL);
	if (!b->lanes)
		return false;
	for (const void *at = dmaconf_params(NULL, desc); at && b->nlanes < wanted;
	     at = dmaconf_params(at, desc))
		if (!bench_claim(b, dmaconf_channel_label(at)))
			return false;
	if (!b->nlanes || b->nlanes < b->point->channels)
		b->why = b->nlanes ? "not so many channels offer the type" :
			 "no channel offers the type";
	return !b->why;
}

/**
 * bench_open - claim the channels of a point and allocate its memory, not mapped yet
 * @b: the measurement; its @why is set where the point cannot be measured
 *
 * Context: may sleep; asserts.
 * Return: false when it cannot.
 */
bool bench_open(struct bench *b)
{
	if (!bench_claim_all(b)) {
		b->why = b->why ?: "there is no memory for so many channels";
		return false;
	}
	for (unsigned int i = 0; i < b->nlanes; i++)
		if (!bench_xfers(&b->lanes[i]) || !bench_slots(&b->lanes[i])) {
			b->why = "there is no memory for its buffers";
			return false;
		}
	return true;
}

static void bench_buf_unmap(struct bench_lane *lane, struct dmaconf_buf *buf)
{
	if (buf && buf->mapped)
		dma_unmap_single(lane->dc.dev, buf->map, buf->size, buf->dir);
}

static void bench_lane_close(struct bench_lane *lane)
{
	struct dmaconf *dc = &lane->dc;
	struct dmaconf_piece *piece;
	struct dmaconf_xfer *x;

	if (dc->chan)
		dmaconf_terminate_sync(dc);
	list_for_each_entry(x, &dc->xfers, node)
		for (unsigned int i = 0; (piece = bench_piece(x, i)); i++)
			bench_buf_unmap(lane, piece->buf);
	if (dc->chan)
		dmaconf_unclaim(dc);
	dmaconf_streams_free(dc);
	bench_memory_free(lane);
	dmaconf_xfers_free(dc);
	kfree(lane->xfers);
	kvfree(lane->slots);
	kvfree(lane->ring);
	kvfree(lane->scratch);
	kvfree(lane->want);
}

/**
 * bench_close - undo bench_open(), as far as it came, and whatever runs
 * @b: the measurement; operations that are mapped one by one have ended
 *
 * Context: may sleep.
 */
void bench_close(struct bench *b)
{
	for (unsigned int i = 0; i < b->nlanes; i++)
		bench_lane_close(&b->lanes[i]);
	kvfree(b->lanes);
	b->lanes = NULL;
	b->nlanes = 0;
}

static bool bench_buf_map(struct bench_lane *lane, struct dmaconf_buf *buf)
{
	buf->dma = dma_map_single(lane->dc.dev, buf->mem, buf->size, buf->dir);
	return !dma_mapping_error(lane->dc.dev, buf->dma);
}

/* The list of a slave transfer has one entry, and is read by prep. */
static void bench_list(struct dmaconf_xfer *x)
{
	if (x->sgl)
		sg_dma_address(x->sgl) = bench_piece(x, 0)->buf->dma;
}

/**
 * bench_map - map the memory of an operation, for this operation
 * @slot: not under way
 *
 * Context: as dma_map_single().
 * Return: false when it cannot be mapped; then none of it is.
 */
bool bench_map(struct bench_slot *slot)
{
	struct dmaconf_piece *piece;

	for (unsigned int i = 0; (piece = bench_piece(slot->x, i)); i++) {
		if (!bench_buf_map(slot->lane, piece->buf)) {
			slot->dma[i] = DMA_MAPPING_ERROR;
			bench_unmap(slot);
			return false;
		}
		slot->dma[i] = piece->buf->dma;
	}
	bench_list(slot->x);
	slot->mapped = true;
	return true;
}

/**
 * bench_unmap - undo bench_map()
 * @slot: not under way any more
 *
 * Context: as dma_unmap_single().
 */
void bench_unmap(struct bench_slot *slot)
{
	struct dmaconf_piece *piece;

	for (unsigned int i = 0; (piece = bench_piece(slot->x, i)); i++) {
		if (slot->dma[i] == DMA_MAPPING_ERROR)
			break;
		dma_unmap_single(slot->lane->dc.dev, slot->dma[i], piece->buf->size,
				 piece->buf->dir);
	}
	slot->mapped = false;
}

/**
 * bench_map_all - map all memory, once for all operations
 * @b: opened
 *
 * Context: may sleep.
 * Return: false when it cannot be mapped.
 */
bool bench_map_all(struct bench *b)
{
	struct dmaconf_piece *piece;
	struct dmaconf_xfer *x;

	for (unsigned int l = 0; l < b->nlanes; l++)
		list_for_each_entry(x, &b->lanes[l].dc.xfers, node) {
			for (unsigned int i = 0; (piece = bench_piece(x, i)); i++) {
				if (!bench_buf_map(&b->lanes[l], piece->buf))
					return false;
				piece->buf->map = piece->buf->dma;
				piece->buf->mapped = true;
			}
			bench_list(x);
		}
	return true;
}

/**
 * bench_clear - make sure that what an operation is to bring is not there yet
 * @slot: of a transfer in memory; not under way, and not mapped one by one
 *
 * Context: any.
 */
void bench_clear(struct bench_slot *slot)
{
	struct dmaconf_piece *to = slot->x->to;

	dmaconf_sync(&slot->lane->dc, to, true);
	memset(to->buf->mem, 0, to->len);
	dmaconf_sync(&slot->lane->dc, to, false);
}

/**
 * bench_right - whether an operation brought what it had to
 * @slot: of a transfer in memory; not under way any more, nor mapped one by one
 *
 * Context: any.
 * Return: whether it did.
 */
bool bench_right(struct bench_slot *slot)
{
	struct dmaconf_piece *to = slot->x->to;
	bool same;

	dmaconf_sync(&slot->lane->dc, to, true);
	same = !memcmp(to->buf->mem, slot->lane->want, to->len);
	dmaconf_sync(&slot->lane->dc, to, false);
	return same;
}

/* What the CPU does in place of an operation. */
static void bench_cpu_copy(struct bench_lane *lane, unsigned int op)
{
	struct dmaconf_xfer *x = lane->xfers[op % lane->nxfers];
	void *to = x->nto ? x->to[0].buf->mem : lane->scratch;
	const void *from = x->nfrom ? x->from[0].buf->mem : lane->scratch;

	memcpy(to, from, lane->bench->point->size);
	/* The copy is all that is wanted of it. */
	barrier_data(to);
}

/**
 * bench_cpu_copies - let the CPU copy the same memory
 * @b: opened, nothing is mapped
 * @ops: copies
 *
 * Context: may sleep.
 * Return: what it took, in ns.
 */
u64 bench_cpu_copies(struct bench *b, unsigned int ops)
{
	u64 start = ktime_get_ns();

	for (unsigned int op = 0; op < ops; op++)
		bench_cpu_copy(&b->lanes[op % b->nlanes], op / b->nlanes);
	return ktime_get_ns() - start;
}
