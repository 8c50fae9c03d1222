/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "portal/uses.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "portal/token_show.h"
#include "view/badge.h"
#include "view/chart.h"
#include "view/csv.h"
#include "view/when.h"

static bool
is_ok(const struct ring_row *row)
{
	return strcmp(row->code, "ok") == 0;
}

static const char *
text_or_null(const char *text)
{
	return *text != '\0' ? text : NULL;
}

static bool
is_wanted(const struct uses_filter *filter, const struct ring_row *row)
{
	return row->at_s >= filter->since_s && (filter->token_id == NULL || uuid_equal(filter->token_id, &row->token_id)) &&
	    (filter->result == USES_ALL || (filter->result == USES_OK) == is_ok(row));
}

void
uses_read(struct rq *rq, const struct uses_filter *filter, struct uses *out)
{
	struct ring_row *rows;
	size_t count;

	ring_read(rq->sv->usage, rq->arena, rq->customer.ring, &rq->customer.id, &rows, &count);
	*out = (struct uses){ .rows = rows, .is_cut = count >= USAGE_RING_ROWS && rows[count - 1].at_s >= filter->since_s };
	for (size_t i = 0; i < count; i++)
		if (is_wanted(filter, &rows[i]))
			out->rows[out->count++] = rows[i];
}

/* ---- rows ---- */

static json_object *
badge_of(struct rq *rq, const char *code)
{
	const struct verdict_info *v = token_show_verdict(code);

	return strcmp(code, "ok") == 0 ? badge_view(rq->arena, "ok") :
	    badge_view_as(rq->arena, "refused", v != NULL ? v->title : code);
}

static void
add_result(struct rq *rq, json_object *o, const char *code)
{
	const struct verdict_info *v = token_show_verdict(code);
	bool ok = strcmp(code, "ok") == 0;

	json_add_object(o, "badge", badge_of(rq, code));
	json_add_str(o, "code", ok ? NULL : code);
	json_add_str(o, "fix", ok || v == NULL ? NULL : v->fix);
}

/* The token of a row; a row outlives nothing that could be deleted, but damage is not met here: no name then. */
static eg_err
find_token(struct rq *rq, const struct uuid *id, struct token_row *out)
{
	struct scope scope = workspace_scope(rq);
	eg_err e = token_get(rq->sv, rq->arena, &scope, id, out);

	if (e == EG_NOTFOUND)
		*out = (struct token_row){ .name = NULL };
	return e == EG_NOTFOUND ? EG_OK : e;
}

static eg_err
add_token(struct rq *rq, json_object *o, const struct uuid *id)
{
	struct token_row t;
	json_object *token;

	EG_TRY(find_token(rq, id, &t));
	if (t.name == NULL)
		return EG_OK;
	token = json_new_object(rq->arena);
	json_add_str(token, "name", t.name);
	json_add_str(token, "href", page_link(rq, workspace_token_path(rq, id, "")));
	json_add_object(o, "token", token);
	return EG_OK;
}

eg_err
uses_view(struct rq *rq, const struct uses *uses, size_t max, json_object **out)
{
	*out = json_new_array(rq->arena);
	for (size_t i = 0; i < uses->count && i < max; i++) {
		const struct ring_row *row = &uses->rows[i];
		json_object *o = json_new_object(rq->arena);

		json_add_object(o, "at", when_view(rq->arena, row->at_s, rq->now_s));
		json_add_str(o, "times", row->count > 1 ? chart_number(rq->arena, row->count) : NULL);
		add_result(rq, o, row->code);
		EG_TRY(add_token(rq, o, &row->token_id));
		json_add_str(o, "origin", text_or_null(row->origin));
		json_add_str(o, "widget", text_or_null(row->widget));
		json_add_str(o, "address", text_or_null(row->address));
		json_add_str(o, "browser", text_or_null(row->browser));
		json_push_object(*out, o);
	}
	return EG_OK;
}

/* ---- sums ---- */

struct sum {
	const char *of;                 /* a site or a code */
	uint64_t ok, refused;
	int64_t last_s;
	const struct uuid *blocked_by;  /* the token that last refused this site; NULL: none did */
};

static struct sum *
sum_of(struct sum *sums, size_t *count, const char *of)
{
	for (size_t i = 0; i < *count; i++)
		if (strcmp(sums[i].of, of) == 0)
			return &sums[i];
	sums[*count] = (struct sum){ .of = of };
	return &sums[(*count)++];
}

/* Rows are newest first, so the first of each sum is its last. */
static void
add_row(struct sum *s, const struct ring_row *row)
{
	if (is_ok(row))
		s->ok += row->count;
	else
		s->refused += row->count;
	if (s->last_s == 0)
		s->last_s = row->at_s;
	if (s->blocked_by == NULL && s->ok == 0 && strcmp(row->code, "origin_not_allowed") == 0)
		s->blocked_by = &row->token_id;
}

static int
busier_first(const void *x, const void *y)
{
	const struct sum *a = x, *b = y;
	uint64_t of_a = a->ok + a->refused, of_b = b->ok + b->refused;

	return of_a != of_b ? (of_a < of_b ? 1 : -1) : strcmp(a->of, b->of);
}

static const char *
allow_path(struct rq *rq, const struct sum *s)
{
	struct buf b;

	buf_init(&b, rq->arena, 256);
	buf_printf(&b, "%s?add_site=", workspace_token_path(rq, s->blocked_by, ""));
	buf_add_url(&b, s->of, strlen(s->of));
	buf_add_str(&b, "#change");
	return b.data;
}

json_object *
uses_by_site(struct rq *rq, const struct uses *uses)
{
	struct sum *sums = arena_array(rq->arena, uses->count, sizeof(*sums));
	json_object *list = json_new_array(rq->arena);
	size_t count = 0;

	for (size_t i = 0; i < uses->count; i++)
		add_row(sum_of(sums, &count, uses->rows[i].origin), &uses->rows[i]);
	if (count > 0)
		qsort(sums, count, sizeof(*sums), busier_first);
	for (size_t i = 0; i < count; i++) {
		json_object *o = json_new_object(rq->arena);

		json_add_str(o, "site", text_or_null(sums[i].of));
		json_add_str(o, "uses", chart_number(rq->arena, (double)sums[i].ok));
		json_add_str(o, "refused", sums[i].refused > 0 ? chart_number(rq->arena, (double)sums[i].refused) : NULL);
		json_add_object(o, "last", when_view(rq->arena, sums[i].last_s, rq->now_s));
		if (sums[i].blocked_by != NULL && *sums[i].of != '\0')
			json_add_str(o, "allow", page_link(rq, allow_path(rq, &sums[i])));
		json_push_object(list, o);
	}
	return list;
}

json_object *
uses_by_result(struct rq *rq, const struct uses *uses)
{
	struct sum *sums = arena_array(rq->arena, uses->count, sizeof(*sums));
	json_object *list = json_new_array(rq->arena);
	size_t count = 0;

	for (size_t i = 0; i < uses->count; i++)
		add_row(sum_of(sums, &count, uses->rows[i].code), &uses->rows[i]);
	if (count > 0)
		qsort(sums, count, sizeof(*sums), busier_first);
	for (size_t i = 0; i < count; i++) {
		json_object *o = json_new_object(rq->arena);

		add_result(rq, o, sums[i].of);
		json_add_str(o, "count", chart_number(rq->arena, (double)(sums[i].ok + sums[i].refused)));
		json_push_object(list, o);
	}
	return list;
}

void
uses_sum(const struct uses *uses, uint64_t *ok, uint64_t *refused)
{
	struct sum all = { .of = "" };

	for (size_t i = 0; i < uses->count; i++)
		add_row(&all, &uses->rows[i]);
	*ok = all.ok;
	*refused = all.refused;
}

/* ---- download ---- */

eg_err
uses_csv(struct rq *rq, struct resp *rs, const char *name, const struct uses *uses)
{
	struct buf b;

	buf_init(&b, rq->arena, 16u << 10);
	CSV_ROW(&b, "time", "result", "count", "site", "widget", "token_id", "token", "address", "browser");
	for (size_t i = 0; i < uses->count; i++) {
		const struct ring_row *row = &uses->rows[i];
		char at[CLOCK_RFC3339_SIZE], id[UUID_TEXT_SIZE];
		struct token_row t;

		EG_TRY(find_token(rq, &row->token_id, &t));
		clock_format(row->at_s, at);
		uuid_format(&row->token_id, id);
		CSV_ROW(&b, at, row->code, arena_printf(rq->arena, "%u", row->count), row->origin, row->widget, id, t.name,
		    row->address, row->browser);
	}
	return page_download(rq, rs, name, "text/csv; charset=utf-8", &b);
}
