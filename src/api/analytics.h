/* SPDX-License-Identifier: GPL-3.0-or-later */
/* analytics.h - how much embeds and API keys were used, and the figures that a customer's dashboard shows. */
#ifndef EG_API_ANALYTICS_H
#define EG_API_ANALYTICS_H

#include "web/router.h"

extern const struct field analytics_query[];
extern const struct field metric_fields[];

/* {customer_id, days, totals, keys, keys_total}: the last `days` days with today as the last, of one customer or of all in scope. */
handler_fn analytics_get;
/* POST /customers/:id/metrics: an array of {name, date, value}; {customer_id, recorded}. */
handler_fn metrics_post;

#endif
