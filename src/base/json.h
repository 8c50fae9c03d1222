/* SPDX-License-Identifier: GPL-3.0-or-later */
/* json.h - strict reading of JSON (RFC 8259) in front of json-c, and small helpers for building and reading.
 * json-c alone accepts duplicate keys, NaN, NUL in strings, single quotes and raw control characters; here all of these
 * are refused, as are a byte order mark, text behind the value, invalid UTF-8, lone surrogates, nesting deeper than 32
 * and integers outside int64, numbers beyond double, and more than 100,000 objects and arrays or 1,000,000 values. */
#ifndef EG_BASE_JSON_H
#define EG_BASE_JSON_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/uuid.h"

/* Parse all of `text`. The object is owned by the arena. On EG_MALFORMED, `*why` (if not NULL) is a sentence with the
 * line and column, in the arena: "line 3, column 14: this name stands twice in one object". */
eg_err json_parse_strict(struct arena *a, const char *text, size_t len, json_object **out, const char **why) EG_CHECKED;

/* A new empty object, array, owned by the arena. What is added to it belongs to it. */
json_object *json_new_object(struct arena *a);
json_object *json_new_array(struct arena *a);

/* Adding a member; a NULL text, a nil uuid and a time of 0 become null. */
void json_add_str(json_object *o, const char *name, const char *value);
void json_add_int(json_object *o, const char *name, int64_t value);
/* The shortest text that reads back as the same number: 5, 0.1. Only finite ones. */
void json_add_number(json_object *o, const char *name, double value);
void json_add_bool(json_object *o, const char *name, bool value);
void json_add_uuid(json_object *o, const char *name, const struct uuid *value);
void json_add_time(json_object *o, const char *name, int64_t t_s);
/* `value` stays owned by its arena, too: both hold a reference. NULL becomes null. */
void json_add_object(json_object *o, const char *name, json_object *value);
void json_push_object(json_object *array, json_object *value);
void json_push_str(json_object *array, const char *value);

/* Reading a member; absent, null or of another type gives NULL, `fallback`, uuid_nil, 0. Borrowed from `o`. */
const char *json_get_str(json_object *o, const char *name);
int64_t json_get_int(json_object *o, const char *name, int64_t fallback);
/* Also of an integer. */
double json_get_number(json_object *o, const char *name, double fallback);
bool json_get_bool(json_object *o, const char *name, bool fallback);
struct uuid json_get_uuid(json_object *o, const char *name);
int64_t json_get_time(json_object *o, const char *name);
json_object *json_get_object(json_object *o, const char *name);
json_object *json_get_array(json_object *o, const char *name);

/* Compact text, no escaped slashes, in the arena. */
const char *json_text(struct arena *a, json_object *o, size_t *len);

#endif
