/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dashboard.h - what the dashboard of a customer shows: its name, how often its embeds were loaded and its API was asked on
 * each of the last 30 days, and its own metrics. Read once, shown as JSON, as a widget or as a page. */
#ifndef EG_VIEW_DASHBOARD_H
#define EG_VIEW_DASHBOARD_H

#include "gate/gate.h"
#include "model/metric.h"

struct dashboard {
	const struct identity *of;
	struct usage_view usage;        /* the sum over all tokens of the customer */
	struct metric_series *series;   /* in the order of their names */
	size_t series_count;
};

/* `id` is that of an embed token or session and stays borrowed. */
eg_err dashboard_read(struct service *sv, struct arena *a, const struct identity *id, int64_t now_s,
    struct dashboard *out) EG_CHECKED;

/* {"customer": {id, name}, "partner": {id, name}, "totals": {loads, requests}, "usage": [{date, loads, requests}],
 *  "metrics": [{name, points: [{date, value}]}]}: 30 days of usage, oldest first, and their totals. */
json_object *dashboard_data(struct arena *a, const struct dashboard *d);

/* For templates/embed/widget-dashboard.html:
 *   customer, partner  names to be shown
 *   colour             of the partner
 *   figures            [{label, value}]: the totals
 *   usage              chart.h
 *   metrics            [chart.h with "latest" {value, date}]; null where there are none, and has_metrics false
 * All charts show the same 30 days. */
json_object *dashboard_widget(struct arena *a, const struct dashboard *d);

#endif
