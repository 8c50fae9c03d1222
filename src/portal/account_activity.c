/* SPDX-License-Identifier: GPL-3.0-or-later */
/* account_activity.c - who did what in the whole account. */
#include "base/clock.h"
#include "portal/audit.h"
#include "portal/handlers.h"
#include "view/when.h"

#define CSV_ROWS_MAX 5000

static eg_err
find(struct rq *rq, size_t page, size_t limit, struct activity_row **rows, size_t *count, size_t *total)
{
	const struct activity_filter filter = { .about = audit_topic_of(rq)->about, .search = rq_query(rq, "q") };

	return activity_find(rq->sv, rq->arena, &rq->id.scope, &rq->id.partner.id, &filter, page, limit, rows, count, total);
}

eg_err
account_activity_page(struct rq *rq, struct resp *rs)
{
	const struct audit_topic *topic = audit_topic_of(rq);
	const char *search = rq_query(rq, "q");
	size_t page = page_number(rq), count, total;
	struct activity_row *rows;
	json_object *view;

	EG_TRY(find(rq, page, PAGE_LIMIT, &rows, &count, &total));
	if (page_is_behind(page, PAGE_LIMIT, total))
		return page_to_last(rq, rs, PAGE_LIMIT, total);
	EG_TRY(page_new(rq, "Activity", PAGE_ACTIVITY, &view));
	for (const struct audit_topic *t = audit_topics; t->label != NULL; t++)
		page_choice(rq, view, "about", t->value, t->label, topic->value);
	json_add_str(view, "topic", topic->value);
	json_add_str(view, "search", search != NULL && *search != '\0' ? search : NULL);
	json_add_object(view, "audit", audit_view(rq, rows, count));
	json_add_bool(view, "has_audit", count > 0);
	json_add_bool(view, "show_names", true);
	json_add_str(view, "audit_csv", page_same_query(rq, ".csv"));
	page_paging(rq, view, page, PAGE_LIMIT, count, total);
	return page_answer(rq, rs, 200, "account-activity", view);
}

eg_err
account_activity_csv(struct rq *rq, struct resp *rs)
{
	struct activity_row *rows;
	size_t count, total;

	EG_TRY(find(rq, 1, CSV_ROWS_MAX, &rows, &count, &total));
	return audit_csv(rq, rs, arena_printf(rq->arena, "audit-%s.csv", when_day_iso(rq->arena, clock_day(rq->now_s))),
	    rows, count);
}
