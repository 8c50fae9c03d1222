/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "portal/handlers.h"
#include "portal/token_created.h"
#include "portal/token_form.h"
#include "portal/token_use.h"
#include "portal/workspace.h"

static eg_err
show(struct rq *rq, struct resp *rs, int status, const char *use, const struct token_form *typed, const struct faults *f)
{
	json_object *view, *form;

	EG_TRY(workspace_page(rq, "Create Embed Token", WORKSPACE_NO_TAB, &view));
	EG_TRY(workspace_preconditions(rq, view));
	EG_TRY(page_form(rq, workspace_path(rq, "/embed-urls/new"), &form));
	json_add_bool(view, "narrow", true);
	json_add_object(view, "form", form);
	json_add_object(view, "uses", token_use_views(rq->arena, &rq->customer, use));
	token_form_show(rq, view, typed, NULL);
	page_faults(rq, view, f, token_form_fields);
	return page_answer(rq, rs, status, "token-new", view);
}

eg_err
token_new_page(struct rq *rq, struct resp *rs)
{
	struct token_form form;

	token_form_new(rq, token_uses[0].label, &form);
	return show(rq, rs, 200, token_uses[0].value, &form, &rq->faults);
}

static eg_err
create(struct rq *rq, const struct token_use *use, const struct token_form *form, struct token_row *out)
{
	const struct token_new in = {
		.id = rq->form_nonce, .customer_id = rq->customer.id, .name = form->label, .allowed_origins = form->origins,
		.set_permissions = true, .permissions = use->permissions, .expires_at = form->expires_at,
	};
	struct scope scope = workspace_scope(rq);
	struct actor who = rq_actor(rq);
	char text[EMBED_TOKEN_SIZE];
	eg_err e = token_create(rq->sv, rq->arena, &scope, &who, &in, &rq->faults, out, text);

	explicit_bzero(text, sizeof(text));     /* the next page makes it again */
	return e;
}

eg_err
token_new_submit(struct rq *rq, struct resp *rs)
{
	const struct token_use *use = token_use_find(page_field_text(rq, "use"));
	struct token_form form, blank;
	struct token_row made;
	eg_err e;

	token_form_read(rq, &form);
	token_form_new(rq, use != NULL ? use->label : token_uses[0].label, &blank);
	if (*form.label == '\0')
		form.label = blank.label;
	if (use == NULL) {
		faults_add(&rq->faults, "permissions", "Choose what the token is for.");
		use = &token_uses[0];
	}
	token_form_check(rq, &form, 0, &rq->faults);
	if (rq->faults.count > 0 || token_form_is_check(rq))
		return show(rq, rs, token_form_is_check(rq) ? 200 : 422, use->value, &form, &rq->faults);

	e = create(rq, use, &form, &made);
	if (e == EG_INVALID)
		return show(rq, rs, 422, use->value, &form, &rq->faults);
	if (e == EG_EXISTS)
		return token_created_again(rq, rs, &made, "This form was sent before and made this token. If you did not copy "
		    "its text, rotate it.");
	EG_TRY(e);
	return token_created_redirect(rq, rs, &made);
}
