/* SPDX-License-Identifier: GPL-3.0-or-later */
/* agent.c - the agent login (C1 to C10): an API key and an agent's number for an access and a refresh token. Both are JWTs that
 * name a login (fam), which of its tokens they are (num) and the agent (sub). They carry no right of their own: at each use
 * the login, its API key and its agent are looked up. */
#include <string.h>

#include "gate/check.h"
#include "model/agent_login.h"

/* ---- the texts ---- */

static eg_err
make_text(struct service *sv, struct arena *a, enum jwt_kind kind, const struct login_row *login, int64_t life_s,
    const char **text)
{
	json_object *claims = json_new_object(a);

	json_add_uuid(claims, "fam", &login->id);
	json_add_int(claims, "num", login->serial);
	json_add_uuid(claims, "sub", &login->agent_id);
	return jwt_make(sv->jwts, a, kind, claims, login->refreshed_at, life_s, text);
}

static eg_err
make_tokens(struct service *sv, struct arena *a, const struct login_row *login, struct gate_agent_tokens *out)
{
	EG_TRY(make_text(sv, a, JWT_AGENT_ACCESS, login, LOGIN_ACCESS_S, &out->access));
	return make_text(sv, a, JWT_AGENT_REFRESH, login, login->expires_at - login->refreshed_at, &out->refresh);
}

eg_err
gate_login_parse(struct service *sv, struct arena *a, enum jwt_kind kind, const char *text, size_t len, int64_t now_s,
    struct login_claims *out)
{
	json_object *claims;
	eg_err e = jwt_parse(sv->jwts, a, kind, text, len, now_s, &claims);

	*out = (struct login_claims){ .serial = 0 };
	if (e == EG_MALFORMED)
		return EG_FORGED;
	if (e != EG_OK && e != EG_NOT_YET && e != EG_EXPIRED)
		return e;
	out->login_id = json_get_uuid(claims, "fam");
	out->serial = json_get_int(claims, "num", 0);
	out->expires_at = json_get_int(claims, "exp", 0);
	return uuid_is_nil(&out->login_id) || out->serial < 1 ? EG_FORGED : e;
}

/* ---- the records ---- */

/* What a login may do is what a token of its agent might. */
static struct token_row
token_of(const struct agent_row *agent)
{
	return (struct token_row){
		.partner_id = agent->partner_id, .customer_id = agent->customer_id, .agent_id = agent->id,
		.agent_number = agent->number, .name = agent->name, .permissions = PERM_AGENTS_READ, .is_active = true,
	};
}

/* The agent's customer and partner. */
static eg_err
load_owners(struct service *sv, struct arena *a, struct identity *id)
{
	static const struct scope everybody = { 0 };

	EG_TRY(customer_get(sv, a, &everybody, &id->token.customer_id, &id->customer));
	return partner_get(sv, a, &id->token.partner_id, &id->partner);
}

static enum verdict
load(struct service *sv, struct arena *a, const struct uuid *login_id, struct login_row *login, struct identity *id)
{
	static const struct scope everybody = { 0 };
	eg_err e = login_get(sv, a, login_id, login);

	if (e != EG_OK)         /* removed long after its time, or younger than a restored backup */
		return e == EG_NOTFOUND ? VERDICT_SESSION_REVOKED : verdict_of_err(e);
	e = key_get(sv, a, &everybody, &login->key_id, &id->key);
	if (e != EG_OK)
		return gate_verdict_of_load(e);
	e = agent_get(sv, a, &everybody, &login->agent_id, &id->agent);
	if (e != EG_OK)
		return e == EG_NOTFOUND ? VERDICT_SESSION_REVOKED : verdict_of_err(e);
	id->token = token_of(&id->agent);
	id->token.id = login->id;
	id->token.created_at = login->created_at;
	id->token.issued_at = login->refreshed_at;
	id->token.expires_at = id->session_expires_at;
	return gate_verdict_of_load(load_owners(sv, a, id));
}

/* Of the two texts that a key's record knows, the newer has no end of its own. */
static bool
key_text_is_good(const struct key_row *k, const char *lookup, int64_t now_s)
{
	if (strcmp(k->lookup, lookup) == 0)
		return true;
	return k->previous_lookup != NULL && strcmp(k->previous_lookup, lookup) == 0 && now_s < k->previous_valid_until;
}

bool
gate_login_is_alive(struct service *sv, struct arena *a, const struct uuid *login_id, int64_t now_s, struct gate_answer *out)
{
	const struct identity *id = &out->id;
	const struct key_row *k = &id->key;
	struct login_row login;

	if (!gate_check_verdict(out, "known", load(sv, a, login_id, &login, &out->id)))
		return false;

	bool revoked = k->revoked_at != 0 || login.ended_at != 0 || login.created_at < id->customer.tokens_revoked_before;
	bool expired = k->expires_at != 0 && now_s >= k->expires_at;

	return gate_check(out, "revoked", !revoked, VERDICT_SESSION_REVOKED) &&
	    gate_check(out, "rotated", key_text_is_good(k, login.key_lookup, now_s), VERDICT_SESSION_REVOKED) &&
	    gate_check(out, "expired", !expired, VERDICT_SESSION_REVOKED);
}

/* ---- logging in ---- */

static bool
agent_is_own(struct service *sv, struct arena *a, int64_t number, struct gate_answer *out)
{
	struct agent_row *agent = &out->id.agent;
	const struct scope s = { .partner_id = out->id.key.partner_id, .customer_id = out->id.key.customer_id };
	eg_err e = agent_get_by_number(sv, a, &s, number, agent);

	if (!gate_check_verdict(out, "subject", e == EG_NOTFOUND ? VERDICT_SUBJECT_MISMATCH : verdict_of_err(e)))
		return false;
	out->id.token = token_of(agent);
	e = load_owners(sv, a, &out->id);
	return e == EG_OK || gate_check_verdict(out, "known", gate_verdict_of_load(e));
}

void
gate_agent_login(struct service *sv, struct arena *a, const struct actor *who, int64_t number, int64_t now_s,
    struct gate_answer *out, struct gate_agent_tokens *tokens)
{
	const struct gate_ask ask = { .place = GATE_SESSION, .want = PERM_AGENTS_READ, .now_s = now_s };
	struct login_row login;
	eg_err e;

	if (!agent_is_own(sv, a, number, out) || !gate_standing_is_good(sv, a, &ask, out))
		return;
	e = login_create(sv, a, who, &out->id.key, out->id.old_text, &out->id.agent, &login);
	if (e == EG_OK)
		e = make_tokens(sv, a, &login, tokens);
	out->verdict = e == EG_NOTFOUND ? VERDICT_SUBJECT_MISMATCH : verdict_of_err(e);
}

/* ---- refreshing ---- */

/* A refresh token is a JWT; any other kind of credential is told apart by its text. */
static bool
refresh_is_genuine(struct service *sv, struct arena *a, const struct gate_refresh_ask *ask, struct gate_answer *out,
    struct login_claims *claims)
{
	enum gate_text_kind kind = gate_text_kind(ask->text, ask->len);
	eg_err e;

	if (kind != GATE_TEXT_JWT)
		return gate_check(out, "shape", false, kind == GATE_TEXT_EMPTY ? VERDICT_MISSING_CREDENTIALS :
		    kind == GATE_TEXT_OTHER ? VERDICT_REFRESH_INVALID : VERDICT_WRONG_TOKEN_TYPE);
	e = gate_login_parse(sv, a, JWT_AGENT_REFRESH, ask->text, ask->len, ask->now_s, claims);
	out->secret_verified = e == EG_OK || e == EG_NOT_YET || e == EG_EXPIRED;
	return gate_check(out, "shape", true, VERDICT_OK) &&
	    gate_check_verdict(out, "signature", e == EG_FORGED || e == EG_EXPIRED ? VERDICT_REFRESH_INVALID :
	        e == EG_NOT_YET ? VERDICT_SESSION_NOT_YET_VALID : verdict_of_err(e));
}

/* As the key of the login. */
static struct actor
actor_of(struct arena *a, const struct key_row *k, const struct gate_refresh_ask *ask)
{
	char *text = arena_alloc(a, UUID_TEXT_SIZE);

	uuid_format(&k->id, text);
	return (struct actor){ .kind = "api_key", .id = text, .name = k->name, .address = gate_cut_address(a, ask->address),
		.request_id = ask->request_id };
}

/* Looked at before anything else is told, so that a copy is noticed whatever else is wrong. */
static bool
refresh_is_due(struct service *sv, struct arena *a, const struct gate_refresh_ask *ask, const struct login_claims *claims,
    struct gate_answer *out)
{
	static const struct scope everybody = { 0 };
	struct login_row login;
	struct actor who;
	eg_err e = login_get(sv, a, &claims->login_id, &login);

	if (e == EG_OK && claims->serial < login.serial && login.ended_at == 0) {
		e = key_get(sv, a, &everybody, &login.key_id, &out->id.key);
		who = actor_of(a, &out->id.key, ask);
		if (e == EG_OK)
			e = login_refresh(sv, a, &who, &login.id, claims->serial, &login);
	} else if (e == EG_OK && login.ended_at != 0) {
		e = EG_CONFLICT;
	}
	return gate_check_verdict(out, "session", e == EG_NOTFOUND ? VERDICT_REFRESH_INVALID :
	    e == EG_CONFLICT ? VERDICT_REFRESH_REUSED : verdict_of_err(e));
}

void
gate_agent_refresh(struct service *sv, struct arena *a, const struct gate_refresh_ask *ask, struct gate_answer *out,
    struct gate_agent_tokens *tokens)
{
	const struct gate_ask embed = { .place = GATE_SESSION, .want = PERM_AGENTS_READ, .address = ask->address,
		.now_s = ask->now_s };
	struct login_claims claims;
	struct login_row login;
	struct actor who;
	eg_err e;

	gate_answer_init(out);
	if (!refresh_is_genuine(sv, a, ask, out, &claims) || !refresh_is_due(sv, a, ask, &claims, out))
		return;
	out->id.kind = IDENTITY_AGENT_LOGIN;
	out->id.session_expires_at = claims.expires_at;
	if (!gate_login_is_alive(sv, a, &claims.login_id, ask->now_s, out) || !gate_standing_is_good(sv, a, &embed, out) ||
	    !gate_embed_rate_is_fine(sv, &embed, out))
		return;
	who = actor_of(a, &out->id.key, ask);
	e = login_refresh(sv, a, &who, &claims.login_id, claims.serial, &login);
	if (e == EG_OK)
		e = make_tokens(sv, a, &login, tokens);
	out->verdict = e == EG_NOTFOUND ? VERDICT_REFRESH_INVALID : e == EG_CONFLICT ? VERDICT_REFRESH_REUSED : verdict_of_err(e);
}
