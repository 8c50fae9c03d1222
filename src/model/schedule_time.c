/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/schedule_time.h"

#include <string.h>

#include "base/clock.h"

#define DATE_LEN 10             /* "2026-11-20" */

static bool
take_char(const char **p, char c)
{
	if (**p != c)
		return false;
	(*p)++;
	return true;
}

/* `least` to `most` digits, at most 9. */
static bool
take_number(const char **p, int least, int most, int64_t *out)
{
	int n = 0;

	for (*out = 0; n < most && **p >= '0' && **p <= '9'; n++)
		*out = *out * 10 + (*(*p)++ - '0');
	return n >= least;
}

/* h:mm or h:mm:ss, the hours of up to `digits` digits. */
static bool
take_clock(const char **p, int digits, int64_t *seconds)
{
	int64_t hour, minute, second = 0;

	if (!take_number(p, 1, digits, &hour) || !take_char(p, ':') || !take_number(p, 2, 2, &minute) || minute > 59)
		return false;
	if (take_char(p, ':') && (!take_number(p, 2, 2, &second) || second > 59))
		return false;
	*seconds = (hour * 60 + minute) * 60 + second;
	return true;
}

static bool
take_fraction(const char **p)
{
	int64_t ignored;

	if (!take_char(p, '.'))
		return true;
	if (!take_number(p, 1, 9, &ignored))
		return false;
	while (**p >= '0' && **p <= '9')
		(*p)++;
	return true;
}

static bool
take_offset(const char **p, struct schedule_time *t)
{
	int64_t hour, minute = 0;
	int sign = **p == '-' ? -1 : 1;

	if (**p == '\0')
		return true;
	t->has_offset = true;
	if (take_char(p, 'Z') || take_char(p, 'z'))
		return true;
	if ((!take_char(p, '+') && !take_char(p, '-')) || !take_number(p, 2, 2, &hour) || hour > 23)
		return false;
	if (**p != '\0') {
		take_char(p, ':');
		if (!take_number(p, 2, 2, &minute) || minute > 59)
			return false;
	}
	t->offset_s = sign * (hour * 60 + minute) * 60;
	return true;
}

bool
schedule_time_read(const char *text, struct schedule_time *out)
{
	char date[DATE_LEN + 1] = "";
	struct schedule_time t = { 0 };
	const char *p = text;
	int64_t second = 0;

	if (strnlen(text, DATE_LEN) < DATE_LEN)
		return false;
	memcpy(date, text, DATE_LEN);
	if (clock_parse(date, &t.local_s) != EG_OK)
		return false;
	p += DATE_LEN;
	if (*p != '\0') {
		if (!take_char(&p, 'T') && !take_char(&p, 't') && !take_char(&p, ' '))
			return false;
		if (!take_clock(&p, 2, &second) || second >= 86400 || !take_fraction(&p) || !take_offset(&p, &t) ||
		    *p != '\0')
			return false;
		t.has_time = true;
		t.local_s += second;
	}
	if (t.local_s - t.offset_s <= 0)
		return false;
	*out = t;
	return true;
}

bool
schedule_clock_read(const char *text, int64_t *second_of_day)
{
	return take_clock(&text, 2, second_of_day) && *text == '\0' && *second_of_day < 86400;
}

bool
schedule_duration_read(const char *text, int64_t *duration_s)
{
	const char *p = text;

	if (take_number(&p, 1, 6, duration_s) && *p == '\0')
		*duration_s *= 60;
	else if (p = text, !take_clock(&p, 4, duration_s) || *p != '\0')
		return false;
	return *duration_s <= SCHEDULE_DURATION_MAX_S;
}
