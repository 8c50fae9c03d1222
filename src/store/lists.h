/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lists.h - the ids of one kind in one list, in the order they came in. Each gets a position, counted from 0 and
 * never used twice while the list is not empty. A tree of 64 branches holds them: a node of level 0 has the ids of
 * 64 positions (nil where deleted), a node of a higher level the number of ids below each of its branches. So a
 * count is one read, a page some reads wherever it begins, and adding or removing rewrites one small node per
 * level.
 *
 *   head             total u64, next position u64; then the ids of level 0, while there is but one node of it
 *   node, level 0    4, 16 or 64 ids, as many as are needed
 *   node, level 1-5  64 counts u32
 * Nodes without ids are not kept. A list holds up to 64^6 ids in its life. */
#ifndef EG_STORE_LISTS_H
#define EG_STORE_LISTS_H

#include "store/view.h"

#define LIST_BRANCHES 64
#define LIST_LEVELS 6

struct list_head {
	uint64_t total;
	uint64_t next;
};

/* All zero where there is no such list. */
eg_err list_head(struct view *v, char kind, const struct uuid *list, struct list_head *out) EG_CHECKED;
eg_err list_add(struct view *v, char kind, const struct uuid *list, const struct uuid *id, uint64_t *position) EG_CHECKED;
/* EG_DAMAGED where `id` does not stand at `position`. */
eg_err list_remove(struct view *v, char kind, const struct uuid *list, const struct uuid *id, uint64_t position)
    EG_CHECKED;
/* Newest first, at most `limit` ids, in the arena of the view. EG_DAMAGED where nodes and counts disagree. */
eg_err list_page(struct view *v, char kind, const struct uuid *list, uint64_t offset, size_t limit, struct uuid **out,
    size_t *out_count, uint64_t *total) EG_CHECKED;
/* Write a list that does not exist yet: ids[i] at position i, nil for one that was removed. */
eg_err list_build(struct view *v, char kind, const struct uuid *list, const struct uuid *ids, size_t count) EG_CHECKED;

#endif
