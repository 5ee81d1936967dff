// SPDX-License-Identifier: GPL-2.0-only
/* What one call must leave alone: other transfers, other channels, what comes later. */
#include "kselftest_harness.h"
#include "flight.h"
#include "session.h"

SESSION_FIXTURE(edges)

FLIGHT_VARIANTS(edges);

FIXTURE_SETUP(edges)
{
	SESSION_SETUP(self);
	ASSERT_EQ(0, flight_prepare(self->s, variant->device, variant->config));
}

/* Transfer x has 64 bytes more than the one before. */
#define UNEQUAL(x)	(64 * ((x) + 1))

static int queue_unequal(int s, const char *type, int x)
{
	return (!strcmp(type, "memcpy") ?
		say(s, "prep %d memcpy 0@%d 1@%d %d", x, x * PART, x * PART, UNEQUAL(x)) :
		say(s, "prep %d slave_sg to-device 1@%d:%d", x, x * PART, UNEQUAL(x))) ?:
	       say(s, "submit %d", x);
}

/* What is said of each is about itself, whichever runs. */
TEST_F(edges, status_is_of_each)
{
	const char *answer;

	ASSERT_OK(self->s, "gate hold");
	for (int x = 0; x < COUNT; x++)
		ASSERT_EQ(0, queue_unequal(self->s, variant->type, x));
	for (int x = 0; x < COUNT && variant->ordered; x++) {
		answer = ask(self->s, "status %d", x);
		EXPECT_EQ(answer, strstr(answer, "ok in-progress "))
			TH_LOG("%d: %s", x, answer);
	}
	EXPECT_OK(self->s, "issue");
	EXPECT_OK(self->s, "gate step %d", UNEQUAL(0) + 32);
	if (variant->ordered)
		EXPECT_OK(self->s, "wait 0 5000");
	for (int x = 0; x < COUNT && variant->ordered; x++) {
		answer = ask(self->s, "status %d", x);
		EXPECT_EQ(answer, strstr(answer, x ? "ok in-progress " : "ok complete "))
			TH_LOG("%d: %s", x, answer);
		if (variant->granularity || !x)
			EXPECT_EQ(x > 1 ? UNEQUAL(x) : x ? UNEQUAL(x) - 32 : 0,
				  field(answer, "residue"))
				TH_LOG("%d: %s", x, answer);
	}
	EXPECT_OK(self->s, "gate release");
	for (int x = 0; x < COUNT; x++)
		EXPECT_OK(self->s, "wait %d 5000", x);
}

/* What is complete stays so, however many have come since. */
TEST_F(edges, old_ones_stay_complete)
{
	const char *answer;

	ASSERT_EQ(0, queue(self->s, variant->type, 0, PART));
	EXPECT_OK(self->s, "issue");
	EXPECT_OK(self->s, "wait 0 5000");
	for (int i = 0; i < 70 && variant->ordered; i++) {
		ASSERT_OK(self->s, "gate hold");
		ASSERT_EQ(0, queue(self->s, variant->type, 1, PART));
		EXPECT_OK(self->s, "issue");
		answer = ask(self->s, "status 0");
		EXPECT_EQ(answer, strstr(answer, "ok complete residue=0 "))
			TH_LOG("after %d: %s", i, answer);
		EXPECT_OK(self->s, "gate release");
		EXPECT_OK(self->s, "wait 1 5000");
	}
}

/* Only what was submitted and issued runs. */
TEST_F(edges, nothing_starts_unasked)
{
	ASSERT_EQ(0, flight_prep(self->s, variant->type, 2, PART, ""));
	ASSERT_OK(self->s, "gate hold");
	ASSERT_EQ(0, queue(self->s, variant->type, 0, PART));
	EXPECT_OK(self->s, "issue");
	ASSERT_EQ(0, queue(self->s, variant->type, 1, PART));
	EXPECT_OK(self->s, "gate release");
	EXPECT_OK(self->s, "wait 0 5000");
	EXPECT_REFUSED(ETIMEDOUT, self->s, "wait 1 50");
	EXPECT_OK(self->s, "issue");
	EXPECT_OK(self->s, "wait 1 5000");
	ASSERT_EQ(0, flight_prep(self->s, variant->type, 3, PART, ""));
	ASSERT_OK(self->s, "submit 3");
	EXPECT_OK(self->s, "issue");
	EXPECT_OK(self->s, "wait 3 5000");
	ASSERT_OK(self->s, "submit 2");
	EXPECT_REFUSED(ETIMEDOUT, self->s, "wait 2 20");
	EXPECT_OK(self->s, "issue");
	EXPECT_OK(self->s, "wait 2 5000");
	for (int x = 0; x < 4; x++)
		EXPECT_CALLS(1, self->s, x);
}

TEST_F(edges, issued_again_in_vain)
{
	ASSERT_EQ(0, queue(self->s, variant->type, 0, SIZE));
	for (int i = 0; i < 3; i++)
		EXPECT_OK(self->s, "issue");
	EXPECT_OK(self->s, "wait 0 5000");
	if (!variant->config)
		EXPECT_OK(self->s, "fill 0 9");
	for (int i = 0; i < 3; i++)
		EXPECT_OK(self->s, "issue");
	usleep(20000);
	EXPECT_CALLS(1, self->s, 0);
	if (!variant->config)
		EXPECT_OK(self->s, "verify 0 9");
	else
		EXPECT_EQ(SIZE, field(ask(self->s, "port 0"), "written"));
}

TEST_F(edges, issued_while_busy)
{
	long seq;

	ASSERT_OK(self->s, "gate hold");
	for (int x = 0; x < 4; x++) {
		ASSERT_EQ(0, queue(self->s, variant->type, x, PART));
		EXPECT_OK(self->s, "issue");
	}
	EXPECT_OK(self->s, "gate release");
	for (int x = 0; x < 4; x++)
		EXPECT_OK(self->s, "wait %d 5000", x);
	for (int x = 1; x < 4 && variant->ordered; x++) {
		seq = field(ask(self->s, "status %d", x - 1), "seq");
		EXPECT_LT(seq, field(ask(self->s, "status %d", x), "seq"));
	}
}

/* A transfer without an interrupt ends, too, and so does what is behind it. */
TEST_F(edges, without_interrupt)
{
	if (!variant->ordered)
		return;
	for (int x = 0; x < 4; x++) {
		ASSERT_EQ(0, flight_prep(self->s, variant->type, x, PART,
					 x % 2 ? "" : "flags=ack"));
		ASSERT_OK(self->s, "submit %d", x);
	}
	EXPECT_OK(self->s, "issue");
	for (int x = 0; x < 4; x++)
		EXPECT_OK(self->s, "wait %d 5000", x);
	ASSERT_EQ(0, flight_prep(self->s, variant->type, 0, PART, "flags=ack"));
	EXPECT_EQ(0, run_xfer(self->s, 0));
	for (int x = 0; x < 4; x++)
		EXPECT_CALLS(x % 2, self->s, x);
}

/* What was not issued is terminated with the rest, and cookies go on. */
TEST_F(edges, terminated_unissued)
{
	long cookie, later;

	if (!variant->terminates)
		return;
	ASSERT_EQ(0, queue(self->s, variant->type, 0, PART));
	cookie = field(session_answer(self->s), "cookie");
	EXPECT_OK(self->s, "terminate sync");
	ASSERT_EQ(0, queue(self->s, variant->type, 1, PART));
	later = field(session_answer(self->s), "cookie");
	EXPECT_LT(cookie, later);
	EXPECT_OK(self->s, "issue");
	EXPECT_OK(self->s, "wait 1 5000");
	usleep(20000);
	EXPECT_CALLS(0, self->s, 0);
	if (!variant->config)
		EXPECT_OK(self->s, "verify 0@0:%d =00", PART);
	else
		EXPECT_EQ(PART, field(ask(self->s, "port 0"), "written"));
}

/* After a termination in flight the channel begins anew, as it was configured. */
TEST_F(edges, terminated_in_flight)
{
	const char *answer;

	if (!variant->terminates)
		return;
	for (int round = 0; round < 3; round++) {
		ASSERT_OK(self->s, "gate hold");
		ASSERT_EQ(0, queue(self->s, variant->type, 0, PART));
		ASSERT_EQ(0, queue(self->s, variant->type, 1, PART));
		EXPECT_OK(self->s, "issue");
		EXPECT_OK(self->s, "gate step 96");
		EXPECT_OK(self->s, "terminate sync");
		ASSERT_EQ(0, queue(self->s, variant->type, 2, PART));
		EXPECT_OK(self->s, "issue");
		EXPECT_OK(self->s, "gate step 160");
		answer = ask(self->s, "status 2");
		EXPECT_EQ(0, field(answer, "calls"));
		if (variant->granularity)
			EXPECT_EQ(PART - 160, field(answer, "residue"))
				TH_LOG("%s", answer);
		EXPECT_OK(self->s, "gate release");
		EXPECT_OK(self->s, "wait 2 5000");
		for (int x = 0; x < 2 && variant->ordered; x++)
			EXPECT_CALLS(0, self->s, x);
	}
}

TEST_F(edges, configured_for_both)
{
	if (!variant->config)
		return;
	ASSERT_OK(self->s, "config from-device port=1 width=2 burst=4");
	EXPECT_OK(self->s, "terminate sync");
	ASSERT_OK(self->s, "prep 0 slave_sg from-device 0@0:512");
	ASSERT_OK(self->s, "prep 1 slave_sg to-device 1@0:512");
	/* What is prepared has the configuration of its preparation. */
	ASSERT_OK(self->s, "config from-device port=0 width=1 burst=1");
	EXPECT_EQ(0, run_xfer(self->s, 0));
	EXPECT_EQ(0, run_xfer(self->s, 1));
	EXPECT_EQ(512, field(ask(self->s, "port 0"), "written"));
	EXPECT_EQ(1 << 4, field(ask(self->s, "port 0"), "widths"));
	EXPECT_EQ(512, field(ask(self->s, "port 1"), "read"));
	EXPECT_EQ(1 << 2, field(ask(self->s, "port 1"), "widths"));
	EXPECT_LT(say(self->s, "config from-device port=1 width=8 burst=1"), 0);
}

/* Whatever is prepared meanwhile, what runs goes where it went. */
TEST_F(edges, prepared_while_busy)
{
	if (!variant->config)
		return;
	ASSERT_OK(self->s, "config from-device port=1 width=4 burst=4");
	ASSERT_OK(self->s, "gate hold");
	ASSERT_EQ(0, queue(self->s, variant->type, 0, PART));
	EXPECT_OK(self->s, "issue");
	EXPECT_OK(self->s, "gate step 96");
	ASSERT_OK(self->s, "prep 1 slave_sg from-device 0@0:512");
	EXPECT_OK(self->s, "gate release");
	EXPECT_OK(self->s, "wait 0 5000");
	EXPECT_EQ(PART, field(ask(self->s, "port 0"), "written"));
	EXPECT_EQ(0, run_xfer(self->s, 1));
	EXPECT_EQ(512, field(ask(self->s, "port 1"), "read"));
}

/* Pausing twice is pausing once; neither issue nor a termination gets that wrong. */
TEST_F(edges, paused)
{
	const char *answer;

	if (!variant->pauses)
		return;
	EXPECT_OK(self->s, "pause");
	ASSERT_EQ(0, queue(self->s, variant->type, 0, SIZE));
	EXPECT_OK(self->s, "issue");
	EXPECT_REFUSED(ETIMEDOUT, self->s, "wait 0 20");
	EXPECT_OK(self->s, "pause");
	EXPECT_OK(self->s, "issue");
	EXPECT_REFUSED(ETIMEDOUT, self->s, "wait 0 20");
	ASSERT_OK(self->s, "gate hold");
	EXPECT_OK(self->s, "resume");
	EXPECT_OK(self->s, "gate step 1000");
	answer = ask(self->s, "status 0");
	if (variant->ordered)
		EXPECT_EQ(answer, strstr(answer, "ok in-progress "))
			TH_LOG("%s", answer);
	EXPECT_OK(self->s, "pause");
	EXPECT_OK(self->s, "resume");
	EXPECT_OK(self->s, "gate release");
	EXPECT_OK(self->s, "wait 0 5000");
	if (variant->config)
		EXPECT_EQ(SIZE, field(ask(self->s, "port 0"), "written"));

	ASSERT_EQ(0, queue(self->s, variant->type, 0, SIZE));
	EXPECT_OK(self->s, "issue");
	EXPECT_OK(self->s, "pause");
	EXPECT_OK(self->s, "terminate sync");
	ASSERT_EQ(0, queue(self->s, variant->type, 0, SIZE));
	EXPECT_OK(self->s, "issue");
	EXPECT_OK(self->s, "wait 0 5000");
}

/* A failure tells how much is left, and is over with the transfer that failed. */
TEST_F(edges, failed)
{
	const char *answer;

	ASSERT_OK(self->s, "inject read 1000");
	ASSERT_EQ(0, queue(self->s, variant->type, 0, SIZE));
	EXPECT_OK(self->s, "issue");
	answer = ask(self->s, "wait 0 5000");
	EXPECT_EQ(SIZE - 1000, field(answer, "left"))
		TH_LOG("%s", answer);
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(0, queue(self->s, variant->type, 0, SIZE));
		EXPECT_OK(self->s, "issue");
		answer = ask(self->s, "wait 0 5000");
		if (variant->ordered)
			EXPECT_EQ(answer, strstr(answer, "ok complete "))
				TH_LOG("%s", answer);
	}
	if (!variant->terminates)
		return;
	ASSERT_OK(self->s, "inject stall 1000");
	ASSERT_EQ(0, queue(self->s, variant->type, 0, SIZE));
	EXPECT_OK(self->s, "issue");
	EXPECT_REFUSED(ETIMEDOUT, self->s, "wait 0 50");
	EXPECT_OK(self->s, "terminate sync");
	ASSERT_EQ(0, queue(self->s, variant->type, 0, SIZE));
	EXPECT_OK(self->s, "issue");
	EXPECT_OK(self->s, "wait 0 5000");
}

/* What waits behind a transfer that fails has its turn. */
TEST_F(edges, failed_alone)
{
	ASSERT_OK(self->s, "inject read 100");
	ASSERT_EQ(0, queue(self->s, variant->type, 0, PART));
	ASSERT_EQ(0, queue(self->s, variant->type, 1, PART));
	EXPECT_OK(self->s, "issue");
	EXPECT_OK(self->s, "wait 0 5000");
	EXPECT_OK(self->s, "wait 1 5000");
}

FIXTURE(pair)
{
	int s[2];
};

/* Two channels of one device. */
FIXTURE_VARIANT(pair)
{
	const char *device;
	const char *config;
	const char *type;
};

FIXTURE_VARIANT_ADD(pair, memcpy)
{
	.device = "dmaconf-stub-memcpy.0",
	.type = "memcpy",
};

FIXTURE_VARIANT_ADD(pair, slave)
{
	.device = "dmaconf-stub-slave.0",
	.config = TO_PORT,
	.type = "slave_sg",
};

FIXTURE_SETUP(pair)
{
	const char *missing = session_prepare();
	char channel[64];

	if (missing)
		SKIP(return, "%s", missing);
	for (int i = 0; i < 2; i++) {
		self->s[i] = session_open();
		ASSERT_LE(0, self->s[i]);
		snprintf(channel, sizeof(channel), "%s/%d", variant->device, i);
		ASSERT_EQ(0, flight_prepare(self->s[i], channel, variant->config));
	}
}

FIXTURE_TEARDOWN(pair)
{
	close(self->s[0]);
	close(self->s[1]);
}

/* Whatever is done to one while the other is half way, that one comes to its end. */
TEST_F(pair, leave_each_other_alone)
{
	static const char * const deeds[] = { "terminate sync", "pause", "inject read 100" };
	const char *answer;

	for (size_t i = 0; i < 2 * ARRAY_SIZE(deeds); i++) {
		int one = self->s[i % 2], other = self->s[(i + 1) % 2];

		ASSERT_OK(one, "gate hold");
		ASSERT_EQ(0, queue(one, variant->type, 0, SIZE));
		EXPECT_OK(one, "issue");
		EXPECT_OK(one, "gate step 1024");
		EXPECT_OK(other, "%s", deeds[i / 2]);
		ASSERT_EQ(0, queue(other, variant->type, 0, SIZE));
		EXPECT_OK(other, "issue");
		usleep(10000);
		answer = ask(one, "status 0");
		EXPECT_EQ(answer, strstr(answer, "ok in-progress "))
			TH_LOG("after %s: %s", deeds[i / 2], answer);
		if (variant->config)
			EXPECT_EQ(SIZE - 1024, field(answer, "residue"))
				TH_LOG("after %s: %s", deeds[i / 2], answer);
		EXPECT_OK(one, "gate release");
		answer = ask(one, "wait 0 5000");
		EXPECT_NE(NULL, strstr(answer, " calls=1 seq="))
			TH_LOG("after %s: %s", deeds[i / 2], answer);
		EXPECT_NE(NULL, strstr(answer, " result=noerror "))
			TH_LOG("after %s: %s", deeds[i / 2], answer);
		EXPECT_OK(other, "resume");
		EXPECT_OK(other, "wait 0 5000");
	}
}

/* The device stays private for as long as one of its channels is held so. */
TEST_F(pair, stay_private)
{
	EXPECT_OK(self->s[1], "release");
	EXPECT_NE(NULL, strstr(ask(self->s[0], "caps"), "private"));
}

TEST_F(pair, are_configured_each)
{
	if (!variant->config)
		return;
	ASSERT_OK(self->s[1], "config to-device port=0 width=1 burst=1");
	for (int i = 0; i < 2; i++) {
		ASSERT_EQ(0, queue(self->s[i], variant->type, 0, SIZE));
		EXPECT_OK(self->s[i], "issue");
		EXPECT_OK(self->s[i], "wait 0 5000");
		EXPECT_EQ(i ? 1 << 1 : 1 << 4, field(ask(self->s[i], "port 0"), "widths"));
	}
}

TEST_HARNESS_MAIN
