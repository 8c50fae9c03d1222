/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists in an index file against a plain array. */
#include "scratch.h"
#include "store/lists.h"

struct fixture {
	struct index ix;
	struct mac *mac;
	struct view v;
	struct arena *a;
};

static void
fixture_open(struct fixture *f, struct scratch *s)
{
	struct meta m = { .next_slot = 1, .next_ring = 1 };
	struct key key;
	size_t room = 0;

	assert_int_equal(mac_open(s->ring, 1, "store index", &f->mac), EG_OK);
	index_init(&f->ix, arena_printf(s->a, "%s/index", s->base), f->mac);
	assert_int_equal(index_create(&f->ix, 128), EG_OK);
	key_meta(&key);
	assert_int_equal(index_store(&f->ix, &key, meta_encode(s->a, &m), &room), EG_OK);
	f->a = arena_new();
	view_init_changing(&f->v, &f->ix, f->a);
}

/* Write what was changed and begin a new view. */
static void
fixture_flush(struct fixture *f)
{
	assert_int_equal(view_flush(&f->v), EG_OK);
	arena_reset(f->a);
	view_init_changing(&f->v, &f->ix, f->a);
}

static void
fixture_close(struct fixture *f)
{
	index_drop(&f->ix);
	mac_free(f->mac);
	arena_free(f->a);
}

static uint64_t
entries_in(struct fixture *f)
{
	struct meta *m;
	uint64_t n;

	assert_int_equal(view_meta(&f->v, &m), EG_OK);
	assert_int_equal(index_count(&f->ix, &n), EG_OK);
	assert_int_equal(n, m->keys + 1);
	return n;
}

/* The page at `offset` is what the model (oldest first, 0: removed) says. */
static void
assert_page(struct fixture *f, const struct uuid *list, const unsigned *model, size_t count, size_t offset, size_t limit)
{
	size_t live = 0, got, skip = offset, i = 0;
	uint64_t total;
	struct uuid *ids;

	for (size_t k = 0; k < count; k++)
		live += model[k] != 0;
	assert_int_equal(list_page(&f->v, 't', list, offset, limit, &ids, &got, &total), EG_OK);
	assert_int_equal(total, live);
	assert_int_equal(got, offset >= live ? 0 : limit < live - offset ? limit : live - offset);
	for (size_t k = count; k-- > 0 && i < got;) {
		if (model[k] == 0)
			continue;
		if (skip > 0) {
			skip--;
			continue;
		}
		struct uuid want = id_of(model[k]);
		assert_memory_equal(ids[i++].b, want.b, 16);
	}
}

/* Sizes on both sides of where a node fills up or the tree grows; then all of it removed again, in an order
 * without order. */
static void
test_grow_and_shrink(void **state)
{
	static const size_t sizes[] = { 1, 3, 4, 5, 15, 16, 17, 63, 64, 65, 128, 4095, 4096, 4097, 4161 };
	static unsigned model[5000];
	struct uuid list = id_of(1);
	struct fixture f;
	size_t n = 0;

	fixture_open(&f, *state);
	for (size_t i = 0; i < EG_COUNT(sizes); i++) {
		while (n < sizes[i]) {
			struct uuid id = id_of((unsigned)n + 100);
			uint64_t position;

			assert_int_equal(list_add(&f.v, 't', &list, &id, &position), EG_OK);
			assert_int_equal(position, n);
			model[n] = (unsigned)n + 100;
			n++;
		}
		fixture_flush(&f);
		static const size_t offsets[] = { 0, 1, 3, 50, 63, 64, 65, 4090, 4096 };
		for (size_t k = 0; k < EG_COUNT(offsets); k++)
			assert_page(&f, &list, model, n, offsets[k], 50);
		assert_page(&f, &list, model, n, n - 1, 50);
		assert_page(&f, &list, model, n, n, 50);
		assert_page(&f, &list, model, n, 0, n + 1);
	}
	for (size_t i = 0, at = 0; i < n; i++) {
		at = (at + 2741) % n;   /* prime to n */
		struct uuid id = id_of(model[at]), other = id_of(99);

		assert_int_equal(list_remove(&f.v, 't', &list, &other, at), EG_DAMAGED);
		assert_int_equal(list_remove(&f.v, 't', &list, &id, at), EG_OK);
		model[at] = 0;
		if (i % 500 == 0 || i > n - 5) {
			fixture_flush(&f);
			assert_page(&f, &list, model, n, 0, 100);
			assert_page(&f, &list, model, n, (n - i) / 2, 70);
		}
	}
	/* Nothing is left of it but the file's own record. */
	fixture_flush(&f);
	assert_int_equal(entries_in(&f), 1);
	struct uuid id = id_of(5);
	uint64_t position;
	assert_int_equal(list_add(&f.v, 't', &list, &id, &position), EG_OK);
	assert_int_equal(position, 0);
	fixture_close(&f);
}

/* Lists of other kinds and other names are other lists. */
static void
test_apart(void **state)
{
	struct uuid one = id_of(1), two = id_of(2), id = id_of(3);
	struct list_head head;
	uint64_t position;
	struct fixture f;

	fixture_open(&f, *state);
	assert_int_equal(list_add(&f.v, 't', &one, &id, &position), EG_OK);
	assert_int_equal(list_head(&f.v, 't', &one, &head), EG_OK);
	assert_int_equal(head.total, 1);
	assert_int_equal(list_head(&f.v, 'u', &one, &head), EG_OK);
	assert_int_equal(head.total, 0);
	assert_int_equal(list_head(&f.v, 't', &two, &head), EG_OK);
	assert_int_equal(head.total, 0);
	fixture_close(&f);
}

/* Built at once it is what it would be if it had grown, holes and all. */
static void
test_build(void **state)
{
	static const size_t sizes[] = { 1, 4, 5, 64, 65, 4096, 4097, 5000 };
	static unsigned model[5000];
	static struct uuid ids[5000];

	for (size_t i = 0; i < 3 * EG_COUNT(sizes); i++) {
		size_t n = sizes[i / 3], live = 0;
		struct uuid list = id_of(1), id = id_of(9);
		uint64_t position;
		struct fixture f;

		fixture_open(&f, *state);
		for (size_t k = 0; k < n; k++) {
			/* Without holes, with some, with whole nodes of them. */
			bool hole = i % 3 == 1 ? k % 3 == 0 : i % 3 == 2 && k % 200 < 130;

			model[k] = hole ? 0 : (unsigned)k + 100;
			ids[k] = hole ? uuid_nil : id_of((unsigned)k + 100);
			live += !hole;
		}
		assert_int_equal(list_build(&f.v, 't', &list, ids, n), EG_OK);
		fixture_flush(&f);
		(void)entries_in(&f);
		for (size_t offset = 0; offset <= live; offset += 1 + live / 7)
			assert_page(&f, &list, model, n, offset, 100);
		if (live > 0) {
			assert_int_equal(list_add(&f.v, 't', &list, &id, &position), EG_OK);
			assert_int_equal(position, n);
			assert_int_equal(list_remove(&f.v, 't', &list, &id, n), EG_OK);
		}
		for (size_t k = 0; k < n; k++)
			if (model[k] != 0)
				assert_int_equal(list_remove(&f.v, 't', &list, &ids[k], k), EG_OK);
		fixture_flush(&f);
		assert_int_equal(entries_in(&f), 1);
		fixture_close(&f);
	}
}

/* At random, with the same seed each time. */
static void
test_random(void **state)
{
	static unsigned model[3000];
	struct uuid list = id_of(1);
	uint32_t seed = 1;
	struct fixture f;
	size_t n = 0, live = 0;

	fixture_open(&f, *state);
	for (int step = 0; step < 5000; step++) {
		seed = seed * 1664525u + 1013904223u;
		if (n < EG_COUNT(model) && (live == 0 || seed >> 29 > 2)) {
			struct uuid id = id_of((unsigned)step + 1);
			uint64_t position;

			assert_int_equal(list_add(&f.v, 't', &list, &id, &position), EG_OK);
			/* An emptied list begins anew. */
			if (live == 0)
				n = 0;
			assert_int_equal(position, n);
			model[n++] = (unsigned)step + 1;
			live++;
		} else {
			size_t at = (seed >> 8) % n;

			while (model[at] == 0)
				at = (at + 1) % n;
			struct uuid id = id_of(model[at]);
			assert_int_equal(list_remove(&f.v, 't', &list, &id, at), EG_OK);
			model[at] = 0;
			live--;
		}
		if (step % 100 == 0) {
			fixture_flush(&f);
			assert_page(&f, &list, model, n, (seed >> 4) % (live + 2), 30);
		}
	}
	fixture_close(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_grow_and_shrink, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_apart, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_build, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_random, scratch_setup, scratch_teardown),
	};

	return cmocka_run_group_tests_name("store/lists", tests, NULL, NULL);
}
