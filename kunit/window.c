// SPDX-License-Identifier: GPL-2.0-only
/*
 * Holding transfers, so that "in flight" is a fact and not luck.
 *
 * With a gate nothing moves until it is stepped. Without one, on a single CPU,
 * interrupts are held off: the data of the first transfer may move, but the
 * provider cannot learn that it has ended, and what is queued behind it has
 * not started.
 */
#include <linux/irqflags.h>

#include "dmaconf.h"

/**
 * dmaconf_hold - from now on no transfer of the channel is seen to end
 * @dc: the test
 *
 * Until dmaconf_release() a rule that needs NEEDS_WINDOW only may not sleep,
 * expect or assert: interrupts may be off. It records, and expects afterwards.
 *
 * Context: process, not nested.
 */
void dmaconf_hold(struct dmaconf *dc)
{
	if (dc->aid && dc->aid->gate) {
		dc->window = DMACONF_WINDOW_GATE;
		dc->aid->gate->hold(dc->chan);
	} else {
		dc->window = DMACONF_WINDOW_IRQ;
		local_irq_save(dc->irqflags);
	}
}

/**
 * dmaconf_step - let held transfers move on; needs NEEDS_GATE
 * @dc: the test, held
 * @bytes: at most
 *
 * Context: any.
 * Return: bytes moved.
 */
size_t dmaconf_step(struct dmaconf *dc, size_t bytes)
{
	return dc->aid->gate->step(dc->chan, bytes);
}

/**
 * dmaconf_release - let transfers run freely again
 * @dc: the test, held or not
 *
 * Context: as dmaconf_hold().
 */
void dmaconf_release(struct dmaconf *dc)
{
	if (dc->window == DMACONF_WINDOW_GATE)
		dc->aid->gate->release(dc->chan);
	else if (dc->window == DMACONF_WINDOW_IRQ)
		local_irq_restore(dc->irqflags);
	dc->window = DMACONF_WINDOW_NONE;
}
