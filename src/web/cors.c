/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cors.c - who may read our answers from a page of another origin. Never Allow-Credentials: there is no cookie to lend. (T13) */
#include "web/answer.h"
#include "web/router.h"

eg_err
router_cors(struct rq *rq, struct resp *rs)
{
	const struct token_row *t = &rq->id.token;
	bool is_refusal = rs->status >= 400;

	if (is_refusal)
		return resp_header(rq, rs, "Access-Control-Allow-Origin", "*");
	/* Data of nobody's token: no other page may read it. */
	if (rq->id.kind != IDENTITY_EMBED_TOKEN && rq->id.kind != IDENTITY_SESSION && rq->id.kind != IDENTITY_AGENT_LOGIN)
		return EG_OK;
	if (t->origin_count == 0)
		return resp_header(rq, rs, "Access-Control-Allow-Origin", "*");
	EG_TRY(resp_header(rq, rs, "Vary", "Origin"));
	if (rq->origin == NULL || !gate_origin_allowed(rq->sv, t, rq->origin))
		return EG_OK;
	return resp_header(rq, rs, "Access-Control-Allow-Origin", rq->origin);
}

eg_err
cors_preflight(struct rq *rq, struct resp *rs)
{
	EG_TRY(resp_header(rq, rs, "Access-Control-Allow-Origin", "*"));
	EG_TRY(resp_header(rq, rs, "Access-Control-Allow-Methods", "GET, POST"));
	EG_TRY(resp_header(rq, rs, "Access-Control-Allow-Headers", "authorization, content-type"));
	EG_TRY(resp_header(rq, rs, "Access-Control-Max-Age", "7200"));
	rs->status = 204;
	return EG_OK;
}
