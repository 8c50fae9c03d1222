/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "store/lists.h"

#define ID_SIZE 16
#define COUNTS_SIZE (LIST_BRANCHES * 4)
#define HEAD_SIZE 16

/* Which list, for the functions below. */
struct tree {
	struct view *v;
	char kind;
	const struct uuid *list;
};

static eg_err
damaged(struct tree *t, const char *fault)
{
	t->v->ix->fault = fault;
	return EG_DAMAGED;
}

static eg_err
get_head(struct tree *t, struct list_head *out)
{
	struct slice value;
	struct key key;
	eg_err e;

	key_list_head(&key, t->kind, t->list);
	e = view_get(t->v, &key, &value);
	*out = (struct list_head){ 0, 0 };
	if (e == EG_NOTFOUND)
		return EG_OK;
	if (e != EG_OK)
		return e;
	if (value.len != HEAD_SIZE)
		return damaged(t, "the head of a list cannot be read");
	out->total = get_u64(value.p);
	out->next = get_u64(value.p + 8);
	return EG_OK;
}

static eg_err
put_head(struct tree *t, const struct list_head *head)
{
	char *p = arena_alloc(t->v->a, HEAD_SIZE);
	struct key key;

	key_list_head(&key, t->kind, t->list);
	if (head->total == 0)
		return view_delete(t->v, &key);
	put_u64(p, head->total);
	put_u64(p + 8, head->next);
	return view_put(t->v, &key, (struct slice){ p, HEAD_SIZE });
}

/* A node's bytes; empty where there is no such node. */
static eg_err
get_node(struct tree *t, unsigned level, uint64_t number, struct slice *out)
{
	struct key key;
	eg_err e;

	key_node(&key, t->kind, t->list, level, number);
	e = view_get(t->v, &key, out);
	if (e == EG_NOTFOUND) {
		*out = (struct slice){ NULL, 0 };
		return EG_OK;
	}
	if (e != EG_OK)
		return e;
	if (level > 0 ? out->len != COUNTS_SIZE : out->len % ID_SIZE != 0 || out->len > LIST_BRANCHES * ID_SIZE)
		return damaged(t, "a node of a list cannot be read");
	return EG_OK;
}

static eg_err
put_node(struct tree *t, unsigned level, uint64_t number, struct slice value)
{
	struct key key;

	key_node(&key, t->kind, t->list, level, number);
	for (size_t i = 0; i < value.len; i++)
		if (value.p[i] != 0)
			return view_put(t->v, &key, value);
	return view_delete(t->v, &key);
}

/* Level of the root of a tree that has had `next` positions. */
static unsigned
root_level(uint64_t next)
{
	unsigned level = 0;

	for (uint64_t reach = LIST_BRANCHES; reach < next; reach *= LIST_BRANCHES)
		level++;
	return level;
}

/* The node of that level that is above `position`, and the branch in it. */
static uint64_t
node_number(uint64_t position, unsigned level, unsigned *branch)
{
	for (unsigned i = 0; i < level; i++)
		position /= LIST_BRANCHES;
	*branch = (unsigned)(position % LIST_BRANCHES);
	return position / LIST_BRANCHES;
}

eg_err
list_head(struct view *v, char kind, const struct uuid *list, struct list_head *out)
{
	struct tree t = { v, kind, list };

	return get_head(&t, out);
}

static eg_err
add_to_count(struct tree *t, unsigned level, uint64_t position, int by)
{
	struct slice old;
	unsigned branch;
	uint64_t number = node_number(position, level, &branch);
	char *p = arena_alloc(t->v->a, COUNTS_SIZE);

	EG_TRY(get_node(t, level, number, &old));
	if (old.len > 0)
		memcpy(p, old.p, COUNTS_SIZE);
	put_u32(p + 4 * branch, get_u32(p + 4 * branch) + (uint32_t)by);
	return put_node(t, level, number, (struct slice){ p, COUNTS_SIZE });
}

eg_err
list_add(struct view *v, char kind, const struct uuid *list, const struct uuid *id, uint64_t *position)
{
	struct tree t = { v, kind, list };
	struct list_head head;
	struct slice old;
	unsigned branch;

	EG_TRY(get_head(&t, &head));
	*position = head.next++;
	unsigned root = root_level(head.next);
	if (root >= LIST_LEVELS)
		return damaged(&t, "a list has had too many entries");

	uint64_t number = node_number(*position, 0, &branch);
	EG_TRY(get_node(&t, 0, number, &old));
	size_t len = (branch < 4 ? 4 : branch < 16 ? 16 : LIST_BRANCHES) * ID_SIZE;
	if (len < old.len)
		len = old.len;
	char *p = arena_alloc(v->a, len);
	if (old.len > 0)
		memcpy(p, old.p, old.len);
	memcpy(p + (size_t)branch * ID_SIZE, id->b, ID_SIZE);
	EG_TRY(put_node(&t, 0, number, (struct slice){ p, len }));

	if (root > root_level(*position) && head.total > 0) {
		/* The tree grew by a level: all there was is below the first branch. */
		char *counts = arena_alloc(v->a, COUNTS_SIZE);

		put_u32(counts, (uint32_t)head.total);
		EG_TRY(put_node(&t, root, 0, (struct slice){ counts, COUNTS_SIZE }));
	}
	for (unsigned level = 1; level <= root; level++)
		EG_TRY(add_to_count(&t, level, *position, 1));
	head.total++;
	return put_head(&t, &head);
}

eg_err
list_remove(struct view *v, char kind, const struct uuid *list, const struct uuid *id, uint64_t position)
{
	struct tree t = { v, kind, list };
	struct list_head head;
	struct slice old;
	unsigned branch;

	EG_TRY(get_head(&t, &head));
	uint64_t number = node_number(position, 0, &branch);
	EG_TRY(get_node(&t, 0, number, &old));
	size_t at = (size_t)branch * ID_SIZE;
	if (head.total == 0 || at + ID_SIZE > old.len || memcmp(old.p + at, id->b, ID_SIZE) != 0)
		return damaged(&t, "a list lacks a record that should stand in it");
	char *p = arena_copy(v->a, old.p, old.len);
	memset(p + at, 0, ID_SIZE);
	EG_TRY(put_node(&t, 0, number, (struct slice){ p, old.len }));
	for (unsigned level = 1; level <= root_level(head.next); level++)
		EG_TRY(add_to_count(&t, level, position, -1));
	head.total--;
	return put_head(&t, &head);
}

struct walk {
	struct tree *t;
	uint64_t skip;          /* ids still to be skipped */
	struct uuid *ids;
	size_t count, limit;
};

/* Newest first below one node. */
static eg_err
walk_node(struct walk *w, unsigned level, uint64_t number)
{
	struct slice node;

	EG_TRY(get_node(w->t, level, number, &node));
	for (unsigned i = LIST_BRANCHES; i-- > 0 && w->count < w->limit;) {
		if (level > 0) {
			uint32_t below = node.len == 0 ? 0 : get_u32(node.p + 4 * i);

			if (below <= w->skip)
				w->skip -= below;
			else
				EG_TRY(walk_node(w, level - 1, number * LIST_BRANCHES + i));
			continue;
		}
		struct uuid id;
		if ((size_t)(i + 1) * ID_SIZE > node.len)
			continue;
		memcpy(id.b, node.p + (size_t)i * ID_SIZE, ID_SIZE);
		if (uuid_is_nil(&id))
			continue;
		if (w->skip > 0)
			w->skip--;
		else
			w->ids[w->count++] = id;
	}
	return EG_OK;
}

eg_err
list_page(struct view *v, char kind, const struct uuid *list, uint64_t offset, size_t limit, struct uuid **out,
    size_t *out_count, uint64_t *total)
{
	struct tree t = { v, kind, list };
	struct list_head head;

	*out = NULL;
	*out_count = 0;
	EG_TRY(get_head(&t, &head));
	*total = head.total;
	if (offset >= head.total || limit == 0)
		return EG_OK;
	if (limit > head.total - offset)
		limit = (size_t)(head.total - offset);
	struct walk w = { &t, offset, arena_array(v->a, limit, sizeof(struct uuid)), 0, limit };
	unsigned root = root_level(head.next);
	if (root >= LIST_LEVELS)
		return damaged(&t, "the head of a list cannot be read");
	EG_TRY(walk_node(&w, root, 0));
	if (w.count != limit)
		return damaged(&t, "a list holds fewer records than it counts");
	*out = w.ids;
	*out_count = limit;
	return EG_OK;
}

eg_err
list_build(struct view *v, char kind, const struct uuid *list, const struct uuid *ids, size_t count)
{
	struct tree t = { v, kind, list };
	struct list_head head = { count, count };
	uint64_t below = 1;     /* positions below one branch */

	for (size_t i = 0; i < count; i += LIST_BRANCHES) {
		size_t n = count - i < LIST_BRANCHES ? count - i : LIST_BRANCHES;
		size_t len = (n <= 4 ? 4 : n <= 16 ? 16 : LIST_BRANCHES) * ID_SIZE;
		char *p = arena_alloc(v->a, len);

		memcpy(p, ids + i, n * ID_SIZE);
		EG_TRY(put_node(&t, 0, i / LIST_BRANCHES, (struct slice){ p, len }));
	}
	for (unsigned level = 1; level <= root_level(count); level++) {
		below *= LIST_BRANCHES;
		for (uint64_t first = 0; first < count; first += below * LIST_BRANCHES) {
			char *p = arena_alloc(v->a, COUNTS_SIZE);

			for (unsigned i = 0; i < LIST_BRANCHES && first + i * below < count; i++) {
				uint64_t n = count - first - i * below;

				put_u32(p + 4 * i, (uint32_t)(n < below ? n : below));
			}
			EG_TRY(put_node(&t, level, first / (below * LIST_BRANCHES), (struct slice){ p, COUNTS_SIZE }));
		}
	}
	return put_head(&t, &head);
}
