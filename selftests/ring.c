// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cyclic transfers: every period is called back once, when its data is there, lap after
 * lap. The bench gives the engine its credits, so that the place in the ring is known.
 */
#include "kselftest_harness.h"
#include "session.h"

#define SIZE	65536		/* of the ring's buffer, and of the source */

SESSION_FIXTURE(ring)

FIXTURE_VARIANT(ring)
{
	const char *device;
};

DEVICE_VARIANT(ring, cyclic);
DEVICE_VARIANT(ring, virt);

/* The peripheral's bytes begin at the first one again. */
static int supply_anew(int s)
{
	return say(s, "connect 0 none") ?: say(s, "connect 0 source=8 wraps");
}

/* Buffer 1 is sent, 4 received, and 8 is what the peripheral supplies, over and over. */
FIXTURE_SETUP(ring)
{
	SESSION_SETUP(self);
	ASSERT_OK(self->s, "request device %s", variant->device);
	ASSERT_OK(self->s, "alloc 1 %d streaming to-device", SIZE);
	ASSERT_OK(self->s, "alloc 4 %d streaming from-device", SIZE);
	ASSERT_OK(self->s, "alloc 8 %d port", SIZE);
	ASSERT_OK(self->s, "fill 1 1");
	ASSERT_OK(self->s, "fill 4 4");
	ASSERT_OK(self->s, "fill 8 8");
	ASSERT_OK(self->s, "map 1");
	ASSERT_OK(self->s, "map 4");
	ASSERT_EQ(0, supply_anew(self->s));
	ASSERT_OK(self->s, "config from-device port=0 width=4 burst=4");
	ASSERT_OK(self->s, "config to-device port=0 width=4 burst=4");
}

/* A ring that stands at its first byte. */
static int start_ring(int s, const char *dir, const char *part, int period)
{
	return say(s, "gate hold") ?: say(s, "prep 0 cyclic %s %s %d", dir, part, period) ?:
	       say(s, "submit 0") ?: say(s, "issue");
}

/* A callback that is counted, and none besides. */
static void expect_calls(struct __test_metadata *_metadata, int s, int calls, int residue, int len)
{
	const char *answer;
	long left;

	if (calls)
		ASSERT_OK(s, "wait 0 5000 %d", calls);
	answer = ask(s, "status 0");
	EXPECT_EQ(calls, field(answer, "calls"))
		TH_LOG("%d left of %d: %s", residue, len, answer);
	EXPECT_EQ(answer, strstr(answer, "ok in-progress "))
		TH_LOG("%s", answer);
	/* Between two laps nothing is left, or everything. */
	left = field(answer, "residue");
	EXPECT_EQ(residue % len, left % len)
		TH_LOG("%d left of %d: %s", residue, len, answer);
}

/* Goes @laps through a ring of @part, half a period at a time. */
static void go_round(struct __test_metadata *_metadata, int s, const char *part, int len,
		     int period, int laps)
{
	int half = period / 2;

	ASSERT_EQ(0, start_ring(s, "from-device", part, period));
	expect_calls(_metadata, s, 0, len, len);
	for (int moved = half; moved <= laps * len; moved += half) {
		ASSERT_OK(s, "gate step %d", half);
		expect_calls(_metadata, s, moved / period, len - moved % len, len);
	}
	EXPECT_OK(s, "terminate sync");
	EXPECT_OK(s, "gate release");
}

TEST_F(ring, calls_back_each_period)
{
	static const struct {
		const char *part;
		int off, len, period;
	} rings[] = {
		{ "4@0:4096", 0, 4096, 1024 },
		{ "4@36:768", 36, 768, 256 },
		{ "4@100:512", 100, 512, 512 },
		{ "4", 0, SIZE, SIZE / 2 },
	};
	for (size_t i = 0; i < ARRAY_SIZE(rings); i++) {
		int len = rings[i].len, off = rings[i].off;

		EXPECT_OK(self->s, "fill 4 4");
		go_round(_metadata, self->s, rings[i].part, len, rings[i].period, 2);
		/* The second lap is what is there. */
		EXPECT_OK(self->s, "verify %s 8 %d", rings[i].part, len % SIZE);
		if (off)
			EXPECT_OK(self->s, "verify 4@0:%d 4", off);
		if (off + len < SIZE)
			EXPECT_OK(self->s, "verify 4@%d 4 %d", off + len, off + len);
		EXPECT_EQ(0, supply_anew(self->s));
	}
}

TEST_F(ring, has_many_periods)
{
	ASSERT_EQ(0, start_ring(self->s, "from-device", "4@0:8192", 64));
	for (int calls = 1; calls <= 129; calls++) {
		ASSERT_OK(self->s, "gate step 64");
		ASSERT_OK(self->s, "wait 0 5000 %d", calls);
	}
	EXPECT_OK(self->s, "terminate sync");
	EXPECT_EQ(129, field(ask(self->s, "status 0"), "calls"));
	EXPECT_OK(self->s, "verify 4@64:8128 8 64");
	EXPECT_OK(self->s, "verify 4@0:64 8 8192");
}

/* Two laps and a half: every byte of the ring was written, whoever asks how far it is. */
static void keeps_going(struct __test_metadata *_metadata, int s, int calls)
{
	const char *answer = "";
	time_t end = time(NULL) + 5;

	while (time(NULL) < end && field(answer, "calls") < calls) {
		answer = ask(s, "status 0");
		ASSERT_EQ(answer, strstr(answer, "ok in-progress "))
			TH_LOG("%s", answer);
	}
	EXPECT_LE(calls, field(answer, "calls"));
}

TEST_F(ring, goes_round)
{
	ASSERT_OK(self->s, "prep 0 cyclic from-device 4@0:8192 1024");
	EXPECT_OK(self->s, "submit 0");
	EXPECT_OK(self->s, "issue");
	keeps_going(_metadata, self->s, 20);
	EXPECT_OK(self->s, "terminate sync");
	EXPECT_LE(2 * 8192, field(ask(self->s, "port 0"), "read"));
}

/* It stops where it is, goes on there, and says so. */
TEST_F(ring, pauses)
{
	const char *answer;

	ASSERT_EQ(0, start_ring(self->s, "from-device", "4@0:4096", 1024));
	EXPECT_OK(self->s, "gate step 1536");
	EXPECT_OK(self->s, "wait 0 5000 1");
	EXPECT_OK(self->s, "pause");
	EXPECT_OK(self->s, "gate step 1024");
	EXPECT_EQ(1536, field(ask(self->s, "port 0"), "read"));
	answer = ask(self->s, "status 0");
	EXPECT_EQ(answer, strstr(answer, "ok paused residue=2560 calls=1 "))
		TH_LOG("%s", answer);
	EXPECT_OK(self->s, "resume");
	/* Several periods at once may be called back once. */
	EXPECT_OK(self->s, "gate step 2560");
	EXPECT_OK(self->s, "wait 0 5000 2");
	EXPECT_OK(self->s, "terminate sync");
	EXPECT_EQ(4096, field(ask(self->s, "port 0"), "read"));
	EXPECT_OK(self->s, "verify 4@0:4096 8");
}

/* Once terminated it moves nothing and calls nobody back; the next one begins at its start. */
TEST_F(ring, ends_when_terminated)
{
	for (int round = 0; round < 3; round++) {
		ASSERT_OK(self->s, "gate hold");
		ASSERT_OK(self->s, "prep 0 cyclic from-device 4@0:4096 1024 %s",
			  round ? "" : "flags=interrupt,ack,plain");
		EXPECT_EQ(0, say(self->s, "submit 0") ?: say(self->s, "issue"));
		EXPECT_OK(self->s, "gate step 1536");
		EXPECT_OK(self->s, "wait 0 5000 1");
		EXPECT_OK(self->s, "terminate sync");
		EXPECT_OK(self->s, "fill 4 4");
		EXPECT_OK(self->s, "gate release");
		usleep(20000);
		EXPECT_EQ(1, field(ask(self->s, "status 0"), "calls"));
		EXPECT_EQ(1536, field(ask(self->s, "port 0"), "read"));
		EXPECT_OK(self->s, "verify 4 4");
		EXPECT_EQ(0, supply_anew(self->s));
	}
	ASSERT_EQ(0, start_ring(self->s, "from-device", "4@0:4096", 1024));
	EXPECT_OK(self->s, "gate step 1024");
	EXPECT_OK(self->s, "wait 0 5000 1");
	EXPECT_OK(self->s, "terminate sync");
	EXPECT_OK(self->s, "verify 4@0:1024 8");
	EXPECT_OK(self->s, "verify 4@1024 4 1024");
}

/* What is no ring, then, has an end again. */
TEST_F(ring, leaves_others_alone)
{
	const char *answer;

	ASSERT_EQ(0, start_ring(self->s, "to-device", "1@0:4096", 1024));
	EXPECT_OK(self->s, "gate step 1024");
	EXPECT_OK(self->s, "terminate sync");
	EXPECT_OK(self->s, "gate release");
	EXPECT_EQ(0, supply_anew(self->s));
	ASSERT_OK(self->s, "prep 1 slave_sg to-device 1@0:4096");
	EXPECT_EQ(0, run_xfer(self->s, 1));
	usleep(10000);
	answer = ask(self->s, "status 1");
	EXPECT_EQ(answer, strstr(answer, "ok complete residue=0 calls=1 "))
		TH_LOG("%s", answer);
	EXPECT_EQ(4096, field(ask(self->s, "port 0"), "written"));
}

/* What does not go into whole periods is not asked for. */
TEST_F(ring, refuses)
{
	EXPECT_REFUSED(EINVAL, self->s, "prep 0 cyclic from-device 4@0:4096 1000");
	EXPECT_REFUSED(EINVAL, self->s, "prep 0 cyclic from-device 4@0:4096 8192");
	EXPECT_REFUSED(ERANGE, self->s, "prep 0 cyclic from-device 4@0:4096 0");
	EXPECT_REFUSED(EFAULT, self->s, "prep 0 cyclic to-device 4@0:4096 1024");
}

SESSION_FIXTURE(screen)

/* Frames of 256 bytes, of buffer 1, go to port 0 until others replace them. */
FIXTURE_SETUP(screen)
{
	SESSION_SETUP(self);
	ASSERT_OK(self->s, "request device dmaconf-stub-screen.0");
	ASSERT_OK(self->s, "alloc 1 4096 streaming to-device");
	ASSERT_OK(self->s, "map 1");
	ASSERT_OK(self->s, "config to-device port=0 width=4 burst=4");
	ASSERT_OK(self->s, "connect 0 wraps");
	ASSERT_OK(self->s, "gate hold");
	ASSERT_OK(self->s, "prep 0 interleaved to-device 1 4 64 64 flags=interrupt,ack,repeat");
	ASSERT_OK(self->s, "submit 0");
	ASSERT_OK(self->s, "issue");
}

#define EXPECT_STEP(moves, asked)							\
	EXPECT_STREQ("ok moved=" #moves, ask(self->s, "gate step %d", asked))

TEST_F(screen, is_repeated)
{
	EXPECT_STEP(640, 640);
	EXPECT_OK(self->s, "wait 0 5000 1");
	/* What does not say that it replaces waits, and so does what is behind it. */
	ASSERT_OK(self->s, "prep 1 interleaved to-device 1 4 64 64 flags=interrupt,ack");
	EXPECT_OK(self->s, "submit 1");
	EXPECT_OK(self->s, "issue");
	EXPECT_STEP(1024, 1024);
	EXPECT_REFUSED(ETIMEDOUT, self->s, "wait 1 20");
	EXPECT_EQ(1664, field(ask(self->s, "port 0"), "written"));
}

TEST_F(screen, is_replaced_between_frames)
{
	const char *answer;

	EXPECT_STEP(320, 320);
	ASSERT_OK(self->s,
		  "prep 1 interleaved to-device 1 2 64 64 flags=interrupt,ack,repeat,load_eot");
	EXPECT_OK(self->s, "submit 1");
	EXPECT_OK(self->s, "issue");
	/* In the middle of the second frame: what is left of it comes first. */
	EXPECT_STEP(128, 128);
	answer = ask(self->s, "status 0");
	EXPECT_EQ(answer, strstr(answer, "ok in-progress residue=64 "))
		TH_LOG("%s", answer);
	EXPECT_STEP(64, 64);
	answer = ask(self->s, "status 0");
	EXPECT_EQ(answer, strstr(answer, "ok complete residue=0 "))
		TH_LOG("%s", answer);
	EXPECT_STEP(96, 96);
	EXPECT_EQ(32, field(ask(self->s, "status 1"), "residue"));
	EXPECT_OK(self->s, "terminate sync");
}

TEST_HARNESS_MAIN
