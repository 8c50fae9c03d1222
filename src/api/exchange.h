/* SPDX-License-Identifier: GPL-3.0-or-later */
/* exchange.h - POST /api/validate-embed-token: an embed token for a session of 15 minutes. Every embed makes this call. */
#ifndef EG_API_EXCHANGE_H
#define EG_API_EXCHANGE_H

#include "web/router.h"

extern const struct field exchange_fields[];

/* The token is in the body or is the Bearer, not both. Answers flat: {success, auth_token, token_type, expires_in, token_id,
 * customer, partner, event_id, agent_id, permissions, widgets}. */
handler_fn exchange;

#endif
