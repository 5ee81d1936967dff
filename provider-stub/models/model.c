// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of models: which one, where its device appears, and when its driver
 * has it.
 */
#include <linux/device/bus.h>
#include <linux/device/driver.h>
#include <linux/init.h>
#include <linux/irqdomain.h>
#include <linux/moduleparam.h>
#include <linux/of.h>
#include <linux/of_address.h>
#include <linux/of_irq.h>
#include <linux/of_platform.h>
#include <linux/pci.h>
#include <linux/platform_device.h>
#include <linux/slab.h>

#include "base.h"
#include "compat.h"
#include "model.h"

#define MODEL_PERIPHERAL	"dmaconf,model-peripheral"
#define MODEL_NAMES		4	/* of a peripheral's channels, at most */

static char *model = "";
module_param(model, charp, 0444);
MODULE_PARM_DESC(model, "hardware to imitate");

static LIST_HEAD(models);

static const struct model_type * const model_types[] = {
	&model_sf_pdma,
	&model_zynqmp_dma,
	&model_plx_dma,
	&model_ptdma,
	&model_dw_dmac,
	&model_dw_axi_dmac,
	&model_axi_dmac,
	&model_stm32_dma,
};

/**
 * model_at - the model whose registers are at an address
 * @addr: physical address
 *
 * Context: any; no model comes or goes meanwhile.
 * Return: the model, or NULL.
 */
struct model *model_at(phys_addr_t addr)
{
	struct model *m;

	list_for_each_entry(m, &models, node)
		if (addr >= m->res.start && addr <= m->res.end)
			return m;
	return NULL;
}

/**
 * model_of - the model behind a device
 * @dev: a device of a model
 *
 * Context: any; no model comes or goes meanwhile.
 * Return: the model, or NULL for any other device.
 */
struct model *model_of(struct device *dev)
{
	struct model *m;

	list_for_each_entry(m, &models, node)
		if (m->dev == dev)
			return m;
	return NULL;
}

/**
 * model_chan_of - the model's channel behind a dma_chan
 * @chan: of a model's device
 *
 * Context: any; no model comes or goes meanwhile.
 * Return: the channel of the model.
 */
struct model_chan *model_chan_of(struct dma_chan *chan)
{
	struct model *m = model_of(chan->device->dev);

	return &m->chans[m->type->chan_of ? m->type->chan_of(chan) : chan->chan_id];
}

static int model_alloc(struct model *m)
{
	struct model_chan *mc;
	unsigned int i = 0;

	m->file = kzalloc(resource_size(&m->res), GFP_KERNEL);
	if (!m->file)
		return -ENOMEM;
	for (mc = m->chans; mc < model_end(m); mc++) {
		mc->m = m;
		mc->index = i++;
		mc->priv = kzalloc(m->type->priv_size ?: 1, GFP_KERNEL);
		if (!mc->priv)
			return -ENOMEM;
	}
	return 0;
}

/**
 * model_new - hardware, as it is at power-on; it lives as long as the kernel
 * @type: of which kind
 * @res: its registers
 * @irqs: the interrupt controller in its device tree, or NULL
 *
 * Context: may sleep.
 * Return: the model, or an error pointer.
 */
struct model *model_new(const struct model_type *type, const struct resource *res,
			struct fwnode_handle *irqs)
{
	struct model *m = kzalloc(struct_size(m, chans, type->chans), GFP_KERNEL);
	int ret;

	if (!m)
		return ERR_PTR(-ENOMEM);
	m->type = type;
	m->res = *res;
	spin_lock_init(&m->lock);
	ret = model_alloc(m);
	if (!ret)
		ret = model_irqs_init(m, irqs);
	if (ret)
		return ERR_PTR(ret);	/* of a boot that ends here */
	model_engine_init(m);
	model_ports_init(m);
	model_reset(m);
	list_add_tail(&m->node, &models);
	return m;
}

static void model_aid_fill(struct dmaconf_aid *aid, const struct model_type *type)
{
	if (!model_at_once()) {
		aid->gate = &model_gate_ops;
		aid->inject = model_inject;
	}
	aid->rest = model_rest;
	aid->violations = model_violations;
	aid->no_end = true;
	if (type->ports) {
		aid->port = &model_port_ops;
		aid->ports = type->ports;
	}
}

static void model_bound(struct model *m)
{
	m->aid.dev = m->dev;
	model_aid_fill(&m->aid, m->type);
	m->bound = true;
	dmaconf_aid_register(&m->aid);
}

/*
 * What a driver must be told of a channel by way of the device tree is told by
 * the node of a peripheral, which asks for its channels by their names.
 */
static int model_client(const struct model_type *type)
{
	struct device_node *np = of_find_compatible_node(NULL, NULL, MODEL_PERIPHERAL);
	struct platform_device *client = np ? of_find_device_by_node(np) : NULL;
	static const char *names[MODEL_NAMES];
	static struct dmaconf_aid aid;
	int n;

	if (!client)
		return 0;
	n = of_property_read_string_array(np, "dma-names", names, MODEL_NAMES);
	if (n < 0)
		return n;
	model_aid_fill(&aid, type);
	aid.client = &client->dev;
	aid.names = names;
	aid.nnames = n;
	dmaconf_aid_register(&aid);
	return 0;
}

static void model_unbound(struct model *m)
{
	m->bound = false;
	dmaconf_aid_unregister(&m->aid);
}

static struct model *model_for(struct device *dev)
{
	struct resource res;
	struct model *m;

	if (dev_is_pci(dev))
		return model_pci_of(dev);
	if (!dev->of_node || of_address_to_resource(dev->of_node, 0, &res))
		return NULL;
	m = model_at(res.start);
	return m && of_device_is_compatible(dev->of_node, m->type->compatible) ? m : NULL;
}

/* A device appears: give it its memory. Its driver has it: give tests their aid. */
static int model_notify(struct notifier_block *block, unsigned long event, void *data)
{
	struct device *dev = data;
	struct model *m;

	if (event == BUS_NOTIFY_ADD_DEVICE) {
		m = model_for(dev);
		if (m && !m->dev) {
			m->dev = dev;
			model_iommu_attach(m, dev);
			m->master = !dev_is_pci(dev);
		}
	} else if (event == BUS_NOTIFY_BOUND_DRIVER) {
		m = model_of(dev);
		if (m)
			model_bound(m);
	} else if (event == BUS_NOTIFY_UNBOUND_DRIVER) {
		m = model_of(dev);
		if (m && m->bound)
			model_unbound(m);
	}
	return NOTIFY_OK;
}

static struct notifier_block model_platform_block = { .notifier_call = model_notify };
static struct notifier_block model_pci_block = { .notifier_call = model_notify };

static int model_of_node(const struct model_type *type, struct device_node *np)
{
	struct resource res;
	int ret = of_address_to_resource(np, 0, &res);

	if (ret)
		return ret;
	if (type->size)
		res.end = res.start + type->size - 1;
	return PTR_ERR_OR_ZERO(model_new(type, &res,
					 of_fwnode_handle(of_irq_find_parent(np))));
}

/* The overlay adds one node, "/dmaconf-model"; what is in it becomes devices. */
static int model_of_create(const struct model_type *type)
{
	struct device_node *top, *np;
	int ret, id;

	top = of_find_node_by_path("/");
	if (!top) {
		pr_err("# dmaconf: error this kernel has no device tree, to which the model %s would be added\n",
		       type->name);
		return -ENODEV;
	}
	of_node_put(top);
	ret = of_overlay_fdt_apply(type->dtbo, type->dtbo_end - type->dtbo, &id, NULL);
	if (ret)
		return ret;
	top = of_find_node_by_path("/dmaconf-model");
	for_each_compatible_node(np, NULL, type->compatible) {
		ret = model_of_node(type, np);
		if (ret) {
			of_node_put(np);
			return ret;
		}
	}
	return of_platform_populate(top, NULL, NULL, NULL);
}

static const struct model_type *model_find_type(void)
{
	for (int i = 0; i < ARRAY_SIZE(model_types); i++)
		if (!strcmp(model_types[i]->name, model))
			return model_types[i];
	pr_err("# dmaconf: error no model \"%s\"; there are:\n", model);
	for (int i = 0; i < ARRAY_SIZE(model_types); i++)
		pr_err("# dmaconf:   %s\n", model_types[i]->name);
	return NULL;
}

/* The driver core knows what a device waits for, and tells it in debugfs only. */
static const char *model_waits_for(struct device *dev)
{
	if (list_empty(&dev->p->deferred_probe))
		return "its probe failed";
	return dev->p->deferred_probe_reason ?: "it waits for a supplier that it does not name";
}

/* A driver that did not come, and why. */
static void model_check_bound(const struct model_type *type)
{
	/* Const, but not in all kernels. */
	typeof(platform_bus_type) *bus = type->compatible ? &platform_bus_type : &pci_bus_type;
	struct model *m;

	list_for_each_entry(m, &models, node) {
		if (m->bound)
			continue;
		if (!driver_find(type->driver, bus))
			pr_err("# dmaconf: error the kernel has no driver %s\n", type->driver);
		else if (!m->dev)
			pr_err("# dmaconf: error the device of the model %s did not appear\n",
			       type->name);
		else
			pr_err("# dmaconf: error %s: the driver %s did not bind; %s\n",
			       dev_name(m->dev), type->driver, model_waits_for(m->dev));
	}
}

static int __init models_init(void)
{
	const struct model_type *type;
	int ret;

	if (!*model)
		return 0;
	type = model_find_type();
	if (!type || model_fault_check(type))
		return -EINVAL;
	bus_register_notifier(&platform_bus_type, &model_platform_block);
	bus_register_notifier(&pci_bus_type, &model_pci_block);
	ret = model_window_open();
	if (!ret)
		ret = type->compatible ? model_of_create(type) : model_pci_create(type);
	if (ret)
		pr_err("# dmaconf: error the model %s cannot be made: %d\n", type->name, ret);
	wait_for_device_probe();
	model_check_bound(type);
	return ret ?: model_client(type);
}

/* After deferred_probe_initcall(), so that probes that wait are tried again. */
late_initcall_sync(models_init);
