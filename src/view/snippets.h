/* SPDX-License-Identifier: GPL-3.0-or-later */
/* snippets.h - what an integrator pastes: embed URLs and code, built once for the API and the portal. All values are escaped
 * for the place where they stand in the snippet; a page that shows a snippet escapes it once more, as any text. */
#ifndef EG_VIEW_SNIPPETS_H
#define EG_VIEW_SNIPPETS_H

#include "model/config.h"
#include "model/token.h"

struct snippets {
	const struct config *config;
	const struct token_row *token;
	const char *slug;               /* of the partner: custom elements are "<slug>-dashboard" */
	const char *customer_name;      /* in the iframe's title */
	const char *emb;                /* the embed token; NULL: "YOUR_TOKEN" stands in its place */
	const char *emu;                /* the URL token; NULL: "YOUR_URL_TOKEN" */
};

/* EMBED_URL/e/TOKEN_ID#emu_... (Copy URL): the secret is in the fragment, which no server and no Referer sees. */
const char *snippets_url(struct arena *a, const struct snippets *s);
/* EMBED_URL/dashboard.html?token=emu_... */
const char *snippets_legacy_url(struct arena *a, const struct snippets *s);

/* {"iframe", "script", "web_component", "header"}, each a text of some lines without a newline at its end:
 *   iframe         snippets_url() with title, loading, referrerpolicy and sandbox
 *   script         container, data-token, data-api-url, and embed.js
 *   web_component  loader and <slug-dashboard>, <slug-schedule event-id> or <slug-agent agent-id>, as the token's subject says
 *   header         a curl line with Authorization: Bearer */
json_object *snippets_view(struct arena *a, const struct snippets *s);

#endif
