/* SPDX-License-Identifier: GPL-3.0-or-later */
/* schedule.c - keeping schedules. A record is never changed: an import puts a new one beside the event's row and
 * takes the old one away. So whoever has the row of now and the record that it names has the schedule of now, and
 * what a process parsed once it may keep as long as rows name it. */
#include "model/schedule.h"

#include <stdlib.h>
#include <string.h>

#include "model/change.h"
#include "model/kinds.h"
#include "model/records.h"
#include "model/schedule_record.h"
#include "sign/mac.h"

#define CACHE_COUNT 16
#define CACHE_BYTES (16u << 20) /* of documents, in one process; parsed they take a few times that */
#define READ_TRIES 4

/* ---- importing ---- */

struct import {
	const struct scope *scope;
	const struct actor *who;
	const struct uuid *event_id;
	struct event_schedule fresh;
	json_object *doc;
	struct event_row row;           /* as it stands after the change */
};

static eg_err
import(struct store_tx *tx, struct arena *a, void *arg)
{
	struct import *c = arg;
	const struct event_schedule *fresh = &c->fresh;
	struct store_record rec = { .kind = KIND_SCHEDULE, .id = fresh->id, .doc = c->doc };
	struct uuid old;

	EG_TRY(event_tx_get(tx, a, c->scope, c->event_id, &c->row));
	old = c->row.schedule.id;
	if (!uuid_is_nil(&old) && memcmp(c->row.schedule.digest, fresh->digest, sizeof(fresh->digest)) == 0)
		return EG_OK;
	if (!uuid_is_nil(&old))
		EG_TRY(store_tx_delete(tx, KIND_SCHEDULE, &old));
	EG_TRY(store_tx_put(tx, &rec));
	c->row.schedule = *fresh;
	c->row.schedule.imported_at = change_now_s(tx);
	c->row.updated_at = c->row.schedule.imported_at;
	EG_TRY(event_tx_put(tx, a, &c->row));
	return event_add_activity(tx, a, c->who, "event.import_schedule", &c->row,
	    arena_printf(a, "%lld sessions and %lld speakers on %lld days.", (long long)fresh->sessions,
	    (long long)fresh->speakers, (long long)fresh->days));
}

/* From the first start to the last end; a session without an end ends where it starts. */
static void
find_times(const struct schedule *sch, struct event_schedule *out)
{
	for (size_t i = 0; i < sch->session_count; i++) {
		const struct schedule_session *x = &sch->sessions[i];
		int64_t end = x->ends_at != 0 ? x->ends_at : x->starts_at;

		if (out->starts_at == 0 || x->starts_at < out->starts_at)
			out->starts_at = x->starts_at;
		if (end > out->ends_at)
			out->ends_at = end;
	}
}

static eg_err
draft(struct arena *a, const struct schedule *sch, struct faults *f, struct import *c)
{
	struct event_schedule *fresh = &c->fresh;
	const char *text;
	size_t len;

	c->doc = schedule_encode(a, sch);
	text = json_text(a, c->doc, &len);
	if (len > SCHEDULE_DOC_MAX) {
		faults_add(f, "schedule", "Shorten the texts: all together they may have %u MB.",
		    SCHEDULE_DOC_MAX >> 20);
		return EG_INVALID;
	}
	*fresh = (struct event_schedule){ .version = sch->version, .acronym = sch->acronym, .time_zone = sch->time_zone,
		.days = (int64_t)sch->day_count, .sessions = (int64_t)sch->session_count,
		.speakers = (int64_t)sch->speaker_count, .bytes = (int64_t)len };
	find_times(sch, fresh);
	EG_TRY(mac_sha256(text, len, fresh->digest));
	return uuid_make(&fresh->id);
}

eg_err
schedule_check(struct arena *a, json_object *file, struct faults *f)
{
	struct import ignored = { 0 };
	struct schedule sch;

	EG_TRY(schedule_parse(a, &uuid_nil, file, f, &sch));
	return draft(a, &sch, f, &ignored);
}

eg_err
schedule_import(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who,
    const struct uuid *event_id, json_object *file, struct faults *f, struct event_row *out)
{
	struct import c = { .scope = s, .who = who, .event_id = event_id };
	struct schedule sch;

	EG_TRY(event_get(sv, a, s, event_id, out));
	EG_TRY(schedule_parse(a, event_id, file, f, &sch));
	EG_TRY(draft(a, &sch, f, &c));
	EG_TRY(change_run(sv, a, who, "event.import_schedule", event_id, import, &c));
	*out = c.row;
	return EG_OK;
}

/* ---- what a process keeps ---- */

/* A schedule with the arena it was parsed into, and how many hold it: the cache, and each arena it was given to. */
struct loaded {
	unsigned references;
	struct arena *arena;
	int64_t bytes;
	struct schedule schedule;
};

/* Last read first. */
struct schedule_cache {
	struct loaded *kept[CACHE_COUNT];
	size_t count;
	int64_t bytes;
};

static void
unref(void *ptr)
{
	struct loaded *l = ptr;

	if (--l->references > 0)
		return;
	arena_free(l->arena);
	free(l);
}

static void
drop_last(struct schedule_cache *c)
{
	struct loaded *last = c->kept[--c->count];

	c->bytes -= last->bytes;
	unref(last);
}

void
schedule_cache_free(struct schedule_cache *c)
{
	if (c == NULL)
		return;
	while (c->count > 0)
		drop_last(c);
	free(c);
}

static struct loaded *
cache_find(struct schedule_cache *c, const struct uuid *id)
{
	for (size_t i = 0; i < c->count; i++) {
		struct loaded *found = c->kept[i];

		if (!uuid_equal(&found->schedule.id, id))
			continue;
		memmove(&c->kept[1], &c->kept[0], i * sizeof(c->kept[0]));
		c->kept[0] = found;
		return found;
	}
	return NULL;
}

static void
cache_keep(struct schedule_cache *c, struct loaded *l)
{
	while (c->count == CACHE_COUNT || (c->count > 0 && c->bytes + l->bytes > CACHE_BYTES))
		drop_last(c);
	memmove(&c->kept[1], &c->kept[0], c->count * sizeof(c->kept[0]));
	c->kept[0] = l;
	c->count++;
	c->bytes += l->bytes;
	l->references++;
}

static struct schedule_cache *
cache_of(struct service *sv)
{
	if (sv->schedules == NULL)
		sv->schedules = calloc(1, sizeof(*sv->schedules));
	if (sv->schedules == NULL)
		arena_exhausted();
	return sv->schedules;
}

/* ---- reading ---- */

static const struct schedule *
hand_out(struct arena *a, struct loaded *l)
{
	l->references++;
	arena_own(a, l, unref);
	return &l->schedule;
}

static eg_err
load(struct service *sv, const struct event_schedule *of, struct loaded **out)
{
	struct loaded *l = calloc(1, sizeof(*l));
	struct store_record rec;
	eg_err e;

	if (l == NULL)
		arena_exhausted();
	l->references = 1;
	l->bytes = of->bytes;
	l->arena = arena_new();
	e = store_get(sv->store, l->arena, KIND_SCHEDULE, &of->id, &rec);
	if (e == EG_OK)
		e = schedule_decode(l->arena, &rec, &l->schedule);
	if (e == EG_OK)
		*out = l;
	else
		unref(l);
	return e;
}

/* A record that is missing was replaced since the event was read: what the event names now is looked up. */
eg_err
schedule_read(struct service *sv, struct arena *a, const struct event_row *event, const struct schedule **out)
{
	const struct scope scope = { .partner_id = event->partner_id, .customer_id = event->customer_id };
	struct event_row now = *event;
	struct loaded *l = NULL;

	for (int i = 0; i < READ_TRIES; i++) {
		eg_err e;

		if (uuid_is_nil(&now.schedule.id))
			return EG_NOTFOUND;
		l = cache_find(cache_of(sv), &now.schedule.id);
		if (l != NULL) {
			*out = hand_out(a, l);
			return EG_OK;
		}
		e = load(sv, &now.schedule, &l);
		if (e == EG_OK) {
			cache_keep(sv->schedules, l);
			*out = hand_out(a, l);
			unref(l);
			return EG_OK;
		}
		if (e != EG_NOTFOUND)
			return e;
		EG_TRY(event_get(sv, a, &scope, &event->id, &now));
	}
	return eg_fail(EG_DAMAGED, "the schedule of an event is missing");
}

const struct schedule_session *
schedule_session(const struct schedule *sch, const struct uuid *id)
{
	for (size_t i = 0; i < sch->session_count; i++) {
		if (uuid_equal(&sch->sessions[i].id, id))
			return &sch->sessions[i];
	}
	return NULL;
}

const struct schedule_speaker *
schedule_speaker(const struct schedule *sch, const struct uuid *id)
{
	for (size_t i = 0; i < sch->speaker_count; i++) {
		if (uuid_equal(&sch->speakers[i].id, id))
			return &sch->speakers[i];
	}
	return NULL;
}
