/* SPDX-License-Identifier: GPL-3.0-or-later */
/* clock: our calendar against libc's, and the grammar of RFC 3339. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"

#define LAST_S INT64_C(253402300799)

/* Every third day from 1970 to 9999, a different second each: text as gmtime_r() says, and back. */
static void
calendar_agrees_with_libc(void **state)
{
	for (int64_t day = 0; day <= LAST_S / 86400; day += day < 50000 ? 1 : 3) {
		int64_t t = day * 86400 + (day * 7919) % 86400;
		time_t libc_t = (time_t)t;
		char want[32], got[CLOCK_RFC3339_SIZE];
		struct tm tm;
		int64_t back;

		if (t == 0)
			continue;
		gmtime_r(&libc_t, &tm);
		strftime(want, sizeof(want), "%Y-%m-%dT%H:%M:%SZ", &tm);
		clock_format(t, got);
		assert_string_equal(got, want);
		assert_int_equal(clock_parse(got, &back), EG_OK);
		assert_int_equal(back, t);
	}
}

static void
formatting_clamps(void **state)
{
	static const struct {
		int64_t t;
		const char *want;
	} cases[] = {
		{ INT64_MIN, "1970-01-01T00:00:00Z" }, { -1, "1970-01-01T00:00:00Z" }, { 0, "1970-01-01T00:00:00Z" },
		{ 1, "1970-01-01T00:00:01Z" }, { INT64_C(2147483647), "2038-01-19T03:14:07Z" },
		{ INT64_C(2147483648), "2038-01-19T03:14:08Z" }, { INT64_C(4294967296), "2106-02-07T06:28:16Z" },
		{ LAST_S, "9999-12-31T23:59:59Z" }, { LAST_S + 1, "9999-12-31T23:59:59Z" }, { INT64_MAX, "9999-12-31T23:59:59Z" },
	};

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		char got[CLOCK_RFC3339_SIZE];

		clock_format(cases[i].t, got);
		assert_string_equal(got, cases[i].want);
	}
}

/* E11: ISO 8601 as RFC 3339 profiles it. -1: refused. */
static void
parsing(void **state)
{
	static const struct {
		const char *text;
		int64_t want;
	} cases[] = {
		{ "2026-11-20T10:00:00Z", 1795168800 },
		{ "2026-11-20t10:00:00z", 1795168800 },
		{ "2026-11-20T11:00:00+01:00", 1795168800 },
		{ "2026-11-20T04:30:00-05:30", 1795168800 },
		{ "2026-11-20T10:00:00-00:00", 1795168800 },
		{ "2026-11-21T09:59:00+23:59", 1795168800 },
		{ "2026-11-20T10:00:00.999999999999Z", 1795168800 },
		{ "2026-11-20T10:00:00.0+00:00", 1795168800 },
		{ "2026-11-20", 1795132800 },
		{ "2024-02-29", 1709164800 },
		{ "2000-02-29T23:59:59Z", 951868799 },
		{ "2016-12-31T23:59:60Z", 1483228800 },         /* the leap second of that day */
		{ "2017-01-01T08:59:60+09:00", 1483228800 },
		{ "1970-01-01T00:00:01Z", 1 },
		{ "9999-12-31T23:59:59Z", LAST_S },

		{ "", -1 }, { "2026", -1 }, { "2026-11", -1 }, { "2026-11-2", -1 }, { "2026-11-20T", -1 },
		{ "2026-11-20 10:00:00Z", -1 }, { "2026-11-20T10:00Z", -1 }, { "2026-11-20T10:00:00", -1 },
		{ "2026-11-20T10:00:00Zx", -1 }, { " 2026-11-20", -1 }, { "2026-11-20 ", -1 },
		{ "2026-11-20T10:00:00.Z", -1 }, { "2026-11-20T10:00:00,5Z", -1 },
		{ "2026-11-20T10:00:00+0100", -1 }, { "2026-11-20T10:00:00+01", -1 }, { "2026-11-20T10:00:00+24:00", -1 },
		{ "2026-11-20T10:00:00+01:60", -1 },
		{ "2026-02-29", -1 }, { "2026-02-30", -1 }, { "2100-02-29", -1 }, { "2026-04-31", -1 }, { "2026-00-10", -1 },
		{ "2026-13-01", -1 }, { "2026-01-00", -1 }, { "2026-01-32", -1 },
		{ "2026-11-20T24:00:00Z", -1 }, { "2026-11-20T10:60:00Z", -1 }, { "2026-11-20T10:00:61Z", -1 },
		{ "2026-11-20T10:00:60Z", -1 }, { "2016-12-31T23:59:60+01:00", -1 },
		{ "+2026-11-20", -1 }, { "-026-11-20", -1 }, { "12026-11-20", -1 }, { "20261120", -1 },
		{ "1970-01-01T00:00:00Z", -1 },                 /* would read as "never" */
		{ "1970-01-01", -1 }, { "1969-12-31T23:59:59Z", -1 }, { "0000-01-01", -1 },
		{ "1970-01-01T00:00:59+00:01", -1 }, { "9999-12-31T23:59:59-00:01", -1 },
	};

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		int64_t got = -1;
		eg_err e = clock_parse(cases[i].text, &got);

		if (e != (cases[i].want < 0 ? EG_MALFORMED : EG_OK) || got != cases[i].want)
			fail_msg("\"%s\": %s, %lld", cases[i].text, eg_err_name(e), (long long)got);
	}
}

static void
days(void **state)
{
	assert_int_equal(clock_day(-1), 0);
	assert_int_equal(clock_day(0), 0);
	assert_int_equal(clock_day(86399), 0);
	assert_int_equal(clock_day(86400), 1);
	assert_int_equal(clock_day(1795168800), 20777);
}

static void
now(void **state)
{
	int64_t before = (int64_t)time(NULL);
	int64_t mono = clock_mono_us();
	int64_t s = clock_now_s(), us = clock_now_us();
	struct timespec boot;

	assert_in_range(s, before, before + 2);
	assert_in_range(us / 1000000, s, s + 2);
	assert_true(clock_mono_us() >= mono);
	clock_gettime(CLOCK_BOOTTIME, &boot);           /* the same scale in every process */
	assert_in_range(boot.tv_sec - mono / 1000000, 0, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calendar_agrees_with_libc),
		cmocka_unit_test(formatting_clamps),
		cmocka_unit_test(parsing),
		cmocka_unit_test(days),
		cmocka_unit_test(now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
