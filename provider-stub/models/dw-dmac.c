// SPDX-License-Identifier: GPL-2.0-only
/*
 * Synopsys DesignWare AHB DMA controller: blocks, chained by linked list items
 * in memory.
 *
 * Sources: drivers/dma/dw/regs.h and core.c ("driver"); the data book as quoted
 * in public SoC manuals, e.g. Altera Cyclone V HPS and ST SPEAr1340 ("book").
 */
#include <linux/bitfield.h>

#include "model.h"

#define CHANS		2

/* Driver, struct dw_dma_chan_regs */
#define SAR		0x00
#define DAR		0x08
#define LLP		0x10
#define CTL_LO		0x18
#define CTL_HI		0x1c
#define CFG_LO		0x40
#define CFG_HI		0x44
#define CHAN_STRIDE	0x58

/* Driver, struct dw_dma_regs; five interrupt kinds, eight bytes each */
#define SHARED		0x2c0
#define RAW		0x000
#define MASK		0x050
#define CLEAR		0x078
#define STATUS_INT	0x0a0
#define CFG		0x0d8
#define CH_EN		0x0e0

#define XFER		0x00
#define BLOCK		0x08
#define ERROR		0x20

#define CTL_INT_EN	BIT(0)
#define CTL_DST_WIDTH	GENMASK(3, 1)
#define CTL_SRC_WIDTH	GENMASK(6, 4)
#define CTL_DST_FIXED	BIT(8)
#define CTL_SRC_FIXED	BIT(10)
#define CTL_LLP_EN	(BIT(27) | BIT(28))
#define CTLH_BLOCK_TS	GENMASK(11, 0)
#define CTLH_DONE	BIT(12)
#define CFG_SUSPEND	BIT(8)
#define CFG_FIFO_EMPTY	BIT(9)
#define CFG_DMA_EN	BIT(0)

struct dw_item {
	__le32 sar, dar, llp, ctl_lo, ctl_hi;
};

/**
 * struct dw - what is not in registers
 * @item: where the linked list item of this block is, 0 without one
 * @begun: a block of this transfer was moved before
 */
struct dw {
	dma_addr_t item;
	bool begun;
};

static const struct model_bank dw_chan_bank = {
	.stride = CHAN_STRIDE,
	.regs = (const struct model_reg[]) {
		{ SAR, 4, 0, "SAR" },
		{ DAR, 4, 0, "DAR" },
		{ LLP, 4, 0, "LLP" },
		{ CTL_LO, 4, 0, "CTL_LO" },
		{ CTL_HI, 4, 0, "CTL_HI" },
		{ CFG_LO, 4, 0, "CFG_LO" },
		{ CFG_HI, 4, 0, "CFG_HI" },
		{}
	},
};

static const struct model_bank dw_shared_bank = {
	.first = SHARED,
	.regs = (const struct model_reg[]) {
		{ RAW + 0x00, 4, MODEL_RO, "RAW.XFER" },
		{ RAW + 0x08, 4, MODEL_RO, "RAW.BLOCK" },
		{ RAW + 0x10, 4, MODEL_RO, "RAW.SRC_TRAN" },
		{ RAW + 0x18, 4, MODEL_RO, "RAW.DST_TRAN" },
		{ RAW + 0x20, 4, MODEL_RO, "RAW.ERROR" },
		{ MASK + 0x00, 4, 0, "MASK.XFER" },
		{ MASK + 0x08, 4, 0, "MASK.BLOCK" },
		{ MASK + 0x10, 4, 0, "MASK.SRC_TRAN" },
		{ MASK + 0x18, 4, 0, "MASK.DST_TRAN" },
		{ MASK + 0x20, 4, 0, "MASK.ERROR" },
		{ CLEAR + 0x00, 4, 0, "CLEAR.XFER" },
		{ CLEAR + 0x08, 4, 0, "CLEAR.BLOCK" },
		{ CLEAR + 0x10, 4, 0, "CLEAR.SRC_TRAN" },
		{ CLEAR + 0x18, 4, 0, "CLEAR.DST_TRAN" },
		{ CLEAR + 0x20, 4, 0, "CLEAR.ERROR" },
		{ STATUS_INT, 4, MODEL_RO, "STATUS_INT" },
		{ CFG, 4, 0, "CFG" },
		{ CH_EN, 4, 0, "CH_EN" },
		{}
	},
};

static u32 dw_status(struct model *m, u32 kind)
{
	u32 enabled = 0;
	struct model_chan *mc;

	for (mc = m->chans; mc < model_end(m); mc++)
		if (model_get(mc, CTL_LO) & CTL_INT_EN)
			enabled |= BIT(mc->index);
	/* Book: INT_EN masks the status of a channel, not its raw status. */
	return model_get_shared(m, RAW + kind) & model_get_shared(m, MASK + kind) & enabled;
}

/* A bit for each kind of interrupt that some channel asserts. */
static u32 dw_kinds(struct model *m)
{
	return (dw_status(m, XFER) ? BIT(XFER / 8) : 0) |
	       (dw_status(m, BLOCK) ? BIT(BLOCK / 8) : 0) |
	       (dw_status(m, ERROR) ? BIT(ERROR / 8) : 0);
}

static void dw_raise(struct model_chan *mc, u32 kind)
{
	kind += RAW;
	model_set_shared(mc->m, kind, model_get_shared(mc->m, kind) | BIT(mc->index));
}

static void dw_stop(struct model_chan *mc)
{
	model_stop(mc);
	model_set_shared(mc->m, CH_EN, model_get_shared(mc->m, CH_EN) & ~BIT(mc->index));
}

static void dw_start(struct model_chan *mc)
{
	memset(mc->priv, 0, sizeof(struct dw));
	model_start(mc);
	model_pause(mc, model_get(mc, CFG_LO) & CFG_SUSPEND);
}

/* Book: disabling a channel does not wait for anything. */
static void dw_enable(struct model *m, u32 old, u32 now)
{
	struct model_chan *mc;

	for (mc = m->chans; mc < model_end(m); mc++) {
		if (now & ~old & BIT(mc->index))
			dw_start(mc);
		else if (old & ~now & BIT(mc->index))
			dw_stop(mc);
	}
}

/* Book: the upper byte says which bits of the lower one are written. */
static u32 dw_masked(u32 old, u32 val)
{
	u32 which = val >> 8 & 0xff;

	return (old & ~which) | (val & which);
}

static void dw_shared_written(struct model *m, u32 reg, u32 old, u32 val)
{
	struct model_chan *mc;

	if (reg >= MASK && reg < CLEAR) {
		model_set_shared(m, reg, dw_masked(old, val));
	} else if (reg >= CLEAR && reg < STATUS_INT) {
		model_set_shared(m, reg, 0);
		reg += RAW - CLEAR;
		model_set_shared(m, reg, model_get_shared(m, reg) & ~val);
	} else if (reg == CH_EN) {
		val = dw_masked(old, val);
		if (!(model_get_shared(m, CFG) & CFG_DMA_EN))
			val = 0;
		model_set_shared(m, CH_EN, val);
		dw_enable(m, old, val);
	} else if (reg == CFG && !(val & CFG_DMA_EN)) {
		for (mc = m->chans; mc < model_end(m); mc++)
			dw_stop(mc);
	}
}

static void dw_written(struct model *m, struct model_chan *mc, u32 reg, u64 old, u64 val)
{
	if (!mc)
		dw_shared_written(m, reg, old, val);
	else if (reg == CFG_LO && mc->busy)
		model_pause(mc, val & CFG_SUSPEND);
}

static void dw_reading(struct model *m, struct model_chan *mc, u32 reg)
{
	if (mc && reg == CFG_LO) {	/* Its FIFO is not modelled: data passes at once. */
		model_set(mc, CFG_LO, model_get(mc, CFG_LO) | CFG_FIFO_EMPTY);
	} else if (mc && reg == CTL_HI && mc->loaded) {
		/* Book: while a block runs, what was read of it so far. */
		model_set(mc, CTL_HI, mc->move.done / mc->move.src.width);
	} else if (!mc && reg == STATUS_INT) {
		model_set_shared(m, STATUS_INT, dw_kinds(m));
	}
}

static void dw_fail(struct model_chan *mc)
{
	dw_stop(mc);
	dw_raise(mc, ERROR);
}

static bool dw_chained(struct model_chan *mc)
{
	return model_get(mc, CTL_LO) & CTL_LLP_EN && model_get(mc, LLP) & ~3;
}

/* Book: an item is loaded into the channel's registers. */
static bool dw_load(struct model_chan *mc)
{
	struct dw *dw = mc->priv;
	struct dw_item item;

	dw->item = model_get(mc, LLP) & ~3;
	if (!model_desc_read(mc, dw->item, &item, sizeof(item)))
		return false;
	model_set(mc, SAR, le32_to_cpu(item.sar));
	model_set(mc, DAR, le32_to_cpu(item.dar));
	model_set(mc, LLP, le32_to_cpu(item.llp));
	model_set(mc, CTL_LO, le32_to_cpu(item.ctl_lo));
	model_set(mc, CTL_HI, le32_to_cpu(item.ctl_hi));
	return true;
}

static bool dw_fetch(struct model_chan *mc)
{
	struct dw *dw = mc->priv;
	u32 ctl;

	if (dw_chained(mc) && !dw_load(mc)) {
		dw_fail(mc);
		return false;
	}
	ctl = model_get(mc, CTL_LO);
	mc->move.src.addr = model_get(mc, SAR);
	mc->move.src.fixed = ctl & CTL_SRC_FIXED;
	mc->move.src.width = 1 << FIELD_GET(CTL_SRC_WIDTH, ctl);
	mc->move.dst.addr = model_get(mc, DAR);
	mc->move.dst.fixed = ctl & CTL_DST_FIXED;
	mc->move.dst.width = 1 << FIELD_GET(CTL_DST_WIDTH, ctl);
	mc->move.len = FIELD_GET(CTLH_BLOCK_TS, model_get(mc, CTL_HI)) * mc->move.src.width;
	mc->move.more = dw->begun;
	dw->begun = true;
	return mc->move.len;
}

static void dw_ended(struct model_chan *mc, enum model_result result)
{
	struct dw *dw = mc->priv;
	dma_addr_t at = dw->item + offsetof(struct dw_item, ctl_hi);
	__le32 back = cpu_to_le32(mc->move.done / mc->move.src.width | CTLH_DONE);

	model_set(mc, CTL_HI, le32_to_cpu(back));
	/* Book: the upper control word is written back to the item. */
	if (result != MODEL_OK ||
	    (dw->item && !model_desc_write(mc, at, &back, sizeof(back)))) {
		dw_fail(mc);
		return;
	}
	dw_raise(mc, BLOCK);
	if (dw_chained(mc))
		return;
	dw_stop(mc);
	dw_raise(mc, XFER);
}

static u32 dw_level(struct model *m)
{
	return dw_kinds(m) ? BIT(0) : 0;
}

const struct model_type model_dw_dmac = {
	MODEL_OVERLAY(dw_dmac),
	.name		= "dw-dmac",
	.driver		= "dw_dmac",
	.compatible	= "snps,dma-spear1340",
	.chans		= CHANS,
	.lines		= 1,
	.priv_size	= sizeof(struct dw),
	.ports		= 2,
	.reads_descs	= true,
	.writes_descs	= true,
	.shared		= &dw_shared_bank,
	.per_chan	= &dw_chan_bank,
	.reading	= dw_reading,
	.written	= dw_written,
	.fetch		= dw_fetch,
	.ended		= dw_ended,
	.level		= dw_level,
};
