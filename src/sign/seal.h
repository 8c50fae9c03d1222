/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seal.h - secrets that must be kept for a while (a flash, an idempotent answer): AES-256-GCM (NIST SP 800-38D) under a
 * derived key. Text = base64url of key number(1) nonce(12) ciphertext tag(16). `context` is authenticated with it, so a
 * sealed text cannot be moved to another place. */
#ifndef EG_SIGN_SEAL_H
#define EG_SIGN_SEAL_H

#include "base/arena.h"
#include "sign/keyring.h"

eg_err seal_make(const struct keyring *ring, struct arena *a, const char *context, const void *bytes, size_t len,
    const char **out) EG_CHECKED;
/* EG_FORGED where it does not authenticate. The bytes get a NUL behind them. */
eg_err seal_open(const struct keyring *ring, struct arena *a, const char *context, const char *text, void **out,
    size_t *out_len) EG_CHECKED;

#endif
