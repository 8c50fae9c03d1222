/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "portal/handlers.h"
#include "portal/workspace.h"

static const struct {
	unsigned bit;
	const char *title;
	const char *about;
} features[] = {
	{ FEATURE_EMBED, "Embed", "Widgets, iframes and integrations as such. Without it no embed of this customer works." },
	{ FEATURE_ANALYTICS, "Analytics", "The dashboard: loads, requests and the customer’s own figures." },
	{ FEATURE_EVENTS, "Events", "Schedules, sessions, speakers and registrations of events." },
	{ FEATURE_AGENTS, "Agents", "Results of the customer’s agents." },
	{ FEATURE_API, "API", "Reading embed data by header, for apps and servers." },
};

eg_err
features_page(struct rq *rq, struct resp *rs)
{
	json_object *view, *form, *list = json_new_array(rq->arena);

	EG_TRY(workspace_page(rq, "Features", WORKSPACE_FEATURES, &view));
	EG_TRY(page_form(rq, workspace_path(rq, "/features"), &form));
	for (size_t i = 0; i < EG_COUNT(features); i++) {
		json_object *o = json_new_object(rq->arena);
		json_add_str(o, "name", feature_name(features[i].bit));
		json_add_str(o, "title", features[i].title);
		json_add_str(o, "about", features[i].about);
		json_add_bool(o, "is_on", (rq->customer.features & features[i].bit) != 0);
		json_push_object(list, o);
	}
	json_add_object(view, "form", form);
	json_add_object(view, "features", list);
	json_add_bool(view, "may_switch", workspace_may_switch(rq));
	return page_answer(rq, rs, 200, "features", view);
}

static unsigned
ticked(const struct rq *rq, const char *name)
{
	unsigned bits = 0;

	for (size_t i = 0; i < rq->form_count; i++)
		if (strcmp(rq->form_params[i].name, name) == 0)
			bits |= feature_by_name(rq->form_params[i].value);
	return bits;
}

/* What differs from what the page showed: a page from before somebody else's change does not take that back. */
eg_err
features_submit(struct rq *rq, struct resp *rs)
{
	unsigned on = ticked(rq, "feature"), was_on = ticked(rq, "was_on");
	const struct customer_patch patch = { .features = { .on = on & ~was_on, .off = was_on & ~on } };
	struct actor who = rq_actor(rq);
	struct customer_row after;

	EG_TRY(customer_update(rq->sv, rq->arena, &rq->id.scope, &who, &rq->customer.id, &patch, &rq->faults, &after));
	return page_redirect(rq, rs, workspace_path(rq, "/features"), "Features saved. They hold from the next request on.");
}
