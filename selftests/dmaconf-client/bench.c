// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the bench offers beyond the dmaengine API: holding the engine, a peripheral,
 * failures. It is found when the suite's aids are loaded; nothing else needs them.
 */
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>

#include "client.h"

#define CLIENT_PORTS	8

/**
 * client_bench_find - look for what the bench offers for a channel
 * @c: the session, locked; it holds a channel
 *
 * Context: may sleep.
 */
void client_bench_find(struct client *c)
{
	typeof(dmaconf_aid_find) *find = symbol_get(dmaconf_aid_find);

	c->aid = NULL;
	if (!find)
		return;
	c->aid = find(c->chan->device);
	symbol_put(dmaconf_aid_find);
}

/**
 * client_bench_starve - have the next allocation of a channel's resources fail
 * @chan: the channel, held by nobody
 *
 * Context: may sleep.
 */
void client_bench_starve(struct dma_chan *chan)
{
	typeof(dmaconf_aid_find) *find = symbol_get(dmaconf_aid_find);
	const struct dmaconf_aid *aid = find ? find(chan->device) : NULL;

	if (aid && aid->inject)
		aid->inject(chan, DMACONF_INJECT_ALLOC, 0);
	if (find)
		symbol_put(dmaconf_aid_find);
}

static void client_disconnect(struct client *c)
{
	for (unsigned int i = 0; c->aid->port && i < c->aid->ports; i++)
		c->aid->port->connect(c->chan, i, NULL);
	client_use(c, c->ports, -1);
	c->ports = 0;
}

/**
 * client_bench_leave - leave nothing behind of what was asked of the bench
 * @c: the session, locked; it holds a channel
 *
 * The engine may run, then: ports are disconnected once it is at rest.
 *
 * Context: may sleep; the lock of the session is held.
 */
void client_bench_leave(struct client *c)
{
	if (c->held)
		c->aid->gate->release(c->chan);
	c->held = false;
	if (c->aid && c->aid->inject)
		c->aid->inject(c->chan, DMACONF_INJECT_NONE, 0);
}

/**
 * client_bench_forget - the channel is at rest and is given back
 * @c: the session, locked
 *
 * Context: may sleep; the lock of the session is held.
 */
void client_bench_forget(struct client *c)
{
	if (c->aid)
		client_disconnect(c);
	c->aid = NULL;
}

/**
 * client_port_addr - the bus address of a data port
 * @c: the session, locked; it holds a channel
 * @port: its number
 * @addr: filled in
 *
 * Context: may sleep; the lock of the session is held.
 * Return: 0, -EOPNOTSUPP where there is no peripheral, -ENOENT
 */
int client_port_addr(struct client *c, unsigned int port, phys_addr_t *addr)
{
	if (!c->aid || !c->aid->port)
		return -EOPNOTSUPP;
	if (port >= c->aid->ports)
		return -ENOENT;
	*addr = c->aid->port->addr(c->chan, port);
	return 0;
}

/* Handler. */
int client_gate(struct client *c, struct client_args *args)
{
	const struct dmaconf_gate_ops *gate = c->aid ? c->aid->gate : NULL;
	unsigned int bytes;

	if (!gate)
		return client_refuse(c, -EOPNOTSUPP, "the bench has no gate");
	if (!strcmp(args->word[0], "step") && args->n == 2) {
		if (client_number(args->word[1], 1, INT_MAX, &bytes))
			return client_refuse(c, -EINVAL, "not a number of bytes");
		if (!c->held)
			return client_refuse(c, -EPERM, "the engine is not held");
		client_say(c, "moved=%zu", gate->step(c->chan, bytes));
		return 0;
	}
	if (args->n != 1 || (strcmp(args->word[0], "hold") && strcmp(args->word[0], "release")))
		return client_refuse(c, -EINVAL, "hold, step or release");
	c->held = args->word[0][0] == 'h';
	(c->held ? gate->hold : gate->release)(c->chan);
	return 0;
}

/* A buffer behind a port, of the kind that is for it. */
static int client_behind(struct client *c, const char *word, struct client_buf **buf, u32 *mask)
{
	unsigned int index;
	int ret;

	ret = client_number(word, 0, CLIENT_BUFS - 1, &index);
	if (ret)
		return ret;
	*buf = client_buf(c, index);
	if (!*buf)
		return -ENOENT;
	if ((*buf)->kind != CLIENT_BUF_PORT)
		return -EINVAL;
	if ((*buf)->users || (*buf)->kept || (*mask & BIT(index)))
		return -EBUSY;
	*mask |= BIT(index);
	return 0;
}

static int client_connection(struct client *c, struct client_args *args, struct dmaconf_port *to,
			     u32 *mask)
{
	struct client_buf *buf;
	const char *value;
	int ret = 0;

	for (int i = 1; i < args->n && !ret; i++) {
		if (client_option(args->word[i], "sink", &value) && !to->sink) {
			ret = client_behind(c, value, &buf, mask);
			if (!ret) {
				to->sink = buf->data;
				to->sink_len = buf->len;
			}
		} else if (client_option(args->word[i], "source", &value) && !to->source) {
			ret = client_behind(c, value, &buf, mask);
			if (!ret) {
				to->source = buf->data;
				to->source_len = buf->len;
			}
		} else if (!strcmp(args->word[i], "ends")) {
			to->ends = true;
		} else if (!strcmp(args->word[i], "wraps")) {
			to->wraps = true;
		} else {
			ret = -EINVAL;
		}
	}
	return ret;
}

/* The port that a word names, where there is a peripheral and nothing moves. */
static int client_bench_port(struct client *c, const char *word, unsigned int *port)
{
	int ret;

	if (!c->aid || !c->aid->port)
		return client_refuse(c, -EOPNOTSUPP, "the bench has no peripheral");
	ret = client_number(word, 0, c->aid->ports - 1, port);
	return ret ? client_refuse(c, ret, "not a port") : 0;
}

/* Handler: "none" disconnects every port, so that no buffer is behind one. */
int client_connect(struct client *c, struct client_args *args)
{
	struct dmaconf_port to = {};
	unsigned int port;
	u32 mask = 0;
	int ret;

	ret = client_bench_port(c, args->word[0], &port);
	if (ret)
		return ret;
	if (!client_idle(c))
		return client_refuse(c, -EBUSY, "a transfer may run");
	if (!strcmp(args->word[1], "none") && args->n == 2) {
		client_disconnect(c);
		return 0;
	}
	ret = client_connection(c, args, &to, &mask);
	if (ret)
		return client_refuse(c, ret, "not a connection");
	client_use(c, mask, 1);
	c->ports |= mask;
	c->aid->port->connect(c->chan, port, &to);
	return 0;
}

/* Handler. */
int client_port(struct client *c, struct client_args *args)
{
	struct dmaconf_port_stat stat;
	unsigned int port;
	int ret;

	ret = client_bench_port(c, args->word[0], &port);
	if (ret)
		return ret;
	c->aid->port->stat(c->chan, port, &stat);
	client_say(c, "written=%zu read=%zu stray=%zu widths=%#x", stat.written, stat.read,
		   stat.stray, stat.widths);
	return 0;
}

static int client_supply(struct client *c, const struct dmaconf_metadata_ops *metadata,
			 const char *word)
{
	u8 bytes[CLIENT_BYTES];
	size_t len;
	int ret;

	ret = *word == '=' ? client_bytes(word + 1, bytes, &len) : -EINVAL;
	ret = ret ?: metadata->supply(c->chan, bytes, len);
	return ret ? client_refuse(c, ret, "not metadata for a peripheral") : 0;
}

/* Handler: the peripheral's side of metadata. */
int client_packet(struct client *c, struct client_args *args)
{
	const struct dmaconf_metadata_ops *metadata = c->aid ? c->aid->metadata : NULL;
	char hex[2 * CLIENT_BYTES + 1];
	u8 bytes[CLIENT_BYTES];
	size_t len;

	if (!metadata)
		return client_refuse(c, -EOPNOTSUPP, "the bench has no metadata");
	if (!strcmp(args->word[0], "supply") && args->n == 2)
		return client_supply(c, metadata, args->word[1]);
	if (strcmp(args->word[0], "received") || args->n != 1)
		return client_refuse(c, -EINVAL, "supply or received");
	len = metadata->received(c->chan, bytes, sizeof(bytes));
	*bin2hex(hex, bytes, min(len, sizeof(bytes))) = '\0';
	client_say(c, "bytes=%zu %s", len, hex);
	return 0;
}

static const char * const client_injections[] = {
	[DMACONF_INJECT_NONE] = "none",
	[DMACONF_INJECT_READ] = "read",
	[DMACONF_INJECT_WRITE] = "write",
	[DMACONF_INJECT_STALL] = "stall",
	[DMACONF_INJECT_ALLOC] = "alloc",
	[DMACONF_INJECT_PREP] = "prep",
	[DMACONF_INJECT_SUBMIT] = "submit",
	[DMACONF_INJECT_HALF] = "half",
	[DMACONF_INJECT_WRONG] = "wrong",
	[DMACONF_INJECT_DESC_READ] = "desc-read",
	[DMACONF_INJECT_DESC_WRITE] = "desc-write",
	[DMACONF_INJECT_AT_ONCE] = "at-once",
	[DMACONF_INJECT_IRQ_LOST] = "irq-lost",
	[DMACONF_INJECT_IRQ_TWICE] = "irq-twice",
	[DMACONF_INJECT_IRQ_LATE] = "irq-late",
	[DMACONF_INJECT_IRQ_SPURIOUS] = "irq-spurious",
};

/* Handler. */
int client_inject(struct client *c, struct client_args *args)
{
	int what = match_string(client_injections, ARRAY_SIZE(client_injections), args->word[0]);
	unsigned int after = 0;
	int ret;

	if (what < 0)
		return client_refuse(c, -EINVAL, "not a failure");
	ret = args->n > 1 ? client_number(args->word[1], 0, INT_MAX, &after) : 0;
	if (ret)
		return client_refuse(c, ret, "not a number of bytes");
	if (!c->aid || !c->aid->inject)
		return client_refuse(c, -EOPNOTSUPP, "the bench provokes nothing");
	ret = c->aid->inject(c->chan, what, after);
	return ret ? client_refuse(c, ret, "the bench does not provoke that") : 0;
}
