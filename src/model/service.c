/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/service.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"

#define DAY_S 86400

/* __DATE__ is local: "Nov 20 2026", its day one of two digits or a blank and one. */
int64_t
service_built_at_s(void)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	static const char date[] = __DATE__;
	char iso[] = "YYYY-MM-DD";
	int64_t day_s = 0;
	size_t month = 0;

	while (month < 12 && memcmp(months + 3 * month, date, 3) != 0)
		month++;
	month++;
	memcpy(iso, date + 7, 4);
	iso[5] = (char)('0' + month / 10);
	iso[6] = (char)('0' + month % 10);
	iso[8] = date[4] == ' ' ? '0' : date[4];
	iso[9] = date[5];
	/* Where it was built it may have been tomorrow already. */
	return clock_parse(iso, &day_s) == EG_OK ? day_s - DAY_S : 0;
}

static const char *
describe(struct service *sv, eg_err e, const char *what)
{
	return arena_printf(sv->arena, "%s: %s could not be set up (%s). The log says more.", sv->config.path, what, eg_err_name(e));
}

static eg_err
open_signers(struct service *sv)
{
	EG_TRY(embed_token_signer_open(sv->ring, &sv->tokens));
	EG_TRY(api_key_signer_open(sv->ring, &sv->keys));
	EG_TRY(jwt_signer_open(sv->ring, &sv->jwts));
	return csrf_signer_open(sv->ring, &sv->forms);
}

static eg_err
open_all(struct service *sv, const char *config_path, const char **why)
{
	char built_at[CLOCK_RFC3339_SIZE];
	eg_err e;

	if (clock_now_s() < service_built_at_s()) {
		clock_format(service_built_at_s(), built_at);
		*why = arena_printf(sv->arena, "The clock of this machine is wrong: it stands before %.10s, when this program was built. Set it right "
		    "and start again.", built_at);
		return EG_CONFIG;
	}
	EG_TRY(config_load(sv->arena, config_find(sv->arena, config_path, NULL), &sv->config, why));
	EG_TRY(keyring_load(sv->arena, sv->config.key_file, &sv->ring, why));
	e = open_signers(sv);
	if (e != EG_OK) {
		*why = describe(sv, e, "signing");
		return e;
	}
	EG_TRY(store_open(sv->arena, sv->config.store_dir, sv->ring, STORE_READ_WRITE, &sv->store, why));
	sv->usage = store_usage(sv->store);
	return EG_OK;
}

/* All but the arena. */
static void
close_all(struct service *sv)
{
	if (sv->store != NULL)
		store_close(sv->store);
	csrf_signer_free(sv->forms);
	jwt_signer_free(sv->jwts);
	api_key_signer_free(sv->keys);
	embed_token_signer_free(sv->tokens);
	keyring_free(sv->ring);
	*sv = (struct service){ .arena = sv->arena };
}

eg_err
service_open(struct service *sv, const char *config_path, const char **why)
{
	eg_err e;

	*sv = (struct service){ .arena = arena_new() };
	*why = NULL;
	e = open_all(sv, config_path, why);
	if (e == EG_OK)
		return EG_OK;
	if (*why == NULL)
		*why = describe(sv, e, "the service");
	close_all(sv);
	return e;
}

void
service_close(struct service *sv)
{
	close_all(sv);
	arena_free(sv->arena);
	sv->arena = NULL;
}
