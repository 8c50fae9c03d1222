/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chart.c - the layout of stacked bars: a day is 10 units wide, the plot 100 high. */
#include "view/chart.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "view/when.h"

#define DAY_WIDTH 10.0
#define BAR_GAP 1.5             /* to the left and right of a bar */
#define PLOT_HEIGHT 100.0
#define NUMBER_MAX 1e15         /* beyond it a double has no units left to print */

static double
drawable(double v)
{
	if (isnan(v) || v < 0)
		return 0;
	return v > NUMBER_MAX ? NUMBER_MAX : v;
}

/* Up to two decimals, without zeros at the end. */
static const char *
plain_number(struct arena *a, double v)
{
	char *s = arena_printf(a, "%.2f", v);
	size_t n = strlen(s);

	while (s[n - 1] == '0')
		n--;
	if (s[n - 1] == '.')
		n--;
	s[n] = '\0';
	return s;
}

const char *
chart_number(struct arena *a, double value)
{
	const char *s = plain_number(a, drawable(value < 0 ? -value : value));
	size_t whole = strcspn(s, ".");
	struct buf b;

	buf_init(&b, a, 32);
	if (value < 0 && strcmp(s, "0") != 0)
		buf_add_char(&b, '-');
	for (size_t i = 0; s[i] != '\0'; i++) {
		if (i > 0 && i < whole && (whole - i) % 3 == 0)
			buf_add_char(&b, ',');
		buf_add_char(&b, s[i]);
	}
	return b.data;
}

/* Half of the top line: 1, 2 or 5 times a power of ten, so that the line in the middle has a round number, too; a whole one
 * where the figures are counts. */
static double
scale_step(double max)
{
	static const double rounds[] = { 1, 2, 5 };
	double unit = max == (double)(int64_t)max ? 1 : 0.01;

	for (; unit < CHART_SERIES_MAX * NUMBER_MAX; unit *= 10)
		for (size_t i = 0; i < EG_COUNT(rounds); i++)
			if (2 * rounds[i] * unit >= max)
				return rounds[i] * unit;
	return max / 2;
}

static double
day_total(const struct chart *c, size_t day)
{
	double sum = 0;

	for (size_t s = 0; s < c->series_count; s++)
		sum += drawable(c->series[s].values[day]);
	return sum;
}

static double
series_total(const struct chart *c, size_t s)
{
	double sum = 0;

	for (size_t d = 0; d < c->day_count; d++)
		sum += drawable(c->series[s].values[d]);
	return sum;
}

/* "14 Nov: Loads 12, Requests 3" */
static const char *
day_tip(struct arena *a, const struct chart *c, size_t day)
{
	struct buf b;

	buf_init(&b, a, 64);
	buf_printf(&b, "%s:", when_day(a, c->days[day]));
	for (size_t s = 0; s < c->series_count; s++)
		buf_printf(&b, "%s %s %s", s == 0 ? "" : ",", c->series[s].name,
		    chart_number(a, drawable(c->series[s].values[day])));
	return b.data;
}

static json_object *
bar_view(struct arena *a, double x, double y, double height, size_t style)
{
	json_object *bar = json_new_object(a);

	json_add_str(bar, "x", plain_number(a, x + BAR_GAP));
	json_add_str(bar, "y", plain_number(a, y));
	json_add_str(bar, "width", plain_number(a, DAY_WIDTH - 2 * BAR_GAP));
	json_add_str(bar, "height", plain_number(a, height));
	json_add_int(bar, "style", (int64_t)style + 1);
	return bar;
}

static json_object *
day_view(struct arena *a, const struct chart *c, size_t day, double top)
{
	json_object *o = json_new_object(a), *bars = json_new_array(a);
	double x = (double)day * DAY_WIDTH, y = PLOT_HEIGHT;

	for (size_t s = 0; s < c->series_count; s++) {
		double height = drawable(c->series[s].values[day]) / top * PLOT_HEIGHT;
		if (height <= 0)
			continue;
		y -= height;
		json_push_object(bars, bar_view(a, x, y, height, s));
	}
	json_add_str(o, "x", plain_number(a, x));
	json_add_str(o, "width", plain_number(a, DAY_WIDTH));
	json_add_str(o, "tip", day_tip(a, c, day));
	json_add_object(o, "bars", bars);
	return o;
}

static json_object *
row_view(struct arena *a, const struct chart *c, size_t day)
{
	json_object *o = json_new_object(a), *cells = json_new_array(a);

	for (size_t s = 0; s < c->series_count; s++)
		json_push_str(cells, chart_number(a, drawable(c->series[s].values[day])));
	json_add_str(o, "date", when_day(a, c->days[day]));
	json_add_str(o, "iso", when_day_iso(a, c->days[day]));
	json_add_object(o, "cells", cells);
	return o;
}

static const char *
summary(struct arena *a, const struct chart *c, double total, size_t best)
{
	struct buf b;

	buf_init(&b, a, 128);
	if (total <= 0) {
		buf_printf(&b, "Nothing in %zu days.", c->day_count);
		return b.data;
	}
	buf_printf(&b, "%s in %zu days", chart_number(a, total), c->day_count);
	for (size_t s = 0; s < c->series_count && c->series_count > 1; s++)
		buf_printf(&b, "%s%s %s%s", s == 0 ? " (" : ", ", c->series[s].name, chart_number(a, series_total(c, s)),
		    s + 1 == c->series_count ? ")" : "");
	buf_printf(&b, ". Most on %s: %s.", when_day(a, c->days[best]), chart_number(a, day_total(c, best)));
	return b.data;
}

static json_object *
legend_view(struct arena *a, const struct chart *c)
{
	if (c->series_count < 2)
		return NULL;

	json_object *legend = json_new_array(a);
	for (size_t s = 0; s < c->series_count; s++) {
		json_object *o = json_new_object(a);
		json_add_int(o, "style", (int64_t)s + 1);
		json_add_str(o, "name", c->series[s].name);
		json_add_str(o, "total", chart_number(a, series_total(c, s)));
		json_push_object(legend, o);
	}
	return legend;
}

static json_object *
scale_view(struct arena *a, double step)
{
	json_object *scale = json_new_array(a);

	json_push_str(scale, chart_number(a, 2 * step));
	json_push_str(scale, chart_number(a, step));
	json_push_str(scale, "0");
	return scale;
}

static json_object *
ticks_view(struct arena *a, const struct chart *c)
{
	json_object *ticks = json_new_array(a);

	json_push_str(ticks, when_day(a, c->days[0]));
	if (c->day_count > 2)
		json_push_str(ticks, when_day(a, c->days[c->day_count / 2]));
	if (c->day_count > 1)
		json_push_str(ticks, when_day(a, c->days[c->day_count - 1]));
	return ticks;
}

json_object *
chart_view(struct arena *a, const struct chart *given)
{
	struct chart cut = *given, *c = &cut;
	json_object *o = json_new_object(a), *days = json_new_array(a), *rows = json_new_array(a), *heads = json_new_array(a);
	double total = 0;
	size_t best = 0;

	if (c->day_count > CHART_DAYS_MAX)
		c->day_count = CHART_DAYS_MAX;
	if (c->series_count > CHART_SERIES_MAX)
		c->series_count = CHART_SERIES_MAX;
	for (size_t d = 0; d < c->day_count; d++) {
		total += day_total(c, d);
		if (day_total(c, d) > day_total(c, best))
			best = d;
	}

	double step = total > 0 ? scale_step(day_total(c, best)) : 1;
	for (size_t d = 0; d < c->day_count; d++) {
		json_push_object(days, day_view(a, c, d, 2 * step));
		json_push_object(rows, row_view(a, c, c->day_count - 1 - d));
	}
	for (size_t s = 0; s < c->series_count; s++)
		json_push_str(heads, c->series[s].name);

	json_add_str(o, "id", c->id);
	json_add_str(o, "title", c->title);
	json_add_str(o, "summary", summary(a, c, total, best));
	json_add_bool(o, "empty", total <= 0);
	json_add_str(o, "view_box", arena_printf(a, "0 0 %zu 100", c->day_count * (size_t)DAY_WIDTH));
	json_add_object(o, "scale", scale_view(a, step));
	json_add_object(o, "days", days);
	json_add_object(o, "ticks", ticks_view(a, c));
	json_add_object(o, "legend", legend_view(a, c));
	json_add_object(o, "heads", heads);
	json_add_object(o, "rows", rows);
	return o;
}

json_object *
chart_usage_view(struct arena *a, const char *id, const char *title, const struct usage_view *u,
    bool with_refused)
{
	double *loads = arena_array(a, USAGE_DAYS, sizeof(*loads));
	double *requests = arena_array(a, USAGE_DAYS, sizeof(*requests));
	double *refused = arena_array(a, USAGE_DAYS, sizeof(*refused));
	struct chart_series series[] = { { "Loads", loads }, { "API requests", requests }, { "Refused", refused } };

	for (size_t d = 0; d < USAGE_DAYS; d++) {
		loads[d] = u->day_loads[d];
		requests[d] = u->day_requests[d];
		refused[d] = u->day_refused[d];
	}
	return chart_view(a, &(struct chart){
		.id = id, .title = title, .days = u->day, .day_count = USAGE_DAYS,
		.series = series, .series_count = with_refused ? 3 : 2,
	});
}
