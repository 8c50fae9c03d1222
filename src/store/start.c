/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who finds itself alone decides what can be gone on with, and makes the page anew. */
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/engine.h"
#include "store/must.h"

/* What a page tells about the time before it was made anew. */
struct before {
	bool is_running;        /* of this boot: everything below, and index files as their words say */
	uint64_t current;
	uint64_t words[2], sequences[2];
	struct place applied[2], tail;
	uint64_t synced;
	uint32_t appending, sync_failed, synced_first, index_key;
};

/* Which file the page is: a copy of the folder has another. */
static uint64_t
page_inode(struct store *st)
{
	struct stat sb;

	return fstatat(st->dir_fd, "shared.page", &sb, AT_SYMLINK_NOFOLLOW) == 0 ? sb.st_ino : 0;
}

static void
remember_before(struct store *st, struct before *b)
{
	struct shared *page = st->page;

	memset(b, 0, sizeof *b);
	if (!shared_is_valid(page) || !shared_is_of_this_boot(page) || page->inode != page_inode(st))
		return;
	b->is_running = true;
	b->current = atomic_load(&page->current);
	for (unsigned i = 0; i < 2; i++) {
		b->words[i] = atomic_load(&page->index[i].word);
		b->sequences[i] = atomic_load(&page->index[i].sequence);
		b->applied[i] = page->index[i].applied;
	}
	b->tail = *shared_tail(page);
	b->synced = atomic_load(&page->synced);
	b->appending = atomic_load(&page->appending);
	b->sync_failed = atomic_load(&page->sync_failed);
	b->synced_first = atomic_load(&page->synced_first);
	b->index_key = page->index_key;
}

/* Processes ended, the machine did not: what is in the files is what they wrote. */
static void
go_on(struct shared *page, const struct before *b)
{
	for (unsigned i = 0; i < 2; i++) {
		atomic_store(&page->index[i].word, b->words[i]);
		atomic_store(&page->index[i].sequence, b->sequences[i]);
		page->index[i].applied = b->applied[i];
	}
	atomic_store(&page->current, b->current);
	shared_set_tail(page, &b->tail);
	atomic_store(&page->synced, b->synced);
	atomic_store(&page->appending, b->appending);
	atomic_store(&page->sync_failed, b->sync_failed);
	atomic_store(&page->synced_first, b->synced_first);
	page->index_key = b->index_key;
}

static void
go_on_from_mark(struct shared *page)
{
	const struct stop_mark *mark = &page->stop;

	for (unsigned i = 0; i < 2; i++) {
		atomic_store(&page->index[i].sequence, mark->index[i].sequence);
		page->index[i].applied = mark->index[i].applied;
	}
	shared_set_tail(page, &mark->tail);
	atomic_store(&page->synced, mark->tail.sequence);
	page->index_key = mark->index_key;
	shared_publish(page, mark->published);
}

/* Read the journal from its beginning and find where it ends; zero what is torn. */
static eg_err
find_tail(struct store *st, struct arena *a, uint64_t at_least, const char **why)
{
	struct slice json;
	struct place at;
	bool was_synced;
	eg_err e;

	journal_seek(&st->reader, &PLACE_BEGIN);
	while ((e = journal_next(&st->reader, &json)) == EG_OK)
		;
	if (e != EG_NOTFOUND && e != EG_FORGED)
		return e;
	at = st->reader.at;
	/* Also where it seems to end in order: zeros may have taken the place of lines. */
	EG_TRY(journal_was_synced(&st->reader, &at, &was_synced));
	if (was_synced || (e == EG_FORGED && at.sequence < at_least)) {
		*why = arena_printf(a, "%s/journal/%06u.log, line %" PRIu64 ", was changed since it was written: "
		    "restore the store from a backup", st->dir, at.segment, at.line + 1);
		return eg_fail(EG_DAMAGED, "%s", *why);
	}
	if (at.sequence < at_least) {
		*why = arena_printf(a, "%s/journal ends with change %" PRIu64 ", but %" PRIu64 " had been written: "
		    "restore the store from a backup", st->dir, at.sequence, at_least);
		return eg_fail(EG_DAMAGED, "%s", *why);
	}
	if (e == EG_FORGED)
		log_line(LOG_LEVEL_WARN, "store: the journal is torn behind change %" PRIu64 ": cut there", at.sequence);
	EG_TRY(journal_writer_use(&st->writer, at.segment));
	EG_TRY(journal_cut(&st->writer, &at));
	EG_TRY(journal_sync(&st->writer));
	shared_set_tail(st->page, &at);
	atomic_store(&st->page->synced, at.sequence);
	return EG_OK;
}

/* The store's id and the key in use, from the last segment's first line. What it says is proved by what follows. */
static eg_err
read_segment_start(struct store *st, struct arena *a, const char **why)
{
	struct line l;
	uint32_t last;
	eg_err e;

	EG_TRY(journal_last_segment(st->journal_fd, &last));
	e = journal_segment_start(st->journal_fd, last, &l);
	if (e == EG_OK && st->journal_keys.mac[l.key] == NULL) {
		*why = arena_printf(a, "%s was written with master key %u, which is not in the key file: put its line "
		    "back", st->dir, l.key);
		return EG_CONFIG;
	}
	if (e == EG_WRONG_KIND) {
		*why = arena_printf(a, "%s was written by a newer version of embedgate: use that one", st->dir);
		return EG_CONFIG;
	}
	if (e == EG_FORGED) {
		*why = arena_printf(a, "%s/journal/%06u.log does not begin as it should: restore the store from a "
		    "backup", st->dir, last);
		return eg_fail(EG_DAMAGED, "%s", *why);
	}
	if (e != EG_OK)
		return e;
	st->page->store = l.store;
	st->page->journal_key = l.key;
	return EG_OK;
}

/* Fill the new page. An index that cannot be gone on with is left unpublished. */
static eg_err
take_over(struct store *st, struct arena *a, const struct before *b, const char **why)
{
	struct shared *page = st->page;

	EG_TRY(read_segment_start(st, a, why));
	page->index_key = st->newest_key;
	bool genuine = stop_mark_is_genuine(st);
	uint64_t at_least = genuine ? page->stop.tail.sequence : 0;
	bool stopped = genuine && (!b->is_running || b->tail.sequence == at_least);

	if (stopped ? stop_mark_holds(st) : b->is_running) {
		if (b->is_running)
			go_on(page, b);
		else
			go_on_from_mark(page);
	} else {
		if (b->is_running && b->synced > at_least)
			at_least = b->synced;
		EG_TRY(find_tail(st, a, at_least, why));
		if (shared_tail(page)->sequence > 0)
			log_line(LOG_LEVEL_WARN, "store: %s: making the index anew from the journal",
			    stopped ? "files were changed since it was stopped" : "no orderly stop before this boot");
	}
	if (st->index_macs[page->index_key] == NULL) {
		page->index_key = st->newest_key;
		shared_publish_none(page);
	}
	return EG_OK;
}

/* New lines are made with the newest key from the next segment on, and that is now. */
static eg_err
use_newest_key(struct store *st, struct arena *a)
{
	struct place after;

	if (st->page->journal_key == st->newest_key)
		return EG_OK;
	return tail_start_segment(st, a, st->newest_key, clock_now_us(), &after);
}

/* Replace the page by `fresh`. Who is killed in here leaves an invalid page, and with it the work of another boot. */
static eg_err
install(struct shared *page, const struct shared *fresh)
{
	memset(page->magic, 0, sizeof page->magic);
	atomic_thread_fence(memory_order_seq_cst);
	memcpy(page, fresh, sizeof *page);
	EG_TRY(shared_init_mutex(page));
	shared_set_valid(page);
	return EG_OK;
}

static eg_err
put_in_order(struct store *st, struct arena *a)
{
	bool died;
	eg_err e;

	/* The lock first: who joins finds it taken until there is an index to read. */
	EG_TRY(shared_lock(st->page, &died));
	e = lock_share(st->lock_fd);
	if (e == EG_OK)
		e = recover_before_change(st);
	if (e == EG_OK)
		e = use_newest_key(st, a);
	shared_unlock(st->page);
	return e;
}

eg_err
start(struct store *st, struct arena *a, const char **why)
{
	struct shared *page = st->page;
	struct shared *fresh = must(aligned_alloc(_Alignof(struct shared), sizeof *fresh));
	struct before before;
	eg_err e;

	*why = "the store cannot be opened; the log says why";
	remember_before(st, &before);
	memset(fresh, 0, sizeof *fresh);
	fresh->stop = page->stop;
	shared_init(fresh, page_inode(st));
	st->page = fresh;
	e = take_over(st, a, &before, why);
	st->page = page;
	if (e == EG_OK)
		e = install(page, fresh);
	free(fresh);
	if (e != EG_OK)
		return e;
	/* What a rebuild left that was killed. */
	unlinkat(st->dir_fd, "index.new", 0);
	engine_use_index_key(st);
	e = put_in_order(st, a);
	if (e == EG_FULL)
		*why = "the disk is full: make room for the store";
	if (e == EG_DAMAGED)
		*why = "journal and index are damaged: restore the store from a backup; the log says where";
	return e;
}
