// SPDX-License-Identifier: GPL-2.0
/*
 * The guest service interface: copies a file of the host into the guest, a block at a time, and takes
 * it back when something goes wrong on the way.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "../hyperv/util.h"
#include "fcopy_message.h"
#include "ic_control.h"
#include "types.h"

#define FCOPY_NAME "fcopy"
/* Policy: longer than the 30 seconds guests give their program. */
#define FCOPY_TIMEOUT_S 45u

/* Where a copy stands; the request named is outstanding. */
enum fcopy_state {
	FCOPY_IDLE, /* left by the command */
	FCOPY_STARTING, /* left by the guest's answer, like those that follow */
	FCOPY_WRITING,
	FCOPY_COMPLETING,
	FCOPY_CANCELLING, /* the reply of the copy is ready, @failure says why */
};

struct fcopy_config {
	bool on;
	struct vmbus_server *server;
	struct ic *ic;
	struct ic_job job; /* the copy */
	enum fcopy_state state;
	int fd; /* the file, while a job runs */
	uint64_t size, done; /* of the file; acknowledged or under way */
	bool cancelled; /* a control command has ended it */
	char failure[HV_ERR_MAX];
	uint64_t files, bytes, cancels;
};

static const struct ic_version fcopy_version_list[] = { { 1, 1 } };
static const struct ic_versions fcopy_versions = { fcopy_version_list,
						   ARRAY_SIZE(fcopy_version_list) };

static void fcopy_negotiated(struct ic *ic, void *opaque)
{
	(void)ic;
	(void)opaque;
}

/* Ends the copy; @failure is empty after success. */
static void fcopy_end(struct fcopy_config *c)
{
	c->state = FCOPY_IDLE;
	close(c->fd);
	c->fd = -1;
	cJSON_AddNumberToObject(c->job.reply, "bytes", (double)c->done);
	if (c->failure[0])
		ic_job_end(&c->job, "%s", c->failure);
	else
		ic_job_end(&c->job, NULL);
}

/* Sends a request of the copy; ends the copy where that cannot be done. */
static void fcopy_send(struct fcopy_config *c, enum fcopy_state state, const void *body,
		       size_t bytes)
{
	char err[HV_ERR_MAX];
	int ret = ic_request(c->ic, body, bytes);

	c->state = state;
	if (!ret)
		return;
	ic_request_error("", ret, err);
	if (!c->failure[0])
		snprintf(c->failure, sizeof(c->failure), "%s", err + strlen(": "));
	fcopy_end(c);
}

static void fcopy_send_end(struct fcopy_config *c, enum fcopy_state state)
{
	struct fcopy_header body;

	fcopy_end_build(&body, state == FCOPY_COMPLETING ? FCOPY_OP_COMPLETE : FCOPY_OP_CANCEL);
	if (state == FCOPY_CANCELLING)
		c->cancels++;
	fcopy_send(c, state, &body, sizeof(body));
}

/* The next block, or the end of the file. */
static void fcopy_continue(struct fcopy_config *c)
{
	struct fcopy_write body;
	uint64_t left = c->size - c->done;
	uint32_t bytes = left < FCOPY_CHUNK_BYTES ? (uint32_t)left : FCOPY_CHUNK_BYTES;
	ssize_t got;

	if (c->cancelled) {
		snprintf(c->failure, sizeof(c->failure), "cancelled after %llu of %llu bytes",
			 (unsigned long long)c->done, (unsigned long long)c->size);
		fcopy_send_end(c, FCOPY_CANCELLING);
		return;
	}
	if (!bytes) {
		fcopy_send_end(c, FCOPY_COMPLETING);
		return;
	}
	fcopy_write_build(&body, c->done, bytes);
	got = pread(c->fd, body.data, bytes, (off_t)c->done);
	if (got != (ssize_t)bytes) {
		snprintf(c->failure, sizeof(c->failure), "the file cannot be read at %llu: %s",
			 (unsigned long long)c->done, got < 0 ? strerror(errno) : "it has shrunk");
		fcopy_send_end(c, FCOPY_CANCELLING);
		return;
	}
	c->done += bytes;
	/* The whole body even of the last block: guests read it as one structure. */
	fcopy_send(c, FCOPY_WRITING, &body, sizeof(body));
}

static void fcopy_refused(struct fcopy_config *c, uint32_t status)
{
	static const char *const steps[] = {
		[FCOPY_STARTING] = "the beginning",
		[FCOPY_WRITING] = "a block",
		[FCOPY_COMPLETING] = "the end",
	};

	ic_job_answer(&c->job, status);
	if (c->state == FCOPY_WRITING)
		snprintf(c->failure, sizeof(c->failure),
			 "the guest refused a block before byte %llu: %#x (%s)",
			 (unsigned long long)c->done, status, ic_status_text(status));
	else
		snprintf(c->failure, sizeof(c->failure), "the guest refused %s: %#x (%s)",
			 steps[c->state], status, ic_status_text(status));
	/* A copy that was never begun has nothing to take back. */
	if (c->state == FCOPY_STARTING)
		fcopy_end(c);
	else
		fcopy_send_end(c, FCOPY_CANCELLING);
}

static void fcopy_reply(struct ic *ic, void *opaque, const struct ic_reply *reply)
{
	struct fcopy_config *c = opaque;

	(void)ic;
	if (c->state == FCOPY_IDLE)
		return;
	if (c->state == FCOPY_CANCELLING) {
		/* Whatever the guest says to it, the copy has failed. */
		fcopy_end(c);
		return;
	}
	if (!reply) {
		snprintf(c->failure, sizeof(c->failure), "the guest did not answer within %u s",
			 FCOPY_TIMEOUT_S);
		fcopy_send_end(c, FCOPY_CANCELLING);
		return;
	}
	if (reply->status) {
		fcopy_refused(c, reply->status);
		return;
	}
	if (c->state == FCOPY_COMPLETING) {
		c->files++;
		c->bytes += c->done;
		ic_job_answer(&c->job, reply->status);
		fcopy_end(c);
		return;
	}
	fcopy_continue(c);
}

static void fcopy_closed(struct ic *ic, void *opaque)
{
	struct fcopy_config *c = opaque;

	(void)ic;
	if (!ic_job_runs(&c->job))
		return;
	snprintf(c->failure, sizeof(c->failure), "the guest has closed the channel");
	fcopy_end(c);
}

static const struct ic_service fcopy_service = {
	.name = FCOPY_NAME,
	.type = IC_MSG_FCOPY,
	.class_guid = HYPERV_GUID_INIT(0x34d14be3, 0xdee4, 0x41c8, 0x9a, 0xe7, 0x6b, 0x17, 0x49,
				       0x77, 0xc1, 0x92),
	.instance_guid = HYPERV_GUID_INIT(0xeb765408, 0x105f, 0x49b6, 0xb4, 0xaa, 0xc1, 0x23, 0xb6,
					  0x4d, 0x17, 0xd4),
	.negotiated = fcopy_negotiated,
	.reply = fcopy_reply,
	.closed = fcopy_closed,
	.patient = true,
	.any_id = true,
};

static int fcopy_start(void *config, struct vmbus_server *server, char err[HV_ERR_MAX])
{
	struct fcopy_config *c = config;
	const struct hv_counter counters[] = {
		{ "files", &c->files },
		{ "bytes", &c->bytes },
		{ "cancels", &c->cancels },
	};

	c->fd = -1;
	if (!c->on)
		return 0;
	c->server = server;
	c->ic = ic_new(server, &fcopy_service, &fcopy_versions, c);
	if (!c->ic) {
		snprintf(err, HV_ERR_MAX, "%s: cannot be offered", FCOPY_NAME);
		return -1;
	}
	ic_set_timeout(c->ic, FCOPY_TIMEOUT_S);
	hv_counters_add(server, FCOPY_NAME ".copied", counters, ARRAY_SIZE(counters));
	return 0;
}

/* Opens the file to copy. Return: 0, -1 with @err set. */
static int fcopy_open(struct fcopy_config *c, const char *path, char err[HV_ERR_MAX])
{
	struct stat st;
	/* Not to wait for the other end of a pipe. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || fstat(fd, &st) < 0) {
		snprintf(err, HV_ERR_MAX, "fcopy: %.160s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	if (!S_ISREG(st.st_mode)) {
		snprintf(err, HV_ERR_MAX, "fcopy: %.160s: not a file", path);
		close(fd);
		return -1;
	}
	c->fd = fd;
	c->size = (uint64_t)st.st_size;
	c->done = 0;
	return 0;
}

static int fcopy_command(struct fcopy_config *c, const cJSON *request, cJSON *reply,
			 char err[HV_ERR_MAX])
{
	const char *from = NULL, *to = NULL, *why;
	bool overwrite = false, mkdir = false;
	struct fcopy_start body;
	int ret;

	if (ic_arg_text(request, FCOPY_NAME, "from", &from, err) ||
	    ic_arg_text(request, FCOPY_NAME, "to", &to, err) ||
	    ic_arg_bool(request, FCOPY_NAME, "overwrite", &overwrite, err) ||
	    ic_arg_bool(request, FCOPY_NAME, "mkdir", &mkdir, err))
		return -1;
	if (!from || !to) {
		snprintf(err, HV_ERR_MAX, "fcopy: \"%s\" is missing", from ? "to" : "from");
		return -1;
	}
	if (ic_job_runs(&c->job))
		return ic_request_error(FCOPY_NAME, -EBUSY, err);
	if (fcopy_open(c, from, err))
		return -1;
	if (fcopy_start_build(&body, to,
			      (overwrite ? FCOPY_OVERWRITE : 0) | (mkdir ? FCOPY_CREATE_PATH : 0),
			      c->size, &why)) {
		snprintf(err, HV_ERR_MAX, "fcopy: %s", why);
		goto refuse;
	}
	ret = ic_request(c->ic, &body, sizeof(body));
	if (ret) {
		ic_request_error(FCOPY_NAME, ret, err);
		goto refuse;
	}
	c->state = FCOPY_STARTING;
	c->cancelled = false;
	c->failure[0] = '\0';
	return ic_job_begin(&c->job, FCOPY_NAME, reply);
refuse:
	close(c->fd);
	c->fd = -1;
	return -1;
}

static int fcopy_control(void *config, const char *cmd, const cJSON *request, cJSON *reply,
			 char err[HV_ERR_MAX])
{
	struct fcopy_config *c = config;
	bool cancel = !strcmp(cmd, "fcopy-cancel");

	if (!cancel && strcmp(cmd, FCOPY_NAME))
		return 0;
	if (!c->ic) {
		snprintf(err, HV_ERR_MAX, "%s: the component is not offered (--fcopy)", cmd);
		return -1;
	}
	if (!cancel)
		return fcopy_command(c, request, reply, err);
	if (!ic_job_runs(&c->job)) {
		snprintf(err, HV_ERR_MAX, "fcopy-cancel: nothing is being copied");
		return -1;
	}
	/* With the answer to the request that is under way. */
	c->cancelled = true;
	return 1;
}

static void fcopy_query(void *config, cJSON *reply)
{
	struct fcopy_config *c = config;
	cJSON *state;

	if (!c->ic)
		return;
	state = ic_query(c->ic, reply);
	cJSON_AddBoolToObject(state, "copying", ic_job_runs(&c->job));
	if (ic_job_runs(&c->job)) {
		cJSON_AddNumberToObject(state, "bytes", (double)c->done);
		cJSON_AddNumberToObject(state, "size", (double)c->size);
	}
}

static void fcopy_stop(void *config)
{
	struct fcopy_config *c = config;

	if (ic_job_runs(&c->job)) {
		snprintf(c->failure, sizeof(c->failure), "the host ends");
		fcopy_end(c);
	}
	if (c->ic)
		hv_counters_remove(c->server, FCOPY_NAME ".copied");
	ic_free(c->ic);
}

static int fcopy_parse_on(void *config, const char *arg, char err[HV_ERR_MAX])
{
	struct fcopy_config *c = config;

	(void)arg;
	(void)err;
	c->on = true;
	return 0;
}

static const struct device_option fcopy_options[] = {
	{ "fcopy", NULL,
	  "offer the guest service interface, to copy files into the guest\n"
	  "example: --fcopy",
	  fcopy_parse_on },
	{ NULL, NULL, NULL, NULL },
};

const struct device_type fcopy_type = {
	.name = FCOPY_NAME,
	.config_size = sizeof(struct fcopy_config),
	.options = fcopy_options,
	.start = fcopy_start,
	.commands = "fcopy from=FILE to=PATH overwrite=true mkdir=true\n"
		    "                          copy a file of the host into the guest\n"
		    "fcopy-cancel              end the copy under way and take it back",
	.control = fcopy_control,
	.query = fcopy_query,
	.stop = fcopy_stop,
};
