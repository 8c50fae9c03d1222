/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log.h - one structured line per event on standard error:
 *   2026-11-20T10:00:00.123Z level=error prog=api pid=123 rid=0199... msg="store_get: ..."
 * Control bytes, quotes and backslashes in a message are written as \xNN, \" and \\, so a line is always one line.
 * At most 2,048 bytes a line; what is longer is cut and marked with "...". Secrets are never passed in. */
#ifndef EG_BASE_LOG_H
#define EG_BASE_LOG_H

#include <stdarg.h>

#include "base/err.h"

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };

/* The program's name for every line; `prog` is borrowed for the life of the process. Lines below `least` are dropped. */
void log_open(const char *prog, enum log_level least);

/* The request that later lines belong to; NULL: none. Copied (36 bytes at most). */
void log_request(const char *request_id);

/* Keeps errno. Bytes that are no UTF-8 are written as \xNN, too. */
void log_line(enum log_level level, const char *fmt, ...) EG_PRINTF(2, 3);
void log_vline(enum log_level level, const char *fmt, va_list args) EG_PRINTF(2, 0);

#endif
