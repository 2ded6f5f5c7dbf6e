// SPDX-License-Identifier: GPL-2.0
/* Asks the host to connect a socket. VMBus control messages, TL_CONNECT. */
#include <linux/errno.h>
#include <linux/string.h>
#include <linux/uuid.h>

#include "internal.h"
#include "request.h"

/**
 * vmbus_send_tl_connect_request() - ask the host to connect a socket
 * @shv_guest_servie_id: endpoint of the guest
 * @shv_host_servie_id: service of the host
 *
 * Success shows by an offer with these ids; failure by its not coming in time.
 *
 * Context: may sleep.
 * Return: 0; -EOPNOTSUPP below protocol 4.0; an error of posting.
 */
int vmbus_send_tl_connect_request(const guid_t *shv_guest_servie_id, const guid_t *shv_host_servie_id)
{
	struct vmbus_msg_tl_connect message = {
		.header.type = cpu_to_le32(VMBUS_MSG_TL_CONNECT),
	};

	if (vmbus_proto_version < VMBUS_VERSION_4_0)
		return -EOPNOTSUPP;
	memcpy(&message.endpoint_id, shv_guest_servie_id, sizeof(message.endpoint_id));
	memcpy(&message.service_id, shv_host_servie_id, sizeof(message.service_id));
	/* Every host takes the short form, which says nothing about silos. */
	return vmbus_post(&message, VMBUS_MSG_TL_CONNECT_V4_BYTES, true);
}
