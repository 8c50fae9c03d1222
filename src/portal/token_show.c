/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "portal/token_show.h"

#include <string.h>

#include "portal/token_use.h"
#include "view/badge.h"
#include "view/chart.h"
#include "view/snippets.h"
#include "view/when.h"

#define SITES_SHOWN 3
#define DAY_S 86400
#define EXPIRING_S (14 * DAY_S)         /* as the filter "expiring" of the model */
#define UNUSED_S (90 * DAY_S)

const char *
token_show_site(const char *origin)
{
	return strncmp(origin, "https://", 8) == 0 ? origin + 8 : origin;
}

const struct verdict_info *
token_show_verdict(const char *code)
{
	for (int v = VERDICT_OK; v < VERDICT_COUNT; v++)
		if (strcmp(verdict_info((enum verdict)v)->code, code) == 0)
			return verdict_info((enum verdict)v);
	return NULL;
}

static void
add_sites(struct rq *rq, json_object *o, const struct token_row *t)
{
	json_object *few = json_new_array(rq->arena), *all = json_new_array(rq->arena);

	for (size_t i = 0; i < t->origin_count; i++) {
		json_push_str(all, t->origins[i]);
		if (i < SITES_SHOWN)
			json_push_str(few, token_show_site(t->origins[i]));
	}
	json_add_bool(o, "has_sites", t->origin_count > 0);
	json_add_object(o, "sites", few);
	json_add_object(o, "all_sites", all);
	json_add_str(o, "more_sites", t->origin_count > SITES_SHOWN ?
	    arena_printf(rq->arena, "%zu", t->origin_count - SITES_SHOWN) : NULL);
}

static void
add_times(struct rq *rq, json_object *o, const struct token_row *t, const struct usage_view *u)
{
	int64_t overlap_end = token_previous_valid_until(t);
	const char *site = token_show_site(arena_strdup(rq->arena, u->last_used_origin));

	json_add_object(o, "created", when_view(rq->arena, t->created_at, rq->now_s));
	json_add_object(o, "last_used", when_view(rq->arena, u->last_used_at_s, rq->now_s));
	json_add_str(o, "last_used_site", *site != '\0' ? site : NULL);
	json_add_object(o, "expires", when_view(rq->arena, t->expires_at, rq->now_s));
	json_add_object(o, "rotated", when_view(rq->arena, t->rotated_at, rq->now_s));
	json_add_object(o, "old_until", when_view(rq->arena, overlap_end > rq->now_s ? overlap_end : 0, rq->now_s));
	json_add_object(o, "revoked", when_view(rq->arena, t->revoked_at, rq->now_s));
	json_add_str(o, "counts", arena_printf(rq->arena, "%s %s, %s API %s, %s refused",
	    chart_number(rq->arena, (double)u->loads), u->loads == 1 ? "load" : "loads",
	    chart_number(rq->arena, (double)u->requests), u->requests == 1 ? "request" : "requests",
	    chart_number(rq->arena, (double)u->refused)));
}

static void
add_note(struct rq *rq, json_object *notes, const char *text, const char *path, const char *label)
{
	json_object *note = json_new_object(rq->arena);

	json_add_str(note, "text", text);
	if (path != NULL)
		page_add_link(rq, note, "link", path, label, false);
	json_push_object(notes, note);
}

/* A refusal matters until a later use shows that it was mended. */
static void
add_refusal_note(struct rq *rq, json_object *notes, const struct token_row *t, const struct usage_view *u)
{
	const struct verdict_info *v = token_show_verdict(u->refused_code);
	const char *when;

	if (u->refused_at_s == 0 || u->refused_at_s < u->last_used_at_s)
		return;
	when = when_relative(rq->arena, u->refused_at_s, rq->now_s);
	if (strcmp(u->refused_code, "origin_not_allowed") != 0 || u->refused_origin[0] == '\0') {
		add_note(rq, notes, arena_printf(rq->arena, "Refused %s: %s.", when, v != NULL ? v->title : u->refused_code),
		    NULL, NULL);
		return;
	}

	struct buf path;
	buf_init(&path, rq->arena, 256);
	buf_printf(&path, "%s?add_site=", workspace_token_path(rq, &t->id, ""));
	buf_add_url(&path, u->refused_origin, strlen(u->refused_origin));
	buf_add_str(&path, "#change");
	add_note(rq, notes, arena_printf(rq->arena, "Refused %s: %s is not among its sites.", when, u->refused_origin),
	    path.data, "Allow this site");
}

/* Only what needs somebody's eye, and only while the token lives. */
static void
add_notes(struct rq *rq, json_object *o, const struct token_row *t, const struct usage_view *u)
{
	json_object *notes = json_new_array(rq->arena);
	int64_t last_s = u->last_used_at_s != 0 ? u->last_used_at_s : t->created_at;
	enum token_status status = token_status(t, rq->now_s);

	if (status != TOKEN_REVOKED && status != TOKEN_EXPIRED) {
		if (t->expires_at != 0 && t->expires_at - rq->now_s <= EXPIRING_S)
			add_note(rq, notes, arena_printf(rq->arena, "Expires %s.",
			    when_relative(rq->arena, t->expires_at, rq->now_s)), NULL, NULL);
		if (token_previous_valid_until(t) > rq->now_s)
			add_note(rq, notes, arena_printf(rq->arena, "Rotated: the old text works until %s.",
			    when_exact(rq->arena, token_previous_valid_until(t))), NULL, NULL);
		add_refusal_note(rq, notes, t, u);
		if (rq->now_s - last_s >= UNUSED_S)
			add_note(rq, notes, "Unused for 90 days: revoke it if nobody needs it.", NULL, NULL);
	}
	json_add_object(o, "notes", notes);
	json_add_bool(o, "has_notes", json_object_array_length(notes) > 0);
}

static eg_err
add_actions(struct rq *rq, json_object *o, const struct token_row *t)
{
	enum token_status status = token_status(t, rq->now_s);
	bool is_live = status != TOKEN_REVOKED && status != TOKEN_EXPIRED;
	json_object *copy = NULL;

	if (is_live && rq->sv->config.copy_url)
		EG_TRY(page_form(rq, workspace_token_path(rq, &t->id, "/copy-url"), &copy));
	json_add_object(o, "copy", copy);
	json_add_str(o, "href", page_link(rq, workspace_token_path(rq, &t->id, "")));
	json_add_str(o, "rotate_href", is_live ? page_link(rq, workspace_token_path(rq, &t->id, "/rotate")) : NULL);
	json_add_str(o, "revoke_href", status != TOKEN_REVOKED ?
	    page_link(rq, workspace_token_path(rq, &t->id, "/revoke")) : NULL);
	return EG_OK;
}

static const char *
permission_text(struct arena *a, unsigned permissions)
{
	struct buf b;

	buf_init(&b, a, 96);
	for (unsigned bit = 1; bit <= PERM_ALL; bit <<= 1)
		if (permissions & bit)
			buf_printf(&b, "%s%s", b.len > 0 ? ", " : "", permission_name(bit));
	return b.data;
}

eg_err
token_show(struct rq *rq, const struct token_row *t, json_object **out)
{
	json_object *o = token_view(rq->sv, rq->arena, t, rq->now_s);
	struct usage_view u;

	usage_read(rq->sv->usage, t->slot, &t->id, rq->now_s, &u);
	add_sites(rq, o, t);
	add_times(rq, o, t, &u);
	add_notes(rq, o, t, &u);
	EG_TRY(add_actions(rq, o, t));
	json_add_object(o, "badge", badge_view(rq->arena, token_status_name(token_status(t, rq->now_s))));
	json_add_str(o, "use", token_use_word(t));
	json_add_str(o, "permission_text", permission_text(rq->arena, t->permissions));
	*out = o;
	return EG_OK;
}

static const struct panel {
	const char *id;                 /* member of snippets_view() */
	const char *title;
	const char *about;
	const char *note;               /* "%s": the embed host */
} panels[] = {
	{ "iframe", "iframe", "No script on your page, and nothing of yours is touched. Fits any site builder.",
	  "If your page has a Content-Security-Policy, it needs: frame-src %s. Who can read your page’s source can read this "
	  "address; it opens this embed and nothing else." },
	{ "script", "Script", "The embed becomes part of your page: it grows with its content and can follow your layout.",
	  "If your page has a Content-Security-Policy, it needs: script-src %s; connect-src %s. The token may stand in a page: "
	  "allowed sites and permissions bound it." },
	{ "web_component", "Web component",
	  "An element of its own, wherever your framework puts it. Several may stand in one page.",
	  "If your page has a Content-Security-Policy, it needs: script-src %s; connect-src %s." },
	{ "header", "Header", "From your server or app’s backend, as JSON.",
	  "Keep the token in an environment variable or a secret store, and out of version control." },
};

/* `text` with the embed host in place of the first "%s" and the API's in place of the second. */
static const char *
fill_hosts(struct rq *rq, const char *text)
{
	const char *hosts[] = { rq->sv->config.embed_origin, rq->sv->config.public_origin };
	struct buf b;

	buf_init(&b, rq->arena, 256);
	for (size_t used = 0; *text != '\0'; ) {
		if (strncmp(text, "%s", 2) == 0 && used < EG_COUNT(hosts)) {
			buf_add_str(&b, hosts[used++]);
			text += 2;
		} else {
			buf_add_char(&b, *text++);
		}
	}
	return b.data;
}

json_object *
token_show_panels(struct rq *rq, const struct token_row *t, const char *emb, const char *emu, const char *only)
{
	const struct snippets s = { .config = &rq->sv->config, .token = t, .slug = rq->id.partner.slug,
		.customer_name = rq->customer.name, .emb = emb, .emu = emu };
	json_object *texts = snippets_view(rq->arena, &s), *list = json_new_array(rq->arena);

	for (size_t i = 0; i < EG_COUNT(panels); i++) {
		const struct panel *p = &panels[i];
		json_object *o;

		if (only != NULL && strcmp(p->id, only) != 0)
			continue;
		o = json_new_object(rq->arena);
		json_add_str(o, "id", p->id);
		json_add_str(o, "title", p->title);
		json_add_str(o, "about", p->about);
		json_add_str(o, "note", fill_hosts(rq, p->note));
		json_add_str(o, "text", json_get_str(texts, p->id));
		json_add_bool(o, "is_first", strcmp(p->id, only != NULL ? only : token_use_snippet(t)) == 0);
		json_push_object(list, o);
	}
	return list;
}
