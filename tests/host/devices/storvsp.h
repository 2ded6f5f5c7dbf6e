/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The storage provider: one synthetic SCSI controller, IDE disk or Fibre Channel adapter, its
 * logical units and its session with the guest. Shared by storvsp.c and its parts (protocol) and by
 * storvsp_type.c and storvsp_control.c (options and control commands).
 */
#ifndef HVHOST_DEVICES_STORVSP_H
#define HVHOST_DEVICES_STORVSP_H

#include <stdbool.h>
#include <stdint.h>

#include "../hyperv/device.h"

/* Addresses one controller can have: on SCSI as many as a byte can name, spread over targets on Fibre Channel. */
#define STORVSP_MAX_LUNS 256
/* Policy: targets a Fibre Channel adapter sees. */
#define STORVSP_MAX_TARGETS 8

struct scsi_unit;
struct storvsp;

enum storvsp_kind {
	STORVSP_SCSI, /* disks at path 0, target 0 */
	STORVSP_IDE, /* one disk, one channel */
	STORVSP_FC, /* targets and LUNs of a SAN */
};

/**
 * struct storvsp_answer - how to answer requests instead of as the disk would
 * @target: requests to this target
 * @lun: and this logical unit
 * @opcode: with this operation code, or STORVSP_ANY_OPCODE
 * @srb_status: status of the SRB, with its flags; 0xffff keeps what the disk said
 * @scsi_status: SCSI status, used with @srb_status
 * @copies: replies sent for one request: 0 loses it
 * @remaining: requests to answer so
 *
 * The request itself is carried out.
 */
struct storvsp_answer {
	uint8_t target;
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
 * @kind: what it is offered as
 * @number: differs between all controllers of one kind; for IDE channel * 2 + device, 0 to 3
 * @max_version: newest VSTOR version accepted, VSTOR_VERSION()
 * @max_transfer_bytes: limit told to the guest and enforced; multiple of 4096
 * @max_sub_channels: how many the guest may ask for, at most VMBUS_SUBS_MAX; 0 on IDE
 * @wwpn: Fibre Channel: world wide name of the port
 * @wwnn: and of the node
 * @init_fault: what goes wrong at first
 */
struct storvsp_params {
	const char *name;
	enum storvsp_kind kind;
	unsigned int number;
	uint16_t max_version;
	uint32_t max_transfer_bytes;
	uint16_t max_sub_channels;
	uint64_t wwpn, wwnn;
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

/* storvsp_free() - let go of the units; the channels must be gone already. */
void storvsp_free(struct storvsp *storvsp);

/* storvsp_params() - what it was made with. */
const struct storvsp_params *storvsp_params(const struct storvsp *storvsp);

/* storvsp_targets() - how many targets it has addresses for. */
unsigned int storvsp_targets(const struct storvsp *storvsp);

/* storvsp_luns() - how many logical units each target has addresses for. */
unsigned int storvsp_luns(const struct storvsp *storvsp);

/**
 * storvsp_attach() - plug a unit in; a running guest is told to look again
 * @storvsp: the controller
 * @target: address, below storvsp_targets()
 * @lun: address, below storvsp_luns()
 * @unit: the controller takes over the caller's reference if this succeeds
 *
 * Return: 0, -EBUSY if the address is taken, -EINVAL if there is no such address, -EUSERS if too
 * many controllers have the unit.
 */
int storvsp_attach(struct storvsp *storvsp, uint8_t target, uint8_t lun, struct scsi_unit *unit);

/**
 * storvsp_detach() - pull a unit out without asking; a running guest is told to look again
 * @storvsp: the controller
 * @target: its address
 * @lun: its address
 *
 * Return: 0, -ENOENT if there is none.
 */
int storvsp_detach(struct storvsp *storvsp, uint8_t target, uint8_t lun);

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

/* storvsp_unit() - the unit at an address, or NULL; any address may be asked for. */
struct scsi_unit *storvsp_unit(struct storvsp *storvsp, unsigned int target, unsigned int lun);

/* storvsp_version() - VSTOR version agreed on with the guest; 0 before. */
uint16_t storvsp_version(const struct storvsp *storvsp);

/* storvsp_state_name() - where the session stands, for the query command. */
const char *storvsp_state_name(const struct storvsp *storvsp);

/**
 * storvsp_channel_requests() - SRBs that have come on a channel since it was opened
 * @storvsp: the controller
 * @index: 0: the primary channel
 * @requests: set
 *
 * Return: false if the guest does not have this channel open.
 */
bool storvsp_channel_requests(const struct storvsp *storvsp, unsigned int index,
			      uint64_t *requests);

#endif
