/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scratch.h"
#include "store/index.h"

struct fixture {
	struct index ix;
	struct mac *mac;
	struct arena *a;
};

static void
fixture_open(struct fixture *f, struct scratch *s)
{
	assert_int_equal(mac_open(s->ring, 1, "store index", &f->mac), EG_OK);
	index_init(&f->ix, arena_printf(s->a, "%s/index", s->base), f->mac);
	assert_int_equal(index_create(&f->ix, 128), EG_OK);
	f->a = arena_new();
}

static void
fixture_close(struct fixture *f)
{
	index_drop(&f->ix);
	mac_free(f->mac);
	arena_free(f->a);
}

static struct key
key_of(unsigned n)
{
	struct uuid id = id_of(n);
	struct key key;

	key_record(&key, 't', &id);
	return key;
}

static void
store(struct fixture *f, unsigned n, const char *bytes, size_t len, size_t *room)
{
	struct key key = key_of(n);

	assert_int_equal(index_store(&f->ix, &key, (struct slice){ bytes, len }, room), EG_OK);
}

/* Values of sizes on both sides of each class come back as they were, from this handle and from a new one. */
static void
test_sizes(void **state)
{
	static const size_t centers[] = { 3, 26, 58, 90, 154, 218, 474, 730, 986, 2010, 4058, 8154, 100000 };
	static char bytes[100003];
	struct fixture f;
	struct slice got;
	size_t room;

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * 7 + i / 251);
	fixture_open(&f, *state);
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < EG_COUNT(centers); i++) {
			for (size_t len = centers[i] - 3; len < centers[i] + 3; len++) {
				unsigned n = (unsigned)(i * 10 + len - centers[i] + 3);
				struct key key = key_of(n);

				room = 0;
				if (round == 0)
					store(&f, n, bytes, len, &room);
				assert_int_equal(index_fetch(&f.ix, f.a, &key, &got, &room), EG_OK);
				assert_int_equal(got.len, len);
				assert_memory_equal(got.p, bytes, len);
				arena_reset(f.a);
			}
		}
		index_drop(&f.ix);
		assert_int_equal(index_open(&f.ix, false, 1), EG_OK);
	}
	fixture_close(&f);
}

/* A value that shrinks keeps its place, until it is far too small for it. */
static void
test_room(void **state)
{
	static const struct {
		size_t len;
		bool same;      /* takes what the one before took */
	} steps[] = {
		{ 300, false }, { 200, true }, { 340, true }, { 100, true }, { 20, true }, { 400, false }, { 346, true },
		{ 3000, false }, { 1600, true }, { 400, true }, { 300, false }, { 20, true }, { 50000, false }, { 30000, true },
		{ 20000, false },
	};
	static char bytes[50000];
	struct fixture f;
	size_t room = 0;

	fixture_open(&f, *state);
	for (size_t i = 0; i < EG_COUNT(steps); i++) {
		size_t before = room;

		store(&f, 1, bytes, steps[i].len, &room);
		if ((room == before) != steps[i].same)
			fail_msg("step %zu: %zu bytes went from %zu to %zu", i, steps[i].len, before, room);
	}
	fixture_close(&f);
}

/* Where entries change their sizes GDBM's files grow for ever: here to 4.5 MB. */
static void
test_growth(void **state)
{
	static size_t rooms[1000];
	static char bytes[600];
	uint32_t seed = 1;
	struct fixture f;

	memset(rooms, 0, sizeof rooms);
	fixture_open(&f, *state);
	for (int i = 0; i < 40000; i++) {
		seed = seed * 1664525u + 1013904223u;
		unsigned n = (seed >> 8) % 1000;

		store(&f, n, bytes, seed >> 23, &rooms[n]);
	}
	assert_in_range(size_of(f.ix.path), 500000, 1500000);
	fixture_close(&f);
}

/* An entry under another key, of another master key, or cut, is damage; one that is not there is not. */
static void
test_damage(void **state)
{
	struct scratch *s = *state;
	struct keyring *other_ring = scratch_ring(s->a, KEY_2);
	struct key one = key_of(1), two = key_of(2), none = key_of(3);
	struct mac *other;
	struct fixture f;
	struct slice got;
	size_t room = 0;

	fixture_open(&f, s);
	assert_int_equal(mac_open(other_ring, 2, "store index", &other), EG_OK);
	store(&f, 1, "right", 5, &room);
	f.ix.mac = other;
	room = 0;
	store(&f, 2, "wrong", 5, &room);
	f.ix.mac = f.mac;
	assert_int_equal(index_fetch(&f.ix, f.a, &one, &got, &room), EG_OK);
	assert_int_equal(index_fetch(&f.ix, f.a, &two, &got, &room), EG_DAMAGED);
	assert_int_equal(index_fetch(&f.ix, f.a, &none, &got, &room), EG_NOTFOUND);
	index_drop(&f.ix);
	for (off_t cut = 1; cut < 4000; cut *= 5) {
		assert_int_equal(truncate(f.ix.path, size_of(f.ix.path) - cut), 0);
		eg_err e = index_open(&f.ix, false, 1);
		if (e == EG_OK)
			e = index_fetch(&f.ix, f.a, &one, &got, &room);
		assert_true(e == EG_OK || e == EG_DAMAGED);
		index_drop(&f.ix);
	}
	assert_int_equal(truncate(f.ix.path, 0), 0);
	assert_int_equal(index_open(&f.ix, false, 1), EG_DAMAGED);
	assert_int_equal(unlink(f.ix.path), 0);
	assert_int_equal(index_open(&f.ix, false, 1), EG_DAMAGED);
	assert_non_null(f.ix.fault);
	mac_free(other);
	keyring_free(other_ring);
	fixture_close(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_sizes, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_room, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_growth, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_damage, scratch_setup, scratch_teardown),
	};

	return cmocka_run_group_tests_name("store/index", tests, NULL, NULL);
}
