/* SPDX-License-Identifier: GPL-3.0-or-later */
/* token_use.h - what a token is for, in the words of the portal: the choices of the Create form, and what a list says of a
 * token's permissions. */
#ifndef EG_PORTAL_TOKEN_USE_H
#define EG_PORTAL_TOKEN_USE_H

#include "model/token.h"

struct token_use {
	const char *value;              /* of the form field */
	const char *title;
	const char *about;
	const char *can;
	const char *cannot;
	unsigned permissions;
	unsigned feature;               /* what the customer must have */
	const char *feature_off;        /* said where it has not */
	const char *label;              /* of a token without one: "Website" */
	const char *first_snippet;      /* member of snippets_view() */
};

/* Ends with a row whose value is NULL. The first is the default. */
extern const struct token_use token_uses[];

/* NULL for an unknown value. */
const struct token_use *token_use_find(const char *value);
/* "Dashboard", "Event", "Agent", "API" or "All widgets". */
const char *token_use_word(const struct token_row *t);
/* Which snippet to show first. */
const char *token_use_snippet(const struct token_row *t);
/* {value, title, about, can, cannot, feature_off, selected} of each, for this customer. */
json_object *token_use_views(struct arena *a, const struct customer_row *c, const char *selected);

#endif
