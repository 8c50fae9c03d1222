/* SPDX-License-Identifier: GPL-3.0-or-later */
/* schedule_order.c - a file's things, put down as they came, in the order in which people look at them. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "model/schedule_record.h"

/* Places before sorting -> places after it. */
static uint32_t *
new_places(struct arena *a, size_t count)
{
	return arena_array(a, count, sizeof(uint32_t));
}

static int
compare_days(const void *x, const void *y, void *arg)
{
	const struct schedule_draft *d = arg;
	uint32_t i = *(const uint32_t *)x, k = *(const uint32_t *)y;
	int order = strcmp(d->days[i].date, d->days[k].date);

	return order != 0 ? order : (i > k) - (i < k);
}

static int
compare_speakers(const void *x, const void *y, void *arg)
{
	const struct schedule_draft *d = arg;
	uint32_t i = *(const uint32_t *)x, k = *(const uint32_t *)y;
	int order = strcasecmp(d->speakers[i].name, d->speakers[k].name);

	return order != 0 ? order : (i > k) - (i < k);
}

/* The places of `count` things in the order of `compare`; `*place_of` says where each went. */
static uint32_t *
sorted_places(struct arena *a, struct schedule_draft *d, size_t count,
    int (*compare)(const void *, const void *, void *), uint32_t **place_of)
{
	uint32_t *order = new_places(a, count);

	*place_of = new_places(a, count);
	for (size_t i = 0; i < count; i++)
		order[i] = (uint32_t)i;
	if (count > 0)
		qsort_r(order, count, sizeof(*order), compare, d);
	for (size_t i = 0; i < count; i++)
		(*place_of)[order[i]] = (uint32_t)i;
	return order;
}

static void
sort_days(struct arena *a, struct schedule_draft *d)
{
	struct schedule_day *sorted = arena_array(a, d->day_count, sizeof(*sorted));
	uint32_t *place_of, *order = sorted_places(a, d, d->day_count, compare_days, &place_of);

	for (size_t i = 0; i < d->day_count; i++)
		sorted[i] = d->days[order[i]];
	for (size_t i = 0; i < d->session_count; i++)
		d->sessions[i].day = place_of[d->sessions[i].day];
	d->days = sorted;
}

static void
sort_speakers(struct arena *a, struct schedule_draft *d)
{
	struct schedule_speaker *sorted = arena_array(a, d->speaker_count, sizeof(*sorted));
	uint32_t *place_of, *order = sorted_places(a, d, d->speaker_count, compare_speakers, &place_of);

	for (size_t i = 0; i < d->speaker_count; i++)
		sorted[i] = d->speakers[order[i]];
	for (size_t i = 0; i < d->session_count; i++) {
		struct schedule_session *x = &d->sessions[i];
		uint32_t *speakers = new_places(a, x->speaker_count);

		for (size_t k = 0; k < x->speaker_count; k++)
			speakers[k] = place_of[x->speakers[k]];
		x->speakers = speakers;
	}
	d->speakers = sorted;
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
drop_unused(struct schedule_draft *d)
{
	bool room_used[SCHEDULE_ROOMS_MAX] = { false }, track_used[SCHEDULE_TRACKS_MAX] = { false };
	uint32_t room_at[SCHEDULE_ROOMS_MAX], track_at[SCHEDULE_TRACKS_MAX];
	size_t rooms = d->room_count, tracks = d->track_count;

	for (size_t i = 0; i < d->session_count; i++) {
		if (d->sessions[i].room != SCHEDULE_NONE)
			room_used[d->sessions[i].room] = true;
		if (d->sessions[i].track != SCHEDULE_NONE)
			track_used[d->sessions[i].track] = true;
	}
	d->room_count = place_used(room_used, rooms, room_at);
	d->track_count = place_used(track_used, tracks, track_at);
	for (size_t i = 0; i < rooms; i++) {
		if (room_used[i])
			d->rooms[room_at[i]] = d->rooms[i];
	}
	for (size_t i = 0; i < tracks; i++) {
		if (track_used[i])
			d->tracks[track_at[i]] = d->tracks[i];
	}
	for (size_t i = 0; i < d->session_count; i++) {
		struct schedule_session *x = &d->sessions[i];

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

void
schedule_put_in_order(struct arena *a, struct schedule_draft *d, struct schedule *out)
{
	sort_days(a, d);
	sort_speakers(a, d);
	drop_unused(d);
	qsort(d->sessions, d->session_count, sizeof(*d->sessions), compare_sessions);
	for (size_t i = d->session_count; i-- > 0; ) {
		d->days[d->sessions[i].day].first = (uint32_t)i;
		d->days[d->sessions[i].day].count++;
	}
	out->days = d->days;
	out->day_count = d->day_count;
	out->rooms = d->rooms;
	out->room_count = d->room_count;
	out->tracks = d->tracks;
	out->track_count = d->track_count;
	out->sessions = d->sessions;
	out->session_count = d->session_count;
	out->speakers = d->speakers;
	out->speaker_count = d->speaker_count;
}
