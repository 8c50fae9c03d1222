/* SPDX-License-Identifier: GPL-3.0-or-later */
/* analytics.c - sums over usage slots. The records are read in pages into memory of their own, so that a partner with very
 * many tokens does not fill the request's arena. */
#include "model/analytics.h"

#include <string.h>

#include "base/clock.h"
#include "model/kinds.h"

#define PAGE 256

static void
add(struct usage_view *sum, const struct usage_view *one)
{
	sum->loads += one->loads;
	sum->requests += one->requests;
	sum->refused += one->refused;
	for (size_t d = 0; d < USAGE_DAYS; d++) {
		sum->day_loads[d] += one->day_loads[d];
		sum->day_requests[d] += one->day_requests[d];
		sum->day_refused[d] += one->day_refused[d];
	}
	if (one->last_used_at_s > sum->last_used_at_s) {
		sum->last_used_at_s = one->last_used_at_s;
		memcpy(sum->last_used_origin, one->last_used_origin, sizeof(sum->last_used_origin));
	}
	if (one->refused_at_s > sum->refused_at_s) {
		sum->refused_at_s = one->refused_at_s;
		memcpy(sum->refused_code, one->refused_code, sizeof(sum->refused_code));
		memcpy(sum->refused_origin, one->refused_origin, sizeof(sum->refused_origin));
	}
}

static void
add_records(struct service *sv, const struct store_record *records, size_t count, int64_t now_s, struct usage_view *sum)
{
	struct usage_view one;

	for (size_t i = 0; i < count; i++) {
		usage_read(sv->usage, records[i].slot, &records[i].id, now_s, &one);
		add(sum, &one);
	}
}

eg_err
analytics_usage(struct service *sv, const struct scope *s, int64_t now_s, struct usage_view *out)
{
	const struct uuid *list = uuid_is_nil(&s->customer_id) ? &s->partner_id : &s->customer_id;
	struct arena *page = arena_new();
	eg_err e = EG_OK;

	memset(out, 0, sizeof(*out));
	for (size_t d = 0; d < USAGE_DAYS; d++)
		out->day[d] = clock_day(now_s) - (uint32_t)(USAGE_DAYS - 1 - d);
	for (size_t offset = 0, total = 1; e == EG_OK && offset < total; offset += PAGE) {
		struct store_record *records;
		size_t count = 0;

		e = store_list(sv->store, page, KIND_TOKEN, list, offset, PAGE, &records, &count, &total);
		if (e == EG_OK)
			add_records(sv, records, count, now_s, out);
		arena_reset(page);
	}
	arena_free(page);
	return e;
}
