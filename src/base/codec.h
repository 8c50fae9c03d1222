/* SPDX-License-Identifier: GPL-3.0-or-later */
/* codec.h - bytes <-> text. base64url without padding is RFC 4648 section 5; CRC-32 is that of zlib and gzip. */
#ifndef EG_BASE_CODEC_H
#define EG_BASE_CODEC_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Characters that `n` bytes become, without a NUL. */
#define BASE64URL_LEN(n) (((n) * 4 + 2) / 3)

/* Writes BASE64URL_LEN(len) characters and a NUL. */
void base64url_encode(const void *bytes, size_t len, char *out);
/* Strict: only the alphabet, no padding, no white space, unused low bits zero, so each byte string has one text.
 * `out` holds at least text_len * 3 / 4 bytes. EG_MALFORMED otherwise. */
eg_err base64url_decode(const char *text, size_t text_len, void *out, size_t out_cap, size_t *out_len) EG_CHECKED;

uint32_t codec_crc32(uint32_t crc, const void *bytes, size_t len);      /* start with 0 */
void codec_put_be32(uint8_t out[4], uint32_t value);    /* big endian */

void hex_encode(const void *bytes, size_t len, char *out);      /* 2 * len characters, lower case, and a NUL */

/* The first code point of `text` -> its bytes, 1 to 4; 0 where it is none (RFC 3629), or `len` is 0. */
size_t utf8_decode(const char *text, size_t len, uint32_t *code_point);
/* True where `text` is valid UTF-8 (RFC 3629: no surrogates, no overlong forms, nothing over U+10FFFF). */
int utf8_is_valid(const char *text, size_t len);
/* Code points in valid UTF-8. */
size_t utf8_count(const char *text, size_t len);

#endif
