// SPDX-License-Identifier: GPL-2.0-only
/*
 * STM32 DMA, eight streams, and the DMAMUX in front of it, which routes the
 * request lines of peripherals to them: a stream without a route never gets a
 * request, so that its peripheral's data does not move.
 *
 * Sources: STM32H742 to H753 reference manual RM0433, chapters 16 and 17
 * ("manual"); the stock drivers ("driver"). Not modelled: the FIFO, which always
 * passes its data at once, and its errors.
 */
#include <linux/bitfield.h>

#include "model.h"

#define STREAMS		8

/* Manual, 16.5 */
#define LISR		0x00
#define HISR		0x04
#define LIFCR		0x08
#define HIFCR		0x0c
#define SCR		0x00
#define SNDTR		0x04
#define SPAR		0x08
#define SM0AR		0x0c
#define SM1AR		0x10
#define SFCR		0x14

/* Manual, 17.6.1: which request a stream gets, 0 for none; the mux lies behind the streams. */
#define MUX		0x800
#define MUX_REQUEST	GENMASK(7, 0)

#define SCR_EN		BIT(0)
#define SCR_TEIE	BIT(2)
#define SCR_TCIE	BIT(4)
#define SCR_DIR		GENMASK(7, 6)
#define SCR_CIRC	BIT(8)
#define SCR_PINC	BIT(9)
#define SCR_MINC	BIT(10)
#define SCR_PSIZE	GENMASK(12, 11)
#define SCR_MSIZE	GENMASK(14, 13)
#define SCR_DBM		BIT(18)
#define SCR_CT		BIT(19)

#define FROM_PERIPHERAL	0
#define TO_PERIPHERAL	1
#define IN_MEMORY	2

#define TEIF		BIT(3)
#define TCIF		BIT(5)

/**
 * struct stm32 - what is not in registers
 * @items: what SNDTR was when the stream was enabled
 * @begun: something of this transfer was moved before
 */
struct stm32 {
	u32 items;
	bool begun;
};

static const struct model_bank stm32_shared_bank = {
	.regs = (const struct model_reg[]) {
		{ LISR, 4, MODEL_RO, "LISR" },
		{ HISR, 4, MODEL_RO, "HISR" },
		{ LIFCR, 4, 0, "LIFCR" },
		{ HIFCR, 4, 0, "HIFCR" },
		{ MUX + 0x00, 4, 0, "MUX.C0CR" },
		{ MUX + 0x04, 4, 0, "MUX.C1CR" },
		{ MUX + 0x08, 4, 0, "MUX.C2CR" },
		{ MUX + 0x0c, 4, 0, "MUX.C3CR" },
		{ MUX + 0x10, 4, 0, "MUX.C4CR" },
		{ MUX + 0x14, 4, 0, "MUX.C5CR" },
		{ MUX + 0x18, 4, 0, "MUX.C6CR" },
		{ MUX + 0x1c, 4, 0, "MUX.C7CR" },
		{}
	},
};

static const struct model_bank stm32_bank = {
	.first = 0x10,
	.stride = 0x18,
	.regs = (const struct model_reg[]) {
		{ SCR, 4, 0, "SCR" },
		{ SNDTR, 4, 0, "SNDTR" },
		{ SPAR, 4, 0, "SPAR" },
		{ SM0AR, 4, 0, "SM0AR" },
		{ SM1AR, 4, 0, "SM1AR" },
		{ SFCR, 4, 0, "SFCR" },
		{}
	},
};

/* Manual, 16.5.5: the reset value of SFCR. */
static void stm32_reset(struct model *m)
{
	struct model_chan *mc;

	for (mc = m->chans; mc < model_end(m); mc++)
		model_set(mc, SFCR, 0x21);
}

/* Manual, 16.5.1: six flags for each stream, four streams to a register. */
static u32 stm32_isr(struct model_chan *mc)
{
	return mc->index & 4 ? HISR : LISR;
}

static unsigned int stm32_shift(struct model_chan *mc)
{
	return (mc->index & 2 ? 16 : 0) + (mc->index & 1 ? 6 : 0);
}

static void stm32_raise(struct model_chan *mc, u32 flag)
{
	u32 isr = stm32_isr(mc);

	model_set_shared(mc->m, isr, model_get_shared(mc->m, isr) | flag << stm32_shift(mc));
}

static u32 stm32_direction(struct model_chan *mc)
{
	return FIELD_GET(SCR_DIR, model_get(mc, SCR));
}

static bool stm32_requested(struct model_chan *mc)
{
	return stm32_direction(mc) == IN_MEMORY ||
	       model_get_shared(mc->m, MUX + 4 * mc->index) & MUX_REQUEST;
}

/* Manual, 16.3.17: SNDTR counts items of the peripheral's width, down to 0. */
static void stm32_count(struct model_chan *mc)
{
	if (mc->loaded)
		model_set(mc, SNDTR, (mc->move.len - mc->move.done) >>
				     FIELD_GET(SCR_PSIZE, model_get(mc, SCR)));
}

static void stm32_enable(struct model_chan *mc)
{
	struct stm32 *stm32 = mc->priv;

	stm32->items = model_get(mc, SNDTR);
	stm32->begun = false;
	model_start(mc);
}

/* Manual, 16.3.17: a stream that is disabled reports the end of its transfer too. */
static void stm32_disable(struct model_chan *mc)
{
	stm32_count(mc);
	model_stop(mc);
	stm32_raise(mc, TCIF);
}

static void stm32_shared_written(struct model *m, u32 reg, u64 val)
{
	struct model_chan *mc = reg >= MUX ? &m->chans[(reg - MUX) / 4 % STREAMS] : NULL;

	if (reg == LIFCR || reg == HIFCR) {
		reg = reg == LIFCR ? LISR : HISR;
		model_set_shared(m, reg, model_get_shared(m, reg) & ~val);
	} else if (mc && model_get(mc, SCR) & SCR_EN) {
		model_start(mc);
	}
}

static void stm32_written(struct model *m, struct model_chan *mc, u32 reg, u64 old, u64 val)
{
	if (!mc)
		stm32_shared_written(m, reg, val);
	else if (reg == SCR && val & ~old & SCR_EN)
		stm32_enable(mc);
	else if (reg == SCR && old & ~val & SCR_EN)
		stm32_disable(mc);
	else if ((reg == SNDTR || reg == SPAR) && model_get(mc, SCR) & SCR_EN)
		model_set(mc, reg, old);	/* manual, 16.5.6: protected */
}

static void stm32_reading(struct model *m, struct model_chan *mc, u32 reg)
{
	if (mc && reg == SNDTR)
		stm32_count(mc);
}

static void stm32_fetch_ends(struct model_chan *mc, struct model_end *peripheral,
			     struct model_end *memory)
{
	u32 scr = model_get(mc, SCR);

	peripheral->addr = model_get(mc, SPAR);
	peripheral->fixed = !(scr & SCR_PINC);
	peripheral->width = 1 << FIELD_GET(SCR_PSIZE, scr);
	/* Guess, after stm32_dma_resume(): the target counts without double buffers too. */
	memory->addr = model_get(mc, scr & SCR_CT ? SM1AR : SM0AR);
	memory->fixed = !(scr & SCR_MINC);
	memory->width = 1 << FIELD_GET(SCR_MSIZE, scr);
}

static bool stm32_fetch(struct model_chan *mc)
{
	struct stm32 *stm32 = mc->priv;

	if (!(model_get(mc, SCR) & SCR_EN) || !stm32_requested(mc))
		return false;
	if (stm32_direction(mc) == TO_PERIPHERAL)
		stm32_fetch_ends(mc, &mc->move.dst, &mc->move.src);
	else
		stm32_fetch_ends(mc, &mc->move.src, &mc->move.dst);
	mc->move.len = (size_t)stm32->items << FIELD_GET(SCR_PSIZE, model_get(mc, SCR));
	mc->move.more = stm32->begun;
	stm32->begun = true;
	return mc->move.len;
}

/*
 * Manual, 16.3.10 and 16.3.11: circular mode begins again, with the other memory
 * when there are two. 16.3.18: an error disables the stream.
 */
static void stm32_ended(struct model_chan *mc, enum model_result result)
{
	struct stm32 *stm32 = mc->priv;
	u32 scr = model_get(mc, SCR);

	if (result != MODEL_OK || !(scr & (SCR_CIRC | SCR_DBM))) {
		model_set(mc, SNDTR, (mc->move.len - mc->move.done) >> FIELD_GET(SCR_PSIZE, scr));
		model_set(mc, SCR, scr & ~SCR_EN);
	} else {
		model_set(mc, SNDTR, stm32->items);
		if (scr & SCR_DBM)
			model_set(mc, SCR, scr ^ SCR_CT);
	}
	stm32_raise(mc, result == MODEL_OK ? TCIF : TEIF);
}

/* Manual, 16.4: a line for each stream. */
static u32 stm32_level(struct model *m)
{
	struct model_chan *mc;
	u32 level = 0, flags, scr;

	for (mc = m->chans; mc < model_end(m); mc++) {
		flags = model_get_shared(m, stm32_isr(mc)) >> stm32_shift(mc);
		scr = model_get(mc, SCR);
		if ((flags & TCIF && scr & SCR_TCIE) || (flags & TEIF && scr & SCR_TEIE))
			level |= BIT(mc->index);
	}
	return level;
}

const struct model_type model_stm32_dma = {
	MODEL_OVERLAY(stm32_dma),
	.name		= "stm32-dma",
	.driver		= "stm32-dma",
	.compatible	= "st,stm32-dma",
	.size		= 0x1000,
	.chans		= STREAMS,
	.lines		= STREAMS,
	.priv_size	= sizeof(struct stm32),
	.ports		= 2,
	.shared		= &stm32_shared_bank,
	.per_chan	= &stm32_bank,
	.reset		= stm32_reset,
	.reading	= stm32_reading,
	.written	= stm32_written,
	.fetch		= stm32_fetch,
	.ended		= stm32_ended,
	.level		= stm32_level,
};
