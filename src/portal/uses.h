/* SPDX-License-Identifier: GPL-3.0-or-later */
/* uses.h - uses and refusals out of a customer's ring of recent events: rows for templates/portal/uses.html, sums by site and
 * by result. The ring holds the last USAGE_RING_ROWS rows and not more, so a sum says how far back it reaches. */
#ifndef EG_PORTAL_USES_H
#define EG_PORTAL_USES_H

#include "portal/workspace.h"

struct uses {
	struct ring_row *rows;          /* newest first */
	size_t count;
	bool is_cut;                    /* the ring was full and may not reach back to the start of the period */
};

enum uses_result { USES_ALL, USES_OK, USES_REFUSED };

struct uses_filter {
	int64_t since_s;
	enum uses_result result;
	const struct uuid *token_id;    /* NULL: of every token */
};

/* What the filter leaves of the present customer's ring. */
void uses_read(struct rq *rq, const struct uses_filter *filter, struct uses *out);

/* The newest `max`: [{at, times, badge, code, fix, token: {name, href}, origin, widget, address, browser}]. */
eg_err uses_view(struct rq *rq, const struct uses *uses, size_t max, json_object **out) EG_CHECKED;
/* [{site, uses, refused, last, allow}], the busiest first; `allow` leads to the token that refused this site. */
json_object *uses_by_site(struct rq *rq, const struct uses *uses);
/* [{badge, code, fix, count}], the most frequent first. */
json_object *uses_by_result(struct rq *rq, const struct uses *uses);
/* How many uses, how many refusals. */
void uses_sum(const struct uses *uses, uint64_t *ok, uint64_t *refused);

/* A download named `name`, all rows. */
eg_err uses_csv(struct rq *rq, struct resp *rs, const char *name, const struct uses *uses) EG_CHECKED;

#endif
