/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "embed/refusal.h"

#include <string.h>

#include "embed/pages.h"
#include "embed/policy.h"

static bool
is_page(const char *path)
{
	return strcmp(path, PAGES_DASHBOARD) == 0 || strncmp(path, PAGES_EMBED, strlen(PAGES_EMBED)) == 0;
}

/* Only a genuine credential says which token it is of. */
static const struct token_row *
known_token(const struct rq *rq)
{
	const struct token_row *t = &rq->gate.id.token;

	return rq->gate.secret_verified && !uuid_is_nil(&t->id) ? t : NULL;
}

eg_err
refusal_answer(struct rq *rq, struct resp *rs)
{
	const struct verdict_info *v = verdict_info(rq->refusal);
	json_object *view = json_new_object(rq->arena);
	const char *nonce;

	if (!is_page(rq->path))
		return resp_problem(rq, rs);
	EG_TRY(policy_set(rq, rs, known_token(rq), &nonce));
	EG_TRY(resp_refusal_headers(rq, rs));
	json_add_str(view, "nonce", nonce);
	json_add_str(view, "words", v->visitor);
	json_add_str(view, "code", v->code);
	json_add_str(view, "request_id", v->status >= 500 ? rq->request_id : NULL);
	/* A refused token leaves the address, too; and after a reload, without it, the browser may still have the session. */
	json_add_object(view, "scripts", pages_script_view(rq));
	return resp_page(rq, rs, v->status, "embed/refused.html", view);
}
