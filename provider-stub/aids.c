// SPDX-License-Identifier: GPL-2.0-only
/* What the stub offers to a test beyond the dmaengine API, see aid.h. */
#include "stub.h"

static void stub_set_credits(struct dma_chan *chan, enum stub_credits credits)
{
	struct stub_chan *sc = to_stub_chan(chan);
	unsigned long irqflags;

	spin_lock_irqsave(&sc->lock, irqflags);
	sc->credits = credits;
	sc->sdev->ops.kick(sc);
	spin_unlock_irqrestore(&sc->lock, irqflags);
}

static void stub_gate_hold(struct dma_chan *chan)
{
	stub_set_credits(chan, STUB_CREDITS_MANUAL);
}

static size_t stub_gate_step(struct dma_chan *chan, size_t bytes)
{
	return stub_engine_step(to_stub_chan(chan), bytes);
}

static void stub_gate_release(struct dma_chan *chan)
{
	stub_set_credits(chan, to_stub_chan(chan)->sdev->credits);
}

static const struct dmaconf_gate_ops stub_gate_ops = {
	.hold		= stub_gate_hold,
	.step		= stub_gate_step,
	.release	= stub_gate_release,
};

static int stub_inject(struct dma_chan *chan, enum dmaconf_inject what, size_t after)
{
	struct stub_chan *sc = to_stub_chan(chan);
	unsigned long irqflags;

	if (what > DMACONF_INJECT_SUBMIT && what < DMACONF_INJECT_AT_ONCE)
		return -EOPNOTSUPP;
	if (what == DMACONF_INJECT_IRQ_SPURIOUS) {
		stub_irq_now(sc);
		return 0;
	}
	spin_lock_irqsave(&sc->lock, irqflags);
	sc->inject = what;
	sc->inject_after = after;
	spin_unlock_irqrestore(&sc->lock, irqflags);
	return 0;
}

/**
 * stub_aids_init - fill in the aids of a device
 * @sdev: the device
 *
 * Context: any; before the device is registered.
 */
void stub_aids_init(struct stub_dev *sdev)
{
	sdev->aid.dev = sdev->dev;
	sdev->aid.gate = &stub_gate_ops;
	sdev->aid.inject = stub_inject;
	if (dma_has_cap(DMA_SLAVE, sdev->dma.cap_mask)) {
		sdev->aid.port = &stub_port_ops;
		sdev->aid.ports = STUB_PORTS;
	}
	if (sdev->dma.desc_metadata_modes)
		sdev->aid.metadata = &stub_metadata_ops;
}
