// SPDX-License-Identifier: GPL-2.0
/*
 * The address table of a learning Ethernet switch (IEEE 802.1D, learning and forwarding). A station
 * that moved is found at its new port with its first frame from there; group addresses are never
 * learnt. Pure: a table behind a few calls.
 */
#include "learning_switch.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../hyperv/util.h"

/* Entries that share the low bits of an address's sum; the oldest is replaced. */
#define SWITCH_WAYS 4u
#define SWITCH_SETS (LEARNING_SWITCH_ADDRESSES / SWITCH_WAYS)

struct switch_entry {
	uint8_t mac[6];
	bool used;
	int port;
	uint64_t seen; /* number of the frame it was last learnt from */
};

struct learning_switch {
	struct switch_entry entries[SWITCH_SETS][SWITCH_WAYS];
	uint64_t frames;
};

struct learning_switch *learning_switch_new(void)
{
	return xcalloc(1, sizeof(struct learning_switch));
}

void learning_switch_free(struct learning_switch *ls)
{
	free(ls);
}

static struct switch_entry *switch_set(struct learning_switch *ls, const uint8_t mac[6])
{
	unsigned int sum = 0, i;

	for (i = 0; i < 6; i++)
		sum = sum * 31 + mac[i];
	return ls->entries[sum % SWITCH_SETS];
}

/* Return: the entry of an address, NULL if it is not known. */
static struct switch_entry *switch_find(struct learning_switch *ls, const uint8_t mac[6])
{
	struct switch_entry *set = switch_set(ls, mac);
	unsigned int i;

	for (i = 0; i < SWITCH_WAYS; i++)
		if (set[i].used && !memcmp(set[i].mac, mac, 6))
			return &set[i];
	return NULL;
}

static void switch_learn(struct learning_switch *ls, int port, const uint8_t mac[6])
{
	struct switch_entry *entry = switch_find(ls, mac), *set;
	unsigned int i;

	if (!entry) {
		set = switch_set(ls, mac);
		entry = set;
		for (i = 1; i < SWITCH_WAYS && entry->used; i++)
			if (!set[i].used || set[i].seen < entry->seen)
				entry = &set[i];
		memcpy(entry->mac, mac, 6);
		entry->used = true;
	}
	entry->port = port;
	entry->seen = ls->frames;
}

int learning_switch_forward(struct learning_switch *ls, int port, const uint8_t *frame)
{
	const struct switch_entry *to;

	ls->frames++;
	if (!(frame[6] & 1))
		switch_learn(ls, port, frame + 6);
	if (frame[0] & 1)
		return LEARNING_SWITCH_ALL;
	to = switch_find(ls, frame);
	if (!to)
		return LEARNING_SWITCH_ALL;
	return to->port == port ? LEARNING_SWITCH_NOBODY : to->port;
}

void learning_switch_forget(struct learning_switch *ls, int port)
{
	unsigned int set, way;

	for (set = 0; set < SWITCH_SETS; set++)
		for (way = 0; way < SWITCH_WAYS; way++)
			if (ls->entries[set][way].port == port)
				ls->entries[set][way].used = false;
}

unsigned int learning_switch_known(const struct learning_switch *ls)
{
	unsigned int set, way, known = 0;

	for (set = 0; set < SWITCH_SETS; set++)
		for (way = 0; way < SWITCH_WAYS; way++)
			known += ls->entries[set][way].used;
	return known;
}
