/* SPDX-License-Identifier: GPL-3.0-or-later */
/* token_details.c - everything about one token, and changing what can be changed. */
#include <string.h>

#include "portal/audit.h"
#include "portal/handlers.h"
#include "portal/token_form.h"
#include "portal/token_show.h"
#include "portal/uses.h"
#include "portal/workspace.h"
#include "view/chart.h"

#define EVENTS_SHOWN 20
#define AUDIT_SHOWN 20

static eg_err
add_events(struct rq *rq, json_object *view, const struct token_row *t)
{
	const struct uses_filter filter = { .token_id = &t->id };
	struct uses uses;
	json_object *list;

	uses_read(rq, &filter, &uses);
	EG_TRY(uses_view(rq, &uses, EVENTS_SHOWN, &list));
	json_add_object(view, "events", list);
	json_add_bool(view, "has_events", uses.count > 0);
	return EG_OK;
}

static eg_err
add_audit(struct rq *rq, json_object *view, const struct token_row *t)
{
	struct scope scope = workspace_scope(rq);
	struct activity_row *rows;
	size_t count, total;

	EG_TRY(activity_list(rq->sv, rq->arena, &scope, &t->id, 1, AUDIT_SHOWN, &rows, &count, &total));
	json_add_object(view, "audit", audit_view(rq, rows, count));
	return EG_OK;
}

/* ---- the page ---- */

static eg_err
add_forms(struct rq *rq, json_object *view, const struct token_row *t, const struct token_form *typed)
{
	json_object *edit = NULL, *pause = NULL;

	if (t->revoked_at == 0) {
		EG_TRY(page_form(rq, workspace_token_path(rq, &t->id, ""), &edit));
		EG_TRY(page_form(rq, workspace_token_path(rq, &t->id, "/pause"), &pause));
		json_add_str(pause, "on", t->is_active ? "no" : "yes");
		json_add_str(pause, "verb", t->is_active ? "Pause" : "Resume");
	}
	json_add_object(view, "edit", edit);
	json_add_object(view, "pause", pause);
	token_form_show(rq, view, typed, t);
	return EG_OK;
}

static eg_err
show(struct rq *rq, struct resp *rs, int status, const struct token_row *t, const struct token_form *typed)
{
	json_object *view, *token;
	struct usage_view u;

	EG_TRY(workspace_page(rq, t->name, WORKSPACE_NO_TAB, &view));
	EG_TRY(workspace_preconditions(rq, view));
	EG_TRY(token_show(rq, t, &token));
	json_add_object(view, "token", token);
	EG_TRY(add_forms(rq, view, t, typed));
	usage_read(rq->sv->usage, t->slot, &t->id, rq->now_s, &u);
	json_add_object(view, "chart", chart_usage_view(rq->arena, "use", "Use in 30 days", &u, true));
	EG_TRY(add_events(rq, view, t));
	EG_TRY(add_audit(rq, view, t));
	json_add_object(view, "panels", token_show_panels(rq, t, NULL, NULL, NULL));
	page_faults(rq, view, &rq->faults, token_form_fields);
	return page_answer(rq, rs, status, "token", view);
}

eg_err
token_details_page(struct rq *rq, struct resp *rs)
{
	const char *site = rq_query(rq, "add_site");
	struct token_form form;
	struct token_row t;

	EG_TRY(workspace_token(rq, &t));
	token_form_of(rq, &t, &form);
	/* "Allow this site": filled in, for a person to look at and save. */
	if (site != NULL) {
		form.sites = arena_printf(rq->arena, "%s%.*s\n", form.sites, (int)strcspn(site, "\r\n"), site);
		form.any_site = false;
	}
	return show(rq, rs, 200, &t, &form);
}

eg_err
token_details_submit(struct rq *rq, struct resp *rs)
{
	struct scope scope = workspace_scope(rq);
	struct actor who = rq_actor(rq);
	struct token_form form;
	struct token_row t;
	eg_err e;

	EG_TRY(workspace_token(rq, &t));
	token_form_read(rq, &form);
	token_form_check(rq, &form, t.expires_at, &rq->faults);
	if (rq->faults.count > 0 || token_form_is_check(rq))
		return show(rq, rs, token_form_is_check(rq) ? 200 : 422, &t, &form);

	const struct token_patch patch = {
		.set_name = true, .set_origins = true, .set_expires_at = form.expires_at != t.expires_at, .name = form.label,
		.allowed_origins = form.origins, .expires_at = form.expires_at,
	};
	e = token_update(rq->sv, rq->arena, &scope, &who, &t.id, &patch, &rq->faults, &t);
	if (e == EG_INVALID)
		return show(rq, rs, 422, &t, &form);
	EG_TRY(e);
	return page_redirect(rq, rs, workspace_token_path(rq, &t.id, ""), "Saved. It holds from the next request on.");
}

eg_err
token_pause_submit(struct rq *rq, struct resp *rs)
{
	const struct token_patch patch = { .set_active = true, .is_active = strcmp(page_field_text(rq, "on"), "yes") == 0 };
	struct scope scope = workspace_scope(rq);
	struct actor who = rq_actor(rq);
	struct token_row t;

	EG_TRY(workspace_token(rq, &t));
	EG_TRY(token_update(rq->sv, rq->arena, &scope, &who, &t.id, &patch, &rq->faults, &t));
	return page_redirect(rq, rs, workspace_token_path(rq, &t.id, ""),
	    t.is_active ? "The token works again." : "The token is paused. Its embeds have stopped until it is resumed.");
}
