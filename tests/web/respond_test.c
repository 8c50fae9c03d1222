/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers: header injection (T18), redirects (T17), problems, challenges, limits, paging, policies, cookies. */
#include "fixture.h"

static eg_err
no_handler(struct rq *rq, struct resp *rs)
{
	return resp_bytes(rq, rs, 200, "text/plain", "", 0);
}

static const struct route routes[] = {
	{ M_GET | M_POST, "/a/:b", CORS, 0, no_handler, NULL, NULL },
	{ M_DELETE, "/a/c", 0, 0, no_handler, NULL, NULL },
	{ 0 },
};
static const struct program program = { .name = "test", .routes = routes, .refuse = resp_problem };

static struct rq *
fresh(struct web *w, const char *vars)
{
	w->rs = (struct resp){ .status = 0 };
	return web_open(w, &program, vars);
}

static void
headers_hold_no_control_byte(void **state)
{
	struct web *w = *state;
	struct rq *rq = fresh(w, "");

	for (int c = 1; c < 256; c++) {
		const char value[] = { 'a', (char)c, 'b', '\0' };
		eg_err expected = c < 0x20 || c == 0x7f ? EG_INTERNAL : EG_OK;

		w->rs.header_count = 0;
		assert_int_equal(resp_header(rq, &w->rs, "X-A", value), expected);
		assert_int_equal(resp_add_header(rq, &w->rs, "X-A", value), expected);
		assert_int_equal(w->rs.header_count, expected == EG_OK ? 2 : 0);
	}
	/* A bad value leaves the one before. */
	w->rs.header_count = 0;
	assert_int_equal(resp_header(rq, &w->rs, "X-A", "good"), EG_OK);
	assert_int_equal(resp_header(rq, &w->rs, "x-a", "bad\r\nX-B: 1"), EG_INTERNAL);
	assert_string_equal(web_header(w, "X-A"), "good");
}

static void
headers_are_replaced_added_and_bounded(void **state)
{
	struct web *w = *state;
	struct rq *rq = fresh(w, "");

	assert_int_equal(resp_header(rq, &w->rs, "X-A", "1"), EG_OK);
	assert_int_equal(resp_header(rq, &w->rs, "x-a", "2"), EG_OK);
	assert_int_equal(w->rs.header_count, 1);
	assert_string_equal(web_header(w, "X-A"), "2");
	while (w->rs.header_count < RESP_HEADERS_MAX)
		assert_int_equal(resp_add_header(rq, &w->rs, "X-B", "1"), EG_OK);
	assert_int_equal(resp_add_header(rq, &w->rs, "X-B", "1"), EG_INTERNAL);
	assert_int_equal(resp_header(rq, &w->rs, "X-C", "1"), EG_INTERNAL);
	assert_int_equal(resp_header(rq, &w->rs, "X-A", "3"), EG_OK);
}

static void
an_answer_is_written_whole(void **state)
{
	static const struct {
		const char *method;
		int status;
		const char *text;
	} cases[] = {
		{ "GET", 200, "Status: 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nabc" },
		{ "HEAD", 200, "Status: 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\n" },
		{ "POST", 422, "Status: 422 Unprocessable Content\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nabc" },
		{ "GET", 599, "Status: 599 Other\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nabc" },
	};
	struct web *w = *state;

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		struct rq *rq = fresh(w, arena_printf(w->arena, "REQUEST_METHOD=%s", cases[i].method));
		struct buf out;

		buf_init(&out, w->arena, 0);
		assert_int_equal(resp_bytes(rq, &w->rs, cases[i].status, "text/plain", "abc", 3), EG_OK);
		resp_write(rq, &w->rs, &out);
		assert_string_equal(out.data, cases[i].text);
	}
}

/* T17: what could leave this host. */
static const struct {
	const char *path;
	bool is_own;
} redirects[] = {
	{ "/", true }, { "/portal/", true }, { "/portal/x?a=b&c=%2F%2Fevil", true }, { "/a//b", true }, { "/a:b@c", true },
	{ "/x?next=https://evil.example/", true }, { "/\xc3\xa9", true },
	{ "", false }, { "portal", false }, { "//evil.example", false }, { "///evil.example", false },
	{ "/\\evil.example", false },
	{ "\\\\evil.example", false }, { "\\/evil.example", false }, { "/a\\b", false }, { "https://evil.example/", false },
	{ "HTTPS:evil.example", false }, { "javascript:alert(1)", false }, { "data:text/html,x", false },
	{ "@evil.example", false },
	{ ".evil.example", false }, { " /portal", false }, { "/\t/evil.example", false }, { "/\n/evil.example", false },
	{ "/\r\nLocation: https://evil.example", false }, { "/a b", false }, { "/\x01", false }, { "/a\x7f", false },
	{ "/\xff", false },
	{ "?x", false }, { "#x", false },
};

static void
redirects_stay_here(void **state)
{
	struct web *w = *state;

	for (size_t i = 0; i < EG_COUNT(redirects); i++) {
		struct rq *rq = fresh(w, "");
		eg_err e = resp_redirect(rq, &w->rs, redirects[i].path);

		if ((e == EG_OK) != redirects[i].is_own)
			fail_msg("'%s' gave %s", redirects[i].path, eg_err_name(e));
		if (e != EG_OK) {
			assert_null(web_header(w, "Location"));
			continue;
		}
		assert_int_equal(w->rs.status, 303);
		assert_string_equal(web_header(w, "Location"),
		    arena_printf(w->arena, "https://portal.example.com/base%s", redirects[i].path));
	}
}

static void
a_problem_has_exactly_its_members(void **state)
{
	static const char *const members[] = { "type", "title", "status", "detail", "code", "request_id", "success", "errors" };
	struct web *w = *state;

	for (enum verdict v = VERDICT_OK + 1; v < VERDICT_COUNT; v++) {
		struct rq *rq = fresh(w, "");
		const struct verdict_info *info = verdict_info(v);
		json_object *o;
		size_t n = 0;

		faults_add(&rq->faults, "name", "Too long.");
		assert_int_equal(rq_refuse(rq, v, "Because \"so\"."), EG_REFUSED);
		assert_int_equal(resp_problem(rq, &w->rs), EG_OK);
		assert_int_equal(w->rs.status, info->status);
		assert_string_equal(web_header(w, "Content-Type"), "application/problem+json");
		assert_int_equal(json_parse_strict(w->arena, w->rs.body, w->rs.body_len, &o, NULL), EG_OK);
		json_object_object_foreach(o, name, value) {
			assert_string_equal(name, members[n++]);
			assert_non_null(value);
		}
		assert_int_equal(n, info->status == 422 ? 8 : 7);
		assert_string_equal(json_get_str(o, "type"), arena_printf(w->arena, "urn:embedgate:error:%s", info->code));
		assert_string_equal(json_get_str(o, "title"), info->title);
		assert_int_equal(json_get_int(o, "status", 0), info->status);
		assert_string_equal(json_get_str(o, "code"), info->code);
		assert_string_equal(json_get_str(o, "request_id"), rq->request_id);
		assert_false(json_get_bool(o, "success", true));
		assert_string_equal(json_get_str(o, "detail"), info->status == 500 ? info->detail : "Because \"so\".");
		if (info->status == 422)
			assert_string_equal(json_get_str(json_object_array_get_idx(json_get_array(o, "errors"), 0), "field"), "name");
	}
}

#define BEARER "Bearer realm=\"embedgate\""

static void
every_401_has_a_challenge(void **state)
{
	struct web *w = *state;

	for (enum verdict v = VERDICT_OK + 1; v < VERDICT_COUNT; v++) {
		struct rq *rq = fresh(w, "");
		const struct verdict_info *info = verdict_info(v);
		const char *expected = info->status != 401 ? NULL :
		    v == VERDICT_MISSING_CREDENTIALS || v == VERDICT_LOGIN_FAILED ? BEARER :
		    arena_printf(w->arena, BEARER ", error=\"invalid_token\", error_description=\"%s\"", info->code);
		const char *challenge;

		assert_int_equal(rq_refuse(rq, v, NULL), EG_REFUSED);
		assert_int_equal(resp_refusal_headers(rq, &w->rs), EG_OK);
		challenge = web_header(w, "WWW-Authenticate");
		if (expected == NULL)
			assert_null(challenge);
		else
			assert_string_equal(challenge, expected);
	}

	struct rq *rq = fresh(w, "");

	rq->gate.missing_permission = PERM_DASHBOARD_READ | PERM_API_READ;
	assert_int_equal(rq_refuse(rq, VERDICT_INSUFFICIENT_SCOPE, NULL), EG_REFUSED);
	assert_int_equal(resp_refusal_headers(rq, &w->rs), EG_OK);
	assert_string_equal(web_header(w, "WWW-Authenticate"),
	    BEARER ", error=\"insufficient_scope\", scope=\"dashboard:read api:read\"");
}

static void
refusals_say_when_and_how(void **state)
{
	static const struct {
		enum verdict v;
		bool limited;
		unsigned retry_after_s;
		const char *retry_after;
	} cases[] = {
		{ VERDICT_RATE_LIMITED, true, 7, "7" }, { VERDICT_RATE_LIMITED, false, 0, "1" },
		{ VERDICT_LOGIN_LIMITED, true, 613, "613" }, { VERDICT_INVALID_TOKEN, true, 7, NULL },
	};
	struct web *w = *state;
	struct rq *rq;

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		rq = fresh(w, "");
		rq->gate.limited = cases[i].limited;
		rq->gate.limit.retry_after_s = cases[i].retry_after_s;
		assert_int_equal(rq_refuse(rq, cases[i].v, NULL), EG_REFUSED);
		assert_int_equal(resp_refusal_headers(rq, &w->rs), EG_OK);
		if (cases[i].retry_after == NULL)
			assert_null(web_header(w, "Retry-After"));
		else
			assert_string_equal(web_header(w, "Retry-After"), cases[i].retry_after);
	}
	for (enum verdict v = VERDICT_STORE_BUSY; v <= VERDICT_RANDOM_UNAVAILABLE; v++) {
		rq = fresh(w, "");
		assert_int_equal(rq_refuse(rq, v, NULL), EG_REFUSED);
		assert_int_equal(resp_refusal_headers(rq, &w->rs), EG_OK);
		assert_non_null(web_header(w, "Retry-After"));
	}
	rq = fresh(w, "REQUEST_URI=/a/c");
	assert_int_equal(rq_refuse(rq, VERDICT_METHOD_NOT_ALLOWED, NULL), EG_REFUSED);
	assert_int_equal(resp_refusal_headers(rq, &w->rs), EG_OK);
	assert_string_equal(web_header(w, "Allow"), "GET, HEAD, POST, DELETE, OPTIONS");
}

static const struct {
	const char *uri;
	size_t page, limit, total, pages;
	const char *link;
} lists[] = {
	{ "/a/b", 1, 50, 0, 0, NULL }, { "/a/b", 1, 50, 50, 1, NULL },
	{ "/a/b", 1, 50, 51, 2, "<https://portal.example.com/base/a/b?page=2>; rel=\"next\"" },
	{ "/base/a/b?page=2&limit=10", 2, 10, 21, 3, "<https://portal.example.com/base/a/b?page=3&limit=10>; rel=\"next\"" },
	{ "/a/b?page=3&limit=10", 3, 10, 21, 3, NULL }, { "/a/b?page=9&limit=10", 9, 10, 21, 3, NULL },
	{ "/a/b%20%3E?status=a%26b%22%3E%0D%0A", 1, 1, 2, 2,
	    "<https://portal.example.com/base/a/b%20%3E?page=2&status=a%26b%22%3E%0D%0A>; rel=\"next\"" },
};

static void
lists_have_pages_and_a_link_to_the_next(void **state)
{
	struct web *w = *state;

	for (size_t i = 0; i < EG_COUNT(lists); i++) {
		struct rq *rq = fresh(w, arena_printf(w->arena, "REQUEST_URI=%s", lists[i].uri));
		json_object *o, *p;

		assert_int_equal(resp_list(rq, &w->rs, json_new_array(w->arena), lists[i].page, lists[i].limit, lists[i].total), EG_OK);
		assert_int_equal(w->rs.status, 200);
		assert_int_equal(json_parse_strict(w->arena, w->rs.body, w->rs.body_len, &o, NULL), EG_OK);
		assert_true(json_get_bool(o, "success", false));
		assert_non_null(json_get_array(o, "data"));
		p = json_get_object(o, "pagination");
		assert_int_equal(json_get_int(p, "page", 0), lists[i].page);
		assert_int_equal(json_get_int(p, "limit", 0), lists[i].limit);
		assert_int_equal(json_get_int(p, "total", -1), lists[i].total);
		assert_int_equal(json_get_int(p, "total_pages", -1), lists[i].pages);
		if (lists[i].link == NULL)
			assert_null(web_header(w, "Link"));
		else
			assert_string_equal(web_header(w, "Link"), lists[i].link);
	}
}

static void
data_has_an_envelope(void **state)
{
	struct web *w = *state;
	struct rq *rq = fresh(w, "");
	json_object *view = json_new_object(w->arena);

	json_add_str(view, "url", "https://a/b");
	assert_int_equal(resp_data(rq, &w->rs, 201, view), EG_OK);
	assert_int_equal(w->rs.status, 201);
	assert_string_equal(web_header(w, "Content-Type"), "application/json");
	assert_string_equal(w->rs.body, "{\"success\":true,\"data\":{\"url\":\"https://a/b\"}}");     /* E12 */
}

static void
cookies_are_bound_to_https(void **state)
{
	static const struct {
		const char *vars, *text, *set_cookie, *sent, *read;
	} cases[] = {
		{ "HTTPS=on", "abc", "__Host-embedgate=abc; Path=/; HttpOnly; SameSite=Lax; Secure", "__Host-embedgate=abc", "abc" },
		{ "HTTPS=on", NULL, "__Host-embedgate=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0", "embedgate=abc", NULL },
		{ "HTTPS=", "abc", "embedgate=abc; Path=/; HttpOnly; SameSite=Lax", "embedgate=abc", "abc" },
		{ "HTTPS=", NULL, "embedgate=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0", "__Host-embedgate=abc", NULL },
	};
	struct web *w = *state;

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		struct rq *rq = fresh(w, arena_printf(w->arena, "%s\nHTTP_COOKIE=%s", cases[i].vars, cases[i].sent));

		assert_int_equal(resp_portal_cookie(rq, &w->rs, cases[i].text), EG_OK);
		assert_string_equal(web_header(w, "Set-Cookie"), cases[i].set_cookie);
		if (cases[i].read == NULL)
			assert_null(rq_portal_cookie(rq));
		else
			assert_string_equal(rq_portal_cookie(rq), cases[i].read);
	}
}

static void
policies_frame_nothing(void **state)
{
	static const char *const portal_parts[] = { "default-src 'none';", "script-src 'self';", "style-src 'self';", "img-src 'self';",
		"form-action 'self' https://portal.example.com;", "frame-ancestors 'none';", "base-uri 'none'" };
	struct web *w = *state;
	struct rq *rq = fresh(w, "");
	const char *policy;

	assert_int_equal(resp_policy(rq, &w->rs, RESP_POLICY_API), EG_OK);
	assert_string_equal(web_header(w, "Content-Security-Policy"), "default-src 'none'; frame-ancestors 'none'");
	assert_string_equal(web_header(w, "Referrer-Policy"), "no-referrer");
	assert_int_equal(resp_policy(rq, &w->rs, RESP_POLICY_PORTAL), EG_OK);
	policy = web_header(w, "Content-Security-Policy");
	for (size_t i = 0; i < EG_COUNT(portal_parts); i++)
		assert_non_null(strstr(policy, portal_parts[i]));
	assert_null(strstr(policy, "unsafe"));
	assert_string_equal(web_header(w, "Referrer-Policy"), "same-origin");
}

/* Where nothing in the answer says what to do, its sentence does. */
static void
a_problem_says_what_to_do(void **state)
{
	static const struct {
		enum verdict v;
		const char *detail, *fault;
		const char *told;
	} cases[] = {
		{ VERDICT_TOKEN_STATE_CONFLICT, NULL, NULL, "The present state does not allow this change. Load it again and look at its "
		  "status. What was revoked cannot be restored: create a new one." },
		{ VERDICT_TOKEN_STATE_CONFLICT, "It is full.", NULL, "It is full." },
		{ VERDICT_IDEMPOTENCY_MISMATCH, NULL, NULL, "This Idempotency-Key was used before with another body. Draw a new key for "
		  "each new request; repeat a key only with the same body." },
		{ VERDICT_VALIDATION_FAILED, NULL, "name", "Some fields are missing or wrong." },
		{ VERDICT_INTERNAL_ERROR, NULL, NULL, "Something went wrong on the server." },
	};
	struct web *w = *state;

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		struct rq *rq = fresh(w, "");
		json_object *o;

		if (cases[i].fault != NULL)
			faults_add(&rq->faults, cases[i].fault, "This is wrong.");
		assert_int_equal(rq_refuse(rq, cases[i].v, cases[i].detail), EG_REFUSED);
		assert_int_equal(resp_problem(rq, &w->rs), EG_OK);
		assert_int_equal(json_parse_strict(w->arena, w->rs.body, w->rs.body_len, &o, NULL), EG_OK);
		assert_string_equal(json_get_str(o, "detail"), cases[i].told);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_problem_says_what_to_do),
		cmocka_unit_test(headers_hold_no_control_byte),
		cmocka_unit_test(headers_are_replaced_added_and_bounded),
		cmocka_unit_test(an_answer_is_written_whole),
		cmocka_unit_test(redirects_stay_here),
		cmocka_unit_test(a_problem_has_exactly_its_members),
		cmocka_unit_test(every_401_has_a_challenge),
		cmocka_unit_test(refusals_say_when_and_how),
		cmocka_unit_test(lists_have_pages_and_a_link_to_the_next),
		cmocka_unit_test(data_has_an_envelope),
		cmocka_unit_test(cookies_are_bound_to_https),
		cmocka_unit_test(policies_frame_nothing),
	};
	return cmocka_run_group_tests(tests, web_setup, web_teardown);
}
