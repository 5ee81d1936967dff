/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Transfers in flight, for tests that run with each personality: to buffer 0 from buffer
 * 1 in memory, or from buffer 1 to port 0.
 */
#ifndef FLIGHT_H
#define FLIGHT_H

#include "session.h"

#define SIZE	4096
#define COUNT	8
#define PART	(SIZE / COUNT)

#define TO_PORT	"config to-device port=0 width=4 burst=4"

/* What the personalities can do; the residue's granularity is in bytes, 0: none. */
#define FLIGHT_VARIANTS(fixture)							\
	FIXTURE_VARIANT(fixture)							\
	{										\
		const char *device;							\
		const char *config;							\
		const char *type;							\
		bool terminates;							\
		bool pauses;								\
		bool ordered;								\
		int granularity;							\
	};										\
	FLIGHT_VARIANT(fixture, memcpy, NULL, "memcpy", true, true, 0);			\
	FLIGHT_VARIANT(fixture, min, NULL, "memcpy", false, true, 0);			\
	FLIGHT_VARIANT(fixture, mixed, NULL, "memcpy", true, false, 0);			\
	FLIGHT_VARIANT(fixture, slave, TO_PORT, "slave_sg", true, true, 16);		\
	FLIGHT_VARIANT(fixture, virt, TO_PORT, "slave_sg", true, true, 16)

#define FLIGHT_VARIANT(fixture, name, setup, how, stops, in_order, residue)		\
	FIXTURE_VARIANT_ADD(fixture, name)						\
	{										\
		.device = "dmaconf-stub-" #name ".0",					\
		.config = setup,							\
		.type = how,								\
		.terminates = stops,							\
		.pauses = stops,							\
		.ordered = in_order,							\
		.granularity = residue,							\
	}

/* A session's buffers, mapped and filled, and its configuration, if there is to be one. */
static inline int flight_prepare(int s, const char *device, const char *config)
{
	return say(s, "request device %s", device) ?:
	       say(s, "alloc 0 %d streaming from-device", SIZE) ?:
	       say(s, "alloc 1 %d streaming to-device", SIZE) ?:
	       say(s, "fill 1 1") ?: say(s, "map 0") ?: say(s, "map 1") ?:
	       (config ? say(s, "%s", config) : 0);
}

/* Prepares a transfer of its own part; flags may be left out. */
static inline int flight_prep(int s, const char *type, int x, int len, const char *flags)
{
	return !strcmp(type, "memcpy") ?
		say(s, "prep %d memcpy 0@%d 1@%d %d %s", x, x * len, x * len, len, flags) :
		say(s, "prep %d slave_sg to-device 1@%d:%d %s", x, x * len, len, flags);
}

/* The same, submitted. */
static inline int queue(int s, const char *type, int x, int len)
{
	return flight_prep(s, type, x, len, "") ?: say(s, "submit %d", x);
}

static inline int queue_all(int s, const char *type)
{
	int ret = 0;

	for (int x = 0; x < COUNT && !ret; x++)
		ret = queue(s, type, x, SIZE / COUNT);
	return ret;
}

#define EXPECT_CALLS(count, s, x)							\
	do {										\
		EXPECT_EQ(count, field(ask(s, "status %d", x), "calls"))		\
			TH_LOG("transfer %d", x);					\
	} while (0)

#endif /* FLIGHT_H */
