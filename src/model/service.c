/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/service.h"

#include <string.h>

#include "base/clock.h"
#include "model/kinds.h"
#include "model/schedule.h"

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
	return arena_printf(sv->arena, "%s: %s could not be set up (%s). The log says more.", sv->config.path, what,
	    eg_err_name(e));
}

/* The sentence, with the file it is about. */
static const char *
about(struct service *sv, const char *path, const char *sentence)
{
	return strstr(sentence, path) != NULL ? sentence : arena_printf(sv->arena, "%s: %s", path, sentence);
}

static eg_err
open_signers(struct service *sv)
{
	EG_TRY(embed_token_signer_open(sv->ring, &sv->tokens));
	EG_TRY(api_key_signer_open(sv->ring, &sv->keys));
	EG_TRY(jwt_signer_open(sv->ring, &sv->jwts));
	return csrf_signer_open(sv->ring, &sv->forms);
}

/* A key file that belongs to another store is whole, and nothing is wrong before the first record is read. */
static eg_err
check_that_keys_fit(struct service *sv, const char **why)
{
	size_t partners;

	if (store_count(sv->store, sv->arena, KIND_PARTNER, &kinds_root, &partners) != EG_DAMAGED)
		return EG_OK;
	*why = arena_printf(sv->arena, "%s cannot be read with the master keys in %s. Put back the key file that belongs to "
	    "this store; if it is the right one, restore the store from a backup.", sv->config.store_dir, sv->config.key_file);
	return EG_DAMAGED;
}

static eg_err
open_all(struct service *sv, const char *config_path, const char **why)
{
	char built_at[CLOCK_RFC3339_SIZE];
	eg_err e;

	if (clock_now_s() < service_built_at_s()) {
		clock_format(service_built_at_s(), built_at);
		*why = arena_printf(sv->arena, "The clock of this machine is wrong: it stands before %.10s, when this program was "
		    "built. Set it right and start again.", built_at);
		return EG_CONFIG;
	}
	EG_TRY(config_load(sv->arena, config_find(sv->arena, config_path, NULL), &sv->config, why));
	EG_TRY(keyring_load(sv->arena, sv->config.key_file, &sv->ring, why));
	e = open_signers(sv);
	if (e != EG_OK) {
		*why = describe(sv, e, "signing");
		return e;
	}
	e = store_open(sv->arena, sv->config.store_dir, sv->ring, STORE_READ_WRITE, &sv->store, why);
	if (e != EG_OK) {
		*why = about(sv, sv->config.store_dir, *why);
		return e;
	}
	sv->usage = store_usage(sv->store);
	return check_that_keys_fit(sv, why);
}

/* All but the arena. */
static void
close_all(struct service *sv)
{
	schedule_cache_free(sv->schedules);
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
