/* SPDX-License-Identifier: GPL-3.0-or-later */
/* expiry.h - the choice of an end: in some days, on a date, never, or as it is. Of templates/portal/expiry-field.html. */
#ifndef EG_PORTAL_EXPIRY_H
#define EG_PORTAL_EXPIRY_H

#include "portal/page.h"

/* As typed. */
struct expiry {
	const char *choice;             /* "30", "90", "365", "date", "never", "keep" */
	const char *date;               /* "2026-11-20": the last day it works, UTC */
};

/* What was sent. */
void expiry_read(struct rq *rq, struct expiry *out);
/* The moment it stands for; faults of "date". `keep_until`: what "keep" stands for. */
int64_t expiry_check(struct rq *rq, const struct expiry *e, int64_t keep_until, struct faults *f);
/* Add "expiries", "today" and "values.date"; view's "values" is there. `keep_until` (or NULL): it may stay as it is. */
void expiry_show(struct rq *rq, json_object *view, const struct expiry *e, const int64_t *keep_until);

#endif
