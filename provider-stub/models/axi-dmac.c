// SPDX-License-Identifier: GPL-2.0-only
/*
 * Analog Devices AXI DMAC: a queue of transfers in registers, each of them
 * two-dimensional; one instance moves to a peripheral, another from one.
 *
 * Sources: the public register map of the core,
 * https://analogdevicesinc.github.io/hdl/library/axi_dmac ("manual"); the stock
 * driver ("driver"). The core reports no bus errors. Not modelled: descriptors
 * in memory, which are optional in the core, and transfers that a peripheral
 * ends early.
 */
#include "model.h"

#define IDS		4	/* numbers of transfers, manual */
/* Guess: a number is not given again before the driver has seen the end of its transfer. */
#define QUEUE		(IDS - 1)

/* Manual, register map */
#define VERSION		0x000
#define INTERFACE	0x010
#define COHERENCY	0x014
#define IRQ_MASK	0x080
#define IRQ_PENDING	0x084
#define IRQ_SOURCE	0x088
#define CONTROL		0x400
#define TRANSFER_ID	0x404
#define SUBMIT		0x408
#define FLAGS		0x40c
#define DST		0x410
#define SRC		0x414
#define X_LENGTH	0x418
#define Y_LENGTH	0x41c
#define DST_STRIDE	0x420
#define SRC_STRIDE	0x424
#define DONE		0x428
#define ACTIVE_ID	0x42c
#define STATUS		0x430
#define CURRENT_DST	0x434
#define CURRENT_SRC	0x438
#define PARTIAL_LEN	0x44c
#define PARTIAL_ID	0x450
#define SG_ADDRESS	0x47c
#define SG_ADDRESS_HIGH	0x4bc

#define ENABLE		BIT(0)
#define PAUSE		BIT(1)
#define IRQ_STARTED	BIT(0)
#define IRQ_ENDED	BIT(1)
#define CYCLIC		BIT(0)
#define BYTES		4		/* width of both buses */
#define MAX_LENGTH	0xffffff	/* 24 bits of length */

/* Manual, INTERFACE_DESCRIPTION: widths as powers of 2; types memory 0, stream 1 */
#define TO_DEVICE	0x212
#define FROM_DEVICE	0x1202

/**
 * struct axi_transfer - a transfer that was submitted
 * @id: its number, 0 to 3
 * @flags: CYCLIC
 * @src: address of the first row
 * @dst: address of the first row
 * @x: bytes of a row
 * @y: rows
 * @src_stride: from one row to the next
 * @dst_stride: from one row to the next
 */
struct axi_transfer {
	u32 id, flags, src, dst, x, y, src_stride, dst_stride;
};

/**
 * struct axi - what is not in registers
 * @queue: transfers, the first one runs
 * @queued: how many
 * @row: of the first one, that is moved now
 */
struct axi {
	struct axi_transfer queue[QUEUE];
	unsigned int queued;
	u32 row;
};

static const struct model_bank axi_bank = {
	.stride = 0x1000,
	.regs = (const struct model_reg[]) {
		{ VERSION, 4, MODEL_RO, "VERSION" },
		{ INTERFACE, 4, MODEL_RO, "INTERFACE_DESCRIPTION" },
		{ COHERENCY, 4, MODEL_RO, "COHERENCY_DESCRIPTION" },
		{ IRQ_MASK, 4, 0, "IRQ_MASK" },
		{ IRQ_PENDING, 4, 0, "IRQ_PENDING" },
		{ IRQ_SOURCE, 4, MODEL_RO, "IRQ_SOURCE" },
		{ CONTROL, 4, 0, "CONTROL" },
		{ TRANSFER_ID, 4, MODEL_RO, "TRANSFER_ID" },
		{ SUBMIT, 4, 0, "TRANSFER_SUBMIT" },
		{ FLAGS, 4, 0, "FLAGS" },
		{ DST, 4, 0, "DEST_ADDRESS" },
		{ SRC, 4, 0, "SRC_ADDRESS" },
		{ X_LENGTH, 4, 0, "X_LENGTH" },
		{ Y_LENGTH, 4, 0, "Y_LENGTH" },
		{ DST_STRIDE, 4, 0, "DEST_STRIDE" },
		{ SRC_STRIDE, 4, 0, "SRC_STRIDE" },
		{ DONE, 4, MODEL_RO, "TRANSFER_DONE" },
		{ ACTIVE_ID, 4, MODEL_RO, "ACTIVE_TRANSFER_ID" },
		{ STATUS, 4, MODEL_RO, "STATUS" },
		{ CURRENT_DST, 4, MODEL_RO, "CURRENT_DEST_ADDRESS" },
		{ CURRENT_SRC, 4, MODEL_RO, "CURRENT_SRC_ADDRESS" },
		{ PARTIAL_LEN, 4, MODEL_RO, "PARTIAL_TRANSFER_LENGTH" },
		{ PARTIAL_ID, 4, MODEL_RO, "PARTIAL_TRANSFER_ID" },
		{ SG_ADDRESS, 4, MODEL_RO, "SG_ADDRESS" },
		{ SG_ADDRESS_HIGH, 4, MODEL_RO, "SG_ADDRESS_HIGH" },
		{}
	},
};

/* The instance at the first address moves to its peripheral, the other one from it. */
static bool axi_to_device(struct model *m)
{
	return !(m->res.start & 0x1000);
}

static void axi_reset(struct model *m)
{
	model_set(m->chans, VERSION, 4 << 16 | 4 << 8 | 'a');
	model_set(m->chans, INTERFACE, axi_to_device(m) ? TO_DEVICE : FROM_DEVICE);
	model_set(m->chans, COHERENCY, 1);
	model_set(m->chans, IRQ_MASK, IRQ_STARTED | IRQ_ENDED);
	model_set(m->chans, X_LENGTH, BYTES - 1);
}

static void axi_interrupt(struct model_chan *mc, u32 source)
{
	model_set(mc, IRQ_SOURCE, model_get(mc, IRQ_SOURCE) | source);
}

/* Manual, TRANSFER_SUBMIT: it reads as 1 until there is room in the queue. */
static void axi_submit(struct model_chan *mc)
{
	struct axi *axi = mc->priv;
	u32 id = model_get(mc, TRANSFER_ID);

	if (!(model_get(mc, CONTROL) & ENABLE) || axi->queued == QUEUE)
		return;
	axi->queue[axi->queued++] = (struct axi_transfer) {
		.id = id,
		.flags = model_get(mc, FLAGS),
		.src = model_get(mc, SRC),
		.dst = model_get(mc, DST),
		.x = model_get(mc, X_LENGTH) + 1,
		.y = model_get(mc, Y_LENGTH) + 1,
		.src_stride = model_get(mc, SRC_STRIDE),
		.dst_stride = model_get(mc, DST_STRIDE),
	};
	model_set(mc, SUBMIT, 0);
	model_set(mc, TRANSFER_ID, (id + 1) % IDS);
	model_set(mc, DONE, model_get(mc, DONE) & ~BIT(id));
	axi_interrupt(mc, IRQ_STARTED);
	model_start(mc);
}

/* Manual, CONTROL: disabling resets the core's state, its queue too. */
static void axi_control(struct model_chan *mc, u32 val)
{
	struct axi *axi = mc->priv;

	if (!(val & ENABLE)) {
		model_stop(mc);
		memset(axi, 0, sizeof(*axi));
		model_set(mc, SUBMIT, 0);
		model_set(mc, TRANSFER_ID, 0);
		model_set(mc, DONE, 0);
		model_set(mc, IRQ_SOURCE, 0);
	} else {
		model_pause(mc, val & PAUSE);
		if (model_get(mc, SUBMIT))
			axi_submit(mc);
	}
}

static void axi_written(struct model *m, struct model_chan *mc, u32 reg, u64 old, u64 val)
{
	switch (reg) {
	case CONTROL:
		axi_control(mc, val);
		break;
	case SUBMIT:
		if (old)
			model_violation(m, "a transfer is submitted before the last one is queued");
		if (val)
			axi_submit(mc);
		break;
	case IRQ_PENDING:
		model_set(mc, IRQ_SOURCE, model_get(mc, IRQ_SOURCE) & ~val);
		break;
	case X_LENGTH:
		model_set(mc, X_LENGTH, (val & MAX_LENGTH) | (BYTES - 1));
		break;
	case Y_LENGTH:
		model_set(mc, Y_LENGTH, val & MAX_LENGTH);
		break;
	}
}

static void axi_reading(struct model *m, struct model_chan *mc, u32 reg)
{
	if (reg == IRQ_PENDING)
		model_set(mc, IRQ_PENDING, model_get(mc, IRQ_SOURCE) & ~model_get(mc, IRQ_MASK));
}

static bool axi_fetch(struct model_chan *mc)
{
	struct axi *axi = mc->priv;
	const struct axi_transfer *t = axi->queue;
	bool to_device = axi_to_device(mc->m);

	if (!axi->queued)
		return false;
	model_set(mc, ACTIVE_ID, t->id);
	mc->move.src.fixed = !to_device;
	mc->move.src.width = BYTES;
	mc->move.src.addr = to_device ? t->src + axi->row * t->src_stride : mc->ports[0].addr;
	mc->move.dst.fixed = to_device;
	mc->move.dst.width = BYTES;
	mc->move.dst.addr = to_device ? mc->ports[0].addr : t->dst + axi->row * t->dst_stride;
	mc->move.len = t->x;
	mc->move.more = axi->row;
	return true;
}

static void axi_ended(struct model_chan *mc, enum model_result result)
{
	struct axi *axi = mc->priv;
	const struct axi_transfer *t = axi->queue;

	if (++axi->row < t->y)
		return;
	axi->row = 0;
	/* Manual, FLAGS: a cyclic transfer starts again, without an interrupt. */
	if (t->flags & CYCLIC)
		return;
	model_set(mc, DONE, model_get(mc, DONE) | BIT(t->id));
	axi_interrupt(mc, IRQ_ENDED);
	memmove(axi->queue, axi->queue + 1, --axi->queued * sizeof(*axi->queue));
	if (model_get(mc, SUBMIT))
		axi_submit(mc);
}

static u32 axi_level(struct model *m)
{
	return model_get(m->chans, IRQ_SOURCE) & ~model_get(m->chans, IRQ_MASK) ? BIT(0) : 0;
}

const struct model_type model_axi_dmac = {
	MODEL_OVERLAY(axi_dmac),
	.name		= "axi-dmac",
	.driver		= "dma-axi-dmac",
	.compatible	= "adi,axi-dmac-1.00.a",
	.chans		= 1,
	.lines		= 1,
	.priv_size	= sizeof(struct axi),
	.ports		= 1,
	.no_errors	= true,
	.per_chan	= &axi_bank,
	.reset		= axi_reset,
	.reading	= axi_reading,
	.written	= axi_written,
	.fetch		= axi_fetch,
	.ended		= axi_ended,
	.level		= axi_level,
};
