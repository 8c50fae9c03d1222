/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fields.c - a JSON body against its table, with all faults in one answer. */
#include "web/fields.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/codec.h"

/* ---- media type ---- */

static bool
is_media_space(char c)
{
	return c == ' ' || c == '\t';
}

/* Of the parameters behind the type only a charset matters, and only UTF-8 is one for JSON. */
static bool
parameters_are_fine(const char *p)
{
	while (*p == ';') {
		size_t len;

		for (p++; is_media_space(*p); p++)
			;
		len = strcspn(p, ";");
		if (strncasecmp(p, "charset=", 8) == 0) {
			const char *value = p + 8;
			size_t value_len = len - 8;

			while (value_len > 0 && is_media_space(value[value_len - 1]))
				value_len--;
			if (value_len >= 2 && value[0] == '"' && value[value_len - 1] == '"') {
				value++;
				value_len -= 2;
			}
			if (value_len != 5 || strncasecmp(value, "utf-8", 5) != 0)
				return false;
		}
		p += len;
	}
	return *p == '\0';
}

bool
rq_is_json(const struct rq *rq)
{
	static const char json[] = "application/json";
	const char *type = rq_header(rq, "Content-Type");
	size_t len;

	if (type == NULL)
		return false;
	while (is_media_space(*type))
		type++;
	len = strcspn(type, "; \t");
	if (!(len == sizeof(json) - 1 && strncasecmp(type, json, len) == 0) &&
	    !(len > 5 && memchr(type, '/', len - 5) != NULL && strncasecmp(type + len - 5, "+json", 5) == 0))
		return false;
	for (type += len; is_media_space(*type); type++)
		;
	return parameters_are_fine(type);
}

eg_err
rq_body_object(struct rq *rq, json_object **out)
{
	const char *why = NULL;

	if (rq->body_too_large)
		return rq_refuse(rq, VERDICT_BODY_TOO_LARGE, NULL);
	if (rq->body_len == 0) {
		*out = json_new_object(rq->arena);
		return EG_OK;
	}
	if (!rq_is_json(rq))
		return rq_refuse(rq, VERDICT_UNSUPPORTED_MEDIA_TYPE, NULL);
	if (json_parse_strict(rq->arena, rq->body, rq->body_len, out, &why) != EG_OK)
		return rq_refuse(rq, VERDICT_INVALID_JSON, arena_printf(rq->arena, "The body is not valid JSON: %s.", why));
	if (!json_object_is_type(*out, json_type_object))
		return rq_refuse(rq, VERDICT_INVALID_JSON, "The body must be a JSON object: { ... }.");
	return EG_OK;
}

/* ---- values ---- */

struct check {
	struct rq *rq;
	const struct field *field;
	const char *spelled;    /* the name as the caller wrote it */
};

#define FAULT(c, ...) faults_add(&(c)->rq->faults, (c)->spelled, __VA_ARGS__)

static const char *
choices_text(struct arena *a, const char *const *choices)
{
	struct buf b;

	buf_init(&b, a, 64);
	for (size_t i = 0; choices[i] != NULL; i++)
		buf_printf(&b, "%s%s", i > 0 ? ", " : "", choices[i]);
	return b.data;
}

static bool
is_choice(const char *const *choices, const char *text)
{
	for (size_t i = 0; choices[i] != NULL; i++)
		if (strcmp(choices[i], text) == 0)
			return true;
	return false;
}

/* White space at both ends is a slip of pasting. */
static json_object *
text_trim(struct check *c, json_object *value)
{
	const char *from = json_object_get_string(value), *to = from + json_object_get_string_len(value);
	json_object *holder;

	if (from == to || (strchr(" \t\r\n", *from) == NULL && strchr(" \t\r\n", to[-1]) == NULL))
		return value;
	while (from < to && strchr(" \t\r\n", *from) != NULL)
		from++;
	while (to > from && strchr(" \t\r\n", to[-1]) != NULL)
		to--;
	holder = json_new_array(c->rq->arena);
	json_push_str(holder, arena_strndup(c->rq->arena, from, (size_t)(to - from)));
	return json_object_array_get_idx(holder, 0);
}

static json_object *
check_text(struct check *c, json_object *value)
{
	size_t count;

	value = text_trim(c, value);
	count = utf8_count(json_object_get_string(value), (size_t)json_object_get_string_len(value));
	if ((int64_t)count < c->field->min)
		FAULT(c, c->field->min == 1 ? "This must not be empty." : "Give at least %" PRId64 " characters.", c->field->min);
	else if (c->field->max > 0 && (int64_t)count > c->field->max)
		FAULT(c, "Give at most %" PRId64 " characters.", c->field->max);
	return value;
}

static void
check_int(struct check *c, json_object *value)
{
	int64_t n = json_object_get_int64(value);
	bool is_bounded = c->field->min != 0 || c->field->max != 0;

	if (is_bounded && (n < c->field->min || n > c->field->max))
		FAULT(c, "Give a whole number from %" PRId64 " to %" PRId64 ".", c->field->min, c->field->max);
}

static void
check_texts(struct check *c, json_object *array)
{
	size_t count = json_object_array_length(array);

	if (c->field->max > 0 && (int64_t)count > c->field->max) {
		FAULT(c, "Give at most %" PRId64 " entries.", c->field->max);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		json_object *entry = json_object_array_get_idx(array, i);
		struct check at = { c->rq, c->field, arena_printf(c->rq->arena, "%s[%zu]", c->spelled, i) };

		if (!json_object_is_type(entry, json_type_string))
			FAULT(&at, "This must be a text.");
		else if (c->field->type == FIELD_NAMES && !is_choice(c->field->choices, json_object_get_string(entry)))
			FAULT(&at, "This must be one of: %s.", choices_text(c->rq->arena, c->field->choices));
	}
}

static const struct {
	enum json_type json;
	const char *article;    /* "must be a text" */
} kinds[] = {
	[FIELD_TEXT] = { json_type_string, "a text" },
	[FIELD_SECRET] = { json_type_string, "a text" },
	[FIELD_INT] = { json_type_int, "a whole number" },
	[FIELD_BOOL] = { json_type_boolean, "true or false" },
	[FIELD_UUID] = { json_type_string, "an id: a UUID as text" },
	[FIELD_TIME] = { json_type_string, "a time as RFC 3339 text, such as 2026-11-20T10:00:00Z, or null" },
	[FIELD_TEXTS] = { json_type_array, "a list of texts" },
	[FIELD_NAMES] = { json_type_array, "a list of names" },
	[FIELD_CHOICE] = { json_type_string, "a text" },
	[FIELD_OBJECT] = { json_type_object, "an object" },
	[FIELD_ARRAY] = { json_type_array, "a list" },
};

/* The value as the handler gets it; what is wrong with it is added to the faults. */
static json_object *
check_value(struct check *c, json_object *value)
{
	const struct field *f = c->field;
	struct uuid id;
	int64_t t;

	if (f->type == FIELD_VALUE)
		return value;
	if (value == NULL) {
		if (f->type != FIELD_TIME && !(f->flags & FIELD_NULLABLE))
			FAULT(c, "This must be %s.", kinds[f->type].article);
		return NULL;
	}
	if (!json_object_is_type(value, kinds[f->type].json)) {
		FAULT(c, "This must be %s.", kinds[f->type].article);
		return value;
	}
	switch (f->type) {
	case FIELD_TEXT:
		return check_text(c, value);
	case FIELD_SECRET:
		if (f->max > 0 && json_object_get_string_len(value) > f->max)
			FAULT(c, "This is too long.");
		else if (json_object_get_string_len(value) < f->min)
			FAULT(c, f->min == 1 ? "This must not be empty." : "This is too short.");
		break;
	case FIELD_INT:
		check_int(c, value);
		break;
	case FIELD_UUID:
		if (uuid_parse(json_object_get_string(value), (size_t)json_object_get_string_len(value), &id) != EG_OK)
			FAULT(c, "This must be %s.", kinds[f->type].article);
		break;
	case FIELD_TIME:
		if (clock_parse(json_object_get_string(value), &t) != EG_OK)
			FAULT(c, "This must be %s.", kinds[f->type].article);
		break;
	case FIELD_TEXTS:
	case FIELD_NAMES:
		check_texts(c, value);
		break;
	case FIELD_CHOICE:
		if (!is_choice(f->choices, json_object_get_string(value)))
			FAULT(c, "This must be one of: %s.", choices_text(c->rq->arena, f->choices));
		break;
	case FIELD_ARRAY:
		if (f->max > 0 && (int64_t)json_object_array_length(value) > f->max)
			FAULT(c, "Give at most %" PRId64 " entries.", f->max);
		break;
	case FIELD_BOOL:
	case FIELD_OBJECT:
	case FIELD_VALUE:
	case FIELD_END:
		break;
	}
	return value;
}

/* ---- names ---- */

/* Is `spelled` the field's name, as it is or in camelCase? */
static bool
name_is(const char *name, const char *spelled)
{
	if (strcmp(name, spelled) == 0)
		return true;
	for (; *name != '\0'; name++, spelled++) {
		char c = *name;

		if (c == '_') {
			c = *++name;
			if (c >= 'a' && c <= 'z')
				c = (char)(c - 'a' + 'A');
		}
		if (*spelled != c)
			return false;
	}
	return *spelled == '\0';
}

static const struct field *
field_find(const struct field *table, const char *spelled)
{
	for (; table->type != FIELD_END; table++)
		if (name_is(table->name, spelled))
			return table;
	return NULL;
}

eg_err
rq_body(struct rq *rq, const struct field *table, json_object **out)
{
	json_object *body;

	EG_TRY(rq_body_object(rq, &body));
	*out = json_new_object(rq->arena);
	json_object_object_foreach(body, spelled, value) {
		struct check c = { rq, field_find(table, spelled), spelled };

		if (c.field == NULL)
			FAULT(&c, "There is no such field.");
		else if (field_given(*out, c.field->name))
			FAULT(&c, "This field stands twice, in two spellings.");
		else
			json_add_object(*out, c.field->name, check_value(&c, value));
	}
	for (const struct field *f = table; f->type != FIELD_END; f++)
		if ((f->flags & FIELD_REQUIRED) && !field_given(*out, f->name))
			faults_add(&rq->faults, f->name, "This field is missing.");
	return rq_check_faults(rq);
}

bool
field_given(json_object *body, const char *name)
{
	return json_object_object_get_ex(body, name, NULL);
}
