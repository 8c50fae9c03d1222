/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/member.h"

#include "base/buf.h"
#include "model/text.h"

static void
add_place(struct buf *b, const struct place *at)
{
	if (at->up != NULL)
		add_place(b, at->up);
	if (at->name == NULL)
		buf_printf(b, "[%zu]", at->index);
	else
		buf_printf(b, "%s%s", b->len > 0 ? "." : "", at->name);
}

void
member_fault_at(struct member_reader *r, const struct place *at, const char *fmt, ...)
{
	const char *sentence;
	struct buf b;
	va_list args;

	buf_init(&b, r->arena, 128);
	add_place(&b, at);
	va_start(args, fmt);
	sentence = arena_vprintf(r->arena, fmt, args);
	va_end(args);
	faults_add(r->faults, b.data, "%s", sentence);
}

void
member_fault(struct member_reader *r, const struct place *at, const char *name, const char *sentence)
{
	const struct place here = { .up = at, .name = name };

	member_fault_at(r, &here, "%s", sentence);
}

/* ---- reading ---- */

bool
member_is_none(json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_null:
		return true;
	case json_type_boolean:
		return !json_object_get_boolean(value);
	case json_type_string:
		return json_object_get_string_len(value) == 0;
	case json_type_array:
		return json_object_array_length(value) == 0;
	case json_type_object:
		return json_object_object_length(value) == 0;
	default:
		return false;
	}
}

/* Of {"en": ..., "de": ...} the English text, else the first; {"name": ...} is understood, too. NULL: there is none. */
static const char *
choose_text(json_object *o)
{
	const char *first = NULL;

	if (json_get_str(o, "en") != NULL)
		return json_get_str(o, "en");
	if (json_get_str(o, "name") != NULL)
		return json_get_str(o, "name");
	for (struct lh_entry *e = json_object_get_object(o)->head; e != NULL && first == NULL; e = e->next) {
		if (json_object_is_type(lh_entry_v(e), json_type_string))
			first = json_object_get_string(lh_entry_v(e));
	}
	return first;
}

const char *
member_raw(struct member_reader *r, const struct place *at, json_object *o, const char *name)
{
	json_object *value = json_object_object_get(o, name);

	if (member_is_none(value))
		return NULL;
	switch (json_object_get_type(value)) {
	case json_type_string:
	case json_type_int:
	case json_type_double:
		return json_object_get_string(value);
	case json_type_object:
		return choose_text(value);
	default:
		member_fault(r, at, name, "Give a text, or leave this out.");
		return NULL;
	}
}

const char *
member_text(struct member_reader *r, const struct place *at, json_object *o, const char *name, size_t max)
{
	return text_shown(r->arena, member_raw(r, at, o, name), max, false);
}

const char *
member_lines(struct member_reader *r, const struct place *at, json_object *o, const char *name, size_t max)
{
	return text_shown(r->arena, member_raw(r, at, o, name), max, true);
}

const char *
member_url(struct member_reader *r, const struct place *at, json_object *o, const char *name)
{
	json_object *value = json_object_object_get(o, name);
	const char *url;

	if (json_object_is_type(value, json_type_object))
		url = json_get_str(value, "url");
	else
		url = member_raw(r, at, o, name);
	return url != NULL && text_is_web_url(url) ? arena_strdup(r->arena, url) : NULL;
}

json_object *
member_list(struct member_reader *r, const struct place *at, json_object *o, const char *name)
{
	json_object *value = json_object_object_get(o, name);

	if (member_is_none(value))
		return NULL;
	if (json_object_is_type(value, json_type_array))
		return value;
	member_fault(r, at, name, "Give a list, or leave this out.");
	return NULL;
}
