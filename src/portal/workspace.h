/* SPDX-License-Identifier: GPL-3.0-or-later */
/* workspace.h - pages about one customer: the name on top, the tabs, what stands in the way of its embeds. For routes with
 * NEED_CUSTOMER. */
#ifndef EG_PORTAL_WORKSPACE_H
#define EG_PORTAL_WORKSPACE_H

#include "portal/page.h"

enum workspace_tab { WORKSPACE_NO_TAB, WORKSPACE_OVERVIEW, WORKSPACE_FEATURES, WORKSPACE_EMBED_URLS, WORKSPACE_ACTIVITY };

/* page_new() with "customer", crumbs, and the tabs where the page is one of them. */
eg_err workspace_page(struct rq *rq, const char *title, enum workspace_tab tab, json_object **out) EG_CHECKED;

/* "/portal/customers/ID" + `rest` ("/embed-urls"). */
const char *workspace_path(struct rq *rq, const char *rest);
/* "/portal/customers/ID/embed-urls/TOKEN" + `rest` ("/revoke"). */
const char *workspace_token_path(struct rq *rq, const struct uuid *token_id, const char *rest);

/* The customer alone, as the scope of model calls. */
struct scope workspace_scope(const struct rq *rq);
/* ":token" of the path, if it is this customer's; else EG_NOTFOUND. */
eg_err workspace_token(struct rq *rq, struct token_row *out) EG_CHECKED;

/* A customer's status as a badge. */
json_object *workspace_badge(struct arena *a, const struct customer_row *c);

/* May the reader change status, portal access and features? */
bool workspace_may_switch(const struct rq *rq);

/* "preconditions": what keeps every embed of this customer from working, each with its form. */
eg_err workspace_preconditions(struct rq *rq, json_object *view) EG_CHECKED;

/* A form that switches `what` ("account", "portal_access", "embed") on or off: {action, csrf, what, on, verb, asks};
 * `asks` (or NULL) is asked before. */
eg_err workspace_switch_form(struct rq *rq, const char *what, bool on, const char *verb, const char *asks,
    json_object **out) EG_CHECKED;

#endif
