// SPDX-License-Identifier: GPL-2.0-only
/* The KUnit suites, started from user space, where the kernel has KUnit. */
#include <glob.h>

#include "kselftest_harness.h"
#include "session.h"

#define SUITES	"/sys/kernel/debug/kunit/"

/* Loaded with one suite, the others need minutes. */
static const char *suites_missing(void)
{
	if (!access(SUITES "dmaconf_cookie", F_OK))
		return NULL;
	if (system("modprobe -q kunit filter_glob=dmaconf_cookie"))
		return "the kernel has no KUnit (CONFIG_KUNIT)";
	if (system("modprobe -q dmaconf") || access(SUITES "dmaconf_cookie", F_OK))
		return "the kernel has no suite (CONFIG_DMACONF_KUNIT_TEST)";
	return NULL;
}

FIXTURE(suites)
{
};

FIXTURE_SETUP(suites)
{
}

FIXTURE_TEARDOWN(suites)
{
}

TEST_F_TIMEOUT(suites, run, 600)
{
	const char *missing = session_prepare() ?: suites_missing();
	static char text[1 << 20];
	char path[512];
	glob_t found;

	if (missing)
		SKIP(return, "%s", missing);
	ASSERT_EQ(0, glob(SUITES "dmaconf*", 0, NULL, &found));
	for (size_t i = 0; i < found.gl_pathc; i++) {
		snprintf(path, sizeof(path), "%s/run", found.gl_pathv[i]);
		EXPECT_EQ(0, put_file(path, "1"))
			TH_LOG("%s: %s", path, strerror(errno));
		snprintf(path, sizeof(path), "%s/results", found.gl_pathv[i]);
		EXPECT_LT(0, get_file(path, text, sizeof(text)));
		EXPECT_NE(NULL, strstr(text, "ok 1 "));
		EXPECT_EQ(NULL, strstr(text, "not ok "))
			TH_LOG("%s", strstr(text, "not ok "));
	}
	EXPECT_LT(0, found.gl_pathc);
	globfree(&found);
}

TEST_HARNESS_MAIN
