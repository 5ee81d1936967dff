// SPDX-License-Identifier: GPL-2.0-only
/*
 * The n-th allocation of a sequence fails, for n = 1, 2, ... until the sequence comes
 * to its end. Each time it is refused and not worse: nothing is leaked, and the
 * channel works.
 *
 * Allocations of the kernel's DMA debugging itself do not fail: it would give up for
 * good. Those fail that a client or a provider makes, and what they call.
 */
#include <sys/wait.h>

#include "kselftest_harness.h"
#include "session.h"
#include "leaks.h"
#include "steps.h"

#define FAILSLAB	"/sys/kernel/debug/failslab/"
#define FAIL_NTH	"/proc/thread-self/fail-nth"
#define MOST		500	/* allocations of a sequence */

FIXTURE(fail_nth)
{
	const struct sequence *q;
	struct holdings before;
};

FOR_EACH_SEQUENCE(fail_nth);

/* The text of the kernel's DMA debugging, as /proc/kallsyms has it: whether it is there. */
static bool dma_debug_text(unsigned long *first, unsigned long *last)
{
	char line[512], name[256];
	unsigned long addr;
	FILE *file;

	*first = ~0ul;
	*last = 0;
	file = fopen("/proc/kallsyms", "re");
	if (!file)
		return false;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%lx %*c %255s", &addr, name) != 2)
			continue;
		if (strncmp(name, "debug_dma_", 10))
			continue;
		*first = addr < *first ? addr : *first;
		*last = addr > *last ? addr : *last;
	}
	fclose(file);
	return *first < *last;
}

static int put_number(const char *path, unsigned long number)
{
	char text[32];

	snprintf(text, sizeof(text), "%#lx", number);
	return put_file(path, text);
}

FIXTURE_SETUP(fail_nth)
{
	const char *missing = session_prepare();
	unsigned long first, last;

	if (missing)
		SKIP(return, "%s", missing);
	if (access(FAIL_NTH, W_OK) || access(FAILSLAB, F_OK))
		SKIP(return, "the kernel has no fault injection (CONFIG_FAILSLAB)");
	self->q = &sequences[variant->index];
	ASSERT_EQ(0, put_file(FAILSLAB "ignore-gfp-wait", "N"));
	ASSERT_EQ(0, put_file(FAILSLAB "verbose", "0"));
	if (dma_debug_text(&first, &last)) {
		/* The last function of it is longer than nothing. */
		EXPECT_EQ(0, put_number(FAILSLAB "reject-start", first));
		EXPECT_EQ(0, put_number(FAILSLAB "reject-end", last + 0x400));
		EXPECT_EQ(0, put_file(FAILSLAB "stacktrace-depth", "32"));
	}
	forget_leaks();
	self->before = count_holdings();
	EXPECT_NE(1, self->before.disabled);
}

FIXTURE_TEARDOWN(fail_nth)
{
}

/*
 * Runs the sequence with its n-th allocation failing: whether it failed at all. What
 * is said is what the step said in which it did.
 */
static bool fails(const struct sequence *q, int n, int *said)
{
	char text[16];
	int fd, s, done;

	fd = open(FAIL_NTH, O_RDWR | O_CLOEXEC);
	snprintf(text, sizeof(text), "%d", n);
	if (write(fd, text, strlen(text)) < 0)
		*text = '\0';
	s = session_open();
	*said = s < 0 ? -errno : run_steps(s, q, STEPS_MAX + 1, &done);
	if (s >= 0)
		close(s);
	memset(text, 0, sizeof(text));
	if (pread(fd, text, sizeof(text) - 1, 0) < 0)
		*text = '\0';
	if (write(fd, "0", 1) < 0)
		*said = -EIO;
	close(fd);
	return atoi(text) == 0;
}

TEST_F_TIMEOUT(fail_nth, every_allocation, 600)
{
	char leaks[4096];
	int n, said;

	for (n = 1; n < MOST && fails(self->q, n, &said); n++) {
		/* A failure may have been harmless; one that is told is lack of memory. */
		EXPECT_TRUE(!said || said == -ENOMEM || said == -EIO || said == -ENODEV)
			TH_LOG("allocation %d: %s", n, strerror(-said));
		EXPECT_SAME_HOLDINGS(self->before);
		EXPECT_EQ(0, works(self->q))
			TH_LOG("after allocation %d", n);
	}
	EXPECT_EQ(0, said);
	EXPECT_LT(3, n);
	EXPECT_GT(MOST, n);
	TH_LOG("%s: %d allocations failed, one at a time", self->q->name, n - 1);
	EXPECT_EQ(0, find_leaks(leaks, sizeof(leaks)))
		TH_LOG("%s", leaks);
}

TEST_HARNESS_MAIN
