/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "api/customers.h"

#include <string.h>

#define FEATURES_ABOUT \
	"The features that are on, out of embed, analytics, events, agents, api; or an object that switches some, such as " \
	"{\"events\": false}."

const struct field user_new_fields[] = {
	{ "name", FIELD_TEXT, FIELD_REQUIRED, 1, 100, NULL, "What the customer is called." },
	{ "email", FIELD_TEXT, FIELD_NULLABLE, 1, 254, NULL, "A mail address to know the customer by. Nothing is sent there." },
	{ "external_id", FIELD_TEXT, FIELD_NULLABLE, 1, 100, NULL, "Your own id of the customer, unique among your customers." },
	{ "features", FIELD_VALUE, 0, 0, 0, NULL, FEATURES_ABOUT " All are on where it is not given." },
	{ "allowed_origins", FIELD_TEXTS, FIELD_NULLABLE, 0, TOKEN_ORIGINS_MAX, NULL,
	  "The sites on which the primary token works; empty: any site." },
	{ .type = FIELD_END },
};

const struct field customer_new_fields[] = {
	{ "name", FIELD_TEXT, FIELD_REQUIRED, 1, 100, NULL, "What the customer is called." },
	{ "email", FIELD_TEXT, FIELD_NULLABLE, 1, 254, NULL, "A mail address to know the customer by. Nothing is sent there." },
	{ "external_id", FIELD_TEXT, FIELD_NULLABLE, 1, 100, NULL, "Your own id of the customer, unique among your customers." },
	{ "features", FIELD_VALUE, 0, 0, 0, NULL, FEATURES_ABOUT " All are on where it is not given." },
	{ .type = FIELD_END },
};

static const char *const statuses[] = { "active", "disabled", NULL };

const struct field customer_patch_fields[] = {
	{ "name", FIELD_TEXT, 0, 1, 100, NULL, "What the customer is called." },
	{ "email", FIELD_TEXT, FIELD_NULLABLE, 1, 254, NULL, "A mail address to know the customer by; null takes it away." },
	{ "external_id", FIELD_TEXT, FIELD_NULLABLE, 1, 100, NULL, "Your own id of the customer; null takes it away." },
	{ "status", FIELD_CHOICE, 0, 0, 0, statuses, "While a customer is disabled, none of its embeds and keys works." },
	{ "portal_access", FIELD_BOOL, 0, 0, 0, NULL, "Off: none of the customer's embeds works." },
	{ "features", FIELD_VALUE, 0, 0, 0, NULL, FEATURES_ABOUT },
	{ .type = FIELD_END },
};

static struct feature_switches
read_features(struct rq *rq, json_object *body)
{
	if (!field_given(body, "features"))
		return (struct feature_switches){ 0 };
	return feature_parse(json_object_object_get(body, "features"), "features", &rq->faults);
}

static eg_err
create(struct rq *rq, bool wants_primary_token, struct customer_row *out, char token[EMBED_TOKEN_SIZE])
{
	json_object *body;

	EG_TRY(rq_body(rq, rq->route->fields, &body));
	struct feature_switches features = read_features(rq, body);
	struct customer_new in = {
		.name = json_get_str(body, "name"),
		.email = json_get_str(body, "email"),
		.external_id = json_get_str(body, "external_id"),
		.features = feature_switched(FEATURE_ALL, &features),
		.wants_primary_token = wants_primary_token,
		.allowed_origins = json_get_array(body, "allowed_origins"),
	};
	EG_TRY(rq_check_faults(rq));
	struct actor who = rq_actor(rq);
	return customer_create(rq->sv, rq->arena, &rq->id.scope, &who, &in, &rq->faults, out, token);
}

/* ---- users ---- */

eg_err
users_create(struct rq *rq, struct resp *rs)
{
	char *text = arena_alloc(rq->arena, EMBED_TOKEN_SIZE);
	struct customer_row customer;

	EG_TRY(create(rq, true, &customer, text));
	json_object *view = customer_view(rq->arena, &customer);
	json_add_str(view, "embed_token", text);
	json_add_uuid(view, "embed_token_id", &customer.primary_token_id);
	return resp_data(rq, rs, 201, view);
}

static eg_err
answer_primary(struct rq *rq, struct resp *rs, const struct token_row *token, const char *text)
{
	json_object *view = token_view(rq->sv, rq->arena, token, rq->now_s);

	json_add_str(view, "embed_token", text);
	json_add_uuid(view, "embed_token_id", &token->id);
	return resp_data(rq, rs, 200, view);
}

/* The customer of the path, before the body is looked at: of others nothing is told. */
static eg_err
find_customer(struct rq *rq, struct uuid *id)
{
	struct customer_row customer;

	EG_TRY(rq_path_uuid(rq, "id", id));
	return customer_get(rq->sv, rq->arena, &rq->id.scope, id, &customer);
}

eg_err
users_token(struct rq *rq, struct resp *rs)
{
	char *text = arena_alloc(rq->arena, EMBED_TOKEN_SIZE);
	struct token_row token;
	struct uuid id;

	EG_TRY(rq_path_uuid(rq, "id", &id));
	EG_TRY(token_primary_get(rq->sv, rq->arena, &rq->id.scope, &id, &token, text));
	return answer_primary(rq, rs, &token, text);
}

eg_err
users_token_renew(struct rq *rq, struct resp *rs)
{
	char *text = arena_alloc(rq->arena, EMBED_TOKEN_SIZE);
	struct actor who = rq_actor(rq);
	struct token_row token;
	json_object *body;
	struct uuid id;

	EG_TRY(find_customer(rq, &id));
	EG_TRY(rq_body(rq, rq->route->fields, &body));
	EG_TRY(token_primary_renew(rq->sv, rq->arena, &rq->id.scope, &who, &id, &token, text));
	return answer_primary(rq, rs, &token, text);
}

/* ---- customers ---- */

eg_err
customers_list(struct rq *rq, struct resp *rs)
{
	struct customer_filter filter = { 0 };
	json_object *array = json_new_array(rq->arena);
	struct customer_row *rows;
	size_t count, total;

	EG_TRY(rq_check_query(rq));
	rq_paging(rq, &filter.page, &filter.limit);
	EG_TRY(customer_list(rq->sv, rq->arena, &rq->id.scope, &filter, &rows, &count, &total));
	for (size_t i = 0; i < count; i++)
		json_push_object(array, customer_view(rq->arena, &rows[i]));
	return resp_list(rq, rs, array, filter.page, filter.limit, total);
}

eg_err
customers_create(struct rq *rq, struct resp *rs)
{
	struct customer_row customer;

	EG_TRY(create(rq, false, &customer, NULL));
	return resp_data(rq, rs, 201, customer_view(rq->arena, &customer));
}

eg_err
customers_get(struct rq *rq, struct resp *rs)
{
	struct customer_row customer;
	struct uuid id;

	EG_TRY(rq_path_uuid(rq, "id", &id));
	EG_TRY(customer_get(rq->sv, rq->arena, &rq->id.scope, &id, &customer));
	return resp_data(rq, rs, 200, customer_view(rq->arena, &customer));
}

/* What only the partner decides about a customer. */
static bool
changes_standing(json_object *body)
{
	return field_given(body, "status") || field_given(body, "portal_access") || field_given(body, "features");
}

static eg_err
update(struct rq *rq, struct resp *rs, const struct uuid *id, const struct customer_patch *patch)
{
	struct actor who = rq_actor(rq);
	struct customer_row customer;

	EG_TRY(customer_update(rq->sv, rq->arena, &rq->id.scope, &who, id, patch, &rq->faults, &customer));
	return resp_data(rq, rs, 200, customer_view(rq->arena, &customer));
}

eg_err
customers_patch(struct rq *rq, struct resp *rs)
{
	json_object *body;
	struct uuid id;

	EG_TRY(find_customer(rq, &id));
	EG_TRY(rq_body(rq, rq->route->fields, &body));
	if (!uuid_is_nil(&rq->id.scope.customer_id) && changes_standing(body))
		return rq_refuse(rq, VERDICT_KEY_TYPE_NOT_ALLOWED, "Only a partner key changes status, portal_access and features.");

	const char *status = json_get_str(body, "status");
	struct customer_patch patch = {
		.set_name = field_given(body, "name"), .name = json_get_str(body, "name"),
		.set_email = field_given(body, "email"), .email = json_get_str(body, "email"),
		.set_external_id = field_given(body, "external_id"), .external_id = json_get_str(body, "external_id"),
		.set_disabled = status != NULL, .is_disabled = status != NULL && strcmp(status, "disabled") == 0,
		.set_portal_access = field_given(body, "portal_access"), .has_portal_access = json_get_bool(body, "portal_access", true),
		.features = read_features(rq, body),
	};
	EG_TRY(rq_check_faults(rq));
	return update(rq, rs, &id, &patch);
}

eg_err
customers_disable(struct rq *rq, struct resp *rs)
{
	struct uuid id;

	EG_TRY(rq_path_uuid(rq, "id", &id));
	return update(rq, rs, &id, &(struct customer_patch){ .set_disabled = true, .is_disabled = true });
}

eg_err
customers_revoke_tokens(struct rq *rq, struct resp *rs)
{
	json_object *body, *view = json_new_object(rq->arena);
	struct actor who = rq_actor(rq);
	struct uuid id;
	size_t revoked;

	EG_TRY(find_customer(rq, &id));
	EG_TRY(rq_body(rq, rq->route->fields, &body));
	EG_TRY(token_revoke_all(rq->sv, rq->arena, &rq->id.scope, &who, &id, &revoked));
	json_add_uuid(view, "customer_id", &id);
	json_add_int(view, "revoked", (int64_t)revoked);
	return resp_data(rq, rs, 200, view);
}
