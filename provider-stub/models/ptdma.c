// SPDX-License-Identifier: GPL-2.0-only
/*
 * AMD PassThru DMA: a queue of 32 commands in memory, of which only "pass
 * through", a copy, is modelled.
 *
 * Sources: drivers/dma/ptdma/ptdma.h and ptdma-dev.c ("driver"; there is no
 * public data sheet); the engine is that of the CCP version 5, so
 * drivers/crypto/ccp/ccp-dev-v5.c and ccp-dev.c ("CCP") tell about errors.
 */
#include <linux/bitfield.h>

#include "model.h"

/* Driver, ptdma.h lines 40-67 */
#define QUEUE_PRIO	0x0000
#define REQID_CONFIG	0x0004
#define TIMEOUT		0x0008
#define CONTROL		0x1000
#define TAIL		0x1004
#define HEAD		0x1008
#define INT_ENABLE	0x100c
#define INT_STATUS	0x1010
#define STATUS		0x1100
#define QINT_STATUS	0x1104
#define CONFIG		0x1120
#define CLK_GATE	0x6004

#define CONTROL_RUN	BIT(0)
#define CONTROL_HALT	BIT(1)
#define CONTROL_SIZE	GENMASK(7, 3)

#define INT_COMPLETION	BIT(0)
#define INT_ERROR	BIT(1)
#define INT_STOPPED	BIT(2)
#define INT_EMPTY	BIT(3)

/* CCP, ccp_error_codes[] */
#define ERROR_FUNCTION	3
#define ERROR_SIZE	9	/* guess: what a copy of no bytes comes to */
#define ERROR_READ	19	/* IDMA0_AXI_SLVERR */
#define ERROR_WRITE	38	/* ODMA0_AXI_SLVERR */

/* Driver, ptdma.h line 61: end of message, the pass-through engine; bit 1: interrupt */
#define DESC_COPY	0x500010
#define DESC_INTERRUPT	BIT(1)

struct ptdma_command {
	__le32 function;
	__le32 length;
	__le32 src_lo;
	__le32 src_hi;
	__le32 dst_lo;
	__le32 dst_hi;
	__le32 reserved[2];
};

/**
 * struct ptdma - what is not in registers
 * @command: the command that runs
 */
struct ptdma {
	struct ptdma_command command;
};

static const struct model_bank ptdma_bank = {
	.stride = 0x8000,
	.regs = (const struct model_reg[]) {
		{ QUEUE_PRIO, 4, 0, "QUEUE_PRIO" },
		{ REQID_CONFIG, 4, 0, "REQID_CONFIG" },
		{ TIMEOUT, 4, 0, "TIMEOUT" },
		{ CONTROL, 4, 0, "Q_CONTROL" },
		{ TAIL, 4, 0, "Q_TAIL_LO" },
		{ HEAD, 4, 0, "Q_HEAD_LO" },
		{ INT_ENABLE, 4, 0, "Q_INT_ENABLE" },
		{ INT_STATUS, 4, MODEL_W1C, "Q_INTERRUPT_STATUS" },
		{ STATUS, 4, MODEL_RO, "Q_STATUS" },
		{ QINT_STATUS, 4, MODEL_RO, "Q_INT_STATUS" },
		{ CONFIG, 4, 0, "CONFIG" },
		{ CLK_GATE, 4, 0, "CLK_GATE_CTL" },
		{}
	},
};

static void ptdma_interrupt(struct model_chan *mc, u32 status)
{
	model_set(mc, INT_STATUS, model_get(mc, INT_STATUS) | status);
}

/* CCP: without "run" no new command is begun; the one in flight is finished. */
static void ptdma_written(struct model *m, struct model_chan *mc, u32 reg, u64 old, u64 val)
{
	if (reg == CONTROL && val & CONTROL_RUN)
		model_start(mc);
}

/* CCP, ccp-dev-v5.c line 655: the address continues in the upper half of "control". */
static dma_addr_t ptdma_head(struct model_chan *mc)
{
	return (model_get(mc, CONTROL) >> 16) << 32 | model_get(mc, HEAD);
}

/* CCP: a command that failed stays at the head until the driver moves that on. */
static void ptdma_error(struct model_chan *mc, u32 error)
{
	model_set(mc, CONTROL, (model_get(mc, CONTROL) & ~CONTROL_RUN) | CONTROL_HALT);
	model_set(mc, STATUS, error);
	ptdma_interrupt(mc, INT_ERROR);
	model_stop(mc);
}

static bool ptdma_fetch(struct model_chan *mc)
{
	struct ptdma_command *command = &((struct ptdma *)mc->priv)->command;

	if (!(model_get(mc, CONTROL) & CONTROL_RUN) || model_get(mc, HEAD) == model_get(mc, TAIL))
		return false;
	if (!model_desc_read(mc, ptdma_head(mc), command, sizeof(*command))) {
		ptdma_error(mc, ERROR_READ);
		return false;
	}
	if ((le32_to_cpu(command->function) & ~DESC_INTERRUPT) != DESC_COPY) {
		ptdma_error(mc, ERROR_FUNCTION);
		return false;
	}
	mc->move.src.addr = (u64)(le32_to_cpu(command->src_hi) & 0xffff) << 32 |
			    le32_to_cpu(command->src_lo);
	mc->move.dst.addr = (u64)(le32_to_cpu(command->dst_hi) & 0xffff) << 32 |
			    le32_to_cpu(command->dst_lo);
	mc->move.len = le32_to_cpu(command->length);
	if (!mc->move.len)
		ptdma_error(mc, ERROR_SIZE);
	return mc->move.len;
}

/* Driver, ptdma.h line 108: the queue holds 2 << size commands, and is aligned to that. */
static void ptdma_advance(struct model_chan *mc)
{
	u32 size = FIELD_GET(CONTROL_SIZE, model_get(mc, CONTROL));
	u32 mask = (2 << size) * sizeof(struct ptdma_command) - 1;
	u32 head = model_get(mc, HEAD);

	model_set(mc, HEAD, (head & ~mask) | ((head + sizeof(struct ptdma_command)) & mask));
	if (model_get(mc, HEAD) == model_get(mc, TAIL))
		ptdma_interrupt(mc, INT_EMPTY);
}

static void ptdma_ended(struct model_chan *mc, enum model_result result)
{
	struct ptdma *ptdma = mc->priv;

	if (result != MODEL_OK) {
		ptdma_error(mc, result == MODEL_READ_ERROR ? ERROR_READ : ERROR_WRITE);
		return;
	}
	ptdma_advance(mc);
	if (le32_to_cpu(ptdma->command.function) & DESC_INTERRUPT)
		ptdma_interrupt(mc, INT_COMPLETION);
}

static u32 ptdma_level(struct model *m)
{
	return model_get(m->chans, INT_STATUS) & model_get(m->chans, INT_ENABLE) ? BIT(0) : 0;
}

const struct model_type model_ptdma = {
	.name		= "ptdma",
	.driver		= "ptdma",
	.pci_id		= PCI_VENDOR_ID_AMD | 0x1498 << 16,
	.pci_class	= 0x088000,
	.bar		= 2,
	.size		= 0x8000,
	.needs_msi	= true,
	.chans		= 1,
	.lines		= 1,
	.priv_size	= sizeof(struct ptdma),
	.reads_descs	= true,
	.per_chan	= &ptdma_bank,
	.written	= ptdma_written,
	.fetch		= ptdma_fetch,
	.ended		= ptdma_ended,
	.level		= ptdma_level,
};
