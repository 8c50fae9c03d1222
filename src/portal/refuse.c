/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "portal/handlers.h"
#include "portal/page.h"
#include "portal/sign_in.h"

/* To the sign-in page, and from there back: to this page if looking at it is all that was asked. */
static eg_err
send_to_sign_in(struct rq *rq, struct resp *rs)
{
	const char *here = *rq->query != '\0' ? arena_printf(rq->arena, "%s?%s", rq->path, rq->query) : rq->path;
	struct buf path;

	buf_init(&path, rq->arena, 256);
	buf_add_str(&path, "/portal/login");
	if ((rq->method == M_GET || rq->method == M_HEAD) && sign_in_is_next(here)) {
		buf_add_str(&path, "?next=");
		buf_add_url(&path, here, strlen(here));
	}
	return resp_redirect(rq, rs, path.data);
}

/* Can the address of this form also be looked at? */
static bool
has_page(const struct rq *rq)
{
	for (const struct route *r = rq->program->routes; rq->route != NULL && r->path != NULL; r++)
		if ((r->methods & M_GET) && strcmp(r->path, rq->route->path) == 0)
			return true;
	return false;
}

static void
add_way_on(struct rq *rq, json_object *view)
{
	if (rq->refusal == VERDICT_CSRF_FAILED && has_page(rq)) {
		json_add_str(view, "back_href", page_link(rq, rq->path));
		json_add_str(view, "back_label", "Load the page again");
	} else {
		json_add_str(view, "back_href", page_link(rq, "/portal/customers"));
		json_add_str(view, "back_label", "Customer List");
	}
}

eg_err
portal_refuse(struct rq *rq, struct resp *rs)
{
	const struct verdict_info *v = verdict_info(rq->refusal);
	json_object *view;

	if (rq->refusal == VERDICT_MISSING_CREDENTIALS)
		return send_to_sign_in(rq, rs);

	view = page_bare(rq, v->title);
	json_add_bool(view, "narrow", true);
	json_add_int(view, "status", v->status);
	json_add_str(view, "code", v->code);
	json_add_str(view, "heading", v->title);
	json_add_str(view, "detail", rq->refusal_detail != NULL && v->status != 500 ? rq->refusal_detail : v->detail);
	json_add_str(view, "fix", v->fix);
	add_way_on(rq, view);
	json_add_str(view, "request_id", rq->request_id);
	EG_TRY(resp_refusal_headers(rq, rs));
	return page_answer(rq, rs, v->status, "error", view);
}
