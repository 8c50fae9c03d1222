/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "store/must.h"
#include "store/roster.h"

#define FIRST_SLOTS 1024

void *
roster_grow(void *items, size_t count, size_t *cap, size_t size)
{
	if (count < *cap)
		return items;
	*cap = *cap == 0 ? 4 : *cap * 2;
	return must(reallocarray(items, *cap, size));
}

/* ---- the table ---- */

static void
make_slots(struct idmap *m, size_t size)
{
	m->size = size;
	m->slots = must(calloc(size, sizeof *m->slots));
}

void
idmap_init(struct idmap *m)
{
	make_slots(m, FIRST_SLOTS);
}

void
idmap_free(struct idmap *m)
{
	free(m->slots);
}

static const struct idmap_key *
item(const void *items, size_t stride, size_t number)
{
	return (const struct idmap_key *)((const char *)items + number * stride);
}

static uint32_t *
find_slot(const struct idmap *m, const void *items, size_t stride, char kind, const struct uuid *id)
{
	size_t i = key_hash_record(kind, id) & (m->size - 1);

	for (; m->slots[i] != 0; i = (i + 1) & (m->size - 1)) {
		const struct idmap_key *k = item(items, stride, m->slots[i] - 1);

		if (k->kind == kind && uuid_equal(&k->id, id))
			break;
	}
	return &m->slots[i];
}

size_t
idmap_number(struct idmap *m, const void *items, size_t stride, size_t count, char kind, const struct uuid *id)
{
	uint32_t *slot = find_slot(m, items, stride, kind, id);

	if (*slot != 0)
		return *slot - 1;
	if ((count + 1) * 2 > m->size) {
		free(m->slots);
		make_slots(m, m->size * 2);
		for (size_t i = 0; i < count; i++) {
			const struct idmap_key *k = item(items, stride, i);

			*find_slot(m, items, stride, k->kind, &k->id) = (uint32_t)i + 1;
		}
		slot = find_slot(m, items, stride, kind, id);
	}
	*slot = (uint32_t)count + 1;
	return count;
}

/* ---- lists ---- */

void
roster_init(struct roster *r)
{
	memset(r, 0, sizeof *r);
	idmap_init(&r->map);
}

void
roster_free(struct roster *r)
{
	for (size_t i = 0; i < r->count; i++)
		free(r->lists[i].ids);
	free(r->lists);
	idmap_free(&r->map);
}

size_t
roster_list(struct roster *r, char kind, const struct uuid *list)
{
	size_t number = idmap_number(&r->map, r->lists, sizeof *r->lists, r->count, kind, list);

	if (number == r->count) {
		r->lists = roster_grow(r->lists, r->count, &r->cap, sizeof *r->lists);
		r->lists[r->count++] = (struct roster_list){ .key = { *list, kind } };
	}
	return number;
}

uint64_t
roster_add(struct roster *r, size_t list, const struct uuid *id)
{
	struct roster_list *l = &r->lists[list];

	l->ids = roster_grow(l->ids, l->count, &l->cap, sizeof *l->ids);
	l->ids[l->count] = *id;
	l->live++;
	return l->count++;
}

bool
roster_remove(struct roster *r, size_t list, const struct uuid *id, uint64_t position)
{
	struct roster_list *l = &r->lists[list];

	if (position >= l->count || !uuid_equal(&l->ids[position], id))
		return false;
	l->ids[position] = uuid_nil;
	if (--l->live == 0)
		l->count = 0;
	return true;
}
