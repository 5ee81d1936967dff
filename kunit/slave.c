// SPDX-License-Identifier: GPL-2.0-only
/* The peripheral of a slave channel: its configuration and the bytes at its data ports. */
#include <linux/slab.h>

#include "dmaconf.h"

#define DMACONF_STREAM	((size_t)SZ_256K)

/* Memory supplies the same bytes to every access. */
static void dmaconf_stream_repeat(struct dmaconf_stream *stream)
{
	for (size_t i = 0; i < stream->len; i++)
		stream->source[i] = stream->was[i % stream->width];
}

static void dmaconf_stream_init(struct dmaconf *dc, unsigned int port, size_t len)
{
	const struct dmaconf_port_ops *ops = dc->aid->port;
	struct dmaconf_stream *stream = &dc->streams[port];

	stream->len = len;
	stream->sink = kvzalloc(stream->len, GFP_KERNEL);
	stream->source = kvmalloc(stream->len, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(dc->test, stream->sink);
	KUNIT_ASSERT_NOT_NULL(dc->test, stream->source);
	if (ops->word) {
		stream->word = ops->word(dc->chan, port);
		stream->width = dmaconf_width(dc);
		prandom_bytes_state(&dc->rnd, stream->was, sizeof(stream->was));
		dmaconf_stream_repeat(stream);
	} else {
		prandom_bytes_state(&dc->rnd, stream->source, stream->len);
	}
}

static void dmaconf_connect_as(struct dmaconf *dc, unsigned int port,
			       const struct dmaconf_port *to)
{
	struct dmaconf_stream *stream = &dc->streams[port];

	dc->aid->port->connect(dc->chan, port, to);
	if (stream->word)
		memcpy(stream->word, stream->was, sizeof(stream->was));
	stream->sink_next = 0;
	stream->source_next = 0;
}

/**
 * dmaconf_connect - connect a data port to its stream, from the beginning
 * @dc: the test
 * @port: data port
 * @source_len: bytes that the peripheral supplies, at most the stream's
 * @ends: it signals the end of its data after them, instead of staying silent
 *
 * Context: any; the channel is idle.
 */
void dmaconf_connect(struct dmaconf *dc, unsigned int port, size_t source_len, bool ends)
{
	struct dmaconf_stream *stream = &dc->streams[port];

	dmaconf_connect_as(dc, port, &(struct dmaconf_port){
		.sink = stream->sink,
		.sink_len = stream->len,
		.source = stream->source,
		.source_len = min(source_len, stream->len),
		.ends = ends,
	});
}

/**
 * dmaconf_connect_endless - connect a data port to its stream, round and round
 * @dc: the test
 * @port: data port
 *
 * Context: any; the channel is idle.
 */
void dmaconf_connect_endless(struct dmaconf *dc, unsigned int port)
{
	struct dmaconf_stream *stream = &dc->streams[port];

	dmaconf_connect_as(dc, port, &(struct dmaconf_port){
		.sink = stream->sink,
		.sink_len = stream->len,
		.source = stream->source,
		.source_len = stream->len,
		.wraps = true,
	});
}

/**
 * dmaconf_streams_of - give every data port of the channel a stream of some length
 * @dc: the test, with its channel claimed and idle
 * @len: bytes, at least; no stream becomes shorter
 *
 * Context: may sleep; asserts; skips the rule when there is no memory.
 */
void dmaconf_streams_of(struct dmaconf *dc, size_t len)
{
	for (unsigned int i = 0; dc->aid && i < min(dc->aid->ports, DMACONF_PORTS); i++) {
		struct dmaconf_stream *stream = &dc->streams[i];

		if (stream->len < len) {
			dc->aid->port->connect(dc->chan, i, NULL);
			kvfree(stream->sink);
			kvfree(stream->source);
			dmaconf_stream_init(dc, i, max(len, DMACONF_STREAM));
		}
		dmaconf_connect(dc, i, SIZE_MAX, false);
	}
}

/**
 * dmaconf_streams - give every data port of the channel a stream
 * @dc: the test, with its channel claimed
 *
 * Context: may sleep; asserts.
 */
void dmaconf_streams(struct dmaconf *dc)
{
	dmaconf_streams_of(dc, DMACONF_STREAM);
}

/**
 * dmaconf_stream_renew - have a port that is memory supply other bytes from now on
 * @dc: the test, whose channel may be at work
 * @port: data port
 *
 * Context: any.
 */
void dmaconf_stream_renew(struct dmaconf *dc, unsigned int port)
{
	struct dmaconf_stream *stream = &dc->streams[port];

	prandom_bytes_state(&dc->rnd, stream->was, stream->width);
	dmaconf_stream_repeat(stream);
	memcpy(stream->word, stream->was, stream->width);
}

/**
 * dmaconf_streams_width - tell the oracle the bus width that is used from now on
 * @dc: the test; the channel is idle
 * @width: bytes of an access, at most DMACONF_WORD; 0 leaves it as it is
 *
 * What memory supplies depends on it; other ports do not mind.
 *
 * Context: may sleep.
 */
void dmaconf_streams_width(struct dmaconf *dc, size_t width)
{
	for (unsigned int i = 0; i < DMACONF_PORTS; i++) {
		struct dmaconf_stream *stream = &dc->streams[i];

		if (!stream->word || !width || stream->width == width)
			continue;
		stream->width = width;
		dmaconf_stream_repeat(stream);
		dmaconf_connect(dc, i, SIZE_MAX, false);
	}
}

/**
 * dmaconf_streams_free - disconnect the ports and free the streams
 * @dc: the test; the channel is idle
 *
 * Context: may sleep.
 */
void dmaconf_streams_free(struct dmaconf *dc)
{
	for (int i = 0; i < DMACONF_PORTS; i++) {
		kvfree(dc->streams[i].sink);
		kvfree(dc->streams[i].source);
		dc->streams[i] = (struct dmaconf_stream){};
	}
}

/**
 * dmaconf_streams_resync - go on where the ports are, after transfers were stopped
 * @dc: the test; the channel is idle
 *
 * Context: any.
 */
void dmaconf_streams_resync(struct dmaconf *dc)
{
	struct dmaconf_port_stat stat;

	for (int i = 0; i < DMACONF_PORTS; i++) {
		if (!dc->streams[i].len)
			continue;
		dc->aid->port->stat(dc->chan, i, &stat);
		dc->streams[i].sink_next = stat.written;
		dc->streams[i].source_next = stat.read;
	}
}

/**
 * dmaconf_port_counts - whether data port 0 knows how much went through it
 * @dc: the test
 *
 * Context: any.
 * Return: whether it does.
 */
bool dmaconf_port_counts(struct dmaconf *dc)
{
	return !dc->streams[0].word;
}

/**
 * dmaconf_port_bytes - bytes that went through data port 0 since it was connected
 * @dc: the test
 *
 * Context: any.
 * Return: bytes in both directions; 0 for a channel without a port that counts.
 */
size_t dmaconf_port_bytes(struct dmaconf *dc)
{
	struct dmaconf_port_stat stat = {};

	if (dc->streams[0].len)
		dc->aid->port->stat(dc->chan, 0, &stat);
	return stat.written + stat.read;
}

/**
 * dmaconf_width - a bus width that both halves of the channel advertise
 * @dc: the test
 *
 * Context: any.
 * Return: 4 bytes when it is among them, else the smallest; 1 byte when the
 * channel advertises nothing.
 */
enum dma_slave_buswidth dmaconf_width(const struct dmaconf *dc)
{
	struct dma_slave_caps caps = {
		.src_addr_widths = dc->device->src_addr_widths,
		.dst_addr_widths = dc->device->dst_addr_widths,
	};
	u32 both;

	/* A channel may be narrower than its device, and then says so. */
	dma_get_slave_caps(dc->chan ?: dmaconf_unheld(dc), &caps);
	both = caps.src_addr_widths & caps.dst_addr_widths;
	if (!both || both & BIT(DMA_SLAVE_BUSWIDTH_4_BYTES))
		return both ? DMA_SLAVE_BUSWIDTH_4_BYTES : DMA_SLAVE_BUSWIDTH_1_BYTE;
	return __ffs(both);
}

/**
 * dmaconf_port_addr - the bus address of a data port, for struct dma_slave_config
 * @dc: the test
 * @port: data port
 * @dir: of the transfers; only of memory the two sides have addresses of their own
 *
 * Context: any.
 * Return: the address.
 */
phys_addr_t dmaconf_port_addr(struct dmaconf *dc, unsigned int port,
			      enum dma_transfer_direction dir)
{
	const struct dmaconf_port_ops *ops = dc->aid->port;

	return ops->addr(dc->chan, port) +
	       (ops->word && dir == DMA_MEM_TO_DEV ? DMACONF_WORD : 0);
}

/**
 * dmaconf_config_for - a slave configuration for a data port, both halves
 * @dc: the test
 * @port: data port
 *
 * Context: any.
 * Return: the configuration.
 */
struct dma_slave_config dmaconf_config_for(struct dmaconf *dc, unsigned int port)
{
	enum dma_slave_buswidth width = dmaconf_width(dc);

	return (struct dma_slave_config){
		.src_addr = dmaconf_port_addr(dc, port, DMA_DEV_TO_MEM),
		.dst_addr = dmaconf_port_addr(dc, port, DMA_MEM_TO_DEV),
		.src_addr_width = width,
		.dst_addr_width = width,
		.src_maxburst = 1,
		.dst_maxburst = 1,
	};
}

/**
 * dmaconf_config - configure the channel for a data port
 * @dc: the test
 * @port: data port
 *
 * Context: may sleep, as device_config may.
 * Return: what dmaengine_slave_config() returned.
 */
int dmaconf_config(struct dmaconf *dc, unsigned int port)
{
	/* Not on the stack: that a provider keeps the pointer is for one rule to find. */
	dc->configs[port] = dmaconf_config_for(dc, port);
	dmaconf_streams_width(dc, dc->configs[port].dst_addr_width);
	return dmaengine_slave_config(dc->chan, &dc->configs[port]);
}

/**
 * dmaconf_offers - whether the provider advertises a slave direction
 * @dc: the test
 * @dir: the direction
 *
 * Context: any.
 * Return: true also when it advertises none at all, as old providers do.
 */
bool dmaconf_offers(const struct dmaconf *dc, enum dma_transfer_direction dir)
{
	return !dc->device->directions || dc->device->directions & BIT(dir);
}
