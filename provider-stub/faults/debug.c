// SPDX-License-Identifier: GPL-2.0-only
/* Faults that no client sees: only what the kernel's debugging aids report shows them. */
#include <linux/dma-mapping.h>
#include <linux/slab.h>

#include "dmaengine.h"
#include "faults.h"
#include "steps.h"

static void free_then_read(struct stub_chan *sc, struct stub_desc *desc)
{
	stub_conformant_ops.desc_free(sc, desc);
	if (READ_ONCE(desc->len) == SIZE_MAX)
		pr_debug("a descriptor without an end was freed\n");
}

static void issue_might_sleep(struct dma_chan *chan)
{
	might_sleep();
	stub_conformant_ops.issue_pending(chan);
}

/* A copy of a node has neighbours that know nothing of it. */
static void complete_removes_copy(struct stub_chan *sc, struct stub_desc *desc)
{
	struct list_head copy = desc->node;

	list_del_init(&desc->node);
	list_del(&copy);
	stub_complete(sc, desc);
}

#define TABLE_SIZE	64

static int alloc_maps_table(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);
	void *table = kzalloc(TABLE_SIZE, GFP_KERNEL);

	if (!table)
		return -ENOMEM;
	sc->fault_data[0] = (unsigned long)table;
	sc->fault_data[1] = dma_map_single(chan->device->dev, table, TABLE_SIZE, DMA_TO_DEVICE);
	return stub_conformant_ops.alloc_chan_resources(chan);
}

static void free_unmaps_half(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);

	stub_conformant_ops.free_chan_resources(chan);
	dma_unmap_single(chan->device->dev, sc->fault_data[1], TABLE_SIZE / 2, DMA_TO_DEVICE);
	kfree((void *)sc->fault_data[0]);
}

const struct stub_fault stub_debug_faults[] = {
	STUB_FAULT_ON("q35", read_after_free, "cb.once",
		      "a descriptor is read once more after it was freed",
		      .desc_free = free_then_read),
	STUB_FAULT_ON("q35", issue_might_sleep, "issue.atomic",
		      "issue_pending calls what may sleep, and seldom does",
		      .issue_pending = issue_might_sleep),
	STUB_FAULT_ON("q35", removed_twice, "cb.once",
		      "finished transfers are taken from their list a second time, by a stale node",
		      .complete = complete_removes_copy),
	STUB_FAULT_ON("q35", unmaps_half, "chan.alloc_pairing",
		      "of what was mapped for a channel's descriptors release unmaps half",
		      .alloc_chan_resources = alloc_maps_table,
		      .free_chan_resources = free_unmaps_half),
	{}
};
