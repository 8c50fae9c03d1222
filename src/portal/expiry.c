/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "portal/expiry.h"

#include <string.h>

#include "base/clock.h"
#include "view/when.h"

#define DAY_S 86400

static const struct {
	const char *value;
	const char *label;
	int days;
} expiries[] = {
	{ "30", "30 days", 30 },
	{ "90", "90 days", 90 },
	{ "365", "1 year", 365 },
	{ "date", "On a date", 0 },
	{ "never", "Never", 0 },
};

void
expiry_read(struct rq *rq, struct expiry *out)
{
	*out = (struct expiry){ .choice = page_field_text(rq, "expiry"), .date = page_field_text(rq, "date") };
}

static int64_t
check_date(struct rq *rq, const char *date, struct faults *f)
{
	int64_t day;

	if (strlen(date) != strlen("2026-11-20") || clock_parse(date, &day) != EG_OK)
		faults_add(f, "date", "Choose the last day on which it works.");
	else if (day + DAY_S <= rq->now_s)
		faults_add(f, "date", "Choose today or a later day.");
	else
		return day + DAY_S;             /* the last day counts */
	return 0;
}

int64_t
expiry_check(struct rq *rq, const struct expiry *e, int64_t keep_until, struct faults *f)
{
	if (strcmp(e->choice, "keep") == 0)
		return keep_until;
	if (strcmp(e->choice, "date") == 0)
		return check_date(rq, e->date, f);
	for (size_t i = 0; i < EG_COUNT(expiries); i++)
		if (strcmp(e->choice, expiries[i].value) == 0)
			return expiries[i].days > 0 ? rq->now_s + (int64_t)expiries[i].days * DAY_S : 0;
	faults_add(f, "date", "Choose when it expires.");
	return 0;
}

static void
add_choice(struct rq *rq, json_object *list, const struct expiry *e, const char *value, const char *label)
{
	json_object *o = json_new_object(rq->arena);

	json_add_str(o, "value", value);
	json_add_str(o, "label", label);
	json_add_bool(o, "selected", strcmp(e->choice, value) == 0);
	json_push_object(list, o);
}

void
expiry_show(struct rq *rq, json_object *view, const struct expiry *e, const int64_t *keep_until)
{
	json_object *list = json_new_array(rq->arena);

	if (keep_until != NULL)
		add_choice(rq, list, e, "keep", *keep_until == 0 ? "As it is: never" :
		    arena_printf(rq->arena, "As it is: %s", when_date(rq->arena, *keep_until)));
	for (size_t i = 0; i < EG_COUNT(expiries); i++)
		if (keep_until == NULL || *keep_until != 0 || strcmp(expiries[i].value, "never") != 0)
			add_choice(rq, list, e, expiries[i].value, expiries[i].label);
	json_add_object(view, "expiries", list);
	json_add_str(json_get_object(view, "values"), "date", e->date);
	json_add_str(view, "today", when_day_iso(rq->arena, clock_day(rq->now_s)));
}
