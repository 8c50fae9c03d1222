/* SPDX-License-Identifier: GPL-3.0-or-later */
/* activity.h - who did what: rows written in the same change set as what they tell of. (Uses and refusals are in
 * store/usage/usage.h.) */
#ifndef EG_MODEL_ACTIVITY_H
#define EG_MODEL_ACTIVITY_H

#include "model/scope.h"
#include "model/service.h"

struct activity_row {
	struct uuid id;
	int64_t at;
	const char *action;             /* "embed_token.create" */
	const char *actor_kind, *actor_id, *actor_name, *address;
	struct uuid target_id;
	const char *target_name;        /* as it was then */
	const char *detail;             /* a short sentence, or NULL */
};

struct activity_new {
	const char *action;
	struct uuid partner_id;
	struct uuid customer_id;        /* nil: of the partner */
	struct uuid target_id;
	const char *target_name;
	const char *detail;
};

/* Inside a change. */
eg_err activity_add(struct store_tx *tx, struct arena *a, const struct actor *who, const struct activity_new *in) EG_CHECKED;
/* Rows of a partner, a customer or a thing (`of`), newest first, within scope. */
eg_err activity_list(struct service *sv, struct arena *a, const struct scope *s, const struct uuid *of, size_t page, size_t limit,
    struct activity_row **out, size_t *count, size_t *total) EG_CHECKED;
struct activity_filter {
	const char *about;              /* what the action begins with: "embed_token."; NULL or "": all */
	const char *search;             /* part of the actor's or the thing's name, ASCII case ignored; NULL or "": all */
};
/* The same of those that the filter leaves; it looks at the newest ACTIVITY_WALK_MAX rows. */
#define ACTIVITY_WALK_MAX 10000
eg_err activity_find(struct service *sv, struct arena *a, const struct scope *s, const struct uuid *of,
    const struct activity_filter *filter, size_t page, size_t limit, struct activity_row **out, size_t *count,
    size_t *total) EG_CHECKED;
json_object *activity_view(struct arena *a, const struct activity_row *r);

#endif
