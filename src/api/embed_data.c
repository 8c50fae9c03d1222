/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "api/embed_data.h"

#include "view/agent_results.h"
#include "view/dashboard.h"
#include "view/owner.h"
#include "view/widget.h"

eg_err
embed_me(struct rq *rq, struct resp *rs)
{
	const struct identity *id = &rq->id;
	json_object *view = json_new_object(rq->arena), *token = json_new_object(rq->arena);

	json_add_uuid(token, "id", &id->token.id);
	json_add_str(token, "name", id->token.name);
	json_add_uuid(token, "event_id", &id->token.event_id);
	json_add_uuid(token, "agent_id", &id->token.agent_id);
	json_add_time(token, "expires_at", id->token.expires_at);

	owner_add(rq->arena, view, id);
	json_add_object(view, "token", token);
	json_add_object(view, "permissions", permission_array(rq->arena, id->permissions));
	json_add_object(view, "widgets", widget_array(rq->arena, id->permissions));
	return resp_data(rq, rs, 200, view);
}

eg_err
embed_dashboard(struct rq *rq, struct resp *rs)
{
	struct dashboard d;

	EG_TRY(dashboard_read(rq->sv, rq->arena, &rq->id, rq->now_s, &d));
	return resp_data(rq, rs, 200, dashboard_data(rq->arena, &d));
}

eg_err
embed_agent(struct rq *rq, struct resp *rs)
{
	struct agent_results r;

	EG_TRY(agent_results_read(rq->sv, rq->arena, &rq->id, &rq->faults, &r));
	return resp_data(rq, rs, 200, agent_results_data(rq->arena, &r));
}
