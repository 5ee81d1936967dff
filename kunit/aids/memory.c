// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that plays the peripheral of slave channels. A device tree says which
 * channels: see configs/bindings/dmaconf,memory-device.yaml. Any engine that can
 * address memory can be tested with it, on a board without a loopback too; as
 * memory is no FIFO, it tells only what was written last.
 */
#include <linux/dma-mapping.h>
#include <linux/mod_devicetable.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/of_reserved_mem.h>
#include <linux/platform_device.h>
#include <linux/sizes.h>

#include "aid.h"

#define MEMORY_SIZE	SZ_4K
#define MEMORY_PORTS	2
#define MEMORY_FILL	0x6b

/**
 * struct memory_device - a peripheral made of memory
 * @aid: as registered
 * @mem: MEMORY_SIZE bytes; what is no port holds MEMORY_FILL
 * @dma: their bus address
 */
struct memory_device {
	struct dmaconf_aid aid;
	u8 *mem;
	dma_addr_t dma;
};

/* Ports lie apart, so that who runs past one is seen before it comes to the next. */
static size_t memory_offset(unsigned int port)
{
	return (port + 1) * (MEMORY_SIZE / (MEMORY_PORTS + 1) & ~(DMACONF_WORD - 1));
}

/* Whoever holds the channel got it through the client; nobody else asks for a port. */
static struct memory_device *memory_of(struct dma_chan *chan)
{
	return chan->slave ? dev_get_drvdata(chan->slave) : NULL;
}

static phys_addr_t memory_addr(struct dma_chan *chan, unsigned int port)
{
	return memory_of(chan)->dma + memory_offset(port);
}

static u8 *memory_word(struct dma_chan *chan, unsigned int port)
{
	return memory_of(chan)->mem + memory_offset(port);
}

static bool memory_is_port(size_t at)
{
	for (unsigned int port = 0; port < MEMORY_PORTS; port++)
		if (at >= memory_offset(port) && at < memory_offset(port) + 2 * DMACONF_WORD)
			return true;
	return false;
}

static void memory_connect(struct dma_chan *chan, unsigned int port, const struct dmaconf_port *to)
{
	u8 *mem = memory_of(chan)->mem;

	for (size_t at = 0; at < MEMORY_SIZE; at++)
		if (!memory_is_port(at))
			mem[at] = MEMORY_FILL;
}

static void memory_stat(struct dma_chan *chan, unsigned int port, struct dmaconf_port_stat *stat)
{
	struct memory_device *md = memory_of(chan);

	*stat = (struct dmaconf_port_stat){};
	for (size_t at = 0; md && at < MEMORY_SIZE; at++)
		stat->stray += !memory_is_port(at) && md->mem[at] != MEMORY_FILL;
}

static const struct dmaconf_port_ops memory_port_ops = {
	.addr		= memory_addr,
	.connect	= memory_connect,
	.stat		= memory_stat,
	.word		= memory_word,
};

static int memory_names(struct device *dev, struct dmaconf_aid *aid)
{
	int n = of_property_count_strings(dev->of_node, "dma-names");
	const char **names;

	if (n <= 0)
		return dev_err_probe(dev, n ?: -EINVAL, "no channel is named in dma-names\n");
	names = devm_kcalloc(dev, n, sizeof(*names), GFP_KERNEL);
	if (!names)
		return -ENOMEM;
	aid->names = names;
	aid->nnames = n;
	n = of_property_read_string_array(dev->of_node, "dma-names", names, n);
	return min(n, 0);
}

static void memory_reserved_release(void *dev)
{
	of_reserved_mem_device_release(dev);
}

/* A memory-region of the node, if there is one, is where coherent memory comes from. */
static int memory_alloc(struct device *dev, struct memory_device *md)
{
	int ret = dma_set_mask_and_coherent(dev, DMA_BIT_MASK(32));

	if (ret)
		return ret;
	ret = of_reserved_mem_device_init(dev);
	if (ret && ret != -ENODEV)
		return dev_err_probe(dev, ret, "memory-region\n");
	if (!ret)
		ret = devm_add_action_or_reset(dev, memory_reserved_release, dev);
	if (ret && ret != -ENODEV)
		return ret;
	md->mem = dmam_alloc_coherent(dev, MEMORY_SIZE, &md->dma, GFP_KERNEL);
	return md->mem ? 0 : -ENOMEM;
}

static void memory_unregister(void *aid)
{
	dmaconf_aid_unregister(aid);
}

static int memory_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	struct memory_device *md = devm_kzalloc(dev, sizeof(*md), GFP_KERNEL);
	int ret;

	if (!md)
		return -ENOMEM;
	ret = memory_names(dev, &md->aid) ?: memory_alloc(dev, md);
	if (ret)
		return ret;
	memset(md->mem, MEMORY_FILL, MEMORY_SIZE);
	md->aid.client = dev;
	md->aid.port = &memory_port_ops;
	md->aid.ports = MEMORY_PORTS;
	md->aid.no_cyclic = of_property_read_bool(dev->of_node, "dmaconf,no-cyclic");
	platform_set_drvdata(pdev, md);
	dmaconf_aid_register(&md->aid);
	/* Not .remove: what that has to return differs between kernels. */
	return devm_add_action_or_reset(dev, memory_unregister, &md->aid);
}

static const struct of_device_id memory_match[] = {
	{ .compatible = "dmaconf,memory-device" },
	{}
};
MODULE_DEVICE_TABLE(of, memory_match);

static struct platform_driver memory_driver = {
	.driver		= {
		.name		= "dmaconf-memory",
		.of_match_table	= memory_match,
	},
	.probe		= memory_probe,
};
module_platform_driver(memory_driver);

MODULE_DESCRIPTION("Memory as the peripheral of slave DMA channels");
MODULE_LICENSE("GPL");
