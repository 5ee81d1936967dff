// SPDX-License-Identifier: GPL-2.0-only
/* Faults of a provider that goes away. */
#include <linux/slab.h>

#include "faults.h"
#include "steps.h"

static void retire_and_free(struct stub_dev *sdev)
{
	struct device *dev = sdev->dev;

	stub_conformant_ops.retire(sdev);
	kfree(sdev);
	put_device(dev);
}

static void release_nothing(struct dma_device *dma)
{
}

/* The registers are unmapped: what runs cannot be stopped any more. */
static void unplug_and_run_on(struct stub_dev *sdev)
{
	WRITE_ONCE(sdev->gone, true);
}

static int terminate_only_plugged(struct dma_chan *chan)
{
	if (to_stub_chan(chan)->sdev->gone)
		return 0;
	return stub_conformant_ops.terminate_all(chan);
}

/* fault_data[0]: where the channel counts its descriptors, until it is unplugged */
static void unplug_and_forget(struct stub_dev *sdev)
{
	stub_conformant_ops.unplug(sdev);
	for (unsigned int i = 0; i < sdev->nchans; i++)
		sdev->chans[i].fault_data[0] = 0;
}

static struct stub_desc *desc_alloc_counted(struct stub_chan *sc, unsigned int nsegs)
{
	unsigned long *count;

	if (!sc->sdev->gone)
		sc->fault_data[0] = (unsigned long)&sc->fault_data[1];
	count = (void *)sc->fault_data[0];
	WRITE_ONCE(*count, *count + 1);
	return stub_conformant_ops.desc_alloc(sc, nsegs);
}

static void retire_without_channels(struct stub_dev *sdev)
{
	INIT_LIST_HEAD(&sdev->dma.channels);
	stub_conformant_ops.retire(sdev);
}

static int alloc_unplugged(struct dma_chan *chan)
{
	struct stub_dev *sdev = to_stub_chan(chan)->sdev;
	bool gone = sdev->gone;
	int ret;

	sdev->gone = false;
	ret = stub_conformant_ops.alloc_chan_resources(chan);
	sdev->gone = gone;
	return ret;
}

const struct stub_fault stub_unplug_faults[] = {
	STUB_FAULT(remove_frees, "unplug.release",
		   "The provider is freed when its driver is unbound, whoever holds a channel",
		   .retire = retire_and_free, .release = release_nothing),
	STUB_FAULT(remove_runs_on, "unplug.ops_safe",
		   "What runs when the driver is unbound goes on, and terminate_all does nothing about it",
		   .unplug = unplug_and_run_on, .terminate_all = terminate_only_plugged),
	STUB_FAULT(remove_orphans_channels, "unplug.ops_safe",
		   "Unbinding takes from channels that are held what prep needs, and the kernel dies there",
		   .unplug = unplug_and_forget, .desc_alloc = desc_alloc_counted),
	STUB_FAULT(remove_empties_list, "unplug.list_intact",
		   "The channels are taken off the list before the device is unregistered",
		   .retire = retire_without_channels),
	STUB_FAULT(alloc_when_gone, "unplug.no_new",
		   "alloc_chan_resources succeeds when the driver is unbound",
		   .alloc_chan_resources = alloc_unplugged),
	{}
};
