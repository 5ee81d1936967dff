// SPDX-License-Identifier: GPL-2.0-only
/* Releasing a channel, and what its next owner finds. */
#include <linux/delay.h>

#include "dmaconf.h"

#define PREPARED	100	/* descriptors that are left over at once */
#define LEFTOVERS	8	/* times that they are */

/* What is left behind, in all the ways that a client may leave it. */
struct leftover {
	const char *what;
	bool terminate;
	bool pause;
	int submitted;
	bool prepared;
	unsigned long flags;
};

static const struct leftover leftovers[] = {
	{ .what = "terminated", .terminate = true, .submitted = 2 },
	{ .what = "paused and terminated", .terminate = true, .pause = true, .submitted = 1 },
	{ .what = "nothing" },
	/* From here on what was left by themselves: they did not terminate. */
	{ .what = "not issued", .submitted = 2 },
	{ .what = "not submitted", .prepared = true },
	{ .what = "not issued, not acknowledged", .submitted = 1, .flags = DMA_PREP_INTERRUPT },
};

/* The first owner; what it does not issue is in @x when it has gone. */
static void leave_behind(struct dmaconf *dc, const struct leftover *left, struct dmaconf_xfer **x)
{
	dmaconf_claim(dc);
	dmaconf_transfer(dc, 64);
	if (left->pause && dc->device->device_pause) {
		dmaconf_start(dmaconf_xfer(dc, SZ_32K));
		dmaengine_pause(dc->chan);
	}
	for (int i = 0; i < left->submitted; i++) {
		x[i] = dmaconf_xfer(dc, 256);
		x[i]->flags = left->flags ?: x[i]->flags;
		dmaconf_queue(x[i]);
	}
	/* A lock that prep took would never be given back. */
	if (left->prepared && !dmaconf_prep_locks(dc))
		KUNIT_EXPECT_TRUE(dc->test, dmaconf_try_prep(dmaconf_xfer(dc, 64)));
	if (left->terminate)
		KUNIT_EXPECT_EQ(dc->test, dmaconf_terminate_sync(dc), 0);
	dmaconf_unclaim(dc);
}

static void expect_fresh(struct dmaconf *dc, const struct leftover *left)
{
	struct dmaconf_xfer *x[2] = {}, *mine;
	bool early[2] = {};
	int seq;

	leave_behind(dc, left, x);
	/* A public provider may have issued it on its own. */
	for (int i = 0; i < left->submitted; i++)
		early[i] = x[i]->calls;
	seq = dc->seq;
	dmaconf_claim(dc);
	dmaconf_issue(dc);
	mine = dmaconf_xfer(dc, 512);
	dmaconf_start(mine);
	KUNIT_EXPECT_GE_MSG(dc->test, mine->cookie, DMA_MIN_COOKIE, "first cookie");
	if (!dmaconf_finish(mine))
		dmaconf_diag(dc, "the last owner had left: %s", left->what);
	KUNIT_EXPECT_EQ_MSG(dc->test, dc->seq, seq + 1,
			    "callbacks until the first of the new owner (left: %s)", left->what);
	for (int i = 0; i < left->submitted; i++) {
		KUNIT_EXPECT_TRUE_MSG(dc->test,
				      early[i] || dmaconf_xfer_moved(x[i]) < x[i]->len,
				      "the last owner's transfer %d was executed (left: %s)", i,
				      left->what);
		x[i]->state = DMACONF_ABORTED;
	}
	dmaconf_unclaim(dc);
}

/*
 * Broken: the next owner is called back for, or has its memory written by, transfers of
 * the last one.
 */
DMACONF_RULE(chan, realloc_fresh, MUST,
	     "A channel that is requested again runs, calls back and reports nothing of what its last owner prepared or submitted.",
	     "Documentation/driver-api/dmaengine/provider.rst:381; drivers/dma/dmaengine.h:12; drivers/dma/virt-dma.h:197",
	     NEEDS_FREE | NEEDS_XFER)
{
	for (int i = 0; i < ARRAY_SIZE(leftovers); i++) {
		const struct leftover *left = &leftovers[i];

		/* The core only synchronizes (dmaengine.c:506); virt-dma reclaims all there is. */
		if (left->submitted + left->prepared && !left->terminate &&
		    test->status == KUNIT_SUCCESS)
			dmaconf_should(dc, "a client should terminate before it releases");
		if (!left->terminate || dc->device->device_terminate_all)
			expect_fresh(dc, left);
	}
	KUNIT_EXPECT_TRUE_MSG(test, dmaconf_stays_quiet(dc, dc->seq),
			      "a callback of an earlier owner came after all");
	dmaconf_claim(dc);
}

/* Stop in the middle, somewhere, and let go at once. */
static void stop_and_release(struct dmaconf *dc, enum dma_transfer_direction dir, bool gate)
{
	struct dmaconf_xfer *x[2];

	dmaconf_claim(dc);
	if (gate)
		dmaconf_hold(dc);
	for (int i = 0; i < ARRAY_SIZE(x); i++) {
		x[i] = dmaconf_xfer_dir(dc, SZ_32K, dir);
		dmaconf_start(x[i]);
	}
	if (gate)
		dmaconf_step(dc, dmaconf_random(dc, SZ_64K));
	else
		udelay(dmaconf_random(dc, 60));
	KUNIT_EXPECT_EQ(dc->test, dmaconf_terminate_sync(dc), 0);
	dmaconf_release(dc);
	dmaconf_unclaim(dc);
	for (int i = 0; i < ARRAY_SIZE(x); i++)
		for (unsigned int n = 0; n < x[i]->nto; n++)
			dmaconf_buf_freeze(dc, x[i]->to[n].buf);
}

static size_t port_bytes(struct dmaconf *dc, struct dma_chan *chan)
{
	struct dmaconf_port_stat stat = {};

	if (dc->aid && dc->aid->port)
		dc->aid->port->stat(chan, 0, &stat);
	return stat.written + stat.read + stat.stray;
}

/*
 * Broken: memory that was freed after release is overwritten, and a callback runs in a
 * module that is gone.
 */
DMACONF_RULE(chan, release_quiet, MUST,
	     "After terminate_sync and release a channel neither touches memory nor calls back.",
	     "Documentation/driver-api/dmaengine/provider.rst:525; drivers/dma/dmaengine.c:506",
	     NEEDS_FREE | NEEDS_XFER | NEEDS_TERMINATE)
{
	bool can_read = dc->device->directions & BIT(DMA_DEV_TO_MEM);
	enum dma_transfer_direction dir = dmaconf_in_memory(dc) ? DMA_MEM_TO_MEM :
					  can_read ? DMA_DEV_TO_MEM : DMA_MEM_TO_DEV;
	struct dma_chan *chan = dmaconf_unheld(dc);
	struct dmaconf_buf *buf;
	size_t moved;
	int seq;

	for (int i = 0; i < 4; i++)
		stop_and_release(dc, dir, i & 1 && dc->aid && dc->aid->gate);
	seq = dc->seq;
	moved = port_bytes(dc, chan);
	KUNIT_EXPECT_TRUE_MSG(test, dmaconf_stays_quiet(dc, seq),
			      "a callback came after the channel was released");
	KUNIT_EXPECT_EQ_MSG(test, port_bytes(dc, chan), moved,
			    "bytes at the port after the channel was released");
	list_for_each_entry(buf, &dc->bufs, node)
		KUNIT_EXPECT_TRUE_MSG(test, dmaconf_buf_check(dc, buf, "after the release"),
				      "memory was written after the channel was released");
	dmaconf_claim(dc);
}

/* Prepare until there are enough or no more; nothing is submitted. */
static int prepare_many(struct dmaconf *dc, struct dmaconf_xfer *x)
{
	int n = 0;

	while (n < PREPARED && dmaconf_try_prep(x))
		n++;
	return n;
}

static void expect_reclaim(struct dmaconf *dc, bool release)
{
	struct dmaconf_xfer *x = dmaconf_xfer(dc, 64);
	int first = 0, n;

	for (int i = 0; i < LEFTOVERS; i++) {
		n = prepare_many(dc, x);
		if (release) {
			dmaconf_unclaim(dc);
			dmaconf_claim(dc);
		} else {
			dmaconf_terminate_sync(dc);
		}
		if (!i)
			first = n;
		KUNIT_ASSERT_GE_MSG(dc->test, n, first,
				    "descriptors after %d times %d were left over by %s", i, first,
				    release ? "release" : "termination");
	}
}

/*
 * Broken: each aborted client leaks descriptors, until prep fails for everybody after
 * days.
 */
DMACONF_RULE(chan, release_reclaims, SHOULD,
	     "Release and termination take back the descriptors that were prepared and never submitted.",
	     "Documentation/driver-api/dmaengine/provider.rst:381; drivers/dma/virt-dma.h:185",
	     NEEDS_FREE | NEEDS_XFER)
{
	dmaconf_claim(dc);
	if (dmaconf_prep_locks(dc))
		dmaconf_not_applicable(test, "prep takes a lock that submit drops");
	expect_reclaim(dc, true);
	if (dc->device->device_terminate_all)
		expect_reclaim(dc, false);
	/* Whatever termination kept is given back by the release, at the latest. */
	dmaconf_unclaim(dc);
	dmaconf_claim(dc);
}
