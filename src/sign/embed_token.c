/* SPDX-License-Identifier: GPL-3.0-or-later */
/* embed_token.c - one table of prefixes, one layout, and a signature that only make and parse know. */
#include "sign/embed_token.h"

#include <stdlib.h>
#include <string.h>

#include "base/codec.h"
#include "sign/mac.h"

#define PREFIX_LEN 4
#define ID_SIZE sizeof(struct uuid)
#define TOKEN_MAC_SIZE 16
#define SIGNED_SIZE (EMBED_TOKEN_ISSUE_SIZE + 1 + ID_SIZE)      /* issue, head, id */
#define CRC_AT (SIGNED_SIZE + TOKEN_MAC_SIZE)
#define BODY_SIZE (CRC_AT + 4)

_Static_assert(PREFIX_LEN + BASE64URL_LEN(BODY_SIZE) == EMBED_TOKEN_LEN, "the layout fills the text");

struct embed_token_signer {
	struct mac_set keys;
	struct mac *token;      /* keyed anew for each token, with that token's own secret */
};

static const char *
prefix_of(enum token_purpose purpose)
{
	switch (purpose) {
	case TOKEN_EMBED:	return "emb_";
	case TOKEN_URL:		return "emu_";
	}
	return NULL;
}

eg_err
embed_token_signer_open(const struct keyring *ring, struct embed_token_signer **out)
{
	static const uint8_t no_key[KEYRING_KEY_SIZE];
	struct embed_token_signer *s = calloc(1, sizeof(*s));
	eg_err e;

	if (s == NULL)
		arena_exhausted();
	e = mac_set_open(ring, "embed-token", &s->keys);
	if (e == EG_OK)
		e = mac_open_raw(no_key, &s->token);
	if (e != EG_OK) {
		embed_token_signer_free(s);
		return e;
	}
	*out = s;
	return EG_OK;
}

void
embed_token_signer_free(struct embed_token_signer *s)
{
	if (s == NULL)
		return;
	mac_set_free(&s->keys);
	mac_free(s->token);
	free(s);
}

eg_err
embed_token_new_issue(uint8_t out[EMBED_TOKEN_ISSUE_SIZE])
{
	return keyring_random(out, EMBED_TOKEN_ISSUE_SIZE);
}

static void
checksum(const char *prefix, const uint8_t body[BODY_SIZE], uint8_t out[4])
{
	codec_put_be32(out, codec_crc32(codec_crc32(0, prefix, PREFIX_LEN), body, CRC_AT));
}

/* The full MAC over the signed part of `body`, by the key of the number in its head. EG_NOTFOUND: no such key. */
static eg_err
sign(struct embed_token_signer *s, const uint8_t body[BODY_SIZE], uint8_t out[MAC_SIZE])
{
	const uint8_t *id = body + EMBED_TOKEN_ISSUE_SIZE + 1;
	const struct mac_part naming[] = { { body, EMBED_TOKEN_ISSUE_SIZE }, { id, ID_SIZE } };
	const struct mac_part message[] = { { body, SIGNED_SIZE } };
	struct mac *key = s->keys.by_number[body[EMBED_TOKEN_ISSUE_SIZE] >> 4];
	uint8_t secret[MAC_SIZE];
	eg_err e;

	if (key == NULL)
		return EG_NOTFOUND;
	e = mac_compute(key, naming, EG_COUNT(naming), secret);
	if (e == EG_OK)
		e = mac_rekey(s->token, secret);
	if (e == EG_OK)
		e = mac_compute(s->token, message, EG_COUNT(message), out);
	keyring_wipe(secret, sizeof(secret));
	return e;
}

eg_err
embed_token_make(struct embed_token_signer *s, const struct embed_token *t, char out[EMBED_TOKEN_SIZE])
{
	const char *prefix = prefix_of(t->purpose);
	uint8_t body[BODY_SIZE];
	uint8_t mac[MAC_SIZE];
	eg_err e;

	if (prefix == NULL)
		return eg_fail(EG_INTERNAL, "embed_token_make: no purpose %d", (int)t->purpose);
	memcpy(body, t->issue, EMBED_TOKEN_ISSUE_SIZE);
	body[EMBED_TOKEN_ISSUE_SIZE] = (uint8_t)(s->keys.newest << 4 | (unsigned)t->purpose);
	memcpy(body + EMBED_TOKEN_ISSUE_SIZE + 1, t->id.b, ID_SIZE);
	e = sign(s, body, mac);
	if (e == EG_OK) {
		memcpy(body + SIGNED_SIZE, mac, TOKEN_MAC_SIZE);
		checksum(prefix, body, body + CRC_AT);
		memcpy(out, prefix, PREFIX_LEN);
		base64url_encode(body, sizeof(body), out + PREFIX_LEN);
	}
	keyring_wipe(body, sizeof(body));
	keyring_wipe(mac, sizeof(mac));
	return e;
}

/* Everything that can be told without a key. */
static eg_err
decode(const char *text, size_t text_len, uint8_t body[BODY_SIZE])
{
	uint8_t crc[4];
	const char *prefix;
	unsigned head;
	size_t len;

	if (text_len != EMBED_TOKEN_LEN)
		return EG_MALFORMED;
	EG_TRY(base64url_decode(text + PREFIX_LEN, text_len - PREFIX_LEN, body, BODY_SIZE, &len));
	checksum(text, body, crc);
	if (memcmp(crc, body + CRC_AT, sizeof(crc)) != 0)
		return EG_MALFORMED;
	head = body[EMBED_TOKEN_ISSUE_SIZE];
	prefix = prefix_of(head & 15);
	if (prefix == NULL || memcmp(text, prefix, PREFIX_LEN) != 0 || head >> 4 == 0)
		return EG_MALFORMED;
	return EG_OK;
}

eg_err
embed_token_parse(struct embed_token_signer *s, const char *text, size_t text_len, struct embed_token *out)
{
	uint8_t body[BODY_SIZE];
	uint8_t mac[MAC_SIZE];
	eg_err e = decode(text, text_len, body);

	if (e == EG_OK)
		e = sign(s, body, mac);
	if (e == EG_NOTFOUND || (e == EG_OK && !keyring_equal(mac, body + SIGNED_SIZE, TOKEN_MAC_SIZE)))
		e = EG_FORGED;
	if (e == EG_OK) {
		memcpy(out->issue, body, EMBED_TOKEN_ISSUE_SIZE);
		memcpy(out->id.b, body + EMBED_TOKEN_ISSUE_SIZE + 1, ID_SIZE);
		out->purpose = body[EMBED_TOKEN_ISSUE_SIZE] & 15;
	}
	keyring_wipe(body, sizeof(body));
	keyring_wipe(mac, sizeof(mac));         /* of a forgery, this is what the forger looks for */
	return e;
}

void
embed_token_prefix(const uint8_t issue[EMBED_TOKEN_ISSUE_SIZE], char out[EMBED_TOKEN_PREFIX_SIZE])
{
	char text[BASE64URL_LEN(EMBED_TOKEN_ISSUE_SIZE) + 1];

	base64url_encode(issue, EMBED_TOKEN_ISSUE_SIZE, text);
	memcpy(out, "emb_", PREFIX_LEN);
	memcpy(out + PREFIX_LEN, text, 6);
	memcpy(out + PREFIX_LEN + 6, "...", 4);
}
