/* SPDX-License-Identifier: GPL-3.0-or-later */
/* token_test.c - the token tester: a pasted token is judged as a browser's request would be, check by check, with the way to
 * mend what failed and the answer the browser would get. What was pasted is in the body of a form, and nowhere else. */
#include <ctype.h>
#include <string.h>

#include "base/origin.h"
#include "gate/tester.h"
#include "portal/api_key_show.h"
#include "portal/handlers.h"
#include "portal/token_show.h"
#include "portal/workspace.h"
#include "view/badge.h"
#include "view/dashboard.h"
#include "view/exchanged.h"
#include "view/when.h"
#include "view/widget.h"

#define SHOWN_MAX 1800                  /* bytes of an answer */
#define ANYTHING "made-for"
#define API "api"
#define SESSION_SHOWN "(a session, good for 15 minutes)"

struct typed {
	const char *token, *site, *shows;
};

struct test {
	struct tester_pasted pasted;
	enum gate_text_kind kind;
	const char *origin;             /* or NULL */
	const char *request;            /* the one that decided */
	struct gate_answer answer;
	bool by_header;                 /* that request carries the token itself */
};

/* ---- the form ---- */

static void
add_choice(struct rq *rq, json_object *list, const char *value, const char *label, const char *selected)
{
	json_object *o = json_new_object(rq->arena);

	json_add_str(o, "value", value);
	json_add_str(o, "label", label);
	json_add_bool(o, "selected", strcmp(value, selected) == 0);
	json_push_object(list, o);
}

/* "session-list" -> "Session list widget" */
static const char *
widget_label(struct rq *rq, const char *name)
{
	char *label = arena_printf(rq->arena, "%s widget", name);

	label[0] = (char)toupper((unsigned char)label[0]);
	for (char *dash = strchr(label, '-'); dash != NULL; dash = strchr(dash, '-'))
		*dash = ' ';
	return label;
}

static eg_err
add_form(struct rq *rq, json_object *view, const struct typed *typed)
{
	json_object *form, *values = json_new_object(rq->arena), *list = json_new_array(rq->arena);

	EG_TRY(page_form(rq, workspace_path(rq, "/embed-urls/test"), &form));
	add_choice(rq, list, ANYTHING, "What the token was made for", typed->shows);
	for (size_t i = 0; widget_at(i) != NULL; i++)
		add_choice(rq, list, widget_at(i)->name, widget_label(rq, widget_at(i)->name), typed->shows);
	add_choice(rq, list, API, "Data by header (API)", typed->shows);
	json_add_str(values, "token", typed->token);
	json_add_str(values, "site", typed->site);
	json_add_object(view, "form", form);
	json_add_object(view, "values", values);
	json_add_object(view, "shows", list);
	return EG_OK;
}

/* ---- the test ---- */

static void
judge(struct rq *rq, struct test *t, unsigned want)
{
	char customer_id[UUID_TEXT_SIZE];
	const struct gate_ask ask = {
		.text = t->pasted.token, .len = strlen(t->pasted.token), .origin = t->origin, .want = want, .now_s = rq->now_s,
		/* An embed URL's token is fine for the tester, but not in a header. */
		.place = t->by_header && t->kind == GATE_TEXT_EMU ? GATE_HEADER : GATE_TESTER,
		.subject = { .token_id = t->pasted.token_id, .customer_id = customer_id },
	};

	uuid_format(&rq->customer.id, customer_id);
	tester_run(rq->sv, rq->arena, &rq->id.scope, &ask, &t->answer);
}

/* What is asked for with the session; NULL where the token is for nothing that is shown. */
static const struct widget_info *
widget_of(const struct test *t, const char *shows)
{
	for (size_t i = 0; widget_at(i) != NULL; i++)
		if (strcmp(shows, ANYTHING) == 0 ? (t->answer.id.token.permissions & widget_at(i)->permission) != 0 :
		    strcmp(shows, widget_at(i)->name) == 0)
			return widget_at(i);
	return NULL;
}

static bool
is_for_api(const struct test *t, const char *shows)
{
	return strcmp(shows, API) == 0 ||
	    (strcmp(shows, ANYTHING) == 0 && t->answer.id.token.permissions == PERM_API_READ);
}

/* As a browser goes about it: the exchange, then what is shown by it. */
static void
run(struct rq *rq, struct test *t, const char *shows)
{
	const struct widget_info *widget;

	t->kind = gate_text_kind(t->pasted.token, strlen(t->pasted.token));
	t->request = "POST /api/validate-embed-token";
	judge(rq, t, 0);
	if (is_for_api(t, shows)) {
		t->by_header = true;
		t->request = "GET /api/v1/embed/dashboard";
		judge(rq, t, PERM_DASHBOARD_READ | PERM_API_READ);
		return;
	}
	widget = widget_of(t, shows);
	if (t->answer.verdict != VERDICT_OK || widget == NULL)
		return;

	struct gate_answer exchanged = t->answer;
	judge(rq, t, widget->permission);
	if (t->answer.verdict == VERDICT_OK)
		t->answer = exchanged;
	else
		t->request = arena_printf(rq->arena, "GET /embed/v1/widgets/%s", widget->name);
}

/* ---- what mends it ---- */

static const struct mend {
	enum verdict verdict;
	bool of_token;                  /* `rest` follows the address of the token, else of its customer */
	const char *rest;
	const char *label;
} mends[] = {
	{ VERDICT_TOKEN_REVOKED, false, "/embed-urls/new", "Create a new token" },
	{ VERDICT_TOKEN_ROTATED, true, "/rotate", "Rotate once more" },
	{ VERDICT_TOKEN_EXPIRED, true, "#change", "Set a later date" },
	{ VERDICT_TOKEN_DISABLED, true, "", "Open the token and resume it" },
	{ VERDICT_CUSTOMER_DISABLED, false, "", "Open Overview" },
	{ VERDICT_PORTAL_ACCESS_DISABLED, false, "", "Open Overview" },
	{ VERDICT_FEATURE_NOT_ENABLED, false, "/features", "Open Features" },
	{ VERDICT_ORIGIN_NOT_ALLOWED, true, "?add_site=", "Allow this site" },
	{ VERDICT_INSUFFICIENT_SCOPE, false, "/embed-urls/new", "Create a token for this" },
};

static const char *
customer_path(struct rq *rq, const struct uuid *customer_id, const char *rest)
{
	char id[UUID_TEXT_SIZE];

	uuid_format(customer_id, id);
	return arena_printf(rq->arena, "/portal/customers/%s%s", id, rest);
}

static const char *
token_path(struct rq *rq, const struct token_row *t, const char *rest)
{
	char id[UUID_TEXT_SIZE];

	uuid_format(&t->id, id);
	return customer_path(rq, &t->customer_id, arena_printf(rq->arena, "/embed-urls/%s%s", id, rest));
}

/* Their own key can be rolled at once, by who may. */
static void
add_key_mend(struct rq *rq, json_object *view, const struct test *t)
{
	struct key_row key;
	bool old_text;

	if (settings_may(rq) && t->answer.verdict == VERDICT_WRONG_TOKEN_TYPE &&
	    key_find(rq->sv, rq->arena, t->pasted.token, &key, &old_text) == EG_OK &&
	    scope_covers(&rq->id.scope, &key.partner_id, &key.customer_id))
		page_add_link(rq, view, "link", api_key_path(rq, &key, ""), arena_printf(rq->arena, "Open the key %s", key.name),
		    false);
	else
		page_add_link(rq, view, "link", API_KEYS_PATH, "Open API Keys", false);
}

static void
add_mend(struct rq *rq, json_object *view, const struct test *t)
{
	const struct token_row *token = &t->answer.id.token;
	const struct customer_row *owner = &t->answer.id.customer;

	if (t->kind == GATE_TEXT_API_KEY) {
		add_key_mend(rq, view, t);
		return;
	}
	if (t->answer.verdict == VERDICT_SUBJECT_MISMATCH && !uuid_equal(&owner->id, &rq->customer.id)) {
		page_add_link(rq, view, "link", customer_path(rq, &owner->id, "/embed-urls"),
		    arena_printf(rq->arena, "Open %s", owner->name), false);
		return;
	}
	for (size_t i = 0; i < EG_COUNT(mends); i++) {
		const char *rest = mends[i].rest;

		if (mends[i].verdict != t->answer.verdict)
			continue;
		if (t->answer.verdict == VERDICT_ORIGIN_NOT_ALLOWED) {
			struct buf b;
			buf_init(&b, rq->arena, 128);
			buf_add_str(&b, rest);
			buf_add_url(&b, t->origin, strlen(t->origin));
			buf_add_str(&b, "#change");
			rest = b.data;
		}
		page_add_link(rq, view, "link", mends[i].of_token ? token_path(rq, token, rest) :
		    customer_path(rq, &owner->id, rest), mends[i].label, false);
	}
}

/* "This is a partner API key. ..." The kinds are told by how they begin. */
static const char *
fix_of(struct rq *rq, const struct test *t)
{
	static const char *const names[] = {
		[API_KEY_PARTNER] = "a partner API key", [API_KEY_CUSTOMER] = "a customer API key",
		[API_KEY_READ_ONLY] = "a read-only API key", [API_KEY_WEBHOOK] = "a webhook API key",
	};
	const struct identity *id = &t->answer.id;

	if (t->kind == GATE_TEXT_API_KEY)
		for (enum api_key_type type = API_KEY_PARTNER; type <= API_KEY_WEBHOOK; type++)
			if (strncmp(t->pasted.token, api_key_type_prefix(type), strlen(api_key_type_prefix(type))) == 0)
				return arena_printf(rq->arena, "This is %s. Never put it in a page: whoever reads the page can use "
				    "it. If it was in one, roll it. A page gets an embed token (emb_…).", names[type]);
	if (t->kind == GATE_TEXT_EMU && t->answer.verdict == VERDICT_WRONG_TOKEN_TYPE)
		return "This is the token of an embed URL. It works in that URL only; send the embed token (emb_…) in the header.";
	if (t->answer.verdict == VERDICT_SUBJECT_MISMATCH && !uuid_equal(&id->customer.id, &rq->customer.id))
		return arena_printf(rq->arena, "This token belongs to %s, not to %s.", id->customer.name, rq->customer.name);
	if (t->answer.verdict == VERDICT_SUBJECT_MISMATCH)
		return "The id in this embed URL is that of another token. Copy the URL again, whole.";
	return verdict_info(t->answer.verdict)->fix;
}

/* ---- what is shown ---- */

static json_object *
check_view(struct rq *rq, const char *check, const char *status, const char *word)
{
	json_object *o = json_new_object(rq->arena);

	json_add_object(o, "badge", badge_view_as(rq->arena, status, word));
	json_add_str(o, "question", tester_question(check));
	return o;
}

/* Those that were looked at, then those that were not. */
static void
add_checks(struct rq *rq, json_object *view, const struct test *t)
{
	json_object *list = json_new_array(rq->arena);
	bool is_behind = true;

	for (size_t i = 0; i < t->answer.step_count; i++) {
		const struct gate_step *s = &t->answer.steps[i];

		json_push_object(list, check_view(rq, s->check, s->ok ? "ok" : "refused", s->ok ? "Yes" : "No"));
	}
	for (size_t i = 0; tester_check(i) != NULL; i++) {
		if (!is_behind)
			json_push_object(list, check_view(rq, tester_check(i), "off", "Not reached"));
		else if (strcmp(tester_check(i), t->answer.steps[t->answer.step_count - 1].check) == 0)
			is_behind = false;
	}
	json_add_object(view, "checks", list);
}

/* The frame's own page is answered; what keeps a browser from showing it stands in its headers. */
static eg_err
frame_answer(struct rq *rq, struct resp *rs, const struct token_row *t)
{
	EG_TRY(resp_header(rq, rs, "Content-Security-Policy",
	    arena_printf(rq->arena, "…; frame-ancestors 'self' %s; …", gate_frame_ancestors(rq->arena, t))));
	EG_TRY(resp_header(rq, rs, "Referrer-Policy", "no-referrer"));
	return resp_bytes(rq, rs, 200, "text/html; charset=utf-8", "", 0);
}

/* As the request would be answered, by what answers it. */
static eg_err
answer_of(struct rq *rq, struct resp *rs, const struct test *t)
{
	struct rq *other = arena_alloc(rq->arena, sizeof(*other));
	bool is_frame = t->kind == GATE_TEXT_EMU && t->answer.verdict == VERDICT_ORIGIN_NOT_ALLOWED;
	struct dashboard d;

	*other = *rq;
	other->origin = t->origin;
	other->gate = t->answer;
	other->id = (struct identity){ .kind = IDENTITY_NONE };
	if (is_frame) {
		EG_TRY(frame_answer(other, rs, &t->answer.id.token));
	} else if (t->answer.verdict != VERDICT_OK) {
		other->refusal = t->answer.verdict;
		EG_TRY(resp_problem(other, rs));
	} else {
		other->id = t->answer.id;
		if (!t->by_header) {
			EG_TRY(resp_json(other, rs, 200, exchanged_view(rq->arena, &other->id, SESSION_SHOWN, rq->now_s)));
		} else {
			EG_TRY(dashboard_read(rq->sv, rq->arena, &other->id, rq->now_s, &d));
			EG_TRY(resp_data(other, rs, 200, dashboard_data(rq->arena, &d)));
		}
	}
	if (!is_frame)
		EG_TRY(router_cors(other, rs));
	return resp_common_headers(other, rs);
}

/* Long ones are cut, between two characters. */
static const char *
shown_text(struct rq *rq, const struct buf *text)
{
	size_t len = SHOWN_MAX;

	if (text->len <= SHOWN_MAX)
		return text->data;
	while (((unsigned char)text->data[len] & 0xc0) == 0x80)
		len--;
	return arena_printf(rq->arena, "%.*s…", (int)len, text->data);
}

static eg_err
add_answer(struct rq *rq, json_object *view, const struct test *t)
{
	char id[UUID_TEXT_SIZE];
	struct resp rs = { 0 };
	struct buf text;

	EG_TRY(answer_of(rq, &rs, t));
	buf_init(&text, rq->arena, 1024);
	resp_show(&rs, &text);
	json_add_str(view, "answer", shown_text(rq, &text));
	uuid_format(&t->answer.id.token.id, id);
	json_add_str(view, "request", rs.status == 200 && t->answer.verdict != VERDICT_OK ?
	    arena_printf(rq->arena, "GET /e/%s", id) : t->request);
	json_add_str(view, "frame_blocked", rs.status == 200 && t->answer.verdict != VERDICT_OK ? t->origin : NULL);
	return EG_OK;
}

/* Whose it is, once it is known to be the reader's. */
static void
add_token(struct rq *rq, json_object *view, const struct test *t)
{
	const struct identity *id = &t->answer.id;
	char prefix[EMBED_TOKEN_PREFIX_SIZE];
	json_object *o;

	if (uuid_is_nil(&id->token.id) || id->customer.name == NULL)
		return;
	o = json_new_object(rq->arena);
	embed_token_prefix(id->token.issue, prefix);
	json_add_str(o, "name", id->token.name);
	json_add_str(o, "prefix", prefix);
	json_add_str(o, "customer", id->customer.name);
	json_add_str(o, "href", page_link(rq, token_path(rq, &id->token, "")));
	json_add_str(o, "old_until", id->old_text && t->answer.verdict == VERDICT_OK ?
	    when_exact(rq->arena, id->old_text_until) : NULL);
	json_add_object(view, "token", o);
}

static eg_err
add_result(struct rq *rq, json_object *view, const struct test *t)
{
	const struct verdict_info *v = verdict_info(t->answer.verdict);
	json_object *o = json_new_object(rq->arena);
	bool is_ok = t->answer.verdict == VERDICT_OK;

	json_add_bool(o, "is_ok", is_ok);
	json_add_str(o, "heading", is_ok ? "This token works" : v->title);
	json_add_str(o, "code", is_ok ? NULL : v->code);
	json_add_str(o, "site", t->origin);
	json_add_bool(o, "any_site", is_ok && t->origin == NULL && t->answer.id.token.origin_count > 0);
	json_add_str(o, "fix", is_ok ? NULL : fix_of(rq, t));
	add_mend(rq, o, t);
	add_token(rq, o, t);
	add_checks(rq, o, t);
	EG_TRY(add_answer(rq, o, t));
	json_add_object(view, "result", o);
	return EG_OK;
}

static eg_err
show(struct rq *rq, struct resp *rs, int status, const struct typed *typed, const struct test *t)
{
	json_object *view;

	EG_TRY(workspace_page(rq, "Token tester", WORKSPACE_NO_TAB, &view));
	json_add_bool(view, "narrow", true);
	EG_TRY(add_form(rq, view, typed));
	if (t != NULL)
		EG_TRY(add_result(rq, view, t));
	page_faults(rq, view, &rq->faults, NULL);
	return page_answer(rq, rs, status, "token-test", view);
}

eg_err
token_test_page(struct rq *rq, struct resp *rs)
{
	return show(rq, rs, 200, &(struct typed){ .token = "", .site = "", .shows = ANYTHING }, NULL);
}

eg_err
token_test_submit(struct rq *rq, struct resp *rs)
{
	const char *token = rq_form(rq, "token"), *why;
	struct typed typed = {
		.token = token != NULL ? token : "", .site = page_field_text(rq, "site"), .shows = page_field_text(rq, "shows"),
	};
	struct test *t = arena_alloc(rq->arena, sizeof(*t));

	*t = (struct test){ .origin = NULL };
	if (*typed.shows == '\0')
		typed.shows = ANYTHING;
	if (tester_take_apart(rq->arena, typed.token, strlen(typed.token), &t->pasted, &why) != EG_OK)
		faults_add(&rq->faults, "token", "%s", why);
	if (*typed.site != '\0' && origin_normalise(rq->arena, typed.site, strlen(typed.site), &t->origin, &why) != EG_OK)
		faults_add(&rq->faults, "site", "%s", why);
	if (rq->faults.count > 0)
		return show(rq, rs, 422, &typed, NULL);
	run(rq, t, typed.shows);
	if (verdict_info(t->answer.verdict)->status >= 500)
		return rq_refuse(rq, t->answer.verdict, NULL);
	/* A key does not belong into a page, this one included. */
	if (t->kind == GATE_TEXT_API_KEY)
		typed.token = "";
	return show(rq, rs, 200, &typed, t);
}
