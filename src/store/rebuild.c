/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records are written as the journal tells of them, lists are gathered in memory and written once, at the end. */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "store/lists.h"
#include "store/rebuild.h"

#define LINES_AT_ONCE 512
#define LISTS_AT_ONCE 512
#define CACHED_BUCKETS 8192     /* 32 MiB, for as long as it takes */

struct rebuild {
	struct index ix;
	struct roster roster;
	struct journal_reader reader;
	struct arena *a;        /* of the piece at hand */
	const struct place *tail;
	store_progress_fn progress;
	void *progress_arg;
};

static eg_err
fault(struct rebuild *b, eg_err e)
{
	return eg_fail(e == EG_NOTFOUND ? EG_DAMAGED : e, "rebuilding the index: %s", b->ix.fault);
}

static void
tell(struct rebuild *b, const char *what, uint64_t done, uint64_t total)
{
	if (b->progress != NULL)
		b->progress(b->progress_arg, what, done, total);
}

static void
start_piece(struct rebuild *b, struct view *v)
{
	arena_reset(b->a);
	view_init_changing(v, &b->ix, b->a);
	v->roster = &b->roster;
}

static eg_err
end_piece(struct rebuild *b, struct view *v)
{
	struct meta *m;
	eg_err e = view_meta(v, &m);

	if (e == EG_OK) {
		m->sequence = b->reader.at.sequence;
		e = view_flush(v);
	}
	return e == EG_OK ? EG_OK : fault(b, e);
}

/* Do the next line. */
static eg_err
do_line(struct rebuild *b, struct view *v)
{
	struct slice json;
	struct line l;
	eg_err e = journal_next(&b->reader, &json);

	if (e == EG_OK && line_parse(b->a, json, &l) != EG_OK)
		e = EG_FORGED;
	if (e == EG_NOTFOUND || e == EG_FORGED)
		return eg_fail(EG_DAMAGED, "journal: segment %u, line %" PRIu64 ": does not authenticate",
		    b->reader.at.segment, b->reader.at.line + 1);
	if (e != EG_OK)
		return e;
	for (size_t i = 0; i < l.op_count; i++)
		if ((e = view_apply(v, &l.ops[i], l.sequence)) != EG_OK)
			return fault(b, e);
	return EG_OK;
}

static eg_err
write_records(struct rebuild *b)
{
	struct view v;

	while (b->reader.at.sequence < b->tail->sequence) {
		start_piece(b, &v);
		for (int i = 0; i < LINES_AT_ONCE && b->reader.at.sequence < b->tail->sequence; i++)
			EG_TRY(do_line(b, &v));
		EG_TRY(end_piece(b, &v));
		tell(b, "rebuilding the index: records", b->reader.at.sequence, b->tail->sequence);
	}
	return EG_OK;
}

static eg_err
write_lists(struct rebuild *b)
{
	struct roster *r = &b->roster;
	struct view v;

	for (size_t i = 0; i < r->count;) {
		size_t end = i + LISTS_AT_ONCE < r->count ? i + LISTS_AT_ONCE : r->count;

		start_piece(b, &v);
		for (; i < end; i++) {
			const struct roster_list *l = &r->lists[i];
			eg_err e = list_build(&v, l->key.kind, &l->key.id, l->ids, l->count);

			if (e != EG_OK)
				return fault(b, e);
		}
		EG_TRY(end_piece(b, &v));
		tell(b, "rebuilding the index: lists", i, r->count);
	}
	return EG_OK;
}

static eg_err
make_file(struct rebuild *b)
{
	struct meta m = { .built_at_s = clock_now_s(), .next_slot = 1, .next_ring = 1 };
	struct key key;
	size_t room = 0;
	eg_err e = index_create(&b->ix, CACHED_BUCKETS);

	key_meta(&key);
	if (e == EG_OK)
		e = index_store(&b->ix, &key, meta_encode(b->a, &m), &room);
	return e == EG_OK ? EG_OK : fault(b, e);
}

eg_err
rebuild_index(struct store *st, const char *path, const struct place *tail, store_progress_fn progress, void *arg)
{
	struct rebuild b = { .a = arena_new(), .tail = tail, .progress = progress, .progress_arg = arg };
	eg_err e;

	journal_reader_init(&b.reader, st->journal_fd, &st->journal_keys);
	roster_init(&b.roster);
	index_init(&b.ix, path, st->index_macs[st->page->index_key]);
	e = make_file(&b);
	if (e == EG_OK)
		e = write_records(&b);
	if (e == EG_OK)
		e = write_lists(&b);
	index_drop(&b.ix);
	roster_free(&b.roster);
	journal_reader_free(&b.reader);
	arena_free(b.a);
	return e;
}
