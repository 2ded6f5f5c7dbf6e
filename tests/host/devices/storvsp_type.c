// SPDX-License-Identifier: GPL-2.0
/*
 * The storage provider's options and control commands: which disks a machine starts with, and
 * plugging, pulling, resizing and breaking them while it runs. Knows no packet.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>
#include <hyperv/vstor.h>

#include "../hyperv/util.h"
#include "scsi_disk.h"
#include "storvsp.h"
#include "suboption.h"
#include "types.h"

#define STORVSP_NAME "scsi0"
/*
 * Policy: what the guest may move at once unless told otherwise, and what it can be told at most.
 */
#define STORVSP_TRANSFER_BYTES (256u << 10)
#define STORVSP_TRANSFER_MAX   (8u << 20)

struct storvsp_disk_config {
	char *text; /* the option's argument, cut up; the strings below point into it */
	struct scsi_disk_options disk;
	bool has_lun;
	uint8_t lun;
};

struct storvsp_config {
	struct storvsp_disk_config disks[STORVSP_MAX_LUNS];
	unsigned int nr_disks;
	bool wanted; /* a controller is offered although there is no disk */
	uint16_t max_version;
	uint32_t max_transfer_bytes;
	struct storvsp_init_fault init_fault;
	struct storvsp *storvsp;
};

static int storvsp_parse_provisioning(const char *text, enum scsi_provisioning *provisioning)
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
	return -1;
}

static int storvsp_disk_suboption(struct storvsp_disk_config *disk, const char *key,
				  const char *value, char err[HV_ERR_MAX])
{
	uint64_t number;

	if (!strcmp(key, "ro") && !value) {
		disk->disk.read_only = true;
	} else if (!strcmp(key, "nounmap") && !value) {
		disk->disk.provisioning = SCSI_PROVISIONING_NONE;
	} else if (!strcmp(key, "provisioning") && value &&
		   !storvsp_parse_provisioning(value, &disk->disk.provisioning)) {
		return 0;
	} else if (!strcmp(key, "serial") && value && *value) {
		disk->disk.serial = value;
	} else if (!strcmp(key, "lun") && !suboption_u64(value, STORVSP_MAX_LUNS - 1, &number)) {
		disk->has_lun = true;
		disk->lun = (uint8_t)number;
	} else if (!strcmp(key, "block") && !suboption_u64(value, 4096, &number)) {
		disk->disk.block_bytes = (uint32_t)number;
	} else {
		snprintf(err, HV_ERR_MAX,
			 "--disk: \"%s%s%s\" is none of ro, lun=0..%u, block=512|4096, serial=TEXT, "
			 "nounmap, provisioning=unmap|write-same|full|none",
			 key, value ? "=" : "", value ? value : "", STORVSP_MAX_LUNS - 1);
		return -1;
	}
	return 0;
}

/*
 * Looks at the image without the right to write, so that what is wrong with it is said before
 * anything starts.
 */
static int storvsp_check_disk(const struct storvsp_disk_config *disk, char err[HV_ERR_MAX])
{
	struct scsi_disk_options options = disk->disk;
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

static int storvsp_parse_disk(void *config, const char *arg, char err[HV_ERR_MAX])
{
	struct storvsp_config *c = config;
	struct storvsp_disk_config *disk = &c->disks[c->nr_disks];
	char *rest, *key, *value;

	if (c->nr_disks == STORVSP_MAX_LUNS) {
		snprintf(err, HV_ERR_MAX, "--disk: at most %u disks", STORVSP_MAX_LUNS);
		return -1;
	}
	/* The file name may hold '=', so it is cut off by hand. */
	disk->text = xstrdup(arg);
	rest = strchr(disk->text, ',');
	if (rest)
		*rest++ = '\0';
	disk->disk.image = disk->text;
	if (!*disk->text) {
		snprintf(err, HV_ERR_MAX, "--disk: no file named in \"%s\"", arg);
		return -1;
	}
	while ((key = suboption_next(&rest, &value)))
		if (storvsp_disk_suboption(disk, key, value, err))
			return -1;
	if (storvsp_check_disk(disk, err))
		return -1;
	c->nr_disks++;
	return 0;
}

static int storvsp_parse_scsi(void *config, const char *arg, char err[HV_ERR_MAX])
{
	struct storvsp_config *c = config;

	(void)arg;
	(void)err;
	c->wanted = true;
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
	{ "disk", "FILE[,lun=N][,ro][,block=4096][,serial=TEXT][,provisioning=HOW]",
	  "a raw image as a disk on the SCSI controller scsi0; may be given again, LUNs count up "
	  "from 0; the guest gives blocks back by HOW: unmap (default), write-same, full, none\n"
	  "example: --disk root.img --disk data.img,lun=5,ro",
	  storvsp_parse_disk },
	{ "scsi", NULL,
	  "offer the SCSI controller even without a disk, to plug disks in later\nexample: --scsi",
	  storvsp_parse_scsi },
	{ "vstor-version", "VERSION",
	  "newest storage protocol accepted: 2.0, 4.2, 5.1, 6.0 or 6.2 (default)\nexample: "
	  "--vstor-version 5.1",
	  storvsp_parse_version },
	{ "vstor-init", "STEP[,status=N][,delay=MS][,count=N]",
	  "answer a step of the session's initialization (begin, version, properties, end) with an "
	  "error, late, or both,\nin the next N sessions (default 1)\nexample: --vstor-init "
	  "properties,status=0xc0000001",
	  storvsp_parse_init },
	{ "scsi-max-transfer", "BYTES",
	  "longest transfer in one request, a multiple of 4K (default 256K)\nexample: "
	  "--scsi-max-transfer 2M",
	  storvsp_parse_transfer },
	{ NULL, NULL, NULL, NULL },
};

static int storvsp_plug(struct storvsp_config *c, struct scsi_disk_options *options, uint8_t lun,
			char err[HV_ERR_MAX])
{
	struct scsi_disk *disk;

	if (storvsp_disk(c->storvsp, lun)) {
		snprintf(err, HV_ERR_MAX, "%s: LUN %u is taken", STORVSP_NAME, lun);
		return -1;
	}
	options->unique = 0x6876686f73740000ull | lun; /* "hvhost" and the address */
	disk = scsi_disk_open(options, err, HV_ERR_MAX);
	if (!disk)
		return -1;
	storvsp_attach(c->storvsp, lun, disk);
	return 0;
}

/* Return: the lowest address that no option asks for and no disk has. */
static uint8_t storvsp_free_lun(const struct storvsp_config *c)
{
	uint8_t lun;
	unsigned int i;

	for (lun = 0; lun < STORVSP_MAX_LUNS - 1; lun++) {
		for (i = 0; i < c->nr_disks; i++)
			if (c->disks[i].has_lun && c->disks[i].lun == lun)
				break;
		if (i == c->nr_disks && !storvsp_disk(c->storvsp, lun))
			break;
	}
	return lun;
}

static int storvsp_start(void *config, struct vmbus_server *server, char err[HV_ERR_MAX])
{
	struct storvsp_config *c = config;
	struct storvsp_params params = {
		.name = STORVSP_NAME,
		.max_version = c->max_version ? c->max_version : VSTOR_VERSION_6_2,
		.max_transfer_bytes = c->max_transfer_bytes ? c->max_transfer_bytes
							    : STORVSP_TRANSFER_BYTES,
		.init_fault = c->init_fault,
	};
	unsigned int i;

	if (!c->nr_disks && !c->wanted)
		return 0;
	c->storvsp = storvsp_new(server, &params);
	if (!c->storvsp) {
		snprintf(err, HV_ERR_MAX, "%s: cannot be offered", STORVSP_NAME);
		return -1;
	}
	for (i = 0; i < c->nr_disks; i++) {
		struct storvsp_disk_config *disk = &c->disks[i];

		if (storvsp_plug(c, &disk->disk, disk->has_lun ? disk->lun : storvsp_free_lun(c),
				 err))
			return -1;
	}
	return 0;
}

static const char *json_text(const cJSON *object, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

/* Return: the number, or @otherwise when it is absent or out of range. */
static double json_number(const cJSON *object, const char *name, double max, double otherwise)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

	if (!cJSON_IsNumber(item) || item->valuedouble < 0 || item->valuedouble > max)
		return otherwise;
	return item->valuedouble;
}

static int storvsp_control_fault(struct scsi_disk *disk, const cJSON *request)
{
	const double lba_max = 9007199254740992.0; /* exact in a double */
	struct scsi_fault fault = {
		.opcode = (uint16_t)json_number(request, "opcode", 0xff, SCSI_FAULT_ANY_IO),
		.first_lba = (uint64_t)json_number(request, "first", lba_max, 0),
		.last_lba = (uint64_t)json_number(request, "last", lba_max, lba_max),
		.sense = {
			.key = (uint8_t)json_number(request, "key", 15, 3),
			.asc = (uint8_t)json_number(request, "asc", 255, 0x11),
			.ascq = (uint8_t)json_number(request, "ascq", 255, 0),
		},
		.remaining = (uint32_t)json_number(request, "count", 0xffffffff, 1),
	};

	scsi_disk_inject(disk, &fault);
	return 1;
}

static void storvsp_control_answer(struct storvsp *storvsp, uint8_t lun, const cJSON *request)
{
	const struct storvsp_answer answer = {
		.lun = lun,
		.opcode = (uint16_t)json_number(request, "opcode", 0xff, STORVSP_ANY_OPCODE),
		.srb_status = (uint16_t)json_number(request, "srb", 0xff, 0xffff),
		.scsi_status = (uint8_t)json_number(request, "scsi", 0xff, 0),
		.copies = (uint8_t)json_number(request, "copies", 2, 1),
		.remaining = (uint32_t)json_number(request, "count", 0xffffffff, 1),
	};

	storvsp_set_answer(storvsp, &answer);
}

static int storvsp_control_add(struct storvsp_config *c, const cJSON *request, uint8_t lun,
			       char err[HV_ERR_MAX])
{
	struct scsi_disk_options options = {
		.image = json_text(request, "file"),
		.serial = json_text(request, "serial"),
		.read_only = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(request, "ro")),
		.block_bytes = (uint32_t)json_number(request, "block", 4096, 0),
	};

	const char *provisioning = json_text(request, "provisioning");

	if (!options.image) {
		snprintf(err, HV_ERR_MAX, "disk-add needs \"file\"");
		return -1;
	}
	if (provisioning && storvsp_parse_provisioning(provisioning, &options.provisioning)) {
		snprintf(err, HV_ERR_MAX, "\"provisioning\" is unmap, write-same, full or none");
		return -1;
	}
	return storvsp_plug(c, &options, lun, err) ? -1 : 1;
}

/* With "orderly" the disks go first; without it, or if nobody uses the controller, the core acts. */
static int storvsp_control_rescind(struct storvsp_config *c, const cJSON *request)
{
	const char *device = json_text(request, "device");

	if (!device || strcmp(device, STORVSP_NAME) || !c->storvsp ||
	    !cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(request, "orderly")))
		return 0;
	return storvsp_retire(c->storvsp) ? 0 : 1;
}

static int storvsp_control(void *config, const char *cmd, const cJSON *request, cJSON *reply,
			   char err[HV_ERR_MAX])
{
	struct storvsp_config *c = config;
	struct scsi_disk *disk;
	double lun;

	if (!strcmp(cmd, "rescind"))
		return storvsp_control_rescind(c, request);
	if (strncmp(cmd, "disk-", 5))
		return 0;
	lun = json_number(request, "lun", STORVSP_MAX_LUNS - 1, -1);
	if (!c->storvsp || lun < 0) {
		snprintf(err, HV_ERR_MAX,
			 c->storvsp ? "%s needs \"lun\" from 0 to %u"
				    : "%s: no controller, LUN 0..%u",
			 cmd, STORVSP_MAX_LUNS - 1);
		return -1;
	}
	if (!strcmp(cmd, "disk-add"))
		return storvsp_control_add(c, request, (uint8_t)lun, err);
	disk = storvsp_disk(c->storvsp, (uint8_t)lun);
	if (!disk) {
		snprintf(err, HV_ERR_MAX, "%s: no disk at LUN %u", cmd, (unsigned int)lun);
		return -1;
	}
	if (!strcmp(cmd, "disk-remove")) {
		storvsp_detach(c->storvsp, (uint8_t)lun);
		return 1;
	}
	if (!strcmp(cmd, "disk-resized")) {
		cJSON_AddBoolToObject(reply, "changed", scsi_disk_resized(disk));
		return 1;
	}
	if (!strcmp(cmd, "disk-fault"))
		return storvsp_control_fault(disk, request);
	if (!strcmp(cmd, "disk-answer")) {
		storvsp_control_answer(c->storvsp, (uint8_t)lun, request);
		return 1;
	}
	snprintf(err, HV_ERR_MAX, "%s is none of disk-add, disk-remove, disk-resized, disk-fault, disk-answer",
		 cmd);
	return -1;
}

static void storvsp_query(void *config, cJSON *reply)
{
	struct storvsp_config *c = config;
	cJSON *state, *luns;
	unsigned int lun;
	char text[16];

	if (!c->storvsp)
		return;
	state = cJSON_AddObjectToObject(reply, STORVSP_NAME);
	cJSON_AddStringToObject(state, "state", storvsp_state_name(c->storvsp));
	if (storvsp_version(c->storvsp)) {
		snprintf(text, sizeof(text), "%u.%u", storvsp_version(c->storvsp) >> 8,
			 storvsp_version(c->storvsp) & 0xff);
		cJSON_AddStringToObject(state, "version", text);
	} else {
		cJSON_AddNullToObject(state, "version");
	}
	luns = cJSON_AddArrayToObject(state, "luns");
	for (lun = 0; lun < STORVSP_MAX_LUNS; lun++)
		if (storvsp_disk(c->storvsp, (uint8_t)lun))
			cJSON_AddItemToArray(luns, cJSON_CreateNumber(lun));
}

static void storvsp_stop(void *config)
{
	struct storvsp_config *c = config;
	unsigned int i;

	storvsp_free(c->storvsp);
	for (i = 0; i < STORVSP_MAX_LUNS; i++)
		free(c->disks[i].text);
}

const struct device_type storvsp_type = {
	.name = "storvsp",
	.config_size = sizeof(struct storvsp_config),
	.options = storvsp_options,
	.start = storvsp_start,
	.commands = "disk-add lun=N file=FILE ro=true block=4096 serial=TEXT\n"
		    "                          plug a disk in\n"
		    "disk-remove lun=N         pull a disk out\n"
		    "disk-resized lun=N        look at the image's size again\n"
		    "disk-fault lun=N opcode=N first=LBA last=LBA key=N asc=N ascq=N count=N\n"
		    "                          fail the next commands that touch these blocks\n"
		    "disk-answer lun=N opcode=N srb=N scsi=N copies=0|1|2 count=N\n"
		    "                          carry out the next commands, but answer so\n"
		    "rescind device=scsi0 orderly=true\n"
		    "                          take the disks away, wait for silence, then the controller",
	.control = storvsp_control,
	.query = storvsp_query,
	.stop = storvsp_stop,
};
