/* SPDX-License-Identifier: GPL-3.0-or-later */
/* faults: how fields are called, and how many faults are kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/faults.h"

static int
setup(void **state)
{
	*state = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static void
fields_are_called_as_the_caller_calls_them(void **state)
{
	static const struct {
		const char *field, *want;
	} cases[] = {
		{ "expires_at", "expiresAt" },
		{ "allowed_origins[2]", "allowedOrigins[2]" },
		{ "allowed_origins.x", "allowedOrigins.x" },
		{ "expires_at_all", "expires_at_all" },
		{ "expires", "expires" },
		{ "[1].starts_at", "[1].startsAt" },
		{ "[0].starts_at", "[0].starts_at" },
		{ "name", "name" },
	};
	struct faults f;

	faults_init(&f, *state);
	faults_add(&f, "expires_at", "before it was known how it is called");
	faults_spell(&f, "expires_at", "expiresAt");
	faults_spell(&f, "allowed_origins", "allowedOrigins");
	faults_spell(&f, "[1].starts_at", "[1].startsAt");
	assert_string_equal(f.first->field, "expires_at");
	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		struct fault **end = f.last;

		faults_add(&f, cases[i].field, "wrong");
		assert_string_equal((*end)->field, cases[i].want);
	}
}

static void
at_most_64_are_kept(void **state)
{
	struct faults f;

	faults_init(&f, *state);
	assert_int_equal(faults_result(&f), EG_OK);
	for (int i = 0; i < 70; i++)
		faults_add(&f, "a", "fault %d", i);
	assert_int_equal(f.count, 64);
	assert_string_equal(f.first->next->message, "fault 1");
	assert_int_equal(faults_result(&f), EG_INVALID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_called_as_the_caller_calls_them),
		cmocka_unit_test(at_most_64_are_kept),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
