/* SPDX-License-Identifier: GPL-3.0-or-later */
/* buf.c - grows by doubling; the arena keeps the outgrown copies until its reset, at most as much again. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Room for `more` bytes and the NUL. */
static void
buf_reserve(struct buf *b, size_t more)
{
	size_t cap = b->cap;
	char *grown;

	if (more < cap - b->len)
		return;
	if (more > SIZE_MAX / 4 - b->len)
		arena_exhausted();
	while (cap <= b->len + more)
		cap *= 2;
	grown = arena_alloc(b->arena, cap);
	memcpy(grown, b->data, b->len + 1);
	b->data = grown;
	b->cap = cap;
}

void
buf_init(struct buf *b, struct arena *a, size_t first_cap)
{
	size_t cap = first_cap < 32 ? 32 : first_cap;

	*b = (struct buf){ .arena = a, .data = arena_alloc(a, cap), .cap = cap };
}

void
buf_add(struct buf *b, const void *bytes, size_t len)
{
	buf_reserve(b, len);
	if (len > 0)
		memcpy(b->data + b->len, bytes, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void
buf_add_str(struct buf *b, const char *text)
{
	buf_add(b, text, strlen(text));
}

void
buf_add_char(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list args;
	int len;

	/* Most texts fit at once; the others are asked for again with the room they need. */
	va_start(args, fmt);
	len = vsnprintf(b->data + b->len, b->cap - b->len, fmt, args);
	va_end(args);
	if (len < 0)
		arena_exhausted();
	if ((size_t)len >= b->cap - b->len) {
		b->data[b->len] = '\0';
		buf_reserve(b, (size_t)len);
		va_start(args, fmt);
		vsnprintf(b->data + b->len, b->cap - b->len, fmt, args);
		va_end(args);
	}
	b->len += (size_t)len;
}

/* What stands for `c` in HTML; NULL: itself. */
static const char *
html_reference(unsigned char c)
{
	switch (c) {
	case '&':	return "&amp;";
	case '<':	return "&lt;";
	case '>':	return "&gt;";
	case '"':	return "&quot;";
	case '\'':	return "&#39;";
	case '\t':
	case '\n':
	case '\f':
	case '\r':	return NULL;
	default:	return c < 0x20 || c == 0x7f ? "\xef\xbf\xbd" : NULL;
	}
}

void
buf_add_html(struct buf *b, const char *text, size_t len)
{
	size_t from = 0;

	for (size_t i = 0; i < len; i++) {
		const char *reference = html_reference((unsigned char)text[i]);

		if (reference == NULL)
			continue;
		buf_add(b, text + from, i - from);
		buf_add_str(b, reference);
		from = i + 1;
	}
	buf_add(b, text + from, len - from);
}

static int
is_unreserved(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
	    c == '_' || c == '~';
}

void
buf_add_url(struct buf *b, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		const char coded[3] = { '%', "0123456789ABCDEF"[c >> 4], "0123456789ABCDEF"[c & 15] };

		if (is_unreserved(c))
			buf_add_char(b, text[i]);
		else
			buf_add(b, coded, sizeof(coded));
	}
}
