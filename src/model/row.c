/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/row.h"

#include <string.h>

#include "base/codec.h"

static bool
decode_uuid(json_object *value, struct uuid *out)
{
	return json_object_is_type(value, json_type_string) &&
	    uuid_parse(json_object_get_string(value), (size_t)json_object_get_string_len(value), out) == EG_OK;
}

static bool
decode_bytes(json_object *value, uint8_t *out, size_t size)
{
	size_t text_len = (size_t)json_object_get_string_len(value), len;

	return json_object_is_type(value, json_type_string) &&
	    base64url_decode(json_object_get_string(value), text_len, out, size, &len) == EG_OK && len == size;
}

static bool
decode_texts(struct arena *a, json_object *value, const char *const **out, size_t *count)
{
	const char **texts;
	size_t n;

	if (!json_object_is_type(value, json_type_array))
		return false;
	n = json_object_array_length(value);
	texts = arena_array(a, n, sizeof(*texts));
	for (size_t i = 0; i < n; i++) {
		json_object *entry = json_object_array_get_idx(value, i);

		if (!json_object_is_type(entry, json_type_string))
			return false;
		texts[i] = json_object_get_string(entry);
	}
	*out = texts;
	*count = n;
	return true;
}

static bool
decode_member(struct arena *a, const struct column *c, json_object *value, char *row)
{
	void *field = row + c->offset;

	switch (c->type) {
	case COLUMN_TEXT:
		*(const char **)field = json_object_get_string(value);
		return json_object_is_type(value, json_type_string);
	case COLUMN_NUMBER:
		*(int64_t *)field = json_object_get_int64(value);
		return json_object_is_type(value, json_type_int);
	case COLUMN_REAL:
		*(double *)field = json_object_get_double(value);
		return json_object_is_type(value, json_type_double) || json_object_is_type(value, json_type_int);
	case COLUMN_FLAG:
		*(bool *)field = json_object_get_boolean(value);
		return json_object_is_type(value, json_type_boolean);
	case COLUMN_BITS:
		*(unsigned *)field = (unsigned)json_object_get_int64(value);
		return json_object_is_type(value, json_type_int);
	case COLUMN_UUID:
		return decode_uuid(value, field);
	case COLUMN_BYTES:
		return decode_bytes(value, field, c->size);
	case COLUMN_TEXTS:
		return decode_texts(a, value, field, (size_t *)(void *)(row + c->count_offset));
	}
	return false;
}

/* The column of that name: at or behind `expected`, as a rule the first that is looked at; else anywhere. */
static const struct column *
find_column(const struct column *table, const struct column *expected, const char *name)
{
	for (const struct column *c = expected; c->name != NULL; c++) {
		if (strcmp(c->name, name) == 0)
			return c;
	}
	for (const struct column *c = table; c < expected; c++) {
		if (strcmp(c->name, name) == 0)
			return c;
	}
	return NULL;
}

static eg_err
damaged(const struct store_record *rec, const char *what)
{
	char id[UUID_TEXT_SIZE];

	uuid_format(&rec->id, id);
	return eg_fail(EG_DAMAGED, "record %c %s: %s is of another type than we write", rec->kind, id, what);
}

eg_err
row_decode(struct arena *a, const struct store_record *rec, const struct column *table, void *row)
{
	const struct column *expected = table;
	struct lh_table *members = json_object_get_object(rec->doc);

	if (members == NULL)
		return damaged(rec, "the document");
	for (struct lh_entry *e = members->head; e != NULL; e = e->next) {
		const char *name = lh_entry_k(e);
		const struct column *c = find_column(table, expected, name);

		if (c == NULL)
			continue;
		if (!decode_member(a, c, lh_entry_v(e), row))
			return damaged(rec, name);
		expected = c + 1;
	}
	return EG_OK;
}

static bool
is_zero(const void *bytes, size_t size)
{
	static const uint8_t zero[ROW_BYTES_MAX];

	return memcmp(bytes, zero, size) == 0;
}

static void
encode_texts(struct arena *a, json_object *doc, const char *name, const char *const *texts, size_t count)
{
	json_object *array;

	if (count == 0)
		return;
	array = json_new_array(a);
	for (size_t i = 0; i < count; i++)
		json_push_str(array, texts[i]);
	json_add_object(doc, name, array);
}

static void
encode_bytes(json_object *doc, const char *name, const uint8_t *bytes, size_t size)
{
	char text[BASE64URL_LEN(ROW_BYTES_MAX) + 1];

	if (is_zero(bytes, size))
		return;
	base64url_encode(bytes, size, text);
	json_add_str(doc, name, text);
}

static void
encode_member(struct arena *a, const struct column *c, const char *row, json_object *doc)
{
	const void *field = row + c->offset;

	switch (c->type) {
	case COLUMN_TEXT:
		if (*(const char *const *)field != NULL)
			json_add_str(doc, c->name, *(const char *const *)field);
		return;
	case COLUMN_NUMBER:
		if (*(const int64_t *)field != 0)
			json_add_int(doc, c->name, *(const int64_t *)field);
		return;
	case COLUMN_REAL:
		if (*(const double *)field != 0)
			json_add_number(doc, c->name, *(const double *)field);
		return;
	case COLUMN_FLAG:
		if (*(const bool *)field)
			json_add_bool(doc, c->name, true);
		return;
	case COLUMN_BITS:
		if (*(const unsigned *)field != 0)
			json_add_int(doc, c->name, *(const unsigned *)field);
		return;
	case COLUMN_UUID:
		if (!uuid_is_nil(field))
			json_add_uuid(doc, c->name, field);
		return;
	case COLUMN_BYTES:
		encode_bytes(doc, c->name, field, c->size);
		return;
	case COLUMN_TEXTS:
		encode_texts(a, doc, c->name, *(const char *const *const *)field,
		    *(const size_t *)(const void *)(row + c->count_offset));
		return;
	}
}

json_object *
row_encode(struct arena *a, const struct column *table, const void *row)
{
	json_object *doc = json_new_object(a);

	for (const struct column *c = table; c->name != NULL; c++)
		encode_member(a, c, row, doc);
	return doc;
}
