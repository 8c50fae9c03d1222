/* SPDX-License-Identifier: GPL-3.0-or-later */
/* row: what is encoded is decoded; what we did not write is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/row.h"

struct sample {
	const char *text;
	int64_t number;
	double real;
	bool flag;
	unsigned bits;
	struct uuid id;
	uint8_t bytes[5];
	const char *const *texts;
	size_t text_count;
};

static const struct column columns[] = {
	COLUMN(TEXT, struct sample, text, "text"),
	COLUMN(NUMBER, struct sample, number, "number"),
	COLUMN(REAL, struct sample, real, "real"),
	COLUMN(FLAG, struct sample, flag, "flag"),
	COLUMN(BITS, struct sample, bits, "bits"),
	COLUMN(UUID, struct sample, id, "id"),
	COLUMN(BYTES, struct sample, bytes, "bytes"),
	COLUMN_LIST(struct sample, texts, text_count, "texts"),
	COLUMN_END,
};

static int
setup(void **state)
{
	*state = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static eg_err
decode_text(struct arena *a, const char *text, struct sample *out)
{
	struct store_record rec = { .kind = 't' };

	*out = (struct sample){ 0 };
	assert_int_equal(json_parse_strict(a, text, strlen(text), &rec.doc, NULL), EG_OK);
	return row_decode(a, &rec, columns, out);
}

static void
round_trip(void **state)
{
	static const char *const texts[] = { "https://a.example", "https://b.example" };
	const struct sample in = { "a \"label\" \xf0\x9f\x8e\x89", INT64_MAX, 0.1, true, 0x1f,
		{ { 1, 2, 3, 4, 5, 6, 0x77, 8, 0x99, 10, 11, 12, 13, 14, 15, 16 } }, { 0, 255, 0, 254, 1 }, texts, 2 };
	struct sample out;
	const char *text = json_text(*state, row_encode(*state, columns, &in), NULL);

	assert_string_equal(text,
	    "{\"text\":\"a \\\"label\\\" \xf0\x9f\x8e\x89\",\"number\":9223372036854775807,\"real\":0.1,\"flag\":true,\"bits\":31,"
	    "\"id\":\"01020304-0506-7708-990a-0b0c0d0e0f10\",\"bytes\":\"AP8A_gE\",\"texts\":[\"https://a.example\",\"https://b.example\"]}");
	assert_int_equal(decode_text(*state, text, &out), EG_OK);
	assert_string_equal(out.text, in.text);
	assert_true(out.number == in.number);
	assert_true(out.real == in.real);
	assert_true(out.flag);
	assert_int_equal(out.bits, in.bits);
	assert_true(uuid_equal(&out.id, &in.id));
	assert_memory_equal(out.bytes, in.bytes, sizeof(in.bytes));
	assert_int_equal(out.text_count, 2);
	assert_string_equal(out.texts[1], texts[1]);
}

static void
nothing_is_not_written(void **state)
{
	const struct sample in = { 0 };
	struct sample out;
	const char *text = json_text(*state, row_encode(*state, columns, &in), NULL);

	assert_string_equal(text, "{}");
	assert_int_equal(decode_text(*state, text, &out), EG_OK);
	assert_memory_equal(&out, &in, sizeof(in));
}

/* Order is speed, not meaning; a newer program's members are no fault. */
static void
any_order_and_more(void **state)
{
	struct sample out;

	assert_int_equal(decode_text(*state, "{\"later\":[{}],\"bits\":3,\"text\":\"x\",\"real\":-3,\"flag\":true,\"number\":-7}",
	    &out), EG_OK);
	assert_string_equal(out.text, "x");
	assert_true(out.number == -7);
	assert_true(out.real == -3);
	assert_true(out.flag);
	assert_int_equal(out.bits, 3);
}

static void
other_types_are_damage(void **state)
{
	static const char *const cases[] = { "[]", "{\"text\":1}", "{\"text\":null}", "{\"number\":\"1\"}",
	    "{\"number\":1.5}", "{\"real\":\"1\"}", "{\"flag\":1}",
		"{\"bits\":true}", "{\"id\":\"x\"}", "{\"bytes\":\"AP8A_g\"}", "{\"bytes\":\"AP8A_gEA\"}",
		    "{\"texts\":\"x\"}", "{\"texts\":[1]}" };
	struct sample out;

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		if (decode_text(*state, cases[i], &out) != EG_DAMAGED)
			fail_msg("accepted: %s", cases[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(nothing_is_not_written),
		cmocka_unit_test(any_order_and_more),
		cmocka_unit_test(other_types_are_damage),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
