/* SPDX-License-Identifier: GPL-3.0-or-later */
/* api_key_page.c - everything about one API key; its name and expiry can be changed. */
#include "portal/api_key_show.h"
#include "portal/audit.h"
#include "portal/expiry.h"
#include "portal/handlers.h"
#include "view/chart.h"

#define AUDIT_SHOWN 20

static const struct page_field fields[] = { { "expires_at", "date" }, { 0 } };

static json_object *
chart_of(struct rq *rq, const struct key_row *k)
{
	double requests[USAGE_DAYS], refused[USAGE_DAYS];
	const struct chart_series series[] = { { "Requests", requests }, { "Refused", refused } };
	struct usage_view u;

	usage_read(rq->sv->usage, k->slot, &k->id, rq->now_s, &u);
	for (size_t d = 0; d < USAGE_DAYS; d++) {
		requests[d] = u.day_requests[d];
		refused[d] = u.day_refused[d];
	}
	return chart_view(rq->arena, &(struct chart){ .id = "use", .title = "Use in 30 days", .days = u.day,
	    .day_count = USAGE_DAYS, .series = series, .series_count = EG_COUNT(series) });
}

static eg_err
show(struct rq *rq, struct resp *rs, int status, const struct key_row *k, const char *name, const struct expiry *expiry)
{
	json_object *view, *key, *edit = NULL, *values = json_new_object(rq->arena);
	struct activity_row *rows;
	size_t count, total;

	EG_TRY(settings_page(rq, k->name, SETTINGS_NO_TAB, SETTINGS_API_KEYS, &view));
	EG_TRY(api_key_show(rq, k, &key));
	EG_TRY(activity_list(rq->sv, rq->arena, &rq->id.scope, &k->id, 1, AUDIT_SHOWN, &rows, &count, &total));
	if (k->revoked_at == 0)
		EG_TRY(page_form(rq, api_key_path(rq, k, ""), &edit));
	json_add_object(view, "key", key);
	json_add_object(view, "edit", edit);
	json_add_str(values, "name", name);
	json_add_object(view, "values", values);
	expiry_show(rq, view, expiry, &k->expires_at);
	json_add_object(view, "chart", chart_of(rq, k));
	json_add_object(view, "audit", audit_view(rq, rows, count));
	page_faults(rq, view, &rq->faults, fields);
	return page_answer(rq, rs, status, "api-key", view);
}

eg_err
api_key_page(struct rq *rq, struct resp *rs)
{
	struct key_row k;

	EG_TRY(api_key_of(rq, &k));
	return show(rq, rs, 200, &k, k.name, &(struct expiry){ .choice = "keep", .date = "" });
}

eg_err
api_key_submit(struct rq *rq, struct resp *rs)
{
	struct key_patch patch = { .set_name = true, .name = page_field_text(rq, "name") };
	struct actor who = rq_actor(rq);
	struct expiry expiry;
	struct key_row k;
	eg_err e;

	EG_TRY(api_key_of(rq, &k));
	expiry_read(rq, &expiry);
	patch.expires_at = expiry_check(rq, &expiry, k.expires_at, &rq->faults);
	patch.set_expires_at = patch.expires_at != k.expires_at;
	if (rq->faults.count > 0)
		return show(rq, rs, 422, &k, patch.name, &expiry);
	e = key_update(rq->sv, rq->arena, &rq->id.scope, &who, &k.id, &patch, &rq->faults, &k);
	if (e == EG_INVALID)
		return show(rq, rs, 422, &k, patch.name, &expiry);
	EG_TRY(e);
	return page_redirect(rq, rs, api_key_path(rq, &k, ""), "Saved. It holds from the next request on.");
}
