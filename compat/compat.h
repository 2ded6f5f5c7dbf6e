/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Included in front of every source file (see Kbuild): kernel differences, so that no driver file contains any.
 * features.h is written by probe.sh for the kernel at hand; each header below gives old kernels the newest API and says
 * which kernels need it.
 */
#ifndef HYPERV_LIC_COMPAT_H
#define HYPERV_LIC_COMPAT_H

#include "minimum.h"
#include "features.h"
#include "bus.h"
#include "hyperv.h"

#endif
