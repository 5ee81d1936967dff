/* SPDX-License-Identifier: GPL-2.0-only */
/* What tests of data move: six buffers, each with a pattern of its own. */
#ifndef BUFFERS_H
#define BUFFERS_H

#include "session.h"

#define SIZE	8192

/* Buffers 0 to 3 are read by the engine, 4 and 5 written; pattern B is in buffer B. */
static inline int six_buffers(int s, const char *kind)
{
	int ret = 0;

	for (int b = 0; b < 6 && !ret; b++) {
		ret = strcmp(kind, "coherent") ?
			say(s, "alloc %d %d streaming %s", b, SIZE,
			    b < 4 ? "to-device" : "from-device") :
			say(s, "alloc %d %d coherent", b, SIZE);
		if (!ret)
			ret = say(s, "fill %d %d", b, b);
		if (!ret && strcmp(kind, "coherent"))
			ret = say(s, "map %d", b);
	}
	return ret;
}

/* A channel of the device, and the buffers, mapped. */
#define ASSERT_CHANNEL(name)							\
	do {									\
		ASSERT_OK(self->s, "request device dmaconf-stub-%s.0", name);	\
		ASSERT_EQ(0, six_buffers(self->s, "streaming"));		\
	} while (0)

#endif /* BUFFERS_H */
