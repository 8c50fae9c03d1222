/* SPDX-License-Identifier: GPL-3.0-or-later */
/* schedule_record.h - a schedule as a document of the store, and how a file becomes one. For the files of src/model. */
#ifndef EG_MODEL_SCHEDULE_RECORD_H
#define EG_MODEL_SCHEDULE_RECORD_H

#include "model/schedule.h"

/* A file -> a schedule in `a`, but for its id and the sessions of its speakers; ids are made for `event_id`.
 * EG_INVALID and faults where the file is of no use. */
eg_err schedule_parse(struct arena *a, const struct uuid *event_id, json_object *file, struct faults *f,
    struct schedule *out) EG_CHECKED;

/* A schedule while it is read. */
struct schedule_draft {
	struct schedule_day *days;
	struct schedule_session *sessions;
	struct schedule_speaker *speakers;
	struct schedule_track *tracks;
	const char **rooms;
	size_t day_count, session_count, speaker_count, track_count, room_count;
};

/* Sorts all of it as schedule.h says, leaves out rooms and tracks without sessions, and fills these parts of `out`. */
void schedule_put_in_order(struct arena *a, struct schedule_draft *d, struct schedule *out);

/* Only what was read from a file: neither id nor times of importing. */
json_object *schedule_encode(struct arena *a, const struct schedule *sch);
/* Texts are borrowed from the document. EG_DAMAGED: not of the shape we write. */
eg_err schedule_decode(struct arena *a, const struct store_record *rec, struct schedule *out) EG_CHECKED;

#endif
