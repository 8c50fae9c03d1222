/* SPDX-License-Identifier: GPL-3.0-or-later */
/* when.h - moments for people: how long ago, or in how long, with the exact UTC time beside it. Pure: the caller brings the
 * clock. English, the portal's language. A time of 0 stands for "never" and has no words here: it is NULL. */
#ifndef EG_VIEW_WHEN_H
#define EG_VIEW_WHEN_H

#include <stdint.h>

#include "base/json.h"

/* For <time datetime="{{datetime}}" title="{{exact}}">{{relative}}</time>:
 *   datetime  "2026-11-20T10:00:00Z"
 *   relative  "just now" (under 10 s), "45 s ago", "3 min ago", "5 h ago", "2 days ago" (up to 29), then the date;
 *             ahead: "in 45 s" ... "in 29 days", then the date. Cut, never rounded up
 *   exact     "20 Nov 2026, 10:00:00 UTC"
 *   date      "20 Nov 2026"
 * NULL where `t_s` is 0, so that the member becomes null and an inverted section can say "Never". */
json_object *when_view(struct arena *a, int64_t t_s, int64_t now_s);

const char *when_relative(struct arena *a, int64_t t_s, int64_t now_s);
const char *when_date(struct arena *a, int64_t t_s);            /* "20 Nov 2026" */
const char *when_exact(struct arena *a, int64_t t_s);           /* "20 Nov 2026, 10:00:00 UTC" */
/* Of a clock_day(). */
const char *when_day(struct arena *a, uint32_t day);            /* "20 Nov" */
const char *when_day_iso(struct arena *a, uint32_t day);        /* "2026-11-20" */

#endif
