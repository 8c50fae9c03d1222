/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The templates that are in the programs: each compiles, and each partial is there. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "web/assets.h"
#include "web/template.h"

static void
assets_are_sorted_and_whole(void **state)
{
	for (size_t i = 0; i < assets_count; i++) {
		assert_ptr_equal(asset_find(assets[i].name), &assets[i]);
		assert_int_equal(assets[i].bytes[assets[i].len], '\0');
		assert_int_equal(strlen(assets[i].bytes), assets[i].len);
	}
	assert_null(asset_find("templates/"));
	assert_null(asset_find("zzz"));
}

static void
templates_compile(void **state)
{
	struct arena *a = arena_new();
	const char *why = NULL;

	assert_true(assets_count > 30);         /* a tree without its templates shows nothing wrong with them */
	if (template_check_all(a, &why) != EG_OK)
		fail_msg("%s", why);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(assets_are_sorted_and_whole),
		cmocka_unit_test(templates_compile),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
