// SPDX-License-Identifier: GPL-2.0-only
/* Faults of registration, and of operations that are missing. */
#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/slab.h>

#include "faults.h"
#include "steps.h"

static int offers_xor_later(struct stub_dev *sdev)
{
	int ret = stub_conformant_ops.go_live(sdev);

	dma_cap_set(DMA_XOR, sdev->dma.cap_mask);
	return ret;
}

static void driverless_release(struct device *dev)
{
	kfree(dev);
}

static void driverless_remove(void *dev)
{
	device_unregister(dev);
}

/* Below the stub's own device, so that both are found by its driver. */
static struct device *driverless_device(struct stub_dev *sdev)
{
	struct device *dev = kzalloc(sizeof(*dev), GFP_KERNEL);

	if (!dev)
		return NULL;
	dev->parent = sdev->dev;
	dev->release = driverless_release;
	dev->dma_mask = &dev->coherent_dma_mask;
	dev->coherent_dma_mask = DMA_BIT_MASK(64);
	dev_set_name(dev, "%s-engine", dev_name(sdev->dev));
	if (device_register(dev)) {
		put_device(dev);
		return NULL;
	}
	return devm_add_action_or_reset(sdev->dev, driverless_remove, dev) ? NULL : dev;
}

/* A driver for as long as the core looks, which would crash without. */
static int lends_driver(struct stub_dev *sdev)
{
	struct device *dev = driverless_device(sdev);
	int ret;

	if (!dev)
		return -ENOMEM;
	sdev->dma.dev = dev;
	sdev->aid.dev = dev;
	dev->driver = sdev->dev->driver;
	ret = stub_conformant_ops.go_live(sdev);
	dev->driver = NULL;
	return ret;
}

static void offers_memset_sg(struct stub_dev *sdev)
{
	dma_cap_set(DMA_MEMSET_SG, sdev->dma.cap_mask);
}

static void presets_async_tx(struct stub_dev *sdev)
{
	dma_cap_set(DMA_ASYNC_TX, sdev->dma.cap_mask);
}

static void forgets_last_device(struct stub_dev *sdev)
{
	sdev->chans[sdev->nchans - 1].chan.device = NULL;
}

/* The engine's registers have a burst length only once somebody gave one. */
static struct dma_async_tx_descriptor *memcpy_wants_config(struct dma_chan *chan, dma_addr_t dst,
							   dma_addr_t src, size_t len,
							   unsigned long flags)
{
	if (!to_stub_chan(chan)->configured)
		return NULL;
	return stub_conformant_ops.prep_memcpy(chan, dst, src, len, flags);
}

static void memcpy_has_config(struct stub_dev *sdev)
{
	sdev->dma.device_config = sdev->ops.config;
}

const struct stub_fault stub_reg_faults[] = {
	STUB_FAULT(cap_added_later, "reg.core_checks",
		   "DMA_XOR is added after the registration, where nobody checks that nothing can do it",
		   .go_live = offers_xor_later),
	STUB_FAULT(device_without_driver, "reg.driver_bound",
		   "The device that is registered has no driver, once the core has looked",
		   .go_live = lends_driver),
	STUB_FAULT_SETUP(memset_sg_without_op, "reg.cap_op_unchecked",
			 "DMA_MEMSET_SG is offered without its operation",
			 offers_memset_sg),
	STUB_FAULT_SETUP(async_tx_preset, "reg.async_tx_bit",
			 "The provider sets DMA_ASYNC_TX by itself",
			 presets_async_tx),
	STUB_FAULT_SETUP(chan_device_forgotten, "reg.chan_init",
			 "The last channel does not lead back to its provider",
			 forgets_last_device),
	STUB_FAULT_SETUP(memcpy_wants_config, "ops.missing",
			 "memcpy is refused until a slave configuration was given",
			 memcpy_has_config, .prep_memcpy = memcpy_wants_config),
	{}
};
