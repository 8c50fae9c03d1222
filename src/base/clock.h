/* SPDX-License-Identifier: GPL-3.0-or-later */
/* clock.h - time. Seconds and microseconds since 1970 UTC in int64_t; 0 stands for "never" wherever a time is optional. */
#ifndef EG_BASE_CLOCK_H
#define EG_BASE_CLOCK_H

#include <stdint.h>

#include "base/err.h"

#define CLOCK_RFC3339_SIZE 21   /* "2026-11-20T10:00:00Z" and its NUL */

int64_t clock_now_us(void);     /* wall clock */
int64_t clock_now_s(void);
int64_t clock_mono_us(void);    /* never steps; for deadlines and limits. Since boot, so comparable between processes */

/* RFC 3339 in UTC, years 1970 to 9999; out of that range is clamped. */
void clock_format(int64_t t_s, char out[CLOCK_RFC3339_SIZE]);
/* RFC 3339 date-time with Z or a numeric offset, fractions cut, "T" and "Z" in either case; also ISO 8601 dates without
 * a time ("2026-11-20", midnight UTC). EG_MALFORMED for anything else, also for 30 February and 24:00. A leap second
 * (23:59:60 UTC) counts as the second after :59. Only instants after 1970-01-01T00:00:00Z, which would read as "never",
 * and up to the end of 9999; others are EG_MALFORMED, too. */
eg_err clock_parse(const char *text, int64_t *out_s) EG_CHECKED;
/* Days since 1970-01-01 UTC. */
uint32_t clock_day(int64_t t_s);

#endif
