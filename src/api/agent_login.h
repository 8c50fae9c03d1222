/* SPDX-License-Identifier: GPL-3.0-or-later */
/* agent_login.h - the agent login (C1 to C10), deprecated: an API key and an agent's number for an access and a refresh token,
 * both without an envelope. New integrations use embed tokens. */
#ifndef EG_API_AGENT_LOGIN_H
#define EG_API_AGENT_LOGIN_H

#include "web/router.h"

extern const struct field agent_login_fields[];
extern const struct field agent_refresh_fields[];

handler_fn agent_login;
handler_fn agent_refresh;

#endif
