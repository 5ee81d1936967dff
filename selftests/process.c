// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processes that die: killed after every step of a sequence, and in the middle of a
 * wait. And processes that want the same channel.
 */
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "kselftest_harness.h"
#include "session.h"
#include "steps.h"
#include "sysfs.h"

FIXTURE(killed)
{
	const struct sequence *q;
};

FOR_EACH_SEQUENCE(killed);

FIXTURE_SETUP(killed)
{
	const char *missing = session_prepare();

	if (missing)
		SKIP(return, "%s", missing);
	self->q = &sequences[variant->index];
}

FIXTURE_TEARDOWN(killed)
{
}

/* A process that comes to @steps steps, says so, and waits to be killed. */
static pid_t start(const struct sequence *q, int steps, int *came)
{
	int ready[2], s, done, ret;
	pid_t pid;

	if (pipe(ready))
		return -1;
	pid = fork();
	if (!pid) {
		s = session_open();
		ret = run_steps(s, q, steps, &done);
		if (write(ready[1], &ret, sizeof(ret)) == sizeof(ret))
			pause();
		_exit(1);
	}
	close(ready[1]);
	if (read(ready[0], came, sizeof(*came)) != sizeof(*came))
		*came = -EPIPE;
	close(ready[0]);
	return pid;
}

TEST_F_TIMEOUT(killed, after_every_step, 600)
{
	int came, status;
	pid_t pid;

	for (int steps = 0; steps <= count_steps(self->q); steps++) {
		pid = start(self->q, steps, &came);
		ASSERT_LT(0, pid);
		EXPECT_EQ(0, came)
			TH_LOG("step %d", steps);
		kill(pid, SIGKILL);
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		EXPECT_TRUE(WIFSIGNALED(status));
		/* What it had is free as soon as it is gone. */
		EXPECT_EQ(0, works(self->q))
			TH_LOG("killed after step %d", steps);
	}
}

SESSION_FIXTURE(process)

FIXTURE_SETUP(process)
{
	SESSION_SETUP(self);
}

/* A wait that would last for seconds ends with its process. */
TEST_F(process, killed_while_it_waits)
{
	const struct sequence *q = &sequences[4];
	struct timespec before, after;
	int status, done;
	pid_t pid;

	pid = fork();
	if (!pid) {
		run_steps(self->s, q, 10, &done);
		_exit(say(self->s, "wait 0 10000") != -EINTR);
	}
	close(self->s);
	for (int i = 0; i < 500; i++, usleep(10000))
		if (channel_number("dmaconf-stub-slave.0", 1, "in_use") == 1)
			break;
	usleep(100000);
	clock_gettime(CLOCK_MONOTONIC, &before);
	kill(pid, SIGKILL);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));
	EXPECT_EQ(0, works(q));
	clock_gettime(CLOCK_MONOTONIC, &after);
	EXPECT_GT(8, after.tv_sec - before.tv_sec);
	self->s = session_open();
}

static void nothing(int signal)
{
}

/* A signal that is caught ends a wait with EINTR, and the session goes on. */
TEST_F(process, interrupted_while_it_waits)
{
	struct sigaction action = { .sa_handler = nothing };
	const struct sequence *q = &sequences[4];
	int done;

	ASSERT_EQ(0, sigaction(SIGALRM, &action, NULL));
	ASSERT_EQ(0, run_steps(self->s, q, 10, &done));
	alarm(1);
	EXPECT_REFUSED(EINTR, self->s, "wait 0 10000");
	EXPECT_OK(self->s, "gate release");
	EXPECT_OK(self->s, "wait 0 5000");
}

/* Several processes ask for one channel over and over: one has it at any time. */
#define CONTENDERS	4
#define TURNS		100

struct arena {
	int inside;
	int worst;
	int turns[CONTENDERS];
};

static int contend(struct arena *arena, int me)
{
	int inside, s, tries = 0;

	while (arena->turns[me] < TURNS) {
		s = session_open();
		if (s < 0)
			return 1;
		switch (say(s, "request device dmaconf-stub-cyclic.0/0")) {
		case 0:
			inside = __atomic_add_fetch(&arena->inside, 1, __ATOMIC_SEQ_CST);
			if (inside > arena->worst)
				arena->worst = inside;
			arena->turns[me]++;
			tries = 0;
			__atomic_sub_fetch(&arena->inside, 1, __ATOMIC_SEQ_CST);
			break;
		case -ENODEV:
			if (tries++ > 100000)
				return 2;
			break;
		default:
			return 3;
		}
		close(s);
	}
	return 0;
}

TEST_F_TIMEOUT(process, contend_for_the_last_channel, 600)
{
	struct arena *arena = mmap(NULL, sizeof(*arena), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pids[CONTENDERS];
	int status;

	ASSERT_NE(MAP_FAILED, arena);
	for (int i = 0; i < CONTENDERS; i++) {
		pids[i] = fork();
		if (!pids[i])
			_exit(contend(arena, i));
	}
	for (int i = 0; i < CONTENDERS; i++) {
		ASSERT_EQ(pids[i], waitpid(pids[i], &status, 0));
		EXPECT_EQ(0, status);
		EXPECT_EQ(TURNS, arena->turns[i]);
	}
	EXPECT_EQ(1, arena->worst);
	EXPECT_EQ(0, channel_number("dmaconf-stub-cyclic.0", 0, "in_use"));
	munmap(arena, sizeof(*arena));
}

TEST_HARNESS_MAIN
