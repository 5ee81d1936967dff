// SPDX-License-Identifier: GPL-2.0-only
/*
 * Following a cyclic transfer: how far it has come, counted over all laps at
 * its port, and whether ring and stream hold what they must after that.
 */
#include "dmaconf.h"

/**
 * dmaconf_ring_at - a cyclic transfer with a ring somewhere in a buffer of its own, at port 0
 * @dc: the test, whose channel is idle and offers cyclic transfers in @dir
 * @dir: direction
 * @periods: how many the ring has
 * @period: bytes of each, rounded up to what the channel can align to
 * @units: where in the buffer it begins, in what the channel can align to
 *
 * The port supplies and takes as much as the transfer wants.
 *
 * Context: may sleep; asserts.
 * Return: the transfer, not prepared yet.
 */
struct dmaconf_xfer *dmaconf_ring_at(struct dmaconf *dc, enum dma_transfer_direction dir,
				     unsigned int periods, size_t period, unsigned int units)
{
	size_t unit = dmaconf_align(dc, &dmaconf_cyclic), len = periods * roundup(period, unit);
	struct dmaconf_xfer *x = dmaconf_xfer_new(dc, &dmaconf_cyclic, dir, len);
	bool reads = dir == DMA_MEM_TO_DEV;
	struct dmaconf_piece *ring;

	x->type->shape(x);
	ring = reads ? x->from : x->to;
	ring->off = units * unit;
	ring->buf = dmaconf_buf(dc, ring->off + len, reads ? DMA_TO_DEVICE : DMA_FROM_DEVICE);
	x->period = len / periods;
	dmaconf_connect_endless(dc, 0);
	return dmaconf_xfer_ready(x);
}

/**
 * dmaconf_ring - the same at the beginning of its buffer
 * @dc: the test
 * @dir: direction
 * @periods: how many the ring has
 * @period: bytes of each
 *
 * Context: may sleep; asserts.
 * Return: the transfer, not prepared yet.
 */
struct dmaconf_xfer *dmaconf_ring(struct dmaconf *dc, enum dma_transfer_direction dir,
				  unsigned int periods, size_t period)
{
	return dmaconf_ring_at(dc, dir, periods, period, 0);
}

/* What is seen of it at a port that is memory: the first lap, and what was called back. */
static size_t ring_seen(struct dmaconf_xfer *x)
{
	size_t lap = x->dir == DMA_DEV_TO_MEM ? dmaconf_xfer_moved(x) : 0;

	return max(lap, READ_ONCE(x->calls) * x->period);
}

/**
 * dmaconf_ring_moved - bytes that a cyclic transfer moved at its port, in all laps
 * @x: submitted, the only one since
 *
 * Context: any.
 * Return: how many; if the port does not count them at least so many, if the
 * provider is to be believed.
 */
size_t dmaconf_ring_moved(struct dmaconf_xfer *x)
{
	struct dmaconf_port_stat stat;

	if (!dmaconf_port_counts(x->dc))
		return ring_seen(x);
	x->dc->aid->port->stat(x->dc->chan, x->port, &stat);
	return (x->dir == DMA_MEM_TO_DEV ? stat.written : stat.read) - x->stream_off;
}

/**
 * dmaconf_ring_go - let a cyclic transfer move on
 * @x: issued; held, where there is a gate
 * @bytes: with a gate at most so many, where it can stop there, without at least
 *
 * Context: may sleep, at most the timeout.
 * Return: false when it did not move, or not so far.
 */
bool dmaconf_ring_go(struct dmaconf_xfer *x, size_t bytes)
{
	size_t to = dmaconf_ring_moved(x) + bytes;

	/* It may be unable to stop everywhere. */
	if (x->dc->window == DMACONF_WINDOW_GATE)
		return dmaconf_step(x->dc, bytes) || dmaconf_step(x->dc, x->period ?: x->len);
	return dmaconf_until(dmaconf_ring_moved(x) >= to);
}

/* Other bytes in memory that is being read. */
static void ring_rewrite(struct dmaconf_xfer *x)
{
	u8 bytes[DMACONF_WORD];
	size_t n;

	for (size_t at = 0; at < x->len; at += n) {
		n = min(x->len - at, sizeof(bytes));
		prandom_bytes_state(&x->dc->rnd, bytes, n);
		dmaconf_buf_write(x->dc, x->from->buf, x->from->off + at, bytes, n);
	}
}

/* Whether what a port that is memory has moved is what the ring moves now. */
static bool ring_shows(struct dmaconf_xfer *x)
{
	size_t width = x->dc->streams[x->port].width;

	if (x->dir == DMA_DEV_TO_MEM)
		return dmaconf_xfer_moved(x) == x->len;
	for (size_t at = 0; at + width <= x->len; at += width)
		if (dmaconf_word_shows(x, at))
			return true;
	return false;
}

/**
 * dmaconf_ring_renew - see a cyclic transfer move other data than so far
 * @x: issued, running freely
 *
 * What it reads is replaced, and has to arrive: that shows another lap, of which a
 * port that does not count has no other proof.
 *
 * Context: may sleep, at most the timeout.
 * Return: false when it does not arrive.
 */
bool dmaconf_ring_renew(struct dmaconf_xfer *x)
{
	if (dmaconf_port_counts(x->dc))
		return true;
	if (x->dir == DMA_DEV_TO_MEM)
		dmaconf_stream_renew(x->dc, x->port);
	else
		ring_rewrite(x);
	return dmaconf_until(ring_shows(x));
}

static bool ring_byte_right(struct dmaconf_xfer *x, size_t i)
{
	const struct dmaconf_stream *stream = &x->dc->streams[x->port];
	const struct dmaconf_piece *ring = x->dir == DMA_MEM_TO_DEV ? x->from : x->to;
	size_t at = (stream->word ? i % x->len : x->stream_off + i) % stream->len;
	const struct dmaconf_buf *buf = ring->buf;

	if (x->dir == DMA_DEV_TO_MEM)
		return buf->data[ring->off + i % x->len] == stream->source[at];
	return stream->sink[at] == buf->want[buf->data - buf->mem + ring->off + i % x->len];
}

/**
 * dmaconf_ring_arrived - whether bytes from the peripheral are in memory
 * @x: DEV_TO_MEM, running or standing still
 * @from: the first of them, counted over all laps
 * @len: how many, at most a lap
 *
 * Context: any.
 * Return: whether all of them are.
 */
bool dmaconf_ring_arrived(struct dmaconf_xfer *x, size_t from, size_t len)
{
	bool right = true;

	dmaconf_sync(x->dc, x->to, true);
	for (size_t i = from; i < from + len; i++)
		right &= ring_byte_right(x, i);
	dmaconf_sync(x->dc, x->to, false);
	return right;
}

/**
 * dmaconf_ring_wrong - look for a byte of a cyclic transfer that is wrong
 * @x: submitted, and standing still
 * @moved: bytes that it moved in all laps
 * @slack: the last bytes that may not have arrived yet
 *
 * Context: any.
 * Return: which one, counted over all laps, or -1 when all that can still be
 * seen are right: the last lap in memory, the length of the stream at the port.
 */
ssize_t dmaconf_ring_wrong(struct dmaconf_xfer *x, size_t moved, size_t slack)
{
	size_t seen = x->dir == DMA_DEV_TO_MEM ? x->len : x->dc->streams[x->port].len;
	ssize_t wrong = -1;

	if (x->dir == DMA_MEM_TO_DEV && !dmaconf_port_counts(x->dc))
		return !moved || ring_shows(x) ? -1 : moved - 1;
	if (x->dir == DMA_DEV_TO_MEM)
		dmaconf_sync(x->dc, x->to, true);
	for (size_t i = moved > seen ? moved - seen : 0; i + slack < moved && wrong < 0; i++)
		if (!ring_byte_right(x, i))
			wrong = i;
	if (x->dir == DMA_DEV_TO_MEM)
		dmaconf_sync(x->dc, x->to, false);
	return wrong;
}

const enum dma_transfer_direction dmaconf_ring_dirs[DMACONF_RING_DIRS] = {
	DMA_MEM_TO_DEV, DMA_DEV_TO_MEM,
};

/**
 * dmaconf_ring_next_dir - a direction in which the channel offers cyclic transfers
 * @dc: the test
 * @i: where in dmaconf_ring_dirs to begin; set to the first that will do from there on
 *
 * Context: any.
 * Return: false when there is none.
 */
bool dmaconf_ring_next_dir(struct dmaconf *dc, int *i)
{
	while (*i < DMACONF_RING_DIRS && !dmaconf_cyclic.offered(dc, dmaconf_ring_dirs[*i]))
		(*i)++;
	return *i < DMACONF_RING_DIRS;
}

/**
 * dmaconf_ring_way - for messages: which way a cyclic transfer goes
 * @x: the transfer
 *
 * Context: any.
 * Return: a phrase.
 */
const char *dmaconf_ring_way(struct dmaconf_xfer *x)
{
	return x->dir == DMA_MEM_TO_DEV ? "to the peripheral" : "from the peripheral";
}

/**
 * dmaconf_ring_start - start a cyclic transfer, held where there is a gate
 * @x: not prepared yet; its channel is idle
 *
 * Without a gate it runs on, and everything is a bound.
 *
 * Context: may sleep; asserts.
 */
void dmaconf_ring_start(struct dmaconf_xfer *x)
{
	struct dmaconf *dc = x->dc;

	if (dc->aid->gate)
		dmaconf_hold(dc);
	dmaconf_start(x);
}

/**
 * dmaconf_ring_run - let a cyclic transfer move on, which must succeed
 * @x: started
 * @bytes: as for dmaconf_ring_go()
 *
 * Context: may sleep, at most the timeout; asserts.
 */
void dmaconf_ring_run(struct dmaconf_xfer *x, size_t bytes)
{
	if (dmaconf_ring_go(x, bytes))
		return;
	KUNIT_FAIL_AND_ABORT(x->dc->test,
			     "a ring of %zu bytes %s stands still after %zu bytes, status %s",
			     x->len, dmaconf_ring_way(x), dmaconf_ring_moved(x),
			     dmaconf_status_name(dmaconf_status(x).status));
}

/**
 * dmaconf_ring_expect_right - every byte that a cyclic transfer moved is right
 * @x: standing still
 * @slack: the last bytes that may not have arrived yet
 *
 * Context: may sleep; asserts.
 */
void dmaconf_ring_expect_right(struct dmaconf_xfer *x, size_t slack)
{
	size_t moved = dmaconf_ring_moved(x);
	ssize_t wrong = dmaconf_ring_wrong(x, moved, slack);

	if (wrong >= 0)
		KUNIT_FAIL_AND_ABORT(x->dc->test,
				     "byte %zd of %zu that a ring of %zu moved %s is wrong",
				     wrong, moved, x->len, dmaconf_ring_way(x));
}

/**
 * dmaconf_ring_end - terminate a cyclic transfer and connect its port as it was
 * @x: submitted
 *
 * Context: may sleep; expects.
 */
void dmaconf_ring_end(struct dmaconf_xfer *x)
{
	struct dmaconf *dc = x->dc;

	dmaconf_release(dc);
	KUNIT_EXPECT_EQ_MSG(dc->test, dmaconf_terminate_sync(dc), 0,
			    "terminate_sync of a cyclic transfer");
	dmaconf_connect(dc, 0, SIZE_MAX, false);
}
