/* SPDX-License-Identifier: GPL-3.0-or-later */
/* api_key.h - API key text and its look-up value.
 * Text = prefix (egp_ partner, egc_ customer, egr_ read-only, egw_ webhook) + base64url of 32 random bytes and their
 * big-endian crc32 (over prefix and bytes): 36 bytes, 48 characters, 52 in all. Stored is only
 * HMAC-SHA256(derived key, text), which is also how the record is found. */
#ifndef EG_SIGN_API_KEY_H
#define EG_SIGN_API_KEY_H

#include <stddef.h>

#include "sign/keyring.h"

#define API_KEY_LEN 52
#define API_KEY_SIZE 53
#define API_KEY_LOOKUP_SIZE 44          /* base64url of 32 bytes and a NUL */
#define API_KEY_PREFIX_SIZE 14          /* "egp_AbC123..." and its NUL */

enum api_key_type {
	API_KEY_PARTNER = 1,
	API_KEY_CUSTOMER,
	API_KEY_READ_ONLY,
	API_KEY_WEBHOOK,
};

/* "egp_" ...; NULL for no such type. */
const char *api_key_type_prefix(enum api_key_type type);

eg_err api_key_make(enum api_key_type type, char out[API_KEY_SIZE]) EG_CHECKED;
/* Shape, alphabet and checksum of untrusted text; EG_MALFORMED otherwise. No key is used. */
eg_err api_key_parse(const char *text, size_t len, enum api_key_type *type) EG_CHECKED;
void api_key_prefix(const char *text, char out[API_KEY_PREFIX_SIZE]);
/* The look-up value of a well-formed text under the derived key of that number. Look-ups try each number of the ring,
 * newest first. EG_NOTFOUND: no key of that number. */
struct api_key_signer;
eg_err api_key_signer_open(const struct keyring *ring, struct api_key_signer **out) EG_CHECKED;
void api_key_signer_free(struct api_key_signer *s);
eg_err api_key_lookup(struct api_key_signer *s, unsigned number, const char *text, char out[API_KEY_LOOKUP_SIZE]) EG_CHECKED;

#endif
