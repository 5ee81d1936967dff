// SPDX-License-Identifier: GPL-2.0-only
/* Metadata that goes with a transfer. */
#include "dmaconf.h"

#define META	16

static const enum dma_transfer_direction dirs[] = { DMA_MEM_TO_DEV, DMA_DEV_TO_MEM };

/**
 * struct meta - metadata of a transfer
 * @client: attached by the client, with a red zone behind its @len bytes
 * @len: bytes that were attached, or fit
 * @sent: what went along, or came
 * @tx: the descriptor, valid until its callback returns
 * @first: which call comes first, see meta_call()
 * @ret: what each call returned
 * @max: room that the provider told
 * @payload: valid bytes that it told
 * @full: what it answered to more than fits
 * @right: the callback found what was sent
 */
struct meta {
	u8 client[4 * META];
	size_t len;
	u8 sent[META];
	struct dma_async_tx_descriptor *tx;
	int first;
	int ret[3];
	size_t max;
	size_t payload;
	int full;
	bool right;
};

static struct meta *meta_new(struct dmaconf_xfer *x, size_t len)
{
	struct meta *m = kunit_kzalloc(x->dc->test, sizeof(*m), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(x->dc->test, m);
	m->len = len;
	for (int i = 0; i < META; i++)
		m->sent[i] = dmaconf_random(x->dc, 256);
	memset(m->client, 0x5a, sizeof(m->client));
	x->priv = m;
	return m;
}

static bool meta_offers(struct dmaconf *dc, enum dma_desc_metadata_mode mode)
{
	return dmaengine_is_metadata_mode_supported(dc->chan, mode);
}

static const struct {
	const char *name;
	enum dma_desc_metadata_mode mode;
} meta_calls[] = {
	{ "attach_metadata", DESC_METADATA_CLIENT },
	{ "get_metadata_ptr", DESC_METADATA_ENGINE },
	{ "set_metadata_len", DESC_METADATA_ENGINE },
};

static int meta_call(struct dma_async_tx_descriptor *tx, struct meta *m, int call)
{
	switch (call) {
	case 0:
		return dmaengine_desc_attach_metadata(tx, m->client, META);
	case 1:
		return PTR_ERR_OR_ZERO(dmaengine_desc_get_metadata_ptr(tx, &m->payload, &m->max));
	default:
		return dmaengine_desc_set_metadata_len(tx, 4);
	}
}

static void modes_prepared(struct dmaconf_xfer *x)
{
	struct meta *m = x->priv;

	for (int i = 0; i < ARRAY_SIZE(meta_calls); i++) {
		int call = (m->first + i) % ARRAY_SIZE(meta_calls);

		m->ret[call] = meta_call(x->tx, m, call);
	}
}

/* The first call whose mode is supported decides what the others may do. */
static void modes_expect(struct dmaconf *dc, struct meta *m)
{
	enum dma_desc_metadata_mode mode = DESC_METADATA_NONE;
	struct kunit *test = dc->test;

	for (int i = 0; i < ARRAY_SIZE(meta_calls); i++) {
		int call = (m->first + i) % ARRAY_SIZE(meta_calls);
		const char *name = meta_calls[call].name;

		if (!mode && !meta_offers(dc, meta_calls[call].mode)) {
			KUNIT_EXPECT_EQ_MSG(test, m->ret[call], -ENOTSUPP, "%s: not offered",
					    name);
			continue;
		}
		if (mode && mode != meta_calls[call].mode) {
			KUNIT_EXPECT_EQ_MSG(test, m->ret[call], -EINVAL,
					    "%s of a descriptor in the other mode", name);
			continue;
		}
		mode = meta_calls[call].mode;
		/* Only what is sent needs a length. */
		if (call != 2)
			KUNIT_EXPECT_NE_MSG(test, m->ret[call], -ENOTSUPP,
					    "%s: offered, and missing", name);
	}
}

/* Broken: a client is told that metadata works, and no call succeeds. */
DMACONF_RULE(meta, core_modes, MUST,
	     "A metadata mode that is advertised works, one that is not is refused, and a descriptor has one mode only.",
	     "drivers/dma/dmaengine.c:1490; Documentation/driver-api/dmaengine/client.rst:251",
	     NEEDS_XFER)
{
	struct dmaconf_xfer *x;
	struct meta *m;

	for (int first = 0; first < ARRAY_SIZE(meta_calls); first++) {
		x = dmaconf_xfer(dc, 64);
		m = meta_new(x, META);
		m->first = first;
		KUNIT_EXPECT_EQ_MSG(test, meta_call(NULL, m, first), -EINVAL,
				    "%s without a descriptor", meta_calls[first].name);
		x->on_prep = modes_prepared;
		dmaconf_start(x);
		dmaconf_finish(x);
		modes_expect(dc, m);
	}
}

static void client_prepared(struct dmaconf_xfer *x)
{
	struct meta *m = x->priv;

	if (x->dir == DMA_MEM_TO_DEV)
		memcpy(m->client, m->sent, m->len);
	m->ret[0] = dmaengine_desc_attach_metadata(x->tx, m->client, m->len);
}

/* What came is there; from now on the buffer is the client's again. */
static void client_called(struct dmaconf_xfer *x)
{
	struct meta *m = x->priv;

	m->right = !memcmp(m->client, m->sent, m->len) &&
		   !memchr_inv(m->client + m->len, 0x5a, sizeof(m->client) - m->len);
	memset(m->client, 0x33, sizeof(m->client));
}

/* What the peripheral received with the last transfer. */
static void expect_received(struct dmaconf *dc, struct meta *m)
{
	u8 got[4 * META] = {};
	size_t len = dc->aid->metadata->received(dc->chan, got, sizeof(got));

	KUNIT_EXPECT_EQ_MSG(dc->test, len, m->len, "bytes of metadata at the peripheral");
	KUNIT_EXPECT_MEMEQ_MSG(dc->test, got, m->sent, m->len, "metadata at the peripheral");
}

static void client_once(struct dmaconf *dc, enum dma_transfer_direction dir, size_t len)
{
	struct dmaconf_xfer *x = dmaconf_xfer_of(dc, &dmaconf_slave_sg, dir, 500);
	struct meta *m = meta_new(x, len);
	struct kunit *test = dc->test;

	x->on_prep = client_prepared;
	if (dir == DMA_DEV_TO_MEM) {
		x->on_callback = client_called;
		KUNIT_ASSERT_EQ(test, dc->aid->metadata->supply(dc->chan, m->sent, META), 0);
	}
	dmaconf_start(x);
	dmaconf_finish(x);
	KUNIT_ASSERT_EQ_MSG(test, m->ret[0], 0, "attach_metadata of %zu bytes", len);
	if (dir == DMA_MEM_TO_DEV) {
		expect_received(dc, m);
		return;
	}
	KUNIT_EXPECT_TRUE_MSG(test, m->right,
			      "in the callback the client's buffer does not hold the %zu bytes that came, or more",
			      len);
	dmaconf_stays_quiet(dc, dc->seq);
	dmaconf_transfer(dc, 64);
	KUNIT_EXPECT_NULL_MSG(test, memchr_inv(m->client, 0x33, sizeof(m->client)),
			      "the client's buffer was written to after the callback");
}

/* Broken: a packet is sent with the parameters of another, or freed memory is written to. */
DMACONF_RULE(meta, client, MUST,
	     "Attached metadata goes with the transfer; what comes is in the client's buffer before the callback, and left alone afterwards.",
	     "Documentation/driver-api/dmaengine/provider.rst:319; Documentation/driver-api/dmaengine/client.rst:212",
	     NEEDS_SLAVE | NEEDS_PORT | NEEDS_METADATA)
{
	if (!meta_offers(dc, DESC_METADATA_CLIENT))
		dmaconf_not_applicable(test, "the channel takes no metadata from its client");
	if (!dc->aid->metadata)
		dmaconf_not_tested(test, "no aid with the peripheral's side of metadata");
	for (int d = 0; d < ARRAY_SIZE(dirs); d++)
		for (size_t len = META; len && dmaconf_slave_sg.offered(dc, dirs[d]); len -= 4)
			client_once(dc, dirs[d], len);
}

/* Fill in what goes along. */
static void engine_prepared(struct dmaconf_xfer *x)
{
	struct meta *m = x->priv;
	void *area;

	m->tx = x->tx;
	area = dmaengine_desc_get_metadata_ptr(x->tx, &m->payload, &m->max);
	m->ret[1] = PTR_ERR_OR_ZERO(area);
	if (m->ret[1] || x->dir != DMA_MEM_TO_DEV)
		return;
	m->len = min(m->len, m->max);
	memcpy(area, m->sent, m->len);
	m->full = dmaengine_desc_set_metadata_len(x->tx, m->max + 1);
	m->ret[2] = dmaengine_desc_set_metadata_len(x->tx, m->len);
}

static void engine_called(struct dmaconf_xfer *x)
{
	struct meta *m = x->priv;
	void *area = dmaengine_desc_get_metadata_ptr(m->tx, &m->payload, &m->max);

	m->ret[1] = PTR_ERR_OR_ZERO(area);
	m->right = !m->ret[1] && m->payload >= m->len && m->payload <= m->max &&
		   !memcmp(area, m->sent, m->len);
}

static void engine_expect_sent(struct dmaconf *dc, struct meta *m)
{
	struct kunit *test = dc->test;

	if (m->ret[2] == -ENOTSUPP) {
		dmaconf_should(dc, "the client cannot tell how much it placed");
		KUNIT_FAIL_AND_ABORT(test, "engine mode without set_metadata_len");
	}
	KUNIT_EXPECT_EQ_MSG(test, m->ret[2], 0, "set_metadata_len of %zu bytes, %zu fit", m->len,
			    m->max);
	KUNIT_EXPECT_NE_MSG(test, m->full, 0, "%zu bytes of metadata were accepted, %zu fit",
			    m->max + 1, m->max);
	if (dc->aid->metadata)
		expect_received(dc, m);
}

static void engine_once(struct dmaconf *dc, enum dma_transfer_direction dir, size_t len)
{
	struct dmaconf_xfer *x = dmaconf_xfer_of(dc, &dmaconf_slave_sg, dir, 500);
	bool comes = dir == DMA_DEV_TO_MEM && dc->aid->metadata;
	struct meta *m = meta_new(x, len);
	struct kunit *test = dc->test;

	x->on_prep = engine_prepared;
	if (comes) {
		x->on_callback = engine_called;
		KUNIT_ASSERT_EQ(test, dc->aid->metadata->supply(dc->chan, m->sent, len), 0);
	}
	dmaconf_start(x);
	dmaconf_finish(x);
	KUNIT_ASSERT_EQ_MSG(test, m->ret[1], 0, "get_metadata_ptr");
	KUNIT_EXPECT_LE_MSG(test, m->payload, m->max, "valid bytes of metadata, and room");
	if (dir == DMA_MEM_TO_DEV)
		engine_expect_sent(dc, m);
	if (comes)
		KUNIT_EXPECT_TRUE_MSG(test, m->right,
				      "in the callback the descriptor does not hold the %zu bytes that came (says %zu of %zu)",
				      len, m->payload, m->max);
}

/* Broken: checksums and time stamps of received packets are garbage. */
DMACONF_RULE(meta, engine, MUST,
	     "The provider's place for metadata has the size it tells, and holds what came until the callback has returned.",
	     "Documentation/driver-api/dmaengine/provider.rst:339; Documentation/driver-api/dmaengine/client.rst:231",
	     NEEDS_SLAVE | NEEDS_PORT | NEEDS_METADATA)
{
	if (!meta_offers(dc, DESC_METADATA_ENGINE))
		dmaconf_not_applicable(test, "the channel keeps no metadata for its client");
	for (int d = 0; d < ARRAY_SIZE(dirs); d++)
		for (size_t len = META; len && dmaconf_slave_sg.offered(dc, dirs[d]); len -= 4)
			engine_once(dc, dirs[d], len);
}

static struct kunit_case meta_rules[] = {
	DMACONF_CASE(meta, core_modes),
	DMACONF_CASE(meta, client),
	DMACONF_CASE(meta, engine),
	{}
};

DMACONF_SUITE(meta);

kunit_test_suites(&meta_suite);
