// SPDX-License-Identifier: GPL-2.0-only
/* A provider that goes away, with channels held and without. */
#include <linux/device.h>
#include <linux/kref.h>
#include <linux/pci.h>

#include "dmaconf.h"

#define TIMES	10	/* that a provider goes and comes back */

/* device_release with a counter in front; one rule at a time. */
static struct {
	void (*real)(struct dma_device *device);
	struct dma_device *due;
	bool hold_back;
	int calls;
} release;

/*
 * dma_release_channel() still looks at the channel after this was called for
 * its provider: with a channel held the real one has to wait until it returned.
 */
static void release_shim(struct dma_device *device)
{
	release.calls++;
	if (release.hold_back)
		release.due = device;
	else
		release.real(device);
}

static void release_last(struct dma_chan *chan)
{
	dma_release_channel(chan);
	if (release.due)
		release.real(release.due);
	release.due = NULL;
}

static void release_watch(struct dmaconf *dc, bool hold_back)
{
	release.real = dc->device->device_release;
	release.due = NULL;
	release.hold_back = hold_back;
	release.calls = 0;
	dc->device->device_release = release_shim;
}

static void need_alone(struct dmaconf *dc)
{
	if (dmaconf_anybody_holds(dc->device))
		dmaconf_not_tested(dc->test, "somebody holds a channel of the provider");
	if (IS_ENABLED(CONFIG_DMA_API_DEBUG) && dev_is_pci(dc->device->dev) &&
	    dc->rule->needs & NEEDS_XFER)
		dmaconf_not_tested(dc->test,
				   "CONFIG_DMA_API_DEBUG: memory may not stay mapped while a PCI device goes");
}

/* The provider is gone for everybody but the @holders of its channels. */
static void expect_gone(struct dmaconf *dc, struct dma_device *device, int holders)
{
	KUNIT_EXPECT_EQ_MSG(dc->test, dmaconf_entries(dc->unplugged), 0,
			    "channels in sysfs after it was unbound");
	KUNIT_EXPECT_EQ_MSG(dc->test, release.calls, !holders,
			    "device_release was called, with %d channels held", holders);
	if (!holders)
		return;
	KUNIT_ASSERT_FALSE_MSG(dc->test, dmaconf_freed(dc, device, sizeof(*device)),
			       "the dma_device was freed with %d channels held", holders);
	KUNIT_EXPECT_EQ_MSG(dc->test, kref_read(&device->ref), holders,
			    "references to the provider, with %d channels held", holders);
}

static void expect_released_once(struct dmaconf *dc, int holders)
{
	struct dma_device *device = dc->device;
	struct dma_chan *chans[2] = {};

	for (int i = 0; i < holders; i++) {
		chans[i] = dmaconf_request_any(device);
		KUNIT_ASSERT_NOT_NULL(dc->test, chans[i]);
	}
	release_watch(dc, holders);
	dmaconf_unbind(dc);
	expect_gone(dc, device, holders);
	for (int i = 0; i < holders; i++) {
		bool last = i == holders - 1;

		release_last(chans[i]);
		KUNIT_EXPECT_EQ_MSG(dc->test, release.calls, last,
				    "device_release was called, with %d of %d channels released",
				    i + 1, holders);
	}
	dmaconf_rebind(dc);
}

/*
 * Broken: the kernel works on freed memory when a provider goes while it is used, or never gives
 * its memory back.
 */
DMACONF_RULE(unplug, release, MUST,
	     "A provider that goes is released once, after the last of its channels, and is gone from sysfs at once.",
	     "drivers/dma/dmaengine.c:423; drivers/dma/dmaengine.c:1144; drivers/dma/dmaengine.c:1306; include/linux/dmaengine.h:853",
	     NEEDS_FREE | NEEDS_UNBIND | NEEDS_UNPLUG)
{
	need_alone(dc);
	for (int holders = 0; holders <= min_t(int, 2, dc->device->chancnt); holders++)
		expect_released_once(dc, holders);
}

/* Any answer is right, as long as there is one. */
static void try_everything(struct dmaconf *dc, struct dmaconf_xfer *old)
{
	struct dmaconf_xfer *x = dmaconf_xfer(dc, 256);

	dmaconf_status(old);
	if (dmaconf_try_queue(x))
		dmaconf_status(x);
	dmaconf_issue(dc);
	dmaengine_pause(dc->chan);
	dmaengine_resume(dc->chan);
	if (x->dir != DMA_MEM_TO_MEM)
		dmaconf_config(dc, 0);
	if (dc->device->device_terminate_all)
		dmaconf_terminate_sync(dc);
	dmaengine_synchronize(dc->chan);
}

static void expect_still(struct dmaconf *dc)
{
	struct dmaconf_buf *buf;
	struct dmaconf_xfer *x;

	/* Whatever they were told, nobody waits for these any more. */
	list_for_each_entry(x, &dc->xfers, node)
		if (x->state == DMACONF_PREPARED || x->state == DMACONF_SUBMITTED)
			x->state = DMACONF_ABORTED;
	list_for_each_entry(buf, &dc->bufs, node)
		dmaconf_buf_freeze(dc, buf);
	KUNIT_EXPECT_TRUE_MSG(dc->test, dmaconf_stays_quiet(dc, dc->seq),
			      "a callback came after the provider had gone");
	list_for_each_entry(buf, &dc->bufs, node)
		KUNIT_EXPECT_TRUE_MSG(dc->test,
				      dmaconf_buf_check(dc, buf, "after the provider had gone"),
				      "memory was written after the provider had gone");
}

/*
 * Broken: pulling a card, or unbinding its driver, crashes its clients or lets it write to
 * memory that they have freed.
 */
DMACONF_RULE(unplug, ops_safe, MUST,
	     "The holder of a channel whose provider has gone can still call everything: nothing crashes, and what was under way ends.",
	     "include/linux/dmaengine.h:853; drivers/dma/plx_dma.c:171",
	     NEEDS_FREE | NEEDS_XFER | NEEDS_UNBIND | NEEDS_UNPLUG)
{
	struct dmaconf_xfer *x[4];
	bool gate;

	need_alone(dc);
	dmaconf_claim(dc);
	gate = dc->aid && dc->aid->gate;
	if (gate)
		dmaconf_hold(dc);
	for (int i = 0; i < ARRAY_SIZE(x); i++) {
		x[i] = dmaconf_xfer(dc, SZ_32K);
		dmaconf_queue(x[i]);
		/* The last is submitted only. */
		if (i < ARRAY_SIZE(x) - 1)
			dmaconf_issue(dc);
	}
	if (gate)
		dmaconf_step(dc, SZ_8K);
	release_watch(dc, true);
	dmaconf_unbind(dc);
	KUNIT_EXPECT_EQ_MSG(test, release.calls, 0, "released with a channel held");
	dmaconf_release(dc);
	try_everything(dc, x[0]);
	expect_still(dc);

	dc->aid = NULL;
	release_last(dc->chan);
	dc->chan = NULL;
	dmaconf_rebind(dc);
	dmaconf_claim(dc);
}

/*
 * Broken: entries of a provider that is gone stay in sysfs, lead to freed memory, and keep it
 * from ever coming back.
 */
DMACONF_RULE(unplug, list_intact, MUST,
	     "A provider that goes takes all its channels along, and can come back, any number of times.",
	     "drivers/dma/dmaengine.c:1312; drivers/dma/dmaengine.c:26",
	     NEEDS_FREE | NEEDS_UNBIND)
{
	unsigned int chans = dc->device->chancnt;

	need_alone(dc);
	for (int i = 0; i < TIMES; i++) {
		dmaconf_unbind(dc);
		KUNIT_ASSERT_EQ_MSG(test, dmaconf_entries(dc->unplugged), 0,
				    "channels in sysfs after it was unbound");
		dmaconf_rebind(dc);
		KUNIT_ASSERT_EQ_MSG(test, dc->device->chancnt, chans,
				    "channels after it came back");
	}
	dmaconf_claim(dc);
	if (dmaconf_can_transfer(dc))
		dmaconf_transfer(dc, 1024);
}

/* Broken: a client is given a channel of hardware that is no longer there. */
DMACONF_RULE(unplug, no_new, SHOULD,
	     "Once a provider has gone nobody gets another channel of it.",
	     "drivers/dma/dmaengine.c:423; drivers/dma/dmaengine.c:645",
	     NEEDS_FREE | NEEDS_UNBIND | NEEDS_UNPLUG)
{
	struct dma_chan *held, *chan;

	need_alone(dc);
	if (dc->device->chancnt < 2)
		dmaconf_not_applicable(test, "the provider has one channel only");
	held = dmaconf_request_any(dc->device);
	KUNIT_ASSERT_NOT_NULL(test, held);
	release_watch(dc, true);
	dmaconf_unbind(dc);
	/* As long as one is held the core still has the others on offer. */
	chan = dmaconf_request_any(held->device);
	KUNIT_EXPECT_NULL_MSG(test, chan, "a channel of a provider that has gone");
	if (chan)
		dma_release_channel(chan);
	release_last(held);
	dmaconf_rebind(dc);
}

static struct kunit_case unplug_rules[] = {
	DMACONF_CASE(unplug, release),
	DMACONF_CASE(unplug, ops_safe),
	DMACONF_CASE(unplug, list_intact),
	DMACONF_CASE(unplug, no_new),
	{}
};

DMACONF_SUITE(unplug);

kunit_test_suites(&unplug_suite);
