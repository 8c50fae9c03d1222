/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "api/openapi.h"

#include "web/openapi.h"

static const char description[] =
    "Embed tokens for a SaaS company's customers: made, shown, rotated and revoked by API.\n\n"
    "Names in requests are `snake_case` or `camelCase`; unknown ones are refused. Answers are `snake_case`. Times are RFC 3339 in "
    "UTC, or null. Ids are UUIDs. Lists are paged by `page` and `limit`. Every refusal is an `application/problem+json` whose "
    "`code` says why; a 422 names all faults at once. `POST` with `X-HTTP-Method-Override: PATCH`, `PUT` or `DELETE` works "
    "where a host blocks these methods.";

eg_err
openapi_get(struct rq *rq, struct resp *rs)
{
	static const char *text;
	static size_t len;

	if (text == NULL)
		text = json_text(rq->sv->arena, openapi_document(rq->arena, &(struct openapi_info){
			.title = "embedgate API", .description = description, .server_url = rq->sv->config.public_url,
		}, rq->program->routes), &len);
	return resp_bytes(rq, rs, 200, "application/json", text, len);
}
