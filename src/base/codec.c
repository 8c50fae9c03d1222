/* SPDX-License-Identifier: GPL-3.0-or-later */
/* codec.c - table driven, no allocation. */
#include "base/codec.h"

#include <zlib.h>

static const char base64url_alphabet[65] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* Value of a character plus one; 0: not in the alphabet. */
#define RANGE(first, value)                                                             \
	[first] = value + 1, [first + 1] = value + 2, [first + 2] = value + 3,          \
	[first + 3] = value + 4, [first + 4] = value + 5
static const uint8_t base64url_values[256] = {
	RANGE('A', 0), RANGE('F', 5), RANGE('K', 10), RANGE('P', 15), RANGE('U', 20), ['Z'] = 26,
	RANGE('a', 26), RANGE('f', 31), RANGE('k', 36), RANGE('p', 41), RANGE('u', 46), ['z'] = 52,
	RANGE('0', 52), RANGE('5', 57), ['-'] = 63, ['_'] = 64,
};
#undef RANGE

void
base64url_encode(const void *bytes, size_t len, char *out)
{
	const uint8_t *in = bytes;

	for (; len >= 3; len -= 3, in += 3) {
		*out++ = base64url_alphabet[in[0] >> 2];
		*out++ = base64url_alphabet[(in[0] & 3) << 4 | in[1] >> 4];
		*out++ = base64url_alphabet[(in[1] & 15) << 2 | in[2] >> 6];
		*out++ = base64url_alphabet[in[2] & 63];
	}
	if (len > 0) {
		*out++ = base64url_alphabet[in[0] >> 2];
		*out++ = base64url_alphabet[(in[0] & 3) << 4 | (len == 2 ? in[1] >> 4 : 0)];
		if (len == 2)
			*out++ = base64url_alphabet[(in[1] & 15) << 2];
	}
	*out = '\0';
}

eg_err
base64url_decode(const char *text, size_t text_len, void *out, size_t out_cap, size_t *out_len)
{
	uint8_t *to = out;
	size_t n = text_len / 4 * 3 + (text_len % 4 == 0 ? 0 : text_len % 4 - 1);
	uint32_t bits = 0;
	unsigned held = 0;

	if (text_len % 4 == 1 || n > out_cap)
		return EG_MALFORMED;
	for (size_t i = 0; i < text_len; i++) {
		uint8_t value = base64url_values[(uint8_t)text[i]];

		if (value == 0)
			return EG_MALFORMED;
		bits = bits << 6 | (uint32_t)(value - 1);
		held += 6;
		if (held >= 8) {
			held -= 8;
			*to++ = (uint8_t)(bits >> held);
		}
	}
	if ((bits & ((1u << held) - 1)) != 0)
		return EG_MALFORMED;
	*out_len = n;
	return EG_OK;
}

uint32_t
codec_crc32(uint32_t crc, const void *bytes, size_t len)
{
	/* zlib answers NULL with its start value, whatever came before. */
	return len == 0 ? crc : (uint32_t)crc32_z(crc, bytes, len);
}

void
codec_put_be32(uint8_t out[4], uint32_t value)
{
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(value >> (24 - 8 * i));
}

void
hex_encode(const void *bytes, size_t len, char *out)
{
	const uint8_t *in = bytes;

	for (size_t i = 0; i < len; i++) {
		*out++ = "0123456789abcdef"[in[i] >> 4];
		*out++ = "0123456789abcdef"[in[i] & 15];
	}
	*out = '\0';
}

size_t
utf8_decode(const char *text, size_t len, uint32_t *code_point)
{
	/* By length: the bits of a leading byte, its mark, and the least code point that needs that length. */
	static const struct {
		uint8_t mask, mark;
		uint32_t least;
	} forms[] = {
		{ 0x80, 0x00, 0x0 }, { 0xe0, 0xc0, 0x80 }, { 0xf0, 0xe0, 0x800 }, { 0xf8, 0xf0, 0x10000 },
	};
	const uint8_t *in = (const uint8_t *)text;

	for (size_t n = 1; n <= EG_COUNT(forms) && n <= len; n++) {
		uint32_t cp;

		if ((in[0] & forms[n - 1].mask) != forms[n - 1].mark)
			continue;
		cp = in[0] & (uint8_t)~forms[n - 1].mask;
		for (size_t i = 1; i < n; i++) {
			if ((in[i] & 0xc0) != 0x80)
				return 0;
			cp = cp << 6 | (in[i] & 0x3f);
		}
		if (cp < forms[n - 1].least || cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
			return 0;
		*code_point = cp;
		return n;
	}
	return 0;
}

int
utf8_is_valid(const char *text, size_t len)
{
	while (len > 0) {
		uint32_t cp;
		size_t n = utf8_decode(text, len, &cp);

		if (n == 0)
			return 0;
		text += n;
		len -= n;
	}
	return 1;
}

size_t
utf8_count(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((uint8_t)text[i] & 0xc0) != 0x80;         /* each byte that begins a code point */
	return n;
}
