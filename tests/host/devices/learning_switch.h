/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where a frame on a switch goes: addresses are learnt from the frames' senders. Ports are small
 * numbers; knows no socket and sends nothing.
 */
#ifndef HVHOST_DEVICES_LEARNING_SWITCH_H
#define HVHOST_DEVICES_LEARNING_SWITCH_H

#include <stdint.h>

/* Policy: addresses kept; the one longest not seen makes room. */
#define LEARNING_SWITCH_ADDRESSES 1024u
/* The answer for broadcasts, multicasts and addresses nobody has sent from. */
#define LEARNING_SWITCH_ALL (-1)
/* The answer for a frame whose receiver sits on the port it came from. */
#define LEARNING_SWITCH_NOBODY (-2)

struct learning_switch;

/* learning_switch_new() - a switch that knows no address. Return: the switch; does not fail. */
struct learning_switch *learning_switch_new(void);
/* learning_switch_free() - NULL is allowed. */
void learning_switch_free(struct learning_switch *ls);

/**
 * learning_switch_forward() - learn a frame's sender and find its receiver
 * @ls: the switch
 * @port: the port it came from, 0 and up
 * @frame: at least 14 bytes, starting with the destination address
 *
 * Return: the port it has to go to, LEARNING_SWITCH_ALL: every port but @port,
 * LEARNING_SWITCH_NOBODY: none.
 */
int learning_switch_forward(struct learning_switch *ls, int port, const uint8_t *frame);

/* learning_switch_forget() - a port is gone: so is what was learnt from it. */
void learning_switch_forget(struct learning_switch *ls, int port);

/* learning_switch_known() - how many addresses are known. */
unsigned int learning_switch_known(const struct learning_switch *ls);

#endif
