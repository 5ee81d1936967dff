// SPDX-License-Identifier: GPL-2.0-only
/*
 * Transfers in flight: their order, how far they are, and what stops them. The bench
 * holds the engine at the byte that a test is about.
 */
#include <sys/wait.h>
#include <signal.h>

#include "kselftest_harness.h"
#include "session.h"

#define SIZE	4096
#define COUNT	8

SESSION_FIXTURE(flight)

/* What kind of transfer runs on the device: memcpy to buffer 0, or slave_sg to port 0. */
FIXTURE_VARIANT(flight)
{
	const char *device;
	const char *config;
	const char *type;
	bool terminates;
	bool pauses;
	bool ordered;
	int granularity;	/* of the residue in bytes */
};

#define IN_MEMORY	"prep %d memcpy 0@%d 1@%d %d"

FIXTURE_VARIANT_ADD(flight, memcpy)
{
	.device = "dmaconf-stub-memcpy.0",
	.type = "memcpy",
	.terminates = true,
	.pauses = true,
	.ordered = true,
};

FIXTURE_VARIANT_ADD(flight, min)
{
	.device = "dmaconf-stub-min.0",
	.type = "memcpy",
	.ordered = true,
};

FIXTURE_VARIANT_ADD(flight, mixed)
{
	.device = "dmaconf-stub-mixed.0",
	.type = "memcpy",
	.terminates = true,
	.pauses = true,
};

FIXTURE_VARIANT_ADD(flight, slave)
{
	.device = "dmaconf-stub-slave.0",
	.config = "config to-device port=0 width=4 burst=4",
	.type = "slave_sg",
	.terminates = true,
	.pauses = true,
	.ordered = true,
	.granularity = 16,
};

FIXTURE_VARIANT_ADD(flight, virt)
{
	.device = "dmaconf-stub-virt.0",
	.config = "config to-device port=0 width=4 burst=4",
	.type = "slave_sg",
	.terminates = true,
	.pauses = true,
	.ordered = true,
	.granularity = 16,
};

FIXTURE_SETUP(flight)
{
	const char *caps;

	SESSION_SETUP(self);
	ASSERT_OK(self->s, "request device %s", variant->device);
	ASSERT_OK(self->s, "alloc 0 %d streaming from-device", SIZE);
	ASSERT_OK(self->s, "alloc 1 %d streaming to-device", SIZE);
	ASSERT_OK(self->s, "fill 1 1");
	ASSERT_OK(self->s, "map 0");
	ASSERT_OK(self->s, "map 1");
	if (variant->config)
		ASSERT_OK(self->s, "%s", variant->config);
	caps = ask(self->s, "caps");
	if (variant->config)
		EXPECT_EQ(variant->pauses, field(caps, "pause"));
}

/* Prepares and submits a transfer of its own part. */
static int queue(int s, const char *type, int x, int len)
{
	return (!strcmp(type, "memcpy") ?
		say(s, IN_MEMORY, x, x * len, x * len, len) :
		say(s, "prep %d slave_sg to-device 1@%d:%d", x, x * len, len)) ?:
	       say(s, "submit %d", x);
}

static int queue_all(int s, const char *type)
{
	int ret = 0;

	for (int x = 0; x < COUNT && !ret; x++)
		ret = queue(s, type, x, SIZE / COUNT);
	return ret;
}

TEST_F(flight, called_in_order)
{
	int seq, before = 0;

	ASSERT_EQ(0, queue_all(self->s, variant->type));
	for (int x = 0; x < COUNT; x++)
		EXPECT_EQ(0, field(ask(self->s, "status %d", x), "calls"));
	EXPECT_OK(self->s, "issue");
	for (int x = 0; x < COUNT; x++)
		EXPECT_OK(self->s, "wait %d 5000", x);
	for (int x = 0; x < COUNT; x++) {
		const char *answer = ask(self->s, "status %d", x);

		EXPECT_EQ(1, field(answer, "calls"));
		seq = field(answer, "seq");
		if (variant->ordered)
			EXPECT_LT(before, seq);
		before = seq;
	}
}

TEST_F(flight, cookies_grow)
{
	long cookie, before = 0;

	for (int x = 0; x < COUNT; x++) {
		ASSERT_EQ(0, queue(self->s, variant->type, x, 64));
		cookie = strtol(strchr(session_answer(self->s), '=') + 1, NULL, 0);
		EXPECT_LT(before, cookie);
		before = cookie;
	}
}

TEST_F(flight, waits_for_issue)
{
	ASSERT_EQ(0, queue(self->s, variant->type, 0, SIZE));
	EXPECT_REFUSED(ETIMEDOUT, self->s, "wait 0 50");
	EXPECT_OK(self->s, "issue");
	EXPECT_OK(self->s, "wait 0 5000");
	EXPECT_OK(self->s, "issue");
}

/* What is left, seen while the engine stands still. */
TEST_F(flight, residue_shrinks)
{
	const char *answer;
	long residue;

	ASSERT_OK(self->s, "gate hold");
	ASSERT_EQ(0, queue(self->s, variant->type, 0, SIZE));
	EXPECT_OK(self->s, "issue");
	for (int moved = 0; moved < SIZE; moved += 512) {
		answer = ask(self->s, "status 0");
		residue = field(answer, "residue");
		if (variant->ordered)
			EXPECT_EQ(answer, strstr(answer, "ok in-progress "))
				TH_LOG("%s", answer);
		if (variant->granularity)
			EXPECT_EQ(SIZE - moved, residue)
				TH_LOG("%s", answer);
		EXPECT_EQ(0, field(answer, "calls"));
		EXPECT_STREQ("ok moved=512", ask(self->s, "gate step 512"));
	}
	EXPECT_OK(self->s, "wait 0 5000");
	answer = ask(self->s, "status 0");
	EXPECT_EQ(0, field(answer, "residue"));
	EXPECT_EQ(1, field(answer, "calls"));
}

TEST_F(flight, terminated_stays_so)
{
	const char *answer;

	ASSERT_OK(self->s, "gate hold");
	ASSERT_EQ(0, queue_all(self->s, variant->type));
	EXPECT_OK(self->s, "issue");
	EXPECT_OK(self->s, "gate step 700");
	if (!variant->terminates) {
		EXPECT_LT(say(self->s, "terminate sync"), 0);
		return;
	}
	EXPECT_OK(self->s, "terminate sync");
	EXPECT_OK(self->s, "gate release");
	usleep(20000);
	for (int x = COUNT / 2; x < COUNT && variant->ordered; x++) {
		answer = ask(self->s, "status %d", x);
		EXPECT_EQ(0, field(answer, "calls"))
			TH_LOG("%s", answer);
	}
	/* Nothing arrived beyond what was moved before. */
	if (!variant->config && variant->ordered)
		EXPECT_OK(self->s, "verify 0@700 =00");
	ASSERT_EQ(0, queue(self->s, variant->type, 0, SIZE));
	EXPECT_OK(self->s, "issue");
	EXPECT_OK(self->s, "wait 0 5000");
}

/* Between terminate_async and synchronize the buffers are not the client's. */
TEST_F(flight, synchronize_gives_buffers_back)
{
	if (!variant->terminates)
		return;
	ASSERT_OK(self->s, "gate hold");
	ASSERT_EQ(0, queue(self->s, variant->type, 0, SIZE));
	EXPECT_OK(self->s, "issue");
	EXPECT_OK(self->s, "terminate async");
	EXPECT_REFUSED(EBUSY, self->s, "unmap 1");
	EXPECT_OK(self->s, "synchronize");
	EXPECT_OK(self->s, "unmap 1");
	EXPECT_OK(self->s, "free 1");
	EXPECT_OK(self->s, "synchronize");
	EXPECT_OK(self->s, "terminate async");
	EXPECT_OK(self->s, "terminate sync");
}

TEST_F(flight, pause_stops)
{
	const char *answer;

	ASSERT_EQ(0, queue(self->s, variant->type, 0, SIZE));
	if (!variant->pauses) {
		EXPECT_LT(say(self->s, "pause"), 0);
		return;
	}
	ASSERT_OK(self->s, "gate hold");
	EXPECT_OK(self->s, "issue");
	EXPECT_OK(self->s, "gate step 1024");
	EXPECT_OK(self->s, "pause");
	EXPECT_OK(self->s, "gate release");
	EXPECT_REFUSED(ETIMEDOUT, self->s, "wait 0 50");
	answer = ask(self->s, "status 0");
	EXPECT_EQ(0, field(answer, "calls"));
	if (variant->ordered)
		EXPECT_EQ(answer, strstr(answer, "ok paused residue=3072 "))
			TH_LOG("%s", answer);
	EXPECT_OK(self->s, "resume");
	EXPECT_OK(self->s, "wait 0 5000");
}

/* A file closed in the middle: what it held is free at once, and works. */
TEST_F(flight, closed_in_flight)
{
	char request[64];
	int again;

	/* Every channel of the device, the ones behind the first idle. */
	snprintf(request, sizeof(request), "request device %s/0", variant->device);
	for (int steps = 0; steps < 4; steps++) {
		if (variant->terminates && steps > 1)
			ASSERT_OK(self->s, "gate hold");
		ASSERT_EQ(0, queue_all(self->s, variant->type));
		if (steps > 0)
			EXPECT_OK(self->s, "issue");
		if (variant->terminates && steps > 2)
			EXPECT_OK(self->s, "gate step 700");
		close(self->s);

		again = session_open();
		ASSERT_LE(0, again);
		ASSERT_OK(again, "%s", request);
		ASSERT_OK(again, "alloc 0 %d streaming from-device", SIZE);
		ASSERT_OK(again, "alloc 1 %d streaming to-device", SIZE);
		ASSERT_OK(again, "map 0");
		ASSERT_OK(again, "map 1");
		if (variant->config)
			ASSERT_OK(again, "%s", variant->config);
		ASSERT_EQ(0, queue(again, variant->type, 0, SIZE));
		EXPECT_OK(again, "issue");
		EXPECT_OK(again, "wait 0 5000");
		self->s = again;
	}
}

/* Failures that the bench provokes are told, and end there. */
TEST_F(flight, errors_are_told)
{
	static const struct {
		const char *what, *result;
	} errors[] = {
		{ "read", "result=read-failed" },
		{ "write", "result=write-failed" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		const char *answer;

		ASSERT_OK(self->s, "inject %s 1000", errors[i].what);
		ASSERT_EQ(0, queue(self->s, variant->type, 0, SIZE));
		EXPECT_OK(self->s, "issue");
		answer = ask(self->s, "wait 0 5000");
		EXPECT_NE(NULL, strstr(answer, errors[i].result))
			TH_LOG("%s", answer);
		ASSERT_EQ(0, queue(self->s, variant->type, 0, SIZE));
		EXPECT_OK(self->s, "issue");
		answer = ask(self->s, "wait 0 5000");
		EXPECT_NE(NULL, strstr(answer, "result=noerror"))
			TH_LOG("%s", answer);
	}
	ASSERT_OK(self->s, "inject prep");
	EXPECT_EQ(-EIO, queue(self->s, variant->type, 0, SIZE));
	ASSERT_OK(self->s, "inject submit");
	EXPECT_EQ(-ENOMEM, queue(self->s, variant->type, 0, SIZE));
	EXPECT_EQ(0, queue(self->s, variant->type, 0, SIZE));
}

TEST_HARNESS_MAIN
