// SPDX-License-Identifier: GPL-2.0-only
/*
 * Synopsys DesignWare AXI DMA controller: linked list items in memory, each
 * valid until the hardware has been through it.
 *
 * Sources: drivers/dma/dw-axi-dmac/dw-axi-dmac.h and -platform.c ("driver");
 * the data book as quoted in public SoC manuals, e.g. StarFive JH7110 and
 * Intel Keem Bay ("book").
 */
#include <linux/bitfield.h>

#include "model.h"

#define CHANS		2

/* Driver, "common registers offset" */
#define ID		0x000
#define COMPVER		0x008
#define CFG		0x010
#define CHEN		0x018
#define INTSTATUS	0x030
#define RESET		0x058

/* Driver, "DMA channel registers offset" */
#define SAR		0x000
#define DAR		0x008
#define BLOCK_TS	0x010
#define CTL		0x018
#define CH_CFG		0x020
#define LLP		0x028
#define STATUS		0x030
#define INT_STATUS_ENA	0x080
#define INT_STATUS	0x088
#define INT_SIGNAL_ENA	0x090
#define INT_CLEAR	0x098

#define CFG_ENABLE	BIT(0)
#define CFG_INTERRUPTS	BIT(1)

/* Driver, lines 190-193: two bits per channel, each with a bit that lets it be written */
#define CHEN_ENABLE	0
#define CHEN_ENABLE_WE	8
#define CHEN_SUSPEND	16
#define CHEN_SUSPEND_WE	24

#define CTL_SRC_FIXED	BIT_ULL(4)
#define CTL_DST_FIXED	BIT_ULL(6)
#define CTL_SRC_WIDTH	GENMASK_ULL(10, 8)
#define CTL_DST_WIDTH	GENMASK_ULL(13, 11)
#define CTL_LAST	BIT_ULL(62)
#define CTL_VALID	BIT_ULL(63)

/* Driver, enum at line 330 */
#define IRQ_BLOCK	BIT(0)
#define IRQ_TRANSFER	BIT(1)
#define IRQ_READ	BIT(7)
#define IRQ_WRITE	BIT(8)
#define IRQ_LLI_READ	BIT(11)
#define IRQ_LLI_WRITE	BIT(12)
#define IRQ_INVALID	BIT(13)
#define IRQ_SUSPENDED	BIT(29)

struct axidma_item {
	__le64 sar;
	__le64 dar;
	__le64 block_ts;
	__le64 llp;
	__le64 ctl;
	__le64 stat;
	__le64 status;
	__le64 reserved;
};

/**
 * struct axidma - what is not in registers
 * @at: where the item of this block is
 * @item: the item
 * @begun: a block of this transfer was moved before
 */
struct axidma {
	dma_addr_t at;
	struct axidma_item item;
	bool begun;
};

static const struct model_bank axidma_shared_bank = {
	.regs = (const struct model_reg[]) {
		{ ID, 8, MODEL_RO, "ID" },
		{ COMPVER, 8, MODEL_RO, "COMPVER" },
		{ CFG, 8, 0, "CFG" },
		{ CHEN, 8, 0, "CHEN" },
		{ INTSTATUS, 8, MODEL_RO, "INTSTATUS" },
		{ RESET, 8, 0, "RESET" },
		{}
	},
};

static const struct model_bank axidma_bank = {
	.first = 0x100,
	.stride = 0x100,
	.regs = (const struct model_reg[]) {
		{ SAR, 8, 0, "SAR" },
		{ DAR, 8, 0, "DAR" },
		{ BLOCK_TS, 8, 0, "BLOCK_TS" },
		{ CTL, 8, 0, "CTL" },
		{ CH_CFG, 8, 0, "CH_CFG" },
		{ LLP, 8, 0, "LLP" },
		{ STATUS, 8, MODEL_RO, "STATUS" },
		{ INT_STATUS_ENA, 8, 0, "INTSTATUS_ENA" },
		{ INT_STATUS, 8, MODEL_RO, "INTSTATUS" },
		{ INT_SIGNAL_ENA, 8, 0, "INTSIGNAL_ENA" },
		{ INT_CLEAR, 8, 0, "INTCLEAR" },
		{}
	},
};

/* Book: what is not enabled is not even shown. */
static void axidma_raise(struct model_chan *mc, u32 why)
{
	model_set(mc, INT_STATUS,
		  model_get(mc, INT_STATUS) | (why & model_get(mc, INT_STATUS_ENA)));
}

static void axidma_chen(struct model_chan *mc, u32 shift, bool on)
{
	u64 bit = BIT_ULL(mc->index + shift), chen = model_get_shared(mc->m, CHEN);

	model_set_shared(mc->m, CHEN, on ? chen | bit : chen & ~bit);
}

/* Book: a channel that is disabled is not suspended any more. */
static void axidma_halt(struct model_chan *mc, u32 why)
{
	model_stop(mc);
	axidma_chen(mc, CHEN_ENABLE, false);
	axidma_chen(mc, CHEN_SUSPEND, false);
	axidma_raise(mc, why);
}

static void axidma_begin(struct model_chan *mc)
{
	struct axidma *axidma = mc->priv;

	axidma->begun = false;
	model_start(mc);
	model_pause(mc, model_get_shared(mc->m, CHEN) & BIT(mc->index + CHEN_SUSPEND));
}

static void axidma_suspend(struct model_chan *mc, bool on)
{
	model_pause(mc, on);
	if (on)
		axidma_raise(mc, IRQ_SUSPENDED);
}

/* Book: a disabled channel stops at once; the data in it is lost. */
static void axidma_enabled(struct model *m, u64 old, u64 val)
{
	struct model_chan *mc;

	model_set_shared(m, CHEN, old);
	for (mc = m->chans; mc < model_end(m); mc++) {
		bool enable = val & BIT(mc->index + CHEN_ENABLE);
		bool suspend = val & BIT(mc->index + CHEN_SUSPEND);

		if (val & BIT(mc->index + CHEN_ENABLE_WE)) {
			axidma_chen(mc, CHEN_ENABLE, enable);
			if (!enable)
				axidma_halt(mc, 0);
			else if (!mc->busy && model_get_shared(m, CFG) & CFG_ENABLE)
				axidma_begin(mc);
		}
		if (val & BIT_ULL(mc->index + CHEN_SUSPEND_WE)) {
			axidma_chen(mc, CHEN_SUSPEND, suspend);
			axidma_suspend(mc, suspend);
		}
	}
}

static void axidma_written(struct model *m, struct model_chan *mc, u32 reg, u64 old, u64 val)
{
	if (!mc && reg == CHEN) {
		axidma_enabled(m, old, val);
	} else if (mc && reg == INT_CLEAR) {
		model_set(mc, INT_STATUS, model_get(mc, INT_STATUS) & ~val);
		model_set(mc, INT_CLEAR, 0);
	}
}

static bool axidma_load(struct model_chan *mc)
{
	struct axidma *axidma = mc->priv;

	axidma->at = model_get(mc, LLP) & ~63ull;
	if (!model_desc_read(mc, axidma->at, &axidma->item, sizeof(axidma->item))) {
		axidma_halt(mc, IRQ_LLI_READ);
		return false;
	}
	/* Book: an item that is not valid suspends the channel until it is resumed. */
	if (!(le64_to_cpu(axidma->item.ctl) & CTL_VALID)) {
		axidma_halt(mc, IRQ_INVALID);
		return false;
	}
	model_set(mc, SAR, le64_to_cpu(axidma->item.sar));
	model_set(mc, DAR, le64_to_cpu(axidma->item.dar));
	model_set(mc, BLOCK_TS, le64_to_cpu(axidma->item.block_ts));
	model_set(mc, CTL, le64_to_cpu(axidma->item.ctl));
	return true;
}

static bool axidma_fetch(struct model_chan *mc)
{
	struct axidma *axidma = mc->priv;
	u64 ctl;

	if (!axidma_load(mc))
		return false;
	ctl = model_get(mc, CTL);
	mc->move.src.addr = model_get(mc, SAR);
	mc->move.src.fixed = ctl & CTL_SRC_FIXED;
	mc->move.src.width = 1 << FIELD_GET(CTL_SRC_WIDTH, ctl);
	mc->move.dst.addr = model_get(mc, DAR);
	mc->move.dst.fixed = ctl & CTL_DST_FIXED;
	mc->move.dst.width = 1 << FIELD_GET(CTL_DST_WIDTH, ctl);
	mc->move.len = ((model_get(mc, BLOCK_TS) & GENMASK(21, 0)) + 1) * mc->move.src.width;
	mc->move.more = axidma->begun;
	axidma->begun = true;
	return true;
}

/*
 * Book: "valid" is cleared in the item. Driver, line 1085: LLP has moved on to the
 * next item when a block ends, and that is where an enabled channel continues.
 */
static void axidma_ended(struct model_chan *mc, enum model_result result)
{
	struct axidma *axidma = mc->priv;
	u64 ctl = le64_to_cpu(axidma->item.ctl);
	__le64 back = cpu_to_le64(ctl & ~CTL_VALID);

	if (result != MODEL_OK) {
		axidma_halt(mc, result == MODEL_READ_ERROR ? IRQ_READ : IRQ_WRITE);
		return;
	}
	if (!model_desc_write(mc, axidma->at + offsetof(struct axidma_item, ctl), &back,
			      sizeof(back))) {
		axidma_halt(mc, IRQ_LLI_WRITE);
		return;
	}
	axidma_raise(mc, IRQ_BLOCK);
	model_set(mc, LLP, le64_to_cpu(axidma->item.llp));
	if (ctl & CTL_LAST)
		axidma_halt(mc, IRQ_TRANSFER);
}

static u32 axidma_level(struct model *m)
{
	struct model_chan *mc;

	if (model_get_shared(m, CFG) & CFG_INTERRUPTS)
		for (mc = m->chans; mc < model_end(m); mc++)
			if (model_get(mc, INT_STATUS) & model_get(mc, INT_SIGNAL_ENA))
				return BIT(0);
	return 0;
}

const struct model_type model_dw_axi_dmac = {
	MODEL_OVERLAY(dw_axi_dmac),
	.name		= "dw-axi-dmac",
	.driver		= "dw_axi_dmac_platform",
	.compatible	= "snps,axi-dma-1.01a",
	.chans		= CHANS,
	.lines		= 1,
	.priv_size	= sizeof(struct axidma),
	.ports		= 2,
	.reads_descs	= true,
	.writes_descs	= true,
	.shared		= &axidma_shared_bank,
	.per_chan	= &axidma_bank,
	.written	= axidma_written,
	.fetch		= axidma_fetch,
	.ended		= axidma_ended,
	.level		= axidma_level,
};
