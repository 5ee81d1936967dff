// SPDX-License-Identifier: GPL-2.0-only
/* What is left behind after many transfers, terminations and requests. */
#include <linux/kref.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/vmstat.h>

#include "dmaconf.h"

/* Of one kind in a phase: what loses 128 bytes every second time fills two pages. */
#define STRESS_OPS	128
/* Memory that is lost grows in each phase; one without growth acquits. */
#define STRESS_PHASES	4
/* What loses a page every second time loses more; less is the rest of the kernel. */
#define STRESS_LOST_PAGES	(STRESS_OPS / 4)
/* Gaps in slabs of one size: there are never so many. */
#define STRESS_GAPS	4096
/* No phase takes so long unless the machine has other things to do. */
#define STRESS_MS	10000

/**
 * struct stress_use - what may grow
 * @slab: pages of slab memory
 * @pages: less the pages that are free
 * @device_refs: references to the provider's device
 * @dma_refs: references to its dma_device
 */
struct stress_use {
	long slab;
	long pages;
	unsigned int device_refs;
	unsigned int dma_refs;
};

/* With what the CPUs have counted and not yet handed on. */
static long stress_slab_pages(void)
{
	long pages = global_node_page_state_pages(NR_SLAB_UNRECLAIMABLE_B);
#ifdef CONFIG_SMP
	int nid, cpu;

	for_each_online_node(nid)
		for_each_online_cpu(cpu)
			pages += per_cpu_ptr(NODE_DATA(nid)->per_cpu_nodestats, cpu)
				->vm_node_stat_diff[NR_SLAB_UNRECLAIMABLE_B];
#endif
	return pages;
}

/* With those that the CPUs keep for themselves. */
static long stress_free_pages(void)
{
	long pages = 0;
	int nid, cpu;

	for_each_online_node(nid) {
		struct zone *zone = NODE_DATA(nid)->node_zones;

		for (int i = 0; i < MAX_NR_ZONES; i++, zone++) {
			if (!populated_zone(zone))
				continue;
			pages += zone_page_state_snapshot(zone, NR_FREE_PAGES);
			for_each_online_cpu(cpu)
				pages += per_cpu_ptr(zone->per_cpu_pageset, cpu)->count;
		}
	}
	return pages;
}

/* What RCU is still to free is not lost, nor are addresses that are given back in bulk. */
static struct stress_use stress_use(struct dmaconf *dc)
{
	rcu_barrier();
	vm_unmap_aliases();
	return (struct stress_use){
		.slab = stress_slab_pages(),
		.pages = -stress_free_pages(),
		.device_refs = kref_read(&dc->device->dev->kobj.kref),
		.dma_refs = kref_read(&dc->device->ref),
	};
}

static void stress_transfer(struct dmaconf *dc, struct dmaconf_xfer *x)
{
	int calls = x->calls;

	dmaconf_queue(x);
	dmaconf_issue(dc);
	if (!dmaconf_wait_calls(x, calls + 1))
		KUNIT_FAIL_AND_ABORT(dc->test, "transfer %d was not called back", x->submissions);
	dmaconf_streams_resync(dc);
}

/* What was not issued cannot have ended. */
static void stress_terminate(struct dmaconf *dc, struct dmaconf_xfer *x)
{
	dmaconf_queue(x);
	if (x->submissions % 2)
		dmaconf_issue(dc);
	KUNIT_ASSERT_EQ(dc->test, dmaconf_terminate_sync(dc), 0);
	dmaconf_streams_resync(dc);
}

/* There are providers that allocate for the first transfer only. */
static void stress_request(struct dmaconf *dc, struct dmaconf_xfer *x)
{
	stress_transfer(dc, x);
	if (dc->device->device_terminate_all)
		dmaconf_terminate_sync(dc);
	dmaconf_unclaim(dc);
	dmaconf_claim(dc);
}

static const struct {
	const char *name;
	void (*once)(struct dmaconf *dc, struct dmaconf_xfer *x);
	bool terminates;
} stress_kinds[] = {
	{ "transfers", stress_transfer },
	{ "terminations", stress_terminate, .terminates = true },
	{ "requests", stress_request },
};

static void stress_phase(struct dmaconf *dc, struct dmaconf_xfer *x, int kind)
{
	ktime_t end = ktime_add_ms(ktime_get(), STRESS_MS);

	for (int i = 0; i < STRESS_OPS; i++) {
		stress_kinds[kind].once(dc, x);
		if (ktime_after(ktime_get(), end))
			dmaconf_inconclusive(dc->test, "only %d of %d %s within %d ms", i + 1,
					     STRESS_OPS, stress_kinds[kind].name, STRESS_MS);
	}
}

/* Objects of all sizes that occupy what was free in slabs, each pointing to the next. */
static void *stress_filler;

static void stress_empty(void)
{
	while (stress_filler) {
		void *next = *(void **)stress_filler;

		kfree(stress_filler);
		stress_filler = next;
	}
}

/* Without, what is lost would fill the gaps of other slabs before a page is taken. */
static void stress_fill(void)
{
	static const size_t sizes[] = { 32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096 };

	for (int i = 0; i < ARRAY_SIZE(sizes); i++) {
		long before = stress_slab_pages();

		for (int n = 0; n < STRESS_GAPS && stress_slab_pages() <= before; n++) {
			void **object = kmalloc(sizes[i], GFP_KERNEL);

			if (!object)
				return;
			*object = stress_filler;
			stress_filler = object;
		}
	}
}

/* In the first phase pools are filled, and whatever is allocated once. */
static void stress_kind(struct dmaconf *dc, struct dmaconf_xfer *x, int kind)
{
	struct stress_use before, after;

	stress_phase(dc, x, kind);
	/* A sanitizer keeps freed memory for a while; there kmemleak decides when all is over. */
	if (IS_ENABLED(CONFIG_KASAN))
		return;
	stress_empty();
	stress_fill();
	after = stress_use(dc);
	for (int i = 0; i < STRESS_PHASES; i++) {
		before = after;
		stress_phase(dc, x, kind);
		after = stress_use(dc);
		if (after.slab <= before.slab && after.pages < before.pages + STRESS_LOST_PAGES)
			return;
	}
	KUNIT_FAIL(dc->test, "%d %s, and again memory is lost: %ld pages of slab, %ld pages in all",
		   STRESS_OPS, stress_kinds[kind].name, after.slab - before.slab,
		   after.pages - before.pages);
}

/* Broken: a machine that runs for months has less memory every day, or cannot unload the driver. */
DMACONF_RULE(stress, leak, MUST,
	     "Hundreds of transfers, terminations and requests leave nothing behind: no memory, no references.",
	     "Documentation/driver-api/dmaengine/provider.rst:381; drivers/dma/dmaengine.c:447",
	     NEEDS_XFER | NEEDS_FREE)
{
	struct stress_use before, after;
	struct dmaconf_xfer *x;

	dmaconf_claim(dc);
	x = dmaconf_xfer(dc, 32);
	stress_transfer(dc, x);
	before = stress_use(dc);
	for (int i = 0; i < ARRAY_SIZE(stress_kinds); i++)
		if (!stress_kinds[i].terminates || dc->device->device_terminate_all)
			stress_kind(dc, x, i);
	after = stress_use(dc);
	stress_empty();
	KUNIT_EXPECT_EQ_MSG(test, after.device_refs, before.device_refs,
			    "references to the device after many requests");
	KUNIT_EXPECT_EQ_MSG(test, after.dma_refs, before.dma_refs,
			    "references to the DMA device after many requests");
	if (IS_ENABLED(CONFIG_KASAN) && !IS_ENABLED(CONFIG_DEBUG_KMEMLEAK) &&
	    test->status == KUNIT_SUCCESS)
		dmaconf_inconclusive(test, "KASAN keeps freed memory; only kmemleak tells");
}

static struct kunit_case stress_rules[] = {
	DMACONF_CASE(stress, leak),
	{}
};

DMACONF_SUITE(stress);

kunit_test_suites(&stress_suite);
