/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "api/tokens.h"

#include <string.h>

#include "base/origin.h"
#include "gate/tester.h"
#include "view/snippets.h"

static const char *const permissions[] = {
	"dashboard:read", "events:read", "events:register", "agents:read", "api:read", NULL,
};

const struct field token_new_fields[] = {
	{ "customer_id", FIELD_UUID, 0, 0, 0, NULL, "Whose token it is. One of customer_id, event_id and agent_id is needed." },
	{ "event_id", FIELD_UUID, 0, 0, 0, NULL, "The event this token gives access to." },
	{ "agent_id", FIELD_AGENT, 0, 0, 0, NULL, "The agent this token gives access to: its number, or its id." },
	{ "name", FIELD_TEXT, FIELD_REQUIRED, 1, TOKEN_NAME_MAX, NULL, "A name to know it by, such as \"Production website\"." },
	{ "allowed_origins", FIELD_TEXTS, FIELD_NULLABLE, 0, TOKEN_ORIGINS_MAX, NULL,
	  "The sites on which it works, such as https://example.com or https://*.example.com; empty: any site." },
	{ "permissions", FIELD_NAMES, 0, 1, 5, permissions, "What it may do; the default depends on what it is for." },
	{ "expires_at", FIELD_TIME, FIELD_NULLABLE, 0, 0, NULL, "When it ends; null: never." },
	{ .type = FIELD_END },
};

const struct field token_patch_fields[] = {
	{ "name", FIELD_TEXT, 0, 1, TOKEN_NAME_MAX, NULL, "A name to know it by." },
	{ "allowed_origins", FIELD_TEXTS, 0, 0, TOKEN_ORIGINS_MAX, NULL,
	  "The sites on which it works, all of them; empty: any site." },
	{ "is_active", FIELD_BOOL, 0, 0, 0, NULL, "false pauses it, true lets it go on." },
	{ "expires_at", FIELD_TIME, FIELD_NULLABLE, 0, 0, NULL, "When it ends; null: never." },
	{ .type = FIELD_END },
};

const struct field token_rotate_fields[] = {
	{ "overlap_seconds", FIELD_INT, 0, 0, TOKEN_OVERLAP_MAX_S, NULL,
	  "How long the old text goes on working; 0 after a leak. 86400 where it is not given, 0 for a primary token." },
	{ .type = FIELD_END },
};

const struct field token_verify_fields[] = {
	{ "token", FIELD_SECRET, FIELD_REQUIRED, 1, REQUEST_HEADER_MAX, NULL, "What is to be checked. It is never kept or logged." },
	{ "origin", FIELD_TEXT, FIELD_NULLABLE, 1, 2000, NULL, "The site on which it is used, such as https://example.com." },
	{ .type = FIELD_END },
};

static const char *const statuses[] = { "active", "disabled", "rotating", "expired", "revoked", "all", NULL };

const struct field token_list_query[] = {
	{ "customer_id", FIELD_UUID, 0, 0, 0, NULL, "Only those of this customer." },
	{ "event_id", FIELD_UUID, 0, 0, 0, NULL, "Only those for this event." },
	{ "status", FIELD_CHOICE, 0, 0, 0, statuses, "Only those of this status; active has those in it that are rotating." },
	QUERY_PAGING,
	{ .type = FIELD_END },
};

const struct field no_fields[] = { { .type = FIELD_END } };

static eg_err
answer_token(struct rq *rq, struct resp *rs, int status, const struct token_row *token, const char *text)
{
	json_object *view = token_view(rq->sv, rq->arena, token, rq->now_s);

	if (text != NULL)
		json_add_str(view, "token", text);
	return resp_data(rq, rs, status, view);
}

/* ---- list ---- */

eg_err
tokens_list(struct rq *rq, struct resp *rs)
{
	json_object *array = json_new_array(rq->arena);
	struct token_row *rows;
	size_t count, total;

	EG_TRY(rq_check_query(rq));
	struct token_filter filter = {
		.customer_id = rq_query_uuid(rq, "customer_id"), .event_id = rq_query_uuid(rq, "event_id"),
		.status = rq_query(rq, "status"),
	};
	rq_paging(rq, &filter.page, &filter.limit);
	EG_TRY(token_list(rq->sv, rq->arena, &rq->id.scope, &filter, rq->now_s, &rows, &count, &total));
	for (size_t i = 0; i < count; i++)
		json_push_object(array, token_view(rq->sv, rq->arena, &rows[i], rq->now_s));
	return resp_list(rq, rs, array, filter.page, filter.limit, total);
}

/* ---- create and change ---- */

eg_err
tokens_create(struct rq *rq, struct resp *rs)
{
	char *text = arena_alloc(rq->arena, EMBED_TOKEN_SIZE);
	struct actor who = rq_actor(rq);
	struct token_row token;
	json_object *body;

	EG_TRY(rq_body(rq, rq->route->fields, &body));
	struct token_new in = {
		.customer_id = json_get_uuid(body, "customer_id"),
		.event_id = json_get_uuid(body, "event_id"),
		.agent = json_get_str(body, "agent_id"),
		.name = json_get_str(body, "name"),
		.allowed_origins = json_get_array(body, "allowed_origins"),
		.set_permissions = field_given(body, "permissions"),
		.expires_at = json_get_time(body, "expires_at"),
	};
	if (field_given(body, "customer_id") + field_given(body, "event_id") + field_given(body, "agent_id") != 1)
		faults_add(&rq->faults, "customer_id", "Say whose token it is: give exactly one of customer_id, event_id and agent_id.");
	if (in.set_permissions)
		in.permissions = permission_parse(json_get_array(body, "permissions"), "permissions", &rq->faults);
	EG_TRY(rq_check_faults(rq));
	EG_TRY(token_create(rq->sv, rq->arena, &rq->id.scope, &who, &in, &rq->faults, &token, text));
	return answer_token(rq, rs, 201, &token, text);
}

eg_err
tokens_get(struct rq *rq, struct resp *rs)
{
	struct token_row token;
	struct uuid id;

	EG_TRY(rq_path_uuid(rq, "id", &id));
	EG_TRY(token_get(rq->sv, rq->arena, &rq->id.scope, &id, &token));
	return answer_token(rq, rs, 200, &token, NULL);
}

/* Who may not see a token is told so before a word is said about the body. */
static eg_err
find_token(struct rq *rq, struct uuid *id, struct token_row *token)
{
	EG_TRY(rq_path_uuid(rq, "id", id));
	return token_get(rq->sv, rq->arena, &rq->id.scope, id, token);
}

eg_err
tokens_patch(struct rq *rq, struct resp *rs)
{
	struct actor who = rq_actor(rq);
	struct token_row token;
	json_object *body;
	struct uuid id;

	EG_TRY(find_token(rq, &id, &token));
	EG_TRY(rq_body(rq, rq->route->fields, &body));
	struct token_patch patch = {
		.set_name = field_given(body, "name"), .name = json_get_str(body, "name"),
		.set_origins = field_given(body, "allowed_origins"), .allowed_origins = json_get_array(body, "allowed_origins"),
		.set_active = field_given(body, "is_active"), .is_active = json_get_bool(body, "is_active", true),
		.set_expires_at = field_given(body, "expires_at"), .expires_at = json_get_time(body, "expires_at"),
	};
	EG_TRY(token_update(rq->sv, rq->arena, &rq->id.scope, &who, &id, &patch, &rq->faults, &token));
	return answer_token(rq, rs, 200, &token, NULL);
}

eg_err
tokens_revoke(struct rq *rq, struct resp *rs)
{
	struct actor who = rq_actor(rq);
	struct token_row token;
	struct uuid id;

	EG_TRY(rq_path_uuid(rq, "id", &id));
	EG_TRY(token_revoke(rq->sv, rq->arena, &rq->id.scope, &who, &id, &token));
	return answer_token(rq, rs, 200, &token, NULL);
}

eg_err
tokens_rotate(struct rq *rq, struct resp *rs)
{
	char *text = arena_alloc(rq->arena, EMBED_TOKEN_SIZE);
	struct actor who = rq_actor(rq);
	struct token_row token;
	json_object *body;
	struct uuid id;

	EG_TRY(find_token(rq, &id, &token));
	EG_TRY(rq_body(rq, rq->route->fields, &body));
	int64_t overlap_s = json_get_int(body, "overlap_seconds", token_default_overlap_s(&token));
	eg_err e = token_rotate(rq->sv, rq->arena, &rq->id.scope, &who, &id, overlap_s, &rq->faults, &token, text);
	if (e == EG_CONFLICT && rq->faults.count > 0)
		return rq_refuse(rq, VERDICT_TOKEN_STATE_CONFLICT, rq->faults.first->message);
	EG_TRY(e);
	return answer_token(rq, rs, 200, &token, text);
}

eg_err
tokens_url(struct rq *rq, struct resp *rs)
{
	char *emu = arena_alloc(rq->arena, EMBED_TOKEN_SIZE);
	struct actor who = rq_actor(rq);
	struct customer_row customer;
	struct token_row token;
	struct uuid id;

	EG_TRY(find_token(rq, &id, &token));
	if (!rq->sv->config.copy_url)
		return rq_refuse(rq, VERDICT_COPY_URL_DISABLED, NULL);
	EG_TRY(token_copy_url(rq->sv, rq->arena, &rq->id.scope, &who, &id, &token, emu));
	EG_TRY(customer_get(rq->sv, rq->arena, &rq->id.scope, &token.customer_id, &customer));

	struct snippets s = {
		.config = &rq->sv->config, .token = &token, .slug = rq->id.partner.slug, .customer_name = customer.name, .emu = emu,
	};
	json_object *view = json_new_object(rq->arena);
	json_add_str(view, "url", snippets_url(rq->arena, &s));
	json_add_str(view, "legacy_url", snippets_legacy_url(rq->arena, &s));
	json_add_object(view, "snippets", snippets_view(rq->arena, &s));
	return resp_data(rq, rs, 200, view);
}

/* ---- activity ---- */

static json_object *
activity_row_view(struct arena *a, const struct ring_row *row)
{
	json_object *o = json_new_object(a);

	json_add_time(o, "at", row->at_s);
	json_add_str(o, "code", row->code);
	json_add_str(o, "origin", row->origin[0] != '\0' ? row->origin : NULL);
	json_add_str(o, "widget", row->widget[0] != '\0' ? row->widget : NULL);
	json_add_int(o, "count", row->count);
	return o;
}

eg_err
tokens_activity(struct rq *rq, struct resp *rs)
{
	json_object *array = json_new_array(rq->arena);
	size_t page, limit, count, found = 0;
	struct customer_row customer;
	struct token_row token;
	struct ring_row *rows;
	struct uuid id;

	EG_TRY(rq_path_uuid(rq, "id", &id));
	EG_TRY(token_get(rq->sv, rq->arena, &rq->id.scope, &id, &token));
	EG_TRY(customer_get(rq->sv, rq->arena, &rq->id.scope, &token.customer_id, &customer));
	EG_TRY(rq_check_query(rq));
	rq_paging(rq, &page, &limit);
	ring_read(rq->sv->usage, rq->arena, customer.ring, &customer.id, &rows, &count);
	for (size_t i = 0; i < count; i++) {
		if (!uuid_equal(&rows[i].token_id, &token.id))
			continue;
		if (found / limit + 1 == page)
			json_push_object(array, activity_row_view(rq->arena, &rows[i]));
		found++;
	}
	return resp_list(rq, rs, array, page, limit, found);
}

/* ---- verify ---- */

/* The site as a browser would name it in an Origin header; NULL where none was given, or it is none (recorded). */
static const char *
verify_origin(struct rq *rq, const char *text)
{
	const char *origin = NULL, *why;

	if (text != NULL && origin_normalise(rq->arena, text, strlen(text), &origin, &why) != EG_OK)
		faults_add(&rq->faults, "origin", "%s", why);
	return origin;
}

eg_err
tokens_verify(struct rq *rq, struct resp *rs)
{
	struct gate_answer *found = arena_alloc(rq->arena, sizeof(*found));
	json_object *body;

	EG_TRY(rq_body(rq, rq->route->fields, &body));
	const char *text = json_get_str(body, "token");
	const char *origin = verify_origin(rq, json_get_str(body, "origin"));
	EG_TRY(rq_check_faults(rq));
	tester_run(rq->sv, rq->arena, &rq->id.scope, &(struct gate_ask){
		.text = text, .len = strlen(text), .place = GATE_TESTER, .origin = origin, .now_s = rq->now_s,
	}, found);
	if (verdict_info(found->verdict)->status == 503)
		return rq_refuse(rq, found->verdict, NULL);
	return resp_data(rq, rs, 200, tester_view(rq->arena, found));
}
