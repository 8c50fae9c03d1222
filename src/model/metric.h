/* SPDX-License-Identifier: GPL-3.0-or-later */
/* metric.h - a customer's own figures, one series a name, one value a day; the dashboard shows them. */
#ifndef EG_MODEL_METRIC_H
#define EG_MODEL_METRIC_H

#include "base/faults.h"
#include "model/scope.h"
#include "model/service.h"

#define METRIC_DAYS_MAX 400             /* kept for each series */
#define METRIC_SERIES_MAX 16            /* of one customer */

struct metric_point {
	uint32_t day;                   /* clock_day() */
	double value;
};
struct metric_series {
	const char *name;               /* 1 to 60 characters */
	struct metric_point *points;    /* oldest first */
	size_t count;
};

/* `points`: array of {name, date ("2026-11-20"), value}, at most 1,000; a point of a day that is there replaces it. */
eg_err metric_record(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who,
    const struct uuid *customer_id, json_object *points, struct faults *f) EG_CHECKED;
/* All series of a customer in the order of their names. */
eg_err metric_read(struct service *sv, struct arena *a, const struct scope *s, const struct uuid *customer_id,
    struct metric_series **out, size_t *count) EG_CHECKED;

#endif
