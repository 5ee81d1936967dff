// SPDX-License-Identifier: GPL-2.0-only
/* Slave configuration. */
#include <linux/string.h>

#include "dmaconf.h"

#define LEN	192	/* a multiple of all bus widths up to 64 bytes */

static const enum dma_transfer_direction cfg_dirs[] = { DMA_MEM_TO_DEV, DMA_DEV_TO_MEM };

static const char *cfg_dir_name(enum dma_transfer_direction dir)
{
	return dir == DMA_MEM_TO_DEV ? "MEM_TO_DEV" : "DEV_TO_MEM";
}

static struct dmaconf_xfer *cfg_xfer(struct dmaconf *dc, enum dma_transfer_direction dir,
				     unsigned int port)
{
	struct dmaconf_xfer *x = dmaconf_xfer_dir(dc, LEN, dir);

	x->port = port;
	return x;
}

/* A transfer with the configuration in force, which must arrive at @port. */
static bool cfg_transfer(struct dmaconf *dc, enum dma_transfer_direction dir, unsigned int port)
{
	struct dmaconf_xfer *x = cfg_xfer(dc, dir, port);

	if (!dmaconf_try_queue(x)) {
		KUNIT_FAIL(dc->test, "%s was refused with the configuration in force",
			   cfg_dir_name(dir));
		return false;
	}
	dmaconf_issue(dc);
	return dmaconf_finish(x);
}

static bool cfg_transfer_both(struct dmaconf *dc, unsigned int port)
{
	for (int i = 0; i < ARRAY_SIZE(cfg_dirs); i++)
		if (dmaconf_offers(dc, cfg_dirs[i]) && !cfg_transfer(dc, cfg_dirs[i], port))
			return false;
	return true;
}

/* The caller's structure goes on living as something else. */
static void cfg_overwrite(struct dmaconf *dc, struct dma_slave_config *cfg)
{
	if (dc->aid->ports > 1)
		*cfg = dmaconf_config_for(dc, 1);
	else
		memset(cfg, 0xa5, sizeof(*cfg));
}

/*
 * Broken: the configuration stood on the caller's stack: the next transfer goes to
 * whatever address lies there by then.
 */
DMACONF_RULE(cfg, copied, MUST,
	     "What a slave configuration says is copied: the caller's structure is dead when the call has returned.",
	     "sound/soc/soc-generic-dmaengine-pcm.c:82; drivers/mmc/host/sdhci.c:1254; Documentation/driver-api/dmaengine/provider.rst:471",
	     NEEDS_SLAVE | NEEDS_CONFIG | NEEDS_XFER | NEEDS_PORT)
{
	struct dma_slave_config cfg = dmaconf_config_for(dc, 0);
	struct dmaconf_xfer *x[ARRAY_SIZE(cfg_dirs)] = {};

	KUNIT_ASSERT_EQ(test, dmaengine_slave_config(dc->chan, &cfg), 0);
	cfg_overwrite(dc, &cfg);
	for (int i = 0; i < ARRAY_SIZE(x); i++) {
		if (!dmaconf_offers(dc, cfg_dirs[i]))
			continue;
		x[i] = cfg_xfer(dc, cfg_dirs[i], 0);
		dmaconf_queue(x[i]);
	}
	cfg_overwrite(dc, &cfg);
	dmaconf_issue(dc);
	for (int i = 0; i < ARRAY_SIZE(x); i++)
		if (x[i] && !dmaconf_finish(x[i]))
			KUNIT_FAIL_AND_ABORT(test,
					     "%s used the configuration as the caller's memory was later",
					     cfg_dir_name(cfg_dirs[i]));
}

/**
 * struct cfg_try - a configuration that must be accepted
 * @dir: direction in use
 * @width: bus width on the peripheral's side
 * @burst: words in a burst
 * @other: bus width in the half of the other direction, 0 when that is left out
 */
struct cfg_try {
	enum dma_transfer_direction dir;
	unsigned int width;
	u32 burst;
	unsigned int other;
};

static struct dma_slave_config cfg_build(struct dmaconf *dc, const struct cfg_try *t)
{
	struct dma_slave_config cfg = { .direction = t->dir };

	if (t->other || t->dir == DMA_DEV_TO_MEM) {
		cfg.src_addr = dmaconf_port_addr(dc, 0, DMA_DEV_TO_MEM);
		cfg.src_addr_width = t->dir == DMA_DEV_TO_MEM ? t->width : t->other;
		cfg.src_maxburst = t->dir == DMA_DEV_TO_MEM ? t->burst : 1;
	}
	if (t->other || t->dir == DMA_MEM_TO_DEV) {
		cfg.dst_addr = dmaconf_port_addr(dc, 0, DMA_MEM_TO_DEV);
		cfg.dst_addr_width = t->dir == DMA_MEM_TO_DEV ? t->width : t->other;
		cfg.dst_maxburst = t->dir == DMA_MEM_TO_DEV ? t->burst : 1;
	}
	return cfg;
}

static void cfg_check_accepted(struct kunit *test, struct dmaconf *dc, const struct cfg_try *t)
{
	struct dma_slave_config cfg = cfg_build(dc, t);
	int ret = dmaengine_slave_config(dc->chan, &cfg);
	struct dmaconf_port_stat stat;

	KUNIT_ASSERT_EQ_MSG(test, ret, 0,
			    "refused: %s, width %u, burst %u, %s", cfg_dir_name(t->dir),
			    t->width, t->burst, t->other ? "both halves" : "only its half");
	dmaconf_streams_width(dc, t->width);
	/* Some engines move whole bursts only. */
	if (LEN % (t->width * t->burst))
		return;
	dmaconf_connect(dc, 0, SIZE_MAX, false);
	if (!cfg_transfer(dc, t->dir, 0))
		KUNIT_FAIL_AND_ABORT(test,
				     "accepted, but does not work: %s, width %u, burst %u, %s",
				     cfg_dir_name(t->dir), t->width, t->burst,
				     t->other ? "both halves" : "only its half");
	dc->aid->port->stat(dc->chan, 0, &stat);
	if (stat.widths)
		KUNIT_ASSERT_EQ_MSG(test, stat.widths, (u32)BIT(t->width),
				    "%s with width %u, and %u in the other half: another width was used",
				    cfg_dir_name(t->dir), t->width, t->other);
}

/* With the other half left out, or with each width in it that may be there. */
static void cfg_check_width(struct kunit *test, struct dmaconf *dc,
			    enum dma_transfer_direction dir, unsigned int width,
			    const struct dma_slave_caps *caps)
{
	u32 others = dir == DMA_MEM_TO_DEV ? caps->src_addr_widths : caps->dst_addr_widths;
	struct cfg_try t = { .dir = dir, .width = width };

	for (t.other = 0; t.other < 32; t.other++) {
		if (t.other && !(others & BIT(t.other)) && t.other != width)
			continue;
		t.burst = 1;
		cfg_check_accepted(test, dc, &t);
		t.burst = caps->max_burst;
		if (t.burst)
			cfg_check_accepted(test, dc, &t);
	}
}

/*
 * Broken: a client that fills in only the half that it uses is refused, and its device
 * works without DMA or not at all.
 */
DMACONF_RULE(cfg, accept, MUST,
	     "A configuration made of advertised widths, bursts and directions is accepted, with both halves filled in or only the one in use.",
	     "Documentation/driver-api/dmaengine/provider.rst:469; include/linux/dmaengine.h:396; drivers/tty/serial/8250/8250_dma.c:234",
	     NEEDS_SLAVE | NEEDS_CONFIG | NEEDS_XFER | NEEDS_PORT)
{
	struct dma_slave_caps caps;
	u32 widths;

	if (dma_get_slave_caps(dc->chan, &caps))
		dmaconf_not_applicable(test, "the provider advertises no slave directions");
	for (int i = 0; i < ARRAY_SIZE(cfg_dirs); i++) {
		if (!(caps.directions & BIT(cfg_dirs[i])))
			continue;
		widths = cfg_dirs[i] == DMA_MEM_TO_DEV ? caps.dst_addr_widths :
							 caps.src_addr_widths;
		for (unsigned int width = 1; width < 32; width++)
			if (widths & BIT(width) && !(LEN % width))
				cfg_check_width(test, dc, cfg_dirs[i], width, &caps);
	}
}

/* A transfer that was prepared with @width: it may only happen with that width. */
static void cfg_check_used_width(struct kunit *test, struct dmaconf_xfer *x, unsigned int width)
{
	struct dmaconf *dc = x->dc;
	enum dmaconf_outcome outcome;
	struct dmaconf_port_stat stat;

	dmaconf_streams_width(dc, width);
	KUNIT_ASSERT_TRUE(test, dmaconf_try_submit(x));
	dmaconf_issue(dc);
	outcome = dmaconf_wait(x);
	if (!dmaconf_port_counts(dc)) {
		KUNIT_ASSERT_NE_MSG(test, outcome, DMACONF_WRONG,
				    "width %u was accepted, and the data is that of another",
				    width);
		return;
	}
	dc->aid->port->stat(dc->chan, 0, &stat);
	KUNIT_ASSERT_EQ_MSG(test, stat.widths, (u32)BIT(width),
			    "width %u was accepted, and the port was accessed with others", width);
}

static void cfg_check_refused(struct kunit *test, struct dmaconf *dc,
			      enum dma_transfer_direction dir, unsigned int width)
{
	const struct cfg_try t = { .dir = dir, .width = width, .burst = 1 };
	struct dma_slave_config cfg = cfg_build(dc, &t);
	struct dmaconf_xfer *x = cfg_xfer(dc, dir, 0);

	dmaconf_connect(dc, 0, SIZE_MAX, false);
	KUNIT_ASSERT_EQ(test, dmaconf_config(dc, 0), 0);
	if (dmaengine_slave_config(dc->chan, &cfg)) {
		/* It should still be in force; some forget it, and then refuse to prepare. */
		if (!dmaconf_try_prep(x))
			dmaconf_diag(dc, "a refused configuration has spoilt the one before");
		else
			cfg_check_used_width(test, x, dmaconf_width(dc));
	} else if (dmaconf_try_prep(x)) {
		cfg_check_used_width(test, x, width);
	} else {
		KUNIT_EXPECT_NULL_MSG(test, x->tx, "width %u: prep returned %pe", width, x->tx);
	}
	KUNIT_ASSERT_EQ_MSG(test, dmaconf_config(dc, 0), 0,
			    "a plain configuration was refused after one with width %u", width);
	dmaconf_connect(dc, 0, SIZE_MAX, false);
	if (!cfg_transfer(dc, dir, 0))
		KUNIT_FAIL_AND_ABORT(test, "the channel does not work after width %u", width);
}

/*
 * Broken: bytes of the peripheral arrive doubled, merged or cut, and nobody has reported
 * an error.
 */
DMACONF_RULE(cfg, reject, MUST,
	     "A bus width that is not supported is refused by the configuration or by prep, and never replaced by another.",
	     "include/linux/dmaengine.h:409; drivers/dma/amba-pl08x.c:2135; drivers/dma/bcm2835-dma.c:663",
	     NEEDS_SLAVE | NEEDS_CONFIG | NEEDS_XFER | NEEDS_PORT)
{
	/* 5 and 7 do not exist, and from 32 on the masks have no bits. */
	static const unsigned int widths[] = { 1, 2, 3, 4, 5, 7, 8, 16 };

	for (int d = 0; d < ARRAY_SIZE(cfg_dirs); d++) {
		u32 offered = cfg_dirs[d] == DMA_MEM_TO_DEV ? dc->device->dst_addr_widths :
							      dc->device->src_addr_widths;

		if (!dmaconf_offers(dc, cfg_dirs[d]))
			continue;
		for (int i = 0; i < ARRAY_SIZE(widths); i++)
			if (!(offered & BIT(widths[i])))
				cfg_check_refused(test, dc, cfg_dirs[d], widths[i]);
	}
}

/*
 * Broken: a client with one configuration for both directions, as drivers have now,
 * transfers the wrong way.
 */
DMACONF_RULE(cfg, direction_arg, MUST,
	     "The direction of a transfer is the argument of prep, whatever dma_slave_config.direction says.",
	     "Documentation/driver-api/dmaengine/provider.rst:480; include/linux/dmaengine.h:398; drivers/mmc/host/sdhci.c:1261",
	     NEEDS_SLAVE | NEEDS_CONFIG | NEEDS_XFER | NEEDS_PORT)
{
	static const enum dma_transfer_direction said[] = {
		DMA_MEM_TO_MEM, DMA_MEM_TO_DEV, DMA_DEV_TO_MEM, DMA_TRANS_NONE,
	};
	struct dma_slave_config cfg = dmaconf_config_for(dc, 0);
	unsigned int src_port = dc->aid->ports > 1;

	/* The halves differ where they can, so that mixing them up is noticed too. */
	cfg.src_addr = dmaconf_port_addr(dc, src_port, DMA_DEV_TO_MEM);
	for (int i = 0; i < ARRAY_SIZE(said); i++) {
		cfg.direction = said[i];
		KUNIT_ASSERT_EQ_MSG(test, dmaengine_slave_config(dc->chan, &cfg), 0,
				    "refused: direction %d, which is deprecated and to be ignored",
				    said[i]);
		for (int d = 0; d < ARRAY_SIZE(cfg_dirs); d++) {
			if (!dmaconf_offers(dc, cfg_dirs[d]))
				continue;
			if (!cfg_transfer(dc, cfg_dirs[d],
					  cfg_dirs[d] == DMA_DEV_TO_MEM ? src_port : 0))
				KUNIT_FAIL_AND_ABORT(test,
						     "%s does not work when the configuration says direction %d",
						     cfg_dir_name(cfg_dirs[d]), said[i]);
		}
	}
}

/* Two transfers around a configuration, with the first one unissued or half way. */
static void cfg_check_order(struct kunit *test, struct dmaconf *dc,
			    enum dma_transfer_direction dir, bool running)
{
	struct dmaconf_xfer *first = cfg_xfer(dc, dir, 0), *second = cfg_xfer(dc, dir, 1);
	const char *when = running ? "running" : "submitted";

	KUNIT_ASSERT_EQ(test, dmaconf_config(dc, 0), 0);
	if (running)
		dmaconf_hold(dc);
	dmaconf_queue(first);
	if (running) {
		dmaconf_issue(dc);
		dmaconf_step(dc, LEN / 2);
	}
	KUNIT_ASSERT_EQ_MSG(test, dmaconf_config(dc, 1), 0, "refused while a transfer was %s",
			    when);
	dmaconf_queue(second);
	dmaconf_issue(dc);
	dmaconf_release(dc);
	if (!dmaconf_finish(first))
		KUNIT_FAIL_AND_ABORT(test, "a configuration has changed a %s that was %s",
				     cfg_dir_name(dir), when);
	if (!dmaconf_finish(second))
		KUNIT_FAIL_AND_ABORT(test,
				     "a configuration made while a %s was %s has no effect on the next",
				     cfg_dir_name(dir), when);
}

/*
 * Broken: a transfer that was queued for one FIFO ends up in another when the client
 * configures the next one.
 */
DMACONF_RULE(cfg, subsequent_only, MUST,
	     "A configuration is for transfers prepared afterwards, not for those that are submitted or running.",
	     "Documentation/driver-api/dmaengine/provider.rst:473",
	     NEEDS_SLAVE | NEEDS_CONFIG | NEEDS_XFER | NEEDS_TWO_PORTS)
{
	for (int i = 0; i < ARRAY_SIZE(cfg_dirs); i++) {
		if (!dmaconf_offers(dc, cfg_dirs[i]))
			continue;
		cfg_check_order(test, dc, cfg_dirs[i], false);
		if (dc->aid->gate)
			cfg_check_order(test, dc, cfg_dirs[i], true);
	}
}

/* Not configured: nothing can be moved, and nothing should be reported as moved. */
static void cfg_check_unconfigured(struct kunit *test, struct dmaconf *dc,
				   enum dma_transfer_direction dir)
{
	struct dmaconf_xfer *x = cfg_xfer(dc, dir, 0);
	enum dma_status status;

	x->with_result = true;
	if (!dmaconf_try_queue(x)) {
		KUNIT_EXPECT_FALSE_MSG(test, IS_ERR(x->tx), "prep returned %pe, not NULL", x->tx);
		return;
	}
	dmaconf_issue(dc);
	dmaconf_wait_calls(x, 1);
	status = dmaconf_status(x).status;
	if (x->calls && x->result.result == DMA_TRANS_NOERROR && status == DMA_COMPLETE) {
		dmaconf_should(dc, "the client has broken the contract first");
		KUNIT_FAIL(test,
			   "%s on a channel that its owner never configured was reported as a success",
			   cfg_dir_name(dir));
	}
	dmaconf_terminate_sync(dc);
}

/* A transfer is stopped half way. */
static void cfg_stop_one(struct kunit *test, struct dmaconf *dc)
{
	dmaconf_hold(dc);
	dmaconf_start(cfg_xfer(dc, DMA_MEM_TO_DEV, 0));
	dmaconf_step(dc, LEN / 3);
	KUNIT_EXPECT_EQ(test, dmaconf_terminate_sync(dc), 0);
	dmaconf_release(dc);
}

static void cfg_check_paused(struct kunit *test, struct dmaconf *dc)
{
	struct dmaconf_xfer *x = cfg_xfer(dc, DMA_MEM_TO_DEV, 0);

	dmaconf_hold(dc);
	dmaconf_start(x);
	dmaconf_step(dc, LEN / 3);
	KUNIT_EXPECT_EQ(test, dmaengine_pause(dc->chan), 0);
	KUNIT_EXPECT_EQ(test, dmaengine_resume(dc->chan), 0);
	dmaconf_release(dc);
	dmaconf_finish(x);
	KUNIT_ASSERT_TRUE_MSG(test, cfg_transfer_both(dc, 0),
			      "the configuration did not last over pause and resume");
}

/*
 * Broken: transfers after the first terminate or pause go to a wrong address or at a
 * wrong width, as clients configure once.
 */
DMACONF_RULE(cfg, persist, MUST,
	     "A configuration lasts for any number of transfers, over termination, pause and resume, until it is replaced or the channel is released.",
	     "drivers/tty/serial/8250/8250_dma.c:263; drivers/dma/stm32/stm32-dma.c:1094",
	     NEEDS_SLAVE | NEEDS_CONFIG | NEEDS_XFER | NEEDS_PORT | NEEDS_TERMINATE | NEEDS_FREE)
{
	dmaconf_claim(dc);
	for (int i = 0; i < 3; i++) {
		KUNIT_ASSERT_TRUE_MSG(test, cfg_transfer_both(dc, 0),
				      "the configuration did not last over %d terminations", i);
		KUNIT_ASSERT_EQ(test, dmaconf_terminate(dc), 0);
		dmaengine_synchronize(dc->chan);
		KUNIT_ASSERT_TRUE_MSG(test, cfg_transfer_both(dc, 0),
				      "the configuration did not last over terminate_async");
		if (dc->aid->gate)
			cfg_stop_one(test, dc);
		else
			KUNIT_ASSERT_EQ(test, dmaconf_terminate_sync(dc), 0);
	}
	if (dc->aid->gate && dc->device->device_pause && dc->device->device_resume)
		cfg_check_paused(test, dc);

	/* Last, as what is used after all is then no stranger's address. */
	dmaconf_unclaim(dc);
	dc->chan = dmaconf_request(dc->label);
	KUNIT_ASSERT_NOT_NULL(test, dc->chan);
	for (int i = 0; i < ARRAY_SIZE(cfg_dirs); i++)
		if (dmaconf_offers(dc, cfg_dirs[i]))
			cfg_check_unconfigured(test, dc, cfg_dirs[i]);
}

/*
 * Broken: two peripherals behind one controller overwrite each other's settings: bytes for
 * the one arrive at the other, or with its width.
 */
DMACONF_RULE(cfg, per_channel, MUST,
	     "A configuration is that of its channel: what another channel of the device is told changes nothing here.",
	     "Documentation/driver-api/dmaengine/provider.rst:469; include/linux/dmaengine.h:396",
	     NEEDS_SLAVE | NEEDS_XFER | NEEDS_TWO_PORTS | NEEDS_PEER)
{
	enum dmaconf_outcome outcome;

	for (int i = 0; i < 2; i++) {
		outcome = dmaconf_peer_finish(dmaconf_peer_start(dc));
		KUNIT_EXPECT_EQ_MSG(test, outcome, DMACONF_DONE,
				    "a transfer of another channel, after this one was configured");
		if (!cfg_transfer_both(dc, 0))
			KUNIT_FAIL_AND_ABORT(test,
					     "another channel was configured, and this one does not work any more");
		KUNIT_ASSERT_EQ(test, dmaconf_config(dc, 0), 0);
	}
}

static struct kunit_case cfg_rules[] = {
	DMACONF_CASE(cfg, copied),
	DMACONF_CASE(cfg, accept),
	DMACONF_CASE(cfg, reject),
	DMACONF_CASE(cfg, direction_arg),
	DMACONF_CASE(cfg, subsequent_only),
	DMACONF_CASE(cfg, persist),
	DMACONF_CASE(cfg, per_channel),
	{}
};

DMACONF_SUITE(cfg);

kunit_test_suites(&cfg_suite);
