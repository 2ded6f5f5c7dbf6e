/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The newest SCSI mid-layer API on older kernels. Included in front of the sources of storvsc/ only (storvsc/Kbuild):
 * it needs SCSI headers.
 */
#ifndef HYPERV_LIC_COMPAT_SCSI_H
#define HYPERV_LIC_COMPAT_SCSI_H

#include <linux/blkdev.h>
#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>
#include <scsi/scsi_transport_fc.h>

/*
 * A large variable on the stack of which only what was written is read. Kernels that clear the stack for the sake of those
 * that are not so would clear it for each command. Not known to GCC up to 11.
 */
#if __has_attribute(__uninitialized__)
#define compat_uninitialized	__attribute__((__uninitialized__))
#else
#define compat_uninitialized
#endif

/*
 * Up to 6.1, RHEL 8: what a timeout handler returns. There, "done" escalates unless the command has ended, and the driver
 * says it only then: the meaning is the same.
 */
#if !COMPAT_HAS_SCSI_TIMEOUT_ACTION
#define scsi_timeout_action	blk_eh_timer_return
#define SCSI_EH_DONE		BLK_EH_DONE
#define SCSI_EH_RESET_TIMER	BLK_EH_RESET_TIMER
#endif

/* RHEL 8, up to 5.19: no poll queues. COMPAT_SCSI_POLL(map, poll) in the template, compat_scsi_set_maps() for a host that has them. */
#if COMPAT_HAS_SCSI_MQ_POLL
#define COMPAT_SCSI_POLL(map, poll)	.map_queues = (map), .mq_poll = (poll),
#else
#define COMPAT_SCSI_POLL(map, poll)
#endif

static inline void compat_scsi_set_maps(struct Scsi_Host *shost, unsigned int count)
{
#if COMPAT_HAS_SCSI_MQ_POLL
	shost->nr_maps = count;
#endif
}

/* RHEL 8: the block layer's choice for disks whose queues share their tags, mq-deadline, cannot be influenced. */
static inline void compat_scsi_no_scheduler(struct Scsi_Host *shost)
{
#if COMPAT_HAS_BLK_NO_SCHED_BY_DEFAULT
	shost->tag_set.flags |= BLK_MQ_F_NO_SCHED_BY_DEFAULT;
#endif
}

/* Up to 6.13: names of the device callbacks. */
#if !COMPAT_HAS_SCSI_SDEV_INIT
#define sdev_init		slave_alloc
#define sdev_destroy		slave_destroy
#if COMPAT_HAS_SCSI_DEVICE_CONFIGURE
#define sdev_configure		device_configure
#else
#define sdev_configure		slave_configure
#endif
#endif

/*
 * RHEL 8: limits of all devices of a host are no matter of its template but of each device's queue, to be set before its
 * first command. COMPAT_SDEV_INIT(function, mask) after the function that initialises a device, compat_sdev_init(function)
 * in the template, and COMPAT_VIRT_BOUNDARY(mask) there for "elements of a list join at this boundary only, and are of any
 * length".
 */
#if COMPAT_HAS_SCSI_VIRT_BOUNDARY
#define COMPAT_SDEV_INIT(function, mask)
#define compat_sdev_init(function) function
#define COMPAT_VIRT_BOUNDARY(mask)			\
	.virt_boundary_mask = (mask),			\
	/* explicit: a smaller limit would split long elements in the middle of a frame */ \
	.max_segment_size = UINT_MAX
#else
#define COMPAT_SDEV_INIT(function, mask)					\
static int compat_##function(struct scsi_device *sdev)				\
{										\
	blk_queue_virt_boundary(sdev->request_queue, mask);			\
	blk_queue_max_segment_size(sdev->request_queue, UINT_MAX);		\
	return function(sdev);							\
}
#define compat_sdev_init(function) compat_##function
#define COMPAT_VIRT_BOUNDARY(mask) .use_clustering = ENABLE_CLUSTERING
#endif

/*
 * RHEL 8 and 9: a host's own group of attributes joins that of the mid-layer before the host is added, not by the template.
 * COMPAT_SHOST_GROUPS(groups) in the template, compat_shost_set_groups(shost, groups) after it was used for a host.
 */
#if COMPAT_HAS_SCSI_SHOST_GROUPS
#define COMPAT_SHOST_GROUPS(groups) .shost_groups = (groups)
#define compat_shost_set_groups(shost, groups)
#else
#define COMPAT_SHOST_GROUPS(groups)
#define compat_shost_set_groups(shost, own)					\
do {										\
	/* the same for all hosts, as the first is; NULL ends it */		\
	static const struct attribute_group *compat_all[3];			\
										\
	compat_all[0] = (shost)->shost_dev.groups[0];				\
	compat_all[1] = (own)[0];						\
	(shost)->shost_dev.groups = compat_all;					\
} while (0)
#endif

/*
 * Up to 6.9: the callback that configures a device gets no queue limits. The line COMPAT_SDEV_CONFIGURE(function) after
 * a function that does not use them, and compat_sdev_configure(function) in the template, are all a driver needs.
 */
#if COMPAT_HAS_SCSI_SDEV_INIT || COMPAT_HAS_SCSI_DEVICE_CONFIGURE
#define COMPAT_SDEV_CONFIGURE(function)
#define compat_sdev_configure(function) function
#else
#define COMPAT_SDEV_CONFIGURE(function)					\
static int compat_##function(struct scsi_device *sdev)			\
{									\
	return function(sdev, NULL);					\
}
#define compat_sdev_configure(function) compat_##function
#endif

/* Up to 6.19: queueing a command returns an int. */
#if COMPAT_HAS_SCSI_QC_STATUS
typedef enum scsi_qc_status compat_scsi_qc_status;
#else
typedef int compat_scsi_qc_status;
#endif

/* Up to 6.17: the geometry callback gets a block device. The same two lines, for a function that does not use it. */
#if COMPAT_HAS_SCSI_BIOS_PARAM_GENDISK
#define COMPAT_BIOS_PARAM(function)
#define compat_bios_param(function) function
#else
#define COMPAT_BIOS_PARAM(function)							\
static int compat_##function(struct scsi_device *sdev, struct block_device *bdev,	\
			     sector_t capacity, int *geometry)				\
{											\
	return function(sdev, NULL, capacity, geometry);				\
}
#define compat_bios_param(function) compat_##function
#endif

/* RHEL 8: the command knows who to tell of its end. */
#if !COMPAT_HAS_SCSI_DONE_FUNCTION
static inline void scsi_done(struct scsi_cmnd *cmd)
{
	cmd->scsi_done(cmd);
}
#endif

/* RHEL 8 and 9: a device is rescanned by its generic device. */
#if !COMPAT_HAS_SCSI_RESCAN_DEVICE_SDEV
#define scsi_rescan_device(sdev) scsi_rescan_device(&(sdev)->sdev_gendev)
#endif

/* RHEL 8: names of ports are read, but not as constants. */
#if !COMPAT_HAS_FC_WWN_CONST
#define wwn_to_u64(wwn) wwn_to_u64((u8 *)(wwn))
#endif

/* RHEL 8: the type of operation and flags of a request. */
#if !COMPAT_HAS_BLK_OPF_T
typedef unsigned int blk_opf_t;
#endif

/* Up to 6.2: commands sent by a driver. Sense data beyond the header is not offered. */
#if !COMPAT_HAS_SCSI_EXECUTE_CMD
struct scsi_exec_args {
	struct scsi_sense_hdr *sshdr;
	int *resid;
};

static inline int scsi_execute_cmd(struct scsi_device *sdev, const unsigned char *cdb, blk_opf_t opf, void *buffer,
				   unsigned int bytes, int timeout, int retries, const struct scsi_exec_args *args)
{
	int direction = !buffer ? DMA_NONE : op_is_write(opf) ? DMA_TO_DEVICE : DMA_FROM_DEVICE;

	return scsi_execute(sdev, cdb, direction, buffer, bytes, NULL, args->sshdr, timeout, retries, 0, 0, args->resid);
}
#endif

#endif
