/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pages.h - the pages that stand in an iframe. */
#ifndef EG_EMBED_PAGES_H
#define EG_EMBED_PAGES_H

#include "web/router.h"

#define PAGES_EMBED "/e/"
#define PAGES_DASHBOARD "/dashboard.html"

/* GET /e/:id: a page without data. Its script takes the secret from the fragment, which no server sees, and exchanges it
 * together with the id. What state the token is in is not told here: that needs the secret. */
handler_fn pages_embed;
/* GET /dashboard.html?token=...: the finished page. */
handler_fn pages_dashboard;

/* What the templates need to load the scripts of a page: "api_url", "loader", "page". */
json_object *pages_script_view(struct rq *rq);

#endif
