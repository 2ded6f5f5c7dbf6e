// SPDX-License-Identifier: GPL-2.0
/*
 * Faults by option and by control command: the list for --faults, "chaos" and "fault"; and "churn". What a
 * fault does is hyperv/chaos*.c's.
 */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "hvhost.h"
#include "hyperv/churn.h"

void hvhost_list_faults(void)
{
	printf("Faults of --chaos and of the control command \"fault\": the name, where it applies, what\n"
	       "the host does, and what a guest that follows the protocol does about it.\n");
	for (unsigned int i = 0; i < CHAOS_FAULTS; i++)
		printf("\n%s (%s)\n    %s.\n    Guest: %s.\n", chaos_kinds[i].name, chaos_kinds[i].where,
		       chaos_kinds[i].what, chaos_kinds[i].rule);
}

static bool is_whole(const cJSON *item, double min, double max)
{
	return cJSON_IsNumber(item) && item->valuedouble >= min && item->valuedouble <= max &&
	       item->valuedouble == (double)(uint64_t)item->valuedouble;
}

int control_chaos(struct hvhost *host, const cJSON *request, cJSON *reply, char err[HV_ERR_MAX])
{
	const cJSON *on = cJSON_GetObjectItemCaseSensitive(request, "on");
	const cJSON *seed = cJSON_GetObjectItemCaseSensitive(request, "seed");
	const cJSON *rate = cJSON_GetObjectItemCaseSensitive(request, "rate");
	const cJSON *only = cJSON_GetObjectItemCaseSensitive(request, "only");
	const cJSON *devices = cJSON_GetObjectItemCaseSensitive(request, "devices");
	const cJSON *burst = cJSON_GetObjectItemCaseSensitive(request, "burst");
	const cJSON *quiet = cJSON_GetObjectItemCaseSensitive(request, "quiet");
	struct chaos_config config = {
		.rate = CHAOS_RATE_DEFAULT,
		.enabled = UINT64_MAX >> (64 - CHAOS_FAULTS),
	};

	(void)reply;
	if (!cJSON_IsBool(on)) {
		snprintf(err, HV_ERR_MAX, "\"on\" is missing or neither true nor false");
		return -1;
	}
	config.on = cJSON_IsTrue(on);
	if (quiet && !cJSON_IsBool(quiet)) {
		snprintf(err, HV_ERR_MAX, "\"quiet\" is neither true nor false");
		return -1;
	}
	config.quiet = cJSON_IsTrue(quiet);
	if (burst && !is_whole(burst, 1, CHAOS_BURST_MAX)) {
		snprintf(err, HV_ERR_MAX, "\"burst\" is not a number from 1 to %u", CHAOS_BURST_MAX);
		return -1;
	}
	if (burst)
		config.burst = (unsigned int)burst->valuedouble;
	if (seed && !is_whole(seed, 0, 9007199254740992.0)) {
		snprintf(err, HV_ERR_MAX, "\"seed\" is not a number from 0 to 2^53");
		return -1;
	}
	if (seed)
		config.seed = (uint64_t)seed->valuedouble;
	if (rate && (!cJSON_IsNumber(rate) || !(rate->valuedouble >= 0 && rate->valuedouble <= 1))) {
		snprintf(err, HV_ERR_MAX, "\"rate\" is not a number from 0 to 1");
		return -1;
	}
	if (rate)
		config.rate = rate->valuedouble;
	if ((only && !cJSON_IsString(only)) || (devices && !cJSON_IsString(devices))) {
		snprintf(err, HV_ERR_MAX, "\"only\" and \"devices\" are names joined by \"+\"");
		return -1;
	}
	if ((only && chaos_parse_only(&config, only->valuestring, err)) ||
	    (devices && chaos_parse_devices(&config, devices->valuestring, err)))
		return -1;
	chaos_set(host->server, &config);
	return 0;
}

int control_churn(struct hvhost *host, const cJSON *request, cJSON *reply, char err[HV_ERR_MAX])
{
	const cJSON *device = cJSON_GetObjectItemCaseSensitive(request, "device");
	const cJSON *rounds = cJSON_GetObjectItemCaseSensitive(request, "rounds");
	const cJSON *when = cJSON_GetObjectItemCaseSensitive(request, "when");

	(void)reply;
	if (!cJSON_IsString(device)) {
		snprintf(err, HV_ERR_MAX, "\"device\" is missing");
		return -1;
	}
	if (!rounds || !is_whole(rounds, 0, 1000000)) {
		snprintf(err, HV_ERR_MAX, "\"rounds\" is not a number from 0 to 1000000");
		return -1;
	}
	if (when && (!cJSON_IsString(when) ||
		     (strcmp(when->valuestring, "offered") && strcmp(when->valuestring, "open")))) {
		snprintf(err, HV_ERR_MAX, "\"when\" is neither offered nor open");
		return -1;
	}
	return churn_set(host->server, device->valuestring, (uint64_t)rounds->valuedouble,
			 !when || !strcmp(when->valuestring, "open"), err);
}

int control_fault(struct hvhost *host, const cJSON *request, cJSON *reply, char err[HV_ERR_MAX])
{
	const cJSON *name = cJSON_GetObjectItemCaseSensitive(request, "name");
	const cJSON *device = cJSON_GetObjectItemCaseSensitive(request, "device");
	const cJSON *count = cJSON_GetObjectItemCaseSensitive(request, "count");

	(void)reply;
	if (!cJSON_IsString(name)) {
		snprintf(err, HV_ERR_MAX, "\"name\" is missing (hvhost --faults lists all)");
		return -1;
	}
	if (device && !cJSON_IsString(device)) {
		snprintf(err, HV_ERR_MAX, "\"device\" is not a name");
		return -1;
	}
	if (count && !is_whole(count, 1, 1000000)) {
		snprintf(err, HV_ERR_MAX, "\"count\" is not a number from 1 to 1000000");
		return -1;
	}
	return chaos_arm(host->server, name->valuestring, device ? device->valuestring : NULL,
			 count ? (unsigned int)count->valuedouble : 1, err);
}
