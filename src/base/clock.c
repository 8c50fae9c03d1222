/* SPDX-License-Identifier: GPL-3.0-or-later */
/* clock.c - the calendar is computed here (proleptic Gregorian, in eras of 400 years) instead of by libc: timegm() and
 * gmtime() look at no locale and no zone file that way, and nothing accepts more than the grammar. */
#include "base/clock.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define DAY_S 86400
#define LAST_S INT64_C(253402300799)    /* 9999-12-31T23:59:59Z */

static int64_t
read_us(clockid_t which)
{
	struct timespec ts = { 0 };

	clock_gettime(which, &ts);      /* cannot fail for these clocks */
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t
clock_now_us(void)
{
	return read_us(CLOCK_REALTIME);
}

int64_t
clock_now_s(void)
{
	return clock_now_us() / 1000000;
}

int64_t
clock_mono_us(void)
{
	return read_us(CLOCK_BOOTTIME);
}

/* Years are counted from 1 March, so that the leap day is the last one of its year. */
static int64_t
days_from_civil(int year, int month, int day)
{
	int64_t y = month > 2 ? year : year - 1;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static void
civil_from_days(int64_t days, int *year, int *month, int *day)
{
	int64_t z = days + 719468;      /* never negative: clock_format() clamps to 1970 */
	int64_t era = z / 146097;
	int64_t day_of_era = z % 146097;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t shifted_month = (5 * day_of_year + 2) / 153;

	*day = (int)(day_of_year - (153 * shifted_month + 2) / 5 + 1);
	*month = (int)(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
	*year = (int)(era * 400 + year_of_era + (*month <= 2));
}

static void
put_digits(char *out, int n, int value)
{
	while (n-- > 0) {
		out[n] = (char)('0' + value % 10);
		value /= 10;
	}
}

void
clock_format(int64_t t_s, char out[CLOCK_RFC3339_SIZE])
{
	int64_t t = t_s < 0 ? 0 : t_s > LAST_S ? LAST_S : t_s;
	int second = (int)(t % DAY_S);
	int year, month, day;

	civil_from_days(t / DAY_S, &year, &month, &day);
	memcpy(out, "0000-00-00T00:00:00Z", CLOCK_RFC3339_SIZE);
	put_digits(out, 4, year);
	put_digits(out + 5, 2, month);
	put_digits(out + 8, 2, day);
	put_digits(out + 11, 2, second / 3600);
	put_digits(out + 14, 2, second / 60 % 60);
	put_digits(out + 17, 2, second % 60);
}

/* Exactly `n` digits within [least, most]. */
static bool
take_number(const char **p, int n, int least, int most, int *out)
{
	int value = 0;

	for (; n > 0; n--, (*p)++) {
		if (**p < '0' || **p > '9')
			return false;
		value = value * 10 + (**p - '0');
	}
	*out = value;
	return value >= least && value <= most;
}

static bool
take_char(const char **p, char c)
{
	if (**p != c)
		return false;
	(*p)++;
	return true;
}

static int
days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

static bool
take_date(const char **p, int64_t *day_number)
{
	int year, month, day;

	if (!take_number(p, 4, 0, 9999, &year) || !take_char(p, '-') || !take_number(p, 2, 1, 12, &month) ||
	    !take_char(p, '-') || !take_number(p, 2, 1, days_in_month(year, month), &day))
		return false;
	*day_number = days_from_civil(year, month, day);
	return true;
}

/* hh:mm:ss[.fraction] -> second of the day; 60 is let through for the caller to judge. */
static bool
take_time(const char **p, int *second_of_day, bool *leap)
{
	int hour, minute, second;

	if (!take_number(p, 2, 0, 23, &hour) || !take_char(p, ':') || !take_number(p, 2, 0, 59, &minute) ||
	    !take_char(p, ':') || !take_number(p, 2, 0, 60, &second))
		return false;
	if (take_char(p, '.')) {
		int digit;

		if (!take_number(p, 1, 0, 9, &digit))
			return false;
		while (**p >= '0' && **p <= '9')
			(*p)++;
	}
	*leap = second == 60;
	*second_of_day = hour * 3600 + minute * 60 + second;
	return true;
}

/* Z or +hh:mm or -hh:mm -> seconds east of UTC. */
static bool
take_offset(const char **p, int *offset_s)
{
	int sign = **p == '-' ? -1 : 1;
	int hour, minute;

	if (take_char(p, 'Z') || take_char(p, 'z')) {
		*offset_s = 0;
		return true;
	}
	if ((!take_char(p, '+') && !take_char(p, '-')) || !take_number(p, 2, 0, 23, &hour) || !take_char(p, ':') ||
	    !take_number(p, 2, 0, 59, &minute))
		return false;
	*offset_s = sign * (hour * 3600 + minute * 60);
	return true;
}

eg_err
clock_parse(const char *text, int64_t *out_s)
{
	const char *p = text;
	int64_t day, t;
	int second = 0, offset = 0;
	bool leap = false;

	if (!take_date(&p, &day))
		return EG_MALFORMED;
	if (*p != '\0' && ((!take_char(&p, 'T') && !take_char(&p, 't')) || !take_time(&p, &second, &leap) ||
	    !take_offset(&p, &offset) || *p != '\0'))
		return EG_MALFORMED;
	t = day * DAY_S + second - offset;
	if (t <= 0 || t > LAST_S || (leap && t % DAY_S != 0))
		return EG_MALFORMED;
	*out_s = t;
	return EG_OK;
}

uint32_t
clock_day(int64_t t_s)
{
	return t_s < 0 ? 0 : (uint32_t)(t_s / DAY_S);
}
