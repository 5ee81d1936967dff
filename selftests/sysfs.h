/* SPDX-License-Identifier: GPL-2.0-only */
/* Channels as /sys/class/dma shows them. */
#ifndef SYSFS_H
#define SYSFS_H

#include <dirent.h>
#include <limits.h>

#include "session.h"

#define CLASS_DMA	"/sys/class/dma"

/* The file @name of a device's channel @number in /sys/class/dma: whether it is there. */
static inline bool channel_file(const char *device, int number, const char *name, char *path,
				size_t size)
{
	char link[sizeof(CLASS_DMA "/") + NAME_MAX], target[PATH_MAX], part[128];
	struct dirent *entry;
	bool found = false;
	int n, chan;
	DIR *dir;

	dir = opendir(CLASS_DMA);
	if (!dir)
		return false;
	snprintf(part, sizeof(part), "/%s/dma/", device);
	while (!found && (entry = readdir(dir))) {
		snprintf(link, sizeof(link), CLASS_DMA "/%s", entry->d_name);
		n = readlink(link, target, sizeof(target) - 1);
		target[n > 0 ? n : 0] = '\0';
		found = strstr(target, part) &&
			sscanf(entry->d_name, "dma%*dchan%d", &chan) == 1 && chan == number;
	}
	closedir(dir);
	if (found)
		snprintf(path, size, "%s/%s", link, name);
	return found;
}

/* A channel's number in a file of sysfs, -1 where it cannot be read. */
static inline long channel_number(const char *device, int number, const char *name)
{
	char path[PATH_MAX], text[64];

	if (!channel_file(device, number, name, path, sizeof(path)) ||
	    get_file(path, text, sizeof(text)) < 0)
		return -1;
	return strtol(text, NULL, 0);
}

#endif /* SYSFS_H */
