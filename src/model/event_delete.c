/* SPDX-License-Identifier: GPL-3.0-or-later */
/* event_delete.c - a deletion is one change that marks the event and takes it out of its customer's lists, then steps
 * that may each be done again: destroy the key, revoke tokens, remove registrations, remove schedule and event. Until
 * the last step the event stands in the list of the installation, where whoever comes next finds what is left to do. */
#include "model/change.h"
#include "model/event_key.h"
#include "model/kinds.h"
#include "model/records.h"

#define BATCH 64                /* records of one change: the lock is never held for longer than these take */

/* ---- the mark ---- */

struct deletion {
	const struct scope *scope;
	const struct actor *who;
	const struct uuid *id;
	struct event_row row;           /* as it was */
};

static eg_err
mark(struct store_tx *tx, struct arena *a, void *arg)
{
	struct deletion *c = arg;
	struct store_record rec;
	struct event_row marked;

	EG_TRY(store_tx_get(tx, KIND_EVENT, c->id, &rec));
	EG_TRY(event_decode(a, &rec, &c->row));
	if (!scope_covers(c->scope, &c->row.partner_id, &c->row.customer_id))
		return EG_NOTFOUND;
	if (c->row.deleted_at != 0)
		return EG_OK;           /* broken off before: go on */
	marked = c->row;
	marked.deleted_at = change_now_s(tx);
	EG_TRY(event_tx_put(tx, a, &marked));
	return event_add_activity(tx, a, c->who, "event.delete", &c->row, NULL);
}

/* ---- the rest ---- */

struct removal {
	const struct event_row *event;
	bool is_done;
};

/* Some registrations, or else schedule and event. */
static eg_err
remove_some(struct store_tx *tx, struct arena *a, void *arg)
{
	struct removal *r = arg;
	const struct event_row *event = r->event;
	struct store_record *recs;
	size_t count, total;
	eg_err e;

	EG_TRY(store_tx_list(tx, KIND_SIGNUP, &event->id, 0, BATCH, &recs, &count, &total));
	for (size_t i = 0; i < count; i++)
		EG_TRY(store_tx_delete(tx, KIND_SIGNUP, &recs[i].id));
	if (count > 0)
		return EG_OK;
	r->is_done = true;
	if (!uuid_is_nil(&event->schedule.id))
		EG_TRY(store_tx_delete(tx, KIND_SCHEDULE, &event->schedule.id));
	e = store_tx_delete(tx, KIND_EVENT, &event->id);
	return e;
}

static eg_err
finish(struct service *sv, struct arena *a, const struct actor *who, const struct event_row *event)
{
	struct removal r = { .event = event };
	struct arena *step;
	eg_err e = EG_OK;

	EG_TRY(event_key_destroy(sv, a, &event->id));
	EG_TRY(token_revoke_of_event(sv, a, who, &event->id));
	step = arena_new();
	while (e == EG_OK && !r.is_done) {
		arena_reset(step);
		e = change_run(sv, step, who, "event.delete", &event->id, remove_some, &r);
	}
	arena_free(step);
	return e == EG_NOTFOUND ? EG_OK : e;    /* somebody else finished it */
}

eg_err
event_delete(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who, const struct uuid *id,
    struct event_row *out)
{
	struct deletion c = { .scope = s, .who = who, .id = id };

	EG_TRY(change_run(sv, a, who, "event.delete", id, mark, &c));
	*out = c.row;
	return finish(sv, a, who, out);
}

eg_err
event_tidy(struct service *sv, struct arena *a, size_t *count)
{
	struct store_record *recs;
	size_t n, total;

	*count = 0;
	EG_TRY(store_list(sv->store, a, KIND_EVENT, &kinds_root, 0, SIZE_MAX, &recs, &n, &total));
	for (size_t i = 0; i < n; i++) {
		static const struct actor program = { .kind = "system" };
		struct event_row event;

		EG_TRY(event_decode(a, &recs[i], &event));
		EG_TRY(finish(sv, a, &program, &event));
		(*count)++;
	}
	return EG_OK;
}
