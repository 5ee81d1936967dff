// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registry of aids, see aid.h. A module of its own, so that the stub runs
 * without the suite and the suite without the stub.
 */
#include <linux/module.h>
#include <linux/mutex.h>

#include "aid.h"

static DEFINE_MUTEX(dmaconf_aids_lock);
static LIST_HEAD(dmaconf_aids);

/**
 * dmaconf_aid_register - offer aids for the channels of a provider
 * @aid: filled in by the caller, must live until dmaconf_aid_unregister()
 *
 * Context: may sleep.
 */
void dmaconf_aid_register(struct dmaconf_aid *aid)
{
	mutex_lock(&dmaconf_aids_lock);
	list_add_tail(&aid->node, &dmaconf_aids);
	mutex_unlock(&dmaconf_aids_lock);
}
EXPORT_SYMBOL_GPL(dmaconf_aid_register);

/**
 * dmaconf_aid_unregister - take the aids of a provider back
 * @aid: as registered; no channel of the provider may be under test
 *
 * Context: may sleep.
 */
void dmaconf_aid_unregister(struct dmaconf_aid *aid)
{
	mutex_lock(&dmaconf_aids_lock);
	list_del(&aid->node);
	mutex_unlock(&dmaconf_aids_lock);
}
EXPORT_SYMBOL_GPL(dmaconf_aid_unregister);

/**
 * dmaconf_aid_find - the aids for the channels of a provider
 * @device: the provider
 *
 * Context: may sleep.
 * Return: the aids, or NULL when there are none.
 */
const struct dmaconf_aid *dmaconf_aid_find(const struct dma_device *device)
{
	const struct dmaconf_aid *aid, *found = NULL;

	mutex_lock(&dmaconf_aids_lock);
	list_for_each_entry(aid, &dmaconf_aids, node)
		if (aid->dev == device->dev)
			found = aid;
	mutex_unlock(&dmaconf_aids_lock);
	return found;
}
EXPORT_SYMBOL_GPL(dmaconf_aid_find);

/**
 * dmaconf_aid_clients - walk over the aids that name channels of a client
 * @fn: what to do with each; not 0 ends the walk
 * @data: for @fn
 *
 * Context: may sleep.
 * Return: what the last @fn returned.
 */
int dmaconf_aid_clients(int (*fn)(const struct dmaconf_aid *aid, void *data), void *data)
{
	const struct dmaconf_aid *aid;
	int ret = 0;

	mutex_lock(&dmaconf_aids_lock);
	list_for_each_entry(aid, &dmaconf_aids, node) {
		if (aid->client)
			ret = fn(aid, data);
		if (ret)
			break;
	}
	mutex_unlock(&dmaconf_aids_lock);
	return ret;
}
EXPORT_SYMBOL_GPL(dmaconf_aid_clients);

MODULE_DESCRIPTION("Aids for the dmaengine conformance suite");
MODULE_LICENSE("GPL");
