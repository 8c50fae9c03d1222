/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "api/health.h"

#include "model/kinds.h"

static eg_err
answer(struct rq *rq, struct resp *rs, const char *status)
{
	json_object *view = json_new_object(rq->arena);

	json_add_str(view, "status", status);
	return resp_data(rq, rs, 200, view);
}

eg_err
health_alive(struct rq *rq, struct resp *rs)
{
	return answer(rq, rs, "alive");
}

eg_err
health_ready(struct rq *rq, struct resp *rs)
{
	size_t partners;

	EG_TRY(store_count(rq->sv->store, rq->arena, KIND_PARTNER, &kinds_root, &partners));
	return answer(rq, rs, "ready");
}
