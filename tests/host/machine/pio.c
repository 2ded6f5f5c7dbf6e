// SPDX-License-Identifier: GPL-2.0
/*
 * Registry from port number to handler. Ports nobody handles read as all ones, as on an empty bus.
 */
#include <string.h>

#include "internal.h"

void pio_add(struct machine *machine, const struct pio_handler *handler)
{
	if (machine->nr_pio < MACHINE_MAX_PIO)
		machine->pio[machine->nr_pio++] = *handler;
}

static const struct pio_handler *pio_find(const struct machine *machine, uint16_t port)
{
	for (unsigned int i = 0; i < machine->nr_pio; i++) {
		const struct pio_handler *handler = &machine->pio[i];

		if (port >= handler->port && port - handler->port < handler->len)
			return handler;
	}
	return NULL;
}

void pio_access(struct machine *machine, bool out, uint16_t port, unsigned int size, void *data,
		unsigned int count)
{
	const struct pio_handler *handler = pio_find(machine, port);
	uint8_t *at = data;

	for (; count; count--, at += size) {
		uint32_t value = UINT32_MAX;

		if (out) {
			value = 0;
			memcpy(&value, at, size);
			if (handler && handler->out)
				handler->out(handler->opaque, port - handler->port, size, value);
			continue;
		}
		if (handler && handler->in)
			value = handler->in(handler->opaque, port - handler->port, size);
		memcpy(at, &value, size);
	}
}
