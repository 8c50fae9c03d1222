/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "web/openapi.h"

#include <ctype.h>
#include <string.h>

#define NEED_KEYS (NEED_KEY_ANY_API | NEED_KEY_WEBHOOK)
#define NEED_EMBEDS (NEED_EMBED | NEED_SESSION)

/* ---- small pieces ---- */

static json_object *
object_with(struct arena *a, const char *name, const char *value)
{
	json_object *o = json_new_object(a);

	json_add_str(o, name, value);
	return o;
}

static json_object *
ref(struct arena *a, const char *kind, const char *name)
{
	return object_with(a, "$ref", arena_printf(a, "#/components/%s/%s", kind, name));
}

static json_object *
of_type(struct arena *a, const char *type)
{
	return object_with(a, "type", type);
}

/* The member `name` of `o`, made where it is not there yet. */
static json_object *
child(struct arena *a, json_object *o, const char *name)
{
	json_object *there = json_object_object_get(o, name);

	if (there == NULL) {
		there = json_new_object(a);
		json_add_object(o, name, there);
	}
	return there;
}

/* Like json_add_object(), but what has nothing in it is left out. */
static void
add_unless_empty(json_object *o, const char *name, json_object *value)
{
	if (json_object_is_type(value, json_type_array) ? json_object_array_length(value) > 0 : json_object_object_length(value) > 0)
		json_add_object(o, name, value);
}

/* ---- fields and shapes as schemas ---- */

struct maker {
	struct arena *arena;
	json_object *schemas;           /* components, by name */
};

static json_object *shape_ref(struct maker *m, const struct shape *shape);

static json_object *
choices_array(struct arena *a, const char *const *choices)
{
	json_object *array = json_new_array(a);

	for (size_t i = 0; choices[i] != NULL; i++)
		json_push_str(array, choices[i]);
	return array;
}

static void
add_bounds(json_object *o, const struct field *f, const char *least, const char *most)
{
	if (f->min != 0 || (f->type == FIELD_INT && f->max != 0))
		json_add_int(o, least, f->min);
	if (f->max != 0 && f->max != INT64_MAX)
		json_add_int(o, most, f->max);
}

static json_object *
array_of(struct arena *a, json_object *items)
{
	json_object *o = of_type(a, "array");

	json_add_object(o, "items", items);
	return o;
}

/* What the type says, before null is thought of. */
static json_object *
type_schema(struct maker *m, const struct field *f)
{
	struct arena *a = m->arena;
	json_object *o, *either;

	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_SECRET:
		o = of_type(a, "string");
		add_bounds(o, f, "minLength", "maxLength");
		return o;
	case FIELD_INT:
		o = of_type(a, "integer");
		add_bounds(o, f, "minimum", "maximum");
		return o;
	case FIELD_AGENT:
		o = json_new_object(a);
		either = json_new_array(a);
		json_push_str(either, "integer");
		json_push_str(either, "string");
		json_add_object(o, "type", either);
		return o;
	case FIELD_NUMBER:
		return of_type(a, "number");
	case FIELD_BOOL:
		return of_type(a, "boolean");
	case FIELD_UUID:
	case FIELD_TIME:
	case FIELD_DATE:
		o = of_type(a, "string");
		json_add_str(o, "format", f->type == FIELD_UUID ? "uuid" : f->type == FIELD_TIME ? "date-time" : "date");
		return o;
	case FIELD_TEXTS:
		o = array_of(a, of_type(a, "string"));
		add_bounds(o, f, "minItems", "maxItems");
		return o;
	case FIELD_NAMES:
	case FIELD_CHOICE:
		o = of_type(a, "string");
		json_add_object(o, "enum", choices_array(a, f->choices));
		return f->type == FIELD_NAMES ? array_of(a, o) : o;
	case FIELD_OBJECT:
		return of_type(a, "object");
	case FIELD_ARRAY:
		o = array_of(a, json_new_object(a));
		add_bounds(o, f, "minItems", "maxItems");
		return o;
	case FIELD_SHAPE:
		return shape_ref(m, f->shape);
	case FIELD_SHAPES:
		return array_of(a, shape_ref(m, f->shape));
	case FIELD_VALUE:
	case FIELD_END:
		break;
	}
	return json_new_object(a);
}

/* `o` or null. */
static json_object *
or_null(struct arena *a, json_object *o)
{
	const char *type = json_get_str(o, "type");
	json_object *types = json_get_array(o, "type"), *either = json_new_object(a), *both = json_new_array(a);

	if (types != NULL) {
		json_push_str(types, "null");
		return o;
	}
	if (type != NULL && json_get_array(o, "enum") == NULL) {
		json_push_str(both, type);
		json_push_str(both, "null");
		json_add_object(o, "type", both);
		return o;
	}
	json_push_object(both, o);
	json_push_object(both, of_type(a, "null"));
	json_add_object(either, "anyOf", both);
	return either;
}

static json_object *
field_schema(struct maker *m, const struct field *f, bool is_answer)
{
	json_object *o = type_schema(m, f);

	if (f->type != FIELD_VALUE && ((f->flags & FIELD_NULLABLE) || (f->type == FIELD_TIME && !is_answer)))
		o = or_null(m->arena, o);
	if (f->about != NULL && json_get_str(o, "$ref") == NULL)
		json_add_str(o, "description", f->about);
	return o;
}

static json_object *
fields_schema(struct maker *m, const struct field *fields, bool is_answer)
{
	json_object *o = of_type(m->arena, "object"), *members = json_new_object(m->arena), *required = json_new_array(m->arena);

	for (const struct field *f = fields; f->type != FIELD_END; f++) {
		json_add_object(members, f->name, field_schema(m, f, is_answer));
		if (is_answer ? !(f->flags & FIELD_OPTIONAL) : (f->flags & FIELD_REQUIRED) != 0)
			json_push_str(required, f->name);
	}
	add_unless_empty(o, "properties", members);
	add_unless_empty(o, "required", required);
	/* Answers may get further members in time; in requests an unknown name is a mistake. */
	if (!is_answer)
		json_add_bool(o, "additionalProperties", false);
	return o;
}

static json_object *
shape_ref(struct maker *m, const struct shape *shape)
{
	json_object *o;

	if (json_object_object_get(m->schemas, shape->name) == NULL) {
		json_add_object(m->schemas, shape->name, json_new_object(m->arena));    /* its place, so that it may hold itself */
		o = fields_schema(m, shape->fields, true);
		if (shape->about != NULL)
			json_add_str(o, "description", shape->about);
		json_add_object(m->schemas, shape->name, o);
	}
	return ref(m->arena, "schemas", shape->name);
}

/* ---- paths ---- */

/* "/a/:id" -> "/a/{id}" */
static const char *
path_template(struct arena *a, const char *path)
{
	struct buf b;

	buf_init(&b, a, 128);
	while (*path != '\0') {
		if (*path != ':') {
			buf_add_char(&b, *path++);
			continue;
		}
		size_t len = strcspn(++path, "/");
		buf_add_char(&b, '{');
		buf_add(&b, path, len);
		buf_add_char(&b, '}');
		path += len;
	}
	return b.data;
}

/* The part of the path that says what it is about: behind "/api/v1/", without the version. */
static const char *
tag_of(struct arena *a, const char *path)
{
	static const char *const prefixes[] = { "/api/v1/", "/api/developer/v1/", "/api/", "/user/v1/", "/" };
	size_t len;

	for (size_t i = 0; i < EG_COUNT(prefixes); i++)
		if (strncmp(path, prefixes[i], strlen(prefixes[i])) == 0) {
			path += strlen(prefixes[i]);
			break;
		}
	len = strcspn(path, "/");
	return arena_strndup(a, path, len);
}

/* "GET", "/api/v1/embed-tokens/:id" -> "get_api_v1_embed_tokens_id": stable, and unique because paths are. */
static const char *
operation_id(struct arena *a, const char *method, const char *path)
{
	struct buf b;

	buf_init(&b, a, 96);
	buf_add_str(&b, method);
	for (const char *p = path; *p != '\0'; p++) {
		bool is_word = isalnum((unsigned char)*p);

		if (is_word && !isalnum((unsigned char)p[-1]))
			buf_add_char(&b, '_');
		if (is_word)
			buf_add_char(&b, *p);
	}
	return b.data;
}

static json_object *
parameter(struct arena *a, const char *in, const char *name, const char *about, json_object *schema)
{
	json_object *o = json_new_object(a);

	json_add_str(o, "name", name);
	json_add_str(o, "in", in);
	if (about != NULL)
		json_add_str(o, "description", about);
	if (strcmp(in, "path") == 0)
		json_add_bool(o, "required", true);
	json_add_object(o, "schema", schema);
	return o;
}

/* What is in a path is an id, but for agents and widgets. */
static json_object *
path_part_schema(struct arena *a, const char *name)
{
	json_object *o = of_type(a, strcmp(name, "number") == 0 ? "integer" : "string");

	if (strcmp(name, "number") != 0 && strcmp(name, "widget") != 0)
		json_add_str(o, "format", "uuid");
	return o;
}

static json_object *
parameters(struct maker *m, const struct route *r)
{
	struct arena *a = m->arena;
	json_object *array = json_new_array(a);

	for (const char *p = strchr(r->path, ':'); p != NULL; p = strchr(p, ':')) {
		const char *name = arena_strndup(a, p + 1, strcspn(p + 1, "/"));

		json_push_object(array, parameter(a, "path", name, NULL, path_part_schema(a, name)));
		p++;
	}
	for (const struct field *f = r->query; f != NULL && f->type != FIELD_END; f++) {
		json_object *o = parameter(a, "query", f->name, f->about, type_schema(m, f));

		if (f->flags & FIELD_REQUIRED)
			json_add_bool(o, "required", true);
		json_push_object(array, o);
	}
	if ((r->methods & M_POST) && (r->needs & NEED_KEYS))
		json_push_object(array, ref(a, "parameters", "IdempotencyKey"));
	return array;
}

/* {"application/json": {"schema": ...}} */
static json_object *
content(struct arena *a, const char *type, json_object *schema)
{
	json_object *types = json_new_object(a), *o = json_new_object(a);

	json_add_object(o, "schema", schema);
	json_add_object(types, type, o);
	return types;
}

static bool
has_required(const struct field *fields)
{
	for (; fields->type != FIELD_END; fields++)
		if (fields->flags & FIELD_REQUIRED)
			return true;
	return false;
}

static json_object *
request_body(struct maker *m, const struct route *r)
{
	json_object *o = json_new_object(m->arena), *schema;

	if (r->fields == NULL && !(r->needs & BODY_LARGE))
		return NULL;
	schema = r->fields != NULL ? fields_schema(m, r->fields, false) : of_type(m->arena, "object");
	if (r->needs & BODY_ENTRIES) {
		schema = array_of(m->arena, schema);
		json_add_int(schema, "minItems", 1);
	}
	if (r->fields == NULL || (r->needs & BODY_ENTRIES) || has_required(r->fields))
		json_add_bool(o, "required", true);
	json_add_object(o, "content", content(m->arena,
	    r->needs & BODY_FORM ? "application/x-www-form-urlencoded" : "application/json", schema));
	return o;
}

/* ---- answers ---- */

static json_object *
envelope(struct maker *m, const struct route *r)
{
	struct arena *a = m->arena;
	json_object *o = of_type(a, "object"), *members = json_new_object(a), *required = json_new_array(a);
	json_object *success = of_type(a, "boolean"), *data;

	data = r->answer != NULL ? shape_ref(m, r->answer) : json_new_object(a);
	if (r->needs & ANSWER_BARE)
		return data;
	json_add_bool(success, "const", true);
	json_add_object(members, "success", success);
	json_add_object(members, "data", r->needs & ANSWER_LIST ? array_of(a, data) : data);
	json_push_str(required, "success");
	json_push_str(required, "data");
	if (r->needs & ANSWER_LIST) {
		json_add_object(members, "pagination", ref(a, "schemas", "Pagination"));
		json_push_str(required, "pagination");
	}
	json_add_object(o, "properties", members);
	json_add_object(o, "required", required);
	return o;
}

static json_object *
success(struct maker *m, const struct route *r)
{
	static const char *const limits[] = { "RateLimit", "RateLimit-Policy" };
	struct arena *a = m->arena;
	json_object *o = json_new_object(a), *headers = json_new_object(a), *types;

	json_add_str(o, "description", r->needs & ANSWER_CREATED ? "Made." : "Done.");
	json_add_object(headers, "X-Request-Id", ref(a, "headers", "X-Request-Id"));
	for (size_t i = 0; i < EG_COUNT(limits) && (r->needs & (NEED_KEYS | NEED_EMBEDS | BODY_CREDENTIAL)); i++)
		json_add_object(headers, limits[i], ref(a, "headers", limits[i]));
	if (r->needs & ANSWER_LIST)
		json_add_object(headers, "Link", ref(a, "headers", "Link"));
	json_add_object(o, "headers", headers);
	types = content(a, "application/json", envelope(m, r));
	if (r->needs & ANSWER_CSV)
		json_add_object(types, "text/csv", json_object_object_get(content(a, "", of_type(a, "string")), ""));
	json_add_object(o, "content", types);
	return o;
}

/* Which refusals a row can give, by status; 0 behind the last. */
static void
statuses_of(const struct route *r, int out[12])
{
	const bool asks_who = (r->needs & (NEED_KEYS | NEED_EMBEDS | BODY_CREDENTIAL)) != 0;
	const bool has_body = r->fields != NULL || (r->needs & BODY_LARGE) != 0;
	size_t n = 0;

	if (asks_who || has_body)
		out[n++] = 400;
	if (asks_who)
		out[n++] = 401;
	if (asks_who || !(r->needs & PLAIN_HTTP_OK))
		out[n++] = 403;
	if (strchr(r->path, ':') != NULL || (asks_who && (has_body || r->query != NULL)))
		out[n++] = 404;
	if (asks_who && (r->methods & ~(unsigned)M_GET))
		out[n++] = 409;
	if (has_body) {
		out[n++] = 413;
		out[n++] = 415;
	}
	if (!(r->needs & FAULTS_ARE_400))
		out[n++] = 422; /* headers and queries that are too long are, too */
	if (asks_who)
		out[n++] = 429;
	out[n++] = 500;
	out[n++] = 503;
	out[n] = 0;
}

static json_object *
responses(struct maker *m, const struct route *r)
{
	json_object *o = json_new_object(m->arena);
	int statuses[12];

	json_add_object(o, r->needs & ANSWER_CREATED ? "201" : "200", success(m, r));
	statuses_of(r, statuses);
	for (size_t i = 0; statuses[i] != 0; i++) {
		const char *status = arena_printf(m->arena, "%d", statuses[i]);

		json_add_object(o, status, ref(m->arena, "responses", arena_printf(m->arena, "Problem%s", status)));
	}
	return o;
}

/* ---- operations ---- */

static json_object *
security(struct arena *a, const struct route *r)
{
	static const char *const keys[] = { "apiKey", "apiKeyBearer", NULL }, *const embeds[] = { "embedToken", NULL };
	const char *const *names = r->needs & NEED_KEYS ? keys : (r->needs & NEED_EMBEDS) ||
	    (r->needs & (BODY_CREDENTIAL | CORS)) == (BODY_CREDENTIAL | CORS) ? embeds : NULL;
	json_object *array = json_new_array(a);

	if (r->needs & BODY_CREDENTIAL)
		json_push_object(array, json_new_object(a));    /* or in the body */
	for (; names != NULL && *names != NULL; names++) {
		json_object *one = json_new_object(a);

		json_add_object(one, *names, json_new_array(a));
		json_push_object(array, one);
	}
	return array;
}

/* Who may, in words. NULL: nothing to say. */
static const char *
description(struct arena *a, const struct route *r)
{
	static const struct {
		unsigned need;
		const char *name;
	} kinds[] = {
		{ NEED_KEY_PARTNER, "partner" }, { NEED_KEY_CUSTOMER, "customer" }, { NEED_KEY_READ_ONLY, "read-only" },
		{ NEED_KEY_WEBHOOK, "webhook" },
	};
	unsigned allowed = r->needs;
	struct buf b;

	if ((r->needs & ANSWER_HAS_SECRET) || (r->methods & ~(unsigned)M_GET))
		allowed &= ~(unsigned)NEED_KEY_READ_ONLY;
	buf_init(&b, a, 80);
	for (size_t i = 0; i < EG_COUNT(kinds); i++)
		if (allowed & kinds[i].need)
			buf_printf(&b, "%s%s", b.len == 0 ? "API keys: " : ", ", kinds[i].name);
	for (unsigned bit = 1, first = 1; bit <= PERM_ALL; bit <<= 1)
		if (r->permission & bit) {
			buf_printf(&b, "%s%s", first ? "Permission: " : " or ", permission_name(bit));
			first = 0;
		}
	if (b.len == 0)
		return NULL;
	buf_add_char(&b, '.');
	return b.data;
}

static json_object *
operation(struct maker *m, const struct route *r, const char *method)
{
	struct arena *a = m->arena;
	json_object *o = json_new_object(a), *tags = json_new_array(a), *body = request_body(m, r);
	const char *who = description(a, r);

	json_push_str(tags, tag_of(a, r->path));
	json_add_object(o, "tags", tags);
	json_add_str(o, "operationId", operation_id(a, method, r->path));
	json_add_str(o, "summary", r->about);
	if (who != NULL)
		json_add_str(o, "description", who);
	json_add_object(o, "security", security(a, r));
	if (r->needs & DEPRECATED)
		json_add_bool(o, "deprecated", true);
	add_unless_empty(o, "parameters", parameters(m, r));
	if (body != NULL)
		json_add_object(o, "requestBody", body);
	json_add_object(o, "responses", responses(m, r));
	return o;
}

static void
add_route(struct maker *m, json_object *paths, const struct route *r)
{
	static const struct {
		unsigned method;
		const char *name;
	} methods[] = { { M_GET, "get" }, { M_POST, "post" }, { M_PUT, "put" }, { M_PATCH, "patch" }, { M_DELETE, "delete" } };
	json_object *path = child(m->arena, paths, path_template(m->arena, r->path));

	for (size_t i = 0; i < EG_COUNT(methods); i++)
		if (r->methods & methods[i].method)
			json_add_object(path, methods[i].name, operation(m, r, methods[i].name));
}

/* ---- what all have in common ---- */

static const struct field pagination_fields[] = {
	{ "page", FIELD_INT, 0, 1, 0, NULL, "This page." },
	{ "limit", FIELD_INT, 0, 1, 100, NULL, "How many a page." },
	{ "total", FIELD_INT, 0, 0, 0, NULL, "How many there are." },
	{ "total_pages", FIELD_INT, 0, 0, 0, NULL, "On so many pages." },
	{ .type = FIELD_END },
};
static const struct shape pagination = { "Pagination", pagination_fields, NULL };

static const struct field fault_fields[] = {
	{ "field", FIELD_TEXT, 0, 0, 0, NULL, "As the caller spelled it; \"allowed_origins[2]\" for an entry of a list." },
	{ "message", FIELD_TEXT, 0, 0, 0, NULL, "A sentence that says what to do." },
	{ .type = FIELD_END },
};
static const struct shape fault = { "Fault", fault_fields, NULL };

static const struct field problem_fields[] = {
	{ "type", FIELD_TEXT, 0, 0, 0, NULL, "A URI of the code." },
	{ "title", FIELD_TEXT, 0, 0, 0, NULL, "A few words." },
	{ "status", FIELD_INT, 0, 400, 599, NULL, "The status of the answer." },
	{ "detail", FIELD_TEXT, 0, 0, 0, NULL, "A sentence for whoever wrote the request." },
	{ "code", FIELD_TEXT, 0, 0, 0, NULL, "What to decide by." },
	{ "request_id", FIELD_UUID, 0, 0, 0, NULL, "To name when asking for help." },
	{ "success", FIELD_BOOL, 0, 0, 0, NULL, "false." },
	{ "errors", FIELD_SHAPES, FIELD_OPTIONAL, 0, 0, NULL, "All faults of a request, with status 422.", &fault },
	{ .type = FIELD_END },
};
static const struct shape problem = { "Problem", problem_fields, "Why not (RFC 9457)." };

/* The codes in the order of the table, with what there is to know about each. */
static void
add_codes(struct arena *a, json_object *schema)
{
	json_object *code = json_object_object_get(json_object_object_get(schema, "properties"), "code");
	json_object *names = json_new_array(a), *known = json_new_array(a);

	for (int v = VERDICT_OK + 1; v < VERDICT_COUNT; v++) {
		const struct verdict_info *info = verdict_info((enum verdict)v);
		json_object *o = json_new_object(a);

		json_push_str(names, info->code);
		json_add_str(o, "code", info->code);
		json_add_int(o, "status", info->status);
		json_add_str(o, "title", info->title);
		json_add_str(o, "detail", info->detail);
		json_add_str(o, "fix", info->fix);
		json_push_object(known, o);
	}
	json_add_object(code, "enum", names);
	json_add_object(code, "x-codes", known);
}

/* One response for each status there is. */
static json_object *
problem_responses(struct arena *a)
{
	json_object *all = json_new_object(a);

	for (int v = VERDICT_OK + 1; v < VERDICT_COUNT; v++) {
		const struct verdict_info *info = verdict_info((enum verdict)v);

		if (info->status == 405)        /* of methods that are not in the document */
			continue;
		json_object *o = child(a, all, arena_printf(a, "Problem%d", info->status));
		const char *so_far = json_get_str(o, "description");

		json_add_str(o, "description", so_far == NULL ? arena_printf(a, "Refused: `%s`", info->code) :
		    arena_printf(a, "%s, `%s`", so_far, info->code));
		json_add_object(o, "content", content(a, "application/problem+json", ref(a, "schemas", "Problem")));
	}
	return all;
}

static json_object *
header(struct arena *a, const char *about)
{
	json_object *o = object_with(a, "description", about);

	json_add_object(o, "schema", of_type(a, "string"));
	return o;
}

static json_object *
security_scheme(struct arena *a, const char *type, const char *about)
{
	json_object *o = object_with(a, "type", type);

	json_add_str(o, "description", about);
	if (strcmp(type, "http") == 0) {
		json_add_str(o, "scheme", "bearer");
	} else {
		json_add_str(o, "in", "header");
		json_add_str(o, "name", "X-API-Key");
	}
	return o;
}

static json_object *
components(struct maker *m)
{
	struct arena *a = m->arena;
	json_object *o = json_new_object(a), *headers = json_new_object(a), *schemes = json_new_object(a), *params = json_new_object(a);
	json_object *key = of_type(a, "string");

	shape_ref(m, &pagination);
	shape_ref(m, &problem);
	add_codes(a, json_object_object_get(m->schemas, "Problem"));
	json_add_object(o, "schemas", m->schemas);
	json_add_object(o, "responses", problem_responses(a));

	json_add_int(key, "minLength", 1);
	json_add_int(key, "maxLength", 255);
	json_add_object(params, "IdempotencyKey", parameter(a, "header", "Idempotency-Key",
	    "The same request with the same key again, within 24 hours, gets the answer of the first and does nothing.", key));
	json_add_object(o, "parameters", params);

	json_add_object(headers, "X-Request-Id", header(a, "The name of this request in the log."));
	json_add_object(headers, "RateLimit", header(a, "What is left: requests (r) and the seconds until all are back (t)."));
	json_add_object(headers, "RateLimit-Policy", header(a, "How many requests (q) in how many seconds (w)."));
	json_add_object(headers, "Link", header(a, "The next page, where there is one (RFC 8288)."));
	json_add_object(o, "headers", headers);

	json_add_object(schemes, "apiKey", security_scheme(a, "apiKey", "An API key. For servers: refused where a browser sends it."));
	json_add_object(schemes, "apiKeyBearer", security_scheme(a, "http", "The same API key, as a Bearer."));
	json_add_object(schemes, "embedToken", security_scheme(a, "http",
	    "An embed token (emb_...), or the auth_token that it was exchanged for."));
	json_add_object(o, "securitySchemes", schemes);
	return o;
}

static json_object *
info_object(struct arena *a, const struct openapi_info *info)
{
	json_object *o = object_with(a, "title", info->title), *license = object_with(a, "name", "GPL-3.0-or-later");

	json_add_str(o, "version", EG_VERSION);
	json_add_str(o, "description", info->description);
	json_add_str(license, "identifier", "GPL-3.0-or-later");
	json_add_object(o, "license", license);
	return o;
}

json_object *
openapi_document(struct arena *a, const struct openapi_info *info, const struct route *routes)
{
	struct maker m = { .arena = a, .schemas = json_new_object(a) };
	json_object *o = object_with(a, "openapi", "3.1.0"), *servers = json_new_array(a), *paths = json_new_object(a);

	for (const struct route *r = routes; r->path != NULL; r++)
		if (r->about != NULL)
			add_route(&m, paths, r);
	json_push_object(servers, object_with(a, "url", info->server_url));
	json_add_object(o, "info", info_object(a, info));
	json_add_object(o, "servers", servers);
	json_add_object(o, "paths", paths);
	json_add_object(o, "components", components(&m));
	return o;
}
