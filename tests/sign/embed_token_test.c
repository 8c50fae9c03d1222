/* SPDX-License-Identifier: GPL-3.0-or-later */
/* embed_token: format, and that only what was signed is accepted (K9, K10, A18 to A20, A24, T3, T4, T26). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/codec.h"
#include "base/log.h"
#include "sign/embed_token.h"

#define KEY_A "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define KEY_B "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8"
#define BODY 42
#define HEAD_AT 5
#define MAC_AT 22
#define CRC_AT 38

static struct arena *arena;
static struct embed_token_signer *signer;       /* of the ring "1 KEY_A" */

static struct embed_token_signer *
open_signer(const char *ring_text)
{
	struct embed_token_signer *s;
	struct keyring *ring;
	const char *why;

	assert_int_equal(keyring_parse(arena, ring_text, strlen(ring_text), &ring, &why), EG_OK);
	assert_int_equal(embed_token_signer_open(ring, &s), EG_OK);
	keyring_free(ring);     /* a signer stands on its own */
	return s;
}

static int
set_up(void **state)
{
	arena = arena_new();
	signer = open_signer("1 " KEY_A);
	return 0;
}

static int
tear_down(void **state)
{
	embed_token_signer_free(signer);
	embed_token_signer_free(NULL);
	arena_free(arena);
	return 0;
}

static struct embed_token
example(enum token_purpose purpose)
{
	struct embed_token t = { .issue = { 1, 2, 3, 4, 5 }, .purpose = purpose };

	assert_int_equal(uuid_parse("017f22e2-79b0-7cc3-98c4-dc0c0c07398f", 36, &t.id), EG_OK);
	return t;
}

static const char *
make(struct embed_token_signer *s, const struct embed_token *t)
{
	char *text = arena_alloc(arena, EMBED_TOKEN_SIZE);

	assert_int_equal(embed_token_make(s, t, text), EG_OK);
	return text;
}

static eg_err
parse(struct embed_token_signer *s, const char *text)
{
	struct embed_token t;

	return embed_token_parse(s, text, strlen(text), &t);
}

/* Text made from the description of the format by another program (Python's hmac, zlib and base64). */
static void
known_answers(void **state)
{
	static const struct {
		const char *ring;
		enum token_purpose purpose;
		const char *text;
	} cases[] = {
		{ "1 " KEY_A, TOKEN_EMBED, "emb_AQIDBAURAX8i4nmwfMOYxNwMDAc5jyYJ69tTn10xVBVj3T3PaeH3fHqp" },
		{ "1 " KEY_A, TOKEN_URL, "emu_AQIDBAUSAX8i4nmwfMOYxNwMDAc5j9tPLNppo-ADxZZXos9h0HIAZAP3" },
		{ "7 " KEY_B, TOKEN_EMBED, "emb_AQIDBAVxAX8i4nmwfMOYxNwMDAc5j6DNYmahbJRZ4icWQI_qr4VaOx-9" },
		{ "1 " KEY_A "\n7 " KEY_B, TOKEN_URL, "emu_AQIDBAVyAX8i4nmwfMOYxNwMDAc5j0IgNBWyIxBfUM0m1Z-NqgMt2pHU" },
	};

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		struct embed_token_signer *s = open_signer(cases[i].ring);
		struct embed_token t = example(cases[i].purpose), got;

		assert_string_equal(make(s, &t), cases[i].text);
		memset(&got, 0, sizeof(got));
		assert_int_equal(embed_token_parse(s, cases[i].text, EMBED_TOKEN_LEN, &got), EG_OK);
		assert_true(uuid_equal(&got.id, &t.id));
		assert_memory_equal(got.issue, t.issue, sizeof(t.issue));
		assert_int_equal(got.purpose, t.purpose);
		embed_token_signer_free(s);
	}
}

/* Each of the 60 characters replaced by each of the 255 other bytes. The checksum finds every one of them without a key. */
static void
every_changed_character(void **state)
{
	for (int purpose = TOKEN_EMBED; purpose <= TOKEN_URL; purpose++) {
		struct embed_token t = example((enum token_purpose)purpose), got, before;
		char text[EMBED_TOKEN_SIZE];

		strcpy(text, make(signer, &t));
		memset(&got, 0x55, sizeof(got));
		before = got;
		for (size_t at = 0; at < EMBED_TOKEN_LEN; at++) {
			char kept = text[at];

			for (int c = 0; c < 256; c++) {
				text[at] = (char)c;
				if (text[at] != kept && embed_token_parse(signer, text, EMBED_TOKEN_LEN, &got) != EG_MALFORMED)
					fail_msg("byte %d at %zu", c, at);
			}
			text[at] = kept;
		}
		assert_memory_equal(&got, &before, sizeof(got));        /* only a genuine token is written out */
		assert_int_equal(embed_token_parse(signer, text, EMBED_TOKEN_LEN, &got), EG_OK);
	}
}

static void
every_length(void **state)
{
	struct embed_token t = example(TOKEN_EMBED), got;
	const char *good = make(signer, &t);

	for (size_t len = 0; len < EMBED_TOKEN_LEN; len++) {
		char *cut = malloc(len == 0 ? 1 : len);         /* so that ASan sees a read behind the end */

		memcpy(cut, good, len);
		assert_int_equal(embed_token_parse(signer, cut, len, &got), EG_MALFORMED);
		free(cut);
		assert_int_equal(embed_token_parse(signer, good + 1, len, &got), EG_MALFORMED);
	}
	assert_int_equal(parse(signer, arena_printf(arena, "%s ", good)), EG_MALFORMED);
	assert_int_equal(parse(signer, arena_printf(arena, " %s", good)), EG_MALFORMED);
	assert_int_equal(parse(signer, arena_printf(arena, "%s=", good)), EG_MALFORMED);
	assert_int_equal(parse(signer, arena_printf(arena, "%s%s", good, good)), EG_MALFORMED);
	assert_int_equal(embed_token_parse(signer, good, EMBED_TOKEN_LEN + 1, &got), EG_MALFORMED);
}

/* The text of `body` under `prefix` with a right checksum: what somebody without the key can make. */
static const char *
sealed(const char *prefix, const uint8_t body[BODY])
{
	uint8_t copy[BODY];
	char *text = arena_alloc(arena, EMBED_TOKEN_SIZE);

	memcpy(copy, body, BODY);
	codec_put_be32(copy + CRC_AT, codec_crc32(codec_crc32(0, prefix, 4), copy, CRC_AT));
	memcpy(text, prefix, 4);
	base64url_encode(copy, BODY, text + 4);
	return text;
}

static void
body_of(const char *text, uint8_t body[BODY])
{
	size_t len;

	assert_int_equal(base64url_decode(text + 4, EMBED_TOKEN_LEN - 4, body, BODY, &len), EG_OK);
	assert_int_equal(len, BODY);
}

/* Each bit of issue, head, id and MAC, with the checksum made right again. */
static void
every_flipped_bit(void **state)
{
	struct embed_token t = example(TOKEN_EMBED);
	uint8_t body[BODY];

	body_of(make(signer, &t), body);
	assert_int_equal(parse(signer, sealed("emb_", body)), EG_OK);
	for (size_t bit = 0; bit < CRC_AT * 8; bit++) {
		eg_err e;

		body[bit / 8] ^= (uint8_t)(1 << bit % 8);
		e = parse(signer, sealed("emb_", body));
		if (bit / 8 == HEAD_AT && (bit % 8 < 4 || body[HEAD_AT] >> 4 == 0))
			assert_int_equal(e, EG_MALFORMED);      /* another purpose, or key number 0 */
		else
			assert_int_equal(e, EG_FORGED);
		body[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

/* T4: the prefix and the purpose in the head must agree; no other prefix is taken, however right its checksum. */
static void
prefixes(void **state)
{
	static const char *const others[] = { "emx_", "EMB_", "egp_", "emb-", "eMb_", "    ", "emv_" };

	for (int purpose = 0; purpose < 16; purpose++) {
		struct embed_token t = example(TOKEN_EMBED);
		uint8_t body[BODY];

		body_of(make(signer, &t), body);
		body[HEAD_AT] = (uint8_t)(0x10 | purpose);
		assert_int_equal(parse(signer, sealed("emb_", body)), purpose == TOKEN_EMBED ? EG_OK : EG_MALFORMED);
		assert_int_equal(parse(signer, sealed("emu_", body)), purpose == TOKEN_URL ? EG_FORGED : EG_MALFORMED);
		for (size_t i = 0; i < EG_COUNT(others); i++)
			assert_int_equal(parse(signer, sealed(others[i], body)), EG_MALFORMED);
	}
}

/* A20, A24: no part of one token is good in another one, since each has a secret of its own. */
static void
transplants(void **state)
{
	struct embed_token t = example(TOKEN_EMBED), other_id = t, other_issue = t, url = example(TOKEN_URL);
	uint8_t body[BODY], foreign[BODY];

	other_id.id.b[15] ^= 1;
	other_issue.issue[4] ^= 1;
	body_of(make(signer, &t), body);
	for (int i = 0; i < 3; i++) {
		body_of(make(signer, i == 0 ? &other_id : i == 1 ? &other_issue : &url), foreign);
		assert_memory_not_equal(body + MAC_AT, foreign + MAC_AT, CRC_AT - MAC_AT);
		memcpy(foreign + MAC_AT, body + MAC_AT, CRC_AT - MAC_AT);
		assert_int_equal(parse(signer, sealed(i == 2 ? "emu_" : "emb_", foreign)), EG_FORGED);
	}
}

/* A21: a removed key takes its tokens with it; a new one leaves the old tokens alone. */
static void
key_rotation(void **state)
{
	struct embed_token_signer *both = open_signer("1 " KEY_A "\n2 " KEY_B), *only_new = open_signer("2 " KEY_B),
	    *swapped = open_signer("1 " KEY_B "\n2 " KEY_A);
	struct embed_token t = example(TOKEN_EMBED);
	const char *old = make(signer, &t), *new = make(both, &t);

	assert_string_not_equal(old, new);
	assert_int_equal(parse(signer, old), EG_OK);
	assert_int_equal(parse(signer, new), EG_FORGED);
	assert_int_equal(parse(both, old), EG_OK);
	assert_int_equal(parse(both, new), EG_OK);
	assert_int_equal(parse(only_new, old), EG_FORGED);
	assert_int_equal(parse(only_new, new), EG_OK);
	assert_int_equal(parse(swapped, old), EG_FORGED);
	assert_int_equal(parse(swapped, new), EG_FORGED);
	embed_token_signer_free(both);
	embed_token_signer_free(only_new);
	embed_token_signer_free(swapped);
}

static int
compare(const void *x, const void *y)
{
	return memcmp(x, y, EMBED_TOKEN_LEN);
}

/* T26. Two texts of one record differ by their issue alone, which is what rotation draws anew. */
static void
uniqueness(void **state)
{
	enum { COUNT = 20000 };
	char (*texts)[EMBED_TOKEN_SIZE] = malloc(sizeof(*texts) * COUNT);
	struct embed_token t = example(TOKEN_EMBED), got;

	for (int i = 0; i < COUNT; i++) {
		assert_int_equal(embed_token_new_issue(t.issue), EG_OK);
		assert_int_equal(embed_token_make(signer, &t, texts[i]), EG_OK);
		assert_int_equal(embed_token_parse(signer, texts[i], EMBED_TOKEN_LEN, &got), EG_OK);
	}
	qsort(texts, COUNT, sizeof(*texts), compare);
	for (int i = 1; i < COUNT; i++)
		assert_int_not_equal(compare(texts[i - 1], texts[i]), 0);
	free(texts);
}

/* E13, K19: what a list shows is how the emb_ text begins. */
static void
shown_prefix(void **state)
{
	struct embed_token t = example(TOKEN_EMBED);
	char shown[EMBED_TOKEN_PREFIX_SIZE];

	for (int i = 0; i < 100; i++) {
		const char *text;

		assert_int_equal(embed_token_new_issue(t.issue), EG_OK);
		text = make(signer, &t);
		embed_token_prefix(t.issue, shown);
		assert_int_equal(strlen(shown), EMBED_TOKEN_PREFIX_SIZE - 1);
		assert_memory_equal(shown, text, 10);
		assert_string_equal(shown + 10, "...");
	}
}

static void
no_such_purpose(void **state)
{
	struct embed_token t = example((enum token_purpose)3);
	char text[EMBED_TOKEN_SIZE] = "";

	assert_int_equal(embed_token_make(signer, &t, text), EG_INTERNAL);
	assert_string_equal(text, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_answers),
		cmocka_unit_test(every_changed_character),
		cmocka_unit_test(every_length),
		cmocka_unit_test(every_flipped_bit),
		cmocka_unit_test(prefixes),
		cmocka_unit_test(transplants),
		cmocka_unit_test(key_rotation),
		cmocka_unit_test(uniqueness),
		cmocka_unit_test(shown_prefix),
		cmocka_unit_test(no_such_purpose),
	};

	log_open("test", (enum log_level)(LOG_LEVEL_ERROR + 1));        /* the faults made here are no news */
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
