/* SPDX-License-Identifier: GPL-3.0-or-later */
/* json.c - a recursive descent over the bytes that builds json-c objects itself. A strict check in front of json_tokener
 * would read every byte twice and leave two readers that might understand one text differently; here there is one.
 * Linear in the input: the names of an object are looked up in the object's own hash table, which json-c seeds at random,
 * and the number of values is bounded, because a value of two bytes becomes a hundred or more in memory. */
#include "base/json.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/codec.h"

#define DEPTH_MAX 32
#define CONTAINERS_MAX 100000
#define VALUES_MAX 1000000

struct reader {
	struct arena *arena;
	const char *text;
	const char *at;         /* the next byte; after a failure, the place of the fault */
	const char *end;
	const char *fault;      /* what is wrong there */
	struct buf scratch;     /* the string being unescaped, or the name being terminated */
	unsigned depth;
	unsigned containers;
	unsigned values;
};

static bool read_value(struct reader *r, json_object **out);

static bool
fail(struct reader *r, const char *at, const char *fault)
{
	r->at = at;
	r->fault = fault;
	return false;
}

/* json-c answers NULL only where memory ends. */
static json_object *
must(json_object *o)
{
	if (o == NULL)
		arena_exhausted();
	return o;
}

static void
must_add(int result)
{
	if (result != 0)
		arena_exhausted();
}

static void
skip_space(struct reader *r)
{
	while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r'))
		r->at++;
}

/* The next byte, or -1 at the end. */
static int
peek(const struct reader *r)
{
	return r->at < r->end ? (unsigned char)*r->at : -1;
}

/* ---- strings ---- */

static bool
read_hex4(struct reader *r, uint32_t *out)
{
	*out = 0;
	for (int i = 0; i < 4; i++) {
		int c = peek(r);

		if (c >= '0' && c <= '9')
			*out = *out << 4 | (uint32_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			*out = *out << 4 | (uint32_t)(c - 'a' + 10);
		else if (c >= 'A' && c <= 'F')
			*out = *out << 4 | (uint32_t)(c - 'A' + 10);
		else
			return fail(r, r->at, "\\u needs four hexadecimal digits");
		r->at++;
	}
	return true;
}

static void
add_utf8(struct buf *b, uint32_t cp)
{
	char bytes[4];
	size_t n;

	if (cp < 0x80) {
		bytes[0] = (char)cp;
		n = 1;
	} else if (cp < 0x800) {
		bytes[0] = (char)(0xc0 | cp >> 6);
		n = 2;
	} else if (cp < 0x10000) {
		bytes[0] = (char)(0xe0 | cp >> 12);
		n = 3;
	} else {
		bytes[0] = (char)(0xf0 | cp >> 18);
		n = 4;
	}
	for (size_t i = 1; i < n; i++)
		bytes[i] = (char)(0x80 | ((cp >> 6 * (n - 1 - i)) & 0x3f));
	buf_add(b, bytes, n);
}

/* Behind "\u" that stands at `start`. */
static bool
read_unicode_escape(struct reader *r, const char *start)
{
	uint32_t cp, low;

	if (!read_hex4(r, &cp))
		return false;
	if (cp == 0)
		return fail(r, start, "a string may not hold a NUL");
	if (cp >= 0xdc00 && cp <= 0xdfff)
		return fail(r, start, "this low surrogate has no high one before it");
	if (cp >= 0xd800 && cp <= 0xdbff) {
		if (r->end - r->at < 2 || r->at[0] != '\\' || r->at[1] != 'u')
			return fail(r, start, "this high surrogate has no low one behind it");
		r->at += 2;
		if (!read_hex4(r, &low))
			return false;
		if (low < 0xdc00 || low > 0xdfff)
			return fail(r, start, "this high surrogate has no low one behind it");
		cp = 0x10000 + ((cp - 0xd800) << 10 | (low - 0xdc00));
	}
	add_utf8(&r->scratch, cp);
	return true;
}

static bool
read_escape(struct reader *r)
{
	static const char plain[] = "\"\"\\\\//b\bf\fn\nr\rt\t";         /* pairs: as written, as meant */
	const char *start = r->at++;
	int c = peek(r);

	if (c == 'u') {
		r->at++;
		return read_unicode_escape(r, start);
	}
	for (size_t i = 0; i + 1 < sizeof(plain); i += 2) {
		if (c == plain[i]) {
			r->at++;
			buf_add_char(&r->scratch, plain[i + 1]);
			return true;
		}
	}
	return fail(r, start, "there is no such escape in JSON");
}

/* Step over what stands for itself in a string. */
static bool
skip_plain(struct reader *r)
{
	while (r->at < r->end) {
		unsigned char c = (unsigned char)*r->at;
		uint32_t cp;
		size_t n;

		if (c == '"' || c == '\\')
			return true;
		if (c < 0x20)
			return fail(r, r->at, c == 0 ? "a string may not hold a NUL" :
			    "a control character in a string must be written as an escape");
		if (c < 0x80) {
			r->at++;
			continue;
		}
		n = utf8_decode(r->at, (size_t)(r->end - r->at), &cp);
		if (n == 0)
			return fail(r, r->at, "this is not UTF-8");
		r->at += n;
	}
	return fail(r, r->at, "the string is not ended");
}

/* At the opening quote. Gives the bytes that are meant, which may lie in the input or in `scratch`, without a NUL. */
static bool
read_string(struct reader *r, const char **out, size_t *len)
{
	const char *start = ++r->at;

	if (!skip_plain(r))
		return false;
	*out = start;
	*len = (size_t)(r->at - start);
	if (*r->at == '"') {
		r->at++;
		return true;
	}
	r->scratch.len = 0;
	buf_add(&r->scratch, start, *len);
	while (*r->at != '"') {
		if (!read_escape(r))
			return false;
		start = r->at;
		if (!skip_plain(r))
			return false;
		buf_add(&r->scratch, start, (size_t)(r->at - start));
	}
	r->at++;
	*out = r->scratch.data;
	*len = r->scratch.len;
	return true;
}

/* ---- numbers and words ---- */

static size_t
skip_digits(struct reader *r)
{
	const char *start = r->at;

	while (r->at < r->end && *r->at >= '0' && *r->at <= '9')
		r->at++;
	return (size_t)(r->at - start);
}

/* Digits without a sign; false where int64 ends. */
static bool
integer_of(const char *digits, const char *end, bool negative, int64_t *out)
{
	int64_t value = 0;

	for (; digits < end; digits++) {
		int64_t digit = negative ? -(*digits - '0') : *digits - '0';

		if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, digit, &value))
			return false;
	}
	*out = value;
	return true;
}

/* Keeps the text, so that 0.10 is printed as it came. */
static bool
real_of(struct reader *r, const char *start, json_object **out)
{
	char *text = arena_strndup(r->arena, start, (size_t)(r->at - start));
	double value = strtod(text, NULL);      /* the grammar was checked; the programs stay in the C locale */

	if (!isfinite(value))
		return fail(r, start, "this number is too large");
	*out = must(json_object_new_double_s(value, text));
	return true;
}

static bool
read_number(struct reader *r, json_object **out)
{
	const char *start = r->at;
	const char *digits;
	bool negative = *r->at == '-';
	bool real = false;
	int64_t value;

	if (negative)
		r->at++;
	digits = r->at;
	if (skip_digits(r) == 0)
		return fail(r, r->at, "a digit is missing here");
	if (*digits == '0' && r->at - digits > 1)
		return fail(r, digits, "a number may not begin with 0");
	if (peek(r) == '.') {
		real = true;
		r->at++;
		if (skip_digits(r) == 0)
			return fail(r, r->at, "a digit is missing here");
	}
	if (peek(r) == 'e' || peek(r) == 'E') {
		real = true;
		r->at++;
		if (peek(r) == '+' || peek(r) == '-')
			r->at++;
		if (skip_digits(r) == 0)
			return fail(r, r->at, "a digit is missing here");
	}
	if (real)
		return real_of(r, start, out);
	if (!integer_of(digits, r->at, negative, &value))
		return fail(r, start, "this integer does not fit into 64 bits");
	*out = must(json_object_new_int64(value));
	return true;
}

static bool
take_word(struct reader *r, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(r->end - r->at) < len || memcmp(r->at, word, len) != 0)
		return false;
	r->at += len;
	return true;
}

static bool
read_word(struct reader *r, json_object **out)
{
	if (take_word(r, "null"))
		*out = NULL;            /* json-c's null */
	else if (take_word(r, "true"))
		*out = must(json_object_new_boolean(1));
	else if (take_word(r, "false"))
		*out = must(json_object_new_boolean(0));
	else
		return fail(r, r->at, "a JSON value is missing here");
	return true;
}

/* ---- objects and arrays ---- */

/* Behind a member or an entry: a comma, after which another must follow, or `close`. */
static bool
read_separator(struct reader *r, char close, bool *more)
{
	skip_space(r);
	if (peek(r) != ',' && peek(r) != close)
		return fail(r, r->at, close == '}' ? "a comma or } is missing here" : "a comma or ] is missing here");
	*more = *r->at++ == ',';
	skip_space(r);
	return true;
}

static bool
read_name(struct reader *r, json_object *into)
{
	const char *start = r->at;
	const char *name;
	size_t len;

	if (peek(r) != '"')
		return fail(r, r->at, "a name in double quotes is missing here");
	if (!read_string(r, &name, &len))
		return false;
	if (name != r->scratch.data) {
		r->scratch.len = 0;
		buf_add(&r->scratch, name, len);        /* json-c wants its NUL */
	}
	if (json_object_object_get_ex(into, r->scratch.data, NULL))
		return fail(r, start, "this name stands twice in one object");
	return true;
}

static bool
read_member(struct reader *r, json_object *into)
{
	json_object *value = NULL;
	char short_name[64];
	const char *name;

	if (!read_name(r, into))
		return false;
	/* Reading the value uses the scratch again. */
	name = r->scratch.len < sizeof(short_name) ? memcpy(short_name, r->scratch.data, r->scratch.len + 1) :
	    arena_strndup(r->arena, r->scratch.data, r->scratch.len);
	skip_space(r);
	if (peek(r) != ':')
		return fail(r, r->at, "a colon is missing here");
	r->at++;
	skip_space(r);
	if (!read_value(r, &value))
		return false;
	must_add(json_object_object_add_ex(into, name, value, JSON_C_OBJECT_ADD_KEY_IS_NEW));
	return true;
}

static bool
read_entry(struct reader *r, json_object *into)
{
	json_object *value = NULL;

	if (!read_value(r, &value))
		return false;
	must_add(json_object_array_add(into, value));
	return true;
}

/* At { or [. What was read of a container that turns out bad goes with it. */
static bool
read_container(struct reader *r, json_object **out)
{
	bool is_object = *r->at == '{';
	char close = is_object ? '}' : ']';
	json_object *o;
	bool more;

	if (r->depth == DEPTH_MAX)
		return fail(r, r->at, "this is nested deeper than 32 levels");
	if (++r->containers > CONTAINERS_MAX)
		return fail(r, r->at, "there are more than 100,000 objects and arrays");
	r->depth++;
	r->at++;
	skip_space(r);
	o = must(is_object ? json_object_new_object() : json_object_new_array());
	more = peek(r) != close;
	if (!more)
		r->at++;
	while (more) {
		if (!(is_object ? read_member(r, o) : read_entry(r, o)) || !read_separator(r, close, &more)) {
			json_object_put(o);
			return false;
		}
	}
	r->depth--;
	*out = o;
	return true;
}

static bool
read_value(struct reader *r, json_object **out)
{
	const char *text;
	size_t len;
	int c = peek(r);

	if (++r->values > VALUES_MAX)
		return fail(r, r->at, "there are more than 1,000,000 values");
	if (c == '{' || c == '[')
		return read_container(r, out);
	if (c == '-' || (c >= '0' && c <= '9'))
		return read_number(r, out);
	if (c != '"')
		return read_word(r, out);
	if (!read_string(r, &text, &len))
		return false;
	*out = must(json_object_new_string_len(text, (int)len));
	return true;
}

static void
put_object(void *o)
{
	json_object_put(o);
}

static const char *
explain(const struct reader *r)
{
	size_t line = 1;
	const char *line_start = r->text;

	for (const char *p = r->text; p < r->at; p++) {
		if (*p == '\n') {
			line++;
			line_start = p + 1;
		}
	}
	return arena_printf(r->arena, "line %zu, column %zu: %s", line,
	    utf8_count(line_start, (size_t)(r->at - line_start)) + 1, r->fault);
}

static bool
read_document(struct reader *r, json_object **out)
{
	if (r->end - r->text >= INT_MAX)        /* json-c counts in int */
		return fail(r, r->at, "the text is too long");
	if (take_word(r, "\xef\xbb\xbf"))
		return fail(r, r->text, "a byte order mark may not stand before JSON");
	skip_space(r);
	if (r->at == r->end)
		return fail(r, r->at, "there is no JSON here");
	if (!read_value(r, out))
		return false;
	skip_space(r);
	if (r->at < r->end) {
		json_object_put(*out);
		return fail(r, r->at, "text stands behind the JSON value");
	}
	return true;
}

eg_err
json_parse_strict(struct arena *a, const char *text, size_t len, json_object **out, const char **why)
{
	struct reader r = { .arena = a, .text = text, .at = text, .end = text + len };
	json_object *o = NULL;

	buf_init(&r.scratch, a, 128);
	if (!read_document(&r, &o)) {
		if (why != NULL)
			*why = explain(&r);
		return EG_MALFORMED;
	}
	*out = arena_own(a, o, put_object);
	return EG_OK;
}

/* ---- building ---- */

json_object *
json_new_object(struct arena *a)
{
	return arena_own(a, must(json_object_new_object()), put_object);
}

json_object *
json_new_array(struct arena *a)
{
	return arena_own(a, must(json_object_new_array()), put_object);
}

void
json_add_str(json_object *o, const char *name, const char *value)
{
	must_add(json_object_object_add(o, name, value == NULL ? NULL : must(json_object_new_string(value))));
}

void
json_add_int(json_object *o, const char *name, int64_t value)
{
	must_add(json_object_object_add(o, name, must(json_object_new_int64(value))));
}

/* json-c alone writes 0.1 as 0.10000000000000001. */
void
json_add_number(json_object *o, const char *name, double value)
{
	char text[32];

	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	must_add(json_object_object_add(o, name, must(json_object_new_double_s(value, text))));
}

void
json_add_bool(json_object *o, const char *name, bool value)
{
	must_add(json_object_object_add(o, name, must(json_object_new_boolean(value))));
}

void
json_add_uuid(json_object *o, const char *name, const struct uuid *value)
{
	char text[UUID_TEXT_SIZE];

	uuid_format(value, text);
	json_add_str(o, name, uuid_is_nil(value) ? NULL : text);
}

void
json_add_time(json_object *o, const char *name, int64_t t_s)
{
	char text[CLOCK_RFC3339_SIZE];

	clock_format(t_s, text);
	json_add_str(o, name, t_s == 0 ? NULL : text);
}

void
json_add_object(json_object *o, const char *name, json_object *value)
{
	must_add(json_object_object_add(o, name, json_object_get(value)));
}

void
json_push_object(json_object *array, json_object *value)
{
	must_add(json_object_array_add(array, json_object_get(value)));
}

void
json_push_str(json_object *array, const char *value)
{
	must_add(json_object_array_add(array, value == NULL ? NULL : must(json_object_new_string(value))));
}

/* ---- reading ---- */

/* The member where it is of that type, else NULL. */
static json_object *
member(json_object *o, const char *name, json_type type)
{
	json_object *value;

	if (!json_object_is_type(o, json_type_object) || !json_object_object_get_ex(o, name, &value) ||
	    !json_object_is_type(value, type))
		return NULL;
	return value;
}

const char *
json_get_str(json_object *o, const char *name)
{
	json_object *value = member(o, name, json_type_string);

	return value == NULL ? NULL : json_object_get_string(value);
}

int64_t
json_get_int(json_object *o, const char *name, int64_t fallback)
{
	json_object *value = member(o, name, json_type_int);

	return value == NULL ? fallback : json_object_get_int64(value);
}

double
json_get_number(json_object *o, const char *name, double fallback)
{
	json_object *value = member(o, name, json_type_double);

	if (value == NULL)
		value = member(o, name, json_type_int);
	return value == NULL ? fallback : json_object_get_double(value);
}

bool
json_get_bool(json_object *o, const char *name, bool fallback)
{
	json_object *value = member(o, name, json_type_boolean);

	return value == NULL ? fallback : json_object_get_boolean(value);
}

struct uuid
json_get_uuid(json_object *o, const char *name)
{
	json_object *value = member(o, name, json_type_string);
	struct uuid id;

	if (value == NULL ||
	    uuid_parse(json_object_get_string(value), (size_t)json_object_get_string_len(value), &id) != EG_OK)
		return uuid_nil;
	return id;
}

int64_t
json_get_time(json_object *o, const char *name)
{
	const char *text = json_get_str(o, name);
	int64_t t_s;

	return text == NULL || clock_parse(text, &t_s) != EG_OK ? 0 : t_s;
}

json_object *
json_get_object(json_object *o, const char *name)
{
	return member(o, name, json_type_object);
}

json_object *
json_get_array(json_object *o, const char *name)
{
	return member(o, name, json_type_array);
}

const char *
json_text(struct arena *a, json_object *o, size_t *len)
{
	size_t n;
	const int style = JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE;
	const char *text = json_object_to_json_string_length(o, style, &n);

	if (text == NULL)
		arena_exhausted();
	if (len != NULL)
		*len = n;
	return arena_copy(a, text, n + 1);
}
