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
	FIELD_NUMBER,           /* whole or not */
	FIELD_DATE,             /* "2026-11-20" */
	FIELD_AGENT,            /* an agent: its number, or its id; a number is handed on as text, too */
	/* in answers only */
	FIELD_SHAPE,            /* an object of `shape` */
	FIELD_SHAPES,           /* an array of them */
};

enum field_flag {
	FIELD_REQUIRED = 1 << 0,        /* of a body or query. Members of an answer are always there, but for FIELD_OPTIONAL */
	FIELD_NULLABLE = 1 << 1,
	FIELD_OPTIONAL = 1 << 2,        /* of an answer: not always there */
};

struct shape;

struct field {
	const char *name;       /* snake_case; the camelCase spelling is accepted, too, but not both at once */
	enum field_type type;
	unsigned flags;
	int64_t min, max;
	const char *const *choices;     /* NULL-terminated */
	const char *about;      /* a sentence for the documentation */
	const struct shape *shape;
};

/* Rows of a query table: what rq_paging() reads. */
#define QUERY_PAGING \
	{ "page", FIELD_INT, 0, 1, 1000000, NULL, "Which page, from 1." }, \
	{ "limit", FIELD_INT, 0, 1, 100, NULL, "How many a page; 50 where it is not given." }

/* ... of the routes of embed credentials: what they may be asked about, and what their token must be of. */
#define QUERY_SUBJECT \
	{ "token_id", FIELD_UUID, 0, 0, 0, NULL, "The token's id. Another than the credential's is refused." }, \
	{ "customer_id", FIELD_UUID, 0, 0, 0, NULL, "The customer asked about. Another than the token's is refused." }, \
	{ "event_id", FIELD_UUID, 0, 0, 0, NULL, "The event asked about. One the token is not for is refused." }, \
	{ "agent_id", FIELD_AGENT, 0, 0, 0, NULL, "The agent asked about: its number, or its id." }

/* A query of these and nothing else. */
extern const struct field paging_query[], subject_query[];

/* What an answer looks like: for the documentation, against which the tests hold every answer. */
struct shape {
	const char *name;               /* "EmbedToken" */
	const struct field *fields;     /* all members there are */
	const char *about;
};

/* The JSON body against a table that ends with FIELD_END. *out has snake_case names and only known ones. Refuses (recorded)
 * 413, 415 (Content-Type must be application/json or end in +json; charset utf-8 is fine), 400 invalid_json, and 422 with all
 * faults at once: unknown names, missing ones, wrong types, bounds. An empty body is an empty object. */
eg_err rq_body(struct rq *rq, const struct field *table, json_object **out) EG_CHECKED;
/* The same for an array of 1 to `max` objects, each against the table: "[3].date" is the field of a fault. */
eg_err rq_body_entries(struct rq *rq, const struct field *table, size_t max, json_object **out) EG_CHECKED;
/* The same for a form: application/x-www-form-urlencoded, or 415. */
eg_err rq_body_form(struct rq *rq, const struct field *table, json_object **out) EG_CHECKED;
/* The query against the route's table: the same faults, a name that stands twice among them. Afterwards rq_query() finds
 * parameters by their snake_case names. A route without such a table takes any query; one of embed credentials a subject. */
eg_err rq_check_query(struct rq *rq) EG_CHECKED;
/* The same, for faults to be told later, by rq_check_faults(). */
void rq_take_query(struct rq *rq);
/* A parameter that rq_check_query() found to be an id; nil where it is not given. */
struct uuid rq_query_uuid(const struct rq *rq, const char *name);
/* Only the strict JSON object, no table. */
eg_err rq_body_object(struct rq *rq, json_object **out) EG_CHECKED;
/* Is the body's media type JSON? What rq_body() asks; the router asks it before the credential, for rows with fields. */
bool rq_is_json(const struct rq *rq);
/* Is it that of a form? */
bool rq_is_form(const struct rq *rq);
/* Was the member given at all (null counts)? */
bool field_given(json_object *body, const char *name);

#endif
