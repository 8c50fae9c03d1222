/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scratch.h"
#include "store/record.h"

static const char doc[] = "{\"a\":1}";

static struct stored
full_record(void)
{
	struct stored r = { .kind = 't', .id = id_of(1), .sequence = UINT64_MAX, .slot = UINT32_MAX, .ring = 7,
	    .doc = { doc, sizeof doc - 1 } };

	for (unsigned i = 0; i < STORE_LISTS_MAX; i++) {
		r.lists[i] = id_of(10 + i);
		r.positions[i] = UINT64_MAX - i;
		r.uniques[i] = (struct slice){ "email:a@b.example", 5 + i };
	}
	return r;
}

static void
assert_same(const struct stored *x, const struct stored *y)
{
	assert_int_equal(x->sequence, y->sequence);
	assert_int_equal(x->slot, y->slot);
	assert_int_equal(x->ring, y->ring);
	for (unsigned i = 0; i < STORE_LISTS_MAX; i++) {
		assert_memory_equal(x->lists[i].b, y->lists[i].b, 16);
		assert_int_equal(x->positions[i], y->positions[i]);
		assert_int_equal(x->uniques[i].p == NULL, y->uniques[i].p == NULL);
		assert_int_equal(x->uniques[i].len, y->uniques[i].len);
		if (x->uniques[i].p != NULL)
			assert_memory_equal(x->uniques[i].p, y->uniques[i].p, x->uniques[i].len);
	}
	assert_int_equal(x->doc.len, y->doc.len);
	assert_memory_equal(x->doc.p, y->doc.p, x->doc.len);
}

/* Every combination of used lists and unique names comes back as it was. */
static void
test_round_trip(void **state)
{
	struct scratch *s = *state;

	for (unsigned bits = 0; bits < 256; bits++) {
		struct stored r = full_record(), back;

		for (unsigned i = 0; i < 4; i++) {
			if ((bits & 1u << i) == 0) {
				r.lists[i] = uuid_nil;
				r.positions[i] = 0;
			}
			if ((bits & 16u << i) == 0)
				r.uniques[i] = (struct slice){ NULL, 0 };
		}
		assert_int_equal(stored_decode(stored_encode(s->a, &r), &back), EG_OK);
		assert_same(&r, &back);
	}
}

/* The document runs to the end, so only a cut in front of it shows; there each is refused. */
static void
test_cut_and_odd_values(void **state)
{
	struct scratch *s = *state;
	struct stored r = full_record(), back;
	struct slice value = stored_encode(s->a, &r);
	static const struct {
		const char *name;
		size_t offset;
		char byte;
	} odd[] = {
		{ "another format", 0, 2 },
		{ "a fifth list", 17, 0x1f },
		{ "a fifth unique name", 18 + 4 * 24, 0x1f },
		{ "a unique name longer than allowed", 18 + 4 * 24 + 2, 2 },
	};

	for (size_t len = 0; len < value.len - r.doc.len; len++) {
		/* Copied, so that a read behind the end is seen by AddressSanitizer. */
		char *cut = malloc(len + 1);

		memcpy(cut, value.p, len);
		cut = realloc(cut, len == 0 ? 1 : len);
		assert_int_equal(stored_decode((struct slice){ cut, len }, &back), EG_DAMAGED);
		free(cut);
	}
	for (size_t i = 0; i < EG_COUNT(odd); i++) {
		char *bytes = arena_copy(s->a, value.p, value.len);

		bytes[odd[i].offset] = odd[i].byte;
		if (stored_decode((struct slice){ bytes, value.len }, &back) != EG_DAMAGED)
			fail_msg("%s was accepted", odd[i].name);
	}
}

static void
test_meta_and_owner(void **state)
{
	struct scratch *s = *state;
	struct meta m = { 1, -5, 3, 4, UINT64_MAX, { 7, [25] = 8, [26] = 9, [51] = 10 } }, back;
	struct uuid id = id_of(3), id_back;
	struct slice v = meta_encode(s->a, &m);
	char kind;

	assert_int_equal(meta_decode(v, &back), EG_OK);
	assert_memory_equal(&m, &back, sizeof m);
	v.len--;
	assert_int_equal(meta_decode(v, &back), EG_DAMAGED);
	v = owner_encode(s->a, 'u', &id);
	assert_int_equal(owner_decode(v, &kind, &id_back), EG_OK);
	assert_int_equal(kind, 'u');
	assert_true(uuid_equal(&id, &id_back));
	v.len++;
	assert_int_equal(owner_decode(v, &kind, &id_back), EG_DAMAGED);
}

static void
test_kinds(void **state)
{
	static const struct {
		char kind;
		int index;
	} cases[] = { { 'A', 0 }, { 'Z', 25 }, { 'a', 26 }, { 'z', 51 }, { '@', -1 }, { '[', -1 }, { '`', -1 }, { '{', -1 }, { '\0', -1 } };

	for (size_t i = 0; i < EG_COUNT(cases); i++)
		assert_int_equal(kind_index(cases[i].kind), cases[i].index);
}

/* Two things never share a key. */
static void
test_keys_differ(void **state)
{
	struct uuid one = id_of(1), two = id_of(2);
	struct key keys[10];
	size_t n = 0;

	key_meta(&keys[n++]);
	key_free_slots(&keys[n++]);
	key_record(&keys[n++], 't', &one);
	key_record(&keys[n++], 't', &two);
	key_record(&keys[n++], 'u', &one);
	key_list_head(&keys[n++], 't', &one);
	key_node(&keys[n++], 't', &one, 0, 1);
	key_node(&keys[n++], 't', &one, 1, 0);
	key_unique(&keys[n++], one.b);
	key_unique(&keys[n++], two.b);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++)
			assert_false(keys[i].len == keys[k].len && memcmp(keys[i].b, keys[k].b, keys[i].len) == 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_round_trip, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_cut_and_odd_values, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_meta_and_owner, scratch_setup, scratch_teardown),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_keys_differ),
	};

	return cmocka_run_group_tests_name("store/record", tests, NULL, NULL);
}
