// SPDX-License-Identifier: GPL-2.0-only
/* What a transfer should have moved where, and what it has moved. */
#include <linux/string.h>

#include "dmaconf.h"

/* The bytes that a transfer delivers, as the oracle knows them. */
static const u8 *dmaconf_xfer_bytes(struct dmaconf_xfer *x)
{
	if (x->dir == DMA_DEV_TO_MEM)
		return x->dc->streams[x->port].source + x->stream_off;
	return x->src->want + (x->src->data - x->src->mem) + x->src_off;
}

/* Where they arrive; the caller has synced a buffer for the CPU. */
static const u8 *dmaconf_xfer_arrival(struct dmaconf_xfer *x)
{
	if (x->dir == DMA_MEM_TO_DEV)
		return x->dc->streams[x->port].sink + x->stream_off;
	return x->dst->data + x->dst_off;
}

static bool dmaconf_xfer_fits(struct dmaconf_xfer *x)
{
	return x->dir == DMA_MEM_TO_MEM ||
	       x->stream_off + x->len <= x->dc->streams[x->port].len;
}

/* Only what a transfer touches: that must be enough to see it. */
static void dmaconf_sync(struct dmaconf *dc, const struct dmaconf_piece *piece, bool for_cpu)
{
	struct dmaconf_buf *buf = piece->buf;
	size_t off;

	if (!buf || !buf->mapped)
		return;
	off = buf->data - buf->mem + piece->off;
	if (for_cpu)
		dma_sync_single_range_for_cpu(dc->dev, buf->map, off, piece->len, buf->dir);
	else
		dma_sync_single_range_for_device(dc->dev, buf->map, off, piece->len, buf->dir);
}

static struct dmaconf_piece dmaconf_dst(struct dmaconf_xfer *x)
{
	return (struct dmaconf_piece){ x->dst, x->dst_off, x->len };
}

static size_t dmaconf_same(const u8 *a, const u8 *b, size_t len)
{
	size_t n = 0;

	while (n < len && a[n] == b[n])
		n++;
	return n;
}

/* The same for a piece of a scattered transfer, which begins @done bytes into it. */
static size_t dmaconf_piece_moved(struct dmaconf_xfer *x, const struct dmaconf_piece *piece,
				  size_t done)
{
	struct dmaconf_stream *stream = &x->dc->streams[x->port];
	struct dmaconf_buf *buf = piece->buf;
	size_t at = x->stream_off + done, n;

	if (x->dir == DMA_MEM_TO_DEV)
		return dmaconf_same(buf->want + (buf->data - buf->mem) + piece->off,
				    stream->sink + at, piece->len);
	dmaconf_sync(x->dc, piece, true);
	n = dmaconf_same(stream->source + at, buf->data + piece->off, piece->len);
	dmaconf_sync(x->dc, piece, false);
	return n;
}

/**
 * dmaconf_xfer_moved - how much of a transfer has arrived
 * @x: submitted at some time
 *
 * Context: any.
 * Return: the length of the longest prefix that is where it belongs. Data that
 * was there before by chance counts too.
 */
size_t dmaconf_xfer_moved(struct dmaconf_xfer *x)
{
	struct dmaconf_piece dst = dmaconf_dst(x);
	size_t moved = 0, n;

	if (!dmaconf_xfer_fits(x))
		return 0;
	for (unsigned int i = 0; i < x->npieces; i++) {
		n = dmaconf_piece_moved(x, &x->pieces[i], moved);
		moved += n;
		if (n < x->pieces[i].len)
			break;
	}
	if (x->npieces)
		return moved;
	dmaconf_sync(x->dc, &dst, true);
	moved = dmaconf_same(dmaconf_xfer_bytes(x), dmaconf_xfer_arrival(x), x->len);
	dmaconf_sync(x->dc, &dst, false);
	return moved;
}

/**
 * dmaconf_xfer_untouched - whether nothing of a transfer has arrived
 * @x: submitted at some time, not seen right by dmaconf_xfer_right()
 *
 * Context: any.
 */
bool dmaconf_xfer_untouched(struct dmaconf_xfer *x)
{
	struct dmaconf_piece dst = dmaconf_dst(x);
	struct dmaconf_port_stat stat;
	bool same;

	if (x->dir == DMA_MEM_TO_DEV) {
		x->dc->aid->port->stat(x->dc->chan, x->port, &stat);
		return stat.written <= x->stream_off;
	}
	dmaconf_sync(x->dc, &dst, true);
	same = !memcmp(x->dst->data + x->dst_off,
		       x->dst->want + (x->dst->data - x->dst->mem) + x->dst_off, x->len);
	dmaconf_sync(x->dc, &dst, false);
	return same;
}

/**
 * dmaconf_xfer_right - whether all data of a transfer has arrived
 * @x: submitted at some time
 *
 * From then on the oracle expects it there.
 *
 * Context: any.
 */
bool dmaconf_xfer_right(struct dmaconf_xfer *x)
{
	const u8 *from = x->dc->streams[x->port].source + x->stream_off;

	if (dmaconf_xfer_moved(x) != x->len)
		return false;
	if (x->dst)
		dmaconf_buf_want(x->dst, x->dst_off, dmaconf_xfer_bytes(x), x->len);
	for (unsigned int i = 0; x->dir == DMA_DEV_TO_MEM && i < x->npieces; i++) {
		dmaconf_buf_want(x->pieces[i].buf, x->pieces[i].off, from, x->pieces[i].len);
		from += x->pieces[i].len;
	}
	return true;
}
