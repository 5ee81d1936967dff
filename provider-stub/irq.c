// SPDX-License-Identifier: GPL-2.0-only
/*
 * The engine's interrupt, by which the driver learns that a transfer is over:
 * the engine raises it, and as a test wants it is lost, doubled, late or made up.
 */
#include <linux/ktime.h>

#include "steps.h"
#include "stub.h"

#define STUB_LATE_MS	5

/**
 * stub_irq_raise - some transfer of the channel is over
 * @sc: the channel, locked
 *
 * Context: any.
 */
void stub_irq_raise(struct stub_chan *sc)
{
	enum dmaconf_inject what = sc->inject;

	if (what >= DMACONF_INJECT_IRQ_LOST)
		sc->inject = DMACONF_INJECT_NONE;
	if (what == DMACONF_INJECT_IRQ_LOST)
		return;
	if (what == DMACONF_INJECT_IRQ_LATE) {
		hrtimer_start(&sc->late, ms_to_ktime(STUB_LATE_MS), HRTIMER_MODE_REL_HARD);
		return;
	}
	sc->sdev->ops.interrupt(sc);
	if (what == DMACONF_INJECT_IRQ_TWICE)
		sc->sdev->ops.interrupt(sc);
}

static void stub_end(struct stub_chan *sc, struct stub_desc *desc)
{
	desc->over = false;
	if (desc->result.result != DMA_TRANS_NOERROR) {
		sc->failed = desc->tx.cookie;
		sc->inject = DMACONF_INJECT_NONE;
	} else {
		sc->sdev->ops.carry(sc, desc);
	}
	sc->sdev->ops.complete(sc, desc);
	sc->sdev->ops.power(sc);
}

/* What is over is at the front, for nothing runs before its interrupt was served. */
void stub_interrupt(struct stub_chan *sc)
{
	struct stub_desc *desc;

	while ((desc = list_first_entry_or_null(&sc->issued, struct stub_desc, node)) &&
	       desc->over)
		stub_end(sc, desc);
}

/**
 * stub_irq_now - an interrupt arrives, with or without a reason
 * @sc: the channel, not locked
 *
 * What waits behind what it ends goes on.
 *
 * Context: any.
 */
void stub_irq_now(struct stub_chan *sc)
{
	unsigned long irqflags;

	spin_lock_irqsave(&sc->lock, irqflags);
	sc->sdev->ops.interrupt(sc);
	sc->sdev->ops.kick(sc);
	spin_unlock_irqrestore(&sc->lock, irqflags);
}

static enum hrtimer_restart stub_irq_late(struct hrtimer *timer)
{
	stub_irq_now(container_of(timer, struct stub_chan, late));
	return HRTIMER_NORESTART;
}

/**
 * stub_irq_init - make a channel's interrupt
 * @sc: the channel
 *
 * Context: any; before the device is registered.
 */
void stub_irq_init(struct stub_chan *sc)
{
	hrtimer_init(&sc->late, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	sc->late.function = stub_irq_late;
}
