/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "embed/pages.h"

#include <string.h>

#include "base/origin.h"
#include "embed/policy.h"
#include "view/dashboard.h"
#include "view/widget.h"

json_object *
pages_script_view(struct rq *rq)
{
	json_object *o = json_new_object(rq->arena);

	json_add_str(o, "api_url", rq_public_url(rq, ""));
	json_add_str(o, "loader", rq_embed_url(rq, "/embed/v" EG_VERSION "/loader.js"));
	json_add_str(o, "page", rq_embed_url(rq, "/embed/v" EG_VERSION "/page.js"));
	return o;
}

eg_err
pages_embed(struct rq *rq, struct resp *rs)
{
	static const struct scope everybody = { 0 };
	json_object *view = json_new_object(rq->arena);
	struct token_row token;
	const char *nonce;
	struct uuid id;
	eg_err e;

	EG_TRY(rq_path_uuid(rq, "id", &id));
	e = token_get(rq->sv, rq->arena, &everybody, &id, &token);
	if (e == EG_NOTFOUND)
		return rq_refuse(rq, VERDICT_INVALID_TOKEN, NULL);
	EG_TRY(e);
	EG_TRY(policy_set(rq, rs, &token, &nonce));
	json_add_str(view, "nonce", nonce);
	json_add_uuid(view, "token_id", &token.id);
	json_add_str(view, "widget", widget_of_token(&token));
	json_add_object(view, "scripts", pages_script_view(rq));
	return resp_page(rq, rs, 200, "embed/page.html", view);
}

/* The site around the frame that this page is fetched for. */
static const char *
framed_by(const struct rq *rq)
{
	static const char *const frames[] = { "iframe", "frame", "embed", "object" };
	const char *where = rq_header(rq, "Sec-Fetch-Dest"), *referer = rq_header(rq, "Referer"), *origin;

	for (size_t i = 0; where != NULL && referer != NULL && i < EG_COUNT(frames); i++)
		if (strcmp(where, frames[i]) == 0)
			return origin_of_url(rq->arena, referer, &origin) == EG_OK ? origin : NULL;
	return NULL;
}

/* The one token of the query; with one in a header, too, it would be two. */
static eg_err
query_token(struct rq *rq, const char **text)
{
	const char *header;
	bool is_api_key_header;
	size_t given = 0;

	EG_TRY(rq_credential(rq, &header, &is_api_key_header));
	for (size_t i = 0; i < rq->query_count; i++)
		given += strcmp(rq->query_params[i].name, "token") == 0;
	*text = rq_query(rq, "token");
	if (given + (header != NULL) > 1)
		return rq_refuse(rq, VERDICT_MULTIPLE_CREDENTIALS, NULL);
	return *text != NULL && **text != '\0' ? EG_OK : rq_refuse(rq, VERDICT_MISSING_CREDENTIALS, NULL);
}

eg_err
pages_dashboard(struct rq *rq, struct resp *rs)
{
	const char *text, *session, *nonce;
	struct dashboard d;
	json_object *view;

	EG_TRY(query_token(rq, &text));
	gate_embed(rq->sv, rq->arena, &(struct gate_ask){
		.text = text, .len = strlen(text), .place = GATE_PAGE, .origin = rq->origin, .framed_by = framed_by(rq), .want = PERM_DASHBOARD_READ,
		.address = rq->address, .widget = "dashboard", .browser = gate_browser(rq_header(rq, "User-Agent")),
		.counts = true, .use = USAGE_LOAD, .now_s = rq->now_s,
	}, &rq->gate);
	if (rq->gate.verdict != VERDICT_OK)
		return rq_refuse(rq, rq->gate.verdict, NULL);

	rq->id = rq->gate.id;
	EG_TRY(gate_session_make(rq->sv, rq->arena, &rq->id, rq->now_s, &session));
	EG_TRY(dashboard_read(rq->sv, rq->arena, &rq->id, rq->now_s, &d));
	EG_TRY(policy_set(rq, rs, &rq->id.token, &nonce));
	view = dashboard_widget(rq->arena, &d);
	json_add_str(view, "nonce", nonce);
	json_add_str(view, "session", session);
	json_add_object(view, "scripts", pages_script_view(rq));
	return resp_page(rq, rs, 200, "embed/dashboard.html", view);
}
