/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dashboard as JSON and as a widget says the same, and tells browsers ids and names only. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "view/dashboard.h"
#include "view/owner.h"

#define TODAY 20777             /* 20 Nov 2026 */

static const struct identity acme = {
	.customer = { .id = { { 1 } }, .name = "Acme", .email = "boss@acme.example", .external_id = "crm-17" },
	.partner = { .id = { { 2 } }, .name = "Knot Ltd", .brand_name = "Knot", .colour = "#1f6feb" },
};

static struct dashboard
dashboard_of(struct metric_series *series, size_t count)
{
	struct dashboard d = { .of = &acme, .series = series, .series_count = count };

	for (size_t i = 0; i < USAGE_DAYS; i++)
		d.usage.day[i] = TODAY - (uint32_t)(USAGE_DAYS - 1 - i);
	return d;
}

static json_object *
item(json_object *o, const char *name, size_t i)
{
	return json_object_array_get_idx(json_get_array(o, name), i);
}

/* "a.b" of an object, as text. */
static const char *
deep(json_object *o, const char *outer, const char *inner)
{
	return json_object_get_string(json_object_object_get(json_get_object(o, outer), inner));
}

static void
counts_the_same_in_both(void **state)
{
	struct dashboard d = dashboard_of(NULL, 0);

	d.usage.day_loads[0] = 4;
	d.usage.day_loads[USAGE_DAYS - 1] = 1200;
	d.usage.day_requests[USAGE_DAYS - 1] = 7;

	json_object *data = dashboard_data(*state, &d), *widget = dashboard_widget(*state, &d);

	assert_string_equal(deep(data, "totals", "loads"), "1204");
	assert_string_equal(deep(data, "totals", "requests"), "7");
	assert_int_equal(json_object_array_length(json_get_array(data, "usage")), USAGE_DAYS);
	assert_string_equal(json_get_str(item(data, "usage", 0), "date"), "2026-10-22");
	assert_int_equal(json_get_int(item(data, "usage", 0), "loads", -1), 4);
	assert_string_equal(json_get_str(item(data, "usage", USAGE_DAYS - 1), "date"), "2026-11-20");
	assert_int_equal(json_get_int(item(data, "usage", USAGE_DAYS - 1), "requests", -1), 7);

	assert_string_equal(json_get_str(item(widget, "figures", 0), "value"), "1,204");
	assert_string_equal(json_get_str(item(widget, "figures", 1), "value"), "7");
	assert_false(json_get_bool(json_get_object(widget, "usage"), "empty", true));
	assert_false(json_get_bool(widget, "has_metrics", true));
	assert_null(json_get_array(widget, "metrics"));
}

/* A browser learns who it is, not how to write to them. */
static void
tells_ids_and_names_only(void **state)
{
	struct dashboard d = dashboard_of(NULL, 0);
	json_object *data = dashboard_data(*state, &d);
	size_t len;

	assert_string_equal(deep(data, "customer", "name"), "Acme");
	assert_string_equal(deep(data, "partner", "name"), "Knot");
	for (size_t i = 0; i < 2; i++) {
		const char *text = json_text(*state, i == 0 ? data : dashboard_widget(*state, &d), &len);
		assert_null(strstr(text, "boss@"));
		assert_null(strstr(text, "crm-17"));
		assert_null(strstr(text, "Knot Ltd"));
	}
}

static void
lays_metrics_over_the_same_days(void **state)
{
	struct metric_point points[] = {
		{ TODAY - USAGE_DAYS, 99 },     /* one day too old to be drawn */
		{ TODAY - USAGE_DAYS + 1, 1 },
		{ TODAY - 3, 0.1 },
		{ TODAY + 1, 77 },              /* ahead of the server's day */
	};
	struct metric_series series[] = { { "Calls", points, 4 }, { "Nothing", NULL, 0 } };
	struct dashboard d = dashboard_of(series, 2);
	json_object *widget = dashboard_widget(*state, &d), *calls = item(widget, "metrics", 0);

	assert_true(json_get_bool(widget, "has_metrics", false));
	assert_string_equal(json_get_str(calls, "title"), "Calls");
	assert_string_equal(json_get_str(calls, "id"), "metric-1");
	assert_int_equal(json_object_array_length(json_get_array(calls, "rows")), USAGE_DAYS);
	assert_int_equal(json_object_array_length(json_get_array(item(calls, "days", 0), "bars")), 1);
	assert_int_equal(json_object_array_length(json_get_array(item(calls, "days", 1), "bars")), 0);
	assert_string_equal(deep(calls, "latest", "value"), "0.1");
	assert_string_equal(deep(calls, "latest", "date"), "17 Nov");
	assert_true(json_get_bool(item(widget, "metrics", 1), "empty", false));
	assert_null(json_get_object(item(widget, "metrics", 1), "latest"));

	json_object *points_out = item(dashboard_data(*state, &d), "metrics", 0);
	assert_int_equal(json_object_array_length(json_get_array(points_out, "points")), 4);
}

static void
writes_numbers_as_they_are(void **state)
{
	static const struct {
		double value;
		const char *text;
	} cases[] = {
		{ 0, "0" }, { 3, "3" }, { 0.1, "0.1" }, { -2.5, "-2.5" }, { 1.0 / 3, "0.3333333333333333" },
		{ 0.1 + 0.2, "0.30000000000000004" }, { 123456789012345, "123456789012345" },
	};

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		struct metric_point point = { TODAY, cases[i].value };
		struct metric_series series = { "M", &point, 1 };
		struct dashboard d = dashboard_of(&series, 1);
		json_object *metric = item(dashboard_data(*state, &d), "metrics", 0);
		assert_string_equal(json_object_to_json_string(json_object_object_get(item(metric, "points", 0), "value")), cases[i].text);
	}
}

static int
open_arena(void **state)
{
	*state = arena_new();
	return 0;
}

static int
close_arena(void **state)
{
	arena_free(*state);
	return 0;
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, open_arena, close_arena)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(counts_the_same_in_both), CASE(tells_ids_and_names_only), CASE(lays_metrics_over_the_same_days),
		CASE(writes_numbers_as_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
