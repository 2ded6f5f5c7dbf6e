// SPDX-License-Identifier: GPL-2.0
/*
 * Control commands of integration components, as far as they are alike. Knows no
 * component.
 */
#include "ic_control.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "../hyperv/util.h"

bool ic_job_runs(const struct ic_job *job)
{
	return job->reply;
}

int ic_job_begin(struct ic_job *job, const char *command, cJSON *reply)
{
	job->reply = reply;
	job->command = command;
	job->started_ns = loop_now_ns();
	return HV_CONTROL_LATER;
}

void ic_job_end(struct ic_job *job, const char *fmt, ...)
{
	char line[HV_ERR_MAX];
	cJSON *reply = job->reply;
	va_list ap;
	int len;

	cJSON_AddNumberToObject(reply, "took_ms",
				(double)((loop_now_ns() - job->started_ns) / 1000000));
	/* No job before the reply goes out: the client's next command may be run at once. */
	job->reply = NULL;
	if (!fmt) {
		hv_control_done(reply, NULL);
		return;
	}
	len = snprintf(line, sizeof(line), "%s: ", job->command);
	va_start(ap, fmt);
	vsnprintf(line + len, sizeof(line) - (size_t)len, fmt, ap);
	va_end(ap);
	hv_control_done(reply, line);
}

void ic_job_answer(struct ic_job *job, uint32_t status)
{
	cJSON_AddNumberToObject(job->reply, "status", status);
	cJSON_AddStringToObject(job->reply, "answer", ic_status_text(status));
}

int ic_request_error(const char *command, int result, char err[HV_ERR_MAX])
{
	const char *why = "the guest is not ready";

	if (result == -EBUSY)
		why = "another request is outstanding";
	else if (result == -EAGAIN)
		why = "no room in the ring";
	else if (result == -EMSGSIZE)
		why = "the guest's ring is too small for the message";
	snprintf(err, HV_ERR_MAX, "%s: %s", command, why);
	return -1;
}

int ic_arg_u32(const cJSON *request, const char *command, const char *key, uint32_t max,
	       uint32_t *number, char err[HV_ERR_MAX])
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(request, key);

	if (!item)
		return 0;
	if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0) || item->valuedouble > max ||
	    item->valuedouble != (double)(uint32_t)item->valuedouble) {
		snprintf(err, HV_ERR_MAX, "%s: \"%s\" is a number up to %u", command, key, max);
		return -1;
	}
	*number = (uint32_t)item->valuedouble;
	return 0;
}

int ic_arg_bool(const cJSON *request, const char *command, const char *key, bool *flag,
		char err[HV_ERR_MAX])
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(request, key);

	if (!item)
		return 0;
	if (!cJSON_IsBool(item)) {
		snprintf(err, HV_ERR_MAX, "%s: \"%s\" is true or false", command, key);
		return -1;
	}
	*flag = cJSON_IsTrue(item);
	return 0;
}

int ic_arg_text(const cJSON *request, const char *command, const char *key, const char **text,
		char err[HV_ERR_MAX])
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(request, key);

	if (!item)
		return 0;
	if (!cJSON_IsString(item)) {
		snprintf(err, HV_ERR_MAX, "%s: \"%s\" is text", command, key);
		return -1;
	}
	*text = item->valuestring;
	return 0;
}
