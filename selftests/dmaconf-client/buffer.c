// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory for the engine, each buffer between two guard zones of a fixed byte.
 * A buffer that a transfer or a port may still access is not touched.
 */
#include <linux/dmaengine.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "client.h"

#define CLIENT_GUARD	256	/* bytes on either side, at least */
#define CLIENT_GUARDED	0xa5

/**
 * struct client_pattern - what a part of a buffer holds
 * @bytes: repeated, if there are any
 * @len: how many
 * @seed: otherwise the seed of pseudo-random bytes
 */
struct client_pattern {
	u8 bytes[CLIENT_BYTES];
	size_t len;
	unsigned int seed;
};

/* A word SEED or =HEX. */
static int client_pattern(const char *word, struct client_pattern *pattern)
{
	pattern->len = 0;
	if (*word == '=')
		return client_bytes(word + 1, pattern->bytes, &pattern->len);
	return client_number(word, 0, UINT_MAX, &pattern->seed);
}

/* The same in user space: see selftests/session.h. */
static u8 client_byte(const struct client_pattern *pattern, u32 i)
{
	if (pattern->len)
		return pattern->bytes[i % pattern->len];
	return ((i + 1) * 0x9e3779b1u ^ (pattern->seed + 1) * 0x85ebca6bu) * 0xc2b2ae35u >> 24;
}

/**
 * client_buf - a buffer by its number, or NULL
 * @c: the session, locked
 * @index: its number
 *
 * Context: may sleep; the lock of the session is held.
 * Return: the buffer, or NULL when there is none of that number.
 */
struct client_buf *client_buf(struct client *c, unsigned int index)
{
	struct client_buf *buf = index < CLIENT_BUFS ? &c->bufs[index] : NULL;

	return buf && buf->kind ? buf : NULL;
}

/* The buffer that a word names, as a handler wants it: idle. */
static int client_idle_buf(struct client *c, const char *word, struct client_buf **buf)
{
	unsigned int index;
	int ret;

	ret = client_number(word, 0, CLIENT_BUFS - 1, &index);
	if (ret)
		return client_refuse(c, ret, "not a buffer: %s", word);
	*buf = client_buf(c, index);
	if (!*buf)
		return client_refuse(c, -ENOENT, "no buffer %u", index);
	return (*buf)->users || (*buf)->kept ?
		client_refuse(c, -EBUSY, "buffer %u is in use", index) : 0;
}

/* A part of a buffer that nobody accesses now; a transfer that is kept may do so later. */
static int client_idle_part(struct client *c, const char *word, struct client_piece *part)
{
	int ret = client_part(c, word, part);

	if (ret)
		return client_refuse(c, ret, "not a part of a buffer: %s", word);
	return part->buf->users ? client_refuse(c, -EBUSY, "buffer %u is in use", part->index) : 0;
}

static int client_kind(struct client_args *args, struct client_buf *buf)
{
	enum dma_transfer_direction dir;

	buf->dir = DMA_BIDIRECTIONAL;
	if (args->n == 3) {
		buf->kind = !strcmp(args->word[2], "coherent") ? CLIENT_BUF_COHERENT :
			    !strcmp(args->word[2], "port") ? CLIENT_BUF_PORT : CLIENT_BUF_NONE;
		return buf->kind ? 0 : -EINVAL;
	}
	if (strcmp(args->word[2], "streaming"))
		return -EINVAL;
	buf->kind = CLIENT_BUF_STREAMING;
	if (!strcmp(args->word[3], "both"))
		return 0;
	if (client_direction(args->word[3], &dir))
		return -EINVAL;
	buf->dir = dir == DMA_MEM_TO_DEV ? DMA_TO_DEVICE : DMA_FROM_DEVICE;
	return 0;
}

static int client_buf_memory(struct client *c, struct client_buf *buf)
{
	size_t guard = ALIGN(CLIENT_GUARD, dma_get_cache_alignment());

	/* The zone behind begins on a cache line of its own, once the first one's is full. */
	buf->raw_len = guard + ALIGN(buf->len, dma_get_cache_alignment()) + guard;
	if (buf->kind == CLIENT_BUF_COHERENT)
		buf->raw = dma_alloc_coherent(dmaengine_get_dma_device(c->chan), buf->raw_len,
					      &buf->raw_addr, GFP_KERNEL | __GFP_NOWARN);
	else
		buf->raw = kmalloc(buf->raw_len, GFP_KERNEL | __GFP_NOWARN);
	if (!buf->raw)
		return -ENOMEM;
	memset(buf->raw, CLIENT_GUARDED, buf->raw_len);
	buf->data = buf->raw + guard;
	memset(buf->data, 0, buf->len);
	buf->mapped = buf->kind == CLIENT_BUF_COHERENT;
	buf->addr = buf->raw_addr + guard;
	return 0;
}

/* Handler. */
int client_alloc(struct client *c, struct client_args *args)
{
	struct client_buf buf = {};
	unsigned int index, len;
	int ret;

	ret = client_number(args->word[0], 0, CLIENT_BUFS - 1, &index) ?:
	      client_number(args->word[1], 1, CLIENT_BUF_SIZE, &len) ?:
	      client_kind(args, &buf);
	if (ret)
		return client_refuse(c, ret, "not a buffer");
	if (c->bufs[index].kind)
		return client_refuse(c, -EEXIST, "there is a buffer %u", index);
	if (buf.kind == CLIENT_BUF_COHERENT && (!c->chan || READ_ONCE(c->gone)))
		return client_refuse(c, c->chan ? -ENODEV : -ENOTCONN, "coherent for no channel");
	buf.len = len;
	ret = client_buf_memory(c, &buf);
	if (ret)
		return client_refuse(c, ret, "no memory");
	c->bufs[index] = buf;
	return 0;
}

static void client_buf_unmap(struct client *c, struct client_buf *buf)
{
	struct device *dev;

	/* Of a provider that is gone nothing is mapped, and not all of its channel is there. */
	if (!buf->mapped)
		return;
	dev = dmaengine_get_dma_device(c->chan);
	if (buf->kind == CLIENT_BUF_STREAMING)
		dma_unmap_single(dev, buf->addr, buf->len, buf->dir);
	else
		dma_free_coherent(dev, buf->raw_len, buf->raw, buf->raw_addr);
	buf->mapped = false;
}

static void client_buf_free(struct client *c, struct client_buf *buf)
{
	if (buf->kind == CLIENT_BUF_COHERENT)
		client_buf_unmap(c, buf);
	else
		kfree(buf->raw);
	*buf = (struct client_buf){};
}

/**
 * client_bufs_unmap - leave no buffer mapped; coherent ones end with that
 * @c: the session, locked; it holds a channel that is at rest
 *
 * Context: may sleep.
 */
void client_bufs_unmap(struct client *c)
{
	for (int i = 0; i < CLIENT_BUFS; i++) {
		struct client_buf *buf = &c->bufs[i];

		if (buf->kind == CLIENT_BUF_COHERENT)
			client_buf_free(c, buf);
		else
			client_buf_unmap(c, buf);
	}
}

/**
 * client_bufs_free - free all buffers
 * @c: the session, locked; it holds no channel
 *
 * Context: may sleep.
 */
void client_bufs_free(struct client *c)
{
	for (int i = 0; i < CLIENT_BUFS && !c->stuck; i++)
		client_buf_free(c, &c->bufs[i]);
}

/* Handler. */
int client_free(struct client *c, struct client_args *args)
{
	struct client_buf *buf;
	int ret = client_idle_buf(c, args->word[0], &buf);

	if (ret)
		return ret;
	if (buf->mapped && buf->kind == CLIENT_BUF_STREAMING)
		return client_refuse(c, -EBUSY, "it is mapped");
	client_buf_free(c, buf);
	return 0;
}

/* Handler. */
int client_map(struct client *c, struct client_args *args)
{
	struct device *dev = dmaengine_get_dma_device(c->chan);
	struct client_buf *buf;
	int ret = client_idle_buf(c, args->word[0], &buf);

	if (ret)
		return ret;
	if (buf->mapped)
		return client_refuse(c, -EALREADY, "it is mapped");
	if (buf->kind != CLIENT_BUF_STREAMING)
		return client_refuse(c, -EINVAL, "it is not for streaming");
	buf->addr = dma_map_single(dev, buf->data, buf->len, buf->dir);
	if (dma_mapping_error(dev, buf->addr))
		return client_refuse(c, -ENOMEM, "it cannot be mapped");
	buf->mapped = true;
	return 0;
}

/* Handler. */
int client_unmap(struct client *c, struct client_args *args)
{
	struct client_buf *buf;
	int ret = client_idle_buf(c, args->word[0], &buf);

	if (ret)
		return ret;
	if (!buf->mapped || buf->kind != CLIENT_BUF_STREAMING)
		return client_refuse(c, -EINVAL, "it is not mapped");
	client_buf_unmap(c, buf);
	return 0;
}

/* Between these two a streaming buffer, mapped or not, is the CPU's. */
static void client_buf_begin(struct client *c, struct client_buf *buf)
{
	if (buf->mapped && buf->kind == CLIENT_BUF_STREAMING)
		dma_sync_single_for_cpu(dmaengine_get_dma_device(c->chan), buf->addr, buf->len,
					buf->dir);
}

static void client_buf_end(struct client *c, struct client_buf *buf)
{
	if (buf->mapped && buf->kind == CLIENT_BUF_STREAMING)
		dma_sync_single_for_device(dmaengine_get_dma_device(c->chan), buf->addr, buf->len,
					   buf->dir);
}

/* Handler. */
int client_fill(struct client *c, struct client_args *args)
{
	struct client_pattern pattern;
	struct client_piece part;
	int ret = client_idle_part(c, args->word[0], &part);

	if (ret)
		return ret;
	ret = client_pattern(args->word[1], &pattern);
	if (ret)
		return client_refuse(c, ret, "not a pattern");
	client_buf_begin(c, part.buf);
	for (size_t i = 0; i < part.len; i++)
		part.buf->data[part.off + i] = client_byte(&pattern, i);
	client_buf_end(c, part.buf);
	return 0;
}

/* Handler. */
int client_show(struct client *c, struct client_args *args)
{
	char hex[2 * CLIENT_BYTES + 1];
	struct client_piece part;
	int ret = client_idle_part(c, args->word[0], &part);

	if (ret)
		return ret;
	if (part.len > CLIENT_BYTES)
		return client_refuse(c, -ERANGE, "at most %u bytes", CLIENT_BYTES);
	client_buf_begin(c, part.buf);
	*bin2hex(hex, part.buf->data + part.off, part.len) = '\0';
	client_buf_end(c, part.buf);
	client_say(c, "%s", hex);
	return 0;
}

/* The first byte of either guard zone that is not as it was, or NULL. */
static const u8 *client_guard_broken(const struct client_buf *buf)
{
	const u8 *raw = buf->raw, *behind = buf->data + buf->len;

	return memchr_inv(raw, CLIENT_GUARDED, buf->data - raw) ?:
		memchr_inv(behind, CLIENT_GUARDED, raw + buf->raw_len - behind);
}

static int client_compare(struct client *c, const struct client_piece *part,
			  const struct client_pattern *pattern, unsigned int first)
{
	const u8 *data = part->buf->data + part->off;
	const u8 *bad = client_guard_broken(part->buf);

	if (bad)
		return client_refuse(c, -EBADMSG, "guard byte %td is %#x", bad - part->buf->data,
				     *bad);
	for (size_t i = 0; i < part->len; i++)
		if (data[i] != client_byte(pattern, first + i))
			return client_refuse(c, -EBADMSG, "byte %zu is %#x, not %#x",
					     part->off + i, data[i],
					     client_byte(pattern, first + i));
	return 0;
}

/* Handler. */
int client_verify(struct client *c, struct client_args *args)
{
	struct client_pattern pattern;
	struct client_piece part;
	unsigned int first = 0;
	int ret = client_idle_part(c, args->word[0], &part);

	if (ret)
		return ret;
	ret = client_pattern(args->word[1], &pattern);
	if (!ret && args->n > 2)
		ret = client_number(args->word[2], 0, UINT_MAX, &first);
	if (ret)
		return client_refuse(c, ret, "not a pattern");
	client_buf_begin(c, part.buf);
	ret = client_compare(c, &part, &pattern, first);
	client_buf_end(c, part.buf);
	return ret;
}
