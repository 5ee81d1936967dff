// SPDX-License-Identifier: GPL-2.0-only
/*
 * Linked into a user-mode Linux that counts what runs: gcc's own destructors, which write
 * the counts to files, are in a section that user-mode Linux's linker script leaves out.
 */
void __gcov_exit(void);

static __attribute__((destructor)) void write_counts(void)
{
	__gcov_exit();
}
