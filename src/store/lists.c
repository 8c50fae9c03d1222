/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "store/lists.h"

#define ID_SIZE 16
#define COUNTS_SIZE (LIST_BRANCHES * 4)
#define HEAD_SIZE 16

/* One list, with its head. */
struct tree {
	struct view *v;
	char kind;
	const struct uuid *list;
	struct list_head head;
	struct slice first;     /* ids of node 0 of level 0, while they stand in the head */
};

static eg_err
damaged(struct tree *t, const char *fault)
{
	t->v->ix->fault = fault;
	return EG_DAMAGED;
}

/* Level of the root of a tree that has had `next` positions. */
static unsigned
root_level(uint64_t next)
{
	unsigned level = 0;

	for (uint64_t reach = LIST_BRANCHES; reach < next && level < LIST_LEVELS; reach *= LIST_BRANCHES)
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

/* Bytes for that many ids: few different sizes, so that most changes rewrite a value in its place. */
static size_t
ids_size(size_t count)
{
	return (count <= 4 ? 4 : count <= 16 ? 16 : LIST_BRANCHES) * ID_SIZE;
}

/* ---- head and nodes ---- */

static eg_err
open_tree(struct tree *t, struct view *v, char kind, const struct uuid *list)
{
	struct slice value;
	struct key key;
	eg_err e;

	*t = (struct tree){ .v = v, .kind = kind, .list = list };
	key_list_head(&key, kind, list);
	e = view_get(v, &key, &value);
	if (e == EG_NOTFOUND)
		return EG_OK;
	if (e != EG_OK)
		return e;
	if (value.len < HEAD_SIZE || (value.len - HEAD_SIZE) % ID_SIZE != 0 ||
	    value.len > HEAD_SIZE + LIST_BRANCHES * ID_SIZE)
		return damaged(t, "the head of a list cannot be read");
	t->head.total = get_u64(value.p);
	t->head.next = get_u64(value.p + 8);
	t->first = (struct slice){ value.p + HEAD_SIZE, value.len - HEAD_SIZE };
	return root_level(t->head.next) < LIST_LEVELS ? EG_OK : damaged(t, "the head of a list cannot be read");
}

static eg_err
put_head(struct tree *t)
{
	char *p = arena_alloc(t->v->a, HEAD_SIZE + t->first.len);
	struct key key;

	key_list_head(&key, t->kind, t->list);
	if (t->head.total == 0)
		return view_delete(t->v, &key);
	put_u64(p, t->head.total);
	put_u64(p + 8, t->head.next);
	if (t->first.len > 0)
		memcpy(p + HEAD_SIZE, t->first.p, t->first.len);
	return view_put(t->v, &key, (struct slice){ p, HEAD_SIZE + t->first.len });
}

/* A node's bytes; empty where there is no such node. */
static eg_err
get_node(struct tree *t, unsigned level, uint64_t number, struct slice *out)
{
	struct key key;
	eg_err e;

	if (level == 0 && t->head.next <= LIST_BRANCHES) {
		*out = t->first;
		return EG_OK;
	}
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

	if (level == 0 && t->head.next <= LIST_BRANCHES) {
		t->first = value;
		return EG_OK;
	}
	key_node(&key, t->kind, t->list, level, number);
	for (size_t i = 0; i < value.len; i++)
		if (value.p[i] != 0)
			return view_put(t->v, &key, value);
	return view_delete(t->v, &key);
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

/* ---- changing ---- */

/* The list gets its position number 64^level: what there was is below the first branch of a new root. */
static eg_err
grow(struct tree *t, unsigned level)
{
	char *counts = arena_alloc(t->v->a, COUNTS_SIZE);
	struct slice first = t->first;

	if (level == 1) {
		t->first = (struct slice){ NULL, 0 };
		EG_TRY(put_node(t, 0, 0, first));
	}
	put_u32(counts, (uint32_t)t->head.total);
	return put_node(t, level, 0, (struct slice){ counts, COUNTS_SIZE });
}

eg_err
list_add(struct view *v, char kind, const struct uuid *list, const struct uuid *id, uint64_t *position)
{
	struct tree t;
	struct slice old;
	unsigned branch;

	EG_TRY(open_tree(&t, v, kind, list));
	*position = t.head.next++;
	unsigned root = root_level(t.head.next);
	if (root >= LIST_LEVELS)
		return damaged(&t, "a list has had too many entries");
	if (root > root_level(*position))
		EG_TRY(grow(&t, root));

	uint64_t number = node_number(*position, 0, &branch);
	EG_TRY(get_node(&t, 0, number, &old));
	size_t len = ids_size(branch + 1);
	if (len < old.len)
		len = old.len;
	char *p = arena_alloc(v->a, len);
	if (old.len > 0)
		memcpy(p, old.p, old.len);
	memcpy(p + (size_t)branch * ID_SIZE, id->b, ID_SIZE);
	EG_TRY(put_node(&t, 0, number, (struct slice){ p, len }));
	for (unsigned level = 1; level <= root; level++)
		EG_TRY(add_to_count(&t, level, *position, 1));
	t.head.total++;
	return put_head(&t);
}

eg_err
list_remove(struct view *v, char kind, const struct uuid *list, const struct uuid *id, uint64_t position)
{
	struct tree t;
	struct slice old;
	unsigned branch;

	EG_TRY(open_tree(&t, v, kind, list));
	uint64_t number = node_number(position, 0, &branch);
	EG_TRY(get_node(&t, 0, number, &old));
	size_t at = (size_t)branch * ID_SIZE;
	if (position >= t.head.next || at + ID_SIZE > old.len || memcmp(old.p + at, id->b, ID_SIZE) != 0)
		return damaged(&t, "a list lacks a record that should stand in it");
	char *p = arena_copy(v->a, old.p, old.len);
	memset(p + at, 0, ID_SIZE);
	EG_TRY(put_node(&t, 0, number, (struct slice){ p, old.len }));
	for (unsigned level = 1; level <= root_level(t.head.next); level++)
		EG_TRY(add_to_count(&t, level, position, -1));
	t.head.total--;
	return put_head(&t);
}

/* The ids of node `number` of level 0, as a value. */
static struct slice
ids_value(struct arena *a, const struct uuid *ids, size_t count, uint64_t number)
{
	size_t first = (size_t)number * LIST_BRANCHES;
	size_t n = count - first < LIST_BRANCHES ? count - first : LIST_BRANCHES;
	char *p = arena_alloc(a, ids_size(n));

	memcpy(p, ids + first, n * ID_SIZE);
	return (struct slice){ p, ids_size(n) };
}

/* Level `level` from `below`, the number of ids under each node of the level beneath. `*out`: the same of this one. */
static eg_err
build_counts(struct tree *t, unsigned level, const uint32_t *below, size_t count, uint32_t **out)
{
	size_t nodes = (count + LIST_BRANCHES - 1) / LIST_BRANCHES;

	*out = arena_array(t->v->a, nodes, sizeof **out);
	for (size_t i = 0; i < nodes; i++) {
		char *p = arena_alloc(t->v->a, COUNTS_SIZE);

		for (size_t k = 0; k < LIST_BRANCHES && i * LIST_BRANCHES + k < count; k++) {
			put_u32(p + 4 * k, below[i * LIST_BRANCHES + k]);
			(*out)[i] += below[i * LIST_BRANCHES + k];
		}
		if ((*out)[i] > 0)
			EG_TRY(put_node(t, level, i, (struct slice){ p, COUNTS_SIZE }));
	}
	return EG_OK;
}

eg_err
list_build(struct view *v, char kind, const struct uuid *list, const struct uuid *ids, size_t count)
{
	struct tree t = { .v = v, .kind = kind, .list = list, .head = { 0, count } };
	size_t nodes = (count + LIST_BRANCHES - 1) / LIST_BRANCHES;
	uint32_t *below = arena_array(v->a, nodes, sizeof *below);

	for (size_t i = 0; i < count; i++) {
		if (uuid_is_nil(&ids[i]))
			continue;
		below[i / LIST_BRANCHES]++;
		t.head.total++;
	}
	if (t.head.total == 0)
		return EG_OK;
	for (size_t i = 0; i < nodes; i++)
		if (below[i] > 0)
			EG_TRY(put_node(&t, 0, i, ids_value(v->a, ids, count, i)));
	for (unsigned level = 1; level <= root_level(count); level++) {
		EG_TRY(build_counts(&t, level, below, nodes, &below));
		nodes = (nodes + LIST_BRANCHES - 1) / LIST_BRANCHES;
	}
	return put_head(&t);
}

/* ---- reading ---- */

eg_err
list_head(struct view *v, char kind, const struct uuid *list, struct list_head *out)
{
	struct tree t;

	EG_TRY(open_tree(&t, v, kind, list));
	*out = t.head;
	return EG_OK;
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
	struct tree t;

	*out = NULL;
	*out_count = 0;
	EG_TRY(open_tree(&t, v, kind, list));
	*total = t.head.total;
	if (offset >= t.head.total || limit == 0)
		return EG_OK;
	if (limit > t.head.total - offset)
		limit = (size_t)(t.head.total - offset);
	struct walk w = { &t, offset, arena_array(v->a, limit, sizeof(struct uuid)), 0, limit };
	EG_TRY(walk_node(&w, root_level(t.head.next), 0));
	if (w.count != limit)
		return damaged(&t, "a list holds fewer records than it counts");
	*out = w.ids;
	*out_count = limit;
	return EG_OK;
}
