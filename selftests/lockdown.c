// SPDX-License-Identifier: GPL-2.0-only
/*
 * A kernel that is locked down has no sessions. There is no way back from lockdown but
 * a reboot, so this is done only where the environment says DMACONF_MAY_LOCK_DOWN=1,
 * and last.
 */
#include "kselftest_harness.h"
#include "session.h"

#define LOCKDOWN	"/sys/kernel/security/lockdown"

TEST(locked_down)
{
	const char *missing = session_prepare(), *may = getenv("DMACONF_MAY_LOCK_DOWN");
	int s;

	if (!may || strcmp(may, "1"))
		SKIP(return, "DMACONF_MAY_LOCK_DOWN is not 1");
	if (access(LOCKDOWN, W_OK))
		SKIP(return, "the kernel has no lockdown (CONFIG_SECURITY_LOCKDOWN_LSM)");
	if (missing)
		SKIP(return, "%s", missing);
	s = session_open();
	ASSERT_LE(0, s);
	ASSERT_OK(s, "request device dmaconf-stub-memcpy.0");

	ASSERT_EQ(0, put_file(LOCKDOWN, "integrity"));
	EXPECT_EQ(-1, session_open());
	EXPECT_EQ(EPERM, errno);
	EXPECT_REFUSED(EPERM, s, "version");
	EXPECT_REFUSED(EPERM, s, "release");
	EXPECT_EQ(0, close(s));
}

TEST_HARNESS_MAIN
