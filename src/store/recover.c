/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bringing the index files forward, and to order: one that was being written, one that is damaged, both of them. All of
 * it goes on from any point at which a process before was killed. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/engine.h"
#include "store/rebuild.h"

#define REBUILD_AGAIN_US (60 * 1000000LL)

/* ---- index files ---- */

static eg_err
index_fault(struct store *st, unsigned which, eg_err e)
{
	return eg_fail(e, "index.%c: %s", 'a' + (int)which, st->index[which].fault);
}

static void
set_odd(struct store *st, unsigned which)
{
	_Atomic uint64_t *word = &st->page->index[which].word;

	atomic_store(word, atomic_load(word) | 1);
}

/* The file corresponds to `tail` from now on. */
static void
set_even(struct store *st, unsigned which, const struct place *applied, uint64_t sequence)
{
	struct shared_index *pi = &st->page->index[which];

	pi->applied = *applied;
	atomic_store(&pi->sequence, sequence);
	atomic_store(&pi->word, (atomic_load(&pi->word) | 1) + 1);
}

static eg_err
copy_file(const char *from, const char *to)
{
	struct stat sb;
	eg_err e = EG_OK;
	int in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	int out = open(to, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (in < 0 || out < 0 || fstat(in, &sb) != 0) {
		e = eg_fail(EG_IO, "copying %s to %s: %s", from, to, strerror(errno));
		goto out;
	}
	for (off_t left = sb.st_size; left > 0;) {
		ssize_t n = copy_file_range(in, NULL, out, NULL, (size_t)left, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			int err = n < 0 ? errno : EIO;

			e = eg_fail(err == ENOSPC || err == EDQUOT ? EG_FULL : EG_IO, "copying %s to %s: %s", from, to,
			    strerror(err));
			goto out;
		}
		left -= n;
	}
	if (ftruncate(out, sb.st_size) != 0)
		e = eg_fail(EG_IO, "copying %s to %s: %s", from, to, strerror(errno));
out:
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return e;
}

/* Make `which` a copy of the published file, in its own space. */
static eg_err
repair(struct store *st, unsigned which)
{
	unsigned whole = which ^ 1;
	struct shared_index *from = &st->page->index[whole];

	set_odd(st, which);
	index_drop(&st->index[which]);
	EG_TRY(copy_file(st->index[whole].path, st->index[which].path));
	set_even(st, which, &from->applied, atomic_load(&from->sequence));
	return EG_OK;
}

static eg_err
open_target(struct store *st, unsigned which)
{
	struct arena *a;
	struct view v;
	struct meta *m;
	eg_err e;

	if (st->index[which].writable && st->index[which].db != NULL &&
	    st->index[which].word == atomic_load(&st->page->index[which].word))
		return EG_OK;
	EG_TRY(index_open(&st->index[which], true, atomic_load(&st->page->index[which].word)));
	a = arena_new();
	view_init(&v, &st->index[which], a);
	e = view_meta(&v, &m);
	if (e == EG_OK && m->sequence != atomic_load(&st->page->index[which].sequence)) {
		st->index[which].fault = "the file is of another state than it should be";
		e = EG_DAMAGED;
	}
	arena_free(a);
	return e;
}

/* The index file that is not published, open for writing. One that a writer left half written is made anew as a
 * copy of the published one. EG_CONFLICT: it is broken without a reason, so the other one may be, too. */
static eg_err
get_target(struct store *st, unsigned *which)
{
	unsigned target = current_index(atomic_load(&st->page->current)) ^ 1;
	eg_err e;

	*which = target;
	if ((atomic_load(&st->page->index[target].word) & 1) != 0) {
		log_line(LOG_LEVEL_WARN, "store: making index.%c anew from index.%c", 'a' + (int)target,
		    'a' + (int)(target ^ 1));
		EG_TRY(repair(st, target));
	}
	e = open_target(st, target);
	if (e != EG_OK)
		e = index_fault(st, target, e);
	return e == EG_DAMAGED ? EG_CONFLICT : e;
}

/* Do the lines from the target's place to the journal's end in `v`. EG_CONFLICT: the index does not go with them. */
static eg_err
replay(struct store *st, unsigned which, struct view *v, struct place *after)
{
	struct shared *page = st->page;
	const struct place *tail = shared_tail(page);
	struct slice json;
	struct line l;

	journal_seek(&st->reader, &page->index[which].applied);
	while (st->reader.at.sequence < tail->sequence) {
		eg_err e = journal_next(&st->reader, &json);

		if (e == EG_OK && line_parse(v->a, json, &l) != EG_OK)
			e = EG_FORGED;
		if (e == EG_NOTFOUND || e == EG_FORGED)
			return eg_fail(EG_DAMAGED, "journal: segment %u, line %" PRIu64 ": does not authenticate",
			    st->reader.at.segment, st->reader.at.line + 1);
		if (e != EG_OK)
			return e;
		for (size_t i = 0; i < l.op_count; i++) {
			e = view_apply(v, &l.ops[i], l.sequence);
			if (e == EG_NOTFOUND) {
				v->ix->fault = "a record is missing";
				e = EG_DAMAGED;
			}
			if (e != EG_OK) {
				e = index_fault(st, which, e);
				return e == EG_DAMAGED ? EG_CONFLICT : e;
			}
		}
	}
	/* Not where the reader is: the tail may be behind the first line of a segment that holds no change yet. */
	*after = *tail;
	return EG_OK;
}

eg_err
recover_target(struct store *st, struct arena *a, unsigned *which, struct view *v, struct place *after)
{
	eg_err e = EG_OK;

	for (int try = 0; try < 2; try++) {
		if (try > 0)
			EG_TRY(recover_by_rebuild(st));
		e = get_target(st, which);
		if (e == EG_OK) {
			view_init_changing(v, &st->index[*which], a);
			e = replay(st, *which, v, after);
		}
		if (e != EG_CONFLICT)
			return e;
	}
	return EG_DAMAGED;
}

eg_err
recover_flush(struct store *st, unsigned which, struct view *v, const struct place *tail)
{
	struct index *ix = &st->index[which];
	struct meta *m;
	eg_err e;

	for (size_t i = 0; i < v->count; i++)
		if (v->entries[i]->dirty)
			shared_note_change(st->page, key_hash(&v->entries[i]->key));
	set_odd(st, which);
	e = view_meta(v, &m);
	if (e == EG_OK) {
		m->sequence = tail->sequence;
		e = view_flush(v);
	}
	if (e != EG_OK)
		return index_fault(st, which, e);
	set_even(st, which, tail, tail->sequence);
	ix->word = atomic_load(&st->page->index[which].word);
	shared_publish(st->page, which);
	return EG_OK;
}

static eg_err
bring_forward(struct store *st)
{
	struct place after;
	struct arena *a;
	struct view v;
	unsigned which;
	size_t entries, bytes;
	eg_err e;

	a = arena_new();
	e = recover_target(st, a, &which, &v, &after);
	if (e == EG_OK) {
		view_size(&v, &entries, &bytes);
		e = index_room(&st->index[which], entries, bytes);
		e = e == EG_OK ? recover_flush(st, which, &v, &after) : index_fault(st, which, e);
	}
	arena_free(a);
	return e;
}

static bool
is_behind(struct store *st, unsigned which)
{
	return st->page->index[which].applied.sequence < shared_tail(st->page)->sequence;
}

eg_err
recover_level(struct store *st)
{
	unsigned published = current_index(atomic_load(&st->page->current));

	if (is_behind(st, published) || is_behind(st, published ^ 1))
		EG_TRY(bring_forward(st));
	return is_behind(st, published) ? bring_forward(st) : EG_OK;
}

eg_err
recover_before_change(struct store *st)
{
	struct shared *page = st->page;

	if (atomic_load(&page->damaged))
		return EG_DAMAGED;
	atomic_store(&page->rebuilding, 0);
	EG_TRY(tail_settle(st));
	EG_TRY(tail_heal(st));
	if (!current_is_readable(atomic_load(&page->current)))
		return recover_rebuild(st, NULL, NULL);
	return is_behind(st, current_index(atomic_load(&page->current))) ? bring_forward(st) : EG_OK;
}

eg_err
recover_rebuild(struct store *st, store_progress_fn progress, void *arg)
{
	struct shared *page = st->page;
	uint64_t current = atomic_load(&page->current);
	unsigned first = current_is_readable(current) ? current_index(current) ^ 1 : 0;
	const struct place *tail = shared_tail(page);
	eg_err e;

	atomic_store(&page->rebuilding, 1);
	e = rebuild_index(st, st->new_path, tail, progress, arg);
	if (e == EG_OK) {
		set_odd(st, first);
		index_drop(&st->index[first]);
		if (rename(st->new_path, st->index[first].path) != 0)
			e = eg_fail(EG_IO, "%s: rename: %s", st->new_path, strerror(errno));
	}
	if (e == EG_OK) {
		set_even(st, first, tail, tail->sequence);
		shared_publish(page, first);
		/* There is an index to read; the other one can wait for the next writer, and for space. */
		if (repair(st, first ^ 1) != EG_OK)
			log_line(LOG_LEVEL_WARN, "store: index.%c is left for the next change", 'a' + (int)(first ^ 1));
	} else {
		unlink(st->new_path);
		/* An index that can be read is as good as it was before. */
		if (e == EG_DAMAGED && !current_is_readable(current))
			atomic_store(&page->damaged, 1);
	}
	atomic_store(&page->rebuilding, 0);
	return e;
}

eg_err
recover_by_rebuild(struct store *st)
{
	struct shared *page = st->page;
	int64_t now = clock_mono_us(), last = atomic_load(&page->rebuilt_at_us);

	if (atomic_load(&page->damaged) || (last != 0 && now - last < REBUILD_AGAIN_US))
		return EG_DAMAGED;
	atomic_store(&page->rebuilt_at_us, now);
	log_line(LOG_LEVEL_ERROR, "store: making the index anew from the journal");
	/* A file that lost one entry may have lost others without a trace: nobody reads it any more. */
	shared_publish_none(page);
	set_odd(st, 0);
	set_odd(st, 1);
	return recover_before_change(st);
}

/* Do both files, which correspond to one place of the journal, agree on whether there is such an entry? */
static eg_err
compare_entry(struct store *st, const struct key *key, bool *same)
{
	struct arena *a = arena_new();
	eg_err e[2];

	for (unsigned i = 0; i < 2; i++) {
		struct slice value;
		size_t room;

		e[i] = index_open(&st->index[i], false, atomic_load(&st->page->index[i].word));
		if (e[i] == EG_OK)
			e[i] = index_fetch(&st->index[i], a, key, &value, &room);
		if (e[i] == EG_IO)
			e[i] = index_fault(st, i, EG_IO);
	}
	arena_free(a);
	*same = e[0] == e[1] && e[0] != EG_DAMAGED;
	return e[0] == EG_IO || e[1] == EG_IO ? EG_IO : EG_OK;
}

eg_err
recover_from_doubt(struct store *st, const struct key *key)
{
	bool died, same;
	eg_err e;

	e = shared_lock(st->page, &died);
	if (e != EG_OK)
		return e == EG_BUSY ? EG_RECOVERING : e;
	e = recover_before_change(st);
	if (e == EG_OK)
		e = recover_level(st);
	if (e == EG_OK)
		e = compare_entry(st, key, &same);
	if (e == EG_OK && !same) {
		e = eg_fail(EG_DAMAGED, "index.a and index.b differ");
		e = recover_by_rebuild(st);
	}
	shared_unlock(st->page);
	return e;
}

eg_err
recover_from_damage(struct store *st, unsigned which, uint64_t word)
{
	bool died;
	eg_err e;

	e = shared_lock(st->page, &died);
	if (e != EG_OK)
		return e == EG_BUSY ? EG_RECOVERING : e;
	if (atomic_load(&st->page->index[which].word) == word)
		e = recover_by_rebuild(st);
	shared_unlock(st->page);
	return e;
}
