/* SPDX-License-Identifier: GPL-3.0-or-later */
/* roster.h - lists in memory, for work on all of them at once: the same order and positions as those of lists.h.
 * 16 bytes an entry. And the table they are found by, for other things with a kind and an id, too. */
#ifndef EG_STORE_ROSTER_H
#define EG_STORE_ROSTER_H

#include <stdbool.h>

#include "store/record.h"

/* What an item in an idmap begins with. */
struct idmap_key {
	struct uuid id;
	char kind;
};

/* Numbers of items in an array that somebody else keeps. */
struct idmap {
	uint32_t *slots;        /* number + 1; a power of two of them */
	size_t size;
};

void idmap_init(struct idmap *m);
void idmap_free(struct idmap *m);
/* The number of that item among `count` items of `stride` bytes each; `count` where it is not there: then it is to
 * be put there. */
size_t idmap_number(struct idmap *m, const void *items, size_t stride, size_t count, char kind, const struct uuid *id);

struct roster_list {
	struct idmap_key key;
	struct uuid *ids;       /* by position; nil: removed */
	size_t count, cap;
	size_t live;
};

struct roster {
	struct roster_list *lists;
	size_t count, cap;
	struct idmap map;
};

void roster_init(struct roster *r);
void roster_free(struct roster *r);
/* The number of a list, made where there is none. Stays the same. */
size_t roster_list(struct roster *r, char kind, const struct uuid *list);
/* The position. */
uint64_t roster_add(struct roster *r, size_t list, const struct uuid *id);
/* False: `id` does not stand there. An emptied list begins anew. */
bool roster_remove(struct roster *r, size_t list, const struct uuid *id, uint64_t position);

/* Memory for one more item of `size` bytes, twice as much where `*cap` is used up. */
void *roster_grow(void *items, size_t count, size_t *cap, size_t size);

#endif
