/* SPDX-License-Identifier: GPL-3.0-or-later */
/* event.c - making, changing and listing events. Deleting is in event_delete.c. */
#include "model/event.h"

#include <string.h>

#include "base/buf.h"
#include "model/activity.h"
#include "model/change.h"
#include "model/kinds.h"
#include "model/listing.h"
#include "model/records.h"
#include "model/row.h"
#include "model/text.h"
#include "model/time_zone.h"
#include "model/token_record.h"

/* ---- records ---- */

/* The tenant stands in the lists; only a record that was taken out of them, to be deleted, has it here, too. */
static const struct column columns[] = {
	COLUMN(TEXT, struct event_row, name, "name"),
	COLUMN(NUMBER, struct event_row, starts_at, "starts"),
	COLUMN(NUMBER, struct event_row, ends_at, "ends"),
	COLUMN(TEXT, struct event_row, time_zone, "zone"),
	COLUMN(TEXT, struct event_row, venue, "venue"),
	COLUMN(NUMBER, struct event_row, capacity, "capacity"),
	COLUMN(UUID, struct event_row, schedule.id, "schedule"),
	COLUMN(TEXT, struct event_row, schedule.version, "schedule_version"),
	COLUMN(TEXT, struct event_row, schedule.acronym, "schedule_acronym"),
	COLUMN(TEXT, struct event_row, schedule.time_zone, "schedule_zone"),
	COLUMN(NUMBER, struct event_row, schedule.days, "schedule_days"),
	COLUMN(NUMBER, struct event_row, schedule.sessions, "schedule_sessions"),
	COLUMN(NUMBER, struct event_row, schedule.speakers, "schedule_speakers"),
	COLUMN(NUMBER, struct event_row, schedule.starts_at, "schedule_starts"),
	COLUMN(NUMBER, struct event_row, schedule.ends_at, "schedule_ends"),
	COLUMN(NUMBER, struct event_row, schedule.bytes, "schedule_bytes"),
	COLUMN(BYTES, struct event_row, schedule.digest, "schedule_digest"),
	COLUMN(NUMBER, struct event_row, schedule.imported_at, "schedule_imported"),
	COLUMN(NUMBER, struct event_row, created_at, "created"),
	COLUMN(NUMBER, struct event_row, updated_at, "updated"),
	COLUMN(NUMBER, struct event_row, deleted_at, "deleted"),
	COLUMN(UUID, struct event_row, customer_id, "customer"),
	COLUMN(UUID, struct event_row, partner_id, "partner"),
	COLUMN_END,
};

eg_err
event_decode(struct arena *a, const struct store_record *rec, struct event_row *out)
{
	*out = (struct event_row){ .id = rec->id };
	EG_TRY(row_decode(a, rec, columns, out));
	if (out->deleted_at == 0) {
		out->customer_id = rec->lists[LIST_CUSTOMER];
		out->partner_id = rec->lists[LIST_PARTNER];
	}
	return EG_OK;
}

eg_err
event_tx_put(struct store_tx *tx, struct arena *a, struct event_row *row)
{
	struct store_record rec = { .kind = KIND_EVENT, .id = row->id };
	struct event_row written = *row;

	if (row->deleted_at != 0) {
		rec.lists[0] = kinds_root;
	} else {
		rec.lists[LIST_CUSTOMER] = row->customer_id;
		rec.lists[LIST_PARTNER] = row->partner_id;
		written.customer_id = uuid_nil;
		written.partner_id = uuid_nil;
	}
	rec.doc = row_encode(a, columns, &written);
	return store_tx_put(tx, &rec);
}

/* The record's row, where it is in scope and not deleted. */
static eg_err
decode_own(struct arena *a, const struct scope *s, const struct store_record *rec, struct event_row *out)
{
	EG_TRY(event_decode(a, rec, out));
	return out->deleted_at == 0 && scope_covers(s, &out->partner_id, &out->customer_id) ? EG_OK : EG_NOTFOUND;
}

eg_err
event_tx_get(struct store_tx *tx, struct arena *a, const struct scope *s, const struct uuid *id, struct event_row *out)
{
	struct store_record rec;

	EG_TRY(store_tx_get(tx, KIND_EVENT, id, &rec));
	return decode_own(a, s, &rec, out);
}

eg_err
event_get(struct service *sv, struct arena *a, const struct scope *s, const struct uuid *id, struct event_row *out)
{
	struct store_record rec;

	EG_TRY(store_get(sv->store, a, KIND_EVENT, id, &rec));
	return decode_own(a, s, &rec, out);
}

eg_err
event_add_activity(struct store_tx *tx, struct arena *a, const struct actor *who, const char *action,
    const struct event_row *row, const char *detail)
{
	const struct activity_new in = { .action = action, .partner_id = row->partner_id, .customer_id = row->customer_id,
		.target_id = row->id, .target_name = row->name, .detail = detail };

	return activity_add(tx, a, who, &in);
}

/* ---- when it is ---- */

void
event_times(const struct event_row *e, int64_t *starts_at, int64_t *ends_at)
{
	bool is_set = e->starts_at != 0 || e->ends_at != 0;

	*starts_at = is_set ? e->starts_at : e->schedule.starts_at;
	*ends_at = is_set ? e->ends_at : e->schedule.ends_at;
}

const char *
event_time_zone(const struct event_row *e)
{
	return e->time_zone != NULL ? e->time_zone : e->schedule.time_zone;
}

enum event_status
event_status(const struct event_row *e, int64_t now_s)
{
	int64_t starts_at, ends_at;

	event_times(e, &starts_at, &ends_at);
	if (starts_at == 0 && ends_at == 0)
		return EVENT_UNDATED;
	if (ends_at != 0 && now_s >= ends_at)
		return EVENT_OVER;
	return starts_at != 0 && now_s >= starts_at ? EVENT_RUNNING : EVENT_UPCOMING;
}

const char *
event_status_name(enum event_status s)
{
	static const char *const names[] = { "undated", "upcoming", "running", "over" };

	return names[s];
}

/* ---- what people type ---- */

static bool
is_given(const char *text)
{
	return text != NULL && *text != '\0';
}

static const char *
read_time_zone(struct arena *a, const char *value, struct faults *f)
{
	if (!is_given(value))
		return NULL;
	if (!time_zone_is_known(value)) {
		faults_add(f, "time_zone", "Give the name of a time zone, such as Europe/Berlin.");
		return NULL;
	}
	return arena_strdup(a, value);
}

static const char *
read_venue(struct arena *a, const char *value, struct faults *f)
{
	return is_given(value) ? text_name(a, value, EVENT_VENUE_MAX, "venue", f) : NULL;
}

static void
check_capacity(int64_t capacity, struct faults *f)
{
	if (capacity < 1 || capacity > EVENT_CAPACITY_MAX)
		faults_add(f, "capacity", "Give 1 to %d seats, or none for no limit.", EVENT_CAPACITY_MAX);
}

static void
check_times(const struct event_row *row, struct faults *f)
{
	if (row->starts_at != 0 && row->ends_at != 0 && row->ends_at <= row->starts_at)
		faults_add(f, "ends_at", "Choose an end after the start.");
}

/* ---- creating ---- */

struct creation {
	const struct scope *scope;
	const struct actor *who;
	struct event_row row;
	bool exists;
};

/* EG_OK where the id is free. */
static eg_err
check_id(struct store_tx *tx, struct arena *a, struct creation *c)
{
	struct store_record rec;
	struct event_row row;
	eg_err e = store_tx_get(tx, KIND_EVENT, &c->row.id, &rec);

	if (e != EG_OK)
		return e == EG_NOTFOUND ? EG_OK : e;
	e = decode_own(a, c->scope, &rec, &row);
	if (e != EG_OK)
		return e == EG_NOTFOUND ? EG_CONFLICT : e;
	c->row = row;
	c->exists = true;
	return EG_EXISTS;
}

static eg_err
create(struct store_tx *tx, struct arena *a, void *arg)
{
	struct creation *c = arg;
	struct customer_row customer;

	EG_TRY(check_id(tx, a, c));
	EG_TRY(customer_tx_get(tx, a, c->scope, &c->row.customer_id, &customer));
	c->row.partner_id = customer.partner_id;
	c->row.created_at = change_now_s(tx);
	c->row.updated_at = c->row.created_at;
	EG_TRY(event_tx_put(tx, a, &c->row));
	return event_add_activity(tx, a, c->who, "event.create", &c->row, NULL);
}

eg_err
event_create(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who,
    const struct event_new *in, struct faults *f, struct event_row *out)
{
	struct creation c = { .scope = s, .who = who };
	struct event_row *row = &c.row;
	struct customer_row customer;
	eg_err e;

	EG_TRY(customer_get(sv, a, s, &in->customer_id, &customer));
	*row = (struct event_row){ .id = in->id, .customer_id = in->customer_id, .starts_at = in->starts_at,
		.ends_at = in->ends_at };
	row->name = text_name(a, in->name, TEXT_NAME_MAX, "name", f);
	row->time_zone = read_time_zone(a, in->time_zone, f);
	row->venue = read_venue(a, in->venue, f);
	if (in->set_capacity) {
		check_capacity(in->capacity, f);
		row->capacity = in->capacity;
	}
	check_times(row, f);
	EG_TRY(faults_result(f));
	if (uuid_is_nil(&row->id))
		EG_TRY(uuid_make(&row->id));
	e = change_run(sv, a, who, "event.create", &row->id, create, &c);
	if (e == EG_OK || c.exists)
		*out = c.row;
	return e;
}

/* ---- changing ---- */

struct update {
	const struct scope *scope;
	const struct actor *who;
	const struct uuid *id;
	const struct event_patch *patch;        /* with its texts checked */
	struct faults *faults;
	struct event_row row;
};

static bool
is_same_text(const char *x, const char *y)
{
	return x == y || (x != NULL && y != NULL && strcmp(x, y) == 0);
}

static void
apply_text(bool is_set, const char *value, const char **field, const char *sentence, struct buf *detail)
{
	if (!is_set || is_same_text(*field, value))
		return;
	*field = value;
	buf_add_str(detail, sentence);
}

static void
apply_number(bool is_set, int64_t value, int64_t *field, const char *sentence, struct buf *detail)
{
	if (!is_set || *field == value)
		return;
	*field = value;
	buf_add_str(detail, sentence);
}

static eg_err
update(struct store_tx *tx, struct arena *a, void *arg)
{
	struct update *c = arg;
	const struct event_patch *p = c->patch;
	struct event_row *row = &c->row;
	struct buf detail;

	EG_TRY(event_tx_get(tx, a, c->scope, c->id, row));
	buf_init(&detail, a, 128);
	apply_text(p->set_name, p->name, &row->name, " Name changed.", &detail);
	apply_number(p->set_starts_at, p->starts_at, &row->starts_at, " Start changed.", &detail);
	apply_number(p->set_ends_at, p->ends_at, &row->ends_at, " End changed.", &detail);
	apply_text(p->set_time_zone, p->time_zone, &row->time_zone, " Time zone changed.", &detail);
	apply_text(p->set_venue, p->venue, &row->venue, " Venue changed.", &detail);
	apply_number(p->set_capacity, p->capacity, &row->capacity, " Capacity changed.", &detail);
	if (detail.len == 0)
		return EG_OK;
	check_times(row, c->faults);
	EG_TRY(faults_result(c->faults));
	row->updated_at = change_now_s(tx);
	EG_TRY(event_tx_put(tx, a, row));
	return event_add_activity(tx, a, c->who, "event.update", row, detail.data + 1);
}

eg_err
event_update(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who, const struct uuid *id,
    const struct event_patch *patch, struct faults *f, struct event_row *out)
{
	struct event_patch checked = *patch;
	struct update c = { .scope = s, .who = who, .id = id, .patch = &checked, .faults = f };

	EG_TRY(event_get(sv, a, s, id, out));
	if (patch->set_name)
		checked.name = text_name(a, patch->name, TEXT_NAME_MAX, "name", f);
	if (patch->set_time_zone)
		checked.time_zone = read_time_zone(a, patch->time_zone, f);
	if (patch->set_venue)
		checked.venue = read_venue(a, patch->venue, f);
	if (patch->set_capacity && patch->capacity != 0)
		check_capacity(patch->capacity, f);
	EG_TRY(faults_result(f));
	EG_TRY(change_run(sv, a, who, "event.update", id, update, &c));
	*out = c.row;
	return EG_OK;
}

/* ---- listing ---- */

static eg_err
keep(struct arena *scratch, const struct store_record *rec, void *arg, bool *kept)
{
	struct event_row row;

	EG_TRY(event_decode(scratch, rec, &row));
	*kept = text_holds(row.name, arg);
	return EG_OK;
}

eg_err
event_list(struct service *sv, struct arena *a, const struct scope *s, const struct event_filter *filter,
    struct event_row **out, size_t *count, size_t *total)
{
	struct listing l = { .kind = KIND_EVENT, .page = filter->page, .limit = filter->limit,
		.walk_max = LISTING_WALK_MAX };
	struct customer_row customer;
	struct store_record *recs;
	char *search = arena_strdup(a, filter->search);

	if (uuid_is_nil(&filter->customer_id)) {
		EG_TRY(listing_of_scope(sv, a, s, &l.lists, &l.list_count));
	} else {
		EG_TRY(customer_get(sv, a, s, &filter->customer_id, &customer));
		l.lists = &filter->customer_id;
		l.list_count = 1;
	}
	if (is_given(search)) {
		l.keep = keep;
		l.arg = search;
	}
	EG_TRY(listing_page(sv, a, &l, &recs, count, total));
	*out = arena_array(a, *count, sizeof(**out));
	for (size_t i = 0; i < *count; i++)
		EG_TRY(event_decode(a, &recs[i], &(*out)[i]));
	return EG_OK;
}

/* ---- views ---- */

static json_object *
schedule_summary(struct arena *a, const struct event_schedule *s)
{
	json_object *view;

	if (uuid_is_nil(&s->id))
		return NULL;
	view = json_new_object(a);
	json_add_str(view, "version", s->version);
	json_add_int(view, "days", s->days);
	json_add_int(view, "sessions", s->sessions);
	json_add_int(view, "speakers", s->speakers);
	json_add_time(view, "imported_at", s->imported_at);
	return view;
}

json_object *
event_view(struct service *sv, struct arena *a, const struct event_row *e, int64_t now_s)
{
	json_object *view = json_new_object(a);
	int64_t starts_at, ends_at;
	size_t registrations = 0;

	event_times(e, &starts_at, &ends_at);
	json_add_uuid(view, "id", &e->id);
	json_add_uuid(view, "customer_id", &e->customer_id);
	json_add_uuid(view, "partner_id", &e->partner_id);
	json_add_str(view, "name", e->name);
	json_add_time(view, "starts_at", starts_at);
	json_add_time(view, "ends_at", ends_at);
	json_add_str(view, "time_zone", event_time_zone(e));
	json_add_str(view, "venue", e->venue);
	if (e->capacity != 0)
		json_add_int(view, "capacity", e->capacity);
	else
		json_add_object(view, "capacity", NULL);
	json_add_str(view, "status", event_status_name(event_status(e, now_s)));
	if (store_count(sv->store, a, KIND_SIGNUP, &e->id, &registrations) == EG_OK)
		json_add_int(view, "registration_count", (int64_t)registrations);
	else
		json_add_object(view, "registration_count", NULL);
	json_add_time(view, "created_at", e->created_at);
	json_add_time(view, "updated_at", e->updated_at);
	json_add_object(view, "schedule", schedule_summary(a, &e->schedule));
	return view;
}
