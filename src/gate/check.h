/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check.h - what the files of the gate share; nobody outside src/gate includes it.
 * A list of checks is one chain of && over these functions: it stops at the first that fails, which has then written the
 * verdict. */
#ifndef EG_GATE_CHECK_H
#define EG_GATE_CHECK_H

#include "gate/gate.h"

/* An answer that nothing has been decided about: a list that ends without a word must not read as a yes. */
void gate_answer_init(struct gate_answer *out);

/* Note one check. Returns `ok`; where it is false the verdict is `otherwise`. */
bool gate_check(struct gate_answer *out, const char *check, bool ok, enum verdict otherwise);
/* The same for a check whose verdict is already known: VERDICT_OK passes. */
bool gate_check_verdict(struct gate_answer *out, const char *check, enum verdict v);
/* "shape" and "checksum" of a text with a prefix, after its parser answered `parsed`: which of both it was that EG_MALFORMED
 * meant. `full_len`: of a whole text. */
bool gate_check_form(struct gate_answer *out, const char *text, size_t len, size_t full_len, eg_err parsed);
/* Take one of `rate` a minute from the bucket `name`. Not looked at, and no step, where limits are switched off. */
bool gate_check_rate(struct service *sv, struct gate_answer *out, const void *name, size_t len, unsigned rate);

/* Records that must be there because something genuine names them. */
enum verdict gate_verdict_of_load(eg_err e);

/* Is `text` the text of `id`, in either case of its letters? */
bool gate_names_uuid(const char *text, const struct uuid *id);

/* Is this Origin that of our own pages? */
bool gate_origin_is_own(const struct service *sv, const char *origin);
/* What is kept of an Origin header: itself, or "invalid" where no browser sends such a thing. NULL stays NULL. */
const char *gate_origin_kept(const char *origin);

/* Whose bucket: an IPv4 address, or the /64 of an IPv6 address, since one client has all of that. Any other text is cut to
 * what fits. Returns the bytes used. */
#define GATE_BUCKET_SIZE 17
size_t gate_address_bucket(const char *address, uint8_t out[GATE_BUCKET_SIZE]);

/* ---- subject.c: the event or the agent that a token is for ---- */

/* Fills id->event and id->agent for id->token; what was deleted stays nil. */
eg_err gate_subject_load(struct service *sv, struct arena *a, struct identity *id) EG_CHECKED;
/* Was it deleted? */
bool gate_subject_is_gone(const struct identity *id);
/* Is everything that the caller names the token's own? A token of a customer as a whole has all of its events and agents; the
 * one that is named is then id->event or id->agent. VERDICT_SUBJECT_MISMATCH for what is somebody else's, and for what nobody
 * knows. */
enum verdict gate_subject_verdict(struct service *sv, struct arena *a, const struct gate_ask *ask, struct identity *id);

/* ---- sessions ---- */

/* A session's text -> its claims. */
struct session_claims {
	struct uuid token_id;
	uint8_t issue[EMBED_TOKEN_ISSUE_SIZE];
	int64_t expires_at;
	const char *framed_by;  /* or NULL */
};
/* EG_OK, EG_NOT_YET and EG_EXPIRED: genuine, `out` is filled; EG_FORGED: anything else that is wrong with it. */
eg_err gate_session_parse(struct service *sv, struct arena *a, const char *text, size_t len, int64_t now_s,
    struct session_claims *out) EG_CHECKED;

/* ---- agent.c: tokens of an agent login ---- */

struct login_claims {
	struct uuid login_id;
	int64_t serial;
	int64_t expires_at;
};
/* The same for an access token (JWT_AGENT_ACCESS) or a refresh token. */
eg_err gate_login_parse(struct service *sv, struct arena *a, enum jwt_kind kind, const char *text, size_t len, int64_t now_s,
    struct login_claims *out) EG_CHECKED;
/* The checks "known" to "expired": of the login, its API key and its agent. Fills `out->id`, whose session_expires_at is set:
 * `token` is then what a token of that agent would be, with the login's id and without a slot. */
bool gate_login_is_alive(struct service *sv, struct arena *a, const struct uuid *login_id, int64_t now_s,
    struct gate_answer *out);

/* ---- embed.c: what lists of embeds have in common ---- */

/* The checks "partner" to "permission", of out->id. */
bool gate_standing_is_good(struct service *sv, struct arena *a, const struct gate_ask *ask, struct gate_answer *out);
/* Take one from the bucket of out->id.token and the caller's address. */
bool gate_embed_rate_is_fine(struct service *sv, const struct gate_ask *ask, struct gate_answer *out);

#endif
