/* SPDX-License-Identifier: GPL-3.0-or-later */
/* audit.h - who did what, in words: rows for templates/portal/audit.html, and the same as CSV. */
#ifndef EG_PORTAL_AUDIT_H
#define EG_PORTAL_AUDIT_H

#include "model/activity.h"
#include "portal/page.h"

/* [{at, what, name, detail, who, address}], newest first. */
json_object *audit_view(struct rq *rq, const struct activity_row *rows, size_t count);
/* A download named `name`. */
eg_err audit_csv(struct rq *rq, struct resp *rs, const char *name, const struct activity_row *rows, size_t count) EG_CHECKED;

/* What a list can be narrowed to; the first is everything. Ends with a NULL label. */
struct audit_topic {
	const char *value;              /* of the query */
	const char *label;
	const char *about;              /* as in struct activity_filter */
};
extern const struct audit_topic audit_topics[];
/* The topic of the query's `about`; the first where it says nothing sensible. */
const struct audit_topic *audit_topic_of(struct rq *rq);

#endif
