/* SPDX-License-Identifier: GPL-3.0-or-later */
/* token_show.h - an embed token as the portal's pages show it: the object of interface.md, with words, addresses and forms. */
#ifndef EG_PORTAL_TOKEN_SHOW_H
#define EG_PORTAL_TOKEN_SHOW_H

#include "portal/workspace.h"

/* For templates/portal/tokens.html, token.html and their kin. */
eg_err token_show(struct rq *rq, const struct token_row *t, json_object **out) EG_CHECKED;

/* The snippets as panels, the fitting one open. NULL texts: placeholders. `only` names a single snippet, or is NULL. */
json_object *token_show_panels(struct rq *rq, const struct token_row *t, const char *emb, const char *emu, const char *only);
/* The words for a refusal that was counted by its code; NULL for a code this version does not know. */
const struct verdict_info *token_show_verdict(const char *code);
/* "https://acme.com" -> "acme.com"; "http://" stays, because it surprises. */
const char *token_show_site(const char *origin);

#endif
