/* SPDX-License-Identifier: GPL-3.0-or-later */
/* snippets.c - the four ways of embedding, as text. No style attributes: the iframe must work on a site whose own policy
 * forbids them. Widget names: interface.md, "Embedding". */
#include "view/snippets.h"

#include <string.h>

#include "base/buf.h"
#include "view/widget.h"

/* The widget's name as a title: its first letter in upper case, which is ASCII. */
static const char *
title_of(struct arena *a, const struct token_row *t)
{
	char *title = arena_strdup(a, widget_of_token(t));

	*title = (char)(*title - 'a' + 'A');
	return title;
}

static const char *
emb_of(const struct snippets *s)
{
	return s->emb != NULL ? s->emb : "YOUR_TOKEN";
}

static const char *
emu_of(const struct snippets *s)
{
	return s->emu != NULL ? s->emu : "YOUR_URL_TOKEN";
}

static void
add_attribute(struct buf *b, const char *name, const char *value)
{
	buf_printf(b, " %s=\"", name);
	buf_add_html(b, value, strlen(value));
	buf_add_char(b, '"');
}

const char *
snippets_url(struct arena *a, const struct snippets *s)
{
	char id[UUID_TEXT_SIZE];

	uuid_format(&s->token->id, id);
	return arena_printf(a, "%s/e/%s#%s", s->config->embed_url, id, emu_of(s));
}

const char *
snippets_legacy_url(struct arena *a, const struct snippets *s)
{
	return arena_printf(a, "%s/dashboard.html?token=%s", s->config->embed_url, emu_of(s));
}

static const char *
iframe(struct arena *a, const struct snippets *s)
{
	struct buf b;

	buf_init(&b, a, 512);
	buf_add_str(&b, "<iframe");
	add_attribute(&b, "src", snippets_url(a, s));
	buf_add_str(&b, "\n ");
	add_attribute(&b, "title", arena_printf(a, "%s for %s", title_of(a, s->token), s->customer_name));
	buf_add_str(&b, "\n  width=\"100%\" height=\"640\" loading=\"lazy\" frameborder=\"0\"\n"
	    "  referrerpolicy=\"strict-origin\"\n"
	    "  sandbox=\"allow-scripts allow-same-origin allow-forms allow-popups\"></iframe>");
	return b.data;
}

static const char *
script(struct arena *a, const struct snippets *s)
{
	const char *widget = widget_of_token(s->token);
	struct buf b;

	buf_init(&b, a, 512);
	buf_add_str(&b, "<div id=\"answering-agent\"");
	add_attribute(&b, "data-token", emb_of(s));
	if (strcmp(widget, "dashboard") != 0)
		add_attribute(&b, "data-widget", widget);
	buf_add_str(&b, "\n ");
	add_attribute(&b, "data-api-url", s->config->public_url);
	buf_add_str(&b, "></div>\n<script");
	add_attribute(&b, "src", arena_printf(a, "%s/embed.js", s->config->embed_url));
	buf_add_str(&b, "></script>");
	return b.data;
}

static const char *
web_component(struct arena *a, const struct snippets *s)
{
	const char *element = arena_printf(a, "%s-%s", s->slug, widget_of_token(s->token));
	char event_id[UUID_TEXT_SIZE];
	struct buf b;

	buf_init(&b, a, 512);
	buf_add_str(&b, "<script");
	add_attribute(&b, "src", arena_printf(a, "%s/embed/v1/loader.js", s->config->embed_url));
	buf_printf(&b, " async></script>\n<%s", element);
	if (!uuid_is_nil(&s->token->event_id)) {
		uuid_format(&s->token->event_id, event_id);
		add_attribute(&b, "event-id", event_id);
	} else if (s->token->agent_number != 0) {
		add_attribute(&b, "agent-id", arena_printf(a, "%lld", (long long)s->token->agent_number));
	}
	add_attribute(&b, "token", emb_of(s));
	/* The loader asks the host it came from, unless told of another. */
	if (strcmp(s->config->embed_url, s->config->public_url) != 0)
		add_attribute(&b, "data-api-url", s->config->public_url);
	buf_printf(&b, "></%s>", element);
	return b.data;
}

static const char *
header(struct arena *a, const struct snippets *s)
{
	return arena_printf(a, "curl -H \"Authorization: Bearer %s\" \\\n  %s/api/v1/embed/me", emb_of(s),
	    s->config->public_url);
}

json_object *
snippets_view(struct arena *a, const struct snippets *s)
{
	json_object *o = json_new_object(a);

	json_add_str(o, "iframe", iframe(a, s));
	json_add_str(o, "script", script(a, s));
	json_add_str(o, "web_component", web_component(a, s));
	json_add_str(o, "header", header(a, s));
	return o;
}
