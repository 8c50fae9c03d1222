/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Group sync: one leader calls fdatasync() for all lines there are, the others sleep on a futex in the page.
 * Outside the writer lock, so that the next changes are appended meanwhile. A leader that died or was stopped is
 * not waited for: after a while whoever waits leads in its place, as any process may sync the same file. */
#include <inttypes.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "store/engine.h"

#define LEADER_WAIT_MS 250

static void
futex_wait(_Atomic uint32_t *word, uint32_t seen, unsigned ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000L };

	/* Woken, moved already, a signal or the time: the caller looks for itself. */
	(void)syscall(SYS_futex, word, FUTEX_WAIT, seen, &t, NULL, 0);
}

static void
futex_wake_all(_Atomic uint32_t *word)
{
	(void)syscall(SYS_futex, word, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

static void
raise_to(_Atomic uint64_t *word, uint64_t value)
{
	uint64_t now = atomic_load(word);

	while (now < value && !atomic_compare_exchange_weak(word, &now, value))
		;
}

static eg_err
lead(struct store *st)
{
	struct shared *page = st->page;
	/* First what is to be synced, then where: a segment before the current one was synced when that began. */
	uint64_t target = atomic_load(&page->appended);
	eg_err e = journal_writer_use(&st->writer, atomic_load(&page->segment));

	if (e == EG_OK)
		e = journal_sync(&st->writer);
	if (e == EG_OK)
		raise_to(&page->synced, target);
	else
		atomic_store(&page->sync_failed, 1);
	return e;
}

eg_err
sync_wait(struct store *st, uint64_t sequence)
{
	struct shared *page = st->page;
	uint32_t me = (uint32_t)gettid();

	while (atomic_load(&page->synced) < sequence) {
		uint32_t turn = atomic_load(&page->sync_turn);
		uint32_t leader = 0;

		if (atomic_load(&page->sync_failed))
			return EG_FAILED;
		if (!atomic_compare_exchange_strong(&page->sync_leader, &leader, me)) {
			futex_wait(&page->sync_turn, turn, LEADER_WAIT_MS);
			if (atomic_load(&page->sync_turn) != turn || atomic_load(&page->sync_leader) != leader)
				continue;
			if (!atomic_compare_exchange_strong(&page->sync_leader, &leader, me))
				continue;
		}
		eg_err e = lead(st);
		leader = me;
		(void)atomic_compare_exchange_strong(&page->sync_leader, &leader, 0);
		atomic_fetch_add(&page->sync_turn, 1);
		futex_wake_all(&page->sync_turn);
		if (e != EG_OK)
			return EG_FAILED;
		if (atomic_load(&page->synced) < sequence)
			return eg_fail(EG_FAILED, "store: change %" PRIu64 " is not in the journal", sequence);
	}
	return EG_OK;
}
