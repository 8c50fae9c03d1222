/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "view/agent_results.h"

#include <strings.h>

#include "view/chart.h"
#include "view/owner.h"
#include "view/when.h"

/* ---- reading ---- */

/* The only agent of the customer, where a token of the customer as a whole did not say which. */
static eg_err
find_only(struct service *sv, struct arena *a, const struct identity *id, struct faults *f, struct agent_row *out)
{
	const struct agent_filter filter = { .page = 1, .limit = 1 };
	struct agent_row *rows;
	size_t count, total;

	EG_TRY(agent_list(sv, a, &id->scope, &filter, &rows, &count, &total));
	if (count == 0)
		return EG_NOTFOUND;
	if (total > 1) {
		faults_add(f, "agent_id", "Say which agent: this customer has %zu.", total);
		return EG_INVALID;
	}
	*out = rows[0];
	return EG_OK;
}

eg_err
agent_results_read(struct service *sv, struct arena *a, const struct identity *id, struct faults *f,
    struct agent_results *out)
{
	*out = (struct agent_results){ .of = id, .agent = id->agent };
	if (uuid_is_nil(&out->agent.id))
		EG_TRY(find_only(sv, a, id, f, &out->agent));
	return result_list(sv, a, &out->agent, 1, AGENT_RESULTS_SHOWN, &out->rows, &out->count, &out->total);
}

/* ---- JSON ---- */

static json_object *
agent_data(struct arena *a, const struct agent_row *agent)
{
	json_object *o = json_new_object(a);

	json_add_uuid(o, "id", &agent->id);
	json_add_int(o, "number", agent->number);
	json_add_str(o, "name", agent->name);
	json_add_str(o, "description", agent->description);
	return o;
}

static json_object *
result_data(struct arena *a, const struct result_row *row)
{
	json_object *o = json_new_object(a);

	json_add_uuid(o, "id", &row->id);
	json_add_str(o, "title", row->title);
	json_add_str(o, "status", row->status);
	if (row->has_score)
		json_add_number(o, "score", row->score);
	else
		json_add_object(o, "score", NULL);
	json_add_str(o, "summary", row->summary);
	json_add_time(o, "at", row->at);
	return o;
}

json_object *
agent_results_data(struct arena *a, const struct agent_results *r)
{
	json_object *o = json_new_object(a), *results = json_new_array(a);

	for (size_t i = 0; i < r->count; i++)
		json_push_object(results, result_data(a, &r->rows[i]));
	owner_add(a, o, r->of);
	json_add_object(o, "agent", agent_data(a, &r->agent));
	json_add_object(o, "results", results);
	json_add_int(o, "result_count", (int64_t)r->total);
	return o;
}

/* ---- widget ---- */

/* Statuses are the agent's own words; of some it is known how they are meant. */
static const char *
tone_of(const char *status)
{
	static const struct {
		const char *word, *tone;
	} known[] = {
		{ "passed", "good" }, { "pass", "good" }, { "success", "good" }, { "succeeded", "good" }, { "ok", "good" },
		{ "completed", "good" }, { "done", "good" },
		{ "failed", "bad" }, { "fail", "bad" }, { "failure", "bad" }, { "error", "bad" },
		{ "running", "busy" }, { "in progress", "busy" }, { "in_progress", "busy" }, { "pending", "busy" }, { "queued", "busy" },
	};

	for (size_t i = 0; i < EG_COUNT(known); i++)
		if (strcasecmp(known[i].word, status) == 0)
			return known[i].tone;
	return "calm";
}

static json_object *
result_widget(struct arena *a, const struct result_row *row, int64_t now_s)
{
	json_object *o = json_new_object(a);

	json_add_str(o, "title", row->title);
	json_add_str(o, "status", row->status);
	json_add_str(o, "tone", tone_of(row->status));
	json_add_str(o, "score", row->has_score ? chart_number(a, row->score) : NULL);
	json_add_str(o, "summary", row->summary);
	json_add_object(o, "at", when_view(a, row->at, now_s));
	return o;
}

json_object *
agent_results_widget(struct arena *a, const struct agent_results *r, int64_t now_s)
{
	json_object *o = json_new_object(a), *results = json_new_array(a);
	size_t older = r->total - r->count;

	for (size_t i = 0; i < r->count; i++)
		json_push_object(results, result_widget(a, &r->rows[i], now_s));
	json_add_str(o, "partner", r->of->partner.brand_name);
	json_add_str(o, "name", r->agent.name);
	json_add_str(o, "description", r->agent.description);
	json_add_object(o, "results", results);
	json_add_bool(o, "empty", r->count == 0);
	json_add_str(o, "older", older == 0 ? NULL :
	    arena_printf(a, "%s older %s not shown.", chart_number(a, (double)older), older == 1 ? "result is" : "results are"));
	return o;
}
