/* SPDX-License-Identifier: GPL-3.0-or-later */
/* schedule.h - the programme of an event: days, rooms, tracks, sessions, speakers, imported from the JSON that
 * pretalx and frab export (the c3voc schedule format).
 *
 * The importer takes what exporters really write. It needs an object `schedule.conference.days[].rooms{NAME:
 * [session...]}` in which every session has a title and a time; everything else may be left out, be null or "", and
 * unknown members are skipped. Of a day it reads date, day_start; of a session guid, id, code, slug, date, start,
 * duration, end, title, subtitle, track, type, language, abstract, description, url, links[], persons[]; of a person
 * guid, code, id, full_public_name, public_name or name, biography, avatar, url, links[]; of the conference acronym,
 * title, time_zone_name, rooms[].name, tracks[].{name, slug, color}. A text may be a number, or an object of
 * languages ({"en": ..., "de": ...}). What is there and of no use - a list where a text belongs, a time that is none
 * - is a fault that names its member, "schedule.conference.days[2].rooms.Main[3].start", and then nothing is changed.
 *
 * Texts are plain text: control characters and the like are dropped, line breaks kept where a text has lines, too
 * long ones cut, and Markdown or HTML in them is text like any other. URLs are absolute and of http or https, or
 * dropped.
 *
 * Ids stay the same from import to import, so that links stay: a guid that is a UUID is the id; else the id is
 * computed from the event's id and what the exporter calls the thing. */
#ifndef EG_MODEL_SCHEDULE_H
#define EG_MODEL_SCHEDULE_H

#include "model/event.h"

#define SCHEDULE_FILE_MAX (8u << 20)    /* bytes of a file; whoever reads it checks this */
#define SCHEDULE_DOC_MAX (7u << 20)     /* bytes of what is kept of it */
#define SCHEDULE_DAYS_MAX 200
#define SCHEDULE_ROOMS_MAX 500
#define SCHEDULE_TRACKS_MAX 200
#define SCHEDULE_SESSIONS_MAX 5000
#define SCHEDULE_SPEAKERS_MAX 10000
#define SCHEDULE_PERSONS_MAX 100        /* of one session */
#define SCHEDULE_LINKS_MAX 20           /* of one session or speaker; more are left out */
#define SCHEDULE_NONE UINT32_MAX        /* no room, no track */

/* Everything below is shared and never changes; it lives as long as the arena it was read into. Texts that may be
 * left out are NULL then. */
struct schedule_day {
	const char *date;               /* "2026-11-20", as people there call it */
	uint32_t first, count;          /* its sessions: schedule.sessions[first] and so on, by their start */
};

struct schedule_track {
	const char *name;
	const char *color;              /* "#1a2b3c" or "#abc", or NULL */
};

struct schedule_session {
	struct uuid id;
	const char *title;              /* never NULL */
	const char *subtitle;
	const char *abstract;           /* with lines */
	const char *description;        /* with lines */
	const char *type;
	const char *language;
	const char *url;
	const char *const *links;       /* title ("" for none), URL, title, URL, ... */
	size_t link_texts;              /* texts in it: twice the links */
	int64_t starts_at;
	int64_t ends_at;                /* 0: the file tells no duration */
	int64_t offset_s;               /* east of UTC, at the place at that time: what to add for local time */
	uint32_t day;                   /* index into days */
	uint32_t room, track;           /* index, or SCHEDULE_NONE */
	const uint32_t *speakers;       /* indices, in the file's order */
	size_t speaker_count;
};

struct schedule_speaker {
	struct uuid id;
	const char *name;               /* never NULL */
	const char *biography;          /* with lines */
	const char *avatar_url;
	const char *url;
	const char *const *links;       /* as of a session */
	size_t link_texts;
	const uint32_t *sessions;       /* indices, in the order of sessions */
	size_t session_count;
};

struct schedule {
	struct uuid id;                 /* as in event_schedule */
	const char *version;
	const char *acronym;
	const char *time_zone;          /* IANA name */
	const struct schedule_day *days;                /* by date; only days that have sessions */
	size_t day_count;
	const char *const *rooms;       /* as the conference lists them, then as they appear; only those with sessions */
	size_t room_count;
	const struct schedule_track *tracks;            /* likewise */
	size_t track_count;
	const struct schedule_session *sessions;        /* by day, start, room */
	size_t session_count;
	const struct schedule_speaker *speakers;        /* in the order of their names, ASCII case ignored */
	size_t speaker_count;
};

/* ---- importing ---- */

/* What a file calls its conference, as far as it can be told; texts or NULL. */
struct schedule_title {
	const char *title, *acronym;
};
void schedule_title(struct arena *a, json_object *file, struct schedule_title *out);

/* Would schedule_import() take it? EG_INVALID and faults where not. */
eg_err schedule_check(struct arena *a, json_object *file, struct faults *f) EG_CHECKED;

/* Replaces the schedule of the event. `file` is what json_parse_strict() gave. EG_INVALID and faults where the file
 * is of no use: then nothing was changed. The same programme once more is EG_OK and changes nothing. */
eg_err schedule_import(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who,
    const struct uuid *event_id, json_object *file, struct faults *f, struct event_row *out) EG_CHECKED;

/* ---- reading ---- */

/* The schedule of an event that event_get() gave. EG_NOTFOUND: it has none. Parsed once in a process, and kept there
 * for the events that were read last; after that it costs next to nothing. */
eg_err schedule_read(struct service *sv, struct arena *a, const struct event_row *event,
    const struct schedule **out) EG_CHECKED;
/* NULL: there is none. */
const struct schedule_session *schedule_session(const struct schedule *sch, const struct uuid *id);
const struct schedule_speaker *schedule_speaker(const struct schedule *sch, const struct uuid *id);

/* For service_close(); NULL is allowed. */
void schedule_cache_free(struct schedule_cache *c);

/* ---- views: what the embed routes print and templates show ---- */

/* {version, imported_at, time_zone, days: [{date, sessions}], rooms: [name], tracks: [{name, color}]}; `sessions` is
 * a number. */
json_object *schedule_view(struct arena *a, const struct event_row *event, const struct schedule *sch);
/* {id, title, subtitle, starts_at, ends_at, utc_offset, day, room, track, track_color, type, language, speakers:
 * [{id, name}]}, and where `is_whole` abstract, description, url, links: [{title, url}]. `utc_offset` is "+02:00",
 * `day` a date. */
json_object *schedule_session_view(struct arena *a, const struct schedule *sch, const struct schedule_session *x,
    bool is_whole);
/* {id, name, avatar_url}, and where `is_whole` biography, url, links, sessions: [{id, title, starts_at, room}]. */
json_object *schedule_speaker_view(struct arena *a, const struct schedule *sch, const struct schedule_speaker *p,
    bool is_whole);

#endif
