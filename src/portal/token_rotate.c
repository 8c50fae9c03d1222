/* SPDX-License-Identifier: GPL-3.0-or-later */
/* token_rotate.c - a new text for the same token, while the old one lives on for as long as is chosen. */
#include <string.h>

#include "portal/confirm.h"
#include "portal/handlers.h"
#include "portal/overlap.h"
#include "portal/token_created.h"
#include "portal/token_show.h"
#include "portal/workspace.h"

/* Rotated just now by the same form, sent twice: its sender sees the one new text it made. */
#define SENT_TWICE_S 60

static eg_err
show(struct rq *rq, struct resp *rs, int status, const struct token_row *t)
{
	json_object *view, *token, *form;

	EG_TRY(workspace_page(rq, "Rotate", WORKSPACE_NO_TAB, &view));
	EG_TRY(token_show(rq, t, &token));
	EG_TRY(page_form(rq, workspace_token_path(rq, &t->id, "/rotate"), &form));
	json_add_bool(view, "narrow", true);
	json_add_object(view, "token", token);
	json_add_object(view, "form", form);
	overlap_show(rq, view, json_get_str(token, "prefix"));
	json_add_str(view, "usage_sentence", confirm_usage(rq, t->slot, &t->id));
	page_faults(rq, view, &rq->faults, overlap_fields);
	return page_answer(rq, rs, status, "token-rotate", view);
}

eg_err
token_rotate_page(struct rq *rq, struct resp *rs)
{
	struct token_row t;

	EG_TRY(workspace_token(rq, &t));
	if (token_status(&t, rq->now_s) == TOKEN_REVOKED || token_status(&t, rq->now_s) == TOKEN_EXPIRED)
		return page_redirect(rq, rs, workspace_token_path(rq, &t.id, ""), "This token is over: it cannot be rotated.");
	return show(rq, rs, 200, &t);
}

eg_err
token_rotate_submit(struct rq *rq, struct resp *rs)
{
	int64_t overlap_s = overlap_read(rq, &rq->faults);
	struct scope scope = workspace_scope(rq);
	struct actor who = rq_actor(rq);
	char text[EMBED_TOKEN_SIZE];
	struct token_row t;
	eg_err e;

	EG_TRY(workspace_token(rq, &t));
	if (rq->faults.count > 0)
		return show(rq, rs, 422, &t);
	e = token_rotate_from(rq->sv, rq->arena, &scope, &who, &t.id, overlap_from(rq), overlap_s, &rq->faults, &t, text);
	explicit_bzero(text, sizeof(text));     /* the next page makes it again */
	if (rq->faults.count > 0 && (e == EG_INVALID || e == EG_CONFLICT))
		return show(rq, rs, 422, &t);
	if (e == EG_EXISTS && rq->now_s - t.rotated_at >= SENT_TWICE_S)
		return page_redirect(rq, rs, workspace_token_path(rq, &t.id, ""),
		    "This token was rotated in the meantime. If you did not copy its new text, rotate it again.");
	if (e != EG_OK && e != EG_EXISTS)
		return e;
	return token_created_redirect(rq, rs, &t);
}
