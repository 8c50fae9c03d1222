/* SPDX-License-Identifier: GPL-3.0-or-later */
/* service.h - what a process keeps open from start to end: configuration, keys, signers, store, usage. */
#ifndef EG_MODEL_SERVICE_H
#define EG_MODEL_SERVICE_H

#include "model/config.h"
#include "sign/api_key.h"
#include "sign/csrf.h"
#include "sign/embed_token.h"
#include "sign/jwt.h"
#include "store/store.h"
#include "store/usage/usage.h"

struct schedule_cache;

struct service {
	struct arena *arena;            /* lives as long as the process */
	struct config config;
	struct keyring *ring;
	struct embed_token_signer *tokens;
	struct api_key_signer *keys;
	struct jwt_signer *jwts;
	struct csrf_signer *forms;
	struct store *store;
	struct usage *usage;            /* of the store */
	struct schedule_cache *schedules;       /* parsed ones (model/schedule.h); NULL until one is read */
	struct replay *replay;          /* of the request at hand, whose first change writes it (model/replay.h); else NULL */
};

/* Everything, from the configuration file. On failure nothing stays open and `*why` (static, or in `sv->arena`, which then
 * still lives until service_close()) is a sentence that says what to do. Refuses a clock before the day of the build. */
eg_err service_open(struct service *sv, const char *config_path, const char **why) EG_CHECKED;
/* Also one that did not open, or was closed before. */
void service_close(struct service *sv);

/* The start of the day before this program was built: no right clock stands before it. */
int64_t service_built_at_s(void);

#endif
