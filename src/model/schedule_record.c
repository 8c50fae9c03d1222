/* SPDX-License-Identifier: GPL-3.0-or-later */
/* schedule_record.c - one document for all of a schedule. Days, rooms, tracks and speakers are named by their places in
 * their arrays. */
#include "model/schedule_record.h"

#include "model/row.h"

static const struct column schedule_columns[] = {
	COLUMN(TEXT, struct schedule, version, "version"),
	COLUMN(TEXT, struct schedule, acronym, "acronym"),
	COLUMN(TEXT, struct schedule, time_zone, "zone"),
	COLUMN_LIST(struct schedule, rooms, room_count, "rooms"),
	COLUMN_END,
};

static const struct column day_columns[] = {
	COLUMN(TEXT, struct schedule_day, date, "date"),
	COLUMN(BITS, struct schedule_day, first, "first"),
	COLUMN(BITS, struct schedule_day, count, "count"),
	COLUMN_END,
};

static const struct column track_columns[] = {
	COLUMN(TEXT, struct schedule_track, name, "name"),
	COLUMN(TEXT, struct schedule_track, color, "color"),
	COLUMN_END,
};

static const struct column session_columns[] = {
	COLUMN(UUID, struct schedule_session, id, "id"),
	COLUMN(TEXT, struct schedule_session, title, "title"),
	COLUMN(TEXT, struct schedule_session, subtitle, "subtitle"),
	COLUMN(TEXT, struct schedule_session, abstract, "abstract"),
	COLUMN(TEXT, struct schedule_session, description, "description"),
	COLUMN(TEXT, struct schedule_session, type, "type"),
	COLUMN(TEXT, struct schedule_session, language, "language"),
	COLUMN(TEXT, struct schedule_session, url, "url"),
	COLUMN_LIST(struct schedule_session, links, link_texts, "links"),
	COLUMN(NUMBER, struct schedule_session, starts_at, "starts"),
	COLUMN(NUMBER, struct schedule_session, ends_at, "ends"),
	COLUMN(NUMBER, struct schedule_session, offset_s, "offset"),
	COLUMN(BITS, struct schedule_session, day, "day"),
	COLUMN(BITS, struct schedule_session, room, "room"),
	COLUMN(BITS, struct schedule_session, track, "track"),
	COLUMN_END,
};

static const struct column speaker_columns[] = {
	COLUMN(UUID, struct schedule_speaker, id, "id"),
	COLUMN(TEXT, struct schedule_speaker, name, "name"),
	COLUMN(TEXT, struct schedule_speaker, biography, "biography"),
	COLUMN(TEXT, struct schedule_speaker, avatar_url, "avatar"),
	COLUMN(TEXT, struct schedule_speaker, url, "url"),
	COLUMN_LIST(struct schedule_speaker, links, link_texts, "links"),
	COLUMN_END,
};

/* ---- writing ---- */

static void
add_rows(struct arena *a, json_object *doc, const char *name, const struct column *table, const void *rows, size_t count,
    size_t size)
{
	json_object *array = json_new_array(a);

	for (size_t i = 0; i < count; i++)
		json_push_object(array, row_encode(a, table, (const char *)rows + i * size));
	json_add_object(doc, name, array);
}

static void
add_speakers_of(struct arena *a, json_object *row, const struct schedule_session *x)
{
	json_object *array = json_new_array(a);

	for (size_t i = 0; i < x->speaker_count; i++) {
		json_object *number = json_object_new_int64(x->speakers[i]);

		if (number == NULL || json_object_array_add(array, number) != 0)
			arena_exhausted();
	}
	json_add_object(row, "speakers", array);
}

json_object *
schedule_encode(struct arena *a, const struct schedule *sch)
{
	json_object *doc = row_encode(a, schedule_columns, sch);
	json_object *sessions;

	add_rows(a, doc, "days", day_columns, sch->days, sch->day_count, sizeof(*sch->days));
	add_rows(a, doc, "tracks", track_columns, sch->tracks, sch->track_count, sizeof(*sch->tracks));
	add_rows(a, doc, "sessions", session_columns, sch->sessions, sch->session_count, sizeof(*sch->sessions));
	add_rows(a, doc, "speakers", speaker_columns, sch->speakers, sch->speaker_count, sizeof(*sch->speakers));
	sessions = json_get_array(doc, "sessions");
	for (size_t i = 0; i < sch->session_count; i++) {
		if (sch->sessions[i].speaker_count > 0)
			add_speakers_of(a, json_object_array_get_idx(sessions, i), &sch->sessions[i]);
	}
	return doc;
}

/* ---- reading ---- */

static eg_err
damaged(const struct store_record *rec)
{
	char id[UUID_TEXT_SIZE];

	uuid_format(&rec->id, id);
	return eg_fail(EG_DAMAGED, "schedule %s is not of the shape we write", id);
}

static eg_err
read_rows(struct arena *a, const struct store_record *rec, const char *name, const struct column *table, size_t size,
    void **out, size_t *count)
{
	json_object *array = json_get_array(rec->doc, name);

	if (array == NULL)
		return damaged(rec);
	*count = json_object_array_length(array);
	*out = arena_array(a, *count, size);
	for (size_t i = 0; i < *count; i++) {
		struct store_record part = *rec;

		part.doc = json_object_array_get_idx(array, i);
		EG_TRY(row_decode(a, &part, table, (char *)*out + i * size));
	}
	return EG_OK;
}

static eg_err
read_speakers_of(struct arena *a, const struct store_record *rec, json_object *row, const struct schedule *sch,
    struct schedule_session *x)
{
	json_object *array = json_get_array(row, "speakers");
	uint32_t *speakers;

	if (array == NULL)
		return EG_OK;
	x->speaker_count = json_object_array_length(array);
	speakers = arena_array(a, x->speaker_count, sizeof(*speakers));
	for (size_t i = 0; i < x->speaker_count; i++) {
		int64_t n = json_object_get_int64(json_object_array_get_idx(array, i));

		if (n < 0 || (size_t)n >= sch->speaker_count)
			return damaged(rec);
		speakers[i] = (uint32_t)n;
	}
	x->speakers = speakers;
	return EG_OK;
}

static bool
is_place(uint32_t index, size_t count)
{
	return index < count || index == SCHEDULE_NONE;
}

static eg_err
check_places(const struct store_record *rec, const struct schedule *sch)
{
	for (size_t i = 0; i < sch->session_count; i++) {
		const struct schedule_session *x = &sch->sessions[i];

		if (x->title == NULL || x->day >= sch->day_count || !is_place(x->room, sch->room_count) ||
		    !is_place(x->track, sch->track_count) || x->link_texts % 2 != 0)
			return damaged(rec);
	}
	for (size_t i = 0; i < sch->day_count; i++) {
		if (sch->days[i].date == NULL || (uint64_t)sch->days[i].first + sch->days[i].count > sch->session_count)
			return damaged(rec);
	}
	for (size_t i = 0; i < sch->speaker_count; i++) {
		if (sch->speakers[i].name == NULL || sch->speakers[i].link_texts % 2 != 0)
			return damaged(rec);
	}
	for (size_t i = 0; i < sch->track_count; i++) {
		if (sch->tracks[i].name == NULL)
			return damaged(rec);
	}
	return EG_OK;
}

/* Which sessions each speaker has: all in one array, each with a part of it. */
static void
index_speakers(struct arena *a, const struct schedule *sch, struct schedule_speaker *speakers)
{
	size_t total = 0, at = 0;
	uint32_t *all;

	for (size_t i = 0; i < sch->session_count; i++) {
		for (size_t k = 0; k < sch->sessions[i].speaker_count; k++, total++)
			speakers[sch->sessions[i].speakers[k]].session_count++;
	}
	all = arena_array(a, total, sizeof(*all));
	for (size_t i = 0; i < sch->speaker_count; i++) {
		speakers[i].sessions = all + at;
		at += speakers[i].session_count;
		speakers[i].session_count = 0;
	}
	for (size_t i = 0; i < sch->session_count; i++) {
		for (size_t k = 0; k < sch->sessions[i].speaker_count; k++) {
			struct schedule_speaker *p = &speakers[sch->sessions[i].speakers[k]];

			all[(size_t)(p->sessions - all) + p->session_count++] = (uint32_t)i;
		}
	}
}

eg_err
schedule_decode(struct arena *a, const struct store_record *rec, struct schedule *out)
{
	void *days, *tracks, *sessions, *speakers;
	json_object *rows;

	*out = (struct schedule){ .id = rec->id };
	EG_TRY(row_decode(a, rec, schedule_columns, out));
	EG_TRY(read_rows(a, rec, "days", day_columns, sizeof(*out->days), &days, &out->day_count));
	EG_TRY(read_rows(a, rec, "tracks", track_columns, sizeof(*out->tracks), &tracks, &out->track_count));
	EG_TRY(read_rows(a, rec, "sessions", session_columns, sizeof(*out->sessions), &sessions, &out->session_count));
	EG_TRY(read_rows(a, rec, "speakers", speaker_columns, sizeof(*out->speakers), &speakers, &out->speaker_count));
	out->days = days;
	out->tracks = tracks;
	out->sessions = sessions;
	out->speakers = speakers;
	rows = json_get_array(rec->doc, "sessions");
	for (size_t i = 0; i < out->session_count; i++)
		EG_TRY(read_speakers_of(a, rec, json_object_array_get_idx(rows, i), out,
		    (struct schedule_session *)sessions + i));
	EG_TRY(check_places(rec, out));
	index_speakers(a, out, speakers);
	return EG_OK;
}
