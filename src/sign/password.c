/* SPDX-License-Identifier: GPL-3.0-or-later */
/* password.c - each hash takes some 16 MiB and tens of milliseconds on purpose; the caller limits how many run at once. */
#include "sign/password.h"

#include <crypt.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/codec.h"
#include "sign/keyring.h"

#define YESCRYPT "$y$"
#define COST 5
#define SALT_SIZE 16
#define GENERATED_LEN 20

eg_err
password_check_policy(const char *password, size_t len, const char **why)
{
	const char *fault = NULL;

	if (len > PASSWORD_MAX_BYTES)
		fault = "The password is longer than 256 bytes.";
	else if (!utf8_is_valid(password, len))
		fault = "The password is not valid UTF-8 text.";
	else if (utf8_count(password, len) < PASSWORD_MIN_CHARS)
		fault = "The password is shorter than 12 characters.";
	for (size_t i = 0; i < len && fault == NULL;) {
		uint32_t cp;

		i += utf8_decode(password + i, len - i, &cp);
		if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
			fault = "The password holds a control character.";
	}
	if (fault == NULL)
		return EG_OK;
	*why = fault;
	return EG_INVALID;
}

static eg_err
new_setting(char out[CRYPT_GENSALT_OUTPUT_SIZE])
{
	char salt[SALT_SIZE];

	EG_TRY(keyring_random(salt, sizeof(salt)));
	if (crypt_gensalt_rn(YESCRYPT, COST, salt, sizeof(salt), out, CRYPT_GENSALT_OUTPUT_SIZE) == NULL)
		return eg_fail(EG_INTERNAL, "crypt_gensalt_rn: %s", strerror(errno));
	return EG_OK;
}

/* What libxcrypt makes of `password` under `setting`, a salt or a whole hash. */
static eg_err
run_crypt(const char *password, const char *setting, char out[CRYPT_OUTPUT_SIZE])
{
	struct crypt_data *data = calloc(1, sizeof(*data));     /* 32 KiB: too much for a stack */
	const char *hash;
	eg_err e = EG_OK;

	if (data == NULL)
		arena_exhausted();
	hash = crypt_rn(password, setting, data, (int)sizeof(*data));
	if (hash == NULL)
		e = eg_fail(EG_INTERNAL, "crypt_rn: %s", strerror(errno));
	else
		memcpy(out, hash, strlen(hash) + 1);
	keyring_wipe(data, sizeof(*data));
	free(data);
	return e;
}

eg_err
password_hash(struct arena *a, const char *password, const char **out)
{
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];
	char hash[CRYPT_OUTPUT_SIZE];

	if (strlen(password) > PASSWORD_MAX_BYTES)
		return EG_TOO_LARGE;
	EG_TRY(new_setting(setting));
	EG_TRY(run_crypt(password, setting, hash));
	*out = arena_strdup(a, hash);
	return EG_OK;
}

/* The setting for accounts that do not exist: nothing equals it, since it holds no hash. */
static eg_err
dummy_setting(const char **out)
{
	static char setting[CRYPT_GENSALT_OUTPUT_SIZE];

	if (setting[0] == '\0')
		EG_TRY(new_setting(setting));
	*out = setting;
	return EG_OK;
}

eg_err
password_verify(const char *password, const char *hash)
{
	char computed[CRYPT_OUTPUT_SIZE] = "";
	const char *setting = hash;
	size_t len;
	int match;

	if (strlen(password) > PASSWORD_MAX_BYTES) {
		password = "";
		hash = NULL;
	}
	if (hash != NULL && strncmp(hash, YESCRYPT, strlen(YESCRYPT)) != 0)
		return eg_fail(EG_FORGED, "password_verify: a stored hash is not yescrypt");
	if (hash == NULL)
		EG_TRY(dummy_setting(&setting));
	EG_TRY(run_crypt(password, setting, computed));
	len = strlen(computed);
	match = strlen(setting) == len && keyring_equal(computed, setting, len);
	keyring_wipe(computed, sizeof(computed));
	return match ? EG_OK : EG_FORGED;
}

eg_err
password_generate(struct arena *a, const char **out)
{
	static const char alphabet[] = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
	const unsigned letters = sizeof(alphabet) - 1;
	char *text = arena_alloc(a, GENERATED_LEN + 1);
	size_t n = 0;

	while (n < GENERATED_LEN) {
		uint8_t byte;

		EG_TRY(keyring_random(&byte, 1));
		if (byte < 256 / letters * letters)     /* the rest would make some letters likelier */
			text[n++] = alphabet[byte % letters];
	}
	*out = text;
	return EG_OK;
}
