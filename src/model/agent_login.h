/* SPDX-License-Identifier: GPL-3.0-or-later */
/* agent_login.h - logins of agent embeds (C1 to C10): who has an API key gets two texts for one agent, an access token of a
 * day and a refresh token that is good once and gives the next two. All of one login are a family: one record, which knows
 * which refresh token is due. One that comes a second time was copied, and ends the family with all of its access tokens.
 *
 * The texts themselves are made and read by the gate. A family that was not refreshed for LOGIN_LIFE_S is over; such are
 * removed in passing, some at each login. */
#ifndef EG_MODEL_AGENT_LOGIN_H
#define EG_MODEL_AGENT_LOGIN_H

#include "model/agent.h"
#include "model/api_key.h"

#define LOGIN_ACCESS_S 86400            /* C9 */
#define LOGIN_LIFE_S (7 * 86400)        /* of a refresh token */

struct login_row {
	struct uuid id;
	struct uuid key_id;             /* the API key it was made with ... */
	const char *key_lookup;         /* ... and which text of that */
	struct uuid agent_id;
	int64_t serial;                 /* of the refresh token that is due: 1, 2, 3 ... */
	int64_t created_at;
	int64_t refreshed_at;           /* when the newest two tokens were made */
	int64_t expires_at;             /* of the refresh token that is due */
	int64_t ended_at;               /* a refresh token came twice; 0: not */
};

/* `old_text`: it was the key's text from before a rotation. EG_NOTFOUND: the agent is gone meanwhile. */
eg_err login_create(struct service *sv, struct arena *a, const struct actor *who, const struct key_row *key, bool old_text,
    const struct agent_row *agent, struct login_row *out) EG_CHECKED;
eg_err login_get(struct service *sv, struct arena *a, const struct uuid *id, struct login_row *out) EG_CHECKED;
/* Take the refresh token of that serial.
 *   EG_OK        it was due, and `out` says which one is now
 *   EG_CONFLICT  it was used before, or the family has ended; it has ended now
 *   EG_NOTFOUND  no such family, its time is over, or it never gave such a token */
eg_err login_refresh(struct service *sv, struct arena *a, const struct actor *who, const struct uuid *id, int64_t serial,
    struct login_row *out) EG_CHECKED;

#endif
