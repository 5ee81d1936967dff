// SPDX-License-Identifier: GPL-2.0-only
/* Registration with the core: what it checks, and what it does not. */
#include <linux/device.h>
#include <linux/string.h>

#include "dmaconf.h"
#include "mock.h"

/* Capabilities that the core wants an operation for. */
static const struct {
	enum dma_transaction_type type;
	const char *name;
} checked[] = {
	{ DMA_MEMCPY, "memcpy" }, { DMA_XOR, "xor" }, { DMA_XOR_VAL, "xor_val" },
	{ DMA_PQ, "pq" }, { DMA_PQ_VAL, "pq_val" }, { DMA_MEMSET, "memset" },
	{ DMA_INTERRUPT, "interrupt" }, { DMA_CYCLIC, "cyclic" },
	{ DMA_INTERLEAVE, "interleaved" },
};

static void expect_refused(struct dmaconf *dc, struct dmaconf_mock *mock, const char *what)
{
	KUNIT_EXPECT_EQ_MSG(dc->test, dmaconf_mock_register(mock), -EIO, "registered %s", what);
	KUNIT_EXPECT_EQ_MSG(dc->test, dmaconf_entries(mock->dma.dev), 0,
			    "channels in sysfs after a registration that failed: %s", what);
	dmaconf_mock_unregister(mock);
}

static void expect_core_checks(struct dmaconf *dc)
{
	struct dmaconf_mock *mock = dmaconf_mock(dc->test, "dmaconf-mock"), keep = *mock;

	KUNIT_EXPECT_EQ(dc->test, dma_async_device_register(NULL), -ENODEV);
	for (int i = 0; i < ARRAY_SIZE(checked); i++) {
		dma_cap_zero(mock->dma.cap_mask);
		dma_cap_set(checked[i].type, mock->dma.cap_mask);
		expect_refused(dc, mock, checked[i].name);
	}
	dma_cap_zero(mock->dma.cap_mask);
	mock->dma.device_tx_status = NULL;
	expect_refused(dc, mock, "without device_tx_status");
	mock->dma.device_tx_status = keep.dma.device_tx_status;
	mock->dma.device_issue_pending = NULL;
	expect_refused(dc, mock, "without device_issue_pending");
	mock->dma.device_issue_pending = keep.dma.device_issue_pending;
	mock->dma.dev = NULL;
	KUNIT_EXPECT_EQ(dc->test, dma_async_device_register(&mock->dma), -EIO);
	mock->dma.dev = keep.dma.dev;

	KUNIT_EXPECT_EQ_MSG(dc->test, dmaconf_mock_register(mock), 0, "with all that it takes");
	KUNIT_EXPECT_EQ(dc->test, dmaconf_entries(mock->dma.dev), DMACONF_MOCK_CHANS);
	dmaconf_mock_unregister(mock);
	KUNIT_EXPECT_EQ_MSG(dc->test, dmaconf_entries(mock->dma.dev), 0, "unregistered");
}

/*
 * Broken: a client asks for what the provider says that it can do, and the kernel calls a NULL
 * pointer.
 */
DMACONF_RULE(reg, core_checks, MUST,
	     "A provider without an operation that a capability of its needs, or without tx_status or issue_pending, is refused, and no registered one is so.",
	     "drivers/dma/dmaengine.c:1183; drivers/dma/dmaengine.c:1279",
	     NEEDS_FREE)
{
	expect_core_checks(dc);
	for (int i = 0; i < ARRAY_SIZE(checked); i++)
		if (dma_has_cap(checked[i].type, dc->device->cap_mask))
			KUNIT_EXPECT_TRUE_MSG(test, dmaconf_has_prep(dc->device, checked[i].type),
					      "%s is offered since the registration, without its operation",
					      checked[i].name);
	KUNIT_EXPECT_NOT_NULL(test, dc->device->device_tx_status);
	KUNIT_EXPECT_NOT_NULL(test, dc->device->device_issue_pending);
}

/*
 * Broken: the provider cannot even be registered without a crash, or its module is unloaded
 * under its clients.
 */
DMACONF_RULE(reg, driver_bound, MUST,
	     "The device that a provider registers with has a driver, whose module cannot go while a channel is held.",
	     "drivers/dma/dmaengine.c:1192; drivers/dma/dmaengine.c:463",
	     NEEDS_ANY)
{
	struct device_driver *driver = dc->device->dev->driver;

	KUNIT_ASSERT_NOT_NULL_MSG(test, driver, "%s has no driver: the core would have crashed",
				  dev_name(dc->device->dev));
	KUNIT_EXPECT_PTR_EQ_MSG(test, dc->device->owner, driver->owner,
				"the module that the core keeps");
}

static bool slave_backed(const struct dma_device *device)
{
#ifdef DMACONF_HAVE_DMA_VEC
	if (device->device_prep_peripheral_dma_vec)
		return true;
#endif
	return device->device_prep_slave_sg || device->device_prep_dma_cyclic ||
	       device->device_prep_interleaved_dma;
}

/* Broken: a client gets a channel for what it asked for, and every prep returns NULL. */
DMACONF_RULE(reg, cap_op_unchecked, MUST,
	     "Capabilities that the core does not check have their operations too: DMA_SLAVE one that prepares, DMA_MEMSET_SG its own.",
	     "Documentation/driver-api/dmaengine/provider.rst:386; drivers/dma/dmaengine.c:1204",
	     NEEDS_ANY)
{
	struct dma_device *device = dc->device;

	if (dma_has_cap(DMA_SLAVE, device->cap_mask))
		KUNIT_EXPECT_TRUE_MSG(test, slave_backed(device),
				      "DMA_SLAVE, and nothing prepares a slave transfer");
	if (dma_has_cap(DMA_MEMSET_SG, device->cap_mask))
		KUNIT_EXPECT_NOT_NULL_MSG(test, device->device_prep_dma_memset_sg,
					  "DMA_MEMSET_SG without its operation");
}

/* What a client of async_tx may ask for, as the kernel was configured. */
static const struct {
	enum dma_transaction_type type;
	bool wanted;
} async_tx_types[] = {
	{ DMA_INTERRUPT, IS_ENABLED(CONFIG_ASYNC_TX_DMA) },
	{ DMA_MEMCPY, IS_ENABLED(CONFIG_ASYNC_MEMCPY) },
	{ DMA_XOR, IS_ENABLED(CONFIG_ASYNC_XOR) },
	{ DMA_XOR_VAL, IS_ENABLED(CONFIG_ASYNC_XOR) &&
		       !IS_ENABLED(CONFIG_ASYNC_TX_DISABLE_XOR_VAL_DMA) },
	{ DMA_PQ, IS_ENABLED(CONFIG_ASYNC_PQ) },
	{ DMA_PQ_VAL, IS_ENABLED(CONFIG_ASYNC_PQ) &&
		      !IS_ENABLED(CONFIG_ASYNC_TX_DISABLE_PQ_VAL_DMA) },
};

/* Broken: RAID and other users of async_tx are given a channel that cannot do what they need. */
DMACONF_RULE(reg, async_tx_bit, MUST,
	     "DMA_ASYNC_TX is the core's to set: a provider has it when it can do everything that async_tx was configured for, else not.",
	     "Documentation/driver-api/dmaengine/provider.rst:218; include/linux/dmaengine.h:48; drivers/dma/dmaengine.c:1027",
	     NEEDS_ANY)
{
	const dma_cap_mask_t *caps = &dc->device->cap_mask;
	bool all = true;

	for (int i = 0; i < ARRAY_SIZE(async_tx_types); i++)
		all &= !async_tx_types[i].wanted || test_bit(async_tx_types[i].type, caps->bits);
	if (all)
		KUNIT_EXPECT_TRUE_MSG(test, test_bit(DMA_ASYNC_TX, caps->bits),
				      "it can do everything, and DMA_ASYNC_TX is gone");
	else
		KUNIT_EXPECT_FALSE_MSG(test, test_bit(DMA_ASYNC_TX, caps->bits),
				       "it cannot do everything, and has DMA_ASYNC_TX");
}

#ifdef DMACONF_HAVE_CHAN_NAME
#define register_chan(device, chan)	dma_async_device_channel_register(device, chan, NULL)
#else
#define register_chan(device, chan)	dma_async_device_channel_register(device, chan)
#endif

static void expect_mock_chans(struct dmaconf *dc, struct dmaconf_mock *mock, int chans,
			      const char *when)
{
	KUNIT_EXPECT_EQ_MSG(dc->test, mock->dma.chancnt, chans, "chancnt %s", when);
	KUNIT_EXPECT_EQ_MSG(dc->test, dmaconf_entries(mock->dma.dev), chans,
			    "channels in sysfs %s", when);
}

/* A channel that comes after its provider, and goes before it. */
static void expect_late_channel(struct dmaconf *dc)
{
	struct dmaconf_mock *mock = dmaconf_mock(dc->test, "dmaconf-growing");
	struct dma_chan *late = kunit_kzalloc(dc->test, sizeof(*late), GFP_KERNEL), *chan;

	KUNIT_ASSERT_NOT_NULL(dc->test, late);
	KUNIT_ASSERT_EQ(dc->test, dmaconf_mock_register(mock), 0);
	expect_mock_chans(dc, mock, DMACONF_MOCK_CHANS, "of a new provider");
	late->device = &mock->dma;
	list_add_tail(&late->device_node, &mock->dma.channels);
	KUNIT_EXPECT_EQ(dc->test, register_chan(&mock->dma, late), 0);
	expect_mock_chans(dc, mock, DMACONF_MOCK_CHANS + 1, "with a channel that came later");
	chan = dma_get_slave_channel(late);
	KUNIT_EXPECT_PTR_EQ_MSG(dc->test, chan, late, "the channel that came later");
	if (chan)
		dma_release_channel(chan);
	dma_async_device_channel_unregister(&mock->dma, late);
	list_del(&late->device_node);
	expect_mock_chans(dc, mock, DMACONF_MOCK_CHANS, "when it has gone");
	dmaconf_mock_unregister(mock);
}

/*
 * Broken: the kernel crashes when that channel is requested, or works on another provider's
 * device.
 */
DMACONF_RULE(reg, chan_init, MUST,
	     "Every channel of a provider leads back to it, and the core counted as many as there are.",
	     "Documentation/driver-api/dmaengine/provider.rst:114; include/linux/dmaengine.h:321; drivers/dma/dmaengine.c:1076; drivers/dma/dmaengine.c:1122",
	     NEEDS_ANY)
{
	struct dma_chan *chan, *other;
	unsigned int count = 0, same = 0;

	KUNIT_EXPECT_PTR_EQ(test, dc->chan->device, dc->device);
	list_for_each_entry(chan, &dc->device->channels, device_node) {
		count++;
		KUNIT_EXPECT_PTR_EQ_MSG(test, chan->device, dc->device, "device of channel %d",
					chan->chan_id);
		KUNIT_ASSERT_NOT_NULL_MSG(test, chan->dev, "channel %d is not registered",
					  chan->chan_id);
		KUNIT_EXPECT_PTR_EQ(test, chan->dev->chan, chan);
		list_for_each_entry(other, &dc->device->channels, device_node)
			same += other->chan_id == chan->chan_id;
	}
	KUNIT_EXPECT_EQ_MSG(test, same, count, "channels that share a number");
	KUNIT_EXPECT_EQ_MSG(test, dc->device->chancnt, count, "channels counted by the core");
	expect_late_channel(dc);
}

static struct kunit_case reg_rules[] = {
	DMACONF_CASE(reg, core_checks),
	DMACONF_CASE(reg, driver_bound),
	DMACONF_CASE(reg, cap_op_unchecked),
	DMACONF_CASE(reg, async_tx_bit),
	DMACONF_CASE(reg, chan_init),
	{}
};

DMACONF_SUITE(reg);

kunit_test_suites(&reg_suite);
