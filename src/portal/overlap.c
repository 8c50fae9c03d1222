/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "portal/overlap.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *value;              /* seconds */
	const char *label;
	const char *about;
} overlaps[] = {
	{ "3600", "works for 1 hour more", NULL },
	{ "86400", "works for 24 hours more", "Enough to change one place." },
	{ "604800", "works for 7 days more", NULL },
	{ "2592000", "works for 30 days more", "When others have to change theirs." },
	{ "0", "stops working now", "For one that leaked. What still uses it stops at once." },
};
#define OVERLAP_DEFAULT "86400"
#define OVERLAP_NONE (EG_COUNT(overlaps) - 1)    /* the last */

int64_t
overlap_read(struct rq *rq, struct faults *f)
{
	const char *given = page_field_text(rq, "overlap");

	for (size_t i = 0; i < EG_COUNT(overlaps); i++)
		if (strcmp(overlaps[i].value, given) == 0)
			return strtoll(overlaps[i].value, NULL, 10);
	faults_add(f, "overlap_seconds", "Choose how long the old text works.");
	return 0;
}

const struct page_field overlap_fields[] = { { "overlap_seconds", "overlap" }, { 0 } };

const char *
overlap_from(struct rq *rq)
{
	return page_field_text(rq, "from");
}

/* Of the table above: what was sent, else the usual one. */
static size_t
ticked(struct rq *rq)
{
	const char *given = page_field_text(rq, "overlap");
	size_t usual = 0;

	for (size_t i = 0; i < EG_COUNT(overlaps); i++) {
		if (strcmp(overlaps[i].value, given) == 0)
			return i;
		if (strcmp(overlaps[i].value, OVERLAP_DEFAULT) == 0)
			usual = i;
	}
	return usual;
}

void
overlap_show(struct rq *rq, json_object *view, const char *prefix, const char *why_none)
{
	size_t chosen = why_none != NULL ? OVERLAP_NONE : ticked(rq);
	json_object *list = json_new_array(rq->arena);

	for (size_t i = why_none != NULL ? OVERLAP_NONE : 0; i < EG_COUNT(overlaps); i++) {
		json_object *o = json_new_object(rq->arena);
		json_add_str(o, "value", overlaps[i].value);
		json_add_str(o, "label", overlaps[i].label);
		json_add_str(o, "about", why_none != NULL ? why_none : overlaps[i].about);
		json_add_bool(o, "selected", i == chosen);
		json_push_object(list, o);
	}
	json_add_object(view, "overlaps", list);
	json_add_str(view, "from", prefix);
}
