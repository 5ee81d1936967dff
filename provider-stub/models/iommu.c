// SPDX-License-Identifier: GPL-2.0-only
/*
 * The IOMMU in front of a model. Bus addresses are its own invention, so that
 * a driver that hands out physical addresses, unmaps too early, or lets the
 * hardware run beyond what was mapped is found out: such an access reaches no
 * memory, it is a bus error and a violation.
 */
#include <linux/dma-map-ops.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/string_helpers.h>

#include "model.h"

#define MODEL_BUS_FIRST	0x80000000ul	/* every 32 bit engine reaches it */
#define MODEL_BUS_LAST	0xeffffffful
#define MODEL_DEAD	64		/* mappings remembered after their end */

/**
 * struct model_map - a mapping
 * @node: in the model's list of live or of dead ones
 * @addr: bus address
 * @len: bytes
 * @cpu: the memory; NULL for a peripheral's resource
 * @phys: physical address of a resource
 * @dir: what the engine may do there
 */
struct model_map {
	struct list_head node;
	dma_addr_t addr;
	size_t len;
	void *cpu;
	phys_addr_t phys;
	enum dma_data_direction dir;
};

static struct model_map *model_find(struct list_head *maps, dma_addr_t addr)
{
	struct model_map *map;

	list_for_each_entry(map, maps, node)
		if (addr >= map->addr && addr < map->addr + map->len)
			return map;
	return NULL;
}

/* A gap of a page around everything, and the same place in the page as in memory. */
static dma_addr_t model_bus_addr(struct model *m, size_t len, unsigned int in_page)
{
	dma_addr_t addr;

	if (m->next_addr + len + 2 * PAGE_SIZE > MODEL_BUS_LAST)
		m->next_addr = MODEL_BUS_FIRST;
	addr = m->next_addr + in_page;
	m->next_addr = PAGE_ALIGN(addr + len) + PAGE_SIZE;
	return addr;
}

static dma_addr_t model_map_add(struct device *dev, void *cpu, phys_addr_t phys, size_t len,
				enum dma_data_direction dir, gfp_t gfp)
{
	struct model_map *map = kzalloc(sizeof(*map), gfp);
	struct model *m = model_of(dev);
	unsigned long irqflags;

	if (!map)
		return DMA_MAPPING_ERROR;
	map->cpu = cpu;
	map->phys = phys;
	map->len = len;
	map->dir = dir;
	spin_lock_irqsave(&m->lock, irqflags);
	map->addr = model_bus_addr(m, len, offset_in_page(cpu ? (unsigned long)cpu : phys));
	list_add(&map->node, &m->maps);
	spin_unlock_irqrestore(&m->lock, irqflags);
	return map->addr;
}

static void model_map_del(struct device *dev, dma_addr_t addr)
{
	struct model_map *map, *old = NULL;
	struct model *m = model_of(dev);
	unsigned long irqflags;

	spin_lock_irqsave(&m->lock, irqflags);
	map = model_find(&m->maps, addr);
	if (map) {
		list_move(&map->node, &m->dead);
		if (m->ndead++ >= MODEL_DEAD) {
			old = list_last_entry(&m->dead, struct model_map, node);
			list_del(&old->node);
			m->ndead--;
		}
	}
	spin_unlock_irqrestore(&m->lock, irqflags);
	kfree(old);
}

static void *model_alloc(struct device *dev, size_t size, dma_addr_t *addr, gfp_t gfp,
			 unsigned long attrs)
{
	void *cpu = (void *)__get_free_pages(gfp | __GFP_ZERO, get_order(size));

	if (!cpu)
		return NULL;
	*addr = model_map_add(dev, cpu, 0, size, DMA_BIDIRECTIONAL, gfp);
	if (*addr != DMA_MAPPING_ERROR)
		return cpu;
	free_pages((unsigned long)cpu, get_order(size));
	return NULL;
}

static void model_free(struct device *dev, size_t size, void *cpu, dma_addr_t addr,
		       unsigned long attrs)
{
	model_map_del(dev, addr);
	free_pages((unsigned long)cpu, get_order(size));
}

static dma_addr_t model_map_page(struct device *dev, struct page *page, unsigned long offset,
				 size_t size, enum dma_data_direction dir, unsigned long attrs)
{
	return model_map_add(dev, page_address(page) + offset, 0, size, dir, GFP_ATOMIC);
}

static void model_unmap_page(struct device *dev, dma_addr_t addr, size_t size,
			     enum dma_data_direction dir, unsigned long attrs)
{
	model_map_del(dev, addr);
}

static int model_map_sg(struct device *dev, struct scatterlist *sgl, int nents,
			enum dma_data_direction dir, unsigned long attrs)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, nents, i) {
		sg->dma_address = model_map_add(dev, sg_virt(sg), 0, sg->length, dir, GFP_ATOMIC);
		if (sg->dma_address == DMA_MAPPING_ERROR)
			return -ENOMEM;
		sg_dma_len(sg) = sg->length;
	}
	return nents;
}

static void model_unmap_sg(struct device *dev, struct scatterlist *sgl, int nents,
			   enum dma_data_direction dir, unsigned long attrs)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, nents, i)
		model_map_del(dev, sg_dma_address(sg));
}

static dma_addr_t model_map_resource(struct device *dev, phys_addr_t phys, size_t size,
				     enum dma_data_direction dir, unsigned long attrs)
{
	return model_map_add(dev, NULL, phys, size, dir, GFP_ATOMIC);
}

static int model_dma_supported(struct device *dev, u64 mask)
{
	return mask >= MODEL_BUS_LAST || mask >= DMA_BIT_MASK(32);
}

static const struct dma_map_ops model_dma_ops = {
	.alloc		= model_alloc,
	.free		= model_free,
	.map_page	= model_map_page,
	.unmap_page	= model_unmap_page,
	.map_sg		= model_map_sg,
	.unmap_sg	= model_unmap_sg,
	.map_resource	= model_map_resource,
	.unmap_resource	= model_unmap_page,
	.dma_supported	= model_dma_supported,
};

/**
 * model_iommu_attach - put the IOMMU between a device and memory
 * @m: the model
 * @dev: its device, not yet bound
 *
 * Context: may sleep.
 */
void model_iommu_attach(struct model *m, struct device *dev)
{
	INIT_LIST_HEAD(&m->maps);
	INIT_LIST_HEAD(&m->dead);
	m->next_addr = MODEL_BUS_FIRST;
	set_dma_ops(dev, &model_dma_ops);
}

static void model_refuse(struct model *m, dma_addr_t addr, size_t len, bool write)
{
	const struct model_map *dead = model_find(&m->dead, addr);

	model_violation(m, "the hardware was made to %s %zu bytes at %pad, %s",
			str_read_write(!write), len, &addr,
			dead ? "which is unmapped again" : "which was never mapped");
}

/* The memory behind bus addresses, or NULL when the driver has no right to it. */
static void *model_reach(struct model *m, dma_addr_t addr, size_t len, bool write)
{
	struct model_map *map = model_find(&m->maps, addr);

	if (!m->master) {
		model_violation(m, "DMA to %pad with bus mastering off", &addr);
		return NULL;
	}
	if (!map || !map->cpu) {
		model_refuse(m, addr, len, write);
		return NULL;
	}
	if (map->dir == (write ? DMA_TO_DEVICE : DMA_FROM_DEVICE)) {
		model_violation(m, "the hardware was made to %s at %pad, mapped for the other way",
				str_read_write(!write), &addr);
		return NULL;
	}
	if (addr + len > map->addr + map->len) {
		model_violation(m, "the hardware was made to %s %zu bytes at %pad, of %zu mapped",
				str_read_write(!write), len, &addr,
				(size_t)(map->addr + map->len - addr));
		return NULL;
	}
	list_move(&map->node, &m->maps);
	return map->cpu + (addr - map->addr);
}

/**
 * model_read - read memory as the hardware does
 * @m: the model, locked
 * @addr: bus address
 * @to: where the bytes go
 * @len: bytes, all in one mapping
 *
 * Context: any; the lock of the model is held, interrupts are off.
 * Return: false for a bus error.
 */
bool model_read(struct model *m, dma_addr_t addr, void *to, size_t len)
{
	const void *cpu = model_reach(m, addr, len, false);

	if (cpu)
		memcpy(to, cpu, len);
	return cpu;
}

/**
 * model_write - write memory as the hardware does
 * @m: the model, locked
 * @addr: bus address
 * @from: the bytes
 * @len: how many, all in one mapping
 *
 * Context: any; the lock of the model is held, interrupts are off.
 * Return: false for a bus error.
 */
bool model_write(struct model *m, dma_addr_t addr, const void *from, size_t len)
{
	void *cpu = model_reach(m, addr, len, true);

	if (cpu)
		memcpy(cpu, from, len);
	return cpu;
}

/**
 * model_peripheral - what a bus address is to a peripheral
 * @m: the model, locked
 * @addr: bus address of a fixed end
 *
 * Context: any; the lock of the model is held, interrupts are off.
 * Return: the physical address that the driver mapped as a resource, or @addr.
 */
phys_addr_t model_peripheral(struct model *m, dma_addr_t addr)
{
	const struct model_map *map = model_find(&m->maps, addr);

	return map && !map->cpu ? map->phys + (addr - map->addr) : addr;
}
