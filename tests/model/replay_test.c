/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kept answers: written with the change or not at all, for a day, sealed, and taken away when they are old. */
#include "site.h"

#include "model/change.h"
#include "model/kinds.h"
#include "model/replay.h"
#include "sign/mac.h"

static const struct uuid key_a = { .b = { 1 } }, key_b = { .b = { 2 } };

static struct replay
request(const struct uuid *api_key, const char *key, const char *text)
{
	struct replay r;

	assert_int_equal(replay_init(api_key, key, text, strlen(text), &r), EG_OK);
	return r;
}

static enum replay_found
look(const struct replay *r, struct replay_answer *out)
{
	enum replay_found found;

	assert_int_equal(replay_look(&site.sv, site.arena, r, &found, out), EG_OK);
	return found;
}

/* Make a customer as a request with this replay does. */
static eg_err
make_customer(struct replay *r, const char *name)
{
	struct customer_new in = { .name = name, .features = FEATURE_ALL };
	struct customer_row row;
	struct faults f;
	eg_err e;

	faults_init(&f, site.arena);
	site.sv.replay = r;
	e = customer_create(&site.sv, site.arena, &site.scope, &anna, &in, &f, &row, NULL);
	site.sv.replay = NULL;
	return e;
}

static size_t
customers(void)
{
	size_t n;

	assert_int_equal(store_count(site.sv.store, site.arena, KIND_CUSTOMER, &site.partner.id, &n), EG_OK);
	return n;
}

static void
one_change_and_its_answer(void **state)
{
	struct replay r = request(&key_a, "k1", "POST /x"), again = r, other = request(&key_a, "k1", "POST /y");
	struct replay_answer kept;
	size_t before = customers();

	assert_int_equal(look(&r, &kept), REPLAY_NONE);
	assert_int_equal(make_customer(&r, "A"), EG_OK);
	assert_true(r.is_written);
	/* Done, and not yet told: whoever comes now neither does it again nor has an answer. */
	assert_int_equal(look(&again, &kept), REPLAY_UNANSWERED);
	assert_int_equal(look(&other, &kept), REPLAY_OTHER);
	assert_int_equal(make_customer(&again, "A"), EG_BUSY);
	assert_true(again.is_taken && !again.is_written);
	assert_int_equal(make_customer(&other, "A"), EG_BUSY);
	assert_int_equal(customers(), before + 1);

	assert_int_equal(replay_keep(&site.sv, site.arena, &r,
	    &(struct replay_answer){ .status = 201, .type = "application/json", .body = "{\"secret\":1}", .body_len = 12 }), EG_OK);
	assert_int_equal(look(&again, &kept), REPLAY_ANSWERED);
	assert_int_equal(kept.status, 201);
	assert_string_equal(kept.type, "application/json");
	assert_int_equal(kept.body_len, 12);
	assert_memory_equal(kept.body, "{\"secret\":1}", 12);
	/* The first answer stays. */
	assert_int_equal(replay_keep(&site.sv, site.arena, &again,
	    &(struct replay_answer){ .status = 200, .type = "text/plain", .body = "x", .body_len = 1 }), EG_OK);
	assert_int_equal(replay_keep(&site.sv, site.arena, &other,
	    &(struct replay_answer){ .status = 200, .type = "text/plain", .body = "x", .body_len = 1 }), EG_OK);
	assert_int_equal(look(&again, &kept), REPLAY_ANSWERED);
	assert_int_equal(kept.status, 201);
	/* Another API key's keys are others. */
	r = request(&key_b, "k1", "POST /x");
	assert_int_equal(look(&r, &kept), REPLAY_NONE);
}

static void
a_change_that_fails_leaves_no_record(void **state)
{
	struct replay r = request(&key_a, "fails", "x");
	struct replay_answer kept;
	struct uuid nobody;
	struct customer_row row;
	struct customer_patch patch = { .set_disabled = true };
	struct faults f;

	faults_init(&f, site.arena);
	assert_int_equal(uuid_make(&nobody), EG_OK);
	site.sv.replay = &r;
	assert_int_equal(customer_update(&site.sv, site.arena, &site.scope, &anna, &nobody, &patch, &f, &row), EG_NOTFOUND);
	site.sv.replay = NULL;
	assert_false(r.is_written);
	assert_int_equal(look(&r, &kept), REPLAY_NONE);
}

static void
sealed_and_bounded(void **state)
{
	struct replay r = request(&key_a, "sealed", "x");
	static char large[REPLAY_ANSWER_MAX + 1];
	struct replay_answer answer = { .status = 201, .type = "application/json", .body = large, .body_len = REPLAY_ANSWER_MAX + 1 };
	char long_key[REPLAY_KEY_MAX + 2];
	struct store_record rec;
	const char *doc;
	size_t len;

	memset(large, 's', sizeof(large));
	assert_int_equal(replay_keep(&site.sv, site.arena, &r, &answer), EG_TOO_LARGE);
	answer.body_len = REPLAY_ANSWER_MAX;
	assert_int_equal(replay_keep(&site.sv, site.arena, &r, &answer), EG_OK);
	assert_int_equal(store_get(site.sv.store, site.arena, KIND_REPLAY, &r.id, &rec), EG_OK);
	doc = json_text(site.arena, rec.doc, &len);
	assert_null(strstr(doc, "ssss"));
	assert_int_equal(look(&r, &answer), REPLAY_ANSWERED);
	assert_int_equal(answer.body_len, REPLAY_ANSWER_MAX);

	memset(long_key, 'k', sizeof(long_key));
	long_key[REPLAY_KEY_MAX + 1] = '\0';
	assert_int_equal(replay_init(&key_a, long_key, "x", 1, &r), EG_TOO_LARGE);
	long_key[REPLAY_KEY_MAX] = '\0';
	assert_int_equal(replay_init(&key_a, long_key, "x", 1, &r), EG_OK);
}

/* Make the record of `r` look as if it had been written at `at`. */
static eg_err
age(struct store_tx *tx, struct arena *a, void *arg)
{
	struct store_record rec;
	json_object *doc = json_new_object(a);

	EG_TRY(store_tx_get(tx, KIND_REPLAY, &((struct replay *)arg)->id, &rec));
	json_object_object_foreach(rec.doc, name, value)
		if (strcmp(name, "at") == 0)
			json_add_int(doc, name, json_object_get_int64(value) - REPLAY_LIFE_S);
		else
			json_add_object(doc, name, value);
	rec.doc = doc;
	return store_tx_put(tx, &rec);
}

static void
a_day_and_no_longer(void **state)
{
	struct replay_answer answer = { .status = 200, .type = "t", .body = "b", .body_len = 1 };
	struct replay r[12];
	size_t total;

	for (size_t i = 0; i < EG_COUNT(r); i++) {
		r[i] = request(&key_a, arena_printf(site.arena, "old-%zu", i), "x");
		assert_int_equal(make_customer(&r[i], "A"), EG_OK);
	}
	for (size_t i = 0; i < EG_COUNT(r); i++) {
		assert_int_equal(look(&r[i], &answer), REPLAY_UNANSWERED);
		assert_int_equal(store_change(site.sv.store, site.arena, &(struct store_cause){ .actor = "system", .action = "test" }, age, &r[i]), EG_OK);
		assert_int_equal(look(&r[i], &answer), REPLAY_NONE);
	}
	/* What is too old stands in nobody's way, and goes: with each new one a few. */
	r[0].is_written = false;
	assert_int_equal(make_customer(&r[0], "A"), EG_OK);
	assert_int_equal(look(&r[0], &answer), REPLAY_UNANSWERED);
	for (size_t i = 0; i < 5; i++) {
		struct replay fresh = request(&key_a, arena_printf(site.arena, "new-%zu", i), "x");

		assert_int_equal(make_customer(&fresh, "A"), EG_OK);
	}
	assert_int_equal(store_count(site.sv.store, site.arena, KIND_REPLAY, &kinds_root, &total), EG_OK);
	assert_int_equal(total, 2 + 1 + 5);     /* of the tests before: k1, sealed */
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(one_change_and_its_answer, site_each),
		cmocka_unit_test_setup(a_change_that_fails_leaves_no_record, site_each),
		cmocka_unit_test_setup(sealed_and_bounded, site_each),
		cmocka_unit_test_setup(a_day_and_no_longer, site_each),
	};

	return cmocka_run_group_tests_name("replay", tests, site_setup, site_teardown);
}
