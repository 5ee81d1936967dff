/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a client does with a channel from its request to its release, step by step:
 * the sequences that are killed, that memory fails in, and that are unplugged.
 */
#ifndef STEPS_H
#define STEPS_H

#include "session.h"

#define STEPS_MAX	24

struct sequence {
	const char *name;
	const char *device;
	const char *steps[STEPS_MAX];	/* the request left out, which comes first */
	bool stays;		/* the driver cannot give it up while somebody holds it */
};

#define BUFFERS	"alloc 0 4096 streaming from-device", "alloc 1 4096 streaming to-device",	\
		"map 0", "map 1"

static const struct sequence sequences[] = {
	{ "memcpy", "dmaconf-stub-memcpy.0/1",
	  { BUFFERS, "prep 0 memcpy 0 1 4096", "prep 1 memcpy 0 1 4096", "submit 0", "submit 1",
	    "issue", "wait 0 5000", "wait 1 5000", "unmap 0", "verify 0 =00", "release" } },
	{ "min", "dmaconf-stub-min.0/0",
	  { BUFFERS, "prep 0 memcpy 0 1 4096", "submit 0", "issue", "wait 0 5000", "unmap 0",
	    "release" }, .stays = true },
	{ "coherent", "dmaconf-stub-memcpy.0/1",
	  { "alloc 0 4096 coherent", "alloc 1 4096 coherent", "prep 0 memcpy 0 1 4096",
	    "submit 0", "issue", "wait 0 5000", "free 0", "release" } },
	{ "slave", "dmaconf-stub-slave.0/1",
	  { BUFFERS, "alloc 2 8192 port", "connect 0 sink=2",
	    "config to-device port=0 width=4 burst=4", "prep 0 slave_sg to-device 1@0:64 1@64",
	    "submit 0", "issue", "wait 0 5000", "connect 0 none", "release" } },
	{ "held", "dmaconf-stub-slave.0/1",
	  { BUFFERS, "config to-device port=0 width=4 burst=4", "gate hold",
	    "prep 0 slave_sg to-device 1", "submit 0", "issue", "gate step 100", "pause", "resume",
	    "terminate async", "synchronize", "release" } },
	{ "cyclic", "dmaconf-stub-cyclic.0/0",
	  { BUFFERS, "config from-device port=0 width=1 burst=1",
	    "prep 0 cyclic from-device 0 256", "submit 0", "issue", "wait 0 5000 20",
	    "terminate sync", "release" } },
	{ "virt", "dmaconf-stub-virt.0/0",
	  { BUFFERS, "config to-device port=0 width=4 burst=4", "prep 0 slave_sg to-device 1",
	    "submit 0", "prep 1 slave_sg to-device 1", "submit 1", "issue", "wait 1 5000",
	    "prep 2 vec to-device 1@0:64 1@128:64", "submit 2", "issue", "wait 2 5000",
	    "release" } },
	{ "packet", "dmaconf-stub-packet.0/0",
	  { BUFFERS, "alloc 2 64 port", "config to-device port=0 width=4 burst=4",
	    "prep 0 slave_sg to-device 1@0:64", "metadata 0 attach 2", "reuse 0", "submit 0",
	    "issue", "wait 0 5000", "fill 1 1", "submit 0", "issue", "wait 0 5000", "discard 0",
	    "prep 1 slave_sg to-device 1@0:64", "metadata 1 place =11223344", "submit 1", "issue",
	    "wait 1 5000", "release" } },
	{ "raid", "dmaconf-stub-raid.0/0",
	  { BUFFERS, "alloc 2 4096 streaming to-device", "map 2", "prep 0 xor 0 1024 1 2",
	    "submit 0", "prep 1 interrupt", "submit 1", "issue", "wait 1 5000", "release" } },
	{ "interleaved", "dmaconf-stub-ilv.0/0",
	  { BUFFERS, "prep 0 interleaved 0 1 4 64 64", "submit 0", "issue", "wait 0 5000",
	    "release" } },
};

/* Runs up to @n steps, 0 of which is the request: what the last said, 0 at the end. */
static inline int run_steps(int s, const struct sequence *q, int n, int *done)
{
	int ret = 0;

	for (*done = 0; *done < n && !ret; ++*done) {
		if (*done && !q->steps[*done - 1])
			break;
		ret = *done ? say(s, "%s", q->steps[*done - 1]) :
			      say(s, "request device %s", q->device);
	}
	return ret;
}

/* How many steps there are, the request among them. */
static inline int count_steps(const struct sequence *q)
{
	int n = 0;

	while (q->steps[n])
		n++;
	return n + 1;
}

/* The whole sequence in a session of its own works: its channel is free and well. */
static inline int works(const struct sequence *q)
{
	int s = session_open(), done, ret;

	if (s < 0)
		return -errno;
	ret = run_steps(s, q, STEPS_MAX + 1, &done);
	close(s);
	return ret;
}

/* The fixture that runs once for each sequence. */
#define FOR_EACH_SEQUENCE(fixture)							\
	FIXTURE_VARIANT(fixture) { int index; };					\
	FIXTURE_VARIANT_ADD(fixture, memcpy) { .index = 0 };				\
	FIXTURE_VARIANT_ADD(fixture, min) { .index = 1 };				\
	FIXTURE_VARIANT_ADD(fixture, coherent) { .index = 2 };				\
	FIXTURE_VARIANT_ADD(fixture, slave) { .index = 3 };				\
	FIXTURE_VARIANT_ADD(fixture, held) { .index = 4 };				\
	FIXTURE_VARIANT_ADD(fixture, cyclic) { .index = 5 };				\
	FIXTURE_VARIANT_ADD(fixture, virt) { .index = 6 };				\
	FIXTURE_VARIANT_ADD(fixture, packet) { .index = 7 };				\
	FIXTURE_VARIANT_ADD(fixture, raid) { .index = 8 };				\
	FIXTURE_VARIANT_ADD(fixture, interleaved) { .index = 9 }

#endif /* STEPS_H */
