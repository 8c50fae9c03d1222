/* SPDX-License-Identifier: GPL-3.0-or-later */
/* api_key.c - the list for API keys. */
#include <string.h>

#include "base/clock.h"
#include "gate/check.h"

/* Is the text an API key at all, and well formed? */
static bool
text_is_key(struct service *sv, const struct gate_key_ask *ask, struct gate_answer *out)
{
	enum gate_text_kind kind = gate_text_kind(ask->text, ask->len);
	enum api_key_type type;
	struct embed_token t;

	switch (kind) {
	case GATE_TEXT_EMPTY:
		return gate_check(out, "shape", false, VERDICT_MISSING_CREDENTIALS);
	case GATE_TEXT_API_KEY:
		return gate_check_form(out, ask->text, ask->len, API_KEY_LEN, api_key_parse(ask->text, ask->len, &type)) &&
		    gate_check(out, "kind", true, VERDICT_OK);
	case GATE_TEXT_EMB:
	case GATE_TEXT_EMU:
		if (!gate_check_form(out, ask->text, ask->len, EMBED_TOKEN_LEN,
		    embed_token_parse(sv->tokens, ask->text, ask->len, &t)))
			return false;
		break;
	case GATE_TEXT_JWT:
		if (!gate_check(out, "shape", true, VERDICT_OK))
			return false;
		break;
	case GATE_TEXT_OTHER:
		return gate_check(out, "shape", false, VERDICT_TOKEN_MALFORMED);
	}
	return gate_check(out, "kind", false, VERDICT_WRONG_TOKEN_TYPE);
}

static bool
key_is_alive(struct service *sv, struct arena *a, const struct gate_key_ask *ask, struct gate_answer *out)
{
	struct identity *id = &out->id;
	struct key_row *k = &id->key;
	const char *text = arena_strndup(a, ask->text, ask->len);
	eg_err e = key_find(sv, a, text, k, &id->old_text);

	if (!gate_check_verdict(out, "known", e == EG_NOTFOUND ? VERDICT_INVALID_TOKEN : verdict_of_err(e)))
		return false;
	out->secret_verified = true;
	id->kind = IDENTITY_API_KEY;
	return gate_check(out, "revoked", k->revoked_at == 0, VERDICT_TOKEN_REVOKED) &&
	    gate_check(out, "rotated", !id->old_text || ask->now_s < k->previous_valid_until, VERDICT_TOKEN_ROTATED) &&
	    gate_check(out, "expired", k->expires_at == 0 || ask->now_s < k->expires_at, VERDICT_TOKEN_EXPIRED);
}

static enum verdict
load(struct service *sv, struct arena *a, struct identity *id)
{
	const struct scope partners = { .partner_id = id->key.partner_id };
	eg_err e = partner_get(sv, a, &id->key.partner_id, &id->partner);

	if (e == EG_OK && !uuid_is_nil(&id->key.customer_id))
		e = customer_get(sv, a, &partners, &id->key.customer_id, &id->customer);
	return gate_verdict_of_load(e);
}

static unsigned
key_type_bit(enum api_key_type type)
{
	switch (type) {
	case API_KEY_PARTNER:	return GATE_KEY_PARTNER;
	case API_KEY_CUSTOMER:	return GATE_KEY_CUSTOMER;
	case API_KEY_READ_ONLY:	return GATE_KEY_READ_ONLY;
	case API_KEY_WEBHOOK:	return GATE_KEY_WEBHOOK;
	}
	return 0;
}

static bool
standing_is_good(struct service *sv, struct arena *a, const struct gate_key_ask *ask, struct gate_answer *out)
{
	struct identity *id = &out->id;
	enum verdict loaded = load(sv, a, id);
	bool reads_only = id->key.type == API_KEY_READ_ONLY;

	return gate_check_verdict(out, "partner",
	        loaded != VERDICT_OK ? loaded : id->partner.is_suspended ? VERDICT_PARTNER_SUSPENDED : VERDICT_OK) &&
	    gate_check(out, "customer", !id->customer.is_disabled, VERDICT_CUSTOMER_DISABLED) &&
	    gate_check(out, "feature", id->partner.has_api_access, VERDICT_FEATURE_NOT_ENABLED) &&
	    gate_check(out, "permission", !reads_only || (ask->is_read && !ask->answer_has_secret), VERDICT_READ_ONLY_KEY) &&
	    gate_check(out, "permission", (key_type_bit(id->key.type) & ask->allow) != 0, VERDICT_KEY_TYPE_NOT_ALLOWED);
}

static bool
rate_is_fine(struct service *sv, const struct gate_key_ask *ask, struct gate_answer *out)
{
	uint8_t name[1 + sizeof(struct uuid)] = { 'K' };

	memcpy(name + 1, out->id.key.id.b, sizeof(struct uuid));
	return gate_check_rate(sv, out, name, sizeof(name), sv->config.key_rate);
}

static void
identify(struct arena *a, struct identity *id)
{
	char *text = arena_alloc(a, UUID_TEXT_SIZE);

	uuid_format(&id->key.id, text);
	id->scope = (struct scope){ .partner_id = id->key.partner_id, .customer_id = id->key.customer_id };
	id->actor = (struct actor){ .kind = "api_key", .id = text, .name = id->key.name };
}

/* A key has no site: what is kept is the address it came from, cut. */
static void
count(struct service *sv, struct arena *a, const struct gate_key_ask *ask, const struct gate_answer *out)
{
	const struct verdict_info *v = verdict_info(out->verdict);
	const char *from = gate_cut_address(a, ask->address);
	const struct key_row *k = &out->id.key;

	if (!out->secret_verified || v->status >= 500)
		return;
	if (out->verdict == VERDICT_OK)
		usage_count(sv->usage, k->slot, &k->id, USAGE_REQUEST, ask->now_s, from, out->id.old_text);
	else
		usage_refused(sv->usage, k->slot, &k->id, ask->now_s, v->code, from);
}

/* The refusal was decided without a look-up, and what is done here cannot be seen in it. The partner is told, because whoever
 * looks at that page has the key: one row a key and day, so that no page can fill the log. */
static void
note_in_browser(struct service *sv, struct arena *a, const struct gate_key_ask *ask)
{
	static const struct limit daily = { .rate = 1, .period_s = 86400 };
	uint8_t name[1 + sizeof(struct uuid)] = { 'B' };
	struct limit_answer first;
	struct key_row key;
	bool old_text;

	if (key_find(sv, a, arena_strndup(a, ask->text, ask->len), &key, &old_text) != EG_OK)
		return;
	memcpy(name + 1, key.id.b, sizeof(struct uuid));
	limit_take(sv->usage, name, sizeof(name), &daily, clock_mono_us(), &first);
	if (first.allowed && key_note_in_browser(sv, a, &key, gate_origin_kept(ask->origin), gate_cut_address(a, ask->address)) != EG_OK)
		limit_give_back(sv->usage, name, sizeof(name), &daily, clock_mono_us());
}

void
gate_api_key(struct service *sv, struct arena *a, const struct gate_key_ask *ask, struct gate_answer *out)
{
	gate_answer_init(out);
	if (text_is_key(sv, ask, out) && gate_check(out, "origin", ask->origin == NULL, VERDICT_SERVER_KEY_IN_BROWSER) &&
	    key_is_alive(sv, a, ask, out) && standing_is_good(sv, a, ask, out) && rate_is_fine(sv, ask, out)) {
		identify(a, &out->id);
		out->verdict = VERDICT_OK;
	}
	count(sv, a, ask, out);
	if (out->verdict == VERDICT_SERVER_KEY_IN_BROWSER)
		note_in_browser(sv, a, ask);
}
