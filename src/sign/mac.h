/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mac.h - HMAC-SHA256 (RFC 2104) under one key for many messages: the keyed context is made once and re-initialised
 * without a key, which is five times cheaper than keying it anew. Not for use from several threads. */
#ifndef EG_SIGN_MAC_H
#define EG_SIGN_MAC_H

#include <stddef.h>
#include <stdint.h>

#include "sign/keyring.h"

#define MAC_SIZE 32

struct mac;

/* Under the key of that number derived for `label`. Freed, and its key wiped, by mac_free(). */
eg_err mac_open(const struct keyring *ring, unsigned number, const char *label, struct mac **out) EG_CHECKED;
eg_err mac_open_raw(const uint8_t key[KEYRING_KEY_SIZE], struct mac **out) EG_CHECKED;
void mac_free(struct mac *m);
/* Go on with another key, for messages that have one each. Half the price of a new context. */
eg_err mac_rekey(struct mac *m, const uint8_t key[KEYRING_KEY_SIZE]) EG_CHECKED;

struct mac_part {
	const void *bytes;
	size_t len;
};

/* MAC over the parts one behind the other. The caller frames them so that no two inputs read the same. */
eg_err mac_compute(struct mac *m, const struct mac_part *parts, size_t n, uint8_t out[MAC_SIZE]) EG_CHECKED;

/* One for each number of a ring, for one label. Free a set that was opened, or is all zero, with mac_set_free(). */
struct mac_set {
	struct mac *by_number[KEYRING_MAX_NUMBER + 1];          /* NULL: the ring has no such key */
	unsigned newest;
};

eg_err mac_set_open(const struct keyring *ring, const char *label, struct mac_set *out) EG_CHECKED;
void mac_set_free(struct mac_set *set);

/* SHA-256 of `len` bytes. */
eg_err mac_sha256(const void *bytes, size_t len, uint8_t out[32]) EG_CHECKED;
/* SHA-384 of `len` bytes, for Subresource Integrity. */
eg_err mac_sha384(const void *bytes, size_t len, uint8_t out[48]) EG_CHECKED;

#endif
