/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The journal's end, as the page tells of it: under the writer lock it grows here and nowhere else. `appending` is
 * set as long as there may be bytes behind the tail, for who comes after a death. */
#include <inttypes.h>

#include "base/log.h"
#include "store/engine.h"

eg_err
tail_room(struct store *st, size_t json_len)
{
	const struct place *tail = shared_tail(st->page);

	EG_TRY(journal_writer_use(&st->writer, tail->segment));
	return journal_room(&st->writer, tail, json_len);
}

eg_err
tail_append(struct store *st, struct arena *a, const struct line *l, struct slice json, struct place *after)
{
	struct shared *page = st->page;

	atomic_store(&page->appending, 1);
	eg_err e = journal_append(&st->writer, a, shared_tail(page), l, json, after);
	if (e == EG_OK)
		shared_set_tail(page, after);
	if (e != EG_FAILED)
		atomic_store(&page->appending, 0);
	return e;
}

eg_err
tail_sync(struct store *st)
{
	struct shared *page = st->page;
	const struct place *tail = shared_tail(page);
	eg_err e = journal_writer_use(&st->writer, tail->segment);

	if (e == EG_OK)
		e = journal_sync(&st->writer);
	if (e == EG_OK)
		atomic_store(&page->synced, tail->sequence);
	else
		atomic_store(&page->sync_failed, 1);
	return e;
}

eg_err
tail_start_segment(struct store *st, struct arena *a, unsigned key, int64_t at_us, struct place *after)
{
	struct shared *page = st->page;

	EG_TRY(tail_sync(st));
	atomic_store(&page->appending, 1);
	EG_TRY(journal_start_segment(&st->writer, a, shared_tail(page), &page->store, key, at_us, after));
	page->journal_key = key;
	shared_set_tail(page, after);
	atomic_store(&page->appending, 0);
	return EG_OK;
}

eg_err
tail_settle(struct store *st)
{
	struct shared *page = st->page;
	struct slice json;
	eg_err e;

	if (!atomic_load(&page->appending))
		return EG_OK;
	/* A whole line is taken, anything else is wiped. */
	journal_seek(&st->reader, shared_tail(page));
	while ((e = journal_next(&st->reader, &json)) == EG_OK)
		shared_set_tail(page, &st->reader.at);
	if (e != EG_NOTFOUND && e != EG_FORGED)
		return e;
	EG_TRY(journal_writer_use(&st->writer, shared_tail(page)->segment));
	EG_TRY(journal_cut(&st->writer, shared_tail(page)));
	/* The dead one may have set the tail and not yet told those who sync. */
	struct place tail = *shared_tail(page);
	shared_set_tail(page, &tail);
	atomic_store(&page->appending, 0);
	log_line(LOG_LEVEL_WARN, "store: a writer died while it appended; the journal ends with %" PRIu64 " now",
	    tail.sequence);
	return EG_OK;
}

eg_err
tail_heal(struct store *st)
{
	struct shared *page = st->page;
	const struct place *tail = shared_tail(page);

	if (!atomic_load(&page->sync_failed))
		return EG_OK;
	EG_TRY(journal_heal(&st->writer, tail));
	atomic_store(&page->synced, tail->sequence);
	atomic_store(&page->sync_failed, 0);
	log_line(LOG_LEVEL_WARN, "store: journal segment %u was written anew after a failed sync", tail->segment);
	return EG_OK;
}
