/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Commands and what hosts say of them, in words: see words.c.
 */
#ifndef STORVSC_WORDS_H
#define STORVSC_WORDS_H

#include <linux/types.h>

/* Room for storvsc_words_of_error(): the mid-layer's lines hold 128 bytes, some of them for names of the disk and the tag. */
#define STORVSC_WORDS_BYTES	104

const char *storvsc_words_command(u8 opcode);
bool storvsc_words_blocks(const u8 *cdb, u64 *first, u32 *count);
const char *storvsc_words_host_status(u32 status);
void storvsc_words_of_error(char *text, size_t bytes, const u8 *cdb, u32 host_status, const char *meaning);

#endif
