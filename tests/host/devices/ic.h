/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The host's side of an integration component: its channel, negotiation, one request at a time and
 * its reply. A component is a struct ic_service; everything it does starts from these calls.
 */
#ifndef HVHOST_DEVICES_IC_H
#define HVHOST_DEVICES_IC_H

#include <stdbool.h>

#include "../hyperv/device.h"
#include "ic_message.h"

struct ic;

/**
 * struct ic_service - one component
 * @name: channel and counter group name
 * @type: type of its messages
 * @class_guid: what it is
 * @instance_guid: the one instance of a machine
 * @negotiated: versions are in force, requests can be sent
 * @reply: the answer to the request; also called, with NULL, when it has not come in time
 * @closed: the channel is gone, an unanswered request with it; may be NULL
 * @patient: a guest may answer the offer of versions only once a program of its runs, so the offer
 *	is never repeated
 * @any_id: replies may carry an id of all ones instead of the request's, as programs do that read
 *	the ring in user space
 */
struct ic_service {
	const char *name;
	uint16_t type;
	struct hyperv_guid class_guid;
	struct hyperv_guid instance_guid;
	void (*negotiated)(struct ic *ic, void *opaque);
	void (*reply)(struct ic *ic, void *opaque, const struct ic_reply *reply);
	void (*closed)(struct ic *ic, void *opaque);
	bool patient;
	bool any_id;
};

/**
 * ic_new() - create a component and offer its channel
 * @server: VMBus server
 * @service: what it is; must outlive it
 * @message: message versions to offer; copied, at most IC_VERSIONS_MAX
 * @opaque: for the callbacks of @service
 *
 * Return: the component, or NULL if the channel cannot be offered.
 */
struct ic *ic_new(struct vmbus_server *server, const struct ic_service *service,
		  const struct ic_versions *message, void *opaque);

/* ic_free() - end a component; its channel must be gone already. */
void ic_free(struct ic *ic);

/**
 * ic_request() - send a message of the component's type
 * @ic: the component
 * @body: what follows the IC header
 * @bytes: at most IC_BODY_MAX
 *
 * Return: 0 and @service->reply will be called unless the channel closes; -ENOTCONN not negotiated;
 * -EBUSY a request is outstanding; -EAGAIN no room in the ring; -EMSGSIZE the ring can never take
 * it.
 */
int ic_request(struct ic *ic, const void *body, size_t bytes);

/**
 * ic_set_timeout() - how long the guest may take for the replies to requests from now on
 * @ic: the component
 * @seconds: 0: as long as without this call, IC_TIMEOUT_S
 */
void ic_set_timeout(struct ic *ic, unsigned int seconds);
/* Policy: how long a guest may take for a reply. */
#define IC_TIMEOUT_S 30u

/* ic_is_ready() - negotiated, and no request outstanding. */
bool ic_is_ready(const struct ic *ic);

/* ic_version() - message version in force. */
struct ic_version ic_version(const struct ic *ic);

/* ic_name() - the component's name. */
const char *ic_name(const struct ic *ic);

/**
 * ic_by_name() - find a component that is offered
 * @server: VMBus server
 * @name: name of its service
 *
 * Return: the component, NULL if there is none.
 */
struct ic *ic_by_name(struct vmbus_server *server, const char *name);

/* ic_server() - the server the component belongs to. */
struct vmbus_server *ic_server(const struct ic *ic);

/**
 * ic_renegotiate() - offer the versions again, as hosts do after a restore
 * @ic: the component
 *
 * Return: 0, -ENOTCONN closed, -EBUSY a request is outstanding, -EAGAIN no room in the ring.
 */
int ic_renegotiate(struct ic *ic);

struct cJSON;

/* ic_query() - state and versions, as an object named after the component. Return: that object. */
struct cJSON *ic_query(const struct ic *ic, struct cJSON *reply);

#endif
