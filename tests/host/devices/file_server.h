/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One file to download, one to upload, by HTTP/1.0 on a Unix socket of this process: test data for
 * a guest without any program outside.
 */
#ifndef HVHOST_DEVICES_FILE_SERVER_H
#define HVHOST_DEVICES_FILE_SERVER_H

#include <stddef.h>

struct loop;
struct file_server;

/**
 * file_server_new() - listen
 * @loop: event loop it lives in
 * @serve: file that any GET delivers, or NULL; opened anew for each request
 * @store: file that any PUT writes, or NULL
 * @error: gets one line without a newline that says what is wrong
 * @error_bytes: room in @error
 *
 * Return: the server, or NULL with @error filled in.
 */
struct file_server *file_server_new(struct loop *loop, const char *serve, const char *store,
				    char *error, size_t error_bytes);

/* file_server_free() - end all transfers and remove the socket; NULL is allowed. */
void file_server_free(struct file_server *server);

/* file_server_path() - path of the socket. */
const char *file_server_path(const struct file_server *server);

#endif
