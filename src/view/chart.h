/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chart.h - figures per day as stacked bars: a view object, which templates/shared/chart.html draws as SVG without script or
 * style attributes, with the same figures in a table for those who do not see. Numbers are laid out here; the template only
 * prints. The drawing stretches to its box (preserveAspectRatio="none"), so words are never inside it and stay readable
 * on a phone.
 *
 * The object:
 *   id, title     as given
 *   summary       "1,204 in 30 days (Loads 1,100, Requests 104). Most on 14 Nov: 88." or "Nothing in 30 days."
 *   empty         true where every figure is 0
 *   view_box      "0 0 300 100"
 *   scale         three labels from the top line down to "0"
 *   days          [{x, width, tip, bars: [{x, y, width, height, style}]}] oldest first; `style` is "1", "2", "3":
 *                 class chart-s1 ...
 *   ticks         three labels under the bars: first, middle, last day
 *   legend        [{style, name, total}]; null for a single series
 *   heads         names of the series, in order, for the table
 *   rows          [{date, iso, cells: ["12", "0"]}] newest first */
#ifndef EG_VIEW_CHART_H
#define EG_VIEW_CHART_H

#include "base/json.h"
#include "store/usage/usage.h"

#define CHART_SERIES_MAX 3
#define CHART_DAYS_MAX 400

struct chart_series {
	const char *name;               /* "Loads"; shown as it is */
	const double *values;           /* one for each day; negative ones and those that are no number are drawn as 0 */
};

struct chart {
	const char *id;                 /* of letters, digits, "-"; unique on its page */
	const char *title;
	const uint32_t *days;           /* clock_day() of each column, oldest first */
	size_t day_count;               /* 1 to CHART_DAYS_MAX; what is over is not drawn */
	const struct chart_series *series;
	size_t series_count;            /* 1 to CHART_SERIES_MAX */
};

json_object *chart_view(struct arena *a, const struct chart *c);

/* The 30 days of a usage slot: loads, requests, and refusals where the token's owner is the reader. */
json_object *chart_usage_view(struct arena *a, const char *id, const char *title, const struct usage_view *u,
    bool with_refused);

/* 1204 -> "1,204"; up to two decimals where there are some. In the arena. */
const char *chart_number(struct arena *a, double value);

#endif
