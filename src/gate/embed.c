/* SPDX-License-Identifier: GPL-3.0-or-later */
/* embed.c - the list for embed credentials. Four steps, in the order of the table of verdicts: the text (no store), the
 * records it names, their standing, what is asked for. */
#include <string.h>

#include "base/buf.h"
#include "base/origin.h"
#include "gate/check.h"

/* ---- what a token may ---- */

/* A token of one event or agent reaches that thing, whatever it was granted. */
static unsigned
subject_permissions(const struct token_row *t)
{
	unsigned all = PERM_ALL;

	if (!uuid_is_nil(&t->event_id))
		all &= PERM_EVENTS_READ | PERM_EVENTS_REGISTER | PERM_API_READ;
	if (!uuid_is_nil(&t->agent_id))
		all &= PERM_AGENTS_READ | PERM_API_READ;
	return all;
}

/* Those of `bits` whose features are on. */
static unsigned
enabled_permissions(unsigned bits, const struct customer_row *c)
{
	if (!(c->features & FEATURE_EMBED))
		return 0;
	for (unsigned bit = 1; bit <= PERM_ALL; bit <<= 1)
		if ((bits & bit) && !(c->features & permission_feature(bit)))
			bits &= ~bit;
	return bits;
}

unsigned
gate_permissions(const struct token_row *t, const struct customer_row *c)
{
	return enabled_permissions(t->permissions & subject_permissions(t), c);
}

/* api:read is no thing to read but a way to read things: those named beside it. */
static unsigned
things_of(unsigned want)
{
	return want & ~(unsigned)PERM_API_READ;
}

static bool
may(const struct identity *id, unsigned want)
{
	unsigned things = things_of(want);

	if (want == 0 || (id->permissions & things) != 0)
		return true;
	return (id->permissions & want & PERM_API_READ) != 0 &&
	    (things == 0 || enabled_permissions(things & subject_permissions(&id->token), &id->customer) != 0);
}

/* Is something of `want` switched on: the thing itself, and the way in which this token is let to it? */
static bool
features_are_on(const struct identity *id, unsigned want)
{
	const struct customer_row *c = &id->customer;
	unsigned things = things_of(want);
	unsigned granted = id->token.permissions & want;

	if (!(c->features & FEATURE_EMBED) || (id->kind == IDENTITY_AGENT_LOGIN && !id->partner.has_api_access))
		return false;
	return want == 0 || ((things == 0 || enabled_permissions(things, c) != 0) &&
	    enabled_permissions(granted != 0 ? granted : want, c) != 0);
}

/* ---- sites ---- */

const char *
gate_frame_ancestors(struct arena *a, const struct token_row *t)
{
	struct buf b;

	if (t->origin_count == 0)
		return "*";
	buf_init(&b, a, 256);
	for (size_t i = 0; i < t->origin_count; i++) {
		if (i > 0)
			buf_add_char(&b, ' ');
		buf_add_str(&b, t->origins[i]);
	}
	return b.data;
}

bool
gate_origin_allowed(const struct service *sv, const struct token_row *t, const char *origin)
{
	if (origin == NULL || t->origin_count == 0 || gate_origin_is_own(sv, origin))
		return true;
	for (size_t i = 0; i < t->origin_count; i++)
		if (origin_covers(t->origins[i], origin))
			return true;
	return false;
}

/* ---- step one: the text ---- */

static bool
is_foreign(const struct service *sv, const char *origin)
{
	return origin != NULL && !gate_origin_is_own(sv, origin);
}

static bool
place_takes(const struct service *sv, const struct gate_ask *ask, enum gate_text_kind kind)
{
	switch (ask->place) {
	case GATE_EXCHANGE:
	case GATE_PAGE:
		return kind == GATE_TEXT_EMB || (kind == GATE_TEXT_EMU && !is_foreign(sv, ask->origin));
	case GATE_HEADER:
		return kind == GATE_TEXT_EMB || kind == GATE_TEXT_JWT;
	case GATE_SESSION:
		return kind == GATE_TEXT_JWT;
	case GATE_INTROSPECT:
		return kind == GATE_TEXT_EMB || kind == GATE_TEXT_EMU || kind == GATE_TEXT_JWT;
	case GATE_TESTER:       /* here the origin is the site that would show it, so an emu_ has one, too */
		return kind == GATE_TEXT_EMB || kind == GATE_TEXT_EMU;
	}
	return false;
}

static bool
kind_is_right(const struct service *sv, const struct gate_ask *ask, struct gate_answer *out, enum gate_text_kind kind)
{
	return gate_check(out, "kind", place_takes(sv, ask, kind), VERDICT_WRONG_TOKEN_TYPE);
}

/* A text under our key: genuine, or an unknown one, or no answer could be had. */
static enum verdict
verdict_of_signature(eg_err e, enum verdict forged)
{
	return e == EG_FORGED ? forged : verdict_of_err(e);
}

static bool
token_text_is_genuine(struct service *sv, const struct gate_ask *ask, enum gate_text_kind kind, struct gate_answer *out,
    struct uuid *token_id)
{
	struct embed_token t;
	eg_err e = embed_token_parse(sv->tokens, ask->text, ask->len, &t);

	if (!gate_check_form(out, ask->text, ask->len, EMBED_TOKEN_LEN, e) || !kind_is_right(sv, ask, out, kind) ||
	    !gate_check_verdict(out, "signature", verdict_of_signature(e, VERDICT_INVALID_TOKEN)))
		return false;
	out->secret_verified = true;
	out->id.kind = IDENTITY_EMBED_TOKEN;
	out->id.framed_by = is_foreign(sv, ask->origin) ? NULL : ask->framed_by;
	out->id.purpose = t.purpose;
	*token_id = t.id;
	memcpy(out->id.issue, t.issue, sizeof(out->id.issue));
	return true;
}

/* Two kinds of text are taken for a session, each under keys of its own: what is none of the one may be one of the other. */
static eg_err
read_session(struct service *sv, struct arena *a, const struct gate_ask *ask, struct identity *id, struct uuid *token_id)
{
	struct session_claims session = { 0 };
	struct login_claims login;
	eg_err e = gate_session_parse(sv, a, ask->text, ask->len, ask->now_s, &session);

	if (e == EG_FORGED) {
		e = gate_login_parse(sv, a, JWT_AGENT_ACCESS, ask->text, ask->len, ask->now_s, &login);
		id->kind = IDENTITY_AGENT_LOGIN;
		id->session_expires_at = login.expires_at;
		*token_id = login.login_id;
		return e;
	}
	id->kind = IDENTITY_SESSION;
	id->session_expires_at = session.expires_at;
	id->framed_by = session.framed_by;
	*token_id = session.token_id;
	memcpy(id->issue, session.issue, sizeof(id->issue));
	return e;
}

static bool
session_text_is_genuine(struct service *sv, struct arena *a, const struct gate_ask *ask, struct gate_answer *out,
    struct uuid *token_id)
{
	struct identity read = { .kind = IDENTITY_NONE };
	eg_err e;

	if (!gate_check(out, "shape", true, VERDICT_OK) || !kind_is_right(sv, ask, out, GATE_TEXT_JWT))
		return false;
	e = read_session(sv, a, ask, &read, token_id);
	out->secret_verified = e == EG_OK || e == EG_NOT_YET || e == EG_EXPIRED;
	if (!gate_check_verdict(out, "signature",
	    out->secret_verified ? VERDICT_OK : verdict_of_signature(e, VERDICT_SESSION_INVALID)))
		return false;
	out->id = read;
	return gate_check(out, "session", e == EG_OK,
	    e == EG_EXPIRED ? VERDICT_SESSION_EXPIRED : VERDICT_SESSION_NOT_YET_VALID);
}

static bool
text_is_genuine(struct service *sv, struct arena *a, const struct gate_ask *ask, struct gate_answer *out,
    struct uuid *token_id)
{
	enum gate_text_kind kind = gate_text_kind(ask->text, ask->len);
	enum api_key_type type;

	switch (kind) {
	case GATE_TEXT_EMPTY:
		return gate_check(out, "shape", false, VERDICT_MISSING_CREDENTIALS);
	case GATE_TEXT_EMB:
	case GATE_TEXT_EMU:
		return token_text_is_genuine(sv, ask, kind, out, token_id);
	case GATE_TEXT_JWT:
		return session_text_is_genuine(sv, a, ask, out, token_id);
	case GATE_TEXT_API_KEY:
		return gate_check_form(out, ask->text, ask->len, API_KEY_LEN, api_key_parse(ask->text, ask->len, &type)) &&
		    kind_is_right(sv, ask, out, kind);
	case GATE_TEXT_OTHER:
		break;
	}
	return gate_check(out, "shape", false, VERDICT_TOKEN_MALFORMED);
}

/* ---- step two: the records ---- */

static enum verdict
load(struct service *sv, struct arena *a, const struct uuid *token_id, struct identity *id)
{
	static const struct scope everybody = { 0 };
	eg_err e = token_get_with_customer(sv, a, &everybody, token_id, &id->token, &id->customer);

	if (e == EG_OK)
		e = partner_get(sv, a, &id->token.partner_id, &id->partner);
	if (e == EG_OK)
		e = gate_subject_load(sv, a, id);
	return gate_verdict_of_load(e);
}

/* The tokens of a deleted event or agent are revoked one by one; none waits for its turn. */
static bool
is_revoked(const struct identity *id)
{
	return id->token.revoked_at != 0 || gate_subject_is_gone(id);
}

/* Of the texts a record knows, the newest has no end of its own. */
static bool
text_works(const struct gate_ask *ask, struct identity *id)
{
	int64_t end = token_text_end(&id->token, id->issue);

	id->old_text = end != 0;
	id->old_text_until = end;
	return end == 0 || ask->now_s < end;
}

/* A session tells less: whatever ended its token, a new exchange would say. */
static enum verdict
dead(const struct identity *id, enum verdict v)
{
	return id->kind == IDENTITY_SESSION ? VERDICT_SESSION_REVOKED : v;
}

static bool
token_is_alive(struct service *sv, struct arena *a, const struct gate_ask *ask, const struct uuid *token_id,
    struct gate_answer *out)
{
	struct identity *id = &out->id;
	struct token_row *t = &id->token;

	if (id->kind == IDENTITY_AGENT_LOGIN)
		return gate_login_is_alive(sv, a, token_id, ask->now_s, out);
	if (!gate_check_verdict(out, "known", load(sv, a, token_id, id)))
		return false;

	bool expired = t->expires_at != 0 && ask->now_s >= t->expires_at;

	return gate_check(out, "revoked", !is_revoked(id), dead(id, VERDICT_TOKEN_REVOKED)) &&
	    gate_check(out, "rotated", text_works(ask, id), dead(id, VERDICT_TOKEN_ROTATED)) &&
	    gate_check(out, "expired", !expired, dead(id, VERDICT_TOKEN_EXPIRED)) &&
	    gate_check(out, "paused", t->is_active, dead(id, VERDICT_TOKEN_DISABLED));
}

/* ---- step three: standing ---- */

bool
gate_standing_is_good(struct service *sv, struct arena *a, const struct gate_ask *ask, struct gate_answer *out)
{
	struct identity *id = &out->id;
	const struct token_row *t = &id->token;

	id->permissions = gate_permissions(t, &id->customer);
	if (!(gate_check(out, "partner", !id->partner.is_suspended, VERDICT_PARTNER_SUSPENDED) &&
	    gate_check(out, "customer", !id->customer.is_disabled, VERDICT_CUSTOMER_DISABLED) &&
	    gate_check(out, "portal_access", id->customer.has_portal_access, VERDICT_PORTAL_ACCESS_DISABLED) &&
	    gate_check(out, "feature", features_are_on(id, ask->want), VERDICT_FEATURE_NOT_ENABLED) &&
	    gate_check_verdict(out, "subject", gate_subject_verdict(sv, a, ask, id)) &&
	    gate_check(out, "origin", gate_origin_allowed(sv, t, ask->origin), VERDICT_ORIGIN_NOT_ALLOWED)))
		return false;
	if (!gate_check(out, "permission", may(id, ask->want), VERDICT_INSUFFICIENT_SCOPE)) {
		out->missing_permission = things_of(ask->want) != 0 ? things_of(ask->want) : ask->want;
		return false;
	}
	return true;
}

/* ---- step four: how often ---- */

bool
gate_embed_rate_is_fine(struct service *sv, const struct gate_ask *ask, struct gate_answer *out)
{
	uint8_t name[1 + sizeof(struct uuid) + GATE_BUCKET_SIZE] = { 'T' };

	if (ask->address == NULL || ask->place == GATE_TESTER)
		return true;
	memcpy(name + 1, out->id.token.id.b, sizeof(struct uuid));
	return gate_check_rate(sv, out, name, 1 + sizeof(struct uuid) +
	    gate_address_bucket(ask->address, name + 1 + sizeof(struct uuid)), sv->config.token_rate);
}

/* ---- all of it ---- */

static void
identify(struct arena *a, struct identity *id)
{
	char *text = arena_alloc(a, UUID_TEXT_SIZE);

	uuid_format(&id->token.id, text);
	id->scope = (struct scope){ .partner_id = id->token.partner_id, .customer_id = id->token.customer_id };
	id->actor = (struct actor){ .kind = id->kind == IDENTITY_AGENT_LOGIN ? "agent_login" : "embed_token", .id = text,
		.name = id->token.name };
}

/* A widget's name comes from outside; only what could be one is kept. */
static const char *
widget_kept(const char *widget)
{
	return widget != NULL && widget[strspn(widget, "abcdefghijklmnopqrstuvwxyz-")] == '\0' ? widget : "";
}

static void
keep(char *out, size_t size, const char *text)
{
	size_t len = text == NULL ? 0 : strnlen(text, size - 1);

	if (len > 0)
		memcpy(out, text, len);
	out[len] = '\0';
}

/* How a use or refusal is told of: our own page in a frame asks with our own origin, so the site around it counts. */
struct told {
	const char *code;
	const char *origin;
	bool is_use;
};

static struct told
tell(const struct service *sv, const struct gate_ask *ask, const struct gate_answer *out)
{
	struct told told = {
		.code = verdict_info(out->verdict)->code, .origin = gate_origin_kept(ask->origin), .is_use = out->verdict == VERDICT_OK,
	};
	bool allowed;

	if (out->id.framed_by == NULL || is_foreign(sv, ask->origin))
		return told;
	allowed = gate_origin_allowed(sv, &out->id.token, out->id.framed_by);
	if (allowed || ask->place == GATE_PAGE)
		told.origin = gate_origin_kept(out->id.framed_by);
	/* The page is answered, and its frame-ancestors keep the browser from showing it. */
	if (!allowed && ask->place == GATE_PAGE && told.is_use) {
		told.code = verdict_info(VERDICT_ORIGIN_NOT_ALLOWED)->code;
		told.is_use = false;
	}
	return told;
}

/* Only what a genuine credential did reaches its token; a fault of ours is no refusal of it. */
static void
count(struct service *sv, struct arena *a, const struct gate_ask *ask, const struct gate_answer *out)
{
	const struct token_row *t = &out->id.token;
	const struct customer_row *c = &out->id.customer;
	const struct key_row *k = &out->id.key;
	bool is_login = out->id.kind == IDENTITY_AGENT_LOGIN;   /* what its tokens do counts for the API key they came from */
	const struct uuid *id = is_login ? &k->id : &t->id;
	uint32_t slot = is_login ? k->slot : t->slot;

	if (!ask->counts || ask->place == GATE_TESTER || !out->secret_verified || verdict_info(out->verdict)->status >= 500 ||
	    uuid_is_nil(&t->id))
		return;

	struct told told = tell(sv, ask, out);

	if (told.is_use)
		usage_count(sv->usage, slot, id, ask->use, ask->now_s, told.origin, out->id.old_text);
	else
		usage_refused(sv->usage, slot, id, ask->now_s, told.code, told.origin);

	struct ring_row row = { .at_s = ask->now_s, .token_id = t->id, .count = 1 };

	keep(row.code, sizeof(row.code), told.code);
	keep(row.origin, sizeof(row.origin), told.origin);
	keep(row.widget, sizeof(row.widget), widget_kept(ask->widget));
	keep(row.address, sizeof(row.address), gate_cut_address(a, ask->address));
	keep(row.browser, sizeof(row.browser), ask->browser);
	ring_add(sv->usage, c->ring, &c->id, &row);
}

void
gate_embed(struct service *sv, struct arena *a, const struct gate_ask *ask, struct gate_answer *out)
{
	struct uuid token_id;

	gate_answer_init(out);
	if (text_is_genuine(sv, a, ask, out, &token_id) && token_is_alive(sv, a, ask, &token_id, out) &&
	    gate_standing_is_good(sv, a, ask, out) && gate_embed_rate_is_fine(sv, ask, out)) {
		identify(a, &out->id);
		out->verdict = VERDICT_OK;
	}
	count(sv, a, ask, out);
}
