/* SPDX-License-Identifier: GPL-3.0-or-later */
/* overlap.h - for how long the old text works after a rotation. Of templates/portal/overlap-field.html. */
#ifndef EG_PORTAL_OVERLAP_H
#define EG_PORTAL_OVERLAP_H

#include "portal/page.h"

/* What was chosen, in seconds; a fault of "overlap_seconds" where nothing was. */
int64_t overlap_read(struct rq *rq, struct faults *f);
/* Add "overlaps", the one that was sent or the usual one ticked, and "from": the prefix of the text that is to be replaced. The
 * form names it, so that it replaces that text and no newer one: two clicks on its button are one rotation. `why_none` says why
 * the old text can only stop now; NULL: all can be chosen. */
void overlap_show(struct rq *rq, json_object *view, const char *prefix, const char *why_none);
/* The prefix that the form named. */
const char *overlap_from(struct rq *rq);
/* For page_faults(). */
extern const struct page_field overlap_fields[];

#endif
