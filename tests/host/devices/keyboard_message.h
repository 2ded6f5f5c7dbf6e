/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages of the synthetic keyboard, protocol 1.0: pure functions between bytes and values. They
 * travel in in-band packets without a pipe header.
 */
#ifndef HVHOST_DEVICES_KEYBOARD_MESSAGE_H
#define HVHOST_DEVICES_KEYBOARD_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#define KEYBOARD_VERSION_1_0 0x00010000u

enum keyboard_message_type {
	KEYBOARD_VERSION_REQUEST = 1,
	KEYBOARD_VERSION_RESPONSE = 2,
	KEYBOARD_EVENT = 3,
	KEYBOARD_LEDS = 4,
};

/* Flags of a keystroke */
#define KEYBOARD_UNICODE 0x1u
#define KEYBOARD_BREAK	 0x2u
#define KEYBOARD_E0	 0x4u
#define KEYBOARD_E1	 0x8u

#define KEYBOARD_RESPONSE_BYTES 8
#define KEYBOARD_EVENT_BYTES	12

struct keyboard_request {
	uint32_t type; /* KEYBOARD_VERSION_REQUEST or KEYBOARD_LEDS */
	uint32_t version; /* asked for */
	uint16_t leds;
};

/* Return: 0 with @request filled; -EPROTO with @why set. */
int keyboard_request_parse(const uint8_t *bytes, uint32_t len, struct keyboard_request *request,
			   const char **why);
void keyboard_response_build(uint8_t out[KEYBOARD_RESPONSE_BYTES], bool accepted);
/* @code: scan code of set 1; @flags: KEYBOARD_BREAK and so on */
void keyboard_event_build(uint8_t out[KEYBOARD_EVENT_BYTES], uint16_t code, uint32_t flags);

#endif
