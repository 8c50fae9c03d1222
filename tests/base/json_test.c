/* SPDX-License-Identifier: GPL-3.0-or-later */
/* json: what is accepted, what is refused and where, and json-c's own reader as the oracle for the values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"

static struct arena *arena;

static int
open_arena(void **state)
{
	arena = arena_new();
	return 0;
}

static int
close_arena(void **state)
{
	arena_free(arena);
	return 0;
}

/* What json-c alone makes of it, in its strictest mode; false where it refuses. */
static bool
oracle(const char *text, size_t len, json_object **out)
{
	json_tokener *tok = json_tokener_new_ex(64);
	bool ok;

	json_tokener_set_flags(tok, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	*out = json_tokener_parse_ex(tok, text, (int)len);
	/* A number may go on behind what was given, so it wants to see the end. */
	if (json_tokener_get_error(tok) == json_tokener_continue)
		*out = json_tokener_parse_ex(tok, "", 1);
	ok = json_tokener_get_error(tok) == json_tokener_success;
	json_tokener_free(tok);
	return ok;
}

/* Valid JSON: read like json-c reads it, and printed as `want` (NULL: as it came). */
static void
accepted(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "{}", NULL }, { "[]", NULL }, { "null", NULL }, { "true", NULL }, { "false", NULL }, { "\"\"", NULL }, { "0", NULL },
		{ " \t\r\n{ \"a\" : [ 1 , 2 ] } \n", "{\"a\":[1,2]}" },
		{ "{\"a\":{\"b\":{\"c\":[]}},\"d\":null}", NULL },
		{ "{\"\":1}", NULL },
		{ "{\"a\":1,\"A\":2,\"a \":3,\"b\":{\"a\":1}}", NULL },
		{ "[{\"a\":1},{\"a\":1}]", NULL },

		{ "-0", "0" }, { "-1", NULL }, { "1.50", NULL }, { "1e5", NULL }, { "1E+5", NULL }, { "1e-5", NULL },
		{ "0.0", NULL }, { "-0.0", NULL }, { "0e0", NULL }, { "1e-999", NULL }, { "1.7976931348623157e308", NULL },
		{ "9223372036854775807", NULL }, { "-9223372036854775808", NULL },

		{ "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\\"\\\\/\\b\\f\\n\\r\\t\"" },
		{ "\"\\u0041\\u00e9\\u20AC\\ud83d\\uDE00\"", "\"A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"" },
		{ "\"\\u0001\\u001f\"", NULL }, { "\"\x7f\"", NULL },
		{ "\"\xc3\xa9\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf\"", NULL },
		{ "\"\\uffff\\ufffe\"", "\"\xef\xbf\xbf\xef\xbf\xbe\"" },
		{ "{\"\\u0061\\n\":1}", "{\"a\\n\":1}" },
		{ "\"/\"", NULL },
	};

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		const char *text = cases[i].text, *want = cases[i].want == NULL ? text : cases[i].want;
		const char *why = "", *got;
		json_object *o = NULL, *expected;
		size_t len;
		eg_err e = json_parse_strict(arena, text, strlen(text), &o, &why);

		if (e != EG_OK)
			fail_msg("%s: %s", text, why);
		got = json_text(arena, o, &len);
		assert_string_equal(got, want);
		assert_int_equal(len, strlen(want));
		assert_true(oracle(text, strlen(text), &expected));
		assert_true(json_object_equal(o, expected));
		json_object_put(expected);
	}
}

/* Where json-c itself is wrong: it would give U+FFFD. */
static void
astral_escapes(void **state)
{
	static const char text[] = "\"\\ud836\\udc00\\ud837\\udfff\"";
	json_object *o;

	assert_int_equal(json_parse_strict(arena, text, strlen(text), &o, NULL), EG_OK);
	assert_string_equal(json_object_get_string(o), "\xf0\x9d\xa0\x80\xf0\x9d\xbf\xbf");
}

/* M8 and more: refused, with the place. `len` where the text holds a NUL. */
static void
refused(void **state)
{
	static const struct {
		const char *text, *why;
		size_t len;
	} cases[] = {
		/* what json-c alone accepts (M8) */
		{ "{\"a\":1,\"a\":2}", "line 1, column 8: this name stands twice in one object", 0 },
		{ "{\"a\":1,\"b\":2,\"\\u0061\":3}", "line 1, column 14: this name stands twice in one object", 0 },
		{ "{\"\\ud83d\\ude00\":1,\n \"\xf0\x9f\x98\x80\":1}", "line 2, column 2: this name stands twice in one object", 0 },
		{ "{\"\":1,\"\":1}", "line 1, column 7: this name stands twice in one object", 0 },
		{ "[{\"x\":{\"a\":null,\"a\":null}}]", "line 1, column 17: this name stands twice in one object", 0 },
		{ "\"a\\u0000b\"", "line 1, column 3: a string may not hold a NUL", 0 },
		{ "{\"a\\u0000b\":1}", "line 1, column 4: a string may not hold a NUL", 0 },
		{ "\"a\0b\"", "line 1, column 3: a string may not hold a NUL", 5 },
		{ "NaN", "line 1, column 1: a JSON value is missing here", 0 },
		{ "[-NaN]", "line 1, column 3: a digit is missing here", 0 },
		{ "Infinity", "line 1, column 1: a JSON value is missing here", 0 },
		{ "-Infinity", "line 1, column 2: a digit is missing here", 0 },
		{ "{'a':1}", "line 1, column 2: a name in double quotes is missing here", 0 },
		{ "['a']", "line 1, column 2: a JSON value is missing here", 0 },
		{ "\"a\tb\"", "line 1, column 3: a control character in a string must be written as an escape", 0 },
		{ "[\"a\nb\"]", "line 1, column 4: a control character in a string must be written as an escape", 0 },
		{ "\"\x1f\"", "line 1, column 2: a control character in a string must be written as an escape", 0 },
		{ "99999999999999999999", "line 1, column 1: this integer does not fit into 64 bits", 0 },
		{ "9223372036854775808", "line 1, column 1: this integer does not fit into 64 bits", 0 },
		{ "-9223372036854775809", "line 1, column 1: this integer does not fit into 64 bits", 0 },
		{ "[1e999]", "line 1, column 2: this number is too large", 0 },
		{ "-1e999", "line 1, column 1: this number is too large", 0 },
		{ "nul", "line 1, column 1: a JSON value is missing here", 0 },
		{ "True", "line 1, column 1: a JSON value is missing here", 0 },
		{ "\"\\ud800\"", "line 1, column 2: this high surrogate has no low one behind it", 0 },
		{ "\"\\ud800\\u0041\"", "line 1, column 2: this high surrogate has no low one behind it", 0 },
		{ "\"\\ud800\\ud800\"", "line 1, column 2: this high surrogate has no low one behind it", 0 },
		{ "\"\\ud800x\"", "line 1, column 2: this high surrogate has no low one behind it", 0 },
		{ "\"\\udc00\"", "line 1, column 2: this low surrogate has no high one before it", 0 },

		/* structure */
		{ "", "line 1, column 1: there is no JSON here", 0 },
		{ " \n\t", "line 2, column 2: there is no JSON here", 0 },
		{ "{} x", "line 1, column 4: text stands behind the JSON value", 0 },
		{ "1 2", "line 1, column 3: text stands behind the JSON value", 0 },
		{ "{}\0", "line 1, column 3: text stands behind the JSON value", 3 },
		{ "nullx", "line 1, column 5: text stands behind the JSON value", 0 },
		{ "[1,]", "line 1, column 4: a JSON value is missing here", 0 },
		{ "[,1]", "line 1, column 2: a JSON value is missing here", 0 },
		{ "[1 2]", "line 1, column 4: a comma or ] is missing here", 0 },
		{ "[1", "line 1, column 3: a comma or ] is missing here", 0 },
		{ "[", "line 1, column 2: a JSON value is missing here", 0 },
		{ "[1}", "line 1, column 3: a comma or ] is missing here", 0 },
		{ "]", "line 1, column 1: a JSON value is missing here", 0 },
		{ "{\"a\":1,}", "line 1, column 8: a name in double quotes is missing here", 0 },
		{ "{\"a\" 1}", "line 1, column 6: a colon is missing here", 0 },
		{ "{\"a\":}", "line 1, column 6: a JSON value is missing here", 0 },
		{ "{\"a\":1 \"b\":2}", "line 1, column 8: a comma or } is missing here", 0 },
		{ "{\"a\"", "line 1, column 5: a colon is missing here", 0 },
		{ "{1:2}", "line 1, column 2: a name in double quotes is missing here", 0 },
		{ "{a:2}", "line 1, column 2: a name in double quotes is missing here", 0 },
		{ "{", "line 1, column 2: a name in double quotes is missing here", 0 },
		{ "/* no */ 1", "line 1, column 1: a JSON value is missing here", 0 },
		{ "[1] // no", "line 1, column 5: text stands behind the JSON value", 0 },
		{ "\xef\xbb\xbf{}", "line 1, column 1: a byte order mark may not stand before JSON", 0 },
		{ "[\xc2\xa0" "1]", "line 1, column 2: a JSON value is missing here", 0 },
		{ "[\f1]", "line 1, column 2: a JSON value is missing here", 0 },

		/* numbers */
		{ "01", "line 1, column 1: a number may not begin with 0", 0 },
		{ "-01", "line 1, column 2: a number may not begin with 0", 0 },
		{ "+1", "line 1, column 1: a JSON value is missing here", 0 },
		{ "-", "line 1, column 2: a digit is missing here", 0 },
		{ ".5", "line 1, column 1: a JSON value is missing here", 0 },
		{ "1.", "line 1, column 3: a digit is missing here", 0 },
		{ "1.e5", "line 1, column 3: a digit is missing here", 0 },
		{ "1e", "line 1, column 3: a digit is missing here", 0 },
		{ "1e+", "line 1, column 4: a digit is missing here", 0 },
		{ "0x10", "line 1, column 2: text stands behind the JSON value", 0 },
		{ "1_000", "line 1, column 2: text stands behind the JSON value", 0 },
		{ "1,5", "line 1, column 2: text stands behind the JSON value", 0 },

		/* strings */
		{ "\"a", "line 1, column 3: the string is not ended", 0 },
		{ "\"a\\", "line 1, column 3: there is no such escape in JSON", 0 },
		{ "\"a\\\"", "line 1, column 5: the string is not ended", 0 },
		{ "\"\\x41\"", "line 1, column 2: there is no such escape in JSON", 0 },
		{ "\"\\'\"", "line 1, column 2: there is no such escape in JSON", 0 },
		{ "\"\\\0\"", "line 1, column 2: there is no such escape in JSON", 4 },
		{ "\"\\u12\"", "line 1, column 6: \\u needs four hexadecimal digits", 0 },
		{ "\"\\u12g4\"", "line 1, column 6: \\u needs four hexadecimal digits", 0 },
		{ "\"\\ud83d\\u12\"", "line 1, column 12: \\u needs four hexadecimal digits", 0 },
		{ "\"\xc3\xa9\xff\"", "line 1, column 3: this is not UTF-8", 0 },
		{ "\"\xc0\x80\"", "line 1, column 2: this is not UTF-8", 0 },
		{ "\"\xed\xa0\x80\"", "line 1, column 2: this is not UTF-8", 0 },
		{ "\"\xf4\x90\x80\x80\"", "line 1, column 2: this is not UTF-8", 0 },
		{ "{\"\xe2\x82\":1}", "line 1, column 3: this is not UTF-8", 0 },
		{ "{\n  \"\xc3\xa9\xc3\xa9\": 1,\n  \"b\": 02\n}", "line 3, column 8: a number may not begin with 0", 0 },
	};

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		const char *text = cases[i].text, *why = "";
		size_t len = cases[i].len != 0 ? cases[i].len : strlen(text);
		json_object *o = NULL;
		char *exact = malloc(len + 1);          /* so that ASan sees a read behind the end */

		memcpy(exact, text, len);
		exact = realloc(exact, len == 0 ? 1 : len);
		if (json_parse_strict(arena, exact, len, &o, &why) != EG_MALFORMED)
			fail_msg("%s: accepted", text);
		if (strcmp(why, cases[i].why) != 0)
			fail_msg("%s: \"%s\", wanted \"%s\"", text, why, cases[i].why);
		assert_null(o);
		assert_int_equal(json_parse_strict(arena, exact, len, &o, NULL), EG_MALFORMED);
		free(exact);
	}
}

static const char *
repeated(const char *head, const char *unit, size_t n, const char *tail, size_t *len)
{
	struct buf b;

	buf_init(&b, arena, 1024);
	buf_add_str(&b, head);
	for (size_t i = 0; i < n; i++)
		buf_add_str(&b, unit);
	buf_add_str(&b, tail);
	*len = b.len;
	return b.data;
}

static eg_err
parse_repeated(const char *head, const char *unit, size_t n, const char *tail)
{
	json_object *o;
	size_t len;
	const char *text = repeated(head, unit, n, tail, &len);

	return json_parse_strict(arena, text, len, &o, NULL);
}

/* Both sides of each. */
static void
bounds(void **state)
{
	char close[40];

	memset(close, ']', sizeof(close));
	close[32] = '\0';
	assert_int_equal(parse_repeated("", "[", 32, close), EG_OK);
	assert_int_equal(parse_repeated("1", "", 0, ""), EG_OK);
	memset(close, ']', 33);
	close[33] = '\0';
	assert_int_equal(parse_repeated("", "[", 33, close), EG_MALFORMED);
	assert_int_equal(parse_repeated("", "{\"a\":", 33, ""), EG_MALFORMED);
	assert_int_equal(parse_repeated("", "[", 100000, ""), EG_MALFORMED);

	assert_int_equal(parse_repeated("[[]", ",[]", 99998, "]"), EG_OK);
	assert_int_equal(parse_repeated("[[]", ",[]", 99999, "]"), EG_MALFORMED);
	assert_int_equal(parse_repeated("[0", ",0", 999998, "]"), EG_OK);
	assert_int_equal(parse_repeated("[0", ",0", 999999, "]"), EG_MALFORMED);

	/* Long names and strings, plain and escaped, past every buffer. */
	assert_int_equal(parse_repeated("{\"", "name", 20000, "\":1}"), EG_OK);
	assert_int_equal(parse_repeated("{\"", "n\\u0061me", 20000, "\":1}"), EG_OK);
	assert_int_equal(parse_repeated("\"", "\\ud83d\\ude00", 100000, "\""), EG_OK);
	assert_int_equal(parse_repeated("0.", "3", 100000, ""), EG_OK);
	assert_int_equal(parse_repeated("", "9", 100000, ""), EG_MALFORMED);
}

static double
cpu_s(void)
{
	return (double)clock() / CLOCKS_PER_SEC;
}

/* T34: 200,000 names in one object. Comparing each with each would take minutes. */
static void
many_names_are_no_attack(void **state)
{
	double start = cpu_s();
	json_object *o;
	const char *why;
	struct buf b;

	buf_init(&b, arena, 1 << 20);
	for (int i = 0; i < 200000; i++)
		buf_printf(&b, "%s\"name%d\":0", i == 0 ? "{" : ",", i);
	buf_add_str(&b, "}");
	assert_int_equal(json_parse_strict(arena, b.data, b.len, &o, NULL), EG_OK);
	assert_int_equal(json_object_object_length(o), 200000);
	b.len--;
	buf_add_str(&b, ",\"n\\u0061me0\":0}");
	assert_int_equal(json_parse_strict(arena, b.data, b.len, &o, &why), EG_MALFORMED);
	assert_non_null(strstr(why, "twice"));
	assert_true(cpu_s() - start < 3.0);
}

/* ---- generated documents ---- */

static uint64_t seed = 42;

static unsigned
roll(unsigned n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

static void
generate(struct buf *b, int depth)
{
	static const char *const scalars[] = {
		"null", "true", "false", "0", "-1", "12345", "1.25", "-3e2", "9223372036854775807", "\"\"", "\"text\"",
		"\"\\u00e9\\n\"", "\"\xc3\xa9\xf0\x9f\x98\x80\"", "\"\\ud83d\\ude00\"", "\"a\\\\b\\/c\"",
	};
	unsigned kind = depth > 4 ? 2 : roll(4), n = roll(5);

	if (kind > 1) {
		buf_add_str(b, scalars[roll(EG_COUNT(scalars))]);
		return;
	}
	buf_add_str(b, kind == 0 ? "{ " : "[\n");
	for (unsigned i = 0; i < n; i++) {
		if (i > 0)
			buf_add_str(b, ", ");
		if (kind == 0)
			buf_printf(b, "\"%s%u\":", roll(2) == 0 ? "n" : "\\u006e\xc3\xa9", i);
		generate(b, depth + 1);
	}
	buf_add_str(b, kind == 0 ? "}" : " ]");
}

/* Whatever is generated is read as json-c reads it. Whatever is accepted after one byte was changed is accepted by json-c,
 * too, with the same value: ours is stricter and never different. */
static void
agrees_with_json_c(void **state)
{
	unsigned changed_and_accepted = 0;

	for (int i = 0; i < 4000; i++) {
		struct arena *a = arena_new();
		json_object *ours, *theirs;
		struct buf b;

		buf_init(&b, a, 256);
		generate(&b, 0);
		assert_int_equal(json_parse_strict(a, b.data, b.len, &ours, NULL), EG_OK);
		assert_true(oracle(b.data, b.len, &theirs));
		assert_true(json_object_equal(ours, theirs));
		json_object_put(theirs);
		for (int k = 0; k < 5; k++) {
			size_t at = roll((unsigned)b.len);
			char kept = b.data[at];

			b.data[at] = (char)(roll(2) == 0 ? roll(256) : (unsigned)"{}[]\",:\\0e-u d"[roll(14)]);
			if (json_parse_strict(a, b.data, b.len, &ours, NULL) == EG_OK) {
				changed_and_accepted++;
				assert_true(oracle(b.data, b.len, &theirs));
				/* json-c 0.16 takes an escaped U+1D800 to U+1DFFF, and some more, for lone surrogates. */
				if (!json_object_equal(ours, theirs) && strstr(json_text(a, theirs, NULL), "\xef\xbf\xbd") == NULL)
					fail_msg("%s: %s", b.data, json_text(a, theirs, NULL));
				json_object_put(theirs);
			}
			b.data[at] = kept;
		}
		arena_free(a);
	}
	assert_true(changed_and_accepted > 500);
}

/* ---- building and reading ---- */

static void
building(void **state)
{
	struct uuid id;
	json_object *o = json_new_object(arena), *list = json_new_array(arena), *inner = json_new_object(arena);

	assert_int_equal(uuid_parse("017f22e2-79b0-7cc3-98c4-dc0c0c07398f", 36, &id), EG_OK);
	json_add_str(o, "s", "a/\"b\"<");
	json_add_str(o, "no_s", NULL);
	json_add_int(o, "i", INT64_MIN);
	json_add_bool(o, "b", true);
	json_add_uuid(o, "u", &id);
	json_add_uuid(o, "no_u", &uuid_nil);
	json_add_time(o, "t", 1795168800);
	json_add_time(o, "no_t", 0);
	json_push_str(list, "x");
	json_push_str(list, NULL);
	json_add_int(inner, "n", 1);
	json_push_object(list, inner);
	json_add_object(o, "list", list);
	json_add_object(o, "again", inner);
	json_add_object(o, "no_o", NULL);
	json_add_int(o, "i", 7);
	assert_string_equal(json_text(arena, o, NULL),
	    "{\"s\":\"a/\\\"b\\\"<\",\"no_s\":null,\"i\":7,\"b\":true,\"u\":\"017f22e2-79b0-7cc3-98c4-dc0c0c07398f\",\"no_u\":null,"
	    "\"t\":\"2026-11-20T10:00:00Z\",\"no_t\":null,\"list\":[\"x\",null,{\"n\":1}],\"again\":{\"n\":1},\"no_o\":null}");
	assert_string_equal(json_text(arena, NULL, NULL), "null");
	arena_reset(arena);     /* every object is owned once by the arena: ASan and LSan watch */
}

static void
numbers_in_their_shortest_form(void **state)
{
	static const struct {
		double value;
		const char *text;
	} cases[] = {
		{ 0, "0" }, { 5, "5" }, { -5, "-5" }, { 0.1, "0.1" }, { 0.1 + 0.2, "0.30000000000000004" }, { 1.0 / 3, "0.3333333333333333" },
		{ 9007199254740992.0, "9007199254740992" }, { 1e300, "1e+300" }, { 5e-324, "4.94065645841247e-324" },
	};

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		json_object *o = json_new_object(arena), *back;
		const char *text;
		size_t len;

		json_add_number(o, "n", cases[i].value);
		text = json_text(arena, o, &len);
		assert_string_equal(text, arena_printf(arena, "{\"n\":%s}", cases[i].text));
		assert_int_equal(json_parse_strict(arena, text, len, &back, NULL), EG_OK);
		assert_true(json_get_number(back, "n", -1) == cases[i].value);
	}
}

static void
reading(void **state)
{
	static const char text[] = "{\"s\":\"x\",\"i\":5,\"d\":1.5,\"b\":true,\"n\":null,\"u\":\"017F22E2-79B0-7CC3-98C4-DC0C0C07398F\","
	    "\"t\":\"2026-11-20T10:00:00Z\",\"o\":{\"i\":1},\"a\":[1,2]}";
	json_object *o;
	struct uuid id, want;

	assert_int_equal(json_parse_strict(arena, text, strlen(text), &o, NULL), EG_OK);
	assert_string_equal(json_get_str(o, "s"), "x");
	assert_int_equal(json_get_int(o, "i", 9), 5);
	assert_true(json_get_number(o, "i", 9) == 5);
	assert_true(json_get_number(o, "d", 9) == 1.5);
	assert_true(json_get_number(o, "s", 9.5) == 9.5);
	assert_true(json_get_bool(o, "b", false));
	assert_int_equal(json_get_time(o, "t"), 1795168800);
	assert_int_equal(uuid_parse("017f22e2-79b0-7cc3-98c4-dc0c0c07398f", 36, &want), EG_OK);
	id = json_get_uuid(o, "u");
	assert_true(uuid_equal(&id, &want));
	assert_int_equal(json_get_int(json_get_object(o, "o"), "i", 9), 1);
	assert_int_equal(json_object_array_length(json_get_array(o, "a")), 2);

	/* Another type, null and absent are the same. */
	for (size_t i = 0; i < 3; i++) {
		const char *name = ((const char *[]){ "d", "n", "absent" })[i];

		assert_null(json_get_str(o, name));
		assert_int_equal(json_get_int(o, name, 9), 9);
		assert_true(json_get_bool(o, name, true));
		assert_false(json_get_bool(o, name, false));
		assert_int_equal(json_get_time(o, name), 0);
		id = json_get_uuid(o, name);
		assert_true(uuid_is_nil(&id));
		assert_null(json_get_object(o, name));
		assert_null(json_get_array(o, name));
	}
	assert_int_equal(json_get_int(o, "s", 9), 9);
	assert_int_equal(json_get_time(o, "s"), 0);
	id = json_get_uuid(o, "s");
	assert_true(uuid_is_nil(&id));
	assert_null(json_get_object(o, "a"));
	assert_null(json_get_array(o, "o"));
	assert_null(json_get_str(NULL, "s"));
	assert_null(json_get_str(json_get_array(o, "a"), "s"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(accepted, open_arena, close_arena),
		cmocka_unit_test_setup_teardown(astral_escapes, open_arena, close_arena),
		cmocka_unit_test_setup_teardown(refused, open_arena, close_arena),
		cmocka_unit_test_setup_teardown(bounds, open_arena, close_arena),
		cmocka_unit_test_setup_teardown(many_names_are_no_attack, open_arena, close_arena),
		cmocka_unit_test(agrees_with_json_c),
		cmocka_unit_test_setup_teardown(building, open_arena, close_arena),
		cmocka_unit_test_setup_teardown(numbers_in_their_shortest_form, open_arena, close_arena),
		cmocka_unit_test_setup_teardown(reading, open_arena, close_arena),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
