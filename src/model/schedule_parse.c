/* SPDX-License-Identifier: GPL-3.0-or-later */
/* schedule_parse.c - what exporters write -> struct schedule. The file is walked once; things are put down in the
 * order in which they appear, and sorted at the end. Linear in the file but for sorting, whoever
 * wrote it. */
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "model/member.h"
#include "model/schedule_record.h"
#include "model/schedule_time.h"
#include "model/text.h"
#include "model/time_zone.h"
#include "sign/mac.h"

/* Characters. */
#define NAME_MAX_CHARS 100      /* rooms, tracks, speakers, version, acronym */
#define TITLE_MAX 250
#define KIND_MAX 60             /* type, language */
#define ABSTRACT_MAX 10000
#define DESCRIPTION_MAX 20000
#define BIOGRAPHY_MAX 10000
#define KEY_MAX 200             /* what an exporter calls a thing */
#define ROOM_SHOWN_MAX 40       /* of a room's name in a fault's field */
#define DAY_S 86400

#define WHOLE_START "Give the start with its offset from UTC, such as 2026-11-20T14:30:00+01:00."

struct slug {
	const char *slug;
	uint32_t track;
};

struct parser {
	struct member_reader in;
	struct schedule_draft d;
	const struct uuid *event_id;
	eg_err broken;                  /* no answer could be had; not the file's fault */
	bool is_full;                   /* a bound was passed and told of: stop */
	bool zone_is_utc;
	struct slug *slugs;
	size_t slug_count;
	json_object *speaker_ids;       /* id -> where the speaker was put down */
	json_object *session_ids;       /* id -> how often it came */
};

/* What the sessions of a day have in common. */
struct day {
	uint32_t index;
	struct schedule_time date;      /* midnight */
	struct schedule_time start;     /* of the day's programme, where has_time */
};

/* ---- arrays that grow ---- */

#define FIRST_CAP 32            /* a power of two */

/* `rows`, or a copy of twice the size: in any case with space for one behind the `count` that it holds. */
static void *
grown(struct parser *p, void *rows, size_t count, size_t size)
{
	void *more;

	if (count != 0 && (count < FIRST_CAP || (count & (count - 1)) != 0))
		return rows;
	more = arena_array(p->in.arena, count == 0 ? FIRST_CAP : 2 * count, size);
	if (count > 0)
		memcpy(more, rows, count * size);
	return more;
}

/* ---- ids ---- */

/* The number kept for an id; 0: none. */
static int64_t
id_get(json_object *ids, const struct uuid *id)
{
	char text[UUID_TEXT_SIZE];

	uuid_format(id, text);
	return json_get_int(ids, text, 0);
}

static void
id_set(json_object *ids, const struct uuid *id, int64_t number)
{
	char text[UUID_TEXT_SIZE];

	uuid_format(id, text);
	json_add_int(ids, text, number);
}

/* A UUID of version 8 (RFC 9562 section 5.8): SHA-256 of the event's id and of what the exporter calls the thing. */
static struct uuid
derive_id(struct parser *p, const char *kind, const char *key)
{
	uint8_t hash[32] = { 0 };
	struct uuid id;
	struct buf b;
	eg_err e;

	buf_init(&b, p->in.arena, 128);
	buf_add(&b, p->event_id->b, sizeof(p->event_id->b));
	buf_printf(&b, "%s:%s", kind, key);
	e = mac_sha256(b.data, b.len, hash);
	if (e != EG_OK)
		p->broken = e;
	memcpy(id.b, hash, sizeof(id.b));
	id.b[6] = (uint8_t)((id.b[6] & 0x0f) | 0x80);
	id.b[8] = (uint8_t)((id.b[8] & 0x3f) | 0x80);
	return id;
}

/* A guid that is a UUID is the id itself. */
static bool
take_guid(struct parser *p, const struct place *at, json_object *o, const char *kind, struct uuid *out)
{
	const char *guid = member_text(&p->in, at, o, "guid", KEY_MAX);

	if (guid == NULL)
		return false;
	if (uuid_parse(guid, strlen(guid), out) != EG_OK || uuid_is_nil(out))
		*out = derive_id(p, kind, guid);
	return true;
}

/* The first of these members that is there, as a key: "id=25"; NULL: none is. */
static const char *
take_key(struct parser *p, const struct place *at, json_object *o, const char *const *names)
{
	for (; *names != NULL; names++) {
		const char *text = member_text(&p->in, at, o, *names, KEY_MAX);

		if (text != NULL)
			return arena_printf(p->in.arena, "%s=%s", *names, text);
	}
	return NULL;
}

/* ---- rooms and tracks ---- */

static uint32_t
room_index(struct parser *p, const char *key)
{
	const char *name = text_shown(p->in.arena, key, NAME_MAX_CHARS, false);

	if (name == NULL)
		return SCHEDULE_NONE;
	for (size_t i = 0; i < p->d.room_count; i++) {
		if (strcmp(p->d.rooms[i], name) == 0)
			return (uint32_t)i;
	}
	if (p->d.room_count == SCHEDULE_ROOMS_MAX) {
		faults_add(p->in.faults, "schedule.conference.rooms", "Use at most %d rooms.", SCHEDULE_ROOMS_MAX);
		p->is_full = true;
		return SCHEDULE_NONE;
	}
	p->d.rooms[p->d.room_count] = name;
	return (uint32_t)p->d.room_count++;
}

static uint32_t
track_index(struct parser *p, const char *name)
{
	if (name == NULL)
		return SCHEDULE_NONE;
	for (size_t i = 0; i < p->d.track_count; i++) {
		if (strcmp(p->d.tracks[i].name, name) == 0)
			return (uint32_t)i;
	}
	for (size_t i = 0; i < p->slug_count; i++) {
		if (strcmp(p->slugs[i].slug, name) == 0)
			return p->slugs[i].track;
	}
	if (p->d.track_count == SCHEDULE_TRACKS_MAX) {
		faults_add(p->in.faults, "schedule.conference.tracks", "Use at most %d tracks.", SCHEDULE_TRACKS_MAX);
		p->is_full = true;
		return SCHEDULE_NONE;
	}
	p->d.tracks[p->d.track_count].name = name;
	return (uint32_t)p->d.track_count++;
}

/* "#abc" or "#aabbcc", which is all that a page may put into its colours. */
static bool
is_color(const char *text)
{
	size_t n = text[0] == '#' ? strspn(text + 1, "0123456789abcdefABCDEF") : 0;

	return (n == 3 || n == 6) && text[1 + n] == '\0';
}

static void
read_track(struct parser *p, const struct place *at, json_object *o)
{
	const char *color, *slug;
	uint32_t i;

	if (json_object_is_type(o, json_type_string)) {
		track_index(p, text_shown(p->in.arena, json_object_get_string(o), NAME_MAX_CHARS, false));
		return;
	}
	if (!json_object_is_type(o, json_type_object))
		return;
	i = track_index(p, member_text(&p->in, at, o, "name", NAME_MAX_CHARS));
	if (i == SCHEDULE_NONE)
		return;
	color = member_text(&p->in, at, o, "color", NAME_MAX_CHARS);
	if (color != NULL && is_color(color))
		p->d.tracks[i].color = color;
	slug = member_text(&p->in, at, o, "slug", NAME_MAX_CHARS);
	if (slug != NULL && p->slug_count < SCHEDULE_TRACKS_MAX)
		p->slugs[p->slug_count++] = (struct slug){ slug, i };
}

static void
read_room(struct parser *p, const struct place *at, json_object *o)
{
	if (json_object_is_type(o, json_type_string))
		room_index(p, json_object_get_string(o));
	else if (json_object_is_type(o, json_type_object))
		room_index(p, member_raw(&p->in, at, o, "name"));
}

/* ---- links ---- */

static size_t
read_links(struct parser *p, const struct place *at, json_object *o, const char *const **out)
{
	json_object *list = member_list(&p->in, at, o, "links");
	size_t n = list == NULL ? 0 : json_object_array_length(list), count = 0;
	const struct place links = { .up = at, .name = "links" };
	const char **texts;

	if (n == 0)
		return 0;
	texts = arena_array(p->in.arena, 2 * SCHEDULE_LINKS_MAX, sizeof(*texts));
	for (size_t i = 0; i < n && count < 2 * SCHEDULE_LINKS_MAX; i++) {
		const struct place here = { .up = &links, .index = i };
		json_object *link = json_object_array_get_idx(list, i);
		const char *url = NULL, *title = NULL;

		if (json_object_is_type(link, json_type_string)) {
			url = json_object_get_string(link);
			url = text_is_web_url(url) ? arena_strdup(p->in.arena, url) : NULL;
		} else if (json_object_is_type(link, json_type_object)) {
			url = member_url(&p->in, &here, link, "url");
			title = member_text(&p->in, &here, link, "title", NAME_MAX_CHARS);
		}
		if (url == NULL)
			continue;
		texts[count++] = title == NULL ? "" : title;
		texts[count++] = url;
	}
	*out = texts;
	return count;
}

/* ---- persons ---- */

static const char *
take_person_name(struct parser *p, const struct place *at, json_object *o)
{
	static const char *const names[] = { "full_public_name", "public_name", "name" };

	for (size_t i = 0; i < EG_COUNT(names); i++) {
		const char *name = member_text(&p->in, at, o, names[i], NAME_MAX_CHARS);

		if (name != NULL)
			return name;
	}
	return NULL;
}

static struct uuid
person_id(struct parser *p, const struct place *at, json_object *o, const char *name)
{
	static const char *const keys[] = { "code", "id", NULL };
	struct uuid id;
	const char *key;

	if (take_guid(p, at, o, "speaker", &id))
		return id;
	key = take_key(p, at, o, keys);
	return derive_id(p, "speaker", key != NULL ? key : arena_printf(p->in.arena, "name=%s", name));
}

/* The speaker of that id, new where there is none. */
static uint32_t
speaker_index(struct parser *p, const struct uuid *id, const char *name)
{
	int64_t place = id_get(p->speaker_ids, id);     /* counted from 1 */

	if (place > 0)
		return (uint32_t)place - 1;
	if (p->d.speaker_count == SCHEDULE_SPEAKERS_MAX) {
		faults_add(p->in.faults, "schedule.conference.days", "Name at most %d speakers.", SCHEDULE_SPEAKERS_MAX);
		p->is_full = true;
		return SCHEDULE_NONE;
	}
	p->d.speakers = grown(p, p->d.speakers, p->d.speaker_count, sizeof(*p->d.speakers));
	p->d.speakers[p->d.speaker_count++] = (struct schedule_speaker){ .id = *id, .name = name };
	id_set(p->speaker_ids, id, (int64_t)p->d.speaker_count);
	return (uint32_t)p->d.speaker_count - 1;
}

/* Of a person who appears twice, each thing from where it is told first. Somebody without a name is nobody. */
static uint32_t
read_person(struct parser *p, const struct place *at, json_object *o)
{
	struct schedule_speaker *s;
	struct uuid id;
	const char *name;
	uint32_t i;

	if (json_object_is_type(o, json_type_string)) {
		name = text_shown(p->in.arena, json_object_get_string(o), NAME_MAX_CHARS, false);
		if (name == NULL)
			return SCHEDULE_NONE;
		id = derive_id(p, "speaker", arena_printf(p->in.arena, "name=%s", name));
		return speaker_index(p, &id, name);
	}
	if (member_is_none(o))
		return SCHEDULE_NONE;
	if (!json_object_is_type(o, json_type_object)) {
		member_fault_at(&p->in, at, "Give an object that names a person.");
		return SCHEDULE_NONE;
	}
	name = take_person_name(p, at, o);
	if (name == NULL)
		return SCHEDULE_NONE;
	id = person_id(p, at, o, name);
	i = speaker_index(p, &id, name);
	if (i == SCHEDULE_NONE)
		return i;
	s = &p->d.speakers[i];
	if (s->biography == NULL)
		s->biography = member_lines(&p->in, at, o, "biography", BIOGRAPHY_MAX);
	if (s->avatar_url == NULL)
		s->avatar_url = member_url(&p->in, at, o, "avatar");
	if (s->avatar_url == NULL)
		s->avatar_url = member_url(&p->in, at, o, "avatar_url");
	if (s->url == NULL)
		s->url = member_url(&p->in, at, o, "url");
	if (s->link_texts == 0)
		s->link_texts = read_links(p, at, o, &s->links);
	return i;
}

static void
read_persons(struct parser *p, const struct place *at, json_object *o, struct schedule_session *x)
{
	const struct place persons = { .up = at, .name = "persons" };
	json_object *list = member_list(&p->in, at, o, "persons");
	size_t n = list == NULL ? 0 : json_object_array_length(list);
	uint32_t *speakers;

	if (n == 0)
		return;
	if (n > SCHEDULE_PERSONS_MAX) {
		member_fault_at(&p->in, &persons, "Name at most %d persons.", SCHEDULE_PERSONS_MAX);
		return;
	}
	speakers = arena_array(p->in.arena, n, sizeof(*speakers));
	for (size_t i = 0; i < n && !p->is_full; i++) {
		const struct place here = { .up = &persons, .index = i };
		uint32_t who = read_person(p, &here, json_object_array_get_idx(list, i));
		bool is_new = who != SCHEDULE_NONE;

		for (size_t k = 0; k < x->speaker_count; k++)
			is_new = is_new && speakers[k] != who;
		if (is_new)
			speakers[x->speaker_count++] = who;
	}
	x->speakers = speakers;
}

/* ---- when ---- */

/* The day and the second of it that `start` tells, for files without a whole time. A start before that of the day's
 * programme is of the night behind it. */
static bool
read_start(struct parser *p, const struct place *at, const struct day *day, const char *start, struct schedule_time *t)
{
	int64_t second;

	if (!schedule_clock_read(start, &second)) {
		member_fault(&p->in, at, "start", "Give the start as a time of the day, such as 14:30.");
		return false;
	}
	if (t->has_time)
		return true;
	if (t->local_s == 0) {
		t->local_s = day->date.local_s;
		if (day->start.has_time && second < day->start.local_s % DAY_S)
			t->local_s += DAY_S;
	}
	t->local_s += second;
	t->has_time = true;
	return true;
}

/* False: a fault was told. */
static bool
read_begin(struct parser *p, const struct place *at, json_object *o, const struct day *day, struct schedule_session *x)
{
	const char *date = member_text(&p->in, at, o, "date", KEY_MAX);
	const char *start = member_text(&p->in, at, o, "start", KEY_MAX);
	struct schedule_time t = { 0 };

	if (date != NULL && !schedule_time_read(date, &t)) {
		member_fault(&p->in, at, "date", WHOLE_START);
		return false;
	}
	if (start != NULL && !read_start(p, at, day, start, &t))
		return false;
	if (!t.has_time) {
		member_fault(&p->in, at, "start", "Give the start: here as a time of the day, or in \"date\".");
		return false;
	}
	if (!t.has_offset && day->start.has_offset)
		t.offset_s = day->start.offset_s;
	else if (!t.has_offset && !p->zone_is_utc) {
		member_fault(&p->in, at, "date", WHOLE_START);
		return false;
	}
	x->starts_at = t.local_s - t.offset_s;
	x->offset_s = t.offset_s;
	return true;
}

static void
read_end(struct parser *p, const struct place *at, json_object *o, struct schedule_session *x)
{
	const char *duration = member_text(&p->in, at, o, "duration", KEY_MAX);
	const char *end = member_text(&p->in, at, o, "end", KEY_MAX);
	struct schedule_time t;
	int64_t length_s;

	if (duration != NULL) {
		if (!schedule_duration_read(duration, &length_s))
			member_fault(&p->in, at, "duration", "Give hours and minutes, such as 01:30.");
		else if (length_s > 0)
			x->ends_at = x->starts_at + length_s;
	} else if (end != NULL) {
		bool ok = schedule_time_read(end, &t) && t.has_time && t.has_offset;
		int64_t end_s = ok ? t.local_s - t.offset_s : 0;

		if (!ok || end_s < x->starts_at || end_s > x->starts_at + SCHEDULE_DURATION_MAX_S)
			member_fault(&p->in, at, "end", "Give a time after the start, with its offset from UTC.");
		else if (end_s > x->starts_at)
			x->ends_at = end_s;
	}
}

/* ---- sessions ---- */

/* One talk that is given three times may have one guid: the second and third get ids of their own. */
static struct uuid
another_id(struct parser *p, const struct uuid *id)
{
	int64_t count = id_get(p->session_ids, id);
	char text[UUID_TEXT_SIZE];
	struct uuid other;

	uuid_format(id, text);
	do {
		other = derive_id(p, "again", arena_printf(p->in.arena, "%s=%lld", text, (long long)++count));
	} while (id_get(p->session_ids, &other) > 0);
	id_set(p->session_ids, id, count);
	return other;
}

static struct uuid
session_id(struct parser *p, const struct place *at, json_object *o, const struct schedule_session *x)
{
	static const char *const keys[] = { "id", "code", "slug", NULL };
	struct uuid id;
	const char *key;

	if (!take_guid(p, at, o, "session", &id)) {
		key = take_key(p, at, o, keys);
		id = derive_id(p, "session", key != NULL ? key : arena_printf(p->in.arena, "title=%s", x->title));
	}
	if (id_get(p->session_ids, &id) > 0)
		id = another_id(p, &id);
	id_set(p->session_ids, &id, 1);
	return id;
}

static void
read_session(struct parser *p, const struct place *at, json_object *o, const struct day *day, uint32_t room)
{
	struct schedule_session x = { .day = day->index, .room = room };

	if (member_is_none(o))
		return;
	if (!json_object_is_type(o, json_type_object)) {
		member_fault_at(&p->in, at, "Give an object: a session.");
		return;
	}
	if (p->d.session_count == SCHEDULE_SESSIONS_MAX) {
		faults_add(p->in.faults, "schedule.conference.days", "Give at most %d sessions.", SCHEDULE_SESSIONS_MAX);
		p->is_full = true;
		return;
	}
	x.title = member_text(&p->in, at, o, "title", TITLE_MAX);
	if (x.title == NULL)
		member_fault(&p->in, at, "title", "Give the session a title.");
	if (!read_begin(p, at, o, day, &x) || x.title == NULL)
		return;
	read_end(p, at, o, &x);
	x.id = session_id(p, at, o, &x);
	x.subtitle = member_text(&p->in, at, o, "subtitle", TITLE_MAX);
	x.abstract = member_lines(&p->in, at, o, "abstract", ABSTRACT_MAX);
	x.description = member_lines(&p->in, at, o, "description", DESCRIPTION_MAX);
	x.type = member_text(&p->in, at, o, "type", KIND_MAX);
	x.language = member_text(&p->in, at, o, "language", KIND_MAX);
	x.url = member_url(&p->in, at, o, "url");
	x.track = track_index(p, member_text(&p->in, at, o, "track", NAME_MAX_CHARS));
	x.link_texts = read_links(p, at, o, &x.links);
	read_persons(p, at, o, &x);
	p->d.sessions = grown(p, p->d.sessions, p->d.session_count, sizeof(*p->d.sessions));
	p->d.sessions[p->d.session_count++] = x;
}

/* ---- days ---- */

static bool
read_day_date(struct parser *p, const struct place *at, json_object *o, struct day *day)
{
	const char *date = member_text(&p->in, at, o, "date", KEY_MAX);
	const char *start = member_text(&p->in, at, o, "day_start", KEY_MAX);

	if (start != NULL && !schedule_time_read(start, &day->start)) {
		member_fault(&p->in, at, "day_start", "Give a time such as 2026-11-20T09:00:00+01:00.");
		return false;
	}
	if (date == NULL ? start == NULL : !schedule_time_read(date, &day->date)) {
		member_fault(&p->in, at, "date", "Give the day, such as 2026-11-20.");
		return false;
	}
	if (date == NULL)
		day->date = day->start;
	day->date.local_s -= day->date.local_s % DAY_S;
	return true;
}

static void
read_rooms_of_day(struct parser *p, const struct place *at, json_object *rooms, const struct day *day)
{
	for (struct lh_entry *e = json_object_get_object(rooms)->head; e != NULL && !p->is_full; e = e->next) {
		const char *name = text_shown(p->in.arena, lh_entry_k(e), ROOM_SHOWN_MAX, false);
		const struct place here = { .up = at, .name = name == NULL ? "" : name };
		json_object *list = lh_entry_v(e);
		uint32_t room;

		if (member_is_none(list))
			continue;
		if (!json_object_is_type(list, json_type_array)) {
			member_fault_at(&p->in, &here, "Give a list of sessions.");
			continue;
		}
		room = room_index(p, lh_entry_k(e));
		for (size_t i = 0; i < json_object_array_length(list) && !p->is_full; i++) {
			const struct place entry = { .up = &here, .index = i };

			read_session(p, &entry, json_object_array_get_idx(list, i), day, room);
		}
	}
}

static void
read_day(struct parser *p, const struct place *at, json_object *o)
{
	struct day day = { .index = (uint32_t)p->d.day_count };
	const struct place here = { .up = at, .name = "rooms" };
	char text[CLOCK_RFC3339_SIZE];
	json_object *rooms;
	size_t before = p->d.session_count;

	if (!json_object_is_type(o, json_type_object)) {
		member_fault_at(&p->in, at, "Give an object: a day with its rooms.");
		return;
	}
	rooms = json_object_object_get(o, "rooms");
	if (member_is_none(rooms))
		return;
	if (!json_object_is_type(rooms, json_type_object)) {
		member_fault_at(&p->in, &here, "Give an object: lists of sessions by the names of their rooms.");
		return;
	}
	if (!read_day_date(p, at, o, &day))
		return;
	read_rooms_of_day(p, &here, rooms, &day);
	if (p->d.session_count == before)
		return;
	clock_format(day.date.local_s, text);
	p->d.days[p->d.day_count++].date = arena_strndup(p->in.arena, text, strlen("2026-11-20"));
}

/* ---- the conference ---- */

static void
read_days(struct parser *p, const struct place *at, json_object *conference)
{
	const struct place days = { .up = at, .name = "days" };
	json_object *list = member_list(&p->in, at, conference, "days");
	size_t n = list == NULL ? 0 : json_object_array_length(list);

	if (n > SCHEDULE_DAYS_MAX) {
		member_fault_at(&p->in, &days, "Give at most %d days.", SCHEDULE_DAYS_MAX);
		return;
	}
	for (size_t i = 0; i < n && !p->is_full; i++) {
		const struct place here = { .up = &days, .index = i };

		read_day(p, &here, json_object_array_get_idx(list, i));
	}
	if (p->d.session_count == 0 && p->in.faults->count == 0)
		member_fault_at(&p->in, &days, "Give at least one day with a session.");
}

static void
read_named(struct parser *p, const struct place *at, json_object *conference, const char *name,
    void (*read_one)(struct parser *p, const struct place *at, json_object *o))
{
	const struct place here = { .up = at, .name = name };
	json_object *list = member_list(&p->in, at, conference, name);

	for (size_t i = 0; list != NULL && i < json_object_array_length(list) && !p->is_full; i++) {
		const struct place entry = { .up = &here, .index = i };

		read_one(p, &entry, json_object_array_get_idx(list, i));
	}
}

static const char *
take_time_zone(struct parser *p, const struct place *at, json_object *conference)
{
	const char *zone = member_text(&p->in, at, conference, "time_zone_name", TIME_ZONE_MAX);

	return zone != NULL && time_zone_is_known(zone) ? zone : NULL;
}

static void
read_file(struct parser *p, json_object *file, struct schedule *out)
{
	const struct place schedule = { .name = "schedule" }, conference = { .up = &schedule, .name = "conference" };
	json_object *s = json_get_object(file, "schedule"), *c = json_get_object(s, "conference");

	if (c == NULL) {
		member_fault_at(&p->in, s == NULL ? &schedule : &conference,
		    "Give the JSON that pretalx or frab exports: an object \"schedule\" with an object \"conference\".");
		return;
	}
	out->version = member_text(&p->in, &schedule, s, "version", NAME_MAX_CHARS);
	out->acronym = member_text(&p->in, &conference, c, "acronym", NAME_MAX_CHARS);
	out->time_zone = take_time_zone(p, &conference, c);
	p->zone_is_utc = out->time_zone != NULL &&
	    (strcmp(out->time_zone, "UTC") == 0 || strcmp(out->time_zone, "Etc/UTC") == 0);
	read_named(p, &conference, c, "tracks", read_track);
	read_named(p, &conference, c, "rooms", read_room);
	read_days(p, &conference, c);
}

/* ---- all of it ---- */

eg_err
schedule_parse(struct arena *a, const struct uuid *event_id, json_object *file, struct faults *f, struct schedule *out)
{
	struct parser p = { .in = { .arena = a, .faults = f }, .event_id = event_id };

	*out = (struct schedule){ 0 };
	p.d.days = arena_array(a, SCHEDULE_DAYS_MAX, sizeof(*p.d.days));
	p.d.tracks = arena_array(a, SCHEDULE_TRACKS_MAX, sizeof(*p.d.tracks));
	p.d.rooms = arena_array(a, SCHEDULE_ROOMS_MAX, sizeof(*p.d.rooms));
	p.slugs = arena_array(a, SCHEDULE_TRACKS_MAX, sizeof(*p.slugs));
	p.speaker_ids = json_new_object(a);
	p.session_ids = json_new_object(a);
	read_file(&p, file, out);
	if (p.broken != EG_OK)
		return p.broken;
	EG_TRY(faults_result(f));
	schedule_put_in_order(a, &p.d, out);
	return EG_OK;
}

void
schedule_title(struct arena *a, json_object *file, struct schedule_title *out)
{
	json_object *c = json_get_object(json_get_object(file, "schedule"), "conference");
	const struct place nowhere = { .name = "" };
	struct faults ignored;
	struct member_reader in = { .arena = a, .faults = &ignored };

	*out = (struct schedule_title){ 0 };
	if (c == NULL)
		return;
	faults_init(&ignored, a);
	out->title = member_text(&in, &nowhere, c, "title", TEXT_NAME_MAX - 1);
	out->acronym = member_text(&in, &nowhere, c, "acronym", NAME_MAX_CHARS);
}
