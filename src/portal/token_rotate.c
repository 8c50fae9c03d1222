/* SPDX-License-Identifier: GPL-3.0-or-later */
/* token_rotate.c - a new text for the same token, while the old one lives on for as long as is chosen. */
#include <stdlib.h>
#include <string.h>

#include "portal/handlers.h"
#include "portal/token_created.h"
#include "portal/token_show.h"
#include "portal/workspace.h"

/* Two clicks on one button must not be two rotations: the second would end the overlap of the text that is in use. */
#define SENT_TWICE_S 60

static const struct overlap {
	const char *value;              /* seconds */
	const char *label;
	const char *about;
} overlaps[] = {
	{ "3600", "works for 1 hour more", NULL },
	{ "86400", "works for 24 hours more", "Enough to change one website." },
	{ "604800", "works for 7 days more", NULL },
	{ "2592000", "works for 30 days more", "When others have to change their pages." },
	{ "0", "stops working now", "For a token that leaked. Embeds that still use it stop at once." },
};
#define OVERLAP_DEFAULT "86400"

static const struct overlap *
overlap_find(const char *value)
{
	for (size_t i = 0; i < EG_COUNT(overlaps); i++)
		if (strcmp(overlaps[i].value, value) == 0)
			return &overlaps[i];
	return NULL;
}

static eg_err
show(struct rq *rq, struct resp *rs, int status, const struct token_row *t)
{
	json_object *view, *token, *form, *list = json_new_array(rq->arena);

	EG_TRY(workspace_page(rq, "Rotate", WORKSPACE_NO_TAB, &view));
	EG_TRY(token_show(rq, t, &token));
	EG_TRY(page_form(rq, workspace_token_path(rq, &t->id, "/rotate"), &form));
	for (size_t i = 0; i < EG_COUNT(overlaps); i++) {
		json_object *o = json_new_object(rq->arena);
		json_add_str(o, "value", overlaps[i].value);
		json_add_str(o, "label", overlaps[i].label);
		json_add_str(o, "about", overlaps[i].about);
		json_add_bool(o, "selected", strcmp(overlaps[i].value, OVERLAP_DEFAULT) == 0);
		json_push_object(list, o);
	}
	json_add_bool(view, "narrow", true);
	json_add_object(view, "token", token);
	json_add_object(view, "form", form);
	json_add_object(view, "overlaps", list);
	json_add_str(view, "usage_sentence", token_show_usage(rq, t));
	page_faults(rq, view, &rq->faults, NULL);
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
	const struct overlap *overlap = overlap_find(page_field_text(rq, "overlap"));
	struct scope scope = workspace_scope(rq);
	struct actor who = rq_actor(rq);
	char text[EMBED_TOKEN_SIZE];
	struct token_row t;
	eg_err e;

	EG_TRY(workspace_token(rq, &t));
	if (overlap == NULL) {
		faults_add(&rq->faults, "overlap-" OVERLAP_DEFAULT, "Choose how long the old text works.");
		return show(rq, rs, 422, &t);
	}
	/* Rotated since this form was made, and just now: by this form. */
	if (t.rotated_at != 0 && t.rotated_at >= uuid_time_s(&rq->form_nonce) && rq->now_s - t.rotated_at < SENT_TWICE_S)
		return token_created_redirect(rq, rs, &t);
	e = token_rotate(rq->sv, rq->arena, &scope, &who, &t.id, strtoll(overlap->value, NULL, 10), &rq->faults, &t, text);
	explicit_bzero(text, sizeof(text));     /* the next page makes it again */
	EG_TRY(e);
	return token_created_redirect(rq, rs, &t);
}
