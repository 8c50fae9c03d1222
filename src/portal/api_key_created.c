/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "portal/api_key_show.h"
#include "portal/handlers.h"

#define FLASH_KIND "api_key"

/* A first call to try it with; a webhook key has nothing of its own to read. */
static const char *
first_call(struct rq *rq, const struct key_row *k, const char *text)
{
	char id[UUID_TEXT_SIZE];

	if (k->type == API_KEY_WEBHOOK)
		return arena_printf(rq->arena, "X-API-Key: %s", text);
	uuid_format(&k->customer_id, id);
	return arena_printf(rq->arena, "curl -H \"X-API-Key: %s\" \\\n  %s/api/v1/customers%s%s", text,
	    rq->sv->config.public_url, uuid_is_nil(&k->customer_id) ? "" : "/", uuid_is_nil(&k->customer_id) ? "" : id);
}

static eg_err
show(struct rq *rq, struct resp *rs, const struct key_row *k, const char *text)
{
	json_object *view, *key, *copies = json_new_array(rq->arena), *copy = json_new_object(rq->arena);

	EG_TRY(settings_page(rq, "API key", SETTINGS_NO_TAB, SETTINGS_API_KEYS, &view));
	EG_TRY(api_key_show(rq, k, &key));
	json_add_str(copy, "id", "api-key");
	json_add_str(copy, "label", "API key");
	json_add_str(copy, "value", text);
	json_add_str(copy, "hint", "For your server’s environment or secret store. Never in a page, an app or a repository.");
	json_push_object(copies, copy);
	json_add_bool(view, "narrow", true);
	json_add_str(view, "heading", k->rotated_at != 0 ? "New text of the key. Copy it now, it will not be shown again." :
	    "API key created. Copy it now, it will not be shown again.");
	json_add_object(view, "key", key);
	json_add_object(view, "copies", copies);
	json_add_str(view, "call", first_call(rq, k, text));
	json_add_bool(view, "old_dead", k->rotated_at != 0 && k->previous_valid_until <= rq->now_s);
	json_add_str(view, "list_href", page_link(rq, API_KEYS_PATH));
	return page_answer(rq, rs, 200, "api-key-created", view);
}

eg_err
api_key_created_redirect(struct rq *rq, struct resp *rs, const struct key_row *k, const char *text)
{
	char id[UUID_TEXT_SIZE], flash_text[UUID_TEXT_SIZE];
	struct uuid flash;

	uuid_format(&k->id, id);
	if (flash_put(rq->sv, rq->arena, &rq->id.portal.id, FLASH_KIND, id, text, &flash) != EG_OK)
		return show(rq, rs, k, text);
	uuid_format(&flash, flash_text);
	return resp_redirect(rq, rs, api_key_path(rq, k, arena_printf(rq->arena, "/created?show=%s", flash_text)));
}

static eg_err
show_gone(struct rq *rq, struct resp *rs, const struct key_row *k)
{
	json_object *view, *key;

	EG_TRY(settings_page(rq, "API key", SETTINGS_NO_TAB, SETTINGS_API_KEYS, &view));
	EG_TRY(api_key_show(rq, k, &key));
	json_add_bool(view, "narrow", true);
	json_add_object(view, "key", key);
	json_add_str(view, "list_href", page_link(rq, API_KEYS_PATH));
	return page_answer(rq, rs, 200, "api-key-gone", view);
}

eg_err
api_key_created_page(struct rq *rq, struct resp *rs)
{
	const char *show_text = rq_query(rq, "show"), *text, *secret;
	char id[UUID_TEXT_SIZE];
	struct uuid flash;
	struct key_row k;
	eg_err e;

	EG_TRY(api_key_of(rq, &k));
	if (show_text == NULL || rq->method != M_GET || uuid_parse(show_text, strlen(show_text), &flash) != EG_OK)
		return show_gone(rq, rs, &k);
	e = flash_take(rq->sv, rq->arena, &rq->id.portal.id, &flash, FLASH_KIND, &text, &secret);
	if (e == EG_NOTFOUND)
		return show_gone(rq, rs, &k);
	EG_TRY(e);
	uuid_format(&k.id, id);
	return strcmp(text, id) == 0 ? show(rq, rs, &k, secret) : show_gone(rq, rs, &k);
}
