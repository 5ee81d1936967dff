// SPDX-License-Identifier: GPL-2.0-only
/*
 * The bus of a PCI model: a host bridge with one device, with a configuration
 * space, one memory BAR, INTA, and one MSI message through the MSI domain of
 * user-mode Linux, whose message is the number of the interrupt.
 */
#include <linux/moduleparam.h>
#include <linux/pci.h>

#include "compat.h"
#include "model.h"

#define MODEL_MSI	0x40	/* the capability */

static bool msi;
module_param(msi, bool, 0444);
MODULE_PARM_DESC(msi, "offer MSI also to drivers that take INTA");

static struct resource model_busn = {
	.name = "dmaconf models", .start = 1, .end = 1, .flags = IORESOURCE_BUS,
};

static struct resource model_bars = {
	.name = "dmaconf PCI models", .start = 0x38000000, .end = 0x3fffffff,
	.flags = IORESOURCE_MEM,
};

/* The configuration space, and which of its bits can be written. */
static u8 model_cfg[PCI_CFG_SPACE_SIZE];
static u8 model_cfg_mask[PCI_CFG_SPACE_SIZE];
static struct model *model_on_bus;

static int model_cfg_read(struct pci_bus *bus, unsigned int devfn, int where, int size, u32 *val)
{
	*val = ~0;
	if (devfn || where + size > sizeof(model_cfg))
		return PCIBIOS_DEVICE_NOT_FOUND;
	*val = 0;
	memcpy(val, model_cfg + where, size);
	return PCIBIOS_SUCCESSFUL;
}

/* What the configuration space says, for the rest of the model. */
static void model_cfg_apply(struct model *m)
{
	u16 command = get_unaligned_le16(model_cfg + PCI_COMMAND);
	u32 bar = get_unaligned_le32(model_cfg + PCI_BASE_ADDRESS_0 + 4 * m->type->bar);
	size_t size = resource_size(&m->res);

	m->res.start = bar & PCI_BASE_ADDRESS_MEM_MASK;
	m->res.end = m->res.start + size - 1;
	m->master = command & PCI_COMMAND_MASTER;
	m->irqs.messages = model_cfg[MODEL_MSI + PCI_MSI_FLAGS] & PCI_MSI_FLAGS_ENABLE;
	m->irqs.message = get_unaligned_le16(model_cfg + MODEL_MSI + PCI_MSI_DATA_32);
}

static int model_cfg_write(struct pci_bus *bus, unsigned int devfn, int where, int size, u32 val)
{
	if (devfn || where + size > sizeof(model_cfg))
		return PCIBIOS_DEVICE_NOT_FOUND;
	for (int i = where; i < where + size; i++, val >>= 8)
		model_cfg[i] = (model_cfg[i] & ~model_cfg_mask[i]) | (val & model_cfg_mask[i]);
	model_cfg_apply(model_on_bus);
	return PCIBIOS_SUCCESSFUL;
}

static struct pci_ops model_pci_ops = {
	.read	= model_cfg_read,
	.write	= model_cfg_write,
};

static int model_pci_irq(const struct pci_dev *pdev, u8 slot, u8 pin)
{
	return model_on_bus->irqs.virq[0];
}

static void model_msi_init(void)
{
	put_unaligned_le16(PCI_STATUS_CAP_LIST, model_cfg + PCI_STATUS);
	model_cfg[PCI_CAPABILITY_LIST] = MODEL_MSI;
	model_cfg[MODEL_MSI] = PCI_CAP_ID_MSI;
	model_cfg_mask[MODEL_MSI + PCI_MSI_FLAGS] = PCI_MSI_FLAGS_ENABLE;
	put_unaligned_le32(~3u, model_cfg_mask + MODEL_MSI + PCI_MSI_ADDRESS_LO);
	put_unaligned_le16(~0, model_cfg_mask + MODEL_MSI + PCI_MSI_DATA_32);
}

static void model_cfg_init(const struct model_type *type)
{
	unsigned int bar = PCI_BASE_ADDRESS_0 + 4 * type->bar;

	put_unaligned_le32(type->pci_id, model_cfg + PCI_VENDOR_ID);
	put_unaligned_le32(type->pci_class << 8, model_cfg + PCI_CLASS_REVISION);
	model_cfg[PCI_INTERRUPT_PIN] = 1;
	put_unaligned_le16(PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE,
			   model_cfg_mask + PCI_COMMAND);
	put_unaligned_le32(~(u32)(type->size - 1), model_cfg_mask + bar);
	model_cfg_mask[PCI_INTERRUPT_LINE] = 0xff;
	if (msi || type->needs_msi)
		model_msi_init();
}

/**
 * model_pci_of - the model behind a device that appears
 * @dev: a PCI device
 *
 * Context: any; no model comes or goes meanwhile.
 * Return: the model, or NULL for a device on another bus.
 */
struct model *model_pci_of(struct device *dev)
{
	return to_pci_dev(dev)->bus->ops == &model_pci_ops ? model_on_bus : NULL;
}

/**
 * model_pci_create - a bus with a model on it
 * @type: which
 *
 * Context: may sleep; once.
 * Return: 0 or negative errno.
 */
int model_pci_create(const struct model_type *type)
{
	struct resource res = DEFINE_RES_MEM(0, type->size);
	struct pci_host_bridge *bridge = pci_alloc_host_bridge(0);
	int ret;

	if (!bridge)
		return -ENOMEM;
	model_cfg_init(type);
	model_on_bus = model_new(type, &res, NULL);
	if (IS_ERR(model_on_bus))
		return PTR_ERR(model_on_bus);
	ret = request_resource(&model_window, &model_bars);
	if (ret)
		return ret;
	pci_add_resource(&bridge->windows, &model_bars);
	pci_add_resource(&bridge->windows, &model_busn);
	bridge->ops = &model_pci_ops;
	bridge->map_irq = model_pci_irq;
	return pci_host_probe(bridge);
}
