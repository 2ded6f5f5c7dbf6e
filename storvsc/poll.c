// SPDX-License-Identifier: GPL-2.0
/*
 * Poll queues: hardware queues whose answers are fetched by the program that waits for them (io_uring's IORING_SETUP_IOPOLL) and
 * for which the host does not interrupt. What the block layer asks for; the channels are queue.c's.
 */
#include <linux/blk-mq.h>
#include <linux/hyperv.h>
#include <scsi/scsi_host.h>

#include "host.h"

/**
 * storvsc_map_queues() - tell the block layer which hardware queues poll
 * @shost: the SCSI host; its limits are set
 *
 * Context: may sleep.
 */
void storvsc_map_queues(struct Scsi_Host *shost)
{
	const struct storvsc_controller *controller = shost_priv(shost);
	struct blk_mq_queue_map *map = shost->tag_set.map;
	unsigned int polled = controller->queues.nr_polled_routes;

	if (polled) {
		map[HCTX_TYPE_DEFAULT].nr_queues = controller->queues.nr_routes - polled;
		map[HCTX_TYPE_READ].nr_queues = 0;
		map[HCTX_TYPE_POLL].nr_queues = polled;
		map[HCTX_TYPE_POLL].queue_offset = controller->queues.nr_routes - polled;
		blk_mq_map_queues(&map[HCTX_TYPE_POLL]);
	}
	blk_mq_map_queues(&map[HCTX_TYPE_DEFAULT]);
}

/**
 * storvsc_poll() - somebody waits for a command of a poll queue
 * @shost: the SCSI host
 * @queue: the hardware queue
 *
 * Context: process.
 * Return: how many commands were answered, 0 if none.
 */
int storvsc_poll(struct Scsi_Host *shost, unsigned int queue)
{
	struct storvsc_controller *controller = shost_priv(shost);

	return storvsc_queues_poll(&controller->queues, queue);
}
