/* SPDX-License-Identifier: GPL-3.0-or-later */
/* confirm.h - before something ends for good: how much it is used, and its name typed where it was used in the last day. */
#ifndef EG_PORTAL_CONFIRM_H
#define EG_PORTAL_CONFIRM_H

#include "portal/page.h"

/* "Used 1,204 times in 7 days, last 3 min ago from acme.com." or "Never used." */
const char *confirm_usage(struct rq *rq, uint32_t slot, const struct uuid *id);

/* For templates/portal/confirm-field.html: "must_type", "confirm_name", "values.typed". */
void confirm_show(struct rq *rq, json_object *view, uint32_t slot, const struct uuid *id, const char *name);
/* A fault of "typed" where the name must be typed and was not. */
void confirm_check(struct rq *rq, uint32_t slot, const struct uuid *id, const char *name, struct faults *f);

#endif
