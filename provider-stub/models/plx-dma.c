// SPDX-License-Identifier: GPL-2.0-only
/*
 * The DMA engine of PLX ExpressLane PEX switches: a ring of descriptors in
 * memory, with status written back into them.
 *
 * Sources: drivers/dma/plx_dma.c ("driver"; the data book is not public). Where
 * the driver does not tell, the choice is marked "guess".
 */
#include "model.h"

/* Driver, lines 22-32 */
#define RING_ADDR	0x214
#define RING_ADDR_HI	0x218
#define RING_NEXT	0x21c
#define RING_COUNT	0x220
#define LAST_ADDR	0x224
#define LAST_SIZE	0x228
#define PREF_LIMIT	0x234
#define CTRL		0x238
#define INTR_CTRL	0x23c
#define INTR_STATUS	0x23e

/* Driver, lines 36-52 */
#define CTRL_PAUSE	BIT(0)
#define CTRL_WRITE_BACK	BIT(2)
#define CTRL_START	BIT(3)
#define CTRL_INVALID	BIT(8)
#define CTRL_PAUSED	BIT(9)
#define CTRL_DONE_BITS	(BIT(8) | BIT(9) | BIT(10) | BIT(12))
#define CTRL_RUNNING	BIT(30)

/* Driver, lines 72-82 */
#define ERROR_EN	BIT(0)
#define INVALID_EN	BIT(1)
#define STATUS_ERROR	BIT(0)
#define STATUS_INVALID	BIT(1)
#define STATUS_DONE	BIT(2)

/* Driver, lines 92-98 */
#define DESC_SIZE	0x7ffffff
#define DESC_VALID	BIT(31)
#define DESC_INTERRUPT	BIT(30)
#define DESC_OK		BIT(30)
#define DESC_NO_READ	BIT(29)
#define DESC_NO_WRITE	BIT(28)

struct plx_desc {
	__le32 flags_and_size;
	__le16 dst_hi;
	__le16 src_hi;
	__le32 dst_lo;
	__le32 src_lo;
};

/**
 * struct plx - what is not in registers
 * @desc: the descriptor that runs
 */
struct plx {
	struct plx_desc desc;
};

static const struct model_bank plx_bank = {
	.stride = 0x1000,
	.regs = (const struct model_reg[]) {
		{ RING_ADDR, 4, 0, "RING_ADDR" },
		{ RING_ADDR_HI, 4, 0, "RING_ADDR_HI" },
		{ RING_NEXT, 4, 0, "RING_NEXT_ADDR" },
		{ RING_COUNT, 4, 0, "RING_COUNT" },
		{ LAST_ADDR, 4, MODEL_RO, "RING_LAST_ADDR" },
		{ LAST_SIZE, 4, MODEL_RO, "RING_LAST_SIZE" },
		{ PREF_LIMIT, 4, 0, "PREF_LIMIT" },
		{ CTRL, 4, 0, "CTRL" },
		{ INTR_CTRL, 2, 0, "INTR_CTRL" },
		{ INTR_STATUS, 2, MODEL_W1C, "INTR_STATUS" },
		{}
	},
};

static void plx_halt(struct model_chan *mc, u32 why)
{
	model_stop(mc);
	model_set(mc, CTRL, (model_get(mc, CTRL) & ~(CTRL_START | CTRL_RUNNING)) | why);
	if (why == CTRL_INVALID)
		model_set(mc, INTR_STATUS, model_get(mc, INTR_STATUS) | STATUS_INVALID);
}

/* Driver, line 66: the "done" bits are cleared by writing them. */
static void plx_control(struct model_chan *mc, u32 old, u32 val)
{
	const u32 status = CTRL_RUNNING | CTRL_DONE_BITS;

	val = (old & status & ~val) | (val & ~status);
	model_set(mc, CTRL, val);
	if (val & CTRL_PAUSE) {
		/* Graceful: what is in flight is finished first. */
		if (!mc->busy)
			plx_halt(mc, CTRL_PAUSED);
	} else if (val & CTRL_START && model_get(mc, RING_COUNT)) {
		model_set(mc, CTRL, val | CTRL_RUNNING);
		model_start(mc);
	}
}

static void plx_written(struct model *m, struct model_chan *mc, u32 reg, u64 old, u64 val)
{
	if (reg == CTRL)
		plx_control(mc, old, val);
	else if (reg == RING_COUNT && !val)
		plx_halt(mc, 0);	/* driver, line 262: the last step of a stop */
}

static dma_addr_t plx_addr(__le16 hi, __le32 lo)
{
	return (u64)le16_to_cpu(hi) << 32 | le32_to_cpu(lo);
}

static dma_addr_t plx_next(struct model_chan *mc)
{
	return model_get(mc, RING_ADDR_HI) << 32 | model_get(mc, RING_NEXT);
}

static bool plx_fetch(struct model_chan *mc)
{
	struct plx *plx = mc->priv;
	u32 flags;

	if (model_get(mc, CTRL) & CTRL_PAUSE) {
		plx_halt(mc, CTRL_PAUSED);
		return false;
	}
	if (!model_desc_read(mc, plx_next(mc), &plx->desc, sizeof(plx->desc))) {
		/* Guess: like a failed transfer, but nothing can be written back. */
		plx_halt(mc, CTRL_INVALID);
		model_set(mc, INTR_STATUS, model_get(mc, INTR_STATUS) | STATUS_ERROR);
		return false;
	}
	flags = le32_to_cpu(plx->desc.flags_and_size);
	if (!(flags & DESC_VALID)) {
		plx_halt(mc, CTRL_INVALID);
		return false;
	}
	mc->move.src.addr = plx_addr(plx->desc.src_hi, plx->desc.src_lo);
	mc->move.dst.addr = plx_addr(plx->desc.dst_hi, plx->desc.dst_lo);
	mc->move.len = flags & DESC_SIZE;
	return true;
}

/* Driver, lines 148-162: status and bytes moved take the place of flags and size. */
static void plx_ended(struct model_chan *mc, enum model_result result)
{
	static const u32 status[] = {
		[MODEL_OK] = DESC_OK,
		[MODEL_READ_ERROR] = DESC_NO_READ,
		[MODEL_WRITE_ERROR] = DESC_NO_WRITE,
	};
	struct plx *plx = mc->priv;
	__le32 back = cpu_to_le32(status[result] | mc->move.done);
	dma_addr_t at = plx_next(mc);
	u32 next = model_get(mc, RING_NEXT) + sizeof(plx->desc);
	u32 intr = model_get(mc, INTR_STATUS);

	if (model_get(mc, CTRL) & CTRL_WRITE_BACK &&
	    !model_desc_write(mc, at, &back, sizeof(back)))
		intr |= STATUS_ERROR;
	if (next >= model_get(mc, RING_ADDR) + model_get(mc, RING_COUNT) * sizeof(plx->desc))
		next = model_get(mc, RING_ADDR);
	model_set(mc, RING_NEXT, next);
	if (result != MODEL_OK)
		intr |= STATUS_ERROR;
	/* Guess: a descriptor that failed is done too; the driver looks for errors there only. */
	if (le32_to_cpu(plx->desc.flags_and_size) & DESC_INTERRUPT)
		intr |= STATUS_DONE;
	model_set(mc, INTR_STATUS, intr);
	if (model_get(mc, CTRL) & CTRL_PAUSE)
		plx_halt(mc, CTRL_PAUSED);
}

static u32 plx_level(struct model *m)
{
	u32 status = model_get(m->chans, INTR_STATUS);
	u32 enabled = model_get(m->chans, INTR_CTRL) & (ERROR_EN | INVALID_EN);

	return status & (STATUS_DONE | enabled) ? BIT(0) : 0;
}

const struct model_type model_plx_dma = {
	.name		= "plx-dma",
	.driver		= "plx_dma",
	.pci_id		= PCI_VENDOR_ID_PLX | 0x87d0u << 16,
	.pci_class	= 0x088000,
	.size		= 0x1000,
	.chans		= 1,
	.lines		= 1,
	.priv_size	= sizeof(struct plx),
	.reads_descs	= true,
	.writes_descs	= true,
	.per_chan	= &plx_bank,
	.written	= plx_written,
	.fetch		= plx_fetch,
	.ended		= plx_ended,
	.level		= plx_level,
};
