// SPDX-License-Identifier: GPL-2.0-only
/*
 * The packet personality, as for a network or crypto device: metadata goes with
 * each transfer, given by the client or kept in the descriptor, and descriptors
 * can be submitted again.
 */
#include "steps.h"
#include "stub.h"

static bool stub_sends(const struct stub_desc *desc)
{
	return desc->segs[0].dst.port;
}

/* What is sent is copied at once; for what comes the place is remembered. */
int stub_attach(struct dma_async_tx_descriptor *tx, void *data, size_t len)
{
	struct stub_desc *desc = to_stub_desc(tx);
	struct stub_metadata *metadata = &desc->metadata;

	if (!data || !len || len > sizeof(metadata->area))
		return -EINVAL;
	if (stub_sends(desc)) {
		memcpy(metadata->area, data, len);
		metadata->len = len;
	} else {
		metadata->client = data;
		metadata->client_len = len;
	}
	return 0;
}

void *stub_get_ptr(struct dma_async_tx_descriptor *tx, size_t *len, size_t *max)
{
	struct stub_metadata *metadata = &to_stub_desc(tx)->metadata;

	*len = metadata->len;
	*max = sizeof(metadata->area);
	return metadata->area;
}

int stub_set_len(struct dma_async_tx_descriptor *tx, size_t len)
{
	struct stub_metadata *metadata = &to_stub_desc(tx)->metadata;

	if (len > sizeof(metadata->area))
		return -EINVAL;
	metadata->len = len;
	return 0;
}

static void stub_copy_metadata(struct stub_metadata *to, const struct stub_metadata *from)
{
	memcpy(to->area, from->area, from->len);
	to->len = from->len;
}

void stub_carry(struct stub_chan *sc, struct stub_desc *desc)
{
	struct stub_metadata *metadata = &desc->metadata;

	if (!desc->tx.metadata_ops)
		return;
	if (stub_sends(desc)) {
		stub_copy_metadata(&sc->metadata_out, metadata);
		return;
	}
	stub_copy_metadata(metadata, &sc->metadata_in);
	if (metadata->client)
		memcpy(metadata->client, metadata->area,
		       min(metadata->client_len, metadata->len));
}

static int stub_supply(struct dma_chan *chan, const void *data, size_t len)
{
	struct stub_chan *sc = to_stub_chan(chan);
	unsigned long irqflags;

	if (len > STUB_METADATA)
		return -EMSGSIZE;
	spin_lock_irqsave(&sc->lock, irqflags);
	memcpy(sc->metadata_in.area, data, len);
	sc->metadata_in.len = len;
	spin_unlock_irqrestore(&sc->lock, irqflags);
	return 0;
}

static size_t stub_received(struct dma_chan *chan, void *data, size_t size)
{
	struct stub_chan *sc = to_stub_chan(chan);
	unsigned long irqflags;
	size_t len;

	spin_lock_irqsave(&sc->lock, irqflags);
	len = sc->metadata_out.len;
	memcpy(data, sc->metadata_out.area, min(size, len));
	spin_unlock_irqrestore(&sc->lock, irqflags);
	return len;
}

const struct dmaconf_metadata_ops stub_metadata_ops = {
	.supply		= stub_supply,
	.received	= stub_received,
};

static void stub_packet_init(struct stub_dev *sdev)
{
	struct dma_device *dma = &sdev->dma;

	stub_slave_declare(sdev);
	dma->descriptor_reuse = true;
	dma->desc_metadata_modes = DESC_METADATA_CLIENT | DESC_METADATA_ENGINE;
	sdev->metadata_ops = (struct dma_descriptor_metadata_ops){
		.attach		= sdev->ops.attach,
		.get_ptr	= sdev->ops.get_ptr,
		.set_len	= sdev->ops.set_len,
	};
#ifdef DMACONF_HAVE_DMA_VEC
	dma->device_prep_peripheral_dma_vec = sdev->ops.prep_vec;
#endif
}

const struct stub_personality stub_packet = {
	.name = "dmaconf-stub-packet",
	.init = stub_packet_init,
	.nchans = 1,
};
