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
	const char *align;	/* of memcpy, xor, pq and memset; none, if nothing is said */
	const char *sources;	/* of xor and pq, in the same way */
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
VIEW(memset, .types = "memset,memset_sg", .align = "0/0/0/2", .directions = -1);
VIEW(raid, .types = "xor,pq,xor_val,pq_val,interrupt", .sources = "8/8", .directions = -1);
VIEW(sums, .types = "xor,pq,xor_val,pq_val,interrupt", .sources = "8/8", .directions = -1);
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

/* Whether every word of a list is in another one. */
static bool all_in(const char *some, const char *all)
{
	char words[256], padded[256], word[64];

	snprintf(words, sizeof(words), "%s", some);
	snprintf(padded, sizeof(padded), ",%s,", all);
	for (char *one = strtok(words, ","); one; one = strtok(NULL, ",")) {
		snprintf(word, sizeof(word), ",%s,", one);
		if (!strstr(padded, word))
			return false;
	}
	return true;
}

TEST_F(view, capabilities)
{
	char types[256] = "", allowed[256], expected[128];
	const char *answer;
	int found;

	ASSERT_OK(self->s, "request device %s", variant->device);
	answer = ask(self->s, "caps");
	found = sscanf(answer, "ok types=%255s", types);
	ASSERT_EQ(1, found);
	/* The core adds what it derives from others. */
	snprintf(allowed, sizeof(allowed), "%s,private,async_tx", variant->types);
	EXPECT_TRUE(all_in(variant->types, types) && all_in(types, allowed))
		TH_LOG("not %s: %s", variant->types, answer);
	snprintf(expected, sizeof(expected), " align=%s sources=%s", variant->align ?: "0/0/0/0",
		 variant->sources ?: "0/0");
	EXPECT_NE(NULL, strstr(answer, expected))
		TH_LOG("not%s: %s", expected, answer);
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

/* What the device is said to do about its power, @ms at most after it began to. */
static bool comes_to(const char *device, const char *status, int ms)
{
	char path[128], text[32];

	snprintf(path, sizeof(path), "/sys/devices/platform/%s/power/runtime_status", device);
	for (int i = 0; i < ms; i++, usleep(1000)) {
		if (get_file(path, text, sizeof(text)) < 0)
			return false;
		text[strcspn(text, "\n")] = '\0';
		if (!strcmp(text, status))
			return true;
	}
	return false;
}

/* The device is awake while something runs, and only then. */
TEST(power_follows_transfers)
{
	const char *missing = session_prepare(), *device = "dmaconf-stub-memcpy.0";
	int s;

	if (missing)
		SKIP(return, "%s", missing);
	s = session_open();
	ASSERT_OK(s, "request device %s", device);
	ASSERT_OK(s, "alloc 0 4096 streaming from-device");
	ASSERT_OK(s, "alloc 1 4096 streaming to-device");
	ASSERT_EQ(0, say(s, "map 0") ?: say(s, "map 1"));
	EXPECT_TRUE(comes_to(device, "suspended", 5000));
	for (int i = 0; i < 2; i++) {
		ASSERT_OK(s, "gate hold");
		ASSERT_OK(s, "prep 0 memcpy 0 1 4096");
		ASSERT_EQ(0, say(s, "submit 0") ?: say(s, "issue"));
		EXPECT_TRUE(comes_to(device, "active", 1));
		usleep(30000);
		EXPECT_TRUE(comes_to(device, "active", 1));
		if (i)
			EXPECT_OK(s, "terminate sync");
		EXPECT_OK(s, "gate release");
		if (!i)
			EXPECT_OK(s, "wait 0 5000");
		EXPECT_TRUE(comes_to(device, "suspended", 5000));
	}
	close(s);
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
