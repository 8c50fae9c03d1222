/* SPDX-License-Identifier: GPL-3.0-or-later */
/* embed.c - the list for embed credentials. Four steps, in the order of the table of verdicts: the text (no store), the
 * records it names, their standing, what is asked for. */
#include <stdio.h>
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

	if (!(c->features & FEATURE_EMBED))
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

static bool
session_text_is_genuine(struct service *sv, struct arena *a, const struct gate_ask *ask, struct gate_answer *out,
    struct uuid *token_id)
{
	struct session_claims claims;
	eg_err e;

	if (!gate_check(out, "shape", true, VERDICT_OK) || !kind_is_right(sv, ask, out, GATE_TEXT_JWT))
		return false;
	e = gate_session_parse(sv, a, ask->text, ask->len, ask->now_s, &claims);
	out->secret_verified = e == EG_OK || e == EG_NOT_YET || e == EG_EXPIRED;
	if (!gate_check_verdict(out, "signature",
	    out->secret_verified ? VERDICT_OK : verdict_of_signature(e, VERDICT_SESSION_INVALID)))
		return false;
	out->id.kind = IDENTITY_SESSION;
	out->id.session_expires_at = claims.expires_at;
	out->id.framed_by = claims.framed_by;
	*token_id = claims.token_id;
	memcpy(out->id.issue, claims.issue, sizeof(out->id.issue));
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

/* The event of a token of one event; a deleted one stays nil. */
static eg_err
load_event(struct service *sv, struct arena *a, const struct scope *s, struct identity *id)
{
	eg_err e = uuid_is_nil(&id->token.event_id) ? EG_OK : event_get(sv, a, s, &id->token.event_id, &id->event);

	return e == EG_NOTFOUND ? EG_OK : e;
}

static enum verdict
load(struct service *sv, struct arena *a, const struct uuid *token_id, struct identity *id)
{
	static const struct scope everybody = { 0 };
	eg_err e = token_get_with_customer(sv, a, &everybody, token_id, &id->token, &id->customer);

	if (e == EG_OK)
		e = partner_get(sv, a, &id->token.partner_id, &id->partner);
	if (e == EG_OK)
		e = load_event(sv, a, &everybody, id);
	return gate_verdict_of_load(e);
}

/* The tokens of a deleted event are revoked one by one; none waits for its turn. */
static bool
is_revoked(const struct identity *id)
{
	return id->token.revoked_at != 0 || !uuid_equal(&id->token.event_id, &id->event.id);
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

	if (!gate_check_verdict(out, "known", load(sv, a, token_id, id)))
		return false;

	bool expired = t->expires_at != 0 && ask->now_s >= t->expires_at;

	return gate_check(out, "revoked", !is_revoked(id), dead(id, VERDICT_TOKEN_REVOKED)) &&
	    gate_check(out, "rotated", text_works(ask, id), dead(id, VERDICT_TOKEN_ROTATED)) &&
	    gate_check(out, "expired", !expired, dead(id, VERDICT_TOKEN_EXPIRED)) &&
	    gate_check(out, "paused", t->is_active, dead(id, VERDICT_TOKEN_DISABLED));
}

/* ---- step three: standing ---- */

static bool
names_agent(const char *text, const struct token_row *t)
{
	char number[24];

	if (uuid_is_nil(&t->agent_id))
		return false;
	snprintf(number, sizeof(number), "%lld", (long long)t->agent_number);
	return strcmp(text, number) == 0 || gate_names_uuid(text, &t->agent_id);
}

/* A token of one event has that; one of a customer has each of the customer's. */
static enum verdict
judge_event(struct service *sv, struct arena *a, const char *text, struct identity *id)
{
	const struct token_row *t = &id->token;
	const struct scope own = { .partner_id = t->partner_id, .customer_id = t->customer_id };
	struct uuid named;
	eg_err e;

	if (text == NULL)
		return VERDICT_OK;
	if (uuid_parse(text, strlen(text), &named) != EG_OK || !uuid_is_nil(&t->agent_id))
		return VERDICT_SUBJECT_MISMATCH;
	if (!uuid_is_nil(&t->event_id))
		return uuid_equal(&named, &t->event_id) ? VERDICT_OK : VERDICT_SUBJECT_MISMATCH;
	e = event_get(sv, a, &own, &named, &id->event);
	return e == EG_NOTFOUND ? VERDICT_SUBJECT_MISMATCH : verdict_of_err(e);
}

/* What cannot be shown to be the token's own is somebody else's. */
static enum verdict
judge_subject(struct service *sv, struct arena *a, const struct gate_ask *ask, struct identity *id)
{
	const struct gate_subject *s = &ask->subject;
	const struct token_row *t = &id->token;

	/* Our own pages name the token they were made for, so that nobody puts another one into them. */
	if (ask->place == GATE_EXCHANGE && s->token_id == NULL && gate_origin_is_own(sv, ask->origin))
		return VERDICT_SUBJECT_MISMATCH;
	if ((s->token_id != NULL && !gate_names_uuid(s->token_id, &t->id)) ||
	    (s->customer_id != NULL && !gate_names_uuid(s->customer_id, &t->customer_id)) ||
	    (s->agent != NULL && !names_agent(s->agent, t)))
		return VERDICT_SUBJECT_MISMATCH;
	return judge_event(sv, a, s->event_id, id);
}

static bool
standing_is_good(struct service *sv, struct arena *a, const struct gate_ask *ask, struct gate_answer *out)
{
	struct identity *id = &out->id;
	const struct token_row *t = &id->token;

	id->permissions = gate_permissions(t, &id->customer);
	if (!(gate_check(out, "partner", !id->partner.is_suspended, VERDICT_PARTNER_SUSPENDED) &&
	    gate_check(out, "customer", !id->customer.is_disabled, VERDICT_CUSTOMER_DISABLED) &&
	    gate_check(out, "portal_access", id->customer.has_portal_access, VERDICT_PORTAL_ACCESS_DISABLED) &&
	    gate_check(out, "feature", features_are_on(id, ask->want), VERDICT_FEATURE_NOT_ENABLED) &&
	    gate_check_verdict(out, "subject", judge_subject(sv, a, ask, id)) &&
	    gate_check(out, "origin", gate_origin_allowed(sv, t, ask->origin), VERDICT_ORIGIN_NOT_ALLOWED)))
		return false;
	if (!gate_check(out, "permission", may(id, ask->want), VERDICT_INSUFFICIENT_SCOPE)) {
		out->missing_permission = things_of(ask->want) != 0 ? things_of(ask->want) : ask->want;
		return false;
	}
	return true;
}

/* ---- step four: how often ---- */

static bool
rate_is_fine(struct service *sv, const struct gate_ask *ask, struct gate_answer *out)
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
	id->actor = (struct actor){ .kind = "embed_token", .id = text, .name = id->token.name };
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

	if (!ask->counts || ask->place == GATE_TESTER || !out->secret_verified || verdict_info(out->verdict)->status >= 500 ||
	    uuid_is_nil(&t->id))
		return;

	struct told told = tell(sv, ask, out);

	if (told.is_use)
		usage_count(sv->usage, t->slot, &t->id, ask->use, ask->now_s, told.origin, out->id.old_text);
	else
		usage_refused(sv->usage, t->slot, &t->id, ask->now_s, told.code, told.origin);

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
	if (text_is_genuine(sv, a, ask, out, &token_id) && token_is_alive(sv, a, ask, &token_id, out) && standing_is_good(sv, a, ask, out) &&
	    rate_is_fine(sv, ask, out)) {
		identify(a, &out->id);
		out->verdict = VERDICT_OK;
	}
	count(sv, a, ask, out);
}
