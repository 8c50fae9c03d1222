/* SPDX-License-Identifier: GPL-3.0-or-later */
/* exchanged.h - what the exchange of an embed token answers: the session and what it is good for. Made by the exchange, shown
 * by the token tester. */
#ifndef EG_VIEW_EXCHANGED_H
#define EG_VIEW_EXCHANGED_H

#include "gate/gate.h"

/* {"success", "auth_token", "token_type", "expires_in", "token_id", "customer", "partner", "event_id", "agent_id",
 *  "permissions", "widgets"}. `session` is the text of "auth_token". */
json_object *exchanged_view(struct arena *a, const struct identity *id, const char *session, int64_t now_s);

#endif
