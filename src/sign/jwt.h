/* SPDX-License-Identifier: GPL-3.0-or-later */
/* jwt.h - JWT in JWS compact form (RFC 7515, RFC 7519), HS256 and nothing else (RFC 8725 section 3.1).
 * The header is always the bytes of {"alg":"HS256","typ":"JWT"} and is compared, never interpreted: there is no algorithm to
 * confuse and no key id to follow. The kind of a token is told twice: by its derived key and by its `aud`. */
#ifndef EG_SIGN_JWT_H
#define EG_SIGN_JWT_H

#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "sign/keyring.h"

#define JWT_MAX 2048    /* bytes of an accepted text */

enum jwt_kind {
	JWT_SESSION = 1,        /* aud "embedgate:session": the auth_token of the exchange */
	JWT_AGENT_ACCESS,       /* aud "embedgate:agent-access" */
	JWT_AGENT_REFRESH,      /* aud "embedgate:agent-refresh" */
};

struct jwt_signer;
eg_err jwt_signer_open(const struct keyring *ring, struct jwt_signer **out) EG_CHECKED;
void jwt_signer_free(struct jwt_signer *s);

/* Sign `claims`, adding to it "aud", "iat" (now_s) and "exp" (now_s + ttl_s). The text is in the arena. EG_TOO_LARGE where
 * it would be longer than JWT_MAX. */
eg_err jwt_make(struct jwt_signer *s, struct arena *a, enum jwt_kind kind, json_object *claims, int64_t now_s, int64_t ttl_s,
    const char **out) EG_CHECKED;

/* Check untrusted text. Any key of the ring may have signed it. Nothing of the claims is read before the signature is good.
 *   EG_OK         genuine and in its time: *claims is filled
 *   EG_MALFORMED  not three parts of base64url, another header, claims that are no JSON object or lack aud, iat or exp
 *   EG_FORGED     signature wrong, or another `aud`
 *   EG_NOT_YET    genuine, but iat is more than 60 s ahead of now_s; *claims is filled
 *   EG_EXPIRED    genuine, but now_s >= exp; *claims is filled */
eg_err jwt_parse(struct jwt_signer *s, struct arena *a, enum jwt_kind kind, const char *text, size_t len, int64_t now_s,
    json_object **claims) EG_CHECKED;

/* Does this text look like a JWT (two dots, begins with the one header)? To tell credentials apart, not to trust them. */
int jwt_looks_like(const char *text, size_t len);

#endif
