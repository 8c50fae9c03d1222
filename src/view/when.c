/* SPDX-License-Identifier: GPL-3.0-or-later */
/* when.c - moments for people. Month names are our own: strftime(3) would take those of the process's locale. */
#include "view/when.h"

#include <time.h>

#include "base/clock.h"

#define MINUTE_S 60
#define HOUR_S 3600
#define DAY_S 86400
#define RELATIVE_MAX_S (30 * (int64_t)DAY_S)

static const char *const month_names[12] = {
	"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
};

/* clock_format() clamps to years of four digits; so does this, or the two texts of one moment could disagree. */
static struct tm
utc_of(int64_t t_s)
{
	const int64_t year_9999_end = 253402300799;
	time_t t = t_s < 0 ? 0 : t_s > year_9999_end ? (time_t)year_9999_end : (time_t)t_s;
	struct tm tm = { 0 };

	gmtime_r(&t, &tm);
	return tm;
}

const char *
when_date(struct arena *a, int64_t t_s)
{
	struct tm tm = utc_of(t_s);

	return arena_printf(a, "%d %s %d", tm.tm_mday, month_names[tm.tm_mon], tm.tm_year + 1900);
}

const char *
when_exact(struct arena *a, int64_t t_s)
{
	struct tm tm = utc_of(t_s);

	return arena_printf(a, "%d %s %d, %02d:%02d:%02d UTC", tm.tm_mday, month_names[tm.tm_mon], tm.tm_year + 1900,
	    tm.tm_hour, tm.tm_min, tm.tm_sec);
}

const char *
when_day(struct arena *a, uint32_t day)
{
	struct tm tm = utc_of((int64_t)day * DAY_S);

	return arena_printf(a, "%d %s", tm.tm_mday, month_names[tm.tm_mon]);
}

const char *
when_day_iso(struct arena *a, uint32_t day)
{
	struct tm tm = utc_of((int64_t)day * DAY_S);

	return arena_printf(a, "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
}

/* "5 min", "1 day", "12 days". */
static const char *
span(struct arena *a, int64_t s)
{
	if (s < MINUTE_S)
		return arena_printf(a, "%d s", (int)s);
	if (s < HOUR_S)
		return arena_printf(a, "%d min", (int)(s / MINUTE_S));
	if (s < DAY_S)
		return arena_printf(a, "%d h", (int)(s / HOUR_S));
	return arena_printf(a, s < 2 * DAY_S ? "%d day" : "%d days", (int)(s / DAY_S));
}

const char *
when_relative(struct arena *a, int64_t t_s, int64_t now_s)
{
	int64_t ago = now_s - t_s;

	if (ago >= RELATIVE_MAX_S || -ago >= RELATIVE_MAX_S)
		return when_date(a, t_s);
	if (ago >= 0 && ago < 10)
		return "just now";
	return ago > 0 ? arena_printf(a, "%s ago", span(a, ago)) : arena_printf(a, "in %s", span(a, -ago));
}

json_object *
when_view(struct arena *a, int64_t t_s, int64_t now_s)
{
	if (t_s == 0)
		return NULL;

	json_object *o = json_new_object(a);
	json_add_time(o, "datetime", t_s);
	json_add_str(o, "relative", when_relative(a, t_s, now_s));
	json_add_str(o, "exact", when_exact(a, t_s));
	json_add_str(o, "date", when_date(a, t_s));
	return o;
}
