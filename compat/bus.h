/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Driver model of the bus on older kernels.
 *
 * hv_driver.remove returned an int up to 6.2; it can go with 6.1. COMPAT_HV_REMOVE(fn) stands after the function,
 * compat_hv_remove(fn) where its address is taken.
 */
#ifndef HYPERV_LIC_COMPAT_BUS_H
#define HYPERV_LIC_COMPAT_BUS_H

#if COMPAT_HAS_HV_REMOVE_VOID
#define COMPAT_HV_REMOVE(fn)
#define compat_hv_remove(fn) fn
#else
#define COMPAT_HV_REMOVE(fn)				\
	static int fn##_int(struct hv_device *hdev)	\
	{						\
		fn(hdev);				\
		return 0;				\
	}
#define compat_hv_remove(fn) fn##_int
#endif

#endif
