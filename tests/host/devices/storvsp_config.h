/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared by storvsp_type.c (options) and storvsp_control.c (control commands) only: the controllers
 * there are, and plugging units into them.
 */
#ifndef HVHOST_DEVICES_STORVSP_CONFIG_H
#define HVHOST_DEVICES_STORVSP_CONFIG_H

#include "scsi_unit.h"
#include "storvsp.h"

/* As on Hyper-V: SCSI controllers, IDE disks, Fibre Channel adapters of one machine. */
#define STORVSP_EACH_KIND 4
#define STORVSP_KINDS	  3

/* Policy: the slowest a disk can be made, in microseconds: a minute. */
#define STORVSP_LATENCY_MAX_US 60000000

struct storvsp_controller {
	bool wanted;
	char name[8];
	uint64_t wwpn, wwnn; /* Fibre Channel */
	struct storvsp *storvsp; /* NULL: not offered */
};

/* Where a unit goes. */
struct storvsp_place {
	enum storvsp_kind kind;
	unsigned int number;
	bool has_lun;
	uint8_t target, lun;
};

/* A unit the machine starts with. */
struct storvsp_unit_config {
	char *text; /* the option's argument, cut up; strings below point into it */
	bool dvd;
	bool shared; /* with other controllers, by the name of its file */
	struct scsi_disk_options disk;
	struct storvsp_place place;
	struct storvsp_unit_config *next;
};

/* A unit that several controllers may have, by its file. */
struct storvsp_shared {
	char *file;
	struct scsi_unit *unit; /* a reference of its own */
	struct storvsp_shared *next;
};

struct storvsp_config {
	struct storvsp_unit_config *units, **units_end;
	struct storvsp_controller controllers[STORVSP_KINDS][STORVSP_EACH_KIND];
	unsigned int nr_scsi; /* --scsi: how many at least */
	uint16_t max_version;
	uint32_t max_transfer_bytes;
	uint16_t max_sub_channels;
	struct storvsp_init_fault init_fault;
	struct storvsp_shared *shared;
};

/**
 * storvsp_parse_controller() - a controller by its name
 * @text: "N" or "scsiN", "ideN", "fcN"
 * @place: kind and number set
 *
 * Return: 0, -EINVAL if it is no such name.
 */
int storvsp_parse_controller(const char *text, struct storvsp_place *place);

/* storvsp_parse_provisioning() - "unmap", "write-same", "full", "none"; Return: 0 or -EINVAL. */
int storvsp_parse_provisioning(const char *text, enum scsi_provisioning *provisioning);

/**
 * storvsp_plug() - open a unit's image and plug it in
 * @c: the controllers
 * @place: a controller that is offered, and an address there
 * @options: the disk's, or the DVD drive's image (NULL: no disc)
 * @dvd: which it is
 * @shared: whether other controllers may have it, too
 * @err: gets one line
 *
 * Return: 0, or -1 with @err filled in and nothing changed.
 */
int storvsp_plug(struct storvsp_config *c, const struct storvsp_place *place,
		 struct scsi_disk_options *options, bool dvd, bool shared, char err[HV_ERR_MAX]);

/* storvsp_control.c: as in struct device_type. */
int storvsp_control(void *config, const char *cmd, const struct cJSON *request, struct cJSON *reply,
		    char err[HV_ERR_MAX]);
extern const char storvsp_commands[];

#endif
