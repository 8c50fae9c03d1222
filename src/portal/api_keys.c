/* SPDX-License-Identifier: GPL-3.0-or-later */
/* api_keys.c - the list of API keys, the newest first; revoked ones stay in it, for the record. */
#include "portal/api_key_show.h"
#include "portal/handlers.h"

eg_err
api_keys_page(struct rq *rq, struct resp *rs)
{
	size_t page = page_number(rq), count, total;
	json_object *view, *row, *rows = json_new_array(rq->arena);
	struct key_row *keys;

	if (!settings_may(rq))
		return settings_ask(rq, rs, SETTINGS_API_KEYS, "API Keys");
	EG_TRY(key_list(rq->sv, rq->arena, &rq->id.scope, page, PAGE_LIMIT, &keys, &count, &total));
	EG_TRY(settings_page(rq, "API Keys", SETTINGS_API_KEYS, SETTINGS_NO_TAB, &view));
	for (size_t i = 0; i < count; i++) {
		EG_TRY(api_key_show(rq, &keys[i], &row));
		json_push_object(rows, row);
	}
	json_add_object(view, "rows", rows);
	json_add_bool(view, "has_rows", count > 0);
	json_add_bool(view, "no_api_access", !rq->id.partner.has_api_access);
	json_add_str(view, "new_href", page_link(rq, API_KEYS_PATH "/new"));
	page_paging(rq, view, page, PAGE_LIMIT, count, total);
	return page_answer(rq, rs, 200, "api-keys", view);
}
