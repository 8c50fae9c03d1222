/* SPDX-License-Identifier: GPL-3.0-or-later */
/* activity.c - a customer's tab of what happened: how much its embeds were used, by which sites, with which results, and who
 * changed what. */
#include <string.h>

#include "base/clock.h"
#include "model/analytics.h"
#include "portal/audit.h"
#include "portal/handlers.h"
#include "portal/uses.h"
#include "view/chart.h"
#include "view/when.h"

#define EVENTS_SHOWN 50
#define AUDIT_SHOWN 20
#define CSV_ROWS_MAX 5000
#define DAY_S 86400

static const struct period {
	const char *value;
	const char *label;
	int days;
} periods[] = {
	{ "24h", "24 hours", 1 },
	{ "7d", "7 days", 7 },
	{ "30d", "30 days", 30 },
};
#define PERIOD_DEFAULT (&periods[1])

static const struct {
	const char *value;
	const char *label;
	enum uses_result result;
} results[] = {
	{ "all", "All", USES_ALL },
	{ "ok", "Shown", USES_OK },
	{ "refused", "Refused", USES_REFUSED },
};

static const struct period *
period_of(struct rq *rq)
{
	const char *given = rq_query(rq, "period");

	for (size_t i = 0; given != NULL && i < EG_COUNT(periods); i++)
		if (strcmp(given, periods[i].value) == 0)
			return &periods[i];
	return PERIOD_DEFAULT;
}

static size_t
result_of(struct rq *rq)
{
	const char *given = rq_query(rq, "result");

	for (size_t i = 0; given != NULL && i < EG_COUNT(results); i++)
		if (strcmp(given, results[i].value) == 0)
			return i;
	return 0;
}

static void
read_uses(struct rq *rq, const struct period *p, enum uses_result result, struct uses *out)
{
	const struct uses_filter filter = { .since_s = rq->now_s - (int64_t)p->days * DAY_S, .result = result };

	uses_read(rq, &filter, out);
}

static void
add_figure(struct rq *rq, json_object *list, const char *label, double value)
{
	json_object *o = json_new_object(rq->arena);

	json_add_str(o, "label", label);
	json_add_str(o, "value", chart_number(rq->arena, value));
	json_push_object(list, o);
}

/* Exact sums of whole days, from the tokens' own counters; 24 hours are no whole days, so these are summed from the rows. */
static eg_err
add_figures(struct rq *rq, json_object *view, const struct period *p, const struct uses *uses)
{
	json_object *list = json_new_array(rq->arena);
	struct scope scope = workspace_scope(rq);
	double loads = 0, requests = 0, refused = 0;
	uint64_t rows_ok, rows_refused;
	struct usage_view u;

	EG_TRY(analytics_usage(rq->sv, &scope, rq->now_s, &u));
	for (size_t d = USAGE_DAYS - (size_t)p->days; d < USAGE_DAYS; d++) {
		loads += u.day_loads[d];
		requests += u.day_requests[d];
		refused += u.day_refused[d];
	}
	if (p->days > 1) {
		add_figure(rq, list, "Embed loads", loads);
		add_figure(rq, list, "API requests", requests);
		add_figure(rq, list, "Refused", refused);
	} else {
		uses_sum(uses, &rows_ok, &rows_refused);
		add_figure(rq, list, "Shown", (double)rows_ok);
		add_figure(rq, list, "Refused", (double)rows_refused);
	}
	json_add_object(view, "figures", list);
	json_add_object(view, "chart", chart_usage_view(rq->arena, "use", "Per day", &u, true));
	json_add_bool(view, "is_unused", u.loads + u.requests + u.refused == 0);
	return EG_OK;
}

static eg_err
add_uses(struct rq *rq, json_object *view, const struct period *p)
{
	size_t wanted = result_of(rq);
	struct uses all, shown;
	json_object *events;

	read_uses(rq, p, USES_ALL, &all);
	read_uses(rq, p, results[wanted].result, &shown);
	EG_TRY(add_figures(rq, view, p, &all));
	EG_TRY(uses_view(rq, &shown, EVENTS_SHOWN, &events));
	json_add_object(view, "sites", uses_by_site(rq, &all));
	json_add_object(view, "results", uses_by_result(rq, &all));
	json_add_object(view, "events", events);
	json_add_bool(view, "show_token", true);
	json_add_bool(view, "has_uses", all.count > 0);
	json_add_bool(view, "has_events", shown.count > 0);
	json_add_str(view, "reaches_back", all.is_cut ? when_exact(rq->arena, all.rows[all.count - 1].at_s) : NULL);
	for (size_t i = 0; i < EG_COUNT(results); i++)
		page_choice(rq, view, "result", results[i].value, results[i].label, results[wanted].value);
	json_add_str(view, "uses_csv", page_same_query(rq, ".csv"));
	return EG_OK;
}

static eg_err
add_audit(struct rq *rq, json_object *view, size_t page, size_t *total)
{
	struct scope scope = workspace_scope(rq);
	struct activity_row *rows;
	size_t count;

	EG_TRY(activity_list(rq->sv, rq->arena, &scope, &rq->customer.id, page, AUDIT_SHOWN, &rows, &count, total));
	json_add_object(view, "audit", audit_view(rq, rows, count));
	json_add_bool(view, "has_audit", count > 0);
	json_add_bool(view, "show_names", true);
	json_add_str(view, "audit_csv", page_link(rq, workspace_path(rq, "/audit.csv")));
	page_paging(rq, view, page, AUDIT_SHOWN, count, *total);
	return EG_OK;
}

eg_err
activity_page(struct rq *rq, struct resp *rs)
{
	const struct period *p = period_of(rq);
	size_t page = page_number(rq), total;
	json_object *view;

	EG_TRY(workspace_page(rq, "Activity", WORKSPACE_ACTIVITY, &view));
	for (size_t i = 0; i < EG_COUNT(periods); i++)
		page_choice(rq, view, "period", periods[i].value, periods[i].label, p->value);
	json_add_str(view, "period_label", p->label);
	EG_TRY(add_uses(rq, view, p));
	EG_TRY(add_audit(rq, view, page, &total));
	if (page_is_behind(page, AUDIT_SHOWN, total))
		return page_to_last(rq, rs, AUDIT_SHOWN, total);
	json_add_str(view, "test_href", page_link(rq, workspace_path(rq, "/embed-urls/test")));
	return page_answer(rq, rs, 200, "activity", view);
}

static const char *
file_name(struct rq *rq, const char *what)
{
	char id[UUID_TEXT_SIZE];

	uuid_format(&rq->customer.id, id);
	return arena_printf(rq->arena, "%s-%s-%s.csv", what, id, when_day_iso(rq->arena, clock_day(rq->now_s)));
}

eg_err
activity_csv(struct rq *rq, struct resp *rs)
{
	struct uses uses;

	read_uses(rq, period_of(rq), results[result_of(rq)].result, &uses);
	return uses_csv(rq, rs, file_name(rq, "activity"), &uses);
}

eg_err
activity_audit_csv(struct rq *rq, struct resp *rs)
{
	struct scope scope = workspace_scope(rq);
	struct activity_row *rows;
	size_t count, total;

	EG_TRY(activity_list(rq->sv, rq->arena, &scope, &rq->customer.id, 1, CSV_ROWS_MAX, &rows, &count, &total));
	return audit_csv(rq, rs, file_name(rq, "audit"), rows, count);
}
