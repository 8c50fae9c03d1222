/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures as bars and as a table: both say the same. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "in_arena.h"

#include "view/chart.h"

#define FIRST_DAY 20775         /* 18 Nov 2026 */

static const uint32_t three_days[] = { FIRST_DAY, FIRST_DAY + 1, FIRST_DAY + 2 };

static json_object *
chart_of(struct arena *a, const double *first, const double *second)
{
	struct chart_series series[] = { { "Loads", first }, { "Requests", second } };

	return chart_view(a, &(struct chart){
		.id = "use", .title = "Use", .days = three_days, .day_count = 3,
		.series = series, .series_count = second != NULL ? 2 : 1,
	});
}

static json_object *
item(json_object *o, const char *name, size_t i)
{
	return json_object_array_get_idx(json_get_array(o, name), i);
}

static const char *
item_text(json_object *o, const char *name, size_t i)
{
	return json_object_get_string(item(o, name, i));
}

static void
stacks_bars_up_to_a_round_number(void **state)
{
	const double loads[] = { 0, 30, 4 }, requests[] = { 0, 10, 0 };
	json_object *c = chart_of(*state, loads, requests);

	assert_string_equal(item_text(c, "scale", 0), "40");
	assert_string_equal(item_text(c, "scale", 1), "20");
	assert_string_equal(item_text(c, "scale", 2), "0");
	assert_int_equal(json_object_array_length(json_get_array(item(c, "days", 0), "bars")), 0);

	json_object *lower = item(item(c, "days", 1), "bars", 0), *upper = item(item(c, "days", 1), "bars", 1);
	assert_string_equal(json_get_str(lower, "x"), "11.5");
	assert_string_equal(json_get_str(lower, "y"), "25");
	assert_string_equal(json_get_str(lower, "height"), "75");
	assert_int_equal(json_get_int(lower, "style", 0), 1);
	assert_string_equal(json_get_str(upper, "y"), "0");
	assert_string_equal(json_get_str(upper, "height"), "25");
	assert_int_equal(json_get_int(upper, "style", 0), 2);
	assert_string_equal(json_get_str(item(c, "days", 1), "tip"), "19 Nov: Loads 30, Requests 10");
}

static void
says_the_same_in_words_and_table(void **state)
{
	const double loads[] = { 1200, 0, 4 }, requests[] = { 10, 0, 0 };
	json_object *c = chart_of(*state, loads, requests);

	assert_string_equal(json_get_str(c, "summary"), "1,214 in 3 days (Loads 1,204, Requests 10). Most on 18 Nov: 1,210.");
	assert_string_equal(json_get_str(item(c, "rows", 0), "iso"), "2026-11-20");
	assert_string_equal(item_text(item(c, "rows", 2), "cells", 0), "1,200");
	assert_string_equal(item_text(item(c, "rows", 2), "cells", 1), "10");
	assert_string_equal(json_get_str(item(c, "legend", 0), "total"), "1,204");
	assert_string_equal(item_text(c, "ticks", 0), "18 Nov");
	assert_string_equal(item_text(c, "ticks", 2), "20 Nov");
}

static void
one_series_needs_no_legend(void **state)
{
	const double calls[] = { 1, 2, 3 };
	json_object *c = chart_of(*state, calls, NULL);

	assert_null(json_get_array(c, "legend"));
	assert_string_equal(json_get_str(c, "summary"), "6 in 3 days. Most on 20 Nov: 3.");
}

static void
nothing_is_said_and_not_divided_by(void **state)
{
	const double none[] = { 0, 0, 0 };
	json_object *c = chart_of(*state, none, none);

	assert_true(json_get_bool(c, "empty", false));
	assert_string_equal(json_get_str(c, "summary"), "Nothing in 3 days.");
}

static void
figures_that_cannot_be_drawn_are_zero(void **state)
{
	const double odd[] = { NAN, -5, INFINITY };
	json_object *c = chart_of(*state, odd, NULL);

	assert_string_equal(item_text(item(c, "rows", 2), "cells", 0), "0");
	assert_string_equal(item_text(item(c, "rows", 1), "cells", 0), "0");
	assert_string_equal(item_text(item(c, "rows", 0), "cells", 0), "1,000,000,000,000,000");
	assert_true(atof(json_get_str(item(item(c, "days", 2), "bars", 0), "height")) <= 100);
}

static const struct {
	double max;
	const char *top;
} tops[] = {
	{ 0.01, "0.02" }, { 0.3, "0.4" }, { 1, "2" }, { 2, "2" }, { 3, "4" }, { 4, "4" }, { 5, "10" }, { 10, "10" },
	{ 11, "20" },
	{ 99, "100" }, { 100, "100" }, { 101, "200" }, { 1e6, "1,000,000" },
};

static void
the_top_line_is_round_and_covers_the_highest_bar(void **state)
{
	for (size_t i = 0; i < EG_COUNT(tops); i++) {
		const double v[] = { tops[i].max, 0, 0 };
		assert_string_equal(item_text(chart_of(*state, v, NULL), "scale", 0), tops[i].top);
	}
}

static const struct {
	double value;
	const char *text;
} numbers[] = {
	{ 0, "0" }, { -0.001, "0" }, { 7, "7" }, { 999, "999" }, { 1000, "1,000" }, { 1234567, "1,234,567" }, { 0.5, "0.5" },
	{ 12.345, "12.35" }, { 1234.5, "1,234.5" }, { -1234, "-1,234" }, { 100, "100" },
};

static void
numbers_are_grouped(void **state)
{
	for (size_t i = 0; i < EG_COUNT(numbers); i++)
		assert_string_equal(chart_number(*state, numbers[i].value), numbers[i].text);
}

static void
a_usage_slot_shows_refusals_to_its_owner_only(void **state)
{
	struct usage_view u = { 0 };

	for (uint32_t d = 0; d < USAGE_DAYS; d++)
		u.day[d] = FIRST_DAY + d;
	u.day_loads[USAGE_DAYS - 1] = 5;
	u.day_refused[USAGE_DAYS - 1] = 2;

	json_object *mine = chart_usage_view(*state, "use", "Use", &u, true);
	json_object *theirs = chart_usage_view(*state, "use", "Use", &u, false);
	assert_string_equal(item_text(mine, "heads", 2), "Refused");
	assert_string_equal(item_text(item(mine, "rows", 0), "cells", 2), "2");
	assert_int_equal(json_object_array_length(json_get_array(theirs, "heads")), 2);
	assert_string_equal(json_get_str(theirs, "summary"), "5 in 30 days (Loads 5, API requests 0). Most on 17 Dec: 5.");
}

static void
days_over_the_bound_are_not_drawn(void **state)
{
	uint32_t *days = arena_array(*state, CHART_DAYS_MAX + 1, sizeof(*days));
	double *values = arena_array(*state, CHART_DAYS_MAX + 1, sizeof(*values));
	struct chart_series series = { "Calls", values };
	json_object *c = chart_view(*state, &(struct chart){
		.id = "x", .title = "x", .days = days, .day_count = CHART_DAYS_MAX + 1, .series = &series, .series_count = 1 });

	assert_int_equal(json_object_array_length(json_get_array(c, "days")), CHART_DAYS_MAX);
	assert_string_equal(json_get_str(c, "view_box"), "0 0 4000 100");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_ARENA(stacks_bars_up_to_a_round_number),
		IN_ARENA(says_the_same_in_words_and_table),
		IN_ARENA(one_series_needs_no_legend),
		IN_ARENA(nothing_is_said_and_not_divided_by),
		IN_ARENA(figures_that_cannot_be_drawn_are_zero),
		IN_ARENA(the_top_line_is_round_and_covers_the_highest_bar),
		IN_ARENA(numbers_are_grouped),
		IN_ARENA(a_usage_slot_shows_refusals_to_its_owner_only),
		IN_ARENA(days_over_the_bound_are_not_drawn),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
