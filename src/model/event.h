/* SPDX-License-Identifier: GPL-3.0-or-later */
/* event.h - conferences, fairs, meetings of a customer: what embeds show and visitors register for. The object of the
 * API: id, customer_id, partner_id, name, starts_at, ends_at, time_zone, venue, capacity, status, registration_count,
 * created_at, updated_at, schedule: {version, days, sessions, speakers, imported_at} or null.
 *
 * A deleted event is gone at once and for good: every function answers EG_NOTFOUND, its tokens are revoked (until
 * each of them is, the gate takes the missing event for it), its registrations can be read by nobody, because their
 * key is destroyed before they are removed (event_key.h). */
#ifndef EG_MODEL_EVENT_H
#define EG_MODEL_EVENT_H

#include "base/faults.h"
#include "model/scope.h"
#include "model/service.h"

#define EVENT_VENUE_MAX 200             /* characters */
#define EVENT_CAPACITY_MAX 1000000

/* What is known of the imported schedule without reading it (schedule.h). */
struct event_schedule {
	struct uuid id;                 /* nil: there is none. Another one after each import that changed something */
	const char *version;            /* or NULL */
	const char *acronym;            /* the conference's, by which a later file of it is known; or NULL */
	const char *time_zone;          /* or NULL */
	int64_t days, sessions, speakers;
	int64_t starts_at, ends_at;     /* of the first and the last session */
	int64_t bytes;                  /* of the stored document */
	uint8_t digest[32];             /* SHA-256 of it */
	int64_t imported_at;
};

struct event_row {
	struct uuid id;
	struct uuid partner_id;
	struct uuid customer_id;
	const char *name;               /* 1 to 100 characters */
	int64_t starts_at, ends_at;     /* as somebody set them; 0: not set. What counts is event_times() */
	const char *time_zone;          /* IANA name, as somebody set it; or NULL */
	const char *venue;              /* or NULL */
	int64_t capacity;               /* seats for registrations; 0: no limit */
	struct event_schedule schedule;
	int64_t created_at, updated_at;
	int64_t deleted_at;             /* for event_delete() only: no other function gives such a row */
};

enum event_status {
	EVENT_UNDATED,                  /* neither start nor end is known */
	EVENT_UPCOMING,
	EVENT_RUNNING,
	EVENT_OVER,                     /* now >= end */
};

/* Start and end: as set, or where neither is set those of the schedule. 0: not known. */
void event_times(const struct event_row *e, int64_t *starts_at, int64_t *ends_at);
/* The same for the time zone; or NULL. */
const char *event_time_zone(const struct event_row *e);
enum event_status event_status(const struct event_row *e, int64_t now_s);
const char *event_status_name(enum event_status s);

struct event_new {
	struct uuid id;                 /* nil: make one. Of an event that exists in scope: EG_EXISTS and `out` is it */
	struct uuid customer_id;
	const char *name;
	int64_t starts_at, ends_at;     /* 0: not set */
	const char *time_zone;          /* NULL or "": not set */
	const char *venue;              /* NULL or "": none */
	bool set_capacity;
	int64_t capacity;               /* where set: 1 to EVENT_CAPACITY_MAX */
};

/* Faults: name, ends_at, time_zone, venue, capacity. EG_NOTFOUND: no such customer in scope. A time zone is checked
 * by its shape and against this machine's list, where it has one. */
eg_err event_create(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who,
    const struct event_new *in, struct faults *f, struct event_row *out) EG_CHECKED;
eg_err event_get(struct service *sv, struct arena *a, const struct scope *s, const struct uuid *id,
    struct event_row *out) EG_CHECKED;

struct event_filter {
	struct uuid customer_id;        /* nil: all in scope */
	const char *search;             /* part of the name, ASCII case ignored; NULL or "": all */
	size_t page, limit;             /* page from 1 */
};
/* Newest first. EG_NOTFOUND: no such customer in scope. */
eg_err event_list(struct service *sv, struct arena *a, const struct scope *s, const struct event_filter *filter,
    struct event_row **out, size_t *count, size_t *total) EG_CHECKED;

/* What PATCH changes: only what its `set_` says; 0, NULL and "" take a value away. */
struct event_patch {
	bool set_name, set_starts_at, set_ends_at, set_time_zone, set_venue, set_capacity;
	const char *name;
	int64_t starts_at, ends_at;
	const char *time_zone, *venue;
	int64_t capacity;
};
/* A capacity below the number of registrations keeps them, and takes no more. */
eg_err event_update(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who,
    const struct uuid *id, const struct event_patch *patch, struct faults *f, struct event_row *out) EG_CHECKED;

/* Deletes the event with schedule and registrations and revokes its tokens. What is many is done step by step behind
 * the first change, which alone decides: a failure after it leaves the event deleted, and the rest is done when
 * somebody deletes this event again, or by event_tidy(). `out` is the event as it was. */
eg_err event_delete(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who,
    const struct uuid *id, struct event_row *out) EG_CHECKED;
/* Finishes deletions that were broken off, for maintenance. `*count`: events. */
eg_err event_tidy(struct service *sv, struct arena *a, size_t *count) EG_CHECKED;

json_object *event_view(struct service *sv, struct arena *a, const struct event_row *e, int64_t now_s);

#endif
