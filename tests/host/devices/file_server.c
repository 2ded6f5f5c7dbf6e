// SPDX-License-Identifier: GPL-2.0
/*
 * A very small HTTP/1.0 server in the event loop: GET of any path sends one file, PUT of any path
 * stores one. Requests come from the guest, so their text is bounded and nothing in it names a
 * file. Knows no network.
 */
#include "file_server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "../hyperv/loop.h"
#include "../hyperv/util.h"

/* Policy: longest request head, connections at once, bytes moved before others get their turn. */
#define FILE_SERVER_HEAD    4096
#define FILE_SERVER_CLIENTS 32
#define FILE_SERVER_CHUNK   (256u << 10)

/* What a connection is at. */
enum file_client_state {
	FILE_CLIENT_HEAD, /* the request's head comes in; left at its empty line */
	FILE_CLIENT_STORE, /* the body goes to the file; left when all has come */
	FILE_CLIENT_REPLY, /* status line and headers go out; left when they are gone */
	FILE_CLIENT_SEND, /* the file goes out; left at its end */
};

struct file_client {
	struct file_client *next, **link;
	struct file_server *server;
	enum file_client_state state;
	int fd;
	int file;
	uint64_t left; /* bytes of the body still to come or to go */
	size_t head_bytes;
	size_t reply_at;
	char head[FILE_SERVER_HEAD + 1];
	char reply[256];
};

struct file_server {
	struct loop *loop;
	const char *serve, *store;
	int listener;
	unsigned int nr_clients;
	struct file_client *clients;
	char folder[sizeof("/tmp/hvhost-XXXXXX")];
	struct sockaddr_un address;
};

static void file_client_free(struct file_client *client)
{
	loop_fd_del(client->server->loop, client->fd);
	close(client->fd);
	if (client->file >= 0)
		close(client->file);
	*client->link = client->next;
	if (client->next)
		client->next->link = client->link;
	client->server->nr_clients--;
	free(client);
}

static void file_client_reply(struct file_client *client, const char *status, uint64_t bytes)
{
	snprintf(client->reply, sizeof(client->reply),
		 "HTTP/1.0 %s\r\nContent-Type: application/octet-stream\r\nContent-Length: %llu\r\n"
		 "Connection: close\r\n\r\n",
		 status, (unsigned long long)bytes);
	client->left = bytes;
	client->state = FILE_CLIENT_REPLY;
	loop_fd_mod(client->server->loop, client->fd, EPOLLOUT);
}

static void file_client_get(struct file_client *client, bool body)
{
	struct stat st;

	if (client->server->serve)
		client->file = open(client->server->serve, O_RDONLY | O_CLOEXEC);
	if (client->file < 0 || fstat(client->file, &st) || !S_ISREG(st.st_mode)) {
		file_client_reply(client, "404 Not Found", 0);
		return;
	}
	file_client_reply(client, "200 OK", (uint64_t)st.st_size);
	if (!body)
		client->left = 0;
}

static bool file_client_write(struct file_client *client, const char *bytes, size_t n)
{
	ssize_t done;

	if (n > client->left)
		n = (size_t)client->left;
	client->left -= n;
	while (n) {
		done = write(client->file, bytes, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		bytes += done;
		n -= (size_t)done;
	}
	return true;
}

static void file_client_stored(struct file_client *client, bool good)
{
	if (close(client->file))
		good = false;
	client->file = -1;
	file_client_reply(client, good ? "201 Created" : "500 Cannot Store", 0);
}

/* Return: the value of Content-Length, UINT64_MAX without one. */
static uint64_t file_client_length(const struct file_client *client)
{
	static const char name[] = "\r\nContent-Length:";
	const char *line;

	for (line = client->head; (line = strstr(line, "\r\n")); line += 2)
		if (!strncasecmp(line, name, sizeof(name) - 1))
			return strtoull(line + sizeof(name) - 1, NULL, 10);
	return UINT64_MAX;
}

static void file_client_put(struct file_client *client, const char *body, size_t bytes)
{
	uint64_t length = file_client_length(client);

	if (length == UINT64_MAX) {
		file_client_reply(client, "411 Length Required", 0);
		return;
	}
	if (client->server->store)
		client->file =
			open(client->server->store, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (client->file < 0) {
		file_client_reply(client, "403 Forbidden", 0);
		return;
	}
	client->left = length;
	client->state = FILE_CLIENT_STORE;
	if (!file_client_write(client, body, bytes))
		file_client_stored(client, false);
	else if (!client->left)
		file_client_stored(client, true);
}

/* Return: false when the connection is over. */
static bool file_client_head(struct file_client *client)
{
	ssize_t n = read(client->fd, client->head + client->head_bytes,
			 FILE_SERVER_HEAD - client->head_bytes);
	char *end;

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (!n)
		return false;
	client->head_bytes += (size_t)n;
	client->head[client->head_bytes] = '\0';
	end = strstr(client->head, "\r\n\r\n");
	if (!end && client->head_bytes == FILE_SERVER_HEAD)
		return false;
	if (!end)
		return true;
	end += 4;
	if (!strncmp(client->head, "GET ", 4))
		file_client_get(client, true);
	else if (!strncmp(client->head, "HEAD ", 5))
		file_client_get(client, false);
	else if (!strncmp(client->head, "PUT ", 4))
		file_client_put(client, end, client->head_bytes - (size_t)(end - client->head));
	else
		file_client_reply(client, "501 Not Implemented", 0);
	return true;
}

static bool file_client_store(struct file_client *client)
{
	static char chunk[FILE_SERVER_CHUNK];
	ssize_t n = read(client->fd, chunk, sizeof(chunk));

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (!n)
		return false;
	if (!file_client_write(client, chunk, (size_t)n))
		file_client_stored(client, false);
	else if (!client->left)
		file_client_stored(client, true);
	return true;
}

static bool file_client_answer(struct file_client *client)
{
	size_t bytes = strlen(client->reply);
	ssize_t n = send(client->fd, client->reply + client->reply_at, bytes - client->reply_at,
			 MSG_NOSIGNAL);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	client->reply_at += (size_t)n;
	if (client->reply_at == bytes)
		client->state = FILE_CLIENT_SEND;
	return client->reply_at < bytes || client->left;
}

static bool file_client_send(struct file_client *client)
{
	size_t bytes = client->left < FILE_SERVER_CHUNK ? (size_t)client->left : FILE_SERVER_CHUNK;
	ssize_t n = sendfile(client->fd, client->file, NULL, bytes);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	/* The file became shorter: the guest sees the connection end early. */
	if (!n)
		return false;
	client->left -= (uint64_t)n;
	return client->left != 0;
}

static void file_client_ready(int fd, uint32_t events, void *opaque)
{
	struct file_client *client = opaque;
	bool alive = false;

	(void)fd;
	(void)events;
	switch (client->state) {
	case FILE_CLIENT_HEAD:
		alive = file_client_head(client);
		break;
	case FILE_CLIENT_STORE:
		alive = file_client_store(client);
		break;
	case FILE_CLIENT_REPLY:
		alive = file_client_answer(client);
		break;
	case FILE_CLIENT_SEND:
		alive = file_client_send(client);
		break;
	}
	if (!alive)
		file_client_free(client);
}

static void file_server_accept(int fd, uint32_t events, void *opaque)
{
	struct file_server *server = opaque;
	struct file_client *client;

	(void)events;
	fd = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return;
	if (server->nr_clients == FILE_SERVER_CLIENTS) {
		close(fd);
		return;
	}
	client = xcalloc(1, sizeof(*client));
	client->server = server;
	client->fd = fd;
	client->file = -1;
	if (loop_fd_add(server->loop, fd, EPOLLIN, file_client_ready, client)) {
		close(fd);
		free(client);
		return;
	}
	client->next = server->clients;
	client->link = &server->clients;
	if (client->next)
		client->next->link = &client->next;
	server->clients = client;
	server->nr_clients++;
}

struct file_server *file_server_new(struct loop *loop, const char *serve, const char *store,
				    char *error, size_t error_bytes)
{
	struct file_server *server = xcalloc(1, sizeof(*server));
	struct sockaddr_un *address = &server->address;

	server->loop = loop;
	server->serve = serve;
	server->store = store;
	server->listener = -1;
	strcpy(server->folder, "/tmp/hvhost-XXXXXX");
	if (!mkdtemp(server->folder)) {
		snprintf(error, error_bytes, "cannot make a folder in /tmp: %s", strerror(errno));
		free(server);
		return NULL;
	}
	address->sun_family = AF_UNIX;
	snprintf(address->sun_path, sizeof(address->sun_path), "%s/http", server->folder);
	server->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (server->listener < 0 ||
	    bind(server->listener, (struct sockaddr *)address, sizeof(*address)) ||
	    listen(server->listener, FILE_SERVER_CLIENTS) ||
	    loop_fd_add(loop, server->listener, EPOLLIN, file_server_accept, server)) {
		snprintf(error, error_bytes, "%s: cannot listen: %s", address->sun_path,
			 strerror(errno));
		if (server->listener >= 0)
			close(server->listener);
		server->listener = -1;
		file_server_free(server);
		return NULL;
	}
	return server;
}

void file_server_free(struct file_server *server)
{
	if (!server)
		return;
	while (server->clients)
		file_client_free(server->clients);
	if (server->listener >= 0) {
		loop_fd_del(server->loop, server->listener);
		close(server->listener);
	}
	unlink(server->address.sun_path);
	rmdir(server->folder);
	free(server);
}

const char *file_server_path(const struct file_server *server)
{
	return server->address.sun_path;
}
