// SPDX-License-Identifier: GPL-2.0-only
/* Faults of power management. */
#include <linux/pm_runtime.h>

#include "faults.h"
#include "steps.h"

static void power_never(struct stub_chan *sc)
{
}

/* The reference is dropped where transfers end, and these do not. */
static int terminate_stays_powered(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);
	unsigned long irqflags;

	spin_lock_irqsave(&sc->lock, irqflags);
	if (!list_empty(&sc->issued))
		sc->powered = false;
	INIT_LIST_HEAD(&sc->issued);
	spin_unlock_irqrestore(&sc->lock, irqflags);
	return stub_conformant_ops.terminate_all(chan);
}

/* As if whatever was submitted had a reference. */
static void free_drops_reference(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);

	if (!list_empty(&sc->submitted))
		pm_runtime_put(sc->sdev->dev);
	stub_conformant_ops.free_chan_resources(chan);
}

static void sleep_forgets_config(struct stub_dev *sdev)
{
	stub_sleep(sdev);
	for (unsigned int i = 0; i < sdev->nchans; i++)
		sdev->chans[i].configured = false;
}

static void sleep_drops_transfers(struct stub_dev *sdev)
{
	stub_sleep(sdev);
	for (unsigned int i = 0; i < sdev->nchans; i++)
		sdev->ops.terminate_all(&sdev->chans[i].chan);
}

const struct stub_fault stub_pm_faults[] = {
	STUB_FAULT(power_not_taken, "pm.runtime",
		   "Transfers run while runtime PM has the device suspended",
		   .power = power_never),
	STUB_FAULT(terminate_keeps_power, "pm.runtime",
		   "terminate_all does not drop the reference that issue_pending took",
		   .terminate_all = terminate_stays_powered),
	STUB_FAULT(free_drops_reference, "pm.runtime",
		   "The reference of issue_pending is dropped for what was never issued, too",
		   .free_chan_resources = free_drops_reference),
	STUB_FAULT(sleep_forgets_config, "pm.suspend",
		   "The slave configuration is lost in system suspend",
		   .sleep = sleep_forgets_config),
	STUB_FAULT(sleep_drops_transfers, "pm.suspend",
		   "What is under way at system suspend disappears without a word",
		   .sleep = sleep_drops_transfers),
	{}
};
