/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The router: its table, the order of verdicts, credentials (T21), CORS (T13), forms (T14), roles, failures, the headers of
 * every answer (T15), made-up paths (T8). The gate is one of this file's own, which says what the test wants. */
#include "fixture.h"

#include "web/fields.h"

/* ---- a gate that obeys ---- */

static struct {
	struct gate_answer answer;      /* the next answer of any list */
	struct gate_key_ask key;        /* what was asked */
	struct gate_ask embed;
	const char *cookie;
	unsigned asked;
	unsigned address_taken;         /* gate_limit_address() */
	unsigned address_left;
	bool allows_origin;
	struct uuid customer;           /* the only one that is found */
} gate;

void
gate_api_key(struct service *sv, struct arena *a, const struct gate_key_ask *ask, struct gate_answer *out)
{
	gate.asked++;
	gate.key = *ask;
	*out = gate.answer;
}

void
gate_embed(struct service *sv, struct arena *a, const struct gate_ask *ask, struct gate_answer *out)
{
	gate.asked++;
	gate.embed = *ask;
	*out = gate.answer;
}

void
gate_portal(struct service *sv, struct arena *a, const char *cookie, size_t len, int64_t now_s, struct gate_answer *out)
{
	gate.asked++;
	gate.cookie = cookie;
	*out = gate.answer;
	if (cookie == NULL) {
		out->verdict = VERDICT_MISSING_CREDENTIALS;
		out->secret_verified = false;
	}
}

void
gate_login(struct service *sv, struct arena *a, const char *email, const char *password, const char *address, int64_t now_s,
    struct gate_answer *out)
{
	*out = gate.answer;
}

void
gate_limit_address(struct service *sv, const char *address, struct limit_answer *out, struct limit *rule)
{
	gate.address_taken++;
	*rule = (struct limit){ .rate = 600, .period_s = 60 };
	*out = (struct limit_answer){ .allowed = gate.address_left > 0, .remaining = gate.address_left, .reset_s = 3,
		.retry_after_s = gate.address_left > 0 ? 0 : 9 };
}

bool
gate_origin_allowed(const struct service *sv, const struct token_row *t, const char *origin)
{
	return gate.allows_origin;
}

const char *
gate_frame_ancestors(struct arena *a, const struct token_row *t)
{
	return "*";
}

unsigned
gate_permissions(const struct token_row *t, const struct customer_row *c)
{
	return 0;
}

eg_err
customer_get(struct service *sv, struct arena *a, const struct scope *s, const struct uuid *id, struct customer_row *out)
{
	if (!uuid_equal(id, &gate.customer))
		return EG_NOTFOUND;
	out->id = *id;
	return EG_OK;
}

static void
gate_says(enum verdict v, bool verified)
{
	memset(&gate, 0, sizeof(gate));
	gate.answer.verdict = v;
	gate.answer.secret_verified = verified;
	gate.address_left = 599;
}

/* ---- a program ---- */

static eg_err
say(struct rq *rq, struct resp *rs, const char *what)
{
	return resp_bytes(rq, rs, 200, "text/plain", what, strlen(what));
}

static eg_err h_ok(struct rq *rq, struct resp *rs) { return say(rq, rs, "ok"); }
static eg_err h_new(struct rq *rq, struct resp *rs) { return say(rq, rs, "new"); }
static eg_err h_id(struct rq *rq, struct resp *rs) { return say(rq, rs, rq_path(rq, "id")); }
static eg_err h_unknown(struct rq *rq, struct resp *rs) { return rq_refuse(rq, VERDICT_INVALID_TOKEN, NULL); }
static eg_err h_days(struct rq *rq, struct resp *rs) { return say(rq, rs, rq_query(rq, "max_days")); }
static eg_err h_nothing(struct rq *rq, struct resp *rs) { return EG_OK; }

static eg_err
h_two(struct rq *rq, struct resp *rs)
{
	return say(rq, rs, arena_printf(rq->arena, "%s+%s", rq_path(rq, "one"), rq_path(rq, "two")));
}

static eg_err
h_exchange(struct rq *rq, struct resp *rs)
{
	json_object *body;

	EG_TRY(rq_body_object(rq, &body));
	rq->gate = gate.answer;
	if (rq->gate.verdict != VERDICT_OK)
		return rq_refuse(rq, rq->gate.verdict, NULL);
	rq->id = rq->gate.id;
	return say(rq, rs, "ok");
}

static eg_err failure;

/* Half an answer, and then a fault. */
static eg_err
h_fail(struct rq *rq, struct resp *rs)
{
	EG_TRY(resp_header(rq, rs, "X-Half", "1"));
	EG_TRY(say(rq, rs, "half a page"));
	return failure;
}

static eg_err
h_cached(struct rq *rq, struct resp *rs)
{
	EG_TRY(resp_header(rq, rs, "Cache-Control", "public, max-age=3600"));
	EG_TRY(resp_header(rq, rs, "Content-Security-Policy", "default-src 'none'; frame-ancestors *"));
	return say(rq, rs, "ok");
}

static const struct field name_field[] = {
	{ "name", FIELD_TEXT, 0, 1, 100, NULL, NULL },
	{ 0 },
};

static const struct field days_query[] = {
	QUERY_SUBJECT,
	{ "max_days", FIELD_INT, 0, 1, 9, NULL, NULL },
	{ 0 },
};

static const struct route routes[] = {
	{ M_GET, "/", 0, 0, h_ok, NULL, NULL },
	{ M_GET, "/open", 0, 0, h_ok, NULL, NULL },
	{ M_GET, "/a/new", 0, 0, h_new, NULL, NULL },
	{ M_GET | M_DELETE, "/a/:id", 0, 0, h_id, NULL, NULL },
	{ M_PATCH, "/a/:id", 0, 0, h_id, NULL, NULL },
	{ M_GET, "/a/:one/b/:two", 0, 0, h_two, NULL, NULL },
	{ M_GET, "/slash/", 0, 0, h_ok, NULL, NULL },
	{ M_GET, "/key", NEED_KEY_ANY_API, 0, h_ok, NULL, NULL },
	{ M_POST, "/key", NEED_KEY_PARTNER | NEED_KEY_WEBHOOK, 0, h_ok, name_field, NULL },
	{ M_GET, "/secret", NEED_KEY_PARTNER | ANSWER_HAS_SECRET, 0, h_ok, NULL, NULL },
	{ M_GET, "/embed/:name", NEED_EMBED | CORS, PERM_DASHBOARD_READ, h_ok, NULL, NULL, .query = subject_query },
	{ M_GET, "/embed/v1/widgets/agent", NEED_EMBED | CORS, PERM_DASHBOARD_READ, h_ok, NULL, NULL, .query = subject_query },
	{ M_GET, "/embed/of/days", NEED_EMBED | CORS, 0, h_days, NULL, NULL, .query = days_query },
	{ M_GET, "/plain/embed", NEED_EMBED, 0, h_ok, NULL, NULL },
	{ M_POST, "/session", NEED_SESSION | CORS, PERM_EVENTS_REGISTER, h_ok, NULL, NULL },
	{ M_POST, "/exchange", BODY_CREDENTIAL | CORS, 0, h_exchange, NULL, NULL },
	{ M_GET | M_POST, "/portal", NEED_USER, 0, h_ok, NULL, NULL },
	{ M_POST, "/portal/form", NEED_USER | NEED_FORM, 0, h_ok, NULL, NULL },
	{ M_POST, "/portal/form/:id", NEED_USER | NEED_FORM, 0, h_ok, NULL, NULL },
	{ M_GET, "/portal/of/:customer", NEED_USER | NEED_CUSTOMER, 0, h_ok, NULL, NULL },
	{ M_GET, "/portal/admin", NEED_USER | NEED_ADMIN, 0, h_ok, NULL, NULL },
	{ M_GET, "/portal/settings", NEED_USER | NEED_SETTINGS, 0, h_ok, NULL, NULL },
	{ M_GET, "/portal/owner", NEED_USER | NEED_OWNER, 0, h_ok, NULL, NULL },
	{ M_POST, "/login", NEED_OWN_ORIGIN | BODY_CREDENTIAL, 0, h_ok, NULL, NULL },
	{ M_GET, "/healthz", PLAIN_HTTP_OK, 0, h_ok, NULL, NULL },
	{ M_POST, "/large", BODY_LARGE, 0, h_ok, NULL, NULL },
	{ M_GET, "/fail", 0, 0, h_fail, NULL, NULL },
	{ M_GET, "/nothing", 0, 0, h_nothing, NULL, NULL },
	{ M_GET, "/unknown", 0, 0, h_unknown, NULL, NULL },
	{ M_GET, "/cached", 0, 0, h_cached, NULL, NULL },
	{ 0 },
};

static const struct program program = { .name = "test", .routes = routes, .refuse = resp_problem, .cors_below = "/embed/" };

static int
ask_with_body(struct web *w, const char *vars, const char *body, size_t len, bool too_large)
{
	struct rq *rq = web_open(w, &program, vars);

	router_match(rq);
	if (body != NULL)
		rq_take_body(rq, body, len, too_large);
	router_answer(rq, &w->rs);
	return w->rs.status;
}

static int
ask(struct web *w, const char *vars)
{
	return ask_with_body(w, vars, NULL, 0, false);
}

/* ---- the table ---- */

static const struct {
	const char *method, *uri;
	int status;
	const char *body_or_allow;
} table[] = {
	{ "GET", "/", 200, "ok" }, { "GET", "/open", 200, "ok" }, { "HEAD", "/open", 200, "ok" },
	{ "GET", "/base/open", 200, "ok" },
	{ "POST", "/open", 405, "GET, HEAD" }, { "OPTIONS", "/open", 405, "GET, HEAD" },
	{ "TRACE", "/open", 405, "GET, HEAD" },
	{ "FOO", "/open", 405, "GET, HEAD" }, { "GET", "/open/", 404, NULL }, { "GET", "/ope", 404, NULL },
	{ "GET", "/openx", 404, NULL },
	{ "GET", "/Open", 404, NULL }, { "GET", "/none", 404, NULL }, { "FOO", "/none", 404, NULL },
	{ "GET", "/%6fpen", 200, "ok" },
	{ "GET", "/slash/", 200, "ok" }, { "GET", "/slash", 404, NULL },
	{ "GET", "/a/new", 200, "new" }, { "GET", "/a/1", 200, "1" }, { "PATCH", "/a/1", 200, "1" },
	{ "DELETE", "/a/new", 200, "new" },
	{ "GET", "/a/", 404, NULL }, { "GET", "/a", 404, NULL }, { "GET", "/a/1/", 404, NULL },
	{ "GET", "/a/1/b", 404, NULL },
	{ "GET", "/a/x%20y", 200, "x y" }, { "GET", "/a/x%2fy", 404, NULL }, { "GET", "/a/%2e%2e", 404, NULL },
	{ "GET", "/a/:id", 200, ":id" }, { "GET", "/a/1/b/2", 200, "1+2" }, { "GET", "/a//b/2", 404, NULL },
	{ "POST", "/a/1", 405, "GET, HEAD, PATCH, DELETE" }, { "PUT", "/a/new", 405, "GET, HEAD, PATCH, DELETE" },
	{ "GET", "/exchange", 405, "POST, OPTIONS" }, { "OPTIONS", "/exchange", 204, NULL },
	{ "OPTIONS", "/embed/x", 204, NULL },
	{ "OPTIONS", "/none", 404, NULL }, { "HEAD", "/large", 405, "POST" },
	{ "OPTIONS", "/embed/x/none", 204, NULL }, { "OPTIONS", "/embed/", 204, NULL }, { "OPTIONS", "/embed", 404, NULL },
	{ "GET", "/embed/x/none", 404, NULL },
};

static void
rows_are_found(void **state)
{
	struct web *w = *state;

	for (size_t i = 0; i < EG_COUNT(table); i++) {
		int status = ask(w, arena_printf(w->arena, "REQUEST_METHOD=%s\nREQUEST_URI=%s", table[i].method, table[i].uri));

		if (status != table[i].status)
			fail_msg("%s %s: %d", table[i].method, table[i].uri, status);
		if (status == 200)
			assert_string_equal(w->rs.body, table[i].body_or_allow);
		if (status == 405)
			assert_string_equal(web_header(w, "Allow"), table[i].body_or_allow);
		else
			assert_null(web_header(w, "Allow"));
	}
}

static void
parts_of_a_path_are_bounded(void **state)
{
	struct web *w = *state;

	for (size_t len = 100; len <= 101; len++) {
		char *part = arena_alloc(w->arena, len + 1);

		memset(part, 'x', len);
		assert_int_equal(ask(w, arena_printf(w->arena, "REQUEST_URI=/a/%s", part)), len == 100 ? 200 : 404);
	}
}

/* T8: a path that nobody meant gives nothing. Made of pieces by a fixed generator; only rows that are open to all answer. */
static void
made_up_paths_are_refused(void **state)
{
	static const char *const pieces[] = { "a", "new", "open", "key", "secret", "embed", "portal", "of", "base", "..", ".", "", "%2e%2e",
		"%2f", "%00", "%", ":id", ":customer", "*", "?", "#", ";x", "\\", "%5c", "%C0%AF", "\xff", "NEW", "owner" };
	struct web *w = *state;
	struct arena *a = arena_new();
	uint64_t seed = 20261120;
	unsigned answered = 0;

	gate_says(VERDICT_INVALID_TOKEN, false);
	for (unsigned i = 0; i < 30000; i++) {
		char *env[] = { NULL, (char[]){ "REQUEST_METHOD=GET" }, (char[]){ "HTTPS=on" }, (char[]){ "HTTP_X_API_KEY=x" },
			(char[]){ "HTTP_COOKIE=__Host-embedgate=x" }, NULL };
		struct buf uri;

		buf_init(&uri, a, 64);
		buf_add_str(&uri, "REQUEST_URI=");
		for (unsigned n = 1 + i % 4; n > 0; n--) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			buf_printf(&uri, "/%s", pieces[(seed >> 33) % EG_COUNT(pieces)]);
		}
		env[0] = uri.data;
		rq_open(&w->rq, &w->sv, a, &program, env);
		router_match(&w->rq);
		router_answer(&w->rq, &w->rs);
		if (w->rs.status < 300) {
			answered++;
			assert_int_equal(w->rq.route->needs & ~(unsigned)PLAIN_HTTP_OK, 0);
			assert_null(strstr(w->rq.path, ".."));
			assert_null(strstr(w->rq.path, "//"));
		}
		arena_reset(a);
	}
	assert_in_range(answered, 100, 15000);
	arena_free(a);
}

/* ---- order ---- */

#define KEY "HTTP_X_API_KEY=k"
#define TWO "HTTP_X_API_KEY=k\nHTTP_AUTHORIZATION=Bearer k"
#define HTTP "HTTPS=\nREMOTE_ADDR=203.0.113.9"
#define LONG_QUERY "REQUEST_URI=/key?" \
	"a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&" \
	"a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a"

#define POST_KEY "REQUEST_METHOD=POST\nREQUEST_URI=/key\n"
#define POST_EXCHANGE "REQUEST_METHOD=POST\nREQUEST_URI=/exchange\n"
#define JSON "CONTENT_TYPE=application/json\n"

/* Each row is wrong in everything that comes after what is told. */
static const struct {
	const char *vars, *body;
	bool too_large;
	enum verdict gate;
	const char *code;
} orders[] = {
	{ "REQUEST_METHOD=POST\nREQUEST_URI=/none\n" HTTP "\n" TWO, "x", true, VERDICT_INVALID_TOKEN, "not_found" },
	{ "REQUEST_METHOD=PUT\nREQUEST_URI=/key\n" HTTP "\n" TWO, "x", true, VERDICT_INVALID_TOKEN, "method_not_allowed" },
	{ POST_KEY HTTP "\n" TWO, "x", true, VERDICT_INVALID_TOKEN, "https_required" },
	{ POST_KEY TWO, "x", true, VERDICT_INVALID_TOKEN, "body_too_large" },
	{ POST_KEY TWO, "x", false, VERDICT_INVALID_TOKEN, "unsupported_media_type" },
	{ "REQUEST_METHOD=POST\n" LONG_QUERY "\n" TWO, "", false, VERDICT_INVALID_TOKEN, "validation_failed" },
	{ POST_KEY JSON, "x", false, VERDICT_INVALID_TOKEN, "missing_credentials" },
	{ POST_KEY JSON TWO, "x", false, VERDICT_INVALID_TOKEN,
	    "multiple_credentials" },
	{ POST_KEY JSON KEY, "x", false, VERDICT_INVALID_TOKEN, "invalid_token" },
	{ POST_KEY JSON KEY, "x", false, VERDICT_STORE_BUSY, "store_busy" },
	{ POST_EXCHANGE, "x", false, VERDICT_INVALID_TOKEN, "unsupported_media_type" },
	{ POST_EXCHANGE JSON, "x", false, VERDICT_INVALID_TOKEN, "invalid_json" },
	{ POST_EXCHANGE JSON, "{}", false, VERDICT_INVALID_TOKEN, "invalid_token" },
};

static void
the_first_that_fails_decides(void **state)
{
	struct web *w = *state;

	for (size_t i = 0; i < EG_COUNT(orders); i++) {
		gate_says(orders[i].gate, false);
		ask_with_body(w, orders[i].vars, orders[i].body, strlen(orders[i].body), orders[i].too_large);
		assert_non_null(web_code(w));
		if (strcmp(web_code(w), orders[i].code) != 0)
			fail_msg("%s: %s instead of %s", orders[i].vars, web_code(w), orders[i].code);
	}
}

static void
plain_http_is_for_loopback_and_health(void **state)
{
	static const struct {
		const char *vars;
		int status;
	} cases[] = {
		{ "REQUEST_URI=/open\nHTTPS=on", 200 },
		{ "REQUEST_URI=/open\nHTTPS=", 403 },
		{ "REQUEST_URI=/healthz\nHTTPS=", 200 },
		{ "REQUEST_URI=/open\nHTTPS=\nREMOTE_ADDR=127.0.0.1", 200 },
		{ "REQUEST_URI=/open\nHTTPS=\nREMOTE_ADDR=127.0.0.1\nHTTP_X_FORWARDED_FOR=127.0.0.1", 403 },
		{ "REQUEST_URI=/open\nHTTPS=\nREMOTE_ADDR=10.0.0.1\nHTTP_X_FORWARDED_PROTO=https", 200 },
		{ "REQUEST_URI=/open\nHTTPS=\nREMOTE_ADDR=9.0.0.1\nHTTP_X_FORWARDED_PROTO=https", 403 },
		{ "REQUEST_URI=/embed/x\nREQUEST_METHOD=OPTIONS\nHTTPS=", 403 },
		{ "REQUEST_URI=/embed/x/none\nREQUEST_METHOD=OPTIONS\nHTTPS=", 403 },
	};
	struct web *w = *state;

	for (size_t i = 0; i < EG_COUNT(cases); i++)
		assert_int_equal(ask(w, cases[i].vars), cases[i].status);
}

/* ---- credentials ---- */

#define MANY "!"        /* multiple_credentials */

/* T21. `text`: what the gate is asked about; NULL: nothing came. */
static const struct {
	const char *vars, *text;
	bool is_api_key_header;
} credentials[] = {
	{ "", NULL, false },
	{ "HTTP_X_API_KEY=k", "k", true },
	{ "HTTP_X_API_KEY= k", "k", true },
	{ "HTTP_X_API_KEY=", NULL, false },
	{ "HTTP_AUTHORIZATION=Bearer k", "k", false },
	{ "HTTP_AUTHORIZATION=bearer k", "k", false },
	{ "HTTP_AUTHORIZATION=BEARER k", "k", false },
	{ "HTTP_AUTHORIZATION=Bearer   k  ", "k", false },
	{ "HTTP_AUTHORIZATION=  Bearer\tk", "k", false },
	{ "HTTP_AUTHORIZATION=Bearer", NULL, false },
	{ "HTTP_AUTHORIZATION=Bearer ", NULL, false },
	{ "HTTP_AUTHORIZATION=Bearerk", NULL, false },
	{ "HTTP_AUTHORIZATION=k", NULL, false },
	{ "HTTP_AUTHORIZATION=Basic dTpw", NULL, false },
	{ "HTTP_AUTHORIZATION=Digest a=\"1\", b=\"2\"", NULL, false },
	{ "HTTP_AUTHORIZATION=Bearer a b", "a b", false },
	{ "REDIRECT_HTTP_AUTHORIZATION=Bearer k", "k", false },
	{ "REDIRECT_REDIRECT_HTTP_AUTHORIZATION=Bearer k", "k", false },
	{ "HTTP_AUTHORIZATION=Bearer k\nREDIRECT_HTTP_AUTHORIZATION=Bearer k", "k", false },
	{ "HTTP_AUTHORIZATION=\nREDIRECT_HTTP_AUTHORIZATION=Bearer k", "k", false },
	{ "HTTP_AUTHORIZATION=Bearer k\nREDIRECT_HTTP_AUTHORIZATION=Bearer l", MANY, false },
	{ "HTTP_AUTHORIZATION=Bearer k\nHTTP_AUTHORIZATION=Bearer k", MANY, false },
	{ "REDIRECT_HTTP_AUTHORIZATION=Bearer k\nHTTP_AUTHORIZATION=Bearer k\nHTTP_AUTHORIZATION=Bearer k", MANY, false },
	{ "HTTP_AUTHORIZATION=Bearer k\nHTTP_AUTHORIZATION=Basic dTpw", MANY, false },
	{ "HTTP_AUTHORIZATION=Bearer k, Bearer l", MANY, false },
	{ "HTTP_AUTHORIZATION=Bearer k,", MANY, false },
	/* two headers, which the web server made one of */
	{ "HTTP_AUTHORIZATION=Basic dTpw, Bearer k", MANY, false },
	{ "HTTP_AUTHORIZATION=Basic dTpw,bearer\tk", MANY, false },
	{ "HTTP_AUTHORIZATION=Basic dTpw, Basic dTpx", MANY, false },
	{ "HTTP_AUTHORIZATION=Digest a=\"1\", b=2, Bearer k", MANY, false },
	{ "HTTP_AUTHORIZATION=Digest a=\"1, \\\" Bearer k\", b=2, c = 3", NULL, false },
	{ "HTTP_AUTHORIZATION=Digest a=\"1, Bearer k", NULL, false },
	{ "HTTP_X_API_KEY=k\nHTTP_AUTHORIZATION=Basic dTpw, Bearer l", MANY, false },
	{ "HTTP_X_API_KEY=k\nHTTP_AUTHORIZATION=Digest a=1, b=2", "k", true },
	{ "HTTP_X_API_KEY=k\nHTTP_X_API_KEY=k", MANY, false },
	{ "HTTP_X_API_KEY=k\nHTTP_X_API_KEY=l", MANY, false },
	{ "HTTP_X_API_KEY=\nHTTP_X_API_KEY=l", "l", true },
	{ "HTTP_X_API_KEY=k, l", MANY, false },
	{ "HTTP_X_API_KEY=k,k", MANY, false },
	{ "HTTP_X_API_KEY=k\nHTTP_AUTHORIZATION=Bearer k", MANY, false },
	{ "HTTP_X_API_KEY=k\nHTTP_AUTHORIZATION=Bearer l", MANY, false },
	{ "HTTP_X_API_KEY=k\nREDIRECT_HTTP_AUTHORIZATION=Bearer l", MANY, false },
	{ "HTTP_X_API_KEY=k\nHTTP_AUTHORIZATION=Basic dTpw", "k", true },
	{ "HTTP_X_API_KEY=\nHTTP_AUTHORIZATION=Bearer l", "l", false },
	{ "HTTP_X_API_KEYS=k", NULL, false },
	{ "X_API_KEY=k", NULL, false },
	{ "HTTP_COOKIE=X-API-Key=k", NULL, false },
	{ "REQUEST_URI=/key?api_key=k&access_token=k", NULL, false },
};

static void
one_credential_in_one_place(void **state)
{
	struct web *w = *state;

	for (size_t i = 0; i < EG_COUNT(credentials); i++) {
		struct rq *rq = web_open(w, &program, credentials[i].vars);
		const char *text = "unset";
		bool is_api_key_header = false;
		eg_err e = rq_credential(rq, &text, &is_api_key_header);

		if (credentials[i].text == NULL || strcmp(credentials[i].text, MANY) == 0) {
			assert_null(text);
		} else {
			assert_non_null(text);
			assert_string_equal(text, credentials[i].text);
		}
		assert_int_equal(e == EG_REFUSED, credentials[i].text != NULL && strcmp(credentials[i].text, MANY) == 0);
		assert_int_equal(is_api_key_header && e == EG_OK, credentials[i].is_api_key_header);

		/* and the gate is asked only where there is exactly one */
		gate_says(VERDICT_OK, true);
		ask(w, arena_printf(w->arena, "REQUEST_URI=/key\n%s", credentials[i].vars));
		assert_int_equal(w->rs.status, e == EG_REFUSED ? 400 : text == NULL ? 401 : 200);
		assert_int_equal(gate.asked, text != NULL);
	}
}

#define ID(digit) "01990000-0000-7000-8000-00000000000" digit

static void
the_gate_is_asked_what_the_row_says(void **state)
{
	struct web *w = *state;

	gate_says(VERDICT_OK, true);
	assert_int_equal(ask(w, "REQUEST_URI=/key\nHTTP_X_API_KEY=egp_x\nHTTP_ORIGIN=https://o"), 200);
	assert_string_equal(gate.key.text, "egp_x");
	assert_int_equal(gate.key.len, 5);
	assert_string_equal(gate.key.origin, "https://o");
	assert_int_equal(gate.key.allow, GATE_KEY_PARTNER | GATE_KEY_CUSTOMER | GATE_KEY_READ_ONLY);
	assert_true(gate.key.is_read);
	assert_false(gate.key.answer_has_secret);
	assert_string_equal(gate.key.address, "203.0.113.9");

	assert_int_equal(ask(w, "REQUEST_URI=/key\nREQUEST_METHOD=HEAD\n" KEY), 200);
	assert_true(gate.key.is_read);
	assert_int_equal(ask(w, "REQUEST_URI=/key\nREQUEST_METHOD=POST\n" KEY), 200);
	assert_int_equal(gate.key.allow, GATE_KEY_PARTNER | GATE_KEY_WEBHOOK);
	assert_false(gate.key.is_read);
	assert_null(gate.key.origin);
	assert_int_equal(ask(w, "REQUEST_URI=/secret\n" KEY), 200);
	assert_true(gate.key.answer_has_secret);

	assert_int_equal(ask(w, "REQUEST_URI=/embed/v1/widgets/agent?token_id=" ID("1") "&customer_id=" ID("2") "&event_id=" ID("3") "&agent_id=7\n"
	    "HTTP_AUTHORIZATION=Bearer emb_x\nHTTP_USER_AGENT=Mozilla/5.0 Firefox/140.0\nHTTP_ORIGIN=https://o"), 200);
	assert_int_equal(gate.embed.place, GATE_HEADER);
	assert_int_equal(gate.embed.want, PERM_DASHBOARD_READ);
	assert_string_equal(gate.embed.widget, "agent");
	assert_string_equal(gate.embed.browser, "Firefox");
	assert_string_equal(gate.embed.subject.token_id, ID("1"));
	assert_string_equal(gate.embed.subject.customer_id, ID("2"));
	assert_string_equal(gate.embed.subject.event_id, ID("3"));
	assert_string_equal(gate.embed.subject.agent, "7");
	assert_true(gate.embed.counts);
	assert_int_equal(gate.embed.use, USAGE_REQUEST);
	assert_int_equal(ask(w, "REQUEST_URI=/session\nREQUEST_METHOD=POST\nHTTP_AUTHORIZATION=Bearer x"), 200);
	assert_int_equal(gate.embed.place, GATE_SESSION);
	assert_int_equal(gate.embed.want, PERM_EVENTS_REGISTER);
	assert_null(gate.embed.widget);
}

/* However a subject is spelled, the gate hears of it; and what it cannot be asked about is refused, but after the gate. */
static void
no_subject_is_dropped(void **state)
{
	static const struct {
		const char *query;
		const char *customer_id;        /* that the gate hears of */
		const char *fault;              /* the field, where the gate has nothing against the request */
	} cases[] = {
		{ "", NULL, NULL },
		{ "customer_id=" ID("1"), ID("1"), NULL },
		{ "customerId=" ID("1"), ID("1"), NULL },
		{ "%63ustomer%49d=" ID("1"), ID("1"), NULL },
		{ "customer_id=me", "me", "customer_id" },
		{ "customer_id=", "", "customer_id" },
		{ "customer_id=" ID("1") "&customer_id=" ID("2"), ID("1"), "customer_id" },
		{ "customer_id=" ID("1") "&customerId=" ID("2"), ID("1"), "customerId" },
		{ "customerid=" ID("1"), NULL, "customerid" },
		{ "customer-id=" ID("1"), NULL, "customer-id" },
		{ "foo=1", NULL, "foo" },
		{ "days=3", NULL, "days" },
		{ "agent_id=x", NULL, "agent_id" },
	};
	static const char *const rows[] = { "/embed/x", "/plain/embed" };
	struct web *w = *state;

	for (size_t i = 0; i < EG_COUNT(cases) * EG_COUNT(rows); i++) {
		const char *query = cases[i / 2].query, *fault = cases[i / 2].fault, *customer_id = cases[i / 2].customer_id;
		const char *vars = arena_printf(w->arena, "REQUEST_URI=%s?%s\nHTTP_AUTHORIZATION=Bearer x", rows[i % 2], query);
		json_object *o;

		gate_says(VERDICT_OK, true);
		assert_int_equal(ask(w, vars), fault == NULL ? 200 : 422);
		assert_int_equal(gate.embed.counts, fault == NULL);
		assert_int_equal(gate.embed.subject.customer_id != NULL, customer_id != NULL);
		if (customer_id != NULL)
			assert_string_equal(gate.embed.subject.customer_id, customer_id);
		if (fault != NULL) {
			assert_int_equal(json_parse_strict(w->arena, w->rs.body, w->rs.body_len, &o, NULL), EG_OK);
			o = json_object_array_get_idx(json_get_array(o, "errors"), 0);
			assert_string_equal(json_get_str(o, "field"), fault);
		}
		gate_says(VERDICT_SUBJECT_MISMATCH, true);
		assert_int_equal(ask(w, vars), 403);
		assert_string_equal(web_code(w), "subject_mismatch");
	}
	/* A row may take more. */
	gate_says(VERDICT_OK, true);
	assert_int_equal(ask(w, "REQUEST_URI=/embed/of/days?maxDays=3&customer_id=" ID("1") "\nHTTP_AUTHORIZATION=Bearer x"), 200);
	assert_string_equal(w->rs.body, "3");
	assert_int_equal(ask(w, "REQUEST_URI=/embed/of/days?max_days=0\nHTTP_AUTHORIZATION=Bearer x"), 422);
}

/* An embed credential is a Bearer. What else stands in X-API-Key the gate judges. */
static void
embed_credentials_are_bearers(void **state)
{
	static const struct {
		const char *text;
		unsigned asked;
	} cases[] = {
		{ "emb_x", 0 }, { "emu_x", 0 }, { "eyJhbGciOi.eyJ.x", 0 }, { "egp_x", 1 }, { "x", 1 },
	};
	struct web *w = *state;

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		gate_says(VERDICT_WRONG_TOKEN_TYPE, false);
		ask(w, arena_printf(w->arena, "REQUEST_URI=/embed/x\nHTTP_X_API_KEY=%s", cases[i].text));
		assert_string_equal(web_code(w), "wrong_token_type");
		assert_int_equal(gate.asked, cases[i].asked);
	}
}

static void
every_verdict_of_the_gate_is_told(void **state)
{
	struct web *w = *state;

	for (enum verdict v = VERDICT_OK + 1; v < VERDICT_COUNT; v++) {
		gate_says(v, true);
		assert_int_equal(ask(w, "REQUEST_URI=/key\n" KEY), verdict_info(v)->status);
		assert_string_equal(web_code(w), verdict_info(v)->code);
		assert_int_equal(gate.address_taken, 0);        /* the credential was genuine */
	}
}

/* RFC 6750 3.1: no error code where nothing was shown, and none where nothing was asked for. */
static void
no_code_without_a_credential(void **state)
{
	static const struct {
		const char *vars;
		enum verdict gate;
		const char *challenge;
	} cases[] = {
		{ "REQUEST_URI=/key", VERDICT_OK, "Bearer realm=\"embedgate\"" },
		{ "REQUEST_URI=/unknown", VERDICT_OK, "Bearer realm=\"embedgate\"" },
		{ "REQUEST_URI=/key\n" KEY, VERDICT_INVALID_TOKEN,
		    "Bearer realm=\"embedgate\", error=\"invalid_token\", error_description=\"invalid_token\"" },
		{ POST_EXCHANGE JSON, VERDICT_TOKEN_REVOKED,
		    "Bearer realm=\"embedgate\", error=\"invalid_token\", error_description=\"token_revoked\"" },
	};
	struct web *w = *state;

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		gate_says(cases[i].gate, false);
		assert_int_equal(ask(w, cases[i].vars), 401);
		assert_string_equal(web_header(w, "WWW-Authenticate"), cases[i].challenge);
	}
}

/* ---- limits ---- */

static void
strangers_are_counted_by_address(void **state)
{
	static const struct {
		const char *vars;
		enum verdict gate;
		bool verified;
		unsigned taken;
	} cases[] = {
		{ "REQUEST_URI=/key", VERDICT_OK, false, 1 },
		{ "REQUEST_URI=/key\n" KEY, VERDICT_INVALID_TOKEN, false, 1 },
		{ "REQUEST_URI=/key\n" KEY, VERDICT_TOKEN_MALFORMED, false, 1 },
		{ "REQUEST_URI=/key\n" KEY, VERDICT_SERVER_KEY_IN_BROWSER, false, 1 },
		{ "REQUEST_URI=/key\n" TWO, VERDICT_OK, false, 1 },
		{ "REQUEST_URI=/embed/x\nHTTP_AUTHORIZATION=Bearer x", VERDICT_SESSION_INVALID, false, 1 },
		{ "REQUEST_URI=/portal", VERDICT_OK, false, 1 },
		{ "REQUEST_URI=/exchange\nREQUEST_METHOD=POST", VERDICT_INVALID_TOKEN, false, 1 },
		{ "REQUEST_URI=/key\n" KEY, VERDICT_TOKEN_REVOKED, true, 0 },
		{ "REQUEST_URI=/key\n" KEY, VERDICT_OK, true, 0 },
		{ "REQUEST_URI=/key\n" KEY, VERDICT_STORE_BUSY, false, 0 },
		{ "REQUEST_URI=/open", VERDICT_OK, false, 0 },
		{ "REQUEST_URI=/none", VERDICT_OK, false, 0 },
		{ "REQUEST_URI=/open\nREQUEST_METHOD=PUT", VERDICT_OK, false, 0 },
		{ "REQUEST_URI=/key\n" HTTP, VERDICT_OK, false, 0 },
	};
	struct web *w = *state;

	for (size_t i = 0; i < EG_COUNT(cases); i++)
		for (unsigned left = 0; left <= 1; left++) {
			bool is_stopped = cases[i].taken > 0 && left == 0;

			gate_says(cases[i].gate, cases[i].verified);
			gate.address_left = left;
			ask(w, cases[i].vars);
			assert_int_equal(gate.address_taken, cases[i].taken);
			assert_int_equal(w->rs.status == 429, is_stopped);
			if (is_stopped) {
				assert_string_equal(web_code(w), "rate_limited");
				assert_string_equal(web_header(w, "Retry-After"), "9");
			}
			if (cases[i].taken > 0) {
				assert_string_equal(web_header(w, "RateLimit-Policy"), "\"address\";q=600;w=60");
				assert_string_equal(web_header(w, "RateLimit"), left == 0 ? "\"address\";r=0;t=3" : "\"address\";r=1;t=3");
			}
		}
	w->sv.config.rate_limit = false;
	gate_says(VERDICT_OK, false);
	assert_int_equal(ask(w, "REQUEST_URI=/key"), 401);
	assert_int_equal(gate.address_taken, 0);
	w->sv.config.rate_limit = true;
}

static void
limits_of_credentials_are_told(void **state)
{
	static const struct {
		const char *vars;
		enum identity_kind kind;
		const char *policy, *limit;
	} cases[] = {
		{ "REQUEST_URI=/key\n" KEY, IDENTITY_API_KEY, "\"key\";q=1200;w=60", "\"key\";r=1199;t=1" },
		{ "REQUEST_URI=/embed/x\nHTTP_AUTHORIZATION=Bearer x", IDENTITY_SESSION, "\"token\";q=1200;w=60", "\"token\";r=1199;t=1" },
	};
	struct web *w = *state;

	for (size_t i = 0; i < EG_COUNT(cases); i++)
		for (enum verdict v = VERDICT_OK; v <= VERDICT_RATE_LIMITED; v += VERDICT_RATE_LIMITED) {
			gate_says(v, true);
			gate.answer.id.kind = cases[i].kind;
			gate.answer.limited = true;
			gate.answer.limit_rule = (struct limit){ 1200, 60 };
			gate.answer.limit = (struct limit_answer){ true, 1199, 1, 0 };
			assert_int_equal(ask(w, cases[i].vars), v == VERDICT_OK ? 200 : 429);
			assert_string_equal(web_header(w, "RateLimit-Policy"), cases[i].policy);
			assert_string_equal(web_header(w, "RateLimit"), cases[i].limit);
		}
}

/* K25: the old text still works, and says until when. */
static void
an_old_text_is_deprecated(void **state)
{
	struct web *w = *state;

	gate_says(VERDICT_OK, true);
	gate.answer.id = (struct identity){ .kind = IDENTITY_API_KEY, .old_text = true,
		.key = { .rotated_at = 1795168800, .previous_valid_until = 1795255200 } };
	assert_int_equal(ask(w, "REQUEST_URI=/key\n" KEY), 200);
	assert_string_equal(web_header(w, "Deprecation"), "@1795168800");
	assert_string_equal(web_header(w, "Sunset"), "Sat, 21 Nov 2026 10:00:00 GMT");
	gate.answer.id = (struct identity){ .kind = IDENTITY_EMBED_TOKEN, .old_text = true,
		.old_text_until = 1795168860, .token = { .rotated_at = 1795168801 } };
	assert_int_equal(ask(w, "REQUEST_URI=/embed/x\nHTTP_AUTHORIZATION=Bearer x"), 200);
	assert_string_equal(web_header(w, "Deprecation"), "@1795168801");
	assert_string_equal(web_header(w, "Sunset"), "Fri, 20 Nov 2026 10:01:00 GMT");
	gate.answer.id.old_text = false;
	assert_int_equal(ask(w, "REQUEST_URI=/embed/x\nHTTP_AUTHORIZATION=Bearer x"), 200);
	assert_null(web_header(w, "Deprecation"));
	assert_null(web_header(w, "Sunset"));
}

/* ---- CORS ---- */

#define EMBED "REQUEST_URI=/embed/x\n"
#define SHOP "HTTP_ORIGIN=https://shop.example"
#define EVIL "HTTP_ORIGIN=https://evil.example"

static const char *const some_origins[] = { "https://shop.example" };

static const struct {
	const char *name, *vars;
	enum verdict gate;
	size_t origin_count;
	bool allows;
	const char *allow_origin, *vary;
} cors[] = {
	{ "any site", EMBED SHOP, VERDICT_OK, 0, true, "*", NULL },
	{ "any site, no origin", EMBED, VERDICT_OK, 0, true, "*", NULL },
	{ "listed", EMBED SHOP, VERDICT_OK, 1, true, "https://shop.example", "Origin" },
	{ "list, no origin", EMBED, VERDICT_OK, 1, true, NULL, "Origin" },
	{ "list, not covered", EMBED EVIL, VERDICT_OK, 1, false, NULL, "Origin" },
	{ "refused by the gate", EMBED EVIL, VERDICT_ORIGIN_NOT_ALLOWED, 1, false, "*", NULL },
	{ "null", EMBED "HTTP_ORIGIN=null", VERDICT_ORIGIN_NOT_ALLOWED, 1, false, "*", NULL },
	{ "no credential", "REQUEST_URI=/session\nREQUEST_METHOD=POST", VERDICT_MISSING_CREDENTIALS, 1, false, "*", NULL },
	{ "wrong method", "REQUEST_URI=/embed/x\nREQUEST_METHOD=DELETE", VERDICT_OK, 0, false, "*", NULL },
	{ "exchange", POST_EXCHANGE SHOP, VERDICT_OK, 1, true,
	    "https://shop.example", "Origin" },
	{ "exchange refused", POST_EXCHANGE EVIL, VERDICT_INVALID_TOKEN, 1,
	    false, "*", NULL },
	{ "store down", EMBED SHOP, VERDICT_STORE_BUSY, 0, true, "*", NULL },
	{ "no CORS route", "REQUEST_URI=/key\n" SHOP, VERDICT_OK, 0, true, NULL, NULL },
	{ "no CORS route, refused", "REQUEST_URI=/key\n" SHOP, VERDICT_INVALID_TOKEN, 0, true, NULL, NULL },
	{ "no such path", "REQUEST_URI=/embed\n" SHOP, VERDICT_OK, 0, true, NULL, NULL },
	{ "no such path below", "REQUEST_URI=/embed/x/none\n" SHOP, VERDICT_OK, 0, true, "*", NULL },
	{ "nothing at all below", "REQUEST_URI=/embed/\nREQUEST_METHOD=DELETE\n" SHOP, VERDICT_OK, 0, true, "*", NULL },
	{ "below, over plain HTTP", EMBED SHOP "\n" HTTP, VERDICT_OK, 0, true, "*", NULL },
};

static void
other_sites_read_what_they_may(void **state)
{
	struct web *w = *state;

	for (size_t i = 0; i < EG_COUNT(cors); i++) {
		const char *allow_origin, *vary;

		gate_says(cors[i].gate, true);
		gate.allows_origin = cors[i].allows;
		gate.answer.id.kind = IDENTITY_SESSION;
		gate.answer.id.token.origins = some_origins;
		gate.answer.id.token.origin_count = cors[i].origin_count;
		ask(w, arena_printf(w->arena, "%s%s", cors[i].vars,
		    cors[i].gate == VERDICT_MISSING_CREDENTIALS ? "" : "\nHTTP_AUTHORIZATION=Bearer x"));
		allow_origin = web_header(w, "Access-Control-Allow-Origin");
		vary = web_header(w, "Vary");
		if ((allow_origin == NULL) != (cors[i].allow_origin == NULL) || (vary == NULL) != (cors[i].vary == NULL))
			fail_msg("%s: %s, %s", cors[i].name, allow_origin, vary);
		if (allow_origin != NULL)
			assert_string_equal(allow_origin, cors[i].allow_origin);
		assert_null(web_header(w, "Access-Control-Allow-Credentials"));
	}
}

static void
preflights_look_at_nothing(void **state)
{
	struct web *w = *state;

	gate_says(VERDICT_INTERNAL_ERROR, false);
	assert_int_equal(ask(w, "REQUEST_METHOD=OPTIONS\nREQUEST_URI=/embed/x\nHTTP_ORIGIN=https://evil.example\n"
	    "HTTP_ACCESS_CONTROL_REQUEST_METHOD=DELETE\nHTTP_ACCESS_CONTROL_REQUEST_HEADERS=x-evil"), 204);
	assert_string_equal(web_header(w, "Access-Control-Allow-Origin"), "*");
	assert_string_equal(web_header(w, "Access-Control-Allow-Methods"), "GET, POST");
	assert_string_equal(web_header(w, "Access-Control-Allow-Headers"), "authorization, content-type");
	assert_int_equal(w->rs.body_len, 0);
	assert_int_equal(gate.asked + gate.address_taken, 0);
}

/* T18: whatever the gate lets through as an origin, the answer has one block of headers. */
static void
no_origin_breaks_a_header(void **state)
{
	struct web *w = *state;

	for (int c = 1; c < 256; c++) {
		char origin[] = "https://a?b";

		if (c == '\n')          /* parts the variables of this test */
			continue;
		origin[9] = (char)c;
		gate_says(VERDICT_OK, true);
		gate.allows_origin = true;
		gate.answer.id.kind = IDENTITY_SESSION;
		gate.answer.id.token.origin_count = 1;
		ask(w, arena_printf(w->arena, "REQUEST_URI=/embed/x\nHTTP_AUTHORIZATION=Bearer x\nHTTP_ORIGIN=%s", origin));
		assert_int_equal(w->rs.status, c < 0x20 || c == 0x7f ? 500 : 200);
		for (size_t i = 0; i < w->rs.header_count; i++)
			for (const char *p = w->rs.headers[i].value; *p != '\0'; p++)
				assert_true((unsigned char)*p >= 0x20 && *p != 0x7f);
	}
}

/* ---- the portal ---- */

#define COOKIE "HTTP_COOKIE=__Host-embedgate=s"
#define FORM "CONTENT_TYPE=application/x-www-form-urlencoded"
#define OWN "HTTP_SEC_FETCH_SITE=same-origin"

/* T14, without the form token: the request must come from our own pages. */
static const struct {
	const char *vars;
	int status;
} sites[] = {
	{ "HTTP_SEC_FETCH_SITE=same-origin", 200 }, { "HTTP_SEC_FETCH_SITE=none", 200 },
	{ "HTTP_SEC_FETCH_SITE=same-site", 403 },
	{ "HTTP_SEC_FETCH_SITE=cross-site", 403 }, { "HTTP_SEC_FETCH_SITE=", 403 },
	{ "HTTP_SEC_FETCH_SITE=SAME-ORIGIN", 403 },
	{ "HTTP_ORIGIN=https://portal.example.com", 200 }, { "HTTP_ORIGIN=https://embed.example.com", 403 },
	{ "HTTP_ORIGIN=https://evil.example", 403 }, { "HTTP_ORIGIN=null", 403 }, { "HTTP_ORIGIN=", 403 }, { "", 403 },
	{ "HTTP_ORIGIN=http://portal.example.com", 403 }, { "HTTP_ORIGIN=https://portal.example.com.evil.example", 403 },
	{ "HTTP_REFERER=https://portal.example.com/base/portal/", 403 },
	{ "HTTP_SEC_FETCH_SITE=cross-site\nHTTP_ORIGIN=https://portal.example.com", 403 },
	{ "HTTP_SEC_FETCH_SITE=same-origin\nHTTP_ORIGIN=null", 200 },
};

static void
changes_come_from_our_own_pages(void **state)
{
	static const char *const rows[] = { "REQUEST_URI=/portal", "REQUEST_URI=/login" };
	struct web *w = *state;

	for (size_t i = 0; i < EG_COUNT(sites); i++)
		for (size_t n = 0; n < EG_COUNT(rows); n++) {
			gate_says(VERDICT_OK, true);
			ask(w, arena_printf(w->arena, "%s\nREQUEST_METHOD=POST\n" COOKIE "\n%s", rows[n], sites[i].vars));
			if (w->rs.status != sites[i].status)
				fail_msg("%s, %s: %d", rows[n], sites[i].vars, w->rs.status);
			if (w->rs.status == 403)
				assert_string_equal(web_code(w), "csrf_failed");
		}
	/* Looking is free, from wherever one comes. */
	gate_says(VERDICT_OK, true);
	assert_int_equal(ask(w, "REQUEST_URI=/portal\nHTTP_SEC_FETCH_SITE=cross-site\n" COOKIE), 200);
	/* Without a session it is the sign-in that is missing. */
	gate_says(VERDICT_OK, false);
	assert_int_equal(ask(w, "REQUEST_URI=/portal\nREQUEST_METHOD=POST\nHTTP_SEC_FETCH_SITE=cross-site"), 401);
}

static void
forms_carry_their_token(void **state)
{
	struct web *w = *state;
	struct uuid session = { { 1, 2, 3 } }, other = { { 4 } };
	char good[CSRF_SIZE], of_other_session[CSRF_SIZE], of_other_path[CSRF_SIZE], broken[CSRF_SIZE];

	assert_int_equal(csrf_make(w->sv.forms, &session, "/portal/form", good), EG_OK);
	assert_int_equal(csrf_make(w->sv.forms, &other, "/portal/form", of_other_session), EG_OK);
	assert_int_equal(csrf_make(w->sv.forms, &session, "/portal", of_other_path), EG_OK);
	memcpy(broken, good, sizeof(broken));
	broken[40] = broken[40] == 'A' ? 'B' : 'A';

	const struct {
		const char *body;
		int status;
	} cases[] = {
		{ arena_printf(w->arena, "a=1&csrf=%s", good), 200 },
		{ arena_printf(w->arena, "csrf=%s&csrf=x", good), 200 },
		{ arena_printf(w->arena, "csrf=x&csrf=%s", good), 403 },
		{ arena_printf(w->arena, "csrf=%s", of_other_session), 403 },
		{ arena_printf(w->arena, "csrf=%s", of_other_path), 403 },
		{ arena_printf(w->arena, "csrf=%s", broken), 403 },
		{ arena_printf(w->arena, "csrf=%s%%00", good), 403 },
		{ "csrf=", 403 }, { "csrf", 403 }, { "a=1", 403 }, { "", 403 },
	};

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		gate_says(VERDICT_OK, true);
		gate.answer.id.portal.id = session;
		assert_int_equal(ask_with_body(w, "REQUEST_METHOD=POST\nREQUEST_URI=/base/portal/form\n" COOKIE "\n" FORM "\n" OWN,
		    cases[i].body, strlen(cases[i].body), false), cases[i].status);
		assert_int_equal(!uuid_is_nil(&w->rq.form_nonce), cases[i].status == 200);
	}
	/* That of one form does not do for another. */
	gate_says(VERDICT_OK, true);
	gate.answer.id.portal.id = session;
	assert_int_equal(ask_with_body(w, "REQUEST_METHOD=POST\nREQUEST_URI=/portal/form/2\n" COOKIE "\n" FORM "\n" OWN,
	    cases[0].body, strlen(cases[0].body), false), 403);
	/* In the query it is none. */
	gate_says(VERDICT_OK, true);
	gate.answer.id.portal.id = session;
	assert_int_equal(ask(w, arena_printf(w->arena, "REQUEST_METHOD=POST\nREQUEST_URI=/portal/form?csrf=%s\n" COOKIE "\n" OWN,
	    good)), 403);
}

static void
roles_open_doors(void **state)
{
	static const struct {
		enum user_role role;
		bool may_settings;
		int admin, settings, owner;
	} cases[] = {
		{ USER_OWNER, false, 200, 200, 200 }, { USER_ADMIN, true, 200, 200, 403 },
		{ USER_ADMIN, false, 200, 403, 403 },
		{ USER_MEMBER, false, 403, 403, 403 }, { USER_MEMBER, true, 403, 403, 403 }, { 0, true, 403, 403, 403 },
	};
	struct web *w = *state;

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		gate_says(VERDICT_OK, true);
		gate.answer.id.user.role = cases[i].role;
		gate.answer.id.user.may_settings = cases[i].may_settings;
		assert_int_equal(ask(w, "REQUEST_URI=/portal/admin\n" COOKIE), cases[i].admin);
		assert_int_equal(ask(w, "REQUEST_URI=/portal/settings\n" COOKIE), cases[i].settings);
		assert_int_equal(ask(w, "REQUEST_URI=/portal/owner\n" COOKIE), cases[i].owner);
		assert_null(web_header(w, "WWW-Authenticate"));
	}
}

static void
a_customer_is_looked_up_in_scope(void **state)
{
	static const char own[] = "01930000-0000-7000-8000-000000000001";
	struct web *w = *state;

	gate_says(VERDICT_OK, true);
	assert_int_equal(uuid_parse(own, UUID_TEXT_LEN, &gate.customer), EG_OK);
	assert_int_equal(ask(w, arena_printf(w->arena, "REQUEST_URI=/portal/of/%s\n" COOKIE, own)), 200);
	assert_true(uuid_equal(&w->rq.customer.id, &gate.customer));
	assert_int_equal(ask(w, "REQUEST_URI=/portal/of/01930000-0000-7000-8000-000000000002\n" COOKIE), 404);
	assert_int_equal(ask(w, "REQUEST_URI=/portal/of/new\n" COOKIE), 404);
	assert_int_equal(ask(w, arena_printf(w->arena, "REQUEST_URI=/portal/of/%s0\n" COOKIE, own)), 404);
}

static void
the_cookie_is_the_session(void **state)
{
	struct web *w = *state;

	gate_says(VERDICT_OK, true);
	assert_int_equal(ask(w, "REQUEST_URI=/portal\nHTTP_COOKIE=a=b; __Host-embedgate=abc"), 200);
	assert_string_equal(gate.cookie, "abc");
	gate_says(VERDICT_OK, true);
	assert_int_equal(ask(w, "REQUEST_URI=/portal\nHTTP_COOKIE=embedgate=abc"), 401);
	assert_null(gate.cookie);
}

/* ---- failures ---- */

static const struct {
	eg_err e;
	const char *code;
} failures[] = {
	{ EG_NOTFOUND, "not_found" }, { EG_CONFLICT, "token_state_conflict" }, { EG_INVALID, "validation_failed" },
	{ EG_BUSY, "store_busy" },
	{ EG_RECOVERING, "store_recovering" }, { EG_FULL, "store_full" }, { EG_FAILED, "store_failed" },
	{ EG_DAMAGED, "store_damaged" },
	{ EG_RANDOM, "random_unavailable" }, { EG_INTERNAL, "internal_error" }, { EG_IO, NULL },
	{ EG_REFUSED, "internal_error" },       /* without a verdict */
};

static void
a_failure_leaves_nothing_of_the_answer(void **state)
{
	struct web *w = *state;

	for (size_t i = 0; i < EG_COUNT(failures); i++) {
		failure = failures[i].e;
		assert_true(ask(w, "REQUEST_URI=/fail") >= 400);
		assert_null(web_header(w, "X-Half"));
		assert_null(strstr(w->rs.body, "half"));
		assert_string_equal(web_header(w, "Content-Type"), "application/problem+json");
		if (failures[i].code != NULL)
			assert_string_equal(web_code(w), failures[i].code);
	}
	assert_int_equal(ask(w, "REQUEST_URI=/nothing"), 500);
	assert_string_equal(web_code(w), "internal_error");
}

static eg_err
refuse_badly(struct rq *rq, struct resp *rs)
{
	EG_TRY(say(rq, rs, "half a refusal"));
	return EG_INTERNAL;
}

static eg_err
refuse_silently(struct rq *rq, struct resp *rs)
{
	return EG_OK;
}

static void
a_refusal_that_fails_is_a_bare_500(void **state)
{
	static const struct program programs[] = {
		{ .name = "test", .routes = routes, .refuse = refuse_badly },
		{ .name = "test", .routes = routes, .refuse = refuse_silently },
	};
	struct web *w = *state;

	for (size_t i = 0; i < EG_COUNT(programs); i++) {
		struct rq *rq = web_open(w, &programs[i], "REQUEST_URI=/none");

		router_match(rq);
		router_answer(rq, &w->rs);
		assert_int_equal(w->rs.status, 500);
		assert_null(strstr(w->rs.body, "half"));
		assert_string_equal(web_header(w, "Cache-Control"), "no-store");
		assert_string_equal(web_header(w, "X-Request-Id"), rq->request_id);
		assert_non_null(strstr(web_header(w, "Content-Security-Policy"), "frame-ancestors 'none'"));
	}
}

static void
a_cut_body_is_answered_as_any_other(void **state)
{
	static const struct {
		const char *uri, *allow_origin;
	} cases[] = {
		{ "/key", NULL }, { "/exchange", "*" }, { "/none", NULL }, { "/embed/none", "*" },
	};
	struct web *w = *state;

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		struct rq *rq = web_open(w, &program, arena_printf(w->arena, "REQUEST_METHOD=POST\nREQUEST_URI=%s", cases[i].uri));
		json_object *problem;

		gate_says(VERDICT_OK, true);
		router_match(rq);
		router_answer_cut(rq, &w->rs);
		assert_int_equal(w->rs.status, 408);
		assert_string_equal(web_header(w, "Content-Type"), "application/problem+json");
		assert_string_equal(web_header(w, "X-Request-Id"), rq->request_id);
		assert_string_equal(web_header(w, "X-Content-Type-Options"), "nosniff");
		assert_string_equal(web_header(w, "Cache-Control"), "no-store");
		assert_string_equal(web_header(w, "Content-Security-Policy"), "default-src 'none'; frame-ancestors 'none'");
		assert_int_equal(web_header(w, "Access-Control-Allow-Origin") != NULL, cases[i].allow_origin != NULL);
		assert_int_equal(json_parse_strict(w->arena, w->rs.body, w->rs.body_len, &problem, NULL), EG_OK);
		assert_string_equal(json_get_str(problem, "code"), "request_timeout");
		assert_string_equal(json_get_str(problem, "request_id"), rq->request_id);
		assert_int_equal(json_get_int(problem, "status", 0), 408);
		assert_false(json_get_bool(problem, "success", true));
		assert_int_equal(gate.asked + gate.address_taken, 0);   /* half a request asks for nobody */
	}
}

/* T15, T33 */
static void
every_answer_carries_its_headers(void **state)
{
	struct web *w = *state;

	for (size_t i = 0; i < EG_COUNT(table); i++) {
		ask(w, arena_printf(w->arena, "REQUEST_METHOD=%s\nREQUEST_URI=%s", table[i].method, table[i].uri));
		assert_string_equal(web_header(w, "X-Request-Id"), w->rq.request_id);
		assert_string_equal(web_header(w, "X-Content-Type-Options"), "nosniff");
		assert_string_equal(web_header(w, "Cache-Control"), "no-store");
		assert_string_equal(web_header(w, "Content-Security-Policy"), "default-src 'none'; frame-ancestors 'none'");
		assert_string_equal(web_header(w, "Referrer-Policy"), "no-referrer");
	}
	assert_int_equal(ask(w, "REQUEST_URI=/cached"), 200);
	assert_string_equal(web_header(w, "Cache-Control"), "public, max-age=3600");
	assert_string_equal(web_header(w, "Content-Security-Policy"), "default-src 'none'; frame-ancestors *");
	assert_int_equal(w->rs.header_count, 6);
}

static void
large_bodies_are_for_some_rows(void **state)
{
	static const struct {
		const char *vars;
		size_t max;
	} cases[] = {
		{ "REQUEST_METHOD=POST\nREQUEST_URI=/key", 64 << 10 },
		{ "REQUEST_METHOD=POST\nREQUEST_URI=/large", 8 << 20 },
		{ "REQUEST_METHOD=GET\nREQUEST_URI=/large", 64 << 10 }, { "REQUEST_URI=/none", 64 << 10 },
	};
	struct web *w = *state;

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		struct rq *rq = web_open(w, &program, cases[i].vars);

		router_match(rq);
		assert_int_equal(router_body_max(rq), cases[i].max);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_found),
		cmocka_unit_test(parts_of_a_path_are_bounded),
		cmocka_unit_test(made_up_paths_are_refused),
		cmocka_unit_test(the_first_that_fails_decides),
		cmocka_unit_test(plain_http_is_for_loopback_and_health),
		cmocka_unit_test(one_credential_in_one_place),
		cmocka_unit_test(the_gate_is_asked_what_the_row_says),
		cmocka_unit_test(no_subject_is_dropped),
		cmocka_unit_test(embed_credentials_are_bearers),
		cmocka_unit_test(every_verdict_of_the_gate_is_told),
		cmocka_unit_test(no_code_without_a_credential),
		cmocka_unit_test(strangers_are_counted_by_address),
		cmocka_unit_test(limits_of_credentials_are_told),
		cmocka_unit_test(an_old_text_is_deprecated),
		cmocka_unit_test(other_sites_read_what_they_may),
		cmocka_unit_test(preflights_look_at_nothing),
		cmocka_unit_test(no_origin_breaks_a_header),
		cmocka_unit_test(changes_come_from_our_own_pages),
		cmocka_unit_test(forms_carry_their_token),
		cmocka_unit_test(roles_open_doors),
		cmocka_unit_test(a_customer_is_looked_up_in_scope),
		cmocka_unit_test(the_cookie_is_the_session),
		cmocka_unit_test(a_failure_leaves_nothing_of_the_answer),
		cmocka_unit_test(a_refusal_that_fails_is_a_bare_500),
		cmocka_unit_test(a_cut_body_is_answered_as_any_other),
		cmocka_unit_test(every_answer_carries_its_headers),
		cmocka_unit_test(large_bodies_are_for_some_rows),
	};
	return cmocka_run_group_tests(tests, web_setup, web_teardown);
}
