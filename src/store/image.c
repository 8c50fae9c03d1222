/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "sign/mac.h"
#include "store/image.h"

void
image_init(struct image *im)
{
	memset(im, 0, sizeof *im);
	idmap_init(&im->map);
	roster_init(&im->roster);
}

void
image_free(struct image *im)
{
	free(im->records);
	idmap_free(&im->map);
	roster_free(&im->roster);
}

static struct image_record *
get_record(struct image *im, char kind, const struct uuid *id)
{
	size_t number = idmap_number(&im->map, im->records, sizeof *im->records, im->count, kind, id);

	if (number == im->count) {
		im->records = roster_grow(im->records, im->count, &im->cap, sizeof *im->records);
		im->records[im->count++] = (struct image_record){ .key = { *id, kind } };
	}
	return &im->records[number];
}

/* Who stays in a list keeps its position; who joins comes last. */
static void
move_lists(struct image *im, struct image_record *r, const struct uuid lists[STORE_LISTS_MAX])
{
	struct image_record old = *r;
	uint32_t now[STORE_LISTS_MAX];

	for (unsigned i = 0; i < STORE_LISTS_MAX; i++)
		now[i] = uuid_is_nil(&lists[i]) ? 0 : (uint32_t)roster_list(&im->roster, r->key.kind, &lists[i]) + 1;
	for (unsigned i = 0; i < STORE_LISTS_MAX; i++) {
		bool stays = false;

		for (unsigned k = 0; k < STORE_LISTS_MAX; k++)
			stays = stays || (old.lists[i] != 0 && now[k] == old.lists[i]);
		if (old.lists[i] != 0 && !stays)
			(void)roster_remove(&im->roster, old.lists[i] - 1, &r->key.id, old.positions[i]);
		r->lists[i] = 0;
	}
	for (unsigned i = 0; i < STORE_LISTS_MAX; i++) {
		for (unsigned k = 0; k < STORE_LISTS_MAX && now[i] != 0; k++) {
			if (old.lists[k] != now[i])
				continue;
			r->lists[i] = now[i];
			r->positions[i] = old.positions[k];
		}
		if (now[i] == 0 || r->lists[i] != 0)
			continue;
		r->lists[i] = now[i];
		r->positions[i] = roster_add(&im->roster, now[i] - 1, &r->key.id);
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
	struct stored s = { .kind = op->kind, .id = op->id, .sequence = sequence, .slot = op->slot, .ring = op->ring,
	    .doc = op->doc };
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
