/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "portal/workspace.h"

#include "view/badge.h"
#include "view/when.h"

static const struct {
	enum workspace_tab tab;
	const char *rest;
	const char *label;
} tabs[] = {
	{ WORKSPACE_OVERVIEW, "", "Overview" },
	{ WORKSPACE_FEATURES, "/features", "Features" },
	{ WORKSPACE_EMBED_URLS, "/embed-urls", "Embed URLs" },
	{ WORKSPACE_ACTIVITY, "/activity", "Activity" },
};

const char *
workspace_path(struct rq *rq, const char *rest)
{
	char id[UUID_TEXT_SIZE];

	uuid_format(&rq->customer.id, id);
	return arena_printf(rq->arena, "/portal/customers/%s%s", id, rest);
}

const char *
workspace_token_path(struct rq *rq, const struct uuid *token_id, const char *rest)
{
	char id[UUID_TEXT_SIZE];

	uuid_format(token_id, id);
	return workspace_path(rq, arena_printf(rq->arena, "/embed-urls/%s%s", id, rest));
}

struct scope
workspace_scope(const struct rq *rq)
{
	return (struct scope){ .partner_id = rq->customer.partner_id, .customer_id = rq->customer.id };
}

eg_err
workspace_token(struct rq *rq, struct token_row *out)
{
	struct scope scope = workspace_scope(rq);
	struct uuid id;

	EG_TRY(rq_path_uuid(rq, "token", &id));
	return token_get(rq->sv, rq->arena, &scope, &id, out);
}

bool
workspace_may_switch(const struct rq *rq)
{
	return rq->id.user.role == USER_OWNER || rq->id.user.role == USER_ADMIN;
}

json_object *
workspace_badge(struct arena *a, const struct customer_row *c)
{
	return c->is_disabled ? badge_view_as(a, "disabled", "Disabled") : badge_view(a, "active");
}

eg_err
workspace_page(struct rq *rq, const char *title, enum workspace_tab tab, json_object **out)
{
	const struct customer_row *c = &rq->customer;
	json_object *customer = customer_view(rq->arena, c);

	EG_TRY(page_new(rq, arena_printf(rq->arena, "%s · %s", title, c->name), PAGE_CUSTOMERS, out));
	json_add_bool(customer, "is_active", !c->is_disabled);
	json_add_object(customer, "badge", workspace_badge(rq->arena, c));
	json_add_object(customer, "created", when_view(rq->arena, c->created_at, rq->now_s));
	json_add_object(customer, "updated", when_view(rq->arena, c->updated_at, rq->now_s));
	json_add_object(*out, "customer", customer);

	page_add_link(rq, *out, "crumbs", "/portal/customers", "Customers", false);
	page_add_link(rq, *out, "crumbs", workspace_path(rq, ""), c->name, false);
	json_add_str(*out, "list_href", page_link(rq, workspace_path(rq, "/embed-urls")));
	if (tab == WORKSPACE_NO_TAB) {
		page_add_link(rq, *out, "crumbs", workspace_path(rq, "/embed-urls"), "Embed URLs", false);
		return EG_OK;
	}
	for (size_t i = 0; i < EG_COUNT(tabs); i++)
		page_add_link(rq, *out, "tabs", workspace_path(rq, tabs[i].rest), tabs[i].label, tabs[i].tab == tab);
	return EG_OK;
}

eg_err
workspace_switch_form(struct rq *rq, const char *what, bool on, const char *verb, const char *asks, json_object **out)
{
	EG_TRY(page_form(rq, workspace_path(rq, "/switch"), out));
	json_add_str(*out, "what", what);
	json_add_str(*out, "on", on ? "yes" : "no");
	json_add_str(*out, "verb", verb);
	json_add_str(*out, "asks", asks);
	return EG_OK;
}

static eg_err
add_precondition(struct rq *rq, json_object *list, const char *what, const char *wrong, const char *so_what, const char *verb)
{
	json_object *o = json_new_object(rq->arena), *form = NULL;

	if (workspace_may_switch(rq))
		EG_TRY(workspace_switch_form(rq, what, true, verb, NULL, &form));
	json_add_str(o, "what_is_wrong", wrong);
	json_add_str(o, "so_what", so_what);
	json_add_object(o, "form", form);
	json_push_object(list, o);
	return EG_OK;
}

eg_err
workspace_preconditions(struct rq *rq, json_object *view)
{
	json_object *list = json_new_array(rq->arena);
	const struct customer_row *c = &rq->customer;

	if (c->is_disabled)
		EG_TRY(add_precondition(rq, list, "account", "This account is disabled.",
		    "None of its embeds shows anything, and no token can be made.", "Enable account"));
	if (!c->has_portal_access)
		EG_TRY(add_precondition(rq, list, "portal_access", "Portal access is off.",
		    "None of its embeds shows anything, and no token can be made.", "Turn on portal access"));
	if ((c->features & FEATURE_EMBED) == 0)
		EG_TRY(add_precondition(rq, list, "embed", "The Embed feature is off.", "None of its embeds shows anything.",
		    "Turn on Embed"));
	json_add_object(view, "preconditions", list);
	return EG_OK;
}
