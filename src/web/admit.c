/* SPDX-License-Identifier: GPL-3.0-or-later */
/* admit.c - what a request shows -> who asks. Which credential is good is for the gate; here is only how it travels: one
 * text in one header, or the portal's cookie with its form token. */
#include <string.h>
#include <strings.h>

#include "web/answer.h"
#include "web/params.h"
#include "web/router.h"

#define NEED_KEYS (NEED_KEY_PARTNER | NEED_KEY_CUSTOMER | NEED_KEY_READ_ONLY | NEED_KEY_WEBHOOK)
#define NEED_EMBEDS (NEED_EMBED | NEED_SESSION)

_Static_assert((unsigned)NEED_KEY_PARTNER == GATE_KEY_PARTNER && (unsigned)NEED_KEY_CUSTOMER == GATE_KEY_CUSTOMER &&
    (unsigned)NEED_KEY_READ_ONLY == GATE_KEY_READ_ONLY && (unsigned)NEED_KEY_WEBHOOK == GATE_KEY_WEBHOOK,
    "the kinds of key are the same bits for routes and for the gate");

/* ---- credentials in headers ---- */

static const char *
skip_spaces(const char *text)
{
	return text + strspn(text, " \t");
}

/* "Bearer TEXT" -> TEXT; NULL for any other scheme, and where nothing follows. */
static const char *
bearer_text(struct arena *a, const char *value)
{
	size_t len;

	value = skip_spaces(value);
	if (strncasecmp(value, "Bearer", 6) != 0 || (value[6] != ' ' && value[6] != '\t'))
		return NULL;
	value = skip_spaces(value + 6);
	for (len = strlen(value); len > 0 && (value[len - 1] == ' ' || value[len - 1] == '\t'); len--)
		;
	return len > 0 ? arena_strndup(a, value, len) : NULL;
}

/* What stands behind the next comma that is in no quoted text. */
static const char *
element_next(const char *p)
{
	for (bool is_quoted = false; *p != '\0'; p++) {
		if (is_quoted && p[0] == '\\' && p[1] != '\0')
			p++;
		else if (*p == '"')
			is_quoted = !is_quoted;
		else if (*p == ',' && !is_quoted)
			return p + 1;
	}
	return p;
}

/* Web servers make one value of several headers. A comma also parts the parameters of one credential (Digest a="1", b=2): a
 * further one begins with a word that no "=" follows. */
static bool
is_list(const char *value)
{
	size_t schemes = 0;

	for (; *value != '\0'; value = element_next(value)) {
		size_t len;

		value = skip_spaces(value);
		len = strcspn(value, " \t,=");
		schemes += len > 0 && *skip_spaces(value + len) != '=';
	}
	return schemes > 1;
}

/* Authorization as it came, or as Apache hands it on after a redirect: once more "REDIRECT_" in front for each. Both are one
 * header where they agree. `*seen` is the value; EG_REFUSED where there are two. */
static eg_err
authorization_find(struct rq *rq, const char **seen)
{
	static const char name[] = "HTTP_AUTHORIZATION=";
	bool came_as_header = false;

	*seen = NULL;
	for (char *const *entry = rq->env; *entry != NULL; entry++) {
		const char *var = *entry;
		bool is_header;

		while (strncmp(var, "REDIRECT_", 9) == 0)
			var += 9;
		if (strncmp(var, name, sizeof(name) - 1) != 0 || *skip_spaces(var + sizeof(name) - 1) == '\0')
			continue;
		var += sizeof(name) - 1;
		is_header = var == *entry + sizeof(name) - 1;
		if (*seen != NULL && ((is_header && came_as_header) || strcmp(*seen, var) != 0))
			return rq_refuse(rq, VERDICT_MULTIPLE_CREDENTIALS, NULL);
		came_as_header |= is_header;
		*seen = var;
	}
	return EG_OK;
}

/* X-API-Key, also spelled X_API_KEY: to CGI both are one variable, which is there twice if both were sent. */
static eg_err
key_header_find(struct rq *rq, const char **seen)
{
	size_t at = 0;
	const char *value;

	*seen = NULL;
	while ((value = rq_header_next(rq, "X-API-Key", &at)) != NULL) {
		value = skip_spaces(value);
		if (*value == '\0')
			continue;
		if (*seen != NULL)
			return rq_refuse(rq, VERDICT_MULTIPLE_CREDENTIALS, NULL);
		*seen = value;
	}
	return EG_OK;
}

eg_err
rq_credential(struct rq *rq, const char **text, bool *is_api_key_header)
{
	const char *authorization, *key;

	*text = NULL;
	*is_api_key_header = false;
	EG_TRY(authorization_find(rq, &authorization));
	EG_TRY(key_header_find(rq, &key));
	if (authorization != NULL && is_list(authorization))
		return rq_refuse(rq, VERDICT_MULTIPLE_CREDENTIALS, NULL);
	/* A scheme that is not ours (Basic, before a test site) is between the client and the server. */
	if (authorization != NULL)
		authorization = bearer_text(rq->arena, authorization);
	if (authorization != NULL && key != NULL)
		return rq_refuse(rq, VERDICT_MULTIPLE_CREDENTIALS, NULL);

	*text = authorization != NULL ? authorization : key;
	*is_api_key_header = key != NULL;
	/* Repeated headers arrive as one with a comma, which is in no credential. */
	if (*text != NULL && strchr(*text, ',') != NULL) {
		*text = NULL;
		return rq_refuse(rq, VERDICT_MULTIPLE_CREDENTIALS, NULL);
	}
	return EG_OK;
}

/* The one credential that there must be. */
static eg_err
credential_take(struct rq *rq, const char **text, bool *is_api_key_header)
{
	EG_TRY(rq_credential(rq, text, is_api_key_header));
	if (*text != NULL)
		return EG_OK;
	if (rq_header(rq, "Authorization") != NULL)
		return rq_refuse(rq, VERDICT_MISSING_CREDENTIALS,
		    "The Authorization header must be \"Bearer\" and the credential.");
	return rq_refuse(rq, VERDICT_MISSING_CREDENTIALS, NULL);
}

/* What the gate found becomes the request's. */
static eg_err
gate_result(struct rq *rq)
{
	if (rq->gate.verdict != VERDICT_OK)
		return rq_refuse(rq, rq->gate.verdict, NULL);
	rq->id = rq->gate.id;
	return EG_OK;
}

static eg_err
admit_key(struct rq *rq)
{
	struct gate_key_ask ask = {
		.origin = rq->origin,
		.allow = rq->route->needs & NEED_KEYS,
		.is_read = (rq->method & (M_GET | M_HEAD)) != 0,
		.answer_has_secret = (rq->route->needs & ANSWER_HAS_SECRET) != 0,
		.address = rq->address,
		.now_s = rq->now_s,
	};
	bool is_api_key_header;

	EG_TRY(credential_take(rq, &ask.text, &is_api_key_header));
	ask.len = strlen(ask.text);
	gate_api_key(rq->sv, rq->arena, &ask, &rq->gate);
	return gate_result(rq);
}

static const char *
widget_of(const struct rq *rq)
{
	static const char widgets[] = "/embed/v1/widgets/";

	return strncmp(rq->path, widgets, sizeof(widgets) - 1) == 0 ? rq->path + sizeof(widgets) - 1 : NULL;
}

/* What is wrong with the query is told behind the gate, which hears of the subject however it is spelled. */
static eg_err
admit_embed(struct rq *rq)
{
	rq_take_query(rq);

	struct gate_ask ask = {
		.place = rq->route->needs & NEED_EMBED ? GATE_HEADER : GATE_SESSION,
		.origin = rq->origin,
		.want = rq->route->permission,
		.subject = {
			.token_id = rq_query(rq, "token_id"),
			.customer_id = rq_query(rq, "customer_id"),
			.event_id = rq_query(rq, "event_id"),
			.agent = rq_query(rq, "agent_id"),
		},
		.address = rq->address,
		.widget = widget_of(rq),
		.browser = gate_browser(rq_header(rq, "User-Agent")),
		.counts = rq->faults.first == NULL,
		.use = USAGE_REQUEST,
		.now_s = rq->now_s,
	};
	bool is_api_key_header;
	enum gate_text_kind kind;

	EG_TRY(credential_take(rq, &ask.text, &is_api_key_header));
	ask.len = strlen(ask.text);
	kind = gate_text_kind(ask.text, ask.len);
	/* An embed credential is a Bearer; in the other header it is of the wrong kind, as an API key is. */
	if (is_api_key_header && (kind == GATE_TEXT_EMB || kind == GATE_TEXT_EMU || kind == GATE_TEXT_JWT))
		return rq_refuse(rq, VERDICT_WRONG_TOKEN_TYPE, NULL);
	gate_embed(rq->sv, rq->arena, &ask, &rq->gate);
	EG_TRY(gate_result(rq));
	return rq_check_faults(rq);
}

/* ---- people ---- */

static eg_err
admit_user(struct rq *rq)
{
	const char *cookie = rq_portal_cookie(rq);

	gate_portal(rq->sv, rq->arena, cookie, cookie != NULL ? strlen(cookie) : 0, rq->now_s, &rq->gate);
	return gate_result(rq);
}

bool
admit_is_foreign_form(const struct rq *rq)
{
	const char *site = rq_header(rq, "Sec-Fetch-Site");

	if ((rq->method & (M_GET | M_HEAD | M_OPTIONS)) != 0)
		return false;
	/* No page can set or forge Sec-Fetch-Site. A sibling host, "same-site", is where embeds may live: not ours. */
	if (site != NULL)
		return strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0;
	return rq->origin == NULL || strcmp(rq->origin, rq->sv->config.public_origin) != 0;
}

static eg_err
admit_form(struct rq *rq)
{
	const char *text = rq_form(rq, "csrf");
	eg_err e;

	if (text == NULL)
		return rq_refuse(rq, VERDICT_CSRF_FAILED, NULL);
	e = csrf_check(rq->sv->forms, &rq->id.portal.id, rq->path, text, rq->now_s, &rq->form_nonce);
	return e == EG_FORGED ? rq_refuse(rq, VERDICT_CSRF_FAILED, NULL) : e;
}

static eg_err
admit_role(struct rq *rq, unsigned needs)
{
	const struct user_row *u = &rq->id.user;
	bool is_owner = u->role == USER_OWNER, is_admin = u->role == USER_ADMIN;

	if ((needs & NEED_OWNER) && !is_owner)
		return rq_refuse(rq, VERDICT_INSUFFICIENT_SCOPE, "Only the owner of this account may do this.");
	if ((needs & NEED_SETTINGS) && !is_owner && !(is_admin && u->may_settings))
		return rq_refuse(rq, VERDICT_INSUFFICIENT_SCOPE, "The owner of this account can grant you its settings.");
	if ((needs & NEED_ADMIN) && !is_owner && !is_admin)
		return rq_refuse(rq, VERDICT_INSUFFICIENT_SCOPE, "Only the owner and admins of this account may do this.");
	return EG_OK;
}

static eg_err
admit_customer(struct rq *rq)
{
	struct uuid id;

	EG_TRY(rq_path_uuid(rq, "customer", &id));
	return customer_get(rq->sv, rq->arena, &rq->id.scope, &id, &rq->customer);
}

eg_err
admit(struct rq *rq)
{
	unsigned needs = rq->route->needs;

	if (needs & NEED_KEYS)
		EG_TRY(admit_key(rq));
	else if (needs & NEED_EMBEDS)
		EG_TRY(admit_embed(rq));
	else if (needs & NEED_USER)
		EG_TRY(admit_user(rq));
	if ((needs & (NEED_USER | NEED_OWN_ORIGIN)) && admit_is_foreign_form(rq))
		return rq_refuse(rq, VERDICT_CSRF_FAILED, NULL);
	if (needs & NEED_FORM)
		EG_TRY(admit_form(rq));
	if (needs & (NEED_OWNER | NEED_SETTINGS | NEED_ADMIN))
		EG_TRY(admit_role(rq, needs));
	if (needs & NEED_CUSTOMER)
		EG_TRY(admit_customer(rq));
	return EG_OK;
}
