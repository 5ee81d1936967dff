// SPDX-License-Identifier: GPL-2.0-only
/* The provider as a whole: what it declares, who holds its channels, public use. */
#include <linux/device.h>
#include <linux/kref.h>
#include <linux/string.h>

#include "dmaconf.h"

/**
 * dmaconf_is_private - whether the provider is kept from public use now
 * @dc: the test
 *
 * Context: any.
 * Return: whether it is.
 */
bool dmaconf_is_private(struct dmaconf *dc)
{
	return dma_has_cap(DMA_PRIVATE, dc->device->cap_mask);
}

/**
 * dmaconf_can_transfer - whether the bench can run transfers on the channel
 * @dc: the test
 *
 * Context: any.
 * Return: whether it can.
 */
bool dmaconf_can_transfer(struct dmaconf *dc)
{
	return dc->type;
}

/**
 * dmaconf_has_prep - whether a provider has the operation of a capability
 * @device: the provider
 * @type: the capability; true for one that the core does not check
 *
 * Context: any.
 * Return: whether it has.
 * Source: the checks of dma_async_device_register(), drivers/dma/dmaengine.c:1204
 */
bool dmaconf_has_prep(const struct dma_device *device, enum dma_transaction_type type)
{
	switch (type) {
	case DMA_MEMCPY:
		return device->device_prep_dma_memcpy;
	case DMA_XOR:
		return device->device_prep_dma_xor;
	case DMA_XOR_VAL:
		return device->device_prep_dma_xor_val;
	case DMA_PQ:
		return device->device_prep_dma_pq;
	case DMA_PQ_VAL:
		return device->device_prep_dma_pq_val;
	case DMA_MEMSET:
		return device->device_prep_dma_memset;
	case DMA_INTERRUPT:
		return device->device_prep_dma_interrupt;
	case DMA_CYCLIC:
		return device->device_prep_dma_cyclic;
	case DMA_INTERLEAVE:
		return device->device_prep_interleaved_dma;
	default:
		return true;
	}
}

/**
 * dmaconf_anybody_holds - whether a channel of a provider is in use
 * @device: the provider
 *
 * Context: any; takes no lock, for nobody else requests channels meanwhile.
 * Return: whether any is.
 */
bool dmaconf_anybody_holds(const struct dma_device *device)
{
	const struct dma_chan *chan;

	list_for_each_entry(chan, &device->channels, device_node)
		if (chan->client_count)
			return true;
	return false;
}

static bool dmaconf_of_device(struct dma_chan *chan, void *device)
{
	return chan->device == device;
}

/**
 * dmaconf_request_any - request a channel of a provider, whichever is free
 * @device: the provider
 *
 * Context: may sleep.
 * Return: the channel, to be released by the caller, or NULL.
 */
struct dma_chan *dmaconf_request_any(struct dma_device *device)
{
	dma_cap_mask_t any;

	dma_cap_zero(any);
	return dma_request_channel(any, dmaconf_of_device, device);
}

static bool dmaconf_peek_filter(struct dma_chan *chan, void *param)
{
	struct dmaconf_peek *peek = param;

	if (!peek->first)
		peek->first = chan;
	peek->ours += chan->device == peek->device;
	peek->held += !!chan->client_count;
	return false;
}

/**
 * dmaconf_peek - look at what a request would be offered, and take nothing
 * @dc: the test
 * @mask: capabilities asked for
 *
 * Context: may sleep; expects.
 * Return: what a filter was shown.
 */
struct dmaconf_peek dmaconf_peek(struct dmaconf *dc, dma_cap_mask_t mask)
{
	struct dmaconf_peek peek = { .device = dc->device };

	KUNIT_EXPECT_NULL_MSG(dc->test, dma_request_channel(mask, dmaconf_peek_filter, &peek),
			      "the filter took no channel");
	return peek;
}

/**
 * dmaconf_refs - count the references to a provider
 * @device: the provider
 *
 * Context: any.
 * Return: how many there are, of each kind.
 */
struct dmaconf_refs dmaconf_refs(struct dma_device *device)
{
	return (struct dmaconf_refs){
		.device = kref_read(&device->ref),
		.dev = kref_read(&device->dev->kobj.kref),
#ifdef CONFIG_MODULE_UNLOAD
		.module = device->owner ? module_refcount(device->owner) : 0,
#endif
	};
}

/**
 * dmaconf_expect_refs - expect the references that there were before
 * @dc: the test
 * @before: as counted then
 *
 * Context: may sleep; expects.
 */
void dmaconf_expect_refs(struct dmaconf *dc, const struct dmaconf_refs *before)
{
	struct dmaconf_refs now = dmaconf_refs(dc->device);

	KUNIT_EXPECT_EQ_MSG(dc->test, now.device, before->device, "references to the dma_device");
	KUNIT_EXPECT_EQ_MSG(dc->test, now.dev, before->dev, "references to its device");
	KUNIT_EXPECT_EQ_MSG(dc->test, now.module, before->module, "references to its module");
}

/**
 * dmaconf_claim_public - become a public client, and use the channel under test as one
 * @dc: the test, NEEDS_FREE; dmaconf_unclaim(), or the harness, gives everything back
 *
 * Takes every public channel of the system. Skips the rule where the provider
 * is for private use only.
 *
 * Context: may sleep; asserts.
 */
void dmaconf_claim_public(struct dmaconf *dc)
{
	struct dma_chan *chan = dmaconf_unheld(dc);

	if (dmaconf_is_private(dc))
		dmaconf_not_applicable(dc->test, "the provider is for private use only");
	dmaengine_get();
	if (!chan->client_count) {
		dmaengine_put();
		KUNIT_FAIL_AND_ABORT(dc->test, "%s was not allocated for public use", dc->label);
	}
	dc->public = true;
	dc->chan = chan;
	dc->dev = dmaengine_get_dma_device(chan);
}
