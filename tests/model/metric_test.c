/* SPDX-License-Identifier: GPL-3.0-or-later */
/* metric: a customer's own figures (P4, P10). */
#include "model/kinds.h"
#include "model/metric.h"
#include "site.h"

static struct customer_row customer;

static int
each(void **state)
{
	arena_reset(site.arena);
	customer = site_customer(&site.scope, "Acme");
	return 0;
}

/* "2026-11-20" of so many days ago. */
static const char *
ago(int days)
{
	char text[CLOCK_RFC3339_SIZE];

	clock_format(clock_now_s() - days * 86400LL, text);
	return arena_strndup(site.arena, text, 10);
}

static uint32_t
day_ago(int days)
{
	return clock_day(clock_now_s()) - (uint32_t)days;
}

static eg_err
record_array(json_object *points, struct faults *f)
{
	faults_init(f, site.arena);
	return metric_record(&site.sv, site.arena, &site.scope, &anna, &customer.id, points, f);
}

static eg_err
record(const char *points, struct faults *f)
{
	return record_array(site_json(points), f);
}

static void
add_point(json_object *array, const char *name, int days, double value)
{
	json_object *point = json_new_object(site.arena);

	json_add_str(point, "name", name);
	json_add_str(point, "date", ago(days));
	json_object_object_add(point, "value", json_object_new_double(value));
	json_push_object(array, point);
}

static struct metric_series *
read_series(size_t want)
{
	struct metric_series *series;
	size_t count;

	assert_int_equal(metric_read(&site.sv, site.arena, &site.scope, &customer.id, &series, &count), EG_OK);
	assert_int_equal(count, want);
	return series;
}

static void
what_is_recorded_is_read(void **state)
{
	struct metric_series *s;
	struct faults f;
	size_t total;

	read_series(0);
	assert_int_equal(record(arena_printf(site.arena, "[{\"name\":\"Orders\",\"date\":\"%s\",\"value\":7},"
	    "{\"name\":\" Calls \",\"date\":\"%s\",\"value\":-2.5},{\"name\":\"Orders\",\"date\":\"%s\",\"value\":3},"
	    "{\"name\":\"Orders\",\"date\":\"%s\",\"value\":9007199254740991}]", ago(1), ago(0), ago(2), ago(0)), &f),
	    EG_OK);
	s = read_series(2);
	assert_string_equal(s[0].name, "Calls");
	assert_int_equal(s[0].count, 1);
	assert_true(s[0].points[0].value == -2.5);
	assert_string_equal(s[1].name, "Orders");
	assert_int_equal(s[1].count, 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(s[1].points[i].day, day_ago(2 - i));
	assert_true(s[1].points[0].value == 3 && s[1].points[1].value == 7 && s[1].points[2].value == 9007199254740991.0);
	assert_string_equal(site_last_activity(&site.scope, &customer.id, &total),
	    "customer.metrics|Acme|Values: 4.|anna@acme.example");

	/* A day that is there is replaced; of two in one body the last counts. */
	assert_int_equal(record(arena_printf(site.arena, "[{\"name\":\"Orders\",\"date\":\"%s\",\"value\":70},"
	    "{\"name\":\"Orders\",\"date\":\"%s\",\"value\":0.1},{\"name\":\"Orders\",\"date\":\"%s\",\"value\":71}]",
	    ago(1), ago(3), ago(1)), &f), EG_OK);
	s = read_series(2);
	assert_int_equal(s[1].count, 4);
	assert_true(s[1].points[0].value == 0.1);
	assert_int_equal(s[1].points[0].day, day_ago(3));
	assert_true(s[1].points[2].value == 71);
}

static void
faults_of_points(void **state)
{
	const struct {
		const char *title, *points, *want;
	} cases[] = {
		{ "no array", "{}", "body: Give an array of 1 to 1000 points" },
		{ "an empty one", "[]", "body: Give an array of 1 to 1000 points" },
		{ "no object", "[1]", "[0]: Give an object" },
		{ "no name", "[{\"date\":\"DAY\",\"value\":1}]", "[0].name: Enter 1 to 60" },
		{ "no date", "[{\"name\":\"x\",\"value\":1}]", "[0].date: Give a day" },
		{ "a time", "[{\"name\":\"x\",\"date\":\"DAYT10:00:00Z\",\"value\":1}]", "[0].date: Give a day" },
		{ "no such day", "[{\"name\":\"x\",\"date\":\"2026-02-30\",\"value\":1}]", "[0].date: Give a day" },
		{ "long ago", "[{\"name\":\"x\",\"date\":\"2001-01-01\",\"value\":1}]",
		    "[0].date: Give a day of the last 400" },
		{ "far ahead", "[{\"name\":\"x\",\"date\":\"9999-01-01\",\"value\":1}]",
		    "[0].date: Give a day of the last 400" },
		{ "no value", "[{\"name\":\"x\",\"date\":\"DAY\"}]", "[0].value: Give a number" },
		{ "a text", "[{\"name\":\"x\",\"date\":\"DAY\",\"value\":\"1\"}]", "[0].value: Give a number" },
		{ "null", "[{\"name\":\"x\",\"date\":\"DAY\",\"value\":null}]", "[0].value: Give a number" },
		{ "more than asked", "[{\"name\":\"x\",\"date\":\"DAY\",\"value\":1,\"unit\":\"EUR\"}]",
		    "[0].unit: Leave this out" },
		{ "the second",
		    "[{\"name\":\"x\",\"date\":\"DAY\",\"value\":1},{\"name\":\"x\",\"date\":\"DAY\",\"value\":true}]",
		  "[1].value: Give a number" },
	};

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		const char *today = ago(0);
		char *points = arena_strdup(site.arena, cases[i].points);
		struct faults f;

		for (char *p = points; (p = strstr(p, "DAY")) != NULL; ) {
			memmove(p, p + 3, strlen(p + 3) + 1);
			points = arena_printf(site.arena, "%.*s%s%s", (int)(p - points), points, today, p);
			p = points;
		}
		if (record(points, &f) != EG_INVALID || f.count != 1 ||
		    strncmp(site_faults(&f), cases[i].want, strlen(cases[i].want)) != 0)
			fail_msg("%s: %s", cases[i].title, site_faults(&f));
	}
	read_series(0);
}

/* Both ends of the span, and what happens when a series is full. */
static void
days_are_bounded(void **state)
{
	json_object *points = json_new_array(site.arena), *one;
	struct metric_series *s;
	struct faults f;

	for (int i = -1; i < METRIC_DAYS_MAX; i++)
		add_point(points, "Visits", i, i);
	assert_int_equal(record_array(points, &f), EG_OK);
	s = read_series(1);
	assert_int_equal(s->count, METRIC_DAYS_MAX);
	assert_int_equal(s->points[METRIC_DAYS_MAX - 1].day, day_ago(-1));
	assert_int_equal(s->points[0].day, day_ago(METRIC_DAYS_MAX - 2));
	for (size_t i = 1; i < s->count; i++)
		assert_int_equal(s->points[i].day, s->points[i - 1].day + 1);
	assert_true(s->points[0].value == METRIC_DAYS_MAX - 2);

	one = json_new_array(site.arena);
	add_point(one, "Visits", METRIC_DAYS_MAX, 1);
	assert_int_equal(record_array(one, &f), EG_INVALID);
	one = json_new_array(site.arena);
	add_point(one, "Visits", -2, 1);
	assert_int_equal(record_array(one, &f), EG_INVALID);
}

static void
a_full_series_lets_its_oldest_day_go(void **state)
{
	json_object *all = json_new_array(site.arena), *one = json_new_array(site.arena);
	struct metric_series *s;
	struct faults f;

	for (int i = -1; i < METRIC_DAYS_MAX; i++) {
		if (i != 5)
			add_point(all, "Visits", i, i);
	}
	assert_int_equal(record_array(all, &f), EG_OK);
	s = read_series(1);
	assert_int_equal(s->count, METRIC_DAYS_MAX);
	assert_int_equal(s->points[0].day, day_ago(METRIC_DAYS_MAX - 1));
	add_point(one, "Visits", 5, 55);
	assert_int_equal(record_array(one, &f), EG_OK);
	s = read_series(1);
	assert_int_equal(s->count, METRIC_DAYS_MAX);
	assert_int_equal(s->points[0].day, day_ago(METRIC_DAYS_MAX - 2));
	assert_int_equal(s->points[METRIC_DAYS_MAX - 7].day, day_ago(5));
	assert_true(s->points[METRIC_DAYS_MAX - 7].value == 55);
	assert_int_equal(s->points[METRIC_DAYS_MAX - 8].day, day_ago(6));
	assert_int_equal(s->points[METRIC_DAYS_MAX - 6].day, day_ago(4));
}

static void
counts_are_bounded(void **state)
{
	json_object *points = json_new_array(site.arena);
	struct faults f;

	for (int i = 0; i < METRIC_SERIES_MAX; i++)
		add_point(points, arena_printf(site.arena, "Series %02d", i), 0, 1);
	assert_int_equal(record_array(points, &f), EG_OK);
	points = json_new_array(site.arena);
	add_point(points, "Series 03", 1, 1);
	add_point(points, "One more", 0, 1);
	assert_int_equal(record_array(points, &f), EG_INVALID);
	assert_fault(&f, "body: A customer has at most 16 series");
	/* Nothing of it was kept. */
	assert_int_equal(read_series(METRIC_SERIES_MAX)[3].count, 1);

	points = json_new_array(site.arena);
	for (int i = 0; i < 1000; i++)
		add_point(points, "Series 00", 0, i);
	assert_int_equal(record_array(points, &f), EG_OK);
	assert_true(read_series(METRIC_SERIES_MAX)[0].points[0].value == 999);
	add_point(points, "Series 00", 0, 1);
	assert_int_equal(record_array(points, &f), EG_INVALID);
}

static void
scopes(void **state)
{
	const struct scope own = { .partner_id = site.partner.id, .customer_id = customer.id },
	    sibling = { .partner_id = site.partner.id, .customer_id = site_customer(&site.scope, "Sibling").id };
	json_object *points = json_new_array(site.arena);
	struct metric_series *series;
	struct faults f;
	size_t count;

	add_point(points, "Visits", 0, 1);
	faults_init(&f, site.arena);
	assert_int_equal(metric_record(&site.sv, site.arena, &own, &anna, &customer.id, points, &f), EG_OK);
	assert_int_equal(metric_read(&site.sv, site.arena, &own, &customer.id, &series, &count), EG_OK);
	assert_int_equal(metric_record(&site.sv, site.arena, &sibling, &anna, &customer.id, points, &f), EG_NOTFOUND);
	assert_int_equal(metric_read(&site.sv, site.arena, &sibling, &customer.id, &series, &count), EG_NOTFOUND);
	assert_int_equal(metric_record(&site.sv, site.arena, &site.other_scope, &anna, &customer.id, points, &f),
	    EG_NOTFOUND);
	assert_int_equal(metric_read(&site.sv, site.arena, &site.other_scope, &customer.id, &series, &count), EG_NOTFOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_is_recorded_is_read, each),
		cmocka_unit_test_setup(faults_of_points, each),
		cmocka_unit_test_setup(days_are_bounded, each),
		cmocka_unit_test_setup(a_full_series_lets_its_oldest_day_go, each),
		cmocka_unit_test_setup(counts_are_bounded, each),
		cmocka_unit_test_setup(scopes, each),
	};

	return cmocka_run_group_tests(tests, site_setup, site_teardown);
}
