// SPDX-License-Identifier: GPL-2.0-only
/*
 * The peripheral of a slave channel: data ports at made-up bus addresses. What
 * is written at a port's address arrives in the memory that the test connected,
 * what is read there comes from it. The other addresses of the peripheral's
 * window exist, but hold no data port.
 */
#include "stub.h"

#define STUB_FIFO_BASE		0xf1f00000
#define STUB_FIFO_WINDOW	0x100

static struct stub_fifo *stub_fifo_at(struct stub_chan *sc, u64 addr, bool *stray)
{
	for (int i = 0; i < STUB_PORTS; i++) {
		struct stub_fifo *fifo = &sc->fifo[i];

		if (addr >= fifo->addr && addr < fifo->addr + STUB_FIFO_WINDOW) {
			*stray = addr != fifo->addr;
			return fifo;
		}
	}
	return NULL;
}

/*
 * Where the byte after @done of them is in the connected memory of @size bytes,
 * and how many of the next @len are there in a row; past the end of memory that
 * does not wrap none is.
 */
static size_t stub_fifo_place(const struct dmaconf_port *to, size_t done, size_t size,
			      size_t *len)
{
	if (!size)
		return 0;
	if (to->wraps)
		done %= size;
	if (done < size)
		*len = min(*len, size - done);
	return done;
}

/**
 * stub_fifo_read - read from the peripheral
 * @sc: the channel, locked
 * @addr: bus address
 * @width: bytes per access
 * @to: where the bytes go
 * @len: bytes
 *
 * Context: any.
 * Return: 0, or -EIO when nothing is at @addr.
 */
int stub_fifo_read(struct stub_chan *sc, u64 addr, unsigned int width, void *to, size_t len)
{
	bool stray;
	struct stub_fifo *fifo = stub_fifo_at(sc, addr, &stray);
	size_t at;

	if (!fifo)
		return -EIO;
	memset(to, 0xff, len);
	if (stray) {
		fifo->stat.stray += len;
		return 0;
	}
	fifo->stat.widths |= BIT(width);
	for (size_t n; len; len -= n, to += n) {
		n = len;
		at = stub_fifo_place(&fifo->to, fifo->stat.read, fifo->to.source_len, &n);
		if (fifo->to.source && at < fifo->to.source_len)
			memcpy(to, fifo->to.source + at, n);
		fifo->stat.read += n;
	}
	return 0;
}

/**
 * stub_fifo_write - write to the peripheral
 * @sc: the channel, locked
 * @addr: bus address
 * @width: bytes per access
 * @from: the bytes
 * @len: how many
 *
 * Context: any.
 * Return: 0, or -EFAULT when nothing is at @addr.
 */
int stub_fifo_write(struct stub_chan *sc, u64 addr, unsigned int width, const void *from,
		    size_t len)
{
	bool stray;
	struct stub_fifo *fifo = stub_fifo_at(sc, addr, &stray);
	size_t at;

	if (!fifo)
		return -EFAULT;
	if (stray) {
		fifo->stat.stray += len;
		return 0;
	}
	fifo->stat.widths |= BIT(width);
	for (size_t n; len; len -= n, from += n) {
		n = len;
		at = stub_fifo_place(&fifo->to, fifo->stat.written, fifo->to.sink_len, &n);
		if (fifo->to.sink && at < fifo->to.sink_len)
			memcpy(fifo->to.sink + at, from, n);
		fifo->stat.written += n;
	}
	return 0;
}

/**
 * stub_fifo_init - give a channel's ports their addresses
 * @sc: the channel, whose number is its place in the device's array
 *
 * Context: any; before the device is registered.
 */
void stub_fifo_init(struct stub_chan *sc)
{
	size_t first = (sc - sc->sdev->chans) * STUB_PORTS;

	for (int i = 0; i < STUB_PORTS; i++)
		sc->fifo[i].addr = STUB_FIFO_BASE + (first + i) * STUB_FIFO_WINDOW;
}

static phys_addr_t stub_port_addr(struct dma_chan *chan, unsigned int port)
{
	return to_stub_chan(chan)->fifo[port].addr;
}

static void stub_port_connect(struct dma_chan *chan, unsigned int port,
			      const struct dmaconf_port *to)
{
	struct stub_chan *sc = to_stub_chan(chan);
	struct stub_fifo *fifo = &sc->fifo[port];
	unsigned long irqflags;

	spin_lock_irqsave(&sc->lock, irqflags);
	fifo->to = to ? *to : (struct dmaconf_port){};
	fifo->stat = (struct dmaconf_port_stat){};
	spin_unlock_irqrestore(&sc->lock, irqflags);
}

static void stub_port_stat(struct dma_chan *chan, unsigned int port,
			   struct dmaconf_port_stat *stat)
{
	struct stub_chan *sc = to_stub_chan(chan);
	unsigned long irqflags;

	spin_lock_irqsave(&sc->lock, irqflags);
	*stat = sc->fifo[port].stat;
	spin_unlock_irqrestore(&sc->lock, irqflags);
}

const struct dmaconf_port_ops stub_port_ops = {
	.addr		= stub_port_addr,
	.connect	= stub_port_connect,
	.stat		= stub_port_stat,
};
