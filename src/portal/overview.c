/* SPDX-License-Identifier: GPL-3.0-or-later */
/* overview.c - a customer's first tab: what is on and off, facts, name and contact. */
#include <string.h>

#include "portal/handlers.h"
#include "portal/workspace.h"
#include "view/badge.h"
#include "view/chart.h"

/* What can be switched, here and by the fix buttons of the strip above the Embed URLs. */
static const struct switch_text {
	const char *what;
	const char *title;
	const char *about;
	const char *turn_on, *turn_off;
	const char *asks;               /* before it is switched off */
	const char *notice_on, *notice_off;
	const char *badge_on, *badge_off, *word_off;
} switches[] = {
	{
		"account", "Account", "While the account is disabled, none of its embeds shows anything. Tokens are kept.",
		"Enable account", "Disable account",
		"Every embed of this customer stops at once, until you enable the account again.",
		"The account is enabled.", "The account is disabled. Its embeds have stopped.",
		"active", "disabled", "Disabled",
	},
	{
		"portal_access", "Portal access", "Embed tokens can be made and used only while this is on.",
		"Turn on portal access", "Turn off portal access",
		"Every embed of this customer stops at once, until you turn it on again.",
		"Portal access is on.", "Portal access is off. The embeds have stopped.",
		"on", "off", NULL,
	},
	{
		"embed", "Embed feature", "The feature behind every widget, iframe and integration of this customer.",
		"Turn on Embed", "Turn off Embed",
		"Every embed of this customer stops at once, until you turn it on again.",
		"The Embed feature is on.", "The Embed feature is off. The embeds have stopped.",
		"on", "off", NULL,
	},
};

static bool
is_on(const struct customer_row *c, const char *what)
{
	if (strcmp(what, "account") == 0)
		return !c->is_disabled;
	return strcmp(what, "embed") == 0 ? (c->features & FEATURE_EMBED) != 0 : c->has_portal_access;
}

static eg_err
add_switches(struct rq *rq, json_object *view)
{
	json_object *list = json_new_array(rq->arena);

	for (size_t i = 0; i < EG_COUNT(switches); i++) {
		const struct switch_text *s = &switches[i];
		bool on = is_on(&rq->customer, s->what);
		json_object *o = json_new_object(rq->arena), *form = NULL;

		if (workspace_may_switch(rq))
			EG_TRY(workspace_switch_form(rq, s->what, !on, on ? s->turn_off : s->turn_on, on ? s->asks : NULL,
			    &form));
		json_add_str(o, "title", s->title);
		json_add_str(o, "about", s->about);
		json_add_object(o, "badge", badge_view_as(rq->arena, on ? s->badge_on : s->badge_off, on ? NULL : s->word_off));
		json_add_object(o, "form", form);
		json_push_object(list, o);
	}
	json_add_object(view, "switches", list);
	json_add_bool(view, "may_switch", workspace_may_switch(rq));
	return EG_OK;
}

static eg_err
add_token_count(struct rq *rq, json_object *view)
{
	const struct token_filter active = { .customer_id = rq->customer.id, .status = "active", .page = 1, .limit = 1 };
	struct scope scope = workspace_scope(rq);
	struct token_row *rows;
	size_t count, total;

	EG_TRY(token_list(rq->sv, rq->arena, &scope, &active, rq->now_s, &rows, &count, &total));
	json_add_str(view, "active_tokens", chart_number(rq->arena, (double)total));
	return EG_OK;
}

static eg_err
show(struct rq *rq, struct resp *rs, int status, const char *name, const char *email, const char *external_id,
    const struct faults *f)
{
	json_object *view, *edit, *values = json_new_object(rq->arena);

	EG_TRY(workspace_page(rq, "Overview", WORKSPACE_OVERVIEW, &view));
	EG_TRY(add_switches(rq, view));
	EG_TRY(add_token_count(rq, view));
	EG_TRY(page_form(rq, workspace_path(rq, ""), &edit));
	json_add_object(view, "edit", edit);
	json_add_str(values, "name", name);
	json_add_str(values, "email", email);
	json_add_str(values, "external_id", external_id);
	json_add_object(view, "values", values);
	page_faults(rq, view, f, NULL);
	return page_answer(rq, rs, status, "customer", view);
}

eg_err
overview_page(struct rq *rq, struct resp *rs)
{
	const struct customer_row *c = &rq->customer;

	return show(rq, rs, 200, c->name, c->email, c->external_id, &rq->faults);
}

eg_err
overview_submit(struct rq *rq, struct resp *rs)
{
	const struct customer_patch patch = {
		.set_name = true, .set_email = true, .set_external_id = true, .name = page_field_text(rq, "name"),
		.email = page_field_text(rq, "email"), .external_id = page_field_text(rq, "external_id"),
	};
	struct actor who = rq_actor(rq);
	struct customer_row after;
	eg_err e = customer_update(rq->sv, rq->arena, &rq->id.scope, &who, &rq->customer.id, &patch, &rq->faults, &after);

	if (e == EG_INVALID)
		return show(rq, rs, 422, patch.name, patch.email, patch.external_id, &rq->faults);
	EG_TRY(e);
	return page_redirect(rq, rs, workspace_path(rq, ""), "Saved.");
}

static eg_err
switch_one(struct rq *rq, const char *what, bool on)
{
	struct customer_patch patch = { 0 };
	struct actor who = rq_actor(rq);
	struct customer_row after;

	if (strcmp(what, "account") == 0) {
		patch.set_disabled = true;
		patch.is_disabled = !on;
	} else if (strcmp(what, "portal_access") == 0) {
		patch.set_portal_access = true;
		patch.has_portal_access = on;
	} else {
		*(on ? &patch.features.on : &patch.features.off) = FEATURE_EMBED;
	}
	return customer_update(rq->sv, rq->arena, &rq->id.scope, &who, &rq->customer.id, &patch, &rq->faults, &after);
}

eg_err
overview_switch(struct rq *rq, struct resp *rs)
{
	const char *what = page_field_text(rq, "what");
	bool on = strcmp(page_field_text(rq, "on"), "yes") == 0;
	bool from_strip = strcmp(page_field_text(rq, "next"), "embed-urls") == 0;

	for (size_t i = 0; i < EG_COUNT(switches); i++) {
		if (strcmp(switches[i].what, what) != 0)
			continue;
		EG_TRY(switch_one(rq, what, on));
		return page_redirect(rq, rs, workspace_path(rq, from_strip ? "/embed-urls" : ""),
		    on ? switches[i].notice_on : switches[i].notice_off);
	}
	return rq_refuse(rq, VERDICT_VALIDATION_FAILED, "There is no such switch.");
}
