/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scratch.h"
#include "store/line.h"

static struct slice
text_of(const char *s)
{
	return (struct slice){ s, strlen(s) };
}

static struct line
full_change(struct arena *a)
{
	static const char doc[] = "{\"label\":\"a \\\"b\\\" \\u0001\",\"n\":[1,2.50,null]}";
	struct line l = { .type = LINE_CHANGE, .sequence = 17, .synced = 15, .at_us = 1795212724017652,
	    .cause = { "user:\"x\"", "embed_token.create", "new\nline \\ and tab\t", NULL }, .op_count = 3 };

	l.ops = arena_array(a, 3, sizeof *l.ops);
	l.ops[0] = (struct line_op){ .kind = 't', .id = id_of(1), .lists = { id_of(2), { { 0 } }, id_of(3) },
	    .uniques = { { NULL, 0 }, { "email:\x01\x1f\"\\\xc3\xa4@b.example", 20 } }, .slot = 3, .ring = UINT32_MAX,
	    .doc = { doc, sizeof doc - 1 } };
	l.ops[1] = (struct line_op){ .is_delete = true, .kind = 'a', .id = id_of(4) };
	l.ops[2] = (struct line_op){ .kind = 'Z', .id = id_of(5), .doc = { "{}", 2 } };
	return l;
}

static void
assert_same_op(const struct line_op *x, const struct line_op *y)
{
	assert_int_equal(x->is_delete, y->is_delete);
	assert_int_equal(x->kind, y->kind);
	assert_memory_equal(x->id.b, y->id.b, 16);
	assert_memory_equal(x->lists, y->lists, sizeof x->lists);
	for (unsigned i = 0; i < STORE_UNIQUES_MAX; i++) {
		assert_int_equal(x->uniques[i].p == NULL, y->uniques[i].p == NULL);
		assert_int_equal(x->uniques[i].len, y->uniques[i].len);
		if (x->uniques[i].p != NULL)
			assert_memory_equal(x->uniques[i].p, y->uniques[i].p, x->uniques[i].len);
	}
	assert_int_equal(x->slot, y->slot);
	assert_int_equal(x->ring, y->ring);
	assert_int_equal(x->doc.len, y->doc.len);
	assert_memory_equal(x->doc.p, y->doc.p, x->doc.len);
}

static void
test_change(void **state)
{
	struct scratch *s = *state;
	struct line l = full_change(s->a), back;
	struct slice text = line_format(s->a, &l);
	json_object *o;

	/* It is JSON for everybody, on one line. */
	assert_int_equal(json_parse_strict(s->a, text.p, text.len, &o, NULL), EG_OK);
	assert_null(memchr(text.p, '\n', text.len));
	assert_string_equal(json_get_str(o, "target"), l.cause.target);

	assert_int_equal(line_parse(s->a, text, &back), EG_OK);
	assert_int_equal(back.type, LINE_CHANGE);
	assert_int_equal(back.sequence, 17);
	assert_int_equal(back.synced, 15);
	assert_int_equal(back.at_us, l.at_us);
	assert_string_equal(back.cause.actor, l.cause.actor);
	assert_string_equal(back.cause.target, l.cause.target);
	assert_null(back.cause.request_id);
	assert_int_equal(back.op_count, 3);
	for (size_t i = 0; i < 3; i++)
		assert_same_op(&l.ops[i], &back.ops[i]);

	assert_int_equal(line_peek(text, &back), EG_OK);
	assert_int_equal(back.sequence, 17);
	assert_int_equal(line_parse_segment(text, &back), EG_MALFORMED);
}

static void
test_segment_and_stop(void **state)
{
	struct scratch *s = *state;
	struct line l = { .type = LINE_SEGMENT, .sequence = UINT64_MAX, .synced = UINT64_MAX, .store = id_of(9), .segment = 12, .key = 15 };
	struct line back;

	assert_int_equal(line_parse_segment(line_format(s->a, &l), &back), EG_OK);
	assert_int_equal(back.segment, 12);
	assert_int_equal(back.key, 15);
	assert_int_equal(back.sequence, UINT64_MAX);
	assert_true(uuid_equal(&back.store, &l.store));
	l = (struct line){ .type = LINE_STOP, .sequence = 3, .synced = 3, .at_us = 4 };
	assert_int_equal(line_parse(s->a, line_format(s->a, &l), &back), EG_OK);
	assert_int_equal(back.type, LINE_STOP);
}

/* Cut anywhere, or with a byte too many, it is no line; with any byte changed it is one or not, but never a crash. */
static void
test_mutations(void **state)
{
	struct scratch *s = *state;
	struct line l = full_change(s->a), back;
	struct slice text = line_format(s->a, &l);

	for (size_t len = 0; len < text.len; len++) {
		char *cut = malloc(len == 0 ? 1 : len);

		memcpy(cut, text.p, len);
		assert_int_equal(line_parse(s->a, (struct slice){ cut, len }, &back), EG_MALFORMED);
		for (size_t i = len > 8 ? len - 8 : 0; i < len; i++) {
			cut[i] ^= 1u << (len % 8);
			(void)!line_parse(s->a, (struct slice){ cut, len }, &back);
		}
		free(cut);
	}
	assert_int_equal(line_parse(s->a, text_of(arena_printf(s->a, "%s ", text.p)), &back), EG_MALFORMED);
}

static void
test_refused(void **state)
{
	struct scratch *s = *state;
	static const struct {
		const char *name;
		const char *text;
		eg_err expected;
	} cases[] = {
		{ "stop", "{\"sequence\":1,\"synced\":1,\"at\":0,\"stop\":true}", EG_OK },
		{ "newer format", "{\"sequence\":1,\"synced\":1,\"at\":0,\"journal\":2,\"shape\":\"unknown\"}", EG_WRONG_KIND },
		{ "leading zero", "{\"sequence\":01,\"synced\":1,\"at\":0,\"stop\":true}", EG_MALFORMED },
		{ "no number", "{\"sequence\":,\"synced\":1,\"at\":0,\"stop\":true}", EG_MALFORMED },
		{ "negative", "{\"sequence\":-1,\"synced\":1,\"at\":0,\"stop\":true}", EG_MALFORMED },
		{ "number over 64 bits", "{\"sequence\":18446744073709551616,\"synced\":1,\"at\":0,\"stop\":true}", EG_MALFORMED },
		{ "largest number", "{\"sequence\":18446744073709551615,\"synced\":1,\"at\":0,\"stop\":true}", EG_OK },
		{ "space", "{\"sequence\": 1,\"synced\":1,\"at\":0,\"stop\":true}", EG_MALFORMED },
		{ "other order", "{\"synced\":1,\"sequence\":1,\"at\":0,\"stop\":true}", EG_MALFORMED },
		{ "empty", "", EG_MALFORMED },
	};
	struct line back;

	for (size_t i = 0; i < EG_COUNT(cases); i++)
		if (line_parse(s->a, text_of(cases[i].text), &back) != cases[i].expected)
			fail_msg("%s", cases[i].name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_change, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_segment_and_stop, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_mutations, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_refused, scratch_setup, scratch_teardown),
	};

	return cmocka_run_group_tests_name("store/line", tests, NULL, NULL);
}
