/* SPDX-License-Identifier: GPL-3.0-or-later */
/* text: names of 1 to 100 characters (E10), whatever the characters are; mail addresses as browsers accept them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/text.h"

#define TEN(x) x x x x x x x x x x
#define EMOJI "\xf0\x9f\x8e\x89"

static int
setup(void **state)
{
	*state = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static void
names(void **state)
{
	static const struct {
		const char *title, *typed, *want;       /* want NULL: refused */
		const char *why;
	} cases[] = {
		{ "plain", "Website", "Website", NULL },
		{ "one character", "x", "x", NULL },
		{ "trimmed", " \t\n Web site \r\n ", "Web site", NULL },
		{ "trimmed of other blanks", "\xc2\xa0\xe3\x80\x80" "a\xe2\x80\x83", "a", NULL },
		{ "markup is text", "<script>alert(1)</script>", "<script>alert(1)</script>", NULL },
		{ "100 letters", TEN("0123456789"), TEN("0123456789"), NULL },
		{ "101 letters", TEN("0123456789") "x", NULL, "at most 100 characters" },
		{ "101 letters, one of them a blank at the end", TEN("0123456789") " ", TEN("0123456789"), NULL },
		{ "100 emoji of 4 bytes", TEN(TEN(EMOJI)), TEN(TEN(EMOJI)), NULL },
		{ "101 emoji", TEN(TEN(EMOJI)) EMOJI, NULL, "at most 100 characters" },
		{ "joined emoji", "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb",
		    "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb", NULL },
		{ "none", NULL, NULL, "Enter 1 to 100" },
		{ "empty", "", NULL, "Enter 1 to 100" },
		{ "only blanks", " \t\xc2\xa0 ", NULL, "Enter 1 to 100" },
		{ "a newline inside", "a\nb", NULL, "U+000A" },
		{ "an escape", "a\x1b[31m", NULL, "U+001B" },
		{ "DEL", "a\x7f", NULL, "U+007F" },
		{ "a C1 control", "a\xc2\x9f.", NULL, "U+009F" },
		{ "behind the C1 controls", "a\xc2\xa1", "a\xc2\xa1", NULL },
		{ "right-to-left override", "a\xe2\x80\xae" "cba", NULL, "U+202E" },
		{ "line separator", "a\xe2\x80\xa8" "b", NULL, "U+2028" },
		{ "isolate", "a\xe2\x81\xa6" "b", NULL, "U+2066" },
		{ "only zero width", "\xe2\x80\x8b", NULL, "can be seen" },
		{ "zero width around blanks", "\xe2\x80\x8b \xe2\x81\xa0", NULL, "can be seen" },
		{ "a Hangul filler", "\xe3\x85\xa4", NULL, "can be seen" },
		{ "empty Braille and a soft hyphen", "\xe2\xa0\x80\xc2\xad", NULL, "can be seen" },
		{ "variation selectors and tags", "\xef\xb8\x8f\xf3\xa0\x81\xa1", NULL, "can be seen" },
		{ "one letter among them", "\xe2\x80\x8b" "a\xe2\x80\x8b", "\xe2\x80\x8b" "a\xe2\x80\x8b", NULL },
		{ "a mark alone", "\xcc\x81", "\xcc\x81", NULL },
		{ "no UTF-8", "a\xff", NULL, "UTF-8" },
		{ "cut UTF-8", "a\xf0\x9f\x8e", NULL, "UTF-8" },
	};

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		struct faults f;
		const char *got;

		faults_init(&f, *state);
		got = text_name(*state, cases[i].typed, 100, "name", &f);
		if (cases[i].want == NULL ? got != NULL || f.count != 1 || strstr(f.first->message, cases[i].why) == NULL :
		    got == NULL || strcmp(got, cases[i].want) != 0 || f.count != 0)
			fail_msg("%s: %s", cases[i].title, got != NULL ? got : f.count == 1 ? f.first->message : "?");
	}
}

#define L63 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"
#define L64 L63 "l"
#define L62 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghij"

static void
mail_addresses(void **state)
{
	static const struct {
		const char *typed, *want;       /* want NULL: refused */
	} cases[] = {
		{ "anna@acme.example", "anna@acme.example" },
		{ "  Anna@ACME.example ", "Anna@ACME.example" },
		{ "anna+token.o'neil_%@a-b.c1.example", "anna+token.o'neil_%@a-b.c1.example" },
		{ "root@localhost", "root@localhost" },
		{ L64 "@example.com", L64 "@example.com" },
		{ L64 "x@example.com", NULL },
		{ "a@" L63 ".example", "a@" L63 ".example" },
		{ "a@" L64 ".example", NULL },
		/* 254 and 255 bytes in all */
		{ L63 "@" L63 "." L63 "." L62, L63 "@" L63 "." L63 "." L62 },
		{ L63 "@" L63 "." L63 "." L62 "x", NULL },
		{ NULL, NULL },
		{ "", NULL },
		{ "anna", NULL },
		{ "@acme.example", NULL },
		{ "anna@", NULL },
		{ "anna@@acme.example", NULL },
		{ "anna@acme..example", NULL },
		{ "anna@.example", NULL },
		{ "anna@acme.example.", NULL },
		{ "anna@-acme.example", NULL },
		{ "anna@acme-.example", NULL },
		{ "an na@acme.example", NULL },
		{ "anna@ac me.example", NULL },
		{ "anna@acme.example\nBcc: x@y.example", NULL },
		{ "\"anna\"@acme.example", NULL },
		{ "anna@[192.0.2.1]", NULL },
		{ "<anna@acme.example>", NULL },
		{ "\xc3\xa4nna@acme.example", NULL },
		{ "anna@acm\xff.example", NULL },
	};

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		struct faults f;
		const char *got;

		faults_init(&f, *state);
		got = text_email(*state, cases[i].typed, "email", &f);
		if (cases[i].want == NULL ? got != NULL || f.count != 1 :
		    got == NULL || strcmp(got, cases[i].want) != 0 || f.count != 0)
			fail_msg("case %zu, '%s': %s", i, cases[i].typed, got == NULL ? "refused" : got);
	}
}

static void
shown_texts(void **state)
{
	static const struct {
		const char *title, *given;
		size_t max;
		bool has_lines;
		const char *want;       /* NULL: nothing is left */
	} cases[] = {
		{ "nothing", NULL, 10, false, NULL },
		{ "empty", "", 10, true, NULL },
		{ "blanks and controls", " \t\r\n\x01 \xe2\x80\xae ", 10, true, NULL },
		{ "markup stays text", "<b>&amp;</b> **x**", 40, true, "<b>&amp;</b> **x**" },
		{ "lines", "a\r\nb\rc\nd\xe2\x80\xa8" "e\xc2\x85" "f", 40, true, "a\nb\nc\nd\ne\nf" },
		{ "lines where there are none", "a\r\nb\tc", 40, false, "a b c" },
		{ "an escape is dropped", "a\x1b[31mb\x7f\xc2\x9b", 40, true, "a[31mb" },
		{ "directions are dropped", "\xe2\x80\xae" "a\xe2\x81\xa6 b", 40, true, "a b" },
		{ "a blank behind what is dropped", "\x01 a \x01", 40, true, "a" },
		{ "as long as may be", TEN("ab"), 20, false, TEN("ab") },
		{ "one more", TEN("ab") "c", 20, false, TEN("ab") "\xe2\x80\xa6" },
		{ "one more, which is dropped", TEN("ab") "\x02" , 20, false, TEN("ab") },
		{ "counted in characters", EMOJI EMOJI EMOJI, 2, false, EMOJI EMOJI "\xe2\x80\xa6" },
	};

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		const char *got = text_shown(*state, cases[i].given, cases[i].max, cases[i].has_lines);

		if (cases[i].want == NULL ? got != NULL : got == NULL || strcmp(got, cases[i].want) != 0)
			fail_msg("%s: '%s'", cases[i].title, got == NULL ? "(none)" : got);
	}
}

static void
web_urls(void **state)
{
	static const struct {
		const char *url;
		bool ok;
	} cases[] = {
		{ "https://example.com/a?b=c#d", true }, { "http://example.com", true }, { "HTTPS://Example.com:8443/", true },
		{ "https://[2001:db8::1]/x", true }, { "https://b\xc3\xbc" "cher.example/\xc3\xa4", true },
		{ "https://example.com/@anna", true }, { "https://example.com?mail=a@b.example", true },
		{ "", false }, { "https://", false }, { "https:///path", false }, { "https://?x", false }, { "https:example.com", false },
		{ "//example.com/", false }, { "/path", false }, { "example.com", false }, { "ftp://example.com/", false },
		{ "javascript:alert(1)", false }, { " javascript:alert(1)", false }, { "data:text/html,x", false },
		{ "https://good.example@evil.example/", false }, { "https://a b.example/", false },
		{ "https://example.com/\"onload=x", false }, { "https://example.com/'x", false }, { "https://example.com/<x", false },
		{ "https://example.com\\@evil.example", false }, { "https://example.com/\nx", false }, { "https://example.com/\xff", false },
		{ "java\nscript:https://example.com", false }, { "https://:80/", false }, { "https://.example/", false },
	};
	char *longest = arena_alloc(*state, TEXT_URL_MAX + 2);

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		if (text_is_web_url(cases[i].url) != cases[i].ok)
			fail_msg("'%s'", cases[i].url);
	}
	memset(longest, 'a', TEXT_URL_MAX);
	memcpy(longest, "https://", 8);
	assert_true(text_is_web_url(longest));
	longest[TEXT_URL_MAX] = 'a';
	assert_false(text_is_web_url(longest));
}

static void
searching(void **state)
{
	assert_true(text_holds("Acme Shop", "me sh"));
	assert_true(text_holds("Acme Shop", "ACME"));
	assert_true(text_holds("Acme Shop", "shop"));
	assert_true(text_holds("aab", "ab"));
	assert_true(text_holds("Acme", ""));
	assert_true(text_holds("", ""));
	assert_false(text_holds("Acme", "acmes"));
	assert_false(text_holds("Acme", "x"));
	assert_false(text_holds("", "x"));
	assert_false(text_holds(NULL, ""));
	assert_string_equal(text_lower(*state, "Anna@ACME.Example \xc3\x84"), "anna@acme.example \xc3\x84");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(mail_addresses),
		cmocka_unit_test(shown_texts),
		cmocka_unit_test(web_urls),
		cmocka_unit_test(searching),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
