// SPDX-License-Identifier: GPL-2.0
/*
 * The table of releases: VMBus, CPUID, VSTOR, NVSP and integration component versions of each.
 *
 * Where the facts are from:
 * - VMBus: the versions' comments in Linux's <linux/hyperv.h>; microsoft/openvmm vmbus_core names
 *   them after releases (V1, Win7, Win8, Win8_1, Win10, ... Rs5, Iron, Copper). Windows Server 2022
 *   is Iron's release; 2025 is younger than Copper. Hosts of Azure report build 22477, between the
 *   two, and so have 5.3.
 * - Builds: as guests print them ("Hyper-V: Host Build ..."), and Microsoft's table of Windows
 *   Server releases.
 * - VSTOR: the version comments of public drivers; each release names its version.
 * - NVSP: Linux's Documentation/networking/device_drivers/ethernet/microsoft/netvsc.rst, and the
 *   feature that came with the release (SR-IOV 2012, vRSS 2012 R2, RSC in the vSwitch 2019). That
 *   2008 R2 has 2, and 2016 has 6.1, is inferred, not documented.
 * - Integration components: versions that guests of these hosts have agreed on, as their logs show;
 *   which release was the first with shutdown 3.1 and 3.2 is not documented.
 * - CPUID: TLFS, Feature and Interface Discovery, and the TLFS release that first names a bit:
 *   version 1 is of 2008, 2 of 2008 R2, 3 of 2012, 4 of 2012 R2, 5 of 2016, 6 of 2019 on. Direct
 *   mode of synthetic timers is of 2019.
 * Where a release's own maximum is not known for sure, the row says so.
 */
#include <stdio.h>
#include <string.h>

#include "release.h"
#include "util.h"

/* 0x40000003 EAX: runtime, reference counter, SynIC, timers, APIC, hypercalls, VP index, reset */
#define PRIVILEGES_V1 0x000000ffu
/* and statistics, reference TSC, idle */
#define PRIVILEGES_V2 (PRIVILEGES_V1 | 0x00000700u)
/* and frequencies, debugging */
#define PRIVILEGES_V3 (PRIVILEGES_V2 | 0x00001800u)
/* and re-enlightenment */
#define PRIVILEGES_V5 (PRIVILEGES_V3 | 0x00002000u)
/* and invariant TSC control */
#define PRIVILEGES_V6 (PRIVILEGES_V5 | 0x00008000u)

/* 0x40000003 EDX: MWAIT, debugging, performance monitor, CPU partitioning */
#define FEATURES_V1 0x0000000fu
/* and XMM input, idle, sleep, NUMA distance */
#define FEATURES_V2 (FEATURES_V1 | 0x000000f0u)
/* and frequency MSRs, machine checks, crash MSRs, debug MSRs */
#define FEATURES_V3 (FEATURES_V2 | 0x00000f00u)
/* and NPIEP, disabling the hypervisor, extended flush, XMM output */
#define FEATURES_V5 (FEATURES_V3 | 0x0000f000u)
/* and SINT polling, MSR lock, direct-mode timers */
#define FEATURES_V6 (FEATURES_V5 | 0x000e0000u)

/* 0x40000004 EAX: hypercalls for address spaces and flushes, APIC and reset MSRs, relaxed timing */
#define HINTS_V1 0x0000003fu
/* and DMA and interrupt remapping, x2APIC MSRs */
#define HINTS_V2 (HINTS_V1 | 0x000001c0u)
/* and no AutoEOI */
#define HINTS_V3 (HINTS_V2 | 0x00000200u)
/* and cluster IPI, extended processor masks */
#define HINTS_V4 (HINTS_V3 | 0x00000c00u)
#define HINTS_V5 (HINTS_V4 | 0x0007f000u)

static const struct hv_release releases[] = {
	{
		.name = "ws2008",
		.product = "Windows Server 2008",
		.cpuid = { .max_leaf = 0x40000005,
			   .build = 6001,
			   .version = 6 << 16,
			   .pack = 1,
			   .branch = 18016,
			   .privileges = PRIVILEGES_V1,
			   .features = FEATURES_V1,
			   .hints = HINTS_V1 },
		.vmbus_version = "0.13",
		.vstor_version = "2.0",
		.nvsp_version = "1",
		.timesync_version = "1.0",
		.timers = "legacy",
		.ic_versions = { "framework=1.0", "heartbeat=1.0", "shutdown=1.0", "kvp=1.0" },
	},
	{
		.name = "ws2008r2",
		.product = "Windows Server 2008 R2",
		.cpuid = { .max_leaf = 0x40000006,
			   .build = 7601,
			   .version = 6 << 16 | 1,
			   .pack = 17,
			   .branch = 17514,
			   .privileges = PRIVILEGES_V2,
			   .features = FEATURES_V2,
			   .hints = HINTS_V2 },
		.vmbus_version = "1.1",
		.vstor_version = "4.2",
		.nvsp_version = "2", /* 1 or 2: not documented */
		.timesync_version = "3.0",
		.timers = "legacy",
		.ic_versions = { "framework=3.0", "heartbeat=3.0", "shutdown=3.0", "kvp=3.0" },
	},
	{
		.name = "ws2012",
		.product = "Windows Server 2012",
		.cpuid = { .max_leaf = 0x40000006,
			   .build = 9200,
			   .version = 6 << 16 | 2,
			   .pack = 16,
			   .branch = 16384,
			   .privileges = PRIVILEGES_V3,
			   .features = FEATURES_V3,
			   .hints = HINTS_V3 },
		.vmbus_version = "2.4",
		.vstor_version = "5.1",
		.nvsp_version = "4",
		.timesync_version = "3.0",
		.timers = "legacy",
		.ic_versions = { "framework=3.0", "heartbeat=3.0", "shutdown=3.0", "kvp=4.0",
				 "vss=4.0" },
	},
	{
		.name = "ws2012r2",
		.product = "Windows Server 2012 R2",
		.cpuid = { .max_leaf = 0x40000006,
			   .build = 9600,
			   .version = 6 << 16 | 3,
			   .pack = 17,
			   .branch = 17039,
			   .privileges = PRIVILEGES_V3,
			   .features = FEATURES_V3,
			   .hints = HINTS_V4 },
		.vmbus_version = "3.0",
		.vstor_version = "6.0",
		.nvsp_version = "5",
		.timesync_version = "3.0",
		.timers = "legacy",
		.ic_versions = { "framework=3.0", "heartbeat=3.0", "shutdown=3.0", "kvp=5.0",
				 "vss=5.0", "fcopy=1.1" },
	},
	{
		.name = "ws2016",
		.product = "Windows Server 2016",
		.cpuid = { .max_leaf = 0x4000000b,
			   .build = 14393,
			   .version = 10 << 16,
			   .branch = 206,
			   .privileges = PRIVILEGES_V5,
			   .features = FEATURES_V5,
			   .hints = HINTS_V5 },
		.vmbus_version = "4.0",
		.vstor_version = "6.2",
		.nvsp_version = "6.1", /* 6 or 6.1: not documented */
		.timesync_version = "4.0",
		.timers = "legacy",
		.ic_versions = { "framework=3.0", "heartbeat=3.0", "shutdown=3.0", "kvp=5.0",
				 "vss=7.0", "fcopy=1.1" },
	},
	{
		.name = "ws2019",
		.product = "Windows Server 2019",
		.cpuid = { .max_leaf = 0x4000000c,
			   .build = 17763,
			   .version = 10 << 16,
			   .pack = 1,
			   .privileges = PRIVILEGES_V6,
			   .features = FEATURES_V6,
			   .hints = HINTS_V5 },
		.vmbus_version = "5.2",
		.vstor_version = "6.2",
		.nvsp_version = "6.1",
		.timesync_version = "4.0",
		.timers = "direct",
		.ic_versions = { "framework=3.0", "heartbeat=3.0", "shutdown=3.2", "kvp=5.0",
				 "vss=7.0", "fcopy=1.1" },
	},
	{
		.name = "ws2022",
		.product = "Windows Server 2022",
		.cpuid = { .max_leaf = 0x4000000c,
			   .build = 20348,
			   .version = 10 << 16,
			   .pack = 1,
			   .privileges = PRIVILEGES_V6,
			   .features = FEATURES_V6,
			   .hints = HINTS_V5 },
		.vmbus_version = "5.3",
		.vstor_version = "6.2",
		.nvsp_version = "6.1",
		.timesync_version = "4.0",
		.timers = "direct",
		.ic_versions = { "framework=3.0", "heartbeat=3.0", "shutdown=3.2", "kvp=5.0",
				 "vss=7.0", "fcopy=1.1" },
	},
	{
		.name = "ws2025",
		.product = "Windows Server 2025",
		.cpuid = { .max_leaf = 0x4000000c,
			   .build = 26100,
			   .version = 10 << 16,
			   .pack = 1,
			   .privileges = PRIVILEGES_V6,
			   .features = FEATURES_V6,
			   .hints = HINTS_V5 },
		.vmbus_version = "6.0", /* younger than Copper, whose version this is */
		.vstor_version = "6.2",
		.nvsp_version = "6.1",
		.timesync_version = "4.0",
		.timers = "direct",
		.ic_versions = { "framework=3.0", "heartbeat=3.0", "shutdown=3.2", "kvp=5.0",
				 "vss=7.0", "fcopy=1.1" },
	},
	{
		.name = "azure",
		.product = "Azure",
		.cpuid = { .max_leaf = 0x4000000c,
			   .build = 22477,
			   .version = 10 << 16,
			   .pack = 1,
			   .branch = 1022,
			   .privileges = PRIVILEGES_V6,
			   .features = FEATURES_V6,
			   .hints = HINTS_V5 },
		.vmbus_version = "5.3",
		.vstor_version = "6.2",
		.nvsp_version = "6.1",
		.timesync_version = "4.0",
		.timers = "direct",
		.ic_versions = { "framework=3.0", "heartbeat=3.0", "shutdown=3.2", "kvp=5.0",
				 "vss=7.0", "fcopy=1.1" },
	},
};

const struct hv_release *hv_release_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(releases); i++) {
		if (!strcmp(releases[i].name, name))
			return &releases[i];
	}
	return NULL;
}

const char *hv_release_list(char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(releases) && used < size; i++)
		used += snprintf(text + used, size - used, "%s%s", i ? " " : "", releases[i].name);
	return text;
}
