/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rings of recent events: K28, T39, F10. */
#include "usage_fixture.h"

#include <time.h>

#define AT (MIDNIGHT + 12 * 3600)

struct rows {
	struct ring_row *row;
	size_t count;
};

static struct arena *arena;

static struct rows
rows_of(struct usage *u, uint32_t ring, const struct uuid *id)
{
	struct rows rows;

	ring_read(u, arena, ring, id, &rows.row, &rows.count);
	return rows;
}

static struct ring_row
row_make(int64_t at_s, const char *code, const char *origin)
{
	struct ring_row row = { .at_s = at_s, .token_id = Y, .count = 1 };

	snprintf(row.code, sizeof(row.code), "%s", code);
	snprintf(row.origin, sizeof(row.origin), "%s", origin);
	strcpy(row.widget, "dashboard");
	strcpy(row.address, "192.0.2.0");
	strcpy(row.browser, "Firefox");
	return row;
}

static void
add(struct usage *u, uint32_t ring, int64_t at_s, const char *code, const char *origin)
{
	struct ring_row row = row_make(at_s, code, origin);

	ring_add(u, ring, &X, &row);
}

static void
a_row_comes_back_whole(void **state)
{
	struct ring_row in = row_make(AT + 7, "origin_not_allowed", "https://shop.acme.com");

	ring_add(*state, 1, &X, &in);
	struct rows got = rows_of(*state, 1, &X);
	assert_int_equal(got.count, 1);
	assert_int_equal(got.row->at_s, in.at_s);
	assert_true(uuid_equal(&got.row->token_id, &Y));
	assert_int_equal(got.row->count, 1);
	assert_string_equal(got.row->code, in.code);
	assert_string_equal(got.row->origin, in.origin);
	assert_string_equal(got.row->widget, in.widget);
	assert_string_equal(got.row->address, in.address);
	assert_string_equal(got.row->browser, in.browser);
}

static void
equal_rows_of_a_minute_are_one(void **state)
{
	static const struct {
		const char *name;
		size_t offset;  /* of the text to change, 0: none */
		int64_t at_s;
		size_t rows;
	} cases[] = {
		{ "same second",            0, AT, 1 },
		{ "last second",            0, AT + 59, 1 },
		{ "next minute",            0, AT + 60, 2 },
		{ "the minute before",      0, AT - 1, 2 },
		{ "another code",           offsetof(struct ring_row, code), AT, 2 },
		{ "another origin",         offsetof(struct ring_row, origin), AT, 2 },
		{ "another widget",         offsetof(struct ring_row, widget), AT, 2 },
		{ "another address",        offsetof(struct ring_row, address), AT, 2 },
		{ "another browser",        offsetof(struct ring_row, browser), AT, 2 },
		{ "another token",          offsetof(struct ring_row, token_id), AT, 2 },
	};

	assert_int_equal(usage_reserve_rings(*state, EG_COUNT(cases)), EG_OK);
	for (uint32_t i = 0; i < EG_COUNT(cases); i++) {
		struct ring_row first = row_make(AT, "ok", "https://acme.com"), second = first;
		second.at_s = cases[i].at_s;
		if (cases[i].offset != 0)
			((char *)&second)[cases[i].offset] = 'z';
		ring_add(*state, i + 1, &X, &first);
		ring_add(*state, i + 1, &X, &second);
		struct rows got = rows_of(*state, i + 1, &X);
		if (got.count != cases[i].rows)
			fail_msg("%s: %zu rows", cases[i].name, got.count);
		assert_int_equal(got.row[0].count, got.count == 1 ? 2 : 1);
		assert_int_equal(got.row[0].at_s, cases[i].at_s > AT ? cases[i].at_s : AT);
	}
}

static void
the_newest_256_stay_newest_first(void **state)
{
	char origin[32];

	for (int i = 0; i < 300; i++) {
		snprintf(origin, sizeof(origin), "https://%d.example", i);
		add(*state, 1, AT + i / 100, "ok", origin);
	}
	struct rows got = rows_of(*state, 1, &X);
	assert_int_equal(got.count, USAGE_RING_ROWS);
	assert_string_equal(got.row[0].origin, "https://299.example");
	assert_string_equal(got.row[255].origin, "https://44.example");
	for (size_t i = 1; i < got.count; i++)
		assert_true(got.row[i].at_s <= got.row[i - 1].at_s);
	/* An old row that happens again becomes the newest, without taking the place of another. */
	add(*state, 1, AT + 50, "ok", "https://44.example");
	got = rows_of(*state, 1, &X);
	assert_int_equal(got.count, USAGE_RING_ROWS);
	assert_string_equal(got.row[0].origin, "https://44.example");
	assert_int_equal(got.row[0].count, 2);
}

static void
long_texts_are_cut_between_characters(void **state)
{
	struct ring_row row = { .at_s = AT, .count = 3 };

	memset(row.code, 'c', sizeof(row.code) - 1);
	memset(row.widget, 'w', sizeof(row.widget) - 1);
	memset(row.address, 'a', sizeof(row.address) - 1);
	memset(row.browser, 'b', sizeof(row.browser) - 1);
	for (size_t i = 0; i + 2 < sizeof(row.origin); i += 2)
		memcpy(row.origin + i, "\xc3\xa9", 2);
	ring_add(*state, 1, &X, &row);
	struct rows got = rows_of(*state, 1, &X);
	assert_int_equal(got.count, 1);
	assert_int_equal(got.row->count, 3);
	assert_string_equal(got.row->code, row.code);
	assert_string_equal(got.row->widget, row.widget);
	assert_string_equal(got.row->address, row.address);
	assert_string_equal(got.row->browser, row.browser);
	assert_int_equal(strlen(got.row->origin), 40);
	assert_memory_equal(got.row->origin, row.origin, 40);
	/* With the usual short texts an origin of full length stays whole. */
	memset(row.origin, 'o', sizeof(row.origin) - 1);
	strcpy(row.code, "origin_not_allowed");
	strcpy(row.widget, "dashboard");
	strcpy(row.address, "2001:db8:1::");
	strcpy(row.browser, "Firefox");
	ring_add(*state, 1, &X, &row);
	assert_string_equal(rows_of(*state, 1, &X).row[0].origin, row.origin);
}

/* After a restore a ring may have been another customer's. */
static void
a_ring_shows_its_customer_only(void **state)
{
	struct ring_row row = row_make(AT, "ok", "https://y.example");

	add(*state, 1, AT, "ok", "https://x.example");
	assert_int_equal(rows_of(*state, 1, &Y).count, 0);
	ring_add(*state, 1, &Y, &row);
	struct rows got = rows_of(*state, 1, &Y);
	assert_int_equal(got.count, 1);
	assert_string_equal(got.row->origin, "https://y.example");
	static const uint32_t none[] = { 0, 1000000, UINT32_MAX };
	for (size_t i = 0; i < EG_COUNT(none); i++) {
		ring_add(*state, none[i], &X, &row);
		assert_int_equal(rows_of(*state, none[i], &X).count, 0);
	}
}

/* Whatever word of a row is damaged, the row is gone or, where the word held nothing, as it was. */
static void
a_torn_row_is_no_row(void **state)
{
	struct usage *u = *state;

	add(u, 1, AT, "origin_not_allowed", "https://shop.acme.com");
	char *ring = mapped_unit(&u->rings, 1);
	uint64_t *words = (uint64_t *)(void *)(ring + 64 + 8 * USAGE_RING_ROWS);
	for (size_t i = 0; i < 24; i++) {
		uint64_t kept = words[i];
		words[i] ^= UINT64_C(1) << 63;
		struct rows got = rows_of(u, 1, &X);
		if (got.count == 1 && strcmp(got.row->origin, "https://shop.acme.com") != 0)
			fail_msg("word %zu: shown torn", i);
		if (i < 12)
			assert_int_equal(got.count, 0);
		words[i] = kept;
		assert_int_equal(rows_of(u, 1, &X).count, 1);
	}
}

static bool
add_many(struct usage *u, int number, void *arg)
{
	for (int i = 0; i < 20000; i++)
		add(u, 1, AT + i % 60, i % 3 ? "ok" : "token_expired", i % 2 ? "https://a.example" : "https://b.example");
	return true;
}

/* F10 */
static void
processes_count_rows_exactly(void **state)
{
	uint64_t sum = 0;

	fixture_at_once(add_many, NULL);
	struct rows got = rows_of(*state, 1, &X);
	assert_int_equal(got.count, 4);
	for (size_t i = 0; i < got.count; i++) {
		sum += got.row[i].count;
		assert_int_equal(got.row[i].at_s / 60, AT / 60);
	}
	assert_int_equal(sum, PROCESSES * 20000);
}

/* Process 0 reads, the others write rows whose texts all tell the same number. */
static bool
flood(struct usage *u, int number, void *arg)
{
	char text[24];

	for (int i = 0; i < (number == 0 ? 300 : 20000); i++) {
		if (number > 0) {
			snprintf(text, sizeof(text), "%d.%d", number, i);
			struct ring_row row = { .at_s = AT + i, .count = 1 };
			strcpy(row.code, text);
			strcpy(row.origin, text);
			strcpy(row.widget, text);
			strcpy(row.address, text);
			ring_add(u, 1, &X, &row);
			continue;
		}
		struct arena *a = arena_new();
		struct ring_row *rows;
		size_t count;
		ring_read(u, a, 1, &X, &rows, &count);
		for (size_t k = 0; k < count; k++)
			if (strcmp(rows[k].code, rows[k].origin) != 0 || strcmp(rows[k].code, rows[k].widget) != 0 ||
			    strcmp(rows[k].code, rows[k].address) != 0 || rows[k].count != 1)
				return false;
		arena_free(a);
	}
	return true;
}

/* T39 */
static void
a_flood_stays_in_its_ring_and_is_never_torn(void **state)
{
	struct usage *u = *state;
	struct ring_row row = row_make(AT, "ok", "https://y.example");

	ring_add(u, 2, &Y, &row);
	void *before = arena_copy(arena, mapped_unit(&u->rings, 2), u->rings.kind->unit_size);
	fixture_at_once(flood, NULL);
	assert_int_equal(rows_of(u, 1, &X).count, USAGE_RING_ROWS);
	assert_memory_equal(before, mapped_unit(&u->rings, 2), u->rings.kind->unit_size);
	struct rows got = rows_of(u, 2, &Y);
	assert_int_equal(got.count, 1);
	assert_string_equal(got.row->origin, "https://y.example");
}

static int
arena_setup(void **state)
{
	arena = arena_new();
	return 0;
}

static int
arena_teardown(void **state)
{
	arena_free(arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE(a_row_comes_back_whole),
		FIXTURE(equal_rows_of_a_minute_are_one),
		FIXTURE(the_newest_256_stay_newest_first),
		FIXTURE(long_texts_are_cut_between_characters),
		FIXTURE(a_ring_shows_its_customer_only),
		FIXTURE(a_torn_row_is_no_row),
		FIXTURE(processes_count_rows_exactly),
		FIXTURE(a_flood_stays_in_its_ring_and_is_never_torn),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
