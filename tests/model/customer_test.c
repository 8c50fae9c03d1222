/* SPDX-License-Identifier: GPL-3.0-or-later */
/* customer: creating, changing, finding, and never seeing another tenant's (K2, P4, A3, T7). */
#include "site.h"

#define TEN(x) x x x x x x x x x x
#define EMOJI "\xf0\x9f\x8e\x89"

static eg_err
create(const struct scope *s, const struct customer_new *in, struct faults *f, struct customer_row *out)
{
	faults_init(f, site.arena);
	return customer_create(&site.sv, site.arena, s, &anna, in, f, out, NULL);
}

static eg_err
update(const struct uuid *id, const struct customer_patch *patch, struct faults *f, struct customer_row *out)
{
	faults_init(f, site.arena);
	return customer_update(&site.sv, site.arena, &site.scope, &anna, id, patch, f, out);
}

static void
what_is_made_is_read(void **state)
{
	const struct customer_new in = { .name = "  Shop <script> " TEN(EMOJI), .email = "info@shop.example",
	    .external_id = "shop-1",
		.features = FEATURE_EMBED | FEATURE_API };
	int64_t before = clock_now_s();
	struct customer_row made, read;
	struct faults f;
	size_t total;

	assert_int_equal(create(&site.scope, &in, &f, &made), EG_OK);
	assert_int_equal(customer_get(&site.sv, site.arena, &site.scope, &made.id, &read), EG_OK);
	assert_string_equal(read.name, "Shop <script> " TEN(EMOJI));
	assert_string_equal(read.email, "info@shop.example");
	assert_string_equal(read.external_id, "shop-1");
	assert_true(uuid_equal(&read.partner_id, &site.partner.id));
	assert_true(read.has_portal_access);
	assert_false(read.is_disabled);
	assert_int_equal(read.features, FEATURE_EMBED | FEATURE_API);
	assert_true(uuid_is_nil(&read.primary_token_id));
	assert_true(read.created_at >= before && read.created_at <= clock_now_s());
	assert_true(read.ring != 0 && read.ring == made.ring);
	assert_string_equal(json_text(site.arena, customer_view(site.arena, &read), NULL),
	    json_text(site.arena, customer_view(site.arena, &made), NULL));
	site_assert_members(customer_view(site.arena, &read),
	    "id partner_id name email external_id status portal_access features created_at updated_at");
	assert_string_equal(site_last_activity(&site.scope, &made.id, &total),
	    arena_printf(site.arena, "customer.create|%s||anna@acme.example", read.name));
	assert_int_equal(total, 1);
}

static void
faults_are_told_at_once(void **state)
{
	const struct customer_new in = { .name = " ", .email = "shop", .external_id = TEN(TEN("abc")) };
	struct customer_row row;
	struct faults f;

	assert_int_equal(create(&site.scope, &in, &f, &row), EG_INVALID);
	assert_int_equal(f.count, 3);
	assert_fault(&f, "name: Enter 1 to 100");
	assert_fault(&f, "email: Enter a mail address");
	assert_fault(&f, "external_id: Shorten");
	assert_int_equal(create(&site.scope, &(struct customer_new){ .name = "x", .external_id = TEN(TEN(EMOJI)) }, &f,
	    &row), EG_INVALID);
	assert_fault(&f, "external_id: Shorten this to at most 255 bytes");
}

/* A form that is sent twice carries the same id. */
static void
the_same_id_makes_one(void **state)
{
	struct customer_new in = { .name = "Twice", .features = FEATURE_ALL, .external_id = "twice" };
	struct customer_row first, second;
	struct faults f;
	size_t total;

	assert_int_equal(uuid_make(&in.id), EG_OK);
	assert_int_equal(create(&site.scope, &in, &f, &first), EG_OK);
	assert_true(uuid_equal(&first.id, &in.id));
	in.name = "Other name";
	assert_int_equal(create(&site.scope, &in, &f, &second), EG_EXISTS);
	assert_string_equal(second.name, "Twice");
	site_last_activity(&site.scope, &first.id, &total);
	assert_int_equal(total, 1);
	/* Another partner neither learns of it nor replaces it. */
	second.name = NULL;
	assert_int_equal(create(&site.other_scope, &in, &f, &second), EG_CONFLICT);
	assert_null(second.name);
	assert_int_equal(customer_get(&site.sv, site.arena, &site.scope, &in.id, &first), EG_OK);
	assert_true(uuid_equal(&first.partner_id, &site.partner.id));
}

static void
external_ids_are_of_one_partner(void **state)
{
	const struct customer_new in = { .name = "A", .external_id = "same" };
	const struct customer_new other = { .name = "B", .external_id = "free" };
	const struct customer_patch take = { .set_external_id = true, .external_id = "same" };
	const struct customer_patch drop = { .set_external_id = true };
	struct customer_row a, b, foreign;
	struct faults f;

	assert_int_equal(create(&site.scope, &in, &f, &a), EG_OK);
	assert_int_equal(create(&site.other_scope, &in, &f, &foreign), EG_OK);
	assert_int_equal(create(&site.scope, &in, &f, &b), EG_INVALID);
	assert_fault(&f, "external_id: Another customer has this external id");
	assert_int_equal(create(&site.scope, &other, &f, &b), EG_OK);
	assert_int_equal(update(&b.id, &take, &f, &b), EG_INVALID);
	assert_fault(&f, "external_id: Another customer has this external id");
	assert_int_equal(update(&a.id, &drop, &f, &a), EG_OK);
	assert_null(a.external_id);
	assert_int_equal(update(&b.id, &take, &f, &b), EG_OK);
	assert_string_equal(b.external_id, "same");
	assert_int_equal(create(&site.scope, &(struct customer_new){ .name = "C", .external_id = "free" }, &f, &a), EG_OK);
}

static void
patch_changes_what_it_names(void **state)
{
	struct customer_row made = site_customer(&site.scope, "Before"), row;
	struct faults f;
	size_t total;

	assert_int_equal(update(&made.id, &(struct customer_patch){ .set_disabled = true, .is_disabled = true,
	    .name = "ignored" }, &f, &row), EG_OK);
	assert_string_equal(row.name, "Before");
	assert_true(row.is_disabled);
	assert_string_equal(json_get_str(customer_view(site.arena, &row), "status"), "disabled");
	assert_string_equal(site_last_activity(&site.scope, &made.id, &total),
	    "customer.update|Before|Disabled.|anna@acme.example");
	assert_int_equal(update(&made.id, &(struct customer_patch){ .set_name = true, .name = "After",
	    .set_portal_access = true,
	    .features = { .off = FEATURE_EVENTS } }, &f, &row), EG_OK);
	assert_string_equal(site_last_activity(&site.scope, &made.id, &total),
	    "customer.update|After|Name changed. Portal access off. Feature events off.|anna@acme.example");
	assert_int_equal(total, 3);
	/* What is as it was is no change. */
	assert_int_equal(update(&made.id, &(struct customer_patch){ .set_name = true, .name = " After ",
	    .set_disabled = true, .is_disabled = true }, &f, &row), EG_OK);
	site_last_activity(&site.scope, &made.id, &total);
	assert_int_equal(total, 3);
	assert_int_equal(customer_get(&site.sv, site.arena, &site.scope, &made.id, &row), EG_OK);
	assert_string_equal(row.name, "After");
	assert_true(row.is_disabled);
	assert_false(row.has_portal_access);
	assert_int_equal(row.features, FEATURE_ALL & ~(unsigned)FEATURE_EVENTS);
	assert_true(row.ring == made.ring);
	assert_int_equal(update(&made.id, &(struct customer_patch){ .set_name = true }, &f, &row), EG_INVALID);
	assert_fault(&f, "name: Enter");
}

/* T7: each row of the table is a caller; only the first two see the customer. */
static void
scopes(void **state)
{
	struct customer_row own = site_customer(&site.scope, "Own"), sibling = site_customer(&site.scope, "Sibling");
	const struct {
		const char *who;
		struct scope scope;
		eg_err want;
	} cases[] = {
		{ "everybody", { .partner_id = uuid_nil }, EG_OK },
		{ "its partner", site.scope, EG_OK },
		{ "itself", { .partner_id = site.partner.id, .customer_id = own.id }, EG_OK },
		{ "a sibling", { .partner_id = site.partner.id, .customer_id = sibling.id }, EG_NOTFOUND },
		{ "another partner", site.other_scope, EG_NOTFOUND },
		{ "itself under another partner", { .partner_id = site.other.id, .customer_id = own.id }, EG_NOTFOUND },
	};
	const struct customer_patch patch = { .set_name = true, .name = "Own" };

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		const struct customer_filter all = { .page = 1, .limit = 100, .search = "Own" };
		struct customer_row *list, row;
		struct activity_row *rows;
		size_t count, total;
		struct faults f;

		faults_init(&f, site.arena);
		if (customer_get(&site.sv, site.arena, &cases[i].scope, &own.id, &row) != cases[i].want ||
		    customer_update(&site.sv, site.arena, &cases[i].scope, &anna, &own.id, &patch, &f,
		    &row) != cases[i].want ||
		    activity_list(&site.sv, site.arena, &cases[i].scope, &own.id, 1, 10, &rows, &count,
		    &total) != cases[i].want)
			fail_msg("%s", cases[i].who);
		if (customer_list(&site.sv, site.arena, &cases[i].scope, &all, &list, &count, &total) == EG_OK &&
		    (count == 1) != (cases[i].want == EG_OK))
			fail_msg("the list of %s", cases[i].who);
	}
	/* A partner's own activity holds rows of all its customers, also where the newest is the caller's. */
	{
		const struct customer_patch rename = { .set_name = true, .name = "Own, renamed" };
		struct activity_row *rows;
		struct customer_row row;
		size_t count, total;
		struct faults f;

		assert_int_equal(update(&own.id, &rename, &f, &row), EG_OK);
		assert_int_equal(activity_list(&site.sv, site.arena, &cases[2].scope, &site.partner.id, 1, 1, &rows,
		    &count, &total), EG_NOTFOUND);
		assert_int_equal(activity_list(&site.sv, site.arena, &site.other_scope, &site.partner.id, 1, 10, &rows,
		    &count, &total), EG_NOTFOUND);
		assert_int_equal(activity_list(&site.sv, site.arena, &site.scope, &site.partner.id, 1, 10, &rows,
		    &count, &total), EG_OK);
		assert_true(count == 10 && total > 10);
	}
	/* Nobody who is bound to one customer makes another. */
	{
		const struct customer_new in = { .name = "New" };
		struct customer_row row;
		struct faults f;

		assert_int_equal(create(&cases[2].scope, &in, &f, &row), EG_NOTFOUND);
		assert_int_equal(create(&cases[0].scope, &in, &f, &row), EG_NOTFOUND);
	}
}

/* ---- lists ---- */

static struct partner_row crowd;
static struct scope crowd_scope;

static size_t
list(const struct customer_filter *filter, size_t *total)
{
	struct customer_row *rows;
	size_t count;

	assert_int_equal(customer_list(&site.sv, site.arena, &crowd_scope, filter, &rows, &count, total), EG_OK);
	for (size_t i = 0; i < count; i++) {
		assert_non_null(rows[i].name);
		assert_true(uuid_equal(&rows[i].partner_id, &crowd.id));
	}
	return count;
}

static void
lists(void **state)
{
	static const struct {
		const char *title;
		struct customer_filter filter;
		size_t count, total;
	} cases[] = {
		{ "all, first page",        { .page = 1, .limit = 100 },                              100, 600 },
		{ "all, last page",         { .page = 7, .limit = 90 },                                60, 600 },
		{ "behind the last page",   { .page = 8, .limit = 90 },                                 0, 600 },
		{ "far behind",             { .page = 1000000, .limit = 100 },                          0, 600 },
		{ "by a part of the name",  { .search = "customer 59", .page = 1, .limit = 5 },         5, 11 },
		{ "second page of these",   { .search = "customer 59", .page = 2, .limit = 5 },         5, 11 },
		{ "third page of these",    { .search = "customer 59", .page = 3, .limit = 5 },         1, 11 },
		{ "by mail address",        { .search = "C7@CROWD", .page = 1, .limit = 5 },            1, 1 },
		{ "by external id",         { .search = "ext-00600", .page = 1, .limit = 5 },           1, 1 },
		{ "by nothing there is",    { .search = "zebra", .page = 1, .limit = 5 },               0, 0 },
		{ "active",                 { .status = "active", .page = 1, .limit = 100 },          100, 598 },
		{ "disabled",               { .status = "disabled", .page = 1, .limit = 100 },          2, 2 },
		{ "disabled and by name",   { .status = "disabled", .search = "r 5", .page = 1, .limit = 9 }, 1, 1 },
		{ "no such status",         { .status = "gone", .page = 1, .limit = 100 },              0, 0 },
	};
	struct customer_row *rows;
	size_t count, total;

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		count = list(&cases[i].filter, &total);
		if (count != cases[i].count || total != cases[i].total)
			fail_msg("%s: %zu of %zu", cases[i].title, count, total);
	}
	/* Newest first, with and without a filter. */
	assert_int_equal(customer_list(&site.sv, site.arena, &crowd_scope, &(struct customer_filter){ .page = 1,
	    .limit = 2 }, &rows, &count, &total), EG_OK);
	assert_string_equal(rows[0].name, "Customer 600");
	assert_string_equal(rows[1].name, "Customer 599");
	assert_int_equal(customer_list(&site.sv, site.arena, &crowd_scope,
	    &(struct customer_filter){ .search = "Customer 1", .page = 1, .limit = 2 }, &rows, &count, &total), EG_OK);
	assert_string_equal(rows[0].name, "Customer 199");
	assert_int_equal(total, 111);
}


/* Many at once, as no function of the model makes them. */
static eg_err
put_crowd(struct store_tx *tx, struct arena *a, void *arg)
{
	for (size_t i = 1; i <= 600; i++) {
		struct store_record rec = { .kind = 'c', .lists = { crowd.id } };
		bool is_disabled = i == 5 || i == 13;

		EG_TRY(uuid_make(&rec.id));
		rec.doc = json_new_object(a);
		json_add_str(rec.doc, "name", arena_printf(a, "Customer %zu", i));
		json_add_str(rec.doc, "email", arena_printf(a, "c%zu@crowd.example", i));
		json_add_str(rec.doc, "external", arena_printf(a, "EXT-%05zu", i));
		if (is_disabled)
			json_add_bool(rec.doc, "disabled", true);
		EG_TRY(store_tx_put(tx, &rec));
	}
	return EG_OK;
}

static int
setup(void **state)
{
	const struct store_cause cause = { .actor = "test", .action = "crowd" };

	site_setup(state);
	crowd = site_partner("Crowd", "owner@crowd.example");
	crowd_scope = (struct scope){ .partner_id = crowd.id };
	assert_int_equal(store_change(site.sv.store, site.arena, &cause, put_crowd, NULL), EG_OK);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_is_made_is_read, site_each),
		cmocka_unit_test_setup(faults_are_told_at_once, site_each),
		cmocka_unit_test_setup(the_same_id_makes_one, site_each),
		cmocka_unit_test_setup(external_ids_are_of_one_partner, site_each),
		cmocka_unit_test_setup(patch_changes_what_it_names, site_each),
		cmocka_unit_test_setup(scopes, site_each),
		cmocka_unit_test_setup(lists, site_each),
	};

	return cmocka_run_group_tests(tests, setup, site_teardown);
}
