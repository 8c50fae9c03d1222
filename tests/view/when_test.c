/* SPDX-License-Identifier: GPL-3.0-or-later */
/* K20, K21: times as people read them, both sides of every boundary. */
#include "in_arena.h"

#include "view/when.h"

#define NOW 1795168800          /* 2026-11-20T10:00:00Z */

static const struct {
	int64_t offset_s;
	const char *relative;
} relatives[] = {
	{ 0, "just now" }, { -9, "just now" }, { -10, "10 s ago" }, { -59, "59 s ago" },
	{ -60, "1 min ago" }, { -119, "1 min ago" }, { -3599, "59 min ago" }, { -3600, "1 h ago" }, { -86399, "23 h ago" },
	{ -86400, "1 day ago" }, { -172799, "1 day ago" },
	{ -172800, "2 days ago" }, { -2591999, "29 days ago" }, { -2592000, "21 Oct 2026" },
	{ 1, "in 1 s" }, { 59, "in 59 s" }, { 60, "in 1 min" }, { 86400, "in 1 day" }, { 2591999, "in 29 days" },
	{ 2592000, "20 Dec 2026" },
};

static void
says_how_long_ago(void **state)
{
	struct arena *a = *state;

	for (size_t i = 0; i < EG_COUNT(relatives); i++)
		assert_string_equal(when_relative(a, NOW + relatives[i].offset_s, NOW), relatives[i].relative);
}

static void
gives_the_exact_time_beside_it(void **state)
{
	json_object *v = when_view(*state, NOW - 180, NOW);

	assert_string_equal(json_get_str(v, "datetime"), "2026-11-20T09:57:00Z");
	assert_string_equal(json_get_str(v, "relative"), "3 min ago");
	assert_string_equal(json_get_str(v, "exact"), "20 Nov 2026, 09:57:00 UTC");
	assert_string_equal(json_get_str(v, "date"), "20 Nov 2026");
}

static void
never_is_null(void **state)
{
	assert_null(when_view(*state, 0, NOW));
}

static const struct {
	uint32_t day;
	const char *text, *iso;
} days[] = {
	{ 0, "1 Jan", "1970-01-01" },
	{ 11016, "29 Feb", "2000-02-29" },
	{ 20777, "20 Nov", "2026-11-20" },
};

static void
names_days(void **state)
{
	for (size_t i = 0; i < EG_COUNT(days); i++) {
		assert_string_equal(when_day(*state, days[i].day), days[i].text);
		assert_string_equal(when_day_iso(*state, days[i].day), days[i].iso);
	}
}

static void
clamps_as_the_clock_does(void **state)
{
	assert_string_equal(when_date(*state, -5), "1 Jan 1970");
	assert_string_equal(when_date(*state, INT64_MAX), "31 Dec 9999");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_ARENA(says_how_long_ago),
		IN_ARENA(gives_the_exact_time_beside_it),
		IN_ARENA(never_is_null),
		IN_ARENA(names_days),
		IN_ARENA(clamps_as_the_clock_does),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
