/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Faults, links and paging of a page. No store is needed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "portal/page.h"

struct fixture {
	struct arena *arena;
	struct service sv;
	struct rq rq;
};

static json_object *
item(json_object *o, const char *list, size_t i)
{
	return json_object_array_get_idx(json_get_array(o, list), i);
}

static void
faults_lead_to_their_fields(void **state)
{
	static const struct page_field map[] = { { "name", "label" }, { "allowed_origins", "sites" }, { 0 } };
	struct fixture *fx = *state;
	json_object *view = json_new_object(fx->arena);

	faults_add(&fx->rq.faults, "name", "Give it a name.");
	faults_add(&fx->rq.faults, "allowed_origins[2]", "First.");
	faults_add(&fx->rq.faults, "allowed_origins[3]", "Second.");
	faults_add(&fx->rq.faults, "names", "Not the same as name.");
	page_faults(&fx->rq, view, &fx->rq.faults, map);

	json_object *summary = json_get_object(view, "error_summary"), *by_field = json_get_object(view, "error_for");
	assert_string_equal(json_get_str(summary, "heading"), "4 things to correct");
	assert_string_equal(json_get_str(item(summary, "items", 0), "target"), "label");
	assert_string_equal(json_get_str(item(summary, "items", 2), "target"), "sites");
	assert_string_equal(json_get_str(item(summary, "items", 2), "message"), "Second.");
	assert_string_equal(json_get_str(item(summary, "items", 3), "target"), "names");
	assert_string_equal(json_get_str(by_field, "sites"), "First.");
}

static void
without_faults_nothing_is_said(void **state)
{
	struct fixture *fx = *state;
	json_object *view = json_new_object(fx->arena);

	page_faults(&fx->rq, view, &fx->rq.faults, NULL);
	assert_int_equal(json_object_object_length(view), 0);
}

static void
links_have_the_path_of_the_installation(void **state)
{
	struct fixture *fx = *state;

	assert_string_equal(page_link(&fx->rq, "/portal/"), "/base/portal/");
}

static void
fields_lose_the_space_around_them(void **state)
{
	struct fixture *fx = *state;

	fx->rq.form_params[0] = (struct param){ .name = "a", .value = " \t x y\r\n" };
	fx->rq.form_params[1] = (struct param){ .name = "b", .value = "  " };
	fx->rq.form_count = 2;
	assert_string_equal(page_field_text(&fx->rq, "a"), "x y");
	assert_string_equal(page_field_text(&fx->rq, "b"), "");
	assert_string_equal(page_field_text(&fx->rq, "c"), "");
}

static const struct {
	size_t page, count, total, from, to;
	bool previous, next;
} pages[] = {
	{ 1, 50, 50, 1, 50, false, false },
	{ 1, 50, 51, 1, 50, false, true },
	{ 2, 1, 51, 51, 51, true, false },
	{ 2, 50, 101, 51, 100, true, true },
};

static void
pages_lead_to_their_neighbours(void **state)
{
	struct fixture *fx = *state;

	for (size_t i = 0; i < EG_COUNT(pages); i++) {
		json_object *view = json_new_object(fx->arena);
		page_paging(&fx->rq, view, pages[i].page, PAGE_LIMIT, pages[i].count, pages[i].total);
		json_object *p = json_get_object(view, "paging");
		assert_int_equal(json_get_int(p, "from", 0), pages[i].from);
		assert_int_equal(json_get_int(p, "to", 0), pages[i].to);
		assert_int_equal(json_get_str(p, "previous") != NULL, pages[i].previous);
		assert_int_equal(json_get_str(p, "next") != NULL, pages[i].next);
	}
}

static void
an_empty_page_has_no_place_in_a_list(void **state)
{
	struct fixture *fx = *state;
	json_object *view = json_new_object(fx->arena);

	page_paging(&fx->rq, view, 99, PAGE_LIMIT, 0, 60);
	assert_int_equal(json_object_object_length(view), 0);
}

static void
a_choice_keeps_the_rest_of_the_query_but_the_page(void **state)
{
	struct fixture *fx = *state;
	json_object *view = json_new_object(fx->arena);

	fx->rq.query_params[0] = (struct param){ .name = "period", .value = "7d" };
	fx->rq.query_params[1] = (struct param){ .name = "q", .value = "a&b" };
	fx->rq.query_params[2] = (struct param){ .name = "page", .value = "3" };
	fx->rq.query_count = 3;
	page_choice(&fx->rq, view, "period", "24h", "24 hours", "7d");
	page_choice(&fx->rq, view, "period", "7d", "7 days", "7d");
	assert_string_equal(json_get_str(item(view, "period", 0), "href"), "/base/portal/customers?period=24h&q=a%26b");
	assert_false(json_get_bool(item(view, "period", 0), "current", true));
	assert_true(json_get_bool(item(view, "period", 1), "current", false));
	assert_string_equal(page_same_query(&fx->rq, ".csv"), "/base/portal/customers.csv?period=7d&q=a%26b");
}

static void
the_query_goes_along_and_is_escaped(void **state)
{
	struct fixture *fx = *state;
	json_object *view = json_new_object(fx->arena);

	fx->rq.query_params[0] = (struct param){ .name = "q", .value = "a&b=\"<" };
	fx->rq.query_params[1] = (struct param){ .name = "page", .value = "1" };
	fx->rq.query_params[2] = (struct param){ .name = "notice", .value = "x" };
	fx->rq.query_count = 3;
	page_paging(&fx->rq, view, 1, PAGE_LIMIT, 50, 60);
	assert_string_equal(json_get_str(json_get_object(view, "paging"), "next"),
	    "/base/portal/customers?page=2&q=a%26b%3D%22%3C");
}

static void
a_page_that_is_no_number_is_the_first(void **state)
{
	static const struct {
		const char *text;
		size_t page;
	} cases[] = { { "3", 3 }, { "0", 1 }, { "-1", 1 }, { "x", 1 }, { "1e9", 1 } };
	struct fixture *fx = *state;

	fx->rq.query_count = 1;
	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		fx->rq.query_params[0] = (struct param){ .name = "page", .value = cases[i].text };
		assert_int_equal(page_number(&fx->rq), cases[i].page);
		assert_int_equal(fx->rq.faults.count, 0);
	}
}

static void
behind_the_end_is_no_page(void **state)
{
	static const struct {
		size_t page, total;
		bool behind;
	} cases[] = { { 1, 0, false }, { 2, 0, true }, { 1, 50, false }, { 2, 50, true }, { 2, 51, false }, { 3, 51, true } };

	for (size_t i = 0; i < EG_COUNT(cases); i++)
		assert_int_equal(page_is_behind(cases[i].page, 50, cases[i].total), cases[i].behind);
}

static int
up(void **state)
{
	static struct fixture fx;

	memset(&fx, 0, sizeof(fx));
	fx.arena = arena_new();
	fx.sv.config.public_path = "/base";
	fx.rq = (struct rq){ .sv = &fx.sv, .arena = fx.arena, .path = "/portal/customers", .query = "" };
	faults_init(&fx.rq.faults, fx.arena);
	*state = &fx;
	return 0;
}

static int
down(void **state)
{
	arena_free(((struct fixture *)*state)->arena);
	return 0;
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, up, down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(faults_lead_to_their_fields),
		TEST(without_faults_nothing_is_said),
		TEST(links_have_the_path_of_the_installation),
		TEST(fields_lose_the_space_around_them),
		TEST(pages_lead_to_their_neighbours),
		TEST(an_empty_page_has_no_place_in_a_list),
		TEST(a_choice_keeps_the_rest_of_the_query_but_the_page),
		TEST(the_query_goes_along_and_is_escaped),
		TEST(a_page_that_is_no_number_is_the_first),
		TEST(behind_the_end_is_no_page),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
