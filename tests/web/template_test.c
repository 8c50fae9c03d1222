/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Templates: what they render (template_cases.json, confirmed by npm's mustache), what the compiler refuses, T16. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "web/assets.h"
#include "web/template.h"

/* Instead of the program's own: sorted by name, as the Makefile makes them. */
#define ASSET(name, text) { "templates/" name, text, sizeof(text) - 1 }
const struct asset assets[] = {
	ASSET("blank.html", "one\n\ntwo\n"),
	ASSET("broken.html", "a\n{{#b}}\n"),
	ASSET("deep/er.html", "[{{x}}]"),
	ASSET("empty.html", ""),
	ASSET("endless.html", "{{> endless}}"),
	ASSET("endless_indented.html", "a\n  {{> endless_indented}}\n"),
	ASSET("lines.html", "one\ntwo {{x}}\n"),
	ASSET("nested.html", "a\n  {{> lines}}\nb\n"),
	ASSET("page.html", "<p>{{> plain}}</p>\n"),
	ASSET("plain.html", "*{{x}}*"),
	ASSET("proud.html", "{{^x}}\n<b>{{#y}}{{> nobody}}{{/y}}</b>\n{{/x}}\n"),
	ASSET("proud/er.html", "{{> proud}}{{> no/body}}"),
	ASSET("standalone.html", "{{#on}}\nyes\n{{/on}}\n"),
	ASSET("tree.html", "{{name}}{{#kids}}\n  {{> tree}}{{/kids}}"),
};
const size_t assets_count = EG_COUNT(assets);

static json_object *
table_read(struct arena *a)
{
	FILE *f = fopen("tests/web/template_cases.json", "rb");
	char *text = arena_alloc(a, 1u << 20);
	const char *why = NULL;
	json_object *table;
	size_t len;

	assert_non_null(f);
	len = fread(text, 1, 1u << 20, f);
	fclose(f);
	if (json_parse_strict(a, text, len, &table, &why) != EG_OK)
		fail_msg("template_cases.json: %s", why);
	return table;
}

static void
renders_as_mustache_does(void **state)
{
	struct arena *a = arena_new();
	json_object *cases = json_get_array(table_read(a), "cases");

	assert_true(json_object_array_length(cases) > 70);
	for (size_t i = 0; i < json_object_array_length(cases); i++) {
		json_object *c = json_object_array_get_idx(cases, i);
		const char *text = json_get_str(c, "template"), *why = NULL;
		struct template_node *t;
		struct buf out;

		buf_init(&out, a, 0);
		if (template_compile(a, text, strlen(text), &t, &why) != EG_OK)
			fail_msg("%s: %s", json_get_str(c, "name"), why);
		assert_int_equal(template_run(t, json_get_object(c, "view"), &out), EG_OK);
		if (strcmp(out.data, json_get_str(c, "expected")) != 0)
			fail_msg("%s:\n%s\ninstead of\n%s", json_get_str(c, "name"), out.data, json_get_str(c, "expected"));
	}
	arena_free(a);
}

static void
partials_of_the_table_are_the_ones_here(void **state)
{
	struct arena *a = arena_new();
	json_object *partials = json_get_object(table_read(a), "partials");

	json_object_object_foreach(partials, name, text) {
		const struct asset *asset = asset_find(arena_printf(a, "templates/%s.html", name));

		assert_non_null(asset);
		assert_string_equal(asset->bytes, json_object_get_string(text));
	}
	arena_free(a);
}

static const struct {
	const char *text, *why;
} refused[] = {
	{ "{{{x}}}", "line 1: raw values are not for templates: write {{name}}" },
	{ "\n\n{{&x}}", "line 3: raw values are not for templates: write {{name}}" },
	{ "{{=<% %>=}}", "line 1: the braces cannot be changed" },
	{ "{{x", "line 1: a tag is not closed" },
	{ "{{", "line 1: a tag is not closed" },
	{ "a\n{{! never", "line 2: a tag is not closed" },
	{ "{{}}", "line 1: '' is no name" },
	{ "{{#}}{{/}}", "line 1: '' is no name" },
	{ "{{a b}}", "line 1: 'a b' is no name" },
	{ "{{a..b}}", "line 1: 'a..b' is no name" },
	{ "{{.a}}", "line 1: '.a' is no name" },
	{ "{{a.}}", "line 1: 'a.' is no name" },
	{ "{{a/b}}", "line 1: 'a/b' is no name" },
	{ "{{> a.b}}", "line 1: 'a.b' is no name" },
	{ "{{> ../a}}", "line 1: '../a' is no name" },
	{ "{{> .}}", "line 1: '.' is no name" },
	{ "{{a.b.c.d.e.f.g.h.i}}", "line 1: 'a.b.c.d.e.f.g.h.i' has more than 8 parts" },
	{ "{{#a}}", "line 1: {{#a}} is not closed" },
	{ "a\n{{^a}}\nb\n", "line 2: {{^a}} is not closed" },
	{ "{{/a}}", "line 1: {{/a}} closes nothing" },
	{ "{{#a}}\n{{#b}}\n{{/a}}\n{{/b}}", "line 3: {{/a}} stands where {{/b}} belongs, which line 2 opened" },
	{ "{{!\n\n}}\n{{#a}}\n{{/b}}", "line 5: {{/b}} stands where {{/a}} belongs, which line 4 opened" },
};

static void
refuses_what_is_no_template(void **state)
{
	struct arena *a = arena_new();

	for (size_t i = 0; i < EG_COUNT(refused); i++) {
		struct template_node *t;
		const char *why = NULL;

		if (template_compile(a, refused[i].text, strlen(refused[i].text), &t, &why) != EG_MALFORMED)
			fail_msg("taken: %s", refused[i].text);
		assert_string_equal(why, refused[i].why);
	}
	arena_free(a);
}

/* Every end of a template, so that no tag is read over it: the sanitizers look. */
static void
ends_where_the_text_ends(void **state)
{
	static const char whole[] = "a{{#x}} {{^y}}\n{{> p}}\n {{! c }} {{/y}}{{z.w}}{{/x}}{{{q}}}\n";
	struct arena *a = arena_new();

	for (size_t len = 0; len < sizeof(whole); len++) {
		char *text = arena_copy(a, whole, len);
		struct template_node *t;
		const char *why = NULL;

		assert_true(template_compile(a, text, len, &t, &why) == EG_OK || why != NULL);
	}
	arena_free(a);
}

static void
sections_are_bounded(void **state)
{
	struct arena *a = arena_new();

	for (int depth = 32; depth <= 33; depth++) {
		struct template_node *t;
		const char *why;
		struct buf b;

		buf_init(&b, a, 0);
		for (int i = 0; i < depth; i++)
			buf_add_str(&b, "{{#a}}");
		for (int i = 0; i < depth; i++)
			buf_add_str(&b, "{{/a}}");
		assert_int_equal(template_compile(a, b.data, b.len, &t, &why), depth == 32 ? EG_OK : EG_MALFORMED);
	}
	arena_free(a);
}

static void
pages_and_partials_are_assets(void **state)
{
	static const struct {
		const char *name;
		eg_err result;
		const char *text;
	} cases[] = {
		{ "page.html", EG_OK, "<p>*1*</p>\n" },
		{ "page.html", EG_OK, "<p>*1*</p>\n" },         /* a second time, from what was compiled */
		{ "deep/er.html", EG_OK, "[1]" },
		{ "none.html", EG_INTERNAL, NULL },
		{ "broken.html", EG_INTERNAL, NULL },
		{ "endless.html", EG_INTERNAL, NULL },
		{ "endless_indented.html", EG_INTERNAL, NULL },
	};
	struct arena *a = arena_new();
	json_object *view = json_new_object(a);

	json_add_int(view, "x", 1);
	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		struct buf out;

		buf_init(&out, a, 0);
		assert_int_equal(template_render(cases[i].name, view, &out), cases[i].result);
		if (cases[i].text != NULL)
			assert_string_equal(out.data, cases[i].text);
	}
	arena_free(a);
}

/* What a visitor would find out otherwise. */
static void
holes_are_found_before_a_visitor_does(void **state)
{
	static const struct {
		const char *name, *why;         /* NULL: nothing is wrong with it */
	} cases[] = {
		{ "plain", NULL }, { "page", NULL }, { "tree", NULL }, { "empty", NULL }, { "endless", NULL },
		{ "broken", "templates/broken.html: line 2: {{#b}} is not closed" },
		{ "proud", "templates/proud.html: there is no templates/nobody.html for {{> nobody}}" },
		{ "proud/er", "templates/proud/er.html: there is no templates/no/body.html for {{> no/body}}" },
	};
	struct arena *a = arena_new();
	const char *why = NULL;

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		const struct asset *t = asset_find(arena_printf(a, "templates/%s.html", cases[i].name));

		why = NULL;
		assert_non_null(t);
		assert_int_equal(template_check(a, t, &why), cases[i].why == NULL ? EG_OK : EG_INTERNAL);
		if (cases[i].why != NULL)
			assert_string_equal(why, cases[i].why);
	}
	assert_int_equal(template_check_all(a, &why), EG_INTERNAL);
	assert_string_equal(why, cases[5].why);         /* the first by name */
	arena_free(a);
}

static void
lists_and_objects_are_not_printed(void **state)
{
	struct arena *a = arena_new();
	json_object *view = json_new_object(a);
	const char *why;

	json_add_object(view, "list", json_new_array(a));
	json_add_object(view, "object", json_new_object(a));
	for (const char **text = (const char *[]){ "{{list}}", "{{object}}", "{{.}}", NULL }; *text != NULL; text++) {
		struct template_node *t;
		struct buf out;

		buf_init(&out, a, 0);
		assert_int_equal(template_compile(a, *text, strlen(*text), &t, &why), EG_OK);
		assert_int_equal(template_run(t, view, &out), EG_INTERNAL);
	}
	arena_free(a);
}

static const struct {
	double value;
	const char *text;
} doubles[] = {
	{ 0.0, "0" }, { 2.0, "2" }, { -3.0, "-3" }, { 1e15, "1000000000000000" }, { 1e20, "100000000000000000000" },
	{ 1e21, "1e+21" },
	{ 0.1 + 0.2, "0.30000000000000004" }, { 99.95, "99.95" }, { 1.0 / 3.0, "0.3333333333333333" },
	{ __builtin_nan(""), "" }, { __builtin_inf(), "" },
};

static void
decimals_are_short(void **state)
{
	struct arena *a = arena_new();
	struct template_node *t;
	const char *why;

	assert_int_equal(template_compile(a, "{{n}}", 5, &t, &why), EG_OK);
	for (size_t i = 0; i < EG_COUNT(doubles); i++) {
		json_object *view = json_new_object(a);
		struct buf out;

		buf_init(&out, a, 0);
		json_object_object_add(view, "n", json_object_new_double(doubles[i].value));
		assert_int_equal(template_run(t, view, &out), EG_OK);
		assert_string_equal(out.data, doubles[i].text);
	}
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(renders_as_mustache_does),
		cmocka_unit_test(partials_of_the_table_are_the_ones_here),
		cmocka_unit_test(refuses_what_is_no_template),
		cmocka_unit_test(ends_where_the_text_ends),
		cmocka_unit_test(sections_are_bounded),
		cmocka_unit_test(pages_and_partials_are_assets),
		cmocka_unit_test(holes_are_found_before_a_visitor_does),
		cmocka_unit_test(lists_and_objects_are_not_printed),
		cmocka_unit_test(decimals_are_short),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
