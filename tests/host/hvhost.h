/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The program as a whole: what main.c and control.c share.
 */
#ifndef HVHOST_HVHOST_H
#define HVHOST_HVHOST_H

#include "hyperv/chaos.h"
#include "hyperv/server.h"
#include "hyperv/trace.h"
#include "machine/machine.h"
#include "options.h"

struct control;

struct hvhost {
	struct options options;
	struct loop *loop;
	struct machine *machine;
	struct vmbus_server *server;
	struct control *control;
	struct loop_timer *timeout_timer, *crash_timer;
	enum hvhost_status status;
	bool running;
	bool crashed;
	uint64_t resets, crashes;
	size_t types_started;
};

/* main.c, device thread */
void hvhost_quit(struct hvhost *host, enum hvhost_status status);
/* Return: 0, or -1 after hvhost_quit() because the machine cannot be started again. */
int hvhost_reset(struct hvhost *host);

/* control_chaos.c: the commands "chaos", "fault" and "churn", as in control.c, and what --faults prints */
int control_chaos(struct hvhost *host, const struct cJSON *request, struct cJSON *reply,
		  char err[HV_ERR_MAX]);
int control_fault(struct hvhost *host, const struct cJSON *request, struct cJSON *reply,
		  char err[HV_ERR_MAX]);
int control_churn(struct hvhost *host, const struct cJSON *request, struct cJSON *reply,
		  char err[HV_ERR_MAX]);
void hvhost_list_faults(void);

/* control.c: Return: the socket's server, NULL with one line in @err */
struct control *control_new(struct hvhost *host, const char *path, char err[HV_ERR_MAX]);
void control_free(struct control *control);

/* ctl.c: the client, "hvhost ctl ..."; Return: exit status */
int ctl_main(int argc, char **argv);

#endif
