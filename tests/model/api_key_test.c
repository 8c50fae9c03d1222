/* SPDX-License-Identifier: GPL-3.0-or-later */
/* api_key: four kinds, shown once, found by their text, rotated, revoked for good (P2, P5 to P9, A2). */
#include "model/api_key.h"
#include "site.h"

static eg_err
create(const struct scope *s, const struct key_new *in, struct faults *f, struct key_row *out, char text[API_KEY_SIZE])
{
	faults_init(f, site.arena);
	return key_create(&site.sv, site.arena, s, &anna, in, f, out, text);
}

static void
what_is_made_is_found_by_its_text(void **state)
{
	const struct key_new in = { .name = "N8N Production", .type = API_KEY_PARTNER, .expires_at = clock_now_s() + 60 };
	char text[API_KEY_SIZE], wrong[API_KEY_SIZE];
	struct key_row made, found;
	struct faults f;
	bool old_text = true;
	const char *view;
	size_t total;

	assert_int_equal(create(&site.scope, &in, &f, &made, text), EG_OK);
	assert_int_equal(strlen(text), API_KEY_LEN);
	assert_memory_equal(text, "egp_", 4);
	assert_int_equal(key_find(&site.sv, site.arena, text, &found, &old_text), EG_OK);
	assert_false(old_text);
	assert_true(uuid_equal(&found.id, &made.id));
	assert_true(uuid_equal(&found.partner_id, &site.partner.id));
	assert_int_equal(found.type, API_KEY_PARTNER);
	assert_true(found.slot != 0);
	assert_string_equal(found.created_by, "anna@acme.example");
	assert_int_equal(api_key_make(API_KEY_PARTNER, wrong), EG_OK);
	assert_int_equal(key_find(&site.sv, site.arena, wrong, &found, &old_text), EG_NOTFOUND);
	site_assert_members(key_view(&site.sv, site.arena, &made, clock_now_s()),
	    "id name type prefix customer_id partner_id status "
	    "created_at created_by last_used_at expires_at rotated_at previous_valid_until revoked_at");
	view = json_text(site.arena, key_view(&site.sv, site.arena, &made, clock_now_s()), NULL);
	assert_null(strstr(view, text + 10));
	assert_non_null(strstr(view, arena_printf(site.arena, "\"prefix\":\"%.10s...\"", text)));
	assert_string_equal(site_last_activity(&site.scope, &made.id, &total),
	    "api_key.create|N8N Production|partner|anna@acme.example");
	usage_count(site.sv.usage, made.slot, &made.id, USAGE_REQUEST, 1790000000, NULL, false);
	assert_string_equal(json_get_str(key_view(&site.sv, site.arena, &made, 1790000000), "last_used_at"),
	    "2026-09-21T14:13:20Z");
}

static void
the_same_id_makes_one(void **state)
{
	struct key_new in = { .name = "Once", .type = API_KEY_PARTNER }, other;
	char text[API_KEY_SIZE], again[API_KEY_SIZE] = "x";
	struct key_row made, found;
	struct faults f;
	bool old_text;

	assert_int_equal(uuid_make(&in.id), EG_OK);
	assert_int_equal(create(&site.scope, &in, &f, &made, text), EG_OK);
	assert_true(uuid_equal(&made.id, &in.id));
	other = in;
	other.name = "Twice";
	assert_int_equal(create(&site.scope, &other, &f, &found, again), EG_EXISTS);
	assert_string_equal(found.name, "Once");
	assert_string_equal(again, "");
	assert_int_equal(key_find(&site.sv, site.arena, text, &found, &old_text), EG_OK);
	assert_int_equal(create(&site.other_scope, &in, &f, &found, again), EG_CONFLICT);
}

static void
of_two_who_rotate_the_same_text_one_does(void **state)
{
	const struct key_new in = { .name = "K", .type = API_KEY_PARTNER };
	char text[API_KEY_SIZE], first[API_KEY_SIZE], second[API_KEY_SIZE] = "x";
	struct key_row made, after, found;
	struct faults f;
	bool old_text;

	assert_int_equal(create(&site.scope, &in, &f, &made, text), EG_OK);
	assert_int_equal(key_rotate_from(&site.sv, site.arena, &site.scope, &anna, &made.id, made.prefix, 60, &f, &after, first),
	    EG_OK);
	assert_int_equal(key_rotate_from(&site.sv, site.arena, &site.scope, &anna, &made.id, made.prefix, 60, &f, &found, second),
	    EG_EXISTS);
	assert_string_equal(second, "");
	assert_string_equal(found.prefix, after.prefix);
	assert_int_equal(key_find(&site.sv, site.arena, text, &found, &old_text), EG_OK);
	assert_true(old_text);
	assert_int_equal(key_find(&site.sv, site.arena, first, &found, &old_text), EG_OK);
	assert_false(old_text);
}

static void
kinds_and_their_customer(void **state)
{
	struct uuid none = uuid_nil, own = site_customer(&site.scope, "Own").id,
	    foreign = site_customer(&site.other_scope, "Foreign").id;
	const struct {
		const char *title;
		enum api_key_type type;
		const struct uuid *customer;
		eg_err want;
		const char *fault;
	} cases[] = {
		{ "partner", API_KEY_PARTNER, &none, EG_OK, "" },
		{ "partner, with a customer", API_KEY_PARTNER, &own, EG_INVALID, "customer_id: Leave" },
		{ "customer", API_KEY_CUSTOMER, &own, EG_OK, "" },
		{ "customer, without one", API_KEY_CUSTOMER, &none, EG_INVALID, "customer_id: Name" },
		{ "customer, a foreign one", API_KEY_CUSTOMER, &foreign, EG_NOTFOUND, "" },
		{ "read-only", API_KEY_READ_ONLY, &none, EG_OK, "" },
		{ "read-only, of a customer", API_KEY_READ_ONLY, &own, EG_OK, "" },
		{ "webhook", API_KEY_WEBHOOK, &none, EG_OK, "" },
		{ "webhook, with a customer", API_KEY_WEBHOOK, &own, EG_INVALID, "customer_id: Leave" },
		{ "no kind", 0, &none, EG_INVALID, "type: Choose" },
		{ "no such kind", 5, &none, EG_INVALID, "type: Choose" },
	};

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		const struct key_new in = { .name = "x", .type = cases[i].type, .customer_id = *cases[i].customer };
		char text[API_KEY_SIZE];
		struct key_row row;
		struct faults f;
		eg_err e = create(&site.scope, &in, &f, &row, text);

		if (e != cases[i].want || strncmp(site_faults(&f), cases[i].fault, strlen(cases[i].fault)) != 0 ||
		    (e == EG_OK) != (*text != '\0') || (e == EG_OK && !uuid_equal(&row.customer_id, cases[i].customer)))
			fail_msg("%s: %s %s", cases[i].title, eg_err_name(e), site_faults(&f));
	}
	for (enum api_key_type t = API_KEY_PARTNER; t <= API_KEY_WEBHOOK; t++)
		assert_int_equal(key_type_by_name(key_type_name(t)), t);
	assert_int_equal(key_type_by_name("admin"), 0);
}

static void
status_on_both_sides_of_each_boundary(void **state)
{
	static const struct key_row
	    active = { 0 },
	    ends = { .expires_at = 1000 },
	    rotating = { .previous_valid_until = 500, .expires_at = 1000 },
	    revoked = { .revoked_at = 1, .expires_at = 1000, .previous_valid_until = 500 };
	static const struct {
		const struct key_row *key;
		int64_t now_s;
		const char *want;
	} cases[] = {
		{ &active,   0,         "active"   },
		{ &active,   INT64_MAX, "active"   },
		{ &ends,     999,       "active"   },
		{ &ends,     1000,      "expired"  },
		{ &rotating, 499,       "rotating" },
		{ &rotating, 500,       "active"   },
		{ &rotating, 1000,      "expired"  },
		{ &revoked,  0,         "revoked"  },
		{ &revoked,  2000,      "revoked"  },
	};

	for (size_t i = 0; i < EG_COUNT(cases); i++)
		assert_string_equal(key_status(cases[i].key, cases[i].now_s), cases[i].want);
}

static void
expiry_lies_ahead(void **state)
{
	struct key_new in = { .name = "x", .type = API_KEY_PARTNER };
	char text[API_KEY_SIZE];
	struct key_row row;
	struct faults f;

	in.expires_at = clock_now_s() - 1;
	assert_int_equal(create(&site.scope, &in, &f, &row, text), EG_INVALID);
	assert_fault(&f, "expires_at: Choose a time in the future");
	in.expires_at = clock_now_s() + 5;
	assert_int_equal(create(&site.scope, &in, &f, &row, text), EG_OK);
}

static void
revoked_for_good_and_only_by_its_own(void **state)
{
	struct customer_row customer = site_customer(&site.scope, "Bound");
	const struct scope bound = { .partner_id = site.partner.id, .customer_id = customer.id };
	const struct key_new in = { .name = "Key", .type = API_KEY_CUSTOMER, .customer_id = customer.id };
	char text[API_KEY_SIZE];
	struct key_row made, row, *rows;
	size_t count, total, before;
	struct faults f;
	bool old_text;
	int64_t revoked_at;

	assert_int_equal(create(&bound, &in, &f, &made, text), EG_NOTFOUND);
	assert_int_equal(create(&site.scope, &in, &f, &made, text), EG_OK);
	assert_int_equal(key_get(&site.sv, site.arena, &site.other_scope, &made.id, &row), EG_NOTFOUND);
	assert_int_equal(key_revoke(&site.sv, site.arena, &site.other_scope, &anna, &made.id, &row), EG_NOTFOUND);
	assert_int_equal(key_get(&site.sv, site.arena, &bound, &made.id, &row), EG_OK);
	assert_int_equal(key_list(&site.sv, site.arena, &bound, 1, 10, &rows, &count, &total), EG_OK);
	assert_int_equal(count, 1);
	assert_true(uuid_equal(&rows[0].id, &made.id));
	assert_int_equal(key_list(&site.sv, site.arena, &site.other_scope, 1, 10, &rows, &count, &total), EG_OK);
	assert_int_equal(total, 0);
	assert_int_equal(key_list(&site.sv, site.arena, &site.scope, 1, 10, &rows, &count, &total), EG_OK);
	assert_true(uuid_equal(&rows[0].id, &made.id));
	assert_int_equal(key_revoke(&site.sv, site.arena, &site.scope, &anna, &made.id, &row), EG_OK);
	revoked_at = row.revoked_at;
	assert_true(revoked_at >= made.created_at);
	site_last_activity(&site.scope, &made.id, &before);
	assert_int_equal(key_revoke(&site.sv, site.arena, &site.scope, &anna, &made.id, &row), EG_OK);
	assert_true(row.revoked_at == revoked_at);
	site_last_activity(&site.scope, &made.id, &total);
	assert_int_equal(total, before);
	/* Still found, so that the caller is told "revoked" and not "unknown". */
	assert_int_equal(key_find(&site.sv, site.arena, text, &row, &old_text), EG_OK);
	assert_string_equal(key_status(&row, clock_now_s()), "revoked");
}

/* ---- changing ---- */

static struct key_row
made(const char *name, int64_t expires_at, char text[API_KEY_SIZE])
{
	const struct key_new in = { .name = name, .type = API_KEY_PARTNER, .expires_at = expires_at };
	struct key_row row;
	struct faults f;

	assert_int_equal(create(&site.scope, &in, &f, &row, text), EG_OK);
	return row;
}

static void
patched_is_only_what_differs(void **state)
{
	const int64_t later = clock_now_s() + 1000;
	const struct key_patch rename = { .set_name = true, .name = "  CRM  " },
	    expire = { .set_expires_at = true, .expires_at = later },
	    both = { .set_name = true, .name = "Back", .set_expires_at = true },
	    wrong = { .set_name = true, .name = "", .set_expires_at = true, .expires_at = clock_now_s() };
	struct customer_row customer = site_customer(&site.scope, "Bound");
	const struct scope bound = { .partner_id = site.partner.id, .customer_id = customer.id };
	char text[API_KEY_SIZE];
	struct key_row row = made("Key", 0, text), found;
	size_t before, total;
	struct faults f;
	bool old_text;

	faults_init(&f, site.arena);
	assert_int_equal(key_update(&site.sv, site.arena, &site.scope, &anna, &row.id, &rename, &f, &row), EG_OK);
	assert_string_equal(row.name, "CRM");
	assert_string_equal(site_last_activity(&site.scope, &row.id, &before), "api_key.update|CRM|Name changed.|anna@acme.example");
	assert_int_equal(key_update(&site.sv, site.arena, &site.scope, &anna, &row.id, &rename, &f, &row), EG_OK);
	site_last_activity(&site.scope, &row.id, &total);
	assert_int_equal(total, before);
	assert_int_equal(key_update(&site.sv, site.arena, &site.scope, &anna, &row.id, &expire, &f, &row), EG_OK);
	assert_int_equal(row.expires_at, later);
	assert_string_equal(row.name, "CRM");
	assert_int_equal(key_update(&site.sv, site.arena, &site.scope, &anna, &row.id, &both, &f, &row), EG_OK);
	assert_int_equal(row.expires_at, 0);
	assert_string_equal(site_last_activity(&site.scope, &row.id, &total),
	    "api_key.update|Back|Name changed. Expiry changed.|anna@acme.example");
	assert_int_equal(key_find(&site.sv, site.arena, text, &found, &old_text), EG_OK);

	assert_int_equal(key_update(&site.sv, site.arena, &site.scope, &anna, &row.id, &wrong, &f, &row), EG_INVALID);
	assert_fault(&f, "name: Enter");
	assert_fault(&f, "expires_at: Choose a time in the future");
	faults_init(&f, site.arena);
	assert_int_equal(key_update(&site.sv, site.arena, &site.other_scope, &anna, &row.id, &rename, &f, &found), EG_NOTFOUND);
	assert_int_equal(key_update(&site.sv, site.arena, &bound, &anna, &row.id, &rename, &f, &found), EG_NOTFOUND);
	assert_int_equal(key_revoke(&site.sv, site.arena, &site.scope, &anna, &row.id, &row), EG_OK);
	assert_int_equal(key_update(&site.sv, site.arena, &site.scope, &anna, &row.id, &rename, &f, &found), EG_CONFLICT);
}

static eg_err
rotate(const struct scope *s, const struct uuid *id, int64_t overlap_s, struct key_row *out, char text[API_KEY_SIZE])
{
	struct faults f;

	faults_init(&f, site.arena);
	return key_rotate(&site.sv, site.arena, s, &anna, id, overlap_s, &f, out, text);
}

/* P9: the newest text and the one before are known, and which of both it was; an older one is nobody's. */
static void
rotated_keeps_its_id_and_knows_two_texts(void **state)
{
	char texts[3][API_KEY_SIZE];
	struct key_row row = made("Key", 0, texts[0]), found;
	struct uuid id = row.id;
	bool old_text;

	usage_count(site.sv.usage, row.slot, &row.id, USAGE_REQUEST, 1790000000, NULL, false);
	assert_int_equal(rotate(&site.scope, &id, 3600, &row, texts[1]), EG_OK);
	assert_true(uuid_equal(&row.id, &id));
	assert_memory_equal(texts[1], "egp_", 4);
	assert_string_equal(row.prefix, arena_printf(site.arena, "%.10s...", texts[1]));
	assert_int_equal(row.previous_valid_until, row.rotated_at + 3600);
	assert_string_equal(key_status(&row, row.rotated_at + 3599), "rotating");
	assert_string_equal(key_status(&row, row.rotated_at + 3600), "active");
	assert_string_equal(json_get_str(key_view(&site.sv, site.arena, &row, 1790000000), "last_used_at"),
	    "2026-09-21T14:13:20Z");
	assert_string_equal(site_last_activity(&site.scope, &id, &(size_t){ 0 }),
	    "api_key.rotate|Key|The old text is good for 3600 more seconds.|anna@acme.example");
	assert_int_equal(key_find(&site.sv, site.arena, texts[0], &found, &old_text), EG_OK);
	assert_true(old_text);
	assert_true(uuid_equal(&found.id, &id));
	assert_int_equal(key_find(&site.sv, site.arena, texts[1], &found, &old_text), EG_OK);
	assert_false(old_text);

	assert_int_equal(rotate(&site.scope, &id, 0, &row, texts[2]), EG_OK);
	assert_int_equal(row.previous_valid_until, row.rotated_at);
	assert_string_equal(site_last_activity(&site.scope, &id, &(size_t){ 0 }),
	    "api_key.rotate|Key|The old text is dead.|anna@acme.example");
	assert_int_equal(key_find(&site.sv, site.arena, texts[0], &found, &old_text), EG_NOTFOUND);
	assert_int_equal(key_find(&site.sv, site.arena, texts[1], &found, &old_text), EG_OK);
	assert_true(old_text);
	assert_int_equal(key_find(&site.sv, site.arena, texts[2], &found, &old_text), EG_OK);
	assert_false(old_text);
}

static void
rotation_is_refused_where_it_makes_no_sense(void **state)
{
	static const struct {
		int64_t overlap_s;
		eg_err want;
	} overlaps[] = { { -1, EG_INVALID }, { 0, EG_OK }, { KEY_OVERLAP_MAX_S, EG_OK }, { KEY_OVERLAP_MAX_S + 1, EG_INVALID } };
	char text[API_KEY_SIZE];
	struct key_row row = made("Key", 0, text), out, ends = made("Ends", clock_now_s() + 1, text);
	struct customer_row customer = site_customer(&site.scope, "Bound");
	const struct scope bound = { .partner_id = site.partner.id, .customer_id = customer.id };

	for (size_t i = 0; i < EG_COUNT(overlaps); i++) {
		assert_int_equal(rotate(&site.scope, &row.id, overlaps[i].overlap_s, &out, text), overlaps[i].want);
		assert_int_equal(*text != '\0', overlaps[i].want == EG_OK);
	}
	assert_int_equal(rotate(&site.other_scope, &row.id, 0, &out, text), EG_NOTFOUND);
	assert_int_equal(rotate(&bound, &row.id, 0, &out, text), EG_NOTFOUND);
	assert_int_equal(key_revoke(&site.sv, site.arena, &site.scope, &anna, &row.id, &out), EG_OK);
	assert_int_equal(rotate(&site.scope, &row.id, 0, &out, text), EG_CONFLICT);
	assert_string_equal(text, "");
	while (clock_now_s() < ends.expires_at)
		usleep(20000);
	assert_int_equal(rotate(&site.scope, &ends.id, 0, &out, text), EG_CONFLICT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_is_made_is_found_by_its_text, site_each),
		cmocka_unit_test_setup(the_same_id_makes_one, site_each),
		cmocka_unit_test_setup(of_two_who_rotate_the_same_text_one_does, site_each),
		cmocka_unit_test_setup(kinds_and_their_customer, site_each),
		cmocka_unit_test_setup(status_on_both_sides_of_each_boundary, site_each),
		cmocka_unit_test_setup(expiry_lies_ahead, site_each),
		cmocka_unit_test_setup(revoked_for_good_and_only_by_its_own, site_each),
		cmocka_unit_test_setup(patched_is_only_what_differs, site_each),
		cmocka_unit_test_setup(rotated_keeps_its_id_and_knows_two_texts, site_each),
		cmocka_unit_test_setup(rotation_is_refused_where_it_makes_no_sense, site_each),
	};

	return cmocka_run_group_tests(tests, site_setup, site_teardown);
}
