/* SPDX-License-Identifier: GPL-3.0-or-later */
/* text.h - rules for what people type: names and mail addresses. */
#ifndef EG_MODEL_TEXT_H
#define EG_MODEL_TEXT_H

#include "base/faults.h"

#define TEXT_NAME_MAX 100         /* characters of a name */
#define TEXT_EMAIL_MAX 254      /* bytes: what fits into an SMTP path (RFC 5321 section 4.5.3.1.3) */

/* `value` (NULL reads as empty) without white space at its ends, in the arena: 1 to `max` code points of UTF-8 without
 * control characters, line separators and the invisible characters that turn the reading direction of what follows.
 * Else NULL and a fault of `field`. */
const char *text_name(struct arena *a, const char *value, size_t max, const char *field, struct faults *f);

/* The same for a mail address as browsers accept it (HTML, "valid e-mail address"), at most TEXT_EMAIL_MAX bytes. */
const char *text_email(struct arena *a, const char *value, const char *field, struct faults *f);

/* A copy with ASCII letters in lower case. */
const char *text_lower(struct arena *a, const char *value);

/* Is `part` somewhere in `text`, ASCII case ignored? NULL holds nothing, an empty part is everywhere. */
int text_holds(const char *text, const char *part);

#endif
