/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures, and the rebuild that an operator asks for. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "store/engine.h"

static eg_err
stats_of(struct store *st, struct arena *a, const struct meta *m, json_object **out)
{
	json_object *records = json_new_object(a);
	char name[2] = "", segment[JOURNAL_NAME_SIZE];
	uint64_t journal_bytes = 0, index_bytes = 0;
	struct stat sb;
	uint32_t last;

	for (int kind = 'A'; kind <= 'z'; kind++) {
		int i = kind_index((char)kind);

		name[0] = (char)kind;
		if (i >= 0 && m->records[i] != 0)
			json_add_int(records, name, (int64_t)m->records[i]);
	}
	EG_TRY(journal_last_segment(st->journal_fd, &last));
	for (uint32_t i = 1; i <= last; i++) {
		journal_segment_name(i, segment);
		if (fstatat(st->journal_fd, segment, &sb, 0) == 0)
			journal_bytes += (uint64_t)sb.st_size;
	}
	for (unsigned i = 0; i < 2; i++)
		if (stat(st->index[i].path, &sb) == 0)
			index_bytes += (uint64_t)sb.st_size;
	*out = json_new_object(a);
	json_add_object(*out, "records", records);
	json_add_int(*out, "sequence", (int64_t)m->sequence);
	json_add_int(*out, "journal_bytes", (int64_t)journal_bytes);
	json_add_int(*out, "index_bytes", (int64_t)index_bytes);
	json_add_time(*out, "last_rebuild_at", m->built_at_s);
	return EG_OK;
}

eg_err
store_stats(struct store *st, struct arena *a, json_object **out)
{
	struct reading r = { .st = st };
	struct meta *m;
	eg_err e;

	do {
		e = reading_open(&r, a);
		if (e == EG_OK)
			e = view_meta(&r.view, &m);
		if (e == EG_OK)
			e = stats_of(st, a, m, out);
	} while (!reading_is_done(&r, &e));
	return e;
}

eg_err
store_rebuild(struct store *st, struct arena *a, store_progress_fn progress, void *arg)
{
	bool died;
	eg_err e;

	EG_TRY(engine_check_fork(st));
	EG_TRY(shared_lock(st->page, &died));
	e = recover_before_change(st);
	if (e == EG_OK)
		e = recover_rebuild(st, progress, arg);
	shared_unlock(st->page);
	return e;
}
