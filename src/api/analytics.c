/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "api/analytics.h"

#include <stdlib.h>

#include "base/clock.h"
#include "model/analytics.h"
#include "model/metric.h"

#define KEYS_SHOWN 100          /* of the newest keys */
#define POINTS_MAX 1000         /* of one call */

const struct field analytics_query[] = {
	{ "customer_id", FIELD_UUID, 0, 0, 0, NULL, "Only what this customer's embeds and keys did." },
	{ "days", FIELD_INT, 0, 1, USAGE_DAYS, NULL, "How many days, today being the last of them; 30 where it is not given." },
	{ .type = FIELD_END },
};

const struct field metric_fields[] = {
	{ "name", FIELD_TEXT, FIELD_REQUIRED, 1, 60, NULL, "The series, such as \"Calls answered\". A customer has at most 16." },
	{ "date", FIELD_DATE, FIELD_REQUIRED, 0, 0, NULL, "The day it was so, in UTC; one of the last 400." },
	{ "value", FIELD_NUMBER, FIELD_REQUIRED, 0, 0, NULL, "The figure. One that is there for the same day is replaced." },
	{ .type = FIELD_END },
};

/* ---- usage ---- */

static json_object *
counts_view(struct arena *a, uint64_t loads, uint64_t requests, uint64_t refused)
{
	json_object *o = json_new_object(a);

	json_add_int(o, "loads", (int64_t)loads);
	json_add_int(o, "requests", (int64_t)requests);
	json_add_int(o, "refused", (int64_t)refused);
	return o;
}

/* Column `d` of the 30, with its day in front. */
static json_object *
day_view(struct arena *a, const struct usage_view *used, size_t d)
{
	json_object *o = json_new_object(a);
	char text[CLOCK_RFC3339_SIZE];

	clock_format((int64_t)used->day[d] * 86400, text);
	json_add_str(o, "date", arena_strndup(a, text, 10));
	json_add_int(o, "loads", used->day_loads[d]);
	json_add_int(o, "requests", used->day_requests[d]);
	json_add_int(o, "refused", used->day_refused[d]);
	return o;
}

static void
add_usage(struct arena *a, json_object *view, const struct usage_view *used, size_t days)
{
	json_object *array = json_new_array(a);
	uint64_t loads = 0, requests = 0, refused = 0;

	for (size_t d = USAGE_DAYS - days; d < USAGE_DAYS; d++) {
		json_push_object(array, day_view(a, used, d));
		loads += used->day_loads[d];
		requests += used->day_requests[d];
		refused += used->day_refused[d];
	}
	json_add_object(view, "days", array);
	json_add_object(view, "totals", counts_view(a, loads, requests, refused));
}

static json_object *
key_usage_view(struct rq *rq, const struct key_row *key, size_t days)
{
	json_object *view = json_new_object(rq->arena);
	struct usage_view used;

	usage_read(rq->sv->usage, key->slot, &key->id, rq->now_s, &used);
	json_add_uuid(view, "id", &key->id);
	json_add_str(view, "name", key->name);
	json_add_str(view, "type", key_type_name(key->type));
	json_add_str(view, "prefix", key->prefix);
	json_add_str(view, "status", key_status(key, rq->now_s));
	json_add_time(view, "last_used_at", used.last_used_at_s);
	add_usage(rq->arena, view, &used, days);
	return view;
}

static eg_err
add_keys(struct rq *rq, const struct scope *s, size_t days, json_object *view)
{
	json_object *array = json_new_array(rq->arena);
	struct key_row *keys;
	size_t count, total;

	EG_TRY(key_list(rq->sv, rq->arena, s, 1, KEYS_SHOWN, &keys, &count, &total));
	for (size_t i = 0; i < count; i++)
		json_push_object(array, key_usage_view(rq, &keys[i], days));
	json_add_object(view, "keys", array);
	json_add_int(view, "keys_total", (int64_t)total);
	return EG_OK;
}

eg_err
analytics_get(struct rq *rq, struct resp *rs)
{
	struct scope scope = rq->id.scope;
	const char *days_text;
	struct customer_row customer;
	struct usage_view used;

	EG_TRY(rq_check_query(rq));
	days_text = rq_query(rq, "days");
	if (rq_query(rq, "customer_id") != NULL) {
		const struct uuid id = rq_query_uuid(rq, "customer_id");

		EG_TRY(customer_get(rq->sv, rq->arena, &rq->id.scope, &id, &customer));
		scope.customer_id = id;
	}
	size_t days = days_text != NULL ? (size_t)strtoul(days_text, NULL, 10) : USAGE_DAYS;
	json_object *view = json_new_object(rq->arena);

	EG_TRY(analytics_usage(rq->sv, &scope, rq->now_s, &used));
	json_add_uuid(view, "customer_id", &scope.customer_id);
	add_usage(rq->arena, view, &used, days);
	EG_TRY(add_keys(rq, &scope, days, view));
	return resp_data(rq, rs, 200, view);
}

/* ---- a customer's own figures ---- */

eg_err
metrics_post(struct rq *rq, struct resp *rs)
{
	json_object *points, *view = json_new_object(rq->arena);
	struct actor who = rq_actor(rq);
	struct customer_row customer;
	struct uuid id;

	EG_TRY(rq_path_uuid(rq, "id", &id));
	EG_TRY(customer_get(rq->sv, rq->arena, &rq->id.scope, &id, &customer));
	EG_TRY(rq_body_entries(rq, rq->route->fields, POINTS_MAX, &points));
	EG_TRY(metric_record(rq->sv, rq->arena, &rq->id.scope, &who, &id, points, &rq->faults));
	json_add_uuid(view, "customer_id", &id);
	json_add_int(view, "recorded", (int64_t)json_object_array_length(points));
	return resp_data(rq, rs, 200, view);
}
