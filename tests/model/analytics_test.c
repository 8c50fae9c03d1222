/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums of usage: every token of the scope once, revoked ones too, nobody else's. K30. */
#include "site.h"

#include "model/analytics.h"

#define MORE_THAN_A_PAGE 260
#define DAY 86400

static int64_t now_s;

static struct usage_view
usage_of(const struct uuid *partner_id, const struct uuid *customer_id)
{
	const struct scope s = { .partner_id = *partner_id, .customer_id = customer_id == NULL ? uuid_nil : *customer_id };
	struct usage_view sum;

	assert_int_equal(analytics_usage(&site.sv, &s, now_s, &sum), EG_OK);
	return sum;
}

static void
use(const struct token_row *t, enum usage_what what, int64_t at_s, const char *origin)
{
	usage_count(site.sv.usage, t->slot, &t->id, what, at_s, origin, false);
}

static void
nothing_is_zero_on_each_of_thirty_days(void **state)
{
	struct customer_row quiet = site_customer(&site.scope, "Quiet");
	struct usage_view sum = usage_of(&site.partner.id, &quiet.id);

	assert_int_equal(sum.loads, 0);
	assert_int_equal(sum.last_used_at_s, 0);
	for (size_t d = 0; d < USAGE_DAYS; d++) {
		assert_int_equal(sum.day[d], clock_day(now_s) - (USAGE_DAYS - 1) + d);
		assert_int_equal(sum.day_loads[d] + sum.day_requests[d] + sum.day_refused[d], 0);
	}
}

static void
adds_up_tokens_of_the_scope_only(void **state)
{
	struct customer_row acme = site_customer(&site.scope, "Acme"), sibling = site_customer(&site.scope, "Sibling");
	struct customer_row foreign = site_customer(&site.other_scope, "Foreign");
	struct token_row web = site_token(&acme, "Web"), gone = site_token(&acme, "Gone"), row;
	struct token_row beside = site_token(&sibling, "Beside"), abroad = site_token(&foreign, "Abroad");

	use(&web, USAGE_LOAD, now_s - DAY, "https://a.example");
	use(&web, USAGE_REQUEST, now_s, NULL);
	use(&gone, USAGE_LOAD, now_s - 2, "https://b.example");
	usage_refused(site.sv.usage, gone.slot, &gone.id, now_s, "origin_not_allowed", "https://evil.example");
	use(&beside, USAGE_LOAD, now_s, NULL);
	use(&abroad, USAGE_LOAD, now_s, NULL);
	assert_int_equal(token_revoke(&site.sv, site.arena, &site.scope, &anna, &gone.id, &row), EG_OK);

	struct usage_view sum = usage_of(&site.partner.id, &acme.id);
	assert_int_equal(sum.loads, 2);
	assert_int_equal(sum.requests, 1);
	assert_int_equal(sum.refused, 1);
	assert_int_equal(sum.day_loads[USAGE_DAYS - 1], 1);
	assert_int_equal(sum.day_loads[USAGE_DAYS - 2], 1);
	assert_int_equal(sum.day_requests[USAGE_DAYS - 1], 1);
	assert_int_equal(sum.last_used_at_s, now_s);
	assert_string_equal(sum.refused_code, "origin_not_allowed");
	assert_string_equal(sum.refused_origin, "https://evil.example");

	assert_int_equal(usage_of(&site.partner.id, NULL).loads, 3);
	assert_int_equal(usage_of(&site.other.id, NULL).loads, 1);
}

static void
reads_every_page_of_a_long_list(void **state)
{
	struct customer_row many = site_customer(&site.scope, "Many");

	for (size_t i = 0; i < MORE_THAN_A_PAGE; i++) {
		struct token_row t = site_token(&many, "T");
		use(&t, USAGE_LOAD, now_s, NULL);
	}
	assert_int_equal(usage_of(&site.partner.id, &many.id).loads, MORE_THAN_A_PAGE);
}

#define CASE(fn) cmocka_unit_test_setup(fn, site_each)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(nothing_is_zero_on_each_of_thirty_days), CASE(adds_up_tokens_of_the_scope_only), CASE(reads_every_page_of_a_long_list),
	};

	now_s = clock_now_s();
	return cmocka_run_group_tests(tests, site_setup, site_teardown);
}
