/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signing in, being signed in, and being kept from guessing. T23, T25. */
#include "world.h"

#define ACCOUNT_TRIES 10
#define ADDRESS_TRIES 30

static enum verdict
login(struct world *w, const char *email, const char *password, const char *address, struct gate_answer *out)
{
	gate_login(&w->sv, w->a, email, password, address, w->now, out);
	return out->verdict;
}

static const struct {
	const char *name, *email, *password;
	enum verdict verdict;
} tries[] = {
	{ "right", OWNER, PASSWORD, VERDICT_OK },
	{ "the mail address in other case", "oWNER@PARTNER.example", PASSWORD, VERDICT_OK },
	{ "another password", OWNER, PASSWORD "!", VERDICT_LOGIN_FAILED },
	{ "the password in other case", OWNER, "Correct horse battery", VERDICT_LOGIN_FAILED },
	{ "nobody", "nobody@partner.example", PASSWORD, VERDICT_LOGIN_FAILED },
	{ "another's password", "owner@other.example", PASSWORD "?", VERDICT_LOGIN_FAILED },
	{ "no mail address", "", PASSWORD, VERDICT_LOGIN_FAILED },
	{ "no password", OWNER, "", VERDICT_LOGIN_FAILED },
	{ "nothing came", NULL, NULL, VERDICT_LOGIN_FAILED },
};

static void
only_the_right_pair_signs_in(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < EG_COUNT(tries); i++) {
		struct gate_answer out;

		login(w, tries[i].email, tries[i].password, "203.0.113.7", &out);
		assert_verdict(tries[i].name, &out, tries[i].verdict);
		/* T25: nothing of the account is told to who failed. */
		assert_int_equal(out.id.kind, out.verdict == VERDICT_OK ? IDENTITY_USER : IDENTITY_NONE);
		assert_true(out.verdict == VERDICT_OK || out.id.user.email == NULL);
		assert_int_equal(out.secret_verified, out.verdict == VERDICT_OK);
		if (out.verdict == VERDICT_OK) {
			assert_true(uuid_equal(&out.id.scope.partner_id, &w->partner.id));
			assert_string_equal(out.id.actor.kind, "user");
			assert_string_equal(out.id.actor.name, OWNER);
			assert_int_equal(out.id.user.role, USER_OWNER);
		}
	}
}

static void
what_no_account_can_have_is_refused_unhashed(void **state)
{
	struct world *w = *state;
	char mail[400], password[400];
	struct gate_answer out;

	memset(mail, 'a', sizeof(mail) - 1);
	memset(password, 'b', sizeof(password) - 1);
	mail[sizeof(mail) - 1] = password[sizeof(password) - 1] = '\0';
	assert_int_equal(login(w, mail, PASSWORD, "203.0.113.7", &out), VERDICT_LOGIN_FAILED);
	assert_int_equal(login(w, OWNER, password, "203.0.113.7", &out), VERDICT_LOGIN_FAILED);
}

/* The eleventh try of an account is refused, from wherever it comes, with the right password too; others go on. */
static void
an_account_is_tried_ten_times(void **state)
{
	struct world *w = *state;
	struct gate_answer out;

	for (int i = 0; i < ACCOUNT_TRIES; i++) {
		const char *from = arena_printf(w->a, "203.0.113.%d", i);

		assert_int_equal(login(w, i % 2 ? "OWNER@partner.example" : OWNER, "wrong password", from, &out), VERDICT_LOGIN_FAILED);
	}
	assert_int_equal(login(w, OWNER, PASSWORD, "203.0.113.99", &out), VERDICT_LOGIN_LIMITED);
	assert_true(out.limited);
	assert_in_range(out.limit.retry_after_s, 1, 900);
	assert_int_equal(out.limit_rule.rate, ACCOUNT_TRIES);
	assert_int_equal(out.limit_rule.period_s, 900);
	assert_int_equal(login(w, "owner@other.example", PASSWORD, "203.0.113.99", &out), VERDICT_OK);
}

/* Who knows the password is kept from nothing, however often they come. */
static void
a_try_that_succeeds_does_not_count(void **state)
{
	struct world *w = *state;
	struct gate_answer out;

	for (int i = 0; i < ACCOUNT_TRIES - 1; i++)
		assert_int_equal(login(w, OWNER, "wrong password", "203.0.113.7", &out), VERDICT_LOGIN_FAILED);
	for (int i = 0; i < ADDRESS_TRIES + 1; i++)
		assert_int_equal(login(w, OWNER, PASSWORD, "203.0.113.7", &out), VERDICT_OK);
	assert_int_equal(login(w, OWNER, "wrong password", "203.0.113.7", &out), VERDICT_LOGIN_FAILED);
	assert_int_equal(login(w, OWNER, PASSWORD, "203.0.113.7", &out), VERDICT_LOGIN_LIMITED);
}

/* Also with limits switched off for load tests; and an address that ran out takes no tries from accounts. */
static void
an_address_tries_thirty_times(void **state)
{
	struct world *w = *state;
	struct gate_answer out;

	world_configure(w, "rate_limit = off\n");
	for (int i = 0; i < ADDRESS_TRIES; i++) {
		const char *who = arena_printf(w->a, "nobody%d@partner.example", i);

		assert_int_equal(login(w, who, "wrong password", "2001:db8:1:2::1", &out), VERDICT_LOGIN_FAILED);
	}
	for (int i = 0; i < ACCOUNT_TRIES; i++)
		assert_int_equal(login(w, OWNER, PASSWORD, "2001:db8:1:2::2", &out), VERDICT_LOGIN_LIMITED);
	assert_int_equal(out.limit_rule.rate, ADDRESS_TRIES);
	assert_int_equal(login(w, OWNER, PASSWORD, "2001:db8:1:3::1", &out), VERDICT_OK);
}

static void
a_suspended_partner_signs_nobody_in(void **state)
{
	struct world *w = *state;
	struct portal_session session;
	char cookie[PORTAL_SESSION_TEXT_SIZE];
	struct gate_answer out;

	assert_int_equal(login(w, OWNER, PASSWORD, "203.0.113.7", &out), VERDICT_OK);
	assert_int_equal(portal_session_start(&w->sv, w->a, &out.id.actor, &out.id.user, "Firefox", cookie, &session), EG_OK);
	assert_int_equal(partner_set_suspended(&w->sv, w->a, &w->who, &w->partner.id, true), EG_OK);
	assert_int_equal(login(w, OWNER, PASSWORD, "203.0.113.7", &out), VERDICT_PARTNER_SUSPENDED);
	assert_int_equal(login(w, OWNER, "wrong password", "203.0.113.7", &out), VERDICT_LOGIN_FAILED);
	gate_portal(&w->sv, w->a, cookie, strlen(cookie), w->now, &out);
	assert_verdict("signed in before", &out, VERDICT_PARTNER_SUSPENDED);
	assert_int_equal(out.id.kind, IDENTITY_NONE);
}

static void
a_disabled_user_is_nobody(void **state)
{
	struct world *w = *state;
	struct gate_answer out;
	struct user_row user;

	assert_int_equal(user_find(&w->sv, w->a, OWNER, &user), EG_OK);
	world_rewrite(w, &(struct world_rewrite){ .kind = KIND_USER, .id = &user.id, .member = "disabled", .value = world_true(w) });
	assert_int_equal(login(w, OWNER, PASSWORD, "203.0.113.7", &out), VERDICT_LOGIN_FAILED);
	assert_int_equal(out.id.kind, IDENTITY_NONE);
}

static void
a_session_is_known_by_its_cookie_alone(void **state)
{
	struct world *w = *state;
	struct portal_session session;
	char cookie[PORTAL_SESSION_TEXT_SIZE];
	struct gate_answer out;

	assert_int_equal(login(w, OWNER, PASSWORD, "203.0.113.7", &out), VERDICT_OK);
	assert_int_equal(portal_session_start(&w->sv, w->a, &out.id.actor, &out.id.user, "Firefox", cookie, &session), EG_OK);
	gate_portal(&w->sv, w->a, cookie, strlen(cookie), w->now, &out);
	assert_verdict("the cookie", &out, VERDICT_OK);
	assert_int_equal(out.id.kind, IDENTITY_USER);
	assert_true(uuid_equal(&out.id.scope.partner_id, &w->partner.id));
	assert_true(uuid_equal(&out.id.portal.id, &session.id));
	assert_string_equal(out.id.user.email, OWNER);

	static const char *const wrong[] = { "", "hello", NULL };

	for (size_t i = 0; i < EG_COUNT(wrong); i++) {
		gate_portal(&w->sv, w->a, wrong[i], wrong[i] == NULL ? 0 : strlen(wrong[i]), w->now, &out);
		assert_verdict("no cookie", &out, VERDICT_MISSING_CREDENTIALS);
	}
	gate_portal(&w->sv, w->a, spoiled(w, cookie, 40), strlen(cookie), w->now, &out);
	assert_verdict("a letter changed", &out, VERDICT_MISSING_CREDENTIALS);
	gate_portal(&w->sv, w->a, cookie, strlen(cookie) - 1, w->now, &out);
	assert_verdict("cut", &out, VERDICT_MISSING_CREDENTIALS);
	assert_int_equal(portal_session_end(&w->sv, w->a, &w->who, &session.id), EG_OK);
	gate_portal(&w->sv, w->a, cookie, strlen(cookie), w->now, &out);
	assert_verdict("signed out", &out, VERDICT_MISSING_CREDENTIALS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD(only_the_right_pair_signs_in),
		WORLD(what_no_account_can_have_is_refused_unhashed),
		WORLD(an_account_is_tried_ten_times),
		WORLD(a_try_that_succeeds_does_not_count),
		WORLD(an_address_tries_thirty_times),
		WORLD(a_suspended_partner_signs_nobody_in),
		WORLD(a_disabled_user_is_nobody),
		WORLD(a_session_is_known_by_its_cookie_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
