// SPDX-License-Identifier: GPL-2.0-only
/*
 * Choosing the fault: the module parameter "fault", and
 *
 *	/sys/kernel/debug/dmaconf-stub/fault	read and write the one in force
 *	/sys/kernel/debug/dmaconf-stub/faults	those there are
 *	/sys/kernel/debug/dmaconf-stub/delete	write the name of a device that goes away
 *
 * Writing makes the devices anew, which is refused while a channel is in use.
 * When the new ones cannot be made the former ones come back. A device is deleted
 * whoever uses it, as hardware that is pulled out; choosing a fault brings it back.
 */
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "stub.h"

#define STUB_FAULT_NAME	64

static char *fault = "none";
module_param(fault, charp, 0444);
MODULE_PARM_DESC(fault, "what the provider does wrong, by name");

static struct dentry *stub_dir;
static DEFINE_MUTEX(stub_control_lock);
static const struct stub_fault *stub_in_force;

/**
 * stub_control_fault - the fault chosen when the module was loaded
 *
 * Context: any.
 * Return: its name, "" for none.
 */
const char *stub_control_fault(void)
{
	return fault;
}

static int stub_faults_show(struct seq_file *s, void *unused)
{
	stub_fault_list(s);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stub_faults);

static ssize_t stub_fault_read(struct file *file, char __user *buf, size_t len, loff_t *pos)
{
	char line[STUB_FAULT_NAME + 1];
	int n;

	mutex_lock(&stub_control_lock);
	n = scnprintf(line, sizeof(line), "%s\n", stub_in_force ? stub_in_force->name : "none");
	mutex_unlock(&stub_control_lock);
	return simple_read_from_buffer(buf, len, pos, line, n);
}

static int stub_fault_change(const char *name)
{
	const struct stub_fault *to = stub_fault_find(name);
	int ret;

	/* Only at boot is empty another word for none. */
	if (!*name)
		return -EINVAL;
	if (IS_ERR(to))
		return PTR_ERR(to);
	if (stub_devices_busy())
		return -EBUSY;
	stub_devices_destroy();
	ret = stub_devices_create(to);
	if (!ret)
		stub_in_force = to;
	else if (stub_devices_create(stub_in_force))
		pr_err("# dmaconf: stub error no devices\n");
	return ret;
}

/* Each write is a whole name, wherever the file's position is. */
static ssize_t stub_control_write(const char __user *buf, size_t len, int (*act)(const char *name))
{
	char name[STUB_FAULT_NAME];
	int ret;

	if (len >= sizeof(name))
		return -EINVAL;
	if (copy_from_user(name, buf, len))
		return -EFAULT;
	name[len] = '\0';

	mutex_lock(&stub_control_lock);
	ret = act(strim(name));
	mutex_unlock(&stub_control_lock);
	return ret ?: len;
}

static ssize_t stub_fault_write(struct file *file, const char __user *buf, size_t len,
				loff_t *pos)
{
	return stub_control_write(buf, len, stub_fault_change);
}

static ssize_t stub_delete_write(struct file *file, const char __user *buf, size_t len,
				 loff_t *pos)
{
	return stub_control_write(buf, len, stub_device_delete);
}

static const struct file_operations stub_fault_fops = {
	.owner	= THIS_MODULE,
	.read	= stub_fault_read,
	.write	= stub_fault_write,
};

static const struct file_operations stub_delete_fops = {
	.owner	= THIS_MODULE,
	.write	= stub_delete_write,
};

/**
 * stub_control_init - offer the debugfs files
 *
 * Context: may sleep.
 */
void stub_control_init(void)
{
	stub_in_force = stub_fault_find(fault);
	stub_dir = debugfs_create_dir(STUB_DRIVER, NULL);
	debugfs_create_file("fault", 0600, stub_dir, NULL, &stub_fault_fops);
	debugfs_create_file("faults", 0400, stub_dir, NULL, &stub_faults_fops);
	debugfs_create_file("delete", 0200, stub_dir, NULL, &stub_delete_fops);
}

/**
 * stub_control_exit - take them back
 *
 * Context: may sleep.
 */
void stub_control_exit(void)
{
	debugfs_remove(stub_dir);
}
