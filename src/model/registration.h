/* SPDX-License-Identifier: GPL-3.0-or-later */
/* registration.h - who has registered for an event: id, event_id, name, email, company, answers, status, created_at.
 *
 * These are personal data of strangers: they stand in the store sealed under a key of the event that is destroyed
 * with it (event_key.h). What is sealed under a key that is gone - the store was restored from a backup - shows as
 * "erased", still takes its seat, and can be deleted.
 *
 * A registration is its own entry in the event's list; it writes no activity row, so that visitors cannot drown what
 * people did. Deleting one by hand writes one, without a word of what stood in it. */
#ifndef EG_MODEL_REGISTRATION_H
#define EG_MODEL_REGISTRATION_H

#include "base/buf.h"
#include "model/event.h"

#define REGISTRATION_COMPANY_MAX 100    /* characters */
#define REGISTRATION_ANSWERS_MAX 20
#define REGISTRATION_QUESTION_MAX 100   /* characters of an answer's name */
#define REGISTRATION_ANSWER_MAX 2000    /* characters of an answer */

struct registration_row {
	struct uuid id;
	struct uuid event_id;
	bool is_erased;                 /* name, email, company and answers are NULL */
	const char *name;
	const char *email;              /* as typed */
	const char *company;            /* or NULL */
	json_object *answers;           /* object of texts, or NULL */
	int64_t created_at;
};

struct registration_new {
	const char *name;               /* 1 to 100 characters */
	const char *email;
	const char *company;            /* NULL or "": none */
	json_object *answers;           /* object of texts, or NULL */
};

/* Faults: name, email, company, answers, answers.NAME. EG_NOTFOUND: no such event in scope. EG_CONFLICT with a fault
 * of "event_id": the event is over, or has no seat left; of several who want the last seat at once one gets it.
 * EG_EXISTS: this mail address (ASCII case ignored) is registered already; nothing is changed, and it took as long as
 * if it had been. A stranger must not learn who is registered: answer this like EG_OK, without the id, and show
 * nobody outside the exact number of seats left. For the same reason a full event is EG_CONFLICT for everybody. */
eg_err registration_create(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who,
    const struct uuid *event_id, const struct registration_new *in, struct faults *f,
    struct registration_row *out) EG_CHECKED;

/* Is there a seat left, and is the event not over? For forms; registration_create() alone decides. */
eg_err registration_is_open(struct service *sv, struct arena *a, const struct event_row *event, int64_t now_s,
    bool *out) EG_CHECKED;

/* Newest first, `page` from 1. */
eg_err registration_list(struct service *sv, struct arena *a, const struct scope *s, const struct uuid *event_id,
    size_t page, size_t limit, struct registration_row **out, size_t *count, size_t *total) EG_CHECKED;

/* Frees the seat. `out` is what was deleted. */
eg_err registration_delete(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who,
    const struct uuid *event_id, const struct uuid *id, struct registration_row *out) EG_CHECKED;

json_object *registration_view(struct arena *a, const struct registration_row *r);

/* All of an event as CSV (RFC 4180, CR LF, UTF-8 without a byte order mark), newest first, with a line of titles: id,
 * created_at, status, name, email, company, answers ("name: answer; name: answer"). A cell that a spreadsheet would
 * take for a formula (it begins with = + - @, tab or CR) gets an apostrophe in front. About 150 bytes a row. */
eg_err registration_csv(struct service *sv, struct arena *a, const struct scope *s, const struct uuid *event_id,
    struct buf *out) EG_CHECKED;

#endif
