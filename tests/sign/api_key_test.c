/* SPDX-License-Identifier: GPL-3.0-or-later */
/* api_key: the four kinds (P5 to P8), their text and their look-up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/codec.h"
#include "base/log.h"
#include "sign/api_key.h"

#define KEY_A "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define KEY_B "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8"

/* Made from the description by another program. */
#define KNOWN "egp_ZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fH1-f4CBgoMELr4-"
#define KNOWN_LOOKUP "USEoO8lJZAMefPRVRcJeUb1G_9Co-prfk8NcLzIbJB8"

static struct api_key_signer *
open_signer(const char *ring_text)
{
	struct arena *a = arena_new();
	struct api_key_signer *s;
	struct keyring *ring;
	const char *why;

	assert_int_equal(keyring_parse(a, ring_text, strlen(ring_text), &ring, &why), EG_OK);
	assert_int_equal(api_key_signer_open(ring, &s), EG_OK);
	keyring_free(ring);
	arena_free(a);
	return s;
}

static void
kinds(void **state)
{
	static const char *const prefixes[] = { NULL, "egp_", "egc_", "egr_", "egw_", NULL };

	for (int type = 0; type < (int)EG_COUNT(prefixes); type++) {
		char text[API_KEY_SIZE] = "", again[API_KEY_SIZE], shown[API_KEY_PREFIX_SIZE];
		enum api_key_type got;

		if (prefixes[type] == NULL) {
			assert_null(api_key_type_prefix((enum api_key_type)type));
			assert_int_equal(api_key_make((enum api_key_type)type, text), EG_INTERNAL);
			assert_string_equal(text, "");
			continue;
		}
		assert_string_equal(api_key_type_prefix((enum api_key_type)type), prefixes[type]);
		assert_int_equal(api_key_make((enum api_key_type)type, text), EG_OK);
		assert_int_equal(strlen(text), API_KEY_LEN);
		assert_memory_equal(text, prefixes[type], 4);
		assert_int_equal(api_key_parse(text, API_KEY_LEN, &got), EG_OK);
		assert_int_equal(got, type);
		api_key_prefix(text, shown);
		assert_memory_equal(shown, text, 10);
		assert_string_equal(shown + 10, "...");
		assert_int_equal(api_key_make((enum api_key_type)type, again), EG_OK);
		assert_string_not_equal(text, again);
	}
}

static void
every_change_is_malformed(void **state)
{
	char text[API_KEY_SIZE] = KNOWN;
	enum api_key_type type;

	assert_int_equal(api_key_parse(text, API_KEY_LEN, &type), EG_OK);
	for (size_t at = 0; at < API_KEY_LEN; at++) {
		char kept = text[at];

		for (int c = 0; c < 256; c++) {
			text[at] = (char)c;
			if (text[at] != kept && api_key_parse(text, API_KEY_LEN, &type) != EG_MALFORMED)
				fail_msg("byte %d at %zu", c, at);
		}
		text[at] = kept;
	}
	for (size_t len = 0; len < API_KEY_LEN; len++) {
		char *cut = malloc(len == 0 ? 1 : len);

		memcpy(cut, text, len);
		assert_int_equal(api_key_parse(cut, len, &type), EG_MALFORMED);
		free(cut);
	}
	assert_int_equal(api_key_parse(KNOWN "A", API_KEY_LEN + 1, &type), EG_MALFORMED);
}

/* T4: another prefix with a right checksum is no key. */
static void
other_prefixes(void **state)
{
	static const char *const prefixes[] = { "emb_", "emu_", "egx_", "EGP_", "egp-" };
	uint8_t body[36];
	enum api_key_type type;
	size_t len;

	assert_int_equal(base64url_decode(KNOWN + 4, API_KEY_LEN - 4, body, sizeof(body), &len), EG_OK);
	for (size_t i = 0; i < EG_COUNT(prefixes); i++) {
		char text[API_KEY_SIZE];

		memcpy(text, prefixes[i], 4);
		codec_put_be32(body + 32, codec_crc32(codec_crc32(0, text, 4), body, 32));
		base64url_encode(body, sizeof(body), text + 4);
		assert_int_equal(api_key_parse(text, API_KEY_LEN, &type), EG_MALFORMED);
	}
}

/* T27: the look-up is a MAC under a key that is not in the store. */
static void
lookups(void **state)
{
	struct api_key_signer *s = open_signer("1 " KEY_A "\n2 " KEY_B), *other = open_signer("1 " KEY_B);
	char first[API_KEY_LOOKUP_SIZE], second[API_KEY_LOOKUP_SIZE];
	char text[API_KEY_SIZE];

	assert_int_equal(api_key_lookup(s, 1, KNOWN, first), EG_OK);
	assert_string_equal(first, KNOWN_LOOKUP);
	assert_int_equal(api_key_lookup(s, 2, KNOWN, second), EG_OK);
	assert_string_not_equal(first, second);
	assert_int_equal(api_key_lookup(other, 1, KNOWN, first), EG_OK);
	assert_string_not_equal(first, KNOWN_LOOKUP);
	assert_string_equal(first, second);             /* a number is only the name of a key */
	assert_int_equal(api_key_make(API_KEY_PARTNER, text), EG_OK);
	assert_int_equal(api_key_lookup(s, 1, text, first), EG_OK);
	assert_string_not_equal(first, KNOWN_LOOKUP);
	assert_int_equal(api_key_lookup(s, 3, KNOWN, first), EG_NOTFOUND);
	assert_int_equal(api_key_lookup(s, 0, KNOWN, first), EG_NOTFOUND);
	assert_int_equal(api_key_lookup(s, 16, KNOWN, first), EG_NOTFOUND);
	api_key_signer_free(s);
	api_key_signer_free(other);
	api_key_signer_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds),
		cmocka_unit_test(every_change_is_malformed),
		cmocka_unit_test(other_prefixes),
		cmocka_unit_test(lookups),
	};

	log_open("test", (enum log_level)(LOG_LEVEL_ERROR + 1));        /* the faults made here are no news */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
