/* SPDX-License-Identifier: GPL-3.0-or-later */
/* event.c - events from the files of pretalx and frab. */
#include "model/event.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ctl/ctl.h"
#include "model/schedule.h"

static const struct ctl_column facts[] = {
	{ "id", "id", 0 },
	{ "event", "name", 0 },
	{ "customer", "customer_id", 0 },
	{ "starts", "starts_at", 0 },
	{ "ends", "ends_at", 0 },
	{ "time zone", "time_zone", 0 },
	{ 0 },
};

static int
read_file(struct ctl *c, const char *path, json_object **out)
{
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *f = is_stdin ? stdin : fopen(path, "re");
	char *text;
	const char *why = "";
	size_t len;
	bool failed;

	if (f == NULL)
		return ctl_refuse("%s: %s; name the JSON file that pretalx or frab exported, or - for standard input.",
		    path, strerror(errno));
	text = arena_alloc(c->arena, SCHEDULE_FILE_MAX + 1);
	len = fread(text, 1, SCHEDULE_FILE_MAX + 1, f);
	failed = ferror(f) != 0;
	if (!is_stdin)
		fclose(f);
	if (failed)
		return ctl_refuse("%s could not be read; name a file.", path);
	if (len > SCHEDULE_FILE_MAX)
		return ctl_refuse("%s is larger than %u MB; leave out what is no part of the schedule.", path,
		    SCHEDULE_FILE_MAX >> 20);
	if (json_parse_strict(c->arena, text, len, out, &why) != EG_OK)
		return ctl_refuse("%s is no JSON: %s. Nothing was changed.", path, why);
	return CTL_DONE;
}

static bool
is_same(const char *x, const char *y)
{
	return x != NULL && y != NULL && strcmp(x, y) == 0;
}

/* An earlier file of the same conference has its acronym; where one of both has none, the name decides. */
static bool
is_of(const struct event_row *e, const struct schedule_title *file)
{
	if (e->schedule.acronym != NULL && file->acronym != NULL)
		return is_same(e->schedule.acronym, file->acronym);
	return is_same(e->name, file->title);
}

/* EG_NOTFOUND: no event of the customer is it. */
static eg_err
find_event(struct ctl *c, const struct scope *s, const struct uuid *customer_id, const struct schedule_title *file,
    struct event_row *out)
{
	struct event_filter filter = { .customer_id = *customer_id, .page = 1, .limit = LIST_PAGE };
	struct event_row *rows;
	size_t count, total;

	do {
		EG_TRY(event_list(&c->service, c->arena, s, &filter, &rows, &count, &total));
		for (size_t i = 0; i < count; i++)
			if (is_of(&rows[i], file)) {
				*out = rows[i];
				return EG_OK;
			}
		filter.page++;
	} while (count == LIST_PAGE);
	return EG_NOTFOUND;
}

static eg_err
make_event(struct ctl *c, const struct scope *s, const struct uuid *customer_id, const struct schedule_title *file,
    struct faults *f, struct event_row *out)
{
	const struct event_new in = { .customer_id = *customer_id,
		.name = file->title != NULL ? file->title : file->acronym != NULL ? file->acronym : "Event" };

	return event_create(&c->service, c->arena, s, &c->actor, &in, f, out);
}

static void
print_counts(const struct ctl *c, const struct event_row *e, const char *done)
{
	if (!c->json)
		printf("%lld sessions, %lld speakers, %lld days: %s\n", (long long)e->schedule.sessions,
		    (long long)e->schedule.speakers, (long long)e->schedule.days, done);
}

int
ctl_event_import(struct ctl *c)
{
	struct service *sv = &c->service;
	struct scope scope = { 0 };
	struct uuid customer_id, before = uuid_nil;
	struct schedule_title title;
	struct event_row event;
	json_object *file;
	struct faults f;
	bool is_new;
	eg_err e;
	int result = option_uuid(c, OPT_CUSTOMER, "customer", &customer_id);

	if (result == CTL_DONE)
		result = option_uuid(c, OPT_PARTNER, "partner", &scope.partner_id);
	if (result == CTL_DONE)
		result = read_file(c, c->operand, &file);
	if (result != CTL_DONE)
		return result;
	faults_init(&f, c->arena);
	result = ctl_result(c, schedule_check(c->arena, file, &f), &f, "event");
	if (result != CTL_DONE)
		return result;
	schedule_title(c->arena, file, &title);
	e = find_event(c, &scope, &customer_id, &title, &event);
	is_new = e == EG_NOTFOUND;
	if (is_new)
		e = make_event(c, &scope, &customer_id, &title, &f, &event);
	else
		before = event.schedule.id;
	if (e != EG_OK)
		return ctl_result(c, e, &f, "customer");
	const struct uuid id = event.id;

	result = ctl_result(c, schedule_import(sv, c->arena, &scope, &c->actor, &id, file, &f, &event), &f, "event");
	if (result != CTL_DONE)
		return result;
	print_view(c, event_view(sv, c->arena, &event, c->now_s), facts);
	print_counts(c, &event, is_new ? "a new event." :
	    uuid_equal(&before, &event.schedule.id) ? "nothing had changed." : "the event was updated.");
	return CTL_DONE;
}
