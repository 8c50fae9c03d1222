/* SPDX-License-Identifier: GPL-3.0-or-later */
/* agent.h - what works for a customer by itself (a voice agent, a bot, a job) and reports what came of it. The object of the
 * API: id, number, customer_id, partner_id, name, description, result_count, created_at, created_by, updated_at; a result: id,
 * agent_id, agent_number, title, status, score, summary, at, created_at.
 *
 * Besides its id an agent has a number: 1, 2, 3 ... over the whole installation, none of them given twice (C3).
 *
 * A deleted agent is gone at once and for good: every function answers EG_NOTFOUND, and its tokens and logins are dead before
 * its results are removed. */
#ifndef EG_MODEL_AGENT_H
#define EG_MODEL_AGENT_H

#include "base/faults.h"
#include "model/scope.h"
#include "model/service.h"

#define AGENT_DESCRIPTION_MAX 1000      /* characters, as the following */
#define RESULT_TITLE_MAX 200
#define RESULT_STATUS_MAX 40
#define RESULT_SUMMARY_MAX 4000
#define RESULT_SCORE_MAX 1000000

struct agent_row {
	struct uuid id;
	struct uuid partner_id;
	struct uuid customer_id;
	int64_t number;
	const char *name;               /* 1 to 100 characters */
	const char *description;        /* lines of text; or NULL */
	const char *created_by;
	int64_t created_at, updated_at;
	int64_t deleted_at;             /* for agent_delete() only: no other function gives such a row */
	size_t result_count;
};

struct agent_new {
	struct uuid customer_id;
	const char *name;
	const char *description;        /* NULL or "": none */
};

/* Faults: name. EG_NOTFOUND: no such customer in scope. */
eg_err agent_create(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who,
    const struct agent_new *in, struct faults *f, struct agent_row *out) EG_CHECKED;
eg_err agent_get(struct service *sv, struct arena *a, const struct scope *s, const struct uuid *id,
    struct agent_row *out) EG_CHECKED;
eg_err agent_get_by_number(struct service *sv, struct arena *a, const struct scope *s, int64_t number,
    struct agent_row *out) EG_CHECKED;
/* Is this the text of a number? Of a number, or of an id? */
bool agent_is_number(const char *text);
bool agent_is_name(const char *text);
/* By such a text; EG_NOTFOUND for any other. */
eg_err agent_find(struct service *sv, struct arena *a, const struct scope *s, const char *text,
    struct agent_row *out) EG_CHECKED;

struct agent_filter {
	struct uuid customer_id;        /* nil: all in scope */
	size_t page, limit;             /* page from 1 */
};
/* Newest first. EG_NOTFOUND: no such customer in scope. */
eg_err agent_list(struct service *sv, struct arena *a, const struct scope *s, const struct agent_filter *filter,
    struct agent_row **out, size_t *count, size_t *total) EG_CHECKED;

/* What PATCH changes: only what its `set_` says. */
struct agent_patch {
	bool set_name, set_description;
	const char *name;
	const char *description;        /* NULL or "": none */
};
eg_err agent_update(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who,
    const struct uuid *id, const struct agent_patch *patch, struct faults *f, struct agent_row *out) EG_CHECKED;

/* Deletes the agent, revokes its tokens and removes its results. What is many is done step by step behind the first change,
 * which alone decides: a failure after it leaves the agent deleted, and the rest is done when somebody deletes it again, or
 * by agent_tidy(). `out` is the agent as it was. */
eg_err agent_delete(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who,
    const struct uuid *id, struct agent_row *out) EG_CHECKED;
/* Finishes deletions that were broken off, for maintenance. `*count`: agents. */
eg_err agent_tidy(struct service *sv, struct arena *a, size_t *count) EG_CHECKED;

json_object *agent_view(struct arena *a, const struct agent_row *r);

/* ---- results ---- */

struct result_row {
	struct uuid id;
	struct uuid agent_id;
	const char *title;
	const char *status;             /* a word of the agent's own: "passed", "failed", "running" ... */
	bool has_score;
	double score;
	const char *summary;            /* lines of text; or NULL */
	int64_t at;                     /* when it came about */
	int64_t created_at;
};

struct result_new {
	const char *title;
	const char *status;
	bool has_score;
	double score;
	const char *summary;            /* NULL or "": none */
	int64_t at;                     /* 0: now */
};

/* Faults: title, status, score. */
eg_err result_add(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who,
    const struct uuid *agent_id, const struct result_new *in, struct faults *f, struct result_row *out) EG_CHECKED;
/* Those of an agent that the caller was given, in the order in which they were added, newest first. */
eg_err result_list(struct service *sv, struct arena *a, const struct agent_row *agent, size_t page, size_t limit,
    struct result_row **out, size_t *count, size_t *total) EG_CHECKED;
json_object *result_view(struct arena *a, const struct agent_row *agent, const struct result_row *r);

#endif
