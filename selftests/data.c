// SPDX-License-Identifier: GPL-2.0-only
/* Transfers of every type put the right bytes in the right place, and none elsewhere. */
#include "kselftest_harness.h"
#include "buffers.h"
#include "session.h"

/* Lengths in bytes, the odd ones where a channel has no alignment. */
static const int lengths[] = { 1, 2, 3, 4, 7, 64, 128, 252, 1000, 4096, SIZE };

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

/* Everything that a prep was given is its own once it has returned. */
TEST_F(memory, prepared_together)
{
	static const struct {
		const char *device, *first, *second;
	} pairs[] = {
		{ "memset", "memset_sg 90 4@0:16 4@64:16", "memset_sg 165 5@128:16 5@16:16" },
		{ "raid", "xor 4 128 0 1", "xor 5 128 2 3" },
		{ "raid", "pq 4 4@128 128 0 1", "pq 5 5@128 128 3 2" },
		{ "ilv", "interleaved 4 0 4 32 32", "interleaved 5 1 4 32 32" },
	};
	char alone[2][512];

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		ASSERT_CHANNEL(pairs[i].device);
		for (int together = 0; together < 2; together++) {
			EXPECT_OK(self->s, "fill 4 4");
			EXPECT_OK(self->s, "fill 5 5");
			EXPECT_OK(self->s, "prep 0 %s", pairs[i].first);
			if (!together)
				EXPECT_EQ(0, run_xfer(self->s, 0));
			EXPECT_OK(self->s, "prep 1 %s", pairs[i].second);
			if (together)
				EXPECT_OK(self->s, "submit 0");
			EXPECT_EQ(0, run_xfer(self->s, 1));
			for (int b = 0; b < 2; b++) {
				const char *shown = ask(self->s, "show %d@0:128", 4 + b);

				if (together)
					EXPECT_STREQ(alone[b], shown)
						TH_LOG("%s", pairs[i].first);
				snprintf(alone[b], sizeof(alone[b]), "%s", shown);
			}
		}
		EXPECT_OK(self->s, "release");
		for (int b = 0; b < 6; b++)
			EXPECT_OK(self->s, "free %d", b);
	}
}

/* A transfer whose callback is told nothing is called back all the same. */
TEST_F(memory, called_plainly)
{
	ASSERT_CHANNEL("memcpy");
	EXPECT_OK(self->s, "prep 0 memcpy 4 1 4096 flags=interrupt,ack,plain");
	EXPECT_EQ(0, run_xfer(self->s, 0));
	EXPECT_EQ(1, field(ask(self->s, "status 0"), "calls"));
	EXPECT_OK(self->s, "inject read 100");
	EXPECT_OK(self->s, "prep 0 memcpy 4 1 4096 flags=interrupt,ack,plain");
	EXPECT_EQ(0, run_xfer(self->s, 0));
	EXPECT_EQ(1, field(ask(self->s, "status 0"), "calls"));
}

/* Flags of other types say nothing here. */
TEST_F(memory, flags_of_others)
{
	const char *answer;

	ASSERT_CHANNEL("memcpy");
	EXPECT_OK(self->s, "prep 0 memcpy 4 1 4096 flags=interrupt,ack,repeat,load_eot");
	EXPECT_EQ(0, run_xfer(self->s, 0));
	usleep(2000);
	answer = ask(self->s, "status 0");
	EXPECT_EQ(answer, strstr(answer, "ok complete residue=0 calls=1 "))
		TH_LOG("%s", answer);
	EXPECT_OK(self->s, "verify 4@0:4096 1");
}

/* What is behind a fence sees what is before it. */
static void behind_a_fence(struct __test_metadata *_metadata, int s)
{
	ASSERT_OK(s, "alloc 6 %d streaming both", SIZE);
	ASSERT_OK(s, "map 6");
	for (int i = 0; i < 4; i++) {
		ASSERT_OK(s, "gate hold");
		EXPECT_OK(s, "prep 0 memcpy 6 %d 4096 flags=interrupt,ack,fence", i);
		EXPECT_OK(s, "prep 1 memcpy 4 6 4096");
		EXPECT_OK(s, "submit 0");
		EXPECT_OK(s, "submit 1");
		EXPECT_OK(s, "issue");
		EXPECT_OK(s, "gate step 1000");
		EXPECT_OK(s, "gate release");
		EXPECT_OK(s, "wait 0 5000");
		EXPECT_OK(s, "wait 1 5000");
		EXPECT_OK(s, "verify 4@0:4096 %d", i);
	}
}

TEST_F(memory, fenced)
{
	ASSERT_CHANNEL("memcpy");
	behind_a_fence(_metadata, self->s);
}

TEST_F(memory, fenced_without_order)
{
	ASSERT_CHANNEL("mixed");
	behind_a_fence(_metadata, self->s);
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

/* What is no multiple of the bus's width is refused as a whole, however often. */
TEST_F(peripheral, refuses_odd_lengths)
{
	ASSERT_OK(self->s, "connect 0 sink=8");
	ASSERT_OK(self->s, "config to-device port=0 width=%d burst=4", variant->width);
	for (int i = 0; i < 300 && variant->width > 1; i++) {
		EXPECT_REFUSED(EIO, self->s, "prep 0 %s to-device 0@0:%d", variant->type,
			       64 + variant->width / 2);
		EXPECT_REFUSED(EIO, self->s, "prep 0 %s to-device 0@0:64 1@0:%d", variant->type,
			       64 + variant->width / 2);
	}
	ASSERT_OK(self->s, "prep 0 %s to-device 0@0:64", variant->type);
	EXPECT_EQ(0, run_xfer(self->s, 0));
	EXPECT_EQ(64, field(ask(self->s, "port 0"), "written"));
}

/* Two lists that are prepared before either of them is submitted. */
TEST_F(peripheral, prepared_together)
{
	ASSERT_OK(self->s, "connect 0 sink=8");
	ASSERT_OK(self->s, "config to-device port=0 width=%d burst=4", variant->width);
	ASSERT_OK(self->s, "prep 0 %s to-device 0@0:100 1@64:1000", variant->type);
	ASSERT_OK(self->s, "prep 1 %s to-device 2@256:1000 3@0:100", variant->type);
	EXPECT_OK(self->s, "submit 0");
	EXPECT_EQ(0, run_xfer(self->s, 1));
	EXPECT_EQ(2200, field(ask(self->s, "port 0"), "written"));
	EXPECT_OK(self->s, "connect 0 none");
	EXPECT_OK(self->s, "verify 8@0:100 0");
	EXPECT_OK(self->s, "verify 8@100:1000 1 64");
	EXPECT_OK(self->s, "verify 8@1100:1000 2 256");
	EXPECT_OK(self->s, "verify 8@2100:100 3");
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
