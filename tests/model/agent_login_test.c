/* SPDX-License-Identifier: GPL-3.0-or-later */
/* agent_login: refresh tokens are good once, also for two at the same moment, and what is over goes (C10). */
#include <sys/wait.h>

#include "model/agent_login.h"
#include "model/change.h"
#include "model/kinds.h"
#include "site.h"

static struct key_row key;
static struct agent_row agent;

static void
make_key_and_agent(void)
{
	const struct key_new in = { .name = "Key", .type = API_KEY_PARTNER };
	struct customer_row customer = site_customer(&site.scope, "Acme");
	const struct agent_new agent_in = { .customer_id = customer.id, .name = "Agent" };
	char text[API_KEY_SIZE];
	struct faults f;

	faults_init(&f, site.arena);
	assert_int_equal(key_create(&site.sv, site.arena, &site.scope, &anna, &in, &f, &key, text), EG_OK);
	assert_int_equal(agent_create(&site.sv, site.arena, &site.scope, &anna, &agent_in, &f, &agent), EG_OK);
}

static struct login_row
login(void)
{
	struct login_row row;

	assert_int_equal(login_create(&site.sv, site.arena, &anna, &key, false, &agent, &row), EG_OK);
	return row;
}

static eg_err
take(const struct uuid *id, int64_t serial, struct login_row *out)
{
	return login_refresh(&site.sv, site.arena, &anna, id, serial, out);
}

static void
a_login_names_its_key_text_and_agent(void **state)
{
	struct login_row made, found;

	make_key_and_agent();
	made = login();
	assert_int_equal(login_get(&site.sv, site.arena, &made.id, &found), EG_OK);
	assert_true(uuid_equal(&found.key_id, &key.id));
	assert_true(uuid_equal(&found.agent_id, &agent.id));
	assert_string_equal(found.key_lookup, key.lookup);
	assert_int_equal(found.serial, 1);
	assert_int_equal(found.expires_at, found.created_at + LOGIN_LIFE_S);
	assert_int_equal(found.refreshed_at, found.created_at);
	assert_string_equal(site_last_activity(&site.scope, &agent.id, &(size_t){ 0 }), "agent.login|Agent||anna@acme.example");
	key.previous_lookup = "of the text before";
	assert_int_equal(login_create(&site.sv, site.arena, &anna, &key, true, &agent, &made), EG_OK);
	assert_string_equal(made.key_lookup, "of the text before");
	assert_int_equal(agent_delete(&site.sv, site.arena, &site.scope, &anna, &agent.id, &agent), EG_OK);
	assert_int_equal(login_create(&site.sv, site.arena, &anna, &key, false, &agent, &made), EG_NOTFOUND);
	assert_int_equal(login_get(&site.sv, site.arena, &agent.id, &found), EG_NOTFOUND);
}

static void
the_due_token_and_no_other(void **state)
{
	struct login_row row;
	struct uuid id;
	size_t total;

	make_key_and_agent();
	row = login();
	id = row.id;
	assert_int_equal(take(&id, 2, &row), EG_NOTFOUND);      /* of a newer state than this one */
	assert_int_equal(take(&id, 1, &row), EG_OK);
	assert_int_equal(row.serial, 2);
	assert_int_equal(take(&id, 2, &row), EG_OK);
	assert_int_equal(row.serial, 3);
	site_last_activity(&site.scope, &agent.id, &total);
	assert_int_equal(take(&id, 1, &row), EG_CONFLICT);
	assert_true(row.ended_at != 0);
	assert_string_equal(site_last_activity(&site.scope, &agent.id, &total),
	    "agent.login_ended|Agent|A refresh token was used a second time.|anna@acme.example");
	assert_int_equal(take(&id, 3, &row), EG_CONFLICT);      /* it was due, but all have ended */
	assert_int_equal(take(&id, 2, &row), EG_CONFLICT);
	assert_int_equal(take(&agent.id, 1, &row), EG_NOTFOUND);
}

/* Of two at the same moment one is the second. */
static void
two_at_once(void **state)
{
	enum { ROUNDS = 20 };
	struct uuid ids[ROUNDS];
	struct login_row row;
	uint8_t won[ROUNDS], child_won[ROUNDS];
	int go[2], back[2], status;
	pid_t child;
	char byte = 0;

	make_key_and_agent();
	for (int i = 0; i < ROUNDS; i++)
		ids[i] = login().id;
	assert_int_equal(pipe(go), 0);
	assert_int_equal(pipe(back), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct service mine;
		const char *why;

		alarm(20);
		if (service_open(&mine, site.config_path, &why) != EG_OK || write(back[1], "r", 1) != 1 || read(go[0], &byte, 1) != 1)
			_exit(2);
		for (int i = 0; i < ROUNDS; i++)
			child_won[i] = login_refresh(&mine, site.arena, &anna, &ids[i], 1, &row) == EG_OK;
		_exit(write(back[1], child_won, sizeof(child_won)) == sizeof(child_won) ? 0 : 3);
	}
	assert_int_equal(read(back[0], &byte, 1), 1);
	assert_int_equal(write(go[1], &byte, 1), 1);
	for (int i = 0; i < ROUNDS; i++)
		won[i] = take(&ids[i], 1, &row) == EG_OK;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(read(back[0], child_won, sizeof(child_won)), sizeof(child_won));
	for (int i = 0; i < ROUNDS; i++) {
		assert_int_equal(won[i] + child_won[i], 1);
		assert_int_equal(login_get(&site.sv, site.arena, &ids[i], &row), EG_OK);
		assert_true(row.ended_at != 0);
	}
	for (size_t i = 0; i < 2; i++) {
		close(go[i]);
		close(back[i]);
	}
}

/* ---- cleaning ---- */

static eg_err
set_end(struct store_tx *tx, struct arena *a, void *arg)
{
	const struct login_row *row = arg;
	json_object *doc = json_new_object(a);
	struct store_record rec;

	EG_TRY(store_tx_get(tx, KIND_FAMILY, &row->id, &rec));
	json_object_object_foreach(rec.doc, name, value)
		json_add_object(doc, name, value);
	json_add_int(doc, "expires", row->expires_at);
	rec.doc = doc;
	return store_tx_put(tx, &rec);
}

static void
let_end(struct login_row *row, int64_t at)
{
	row->expires_at = at;
	assert_int_equal(change_run(&site.sv, site.arena, &anna, "test", &row->id, set_end, row), EG_OK);
}

static size_t
families(void)
{
	size_t total;

	assert_int_equal(store_count(site.sv.store, site.arena, KIND_FAMILY, &kinds_root, &total), EG_OK);
	return total;
}

static void
what_is_over_goes_in_passing(void **state)
{
	struct login_row over, living, row;
	size_t living_count;

	make_key_and_agent();
	over = login();
	living = login();
	let_end(&over, clock_now_s());
	let_end(&living, clock_now_s() + 60);
	assert_int_equal(take(&over.id, 1, &row), EG_NOTFOUND);
	assert_int_equal(take(&living.id, 1, &row), EG_OK);
	for (int i = 0; i < 300 && login_get(&site.sv, site.arena, &over.id, &row) == EG_OK; i++)
		login();
	assert_int_equal(login_get(&site.sv, site.arena, &over.id, &row), EG_NOTFOUND);
	assert_int_equal(login_get(&site.sv, site.arena, &living.id, &row), EG_OK);

	/* The more there are that are over, the more of them each login meets: they stay few beside the living. */
	living_count = families();
	for (int i = 0; i < 300; i++) {
		row = login();
		let_end(&row, 1700000000);
	}
	assert_true(families() < living_count + 150);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_login_names_its_key_text_and_agent, site_each),
		cmocka_unit_test_setup(the_due_token_and_no_other, site_each),
		cmocka_unit_test_setup(two_at_once, site_each),
		cmocka_unit_test_setup(what_is_over_goes_in_passing, site_each),
	};

	return cmocka_run_group_tests(tests, site_setup, site_teardown);
}
