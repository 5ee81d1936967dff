// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time: data moves a tick at a time, or as far as a test lets it. Failures
 * that a test asked for strike here. Without time, dmaconf_models.at_once=1, it is
 * an emulator: data moves inside of the register write that starts it.
 */
#include <linux/delay.h>
#include <linux/hardirq.h>
#include <linux/moduleparam.h>
#include <linux/string_helpers.h>

#include "model.h"

#define MODEL_TICK_US	20
#define MODEL_TICK	SZ_16K	/* bytes */
#define MODEL_PIECE	SZ_4K	/* bytes in whose time the smallest piece is begun and ended */
#define MODEL_BOUNCE	256
#define MODEL_REST	400	/* looks; it also covers an interrupt that is late */

static bool at_once;
module_param(at_once, bool, 0444);
MODULE_PARM_DESC(at_once, "all data moves inside of the register write that starts it, as in an emulator: nothing is held, stepped or made to fail");

/**
 * model_at_once - whether data moves without taking time
 *
 * Context: any.
 * Return: whether it does.
 */
bool model_at_once(void)
{
	return at_once;
}

static void model_clock(struct model_chan *mc)
{
	if (at_once)
		return;
	if (mc->busy && !mc->paused && !mc->held && !mc->stalled && !hrtimer_is_queued(&mc->timer))
		hrtimer_start(&mc->timer, MODEL_TICK_US * NSEC_PER_USEC, HRTIMER_MODE_REL_HARD);
}

/**
 * model_start - the driver has started a channel
 * @mc: the channel, locked; if it runs already, nothing happens
 *
 * Context: any; the lock of the model is held, interrupts are off.
 */
void model_start(struct model_chan *mc)
{
	if (!mc->busy)
		mc->stalled = false;
	mc->busy = true;
	model_clock(mc);
}

/**
 * model_stop - a channel stops at once, and forgets what it was moving
 * @mc: the channel, locked
 *
 * Context: any; the lock of the model is held, interrupts are off.
 */
void model_stop(struct model_chan *mc)
{
	mc->busy = false;
	mc->loaded = false;
	mc->paused = false;
	mc->stalled = false;
	mc->moved = 0;
	hrtimer_try_to_cancel(&mc->timer);
}

/**
 * model_pause - a channel stands still, or goes on
 * @mc: the channel, locked
 * @paused: whether it stands still
 *
 * Context: any; the lock of the model is held, interrupts are off.
 */
void model_pause(struct model_chan *mc, bool paused)
{
	mc->paused = paused;
	model_clock(mc);
}

/* It strikes in the item in which its byte is. */
static bool model_strikes(struct model_chan *mc)
{
	size_t item = max3(mc->move.src.width, mc->move.dst.width, 1);

	return mc->inject && mc->moved + item > mc->after;
}

/* A failure that was asked for happens; once. */
static void model_struck(struct model_chan *mc)
{
	model_trace(mc->m, "fault: inject %d after %zu bytes on channel %u", mc->inject, mc->moved,
		    mc->index);
	mc->inject = DMACONF_INJECT_NONE;
}

/**
 * model_desc_read - read a descriptor as the hardware does
 * @mc: the channel, locked
 * @addr: bus address
 * @to: where it goes
 * @len: bytes
 *
 * Context: any; the lock of the model is held, interrupts are off.
 * Return: false for a bus error.
 */
bool model_desc_read(struct model_chan *mc, dma_addr_t addr, void *to, size_t len)
{
	if (mc->inject == DMACONF_INJECT_DESC_READ) {
		model_struck(mc);
		return false;
	}
	model_trace(mc->m, "channel %u reads a descriptor at %pad", mc->index, &addr);
	if (!model_read(mc->m, addr, to, len))
		return false;
	if (!WARN_ON(mc->nowned == MODEL_OWNED || len > MODEL_DESC)) {
		mc->owned[mc->nowned].addr = addr;
		mc->owned[mc->nowned].len = len;
		memcpy(mc->owned[mc->nowned++].was, to, len);
	}
	return true;
}

/* Until the hardware is through with a descriptor the driver leaves it alone. */
static void model_check_owned(struct model_chan *mc)
{
	u8 now[MODEL_DESC];

	for (const struct model_owned *desc = mc->owned; desc < mc->owned + mc->nowned; desc++)
		if (model_read(mc->m, desc->addr, now, desc->len) &&
		    memcmp(now, desc->was, desc->len))
			model_violation(mc->m, "the descriptor at %pad was changed in flight",
					&desc->addr);
}

/**
 * model_desc_write - write to a descriptor as the hardware does
 * @mc: the channel, locked
 * @addr: bus address
 * @from: what
 * @len: bytes
 *
 * Context: any; the lock of the model is held, interrupts are off.
 * Return: false for a bus error.
 */
bool model_desc_write(struct model_chan *mc, dma_addr_t addr, const void *from, size_t len)
{
	if (mc->inject == DMACONF_INJECT_DESC_WRITE) {
		model_struck(mc);
		return false;
	}
	return model_write(mc->m, addr, from, len);
}

static struct model_port *model_peer(struct model_chan *mc, const struct model_end *end,
				     phys_addr_t *addr)
{
	*addr = model_peripheral(mc->m, end->addr);
	return end->fixed ? model_port_at(mc, *addr) : NULL;
}

static bool model_take(struct model_chan *mc, size_t at, void *to, size_t len)
{
	const struct model_end *src = &mc->move.src;
	phys_addr_t addr;
	struct model_port *port = model_peer(mc, src, &addr);

	if (port)
		model_port_read(port, addr, src->width, to, len);
	return port || model_read(mc->m, src->addr + (src->fixed ? 0 : at), to, len);
}

static bool model_put(struct model_chan *mc, size_t at, const void *from, size_t len)
{
	const struct model_end *dst = &mc->move.dst;
	phys_addr_t addr;
	struct model_port *port = model_peer(mc, dst, &addr);

	if (port)
		model_port_write(port, addr, dst->width, from, len);
	return port || model_write(mc->m, dst->addr + (dst->fixed ? 0 : at), from, len);
}

static enum model_result model_copy(struct model_chan *mc, size_t len)
{
	u8 bounce[MODEL_BOUNCE];

	for (size_t n, end = mc->move.done + len; mc->move.done < end; mc->move.done += n) {
		n = min(end - mc->move.done, sizeof(bounce));
		if (!model_take(mc, mc->move.done, bounce, n))
			return MODEL_READ_ERROR;
		if (mc->inject == DMACONF_INJECT_WRONG && model_strikes(mc)) {
			model_struck(mc);
			bounce[0] ^= 0xff;
		}
		if (!model_put(mc, mc->move.done, bounce, n))
			return MODEL_WRITE_ERROR;
		mc->moved += n;
	}
	return MODEL_OK;
}

static void model_ended(struct model_chan *mc, enum model_result result)
{
	mc->loaded = false;
	mc->m->irqs.lost = 0;
	model_check_owned(mc);
	if (result != MODEL_OK)
		model_trace(mc->m, "channel %u: %s error after %zu bytes", mc->index,
			    str_read_write(result == MODEL_READ_ERROR), mc->moved);
	mc->m->type->ended(mc, result);
}

/* The failure that is due, if any; false when the piece does not go on. */
static bool model_strike(struct model_chan *mc)
{
	enum dmaconf_inject what = mc->inject;

	if (!model_strikes(mc))
		return true;
	switch (what) {
	case DMACONF_INJECT_READ:
	case DMACONF_INJECT_WRITE:
		model_struck(mc);
		model_ended(mc, what == DMACONF_INJECT_READ ? MODEL_READ_ERROR : MODEL_WRITE_ERROR);
		return false;
	case DMACONF_INJECT_STALL:
		model_struck(mc);
		mc->stalled = true;
		return false;
	case DMACONF_INJECT_HALF:
		model_struck(mc);
		model_ended(mc, MODEL_OK);
		return false;
	default:
		return true;
	}
}

/* Bytes that the source can supply; a peripheral that ends early ends the piece. */
static size_t model_ready(struct model_chan *mc)
{
	phys_addr_t addr;
	struct model_port *port = model_peer(mc, &mc->move.src, &addr);
	bool ends;

	return port ? model_port_ready(port, &ends) : SIZE_MAX;
}

static bool model_next(struct model_chan *mc)
{
	if (mc->loaded)
		return true;
	mc->move = (struct model_move){};
	mc->nowned = 0;
	mc->loaded = mc->m->type->fetch(mc);
	if (!mc->loaded) {
		mc->busy = false;
		return false;
	}
	if (!mc->move.more) {
		mc->moved = 0;
		model_inject_often(mc);
	}
	model_trace(mc->m, "channel %u moves %zu bytes", mc->index, mc->move.len);
	return true;
}

/* Buses move whole items: what is left of a credit is not enough for one. */
static size_t model_items(struct model_chan *mc, size_t len)
{
	size_t item = max3(mc->move.src.width, mc->move.dst.width, 1);

	return mc->move.done + len == mc->move.len ? len : rounddown(len, item);
}

/* Moves at most @credit bytes of one piece. */
static size_t model_piece(struct model_chan *mc, size_t credit)
{
	size_t len = min3(credit, mc->move.len - mc->move.done, model_ready(mc));
	size_t before = mc->move.done;
	enum model_result result;

	if (mc->inject && mc->moved < mc->after)
		len = min(len, mc->after - mc->moved);
	len = model_items(mc, len);
	result = model_copy(mc, len);
	len = mc->move.done - before;
	if (result != MODEL_OK || mc->move.done == mc->move.len)
		model_ended(mc, result);
	return len;
}

static size_t model_advance_locked(struct model_chan *mc, size_t credit)
{
	size_t n, moved = 0;

	while (moved < credit && mc->busy && !mc->paused && !mc->stalled) {
		if (!model_next(mc))
			break;
		if (!model_strike(mc))
			continue;
		n = model_piece(mc, credit - moved);
		moved += n;
		/* It waits for its peripheral, or has ended; one of no bytes is passed over. */
		if (mc->loaded ? !n : n)
			break;
	}
	return moved;
}

/* Up to the end of a piece, so that the driver can react to it before the next. */
static size_t model_advance(struct model_chan *mc, size_t credit)
{
	unsigned long irqflags;
	size_t moved;

	spin_lock_irqsave(&mc->m->lock, irqflags);
	moved = model_advance_locked(mc, credit);
	spin_unlock_irqrestore(&mc->m->lock, irqflags);
	return moved;
}

/**
 * model_run - all that was started moves now, where no time is taken
 * @m: the model, locked
 *
 * Context: any; the lock of the model is held, interrupts are off.
 */
void model_run(struct model *m)
{
	struct model_chan *mc;

	for (mc = m->chans; mc < model_end(m); mc++) {
		if (!at_once && mc->inject != DMACONF_INJECT_AT_ONCE)
			continue;
		while (model_advance_locked(mc, SIZE_MAX))
			mc->inject = DMACONF_INJECT_NONE;
	}
}

static enum hrtimer_restart model_tick(struct hrtimer *timer)
{
	struct model_chan *mc = container_of(timer, struct model_chan, timer);
	unsigned long irqflags;
	size_t n, moved = 0;

	do {
		n = mc->held ? 0 : model_advance(mc, MODEL_TICK - moved);
		moved += n ? max_t(size_t, n, MODEL_PIECE) : 0;
		model_irqs_deliver(mc->m);
	} while (n && moved < MODEL_TICK);
	spin_lock_irqsave(&mc->m->lock, irqflags);
	/* A channel that waits for its peripheral is woken by nobody. */
	if (moved)
		model_clock(mc);
	spin_unlock_irqrestore(&mc->m->lock, irqflags);
	return HRTIMER_NORESTART;
}

static void model_set_held(struct dma_chan *chan, bool held)
{
	struct model_chan *mc = model_chan_of(chan);
	unsigned long irqflags;

	spin_lock_irqsave(&mc->m->lock, irqflags);
	mc->held = held;
	model_clock(mc);
	spin_unlock_irqrestore(&mc->m->lock, irqflags);
}

static void model_hold(struct dma_chan *chan)
{
	model_set_held(chan, true);
}

static void model_release(struct dma_chan *chan)
{
	model_set_held(chan, false);
}

/* As if an interrupt came now: handlers, then what they left to softirqs. */
static bool model_interrupt(struct model *m)
{
	unsigned long irqflags;
	bool any;

	if (irqs_disabled() || in_hardirq()) {
		spin_lock_irqsave(&m->lock, irqflags);
		model_irqs_kick(m);
		spin_unlock_irqrestore(&m->lock, irqflags);
		return false;
	}
	local_irq_save(irqflags);
	irq_enter();
	any = model_irqs_deliver(m);
	irq_exit();
	local_irq_restore(irqflags);
	return any;
}

static size_t model_step(struct dma_chan *chan, size_t bytes)
{
	struct model_chan *mc = model_chan_of(chan);
	size_t n, moved = 0;

	do {
		n = model_advance(mc, bytes - moved);
		moved += n;
	} while ((model_interrupt(mc->m) || n) && moved < bytes);
	return moved;
}

const struct dmaconf_gate_ops model_gate_ops = {
	.hold		= model_hold,
	.step		= model_step,
	.release	= model_release,
};

static bool model_moves(struct model *m)
{
	struct model_chan *mc;

	for (mc = m->chans; mc < model_end(m); mc++)
		if (hrtimer_active(&mc->timer))
			return true;
	return hrtimer_active(&m->irqs.timer);
}

/**
 * model_rest - wait until nothing moves and no interrupt is to come; see &struct dmaconf_aid
 * @dev: the provider's device
 *
 * Context: may sleep, at most MODEL_REST looks.
 */
void model_rest(struct device *dev)
{
	struct model *m = model_of(dev);

	for (int looks = 0; m && model_moves(m) && looks < MODEL_REST; looks++)
		usleep_range(MODEL_TICK_US, 2 * MODEL_TICK_US);
}

/**
 * model_engine_init - make the channels of a model, at rest
 * @m: the model
 *
 * Context: any; before the device appears.
 */
void model_engine_init(struct model *m)
{
	struct model_chan *mc;

	for (mc = m->chans; mc < model_end(m); mc++) {
		hrtimer_init(&mc->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
		mc->timer.function = model_tick;
	}
}
