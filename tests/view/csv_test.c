/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "view/csv.h"

static const struct {
	const char *name, *cell, *wanted;
} cells[] = {
	{ "plain", "Acme Events", "Acme Events" },
	{ "nothing", NULL, "" },
	{ "a comma", "a,b", "\"a,b\"" },
	{ "a quote", "a\"b", "\"a\"\"b\"" },
	{ "only a quote", "\"", "\"\"\"\"" },
	{ "two lines", "a\r\nb", "\"a\r\nb\"" },
	{ "no ASCII", "Über 😀", "Über 😀" },
	{ "T16 a formula", "=1+1", "\"'=1+1\"" },
	{ "... with a quote", "=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\"" },
	{ "... by plus", "+1", "\"'+1\"" },
	{ "... by minus", "-1", "\"'-1\"" },
	{ "... by at", "@SUM(A1)", "\"'@SUM(A1)\"" },
	{ "... by tab", "\t=1", "\"'\t=1\"" },
	{ "= within a text", "a=1", "a=1" },
	{ "a site", "https://acme.example", "https://acme.example" },
};

static void
a_cell_is_what_it_was_and_never_a_formula(void **state)
{
	struct arena *a = arena_new();

	for (size_t i = 0; i < EG_COUNT(cells); i++) {
		struct buf b;

		print_message("  %s\n", cells[i].name);
		buf_init(&b, a, 16);
		CSV_ROW(&b, cells[i].cell);
		assert_string_equal(b.data, arena_printf(a, "%s\r\n", cells[i].wanted));
	}
	arena_free(a);
}

static void
cells_are_apart(void **state)
{
	struct arena *a = arena_new();
	struct buf b;

	buf_init(&b, a, 16);
	CSV_ROW(&b, "a", NULL, "b,c");
	CSV_ROW(&b, "d", "e", "");
	assert_string_equal(b.data, "a,,\"b,c\"\r\nd,e,\r\n");
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cell_is_what_it_was_and_never_a_formula),
		cmocka_unit_test(cells_are_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
