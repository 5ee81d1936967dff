// SPDX-License-Identifier: GPL-2.0-only
/* The channel as a whole: asking for it, what it can do, stopping it, giving it back. */
#include <linux/device.h>
#include <linux/of.h>
#include <linux/of_dma.h>
#include <linux/platform_device.h>
#include <linux/string.h>

#include "client.h"

/* The consumer in whose name channels are requested. */
static struct platform_device *client_consumer;

/**
 * client_channel_init - register the consumer
 *
 * Context: may sleep.
 * Return: 0 or negative errno.
 */
int client_channel_init(void)
{
	client_consumer = platform_device_register_simple(CLIENT_NAME, PLATFORM_DEVID_NONE,
							  NULL, 0);
	return PTR_ERR_OR_ZERO(client_consumer);
}

/**
 * client_channel_exit - undo client_channel_init()
 *
 * Context: may sleep. There is no session.
 */
void client_channel_exit(void)
{
	platform_device_unregister(client_consumer);
}

/**
 * struct client_wanted - what a filter looks for
 * @device: name of the device, NULL: any
 * @channel: number of its channel, NULL: any
 * @starved: the bench has the channel's allocation fail
 */
struct client_wanted {
	const char *device;
	const char *channel;
	bool starved;
};

static bool client_fits(const struct dma_chan *chan, const struct client_wanted *wanted)
{
	unsigned int id;

	if (wanted->device && strcmp(wanted->device, dev_name(chan->device->dev)))
		return false;
	return !wanted->channel || (!client_number(wanted->channel, 0, INT_MAX, &id) &&
				    id == chan->chan_id);
}

static bool client_filter(struct dma_chan *chan, void *param)
{
	const struct client_wanted *wanted = param;

	if (!client_may_drive(chan) || !client_fits(chan, wanted))
		return false;
	if (wanted->starved)
		client_bench_starve(chan);
	return true;
}

static bool client_filter_nothing(struct dma_chan *chan, void *param)
{
	return false;
}

static struct dma_chan *client_by_device(struct client_args *args)
{
	struct client_wanted wanted = {
		.device = args->word[1],
		.starved = *args->word[0] == 's',
	};
	char *slash = strchr(args->word[1], '/');
	dma_cap_mask_t any;

	if (slash) {
		*slash = '\0';
		wanted.channel = slash + 1;
	}
	dma_cap_zero(any);
	return __dma_request_channel(&any, client_filter, &wanted, NULL);
}

static struct dma_chan *client_by_mask(struct client_args *args)
{
	struct client_wanted any = {};
	dma_cap_mask_t mask;

	if (client_caps_mask(args->word[1], &mask))
		return ERR_PTR(-EINVAL);
	return __dma_request_channel(&mask, client_filter, &any, NULL);
}

static struct dma_chan *client_by_nothing(struct client_args *args)
{
	dma_cap_mask_t mask;

	if (client_caps_mask(args->word[1], &mask))
		return ERR_PTR(-EINVAL);
	return __dma_request_channel(&mask, client_filter_nothing, NULL, NULL);
}

static struct dma_chan *client_by_name(struct client_args *args)
{
	return dma_request_chan(&client_consumer->dev, args->word[1]);
}

static struct dma_chan *client_by_node(struct client_args *args)
{
	struct device_node *np = of_find_node_by_path(args->word[1]);
	struct dma_chan *chan;

	if (!np)
		return ERR_PTR(-ENOENT);
	chan = of_dma_request_slave_channel(np, args->word[2]);
	of_node_put(np);
	return chan;
}

static const struct {
	const char *name;
	int words;
	struct dma_chan *(*request)(struct client_args *args);
} client_paths[] = {
	{ "device", 2, client_by_device },
	{ "starved", 2, client_by_device },
	{ "mask", 2, client_by_mask },
	{ "name", 2, client_by_name },
	{ "node", 3, client_by_node },
	{ "refuse", 2, client_by_nothing },
};

static struct dma_chan *client_ask(struct client_args *args)
{
	for (int i = 0; i < ARRAY_SIZE(client_paths); i++)
		if (!strcmp(client_paths[i].name, args->word[0]) &&
		    client_paths[i].words == args->n)
			return client_paths[i].request(args);
	return ERR_PTR(-EINVAL);
}

/* Handler: a channel for the session. */
int client_request(struct client *c, struct client_args *args)
{
	struct dma_chan *chan;

	if (c->chan)
		return client_refuse(c, -EISCONN, "the session holds a channel");
	if (c->stuck)
		return client_refuse(c, -EIO, "a transfer of this session never ended");
	chan = client_ask(args);
	if (IS_ERR_OR_NULL(chan))
		return client_refuse(c, chan ? PTR_ERR(chan) : -ENODEV, "no channel");
	if (!client_may_drive(chan)) {
		dma_release_channel(chan);
		return client_refuse(c, -EPERM, "not named in the module's parameter device");
	}
	c->chan = chan;
	WRITE_ONCE(c->gone, false);
	WRITE_ONCE(c->dev, chan->device->dev);
	memset(&c->cfg, 0, sizeof(c->cfg));
	client_bench_find(c);
	client_say(c, "%s %s/%d", dma_chan_name(chan), dev_name(c->dev), chan->chan_id);
	return 0;
}

/**
 * client_rest - bring the channel to rest, and unmap what is mapped for it
 * @c: the session, locked; it holds a channel
 *
 * A provider that cannot terminate is given time to come to an end; what is not
 * over then is never given back.
 *
 * Context: may sleep.
 */
void client_rest(struct client *c)
{
	client_bench_leave(c);
	if (dmaengine_terminate_sync(c->chan)) {
		if (!client_xfers_drain(c))
			c->stuck = true;
		dmaengine_synchronize(c->chan);
	}
	if (c->stuck)
		return;
	client_bench_forget(c);
	client_xfers_end(c);
	client_bufs_unmap(c);
}

/**
 * client_let_go - give the channel back, in whatever state it is
 * @c: the session, locked
 *
 * Context: may sleep.
 */
void client_let_go(struct client *c)
{
	if (!c->chan)
		return;
	client_rest(c);
	dma_release_channel(c->chan);
	c->chan = NULL;
	WRITE_ONCE(c->dev, NULL);
}

/* Handler: give the channel back; only this is left to do when the provider is gone. */
int client_release(struct client *c, struct client_args *args)
{
	if (!c->chan)
		return client_refuse(c, -ENOTCONN, "the session holds no channel");
	client_let_go(c);
	return 0;
}

static const char * const client_residues[] = {
	[DMA_RESIDUE_GRANULARITY_DESCRIPTOR] = "descriptor",
	[DMA_RESIDUE_GRANULARITY_SEGMENT] = "segment",
	[DMA_RESIDUE_GRANULARITY_BURST] = "burst",
};

static void client_cap_list(const struct dma_device *device, char *list, size_t size)
{
	int cap;

	*list = '\0';
	for_each_set_bit(cap, device->cap_mask.bits, DMA_TX_TYPE_END) {
		if (*list)
			strlcat(list, ",", size);
		strlcat(list, client_cap_name(cap) ?: "?", size);
	}
}

static void client_slave_caps(const struct dma_slave_caps *caps, char *text, size_t size)
{
	const char *residue = "?";
	int n;

	if (caps->residue_granularity < ARRAY_SIZE(client_residues))
		residue = client_residues[caps->residue_granularity];
	n = scnprintf(text, size, " directions=%#x src_widths=%#x dst_widths=%#x burst=%u",
		      caps->directions, caps->src_addr_widths, caps->dst_addr_widths,
		      caps->max_burst);
	scnprintf(text + n, size - n, " residue=%s pause=%d resume=%d terminate=%d reuse=%d",
		  residue, caps->cmd_pause, caps->cmd_resume, caps->cmd_terminate,
		  caps->descriptor_reuse);
}

/* Handler: what the channel declares. A channel without a direction has no more. */
int client_caps(struct client *c, struct client_args *args)
{
	const struct dma_device *device = c->chan->device;
	struct dma_slave_caps caps = {};
	char list[200], slave[200] = "";

	client_cap_list(device, list, sizeof(list));
	if (!dma_get_slave_caps(c->chan, &caps))
		client_slave_caps(&caps, slave, sizeof(slave));
	client_say(c, "types=%s align=%d/%d/%d/%d sources=%u/%u%s", list, device->copy_align,
		   device->xor_align, device->pq_align, device->fill_align, device->max_xor,
		   dma_maxpq(c->chan->device, 0), slave);
	return 0;
}

/* The peripheral's address: a port of the bench, or a coherent buffer in its place. */
static int client_config_addr(struct client *c, const char *word, phys_addr_t *addr)
{
	struct client_buf *buf;
	unsigned int index;
	const char *value;
	int ret;

	if (client_option(word, "port", &value))
		return client_number(value, 0, UINT_MAX, &index) ?:
			client_port_addr(c, index, addr);
	if (!client_option(word, "buf", &value))
		return -EINVAL;
	ret = client_number(value, 0, CLIENT_BUFS - 1, &index);
	if (ret)
		return ret;
	buf = client_buf(c, index);
	if (!buf || buf->kind != CLIENT_BUF_COHERENT || !buf->mapped)
		return -ENOENT;
	*addr = buf->addr;
	return 0;
}

static int client_config_parse(struct client *c, struct client_args *args,
			       struct dma_slave_config *cfg)
{
	unsigned int width = 1, burst = 1;
	enum dma_transfer_direction dir;
	const char *value;
	phys_addr_t addr;
	int ret;

	ret = client_direction(args->word[0], &dir) ?:
		client_config_addr(c, args->word[1], &addr);
	for (int i = 2; i < args->n && !ret; i++)
		ret = client_option(args->word[i], "width", &value) ?
				client_number(value, 1, 64, &width) :
		      client_option(args->word[i], "burst", &value) ?
				client_number(value, 1, 65536, &burst) : -EINVAL;
	if (ret)
		return ret;
	cfg->direction = dir;
	if (dir == DMA_MEM_TO_DEV) {
		cfg->dst_addr = addr;
		cfg->dst_addr_width = width;
		cfg->dst_maxburst = burst;
	} else {
		cfg->src_addr = addr;
		cfg->src_addr_width = width;
		cfg->src_maxburst = burst;
	}
	return 0;
}

/* Handler: configures one direction, and the other as it was. */
int client_config(struct client *c, struct client_args *args)
{
	struct dma_slave_config cfg = c->cfg;
	int ret;

	ret = client_config_parse(c, args, &cfg);
	if (ret)
		return client_refuse(c, ret, "not a configuration");
	ret = dmaengine_slave_config(c->chan, &cfg);
	if (ret)
		return client_refuse(c, ret, "the provider refused");
	c->cfg = cfg;
	return 0;
}

static int client_told(struct client *c, int ret)
{
	return ret < 0 ? client_refuse(c, ret, "the provider refused") : 0;
}

/* Handler. */
int client_pause(struct client *c, struct client_args *args)
{
	return client_told(c, dmaengine_pause(c->chan));
}

/* Handler. */
int client_resume(struct client *c, struct client_args *args)
{
	return client_told(c, dmaengine_resume(c->chan));
}

/* Handler: what was prepared or submitted is gone, callbacks may come until synchronize. */
int client_terminate(struct client *c, struct client_args *args)
{
	bool sync = !strcmp(args->word[0], "sync");
	int ret;

	if (!sync && strcmp(args->word[0], "async"))
		return client_refuse(c, -EINVAL, "sync or async");
	ret = sync ? dmaengine_terminate_sync(c->chan) : dmaengine_terminate_async(c->chan);
	if (ret)
		return client_told(c, ret);
	client_xfers_stop(c);
	if (sync)
		client_xfers_end(c);
	return 0;
}

/* Handler. */
int client_synchronize(struct client *c, struct client_args *args)
{
	dmaengine_synchronize(c->chan);
	client_xfers_reap(c);
	for (int i = 0; i < CLIENT_XFERS; i++)
		if (c->xfers[i].state == CLIENT_XFER_STOPPED)
			client_xfer_end(c, &c->xfers[i]);
	return 0;
}
