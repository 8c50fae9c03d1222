/* SPDX-License-Identifier: GPL-3.0-or-later */
/* agent_result.c - what agents report. Results are added and read, never changed. */
#include "model/activity.h"
#include "model/change.h"
#include "model/kinds.h"
#include "model/records.h"
#include "model/row.h"
#include "model/text.h"

static const struct column columns[] = {
	COLUMN(TEXT, struct result_row, title, "title"),
	COLUMN(TEXT, struct result_row, status, "status"),
	COLUMN(FLAG, struct result_row, has_score, "scored"),
	COLUMN(REAL, struct result_row, score, "score"),
	COLUMN(TEXT, struct result_row, summary, "summary"),
	COLUMN(NUMBER, struct result_row, at, "at"),
	COLUMN(NUMBER, struct result_row, created_at, "created"),
	COLUMN_END,
};

struct addition {
	const struct scope *scope;
	const struct actor *who;
	struct result_row row;
};

static eg_err
add(struct store_tx *tx, struct arena *a, void *arg)
{
	struct addition *c = arg;
	struct store_record rec = { .kind = KIND_RESULT, .id = c->row.id };
	struct agent_row agent;

	EG_TRY(agent_tx_get(tx, a, c->scope, &c->row.agent_id, &agent));
	c->row.created_at = change_now_s(tx);
	if (c->row.at == 0)
		c->row.at = c->row.created_at;
	rec.lists[0] = agent.id;
	rec.doc = row_encode(a, columns, &c->row);
	EG_TRY(store_tx_put(tx, &rec));
	return agent_add_activity(tx, a, c->who, "agent.result", &agent, c->row.title);
}

eg_err
result_add(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who, const struct uuid *agent_id,
    const struct result_new *in, struct faults *f, struct result_row *out)
{
	struct addition c = { .scope = s, .who = who, .row = { .agent_id = *agent_id, .has_score = in->has_score, .at = in->at } };
	struct agent_row agent;

	EG_TRY(agent_get(sv, a, s, agent_id, &agent));
	c.row.title = text_name(a, in->title, RESULT_TITLE_MAX, "title", f);
	c.row.status = text_name(a, in->status, RESULT_STATUS_MAX, "status", f);
	c.row.summary = text_shown(a, in->summary, RESULT_SUMMARY_MAX, true);
	if (in->has_score && !(in->score >= -RESULT_SCORE_MAX && in->score <= RESULT_SCORE_MAX))
		faults_add(f, "score", "Give a number from -%d to %d, or none.", RESULT_SCORE_MAX, RESULT_SCORE_MAX);
	else if (in->has_score)
		c.row.score = in->score;
	EG_TRY(faults_result(f));
	EG_TRY(uuid_make(&c.row.id));
	EG_TRY(change_run(sv, a, who, "agent.result", agent_id, add, &c));
	*out = c.row;
	return EG_OK;
}

eg_err
result_list(struct service *sv, struct arena *a, const struct agent_row *agent, size_t page, size_t limit,
    struct result_row **out, size_t *count, size_t *total)
{
	struct store_record *recs;

	EG_TRY(store_list(sv->store, a, KIND_RESULT, &agent->id, page > 1 ? (page - 1) * limit : 0, limit, &recs, count, total));
	*out = arena_array(a, *count, sizeof(**out));
	for (size_t i = 0; i < *count; i++) {
		(*out)[i] = (struct result_row){ .id = recs[i].id, .agent_id = agent->id };
		EG_TRY(row_decode(a, &recs[i], columns, &(*out)[i]));
	}
	return EG_OK;
}

json_object *
result_view(struct arena *a, const struct agent_row *agent, const struct result_row *r)
{
	json_object *view = json_new_object(a);

	json_add_uuid(view, "id", &r->id);
	json_add_uuid(view, "agent_id", &agent->id);
	json_add_int(view, "agent_number", agent->number);
	json_add_str(view, "title", r->title);
	json_add_str(view, "status", r->status);
	if (r->has_score)
		json_add_number(view, "score", r->score);
	else
		json_add_object(view, "score", NULL);
	json_add_str(view, "summary", r->summary);
	json_add_time(view, "at", r->at);
	json_add_time(view, "created_at", r->created_at);
	return view;
}
