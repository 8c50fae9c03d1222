/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sign/api_key.h"

#include <stdlib.h>
#include <string.h>

#include "base/codec.h"
#include "sign/mac.h"

#define PREFIX_LEN 4
#define SECRET_SIZE 32
#define BODY_SIZE (SECRET_SIZE + 4)

_Static_assert(PREFIX_LEN + BASE64URL_LEN(BODY_SIZE) == API_KEY_LEN, "the layout fills the text");
_Static_assert(BASE64URL_LEN(MAC_SIZE) + 1 == API_KEY_LOOKUP_SIZE, "a look-up is a whole MAC");

struct api_key_signer {
	struct mac_set keys;
};

static const struct {
	enum api_key_type type;
	const char *prefix;
} types[] = {
	{ API_KEY_PARTNER,   "egp_" },
	{ API_KEY_CUSTOMER,  "egc_" },
	{ API_KEY_READ_ONLY, "egr_" },
	{ API_KEY_WEBHOOK,   "egw_" },
};

const char *
api_key_type_prefix(enum api_key_type type)
{
	for (size_t i = 0; i < EG_COUNT(types); i++) {
		if (types[i].type == type)
			return types[i].prefix;
	}
	return NULL;
}

static void
checksum(const char *prefix, const uint8_t *secret, uint8_t out[4])
{
	codec_put_be32(out, codec_crc32(codec_crc32(0, prefix, PREFIX_LEN), secret, SECRET_SIZE));
}

eg_err
api_key_make(enum api_key_type type, char out[API_KEY_SIZE])
{
	const char *prefix = api_key_type_prefix(type);
	uint8_t body[BODY_SIZE];

	if (prefix == NULL)
		return eg_fail(EG_INTERNAL, "api_key_make: no type %d", (int)type);
	EG_TRY(keyring_random(body, SECRET_SIZE));
	checksum(prefix, body, body + SECRET_SIZE);
	memcpy(out, prefix, PREFIX_LEN);
	base64url_encode(body, sizeof(body), out + PREFIX_LEN);
	keyring_wipe(body, sizeof(body));
	return EG_OK;
}

eg_err
api_key_parse(const char *text, size_t len, enum api_key_type *type)
{
	uint8_t body[BODY_SIZE];
	uint8_t crc[4];
	size_t body_len;
	eg_err e;

	if (len != API_KEY_LEN)
		return EG_MALFORMED;
	e = base64url_decode(text + PREFIX_LEN, len - PREFIX_LEN, body, sizeof(body), &body_len);
	if (e == EG_OK) {
		checksum(text, body, crc);
		e = memcmp(crc, body + SECRET_SIZE, sizeof(crc)) == 0 ? EG_OK : EG_MALFORMED;
	}
	keyring_wipe(body, sizeof(body));
	EG_TRY(e);
	for (size_t i = 0; i < EG_COUNT(types); i++) {
		if (memcmp(text, types[i].prefix, PREFIX_LEN) == 0) {
			*type = types[i].type;
			return EG_OK;
		}
	}
	return EG_MALFORMED;
}

void
api_key_prefix(const char *text, char out[API_KEY_PREFIX_SIZE])
{
	memcpy(out, text, PREFIX_LEN + 6);
	memcpy(out + PREFIX_LEN + 6, "...", 4);
}

eg_err
api_key_signer_open(const struct keyring *ring, struct api_key_signer **out)
{
	struct api_key_signer *s = calloc(1, sizeof(*s));
	eg_err e;

	if (s == NULL)
		arena_exhausted();
	e = mac_set_open(ring, "api-key", &s->keys);
	if (e != EG_OK) {
		free(s);
		return e;
	}
	*out = s;
	return EG_OK;
}

void
api_key_signer_free(struct api_key_signer *s)
{
	if (s == NULL)
		return;
	mac_set_free(&s->keys);
	free(s);
}

eg_err
api_key_lookup(struct api_key_signer *s, unsigned number, const char *text, char out[API_KEY_LOOKUP_SIZE])
{
	const struct mac_part part = { text, API_KEY_LEN };
	uint8_t mac[MAC_SIZE];

	if (number > KEYRING_MAX_NUMBER || s->keys.by_number[number] == NULL)
		return EG_NOTFOUND;
	EG_TRY(mac_compute(s->keys.by_number[number], &part, 1, mac));
	base64url_encode(mac, sizeof(mac), out);
	return EG_OK;
}
