/* SPDX-License-Identifier: GPL-3.0-or-later */
/* listing.h - a page out of lists of records, newest first, with or without a filter. For the files of src/model. */
#ifndef EG_MODEL_LISTING_H
#define EG_MODEL_LISTING_H

#include "model/scope.h"
#include "model/service.h"

/* For lists that may have any length: a filter looks at this many of the newest records, so that no request takes for
 * ever. */
#define LISTING_WALK_MAX 100000

struct listing {
	char kind;
	const struct uuid *lists;       /* one behind the other */
	size_t list_count;
	size_t page, limit;             /* page from 1 */
	size_t walk_max;                /* how many records a filter looks at in each list; 0: all */
	/* Does the filter leave this record? NULL: there is no filter. `scratch` as in listing_walk(). */
	eg_err (*keep)(struct arena *scratch, const struct store_record *rec, void *arg, bool *kept);
	void *arg;
};

/* Without a filter, what is counted is the lists' own counts. With one, the lists are walked. */
eg_err listing_page(struct service *sv, struct arena *a, const struct listing *l, struct store_record **out, size_t *count,
    size_t *total) EG_CHECKED;

/* Calls `visit` for each record of a list, or for the newest `max` (0: all), each once, also while others add to the list.
 * Record and `scratch` are gone when the next is visited. Ends with the first result but EG_OK, and returns it. */
typedef eg_err (*listing_visit_fn)(struct arena *scratch, const struct store_record *rec, void *arg);
eg_err listing_walk(struct service *sv, char kind, const struct uuid *list, size_t max, listing_visit_fn visit,
    void *arg) EG_CHECKED;

/* The list of the scope's customer or partner, or those of all partners. */
eg_err listing_of_scope(struct service *sv, struct arena *a, const struct scope *s, const struct uuid **lists,
    size_t *list_count) EG_CHECKED;

#endif
