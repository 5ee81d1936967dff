// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file /sys/kernel/debug/dmaconf-client/session: opening it begins a session,
 * closing it ends one, in whatever state it is.
 *
 * A write is one command; its answer is what the next reads return, in pieces if
 * they are short, and then the end of the file. The file has no position.
 */
#include <linux/debugfs.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/platform_device.h>
#include <linux/security.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#ifdef CONFIG_ARM_AMBA
#include <linux/amba/bus.h>
#endif

#include "client.h"

static struct dentry *client_dir;
static LIST_HEAD(clients);
static DEFINE_MUTEX(clients_lock);
static unsigned int nclients;

static bool client_enlist(struct client *c)
{
	bool room;

	mutex_lock(&clients_lock);
	room = nclients < CLIENT_SESSIONS;
	if (room) {
		list_add_tail(&c->node, &clients);
		nclients++;
	}
	mutex_unlock(&clients_lock);
	return room;
}

static int client_open(struct inode *inode, struct file *file)
{
	struct client *c;

	/* The files of debugfs are closed by lockdown anyway; so is this one elsewhere. */
	if (security_locked_down(LOCKDOWN_DEBUGFS))
		return -EPERM;
	c = kzalloc(sizeof(*c), GFP_KERNEL);
	if (!c)
		return -ENOMEM;
	mutex_init(&c->lock);
	init_waitqueue_head(&c->called);
	client_say(c, "%s %d", CLIENT_NAME, CLIENT_VERSION);
	if (!client_enlist(c)) {
		kfree(c);
		return -EMFILE;
	}
	file->private_data = c;
	return stream_open(inode, file);
}

static int client_close(struct inode *inode, struct file *file)
{
	struct client *c = file->private_data;

	mutex_lock(&clients_lock);
	list_del(&c->node);
	nclients--;
	mutex_unlock(&clients_lock);

	mutex_lock(&c->lock);
	client_let_go(c);
	client_bufs_free(c);
	mutex_unlock(&c->lock);
	/* Memory that an engine may still write to, or call back for, is not given back. */
	if (!c->stuck)
		kfree(c);
	return 0;
}

/* The command as it was written, or ERR_PTR(); a line too long is not even copied. */
static char *client_line(const char __user *from, size_t len)
{
	if (len > CLIENT_LINE)
		return ERR_PTR(-E2BIG);
	return memdup_user_nul(from, len);
}

static ssize_t client_write(struct file *file, const char __user *from, size_t len, loff_t *pos)
{
	struct client *c = file->private_data;
	char *line;
	int ret;

	line = client_line(from, len);
	if (mutex_lock_interruptible(&c->lock)) {
		if (!IS_ERR(line))
			kfree(line);
		return -EINTR;
	}
	if (security_locked_down(LOCKDOWN_DEBUGFS))
		ret = client_refuse(c, -EPERM, "the kernel is locked down");
	else if (IS_ERR(line))
		ret = client_refuse(c, PTR_ERR(line), "the command cannot be taken");
	else
		ret = client_execute(c, line, len);
	mutex_unlock(&c->lock);
	if (!IS_ERR(line))
		kfree(line);
	return ret ?: len;
}

/* Takes what is left of an answer, at most @len bytes: their place in it. */
static size_t client_take_answer(struct client *c, char *part, size_t *len)
{
	size_t from = c->answer_read;

	*len = min(*len, c->answer_len - from);
	memcpy(part, c->answer + from, *len);
	c->answer_read += *len;
	return from;
}

/* User memory is not touched with the lock held, which is taken under a device's own. */
static ssize_t client_read(struct file *file, char __user *to, size_t len, loff_t *pos)
{
	struct client *c = file->private_data;
	char *part = kmalloc(CLIENT_ANSWER, GFP_KERNEL);
	unsigned int number;
	size_t from;

	if (!part)
		return -ENOMEM;
	if (mutex_lock_interruptible(&c->lock)) {
		kfree(part);
		return -EINTR;
	}
	from = client_take_answer(c, part, &len);
	number = c->answers;
	mutex_unlock(&c->lock);

	if (copy_to_user(to, part, len)) {
		mutex_lock(&c->lock);
		if (c->answers == number)
			c->answer_read = from;
		mutex_unlock(&c->lock);
		len = -EFAULT;
	}
	kfree(part);
	return len;
}

static const struct file_operations client_fops = {
	.owner		= THIS_MODULE,
	.open		= client_open,
	.release	= client_close,
	.read		= client_read,
	.write		= client_write,
};

/* A provider's driver is about to lose its device: nothing of ours may stay mapped there. */
static void client_leave(struct client *c, struct device *dev)
{
	/* Whoever waits for a transfer holds the lock; there is nothing to wait for. */
	if (READ_ONCE(c->dev) != dev)
		return;
	WRITE_ONCE(c->gone, true);
	wake_up_all(&c->called);
	mutex_lock(&c->lock);
	if (c->dev == dev)
		client_rest(c);
	mutex_unlock(&c->lock);
}

static int client_notified(struct notifier_block *nb, unsigned long event, void *dev)
{
	struct client *c;

	if (event != BUS_NOTIFY_UNBIND_DRIVER)
		return NOTIFY_DONE;
	mutex_lock(&clients_lock);
	list_for_each_entry(c, &clients, node)
		client_leave(c, dev);
	mutex_unlock(&clients_lock);
	return NOTIFY_OK;
}

/* The buses whose drivers are DMA engine providers; one notifier is in one chain. */
/* What a bus is, const or not, differs between kernels. */
static struct {
	typeof(platform_bus_type) *bus;
	struct notifier_block nb;
} client_buses[] = {
	{ &platform_bus_type, { .notifier_call = client_notified } },
#ifdef CONFIG_PCI
	{ &pci_bus_type, { .notifier_call = client_notified } },
#endif
#ifdef CONFIG_ARM_AMBA
	{ &amba_bustype, { .notifier_call = client_notified } },
#endif
};

static int __init client_init(void)
{
	int ret;

	ret = client_channel_init();
	if (ret)
		return ret;
	for (int i = 0; i < ARRAY_SIZE(client_buses); i++)
		bus_register_notifier(client_buses[i].bus, &client_buses[i].nb);
	client_dir = debugfs_create_dir(CLIENT_NAME, NULL);
	debugfs_create_file("session", 0600, client_dir, NULL, &client_fops);
	return 0;
}
module_init(client_init);

static void __exit client_exit(void)
{
	debugfs_remove(client_dir);
	for (int i = 0; i < ARRAY_SIZE(client_buses); i++)
		bus_unregister_notifier(client_buses[i].bus, &client_buses[i].nb);
	client_channel_exit();
}
module_exit(client_exit);

MODULE_DESCRIPTION("DMA engine client that is driven from user space");
MODULE_LICENSE("GPL");
