// SPDX-License-Identifier: GPL-2.0-only
/*
 * A channel from its request to its release, by every path that leads to one, and a
 * first transfer in between.
 */
#include "kselftest_harness.h"
#include "session.h"

#define LEN	4096

SESSION_FIXTURE(lifecycle)

/* How a channel is asked for, and what is said of it. */
FIXTURE_VARIANT(lifecycle)
{
	const char *request;
	const char *label;
};

#define PATH(name, how, which)				\
	FIXTURE_VARIANT_ADD(lifecycle, name)		\
	{						\
		.request = "request " how,		\
		.label = which,				\
	}

PATH(by_device, "device dmaconf-stub-memcpy.0", " dmaconf-stub-memcpy.0/");
PATH(by_channel, "device dmaconf-stub-memcpy.0/1", " dmaconf-stub-memcpy.0/1");
PATH(by_mask, "mask memcpy", " dmaconf-stub-");
PATH(by_long_mask, "mask xor,pq", " dmaconf-stub-raid.0/");
PATH(by_name, "name tx", " dmaconf-stub-slave.0/0");

FIXTURE_SETUP(lifecycle)
{
	SESSION_SETUP(self);
}

TEST_F(lifecycle, request_and_release)
{
	const char *answer = ask(self->s, "%s", variant->request);

	EXPECT_NE(NULL, strstr(answer, variant->label))
		TH_LOG("%s", answer);
	EXPECT_REFUSED(EISCONN, self->s, "%s", variant->request);
	EXPECT_OK(self->s, "release");
	EXPECT_REFUSED(ENOTCONN, self->s, "release");
	EXPECT_OK(self->s, "%s", variant->request);
}

TEST_F(lifecycle, closing_releases)
{
	for (int i = 0; i < 20; i++) {
		EXPECT_OK(self->s, "%s", variant->request);
		close(self->s);
		self->s = session_open();
		ASSERT_LE(0, self->s);
	}
}

SESSION_FIXTURE(copy)

FIXTURE_VARIANT(copy)
{
	const char *device;
};

DEVICE_VARIANT(copy, memcpy);
DEVICE_VARIANT(copy, min);
DEVICE_VARIANT(copy, mixed);

FIXTURE_SETUP(copy)
{
	SESSION_SETUP(self);
	ASSERT_OK(self->s, "request device %s", variant->device);
	ASSERT_OK(self->s, "alloc 0 %d streaming to-device", LEN);
	ASSERT_OK(self->s, "alloc 1 %d streaming from-device", LEN);
	ASSERT_OK(self->s, "fill 0 7");
	ASSERT_OK(self->s, "map 0");
	ASSERT_OK(self->s, "map 1");
}

TEST_F(copy, one_transfer)
{
	const char *answer;

	EXPECT_OK(self->s, "prep 0 memcpy 1 0 %d", LEN);
	EXPECT_OK(self->s, "submit 0");
	EXPECT_OK(self->s, "issue");
	answer = ask(self->s, "wait 0 5000");
	/* A provider that ends transfers out of order cannot say that one is complete. */
	EXPECT_NE(NULL, strstr(answer, " residue=0 calls=1 seq=1 result=noerror "))
		TH_LOG("%s", answer);
	EXPECT_OK(self->s, "unmap 1");
	EXPECT_OK(self->s, "verify 1 7");
	EXPECT_OK(self->s, "release");
}

TEST_HARNESS_MAIN
