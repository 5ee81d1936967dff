// SPDX-License-Identifier: GPL-2.0-only
/*
 * QEMU's PL080 looks at its interrupt line when a register of the whole engine is
 * written, but not when a channel has ended: no transfer would ever be called back.
 * Clearing no interrupt at all, again and again, has it look. Nothing else happens to
 * the engine, and a real one would not notice.
 *
 * The device tree names the register: compatible "dmaconf,pl080-interrupt", reg.
 */
#include <linux/hrtimer.h>
#include <linux/io.h>
#include <linux/mod_devicetable.h>
#include <linux/module.h>
#include <linux/platform_device.h>

#define PERIOD_NS	(200 * NSEC_PER_USEC)

/**
 * struct pl080_interrupt - an engine to be woken
 * @clear: its IntTCClear register
 * @timer: when to write to it
 */
struct pl080_interrupt {
	void __iomem *clear;
	struct hrtimer timer;
};

static enum hrtimer_restart pl080_tick(struct hrtimer *timer)
{
	struct pl080_interrupt *engine = container_of(timer, struct pl080_interrupt, timer);

	writel(0, engine->clear);
	hrtimer_forward_now(timer, ns_to_ktime(PERIOD_NS));
	return HRTIMER_RESTART;
}

static void pl080_stop(void *data)
{
	struct pl080_interrupt *engine = data;

	hrtimer_cancel(&engine->timer);
}

static int pl080_probe(struct platform_device *pdev)
{
	struct resource *res = platform_get_resource(pdev, IORESOURCE_MEM, 0);
	struct pl080_interrupt *engine;

	engine = devm_kzalloc(&pdev->dev, sizeof(*engine), GFP_KERNEL);
	if (!engine || !res)
		return -ENOMEM;
	/* The region is the provider's. */
	engine->clear = devm_ioremap(&pdev->dev, res->start, resource_size(res));
	if (!engine->clear)
		return -ENOMEM;
	hrtimer_init(&engine->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	engine->timer.function = pl080_tick;
	hrtimer_start(&engine->timer, ns_to_ktime(PERIOD_NS), HRTIMER_MODE_REL_HARD);
	return devm_add_action_or_reset(&pdev->dev, pl080_stop, engine);
}

static const struct of_device_id pl080_match[] = {
	{ .compatible = "dmaconf,pl080-interrupt" },
	{}
};
MODULE_DEVICE_TABLE(of, pl080_match);

static struct platform_driver pl080_driver = {
	.probe = pl080_probe,
	.driver = {
		.name = "dmaconf-pl080-interrupt",
		.of_match_table = pl080_match,
	},
};
module_platform_driver(pl080_driver);

MODULE_DESCRIPTION("Has QEMU's PL080 raise its interrupt");
MODULE_LICENSE("GPL");
