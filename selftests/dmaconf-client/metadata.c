// SPDX-License-Identifier: GPL-2.0-only
/*
 * What goes along with a transfer: in a buffer of the client's own, or in a place that
 * the provider has in its descriptor.
 */
#include <linux/dmaengine.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "client.h"

/**
 * client_metadata_came - copy what came along with a transfer out of its descriptor
 * @x: the transfer
 *
 * Context: the transfer's first callback; when that has returned there is nothing any more.
 */
void client_metadata_came(struct client_xfer *x)
{
	struct client_metadata *m = &x->metadata;
	void *place = dmaengine_desc_get_metadata_ptr(x->tx, &m->len, &m->max);

	m->found = !IS_ERR_OR_NULL(place);
	if (m->found)
		memcpy(m->bytes, place, min3(m->len, m->max, sizeof(m->bytes)));
}

/* A part of a buffer that no channel accesses goes along, or takes what comes. */
static int client_attach(struct client *c, struct client_xfer *x, const char *word)
{
	struct client_piece part;
	int ret;

	ret = client_part(c, word, &part);
	if (ret)
		return client_refuse(c, ret, "not a part of a buffer: %s", word);
	if (part.buf->kind != CLIENT_BUF_PORT)
		return client_refuse(c, -EINVAL, "buffer %u is not for that", part.index);
	if (part.buf->users || part.buf->kept)
		return client_refuse(c, -EBUSY, "buffer %u is in use", part.index);
	ret = dmaengine_desc_attach_metadata(x->tx, part.buf->data + part.off, part.len);
	if (ret)
		return client_refuse(c, ret, "the provider refused");
	x->bufs |= BIT(part.index);
	client_use(c, BIT(part.index), 1);
	return 0;
}

/* Bytes are put into the provider's place, which is told of them, or of as many as @len says. */
static int client_put_bytes(struct client *c, struct client_xfer *x, const char *word,
			    const char *length)
{
	size_t n = 0, payload, max;
	u8 bytes[CLIENT_BYTES];
	unsigned int len;
	void *place;
	int ret;

	ret = *word == '=' ? client_bytes(word + 1, bytes, &n) : -EINVAL;
	len = n;
	if (!ret && length)
		ret = client_number(length, 0, CLIENT_BUF_SIZE, &len);
	if (ret)
		return client_refuse(c, ret, "not bytes and their number");
	place = dmaengine_desc_get_metadata_ptr(x->tx, &payload, &max);
	if (IS_ERR_OR_NULL(place))
		return client_refuse(c, place ? PTR_ERR(place) : -EIO, "the provider refused");
	if (n > max)
		return client_refuse(c, -ERANGE, "there is room for %zu bytes", max);
	ret = dmaengine_desc_set_metadata_len(x->tx, len);
	if (ret)
		return client_refuse(c, ret, "the provider refused");
	memcpy(place, bytes, n);
	return 0;
}

static int client_expect(struct client *c, struct client_xfer *x)
{
	size_t len, max;
	void *place;

	if (!x->called)
		return client_refuse(c, -EINVAL, "it has no callback");
	place = dmaengine_desc_get_metadata_ptr(x->tx, &len, &max);
	if (IS_ERR_OR_NULL(place))
		return client_refuse(c, place ? PTR_ERR(place) : -EIO, "the provider refused");
	x->metadata.expected = true;
	return 0;
}

static int client_show_metadata(struct client *c, struct client_xfer *x)
{
	const struct client_metadata *m = &x->metadata;
	char hex[2 * CLIENT_BYTES + 1];

	if (!m->expected)
		return client_refuse(c, -ENODATA, "none was expected");
	if (!client_calls(x))
		return client_refuse(c, -EAGAIN, "it was not called back yet");
	if (!m->found)
		return client_refuse(c, -EIO, "the provider had none");
	*bin2hex(hex, m->bytes, min3(m->len, m->max, sizeof(m->bytes))) = '\0';
	client_say(c, "bytes=%zu room=%zu %s", m->len, m->max, hex);
	return 0;
}

static int client_metadata_do(struct client *c, struct client_xfer *x, struct client_args *args)
{
	const char *what = args->word[1];

	if (!strcmp(what, "attach") && args->n == 3)
		return client_attach(c, x, args->word[2]);
	if (!strcmp(what, "place") && args->n > 2)
		return client_put_bytes(c, x, args->word[2], args->word[3]);
	if (!strcmp(what, "expect") && args->n == 2)
		return client_expect(c, x);
	return client_refuse(c, -EINVAL, "attach, place, expect or show");
}

/* Handler: all but looking at it is done between preparation and submission. */
int client_metadata(struct client *c, struct client_args *args)
{
	struct client_xfer *x;
	int ret = client_xfer(c, args->word[0], &x);

	if (ret)
		return ret;
	if (!strcmp(args->word[1], "show") && args->n == 2)
		return client_show_metadata(c, x);
	if (x->state != CLIENT_XFER_PREPARED)
		return client_refuse(c, -EALREADY, "it is not prepared");
	return client_metadata_do(c, x, args);
}
