/* SPDX-License-Identifier: GPL-3.0-or-later */
/* token_rotate.c - a new text for the same token, while the old one lives on for as long as is chosen. */
#include <string.h>

#include "portal/confirm.h"
#include "portal/handlers.h"
#include "portal/overlap.h"
#include "portal/token_created.h"
#include "portal/token_show.h"
#include "portal/workspace.h"
#include "view/when.h"

static eg_err
show(struct rq *rq, struct resp *rs, int status, const struct token_row *t)
{
	int64_t old_end = token_previous_valid_until(t);
	json_object *view, *token, *form;

	EG_TRY(workspace_page(rq, "Rotate", WORKSPACE_NO_TAB, &view));
	EG_TRY(token_show(rq, t, &token));
	EG_TRY(page_form(rq, workspace_token_path(rq, &t->id, "/rotate"), &form));
	json_add_bool(view, "narrow", true);
	json_add_object(view, "token", token);
	json_add_object(view, "form", form);
	json_add_str(view, "rotating_until", old_end > rq->now_s ? when_exact(rq->arena, old_end) : NULL);
	overlap_show(rq, view, json_get_str(token, "prefix"),
	    t->is_primary ? "Of a primary token only one text works at a time." : NULL);
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

/* A second choice of who went back to the form: the old text ends sooner, without another rotation. */
static eg_err
shorten(struct rq *rq, struct resp *rs, struct token_row *t, int64_t overlap_s)
{
	const uint8_t *issue = overlap_s == 0 ? NULL : t->previous[0].issue;    /* "now" is for a leak: all of them */
	struct scope scope = workspace_scope(rq);
	struct actor who = rq_actor(rq);

	EG_TRY(token_end_overlap(rq->sv, rq->arena, &scope, &who, &t->id, issue, t->rotated_at + overlap_s, t));
	return token_created_again(rq, rs, t, overlap_s == 0 ? "The old text has stopped working." :
	    "The old text ends sooner now, as you chose.");
}

/* The text that the form was to replace is replaced already. By this form, or by one that shows the same: then it is one
 * rotation, if that is what is asked for. */
static eg_err
sent_again(struct rq *rq, struct resp *rs, struct token_row *t, int64_t overlap_s)
{
	int64_t end = t->rotated_at + overlap_s;
	char replaced[EMBED_TOKEN_PREFIX_SIZE];

	embed_token_prefix(t->previous[0].issue, replaced);
	if (strcmp(overlap_from(rq), replaced) != 0)
		return page_redirect(rq, rs, workspace_token_path(rq, &t->id, ""),
		    "This token was rotated in the meantime. If you did not copy its new text, rotate it again.");
	if (end > t->previous[0].valid_until) {
		faults_add(&rq->faults, "overlap_seconds", "This form has rotated the token already, and the old text cannot be "
		    "given more time than it got then. Choose again to draw one more text.");
		return show(rq, rs, 409, t);
	}
	if (end < t->previous[0].valid_until || (overlap_s == 0 && token_previous_valid_until(t) > rq->now_s))
		return shorten(rq, rs, t, overlap_s);
	return token_created_again(rq, rs, t,
	    "This form was sent before and rotated this token. If you did not copy its new text, rotate it again.");
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
	if (e == EG_EXISTS)
		return sent_again(rq, rs, &t, overlap_s);
	if (rq->faults.count > 0 && (e == EG_INVALID || e == EG_CONFLICT))
		return show(rq, rs, e == EG_CONFLICT ? 409 : 422, &t);
	EG_TRY(e);
	return token_created_redirect(rq, rs, &t);
}
