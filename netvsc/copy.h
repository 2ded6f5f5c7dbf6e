/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Copying frames and what goes with them to and from memory shared with the host. Pure.
 */
#ifndef NETVSC_COPY_H
#define NETVSC_COPY_H

#include <linux/compiler.h>
#include <linux/string.h>
#include <linux/types.h>

/* Policy: up to so many bytes, words beat a string instruction and the call of a function that has one */
#define NETVSC_COPY_WORDS_BYTES		128u

/* The compiler must not see a loop over these as a call of memcpy(). */
static inline void netvsc_copy_word(void *to, const void *from)
{
	u64 word;

	memcpy(&word, from, sizeof(word));
	OPTIMIZER_HIDE_VAR(word);
	memcpy(to, &word, sizeof(word));
}

/**
 * netvsc_copy() - copy a few bytes fast, or many
 * @to:		where to
 * @from:	the host may change it meanwhile; some bytes are read twice, so conclude nothing before the copy is complete
 * @bytes:	how many
 *
 * Context: any.
 */
static inline void netvsc_copy(void *to, const void *from, u32 bytes)
{
	u32 at;

	if (bytes > NETVSC_COPY_WORDS_BYTES || bytes < sizeof(u64)) {
		memcpy(to, from, bytes);
		return;
	}
	for (at = 0; at < bytes - sizeof(u64); at += sizeof(u64))
		netvsc_copy_word(to + at, from + at);
	/* The last word lies over the one before it unless it is a whole one. */
	netvsc_copy_word(to + bytes - sizeof(u64), from + bytes - sizeof(u64));
}

#endif
