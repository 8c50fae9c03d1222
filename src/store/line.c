/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "store/line.h"

/* ---- writing ---- */

static void
add_text(struct buf *b, const char *text, size_t len)
{
	static const char hex[] = "0123456789abcdef";

	buf_add_char(b, '"');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '"' || c == '\\') {
			buf_add_char(b, '\\');
			buf_add_char(b, (char)c);
		} else if (c < 0x20) {
			buf_add_str(b, "\\u00");
			buf_add_char(b, hex[c >> 4]);
			buf_add_char(b, hex[c & 15]);
		} else {
			buf_add_char(b, (char)c);
		}
	}
	buf_add_char(b, '"');
}

static void
add_text_or_null(struct buf *b, const char *text)
{
	if (text == NULL)
		buf_add_str(b, "null");
	else
		add_text(b, text, strlen(text));
}

static void
add_uuid(struct buf *b, const struct uuid *id)
{
	char text[UUID_TEXT_SIZE];

	uuid_format(id, text);
	add_text(b, text, UUID_TEXT_LEN);
}

static void
add_op(struct buf *b, const struct line_op *op)
{
	unsigned lists = 0, uniques = 0;

	if (op->is_delete) {
		buf_printf(b, "{\"delete\":\"%c\",\"id\":", op->kind);
		add_uuid(b, &op->id);
		buf_add_char(b, '}');
		return;
	}
	for (unsigned i = 0; i < STORE_LISTS_MAX; i++)
		if (!uuid_is_nil(&op->lists[i]))
			lists = i + 1;
	for (unsigned i = 0; i < STORE_UNIQUES_MAX; i++)
		if (op->uniques[i].p != NULL)
			uniques = i + 1;

	buf_printf(b, "{\"put\":\"%c\",\"id\":", op->kind);
	add_uuid(b, &op->id);
	buf_add_str(b, ",\"lists\":[");
	for (unsigned i = 0; i < lists; i++) {
		if (i > 0)
			buf_add_char(b, ',');
		if (uuid_is_nil(&op->lists[i]))
			buf_add_str(b, "null");
		else
			add_uuid(b, &op->lists[i]);
	}
	buf_add_str(b, "],\"uniques\":[");
	for (unsigned i = 0; i < uniques; i++) {
		if (i > 0)
			buf_add_char(b, ',');
		if (op->uniques[i].p == NULL)
			buf_add_str(b, "null");
		else
			add_text(b, op->uniques[i].p, op->uniques[i].len);
	}
	buf_printf(b, "],\"slot\":%" PRIu32 ",\"ring\":%" PRIu32 ",\"size\":%zu,\"doc\":", op->slot, op->ring,
	    op->doc.len);
	buf_add(b, op->doc.p, op->doc.len);
	buf_add_char(b, '}');
}

struct slice
line_format(struct arena *a, const struct line *l)
{
	size_t size = 512;
	struct buf b;

	for (size_t i = 0; i < l->op_count; i++)
		size += 512 + l->ops[i].doc.len;
	buf_init(&b, a, size);
	buf_printf(&b, "{\"sequence\":%" PRIu64 ",\"synced\":%" PRIu64 ",\"at\":%" PRId64, l->sequence, l->synced,
	    l->at_us);
	switch (l->type) {
	case LINE_SEGMENT:
		buf_printf(&b, ",\"journal\":%d,\"store\":", LINE_FORMAT);
		add_uuid(&b, &l->store);
		buf_printf(&b, ",\"segment\":%" PRIu32 ",\"key\":%u", l->segment, l->key);
		break;
	case LINE_STOP:
		buf_add_str(&b, ",\"stop\":true");
		break;
	case LINE_CHANGE:
		buf_add_str(&b, ",\"actor\":");
		add_text_or_null(&b, l->cause.actor);
		buf_add_str(&b, ",\"action\":");
		add_text_or_null(&b, l->cause.action);
		buf_add_str(&b, ",\"target\":");
		add_text_or_null(&b, l->cause.target);
		buf_add_str(&b, ",\"request_id\":");
		add_text_or_null(&b, l->cause.request_id);
		buf_add_str(&b, ",\"changes\":[");
		for (size_t i = 0; i < l->op_count; i++) {
			if (i > 0)
				buf_add_char(&b, ',');
			add_op(&b, &l->ops[i]);
		}
		buf_add_char(&b, ']');
		break;
	}
	buf_add_char(&b, '}');
	return (struct slice){ b.data, b.len };
}

/* ---- reading ---- A cursor that fails once and for all: after the first mismatch `bad` is set and everything
 * reads as 0, so that only the end needs a check. */

struct cursor {
	struct arena *a;
	const char *p;
	const char *end;
	bool bad;
};

static bool
accept(struct cursor *c, const char *text)
{
	size_t len = strlen(text);

	if (c->bad || (size_t)(c->end - c->p) < len || memcmp(c->p, text, len) != 0)
		return false;
	c->p += len;
	return true;
}

static void
expect(struct cursor *c, const char *text)
{
	if (!accept(c, text))
		c->bad = true;
}

static uint64_t
read_number(struct cursor *c, uint64_t max)
{
	const char *start = c->p;
	uint64_t n = 0;

	while (!c->bad && c->p < c->end && *c->p >= '0' && *c->p <= '9') {
		uint64_t digit = (uint64_t)(*c->p - '0');

		if (n > (max - digit) / 10) {
			c->bad = true;
			return 0;
		}
		n = n * 10 + digit;
		c->p++;
	}
	if (c->p == start || (*start == '0' && c->p - start > 1))
		c->bad = true;
	return c->bad ? 0 : n;
}

static unsigned
hex_digit(struct cursor *c, char ch)
{
	if (ch >= '0' && ch <= '9')
		return (unsigned)(ch - '0');
	if (ch >= 'a' && ch <= 'f')
		return (unsigned)(ch - 'a' + 10);
	c->bad = true;
	return 0;
}

/* A quoted text, NUL-terminated in the arena. */
static struct slice
read_text(struct cursor *c)
{
	static const struct slice none = { "", 0 };

	expect(c, "\"");
	if (c->bad)
		return none;
	const char *close = c->p;
	while (close < c->end && *close != '"')
		close += *close == '\\' ? 2 : 1;
	if (close >= c->end) {
		c->bad = true;
		return none;
	}
	char *out = arena_alloc(c->a, (size_t)(close - c->p) + 1);
	size_t len = 0;
	while (c->p < close && !c->bad) {
		char ch = *c->p++;

		if (ch == '\\') {
			ch = *c->p++;
			if (ch == 'u' && close - c->p >= 4 && c->p[0] == '0' && c->p[1] == '0') {
				ch = (char)(hex_digit(c, c->p[2]) << 4 | hex_digit(c, c->p[3]));
				c->p += 4;
			} else if (ch != '"' && ch != '\\') {
				c->bad = true;
			}
		}
		out[len++] = ch;
	}
	expect(c, "\"");
	return (struct slice){ out, len };
}

static const char *
read_text_or_null(struct cursor *c)
{
	if (accept(c, "null"))
		return NULL;
	return read_text(c).p;
}

static void
read_uuid(struct cursor *c, struct uuid *out)
{
	expect(c, "\"");
	if (!c->bad && (c->end - c->p < UUID_TEXT_LEN || uuid_parse(c->p, UUID_TEXT_LEN, out) != EG_OK))
		c->bad = true;
	if (!c->bad)
		c->p += UUID_TEXT_LEN;
	expect(c, "\"");
}

static char
read_kind(struct cursor *c)
{
	char kind = 0;

	if (!c->bad && c->p < c->end)
		kind = *c->p++;
	if (kind_index(kind) < 0)
		c->bad = true;
	return kind;
}

static void
read_op(struct cursor *c, struct line_op *op)
{
	memset(op, 0, sizeof *op);
	if (accept(c, "{\"delete\":\"")) {
		op->is_delete = true;
		op->kind = read_kind(c);
		expect(c, "\",\"id\":");
		read_uuid(c, &op->id);
		expect(c, "}");
		return;
	}
	expect(c, "{\"put\":\"");
	op->kind = read_kind(c);
	expect(c, "\",\"id\":");
	read_uuid(c, &op->id);
	expect(c, ",\"lists\":[");
	for (unsigned i = 0; !accept(c, "]") && !c->bad; i++) {
		if (i > 0)
			expect(c, ",");
		if (i >= STORE_LISTS_MAX)
			c->bad = true;
		else if (!accept(c, "null"))
			read_uuid(c, &op->lists[i]);
	}
	expect(c, ",\"uniques\":[");
	for (unsigned i = 0; !accept(c, "]") && !c->bad; i++) {
		if (i > 0)
			expect(c, ",");
		if (i >= STORE_UNIQUES_MAX)
			c->bad = true;
		else if (!accept(c, "null"))
			op->uniques[i] = read_text(c);
	}
	expect(c, ",\"slot\":");
	op->slot = (uint32_t)read_number(c, UINT32_MAX);
	expect(c, ",\"ring\":");
	op->ring = (uint32_t)read_number(c, UINT32_MAX);
	expect(c, ",\"size\":");
	op->doc.len = read_number(c, STORE_DOC_MAX);
	expect(c, ",\"doc\":");
	op->doc.p = c->p;
	if (c->bad || (size_t)(c->end - c->p) < op->doc.len) {
		c->bad = true;
		return;
	}
	c->p += op->doc.len;
	expect(c, "}");
}

static void
read_ops(struct cursor *c, struct line *out)
{
	size_t room = 0;

	expect(c, ",\"changes\":[");
	while (!c->bad) {
		if (out->op_count == room) {
			struct line_op *more;

			room = room == 0 ? 4 : room * 2;
			more = arena_array(c->a, room, sizeof *more);
			if (out->op_count > 0)
				memcpy(more, out->ops, out->op_count * sizeof *more);
			out->ops = more;
		}
		read_op(c, &out->ops[out->op_count++]);
		if (accept(c, "]"))
			return;
		expect(c, ",");
	}
}

static void
read_start(struct cursor *c, struct line *out)
{
	memset(out, 0, sizeof *out);
	expect(c, "{\"sequence\":");
	out->sequence = read_number(c, UINT64_MAX);
	expect(c, ",\"synced\":");
	out->synced = read_number(c, UINT64_MAX);
	expect(c, ",\"at\":");
	out->at_us = (int64_t)read_number(c, INT64_MAX);
}

eg_err
line_peek(struct slice text, struct line *out)
{
	struct cursor c = { NULL, text.p, text.p + text.len, false };

	read_start(&c, out);
	return c.bad ? EG_MALFORMED : EG_OK;
}

static eg_err
read_segment(struct cursor *c, struct line *out)
{
	out->type = LINE_SEGMENT;
	if (read_number(c, UINT32_MAX) != LINE_FORMAT)
		return c->bad ? EG_MALFORMED : EG_WRONG_KIND;
	expect(c, ",\"store\":");
	read_uuid(c, &out->store);
	expect(c, ",\"segment\":");
	out->segment = (uint32_t)read_number(c, UINT32_MAX);
	expect(c, ",\"key\":");
	out->key = (unsigned)read_number(c, KEYRING_MAX_NUMBER);
	return EG_OK;
}

static void
read_change(struct cursor *c, struct line *out)
{
	out->type = LINE_CHANGE;
	expect(c, ",\"actor\":");
	out->cause.actor = read_text_or_null(c);
	expect(c, ",\"action\":");
	out->cause.action = read_text_or_null(c);
	expect(c, ",\"target\":");
	out->cause.target = read_text_or_null(c);
	expect(c, ",\"request_id\":");
	out->cause.request_id = read_text_or_null(c);
	read_ops(c, out);
}

static eg_err
read_end(struct cursor *c)
{
	expect(c, "}");
	return c->bad || c->p != c->end ? EG_MALFORMED : EG_OK;
}

eg_err
line_parse_segment(struct slice text, struct line *out)
{
	struct cursor c = { NULL, text.p, text.p + text.len, false };

	read_start(&c, out);
	expect(&c, ",\"journal\":");
	EG_TRY(read_segment(&c, out));
	return read_end(&c);
}

eg_err
line_parse(struct arena *a, struct slice text, struct line *out)
{
	struct cursor c = { a, text.p, text.p + text.len, false };

	read_start(&c, out);
	if (accept(&c, ",\"journal\":"))
		EG_TRY(read_segment(&c, out));
	else if (accept(&c, ",\"stop\":true"))
		out->type = LINE_STOP;
	else
		read_change(&c, out);
	return read_end(&c);
}
