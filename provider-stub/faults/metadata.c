// SPDX-License-Identifier: GPL-2.0-only
/* Faults: metadata of descriptors. */
#include "faults.h"
#include "steps.h"

static void without_attach(struct stub_dev *sdev)
{
	sdev->metadata_ops.attach = NULL;
}

static void without_set_len(struct stub_dev *sdev)
{
	sdev->metadata_ops.set_len = NULL;
}

/* What came for the client is put aside in the descriptor. */
static void carry_aside(struct stub_chan *sc, struct stub_desc *desc)
{
	void *client = desc->metadata.client;

	desc->metadata.client = NULL;
	stub_carry(sc, desc);
	desc->metadata.client = client;
}

static void copy_to_client(struct stub_metadata *metadata)
{
	if (metadata->client)
		memcpy(metadata->client, metadata->area,
		       min(metadata->client_len, metadata->len));
}

static void deliver_then_copy(struct stub_chan *sc, struct stub_desc *desc)
{
	stub_deliver(sc, desc);
	copy_to_client(&desc->metadata);
}

static void carry_nothing(struct stub_chan *sc, struct stub_desc *desc)
{
}

static void carry_first_word(struct stub_chan *sc, struct stub_desc *desc)
{
	size_t len = desc->metadata.client_len;

	desc->metadata.client_len = min_t(size_t, len, 4);
	stub_carry(sc, desc);
	desc->metadata.client_len = len;
}

static void carry_whole_area(struct stub_chan *sc, struct stub_desc *desc)
{
	struct stub_metadata *metadata = &desc->metadata;

	stub_carry(sc, desc);
	if (metadata->client)
		memcpy(metadata->client, metadata->area, metadata->len);
}

/* The descriptor is clean again before anybody looks at it. */
static void deliver_recycled(struct stub_chan *sc, struct stub_desc *desc)
{
	memset(desc->metadata.area, 0, sizeof(desc->metadata.area));
	stub_deliver(sc, desc);
}

static int set_any_len(struct dma_async_tx_descriptor *tx, size_t len)
{
	to_stub_desc(tx)->metadata.len = min_t(size_t, len, STUB_METADATA);
	return 0;
}

static void *get_ptr_full(struct dma_async_tx_descriptor *tx, size_t *len, size_t *max)
{
	void *ptr = stub_get_ptr(tx, len, max);

	*len = *max + 1;
	return ptr;
}

static int set_no_len(struct dma_async_tx_descriptor *tx, size_t len)
{
	struct stub_metadata *metadata = &to_stub_desc(tx)->metadata;
	size_t before = metadata->len;
	int ret = stub_set_len(tx, len);

	metadata->len = before;
	return ret;
}

const struct stub_fault stub_metadata_faults[] = {
	STUB_FAULT_SETUP(meta_no_attach, "meta.core_modes",
			 "client mode is advertised and attach is missing",
			 without_attach),
	STUB_FAULT_SETUP(meta_no_set_len, "meta.engine",
			 "engine mode is advertised and set_len is missing",
			 without_set_len),
	STUB_FAULT(meta_after_cb, "meta.client",
		   "received metadata is copied to the client after its callback",
		   .carry = carry_aside, .deliver = deliver_then_copy),
	STUB_FAULT(meta_again, "meta.client",
		   "received metadata is copied to the client once more after its callback",
		   .deliver = deliver_then_copy),
	STUB_FAULT(meta_not_carried, "meta.client",
		   "metadata stays where it is",
		   .carry = carry_nothing),
	STUB_FAULT(meta_first_word, "meta.client",
		   "only the first word of received metadata is copied to the client",
		   .carry = carry_first_word),
	STUB_FAULT(meta_beyond, "meta.client",
		   "received metadata is copied beyond the end of the client's buffer",
		   .carry = carry_whole_area),
	STUB_FAULT(meta_recycled, "meta.engine",
		   "the metadata of a descriptor is gone in its callback",
		   .deliver = deliver_recycled),
	STUB_FAULT(meta_any_len, "meta.engine",
		   "more metadata than there is room for is accepted",
		   .set_len = set_any_len),
	STUB_FAULT(meta_too_full, "meta.engine",
		   "there is more metadata than there is room for",
		   .get_ptr = get_ptr_full),
	STUB_FAULT(meta_len_lost, "meta.engine",
		   "the length of the metadata that the client placed is not taken",
		   .set_len = set_no_len),
	{}
};
