/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a hostile guest lives in: RAM between guard pages, the host's server with all device types,
 * a clock that only the input moves. Knows nothing of what the guest does.
 */
#ifndef HVHOST_FUZZ_WORLD_H
#define HVHOST_FUZZ_WORLD_H

#include "../hyperv/server.h"
#include "ops.h"

struct world {
	struct loop *loop;
	struct vmbus_server *server;
	struct guest_mem mem;
	uint8_t *ram, *high;
	struct {
		uint32_t connection_id;
		int fd;
	} events[256];
};

extern struct world world;

/* Everything new: RAM is zero, devices are offered, no guest has spoken. */
void world_begin(void);
/* The end of the host, in the order of the program's. */
void world_end(void);
/* The guest is reset; the host goes on. */
void world_reset(void);
/* One control command from a list. */
void world_command(unsigned int index);
unsigned int world_commands(void);
/* The host lies to the guest from now on, at @rate of 255; 0: no longer. */
void world_chaos(uint64_t seed, unsigned int rate);
/* Let the host's clock go on. */
void world_pass(uint64_t ns);
/* HvSignalEvent on a connection id. */
void world_signal(uint32_t connection_id);
/* Turns of the loop, while @word of RAM takes two values in turns (NULL: nothing does). */
void world_run(unsigned int turns, uint64_t *word, const uint64_t values[2]);

#endif
