/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Releases of Windows Server as a guest sees them. Facts only: who applies them is options.c,
 * machine/cpuid.c and devices/ic.c.
 */
#ifndef HVHOST_RELEASE_H
#define HVHOST_RELEASE_H

#include <stddef.h>
#include <stdint.h>

/* Hyper-V's CPUID leaves. Of the bits here the guest sees those that KVM can do. */
struct hv_release_cpuid {
	uint32_t max_leaf; /* 0x40000000 EAX */
	uint32_t build, version, pack, branch; /* 0x40000002 EAX, EBX, ECX, EDX */
	uint32_t privileges; /* 0x40000003 EAX */
	uint32_t features; /* 0x40000003 EDX */
	uint32_t hints; /* 0x40000004 EAX */
};

struct hv_release {
	const char *name; /* "ws2019", what --host takes */
	const char *product;
	struct hv_release_cpuid cpuid;
	/* Arguments of the options that set one of these alone; each is the newest offered or accepted. */
	const char *vmbus_version, *vstor_version, *nvsp_version, *timesync_version, *timers;
	/* The other integration components, "NAME=VERSION" as --ic-version takes it; ends with NULL. */
	const char *ic_versions[8];
};

/* NULL: no release of that name. */
const struct hv_release *hv_release_find(const char *name);
/* All names, "ws2008 ws2008r2 ...", for messages. */
const char *hv_release_list(char *text, size_t size);

#endif
