// SPDX-License-Identifier: GPL-2.0
/*
 * DMA segments to the frame numbers of one GPA range. Pure arithmetic: no allocation, no kernel object.
 * The host sees one virtually contiguous buffer, so only its first frame may start and only its last may end in the
 * middle. A list that breaks this would move data to the wrong place, hence each segment is checked.
 * VMBus packets, GPA-direct: byte offset below 4096, exactly ceil((offset + bytes) / 4096) frames.
 */
#include <linux/errno.h>

#include "frames.h"

/**
 * storvsc_frames_add() - append one DMA segment
 * @frames: the range; zero @count, @offset and @bytes before the first segment
 * @address: DMA address of the segment
 * @bytes: its length
 *
 * Context: any.
 * Return: 0; -EINVAL the segment is empty, or does not continue the buffer on a frame boundary; -ENOSPC more frames
 * than @room, or more than 4 GiB. The range is unusable after an error.
 */
int storvsc_frames_add(struct storvsc_frames *frames, u64 address, u32 bytes)
{
	u32 offset = address & (HYPERV_PAGE_SIZE - 1);
	u64 number = address >> HYPERV_PAGE_SHIFT;
	u64 count;

	if (!bytes || address + bytes < address)
		return -EINVAL;
	if (!frames->count)
		frames->offset = offset;
	else if (offset || (frames->offset + frames->bytes) & (HYPERV_PAGE_SIZE - 1))
		return -EINVAL;
	if (bytes > (u32)-1 - frames->bytes)
		return -ENOSPC;

	count = ((u64)offset + bytes + HYPERV_PAGE_SIZE - 1) >> HYPERV_PAGE_SHIFT;
	if (count > frames->room - frames->count)
		return -ENOSPC;
	while (count--)
		frames->numbers[frames->count++] = number++;
	frames->bytes += bytes;
	return 0;
}
