/* SPDX-License-Identifier: GPL-3.0-or-later */
/* replay.h - answers kept for a day, so that a request sent twice with the same idempotency key does its work once.
 *
 * While a replay hangs on the service, the first change made writes its record in the same change set: there is no change
 * without the record, and of two requests at once one finds the other's. The answer, which may hold a secret, is added
 * sealed when it is whole. A process that dies in between leaves a record without an answer: it is known that the work was
 * done, and it is not done again. */
#ifndef EG_MODEL_REPLAY_H
#define EG_MODEL_REPLAY_H

#include "model/service.h"

#define REPLAY_LIFE_S 86400
#define REPLAY_KEY_MAX 255              /* bytes of an idempotency key */
#define REPLAY_ANSWER_MAX (64u << 10)   /* bytes of an answer that is kept */
#define REPLAY_FINGERPRINT_SIZE 32

struct replay {
	struct uuid id;                 /* of API key and idempotency key */
	uint8_t fingerprint[REPLAY_FINGERPRINT_SIZE];   /* of the request */
	bool is_written;                /* by a change of this request */
	bool is_taken;                  /* a change was refused (EG_BUSY), because another request's record stands there */
};

enum replay_found {
	REPLAY_NONE,                    /* nothing, or what is too old */
	REPLAY_OTHER,                   /* another request had this key */
	REPLAY_ANSWERED,
	REPLAY_UNANSWERED,              /* its work is done, its answer not there: not yet, or lost */
};

struct replay_answer {
	int status;
	const char *type;               /* media type */
	const char *body;
	size_t body_len;
	int64_t at;                     /* when the work was done */
};

/* `key` is the idempotency key; `request` is all that makes a request the same one. */
eg_err replay_init(const struct uuid *api_key_id, const char *key, const void *request, size_t request_len,
    struct replay *out) EG_CHECKED;
/* `out` is filled for REPLAY_ANSWERED; of REPLAY_UNANSWERED it has `at`. */
eg_err replay_look(struct service *sv, struct arena *a, const struct replay *r, enum replay_found *found,
    struct replay_answer *out) EG_CHECKED;
/* For change_run(): before and after the work of the change set. EG_BUSY where is_taken. */
eg_err replay_tx_check(struct store_tx *tx, struct arena *a, struct replay *r) EG_CHECKED;
eg_err replay_tx_put(struct store_tx *tx, struct arena *a, const struct replay *r) EG_CHECKED;
/* Keep the answer. EG_TOO_LARGE: it is not kept. Where another request with the key was quicker, its answer stays. */
eg_err replay_keep(struct service *sv, struct arena *a, const struct replay *r, const struct replay_answer *answer) EG_CHECKED;

#endif
