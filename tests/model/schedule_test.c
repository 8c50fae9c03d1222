/* SPDX-License-Identifier: GPL-3.0-or-later */
/* schedule: what exporters write, what somebody who means harm writes, and what comes out of it. */
#include "base/buf.h"
#include "base/incbin.h"
#include "model/kinds.h"
#include "model/schedule.h"
#include "model/schedule_record.h"
#include "model/schedule_time.h"
#include "site.h"

EG_INCBIN(demo_json, "src/ctl/demo-schedule.json");

#define DEMOCON "../shared/data/pretalx-democon.json"
#define TEN(x) x x x x x x x x x x

static struct customer_row customer;

static int
setup(void **state)
{
	int result = site_setup(state);

	customer = site_customer(&site.scope, "Acme");
	return result;
}

/* ---- helpers ---- */

static struct event_row
new_event(void)
{
	const struct event_new in = { .customer_id = customer.id, .name = "Fair" };
	struct event_row row;
	struct faults f;

	faults_init(&f, site.arena);
	assert_int_equal(event_create(&site.sv, site.arena, &site.scope, &anna, &in, &f, &row), EG_OK);
	return row;
}

static json_object *
json_of(const char *text, size_t len)
{
	const char *why = NULL;
	json_object *o;

	if (json_parse_strict(site.arena, text, len, &o, &why) != EG_OK)
		fail_msg("%s", why);
	return o;
}

static json_object *
demo(void)
{
	return json_of(demo_json, demo_json_len);
}

static eg_err
import(const struct scope *s, struct event_row *event, json_object *file, struct faults *f)
{
	struct uuid id = event->id;

	faults_init(f, site.arena);
	return schedule_import(&site.sv, site.arena, s, &anna, &id, file, f, event);
}

static void
import_ok(struct event_row *event, json_object *file)
{
	struct faults f;

	if (import(&site.scope, event, file, &f) != EG_OK)
		fail_msg("%s", site_faults(&f));
}

static const struct schedule *
read_of(const struct event_row *event)
{
	const struct schedule *sch;

	assert_int_equal(schedule_read(&site.sv, site.arena, event, &sch), EG_OK);
	return sch;
}

static const struct schedule_session *
titled(const struct schedule *sch, const char *title)
{
	for (size_t i = 0; i < sch->session_count; i++) {
		if (strcmp(sch->sessions[i].title, title) == 0)
			return &sch->sessions[i];
	}
	fail_msg("no session '%s'", title);
	return NULL;
}

static const char *
id_text(const struct uuid *id)
{
	char *text = arena_alloc(site.arena, UUID_TEXT_SIZE);

	uuid_format(id, text);
	return text;
}

static const char *
time_text(int64_t t)
{
	char *text = arena_alloc(site.arena, CLOCK_RFC3339_SIZE);

	clock_format(t, text);
	return text;
}

/* "schedule.conference.days[0].rooms.Baobab[2].title" -> the object that has the last name, and that name. */
static json_object *
holder_of(json_object *file, const char *path, const char **name)
{
	json_object *o = file;
	char *copy = arena_strdup(site.arena, path);

	for (;;) {
		size_t n = strcspn(copy, ".[");
		char end = copy[n];

		copy[n] = '\0';
		if (end == '\0') {
			*name = copy;
			return o;
		}
		assert_true(json_object_object_get_ex(o, copy, &o));
		copy += n + 1;
		while (end == '[') {
			o = json_object_array_get_idx(o, strtoul(copy, &copy, 10));
			assert_non_null(o);
			copy++;                 /* the bracket */
			end = *copy++;
		}
	}
}

/* Sets a member to what the JSON text says; "" takes it out. */
static void
set(json_object *file, const char *path, const char *json)
{
	const char *name;
	json_object *o = holder_of(file, path, &name);

	json_object_object_del(o, name);
	if (*json != '\0')
		json_object_object_add(o, name, json_object_get(site_json(json)));
}

/* ---- times ---- */

static void
times(void **state)
{
	static const struct {
		const char *text, *local;       /* local NULL: none */
		int64_t offset_s;
		bool has_time, has_offset;
	} cases[] = {
		{ "2026-11-20T10:00:00+01:00", "2026-11-20T10:00:00Z", 3600, true, true },
		{ "2026-11-20T10:00:00-03:30", "2026-11-20T10:00:00Z", -12600, true, true },
		{ "2026-11-20T10:00:00Z", "2026-11-20T10:00:00Z", 0, true, true },
		{ "2026-11-20t10:00:00z", "2026-11-20T10:00:00Z", 0, true, true },
		{ "2026-11-20 10:00", "2026-11-20T10:00:00Z", 0, true, false },
		{ "2026-11-20T10:00+0530", "2026-11-20T10:00:00Z", 19800, true, true },
		{ "2026-11-20T10:00+14", "2026-11-20T10:00:00Z", 50400, true, true },
		{ "2026-11-20T10:00:07.123456+00:00", "2026-11-20T10:00:07Z", 0, true, true },
		{ "2026-11-20", "2026-11-20T00:00:00Z", 0, false, false },
		{ "", NULL, 0, false, false }, { "tomorrow", NULL, 0, false, false }, { "2026-11-2", NULL, 0, false, false },
		{ "2026-02-30", NULL, 0, false, false }, { "2026-11-20T", NULL, 0, false, false },
		{ "2026-11-20T24:00", NULL, 0, false, false }, { "2026-11-20T10:60", NULL, 0, false, false },
		{ "2026-11-20T10:00:60", NULL, 0, false, false }, { "2026-11-20T10:00:00.", NULL, 0, false, false },
		{ "2026-11-20T10:00:00+1", NULL, 0, false, false }, { "2026-11-20T10:00:00+01:60", NULL, 0, false, false },
		{ "2026-11-20T10:00:00+24:00", NULL, 0, false, false }, { "2026-11-20T10:00:00 Europe/Berlin", NULL, 0, false, false },
		{ "2026-11-20T10:00:00+01:00x", NULL, 0, false, false }, { "1969-12-31T23:59", NULL, 0, false, false },
		{ "20261120T100000Z", NULL, 0, false, false },
	};

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		struct schedule_time t;
		bool ok = schedule_time_read(cases[i].text, &t);

		if (ok != (cases[i].local != NULL))
			fail_msg("'%s'", cases[i].text);
		if (ok && (strcmp(time_text(t.local_s), cases[i].local) != 0 || t.offset_s != cases[i].offset_s ||
		    t.has_time != cases[i].has_time || t.has_offset != cases[i].has_offset))
			fail_msg("'%s': %s", cases[i].text, time_text(t.local_s));
	}
}

static void
clocks_and_durations(void **state)
{
	static const struct {
		const char *text;
		int64_t clock, duration;        /* -1: none */
	} cases[] = {
		{ "09:30", 34200, 34200 }, { "9:30", 34200, 34200 }, { "09:30:15", 34215, 34215 }, { "23:59:59", 86399, 86399 },
		{ "24:00", -1, 86400 }, { "00:00", 0, 0 }, { "744:00", -1, SCHEDULE_DURATION_MAX_S }, { "744:01", -1, -1 },
		{ "90", -1, 5400 }, { "0", -1, 0 }, { "44640", -1, SCHEDULE_DURATION_MAX_S }, { "44641", -1, -1 },
		{ "", -1, -1 }, { ":30", -1, -1 }, { "09:3", -1, -1 }, { "09:60", -1, -1 }, { "09:30:60", -1, -1 }, { "-1:00", -1, -1 },
		{ "09:30 ", -1, -1 }, { "9h30", -1, -1 }, { "9999999", -1, -1 }, { "PT1H", -1, -1 },
	};

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		int64_t s;

		if (schedule_clock_read(cases[i].text, &s) ? s != cases[i].clock : cases[i].clock != -1)
			fail_msg("clock '%s'", cases[i].text);
		if (schedule_duration_read(cases[i].text, &s) ? s != cases[i].duration : cases[i].duration != -1)
			fail_msg("duration '%s'", cases[i].text);
	}
}

/* ---- a whole file ---- */

static void
the_demo_schedule(void **state)
{
	struct event_row event = new_event();
	const struct schedule *sch;
	const struct schedule_session *x;
	const struct schedule_speaker *p;
	json_object *view;
	size_t total;

	import_ok(&event, demo());
	sch = read_of(&event);
	assert_int_equal(sch->day_count, 2);
	assert_int_equal(sch->session_count, 19);
	assert_int_equal(sch->speaker_count, 14);
	assert_int_equal(sch->track_count, 4);
	assert_int_equal(sch->room_count, 3);
	assert_string_equal(sch->rooms[0], "Baobab");
	assert_string_equal(sch->rooms[2], "Fig Tree");
	assert_string_equal(sch->tracks[0].name, "Open web");
	assert_string_equal(sch->tracks[0].color, "#2f6f4f");
	assert_string_equal(sch->time_zone, "Africa/Nairobi");
	assert_true(sch->days[0].first == 0 && sch->days[0].count == 11 && sch->days[1].first == 11 && sch->days[1].count == 8);
	for (size_t i = 1; i < sch->session_count; i++)
		assert_true(sch->sessions[i].day > sch->sessions[i - 1].day || sch->sessions[i].starts_at >= sch->sessions[i - 1].starts_at);
	for (size_t i = 1; i < sch->speaker_count; i++)
		assert_true(strcasecmp(sch->speakers[i - 1].name, sch->speakers[i].name) <= 0);

	x = titled(sch, "The quiet web");
	assert_string_equal(time_text(x->starts_at), "2027-05-13T06:30:00Z");
	assert_string_equal(time_text(x->ends_at), "2027-05-13T07:15:00Z");
	assert_int_equal(x->offset_s, 3 * 3600);
	assert_string_equal(x->subtitle, "Pages that ask for nothing");
	assert_non_null(strstr(x->description, "reader*.\n\nWe look at\n\n* what went"));
	assert_int_equal(x->link_texts, 2);
	assert_string_equal(x->links[1], "https://diallo.example/quiet");
	assert_ptr_equal(schedule_session(sch, &x->id), x);
	/* An evening that ends on the next day belongs to the day it began on. */
	x = titled(sch, "Lanterns by the lake");
	assert_string_equal(sch->days[x->day].date, "2027-05-13");
	assert_string_equal(time_text(x->ends_at), "2027-05-13T22:00:00Z");
	assert_int_equal(x->speaker_count, 0);
	assert_null(x->language);
	assert_null(titled(sch, "Good morning, valley")->subtitle);
	/* A speaker's sessions are those of both days. */
	x = titled(sch, "Tokens in the wild");
	p = &sch->speakers[x->speakers[0]];
	assert_string_equal(p->name, "Tomasz Wrona");
	assert_ptr_equal(schedule_speaker(sch, &p->id), p);
	assert_int_equal(p->session_count, 3);
	assert_string_equal(sch->sessions[p->sessions[2]].title, "Reading logs like a detective");

	view = event_view(&site.sv, site.arena, &event, event.schedule.starts_at);
	assert_string_equal(json_get_str(view, "starts_at"), "2027-05-13T06:00:00Z");
	assert_string_equal(json_get_str(view, "ends_at"), "2027-05-14T12:45:00Z");
	assert_string_equal(json_get_str(view, "time_zone"), "Africa/Nairobi");
	assert_string_equal(json_get_str(view, "status"), "running");
	view = json_get_object(view, "schedule");
	site_assert_members(view, "version days sessions speakers imported_at");
	assert_int_equal(json_get_int(view, "sessions", 0), 19);
	assert_string_equal(site_last_activity(&site.scope, &event.id, &total),
	    "event.import_schedule|Fair|19 sessions and 14 speakers on 2 days.|anna@acme.example");
}

static void
what_was_set_by_hand_counts_more(void **state)
{
	struct event_row event = new_event();
	const struct event_patch patch = { .set_starts_at = true, .starts_at = 1810000000, .set_time_zone = true,
		.time_zone = "UTC" };
	struct faults f;
	json_object *view;

	import_ok(&event, demo());
	faults_init(&f, site.arena);
	assert_int_equal(event_update(&site.sv, site.arena, &site.scope, &anna, &event.id, &patch, &f, &event), EG_OK);
	view = event_view(&site.sv, site.arena, &event, 0);
	assert_string_equal(json_get_str(view, "starts_at"), "2027-05-11T01:46:40Z");
	assert_null(json_get_str(view, "ends_at"));
	assert_string_equal(json_get_str(view, "time_zone"), "UTC");
	assert_int_equal(read_of(&event)->session_count, 19);
}

static void
views(void **state)
{
	struct event_row event = new_event();
	const struct schedule *sch;
	const struct schedule_session *x;
	json_object *view;

	import_ok(&event, demo());
	sch = read_of(&event);
	view = schedule_view(site.arena, &event, sch);
	site_assert_members(view, "version imported_at time_zone days rooms tracks");
	assert_int_equal(json_get_int(json_object_array_get_idx(json_get_array(view, "days"), 1), "sessions", 0), 8);
	x = titled(sch, "The quiet web");
	view = schedule_session_view(site.arena, sch, x, false);
	site_assert_members(view, "id title subtitle starts_at ends_at utc_offset day room track track_color type language speakers");
	assert_string_equal(json_get_str(view, "utc_offset"), "+03:00");
	assert_string_equal(json_get_str(view, "day"), "2027-05-13");
	assert_string_equal(json_get_str(view, "room"), "Baobab");
	view = schedule_session_view(site.arena, sch, x, true);
	site_assert_members(view, "id title subtitle starts_at ends_at utc_offset day room track track_color type language speakers "
	    "abstract description url links");
	site_assert_members(json_object_array_get_idx(json_get_array(view, "links"), 0), "title url");
	view = schedule_speaker_view(site.arena, sch, &sch->speakers[x->speakers[0]], false);
	site_assert_members(view, "id name avatar_url");
	view = schedule_speaker_view(site.arena, sch, &sch->speakers[x->speakers[0]], true);
	site_assert_members(view, "id name avatar_url biography url links sessions");
	assert_int_equal(json_object_array_length(json_get_array(view, "sessions")), 2);
}

static void
a_real_export(void **state)
{
	struct event_row event = new_event();
	FILE *file = fopen(DEMOCON, "re");
	char *text;
	size_t len;
	const struct schedule *sch;

	if (file == NULL)
		skip();
	text = arena_alloc(site.arena, 1 << 20);
	len = fread(text, 1, 1 << 20, file);
	fclose(file);
	import_ok(&event, json_of(text, len));
	sch = read_of(&event);
	assert_int_equal(sch->day_count, 3);
	assert_int_equal(sch->session_count, 36);
	assert_int_equal(sch->room_count, 2);
	assert_string_equal(sch->version, "v1.1");
	for (size_t i = 0; i < sch->session_count; i++)
		assert_true(sch->sessions[i].speaker_count > 0 && sch->sessions[i].track != SCHEDULE_NONE);
	assert_string_equal(time_text(titled(sch, "Focused 5thgeneration hardware")->starts_at), "2020-12-14T08:00:00Z");
}

/* ---- members in all their forms ---- */

#define SESSION "schedule.conference.days[0].rooms.Main[0]."
#define PERSON SESSION "persons[0]."
#define FILE_TEXT \
	"{\"schedule\":{\"version\":\"1\",\"conference\":{\"acronym\":\"c\",\"title\":\"C\",\"days\":[{\"date\":\"2026-11-20\"," \
	"\"day_start\":\"2026-11-20T09:00:00+01:00\",\"rooms\":{\"Main\":[{\"guid\":\"11111111-1111-4111-8111-111111111111\"," \
	"\"date\":\"2026-11-20T10:00:00+01:00\",\"start\":\"10:00\",\"duration\":\"01:30\",\"title\":\"Talk\",\"track\":\"Web\"," \
	"\"persons\":[{\"id\":7,\"public_name\":\"Bea\"}]}]}}]}}}"

/* One session as text: what of it the cases below look at. */
static const char *
session_text(const struct schedule *sch)
{
	const struct schedule_session *x = &sch->sessions[0];
	const struct schedule_speaker *p = x->speaker_count > 0 ? &sch->speakers[x->speakers[0]] : NULL;

	return arena_printf(site.arena, "%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%zu", x->title, time_text(x->starts_at),
	    x->ends_at == 0 ? "-" : time_text(x->ends_at), x->room == SCHEDULE_NONE ? "-" : sch->rooms[x->room],
	    x->track == SCHEDULE_NONE ? "-" : sch->tracks[x->track].name, x->abstract == NULL ? "-" : x->abstract,
	    x->language == NULL ? "-" : x->language, x->url == NULL ? "-" : x->url, p == NULL ? "-" : p->name,
	    p == NULL || p->biography == NULL ? "-" : p->biography, p == NULL || p->avatar_url == NULL ? "-" : p->avatar_url,
	    sch->version == NULL ? "-" : sch->version, sch->days[0].date, x->link_texts / 2);
}

static void
members(void **state)
{
	static const struct {
		const char *title, *path, *json;
		const char *want;       /* part of session_text(), or of "FIELD: MESSAGE" where `refused` */
		bool refused;
	} cases[] = {
		{ "as it is", "x", "1", "Talk|2026-11-20T09:00:00Z|2026-11-20T10:30:00Z|Main|Web|-|-|-|Bea|-|-|1|2026-11-20|0", false },

		{ "no title", SESSION "title", "", SESSION "title: Give", true },
		{ "null title", SESSION "title", "null", SESSION "title: Give", true },
		{ "a blank title", SESSION "title", "\" \\n\"", SESSION "title: Give", true },
		{ "a list as title", SESSION "title", "[1]", SESSION "title: Give a text", true },
		{ "true as title", SESSION "title", "true", SESSION "title: Give a text", true },
		{ "a number as title", SESSION "title", "1984", "1984|", false },
		{ "languages as title", SESSION "title", "{\"de\":\"Vortrag\",\"en\":\"Lecture\"}", "Lecture|", false },
		{ "one language", SESSION "title", "{\"de\":\"Vortrag\"}", "Vortrag|", false },
		{ "a language without text", SESSION "title", "{\"en\":null,\"de\":\"Vortrag\"}", "Vortrag|", false },
		{ "lines in a title", SESSION "title", "\"One\\r\\ntwo\\u0007\"", "One two|", false },

		{ "no date, but a start", SESSION "date", "", "|2026-11-20T09:00:00Z|", false },
		{ "a date without a time", SESSION "date", "\"2026-11-21\"", "|2026-11-21T09:00:00Z|", false },
		{ "a date without an offset", SESSION "date", "\"2026-11-20T11:00\"", "|2026-11-20T10:00:00Z|", false },
		{ "a date that is none", SESSION "date", "\"soon\"", SESSION "date: Give the start with its offset", true },
		{ "a list as date", SESSION "date", "[\"2026\"]", SESSION "date: Give a text", true },
		{ "a start that is none", SESSION "start", "\"ten\"", SESSION "start: Give the start as a time", true },
		{ "no start, but a date", SESSION "start", "", "|2026-11-20T09:00:00Z|", false },
		{ "no duration", SESSION "duration", "", "Talk|2026-11-20T09:00:00Z|-|", false },
		{ "a duration of nothing", SESSION "duration", "\"00:00\"", "Talk|2026-11-20T09:00:00Z|-|", false },
		{ "minutes", SESSION "duration", "45", "|2026-11-20T09:45:00Z|", false },
		{ "a duration that is none", SESSION "duration", "\"long\"", SESSION "duration: Give hours", true },
		{ "below nothing", SESSION "duration", "-30", SESSION "duration: Give hours", true },

		{ "an abstract with markup", SESSION "abstract", "\"<b onclick=x>**Hi**</b>\\n&amp;\"", "|<b onclick=x>**Hi**</b>\n&amp;|", false },
		{ "an abstract for two", SESSION "abstract", "{\"en\":\"Hello\",\"de\":\"Hallo\"}", "|Hello|", false },
		{ "an empty object", SESSION "abstract", "{}", "|Web|-|", false },
		{ "an empty list, as PHP writes", SESSION "abstract", "[]", "|Web|-|", false },
		{ "false", SESSION "abstract", "false", "|Web|-|", false },
		{ "a list of texts", SESSION "abstract", "[\"a\"]", SESSION "abstract: Give a text", true },
		{ "a language", SESSION "language", "\"de\"", "|-|de|-|", false },
		{ "no track", SESSION "track", "null", "|Main|-|", false },
		{ "a track as object", SESSION "track", "{\"slug\":\"x\",\"name\":\"Net\"}", "|Main|Net|", false },
		{ "a list of tracks", SESSION "track", "[\"a\"]", SESSION "track: Give a text", true },

		{ "a URL", SESSION "url", "\"https://example.com/talk\"", "|https://example.com/talk|", false },
		{ "T16 a script as URL", SESSION "url", "\"javascript:alert(1)\"", "|-|-|-|Bea", false },
		{ "T16 data as URL", SESSION "url", "\"data:text/html,<script>\"", "|-|-|-|Bea", false },
		{ "a relative URL", SESSION "url", "\"/talk\"", "|-|-|-|Bea", false },
		{ "a list as URL", SESSION "url", "[1]", SESSION "url: Give a text", true },
		{ "links", SESSION "links", "[{\"url\":\"https://a.example/\"},\"https://b.example\",{\"url\":\"javascript:1\"},null,7,{}]",
		    "|2", false },
		{ "links that are a text", SESSION "links", "\"https://a.example/\"", SESSION "links: Give a list", true },
		{ "a title of a link", SESSION "links", "[{\"url\":\"https://a.example/\",\"title\":[1]}]", SESSION "links[0].title: Give a text", true },

		{ "full_public_name", PERSON "full_public_name", "\"Bea B.\"", "|Bea B.|", false },
		{ "only a name", SESSION "persons", "[{\"name\":\"Cem\"}]", "|Cem|", false },
		{ "a name as person", SESSION "persons", "[\"Cem\"]", "|Cem|", false },
		{ "nobody", SESSION "persons", "null", "|-|-|-|-|-|-|1|", false },
		{ "somebody without a name", SESSION "persons", "[{\"id\":3}, null, {}, \"\"]", "|-|-|-|-|-|-|1|", false },
		{ "a number as person", SESSION "persons", "[3]", SESSION "persons[0]: Give an object", true },
		{ "persons that are an object", SESSION "persons", "{\"name\":\"Cem\"}", SESSION "persons: Give a list", true },
		{ "a biography", PERSON "biography", "\"Born.\\n\\nLives.\"", "|Bea|Born.\n\nLives.|", false },
		{ "a list as biography", PERSON "biography", "[1]", PERSON "biography: Give a text", true },
		{ "an avatar", PERSON "avatar", "\"https://a.example/b.png\"", "|https://a.example/b.png|", false },
		{ "an avatar as object", PERSON "avatar", "{\"url\":\"https://a.example/b.png\"}", "|https://a.example/b.png|", false },
		{ "T16 a script as avatar", PERSON "avatar", "\"JaVaScRiPt:alert(1)\"", "|Bea|-|-|", false },

		{ "a day without a date", "schedule.conference.days[0].date", "", "|2026-11-20|", false },
		{ "a day of no date", "schedule.conference.days[0].date", "\"Friday\"", "schedule.conference.days[0].date: Give the day", true },
		{ "a day_start of none", "schedule.conference.days[0].day_start", "\"nine\"", "schedule.conference.days[0].day_start: Give", true },
		{ "rooms that are an empty list, as PHP writes", "schedule.conference.days[0].rooms", "[]", "days: Give at least one day", true },
		{ "rooms that are a list", "schedule.conference.days[0].rooms", "[[]]", "schedule.conference.days[0].rooms: Give an object", true },
		{ "a room that is a text", "schedule.conference.days[0].rooms.Other", "\"x\"", "schedule.conference.days[0].rooms.Other: Give a list", true },
		{ "a room that is empty", "schedule.conference.days[0].rooms.Other", "null", "Talk|", false },
		{ "a session that is a text", "schedule.conference.days[0].rooms.Other", "[\"x\"]", "rooms.Other[0]: Give an object", true },
		{ "a session that is null", "schedule.conference.days[0].rooms.Other", "[null]", "Talk|", false },

		{ "a version that is a number", "schedule.version", "1.5", "|1.5|", false },
		{ "no version", "schedule.version", "", "|-|-|-|2026", false },
		{ "rooms of the conference", "schedule.conference.rooms", "[{\"name\":\"Empty\"},{\"name\":\"Main\"},\"x\",7]", "|Main|", false },
		{ "rooms of no use", "schedule.conference.rooms", "7", "schedule.conference.rooms: Give a list", true },
		{ "tracks of no use", "schedule.conference.tracks", "\"Web\"", "schedule.conference.tracks: Give a list", true },
		{ "a track by its slug", "schedule.conference.tracks", "[{\"name\":\"The Web\",\"slug\":\"Web\"}]", "|The Web|", false },
		{ "an unknown zone is left out", "schedule.conference.time_zone_name", "\"Mars/Olympus\"", "Talk|", false },
		{ "no days", "schedule.conference.days", "", "schedule.conference.days: Give at least one day", true },
		{ "days that are an object", "schedule.conference.days", "{\"a\":1}", "schedule.conference.days: Give a list", true },
		{ "a day that is a text", "schedule.conference.days", "[\"x\"]", "schedule.conference.days[0]: Give an object", true },
		{ "no conference", "schedule.conference", "", "schedule.conference: Give the JSON that pretalx", true },
		{ "no schedule", "schedule", "[]", "schedule: Give the JSON that pretalx", true },
		{ "a member that nobody knows", SESSION "recording_license", "{\"x\":[[]]}", "Talk|", false },
	};

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		json_object *file = site_json(FILE_TEXT);
		const struct uuid id = { { 1 } };
		struct schedule sch;
		struct faults f;
		eg_err e;

		set(file, cases[i].path, cases[i].json);
		faults_init(&f, site.arena);
		e = schedule_parse(site.arena, &id, file, &f, &sch);
		if (e != (cases[i].refused ? EG_INVALID : EG_OK) ||
		    strstr(cases[i].refused ? site_faults(&f) : session_text(&sch), cases[i].want) == NULL)
			fail_msg("%s: %s: %s", cases[i].title, eg_err_name(e), e == EG_OK ? session_text(&sch) : site_faults(&f));
	}
}

static eg_err
parse(json_object *file, struct schedule *sch, struct faults *f)
{
	static const struct uuid id = { { 1 } };

	faults_init(f, site.arena);
	return schedule_parse(site.arena, &id, file, f, sch);
}

/* What a fault says goes to terminals and pages. */
static void
names_of_rooms_are_clean(void **state)
{
	json_object *file = site_json(FILE_TEXT);
	const char *name;
	json_object *rooms = holder_of(file, "schedule.conference.days[0].rooms.Main", &name);
	struct schedule sch;
	struct faults f;

	json_object_object_add(rooms, "\x1b[31mRed\r\n", json_object_get(site_json("[7]")));
	assert_int_equal(parse(file, &sch, &f), EG_INVALID);
	assert_fault(&f, "schedule.conference.days[0].rooms.[31mRed[0]: Give an object");
	assert_null(strchr(site_faults(&f), '\x1b'));
}

static void
starts_after_midnight(void **state)
{
	json_object *file = site_json(FILE_TEXT);
	struct schedule sch;
	struct faults f;

	/* Before the programme of the day begins: the night behind it. */
	set(file, SESSION "date", "");
	set(file, SESSION "start", "\"01:15\"");
	assert_int_equal(parse(file, &sch, &f), EG_OK);
	assert_string_equal(time_text(sch.sessions[0].starts_at), "2026-11-21T00:15:00Z");
	assert_string_equal(sch.days[0].date, "2026-11-20");
	/* Nothing tells the offset. */
	set(file, "schedule.conference.days[0].day_start", "");
	assert_int_equal(parse(file, &sch, &f), EG_INVALID);
	assert_fault(&f, SESSION "date: Give the start with its offset");
	/* UTC has none. */
	set(file, "schedule.conference.time_zone_name", "\"UTC\"");
	assert_int_equal(parse(file, &sch, &f), EG_OK);
	assert_string_equal(time_text(sch.sessions[0].starts_at), "2026-11-20T01:15:00Z");
	/* An end in the place of a duration. */
	set(file, SESSION "duration", "");
	set(file, SESSION "end", "\"2026-11-20T02:00:00Z\"");
	assert_int_equal(parse(file, &sch, &f), EG_OK);
	assert_string_equal(time_text(sch.sessions[0].ends_at), "2026-11-20T02:00:00Z");
	set(file, SESSION "end", "\"2026-11-20T01:14:59Z\"");
	assert_int_equal(parse(file, &sch, &f), EG_INVALID);
	assert_fault(&f, SESSION "end: Give a time after the start");
}

static void
what_a_conference_is_called(void **state)
{
	json_object *file = site_json(FILE_TEXT);
	struct schedule_title t;

	schedule_title(site.arena, file, &t);
	assert_string_equal(t.title, "C");
	assert_string_equal(t.acronym, "c");
	set(file, "schedule.conference.acronym", "2026");
	set(file, "schedule.conference.title", "{\"en\":\"" TEN("0123456789") "x\"}");
	schedule_title(site.arena, file, &t);
	assert_string_equal(t.acronym, "2026");
	assert_int_equal(strlen(t.title), 99 + strlen("…"));    /* 100 characters: a name */
	set(file, "schedule.conference.title", "[1]");
	schedule_title(site.arena, file, &t);
	assert_null(t.title);
	schedule_title(site.arena, site_json("[]"), &t);
	assert_true(t.title == NULL && t.acronym == NULL);
}

static void
days_come_in_any_order(void **state)
{
	json_object *file = demo();
	json_object *days = json_get_array(json_get_object(json_get_object(file, "schedule"), "conference"), "days");
	json_object *first = json_object_array_get_idx(days, 0);
	struct schedule there, back;
	struct faults f;
	size_t len, len_back;
	const char *text, *text_back;

	assert_int_equal(parse(file, &there, &f), EG_OK);
	json_object_array_add(days, json_object_get(first));
	json_object_array_del_idx(days, 0, 1);
	json_object_array_add(days, json_object_get(site_json("{\"date\":null,\"rooms\":{}}")));
	assert_int_equal(parse(file, &back, &f), EG_OK);
	text = json_text(site.arena, schedule_encode(site.arena, &there), &len);
	text_back = json_text(site.arena, schedule_encode(site.arena, &back), &len_back);
	assert_int_equal(len, len_back);
	/* Speakers were met in another order, but stand in that of their names. */
	assert_string_equal(text, text_back);
}

/* ---- ids ---- */

static void
ids(void **state)
{
	const struct uuid one = { { 1 } }, two = { { 2 } };
	json_object *file = site_json(FILE_TEXT);
	struct schedule sch, other;
	struct faults f;
	const char *first;

	assert_int_equal(parse(file, &sch, &f), EG_OK);
	assert_string_equal(id_text(&sch.sessions[0].id), "11111111-1111-4111-8111-111111111111");
	/* No UUID: computed, the same each time, another one for another event. */
	set(file, SESSION "guid", "");
	set(file, SESSION "id", "25");
	faults_init(&f, site.arena);
	assert_int_equal(schedule_parse(site.arena, &one, file, &f, &sch), EG_OK);
	assert_int_equal(schedule_parse(site.arena, &one, file, &f, &other), EG_OK);
	first = id_text(&sch.sessions[0].id);
	assert_int_equal(first[14], '8');
	assert_string_equal(id_text(&other.sessions[0].id), first);
	assert_string_equal(id_text(&other.speakers[0].id), id_text(&sch.speakers[0].id));
	assert_int_equal(schedule_parse(site.arena, &two, file, &f, &other), EG_OK);
	assert_string_not_equal(id_text(&other.sessions[0].id), first);
	assert_string_not_equal(id_text(&other.speakers[0].id), id_text(&sch.speakers[0].id));
	/* The number keeps the id, whatever else changes. */
	set(file, SESSION "title", "\"Another title\"");
	set(file, PERSON "public_name", "\"Beatrice\"");
	assert_int_equal(schedule_parse(site.arena, &one, file, &f, &other), EG_OK);
	assert_string_equal(id_text(&other.sessions[0].id), first);
	assert_string_equal(id_text(&other.speakers[0].id), id_text(&sch.speakers[0].id));
	/* A number and a text of the same digits are one; a session and a speaker of one number are two. */
	set(file, SESSION "id", "\"25\"");
	set(file, PERSON "id", "25");
	assert_int_equal(schedule_parse(site.arena, &one, file, &f, &other), EG_OK);
	assert_string_equal(id_text(&other.sessions[0].id), first);
	assert_string_not_equal(id_text(&other.speakers[0].id), first);
	/* A guid that is no UUID, or the nil one, is a name like any other. */
	set(file, SESSION "guid", "\"00000000-0000-0000-0000-000000000000\"");
	assert_int_equal(schedule_parse(site.arena, &one, file, &f, &other), EG_OK);
	assert_int_equal(id_text(&other.sessions[0].id)[14], '8');
}

static void
one_guid_for_several_sessions(void **state)
{
	json_object *file = site_json(FILE_TEXT);
	struct schedule sch;
	struct faults f;
	const char *name;
	json_object *list = json_get_array(holder_of(file, "schedule.conference.days[0].rooms.Main", &name), "Main");

	for (int i = 0; i < 2000; i++)
		json_object_array_add(list, json_object_get(json_object_array_get_idx(list, 0)));
	assert_int_equal(parse(file, &sch, &f), EG_OK);
	assert_int_equal(sch.session_count, 2001);
	assert_int_equal(sch.speaker_count, 1);
	/* Sorted by id within the same time and room. */
	for (size_t i = 1; i < sch.session_count; i++)
		assert_true(memcmp(sch.sessions[i - 1].id.b, sch.sessions[i].id.b, 16) < 0);
}

static void
one_person_in_many_places(void **state)
{
	json_object *file = site_json(FILE_TEXT);
	struct schedule sch;
	struct faults f;

	set(file, "schedule.conference.days[0].rooms.Other", "[{\"title\":\"A\",\"date\":\"2026-11-20T11:00:00+01:00\",\"persons\":"
	    "[{\"id\":7,\"public_name\":\"Bea again\",\"biography\":\"Born.\"},{\"id\":7,\"public_name\":\"Bea\"},{\"name\":\"Bea\"}]}]");
	assert_int_equal(parse(file, &sch, &f), EG_OK);
	assert_int_equal(sch.speaker_count, 2);
	assert_int_equal(sch.sessions[1].speaker_count, 2);
	assert_string_equal(sch.speakers[sch.sessions[0].speakers[0]].name, "Bea");
	assert_string_equal(sch.speakers[sch.sessions[0].speakers[0]].biography, "Born.");
}

/* ---- importing again ---- */

static void
a_second_import_updates_in_place(void **state)
{
	struct event_row event = new_event(), before;
	const struct schedule *old, *sch;
	const struct schedule_session *quiet, *moved;
	json_object *file = demo();
	const char *quiet_id, *speaker_id;
	struct faults f;
	size_t total;

	import_ok(&event, file);
	before = event;
	/* The same: nothing changes, and no row says otherwise. */
	import_ok(&event, file);
	assert_true(uuid_equal(&event.schedule.id, &before.schedule.id));
	assert_int_equal(event.updated_at, before.updated_at);
	site_last_activity(&site.scope, &event.id, &total);
	assert_int_equal(total, 2);

	old = read_of(&event);
	quiet = titled(old, "The quiet web");
	quiet_id = id_text(&quiet->id);
	speaker_id = id_text(&old->speakers[quiet->speakers[0]].id);
	set(file, "schedule.version", "\"2.0\"");
	set(file, "schedule.conference.days[0].rooms.Baobab[1].title", "\"The silent web\"");
	set(file, "schedule.conference.days[0].rooms.Baobab[1].date", "\"2027-05-13T15:30:00+03:00\"");
	set(file, "schedule.conference.days[1].rooms.Acacia", "[]");
	import_ok(&event, file);
	assert_false(uuid_equal(&event.schedule.id, &before.schedule.id));
	sch = read_of(&event);
	assert_string_equal(sch->version, "2.0");
	assert_int_equal(sch->session_count, 16);
	moved = titled(sch, "The silent web");
	assert_string_equal(id_text(&moved->id), quiet_id);
	assert_string_equal(id_text(&sch->speakers[moved->speakers[0]].id), speaker_id);
	assert_string_equal(time_text(moved->starts_at), "2027-05-13T12:30:00Z");
	/* Who read the old one may go on with it; of the store it is gone. */
	assert_string_equal(quiet->title, "The quiet web");
	assert_int_equal(store_get(site.sv.store, site.arena, KIND_SCHEDULE, &before.schedule.id,
	    &(struct store_record){ .kind = 0 }), EG_NOTFOUND);
	/* A row read before finds the schedule of now. */
	assert_int_equal(schedule_read(&site.sv, site.arena, &before, &sch), EG_OK);

	/* A broken file changes nothing. */
	before = event;
	set(file, "schedule.conference.days[1].rooms.Baobab[0].duration", "\"long\"");
	assert_int_equal(import(&site.scope, &event, file, &f), EG_INVALID);
	assert_fault(&f, "schedule.conference.days[1].rooms.Baobab[0].duration: Give hours");
	assert_int_equal(event_get(&site.sv, site.arena, &site.scope, &before.id, &event), EG_OK);
	assert_true(uuid_equal(&event.schedule.id, &before.schedule.id));
}

static void
every_fault_in_one_answer(void **state)
{
	json_object *file = demo();
	struct schedule sch;
	struct faults f;

	set(file, "schedule.conference.days[0].rooms.Baobab[0].title", "\"\"");
	set(file, "schedule.conference.days[0].rooms.Acacia[1].date", "7");
	set(file, "schedule.conference.days[1].rooms.Fig Tree[0].persons", "\"x\"");
	assert_int_equal(parse(file, &sch, &f), EG_INVALID);
	assert_int_equal(f.count, 3);
	assert_fault(&f, "days[0].rooms.Baobab[0].title: ");
	assert_fault(&f, "days[0].rooms.Acacia[1].date: ");
	assert_fault(&f, "days[1].rooms.Fig Tree[0].persons: ");
}

/* T7 */
static void
whose_it_is(void **state)
{
	struct event_row event = new_event();
	const struct customer_row sibling = site_customer(&site.scope, "Globex");
	const struct scope of_sibling = { .partner_id = site.partner.id, .customer_id = sibling.id };
	const struct scope own = { .partner_id = site.partner.id, .customer_id = customer.id };
	struct event_row out = event;
	const struct schedule *sch;
	struct faults f;

	assert_int_equal(import(&of_sibling, &out, demo(), &f), EG_NOTFOUND);
	assert_int_equal(import(&site.other_scope, &out, demo(), &f), EG_NOTFOUND);
	assert_int_equal(schedule_read(&site.sv, site.arena, &event, &sch), EG_NOTFOUND);
	assert_int_equal(import(&own, &event, demo(), &f), EG_OK);
	assert_int_equal(read_of(&event)->session_count, 19);
	assert_int_equal(event_delete(&site.sv, site.arena, &own, &anna, &event.id, &out), EG_OK);
	assert_int_equal(import(&own, &out, demo(), &f), EG_NOTFOUND);
	assert_int_equal(store_get(site.sv.store, site.arena, KIND_SCHEDULE, &event.schedule.id,
	    &(struct store_record){ .kind = 0 }), EG_NOTFOUND);
}

/* ---- reading ---- */

static void
parsed_once_in_a_process(void **state)
{
	struct event_row events[20];
	const struct schedule *first;
	struct service other;
	const char *why;

	for (size_t i = 0; i < EG_COUNT(events); i++) {
		events[i] = new_event();
		import_ok(&events[i], demo());
	}
	first = read_of(&events[0]);
	assert_ptr_equal(read_of(&events[0]), first);
	/* More than are kept: those longest unread go, and are parsed again. Who holds one keeps it. */
	for (size_t i = 0; i < EG_COUNT(events); i++)
		assert_int_equal(read_of(&events[i])->session_count, 19);
	assert_string_equal(titled(first, "The quiet web")->title, "The quiet web");
	assert_ptr_not_equal(read_of(&events[0]), first);

	/* Another process imports; what was kept here is not shown any more. */
	if (service_open(&other, site.config_path, &why) != EG_OK)
		fail_msg("%s", why);
	json_object *file = demo();
	struct event_row row;
	struct faults f;

	set(file, "schedule.version", "\"9\"");
	faults_init(&f, site.arena);
	assert_int_equal(schedule_import(&other, site.arena, &site.scope, &anna, &events[0].id, file, &f, &row), EG_OK);
	service_close(&other);
	assert_int_equal(event_get(&site.sv, site.arena, &site.scope, &events[0].id, &row), EG_OK);
	assert_string_equal(read_of(&row)->version, "9");
}

/* ---- bounds ---- */

static json_object *
many(const char *member, size_t count, const char *one)
{
	struct buf b;

	buf_init(&b, site.arena, count * 64);
	buf_printf(&b, "%s", member);
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_add_char(&b, ',');
		for (const char *p = one; *p != '\0'; p++) {
			if (*p == '$')
				buf_printf(&b, "%zu", i);
			else
				buf_add_char(&b, *p);
		}
	}
	buf_add_char(&b, *member == '{' ? '}' : ']');
	return json_of(b.data, b.len);
}

#define TALK "{\"title\":\"T$\",\"id\":$,\"date\":\"2026-11-20T10:00:00Z\"}"

static void
bounds(void **state)
{
	static const struct {
		const char *title, *path, *member, *one;
		size_t most;
		const char *fault;
	} cases[] = {
		{ "sessions", "schedule.conference.days[0].rooms.Main", "[", TALK, SCHEDULE_SESSIONS_MAX, "days: Give at most 5000 sessions" },
		{ "days", "schedule.conference.days", "[", "{\"date\":\"2026-11-20\",\"rooms\":{\"M\":[" TALK "]}}", SCHEDULE_DAYS_MAX,
		    "days: Give at most 200 days" },
		{ "rooms", "schedule.conference.days[0].rooms", "{", "\"R$\":[" TALK "]", SCHEDULE_ROOMS_MAX, "rooms: Use at most 500 rooms" },
		{ "persons", SESSION "persons", "[", "\"P$\"", SCHEDULE_PERSONS_MAX, "persons: Name at most 100 persons" },
		{ "tracks", "schedule.conference.days[0].rooms.Main", "[",
		    "{\"title\":\"T\",\"id\":$,\"track\":\"T$\",\"date\":\"2026-11-20T10:00:00Z\"}", SCHEDULE_TRACKS_MAX,
		    "tracks: Use at most 200 tracks" },
	};

	for (size_t i = 0; i < EG_COUNT(cases); i++)
		for (size_t over = 0; over < 2; over++) {
			json_object *file = site_json(FILE_TEXT);
			const char *name;
			json_object *holder = holder_of(file, cases[i].path, &name);
			struct schedule sch;
			struct faults f;
			eg_err e;

			json_object_object_add(holder, name,
			    json_object_get(many(cases[i].member, cases[i].most + over, cases[i].one)));
			e = parse(file, &sch, &f);
			if (e != (over ? EG_INVALID : EG_OK))
				fail_msg("%s, %zu more: %s", cases[i].title, over, site_faults(&f));
			if (over)
				assert_fault(&f, cases[i].fault);
		}
}

static void
long_texts_are_cut(void **state)
{
	json_object *file = site_json(FILE_TEXT);
	char *text = arena_alloc(site.arena, 40001);
	struct schedule sch;
	struct faults f;

	memset(text, 'x', 40000);
	json_add_str(json_object_array_get_idx(json_get_array(json_get_object(json_object_array_get_idx(json_get_array(
	    json_get_object(json_get_object(file, "schedule"), "conference"), "days"), 0), "rooms"), "Main"), 0), "description", text);
	assert_int_equal(parse(file, &sch, &f), EG_OK);
	assert_int_equal(strlen(sch.sessions[0].description), 20000 + strlen("…"));
}

static void
too_much_text(void **state)
{
	struct event_row event = new_event();
	char *text = arena_alloc(site.arena, 20000);
	json_object *file = site_json(FILE_TEXT), *list;
	const char *name;
	struct faults f;

	memset(text, 'x', 19999);
	list = many("[", 400, TALK);
	for (size_t i = 0; i < 400; i++)
		json_add_str(json_object_array_get_idx(list, i), "description", text);
	json_object_object_add(holder_of(file, "schedule.conference.days[0].rooms.Main", &name), "Main", json_object_get(list));
	assert_int_equal(import(&site.scope, &event, file, &f), EG_INVALID);
	assert_fault(&f, "schedule: Shorten the texts");
	json_object_array_del_idx(list, 0, 100);
	import_ok(&event, file);
	assert_int_equal(read_of(&event)->session_count, 300);
}

/* ---- meaning harm ---- */

static bool
is_text_clean(const char *text)
{
	for (const char *p = text; p != NULL && *p != '\0'; p++) {
		if ((unsigned char)*p < 0x20 && *p != '\n')
			return false;
	}
	return true;
}

static void
check_whole(struct arena *a, const struct schedule *sch)
{
	struct store_record rec = { .kind = KIND_SCHEDULE, .id = { { 1 } } };
	struct schedule back;
	size_t speakers = 0;

	rec.doc = schedule_encode(a, sch);
	assert_int_equal(schedule_decode(a, &rec, &back), EG_OK);
	assert_string_equal(json_text(a, schedule_encode(a, &back), NULL), json_text(a, rec.doc, NULL));
	assert_true(sch->session_count > 0 && sch->day_count > 0);
	for (size_t i = 0; i < sch->session_count; i++) {
		const struct schedule_session *x = &sch->sessions[i];

		assert_true(x->starts_at > 0 && (x->ends_at == 0 || x->ends_at > x->starts_at));
		assert_true(is_text_clean(x->title) && is_text_clean(x->abstract) && is_text_clean(x->description));
		assert_true(x->url == NULL || strncmp(x->url, "http", 4) == 0);
		speakers += x->speaker_count;
	}
	for (size_t i = 0; i < back.speaker_count; i++)
		speakers -= back.speakers[i].session_count;
	assert_int_equal(speakers, 0);
}

struct mutation {
	struct arena *scratch;
	json_object *file;
	size_t tried, taken;
};

static void
try_mutation(struct mutation *m)
{
	static const struct uuid id = { { 1 } };
	struct schedule sch;
	struct faults f;
	eg_err e;

	arena_reset(m->scratch);
	faults_init(&f, m->scratch);
	e = schedule_parse(m->scratch, &id, m->file, &f, &sch);
	m->tried++;
	if (e == EG_OK) {
		m->taken++;
		check_whole(m->scratch, &sch);
		return;
	}
	assert_int_equal(e, EG_INVALID);
	assert_true(f.count > 0);
	for (const struct fault *one = f.first; one != NULL; one = one->next) {
		assert_int_equal(strncmp(one->field, "schedule", 8), 0);
		assert_true(*one->message != '\0');
	}
}

/* Each member in turn is left out, and is each of these. */
static void
mutate(struct mutation *m, json_object *o)
{
	static const char *const values[] = { "null", "true", "0", "-1", "1e308", "9223372036854775807", "\"\"", "\"x\"",
		"\"\\u202e\\u001b]0;x\\u0007\"", "\"javascript:alert(1)\"", "\"9999-12-31T23:59:59-23:59\"", "\"1970-01-01T00:00:00+23:59\"",
		"[]", "{}", "[[[[[[1]]]]]]", "[null]", "{\"a\":{\"en\":[]}}", "[{}]", "{\"en\":\"\",\"x\":7}" };
	struct lh_entry *e;

	if (json_object_is_type(o, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(o) && i < 2; i++)
			mutate(m, json_object_array_get_idx(o, i));
	}
	if (!json_object_is_type(o, json_type_object))
		return;
	for (e = json_object_get_object(o)->head; e != NULL; e = e->next) {
		json_object *kept = lh_entry_v(e);

		for (size_t i = 0; i < EG_COUNT(values); i++) {
			/* In its place, so that the walk goes on behind it. */
			lh_entry_set_val(e, site_json(values[i]));
			try_mutation(m);
		}
		lh_entry_set_val(e, kept);
		mutate(m, kept);
	}
}

static void
any_member_of_any_kind(void **state)
{
	struct mutation m = { .scratch = arena_new(), .file = site_json(FILE_TEXT) };
	const char *name;

	set(m.file, SESSION "links", "[{\"url\":\"https://a.example/\",\"title\":\"A\"}]");
	set(m.file, SESSION "abstract", "{\"en\":\"A\"}");
	set(m.file, SESSION "end", "\"2026-11-20T12:00:00+01:00\"");
	set(m.file, "schedule.conference.tracks", "[{\"name\":\"Web\",\"slug\":\"web\",\"color\":\"#abc\"}]");
	set(m.file, "schedule.conference.rooms", "[{\"name\":\"Main\"}]");
	set(m.file, "schedule.conference.time_zone_name", "\"UTC\"");
	json_object_object_add(holder_of(m.file, "schedule.conference.days[0].rooms.Main", &name), "Other",
	    json_object_get(many("[", 2, TALK)));
	mutate(&m, m.file);
	assert_true(m.tried > 700);
	assert_true(m.taken > 100 && m.taken < m.tried);
	arena_free(m.scratch);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(times, site_each),
		cmocka_unit_test_setup(clocks_and_durations, site_each),
		cmocka_unit_test_setup(the_demo_schedule, site_each),
		cmocka_unit_test_setup(what_was_set_by_hand_counts_more, site_each),
		cmocka_unit_test_setup(views, site_each),
		cmocka_unit_test_setup(a_real_export, site_each),
		cmocka_unit_test_setup(members, site_each),
		cmocka_unit_test_setup(names_of_rooms_are_clean, site_each),
		cmocka_unit_test_setup(starts_after_midnight, site_each),
		cmocka_unit_test_setup(what_a_conference_is_called, site_each),
		cmocka_unit_test_setup(days_come_in_any_order, site_each),
		cmocka_unit_test_setup(ids, site_each),
		cmocka_unit_test_setup(one_guid_for_several_sessions, site_each),
		cmocka_unit_test_setup(one_person_in_many_places, site_each),
		cmocka_unit_test_setup(a_second_import_updates_in_place, site_each),
		cmocka_unit_test_setup(every_fault_in_one_answer, site_each),
		cmocka_unit_test_setup(whose_it_is, site_each),
		cmocka_unit_test_setup(parsed_once_in_a_process, site_each),
		cmocka_unit_test_setup(bounds, site_each),
		cmocka_unit_test_setup(long_texts_are_cut, site_each),
		cmocka_unit_test_setup(too_much_text, site_each),
		cmocka_unit_test_setup(any_member_of_any_kind, site_each),
	};

	return cmocka_run_group_tests(tests, setup, site_teardown);
}
