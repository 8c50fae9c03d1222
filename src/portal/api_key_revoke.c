/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "portal/api_key_show.h"
#include "portal/confirm.h"
#include "portal/handlers.h"

static eg_err
show(struct rq *rq, struct resp *rs, int status, const struct key_row *k)
{
	json_object *view, *key, *form;

	EG_TRY(settings_page(rq, "Revoke", SETTINGS_NO_TAB, SETTINGS_API_KEYS, &view));
	EG_TRY(api_key_show(rq, k, &key));
	EG_TRY(page_form(rq, api_key_path(rq, k, "/revoke"), &form));
	json_add_bool(view, "narrow", true);
	json_add_object(view, "key", key);
	json_add_object(view, "form", form);
	confirm_show(rq, view, k->slot, &k->id, k->name);
	page_faults(rq, view, &rq->faults, NULL);
	return page_answer(rq, rs, status, "api-key-revoke", view);
}

eg_err
api_key_revoke_page(struct rq *rq, struct resp *rs)
{
	struct key_row k;

	EG_TRY(api_key_of(rq, &k));
	if (k.revoked_at != 0)
		return page_redirect(rq, rs, api_key_path(rq, &k, ""), NULL);
	return show(rq, rs, 200, &k);
}

eg_err
api_key_revoke_submit(struct rq *rq, struct resp *rs)
{
	struct actor who = rq_actor(rq);
	struct key_row k;

	EG_TRY(api_key_of(rq, &k));
	if (k.revoked_at == 0)
		confirm_check(rq, k.slot, &k.id, k.name, &rq->faults);
	if (rq->faults.count > 0)
		return show(rq, rs, 422, &k);
	EG_TRY(key_revoke(rq->sv, rq->arena, &rq->id.scope, &who, &k.id, &k));
	return page_redirect(rq, rs, API_KEYS_PATH, arena_printf(rq->arena, "“%s” is revoked. Its requests are refused.", k.name));
}
