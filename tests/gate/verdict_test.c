/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of verdicts against the list of the interface. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "gate/verdict.h"

static const struct {
	enum verdict v;
	int status;
	const char *code;
} cases[] = {
	{ VERDICT_OK, 200, "ok" },
	{ VERDICT_NOT_FOUND, 404, "not_found" },
	{ VERDICT_METHOD_NOT_ALLOWED, 405, "method_not_allowed" },
	{ VERDICT_HTTPS_REQUIRED, 403, "https_required" },
	{ VERDICT_BODY_TOO_LARGE, 413, "body_too_large" },
	{ VERDICT_UNSUPPORTED_MEDIA_TYPE, 415, "unsupported_media_type" },
	{ VERDICT_RATE_LIMITED, 429, "rate_limited" },
	{ VERDICT_INVALID_JSON, 400, "invalid_json" },
	{ VERDICT_MISSING_CREDENTIALS, 401, "missing_credentials" },
	{ VERDICT_MULTIPLE_CREDENTIALS, 400, "multiple_credentials" },
	{ VERDICT_TOKEN_MALFORMED, 401, "token_malformed" },
	{ VERDICT_WRONG_TOKEN_TYPE, 401, "wrong_token_type" },
	{ VERDICT_SERVER_KEY_IN_BROWSER, 403, "server_key_in_browser" },
	{ VERDICT_INVALID_TOKEN, 401, "invalid_token" },
	{ VERDICT_TOKEN_REVOKED, 401, "token_revoked" },
	{ VERDICT_TOKEN_ROTATED, 401, "token_rotated" },
	{ VERDICT_TOKEN_EXPIRED, 401, "token_expired" },
	{ VERDICT_TOKEN_DISABLED, 401, "token_disabled" },
	{ VERDICT_SESSION_INVALID, 401, "session_invalid" },
	{ VERDICT_SESSION_NOT_YET_VALID, 401, "session_not_yet_valid" },
	{ VERDICT_SESSION_EXPIRED, 401, "session_expired" },
	{ VERDICT_SESSION_REVOKED, 401, "session_revoked" },
	{ VERDICT_REFRESH_INVALID, 401, "refresh_invalid" },
	{ VERDICT_REFRESH_REUSED, 401, "refresh_reused" },
	{ VERDICT_PARTNER_SUSPENDED, 403, "partner_suspended" },
	{ VERDICT_CUSTOMER_DISABLED, 403, "customer_disabled" },
	{ VERDICT_PORTAL_ACCESS_DISABLED, 403, "portal_access_disabled" },
	{ VERDICT_FEATURE_NOT_ENABLED, 403, "feature_not_enabled" },
	{ VERDICT_READ_ONLY_KEY, 403, "read_only_key" },
	{ VERDICT_KEY_TYPE_NOT_ALLOWED, 403, "key_type_not_allowed" },
	{ VERDICT_SUBJECT_MISMATCH, 403, "subject_mismatch" },
	{ VERDICT_ORIGIN_NOT_ALLOWED, 403, "origin_not_allowed" },
	{ VERDICT_INSUFFICIENT_SCOPE, 403, "insufficient_scope" },
	{ VERDICT_COPY_URL_DISABLED, 403, "copy_url_disabled" },
	{ VERDICT_VALIDATION_FAILED, 422, "validation_failed" },
	{ VERDICT_IDEMPOTENCY_MISMATCH, 422, "idempotency_mismatch" },
	{ VERDICT_TOKEN_STATE_CONFLICT, 409, "token_state_conflict" },
	{ VERDICT_STORE_BUSY, 503, "store_busy" },
	{ VERDICT_STORE_RECOVERING, 503, "store_recovering" },
	{ VERDICT_STORE_FULL, 503, "store_full" },
	{ VERDICT_STORE_FAILED, 503, "store_failed" },
	{ VERDICT_STORE_DAMAGED, 503, "store_damaged" },
	{ VERDICT_RANDOM_UNAVAILABLE, 503, "random_unavailable" },
	{ VERDICT_LOGIN_FAILED, 401, "login_failed" },
	{ VERDICT_LOGIN_LIMITED, 429, "login_limited" },
	{ VERDICT_CSRF_FAILED, 403, "csrf_failed" },
	{ VERDICT_INTERNAL_ERROR, 500, "internal_error" },
};

static void
every_verdict_has_its_code_and_status(void **state)
{
	assert_int_equal(EG_COUNT(cases), VERDICT_COUNT);
	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		assert_int_equal(cases[i].v, i);
		assert_string_equal(verdict_info(cases[i].v)->code, cases[i].code);
		assert_int_equal(verdict_info(cases[i].v)->status, cases[i].status);
	}
}

/* They stand alone in a log, a page, an answer: a sentence, or at least a few words. */
static void
every_verdict_has_its_words(void **state)
{
	for (size_t i = 0; i < VERDICT_COUNT; i++) {
		const struct verdict_info *v = verdict_info((enum verdict)i);
		const char *const sentences[] = { v->detail, v->fix, v->visitor };

		assert_true(strlen(v->title) >= 2 && strlen(v->title) <= 32);
		for (size_t k = 0; k < EG_COUNT(sentences); k++) {
			size_t n = strlen(sentences[k]);

			assert_true(n > 10);
			assert_true(strchr(".?", sentences[k][n - 1]) != NULL);
		}
	}
}

/* Somebody who just looks at a page reads no jargon; the operator finds the code elsewhere. */
static void
visitors_read_plain_words(void **state)
{
	static const char *const jargon[] = { "token", "Token", "API", "JSON", "scope", "credential", "_" };

	for (size_t i = 0; i < VERDICT_COUNT; i++)
		for (size_t k = 0; k < EG_COUNT(jargon); k++)
			assert_null(strstr(verdict_info((enum verdict)i)->visitor, jargon[k]));
	assert_string_equal(verdict_info(VERDICT_TOKEN_REVOKED)->visitor, "This content is no longer available.");
}

/* K32: the likeliest mistake is named, and what to do about it. */
static void
a_key_instead_of_a_token_is_named(void **state)
{
	const char *fix = verdict_info(VERDICT_WRONG_TOKEN_TYPE)->fix;

	assert_non_null(strstr(fix, "embed token"));
	assert_non_null(strstr(fix, "not a partner API key"));
}

static void
who_may_come_again_is_told_when(void **state)
{
	for (size_t i = 0; i < VERDICT_COUNT; i++) {
		const struct verdict_info *v = verdict_info((enum verdict)i);

		assert_int_equal(v->retry_after_s > 0, v->status == 503 || v->status == 429);
	}
}

static const struct {
	eg_err e;
	enum verdict v;
} errors[] = {
	{ EG_OK, VERDICT_OK },
	{ EG_NOTFOUND, VERDICT_NOT_FOUND },
	{ EG_EXISTS, VERDICT_TOKEN_STATE_CONFLICT },
	{ EG_CONFLICT, VERDICT_TOKEN_STATE_CONFLICT },
	{ EG_INVALID, VERDICT_VALIDATION_FAILED },
	{ EG_TOO_LARGE, VERDICT_BODY_TOO_LARGE },
	{ EG_BUSY, VERDICT_STORE_BUSY },
	{ EG_RECOVERING, VERDICT_STORE_RECOVERING },
	{ EG_FULL, VERDICT_STORE_FULL },
	{ EG_FAILED, VERDICT_STORE_FAILED },
	{ EG_IO, VERDICT_STORE_FAILED },
	{ EG_DAMAGED, VERDICT_STORE_DAMAGED },
	{ EG_RANDOM, VERDICT_RANDOM_UNAVAILABLE },
	{ EG_CONFIG, VERDICT_INTERNAL_ERROR },
	{ EG_INTERNAL, VERDICT_INTERNAL_ERROR },
	{ EG_REFUSED, VERDICT_INTERNAL_ERROR },
	{ EG_MALFORMED, VERDICT_INTERNAL_ERROR },
	{ EG_FORGED, VERDICT_INTERNAL_ERROR },
};

/* T5: no fault and no forgotten answer reads as a yes. */
static void
errors_become_verdicts_and_only_ok_is_ok(void **state)
{
	for (size_t i = 0; i < EG_COUNT(errors); i++)
		assert_int_equal(verdict_of_err(errors[i].e), errors[i].v);
	for (int e = EG_OK + 1; e <= EG_INTERNAL + 3; e++)
		assert_true(verdict_info(verdict_of_err((eg_err)e))->status >= 400);
	assert_int_equal(verdict_info(VERDICT_COUNT)->status, 500);
	assert_int_equal(verdict_info((enum verdict)-1)->status, 500);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_verdict_has_its_code_and_status),
		cmocka_unit_test(every_verdict_has_its_words),
		cmocka_unit_test(visitors_read_plain_words),
		cmocka_unit_test(a_key_instead_of_a_token_is_named),
		cmocka_unit_test(who_may_come_again_is_told_when),
		cmocka_unit_test(errors_become_verdicts_and_only_ok_is_ok),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
