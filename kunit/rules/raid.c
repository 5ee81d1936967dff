// SPDX-License-Identifier: GPL-2.0-only
/*
 * RAID operations: xor, pq, and their checks. Sources and coefficients always
 * differ, and the number of sources is as often even as odd: an engine that
 * copies one of them cannot pass.
 */
#include <linux/minmax.h>
#include <linux/slab.h>

#include "dmaconf.h"

#define MOST	32	/* sources that are tried of what a provider allows */
#define LEN	512

static unsigned int xor_most(struct dmaconf *dc)
{
	return min_t(unsigned int, dc->device->max_xor, MOST);
}

static unsigned int pq_most(struct dmaconf *dc, unsigned long flags)
{
	return clamp(dma_maxpq(dc->device, flags), 0, MOST);
}

/* An operation on @nsrc sources, whose memory is still to be given; @nto sums arrive. */
static struct dmaconf_xfer *raid_new(struct dmaconf *dc, const struct dmaconf_type *type,
				     unsigned int nsrc, unsigned int nto, size_t len)
{
	struct dmaconf_xfer *x;

	len = roundup(len, dmaconf_align(dc, type));
	x = dmaconf_xfer_new(dc, type, DMA_MEM_TO_MEM, len);
	dmaconf_pieces(x, nsrc, nto);
	for (unsigned int i = 0; i < nsrc; i++)
		x->from[i].len = len;
	for (unsigned int i = 0; i < nto; i++)
		x->to[i].len = len;
	return x;
}

/* Somewhere inside a buffer of its own. */
static void raid_place(struct dmaconf *dc, const struct dmaconf_type *type,
		       struct dmaconf_piece *piece, enum dma_data_direction dir)
{
	size_t unit = dmaconf_align(dc, type);

	piece->off = dmaconf_random(dc, 9) * unit;
	piece->buf = dmaconf_buf(dc, piece->len + 9 * unit, dir);
}

static struct dmaconf_xfer *raid_anywhere(struct dmaconf_xfer *x)
{
	for (unsigned int i = 0; i < x->nfrom; i++)
		if (!x->from[i].buf)
			raid_place(x->dc, x->type, &x->from[i], DMA_TO_DEVICE);
	for (unsigned int i = 0; i < x->nto; i++)
		if (!x->to[i].buf)
			raid_place(x->dc, x->type, &x->to[i], DMA_FROM_DEVICE);
	return dmaconf_xfer_ready(x);
}

/* Accepted, and exact, in all that it writes and all that it reads. */
static void raid_run(struct dmaconf_xfer *x)
{
	struct dmaconf *dc = x->dc;
	bool right;

	if (!dmaconf_try_queue(x))
		KUNIT_FAIL_AND_ABORT(dc->test, "%s of %u sources, %zu bytes: refused",
				     x->type->name, x->nfrom, x->len);
	dmaconf_issue(dc);
	right = dmaconf_finish(x);
	for (unsigned int i = 0; i < x->nto; i++)
		right &= dmaconf_buf_check(dc, x->to[i].buf, i ? "Q" : "P");
	for (unsigned int i = 0; i < x->nfrom; i++)
		right &= dmaconf_buf_check(dc, x->from[i].buf, "a source");
	if (!right)
		KUNIT_FAIL_AND_ABORT(dc->test, "%s of %u sources, %zu bytes, flags %#lx",
				     x->type->name, x->nfrom, x->len, x->flags);
}

static size_t raid_random_len(struct dmaconf *dc)
{
	return 1 + dmaconf_random(dc, dmaconf_random(dc, 2) ? 100 : 2000);
}

/* Broken: parity is wrong, and the array is lost with the next disk that fails. */
DMACONF_RULE(xor, data, MUST,
	     "The destination of an xor becomes the XOR of all its sources, which stay as they are.",
	     "Documentation/driver-api/dmaengine/provider.rst:178; include/linux/dmaengine.h:900",
	     NEEDS_XOR)
{
	static const u8 sources[] = { 2, 3, 4, 5, 6, 7, 8, 11, 16, 31 };

	for (int i = 0; i < ARRAY_SIZE(sources); i++) {
		if (sources[i] > xor_most(dc))
			break;
		for (int round = 0; round < 3; round++)
			raid_run(raid_anywhere(raid_new(dc, &dmaconf_xor, sources[i], 1,
							raid_random_len(dc))));
	}
	raid_run(raid_anywhere(raid_new(dc, &dmaconf_xor, 2, 1, SZ_64K + 1)));
}

/* The destination is one of the sources too, as in a computation that goes on. */
static struct dmaconf_xfer *xor_onto(struct dmaconf *dc, unsigned int nsrc, unsigned int which)
{
	struct dmaconf_xfer *x = raid_new(dc, &dmaconf_xor, nsrc, 1, LEN);

	raid_place(dc, x->type, &x->to[0], DMA_BIDIRECTIONAL);
	x->from[which] = x->to[0];
	return raid_anywhere(x);
}

/*
 * Broken: async_tx, which folds what it has so far into the next step, gets the parity
 * of some of the disks only.
 */
DMACONF_RULE(xor, limits, MUST,
	     "An xor takes any number of sources up to max_xor, of which the destination may be one; more than that are refused, or computed.",
	     "include/linux/dmaengine.h:792; crypto/async_tx/async_xor.c:62",
	     NEEDS_XOR)
{
	unsigned int most = xor_most(dc);
	struct dmaconf_xfer *x;

	for (unsigned int n = 2; n <= most; n++) {
		raid_run(raid_anywhere(raid_new(dc, &dmaconf_xor, n, 1, LEN)));
		raid_run(xor_onto(dc, n, 0));
		raid_run(xor_onto(dc, n, n - 1));
	}
	if (dc->device->max_xor >= MOST)
		return;
	x = raid_anywhere(raid_new(dc, &dmaconf_xor, dc->device->max_xor + 1, 1, LEN));
	if (!dmaconf_try_queue(x)) {
		KUNIT_EXPECT_NULL_MSG(test, x->tx, "refused with %pe", x->tx);
		return;
	}
	dmaconf_diag(dc, "%u sources are taken, max_xor is %u", x->nfrom, dc->device->max_xor);
	dmaconf_issue(dc);
	dmaconf_finish(x);
}

/* Coefficients that tell a field from another, and a product from a sum. */
static void pq_coefficients(struct dmaconf_xfer *x, int round)
{
	static const u8 special[] = { 1, 2, 4, 8, 0x10, 0x20, 0x40, 0x80, 0x1d, 0xff, 0x8e, 3 };

	x->scf = kunit_kzalloc(x->dc->test, x->nfrom, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(x->dc->test, x->scf);
	for (unsigned int i = 0; i < x->nfrom; i++)
		x->scf[i] = round ? 1 + dmaconf_random(x->dc, 255) :
				    special[i % ARRAY_SIZE(special)];
}

static struct dmaconf_xfer *pq_new(struct dmaconf *dc, unsigned int nsrc, size_t len, int round)
{
	struct dmaconf_xfer *x = raid_new(dc, &dmaconf_pq, nsrc, 2, len);

	pq_coefficients(x, round);
	return x;
}

/* Broken: two failed disks of a RAID-6 are restored as garbage. */
DMACONF_RULE(pq, data, MUST,
	     "Of a pq, P becomes the XOR of its sources, and Q their sum in GF(2^8)/0x11d, each weighted with its coefficient.",
	     "Documentation/driver-api/dmaengine/provider.rst:189; include/linux/dmaengine.h:906",
	     NEEDS_PQ)
{
	static const u8 sources[] = { 2, 3, 4, 5, 6, 7, 8, 11, 16 };

	for (int i = 0; i < ARRAY_SIZE(sources); i++) {
		if (sources[i] > pq_most(dc, 0))
			break;
		for (int round = 0; round < 4; round++)
			raid_run(raid_anywhere(pq_new(dc, sources[i], raid_random_len(dc),
						      round)));
	}
	raid_run(raid_anywhere(pq_new(dc, 2, SZ_64K + 1, 1)));
}

/* One of the sums is not wanted: its memory is none of the provider's business. */
static void pq_disable(struct dmaconf *dc, unsigned int nsrc, bool q)
{
	struct dmaconf_xfer *x = raid_anywhere(pq_new(dc, nsrc, LEN, 1));

	x->flags |= q ? DMA_PREP_PQ_DISABLE_Q : DMA_PREP_PQ_DISABLE_P;
	x->to[q].len = 0;
	raid_run(x);
}

/* All sources in two steps: the second goes on with the sums of the first. */
static void pq_continue(struct dmaconf *dc, unsigned int nsrc, unsigned int more,
			unsigned long disable)
{
	struct dmaconf_xfer *x[2];

	x[0] = pq_new(dc, nsrc, LEN, 1);
	x[1] = pq_new(dc, more, LEN, 1);
	for (int i = 0; i < 2; i++) {
		raid_place(dc, x[0]->type, &x[0]->to[i], DMA_BIDIRECTIONAL);
		if (disable & (i ? DMA_PREP_PQ_DISABLE_Q : DMA_PREP_PQ_DISABLE_P))
			x[0]->to[i].len = 0;
		x[1]->to[i] = x[0]->to[i];
	}
	x[0]->flags |= disable;
	x[1]->flags |= disable | DMA_PREP_CONTINUE;
	raid_run(raid_anywhere(x[0]));
	raid_run(raid_anywhere(x[1]));
}

/*
 * Broken: memory that the client never lent is overwritten, or disks beyond the
 * provider's limit are missing from the sums.
 */
DMACONF_RULE(pq, flags, MUST,
	     "DMA_PREP_PQ_DISABLE_P and _Q leave that sum's memory alone, and DMA_PREP_CONTINUE goes on from the sums that are there.",
	     "include/linux/dmaengine.h:181; include/linux/dmaengine.h:1309; crypto/async_tx/async_pq.c:53",
	     NEEDS_PQ)
{
	static const unsigned long disable[] = { 0, DMA_PREP_PQ_DISABLE_P, DMA_PREP_PQ_DISABLE_Q };
	unsigned int most = pq_most(dc, 0), more;

	for (unsigned int n = 2; n <= min(most, 5); n++) {
		pq_disable(dc, n, false);
		pq_disable(dc, n, true);
	}
	for (int i = 0; i < ARRAY_SIZE(disable); i++) {
		more = pq_most(dc, disable[i] | DMA_PREP_CONTINUE);
		for (unsigned int n = 1; n <= min(more, 4); n++)
			pq_continue(dc, min(most, 1 + n), n, disable[i]);
		if (more > 4)
			pq_continue(dc, most, more, disable[i]);
	}
}

/**
 * struct val_case - a check, and what it must find
 * @what: for messages
 * @spoil: which piece gets a wrong byte: 0 a source, 1 P, 2 Q; -1 none
 * @disable: DMA_PREP_PQ_DISABLE_* flags
 * @expect: of pq_val
 */
struct val_case {
	const char *what;
	int spoil;
	unsigned long disable;
	enum sum_check_flags expect;
};

static const struct val_case val_cases[] = {
	{ "all right", -1, 0, 0 },
	{ "a wrong source", 0, 0, SUM_CHECK_P_RESULT | SUM_CHECK_Q_RESULT },
	{ "a wrong P", 1, 0, SUM_CHECK_P_RESULT },
	{ "a wrong Q", 2, 0, SUM_CHECK_Q_RESULT },
	{ "a wrong source, P disabled", 0, DMA_PREP_PQ_DISABLE_P, SUM_CHECK_Q_RESULT },
	{ "a wrong source, Q disabled", 0, DMA_PREP_PQ_DISABLE_Q, SUM_CHECK_P_RESULT },
	{ "a wrong P, P disabled", 1, DMA_PREP_PQ_DISABLE_P, 0 },
	{ "a wrong Q, Q disabled", 2, DMA_PREP_PQ_DISABLE_Q, 0 },
	{ "all right, P disabled", -1, DMA_PREP_PQ_DISABLE_P, 0 },
	{ "all right, Q disabled", -1, DMA_PREP_PQ_DISABLE_Q, 0 },
};

/* on_callback: the result is there before the callback, not some time later. */
static void val_look(struct dmaconf_xfer *x)
{
	x->priv = (void *)(unsigned long)READ_ONCE(x->sums);
}

/* One bit of one byte, somewhere: at the beginning, in the middle or at the end. */
static void val_spoil(struct dmaconf *dc, const struct dmaconf_piece *piece)
{
	size_t at = dmaconf_random(dc, 3) * (piece->len - 1) / 2;
	u8 byte;

	dmaconf_gather(piece, 1, at, &byte, 1);
	byte ^= BIT(dmaconf_random(dc, 8));
	dmaconf_buf_write(dc, piece->buf, piece->off + at, &byte, 1);
}

static void val_run(struct dmaconf_xfer *x, enum sum_check_flags before,
		    enum sum_check_flags expect, const char *what)
{
	struct kunit *test = x->dc->test;

	x->sums = before;
	x->on_callback = val_look;
	dmaconf_start(x);
	if (!dmaconf_wait_calls(x, x->submissions))
		KUNIT_FAIL_AND_ABORT(test, "%s: no callback", x->type->name);
	if ((unsigned long)x->priv == expect && x->sums == expect)
		return;
	KUNIT_FAIL_AND_ABORT(test,
			     "%s of %u sources, %s: the result was %#x before, %#lx in the callback and %#x later, should be %#x",
			     x->type->name, x->nfrom, what, before, (unsigned long)x->priv, x->sums,
			     expect);
}

/* What @type would write for the sources becomes the content of a piece. */
static void val_fill(struct dmaconf_xfer *x, struct dmaconf_xfer *sums, unsigned int sum,
		     const struct dmaconf_piece *piece)
{
	u8 bytes[64];
	size_t n;

	for (size_t at = 0; at < piece->len; at += n) {
		n = min(piece->len - at, sizeof(bytes));
		sums->type->expect(sums, sum * sums->len + at, bytes, n);
		dmaconf_buf_write(x->dc, piece->buf, piece->off + at, bytes, n);
	}
}

/* An operation that is never run, and tells what the first @n sources of @x add up to. */
static struct dmaconf_xfer *val_sums(struct dmaconf_xfer *x, const struct dmaconf_type *type,
				     unsigned int n)
{
	struct dmaconf_xfer *sums = dmaconf_xfer_new(x->dc, type, DMA_MEM_TO_MEM, x->len);

	dmaconf_pieces(sums, n, 0);
	memcpy(sums->from, x->from, array_size(n, sizeof(*x->from)));
	if (x->scf)
		sums->scf = x->scf;
	return sums;
}

/* The sources of a check of an XOR: the last one is that of the others, or nearly so. */
static void val_xor(struct dmaconf *dc, unsigned int nsrc, bool wrong,
		    enum sum_check_flags before)
{
	struct dmaconf_xfer *x = raid_anywhere(raid_new(dc, &dmaconf_xor_val, nsrc, 0, LEN));

	val_fill(x, val_sums(x, &dmaconf_xor, nsrc - 1), 0, &x->from[nsrc - 1]);
	if (wrong)
		val_spoil(dc, &x->from[dmaconf_random(dc, nsrc)]);
	val_run(x, before, wrong ? SUM_CHECK_P_RESULT : 0,
		wrong ? "one of them wrong" : "all right");
}

static void val_pq(struct dmaconf *dc, unsigned int nsrc, const struct val_case *c,
		   enum sum_check_flags before)
{
	struct dmaconf_xfer *x = raid_new(dc, &dmaconf_pq_val, nsrc + 2, 0, LEN);
	struct dmaconf_xfer *sums;

	pq_coefficients(x, 1);
	raid_anywhere(x);
	x->flags |= c->disable;
	sums = val_sums(x, &dmaconf_pq, nsrc);
	val_fill(x, sums, 0, &x->from[nsrc]);
	val_fill(x, sums, 1, &x->from[nsrc + 1]);
	if (c->spoil >= 0)
		val_spoil(dc, &x->from[c->spoil ? nsrc + c->spoil - 1 : dmaconf_random(dc, nsrc)]);
	val_run(x, before, c->expect, c->what);
}

/* Longer than a register of 16 bits can say, with the last byte right or wrong. */
static void val_long(struct dmaconf *dc, bool wrong)
{
	struct dmaconf_xfer *x = raid_anywhere(raid_new(dc, &dmaconf_xor_val, 2, 0, SZ_64K + 64));
	const struct dmaconf_piece *last = &x->from[1];
	u8 byte;

	val_fill(x, val_sums(x, &dmaconf_xor, 1), 0, last);
	dmaconf_gather(last, 1, x->len - 1, &byte, 1);
	byte ^= wrong;
	dmaconf_buf_write(dc, last->buf, last->off + x->len - 1, &byte, 1);
	val_run(x, 0, wrong ? SUM_CHECK_P_RESULT : 0, wrong ? "its last byte wrong" : "long");
}

/*
 * Broken: a scrub reports corruption where there is none and repairs it to death, or
 * finds none where there is.
 */
DMACONF_RULE(val, result, MUST,
	     "A check stores the result of each sum that it was asked for, set when it is wrong and clear when it is right, before the callback, and writes nothing else.",
	     "include/linux/dmaengine.h:217; Documentation/crypto/async-tx-api.rst:79; drivers/dma/ioat/dma.c:556",
	     NEEDS_VAL)
{
	static const enum sum_check_flags before[] = {
		0, SUM_CHECK_P_RESULT | SUM_CHECK_Q_RESULT,
	};
	bool pq = dmaconf_pq_val.offered(dc, DMA_MEM_TO_MEM);

	for (int wrong = 0; wrong < 2 && dmaconf_xor_val.offered(dc, DMA_MEM_TO_MEM); wrong++)
		val_long(dc, wrong);
	for (unsigned int n = 2; n <= 5 * ARRAY_SIZE(before); n++) {
		enum sum_check_flags was = before[n & 1];

		if (dmaconf_xor_val.offered(dc, DMA_MEM_TO_MEM) && n / 2 + 1 <= xor_most(dc)) {
			val_xor(dc, n / 2 + 1, false, was);
			val_xor(dc, n / 2 + 1, true, was);
		}
		if (!pq || n / 2 + 1 > pq_most(dc, 0))
			continue;
		for (int i = 0; i < ARRAY_SIZE(val_cases); i++)
			val_pq(dc, n / 2 + 1, &val_cases[i], was);
	}
}

static struct kunit_case xor_rules[] = {
	DMACONF_CASE(xor, data),
	DMACONF_CASE(xor, limits),
	{}
};

static struct kunit_case pq_rules[] = {
	DMACONF_CASE(pq, data),
	DMACONF_CASE(pq, flags),
	{}
};

static struct kunit_case val_rules[] = {
	DMACONF_CASE(val, result),
	{}
};

DMACONF_SUITE(xor);
DMACONF_SUITE(pq);
DMACONF_SUITE(val);

kunit_test_suites(&xor_suite, &pq_suite, &val_suite);
