// SPDX-License-Identifier: GPL-2.0-only
/*
 * The peripheral of a channel: data ports beyond the end of memory. What is
 * written at a port's address arrives in the memory that the test connected,
 * what is read there comes from it. The rest of a port's window exists, but
 * holds no data.
 */
#include "model.h"

#define MODEL_PORT_BASE		0xf1f00000
#define MODEL_PORT_WINDOW	0x100

/**
 * model_port_at - the peripheral at an address
 * @mc: the channel, locked
 * @addr: physical address
 *
 * Context: any; the lock of the model is held, interrupts are off.
 * Return: the port in whose window it is, or NULL.
 */
struct model_port *model_port_at(struct model_chan *mc, phys_addr_t addr)
{
	struct model_port *port;

	for (port = mc->ports; port < mc->ports + MODEL_PORTS; port++)
		if (addr >= port->addr && addr < port->addr + MODEL_PORT_WINDOW)
			return port;
	return NULL;
}

/**
 * model_port_ready - bytes that a peripheral can supply now
 * @port: the port
 * @ends: set when it says that there will be no more after them
 *
 * Context: any; the lock of the model is held, interrupts are off.
 * Return: bytes, SIZE_MAX when it never runs dry.
 */
size_t model_port_ready(struct model_port *port, bool *ends)
{
	*ends = port->to.source && port->to.ends;
	if (!port->to.source || port->to.wraps)
		return SIZE_MAX;
	return port->to.source_len - min(port->stat.read, port->to.source_len);
}

/* Where a byte of the stream lies in what is connected; false beyond its end. */
static bool model_port_place(const struct model_port *port, size_t byte, size_t len, size_t *at)
{
	*at = port->to.wraps && len ? byte % len : byte;
	return *at < len;
}

/**
 * model_port_read - read from a peripheral
 * @port: the port
 * @addr: physical address
 * @width: bytes per access
 * @to: where the bytes go
 * @len: how many
 *
 * Context: any; the lock of the model is held, interrupts are off.
 */
void model_port_read(struct model_port *port, phys_addr_t addr, unsigned int width, void *to,
		     size_t len)
{
	memset(to, 0xff, len);
	if (addr != port->addr) {
		port->stat.stray += len;
		return;
	}
	port->stat.widths |= BIT(width);
	for (size_t i = 0, at; port->to.source && i < len; i++)
		if (model_port_place(port, port->stat.read + i, port->to.source_len, &at))
			((u8 *)to)[i] = ((const u8 *)port->to.source)[at];
	port->stat.read += len;
}

/**
 * model_port_write - write to a peripheral
 * @port: the port
 * @addr: physical address
 * @width: bytes per access
 * @from: the bytes
 * @len: how many
 *
 * Context: any; the lock of the model is held, interrupts are off.
 */
void model_port_write(struct model_port *port, phys_addr_t addr, unsigned int width,
		      const void *from, size_t len)
{
	if (addr != port->addr) {
		port->stat.stray += len;
		return;
	}
	port->stat.widths |= BIT(width);
	for (size_t i = 0, at; port->to.sink && i < len; i++)
		if (model_port_place(port, port->stat.written + i, port->to.sink_len, &at))
			((u8 *)port->to.sink)[at] = ((const u8 *)from)[i];
	port->stat.written += len;
}

/**
 * model_ports_init - give the channels' ports their addresses
 * @m: the model
 *
 * Context: any; before the device appears.
 */
void model_ports_init(struct model *m)
{
	struct model_chan *mc;

	for (mc = m->chans; mc < model_end(m); mc++)
		for (unsigned int i = 0; i < MODEL_PORTS; i++)
			mc->ports[i].addr = MODEL_PORT_BASE +
				(mc->index * MODEL_PORTS + i) * MODEL_PORT_WINDOW;
}

static phys_addr_t model_port_addr(struct dma_chan *chan, unsigned int port)
{
	return model_chan_of(chan)->ports[port].addr;
}

static void model_port_connect(struct dma_chan *chan, unsigned int port,
			       const struct dmaconf_port *to)
{
	struct model_chan *mc = model_chan_of(chan);
	unsigned long irqflags;

	spin_lock_irqsave(&mc->m->lock, irqflags);
	mc->ports[port].to = to ? *to : (struct dmaconf_port){};
	mc->ports[port].stat = (struct dmaconf_port_stat){};
	spin_unlock_irqrestore(&mc->m->lock, irqflags);
}

static void model_port_stat(struct dma_chan *chan, unsigned int port,
			    struct dmaconf_port_stat *stat)
{
	struct model_chan *mc = model_chan_of(chan);
	unsigned long irqflags;

	spin_lock_irqsave(&mc->m->lock, irqflags);
	*stat = mc->ports[port].stat;
	spin_unlock_irqrestore(&mc->m->lock, irqflags);
}

const struct dmaconf_port_ops model_port_ops = {
	.addr		= model_port_addr,
	.connect	= model_port_connect,
	.stat		= model_port_stat,
};
