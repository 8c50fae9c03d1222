/* SPDX-License-Identifier: GPL-3.0-or-later */
/* records.h - the parts of one kind that changes of another kind need, inside a change. For the files of src/model. */
#ifndef EG_MODEL_RECORDS_H
#define EG_MODEL_RECORDS_H

#include "model/agent.h"
#include "model/customer.h"
#include "model/event.h"
#include "model/token.h"
#include "model/user.h"

/* ---- customers ---- */
/* As store_tx_get(), but EG_NOTFOUND also outside the scope. */
eg_err customer_tx_get(struct store_tx *tx, struct arena *a, const struct scope *s, const struct uuid *id,
    struct customer_row *out) EG_CHECKED;
eg_err customer_tx_put(struct store_tx *tx, struct arena *a, const struct customer_row *row) EG_CHECKED;

/* ---- tokens ---- */
/* A new row but for tenant and times: id (made where `in->id` is nil), issue, and what `in` says, checked. */
eg_err token_draft(struct service *sv, struct arena *a, const struct token_new *in, struct faults *f,
    struct token_row *out) EG_CHECKED;
/* The draft of a primary token; `origins` as in token_new. */
eg_err token_draft_primary(struct service *sv, struct arena *a, json_object *origins, struct faults *f,
    struct token_row *out) EG_CHECKED;
/* Stores a draft as the customer's: sets tenant, times, author and slot, and writes the activity row. */
eg_err token_tx_add(struct store_tx *tx, struct arena *a, const struct actor *who, const struct customer_row *customer,
    struct token_row *row) EG_CHECKED;
/* The emb_ or emu_ text of the row's current issue. */
eg_err token_text(struct service *sv, const struct token_row *row, enum token_purpose purpose,
    char out[EMBED_TOKEN_SIZE]) EG_CHECKED;

/* Revokes every token of an event that takes no new ones any more. */
eg_err token_revoke_of_event(struct service *sv, struct arena *a, const struct actor *who,
    const struct uuid *event_id) EG_CHECKED;

/* ---- events ---- */
/* As store_tx_get(), but EG_NOTFOUND also outside the scope, and for a deleted event. */
eg_err event_tx_get(struct store_tx *tx, struct arena *a, const struct scope *s, const struct uuid *id,
    struct event_row *out) EG_CHECKED;
eg_err event_tx_put(struct store_tx *tx, struct arena *a, struct event_row *row) EG_CHECKED;
eg_err event_add_activity(struct store_tx *tx, struct arena *a, const struct actor *who, const char *action,
    const struct event_row *row, const char *detail) EG_CHECKED;
eg_err event_decode(struct arena *a, const struct store_record *rec, struct event_row *out) EG_CHECKED;

/* ---- users and their sessions ---- */
/* A new row but for its partner and times; a taken mail address is a fault. Hashes the password: never under the lock. */
eg_err user_draft(struct service *sv, struct arena *a, const char *email, enum user_role role, const char *password,
    struct faults *f, struct user_row *out) EG_CHECKED;
/* Stores a draft that has its partner. EG_INVALID and a fault where somebody took the mail address meanwhile. */
eg_err user_tx_add(struct store_tx *tx, struct arena *a, const struct actor *who, struct faults *f,
    struct user_row *row) EG_CHECKED;
eg_err user_tx_get(struct store_tx *tx, struct arena *a, const struct uuid *id, struct user_row *out) EG_CHECKED;
/* Ends the sessions of a user, but `keep` (or NULL). */
eg_err portal_session_tx_end_others(struct store_tx *tx, struct arena *a, const struct uuid *user_id,
    const struct uuid *keep) EG_CHECKED;
/* Removes what a session was to be shown. */
eg_err flash_tx_forget(struct store_tx *tx, struct arena *a, const struct uuid *session_id) EG_CHECKED;

/* ---- agents ---- */
/* As store_tx_get(), but EG_NOTFOUND also outside the scope, and for a deleted agent. */
eg_err agent_tx_get(struct store_tx *tx, struct arena *a, const struct scope *s, const struct uuid *id,
    struct agent_row *out) EG_CHECKED;
/* As agent_find(). */
eg_err agent_tx_find(struct store_tx *tx, struct arena *a, const struct scope *s, const char *text,
    struct agent_row *out) EG_CHECKED;
eg_err agent_tx_put(struct store_tx *tx, struct arena *a, const struct agent_row *row) EG_CHECKED;
eg_err agent_add_activity(struct store_tx *tx, struct arena *a, const struct actor *who, const char *action,
    const struct agent_row *row, const char *detail) EG_CHECKED;
/* Also a deleted one. */
eg_err agent_decode(struct arena *a, const struct store_record *rec, struct agent_row *out) EG_CHECKED;

#endif
