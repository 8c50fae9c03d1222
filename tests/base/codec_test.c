/* SPDX-License-Identifier: GPL-3.0-or-later */
/* codec: RFC 4648, RFC 3629, CRC-32. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/codec.h"

/* RFC 4648 section 10, and two that show the URL-safe letters (A18). */
static void
base64url_vectors(void **state)
{
	static const struct {
		const char *bytes, *text;
	} cases[] = {
		{ "", "" }, { "f", "Zg" }, { "fo", "Zm8" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg" }, { "fooba", "Zm9vYmE" },
		{ "foobar", "Zm9vYmFy" }, { "\xff\xff\xff", "____" }, { "\xfb\xef\xbe", "----" },
	};

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		size_t n = strlen(cases[i].bytes), len;
		char text[16];
		uint8_t bytes[16];

		base64url_encode(cases[i].bytes, n, text);
		assert_string_equal(text, cases[i].text);
		assert_int_equal(strlen(text), BASE64URL_LEN(n));
		assert_int_equal(base64url_decode(text, strlen(text), bytes, sizeof(bytes), &len), EG_OK);
		assert_int_equal(len, n);
		assert_memory_equal(bytes, cases[i].bytes, n);
	}
}

/* One byte string, one text: whatever decodes is what encoding gives. All texts of up to three characters. */
static void
base64url_is_a_bijection(void **state)
{
	unsigned good[4] = { 0 };

	for (size_t len = 1; len <= 3; len++) {
		for (uint32_t value = 0; value < 1u << 8 * len; value += len == 3 ? 3 : 1) {
			char text[4] = { (char)value, (char)(value >> 8), (char)(value >> 16) };
			uint8_t bytes[4];
			char again[8];
			size_t n;

			if (base64url_decode(text, len, bytes, sizeof(bytes), &n) != EG_OK)
				continue;
			base64url_encode(bytes, n, again);
			assert_memory_equal(again, text, len);
			good[len]++;
		}
	}
	assert_int_equal(good[1], 0);
	assert_int_equal(good[2], 256);
	assert_true(good[3] > 20000);
}

static void
base64url_refusals(void **state)
{
	static const char *const texts[] = {
		"A", "AAAAA", "Zg==", "Zm8=", "Zm9v\n", " Zm9v", "Zm9+", "Zm9/", "Zm 9", "Zh", "Zm9", "Z\xc3\xa9v", "Zm9v.",
	};
	uint8_t bytes[16];
	size_t len;

	for (size_t i = 0; i < EG_COUNT(texts); i++) {
		if (base64url_decode(texts[i], strlen(texts[i]), bytes, sizeof(bytes), &len) != EG_MALFORMED)
			fail_msg("\"%s\" was accepted", texts[i]);
	}
	assert_int_equal(base64url_decode("Zm9\0", 4, bytes, sizeof(bytes), &len), EG_MALFORMED);
	assert_int_equal(base64url_decode("Zm9vYmFy", 8, bytes, 6, &len), EG_OK);
	assert_int_equal(base64url_decode("Zm9vYmFy", 8, bytes, 5, &len), EG_MALFORMED);
}

static void
crc32_vectors(void **state)
{
	uint32_t crc;
	uint8_t be[4];

	assert_int_equal(codec_crc32(0, "123456789", 9), 0xcbf43926);
	assert_int_equal(codec_crc32(0, "", 0), 0);
	crc = codec_crc32(0, "1234", 4);
	assert_int_equal(codec_crc32(crc, NULL, 0), crc);
	assert_int_equal(codec_crc32(crc, "56789", 5), 0xcbf43926);
	codec_put_be32(be, 0xcbf43926);
	assert_memory_equal(be, "\xcb\xf4\x39\x26", 4);
}

static void
hex(void **state)
{
	char text[9];

	hex_encode("\x00\x0f\xf0\xff", 4, text);
	assert_string_equal(text, "000ff0ff");
	hex_encode("", 0, text);
	assert_string_equal(text, "");
}

/* An encoder written from the table of RFC 3629 section 3. */
static size_t
encode(uint32_t cp, char out[4])
{
	if (cp < 0x80)
		return out[0] = (char)cp, 1;
	if (cp < 0x800)
		return out[0] = (char)(0xc0 | cp >> 6), out[1] = (char)(0x80 | (cp & 63)), 2;
	if (cp < 0x10000)
		return out[0] = (char)(0xe0 | cp >> 12), out[1] = (char)(0x80 | (cp >> 6 & 63)), out[2] = (char)(0x80 | (cp & 63)), 3;
	return out[0] = (char)(0xf0 | cp >> 18), out[1] = (char)(0x80 | (cp >> 12 & 63)), out[2] = (char)(0x80 | (cp >> 6 & 63)),
	    out[3] = (char)(0x80 | (cp & 63)), 4;
}

static void
utf8_every_code_point(void **state)
{
	for (uint32_t cp = 0; cp < 0x120000; cp++) {
		int valid = cp <= 0x10ffff && !(cp >= 0xd800 && cp <= 0xdfff);
		uint32_t got = UINT32_MAX;
		char text[4];
		size_t len = encode(cp, text);

		assert_int_equal(utf8_decode(text, len, &got), valid ? len : 0);
		assert_int_equal(got, valid ? cp : UINT32_MAX);
		assert_int_equal(utf8_is_valid(text, len), valid);
		assert_false(utf8_is_valid(text, len - 1) && len > 1);
	}
}

static void
utf8_refusals(void **state)
{
	static const char *const texts[] = {
		"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf",
		"\xf5\x80\x80\x80", "\xf8\x88\x80\x80\x80", "\xfe", "\xff", "\xed\xa0\x80", "\xed\xbf\xbf", "\xc3(", "\xe2\x82(",
		"\xf0\x9f\x98(", "ok\xc3", "\xe2\x28\xa1", "\xc3\xa9\xa9",
	};
	uint32_t cp;

	for (size_t i = 0; i < EG_COUNT(texts); i++) {
		if (utf8_is_valid(texts[i], strlen(texts[i])))
			fail_msg("case %zu was accepted", i);
	}
	assert_true(utf8_is_valid("", 0));
	assert_true(utf8_is_valid("a\0b", 3));
	assert_int_equal(utf8_decode("", 0, &cp), 0);
}

static void
utf8_counting(void **state)
{
	assert_int_equal(utf8_count("", 0), 0);
	assert_int_equal(utf8_count("abc", 3), 3);
	assert_int_equal(utf8_count("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 9), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base64url_vectors),
		cmocka_unit_test(base64url_is_a_bijection),
		cmocka_unit_test(base64url_refusals),
		cmocka_unit_test(crc32_vectors),
		cmocka_unit_test(hex),
		cmocka_unit_test(utf8_every_code_point),
		cmocka_unit_test(utf8_refusals),
		cmocka_unit_test(utf8_counting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
