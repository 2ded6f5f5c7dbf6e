/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DMA segments to the frame numbers of one GPA range: see frames.c.
 */
#ifndef STORVSC_FRAMES_H
#define STORVSC_FRAMES_H

#include <linux/types.h>
#include <hyperv/types.h>

/**
 * struct storvsc_frames - a GPA range under construction
 * @numbers: receives the frame numbers
 * @room: entries in @numbers
 * @count: entries used
 * @offset: first byte of the buffer in the first frame, 0 to 4095
 * @bytes: length of the buffer so far
 */
struct storvsc_frames {
	u64 *numbers;
	u32 room;
	u32 count;
	u32 offset;
	u32 bytes;
};

int storvsc_frames_add(struct storvsc_frames *frames, u64 address, u32 bytes);

#endif
