/* SPDX-License-Identifier: GPL-3.0-or-later */
/* metric.c - one record a series. Its document holds the days and values one behind the other in one array, which is
 * a third of the size of pairs. */
#include "model/metric.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "model/activity.h"
#include "model/change.h"
#include "model/kinds.h"
#include "model/records.h"
#include "model/text.h"

#define POINTS_MAX 1000
#define NAME_MAX_CHARS 60
#define DAY_S 86400

/* ---- records ---- */

struct series {
	struct uuid id;
	struct metric_series pub;       /* with room for METRIC_DAYS_MAX points */
	bool is_changed;
};

static eg_err
damaged(const struct store_record *rec)
{
	char id[UUID_TEXT_SIZE];

	uuid_format(&rec->id, id);
	return eg_fail(EG_DAMAGED, "metric %s is not of the shape we write", id);
}

static eg_err
decode(struct arena *a, const struct store_record *rec, struct series *out)
{
	json_object *points = json_get_array(rec->doc, "points");
	size_t n = points == NULL ? 0 : json_object_array_length(points);

	*out = (struct series){ .id = rec->id, .pub.name = json_get_str(rec->doc, "name") };
	if (out->pub.name == NULL || points == NULL || n % 2 != 0 || n / 2 > METRIC_DAYS_MAX)
		return damaged(rec);
	out->pub.points = arena_array(a, METRIC_DAYS_MAX, sizeof(*out->pub.points));
	out->pub.count = n / 2;
	for (size_t i = 0; i < out->pub.count; i++) {
		out->pub.points[i].day = (uint32_t)json_object_get_int64(json_object_array_get_idx(points, 2 * i));
		out->pub.points[i].value = json_object_get_double(json_object_array_get_idx(points, 2 * i + 1));
	}
	return EG_OK;
}

/* Whole numbers are written as such. */
static json_object *
number(double value)
{
	bool is_whole = value > -1e15 && value < 1e15 && value == (double)(int64_t)value;
	json_object *o = is_whole ? json_object_new_int64((int64_t)value) : json_object_new_double(value);

	if (o == NULL)
		arena_exhausted();
	return o;
}

static json_object *
encode(struct arena *a, const struct series *s)
{
	json_object *doc = json_new_object(a);
	json_object *points = json_new_array(a);

	for (size_t i = 0; i < s->pub.count; i++) {
		if (json_object_array_add(points, number(s->pub.points[i].day)) != 0 ||
		    json_object_array_add(points, number(s->pub.points[i].value)) != 0)
			arena_exhausted();
	}
	json_add_str(doc, "name", s->pub.name);
	json_add_object(doc, "points", points);
	return doc;
}

static eg_err
put(struct store_tx *tx, struct arena *a, const struct uuid *customer_id, const struct series *s)
{
	struct store_record rec = { .kind = KIND_METRIC, .id = s->id };
	char customer[UUID_TEXT_SIZE];

	uuid_format(customer_id, customer);
	rec.lists[0] = *customer_id;
	rec.uniques[0] = arena_printf(a, "metric:%s:%s", customer, s->pub.name);
	rec.doc = encode(a, s);
	return store_tx_put(tx, &rec);
}

/* ---- what came in ---- */

struct incoming {
	const char *name;
	struct metric_point point;
};

static const char *
field_name(struct arena *a, size_t i, const char *member)
{
	return arena_printf(a, "[%zu]%s%s", i, *member == '\0' ? "" : ".", member);
}

/* A day of the kept span; tomorrow counts, because somewhere it is tomorrow already. */
static void
read_day(json_object *entry, const char *field, struct faults *f, uint32_t *out)
{
	const char *text = json_get_str(entry, "date");
	uint32_t today = clock_day(clock_now_s());
	int64_t t_s;

	if (text == NULL || strlen(text) != strlen("2026-11-20") || clock_parse(text, &t_s) != EG_OK)
		faults_add(f, field, "Give a day such as \"2026-11-20\".");
	else if (clock_day(t_s) > today + 1 || clock_day(t_s) + METRIC_DAYS_MAX <= today)
		faults_add(f, field, "Give a day of the last %d days.", METRIC_DAYS_MAX);
	else
		*out = clock_day(t_s);
}

static void
read_value(json_object *entry, const char *field, struct faults *f, double *out)
{
	json_object *value = NULL;

	json_object_object_get_ex(entry, "value", &value);
	if (json_object_is_type(value, json_type_int) || json_object_is_type(value, json_type_double))
		*out = json_object_get_double(value);
	else
		faults_add(f, field, "Give a number.");
}

static void
refuse_unknown_members(struct arena *a, json_object *entry, size_t i, struct faults *f)
{
	for (struct lh_entry *e = json_object_get_object(entry)->head; e != NULL; e = e->next) {
		const char *name = lh_entry_k(e);

		if (strcmp(name, "name") != 0 && strcmp(name, "date") != 0 && strcmp(name, "value") != 0)
			faults_add(f, field_name(a, i, name), "Leave this out: a point has a name, a date and a value.");
	}
}

static void
read_point(struct arena *a, json_object *entry, size_t i, struct faults *f, struct incoming *out)
{
	if (!json_object_is_type(entry, json_type_object)) {
		faults_add(f, field_name(a, i, ""), "Give an object with a name, a date and a value.");
		return;
	}
	refuse_unknown_members(a, entry, i, f);
	out->name = text_name(a, json_get_str(entry, "name"), NAME_MAX_CHARS, field_name(a, i, "name"), f);
	read_day(entry, field_name(a, i, "date"), f, &out->point.day);
	read_value(entry, field_name(a, i, "value"), f, &out->point.value);
}

static eg_err
read_points(struct arena *a, json_object *points, struct faults *f, struct incoming **out, size_t *count)
{
	size_t n = json_object_is_type(points, json_type_array) ? json_object_array_length(points) : 0;

	if (n == 0 || n > POINTS_MAX) {
		faults_add(f, "body", "Give an array of 1 to %d points.", POINTS_MAX);
		return EG_INVALID;
	}
	*out = arena_array(a, n, sizeof(**out));
	*count = n;
	for (size_t i = 0; i < n; i++)
		read_point(a, json_object_array_get_idx(points, i), i, f, &(*out)[i]);
	return faults_result(f);
}

/* ---- recording ---- */

struct record {
	const struct scope *scope;
	const struct actor *who;
	const struct uuid *customer_id;
	struct faults *faults;
	const struct incoming *points;
	size_t point_count;
};

/* In the order of days. Of a full series the oldest day goes. */
static void
series_set(struct metric_series *s, const struct metric_point *p)
{
	size_t at = s->count;

	while (at > 0 && s->points[at - 1].day > p->day)
		at--;
	if (at > 0 && s->points[at - 1].day == p->day) {
		s->points[at - 1] = *p;
		return;
	}
	if (s->count == METRIC_DAYS_MAX) {
		if (at == 0)
			return;
		at--;
		memmove(s->points, s->points + 1, at * sizeof(*s->points));
		s->points[at] = *p;
		return;
	}
	memmove(s->points + at + 1, s->points + at, (s->count - at) * sizeof(*s->points));
	s->points[at] = *p;
	s->count++;
}

/* The series of that name, a new one where there is none. EG_INVALID and a fault: no room for another. */
static eg_err
find_series(struct arena *a, struct series *all, size_t *count, const char *name, struct faults *f, struct series **out)
{
	for (size_t i = 0; i < *count; i++) {
		if (strcmp(all[i].pub.name, name) == 0) {
			*out = &all[i];
			return EG_OK;
		}
	}
	if (*count == METRIC_SERIES_MAX) {
		faults_add(f, "body", "A customer has at most %d series; use the names that are there.", METRIC_SERIES_MAX);
		return EG_INVALID;
	}
	*out = &all[(*count)++];
	(*out)->pub.name = name;
	(*out)->pub.points = arena_array(a, METRIC_DAYS_MAX, sizeof(struct metric_point));
	return uuid_make(&(*out)->id);
}

static eg_err
record(struct store_tx *tx, struct arena *a, void *arg)
{
	const struct record *c = arg;
	struct activity_new in = { .action = "customer.metrics" };
	struct series *all = arena_array(a, METRIC_SERIES_MAX, sizeof(*all));
	struct store_record *recs;
	struct customer_row customer;
	size_t count, total;

	EG_TRY(customer_tx_get(tx, a, c->scope, c->customer_id, &customer));
	EG_TRY(store_tx_list(tx, KIND_METRIC, c->customer_id, 0, METRIC_SERIES_MAX, &recs, &count, &total));
	for (size_t i = 0; i < count; i++)
		EG_TRY(decode(a, &recs[i], &all[i]));
	for (size_t i = 0; i < c->point_count; i++) {
		struct series *s;

		EG_TRY(find_series(a, all, &count, c->points[i].name, c->faults, &s));
		series_set(&s->pub, &c->points[i].point);
		s->is_changed = true;
	}
	for (size_t i = 0; i < count; i++) {
		if (all[i].is_changed)
			EG_TRY(put(tx, a, c->customer_id, &all[i]));
	}
	in.partner_id = customer.partner_id;
	in.customer_id = customer.id;
	in.target_id = customer.id;
	in.target_name = customer.name;
	in.detail = arena_printf(a, "Values: %zu.", c->point_count);
	return activity_add(tx, a, c->who, &in);
}

eg_err
metric_record(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who,
    const struct uuid *customer_id, json_object *points, struct faults *f)
{
	struct record c = { .scope = s, .who = who, .customer_id = customer_id, .faults = f };
	struct customer_row customer;
	struct incoming *incoming = NULL;

	EG_TRY(customer_get(sv, a, s, customer_id, &customer));
	EG_TRY(read_points(a, points, f, &incoming, &c.point_count));
	c.points = incoming;
	return change_run(sv, a, who, "customer.metrics", customer_id, record, &c);
}

/* ---- reading ---- */

static int
compare_names(const void *x, const void *y)
{
	return strcmp(((const struct metric_series *)x)->name, ((const struct metric_series *)y)->name);
}

eg_err
metric_read(struct service *sv, struct arena *a, const struct scope *s, const struct uuid *customer_id,
    struct metric_series **out, size_t *count)
{
	struct customer_row customer;
	struct store_record *recs;
	size_t total;

	EG_TRY(customer_get(sv, a, s, customer_id, &customer));
	EG_TRY(store_list(sv->store, a, KIND_METRIC, customer_id, 0, METRIC_SERIES_MAX, &recs, count, &total));
	*out = arena_array(a, *count, sizeof(**out));
	for (size_t i = 0; i < *count; i++) {
		struct series series;

		EG_TRY(decode(a, &recs[i], &series));
		(*out)[i] = series.pub;
	}
	qsort(*out, *count, sizeof(**out), compare_names);
	return EG_OK;
}
