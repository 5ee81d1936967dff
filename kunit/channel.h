/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What search.c, which makes the list of the channels under test, and channel.c,
 * which asks for them by name, know of each other.
 */
#ifndef DMACONF_CHANNEL_H
#define DMACONF_CHANNEL_H

#include "dmaconf.h"

/**
 * struct dmaconf_target - a channel under test
 * @label: as the user sees it, see dmaconf_label(); of a client's channel
 *	"<client>/<channel name>"
 * @chan: the channel; what a client's name leads to may change from request to
 *	request, then it is the one that it led to last
 * @aid: for a client's channel, else NULL
 * @name: for a client's channel, what it is requested by
 * @cpu: the CPU that takes the interrupt which ends its transfers, or DMACONF_CPU_*
 */
struct dmaconf_target {
	char label[DMACONF_LABEL];
	struct dma_chan *chan;
	const struct dmaconf_aid *aid;
	const char *name;
	int cpu;
};

/* search.c */
struct dmaconf_target *dmaconf_target(const char *label);

/* channel.c */
struct dma_chan *dmaconf_class_chan(struct device *dev);
void dmaconf_provider_name(struct dma_chan *chan, char *name);
int dmaconf_resolve(struct dmaconf_target *target);
struct dmaconf_target dmaconf_client_target(const struct dmaconf_aid *aid, unsigned int i);
const struct class *dmaconf_class(void);

#endif /* DMACONF_CHANNEL_H */
