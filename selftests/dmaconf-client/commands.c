// SPDX-License-Identifier: GPL-2.0-only
/* The table of commands, and how a line finds its handler. */
#include <linux/kernel.h>
#include <linux/string.h>

#include "client.h"

/**
 * struct client_command - a command
 * @name: its first word
 * @grammar: what follows, as in ../README.md
 * @run: carries it out, or changes nothing
 * @min: words that it takes at least
 * @max: and at most
 * @needs_channel: it is about the channel that the session holds
 */
struct client_command {
	const char *name;
	const char *grammar;
	client_fn *run;
	int min;
	int max;
	bool needs_channel;
};

static client_fn client_version, client_help;

static const struct client_command client_commands[] = {
	{ "version", "", client_version, 0, 0 },
	{ "help", "[COMMAND]", client_help, 0, 1 },

	{ "request",
	  "device|starved NAME[/N] | mask CAPS | name NAME | node PATH NAME | refuse CAPS",
	  client_request, 2, 3 },
	{ "release", "", client_release, 0, 0 },
	{ "caps", "", client_caps, 0, 0, true },
	{ "config", "DIR port=N|buf=B [width=BYTES] [burst=N]", client_config, 2, 4, true },
	{ "pause", "", client_pause, 0, 0, true },
	{ "resume", "", client_resume, 0, 0, true },
	{ "terminate", "sync|async", client_terminate, 1, 1, true },
	{ "synchronize", "", client_synchronize, 0, 0, true },

	{ "alloc", "B BYTES streaming DIR | B BYTES coherent | B BYTES port", client_alloc, 3, 4 },
	{ "free", "B", client_free, 1, 1 },
	{ "map", "B", client_map, 1, 1, true },
	{ "unmap", "B", client_unmap, 1, 1, true },
	{ "fill", "PART PATTERN", client_fill, 2, 2 },
	{ "show", "PART", client_show, 1, 1 },
	{ "verify", "PART PATTERN [FIRST]", client_verify, 2, 3 },

	{ "prep", "X TYPE ... [flags=FLAG,...]", client_prep, 2, CLIENT_WORDS, true },
	{ "reuse", "X", client_reuse, 1, 1, true },
	{ "discard", "X", client_discard, 1, 1, true },
	{ "metadata", "X attach PART | X place =HEX [BYTES] | X expect | X show", client_metadata,
	  2, 4, true },
	{ "submit", "X", client_submit, 1, 1, true },
	{ "issue", "", client_issue, 0, 0, true },
	{ "wait", "X MS [CALLS]", client_wait, 2, 3, true },
	{ "status", "X", client_status, 1, 1, true },

	{ "gate", "hold | step BYTES | release", client_gate, 1, 2, true },
	{ "connect", "PORT none | PORT [sink=B] [source=B] [ends] [wraps]", client_connect, 2, 5,
	  true },
	{ "port", "PORT", client_port, 1, 1, true },
	{ "packet", "supply =HEX | received", client_packet, 1, 2, true },
	{ "inject", "WHAT [AFTER]", client_inject, 1, 2, true },
};

static __printf(3, 0) void client_answer(struct client *c, int err, const char *fmt, va_list ap)
{
	char *to = c->answer;
	char *end = to + sizeof(c->answer) - 1; /* the newline always fits */

	to += err ? scnprintf(to, end - to, "error %pe", ERR_PTR(err)) :
		    scnprintf(to, end - to, "ok");
	if (fmt) {
		to += scnprintf(to, end - to, " ");
		to += vscnprintf(to, end - to, fmt, ap);
	}
	*to++ = '\n';
	c->answer_len = to - c->answer;
	c->answer_read = 0;
	c->answers++;
}

/**
 * client_say - the answer to a command that succeeded
 * @c: the session, locked
 * @fmt: what is said behind "ok", or NULL
 *
 * Context: may sleep; the lock of the session is held.
 */
void client_say(struct client *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	client_answer(c, 0, fmt, ap);
	va_end(ap);
}

/* Errors that only the kernel knows have no meaning in user space. */
static int client_errno(int err)
{
	if (err == -EPROBE_DEFER)
		return -ENODEV;
	if (err == -ENOTSUPP)
		return -EOPNOTSUPP;
	return err <= -ERESTARTSYS ? -EIO : err;
}

/**
 * client_refuse - the answer to a command that failed
 * @c: the session, locked
 * @err: negative errno
 * @fmt: what is said behind it
 *
 * Context: may sleep; the lock of the session is held.
 * Return: the errno, for user space.
 */
int client_refuse(struct client *c, int err, const char *fmt, ...)
{
	va_list ap;

	err = client_errno(err);
	va_start(ap, fmt);
	client_answer(c, err, fmt, ap);
	va_end(ap);
	return err;
}

static const struct client_command *client_find(const char *name)
{
	for (int i = 0; i < ARRAY_SIZE(client_commands); i++)
		if (!strcmp(client_commands[i].name, name))
			return &client_commands[i];
	return NULL;
}

static int client_version(struct client *c, struct client_args *args)
{
	client_say(c, "%s %d", CLIENT_NAME, CLIENT_VERSION);
	return 0;
}

static int client_help(struct client *c, struct client_args *args)
{
	const struct client_command *command;
	char names[CLIENT_LINE] = "";

	if (args->n) {
		command = client_find(args->word[0]);
		if (!command)
			return client_refuse(c, -EINVAL, "no such command");
		client_say(c, "%s %s", command->name, command->grammar);
		return 0;
	}
	for (int i = 0; i < ARRAY_SIZE(client_commands); i++) {
		strlcat(names, i ? " " : "", sizeof(names));
		strlcat(names, client_commands[i].name, sizeof(names));
	}
	client_say(c, "%s", names);
	return 0;
}

/* Whether a command fits the state that the session is in. */
static int client_may_run(struct client *c, const struct client_command *command,
			  const struct client_args *args)
{
	if (args->n < command->min || args->n > command->max)
		return client_refuse(c, -EINVAL, "usage: %s %s", command->name, command->grammar);
	if (!command->needs_channel)
		return 0;
	if (!c->chan)
		return client_refuse(c, -ENOTCONN, "the session holds no channel");
	if (READ_ONCE(c->gone))
		return client_refuse(c, -ENODEV, "the provider is gone");
	return 0;
}

/**
 * client_execute - run one command
 * @c: the session, locked
 * @line: the command as it was written, terminated; taken apart
 * @len: bytes of it
 *
 * Context: may sleep.
 * Return: 0 or negative errno; the session has an answer in any case.
 */
int client_execute(struct client *c, char *line, size_t len)
{
	const struct client_command *command;
	struct client_args args;
	char *name;
	int ret;

	ret = client_split(line, len, &args);
	if (ret)
		return client_refuse(c, ret, "not a line of words in printable ASCII");
	name = args.word[0];
	args.n--;
	memmove(args.word, args.word + 1, sizeof(args.word) - sizeof(args.word[0]));

	command = client_find(name);
	if (!command)
		return client_refuse(c, -EINVAL, "no such command");
	client_xfers_reap(c);
	ret = client_may_run(c, command, &args);
	if (ret)
		return ret;
	client_say(c, NULL);
	return command->run(c, &args);
}
