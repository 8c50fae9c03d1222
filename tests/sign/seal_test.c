/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seal, csrf: short-lived things that are bound to their place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/codec.h"
#include "sign/csrf.h"
#include "sign/seal.h"

#define KEY_A "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define KEY_B "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8"
#define ACTION "/portal/customers/1/revoke"

static struct arena *arena;
static struct keyring *ring_a, *ring_b, *ring_both;

static struct keyring *
open_ring(const char *text)
{
	struct keyring *ring;
	const char *why;

	assert_int_equal(keyring_parse(arena, text, strlen(text), &ring, &why), EG_OK);
	return ring;
}

static int
set_up(void **state)
{
	arena = arena_new();
	ring_a = open_ring("1 " KEY_A);
	ring_b = open_ring("2 " KEY_B);
	ring_both = open_ring("1 " KEY_A "\n2 " KEY_B);
	return 0;
}

static int
tear_down(void **state)
{
	keyring_free(ring_a);
	keyring_free(ring_b);
	keyring_free(ring_both);
	arena_free(arena);
	return 0;
}

/* ---- seal ---- */

static eg_err
unseal(const struct keyring *ring, const char *context, const char *text)
{
	void *bytes;
	size_t len;

	return seal_open(ring, arena, context, text, &bytes, &len);
}

static void
sealing(void **state)
{
	char content[300];

	for (size_t len = 0; len < sizeof(content); len += 13) {
		const char *text, *again;
		void *bytes;
		size_t got;

		memset(content, (int)len, sizeof(content));
		assert_int_equal(seal_make(ring_a, arena, "flash 1", content, len, &text), EG_OK);
		assert_int_equal(seal_make(ring_a, arena, "flash 1", content, len, &again), EG_OK);
		assert_string_not_equal(text, again);           /* a nonce of its own */
		assert_int_equal(strlen(text), BASE64URL_LEN(len + 29));
		assert_int_equal(seal_open(ring_a, arena, "flash 1", text, &bytes, &got), EG_OK);
		assert_int_equal(got, len);
		assert_memory_equal(bytes, content, len);
		assert_int_equal(((char *)bytes)[len], 0);
	}
}

static void
seals_are_bound(void **state)
{
	const char *text, *new;

	assert_int_equal(seal_make(ring_a, arena, "flash 1", "secret", 6, &text), EG_OK);
	assert_int_equal(unseal(ring_a, "flash 1", text), EG_OK);
	assert_int_equal(unseal(ring_a, "flash 2", text), EG_FORGED);
	assert_int_equal(unseal(ring_a, "", text), EG_FORGED);
	assert_int_equal(unseal(ring_b, "flash 1", text), EG_FORGED);
	assert_int_equal(unseal(ring_both, "flash 1", text), EG_OK);
	assert_int_equal(seal_make(ring_both, arena, "flash 1", "secret", 6, &new), EG_OK);
	assert_int_equal(unseal(ring_b, "flash 1", new), EG_OK);
	assert_int_equal(unseal(ring_a, "flash 1", new), EG_FORGED);
}

static void
changed_seals(void **state)
{
	const char *text;
	char *copy;
	uint8_t body[64];
	size_t len;

	assert_int_equal(seal_make(ring_both, arena, "c", "secret", 6, &text), EG_OK);
	assert_int_equal(base64url_decode(text, strlen(text), body, sizeof(body), &len), EG_OK);
	copy = arena_strdup(arena, text);
	for (size_t bit = 0; bit < len * 8; bit++) {            /* number, nonce, ciphertext and tag */
		body[bit / 8] ^= (uint8_t)(1 << bit % 8);
		base64url_encode(body, len, copy);
		assert_int_equal(unseal(ring_both, "c", copy), EG_FORGED);
		body[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t n = 0; n < strlen(text); n++)
		assert_int_equal(unseal(ring_both, "c", arena_strndup(arena, text, n)), EG_FORGED);
	assert_int_equal(unseal(ring_both, "c", arena_printf(arena, "%sAA", text)), EG_FORGED);
	assert_int_equal(unseal(ring_both, "c", "not base64url!"), EG_FORGED);
}

/* ---- csrf (T14) ---- */

static struct csrf_signer *
open_signer(const struct keyring *ring)
{
	struct csrf_signer *s;

	assert_int_equal(csrf_signer_open(ring, &s), EG_OK);
	return s;
}

static void
forms(void **state)
{
	struct csrf_signer *s = open_signer(ring_a);
	struct uuid session, other, nonce, again;
	char text[CSRF_SIZE], second[CSRF_SIZE];
	int64_t now_s;

	assert_int_equal(uuid_make(&session), EG_OK);
	assert_int_equal(uuid_make(&other), EG_OK);
	assert_int_equal(csrf_make(s, &session, ACTION, text), EG_OK);
	assert_int_equal(csrf_make(s, &session, ACTION, second), EG_OK);
	assert_int_equal(strlen(text), CSRF_LEN);
	assert_string_not_equal(text, second);
	now_s = uuid_time_s(&other);
	assert_int_equal(csrf_check(s, &session, ACTION, text, now_s, &nonce), EG_OK);
	assert_int_equal(csrf_check(s, &session, ACTION, text, now_s, &again), EG_OK);
	assert_true(uuid_equal(&nonce, &again));                /* a form sent twice names one thing */
	assert_int_equal(nonce.b[6] >> 4, 7);
	assert_int_equal(csrf_check(s, &session, ACTION, second, now_s, &again), EG_OK);
	assert_false(uuid_equal(&nonce, &again));

	assert_int_equal(csrf_check(s, &other, ACTION, text, now_s, &again), EG_FORGED);
	assert_int_equal(csrf_check(s, &session, "/portal/customers/2/revoke", text, now_s, &again), EG_FORGED);
	assert_int_equal(csrf_check(s, &session, ACTION "x", text, now_s, &again), EG_FORGED);
	assert_int_equal(csrf_check(s, &session, "", text, now_s, &again), EG_FORGED);
	assert_int_equal(csrf_check(s, &session, ACTION, NULL, now_s, &again), EG_FORGED);
	assert_int_equal(csrf_check(s, &session, ACTION, "", now_s, &again), EG_FORGED);

	assert_int_equal(csrf_check(s, &session, ACTION, text, uuid_time_s(&nonce) + 86400, &again), EG_OK);
	assert_int_equal(csrf_check(s, &session, ACTION, text, uuid_time_s(&nonce) + 86401, &again), EG_FORGED);
	csrf_signer_free(s);
	csrf_signer_free(NULL);
}

static void
changed_forms(void **state)
{
	static const char others[] = "AZaz09-_=+ ";
	struct csrf_signer *s = open_signer(ring_a);
	struct uuid session, nonce = uuid_nil;
	char text[CSRF_SIZE];
	int64_t now_s;

	assert_int_equal(uuid_make(&session), EG_OK);
	now_s = uuid_time_s(&session);
	assert_int_equal(csrf_make(s, &session, ACTION, text), EG_OK);
	for (size_t at = 0; at < CSRF_LEN; at++) {
		char kept = text[at];

		for (size_t i = 0; i < sizeof(others); i++) {   /* with the NUL: cut there */
			text[at] = others[i];
			if (text[at] != kept)
				assert_int_equal(csrf_check(s, &session, ACTION, text, now_s, &nonce), EG_FORGED);
		}
		text[at] = kept;
	}
	assert_int_equal(csrf_check(s, &session, ACTION, arena_printf(arena, "%sA", text), now_s, &nonce), EG_FORGED);
	assert_true(uuid_is_nil(&nonce));
	assert_int_equal(csrf_check(s, &session, ACTION, text, now_s, &nonce), EG_OK);
	csrf_signer_free(s);
}

static void
forms_outlive_a_new_key(void **state)
{
	struct csrf_signer *old = open_signer(ring_a), *both = open_signer(ring_both), *new = open_signer(ring_b);
	struct uuid session, nonce;
	char text[CSRF_SIZE];
	int64_t now_s;

	assert_int_equal(uuid_make(&session), EG_OK);
	now_s = uuid_time_s(&session);
	assert_int_equal(csrf_make(old, &session, ACTION, text), EG_OK);
	assert_int_equal(csrf_check(both, &session, ACTION, text, now_s, &nonce), EG_OK);
	assert_int_equal(csrf_check(new, &session, ACTION, text, now_s, &nonce), EG_FORGED);
	assert_int_equal(csrf_make(both, &session, ACTION, text), EG_OK);
	assert_int_equal(csrf_check(new, &session, ACTION, text, now_s, &nonce), EG_OK);
	csrf_signer_free(old);
	csrf_signer_free(both);
	csrf_signer_free(new);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sealing),
		cmocka_unit_test(seals_are_bound),
		cmocka_unit_test(changed_seals),
		cmocka_unit_test(forms),
		cmocka_unit_test(changed_forms),
		cmocka_unit_test(forms_outlive_a_new_key),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
