// SPDX-License-Identifier: GPL-2.0-only
/*
 * SiFive PDMA: a transfer is four registers and a bit, no descriptors.
 *
 * Sources: SiFive FU540-C000 Manual v1p0, chapter 12 ("manual"); the stock
 * driver ("driver").
 */
#include "model.h"

#define CHANS		2

/* Manual, table 46 */
#define CONTROL		0x000
#define NEXT_CONFIG	0x004
#define NEXT_BYTES	0x008
#define NEXT_DST	0x010
#define NEXT_SRC	0x018
#define EXEC_CONFIG	0x104
#define EXEC_BYTES	0x108
#define EXEC_DST	0x110
#define EXEC_SRC	0x118

/* Manual, 12.3.2 */
#define CLAIM		BIT(0)
#define RUN		BIT(1)
#define DONE_IE		BIT(14)
#define ERROR_IE	BIT(15)
#define DONE		BIT(30)
#define ERROR		BIT(31)

static const struct model_bank sf_pdma_bank = {
	.stride = 0x1000,
	.regs = (const struct model_reg[]) {
		{ CONTROL, 4, 0, "Control" },
		{ NEXT_CONFIG, 4, 0, "NextConfig" },
		{ NEXT_BYTES, 8, 0, "NextBytes" },
		{ NEXT_DST, 8, 0, "NextDestination" },
		{ NEXT_SRC, 8, 0, "NextSource" },
		{ EXEC_CONFIG, 4, MODEL_RO, "ExecConfig" },
		{ EXEC_BYTES, 8, MODEL_RO, "ExecBytes" },
		{ EXEC_DST, 8, MODEL_RO, "ExecDestination" },
		{ EXEC_SRC, 8, MODEL_RO, "ExecSource" },
		{}
	},
};

/* Manual, 12.3.3: Exec registers are copies of Next registers, taken as it starts. */
static void sf_pdma_begin(struct model_chan *mc)
{
	model_set(mc, EXEC_CONFIG, model_get(mc, NEXT_CONFIG));
	model_set(mc, EXEC_BYTES, model_get(mc, NEXT_BYTES));
	model_set(mc, EXEC_DST, model_get(mc, NEXT_DST));
	model_set(mc, EXEC_SRC, model_get(mc, NEXT_SRC));
	model_start(mc);
}

/*
 * Manual, 12.3.2: claiming resets; run starts on the rising edge, and its
 * clearing stops the transfer (driver: sf_pdma_disable_request()).
 */
static void sf_pdma_written(struct model *m, struct model_chan *mc, u32 reg, u64 old, u64 val)
{
	if (reg != CONTROL)
		return;
	if (val & ~old & RUN)
		sf_pdma_begin(mc);
	else if (!(val & RUN))
		model_stop(mc);
}

/* Manual, 12.3.4: how far it is, while it runs. */
static void sf_pdma_reading(struct model *m, struct model_chan *mc, u32 reg)
{
	size_t done = mc->loaded ? mc->move.done : 0;

	if (!mc->loaded)
		return;
	model_set(mc, EXEC_BYTES, mc->move.len - done);
	model_set(mc, EXEC_SRC, mc->move.src.addr + done);
	model_set(mc, EXEC_DST, mc->move.dst.addr + done);
}

static bool sf_pdma_fetch(struct model_chan *mc)
{
	if (!(model_get(mc, CONTROL) & RUN))
		return false;
	mc->move.src.addr = model_get(mc, EXEC_SRC);
	mc->move.dst.addr = model_get(mc, EXEC_DST);
	mc->move.len = model_get(mc, EXEC_BYTES);
	return mc->move.len;
}

/* Manual, 12.3.2: run clears by itself; done and error stay until software clears them. */
static void sf_pdma_ended(struct model_chan *mc, enum model_result result)
{
	u32 control = model_get(mc, CONTROL) & ~RUN;

	model_set(mc, EXEC_BYTES, mc->move.len - mc->move.done);
	model_set(mc, EXEC_SRC, mc->move.src.addr + mc->move.done);
	model_set(mc, EXEC_DST, mc->move.dst.addr + mc->move.done);
	model_set(mc, CONTROL, control | (result == MODEL_OK ? DONE : ERROR));
}

/* Manual, 12.2: two lines per channel, done and error. */
static u32 sf_pdma_level(struct model *m)
{
	struct model_chan *mc;
	u32 level = 0, control;

	for (mc = m->chans; mc < model_end(m); mc++) {
		control = model_get(mc, CONTROL);
		if (control & DONE && control & DONE_IE)
			level |= BIT(2 * mc->index);
		if (control & ERROR && control & ERROR_IE)
			level |= BIT(2 * mc->index + 1);
	}
	return level;
}

const struct model_type model_sf_pdma = {
	MODEL_OVERLAY(sf_pdma),
	.name		= "sf-pdma",
	.driver		= "sf-pdma",
	.compatible	= "sifive,pdma0",
	.chans		= CHANS,
	.lines		= 2 * CHANS,
	.per_chan	= &sf_pdma_bank,
	.reading	= sf_pdma_reading,
	.written	= sf_pdma_written,
	.fetch		= sf_pdma_fetch,
	.ended		= sf_pdma_ended,
	.level		= sf_pdma_level,
};
