// SPDX-License-Identifier: GPL-2.0
/*
 * Control commands of storage: plugging, pulling, resizing, breaking disks, changing discs, taking a
 * controller away. A command that is wrong says so and changes nothing.
 */
#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "../hyperv/util.h"
#include "storvsp_config.h"

/* Exact in a double, which JSON numbers are. */
#define LBA_MAX 9007199254740992.0

const char storvsp_commands[] =
	"disk-add lun=N file=FILE [controller=scsiN|fcN] [target=N] [ro=true] [shared=true]\n"
	"                          [dvd=true] [block=4096] [serial=TEXT] [latency=US]\n"
	"                          [provisioning=HOW]\n"
	"                          plug a disk or DVD drive in\n"
	"disk-remove lun=N         pull a disk out\n"
	"disk-resized lun=N        look at the image's size again\n"
	"disk-fault lun=N kind=medium|timeout|busy|reset|not-ready|capacity|gone|sense|none\n"
	"                          [opcode=N|any] [first=LBA] [last=LBA] [count=N] [key=N asc=N "
	"ascq=N]\n"
	"                          end the next commands so that touch these blocks; none: no "
	"more\n"
	"disk-answer lun=N opcode=N srb=N scsi=N copies=0|1|2 count=N\n"
	"                          carry out the next commands, but answer so\n"
	"dvd-change lun=N [file=FILE]\n"
	"                          put this disc into the drive, or take the one out that is in\n"
	"rescind device=scsi0 orderly=true\n"
	"                          take the disks away, wait for silence, then the controller\n"
	"                          (all disk commands: controller=, and target= on Fibre Channel)";

static const char *json_text(const cJSON *object, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

static bool json_true(const cJSON *object, const char *name)
{
	return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, name));
}

/* Return: 0 with @number set, to @otherwise if it is absent; -1 with @err if it is out of range. */
static int json_number(const cJSON *object, const char *name, double max, double otherwise,
		       double *number, char err[HV_ERR_MAX])
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

	*number = otherwise;
	if (!item)
		return 0;
	if (!cJSON_IsNumber(item) || item->valuedouble < 0 || item->valuedouble > max ||
	    item->valuedouble != (double)(uint64_t)item->valuedouble) {
		snprintf(err, HV_ERR_MAX, "\"%s\" is not a number from 0 to %.0f", name, max);
		return -1;
	}
	*number = item->valuedouble;
	return 0;
}

/* Kind of fault by name; what the sense is said to be makes it one of that sense. */
static int control_fault_kind(const cJSON *request, struct scsi_fault *fault, char err[HV_ERR_MAX])
{
	const char *kind = json_text(request, "kind");
	double key, asc, ascq;

	if (json_number(request, "key", 15, 3, &key, err) ||
	    json_number(request, "asc", 255, 0x11, &asc, err) ||
	    json_number(request, "ascq", 255, 0, &ascq, err))
		return -1;
	fault->sense = (struct scsi_sense){ (uint8_t)key, (uint8_t)asc, (uint8_t)ascq };
	if (kind && scsi_fault_kind_parse(kind, &fault->kind)) {
		snprintf(err, HV_ERR_MAX,
			 "\"kind\" is medium, timeout, busy, reset, not-ready, capacity, gone, "
			 "sense "
			 "or none");
		return -1;
	}
	if (!kind)
		fault->kind = cJSON_HasObjectItem(request, "key") ? SCSI_FAULT_SENSE
								  : SCSI_FAULT_MEDIUM;
	return 0;
}

static int control_fault(struct scsi_unit *unit, const cJSON *request, char err[HV_ERR_MAX])
{
	const char *opcode_text = json_text(request, "opcode"), *kind = json_text(request, "kind");
	double opcode = SCSI_FAULT_ANY_IO, first, last, count;
	struct scsi_fault fault = { 0 };

	if (kind && !strcmp(kind, "none")) {
		scsi_faults_clear(scsi_unit_faults(unit));
		return 1;
	}
	if (opcode_text && !strcmp(opcode_text, "any"))
		opcode = SCSI_FAULT_ANY_COMMAND;
	else if (json_number(request, "opcode", 0xff, SCSI_FAULT_ANY_IO, &opcode, err))
		return -1;
	if (control_fault_kind(request, &fault, err) ||
	    json_number(request, "first", LBA_MAX, 0, &first, err) ||
	    json_number(request, "last", LBA_MAX, LBA_MAX, &last, err) ||
	    json_number(request, "count", UINT32_MAX, 1, &count, err))
		return -1;
	if (last < first || !count) {
		snprintf(err, HV_ERR_MAX, "\"last\" is before \"first\", or \"count\" is 0");
		return -1;
	}
	fault.opcode = (uint16_t)opcode;
	fault.first_lba = (uint64_t)first;
	fault.last_lba = last == LBA_MAX ? UINT64_MAX : (uint64_t)last;
	fault.remaining = (uint32_t)count;
	if (scsi_faults_add(scsi_unit_faults(unit), &fault)) {
		snprintf(err, HV_ERR_MAX, "%u faults are waiting already; kind=none clears them",
			 SCSI_FAULT_SLOTS);
		return -1;
	}
	return 1;
}

static int control_answer(struct storvsp *storvsp, const struct storvsp_place *place,
			  const cJSON *request, char err[HV_ERR_MAX])
{
	double opcode, srb, scsi, copies, count;
	struct storvsp_answer answer;

	if (json_number(request, "opcode", 0xff, STORVSP_ANY_OPCODE, &opcode, err) ||
	    json_number(request, "srb", 0xff, 0xffff, &srb, err) ||
	    json_number(request, "scsi", 0xff, 0, &scsi, err) ||
	    json_number(request, "copies", 2, 1, &copies, err) ||
	    json_number(request, "count", UINT32_MAX, 1, &count, err))
		return -1;
	answer = (struct storvsp_answer){
		.target = place->target,
		.lun = place->lun,
		.opcode = (uint16_t)opcode,
		.srb_status = (uint16_t)srb,
		.scsi_status = (uint8_t)scsi,
		.copies = (uint8_t)copies,
		.remaining = (uint32_t)count,
	};
	storvsp_set_answer(storvsp, &answer);
	return 1;
}

static int control_add(struct storvsp_config *c, const struct storvsp_place *place,
		       const cJSON *request, char err[HV_ERR_MAX])
{
	const char *provisioning = json_text(request, "provisioning");
	struct scsi_disk_options options = {
		.image = json_text(request, "file"),
		.serial = json_text(request, "serial"),
		.read_only = json_true(request, "ro"),
	};
	bool dvd = json_true(request, "dvd");
	double block, latency;

	if (json_number(request, "block", 4096, 0, &block, err) ||
	    json_number(request, "latency", STORVSP_LATENCY_MAX_US, 0, &latency, err))
		return -1;
	options.block_bytes = (uint32_t)block;
	options.latency_us = (uint32_t)latency;
	if (cJSON_IsNumber(cJSON_GetObjectItemCaseSensitive(request, "serial"))) {
		snprintf(err, HV_ERR_MAX, "\"serial\" is text, not a number");
		return -1;
	}
	if (!options.image && !dvd) {
		snprintf(err, HV_ERR_MAX, "disk-add needs \"file\"");
		return -1;
	}
	if (provisioning && storvsp_parse_provisioning(provisioning, &options.provisioning)) {
		snprintf(err, HV_ERR_MAX, "\"provisioning\" is unmap, write-same, full or none");
		return -1;
	}
	return storvsp_plug(c, place, &options, dvd, json_true(request, "shared"), err) ? -1 : 1;
}

static int control_dvd_change(struct scsi_unit *unit, const cJSON *request, char err[HV_ERR_MAX])
{
	if (!scsi_unit_is_dvd(unit)) {
		snprintf(err, HV_ERR_MAX, "this LUN is no DVD drive");
		return -1;
	}
	return scsi_unit_change_medium(unit, json_text(request, "file"), err, HV_ERR_MAX) ? -1 : 1;
}

/* With "orderly" the disks go first; without it, or if nobody uses the controller, the core acts. */
static int control_rescind(struct storvsp_config *c, const cJSON *request)
{
	const char *device = json_text(request, "device");
	unsigned int kind, number;

	if (!device || !json_true(request, "orderly"))
		return 0;
	for (kind = 0; kind < STORVSP_KINDS; kind++)
		for (number = 0; number < STORVSP_EACH_KIND; number++) {
			struct storvsp_controller *controller = &c->controllers[kind][number];

			if (controller->storvsp && !strcmp(device, controller->name))
				return storvsp_retire(controller->storvsp) ? 0 : 1;
		}
	return 0;
}

/* Return: 0 with an address of a controller that is there; -1 with @err. */
static int control_place(struct storvsp_config *c, const char *cmd, const cJSON *request,
			 struct storvsp_place *place, char err[HV_ERR_MAX])
{
	const char *name = json_text(request, "controller");
	double lun, target, number;

	if (cJSON_IsNumber(cJSON_GetObjectItemCaseSensitive(request, "controller"))) {
		if (json_number(request, "controller", STORVSP_EACH_KIND - 1, 0, &number, err))
			return -1;
		place->number = (unsigned int)number;
	} else if (name && storvsp_parse_controller(name, place)) {
		snprintf(err, HV_ERR_MAX, "\"controller\" is scsiN, ideN or fcN with N 0..%u",
			 STORVSP_EACH_KIND - 1);
		return -1;
	}
	if (!c->controllers[place->kind][place->number].storvsp) {
		snprintf(err, HV_ERR_MAX, "%s: there is no controller %s", cmd,
			 name ? name : "scsi0");
		return -1;
	}
	if (json_number(request, "lun", STORVSP_MAX_LUNS - 1, 256, &lun, err) ||
	    json_number(request, "target", STORVSP_MAX_TARGETS - 1, 0, &target, err))
		return -1;
	if (lun > 255) {
		snprintf(err, HV_ERR_MAX, "%s needs \"lun\" from 0 to %u", cmd,
			 STORVSP_MAX_LUNS - 1);
		return -1;
	}
	place->lun = (uint8_t)lun;
	place->target = (uint8_t)target;
	return 0;
}

/* Commands about a unit that is there. */
static int control_unit(struct storvsp *storvsp, const struct storvsp_place *place, const char *cmd,
			const cJSON *request, cJSON *reply, char err[HV_ERR_MAX])
{
	struct scsi_unit *unit = storvsp_unit(storvsp, place->target, place->lun);

	if (!unit) {
		snprintf(err, HV_ERR_MAX, "%s: no disk at LUN %u", cmd, place->lun);
		return -1;
	}
	if (!strcmp(cmd, "disk-remove")) {
		storvsp_detach(storvsp, place->target, place->lun);
		return 1;
	}
	if (!strcmp(cmd, "disk-resized")) {
		cJSON_AddBoolToObject(reply, "changed", scsi_unit_resized(unit));
		return 1;
	}
	if (!strcmp(cmd, "disk-fault"))
		return control_fault(unit, request, err);
	if (!strcmp(cmd, "disk-answer"))
		return control_answer(storvsp, place, request, err);
	if (!strcmp(cmd, "dvd-change"))
		return control_dvd_change(unit, request, err);
	snprintf(err, HV_ERR_MAX,
		 "%.64s is none of disk-add, disk-remove, disk-resized, disk-fault, disk-answer, "
		 "dvd-change",
		 cmd);
	return -1;
}

int storvsp_control(void *config, const char *cmd, const cJSON *request, cJSON *reply,
		    char err[HV_ERR_MAX])
{
	struct storvsp_place place = { .kind = STORVSP_SCSI };
	struct storvsp_config *c = config;

	if (!strcmp(cmd, "rescind"))
		return control_rescind(c, request);
	if (strncmp(cmd, "disk-", 5) && strncmp(cmd, "dvd-", 4))
		return 0;
	if (control_place(c, cmd, request, &place, err))
		return -1;
	if (!strcmp(cmd, "disk-add"))
		return control_add(c, &place, request, err);
	return control_unit(c->controllers[place.kind][place.number].storvsp, &place, cmd, request,
			    reply, err);
}
