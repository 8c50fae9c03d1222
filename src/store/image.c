/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "sign/mac.h"
#include "store/cache.h"
#include "store/image.h"

#define FIRST_SLOTS 1024

static void *
grown(void *old, size_t *cap, size_t item)
{
	size_t more = *cap == 0 ? 16 : *cap * 2;
	void *p = reallocarray(old, more, item);

	if (p == NULL)
		arena_exhausted();
	*cap = more;
	return p;
}

static void
table_init(struct image_table *t, size_t size)
{
	t->size = size;
	t->slots = calloc(size, sizeof *t->slots);
	if (t->slots == NULL)
		arena_exhausted();
}

void
image_init(struct image *im)
{
	memset(im, 0, sizeof *im);
	table_init(&im->record_table, FIRST_SLOTS);
	table_init(&im->list_table, FIRST_SLOTS);
}

void
image_free(struct image *im)
{
	for (size_t i = 0; i < im->list_count; i++)
		free(im->lists[i].members);
	free(im->lists);
	free(im->records);
	free(im->record_table.slots);
	free(im->list_table.slots);
}

static uint32_t *
record_slot(const struct image *im, char kind, const struct uuid *id)
{
	const struct image_table *t = &im->record_table;
	size_t i = cache_hash(kind, id) & (t->size - 1);

	for (; t->slots[i] != 0; i = (i + 1) & (t->size - 1)) {
		const struct image_record *r = &im->records[t->slots[i] - 1];

		if (r->kind == kind && uuid_equal(&r->id, id))
			break;
	}
	return &t->slots[i];
}

static uint32_t *
list_slot(const struct image *im, char kind, const struct uuid *id)
{
	const struct image_table *t = &im->list_table;
	size_t i = cache_hash(kind, id) & (t->size - 1);

	for (; t->slots[i] != 0; i = (i + 1) & (t->size - 1)) {
		const struct image_list *l = &im->lists[t->slots[i] - 1];

		if (l->kind == kind && uuid_equal(&l->id, id))
			break;
	}
	return &t->slots[i];
}

static struct image_record *
get_record(struct image *im, char kind, const struct uuid *id)
{
	uint32_t *slot = record_slot(im, kind, id);

	if (*slot != 0)
		return &im->records[*slot - 1];
	if (im->record_count == im->record_cap)
		im->records = grown(im->records, &im->record_cap, sizeof *im->records);
	struct image_record *r = &im->records[im->record_count++];
	*r = (struct image_record){ .kind = kind, .id = *id };
	*slot = (uint32_t)im->record_count;
	if (im->record_count * 2 > im->record_table.size) {
		free(im->record_table.slots);
		table_init(&im->record_table, im->record_table.size * 2);
		for (size_t i = 0; i < im->record_count; i++)
			*record_slot(im, im->records[i].kind, &im->records[i].id) = (uint32_t)i + 1;
	}
	return r;
}

/* Its number + 1. */
static uint32_t
get_list(struct image *im, char kind, const struct uuid *id)
{
	uint32_t *slot = list_slot(im, kind, id);

	if (*slot != 0)
		return *slot;
	if (im->list_count == im->list_cap)
		im->lists = grown(im->lists, &im->list_cap, sizeof *im->lists);
	im->lists[im->list_count++] = (struct image_list){ .kind = kind, .id = *id };
	*slot = (uint32_t)im->list_count;
	if (im->list_count * 2 > im->list_table.size) {
		free(im->list_table.slots);
		table_init(&im->list_table, im->list_table.size * 2);
		for (size_t i = 0; i < im->list_count; i++)
			*list_slot(im, im->lists[i].kind, &im->lists[i].id) = (uint32_t)i + 1;
	}
	return (uint32_t)im->list_count;
}

static void
leave(struct image *im, struct image_record *r, unsigned i)
{
	struct image_list *l = &im->lists[r->lists[i] - 1];

	l->members[r->positions[i]] = 0;
	l->live--;
	r->lists[i] = 0;
}

static void
enter(struct image *im, struct image_record *r, unsigned i, uint32_t list)
{
	struct image_list *l = &im->lists[list - 1];

	if (l->count == l->cap) {
		size_t cap = l->cap;

		l->members = grown(l->members, &cap, sizeof *l->members);
		l->cap = (uint32_t)cap;
	}
	r->lists[i] = list;
	r->positions[i] = l->count;
	l->members[l->count++] = (uint32_t)(r - im->records) + 1;
	l->live++;
}

/* Who stays in a list keeps its position; who joins comes last. */
static void
move_lists(struct image *im, struct image_record *r, const struct uuid lists[STORE_LISTS_MAX])
{
	struct image_record old = *r;
	uint32_t now[STORE_LISTS_MAX];

	for (unsigned i = 0; i < STORE_LISTS_MAX; i++)
		now[i] = uuid_is_nil(&lists[i]) ? 0 : get_list(im, r->kind, &lists[i]);
	for (unsigned i = 0; i < STORE_LISTS_MAX; i++) {
		bool stays = false;

		for (unsigned k = 0; k < STORE_LISTS_MAX; k++)
			stays = stays || (old.lists[i] != 0 && now[k] == old.lists[i]);
		if (old.lists[i] != 0 && !stays)
			leave(im, r, i);
		r->lists[i] = 0;
	}
	for (unsigned i = 0; i < STORE_LISTS_MAX; i++) {
		for (unsigned k = 0; k < STORE_LISTS_MAX && now[i] != 0; k++) {
			if (old.lists[k] != now[i])
				continue;
			r->lists[i] = now[i];
			r->positions[i] = old.positions[k];
		}
		if (now[i] != 0 && r->lists[i] == 0)
			enter(im, r, i, now[i]);
	}
}

eg_err
image_print(struct arena *a, const struct stored *r, uint8_t out[PRINT_SIZE])
{
	struct stored s = *r;
	uint8_t hash[32];

	memset(s.positions, 0, sizeof s.positions);
	struct slice bytes = stored_encode(a, &s);
	EG_TRY(mac_sha256(bytes.p, bytes.len, hash));
	memcpy(out, hash, PRINT_SIZE);
	return EG_OK;
}

eg_err
image_apply(struct image *im, const struct line_op *op, uint64_t sequence)
{
	static const struct uuid none[STORE_LISTS_MAX];
	struct image_record *r = get_record(im, op->kind, &op->id);
	int kind = kind_index(op->kind);

	if (op->is_delete) {
		if (!r->is_live)
			return EG_NOTFOUND;
		move_lists(im, r, none);
		r->is_live = false;
		im->live[kind]--;
		return EG_OK;
	}
	struct stored s = { .kind = op->kind, .id = op->id, .sequence = sequence, .slot = op->slot, .ring = op->ring, .doc = op->doc };
	struct arena *a = arena_new();
	memcpy(s.lists, op->lists, sizeof s.lists);
	memcpy(s.uniques, op->uniques, sizeof s.uniques);
	eg_err e = image_print(a, &s, r->print);
	arena_free(a);
	if (e != EG_OK)
		return e;
	move_lists(im, r, op->lists);
	if (!r->is_live)
		im->live[kind]++;
	r->is_live = true;
	return EG_OK;
}
