// SPDX-License-Identifier: GPL-2.0
/*
 * Registers of devices in the guest's address space: which device an access is for. Windows never
 * overlap, so there is no order between them.
 */
#include <errno.h>
#include <string.h>

#include "internal.h"

int vmbus_mmio_add(struct vmbus_server *server, uint64_t gpa, uint64_t bytes,
		   const struct vmbus_mmio_ops *ops, void *opaque)
{
	const struct hv_platform_ops *platform = server->config.ops;
	struct mmio_window *place = NULL;

	if (!bytes || gpa + bytes < gpa || !platform->is_device_space ||
	    !platform->is_device_space(server->config.platform, gpa, bytes))
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_SIZE(server->mmio); i++) {
		struct mmio_window *window = &server->mmio[i];

		if (!window->bytes)
			place = window;
		else if (gpa < window->gpa + window->bytes && window->gpa < gpa + bytes)
			return -EBUSY;
	}
	if (!place)
		return -ENOSPC;
	*place = (struct mmio_window){ .gpa = gpa, .bytes = bytes, .ops = ops, .opaque = opaque };
	return 0;
}

void vmbus_mmio_del(struct vmbus_server *server, const void *opaque)
{
	for (size_t i = 0; i < ARRAY_SIZE(server->mmio); i++) {
		if (server->mmio[i].opaque == opaque)
			server->mmio[i] = (struct mmio_window){ 0 };
	}
}

void vmbus_server_mmio(struct vmbus_server *server, uint64_t gpa, unsigned int bytes, bool write,
		       void *data)
{
	uint64_t value = 0;

	if (!write)
		memset(data, 0xff, bytes);
	if ((bytes != 1 && bytes != 2 && bytes != 4 && bytes != 8) || gpa % bytes)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(server->mmio); i++) {
		const struct mmio_window *window = &server->mmio[i];

		if (gpa < window->gpa || gpa - window->gpa >= window->bytes ||
		    bytes > window->bytes - (gpa - window->gpa))
			continue;
		if (write) {
			memcpy(&value, data, bytes);
			window->ops->write(window->opaque, gpa - window->gpa, bytes, value);
		} else {
			value = window->ops->read(window->opaque, gpa - window->gpa, bytes);
			memcpy(data, &value, bytes);
		}
		return;
	}
}

void vmbus_server_interrupt(struct vmbus_server *server, unsigned int vp, uint8_t vector)
{
	if (server->config.ops->interrupt && vp < server->config.nr_vps && vector >= 16)
		server->config.ops->interrupt(server->config.platform, vp, vector);
}
