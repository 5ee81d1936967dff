// SPDX-License-Identifier: GPL-2.0-only
/* The session as a file: who may open it, what reads, writes and seeks do, who shares it. */
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "kselftest_harness.h"
#include "session.h"

#define GREETING	"ok dmaconf-client 1"

SESSION_FIXTURE(file)

FIXTURE_SETUP(file)
{
	SESSION_SETUP(self);
}

TEST_F(file, is_for_root)
{
	struct stat st;
	int status;
	pid_t pid;

	ASSERT_EQ(0, stat(SESSION, &st));
	EXPECT_EQ(S_IFREG | 0600, st.st_mode);
	EXPECT_EQ(0, st.st_uid);

	pid = fork();
	if (!pid) {
		if (setgid(65534) || setuid(65534))
			_exit(1);
		_exit(session_open() < 0 && errno == EACCES ? 0 : 2);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

TEST_F(file, greets)
{
	EXPECT_STREQ(GREETING, session_answer(self->s));
	EXPECT_STREQ("", session_answer(self->s));
	EXPECT_STREQ(GREETING, ask(self->s, "version"));
	EXPECT_STREQ("", session_answer(self->s));
}

TEST_F(file, is_read_in_pieces)
{
	char answer[64] = "";

	EXPECT_OK(self->s, "version");
	EXPECT_EQ(0, read(self->s, answer, 0));
	for (size_t i = 0; i < strlen(GREETING "\n"); i++)
		EXPECT_EQ(1, read(self->s, answer + i, 1));
	EXPECT_STREQ(GREETING "\n", answer);
	EXPECT_EQ(0, read(self->s, answer, 1));

	/* A new command's answer takes the place of what was not read. */
	EXPECT_OK(self->s, "version");
	EXPECT_EQ(5, read(self->s, answer, 5));
	EXPECT_LT(say(self->s, "nonsense"), 0);
	EXPECT_TRUE(is_error(session_answer(self->s), EINVAL));
}

TEST_F(file, newline_may_be_missing)
{
	EXPECT_EQ(8, write(self->s, "version\n", 8));
	EXPECT_STREQ(GREETING, session_answer(self->s));
	EXPECT_EQ(7, write(self->s, "version", 7));
	EXPECT_EQ(12, write(self->s, "  version   ", 12));
	EXPECT_STREQ(GREETING, session_answer(self->s));
}

TEST_F(file, has_no_position)
{
	char c;

	EXPECT_EQ(-1, lseek(self->s, 0, SEEK_SET));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(-1, lseek(self->s, 1, SEEK_CUR));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(-1, pread(self->s, &c, 1, 0));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(-1, pwrite(self->s, "version", 7, 0));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_STREQ(GREETING, session_answer(self->s));
}

TEST_F(file, has_two_modes)
{
	char c;
	int fd;

	fd = open(SESSION, O_RDONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-1, write(fd, "version", 7));
	EXPECT_EQ(EBADF, errno);
	EXPECT_STREQ(GREETING, session_answer(fd));
	close(fd);

	fd = open(SESSION, O_WRONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(7, write(fd, "version", 7));
	EXPECT_EQ(-1, read(fd, &c, 1));
	EXPECT_EQ(EBADF, errno);
	close(fd);
}

/* Two files are two sessions. */
TEST_F(file, is_a_session_each)
{
	int other = session_open();

	ASSERT_LE(0, other);
	EXPECT_OK(self->s, "alloc 0 16 port");
	EXPECT_REFUSED(ENOENT, other, "free 0");
	EXPECT_OK(other, "alloc 0 16 port");
	close(other);
	EXPECT_OK(self->s, "free 0");
}

/* Writers of one session take turns, command by command. */
#define WRITERS		4
#define ROUNDS		500

struct writer {
	pthread_t thread;
	int s;
	int buf;
	int failed;
};

static void *writes(void *data)
{
	struct writer *w = data;

	for (int i = 0; i < ROUNDS; i++) {
		w->failed += !!say(w->s, "alloc %d 64 port", w->buf);
		w->failed += !!say(w->s, "fill %d %d", w->buf, i);
		w->failed += !!say(w->s, "verify %d %d", w->buf, i);
		w->failed += !!say(w->s, "free %d", w->buf);
	}
	return NULL;
}

TEST_F(file, writers_take_turns)
{
	struct writer writers[WRITERS] = {};

	for (int i = 0; i < WRITERS; i++) {
		writers[i].s = self->s;
		writers[i].buf = i;
		ASSERT_EQ(0, pthread_create(&writers[i].thread, NULL, writes, &writers[i]));
	}
	for (int i = 0; i < WRITERS; i++) {
		pthread_join(writers[i].thread, NULL);
		EXPECT_EQ(0, writers[i].failed);
	}
	for (int i = 0; i < WRITERS; i++)
		EXPECT_REFUSED(ENOENT, self->s, "free %d", i);
}

/* A session lives until the last process that has the file closes it. */
TEST_F(file, is_handed_over_by_fork)
{
	int status, other;
	pid_t pid;

	ASSERT_OK(self->s, "request device dmaconf-stub-cyclic.0");
	pid = fork();
	if (!pid)
		_exit(say(self->s, "alloc 0 16 coherent") || say(self->s, "fill 0 5"));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_OK(self->s, "verify 0 5");

	pid = fork();
	if (!pid) {
		pause();
		_exit(0);
	}
	close(self->s);
	other = session_open();
	EXPECT_REFUSED(ENODEV, other, "request device dmaconf-stub-cyclic.0");
	kill(pid, SIGKILL);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_OK(other, "request device dmaconf-stub-cyclic.0");
	self->s = other;
}

static int send_fd(int to, int fd)
{
	char space[CMSG_SPACE(sizeof(fd))] = "", c = 0;
	struct iovec iov = { &c, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = space,
			      .msg_controllen = sizeof(space) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	return sendmsg(to, &msg, 0) == 1 ? 0 : -1;
}

static int receive_fd(int from)
{
	char space[CMSG_SPACE(sizeof(int))], c;
	struct iovec iov = { &c, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = space,
			      .msg_controllen = sizeof(space) };
	int fd;

	if (recvmsg(from, &msg, 0) != 1 || !CMSG_FIRSTHDR(&msg))
		return -1;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return fd;
}

TEST_F(file, is_handed_over_by_message)
{
	int pair[2], status, received;
	pid_t pid;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	pid = fork();
	if (!pid) {
		int s = session_open();

		_exit(s < 0 || say(s, "request device dmaconf-stub-cyclic.0") ||
		      say(s, "alloc 0 64 coherent") || say(s, "fill 0 5") || send_fd(pair[1], s));
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_EQ(0, status);

	/* Its process is gone and the message is on its way: the session holds its channel. */
	EXPECT_REFUSED(ENODEV, self->s, "request device dmaconf-stub-cyclic.0");
	received = receive_fd(pair[0]);
	ASSERT_LE(0, received);
	EXPECT_OK(received, "verify 0 5");

	/* One that is never received ends with its socket. */
	ASSERT_EQ(0, send_fd(pair[1], received));
	close(received);
	EXPECT_REFUSED(ENODEV, self->s, "request device dmaconf-stub-cyclic.0");
	close(pair[0]);
	close(pair[1]);
	for (int i = 0; i < 100 && say(self->s, "request device dmaconf-stub-cyclic.0"); i++)
		usleep(10000);
	EXPECT_REFUSED(EISCONN, self->s, "request device dmaconf-stub-cyclic.0");
}

TEST_HARNESS_MAIN
