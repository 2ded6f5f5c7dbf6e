/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The Hyper-V side as main.c and control.c see it: one server for the life of the program, over any
 * number of resets.
 */
#ifndef HVHOST_SERVER_H
#define HVHOST_SERVER_H

#include "device.h"
#include "ic_limit.h"
#include "platform.h"

struct vmbus_server_config {
	struct loop *loop;
	const struct guest_mem *mem;
	unsigned int nr_vps;
	uint32_t max_version; /* highest VMBus version accepted */
	struct hv_ic_limits ic_limits;
	/* Test knobs: how long REQUESTOFFERS and UNLOAD wait for their answers */
	uint64_t offers_delay_ns, unload_delay_ns;
	bool short_offers; /* of 190 bytes, to a guest that speaks 0.13 */
	const struct hv_platform_ops *ops;
	void *platform;
};

struct vmbus_server *vmbus_server_new(const struct vmbus_server_config *config);
/* Ends all channels, then frees. */
void vmbus_server_free(struct vmbus_server *server);
/* The guest is gone: as after UNLOAD, without a word to anybody. Offers stay for the next guest. */
void vmbus_server_reset(struct vmbus_server *server);

/* Version from text, "5.3"; 0: not one of the table. */
uint32_t vmbus_version_parse(const char *text);
/* All versions of the table, "2.4 3.0 ...", for messages. */
const char *vmbus_version_list(char *text, size_t size);
uint32_t vmbus_version_newest(void);

/* Rescind or offer again the primary channel of a name. Return: 0, or -1 with one line in @err. */
int vmbus_server_rescind_name(struct vmbus_server *server, const char *name, char err[HV_ERR_MAX]);
int vmbus_server_offer_name(struct vmbus_server *server, const char *name, char err[HV_ERR_MAX]);

/* Test knob: hold back OPEN_RESULT. */
void vmbus_server_set_open_delay(struct vmbus_server *server, uint64_t delay_ns);

/* Fill the replies of the control commands query and counters. */
void vmbus_server_query(struct vmbus_server *server, struct cJSON *reply);
void vmbus_server_counters(struct vmbus_server *server, struct cJSON *reply);
uint64_t vmbus_server_violations(const struct vmbus_server *server);

#endif
