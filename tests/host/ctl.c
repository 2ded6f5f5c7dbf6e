// SPDX-License-Identifier: GPL-2.0
/*
 * "hvhost ctl": send one command to a running hvhost and print the reply, or one value of it, for
 * shell scripts.
 */
#include <cjson/cJSON.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "hvhost.h"
#include "hyperv/util.h"

enum ctl_status {
	CTL_OK = 0,
	CTL_REFUSED = 1, /* the reply says no, or has no such value */
	CTL_FAILED = 2, /* usage, no such socket, no reply */
};

/*
 * KEY=VALUE: true, false and numbers are taken as such, anything else is text, and so is a number too
 * long for JSON to keep all its digits.
 */
static int ctl_add_field(cJSON *request, const char *arg)
{
	const char *value = strchr(arg, '=') + 1;
	char *key = strndup(arg, value - 1 - arg), *end;
	double number = strtod(value, &end);

	if (!key)
		return -1;
	if (!strcmp(value, "true"))
		cJSON_AddTrueToObject(request, key);
	else if (!strcmp(value, "false"))
		cJSON_AddFalseToObject(request, key);
	else if (*value && !*end && isfinite(number) && strlen(value) <= 15)
		cJSON_AddNumberToObject(request, key, number);
	else
		cJSON_AddStringToObject(request, key, value);
	free(key);
	return 0;
}

static int ctl_connect(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		int err = errno;

		close(fd);
		errno = err;
		return -1;
	}
	return fd;
}

/* Return: the reply's line, to be freed; NULL if there is none. */
static char *ctl_exchange(int fd, const char *request)
{
	size_t len = strlen(request), done = 0, size = 0;
	char *reply = NULL;

	while (done < len) {
		ssize_t n = send(fd, request + done, len - done, MSG_NOSIGNAL);

		if (n <= 0)
			return NULL;
		done += n;
	}
	if (send(fd, "\n", 1, MSG_NOSIGNAL) != 1)
		return NULL;
	for (;;) {
		ssize_t n;

		reply = xrealloc(reply, size + 4097, 1);
		n = read(fd, reply + size, 4096);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		size += n;
		reply[size] = '\0';
		if (reply[size - 1] == '\n') {
			reply[size - 1] = '\0';
			return reply;
		}
	}
	free(reply);
	return NULL;
}

/* One step of a path: a member, or an array's element by number or by its "name". */
static const cJSON *ctl_step(const cJSON *at, const char *key)
{
	const cJSON *element;
	char *end;
	long index;

	if (cJSON_IsObject(at))
		return cJSON_GetObjectItemCaseSensitive(at, key);
	if (!cJSON_IsArray(at))
		return NULL;
	index = strtol(key, &end, 10);
	if (*key && !*end)
		return index >= 0 && index < cJSON_GetArraySize(at) ? cJSON_GetArrayItem(at, index)
								    : NULL;
	cJSON_ArrayForEach(element, at)
	{
		const cJSON *name = cJSON_GetObjectItemCaseSensitive(element, "name");

		if (cJSON_IsString(name) && !strcmp(name->valuestring, key))
			return element;
	}
	return NULL;
}

/*
 * Follows a path of steps with dots between. Names may hold dots too: the longest that exists
 * counts.
 */
static const cJSON *ctl_find(const cJSON *at, const char *path)
{
	size_t len = strlen(path);
	const cJSON *found = NULL;
	char *key = xstrdup(path);

	for (; len && !found; len--) {
		const cJSON *next;

		if (path[len] && path[len] != '.')
			continue;
		key[len] = '\0';
		next = ctl_step(at, key);
		if (next)
			found = path[len] ? ctl_find(next, path + len + 1) : next;
	}
	free(key);
	return found;
}

static void ctl_print(const cJSON *value)
{
	char *text;

	if (cJSON_IsString(value)) {
		puts(value->valuestring);
		return;
	}
	if (cJSON_IsNumber(value) && value->valuedouble == floor(value->valuedouble)) {
		printf("%.0f\n", value->valuedouble);
		return;
	}
	text = cJSON_PrintUnformatted(value);
	puts(text ? text : "");
	cJSON_free(text);
}

static int ctl_show(const char *line, const char *path)
{
	cJSON *reply = cJSON_Parse(line);
	const cJSON *at = reply;
	int status = CTL_OK;

	if (!cJSON_IsObject(reply)) {
		hv_log("the reply is not JSON: %.80s", line);
		status = CTL_FAILED;
	} else if (!cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(reply, "ok"))) {
		const cJSON *error = cJSON_GetObjectItemCaseSensitive(reply, "error");

		hv_log("%s", cJSON_IsString(error) ? error->valuestring : line);
		status = CTL_REFUSED;
	} else if (!path) {
		puts(line);
	} else {
		at = ctl_find(reply, path);
		if (at) {
			ctl_print(at);
		} else {
			hv_log("the reply has no value %s", path);
			status = CTL_REFUSED;
		}
	}
	cJSON_Delete(reply);
	return status;
}

/*
 * Requests from standard input, a JSON object on each line, one after the other; the replies are
 * printed. Stops at the first that is refused.
 */
static int ctl_lines(int fd)
{
	char *request = NULL, *reply;
	int status = CTL_OK;
	size_t size = 0;
	ssize_t len;

	while (status == CTL_OK && (len = getline(&request, &size, stdin)) > 0) {
		if (request[len - 1] == '\n')
			request[len - 1] = '\0';
		reply = ctl_exchange(fd, request);
		if (reply)
			status = ctl_show(reply, NULL);
		else
			status = CTL_FAILED;
		free(reply);
	}
	free(request);
	return status;
}

int ctl_main(int argc, char **argv)
{
	const char *path = NULL;
	char *text, *line = NULL;
	cJSON *request;
	int fd, status = CTL_FAILED;

	if (argc < 2) {
		hv_log("usage: hvhost ctl SOCKET COMMAND [KEY=VALUE...] [PATH], or hvhost ctl SOCKET - "
		       "for requests as JSON from standard input");
		return CTL_FAILED;
	}
	request = cJSON_CreateObject();
	/* "get PATH" is short for "query PATH". */
	cJSON_AddStringToObject(request, "cmd", strcmp(argv[1], "get") ? argv[1] : "query");
	for (int i = 2; i < argc; i++) {
		if (!strchr(argv[i], '='))
			path = argv[i];
		else if (ctl_add_field(request, argv[i]))
			goto out;
	}
	fd = ctl_connect(argv[0]);
	if (fd < 0) {
		hv_log("%s: %s", argv[0], strerror(errno));
		goto out;
	}
	if (!strcmp(argv[1], "-")) {
		status = ctl_lines(fd);
		close(fd);
		goto out;
	}
	text = cJSON_PrintUnformatted(request);
	line = text ? ctl_exchange(fd, text) : NULL;
	cJSON_free(text);
	close(fd);
	if (line)
		status = ctl_show(line, path);
	else
		hv_log("%s: no reply", argv[0]);
	free(line);
out:
	cJSON_Delete(request);
	return status;
}
