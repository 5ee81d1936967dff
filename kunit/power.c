// SPDX-License-Identifier: GPL-2.0-only
/* The sleep of the system, as far as its devices go. */
#include <linux/pm.h>
#include <linux/suspend.h>

#include "dmaconf.h"

/**
 * dmaconf_devices_sleep - have all devices of the system suspend and resume
 *
 * What writing "devices" to /sys/power/pm_test and then putting the system to
 * sleep does to them, in the same order; tasks are not frozen.
 *
 * Context: may sleep.
 * Return: 0, or the negative errno with which one of them refused.
 */
int dmaconf_devices_sleep(void)
{
#ifdef CONFIG_PM_SLEEP
	unsigned int flags = lock_system_sleep();
	int ret;

	ret = dpm_suspend_start(PMSG_SUSPEND);
	dpm_resume_end(PMSG_RESUME);
	unlock_system_sleep(flags);
	return ret;
#else
	return -EOPNOTSUPP;
#endif
}
