/* SPDX-License-Identifier: GPL-3.0-or-later */
/* activity: finding who did what, and never what another tenant did (T7, K28). */
#include "site.h"

#include "model/activity.h"

static const struct {
	const char *name;
	struct activity_filter filter;
	size_t total;
} cases[] = {
	{ "everything", { NULL, NULL }, 4 },
	{ "empty texts are none", { "", "" }, 4 },
	{ "about tokens", { "embed_token.", NULL }, 3 },
	{ "about customers", { "customer.", NULL }, 1 },
	{ "about nothing there is", { "agent.", NULL }, 0 },
	{ "a person, in any case", { NULL, "ANNA@acme" }, 4 },
	{ "a thing", { NULL, "second" }, 1 },
	{ "both", { "customer.", "second" }, 0 },
	{ "a wildcard is none", { NULL, "%" }, 0 },
};

static void
what_the_filter_leaves_is_counted(void **state)
{
	struct customer_row acme = site_customer(&site.scope, "Acme");
	struct activity_row *rows;
	size_t count, total;

	site_token(&acme, "First");
	site_token(&acme, "Second");
	site_token(&acme, "Third");
	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		print_message("  %s\n", cases[i].name);
		assert_int_equal(activity_find(&site.sv, site.arena, &site.scope, &acme.id, &cases[i].filter, 1, 50, &rows, &count,
		    &total), EG_OK);
		assert_int_equal(total, cases[i].total);
		assert_int_equal(count, cases[i].total);
	}
}

static void
pages_are_newest_first(void **state)
{
	const struct activity_filter filters[] = { { NULL, NULL }, { "embed_token.", NULL } };
	struct customer_row acme = site_customer(&site.scope, "Acme");
	struct activity_row *rows;
	size_t count, total;

	site_token(&acme, "First");
	site_token(&acme, "Second");
	site_token(&acme, "Third");
	for (size_t i = 0; i < EG_COUNT(filters); i++) {
		assert_int_equal(activity_find(&site.sv, site.arena, &site.scope, &acme.id, &filters[i], 1, 2, &rows, &count, &total),
		    EG_OK);
		assert_int_equal(count, 2);
		assert_string_equal(rows[0].target_name, "Third");
		assert_string_equal(rows[1].target_name, "Second");
		assert_int_equal(activity_find(&site.sv, site.arena, &site.scope, &acme.id, &filters[i], 2, 2, &rows, &count, &total),
		    EG_OK);
		assert_string_equal(rows[0].target_name, "First");
		assert_int_equal(activity_find(&site.sv, site.arena, &site.scope, &acme.id, &filters[i], 9, 2, &rows, &count, &total),
		    EG_OK);
		assert_int_equal(count, 0);
	}
}

static void
another_tenants_rows_are_not_found(void **state)
{
	const struct activity_filter all = { NULL, NULL }, tokens = { "embed_token.", NULL };
	struct customer_row acme = site_customer(&site.scope, "Acme"), globex = site_customer(&site.scope, "Globex");
	const struct scope one = { .partner_id = site.partner.id, .customer_id = globex.id };
	struct activity_row *rows;
	size_t count, total;

	site_token(&acme, "First");
	const struct activity_filter *filters[] = { &all, &tokens };
	for (size_t i = 0; i < EG_COUNT(filters); i++) {
		assert_int_equal(activity_find(&site.sv, site.arena, &site.other_scope, &acme.id, filters[i], 1, 50, &rows, &count,
		    &total), EG_NOTFOUND);
		assert_int_equal(activity_find(&site.sv, site.arena, &one, &acme.id, filters[i], 1, 50, &rows, &count, &total),
		    EG_NOTFOUND);
		assert_int_equal(activity_find(&site.sv, site.arena, &one, &site.partner.id, filters[i], 1, 50, &rows, &count, &total),
		    EG_NOTFOUND);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_filter_leaves_is_counted),
		cmocka_unit_test(pages_are_newest_first),
		cmocka_unit_test(another_tenants_rows_are_not_found),
	};
	return cmocka_run_group_tests(tests, site_setup, site_teardown);
}
