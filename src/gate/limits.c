/* SPDX-License-Identifier: GPL-3.0-or-later */
/* limits.c - requests that carry no genuine credential: one bucket an address. Buckets of credentials are taken in the lists
 * themselves, those of the sign-in in login.c. */
#include <string.h>

#include "base/clock.h"
#include "gate/check.h"

void
gate_limit_address(struct service *sv, const char *address, struct limit_answer *out, struct limit *rule)
{
	uint8_t name[1 + GATE_BUCKET_SIZE] = { 'A' };
	size_t len = 1 + gate_address_bucket(address, name + 1);

	*rule = (struct limit){ .rate = sv->config.address_rate, .period_s = 60 };
	*out = (struct limit_answer){ .allowed = true, .remaining = rule->rate };
	if (sv->config.rate_limit)
		limit_take(sv->usage, name, len, rule, clock_mono_us(), out);
}
