// SPDX-License-Identifier: GPL-2.0-only
/* The words of a command: numbers, parts of buffers, capabilities, directions. */
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "client.h"

/**
 * client_split - take a line apart into its words
 * @line: the line, terminated; its spaces become zeroes
 * @len: bytes of it
 * @args: filled in
 *
 * Context: any.
 * Return: 0, -EILSEQ where it is not one line of printable ASCII, -E2BIG for too
 * many words, -EINVAL for none.
 */
int client_split(char *line, size_t len, struct client_args *args)
{
	char *word;

	if (len && line[len - 1] == '\n')
		line[--len] = '\0';
	for (size_t i = 0; i < len; i++)
		if (!isascii(line[i]) || !isprint(line[i]))
			return -EILSEQ;
	memset(args, 0, sizeof(*args));
	while ((word = strsep(&line, " "))) {
		if (!*word)
			continue;
		if (args->n == CLIENT_WORDS)
			return -E2BIG;
		args->word[args->n++] = word;
	}
	return args->n ? 0 : -EINVAL;
}

/**
 * client_number - a word that is a number
 * @word: the word: decimal, 0x hexadecimal or 0 octal, without a sign
 * @min: smallest value
 * @max: largest value
 * @value: filled in
 *
 * Context: any.
 * Return: 0, -EINVAL or -ERANGE.
 */
int client_number(const char *word, unsigned int min, unsigned int max, unsigned int *value)
{
	unsigned int n;
	int ret;

	if (!isdigit(*word))
		return -EINVAL;
	ret = kstrtouint(word, 0, &n);
	if (ret)
		return ret;
	if (n < min || n > max)
		return -ERANGE;
	*value = n;
	return 0;
}

/**
 * client_option - whether a word is of the form NAME=VALUE
 * @word: the word
 * @name: the name
 * @value: points behind the equals sign, if so
 *
 * Context: any.
 * Return: whether it is.
 */
bool client_option(const char *word, const char *name, const char **value)
{
	size_t len = strlen(name);

	if (strncmp(word, name, len) || word[len] != '=')
		return false;
	*value = word + len + 1;
	return true;
}

/* The digits up to @stop as a number of their own; what follows is left in @word. */
static int client_digits(const char **word, unsigned int max, unsigned int *value)
{
	size_t len = strcspn(*word, "@:");
	char digits[12];

	if (len >= sizeof(digits))
		return -EINVAL;
	memcpy(digits, *word, len);
	digits[len] = '\0';
	*word += len;
	return client_number(digits, 0, max, value);
}

/**
 * client_part - a word B[@OFFSET[:BYTES]]: a buffer or a part of one
 * @c: the session, locked
 * @word: the word
 * @piece: filled in; without BYTES to the end of the buffer
 *
 * Context: may sleep; the lock of the session is held.
 * Return: 0, -EINVAL, -ENOENT for a buffer that is not there, -ERANGE where it ends
 * too early.
 */
int client_part(struct client *c, const char *word, struct client_piece *piece)
{
	unsigned int off = 0, len;
	int ret;

	ret = client_digits(&word, CLIENT_BUFS - 1, &piece->index);
	if (ret)
		return ret;
	piece->buf = client_buf(c, piece->index);
	if (!piece->buf)
		return -ENOENT;
	len = piece->buf->len;
	if (*word == '@') {
		word++;
		ret = client_digits(&word, len - 1, &off);
		len -= off;
		if (!ret && *word == ':')
			ret = client_number(word + 1, 1, len, &len);
		else if (*word)
			ret = -EINVAL;
	} else if (*word) {
		ret = -EINVAL;
	}
	piece->off = off;
	piece->len = len;
	return ret;
}

/**
 * client_bytes - a word of hexadecimal digits
 * @word: the word
 * @bytes: filled in; room for CLIENT_BYTES
 * @len: how many
 *
 * Context: any.
 * Return: 0, -EINVAL or -ERANGE.
 */
int client_bytes(const char *word, u8 *bytes, size_t *len)
{
	size_t digits = strlen(word);

	if (!digits || digits % 2)
		return -EINVAL;
	if (digits / 2 > CLIENT_BYTES)
		return -ERANGE;
	*len = digits / 2;
	return hex2bin(bytes, word, *len) ? -EINVAL : 0;
}

static const char * const client_cap_names[DMA_TX_TYPE_END] = {
	[DMA_MEMCPY] = "memcpy",
	[DMA_XOR] = "xor",
	[DMA_PQ] = "pq",
	[DMA_XOR_VAL] = "xor_val",
	[DMA_PQ_VAL] = "pq_val",
	[DMA_MEMSET] = "memset",
	[DMA_MEMSET_SG] = "memset_sg",
	[DMA_INTERRUPT] = "interrupt",
	[DMA_PRIVATE] = "private",
	[DMA_ASYNC_TX] = "async_tx",
	[DMA_SLAVE] = "slave",
	[DMA_CYCLIC] = "cyclic",
	[DMA_INTERLEAVE] = "interleave",
	[DMA_COMPLETION_NO_ORDER] = "no_order",
	[DMA_REPEAT] = "repeat",
	[DMA_LOAD_EOT] = "load_eot",
};

/**
 * client_cap_name - the word for a capability, or NULL
 * @cap: the capability
 *
 * Context: any.
 * Return: the word, or NULL for a capability that has none.
 */
const char *client_cap_name(enum dma_transaction_type cap)
{
	return client_cap_names[cap];
}

/**
 * client_caps_mask - a word CAP[,CAP...]
 * @word: the word; taken apart
 * @mask: filled in
 *
 * Context: any.
 * Return: 0 or -EINVAL.
 */
int client_caps_mask(char *word, dma_cap_mask_t *mask)
{
	char *name;
	int cap;

	dma_cap_zero(*mask);
	while ((name = strsep(&word, ","))) {
		cap = -EINVAL;
		for (int i = 0; i < DMA_TX_TYPE_END; i++)
			if (client_cap_names[i] && !strcmp(client_cap_names[i], name))
				cap = i;
		if (cap < 0)
			return -EINVAL;
		dma_cap_set(cap, *mask);
	}
	return 0;
}

/**
 * client_direction - a word for a direction between memory and a device
 * @word: the word
 * @dir: filled in
 *
 * Context: any.
 * Return: 0 or -EINVAL.
 */
int client_direction(const char *word, enum dma_transfer_direction *dir)
{
	if (!strcmp(word, "to-device"))
		*dir = DMA_MEM_TO_DEV;
	else if (!strcmp(word, "from-device"))
		*dir = DMA_DEV_TO_MEM;
	else
		return -EINVAL;
	return 0;
}
