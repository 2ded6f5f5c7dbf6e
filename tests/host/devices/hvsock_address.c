// SPDX-License-Identifier: GPL-2.0
/* Ports as GUIDs: PORT-facb-11e6-bd58-64006a7986d3, the port in hexadecimal. */
#include <string.h>

#include "bytes.h"
#include "hvsock_address.h"

struct hyperv_guid hvsock_service_guid(uint32_t port)
{
	struct hyperv_guid guid =
		HYPERV_GUID_INIT(0, 0xfacb, 0x11e6, 0xbd, 0x58, 0x64, 0x00, 0x6a, 0x79, 0x86, 0xd3);

	put_le32(&guid, port);
	return guid;
}

bool hvsock_service_port(const struct hyperv_guid *guid, uint32_t *port)
{
	struct hyperv_guid same;

	*port = get_le32(guid);
	same = hvsock_service_guid(*port);
	return !memcmp(&same, guid, sizeof(same));
}
