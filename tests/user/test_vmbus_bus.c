// SPDX-License-Identifier: GPL-2.0
/*
 * The bus in the driver model: which driver gets which device and by what, ids added and removed at run time, overrides,
 * probes that fail, suspends, and the files of devices and channels. See bus_fixture.h for who plays.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "bus_fixture.h"
#include "../../vmbus/socket.c"

#define RELID		5u
#define STRANGE_TEXT	"0badcafe-0001-0002-0304-05060708090a"

static struct hv_device *a_device(struct kunit *test, const guid_t *class_id)
{
	host_offers(RELID, class_id, 1, 0);
	bus_settles();
	KUNIT_ASSERT_NOT_NULL(test, chan_of(RELID));
	return chan_of(RELID)->channel.device_obj;
}

static ssize_t new_id(const char *text)
{
	return new_id_store(&user_driver.driver, text, strlen(text));
}

static ssize_t remove_id(const char *text)
{
	return remove_id_store(&user_driver.driver, text, strlen(text));
}

static void id_added_at_run_time_finds_its_device(struct kunit *test)
{
	struct hv_device *device = a_device(test, &strange_class);

	KUNIT_EXPECT_NULL(test, device->device.driver);
	KUNIT_EXPECT_EQ(test, new_id(STRANGE_TEXT "\n"), (ssize_t)strlen(STRANGE_TEXT "\n"));
	KUNIT_EXPECT_EQ(test, user.probed, 1u);
	KUNIT_EXPECT_EQ(test, user.id.driver_data, 0ul);
	KUNIT_EXPECT_TRUE(test, guid_equal(&user.id.guid, &strange_class));
	KUNIT_EXPECT_PTR_EQ(test, device->device.driver, &user_driver.driver);
	/* Twice, or one of the driver's own. */
	KUNIT_EXPECT_EQ(test, new_id(STRANGE_TEXT), (ssize_t)-EEXIST);
	KUNIT_EXPECT_EQ(test, new_id("ba6163d9-04a1-4d29-b605-72e2ffb1dc7f"), (ssize_t)-EEXIST);
	/* Removed, it is not taken from the device, but finds no other. */
	KUNIT_EXPECT_EQ(test, remove_id(STRANGE_TEXT), (ssize_t)strlen(STRANGE_TEXT));
	KUNIT_EXPECT_EQ(test, remove_id(STRANGE_TEXT), (ssize_t)-ENODEV);
	KUNIT_EXPECT_PTR_EQ(test, device->device.driver, &user_driver.driver);
	host_offers(RELID + 1, &strange_class, 2, 0);
	bus_settles();
	KUNIT_EXPECT_EQ(test, user.probed, 1u);
	/* One that is still there when the driver goes is freed with it. */
	KUNIT_EXPECT_GT(test, new_id(STRANGE_TEXT), (ssize_t)0);
}

static const char * const bad_ids[] = {
	"", "\n", "0badcafe", "0badcafe-0001-0002-0304-05060708090", "0badcafe-0001-0002-0304-05060708090ab",
	"0badcafe_0001-0002-0304-05060708090a", "{0badcafe-0001-0002-0304-05060708090a}", "0badcafg-0001-0002-0304-05060708090a",
};

static void text_that_is_no_id_changes_nothing(struct kunit *test)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad_ids); i++) {
		KUNIT_EXPECT_EQ(test, new_id(bad_ids[i]), (ssize_t)-EINVAL);
		KUNIT_EXPECT_EQ(test, remove_id(bad_ids[i]), (ssize_t)-EINVAL);
	}
	KUNIT_EXPECT_TRUE(test, list_empty(&user_driver.dynids.list));
}

/* In newer kernels the driver core has this. */
static void override_decides_alone(struct kunit *test)
{
	struct hv_device *device = a_device(test, &strange_class);
	char text[64];

	/* Another driver's name keeps ours away from what it would take, our name gets it what it would not. */
	KUNIT_EXPECT_EQ(test, driver_override_store(&device->device, &dev_attr_driver_override, "kunit_user\n", 11), (ssize_t)11);
	KUNIT_EXPECT_EQ(test, driver_override_show(&device->device, &dev_attr_driver_override,
						   kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL)), (ssize_t)11);
	KUNIT_EXPECT_EQ(test, driver_attach(&user_driver.driver), 0);
	KUNIT_EXPECT_EQ(test, user.probed, 1u);
	KUNIT_EXPECT_TRUE(test, guid_is_null(&user.id.guid));
	host_offers(RELID + 1, &strange_class, 2, 0);
	bus_settles();
	strscpy(text, "uio", sizeof(text));
	device = chan_of(RELID + 1)->channel.device_obj;
	KUNIT_EXPECT_EQ(test, driver_override_store(&device->device, &dev_attr_driver_override, text, 3), (ssize_t)3);
	KUNIT_EXPECT_GT(test, new_id(STRANGE_TEXT), (ssize_t)0);
	KUNIT_EXPECT_EQ(test, user.probed, 1u);
	/* An empty name is none. */
	KUNIT_EXPECT_EQ(test, driver_override_store(&device->device, &dev_attr_driver_override, "\n", 1), (ssize_t)1);
	KUNIT_EXPECT_EQ(test, driver_attach(&user_driver.driver), 0);
	KUNIT_EXPECT_EQ(test, user.probed, 2u);
}

static void probe_that_fails_leaves_the_device_for_another_try(struct kunit *test)
{
	struct hv_device *device;

	user.probe_result = -EBUSY;
	device = a_device(test, &scsi_class);
	KUNIT_EXPECT_EQ(test, user.probed, 1u);
	KUNIT_EXPECT_NULL(test, device->device.driver);
	user.probe_result = 0;
	KUNIT_EXPECT_EQ(test, driver_attach(&user_driver.driver), 0);
	KUNIT_EXPECT_EQ(test, user.probed, 2u);
	KUNIT_EXPECT_TRUE(test, host.of[RELID].open);
	/* Unbound and bound again, as by sysfs. */
	vmbus_bus_unbind_device(device);
	KUNIT_EXPECT_EQ(test, user.removed, 1u);
	KUNIT_EXPECT_FALSE(test, host.of[RELID].open);
	KUNIT_EXPECT_EQ(test, driver_attach(&user_driver.driver), 0);
	KUNIT_EXPECT_TRUE(test, host.of[RELID].open);
}

static void device_that_is_being_removed_takes_no_driver(struct kunit *test)
{
	struct hv_device *device = a_device(test, &strange_class);

	atomic_set(&to_chan(device->channel)->adopted, 0);
	KUNIT_EXPECT_GT(test, new_id(STRANGE_TEXT), (ssize_t)0);
	KUNIT_EXPECT_EQ(test, user.probed, 0u);
	atomic_set(&to_chan(device->channel)->adopted, 1);
}

static void driver_comes_with_a_connection_only(struct kunit *test)
{
	static struct hv_driver late = { .name = "kunit_late", .id_table = user_ids };

	vmbus_conn.connected = false;
	KUNIT_EXPECT_EQ(test, __vmbus_driver_register(&late, THIS_MODULE, "kunit"), -ENODEV);
	vmbus_conn.connected = true;
	/* One without a probe gets nothing. */
	KUNIT_ASSERT_EQ(test, __vmbus_driver_register(&late, THIS_MODULE, "kunit"), 0);
	vmbus_driver_unregister(&late);
}

static void shutdown_and_suspend_reach_the_driver(struct kunit *test)
{
	struct hv_device *device = a_device(test, &scsi_class);
	int (*resume)(struct hv_device *hdev) = user_driver.resume;

	vmbus_bus_shutdown(&device->device);
	KUNIT_EXPECT_EQ(test, user.shut_down, 1u);
	KUNIT_EXPECT_EQ(test, vmbus_bus_suspend(&device->device), 0);
	KUNIT_EXPECT_FALSE(test, host.of[RELID].open);
	KUNIT_EXPECT_EQ(test, vmbus_bus_resume(&device->device), 0);
	KUNIT_EXPECT_TRUE(test, host.of[RELID].open);
	KUNIT_EXPECT_EQ(test, user.suspended + user.resumed, 2u);
	/* Not offered again. */
	WRITE_ONCE(device->channel->rescind, true);
	KUNIT_EXPECT_EQ(test, vmbus_bus_resume(&device->device), -ENODEV);
	WRITE_ONCE(device->channel->rescind, false);
	/* Half of the two is not enough. */
	user_driver.resume = NULL;
	KUNIT_EXPECT_EQ(test, vmbus_bus_suspend(&device->device), -EOPNOTSUPP);
	user_driver.resume = resume;

	vmbus_bus_unbind_device(device);
	vmbus_bus_shutdown(&device->device);
	KUNIT_EXPECT_EQ(test, user.shut_down, 1u);
	KUNIT_EXPECT_EQ(test, vmbus_bus_suspend(&device->device), 0);
	KUNIT_EXPECT_EQ(test, vmbus_bus_resume(&device->device), 0);
	KUNIT_EXPECT_EQ(test, vmbus_bus_dma_configure(&device->device), 0);
}

static void device_is_removed_by_old_socket_drivers(struct kunit *test)
{
	struct hv_device *device = a_device(test, &strange_class);

	vmbus_device_unregister(device);
	KUNIT_EXPECT_NULL(test, chan_of(RELID));
	KUNIT_EXPECT_EQ(test, host.released, 1u);
}

static void alias_of_a_device_is_in_its_events(struct kunit *test)
{
	struct kobj_uevent_env *env = kunit_kzalloc(test, sizeof(*env), GFP_KERNEL);
	struct hv_device *device = a_device(test, &strange_class);

	KUNIT_ASSERT_NOT_NULL(test, env);
	KUNIT_EXPECT_EQ(test, vmbus_bus_uevent(&device->device, env), 0);
	KUNIT_EXPECT_EQ(test, strncmp(env->buf, "MODALIAS=vmbus:", 15), 0);
}

/* ---- files */

static const struct attribute *file_named(struct attribute **attrs, const char *name)
{
	for (; *attrs; attrs++)
		if (!strcmp((*attrs)->name, name))
			return *attrs;
	return NULL;
}

struct file_case {
	const char *name, *text;
	bool monitor;
};

/* NULL: whatever it is, there is something. */
static const struct file_case device_files[] = {
	{ "id", "5\n", false },
	{ "state", "3\n", false },
	{ "class_id", NULL, false },
	{ "device_id", NULL, false },
	{ "modalias", NULL, false },
	{ "numa_node", NULL, false },
	{ "vendor", "0x1414\n", false },
	{ "device", "0x1\n", false },
	{ "out_intr_mask", "0\n", false },
	{ "out_read_index", "0\n", false },
	{ "out_write_index", "0\n", false },
	{ "out_read_bytes_avail", "0\n", false },
	{ "out_write_bytes_avail", "12288\n", false },
	{ "in_intr_mask", "0\n", false },
	{ "in_read_index", "0\n", false },
	{ "in_write_index", "0\n", false },
	{ "in_read_bytes_avail", "0\n", false },
	{ "in_write_bytes_avail", "12288\n", false },
	{ "channel_vp_mapping", NULL, false },
	{ "monitor_id", "33\n", true },
	{ "server_monitor_pending", "6\n", true },
	{ "client_monitor_pending", "7\n", true },
	{ "server_monitor_latency", "8\n", true },
	{ "client_monitor_latency", "9\n", true },
	{ "server_monitor_conn_id", "10\n", true },
	{ "client_monitor_conn_id", "11\n", true },
};

static void device_file_desc(const struct file_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(device_file, device_files, device_file_desc);

/* A device with monitor bit 1 of group 1, and something in the pages there. */
static struct hv_device *a_monitored_device(struct kunit *test)
{
	struct vmbus_msg_offer offer = an_offer(RELID, &scsi_class, 1, 0);
	unsigned int page;

	for (page = 0; page < 2; page++) {
		fixture_monitor[page].group[1].pending = cpu_to_le32(6 + page);
		fixture_monitor[page].latency_100ns[1][1] = cpu_to_le16(8 + page);
		fixture_monitor[page].parameter[1][1].connection_id = cpu_to_le32(10 + page);
	}
	offer.monitor_flags = VMBUS_OFFER_MONITOR_ALLOCATED;
	offer.monitor_id = 33;
	host_sends_offer(&offer);
	bus_settles();
	KUNIT_ASSERT_NOT_NULL(test, chan_of(RELID));
	return chan_of(RELID)->channel.device_obj;
}

static void file_of_a_device_says_what_is(struct kunit *test)
{
	const struct file_case *c = test->param_value;
	struct hv_device *device = a_monitored_device(test);
	const struct attribute *attr = file_named(c->monitor ? vmbus_device_monitor_attrs : vmbus_device_attrs, c->name);
	char *buf = (char *)get_zeroed_page(GFP_KERNEL);
	struct device_attribute *file;
	ssize_t bytes;

	KUNIT_ASSERT_NOT_NULL(test, attr);
	KUNIT_ASSERT_NOT_NULL(test, buf);
	file = container_of(attr, struct device_attribute, attr);
	bytes = file->show(&device->device, file, buf);
	KUNIT_EXPECT_GT(test, bytes, (ssize_t)0);
	if (c->text)
		KUNIT_EXPECT_STREQ(test, buf, c->text);
	/* What tells of the rings has nothing to tell without them. */
	vmbus_bus_unbind_device(device);
	bytes = file->show(&device->device, file, buf);
	if (!strncmp(c->name, "out_", 4) || !strncmp(c->name, "in_", 3))
		KUNIT_EXPECT_EQ(test, bytes, (ssize_t)-EINVAL);
	else
		KUNIT_EXPECT_GT(test, bytes, (ssize_t)0);
	free_page((unsigned long)buf);
}

static void files_of_the_monitor_are_there_with_one(struct kunit *test)
{
	struct hv_device *device = a_device(test, &scsi_class);
	struct kobject *kobj = &device->device.kobj;

	KUNIT_EXPECT_EQ(test, vmbus_device_monitor_visible(kobj, &dev_attr_server_monitor_pending.attr, 1), (umode_t)0);
	KUNIT_EXPECT_EQ(test, vmbus_device_monitor_visible(kobj, &dev_attr_monitor_id.attr, 0), (umode_t)0444);
	KUNIT_EXPECT_EQ(test, channel_monitor_visible(&device->channel->kobj, &channel_attr_pending.attr, 0), (umode_t)0);
	device->channel->offermsg.monitor_allocated = 1;
	KUNIT_EXPECT_EQ(test, vmbus_device_monitor_visible(kobj, &dev_attr_server_monitor_pending.attr, 1), (umode_t)0444);
	KUNIT_EXPECT_EQ(test, channel_monitor_visible(&device->channel->kobj, &channel_attr_pending.attr, 0), (umode_t)0444);
	device->channel->offermsg.monitor_allocated = 0;
}

static void every_channel_of_a_device_is_in_its_mapping(struct kunit *test)
{
	struct hv_device *device = a_device(test, &heartbeat_class);
	char *buf = (char *)get_zeroed_page(GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, buf);
	host_offers(RELID + 1, &heartbeat_class, 1, 1);
	bus_settles();
	KUNIT_EXPECT_GT(test, channel_vp_mapping_show(&device->device, &dev_attr_channel_vp_mapping, buf), (ssize_t)0);
	KUNIT_EXPECT_STREQ(test, buf, "5:0\n6:0\n");
	free_page((unsigned long)buf);
}

static const struct file_case channel_files[] = {
	{ "out_mask", "0\n", false }, { "in_mask", "0\n", false }, { "read_avail", "0\n", false },
	{ "write_avail", "12288\n", false }, { "cpu", NULL, false }, { "interrupts", "21\n", false },
	{ "events", "22\n", false }, { "intr_in_full", "23\n", false }, { "intr_out_empty", "24\n", false },
	{ "out_full_first", "25\n", false }, { "out_full_total", "26\n", false }, { "subchannel_id", "0\n", false },
	{ "monitor_id", "33\n", true }, { "pending", "7\n", true }, { "latency", "9\n", true },
};
KUNIT_ARRAY_PARAM(channel_file, channel_files, device_file_desc);

static void file_of_a_channel_says_what_is(struct kunit *test)
{
	const struct file_case *c = test->param_value;
	struct vmbus_channel *channel = a_monitored_device(test)->channel;
	struct attribute *attr = (struct attribute *)file_named(c->monitor ? channel_monitor_attrs : channel_attrs, c->name);
	char *buf = (char *)get_zeroed_page(GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, attr);
	KUNIT_ASSERT_NOT_NULL(test, buf);
	channel->interrupts = 21;
	channel->sig_events = 22;
	channel->intr_in_full = 23;
	channel->intr_out_empty = 24;
	channel->out_full_first = 25;
	channel->out_full_total = 26;
	KUNIT_EXPECT_GT(test, channel_show(&channel->kobj, attr, buf), (ssize_t)0);
	if (c->text)
		KUNIT_EXPECT_STREQ(test, buf, c->text);
	if (strcmp(c->name, "cpu"))
		KUNIT_EXPECT_EQ(test, channel_store(&channel->kobj, attr, "1", 1), (ssize_t)-EIO);
	free_page((unsigned long)buf);
}

static void cpu_of_a_channel_takes_what_is_one(struct kunit *test)
{
	static const char * const bad[] = { "", "x", "-1", "1x", "4294967296" };
	struct vmbus_channel *channel = a_device(test, &heartbeat_class)->channel;
	struct attribute *attr = &channel_attr_cpu.attr;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ(test, channel_store(&channel->kobj, attr, bad[i], strlen(bad[i])), (ssize_t)-EIO);
	KUNIT_EXPECT_EQ(test, channel_store(&channel->kobj, attr, "99999", 5), (ssize_t)-EINVAL);
	KUNIT_EXPECT_EQ(test, channel_store(&channel->kobj, attr, "0\n", 2), (ssize_t)2);
	KUNIT_EXPECT_EQ(test, channel->target_cpu, 0u);
}

static void bus_says_whether_it_can_hibernate(struct kunit *test)
{
	char *buf = (char *)get_zeroed_page(GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, buf);
	host.hibernates = true;
	KUNIT_EXPECT_EQ(test, hibernation_show(NULL, buf), (ssize_t)2);
	KUNIT_EXPECT_STREQ(test, buf, "1\n");
	free_page((unsigned long)buf);
}

static void directory_follows_the_number_of_its_channel(struct kunit *test)
{
	struct vmbus_chan *chan = to_chan(a_device(test, &strange_class)->channel);

	KUNIT_EXPECT_STREQ(test, kobject_name(&chan->channel.kobj), "5");
	chan->relid = 9;
	vmbus_bus_renumber_channel(chan);
	KUNIT_EXPECT_STREQ(test, kobject_name(&chan->channel.kobj), "9");
	chan->relid = RELID;
	vmbus_bus_renumber_channel(chan);
	KUNIT_EXPECT_STREQ(test, kobject_name(&chan->channel.kobj), "5");
}

static void sockets_are_asked_for_where_there_are_any(struct kunit *test)
{
	vmbus_proto_version = VMBUS_VERSION_3_0;
	KUNIT_EXPECT_EQ(test, vmbus_send_tl_connect_request(&strange_class, &scsi_class), -EOPNOTSUPP);
	vmbus_proto_version = VMBUS_VERSION_4_0;
	KUNIT_EXPECT_EQ(test, vmbus_send_tl_connect_request(&strange_class, &scsi_class), 0);
	KUNIT_EXPECT_EQ(test, host.connects, 1u);
	host.post_result = -EAGAIN;
	KUNIT_EXPECT_EQ(test, vmbus_send_tl_connect_request(&strange_class, &scsi_class), -EAGAIN);
}

static struct kunit_case bus_cases[] = {
	KUNIT_CASE(id_added_at_run_time_finds_its_device),
	KUNIT_CASE(text_that_is_no_id_changes_nothing),
	KUNIT_CASE(override_decides_alone),
	KUNIT_CASE(probe_that_fails_leaves_the_device_for_another_try),
	KUNIT_CASE(device_that_is_being_removed_takes_no_driver),
	KUNIT_CASE(driver_comes_with_a_connection_only),
	KUNIT_CASE(shutdown_and_suspend_reach_the_driver),
	KUNIT_CASE(device_is_removed_by_old_socket_drivers),
	KUNIT_CASE(alias_of_a_device_is_in_its_events),
	KUNIT_CASE_PARAM(file_of_a_device_says_what_is, device_file_gen_params),
	KUNIT_CASE(files_of_the_monitor_are_there_with_one),
	KUNIT_CASE(every_channel_of_a_device_is_in_its_mapping),
	KUNIT_CASE_PARAM(file_of_a_channel_says_what_is, channel_file_gen_params),
	KUNIT_CASE(cpu_of_a_channel_takes_what_is_one),
	KUNIT_CASE(bus_says_whether_it_can_hibernate),
	KUNIT_CASE(directory_follows_the_number_of_its_channel),
	KUNIT_CASE(sockets_are_asked_for_where_there_are_any),
	{}
};

static struct kunit_suite bus_suite = {
	.name = "vmbus_bus",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = bus_cases,
};
kunit_test_suite(bus_suite);
