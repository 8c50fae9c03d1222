/* SPDX-License-Identifier: GPL-3.0-or-later */
/* openapi.h - the OpenAPI 3.1 description of a program, made from its route table, the tables of fields that validate its
 * bodies and queries, the shapes of its answers and the table of verdicts. Nothing is described twice. */
#ifndef EG_WEB_OPENAPI_H
#define EG_WEB_OPENAPI_H

#include "web/router.h"

struct openapi_info {
	const char *title;
	const char *description;        /* Markdown */
	const char *server_url;
};

/* In the arena. Rows without `about` are left out. */
json_object *openapi_document(struct arena *a, const struct openapi_info *info, const struct route *routes);

#endif
