/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "store/lists.h"
#include "store/view.h"

#define FIRST_ENTRIES 32
#define FREE_SLOTS_MAX 1000     /* more are lost until the next rebuild: 4 KB are read at each creation */

void
view_init(struct view *v, struct index *ix, struct arena *a)
{
	v->ix = ix;
	v->a = a;
	v->remembers = false;
	v->roster = NULL;
	v->has_meta = false;
	v->absent.len = 0;
}

void
view_init_changing(struct view *v, struct index *ix, struct arena *a)
{
	*v = (struct view){ .ix = ix, .a = a, .remembers = true, .cap = FIRST_ENTRIES, .table_size = 2 * FIRST_ENTRIES };
	v->entries = arena_array(a, v->cap, sizeof(struct view_entry *));
	v->table = arena_array(a, v->table_size, sizeof *v->table);
}

/* ---- entries ---- */

/* The place in the table of that key, or where it would go. */
static uint32_t *
table_slot(const struct view *v, const struct key *key)
{
	size_t i = key_hash(key) & (v->table_size - 1);

	for (; v->table[i] != 0; i = (i + 1) & (v->table_size - 1)) {
		const struct view_entry *e = v->entries[v->table[i] - 1];

		if (e->key.len == key->len && memcmp(e->key.b, key->b, key->len) == 0)
			break;
	}
	return &v->table[i];
}

static void
grow(struct view *v)
{
	struct view_entry **entries = arena_array(v->a, v->cap * 2, sizeof(struct view_entry *));

	memcpy(entries, v->entries, v->count * sizeof(struct view_entry *));
	v->entries = entries;
	v->cap *= 2;
	v->table_size = v->cap * 2;
	v->table = arena_array(v->a, v->table_size, sizeof *v->table);
	for (size_t i = 0; i < v->count; i++)
		*table_slot(v, &v->entries[i]->key) = (uint32_t)i + 1;
}

/* The remembered entry of a key, fetched where it is not there yet. */
static eg_err
remember(struct view *v, const struct key *key, struct view_entry **out)
{
	uint32_t *slot = table_slot(v, key);
	struct view_entry *e;
	eg_err err;

	if (*slot != 0) {
		*out = v->entries[*slot - 1];
		return EG_OK;
	}
	e = arena_alloc(v->a, sizeof *e);
	e->key = *key;
	err = index_fetch(v->ix, v->a, key, &e->value, &e->room);
	if (err != EG_OK && err != EG_NOTFOUND)
		return err;
	if (v->count == v->cap) {
		grow(v);
		slot = table_slot(v, key);
	}
	v->entries[v->count++] = e;
	*slot = (uint32_t)v->count;
	*out = e;
	return EG_OK;
}

eg_err
view_get(struct view *v, const struct key *key, struct slice *out)
{
	struct view_entry *e;

	if (!v->remembers) {
		size_t room;
		eg_err err = index_fetch(v->ix, v->a, key, out, &room);

		if (err == EG_NOTFOUND && v->absent.len == 0)
			v->absent = *key;
		return err;
	}
	EG_TRY(remember(v, key, &e));
	*out = e->value;
	return e->value.p == NULL ? EG_NOTFOUND : EG_OK;
}

eg_err
view_put(struct view *v, const struct key *key, struct slice value)
{
	struct view_entry *e;
	struct meta *m;

	EG_TRY(view_meta(v, &m));
	EG_TRY(remember(v, key, &e));
	if (e->value.p == NULL)
		m->keys++;
	e->value = value;
	e->dirty = true;
	return EG_OK;
}

eg_err
view_delete(struct view *v, const struct key *key)
{
	struct view_entry *e;
	struct meta *m;

	EG_TRY(view_meta(v, &m));
	EG_TRY(remember(v, key, &e));
	if (e->value.p != NULL)
		m->keys--;
	e->value = (struct slice){ NULL, 0 };
	e->dirty = true;
	return EG_OK;
}

bool
view_never_had(struct view *v, const struct key *key)
{
	uint32_t *slot = table_slot(v, key);

	return *slot != 0 && v->entries[*slot - 1]->room == 0 && v->entries[*slot - 1]->value.p == NULL;
}

eg_err
view_meta(struct view *v, struct meta **out)
{
	struct slice value;
	struct key key;

	if (!v->has_meta) {
		key_meta(&key);
		eg_err e = index_fetch(v->ix, v->a, &key, &value, &v->meta_room);
		if (e == EG_OK)
			e = meta_decode(value, &v->meta);
		if (e == EG_NOTFOUND) {
			v->ix->fault = "the file's own record is missing";
			e = EG_DAMAGED;
		}
		if (e != EG_OK)
			return e;
		v->has_meta = true;
	}
	*out = &v->meta;
	return EG_OK;
}

void
view_size(const struct view *v, size_t *entries, size_t *bytes)
{
	*entries = 1;
	*bytes = 0;
	for (size_t i = 0; i < v->count; i++) {
		if (!v->entries[i]->dirty)
			continue;
		++*entries;
		*bytes += v->entries[i]->key.len + v->entries[i]->value.len + INDEX_TRAILER_SIZE;
	}
}

eg_err
view_flush(struct view *v)
{
	struct key key;

	for (size_t i = 0; i < v->count; i++) {
		struct view_entry *e = v->entries[i];

		if (!e->dirty)
			continue;
		if (e->value.p != NULL) {
			EG_TRY(index_store(v->ix, &e->key, e->value, &e->room));
		} else if (e->room > 0) {
			EG_TRY(index_remove(v->ix, &e->key));
			e->room = 0;
		}
		e->dirty = false;
	}
	if (!v->has_meta)
		return EG_OK;
	key_meta(&key);
	return index_store(v->ix, &key, meta_encode(v->a, &v->meta), &v->meta_room);
}

/* ---- records ---- */

static eg_err
damaged(struct view *v, const char *fault)
{
	v->ix->fault = fault;
	return EG_DAMAGED;
}

eg_err
view_record(struct view *v, char kind, const struct uuid *id, struct stored *out)
{
	struct slice value;
	struct key key;

	key_record(&key, kind, id);
	EG_TRY(view_get(v, &key, &value));
	if (stored_decode(value, out) != EG_OK)
		return damaged(v, "a record cannot be read");
	out->kind = kind;
	out->id = *id;
	return EG_OK;
}

eg_err
view_owner(struct view *v, struct slice unique, char *kind, struct uuid *id)
{
	struct slice value;
	struct key key;

	EG_TRY(index_key_unique(v->ix, unique, &key));
	EG_TRY(view_get(v, &key, &value));
	if (owner_decode(value, kind, id) != EG_OK)
		return damaged(v, "a unique name cannot be read");
	return EG_OK;
}

eg_err
view_check_uniques(struct view *v, const struct line_op *op)
{
	for (unsigned i = 0; i < STORE_UNIQUES_MAX; i++) {
		struct uuid id;
		char kind;

		if (op->uniques[i].p == NULL)
			continue;
		eg_err e = view_owner(v, op->uniques[i], &kind, &id);
		if (e == EG_NOTFOUND)
			continue;
		if (e != EG_OK)
			return e;
		if (kind != op->kind || !uuid_equal(&id, &op->id))
			return EG_EXISTS;
	}
	return EG_OK;
}

eg_err
view_free_slots(struct view *v, struct slice *out)
{
	struct key key;
	eg_err e;

	key_free_slots(&key);
	e = view_get(v, &key, out);
	if (e == EG_NOTFOUND)
		*out = (struct slice){ NULL, 0 };
	else if (e != EG_OK)
		return e;
	return out->len % 4 == 0 ? EG_OK : damaged(v, "the free slots cannot be read");
}

/* A record with `slot` came: it is no longer free. */
static eg_err
take_slot(struct view *v, uint32_t slot)
{
	struct slice free_slots;
	struct meta *m;
	struct key key;

	if (slot == 0)
		return EG_OK;
	EG_TRY(view_meta(v, &m));
	if (slot >= m->next_slot) {
		m->next_slot = slot + 1;
		return EG_OK;
	}
	EG_TRY(view_free_slots(v, &free_slots));
	for (size_t i = free_slots.len; i > 0; i -= 4) {
		if (get_u32(free_slots.p + i - 4) != slot)
			continue;
		char *p = arena_copy(v->a, free_slots.p, free_slots.len);

		memmove(p + i - 4, p + i, free_slots.len - i);
		key_free_slots(&key);
		return view_put(v, &key, (struct slice){ p, free_slots.len - 4 });
	}
	return EG_OK;   /* one that was lost, see FREE_SLOTS_MAX, or of a record that comes again */
}

static eg_err
give_slot(struct view *v, uint32_t slot)
{
	struct slice free_slots;
	struct key key;

	if (slot == 0)
		return EG_OK;
	EG_TRY(view_free_slots(v, &free_slots));
	if (free_slots.len / 4 >= FREE_SLOTS_MAX)
		return EG_OK;
	char *p = arena_alloc(v->a, free_slots.len + 4);
	if (free_slots.len > 0)
		memcpy(p, free_slots.p, free_slots.len);
	put_u32(p + free_slots.len, slot);
	key_free_slots(&key);
	return view_put(v, &key, (struct slice){ p, free_slots.len + 4 });
}

static int
find_list(const struct uuid lists[STORE_LISTS_MAX], const struct uuid *list)
{
	for (int i = 0; i < STORE_LISTS_MAX; i++)
		if (!uuid_is_nil(&lists[i]) && uuid_equal(&lists[i], list))
			return i;
	return -1;
}

static eg_err
leave_list(struct view *v, const struct stored *old, int i)
{
	if (v->roster == NULL)
		return list_remove(v, old->kind, &old->lists[i], &old->id, old->positions[i]);
	if (roster_remove(v->roster, roster_list(v->roster, old->kind, &old->lists[i]), &old->id, old->positions[i]))
		return EG_OK;
	return damaged(v, "a list lacks a record that should stand in it");
}

static eg_err
join_list(struct view *v, struct stored *now, int i)
{
	if (v->roster == NULL)
		return list_add(v, now->kind, &now->lists[i], &now->id, &now->positions[i]);
	now->positions[i] = roster_add(v->roster, roster_list(v->roster, now->kind, &now->lists[i]), &now->id);
	return EG_OK;
}

/* Leave the lists of `old` that are not in `now`, keep the positions of those that are, join the rest. */
static eg_err
move_lists(struct view *v, const struct stored *old, struct stored *now)
{
	for (int i = 0; i < STORE_LISTS_MAX; i++)
		if (!uuid_is_nil(&old->lists[i]) && find_list(now->lists, &old->lists[i]) < 0)
			EG_TRY(leave_list(v, old, i));
	for (int i = 0; i < STORE_LISTS_MAX; i++) {
		if (uuid_is_nil(&now->lists[i]))
			continue;
		int was = find_list(old->lists, &now->lists[i]);
		if (was >= 0)
			now->positions[i] = old->positions[was];
		else
			EG_TRY(join_list(v, now, i));
	}
	return EG_OK;
}

static bool
has_unique(const struct stored *r, struct slice text)
{
	for (unsigned i = 0; i < STORE_UNIQUES_MAX; i++)
		if (r->uniques[i].p != NULL && r->uniques[i].len == text.len &&
		    memcmp(r->uniques[i].p, text.p, text.len) == 0)
			return true;
	return false;
}

/* Give up the texts of `old` that are not in `now`, take those of `now`. */
static eg_err
move_uniques(struct view *v, const struct stored *old, const struct stored *now)
{
	struct key key;

	for (unsigned i = 0; i < STORE_UNIQUES_MAX; i++) {
		if (old->uniques[i].p == NULL || has_unique(now, old->uniques[i]))
			continue;
		EG_TRY(index_key_unique(v->ix, old->uniques[i], &key));
		EG_TRY(view_delete(v, &key));
	}
	for (unsigned i = 0; i < STORE_UNIQUES_MAX; i++) {
		if (now->uniques[i].p == NULL || has_unique(old, now->uniques[i]))
			continue;
		EG_TRY(index_key_unique(v->ix, now->uniques[i], &key));
		EG_TRY(view_put(v, &key, owner_encode(v->a, now->kind, &now->id)));
	}
	return EG_OK;
}

eg_err
view_apply(struct view *v, const struct line_op *op, uint64_t sequence)
{
	struct stored old, now = { .kind = op->kind, .id = op->id, .sequence = sequence, .slot = op->slot,
	    .ring = op->ring, .doc = op->doc };
	struct meta *m;
	struct key key;
	eg_err e;

	EG_TRY(view_meta(v, &m));
	e = view_record(v, op->kind, &op->id, &old);
	if (e == EG_NOTFOUND)
		old = (struct stored){ .kind = op->kind, .id = op->id };
	if (e != EG_OK && (e != EG_NOTFOUND || op->is_delete))
		return e;
	memcpy(now.lists, op->lists, sizeof now.lists);
	memcpy(now.uniques, op->uniques, sizeof now.uniques);
	EG_TRY(move_uniques(v, &old, &now));
	EG_TRY(move_lists(v, &old, &now));
	if (old.slot != now.slot) {
		EG_TRY(give_slot(v, old.slot));
		EG_TRY(take_slot(v, now.slot));
	}
	if (now.ring >= m->next_ring)
		m->next_ring = now.ring + 1;
	key_record(&key, op->kind, &op->id);
	if (op->is_delete) {
		m->records[kind_index(op->kind)]--;
		return view_delete(v, &key);
	}
	if (e == EG_NOTFOUND)
		m->records[kind_index(op->kind)]++;
	return view_put(v, &key, stored_encode(v->a, &now));
}
