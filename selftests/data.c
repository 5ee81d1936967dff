// SPDX-License-Identifier: GPL-2.0-only
/* Transfers of every type put the right bytes in the right place, and none elsewhere. */
#include "kselftest_harness.h"
#include "session.h"

#define SIZE	8192

/* Lengths in bytes, the odd ones where a channel has no alignment. */
static const int lengths[] = { 1, 2, 3, 4, 7, 64, 128, 252, 1000, 4096, SIZE };

/* Buffers 0 to 3 are read by the engine, 4 and 5 written; pattern B is in buffer B. */
static int six_buffers(int s, const char *kind)
{
	int ret = 0;

	for (int b = 0; b < 6 && !ret; b++) {
		ret = strcmp(kind, "coherent") ?
			say(s, "alloc %d %d streaming %s", b, SIZE,
			    b < 4 ? "to-device" : "from-device") :
			say(s, "alloc %d %d coherent", b, SIZE);
		if (!ret)
			ret = say(s, "fill %d %d", b, b);
		if (!ret && strcmp(kind, "coherent"))
			ret = say(s, "map %d", b);
	}
	return ret;
}

/* Alignment of a type of transfer, of memcpy, xor, pq and memset in this order. */
static int alignment(int s, int which)
{
	const char *at = strstr(ask(s, "caps"), " align=");
	int shift[4] = {};

	if (at)
		sscanf(at, " align=%d/%d/%d/%d", &shift[0], &shift[1], &shift[2], &shift[3]);
	return 1 << shift[which];
}

SESSION_FIXTURE(copy)

FIXTURE_VARIANT(copy)
{
	const char *device;
	const char *memory;
};

#define COPY(personality, kind)						\
	FIXTURE_VARIANT_ADD(copy, personality ## _ ## kind)		\
	{								\
		.device = "dmaconf-stub-" #personality ".0",		\
		.memory = #kind,					\
	}

COPY(memcpy, streaming);
COPY(memcpy, coherent);
COPY(min, streaming);
COPY(min, coherent);
COPY(mixed, streaming);
COPY(mixed, coherent);

FIXTURE_SETUP(copy)
{
	SESSION_SETUP(self);
	ASSERT_OK(self->s, "request device %s", variant->device);
	ASSERT_EQ(0, six_buffers(self->s, variant->memory));
}

TEST_F(copy, every_length)
{
	int align = alignment(self->s, 0);

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		int len = lengths[i];

		if (len % align)
			continue;
		EXPECT_OK(self->s, "fill 4 4");
		EXPECT_OK(self->s, "prep 0 memcpy 4 1 %d", len);
		EXPECT_EQ(0, run_xfer(self->s, 0));
		EXPECT_OK(self->s, "verify 4@0:%d 1", len);
		if (len < SIZE)
			EXPECT_OK(self->s, "verify 4@%d 4 %d", len, len);
		EXPECT_OK(self->s, "verify 1 1");
	}
}

TEST_F(copy, every_offset)
{
	int align = alignment(self->s, 0);

	for (int off = align; off < 64; off += align) {
		EXPECT_OK(self->s, "fill 4 4");
		EXPECT_OK(self->s, "prep 0 memcpy 4@%d 2@%d 256", 64 - off, off);
		EXPECT_EQ(0, run_xfer(self->s, 0));
		EXPECT_OK(self->s, "verify 4@%d:256 2 %d", 64 - off, off);
		EXPECT_OK(self->s, "verify 4@0:%d 4", 64 - off);
		EXPECT_OK(self->s, "verify 4@%d 4 %d", 64 - off + 256, 64 - off + 256);
	}
}

/* A batch: each transfer has its own part. */
TEST_F(copy, many_at_once)
{
	EXPECT_OK(self->s, "fill 4 4");
	for (int x = 0; x < 16; x++) {
		EXPECT_OK(self->s, "prep %d memcpy 4@%d %d@%d 256", x, x * 512, x % 4, x * 256);
		EXPECT_OK(self->s, "submit %d", x);
	}
	EXPECT_OK(self->s, "issue");
	for (int x = 0; x < 16; x++)
		EXPECT_OK(self->s, "wait %d 5000", x);
	for (int x = 0; x < 16; x++) {
		EXPECT_OK(self->s, "verify 4@%d:256 %d %d", x * 512, x % 4, x * 256);
		EXPECT_OK(self->s, "verify 4@%d:256 4 %d", x * 512 + 256, x * 512 + 256);
	}
}

SESSION_FIXTURE(memory)

FIXTURE_SETUP(memory)
{
	SESSION_SETUP(self);
}

#define ASSERT_CHANNEL(name)							\
	do {									\
		ASSERT_OK(self->s, "request device dmaconf-stub-" name ".0");	\
		ASSERT_EQ(0, six_buffers(self->s, "streaming"));		\
	} while (0)

TEST_F(memory, memset)
{
	ASSERT_CHANNEL("memset");
	for (int value = 0; value < 256; value += 51) {
		EXPECT_OK(self->s, "fill 4 4");
		EXPECT_OK(self->s, "prep 0 memset 4@16 %d 1000", value);
		EXPECT_EQ(0, run_xfer(self->s, 0));
		EXPECT_OK(self->s, "verify 4@16:1000 =%02x", value);
		EXPECT_OK(self->s, "verify 4@0:16 4");
		EXPECT_OK(self->s, "verify 4@1016 4 1016");
	}
}

TEST_F(memory, memset_sg)
{
	ASSERT_CHANNEL("memset");
	EXPECT_OK(self->s, "prep 0 memset_sg 90 4@0:16 5@4:64 4@4096:128");
	EXPECT_EQ(0, run_xfer(self->s, 0));
	EXPECT_OK(self->s, "verify 4@0:16 =5a");
	EXPECT_OK(self->s, "verify 4@16:4080 4 16");
	EXPECT_OK(self->s, "verify 4@4096:128 =5a");
	EXPECT_OK(self->s, "verify 5@4:64 =5a");
	EXPECT_OK(self->s, "verify 5@0:4 5");
	EXPECT_OK(self->s, "verify 5@68 5 68");
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

/* P and Q of @n sources, which hold their patterns, as hexadecimal digits. */
static void sums(int n, int len, char *p, char *q)
{
	for (int i = 0; i < len; i++) {
		uint8_t pb = 0, qb = 0;

		for (int b = 0; b < n; b++) {
			pb ^= pattern_byte(b, i);
			qb ^= product(pattern_byte(b, i), 1 << b);
		}
		sprintf(p + 2 * i, "%02x", pb);
		sprintf(q + 2 * i, "%02x", qb);
	}
}

TEST_F(memory, xor)
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

TEST_F(memory, xor_val)
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

TEST_F(memory, pq)
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

TEST_F(memory, pq_val)
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
		  (product(pattern_byte(0, 0), 1) ^ product(pattern_byte(1, 0), 2)) ^ 0x80);
	EXPECT_OK(self->s, "prep 0 pq_val 2 3 128 0 1");
	EXPECT_EQ(0, run_xfer(self->s, 0));
	EXPECT_EQ(2, field(ask(self->s, "status 0"), "sums"));
}

TEST_F(memory, interrupt)
{
	ASSERT_CHANNEL("raid");
	EXPECT_OK(self->s, "prep 0 interrupt");
	EXPECT_EQ(0, run_xfer(self->s, 0));
	EXPECT_EQ(1, field(ask(self->s, "status 0"), "calls"));
	for (int b = 0; b < 6; b++)
		EXPECT_OK(self->s, "verify %d %d", b, b);
}

TEST_F(memory, interleaved)
{
	/* Small ones, many, and more than fits into a byte or twelve bits. */
	static const struct {
		int frames, bytes, gap;
	} shapes[] = { { 8, 100, 28 }, { 300, 8, 16 }, { 8, 100, 300 }, { 1, 5000, 0 } };

	ASSERT_CHANNEL("ilv");
	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
		int n = shapes[i].frames, len = shapes[i].bytes, gap = shapes[i].gap;

		EXPECT_OK(self->s, "fill 4 4");
		EXPECT_OK(self->s, "prep 0 interleaved 4 1 %d %d %d", n, len, gap);
		EXPECT_EQ(0, run_xfer(self->s, 0));
		for (int frame = 0; frame < n; frame++)
			EXPECT_OK(self->s, "verify 4@%d:%d 1 %d", frame * len, len,
				  frame * (len + gap));
		EXPECT_OK(self->s, "verify 4@%d 4 %d", n * len, n * len);
	}
}

/* What needs more than 16 bits for its length. */
TEST_F(memory, large)
{
	ASSERT_CHANNEL("memcpy");
	ASSERT_OK(self->s, "alloc 8 65536 streaming to-device");
	ASSERT_OK(self->s, "alloc 9 65536 streaming from-device");
	ASSERT_OK(self->s, "fill 8 8");
	ASSERT_OK(self->s, "map 8");
	ASSERT_OK(self->s, "map 9");
	EXPECT_OK(self->s, "prep 0 memcpy 9 8 65536");
	EXPECT_EQ(0, run_xfer(self->s, 0));
	EXPECT_OK(self->s, "verify 9 8");
	EXPECT_OK(self->s, "release");

	ASSERT_OK(self->s, "request device dmaconf-stub-memset.0");
	ASSERT_OK(self->s, "map 9");
	EXPECT_OK(self->s, "prep 0 memset 9 90 65536");
	EXPECT_EQ(0, run_xfer(self->s, 0));
	EXPECT_OK(self->s, "verify 9 =5a");
}

SESSION_FIXTURE(peripheral)

FIXTURE_VARIANT(peripheral)
{
	const char *device;
	const char *type;
	int width;
};

#define PERIPHERAL(personality, how, bytes)					\
	FIXTURE_VARIANT_ADD(peripheral, personality ## _ ## how ## _ ## bytes)	\
	{									\
		.device = "dmaconf-stub-" #personality ".0",			\
		.type = #how,							\
		.width = bytes,							\
	}

PERIPHERAL(slave, slave_sg, 1);
PERIPHERAL(slave, slave_sg, 4);
PERIPHERAL(packet, slave_sg, 2);
PERIPHERAL(packet, vec, 4);
PERIPHERAL(virt, slave_sg, 4);
PERIPHERAL(virt, vec, 1);

FIXTURE_SETUP(peripheral)
{
	SESSION_SETUP(self);
	ASSERT_OK(self->s, "request device %s", variant->device);
	ASSERT_EQ(0, six_buffers(self->s, "streaming"));
	ASSERT_OK(self->s, "alloc 8 %d port", SIZE);
	ASSERT_OK(self->s, "alloc 9 %d port", SIZE);
}

TEST_F(peripheral, to_device)
{
	const char *answer;

	ASSERT_OK(self->s, "connect 0 sink=8");
	ASSERT_OK(self->s, "config to-device port=0 width=%d burst=4", variant->width);
	ASSERT_OK(self->s, "prep 0 %s to-device 0@0:100 1@64:1000 2", variant->type);
	EXPECT_EQ(0, run_xfer(self->s, 0));
	answer = ask(self->s, "port 0");
	/* The sink has no room for the last bytes; they arrived all the same. */
	EXPECT_EQ(100 + 1000 + SIZE, field(answer, "written"));
	EXPECT_EQ(0, field(answer, "read"));
	EXPECT_EQ(0, field(answer, "stray"));
	EXPECT_EQ(1 << variant->width, field(answer, "widths"));
	EXPECT_OK(self->s, "connect 0 none");
	EXPECT_OK(self->s, "verify 8@0:100 0");
	EXPECT_OK(self->s, "verify 8@100:1000 1 64");
	EXPECT_OK(self->s, "verify 8@1100 2");
}

TEST_F(peripheral, from_device)
{
	ASSERT_OK(self->s, "fill 9 9");
	ASSERT_OK(self->s, "connect 1 source=9");
	ASSERT_OK(self->s, "config from-device port=1 width=%d burst=4", variant->width);
	ASSERT_OK(self->s, "prep 0 %s from-device 4@0:100 5@64:1000 4@4096:256", variant->type);
	EXPECT_EQ(0, run_xfer(self->s, 0));
	EXPECT_EQ(1356, field(ask(self->s, "port 1"), "read"));
	EXPECT_OK(self->s, "verify 4@0:100 9");
	EXPECT_OK(self->s, "verify 5@64:1000 9 100");
	EXPECT_OK(self->s, "verify 4@4096:256 9 1100");
	EXPECT_OK(self->s, "verify 4@100:3996 4 100");
	EXPECT_OK(self->s, "verify 5@0:64 5");
	EXPECT_OK(self->s, "verify 5@1064 5 1064");
}

TEST_HARNESS_MAIN
