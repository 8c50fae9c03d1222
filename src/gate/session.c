/* SPDX-License-Identifier: GPL-3.0-or-later */
/* session.c - the auth_token of the exchange: a JWT that names a token (tid), which of its texts was exchanged (gen), the
 * customer (sub), and the site around the frame it was made in (site). It carries no right of its own: all of that is looked
 * up at each use. */
#include <string.h>

#include "base/codec.h"
#include "gate/check.h"

#define ISSUE_TEXT_LEN BASE64URL_LEN(EMBED_TOKEN_ISSUE_SIZE)

eg_err
gate_session_make(struct service *sv, struct arena *a, const struct identity *id, int64_t now_s, const char **text)
{
	json_object *claims = json_new_object(a);
	char issue[ISSUE_TEXT_LEN + 1];

	/* The text that was presented, not the newest: a session ends with the text it was made from. */
	base64url_encode(id->issue, EMBED_TOKEN_ISSUE_SIZE, issue);
	json_add_uuid(claims, "tid", &id->token.id);
	json_add_str(claims, "gen", issue);
	json_add_uuid(claims, "sub", &id->token.customer_id);
	if (id->framed_by != NULL)
		json_add_str(claims, "site", id->framed_by);
	return jwt_make(sv->jwts, a, JWT_SESSION, claims, now_s, GATE_SESSION_TTL_S, text);
}

eg_err
gate_session_parse(struct service *sv, struct arena *a, const char *text, size_t len, int64_t now_s, struct session_claims *out)
{
	json_object *claims;
	eg_err e = jwt_parse(sv->jwts, a, JWT_SESSION, text, len, now_s, &claims);

	if (e == EG_MALFORMED)
		return EG_FORGED;
	if (e != EG_OK && e != EG_NOT_YET && e != EG_EXPIRED)
		return e;

	const char *issue = json_get_str(claims, "gen");
	size_t n;

	out->token_id = json_get_uuid(claims, "tid");
	out->expires_at = json_get_int(claims, "exp", 0);
	out->framed_by = json_get_str(claims, "site");
	if (issue == NULL || strlen(issue) != ISSUE_TEXT_LEN ||
	    base64url_decode(issue, ISSUE_TEXT_LEN, out->issue, sizeof(out->issue), &n) != EG_OK)
		return EG_FORGED;
	return e;
}
