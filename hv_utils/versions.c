// SPDX-License-Identifier: GPL-2.0
/*
 * Which versions we speak, newest first: of the framework, and of the messages of each component. Hosts since Windows Server
 * 2008 have at least one of each in common with it, wherever they have the component at all.
 */
#include <linux/kernel.h>

#include "versions.h"

#define VERSIONS(name, ...)						\
	static const u32 name##_versions[] = { __VA_ARGS__ };		\
	const struct hv_ic_version_list hv_ic_##name##_versions = {	\
		.versions = name##_versions,				\
		.count = ARRAY_SIZE(name##_versions),			\
	}
#define V	HV_IC_VERSION

/* 1.0: Windows Server 2008. 3.0: from 2008 R2 on. */
VERSIONS(framework, V(3, 0), V(1, 0));

/* 1.0: 2008. 3.0: from 2008 R2 on. */
VERSIONS(heartbeat, V(3, 0), V(1, 0));

/* 1.0: 2008. 3.0: from 2008 R2 on. 3.1 and 3.2 are later; requests to hibernate come with 3.2. */
VERSIONS(shutdown, V(3, 2), V(3, 1), V(3, 0), V(1, 0));

/* 1.0: 2008. 3.0: from 2008 R2 on. 4.0, from 2016 on, says when the host took its time. */
VERSIONS(timesync, V(4, 0), V(3, 0), V(1, 0));

/* 1.0: 2008. 3.0: 2008 R2. 4.0: from 2012 on. 5.0, from 2012 R2 on, has IP configurations in binary. */
VERSIONS(kvp, V(5, 0), V(4, 0), V(3, 0), V(1, 0));

/*
 * 5.0: from 2012 R2 on. 4.0, of 2012, has no freeze. 6.0 and 7.0, of 2016 and later, whose hosts offer 5.0 as well, add a
 * question about clusters that a Linux guest has no answer to.
 */
VERSIONS(vss, V(5, 0));

/* From 2012 R2 on. */
VERSIONS(fcopy, V(1, 1));
