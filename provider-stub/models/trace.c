// SPDX-License-Identifier: GPL-2.0-only
/* What the driver and the hardware did, and what the driver must not do. */
#include <linux/ktime.h>
#include <linux/moduleparam.h>

#include "model.h"

#define MODEL_TOLD	12	/* events that are printed with a violation */

static bool trace;
module_param(trace, bool, 0644);
MODULE_PARM_DESC(trace, "print every register access and everything that a model does");

/**
 * model_trace - remember an event
 * @m: the model, locked
 * @fmt: the event, without a line's end
 *
 * Context: any.
 */
void model_trace(struct model *m, const char *fmt, ...)
{
	struct model_event *event = &m->trace[m->events++ % MODEL_TRACE];
	va_list args;

	va_start(args, fmt);
	vsnprintf(event->text, sizeof(event->text), fmt, args);
	va_end(args);
	event->time = ktime_get_ns();
	if (trace)
		pr_info("model %s: %s\n", m->type->name, event->text);
}

static void model_tell(struct model *m)
{
	unsigned int from = m->events - min(m->events, MODEL_TOLD);
	const struct model_event *event;

	for (unsigned int i = from; i < m->events; i++) {
		event = &m->trace[i % MODEL_TRACE];
		pr_info("model %s: %lld us: %s\n", m->type->name,
			div_s64(event->time - m->trace[(m->events - 1) % MODEL_TRACE].time, 1000),
			event->text);
	}
}

/**
 * model_violation - the driver did what no driver may do with its hardware
 * @m: the model, locked
 * @fmt: a sentence
 *
 * Fails the rule that runs. The first one is told with what went before it.
 *
 * Context: any.
 */
void model_violation(struct model *m, const char *fmt, ...)
{
	char text[sizeof(m->violation)];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	model_trace(m, "VIOLATION");
	if (m->violations++)
		return;
	strscpy(m->violation, text, sizeof(m->violation));
	pr_info("model %s: violation: %s; before it:\n", m->type->name, text);
	model_tell(m);
}

/**
 * model_violations - violations since the last call; see &struct dmaconf_aid
 * @dev: the provider's device
 * @text: the first of them, when there were any
 * @size: of @text
 *
 * Context: any.
 * Return: how many.
 */
unsigned int model_violations(struct device *dev, char *text, size_t size)
{
	struct model *m = model_of(dev);
	unsigned long irqflags;
	unsigned int count;

	if (!m)
		return 0;
	spin_lock_irqsave(&m->lock, irqflags);
	count = m->violations;
	m->violations = 0;
	if (count)
		strscpy(text, m->violation, size);
	spin_unlock_irqrestore(&m->lock, irqflags);
	return count;
}
