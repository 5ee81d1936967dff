// SPDX-License-Identifier: GPL-2.0-only
/* Several clients at the same time: threads on all CPUs. */
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/slab.h>

#include "dmaconf.h"

/**
 * struct dmaconf_team - threads that begin together
 * @go: they may begin
 * @t: the threads
 * @tasks: their tasks
 * @done: each has returned from its function
 */
struct dmaconf_team {
	struct completion go;
	struct dmaconf_thread t[DMACONF_THREADS];
	struct task_struct *tasks[DMACONF_THREADS];
	struct completion done[DMACONF_THREADS];
};

static int dmaconf_thread_main(void *data)
{
	struct dmaconf_thread *t = data;
	struct dmaconf_team *team = container_of(t, struct dmaconf_team, t[t->index]);

	wait_for_completion(&team->go);
	t->fn(t);
	kthread_complete_and_exit(&team->done[t->index], 0);
}

static bool dmaconf_thread_create(struct dmaconf_team *team, struct dmaconf_thread *t)
{
	struct task_struct *task;

	init_completion(&team->done[t->index]);
	task = kthread_create(dmaconf_thread_main, t, "dmaconf/%u", t->index);
	if (IS_ERR(task))
		return false;
	kthread_bind(task, cpumask_nth(t->index % num_online_cpus(), cpu_online_mask));
	team->tasks[t->index] = task;
	return true;
}

/* None has run yet; they end without. */
static void dmaconf_team_dismiss(struct dmaconf_team *team, unsigned int n)
{
	while (n--)
		kthread_stop(team->tasks[n]);
}

/**
 * dmaconf_in_threads - run a function in several threads at the same time
 * @dc: the test
 * @n: how many, at most DMACONF_THREADS; they are spread over all CPUs
 * @fn: bounded; it may sleep, it does not expect or assert, it records
 * @priv: for @fn
 *
 * When this returns all of them have returned.
 *
 * Context: may sleep; skips the rule when there is no memory for threads.
 */
void dmaconf_in_threads(struct dmaconf *dc, unsigned int n,
			void (*fn)(struct dmaconf_thread *t), void *priv)
{
	struct dmaconf_team *team = kunit_kzalloc(dc->test, sizeof(*team), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(dc->test, team);
	dc->raced = true;
	init_completion(&team->go);
	for (unsigned int i = 0; i < n; i++) {
		struct dmaconf_thread *t = &team->t[i];

		t->dc = dc;
		t->index = i;
		t->fn = fn;
		t->priv = priv;
		prandom_seed_state(&t->rnd, prandom_u32_state(&dc->rnd));
		if (dmaconf_thread_create(team, t))
			continue;
		dmaconf_team_dismiss(team, i);
		dmaconf_not_tested(dc->test, "no memory for %u threads", n);
	}
	for (unsigned int i = 0; i < n; i++)
		wake_up_process(team->tasks[i]);
	complete_all(&team->go);
	for (unsigned int i = 0; i < n; i++)
		wait_for_completion(&team->done[i]);
}

/* How long a callback waits to be met, at most: the other CPU may be an emulator's. */
#define DMACONF_MEET_MS	1000

static void dmaconf_spin(const bool *until, unsigned int ms)
{
	ktime_t end = ktime_add_ms(ktime_get(), ms);

	while (!READ_ONCE(*until) && ktime_before(ktime_get(), end))
		cpu_relax();
}

static void dmaconf_meet_callback(struct dmaconf_xfer *x)
{
	struct dmaconf_meeting *m = x->priv;

	WRITE_ONCE(m->inside, true);
	dmaconf_spin(&m->met, DMACONF_MEET_MS);
	if (READ_ONCE(m->met))
		dmaconf_spin(&m->acted, m->stay_ms);
	/* Pairs with dmaconf_meet_thread(): what the callback did is seen by who sees this. */
	smp_store_release(&m->left, true);
}

/* One thread per CPU waits: the callback keeps its own CPU, the other one acts. */
static void dmaconf_meet_thread(struct dmaconf_thread *t)
{
	struct dmaconf_meeting *m = t->priv;
	ktime_t end = ktime_add_ms(ktime_get(), dmaconf_timeout_ms());

	if (!t->index) {
		m->taken = dmaconf_try_queue(m->x);
		dmaconf_issue(t->dc);
	}
	while (!READ_ONCE(m->inside) && ktime_before(ktime_get(), end))
		cond_resched();
	if (!READ_ONCE(m->inside) || READ_ONCE(m->left) || xchg(&m->met, true))
		return;
	m->act(t->dc, m);
	/* Pairs with dmaconf_meet_callback(). */
	m->outlasted = smp_load_acquire(&m->left);
	WRITE_ONCE(m->acted, true);
}

/**
 * dmaconf_meet - do something while a callback runs on another CPU
 * @dc: the test, on a channel that is idle and free running
 * @act: bounded; it may sleep, it does not expect or assert, it records in @priv
 * @priv: for @act
 * @stay_ms: so long the callback of a plain transfer goes on after @act was
 *	called, or until it has returned
 *
 * Context: may sleep; asserts; inconclusive when no thread came in time.
 * Return: the meeting, freed with the test.
 */
struct dmaconf_meeting *dmaconf_meet(struct dmaconf *dc,
				     void (*act)(struct dmaconf *dc, struct dmaconf_meeting *m),
				     void *priv, unsigned int stay_ms)
{
	struct dmaconf_meeting *m = kunit_kzalloc(dc->test, sizeof(*m), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(dc->test, m);
	m->act = act;
	m->priv = priv;
	m->stay_ms = stay_ms;
	m->x = dmaconf_xfer(dc, 64);
	m->x->priv = m;
	m->x->on_callback = dmaconf_meet_callback;
	dmaconf_in_threads(dc, min(num_online_cpus(), DMACONF_THREADS), dmaconf_meet_thread, m);
	KUNIT_ASSERT_TRUE_MSG(dc->test, m->taken, "a plain transfer was refused");
	KUNIT_ASSERT_TRUE_MSG(dc->test, m->inside, "cookie %d was not called back",
			      m->x->cookie);
	if (!m->acted)
		dmaconf_inconclusive(dc->test, "no other CPU met the callback while it ran");
	return m;
}
