/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The journal is read from its beginning into an image, and both index files are held against it while traffic
 * runs: piece by piece, each at one state of the file, up to which the image was brought before. */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "store/engine.h"
#include "store/image.h"
#include "store/lists.h"

#define PIECE_RECORDS 256
#define PIECE_IDS 16384         /* of a list */
#define TRIES 500               /* for a piece of a file that is written to all the time */
#define PAUSE_US 200
#define FINDINGS_MAX 1000

/* Findings of one piece; they count once the piece was seen in one state. */
struct findings {
	struct store_finding *first;
	struct store_finding **end;
	size_t count;
};

struct verify {
	struct store *st;
	struct arena *a;                /* for findings */
	struct image image;
	struct journal_reader reader;   /* at what the image holds */
	struct findings all;
	store_progress_fn progress;
	void *progress_arg;
	/* The piece at hand. */
	unsigned which;
	struct index ix;                /* a handle of its own, so that this process goes on reading with the store's */
	struct view view;
	struct arena *scratch;
	struct findings piece;
};

static void
findings_init(struct findings *f)
{
	*f = (struct findings){ NULL, NULL, 0 };
	f->end = &f->first;
}

static void
find(struct verify *y, const char *where, const char *what)
{
	struct store_finding *f;

	if (y->all.count + y->piece.count >= FINDINGS_MAX)
		return;
	f = arena_alloc(y->a, sizeof *f);
	f->where = where;
	f->what = arena_strdup(y->a, what);
	*y->piece.end = f;
	y->piece.end = &f->next;
	y->piece.count++;
}

static const char *
where_key(struct verify *y, const struct key *key)
{
	return arena_printf(y->a, "index %c: %s", 'a' + (int)y->which, key_text(y->scratch, key->b, key->len));
}

static const char *
where_unique(struct verify *y, struct slice text)
{
	return arena_printf(y->a, "index %c: unique name %.*s", 'a' + (int)y->which, (int)text.len, text.p);
}

static void
keep_findings(struct verify *y)
{
	if (y->piece.first == NULL)
		return;
	*y->all.end = y->piece.first;
	y->all.end = y->piece.end;
	y->all.count += y->piece.count;
	findings_init(&y->piece);
}

/* ---- the journal ---- */

/* EG_DAMAGED: the journal cannot be read on; that is a finding. */
static eg_err
advance(struct verify *y, uint64_t sequence)
{
	struct arena *a = arena_new();
	struct slice json;
	struct line l;
	eg_err e = EG_OK;

	journal_seek(&y->reader, &y->reader.at);        /* what was behind the end the last time may be a line now */
	for (unsigned n = 1; e == EG_OK && y->reader.at.sequence < sequence; n++) {
		const char *what = "does not authenticate";

		arena_reset(a);
		e = journal_next(&y->reader, &json);
		if (e == EG_NOTFOUND)
			what = "is missing";
		if (e == EG_OK && line_parse(a, json, &l) != EG_OK) {
			what = "cannot be read";
			e = EG_FORGED;
		}
		for (size_t i = 0; e == EG_OK && i < l.op_count; i++) {
			e = image_apply(&y->image, &l.ops[i], l.sequence);
			what = "deletes a record that is not there";
		}
		if (e == EG_NOTFOUND || e == EG_FORGED) {
			find(y, arena_printf(y->a, "journal/%06u.log line %" PRIu64, y->reader.at.segment,
			    y->reader.at.line + 1), what);
			keep_findings(y);
			e = EG_DAMAGED;
		}
		if (y->progress != NULL && n % 4096 == 0)
			y->progress(y->progress_arg, "reading the journal", y->reader.at.sequence, sequence);
	}
	arena_free(a);
	return e;
}

/* ---- pieces of an index file: compare from number `from` on ---- */

typedef eg_err (*piece_fn)(struct verify *y, uint64_t from, uint64_t *next);

/* EG_NOTFOUND and EG_DAMAGED become findings; the rest of the piece is looked at. */
static eg_err
found_at(struct verify *y, const char *where, eg_err e, const char *missing)
{
	if (e == EG_NOTFOUND || e == EG_DAMAGED) {
		find(y, where, e == EG_NOTFOUND ? missing : y->ix.fault);
		return y->ix.db != NULL ? EG_OK : EG_DAMAGED;
	}
	return e;
}

static eg_err
found_or(struct verify *y, const struct key *key, eg_err e, const char *missing)
{
	return e == EG_NOTFOUND || e == EG_DAMAGED ? found_at(y, where_key(y, key), e, missing) : e;
}

static eg_err
check_uniques(struct verify *y, const struct stored *s)
{
	for (unsigned i = 0; i < STORE_UNIQUES_MAX; i++) {
		struct uuid id;
		char kind;

		if (s->uniques[i].p == NULL)
			continue;
		eg_err e = view_owner(&y->view, s->uniques[i], &kind, &id);
		if (e == EG_OK && (kind != s->kind || !uuid_equal(&id, &s->id)))
			find(y, where_unique(y, s->uniques[i]), "belongs to another record than the journal says");
		if (e != EG_OK)
			EG_TRY(found_at(y, where_unique(y, s->uniques[i]), e, "is missing"));
	}
	return EG_OK;
}

static eg_err
check_record(struct verify *y, const struct image_record *r)
{
	uint8_t print[PRINT_SIZE];
	struct stored s;
	struct key key;
	eg_err e = view_record(&y->view, r->key.kind, &r->key.id, &s);

	key_record(&key, r->key.kind, &r->key.id);
	if (!r->is_live) {
		if (e == EG_OK)
			find(y, where_key(y, &key), "is there, though the journal deleted it");
		return e == EG_NOTFOUND ? EG_OK : found_or(y, &key, e, "");
	}
	if (e != EG_OK)
		return found_or(y, &key, e, "is missing");
	EG_TRY(image_print(y->scratch, &s, print));
	if (memcmp(print, r->print, PRINT_SIZE) != 0)
		find(y, where_key(y, &key), "differs from what the journal says");
	return check_uniques(y, &s);
}

static eg_err
check_records(struct verify *y, uint64_t from, uint64_t *next)
{
	uint64_t end = from + PIECE_RECORDS < y->image.count ? from + PIECE_RECORDS : y->image.count;

	*next = end;
	for (uint64_t i = from; i < end; i++)
		EG_TRY(check_record(y, &y->image.records[i]));
	return EG_OK;
}

/* `from`: number of the list << 32 | ids of it done. */
static eg_err
check_lists(struct verify *y, uint64_t from, uint64_t *next)
{
	size_t number = from >> 32, skip = from & UINT32_MAX, count, i = 0;
	const struct roster_list *l;
	struct uuid *ids;
	uint64_t total;
	struct key key;
	eg_err e;

	*next = from;
	if (number >= y->image.roster.count)
		return EG_OK;
	*next = (uint64_t)(number + 1) << 32;
	l = &y->image.roster.lists[number];
	key_list_head(&key, l->key.kind, &l->key.id);
	e = list_page(&y->view, l->key.kind, &l->key.id, skip, PIECE_IDS, &ids, &count, &total);
	if (e != EG_OK)
		return found_or(y, &key, e, "");
	if (total != l->live) {
		find(y, where_key(y, &key), arena_printf(y->scratch, "counts %" PRIu64 " records, the journal %zu", total,
		    l->live));
		return EG_OK;
	}
	for (size_t m = l->count; m-- > 0 && i < count;) {
		if (uuid_is_nil(&l->ids[m]))
			continue;
		if (skip > 0) {
			skip--;
			continue;
		}
		if (!uuid_equal(&ids[i++], &l->ids[m])) {
			find(y, where_key(y, &key), "holds other records, or in another order, than the journal says");
			return EG_OK;
		}
	}
	if (count == PIECE_IDS)
		*next = from + PIECE_IDS;
	return EG_OK;
}

static eg_err
check_counts(struct verify *y, uint64_t from, uint64_t *next)
{
	struct meta *m;
	struct key key;
	uint64_t entries;
	eg_err e;

	*next = from;
	if (from > 0)
		return EG_OK;
	*next = 1;
	key_meta(&key);
	e = view_meta(&y->view, &m);
	if (e != EG_OK)
		return found_or(y, &key, e, "is missing");
	if (m->sequence != atomic_load(&y->st->page->index[y->which].sequence))
		find(y, where_key(y, &key), "tells of another state than it should");
	if (memcmp(m->records, y->image.live, sizeof m->records) != 0)
		find(y, where_key(y, &key), "counts other records than the journal");
	e = index_count(&y->ix, &entries);
	if (e != EG_OK)
		return found_or(y, &key, e, "");
	if (entries != m->keys + 1)
		find(y, where_key(y, &key), arena_printf(y->scratch, "counts %" PRIu64 " entries, the file holds %" PRIu64,
		    m->keys + 1, entries));
	return EG_OK;
}

/* The image is ahead of this file, which a next change would bring forward: do that without one. */
static eg_err
level(struct verify *y)
{
	bool died;
	eg_err e;

	EG_TRY(shared_lock(y->st->page, &died));
	e = recover_before_change(y->st);
	if (e == EG_OK)
		e = recover_level(y->st);
	shared_unlock(y->st->page);
	return e;
}

/* One try at a piece. EG_BUSY: the file was written to meanwhile. */
static eg_err
look(struct verify *y, piece_fn fn, uint64_t from, uint64_t *next)
{
	struct shared_index *pi = &y->st->page->index[y->which];
	uint64_t word = atomic_load(&pi->word), sequence = atomic_load(&pi->sequence);
	struct key key;
	eg_err e;

	if ((word & 1) != 0)
		return EG_BUSY;
	findings_init(&y->piece);
	arena_reset(y->scratch);
	if (y->reader.at.sequence > sequence) {
		e = level(y);
		return e == EG_OK ? EG_BUSY : e;
	}
	EG_TRY(advance(y, sequence));
	e = index_open(&y->ix, false, word);
	view_init(&y->view, &y->ix, y->scratch);
	key_meta(&key);
	e = e == EG_OK ? fn(y, from, next) : found_or(y, &key, e, "");
	return atomic_load(&pi->word) == word ? e : EG_BUSY;
}

static eg_err
check_all(struct verify *y, piece_fn fn, const char *what, uint64_t total)
{
	uint64_t from = 0, next;
	eg_err e;

	for (;;) {
		int tries = TRIES;

		while ((e = look(y, fn, from, &next)) == EG_BUSY && --tries > 0)
			usleep(PAUSE_US);
		if (e == EG_BUSY) {
			bool is_odd = (atomic_load(&y->st->page->index[y->which].word) & 1) != 0;

			findings_init(&y->piece);
			find(y, arena_printf(y->a, "index %c", 'a' + (int)y->which), is_odd ?
			    "was left unfinished by a writer; the next change mends it" :
			    "is written to so often that it cannot be compared: try again at a quiet hour");
		}
		keep_findings(y);
		if (e != EG_OK || next == from)
			return e == EG_BUSY || e == EG_DAMAGED ? EG_OK : e;
		from = next;
		if (y->progress != NULL && total > 0)
			y->progress(y->progress_arg, what, from < total ? from : total, total);
	}
}

static eg_err
verify(struct verify *y)
{
	struct store *st = y->st;
	unsigned published = current_index(atomic_load(&st->page->current));
	eg_err e = EG_OK;

	/* The one that lags first: the image goes forward only. */
	for (unsigned i = 0; i < 2 && e == EG_OK; i++) {
		y->which = published ^ 1 ^ i;
		index_init(&y->ix, st->index[y->which].path, st->index[y->which].mac);
		e = advance(y, atomic_load(&st->page->index[y->which].sequence));
		if (e == EG_DAMAGED)
			return EG_OK;
		if (e == EG_OK)
			e = check_all(y, check_records, i == 0 ? "comparing the first index" : "comparing the second index",
			    y->image.count);
		if (e == EG_OK)
			e = check_all(y, check_lists, "", 0);
		if (e == EG_OK)
			e = check_all(y, check_counts, "", 0);
		index_drop(&y->ix);
	}
	return e;
}

eg_err
store_verify(struct store *st, struct arena *a, store_progress_fn progress, void *arg, struct store_finding **out)
{
	struct verify y = { .st = st, .a = a, .progress = progress, .progress_arg = arg, .scratch = arena_new() };
	eg_err e;

	EG_TRY(engine_check_fork(st));
	findings_init(&y.all);
	findings_init(&y.piece);
	image_init(&y.image);
	journal_reader_init(&y.reader, st->journal_fd, &st->journal_keys);
	e = verify(&y);
	journal_reader_free(&y.reader);
	image_free(&y.image);
	arena_free(y.scratch);
	*out = y.all.first;
	return e == EG_OK && y.all.count > 0 ? EG_DAMAGED : e;
}
