/* SPDX-License-Identifier: GPL-3.0-or-later */
/* token: states, changes and who sees them. (Lists: token_list_test.c; two at once: token_race_test.c.) */
#include "model/agent.h"
#include "model/change.h"
#include "model/records.h"
#include "model/token_record.h"
#include "site.h"

static struct customer_row customer;

/* A clean customer for each test. */
static int
each(void **state)
{
	arena_reset(site.arena);
	customer = site_customer(&site.scope, "Acme");
	return 0;
}

/* ---- a token as no function of the model makes it, for what only time makes ---- */

static eg_err
put_row(struct store_tx *tx, struct arena *a, void *arg)
{
	struct store_record rec;

	token_encode(a, arg, &rec);
	return store_tx_put(tx, &rec);
}

static void
put_token(struct token_row *row)
{
	assert_int_equal(change_run(&site.sv, site.arena, &anna, "test", NULL, put_row, row), EG_OK);
}

static eg_err
create(const struct token_new *in, struct faults *f, struct token_row *out, char text[EMBED_TOKEN_SIZE])
{
	faults_init(f, site.arena);
	return token_create(&site.sv, site.arena, &site.scope, &anna, in, f, out, text);
}

static eg_err
update(const struct token_row *t, const struct token_patch *patch, struct faults *f, struct token_row *out)
{
	faults_init(f, site.arena);
	return token_update(&site.sv, site.arena, &site.scope, &anna, &t->id, patch, f, out);
}

static eg_err
rotate(const struct token_row *t, int64_t overlap_s, struct faults *f, struct token_row *out, char text[EMBED_TOKEN_SIZE])
{
	faults_init(f, site.arena);
	return token_rotate(&site.sv, site.arena, &site.scope, &anna, &t->id, overlap_s, f, out, text);
}

static struct token_row
read_token(const struct uuid *id)
{
	struct token_row row;

	assert_int_equal(token_get(&site.sv, site.arena, &site.scope, id, &row), EG_OK);
	return row;
}

/* Which token and which of its texts is this? */
static void
assert_text_of(const char *text, const struct token_row *t, enum token_purpose purpose)
{
	struct embed_token parts;

	assert_int_equal(embed_token_parse(site.sv.tokens, text, strlen(text), &parts), EG_OK);
	assert_true(uuid_equal(&parts.id, &t->id));
	assert_memory_equal(parts.issue, t->issue, sizeof(t->issue));
	assert_int_equal(parts.purpose, purpose);
}

/* ---- states ---- */

static void
status_on_both_sides_of_each_boundary(void **state)
{
	const struct token_row
	    active = { .is_active = true },
	    paused = { .is_active = false },
	    ends = { .is_active = true, .expires_at = 1000 },
	    paused_ends = { .expires_at = 1000 },
	    rotating = { .is_active = true, .previous = { { .valid_until = 500 } }, .expires_at = 1000 },
	    rotating_twice = { .is_active = true, .previous = { { .valid_until = 100 }, { .valid_until = 500 } } },
	    paused_rotating = { .previous = { { .valid_until = 500 } } },
	    revoked = { .is_active = true, .revoked_at = 10, .expires_at = 1000, .previous = { { .valid_until = 500 } } };
	const struct {
		const char *title;
		const struct token_row *token;
		int64_t now_s;
		const char *want;
	} cases[] = {
		{ "never ends (A22)", &active, INT64_MAX, "active" },
		{ "paused", &paused, 0, "disabled" },
		{ "last good second", &ends, 999, "active" },
		{ "first dead second", &ends, 1000, "expired" },
		{ "paused, then expired", &paused_ends, 999, "disabled" },
		{ "expired over paused", &paused_ends, 1000, "expired" },
		{ "last second of the overlap (K25)", &rotating, 499, "rotating" },
		{ "overlap over", &rotating, 500, "active" },
		{ "an earlier text works longer than the last", &rotating_twice, 499, "rotating" },
		{ "all overlaps over", &rotating_twice, 500, "active" },
		{ "expired over rotating", &rotating, 1000, "expired" },
		{ "paused over rotating", &paused_rotating, 499, "disabled" },
		{ "revoked", &revoked, 10, "revoked" },
		{ "revoked over rotating", &revoked, 499, "revoked" },
		{ "revoked over expired", &revoked, 1000, "revoked" },
	};

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		const char *got = token_status_name(token_status(cases[i].token, cases[i].now_s));

		if (strcmp(got, cases[i].want) != 0)
			fail_msg("%s: %s", cases[i].title, got);
	}
}

static void
records_round_trip(void **state)
{
	static const char *const origins[] = { "https://a.example", "https://*.b.example" };
	struct token_row in = {
		.partner_id = site.partner.id,
		.customer_id = customer.id,
		.agent_id = { { 9 } },
		.agent_number = 42,
		.name = "All fields",
		.permissions = PERM_ALL,
		.origins = origins,
		.origin_count = 2,
		.issue = { 1, 2, 3, 4, 5 },
		.issued_at = 11,
		.previous = { { { 5, 4, 3, 2, 1 }, 12 }, { { 6 }, 19 }, { { 7 }, 18 }, { { 8, 9 }, 20 } },
		.is_active = true,
		.is_primary = true,
		.created_by = "x",
		.revoked_by = "y",
		.created_at = 13,
		.updated_at = 14,
		.expires_at = 15,
		.rotated_at = 16,
		.revoked_at = 17,
	};
	struct token_row out;

	assert_int_equal(uuid_make(&in.id), EG_OK);
	put_token(&in);
	out = read_token(&in.id);
	assert_string_equal(out.name, in.name);
	assert_string_equal(out.origins[0], origins[0]);
	assert_string_equal(out.origins[1], origins[1]);
	assert_string_equal(out.created_by, "x");
	assert_string_equal(out.revoked_by, "y");
	out.name = in.name;
	out.origins = in.origins;
	out.created_by = in.created_by;
	out.revoked_by = in.revoked_by;
	assert_memory_equal(&out, &in, sizeof(in));
}

/* Where a record knew one earlier text. */
static void
older_records_are_read(void **state)
{
	struct store_record rec = { .kind = 't' };
	struct token_row row;

	rec.doc = site_json("{\"name\":\"Old\",\"issue\":\"AQIDBAU\",\"previous\":\"BQQDAgE\",\"previous_until\":12,\"active\":true}");
	assert_int_equal(token_decode(site.arena, &rec, &row), EG_OK);
	assert_int_equal(token_text_end(&row, (const uint8_t[]){ 1, 2, 3, 4, 5 }), 0);
	assert_int_equal(token_text_end(&row, (const uint8_t[]){ 5, 4, 3, 2, 1 }), 12);
	assert_int_equal(token_text_end(&row, (const uint8_t[]){ 0, 0, 0, 0, 0 }), -1);
	assert_int_equal(token_previous_valid_until(&row), 12);
}

/* ---- creating ---- */

/* E9 to E13, K8 to K12: what is asked for is kept, and the text is told once. */
static void
what_is_made_is_read(void **state)
{
	struct token_new in = { .customer_id = customer.id, .name = " Web <b>site</b> ", .set_permissions = true,
		.permissions = PERM_API_READ | PERM_DASHBOARD_READ };
	struct token_row made, read;
	char text[EMBED_TOKEN_SIZE];
	json_object *view;
	struct faults f;
	size_t total;

	in.allowed_origins = site_json("[\"https://Shop.Example/cart\", \"*.acme.example\", \"shop.example\"]");
	in.expires_at = clock_now_s() + 100;
	assert_int_equal(create(&in, &f, &made, text), EG_OK);
	assert_text_of(text, &made, TOKEN_EMBED);
	read = read_token(&made.id);
	assert_text_of(text, &read, TOKEN_EMBED);
	assert_true(uuid_equal(&read.customer_id, &customer.id));
	assert_true(uuid_equal(&read.partner_id, &site.partner.id));
	assert_true(read.slot != 0);
	assert_int_equal(token_previous_valid_until(&read), 0);
	assert_true(read.issued_at == read.created_at);
	view = token_view(&site.sv, site.arena, &read, clock_now_s());
	site_assert_members(view,
	    "id customer_id partner_id event_id agent_id name prefix status is_active is_primary permissions "
	    "allowed_origins usage_count request_count refused_count last_used_at last_used_origin last_refused created_at created_by "
	    "expires_at rotated_at previous_valid_until revoked_at revoked_by");
	assert_string_equal(json_get_str(view, "name"), "Web <b>site</b>");
	assert_string_equal(json_get_str(view, "status"), "active");
	assert_string_equal(json_get_str(view, "created_by"), "anna@acme.example");
	assert_true(json_get_bool(view, "is_active", false));
	assert_false(json_get_bool(view, "is_primary", true));
	assert_true(json_get_time(view, "expires_at") == in.expires_at);
	assert_string_equal(json_text(site.arena, json_get_array(view, "permissions"), NULL),
	    "[\"dashboard:read\",\"api:read\"]");
	assert_string_equal(json_text(site.arena, json_get_array(view, "allowed_origins"), NULL),
	    "[\"https://shop.example\",\"https://*.acme.example\"]");
	assert_true(json_get_int(view, "usage_count", -1) == 0);
	assert_null(json_get_object(view, "last_refused"));
	assert_null(strstr(json_text(site.arena, view, NULL), text + 12));
	assert_memory_equal(json_get_str(view, "prefix"), text, 10);
	assert_string_equal(json_get_str(view, "prefix") + 10, "...");
	assert_string_equal(site_last_activity(&site.scope, &made.id, &total),
	    "embed_token.create|Web <b>site</b>||anna@acme.example");
	assert_int_equal(total, 1);
}

/* E5, K21: what happened to it is in its view. */
static void
usage_is_in_the_view(void **state)
{
	struct token_row t = site_token(&customer, "Used");
	int64_t now_s = clock_now_s();
	json_object *view, *refused;

	usage_count(site.sv.usage, t.slot, &t.id, USAGE_LOAD, now_s - 2, "https://a.example", false);
	usage_count(site.sv.usage, t.slot, &t.id, USAGE_REQUEST, now_s - 1, NULL, false);
	usage_count(site.sv.usage, t.slot, &t.id, USAGE_REQUEST, now_s, "https://b.example", false);
	usage_refused(site.sv.usage, t.slot, &t.id, now_s - 1, "origin_not_allowed", "https://evil.example");
	view = token_view(&site.sv, site.arena, &t, now_s);
	assert_true(json_get_int(view, "usage_count", -1) == 1);
	assert_true(json_get_int(view, "request_count", -1) == 2);
	assert_true(json_get_int(view, "refused_count", -1) == 1);
	assert_true(json_get_time(view, "last_used_at") == now_s);
	assert_string_equal(json_get_str(view, "last_used_origin"), "https://b.example");
	refused = json_get_object(view, "last_refused");
	site_assert_members(refused, "at code origin");
	assert_true(json_get_time(refused, "at") == now_s - 1);
	assert_string_equal(json_get_str(refused, "code"), "origin_not_allowed");
	assert_string_equal(json_get_str(refused, "origin"), "https://evil.example");
}

static void
faults_of_creation(void **state)
{
	const int64_t now_s = clock_now_s();
	const struct {
		const char *title;
		const char *origins;
		struct token_new in;
		const char *want;
	} cases[] = {
		{ "no name", "[]", { .customer_id = customer.id }, "name: Enter 1 to 100" },
		{ "no subject", "[]", { .name = "x" }, "customer_id: Name the customer" },
		{ "no permission", "[]", { .customer_id = customer.id, .name = "x", .set_permissions = true },
		    "permissions: Choose" },
		{ "past expiry", "[]", { .customer_id = customer.id, .name = "x", .expires_at = now_s - 1 },
		    "expires_at: Choose a time in the future" },
		{ "a bad site", "[\"https://a.example\", \"ftp://b.example\"]", { .customer_id = customer.id, .name = "x" },
		  "allowed_origins[1]: " },
		{ "no text", "[5]", { .customer_id = customer.id, .name = "x" },
		    "allowed_origins[0]: Give a site as text" },
		{ "no array", "\"https://a.example\"", { .customer_id = customer.id, .name = "x" },
		    "allowed_origins: Give an array" },
	};
	struct token_row row;
	char text[EMBED_TOKEN_SIZE];
	struct faults f;

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		struct token_new in = cases[i].in;

		in.allowed_origins = site_json(cases[i].origins);
		if (create(&in, &f, &row, text) != EG_INVALID || f.count != 1 || *text != '\0' ||
		    strstr(site_faults(&f), cases[i].want) == NULL)
			fail_msg("%s: %s", cases[i].title, site_faults(&f));
	}
	/* "Not found" comes before what else is wrong. */
	assert_int_equal(create(&(struct token_new){ .customer_id = site_customer(&site.other_scope, "Foreign").id },
	    &f, &row, text), EG_NOTFOUND);
	assert_int_equal(create(&(struct token_new){ .event_id = customer.id, .name = "x" }, &f, &row, text), EG_NOTFOUND);
	assert_int_equal(create(&(struct token_new){ .agent = "4711", .name = "x" }, &f, &row, text), EG_NOTFOUND);
}

static json_object *
sites(size_t n)
{
	json_object *array = json_new_array(site.arena);

	for (size_t i = 0; i < n; i++)
		json_push_str(array, arena_printf(site.arena, "https://s%zu.example", i));
	json_push_str(array, "https://S0.example/");     /* the first once more: does not count */
	return array;
}

static void
at_most_32_sites(void **state)
{
	struct token_new in = { .customer_id = customer.id, .name = "x", .allowed_origins = sites(32) };
	struct token_row row;
	char text[EMBED_TOKEN_SIZE];
	struct faults f;

	assert_int_equal(create(&in, &f, &row, text), EG_OK);
	assert_int_equal(row.origin_count, 32);
	in.allowed_origins = sites(33);
	assert_int_equal(create(&in, &f, &row, text), EG_INVALID);
	assert_fault(&f, "allowed_origins: Give at most 32");
}

static void
sites_may_be_required(void **state)
{
	struct token_new in = { .customer_id = customer.id, .name = "x" };
	const struct customer_new with_primary = { .name = "x", .wants_primary_token = true };
	struct token_row row, living = site_token(&customer, "x");
	struct customer_row made;
	char text[EMBED_TOKEN_SIZE];
	struct faults f;

	site.sv.config.require_origins = true;
	assert_int_equal(create(&in, &f, &row, text), EG_INVALID);
	assert_fault(&f, "allowed_origins: Name at least one site");
	assert_int_equal(update(&living, &(struct token_patch){ .set_origins = true,
	    .allowed_origins = site_json("[]") }, &f, &row), EG_INVALID);
	faults_init(&f, site.arena);
	assert_int_equal(customer_create(&site.sv, site.arena, &site.scope, &anna, &with_primary, &f, &made, text),
	    EG_INVALID);
	assert_fault(&f, "allowed_origins: Name at least one site");
	assert_int_equal(token_primary_renew(&site.sv, site.arena, &site.scope, &anna, &customer.id, &row, text),
	    EG_CONFLICT);
	in.allowed_origins = site_json("[\"a.example\"]");
	assert_int_equal(create(&in, &f, &row, text), EG_OK);
	site.sv.config.require_origins = false;
	in.allowed_origins = NULL;
	assert_int_equal(create(&in, &f, &row, text), EG_OK);
}

/* K3, K4 */
static void
the_customer_must_be_in_good_standing(void **state)
{
	const struct token_new in = { .customer_id = customer.id, .name = "x" };
	struct token_row row;
	char text[EMBED_TOKEN_SIZE];
	struct customer_row c;
	struct faults f;

	faults_init(&f, site.arena);
	assert_int_equal(customer_update(&site.sv, site.arena, &site.scope, &anna, &customer.id,
	    &(struct customer_patch){ .set_portal_access = true }, &f, &c), EG_OK);
	assert_int_equal(create(&in, &f, &row, text), EG_INVALID);
	assert_fault(&f, "customer_id: Portal access of this customer is off");
	faults_init(&f, site.arena);
	assert_int_equal(customer_update(&site.sv, site.arena, &site.scope, &anna, &customer.id,
	    &(struct customer_patch){ .set_portal_access = true, .has_portal_access = true, .set_disabled = true,
	    .is_disabled = true }, &f, &c), EG_OK);
	assert_int_equal(create(&in, &f, &row, text), EG_INVALID);
	assert_fault(&f, "customer_id: This customer is disabled");
}

/* A form sent twice makes one token, and tells the text once (K8). */
static void
the_same_id_makes_one(void **state)
{
	struct token_new in = { .customer_id = customer.id, .name = "Once" };
	struct token_row first, second;
	char text[EMBED_TOKEN_SIZE];
	struct faults f;
	size_t total;

	assert_int_equal(uuid_make(&in.id), EG_OK);
	assert_int_equal(create(&in, &f, &first, text), EG_OK);
	assert_true(uuid_equal(&first.id, &in.id));
	in.name = "Twice";
	assert_int_equal(create(&in, &f, &second, text), EG_EXISTS);
	assert_string_equal(text, "");
	assert_string_equal(second.name, "Once");
	assert_memory_equal(second.issue, first.issue, sizeof(first.issue));
	site_last_activity(&site.scope, &first.id, &total);
	assert_int_equal(total, 1);
	faults_init(&f, site.arena);
	in.customer_id = site_customer(&site.other_scope, "Foreign").id;
	assert_int_equal(token_create(&site.sv, site.arena, &site.other_scope, &anna, &in, &f, &second, text), EG_CONFLICT);
	assert_string_equal(read_token(&in.id).name, "Once");
}

/* An event or an agent brings its customer, and the permissions of its kind (K9, E10). */
static eg_err
put_subject(struct store_tx *tx, struct arena *a, void *arg)
{
	struct store_record *rec = arg;

	rec->doc = json_new_object(a);
	return store_tx_put(tx, rec);
}

static void
subjects(void **state)
{
	struct store_record event = { .kind = 'e', .lists = { customer.id, site.partner.id } };
	struct agent_row agent;
	struct customer_row sibling = site_customer(&site.scope, "Sibling");
	struct token_row row;
	char text[EMBED_TOKEN_SIZE], agent_id[UUID_TEXT_SIZE];
	json_object *view;
	struct faults f;

	assert_int_equal(uuid_make(&event.id), EG_OK);
	assert_int_equal(change_run(&site.sv, site.arena, &anna, "test", NULL, put_subject, &event), EG_OK);
	faults_init(&f, site.arena);
	assert_int_equal(agent_create(&site.sv, site.arena, &site.scope, &anna,
	    &(struct agent_new){ .customer_id = customer.id, .name = "Agent" }, &f, &agent), EG_OK);

	assert_int_equal(create(&(struct token_new){ .event_id = event.id, .name = "x" }, &f, &row, text), EG_OK);
	row = read_token(&row.id);
	assert_true(uuid_equal(&row.customer_id, &customer.id));
	assert_true(uuid_equal(&row.event_id, &event.id));
	assert_int_equal(row.permissions, PERM_EVENTS_READ | PERM_EVENTS_REGISTER);

	uuid_format(&agent.id, agent_id);
	for (size_t i = 0; i < 2; i++) {
		const char *name = i == 0 ? agent_id : arena_printf(site.arena, "%lld", (long long)agent.number);

		assert_int_equal(create(&(struct token_new){ .agent = name, .customer_id = customer.id, .name = "x" }, &f,
		    &row, text), EG_OK);
		row = read_token(&row.id);
		assert_true(uuid_equal(&row.agent_id, &agent.id));
		assert_true(uuid_is_nil(&row.event_id));
		assert_true(row.agent_number == agent.number);
		assert_int_equal(row.permissions, PERM_AGENTS_READ);
	}
	view = token_view(&site.sv, site.arena, &row, clock_now_s());
	assert_non_null(json_get_str(view, "agent_id"));
	assert_null(json_get_str(view, "event_id"));

	assert_int_equal(create(&(struct token_new){ .event_id = event.id, .customer_id = sibling.id, .name = "x" }, &f,
	    &row, text), EG_INVALID);
	assert_fault(&f, "customer_id: The event or agent belongs to another customer");
	assert_int_equal(create(&(struct token_new){ .customer_id = customer.id, .name = "x" }, &f, &row, text), EG_OK);
	assert_int_equal(row.permissions, PERM_DASHBOARD_READ);
	faults_init(&f, site.arena);
	assert_int_equal(token_create(&site.sv, site.arena, &site.other_scope, &anna,
	    &(struct token_new){ .event_id = event.id, .name = "x" }, &f, &row, text), EG_NOTFOUND);
}

/* ---- changing ---- */

/* E14: name, sites, switch, expiry; never the text. */
static void
patch_changes_what_it_names(void **state)
{
	struct token_row made = site_token(&customer, "Before"), row;
	struct faults f;
	size_t total;

	assert_int_equal(update(&made, &(struct token_patch){ .set_name = true, .name = "After", .set_active = true },
	    &f, &row), EG_OK);
	assert_string_equal(site_last_activity(&site.scope, &made.id, &total),
	    "embed_token.update|After|Label changed. Paused.|anna@acme.example");
	assert_int_equal(token_status(&row, clock_now_s()), TOKEN_DISABLED);
	assert_false(json_get_bool(token_view(&site.sv, site.arena, &row, clock_now_s()), "is_active", true));
	assert_int_equal(update(&made, &(struct token_patch){ .set_active = true, .is_active = true, .set_origins = true,
	    .allowed_origins = site_json("[\"a.example\"]"), .set_expires_at = true, .expires_at = clock_now_s() + 9 },
	    &f, &row), EG_OK);
	assert_string_equal(site_last_activity(&site.scope, &made.id, &total),
	    "embed_token.update|After|Allowed sites changed. Expiry changed. Switched on.|anna@acme.example");
	assert_int_equal(total, 3);
	/* What is as it was is no change. */
	assert_int_equal(update(&made, &(struct token_patch){ .set_active = true, .is_active = true, .set_name = true,
	    .name = "After ",
	    .set_origins = true, .allowed_origins = site_json("[\"https://A.example:443\"]") }, &f, &row), EG_OK);
	site_last_activity(&site.scope, &made.id, &total);
	assert_int_equal(total, 3);
	row = read_token(&made.id);
	assert_memory_equal(row.issue, made.issue, sizeof(made.issue));
	assert_string_equal(row.origins[0], "https://a.example");
	assert_int_equal(row.slot, made.slot);
	assert_string_equal(row.created_by, "anna@acme.example");
	assert_int_equal(update(&made, &(struct token_patch){ .set_name = true, .name = "", .set_expires_at = true,
	    .expires_at = 1 }, &f, &row), EG_INVALID);
	assert_int_equal(f.count, 2);
	assert_int_equal(update(&made, &(struct token_patch){ .set_expires_at = true }, &f, &row), EG_OK);
	assert_true(row.expires_at == 0);
}

/* E4, E14, E15, K22: there is no way back. */
static void
revoked_is_final(void **state)
{
	struct token_row made = site_token(&customer, "Gone"), row;
	const struct token_patch revive = { .set_active = true, .is_active = true }, nothing = { 0 };
	char text[EMBED_TOKEN_SIZE];
	struct faults f;
	size_t total;

	assert_int_equal(token_revoke(&site.sv, site.arena, &site.scope, &anna, &made.id, &row), EG_OK);
	assert_int_equal(token_status(&row, clock_now_s()), TOKEN_REVOKED);
	assert_string_equal(row.revoked_by, "anna@acme.example");
	assert_string_equal(site_last_activity(&site.scope, &made.id, &total),
	    "embed_token.revoke|Gone||anna@acme.example");
	assert_int_equal(token_revoke(&site.sv, site.arena, &site.scope, &anna, &made.id, &row), EG_OK);
	assert_int_equal(update(&made, &revive, &f, &row), EG_CONFLICT);
	assert_int_equal(update(&made, &nothing, &f, &row), EG_CONFLICT);
	assert_int_equal(rotate(&made, 0, &f, &row, text), EG_CONFLICT);
	assert_string_equal(text, "");
	assert_int_equal(token_copy_url(&site.sv, site.arena, &site.scope, &anna, &made.id, &row, text), EG_CONFLICT);
	assert_string_equal(text, "");
	site_last_activity(&site.scope, &made.id, &total);
	assert_int_equal(total, 2);
	row = read_token(&made.id);
	assert_true(row.revoked_at != 0);
	assert_memory_equal(row.issue, made.issue, sizeof(made.issue));
	assert_false(json_get_bool(token_view(&site.sv, site.arena, &row, clock_now_s()), "is_active", true));
}

/* K25, A21: two texts at once, each told apart. */
static void
rotation_with_overlap(void **state)
{
	struct token_row made = site_token(&customer, "Turned"), row, again;
	char first[EMBED_TOKEN_SIZE], second[EMBED_TOKEN_SIZE];
	struct usage_view used;
	struct faults f;
	size_t total;

	usage_count(site.sv.usage, made.slot, &made.id, USAGE_LOAD, clock_now_s(), "https://a.example", true);
	assert_int_equal(rotate(&made, 3600, &f, &row, first), EG_OK);
	assert_text_of(first, &row, TOKEN_EMBED);
	assert_memory_not_equal(row.issue, made.issue, sizeof(made.issue));
	assert_int_equal(token_text_end(&row, row.issue), 0);
	assert_int_equal(token_text_end(&row, made.issue), row.rotated_at + 3600);
	assert_true(row.issued_at == row.rotated_at);
	assert_int_equal(token_status(&row, row.rotated_at + 3599), TOKEN_ROTATING);
	assert_int_equal(token_status(&row, row.rotated_at + 3600), TOKEN_ACTIVE);
	assert_string_equal(site_last_activity(&site.scope, &made.id, &total),
	    "embed_token.rotate|Turned|The old text is good for 3600 more seconds.|anna@acme.example");
	usage_read(site.sv.usage, made.slot, &made.id, clock_now_s(), &used);
	assert_int_equal(used.site_count == 0 ? 0 : used.sites[0].old_text_loads, 0);

	assert_int_equal(rotate(&made, 0, &f, &again, second), EG_OK);
	assert_int_equal(token_text_end(&again, row.issue), again.rotated_at);
	assert_int_equal(token_previous_valid_until(&again), again.rotated_at);
	assert_int_equal(token_status(&again, again.rotated_at), TOKEN_ACTIVE);
	assert_string_not_equal(first, second);
	assert_true(uuid_equal(&again.id, &made.id));

	assert_int_equal(rotate(&made, TOKEN_OVERLAP_MAX_S, &f, &again, second), EG_OK);
	assert_int_equal(rotate(&made, TOKEN_OVERLAP_MAX_S + 1, &f, &again, second), EG_INVALID);
	assert_fault(&f, "overlap_seconds: Give 0 to 2592000");
	assert_int_equal(rotate(&made, -1, &f, &again, second), EG_INVALID);
	assert_string_equal(second, "");
}

/* K25: a second rotation takes nothing from the text that is out on the websites. */
static void
each_old_text_has_an_end_of_its_own(void **state)
{
	static const int64_t overlaps[] = { 3600, 100, TOKEN_OVERLAP_MAX_S, 200 };
	struct token_row made = site_token(&customer, "Turned often"), row, was[EG_COUNT(overlaps) + 1];
	char text[EMBED_TOKEN_SIZE];
	int64_t rotated_at[EG_COUNT(overlaps)];
	struct faults f;
	size_t total;

	was[0] = made;
	for (size_t i = 0; i < EG_COUNT(overlaps); i++) {
		assert_int_equal(rotate(&made, overlaps[i], &f, &was[i + 1], text), EG_OK);
		rotated_at[i] = was[i + 1].rotated_at;
	}
	row = read_token(&made.id);
	for (size_t i = 0; i < EG_COUNT(overlaps); i++)
		assert_int_equal(token_text_end(&row, was[i].issue), rotated_at[i] + overlaps[i]);
	assert_int_equal(token_text_end(&row, was[4].issue), 0);
	assert_int_equal(token_previous_valid_until(&row), rotated_at[2] + TOKEN_OVERLAP_MAX_S);
	assert_int_equal(json_get_time(token_view(&site.sv, site.arena, &row, clock_now_s()), "previous_valid_until"),
	    rotated_at[2] + TOKEN_OVERLAP_MAX_S);

	assert_int_equal(rotate(&made, 1, &f, &row, text), EG_CONFLICT);
	assert_fault(&f, "overlap_seconds: 4 earlier texts work still.");
	assert_string_equal(text, "");
	assert_memory_equal(read_token(&made.id).issue, was[4].issue, sizeof(row.issue));

	/* One of them is dead by now: there is room again. */
	row = read_token(&made.id);
	row.previous[2].valid_until = clock_now_s();
	put_token(&row);
	assert_int_equal(rotate(&made, 1, &f, &row, text), EG_OK);
	assert_int_equal(token_text_end(&row, was[0].issue), rotated_at[0] + 3600);
	assert_int_equal(token_text_end(&row, was[1].issue), -1);
	assert_int_equal(token_text_end(&row, was[4].issue), row.rotated_at + 1);

	/* A leak ends all of them. */
	assert_int_equal(rotate(&made, 0, &f, &row, text), EG_OK);
	assert_int_equal(token_previous_valid_until(&row), row.rotated_at);
	for (size_t i = 0; i < EG_COUNT(was); i++)
		assert_int_equal(token_text_end(&row, was[i].issue), -1);
	assert_string_equal(site_last_activity(&site.scope, &made.id, &total),
	    "embed_token.rotate|Turned often|Every earlier text is dead.|anna@acme.example");
}

static void
overlaps_end_sooner_and_never_later(void **state)
{
	struct token_row made = site_token(&customer, "Turned"), second, row;
	char text[EMBED_TOKEN_SIZE];
	struct faults f;
	size_t total;

	assert_int_equal(rotate(&made, 3600, &f, &second, text), EG_OK);
	assert_int_equal(rotate(&made, 3600, &f, &row, text), EG_OK);
	assert_int_equal(token_end_overlap(&site.sv, site.arena, &site.scope, &anna, &made.id, made.issue, INT64_MAX, &row), EG_OK);
	assert_int_equal(token_text_end(&row, made.issue), second.rotated_at + 3600);
	site_last_activity(&site.scope, &made.id, &total);
	assert_int_equal(total, 3);

	assert_int_equal(token_end_overlap(&site.sv, site.arena, &site.scope, &anna, &made.id, made.issue,
	    second.rotated_at + 60, &row), EG_OK);
	assert_int_equal(token_text_end(&row, made.issue), second.rotated_at + 60);
	assert_int_equal(token_text_end(&row, second.issue), row.rotated_at + 3600);
	assert_string_equal(site_last_activity(&site.scope, &made.id, &total),
	    "embed_token.end_overlap|Turned|The old text ends sooner.|anna@acme.example");

	assert_int_equal(token_end_overlap(&site.sv, site.arena, &site.scope, &anna, &made.id, made.issue, 0, &row), EG_OK);
	assert_true(token_text_end(&row, made.issue) <= clock_now_s());
	assert_int_equal(token_text_end(&row, second.issue), row.rotated_at + 3600);
	assert_int_equal(token_end_overlap(&site.sv, site.arena, &site.scope, &anna, &made.id, NULL, 0, &row), EG_OK);
	assert_true(token_previous_valid_until(&row) <= clock_now_s());
	assert_int_equal(token_status(&row, clock_now_s()), TOKEN_ACTIVE);
	assert_int_equal(token_text_end(&row, row.issue), 0);
}

static void
expired_tokens_live_again_by_patch_only(void **state)
{
	struct token_row made = site_token(&customer, "Old"), row;
	char text[EMBED_TOKEN_SIZE];
	struct faults f;

	made.expires_at = clock_now_s();
	put_token(&made);
	assert_int_equal(rotate(&made, 0, &f, &row, text), EG_CONFLICT);
	assert_int_equal(token_copy_url(&site.sv, site.arena, &site.scope, &anna, &made.id, &row, text), EG_CONFLICT);
	assert_int_equal(update(&made, &(struct token_patch){ .set_expires_at = true,
	    .expires_at = clock_now_s() + 60 }, &f, &row), EG_OK);
	assert_int_equal(rotate(&made, 0, &f, &row, text), EG_OK);
}

/* K23: any time again, and each copy is on record. */
static void
copy_url(void **state)
{
	struct token_row made = site_token(&customer, "Copied"), row;
	char text[EMBED_TOKEN_SIZE], again[EMBED_TOKEN_SIZE];
	struct faults f;
	size_t total;

	assert_int_equal(token_copy_url(&site.sv, site.arena, &site.scope, &anna, &made.id, &row, text), EG_OK);
	assert_text_of(text, &made, TOKEN_URL);
	assert_memory_equal(text, "emu_", 4);
	assert_string_equal(site_last_activity(&site.scope, &made.id, &total),
	    "embed_token.url_copied|Copied||anna@acme.example");
	assert_int_equal(token_copy_url(&site.sv, site.arena, &site.scope, &anna, &made.id, &row, again), EG_OK);
	assert_string_equal(again, text);
	site_last_activity(&site.scope, &made.id, &total);
	assert_int_equal(total, 3);
	assert_int_equal(rotate(&made, 60, &f, &row, again), EG_OK);
	assert_int_equal(token_copy_url(&site.sv, site.arena, &site.scope, &anna, &made.id, &row, again), EG_OK);
	assert_text_of(again, &row, TOKEN_URL);
	assert_string_not_equal(again, text);
}

/* ---- primary tokens ---- */

static struct customer_row
user_with_primary(char text[EMBED_TOKEN_SIZE])
{
	struct customer_new in = { .name = "User", .features = FEATURE_ALL, .wants_primary_token = true };
	struct customer_row row;
	struct faults f;

	in.allowed_origins = site_json("[\"https://app.example\"]");
	faults_init(&f, site.arena);
	assert_int_equal(customer_create(&site.sv, site.arena, &site.scope, &anna, &in, &f, &row, text), EG_OK);
	return row;
}

/* A3, A9, A10, A21 to A23 */
static void
the_primary_token(void **state)
{
	char text[EMBED_TOKEN_SIZE], current[EMBED_TOKEN_SIZE], fresh[EMBED_TOKEN_SIZE];
	struct customer_row user = user_with_primary(text);
	struct token_row row, renewed;
	struct faults f;
	size_t total;

	assert_int_equal(token_primary_get(&site.sv, site.arena, &site.scope, &user.id, &row, current), EG_OK);
	assert_string_equal(current, text);
	assert_true(uuid_equal(&row.id, &user.primary_token_id));
	assert_true(row.is_primary);
	assert_true(row.expires_at == 0);
	assert_int_equal(row.permissions, PERM_DASHBOARD_READ | PERM_EVENTS_READ | PERM_AGENTS_READ);
	assert_string_equal(row.origins[0], "https://app.example");
	site_last_activity(&site.scope, &row.id, &total);
	assert_int_equal(total, 1);

	assert_int_equal(token_primary_renew(&site.sv, site.arena, &site.scope, &anna, &user.id, &renewed, fresh), EG_OK);
	assert_true(uuid_equal(&renewed.id, &row.id));
	assert_string_not_equal(fresh, text);
	assert_true(token_text_end(&renewed, row.issue) <= clock_now_s());
	assert_int_equal(token_status(&renewed, clock_now_s()), TOKEN_ACTIVE);
	assert_int_equal(token_primary_get(&site.sv, site.arena, &site.scope, &user.id, &row, current), EG_OK);
	assert_string_equal(current, fresh);
	/* Never two valid texts, whoever rotates. */
	assert_int_equal(rotate(&row, 1, &f, &renewed, current), EG_INVALID);
	assert_fault(&f, "overlap_seconds: A primary token has one valid text");
	assert_int_equal(token_default_overlap_s(&row), 0);
	assert_int_equal(rotate(&row, 0, &f, &renewed, current), EG_OK);

	assert_int_equal(token_primary_get(&site.sv, site.arena, &site.other_scope, &user.id, &row, current), EG_NOTFOUND);
	assert_int_equal(token_primary_renew(&site.sv, site.arena, &site.other_scope, &anna, &user.id, &row, current),
	    EG_NOTFOUND);
	assert_string_equal(current, "");
}

static void
a_primary_token_is_made_where_there_is_none(void **state)
{
	char text[EMBED_TOKEN_SIZE], current[EMBED_TOKEN_SIZE];
	struct customer_row user = user_with_primary(text), reread;
	struct token_row first, second, row;
	struct faults f;

	assert_int_equal(token_primary_get(&site.sv, site.arena, &site.scope, &customer.id, &row, text), EG_NOTFOUND);
	assert_int_equal(token_primary_renew(&site.sv, site.arena, &site.scope, &anna, &customer.id, &row, text), EG_OK);
	assert_int_equal(token_primary_get(&site.sv, site.arena, &site.scope, &customer.id, &row, current), EG_OK);
	assert_string_equal(current, text);
	assert_true(row.is_primary);

	/* A revoked one is gone for good; its successor serves the same sites. */
	assert_int_equal(token_revoke(&site.sv, site.arena, &site.scope, &anna, &user.primary_token_id, &first), EG_OK);
	assert_int_equal(token_primary_get(&site.sv, site.arena, &site.scope, &user.id, &row, text), EG_NOTFOUND);
	assert_string_equal(text, "");
	assert_int_equal(token_primary_renew(&site.sv, site.arena, &site.scope, &anna, &user.id, &second, text), EG_OK);
	assert_false(uuid_equal(&second.id, &first.id));
	assert_string_equal(read_token(&second.id).origins[0], "https://app.example");
	assert_int_equal(customer_get(&site.sv, site.arena, &site.scope, &user.id, &reread), EG_OK);
	assert_true(uuid_equal(&reread.primary_token_id, &second.id));
	assert_true(read_token(&first.id).revoked_at != 0);

	/* Who asks for a new text of an expired one gets one that works. */
	second = read_token(&second.id);
	second.expires_at = clock_now_s();
	put_token(&second);
	assert_int_equal(token_primary_renew(&site.sv, site.arena, &site.scope, &anna, &user.id, &row, text), EG_OK);
	assert_true(uuid_equal(&row.id, &second.id));
	assert_int_equal(token_status(&row, clock_now_s()), TOKEN_ACTIVE);
	/* Paused stays paused: that was somebody's will. */
	assert_int_equal(update(&second, &(struct token_patch){ .set_active = true }, &f, &row), EG_OK);
	assert_int_equal(token_primary_renew(&site.sv, site.arena, &site.scope, &anna, &user.id, &row, text), EG_OK);
	assert_int_equal(token_status(&row, clock_now_s()), TOKEN_DISABLED);
}

/* ---- who sees what ---- */

/* T7: each row of the table is a caller; only the first three find the token. */
static void
scopes(void **state)
{
	struct token_row t = site_token(&customer, "Mine"), row;
	struct customer_row sibling = site_customer(&site.scope, "Sibling");
	const struct {
		const char *who;
		struct scope scope;
		eg_err want;
	} cases[] = {
		{ "everybody", { .partner_id = uuid_nil }, EG_OK },
		{ "its partner", site.scope, EG_OK },
		{ "its customer", { .partner_id = site.partner.id, .customer_id = customer.id }, EG_OK },
		{ "a sibling", { .partner_id = site.partner.id, .customer_id = sibling.id }, EG_NOTFOUND },
		{ "another partner", site.other_scope, EG_NOTFOUND },
		{ "its customer under another partner", { .partner_id = site.other.id, .customer_id = customer.id },
		    EG_NOTFOUND },
	};

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		const struct token_patch patch = { .set_name = true, .name = arena_printf(site.arena, "Round %zu", i) };
		const struct token_new new = { .customer_id = customer.id, .name = "New" };
		char text[EMBED_TOKEN_SIZE];
		struct faults f;
		size_t count;

		faults_init(&f, site.arena);
		if (token_get(&site.sv, site.arena, &cases[i].scope, &t.id, &row) != cases[i].want ||
		    token_update(&site.sv, site.arena, &cases[i].scope, &anna, &t.id, &patch, &f, &row) != cases[i].want ||
		    token_rotate(&site.sv, site.arena, &cases[i].scope, &anna, &t.id, 0, &f, &row, text) != cases[i].want ||
		    token_copy_url(&site.sv, site.arena, &cases[i].scope, &anna, &t.id, &row, text) != cases[i].want ||
		    token_create(&site.sv, site.arena, &cases[i].scope, &anna, &new, &f, &row, text) != cases[i].want)
			fail_msg("%s", cases[i].who);
		if (cases[i].want == EG_NOTFOUND &&
		    (token_revoke(&site.sv, site.arena, &cases[i].scope, &anna, &t.id, &row) != EG_NOTFOUND ||
		     token_revoke_all(&site.sv, site.arena, &cases[i].scope, &anna, &customer.id, &count) != EG_NOTFOUND))
			fail_msg("%s", cases[i].who);
	}
	assert_true(read_token(&t.id).revoked_at == 0);
}

/* K28: more tokens than one change takes. */
static void
revoke_all(void **state)
{
	enum { TOKENS = 150 };
	struct customer_row other = site_customer(&site.scope, "Other"), after;
	struct token_row t[TOKENS], row, sibling = site_token(&other, "Sibling");
	size_t count, total;

	for (size_t i = 0; i < TOKENS; i++)
		t[i] = site_token(&customer, "Many");
	assert_int_equal(token_revoke(&site.sv, site.arena, &site.scope, &anna, &t[0].id, &row), EG_OK);
	t[1].expires_at = clock_now_s();
	put_token(&t[1]);
	assert_int_equal(token_revoke_all(&site.sv, site.arena, &site.scope, &anna, &customer.id, &count), EG_OK);
	assert_int_equal(count, TOKENS - 2);    /* one was revoked before, one expired */
	for (size_t i = 0; i < TOKENS; i++)
		assert_true(read_token(&t[i].id).revoked_at != 0);
	assert_true(read_token(&sibling.id).revoked_at == 0);
	assert_int_equal(customer_get(&site.sv, site.arena, &site.scope, &customer.id, &after), EG_OK);
	assert_true(after.tokens_revoked_before >= t[TOKENS - 1].created_at);
	assert_string_equal(site_last_activity(&site.scope, &t[5].id, &total),
	    "embed_token.revoke|Many|All tokens of the customer were revoked.|anna@acme.example");
	assert_int_equal(token_revoke_all(&site.sv, site.arena, &site.scope, &anna, &customer.id, &count), EG_OK);
	assert_int_equal(count, 0);
	row = site_token(&customer, "Replacement");
	assert_int_equal(token_status(&row, clock_now_s()), TOKEN_ACTIVE);
}

/* All that a revocation of all tokens has done when it dies before the first of them is written. */
static eg_err
put_mark(struct store_tx *tx, struct arena *a, void *arg)
{
	struct customer_row row;

	EG_TRY(customer_tx_get(tx, a, &site.scope, arg, &row));
	row.tokens_revoked_before = change_now_s(tx) + 1;
	return customer_tx_put(tx, a, &row);
}

/* E4, K28: a broken-off revocation of all tokens binds for ever and everywhere. */
static void
a_revocation_binds_before_it_is_written(void **state)
{
	char text[EMBED_TOKEN_SIZE];
	struct customer_row user = user_with_primary(text), with;
	struct token_row made = site_token(&user, "Caught"), row, *rows;
	const struct token_filter active = { .customer_id = user.id, .status = "active", .page = 1, .limit = 9 },
	    revoked = { .customer_id = user.id, .status = "revoked", .page = 1, .limit = 9 };
	struct faults f;
	size_t count, total;

	assert_int_equal(rotate(&made, 3600, &f, &made, text), EG_OK);
	assert_int_equal(change_run(&site.sv, site.arena, &anna, "test", NULL, put_mark, &user.id), EG_OK);

	row = read_token(&made.id);
	assert_int_equal(token_status(&row, clock_now_s()), TOKEN_REVOKED);
	assert_string_equal(json_get_str(token_view(&site.sv, site.arena, &row, clock_now_s()), "status"), "revoked");
	assert_int_equal(token_get_with_customer(&site.sv, site.arena, &site.scope, &made.id, &row, &with), EG_OK);
	assert_int_equal(row.revoked_at, with.tokens_revoked_before - 1);
	assert_int_equal(token_list(&site.sv, site.arena, &site.scope, &active, clock_now_s(), &rows, &count, &total), EG_OK);
	assert_int_equal(total, 0);
	assert_int_equal(token_list(&site.sv, site.arena, &site.scope, &revoked, clock_now_s(), &rows, &count, &total), EG_OK);
	assert_int_equal(total, 2);
	assert_int_equal(token_status(&rows[0], clock_now_s()), TOKEN_REVOKED);

	assert_int_equal(update(&made, &(struct token_patch){ .set_active = true, .is_active = true }, &f, &row), EG_CONFLICT);
	assert_int_equal(rotate(&made, 3600, &f, &row, text), EG_CONFLICT);
	assert_int_equal(token_copy_url(&site.sv, site.arena, &site.scope, &anna, &made.id, &row, text), EG_CONFLICT);
	assert_int_equal(token_primary_get(&site.sv, site.arena, &site.scope, &user.id, &row, text), EG_NOTFOUND);

	/* What comes in the same second is no part of it. */
	assert_int_equal(token_primary_renew(&site.sv, site.arena, &site.scope, &anna, &user.id, &row, text), EG_OK);
	assert_false(uuid_equal(&row.id, &user.primary_token_id));
	assert_int_equal(rotate(&row, 0, &f, &row, text), EG_OK);
	row = read_token(&row.id);
	assert_int_equal(token_status(&row, clock_now_s()), TOKEN_ACTIVE);
	row = site_token(&user, "Successor");
	row = read_token(&row.id);
	assert_int_equal(token_status(&row, clock_now_s()), TOKEN_ACTIVE);

	/* Asked for once more, it is written to all, and those that the first did not get to are counted. */
	assert_int_equal(token_revoke_all(&site.sv, site.arena, &site.scope, &anna, &user.id, &count), EG_OK);
	assert_int_equal(count, 4);
	assert_non_null(read_token(&made.id).revoked_by);
}

static void
of_two_who_rotate_the_same_text_one_does(void **state)
{
	struct customer_row acme = site_customer(&site.scope, "Acme");
	struct token_row t = site_token(&acme, "Website"), once, twice;
	char prefix[EMBED_TOKEN_PREFIX_SIZE], text[EMBED_TOKEN_SIZE];
	struct faults f;

	faults_init(&f, site.arena);
	embed_token_prefix(t.issue, prefix);
	assert_int_equal(token_rotate_from(&site.sv, site.arena, &site.scope, &anna, &t.id, prefix, 60, &f, &once, text), EG_OK);
	assert_int_equal(token_rotate_from(&site.sv, site.arena, &site.scope, &anna, &t.id, prefix, 0, &f, &twice, text), EG_EXISTS);
	assert_string_equal(text, "");
	assert_memory_equal(twice.issue, once.issue, sizeof(once.issue));
	assert_true(token_previous_valid_until(&twice) > clock_now_s());
	embed_token_prefix(once.issue, prefix);
	assert_int_equal(token_rotate_from(&site.sv, site.arena, &site.scope, &anna, &t.id, prefix, 0, &f, &twice, text), EG_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(status_on_both_sides_of_each_boundary, each),
		cmocka_unit_test_setup(records_round_trip, each),
		cmocka_unit_test_setup(older_records_are_read, each),
		cmocka_unit_test_setup(what_is_made_is_read, each),
		cmocka_unit_test_setup(usage_is_in_the_view, each),
		cmocka_unit_test_setup(faults_of_creation, each),
		cmocka_unit_test_setup(at_most_32_sites, each),
		cmocka_unit_test_setup(sites_may_be_required, each),
		cmocka_unit_test_setup(the_customer_must_be_in_good_standing, each),
		cmocka_unit_test_setup(the_same_id_makes_one, each),
		cmocka_unit_test_setup(subjects, each),
		cmocka_unit_test_setup(patch_changes_what_it_names, each),
		cmocka_unit_test_setup(revoked_is_final, each),
		cmocka_unit_test_setup(rotation_with_overlap, each),
		cmocka_unit_test_setup(each_old_text_has_an_end_of_its_own, each),
		cmocka_unit_test_setup(overlaps_end_sooner_and_never_later, each),
		cmocka_unit_test_setup(of_two_who_rotate_the_same_text_one_does, each),
		cmocka_unit_test_setup(expired_tokens_live_again_by_patch_only, each),
		cmocka_unit_test_setup(copy_url, each),
		cmocka_unit_test_setup(the_primary_token, each),
		cmocka_unit_test_setup(a_primary_token_is_made_where_there_is_none, each),
		cmocka_unit_test_setup(scopes, each),
		cmocka_unit_test_setup(revoke_all, each),
		cmocka_unit_test_setup(a_revocation_binds_before_it_is_written, each),
	};

	return cmocka_run_group_tests(tests, site_setup, site_teardown);
}
