/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages of the synthetic pointer (SynthHID 2.0): pure functions between bytes and values. They
 * travel in pipe packets.
 */
#ifndef HVHOST_DEVICES_MOUSE_MESSAGE_H
#define HVHOST_DEVICES_MOUSE_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#define MOUSE_VERSION_2_0 0x00020000u

enum mouse_message_type {
	MOUSE_VERSION_REQUEST = 0,
	MOUSE_VERSION_RESPONSE = 1,
	MOUSE_DEVICE_INFO = 2,
	MOUSE_DEVICE_INFO_ACK = 3,
	MOUSE_REPORT = 4,
};

#define MOUSE_POSITION_MAX 32767u
#define MOUSE_BUTTONS	   5
#define MOUSE_MESSAGE_MAX  256

struct mouse_request {
	uint32_t type; /* MOUSE_VERSION_REQUEST or MOUSE_DEVICE_INFO_ACK */
	uint32_t version; /* asked for */
};

struct mouse_report {
	uint8_t buttons; /* bit 0: the first */
	uint16_t x, y; /* 0 to MOUSE_POSITION_MAX, from the upper left */
	int8_t wheel;
};

/* Return: 0 with @request filled; -EPROTO with @why set. */
int mouse_request_parse(const uint8_t *bytes, uint32_t len, struct mouse_request *request,
			const char **why);
/* Return: bytes of the message. */
uint32_t mouse_response_build(uint8_t out[MOUSE_MESSAGE_MAX], uint32_t version, bool accepted);
uint32_t mouse_info_build(uint8_t out[MOUSE_MESSAGE_MAX]);
uint32_t mouse_report_build(uint8_t out[MOUSE_MESSAGE_MAX], const struct mouse_report *report);

#endif
