/* SPDX-License-Identifier: GPL-2.0-only */
/* A sample of needs, for the tests of the host tools only. */
#define DMACONF_VERSION	"0.1.0"
#define NEEDS_ANY	0		/* any channel */
#define NEEDS_MEMCPY	BIT_ULL(1)	/* DMA_MEMCPY */
#define NEEDS_GATE	BIT_ULL(10)	/* aid: transfers held and stepped */
