// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of file copy: names as they go on the wire, files of any length block by block, refusals,
 * cancelling, a guest that answers with an id of its own.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <hyperv/ic.h>

#include "../devices/fcopy_message.h"
#include "../devices/types.h"
#include "../hyperv/util.h"
#include "ic_guest.h"

static const char *const offered[] = { "fcopy", NULL, NULL };
static char file_path[64];

/* A file of @bytes bytes, each of which depends on where it is. */
static void make_file(size_t bytes)
{
	int fd;

	strcpy(file_path, "/tmp/hvhost-fcopy-XXXXXX");
	fd = mkstemp(file_path);
	for (size_t i = 0; i < bytes; i++) {
		uint8_t byte = (uint8_t)(i * 7 + (i >> 8));

		CHECK_EQ(write(fd, &byte, 1), 1);
	}
	close(fd);
}

static int copy(void *config, const char *to, const char *more, char err[HV_ERR_MAX])
{
	char json[512];

	snprintf(json, sizeof(json), "{\"cmd\":\"fcopy\",\"from\":\"%s\",\"to\":\"%s\"%s}",
		 file_path, to, more);
	return guest_control(&fcopy_type, config, json, err);
}

static void names_are_split(void)
{
	struct fcopy_start body;
	char longest[4 + 260 + 260] = "/";
	const char *why;

	CHECK_EQ(fcopy_start_build(&body, "/etc/x/\xc3\xbc", 3, 0x123456789aull, &why), 0);
	CHECK(!memcmp(body.directory, "/\0e\0t\0c\0/\0x\0/\0\0\0", 16));
	CHECK(!memcmp(body.name, "\xfc\0\0\0", 4));
	CHECK_EQ(get_le32((uint8_t *)&body + 1076), 3);
	CHECK_EQ(get_le64((uint8_t *)&body + 1080), 0x123456789aull);
	CHECK_EQ(fcopy_start_build(&body, "/x", 0, 0, &why), 0);
	CHECK(!memcmp(body.directory, "/\0\0\0", 4));
	CHECK_EQ(fcopy_start_build(&body, "x/y", 0, 0, &why), -EINVAL);
	CHECK_EQ(fcopy_start_build(&body, "", 0, 0, &why), -EINVAL);
	CHECK_EQ(fcopy_start_build(&body, "/x/", 0, 0, &why), -EINVAL);
	CHECK_EQ(fcopy_start_build(&body, "/x\xff", 0, 0, &why), -EINVAL);
	memset(longest + 1, 'a', 259);
	CHECK_EQ(fcopy_start_build(&body, longest, 0, 0, &why), 0);
	CHECK_EQ(body.name[258], htole16('a'));
	CHECK_EQ(body.name[259], 0);
	longest[260] = 'a';
	CHECK_EQ(fcopy_start_build(&body, longest, 0, 0, &why), -EINVAL);
	memset(longest + 1, 'a', 257);
	strcpy(longest + 258, "/b");
	CHECK_EQ(fcopy_start_build(&body, longest, 0, 0, &why), 0);
	strcpy(longest + 258, "a/b");
	CHECK_EQ(fcopy_start_build(&body, longest, 0, 0, &why), -EINVAL);
}

static void files_of_any_length_are_copied(void)
{
	static const size_t lengths[] = { 0, 1, 6143, 6144, 6145, 12288 };
	void *config = guest_start(&fcopy_type, offered);
	struct vmbus_chan *chan = fake_chan("fcopy");
	struct guest_request request;
	char err[HV_ERR_MAX];
	const char *why;
	cJSON *reply;

	guest_agree(chan, 1, 1);
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		const uint8_t *body = request.message + GUEST_BODY;
		size_t done = 0;

		make_file(lengths[i]);
		CHECK_EQ(copy(config, "/in/file", ",\"overwrite\":true", err), HV_CONTROL_LATER);
		CHECK(guest_take(chan, &request));
		CHECK_EQ(request.bytes, GUEST_BODY + 1088);
		CHECK_EQ(get_le32(body), FCOPY_OP_START);
		CHECK_EQ(get_le32(body + 1076), FCOPY_OVERWRITE);
		CHECK_EQ(get_le64(body + 1080), lengths[i]);
		/* As programs answer that read the ring themselves. */
		request.xid = ~0ull;
		guest_answer(chan, &request, 0);
		while (guest_take(chan, &request) && get_le32(body) == FCOPY_OP_WRITE) {
			uint32_t bytes = get_le32(body + 48);

			CHECK_EQ(request.bytes, GUEST_BODY + 6196);
			CHECK_EQ(get_le64(body + 40), done);
			CHECK(bytes && bytes <= 6144);
			for (uint32_t j = 0; j < 6144; j++)
				if (body[52 + j] !=
				    (j < bytes ? (uint8_t)((done + j) * 7 + ((done + j) >> 8)) : 0))
					unit_failures++;
			done += bytes;
			guest_answer(chan, &request, 0);
		}
		CHECK_EQ(done, lengths[i]);
		CHECK_EQ(get_le32(body), FCOPY_OP_COMPLETE);
		CHECK_EQ(request.bytes, GUEST_BODY + 36);
		guest_answer(chan, &request, 0);
		reply = fake_answer(&why);
		CHECK(reply && !why);
		CHECK_EQ(cJSON_GetNumberValue(cJSON_GetObjectItem(reply, "bytes")), lengths[i]);
		unlink(file_path);
	}
	CHECK_EQ(fake_counter("fcopy.copied", "files"), ARRAY_SIZE(lengths));
	CHECK_EQ(fake_violations(NULL), 0);
	guest_stop(&fcopy_type, config);
}

/* Answers until the operation comes. Return: whether it came. */
static bool answer_until(struct vmbus_chan *chan, uint32_t operation, struct guest_request *request)
{
	while (guest_take(chan, request)) {
		if (get_le32(request->message + GUEST_BODY) == operation)
			return true;
		guest_answer(chan, request, 0);
	}
	return false;
}

static void refusals_are_told_in_words(void)
{
	void *config = guest_start(&fcopy_type, offered);
	struct vmbus_chan *chan = fake_chan("fcopy");
	struct guest_request request;
	char err[HV_ERR_MAX];
	const char *why;

	make_file(10000);
	CHECK_EQ(copy(config, "/in/file", "", err), -1);
	guest_agree(chan, 1, 1);
	CHECK_EQ(copy(config, "/in/file", "", err), HV_CONTROL_LATER);
	CHECK(guest_take(chan, &request));
	guest_answer(chan, &request, IC_STATUS_FILE_EXISTS);
	CHECK(fake_answer(&why));
	CHECK_TEXT(why, "fcopy: the guest refused the beginning: 0x80070050 (the file exists)");
	CHECK(!guest_take(chan, &request));

	CHECK_EQ(copy(config, "/in/file", ",\"mkdir\":true", err), HV_CONTROL_LATER);
	CHECK(answer_until(chan, FCOPY_OP_WRITE, &request));
	guest_answer(chan, &request, IC_STATUS_DISK_FULL);
	/* What there is of the file is taken back first. */
	CHECK(!fake_answer(&why));
	CHECK(answer_until(chan, FCOPY_OP_CANCEL, &request));
	guest_answer(chan, &request, IC_STATUS_FAIL);
	CHECK(fake_answer(&why));
	CHECK_TEXT(
		why,
		"fcopy: the guest refused a block before byte 6144: 0x80070070 (the disk is full)");

	CHECK_EQ(copy(config, "/in/file", "", err), HV_CONTROL_LATER);
	CHECK_EQ(copy(config, "/in/other", "", err), -1);
	CHECK(answer_until(chan, FCOPY_OP_COMPLETE, &request));
	guest_answer(chan, &request, IC_STATUS_FAIL);
	CHECK(answer_until(chan, FCOPY_OP_CANCEL, &request));
	guest_answer(chan, &request, 0);
	CHECK(fake_answer(&why) && why);
	CHECK_EQ(fake_counter("fcopy.copied", "cancels"), 2);

	CHECK_EQ(copy(config, "in/file", "", err), -1);
	CHECK_EQ(copy(config, "/in/file", ",\"overwrite\":\"yes\"", err), -1);
	unlink(file_path);
	CHECK_EQ(copy(config, "/in/file", "", err), -1);
	strcpy(file_path, "/tmp");
	CHECK_EQ(copy(config, "/in/file", "", err), -1);
	CHECK(strstr(err, "not a file"));
	CHECK_EQ(guest_control(&fcopy_type, config, "{\"cmd\":\"fcopy\"}", err), -1);
	CHECK(!guest_take(chan, &request));
	CHECK_EQ(fake_violations(NULL), 0);
	guest_stop(&fcopy_type, config);
}

static void a_copy_is_cancelled(void)
{
	void *config = guest_start(&fcopy_type, offered);
	struct vmbus_chan *chan = fake_chan("fcopy");
	struct guest_request request;
	char err[HV_ERR_MAX];
	const char *why;

	make_file(20000);
	guest_agree(chan, 1, 1);
	CHECK_EQ(guest_control(&fcopy_type, config, "{\"cmd\":\"fcopy-cancel\"}", err), -1);
	CHECK_EQ(copy(config, "/in/file", "", err), HV_CONTROL_LATER);
	CHECK(answer_until(chan, FCOPY_OP_WRITE, &request));
	CHECK_EQ(guest_control(&fcopy_type, config, "{\"cmd\":\"fcopy-cancel\"}", err), 1);
	guest_answer(chan, &request, 0);
	CHECK(guest_take(chan, &request));
	CHECK_EQ(get_le32(request.message + GUEST_BODY), FCOPY_OP_CANCEL);
	guest_answer(chan, &request, 0);
	CHECK(fake_answer(&why));
	CHECK_TEXT(why, "fcopy: cancelled after 6144 of 20000 bytes");

	/* The file shrinks, the channel closes, the host ends. */
	CHECK_EQ(copy(config, "/in/file", "", err), HV_CONTROL_LATER);
	CHECK(answer_until(chan, FCOPY_OP_WRITE, &request));
	CHECK_EQ(truncate(file_path, 100), 0);
	guest_answer(chan, &request, 0);
	CHECK(answer_until(chan, FCOPY_OP_CANCEL, &request));
	guest_answer(chan, &request, 0);
	CHECK(fake_answer(&why) && why);
	CHECK_EQ(copy(config, "/in/file", "", err), HV_CONTROL_LATER);
	fake_close(chan);
	CHECK(fake_answer(&why));
	CHECK_TEXT(why, "fcopy: the guest has closed the channel");
	fake_open(chan);
	guest_agree(chan, 1, 1);
	CHECK_EQ(copy(config, "/in/file", "", err), HV_CONTROL_LATER);
	unlink(file_path);
	guest_stop(&fcopy_type, config);
	CHECK(fake_answer(&why) && why);
}

static const struct unit_case cases[] = {
	UNIT_CASE(names_are_split),
	UNIT_CASE(files_of_any_length_are_copied),
	UNIT_CASE(refusals_are_told_in_words),
	UNIT_CASE(a_copy_is_cancelled),
};

int main(void)
{
	return unit_main(cases, ARRAY_SIZE(cases));
}
