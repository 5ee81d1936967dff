/* SPDX-License-Identifier: GPL-2.0-only */
/* What a test must leave as it found it: memory, mappings, references. */
#ifndef LEAKS_H
#define LEAKS_H

#include "session.h"

#define KMEMLEAK	"/sys/kernel/debug/kmemleak"
#define KMEMLEAK_AGE_S	6	/* what is younger is not looked at */
#define DMA_API		"/sys/kernel/debug/dma-api/"

struct holdings {
	long mappings;		/* that dma-api debug knows of, -1 where there is none */
	long disabled;		/* dma-api debug has given up */
	long stub;		/* references to the modules, -1 where they are built in */
	long client;
};

static inline long number_in(const char *path)
{
	char text[64];

	return get_file(path, text, sizeof(text)) < 0 ? -1 : strtol(text, NULL, 0);
}

static inline struct holdings count_holdings(void)
{
	long total = number_in(DMA_API "nr_total_entries");
	char text[8];

	return (struct holdings){
		.mappings = total < 0 ? -1 : total - number_in(DMA_API "num_free_entries"),
		.disabled = get_file(DMA_API "disabled", text, sizeof(text)) > 0 && *text == 'Y',
		.stub = number_in("/sys/module/dmaconf_stub/refcnt"),
		.client = number_in("/sys/module/dmaconf_client/refcnt"),
	};
}

#define EXPECT_SAME_HOLDINGS(before)						\
	do {									\
		struct holdings now = count_holdings();				\
										\
		EXPECT_EQ((before).mappings, now.mappings);			\
		EXPECT_EQ((before).disabled, now.disabled);			\
		EXPECT_EQ((before).stub, now.stub);				\
		EXPECT_EQ((before).client, now.client);				\
	} while (0)

/* Whether the kernel looks for memory that nothing refers to. */
static inline bool has_kmemleak(void)
{
	return !access(KMEMLEAK, W_OK);
}

static inline void forget_leaks(void)
{
	if (has_kmemleak())
		put_file(KMEMLEAK, "clear");
}

/* Looks twice, as pointers may be in registers: what was found goes to @text. */
static inline ssize_t find_leaks(char *text, size_t size)
{
	*text = '\0';
	if (!has_kmemleak())
		return 0;
	sleep(KMEMLEAK_AGE_S);
	put_file(KMEMLEAK, "scan");
	put_file(KMEMLEAK, "scan");
	return get_file(KMEMLEAK, text, size);
}

#endif /* LEAKS_H */
