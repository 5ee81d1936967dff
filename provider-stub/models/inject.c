// SPDX-License-Identifier: GPL-2.0-only
/*
 * Things that go wrong: once, when a test asks for it, or every so often, when
 * the kernel's command line does. The second says whether the rules notice
 * hardware that misbehaves: run them all with dmaconf_models.fault=wrong.
 */
#include <linux/moduleparam.h>

#include "model.h"

static char *fault = "";
module_param(fault, charp, 0444);
MODULE_PARM_DESC(fault, "what goes wrong: read, write, stall, half, wrong, desc_read, desc_write, irq_lost, irq_twice, irq_late, irq_spurious");

static unsigned int nth = 2;
module_param(nth, uint, 0444);
MODULE_PARM_DESC(nth, "in which transfers: each nth one");

static unsigned int after;
module_param(after, uint, 0444);
MODULE_PARM_DESC(after, "after how many bytes of them");

static const struct {
	const char *name;
	enum dmaconf_inject what;
} model_faults[] = {
	{ "read", DMACONF_INJECT_READ },
	{ "write", DMACONF_INJECT_WRITE },
	{ "stall", DMACONF_INJECT_STALL },
	{ "half", DMACONF_INJECT_HALF },
	{ "wrong", DMACONF_INJECT_WRONG },
	{ "desc_read", DMACONF_INJECT_DESC_READ },
	{ "desc_write", DMACONF_INJECT_DESC_WRITE },
	{ "irq_lost", DMACONF_INJECT_IRQ_LOST },
	{ "irq_twice", DMACONF_INJECT_IRQ_TWICE },
	{ "irq_late", DMACONF_INJECT_IRQ_LATE },
	{ "irq_spurious", DMACONF_INJECT_IRQ_SPURIOUS },
};

static enum dmaconf_inject model_fault(void)
{
	for (int i = 0; i < ARRAY_SIZE(model_faults); i++)
		if (!strcmp(model_faults[i].name, fault))
			return model_faults[i].what;
	return DMACONF_INJECT_NONE;
}

static bool model_can_inject(const struct model_type *type, enum dmaconf_inject what)
{
	switch (what) {
	case DMACONF_INJECT_ALLOC:
	case DMACONF_INJECT_PREP:
	case DMACONF_INJECT_SUBMIT:
		return false;
	case DMACONF_INJECT_READ:
	case DMACONF_INJECT_WRITE:
		return !type->no_errors;
	case DMACONF_INJECT_DESC_READ:
		return type->reads_descs;
	case DMACONF_INJECT_DESC_WRITE:
		return type->writes_descs;
	default:
		return true;
	}
}

/**
 * model_fault_check - whether the fault of the command line is one
 * @type: of the model that is to have it
 *
 * Context: any; before there is a model.
 * Return: 0, or -EINVAL when there is no such fault, no nth transfer, or the model
 * has nothing that could go wrong in this way.
 */
int model_fault_check(const struct model_type *type)
{
	if (!*fault)
		return 0;
	if (!model_fault() || !nth)
		pr_err("# dmaconf: error no fault \"%s\" of each %u. transfer\n", fault, nth);
	else if (!model_can_inject(type, model_fault()))
		pr_err("# dmaconf: error %s has no fault \"%s\"\n", type->name, fault);
	else
		return 0;
	return -EINVAL;
}

/* Interrupts go wrong for the whole model, all else on one channel. */
static void model_arm(struct model_chan *mc, enum dmaconf_inject what, size_t bytes)
{
	mc->after = bytes;
	if (what == DMACONF_INJECT_IRQ_SPURIOUS)
		model_irqs_spurious(mc->m);
	else if (what >= DMACONF_INJECT_IRQ_LOST)
		mc->m->irqs.inject = what;
	else
		mc->inject = what;
}

/**
 * model_inject_often - a transfer begins: is it one of those that go wrong?
 * @mc: the channel, locked
 *
 * Context: any; the lock of the model is held, interrupts are off.
 */
void model_inject_often(struct model_chan *mc)
{
	enum dmaconf_inject what = model_fault();

	if (what && !mc->inject && ++mc->m->transfers % nth == 0)
		model_arm(mc, what, min_t(size_t, after ?: mc->move.len / 2, mc->move.len - 1));
}

/**
 * model_inject - have something go wrong, once; see &struct dmaconf_aid
 * @chan: the channel
 * @what: the failure
 * @bytes: into the transfer
 *
 * Context: any.
 * Return: 0, or -EOPNOTSUPP for what happens in drivers only.
 */
int model_inject(struct dma_chan *chan, enum dmaconf_inject what, size_t bytes)
{
	struct model_chan *mc = model_chan_of(chan);
	struct model *m = mc->m;
	unsigned long irqflags;

	if (!model_can_inject(m->type, what))
		return -EOPNOTSUPP;
	spin_lock_irqsave(&m->lock, irqflags);
	m->irqs.inject = DMACONF_INJECT_NONE;
	model_arm(mc, what, bytes);
	spin_unlock_irqrestore(&m->lock, irqflags);
	return 0;
}
