/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "view/exchanged.h"

#include "view/owner.h"
#include "view/widget.h"

/* Seconds until the session is of no use any more: its own end, or that of what it was made from. */
static int64_t
expires_in(const struct identity *id, int64_t now_s)
{
	int64_t left = GATE_SESSION_TTL_S;

	if (id->token.expires_at != 0 && id->token.expires_at - now_s < left)
		left = id->token.expires_at - now_s;
	if (id->old_text && id->old_text_until - now_s < left)
		left = id->old_text_until - now_s;
	return left;
}

json_object *
exchanged_view(struct arena *a, const struct identity *id, const char *session, int64_t now_s)
{
	json_object *o = json_new_object(a);

	json_add_bool(o, "success", true);
	json_add_str(o, "auth_token", session);
	json_add_str(o, "token_type", "Bearer");
	json_add_int(o, "expires_in", expires_in(id, now_s));
	json_add_uuid(o, "token_id", &id->token.id);
	owner_add(a, o, id);
	json_add_uuid(o, "event_id", &id->token.event_id);
	json_add_uuid(o, "agent_id", &id->token.agent_id);
	json_add_object(o, "permissions", permission_array(a, id->permissions));
	json_add_object(o, "widgets", widget_array(a, id->permissions));
	return o;
}
