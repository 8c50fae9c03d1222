/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>
#include <strings.h>

#include "portal/api_key_show.h"
#include "portal/expiry.h"
#include "portal/handlers.h"

#define SUGGESTIONS 100
#define MATCHES_LOOKED_AT 50

static const struct page_field fields[] = {
	{ "customer_id", "customer" },
	{ "expires_at", "date" },
	{ "type", "type-partner" },
	{ 0 },
};

struct typed {
	const char *name, *type, *customer;
	struct expiry expiry;
};

static eg_err
add_suggestions(struct rq *rq, json_object *view)
{
	const struct customer_filter newest = { .page = 1, .limit = SUGGESTIONS };
	json_object *list = json_new_array(rq->arena);
	struct customer_row *rows;
	size_t count, total;

	EG_TRY(customer_list(rq->sv, rq->arena, &rq->id.scope, &newest, &rows, &count, &total));
	for (size_t i = 0; i < count; i++)
		json_push_str(list, rows[i].name);
	json_add_object(view, "suggestions", list);
	return EG_OK;
}

static eg_err
show(struct rq *rq, struct resp *rs, int status, const struct typed *typed)
{
	json_object *view, *form, *values = json_new_object(rq->arena), *kinds = json_new_array(rq->arena);

	EG_TRY(settings_page(rq, "Create API Key", SETTINGS_NO_TAB, SETTINGS_API_KEYS, &view));
	EG_TRY(page_form(rq, API_KEYS_PATH "/new", &form));
	EG_TRY(add_suggestions(rq, view));
	for (const struct key_kind *k = key_kinds; k->title != NULL; k++) {
		json_object *o = json_new_object(rq->arena);
		json_add_str(o, "value", key_type_name(k->type));
		json_add_str(o, "title", k->title);
		json_add_str(o, "about", k->about);
		json_add_bool(o, "selected", strcmp(key_type_name(k->type), typed->type) == 0);
		json_push_object(kinds, o);
	}
	json_add_bool(view, "narrow", true);
	json_add_object(view, "form", form);
	json_add_object(view, "kinds", kinds);
	json_add_str(values, "name", typed->name);
	json_add_str(values, "customer", typed->customer);
	json_add_object(view, "values", values);
	json_add_str(view, "list_href", page_link(rq, API_KEYS_PATH));
	expiry_show(rq, view, &typed->expiry, NULL);
	page_faults(rq, view, &rq->faults, fields);
	return page_answer(rq, rs, status, "api-key-new", view);
}

eg_err
api_key_new_page(struct rq *rq, struct resp *rs)
{
	const char *customer = rq_query(rq, "customer");

	return show(rq, rs, 200, &(struct typed){
		.name = "", .type = customer != NULL ? "customer" : "partner", .customer = customer != NULL ? customer : "",
		.expiry = { .choice = "365", .date = "" },
	});
}

static bool
is_exactly(const struct customer_row *c, const char *text)
{
	return strcasecmp(c->name, text) == 0 || (c->external_id != NULL && strcmp(c->external_id, text) == 0);
}

/* By id, external id, name, or a part of these that fits only one. */
static eg_err
find_customer(struct rq *rq, const char *text, struct uuid *out)
{
	const struct customer_filter filter = { .search = text, .page = 1, .limit = MATCHES_LOOKED_AT };
	struct customer_row *rows, one;
	size_t count, total, exact = 0;

	*out = uuid_nil;
	if (*text == '\0')
		return EG_OK;
	if (uuid_parse(text, strlen(text), out) == EG_OK) {
		eg_err e = customer_get(rq->sv, rq->arena, &rq->id.scope, out, &one);

		if (e == EG_NOTFOUND)
			faults_add(&rq->faults, "customer", "There is no customer with this ID.");
		return e == EG_NOTFOUND ? EG_OK : e;
	}
	EG_TRY(customer_list(rq->sv, rq->arena, &rq->id.scope, &filter, &rows, &count, &total));
	for (size_t i = 0; i < count; i++)
		if (is_exactly(&rows[i], text)) {
			*out = rows[i].id;
			exact++;
		}
	if (exact == 0 && total == 1)
		*out = rows[0].id;
	else if (exact == 0 && total == 0)
		faults_add(&rq->faults, "customer", "There is no customer of this name or external ID.");
	else if (exact != 1)
		faults_add(&rq->faults, "customer", "%zu customers fit this; give the ID, from the Overview tab of the one you mean.",
		    exact > 0 ? exact : total);
	return EG_OK;
}

eg_err
api_key_new_submit(struct rq *rq, struct resp *rs)
{
	struct typed typed = {
		.name = page_field_text(rq, "name"), .type = page_field_text(rq, "type"), .customer = page_field_text(rq, "customer"),
	};
	struct key_new in = { .id = rq->form_nonce, .name = typed.name, .type = key_type_by_name(typed.type) };
	struct actor who = rq_actor(rq);
	char *text = arena_alloc(rq->arena, API_KEY_SIZE);
	struct key_row made;
	eg_err e;

	expiry_read(rq, &typed.expiry);
	EG_TRY(find_customer(rq, typed.customer, &in.customer_id));
	in.expires_at = expiry_check(rq, &typed.expiry, 0, &rq->faults);
	if (rq->faults.count > 0)
		return show(rq, rs, 422, &typed);
	e = key_create(rq->sv, rq->arena, &rq->id.scope, &who, &in, &rq->faults, &made, text);
	if (e == EG_INVALID)
		return show(rq, rs, 422, &typed);
	if (e == EG_EXISTS)
		return page_redirect(rq, rs, api_key_path(rq, &made, ""),
		    "This form was sent before and made this key. If you did not copy it, roll it.");
	EG_TRY(e);
	return api_key_created_redirect(rq, rs, &made, text);
}
