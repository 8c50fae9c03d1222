/* SPDX-License-Identifier: GPL-3.0-or-later */
/* api_key_roll.c - a new text for the same key, while the old one lives on for as long as is chosen. (P9) */
#include <string.h>

#include "portal/api_key_show.h"
#include "portal/confirm.h"
#include "portal/handlers.h"
#include "portal/overlap.h"

static eg_err
show(struct rq *rq, struct resp *rs, int status, const struct key_row *k)
{
	json_object *view, *key, *form;

	EG_TRY(settings_page(rq, "Roll", SETTINGS_NO_TAB, SETTINGS_API_KEYS, &view));
	EG_TRY(api_key_show(rq, k, &key));
	EG_TRY(page_form(rq, api_key_path(rq, k, "/roll"), &form));
	json_add_bool(view, "narrow", true);
	json_add_object(view, "key", key);
	json_add_object(view, "form", form);
	json_add_str(view, "usage_sentence", confirm_usage(rq, k->slot, &k->id));
	overlap_show(rq, view, k->prefix, NULL);
	page_faults(rq, view, &rq->faults, overlap_fields);
	return page_answer(rq, rs, status, "api-key-roll", view);
}

static eg_err
find_living(struct rq *rq, struct resp *rs, struct key_row *out, bool *is_over)
{
	const char *status;

	EG_TRY(api_key_of(rq, out));
	status = key_status(out, rq->now_s);
	*is_over = strcmp(status, "revoked") == 0 || strcmp(status, "expired") == 0;
	return *is_over ? page_redirect(rq, rs, api_key_path(rq, out, ""), "This key is over: it cannot be rolled.") : EG_OK;
}

eg_err
api_key_roll_page(struct rq *rq, struct resp *rs)
{
	struct key_row k;
	bool is_over;

	EG_TRY(find_living(rq, rs, &k, &is_over));
	return is_over ? EG_OK : show(rq, rs, 200, &k);
}

eg_err
api_key_roll_submit(struct rq *rq, struct resp *rs)
{
	int64_t overlap_s = overlap_read(rq, &rq->faults);
	struct actor who = rq_actor(rq);
	char *text = arena_alloc(rq->arena, API_KEY_SIZE);
	struct key_row k;
	bool is_over;
	eg_err e;

	EG_TRY(find_living(rq, rs, &k, &is_over));
	if (is_over)
		return EG_OK;
	if (rq->faults.count > 0)
		return show(rq, rs, 422, &k);
	e = key_rotate_from(rq->sv, rq->arena, &rq->id.scope, &who, &k.id, overlap_from(rq), overlap_s, &rq->faults, &k, text);
	if (rq->faults.count > 0 && e == EG_INVALID)
		return show(rq, rs, 422, &k);
	if (e == EG_EXISTS)
		return page_redirect(rq, rs, api_key_path(rq, &k, ""),
		    "This key was rolled in the meantime. If you did not copy its new text, roll it again.");
	EG_TRY(e);
	return api_key_created_redirect(rq, rs, &k, text);
}
