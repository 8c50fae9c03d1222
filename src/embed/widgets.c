/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "embed/widgets.h"

#include "view/agent_results.h"
#include "view/dashboard.h"

eg_err
widgets_dashboard(struct rq *rq, struct resp *rs)
{
	struct dashboard d;

	EG_TRY(dashboard_read(rq->sv, rq->arena, &rq->id, rq->now_s, &d));
	return resp_page(rq, rs, 200, "embed/widget-dashboard.html", dashboard_widget(rq->arena, &d));
}

eg_err
widgets_agent(struct rq *rq, struct resp *rs)
{
	struct agent_results r;

	EG_TRY(agent_results_read(rq->sv, rq->arena, &rq->id, &rq->faults, &r));
	return resp_page(rq, rs, 200, "embed/widget-agent.html", agent_results_widget(rq->arena, &r, rq->now_s));
}
