/* SPDX-License-Identifier: GPL-3.0-or-later */
/* agent_delete.c - a deletion is one change that marks the agent and takes it out of its customer's lists, then steps that may
 * each be done again: revoke its tokens, remove its results, remove it. Until the last step it stands in the list of the
 * installation, where whoever comes next finds what is left to do. */
#include "model/change.h"
#include "model/kinds.h"
#include "model/listing.h"
#include "model/records.h"
#include "model/token_record.h"

#define BATCH 64                /* records of one change: the lock is never held for longer than these take */

/* ---- the mark ---- */

struct deletion {
	const struct scope *scope;
	const struct actor *who;
	const struct uuid *id;
	struct agent_row row;           /* as it was */
};

static eg_err
mark(struct store_tx *tx, struct arena *a, void *arg)
{
	struct deletion *c = arg;
	struct store_record rec;
	struct agent_row marked;

	EG_TRY(store_tx_get(tx, KIND_AGENT, c->id, &rec));
	EG_TRY(agent_decode(a, &rec, &c->row));
	if (!scope_covers(c->scope, &c->row.partner_id, &c->row.customer_id))
		return EG_NOTFOUND;
	if (c->row.deleted_at != 0)
		return EG_OK;           /* broken off before: go on */
	marked = c->row;
	marked.deleted_at = change_now_s(tx);
	EG_TRY(agent_tx_put(tx, a, &marked));
	return agent_add_activity(tx, a, c->who, "agent.delete", &c->row, NULL);
}

/* ---- the rest ---- */

struct rest {
	struct service *sv;
	const struct actor *who;
	const struct uuid *agent_id;
	bool is_done;
};

static eg_err
revoke_token(struct arena *scratch, const struct store_record *rec, void *arg)
{
	static const struct scope everything = { 0 };
	struct rest *r = arg;
	struct token_row token;

	EG_TRY(token_decode(scratch, rec, &token));
	return token.revoked_at != 0 ? EG_OK : token_revoke(r->sv, scratch, &everything, r->who, &token.id, &token);
}

/* Some results, or else the agent. */
static eg_err
remove_some(struct store_tx *tx, struct arena *a, void *arg)
{
	struct rest *r = arg;
	struct store_record *recs;
	size_t count, total;

	EG_TRY(store_tx_list(tx, KIND_RESULT, r->agent_id, 0, BATCH, &recs, &count, &total));
	for (size_t i = 0; i < count; i++)
		EG_TRY(store_tx_delete(tx, KIND_RESULT, &recs[i].id));
	if (count > 0)
		return EG_OK;
	r->is_done = true;
	return store_tx_delete(tx, KIND_AGENT, r->agent_id);
}

static eg_err
finish(struct service *sv, const struct actor *who, const struct uuid *agent_id)
{
	struct rest r = { .sv = sv, .who = who, .agent_id = agent_id };
	struct arena *step;
	eg_err e = EG_OK;

	EG_TRY(listing_walk(sv, KIND_TOKEN, agent_id, 0, revoke_token, &r));
	step = arena_new();
	while (e == EG_OK && !r.is_done) {
		arena_reset(step);
		e = change_run(sv, step, who, "agent.delete", agent_id, remove_some, &r);
	}
	arena_free(step);
	return e == EG_NOTFOUND ? EG_OK : e;    /* somebody else finished it */
}

eg_err
agent_delete(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who, const struct uuid *id,
    struct agent_row *out)
{
	struct deletion c = { .scope = s, .who = who, .id = id };
	size_t result_count;

	EG_TRY(change_run(sv, a, who, "agent.delete", id, mark, &c));
	EG_TRY(store_count(sv->store, a, KIND_RESULT, id, &result_count));
	*out = c.row;
	out->result_count = result_count;
	return finish(sv, who, id);
}

eg_err
agent_tidy(struct service *sv, struct arena *a, size_t *count)
{
	static const struct actor program = { .kind = "system" };
	struct store_record *recs;
	size_t n, total;

	*count = 0;
	EG_TRY(store_count(sv->store, a, KIND_AGENT, &kinds_root, &total));
	EG_TRY(store_list(sv->store, a, KIND_AGENT, &kinds_root, 0, total, &recs, &n, &total));
	for (size_t i = 0; i < n; i++, (*count)++)
		EG_TRY(finish(sv, &program, &recs[i].id));
	return EG_OK;
}
