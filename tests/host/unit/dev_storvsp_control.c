// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of storage's options and control commands: which are taken, which are refused with a line of
 * text and without a change, and what query then says of the controllers.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "../devices/types.h"
#include "dev_unit.h"
#include "fake_vmbus.h"

static char path[] = "/tmp/hvhost-unit-XXXXXX", second[] = "/tmp/hvhost-unit-XXXXXX";
static void *config;
static char err[HV_ERR_MAX];

/* An option; %s in @arg is the first image. Return: as its parser. */
static int option(const char *name, const char *arg)
{
	const struct device_option *o = storvsp_type.options;
	char text[200];

	while (o->name && strcmp(o->name, name))
		o++;
	CHECK(o->name);
	if (!o->name)
		return -1;
	if (arg)
		snprintf(text, sizeof(text), arg, path);
	err[0] = '\0';
	return o->parse(config, arg ? text : NULL, err);
}

/* A control command as JSON; %s is the second image. Return: as the type's control(). */
static int command(const char *json)
{
	cJSON *request, *reply = cJSON_CreateObject();
	char text[300];
	int ret;

	snprintf(text, sizeof(text), json, second);
	request = cJSON_Parse(text);
	CHECK(request);
	err[0] = '\0';
	ret = storvsp_type.control(config,
				   cJSON_GetStringValue(cJSON_GetObjectItem(request, "cmd")),
				   request, reply, err);
	CHECK((ret < 0) == (err[0] != '\0'));
	CHECK(!strchr(err, '\n'));
	cJSON_Delete(request);
	cJSON_Delete(reply);
	return ret;
}

/* What query says of a controller, without the state of the session. */
static bool luns_are(const char *controller, const char *luns)
{
	cJSON *reply = cJSON_CreateObject();
	char *text;
	bool same;

	storvsp_type.query(config, reply);
	text = cJSON_PrintUnformatted(
		cJSON_GetObjectItem(cJSON_GetObjectItem(reply, controller), "luns"));
	same = text && !strcmp(text, luns);
	if (!same)
		printf("# %s has %s\n", controller, text ? text : "nothing");
	cJSON_free(text);
	cJSON_Delete(reply);
	return same;
}

static void begin(void)
{
	config = calloc(1, storvsp_type.config_size);
}

static void end(const char *const *names)
{
	for (; *names; names++) {
		CHECK(fake_chan(*names));
		if (fake_chan(*names))
			fake_release(fake_chan(*names));
	}
	storvsp_type.stop(config);
	free(config);
}

struct refused_case {
	const char *option, *arg;
};

static const struct refused_case refused_cases[] = {
	{ "disk", "" },
	{ "disk", "/nonexistent/image" },
	{ "disk", "%s,lun=256" },
	{ "disk", "%s,lun" },
	{ "disk", "%s,target=1" },
	{ "disk", "%s,controller=4" },
	{ "disk", "%s,controller=ide0" },
	{ "disk", "%s,controller=fc0,lun=32" },
	{ "disk", "%s,controller=fc0,target=8" },
	{ "disk", "%s,provisioning=some" },
	{ "disk", "%s,block=1024" },
	{ "disk", "%s,ro=1" },
	{ "disk", "%s,serial=" },
	{ "dvd", "/nonexistent/disc" },
	{ "dvd", "none,ro" },
	{ "dvd", "none,controller=fc0" },
	{ "ide", "%s,at=4" },
	{ "ide", "%s,shared" },
	{ "ide", "%s,lun=1" },
	{ "fc", "" },
	{ "fc", "0" },
	{ "fc", "1,wwnn" },
	{ "scsi-sub-channels", "64" },
	{ "scsi-sub-channels", "-1" },
};

static void bad_options_are_refused(void)
{
	static const char *const none[] = { NULL };
	size_t i;

	begin();
	for (i = 0; i < sizeof(refused_cases) / sizeof(refused_cases[0]); i++) {
		if (option(refused_cases[i].option, refused_cases[i].arg) < 0 && err[0] &&
		    !strchr(err, '\n'))
			continue;
		printf("# --%s %s: \"%s\"\n", refused_cases[i].option, refused_cases[i].arg, err);
		unit_failures++;
	}
	/* Nothing of it was kept. */
	CHECK_EQ(storvsp_type.start(config, fake_server(), err), 0);
	CHECK(!fake_chan("scsi0"));
	end(none);
}

static void controllers_are_offered(void)
{
	static const char *const names[] = { "scsi0", "scsi1", "ide0", "ide3", "fc0", NULL };

	begin();
	CHECK_EQ(option("scsi", NULL), 0);
	CHECK_EQ(option("scsi", NULL), 0);
	CHECK_EQ(option("disk", "%s,ro,lun=3,controller=1,serial=one"), 0);
	CHECK_EQ(option("disk", "%s,ro,controller=scsi1"), 0);
	CHECK_EQ(option("disk", "%s,ro,controller=fc0,target=2,lun=1"), 0);
	CHECK_EQ(option("ide", "%s,ro"), 0);
	CHECK_EQ(option("ide", "%s,ro,at=3,provisioning=none"), 0);
	CHECK(option("ide", "%s,ro,at=3") < 0);
	CHECK_EQ(option("fc", "0xc003ff0000ff0001,wwnn=0xc003ff0000ffff01"), 0);
	CHECK_EQ(option("dvd", "none,lun=9"), 0);
	CHECK_EQ(option("scsi-sub-channels", "3"), 0);
	CHECK_EQ(storvsp_type.start(config, fake_server(), err), 0);
	CHECK(luns_are("scsi0", "[9]"));
	CHECK(luns_are("scsi1", "[0,3]"));
	CHECK(luns_are("ide0", "[0]"));
	CHECK(luns_are("fc0", "[]"));
	end(names);
}

static void commands_do_what_they_say(void)
{
	static const char *const names[] = { "scsi0", "scsi1", "fc0", NULL };

	begin();
	CHECK_EQ(option("scsi", NULL), 0);
	CHECK_EQ(option("scsi", NULL), 0);
	CHECK_EQ(option("fc", "1"), 0);
	CHECK_EQ(option("dvd", "none,lun=9"), 0);
	CHECK_EQ(storvsp_type.start(config, fake_server(), err), 0);
	CHECK_EQ(command("{\"cmd\":\"nic-link\"}"), 0);
	CHECK(command("{\"cmd\":\"disk-add\",\"file\":\"%s\"}") < 0);
	CHECK(command("{\"cmd\":\"disk-add\",\"lun\":1.5,\"file\":\"%s\"}") < 0);
	CHECK(command("{\"cmd\":\"disk-add\",\"lun\":256,\"file\":\"%s\"}") < 0);
	CHECK(command("{\"cmd\":\"disk-add\",\"lun\":1}") < 0);
	CHECK(command("{\"cmd\":\"disk-add\",\"lun\":1,\"target\":1,\"file\":\"%s\"}") < 0);
	CHECK(command("{\"cmd\":\"disk-add\",\"lun\":1,\"serial\":7,\"file\":\"%s\"}") < 0);
	CHECK(command("{\"cmd\":\"disk-add\",\"lun\":9,\"file\":\"%s\"}") < 0);
	CHECK(command("{\"cmd\":\"disk-add\",\"lun\":1,\"controller\":\"scsi2\",\"file\":\"%s\"}") <
	      0);
	CHECK(luns_are("scsi0", "[9]"));
	/* One file on two controllers, and by nobody else. */
	CHECK_EQ(command("{\"cmd\":\"disk-add\",\"lun\":1,\"shared\":true,\"file\":\"%s\"}"), 1);
	CHECK(command("{\"cmd\":\"disk-add\",\"lun\":2,\"file\":\"%s\"}") < 0);
	CHECK_EQ(command("{\"cmd\":\"disk-add\",\"lun\":1,\"controller\":1,\"shared\":true,"
			 "\"file\":\"%s\"}"),
		 1);
	CHECK(luns_are("scsi0", "[1,9]") && luns_are("scsi1", "[1]"));
	CHECK_EQ(command("{\"cmd\":\"disk-resized\",\"lun\":1}"), 1);
	CHECK_EQ(command("{\"cmd\":\"disk-remove\",\"lun\":1}"), 1);
	CHECK(command("{\"cmd\":\"disk-remove\",\"lun\":1}") < 0);
	CHECK_EQ(command("{\"cmd\":\"disk-remove\",\"lun\":1,\"controller\":\"scsi1\"}"), 1);
	/* Given up by all, it can be a disk of one. */
	CHECK_EQ(command("{\"cmd\":\"disk-add\",\"lun\":7,\"target\":7,\"controller\":\"fc0\","
			 "\"file\":\"%s\"}"),
		 1);
	CHECK_EQ(command("{\"cmd\":\"disk-remove\",\"lun\":7,\"target\":7,\"controller\":\"fc0\"}"),
		 1);
	CHECK_EQ(command("{\"cmd\":\"disk-add\",\"lun\":2,\"file\":\"%s\"}"), 1);
	CHECK_EQ(command("{\"cmd\":\"disk-fault\",\"lun\":2,\"kind\":\"busy\",\"count\":3}"), 1);
	CHECK_EQ(command("{\"cmd\":\"disk-fault\",\"lun\":2,\"opcode\":40,\"key\":3}"), 1);
	CHECK_EQ(command("{\"cmd\":\"disk-fault\",\"lun\":2,\"kind\":\"gone\",\"opcode\":\"any\"}"),
		 1);
	CHECK_EQ(command("{\"cmd\":\"disk-fault\",\"lun\":2,\"kind\":\"none\"}"), 1);
	CHECK(command("{\"cmd\":\"disk-fault\",\"lun\":2,\"kind\":\"bad\"}") < 0);
	CHECK(command("{\"cmd\":\"disk-fault\",\"lun\":2,\"opcode\":256}") < 0);
	CHECK(command("{\"cmd\":\"disk-fault\",\"lun\":2,\"first\":2,\"last\":1}") < 0);
	CHECK(command("{\"cmd\":\"disk-fault\",\"lun\":2,\"count\":0}") < 0);
	CHECK(command("{\"cmd\":\"disk-answer\",\"lun\":2,\"copies\":3}") < 0);
	CHECK_EQ(command("{\"cmd\":\"disk-answer\",\"lun\":2,\"copies\":0}"), 1);
	CHECK(command("{\"cmd\":\"disk-nonsense\",\"lun\":2}") < 0);
	CHECK(command("{\"cmd\":\"dvd-change\",\"lun\":2}") < 0);
	CHECK_EQ(command("{\"cmd\":\"disk-remove\",\"lun\":2}"), 1);
	CHECK_EQ(command("{\"cmd\":\"dvd-change\",\"lun\":9,\"file\":\"%s\"}"), 1);
	CHECK(command("{\"cmd\":\"dvd-change\",\"lun\":9,\"file\":\"/nonexistent\"}") < 0);
	CHECK_EQ(command("{\"cmd\":\"dvd-change\",\"lun\":9}"), 1);
	/* Nobody has the controller open: rescinding it is the core's. */
	CHECK_EQ(command("{\"cmd\":\"rescind\",\"device\":\"scsi0\",\"orderly\":true}"), 0);
	end(names);
}

static const struct unit_case cases[] = {
	UNIT_CASE(bad_options_are_refused),
	UNIT_CASE(controllers_are_offered),
	UNIT_CASE(commands_do_what_they_say),
};

int main(void)
{
	int fd = mkstemp(path), other = mkstemp(second), status;

	if (fd < 0 || other < 0 || ftruncate(fd, 1 << 20) || ftruncate(other, 1 << 20))
		return 2;
	close(fd);
	close(other);
	status = unit_main(cases, sizeof(cases) / sizeof(cases[0]));
	unlink(path);
	unlink(second);
	return status;
}
