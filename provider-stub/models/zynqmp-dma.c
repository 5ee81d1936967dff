// SPDX-License-Identifier: GPL-2.0-only
/*
 * The general purpose DMA of Zynq UltraScale+ and Versal, one channel, in
 * scatter-gather mode with linked descriptors, the only one the driver uses.
 *
 * Sources: Zynq UltraScale+ Technical Reference Manual UG1085, chapter 19
 * ("manual") and its register reference UG1087; drivers/dma/xilinx/zynqmp_dma.c
 * ("driver"); QEMU's hw/dma/xlnx-zdma.c ("QEMU"), which agrees.
 */
#include "model.h"

/* Register reference, ZDMA module */
#define ISR		0x100
#define IMR		0x104
#define IEN		0x108
#define IDS		0x10c
#define CTRL0		0x110
#define CTRL1		0x114
#define FCI		0x118
#define STATUS		0x11c
#define DATA_ATTR	0x120
#define DSCR_ATTR	0x124
#define SRC_START	0x158
#define DST_START	0x160
#define TOTAL_BYTE	0x188
#define RATE_CTRL	0x18c
#define SRC_ACCT	0x190
#define DST_ACCT	0x194
#define CTRL2		0x200

#define INT_ALL		0xfff
#define INT_DONE	BIT(10)
#define INT_WRITE	BIT(9)
#define INT_READ	BIT(8)
#define INT_DST_DSCR	BIT(7)
#define INT_SRC_DSCR	BIT(6)
#define INT_DST_DONE	BIT(2)
#define INT_SRC_DONE	BIT(1)

#define CTRL0_SG	BIT(6)
#define ENABLE		BIT(0)

/* STATUS; manual, "channel states" */
#define STATE_DONE	0
#define STATE_BUSY	2
#define STATE_ERROR	3

/* Manual, "descriptor format", word 3 */
#define DSCR_LINKED	BIT(1)
#define DSCR_INTERRUPT	BIT(2)
#define DSCR_STOP	BIT(4)

struct zdma_desc {
	__le64 addr;
	__le32 size;
	__le32 ctrl;
	__le64 next;
	__le64 reserved;
};

/**
 * struct zdma - what is not in registers the driver uses
 * @src_at: where the source descriptor is
 * @dst_at: where the destination descriptor is
 * @src: the source descriptor
 * @dst: the destination descriptor
 */
struct zdma {
	dma_addr_t src_at;
	dma_addr_t dst_at;
	struct zdma_desc src;
	struct zdma_desc dst;
};

static const struct model_bank zdma_bank = {
	.stride = 0x1000,
	.regs = (const struct model_reg[]) {
		{ ISR, 4, MODEL_W1C, "ISR" },
		{ IMR, 4, MODEL_RO, "IMR" },
		{ IEN, 4, 0, "IEN" },
		{ IDS, 4, 0, "IDS" },
		{ CTRL0, 4, 0, "CTRL0" },
		{ CTRL1, 4, 0, "CTRL1" },
		{ FCI, 4, 0, "FCI" },
		{ STATUS, 4, MODEL_RO, "STATUS" },
		{ DATA_ATTR, 4, 0, "DATA_ATTR" },
		{ DSCR_ATTR, 4, 0, "DSCR_ATTR" },
		{ SRC_START, 8, 0, "SRC_START" },
		{ DST_START, 8, 0, "DST_START" },
		{ TOTAL_BYTE, 4, 0, "TOTAL_BYTE" },
		{ RATE_CTRL, 4, 0, "RATE_CTRL" },
		{ SRC_ACCT, 4, MODEL_RO, "IRQ_SRC_ACCT" },
		{ DST_ACCT, 4, MODEL_RO, "IRQ_DST_ACCT" },
		{ CTRL2, 4, 0, "CTRL2" },
		{}
	},
};

/* Register reference: all interrupts are masked, and the attributes are not zero. */
static void zdma_reset(struct model *m)
{
	model_set(m->chans, IMR, INT_ALL);
	model_set(m->chans, CTRL0, 0x80);
	model_set(m->chans, CTRL1, 0x3ff);
	model_set(m->chans, DATA_ATTR, 0x0483d20f);
}

static void zdma_begin(struct model_chan *mc)
{
	struct zdma *zdma = mc->priv;

	if (mc->busy)
		return;
	if (!(model_get(mc, CTRL0) & CTRL0_SG)) {
		model_violation(mc->m, "started in simple mode, which is not modelled");
		return;
	}
	zdma->src_at = model_get(mc, SRC_START);
	zdma->dst_at = model_get(mc, DST_START);
	model_set(mc, STATUS, STATE_BUSY);
	model_start(mc);
}

static void zdma_written(struct model *m, struct model_chan *mc, u32 reg, u64 old, u64 val)
{
	switch (reg) {
	case IEN:
		model_set(mc, IMR, model_get(mc, IMR) & ~val);
		model_set(mc, IEN, 0);
		break;
	case IDS:
		model_set(mc, IMR, model_get(mc, IMR) | (val & INT_ALL));
		model_set(mc, IDS, 0);
		break;
	case CTRL2:
		if (val & ENABLE)
			zdma_begin(mc);
		else
			model_stop(mc);
		break;
	}
}

/* Register reference: the interrupt counters clear when they are read. */
static void zdma_was_read(struct model *m, struct model_chan *mc, u32 reg)
{
	if (reg == SRC_ACCT || reg == DST_ACCT)
		model_set(mc, reg, 0);
}

/* The end of a list, or an error: the channel disables itself. */
static void zdma_halt(struct model_chan *mc, u32 why)
{
	model_stop(mc);
	model_set(mc, CTRL2, 0);
	model_set(mc, STATUS, why == INT_DONE ? STATE_DONE : STATE_ERROR);
	model_set(mc, ISR, model_get(mc, ISR) | why);
}

static bool zdma_fetch(struct model_chan *mc)
{
	struct zdma *zdma = mc->priv;

	if (!model_desc_read(mc, zdma->src_at, &zdma->src, sizeof(zdma->src))) {
		zdma_halt(mc, INT_SRC_DSCR);
		return false;
	}
	if (!model_desc_read(mc, zdma->dst_at, &zdma->dst, sizeof(zdma->dst))) {
		zdma_halt(mc, INT_DST_DSCR);
		return false;
	}
	mc->move.src.addr = le64_to_cpu(zdma->src.addr);
	mc->move.dst.addr = le64_to_cpu(zdma->dst.addr);
	mc->move.len = le32_to_cpu(zdma->src.size);
	return true;
}

static void zdma_count(struct model_chan *mc, const struct zdma_desc *desc, u32 acct, u32 done)
{
	if (!(le32_to_cpu(desc->ctrl) & DSCR_INTERRUPT))
		return;
	model_set(mc, acct, min(model_get(mc, acct) + 1, 0xff));
	model_set(mc, ISR, model_get(mc, ISR) | done);
}

static dma_addr_t zdma_next(dma_addr_t at, const struct zdma_desc *desc)
{
	return le32_to_cpu(desc->ctrl) & DSCR_LINKED ? le64_to_cpu(desc->next) : at + sizeof(*desc);
}

static void zdma_ended(struct model_chan *mc, enum model_result result)
{
	struct zdma *zdma = mc->priv;

	if (result != MODEL_OK) {
		zdma_halt(mc, result == MODEL_READ_ERROR ? INT_READ : INT_WRITE);
		return;
	}
	model_set(mc, TOTAL_BYTE, model_get(mc, TOTAL_BYTE) + mc->move.len);
	zdma_count(mc, &zdma->src, SRC_ACCT, INT_SRC_DONE);
	/* QEMU: a destination is done when its last byte is written, and without any never. */
	if (mc->move.len)
		zdma_count(mc, &zdma->dst, DST_ACCT, INT_DST_DONE);
	if (le32_to_cpu(zdma->src.ctrl) & DSCR_STOP) {
		zdma_halt(mc, INT_DONE);
		return;
	}
	zdma->src_at = zdma_next(zdma->src_at, &zdma->src);
	zdma->dst_at = zdma_next(zdma->dst_at, &zdma->dst);
}

static u32 zdma_level(struct model *m)
{
	return model_get(m->chans, ISR) & ~model_get(m->chans, IMR) ? BIT(0) : 0;
}

const struct model_type model_zynqmp_dma = {
	MODEL_OVERLAY(zynqmp_dma),
	.name		= "zynqmp-dma",
	.driver		= "xilinx-zynqmp-dma",
	.compatible	= "xlnx,zynqmp-dma-1.0",
	.chans		= 1,
	.lines		= 1,
	.priv_size	= sizeof(struct zdma),
	.reads_descs	= true,
	.per_chan	= &zdma_bank,
	.reset		= zdma_reset,
	.was_read	= zdma_was_read,
	.written	= zdma_written,
	.fetch		= zdma_fetch,
	.ended		= zdma_ended,
	.level		= zdma_level,
};
