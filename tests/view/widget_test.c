/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which widgets there are, and which of them a token is for. */
#include "in_arena.h"

#include <string.h>

#include "model/permission.h"
#include "view/widget.h"

static bool
holds(json_object *array, const char *name)
{
	for (size_t i = 0; i < json_object_array_length(array); i++)
		if (strcmp(json_object_get_string(json_object_array_get_idx(array, i)), name) == 0)
			return true;
	return false;
}

static void
each_is_there_with_its_permission(void **state)
{
	for (size_t i = 0; widget_at(i) != NULL; i++) {
		const struct widget_info *w = widget_at(i);

		assert_true(holds(widget_array(*state, w->permission), w->name));
		assert_true(holds(widget_array(*state, PERM_ALL), w->name));
		assert_false(holds(widget_array(*state, PERM_ALL & ~w->permission), w->name));
	}
	assert_int_equal(json_object_array_length(widget_array(*state, 0)), 0);
	assert_string_equal(widget_at(0)->name, "dashboard");
}

static void
a_token_is_for_one(void **state)
{
	static const struct uuid some = { { 1 } };
	static const struct {
		const char *name;
		struct token_row token;
	} cases[] = {
		{ "dashboard", { .permissions = PERM_DASHBOARD_READ } },
		{ "dashboard", { .permissions = PERM_ALL } },
		{ "dashboard", { .permissions = 0 } },
		{ "dashboard", { .permissions = PERM_API_READ } },
		{ "agent", { .permissions = PERM_AGENTS_READ } },
		{ "agent", { .permissions = PERM_ALL, .agent_id = some } },
		{ "schedule", { .permissions = PERM_ALL, .event_id = some } },
	};

	for (size_t i = 0; i < EG_COUNT(cases); i++)
		assert_string_equal(widget_of_token(&cases[i].token), cases[i].name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { IN_ARENA(each_is_there_with_its_permission), IN_ARENA(a_token_is_for_one) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
