/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "view/dashboard.h"

#include "model/analytics.h"
#include "view/chart.h"
#include "view/owner.h"
#include "view/when.h"

eg_err
dashboard_read(struct service *sv, struct arena *a, const struct identity *id, int64_t now_s, struct dashboard *out)
{
	*out = (struct dashboard){ .of = id };
	EG_TRY(analytics_usage(sv, &id->scope, now_s, &out->usage));
	return metric_read(sv, a, &id->scope, &id->customer.id, &out->series, &out->series_count);
}

static uint64_t
sum(const uint32_t days[USAGE_DAYS])
{
	uint64_t total = 0;

	for (size_t d = 0; d < USAGE_DAYS; d++)
		total += days[d];
	return total;
}

/* ---- JSON ---- */

static json_object *
usage_days(struct arena *a, const struct usage_view *u)
{
	json_object *days = json_new_array(a);

	for (size_t d = 0; d < USAGE_DAYS; d++) {
		json_object *day = json_new_object(a);
		json_add_str(day, "date", when_day_iso(a, u->day[d]));
		json_add_int(day, "loads", u->day_loads[d]);
		json_add_int(day, "requests", u->day_requests[d]);
		json_push_object(days, day);
	}
	return days;
}

static json_object *
series_data(struct arena *a, const struct metric_series *s)
{
	json_object *o = json_new_object(a), *points = json_new_array(a);

	for (size_t i = 0; i < s->count; i++) {
		json_object *point = json_new_object(a);
		json_add_str(point, "date", when_day_iso(a, s->points[i].day));
		json_add_number(point, "value", s->points[i].value);
		json_push_object(points, point);
	}
	json_add_str(o, "name", s->name);
	json_add_object(o, "points", points);
	return o;
}

json_object *
dashboard_data(struct arena *a, const struct dashboard *d)
{
	json_object *o = json_new_object(a), *totals = json_new_object(a), *metrics = json_new_array(a);

	json_add_int(totals, "loads", (int64_t)sum(d->usage.day_loads));
	json_add_int(totals, "requests", (int64_t)sum(d->usage.day_requests));
	for (size_t i = 0; i < d->series_count; i++)
		json_push_object(metrics, series_data(a, &d->series[i]));

	owner_add(a, o, d->of);
	json_add_object(o, "totals", totals);
	json_add_object(o, "usage", usage_days(a, &d->usage));
	json_add_object(o, "metrics", metrics);
	return o;
}

/* ---- widget ---- */

static void
add_figure(struct arena *a, json_object *figures, const char *label, uint64_t value)
{
	json_object *o = json_new_object(a);

	json_add_str(o, "label", label);
	json_add_str(o, "value", chart_number(a, (double)value));
	json_push_object(figures, o);
}

/* The series laid over the same 30 days as the usage; a day without a value is an empty place. */
static json_object *
metric_chart(struct arena *a, size_t index, const struct metric_series *s, const uint32_t days[USAGE_DAYS])
{
	double *values = arena_array(a, USAGE_DAYS, sizeof(*values));
	const struct metric_point *latest = NULL;

	for (size_t i = 0; i < s->count; i++) {
		if (s->points[i].day < days[0] || s->points[i].day > days[USAGE_DAYS - 1])
			continue;
		values[s->points[i].day - days[0]] = s->points[i].value;
		latest = &s->points[i];
	}

	json_object *chart = chart_view(a, &(struct chart){
		.id = arena_printf(a, "metric-%zu", index + 1), .title = s->name, .days = days, .day_count = USAGE_DAYS,
		.series = &(struct chart_series){ s->name, values }, .series_count = 1,
	});
	json_object *shown = NULL;
	if (latest != NULL) {
		shown = json_new_object(a);
		json_add_str(shown, "value", chart_number(a, latest->value));
		json_add_str(shown, "date", when_day(a, latest->day));
	}
	json_add_object(chart, "latest", shown);
	return chart;
}

json_object *
dashboard_widget(struct arena *a, const struct dashboard *d)
{
	json_object *o = json_new_object(a), *figures = json_new_array(a), *metrics = NULL;

	add_figure(a, figures, "Embed loads", sum(d->usage.day_loads));
	add_figure(a, figures, "API requests", sum(d->usage.day_requests));
	if (d->series_count > 0)
		metrics = json_new_array(a);
	for (size_t i = 0; i < d->series_count; i++)
		json_push_object(metrics, metric_chart(a, i, &d->series[i], d->usage.day));

	json_add_str(o, "customer", d->of->customer.name);
	json_add_str(o, "partner", d->of->partner.brand_name);
	json_add_str(o, "colour", d->of->partner.colour);
	json_add_object(o, "figures", figures);
	json_add_object(o, "usage", chart_usage_view(a, "usage", "Use of the last 30 days", &d->usage, false));
	json_add_bool(o, "has_metrics", metrics != NULL);
	json_add_object(o, "metrics", metrics);
	return o;
}
