/* SPDX-License-Identifier: GPL-3.0-or-later */
/* analytics.h - how much the embeds of a customer, or of a whole partner, were used: the sums over their tokens, revoked ones
 * included, because what they showed was shown. */
#ifndef EG_MODEL_ANALYTICS_H
#define EG_MODEL_ANALYTICS_H

#include "model/scope.h"
#include "model/service.h"

/* Add up the usage of every token in scope: the totals, the 30 days, and the latest use and refusal with their sites. `sites`
 * stays empty: the same site seen by two tokens is no sum. The scope must name a partner. */
eg_err analytics_usage(struct service *sv, const struct scope *s, int64_t now_s, struct usage_view *out) EG_CHECKED;

#endif
