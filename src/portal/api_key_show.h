/* SPDX-License-Identifier: GPL-3.0-or-later */
/* api_key_show.h - an API key as the settings show it, and the one time its text is shown. */
#ifndef EG_PORTAL_API_KEY_SHOW_H
#define EG_PORTAL_API_KEY_SHOW_H

#include "portal/settings.h"

#define API_KEYS_PATH "/portal/settings/api-keys"

struct key_kind {
	enum api_key_type type;
	const char *title;
	const char *about;              /* what whoever holds such a key can do */
};
/* Ends with a row whose title is NULL. */
extern const struct key_kind key_kinds[];
const struct key_kind *key_kind_of(enum api_key_type type);

/* ":key" of the path, if it is the partner's; else EG_NOTFOUND. */
eg_err api_key_of(struct rq *rq, struct key_row *out) EG_CHECKED;
/* API_KEYS_PATH "/ID" + `rest`. */
const char *api_key_path(struct rq *rq, const struct key_row *k, const char *rest);
/* The object of interface.md, with words, addresses and badge. */
eg_err api_key_show(struct rq *rq, const struct key_row *k, json_object **out) EG_CHECKED;

/* After creating or rolling `k`: keep its text for one look, and lead there; or answer at once where it cannot be kept. */
eg_err api_key_created_redirect(struct rq *rq, struct resp *rs, const struct key_row *k, const char *text) EG_CHECKED;

#endif
