/* SPDX-License-Identifier: GPL-3.0-or-later */
/* token_form.h - the fields that Create and Change share: label, allowed sites, expiry. What was typed is kept, so that a
 * page with faults shows it again. */
#ifndef EG_PORTAL_TOKEN_FORM_H
#define EG_PORTAL_TOKEN_FORM_H

#include "portal/expiry.h"

struct token_form {
	/* as typed */
	const char *label;
	const char *sites;              /* one per line; commas and blanks separate, too */
	bool any_site;
	struct expiry expiry;
	/* as understood, by token_form_check() */
	json_object *origins;           /* normalised, each once */
	int64_t expires_at;
};

/* A form nobody has filled in yet. */
void token_form_new(struct rq *rq, const char *label, struct token_form *out);
/* A form that shows `t` as it is. */
void token_form_of(struct rq *rq, const struct token_row *t, struct token_form *out);
/* What was sent. */
void token_form_read(struct rq *rq, struct token_form *out);
/* Understand it; faults of "sites" and "date". `keep_until`: the expiry that "keep" stands for. */
void token_form_check(struct rq *rq, struct token_form *form, int64_t keep_until, struct faults *f);
/* Add "values", "expiries", "echo", "today", "require_sites" for templates/portal/token-fields.html. `t` (or NULL) is the token
 * being changed: it may keep its expiry. */
void token_form_show(struct rq *rq, json_object *view, const struct token_form *form, const struct token_row *t);

/* Was the button pressed that only shows how sites are understood? */
bool token_form_is_check(struct rq *rq);

/* Names of the model's faults in this form. */
extern const struct page_field token_form_fields[];

#endif
