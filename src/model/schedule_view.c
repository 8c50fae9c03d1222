/* SPDX-License-Identifier: GPL-3.0-or-later */
/* schedule_view.c - what the outside sees of a schedule. */
#include "model/schedule.h"

json_object *
schedule_view(struct arena *a, const struct event_row *event, const struct schedule *sch)
{
	json_object *view = json_new_object(a), *days = json_new_array(a), *rooms = json_new_array(a);
	json_object *tracks = json_new_array(a);

	for (size_t i = 0; i < sch->day_count; i++) {
		json_object *day = json_new_object(a);

		json_add_str(day, "date", sch->days[i].date);
		json_add_int(day, "sessions", sch->days[i].count);
		json_push_object(days, day);
	}
	for (size_t i = 0; i < sch->room_count; i++)
		json_push_str(rooms, sch->rooms[i]);
	for (size_t i = 0; i < sch->track_count; i++) {
		json_object *track = json_new_object(a);

		json_add_str(track, "name", sch->tracks[i].name);
		json_add_str(track, "color", sch->tracks[i].color);
		json_push_object(tracks, track);
	}
	json_add_str(view, "version", sch->version);
	json_add_time(view, "imported_at", event->schedule.imported_at);
	json_add_str(view, "time_zone", event_time_zone(event));
	json_add_object(view, "days", days);
	json_add_object(view, "rooms", rooms);
	json_add_object(view, "tracks", tracks);
	return view;
}

static json_object *
links_view(struct arena *a, const char *const *texts, size_t count)
{
	json_object *links = json_new_array(a);

	for (size_t i = 0; i < count; i += 2) {
		json_object *link = json_new_object(a);

		json_add_str(link, "title", *texts[i] == '\0' ? NULL : texts[i]);
		json_add_str(link, "url", texts[i + 1]);
		json_push_object(links, link);
	}
	return links;
}

static void
add_offset(struct arena *a, json_object *view, int64_t offset_s)
{
	int64_t minutes = (offset_s < 0 ? -offset_s : offset_s) / 60;

	json_add_str(view, "utc_offset", arena_printf(a, "%c%02d:%02d", offset_s < 0 ? '-' : '+', (int)(minutes / 60),
	    (int)(minutes % 60)));
}

static json_object *
speakers_of_session(struct arena *a, const struct schedule *sch, const struct schedule_session *x)
{
	json_object *speakers = json_new_array(a);

	for (size_t i = 0; i < x->speaker_count; i++) {
		const struct schedule_speaker *p = &sch->speakers[x->speakers[i]];
		json_object *speaker = json_new_object(a);

		json_add_uuid(speaker, "id", &p->id);
		json_add_str(speaker, "name", p->name);
		json_push_object(speakers, speaker);
	}
	return speakers;
}

json_object *
schedule_session_view(struct arena *a, const struct schedule *sch, const struct schedule_session *x, bool is_whole)
{
	const struct schedule_track *track = x->track == SCHEDULE_NONE ? NULL : &sch->tracks[x->track];
	json_object *view = json_new_object(a);

	json_add_uuid(view, "id", &x->id);
	json_add_str(view, "title", x->title);
	json_add_str(view, "subtitle", x->subtitle);
	json_add_time(view, "starts_at", x->starts_at);
	json_add_time(view, "ends_at", x->ends_at);
	add_offset(a, view, x->offset_s);
	json_add_str(view, "day", sch->days[x->day].date);
	json_add_str(view, "room", x->room == SCHEDULE_NONE ? NULL : sch->rooms[x->room]);
	json_add_str(view, "track", track == NULL ? NULL : track->name);
	json_add_str(view, "track_color", track == NULL ? NULL : track->color);
	json_add_str(view, "type", x->type);
	json_add_str(view, "language", x->language);
	json_add_object(view, "speakers", speakers_of_session(a, sch, x));
	if (!is_whole)
		return view;
	json_add_str(view, "abstract", x->abstract);
	json_add_str(view, "description", x->description);
	json_add_str(view, "url", x->url);
	json_add_object(view, "links", links_view(a, x->links, x->link_texts));
	return view;
}

static json_object *
sessions_of_speaker(struct arena *a, const struct schedule *sch, const struct schedule_speaker *p)
{
	json_object *sessions = json_new_array(a);

	for (size_t i = 0; i < p->session_count; i++) {
		const struct schedule_session *x = &sch->sessions[p->sessions[i]];
		json_object *session = json_new_object(a);

		json_add_uuid(session, "id", &x->id);
		json_add_str(session, "title", x->title);
		json_add_time(session, "starts_at", x->starts_at);
		json_add_str(session, "room", x->room == SCHEDULE_NONE ? NULL : sch->rooms[x->room]);
		json_push_object(sessions, session);
	}
	return sessions;
}

json_object *
schedule_speaker_view(struct arena *a, const struct schedule *sch, const struct schedule_speaker *p, bool is_whole)
{
	json_object *view = json_new_object(a);

	json_add_uuid(view, "id", &p->id);
	json_add_str(view, "name", p->name);
	json_add_str(view, "avatar_url", p->avatar_url);
	if (!is_whole)
		return view;
	json_add_str(view, "biography", p->biography);
	json_add_str(view, "url", p->url);
	json_add_object(view, "links", links_view(a, p->links, p->link_texts));
	json_add_object(view, "sessions", sessions_of_speaker(a, sch, p));
	return view;
}
