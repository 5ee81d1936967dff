// SPDX-License-Identifier: GPL-2.0-only
/* The stub's devices: one platform device per personality, and its driver. */
#include <linux/dma-mapping.h>
#include <linux/mod_devicetable.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/of_dma.h>
#include <linux/platform_device.h>
#include <linux/slab.h>

#include "steps.h"
#include "stub.h"

#define STUB_INSTANCES_MAX	4

/* Both take effect when the devices are made anew, as writing a fault does. */
static unsigned int instances = 1;
module_param(instances, uint, 0644);
MODULE_PARM_DESC(instances, "devices of each personality, at most 4");

static unsigned int channels = 2;
module_param(channels, uint, 0644);
MODULE_PARM_DESC(channels, "channels of the memcpy and slave devices");

static bool at_once;
module_param(at_once, bool, 0444);
MODULE_PARM_DESC(at_once, "move all data when a transfer is issued, not as a timer ticks");

static const struct stub_personality * const stub_personalities[] = {
	&stub_memcpy,
	&stub_minimal,
	&stub_slave,
	&stub_cyclic,
	&stub_packet,
	&stub_unordered,
	&stub_virt,
	&stub_memset,
	&stub_raid,
	&stub_raid_plain,
	&stub_interleaved,
	&stub_display,
};

static struct platform_device *stub_devices[STUB_INSTANCES_MAX * ARRAY_SIZE(stub_personalities)];
static const struct stub_fault *stub_fault;

static void stub_dma_init(struct stub_dev *sdev)
{
	struct dma_device *dma = &sdev->dma;

	dma->dev = sdev->dev;
	INIT_LIST_HEAD(&dma->channels);
	dma->device_alloc_chan_resources = sdev->ops.alloc_chan_resources;
	dma->device_free_chan_resources = sdev->ops.free_chan_resources;
	dma->device_caps = sdev->ops.caps;
	dma->device_pause = sdev->ops.pause;
	dma->device_resume = sdev->ops.resume;
	dma->device_terminate_all = sdev->ops.terminate_all;
	dma->device_synchronize = sdev->ops.synchronize;
	dma->device_release = sdev->ops.release;
	dma->device_tx_status = sdev->ops.tx_status;
	dma->device_issue_pending = sdev->ops.issue_pending;
	sdev->kind->init(sdev);
	for (unsigned int i = 0; i < sdev->nchans; i++)
		stub_chan_init(sdev, &sdev->chans[i]);
}

/* What a fault replaces fits only what it was made for. */
static const struct stub_fault *stub_fault_for(const struct stub_personality *kind)
{
	const struct stub_personality *made_for = kind->ops ? kind : NULL;

	return stub_fault && stub_fault->kind == made_for ? stub_fault : NULL;
}

int stub_go_live(struct stub_dev *sdev)
{
	return dma_async_device_register(&sdev->dma);
}

/* Whoever still holds a channel finds it idle, and stays so. */
void stub_unplug(struct stub_dev *sdev)
{
	WRITE_ONCE(sdev->gone, true);
	for (unsigned int i = 0; i < sdev->nchans; i++) {
		struct stub_chan *sc = &sdev->chans[i];

		sdev->ops.terminate_all(&sc->chan);
		sdev->ops.synchronize(&sc->chan);
	}
}

void stub_retire(struct stub_dev *sdev)
{
	dma_async_device_unregister(&sdev->dma);
}

/* The core still looks at the channel that was released last: not at once. */
void stub_release(struct dma_device *dma)
{
	struct stub_dev *sdev = container_of(dma, struct stub_dev, dma);

	put_device(sdev->dev);
	kfree_rcu(sdev, rcu);
}

static struct stub_dev *stub_dev_alloc(struct platform_device *pdev,
				       const struct stub_fault **fault)
{
	const struct stub_personality *kind =
		(const void *)platform_get_device_id(pdev)->driver_data;
	unsigned int nchans = kind->nchans ?: channels;
	struct stub_dev *sdev = kzalloc(struct_size(sdev, chans, nchans), GFP_KERNEL);

	if (!sdev)
		return NULL;
	sdev->nchans = nchans;
	sdev->credits = at_once ? STUB_CREDITS_AT_ONCE : STUB_CREDITS_TIMER;
	sdev->dev = get_device(&pdev->dev);
	sdev->kind = kind;
	sdev->ops = stub_conformant_ops;
	stub_ops_overlay(&sdev->ops, kind->ops);
	*fault = stub_fault_for(kind);
	stub_ops_overlay(&sdev->ops, *fault ? &(*fault)->ops : NULL);
	return sdev;
}

static void stub_remove(void *data)
{
	struct stub_dev *sdev = data;
	bool told = sdev->dma.device_release;

	dmaconf_aid_unregister(&sdev->aid);
	if (sdev->dev->of_node)
		of_dma_controller_free(sdev->dev->of_node);
	sdev->ops.unplug(sdev);
	stub_power_exit(sdev);
	sdev->ops.retire(sdev);
	/* Where the core does not tell when it is over, it is over now. */
	if (!told)
		stub_release(&sdev->dma);
}

static int stub_probe(struct platform_device *pdev)
{
	const struct stub_fault *fault;
	struct stub_dev *sdev;
	int ret;

	ret = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64));
	if (ret)
		return ret;
	sdev = stub_dev_alloc(pdev, &fault);
	if (!sdev)
		return -ENOMEM;
	stub_dma_init(sdev);
	if (fault && fault->setup)
		fault->setup(sdev);
	stub_aids_init(sdev);
	stub_power_init(sdev);

	ret = sdev->ops.go_live(sdev);
	if (ret) {
		stub_power_exit(sdev);
		stub_release(&sdev->dma);
		return ret;
	}
	if (sdev->dev->of_node)
		ret = of_dma_controller_register(sdev->dev->of_node, sdev->ops.xlate, sdev);
	if (ret) {
		stub_power_exit(sdev);
		sdev->ops.retire(sdev);
		return ret;
	}
	platform_set_drvdata(pdev, sdev);
	dmaconf_aid_register(&sdev->aid);
	/* Not .remove: what that has to return differs between kernels. */
	return devm_add_action_or_reset(&pdev->dev, stub_remove, sdev);
}

/* Without its NUL a name matches nothing, where no padding comes behind it. */
#define STUB_ID(text, kind)						\
	{ .name = text, .driver_data = (kernel_ulong_t)&(kind) +		\
		BUILD_BUG_ON_ZERO(sizeof(text) > PLATFORM_NAME_SIZE) }

static const struct platform_device_id stub_ids[] = {
	STUB_ID("dmaconf-stub-memcpy", stub_memcpy),
	STUB_ID("dmaconf-stub-min", stub_minimal),
	STUB_ID("dmaconf-stub-slave", stub_slave),
	STUB_ID("dmaconf-stub-cyclic", stub_cyclic),
	STUB_ID("dmaconf-stub-packet", stub_packet),
	STUB_ID("dmaconf-stub-mixed", stub_unordered),
	STUB_ID("dmaconf-stub-virt", stub_virt),
	STUB_ID("dmaconf-stub-memset", stub_memset),
	STUB_ID("dmaconf-stub-raid", stub_raid),
	STUB_ID("dmaconf-stub-sums", stub_raid_plain),
	STUB_ID("dmaconf-stub-ilv", stub_interleaved),
	STUB_ID("dmaconf-stub-screen", stub_display),
	{}
};

static struct platform_driver stub_driver = {
	.driver.name	= STUB_DRIVER,
	.driver.pm	= pm_ptr(&stub_pm_ops),
	/* Whoever registers a device wants to know whether it works. */
	.driver.probe_type = PROBE_FORCE_SYNCHRONOUS,
	.id_table	= stub_ids,
	.probe		= stub_probe,
};

/**
 * stub_owns - whether a channel is one of the stub's
 * @chan: any channel of the system
 *
 * Context: any.
 * Return: whether it is.
 */
bool stub_owns(const struct dma_chan *chan)
{
	return chan->device && chan->device->dev->driver == &stub_driver.driver;
}

/**
 * stub_devices_busy - whether a client holds a channel of any stub device
 *
 * Context: may sleep; the answer is as good as the caller's knowledge that
 * nobody requests a channel meanwhile.
 * Return: whether one does.
 */
bool stub_devices_busy(void)
{
	for (int i = 0; i < ARRAY_SIZE(stub_devices); i++) {
		struct stub_dev *sdev = stub_devices[i] ?
			platform_get_drvdata(stub_devices[i]) : NULL;

		for (unsigned int c = 0; sdev && c < sdev->nchans; c++)
			if (sdev->chans[c].chan.client_count)
				return true;
	}
	return false;
}

static struct platform_device *stub_device_create(const struct stub_personality *kind, int id)
{
	struct platform_device *pdev;

	pdev = platform_device_register_full(&(struct platform_device_info){
		.name = kind->name,
		.id = id,
		.fwnode = of_fwnode_handle(stub_tree_node(kind, id)),
	});
	if (IS_ERR(pdev))
		return pdev;
	/* Registering succeeds even when the probe does not. */
	if (!platform_get_drvdata(pdev)) {
		platform_device_unregister(pdev);
		return ERR_PTR(-ENODEV);
	}
	return pdev;
}

/**
 * stub_devices_create - the devices, as many of each personality as wanted
 * @fault: what they all do wrong, or NULL
 *
 * Context: may sleep. No stub device exists.
 * Return: 0 or negative errno.
 */
int stub_devices_create(const struct stub_fault *fault)
{
	const int kinds = ARRAY_SIZE(stub_personalities);

	stub_fault = fault;
	for (int i = 0; i < kinds * clamp(instances, 1, STUB_INSTANCES_MAX); i++) {
		struct platform_device *pdev;

		pdev = stub_device_create(stub_personalities[i % kinds], i / kinds);
		if (IS_ERR(pdev)) {
			stub_devices_destroy();
			return PTR_ERR(pdev);
		}
		stub_devices[i] = pdev;
	}
	pr_info("# dmaconf: stub fault=%s\n", fault ? fault->name : "none");
	return 0;
}

/**
 * stub_device_delete - take one device away, whoever holds its channels
 * @name: of the device
 *
 * Context: may sleep; like all that creates and destroys devices, one at a time.
 * Return: 0 or -ENODEV.
 */
int stub_device_delete(const char *name)
{
	for (int i = 0; i < ARRAY_SIZE(stub_devices); i++) {
		if (!stub_devices[i] || strcmp(dev_name(&stub_devices[i]->dev), name))
			continue;
		platform_device_unregister(stub_devices[i]);
		stub_devices[i] = NULL;
		return 0;
	}
	return -ENODEV;
}

/**
 * stub_devices_destroy - undo stub_devices_create(), as far as it came
 *
 * Context: may sleep. No client holds a channel.
 */
void stub_devices_destroy(void)
{
	for (int i = ARRAY_SIZE(stub_devices) - 1; i >= 0; i--) {
		platform_device_unregister(stub_devices[i]);
		stub_devices[i] = NULL;
	}
}

static int __init stub_init(void)
{
	const struct stub_fault *fault = stub_fault_find(stub_control_fault());
	int ret;

	if (IS_ERR(fault)) {
		pr_err("# dmaconf: stub error unknown fault=%s\n", stub_control_fault());
		return PTR_ERR(fault);
	}
	ret = stub_tree_init();
	if (ret)
		return ret;
	ret = platform_driver_register(&stub_driver);
	if (ret)
		goto err_tree;
	ret = stub_devices_create(fault);
	if (ret) {
		pr_err("# dmaconf: stub error no devices\n");
		goto err_driver;
	}
	stub_control_init();
	return 0;

err_driver:
	platform_driver_unregister(&stub_driver);
err_tree:
	stub_tree_exit();
	return ret;
}
module_init(stub_init);

static void __exit stub_exit(void)
{
	stub_control_exit();
	stub_devices_destroy();
	platform_driver_unregister(&stub_driver);
	stub_tree_exit();
}
module_exit(stub_exit);

MODULE_DESCRIPTION("Software DMA engine provider");
MODULE_LICENSE("GPL");
