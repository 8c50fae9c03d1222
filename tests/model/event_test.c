/* SPDX-License-Identifier: GPL-3.0-or-later */
/* event: what is typed, whose it is, what is left when it is deleted; tokens of events (E10). */
#include "model/event.h"
#include "model/event_key.h"
#include "model/kinds.h"
#include "model/registration.h"
#include "model/time_zone.h"
#include "site.h"

#define NOON 1795000000         /* 2026-11-18 */
#define TEN(x) x x x x x x x x x x
#define HUNDRED TEN(TEN("n"))

static struct customer_row customer, sibling, foreign;

static int
setup(void **state)
{
	int result = site_setup(state);

	customer = site_customer(&site.scope, "Acme");
	sibling = site_customer(&site.scope, "Globex");
	foreign = site_customer(&site.other_scope, "Initech");
	return result;
}

static eg_err
create(const struct scope *s, const struct event_new *in, struct event_row *out)
{
	struct faults f;

	faults_init(&f, site.arena);
	return event_create(&site.sv, site.arena, s, &anna, in, &f, out);
}

static struct event_row
event_of(const struct customer_row *c, const char *name)
{
	const struct event_new in = { .customer_id = c->id, .name = name };
	const struct scope s = { .partner_id = c->partner_id };
	struct event_row row;

	assert_int_equal(create(&s, &in, &row), EG_OK);
	return row;
}

static eg_err
get(const struct scope *s, const struct uuid *id)
{
	struct event_row row;

	return event_get(&site.sv, site.arena, s, id, &row);
}

static void
what_is_typed(void **state)
{
	static const struct {
		const char *title;
		struct event_new in;
		const char *fault;      /* NULL: none */
	} cases[] = {
		{ "a name is enough", { .name = "Fair" }, NULL },
		{ "E10 1 character", { .name = "F" }, NULL },
		{ "E10 100 characters", { .name = HUNDRED }, NULL },
		{ "E10 101 characters", { .name = HUNDRED "x" }, "name: Shorten" },
		{ "no name", { .name = " " }, "name: Enter" },
		{ "an escape in the name", { .name = "a\x1b[1m" }, "name: Remove" },
		{ "end a second after start", { .name = "F", .starts_at = NOON, .ends_at = NOON + 1 }, NULL },
		{ "end at start", { .name = "F", .starts_at = NOON, .ends_at = NOON }, "ends_at: Choose" },
		{ "end before start", { .name = "F", .starts_at = NOON, .ends_at = NOON - 1 }, "ends_at: Choose" },
		{ "only an end", { .name = "F", .ends_at = NOON }, NULL },
		{ "1 seat", { .name = "F", .set_capacity = true, .capacity = 1 }, NULL },
		{ "no seat", { .name = "F", .set_capacity = true, .capacity = 0 }, "capacity: Give" },
		{ "a million seats", { .name = "F", .set_capacity = true, .capacity = EVENT_CAPACITY_MAX }, NULL },
		{ "one more", { .name = "F", .set_capacity = true, .capacity = EVENT_CAPACITY_MAX + 1 }, "capacity: Give" },
		{ "seats below none", { .name = "F", .set_capacity = true, .capacity = -1 }, "capacity: Give" },
		{ "a zone", { .name = "F", .time_zone = "Europe/Berlin" }, NULL },
		{ "no zone", { .name = "F", .time_zone = "Europe Berlin" }, "time_zone: Give" },
		{ "200 characters of venue", { .name = "F", .venue = HUNDRED HUNDRED }, NULL },
		{ "201", { .name = "F", .venue = HUNDRED HUNDRED "x" }, "venue: Shorten" },
		{ "no venue", { .name = "F", .venue = "" }, NULL },
	};

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		struct event_new in = cases[i].in;
		struct event_row row;
		struct faults f;
		eg_err e;

		in.customer_id = customer.id;
		faults_init(&f, site.arena);
		e = event_create(&site.sv, site.arena, &site.scope, &anna, &in, &f, &row);
		if (e != (cases[i].fault == NULL ? EG_OK : EG_INVALID) || f.count != (cases[i].fault != NULL))
			fail_msg("%s: %s, %s", cases[i].title, eg_err_name(e), site_faults(&f));
		if (cases[i].fault != NULL)
			assert_fault(&f, cases[i].fault);
	}
}

static void
time_zones(void **state)
{
	static const struct {
		const char *name;
		bool known;
	} cases[] = {
		{ "UTC", true }, { "Europe/Berlin", true }, { "America/Argentina/Buenos_Aires", true }, { "Etc/GMT+3", true },
		{ "America/Port-au-Prince", true },
		{ "", false }, { "Europe/", false }, { "/Europe/Berlin", false }, { "Europe//Berlin", false }, { "Europe", false },
		{ "../../etc/passwd", false }, { "Europe/../UTC", false }, { "europe/berlin", false }, { "tzdata.zi", false },
		{ "posix/UTC", false }, { "Europe/Berlin\n", false }, { "Europe/B<erlin", false },
		{ "Averylongnamewithoutanendinsight/Averylongnamewithoutanendinsight", false },
	};

	if (access("/usr/share/zoneinfo/UTC", F_OK) == 0)
		assert_false(time_zone_is_known("Europe/Berln"));
	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		/* Without the list of zones, a folder of it looks like a zone. */
		if (strcmp(cases[i].name, "Europe") == 0 && access("/usr/share/zoneinfo/UTC", F_OK) != 0)
			continue;
		if (time_zone_is_known(cases[i].name) != cases[i].known)
			fail_msg("'%s'", cases[i].name);
	}
}

static void
as_the_api_shows_it(void **state)
{
	const struct event_new in = { .customer_id = customer.id, .name = " Autumn fair ", .starts_at = NOON,
		.ends_at = NOON + 3600, .time_zone = "Europe/Berlin", .venue = "Hall 3", .set_capacity = true, .capacity = 40 };
	struct event_row row;
	json_object *view;
	size_t total;

	assert_int_equal(create(&site.scope, &in, &row), EG_OK);
	view = event_view(&site.sv, site.arena, &row, NOON - 1);
	site_assert_members(view, "id customer_id partner_id name starts_at ends_at time_zone venue capacity status "
	    "registration_count created_at updated_at schedule");
	assert_string_equal(json_get_str(view, "name"), "Autumn fair");
	assert_string_equal(json_get_str(view, "starts_at"), "2026-11-18T11:06:40Z");
	assert_string_equal(json_get_str(view, "status"), "upcoming");
	assert_int_equal(json_get_int(view, "capacity", -1), 40);
	assert_int_equal(json_get_int(view, "registration_count", -1), 0);
	assert_null(json_get_object(view, "schedule"));
	assert_string_equal(json_get_str(event_view(&site.sv, site.arena, &row, NOON), "status"), "running");
	assert_string_equal(json_get_str(event_view(&site.sv, site.arena, &row, NOON + 3599), "status"), "running");
	assert_string_equal(json_get_str(event_view(&site.sv, site.arena, &row, NOON + 3600), "status"), "over");
	row.ends_at = 0;
	assert_string_equal(json_get_str(event_view(&site.sv, site.arena, &row, NOON + 3600), "status"), "running");
	row.starts_at = 0;
	row.capacity = 0;
	view = event_view(&site.sv, site.arena, &row, NOON);
	assert_string_equal(json_get_str(view, "status"), "undated");
	assert_true(json_object_object_get_ex(view, "capacity", NULL));
	assert_null(json_object_object_get(view, "capacity"));
	assert_string_equal(site_last_activity(&site.scope, &row.id, &total), "event.create|Autumn fair||anna@acme.example");
	assert_int_equal(total, 1);
}

static void
one_form_sent_twice(void **state)
{
	struct event_new in = { .customer_id = customer.id, .name = "Fair" };
	struct event_row row, again;

	assert_int_equal(uuid_make(&in.id), EG_OK);
	assert_int_equal(create(&site.scope, &in, &row), EG_OK);
	in.name = "Another";
	assert_int_equal(create(&site.scope, &in, &again), EG_EXISTS);
	assert_string_equal(again.name, "Fair");
	in.customer_id = foreign.id;
	assert_int_equal(create(&site.other_scope, &in, &again), EG_CONFLICT);
}

/* T7: what is outside the scope is not found, whatever is asked of it. */
static void
whose_it_is(void **state)
{
	const struct event_row own = event_of(&customer, "Own"), of_sibling = event_of(&sibling, "Sibling");
	const struct event_row of_foreign = event_of(&foreign, "Foreign");
	const struct scope of_customer = { .partner_id = site.partner.id, .customer_id = customer.id };
	const struct event_new into = { .customer_id = sibling.id, .name = "Into the sibling's" };
	const struct event_patch patch = { .set_name = true, .name = "Mine" };
	const struct {
		const struct scope *scope;
		const struct event_row *event;
		eg_err want;
	} cases[] = {
		{ &of_customer, &own, EG_OK }, { &site.scope, &own, EG_OK }, { &site.scope, &of_sibling, EG_OK },
		{ &of_customer, &of_sibling, EG_NOTFOUND }, { &of_customer, &of_foreign, EG_NOTFOUND },
		{ &site.scope, &of_foreign, EG_NOTFOUND }, { &site.other_scope, &own, EG_NOTFOUND },
		{ &(struct scope){ .partner_id = uuid_nil }, &of_foreign, EG_OK },
	};
	struct event_row row;
	struct faults f;

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		const struct uuid *id = &cases[i].event->id;
		struct event_row deleted;

		assert_int_equal(get(cases[i].scope, id), cases[i].want);
		faults_init(&f, site.arena);
		assert_int_equal(event_update(&site.sv, site.arena, cases[i].scope, &anna, id, &patch, &f, &row), cases[i].want);
		if (cases[i].want != EG_OK)
			assert_int_equal(event_delete(&site.sv, site.arena, cases[i].scope, &anna, id, &deleted), EG_NOTFOUND);
	}
	assert_int_equal(get(&site.scope, &of_sibling.id), EG_OK);
	assert_int_equal(create(&of_customer, &into, &row), EG_NOTFOUND);
	assert_int_equal(create(&site.other_scope, &into, &row), EG_NOTFOUND);
}

static void
what_is_changed(void **state)
{
	struct event_row row = event_of(&customer, "Fair"), out;
	struct event_patch patch = { .set_name = true, .name = "Autumn fair", .set_starts_at = true, .starts_at = NOON,
		.set_ends_at = true, .ends_at = NOON + 1, .set_time_zone = true, .time_zone = "UTC", .set_venue = true,
		.venue = "Hall 3", .set_capacity = true, .capacity = 2 };
	struct faults f;
	size_t total;

	faults_init(&f, site.arena);
	assert_int_equal(event_update(&site.sv, site.arena, &site.scope, &anna, &row.id, &patch, &f, &out), EG_OK);
	assert_string_equal(site_last_activity(&site.scope, &row.id, &total), "event.update|Autumn fair|Name changed. "
	    "Start changed. End changed. Time zone changed. Venue changed. Capacity changed.|anna@acme.example");
	assert_int_equal(total, 2);
	/* The same once more is no change. */
	assert_int_equal(event_update(&site.sv, site.arena, &site.scope, &anna, &row.id, &patch, &f, &out), EG_OK);
	site_last_activity(&site.scope, &row.id, &total);
	assert_int_equal(total, 2);
	/* A start that only the record shows to be too late. */
	patch = (struct event_patch){ .set_starts_at = true, .starts_at = NOON + 1 };
	assert_int_equal(event_update(&site.sv, site.arena, &site.scope, &anna, &row.id, &patch, &f, &out), EG_INVALID);
	assert_fault(&f, "ends_at: Choose");
	/* Taken away. */
	faults_init(&f, site.arena);
	patch = (struct event_patch){ .set_starts_at = true, .set_ends_at = true, .set_time_zone = true, .set_venue = true,
		.venue = "", .set_capacity = true };
	assert_int_equal(event_update(&site.sv, site.arena, &site.scope, &anna, &row.id, &patch, &f, &out), EG_OK);
	assert_true(out.starts_at == 0 && out.ends_at == 0 && out.capacity == 0);
	assert_true(out.venue == NULL && out.time_zone == NULL);
	assert_string_equal(out.name, "Autumn fair");
	/* A name cannot be. */
	patch = (struct event_patch){ .set_name = true, .name = "" };
	assert_int_equal(event_update(&site.sv, site.arena, &site.scope, &anna, &row.id, &patch, &f, &out), EG_INVALID);
	assert_fault(&f, "name: Enter");
}

static void
lists(void **state)
{
	const struct customer_row shop = site_customer(&site.scope, "Shop"), empty = site_customer(&site.scope, "Empty");
	const struct scope of_shop = { .partner_id = site.partner.id, .customer_id = shop.id };
	struct event_filter filter = { .customer_id = shop.id, .page = 1, .limit = 2 };
	struct event_row *rows;
	size_t count, total;

	event_of(&shop, "Spring fair");
	event_of(&shop, "Summer camp");
	event_of(&shop, "Autumn fair");
	assert_int_equal(event_list(&site.sv, site.arena, &site.scope, &filter, &rows, &count, &total), EG_OK);
	assert_true(count == 2 && total == 3);
	assert_string_equal(rows[0].name, "Autumn fair");
	filter.page = 2;
	assert_int_equal(event_list(&site.sv, site.arena, &site.scope, &filter, &rows, &count, &total), EG_OK);
	assert_true(count == 1 && total == 3);
	assert_string_equal(rows[0].name, "Spring fair");
	filter = (struct event_filter){ .search = "FAIR", .page = 1, .limit = 10 };
	assert_int_equal(event_list(&site.sv, site.arena, &of_shop, &filter, &rows, &count, &total), EG_OK);
	assert_true(count == 2 && total == 2);
	filter = (struct event_filter){ .customer_id = empty.id, .page = 1, .limit = 10 };
	assert_int_equal(event_list(&site.sv, site.arena, &site.scope, &filter, &rows, &count, &total), EG_OK);
	assert_true(count == 0 && total == 0);
	assert_int_equal(event_list(&site.sv, site.arena, &of_shop, &filter, &rows, &count, &total), EG_NOTFOUND);
	assert_int_equal(event_list(&site.sv, site.arena, &site.other_scope, &filter, &rows, &count, &total), EG_NOTFOUND);
}

/* ---- tokens ---- */

static eg_err
token_for(const struct scope *s, const struct token_new *in, struct token_row *out, struct faults *f)
{
	char text[EMBED_TOKEN_SIZE];

	faults_init(f, site.arena);
	return token_create(&site.sv, site.arena, s, &anna, in, f, out, text);
}

static void
tokens_of_an_event(void **state)
{
	const struct event_row own = event_of(&customer, "Fair"), of_foreign = event_of(&foreign, "Foreign");
	const struct scope of_sibling = { .partner_id = site.partner.id, .customer_id = sibling.id };
	struct token_new in = { .event_id = own.id, .name = "Website" };
	struct token_filter filter = { .event_id = own.id, .page = 1, .limit = 10 };
	struct token_row row, *rows;
	struct faults f;
	size_t count, total;

	/* The event brings its customer and its permissions. */
	assert_int_equal(token_for(&site.scope, &in, &row, &f), EG_OK);
	assert_true(uuid_equal(&row.customer_id, &customer.id) && uuid_equal(&row.event_id, &own.id));
	assert_int_equal(row.permissions, PERM_EVENTS_READ | PERM_EVENTS_REGISTER);
	in.customer_id = customer.id;
	assert_int_equal(token_for(&site.scope, &in, &row, &f), EG_OK);
	in.customer_id = sibling.id;
	assert_int_equal(token_for(&site.scope, &in, &row, &f), EG_INVALID);
	assert_fault(&f, "customer_id: The event or agent belongs to another customer");
	in.customer_id = uuid_nil;
	assert_int_equal(token_for(&of_sibling, &in, &row, &f), EG_NOTFOUND);
	in.event_id = of_foreign.id;
	assert_int_equal(token_for(&site.scope, &in, &row, &f), EG_NOTFOUND);
	/* E8 */
	assert_int_equal(token_list(&site.sv, site.arena, &site.scope, &filter, clock_now_s(), &rows, &count, &total), EG_OK);
	assert_true(count == 2 && total == 2);
	assert_int_equal(token_list(&site.sv, site.arena, &of_sibling, &filter, clock_now_s(), &rows, &count, &total),
	    EG_NOTFOUND);
}

/* ---- deleting ---- */

static struct registration_row
register_one(const struct uuid *event_id, const char *email)
{
	const struct registration_new in = { .name = "Bea", .email = email };
	struct registration_row row;
	struct faults f;

	faults_init(&f, site.arena);
	assert_int_equal(registration_create(&site.sv, site.arena, &site.scope, &anna, event_id, &in, &f, &row), EG_OK);
	return row;
}

static const char *
key_file(const struct uuid *event_id)
{
	char id[UUID_TEXT_SIZE];

	uuid_format(event_id, id);
	return site_path(arena_printf(site.arena, "event.keys/%s", id));
}

/* More tokens and registrations than one change takes. */
static void
a_deleted_event_leaves_nothing(void **state)
{
	const struct event_row event = event_of(&customer, "Fair"), other = event_of(&customer, "Other fair");
	const struct token_new in = { .event_id = event.id, .name = "Website" };
	const struct token_new in_other = { .event_id = other.id, .name = "Website" };
	struct token_filter filter = { .customer_id = customer.id, .status = "all", .page = 1, .limit = 100 };
	struct token_row kept, one, *rows;
	struct event_row deleted;
	struct faults f;
	size_t count, total, revoked = 0, tidied;

	assert_int_equal(token_for(&site.scope, &in_other, &kept, &f), EG_OK);
	for (int i = 0; i < 70; i++) {
		assert_int_equal(token_for(&site.scope, &in, &one, &f), EG_OK);
		register_one(&event.id, arena_printf(site.arena, "bea%d@example.com", i));
	}
	register_one(&other.id, "bea@example.com");
	assert_int_equal(access(key_file(&event.id), F_OK), 0);

	assert_int_equal(event_delete(&site.sv, site.arena, &site.scope, &anna, &event.id, &deleted), EG_OK);
	assert_string_equal(deleted.name, "Fair");
	assert_int_equal(get(&site.scope, &event.id), EG_NOTFOUND);
	assert_int_not_equal(access(key_file(&event.id), F_OK), 0);
	assert_int_equal(store_count(site.sv.store, site.arena, KIND_SIGNUP, &event.id, &total), EG_OK);
	assert_int_equal(total, 0);
	assert_int_equal(store_count(site.sv.store, site.arena, KIND_EVENT, &kinds_root, &total), EG_OK);
	assert_int_equal(total, 0);
	assert_int_equal(token_list(&site.sv, site.arena, &site.scope, &filter, clock_now_s(), &rows, &count, &total), EG_OK);
	for (size_t i = 0; i < count; i++) {
		if (!uuid_equal(&rows[i].event_id, &event.id))
			continue;
		assert_int_not_equal(rows[i].revoked_at, 0);
		revoked++;
	}
	assert_int_equal(revoked, 70);
	assert_int_equal(token_get(&site.sv, site.arena, &site.scope, &kept.id, &kept), EG_OK);
	assert_int_equal(kept.revoked_at, 0);
	assert_int_equal(token_for(&site.scope, &in, &one, &f), EG_NOTFOUND);
	assert_int_equal(event_delete(&site.sv, site.arena, &site.scope, &anna, &event.id, &deleted), EG_NOTFOUND);
	assert_int_equal(event_tidy(&site.sv, site.arena, &tidied), EG_OK);
	assert_int_equal(tidied, 0);
	/* The other one is whole. */
	assert_int_equal(get(&site.scope, &other.id), EG_OK);
	assert_int_equal(access(key_file(&other.id), F_OK), 0);
}

/* A process that dies behind the first change: the event is gone, and who comes next does the rest. */
static eg_err
mark_only(struct store_tx *tx, struct arena *a, void *arg)
{
	struct store_record rec;
	const char *text;
	size_t len;

	EG_TRY(store_tx_get(tx, KIND_EVENT, arg, &rec));
	text = json_text(a, rec.doc, &len);
	EG_TRY(json_parse_strict(a, text, len, &rec.doc, NULL));
	json_add_int(rec.doc, "deleted", store_tx_now_us(tx) / 1000000);
	json_add_uuid(rec.doc, "customer", &rec.lists[0]);
	json_add_uuid(rec.doc, "partner", &rec.lists[1]);
	memset(rec.lists, 0, sizeof(rec.lists));
	rec.lists[0] = kinds_root;
	return store_tx_put(tx, &rec);
}

static void
a_deletion_broken_off_is_finished(void **state)
{
	static const struct store_cause cause = { .actor = "cli:test", .action = "test" };
	const struct event_row first = event_of(&customer, "First"), second = event_of(&customer, "Second");
	struct event_row *rows, row;
	struct event_filter filter = { .customer_id = customer.id, .page = 1, .limit = 100 };
	size_t count, total, before;

	assert_int_equal(event_list(&site.sv, site.arena, &site.scope, &filter, &rows, &count, &before), EG_OK);
	register_one(&first.id, "bea@example.com");
	register_one(&second.id, "bea@example.com");
	assert_int_equal(store_change(site.sv.store, site.arena, &cause, mark_only, (void *)(uintptr_t)&first.id), EG_OK);
	assert_int_equal(store_change(site.sv.store, site.arena, &cause, mark_only, (void *)(uintptr_t)&second.id), EG_OK);

	assert_int_equal(get(&site.scope, &first.id), EG_NOTFOUND);
	assert_int_equal(event_list(&site.sv, site.arena, &site.scope, &filter, &rows, &count, &total), EG_OK);
	assert_int_equal(total, before - 2);
	/* By who asks again - not by a stranger - ... */
	assert_int_equal(event_delete(&site.sv, site.arena, &site.other_scope, &anna, &first.id, &row), EG_NOTFOUND);
	assert_int_equal(access(key_file(&first.id), F_OK), 0);
	assert_int_equal(event_delete(&site.sv, site.arena, &site.scope, &anna, &first.id, &row), EG_OK);
	assert_int_not_equal(access(key_file(&first.id), F_OK), 0);
	/* ... or by maintenance. */
	assert_int_equal(event_tidy(&site.sv, site.arena, &count), EG_OK);
	assert_int_equal(count, 1);
	assert_int_not_equal(access(key_file(&second.id), F_OK), 0);
	assert_int_equal(store_count(site.sv.store, site.arena, KIND_SIGNUP, &second.id, &total), EG_OK);
	assert_int_equal(total, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_is_typed, site_each),
		cmocka_unit_test_setup(time_zones, site_each),
		cmocka_unit_test_setup(as_the_api_shows_it, site_each),
		cmocka_unit_test_setup(one_form_sent_twice, site_each),
		cmocka_unit_test_setup(whose_it_is, site_each),
		cmocka_unit_test_setup(what_is_changed, site_each),
		cmocka_unit_test_setup(lists, site_each),
		cmocka_unit_test_setup(tokens_of_an_event, site_each),
		cmocka_unit_test_setup(a_deleted_event_leaves_nothing, site_each),
		cmocka_unit_test_setup(a_deletion_broken_off_is_finished, site_each),
	};

	return cmocka_run_group_tests(tests, setup, site_teardown);
}
