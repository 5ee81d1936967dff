// SPDX-License-Identifier: GPL-2.0-only
/*
 * Choosing the stub's fault through debugfs: what is listed, what is refused,
 * and that a choice makes the devices anew, as sysfs and debugfs show them.
 *
 * The stub has to be there, or everything is skipped. Whatever fault was in
 * force before a test is in force after it.
 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "kselftest_harness.h"
#include "session.h"

#define CHANNELS	"/sys/module/dmaconf_stub/parameters/channels"
#define FAULT		"/sys/kernel/debug/dmaconf-stub/fault"
#define FAULTS		"/sys/kernel/debug/dmaconf-stub/faults"
#define SUMMARY		"/sys/kernel/debug/dmaengine/summary"
#define CLASS_DMA	"/sys/class/dma"

#define MEMCPY		"dmaconf-stub-memcpy.0"
#define SLAVE		"dmaconf-stub-slave.0"

/* The longest name that is taken, as the stub counts: a byte less than this. */
#define NAME_SIZE	64
#define TEXT_SIZE	65536

#define EXPECT_ERRNO(expected_errno, cmd)		\
	({						\
		errno = 0;				\
		EXPECT_EQ(-1, (cmd));			\
		EXPECT_EQ(expected_errno, errno);	\
	})

/* One write of @len bytes, as echo does it: 0, or -1 and errno. */
static int put_bytes(const char *path, const void *bytes, size_t len)
{
	int fd, saved;
	ssize_t n;

	fd = open(path, O_WRONLY);
	if (fd < 0)
		return -1;
	n = write(fd, bytes, len);
	saved = errno;
	close(fd);
	errno = saved;
	if (n >= 0 && (size_t)n != len)
		errno = EIO;
	return n >= 0 && (size_t)n == len ? 0 : -1;
}

/* The name of a fault, the rule it breaks and the sentence about it. */
struct fault {
	char *name;
	char *rule;
	char *sentence;
};

/* Takes the next line of a list apart, in place: whether there was one. */
static bool next_fault(char **list, struct fault *fault)
{
	char *line = strsep(list, "\n");

	if (!line || !*line)
		return false;
	fault->name = strsep(&line, "\t");
	fault->rule = strsep(&line, "\t");
	fault->sentence = line;
	return true;
}

/* Counts the device's channels; the first one's in_use goes to @in_use. */
static int channels_of(const char *device, char *in_use, size_t size)
{
	char link[sizeof(CLASS_DMA "/") + NAME_MAX], target[PATH_MAX], part[NAME_SIZE];
	struct dirent *entry;
	int count = 0;
	ssize_t n;
	DIR *dir;

	dir = opendir(CLASS_DMA);
	if (!dir)
		return -1;
	snprintf(part, sizeof(part), "/%s/", device);
	while ((entry = readdir(dir))) {
		snprintf(link, sizeof(link), CLASS_DMA "/%s", entry->d_name);
		n = readlink(link, target, sizeof(target) - 1);
		target[n > 0 ? n : 0] = '\0';
		if (strstr(target, part) && !count++)
			snprintf(in_use, size, "%s/in_use", link);
	}
	closedir(dir);
	return count;
}

FIXTURE(stub)
{
	char before[NAME_SIZE + 1];	/* the fault in force when the test came */
	char first[NAME_SIZE + 1];	/* the fault that is listed first */
	char text[TEXT_SIZE];
	int channel;			/* in_use of a channel, open since the setup */
};

FIXTURE_SETUP(stub)
{
	const char *missing = session_prepare();
	char in_use[PATH_MAX];

	if (missing)
		SKIP(return, "%s", missing);
	ASSERT_EQ(0, access(FAULT, R_OK | W_OK))
		TH_LOG("%s: %s; is debugfs mounted, is this root?", FAULT, strerror(errno));

	ASSERT_LT(0, get_file(FAULT, self->before, sizeof(self->before)));
	ASSERT_LT(0, get_file(FAULTS, self->text, sizeof(self->text)));
	snprintf(self->first, sizeof(self->first), "%.*s\n",
		 (int)strcspn(self->text, "\t"), self->text);

	ASSERT_EQ(0, put_file(FAULT, "none\n"));
	ASSERT_LT(0, channels_of(MEMCPY, in_use, sizeof(in_use)));
	self->channel = open(in_use, O_RDONLY);
	ASSERT_LE(0, self->channel);
}

FIXTURE_TEARDOWN(stub)
{
	close(self->channel);
	EXPECT_EQ(0, put_file(FAULT, self->before));
}

/* The file speaks of the fault. */
#define EXPECT_FAULT(name)							\
	do {									\
		EXPECT_LT(0, get_file(FAULT, self->text, sizeof(self->text)));	\
		EXPECT_STREQ(name, self->text);					\
	} while (0)

/* The device that the setup found is still there: its sysfs files answer. */
#define EXPECT_SAME_DEVICE()							\
	do {									\
		EXPECT_LT(0, pread(self->channel, self->text, 2, 0));		\
		EXPECT_EQ('0', self->text[0]);					\
	} while (0)

/* That device is gone: its files say so, even to who had opened them. */
#define EXPECT_NEW_DEVICE()							\
	EXPECT_ERRNO(ENODEV, pread(self->channel, self->text, 2, 0))

#define EXPECT_NAME_REFUSED(expected_errno, bytes, len)				\
	do {									\
		EXPECT_ERRNO(expected_errno, put_bytes(FAULT, bytes, len));	\
		EXPECT_FAULT("none\n");						\
		EXPECT_SAME_DEVICE();						\
	} while (0)

TEST_F(stub, files_are_for_root)
{
	struct stat st;

	ASSERT_EQ(0, stat(FAULT, &st));
	EXPECT_EQ(S_IFREG | 0600, st.st_mode);
	EXPECT_EQ(0, st.st_uid);

	ASSERT_EQ(0, stat(FAULTS, &st));
	EXPECT_EQ(S_IFREG | 0400, st.st_mode);
	EXPECT_EQ(0, st.st_uid);
}

TEST_F(stub, list_has_name_rule_sentence)
{
	const char *letters = "abcdefghijklmnopqrstuvwxyz0123456789_";
	char *list = self->text;
	struct fault fault;
	int count = 0;

	ASSERT_LT(0, get_file(FAULTS, self->text, sizeof(self->text)));
	EXPECT_EQ('\n', self->text[strlen(self->text) - 1]);

	for (; next_fault(&list, &fault); count++) {
		EXPECT_GT(NAME_SIZE, strlen(fault.name));
		EXPECT_EQ(strlen(fault.name), strspn(fault.name, letters))
			TH_LOG("name '%s'", fault.name);
		EXPECT_STRNE("", fault.name);
		EXPECT_STRNE("none", fault.name);

		ASSERT_NE(NULL, fault.rule)
			TH_LOG("%s has no rule", fault.name);
		EXPECT_NE(NULL, strchr(fault.rule, '.'))
			TH_LOG("%s breaks '%s'", fault.name, fault.rule);

		ASSERT_NE(NULL, fault.sentence)
			TH_LOG("%s has no sentence", fault.name);
		EXPECT_NE(NULL, strchr(fault.sentence, ' '))
			TH_LOG("%s: '%s'", fault.name, fault.sentence);
		EXPECT_EQ(NULL, strchr(fault.sentence, '\t'));
	}
	EXPECT_LT(0, count);
	/* Nothing follows the last line. */
	EXPECT_EQ(NULL, list);
}

TEST_F(stub, names_are_unique)
{
	char *list = self->text, *names[1024];
	struct fault fault;
	size_t count = 0;

	ASSERT_LT(0, get_file(FAULTS, self->text, sizeof(self->text)));
	while (next_fault(&list, &fault)) {
		for (size_t i = 0; i < count; i++)
			EXPECT_STRNE(names[i], fault.name);
		ASSERT_LT(count, ARRAY_SIZE(names));
		names[count++] = fault.name;
	}
	EXPECT_LT(0, count);
}

TEST_F(stub, unknown_name_is_refused)
{
	char almost[2 * NAME_SIZE];

	EXPECT_NAME_REFUSED(EINVAL, "no_such_fault\n", 14);
	EXPECT_NAME_REFUSED(EINVAL, "None\n", 5);
	EXPECT_NAME_REFUSED(EINVAL, "none none\n", 10);

	/* Neither the beginning of a name nor more than a name will do. */
	EXPECT_NAME_REFUSED(EINVAL, self->first, strlen(self->first) - 2);
	snprintf(almost, sizeof(almost), "%.*sx\n", (int)strlen(self->first) - 1, self->first);
	EXPECT_NAME_REFUSED(EINVAL, almost, strlen(almost));
}

TEST_F(stub, empty_name_is_refused)
{
	EXPECT_NAME_REFUSED(EINVAL, "\n", 1);
	EXPECT_NAME_REFUSED(EINVAL, " \t\n", 3);
	EXPECT_NAME_REFUSED(EINVAL, "\0", 1);
	EXPECT_NAME_REFUSED(EINVAL, "", 0);
}

TEST_F(stub, long_name_is_refused)
{
	char name[4096];

	memset(name, 'x', sizeof(name));
	EXPECT_NAME_REFUSED(EINVAL, name, NAME_SIZE);
	EXPECT_NAME_REFUSED(EINVAL, name, sizeof(name));

	/* Even when a prefix of it, or all but white space, is a name. */
	memset(name, ' ', sizeof(name));
	memcpy(name, self->first, strlen(self->first));
	EXPECT_NAME_REFUSED(EINVAL, name, NAME_SIZE);
	EXPECT_NAME_REFUSED(EINVAL, name, sizeof(name));

	/* One byte less is not too long. */
	EXPECT_EQ(0, put_bytes(FAULT, name, NAME_SIZE - 1));
	EXPECT_FAULT(self->first);
}

TEST_F(stub, unreadable_name_is_refused)
{
	size_t page = sysconf(_SC_PAGESIZE);
	size_t len = strlen(self->first);
	char *map;

	map = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, map);
	ASSERT_EQ(0, mprotect(map + page, page, PROT_NONE));
	EXPECT_NAME_REFUSED(EFAULT, map + page, len);

	/* A name that can be read, and then a byte that cannot. */
	memcpy(map + page - len, self->first, len);
	EXPECT_NAME_REFUSED(EFAULT, map + page - len, len + 1);
	munmap(map, 2 * page);
}

TEST_F(stub, choice_makes_devices_anew)
{
	EXPECT_FAULT("none\n");
	EXPECT_SAME_DEVICE();
	EXPECT_EQ(0, put_file(FAULT, self->first));
	EXPECT_NEW_DEVICE();
	EXPECT_FAULT(self->first);
}

TEST_F(stub, none_goes_back)
{
	EXPECT_EQ(0, put_file(FAULT, self->first));
	EXPECT_EQ(0, put_file(FAULT, "none\n"));
	EXPECT_NEW_DEVICE();
	EXPECT_FAULT("none\n");

	/* Also from where there is no fault to leave. */
	EXPECT_EQ(0, put_file(FAULT, "none\n"));
	EXPECT_FAULT("none\n");
}

TEST_F(stub, newline_may_be_missing)
{
	EXPECT_EQ(0, put_bytes(FAULT, self->first, strlen(self->first) - 1));
	EXPECT_FAULT(self->first);
	EXPECT_EQ(0, put_file(FAULT, "none"));
	EXPECT_FAULT("none\n");
}

TEST_F(stub, position_does_not_matter)
{
	ssize_t len = strlen(self->first);
	int fd;

	fd = open(FAULT, O_RDWR);
	ASSERT_LE(0, fd);
	EXPECT_EQ(len, write(fd, self->first, len));
	EXPECT_FAULT(self->first);
	EXPECT_EQ(5, write(fd, "none\n", 5));
	EXPECT_FAULT("none\n");
	EXPECT_EQ(len, pwrite(fd, self->first, len, 3));
	EXPECT_FAULT(self->first);
	EXPECT_EQ(5, pwrite(fd, "none\n", 5, 10000));
	EXPECT_FAULT("none\n");
	close(fd);
}

TEST_F(stub, open_reader_sees_the_choice)
{
	char line[NAME_SIZE + 1] = "";
	int fault, faults;

	fault = open(FAULT, O_RDONLY);
	ASSERT_LE(0, fault);
	faults = open(FAULTS, O_RDONLY);
	ASSERT_LE(0, faults);
	EXPECT_EQ(1, read(faults, line, 1));

	EXPECT_EQ(0, put_file(FAULT, self->first));
	EXPECT_LT(0, pread(fault, line, NAME_SIZE, 0));
	EXPECT_STREQ(self->first, line);
	EXPECT_LT(0, read(faults, self->text, sizeof(self->text)));
	close(faults);
	close(fault);
}

TEST_F(stub, reading_does_not_write)
{
	int fd;

	fd = open(FAULT, O_RDONLY);
	ASSERT_LE(0, fd);
	EXPECT_ERRNO(EBADF, write(fd, "none\n", 5));
	close(fd);

	/* There is nothing to write to the list, not even for root. */
	fd = open(FAULTS, O_RDWR);
	if (fd >= 0) {
		EXPECT_ERRNO(EINVAL, write(fd, "none\n", 5));
		close(fd);
	}
	EXPECT_SAME_DEVICE();
}

TEST_F(stub, channel_in_use_is_not_pulled_away)
{
	int s = session_open();

	ASSERT_LE(0, s);
	ASSERT_OK(s, "request device " MEMCPY "/0");
	EXPECT_EQ(2, pread(self->channel, self->text, 2, 0));
	EXPECT_EQ('1', self->text[0]);
	EXPECT_ERRNO(EBUSY, put_file(FAULT, self->first));
	EXPECT_ERRNO(EBUSY, put_file(FAULT, "none\n"));
	EXPECT_FAULT("none\n");

	EXPECT_OK(s, "release");
	EXPECT_SAME_DEVICE();
	EXPECT_EQ(0, put_file(FAULT, self->first));
	EXPECT_FAULT(self->first);
	close(s);
}

FIXTURE(device)
{
	char text[TEXT_SIZE];
	char before[NAME_SIZE + 1];
	int channels;
};

/* The devices whose number of channels can be chosen. */
static const char * const devices[] = { MEMCPY, SLAVE };

FIXTURE_SETUP(device)
{
	const char *missing = session_prepare();

	if (missing)
		SKIP(return, "%s", missing);
	ASSERT_LT(0, get_file(CHANNELS, self->text, sizeof(self->text)));
	self->channels = atoi(self->text);
	ASSERT_LT(0, self->channels);
	ASSERT_LT(0, get_file(FAULT, self->before, sizeof(self->before)))
		TH_LOG("%s: %s; is debugfs mounted, is this root?", FAULT, strerror(errno));
	ASSERT_EQ(0, put_file(FAULT, "none\n"));
}

FIXTURE_TEARDOWN(device)
{
	EXPECT_EQ(0, put_file(FAULT, self->before));
}

/* As many channels as were asked for, and nobody holds one. */
#define EXPECT_IDLE_CHANNELS()								\
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {				\
		char in_use[PATH_MAX];							\
											\
		EXPECT_EQ(self->channels, channels_of(devices[i], in_use, sizeof(in_use)));	\
		EXPECT_LT(0, get_file(in_use, self->text, sizeof(self->text)));		\
		EXPECT_STREQ("0\n", self->text);					\
	}

TEST_F_TIMEOUT(device, channels_are_idle, 600)
{
	char *list, *faults;
	struct fault fault;

	EXPECT_IDLE_CHANNELS();
	ASSERT_LT(0, get_file(FAULTS, self->text, sizeof(self->text)));
	faults = strdup(self->text);
	ASSERT_NE(NULL, faults);
	list = faults;
	while (next_fault(&list, &fault)) {
		/* What is wrong with going away would be done to this kernel. */
		if (!strncmp(fault.rule, "unplug.", 7))
			continue;
		EXPECT_EQ(0, put_file(FAULT, fault.name))
			TH_LOG("%s: %s", fault.name, strerror(errno));
		EXPECT_IDLE_CHANNELS();
	}
	free(faults);
	EXPECT_EQ(0, put_file(FAULT, "none\n"));
	EXPECT_IDLE_CHANNELS();
}

TEST_F(device, summary_names_it)
{
	char line[2 * NAME_SIZE];

	ASSERT_LT(0, get_file(SUMMARY, self->text, sizeof(self->text)));
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
		snprintf(line, sizeof(line), "(%s): number of channels: %d\n", devices[i],
			 self->channels);
		EXPECT_NE(NULL, strstr(self->text, line))
			TH_LOG("'%s' is not in '%s'", line, self->text);
	}
}

TEST_HARNESS_MAIN
