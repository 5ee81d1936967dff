/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the oldest supported kernel lacks and newer ones have, under the newer one's
 * name. probes.c finds what no macro tells of.
 */
#ifndef DMACONF_COMPAT_H
#define DMACONF_COMPAT_H

#include <kunit/test.h>
#include <linux/console.h>
#include <linux/device/class.h>
#include <linux/mmzone.h>
#include <linux/slab.h>
#include <linux/string.h>

#if __has_include("linux/unaligned.h")
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

#ifndef KUNIT_FAIL_AND_ABORT
#define KUNIT_FAIL_AND_ABORT	KUNIT_ASSERT_FAILURE
#endif

#ifndef KUNIT_EXPECT_MEMEQ_MSG
#define KUNIT_EXPECT_MEMEQ_MSG(test, left, right, size, fmt, ...) \
	KUNIT_EXPECT_TRUE_MSG(test, !memcmp(left, right, size), fmt, ##__VA_ARGS__)
#endif

/* A case with its module, where KUnit keeps that. */
#ifdef DMACONF_HAVE_CASE_MODULE
#define DMACONF_CASE_MODULE	.module_name = KBUILD_MODNAME,
#else
#define DMACONF_CASE_MODULE
#endif

/*
 * KUnit prints why a test was skipped also for a test with parameters. That came a release
 * before this header; in between it is printed twice.
 */
#if __has_include("kunit/device.h")
#define DMACONF_TOLD_SKIPS	true
#else
#define DMACONF_TOLD_SKIPS	false
#endif

/* Of the two meanings that MAX_ORDER has had, the smaller one. */
#ifndef MAX_PAGE_ORDER
#define MAX_PAGE_ORDER	(MAX_ORDER - 1)
#endif

/* A class is const in newer kernels, and there it takes both. */
#define class_for_each_device(cls, start, data, fn) \
	class_for_each_device((struct class *)(cls), start, data, fn)

/* Over all of the tree only. */
#ifndef DMACONF_HAVE_OVERLAY_BASE
#define of_overlay_fdt_apply(fdt, size, id, ...)	of_overlay_fdt_apply(fdt, size, id)
#endif

#ifndef DMACONF_HAVE_CONSOLE_IS_REGISTERED
static inline bool console_is_registered(const struct console *con)
{
	return con->flags & CON_ENABLED;
}
#endif

#ifndef DMACONF_HAVE_KUNIT_ACTION

typedef void (kunit_action_t)(void *data);

struct dmaconf_action {
	kunit_action_t *run;
	void *data;
};

static inline int dmaconf_action_init(struct kunit_resource *res, void *action)
{
	res->data = kmemdup(action, sizeof(struct dmaconf_action), GFP_KERNEL);
	return res->data ? 0 : -ENOMEM;
}

static inline void dmaconf_action_free(struct kunit_resource *res)
{
	struct dmaconf_action *action = res->data;

	action->run(action->data);
	kfree(action);
}

static inline bool dmaconf_action_is(struct kunit *test, struct kunit_resource *res, void *wanted)
{
	return res->free == dmaconf_action_free &&
	       !memcmp(res->data, wanted, sizeof(struct dmaconf_action));
}

static inline int kunit_add_action_or_reset(struct kunit *test, kunit_action_t *run, void *data)
{
	struct dmaconf_action action = { run, data };

	if (kunit_alloc_resource(test, dmaconf_action_init, dmaconf_action_free, GFP_KERNEL,
				 &action))
		return 0;
	run(data);
	return -ENOMEM;
}

/* Finds only what the same file has added. */
static inline void kunit_release_action(struct kunit *test, kunit_action_t *run, void *data)
{
	struct dmaconf_action action = { run, data };

	kunit_destroy_resource(test, dmaconf_action_is, &action);
}

#endif /* !DMACONF_HAVE_KUNIT_ACTION */

#endif /* DMACONF_COMPAT_H */
