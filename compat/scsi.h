/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The newest SCSI mid-layer API on older kernels. Included in front of the sources of storvsc/ only (storvsc/Kbuild):
 * it needs SCSI headers.
 */
#ifndef HYPERV_LIC_COMPAT_SCSI_H
#define HYPERV_LIC_COMPAT_SCSI_H

#include <linux/blkdev.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>

/* Up to 6.1, RHEL 8: what a timeout handler returns. */
#if !COMPAT_HAS_SCSI_TIMEOUT_ACTION
#define scsi_timeout_action	blk_eh_timer_return
#define SCSI_EH_DONE		BLK_EH_DONE
#define SCSI_EH_RESET_TIMER	BLK_EH_RESET_TIMER
#endif

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
