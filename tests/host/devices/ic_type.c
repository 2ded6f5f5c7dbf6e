// SPDX-License-Identifier: GPL-2.0
/*
 * What concerns any integration component: offering its versions again.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "ic.h"
#include "ic_control.h"
#include "types.h"

struct ic_config {
	struct vmbus_server *server;
};

static int ic_type_start(void *config, struct vmbus_server *server, char err[HV_ERR_MAX])
{
	struct ic_config *c = config;

	(void)err;
	c->server = server;
	return 0;
}

static int ic_type_control(void *config, const char *cmd, const cJSON *request, cJSON *reply,
			   char err[HV_ERR_MAX])
{
	struct ic_config *c = config;
	const char *name = NULL;
	struct ic *ic;
	int ret;

	(void)reply;
	if (strcmp(cmd, "ic-renegotiate"))
		return 0;
	if (ic_arg_text(request, cmd, "device", &name, err))
		return -1;
	ic = name ? ic_by_name(c->server, name) : NULL;
	if (!ic) {
		snprintf(err, HV_ERR_MAX,
			 "ic-renegotiate: \"device\" is not the name of an integration component");
		return -1;
	}
	ret = ic_renegotiate(ic);
	return ret ? ic_request_error(cmd, ret, err) : 1;
}

const struct device_type ic_type = {
	.name = "ic",
	.config_size = sizeof(struct ic_config),
	.start = ic_type_start,
	.commands = "ic-renegotiate device=NAME  offer an integration component's versions again",
	.control = ic_type_control,
};
