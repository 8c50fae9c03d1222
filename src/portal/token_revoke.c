/* SPDX-License-Identifier: GPL-3.0-or-later */
/* token_revoke.c - for good, so it has a page of its own, and a token in use asks for its label. */
#include "portal/confirm.h"
#include "portal/handlers.h"
#include "portal/token_show.h"
#include "portal/workspace.h"

static eg_err
show(struct rq *rq, struct resp *rs, int status, const struct token_row *t)
{
	json_object *view, *token, *form;

	EG_TRY(workspace_page(rq, "Revoke", WORKSPACE_NO_TAB, &view));
	EG_TRY(token_show(rq, t, &token));
	EG_TRY(page_form(rq, workspace_token_path(rq, &t->id, "/revoke"), &form));
	json_add_bool(view, "narrow", true);
	json_add_object(view, "token", token);
	json_add_object(view, "form", form);
	confirm_show(rq, view, t->slot, &t->id, t->name);
	page_faults(rq, view, &rq->faults, NULL);
	return page_answer(rq, rs, status, "token-revoke", view);
}

eg_err
token_revoke_page(struct rq *rq, struct resp *rs)
{
	struct token_row t;

	EG_TRY(workspace_token(rq, &t));
	if (t.revoked_at != 0)
		return page_redirect(rq, rs, workspace_token_path(rq, &t.id, ""), NULL);
	return show(rq, rs, 200, &t);
}

eg_err
token_revoke_submit(struct rq *rq, struct resp *rs)
{
	struct scope scope = workspace_scope(rq);
	struct actor who = rq_actor(rq);
	struct token_row t;

	EG_TRY(workspace_token(rq, &t));
	if (t.revoked_at == 0)
		confirm_check(rq, t.slot, &t.id, t.name, &rq->faults);
	if (rq->faults.count > 0)
		return show(rq, rs, 422, &t);
	EG_TRY(token_revoke(rq->sv, rq->arena, &scope, &who, &t.id, &t));
	return page_redirect(rq, rs, workspace_path(rq, "/embed-urls"),
	    arena_printf(rq->arena, "“%s” is revoked. Its embeds have stopped.", t.name));
}
