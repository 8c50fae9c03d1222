/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an agent's embed shows: the same as JSON and as a widget, and nothing that is the partner's own business. */
#include "in_arena.h"

#include <string.h>

#include "view/agent_results.h"

#define NOW 1795168800          /* 2026-11-20T10:00:00Z */

static const struct identity acme = {
	.customer = { .id = { { 1 } }, .name = "Acme", .email = "boss@acme.example" },
	.partner = { .id = { { 2 } }, .name = "Knot Ltd", .brand_name = "Knot" },
};
static const struct agent_row agent = {
	.id = { { 3 } }, .number = 7, .name = "Front desk", .description = "Answers.\nAlways.", .created_by = "anna@knot.example",
};
static struct result_row rows[] = {
	{ .id = { { 4 } }, .title = "Call 2", .status = "Passed", .has_score = true, .score = 1234.5, .summary = "One.\nTwo.",
	  .at = NOW - 180 },
	{ .id = { { 5 } }, .title = "Call 1", .status = "escalated", .at = NOW - 86400 * 40 },
};

static struct agent_results
shown(size_t total)
{
	return (struct agent_results){ .of = &acme, .agent = agent, .rows = rows, .count = 2, .total = total };
}

static json_object *
item(json_object *o, size_t i)
{
	return json_object_array_get_idx(json_get_array(o, "results"), i);
}

static void
json_has_it_as_it_is(void **state)
{
	struct agent_results r = shown(3);
	size_t len;

	assert_string_equal(json_text(*state, agent_results_data(*state, &r), &len),
	    "{\"customer\":{\"id\":\"01000000-0000-0000-0000-000000000000\",\"name\":\"Acme\"},"
	    "\"partner\":{\"id\":\"02000000-0000-0000-0000-000000000000\",\"name\":\"Knot\"},"
	    "\"agent\":{\"id\":\"03000000-0000-0000-0000-000000000000\",\"number\":7,\"name\":\"Front desk\","
	    "\"description\":\"Answers.\\nAlways.\"},"
	    "\"results\":[{\"id\":\"04000000-0000-0000-0000-000000000000\",\"title\":\"Call 2\",\"status\":\"Passed\",\"score\":1234.5,"
	    "\"summary\":\"One.\\nTwo.\",\"at\":\"2026-11-20T09:57:00Z\"},"
	    "{\"id\":\"05000000-0000-0000-0000-000000000000\",\"title\":\"Call 1\",\"status\":\"escalated\",\"score\":null,"
	    "\"summary\":null,\"at\":\"2026-10-11T10:00:00Z\"}],\"result_count\":3}");
}

static void
the_widget_has_it_in_words(void **state)
{
	struct agent_results r = shown(1202);
	json_object *o = agent_results_widget(*state, &r, NOW);

	assert_string_equal(json_get_str(o, "name"), "Front desk");
	assert_string_equal(json_get_str(o, "partner"), "Knot");
	assert_false(json_get_bool(o, "empty", true));
	assert_string_equal(json_get_str(item(o, 0), "status"), "Passed");
	assert_string_equal(json_get_str(item(o, 0), "tone"), "good");
	assert_string_equal(json_get_str(item(o, 0), "score"), "1,234.5");
	assert_string_equal(json_get_str(json_get_object(item(o, 0), "at"), "relative"), "3 min ago");
	assert_string_equal(json_get_str(item(o, 1), "tone"), "calm");
	assert_null(json_get_str(item(o, 1), "score"));
	assert_string_equal(json_get_str(json_get_object(item(o, 1), "at"), "relative"), "11 Oct 2026");
	assert_string_equal(json_get_str(o, "older"), "1,200 older results are not shown.");
	r.total = 3;
	assert_string_equal(json_get_str(agent_results_widget(*state, &r, NOW), "older"), "1 older result is not shown.");
	r.total = 2;
	assert_null(json_get_str(agent_results_widget(*state, &r, NOW), "older"));
	r.count = r.total = 0;
	assert_true(json_get_bool(agent_results_widget(*state, &r, NOW), "empty", false));
}

int
main(void)
{
	const struct CMUnitTest tests[] = { IN_ARENA(json_has_it_as_it_is), IN_ARENA(the_widget_has_it_in_words) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
