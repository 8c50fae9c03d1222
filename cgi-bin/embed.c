/* SPDX-License-Identifier: GPL-3.0-or-later */
/* embed.c - embed.fcgi: the loader, the pages for iframes and the widgets. */
#include "embed/pages.h"
#include "embed/refusal.h"
#include "embed/scripts.h"
#include "embed/widgets.h"
#include "web/serve.h"

#define WIDGET (NEED_SESSION | CORS)
/* The scripts are the same bytes for everybody, whatever the request says of itself: no header decides anything. (T32) */
#define PUBLIC PLAIN_HTTP_OK

static const struct route routes[] = {
	{ M_GET, "/embed.js", PUBLIC, 0, scripts_loader, NULL, "The loader." },
	{ M_GET, "/embed/v1/loader.js", PUBLIC, 0, scripts_loader, NULL, "The loader." },
	{ M_GET, "/embed/v" EG_VERSION "/loader.js", PUBLIC, 0, scripts_loader_versioned, NULL, "This loader and no other." },
	{ M_GET, "/embed/v" EG_VERSION "/page.js", PUBLIC, 0, scripts_page_versioned, NULL, "The script of our own pages." },

	{ M_GET, PAGES_EMBED ":id", NEED_NOTHING, 0, pages_embed, NULL, "The page of an embed URL." },
	{ M_GET, PAGES_DASHBOARD, BODY_CREDENTIAL, 0, pages_dashboard, NULL, "The dashboard, for a token in the query." },

	{ M_GET, "/embed/v1/widgets/dashboard", WIDGET, PERM_DASHBOARD_READ, widgets_dashboard, NULL, "The dashboard widget.",
	  .query = subject_query },
	{ M_GET, "/embed/v1/widgets/agent", WIDGET, PERM_AGENTS_READ, widgets_agent, NULL, "The agent widget.",
	  .query = subject_query },
	{ .path = NULL },
};

int
main(void)
{
	return serve_main(&(struct program){
		.name = "embed", .routes = routes, .refuse = refusal_answer, .cors_below = "/embed/v1/widgets/",
	});
}
