// SPDX-License-Identifier: GPL-2.0-only
/*
 * Power: the device is used, by runtime PM, while any channel has something to
 * do, and stands still while the system sleeps.
 */
#include <linux/device.h>
#include <linux/pm.h>
#include <linux/pm_runtime.h>

#include "steps.h"
#include "stub.h"

#define STUB_AUTOSUSPEND_MS	10

/* Transfers are issued where nobody may sleep, so resuming does not either. */
void stub_power(struct stub_chan *sc)
{
	bool busy = !list_empty(&sc->issued);

	if (busy == sc->powered)
		return;
	sc->powered = busy;
	if (busy) {
		pm_runtime_get_sync(sc->sdev->dev);
	} else {
		pm_runtime_mark_last_busy(sc->sdev->dev);
		pm_runtime_put_autosuspend(sc->sdev->dev);
	}
}

/* No channel forgets anything; a step by hand finds the engine asleep too. */
void stub_sleep(struct stub_dev *sdev)
{
	WRITE_ONCE(sdev->asleep, true);
	for (unsigned int i = 0; i < sdev->nchans; i++)
		hrtimer_cancel(&sdev->chans[i].timer);
}

void stub_wake(struct stub_dev *sdev)
{
	unsigned long irqflags;

	WRITE_ONCE(sdev->asleep, false);
	for (unsigned int i = 0; i < sdev->nchans; i++) {
		struct stub_chan *sc = &sdev->chans[i];

		spin_lock_irqsave(&sc->lock, irqflags);
		sdev->ops.kick(sc);
		spin_unlock_irqrestore(&sc->lock, irqflags);
	}
}

static int stub_system_suspend(struct device *dev)
{
	struct stub_dev *sdev = dev_get_drvdata(dev);

	sdev->ops.sleep(sdev);
	return 0;
}

static int stub_system_resume(struct device *dev)
{
	struct stub_dev *sdev = dev_get_drvdata(dev);

	sdev->ops.wake(sdev);
	return 0;
}

/* There is no power to switch; that runtime PM allows it is what counts. */
static int stub_runtime_idle(struct device *dev)
{
	return 0;
}

const struct dev_pm_ops stub_pm_ops = {
	SYSTEM_SLEEP_PM_OPS(stub_system_suspend, stub_system_resume)
	RUNTIME_PM_OPS(stub_runtime_idle, stub_runtime_idle, NULL)
};

/**
 * stub_power_init - begin with runtime PM, before the device is registered
 * @sdev: the device
 *
 * Context: may sleep.
 */
void stub_power_init(struct stub_dev *sdev)
{
	pm_runtime_irq_safe(sdev->dev);
	/* Suspending after each transfer would cost more than a short transfer does. */
	pm_runtime_set_autosuspend_delay(sdev->dev, STUB_AUTOSUSPEND_MS);
	pm_runtime_use_autosuspend(sdev->dev);
	pm_runtime_enable(sdev->dev);
}

/**
 * stub_power_exit - end it
 * @sdev: the device, idle
 *
 * Context: may sleep.
 */
void stub_power_exit(struct stub_dev *sdev)
{
	pm_runtime_disable(sdev->dev);
	pm_runtime_dont_use_autosuspend(sdev->dev);
	pm_runtime_set_suspended(sdev->dev);
}
