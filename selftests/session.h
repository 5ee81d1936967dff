/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A session with the module dmaconf-client, as the tests use it: one command, its
 * errno, its answer. The grammar is in README.md.
 */
#ifndef SESSION_H
#define SESSION_H

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SESSION		"/sys/kernel/debug/dmaconf-client/session"
#define SESSION_MODULE	"dmaconf-client/dmaconf-client.ko"
#define STUB_DRIVER	"/sys/bus/platform/drivers/dmaconf-stub"
#define ANSWER_SIZE	1024

/* What is in a file, as a string; -1 and errno when it cannot be read. */
static inline ssize_t get_file(const char *path, char *text, size_t size)
{
	ssize_t n, len = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	do {
		n = read(fd, text + len, size - 1 - len);
		len += n > 0 ? n : 0;
	} while (n > 0);
	text[len] = '\0';
	close(fd);
	return n < 0 ? -1 : len;
}

/* One write, as echo does it: 0, or -1 and errno. */
static inline int put_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), saved;
	ssize_t n;

	if (fd < 0)
		return -1;
	n = write(fd, text, strlen(text));
	saved = errno;
	close(fd);
	errno = saved;
	return n == (ssize_t)strlen(text) ? 0 : -1;
}

/* Loads the client from beside the test: where the runner starts it, or where it was built. */
static inline int session_load(void)
{
	int fd, ret;

	if (!access(SESSION, F_OK))
		return 0;
	fd = open(SESSION_MODULE, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return system("modprobe -q dmaconf-client") ? -1 : 0;
	ret = syscall(SYS_finit_module, fd, "", 0);
	close(fd);
	return ret && errno != EEXIST ? -1 : 0;
}

/*
 * Loads the stub provider and the client: NULL, or what is missing. A kernel without
 * the stub has nothing to test here.
 */
static inline const char *session_prepare(void)
{
	if (access(STUB_DRIVER, F_OK) && (system("modprobe -q dmaconf-stub") ||
					  access(STUB_DRIVER, F_OK)))
		return "the kernel has no stub provider (CONFIG_DMACONF_STUB)";
	if (session_load())
		return "the module dmaconf-client cannot be loaded";
	return access(SESSION, R_OK | W_OK) ? "no " SESSION ": debugfs, root?" : NULL;
}

static inline int session_open(void)
{
	return open(SESSION, O_RDWR | O_CLOEXEC);
}

/* Reads the answer of the last command, without its newline. */
static inline const char *session_answer(int fd)
{
	static char answer[ANSWER_SIZE + 1];
	ssize_t n, len = 0;

	while ((n = read(fd, answer + len, ANSWER_SIZE - len)) > 0)
		len += n;
	answer[len] = '\0';
	answer[strcspn(answer, "\n")] = '\0';
	return answer;
}

/* Whether an answer is this error; the kernel gives a number where it knows no names. */
static inline bool is_error(const char *answer, int err)
{
	char named[64], numbered[64];

	snprintf(named, sizeof(named), "error -%s ", strerrorname_np(err));
	snprintf(numbered, sizeof(numbered), "error -%d ", err);
	return !strncmp(answer, named, strlen(named)) ||
	       !strncmp(answer, numbered, strlen(numbered));
}

static inline int session_vsay(int fd, const char *fmt, va_list ap)
{
	char line[4096];
	int len = vsnprintf(line, sizeof(line), fmt, ap);

	return write(fd, line, len) == len ? 0 : -errno;
}

/* Runs a command: 0 or its negative errno. */
static inline __attribute__((format(printf, 2, 3))) int say(int fd, const char *fmt, ...)
{
	va_list ap;
	int ret;

	va_start(ap, fmt);
	ret = session_vsay(fd, fmt, ap);
	va_end(ap);
	return ret;
}

/* Runs a command and returns its answer. */
static inline __attribute__((format(printf, 2, 3))) const char *ask(int fd, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	session_vsay(fd, fmt, ap);
	va_end(ap);
	return session_answer(fd);
}

/* The number behind " name=" in an answer, -1 where there is none. */
static inline long field(const char *answer, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = answer; (at = strstr(at, name)); at += len)
		if (at > answer && at[-1] == ' ' && at[len] == '=')
			return strtol(at + len + 1, NULL, 0);
	return -1;
}

/* A byte of the client's pattern: see dmaconf-client/buffer.c. */
static inline uint8_t pattern_byte(uint32_t seed, uint32_t i)
{
	return (((i + 1) * 0x9e3779b1u) ^ ((seed + 1) * 0x85ebca6bu)) * 0xc2b2ae35u >> 24;
}

/* Submits a prepared transfer, issues it, and waits for its end: 0 or negative errno. */
static inline int run_xfer(int s, int x)
{
	return say(s, "submit %d", x) ?: say(s, "issue") ?: say(s, "wait %d 5000", x);
}

/* A fixture that is a session, closed in the end. */
#define SESSION_FIXTURE(name)								\
	FIXTURE(name) { int s; };							\
	FIXTURE_TEARDOWN(name) { close(self->s); }

/* One of its variants, where all that they differ in is the device. */
#define DEVICE_VARIANT(fixture, personality)						\
	FIXTURE_VARIANT_ADD(fixture, personality)					\
	{										\
		.device = "dmaconf-stub-" #personality ".0",				\
	}

/* What its setup begins with, or is. */
#define SESSION_SETUP(self)								\
	do {										\
		const char *missing = session_prepare();				\
											\
		if (missing)								\
			SKIP(return, "%s", missing);					\
		(self)->s = session_open();						\
		ASSERT_LE(0, (self)->s);						\
	} while (0)

/* What a command that must succeed says when it does not. */
#define EXPECT_OK(fd, ...)							\
	do {									\
		int __ret = say(fd, __VA_ARGS__);				\
										\
		EXPECT_EQ(0, __ret)						\
			TH_LOG("-> %s", session_answer(fd));			\
	} while (0)

#define ASSERT_OK(fd, ...)							\
	do {									\
		int __ret = say(fd, __VA_ARGS__);				\
										\
		ASSERT_EQ(0, __ret)						\
			TH_LOG("-> %s", session_answer(fd));			\
	} while (0)

/* A command that must fail, with this errno, and with an answer that says so. */
#define EXPECT_REFUSED(expected_errno, fd, ...)					\
	do {									\
		EXPECT_EQ(-(expected_errno), say(fd, __VA_ARGS__))		\
			TH_LOG("-> %s", session_answer(fd));			\
	} while (0)

#endif /* SESSION_H */
