// SPDX-License-Identifier: GPL-2.0-only
/* Faults of DMA mapping. */
#include <linux/dma-direct.h>
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "faults.h"

#define WINDOW	SZ_32M

static int alloc_maps_by_channel(struct dma_chan *chan)
{
	chan->dev->chan_dma_dev = true;
	return stub_conformant_ops.alloc_chan_resources(chan);
}

static void free_maps_by_device(struct dma_chan *chan)
{
	stub_conformant_ops.free_chan_resources(chan);
	chan->dev->chan_dma_dev = false;
}

static void issue_maps_by_channel(struct dma_chan *chan)
{
	chan->dev->chan_dma_dev = true;
	stub_conformant_ops.issue_pending(chan);
}

/* The end of memory; the kernel's own variable for it is not for modules. */
static u64 end_of_memory(void)
{
	unsigned long end = 0;
	int nid;

	for_each_online_node(nid)
		end = max(end, node_end_pfn(nid));
	return (u64)end << PAGE_SHIFT;
}

/* Each window of memory has 4 GiB of bus addresses of its own. */
static void spread_bus_addresses(struct stub_dev *sdev)
{
	unsigned long windows = DIV_ROUND_UP_ULL(end_of_memory(), WINDOW);
	struct bus_dma_region *map = kcalloc(windows + 1, sizeof(*map), GFP_KERNEL);

	for (unsigned long i = 0; map && i < windows; i++) {
		map[i].cpu_start = (phys_addr_t)i * WINDOW;
		map[i].dma_start = (u64)i << 32 | (u32)(i * WINDOW);
		map[i].size = WINDOW;
	}
	sdev->dev->dma_range_map = map;
}

static struct dma_async_tx_descriptor *prep_one_upper_half(struct dma_chan *chan, dma_addr_t dst,
							   dma_addr_t src, size_t len,
							   unsigned long flags)
{
	dst = (dma_addr_t)upper_32_bits(src) << 16 << 16 | lower_32_bits(dst);
	return stub_conformant_ops.prep_memcpy(chan, dst, src, len, flags);
}

static int copy_counts_16_bits(struct stub_chan *sc, const struct stub_seg *seg, size_t off,
			       size_t len)
{
	size_t counted = seg->len & 0xffff;

	if (off >= counted)
		return 0;
	return stub_conformant_ops.copy(sc, seg, off, min(len, counted - off));
}

static int copy_whole_lines(struct stub_chan *sc, const struct stub_seg *seg, size_t off,
			    size_t len)
{
	static const u8 rest[64];
	int ret = stub_conformant_ops.copy(sc, seg, off, len);

	if (!ret && !seg->dst.port && off + len == seg->len)
		ret = stub_memory_write(sc->sdev->dev, seg->dst.addr + seg->len, rest,
					-seg->len & 63);
	return ret;
}

/* Knows slab memory and large kmalloc() memory only. */
static bool is_kmalloced(struct stub_chan *sc, const struct stub_side *side)
{
	phys_addr_t phys = dma_to_phys(sc->sdev->dev, side->addr);
	struct folio *folio;

	if (side->port || !pfn_valid(PHYS_PFN(phys)))
		return true;
	folio = page_folio(pfn_to_page(PHYS_PFN(phys)));
	return folio_test_slab(folio) || folio_test_large(folio);
}

static int copy_kmalloced(struct stub_chan *sc, const struct stub_seg *seg, size_t off,
			  size_t len)
{
	if (!is_kmalloced(sc, &seg->src))
		return -EIO;
	if (!is_kmalloced(sc, &seg->dst))
		return -EFAULT;
	return stub_conformant_ops.copy(sc, seg, off, len);
}

static void deliver_keeps_unmap(struct stub_chan *sc, struct stub_desc *desc)
{
	desc->tx.unmap = NULL;
	stub_conformant_ops.deliver(sc, desc);
}

static void deliver_unmaps_twice(struct stub_chan *sc, struct stub_desc *desc)
{
	dmaengine_unmap_put(desc->tx.unmap);
	stub_conformant_ops.deliver(sc, desc);
}

static void deliver_edits_unmap(struct stub_chan *sc, struct stub_desc *desc)
{
	if (desc->tx.unmap)
		desc->tx.unmap->to_cnt = 0;
	stub_conformant_ops.deliver(sc, desc);
}

static int terminate_keeps_unmap(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);
	struct stub_desc *desc;
	unsigned long irqflags;

	spin_lock_irqsave(&sc->lock, irqflags);
	list_for_each_entry(desc, &sc->issued, node)
		desc->tx.unmap = NULL;
	spin_unlock_irqrestore(&sc->lock, irqflags);
	return stub_conformant_ops.terminate_all(chan);
}

/* What the hardware would fetch: coherent memory for each descriptor. */
struct coherent_desc {
	dma_addr_t addr;
};

static struct stub_desc *alloc_coherent_desc(struct stub_chan *sc, unsigned int nsegs)
{
	struct stub_desc *desc = stub_conformant_ops.desc_alloc(sc, nsegs);
	struct coherent_desc *hw;
	dma_addr_t addr;

	if (!desc)
		return NULL;
	hw = dma_alloc_coherent(sc->sdev->dev, sizeof(*hw), &addr, GFP_NOWAIT);
	if (hw)
		hw->addr = addr;
	desc->fault_data = (unsigned long)hw;
	return desc;
}

static void free_coherent_desc(struct stub_chan *sc, struct stub_desc *desc)
{
	struct coherent_desc *hw = (void *)desc->fault_data;

	if (hw)
		dma_free_coherent(sc->sdev->dev, sizeof(*hw), hw, hw->addr);
	stub_conformant_ops.desc_free(sc, desc);
}

static void claim_long_segments(struct stub_dev *sdev)
{
	dma_set_max_seg_size(sdev->dev, SZ_4M);
}

static int copy_counts_20_bits(struct stub_chan *sc, const struct stub_seg *seg, size_t off,
			       size_t len)
{
	if (seg->len < SZ_1M)
		return stub_conformant_ops.copy(sc, seg, off, len);
	/* Beyond what the counter holds nothing is moved. */
	return off < seg->len % SZ_1M ?
	       stub_conformant_ops.copy(sc, seg, off, min(len, seg->len % SZ_1M - off)) : 0;
}

const struct stub_fault stub_map_faults[] = {
	STUB_FAULT(chan_dev_without_mask, "map.dma_device",
		   "Buffers are to be mapped for the channel's device, which has no DMA mask",
		   .alloc_chan_resources = alloc_maps_by_channel,
		   .free_chan_resources = free_maps_by_device),
	STUB_FAULT(chan_dev_set_late, "map.dma_device",
		   "The mapping device is changed to the channel's when transfers are issued",
		   .issue_pending = issue_maps_by_channel,
		   .free_chan_resources = free_maps_by_device),
	STUB_FAULT_SETUP(one_upper_half, "map.dma_mask",
			 "The mask has 64 bits, but one register holds the upper half of both addresses",
			 spread_bus_addresses, .prep_memcpy = prep_one_upper_half),
	STUB_FAULT(counter_of_16_bits, "map.max_seg",
		   "The byte counter of a segment has 16 bits, and no max_seg_size says so",
		   .copy = copy_counts_16_bits),
	STUB_FAULT_SETUP(counter_of_20_bits, "map.max_seg",
			 "The byte counter of a segment has 20 bits, and max_seg_size says 4 MiB",
			 claim_long_segments, .copy = copy_counts_20_bits),
	STUB_FAULT(copies_whole_lines, "map.exact_region",
		   "The end of the destination is filled up to a multiple of 64 bytes",
		   .copy = copy_whole_lines),
	STUB_FAULT(kmalloc_only, "map.kinds",
		   "Only memory from kmalloc() can be reached",
		   .copy = copy_kmalloced),
	STUB_FAULT(unmap_forgotten, "map.unmap_put",
		   "Unmap data of completed transfers is never dropped",
		   .deliver = deliver_keeps_unmap),
	STUB_FAULT(unmap_twice, "map.unmap_put",
		   "Unmap data of completed transfers is dropped twice",
		   .deliver = deliver_unmaps_twice),
	STUB_FAULT(unmap_not_on_terminate, "map.unmap_put",
		   "Unmap data of transfers that are aborted while they run is never dropped",
		   .terminate_all = terminate_keeps_unmap),
	STUB_FAULT(unmap_edited, "map.unmap_pool",
		   "The number of sources in the unmap data is cleared before it is dropped",
		   .deliver = deliver_edits_unmap),
	STUB_FAULT(coherent_freed_anywhere, "map.free_coherent_ctx",
		   "Coherent memory of descriptors is freed by terminate_all in the caller's context",
		   .desc_alloc = alloc_coherent_desc, .desc_free = free_coherent_desc),
	{}
};
