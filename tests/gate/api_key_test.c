/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list for API keys: kinds and what each may, states, limits. P5 to P8, T37. */
#include "world.h"

#include "model/activity.h"

#define LIFE 500
#define TEXT "shape checksum kind origin"
#define ALIVE TEXT " known revoked rotated expired"
#define WHOLE ALIVE " partner customer feature permission permission rate_limit"
#define ANY_API (GATE_KEY_PARTNER | GATE_KEY_CUSTOMER | GATE_KEY_READ_ONLY)

enum text { KEY, NOTHING, HELLO, CUT, ONE_LETTER, FORGED, SPACE_BEHIND };
enum done { DONE_NOTHING, REVOKED, ROTATED, PARTNER_SUSPENDED, CUSTOMER_DISABLED, API_ACCESS_OFF };

#define ROW(name_, type_, allow_, verdict_, steps_, ...) \
	{ .name = name_, .type = type_, .allow = allow_, .verdict = verdict_, .steps = steps_, __VA_ARGS__ }

static const struct {
	const char *name;
	enum api_key_type type;
	unsigned allow;
	enum verdict verdict;
	const char *steps;
	enum text text;
	enum done done;
	const char *origin;
	bool is_write, answer_has_secret, ends;
	int64_t after;          /* the key's end, or that of its old text */
} rows[] = {
	ROW("P5 a partner key", API_KEY_PARTNER, GATE_KEY_PARTNER, VERDICT_OK, WHOLE),
	ROW("P5 a partner key writes", API_KEY_PARTNER, ANY_API, VERDICT_OK, WHOLE, .is_write = true),
	ROW("P6 a customer key", API_KEY_CUSTOMER, ANY_API, VERDICT_OK, WHOLE, .is_write = true),
	ROW("P6 a customer key where only a partner key may", API_KEY_CUSTOMER, GATE_KEY_PARTNER, VERDICT_KEY_TYPE_NOT_ALLOWED,
	    ALIVE " partner customer feature permission !permission"),
	ROW("P7 a read-only key reads", API_KEY_READ_ONLY, ANY_API, VERDICT_OK, WHOLE),
	ROW("P7 a read-only key writes", API_KEY_READ_ONLY, ANY_API, VERDICT_READ_ONLY_KEY,
	    ALIVE " partner customer feature !permission", .is_write = true),
	ROW("P7 a read-only key reads a credential", API_KEY_READ_ONLY, ANY_API, VERDICT_READ_ONLY_KEY,
	    ALIVE " partner customer feature !permission", .answer_has_secret = true),
	ROW("a partner key reads a credential", API_KEY_PARTNER, ANY_API, VERDICT_OK, WHOLE, .answer_has_secret = true),
	ROW("P8 a webhook key elsewhere", API_KEY_WEBHOOK, ANY_API, VERDICT_KEY_TYPE_NOT_ALLOWED,
	    ALIVE " partner customer feature permission !permission"),
	ROW("P8 a webhook key at home", API_KEY_WEBHOOK, GATE_KEY_WEBHOOK, VERDICT_OK, WHOLE, .is_write = true),
	ROW("a partner key at the webhooks", API_KEY_PARTNER, GATE_KEY_WEBHOOK, VERDICT_KEY_TYPE_NOT_ALLOWED,
	    ALIVE " partner customer feature permission !permission"),
	ROW("nobody allowed is nobody allowed", API_KEY_PARTNER, 0, VERDICT_KEY_TYPE_NOT_ALLOWED,
	    ALIVE " partner customer feature permission !permission"),

	ROW("nothing", API_KEY_PARTNER, ANY_API, VERDICT_MISSING_CREDENTIALS, "!shape", .text = NOTHING),
	ROW("nothing, from a browser", API_KEY_PARTNER, ANY_API, VERDICT_MISSING_CREDENTIALS, "!shape", .text = NOTHING,
	    .origin = "https://acme.example"),
	ROW("not a key at all", API_KEY_PARTNER, ANY_API, VERDICT_TOKEN_MALFORMED, "!shape", .text = HELLO),
	ROW("cut short", API_KEY_PARTNER, ANY_API, VERDICT_TOKEN_MALFORMED, "!shape", .text = CUT),
	ROW("a space behind it", API_KEY_PARTNER, ANY_API, VERDICT_TOKEN_MALFORMED, "!shape", .text = SPACE_BEHIND),
	ROW("one letter changed", API_KEY_PARTNER, ANY_API, VERDICT_TOKEN_MALFORMED, "shape !checksum", .text = ONE_LETTER),
	ROW("well formed, not ours", API_KEY_PARTNER, ANY_API, VERDICT_INVALID_TOKEN, TEXT " !known", .text = FORGED),
	ROW("T37 from a browser", API_KEY_PARTNER, ANY_API, VERDICT_SERVER_KEY_IN_BROWSER, "shape checksum kind !origin",
	    .origin = "https://acme.example"),
	ROW("T37 from our own page", API_KEY_PARTNER, ANY_API, VERDICT_SERVER_KEY_IN_BROWSER, "shape checksum kind !origin",
	    .origin = PUBLIC),
	ROW("T37 not ours, from a browser: the same", API_KEY_PARTNER, ANY_API, VERDICT_SERVER_KEY_IN_BROWSER,
	    "shape checksum kind !origin", .origin = "https://acme.example", .text = FORGED),

	ROW("P9 revoked", API_KEY_PARTNER, ANY_API, VERDICT_TOKEN_REVOKED, TEXT " known !revoked", .done = REVOKED),
	ROW("the last good second", API_KEY_PARTNER, ANY_API, VERDICT_OK, WHOLE, .ends = true, .after = -1),
	ROW("the first dead second", API_KEY_PARTNER, ANY_API, VERDICT_TOKEN_EXPIRED, TEXT " known revoked rotated !expired",
	    .ends = true),
	ROW("revoked and expired: revoked is told", API_KEY_PARTNER, ANY_API, VERDICT_TOKEN_REVOKED, TEXT " known !revoked",
	    .done = REVOKED, .ends = true),
	ROW("P9 the old text, last good second", API_KEY_PARTNER, ANY_API, VERDICT_OK, WHOLE, .done = ROTATED, .after = -1),
	ROW("P9 the old text, first dead second", API_KEY_PARTNER, ANY_API, VERDICT_TOKEN_ROTATED, TEXT " known revoked !rotated",
	    .done = ROTATED),
	ROW("A1 the partner without API access", API_KEY_PARTNER, ANY_API, VERDICT_FEATURE_NOT_ENABLED,
	    ALIVE " partner customer !feature", .done = API_ACCESS_OFF),
	ROW("the partner suspended", API_KEY_PARTNER, ANY_API, VERDICT_PARTNER_SUSPENDED, ALIVE " !partner", .done = PARTNER_SUSPENDED),
	ROW("P6 a customer key, its customer disabled", API_KEY_CUSTOMER, ANY_API, VERDICT_CUSTOMER_DISABLED, ALIVE " partner !customer",
	    .done = CUSTOMER_DISABLED),
	ROW("P5 a partner key, some customer disabled", API_KEY_PARTNER, ANY_API, VERDICT_OK, WHOLE, .done = CUSTOMER_DISABLED),
};

static const char *
text_of(struct world *w, const char *key, enum text which)
{
	switch (which) {
	case KEY:		return key;
	case NOTHING:		return "";
	case HELLO:		return "hello";
	case CUT:		return arena_strndup(w->a, key, API_KEY_LEN - 1);
	case ONE_LETTER:	return spoiled(w, key, 30);
	case FORGED:		return forged(w, key, 5);
	case SPACE_BEHIND:	return arena_printf(w->a, "%s ", key);
	}
	return NULL;
}

/* The text becomes that from before a rotation. */
static void
rotate_key(struct world *w, const struct key_row *row)
{
	json_object *holder = json_new_object(w->a);

	json_add_str(holder, "lookup", "of the newer text");
	world_rewrite(w, &(struct world_rewrite){ .kind = KIND_API_KEY, .id = &row->id, .member = "lookup",
	    .value = json_object_object_get(holder, "lookup") });
	world_rewrite(w, &(struct world_rewrite){ .kind = KIND_API_KEY, .id = &row->id, .member = "previous_until",
	    .value = world_number(w, w->now + LIFE) });
}

static void
set(struct world *w, enum done done, bool on)
{
	const struct customer_patch patch = { .set_disabled = true, .is_disabled = on };

	if (done == PARTNER_SUSPENDED)
		assert_int_equal(partner_set_suspended(&w->sv, w->a, &w->who, &w->partner.id, on), EG_OK);
	if (done == CUSTOMER_DISABLED)
		world_patch_customer(w, &patch);
	if (done == API_ACCESS_OFF)
		world_rewrite(w, &(struct world_rewrite){ .kind = KIND_PARTNER, .id = &w->partner.id, .member = "api_access",
		    .value = on ? NULL : world_true(w) });
}

static void
every_verdict_with_the_checks_before_it(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < EG_COUNT(rows); i++) {
		const struct customer_row *bound = rows[i].type == API_KEY_CUSTOMER ? &w->customer : NULL;
		char key[API_KEY_SIZE];
		struct gate_answer out;

		w->now = clock_now_s();

		struct key_row row = world_key(w, rows[i].type, bound, rows[i].ends ? w->now + LIFE : 0, key);
		const char *text = text_of(w, key, rows[i].text);
		const struct gate_key_ask ask = { .text = text, .len = strlen(text), .origin = rows[i].origin, .allow = rows[i].allow,
			.is_read = !rows[i].is_write, .answer_has_secret = rows[i].answer_has_secret, .address = "203.0.113.7",
			.now_s = w->now + (rows[i].ends || rows[i].done == ROTATED ? LIFE : 0) + rows[i].after };

		if (rows[i].done == ROTATED)
			rotate_key(w, &row);
		if (rows[i].done == REVOKED)
			assert_int_equal(key_revoke(&w->sv, w->a, &w->scope, &w->who, &row.id, &row), EG_OK);
		set(w, rows[i].done, true);
		gate_api_key(&w->sv, w->a, &ask, &out);
		set(w, rows[i].done, false);
		assert_verdict(rows[i].name, &out, rows[i].verdict);
		if (strcmp(steps_text(w, &out), rows[i].steps) != 0)
			fail_msg("%s: %s, wanted %s", rows[i].name, steps_text(w, &out), rows[i].steps);
		assert_int_equal(out.secret_verified, strstr(rows[i].steps, " known") != NULL);
	}
}

/* T7: a key speaks for its tenant, and a customer's key for its customer. */
static void
an_identity_carries_its_tenant(void **state)
{
	struct world *w = *state;
	char partner_key[API_KEY_SIZE], customer_key[API_KEY_SIZE];
	struct gate_answer out;

	world_key(w, API_KEY_PARTNER, NULL, 0, partner_key);
	world_key(w, API_KEY_CUSTOMER, &w->customer, 0, customer_key);
	struct gate_key_ask ask = { .text = partner_key, .len = API_KEY_LEN, .allow = ANY_API, .now_s = w->now };

	gate_api_key(&w->sv, w->a, &ask, &out);
	assert_verdict("partner", &out, VERDICT_OK);
	assert_int_equal(out.id.kind, IDENTITY_API_KEY);
	assert_true(uuid_equal(&out.id.scope.partner_id, &w->partner.id));
	assert_true(uuid_is_nil(&out.id.scope.customer_id));
	assert_string_equal(out.id.actor.kind, "api_key");
	assert_string_equal(out.id.actor.name, "Key");
	ask.text = customer_key;
	gate_api_key(&w->sv, w->a, &ask, &out);
	assert_verdict("customer", &out, VERDICT_OK);
	assert_true(uuid_equal(&out.id.scope.partner_id, &w->partner.id));
	assert_true(uuid_equal(&out.id.scope.customer_id, &w->customer.id));
}

static void
a_key_has_one_bucket_wherever_it_is_used(void **state)
{
	struct world *w = *state;
	char key[API_KEY_SIZE], other[API_KEY_SIZE];
	struct gate_answer out;

	world_configure(w, "key_rate = 2\n");
	world_key(w, API_KEY_PARTNER, NULL, 0, key);
	world_key(w, API_KEY_PARTNER, NULL, 0, other);
	struct gate_key_ask ask = { .text = key, .len = API_KEY_LEN, .allow = ANY_API, .now_s = w->now, .address = "203.0.113.7" };

	for (int i = 0; i < 2; i++) {
		gate_api_key(&w->sv, w->a, &ask, &out);
		assert_verdict("within", &out, VERDICT_OK);
		assert_true(out.limited);
		assert_int_equal(out.limit.remaining, 1 - i);
		assert_int_equal(out.limit_rule.rate, 2);
	}
	ask.address = "203.0.113.8";
	gate_api_key(&w->sv, w->a, &ask, &out);
	assert_verdict("over", &out, VERDICT_RATE_LIMITED);
	assert_true(out.limit.retry_after_s >= 1);
	ask.text = other;
	gate_api_key(&w->sv, w->a, &ask, &out);
	assert_verdict("another key", &out, VERDICT_OK);
}

/* P10: when a key was last used is known; what a stranger tries is not counted. */
static void
uses_are_counted(void **state)
{
	struct world *w = *state;
	char key[API_KEY_SIZE];
	struct key_row row = world_key(w, API_KEY_READ_ONLY, NULL, 0, key);
	struct gate_key_ask ask = { .text = key, .len = API_KEY_LEN, .allow = ANY_API, .is_read = true, .now_s = w->now + 5 };
	struct gate_answer out;
	struct usage_view v;

	gate_api_key(&w->sv, w->a, &ask, &out);
	ask.is_read = false;
	gate_api_key(&w->sv, w->a, &ask, &out);
	ask.text = forged(w, key, 5);
	gate_api_key(&w->sv, w->a, &ask, &out);
	usage_read(w->sv.usage, row.slot, &row.id, w->now + 5, &v);
	assert_int_equal(v.requests, 1);
	assert_int_equal(v.refused, 1);
	assert_int_equal(v.last_used_at_s, w->now + 5);
	assert_string_equal(v.refused_code, "read_only_key");
}

static size_t
activity_of(struct world *w, const struct uuid *id, struct activity_row *newest)
{
	struct activity_row *list;
	size_t count, total;

	assert_int_equal(activity_list(&w->sv, w->a, &w->scope, id, 1, 1, &list, &count, &total), EG_OK);
	*newest = list[0];
	return total;
}

/* T37: whoever sees the page has the key, so its partner is told; a page cannot fill the log. */
static void
a_key_in_a_browser_is_noted_once_a_day(void **state)
{
	struct world *w = *state;
	char key[API_KEY_SIZE];
	struct key_row row = world_key(w, API_KEY_PARTNER, NULL, 0, key);
	struct gate_key_ask ask = { .text = forged(w, key, 5), .len = API_KEY_LEN, .allow = ANY_API, .is_read = true,
		.origin = "https://shop.example", .address = "203.0.113.77", .now_s = w->now };
	struct activity_row newest;
	struct gate_answer out;
	size_t before = activity_of(w, &row.id, &newest);

	gate_api_key(&w->sv, w->a, &ask, &out);
	assert_verdict("not ours", &out, VERDICT_SERVER_KEY_IN_BROWSER);
	assert_int_equal(activity_of(w, &row.id, &newest), before);
	ask.text = key;
	for (int i = 0; i < 3; i++) {
		gate_api_key(&w->sv, w->a, &ask, &out);
		assert_verdict("ours", &out, VERDICT_SERVER_KEY_IN_BROWSER);
		assert_false(out.secret_verified);
		assert_int_equal(activity_of(w, &row.id, &newest), before + 1);
	}
	assert_string_equal(newest.action, "api_key.in_browser");
	assert_string_equal(newest.address, "203.0.113.0");
	assert_non_null(strstr(newest.detail, "https://shop.example"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD(every_verdict_with_the_checks_before_it),
		WORLD(an_identity_carries_its_tenant),
		WORLD(a_key_has_one_bucket_wherever_it_is_used),
		WORLD(uses_are_counted),
		WORLD(a_key_in_a_browser_is_noted_once_a_day),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
