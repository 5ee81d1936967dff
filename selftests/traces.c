// SPDX-License-Identifier: GPL-2.0-only
/*
 * What was refused, dropped, terminated or given back leaves no trace, and neither do
 * interrupts that come late, twice or without a reason.
 */
#include "kselftest_harness.h"
#include "flight.h"
#include "session.h"

SESSION_FIXTURE(traces)

FLIGHT_VARIANTS(traces);

FIXTURE_SETUP(traces)
{
	SESSION_SETUP(self);
	ASSERT_EQ(0, flight_prepare(self->s, variant->device, variant->config));
}

/* What was moved of the first transfers, which have nothing to do with it, is all there is. */
static void expect_moved(struct __test_metadata *_metadata, int s, bool port, int len)
{
	if (port) {
		EXPECT_EQ(len, field(ask(s, "port 0"), "written"));
		return;
	}
	if (len)
		EXPECT_OK(s, "verify 0@0:%d 1", len);
	EXPECT_OK(s, "verify 0@%d =00", len);
}

/* What is refused never runs, and what comes after it does. */
TEST_F(traces, refused)
{
	static const struct {
		const char *what;
		int err;
	} refusals[] = { { "prep", -EIO }, { "submit", -ENOMEM } };

	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		ASSERT_OK(self->s, "inject %s", refusals[i].what);
		EXPECT_EQ(refusals[i].err, flight_prep(self->s, variant->type, 1, PART, "") ?:
					   say(self->s, "submit 1"));
		ASSERT_EQ(0, queue(self->s, variant->type, 0, PART));
		EXPECT_OK(self->s, "issue");
		EXPECT_OK(self->s, "wait 0 5000");
		usleep(5000);
		expect_moved(_metadata, self->s, variant->config,
			     variant->config ? (i + 1) * PART : PART);
	}
}

/* Each submission takes the next cookie, however many were prepared and dropped. */
TEST_F(traces, prepared_in_vain)
{
	long cookie, before = 0;

	for (int i = 0; i < 600 && variant->terminates; i++) {
		ASSERT_EQ(0, flight_prep(self->s, variant->type, 0, PART, ""));
		ASSERT_OK(self->s, "terminate sync");
	}
	for (int x = 0; x < 4; x++) {
		ASSERT_EQ(0, flight_prep(self->s, variant->type, 8 + x, 64, ""));
		ASSERT_EQ(0, queue(self->s, variant->type, x, 64));
		cookie = field(session_answer(self->s), "cookie");
		if (x)
			EXPECT_EQ(before + 1, cookie);
		before = cookie;
	}
	EXPECT_OK(self->s, "issue");
	for (int x = 0; x < 4; x++)
		EXPECT_OK(self->s, "wait %d 5000", x);
}

/* Nothing of what was terminated arrives later, whatever comes then. */
TEST_F(traces, terminated_for_good)
{
	if (!variant->terminates || !variant->ordered)
		return;
	ASSERT_OK(self->s, "gate hold");
	ASSERT_EQ(0, queue(self->s, variant->type, 1, PART));
	EXPECT_OK(self->s, "issue");
	EXPECT_OK(self->s, "gate step 96");
	EXPECT_OK(self->s, "terminate sync");
	EXPECT_OK(self->s, "fill 0 =00");
	EXPECT_OK(self->s, "gate release");
	ASSERT_EQ(0, queue(self->s, variant->type, 0, PART));
	EXPECT_OK(self->s, "issue");
	EXPECT_OK(self->s, "wait 0 5000");
	usleep(5000);
	expect_moved(_metadata, self->s, variant->config, PART + (variant->config ? 96 : 0));
}

/* Without a synchronize in between, the next one is moved as a whole all the same. */
TEST_F(traces, restarted_at_once)
{
	if (!variant->terminates)
		return;
	ASSERT_OK(self->s, "gate hold");
	ASSERT_EQ(0, queue(self->s, variant->type, 0, PART));
	EXPECT_OK(self->s, "issue");
	EXPECT_OK(self->s, "gate step 96");
	EXPECT_OK(self->s, "terminate async");
	ASSERT_EQ(0, queue(self->s, variant->type, 1, PART));
	EXPECT_OK(self->s, "issue");
	EXPECT_OK(self->s, "gate release");
	EXPECT_OK(self->s, "wait 1 5000");
	EXPECT_OK(self->s, "synchronize");
	if (!variant->config) {
		EXPECT_OK(self->s, "verify 0@%d:%d 1 %d", PART, PART, PART);
		return;
	}
	EXPECT_EQ(96 + PART, field(ask(self->s, "port 0"), "written"));
}

/* A channel that was given back touches its client's memory no more. */
TEST_F(traces, released_in_flight)
{
	if (!variant->terminates || variant->config || !variant->ordered)
		return;
	ASSERT_OK(self->s, "gate hold");
	ASSERT_EQ(0, queue(self->s, variant->type, 0, SIZE));
	EXPECT_OK(self->s, "issue");
	EXPECT_OK(self->s, "gate step 96");
	EXPECT_OK(self->s, "terminate sync");
	EXPECT_OK(self->s, "gate release");
	EXPECT_OK(self->s, "release");
	usleep(10000);
	EXPECT_OK(self->s, "verify 0@0:96 1");
	EXPECT_OK(self->s, "verify 0@96 =00");
}

/* Buffers are mapped for the same device before a transfer and after it. */
TEST_F(traces, mapped_again)
{
	for (int i = 0; i < 2; i++) {
		ASSERT_EQ(0, queue(self->s, variant->type, 0, SIZE));
		EXPECT_OK(self->s, "issue");
		EXPECT_OK(self->s, "wait 0 5000");
		EXPECT_OK(self->s, "unmap 0");
		EXPECT_OK(self->s, "unmap 1");
		EXPECT_OK(self->s, "map 0");
		EXPECT_OK(self->s, "map 1");
	}
}

/* The channel can be asked for again when its resources could not be allocated once. */
TEST_F(traces, starved)
{
	/* What cannot be terminated has no resources either. */
	if (!variant->terminates)
		return;
	EXPECT_OK(self->s, "release");
	EXPECT_REFUSED(ENODEV, self->s, "request starved %s/0", variant->device);
	EXPECT_OK(self->s, "request device %s/0", variant->device);
}

/* Interrupts that come without a reason, twice, or late change nothing. */
TEST_F(traces, interrupted_in_vain)
{
	const char *answer;

	EXPECT_OK(self->s, "inject irq-spurious");
	ASSERT_OK(self->s, "gate hold");
	ASSERT_EQ(0, queue(self->s, variant->type, 0, PART));
	EXPECT_OK(self->s, "issue");
	EXPECT_OK(self->s, "gate step 96");
	EXPECT_OK(self->s, "inject irq-spurious");
	EXPECT_REFUSED(ETIMEDOUT, self->s, "wait 0 20");
	EXPECT_OK(self->s, "gate release");
	answer = ask(self->s, "wait 0 5000");
	EXPECT_NE(NULL, strstr(answer, " calls=1 seq=1 result=noerror left=0 "))
		TH_LOG("%s", answer);
	EXPECT_OK(self->s, "inject irq-twice");
	ASSERT_EQ(0, flight_prep(self->s, variant->type, 1, PART, "flags=interrupt,ack,plain"));
	EXPECT_EQ(0, run_xfer(self->s, 1));
	usleep(5000);
	EXPECT_CALLS(1, self->s, 1);
	EXPECT_OK(self->s, "inject irq-late");
	ASSERT_EQ(0, queue(self->s, variant->type, 2, PART));
	EXPECT_OK(self->s, "issue");
	answer = ask(self->s, "wait 2 5000");
	EXPECT_NE(NULL, strstr(answer, " calls=1 seq=3 result=noerror left=0 "))
		TH_LOG("%s", answer);
	expect_moved(_metadata, self->s, variant->config, 3 * PART);
}

/* What never came, or comes too late, of a terminated transfer is not the next one's. */
TEST_F(traces, interrupted_late)
{
	static const char * const what[] = { "irq-lost", "irq-late" };

	for (size_t i = 0; i < ARRAY_SIZE(what) && variant->terminates; i++) {
		ASSERT_OK(self->s, "gate hold");
		EXPECT_OK(self->s, "inject %s", what[i]);
		ASSERT_EQ(0, queue(self->s, variant->type, 0, PART));
		EXPECT_OK(self->s, "issue");
		EXPECT_OK(self->s, "gate step %d", PART);
		EXPECT_OK(self->s, "terminate sync");
		ASSERT_EQ(0, queue(self->s, variant->type, 1, PART));
		EXPECT_OK(self->s, "issue");
		EXPECT_REFUSED(ETIMEDOUT, self->s, "wait 1 50");
		EXPECT_OK(self->s, "gate release");
		EXPECT_OK(self->s, "wait 1 5000");
		EXPECT_CALLS(0, self->s, 0);
	}
}

TEST_HARNESS_MAIN
