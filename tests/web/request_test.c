/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What becomes of CGI variables: paths (T8), addresses (T22), HTTPS (A28), parameters, cookies, bounds. */
#include "fixture.h"

static const struct program nothing = { .name = "test" };

/* NULL: no path, which the router answers with 404. The prefix of public_url is "/base". */
static const struct {
	const char *uri, *path;
} paths[] = {
	{ "/", "/" }, { "/a/b", "/a/b" }, { "/a/", "/a/" }, { "/a?x=1", "/a" }, { "/a?/../..", "/a" }, { "/?", "/" },
	{ "/base", "/" }, { "/base/", "/" }, { "/base/a", "/a" }, { "/base?x", "/" }, { "/basement", "/basement" },
	{ "/based/a", "/based/a" }, { "/base/base/a", "/base/a" },
	{ "http://h/a", "/a" }, { "HTTPS://h:1/a?b", "/a" }, { "http://h", "/" }, { "http://h?x", "/" },
	{ "", NULL }, { "a", NULL }, { "*", NULL }, { "ftp://h/a", NULL }, { "?x", NULL },
	{ "//", NULL }, { "//a", NULL }, { "/a//b", NULL }, { "/a//", NULL }, { "http://h//a", NULL },
	{ "/.", NULL }, { "/..", NULL }, { "/./a", NULL }, { "/a/..", NULL }, { "/a/../b", NULL }, { "/a/.", NULL },
	{ "/...", "/..." }, { "/.a", "/.a" }, { "/a.", "/a." }, { "/..a/b..", "/..a/b.." },
	{ "/%2e%2e/a", NULL }, { "/a/%2E%2e", NULL }, { "/%2e", NULL }, { "/.%2e/", NULL },
	{ "/a%2fb", NULL }, { "/a%2Fb", NULL }, { "/%2f", NULL },
	{ "/a%00b", NULL }, { "/a%00", NULL }, { "/a%0a", NULL }, { "/a%0d%0aX:1", NULL }, { "/a%1f", NULL },
	{ "/a%7f", NULL },
	{ "/a\x01", NULL }, { "/a\x7f", NULL },
	{ "/%61", "/a" }, { "/%252e%252e", "/%2e%2e" }, { "/%25", "/%" }, { "/a%20b", "/a b" }, { "/a+b", "/a+b" },
	{ "/%", NULL }, { "/%4", NULL }, { "/%zz", NULL }, { "/%4z", NULL }, { "/a%", NULL },
	{ "/%c3%a9", "/\xc3\xa9" }, { "/%c3", NULL }, { "/%ff", NULL }, { "/%ed%a0%80", NULL },
	{ "/\xc3\xa9", "/\xc3\xa9" },
	{ "/a;b=c", "/a;b=c" }, { "/a\\..\\b", "/a\\..\\b" }, { "/a#b", "/a#b" },
};

static void
paths_are_decoded_once_and_plain(void **state)
{
	struct web *w = *state;

	for (size_t i = 0; i < EG_COUNT(paths); i++) {
		struct rq *rq = web_open(w, &nothing, arena_printf(w->arena, "REQUEST_URI=%s", paths[i].uri));
		const char *expected = paths[i].path != NULL ? paths[i].path : "";

		if (strcmp(rq->path, expected) != 0)
			fail_msg("%s became '%s'", paths[i].uri, rq->path);
	}
}

static const struct {
	const char *vars, *path, *query;
} scripts[] = {
	{ "REQUEST_URI=\nSCRIPT_NAME=/cgi-bin/api.fcgi\nPATH_INFO=/api/v1/x\nQUERY_STRING=a=1", "/api/v1/x", "a=1" },
	{ "REQUEST_URI=\nSCRIPT_NAME=/api.cgi\nPATH_INFO=/api/v1/x", "/api/v1/x", "" },
	{ "REQUEST_URI=\nSCRIPT_NAME=/api\nPATH_INFO=/v1/x", "/api/v1/x", "" },
	{ "REQUEST_URI=\nSCRIPT_NAME=/healthz", "/healthz", "" },
	{ "REQUEST_URI=\nSCRIPT_NAME=\nPATH_INFO=/api/v1/x", "/api/v1/x", "" },
	{ "REQUEST_URI=\nPATH_INFO=/a%41", "/a%41", "" },               /* decoded by the server: not again */
	{ "REQUEST_URI=\nPATH_INFO=/a/../b", "", "" },
	{ "REQUEST_URI=\nPATH_INFO=/a\x02", "", "" },
	{ "REQUEST_URI=\nPATH_INFO=/a\xff", "", "" },
	{ "REQUEST_URI=/a?q=1&r\nSCRIPT_NAME=/x\nPATH_INFO=/y\nQUERY_STRING=other=1", "/a", "q=1&r" },
	{ "REQUEST_URI=/a\nQUERY_STRING=added=1", "/a", "" },
};

static void
without_a_request_uri_the_script_says(void **state)
{
	struct web *w = *state;

	for (size_t i = 0; i < EG_COUNT(scripts); i++) {
		struct rq *rq = web_open(w, &nothing, scripts[i].vars);

		assert_string_equal(rq->path, scripts[i].path);
		assert_string_equal(rq->query, scripts[i].query);
	}
}

static const struct {
	const char *vars;
	enum method method;
} methods[] = {
	{ "REQUEST_METHOD=GET", M_GET }, { "REQUEST_METHOD=HEAD", M_HEAD }, { "REQUEST_METHOD=POST", M_POST },
	{ "REQUEST_METHOD=PUT", M_PUT }, { "REQUEST_METHOD=PATCH", M_PATCH }, { "REQUEST_METHOD=DELETE", M_DELETE },
	{ "REQUEST_METHOD=OPTIONS", M_OPTIONS }, { "REQUEST_METHOD=TRACE", M_OTHER }, { "REQUEST_METHOD=get", M_OTHER },
	{ "REQUEST_METHOD=", M_OTHER }, { "REQUEST_METHOD=FOO", M_OTHER },
	{ "REQUEST_METHOD=POST\nHTTP_X_HTTP_METHOD_OVERRIDE=PATCH", M_PATCH },
	{ "REQUEST_METHOD=POST\nHTTP_X_HTTP_METHOD_OVERRIDE=DELETE", M_DELETE },
	{ "REQUEST_METHOD=POST\nHTTP_X_HTTP_METHOD_OVERRIDE=PUT", M_PUT },
	{ "REQUEST_METHOD=POST\nHTTP_X_HTTP_METHOD_OVERRIDE=GET", M_OTHER },
	{ "REQUEST_METHOD=POST\nHTTP_X_HTTP_METHOD_OVERRIDE=POST", M_OTHER },
	{ "REQUEST_METHOD=POST\nHTTP_X_HTTP_METHOD_OVERRIDE=patch", M_OTHER },
	{ "REQUEST_METHOD=POST\nHTTP_X_HTTP_METHOD_OVERRIDE=", M_OTHER },
	{ "REQUEST_METHOD=GET\nHTTP_X_HTTP_METHOD_OVERRIDE=DELETE", M_GET },
	{ "REQUEST_METHOD=PUT\nHTTP_X_HTTP_METHOD_OVERRIDE=DELETE", M_PUT },
};

static void
methods_are_exact_and_only_a_post_changes(void **state)
{
	struct web *w = *state;

	for (size_t i = 0; i < EG_COUNT(methods); i++)
		assert_int_equal(web_open(w, &nothing, methods[i].vars)->method, methods[i].method);
}

/* T22: only what configured proxies say is believed, and of a chain only what our own proxies saw. */
static const struct {
	const char *vars, *address;
	bool is_https, is_loopback;
} peers[] = {
	{ "HTTPS=\nREMOTE_ADDR=203.0.113.9", "203.0.113.9", false, false },
	{ "HTTPS=on", "203.0.113.9", true, false },
	{ "HTTPS=ON", "203.0.113.9", true, false },
	{ "HTTPS=1", "203.0.113.9", true, false },
	{ "HTTPS=off", "203.0.113.9", false, false },
	{ "HTTPS=\nREQUEST_SCHEME=https", "203.0.113.9", true, false },
	{ "HTTPS=\nREQUEST_SCHEME=http", "203.0.113.9", false, false },
	{ "HTTPS=\nHTTP_X_FORWARDED_PROTO=https\nHTTP_X_FORWARDED_FOR=192.0.2.1", "203.0.113.9", false, false },
	{ "HTTPS=\nREMOTE_ADDR=127.0.0.1", "127.0.0.1", false, true },
	{ "HTTPS=\nREMOTE_ADDR=127.9.9.9", "127.9.9.9", false, true },
	{ "HTTPS=\nREMOTE_ADDR=::ffff:127.0.0.1", "127.0.0.1", false, true },
	{ "HTTPS=\nREMOTE_ADDR=128.0.0.1", "128.0.0.1", false, false },
	{ "HTTPS=\nREMOTE_ADDR=::2", "::2", false, false },
	{ "HTTPS=\nREMOTE_ADDR=127.0.0.1\nHTTP_X_FORWARDED_FOR=127.0.0.1", "127.0.0.1", false, false },
	{ "HTTPS=\nREMOTE_ADDR=127.0.0.1\nHTTP_X_FORWARDED_PROTO=https", "127.0.0.1", false, false },
	{ "HTTPS=\nREMOTE_ADDR=127.0.0.1\nHTTP_X_FORWARDED_HOST=h", "127.0.0.1", false, false },
	{ "HTTPS=\nREMOTE_ADDR=127.0.0.1\nHTTP_FORWARDED=for=1.2.3.4", "127.0.0.1", false, false },
	{ "HTTPS=\nREMOTE_ADDR=127.0.0.1\nHTTP_VIA=1.1 cache", "127.0.0.1", false, false },
	{ "HTTPS=\nREMOTE_ADDR=127.0.0.1\nHTTP_X_REAL_IP=1.2.3.4", "127.0.0.1", false, false },
	{ "HTTPS=\nREMOTE_ADDR=", "", false, false },
	{ "HTTPS=\nREMOTE_ADDR=unix:", "", false, false },
	{ "HTTPS=\nREMOTE_ADDR=127.0.0.1.evil.example", "", false, false },
	/* ::1 is a proxy here, and a loopback as long as it forwards nothing */
	{ "HTTPS=\nREMOTE_ADDR=::1", "::1", false, true },
	{ "HTTPS=\nREMOTE_ADDR=::1\nHTTP_X_FORWARDED_FOR=192.0.2.1\nHTTP_X_FORWARDED_PROTO=https", "192.0.2.1", true, false },
	/* 10.0.0.0/8 are proxies */
	{ "HTTPS=\nREMOTE_ADDR=10.1.2.3", "10.1.2.3", false, false },
	{ "HTTPS=\nREMOTE_ADDR=11.1.2.3\nHTTP_X_FORWARDED_FOR=192.0.2.1", "11.1.2.3", false, false },
	{ "HTTPS=\nREMOTE_ADDR=10.1.2.3\nHTTP_X_FORWARDED_PROTO=https", "10.1.2.3", true, false },
	{ "HTTPS=\nREMOTE_ADDR=10.1.2.3\nHTTP_X_FORWARDED_PROTO=HTTPS", "10.1.2.3", true, false },
	{ "HTTPS=on\nREMOTE_ADDR=10.1.2.3\nHTTP_X_FORWARDED_PROTO=http", "10.1.2.3", false, false },
	{ "HTTPS=\nREMOTE_ADDR=10.1.2.3\nHTTP_X_FORWARDED_PROTO=https, https ", "10.1.2.3", true, false },
	{ "HTTPS=\nREMOTE_ADDR=10.1.2.3\nHTTP_X_FORWARDED_PROTO=http, https", "10.1.2.3", false, false },
	{ "HTTPS=\nREMOTE_ADDR=10.1.2.3\nHTTP_X_FORWARDED_PROTO=https,", "10.1.2.3", false, false },
	{ "HTTPS=\nREMOTE_ADDR=10.1.2.3\nHTTP_X_FORWARDED_PROTO=", "10.1.2.3", false, false },
	{ "REMOTE_ADDR=10.1.2.3\nHTTP_X_FORWARDED_FOR=192.0.2.1", "192.0.2.1", true, false },
	{ "REMOTE_ADDR=10.1.2.3\nHTTP_X_FORWARDED_FOR=192.0.2.1, 198.51.100.7", "198.51.100.7", true, false },
	{ "REMOTE_ADDR=10.1.2.3\nHTTP_X_FORWARDED_FOR=192.0.2.1 ,\t10.9.9.9 ", "192.0.2.1", true, false },
	{ "REMOTE_ADDR=10.1.2.3\nHTTP_X_FORWARDED_FOR=1.1.1.1,192.0.2.1,10.9.9.9,10.8.8.8", "192.0.2.1", true, false },
	{ "REMOTE_ADDR=10.1.2.3\nHTTP_X_FORWARDED_FOR=10.9.9.9,10.8.8.8", "10.9.9.9", true, false },
	{ "REMOTE_ADDR=10.1.2.3\nHTTP_X_FORWARDED_FOR=192.0.2.1, unknown", "10.1.2.3", true, false },
	{ "REMOTE_ADDR=10.1.2.3\nHTTP_X_FORWARDED_FOR=192.0.2.1, unknown, 10.9.9.9", "10.9.9.9", true, false },
	{ "REMOTE_ADDR=10.1.2.3\nHTTP_X_FORWARDED_FOR=", "10.1.2.3", true, false },
	{ "REMOTE_ADDR=10.1.2.3\nHTTP_X_FORWARDED_FOR=,", "10.1.2.3", true, false },
	{ "REMOTE_ADDR=10.1.2.3\nHTTP_X_FORWARDED_FOR=192.0.2.1:4711", "192.0.2.1", true, false },
	{ "REMOTE_ADDR=10.1.2.3\nHTTP_X_FORWARDED_FOR=[2001:db8::1]:4711", "2001:db8::1", true, false },
	{ "REMOTE_ADDR=10.1.2.3\nHTTP_X_FORWARDED_FOR=2001:DB8:0::1", "2001:db8::1", true, false },
	{ "REMOTE_ADDR=10.1.2.3\nHTTP_X_FORWARDED_FOR=[2001:db8::1", "10.1.2.3", true, false },
	{ "REMOTE_ADDR=::ffff:10.1.2.3\nHTTP_X_FORWARDED_FOR=::ffff:192.0.2.1", "192.0.2.1", true, false },
};

static void
only_proxies_are_believed(void **state)
{
	struct web *w = *state;

	for (size_t i = 0; i < EG_COUNT(peers); i++) {
		struct rq *rq = web_open(w, &nothing, peers[i].vars);

		if (strcmp(rq->address, peers[i].address) != 0 || rq->is_https != peers[i].is_https ||
		    rq->is_loopback != peers[i].is_loopback)
			fail_msg("%s: address '%s', https %d, loopback %d", peers[i].vars, rq->address, rq->is_https, rq->is_loopback);
	}
}

static const struct {
	const char *origin;
	bool is_own;
} origins[] = {
	{ "https://portal.example.com", true }, { "https://embed.example.com", true },
	{ "https://portal.example.com/", false },
	{ "https://portal.example.com:443", false }, { "http://portal.example.com", false },
	{ "https://evil.example", false },
	{ "https://portal.example.com.evil.example", false }, { "null", false }, { "", false },
};

static void
own_origins_are_exact(void **state)
{
	struct web *w = *state;

	for (size_t i = 0; i < EG_COUNT(origins); i++)
		assert_int_equal(web_open(w, &nothing, arena_printf(w->arena, "HTTP_ORIGIN=%s", origins[i].origin))->is_own_origin,
		    origins[i].is_own);
	assert_null(web_open(w, &nothing, "")->origin);
}

static const struct {
	const char *query, *name, *value;
} params[] = {
	{ "a=1", "a", "1" }, { "a=1&b=2", "b", "2" }, { "a=1&a=2", "a", "1" }, { "a", "a", "" }, { "a=", "a", "" },
	{ "=1", "", "1" },
	{ "b=1", "a", NULL }, { "&&a=1&&", "a", "1" }, { "a=1=2", "a", "1=2" }, { "a=%41%62+c", "a", "Ab c" },
	{ "%61=1", "a", "1" },
	{ "a=%", "a", "%" }, { "a=%4", "a", "%4" }, { "a=%zz", "a", "%zz" }, { "a=%c3%a9", "a", "\xc3\xa9" },
	{ "a=x%00y", "a", "x\xef\xbf\xbdy" }, { "a=%ff", "a", "\xef\xbf\xbd" }, { "a=%c3", "a", "\xef\xbf\xbd" },
	{ "a%00=1", "a", NULL }, { "A=1", "a", NULL },
};

static void
parameters_are_text(void **state)
{
	struct web *w = *state;

	for (size_t i = 0; i < EG_COUNT(params); i++) {
		struct rq *rq = web_open(w, &nothing, arena_printf(w->arena,
		    "REQUEST_URI=/?%s\nCONTENT_TYPE=application/x-www-form-urlencoded; charset=utf-8", params[i].query));
		const char *query = rq_query(rq, params[i].name), *form;

		rq_take_body(rq, params[i].query, strlen(params[i].query), false);
		form = rq_form(rq, params[i].name);
		if (params[i].value == NULL) {
			assert_null(query);
			assert_null(form);
		} else {
			assert_string_equal(query, params[i].value);
			assert_string_equal(form, params[i].value);
		}
	}
}

static void
forms_are_read_by_their_type(void **state)
{
	static const struct {
		const char *type;
		bool is_form;
	} types[] = {
		{ "application/x-www-form-urlencoded", true }, { "Application/X-WWW-Form-Urlencoded", true },
		{ "application/x-www-form-urlencoded;charset=UTF-8", true },
		{ "application/x-www-form-urlencodedx", false },
		{ "text/plain", false }, { "multipart/form-data", false }, { "", false },
	};
	struct web *w = *state;

	for (size_t i = 0; i < EG_COUNT(types); i++) {
		struct rq *rq = web_open(w, &nothing, arena_printf(w->arena, "CONTENT_TYPE=%s", types[i].type));

		rq_take_body(rq, "a=1", 3, false);
		assert_int_equal(rq_form(rq, "a") != NULL, types[i].is_form);
	}
}

static void
more_than_the_bounds_is_a_fault(void **state)
{
	struct web *w = *state;

	for (size_t n = REQUEST_PARAMS_MAX; n <= REQUEST_PARAMS_MAX + 1; n++) {
		struct buf b;
		struct rq *rq;

		buf_init(&b, w->arena, 0);
		buf_add_str(&b, "REQUEST_URI=/?p0=0");
		for (size_t i = 1; i < n; i++)
			buf_printf(&b, "&p%zu=%zu", i, i);
		rq = web_open(w, &nothing, b.data);
		assert_int_equal(rq->query_count, REQUEST_PARAMS_MAX);
		assert_int_equal(rq->faults.count, n - REQUEST_PARAMS_MAX);
	}
	for (size_t len = REQUEST_HEADER_MAX; len <= REQUEST_HEADER_MAX + 1; len++) {
		char *value = arena_alloc(w->arena, len + 1);

		memset(value, 'a', len);
		assert_int_equal(web_open(w, &nothing, arena_printf(w->arena, "HTTP_X_ANY=%s", value))->faults.count,
		    len - REQUEST_HEADER_MAX);
	}
}

static const struct {
	const char *header, *value;
} cookies[] = {
	{ "c=1", "1" }, { "a=0; c=1", "1" }, { "a=0;c=1", "1" }, { "c=1; c=2", "1" }, { "xc=1", NULL },
	{ "cx=1", NULL }, { "C=1", NULL },
	{ "c=", "" }, { "c", NULL }, { " c=1 ; d=2", "1" }, { "c=a=b", "a=b" }, { "", NULL }, { ";;;c=1", "1" },
	{ "a=c=2", NULL },
};

static void
cookies_are_found(void **state)
{
	struct web *w = *state;

	for (size_t i = 0; i < EG_COUNT(cookies); i++) {
		struct rq *rq = web_open(w, &nothing, arena_printf(w->arena, "HTTP_COOKIE=%s", cookies[i].header));
		const char *value = rq_cookie(rq, "c");

		if (cookies[i].value == NULL)
			assert_null(value);
		else
			assert_string_equal(value, cookies[i].value);
	}
}

static void
headers_are_found_by_name(void **state)
{
	struct web *w = *state;
	struct rq *rq = web_open(w, &nothing, "HTTP_X_THING=1\nCONTENT_TYPE=text/plain\nCONTENT_LENGTH=3\n"
	    "REDIRECT_HTTP_AUTHORIZATION=Bearer x\nHTTP_X_THING_MORE=2");

	assert_string_equal(rq_header(rq, "X-Thing"), "1");
	assert_string_equal(rq_header(rq, "x-thing"), "1");
	assert_string_equal(rq_header(rq, "X-Thing-More"), "2");
	assert_string_equal(rq_header(rq, "content-type"), "text/plain");
	assert_string_equal(rq_header(rq, "Content-Length"), "3");
	assert_string_equal(rq_header(rq, "Authorization"), "Bearer x");
	assert_null(rq_header(rq, "X-Thin"));
	assert_null(rq_header(rq, "X-Other"));
	assert_null(rq_env(rq, "X_THING"));
	rq = web_open(w, &nothing, "HTTP_AUTHORIZATION=Bearer y\nREDIRECT_HTTP_AUTHORIZATION=Bearer x");
	assert_string_equal(rq_header(rq, "AUTHORIZATION"), "Bearer y");
}

static const struct {
	const char *query;
	size_t page, limit, faults;
} pagings[] = {
	{ "", 1, 50, 0 }, { "page=1&limit=1", 1, 1, 0 }, { "page=1000000&limit=100", 1000000, 100, 0 },
	{ "page=7", 7, 50, 0 },
	{ "page=0", 1, 50, 1 }, { "page=1000001", 1, 50, 1 }, { "limit=0", 1, 50, 1 }, { "limit=101", 1, 50, 1 },
	{ "page=-1&limit=-1", 1, 50, 2 }, { "page=1.5", 1, 50, 1 }, { "page=a", 1, 50, 1 }, { "page=", 1, 50, 1 },
	{ "page=+1", 1, 50, 1 }, { "page=1x", 1, 50, 1 }, { "page=99999999999999999999999", 1, 50, 1 },
	{ "page=007", 7, 50, 0 },
};

static void
pages_are_bounded(void **state)
{
	struct web *w = *state;

	for (size_t i = 0; i < EG_COUNT(pagings); i++) {
		struct rq *rq = web_open(w, &nothing, arena_printf(w->arena, "REQUEST_URI=/?%s", pagings[i].query));
		size_t page, limit;

		rq_paging(rq, &page, &limit);
		assert_int_equal(page, pagings[i].page);
		assert_int_equal(limit, pagings[i].limit);
		assert_int_equal(rq->faults.count, pagings[i].faults);
		assert_int_equal(rq_check_faults(rq), pagings[i].faults > 0 ? EG_REFUSED : EG_OK);
	}
}

static void
addresses_of_our_own_are_configured(void **state)
{
	struct web *w = *state;
	struct rq *rq = web_open(w, &nothing, "HTTP_HOST=evil.example\nSCRIPT_NAME=/evil\nREMOTE_ADDR=203.0.113.77");

	assert_string_equal(rq_public_url(rq, "/portal/"), "https://portal.example.com/base/portal/");
	assert_string_equal(rq_embed_url(rq, "/e/1"), "https://embed.example.com/e/1");
	assert_string_equal(rq_actor(rq).address, "203.0.113.0");
	assert_string_equal(rq_actor(rq).request_id, rq->request_id);
	assert_int_equal(strlen(rq->request_id), UUID_TEXT_LEN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_decoded_once_and_plain),
		cmocka_unit_test(without_a_request_uri_the_script_says),
		cmocka_unit_test(methods_are_exact_and_only_a_post_changes),
		cmocka_unit_test(only_proxies_are_believed),
		cmocka_unit_test(own_origins_are_exact),
		cmocka_unit_test(parameters_are_text),
		cmocka_unit_test(forms_are_read_by_their_type),
		cmocka_unit_test(more_than_the_bounds_is_a_fault),
		cmocka_unit_test(cookies_are_found),
		cmocka_unit_test(headers_are_found_by_name),
		cmocka_unit_test(pages_are_bounded),
		cmocka_unit_test(addresses_of_our_own_are_configured),
	};
	return cmocka_run_group_tests(tests, web_setup, web_teardown);
}
