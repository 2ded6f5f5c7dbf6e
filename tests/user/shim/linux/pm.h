/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_PM_H
#define SHIM_LINUX_PM_H

struct device;

struct dev_pm_ops {
	int (*freeze_noirq)(struct device *device);
	int (*thaw_noirq)(struct device *device);
	int (*poweroff_noirq)(struct device *device);
	int (*restore_noirq)(struct device *device);
};

#endif
