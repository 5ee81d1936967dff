// SPDX-License-Identifier: GPL-2.0-only
/*
 * The provider goes away while a session holds its channel: unbound from its driver,
 * its device deleted. And modules that are in use do not go away.
 */
#include <sys/wait.h>

#include "kselftest_harness.h"
#include "session.h"
#include "steps.h"
#include "sysfs.h"

#define DELETE	"/sys/kernel/debug/dmaconf-stub/delete"
#define FAULT	"/sys/kernel/debug/dmaconf-stub/fault"

FIXTURE(unplug)
{
	const struct sequence *q;
	char device[64];
	char fault[64];
	int s;
};

FOR_EACH_SEQUENCE(unplug);

FIXTURE_SETUP(unplug)
{
	SESSION_SETUP(self);
	self->q = &sequences[variant->index];
	if (self->q->stays)
		SKIP(return, "the core does not tell this provider when its last user is gone");
	snprintf(self->device, sizeof(self->device), "%s", self->q->device);
	self->device[strcspn(self->device, "/")] = '\0';
	ASSERT_LT(0, get_file(FAULT, self->fault, sizeof(self->fault)));
}

FIXTURE_TEARDOWN(unplug)
{
	close(self->s);
	if (!self->q->stays)
		EXPECT_EQ(0, put_file(FAULT, self->fault));
}

/* The session's provider is gone: nothing but giving back is left to do. */
static int left_alone(int s)
{
	if (say(s, "caps") != -ENODEV)
		return 1;
	if (say(s, "issue") != -ENODEV || say(s, "terminate sync") != -ENODEV ||
	    say(s, "wait 0 1000") != -ENODEV || say(s, "alloc 9 16 coherent") != -ENODEV)
		return 2;
	return say(s, "release") ? 3 : 0;
}

/* Takes the provider away and says what the session makes of it, after each step. */
#define UNPLUG_AFTER_EVERY_STEP(away, back)						\
	for (int steps = 0; steps <= count_steps(self->q); steps++) {			\
		int done;								\
											\
		ASSERT_EQ(0, run_steps(self->s, self->q, steps, &done));		\
		ASSERT_EQ(0, away);							\
		EXPECT_EQ(-1, channel_number(self->device, 0, "in_use"));		\
		if (steps && steps < count_steps(self->q))				\
			EXPECT_EQ(0, left_alone(self->s))				\
				TH_LOG("after step %d", steps);				\
		EXPECT_REFUSED(ENODEV, self->s, "request device %s", self->q->device);	\
		close(self->s);								\
		ASSERT_EQ(0, back);							\
		EXPECT_EQ(0, works(self->q))						\
			TH_LOG("after step %d", steps);					\
		self->s = session_open();						\
		ASSERT_LE(0, self->s);							\
	}

TEST_F_TIMEOUT(unplug, unbound, 600)
{
	UNPLUG_AFTER_EVERY_STEP(put_file(STUB_DRIVER "/unbind", self->device),
				put_file(STUB_DRIVER "/bind", self->device));
}

TEST_F_TIMEOUT(unplug, deleted, 600)
{
	EXPECT_EQ(-1, put_file(DELETE, "no-such-device"));
	EXPECT_EQ(ENODEV, errno);
	UNPLUG_AFTER_EVERY_STEP(put_file(DELETE, self->device), put_file(FAULT, self->fault));
}

/* A channel that is still held when its provider has gone and come back. */
TEST_F(unplug, held_over)
{
	int done;

	ASSERT_EQ(0, run_steps(self->s, self->q, 6, &done));
	ASSERT_EQ(0, put_file(STUB_DRIVER "/unbind", self->device));
	ASSERT_EQ(0, put_file(STUB_DRIVER "/bind", self->device));
	EXPECT_EQ(0, works(self->q));
	EXPECT_EQ(0, left_alone(self->s));
	EXPECT_EQ(0, works(self->q));
}

/* Whoever waits when the provider goes does not wait on. */
TEST_F(unplug, ends_a_wait)
{
	struct timespec before, after;
	int status, s = self->s;
	pid_t pid;

	if (strcmp(self->q->name, "held"))
		return;
	ASSERT_EQ(0, run_steps(s, self->q, 10, &status));
	pid = fork();
	if (!pid)
		_exit(say(s, "wait 0 10000") != -ENODEV);
	usleep(200000);
	clock_gettime(CLOCK_MONOTONIC, &before);
	EXPECT_EQ(0, put_file(STUB_DRIVER "/unbind", self->device));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	clock_gettime(CLOCK_MONOTONIC, &after);
	EXPECT_EQ(0, status);
	EXPECT_GT(5, after.tv_sec - before.tv_sec);
	EXPECT_OK(s, "release");
	EXPECT_EQ(0, put_file(STUB_DRIVER "/bind", self->device));
}

SESSION_FIXTURE(module)

FIXTURE_SETUP(module)
{
	SESSION_SETUP(self);
}

static int unload(const char *name)
{
	return syscall(SYS_delete_module, name, O_NONBLOCK) ? -errno : 0;
}

TEST_F(module, stub_stays_while_a_channel_is_held)
{
	ASSERT_OK(self->s, "request device dmaconf-stub-memcpy.0");
	EXPECT_EQ(-EAGAIN, unload("dmaconf_stub"));
	EXPECT_OK(self->s, "release");
	if (unload("dmaconf_stub") == -ENOENT)
		SKIP(return, "the stub is built in");
	EXPECT_REFUSED(ENODEV, self->s, "request device dmaconf-stub-memcpy.0");
	EXPECT_EQ(NULL, session_prepare());
	EXPECT_OK(self->s, "request device dmaconf-stub-memcpy.0");
}

TEST_F(module, client_stays_while_a_session_is_open)
{
	EXPECT_EQ(-EAGAIN, unload("dmaconf_client"));
	close(self->s);
	EXPECT_EQ(0, unload("dmaconf_client"));
	EXPECT_EQ(-1, session_open());
	EXPECT_EQ(NULL, session_prepare());
	self->s = session_open();
	EXPECT_OK(self->s, "request device dmaconf-stub-memcpy.0");
}

TEST_HARNESS_MAIN
