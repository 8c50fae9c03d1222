/* SPDX-License-Identifier: GPL-3.0-or-later */
/* csrf.h - form tokens: base64url of nonce(16) mac(16), mac = HMAC-SHA256(derived key, session id, action, nonce) truncated.
 * Bound to one session and one form action; ends with the session. The nonce is a UUIDv7: a form that makes a thing uses it
 * as the new thing's id, so that a form sent twice makes one thing. */
#ifndef EG_SIGN_CSRF_H
#define EG_SIGN_CSRF_H

#include "base/uuid.h"
#include "sign/mac.h"

#define CSRF_LEN 43
#define CSRF_SIZE 44

struct csrf_signer;
eg_err csrf_signer_open(const struct keyring *ring, struct csrf_signer **out) EG_CHECKED;
void csrf_signer_free(struct csrf_signer *s);

/* `action` is the path the form posts to. */
eg_err csrf_make(struct csrf_signer *s, const struct uuid *session_id, const char *action, char out[CSRF_SIZE]) EG_CHECKED;
/* EG_OK and the nonce; EG_FORGED for anything else, also a token older than 24 h by its nonce. */
eg_err csrf_check(struct csrf_signer *s, const struct uuid *session_id, const char *action, const char *text, int64_t now_s,
    struct uuid *nonce) EG_CHECKED;

#endif
