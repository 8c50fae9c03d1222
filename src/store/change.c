/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/engine.h"
#include "store/lists.h"
#include "store/usage/usage.h"

#define HANDED_OUT_MAX 64       /* new slots of one set, and rings */

struct handed_out {
	uint32_t numbers[HANDED_OUT_MAX];
	size_t count;
};

struct store_tx {
	struct store *st;
	struct arena *a;
	struct view view;       /* of the index that will be published with this change */
	unsigned which;
	struct place tail;      /* where the line will go */
	struct line line;
	size_t op_cap;
	struct handed_out slots, rings;
	eg_err broken;          /* a fault after which `view` cannot be trusted */
};

/* ---- inside the change ---- */

/* Faults of reading the index are logged here, and none of them may end in a commit. */
static eg_err
tx_fault(struct store_tx *tx, eg_err e)
{
	if (e != EG_DAMAGED && e != EG_IO)
		return e;
	if (tx->broken == EG_OK)
		tx->broken = eg_fail(e, "index.%c: %s", 'a' + (int)tx->which, tx->st->index[tx->which].fault);
	return tx->broken;
}

static eg_err
get_record(struct store_tx *tx, char kind, const struct uuid *id, struct store_record *out)
{
	struct stored s;

	EG_TRY(view_record(&tx->view, kind, id, &s));
	eg_err e = cache_decode(tx->st->cache, tx->a, &s, 0, out);
	if (e != EG_OK)
		tx->st->index[tx->which].fault = "the document of a record cannot be read";
	return e;
}

eg_err
store_tx_get(struct store_tx *tx, char kind, const struct uuid *id, struct store_record *out)
{
	return tx_fault(tx, get_record(tx, kind, id, out));
}

eg_err
store_tx_find(struct store_tx *tx, const char *unique, struct store_record *out)
{
	struct uuid id;
	char kind;
	eg_err e = view_owner(&tx->view, (struct slice){ unique, strlen(unique) }, &kind, &id);

	return tx_fault(tx, e == EG_OK ? get_record(tx, kind, &id, out) : e);
}

static eg_err
get_list(struct store_tx *tx, char kind, const struct uuid *list, size_t offset, size_t limit, struct store_record **out,
    size_t *out_count, size_t *total)
{
	struct uuid *ids;
	uint64_t all;

	EG_TRY(list_page(&tx->view, kind, list, offset, limit, &ids, out_count, &all));
	*total = (size_t)all;
	*out = arena_array(tx->a, *out_count, sizeof **out);
	for (size_t i = 0; i < *out_count; i++) {
		eg_err e = get_record(tx, kind, &ids[i], &(*out)[i]);

		if (e != EG_OK)
			return e == EG_NOTFOUND ? EG_DAMAGED : e;
	}
	return EG_OK;
}

eg_err
store_tx_list(struct store_tx *tx, char kind, const struct uuid *list, size_t offset, size_t limit,
    struct store_record **out, size_t *out_count, size_t *total)
{
	return tx_fault(tx, get_list(tx, kind, list, offset, limit, out, out_count, total));
}

/* A name that the index does not know is free, unless the index has lost it: the published one, which is of the
 * same state but for this set, must not know it either. */
static eg_err
confirm_free_names(struct store_tx *tx, const struct line_op *op)
{
	struct store *st = tx->st;
	unsigned other = tx->which ^ 1;
	struct slice value;
	struct key key;
	size_t room;

	for (unsigned i = 0; i < STORE_UNIQUES_MAX; i++) {
		if (op->uniques[i].p == NULL)
			continue;
		EG_TRY(index_key_unique(&st->index[tx->which], op->uniques[i], &key));
		if (!view_never_had(&tx->view, &key))
			continue;
		eg_err e = index_open(&st->index[other], false, atomic_load(&st->page->index[other].word));
		if (e == EG_OK)
			e = index_fetch(&st->index[other], tx->a, &key, &value, &room);
		if (e == EG_NOTFOUND)
			continue;
		st->index[tx->which].fault = e == EG_OK ? "a unique name is missing" : st->index[other].fault;
		return e == EG_OK ? EG_DAMAGED : e;
	}
	return EG_OK;
}

static eg_err
do_op(struct store_tx *tx, const struct line_op *op)
{
	struct line *l = &tx->line;
	eg_err e = op->is_delete ? EG_OK : view_check_uniques(&tx->view, op);

	if (e == EG_OK)
		e = confirm_free_names(tx, op);
	if (e == EG_OK)
		e = view_apply(&tx->view, op, l->sequence);
	if (e != EG_OK)
		return tx_fault(tx, e);
	if (l->op_count == tx->op_cap) {
		struct line_op *more = arena_array(tx->a, tx->op_cap == 0 ? 8 : tx->op_cap * 2, sizeof *more);

		if (l->op_count > 0)
			memcpy(more, l->ops, l->op_count * sizeof *more);
		l->ops = more;
		tx->op_cap = tx->op_cap == 0 ? 8 : tx->op_cap * 2;
	}
	l->ops[l->op_count++] = *op;
	return EG_OK;
}

eg_err
store_tx_put(struct store_tx *tx, const struct store_record *rec)
{
	struct line_op op = { .kind = rec->kind, .id = rec->id, .slot = rec->slot, .ring = rec->ring };
	const char *text;

	if (kind_index(rec->kind) < 0 || uuid_is_nil(&rec->id) || !json_object_is_type(rec->doc, json_type_object))
		return eg_fail(EG_INTERNAL, "store_tx_put: a record needs a letter as its kind, an id and an object");
	for (unsigned i = 0; i < STORE_LISTS_MAX; i++) {
		op.lists[i] = rec->lists[i];
		for (unsigned k = 0; k < i; k++)
			if (!uuid_is_nil(&rec->lists[i]) && uuid_equal(&rec->lists[i], &rec->lists[k]))
				return eg_fail(EG_INTERNAL, "store_tx_put: a list stands twice in one record");
	}
	for (unsigned i = 0; i < STORE_UNIQUES_MAX; i++) {
		size_t len = rec->uniques[i] == NULL ? 0 : strlen(rec->uniques[i]);

		if (len > STORE_UNIQUE_LEN_MAX)
			return EG_TOO_LARGE;
		if (rec->uniques[i] != NULL)
			op.uniques[i] = (struct slice){ arena_strndup(tx->a, rec->uniques[i], len), len };
	}
	text = json_object_to_json_string_length(rec->doc, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE,
	    &op.doc.len);
	if (text == NULL)
		arena_exhausted();
	if (op.doc.len > STORE_DOC_MAX)
		return EG_TOO_LARGE;
	op.doc.p = arena_copy(tx->a, text, op.doc.len);
	if (!cache_can_decode(tx->st->cache, op.doc))
		return eg_fail(EG_INTERNAL, "store_tx_put: a document that could not be read again");
	return do_op(tx, &op);
}

eg_err
store_tx_delete(struct store_tx *tx, char kind, const struct uuid *id)
{
	struct line_op op = { .is_delete = true, .kind = kind, .id = *id };

	return do_op(tx, &op);
}

static bool
was_handed_out(const struct handed_out *h, uint32_t number)
{
	for (size_t i = 0; i < h->count; i++)
		if (h->numbers[i] == number)
			return true;
	return false;
}

/* The lowest number from `next` on that this set did not hand out yet. */
static uint32_t
next_number(const struct handed_out *h, uint32_t next)
{
	while (was_handed_out(h, next))
		next++;
	return next;
}

eg_err
store_tx_new_slot(struct store_tx *tx, uint32_t *out)
{
	struct slice free_slots;
	struct meta *m;
	uint32_t slot = 0;

	if (tx->slots.count == HANDED_OUT_MAX)
		return eg_fail(EG_INTERNAL, "store_tx_new_slot: more than %d in one set", HANDED_OUT_MAX);
	EG_TRY(tx_fault(tx, view_meta(&tx->view, &m)));
	EG_TRY(tx_fault(tx, view_free_slots(&tx->view, &free_slots)));
	for (size_t i = free_slots.len; i > 0 && slot == 0; i -= 4)
		if (!was_handed_out(&tx->slots, get_u32(free_slots.p + i - 4)))
			slot = get_u32(free_slots.p + i - 4);
	if (slot == 0)
		slot = next_number(&tx->slots, m->next_slot);
	EG_TRY(usage_reserve_slots(tx->st->usage, slot));
	tx->slots.numbers[tx->slots.count++] = slot;
	*out = slot;
	return EG_OK;
}

eg_err
store_tx_new_ring(struct store_tx *tx, uint32_t *out)
{
	struct meta *m;

	if (tx->rings.count == HANDED_OUT_MAX)
		return eg_fail(EG_INTERNAL, "store_tx_new_ring: more than %d in one set", HANDED_OUT_MAX);
	EG_TRY(tx_fault(tx, view_meta(&tx->view, &m)));
	uint32_t ring = next_number(&tx->rings, m->next_ring);
	EG_TRY(usage_reserve_rings(tx->st->usage, ring));
	tx->rings.numbers[tx->rings.count++] = ring;
	*out = ring;
	return EG_OK;
}

int64_t
store_tx_now_us(const struct store_tx *tx)
{
	return tx->line.at_us;
}

/* ---- the commit ---- */

/* Have the segment open that the line goes to, with room for it, and room in the index: from here on only a broken disk
 * can make the change fail. */
static eg_err
prepare(struct store_tx *tx, size_t json_len)
{
	struct store *st = tx->st;
	struct shared *page = st->page;
	struct index *ix = &st->index[tx->which];
	size_t entries, bytes;
	eg_err e;

	if (json_len > JOURNAL_LINE_MAX)
		return EG_TOO_LARGE;
	view_size(&tx->view, &entries, &bytes);
	e = index_room(ix, entries, bytes);
	if (e != EG_OK)
		return eg_fail(e, "index.%c: %s", 'a' + (int)tx->which, ix->fault);
	if (journal_is_segment_full(&tx->tail, json_len))
		EG_TRY(tail_start_segment(st, tx->a, page->journal_key, tx->line.at_us, &tx->tail));
	return tail_room(st, json_len);
}

static eg_err
commit(struct store_tx *tx)
{
	struct store *st = tx->st;
	struct shared *page = st->page;

	tx->line.synced = atomic_load(&page->synced);
	struct slice json = line_format(tx->a, &tx->line);
	EG_TRY(prepare(tx, json.len));
	EG_TRY(tail_append(st, tx->a, &tx->line, json, &tx->tail));
	if (!atomic_load(&page->synced_first)) {
		/* After a crash the stop mark would still say that the index files are whole, if no line on disk told
		 * otherwise. */
		EG_TRY(tail_sync(st));
		atomic_store(&page->synced_first, 1);
	}
	/* It is in the journal. An index that does not take it is made anew by the next writer, with it. */
	return recover_flush(st, tx->which, &tx->view, &tx->tail) == EG_OK ? EG_OK : EG_FAILED;
}

/* The index that was to be changed cannot be read, so the change is off, and where damage is the cause it is mended. */
static eg_err
give_up(struct store_tx *tx)
{
	index_drop(&tx->st->index[tx->which]);
	if (tx->broken != EG_DAMAGED)
		return tx->broken;
	return recover_by_rebuild(tx->st) == EG_OK ? EG_RECOVERING : EG_DAMAGED;
}

static eg_err
change_locked(struct store *st, struct arena *a, const struct store_cause *cause, store_change_fn fn, void *arg,
    uint64_t *sequence)
{
	struct store_tx tx = { .st = st, .a = a };
	eg_err e;

	EG_TRY(recover_before_change(st));
	EG_TRY(recover_target(st, a, &tx.which, &tx.view, &tx.tail));
	int64_t now = clock_now_us();
	tx.line = (struct line){ .type = LINE_CHANGE, .sequence = tx.tail.sequence + 1, .cause = *cause,
	    .at_us = now > tx.tail.at_us ? now : tx.tail.at_us + 1 };
	e = fn(&tx, a, arg);
	if (tx.broken != EG_OK)
		return give_up(&tx);
	if (e != EG_OK)
		return e;
	/* Also where nothing is changed the answer rests on what it saw, so that must be on disk. */
	*sequence = tx.tail.sequence;
	if (tx.line.op_count == 0)
		return EG_OK;
	*sequence = tx.line.sequence;
	return commit(&tx);
}

eg_err
store_change(struct store *st, struct arena *a, const struct store_cause *cause, store_change_fn fn, void *arg)
{
	uint64_t sequence = 0;
	bool died;
	eg_err e;

	EG_TRY(engine_check_fork(st));
	e = shared_lock(st->page, &died);
	if (e == EG_BUSY && atomic_load(&st->page->rebuilding))
		return EG_RECOVERING;
	if (e != EG_OK)
		return e;
	if (died)
		log_line(LOG_LEVEL_WARN, "store: a writer died; what it left is put in order");
	e = change_locked(st, a, cause, fn, arg, &sequence);
	shared_unlock(st->page);
	return e == EG_OK ? sync_wait(st, sequence) : e;
}
