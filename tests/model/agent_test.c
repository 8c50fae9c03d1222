/* SPDX-License-Identifier: GPL-3.0-or-later */
/* agent: numbers that are never given twice, results, tenants, and what a deletion leaves (C3, T7). */
#include <sys/wait.h>

#include "model/agent.h"
#include "model/kinds.h"
#include "site.h"

static const struct agent_filter everything = { .page = 1, .limit = 100 };

static eg_err
create(const struct scope *s, const struct customer_row *customer, const char *name, const char *description,
    struct faults *f, struct agent_row *out)
{
	const struct agent_new in = { .customer_id = customer->id, .name = name, .description = description };

	faults_init(f, site.arena);
	return agent_create(&site.sv, site.arena, s, &anna, &in, f, out);
}

static struct agent_row
made(const struct customer_row *customer, const char *name)
{
	struct agent_row row;
	struct faults f;

	assert_int_equal(create(&site.scope, customer, name, NULL, &f, &row), EG_OK);
	return row;
}

static eg_err
report(const struct scope *s, const struct agent_row *agent, const struct result_new *in, struct faults *f,
    struct result_row *out)
{
	faults_init(f, site.arena);
	return result_add(&site.sv, site.arena, s, &anna, &agent->id, in, f, out);
}

static void
made_is_found_by_number_and_id(void **state)
{
	struct customer_row customer = site_customer(&site.scope, "Acme");
	char id[UUID_TEXT_SIZE];
	struct agent_row row, found;
	struct faults f;

	assert_int_equal(create(&site.scope, &customer, "  Front desk  ", " Answers\r\nthe phone.\n ", &f, &row), EG_OK);
	assert_string_equal(row.name, "Front desk");
	assert_string_equal(row.description, "Answers\nthe phone.");
	assert_true(row.number >= 1);
	assert_true(uuid_equal(&row.customer_id, &customer.id));
	assert_true(uuid_equal(&row.partner_id, &site.partner.id));
	assert_string_equal(row.created_by, "anna@acme.example");
	assert_string_equal(site_last_activity(&site.scope, &row.id, &(size_t){ 0 }), "agent.create|Front desk||anna@acme.example");
	uuid_format(&row.id, id);
	assert_int_equal(agent_find(&site.sv, site.arena, &site.scope, id, &found), EG_OK);
	assert_int_equal(found.number, row.number);
	assert_int_equal(agent_find(&site.sv, site.arena, &site.scope, arena_printf(site.arena, "%lld", (long long)row.number),
	    &found), EG_OK);
	assert_true(uuid_equal(&found.id, &row.id));
	assert_string_equal(found.description, row.description);
	site_assert_members(agent_view(site.arena, &row),
	    "id number customer_id partner_id name description result_count created_at created_by updated_at");
}

static void
texts_that_are_no_agent(void **state)
{
	struct customer_row customer = site_customer(&site.scope, "Acme");
	long long number = made(&customer, "x").number;
	const char *const texts[] = { "", "0", "-1", "+1", arena_printf(site.arena, "0%lld", number),
		arena_printf(site.arena, "%lld ", number), arena_printf(site.arena, "%lldx", number), "999999999999999999",
		"9223372036854775807", "9223372036854775808", "18446744073709551617", "01990000-0000-7000-8000-000000000000", "1e1" };
	struct agent_row row;

	for (size_t i = 0; i < EG_COUNT(texts); i++)
		if (agent_find(&site.sv, site.arena, &site.scope, texts[i], &row) != EG_NOTFOUND)
			fail_msg("found: '%s'", texts[i]);
	assert_false(agent_is_name("1e1"));
	assert_false(agent_is_name("01"));
	assert_true(agent_is_name("10"));
	assert_true(agent_is_name("01990000-0000-7000-8000-000000000000"));
}

static void
what_makes_no_agent(void **state)
{
	struct customer_row customer = site_customer(&site.scope, "Acme"), foreign = site_customer(&site.other_scope, "Foreign");
	struct agent_row row;
	struct faults f;

	assert_int_equal(create(&site.scope, &customer, "", NULL, &f, &row), EG_INVALID);
	assert_fault(&f, "name: Enter 1 to 100");
	assert_int_equal(create(&site.scope, &foreign, "x", NULL, &f, &row), EG_NOTFOUND);
	assert_int_equal(create(&site.scope, &customer, "x", "  \n ", &f, &row), EG_OK);
	assert_null(row.description);
}

/* Two processes at once: each number once, and one more than the one before. */
static void
numbers_ascend_over_all_tenants(void **state)
{
	struct customer_row customer = site_customer(&site.scope, "Acme"), foreign = site_customer(&site.other_scope, "Foreign");
	struct agent_row first = made(&customer, "first"), last, row;
	struct faults f;
	pid_t child;
	int status;

	assert_int_equal(create(&site.other_scope, &foreign, "x", NULL, &f, &row), EG_OK);
	assert_int_equal(row.number, first.number + 1);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct service mine;
		const char *why;

		alarm(20);
		if (service_open(&mine, site.config_path, &why) != EG_OK)
			_exit(2);
		for (int i = 0; i < 20; i++) {
			const struct agent_new in = { .customer_id = customer.id, .name = "child" };

			faults_init(&f, site.arena);
			if (agent_create(&mine, site.arena, &site.scope, &anna, &in, &f, &row) != EG_OK)
				_exit(3);
		}
		_exit(0);
	}
	for (int i = 0; i < 20; i++)
		made(&customer, "parent");
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	last = made(&customer, "last");
	assert_int_equal(last.number, first.number + 42);
	for (int64_t n = first.number; n <= last.number; n++)
		assert_int_equal(agent_get_by_number(&site.sv, site.arena, &(struct scope){ 0 }, n, &row), EG_OK);
}

static void
patched_is_only_what_differs(void **state)
{
	const struct agent_patch rename = { .set_name = true, .name = "New" },
	    both = { .set_name = true, .name = "Newer", .set_description = true, .description = "Does things." },
	    bare = { .set_description = true }, wrong = { .set_name = true, .name = "a\007b" };
	struct customer_row customer = site_customer(&site.scope, "Acme");
	struct agent_row row = made(&customer, "Old"), other;
	size_t before, total;
	struct faults f;

	faults_init(&f, site.arena);
	assert_int_equal(agent_update(&site.sv, site.arena, &site.scope, &anna, &row.id, &rename, &f, &row), EG_OK);
	assert_string_equal(site_last_activity(&site.scope, &row.id, &before), "agent.update|New|Name changed.|anna@acme.example");
	assert_int_equal(agent_update(&site.sv, site.arena, &site.scope, &anna, &row.id, &rename, &f, &row), EG_OK);
	site_last_activity(&site.scope, &row.id, &total);
	assert_int_equal(total, before);
	assert_int_equal(agent_update(&site.sv, site.arena, &site.scope, &anna, &row.id, &both, &f, &row), EG_OK);
	assert_string_equal(site_last_activity(&site.scope, &row.id, &total),
	    "agent.update|Newer|Name changed. Description changed.|anna@acme.example");
	assert_int_equal(agent_update(&site.sv, site.arena, &site.scope, &anna, &row.id, &bare, &f, &row), EG_OK);
	assert_null(row.description);
	assert_int_equal(agent_update(&site.sv, site.arena, &site.scope, &anna, &row.id, &wrong, &f, &row), EG_INVALID);
	assert_fault(&f, "name: Remove");
	assert_int_equal(agent_update(&site.sv, site.arena, &site.other_scope, &anna, &row.id, &rename, &f, &other), EG_NOTFOUND);
}

static void
lists_hold_what_is_in_scope(void **state)
{
	struct customer_row acme = site_customer(&site.scope, "Acme"), globex = site_customer(&site.scope, "Globex"),
	    foreign = site_customer(&site.other_scope, "Foreign");
	const struct scope bound = { .partner_id = site.partner.id, .customer_id = acme.id };
	struct agent_filter of_acme = { .customer_id = acme.id, .page = 2, .limit = 2 }, of_globex = { .customer_id = globex.id,
		.page = 1, .limit = 10 }, of_foreign = { .customer_id = foreign.id, .page = 1, .limit = 10 };
	struct agent_row *rows, row, agents[3];
	size_t count, total;
	struct faults f;

	for (size_t i = 0; i < 3; i++)
		agents[i] = made(&acme, "a");
	made(&globex, "g");
	assert_int_equal(create(&site.other_scope, &foreign, "f", NULL, &f, &row), EG_OK);
	assert_int_equal(agent_list(&site.sv, site.arena, &site.scope, &of_acme, &rows, &count, &total), EG_OK);
	assert_int_equal(total, 3);
	assert_int_equal(count, 1);
	assert_int_equal(rows[0].number, agents[0].number);
	assert_int_equal(agent_list(&site.sv, site.arena, &bound, &everything, &rows, &count, &total), EG_OK);
	assert_int_equal(total, 3);
	assert_int_equal(rows[0].number, agents[2].number);
	assert_int_equal(agent_list(&site.sv, site.arena, &bound, &of_globex, &rows, &count, &total), EG_NOTFOUND);
	assert_int_equal(agent_list(&site.sv, site.arena, &site.scope, &of_foreign, &rows, &count, &total), EG_NOTFOUND);
	assert_int_equal(agent_get(&site.sv, site.arena, &site.scope, &row.id, &row), EG_NOTFOUND);
	assert_int_equal(agent_get_by_number(&site.sv, site.arena, &site.other_scope, agents[0].number, &row), EG_NOTFOUND);
}

/* ---- results ---- */

static void
results_stand_newest_first(void **state)
{
	const struct result_new bare = { .title = "Call 1", .status = "passed" },
	    full = { .title = "Call 2", .status = "failed", .has_score = true, .score = 87.5, .summary = "One.\nTwo.", .at = 1700000000 },
	    zero = { .title = "Call 3", .status = "passed", .has_score = true };
	struct customer_row customer = site_customer(&site.scope, "Acme");
	struct agent_row agent = made(&customer, "x");
	struct result_row *rows, row;
	size_t count, total;
	struct faults f;

	assert_int_equal(report(&site.scope, &agent, &bare, &f, &row), EG_OK);
	assert_int_equal(row.at, row.created_at);
	assert_int_equal(report(&site.scope, &agent, &full, &f, &row), EG_OK);
	assert_int_equal(report(&site.scope, &agent, &zero, &f, &row), EG_OK);
	assert_string_equal(site_last_activity(&site.scope, &agent.id, &(size_t){ 0 }), "agent.result|x|Call 3|anna@acme.example");
	assert_int_equal(agent_get(&site.sv, site.arena, &site.scope, &agent.id, &agent), EG_OK);
	assert_int_equal(agent.result_count, 3);
	assert_int_equal(result_list(&site.sv, site.arena, &agent, 1, 10, &rows, &count, &total), EG_OK);
	assert_int_equal(count, 3);
	assert_string_equal(rows[0].title, "Call 3");
	assert_true(rows[0].has_score && rows[0].score == 0);
	assert_int_equal(rows[1].at, 1700000000);
	assert_string_equal(rows[1].summary, "One.\nTwo.");
	assert_true(rows[1].score == 87.5);
	assert_false(rows[2].has_score);
	assert_int_equal(result_list(&site.sv, site.arena, &agent, 2, 2, &rows, &count, &total), EG_OK);
	assert_int_equal(count, 1);
	assert_int_equal(total, 3);
	assert_string_equal(rows[0].title, "Call 1");
	site_assert_members(result_view(site.arena, &agent, &rows[0]),
	    "id agent_id agent_number title status score summary at created_at");
	assert_null(json_object_object_get(result_view(site.arena, &agent, &rows[0]), "score"));
}

static void
what_makes_no_result(void **state)
{
	const struct result_new empty = { 0 }, good = { .title = "t", .status = "s" };
	static const struct {
		double score;
		eg_err want;
	} scores[] = { { RESULT_SCORE_MAX, EG_OK }, { RESULT_SCORE_MAX + 0.5, EG_INVALID }, { -RESULT_SCORE_MAX, EG_OK },
		{ -RESULT_SCORE_MAX - 0.5, EG_INVALID } };
	struct customer_row customer = site_customer(&site.scope, "Acme");
	struct agent_row agent = made(&customer, "x");
	struct result_row row;
	struct faults f;

	assert_int_equal(report(&site.scope, &agent, &empty, &f, &row), EG_INVALID);
	assert_fault(&f, "title: Enter");
	assert_fault(&f, "status: Enter");
	for (size_t i = 0; i < EG_COUNT(scores); i++) {
		const struct result_new in = { .title = "t", .status = "s", .has_score = true, .score = scores[i].score };

		assert_int_equal(report(&site.scope, &agent, &in, &f, &row), scores[i].want);
	}
	assert_int_equal(report(&site.other_scope, &agent, &good, &f, &row), EG_NOTFOUND);
}

/* ---- deleting ---- */

static struct token_row
token_of(const struct agent_row *agent)
{
	const struct token_new in = { .agent = arena_printf(site.arena, "%lld", (long long)agent->number), .name = "T" };
	char text[EMBED_TOKEN_SIZE];
	struct token_row row;
	struct faults f;

	faults_init(&f, site.arena);
	assert_int_equal(token_create(&site.sv, site.arena, &site.scope, &anna, &in, &f, &row, text), EG_OK);
	return row;
}

static void
deleted_takes_tokens_and_results_with_it(void **state)
{
	const struct result_new in = { .title = "t", .status = "s" };
	struct customer_row customer = site_customer(&site.scope, "Acme");
	struct agent_row agent = made(&customer, "x"), other = made(&customer, "y"), row;
	struct token_row token = token_of(&agent), others = token_of(&other);
	struct token_new again = { .name = "late" };
	struct result_row result;
	struct agent_row *rows;
	size_t count, total;
	char text[EMBED_TOKEN_SIZE], id[UUID_TEXT_SIZE];
	struct faults f;

	assert_int_equal(token.permissions, PERM_AGENTS_READ);
	assert_true(uuid_equal(&token.customer_id, &customer.id));
	for (int i = 0; i < 130; i++)           /* more than two steps take */
		assert_int_equal(report(&site.scope, &agent, &in, &f, &result), EG_OK);
	assert_int_equal(agent_delete(&site.sv, site.arena, &site.other_scope, &anna, &agent.id, &row), EG_NOTFOUND);
	assert_int_equal(agent_delete(&site.sv, site.arena, &site.scope, &anna, &agent.id, &row), EG_OK);
	assert_int_equal(row.number, agent.number);
	assert_int_equal(row.result_count, 130);
	assert_true(uuid_equal(&row.customer_id, &customer.id));
	assert_string_equal(site_last_activity(&site.scope, &agent.id, &total), "agent.delete|x||anna@acme.example");

	assert_int_equal(agent_get(&site.sv, site.arena, &site.scope, &agent.id, &row), EG_NOTFOUND);
	assert_int_equal(agent_get_by_number(&site.sv, site.arena, &site.scope, agent.number, &row), EG_NOTFOUND);
	assert_int_equal(agent_delete(&site.sv, site.arena, &site.scope, &anna, &agent.id, &row), EG_NOTFOUND);
	assert_int_equal(report(&site.scope, &agent, &in, &f, &result), EG_NOTFOUND);
	assert_int_equal(store_count(site.sv.store, site.arena, KIND_RESULT, &agent.id, &total), EG_OK);
	assert_int_equal(total, 0);
	assert_int_equal(store_count(site.sv.store, site.arena, KIND_AGENT, &kinds_root, &total), EG_OK);
	assert_int_equal(total, 0);
	assert_int_equal(token_get(&site.sv, site.arena, &site.scope, &token.id, &token), EG_OK);
	assert_true(token.revoked_at != 0);
	assert_int_equal(token_get(&site.sv, site.arena, &site.scope, &others.id, &others), EG_OK);
	assert_true(others.revoked_at == 0);
	uuid_format(&agent.id, id);
	for (size_t i = 0; i < 2; i++) {
		again.agent = i == 0 ? id : arena_printf(site.arena, "%lld", (long long)agent.number);
		faults_init(&f, site.arena);
		assert_int_equal(token_create(&site.sv, site.arena, &site.scope, &anna, &again, &f, &token, text), EG_NOTFOUND);
	}
	assert_int_equal(agent_list(&site.sv, site.arena, &site.scope, &(struct agent_filter){ customer.id, 1, 10 }, &rows, &count,
	    &total), EG_OK);
	assert_int_equal(total, 1);
	assert_true(made(&customer, "z").number > agent.number);
}

/* A deletion that was broken off behind its first change: gone for everybody, and finished by who comes next. */
static eg_err
mark_only(struct store_tx *tx, struct arena *a, void *arg)
{
	const struct agent_row *agent = arg;
	struct store_record rec;
	json_object *doc = json_new_object(a);

	EG_TRY(store_tx_get(tx, KIND_AGENT, &agent->id, &rec));
	json_object_object_foreach(rec.doc, name, value)
		json_add_object(doc, name, value);
	json_add_int(doc, "deleted", 1700000000);
	json_add_uuid(doc, "customer", &agent->customer_id);
	json_add_uuid(doc, "partner", &agent->partner_id);
	rec.doc = doc;
	rec.lists[0] = kinds_root;
	rec.lists[1] = uuid_nil;
	return store_tx_put(tx, &rec);
}

static void
broken_off_is_finished_later(void **state)
{
	const struct store_cause cause = { .actor = "cli:tester", .action = "test" };
	const struct result_new in = { .title = "t", .status = "s" };
	struct customer_row customer = site_customer(&site.scope, "Acme");
	struct agent_row agent = made(&customer, "x"), second = made(&customer, "y"), row;
	struct token_row token = token_of(&agent);
	struct result_row result;
	struct faults f;
	size_t count;

	assert_int_equal(report(&site.scope, &agent, &in, &f, &result), EG_OK);
	assert_int_equal(store_change(site.sv.store, site.arena, &cause, mark_only, &agent), EG_OK);
	assert_int_equal(store_change(site.sv.store, site.arena, &cause, mark_only, &second), EG_OK);
	assert_int_equal(agent_get(&site.sv, site.arena, &site.scope, &agent.id, &row), EG_NOTFOUND);
	assert_int_equal(agent_delete(&site.sv, site.arena, &site.other_scope, &anna, &agent.id, &row), EG_NOTFOUND);
	assert_int_equal(agent_delete(&site.sv, site.arena, &site.scope, &anna, &agent.id, &row), EG_OK);
	assert_int_equal(store_count(site.sv.store, site.arena, KIND_RESULT, &agent.id, &count), EG_OK);
	assert_int_equal(count, 0);
	assert_int_equal(token_get(&site.sv, site.arena, &site.scope, &token.id, &token), EG_OK);
	assert_true(token.revoked_at != 0);
	assert_int_equal(agent_tidy(&site.sv, site.arena, &count), EG_OK);
	assert_int_equal(count, 1);
	assert_int_equal(agent_tidy(&site.sv, site.arena, &count), EG_OK);
	assert_int_equal(count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(made_is_found_by_number_and_id, site_each),
		cmocka_unit_test_setup(texts_that_are_no_agent, site_each),
		cmocka_unit_test_setup(what_makes_no_agent, site_each),
		cmocka_unit_test_setup(numbers_ascend_over_all_tenants, site_each),
		cmocka_unit_test_setup(patched_is_only_what_differs, site_each),
		cmocka_unit_test_setup(lists_hold_what_is_in_scope, site_each),
		cmocka_unit_test_setup(results_stand_newest_first, site_each),
		cmocka_unit_test_setup(what_makes_no_result, site_each),
		cmocka_unit_test_setup(deleted_takes_tokens_and_results_with_it, site_each),
		cmocka_unit_test_setup(broken_off_is_finished_later, site_each),
	};

	return cmocka_run_group_tests(tests, site_setup, site_teardown);
}
