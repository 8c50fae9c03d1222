/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "api/oauth.h"

#include <string.h>

#include "model/agent_login.h"

const struct field oauth_fields[] = {
	{ "token", FIELD_SECRET, FIELD_REQUIRED, 1, REQUEST_HEADER_MAX, NULL, "The credential. It is never kept or logged." },
	{ "token_type_hint", FIELD_TEXT, 0, 0, 100, NULL, "Not needed: a credential of ours says itself what it is." },
	{ .type = FIELD_END },
};

/* ---- what was sent ---- */

/* An embed token or session as the caller may know it: false where it is not genuine or not the caller's. */
static eg_err
find_embed(struct rq *rq, const char *text, struct gate_answer *found, bool *is_own)
{
	gate_embed(rq->sv, rq->arena, &(struct gate_ask){
		.text = text, .len = strlen(text), .place = GATE_INTROSPECT, .now_s = rq->now_s,
	}, found);
	if (verdict_info(found->verdict)->status == 503)
		return rq_refuse(rq, found->verdict, NULL);
	*is_own = found->secret_verified && !uuid_is_nil(&found->id.token.id) &&
	    scope_covers(&rq->id.scope, &found->id.token.partner_id, &found->id.token.customer_id);
	return EG_OK;
}

/* An API key, which only partner keys may know of. */
static eg_err
find_key(struct rq *rq, const char *text, struct key_row *key, bool *old_text, bool *is_own)
{
	enum api_key_type type;
	eg_err e;

	*is_own = false;
	if (rq->id.key.type != API_KEY_PARTNER || api_key_parse(text, strlen(text), &type) != EG_OK)
		return EG_OK;
	e = key_find(rq->sv, rq->arena, text, key, old_text);
	if (e == EG_NOTFOUND)
		return EG_OK;
	EG_TRY(e);
	*is_own = scope_covers(&rq->id.scope, &key->partner_id, &key->customer_id);
	return EG_OK;
}

/* ---- introspection ---- */

/* RFC 7662 has seconds since 1970, and leaves out what there is not. */
static void
add_times(json_object *o, int64_t issued_at, int64_t expires_at)
{
	json_add_int(o, "iat", issued_at);
	if (expires_at != 0)
		json_add_int(o, "exp", expires_at);
}

static json_object *
active_view(struct rq *rq, const char *token_type, const struct uuid *id, const struct uuid *subject)
{
	json_object *o = json_new_object(rq->arena);

	json_add_bool(o, "active", true);
	json_add_str(o, "token_type", token_type);
	json_add_str(o, "iss", rq->sv->config.public_url);
	json_add_uuid(o, "jti", id);
	json_add_uuid(o, "sub", subject);
	return o;
}

static int64_t
earlier(int64_t x, int64_t y)
{
	return x == 0 || (y != 0 && y < x) ? y : x;
}

static json_object *
embed_view(struct rq *rq, const struct identity *id)
{
	bool is_session = id->kind == IDENTITY_SESSION, is_login = id->kind == IDENTITY_AGENT_LOGIN;
	const char *type = is_session ? "session" : is_login ? "agent_access" : id->purpose == TOKEN_URL ? "embed_url_token" :
	    "embed_token";
	json_object *o = active_view(rq, type, &id->token.id, &id->customer.id);
	struct buf scope;
	int64_t end = id->token.expires_at;

	buf_init(&scope, rq->arena, 80);
	for (unsigned bit = 1; bit <= PERM_ALL; bit <<= 1)
		if (id->permissions & bit)
			buf_printf(&scope, "%s%s", scope.len > 0 ? " " : "", permission_name(bit));
	json_add_str(o, "scope", scope.data);
	if (id->old_text)
		end = earlier(end, id->old_text_until);
	if (is_session || is_login)
		end = earlier(end, id->session_expires_at);
	add_times(o, is_session ? id->session_expires_at - GATE_SESSION_TTL_S :
	    is_login ? id->session_expires_at - LOGIN_ACCESS_S : id->token.issued_at, end);
	return o;
}

/* NULL: inactive. */
static eg_err
introspect_key(struct rq *rq, const char *text, json_object **out)
{
	struct customer_row customer = { 0 };
	struct key_row key;
	bool old_text, is_own;

	EG_TRY(find_key(rq, text, &key, &old_text, &is_own));
	if (!is_own || key.revoked_at != 0 || (key.expires_at != 0 && rq->now_s >= key.expires_at) ||
	    (old_text && rq->now_s >= key.previous_valid_until))
		return EG_OK;
	if (!uuid_is_nil(&key.customer_id))
		EG_TRY(customer_get(rq->sv, rq->arena, &rq->id.scope, &key.customer_id, &customer));
	if (customer.is_disabled)
		return EG_OK;
	*out = active_view(rq, "api_key", &key.id, uuid_is_nil(&key.customer_id) ? &key.partner_id : &key.customer_id);
	add_times(*out, key.rotated_at != 0 ? key.rotated_at : key.created_at,
	    old_text ? earlier(key.expires_at, key.previous_valid_until) : key.expires_at);
	return EG_OK;
}

eg_err
introspect(struct rq *rq, struct resp *rs)
{
	struct gate_answer *found = arena_alloc(rq->arena, sizeof(*found));
	json_object *body, *view = NULL;
	bool is_own;

	EG_TRY(rq_body_form(rq, rq->route->fields, &body));
	const char *text = json_get_str(body, "token");
	if (gate_text_kind(text, strlen(text)) == GATE_TEXT_API_KEY) {
		EG_TRY(introspect_key(rq, text, &view));
	} else {
		EG_TRY(find_embed(rq, text, found, &is_own));
		if (is_own && found->verdict == VERDICT_OK)
			view = embed_view(rq, &found->id);
	}
	if (view == NULL) {
		view = json_new_object(rq->arena);
		json_add_bool(view, "active", false);
	}
	return resp_json(rq, rs, 200, view);
}

/* ---- revocation ---- */

static eg_err
revoke_embed(struct rq *rq, const char *text)
{
	struct gate_answer *found = arena_alloc(rq->arena, sizeof(*found));
	struct actor who = rq_actor(rq);
	struct token_row token;
	bool is_own;

	EG_TRY(find_embed(rq, text, found, &is_own));
	if (!is_own || found->verdict == VERDICT_TOKEN_REVOKED || found->verdict == VERDICT_TOKEN_ROTATED)
		return EG_OK;
	if (found->id.kind == IDENTITY_SESSION) {
		faults_add(&rq->faults, "token", "A session ends by itself after 15 minutes, or with its embed token: revoke that.");
		return rq_check_faults(rq);
	}
	if (found->id.old_text)
		return token_end_overlap(rq->sv, rq->arena, &rq->id.scope, &who, &found->id.token.id, found->id.issue, 0, &token);
	return token_revoke(rq->sv, rq->arena, &rq->id.scope, &who, &found->id.token.id, &token);
}

static eg_err
revoke_key(struct rq *rq, const char *text)
{
	struct actor who = rq_actor(rq);
	struct key_row key;
	bool old_text, is_own;

	EG_TRY(find_key(rq, text, &key, &old_text, &is_own));
	if (!is_own)
		return EG_OK;
	if (old_text)
		return key_end_overlap(rq->sv, rq->arena, &rq->id.scope, &who, &key.id, &key);
	return key_revoke(rq->sv, rq->arena, &rq->id.scope, &who, &key.id, &key);
}

eg_err
revoke(struct rq *rq, struct resp *rs)
{
	json_object *body, *view = json_new_object(rq->arena);

	EG_TRY(rq_body_form(rq, rq->route->fields, &body));
	const char *text = json_get_str(body, "token");
	if (gate_text_kind(text, strlen(text)) == GATE_TEXT_API_KEY)
		EG_TRY(revoke_key(rq, text));
	else
		EG_TRY(revoke_embed(rq, text));
	json_add_bool(view, "success", true);
	return resp_json(rq, rs, 200, view);
}
