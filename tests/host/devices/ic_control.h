/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the components' control commands have in common: they run until the guest has answered, whose
 * status is told in words.
 */
#ifndef HVHOST_DEVICES_IC_CONTROL_H
#define HVHOST_DEVICES_IC_CONTROL_H

#include "ic.h"

/**
 * struct ic_job - a control command the guest is working on
 * @reply: to be answered, NULL: no job
 * @command: name of the command, for errors
 * @started_ns: when it came
 */
struct ic_job {
	struct cJSON *reply;
	const char *command;
	uint64_t started_ns;
};

/* ic_job_runs() - is a command being worked on? */
bool ic_job_runs(const struct ic_job *job);

/**
 * ic_job_begin() - keep a command's reply until the guest has answered
 * @job: no job
 * @command: name of the command; must outlive the job
 * @reply: what control() was given
 *
 * Return: HV_CONTROL_LATER.
 */
int ic_job_begin(struct ic_job *job, const char *command, struct cJSON *reply);

/**
 * ic_job_end() - answer the command, with "took_ms" added
 * @job: runs; no job afterwards
 * @fmt: why it failed; NULL: it has not
 */
void ic_job_end(struct ic_job *job, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/**
 * ic_job_answer() - put the guest's answer into the reply
 * @job: runs
 * @status: IC_STATUS_*; added as "status", in words as "answer"
 */
void ic_job_answer(struct ic_job *job, uint32_t status);

/**
 * ic_request_error() - why a request could not be sent
 * @command: name of the command
 * @result: what ic_request() returned
 * @err: filled in
 *
 * Return: -1.
 */
int ic_request_error(const char *command, int result, char err[HV_ERR_MAX]);

/* One field of a control command, with the error in one line. Each returns 0 or -1. */
/* @number: left alone when @key is missing */
int ic_arg_u32(const struct cJSON *request, const char *command, const char *key, uint32_t max,
	       uint32_t *number, char err[HV_ERR_MAX]);
/* @flag: left alone when @key is missing */
int ic_arg_bool(const struct cJSON *request, const char *command, const char *key, bool *flag,
		char err[HV_ERR_MAX]);
/* @text: left alone when @key is missing */
int ic_arg_text(const struct cJSON *request, const char *command, const char *key,
		const char **text, char err[HV_ERR_MAX]);

#endif
