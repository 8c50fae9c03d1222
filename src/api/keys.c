/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "api/keys.h"

static const char *const types[] = { "partner", "customer", "read_only", "webhook", NULL };

const struct field key_new_fields[] = {
	{ "name", FIELD_TEXT, FIELD_REQUIRED, 1, 100, NULL, "A name to know it by, such as \"N8N Production\"." },
	{ "type", FIELD_CHOICE, FIELD_REQUIRED, 0, 0, types, "What it may do." },
	{ "customer_id", FIELD_UUID, FIELD_NULLABLE, 0, 0, NULL,
	  "The one customer it is for: needed for a customer key, possible for a read_only key." },
	{ "expires_at", FIELD_TIME, FIELD_NULLABLE, 0, 0, NULL, "When it ends; null: never." },
	{ .type = FIELD_END },
};

const struct field key_patch_fields[] = {
	{ "name", FIELD_TEXT, 0, 1, 100, NULL, "A name to know it by." },
	{ "expires_at", FIELD_TIME, FIELD_NULLABLE, 0, 0, NULL, "When it ends; null: never." },
	{ .type = FIELD_END },
};

const struct field key_rotate_fields[] = {
	{ "overlap_seconds", FIELD_INT, 0, 0, KEY_OVERLAP_MAX_S, NULL,
	  "How long the old text goes on working; 0 after a leak. 86400 where it is not given." },
	{ .type = FIELD_END },
};

static eg_err
answer_key(struct rq *rq, struct resp *rs, int status, const struct key_row *key, const char *text)
{
	json_object *view = key_view(rq->sv, rq->arena, key, rq->now_s);

	if (text != NULL)
		json_add_str(view, "key", text);
	return resp_data(rq, rs, status, view);
}

eg_err
keys_list(struct rq *rq, struct resp *rs)
{
	json_object *array = json_new_array(rq->arena);
	size_t page, limit, count, total;
	struct key_row *rows;

	EG_TRY(rq_check_query(rq));
	rq_paging(rq, &page, &limit);
	EG_TRY(key_list(rq->sv, rq->arena, &rq->id.scope, page, limit, &rows, &count, &total));
	for (size_t i = 0; i < count; i++)
		json_push_object(array, key_view(rq->sv, rq->arena, &rows[i], rq->now_s));
	return resp_list(rq, rs, array, page, limit, total);
}

eg_err
keys_create(struct rq *rq, struct resp *rs)
{
	char *text = arena_alloc(rq->arena, API_KEY_SIZE);
	struct actor who = rq_actor(rq);
	struct key_row key;
	json_object *body;

	EG_TRY(rq_body(rq, rq->route->fields, &body));
	const struct key_new in = {
		.name = json_get_str(body, "name"),
		.type = key_type_by_name(json_get_str(body, "type")),
		.customer_id = json_get_uuid(body, "customer_id"),
		.expires_at = json_get_time(body, "expires_at"),
	};
	EG_TRY(key_create(rq->sv, rq->arena, &rq->id.scope, &who, &in, &rq->faults, &key, text));
	return answer_key(rq, rs, 201, &key, text);
}

/* Who may not see a key is told so before a word is said about the body. */
static eg_err
find_key(struct rq *rq, struct uuid *id, struct key_row *out)
{
	EG_TRY(rq_path_uuid(rq, "id", id));
	return key_get(rq->sv, rq->arena, &rq->id.scope, id, out);
}

eg_err
keys_get(struct rq *rq, struct resp *rs)
{
	struct key_row key;
	struct uuid id;

	EG_TRY(find_key(rq, &id, &key));
	return answer_key(rq, rs, 200, &key, NULL);
}

eg_err
keys_patch(struct rq *rq, struct resp *rs)
{
	struct actor who = rq_actor(rq);
	struct key_row key;
	json_object *body;
	struct uuid id;

	EG_TRY(find_key(rq, &id, &key));
	EG_TRY(rq_body(rq, rq->route->fields, &body));
	const struct key_patch patch = {
		.set_name = field_given(body, "name"), .name = json_get_str(body, "name"),
		.set_expires_at = field_given(body, "expires_at"), .expires_at = json_get_time(body, "expires_at"),
	};
	EG_TRY(key_update(rq->sv, rq->arena, &rq->id.scope, &who, &id, &patch, &rq->faults, &key));
	return answer_key(rq, rs, 200, &key, NULL);
}

eg_err
keys_revoke(struct rq *rq, struct resp *rs)
{
	struct actor who = rq_actor(rq);
	struct key_row key;
	struct uuid id;

	EG_TRY(rq_path_uuid(rq, "id", &id));
	EG_TRY(key_revoke(rq->sv, rq->arena, &rq->id.scope, &who, &id, &key));
	return answer_key(rq, rs, 200, &key, NULL);
}

eg_err
keys_rotate(struct rq *rq, struct resp *rs)
{
	char *text = arena_alloc(rq->arena, API_KEY_SIZE);
	struct actor who = rq_actor(rq);
	struct key_row key;
	json_object *body;
	struct uuid id;

	EG_TRY(find_key(rq, &id, &key));
	EG_TRY(rq_body(rq, rq->route->fields, &body));
	int64_t overlap_s = json_get_int(body, "overlap_seconds", KEY_OVERLAP_DEFAULT_S);
	EG_TRY(key_rotate(rq->sv, rq->arena, &rq->id.scope, &who, &id, overlap_s, &rq->faults, &key, text));
	return answer_key(rq, rs, 200, &key, text);
}
