/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The harness: everything that a rule needs and no rule should write again.
 *
 * A rule is declared with DMACONF_RULE() directly above its body. The body sees
 * two parameters, the KUnit test and &struct dmaconf with the channel under
 * test, claimed, configured and free running. It arranges, acts and expects.
 * What comes after it is the harness's: terminate, synchronize, compare all
 * memory with what it should hold, unmap, release, free, and look for kernel
 * reports.
 *
 * The checks use the public dmaengine API only and share no code with any
 * provider.
 */
#ifndef DMACONF_H
#define DMACONF_H

#include <kunit/test.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/dmaengine.h>
#include <linux/dma-mapping.h>
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/scatterlist.h>
#include <linux/wait.h>

#include "aid.h"
#include "compat.h"
#include "slave.h"
#include "transfer.h"

#define DMACONF_VERSION	"0.1.0"
#define DMACONF_THREADS	8u
#define DMACONF_LABEL	64	/* enough for a label, with its terminating zero */

/* What a rule needs; a channel without it is skipped, and the reason names it. */
#define NEEDS_ANY	0		/* any channel */
#define NEEDS_XFER	BIT_ULL(0)	/* transfers can be run on it */
#define NEEDS_MEMCPY	BIT_ULL(1)	/* DMA_MEMCPY */
#define NEEDS_SLAVE	BIT_ULL(2)	/* DMA_SLAVE with device_prep_slave_sg */
#define NEEDS_PORT	BIT_ULL(3)	/* aid: a peripheral with a data port */
#define NEEDS_TWO_PORTS	BIT_ULL(4)	/* aid: a peripheral with two */
#define NEEDS_TERMINATE	BIT_ULL(5)	/* device_terminate_all */
#define NEEDS_PAUSE	BIT_ULL(6)	/* device_pause */
#define NEEDS_RESUME	BIT_ULL(7)	/* device_resume */
#define NEEDS_ORDER	BIT_ULL(8)	/* no DMA_COMPLETION_NO_ORDER */
#define NEEDS_RESIDUE	BIT_ULL(9)	/* granularity finer than a descriptor */
#define NEEDS_GATE	BIT_ULL(10)	/* aid: transfers held and stepped */
#define NEEDS_WINDOW	BIT_ULL(11)	/* aid: gate, or a CPU whose interrupts end transfers */
#define NEEDS_INJECT	BIT_ULL(12)	/* aid: provoked failures */
#define NEEDS_PEER	BIT_ULL(13)	/* a second channel of the device */
#define NEEDS_FREE	BIT_ULL(14)	/* the rule requests the channel itself */
#define NEEDS_UNBIND	BIT_ULL(15)	/* the provider's driver can be unbound */
#define NEEDS_UNPLUG	BIT_ULL(16)	/* device_release */
#define NEEDS_MEMORY	BIT_ULL(17)	/* transfers in memory can be run on it */
#define NEEDS_MEMSET	BIT_ULL(18)	/* DMA_MEMSET, or DMA_MEMSET_SG */
#define NEEDS_XOR	BIT_ULL(19)	/* DMA_XOR */
#define NEEDS_PQ	BIT_ULL(20)	/* DMA_PQ */
#define NEEDS_VAL	BIT_ULL(21)	/* DMA_XOR_VAL, or DMA_PQ_VAL */
#define NEEDS_INTERRUPT	BIT_ULL(22)	/* DMA_INTERRUPT */
#define NEEDS_INTERLEAVE BIT_ULL(23)	/* DMA_INTERLEAVE */
#define NEEDS_LIST	BIT_ULL(24)	/* memset_sg; or slave_sg, and NEEDS_PORT */
#define NEEDS_CYCLIC	BIT_ULL(25)	/* DMA_CYCLIC */
#define NEEDS_VEC	BIT_ULL(26)	/* device_prep_peripheral_dma_vec */
#define NEEDS_METADATA	BIT_ULL(27)	/* some mode of metadata */
#define NEEDS_REUSE	BIT_ULL(28)	/* descriptors can be submitted again */
#define NEEDS_REPEAT	BIT_ULL(29)	/* DMA_REPEAT */
#define NEEDS_LOAD_EOT	BIT_ULL(30)	/* DMA_LOAD_EOT */
#define NEEDS_PACE	BIT_ULL(31)	/* implied by NEEDS_CYCLIC: something paces a ring */
#define NEEDS_CONFIG	BIT_ULL(32)	/* device_config */
#define NEEDS_LOCKDEP	BIT_ULL(33)	/* the kernel proves locking */

struct dentry;
struct dmaconf;

/**
 * struct dmaconf_rule - a rule as declared
 * @id: "area.name", for ever
 * @needs: NEEDS_* mask
 * @body: the test
 */
struct dmaconf_rule {
	const char *id;
	u64 needs;
	void (*body)(struct kunit *test, struct dmaconf *dc);
};

/**
 * DMACONF_RULE - declare a rule; its body follows
 * @_area: first half of the id, also names the suite
 * @_name: second half of the id, also names the KUnit case
 * @_strength: MUST or SHOULD
 * @_title: the rule as a sentence
 * @_source: where the kernel says so, file:line of Linux 6.12
 * @_needs: NEEDS_* mask
 *
 * The host tool reads declarations from the source; modinfo(8) shows them too.
 */
#define DMACONF_RULE(_area, _name, _strength, _title, _source, _needs)		\
	MODULE_INFO(rule, #_area "." #_name "; " #_strength "; " _title "; " _source); \
	static void _area##_##_name(struct kunit *test, struct dmaconf *dc);	\
	void _area##_##_name##_case(struct kunit *test);			\
	void _area##_##_name##_case(struct kunit *test)				\
	{									\
		static const struct dmaconf_rule rule = {			\
			.id = #_area "." #_name,				\
			.needs = (_needs),					\
			.body = _area##_##_name,				\
		};								\
										\
		dmaconf_run(test, &rule);					\
	}									\
	static void _area##_##_name(struct kunit *test, struct dmaconf *dc)

/* DMACONF_ELSEWHERE - a rule of this suite that is in another file */
#define DMACONF_ELSEWHERE(_area, _name)				\
	void _area##_##_name##_case(struct kunit *test)

/* DMACONF_CASE - list a rule in its suite */
#define DMACONF_CASE(_area, _name)				\
	{ .run_case = _area##_##_name##_case, .name = #_name,	\
	  DMACONF_CASE_MODULE					\
	  .generate_params = dmaconf_params }

/* DMACONF_SUITE - the suite of an area, from the list <area>_rules */
#define DMACONF_SUITE(_area)					\
	static struct kunit_suite _area##_suite = {		\
		.name = "dmaconf_" #_area,			\
		.suite_init = dmaconf_suite_init,		\
		.exit = dmaconf_exit,				\
		.test_cases = _area##_rules,			\
	}

/**
 * enum dmaconf_outcome - how waiting for a transfer ended
 * @DMACONF_DONE: it was called back or reported complete, and all data is right
 * @DMACONF_FAILED: an error was reported
 * @DMACONF_WRONG: it was reported complete and the data is wrong
 * @DMACONF_SILENT: neither, within the bound
 */
enum dmaconf_outcome {
	DMACONF_DONE,
	DMACONF_FAILED,
	DMACONF_WRONG,
	DMACONF_SILENT,
};

/**
 * struct dmaconf_timer - a call in a timer's context, see dmaconf_in_timer()
 * @timer: its interrupt
 * @fn: what is called
 * @arg: for @fn
 * @done: @fn has returned
 */
struct dmaconf_timer {
	struct hrtimer timer;
	void (*fn)(struct dmaconf *dc, void *arg);
	void *arg;
	bool done;
};

/**
 * struct dmaconf - a rule on a channel
 * @node: in @others of another one
 * @others: further channels of the device, see dmaconf_other()
 * @test: KUnit's
 * @rule: the rule
 * @label: "<provider>/<number>" of the channel; the provider is called like its device, and
 *	with ":2" if it is the second one of that device
 * @chan: the channel, claimed; NULL while a NEEDS_FREE rule does not hold it
 * @public: @chan is held by a public client, see dmaconf_claim_public()
 * @device: the provider
 * @dev: what to map buffers for
 * @unplugged: the device whose driver was unbound, until it is bound again
 * @aid: aids, or NULL
 * @fewer: the aids, if not all of them are to be used
 * @type: kind of transfer that is natural for the channel, see dmaconf_xfer();
 *	NULL when none can be run
 * @dir: its direction
 * @align: its requests must be multiples of this many bytes
 * @rnd: random numbers that depend on the seed, the rule and the channel only
 * @bufs: buffers
 * @xfers: transfers
 * @wait: woken by every callback
 * @seq: callbacks so far
 * @inside: callbacks that have not returned yet
 * @calling_cpu: the CPU that is inside a provider's operation with interrupts
 *	off, as a rule marked it, else -1
 * @window: how transfers are held now, see dmaconf_hold()
 * @irqflags: saved by dmaconf_hold()
 * @held_cpu: the CPU whose interrupts are off
 * @cpus: where the thread ran before it was pinned to @held_cpu
 * @missed: a transfer was called back on another CPU while it was held
 * @peer: second channel, held for the rule, see dmaconf_peer()
 * @configs: slave configuration of each data port, as last given to the provider
 * @streams: what the data ports are connected to
 * @timer: the call in a timer's context
 * @lock: protects @seq, @inside and what callbacks record
 * @start: when the rule began
 * @warned: TAINT_WARN was set when the rule began
 * @reports: dmaconf_reports() when the rule began, and those that are not held against it
 * @prep_slept: reports of a prep that may sleep, while a window of the bench had interrupts off
 * @broken: an invariant did not hold
 * @result_missing: callback_result was called with NULL
 * @raced: threads took part, so that it may fail once in many times
 * @seq_at_exit: @seq when the channel was released
 */
struct dmaconf {
	struct list_head node;
	struct kunit *test;
	const struct dmaconf_rule *rule;
	char label[DMACONF_LABEL];
	struct dma_chan *chan;
	bool public;
	struct dma_device *device;
	struct device *dev;
	struct device *unplugged;
	const struct dmaconf_aid *aid;
	struct dmaconf_aid fewer;
	const struct dmaconf_type *type;
	enum dma_transfer_direction dir;
	size_t align;
	struct rnd_state rnd;
	struct list_head bufs;
	struct list_head xfers;
	wait_queue_head_t wait;
	spinlock_t lock;	/* seq, inside, and what callbacks record */
	int seq;
	int inside;
	int calling_cpu;
	enum {
		DMACONF_WINDOW_NONE,
		DMACONF_WINDOW_GATE,
		DMACONF_WINDOW_IRQ,
		DMACONF_WINDOW_BH,
	} window;
	unsigned long irqflags;
	int held_cpu;
	struct cpumask cpus;
	bool missed;
	struct list_head others;
	struct dma_chan *peer;
	struct dma_slave_config configs[DMACONF_PORTS];
	struct dmaconf_stream streams[DMACONF_PORTS];
	struct dmaconf_timer timer;
	ktime_t start;
	bool warned;
	int reports;
	int prep_slept;
	bool broken;
	bool result_missing;
	bool raced;
	int seq_at_exit;
};

/**
 * struct dmaconf_thread - one of several clients, see dmaconf_in_threads()
 * @dc: the test
 * @index: its number, from 0
 * @rnd: random numbers of its own
 * @fn: what it does
 * @priv: for @fn
 */
struct dmaconf_thread {
	struct dmaconf *dc;
	unsigned int index;
	struct rnd_state rnd;
	void (*fn)(struct dmaconf_thread *t);
	void *priv;
};

/**
 * struct dmaconf_meeting - a call while a callback runs on another CPU
 * @act: the call
 * @priv: for @act
 * @stay_ms: how long the callback goes on, unless @act returns before
 * @x: the transfer that is called back
 * @taken: it was submitted
 * @inside: its callback has begun
 * @met: @act was called
 * @left: the callback has ended
 * @acted: @act has returned
 * @outlasted: by then the callback had ended
 */
struct dmaconf_meeting {
	void (*act)(struct dmaconf *dc, struct dmaconf_meeting *m);
	void *priv;
	unsigned int stay_ms;
	struct dmaconf_xfer *x;
	bool taken;
	bool inside;
	bool met;
	bool left;
	bool acted;
	bool outlasted;
};

/* harness.c: the life of a rule */
int dmaconf_begin(void);
int dmaconf_suite_init(struct kunit_suite *suite);
void dmaconf_init(struct dmaconf *dc, struct kunit *test, const char *id, const char *label);
void dmaconf_run(struct kunit *test, const struct dmaconf_rule *rule);
struct dmaconf *dmaconf_other(struct dmaconf *dc);
struct dmaconf *dmaconf_successor(struct dmaconf *dc);
void dmaconf_claim(struct dmaconf *dc);
void dmaconf_unclaim(struct dmaconf *dc);
void dmaconf_diag(struct dmaconf *dc, const char *fmt, ...) __printf(2, 3);
void dmaconf_hint(struct dmaconf *dc, const char *fmt, ...) __printf(2, 3);
void dmaconf_should(struct dmaconf *dc, const char *fmt, ...) __printf(2, 3);
void dmaconf_invariant(struct dmaconf *dc, const char *fmt, ...) __printf(2, 3);
u32 dmaconf_random(struct dmaconf *dc, u32 below);
unsigned int dmaconf_seed(void);
unsigned int dmaconf_timeout_ms(void);
unsigned int dmaconf_quiet_ms(void);
unsigned int dmaconf_bench_align(void);

/* dmaconf_not_tested - the bench lacks something; dmaconf_inconclusive - the window was missed */
#define dmaconf_not_applicable(test, fmt, ...) \
	kunit_skip(test, "not-applicable: " fmt, ##__VA_ARGS__)
#define dmaconf_not_tested(test, fmt, ...) \
	kunit_skip(test, "not-tested: " fmt, ##__VA_ARGS__)
#define dmaconf_inconclusive(test, fmt, ...) \
	kunit_skip(test, "inconclusive: " fmt, ##__VA_ARGS__)

/* after.c: what must hold after it */
void dmaconf_exit(struct kunit *test);
void dmaconf_xfers_free(struct dmaconf *dc);

/* needs.c: what a rule needs */
void dmaconf_check_needs(struct dmaconf *dc);

/* report.c: what the kernel complains about */
int dmaconf_reports(void);
int dmaconf_slept(void);
bool dmaconf_corrupt(void);
bool dmaconf_sleep_reports(void);
void dmaconf_reports_watch(void);
void dmaconf_reports_renew(void);
struct dentry *dmaconf_debugfs(const char *folder, const char *name);
void dmaconf_reports_unwatch(void);

/* provider.c: the provider as a whole */

/**
 * struct dmaconf_peek - what a filter was shown
 * @device: the provider under test
 * @first: the first channel of all
 * @ours: channels of @device
 * @held: channels that somebody holds
 */
struct dmaconf_peek {
	const struct dma_device *device;
	struct dma_chan *first;
	int ours;
	int held;
};

/**
 * struct dmaconf_refs - references to a provider
 * @device: to its &struct dma_device
 * @dev: to its &struct device
 * @module: to its module, 0 when it is built in
 */
struct dmaconf_refs {
	unsigned int device;
	unsigned int dev;
	int module;
};

bool dmaconf_is_private(struct dmaconf *dc);
bool dmaconf_can_transfer(struct dmaconf *dc);
bool dmaconf_has_prep(const struct dma_device *device, enum dma_transaction_type type);
bool dmaconf_anybody_holds(const struct dma_device *device);
struct dma_chan *dmaconf_request_any(struct dma_device *device);
struct dmaconf_peek dmaconf_peek(struct dmaconf *dc, dma_cap_mask_t mask);
struct dmaconf_refs dmaconf_refs(struct dma_device *device);
void dmaconf_expect_refs(struct dmaconf *dc, const struct dmaconf_refs *before);
void dmaconf_claim_public(struct dmaconf *dc);

/* unplug.c: taking the provider away from its driver, and giving it back */
bool dmaconf_can_unbind(struct dma_device *device);
void dmaconf_unbind(struct dmaconf *dc);
void dmaconf_rebind(struct dmaconf *dc);
int dmaconf_entries(struct device *dev);
bool dmaconf_freed(struct dmaconf *dc, const void *at, size_t len);

/* power.c: the sleep of the system */
int dmaconf_devices_sleep(void);

/* leaks.c: what kmemleak finds in the end */
#if IS_BUILTIN(CONFIG_DMACONF_KUNIT_TEST) && IS_ENABLED(CONFIG_DEBUG_KMEMLEAK)
void dmaconf_leaks_watch(void);
#else
static inline void dmaconf_leaks_watch(void) { }
#endif

/* search.c: the channels under test */
int dmaconf_channels_find(void);
const char *dmaconf_device(void);
const void *dmaconf_params(const void *prev, char *desc);
const char *dmaconf_channel_label(const void *param);
int *dmaconf_channel_cpu(const void *param);

/* channel.c: channels by name */
void dmaconf_label(struct dma_chan *chan, char *label);
bool dmaconf_lookup(struct dmaconf *dc);
struct dma_chan *dmaconf_request(const char *label);
struct dma_chan *dmaconf_request_other(struct dmaconf *dc);
struct dma_chan *dmaconf_peer(struct dmaconf *dc);
struct dma_chan *dmaconf_unheld(const struct dmaconf *dc);

/* unbound.c: why there is no channel */
void dmaconf_print_unbound(void);

/* peer.c: a second channel beside the one under test */
struct dmaconf_xfer *dmaconf_peer_start(struct dmaconf *dc);
enum dmaconf_outcome dmaconf_peer_finish(struct dmaconf_xfer *x);

/* dmaconf_in_memory - whether the channel's natural transfers stay in memory */
static inline bool dmaconf_in_memory(const struct dmaconf *dc)
{
	return dc->type && dc->dir == DMA_MEM_TO_MEM;
}

/* wait.c: waiting with a bound, and telling silences apart */

/**
 * dmaconf_until - look until something is so that nobody tells of
 * @cond: expression, true when it is so
 *
 * Context: may sleep, at most the timeout. The last look is after that.
 * Return: whether it became so.
 */
#define dmaconf_until(cond)						\
({									\
	ktime_t _end = ktime_add_ms(ktime_get(), dmaconf_timeout_ms());	\
	bool _last, _so;						\
									\
	for (;;) {							\
		_last = ktime_after(ktime_get(), _end);			\
		_so = (cond);						\
		if (_so || _last)					\
			break;						\
		usleep_range(20, 100);					\
	}								\
	_so;								\
})

bool dmaconf_wait_calls(struct dmaconf_xfer *x, int calls);
bool dmaconf_wait_seq(struct dmaconf *dc, int seq);
bool dmaconf_poll(struct dmaconf_xfer *x, enum dma_status *status);
enum dmaconf_outcome dmaconf_wait(struct dmaconf_xfer *x);
bool dmaconf_finish(struct dmaconf_xfer *x);
bool dmaconf_transfer(struct dmaconf *dc, size_t len);
bool dmaconf_stays_quiet(struct dmaconf *dc, int seq);

/* context.c: where a provider is called from */
void dmaconf_in_timer(struct dmaconf *dc, enum hrtimer_mode mode,
		      void (*fn)(struct dmaconf *dc, void *arg), void *arg);
void dmaconf_in_hardirq(struct dmaconf *dc, void (*fn)(struct dmaconf *dc, void *arg),
			void *arg);
bool dmaconf_under_list_mutex(struct dmaconf *dc, void (*fn)(struct dmaconf *dc, void *arg),
			      void *arg);

/* dmatest.c: the kernel's own test, where it is built in */
bool dmaconf_dmatest_tell(char *words);
bool dmaconf_dmatest_ends(unsigned long bound);

/* threads.c: several clients at the same time */
void dmaconf_in_threads(struct dmaconf *dc, unsigned int n,
			void (*fn)(struct dmaconf_thread *t), void *priv);
struct dmaconf_meeting *dmaconf_meet(struct dmaconf *dc,
				     void (*act)(struct dmaconf *dc, struct dmaconf_meeting *m),
				     void *priv, unsigned int stay_ms);

/* window.c: holding transfers */
#define DMACONF_CPU_UNKNOWN	(-1)	/* not looked for yet */
#define DMACONF_CPU_ANY		(-2)	/* no transfer ends by which it could be found */
#define DMACONF_CPU_NONE	(-3)	/* transfers end whatever CPU holds its interrupts off */
void dmaconf_window_find(struct dmaconf *dc);
void dmaconf_hold(struct dmaconf *dc);
void dmaconf_hold_callbacks(struct dmaconf *dc);
size_t dmaconf_step(struct dmaconf *dc, size_t bytes);
void dmaconf_release(struct dmaconf *dc);

#endif /* DMACONF_H */
