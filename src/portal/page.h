/* SPDX-License-Identifier: GPL-3.0-or-later */
/* page.h - what every page of the portal has around its own content, and the small things that pages share: addresses, forms,
 * notices, faults, paging. Paths are given as the route table spells them; what a browser gets has the installation's own path
 * in front. */
#ifndef EG_PORTAL_PAGE_H
#define EG_PORTAL_PAGE_H

#include "web/router.h"

#define PAGE_CUSTOMERS "/portal/customers"
#define PAGE_ACTIVITY  "/portal/activity"
#define PAGE_SETTINGS  "/portal/settings"

#define PAGE_LIMIT 50           /* rows of a list */

/* The view of a page with brand, addresses, who is signed in, the main navigation and a notice left by the page before.
 * `section` is the path of a main page ("/portal/customers"), or NULL. */
eg_err page_new(struct rq *rq, const char *title, const char *section, json_object **out) EG_CHECKED;
/* The same without anything that can fail, for refusals: no notice, no sign-out. */
json_object *page_bare(struct rq *rq, const char *title);
/* Answer with templates/portal/NAME.html, under the portal's policy. */
eg_err page_answer(struct rq *rq, struct resp *rs, int status, const char *name, json_object *view) EG_CHECKED;

/* Bytes for the reader's disk, not for the browser to show. `name`: of ASCII letters, digits, "-", ".". */
eg_err page_download(struct rq *rq, struct resp *rs, const char *name, const char *type, const struct buf *bytes) EG_CHECKED;

/* "/portal/customers/..." -> what stands in href. */
const char *page_link(struct rq *rq, const char *path);
/* Add {href, label} to the list `name` of a view. */
void page_add_link(struct rq *rq, json_object *view, const char *name, const char *path, const char *label, bool is_current);

/* {action, csrf}: a form that posts to `path`. */
eg_err page_form(struct rq *rq, const char *path, json_object **out) EG_CHECKED;

/* 303 to `path` (with or without a query); `notice` (or NULL) is shown there once. A notice that cannot be kept is dropped:
 * what it tells of has happened. */
eg_err page_redirect(struct rq *rq, struct resp *rs, const char *path, const char *notice) EG_CHECKED;

/* How the model's names of fields are spelled in a form. A name stands also for its entries ("origins[2]"). */
struct page_field {
	const char *fault;
	const char *field;
};
/* Show faults: "error_summary" with links to the fields, "error_for" with the first message of each field. `map` ends with
 * a NULL name; what it does not name is spelled the same. Without faults nothing is added. */
void page_faults(struct rq *rq, json_object *view, const struct faults *f, const struct page_field *map);

/* "paging", where there are rows: from, to, total and the addresses of the pages before and after, with the query as it is. */
void page_paging(struct rq *rq, json_object *view, size_t page, size_t limit, size_t count, size_t total);
/* The address of the present page's path + `rest` (".csv") with the query as it is, but for page and notice. */
const char *page_same_query(struct rq *rq, const char *rest);
/* Links to this page with each value of the query's `name`, in a list of that name in the view; the other members of the query
 * stay, but for the page. `current` is the value in force. */
void page_choice(struct rq *rq, json_object *view, const char *name, const char *value, const char *label,
    const char *current);
/* The page asked for: 1 where the query says nothing sensible. */
size_t page_number(struct rq *rq);
/* Is it behind the last page of a list? Then page_to_last() is the answer: 303 to that one, with the query as it is. */
bool page_is_behind(size_t page, size_t limit, size_t total);
eg_err page_to_last(struct rq *rq, struct resp *rs, size_t limit, size_t total) EG_CHECKED;

/* A field of the form without the white space around it; "" where it was not sent. */
const char *page_field_text(struct rq *rq, const char *name);

#endif
