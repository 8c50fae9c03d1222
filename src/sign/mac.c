/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mac.c - EVP_MAC keeps the hashed pads of its key: initialised again without a key, it only copies them. */
#include "sign/mac.h"

#include <stdlib.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "sign/fault.h"

struct mac {
	EVP_MAC_CTX *ctx;
};

eg_err
mac_open_raw(const uint8_t key[KEYRING_KEY_SIZE], struct mac **out)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char[]){ "SHA256" }, 0),
		OSSL_PARAM_construct_end(),
	};
	struct mac *m = calloc(1, sizeof(*m));
	EVP_MAC *hmac;

	if (m == NULL)
		arena_exhausted();
	hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	m->ctx = hmac == NULL ? NULL : EVP_MAC_CTX_new(hmac);
	EVP_MAC_free(hmac);
	if (m->ctx == NULL || EVP_MAC_init(m->ctx, key, KEYRING_KEY_SIZE, params) != 1) {
		mac_free(m);
		return sign_fault(EG_INTERNAL, "mac_open");
	}
	*out = m;
	return EG_OK;
}

eg_err
mac_open(const struct keyring *ring, unsigned number, const char *label, struct mac **out)
{
	uint8_t key[KEYRING_KEY_SIZE];
	eg_err e;

	EG_TRY(keyring_derive(ring, number, label, key));
	e = mac_open_raw(key, out);
	keyring_wipe(key, sizeof(key));
	return e;
}

void
mac_free(struct mac *m)
{
	if (m == NULL)
		return;
	EVP_MAC_CTX_free(m->ctx);       /* wipes the key */
	free(m);
}

eg_err
mac_rekey(struct mac *m, const uint8_t key[KEYRING_KEY_SIZE])
{
	return EVP_MAC_init(m->ctx, key, KEYRING_KEY_SIZE, NULL) == 1 ? EG_OK : sign_fault(EG_INTERNAL, "mac_rekey");
}

eg_err
mac_compute(struct mac *m, const struct mac_part *parts, size_t n, uint8_t out[MAC_SIZE])
{
	size_t len = 0;
	int ok = EVP_MAC_init(m->ctx, NULL, 0, NULL);

	for (size_t i = 0; i < n && ok == 1; i++)
		ok = EVP_MAC_update(m->ctx, parts[i].bytes, parts[i].len);
	if (ok != 1 || EVP_MAC_final(m->ctx, out, &len, MAC_SIZE) != 1 || len != MAC_SIZE)
		return sign_fault(EG_INTERNAL, "mac_compute");
	return EG_OK;
}

eg_err
mac_set_open(const struct keyring *ring, const char *label, struct mac_set *out)
{
	*out = (struct mac_set){ .newest = keyring_newest(ring) };
	for (unsigned i = 1; i <= KEYRING_MAX_NUMBER; i++) {
		eg_err e = keyring_has(ring, i) ? mac_open(ring, i, label, &out->by_number[i]) : EG_OK;

		if (e != EG_OK) {
			mac_set_free(out);
			return e;
		}
	}
	return EG_OK;
}

void
mac_set_free(struct mac_set *set)
{
	for (unsigned i = 1; i <= KEYRING_MAX_NUMBER; i++)
		mac_free(set->by_number[i]);
	*set = (struct mac_set){ 0 };
}

static eg_err
digest(const EVP_MD *md, const void *bytes, size_t len, uint8_t *out)
{
	return EVP_Digest(bytes, len, out, NULL, md, NULL) == 1 ? EG_OK : sign_fault(EG_INTERNAL, "digest");
}

eg_err
mac_sha256(const void *bytes, size_t len, uint8_t out[32])
{
	return digest(EVP_sha256(), bytes, len, out);
}

eg_err
mac_sha384(const void *bytes, size_t len, uint8_t out[48])
{
	return digest(EVP_sha384(), bytes, len, out);
}
