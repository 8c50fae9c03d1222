/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "store/rebuild.h"

#define LINES_AT_ONCE 512

static eg_err
apply_line(struct view *v, const struct line *l)
{
	for (size_t i = 0; i < l->op_count; i++) {
		eg_err e = view_apply(v, &l->ops[i], l->sequence);

		if (e != EG_OK)
			return eg_fail(e == EG_NOTFOUND ? EG_DAMAGED : e, "rebuilding the index: %s", v->ix->fault);
	}
	return EG_OK;
}

static eg_err
flush(struct view *v, uint64_t sequence)
{
	struct meta *m;
	eg_err e = view_meta(v, &m);

	if (e == EG_OK) {
		m->sequence = sequence;
		e = view_flush(v);
	}
	return e == EG_OK ? EG_OK : eg_fail(e, "rebuilding the index: %s", v->ix->fault);
}

static eg_err
replay(struct journal_reader *r, struct index *ix, struct arena *a, const struct place *tail, store_progress_fn progress, void *arg)
{
	struct slice json;
	struct view v;
	struct line l;

	while (r->at.sequence < tail->sequence) {
		arena_reset(a);
		view_init_changing(&v, ix, a);
		for (int i = 0; i < LINES_AT_ONCE && r->at.sequence < tail->sequence; i++) {
			eg_err e = journal_next(r, &json);

			if (e == EG_OK && line_parse(a, json, &l) != EG_OK)
				e = EG_FORGED;
			if (e == EG_NOTFOUND || e == EG_FORGED)
				return eg_fail(EG_DAMAGED, "journal: segment %u, line %" PRIu64 ": does not authenticate", r->at.segment,
				    r->at.line + 1);
			if (e != EG_OK)
				return e;
			EG_TRY(apply_line(&v, &l));
		}
		EG_TRY(flush(&v, r->at.sequence));
		if (progress != NULL)
			progress(arg, "rebuilding the index", r->at.sequence, tail->sequence);
	}
	return EG_OK;
}

eg_err
rebuild_index(struct store *st, const char *path, const struct place *tail, store_progress_fn progress, void *arg)
{
	struct meta m = { .built_at_s = clock_now_s(), .next_slot = 1, .next_ring = 1 };
	struct arena *a = arena_new();
	struct journal_reader r;
	struct index ix;
	struct key key;
	eg_err e;

	journal_reader_init(&r, st->journal_fd, &st->journal_keys);
	index_init(&ix, path, st->index_macs[st->page->index_key]);
	key_meta(&key);
	e = index_create(&ix);
	if (e == EG_OK)
		e = index_store(&ix, &key, meta_encode(a, &m));
	e = e == EG_OK ? replay(&r, &ix, a, tail, progress, arg) : eg_fail(e, "rebuilding the index: %s", ix.fault);
	index_drop(&ix);
	journal_reader_free(&r);
	arena_free(a);
	return e;
}
