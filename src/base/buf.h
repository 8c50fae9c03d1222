/* SPDX-License-Identifier: GPL-3.0-or-later */
/* buf.h - bytes that grow, in an arena. Always NUL-terminated behind `len`; the NUL does not count. */
#ifndef EG_BASE_BUF_H
#define EG_BASE_BUF_H

#include <stddef.h>

#include "base/arena.h"

struct buf {
	struct arena *arena;
	char *data;     /* never NULL after buf_init() */
	size_t len;
	size_t cap;
};

void buf_init(struct buf *b, struct arena *a, size_t first_cap);
void buf_add(struct buf *b, const void *bytes, size_t len);
void buf_add_str(struct buf *b, const char *text);
void buf_add_char(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) EG_PRINTF(2, 3);
/* Text for HTML element content and double-quoted attributes: & < > " ' become references, control characters that
 * HTML forbids become U+FFFD. The one HTML escaper. */
void buf_add_html(struct buf *b, const char *text, size_t len);
/* RFC 3986 percent-encoding of all but unreserved characters. The one URL escaper. */
void buf_add_url(struct buf *b, const char *text, size_t len);

#endif
