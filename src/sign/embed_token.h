/* SPDX-License-Identifier: GPL-3.0-or-later */
/* embed_token.h - embed token text <-> its parts. Pure: no clock, no files, no store; the caller brings the keys.
 * Text = prefix ("emb_" or "emu_") + base64url of issue(5) head(1) id(16) mac(16) crc32(4): 42 bytes, 56 characters, 60 in all.
 *   head   key number (high 4 bits), purpose (low 4 bits)
 *   secret HMAC-SHA256 under the derived key of that number over issue and id: each token and each issue has its own
 *   mac    HMAC-SHA256 under that secret over issue, head and id, truncated to 128 bits (RFC 2104 section 5)
 *   crc32  over prefix and the bytes before it, big endian */
#ifndef EG_SIGN_EMBED_TOKEN_H
#define EG_SIGN_EMBED_TOKEN_H

#include <stddef.h>
#include <stdint.h>

#include "base/uuid.h"
#include "sign/keyring.h"

#define EMBED_TOKEN_LEN 60
#define EMBED_TOKEN_SIZE 61
#define EMBED_TOKEN_ISSUE_SIZE 5
#define EMBED_TOKEN_PREFIX_SIZE 14      /* "emb_AbC123..." and its NUL */

enum token_purpose {
	TOKEN_EMBED = 1,        /* emb_: for browsers, in an attribute, a header or the exchange */
	TOKEN_URL = 2,          /* emu_: in an embed URL only */
};

struct embed_token {
	struct uuid id;                         /* of the record */
	uint8_t issue[EMBED_TOKEN_ISSUE_SIZE];  /* which text of that record this is */
	enum token_purpose purpose;
};

/* Keeps keyed contexts for each key number; one per process. */
struct embed_token_signer;
eg_err embed_token_signer_open(const struct keyring *ring, struct embed_token_signer **out) EG_CHECKED;
void embed_token_signer_free(struct embed_token_signer *s);

/* A random issue for a new token or a rotation. */
eg_err embed_token_new_issue(uint8_t out[EMBED_TOKEN_ISSUE_SIZE]) EG_CHECKED;

/* Sign with the newest key. */
eg_err embed_token_make(struct embed_token_signer *s, const struct embed_token *t, char out[EMBED_TOKEN_SIZE]) EG_CHECKED;

/* Check untrusted `text` and fill `out`.
 *   EG_OK         genuine: only now is `out` written
 *   EG_MALFORMED  length, alphabet, head or checksum: a typo, no key was used
 *   EG_FORGED     well formed, not signed by any key of the ring
 * The time taken does not depend on how much of the signature matches. The purpose is reported, not judged. */
eg_err embed_token_parse(struct embed_token_signer *s, const char *text, size_t text_len, struct embed_token *out) EG_CHECKED;

/* What a list shows of the token that carries this issue: the prefix, six characters, "..."; no part of the secret. */
void embed_token_prefix(const uint8_t issue[EMBED_TOKEN_ISSUE_SIZE], char out[EMBED_TOKEN_PREFIX_SIZE]);

#endif
