/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "api/agents.h"

#include "model/agent.h"

const struct field agent_new_fields[] = {
	{ "customer_id", FIELD_UUID, FIELD_REQUIRED, 0, 0, NULL, "The customer it works for." },
	{ "name", FIELD_TEXT, FIELD_REQUIRED, 1, 100, NULL, "What the agent is called." },
	{ "description", FIELD_TEXT, FIELD_NULLABLE, 0, AGENT_DESCRIPTION_MAX, NULL,
	  "What it does, for those who look at its embed." },
	{ .type = FIELD_END },
};

const struct field agent_patch_fields[] = {
	{ "name", FIELD_TEXT, 0, 1, 100, NULL, "What the agent is called." },
	{ "description", FIELD_TEXT, FIELD_NULLABLE, 0, AGENT_DESCRIPTION_MAX, NULL, "What it does; null takes it away." },
	{ .type = FIELD_END },
};

const struct field agent_list_query[] = {
	{ "customer_id", FIELD_UUID, 0, 0, 0, NULL, "Only those of this customer." },
	QUERY_PAGING,
	{ .type = FIELD_END },
};

const struct field result_new_fields[] = {
	{ "title", FIELD_TEXT, FIELD_REQUIRED, 1, RESULT_TITLE_MAX, NULL, "What was done." },
	{ "status", FIELD_TEXT, FIELD_REQUIRED, 1, RESULT_STATUS_MAX, NULL,
	  "A word of your own, such as passed, failed or running." },
	{ "score", FIELD_NUMBER, FIELD_NULLABLE, 0, 0, NULL, "A number of your own scale, from -1000000 to 1000000." },
	{ "summary", FIELD_TEXT, FIELD_NULLABLE, 0, RESULT_SUMMARY_MAX, NULL, "What came of it." },
	{ "at", FIELD_TIME, FIELD_NULLABLE, 0, 0, NULL, "When it came about; now, where it is not given." },
	{ .type = FIELD_END },
};

/* ---- agents ---- */

eg_err
agents_list(struct rq *rq, struct resp *rs)
{
	json_object *array = json_new_array(rq->arena);
	struct agent_filter filter;
	struct agent_row *rows;
	size_t count, total;

	EG_TRY(rq_check_query(rq));
	filter.customer_id = rq_query_uuid(rq, "customer_id");
	rq_paging(rq, &filter.page, &filter.limit);
	EG_TRY(agent_list(rq->sv, rq->arena, &rq->id.scope, &filter, &rows, &count, &total));
	for (size_t i = 0; i < count; i++)
		json_push_object(array, agent_view(rq->arena, &rows[i]));
	return resp_list(rq, rs, array, filter.page, filter.limit, total);
}

eg_err
agents_create(struct rq *rq, struct resp *rs)
{
	struct actor who = rq_actor(rq);
	struct agent_row agent;
	json_object *body;

	EG_TRY(rq_body(rq, rq->route->fields, &body));
	const struct agent_new in = {
		.customer_id = json_get_uuid(body, "customer_id"),
		.name = json_get_str(body, "name"),
		.description = json_get_str(body, "description"),
	};
	EG_TRY(agent_create(rq->sv, rq->arena, &rq->id.scope, &who, &in, &rq->faults, &agent));
	return resp_data(rq, rs, 201, agent_view(rq->arena, &agent));
}

static eg_err
find_agent(struct rq *rq, struct agent_row *out)
{
	return agent_find(rq->sv, rq->arena, &rq->id.scope, rq_path(rq, "number"), out);
}

eg_err
agents_get(struct rq *rq, struct resp *rs)
{
	struct agent_row agent;

	EG_TRY(find_agent(rq, &agent));
	return resp_data(rq, rs, 200, agent_view(rq->arena, &agent));
}

eg_err
agents_patch(struct rq *rq, struct resp *rs)
{
	struct actor who = rq_actor(rq);
	struct agent_row agent;
	json_object *body;

	EG_TRY(find_agent(rq, &agent));
	EG_TRY(rq_body(rq, rq->route->fields, &body));
	const struct agent_patch patch = {
		.set_name = field_given(body, "name"), .name = json_get_str(body, "name"),
		.set_description = field_given(body, "description"), .description = json_get_str(body, "description"),
	};
	EG_TRY(agent_update(rq->sv, rq->arena, &rq->id.scope, &who, &agent.id, &patch, &rq->faults, &agent));
	return resp_data(rq, rs, 200, agent_view(rq->arena, &agent));
}

eg_err
agents_delete(struct rq *rq, struct resp *rs)
{
	struct actor who = rq_actor(rq);
	struct agent_row agent;

	EG_TRY(find_agent(rq, &agent));
	EG_TRY(agent_delete(rq->sv, rq->arena, &rq->id.scope, &who, &agent.id, &agent));
	return resp_data(rq, rs, 200, agent_view(rq->arena, &agent));
}

/* ---- results ---- */

eg_err
results_list(struct rq *rq, struct resp *rs)
{
	json_object *array = json_new_array(rq->arena);
	size_t page, limit, count, total;
	struct agent_row agent;
	struct result_row *rows;

	EG_TRY(find_agent(rq, &agent));
	EG_TRY(rq_check_query(rq));
	rq_paging(rq, &page, &limit);
	EG_TRY(result_list(rq->sv, rq->arena, &agent, page, limit, &rows, &count, &total));
	for (size_t i = 0; i < count; i++)
		json_push_object(array, result_view(rq->arena, &agent, &rows[i]));
	return resp_list(rq, rs, array, page, limit, total);
}

eg_err
results_create(struct rq *rq, struct resp *rs)
{
	struct actor who = rq_actor(rq);
	struct result_row result;
	struct agent_row agent;
	json_object *body;

	EG_TRY(find_agent(rq, &agent));
	EG_TRY(rq_body(rq, rq->route->fields, &body));
	const struct result_new in = {
		.title = json_get_str(body, "title"),
		.status = json_get_str(body, "status"),
		.has_score = json_object_object_get(body, "score") != NULL,
		.score = json_get_number(body, "score", 0),
		.summary = json_get_str(body, "summary"),
		.at = json_get_time(body, "at"),
	};
	EG_TRY(result_add(rq->sv, rq->arena, &rq->id.scope, &who, &agent.id, &in, &rq->faults, &result));
	return resp_data(rq, rs, 201, result_view(rq->arena, &agent, &result));
}
