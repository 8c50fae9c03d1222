/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "portal/handlers.h"
#include "portal/page.h"

static eg_err
show(struct rq *rq, struct resp *rs, int status, const struct customer_new *in, const struct faults *f)
{
	json_object *view, *form, *values = json_new_object(rq->arena);

	EG_TRY(page_new(rq, "Add customer", PAGE_CUSTOMERS, &view));
	EG_TRY(page_form(rq, "/portal/customers/new", &form));
	json_add_bool(view, "narrow", true);
	page_add_link(rq, view, "crumbs", "/portal/customers", "Customers", false);
	json_add_object(view, "form", form);
	json_add_str(values, "name", in->name);
	json_add_str(values, "email", in->email);
	json_add_str(values, "external_id", in->external_id);
	json_add_object(view, "values", values);
	page_faults(rq, view, f, NULL);
	return page_answer(rq, rs, status, "customer-new", view);
}

eg_err
customer_new_page(struct rq *rq, struct resp *rs)
{
	return show(rq, rs, 200, &(struct customer_new){ .name = "" }, &rq->faults);
}

eg_err
customer_new_submit(struct rq *rq, struct resp *rs)
{
	const struct customer_new in = {
		.id = rq->form_nonce, .name = page_field_text(rq, "name"), .email = page_field_text(rq, "email"),
		.external_id = page_field_text(rq, "external_id"), .features = FEATURE_ALL,
	};
	struct actor who = rq_actor(rq);
	struct customer_row made;
	char id[UUID_TEXT_SIZE];
	eg_err e = customer_create(rq->sv, rq->arena, &rq->id.scope, &who, &in, &rq->faults, &made, NULL);

	if (e == EG_INVALID)
		return show(rq, rs, 422, &in, &rq->faults);
	if (e != EG_OK && e != EG_EXISTS)       /* EG_EXISTS: the form was sent twice */
		return e;
	uuid_format(&made.id, id);
	return page_redirect(rq, rs, arena_printf(rq->arena, "/portal/customers/%s/embed-urls", id),
	    arena_printf(rq->arena, "“%s” is added. Create its first embed token here.", made.name));
}
