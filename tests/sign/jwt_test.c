/* SPDX-License-Identifier: GPL-3.0-or-later */
/* jwt: RFC 7515 and 7519 as far as they are spoken here, and the tricks of T3 and T4. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/codec.h"
#include "base/log.h"
#include "sign/jwt.h"
#include "sign/mac.h"

#define KEY_A "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define KEY_B "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8"
#define NOW INT64_C(1795168800)
#define TTL 900
#define HEADER "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"
#define AUD "\"aud\":\"embedgate:session\""

/* Made from the description by another program. */
#define KNOWN "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ0aWQiOiIwMTdmMjJlMi03OWIwLTdjYzMtOThjNC1kYzBjMGMwNzM5OGYiLCJhdWQiOiJlbWJlZG" \
    "dhdGU6c2Vzc2lvbiIsImlhdCI6MTc5NTE2ODgwMCwiZXhwIjoxNzk1MTY5NzAwfQ.t_NzjzQnkrsNBX8pZdHUdekrSI7k_cqU4iiXXdmntSk"

static struct arena *arena;
static struct keyring *ring_a;
static struct jwt_signer *signer;       /* of the ring "1 KEY_A" */

static struct jwt_signer *
open_signer(const char *ring_text, struct keyring **ring)
{
	struct jwt_signer *s;
	const char *why;

	assert_int_equal(keyring_parse(arena, ring_text, strlen(ring_text), ring, &why), EG_OK);
	assert_int_equal(jwt_signer_open(*ring, &s), EG_OK);
	return s;
}

static int
set_up(void **state)
{
	arena = arena_new();
	signer = open_signer("1 " KEY_A, &ring_a);
	return 0;
}

static int
tear_down(void **state)
{
	jwt_signer_free(signer);
	jwt_signer_free(NULL);
	keyring_free(ring_a);
	arena_free(arena);
	return 0;
}

static const char *
make(struct jwt_signer *s, enum jwt_kind kind)
{
	json_object *claims = json_new_object(arena);
	const char *text;

	json_add_str(claims, "tid", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
	assert_int_equal(jwt_make(s, arena, kind, claims, NOW, TTL, &text), EG_OK);
	return text;
}

static eg_err
parse(struct jwt_signer *s, enum jwt_kind kind, const char *text, int64_t now_s)
{
	json_object *claims;

	return jwt_parse(s, arena, kind, text, strlen(text), now_s, &claims);
}

/* Any header and payload, signed with the session key as a real one is. */
static const char *
signed_with_our_key(const char *header, const char *payload, size_t payload_len)
{
	size_t header_len = strlen(header);
	char *text = arena_alloc(arena, BASE64URL_LEN(header_len) + 1 + BASE64URL_LEN(payload_len) + 1 + 43 + 1);
	uint8_t mac[MAC_SIZE];
	struct mac *m;
	size_t len;

	base64url_encode(header, header_len, text);
	strcat(text, ".");
	base64url_encode(payload, payload_len, text + strlen(text));
	len = strlen(text);
	assert_int_equal(mac_open(ring_a, 1, "jwt session", &m), EG_OK);
	assert_int_equal(mac_compute(m, &(struct mac_part){ text, len }, 1, mac), EG_OK);
	mac_free(m);
	text[len] = '.';
	base64url_encode(mac, sizeof(mac), text + len + 1);
	return text;
}

static void
known_answer(void **state)
{
	json_object *claims;

	assert_string_equal(make(signer, JWT_SESSION), KNOWN);
	assert_int_equal(jwt_parse(signer, arena, JWT_SESSION, KNOWN, strlen(KNOWN), NOW, &claims), EG_OK);
	assert_string_equal(json_text(arena, claims, NULL), "{\"tid\":\"017f22e2-79b0-7cc3-98c4-dc0c0c07398f\"," AUD
	    ",\"iat\":1795168800,\"exp\":1795169700}");
	assert_string_equal(signed_with_our_key(HEADER, json_text(arena, claims, NULL), strlen(json_text(arena, claims, NULL))), KNOWN);
}

/* Both sides of each instant; the claims are told for each verdict that comes after the signature. */
static void
time_bounds(void **state)
{
	static const struct {
		int64_t now_s;
		eg_err want;
	} cases[] = {
		{ NOW - 61, EG_NOT_YET }, { NOW - 60, EG_OK }, { NOW, EG_OK }, { NOW + TTL - 1, EG_OK }, { NOW + TTL, EG_EXPIRED },
		{ NOW + TTL + 1, EG_EXPIRED }, { 0, EG_NOT_YET }, { INT64_C(253402300799), EG_EXPIRED },
	};

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		json_object *claims = NULL;

		assert_int_equal(jwt_parse(signer, arena, JWT_SESSION, KNOWN, strlen(KNOWN), cases[i].now_s, &claims), cases[i].want);
		assert_string_equal(json_get_str(claims, "tid"), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
	}
}

/* T4: every kind where every kind is wanted; only the diagonal passes. */
static void
kinds(void **state)
{
	for (int made = JWT_SESSION; made <= JWT_AGENT_REFRESH; made++) {
		for (int wanted = JWT_SESSION; wanted <= JWT_AGENT_REFRESH; wanted++) {
			eg_err e = parse(signer, (enum jwt_kind)wanted, make(signer, (enum jwt_kind)made), NOW);

			assert_int_equal(e, made == wanted ? EG_OK : EG_FORGED);
		}
	}
	assert_int_equal(parse(signer, (enum jwt_kind)0, KNOWN, NOW), EG_INTERNAL);
	assert_int_equal(parse(signer, (enum jwt_kind)4, KNOWN, NOW), EG_INTERNAL);
}

/* T3, RFC 8725: each is signed with our own key, and refused for its header alone. */
static void
other_headers(void **state)
{
	static const char *const headers[] = {
		"{\"alg\":\"none\",\"typ\":\"JWT\"}", "{\"alg\":\"None\",\"typ\":\"JWT\"}", "{\"alg\":\"HS512\",\"typ\":\"JWT\"}",
		"{\"alg\":\"RS256\",\"typ\":\"JWT\"}", "{\"alg\":\"ES256\",\"typ\":\"JWT\"}", "{\"typ\":\"JWT\",\"alg\":\"HS256\"}",
		"{\"alg\":\"HS256\"}", "{\"alg\":\"HS256\",\"typ\":\"jwt\"}", "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"../../dev/null\"}",
		"{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"1' OR '1'='1\"}", "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"jwk\":{}}",
		"{\"alg\":\"HS256\",\"typ\":\"JWT\",\"crit\":[\"b64\"],\"b64\":false}", "{\"alg\": \"HS256\",\"typ\":\"JWT\"}", "{}", "",
	};
	static const char payload[] = "{" AUD ",\"iat\":1795168800,\"exp\":1795169700}";

	assert_int_equal(parse(signer, JWT_SESSION, signed_with_our_key(HEADER, payload, strlen(payload)), NOW), EG_OK);
	for (size_t i = 0; i < EG_COUNT(headers); i++) {
		const char *text = signed_with_our_key(headers[i], payload, strlen(payload));

		if (parse(signer, JWT_SESSION, text, NOW) != EG_MALFORMED)
			fail_msg("%s was accepted", headers[i]);
		assert_false(jwt_looks_like(text, strlen(text)));
	}
	/* RFC 7515 appendix A.1, whose header has its members the other way round and a line break; and an unsecured one. */
	assert_int_equal(parse(signer, JWT_SESSION, "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkz"
	    "ODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", 0), EG_MALFORMED);
	assert_int_equal(parse(signer, JWT_SESSION, "eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UifQ.", 0), EG_MALFORMED);
}

/* Claims that nobody of ours writes, well signed. */
static void
claims(void **state)
{
	static const struct {
		const char *payload;
		eg_err want;
	} cases[] = {
		{ "{" AUD ",\"iat\":1795168800,\"exp\":1795169700}", EG_OK },
		{ "{" AUD ",\"iat\":-5,\"exp\":9223372036854775807}", EG_OK },
		{ "{" AUD ",\"iat\":1795168860,\"exp\":1795169700}", EG_OK },
		{ "{" AUD ",\"iat\":1795168861,\"exp\":1795169700}", EG_NOT_YET },
		{ "{" AUD ",\"iat\":9223372036854775807,\"exp\":9223372036854775807}", EG_NOT_YET },
		{ "{" AUD ",\"iat\":1795168800,\"exp\":1795168800}", EG_EXPIRED },
		{ "{" AUD ",\"iat\":0,\"exp\":-9223372036854775808}", EG_EXPIRED },
		{ "{\"aud\":\"embedgate:agent-access\",\"iat\":1795168800,\"exp\":1795169700}", EG_FORGED },
		{ "{\"aud\":\"embedgate:sessionx\",\"iat\":1795168800,\"exp\":1795169700}", EG_FORGED },
		{ "{\"aud\":\"\",\"iat\":1795168800,\"exp\":1795169700}", EG_FORGED },
		{ "{\"aud\":[\"embedgate:session\"],\"iat\":1795168800,\"exp\":1795169700}", EG_MALFORMED },
		{ "{\"aud\":null,\"iat\":1795168800,\"exp\":1795169700}", EG_MALFORMED },
		{ "{\"iat\":1795168800,\"exp\":1795169700}", EG_MALFORMED },
		{ "{" AUD ",\"exp\":1795169700}", EG_MALFORMED },
		{ "{" AUD ",\"iat\":1795168800}", EG_MALFORMED },
		{ "{" AUD ",\"iat\":1795168800,\"exp\":null}", EG_MALFORMED },
		{ "{" AUD ",\"iat\":1795168800,\"exp\":\"1795169700\"}", EG_MALFORMED },
		{ "{" AUD ",\"iat\":1795168800,\"exp\":1795169700.5}", EG_MALFORMED },
		{ "{" AUD ",\"iat\":1795168800,\"exp\":1e99}", EG_MALFORMED },
		{ "{" AUD ",\"iat\":1795168800,\"exp\":1795169700,\"exp\":1}", EG_MALFORMED },
		{ "[]", EG_MALFORMED }, { "null", EG_MALFORMED }, { "\"x\"", EG_MALFORMED }, { "{", EG_MALFORMED }, { "", EG_MALFORMED },
		{ "{" AUD ",\"iat\":1795168800,\"exp\":1795169700}x", EG_MALFORMED },
	};

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		const char *text = signed_with_our_key(HEADER, cases[i].payload, strlen(cases[i].payload));
		eg_err e = parse(signer, JWT_SESSION, text, NOW);

		if (e != cases[i].want)
			fail_msg("%s: %s", cases[i].payload, eg_err_name(e));
	}
}

/* Each character of a token replaced by others of the alphabet, and by what is not in it. */
static void
every_changed_character(void **state)
{
	static const char others[] = "AZaz09-_.=+/ \n";
	char text[] = KNOWN;

	for (size_t at = 0; at < strlen(KNOWN); at++) {
		for (size_t i = 0; i < sizeof(others); i++) {
			json_object *found = NULL;
			eg_err e;

			if (others[i] == KNOWN[at])
				continue;
			text[at] = others[i];
			e = jwt_parse(signer, arena, JWT_SESSION, text, strlen(KNOWN), NOW, &found);
			if ((e != EG_MALFORMED && e != EG_FORGED) || found != NULL)
				fail_msg("'%c' at %zu: %s", others[i], at, eg_err_name(e));
		}
		text[at] = KNOWN[at];
	}
}

static void
every_length(void **state)
{
	json_object *found = NULL;

	for (size_t len = 0; len < strlen(KNOWN); len++) {
		char *cut = malloc(len == 0 ? 1 : len);         /* so that ASan sees a read behind the end */
		eg_err e;

		memcpy(cut, KNOWN, len);
		e = jwt_parse(signer, arena, JWT_SESSION, cut, len, NOW, &found);
		assert_true(e == EG_MALFORMED || e == EG_FORGED);
		assert_null(found);
		free(cut);
	}
	assert_int_equal(parse(signer, JWT_SESSION, KNOWN "A", NOW), EG_MALFORMED);
	assert_int_equal(parse(signer, JWT_SESSION, KNOWN ".", NOW), EG_MALFORMED);
	assert_int_equal(parse(signer, JWT_SESSION, KNOWN "=", NOW), EG_MALFORMED);
	assert_int_equal(parse(signer, JWT_SESSION, " " KNOWN, NOW), EG_MALFORMED);
}

/* What can be made can be read: the longest text has 2,048 bytes. */
static void
size_bound(void **state)
{
	size_t longest = 0;

	for (size_t n = 1300; n < 1500; n++) {
		json_object *made = json_new_object(arena);
		const char *text;
		eg_err e;

		json_add_str(made, "x", arena_printf(arena, "%0*d", (int)n, 1));
		e = jwt_make(signer, arena, JWT_SESSION, made, NOW, TTL, &text);
		if (e == EG_OK) {
			longest = strlen(text);
			assert_in_range(longest, 1, JWT_MAX);
			assert_int_equal(parse(signer, JWT_SESSION, text, NOW), EG_OK);
		} else {
			assert_int_equal(e, EG_TOO_LARGE);
		}
	}
	assert_in_range(longest, JWT_MAX - 1, JWT_MAX);
}

static void
too_long_to_read(void **state)
{
	const char *payload = arena_printf(arena, "{" AUD ",\"iat\":1795168800,\"exp\":1795169700,\"x\":\"%01500d\"}", 1);

	assert_int_equal(parse(signer, JWT_SESSION, signed_with_our_key(HEADER, payload, strlen(payload)), NOW), EG_MALFORMED);
}

static void
key_rotation(void **state)
{
	struct keyring *ring_both, *ring_new;
	struct jwt_signer *both = open_signer("1 " KEY_A "\n2 " KEY_B, &ring_both), *only_new = open_signer("2 " KEY_B, &ring_new);
	const char *new = make(both, JWT_SESSION);

	assert_string_not_equal(new, KNOWN);
	assert_int_equal(parse(both, JWT_SESSION, KNOWN, NOW), EG_OK);
	assert_int_equal(parse(both, JWT_SESSION, new, NOW), EG_OK);
	assert_int_equal(parse(only_new, JWT_SESSION, KNOWN, NOW), EG_FORGED);
	assert_int_equal(parse(only_new, JWT_SESSION, new, NOW), EG_OK);
	assert_int_equal(parse(signer, JWT_SESSION, new, NOW), EG_FORGED);
	jwt_signer_free(both);
	jwt_signer_free(only_new);
	keyring_free(ring_both);
	keyring_free(ring_new);
}

/* A claim of ours that the caller set before is replaced, not doubled. */
static void
own_claims_win(void **state)
{
	json_object *made = json_new_object(arena), *found;
	const char *text;

	json_add_str(made, "aud", "somebody");
	json_add_int(made, "exp", 1);
	json_add_int(made, "iat", 1);
	assert_int_equal(jwt_make(signer, arena, JWT_AGENT_ACCESS, made, NOW, 86400, &text), EG_OK);
	assert_int_equal(jwt_parse(signer, arena, JWT_AGENT_ACCESS, text, strlen(text), NOW, &found), EG_OK);
	assert_int_equal(json_get_int(found, "exp", 0), NOW + 86400);           /* C9 */
	assert_int_equal(json_get_int(found, "iat", 0), NOW);
	assert_int_equal(jwt_make(signer, arena, (enum jwt_kind)0, made, NOW, 1, &text), EG_INTERNAL);
}

static void
looks(void **state)
{
	static const struct {
		const char *text;
		int want;
	} cases[] = {
		{ KNOWN, 1 },
		{ "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9..", 1 },
		{ "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.a.b", 1 },
		{ "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.a.b.c", 0 },
		{ "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.a", 0 },
		{ "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.", 0 },
		{ "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9", 0 },
		{ "eyJhbGciOiJub25lIn0.a.b", 0 },
		{ "emb_AQIDBAURAX8i4nmwfMOYxNwMDAc5jyYJ69tTn10xVBVj3T3PaeH3fHqp", 0 },
		{ "", 0 },
	};

	for (size_t i = 0; i < EG_COUNT(cases); i++)
		assert_int_equal(jwt_looks_like(cases[i].text, strlen(cases[i].text)), cases[i].want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_answer),
		cmocka_unit_test(time_bounds),
		cmocka_unit_test(kinds),
		cmocka_unit_test(other_headers),
		cmocka_unit_test(claims),
		cmocka_unit_test(every_changed_character),
		cmocka_unit_test(every_length),
		cmocka_unit_test(size_bound),
		cmocka_unit_test(too_long_to_read),
		cmocka_unit_test(key_rotation),
		cmocka_unit_test(own_claims_win),
		cmocka_unit_test(looks),
	};

	log_open("test", (enum log_level)(LOG_LEVEL_ERROR + 1));        /* the faults made here are no news */
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
