/* SPDX-License-Identifier: GPL-3.0-or-later */
/* origin: what people type, what browsers send, and which of the latter the former covers (T11, T13, K33, E3). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/origin.h"

#define L63 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"
#define L64 L63 "l"

static eg_err
normalise(struct arena *a, const char *text, size_t len, const char **out, const char **why)
{
	char *exact = malloc(len == 0 ? 1 : len);       /* so that ASan sees a read behind the end */
	eg_err e;

	memcpy(exact, text, len);
	e = origin_normalise(a, exact, len, out, why);
	free(exact);
	return e;
}

/* The right column is what new URL(text).origin gives in browsers, where they accept the left one. */
static void
accepted(void **state)
{
	static const struct {
		const char *typed, *want;
	} cases[] = {
		{ "https://www.example.com", "https://www.example.com" },
		{ "http://www.example.com", "http://www.example.com" },
		{ "HTTPS://WWW.Example.COM", "https://www.example.com" },
		{ "https://example.com/", "https://example.com" },
		{ "https://example.com/shop/index.html?x=1#top", "https://example.com" },
		{ "https://example.com?x=a@b", "https://example.com" },
		{ "https://example.com#@evil.example", "https://example.com" },
		{ "https://example.com/@evil.example:8/", "https://example.com" },
		{ "  https://example.com \t\n", "https://example.com" },
		{ "example.com", "https://example.com" },
		{ "example.com/path", "https://example.com" },
		{ "//example.com", "https://example.com" },
		{ "sub.example.co.uk", "https://sub.example.co.uk" },
		{ "example.com.", "https://example.com" },
		{ "https://example.com.:8443", "https://example.com:8443" },
		{ "r3---sn-x.example.com", "https://r3---sn-x.example.com" },
		{ "1and1.com", "https://1and1.com" },
		{ L63 ".com", "https://" L63 ".com" },

		/* ports */
		{ "https://example.com:443", "https://example.com" },
		{ "http://example.com:80", "http://example.com" },
		{ "https://example.com:80", "https://example.com:80" },
		{ "http://example.com:443", "http://example.com:443" },
		{ "https://example.com:8443/x", "https://example.com:8443" },
		{ "https://example.com:", "https://example.com" },
		{ "https://example.com:00443", "https://example.com" },
		{ "https://example.com:1", "https://example.com:1" },
		{ "https://example.com:65535", "https://example.com:65535" },
		{ "example.com:8080", "https://example.com:8080" },
		{ "example.com:80", "http://example.com" },
		{ "example.com:443", "https://example.com" },

		/* this machine and the local net */
		{ "localhost", "http://localhost" },
		{ "LOCALHOST:3000", "http://localhost:3000" },
		{ "https://localhost:3000", "https://localhost:3000" },
		{ "localhost:80", "http://localhost" },
		{ "http://intranet", "http://intranet" },
		{ "https://intranet:8080", "https://intranet:8080" },
		{ "127.0.0.1:8081", "http://127.0.0.1:8081" },
		{ "127.255.255.254", "http://127.255.255.254" },
		{ "192.0.2.1", "https://192.0.2.1" },
		{ "https://192.0.2.1./", "https://192.0.2.1" },
		{ "[::1]:3000", "http://[::1]:3000" },
		{ "[::1]", "http://[::1]" },
		{ "https://[2001:DB8:0:0:0:0:0:1]", "https://[2001:db8::1]" },
		{ "https://[2001:db8:0:0:1:0:0:1]", "https://[2001:db8::1:0:0:1]" },
		{ "https://[2001:db8:0:1:1:1:1:1]", "https://[2001:db8:0:1:1:1:1:1]" },
		{ "https://[::]", "https://[::]" },
		{ "https://[1::]:443", "https://[1::]" },
		{ "https://[::ffff:192.0.2.1]", "https://[::ffff:c000:201]" },
		{ "https://[1:2:3:4:5:6:7:8]:8443", "https://[1:2:3:4:5:6:7:8]:8443" },

		/* wildcards */
		{ "*.example.com", "https://*.example.com" },
		{ "https://*.example.com", "https://*.example.com" },
		{ "http://*.example.com:8080/x", "http://*.example.com:8080" },
		{ "//*.example.com", "https://*.example.com" },
		{ "https://*.example.com:443", "https://*.example.com" },
		{ "*.b\xc3\xbc" "cher.example", "https://*.xn--bcher-kva.example" },

		/* international names: non-transitional, mapped, composed */
		{ "https://b\xc3\xbc" "cher.example", "https://xn--bcher-kva.example" },
		{ "https://B\xc3\x9c" "CHER.example", "https://xn--bcher-kva.example" },
		{ "https://bu\xcc\x88" "cher.example", "https://xn--bcher-kva.example" },
		{ "https://fa\xc3\x9f.example", "https://xn--fa-hia.example" },
		{ "https://xn--bcher-kva.example", "https://xn--bcher-kva.example" },
		{ "https://XN--BCHER-KVA.example", "https://xn--bcher-kva.example" },
		{ "https://\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e.jp", "https://xn--wgv71a119e.jp" },
		{ "https://\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe3\x80\x82jp", "https://xn--wgv71a119e.jp" },       /* ideographic full stop */
		{ "https://\xef\xbd\x85xample.com", "https://example.com" },            /* fullwidth e */
		{ "https://ex\xc2\xad" "ample.com", "https://example.com" },            /* soft hyphen: ignored, like in browsers */
	};
	struct arena *a = arena_new();

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		const char *out = "", *why = "", *again = "";

		if (normalise(a, cases[i].typed, strlen(cases[i].typed), &out, &why) != EG_OK)
			fail_msg("\"%s\": %s", cases[i].typed, why);
		assert_string_equal(out, cases[i].want);
		assert_int_equal(origin_normalise(a, out, strlen(out), &again, NULL), EG_OK);
		assert_string_equal(again, out);        /* nothing is left to normalise */
	}
	arena_free(a);
}

static void
refused(void **state)
{
	static const struct {
		const char *typed, *why;        /* `why`: words of the sentence */
	} cases[] = {
		{ "", "Enter a site" }, { "   ", "Enter a site" }, { "https://", "missing" }, { "https:///path", "missing" },
		{ "/", "missing" }, { "?x", "missing" }, { "https://:443", "missing" },
		{ "null", "null" }, { "NULL", "null" }, { "*", "leave the list of sites empty" },
		{ "ftp://example.com", "https://" }, { "file:///etc/passwd", "https://" }, { "javascript:alert(1)", "https://" },
		{ "data:text/html,x", "https://" }, { "mailto:a@example.com", "https://" }, { "chrome-extension://abc", "https://" },
		{ "https:example.com", "https://" }, { "https:/example.com", "https://" }, { "wss://example.com", "https://" },
		{ "https://user:pw@example.com", "user name" }, { "https://user@example.com", "user name" },
		{ "user@example.com", "user name" }, { "https://example.com@evil.example", "user name" },
		{ "https://example.com\\.evil.example", "forward slashes" }, { "https:\\\\example.com", "https://" },
		{ "example", "no dot" }, { "www", "no dot" }, { "intranet:8080", "no dot" }, { "//intranet:8080", "no dot" },
		{ "javascript:1", "no dot" }, { "data:80", "no dot" }, { "TEL:5550100", "port" }, { "mailto:25/x", "no dot" },
		{ "a b.example", "letters, digits" }, { "https://exa mple.com", "letters, digits" },
		{ "my_shop.example.com", "letters, digits" }, { "https://example.com,https://example.org", "letters, digits" },
		{ "https://example.com;x", "letters, digits" }, { "https://example.com'x", "letters, digits" },
		{ "https://ex%61mple.com", "percent" }, { "https://example.com%2f", "percent" },
		{ "https://\xef\xbc\x85" "61.com", "percent" },                         /* fullwidth percent sign */
		{ "https://.example.com", "empty" }, { "https://example..com", "empty" }, { "https://example.com..", "empty" },
		{ "https://.", "empty" }, { "*..com", "empty" },
		{ L64 ".com", "63" },
		{ "https://-a.com", "hyphen" }, { "a-.com", "hyphen" }, { "https://www.-odd-.example.com", "hyphen" },
		{ "https://a.com-", "hyphen" }, { "-.example", "hyphen" }, { "*.-a.com", "hyphen" }, { "https://a-:8080", "hyphen" },
		{ "https://" L63 "." L63 "." L63 ".com", "200" },

		{ "*.com", "two parts" }, { "*.localhost", "two parts" }, { "*.127.0.0.1", "two parts" }, { "*.*.com", "whole subdomains" },
		{ "www.*.com", "whole subdomains" }, { "w*.example.com", "whole subdomains" }, { "https://*", "whole subdomains" },
		{ "*example.com", "whole subdomains" }, { "example.*", "whole subdomains" }, { "*.[::1]", "letters, digits" },
		{ "*://example.com", "https://" }, { "https://\xef\xbc\x8a.example.com", "whole subdomains" },

		{ "https://example.com:0", "port" }, { "https://example.com:65536", "port" }, { "https://example.com:000443", "port" },
		{ "https://example.com:8o", "port" }, { "https://example.com:-1", "port" }, { "https://example.com:80:80", "port" },
		{ "https://example.com: 80", "port" }, { "https://example.com:*", "port" },

		{ "127.1", "four decimal" }, { "0x7f.1", "four decimal" }, { "0x7f000001", "four decimal" }, { "2130706433", "four decimal" },
		{ "0177.0.0.1", "four decimal" }, { "192.0.2.256", "four decimal" }, { "192.0.2", "four decimal" },
		{ "1.2.3.4.5", "four decimal" }, { "example.0x", "four decimal" }, { "example.42", "four decimal" },
		{ "192.0.2.01", "four decimal" }, { "\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.1", "four decimal" },         /* fullwidth 127 */
		{ "[::1", "brackets" }, { "https://[]", "IPv6" }, { "https://[::g]", "IPv6" }, { "https://[1:2]", "IPv6" },
		{ "https://[fe80::1%25eth0]", "IPv6" }, { "https://[::1]x", "brackets" }, { "https://[127.0.0.1]", "IPv6" },
		{ "https://[[::1]]", "IPv6" }, { "2001:db8::1", "brackets" }, { "::1", "brackets" },
		{ "https://2001:db8::1/", "four decimal" },

		{ "https://\xff.example", "UTF-8" }, { "https://xn--a.example", "international" }, { "https://xn--.example", "international" },
		{ "https://\xe2\x98\x83.example", "international" },                    /* snowman: not in IDNA 2008 */
		{ "https://a\xe2\x80\x8d" "b.example", "international" },               /* joiner out of its context */
		{ "https://\xd7\x90" "a.example", "international" },                    /* mixed directions */
		{ "https://example.com\x01", "control" }, { "https://exam\nple.com", "control" }, { "https://example.com/\x7f", "control" },
	};
	struct arena *a = arena_new();

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		const char *out = NULL, *why = "";
		eg_err e = normalise(a, cases[i].typed, strlen(cases[i].typed), &out, &why);

		if (e != EG_INVALID)
			fail_msg("\"%s\": %s %s", cases[i].typed, eg_err_name(e), out);
		if (strstr(why, cases[i].why) == NULL)
			fail_msg("\"%s\": \"%s\", wanted \"%s\"", cases[i].typed, why, cases[i].why);
		assert_null(out);
	}
	arena_free(a);
}

/* Bytes that C strings cannot show, and every byte inside a name. */
static void
raw_bytes(void **state)
{
	struct arena *a = arena_new();
	const char *out;

	assert_int_equal(origin_normalise(a, "https://a.example\0", 18, &out, NULL), EG_INVALID);
	assert_int_equal(origin_normalise(a, "\0https://a.example", 18, &out, NULL), EG_INVALID);
	assert_int_equal(origin_normalise(a, "https://a.ex\0mple", 17, &out, NULL), EG_INVALID);
	for (int c = 0; c < 256; c++) {
		char text[] = "https://a?a.example";
		bool name = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
		bool ends = c == '/' || c == '?' || c == '#';

		text[9] = (char)c;
		if ((origin_normalise(a, text, strlen("https://a?a.example"), &out, NULL) == EG_OK) != (name || ends))
			fail_msg("byte %d", c);
		if (ends)
			assert_string_equal(out, "https://a");
	}
	arena_free(a);
}

static void
length_bound(void **state)
{
	static const char name[] = L63 "." L63 "." L63;         /* 191 */
	struct arena *a = arena_new();
	const char *out = NULL;
	char text[300];

	snprintf(text, sizeof(text), "http://%s:1", name);
	assert_int_equal(strlen(text), ORIGIN_MAX);
	assert_int_equal(origin_normalise(a, text, strlen(text), &out, NULL), EG_OK);
	snprintf(text, sizeof(text), "http://%s:12", name);
	assert_int_equal(origin_normalise(a, text, strlen(text), &out, NULL), EG_INVALID);
	arena_free(a);
}

/* T13: the spellings an Origin header can have, against an exact entry, a wildcard, and one with a port. */
static void
covering(void **state)
{
	static const char *const exact = "https://acme.com", *const wild = "https://*.acme.com", *const port = "http://*.acme.com:8080";
	static const struct {
		const char *header;
		bool exact, wild, port;
	} cases[] = {
		{ "https://acme.com", true, false, false },
		{ "https://www.acme.com", false, true, false },
		{ "https://a.b.c.acme.com", false, true, false },
		{ "https://xn--bcher-kva.acme.com", false, true, false },
		{ "https://a-.acme.com", false, true, false },
		{ "https://" L63 ".acme.com", false, true, false },
		{ "http://www.acme.com:8080", false, false, true },
		{ "http://a.b.acme.com:8080", false, false, true },

		{ "", false, false, false }, { "null", false, false, false }, { "NULL", false, false, false }, { "*", false, false, false },
		{ "acme.com", false, false, false }, { "www.acme.com", false, false, false }, { "//acme.com", false, false, false },
		{ "http://acme.com", false, false, false }, { "http://www.acme.com", false, false, false },
		{ "ftp://acme.com", false, false, false }, { "https:acme.com", false, false, false },
		{ "https:/acme.com", false, false, false }, { "https://", false, false, false },
		{ "HTTPS://acme.com", false, false, false }, { "https://ACME.com", false, false, false },
		{ "https://WWW.acme.com", false, false, false }, { "https://www.ACME.com", false, false, false },
		{ "https://acme.com/", false, false, false }, { "https://www.acme.com/", false, false, false },
		{ "https://acme.com/x", false, false, false }, { "https://acme.com?x", false, false, false },
		{ "https://acme.com#x", false, false, false }, { "https://acme.com ", false, false, false },
		{ " https://acme.com", false, false, false }, { "https://acme.com\t", false, false, false },
		{ "https://acme.com:443", false, false, false }, { "https://www.acme.com:443", false, false, false },
		{ "https://acme.com:8443", false, false, false }, { "https://acme.com:", false, false, false },
		{ "https://www.acme.com:8443", false, false, false }, { "http://www.acme.com:80", false, false, false },
		{ "http://www.acme.com:80800", false, false, false }, { "http://www.acme.com:08080", false, false, false },
		{ "http://acme.com:8080", false, false, false }, { "https://www.acme.com:8080", false, false, false },
		{ "https://acme.com.", false, false, false }, { "https://www.acme.com.", false, false, false },
		{ "https://acme.com.evil.com", false, false, false }, { "https://acme.community", false, false, false },
		{ "https://acme.comevil.com", false, false, false }, { "https://evilacme.com", false, false, false },
		{ "https://evil-acme.com", false, false, false }, { "https://.acme.com", false, false, false },
		{ "https://a..acme.com", false, false, false }, { "https://..acme.com", false, false, false },
		{ "https://*.acme.com", false, false, false }, { "https://a*.acme.com", false, false, false },
		{ "https://evil.com/.acme.com", false, false, false }, { "https://evil.com?.acme.com", false, false, false },
		{ "https://evil.com#.acme.com", false, false, false }, { "https://evil.com\\.acme.com", false, false, false },
		{ "https://evil.com:8080.acme.com", false, false, false }, { "https://evil.com@www.acme.com", false, false, false },
		{ "https://user@acme.com", false, false, false }, { "https://user:pw@www.acme.com", false, false, false },
		{ "https://%77ww.acme.com", false, false, false }, { "https://www%2eacme.com", false, false, false },
		{ "https://w_w.acme.com", false, false, false }, { "https://w w.acme.com", false, false, false },
		{ "https://b\xc3\xbc.acme.com", false, false, false }, { "https://w\nw.acme.com", false, false, false },
		{ "https://[::1].acme.com", false, false, false }, { "https://acme.com, https://acme.com", false, false, false },
		{ "https://acme.com https://evil.com", false, false, false }, { "https://evil.com, https://www.acme.com", false, false, false },
		{ "https://" L64 ".acme.com", false, false, false },
		{ "https://" L63 "." L63 "." L63 ".acme.com", false, false, false },
	};

	assert_true(EG_COUNT(cases) >= 60);
	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		char *header = strdup(cases[i].header);         /* so that ASan sees a read before its start */

		if (origin_covers(exact, header) != cases[i].exact || origin_covers(wild, header) != cases[i].wild ||
		    origin_covers(port, header) != cases[i].port)
			fail_msg("\"%s\"", header);
		free(header);
	}
}

static void
loopback(void **state)
{
	static const struct {
		const char *origin;
		bool want;
	} cases[] = {
		{ "http://localhost", true }, { "http://localhost:8080", true }, { "http://127.0.0.1", true },
		{ "http://127.0.0.1:65535", true }, { "http://127.255.0.9:1", true }, { "http://[::1]", true }, { "http://[::1]:3000", true },
		{ "https://localhost", false }, { "http://localhost.evil.com", false }, { "http://evil.localhost", false },
		{ "http://127.evil.com", false }, { "http://127.0.0.1.evil.com", false }, { "http://128.0.0.1", false },
		{ "http://126.255.255.255", false }, { "http://127.1", false }, { "http://[::2]", false }, { "http://[::1]x", false },
		{ "http://[::1", false }, { "http://[::ffff:7f00:1]", false }, { "http://localhost:", false }, { "http://localhost:x", false },
		{ "http://localhost:0", false }, { "http://localhost/", false }, { "http://", false }, { "localhost", false }, { "", false },
		{ "http://LOCALHOST", false }, { "http://user@localhost", false }, { "http://0.0.0.0", false }, { "null", false },
	};

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		if (origin_is_loopback(cases[i].origin) != cases[i].want)
			fail_msg("\"%s\"", cases[i].origin);
	}
}

static void
of_url(void **state)
{
	static const struct {
		const char *url, *want;         /* NULL: refused */
	} cases[] = {
		{ "https://embed.example.com/base/x?y", "https://embed.example.com" },
		{ "http://127.0.0.1:8080", "http://127.0.0.1:8080" },
		{ "https://Example.com:443/", "https://example.com" },
		{ "example.com", NULL }, { "//example.com", NULL }, { "https://*.example.com", NULL }, { "", NULL }, { "null", NULL },
		{ "https://user@example.com/", NULL }, { "javascript:x", NULL }, { "/path", NULL },
	};
	struct arena *a = arena_new();

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		const char *out = NULL;

		assert_int_equal(origin_of_url(a, cases[i].url, &out), cases[i].want == NULL ? EG_INVALID : EG_OK);
		if (cases[i].want != NULL)
			assert_string_equal(out, cases[i].want);
	}
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepted),
		cmocka_unit_test(refused),
		cmocka_unit_test(raw_bytes),
		cmocka_unit_test(length_bound),
		cmocka_unit_test(covering),
		cmocka_unit_test(loopback),
		cmocka_unit_test(of_url),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
