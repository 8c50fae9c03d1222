/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seal.c - nonces are random: one key is good for some 2^32 sealed texts before two might meet, far more than flashes
 * and idempotent answers ever come to between two key rotations. */
#include "sign/seal.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/codec.h"
#include "sign/fault.h"

#define NONCE_AT 1
#define NONCE_SIZE 12
#define CIPHER_AT (NONCE_AT + NONCE_SIZE)
#define TAG_SIZE 16
#define OVERHEAD (CIPHER_AT + TAG_SIZE)
#define LABEL "seal"

/* Both directions begin the same way. `sealed` begins with number and nonce. */
static EVP_CIPHER_CTX *
begin(const uint8_t *sealed, const uint8_t key[KEYRING_KEY_SIZE], const char *context, int encrypt)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n;

	if (ctx != NULL && EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, sealed + NONCE_AT, encrypt) == 1 &&
	    EVP_CipherUpdate(ctx, NULL, &n, (const uint8_t *)context, (int)strlen(context)) == 1)
		return ctx;
	EVP_CIPHER_CTX_free(ctx);
	return NULL;
}

static bool
encrypt(uint8_t *sealed, const uint8_t key[KEYRING_KEY_SIZE], const char *context, const void *bytes, size_t len)
{
	EVP_CIPHER_CTX *ctx = begin(sealed, key, context, 1);
	uint8_t *to = sealed + CIPHER_AT;
	int n;
	bool ok = ctx != NULL && EVP_EncryptUpdate(ctx, to, &n, bytes, (int)len) == 1 &&
	    EVP_EncryptFinal_ex(ctx, to + len, &n) == 1 &&
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG_SIZE, to + len) == 1;

	EVP_CIPHER_CTX_free(ctx);
	return ok;
}

static bool
decrypt(uint8_t *sealed, const uint8_t key[KEYRING_KEY_SIZE], const char *context, uint8_t *out, size_t len)
{
	EVP_CIPHER_CTX *ctx = begin(sealed, key, context, 0);
	uint8_t *from = sealed + CIPHER_AT;
	int n;
	bool ok = ctx != NULL && EVP_DecryptUpdate(ctx, out, &n, from, (int)len) == 1 &&
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_SIZE, from + len) == 1 &&
	    EVP_DecryptFinal_ex(ctx, out + len, &n) == 1;

	EVP_CIPHER_CTX_free(ctx);
	return ok;
}

eg_err
seal_make(const struct keyring *ring, struct arena *a, const char *context, const void *bytes, size_t len, const char **out)
{
	uint8_t key[KEYRING_KEY_SIZE];
	uint8_t *sealed;
	char *text;
	bool ok;

	if (len > INT_MAX / 2)
		return EG_TOO_LARGE;
	sealed = arena_alloc(a, len + OVERHEAD);
	sealed[0] = (uint8_t)keyring_newest(ring);
	EG_TRY(keyring_random(sealed + NONCE_AT, NONCE_SIZE));
	EG_TRY(keyring_derive(ring, sealed[0], LABEL, key));
	ok = encrypt(sealed, key, context, bytes, len);
	keyring_wipe(key, sizeof(key));
	if (!ok)
		return sign_fault(EG_INTERNAL, "seal_make");
	text = arena_alloc(a, BASE64URL_LEN(len + OVERHEAD) + 1);
	base64url_encode(sealed, len + OVERHEAD, text);
	*out = text;
	return EG_OK;
}

eg_err
seal_open(const struct keyring *ring, struct arena *a, const char *context, const char *text, void **out, size_t *out_len)
{
	uint8_t key[KEYRING_KEY_SIZE];
	size_t text_len = strlen(text);
	size_t sealed_len, len;
	uint8_t *sealed, *bytes;
	bool ok;
	eg_err e;

	if (text_len > INT_MAX / 2)
		return EG_FORGED;
	sealed = arena_alloc(a, text_len);
	if (base64url_decode(text, text_len, sealed, text_len, &sealed_len) != EG_OK || sealed_len < OVERHEAD)
		return EG_FORGED;
	e = keyring_derive(ring, sealed[0], LABEL, key);
	if (e != EG_OK)
		return e == EG_NOTFOUND ? EG_FORGED : e;
	len = sealed_len - OVERHEAD;
	bytes = arena_alloc(a, len + 1);
	ok = decrypt(sealed, key, context, bytes, len);
	keyring_wipe(key, sizeof(key));
	if (!ok) {
		keyring_wipe(bytes, len);       /* decrypted, but by nobody vouched for */
		return EG_FORGED;
	}
	*out = bytes;
	*out_len = len;
	return EG_OK;
}
