/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/engine.h"
#include "store/lists.h"

#define PAUSE_US 50

eg_err
engine_check_fork(struct store *st)
{
	if (*st->not_forked == 1)
		return EG_OK;
	return eg_fail(EG_INTERNAL, "store: used in a forked child; open it anew there");
}

/* ---- one consistent reading ---- */

/* No index is published: make one, unless somebody else is at it. */
static eg_err
publish_some(struct store *st)
{
	struct shared *page = st->page;
	bool died;
	eg_err e;

	if (atomic_load(&page->damaged))
		return EG_DAMAGED;
	e = shared_lock(page, &died);
	if (e == EG_BUSY)
		return EG_RECOVERING;
	if (e != EG_OK)
		return e;
	if (!current_is_readable(atomic_load(&page->current)))
		e = recover_before_change(st);
	shared_unlock(page);
	return e;
}

/* Does the file hold what the page says? Another file of the same name would. */
static eg_err
check_sequence(struct store *st, unsigned which, struct arena *a)
{
	struct view v;
	struct meta *m;

	view_init(&v, &st->index[which], a);
	EG_TRY(view_meta(&v, &m));
	if (m->sequence == atomic_load(&st->page->index[which].sequence))
		return EG_OK;
	st->index[which].fault = "the file is of another state than it should be";
	return EG_DAMAGED;
}

static eg_err
open_published(struct reading *r, struct arena *a)
{
	struct store *st = r->st;
	struct index *ix = &st->index[r->which], *other = &st->index[r->which ^ 1];

	if (ix->db != NULL && ix->word == r->word)
		return EG_OK;
	EG_TRY(index_open(ix, false, r->word));
	EG_TRY(check_sequence(st, r->which, a));
	/* The other one is written next, so what this process has of it is of no more use. */
	if (!other->writable || other->word != atomic_load(&st->page->index[r->which ^ 1].word))
		index_drop(other);
	return EG_OK;
}

/* The cache, or else the file, at the state that is published now. */
static eg_err
reading_begin(struct reading *r)
{
	struct store *st = r->st;
	uint64_t current = atomic_load(&st->page->current);

	EG_TRY(engine_check_fork(st));
	r->is_open = false;
	if (!current_is_readable(current)) {
		EG_TRY(publish_some(st));
		current = atomic_load(&st->page->current);
		if (!current_is_readable(current))
			return EG_RECOVERING;
	}
	r->current = current;
	r->version = current_version(current);
	r->which = current_index(current);
	cache_advance(st->cache, st->page, r->version);
	return EG_OK;
}

static eg_err
reading_open_file(struct reading *r, struct arena *a)
{
	if (r->is_open)
		return EG_OK;
	r->is_open = true;
	r->word = atomic_load(&r->st->page->index[r->which].word);
	view_init(&r->view, &r->st->index[r->which], a);
	if (atomic_load(&r->st->page->current) != r->current)
		r->word = 1;    /* may be of a later state than the cache: reading_is_done() sends the caller back */
	if ((r->word & 1) != 0)
		return EG_BUSY;
	return open_published(r, a);
}

eg_err
reading_open(struct reading *r, struct arena *a)
{
	EG_TRY(reading_begin(r));
	return reading_open_file(r, a);
}

/* Something was not there. Does the other index file, as far as it can be read now, agree? It lags by a change, so
 * what that touched is in doubt. */
static bool
is_absent(struct reading *r)
{
	struct store *st = r->st;
	struct shared_index *pi = &st->page->index[r->which ^ 1];
	uint64_t word = atomic_load(&pi->word);
	struct slice value;
	size_t room;
	eg_err e = EG_BUSY;

	if ((word & 1) == 0) {
		e = index_open(&st->index[r->which ^ 1], false, word);
		if (e == EG_OK)
			e = index_fetch(&st->index[r->which ^ 1], r->view.a, &r->view.absent, &value, &room);
		bool level = atomic_load(&pi->sequence) == atomic_load(&st->page->index[r->which].sequence);
		if (atomic_load(&pi->word) != word)
			e = EG_BUSY;
		else if (e == EG_NOTFOUND && level)
			return true;
	}
	if (e != EG_NOTFOUND && e != EG_BUSY)
		return false;
	return !shared_changed_lately(st->page, key_hash(&r->view.absent), r->version);
}

/* What was read is of one state of the file. True: then it is the answer. */
static bool
judge(struct reading *r, eg_err *e)
{
	struct store *st = r->st;
	const char *fault = st->index[r->which].fault;

	if (*e == EG_IO)
		*e = eg_fail(EG_IO, "index.%c: %s", 'a' + (int)r->which, fault);
	if (*e == EG_DAMAGED) {
		*e = eg_fail(EG_DAMAGED, "index.%c: %s", 'a' + (int)r->which, fault);
		if (r->mended)
			return true;
		r->mended = true;
		*e = recover_from_damage(st, r->which, r->word);
		return *e != EG_OK;
	}
	if ((*e == EG_OK || *e == EG_NOTFOUND) && r->view.absent.len > 0 && !r->doubted && !is_absent(r)) {
		r->doubted = true;
		*e = recover_from_doubt(st, &r->view.absent);
		return *e != EG_OK;
	}
	return true;
}

bool
reading_is_done(struct reading *r, eg_err *e)
{
	if (!r->is_open)
		return true;
	if ((r->word & 1) == 0 && atomic_load(&r->st->page->index[r->which].word) == r->word)
		return judge(r, e);
	int64_t now = clock_mono_us();
	if (r->deadline_us == 0)
		r->deadline_us = now + SHARED_LOCK_WAIT_MS * 1000;
	if (now > r->deadline_us) {
		*e = EG_BUSY;
		return true;
	}
	usleep(PAUSE_US);
	return false;
}

eg_err
reading_record(struct reading *r, char kind, const struct uuid *id, struct store_record *out)
{
	struct store *st = r->st;
	struct stored s;

	if (cache_get(st->cache, r->view.a, kind, id, out))
		return EG_OK;
	EG_TRY(view_record(&r->view, kind, id, &s));
	/* Nobody keeps what was read from a file that was being written. */
	bool still = atomic_load(&st->page->index[r->which].word) == r->word;
	eg_err e = cache_decode(st->cache, r->view.a, &s, still ? r->version : 0, out);
	if (e != EG_OK)
		st->index[r->which].fault = "the document of a record cannot be read";
	return e;
}

/* ---- store.h ---- */

eg_err
store_get(struct store *st, struct arena *a, char kind, const struct uuid *id, struct store_record *out)
{
	struct reading r = { .st = st };
	eg_err e;

	do {
		e = reading_begin(&r);
		if (e == EG_OK && cache_get(st->cache, a, kind, id, out))
			return EG_OK;
		if (e == EG_OK)
			e = reading_open_file(&r, a);
		if (e == EG_OK)
			e = reading_record(&r, kind, id, out);
	} while (!reading_is_done(&r, &e));
	return e;
}

static bool
has_unique(const struct store_record *r, const char *unique)
{
	for (unsigned i = 0; i < STORE_UNIQUES_MAX; i++)
		if (r->uniques[i] != NULL && strcmp(r->uniques[i], unique) == 0)
			return true;
	return false;
}

eg_err
store_find(struct store *st, struct arena *a, const char *unique, struct store_record *out)
{
	struct reading r = { .st = st };
	struct uuid id;
	char kind;
	eg_err e;

	do {
		e = reading_begin(&r);
		/* A name points to one record at a time, so a record that has it is the one. */
		if (e == EG_OK && cache_find(st->cache, unique, &kind, &id) && cache_get(st->cache, a, kind, &id, out) &&
		    has_unique(out, unique))
			return EG_OK;
		if (e == EG_OK)
			e = reading_open_file(&r, a);
		if (e == EG_OK)
			e = view_owner(&r.view, (struct slice){ unique, strlen(unique) }, &kind, &id);
		if (e == EG_OK) {
			e = reading_record(&r, kind, &id, out);
			if (e == EG_NOTFOUND || (e == EG_OK && !has_unique(out, unique))) {
				st->index[r.which].fault = "a unique name belongs to a record that does not have it";
				e = EG_DAMAGED;
			}
		}
		if (e == EG_OK)
			cache_note_unique(st->cache, unique, kind, &id);
	} while (!reading_is_done(&r, &e));
	return e;
}

static eg_err
read_list(struct reading *r, struct arena *a, char kind, const struct uuid *list, size_t offset, size_t limit,
    struct store_record **out, size_t *out_count, size_t *total)
{
	uint64_t all;
	struct uuid *ids;

	EG_TRY(list_page(&r->view, kind, list, offset, limit, &ids, out_count, &all));
	*total = (size_t)all;
	*out = arena_array(a, *out_count, sizeof **out);
	for (size_t i = 0; i < *out_count; i++) {
		eg_err e = reading_record(r, kind, &ids[i], &(*out)[i]);

		if (e == EG_NOTFOUND) {
			r->st->index[r->which].fault = "a list names a record that is not there";
			e = EG_DAMAGED;
		}
		if (e != EG_OK)
			return e;
	}
	return EG_OK;
}

eg_err
store_list(struct store *st, struct arena *a, char kind, const struct uuid *list, size_t offset, size_t limit,
    struct store_record **out, size_t *out_count, size_t *total)
{
	struct reading r = { .st = st };
	eg_err e;

	do {
		e = reading_open(&r, a);
		if (e == EG_OK)
			e = read_list(&r, a, kind, list, offset, limit, out, out_count, total);
	} while (!reading_is_done(&r, &e));
	return e;
}

eg_err
store_count(struct store *st, struct arena *a, char kind, const struct uuid *list, size_t *total)
{
	struct reading r = { .st = st };
	struct list_head head = { 0, 0 };
	eg_err e;

	do {
		e = reading_open(&r, a);
		if (e == EG_OK)
			e = list_head(&r.view, kind, list, &head);
	} while (!reading_is_done(&r, &e));
	*total = (size_t)head.total;
	return e;
}

uint64_t
store_version(struct store *st)
{
	return current_version(atomic_load(&st->page->current));
}
