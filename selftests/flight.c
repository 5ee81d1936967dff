// SPDX-License-Identifier: GPL-2.0-only
/*
 * Transfers in flight: their order, how far they are, and what stops them. The bench
 * holds the engine at the byte that a test is about.
 */
#include <sys/wait.h>
#include <signal.h>

#include "kselftest_harness.h"
#include "flight.h"
#include "session.h"

SESSION_FIXTURE(flight)

FLIGHT_VARIANTS(flight);

FIXTURE_SETUP(flight)
{
	const char *caps;

	SESSION_SETUP(self);
	ASSERT_EQ(0, flight_prepare(self->s, variant->device, variant->config));
	caps = ask(self->s, "caps");
	if (variant->config)
		EXPECT_EQ(variant->pauses, field(caps, "pause"));
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
		if (!variant->ordered)
			EXPECT_EQ(answer, strstr(answer, "ok out-of-order "));
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

/* The last bytes belong to it, too. */
TEST_F(flight, nearly_done)
{
	const char *answer;

	if (!variant->ordered)
		return;
	ASSERT_OK(self->s, "gate hold");
	ASSERT_EQ(0, queue(self->s, variant->type, 0, SIZE));
	EXPECT_OK(self->s, "issue");
	EXPECT_OK(self->s, "gate step %d", SIZE - 4);
	answer = ask(self->s, "status 0");
	EXPECT_EQ(answer, strstr(answer, "ok in-progress residue="))
		TH_LOG("%s", answer);
	EXPECT_OK(self->s, "gate step 4");
	EXPECT_OK(self->s, "wait 0 5000");
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
	snprintf(request, sizeof(request), "%s/0", variant->device);
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
		ASSERT_EQ(0, flight_prepare(again, request, variant->config));
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
	EXPECT_OK(self->s, "issue");
	EXPECT_OK(self->s, "wait 0 5000");
}

TEST_HARNESS_MAIN
