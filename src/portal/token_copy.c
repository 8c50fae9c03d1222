/* SPDX-License-Identifier: GPL-3.0-or-later */
/* token_copy.c - Copy URL: a change, because it is written to the activity log. The page works by itself; with script the list
 * takes the address out of it and puts it on the clipboard. */
#include <string.h>

#include "portal/handlers.h"
#include "portal/token_show.h"
#include "portal/workspace.h"
#include "view/snippets.h"

eg_err
token_copy_submit(struct rq *rq, struct resp *rs)
{
	char *emu = arena_alloc(rq->arena, EMBED_TOKEN_SIZE);
	json_object *view, *token, *copies = json_new_array(rq->arena), *copy = json_new_object(rq->arena);
	struct scope scope = workspace_scope(rq);
	struct actor who = rq_actor(rq);
	struct token_row t;

	EG_TRY(workspace_token(rq, &t));
	if (!rq->sv->config.copy_url)
		return rq_refuse(rq, VERDICT_COPY_URL_DISABLED, NULL);
	EG_TRY(token_copy_url(rq->sv, rq->arena, &scope, &who, &t.id, &t, emu));

	const struct snippets s = { .config = &rq->sv->config, .token = &t, .emu = emu };
	EG_TRY(workspace_page(rq, "Embed URL", WORKSPACE_NO_TAB, &view));
	EG_TRY(token_show(rq, &t, &token));
	json_add_str(copy, "id", "embed-url");
	json_add_str(copy, "label", "Embed URL");
	json_add_str(copy, "value", snippets_url(rq->arena, &s));
	json_push_object(copies, copy);
	json_add_bool(view, "narrow", true);
	json_add_object(view, "token", token);
	json_add_object(view, "copies", copies);
	json_add_object(view, "panels", token_show_panels(rq, &t, NULL, emu, "iframe"));
	return page_answer(rq, rs, 200, "token-url", view);
}
