/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What store.h promises, in one process; more than one: processes_test.c, killed ones: kill_test.c. */
#include "scratch.h"

#include "store/engine.h"
#include "store/usage/usage.h"

#define LIST 1000
#define OTHER 1001

/* ---- records, lists, unique names ---- */

static void
test_put_get_delete(void **state)
{
	struct scratch *s = *state;
	struct store *st = scratch_open(s, STORE_CREATE);
	uint64_t version = store_version(st);

	assert_int_equal(value_of(st, 't', 1), -1);
	assert_int_equal(put(st, (struct put){ .kind = 't', .id = 1, .value = 5 }), EG_OK);
	assert_int_not_equal(store_version(st), version);
	version = store_version(st);
	assert_int_equal(value_of(st, 't', 1), 5);
	assert_int_equal(value_of(st, 't', 1), 5);
	assert_int_equal(store_version(st), version);
	assert_int_equal(value_of(st, 'T', 1), -1);
	assert_int_equal(value_of(st, 't', 2), -1);
	assert_int_equal(put(st, (struct put){ .kind = 't', .id = 1, .value = 6 }), EG_OK);
	assert_int_equal(value_of(st, 't', 1), 6);
	assert_int_equal(put(st, (struct put){ .kind = 't', .id = 2, .is_delete = true }), EG_NOTFOUND);
	assert_int_equal(put(st, (struct put){ .kind = 't', .id = 1, .is_delete = true }), EG_OK);
	assert_int_equal(value_of(st, 't', 1), -1);
	assert_int_equal(put(st, (struct put){ .kind = 't', .id = 1, .value = 7 }), EG_OK);
	assert_int_equal(value_of(st, 't', 1), 7);
	assert_verifies(st);
	store_close(st);
	st = scratch_open(s, STORE_READ_WRITE);
	assert_int_equal(value_of(st, 't', 1), 7);
	assert_verifies(st);
	store_close(st);
}

/* What came from the store stays as it was while its arena lives, whatever happens to the record. */
static void
test_records_are_kept_by_their_arena(void **state)
{
	struct scratch *s = *state;
	struct store *st = scratch_open(s, STORE_CREATE);
	struct store_record r, again;
	struct uuid id = id_of(1);

	assert_int_equal(put(st, (struct put){ .kind = 't', .id = 1, .unique = "name:x", .value = 5 }), EG_OK);
	assert_int_equal(store_get(st, s->a, 't', &id, &r), EG_OK);
	assert_int_equal(store_find(st, s->a, "name:x", &again), EG_OK);
	assert_ptr_equal(r.doc, again.doc);     /* decoded once */
	assert_int_equal(put(st, (struct put){ .kind = 't', .id = 1, .is_delete = true }), EG_OK);
	for (unsigned i = 10; i < 3000; i += 100)
		assert_int_equal(put(st, (struct put){ .kind = 't', .id = i }), EG_OK);
	assert_int_equal(json_get_int(r.doc, "value", -1), 5);
	assert_string_equal(r.uniques[0], "name:x");
	assert_int_equal(store_find(st, s->a, "name:x", &again), EG_NOTFOUND);
	store_close(st);
	assert_int_equal(json_get_int(r.doc, "value", -1), 5);
}

/* More records than the cache holds, and documents larger than it keeps. */
static eg_err
put_many(struct store_tx *tx, struct arena *a, void *arg)
{
	unsigned from = *(unsigned *)arg;

	for (unsigned i = from; i < from + 500; i++) {
		struct put p = { .kind = 't', .id = i, .lists = { LIST }, .value = i };

		EG_TRY(put_fn(tx, a, &p));
	}
	return EG_OK;
}

static eg_err
put_large(struct store_tx *tx, struct arena *a, void *arg)
{
	size_t len = *(size_t *)arg;
	struct store_record r = { .kind = 'L', .id = id_of(1), .doc = json_new_object(a) };
	char *text = arena_alloc(a, len + 1);

	memset(text, 'x', len);
	json_add_str(r.doc, "", text);  /* {"":"..."} is the text and 7 bytes */
	return store_tx_put(tx, &r);
}

static void
test_many_and_large(void **state)
{
	struct scratch *s = *state;
	struct store *st = scratch_open(s, STORE_CREATE);
	struct arena *a = arena_new();
	struct store_record r;
	struct uuid id = id_of(1);

	for (unsigned from = 1; from < 3000; from += 500) {
		assert_int_equal(store_change(st, a, &cause, put_many, &from), EG_OK);
		arena_reset(a);
	}
	assert_int_equal(count_of(st, 't', LIST), 3000);
	for (int round = 0; round < 2; round++)
		for (unsigned i = 1; i <= 3000; i += 7)
			assert_int_equal(value_of(st, 't', i), i);

	static const struct {
		size_t len;
		eg_err expected;
	} sizes[] = { { 100000, EG_OK }, { STORE_DOC_MAX - 7, EG_OK }, { STORE_DOC_MAX - 6, EG_TOO_LARGE } };
	for (size_t i = 0; i < EG_COUNT(sizes); i++) {
		size_t len = sizes[i].len;

		assert_int_equal(store_change(st, a, &cause, put_large, &len), sizes[i].expected);
		if (sizes[i].expected == EG_OK) {
			assert_int_equal(store_get(st, a, 'L', &id, &r), EG_OK);
			assert_int_equal(strlen(json_get_str(r.doc, "")), len);
		}
		arena_reset(a);
	}
	/* Enough of them to go over several segments of the journal. */
	for (int i = 0; i < 9; i++) {
		size_t len = STORE_DOC_MAX - 7 - (size_t)i;

		assert_int_equal(store_change(st, a, &cause, put_large, &len), EG_OK);
		arena_reset(a);
	}
	assert_int_equal(access(scratch_path(s, "journal/000002.log"), F_OK), 0);
	assert_verifies(st);
	store_close(st);
	st = scratch_open(s, STORE_READ_WRITE);
	assert_int_equal(store_rebuild(st, a, NULL, NULL), EG_OK);
	assert_verifies(st);
	assert_int_equal(value_of(st, 't', 2999), 2999);
	store_close(st);
	arena_free(a);
}

static void
test_lists_follow_their_records(void **state)
{
	struct scratch *s = *state;
	struct store *st = scratch_open(s, STORE_CREATE);
	struct store_record *rows;
	size_t count, total;
	struct uuid list = id_of(LIST);

	for (unsigned i = 1; i <= 5; i++)
		assert_int_equal(put(st, (struct put){ .kind = 't', .id = i, .lists = { LIST, OTHER } }), EG_OK);
	/* A change keeps the place; leaving and coming back moves to the front. */
	assert_int_equal(put(st, (struct put){ .kind = 't', .id = 2, .lists = { OTHER, LIST }, .value = 9 }), EG_OK);
	assert_int_equal(put(st, (struct put){ .kind = 't', .id = 3, .lists = { OTHER } }), EG_OK);
	assert_int_equal(put(st, (struct put){ .kind = 't', .id = 3, .lists = { OTHER, LIST } }), EG_OK);
	assert_int_equal(put(st, (struct put){ .kind = 't', .id = 4, .is_delete = true }), EG_OK);
	assert_int_equal(put(st, (struct put){ .kind = 'u', .id = 4, .lists = { LIST } }), EG_OK);
	assert_int_equal(count_of(st, 't', LIST), 4);
	assert_int_equal(count_of(st, 't', OTHER), 4);
	assert_int_equal(count_of(st, 'u', LIST), 1);
	assert_int_equal(count_of(st, 'u', OTHER), 0);

	static const struct {
		size_t offset, limit;
		unsigned ids[5];
	} pages[] = {
		{ 0, 10, { 3, 5, 2, 1 } },
		{ 0, 2, { 3, 5 } },
		{ 1, 2, { 5, 2 } },
		{ 3, 2, { 1 } },
		{ 4, 2, { 0 } },
		{ 0, 0, { 0 } },
	};
	for (size_t i = 0; i < EG_COUNT(pages); i++) {
		size_t want = 0;

		while (pages[i].ids[want] != 0)
			want++;
		assert_int_equal(store_list(st, s->a, 't', &list, pages[i].offset, pages[i].limit, &rows, &count, &total), EG_OK);
		assert_int_equal(total, 4);
		assert_int_equal(count, want);
		for (size_t k = 0; k < count; k++) {
			struct uuid id = id_of(pages[i].ids[k]);

			assert_true(uuid_equal(&rows[k].id, &id));
			if (pages[i].ids[k] == 2)
				assert_int_equal(json_get_int(rows[k].doc, "value", 0), 9);
		}
	}
	assert_verifies(st);
	store_close(st);
}

static void
test_unique_names(void **state)
{
	struct scratch *s = *state;
	struct store *st = scratch_open(s, STORE_CREATE);
	char longest[STORE_UNIQUE_LEN_MAX + 2];
	struct store_record r;

	assert_int_equal(put(st, (struct put){ .kind = 'u', .id = 1, .unique = "email:a" }), EG_OK);
	assert_int_equal(put(st, (struct put){ .kind = 'u', .id = 2, .unique = "email:a" }), EG_EXISTS);
	assert_int_equal(put(st, (struct put){ .kind = 'v', .id = 1, .unique = "email:a" }), EG_EXISTS);
	assert_int_equal(value_of(st, 'u', 2), -1);
	assert_int_equal(put(st, (struct put){ .kind = 'u', .id = 1, .unique = "email:a", .value = 2 }), EG_OK);
	assert_int_equal(put(st, (struct put){ .kind = 'u', .id = 1, .unique = "email:b" }), EG_OK);
	assert_int_equal(store_find(st, s->a, "email:a", &r), EG_NOTFOUND);
	assert_int_equal(store_find(st, s->a, "email:b", &r), EG_OK);
	assert_int_equal(put(st, (struct put){ .kind = 'u', .id = 2, .unique = "email:a" }), EG_OK);
	assert_int_equal(store_find(st, s->a, "email:a", &r), EG_OK);
	assert_int_equal(r.id.b[15], 2);
	assert_int_equal(put(st, (struct put){ .kind = 'u', .id = 2, .is_delete = true }), EG_OK);
	assert_int_equal(store_find(st, s->a, "email:a", &r), EG_NOTFOUND);

	memset(longest, 'x', sizeof longest);
	longest[STORE_UNIQUE_LEN_MAX + 1] = '\0';
	assert_int_equal(put(st, (struct put){ .kind = 'u', .id = 3, .unique = longest }), EG_TOO_LARGE);
	assert_int_equal(store_find(st, s->a, longest, &r), EG_NOTFOUND);
	longest[STORE_UNIQUE_LEN_MAX] = '\0';
	assert_int_equal(put(st, (struct put){ .kind = 'u', .id = 3, .unique = longest }), EG_OK);
	assert_int_equal(store_find(st, s->a, longest, &r), EG_OK);
	assert_verifies(st);
	store_close(st);
}

/* ---- a set happens whole or not at all, and sees itself ---- */

static eg_err
big_set(struct store_tx *tx, struct arena *a, void *arg)
{
	struct put one = { .kind = 't', .id = 1, .lists = { LIST }, .unique = "a", .value = 1 };
	struct put two = { .kind = 't', .id = 2, .lists = { LIST }, .unique = "b", .value = 2 };
	struct put three = { .kind = 't', .id = 3, .lists = { LIST }, .unique = "b", .value = 3 };
	struct uuid id = id_of(1), list = id_of(LIST);
	struct store_record r, *rows;
	size_t count, total;

	assert_int_equal(store_tx_get(tx, 't', &id, &r), EG_NOTFOUND);
	EG_TRY(put_fn(tx, a, &one));
	EG_TRY(put_fn(tx, a, &two));
	assert_int_equal(store_tx_get(tx, 't', &id, &r), EG_OK);
	assert_int_equal(json_get_int(r.doc, "value", 0), 1);
	assert_int_equal(store_tx_find(tx, "b", &r), EG_OK);
	assert_int_equal(store_tx_list(tx, 't', &list, 0, 10, &rows, &count, &total), EG_OK);
	assert_int_equal(total, 2);
	assert_int_equal(json_get_int(rows[0].doc, "value", 0), 2);
	/* A name that is taken changes nothing; one given up in the set is free in the set. */
	assert_int_equal(put_fn(tx, a, &three), EG_EXISTS);
	two.is_delete = true;
	EG_TRY(put_fn(tx, a, &two));
	EG_TRY(put_fn(tx, a, &three));
	assert_true(store_tx_now_us(tx) > 0);
	return *(eg_err *)arg;
}

static void
test_sets(void **state)
{
	struct scratch *s = *state;
	struct store *st = scratch_open(s, STORE_CREATE);
	eg_err result = EG_CONFLICT;
	uint64_t version = store_version(st);
	off_t journal = size_of(scratch_path(s, "journal/000001.log"));
	struct store_record r;

	assert_int_equal(store_change(st, s->a, &cause, big_set, &result), EG_CONFLICT);
	assert_int_equal(store_version(st), version);
	assert_int_equal(value_of(st, 't', 1), -1);
	assert_int_equal(store_find(st, s->a, "a", &r), EG_NOTFOUND);
	result = EG_OK;
	assert_int_equal(store_change(st, s->a, &cause, big_set, &result), EG_OK);
	assert_int_equal(value_of(st, 't', 1), 1);
	assert_int_equal(value_of(st, 't', 2), -1);
	assert_int_equal(value_of(st, 't', 3), 3);
	assert_int_equal(count_of(st, 't', LIST), 2);
	assert_int_equal(size_of(scratch_path(s, "journal/000001.log")), journal);
	assert_verifies(st);
	store_close(st);
}

static eg_err
change_nothing(struct store_tx *tx, struct arena *a, void *arg)
{
	int64_t *now = arg;

	*now = store_tx_now_us(tx);
	return EG_OK;
}

static void
test_time_and_empty_sets(void **state)
{
	struct scratch *s = *state;
	struct store *st = scratch_open(s, STORE_CREATE);
	int64_t before, after;

	uint64_t version = store_version(st);
	assert_int_equal(store_change(st, s->a, &cause, change_nothing, &before), EG_OK);
	assert_int_equal(store_version(st), version);
	assert_int_equal(put(st, (struct put){ .kind = 't', .id = 1 }), EG_OK);
	assert_int_equal(store_change(st, s->a, &cause, change_nothing, &after), EG_OK);
	assert_true(after > before);
	/* A clock that is set back does not turn the journal around. */
	struct shared *page = st->page;
	struct place tail = *shared_tail(page);
	tail.at_us += 3600 * 1000000LL;
	shared_set_tail(page, &tail);
	assert_int_equal(store_change(st, s->a, &cause, change_nothing, &before), EG_OK);
	assert_int_equal(before, tail.at_us + 1);
	store_close(st);
}

static eg_err
put_bad(struct store_tx *tx, struct arena *a, void *arg)
{
	int n = *(int *)arg;
	struct store_record r = { .kind = 't', .id = id_of(1), .doc = json_new_object(a) };
	json_object *deep = r.doc;

	switch (n) {
	case 0:
		r.kind = '1';
		break;
	case 1:
		r.id = uuid_nil;
		break;
	case 2:
		r.doc = NULL;
		break;
	case 3:
		r.doc = json_new_array(a);
		break;
	case 4:
		r.lists[0] = r.lists[3] = id_of(9);
		break;
	case 5:
		/* It could be written, but not read again. */
		for (int i = 0; i < 100; i++) {
			json_object *inner = json_new_object(a);

			json_add_object(deep, "x", inner);
			deep = inner;
		}
		break;
	}
	return store_tx_put(tx, &r);
}

static void
test_refused_records(void **state)
{
	struct scratch *s = *state;
	struct store *st = scratch_open(s, STORE_CREATE);

	for (int i = 0; i < 6; i++)
		assert_int_equal(store_change(st, s->a, &cause, put_bad, &i), EG_INTERNAL);
	assert_int_equal(value_of(st, 't', 1), -1);
	store_close(st);
}

/* ---- slots and rings ---- */

struct slot_set {
	unsigned id;
	size_t count;           /* records, each with a slot and a ring */
	uint32_t slots[4], rings[4];
	bool is_delete;
};

static eg_err
slots_fn(struct store_tx *tx, struct arena *a, void *arg)
{
	struct slot_set *set = arg;

	for (size_t i = 0; i < set->count; i++) {
		struct store_record r = { .kind = 't', .id = id_of(set->id + (unsigned)i), .doc = json_new_object(a) };

		if (set->is_delete) {
			EG_TRY(store_tx_delete(tx, 't', &r.id));
			continue;
		}
		EG_TRY(store_tx_new_slot(tx, &set->slots[i]));
		EG_TRY(store_tx_new_ring(tx, &set->rings[i]));
		r.slot = set->slots[i];
		r.ring = set->rings[i];
		EG_TRY(store_tx_put(tx, &r));
	}
	return EG_OK;
}

/* No two living records share a slot; those of deleted ones come back, also after a rebuild. */
static void
test_slots(void **state)
{
	struct scratch *s = *state;
	struct store *st = scratch_open(s, STORE_CREATE);
	struct slot_set first = { .id = 1, .count = 3 }, second = { .id = 10, .count = 4 }, gone = { .id = 1, .count = 2, .is_delete = true };
	struct store_record r;
	struct uuid id = id_of(11);

	assert_int_equal(store_change(st, s->a, &cause, slots_fn, &first), EG_OK);
	for (uint32_t i = 0; i < 3; i++) {
		assert_int_equal(first.slots[i], i + 1);
		assert_int_equal(first.rings[i], i + 1);
	}
	assert_int_equal(store_change(st, s->a, &cause, slots_fn, &gone), EG_OK);
	assert_int_equal(store_rebuild(st, s->a, NULL, NULL), EG_OK);
	assert_int_equal(store_change(st, s->a, &cause, slots_fn, &second), EG_OK);
	assert_int_equal(second.slots[0] + second.slots[1], 1 + 2);
	assert_int_equal(second.slots[2], 4);
	assert_int_equal(second.slots[3], 5);
	assert_int_equal(second.rings[0], 4);
	assert_int_equal(store_get(st, s->a, 't', &id, &r), EG_OK);
	assert_int_equal(r.slot, second.slots[1]);
	assert_int_equal(r.ring, second.rings[1]);
	/* There is room for them. */
	usage_count(store_usage(st), r.slot, &id, USAGE_LOAD, 1, NULL, false);
	struct usage_view view;
	usage_read(store_usage(st), r.slot, &id, 1, &view);
	assert_int_equal(view.loads, 1);
	assert_verifies(st);
	store_close(st);
}

/* ---- opening ---- */

static eg_err
try_open(struct scratch *s, enum store_open_mode mode)
{
	struct store *st;
	eg_err e;

	s->why = NULL;
	e = store_open(s->a, s->dir, s->ring, mode, &st, &s->why);
	if (e == EG_OK)
		store_close(st);
	return e;
}

static void
prepare_open_case(struct scratch *s, const char *name)
{
	if (strcmp(name, "parent missing") == 0)
		snprintf(s->dir, sizeof s->dir, "%s/no/store", s->base);
	else if (strcmp(name, "a file in its place") == 0)
		close(open(s->dir, O_CREAT | O_WRONLY, 0600));
	else if (strcmp(name, "no folder") != 0)
		assert_int_equal(mkdir(s->dir, 0700), 0);
	if (strcmp(name, "open to the group") == 0)
		assert_int_equal(chmod(s->dir, 0710), 0);
	if (strcmp(name, "open to others") == 0)
		assert_int_equal(chmod(s->dir, 0701), 0);
	if (strcmp(name, "first making was cut short") == 0) {
		assert_int_equal(mkdir(scratch_path(s, "journal"), 0700), 0);
		close(open(scratch_path(s, "journal/000001.new"), O_CREAT | O_WRONLY, 0600));
	}
}

static void
test_open_and_create(void **state)
{
	static const struct {
		const char *name;
		eg_err open, create;
		const char *word;       /* of the sentence that open gives */
	} cases[] = {
		{ "no folder", EG_NOTFOUND, EG_OK, "restore it from a backup" },
		{ "empty folder", EG_NOTFOUND, EG_OK, "restore it from a backup" },
		{ "first making was cut short", EG_NOTFOUND, EG_OK, "restore it from a backup" },
		{ "parent missing", EG_NOTFOUND, EG_CONFIG, "restore it from a backup" },
		{ "a file in its place", EG_CONFIG, EG_CONFIG, "directory" },
		{ "open to the group", EG_CONFIG, EG_CONFIG, "chmod 0700" },
		{ "open to others", EG_CONFIG, EG_CONFIG, "chmod 0700" },
	};

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		void *inner;

		scratch_setup(&inner);
		struct scratch *s = inner;
		prepare_open_case(s, cases[i].name);
		eg_err e = try_open(s, STORE_READ_WRITE);
		if (e != cases[i].open || s->why == NULL || strstr(s->why, cases[i].word) == NULL)
			fail_msg("%s: open: %s: %s", cases[i].name, eg_err_name(e), s->why);
		e = try_open(s, STORE_CREATE);
		if (e != cases[i].create || (e != EG_OK && s->why == NULL))
			fail_msg("%s: create: %s: %s", cases[i].name, eg_err_name(e), s->why);
		if (e == EG_OK) {
			assert_int_equal(try_open(s, STORE_CREATE), EG_EXISTS);
			assert_int_equal(try_open(s, STORE_READ_WRITE), EG_OK);
		}
		scratch_teardown(&inner);
	}
}

static int
open_as_other_user(void *arg)
{
	struct scratch *s = arg;

	if (setgid(65534) != 0 || setuid(65534) != 0)
		return 77;
	eg_err e = try_open(s, STORE_READ_WRITE);
	return e == EG_CONFIG && s->why != NULL ? 0 : 1;
}

static void
test_not_ours(void **state)
{
	struct scratch *s = *state;

	if (geteuid() != 0)
		skip();
	store_close(scratch_open(s, STORE_CREATE));
	assert_int_equal(chmod(s->base, 0755), 0);
	/* Somebody else's folder, then one of ours in which the files are somebody else's. */
	assert_int_equal(await(spawn(open_as_other_user, s)), 0);
	assert_int_equal(chown(s->dir, 65534, 65534), 0);
	assert_int_equal(await(spawn(open_as_other_user, s)), 0);
}

static int
use_in_child(void *arg)
{
	struct store *st = arg;
	struct arena *a = arena_new();
	struct uuid id = id_of(1);
	struct store_record r;
	struct put p = { .kind = 't', .id = 2 };

	if (store_get(st, a, 't', &id, &r) != EG_INTERNAL)
		return 1;
	if (store_change(st, a, &cause, put_fn, &p) != EG_INTERNAL)
		return 2;
	store_close(st);
	return 0;
}

static void
test_forked_child(void **state)
{
	struct scratch *s = *state;
	struct store *st = scratch_open(s, STORE_CREATE);

	assert_int_equal(put(st, (struct put){ .kind = 't', .id = 1 }), EG_OK);
	assert_int_equal(await(spawn(use_in_child, st)), 0);
	assert_int_equal(put(st, (struct put){ .kind = 't', .id = 2 }), EG_OK);
	assert_int_equal(value_of(st, 't', 1), 0);
	store_close(st);
	assert_int_equal(try_open(s, STORE_READ_WRITE), EG_OK);
}

/* ---- after a stop, a crash, a reboot ---- */

static void
fill(struct scratch *s, struct store *st, unsigned first, unsigned last)
{
	for (unsigned i = first; i <= last; i++)
		assert_int_equal(put(st, (struct put){ .kind = 't', .id = i, .lists = { LIST }, .unique = arena_printf(s->a, "n:%u", i),
		    .value = i }), EG_OK);
}

static void
assert_filled(struct store *st, unsigned last)
{
	for (unsigned i = 1; i <= last; i++)
		assert_int_equal(value_of(st, 't', i), i);
	assert_int_equal(value_of(st, 't', last + 1), -1);
	assert_int_equal(count_of(st, 't', LIST), last);
	assert_verifies(st);
}

/* Ends without a stop, as a killed process does. */
static int
fill_and_die(void *arg)
{
	struct scratch *s = arg;
	struct store *st = scratch_open(s, STORE_READ_WRITE);

	fill(s, st, 21, 40);
	return 0;
}

static void
pretend_reboot(struct scratch *s)
{
	flip_byte(scratch_path(s, "shared.page"), offsetof(struct shared, boot_id), 0xff);
}

static void
wipe(const char *path)
{
	char zeros[4096] = "";

	for (off_t at = 0; at < size_of(path); at += (off_t)sizeof zeros)
		write_bytes(path, at, zeros, sizeof zeros);
}

static void
cut(const char *path, off_t by)
{
	assert_int_equal(truncate(path, size_of(path) - by), 0);
}

/* Where the journal's last line ends. */
static off_t
journal_end(struct scratch *s)
{
	int fd = open(scratch_path(s, "journal/000001.log"), O_RDONLY);
	off_t size = lseek(fd, 0, SEEK_END), end = 0;
	char *text = malloc((size_t)size);

	assert_int_equal(pread(fd, text, (size_t)size, 0), size);
	for (off_t i = 0; i < size; i++)
		if (text[i] == '\n')
			end = i + 1;
	free(text);
	close(fd);
	return end;
}

enum what {
	NOTHING, KILL = 1, REBOOT = 2, FLIP_A = 4, WIPE_A = 8, CUT_B = 16, REMOVE_A = 32, REMOVE_B = 64, REMOVE_PAGE = 128, WIPE_PAGE = 256,
	GARBAGE_BEHIND = 512, HALF_LINE_BEHIND = 1024, CUT_JOURNAL = 2048, FLIP_JOURNAL = 4096, FLIP_LAST_LINE = 8192,
	COPY = 16384, FLIP_LATE = 32768,
};

static void
do_what(struct scratch *s, unsigned what)
{
	const char *a = scratch_path(s, "index.a"), *b = scratch_path(s, "index.b"), *page = scratch_path(s, "shared.page");
	const char *journal = scratch_path(s, "journal/000001.log");
	static const char half_line[] = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8 {\"sequence\":41,\"synced\":40,";
	off_t end = journal_end(s);

	if ((what & REBOOT) != 0)
		pretend_reboot(s);
	if ((what & FLIP_A) != 0)
		flip_byte(a, 5000, 1);
	if ((what & WIPE_A) != 0)
		wipe(a);
	if ((what & CUT_B) != 0)
		cut(b, 4096);
	if ((what & REMOVE_A) != 0)
		unlink(a);
	if ((what & REMOVE_B) != 0)
		unlink(b);
	if ((what & REMOVE_PAGE) != 0)
		unlink(page);
	if ((what & WIPE_PAGE) != 0)
		wipe(page);
	if ((what & GARBAGE_BEHIND) != 0)
		write_bytes(journal, end, "garbage\n\n more", 14);
	if ((what & HALF_LINE_BEHIND) != 0)
		write_bytes(journal, end, half_line, sizeof half_line - 1);
	if ((what & CUT_JOURNAL) != 0)
		assert_int_equal(truncate(journal, end / 2), 0);
	if ((what & FLIP_JOURNAL) != 0)
		flip_byte(journal, end / 2, 1);
	if ((what & FLIP_LATE) != 0)
		flip_byte(journal, end - 900, 1);
	if ((what & FLIP_LAST_LINE) != 0)
		flip_byte(journal, end - 30, 1);
	if ((what & COPY) != 0) {
		assert_int_equal(system(arena_printf(s->a, "cp -a %s %s.copy && rm -r %s", s->dir, s->dir, s->dir)), 0);
		snprintf(s->dir, sizeof s->dir, "%s/store.copy", s->base);
	}
}

/* What may happen to a store that nobody has open. Records 1 to 20 were written before an orderly stop, 21 to 40
 * (with KILL) by a process that ended without one. */
static const struct fate {
	const char *name;
	unsigned what;
	eg_err expected;
	const char *word;       /* of the sentence, where it cannot be opened */
	bool rebuilt;           /* the index files are new ones */
} fates[] = {
	{ "orderly stop", NOTHING, EG_OK, NULL, false },
	{ "orderly stop, reboot", REBOOT, EG_OK, NULL, false },
	{ "killed", KILL, EG_OK, NULL, false },
	{ "killed, reboot", KILL | REBOOT, EG_OK, NULL, true },
	{ "killed, reboot, index half written", KILL | REBOOT | WIPE_A | CUT_B, EG_OK, NULL, true },
	{ "killed, reboot, index never written", KILL | REBOOT | REMOVE_A | REMOVE_B, EG_OK, NULL, true },
	{ "killed, reboot, torn line", KILL | REBOOT | GARBAGE_BEHIND, EG_OK, NULL, true },
	{ "killed, reboot, half a line", KILL | REBOOT | HALF_LINE_BEHIND, EG_OK, NULL, true },
	{ "killed, page lost", KILL | REMOVE_PAGE, EG_OK, NULL, true },
	{ "killed, page zero", KILL | WIPE_PAGE, EG_OK, NULL, true },
	{ "killed, one index removed", KILL | REMOVE_A, EG_OK, NULL, true },
	{ "killed, both removed", KILL | REMOVE_A | REMOVE_B, EG_OK, NULL, true },
	{ "killed, copied", KILL | COPY, EG_OK, NULL, true },
	{ "stop, a byte of an index changed", FLIP_A, EG_OK, NULL, true },
	{ "stop, a byte of an index changed, reboot", FLIP_A | REBOOT, EG_OK, NULL, true },
	{ "stop, an index zero", WIPE_A, EG_OK, NULL, true },
	{ "stop, an index cut", CUT_B, EG_OK, NULL, true },
	{ "stop, an index removed", REMOVE_B, EG_OK, NULL, true },
	{ "stop, both removed", REMOVE_A | REMOVE_B, EG_OK, NULL, true },
	{ "stop, page lost", REMOVE_PAGE, EG_OK, NULL, true },
	{ "stop, copied", COPY, EG_OK, NULL, true },
	{ "stop, copied to another machine", COPY | REBOOT, EG_OK, NULL, true },
	{ "stop, journal cut", CUT_JOURNAL, EG_DAMAGED, "restore the store from a backup", false },
	{ "stop, journal cut, reboot", CUT_JOURNAL | REBOOT, EG_DAMAGED, "restore the store from a backup", false },
	{ "stop, journal changed, no index", FLIP_JOURNAL | REMOVE_A | REMOVE_B, EG_DAMAGED, "journal/000001.log, line", false },
	{ "stop, last line changed", FLIP_LAST_LINE, EG_DAMAGED, "journal/000001.log, line 22", false },
	{ "stop, last line changed, reboot", FLIP_LAST_LINE | REBOOT, EG_DAMAGED, "journal/000001.log, line 22", false },
	{ "killed, reboot, journal changed", KILL | REBOOT | FLIP_JOURNAL, EG_DAMAGED, "journal/000001.log, line", false },
	{ "killed, reboot, a line that later ones tell of changed", KILL | REBOOT | FLIP_LATE, EG_DAMAGED,
	    "journal/000001.log, line", false },
	{ "killed, reboot, journal cut before the last stop", KILL | REBOOT | CUT_JOURNAL, EG_DAMAGED, "restore the store", false },
};

static void
test_fates(void **state)
{
	for (size_t i = 0; i < EG_COUNT(fates); i++) {
		const struct fate *f = &fates[i];
		struct stat before[2], after[2];
		struct store *st;
		void *inner;

		scratch_setup(&inner);
		struct scratch *s = inner;
		st = scratch_open(s, STORE_CREATE);
		fill(s, st, 1, 20);
		store_close(st);
		if ((f->what & KILL) != 0)
			assert_int_equal(await(spawn(fill_and_die, s)), 0);
		memset(before, 0, sizeof before);
		stat(scratch_path(s, "index.a"), &before[0]);
		stat(scratch_path(s, "index.b"), &before[1]);
		do_what(s, f->what);
		eg_err e = store_open(s->a, s->dir, s->ring, STORE_READ_WRITE, &st, &s->why);
		if (e != f->expected)
			fail_msg("%s: %s: %s", f->name, eg_err_name(e), s->why);
		if (e != EG_OK && strstr(s->why, f->word) == NULL)
			fail_msg("%s: %s", f->name, s->why);
		if (e == EG_OK) {
			unsigned last = (f->what & KILL) != 0 ? 40 : 20;

			assert_int_equal(value_of(st, 't', 1), 1);
			stat(scratch_path(s, "index.a"), &after[0]);
			stat(scratch_path(s, "index.b"), &after[1]);
			bool rebuilt = before[0].st_ino != after[0].st_ino && before[1].st_ino != after[1].st_ino;
			bool touched = before[0].st_mtim.tv_nsec != after[0].st_mtim.tv_nsec || before[1].st_mtim.tv_nsec != after[1].st_mtim.tv_nsec;
			if (f->rebuilt ? !rebuilt && !touched : rebuilt)
				fail_msg("%s: index files made anew: %d", f->name, rebuilt);
			assert_filled(st, last);
			assert_int_equal(put(st, (struct put){ .kind = 't', .id = last + 1, .lists = { LIST }, .value = last + 1 }), EG_OK);
			assert_filled(st, last + 1);
			store_close(st);
			/* And once more, after a stop that needs nothing mended. */
			pretend_reboot(s);
			st = scratch_open(s, STORE_READ_WRITE);
			assert_filled(st, last + 1);
			store_close(st);
		}
		scratch_teardown(&inner);
	}
}

/* A stop with nothing to stop for writes nothing: plain CGI opens and closes at each request. */
static void
test_idle_stop_writes_nothing(void **state)
{
	struct scratch *s = *state;
	struct store *st = scratch_open(s, STORE_CREATE);

	fill(s, st, 1, 3);
	store_close(st);
	off_t end = journal_end(s);
	for (int i = 0; i < 3; i++) {
		st = scratch_open(s, STORE_READ_WRITE);
		assert_int_equal(value_of(st, 't', 3), 3);
		store_close(st);
	}
	assert_int_equal(journal_end(s), end);
	st = scratch_open(s, STORE_READ_WRITE);
	assert_filled(st, 3);
	store_close(st);
}

static void
test_master_keys(void **state)
{
	struct scratch *s = *state;
	struct keyring *one = s->ring, *both = scratch_ring(s->a, KEY_1 KEY_2), *two = scratch_ring(s->a, KEY_2);
	struct store *st = scratch_open(s, STORE_CREATE), *old;

	fill(s, st, 1, 3);
	/* Who has a new key as well goes on with the old one while others have only that. */
	s->ring = both;
	old = scratch_open(s, STORE_READ_WRITE);
	fill(s, old, 4, 4);
	assert_filled(st, 4);
	store_close(st);
	store_close(old);
	/* The first to come uses the new one. */
	st = scratch_open(s, STORE_READ_WRITE);
	assert_int_equal(access(scratch_path(s, "journal/000002.log"), F_OK), 0);
	assert_filled(st, 4);
	fill(s, st, 5, 5);
	s->ring = one;
	assert_int_equal(try_open(s, STORE_READ_WRITE), EG_CONFIG);
	store_close(st);
	assert_int_equal(try_open(s, STORE_READ_WRITE), EG_CONFIG);
	assert_non_null(strstr(s->why, "master key 2"));
	/* An index of a key that is gone is made anew, which the journal of that key does not allow. */
	s->ring = two;
	assert_int_not_equal(try_open(s, STORE_READ_WRITE), EG_OK);
	s->ring = both;
	st = scratch_open(s, STORE_READ_WRITE);
	assert_filled(st, 5);
	store_close(st);
	s->ring = one;
	keyring_free(both);
	keyring_free(two);
}

/* F15: a newer format is refused by name, and nothing is touched. */
static void
test_newer_format(void **state)
{
	struct scratch *s = *state;
	const char *journal = scratch_path(s, "journal/000001.log");
	char line[256];

	store_close(scratch_open(s, STORE_CREATE));
	int fd = open(journal, O_RDONLY);
	assert_true(pread(fd, line, sizeof line - 1, 0) > 100);
	close(fd);
	line[sizeof line - 1] = '\0';
	off_t at = strstr(line, "\"journal\":1") - line + 10;
	write_bytes(journal, at, "2", 1);
	assert_int_equal(try_open(s, STORE_READ_WRITE), EG_CONFIG);
	assert_non_null(strstr(s->why, "newer version"));
	write_bytes(journal, at, "1", 1);
	assert_int_equal(try_open(s, STORE_READ_WRITE), EG_OK);
}

/* ---- damage while the store is open ---- */

/* Change one entry of an index file behind the store's back, with a MAC that is right. */
static void
with_index(struct store *st, unsigned which, eg_err (*fn)(struct view *v))
{
	struct arena *a = arena_new();
	struct index ix;
	struct view v;

	index_init(&ix, st->index[which].path, st->index[which].mac);
	assert_int_equal(index_open(&ix, true, 0), EG_OK);
	view_init_changing(&v, &ix, a);
	assert_int_equal(fn(&v), EG_OK);
	assert_int_equal(view_flush(&v), EG_OK);
	index_drop(&ix);
	arena_free(a);
}

static eg_err
lose_record(struct view *v)
{
	struct uuid id = id_of(3);
	struct key key;

	key_record(&key, 't', &id);
	return view_delete(v, &key);
}

static eg_err
stale_record(struct view *v)
{
	struct uuid id = id_of(3), other = id_of(4);
	struct slice value;
	struct key key;

	key_record(&key, 't', &other);
	EG_TRY(view_get(v, &key, &value));
	key_record(&key, 't', &id);
	return view_put(v, &key, value);
}

static eg_err
lose_unique(struct view *v)
{
	struct key key;

	EG_TRY(index_key_unique(v->ix, (struct slice){ "n:3", 3 }, &key));
	return view_delete(v, &key);
}

static eg_err
lose_list(struct view *v)
{
	struct uuid list = id_of(LIST);
	struct key key;

	key_list_head(&key, 't', &list);
	return view_delete(v, &key);
}

static eg_err
lose_node(struct view *v)
{
	struct uuid list = id_of(LIST);
	struct key key;

	key_node(&key, 't', &list, 0, 0);
	return view_delete(v, &key);
}

static eg_err
stray_entry(struct view *v)
{
	struct key key;

	EG_TRY(index_key_unique(v->ix, (struct slice){ "stray", 5 }, &key));
	struct uuid id = id_of(3);
	EG_TRY(view_put(v, &key, owner_encode(v->a, 't', &id)));
	v->meta.keys--;
	return EG_OK;
}

static void
test_verify_finds(void **state)
{
	static const struct {
		const char *name;
		eg_err (*fn)(struct view *v);
		const char *where, *what;
	} cases[] = {
		{ "lost record", lose_record, ": record t 01990000-0000-7000-8000-000000000003", "is missing" },
		{ "another record's value", stale_record, ": record t 01990000-0000-7000-8000-000000000003", "differs" },
		{ "lost name", lose_unique, ": unique name n:3", "is missing" },
		{ "lost list", lose_list, ": list t 01990000-0000-7000-8000-0000000003e8", "counts 0 records, the journal " },
		{ "lost node", lose_node, ": list t 01990000-0000-7000-8000-0000000003e8", "fewer records" },
		{ "stray entry", stray_entry, ": the file's own record", "entries" },
	};

	for (size_t i = 0; i < 2 * EG_COUNT(cases); i++) {
		struct store_finding *f;
		void *inner;
		bool found = false;

		scratch_setup(&inner);
		struct scratch *s = inner;
		struct store *st = scratch_open(s, STORE_CREATE);
		fill(s, st, 1, 70);
		with_index(st, i % 2, cases[i / 2].fn);
		assert_int_equal(store_verify(st, s->a, NULL, NULL, &f), EG_DAMAGED);
		for (; f != NULL; f = f->next)
			found = found || (strncmp(f->where, i % 2 == 0 ? "index a" : "index b", 7) == 0 &&
			    strstr(f->where, cases[i / 2].where) != NULL && strstr(f->what, cases[i / 2].what) != NULL);
		if (!found)
			fail_msg("%s in index %c was not found", cases[i / 2].name, 'a' + (int)(i % 2));
		assert_int_equal(store_rebuild(st, s->a, NULL, NULL), EG_OK);
		assert_filled(st, 70);
		store_close(st);
		scratch_teardown(&inner);
	}
}

static void
test_verify_finds_journal_damage(void **state)
{
	struct scratch *s = *state;
	struct store *st = scratch_open(s, STORE_CREATE);
	struct store_finding *f;

	fill(s, st, 1, 10);
	flip_byte(scratch_path(s, "journal/000001.log"), journal_end(s) / 2, 1);
	assert_int_equal(store_verify(st, s->a, NULL, NULL, &f), EG_DAMAGED);
	assert_non_null(f);
	assert_ptr_equal(strstr(f->where, "journal/000001.log line "), f->where);
	/* What can be read is still right. */
	assert_int_equal(value_of(st, 't', 1), 1);
	assert_int_equal(store_rebuild(st, s->a, NULL, NULL), EG_DAMAGED);
	/* An attempt to mend it makes nothing worse. */
	assert_int_equal(value_of(st, 't', 2), 2);
	assert_int_equal(put(st, (struct put){ .kind = 't', .id = 11, .value = 11 }), EG_OK);
	assert_int_equal(value_of(st, 't', 11), 11);
	store_close(st);
}

/* A name that one index has lost is found by the other, and is not given away. */
static void
test_lost_name_is_not_free(void **state)
{
	struct scratch *s = *state;

	for (unsigned which = 0; which < 2; which++) {
		struct store *st = scratch_open(s, which == 0 ? STORE_CREATE : STORE_READ_WRITE);
		struct store_record r;

		if (which == 0)
			fill(s, st, 1, 10);
		with_index(st, current_index(atomic_load(&st->page->current)) ^ which, lose_unique);
		/* As another process sees it, which has read nothing yet. */
		struct store *fresh = scratch_open(s, STORE_READ_WRITE);
		if (which == 0)
			assert_int_equal(store_find(fresh, s->a, "n:3", &r), EG_OK);
		assert_int_not_equal(put(fresh, (struct put){ .kind = 't', .id = 99, .unique = "n:3" }), EG_OK);
		assert_int_equal(put(fresh, (struct put){ .kind = 't', .id = 99, .unique = "n:3" }), EG_EXISTS);
		assert_filled(fresh, 10);
		store_close(fresh);
		store_close(st);
	}
}

static eg_err
change_value(struct view *v)
{
	struct uuid id = id_of(3);
	struct stored r;
	struct key key;

	EG_TRY(view_record(v, 't', &id, &r));
	r.doc = (struct slice){ "{\"value\":666}", 13 };
	key_record(&key, 't', &id);
	EG_TRY(view_put(v, &key, stored_encode(v->a, &r)));
	/* Whoever writes this has not our key. */
	return mac_open_raw((const uint8_t *)"0123456789abcdef0123456789abcdef", &v->ix->mac);
}

/* A record that somebody else wrote into the index is not believed, and goes. */
static void
test_foreign_record(void **state)
{
	struct scratch *s = *state;
	struct store *st = scratch_open(s, STORE_CREATE), *fresh;

	fill(s, st, 1, 10);
	unsigned published = current_index(atomic_load(&st->page->current));
	struct arena *a = arena_new();
	struct index ix;
	struct view v;
	index_init(&ix, st->index[published].path, st->index[published].mac);
	assert_int_equal(index_open(&ix, true, 0), EG_OK);
	view_init_changing(&v, &ix, a);
	assert_int_equal(change_value(&v), EG_OK);
	v.has_meta = false;
	assert_int_equal(view_flush(&v), EG_OK);
	mac_free(ix.mac);
	index_drop(&ix);
	arena_free(a);

	fresh = scratch_open(s, STORE_READ_WRITE);
	assert_filled(fresh, 10);
	assert_true(atomic_load(&st->page->rebuilt_at_us) > 0);
	store_close(fresh);
	store_close(st);
}

/* F16 in small: a copy made while the store runs has a page from later than its files. */
static void
test_copy_of_a_running_store(void **state)
{
	struct scratch *s = *state;
	struct store *st = scratch_open(s, STORE_CREATE);

	fill(s, st, 1, 10);
	assert_int_equal(system(arena_printf(s->a, "cp -a %s %s.copy", s->dir, s->dir)), 0);
	fill(s, st, 11, 20);
	assert_int_equal(system(arena_printf(s->a, "cp -a %s/shared.page %s.copy/", s->dir, s->dir)), 0);
	store_close(st);
	snprintf(s->dir, sizeof s->dir, "%s/store.copy", s->base);
	st = scratch_open(s, STORE_READ_WRITE);
	assert_filled(st, 10);
	fill(s, st, 11, 15);
	assert_filled(st, 15);
	store_close(st);
}

/* T28, F4: 1 to 64 bytes of each index file change under a running store. What is read is right, or is refused;
 * and is right again when the index was made anew, which happens by itself. */
static void
test_damage_under_a_running_store(void **state)
{
	uint32_t seed = 7;
	int rebuilt = 0;

	for (int round = 0; round < 80; round++) {
		void *inner;

		scratch_setup(&inner);
		struct scratch *s = inner;
		struct store *st = scratch_open(s, STORE_CREATE);
		struct stat before, after;
		unsigned refused = 0;

		fill(s, st, 1, 30);
		assert_int_equal(stat(st->index[0].path, &before), 0);
		for (unsigned which = 0; which < 2; which++) {
			off_t size = size_of(st->index[which].path);
			uint8_t bytes[64];

			for (size_t i = 0; i < sizeof bytes; i++) {
				seed = seed * 1664525u + 1013904223u;
				bytes[i] = (uint8_t)(seed >> 24);
			}
			write_bytes(st->index[which].path, (off_t)(seed >> 4) % (size - 64), bytes, 1 + (seed >> 26));
		}
		/* As another process sees it, which has read nothing yet. */
		struct store *fresh = scratch_open(s, STORE_READ_WRITE);
		for (unsigned i = 1; i <= 30; i++) {
			struct uuid id = id_of(i);
			struct store_record r;
			eg_err e = store_get(fresh, s->a, 't', &id, &r);

			if (e == EG_OK)
				assert_int_equal(json_get_int(r.doc, "value", -1), i);
			else if (e == EG_DAMAGED || e == EG_RECOVERING)
				refused++;
			else
				fail_msg("round %d: record %u: %s", round, i, eg_err_name(e));
			e = store_find(fresh, s->a, arena_printf(s->a, "n:%u", i), &r);
			if (e != EG_OK && e != EG_DAMAGED && e != EG_RECOVERING)
				fail_msg("round %d: name %u: %s", round, i, eg_err_name(e));
		}
		assert_int_equal(refused, 0);
		assert_int_equal(count_of(fresh, 't', LIST), 30);
		/* A writer that meets damage mends it, and has to be asked again. */
		eg_err e = put(fresh, (struct put){ .kind = 't', .id = 99, .unique = "n:7" });
		if (e == EG_RECOVERING)
			e = put(fresh, (struct put){ .kind = 't', .id = 99, .unique = "n:7" });
		assert_int_equal(e, EG_EXISTS);
		assert_int_equal(stat(st->index[0].path, &after), 0);
		rebuilt += before.st_ino != after.st_ino;
		store_close(fresh);
		store_close(st);
		scratch_teardown(&inner);
	}
	assert_in_range(rebuilt, 10, 79);
}

static void
test_stats(void **state)
{
	struct scratch *s = *state;
	struct store *st = scratch_open(s, STORE_CREATE);
	json_object *o;

	fill(s, st, 1, 5);
	assert_int_equal(put(st, (struct put){ .kind = 'Z', .id = 5 }), EG_OK);
	assert_int_equal(put(st, (struct put){ .kind = 't', .id = 5, .is_delete = true }), EG_OK);
	assert_int_equal(store_stats(st, s->a, &o), EG_OK);
	assert_int_equal(json_get_int(json_get_object(o, "records"), "t", -1), 4);
	assert_int_equal(json_get_int(json_get_object(o, "records"), "Z", -1), 1);
	assert_int_equal(json_get_int(o, "sequence", -1), 7);
	assert_int_equal(json_get_int(o, "journal_bytes", -1), JOURNAL_CHUNK);
	assert_true(json_get_int(o, "index_bytes", -1) > 16384);
	assert_true(json_get_time(o, "last_rebuild_at") > 0);
	store_close(st);
}

#define T(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_put_get_delete),
		T(test_records_are_kept_by_their_arena),
		T(test_many_and_large),
		T(test_lists_follow_their_records),
		T(test_unique_names),
		T(test_sets),
		T(test_time_and_empty_sets),
		T(test_refused_records),
		T(test_slots),
		T(test_open_and_create),
		T(test_not_ours),
		T(test_forked_child),
		T(test_fates),
		T(test_idle_stop_writes_nothing),
		T(test_master_keys),
		T(test_newer_format),
		T(test_verify_finds),
		T(test_verify_finds_journal_damage),
		T(test_lost_name_is_not_free),
		T(test_foreign_record),
		T(test_copy_of_a_running_store),
		T(test_damage_under_a_running_store),
		T(test_stats),
	};

	return cmocka_run_group_tests_name("store/store", tests, NULL, NULL);
}
