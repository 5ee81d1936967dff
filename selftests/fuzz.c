// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random commands from several processes: most of them sensible, some mangled. The
 * kernel has to survive; its own debugging aids and the checks at the end say whether
 * it did.
 *
 * DMACONF_FUZZ_COMMANDS says how many in all, DMACONF_FUZZ_SEED begins where an
 * earlier run began: a process's commands follow from the seed and its number, but
 * not how those of several processes fall together.
 */
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "kselftest_harness.h"
#include "session.h"
#include "leaks.h"
#include "steps.h"

#define PROCESSES	4
#define COMMANDS	20000
#define HANG_S		60	/* a command takes at most 20 s, see CLIENT_WAIT_MS */
#define LAST		16
#define LINE		600

/* What a process has done, and what it was last about, for its parent to see. */
struct trace {
	unsigned long commands;
	unsigned long refused;
	unsigned long sessions;
	char last[LAST][LINE];
};

struct random {
	uint64_t state;
};

static uint32_t rnd(struct random *r, uint32_t below)
{
	r->state = r->state * 6364136223846793005ull + 1442695040888963407ull;
	return ((r->state >> 33) * (uint64_t)below) >> 31;
}

/*
 * Commands with places to fill in: %b a buffer, %p a part of one, %l a length, %x a
 * transfer, %d a direction, %n a small number, %w a personality, %c a capability, %f a
 * flag, %h hex digits.
 */
static const char * const grammar[] = {
	"request device dmaconf-stub-%w.0", "request device dmaconf-stub-%w.0/%n",
	"request starved dmaconf-stub-%w.0", "request node /%h %c",
	"request mask %c", "request mask %c,%c", "request name tx", "request name rx",
	"request refuse %c", "release", "caps", "version", "help", "help prep",
	"config %d port=%n width=%n burst=%l", "config %d port=0 width=4 burst=4",
	"config %d port=1 width=1", "config %d buf=%b", "pause", "resume", "terminate sync",
	"terminate async", "synchronize", "alloc %b %l streaming %d", "alloc %b %l streaming both",
	"alloc %b %l coherent", "alloc %b %l port", "free %b", "map %b", "map %b", "unmap %b",
	"fill %p %n", "fill %p =%h", "show %p", "verify %p %n", "verify %p =%h %l",
	"prep %x memcpy %p %p %l", "prep %x memcpy %b %b 64", "prep %x memcpy %p %p %l flags=ack",
	"prep %x memcpy %p %p %l flags=%f", "prep %x memcpy %p %p %l flags=%f,%f",
	"prep %x memset %p %n %l", "prep %x memset_sg %n %p %p", "prep %x xor %p 64 %p %p",
	"prep %x xor_val 64 %p %p", "prep %x pq %p %p 64 %p %p", "prep %x pq_val %p %p 64 %p",
	"prep %x pq %p %p 64 %p %p flags=%f", "prep %x pq_val %p %p 64 %p %p flags=%f",
	"prep %x interrupt", "prep %x slave_sg %d %p %p", "prep %x slave_sg %d %b",
	"prep %x vec %d %p %p", "prep %x cyclic %d %b 64", "prep %x cyclic %d %p %l",
	"prep %x slave_sg %d %b flags=%f", "prep %x cyclic %d %b 64 flags=%f",
	"prep %x interleaved %p %p %n 16 16", "prep %x interleaved %d %p %n 16 16 flags=repeat,%f",
	"reuse %x", "reuse %x", "discard %x",
	"metadata %x attach %p", "metadata %x place =%h", "metadata %x place =%h %l",
	"metadata %x expect", "metadata %x show", "packet supply =%h", "packet received",
	"submit %x", "submit %x", "submit %x", "issue", "issue", "issue", "wait %x %n",
	"status %x", "gate hold", "gate step %l", "gate release", "gate release",
	"connect %n sink=%b source=%b wraps", "connect 0 none", "port %n", "inject read %l",
	"inject write", "inject alloc", "inject prep", "inject submit", "inject at-once",
	"inject irq-twice", "inject irq-late", "inject irq-spurious",
	"inject none", /* not stall, nor irq-lost: what cannot be terminated lasts for ever */
};

static const char * const personalities[] = {
	"memcpy", "min", "slave", "cyclic", "packet", "mixed", "virt", "memset", "raid", "sums",
	"ilv", "screen",
};

static const char * const caps[] = {
	"memcpy", "xor", "pq", "memset", "slave", "cyclic", "private", "interleave", "interrupt",
	"xor_val", "pq_val", "memset_sg", "async_tx", "no_order", "repeat", "load_eot",
};

static const char * const flags[] = {
	"interrupt", "ack", "fence", "repeat", "load_eot", "no_p", "no_q", "continue", "plain",
	"none",
};

static const int numbers[] = { 0, 1, 2, 3, 4, 4, 5, 8, 16, 17 };
static const int sizes[] = { 0, 1, 4, 16, 63, 64, 64, 128, 1000, 1024, 4096, 32768, 65536, 65537 };

#define PICK(r, array)	((array)[rnd(r, ARRAY_SIZE(array))])

static int fill_in(struct random *r, char place, char *to)
{
	switch (place) {
	case 'b':
		return sprintf(to, "%u", rnd(r, 6));
	case 'p':
		return rnd(r, 2) ? sprintf(to, "%u@%u:%u", rnd(r, 6), rnd(r, 64) * 4, 64) :
				   sprintf(to, "%u@%u", rnd(r, 6), rnd(r, 1024));
	case 'l':
		return sprintf(to, "%d", PICK(r, sizes));
	case 'x':
		return sprintf(to, "%u", rnd(r, 6));
	case 'd':
		return sprintf(to, "%s", rnd(r, 2) ? "to-device" : "from-device");
	case 'n':
		return sprintf(to, "%d", PICK(r, numbers));
	case 'w':
		return sprintf(to, "%s", PICK(r, personalities));
	case 'c':
		return sprintf(to, "%s", PICK(r, caps));
	case 'f':
		return sprintf(to, "%s", PICK(r, flags));
	default:
		return sprintf(to, "%08x", rnd(r, ~0u));
	}
}

static int sentence(struct random *r, char *line)
{
	char *to = line;

	for (const char *from = PICK(r, grammar); *from; from++) {
		if (*from == '%')
			to += fill_in(r, *++from, to);
		else
			*to++ = *from;
	}
	*to = '\0';
	return to - line;
}

/* One in eight is mangled: a byte changed, cut off, doubled, or words of two. */
static int command(struct random *r, char *line)
{
	int len = sentence(r, line);

	if (rnd(r, 8))
		return len;
	switch (rnd(r, 5)) {
	case 0:
		line[rnd(r, len)] = rnd(r, 256);
		return len;
	case 1:
		return rnd(r, len);
	case 2:
		memcpy(line + len, line, len);
		return 2 * len;
	case 3:
		line[len] = ' ';
		return len + 1 + sentence(r, line + len + 1);
	default:
		memset(line + len, "0 @:,\n"[rnd(r, 6)], LINE - len);
		return LINE;
	}
}

static int fuzz(struct trace *trace, unsigned long commands, uint64_t seed)
{
	struct random r = { seed };
	char *line;
	int s = session_open(), len;

	for (; trace->commands < commands && s >= 0; trace->commands++) {
		line = trace->last[trace->commands % LAST];
		memset(line, 0, LINE);
		len = command(&r, line);
		trace->refused += write(s, line, len) < 0;
		if (!rnd(&r, 16))
			session_answer(s);
		if (rnd(&r, 300))
			continue;
		close(s);
		s = session_open();
		trace->sessions++;
	}
	close(s);
	return s < 0;
}

FIXTURE(fuzz)
{
	struct trace *traces;
	struct holdings before;
	unsigned long commands;
	uint64_t seed;
};

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

FIXTURE_SETUP(fuzz)
{
	const char *missing = session_prepare();

	if (missing)
		SKIP(return, "%s", missing);
	self->commands = from_environment("DMACONF_FUZZ_COMMANDS", COMMANDS);
	self->seed = from_environment("DMACONF_FUZZ_SEED", time(NULL));
	self->traces = mmap(NULL, PROCESSES * sizeof(*self->traces), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->traces);
	forget_leaks();
	self->before = count_holdings();
	printf("# DMACONF_FUZZ_COMMANDS=%lu DMACONF_FUZZ_SEED=%llu\n", self->commands,
	       (unsigned long long)self->seed);
}

FIXTURE_TEARDOWN(fuzz)
{
	munmap(self->traces, PROCESSES * sizeof(*self->traces));
}

/* The last commands of a process, the oldest first. */
static void tell(const struct trace *trace)
{
	for (unsigned long i = trace->commands; i < trace->commands + LAST; i++)
		printf("#   %.*s\n", LINE, trace->last[(i + 1) % LAST]);
}

/* Waits for the processes for as long as they get on: how many of them hang. */
static int watch(struct trace *traces, pid_t *pids, int *failed)
{
	unsigned long before[PROCESSES] = {};
	int left = PROCESSES, still = 0, status;

	for (int s = 0; left && still < HANG_S; s++) {
		if (s % 30 == 29)
			printf("# %lu commands of the first process\n", traces->commands);
		sleep(1);
		still++;
		for (int i = 0; i < PROCESSES; i++) {
			if (pids[i] && waitpid(pids[i], &status, WNOHANG) == pids[i]) {
				pids[i] = 0;
				left--;
				*failed += !!status;
			}
			if (traces[i].commands != before[i])
				still = 0;
			before[i] = traces[i].commands;
		}
	}
	return left;
}

TEST_F_TIMEOUT(fuzz, survives, 24 * 3600)
{
	unsigned long commands = 0, refused = 0, sessions = 0;
	pid_t pids[PROCESSES];
	char leaks[4096];
	int failed = 0;

	for (int i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		if (!pids[i])
			_exit(fuzz(&self->traces[i], self->commands / PROCESSES,
				   self->seed + i * 0x9e3779b97f4a7c15ull));
	}
	EXPECT_EQ(0, watch(self->traces, pids, &failed));
	EXPECT_EQ(0, failed);
	for (int i = 0; i < PROCESSES; i++) {
		if (pids[i]) {
			tell(&self->traces[i]);
			kill(pids[i], SIGKILL);
		}
		commands += self->traces[i].commands;
		refused += self->traces[i].refused;
		sessions += self->traces[i].sessions;
	}
	printf("# %lu commands, %lu of them refused, in %lu sessions\n", commands, refused,
	       sessions);
	/* Both kinds, or it was no test. */
	EXPECT_LT(commands / 20, refused);
	EXPECT_LT(refused, commands - commands / 20);

	for (size_t i = 0; i < ARRAY_SIZE(sequences); i++) {
		EXPECT_EQ(0, works(&sequences[i]))
			TH_LOG("%s", sequences[i].name);
	}
	EXPECT_SAME_HOLDINGS(self->before);
	EXPECT_EQ(0, find_leaks(leaks, sizeof(leaks)))
		TH_LOG("%s", leaks);
}

TEST_HARNESS_MAIN
