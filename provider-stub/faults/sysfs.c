// SPDX-License-Identifier: GPL-2.0-only
/* Faults of what sysfs and debugfs show. */
#include <linux/sched.h>
#include <linux/seq_file.h>

#include "faults.h"
#include "steps.h"

#define FIRST_IN_HARDWARE	8

/* The core numbered them when they were registered, and named them so. */
static int numbers_as_hardware(struct stub_dev *sdev)
{
	int ret = stub_conformant_ops.go_live(sdev);

	for (unsigned int i = 0; i < sdev->nchans; i++)
		sdev->chans[i].chan.chan_id = FIRST_IN_HARDWARE + i;
	return ret;
}

static void numbers_as_core(struct stub_dev *sdev)
{
	for (unsigned int i = 0; i < sdev->nchans; i++)
		sdev->chans[i].chan.chan_id = i;
	stub_conformant_ops.retire(sdev);
}

static bool counts_free(struct dma_chan *chan, void *count)
{
	(*(int *)count)++;
	return false;
}

/* In the core's own call it would hang for ever, and nothing else could be seen. */
static void summary_counts_free(struct seq_file *s, struct dma_device *dma)
{
	dma_cap_mask_t any;
	int count = 0;

	dma_cap_zero(any);
	if (current->flags & PF_WQ_WORKER)
		dma_request_channel(any, counts_free, &count);
	seq_printf(s, " %d channels are free\n", count);
}

static void summary_is_own(struct stub_dev *sdev)
{
	sdev->dma.dbg_summary_show = summary_counts_free;
}

const struct stub_fault stub_sysfs_faults[] = {
	STUB_FAULT(chan_id_overwritten, "sysfs.entries",
		   "The provider numbers its channels as its hardware does, after the core has named them",
		   .go_live = numbers_as_hardware, .retire = numbers_as_core),
	STUB_FAULT_SETUP(summary_requests_channel, "debugfs.summary",
			 "dbg_summary_show requests a channel (when a worker calls it, so that others get through)",
			 summary_is_own),
	{}
};
