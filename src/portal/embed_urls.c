/* SPDX-License-Identifier: GPL-3.0-or-later */
/* embed_urls.c - the tab that lists a customer's tokens. */
#include <string.h>

#include "model/kinds.h"
#include "portal/handlers.h"
#include "portal/token_show.h"
#include "portal/workspace.h"

/* The first is the default: what still works. */
static const struct status {
	const char *value;
	const char *label;
	const char *nothing;
} statuses[] = {
	{ "active", "Active", "No active tokens" },
	{ "expiring", "Expiring", "Nothing expires in the next 14 days" },
	{ "disabled", "Paused", "No paused tokens" },
	{ "expired", "Expired", "No expired tokens" },
	{ "revoked", "Revoked", "No revoked tokens" },
	{ "all", "All", "No tokens" },
};

static const struct status *
status_of(struct rq *rq)
{
	const char *given = rq_query(rq, "status");

	for (size_t i = 0; given != NULL && i < EG_COUNT(statuses); i++)
		if (strcmp(given, statuses[i].value) == 0)
			return &statuses[i];
	return &statuses[0];
}

static void
add_statuses(struct rq *rq, json_object *view, const struct status *current, const char *search)
{
	struct buf query;

	buf_init(&query, rq->arena, 128);
	if (*search != '\0') {
		buf_add_str(&query, "&q=");
		buf_add_url(&query, search, strlen(search));
	}
	for (size_t i = 0; i < EG_COUNT(statuses); i++)
		page_add_link(rq, view, "statuses",
		    arena_printf(rq->arena, "%s?status=%s%s", workspace_path(rq, "/embed-urls"), statuses[i].value, query.data),
		    statuses[i].label, &statuses[i] == current);
	json_add_str(view, "status", current->value);
	json_add_str(view, "nothing", current->nothing);
}

/* Has this customer ever had a token? An empty list says something else then. */
static eg_err
has_any_token(struct rq *rq, bool *out)
{
	size_t total;

	EG_TRY(store_count(rq->sv->store, rq->arena, KIND_TOKEN, &rq->customer.id, &total));
	*out = total > 0;
	return EG_OK;
}

eg_err
embed_urls_page(struct rq *rq, struct resp *rs)
{
	const char *search = rq_query(rq, "q") != NULL ? rq_query(rq, "q") : "";
	const struct status *status = status_of(rq);
	const struct token_filter filter = {
		.customer_id = rq->customer.id, .status = status->value, .search = search,
		.page = page_number(rq), .limit = PAGE_LIMIT,
	};
	json_object *view, *rows = json_new_array(rq->arena), *row;
	struct scope scope = workspace_scope(rq);
	struct token_row *found;
	size_t count, total;
	bool has_any;

	EG_TRY(token_list(rq->sv, rq->arena, &scope, &filter, rq->now_s, &found, &count, &total));
	if (page_is_behind(filter.page, PAGE_LIMIT, total))
		return page_to_last(rq, rs, PAGE_LIMIT, total);
	EG_TRY(has_any_token(rq, &has_any));
	EG_TRY(workspace_page(rq, "Embed URLs", WORKSPACE_EMBED_URLS, &view));
	EG_TRY(workspace_preconditions(rq, view));
	for (size_t i = 0; i < count; i++) {
		EG_TRY(token_show(rq, &found[i], &row));
		json_push_object(rows, row);
	}
	json_add_object(view, "rows", rows);
	json_add_bool(view, "has_rows", count > 0);
	json_add_bool(view, "is_new", !has_any);
	json_add_str(view, "search", *search != '\0' ? search : NULL);
	json_add_str(view, "new_href", page_link(rq, workspace_path(rq, "/embed-urls/new")));
	json_add_str(view, "test_href", page_link(rq, workspace_path(rq, "/embed-urls/test")));
	add_statuses(rq, view, status, search);
	page_paging(rq, view, filter.page, PAGE_LIMIT, count, total);
	return page_answer(rq, rs, 200, "tokens", view);
}
