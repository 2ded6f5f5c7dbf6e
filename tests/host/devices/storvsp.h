/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The storage provider: one synthetic SCSI controller, its logical units and its session with the
 * guest. Shared by storvsp.c (protocol) and storvsp_type.c (options and control commands).
 */
#ifndef HVHOST_DEVICES_STORVSP_H
#define HVHOST_DEVICES_STORVSP_H

#include <stdbool.h>
#include <stdint.h>

#include "../hyperv/device.h"

#define STORVSP_MAX_LUNS 64

struct scsi_disk;
struct storvsp;

/**
 * struct storvsp_answer - how to answer requests instead of as the disk would
 * @lun: requests to this logical unit
 * @opcode: with this operation code, or STORVSP_ANY_OPCODE
 * @srb_status: status of the SRB, with its flags; 0xffff keeps what the disk said
 * @scsi_status: SCSI status, used with @srb_status
 * @copies: replies sent for one request: 0 loses it
 * @remaining: requests to answer so
 *
 * The request itself is carried out.
 */
struct storvsp_answer {
	uint8_t lun;
	uint16_t opcode;
	uint16_t srb_status;
	uint8_t scsi_status;
	uint8_t copies;
	uint32_t remaining;
};

#define STORVSP_ANY_OPCODE 0xffff

/**
 * struct storvsp_init_fault - what goes wrong while the guest initializes a session
 * @operation: the step, VSTOR_OP_*
 * @status: NTSTATUS it is answered with and not carried out; 0 answers as usual
 * @delay_ms: how long its answer takes
 * @remaining: sessions in which this happens
 */
struct storvsp_init_fault {
	uint32_t operation;
	uint32_t status;
	uint32_t delay_ms;
	uint32_t remaining;
};

/**
 * struct storvsp_params - what kind of controller to be
 * @name: channel and counter group name, "scsi0"
 * @max_version: newest VSTOR version accepted, VSTOR_VERSION()
 * @max_transfer_bytes: limit told to the guest and enforced; multiple of 4096
 * @init_fault: what goes wrong at first
 */
struct storvsp_params {
	const char *name;
	uint16_t max_version;
	uint32_t max_transfer_bytes;
	struct storvsp_init_fault init_fault;
};

/**
 * storvsp_new() - create a controller and offer its channel
 * @server: VMBus server
 * @params: copied, but for @params->name, which must outlive the controller
 *
 * Return: the controller, or NULL if the channel cannot be offered.
 */
struct storvsp *storvsp_new(struct vmbus_server *server, const struct storvsp_params *params);

/* storvsp_free() - close the disks; the channel must be gone already. */
void storvsp_free(struct storvsp *storvsp);

/**
 * storvsp_attach() - plug a disk in; a running guest is told to look again
 * @storvsp: the controller
 * @lun: free address below STORVSP_MAX_LUNS
 * @disk: becomes the controller's
 *
 * Return: 0, -EBUSY if the address is taken.
 */
int storvsp_attach(struct storvsp *storvsp, uint8_t lun, struct scsi_disk *disk);

/**
 * storvsp_detach() - pull a disk out without asking; a running guest is told to look again
 * @storvsp: the controller
 * @lun: its address
 *
 * Return: 0, -ENOENT if there is none.
 */
int storvsp_detach(struct storvsp *storvsp, uint8_t lun);

/**
 * storvsp_retire() - take the controller away, its disks first
 * @storvsp: the controller
 *
 * Every logical unit stops to exist for the guest, which is told to look again; when it has fallen
 * silent the channel is rescinded. The disks are there again when the channel is opened anew.
 *
 * Return: 0, -ENOTCONN if the guest does not use the controller.
 */
int storvsp_retire(struct storvsp *storvsp);

/* storvsp_set_answer() - copied; replaces what was set before. */
void storvsp_set_answer(struct storvsp *storvsp, const struct storvsp_answer *answer);

/* storvsp_disk() - the disk at an address, or NULL. */
struct scsi_disk *storvsp_disk(struct storvsp *storvsp, uint8_t lun);

/* storvsp_version() - VSTOR version agreed on with the guest; 0 before. */
uint16_t storvsp_version(const struct storvsp *storvsp);

/* storvsp_state_name() - where the session stands, for the query command. */
const char *storvsp_state_name(const struct storvsp *storvsp);

#endif
