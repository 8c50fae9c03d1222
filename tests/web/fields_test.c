/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON bodies: media types, strictness (M8), tables of fields with all faults at once, both spellings of a name. */
#include "fixture.h"

#include "web/fields.h"

static const char *const colours[] = { "red", "green", NULL };

static const struct field table[] = {
	{ "name", FIELD_TEXT, FIELD_REQUIRED, 1, 5, NULL, NULL },
	{ "note_to_self", FIELD_TEXT, FIELD_NULLABLE, 0, 0, NULL, NULL },
	{ "secret", FIELD_SECRET, 0, 1, 4, NULL, NULL },
	{ "count", FIELD_INT, 0, -2, 3, NULL, NULL },
	{ "any_count", FIELD_INT, 0, 0, 0, NULL, NULL },
	{ "is_active", FIELD_BOOL, 0, 0, 0, NULL, NULL },
	{ "event_id", FIELD_UUID, 0, 0, 0, NULL, NULL },
	{ "expires_at", FIELD_TIME, 0, 0, 0, NULL, NULL },
	{ "allowed_origins", FIELD_TEXTS, 0, 0, 2, NULL, NULL },
	{ "permissions", FIELD_NAMES, 0, 0, 3, colours, NULL },
	{ "colour", FIELD_CHOICE, 0, 0, 0, colours, NULL },
	{ "extra", FIELD_OBJECT, 0, 0, 0, NULL, NULL },
	{ "rows", FIELD_ARRAY, 0, 0, 2, NULL, NULL },
	{ "whatever", FIELD_VALUE, 0, 0, 0, NULL, NULL },
	{ "agent_id", FIELD_AGENT, 0, 0, 0, NULL, NULL },
	{ 0 },
};

static const struct program nothing = { .name = "test" };

static struct rq *
with_body(struct web *w, const char *type, const char *body, size_t len)
{
	struct rq *rq = web_open(w, &nothing, type == NULL ? "" : arena_printf(w->arena, "CONTENT_TYPE=%s", type));

	rq_take_body(rq, body, len, false);
	return rq;
}

static const struct {
	const char *type;
	bool is_json;
} types[] = {
	{ "application/json", true }, { "Application/JSON", true }, { " application/json ", true },
	{ "application/json;charset=utf-8", true },
	{ "application/json; charset=\"UTF-8\"", true }, { "application/json; x=y; charset=utf-8 ", true },
	{ "application/json;", true },
	{ "application/problem+json", true }, { "application/vnd.api+JSON", true },
	{ NULL, false }, { "", false }, { "text/json", false }, { "text/plain", false }, { "application/jsonx", false },
	{ "application/json x", false }, { "application/json, text/plain", false }, { "+json", false }, { "a+json", false },
	{ "application/json; charset=iso-8859-1", false }, { "application/json; charset=utf-16", false },
	{ "application/json; charset=", false },
	{ "application/json; charset=utf-80", false }, { "application/json; charset=utf", false },
	{ "application/x-www-form-urlencoded", false }, { "multipart/form-data", false },
};

static void
only_json_is_json(void **state)
{
	struct web *w = *state;

	for (size_t i = 0; i < EG_COUNT(types); i++) {
		struct rq *rq = with_body(w, types[i].type, "{}", 2);
		json_object *o;

		if (rq_is_json(rq) != types[i].is_json)
			fail_msg("%s", types[i].type);
		assert_int_equal(rq_body_object(rq, &o), types[i].is_json ? EG_OK : EG_REFUSED);
		if (!types[i].is_json)
			assert_int_equal(rq->refusal, VERDICT_UNSUPPORTED_MEDIA_TYPE);
		/* Where there is no body its type does not matter. */
		rq = with_body(w, types[i].type, "", 0);
		assert_int_equal(rq_body_object(rq, &o), EG_OK);
		assert_int_equal(json_object_object_length(o), 0);
	}
}

/* M8: what json-c alone would take. */
static const struct {
	const char *body;
	size_t len;
} not_json[] = {
#define TEXT(s) { s, sizeof(s) - 1 }
	TEXT("{"), TEXT(" "), TEXT("{}x"), TEXT("{} {}"), TEXT("[]"), TEXT("null"), TEXT("1"), TEXT("\"a\""),
	TEXT("{\"name\":\"a\",\"name\":\"b\"}"),
	TEXT("{\"name\":\"a\\u0000b\"}"), TEXT("{\"na\\u0000me\":\"a\"}"), TEXT("{\"name\":NaN}"),
	TEXT("{\"count\":Infinity}"),
	TEXT("{'name':'a'}"), TEXT("{\"name\":\"a\nb\"}"), TEXT("{\"count\":99999999999999999999}"),
	TEXT("{\"name\":\"\xff\"}"),
	TEXT("\xef\xbb\xbf{}"), TEXT("{}\0"), TEXT("{\"name\":\"a\",}"), TEXT("// x\n{}"), TEXT("{\"a\":\"\\ud800\"}"),
};

static void
json_is_strict(void **state)
{
	struct web *w = *state;

	for (size_t i = 0; i < EG_COUNT(not_json); i++) {
		struct rq *rq = with_body(w, "application/json", not_json[i].body, not_json[i].len);
		json_object *o;

		assert_int_equal(rq_body(rq, table, &o), EG_REFUSED);
		if (rq->refusal != VERDICT_INVALID_JSON)
			fail_msg("%s: %s", not_json[i].body, verdict_info(rq->refusal)->code);
		assert_non_null(rq->refusal_detail);
	}
}

static void
what_is_too_large_is_not_looked_at(void **state)
{
	struct web *w = *state;
	struct rq *rq = web_open(w, &nothing, "CONTENT_TYPE=application/json");
	json_object *o;

	rq_take_body(rq, "{\"name\":\"a\"}", 12, true);
	assert_int_equal(rq_body(rq, table, &o), EG_REFUSED);
	assert_int_equal(rq->refusal, VERDICT_BODY_TOO_LARGE);
	assert_int_equal(rq->body_len, 0);
}

/* "field: message" for each fault, in order; NULL: none. */
static const struct {
	const char *body, *faults, *out;
} bodies[] = {
	{ "{\"name\":\"a\"}", NULL, "{\"name\":\"a\"}" },
	{ "", "name: This field is missing.", NULL },
	{ "{}", "name: This field is missing.", NULL },
	{ "{\"name\":\"\"}", "name: This must not be empty.", NULL },
	{ "{\"name\":\" \\t\"}", "name: This must not be empty.", NULL },
	{ "{\"name\":\"  a b \\n\"}", NULL, "{\"name\":\"a b\"}" },
	{ "{\"name\":\"12345\"}", NULL, "{\"name\":\"12345\"}" },
	{ "{\"name\":\"123456\"}", "name: Give at most 5 characters.", NULL },
	{ "{\"name\":\" 12345 \"}", NULL, "{\"name\":\"12345\"}" },
	{ "{\"name\":\"\xf0\x9f\x8e\x89\xf0\x9f\x8e\x89\xf0\x9f\x8e\x89\xf0\x9f\x8e\x89\xf0\x9f\x8e\x89\"}", NULL,
	    "{\"name\":\"\xf0\x9f\x8e\x89\xf0\x9f\x8e\x89\xf0\x9f\x8e\x89\xf0\x9f\x8e\x89\xf0\x9f\x8e\x89\"}" },
	{ "{\"name\":1}", "name: This must be a text.", NULL },
	{ "{\"name\":null}", "name: This must be a text.", NULL },
	{ "{\"name\":\"a\",\"note_to_self\":null}", NULL, "{\"name\":\"a\",\"note_to_self\":null}" },
	{ "{\"name\":\"a\",\"noteToSelf\":\"x\"}", NULL, "{\"name\":\"a\",\"note_to_self\":\"x\"}" },
	{ "{\"name\":\"a\",\"noteToself\":\"x\"}", "noteToself: There is no such field.", NULL },
	{ "{\"name\":\"a\",\"note_toSelf\":\"x\"}", "note_toSelf: There is no such field.", NULL },
	{ "{\"name\":\"a\",\"NoteToSelf\":\"x\"}", "NoteToSelf: There is no such field.", NULL },
	{ "{\"Name\":\"a\"}", "Name: There is no such field.; name: This field is missing.", NULL },
	{ "{\"name\":\"a\",\"note_to_self\":\"x\",\"noteToSelf\":\"x\"}", "noteToSelf: This field stands twice.", NULL },
	{ "{\"name\":\"a\",\"noteToSelf\":null,\"note_to_self\":\"x\"}", "note_to_self: This field stands twice.", NULL },
	{ "{\"name\":\"a\",\"nope\":1,\"\":2}", "nope: There is no such field.; : There is no such field.", NULL },
	{ "{\"name\":\"a\",\"secret\":\" ab \"}", NULL, "{\"name\":\"a\",\"secret\":\" ab \"}" },
	{ "{\"name\":\"a\",\"secret\":\"abcde\"}", "secret: This is too long.", NULL },
	{ "{\"name\":\"a\",\"secret\":\"\"}", "secret: This must not be empty.", NULL },
	{ "{\"name\":\"a\",\"count\":-2,\"any_count\":9007199254740993}", NULL,
	    "{\"name\":\"a\",\"count\":-2,\"any_count\":9007199254740993}" },
	{ "{\"name\":\"a\",\"count\":3}", NULL, "{\"name\":\"a\",\"count\":3}" },
	{ "{\"name\":\"a\",\"count\":-3}", "count: Give a whole number from -2 to 3.", NULL },
	{ "{\"name\":\"a\",\"count\":4}", "count: Give a whole number from -2 to 3.", NULL },
	{ "{\"name\":\"a\",\"count\":1.5}", "count: This must be a whole number.", NULL },
	{ "{\"name\":\"a\",\"count\":\"1\"}", "count: This must be a whole number.", NULL },
	{ "{\"name\":\"a\",\"count\":true}", "count: This must be a whole number.", NULL },
	{ "{\"name\":\"a\",\"isActive\":false}", NULL, "{\"name\":\"a\",\"is_active\":false}" },
	{ "{\"name\":\"a\",\"isActive\":0}", "isActive: This must be true or false.", NULL },
	{ "{\"name\":\"a\",\"eventId\":\"01930000-0000-7000-8000-000000000001\"}", NULL,
	    "{\"name\":\"a\",\"event_id\":\"01930000-0000-7000-8000-000000000001\"}" },
	{ "{\"name\":\"a\",\"eventId\":\"01930000\"}", "eventId: This must be an id: a UUID as text.", NULL },
	{ "{\"name\":\"a\",\"expiresAt\":\"2026-11-20T10:00:00Z\"}", NULL, "{\"name\":\"a\",\"expires_at\":\"2026-11-20T10:00:00Z\"}" },
	{ "{\"name\":\"a\",\"expiresAt\":null}", NULL, "{\"name\":\"a\",\"expires_at\":null}" },
	{ "{\"name\":\"a\",\"expiresAt\":\"tomorrow\"}",
	    "expiresAt: This must be a time as RFC 3339 text, such as 2026-11-20T10:00:00Z, or null.", NULL },
	{ "{\"name\":\"a\",\"allowedOrigins\":[]}", NULL, "{\"name\":\"a\",\"allowed_origins\":[]}" },
	{ "{\"name\":\"a\",\"allowedOrigins\":[\"x\",\"y\"]}", NULL, "{\"name\":\"a\",\"allowed_origins\":[\"x\",\"y\"]}" },
	{ "{\"name\":\"a\",\"allowedOrigins\":[\"x\",\"y\",\"z\"]}", "allowedOrigins: Give at most 2 entries.", NULL },
	{ "{\"name\":\"a\",\"allowedOrigins\":[1,null]}",
	    "allowedOrigins[0]: This must be a text.; allowedOrigins[1]: This must be a text.", NULL },
	{ "{\"name\":\"a\",\"allowedOrigins\":\"x\"}", "allowedOrigins: This must be a list of texts.", NULL },
	{ "{\"name\":\"a\",\"permissions\":[\"red\",\"green\"]}", NULL, "{\"name\":\"a\",\"permissions\":[\"red\",\"green\"]}" },
	{ "{\"name\":\"a\",\"permissions\":[\"red\",\"blue\"]}", "permissions[1]: This must be one of: red, green.", NULL },
	{ "{\"name\":\"a\",\"colour\":\"green\"}", NULL, "{\"name\":\"a\",\"colour\":\"green\"}" },
	{ "{\"name\":\"a\",\"colour\":\"Green\"}", "colour: This must be one of: red, green.", NULL },
	{ "{\"name\":\"a\",\"extra\":{\"b\":[1]}}", NULL, "{\"name\":\"a\",\"extra\":{\"b\":[1]}}" },
	{ "{\"name\":\"a\",\"extra\":[]}", "extra: This must be an object.", NULL },
	{ "{\"name\":\"a\",\"rows\":[1,{}]}", NULL, "{\"name\":\"a\",\"rows\":[1,{}]}" },
	{ "{\"name\":\"a\",\"rows\":[1,2,3]}", "rows: Give at most 2 entries.", NULL },
	{ "{\"name\":\"a\",\"rows\":{}}", "rows: This must be a list.", NULL },
	{ "{\"name\":\"a\",\"whatever\":null}", NULL, "{\"name\":\"a\",\"whatever\":null}" },
	{ "{\"name\":\"a\",\"whatever\":[1]}", NULL, "{\"name\":\"a\",\"whatever\":[1]}" },
	{ "{\"name\":\"a\",\"agentId\":1}", NULL, "{\"name\":\"a\",\"agent_id\":\"1\"}" },
	{ "{\"name\":\"a\",\"agentId\":\"12\"}", NULL, "{\"name\":\"a\",\"agent_id\":\"12\"}" },
	{ "{\"name\":\"a\",\"agentId\":\"01930000-0000-7000-8000-000000000001\"}", NULL,
	    "{\"name\":\"a\",\"agent_id\":\"01930000-0000-7000-8000-000000000001\"}" },
	{ "{\"name\":\"a\",\"agentId\":0}", "agentId: This must be an agent: its number, or its id.", NULL },
	{ "{\"name\":\"a\",\"agentId\":-1}", "agentId: This must be an agent: its number, or its id.", NULL },
	{ "{\"name\":\"a\",\"agentId\":\"x\"}", "agentId: This must be an agent: its number, or its id.", NULL },
	{ "{\"name\":\"a\",\"agentId\":1.5}", "agentId: This must be an agent: its number, or its id.", NULL },
	{ "{\"name\":\"a\",\"agentId\":null}", "agentId: This must be an agent: its number, or its id.", NULL },
	{ "{\"nope\":1,\"count\":9,\"isActive\":\"yes\"}",
	    "nope: There is no such field.; count: Give a whole number from -2 to 3.; isActive: This must be true or false.; "
	    "name: This field is missing.", NULL },
};

static void
all_faults_are_told_at_once(void **state)
{
	struct web *w = *state;

	for (size_t i = 0; i < EG_COUNT(bodies); i++) {
		struct rq *rq = with_body(w, "application/json", bodies[i].body, strlen(bodies[i].body));
		json_object *o = NULL;
		eg_err e = rq_body(rq, table, &o);
		struct buf told;

		buf_init(&told, w->arena, 0);
		for (const struct fault *f = rq->faults.first; f != NULL; f = f->next)
			buf_printf(&told, "%s%s: %s", told.len > 0 ? "; " : "", f->field, f->message);
		if (strcmp(told.data, bodies[i].faults != NULL ? bodies[i].faults : "") != 0)
			fail_msg("%s: %s", bodies[i].body, told.data);
		assert_int_equal(e, bodies[i].faults != NULL ? EG_REFUSED : EG_OK);
		if (e == EG_REFUSED)
			assert_int_equal(rq->refusal, VERDICT_VALIDATION_FAILED);
		else
			assert_string_equal(json_text(w->arena, o, &(size_t){ 0 }), bodies[i].out);
	}
}

static void
given_is_not_the_same_as_set(void **state)
{
	struct web *w = *state;
	static const char body[] = "{\"name\":\"a\",\"noteToSelf\":null}";
	struct rq *rq = with_body(w, "application/json", body, sizeof(body) - 1);
	json_object *o;

	assert_int_equal(rq_body(rq, table, &o), EG_OK);
	assert_true(field_given(o, "note_to_self"));
	assert_false(field_given(o, "noteToSelf"));
	assert_false(field_given(o, "count"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_json_is_json),
		cmocka_unit_test(json_is_strict),
		cmocka_unit_test(what_is_too_large_is_not_looked_at),
		cmocka_unit_test(all_faults_are_told_at_once),
		cmocka_unit_test(given_is_not_the_same_as_set),
	};
	return cmocka_run_group_tests(tests, web_setup, web_teardown);
}
