/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The measuring client: what a channel can do, in operations, bytes and
 * nanoseconds. It gives no verdicts, and runs only when it is asked for.
 *
 * A plan is a list of points, each a kind of operation under certain conditions.
 * All points are measured once in every round, one after the other, so that what
 * else the machine does strikes all of them alike. A point uses one lane for each
 * channel, and a lane has one slot for each operation that may be under way.
 */
#ifndef DMACONF_BENCH_H
#define DMACONF_BENCH_H

#include <linux/llist.h>

#include "../dmaconf.h"

#define BENCH_PIECES	4	/* of memory in one transfer: an xor has three sources */

/**
 * enum bench_what - what is measured
 * @BENCH_RATE: how many operations there are in a time
 * @BENCH_LATENCY: the same, and the time from issue to callback of each
 * @BENCH_TERMINATE: the time that terminate_sync takes with all slots under way
 * @BENCH_QUEUED: how many operations there are in a time that is theirs alone: the
 *	engine moves one whenever it is told to, and as many as there are slots are
 *	queued always
 */
enum bench_what {
	BENCH_RATE,
	BENCH_LATENCY,
	BENCH_TERMINATE,
	BENCH_QUEUED,
};

/**
 * struct bench_point - an operation and its conditions
 * @type: kind of transfer; of a cyclic one the periods are measured
 * @what: what is measured
 * @size: bytes of a transfer, or of a period
 * @depth: operations under way at a time, on each channel; of a ring its periods
 * @channels: so many of the channels under test that offer @type; 0: all of them
 * @ops: operations of a round, of all channels together
 * @polled: their end is asked for; else they are called back
 * @map: memory is mapped and unmapped for each operation
 * @verify: the destination is cleared before each operation and compared after it
 * @channel: what the kernel calls the first channel; empty before the first round
 */
struct bench_point {
	const struct dmaconf_type *type;
	enum bench_what what;
	size_t size;
	unsigned int depth;
	unsigned int channels;
	unsigned int ops;
	bool polled;
	bool map;
	bool verify;
	char channel[20];
};

/**
 * struct bench_plan - all that is measured
 * @n: number of points
 * @points: the points
 */
struct bench_plan {
	unsigned int n;
	struct bench_point points[128];
};

struct bench;
struct bench_lane;

/**
 * struct bench_slot - an operation that may be under way
 * @done: in &struct bench.done, from its callback on
 * @next: in the lane's list of free ones, or of those that are not issued yet
 * @lane: its lane
 * @x: what is transferred; slots share it when there are very many
 * @dma: where the pieces of @x are mapped for this operation
 * @mapped: they are
 * @cookie: of the operation
 * @issued: when it was issued, in ns
 * @ended: when it was called back, in ns
 */
struct bench_slot {
	struct llist_node done;
	struct bench_slot *next;
	struct bench_lane *lane;
	struct dmaconf_xfer *x;
	dma_addr_t dma[BENCH_PIECES];
	bool mapped;
	dma_cookie_t cookie;
	u64 issued;
	u64 ended;
};

/**
 * struct bench_lane - a channel in use
 * @dc: the channel, its transfers and its peripheral
 * @bench: the measurement
 * @xfers: the transfers, each with memory of its own
 * @nxfers: how many
 * @slots: as many as the point's depth
 * @free: slots that are not under way
 * @fresh: slots that were submitted, and not issued yet
 * @ring: for polled operations: those under way, in order
 * @head: operations that were submitted
 * @tail: operations that have ended
 * @scratch: for the CPU to copy from or to, where a port is one end of a transfer
 * @want: what must arrive
 */
struct bench_lane {
	struct dmaconf dc;
	struct bench *bench;
	struct dmaconf_xfer **xfers;
	unsigned int nxfers;
	struct bench_slot *slots;
	struct bench_slot *free;
	struct bench_slot *fresh;
	struct bench_slot **ring;
	unsigned int head;
	unsigned int tail;
	void *scratch;
	void *want;
};

/**
 * struct bench - the measurement of a point
 * @test: KUnit's
 * @point: what is measured
 * @why: why it is not, or NULL
 * @lanes: the channels
 * @nlanes: how many
 * @done: slots that were called back
 * @wait: woken when @done is not empty any more, and by periods
 * @started: operations that were submitted
 * @ended: operations that have ended
 * @wrong: operations whose data was wrong
 * @most: most operations that were under way on a channel
 * @used_kb: memory in use in the whole kernel while all queues are full; 0 if not looked at
 * @ns: what all operations took
 * @cpu_ns: what as many copies by the CPU took
 * @samples: times of single operations in ns; of queued ones means of a few; of a ring
 *	when its periods passed
 * @nsamples: how many
 */
struct bench {
	struct kunit *test;
	const struct bench_point *point;
	const char *why;
	struct bench_lane *lanes;
	unsigned int nlanes;
	struct llist_head done;
	wait_queue_head_t wait;
	unsigned int started;
	unsigned int ended;
	unsigned int wrong;
	unsigned int most;
	unsigned long used_kb;
	u64 ns;
	u64 cpu_ns;
	u64 *samples;
	unsigned int nsamples;
};

/* plan.c: from the module's parameter to points */
int bench_plan_read(struct bench_plan *plan, const char *text);
void bench_point_text(const struct bench_point *point, char *text, size_t size);

/* lane.c: channels and memory */
bool bench_open(struct bench *b);
void bench_close(struct bench *b);
bool bench_map(struct bench_slot *slot);
void bench_unmap(struct bench_slot *slot);
void bench_clear(struct bench_slot *slot);
bool bench_right(struct bench_slot *slot);
bool bench_map_all(struct bench *b);
u64 bench_cpu_copies(struct bench *b, unsigned int ops);

/* run.c: the operations */
bool bench_run(struct bench *b, unsigned int ops);
bool bench_run_queued(struct bench *b, unsigned int ops);
bool bench_run_terminate(struct bench *b, unsigned int ops);
bool bench_run_ring(struct bench *b, unsigned int ops);

/* dmatest.c: the kernel's own client, for comparison */
bool bench_dmatest(const struct bench_point *point);

#endif /* DMACONF_BENCH_H */
