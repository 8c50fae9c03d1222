/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sign/csrf.h"

#include <stdlib.h>
#include <string.h>

#include "base/codec.h"

#define NONCE_SIZE sizeof(struct uuid)
#define FORM_MAC_SIZE 16
#define BODY_SIZE (NONCE_SIZE + FORM_MAC_SIZE)
#define LIFE_S 86400

_Static_assert(BASE64URL_LEN(BODY_SIZE) == CSRF_LEN, "the layout fills the text");

struct csrf_signer {
	struct mac_set keys;
};

eg_err
csrf_signer_open(const struct keyring *ring, struct csrf_signer **out)
{
	struct csrf_signer *s = calloc(1, sizeof(*s));
	eg_err e;

	if (s == NULL)
		arena_exhausted();
	e = mac_set_open(ring, "csrf", &s->keys);
	if (e != EG_OK) {
		free(s);
		return e;
	}
	*out = s;
	return EG_OK;
}

void
csrf_signer_free(struct csrf_signer *s)
{
	if (s == NULL)
		return;
	mac_set_free(&s->keys);
	free(s);
}

/* The ids have a fixed length, so the action needs no frame between them. */
static eg_err
form_mac(struct mac *key, const struct uuid *session_id, const char *action, const uint8_t *nonce, uint8_t out[MAC_SIZE])
{
	const struct mac_part parts[] = {
		{ session_id->b, sizeof(session_id->b) }, { action, strlen(action) }, { nonce, NONCE_SIZE },
	};

	return mac_compute(key, parts, EG_COUNT(parts), out);
}

eg_err
csrf_make(struct csrf_signer *s, const struct uuid *session_id, const char *action, char out[CSRF_SIZE])
{
	uint8_t body[BODY_SIZE];
	uint8_t mac[MAC_SIZE];
	struct uuid nonce;

	EG_TRY(uuid_make(&nonce));
	memcpy(body, nonce.b, NONCE_SIZE);
	EG_TRY(form_mac(s->keys.by_number[s->keys.newest], session_id, action, body, mac));
	memcpy(body + NONCE_SIZE, mac, FORM_MAC_SIZE);
	base64url_encode(body, sizeof(body), out);
	return EG_OK;
}

eg_err
csrf_check(struct csrf_signer *s, const struct uuid *session_id, const char *action, const char *text, int64_t now_s,
    struct uuid *nonce)
{
	uint8_t body[BODY_SIZE];
	uint8_t mac[MAC_SIZE];
	struct uuid found;
	size_t len;
	int match = 0;

	if (text == NULL || strnlen(text, CSRF_LEN + 1) != CSRF_LEN ||
	    base64url_decode(text, CSRF_LEN, body, sizeof(body), &len) != EG_OK)
		return EG_FORGED;
	for (unsigned i = s->keys.newest; i > 0 && !match; i--) {
		if (s->keys.by_number[i] == NULL)
			continue;
		EG_TRY(form_mac(s->keys.by_number[i], session_id, action, body, mac));
		match = keyring_equal(mac, body + NONCE_SIZE, FORM_MAC_SIZE);
		keyring_wipe(mac, sizeof(mac));
	}
	memcpy(found.b, body, NONCE_SIZE);
	if (!match || now_s - uuid_time_s(&found) > LIFE_S)
		return EG_FORGED;
	*nonce = found;
	return EG_OK;
}
