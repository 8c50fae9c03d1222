/* SPDX-License-Identifier: GPL-3.0-or-later */
/* token lists: exact totals with every filter, newest first, and nothing of another tenant (E7, E8, K22, T7). */
#include "model/change.h"
#include "model/token_record.h"
#include "site.h"

#define NOW 2000000000
#define DAY 86400

static struct customer_row shop, club;
static struct uuid event;

static const struct sample {
	const char *name;
	bool of_club, of_event;
	struct token_row row;
} samples[] = {
	{ "Website", false, false, { .is_active = true } },
	{ "Landing page", false, false, { .is_active = true, .expires_at = NOW + 14 * DAY } },
	{ "Shop", false, false, { .is_active = true, .expires_at = NOW + 14 * DAY + 1 } },
	{ "Old campaign", false, false, { .is_active = true, .expires_at = NOW } },
	{ "Paused", false, false, { .is_active = false } },
	{ "Paused, ends soon", false, false, { .is_active = false, .expires_at = NOW + 1 } },
	{ "Moving", false, false, { .is_active = true, .previous = { { .valid_until = NOW + 1 } },
	    .expires_at = NOW + 1 } },
	{ "Moved", false, false, { .is_active = true, .previous = { { .valid_until = NOW } } } },
	{ "Leaked website", false, false, { .is_active = true, .revoked_at = NOW - 5 } },
	{ "Conference", false, true, { .is_active = true } },
	{ "Conference, before", false, true, { .is_active = true, .revoked_at = NOW - 1 } },
	{ "Club website", true, false, { .is_active = true } },
	{ "Club, gone", true, false, { .is_active = true, .revoked_at = NOW - 1 } },
};

static eg_err
put_samples(struct store_tx *tx, struct arena *a, void *arg)
{
	struct store_record rec = { .kind = 'e', .id = event, .lists = { shop.id, shop.partner_id } };

	rec.doc = json_new_object(a);
	EG_TRY(store_tx_put(tx, &rec));
	for (size_t i = 0; i < EG_COUNT(samples); i++) {
		struct token_row row = samples[i].row;
		const struct customer_row *customer = samples[i].of_club ? &club : &shop;

		row.name = samples[i].name;
		row.customer_id = customer->id;
		row.partner_id = customer->partner_id;
		row.event_id = samples[i].of_event ? event : uuid_nil;
		row.issue[0] = (uint8_t)i;
		EG_TRY(uuid_make(&row.id));
		token_encode(a, &row, &rec);
		EG_TRY(store_tx_put(tx, &rec));
	}
	return EG_OK;
}

static int
setup(void **state)
{
	site_setup(state);
	shop = site_customer(&site.scope, "Shop");
	club = site_customer(&site.scope, "Club");
	assert_int_equal(uuid_make(&event), EG_OK);
	assert_int_equal(change_run(&site.sv, site.arena, &anna, "test", NULL, put_samples, NULL), EG_OK);
	return 0;
}

/* The names, one behind the other. */
static const char *
names(const struct scope *s, const struct token_filter *filter, size_t *total)
{
	const char *text = "";
	struct token_row *rows;
	size_t count;

	assert_int_equal(token_list(&site.sv, site.arena, s, filter, NOW, &rows, &count, total), EG_OK);
	assert_true(count <= filter->limit);
	for (size_t i = 0; i < count; i++)
		text = arena_printf(site.arena, "%s%s%s", text, i == 0 ? "" : "|", rows[i].name);
	return text;
}

static void
filters(void **state)
{
	char prefix[EMBED_TOKEN_PREFIX_SIZE];
	const struct {
		const char *title;
		struct token_filter filter;
		size_t total;
		const char *want;
	} cases[] = {
		{ "a customer's, all", { .customer_id = shop.id, .page = 1, .limit = 3 }, 11,
		    "Conference, before|Conference|Leaked website" },
		{ "said so", { .customer_id = shop.id, .status = "all", .page = 4, .limit = 3 }, 11,
		    "Landing page|Website" },
		{ "behind the end", { .customer_id = shop.id, .page = 5, .limit = 3 }, 11, "" },
		{ "active with rotating", { .customer_id = shop.id, .status = "active", .page = 1, .limit = 9 }, 6,
		  "Conference|Moved|Moving|Shop|Landing page|Website" },
		{ "their second page", { .customer_id = shop.id, .status = "active", .page = 2, .limit = 4 }, 6,
		    "Landing page|Website" },
		{ "disabled", { .customer_id = shop.id, .status = "disabled", .page = 1, .limit = 9 }, 2,
		    "Paused, ends soon|Paused" },
		{ "rotating", { .customer_id = shop.id, .status = "rotating", .page = 1, .limit = 9 }, 1, "Moving" },
		{ "expired", { .customer_id = shop.id, .status = "expired", .page = 1, .limit = 9 }, 1, "Old campaign" },
		{ "revoked", { .customer_id = shop.id, .status = "revoked", .page = 1, .limit = 9 }, 2,
		    "Conference, before|Leaked website" },
		{ "expiring", { .customer_id = shop.id, .status = "expiring", .page = 1, .limit = 9 }, 2,
		    "Moving|Landing page" },
		{ "no such status", { .customer_id = shop.id, .status = "dead", .page = 1, .limit = 9 }, 0, "" },
		{ "by label", { .customer_id = shop.id, .search = "WEB", .page = 1, .limit = 9 }, 2,
		    "Leaked website|Website" },
		{ "by label and status", { .customer_id = shop.id, .status = "active", .search = "web", .page = 1,
		    .limit = 9 }, 1, "Website" },
		{ "by prefix", { .customer_id = shop.id, .search = prefix, .page = 1, .limit = 9 }, 1, "Paused" },
		{ "of an event", { .event_id = event, .page = 1, .limit = 1 }, 2, "Conference, before" },
		{ "of an event, active", { .event_id = event, .status = "active", .page = 1, .limit = 9 }, 1,
		    "Conference" },
		{ "of an event and its customer", { .event_id = event, .customer_id = shop.id, .page = 1, .limit = 9 }, 2,
		  "Conference, before|Conference" },
		{ "of an event and another customer", { .event_id = event, .customer_id = club.id, .page = 1,
		    .limit = 9 }, 0, "" },
		{ "a partner's, all", { .page = 1, .limit = 2 }, 13, "Club, gone|Club website" },
		{ "a partner's, by label", { .search = "website", .page = 1, .limit = 2 }, 3,
		    "Club website|Leaked website" },
		{ "a partner's, revoked", { .status = "revoked", .page = 2, .limit = 2 }, 3, "Leaked website" },
		{ "no filter but empty texts", { .status = "", .search = "", .page = 1, .limit = 1 }, 13, "Club, gone" },
	};

	embed_token_prefix((const uint8_t[]){ 4, 0, 0, 0, 0 }, prefix);
	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		size_t total;
		const char *got = names(&site.scope, &cases[i].filter, &total);

		if (total != cases[i].total || strcmp(got, cases[i].want) != 0)
			fail_msg("%s: %zu, %s", cases[i].title, total, got);
	}
}

static void
scopes(void **state)
{
	const struct scope club_scope = { .partner_id = club.partner_id, .customer_id = club.id };
	const struct scope everybody = { .partner_id = uuid_nil };
	const struct token_filter all = { .page = 1, .limit = 50 };
	const struct token_filter active = { .status = "active", .page = 1, .limit = 1 };
	const struct token_filter of_shop = { .customer_id = shop.id, .page = 1, .limit = 50 };
	const struct token_filter of_event = { .event_id = event, .page = 1, .limit = 50 };
	const struct token_filter of_nothing = { .event_id = shop.id, .page = 1, .limit = 50 };
	struct token_row *rows;
	size_t count, total;

	assert_string_equal(names(&club_scope, &all, &total), "Club, gone|Club website");
	assert_int_equal(total, 2);
	assert_string_equal(names(&club_scope, &active, &total), "Club website");
	assert_int_equal(total, 1);
	assert_string_equal(names(&site.other_scope, &all, &total), "");
	assert_int_equal(total, 0);
	assert_string_equal(names(&site.other_scope, &active, &total), "");
	assert_int_equal(total, 0);
	assert_int_equal(token_list(&site.sv, site.arena, &club_scope, &of_shop, NOW, &rows, &count, &total), EG_NOTFOUND);
	assert_int_equal(token_list(&site.sv, site.arena, &club_scope, &of_event, NOW, &rows, &count, &total), EG_NOTFOUND);
	assert_int_equal(token_list(&site.sv, site.arena, &site.other_scope, &of_shop, NOW, &rows, &count, &total),
	    EG_NOTFOUND);
	assert_int_equal(token_list(&site.sv, site.arena, &site.other_scope, &of_event, NOW, &rows, &count, &total),
	    EG_NOTFOUND);
	assert_int_equal(token_list(&site.sv, site.arena, &site.scope, &of_nothing, NOW, &rows, &count, &total),
	    EG_NOTFOUND);
	names(&everybody, &all, &total);
	assert_int_equal(total, 13);
	assert_string_equal(names(&everybody, &active, &total), "Club website");
	assert_int_equal(total, 7);
}

/* A walk takes several steps; what comes in meanwhile is neither counted twice nor shifts what is counted. */
struct crowd {
	struct uuid customer_id;
	size_t first, count;
};

static eg_err
put_crowd(struct store_tx *tx, struct arena *a, void *arg)
{
	const struct crowd *c = arg;

	for (size_t i = 0; i < c->count; i++) {
		struct token_row row = { .customer_id = c->customer_id, .partner_id = site.partner.id, .is_active = true };
		struct store_record rec;

		row.name = arena_printf(a, "Token %zu", c->first + i);
		EG_TRY(uuid_make(&row.id));
		token_encode(a, &row, &rec);
		EG_TRY(store_tx_put(tx, &rec));
	}
	return EG_OK;
}

static void
long_lists(void **state)
{
	struct crowd crowd = { .customer_id = site_customer(&site.scope, "Crowd").id, .count = 500 };
	const struct token_filter first = { .customer_id = crowd.customer_id, .status = "active", .page = 1, .limit = 2 },
	    last = { .customer_id = crowd.customer_id, .status = "active", .page = 334, .limit = 3 },
	    some = { .customer_id = crowd.customer_id, .search = "token 99", .page = 2, .limit = 10 };
	size_t total;

	assert_int_equal(change_run(&site.sv, site.arena, &anna, "test", NULL, put_crowd, &crowd), EG_OK);
	crowd.first = 500;
	assert_int_equal(change_run(&site.sv, site.arena, &anna, "test", NULL, put_crowd, &crowd), EG_OK);
	assert_string_equal(names(&site.scope, &first, &total), "Token 999|Token 998");
	assert_int_equal(total, 1000);
	assert_string_equal(names(&site.scope, &last, &total), "Token 0");
	assert_int_equal(total, 1000);
	assert_string_equal(names(&site.scope, &some, &total), "Token 99");
	assert_int_equal(total, 11);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(filters, site_each),
		cmocka_unit_test_setup(scopes, site_each),
		cmocka_unit_test_setup(long_lists, site_each),
	};

	return cmocka_run_group_tests(tests, setup, site_teardown);
}
