// SPDX-License-Identifier: GPL-2.0
/*
 * The volume snapshot component: carries out one operation at a time by control command, and knows
 * whether the guest's file systems are frozen as far as the guest has said so.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "../hyperv/util.h"
#include "ic_control.h"
#include "types.h"
#include "vss_message.h"

#define VSS_NAME "vss"
/* Policy: what guests give themselves for it, and some more. */
#define VSS_TIMEOUT_S	     60u
#define VSS_FREEZE_TIMEOUT_S (16u * 60)
#define VSS_TIMEOUT_MAX_S    86400u

struct vss_config {
	bool on;
	struct vmbus_server *server;
	struct ic *ic;
	struct ic_job job;
	uint8_t operation; /* of the job */
	unsigned int timeout_s; /* of the job */
	bool frozen;
	uint64_t freezes, thaws;
};

static const struct ic_version vss_version_list[] = { { 4, 0 }, { 5, 0 }, { 6, 0 }, { 7, 0 } };
static const struct ic_versions vss_versions = { vss_version_list, ARRAY_SIZE(vss_version_list) };

static void vss_negotiated(struct ic *ic, void *opaque)
{
	(void)ic;
	(void)opaque;
}

static void vss_answered(struct vss_config *c, uint32_t flags)
{
	switch (c->operation) {
	case VSS_OP_FREEZE:
		c->frozen = true;
		c->freezes++;
		break;
	case VSS_OP_THAW:
		c->frozen = false;
		c->thaws++;
		break;
	case VSS_OP_HOT_BACKUP:
		cJSON_AddBoolToObject(c->job.reply, "hot_backup", true);
		cJSON_AddBoolToObject(c->job.reply, "auto_recovery",
				      !(flags & VSS_NO_AUTO_RECOVERY));
		cJSON_AddNumberToObject(c->job.reply, "flags", flags);
		break;
	case VSS_OP_DIRECT_MAPPED:
		cJSON_AddNumberToObject(c->job.reply, "flags", flags);
		break;
	}
	ic_job_end(&c->job, NULL);
}

static void vss_reply(struct ic *ic, void *opaque, const struct ic_reply *reply)
{
	struct vss_config *c = opaque;
	const char *why;
	uint32_t flags;

	(void)ic;
	if (!ic_job_runs(&c->job))
		return;
	if (!reply) {
		ic_job_end(&c->job, "the guest did not answer within %u s", c->timeout_s);
		return;
	}
	ic_job_answer(&c->job, reply->status);
	if (reply->status) {
		ic_job_end(&c->job, "%s: the guest answered %#x (%s)",
			   vss_operation_name(c->operation), reply->status,
			   ic_status_text(reply->status));
	} else if (vss_reply_parse(c->operation, reply->body, reply->body_bytes, &flags, &why)) {
		hv_violation(c->server, "vss-reply", "%s: %s", vss_operation_name(c->operation),
			     why);
		ic_job_end(&c->job, "the guest's answer is malformed: %s", why);
	} else {
		vss_answered(c, flags);
	}
}

static void vss_closed(struct ic *ic, void *opaque)
{
	struct vss_config *c = opaque;

	(void)ic;
	c->frozen = false;
	if (ic_job_runs(&c->job))
		ic_job_end(&c->job, "the guest has closed the channel");
}

static const struct ic_service vss_service = {
	.name = VSS_NAME,
	.type = IC_MSG_VSS,
	.class_guid = HYPERV_GUID_INIT(0x35fa2e29, 0xea23, 0x4236, 0x96, 0xae, 0x3a, 0x6e, 0xba,
				       0xcb, 0xa4, 0x40),
	.instance_guid = HYPERV_GUID_INIT(0x2450ee40, 0x33bf, 0x4fbd, 0x89, 0x2e, 0x9f, 0xb0, 0x6e,
					  0x92, 0x14, 0xcf),
	.negotiated = vss_negotiated,
	.reply = vss_reply,
	.closed = vss_closed,
};

static int vss_start(void *config, struct vmbus_server *server, char err[HV_ERR_MAX])
{
	struct vss_config *c = config;
	const struct hv_counter counters[] = {
		{ "freezes", &c->freezes },
		{ "thaws", &c->thaws },
	};

	if (!c->on)
		return 0;
	c->server = server;
	c->ic = ic_new(server, &vss_service, &vss_versions, c);
	if (!c->ic) {
		snprintf(err, HV_ERR_MAX, "%s: cannot be offered", VSS_NAME);
		return -1;
	}
	hv_counters_add(server, VSS_NAME ".done", counters, ARRAY_SIZE(counters));
	return 0;
}

static int vss_control(void *config, const char *cmd, const cJSON *request, cJSON *reply,
		       char err[HV_ERR_MAX])
{
	/* The SCSI controller of this host. */
	static const struct hyperv_guid controller = HYPERV_GUID_INIT(
		0xf8b3781a, 0x1e82, 0x4818, 0xa1, 0xc3, 0x63, 0xd8, 0x06, 0xec, 0x15, 0xbb);
	struct vss_config *c = config;
	uint8_t body[VSS_BODY_MAX];
	const char *name = "";
	uint32_t luns = 0, timeout = 0;
	struct ic_version version;
	int operation, ret;
	size_t bytes;

	if (strcmp(cmd, VSS_NAME))
		return 0;
	if (ic_arg_text(request, cmd, "op", &name, err) ||
	    ic_arg_u32(request, cmd, "luns", VSS_LUNS, &luns, err) ||
	    ic_arg_u32(request, cmd, "timeout_s", VSS_TIMEOUT_MAX_S, &timeout, err))
		return -1;
	operation = vss_operation_parse(name);
	if (operation < 0) {
		snprintf(err, HV_ERR_MAX,
			 "vss: \"op\" is check, freeze, thaw, complete, auto-recover, create, "
			 "delete, direct-mapped or cluster-info");
		return -1;
	}
	if (!c->ic) {
		snprintf(err, HV_ERR_MAX, "vss: the component is not offered (--vss)");
		return -1;
	}
	if (ic_job_runs(&c->job))
		return ic_request_error(cmd, -EBUSY, err);
	version = ic_version(c->ic);
	if (ic_is_ready(c->ic) && version.major < vss_operation_since((uint8_t)operation)) {
		snprintf(err, HV_ERR_MAX, "vss: %s needs version %u.0, the guest speaks %u.%u",
			 name, vss_operation_since((uint8_t)operation), version.major,
			 version.minor);
		return -1;
	}
	if (!timeout)
		timeout = operation == VSS_OP_FREEZE ? VSS_FREEZE_TIMEOUT_S : VSS_TIMEOUT_S;
	bytes = vss_build(body, (uint8_t)operation, version.major, luns, &controller);
	ic_set_timeout(c->ic, timeout);
	ret = ic_request(c->ic, body, bytes);
	if (ret)
		return ic_request_error(cmd, ret, err);
	c->operation = (uint8_t)operation;
	c->timeout_s = timeout;
	cJSON_AddStringToObject(reply, "op", vss_operation_name(c->operation));
	return ic_job_begin(&c->job, VSS_NAME, reply);
}

static void vss_query(void *config, cJSON *reply)
{
	struct vss_config *c = config;

	if (c->ic)
		cJSON_AddBoolToObject(ic_query(c->ic, reply), "frozen", c->frozen);
}

static void vss_stop(void *config)
{
	struct vss_config *c = config;

	if (ic_job_runs(&c->job))
		ic_job_end(&c->job, "the host ends");
	if (c->ic)
		hv_counters_remove(c->server, VSS_NAME ".done");
	ic_free(c->ic);
}

static int vss_parse_on(void *config, const char *arg, char err[HV_ERR_MAX])
{
	struct vss_config *c = config;

	(void)arg;
	(void)err;
	c->on = true;
	return 0;
}

static const struct device_option vss_options[] = {
	{ "vss", NULL, "offer volume snapshots\nexample: --vss", vss_parse_on },
	{ NULL, NULL, NULL, NULL },
};

const struct device_type vss_type = {
	.name = VSS_NAME,
	.config_size = sizeof(struct vss_config),
	.options = vss_options,
	.start = vss_start,
	.commands =
		"vss op=check|freeze|thaw|complete|auto-recover|create|delete|direct-mapped|"
		"cluster-info\n"
		"    timeout_s=N luns=N    one step of a backup; what the guest answered, and when",
	.control = vss_control,
	.query = vss_query,
	.stop = vss_stop,
};
