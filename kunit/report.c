// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kernel reports (WARN, BUG, sanitizers, what runtime PM and interrupts complain of)
 * during a rule, noticed as they are printed: the taint flag tells only the first one
 * since boot.
 */
#include <linux/console.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/string.h>

#include "dmaconf.h"

/* The DMA API's own checks print one report since boot unless they are told otherwise. */
#define DMA_API_REPORTS	3

static const char sleeps[] = "sleeping function called from invalid context";

static int dmaconf_report_count;
static int dmaconf_slept_count;
static unsigned long dmaconf_report_time;
static bool dmaconf_report_corrupt;

static const char * const complaints[] = {
	"WARNING: ", "BUG: ", "INFO: possible ", "UBSAN: ",
	/* What a driver did is said without a trace. */
	"usage count underflow", "Unbalanced pm_runtime_enable", ": nobody cared",
};

/*
 * What a kernel says whose memory is not what it should be: lists, slabs, freed
 * objects, reference counts; or that a thread of which ended somewhere, with
 * whatever locks it held.
 */
static const char * const corruptions[] = {
	"list_add corruption", "list_del corruption", "refcount_t: ", "ODEBUG: ",
	"(Not tainted): ", "(Tainted: ",	/* how SLUB begins: BUG kmalloc-64 (Not tainted): */
	"BUG: KASAN: ", "BUG: KFENCE: ", "BUG: Bad ",
	"kernel BUG at ", "Oops", "Unable to handle kernel", "unable to handle page fault",
	"kernel NULL pointer dereference", "general protection fault",
};

static bool dmaconf_says(const char *text, unsigned int len, const char * const *words, int n)
{
	for (int i = 0; i < n; i++)
		if (strnstr(text, words[i], len))
			return true;
	return false;
}

static void dmaconf_report_write(struct console *con, const char *text, unsigned int len)
{
	bool corrupt = dmaconf_says(text, len, corruptions, ARRAY_SIZE(corruptions));

	if (!corrupt && !dmaconf_says(text, len, complaints, ARRAY_SIZE(complaints)))
		return;
	if (corrupt)
		WRITE_ONCE(dmaconf_report_corrupt, true);
	if (strnstr(text, sleeps, len))
		WRITE_ONCE(dmaconf_slept_count, dmaconf_slept_count + 1);
	WRITE_ONCE(dmaconf_report_time, jiffies);
	WRITE_ONCE(dmaconf_report_count, dmaconf_report_count + 1);
}

static struct console dmaconf_report_console = {
	.name	= "dmaconf",
	.write	= dmaconf_report_write,
	.flags	= CON_ENABLED | CON_ANYTIME,
};

/**
 * dmaconf_reports - kernel reports since the first suite began
 *
 * Those that the log level keeps from the consoles are not among them.
 *
 * Context: any.
 * Return: their number.
 */
int dmaconf_reports(void)
{
	return READ_ONCE(dmaconf_report_count);
}

/**
 * dmaconf_slept - how many of them tell of a function that may sleep where none may
 *
 * Context: any.
 * Return: their number.
 */
int dmaconf_slept(void)
{
	return READ_ONCE(dmaconf_slept_count);
}

/**
 * dmaconf_corrupt - whether a report told that the kernel's memory is corrupt
 *
 * A verdict that is found from then on says nothing about the provider.
 *
 * Context: any.
 * Return: whether one did.
 */
bool dmaconf_corrupt(void)
{
	return READ_ONCE(dmaconf_report_corrupt);
}

/* Whether there was a report within the last second. */
static bool dmaconf_report_recent(void)
{
	return dmaconf_reports() &&
	       time_before(jiffies, READ_ONCE(dmaconf_report_time) + HZ + 1);
}

/**
 * dmaconf_sleep_reports - make sure that sleeping in atomic context is reported
 *
 * The kernel prints at most one such report a second. Where there was one
 * within the last, this lets the second pass.
 *
 * Context: may sleep.
 * Return: false without CONFIG_DEBUG_ATOMIC_SLEEP, where nothing is reported.
 */
bool dmaconf_sleep_reports(void)
{
	if (dmaconf_report_recent())
		schedule_timeout_idle(HZ + 1);
	return IS_ENABLED(CONFIG_DEBUG_ATOMIC_SLEEP);
}

/**
 * dmaconf_debugfs - a file in debugfs
 * @folder: below /sys/kernel/debug
 * @name: in @folder
 *
 * Context: may sleep.
 * Return: its entry, to be put by the caller, or NULL.
 */
struct dentry *dmaconf_debugfs(const char *folder, const char *name)
{
	struct dentry *dir = debugfs_lookup(folder, NULL), *file;

	if (IS_ERR_OR_NULL(dir))
		return NULL;
	file = debugfs_lookup(name, dir);
	dput(dir);
	return file;
}

/**
 * dmaconf_reports_renew - let the DMA API's checks report again
 *
 * What they may still print is a variable that debugfs offers to user space.
 *
 * Context: may sleep.
 */
void dmaconf_reports_renew(void)
{
	struct dentry *file = dmaconf_debugfs("dma-api", "num_errors");

	if (!file)
		return;
	WRITE_ONCE(*(u32 *)d_inode(file)->i_private, DMA_API_REPORTS);
	dput(file);
}

/**
 * dmaconf_reports_watch - begin to look
 *
 * Context: may sleep.
 */
void dmaconf_reports_watch(void)
{
	if (!console_is_registered(&dmaconf_report_console))
		register_console(&dmaconf_report_console);
}

/**
 * dmaconf_reports_unwatch - look no more
 *
 * Context: may sleep.
 */
void dmaconf_reports_unwatch(void)
{
	if (console_is_registered(&dmaconf_report_console))
		unregister_console(&dmaconf_report_console);
}
