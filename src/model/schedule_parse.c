/* SPDX-License-Identifier: GPL-3.0-or-later */
/* schedule_parse.c - what exporters write -> struct schedule. The file is walked once; things are put down in the
 * order in which they appear, and sorted at the end. Every member is read through one of the take_ functions, which
 * tell what is missing from what is of no use, and name the latter. Linear in the file but for sorting, whoever wrote
 * it. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/clock.h"
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

/* Where in the file something stands: chained on the stack, made a text only for a fault. */
struct place {
	const struct place *up;
	const char *name;               /* of a member; NULL: `index` of a list */
	size_t index;
};

struct slug {
	const char *slug;
	uint32_t track;
};

struct parser {
	struct arena *a;
	struct faults *f;
	const struct uuid *event_id;
	eg_err broken;                  /* no answer could be had; not the file's fault */
	bool is_full;                   /* a bound was passed and told of: stop */
	bool zone_is_utc;
	struct schedule_day *days;
	struct schedule_session *sessions;
	struct schedule_speaker *speakers;
	struct schedule_track *tracks;
	const char **rooms;
	struct slug *slugs;
	size_t day_count, session_count, speaker_count, track_count, room_count, slug_count;
	json_object *speaker_ids;       /* id -> where the speaker was put down */
	json_object *session_ids;       /* id -> how often it came */
};

/* What the sessions of a day have in common. */
struct day {
	uint32_t index;
	struct schedule_time date;      /* midnight */
	struct schedule_time start;     /* of the day's programme, where has_time */
};

/* ---- faults ---- */

static void
add_place(struct buf *b, const struct place *at)
{
	if (at->up != NULL)
		add_place(b, at->up);
	if (at->name == NULL)
		buf_printf(b, "[%zu]", at->index);
	else
		buf_printf(b, "%s%s", b->len > 0 ? "." : "", at->name);
}

static void EG_PRINTF(3, 4)
fault_at(struct parser *p, const struct place *at, const char *fmt, ...)
{
	const char *sentence;
	struct buf b;
	va_list args;

	buf_init(&b, p->a, 128);
	add_place(&b, at);
	va_start(args, fmt);
	sentence = arena_vprintf(p->a, fmt, args);
	va_end(args);
	faults_add(p->f, b.data, "%s", sentence);
}

/* In a member of the thing at `at`. */
static void
fault(struct parser *p, const struct place *at, const char *name, const char *sentence)
{
	const struct place here = { .up = at, .name = name };

	fault_at(p, &here, "%s", sentence);
}

/* ---- arrays that grow ---- */

#define FIRST_ROOM 32           /* a power of two */

/* `rows`, or a copy of twice the size, with room behind the `count` that it holds. */
static void *
room_for_one(struct parser *p, void *rows, size_t count, size_t size)
{
	void *more;

	if (count != 0 && (count < FIRST_ROOM || (count & (count - 1)) != 0))
		return rows;
	more = arena_array(p->a, count == 0 ? FIRST_ROOM : 2 * count, size);
	if (count > 0)
		memcpy(more, rows, count * size);
	return more;
}

/* ---- members ---- */

static json_object *
member(json_object *o, const char *name)
{
	json_object *value = NULL;

	json_object_object_get_ex(o, name, &value);
	return value;
}

/* Null, false, "" and empty lists and objects are how exporters write "none". */
static bool
is_none(json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_null:
		return true;
	case json_type_boolean:
		return !json_object_get_boolean(value);
	case json_type_string:
		return json_object_get_string_len(value) == 0;
	case json_type_array:
		return json_object_array_length(value) == 0;
	case json_type_object:
		return json_object_object_length(value) == 0;
	default:
		return false;
	}
}

/* Of {"en": ..., "de": ...} the English text, else the first; {"name": ...} is understood, too. NULL: there is none. */
static const char *
choose_text(json_object *o)
{
	const char *first = NULL;

	if (json_get_str(o, "en") != NULL)
		return json_get_str(o, "en");
	if (json_get_str(o, "name") != NULL)
		return json_get_str(o, "name");
	for (struct lh_entry *e = json_object_get_object(o)->head; e != NULL && first == NULL; e = e->next) {
		if (json_object_is_type(lh_entry_v(e), json_type_string))
			first = json_object_get_string(lh_entry_v(e));
	}
	return first;
}

/* What stands there as text, as it stands; NULL: none. */
static const char *
take_raw(struct parser *p, const struct place *at, json_object *o, const char *name)
{
	json_object *value = member(o, name);

	if (is_none(value))
		return NULL;
	switch (json_object_get_type(value)) {
	case json_type_string:
	case json_type_int:
	case json_type_double:
		return json_object_get_string(value);
	case json_type_object:
		return choose_text(value);
	default:
		fault(p, at, name, "Give a text, or leave this out.");
		return NULL;
	}
}

static const char *
take_text(struct parser *p, const struct place *at, json_object *o, const char *name, size_t max)
{
	return text_shown(p->a, take_raw(p, at, o, name), max, false);
}

static const char *
take_lines(struct parser *p, const struct place *at, json_object *o, const char *name, size_t max)
{
	return text_shown(p->a, take_raw(p, at, o, name), max, true);
}

/* A URL, or an object that holds one; any but an absolute web address is left out. */
static const char *
take_url(struct parser *p, const struct place *at, json_object *o, const char *name)
{
	json_object *value = member(o, name);
	const char *url;

	if (json_object_is_type(value, json_type_object))
		url = json_get_str(value, "url");
	else
		url = take_raw(p, at, o, name);
	return url != NULL && text_is_web_url(url) ? arena_strdup(p->a, url) : NULL;
}

/* NULL: none. */
static json_object *
take_list(struct parser *p, const struct place *at, json_object *o, const char *name)
{
	json_object *value = member(o, name);

	if (is_none(value))
		return NULL;
	if (json_object_is_type(value, json_type_array))
		return value;
	fault(p, at, name, "Give a list, or leave this out.");
	return NULL;
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
	uint8_t hash[32];
	struct uuid id;
	struct buf b;
	eg_err e;

	buf_init(&b, p->a, 128);
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
	const char *guid = take_text(p, at, o, "guid", KEY_MAX);

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
		const char *text = take_text(p, at, o, *names, KEY_MAX);

		if (text != NULL)
			return arena_printf(p->a, "%s=%s", *names, text);
	}
	return NULL;
}

/* ---- rooms and tracks ---- */

static uint32_t
room_index(struct parser *p, const char *key)
{
	const char *name = text_shown(p->a, key, NAME_MAX_CHARS, false);

	if (name == NULL)
		return SCHEDULE_NONE;
	for (size_t i = 0; i < p->room_count; i++) {
		if (strcmp(p->rooms[i], name) == 0)
			return (uint32_t)i;
	}
	if (p->room_count == SCHEDULE_ROOMS_MAX) {
		faults_add(p->f, "schedule.conference.rooms", "Use at most %d rooms.", SCHEDULE_ROOMS_MAX);
		p->is_full = true;
		return SCHEDULE_NONE;
	}
	p->rooms[p->room_count] = name;
	return (uint32_t)p->room_count++;
}

static uint32_t
track_index(struct parser *p, const char *name)
{
	if (name == NULL)
		return SCHEDULE_NONE;
	for (size_t i = 0; i < p->track_count; i++) {
		if (strcmp(p->tracks[i].name, name) == 0)
			return (uint32_t)i;
	}
	for (size_t i = 0; i < p->slug_count; i++) {
		if (strcmp(p->slugs[i].slug, name) == 0)
			return p->slugs[i].track;
	}
	if (p->track_count == SCHEDULE_TRACKS_MAX) {
		faults_add(p->f, "schedule.conference.tracks", "Use at most %d tracks.", SCHEDULE_TRACKS_MAX);
		p->is_full = true;
		return SCHEDULE_NONE;
	}
	p->tracks[p->track_count].name = name;
	return (uint32_t)p->track_count++;
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
		track_index(p, text_shown(p->a, json_object_get_string(o), NAME_MAX_CHARS, false));
		return;
	}
	if (!json_object_is_type(o, json_type_object))
		return;
	i = track_index(p, take_text(p, at, o, "name", NAME_MAX_CHARS));
	if (i == SCHEDULE_NONE)
		return;
	color = take_text(p, at, o, "color", NAME_MAX_CHARS);
	if (color != NULL && is_color(color))
		p->tracks[i].color = color;
	slug = take_text(p, at, o, "slug", NAME_MAX_CHARS);
	if (slug != NULL && p->slug_count < SCHEDULE_TRACKS_MAX)
		p->slugs[p->slug_count++] = (struct slug){ slug, i };
}

static void
read_room(struct parser *p, const struct place *at, json_object *o)
{
	if (json_object_is_type(o, json_type_string))
		room_index(p, json_object_get_string(o));
	else if (json_object_is_type(o, json_type_object))
		room_index(p, take_raw(p, at, o, "name"));
}

/* ---- links ---- */

static size_t
read_links(struct parser *p, const struct place *at, json_object *o, const char *const **out)
{
	json_object *list = take_list(p, at, o, "links");
	size_t n = list == NULL ? 0 : json_object_array_length(list), count = 0;
	const struct place links = { .up = at, .name = "links" };
	const char **texts;

	if (n == 0)
		return 0;
	texts = arena_array(p->a, 2 * SCHEDULE_LINKS_MAX, sizeof(*texts));
	for (size_t i = 0; i < n && count < 2 * SCHEDULE_LINKS_MAX; i++) {
		const struct place here = { .up = &links, .index = i };
		json_object *link = json_object_array_get_idx(list, i);
		const char *url = NULL, *title = NULL;

		if (json_object_is_type(link, json_type_string)) {
			url = json_object_get_string(link);
			url = text_is_web_url(url) ? arena_strdup(p->a, url) : NULL;
		} else if (json_object_is_type(link, json_type_object)) {
			url = take_url(p, &here, link, "url");
			title = take_text(p, &here, link, "title", NAME_MAX_CHARS);
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
		const char *name = take_text(p, at, o, names[i], NAME_MAX_CHARS);

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
	return derive_id(p, "speaker", key != NULL ? key : arena_printf(p->a, "name=%s", name));
}

/* The speaker of that id, new where there is none. */
static uint32_t
speaker_index(struct parser *p, const struct uuid *id, const char *name)
{
	int64_t place = id_get(p->speaker_ids, id);     /* counted from 1 */

	if (place > 0)
		return (uint32_t)place - 1;
	if (p->speaker_count == SCHEDULE_SPEAKERS_MAX) {
		faults_add(p->f, "schedule.conference.days", "Name at most %d speakers.", SCHEDULE_SPEAKERS_MAX);
		p->is_full = true;
		return SCHEDULE_NONE;
	}
	p->speakers = room_for_one(p, p->speakers, p->speaker_count, sizeof(*p->speakers));
	p->speakers[p->speaker_count++] = (struct schedule_speaker){ .id = *id, .name = name };
	id_set(p->speaker_ids, id, (int64_t)p->speaker_count);
	return (uint32_t)p->speaker_count - 1;
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
		name = text_shown(p->a, json_object_get_string(o), NAME_MAX_CHARS, false);
		if (name == NULL)
			return SCHEDULE_NONE;
		id = derive_id(p, "speaker", arena_printf(p->a, "name=%s", name));
		return speaker_index(p, &id, name);
	}
	if (is_none(o))
		return SCHEDULE_NONE;
	if (!json_object_is_type(o, json_type_object)) {
		fault_at(p, at, "Give an object that names a person.");
		return SCHEDULE_NONE;
	}
	name = take_person_name(p, at, o);
	if (name == NULL)
		return SCHEDULE_NONE;
	id = person_id(p, at, o, name);
	i = speaker_index(p, &id, name);
	if (i == SCHEDULE_NONE)
		return i;
	s = &p->speakers[i];
	if (s->biography == NULL)
		s->biography = take_lines(p, at, o, "biography", BIOGRAPHY_MAX);
	if (s->avatar_url == NULL)
		s->avatar_url = take_url(p, at, o, "avatar");
	if (s->avatar_url == NULL)
		s->avatar_url = take_url(p, at, o, "avatar_url");
	if (s->url == NULL)
		s->url = take_url(p, at, o, "url");
	if (s->link_texts == 0)
		s->link_texts = read_links(p, at, o, &s->links);
	return i;
}

static void
read_persons(struct parser *p, const struct place *at, json_object *o, struct schedule_session *x)
{
	const struct place persons = { .up = at, .name = "persons" };
	json_object *list = take_list(p, at, o, "persons");
	size_t n = list == NULL ? 0 : json_object_array_length(list);
	uint32_t *speakers;

	if (n == 0)
		return;
	if (n > SCHEDULE_PERSONS_MAX) {
		fault_at(p, &persons, "Name at most %d persons.", SCHEDULE_PERSONS_MAX);
		return;
	}
	speakers = arena_array(p->a, n, sizeof(*speakers));
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
		fault(p, at, "start", "Give the start as a time of the day, such as 14:30.");
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
	const char *date = take_text(p, at, o, "date", KEY_MAX), *start = take_text(p, at, o, "start", KEY_MAX);
	struct schedule_time t = { 0 };

	if (date != NULL && !schedule_time_read(date, &t)) {
		fault(p, at, "date", "Give the start with its offset from UTC, such as 2026-11-20T14:30:00+01:00.");
		return false;
	}
	if (start != NULL && !read_start(p, at, day, start, &t))
		return false;
	if (!t.has_time) {
		fault(p, at, "start", "Give the start: here as a time of the day, or in \"date\".");
		return false;
	}
	if (!t.has_offset && day->start.has_offset)
		t.offset_s = day->start.offset_s;
	else if (!t.has_offset && !p->zone_is_utc) {
		fault(p, at, "date", "Give the start with its offset from UTC, such as 2026-11-20T14:30:00+01:00.");
		return false;
	}
	x->starts_at = t.local_s - t.offset_s;
	x->offset_s = t.offset_s;
	return true;
}

static void
read_end(struct parser *p, const struct place *at, json_object *o, struct schedule_session *x)
{
	const char *duration = take_text(p, at, o, "duration", KEY_MAX), *end = take_text(p, at, o, "end", KEY_MAX);
	struct schedule_time t;
	int64_t length_s;

	if (duration != NULL) {
		if (!schedule_duration_read(duration, &length_s))
			fault(p, at, "duration", "Give hours and minutes, such as 01:30.");
		else if (length_s > 0)
			x->ends_at = x->starts_at + length_s;
	} else if (end != NULL) {
		bool ok = schedule_time_read(end, &t) && t.has_time && t.has_offset;
		int64_t end_s = ok ? t.local_s - t.offset_s : 0;

		if (!ok || end_s < x->starts_at || end_s > x->starts_at + SCHEDULE_DURATION_MAX_S)
			fault(p, at, "end", "Give a time after the start, with its offset from UTC.");
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
		other = derive_id(p, "again", arena_printf(p->a, "%s=%lld", text, (long long)++count));
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
		id = derive_id(p, "session", key != NULL ? key : arena_printf(p->a, "title=%s", x->title));
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

	if (is_none(o))
		return;
	if (!json_object_is_type(o, json_type_object)) {
		fault_at(p, at, "Give an object: a session.");
		return;
	}
	if (p->session_count == SCHEDULE_SESSIONS_MAX) {
		faults_add(p->f, "schedule.conference.days", "Give at most %d sessions.", SCHEDULE_SESSIONS_MAX);
		p->is_full = true;
		return;
	}
	x.title = take_text(p, at, o, "title", TITLE_MAX);
	if (x.title == NULL)
		fault(p, at, "title", "Give the session a title.");
	if (!read_begin(p, at, o, day, &x) || x.title == NULL)
		return;
	read_end(p, at, o, &x);
	x.id = session_id(p, at, o, &x);
	x.subtitle = take_text(p, at, o, "subtitle", TITLE_MAX);
	x.abstract = take_lines(p, at, o, "abstract", ABSTRACT_MAX);
	x.description = take_lines(p, at, o, "description", DESCRIPTION_MAX);
	x.type = take_text(p, at, o, "type", KIND_MAX);
	x.language = take_text(p, at, o, "language", KIND_MAX);
	x.url = take_url(p, at, o, "url");
	x.track = track_index(p, take_text(p, at, o, "track", NAME_MAX_CHARS));
	x.link_texts = read_links(p, at, o, &x.links);
	read_persons(p, at, o, &x);
	p->sessions = room_for_one(p, p->sessions, p->session_count, sizeof(*p->sessions));
	p->sessions[p->session_count++] = x;
}

/* ---- days ---- */

static bool
read_day_date(struct parser *p, const struct place *at, json_object *o, struct day *day)
{
	const char *date = take_text(p, at, o, "date", KEY_MAX), *start = take_text(p, at, o, "day_start", KEY_MAX);

	if (start != NULL && !schedule_time_read(start, &day->start)) {
		fault(p, at, "day_start", "Give a time with its offset from UTC, such as 2026-11-20T09:00:00+01:00.");
		return false;
	}
	if (date == NULL ? start == NULL : !schedule_time_read(date, &day->date)) {
		fault(p, at, "date", "Give the day, such as 2026-11-20.");
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
		const char *name = text_shown(p->a, lh_entry_k(e), ROOM_SHOWN_MAX, false);
		const struct place here = { .up = at, .name = name == NULL ? "" : name };
		json_object *list = lh_entry_v(e);
		uint32_t room;

		if (is_none(list))
			continue;
		if (!json_object_is_type(list, json_type_array)) {
			fault_at(p, &here, "Give a list of sessions.");
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
	struct day day = { .index = (uint32_t)p->day_count };
	const struct place here = { .up = at, .name = "rooms" };
	char text[CLOCK_RFC3339_SIZE];
	json_object *rooms;
	size_t before = p->session_count;

	if (!json_object_is_type(o, json_type_object)) {
		fault_at(p, at, "Give an object: a day with its rooms.");
		return;
	}
	rooms = member(o, "rooms");
	if (is_none(rooms))
		return;
	if (!json_object_is_type(rooms, json_type_object)) {
		fault_at(p, &here, "Give an object: lists of sessions by the names of their rooms.");
		return;
	}
	if (!read_day_date(p, at, o, &day))
		return;
	read_rooms_of_day(p, &here, rooms, &day);
	if (p->session_count == before)
		return;
	clock_format(day.date.local_s, text);
	p->days[p->day_count++].date = arena_strndup(p->a, text, strlen("2026-11-20"));
}

/* ---- the conference ---- */

static void
read_days(struct parser *p, const struct place *at, json_object *conference)
{
	const struct place days = { .up = at, .name = "days" };
	json_object *list = take_list(p, at, conference, "days");
	size_t n = list == NULL ? 0 : json_object_array_length(list);

	if (n > SCHEDULE_DAYS_MAX) {
		fault_at(p, &days, "Give at most %d days.", SCHEDULE_DAYS_MAX);
		return;
	}
	for (size_t i = 0; i < n && !p->is_full; i++) {
		const struct place here = { .up = &days, .index = i };

		read_day(p, &here, json_object_array_get_idx(list, i));
	}
	if (p->session_count == 0 && p->f->count == 0)
		fault_at(p, &days, "Give at least one day with a session.");
}

static void
read_named(struct parser *p, const struct place *at, json_object *conference, const char *name,
    void (*read_one)(struct parser *p, const struct place *at, json_object *o))
{
	const struct place here = { .up = at, .name = name };
	json_object *list = take_list(p, at, conference, name);

	for (size_t i = 0; list != NULL && i < json_object_array_length(list) && !p->is_full; i++) {
		const struct place entry = { .up = &here, .index = i };

		read_one(p, &entry, json_object_array_get_idx(list, i));
	}
}

static const char *
take_time_zone(struct parser *p, const struct place *at, json_object *conference)
{
	const char *zone = take_text(p, at, conference, "time_zone_name", TIME_ZONE_MAX);

	return zone != NULL && time_zone_is_known(zone) ? zone : NULL;
}

static void
read_file(struct parser *p, json_object *file, struct schedule *out)
{
	const struct place schedule = { .name = "schedule" }, conference = { .up = &schedule, .name = "conference" };
	json_object *s = json_get_object(file, "schedule"), *c = json_get_object(s, "conference");

	if (c == NULL) {
		fault_at(p, s == NULL ? &schedule : &conference,
		    "Give the JSON that pretalx or frab exports: an object \"schedule\" with an object \"conference\".");
		return;
	}
	out->version = take_text(p, &schedule, s, "version", NAME_MAX_CHARS);
	out->acronym = take_text(p, &conference, c, "acronym", NAME_MAX_CHARS);
	out->time_zone = take_time_zone(p, &conference, c);
	p->zone_is_utc = out->time_zone != NULL &&
	    (strcmp(out->time_zone, "UTC") == 0 || strcmp(out->time_zone, "Etc/UTC") == 0);
	read_named(p, &conference, c, "tracks", read_track);
	read_named(p, &conference, c, "rooms", read_room);
	read_days(p, &conference, c);
}

/* ---- putting in order ---- */

/* Places before sorting -> places after it. */
static uint32_t *
new_places(struct arena *a, size_t count)
{
	return arena_array(a, count, sizeof(uint32_t));
}

static int
compare_days(const void *x, const void *y, void *arg)
{
	const struct parser *p = arg;
	uint32_t i = *(const uint32_t *)x, k = *(const uint32_t *)y;
	int order = strcmp(p->days[i].date, p->days[k].date);

	return order != 0 ? order : (i > k) - (i < k);
}

static int
compare_speakers(const void *x, const void *y, void *arg)
{
	const struct parser *p = arg;
	uint32_t i = *(const uint32_t *)x, k = *(const uint32_t *)y;
	int order = strcasecmp(p->speakers[i].name, p->speakers[k].name);

	return order != 0 ? order : (i > k) - (i < k);
}

/* The places of `count` things in the order of `compare`; `*place_of` says where each went. */
static uint32_t *
sorted_places(struct parser *p, size_t count, int (*compare)(const void *, const void *, void *), uint32_t **place_of)
{
	uint32_t *order = new_places(p->a, count);

	*place_of = new_places(p->a, count);
	for (size_t i = 0; i < count; i++)
		order[i] = (uint32_t)i;
	if (count > 0)
		qsort_r(order, count, sizeof(*order), compare, p);
	for (size_t i = 0; i < count; i++)
		(*place_of)[order[i]] = (uint32_t)i;
	return order;
}

static void
sort_days(struct parser *p)
{
	struct schedule_day *sorted = arena_array(p->a, p->day_count, sizeof(*sorted));
	uint32_t *place_of, *order = sorted_places(p, p->day_count, compare_days, &place_of);

	for (size_t i = 0; i < p->day_count; i++)
		sorted[i] = p->days[order[i]];
	for (size_t i = 0; i < p->session_count; i++)
		p->sessions[i].day = place_of[p->sessions[i].day];
	p->days = sorted;
}

static void
sort_speakers(struct parser *p)
{
	struct schedule_speaker *sorted = arena_array(p->a, p->speaker_count, sizeof(*sorted));
	uint32_t *place_of, *order = sorted_places(p, p->speaker_count, compare_speakers, &place_of);

	for (size_t i = 0; i < p->speaker_count; i++)
		sorted[i] = p->speakers[order[i]];
	for (size_t i = 0; i < p->session_count; i++) {
		struct schedule_session *x = &p->sessions[i];
		uint32_t *speakers = new_places(p->a, x->speaker_count);

		for (size_t k = 0; k < x->speaker_count; k++)
			speakers[k] = place_of[x->speakers[k]];
		x->speakers = speakers;
	}
	p->speakers = sorted;
}

/* The used ones of `count` things keep their order; `place_of` says where each went. Returns how many there are. */
static size_t
place_used(const bool *used, size_t count, uint32_t *place_of)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		place_of[i] = used[i] ? (uint32_t)n++ : SCHEDULE_NONE;
	return n;
}

/* A conference may name rooms and tracks that no session has. */
static void
drop_unused(struct parser *p)
{
	bool room_used[SCHEDULE_ROOMS_MAX] = { false }, track_used[SCHEDULE_TRACKS_MAX] = { false };
	uint32_t room_at[SCHEDULE_ROOMS_MAX], track_at[SCHEDULE_TRACKS_MAX];
	size_t rooms = p->room_count, tracks = p->track_count;

	for (size_t i = 0; i < p->session_count; i++) {
		if (p->sessions[i].room != SCHEDULE_NONE)
			room_used[p->sessions[i].room] = true;
		if (p->sessions[i].track != SCHEDULE_NONE)
			track_used[p->sessions[i].track] = true;
	}
	p->room_count = place_used(room_used, rooms, room_at);
	p->track_count = place_used(track_used, tracks, track_at);
	for (size_t i = 0; i < rooms; i++) {
		if (room_used[i])
			p->rooms[room_at[i]] = p->rooms[i];
	}
	for (size_t i = 0; i < tracks; i++) {
		if (track_used[i])
			p->tracks[track_at[i]] = p->tracks[i];
	}
	for (size_t i = 0; i < p->session_count; i++) {
		struct schedule_session *x = &p->sessions[i];

		x->room = x->room == SCHEDULE_NONE ? SCHEDULE_NONE : room_at[x->room];
		x->track = x->track == SCHEDULE_NONE ? SCHEDULE_NONE : track_at[x->track];
	}
}

static int
compare_sessions(const void *x, const void *y)
{
	const struct schedule_session *s = x, *t = y;

	if (s->day != t->day)
		return s->day < t->day ? -1 : 1;
	if (s->starts_at != t->starts_at)
		return s->starts_at < t->starts_at ? -1 : 1;
	if (s->room != t->room)
		return s->room < t->room ? -1 : 1;
	return memcmp(s->id.b, t->id.b, sizeof(s->id.b));
}

static void
put_in_order(struct parser *p, struct schedule *out)
{
	sort_days(p);
	sort_speakers(p);
	drop_unused(p);
	qsort(p->sessions, p->session_count, sizeof(*p->sessions), compare_sessions);
	for (size_t i = p->session_count; i-- > 0; ) {
		p->days[p->sessions[i].day].first = (uint32_t)i;
		p->days[p->sessions[i].day].count++;
	}
	out->days = p->days;
	out->day_count = p->day_count;
	out->rooms = p->rooms;
	out->room_count = p->room_count;
	out->tracks = p->tracks;
	out->track_count = p->track_count;
	out->sessions = p->sessions;
	out->session_count = p->session_count;
	out->speakers = p->speakers;
	out->speaker_count = p->speaker_count;
}

/* ---- all of it ---- */

eg_err
schedule_parse(struct arena *a, const struct uuid *event_id, json_object *file, struct faults *f, struct schedule *out)
{
	struct parser p = { .a = a, .f = f, .event_id = event_id };

	*out = (struct schedule){ 0 };
	p.days = arena_array(a, SCHEDULE_DAYS_MAX, sizeof(*p.days));
	p.tracks = arena_array(a, SCHEDULE_TRACKS_MAX, sizeof(*p.tracks));
	p.rooms = arena_array(a, SCHEDULE_ROOMS_MAX, sizeof(*p.rooms));
	p.slugs = arena_array(a, SCHEDULE_TRACKS_MAX, sizeof(*p.slugs));
	p.speaker_ids = json_new_object(a);
	p.session_ids = json_new_object(a);
	read_file(&p, file, out);
	if (p.broken != EG_OK)
		return p.broken;
	EG_TRY(faults_result(f));
	put_in_order(&p, out);
	return EG_OK;
}

void
schedule_title(struct arena *a, json_object *file, struct schedule_title *out)
{
	json_object *c = json_get_object(json_get_object(file, "schedule"), "conference");

	out->title = text_shown(a, json_get_str(c, "title"), TEXT_NAME_MAX - 1, false);
	out->acronym = text_shown(a, json_get_str(c, "acronym"), NAME_MAX_CHARS, false);
}
