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

	for (size_t i = 0; i < assets_count; i++) {
		const struct asset *t = &assets[i];
		struct template_node *first;
		const char *why = NULL;

		if (strncmp(t->name, "templates/", 10) != 0)
			continue;
		if (template_compile(a, t->bytes, t->len, &first, &why) != EG_OK)
			fail_msg("%s: %s", t->name, why);
		for (const char *at = t->bytes; (at = strstr(at, "{{>")) != NULL; at += 3) {
			const char *from = at + 3 + strspn(at + 3, " ");
			const char *name = arena_strndup(a, from, strcspn(from, " }"));

			if (asset_find(arena_printf(a, "templates/%s.html", name)) == NULL)
				fail_msg("%s: there is no partial %s", t->name, name);
		}
	}
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
