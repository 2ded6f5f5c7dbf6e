// SPDX-License-Identifier: GPL-2.0
/*
 * Storage as the user sees it: which controllers, disks and DVD drives the machine starts with. Knows
 * no packet; what can be done to them while it runs is storvsp_control.c's.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>
#include <hyperv/vstor.h>

#include "../hyperv/util.h"
#include "disk_image.h"
#include "storvsp_config.h"
#include "suboption.h"
#include "types.h"

/*
 * Policy: what the guest may move at once unless told otherwise, and what it can be told at most.
 */
#define STORVSP_TRANSFER_BYTES (256u << 10)
#define STORVSP_TRANSFER_MAX   (8u << 20)

/* Policy: names of a Fibre Channel adapter unless told otherwise, in the range Hyper-V uses. */
#define STORVSP_WWPN 0xc003ff0000ff0000ull
#define STORVSP_WWNN 0xc003ff0000ffff00ull

static const char *const storvsp_kind_names[STORVSP_KINDS] = {
	[STORVSP_SCSI] = "scsi",
	[STORVSP_IDE] = "ide",
	[STORVSP_FC] = "fc",
};

int storvsp_parse_controller(const char *text, struct storvsp_place *place)
{
	unsigned int kind;

	place->kind = STORVSP_SCSI;
	for (kind = 0; kind < STORVSP_KINDS; kind++) {
		size_t len = strlen(storvsp_kind_names[kind]);

		if (strncmp(text, storvsp_kind_names[kind], len))
			continue;
		place->kind = (enum storvsp_kind)kind;
		text += len;
		break;
	}
	if (text[0] < '0' || text[0] >= '0' + STORVSP_EACH_KIND || text[1])
		return -EINVAL;
	place->number = (unsigned int)(text[0] - '0');
	return 0;
}

int storvsp_parse_provisioning(const char *text, enum scsi_provisioning *provisioning)
{
	static const char *const names[] = {
		[SCSI_PROVISIONING_UNMAP] = "unmap",
		[SCSI_PROVISIONING_WRITE_SAME] = "write-same",
		[SCSI_PROVISIONING_FULL] = "full",
		[SCSI_PROVISIONING_NONE] = "none",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(text, names[i]))
			continue;
		*provisioning = (enum scsi_provisioning)i;
		return 0;
	}
	return -EINVAL;
}

/* Suboptions that say where a unit goes. Return: false if it is none of them, or a bad one. */
static bool storvsp_place_suboption(struct storvsp_place *place, const char *key, const char *value)
{
	uint64_t number;

	if (!strcmp(key, "controller") && value) {
		return !storvsp_parse_controller(value, place) && place->kind != STORVSP_IDE;
	} else if (!strcmp(key, "lun") && !suboption_u64(value, STORVSP_MAX_LUNS - 1, &number)) {
		place->has_lun = true;
		place->lun = (uint8_t)number;
	} else if (!strcmp(key, "target") &&
		   !suboption_u64(value, STORVSP_MAX_TARGETS - 1, &number)) {
		place->target = (uint8_t)number;
	} else {
		return false;
	}
	return true;
}

/* Suboptions that say what a disk is like. Return: false if it is none of them, or a bad one. */
static bool storvsp_disk_suboption(struct storvsp_unit_config *unit, const char *key,
				   const char *value)
{
	uint64_t number;

	if (!strcmp(key, "ro") && !value)
		unit->disk.read_only = true;
	else if (!strcmp(key, "shared") && !value)
		unit->shared = true;
	else if (!strcmp(key, "nounmap") && !value)
		unit->disk.provisioning = SCSI_PROVISIONING_NONE;
	else if (!strcmp(key, "serial") && value && *value)
		unit->disk.serial = value;
	else if (!strcmp(key, "block") && !suboption_u64(value, 4096, &number))
		unit->disk.block_bytes = (uint32_t)number;
	else if (!strcmp(key, "latency") && !suboption_u64(value, STORVSP_LATENCY_MAX_US, &number))
		unit->disk.latency_us = (uint32_t)number;
	else
		return !strcmp(key, "provisioning") && value &&
		       !storvsp_parse_provisioning(value, &unit->disk.provisioning);
	return true;
}

/*
 * Looks at the image without the right to write, so that what is wrong with it is said before
 * anything starts.
 */
static int storvsp_check_disk(const struct storvsp_unit_config *unit, char err[HV_ERR_MAX])
{
	struct scsi_disk_options options = unit->disk;
	struct scsi_disk *opened;

	if (!options.read_only && !access(options.image, R_OK) && access(options.image, W_OK)) {
		snprintf(err, HV_ERR_MAX,
			 "%s: cannot be written to; \",ro\" behind it makes the disk read-only",
			 options.image);
		return -1;
	}
	options.read_only = true;
	opened = scsi_disk_open(&options, err, HV_ERR_MAX);
	scsi_disk_close(opened);
	return opened ? 0 : -1;
}

static int storvsp_check_dvd(const struct storvsp_unit_config *unit, char err[HV_ERR_MAX])
{
	struct scsi_unit *opened = scsi_unit_open_dvd(unit->disk.image, 0, err, HV_ERR_MAX);

	scsi_unit_put(opened);
	return opened ? 0 : -1;
}

/* An address the controller has. */
static int storvsp_check_place(const char *option, const struct storvsp_place *place,
			       char err[HV_ERR_MAX])
{
	unsigned int luns = place->kind == STORVSP_FC ? STORVSP_MAX_LUNS / STORVSP_MAX_TARGETS
						      : STORVSP_MAX_LUNS;

	if (place->lun < luns && (!place->target || place->kind == STORVSP_FC))
		return 0;
	snprintf(err, HV_ERR_MAX,
		 "--%s: %s controllers have targets 0..%u and LUNs 0..%u, not target %u LUN %u",
		 option, storvsp_kind_names[place->kind],
		 place->kind == STORVSP_FC ? STORVSP_MAX_TARGETS - 1 : 0, luns - 1, place->target,
		 place->lun);
	return -1;
}

/* The file name may hold '=', so it is cut off by hand. Return: what follows it. */
static char *storvsp_cut_file(struct storvsp_unit_config *unit, const char *arg)
{
	char *rest;

	unit->text = xstrdup(arg);
	rest = strchr(unit->text, ',');
	if (rest)
		*rest++ = '\0';
	unit->disk.image = unit->text;
	return rest;
}

static void storvsp_free_unit_config(struct storvsp_unit_config *unit)
{
	free(unit->text);
	free(unit);
}

static int storvsp_keep_unit(struct storvsp_config *c, struct storvsp_unit_config *unit)
{
	if (!c->units)
		c->units_end = &c->units;
	*c->units_end = unit;
	c->units_end = &unit->next;
	c->controllers[unit->place.kind][unit->place.number].wanted = true;
	return 0;
}

static int storvsp_parse_disk(void *config, const char *arg, char err[HV_ERR_MAX])
{
	struct storvsp_unit_config *unit = xcalloc(1, sizeof(*unit));
	char *rest = storvsp_cut_file(unit, arg), *key, *value;

	if (!*unit->text) {
		snprintf(err, HV_ERR_MAX, "--disk: no file named in \"%s\"", arg);
		goto bad;
	}
	while ((key = suboption_next(&rest, &value))) {
		if (storvsp_place_suboption(&unit->place, key, value) ||
		    storvsp_disk_suboption(unit, key, value))
			continue;
		snprintf(err, HV_ERR_MAX,
			 "--disk: \"%s%s%s\" is none of ro, shared, lun=0..%u, "
			 "controller=N|scsiN|fcN "
			 "(N 0..%u), target=0..%u, block=512|4096, serial=TEXT, latency=US, "
			 "nounmap, "
			 "provisioning=unmap|write-same|full|none",
			 key, value ? "=" : "", value ? value : "", STORVSP_MAX_LUNS - 1,
			 STORVSP_EACH_KIND - 1, STORVSP_MAX_TARGETS - 1);
		goto bad;
	}
	if (storvsp_check_place("disk", &unit->place, err) || storvsp_check_disk(unit, err))
		goto bad;
	return storvsp_keep_unit(config, unit);

bad:
	storvsp_free_unit_config(unit);
	return -1;
}

static int storvsp_parse_dvd(void *config, const char *arg, char err[HV_ERR_MAX])
{
	struct storvsp_unit_config *unit = xcalloc(1, sizeof(*unit));
	char *rest = storvsp_cut_file(unit, arg), *key, *value;

	unit->dvd = true;
	if (!strcmp(unit->text, "none"))
		unit->disk.image = NULL;
	while ((key = suboption_next(&rest, &value))) {
		if (storvsp_place_suboption(&unit->place, key, value) &&
		    unit->place.kind == STORVSP_SCSI)
			continue;
		snprintf(err, HV_ERR_MAX,
			 "--dvd: \"%s%s%s\" is none of lun=0..%u, controller=0..%u", key,
			 value ? "=" : "", value ? value : "", STORVSP_MAX_LUNS - 1,
			 STORVSP_EACH_KIND - 1);
		goto bad;
	}
	if (storvsp_check_place("dvd", &unit->place, err) || storvsp_check_dvd(unit, err))
		goto bad;
	return storvsp_keep_unit(config, unit);

bad:
	storvsp_free_unit_config(unit);
	return -1;
}

static int storvsp_parse_ide(void *config, const char *arg, char err[HV_ERR_MAX])
{
	struct storvsp_unit_config *unit = xcalloc(1, sizeof(*unit));
	char *rest = storvsp_cut_file(unit, arg), *key, *value;
	struct storvsp_config *c = config;
	bool placed = false;
	uint64_t number;

	unit->place.kind = STORVSP_IDE;
	unit->place.has_lun = true;
	while ((key = suboption_next(&rest, &value))) {
		if (!strcmp(key, "at") && !suboption_u64(value, STORVSP_EACH_KIND - 1, &number)) {
			unit->place.number = (unsigned int)number;
			placed = true;
		} else if (!storvsp_disk_suboption(unit, key, value) || unit->shared) {
			snprintf(err, HV_ERR_MAX,
				 "--ide: \"%s%s%s\" is none of at=0..%u, ro, block=512|4096, "
				 "serial=TEXT, latency=US, nounmap, "
				 "provisioning=unmap|write-same|full|none",
				 key, value ? "=" : "", value ? value : "", STORVSP_EACH_KIND - 1);
			goto bad;
		}
	}
	while (!placed && unit->place.number < STORVSP_EACH_KIND &&
	       c->controllers[STORVSP_IDE][unit->place.number].wanted)
		unit->place.number++;
	if (unit->place.number == STORVSP_EACH_KIND ||
	    c->controllers[STORVSP_IDE][unit->place.number].wanted) {
		snprintf(err, HV_ERR_MAX, "--ide: there is a disk already at %s",
			 placed ? "this place" : "all four places");
		goto bad;
	}
	if (storvsp_check_disk(unit, err))
		goto bad;
	return storvsp_keep_unit(config, unit);

bad:
	storvsp_free_unit_config(unit);
	return -1;
}

static int storvsp_parse_scsi(void *config, const char *arg, char err[HV_ERR_MAX])
{
	struct storvsp_config *c = config;

	(void)arg;
	if (c->nr_scsi == STORVSP_EACH_KIND) {
		snprintf(err, HV_ERR_MAX, "--scsi: at most %u controllers", STORVSP_EACH_KIND);
		return -1;
	}
	c->controllers[STORVSP_SCSI][c->nr_scsi++].wanted = true;
	return 0;
}

static int storvsp_parse_fc(void *config, const char *arg, char err[HV_ERR_MAX])
{
	char *text = xstrdup(arg), *rest = text, *key, *value;
	struct storvsp_config *c = config;
	struct storvsp_controller *fc = c->controllers[STORVSP_FC];
	uint64_t wwpn = 0, wwnn = STORVSP_WWNN;
	bool good;

	/* Those that a --disk asked for get their names here, in order. */
	while (fc < c->controllers[STORVSP_FC] + STORVSP_EACH_KIND && fc->wwpn)
		fc++;
	key = suboption_next(&rest, &value);
	good = key && !value && !suboption_u64(key, UINT64_MAX, &wwpn) && wwpn;
	while (good && (key = suboption_next(&rest, &value)))
		good = !strcmp(key, "wwnn") && !suboption_u64(value, UINT64_MAX, &wwnn);
	free(text);
	if (!good) {
		snprintf(err, HV_ERR_MAX, "--fc: \"%s\" is not WWPN[,wwnn=WWNN]", arg);
		return -1;
	}
	if (fc == c->controllers[STORVSP_FC] + STORVSP_EACH_KIND) {
		snprintf(err, HV_ERR_MAX, "--fc: at most %u adapters", STORVSP_EACH_KIND);
		return -1;
	}
	fc->wanted = true;
	fc->wwpn = wwpn;
	fc->wwnn = wwnn;
	return 0;
}

static int storvsp_parse_subs(void *config, const char *arg, char err[HV_ERR_MAX])
{
	struct storvsp_config *c = config;
	uint64_t number;

	if (suboption_u64(arg, VMBUS_SUBS_MAX, &number)) {
		snprintf(err, HV_ERR_MAX, "--scsi-sub-channels: \"%s\" is not a number up to %u",
			 arg, VMBUS_SUBS_MAX);
		return -1;
	}
	c->max_sub_channels = (uint16_t)number;
	return 0;
}

static int storvsp_parse_version(void *config, const char *arg, char err[HV_ERR_MAX])
{
	static const struct {
		const char *text;
		uint16_t version;
	} versions[] = {
		{ "2.0", VSTOR_VERSION_2_0 }, { "4.2", VSTOR_VERSION_4_2 },
		{ "5.1", VSTOR_VERSION_5_1 }, { "6.0", VSTOR_VERSION_6_0 },
		{ "6.2", VSTOR_VERSION_6_2 },
	};
	struct storvsp_config *c = config;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(versions); i++) {
		if (strcmp(arg, versions[i].text))
			continue;
		c->max_version = versions[i].version;
		return 0;
	}
	snprintf(err, HV_ERR_MAX, "--vstor-version: \"%s\" is none of 2.0, 4.2, 5.1, 6.0, 6.2",
		 arg);
	return -1;
}

static int storvsp_parse_transfer(void *config, const char *arg, char err[HV_ERR_MAX])
{
	struct storvsp_config *c = config;
	uint64_t number;

	if (suboption_u64(arg, STORVSP_TRANSFER_MAX, &number) || !number ||
	    number % GUEST_PAGE_SIZE) {
		snprintf(err, HV_ERR_MAX,
			 "--scsi-max-transfer: \"%s\" is not a multiple of 4K up to %uM", arg,
			 STORVSP_TRANSFER_MAX >> 20);
		return -1;
	}
	c->max_transfer_bytes = (uint32_t)number;
	return 0;
}

static int storvsp_parse_init(void *config, const char *arg, char err[HV_ERR_MAX])
{
	static const struct {
		const char *name;
		uint32_t operation;
	} steps[] = {
		{ "begin", VSTOR_OP_BEGIN_INITIALIZATION },
		{ "version", VSTOR_OP_QUERY_PROTOCOL_VERSION },
		{ "properties", VSTOR_OP_QUERY_PROPERTIES },
		{ "end", VSTOR_OP_END_INITIALIZATION },
	};
	struct storvsp_config *c = config;
	struct storvsp_init_fault fault = { .remaining = 1 };
	char *text = xstrdup(arg), *rest = text, *key, *value;
	uint64_t number;
	bool good = false;
	size_t i;

	key = suboption_next(&rest, &value);
	for (i = 0; key && !value && i < ARRAY_SIZE(steps); i++) {
		if (strcmp(key, steps[i].name))
			continue;
		fault.operation = steps[i].operation;
		good = true;
	}
	while (good && (key = suboption_next(&rest, &value))) {
		if (!strcmp(key, "status") && !suboption_u64(value, UINT32_MAX, &number))
			fault.status = (uint32_t)number;
		else if (!strcmp(key, "delay") && !suboption_u64(value, 600000, &number))
			fault.delay_ms = (uint32_t)number;
		else if (!strcmp(key, "count") && !suboption_u64(value, UINT32_MAX, &number))
			fault.remaining = (uint32_t)number;
		else
			good = false;
	}
	free(text);
	if (!good) {
		snprintf(err, HV_ERR_MAX,
			 "--vstor-init: \"%s\" is not begin, version, properties or end, and then "
			 "status=N, delay=MS, count=N",
			 arg);
		return -1;
	}
	c->init_fault = fault;
	return 0;
}

static const struct device_option storvsp_options[] = {
	{ "disk",
	  "FILE[,controller=C][,target=N][,lun=N][,ro][,shared][,block=4096][,serial=TEXT]"
	  "[,latency=US][,provisioning=HOW]",
	  "a raw image as a disk on controller C: N or scsiN (default scsi0), fcN; may be given "
	  "again, LUNs count up\nfrom 0; the guest gives blocks back by HOW: unmap (default), "
	  "write-same, full, none; a shared one can be given\nto several controllers; reads, "
	  "writes and flushes "
	  "are answered after US microseconds, any number of\nthem at once (default at once)\n"
	  "example: --disk root.img --disk data.img,lun=5,ro --disk more.img,controller=1",
	  storvsp_parse_disk },
	{ "dvd", "FILE|none[,controller=N][,lun=N]",
	  "a DVD drive with this disc, or with none, on a SCSI controller\nexample: --dvd "
	  "install.iso",
	  storvsp_parse_dvd },
	{ "ide", "FILE[,at=0..3][,ro][,block=4096][,serial=TEXT][,latency=US][,provisioning=HOW]",
	  "a raw image as an IDE disk of a generation 1 machine: channel AT/2, device AT%2 "
	  "(default "
	  "the next free)\nexample: --ide root.img",
	  storvsp_parse_ide },
	{ "scsi", NULL,
	  "offer a SCSI controller even without a disk, to plug disks in later; again for more, up "
	  "to 4\nexample: --scsi --scsi",
	  storvsp_parse_scsi },
	{ "fc", "WWPN[,wwnn=WWNN]",
	  "offer a Fibre Channel adapter with these world wide names; again for more, up to 4\n"
	  "example: --fc 0xc003ff0000ff0001 --disk san.img,controller=fc0,target=1",
	  storvsp_parse_fc },
	{ "scsi-sub-channels", "N",
	  "how many channels beside the first a guest may ask for, of each SCSI controller and "
	  "Fibre "
	  "Channel adapter\n(default 0)\nexample: --scsi-sub-channels 3",
	  storvsp_parse_subs },
	{ "vstor-version", "VERSION",
	  "newest storage protocol accepted: 2.0, 4.2, 5.1, 6.0 or 6.2 (default)\nexample: "
	  "--vstor-version 5.1",
	  storvsp_parse_version },
	{ "vstor-init", "STEP[,status=N][,delay=MS][,count=N]",
	  "answer a step of the session's initialization (begin, version, properties, end) with an "
	  "error, late, or both,\nin the next N sessions of each controller (default 1)\nexample: "
	  "--vstor-init properties,status=0xc0000001",
	  storvsp_parse_init },
	{ "scsi-max-transfer", "BYTES",
	  "longest transfer in one request, a multiple of 4K (default 256K)\nexample: "
	  "--scsi-max-transfer 2M",
	  storvsp_parse_transfer },
	{ NULL, NULL, NULL, NULL },
};

static void storvsp_free_shared(struct storvsp_shared *shared)
{
	scsi_unit_put(shared->unit);
	free(shared->file);
	free(shared);
}

/* Gives up files that no controller has any more, so that they can be opened anew. */
static void storvsp_prune_shared(struct storvsp_config *c)
{
	struct storvsp_shared **link = &c->shared, *shared;

	while ((shared = *link)) {
		if (scsi_unit_is_last_reference(shared->unit)) {
			*link = shared->next;
			storvsp_free_shared(shared);
		} else {
			link = &shared->next;
		}
	}
}

/* The unit of a shared file that is open already, with a reference for the caller, or NULL. */
static struct scsi_unit *storvsp_find_shared(struct storvsp_config *c, const char *file)
{
	struct storvsp_shared *shared;

	for (shared = c->shared; shared; shared = shared->next)
		if (!strcmp(shared->file, file))
			return scsi_unit_get(shared->unit);
	return NULL;
}

static void storvsp_keep_shared(struct storvsp_config *c, const char *file, struct scsi_unit *unit)
{
	struct storvsp_shared *shared = xcalloc(1, sizeof(*shared));

	shared->file = xstrdup(file);
	shared->unit = scsi_unit_get(unit);
	shared->next = c->shared;
	c->shared = shared;
}

int storvsp_plug(struct storvsp_config *c, const struct storvsp_place *place,
		 struct scsi_disk_options *options, bool dvd, bool shared, char err[HV_ERR_MAX])
{
	struct storvsp_controller *controller = &c->controllers[place->kind][place->number];
	struct scsi_unit *unit = NULL;
	bool known = false;

	storvsp_prune_shared(c);
	if (storvsp_unit(controller->storvsp, place->target, place->lun)) {
		snprintf(err, HV_ERR_MAX, "%s: LUN %u is taken", controller->name, place->lun);
		return -1;
	}
	/* "hvhost" and the address; the same for a disk that is plugged into the same place again. */
	options->unique = 0x6876686f73740000ull | (uint64_t)place->kind << 14 |
			  (uint64_t)place->number << 10 | (uint64_t)place->target << 6 | place->lun;
	if (dvd) {
		unit = scsi_unit_open_dvd(options->image, options->unique, err, HV_ERR_MAX);
	} else {
		unit = shared ? storvsp_find_shared(c, options->image) : NULL;
		known = unit;
		if (!unit)
			unit = scsi_unit_open_disk(options, err, HV_ERR_MAX);
	}
	if (!unit)
		return -1;
	if (storvsp_attach(controller->storvsp, place->target, place->lun, unit)) {
		snprintf(err, HV_ERR_MAX, "%s: no target %u LUN %u", controller->name,
			 place->target, place->lun);
		scsi_unit_put(unit);
		return -1;
	}
	if (shared && !known)
		storvsp_keep_shared(c, options->image, unit);
	return 0;
}

/* Return: the lowest address of the unit's target that no option asks for and nothing has. */
static uint8_t storvsp_free_lun(const struct storvsp_config *c,
				const struct storvsp_unit_config *unit)
{
	struct storvsp *s = c->controllers[unit->place.kind][unit->place.number].storvsp;
	const struct storvsp_unit_config *other;
	unsigned int lun;

	for (lun = 0; lun < storvsp_luns(s) - 1; lun++) {
		for (other = c->units; other; other = other->next)
			if (other->place.kind == unit->place.kind &&
			    other->place.number == unit->place.number &&
			    other->place.target == unit->place.target && other->place.has_lun &&
			    other->place.lun == lun)
				break;
		if (!other && !storvsp_unit(s, unit->place.target, lun))
			break;
	}
	return (uint8_t)lun;
}

static int storvsp_start_controller(struct storvsp_config *c, enum storvsp_kind kind,
				    unsigned int number, struct vmbus_server *server,
				    char err[HV_ERR_MAX])
{
	struct storvsp_controller *controller = &c->controllers[kind][number];
	struct storvsp_params params = {
		.name = controller->name,
		.kind = kind,
		.number = number,
		.max_version = c->max_version ? c->max_version : VSTOR_VERSION_6_2,
		.max_transfer_bytes = c->max_transfer_bytes ? c->max_transfer_bytes
							    : STORVSP_TRANSFER_BYTES,
		.max_sub_channels = kind == STORVSP_IDE ? 0 : c->max_sub_channels,
		.wwpn = controller->wwpn ? controller->wwpn : STORVSP_WWPN + number * 2,
		.wwnn = controller->wwpn ? controller->wwnn : STORVSP_WWNN,
		.init_fault = c->init_fault,
	};

	snprintf(controller->name, sizeof(controller->name), "%s%u", storvsp_kind_names[kind],
		 number);
	controller->storvsp = storvsp_new(server, &params);
	if (controller->storvsp)
		return 0;
	snprintf(err, HV_ERR_MAX, "%s: cannot be offered", controller->name);
	return -1;
}

static int storvsp_start(void *config, struct vmbus_server *server, char err[HV_ERR_MAX])
{
	struct storvsp_config *c = config;
	struct storvsp_unit_config *unit;
	unsigned int kind, number;

	for (kind = 0; kind < STORVSP_KINDS; kind++)
		for (number = 0; number < STORVSP_EACH_KIND; number++)
			if (c->controllers[kind][number].wanted &&
			    storvsp_start_controller(c, (enum storvsp_kind)kind, number, server,
						     err))
				return -1;
	for (unit = c->units; unit; unit = unit->next) {
		struct storvsp_place place = unit->place;

		if (!place.has_lun)
			place.lun = storvsp_free_lun(c, unit);
		if (storvsp_plug(c, &place, &unit->disk, unit->dvd, unit->shared, err))
			return -1;
	}
	return 0;
}

static void storvsp_query_luns(struct storvsp *s, unsigned int target, cJSON *luns)
{
	unsigned int lun;

	for (lun = 0; lun < storvsp_luns(s); lun++)
		if (storvsp_unit(s, target, lun))
			cJSON_AddItemToArray(luns, cJSON_CreateNumber(lun));
}

static void storvsp_query_controller(const struct storvsp_controller *controller, cJSON *reply)
{
	cJSON *state = cJSON_AddObjectToObject(reply, controller->name), *targets, *channels;
	struct storvsp *s = controller->storvsp;
	unsigned int target, index;
	uint64_t requests;
	char text[16];

	cJSON_AddStringToObject(state, "state", storvsp_state_name(s));
	if (storvsp_version(s)) {
		snprintf(text, sizeof(text), "%u.%u", storvsp_version(s) >> 8,
			 storvsp_version(s) & 0xff);
		cJSON_AddStringToObject(state, "version", text);
	} else {
		cJSON_AddNullToObject(state, "version");
	}
	channels = cJSON_AddArrayToObject(state, "channel_requests");
	for (index = 0; index <= VMBUS_SUBS_MAX; index++)
		if (storvsp_channel_requests(s, index, &requests))
			cJSON_AddItemToArray(channels, cJSON_CreateNumber((double)requests));
	storvsp_query_luns(s, 0, cJSON_AddArrayToObject(state, "luns"));
	if (storvsp_targets(s) == 1)
		return;
	targets = cJSON_AddArrayToObject(state, "targets");
	for (target = 0; target < storvsp_targets(s); target++) {
		cJSON *luns = cJSON_CreateArray();

		storvsp_query_luns(s, target, luns);
		cJSON_AddItemToArray(targets, luns);
	}
}

static void storvsp_query(void *config, cJSON *reply)
{
	struct storvsp_config *c = config;
	unsigned int kind, number;

	for (kind = 0; kind < STORVSP_KINDS; kind++)
		for (number = 0; number < STORVSP_EACH_KIND; number++)
			if (c->controllers[kind][number].storvsp)
				storvsp_query_controller(&c->controllers[kind][number], reply);
}

static void storvsp_reset(void *config)
{
	(void)config;
	disk_image_lose_power();
}

static void storvsp_stop(void *config)
{
	struct storvsp_config *c = config;
	struct storvsp_unit_config *unit;
	struct storvsp_shared *shared;
	unsigned int kind, number;

	for (kind = 0; kind < STORVSP_KINDS; kind++)
		for (number = 0; number < STORVSP_EACH_KIND; number++)
			storvsp_free(c->controllers[kind][number].storvsp);
	while ((shared = c->shared)) {
		c->shared = shared->next;
		storvsp_free_shared(shared);
	}
	while ((unit = c->units)) {
		c->units = unit->next;
		storvsp_free_unit_config(unit);
	}
}

const struct device_type storvsp_type = {
	.name = "storvsp",
	.config_size = sizeof(struct storvsp_config),
	.options = storvsp_options,
	.start = storvsp_start,
	.commands = storvsp_commands,
	.control = storvsp_control,
	.query = storvsp_query,
	.reset = storvsp_reset,
	.stop = storvsp_stop,
};
