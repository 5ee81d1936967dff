// SPDX-License-Identifier: GPL-2.0-only
/* What goes along with a transfer, and descriptors that are submitted again. */
#include "kselftest_harness.h"
#include "session.h"

#define PACKET	"dmaconf-stub-packet.0"
#define SIZE	8192
#define ROOM	64	/* for metadata, in the engine's place */

/*
 * Buffer 0 is sent and 1 received, 4 is for metadata; behind port 0 are a source, buffer
 * 2, and a sink, buffer 3, that begin anew with each test.
 */
static int prepare_port(int s, const char *device)
{
	return say(s, "request device %s", device) ?:
	       say(s, "alloc 0 %d streaming to-device", SIZE) ?:
	       say(s, "alloc 1 %d streaming from-device", SIZE) ?:
	       say(s, "alloc 2 %d port", SIZE) ?: say(s, "alloc 3 %d port", SIZE) ?:
	       say(s, "alloc 4 %d port", SIZE) ?:
	       say(s, "fill 0 0") ?: say(s, "fill 2 2") ?: say(s, "fill 4 4") ?:
	       say(s, "map 0") ?: say(s, "map 1") ?:
	       say(s, "connect 0 source=2 sink=3") ?:
	       say(s, "config to-device port=0 width=4 burst=4") ?:
	       say(s, "config from-device port=0 width=4 burst=4");
}

SESSION_FIXTURE(metadata)

FIXTURE_SETUP(metadata)
{
	SESSION_SETUP(self);
	ASSERT_EQ(0, prepare_port(self->s, PACKET));
}

/* Bytes of a pattern as hexadecimal digits, as the client shows them. */
static const char *digits(uint32_t seed, size_t len)
{
	static char hex[2 * ROOM + 1];

	for (size_t i = 0; i < len; i++)
		sprintf(hex + 2 * i, "%02x", pattern_byte(seed, i));
	hex[2 * len] = '\0';
	return hex;
}

/* The peripheral has received so many bytes of the pattern with the last transfer. */
static void expect_received(struct __test_metadata *_metadata, int s, uint32_t seed, int len)
{
	char expected[2 * ROOM + 32];

	snprintf(expected, sizeof(expected), "ok bytes=%d %s", len, digits(seed, len));
	EXPECT_STREQ(expected, ask(s, "packet received"));
}

TEST_F(metadata, attached_goes_along)
{
	for (int len = ROOM; len; len /= 4) {
		EXPECT_OK(self->s, "prep 0 slave_sg to-device 0@0:256");
		EXPECT_OK(self->s, "metadata 0 attach 4@0:%d", len);
		EXPECT_REFUSED(EBUSY, self->s, "fill 4 1");
		EXPECT_EQ(0, run_xfer(self->s, 0));
		expect_received(_metadata, self->s, 4, len);
		EXPECT_OK(self->s, "verify 4 4");
	}
}

TEST_F(metadata, attached_takes_what_comes)
{
	for (int len = ROOM; len; len /= 4) {
		EXPECT_OK(self->s, "fill 4 4");
		ASSERT_OK(self->s, "packet supply =%s", digits(7, ROOM));
		EXPECT_OK(self->s, "prep 0 slave_sg from-device 1@0:256");
		EXPECT_OK(self->s, "metadata 0 attach 4@0:%d", len);
		EXPECT_EQ(0, run_xfer(self->s, 0));
		EXPECT_OK(self->s, "verify 4@0:%d 7", len);
		EXPECT_OK(self->s, "verify 4@%d 4 %d", len, len);

		/* It is the client's again: what comes later does not reach it. */
		EXPECT_OK(self->s, "fill 4 5");
		EXPECT_OK(self->s, "prep 0 slave_sg from-device 1@0:256");
		EXPECT_EQ(0, run_xfer(self->s, 0));
		EXPECT_OK(self->s, "verify 4 5");
	}
}

TEST_F(metadata, placed_goes_along)
{
	for (int len = ROOM; len; len /= 4) {
		EXPECT_OK(self->s, "prep 0 slave_sg to-device 0@0:256");
		EXPECT_OK(self->s, "metadata 0 place =%s", digits(6, len));
		EXPECT_EQ(0, run_xfer(self->s, 0));
		expect_received(_metadata, self->s, 6, len);
	}
}

TEST_F(metadata, expected_is_found)
{
	char expected[2 * ROOM + 32];

	for (int len = ROOM; len; len /= 4) {
		ASSERT_OK(self->s, "packet supply =%s", digits(8, len));
		EXPECT_OK(self->s, "prep 0 slave_sg from-device 1@0:256");
		EXPECT_OK(self->s, "metadata 0 expect");
		EXPECT_REFUSED(EAGAIN, self->s, "metadata 0 show");
		EXPECT_EQ(0, run_xfer(self->s, 0));
		snprintf(expected, sizeof(expected), "ok bytes=%d room=%d %s", len, ROOM,
			 digits(8, len));
		EXPECT_STREQ(expected, ask(self->s, "metadata 0 show"));
	}
}

/* More than there is room for is refused, by the client or by the provider. */
TEST_F(metadata, has_bounds)
{
	ASSERT_OK(self->s, "prep 0 slave_sg to-device 0@0:256");
	EXPECT_REFUSED(ERANGE, self->s, "metadata 0 place =%s00", digits(0, ROOM));
	EXPECT_REFUSED(EINVAL, self->s, "metadata 0 place =11 %d", ROOM + 1);
	EXPECT_OK(self->s, "metadata 0 place =11 1");
	EXPECT_EQ(0, run_xfer(self->s, 0));
	EXPECT_STREQ("ok bytes=1 11", ask(self->s, "packet received"));

	ASSERT_OK(self->s, "prep 0 slave_sg to-device 0@0:256");
	EXPECT_REFUSED(EINVAL, self->s, "metadata 0 attach 4@0:%d", ROOM + 1);
	EXPECT_OK(self->s, "fill 4 1");
	EXPECT_OK(self->s, "metadata 0 attach 4@0:%d", ROOM);
	EXPECT_REFUSED(EMSGSIZE, self->s, "packet supply =%s00", digits(0, ROOM));
}

/* A descriptor has one mode, and after its submission nothing is changed. */
TEST_F(metadata, has_one_mode)
{
	ASSERT_OK(self->s, "prep 0 slave_sg to-device 0@0:256");
	EXPECT_OK(self->s, "metadata 0 attach 4@0:4");
	EXPECT_REFUSED(EINVAL, self->s, "metadata 0 place =11");
	EXPECT_REFUSED(EINVAL, self->s, "metadata 0 expect");
	EXPECT_REFUSED(ENODATA, self->s, "metadata 0 show");
	EXPECT_OK(self->s, "submit 0");
	EXPECT_REFUSED(EALREADY, self->s, "metadata 0 attach 4@0:4");

	ASSERT_OK(self->s, "prep 1 slave_sg to-device 0@0:256");
	EXPECT_OK(self->s, "metadata 1 place =11");
	ASSERT_OK(self->s, "alloc 5 4 port");
	EXPECT_REFUSED(EINVAL, self->s, "metadata 1 attach 5");
	EXPECT_OK(self->s, "issue");
	EXPECT_OK(self->s, "wait 0 5000");
}

SESSION_FIXTURE(reuse)

FIXTURE_VARIANT(reuse)
{
	const char *device;
	const char *type;
};

FIXTURE_VARIANT_ADD(reuse, packet)
{
	.device = PACKET,
	.type = "slave_sg",
};

FIXTURE_VARIANT_ADD(reuse, packet_vec)
{
	.device = PACKET,
	.type = "vec",
};

FIXTURE_VARIANT_ADD(reuse, virt)
{
	.device = "dmaconf-stub-virt.0",
	.type = "slave_sg",
};

FIXTURE_SETUP(reuse)
{
	SESSION_SETUP(self);
	ASSERT_EQ(0, prepare_port(self->s, variant->device));
	EXPECT_EQ(1, field(ask(self->s, "caps"), "reuse"));
}

#define LEN	128

/* One more submission of transfer 0, and what is said of it: a new cookie, a fresh result. */
static void again(struct __test_metadata *_metadata, int s, long *cookie)
{
	const char *answer = ask(s, "submit 0");

	ASSERT_EQ(answer, strstr(answer, "ok cookie="))
		TH_LOG("%s", answer);
	EXPECT_LT(*cookie, field(answer, "cookie"));
	*cookie = field(answer, "cookie");
	EXPECT_OK(s, "issue");
	answer = ask(s, "wait 0 5000");
	EXPECT_NE(NULL, strstr(answer, "ok complete residue=0 calls=1 "))
		TH_LOG("%s", answer);
	EXPECT_NE(NULL, strstr(answer, " result=noerror left=0 "))
		TH_LOG("%s", answer);
}

/* What is sent in the round @i, from two places. */
static int fill_both(int s, int i)
{
	return say(s, "fill 0@0:64 %d", 10 + i) ?: say(s, "fill 0@%d:64 %d", SIZE / 2, 100 + i);
}

TEST_F(reuse, sends_what_is_there_now)
{
	long cookie = 0;

	ASSERT_EQ(0, fill_both(self->s, 0));
	ASSERT_OK(self->s, "prep 0 %s to-device 0@0:64 0@%d:64", variant->type, SIZE / 2);
	ASSERT_OK(self->s, "reuse 0");
	for (int i = 0; i < SIZE / LEN; i++) {
		again(_metadata, self->s, &cookie);
		EXPECT_EQ(0, fill_both(self->s, i + 1));
	}
	EXPECT_OK(self->s, "discard 0");
	EXPECT_OK(self->s, "connect 0 none");
	for (int i = 0; i < SIZE / LEN; i++) {
		EXPECT_OK(self->s, "verify 3@%d:64 %d", i * LEN, 10 + i);
		EXPECT_OK(self->s, "verify 3@%d:64 %d", i * LEN + 64, 100 + i);
	}
}

TEST_F(reuse, receives_what_comes_next)
{
	long cookie = 0;

	ASSERT_OK(self->s, "prep 0 %s from-device 1@0:%d", variant->type, LEN);
	ASSERT_OK(self->s, "reuse 0");
	for (int i = 0; i < SIZE / LEN; i++) {
		again(_metadata, self->s, &cookie);
		EXPECT_OK(self->s, "verify 1@0:%d 2 %d", LEN, i * LEN);
	}
	EXPECT_OK(self->s, "verify 1@%d =00", LEN);
}

/* Those in between have descriptors of their own. */
TEST_F(reuse, outlasts_others)
{
	long cookie = 0;

	ASSERT_OK(self->s, "prep 0 %s from-device 1@0:%d", variant->type, LEN);
	ASSERT_OK(self->s, "reuse 0");
	for (int i = 0; i < SIZE / LEN / 2; i++) {
		again(_metadata, self->s, &cookie);
		EXPECT_OK(self->s, "verify 1@0:%d 2 %d", LEN, 2 * i * LEN);
		EXPECT_OK(self->s, "prep 1 %s from-device 1@4096:%d", variant->type, LEN);
		EXPECT_EQ(0, run_xfer(self->s, 1));
		EXPECT_OK(self->s, "verify 1@4096:%d 2 %d", LEN, (2 * i + 1) * LEN);
		EXPECT_OK(self->s, "verify 1@0:%d 2 %d", LEN, 2 * i * LEN);
	}
}

/* While it is kept, its memory is looked at and not given back. */
TEST_F(reuse, keeps_its_memory)
{
	long cookie = 0;

	ASSERT_OK(self->s, "prep 0 %s to-device 0@0:%d", variant->type, LEN);
	ASSERT_OK(self->s, "reuse 0");
	again(_metadata, self->s, &cookie);
	EXPECT_OK(self->s, "verify 0 0");
	EXPECT_REFUSED(EBUSY, self->s, "unmap 0");
	EXPECT_REFUSED(EBUSY, self->s, "free 0");
	EXPECT_REFUSED(EBUSY, self->s, "prep 0 %s to-device 0@0:%d", variant->type, LEN);
	EXPECT_REFUSED(EBUSY, self->s, "connect 0 none");
	EXPECT_REFUSED(EALREADY, self->s, "reuse 0");
	EXPECT_OK(self->s, "discard 0");
	EXPECT_REFUSED(EALREADY, self->s, "discard 0");
	EXPECT_REFUSED(EALREADY, self->s, "submit 0");
	EXPECT_OK(self->s, "unmap 0");
	EXPECT_OK(self->s, "free 0");
}

/* What is discarded before its last submission ends as any other; so does all at the end. */
TEST_F(reuse, ends)
{
	long cookie = 0;

	ASSERT_OK(self->s, "prep 0 %s to-device 0@0:%d", variant->type, LEN);
	EXPECT_REFUSED(EINVAL, self->s, "discard 0");
	ASSERT_OK(self->s, "reuse 0");
	EXPECT_OK(self->s, "discard 0");
	EXPECT_EQ(0, run_xfer(self->s, 0));
	EXPECT_REFUSED(EALREADY, self->s, "submit 0");

	ASSERT_OK(self->s, "prep 0 %s to-device 0@0:%d", variant->type, LEN);
	ASSERT_OK(self->s, "reuse 0");
	again(_metadata, self->s, &cookie);
	EXPECT_OK(self->s, "terminate sync");
	EXPECT_REFUSED(EALREADY, self->s, "submit 0");
	EXPECT_OK(self->s, "unmap 0");
	EXPECT_OK(self->s, "map 0");

	for (int x = 0; x < 8; x++) {
		ASSERT_OK(self->s, "prep %d %s to-device 0@0:%d", x, variant->type, LEN);
		ASSERT_OK(self->s, "reuse %d", x);
		EXPECT_EQ(0, run_xfer(self->s, x));
	}
	EXPECT_OK(self->s, "release");
	EXPECT_OK(self->s, "request device %s", variant->device);
}

/* Elsewhere it is said that nothing of this is offered. */
TEST(offered_where_it_is_declared)
{
	const char *missing = session_prepare();
	int s;

	if (missing)
		SKIP(return, "%s", missing);
	s = session_open();
	ASSERT_EQ(0, prepare_port(s, "dmaconf-stub-slave.0"));
	EXPECT_EQ(0, field(ask(s, "caps"), "reuse"));
	ASSERT_OK(s, "prep 0 slave_sg to-device 0@0:64");
	EXPECT_REFUSED(EPERM, s, "reuse 0");
	EXPECT_REFUSED(EOPNOTSUPP, s, "metadata 0 attach 4@0:4");
	EXPECT_REFUSED(EOPNOTSUPP, s, "metadata 0 place =11");
	EXPECT_REFUSED(EOPNOTSUPP, s, "metadata 0 expect");
	EXPECT_EQ(0, run_xfer(s, 0));
	close(s);
}

TEST_HARNESS_MAIN
