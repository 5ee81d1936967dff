// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every command that cannot be carried out is refused with its errno, says so in its
 * answer, and changes nothing.
 */
#include "kselftest_harness.h"
#include "session.h"

#define MEMCPY	"dmaconf-stub-memcpy.0"
#define SLAVE	"dmaconf-stub-slave.0"
#define PACKET	"dmaconf-stub-packet.0"

/* Refused, in words, and everything else is as it was before. */
struct refusal {
	int err;
	const char *command;
};

/* What the session holds, as far as it can be asked. */
static void state_of(int s, char *text, size_t size)
{
	int len = 0;

	for (int i = 0; i < 16; i++)
		len += snprintf(text + len, size - len, "%s;", ask(s, "show %d@0:16", i));
	for (int i = 0; i < 32; i++)
		len += snprintf(text + len, size - len, "%s;", ask(s, "status %d", i));
	snprintf(text + len, size - len, "%s", ask(s, "caps"));
}

#define EXPECT_REFUSALS(s, refusals)							\
	do {										\
		char before[32768], after[32768];					\
											\
		state_of(s, before, sizeof(before));					\
		for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {			\
			const struct refusal *r = &(refusals)[i];			\
			int ret = say(s, "%s", r->command);				\
			const char *answer = session_answer(s);				\
											\
			EXPECT_EQ(-r->err, ret)						\
				TH_LOG("'%s' -> %s", r->command, answer);		\
			EXPECT_TRUE(is_error(answer, r->err))				\
				TH_LOG("'%s' -> %s", r->command, answer);		\
		}									\
		state_of(s, after, sizeof(after));					\
		EXPECT_STREQ(before, after);						\
	} while (0)

/* No channel is needed to see that these are wrong. */
static const struct refusal malformed[] = {
	{ EINVAL, "" },
	{ EINVAL, "\n" },
	{ EINVAL, "   " },
	{ EINVAL, "nonsense" },
	{ EINVAL, "Request device " MEMCPY },
	{ EILSEQ, "version\nversion" },
	{ EILSEQ, "version\n\n" },
	{ EILSEQ, "version\r\n" },
	{ EILSEQ, "\tversion" },
	{ EILSEQ, "version \xc3\xa4" },
	{ EILSEQ, "\xff\xfe" },
	{ EILSEQ, "\x7f" },
	{ EINVAL, "version 1" },
	{ EINVAL, "help no_such" },
	{ EINVAL, "help a b" },
	{ E2BIG, "alloc 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0" },

	{ EINVAL, "request" },
	{ EINVAL, "request device" },
	{ EINVAL, "request gadget " MEMCPY },
	{ EINVAL, "request device " MEMCPY " 1" },
	{ EINVAL, "request node /x" },
	{ ENODEV, "request device " MEMCPY "/99" },
	{ ENODEV, "request device " MEMCPY "/" },
	{ ENODEV, "request device " MEMCPY "/-1" },
	{ ENODEV, "request device no-such-device" },
	{ ENODEV, "request device /" },
	{ EINVAL, "request mask no_such_cap" },
	{ EINVAL, "request mask memcpy," },
	{ EINVAL, "request refuse " },
	{ ENODEV, "request refuse memcpy" },
	{ ENODEV, "request mask memcpy,slave,cyclic,xor,pq,interleave" },
	{ ENODEV, "request name no_such_name" },

	{ ENOTCONN, "release" },
	{ ENOTCONN, "caps" },
	{ ENOTCONN, "pause" },
	{ ENOTCONN, "resume" },
	{ ENOTCONN, "terminate sync" },
	{ ENOTCONN, "synchronize" },
	{ ENOTCONN, "issue" },
	{ ENOTCONN, "submit 0" },
	{ ENOTCONN, "wait 0 0" },
	{ ENOTCONN, "status 0" },
	{ ENOTCONN, "prep 0 memcpy 0 1 16" },
	{ ENOTCONN, "config to-device port=0" },
	{ ENOTCONN, "gate hold" },
	{ ENOTCONN, "connect 0 none" },
	{ ENOTCONN, "port 0" },
	{ ENOTCONN, "inject read" },
	{ ENOTCONN, "reuse 0" },
	{ ENOTCONN, "discard 0" },
	{ ENOTCONN, "metadata 0 show" },
	{ ENOTCONN, "packet received" },
	{ ENOTCONN, "map 0" },
	{ ENOTCONN, "unmap 0" },
	{ ENOTCONN, "alloc 0 16 coherent" },

	{ EINVAL, "alloc 0 16 gold" },
	{ EINVAL, "alloc 0 16 streaming" },
	{ EINVAL, "alloc 0 16 coherent both" },
	{ EINVAL, "alloc 0 16 streaming up" },
	{ ERANGE, "alloc 16 16 port" },
	{ ERANGE, "alloc 0 0 port" },
	{ ERANGE, "alloc 0 65537 port" },
	{ ERANGE, "alloc 0 99999999999 port" },
	{ EINVAL, "alloc -1 16 port" },
	{ EINVAL, "alloc 0 16x port" },
	{ EINVAL, "alloc +0 16 port" },
	{ ENOENT, "free 0" },
	{ ERANGE, "free 16" },
	{ EINVAL, "free x" },
	{ ENOENT, "show 0" },
	{ ENOENT, "fill 0 1" },
	{ ENOENT, "verify 0 1" },
};

/* With a channel for memory copies, and buffers 0 (to), 1 (from), 2 (not mapped), 3 (port). */
static const struct refusal out_of_order[] = {
	{ EISCONN, "request device " MEMCPY },
	{ EEXIST, "alloc 0 16 port" },
	{ EALREADY, "map 0" },
	{ EINVAL, "map 3" },
	{ EINVAL, "unmap 2" },
	{ EBUSY, "free 0" },
	{ ENOENT, "map 9" },
	{ ERANGE, "show 0@0:129" },
	{ ERANGE, "show 0@4096" },
	{ ERANGE, "show 0@4095:2" },
	{ ERANGE, "show 0@0:0" },
	{ EINVAL, "show 0@" },
	{ EINVAL, "show 0@0:" },
	{ EINVAL, "show 0:8" },
	{ EINVAL, "show 0@0@0" },
	{ EINVAL, "show 0@000000000000000000" },
	{ EINVAL, "fill 0 seed" },
	{ EINVAL, "fill 0 =" },
	{ EINVAL, "fill 0 =abc" },
	{ EINVAL, "fill 0 =zz" },
	{ EBADMSG, "verify 0 12345" },
	{ EINVAL, "verify 0 1 x" },

};

static const struct refusal wrong_prep[] = {
	{ EINVAL, "prep 0 no_such_type 1 0 16" },
	{ EINVAL, "prep 0" },
	{ ERANGE, "prep 32 memcpy 1 0 16" },
	{ EINVAL, "prep x memcpy 1 0 16" },
	{ EINVAL, "prep 0 memcpy" },
	{ EINVAL, "prep 0 memcpy 1 0" },
	{ EINVAL, "prep 0 memcpy 1 0 16 16" },
	{ ERANGE, "prep 0 memcpy 1 0 0" },
	{ ERANGE, "prep 0 memcpy 1 0 4097" },
	{ ERANGE, "prep 0 memcpy 1@4090 0 16" },
	{ ENOENT, "prep 0 memcpy 9 0 16" },
	{ EFAULT, "prep 0 memcpy 0 0@2048 16" },
	{ EFAULT, "prep 0 memcpy 1 1@2048 16" },
	{ EFAULT, "prep 0 memcpy 2 0 16" },
	{ EFAULT, "prep 0 memcpy 1 2 16" },
	{ EFAULT, "prep 0 memcpy 3 0 16" },
	{ EINVAL, "prep 0 memcpy 1 0 16 flags=" },
	{ EINVAL, "prep 0 memcpy 1 0 16 flags=no_such" },
	{ EINVAL, "prep 0 memcpy 1 0 16 flags=ack,,ack" },
	{ EOPNOTSUPP, "prep 0 slave_sg to-device 0" },
	{ EOPNOTSUPP, "prep 0 cyclic to-device 0 16" },
	{ EOPNOTSUPP, "prep 0 xor 1 16 0 0@16" },

	{ ENOENT, "reuse 0" },
	{ ERANGE, "reuse 32" },
	{ EINVAL, "reuse" },
	{ EINVAL, "reuse 0 1" },
	{ ENOENT, "discard 0" },
	{ EINVAL, "discard x" },
	{ ENOENT, "metadata 0 show" },
	{ EINVAL, "metadata 0" },
	{ ERANGE, "metadata 32 show" },
	{ EOPNOTSUPP, "packet received" },

	{ ENOENT, "submit 0" },
	{ ERANGE, "submit 32" },
	{ EINVAL, "submit" },
	{ EINVAL, "submit 0 0" },
	{ ENOENT, "wait 0 0" },
	{ EINVAL, "wait 0" },
	{ ENOENT, "status 0" },
	{ EINVAL, "status" },
	{ EINVAL, "terminate" },
	{ EINVAL, "terminate later" },
	{ EINVAL, "issue now" },
	{ EINVAL, "gate" },
	{ EINVAL, "gate open" },
	{ EINVAL, "gate step" },
	{ EINVAL, "gate step 0" },
	{ EINVAL, "gate hold 1" },
	{ EPERM, "gate step 16" },
	{ EOPNOTSUPP, "connect 0 none" },
	{ EOPNOTSUPP, "port 0" },
	{ EINVAL, "inject no_such" },
	{ EINVAL, "inject read x" },
};

/* With a channel of a peripheral. */
static const struct refusal wrong_config[] = {
	{ EINVAL, "config" },
	{ EINVAL, "config to-device" },
	{ EINVAL, "config sideways port=0" },
	{ EINVAL, "config to-device port" },
	{ EINVAL, "config to-device port=" },
	{ ENOENT, "config to-device port=99" },
	{ ENOENT, "config to-device buf=0" },
	{ EINVAL, "config to-device buf=x" },
	{ EINVAL, "config to-device port=0 width" },
	{ ERANGE, "config to-device port=0 width=0" },
	{ ERANGE, "config to-device port=0 width=65" },
	{ EINVAL, "config to-device port=0 width=64" },
	{ EINVAL, "config to-device port=0 burst=1000" },
	{ EINVAL, "config to-device port=0 colour=1" },
	{ ERANGE, "connect 99 none" },
	{ EINVAL, "connect 0 sink" },
	{ ENOENT, "connect 0 sink=9" },
	{ EINVAL, "connect 0 sink=0" },
	{ EBUSY, "connect 0 sink=3 source=3" },
	{ EINVAL, "connect 0 sink=3 sink=3" },
	{ EINVAL, "connect 0 sideways" },
	{ EINVAL, "prep 0 slave_sg to-device" },
	{ EINVAL, "prep 0 slave_sg sideways 0" },
	{ EFAULT, "prep 0 slave_sg from-device 0" },
	{ EFAULT, "prep 0 slave_sg to-device 1" },
	{ EIO, "prep 0 slave_sg to-device 0" },
};

SESSION_FIXTURE(session)

/* With packets, and transfer 0 prepared from buffer 0; buffer 4 holds four bytes. */
static const struct refusal wrong_packet[] = {
	{ EINVAL, "metadata 0 sideways" },
	{ EINVAL, "metadata 0 attach" },
	{ EINVAL, "metadata 0 attach 4 4" },
	{ ENOENT, "metadata 0 attach 9" },
	{ ERANGE, "metadata 0 attach 4@4" },
	{ ERANGE, "metadata 0 attach 4@0:5" },
	{ EINVAL, "metadata 0 attach x" },
	{ EINVAL, "metadata 0 attach 0" },
	{ EINVAL, "metadata 0 attach 2" },
	{ EINVAL, "metadata 0 place" },
	{ EINVAL, "metadata 0 place 11" },
	{ EINVAL, "metadata 0 place =" },
	{ EINVAL, "metadata 0 place =1" },
	{ EINVAL, "metadata 0 place =gg" },
	{ EINVAL, "metadata 0 place =11 x" },
	{ ERANGE, "metadata 0 place =11 65537" },
	{ EINVAL, "metadata 0 expect 1" },
	{ EINVAL, "metadata 0 show 1" },
	{ ENODATA, "metadata 0 show" },
	{ EINVAL, "discard 0" },
	{ EINVAL, "packet" },
	{ EINVAL, "packet sent" },
	{ EINVAL, "packet received 1" },
	{ EINVAL, "packet supply" },
	{ EINVAL, "packet supply 11" },
	{ EINVAL, "packet supply =" },
	{ EINVAL, "packet supply =1" },
	{ ENOENT, "reuse 1" },
	{ EINVAL, "metadata 2 expect" },
};

FIXTURE_SETUP(session)
{
	SESSION_SETUP(self);
}

TEST_F(session, malformed)
{
	EXPECT_REFUSALS(self->s, malformed);
}

TEST_F(session, too_long)
{
	char line[1 << 20];

	memset(line, 'x', sizeof(line));
	for (size_t len = 513; len <= sizeof(line); len *= 2) {
		EXPECT_EQ(-1, write(self->s, line, len));
		EXPECT_EQ(E2BIG, errno);
	}
	EXPECT_EQ(-1, write(self->s, line, sizeof(line)));
	EXPECT_EQ(E2BIG, errno);
	EXPECT_TRUE(is_error(session_answer(self->s), E2BIG));

	/* As long as a command may be, this one is only unknown. */
	EXPECT_EQ(-1, write(self->s, line, 512));
	EXPECT_EQ(EINVAL, errno);
	memset(line, ' ', 512);
	memcpy(line, "version", 7);
	EXPECT_EQ(512, write(self->s, line, 512));
}

/* Where no process has memory; the compiler cannot know. */
static char *nowhere;

__attribute__((constructor)) static void find_nowhere(void)
{
	nowhere = (char *)8;
}

TEST_F(session, unreadable)
{
	EXPECT_EQ(-1, write(self->s, nowhere, 16));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_TRUE(is_error(session_answer(self->s), EFAULT));
	EXPECT_EQ(-1, write(self->s, nowhere, 0));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, write(self->s, "version\0", 8));
	EXPECT_EQ(EILSEQ, errno);

	/* An answer that cannot be stored is not lost. */
	EXPECT_OK(self->s, "version");
	EXPECT_EQ(-1, read(self->s, nowhere, 16));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_STREQ("ok dmaconf-client 1", session_answer(self->s));
}

/* Every command says how it is used, and refuses too many words. */
TEST_F(session, too_many_words)
{
	char names[ANSWER_SIZE], *list = names, *name;
	char grammar[ANSWER_SIZE];

	snprintf(names, sizeof(names), "%s", ask(self->s, "help"));
	ASSERT_STREQ("ok", strsep(&list, " "));
	while ((name = strsep(&list, " "))) {
		if (!strcmp(name, "prep"))
			continue;
		snprintf(grammar, sizeof(grammar), "ok %s", name);
		EXPECT_EQ(0, strncmp(grammar, ask(self->s, "help %s", name), strlen(grammar)));
		EXPECT_REFUSED(EINVAL, self->s, "%s 1 2 3 4 5 6", name);
		EXPECT_NE(NULL, strstr(session_answer(self->s), "usage:"));
	}
}

static int with_buffers(int s, const char *device)
{
	return say(s, "request device %s", device) ?:
	       say(s, "alloc 0 4096 streaming to-device") ?:
	       say(s, "alloc 1 4096 streaming from-device") ?:
	       say(s, "alloc 2 4096 streaming both") ?:
	       say(s, "alloc 3 4096 port") ?:
	       say(s, "map 0") ?: say(s, "map 1");
}

TEST_F(session, out_of_order)
{
	ASSERT_EQ(0, with_buffers(self->s, MEMCPY));
	EXPECT_REFUSALS(self->s, out_of_order);
}

TEST_F(session, wrong_prep)
{
	ASSERT_EQ(0, with_buffers(self->s, MEMCPY));
	EXPECT_REFUSALS(self->s, wrong_prep);
}

TEST_F(session, wrong_config)
{
	ASSERT_EQ(0, with_buffers(self->s, SLAVE));
	EXPECT_REFUSALS(self->s, wrong_config);
}

TEST_F(session, wrong_packet)
{
	ASSERT_EQ(0, with_buffers(self->s, PACKET));
	ASSERT_OK(self->s, "alloc 4 4 port");
	ASSERT_OK(self->s, "config to-device port=0 width=4 burst=4");
	ASSERT_OK(self->s, "config from-device port=0 width=4 burst=4");
	ASSERT_OK(self->s, "prep 0 slave_sg to-device 0@0:256");
	ASSERT_OK(self->s, "prep 2 slave_sg from-device 1@0:256 flags=ack");
	EXPECT_REFUSALS(self->s, wrong_packet);
}

/* What a transfer uses is not touched, and what was submitted is not submitted again. */
TEST_F(session, in_use)
{
	static const struct refusal refusals[] = {
		{ EBUSY, "free 0" },
		{ EBUSY, "unmap 0" },
		{ EBUSY, "fill 0 1" },
		{ EBUSY, "verify 1 1" },
		{ EBUSY, "prep 0 memcpy 1 0 16" },
		{ EBUSY, "prep 1 memcpy 1 0 16" },
		{ EALREADY, "submit 0" },
		{ ETIMEDOUT, "wait 0 20" },
		{ ERANGE, "wait 0 10001" },
		{ ERANGE, "wait 0 1 0" },
		{ EAGAIN, "wait 1 0" },
		{ EAGAIN, "status 1" },
	};

	ASSERT_EQ(0, with_buffers(self->s, MEMCPY));
	ASSERT_OK(self->s, "gate hold");
	ASSERT_OK(self->s, "prep 0 memcpy 1 0 4096");
	ASSERT_OK(self->s, "prep 1 memcpy 1 0 4096");
	ASSERT_OK(self->s, "submit 0");
	ASSERT_OK(self->s, "issue");
	EXPECT_REFUSALS(self->s, refusals);
	EXPECT_OK(self->s, "gate release");
	EXPECT_OK(self->s, "wait 0 5000");
}

/* A session cannot hold more than its share, and neither can all of them. */
TEST_F(session, bounds)
{
	int fds[100], n;

	for (int i = 0; i < 16; i++)
		EXPECT_OK(self->s, "alloc %d 65536 streaming both", i);
	EXPECT_REFUSED(ERANGE, self->s, "alloc 16 1 port");

	for (n = 0; n < 100; n++) {
		fds[n] = session_open();
		if (fds[n] < 0)
			break;
	}
	EXPECT_EQ(EMFILE, errno);
	EXPECT_EQ(63, n);
	while (n--)
		close(fds[n]);
}

TEST_HARNESS_MAIN
