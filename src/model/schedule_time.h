/* SPDX-License-Identifier: GPL-3.0-or-later */
/* schedule_time.h - times as exporters of schedules write them, in more forms than base/clock.h takes. Pure. For the
 * files of src/model. */
#ifndef EG_MODEL_SCHEDULE_TIME_H
#define EG_MODEL_SCHEDULE_TIME_H

#include <stdbool.h>
#include <stdint.h>

struct schedule_time {
	int64_t local_s;        /* what the clock on the wall shows, counted as if it were UTC */
	int64_t offset_s;       /* of that clock, east of UTC */
	bool has_time;          /* else a day only: midnight */
	bool has_offset;
};

#define SCHEDULE_DURATION_MAX_S (31 * 86400)

/* "2026-11-20", or with "T" or a space behind it "10:00", "10:00:00", "10:00:00.5", and behind that nothing, "Z",
 * "+01", "+0100" or "+01:00". False: none of these, or not after 1970. */
bool schedule_time_read(const char *text, struct schedule_time *out);
/* "9:00", "09:00", "09:00:00" -> second of the day. */
bool schedule_clock_read(const char *text, int64_t *second_of_day);
/* "1:30", "01:30", "01:30:00", or minutes, "90" -> seconds, at most SCHEDULE_DURATION_MAX_S. */
bool schedule_duration_read(const char *text, int64_t *duration_s);

#endif
