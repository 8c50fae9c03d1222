/* SPDX-License-Identifier: GPL-3.0-or-later */
/* time_zone.h - names of time zones, as browsers and the IANA list know them: "Europe/Berlin". */
#ifndef EG_MODEL_TIME_ZONE_H
#define EG_MODEL_TIME_ZONE_H

#include <stdbool.h>

#define TIME_ZONE_MAX 64        /* bytes */

/* Is this the name of a zone? By this machine's list where it has one, else by its shape. One system call at most. */
bool time_zone_is_known(const char *name);

#endif
