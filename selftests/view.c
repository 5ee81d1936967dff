// SPDX-License-Identifier: GPL-2.0-only
/*
 * What user space sees of channels, against the truth: /sys/class/dma, the summary in
 * debugfs, and what each personality says it can do.
 */
#include "kselftest_harness.h"
#include "session.h"
#include "sysfs.h"

#define SUMMARY		"/sys/kernel/debug/dmaengine/summary"

FIXTURE(view)
{
	int s;
	char text[65536];
};

FIXTURE_VARIANT(view)
{
	const char *device;
	const char *types;
	int directions;		/* -1: it says nothing of directions */
	const char *residue;
	bool pause;
	bool terminate;
};

#define VIEW(name, ...)							\
	FIXTURE_VARIANT_ADD(view, name)					\
	{								\
		.device = "dmaconf-stub-" #name ".0",			\
		__VA_ARGS__						\
	}

#define BOTH_WAYS	6	/* BIT(DMA_MEM_TO_DEV) | BIT(DMA_DEV_TO_MEM) */

VIEW(memcpy, .types = "memcpy", .directions = -1);
VIEW(min, .types = "memcpy", .directions = -1);
VIEW(mixed, .types = "memcpy,private,no_order", .directions = -1);
VIEW(memset, .types = "memset,memset_sg", .directions = -1);
#define SLAVE_VIEW(name, what)						\
	VIEW(name, .types = what, .directions = BOTH_WAYS, .residue = "burst", \
	     .pause = true, .terminate = true)

SLAVE_VIEW(slave, "private,slave");
SLAVE_VIEW(cyclic, "private,slave,cyclic");
SLAVE_VIEW(virt, "private,slave,cyclic");

FIXTURE_SETUP(view)
{
	SESSION_SETUP(self);
}

FIXTURE_TEARDOWN(view)
{
	close(self->s);
}

TEST_F(view, in_use)
{
	EXPECT_EQ(0, channel_number(variant->device, 0, "in_use"));
	ASSERT_OK(self->s, "request device %s/0", variant->device);
	EXPECT_EQ(1, channel_number(variant->device, 0, "in_use"));
	EXPECT_OK(self->s, "release");
	EXPECT_EQ(0, channel_number(variant->device, 0, "in_use"));
	ASSERT_OK(self->s, "request device %s/0", variant->device);
	close(self->s);
	EXPECT_EQ(0, channel_number(variant->device, 0, "in_use"));
	self->s = session_open();
}

TEST_F(view, counters)
{
	EXPECT_LE(0, channel_number(variant->device, 0, "memcpy_count"));
	EXPECT_LE(0, channel_number(variant->device, 0, "bytes_transferred"));
}

/* The name that the kernel gave the channel, from the answer to the request. */
static void channel_name(const char *answer, char *name)
{
	if (sscanf(answer, "ok %31s", name) != 1)
		*name = '\0';
}

/* The summary has a line for each channel that is held, and none for others. */
TEST_F(view, summary)
{
	char name[32], line[64];

	ASSERT_LT(0, get_file(SUMMARY, self->text, sizeof(self->text)));
	snprintf(line, sizeof(line), "(%s): number of channels: ", variant->device);
	EXPECT_NE(NULL, strstr(self->text, line));

	channel_name(ask(self->s, "request device %s/0", variant->device), name);
	snprintf(line, sizeof(line), " %s ", name);
	ASSERT_LT(0, get_file(SUMMARY, self->text, sizeof(self->text)));
	EXPECT_NE(NULL, strstr(self->text, line))
		TH_LOG("'%s' is not in '%s'", line, self->text);
	EXPECT_OK(self->s, "release");
	ASSERT_LT(0, get_file(SUMMARY, self->text, sizeof(self->text)));
	EXPECT_EQ(NULL, strstr(self->text, line));
}

TEST_F(view, capabilities)
{
	const char *answer;
	char types[64];

	ASSERT_OK(self->s, "request device %s", variant->device);
	answer = ask(self->s, "caps");
	snprintf(types, sizeof(types), "types=%s", variant->types);
	/* The core adds what it derives from others. */
	for (char *type = strtok(types + 6, ","); type; type = strtok(NULL, ",")) {
		EXPECT_NE(NULL, strstr(answer, type))
			TH_LOG("%s is not in %s", type, answer);
	}
	EXPECT_EQ(variant->directions, field(answer, "directions"));
	if (variant->directions < 0)
		return;
	EXPECT_EQ(0x16, field(answer, "src_widths"));
	EXPECT_EQ(0x16, field(answer, "dst_widths"));
	EXPECT_EQ(16, field(answer, "burst"));
	EXPECT_EQ(variant->pause, field(answer, "pause"));
	EXPECT_EQ(variant->pause, field(answer, "resume"));
	EXPECT_EQ(variant->terminate, field(answer, "terminate"));
	snprintf(types, sizeof(types), " residue=%s ", variant->residue);
	EXPECT_NE(NULL, strstr(answer, types));
}

/* By name there is a link from the client to its channel, and it goes with the release. */
TEST(client_and_channel_are_linked)
{
	const char *link = "/sys/devices/platform/dmaconf-client/dma:tx";
	const char *missing = session_prepare();
	int s;

	if (missing)
		SKIP(return, "%s", missing);
	s = session_open();
	ASSERT_OK(s, "request name tx");
	EXPECT_EQ(0, access(link, F_OK));
	EXPECT_EQ(1, channel_number("dmaconf-stub-slave.0", 0, "in_use"));
	EXPECT_OK(s, "release");
	EXPECT_EQ(-1, access(link, F_OK));
	close(s);
}

TEST_HARNESS_MAIN
