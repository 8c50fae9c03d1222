/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "embed/widgets.h"

#include "view/dashboard.h"

eg_err
widgets_dashboard(struct rq *rq, struct resp *rs)
{
	struct dashboard d;

	EG_TRY(dashboard_read(rq->sv, rq->arena, &rq->id, rq->now_s, &d));
	return resp_page(rq, rs, 200, "embed/widget-dashboard.html", dashboard_widget(rq->arena, &d));
}
