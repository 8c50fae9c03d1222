/* SPDX-License-Identifier: GPL-3.0-or-later */
/* token_revoke.c - for good, so it has a page of its own, and a token in use asks for its label. */
#include <ctype.h>
#include <string.h>

#include "portal/handlers.h"
#include "portal/token_show.h"
#include "portal/workspace.h"

#define IN_USE_S 86400

static bool
is_in_use(struct rq *rq, const struct token_row *t)
{
	struct usage_view u;

	usage_read(rq->sv->usage, t->slot, &t->id, rq->now_s, &u);
	return u.last_used_at_s != 0 && rq->now_s - u.last_used_at_s < IN_USE_S;
}

/* Equal but for white space, which a page does not show as it is. */
static bool
is_same_label(const char *x, const char *y)
{
	for (;;) {
		while (isspace((unsigned char)*x))
			x++;
		while (isspace((unsigned char)*y))
			y++;
		if (*x != *y)
			return false;
		if (*x++ == '\0')
			return true;
		y++;
	}
}

static eg_err
show(struct rq *rq, struct resp *rs, int status, const struct token_row *t, const char *typed)
{
	json_object *view, *token, *form, *values = json_new_object(rq->arena);

	EG_TRY(workspace_page(rq, "Revoke", WORKSPACE_NO_TAB, &view));
	EG_TRY(token_show(rq, t, &token));
	EG_TRY(page_form(rq, workspace_token_path(rq, &t->id, "/revoke"), &form));
	json_add_str(values, "typed", typed);
	json_add_bool(view, "narrow", true);
	json_add_object(view, "token", token);
	json_add_object(view, "form", form);
	json_add_object(view, "values", values);
	json_add_bool(view, "must_type", is_in_use(rq, t));
	json_add_str(view, "usage_sentence", token_show_usage(rq, t));
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
	return show(rq, rs, 200, &t, "");
}

eg_err
token_revoke_submit(struct rq *rq, struct resp *rs)
{
	const char *typed = page_field_text(rq, "typed");
	struct scope scope = workspace_scope(rq);
	struct actor who = rq_actor(rq);
	struct token_row t;

	EG_TRY(workspace_token(rq, &t));
	if (t.revoked_at == 0 && is_in_use(rq, &t) && !is_same_label(typed, t.name)) {
		faults_add(&rq->faults, "typed", "Type the label exactly as it stands above.");
		return show(rq, rs, 422, &t, typed);
	}
	EG_TRY(token_revoke(rq->sv, rq->arena, &scope, &who, &t.id, &t));
	return page_redirect(rq, rs, workspace_path(rq, "/embed-urls"),
	    arena_printf(rq->arena, "“%s” is revoked. Its embeds have stopped.", t.name));
}
