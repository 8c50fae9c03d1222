/* SPDX-License-Identifier: GPL-3.0-or-later */
/* demo_event.c - an event of the demo customer: two days from today on, so that something is on now. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/incbin.h"
#include "ctl/ctl.h"
#include "model/registration.h"
#include "model/schedule.h"

#define DAY_S 86400
#define FIRST_DAY "2027-05-13"          /* of the file, which holds this day and the two behind it */
#define DAYS 3
#define DATE_LEN (sizeof(FIRST_DAY) - 1)

EG_INCBIN(demo_schedule, "src/ctl/demo-schedule.json");

/* The file with other dates in the places of its own. */
static const char *
schedule_from(struct arena *a, int64_t first_day_s, size_t *len)
{
	char dates[DAYS][CLOCK_RFC3339_SIZE];
	char *text;

	*len = demo_schedule_len;
	text = arena_strndup(a, demo_schedule, *len);
	for (int i = 0; i < DAYS; i++)
		clock_format(first_day_s + i * DAY_S, dates[i]);
	for (char *p = text; (p = strstr(p, "2027-05-1")) != NULL; p += DATE_LEN) {
		int day = p[DATE_LEN - 1] - FIRST_DAY[DATE_LEN - 1];

		if (day >= 0 && day < DAYS)
			memcpy(p, dates[day], DATE_LEN);
	}
	return text;
}

static int
import(struct ctl *c, const struct scope *s, struct event_row *event)
{
	const struct uuid id = event->id;
	json_object *file;
	struct faults f;
	size_t len;
	const char *text = schedule_from(c->arena, (int64_t)clock_day(c->now_s) * DAY_S, &len), *why = "";

	if (json_parse_strict(c->arena, text, len, &file, &why) != EG_OK)
		return ctl_refuse("The demo schedule: %s.", why);
	faults_init(&f, c->arena);
	return ctl_result(c, schedule_import(&c->service, c->arena, s, &c->actor, &id, file, &f, event), &f, "event");
}

static int
sign_up(struct ctl *c, const struct scope *s, const struct event_row *event)
{
	static const struct registration_new people[] = {
		{ .name = "Ada Okafor", .email = "ada@okafor.example", .company = "Okafor Print" },
		{ .name = "Bram de Wit", .email = "bram@dewit.example" },
		{ .name = "Chiara Neri", .email = "chiara@neri.example", .company = "Neri & Figlie" },
		{ .name = "Daoud Saleh", .email = "daoud@saleh.example" },
		{ .name = "Erin O'Shea", .email = "erin@oshea.example", .company = "Slow Boats Ltd" },
	};
	int result = CTL_DONE;

	for (size_t i = 0; i < EG_COUNT(people) && result == CTL_DONE; i++) {
		struct registration_row row;
		struct faults f;

		faults_init(&f, c->arena);
		result = ctl_result(c,
		    registration_create(&c->service, c->arena, s, &c->actor, &event->id, &people[i], &f, &row), &f, "event");
	}
	return result;
}

int
demo_event(struct ctl *c, const struct scope *s, const struct uuid *customer_id)
{
	const struct event_new in = { .customer_id = *customer_id, .name = "Valley Web Days",
		.venue = "Baobab House, Nairobi", .set_capacity = true, .capacity = 120 };
	struct event_row event;
	struct faults f;
	int result;

	faults_init(&f, c->arena);
	result = ctl_result(c, event_create(&c->service, c->arena, s, &c->actor, &in, &f, &event), &f, "customer");
	if (result == CTL_DONE)
		result = import(c, s, &event);
	if (result == CTL_DONE)
		result = sign_up(c, s, &event);
	return result;
}
