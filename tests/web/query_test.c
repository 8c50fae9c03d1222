/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Queries, forms and lists of entries against tables of fields: what is wrong is told as for a JSON body. */
#include "fixture.h"

#include "web/fields.h"

static const char *const colours[] = { "red", "green", NULL };

static const struct field table[] = {
	{ "customer_id", FIELD_UUID, 0, 0, 0, NULL, NULL },
	{ "days", FIELD_INT, 0, -1, 30, NULL, NULL },
	{ "colour", FIELD_CHOICE, 0, 0, 0, colours, NULL },
	{ "is_new", FIELD_BOOL, 0, 0, 0, NULL, NULL },
	{ .type = FIELD_END },
};

static const struct field entry[] = {
	{ "name", FIELD_TEXT, FIELD_REQUIRED, 1, 3, NULL, NULL },
	{ "date", FIELD_DATE, FIELD_REQUIRED, 0, 0, NULL, NULL },
	{ "value", FIELD_NUMBER, 0, 0, 0, NULL, NULL },
	{ .type = FIELD_END },
};

static const struct program nothing = { .name = "test" };
static const struct route with_table = { .query = table }, without = { .query = NULL };

#define ID "0199c0de-1234-7abc-8def-0123456789ab"

static const char *
faults_text(struct web *w, const struct faults *f)
{
	struct buf b;

	buf_init(&b, w->arena, 128);
	for (const struct fault *one = f->first; one != NULL; one = one->next)
		buf_printf(&b, "%s%s", b.len > 0 ? " " : "", one->field);
	return b.data;
}

/* The fields that are wrong, or NULL: none. */
static const struct {
	const char *query, *faults;
} queries[] = {
	{ "", NULL }, { "customer_id=" ID, NULL }, { "customerId=" ID "&days=30", NULL }, { "days=-1", NULL }, { "days=0", NULL },
	{ "colour=red&is_new=true", NULL }, { "is_new=false", NULL }, { "c%6Flour=gre%65n", NULL },
	{ "days=31", "days" }, { "days=-2", "days" }, { "days=", "days" }, { "days", "days" }, { "days=1.0", "days" }, { "days=+1", "days" },
	{ "days=0x1", "days" }, { "days=1 ", "days" }, { "days=1e1", "days" }, { "days=-", "days" },
	{ "days=99999999999999999999", "days" }, { "days=999999999999999999", "days" },
	{ "customer_id=x", "customer_id" }, { "customer_id=", "customer_id" }, { "colour=blue", "colour" }, { "colour=RED", "colour" },
	{ "is_new=1", "is_new" }, { "is_new=True", "is_new" }, { "is_new=", "is_new" },
	{ "color=red", "color" }, { "Colour=red", "Colour" }, { "=x", "" }, { "a&b", "a b" },
	{ "days=1&days=1", "days" }, { "customer_id=" ID "&customerId=" ID, "customerId" },
};

static void
queries_are_judged_by_their_table(void **state)
{
	struct web *w = *state;

	for (size_t i = 0; i < EG_COUNT(queries); i++) {
		struct rq *rq = web_open(w, &nothing, arena_printf(w->arena, "REQUEST_URI=/a?%s\nQUERY_STRING=%s", queries[i].query, queries[i].query));
		eg_err e;

		rq->route = &with_table;
		e = rq_check_query(rq);
		if (e != (queries[i].faults == NULL ? EG_OK : EG_REFUSED) ||
		    (e != EG_OK && strcmp(faults_text(w, &rq->faults), queries[i].faults) != 0))
			fail_msg("%s: %s", queries[i].query, faults_text(w, &rq->faults));
		if (e != EG_OK)
			assert_int_equal(rq->refusal, VERDICT_VALIDATION_FAILED);
	}
}

static void
parameters_are_found_by_their_own_names(void **state)
{
	struct web *w = *state;
	struct rq *rq = web_open(w, &nothing, "REQUEST_URI=/a?customerId=" ID "\nQUERY_STRING=customerId=" ID);
	struct uuid id;

	rq->route = &with_table;
	assert_int_equal(rq_check_query(rq), EG_OK);
	assert_string_equal(rq_query(rq, "customer_id"), ID);
	assert_int_equal(uuid_parse(ID, strlen(ID), &id), EG_OK);
	id = rq_query_uuid(rq, "customer_id");
	assert_false(uuid_is_nil(&id));
	id = rq_query_uuid(rq, "days");
	assert_true(uuid_is_nil(&id));

	rq = web_open(w, &nothing, "REQUEST_URI=/a?what=ever\nQUERY_STRING=what=ever");
	rq->route = &without;
	assert_int_equal(rq_check_query(rq), EG_OK);
	assert_string_equal(rq_query(rq, "what"), "ever");
}

static struct rq *
with_body(struct web *w, const char *type, const char *body, bool too_large)
{
	struct rq *rq = web_open(w, &nothing, arena_printf(w->arena, "REQUEST_METHOD=POST\nCONTENT_TYPE=%s", type));

	rq_take_body(rq, body, strlen(body), too_large);
	return rq;
}

#define FORM "application/x-www-form-urlencoded"

static void
forms_are_judged_by_their_table(void **state)
{
	struct web *w = *state;
	json_object *o;
	size_t len;

	assert_int_equal(rq_body_form(with_body(w, FORM, "days=3&colour=red&isNew=true", false), table, &o), EG_OK);
	assert_string_equal(json_text(w->arena, o, &len), "{\"days\":3,\"colour\":\"red\",\"is_new\":true}");
	assert_int_equal(rq_body_form(with_body(w, FORM "; charset=utf-8", "", false), table, &o), EG_OK);
	assert_int_equal(rq_body_form(with_body(w, "text/plain", "", false), table, &o), EG_OK);
	assert_int_equal(rq_body_form(with_body(w, "application/json", "{}", false), table, &o), EG_REFUSED);
	assert_int_equal(w->rq.refusal, VERDICT_UNSUPPORTED_MEDIA_TYPE);
	assert_int_equal(rq_body_form(with_body(w, FORM, "days=3", true), table, &o), EG_REFUSED);
	assert_int_equal(w->rq.refusal, VERDICT_BODY_TOO_LARGE);
	assert_int_equal(rq_body_form(with_body(w, FORM, "date=2026-11-20", false), entry, &o), EG_REFUSED);
	assert_string_equal(faults_text(w, &w->rq.faults), "name");
}

static const struct {
	const char *body;
	enum verdict verdict;
	const char *faults;
} lists[] = {
	{ "[{\"name\":\"a\",\"date\":\"2026-11-20\",\"value\":1}]", VERDICT_OK, NULL },
	{ "[{\"name\":\"a\",\"date\":\"2026-11-20\",\"value\":-0.5},{\"name\":\"b\",\"date\":\"2026-02-28\"}]", VERDICT_OK, NULL },
	{ "[]", VERDICT_VALIDATION_FAILED, "body" },
	{ "[1,2,3]", VERDICT_VALIDATION_FAILED, "body" },
	{ "[1,{}]", VERDICT_VALIDATION_FAILED, "[0] [1].name [1].date" },
	{ "[{\"name\":\"a\",\"date\":\"2026-02-30\"}]", VERDICT_VALIDATION_FAILED, "[0].date" },
	{ "[{\"name\":\"a\",\"date\":\"2026-11-20T00:00:00Z\"}]", VERDICT_VALIDATION_FAILED, "[0].date" },
	{ "[{\"name\":\"abcd\",\"date\":null,\"value\":\"1\",\"x\":1}]", VERDICT_VALIDATION_FAILED, "[0].name [0].date [0].value [0].x" },
	{ "{}", VERDICT_INVALID_JSON, NULL }, { "", VERDICT_INVALID_JSON, NULL }, { "[", VERDICT_INVALID_JSON, NULL },
};

static void
lists_are_judged_entry_by_entry(void **state)
{
	struct web *w = *state;

	for (size_t i = 0; i < EG_COUNT(lists); i++) {
		struct rq *rq = with_body(w, "application/json", lists[i].body, false);
		json_object *o;

		assert_int_equal(rq_body_entries(rq, entry, 2, &o), lists[i].verdict == VERDICT_OK ? EG_OK : EG_REFUSED);
		if (rq->refusal != lists[i].verdict)
			fail_msg("%s: %s", lists[i].body, verdict_info(rq->refusal)->code);
		if (lists[i].faults != NULL)
			assert_string_equal(faults_text(w, &rq->faults), lists[i].faults);
	}
}

/* A request whose idempotency key stands for another one: said last of all that is wrong with a body. */
static void
another_request_is_told_behind_the_faults(void **state)
{
	struct web *w = *state;
	struct rq *rq = with_body(w, FORM, "days=31", false);
	json_object *o;

	rq->is_other_request = true;
	assert_int_equal(rq_body_form(rq, table, &o), EG_REFUSED);
	assert_int_equal(rq->refusal, VERDICT_VALIDATION_FAILED);
	rq = with_body(w, FORM, "days=3", false);
	rq->is_other_request = true;
	assert_int_equal(rq_body_form(rq, table, &o), EG_REFUSED);
	assert_int_equal(rq->refusal, VERDICT_IDEMPOTENCY_MISMATCH);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(queries_are_judged_by_their_table, web_setup, web_teardown),
		cmocka_unit_test_setup_teardown(parameters_are_found_by_their_own_names, web_setup, web_teardown),
		cmocka_unit_test_setup_teardown(forms_are_judged_by_their_table, web_setup, web_teardown),
		cmocka_unit_test_setup_teardown(lists_are_judged_entry_by_entry, web_setup, web_teardown),
		cmocka_unit_test_setup_teardown(another_request_is_told_behind_the_faults, web_setup, web_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
