/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "portal/api_key_show.h"

#include <string.h>

#include "view/badge.h"
#include "view/chart.h"
#include "view/when.h"

const struct key_kind key_kinds[] = {
	{ API_KEY_PARTNER, "Partner", "Everything in this account: customers, tokens, events, agents and API keys. The highest "
	    "privilege: keep it on a server that you trust." },
	{ API_KEY_CUSTOMER, "Customer", "One customer’s tokens, events, agents and data. No API keys, not its status, portal access "
	    "or features, no other customer. It rests while the customer is disabled." },
	{ API_KEY_READ_ONLY, "Read-only", "Fetches data (GET) of the account or of one customer, and changes nothing. Never an answer "
	    "that holds a working credential." },
	{ API_KEY_WEBHOOK, "Webhook", "Webhook endpoints only, to prove who calls back. Nothing else." },
	{ 0 },
};

const struct key_kind *
key_kind_of(enum api_key_type type)
{
	for (const struct key_kind *k = key_kinds; k->title != NULL; k++)
		if (k->type == type)
			return k;
	return NULL;
}

eg_err
api_key_of(struct rq *rq, struct key_row *out)
{
	struct uuid id;

	EG_TRY(rq_path_uuid(rq, "key", &id));
	return key_get(rq->sv, rq->arena, &rq->id.scope, &id, out);
}

const char *
api_key_path(struct rq *rq, const struct key_row *k, const char *rest)
{
	char id[UUID_TEXT_SIZE];

	uuid_format(&k->id, id);
	return arena_printf(rq->arena, API_KEYS_PATH "/%s%s", id, rest);
}

static eg_err
add_customer(struct rq *rq, json_object *o, const struct key_row *k)
{
	struct customer_row c;
	json_object *customer;
	char id[UUID_TEXT_SIZE];

	if (uuid_is_nil(&k->customer_id))
		return EG_OK;
	EG_TRY(customer_get(rq->sv, rq->arena, &rq->id.scope, &k->customer_id, &c));
	uuid_format(&c.id, id);
	customer = json_new_object(rq->arena);
	json_add_str(customer, "name", c.name);
	json_add_str(customer, "href", page_link(rq, arena_printf(rq->arena, PAGE_CUSTOMERS "/%s", id)));
	json_add_object(o, "customer", customer);
	return EG_OK;
}

eg_err
api_key_show(struct rq *rq, const struct key_row *k, json_object **out)
{
	const char *status = key_status(k, rq->now_s);
	bool is_over = k->revoked_at != 0 || strcmp(status, "expired") == 0;
	json_object *o = key_view(rq->sv, rq->arena, k, rq->now_s);
	struct usage_view u;

	usage_read(rq->sv->usage, k->slot, &k->id, rq->now_s, &u);
	EG_TRY(add_customer(rq, o, k));
	json_add_str(o, "kind", key_kind_of(k->type)->title);
	json_add_str(o, "about", key_kind_of(k->type)->about);
	json_add_object(o, "badge", badge_view(rq->arena, status));
	json_add_object(o, "created", when_view(rq->arena, k->created_at, rq->now_s));
	json_add_object(o, "last_used", when_view(rq->arena, u.last_used_at_s, rq->now_s));
	json_add_str(o, "last_address", u.last_used_origin[0] != '\0' ? u.last_used_origin : NULL);
	json_add_object(o, "expires", when_view(rq->arena, k->expires_at, rq->now_s));
	json_add_object(o, "rotated", when_view(rq->arena, k->rotated_at, rq->now_s));
	json_add_object(o, "old_until", when_view(rq->arena, strcmp(status, "rotating") == 0 ? k->previous_valid_until : 0,
	    rq->now_s));
	json_add_object(o, "revoked", when_view(rq->arena, k->revoked_at, rq->now_s));
	json_add_str(o, "requests", chart_number(rq->arena, (double)u.requests));
	json_add_str(o, "refused", chart_number(rq->arena, (double)u.refused));
	json_add_str(o, "href", page_link(rq, api_key_path(rq, k, "")));
	json_add_str(o, "roll_href", is_over ? NULL : page_link(rq, api_key_path(rq, k, "/roll")));
	json_add_str(o, "revoke_href", k->revoked_at != 0 ? NULL : page_link(rq, api_key_path(rq, k, "/revoke")));
	*out = o;
	return EG_OK;
}
