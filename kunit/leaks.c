// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that nobody refers to any more: kmemleak is asked when the rules have
 * ended and the machine is about to stop. What it reports names the thread and
 * the time of the allocation, by which the host tool finds the rule.
 *
 * The kernel offers the scan to user space only, and there is none: a thread
 * with user memory of its own writes to the file in debugfs.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kthread.h>
#include <linux/mman.h>
#include <linux/mount.h>
#include <linux/reboot.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#include "dmaconf.h"

MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);

/* kmemleak keeps silent about memory that is younger. */
#define LEAKS_AGE_MS	5000

static const char leaks_command[] = "scan";

/* User memory with the command in it, of the thread that asks. */
static void __user *leaks_memory(struct mm_struct *mm)
{
	unsigned long at;

	mm->task_size = TASK_SIZE;
	arch_pick_mmap_layout(mm, &current->signal->rlim[RLIMIT_STACK]);
	at = vm_mmap(NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_PRIVATE, 0);
	if (IS_ERR_VALUE(at) ||
	    copy_to_user((void __user *)at, leaks_command, sizeof(leaks_command)))
		return NULL;
	return (void __user *)at;
}

static int leaks_scan_once(struct file *file, const void __user *command)
{
	loff_t at = 0;
	ssize_t ret = file->f_op->write(file, command, sizeof(leaks_command), &at);

	return ret < 0 ? ret : 0;
}

/* The first scan takes the checksums, the second reports what did not change. */
static int leaks_scan(struct file *file)
{
	struct mm_struct *mm = mm_alloc();
	const void __user *command;
	int ret = -ENOMEM;

	if (!mm)
		return ret;
	kthread_use_mm(mm);
	command = leaks_memory(mm);
	if (command)
		ret = leaks_scan_once(file, command);
	if (!ret) {
		msleep(LEAKS_AGE_MS);
		ret = leaks_scan_once(file, command);
	}
	kthread_unuse_mm(mm);
	mmput(mm);
	return ret;
}

static int leaks_thread(void *data)
{
	struct completion *done = data;
	struct file_system_type *type = get_fs_type("debugfs");
	struct vfsmount *mnt = type ? kern_mount(type) : ERR_PTR(-ENODEV);
	struct path root;
	struct file *file;
	int ret;

	if (IS_ERR(mnt)) {
		ret = PTR_ERR(mnt);
		goto out;
	}
	root = (struct path){ .mnt = mnt, .dentry = mnt->mnt_root };
	file = file_open_root(&root, "kmemleak", O_RDWR, 0);
	ret = PTR_ERR_OR_ZERO(file);
	if (!ret) {
		ret = leaks_scan(file);
		filp_close(file, NULL);
	}
out:
	pr_info("# dmaconf: leaks scan=%d\n", ret);
	kthread_complete_and_exit(done, 0);
}

static int leaks_at_reboot(struct notifier_block *nb, unsigned long event, void *unused)
{
	DECLARE_COMPLETION_ONSTACK(done);

	if (!IS_ERR(kthread_run(leaks_thread, &done, "dmaconf/leaks")))
		wait_for_completion(&done);
	return NOTIFY_DONE;
}

static struct notifier_block leaks_notifier = { .notifier_call = leaks_at_reboot };

/**
 * dmaconf_leaks_watch - have leaks looked for when the machine stops
 *
 * Context: may sleep; once.
 */
void dmaconf_leaks_watch(void)
{
	register_reboot_notifier(&leaks_notifier);
}
