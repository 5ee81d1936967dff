// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupt lines. The model says which are asserted (level()); a level
 * interrupt is delivered as long as its line is, a message once each time that
 * the line rises. Here interrupts are also lost, doubled, delayed and made up.
 */
#include <linux/delay.h>
#include <linux/hardirq.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/irqdomain.h>

#include "model.h"

#define MODEL_STORM	1000	/* deliveries of lines that never fall */
#define MODEL_LATE_MS	5
#define MODEL_LATENCY_US	2

static struct model_irqs *model_irqs_of(struct irq_data *data)
{
	return data->domain->host_data;
}

static void model_irq_mask(struct irq_data *data)
{
	model_irqs_of(data)->masked |= BIT(data->hwirq);
}

static void model_irq_unmask(struct irq_data *data)
{
	struct model_irqs *irqs = model_irqs_of(data);

	irqs->masked &= ~BIT(data->hwirq);
	if (irqs->was & BIT(data->hwirq))
		hrtimer_start(&irqs->timer, 0, HRTIMER_MODE_REL_HARD);
}

static struct irq_chip model_irq_chip = {
	.name		= "dmaconf-model",
	.irq_mask	= model_irq_mask,
	.irq_unmask	= model_irq_unmask,
};

static int model_irq_map(struct irq_domain *domain, unsigned int virq, irq_hw_number_t line)
{
	irq_set_chip_and_handler(virq, &model_irq_chip, handle_level_irq);
	return 0;
}

static const struct irq_domain_ops model_irq_domain_ops = {
	.map	= model_irq_map,
	.xlate	= irq_domain_xlate_onecell,
};

/* Looks at the lines; an interrupt that is to go wrong does so as its line rises. */
static void model_irqs_look(struct model *m)
{
	struct model_irqs *irqs = &m->irqs;
	u32 level = m->type->level(m);
	u32 rising = level & ~irqs->was;

	irqs->was = level;
	irqs->lost &= level;
	irqs->rose = (irqs->rose & level) | rising;
	irqs->late &= level;
	if (!level)
		irqs->storm = 0;
	if (!rising)
		return;
	model_trace(m, "interrupt lines %#x", level);
	if (irqs->inject == DMACONF_INJECT_IRQ_LOST)
		irqs->lost |= rising;
	else if (irqs->inject == DMACONF_INJECT_IRQ_TWICE)
		irqs->spurious |= rising;
	else if (irqs->inject == DMACONF_INJECT_IRQ_LATE)
		irqs->late |= rising;
	if (irqs->inject)
		model_trace(m, "fault: interrupt %d", irqs->inject);
	irqs->inject = DMACONF_INJECT_NONE;
	if (irqs->late)
		hrtimer_start(&irqs->timer, ms_to_ktime(MODEL_LATE_MS), HRTIMER_MODE_REL_HARD);
}

/* What is to be delivered now. */
static u32 model_irqs_due(struct model *m)
{
	struct model_irqs *irqs = &m->irqs;
	u32 due = irqs->messages ? irqs->rose : irqs->was & ~irqs->masked;

	return (due & ~irqs->lost & ~irqs->late) | irqs->spurious;
}

static u32 model_irqs_take(struct model *m)
{
	struct model_irqs *irqs = &m->irqs;
	unsigned long irqflags;
	u32 due;

	spin_lock_irqsave(&m->lock, irqflags);
	model_irqs_look(m);
	due = model_irqs_due(m);
	if (due && irqs->storm++ == MODEL_STORM) {
		model_violation(m, "interrupt storm: the handler leaves lines %#x asserted", due);
		irqs->lost |= due;
		due = 0;
	}
	irqs->spurious &= irqs->rose & due;
	irqs->rose &= ~due;
	spin_unlock_irqrestore(&m->lock, irqflags);
	return due;
}

/**
 * model_irqs_deliver - call the handlers of all interrupts that are due
 * @m: the model, not locked
 *
 * Context: hard interrupt.
 * Return: whether there were any.
 */
bool model_irqs_deliver(struct model *m)
{
	bool any = false;
	unsigned long due;
	unsigned int line;

	while ((due = model_irqs_take(m))) {
		any = true;
		for_each_set_bit(line, &due, MODEL_LINES)
			generic_handle_irq(m->irqs.messages ? m->irqs.message :
							      m->irqs.virq[line]);
	}
	return any;
}

static enum hrtimer_restart model_irqs_timer(struct hrtimer *timer)
{
	struct model *m = container_of(timer, struct model, irqs.timer);

	m->irqs.late = 0;
	model_irqs_deliver(m);
	return HRTIMER_NORESTART;
}

/**
 * model_irqs_kick - have interrupts delivered that a register access asserted
 * @m: the model, locked
 *
 * Context: any; the lock of the model is held, interrupts are off.
 */
void model_irqs_kick(struct model *m)
{
	model_irqs_look(m);
	if (!model_irqs_due(m))
		return;
	hrtimer_start(&m->irqs.timer, 0, HRTIMER_MODE_REL_HARD);
	/*
	 * Until the timer strikes: the interrupt is there as soon as the driver lets it. Where
	 * code takes no time (time-travel=inf-cpu) it would come only when everybody waits.
	 * There, in an interrupt, time may not pass.
	 */
	if (!in_hardirq() && !in_serving_softirq())
		udelay(MODEL_LATENCY_US);
}

/**
 * model_irqs_spurious - an interrupt that nothing asserts, on all lines
 * @m: the model, locked
 *
 * Context: any; the lock of the model is held, interrupts are off.
 */
void model_irqs_spurious(struct model *m)
{
	model_trace(m, "fault: spurious interrupt");
	m->irqs.spurious = GENMASK(m->type->lines - 1, 0);
	if (!m->irqs.messages)
		m->irqs.spurious &= ~m->irqs.masked;
	model_irqs_kick(m);
}

/**
 * model_irqs_init - make a model's interrupt lines
 * @m: the model
 * @fwnode: the interrupt controller that its device tree names, or NULL
 *
 * Context: may sleep.
 * Return: 0 or negative errno.
 */
int model_irqs_init(struct model *m, struct fwnode_handle *fwnode)
{
	struct model_irqs *irqs = &m->irqs;

	hrtimer_init(&irqs->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	irqs->timer.function = model_irqs_timer;
	irqs->masked = ~0;
	irqs->domain = irq_domain_create_linear(fwnode, MODEL_LINES, &model_irq_domain_ops, irqs);
	if (!irqs->domain)
		return -ENOMEM;
	for (unsigned int line = 0; line < m->type->lines; line++) {
		irqs->virq[line] = irq_create_mapping(irqs->domain, line);
		if (!irqs->virq[line])
			return -ENOMEM;
	}
	return 0;
}
