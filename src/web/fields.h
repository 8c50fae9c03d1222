/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fields.h - one table of fields an endpoint: it validates the JSON body, and the OpenAPI document is made from it. */
#ifndef EG_WEB_FIELDS_H
#define EG_WEB_FIELDS_H

#include "web/request.h"

enum field_type {
	FIELD_END = 0,
	FIELD_TEXT,             /* min and max are characters */
	FIELD_SECRET,           /* a credential: text, never trimmed, never echoed; max bytes */
	FIELD_INT,              /* min and max are the value's */
	FIELD_BOOL,
	FIELD_UUID,
	FIELD_TIME,             /* RFC 3339; null: none */
	FIELD_TEXTS,            /* array of texts; max is the count */
	FIELD_NAMES,            /* array of names out of `choices` */
	FIELD_CHOICE,           /* one name out of `choices` */
	FIELD_OBJECT,           /* any object; the handler looks inside */
	FIELD_ARRAY,
	FIELD_VALUE,            /* anything; the handler looks inside */
};

enum field_flag {
	FIELD_REQUIRED = 1 << 0,
	FIELD_NULLABLE = 1 << 1,
};

struct field {
	const char *name;       /* snake_case; the camelCase spelling is accepted, too, but not both at once */
	enum field_type type;
	unsigned flags;
	int64_t min, max;
	const char *const *choices;     /* NULL-terminated */
	const char *about;      /* a sentence for the documentation */
};

/* The JSON body against a table that ends with FIELD_END. *out has snake_case names and only known ones. Refuses (recorded)
 * 413, 415 (Content-Type must be application/json or end in +json; charset utf-8 is fine), 400 invalid_json, and 422 with all
 * faults at once: unknown names, missing ones, wrong types, bounds. An empty body is an empty object. */
eg_err rq_body(struct rq *rq, const struct field *table, json_object **out) EG_CHECKED;
/* Only the strict JSON object, no table. */
eg_err rq_body_object(struct rq *rq, json_object **out) EG_CHECKED;
/* Is the body's media type JSON? What rq_body() asks; the router asks it before the credential, for rows with fields. */
bool rq_is_json(const struct rq *rq);
/* Was the member given at all (null counts)? */
bool field_given(json_object *body, const char *name);

#endif
