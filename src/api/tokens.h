/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tokens.h - /api/v1/embed-tokens, also under /api/developer/v1, and /api/v1/tokens/verify. */
#ifndef EG_API_TOKENS_H
#define EG_API_TOKENS_H

#include "web/router.h"

extern const struct field token_new_fields[];
extern const struct field token_patch_fields[];
extern const struct field token_rotate_fields[];
extern const struct field token_verify_fields[];
extern const struct field token_list_query[];
/* For POSTs that take nothing: an empty body or {}. */
extern const struct field no_fields[];

handler_fn tokens_list;
/* The answer to tokens_create and tokens_rotate holds `token`, this once. */
handler_fn tokens_create;
handler_fn tokens_get;
handler_fn tokens_patch;
/* DELETE: for good. */
handler_fn tokens_revoke;
handler_fn tokens_rotate;
/* {url, legacy_url, snippets}; each answer is written to the activity log first. */
handler_fn tokens_url;
/* What the embeds of this token met lately, newest first: {at, code, origin, widget, count}, equal ones of a minute as one. */
handler_fn tokens_activity;
/* {verdict, checks}: what the exchange would say, check by check. A token of another tenant reads like a forged one. */
handler_fn tokens_verify;

#endif
