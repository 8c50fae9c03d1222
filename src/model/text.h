/* SPDX-License-Identifier: GPL-3.0-or-later */
/* text.h - rules for what people type: names and mail addresses; and for what they wrote elsewhere. */
#ifndef EG_MODEL_TEXT_H
#define EG_MODEL_TEXT_H

#include <stdbool.h>

#include "base/faults.h"

#define TEXT_NAME_MAX 100         /* characters of a name */
#define TEXT_URL_MAX 2000       /* bytes */
#define TEXT_EMAIL_MAX 254      /* bytes: what fits into an SMTP path (RFC 5321 section 4.5.3.1.3) */

/* `value` (NULL reads as empty) without white space at its ends, in the arena: 1 to `max` code points of UTF-8 without
 * control characters, line separators and the invisible characters that turn the reading direction of what follows, and
 * with at least one that can be seen.
 * Else NULL and a fault of `field`. */
const char *text_name(struct arena *a, const char *value, size_t max, const char *field, struct faults *f);

/* The same for a mail address as browsers accept it (HTML, "valid e-mail address"), at most TEXT_EMAIL_MAX bytes. */
const char *text_email(struct arena *a, const char *value, const char *field, struct faults *f);

/* For what others wrote and we show: `value` (valid UTF-8; NULL reads as empty) without white space at its ends and without
 * the characters that text_name() refuses. Line breaks of any kind become one newline where `has_lines`, else, like tabs, a
 * space. What is longer than `max` code points is cut there and ends in "…". NULL where nothing is left. It is text, never
 * markup, whatever it looks like. */
const char *text_shown(struct arena *a, const char *value, size_t max, bool has_lines);

/* Is this an absolute http or https URL with a host, without a user name, and without white space, control characters and
 * quotes, of at most TEXT_URL_MAX bytes? */
bool text_is_web_url(const char *value);

/* A copy with ASCII letters in lower case. */
const char *text_lower(struct arena *a, const char *value);

/* Is `part` somewhere in `text`, ASCII case ignored? NULL holds nothing, an empty part is everywhere. */
int text_holds(const char *text, const char *part);

#endif
