/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keyring.h - the master keys, and every key in use derived from them.
 * The key file: up to 15 lines "NUMBER BASE64URL", number 1 to 15, 32 random bytes each; empty lines and lines that start
 * with # are skipped; a trailing newline or CR is no part of a key. Owner only (no bit of 077), a regular file owned by the
 * effective user or root, not a symbolic link. New things use the highest number; old ones verify until their line is removed.
 * Derived keys: HKDF-SHA256 (RFC 5869, expand only: the input is already uniform), info = "embedgate " + label. */
#ifndef EG_SIGN_KEYRING_H
#define EG_SIGN_KEYRING_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

#define KEYRING_KEY_SIZE 32
#define KEYRING_MAX_NUMBER 15

struct keyring;

/* EG_CONFIG where the file is missing, not a regular file, readable by others, short, malformed or has a number twice;
 * `*why` is then a sentence that says what to do, in static or arena memory of `a`. A key of fewer than eight different bytes
 * was not drawn at random and is refused, too. */
eg_err keyring_load(struct arena *a, const char *path, struct keyring **out, const char **why) EG_CHECKED;
/* From the text of a key file, whoever wrote it; for tests. */
eg_err keyring_parse(struct arena *a, const char *text, size_t len, struct keyring **out, const char **why) EG_CHECKED;
/* Write a new key file with one random key, mode 0600, synced with its folder. EG_EXISTS where there is one,
 * EG_RANDOM, EG_IO; nothing is left behind then. */
eg_err keyring_create(const char *path) EG_CHECKED;
/* Wipes. NULL is allowed. */
void keyring_free(struct keyring *ring);

unsigned keyring_newest(const struct keyring *ring);
/* Is there a key of that number? */
int keyring_has(const struct keyring *ring, unsigned number);

/* A copy of a key for one purpose; the caller wipes it with keyring_wipe(). EG_NOTFOUND: no key of that number. */
eg_err keyring_derive(const struct keyring *ring, unsigned number, const char *label, uint8_t out[KEYRING_KEY_SIZE]) EG_CHECKED;

/* Fill with randomness (getrandom through OpenSSL). EG_RANDOM where there is none: never weaker bytes instead. */
eg_err keyring_random(void *out, size_t len) EG_CHECKED;
void keyring_wipe(void *bytes, size_t len);
/* Constant time in the content. 1 where equal. */
int keyring_equal(const void *x, const void *y, size_t len);

#endif
