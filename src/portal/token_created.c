/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "portal/token_created.h"

#include <string.h>

#include "portal/handlers.h"
#include "portal/token_show.h"
#include "portal/workspace.h"
#include "view/snippets.h"

#define FLASH_KIND "token"
#define DOUBLE_CLICK_S 10

/* In the arena, which is wiped. */
static eg_err
make_text(struct rq *rq, const struct token_row *t, enum token_purpose purpose, const char **out)
{
	struct embed_token parts = { .id = t->id, .purpose = purpose };
	char *text = arena_alloc(rq->arena, EMBED_TOKEN_SIZE);

	memcpy(parts.issue, t->issue, sizeof(parts.issue));
	*out = text;
	return embed_token_make(rq->sv->tokens, &parts, text);
}

static void
add_copy(struct rq *rq, json_object *list, const char *id, const char *label, const char *value, const char *hint)
{
	json_object *o = json_new_object(rq->arena);

	json_add_str(o, "id", id);
	json_add_str(o, "label", label);
	json_add_str(o, "value", value);
	json_add_str(o, "hint", hint);
	json_push_object(list, o);
}

/* The tester, with this token filled in, for its first site. */
static eg_err
add_test(struct rq *rq, json_object *view, const struct token_row *t, const char *emb)
{
	json_object *form;

	EG_TRY(page_form(rq, workspace_path(rq, "/embed-urls/test"), &form));
	json_add_str(form, "token", emb);
	json_add_str(form, "site", t->origin_count > 0 && strchr(t->origins[0], '*') == NULL ? t->origins[0] : "");
	json_add_object(view, "test", form);
	return EG_OK;
}

static eg_err
show(struct rq *rq, struct resp *rs, const struct token_row *t, const char *emb, const char *emu)
{
	const struct snippets s = { .config = &rq->sv->config, .token = t, .emu = emu };
	json_object *view, *token, *copies = json_new_array(rq->arena);

	EG_TRY(workspace_page(rq, "Token created", WORKSPACE_NO_TAB, &view));
	EG_TRY(token_show(rq, t, &token));
	json_add_bool(view, "narrow", true);
	json_add_str(view, "heading", t->rotated_at != 0 ? "New token text. Copy it now, it will not be shown again." :
	    "Token created. Copy it now, it will not be shown again.");
	json_add_object(view, "token", token);
	json_add_bool(view, "old_dead", t->rotated_at != 0 && token_previous_valid_until(t) <= rq->now_s);
	add_copy(rq, copies, "embed-token", "Embed token", emb, "For the script, web component and header below.");
	add_copy(rq, copies, "embed-url", "Embed URL", snippets_url(rq->arena, &s), rq->sv->config.copy_url ?
	    "For an iframe. You can copy it again from the list at any time." : "For an iframe.");
	json_add_object(view, "copies", copies);
	json_add_object(view, "panels", token_show_panels(rq, t, emb, emu, NULL));
	EG_TRY(add_test(rq, view, t, emb));
	return page_answer(rq, rs, 200, "token-created", view);
}

/* Which text of which token waits to be shown. */
static const char *
flash_text_of(struct rq *rq, const struct token_row *t)
{
	char id[UUID_TEXT_SIZE], prefix[EMBED_TOKEN_PREFIX_SIZE];

	uuid_format(&t->id, id);
	embed_token_prefix(t->issue, prefix);
	return arena_printf(rq->arena, "%s %s", id, prefix);
}

static eg_err
redirect_to(struct rq *rq, struct resp *rs, const struct token_row *t, const struct uuid *flash)
{
	char text[UUID_TEXT_SIZE];

	uuid_format(flash, text);
	return resp_redirect(rq, rs, workspace_token_path(rq, &t->id, arena_printf(rq->arena, "/created?show=%s", text)));
}

eg_err
token_created_redirect(struct rq *rq, struct resp *rs, const struct token_row *t)
{
	const char *emb, *emu, *both;
	struct uuid flash;

	EG_TRY(make_text(rq, t, TOKEN_EMBED, &emb));
	EG_TRY(make_text(rq, t, TOKEN_URL, &emu));
	both = arena_printf(rq->arena, "%s %s", emb, emu);
	if (flash_put(rq->sv, rq->arena, &rq->id.portal.id, FLASH_KIND, flash_text_of(rq, t), both, &flash) != EG_OK)
		return show(rq, rs, t, emb, emu);
	return redirect_to(rq, rs, t, &flash);
}

eg_err
token_created_again(struct rq *rq, struct resp *rs, const struct token_row *t, const char *notice)
{
	int64_t made_at = t->rotated_at != 0 ? t->rotated_at : t->created_at;
	struct uuid flash;
	eg_err e = flash_find(rq->sv, rq->arena, &rq->id.portal.id, FLASH_KIND, flash_text_of(rq, t), &flash);

	if (e == EG_OK)
		return redirect_to(rq, rs, t, &flash);
	if (e != EG_NOTFOUND)
		return e;
	if (rq->now_s - made_at < DOUBLE_CLICK_S)
		return token_created_redirect(rq, rs, t);
	return page_redirect(rq, rs, workspace_token_path(rq, &t->id, ""), notice);
}

static eg_err
show_gone(struct rq *rq, struct resp *rs, const struct token_row *t)
{
	json_object *view, *token;

	EG_TRY(workspace_page(rq, "Token created", WORKSPACE_NO_TAB, &view));
	EG_TRY(token_show(rq, t, &token));
	json_add_bool(view, "narrow", true);
	json_add_object(view, "token", token);
	return page_answer(rq, rs, 200, "token-gone", view);
}

eg_err
token_created_page(struct rq *rq, struct resp *rs)
{
	const char *show_text = rq_query(rq, "show"), *text, *secret;
	struct token_row t;
	struct uuid flash;
	eg_err e;

	EG_TRY(workspace_token(rq, &t));
	if (show_text == NULL || rq->method != M_GET || uuid_parse(show_text, strlen(show_text), &flash) != EG_OK)
		return show_gone(rq, rs, &t);
	e = flash_take(rq->sv, rq->arena, &rq->id.portal.id, &flash, FLASH_KIND, &text, &secret);
	if (e == EG_NOTFOUND)
		return show_gone(rq, rs, &t);
	EG_TRY(e);
	if (strcmp(text, flash_text_of(rq, &t)) != 0)  /* another token's, or rotated since */
		return show_gone(rq, rs, &t);
	if (strlen(secret) != 2 * EMBED_TOKEN_LEN + 1)
		return eg_fail(EG_INTERNAL, "token_created_page: what was kept is no pair of tokens");
	return show(rq, rs, &t, arena_strndup(rq->arena, secret, EMBED_TOKEN_LEN), secret + EMBED_TOKEN_LEN + 1);
}
