/* SPDX-License-Identifier: GPL-3.0-or-later */
/* agent_results.h - what the embed of an agent shows: who it is, and what it reported last. Read once, shown as JSON or as a
 * widget. */
#ifndef EG_VIEW_AGENT_RESULTS_H
#define EG_VIEW_AGENT_RESULTS_H

#include "gate/gate.h"

#define AGENT_RESULTS_SHOWN 20

struct agent_results {
	const struct identity *of;
	struct agent_row agent;
	struct result_row *rows;        /* newest first, at most AGENT_RESULTS_SHOWN */
	size_t count;
	size_t total;                   /* how many there are */
};

/* `id` is that of an embed credential and stays borrowed. The agent is its own, or the one that was named, or the only one
 * that its customer has. EG_NOTFOUND: there is none. EG_INVALID and a fault of agent_id: there are several, and none was
 * named. */
eg_err agent_results_read(struct service *sv, struct arena *a, const struct identity *id, struct faults *f,
    struct agent_results *out) EG_CHECKED;

/* {"customer": {id, name}, "partner": {id, name}, "agent": {id, number, name, description},
 *  "results": [{id, title, status, score, summary, at}], "result_count"} */
json_object *agent_results_data(struct arena *a, const struct agent_results *r);

/* For templates/embed/widget-agent.html:
 *   partner, name, description   to be shown; a description of several lines
 *   results   [{title, status, tone, score, summary, at (when.h)}]; `tone` is "good", "bad", "busy" or "calm"
 *   empty     there are none
 *   older     how many more there are, as words; null: none */
json_object *agent_results_widget(struct arena *a, const struct agent_results *r, int64_t now_s);

#endif
