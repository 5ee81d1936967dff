// SPDX-License-Identifier: GPL-2.0-only
/*
 * The register file of a model: what the driver's readl() and writel() reach.
 * An access to a register that the hardware does not have is a violation.
 */
#include <linux/io.h>
#include <linux/logic_iomem.h>
#include <linux/slab.h>

#include "model.h"

struct resource model_window = {
	.name	= "dmaconf models",
	.start	= 0x30000000,
	.end	= 0x3fffffff,
	.flags	= IORESOURCE_MEM,
};

/**
 * struct model_spot - a register of a model
 * @mc: its channel, NULL for a shared register
 * @reg: the register, NULL where there is none
 * @base: offset of its bank in the region
 */
struct model_spot {
	struct model_chan *mc;
	const struct model_reg *reg;
	u32 base;
};

static const struct model_reg *model_reg_in(const struct model_bank *bank, u32 off)
{
	for (const struct model_reg *reg = bank->regs; reg->size; reg++)
		if (off >= reg->off && off < reg->off + reg->size)
			return reg;
	return NULL;
}

static struct model_spot model_spot(struct model *m, u32 off)
{
	const struct model_bank *bank = m->type->per_chan;
	struct model_spot spot = {};
	u32 index;

	if (bank && off >= bank->first) {
		index = (off - bank->first) / bank->stride;
		if (index < m->type->chans) {
			spot.base = bank->first + index * bank->stride;
			spot.reg = model_reg_in(bank, off - spot.base);
			spot.mc = spot.reg ? &m->chans[index] : NULL;
		}
	}
	if (!spot.reg && m->type->shared) {
		spot.base = m->type->shared->first;
		if (off >= spot.base)
			spot.reg = model_reg_in(m->type->shared, off - spot.base);
	}
	return spot;
}

static u64 model_load(struct model *m, u32 off, unsigned int size)
{
	u64 val = 0;

	memcpy(&val, m->file + off, size);
	return val;
}

static void model_store(struct model *m, u32 off, unsigned int size, u64 val)
{
	memcpy(m->file + off, &val, size);
}

static const struct model_reg *model_known(const struct model_bank *bank, u32 reg)
{
	const struct model_reg *known = model_reg_in(bank, reg);

	if (WARN(!known, "model: no register at %#x\n", reg))
		return bank->regs;
	return known;
}

/**
 * model_get - the stored value of a channel's register
 * @mc: the channel
 * @reg: offset of the register in its bank
 *
 * Context: any; the lock of the model is held, interrupts are off.
 * Return: its value.
 */
u64 model_get(struct model_chan *mc, u32 reg)
{
	const struct model_bank *bank = mc->m->type->per_chan;

	return model_load(mc->m, bank->first + mc->index * bank->stride + reg,
			  model_known(bank, reg)->size);
}

/**
 * model_set - set a channel's register, without any effect of a write
 * @mc: the channel
 * @reg: offset of the register in its bank
 * @val: its new value
 *
 * Context: any; the lock of the model is held, interrupts are off.
 */
void model_set(struct model_chan *mc, u32 reg, u64 val)
{
	const struct model_bank *bank = mc->m->type->per_chan;

	model_store(mc->m, bank->first + mc->index * bank->stride + reg,
		    model_known(bank, reg)->size, val);
}

/**
 * model_get_shared - the stored value of a shared register
 * @m: the model
 * @reg: its offset
 *
 * Context: any; the lock of the model is held, interrupts are off.
 * Return: its value.
 */
u64 model_get_shared(struct model *m, u32 reg)
{
	const struct model_bank *bank = m->type->shared;

	return model_load(m, bank->first + reg, model_known(bank, reg)->size);
}

/**
 * model_set_shared - set a shared register, without any effect of a write
 * @m: the model
 * @reg: its offset
 * @val: its new value
 *
 * Context: any; the lock of the model is held, interrupts are off.
 */
void model_set_shared(struct model *m, u32 reg, u64 val)
{
	const struct model_bank *bank = m->type->shared;

	model_store(m, bank->first + reg, model_known(bank, reg)->size, val);
}

/**
 * model_reset - power-on values, and nothing in flight
 * @m: the model, locked
 *
 * Context: any; the lock of the model is held, interrupts are off.
 */
void model_reset(struct model *m)
{
	struct model_chan *mc;

	memset(m->file, 0, resource_size(&m->res));
	for (mc = m->chans; mc < model_end(m); mc++) {
		model_stop(mc);
		memset(mc->priv, 0, m->type->priv_size);
	}
	if (m->type->reset)
		m->type->reset(m);
}

static void model_trace_access(struct model *m, const struct model_spot *spot, const char *what,
			       u64 val)
{
	if (spot->mc)
		model_trace(m, "%s %s[%u] %#llx", what, spot->reg->name, spot->mc->index, val);
	else
		model_trace(m, "%s %s %#llx", what, spot->reg->name, val);
}

/* Who polls sees the same again and again: that is one event. */
static bool model_polls(struct model *m, u32 off, u64 val)
{
	bool again = m->poll.next == m->events && m->poll.off == off && m->poll.val == val;

	m->poll = (struct model_poll){ off, val, m->events + !again };
	return again;
}

/* One access within one register; how many bytes of it there were. */
static unsigned int model_read_part(struct model *m, u32 off, unsigned int size, u64 *val)
{
	struct model_spot spot = model_spot(m, off);

	*val = ~0ull;
	if (!spot.reg) {
		model_violation(m, "the driver reads %u bytes at %#x, where there is no register",
				size, off);
		return size;
	}
	if (m->type->reading)
		m->type->reading(m, spot.mc, spot.reg->off);
	size = min(size, spot.base + spot.reg->off + spot.reg->size - off);
	*val = model_load(m, off, size);
	if (!model_polls(m, off, *val))
		model_trace_access(m, &spot, "read", *val);
	if (m->type->was_read)
		m->type->was_read(m, spot.mc, spot.reg->off);
	return size;
}

static unsigned int model_write_part(struct model *m, u32 off, unsigned int size, u64 val)
{
	struct model_spot spot = model_spot(m, off);
	u64 old;
	u32 at;

	if (!spot.reg) {
		model_violation(m, "the driver writes %#llx at %#x, where there is no register",
				val, off);
		return size;
	}
	at = spot.base + spot.reg->off;
	size = min(size, at + spot.reg->size - off);
	model_trace_access(m, &spot, "write", val);
	if (spot.reg->flags & MODEL_RO)
		return size;
	old = model_load(m, at, spot.reg->size);
	if (spot.reg->flags & MODEL_W1C)
		val = model_load(m, off, size) & ~val;
	model_store(m, off, size, val);
	if (m->type->written)
		m->type->written(m, spot.mc, spot.reg->off, old,
				 model_load(m, at, spot.reg->size));
	return size;
}

static unsigned long model_io_read(void *priv, unsigned int off, int size)
{
	struct model *m = priv;
	unsigned long irqflags;
	u64 val = 0, part;

	spin_lock_irqsave(&m->lock, irqflags);
	m->irqs.storm = 0;
	for (unsigned int n, at = 0; at < size; at += n) {
		n = model_read_part(m, off + at, size - at, &part);
		val |= part << (8 * at);
	}
	model_irqs_kick(m);
	spin_unlock_irqrestore(&m->lock, irqflags);
	return val;
}

static void model_io_write(void *priv, unsigned int off, int size, unsigned long val)
{
	struct model *m = priv;
	unsigned long irqflags;

	spin_lock_irqsave(&m->lock, irqflags);
	m->irqs.storm = 0;
	for (unsigned int n, at = 0; at < size; at += n)
		n = model_write_part(m, off + at, size - at, (u64)val >> (8 * at));
	model_run(m);
	model_irqs_kick(m);
	spin_unlock_irqrestore(&m->lock, irqflags);
}

static const struct logic_iomem_ops model_io_ops = {
	.read	= model_io_read,
	.write	= model_io_write,
};

/*
 * The driver maps registers; @off counts from the window that all models share.
 * The value returned is the offset that accesses are told with.
 */
static long model_map(unsigned long off, size_t size, const struct logic_iomem_ops **ops,
		      void **priv)
{
	phys_addr_t addr = model_window.start + off;
	struct model *m = model_at(addr);

	if (!m || addr + size - 1 > m->res.end)
		return -ENXIO;
	*ops = &model_io_ops;
	*priv = m;
	return addr - m->res.start;
}

static const struct logic_iomem_region_ops model_window_ops = { .map = model_map };

/**
 * model_window_open - let drivers map the registers of models
 *
 * Context: may sleep; once.
 * Return: 0 or negative errno.
 */
int model_window_open(void)
{
	return logic_iomem_add_region(&model_window, &model_window_ops);
}
