/* SPDX-License-Identifier: GPL-3.0-or-later */
/* csv.h - tables for spreadsheets: RFC 4180, UTF-8, CRLF. */
#ifndef EG_VIEW_CSV_H
#define EG_VIEW_CSV_H

#include "base/buf.h"

/* One row: `count` cells, NULL reads as empty. A cell that a spreadsheet would take for a formula (it begins with = + - @, a tab
 * or CR) gets an apostrophe in front, because what stands in it may come from a stranger. */
void csv_row(struct buf *b, const char *const *cells, size_t count);
#define CSV_ROW(b, ...) csv_row(b, (const char *const[]){ __VA_ARGS__ }, sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

#endif
