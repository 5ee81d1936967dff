// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a transfer should have moved where, and what it has moved. The type says
 * which bytes must arrive; this compares them with what is there.
 */
#include <linux/string.h>

#include "dmaconf.h"

/* Bytes that are compared at a time. */
#define DMACONF_CHUNK	256

static bool dmaconf_to_port(const struct dmaconf_xfer *x)
{
	return x->dir == DMA_MEM_TO_DEV;
}

/* What memory should hold. */
static const u8 *dmaconf_want(const struct dmaconf_piece *piece)
{
	struct dmaconf_buf *buf = piece->buf;

	return buf->want + (buf->data - buf->mem) + piece->off;
}

/**
 * dmaconf_gather - what several pieces of memory should hold, one behind the other
 * @pieces: the pieces
 * @n: how many
 * @at: bytes into all of them
 * @bytes: where it goes
 * @len: bytes, which the pieces have
 *
 * Context: any.
 */
void dmaconf_gather(const struct dmaconf_piece *pieces, unsigned int n, size_t at, u8 *bytes,
		    size_t len)
{
	size_t part;

	for (unsigned int i = 0; i < n && len; i++) {
		if (at >= pieces[i].len) {
			at -= pieces[i].len;
			continue;
		}
		part = min(len, pieces[i].len - at);
		memcpy(bytes, dmaconf_want(&pieces[i]) + at, part);
		bytes += part;
		len -= part;
		at = 0;
	}
}

/**
 * dmaconf_expect_same - what arrives when all bytes are moved as they are
 * @x: of a type whose @expect this may be
 * @at: bytes into what arrives
 * @bytes: where it goes
 * @len: bytes
 *
 * Context: any.
 */
void dmaconf_expect_same(struct dmaconf_xfer *x, size_t at, u8 *bytes, size_t len)
{
	const struct dmaconf_stream *stream = &x->dc->streams[x->port];

	if (x->dir == DMA_DEV_TO_MEM)
		memcpy(bytes, stream->source + (stream->word ? 0 : x->stream_off) + at, len);
	else
		dmaconf_gather(x->from, x->nfrom, at, bytes, len);
}

static bool dmaconf_xfer_fits(struct dmaconf_xfer *x)
{
	const struct dmaconf_stream *stream = &x->dc->streams[x->port];

	return x->dir == DMA_MEM_TO_MEM ||
	       (stream->word ? 0 : x->stream_off) + x->len <= stream->len;
}

/**
 * dmaconf_sync - let the CPU or the device look at a piece of memory
 * @dc: the test
 * @piece: the piece, and no more: that must be enough to see a transfer
 * @for_cpu: who
 *
 * Context: any.
 */
void dmaconf_sync(struct dmaconf *dc, const struct dmaconf_piece *piece, bool for_cpu)
{
	struct dmaconf_buf *buf = piece->buf;
	size_t off;

	if (!buf->mapped || !piece->len)
		return;
	off = buf->data - buf->mem + piece->off;
	if (for_cpu)
		dma_sync_single_range_for_cpu(dc->dev, buf->map, off, piece->len, buf->dir);
	else
		dma_sync_single_range_for_device(dc->dev, buf->map, off, piece->len, buf->dir);
}

static size_t dmaconf_same(const u8 *a, const u8 *b, size_t len)
{
	size_t n = 0;

	if (!memcmp(a, b, len))
		return len;
	while (n < len && a[n] == b[n])
		n++;
	return n;
}

/* Of the bytes at @mem, how many are those that must arrive from byte @at on. */
static size_t dmaconf_right_bytes(struct dmaconf_xfer *x, size_t at, const u8 *mem, size_t len)
{
	u8 bytes[DMACONF_CHUNK];
	size_t done = 0, n, same;

	for (; done < len; done += n) {
		n = min(len - done, sizeof(bytes));
		x->type->expect(x, at + done, bytes, n);
		same = dmaconf_same(bytes, mem + done, n);
		if (same < n)
			return done + same;
	}
	return done;
}

/* The same for a piece of memory. */
static size_t dmaconf_piece_moved(struct dmaconf_xfer *x, const struct dmaconf_piece *piece,
				  size_t at)
{
	size_t n;

	dmaconf_sync(x->dc, piece, true);
	n = dmaconf_right_bytes(x, at, piece->buf->data + piece->off, piece->len);
	dmaconf_sync(x->dc, piece, false);
	return n;
}

/*
 * Of what was written to memory only the end can be seen, and only while nothing
 * else was written after it; an access that is cut short may go anywhere.
 */
static bool dmaconf_word_tells(struct dmaconf_xfer *x)
{
	struct dmaconf_stream *stream = &x->dc->streams[x->port];

	return x->stream_off + x->len == stream->sink_next && !(x->len % stream->width) &&
	       x->from[x->nfrom - 1].len >= stream->width;
}

/**
 * dmaconf_word_shows - whether a port that is memory holds what is due from byte @at on
 * @x: to that port
 * @at: bytes into the transfer
 *
 * Context: any.
 * Return: whether these bytes were written last, with one access, and nothing beside them.
 */
bool dmaconf_word_shows(struct dmaconf_xfer *x, size_t at)
{
	struct dmaconf_stream *stream = &x->dc->streams[x->port];
	u8 last[DMACONF_WORD];

	for (size_t i = 0; i < 2 * DMACONF_WORD; i++)
		if ((i < DMACONF_WORD || i >= DMACONF_WORD + stream->width) &&
		    stream->word[i] != stream->was[i])
			return false;
	x->type->expect(x, at, last, stream->width);
	return !memcmp(last, stream->word + DMACONF_WORD, stream->width);
}

static bool dmaconf_word_arrived(struct dmaconf_xfer *x)
{
	return dmaconf_word_shows(x, x->len - x->dc->streams[x->port].width);
}

static bool dmaconf_to_word(struct dmaconf_xfer *x)
{
	return dmaconf_to_port(x) && x->dc->streams[x->port].word;
}

/**
 * dmaconf_xfer_moved - how much of a transfer has arrived
 * @x: submitted at some time
 *
 * Context: any.
 * Return: the length of the longest prefix that is where it belongs. Data that
 * was there before by chance counts too. Of a transfer to a port that is memory
 * all or nothing is seen.
 */
size_t dmaconf_xfer_moved(struct dmaconf_xfer *x)
{
	const struct dmaconf_stream *stream = &x->dc->streams[x->port];
	size_t moved = 0, least = x->len, n;

	if (dmaconf_to_word(x))
		return dmaconf_word_tells(x) && dmaconf_word_arrived(x) ? x->len : 0;
	if (!dmaconf_xfer_fits(x))
		return 0;
	if (dmaconf_to_port(x))
		return dmaconf_right_bytes(x, 0, stream->sink + x->stream_off, x->len);
	for (unsigned int i = 0; i < x->nto; i++) {
		if (!x->to[i].len)
			continue;
		n = dmaconf_piece_moved(x, &x->to[i], x->type->parallel ? i * x->len : moved);
		least = min(least, n);
		moved += n;
		if (n < x->to[i].len)
			break;
	}
	return x->type->parallel ? least : moved;
}

/**
 * dmaconf_xfer_untouched - whether nothing of a transfer has arrived
 * @x: submitted at some time, not seen right by dmaconf_xfer_right()
 *
 * Context: any.
 * Return: true when what is written holds what it held before.
 */
bool dmaconf_xfer_untouched(struct dmaconf_xfer *x)
{
	struct dmaconf_port_stat stat;
	bool same = true;

	if (dmaconf_to_word(x))
		return !dmaconf_word_tells(x) || !dmaconf_word_arrived(x);
	if (dmaconf_to_port(x)) {
		x->dc->aid->port->stat(x->dc->chan, x->port, &stat);
		return stat.written <= x->stream_off;
	}
	for (unsigned int i = 0; i < x->nto; i++) {
		const struct dmaconf_piece *to = &x->to[i];

		dmaconf_sync(x->dc, to, true);
		same &= !memcmp(to->buf->data + to->off, dmaconf_want(to), to->len);
		dmaconf_sync(x->dc, to, false);
	}
	return same;
}

/*
 * From now on this is what the memory should hold. Where a transfer reads what
 * it overwrites, nothing can be said about its bytes any more.
 */
static void dmaconf_arrived(struct dmaconf_xfer *x, const struct dmaconf_piece *piece, size_t at)
{
	u8 bytes[DMACONF_CHUNK];
	size_t n;

	for (size_t done = 0; done < piece->len; done += n) {
		n = min(piece->len - done, sizeof(bytes));
		x->type->expect(x, at + done, bytes, n);
		dmaconf_buf_want(piece->buf, piece->off + done, bytes, n);
	}
}

/**
 * dmaconf_xfer_right - whether all data of a transfer has arrived
 * @x: submitted at some time
 *
 * From then on the oracle expects it there. Of a transfer that reads what it
 * overwrites this can be asked once only. A port that is memory may not be able
 * to tell; then nothing is held against the transfer.
 *
 * Context: any.
 * Return: true when it has, or nobody can tell.
 */
bool dmaconf_xfer_right(struct dmaconf_xfer *x)
{
	size_t at = 0;

	if (dmaconf_to_word(x))
		return !dmaconf_word_tells(x) || dmaconf_word_arrived(x);
	if (dmaconf_xfer_moved(x) != x->len)
		return false;
	for (unsigned int i = 0; i < x->nto; i++) {
		dmaconf_arrived(x, &x->to[i], x->type->parallel ? i * x->len : at);
		at += x->to[i].len;
	}
	return true;
}
