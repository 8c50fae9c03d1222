/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fields.c - a JSON body against its table, with all faults in one answer. */
#include "web/fields.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/codec.h"
#include "model/agent.h"
#include "web/router.h"

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

bool
rq_is_form(const struct rq *rq)
{
	static const char form[] = "application/x-www-form-urlencoded";
	const char *type = rq_header(rq, "Content-Type");

	return type != NULL && strncasecmp(type, form, sizeof(form) - 1) == 0 && strchr("; \t", type[sizeof(form) - 1]) != NULL;
}

/* The strict JSON of a body that is there. */
static eg_err
body_json(struct rq *rq, json_object **out)
{
	const char *why = NULL;

	if (rq->body_too_large)
		return rq_refuse(rq, VERDICT_BODY_TOO_LARGE, NULL);
	if (rq->body_len > 0 && !rq_is_json(rq))
		return rq_refuse(rq, VERDICT_UNSUPPORTED_MEDIA_TYPE, NULL);
	if (json_parse_strict(rq->arena, rq->body, rq->body_len, out, &why) != EG_OK)
		return rq_refuse(rq, VERDICT_INVALID_JSON, arena_printf(rq->arena, "The body is not valid JSON: %s.", why));
	return EG_OK;
}

eg_err
rq_body_object(struct rq *rq, json_object **out)
{
	if (rq->body_len == 0 && !rq->body_too_large) {
		*out = json_new_object(rq->arena);
		return EG_OK;
	}
	EG_TRY(body_json(rq, out));
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

/* A value of our own, instead of the one that came. */
static json_object *
new_text(struct arena *a, const char *text, size_t len)
{
	json_object *holder = json_new_array(a);

	json_push_str(holder, arena_strndup(a, text, len));
	return json_object_array_get_idx(holder, 0);
}

/* White space at both ends is a slip of pasting. */
static json_object *
text_trim(struct check *c, json_object *value)
{
	const char *from = json_object_get_string(value), *to = from + json_object_get_string_len(value);

	if (from == to || (strchr(" \t\r\n", *from) == NULL && strchr(" \t\r\n", to[-1]) == NULL))
		return value;
	while (from < to && strchr(" \t\r\n", *from) != NULL)
		from++;
	while (to > from && strchr(" \t\r\n", to[-1]) != NULL)
		to--;
	return new_text(c->rq->arena, from, (size_t)(to - from));
}

static json_object *
check_text(struct check *c, json_object *value)
{
	size_t count;

	value = text_trim(c, value);
	count = utf8_count(json_object_get_string(value), (size_t)json_object_get_string_len(value));
	if ((int64_t)count < c->field->min)
		FAULT(c, c->field->min == 1 ? "This must not be empty." : "Give at least %" PRId64 " characters.",
		    c->field->min);
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

/* json-c gives the text of a number, too. */
static json_object *
check_agent(struct check *c, json_object *value)
{
	const char *text = json_object_get_string(value);

	if (!agent_is_name(text))
		FAULT(c, "This must be an agent: its number, or its id.");
	return json_object_is_type(value, json_type_int) ? new_text(c->rq->arena, text, strlen(text)) : value;
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
	[FIELD_NUMBER] = { json_type_double, "a number" },
	[FIELD_DATE] = { json_type_string, "a day such as 2026-11-20" },
	[FIELD_AGENT] = { json_type_string, "an agent: its number, or its id" },
};

static bool
is_of_kind(enum field_type type, json_object *value)
{
	return json_object_is_type(value, kinds[type].json) ||
	    ((type == FIELD_NUMBER || type == FIELD_AGENT) && json_object_is_type(value, json_type_int));
}

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
	if (!is_of_kind(f->type, value)) {
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
	case FIELD_DATE:
		if (json_object_get_string_len(value) != 10 || clock_parse(json_object_get_string(value), &t) != EG_OK)
			FAULT(c, "This must be %s.", kinds[f->type].article);
		break;
	case FIELD_AGENT:
		return check_agent(c, value);
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
	case FIELD_NUMBER:
	case FIELD_SHAPE:
	case FIELD_SHAPES:
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

/* One member goes from what came in to what the handler gets. `at` ("" or "[3].") stands before its name in faults. */
static void
member_take(struct rq *rq, const struct field *table, const char *at, const char *spelled, json_object *value, json_object *out)
{
	struct check c = { rq, field_find(table, spelled), arena_printf(rq->arena, "%s%s", at, spelled) };

	if (c.field == NULL)
		FAULT(&c, "There is no such field.");
	else if (field_given(out, c.field->name))
		FAULT(&c, "This field stands twice.");
	else
		json_add_object(out, c.field->name, check_value(&c, value));
}

/* Where the model finds faults later on, it knows fields by their names in the table. */
static void
spelling_keep(struct rq *rq, const struct field *table, const char *at, const char *spelled)
{
	const struct field *f = field_find(table, spelled);

	if (f != NULL && strcmp(f->name, spelled) != 0)
		faults_spell(&rq->faults, arena_printf(rq->arena, "%s%s", at, f->name), arena_printf(rq->arena, "%s%s", at, spelled));
}

static void
missing_find(struct rq *rq, const struct field *table, const char *at, json_object *out)
{
	for (const struct field *f = table; f->type != FIELD_END; f++)
		if ((f->flags & FIELD_REQUIRED) && !field_given(out, f->name))
			faults_add(&rq->faults, arena_printf(rq->arena, "%s%s", at, f->name), "This field is missing.");
}

static json_object *
object_take(struct rq *rq, const struct field *table, const char *at, json_object *object)
{
	json_object *out = json_new_object(rq->arena);

	json_object_object_foreach(object, spelled, value) {
		member_take(rq, table, at, spelled, value, out);
	}
	missing_find(rq, table, at, out);
	json_object_object_foreach(object, name, ignored) {
		spelling_keep(rq, table, at, name);
	}
	return out;
}

/* The last step of the body: right in itself, and the one that its idempotency key stands for. */
static eg_err
body_judge(struct rq *rq)
{
	EG_TRY(rq_check_faults(rq));
	return rq->is_other_request ? rq_refuse(rq, VERDICT_IDEMPOTENCY_MISMATCH, NULL) : EG_OK;
}

eg_err
rq_body(struct rq *rq, const struct field *table, json_object **out)
{
	json_object *body;

	EG_TRY(rq_body_object(rq, &body));
	*out = object_take(rq, table, "", body);
	return body_judge(rq);
}

eg_err
rq_body_entries(struct rq *rq, const struct field *table, size_t max, json_object **out)
{
	json_object *body;
	size_t count;

	EG_TRY(body_json(rq, &body));
	if (!json_object_is_type(body, json_type_array))
		return rq_refuse(rq, VERDICT_INVALID_JSON, "The body must be a JSON array: [ ... ].");
	count = json_object_array_length(body);
	if (count == 0 || count > max) {
		faults_add(&rq->faults, "body", "Give a list of 1 to %zu entries.", max);
		return rq_check_faults(rq);
	}
	*out = json_new_array(rq->arena);
	for (size_t i = 0; i < count; i++) {
		json_object *entry = json_object_array_get_idx(body, i);

		if (json_object_is_type(entry, json_type_object))
			json_push_object(*out, object_take(rq, table, arena_printf(rq->arena, "[%zu].", i), entry));
		else
			faults_add(&rq->faults, arena_printf(rq->arena, "[%zu]", i), "This must be an object.");
	}
	return body_judge(rq);
}

/* ---- queries and forms ---- */

static bool
is_whole_number(const char *text)
{
	size_t len = strlen(text += *text == '-');

	return len > 0 && len <= 18 && strspn(text, "0123456789") == len;
}

/* A text as the type that the field wants, where it can be read so. */
static json_object *
value_of_text(struct arena *a, const struct field *f, const char *text)
{
	json_object *holder = json_new_object(a);

	if (f != NULL && f->type == FIELD_INT && is_whole_number(text))
		json_add_int(holder, "", strtoll(text, NULL, 10));
	else if (f != NULL && f->type == FIELD_BOOL && (strcmp(text, "true") == 0 || strcmp(text, "false") == 0))
		json_add_bool(holder, "", *text == 't');
	else
		json_add_str(holder, "", text);
	return json_object_object_get(holder, "");
}

static json_object *
params_take(struct rq *rq, const struct field *table, const struct param *params, size_t count)
{
	json_object *out = json_new_object(rq->arena);

	for (size_t i = 0; i < count; i++)
		member_take(rq, table, "", params[i].name,
		    value_of_text(rq->arena, field_find(table, params[i].name), params[i].value), out);
	missing_find(rq, table, "", out);
	for (size_t i = 0; i < count; i++)
		spelling_keep(rq, table, "", params[i].name);
	return out;
}

eg_err
rq_body_form(struct rq *rq, const struct field *table, json_object **out)
{
	if (rq->body_too_large)
		return rq_refuse(rq, VERDICT_BODY_TOO_LARGE, NULL);
	if (rq->body_len > 0 && !rq_is_form(rq))
		return rq_refuse(rq, VERDICT_UNSUPPORTED_MEDIA_TYPE, NULL);
	*out = params_take(rq, table, rq->form_params, rq->form_count);
	return body_judge(rq);
}

const struct field paging_query[] = { QUERY_PAGING, { .type = FIELD_END } };
const struct field subject_query[] = { QUERY_SUBJECT, { .type = FIELD_END } };

/* What an embed credential is asked about is never dropped, also by a row that has no table. */
static const struct field *
query_table(const struct route *r)
{
	return r->query == NULL && (r->needs & (NEED_EMBED | NEED_SESSION)) ? subject_query : r->query;
}

void
rq_take_query(struct rq *rq)
{
	const struct field *table = query_table(rq->route);

	if (table == NULL)
		return;
	params_take(rq, table, rq->query_params, rq->query_count);
	for (size_t i = 0; i < rq->query_count; i++) {
		const struct field *f = field_find(table, rq->query_params[i].name);

		if (f != NULL)
			rq->query_params[i].name = f->name;
	}
}

eg_err
rq_check_query(struct rq *rq)
{
	rq_take_query(rq);
	return rq_check_faults(rq);
}

struct uuid
rq_query_uuid(const struct rq *rq, const char *name)
{
	const char *text = rq_query(rq, name);
	struct uuid id;

	return text != NULL && uuid_parse(text, strlen(text), &id) == EG_OK ? id : uuid_nil;
}

bool
field_given(json_object *body, const char *name)
{
	return json_object_object_get_ex(body, name, NULL);
}
