/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "portal/handlers.h"
#include "portal/workspace.h"
#include "view/badge.h"
#include "view/when.h"

static const struct {
	const char *value;
	const char *label;
} statuses[] = {
	{ "", "All" },
	{ "active", "Active" },
	{ "disabled", "Disabled" },
};

/* "" for anything that is no choice. */
static const char *
status_of(struct rq *rq)
{
	const char *given = rq_query(rq, "status");

	for (size_t i = 0; given != NULL && i < EG_COUNT(statuses); i++)
		if (strcmp(given, statuses[i].value) == 0)
			return statuses[i].value;
	return "";
}

static void
add_statuses(struct rq *rq, json_object *view, const char *status)
{
	json_object *list = json_new_array(rq->arena);

	for (size_t i = 0; i < EG_COUNT(statuses); i++) {
		json_object *o = json_new_object(rq->arena);
		json_add_str(o, "value", statuses[i].value);
		json_add_str(o, "label", statuses[i].label);
		json_add_bool(o, "selected", strcmp(statuses[i].value, status) == 0);
		json_push_object(list, o);
	}
	json_add_object(view, "statuses", list);
}

static json_object *
row_view(struct rq *rq, const struct customer_row *c)
{
	json_object *o = customer_view(rq->arena, c);

	json_add_object(o, "created", when_view(rq->arena, c->created_at, rq->now_s));
	json_add_object(o, "badge", workspace_badge(rq->arena, c));
	json_add_object(o, "portal_access_badge", badge_view(rq->arena, c->has_portal_access ? "on" : "off"));
	return o;
}

eg_err
customers_page(struct rq *rq, struct resp *rs)
{
	const char *search = rq_query(rq, "q") != NULL ? rq_query(rq, "q") : "", *status = status_of(rq);
	const struct customer_filter filter = {
		.search = search, .status = *status != '\0' ? status : NULL, .page = page_number(rq), .limit = PAGE_LIMIT,
	};
	bool is_filtered = *search != '\0' || *status != '\0';
	json_object *view, *rows = json_new_array(rq->arena);
	struct customer_row *found;
	size_t count, total;

	EG_TRY(customer_list(rq->sv, rq->arena, &rq->id.scope, &filter, &found, &count, &total));
	if (page_is_behind(filter.page, PAGE_LIMIT, total))
		return page_to_last(rq, rs, PAGE_LIMIT, total);
	EG_TRY(page_new(rq, "Customers", PAGE_CUSTOMERS, &view));
	for (size_t i = 0; i < count; i++)
		json_push_object(rows, row_view(rq, &found[i]));
	json_add_object(view, "rows", rows);
	json_add_bool(view, "has_rows", count > 0);
	json_add_bool(view, "is_new", total == 0 && !is_filtered);
	json_add_bool(view, "is_filtered", is_filtered);
	json_add_str(view, "search", *search != '\0' ? search : NULL);
	add_statuses(rq, view, status);
	page_paging(rq, view, filter.page, PAGE_LIMIT, count, total);
	return page_answer(rq, rs, 200, "customers", view);
}
