/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sign/jwt.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/codec.h"
#include "sign/mac.h"

/* {"alg":"HS256","typ":"JWT"} and the dot behind it */
#define HEADER "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
#define HEADER_LEN (sizeof(HEADER) - 1)
#define SIGNATURE_LEN BASE64URL_LEN(MAC_SIZE)
#define EARLY_S 60      /* an iat may be ahead by this much */

static const struct {
	const char *label;
	const char *audience;
} kinds[] = {
	[JWT_SESSION] =       { "jwt session",       "embedgate:session" },
	[JWT_AGENT_ACCESS] =  { "jwt agent access",  "embedgate:agent-access" },
	[JWT_AGENT_REFRESH] = { "jwt agent refresh", "embedgate:agent-refresh" },
};

struct jwt_signer {
	struct mac_set keys[EG_COUNT(kinds)];
};

eg_err
jwt_signer_open(const struct keyring *ring, struct jwt_signer **out)
{
	struct jwt_signer *s = calloc(1, sizeof(*s));

	if (s == NULL)
		arena_exhausted();
	for (size_t i = JWT_SESSION; i < EG_COUNT(kinds); i++) {
		eg_err e = mac_set_open(ring, kinds[i].label, &s->keys[i]);

		if (e != EG_OK) {
			jwt_signer_free(s);
			return e;
		}
	}
	*out = s;
	return EG_OK;
}

void
jwt_signer_free(struct jwt_signer *s)
{
	if (s == NULL)
		return;
	for (size_t i = JWT_SESSION; i < EG_COUNT(kinds); i++)
		mac_set_free(&s->keys[i]);
	free(s);
}

static bool
is_kind(enum jwt_kind kind)
{
	return kind >= JWT_SESSION && kind < EG_COUNT(kinds);
}

eg_err
jwt_make(struct jwt_signer *s, struct arena *a, enum jwt_kind kind, json_object *claims, int64_t now_s, int64_t ttl_s,
    const char **out)
{
	const struct mac_set *keys;
	const char *payload;
	uint8_t mac[MAC_SIZE];
	size_t payload_len, signed_len;
	char *text;

	if (!is_kind(kind))
		return eg_fail(EG_INTERNAL, "jwt_make: no kind %d", (int)kind);
	keys = &s->keys[kind];
	json_add_str(claims, "aud", kinds[kind].audience);
	json_add_int(claims, "iat", now_s);
	json_add_int(claims, "exp", now_s + ttl_s);
	payload = json_text(a, claims, &payload_len);
	signed_len = HEADER_LEN + BASE64URL_LEN(payload_len);
	if (signed_len + 1 + SIGNATURE_LEN > JWT_MAX)
		return EG_TOO_LARGE;
	text = arena_alloc(a, signed_len + 1 + SIGNATURE_LEN + 1);
	memcpy(text, HEADER, HEADER_LEN);
	base64url_encode(payload, payload_len, text + HEADER_LEN);
	EG_TRY(mac_compute(keys->by_number[keys->newest], &(struct mac_part){ text, signed_len }, 1, mac));
	text[signed_len] = '.';
	base64url_encode(mac, sizeof(mac), text + signed_len + 1);
	*out = text;
	return EG_OK;
}

/* EG_OK where a key of the set signed it, newest first; EG_FORGED where none did. */
static eg_err
check_signature(const struct mac_set *keys, const char *text, size_t signed_len, const uint8_t signature[MAC_SIZE])
{
	const struct mac_part part = { text, signed_len };
	uint8_t mac[MAC_SIZE];
	int match = 0;

	for (unsigned i = keys->newest; i > 0 && !match; i--) {
		if (keys->by_number[i] == NULL)
			continue;
		EG_TRY(mac_compute(keys->by_number[i], &part, 1, mac));
		match = keyring_equal(mac, signature, sizeof(mac));
		keyring_wipe(mac, sizeof(mac));
	}
	return match ? EG_OK : EG_FORGED;
}

static eg_err
check_claims(enum jwt_kind kind, json_object *claims, int64_t now_s)
{
	const char *audience = json_get_str(claims, "aud");
	json_object *iat, *exp;

	if (audience == NULL || !json_object_object_get_ex(claims, "iat", &iat) ||
	    !json_object_object_get_ex(claims, "exp", &exp) || !json_object_is_type(iat, json_type_int) ||
	    !json_object_is_type(exp, json_type_int))
		return EG_MALFORMED;
	if (strcmp(audience, kinds[kind].audience) != 0)
		return EG_FORGED;
	if (json_object_get_int64(iat) > now_s + EARLY_S)
		return EG_NOT_YET;
	if (now_s >= json_object_get_int64(exp))
		return EG_EXPIRED;
	return EG_OK;
}

eg_err
jwt_parse(struct jwt_signer *s, struct arena *a, enum jwt_kind kind, const char *text, size_t len, int64_t now_s,
    json_object **claims)
{
	uint8_t signature[MAC_SIZE];
	json_object *found;
	size_t signed_len, payload_len, signature_len;
	char *payload;
	eg_err e;

	if (!is_kind(kind))
		return eg_fail(EG_INTERNAL, "jwt_parse: no kind %d", (int)kind);
	if (len > JWT_MAX || len < HEADER_LEN + 1 + SIGNATURE_LEN || memcmp(text, HEADER, HEADER_LEN) != 0)
		return EG_MALFORMED;
	signed_len = len - 1 - SIGNATURE_LEN;
	if (text[signed_len] != '.')
		return EG_MALFORMED;
	payload = arena_alloc(a, len);
	EG_TRY(base64url_decode(text + HEADER_LEN, signed_len - HEADER_LEN, payload, len, &payload_len));
	EG_TRY(base64url_decode(text + signed_len + 1, SIGNATURE_LEN, signature, sizeof(signature), &signature_len));
	EG_TRY(check_signature(&s->keys[kind], text, signed_len, signature));

	EG_TRY(json_parse_strict(a, payload, payload_len, &found, NULL));
	if (!json_object_is_type(found, json_type_object))
		return EG_MALFORMED;
	e = check_claims(kind, found, now_s);
	if (e == EG_OK || e == EG_NOT_YET || e == EG_EXPIRED)
		*claims = found;
	return e;
}

int
jwt_looks_like(const char *text, size_t len)
{
	const char *second;

	if (len <= HEADER_LEN || memcmp(text, HEADER, HEADER_LEN) != 0)
		return 0;
	text += HEADER_LEN;
	len -= HEADER_LEN;
	second = memchr(text, '.', len);
	return second != NULL && memchr(second + 1, '.', len - (size_t)(second + 1 - text)) == NULL;
}
