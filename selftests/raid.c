// SPDX-License-Identifier: GPL-2.0-only
/* Sums of several sources, their checks, and descriptors that only interrupt. */
#include "kselftest_harness.h"
#include "buffers.h"
#include "session.h"

SESSION_FIXTURE(raid)

FIXTURE_SETUP(raid)
{
	SESSION_SETUP(self);
}

/* A product in the field of RAID 6: the polynomial is 0x11d. */
static uint8_t product(uint8_t a, uint8_t b)
{
	uint8_t sum = 0;

	for (; b; b >>= 1) {
		sum ^= b & 1 ? a : 0;
		a = (a << 1) ^ (a & 0x80 ? 0x1d : 0);
	}
	return sum;
}

/* Of the source @n, as the client has it. */
#define COEFFICIENT(n)	(2 * (n) + 1)

/* P and Q of @n sources, which hold their patterns, as hexadecimal digits. */
static void sums(int n, int len, char *p, char *q)
{
	for (int i = 0; i < len; i++) {
		uint8_t pb = 0, qb = 0;

		for (int b = 0; b < n; b++) {
			pb ^= pattern_byte(b, i);
			qb ^= product(pattern_byte(b, i), COEFFICIENT(b));
		}
		sprintf(p + 2 * i, "%02x", pb);
		sprintf(q + 2 * i, "%02x", qb);
	}
}

TEST_F(raid, xor)
{
	char p[257], q[257];

	ASSERT_CHANNEL("raid");
	for (int n = 2; n <= 4; n++) {
		sums(n, 128, p, q);
		EXPECT_OK(self->s, "fill 4 4");
		EXPECT_OK(self->s, "prep 0 xor 4 128 0 1%s%s", n > 2 ? " 2" : "",
			  n > 3 ? " 3" : "");
		EXPECT_EQ(0, run_xfer(self->s, 0));
		EXPECT_OK(self->s, "verify 4@0:128 =%s", p);
		EXPECT_OK(self->s, "verify 4@128 4 128");
	}
}

TEST_F(raid, xor_val)
{
	char p[257], q[257];

	ASSERT_CHANNEL("raid");
	sums(3, 128, p, q);
	EXPECT_OK(self->s, "fill 3@0:128 =%s", p);
	EXPECT_OK(self->s, "prep 0 xor_val 128 0 1 2 3");
	EXPECT_EQ(0, run_xfer(self->s, 0));
	EXPECT_EQ(0, field(ask(self->s, "status 0"), "sums"));

	EXPECT_OK(self->s, "fill 3@100:1 =00");
	EXPECT_OK(self->s, "fill 2@100:1 =%02x", pattern_byte(0, 100) ^ pattern_byte(1, 100) ^ 1);
	EXPECT_OK(self->s, "prep 0 xor_val 128 0 1 2 3");
	EXPECT_EQ(0, run_xfer(self->s, 0));
	EXPECT_EQ(1, field(ask(self->s, "status 0"), "sums"));
}

TEST_F(raid, pq)
{
	char p[257], q[257];

	ASSERT_CHANNEL("raid");
	for (int n = 1; n <= 4; n++) {
		sums(n, 128, p, q);
		EXPECT_OK(self->s, "prep 0 pq 4 5 128 0%s%s%s", n > 1 ? " 1" : "",
			  n > 2 ? " 2" : "", n > 3 ? " 3" : "");
		EXPECT_EQ(0, run_xfer(self->s, 0));
		EXPECT_OK(self->s, "verify 4@0:128 =%s", p);
		EXPECT_OK(self->s, "verify 5@0:128 =%s", q);
	}
}

TEST_F(raid, pq_val)
{
	char p[257], q[257];

	ASSERT_CHANNEL("raid");
	sums(2, 128, p, q);
	EXPECT_OK(self->s, "fill 2@0:128 =%s", p);
	EXPECT_OK(self->s, "fill 3@0:128 =%s", q);
	EXPECT_OK(self->s, "prep 0 pq_val 2 3 128 0 1");
	EXPECT_EQ(0, run_xfer(self->s, 0));
	EXPECT_EQ(0, field(ask(self->s, "status 0"), "sums"));

	EXPECT_OK(self->s, "fill 3@0:1 =%02x",
		  (product(pattern_byte(0, 0), COEFFICIENT(0)) ^
		   product(pattern_byte(1, 0), COEFFICIENT(1))) ^ 0x80);
	EXPECT_OK(self->s, "prep 0 pq_val 2 3 128 0 1");
	EXPECT_EQ(0, run_xfer(self->s, 0));
	EXPECT_EQ(2, field(ask(self->s, "status 0"), "sums"));
	/* Who checks does not repair; what is not asked for is not told. */
	EXPECT_OK(self->s, "prep 0 pq_val 2 3 128 0 1");
	EXPECT_EQ(0, run_xfer(self->s, 0));
	EXPECT_EQ(2, field(ask(self->s, "status 0"), "sums"));
	EXPECT_OK(self->s, "prep 0 pq_val 2 3 128 0 1 flags=interrupt,ack,no_q");
	EXPECT_EQ(0, run_xfer(self->s, 0));
	EXPECT_EQ(0, field(ask(self->s, "status 0"), "sums"));
}

/* A difference is found wherever it is. */
TEST_F(raid, checked_to_the_end)
{
	static const int places[] = { 0, 3, 4095, SIZE - 1 };

	ASSERT_CHANNEL("raid");
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		EXPECT_OK(self->s, "fill 1 0");
		EXPECT_OK(self->s, "prep 0 xor_val %d 0 1", SIZE);
		EXPECT_EQ(0, run_xfer(self->s, 0));
		EXPECT_EQ(0, field(ask(self->s, "status 0"), "sums"));
		EXPECT_OK(self->s, "fill 1@%d:1 =%02x", places[i], pattern_byte(0, places[i]) ^ 1);
		EXPECT_OK(self->s, "prep 0 xor_val %d 0 1", SIZE);
		EXPECT_EQ(0, run_xfer(self->s, 0));
		EXPECT_EQ(1, field(ask(self->s, "status 0"), "sums"))
			TH_LOG("byte %d", places[i]);
	}
}

SESSION_FIXTURE(sums)

FIXTURE_VARIANT(sums)
{
	const char *device;
};

DEVICE_VARIANT(sums, raid);
DEVICE_VARIANT(sums, sums);

FIXTURE_SETUP(sums)
{
	SESSION_SETUP(self);
	ASSERT_OK(self->s, "request device %s", variant->device);
	ASSERT_EQ(0, six_buffers(self->s, "streaming"));
}

#define FLAGS	"flags=interrupt,ack,"

TEST_F(sums, as_wanted)
{
	char p[257], q[257];

	sums(2, 128, p, q);
	EXPECT_OK(self->s, "prep 0 pq 4 5 128 0 1 " FLAGS "no_p");
	EXPECT_EQ(0, run_xfer(self->s, 0));
	EXPECT_OK(self->s, "verify 4 4");
	EXPECT_OK(self->s, "verify 5@0:128 =%s", q);
	EXPECT_OK(self->s, "fill 5 5");
	EXPECT_OK(self->s, "prep 0 pq 4 5 128 0 1 " FLAGS "no_q");
	EXPECT_EQ(0, run_xfer(self->s, 0));
	EXPECT_OK(self->s, "verify 4@0:128 =%s", p);
	EXPECT_OK(self->s, "verify 5 5");
}

/* Once more the same sources: both sums are zero, whether the engine goes on by itself or not. */
TEST_F(sums, continued)
{
	EXPECT_OK(self->s, "prep 0 pq 4 5 128 0 1");
	EXPECT_EQ(0, run_xfer(self->s, 0));
	EXPECT_OK(self->s, "prep 0 pq 4 5 128 0 1 " FLAGS "continue");
	EXPECT_EQ(0, run_xfer(self->s, 0));
	EXPECT_OK(self->s, "verify 4@0:128 =00");
	EXPECT_OK(self->s, "verify 5@0:128 =00");
	EXPECT_OK(self->s, "verify 4@128 4 128");
	EXPECT_OK(self->s, "verify 5@128 5 128");
}

/* As many sources as there is room for beside the sum so far. */
TEST_F(sums, continued_with_many)
{
	EXPECT_OK(self->s, "prep 0 pq 4 5 128 0 1 2 3 0@256 1@256 2@256");
	EXPECT_EQ(0, run_xfer(self->s, 0));
	EXPECT_OK(self->s, "prep 0 pq 4 5 128 0 1 2 3 0@256 1@256 2@256 " FLAGS "continue,no_p");
	EXPECT_EQ(0, run_xfer(self->s, 0));
	EXPECT_OK(self->s, "verify 5@0:128 =00");
}

TEST_F(raid, interrupt)
{
	ASSERT_CHANNEL("raid");
	EXPECT_OK(self->s, "prep 0 interrupt");
	EXPECT_EQ(0, run_xfer(self->s, 0));
	EXPECT_EQ(1, field(ask(self->s, "status 0"), "calls"));
	for (int b = 0; b < 6; b++)
		EXPECT_OK(self->s, "verify %d %d", b, b);
	EXPECT_OK(self->s, "prep 0 interrupt flags=none");
	EXPECT_EQ(0, run_xfer(self->s, 0));
}

/* An interrupt tells that everything before it is done. */
TEST_F(raid, interrupt_in_its_turn)
{
	ASSERT_CHANNEL("raid");
	ASSERT_OK(self->s, "gate hold");
	EXPECT_OK(self->s, "prep 0 xor 4 4096 0 1");
	EXPECT_OK(self->s, "prep 1 interrupt");
	EXPECT_OK(self->s, "submit 0");
	EXPECT_OK(self->s, "submit 1");
	EXPECT_OK(self->s, "issue");
	EXPECT_OK(self->s, "gate step 2048");
	EXPECT_REFUSED(ETIMEDOUT, self->s, "wait 1 20");
	EXPECT_OK(self->s, "gate release");
	EXPECT_OK(self->s, "wait 0 5000");
	EXPECT_OK(self->s, "wait 1 5000");
}

TEST_HARNESS_MAIN
