/* SPDX-License-Identifier: GPL-3.0-or-later */
/* K22: Active, Expired, Revoked as words with icons. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "view/badge.h"

static const struct {
	const char *status, *as, *word, *tone;
} cases[] = {
	{ "active", NULL, "Active", "good" },
	{ "rotating", NULL, "Rotating", "busy" },
	{ "disabled", NULL, "Paused", "calm" },
	{ "disabled", "Disabled", "Disabled", "calm" },
	{ "expiring", "Ends in 5 days", "Ends in 5 days", "warn" },
	{ "expired", NULL, "Expired", "warn" },
	{ "revoked", NULL, "Revoked", "bad" },
	{ "on", NULL, "On", "good" },
	{ "off", NULL, "Off", "calm" },
	{ "sleeping", NULL, "sleeping", "calm" },
};

static void
a_status_is_a_word_and_an_icon(void **state)
{
	struct arena *a = arena_new();

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		json_object *b = badge_view_as(a, cases[i].status, cases[i].as);
		assert_string_equal(json_get_str(b, "word"), cases[i].word);
		assert_string_equal(json_get_str(b, "tone"), cases[i].tone);
		assert_int_equal(json_get_str(b, "icon")[0], 'M');
	}
	arena_free(a);
}

static void
states_of_a_token_have_icons_of_their_own(void **state)
{
	static const char *const names[] = { "active", "rotating", "disabled", "expired", "revoked" };
	struct arena *a = arena_new();

	for (size_t i = 0; i < EG_COUNT(names); i++)
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(json_get_str(badge_view(a, names[i]), "icon"),
			    json_get_str(badge_view(a, names[j]), "icon"));
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_status_is_a_word_and_an_icon),
		cmocka_unit_test(states_of_a_token_have_icons_of_their_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
