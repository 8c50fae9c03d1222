/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several processes on one store: what one has changed, the others see in their next read. */
#include "scratch.h"

#include <sys/mman.h>

#include "base/clock.h"
#include "store/engine.h"

#define LIST 1000

/* Memory that children share with the test. */
struct board {
	struct scratch *s;
	_Atomic unsigned turn;
	_Atomic unsigned done;
	_Atomic unsigned won;
	unsigned number;
};

static struct board *
new_board(struct scratch *s)
{
	struct board *b = mmap(NULL, sizeof *b, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(b, MAP_FAILED);
	b->s = s;
	return b;
}

/* False: it did not come within some seconds. */
static bool
wait_for(_Atomic unsigned *word, unsigned value)
{
	for (int i = 0; i < 20000; i++) {
		if (atomic_load(word) >= value)
			return true;
		usleep(500);
	}
	return false;
}

/* ---- T6: a kept-open reader ---- */

#define TURNS 50

/* Takes turns with the test: odd turns are the child's, in which it changes the record. */
static int
revoker(void *arg)
{
	struct board *b = arg;
	struct store *st = scratch_open(b->s, STORE_READ_WRITE);

	for (unsigned turn = 1; turn < TURNS; turn += 2) {
		if (!wait_for(&b->turn, turn))
			return 1;
		if (put(st, (struct put){ .kind = 't', .id = 1, .value = turn }) != EG_OK)
			return 2;
		if (turn % 4 == 1 && put(st, (struct put){ .kind = 't', .id = 2, .lists = { LIST }, .unique = "name" }) != EG_OK)
			return 3;
		if (turn % 4 == 3 && put(st, (struct put){ .kind = 't', .id = 2, .is_delete = true }) != EG_OK)
			return 4;
		atomic_store(&b->turn, turn + 1);
	}
	store_close(st);
	return 0;
}

static void
test_kept_open_reader(void **state)
{
	struct board *b = new_board(*state);
	struct store *st = scratch_open(b->s, STORE_CREATE);
	struct arena *a = arena_new();
	struct store_record r;

	assert_int_equal(put(st, (struct put){ .kind = 't', .id = 1, .value = 0 }), EG_OK);
	pid_t pid = spawn(revoker, b);
	for (unsigned turn = 0; turn < TURNS; turn += 2) {
		assert_true(wait_for(&b->turn, turn));
		int64_t want = turn == 0 ? 0 : turn - 1;
		for (int again = 0; again < 3; again++) {
			assert_int_equal(value_of(st, 't', 1), want);
			bool there = turn % 4 == 2;
			assert_int_equal(value_of(st, 't', 2), there ? 0 : -1);
			assert_int_equal(count_of(st, 't', LIST), there ? 1 : 0);
			assert_int_equal(store_find(st, a, "name", &r), there ? EG_OK : EG_NOTFOUND);
		}
		atomic_store(&b->turn, turn + 1);
	}
	assert_int_equal(await(pid), 0);
	arena_free(a);
	assert_verifies(st);
	store_close(st);
	munmap(b, sizeof *b);
}

/* ---- no torn and no stale read while another writes ---- */

#define CHANGES 2000
#define RECORDS 8

/* All records of a set carry its number; so do they all at any moment. */
static eg_err
put_all(struct store_tx *tx, struct arena *a, void *arg)
{
	unsigned n = *(unsigned *)arg;

	for (unsigned i = 1; i <= RECORDS; i++) {
		struct put p = { .kind = 't', .id = i, .lists = { LIST }, .value = n };

		EG_TRY(put_fn(tx, a, &p));
	}
	/* One that comes and goes. */
	struct put extra = { .kind = 't', .id = 100, .lists = { LIST }, .value = n, .is_delete = n % 2 == 0 && n > 0 };
	return n == 0 ? EG_OK : put_fn(tx, a, &extra);
}

static int
writer(void *arg)
{
	struct board *b = arg;
	struct store *st = scratch_open(b->s, STORE_READ_WRITE);
	struct arena *a = arena_new();

	for (unsigned n = 1; n <= CHANGES; n++) {
		if (store_change(st, a, &cause, put_all, &n) != EG_OK)
			return 1;
		atomic_store(&b->done, n);
		arena_reset(a);
	}
	arena_free(a);
	store_close(st);
	return 0;
}

static void
test_reader_beside_writer(void **state)
{
	struct board *b = new_board(*state);
	struct store *st = scratch_open(b->s, STORE_CREATE);
	struct arena *a = arena_new();
	struct store_record *rows;
	struct uuid list = id_of(LIST);
	unsigned n = 0, reads = 0, seen = 0;
	size_t count, total;

	assert_int_equal(store_change(st, a, &cause, put_all, &n), EG_OK);
	pid_t pid = spawn(writer, b);
	while (n < CHANGES) {
		arena_reset(a);
		n = atomic_load(&b->done);
		assert_int_equal(store_list(st, a, 't', &list, 0, 100, &rows, &count, &total), EG_OK);
		int64_t value = json_get_int(rows[count - 1].doc, "value", -1);
		/* Not older than what was acknowledged before, never going back, and all of one set. */
		assert_true(value >= n);
		assert_true(value >= seen);
		assert_int_equal(total, RECORDS + (value % 2 == 1));
		assert_int_equal(count, total);
		for (size_t i = 0; i < count; i++)
			assert_int_equal(json_get_int(rows[i].doc, "value", -1), value);
		int64_t one = value_of(st, 't', 1 + reads % RECORDS);
		assert_true(one >= value);
		seen = (unsigned)one;
		reads++;
	}
	assert_int_equal(await(pid), 0);
	assert_true(reads > 20);
	arena_free(a);
	assert_verifies(st);
	store_close(st);
	munmap(b, sizeof *b);
}

/* ---- F10: several writers ---- */

#define WRITERS 4
#define NAMES 150

static eg_err
increment(struct store_tx *tx, struct arena *a, void *arg)
{
	struct uuid id = id_of(1);
	struct store_record r;
	int64_t value = 0;
	eg_err e = store_tx_get(tx, 't', &id, &r);

	if (e == EG_OK)
		value = json_get_int(r.doc, "value", -1);
	else if (e != EG_NOTFOUND)
		return e;
	struct put p = { .kind = 't', .id = 1, .value = value + 1 };
	return put_fn(tx, a, &p);
}

/* Each tries to take every name and counts up one number as often as it gets one. */
static int
contender(void *arg)
{
	struct board *b = arg;
	struct store *st = scratch_open(b->s, STORE_READ_WRITE);
	struct arena *a = arena_new();
	unsigned me = atomic_fetch_add(&b->turn, 1);

	for (unsigned i = 0; i < NAMES; i++) {
		arena_reset(a);
		unsigned n = (i + me * 7) % NAMES;
		eg_err e = put(st, (struct put){ .kind = 'n', .id = 1 + n + me * NAMES, .lists = { LIST }, .unique = arena_printf(a, "n:%u", n) });
		if (e == EG_EXISTS)
			continue;
		if (e != EG_OK || store_change(st, a, &cause, increment, NULL) != EG_OK)
			return 1;
		atomic_fetch_add(&b->won, 1);
	}
	arena_free(a);
	store_close(st);
	return 0;
}

static void
test_writers_compete(void **state)
{
	struct board *b = new_board(*state);
	struct store *st = scratch_open(b->s, STORE_CREATE);
	pid_t pids[WRITERS];

	for (int i = 0; i < WRITERS; i++)
		pids[i] = spawn(contender, b);
	for (int i = 0; i < WRITERS; i++)
		assert_int_equal(await(pids[i]), 0);
	assert_int_equal(b->won, NAMES);
	assert_int_equal(value_of(st, 't', 1), NAMES);
	assert_int_equal(count_of(st, 'n', LIST), NAMES);
	assert_verifies(st);
	store_close(st);
	munmap(b, sizeof *b);
}

/* store_verify() and store_rebuild() beside traffic. */
static void
test_tending_beside_traffic(void **state)
{
	struct board *b = new_board(*state);
	struct store *st = scratch_open(b->s, STORE_CREATE);
	struct arena *a = arena_new();
	unsigned n = 0, rounds = 0;

	assert_int_equal(store_change(st, a, &cause, put_all, &n), EG_OK);
	pid_t pid = spawn(writer, b);
	while (atomic_load(&b->done) < CHANGES) {
		assert_verifies(st);
		eg_err e = store_rebuild(st, a, NULL, NULL);
		if (e != EG_OK && e != EG_BUSY)
			fail_msg("store_rebuild: %s", eg_err_name(e));
		assert_true(value_of(st, 't', 1) >= 0);
		arena_reset(a);
		rounds++;
	}
	assert_int_equal(await(pid), 0);
	assert_true(rounds > 0);
	assert_verifies(st);
	assert_int_equal(value_of(st, 't', 1), CHANGES);
	arena_free(a);
	store_close(st);
	munmap(b, sizeof *b);
}

/* ---- T30, F9: the lock's holder is stopped, or dies ---- */

static eg_err
stop_myself(struct store_tx *tx, struct arena *a, void *arg)
{
	struct put p = { .kind = 't', .id = 1, .value = 2 };

	EG_TRY(put_fn(tx, a, &p));
	kill(getpid(), SIGSTOP);
	return EG_OK;
}

static int
stopped_holder(void *arg)
{
	struct scratch *s = arg;
	struct store *st = scratch_open(s, STORE_READ_WRITE);
	eg_err e = store_change(st, s->a, &cause, stop_myself, NULL);

	store_close(st);
	return e == EG_OK ? 0 : 1;
}

static void
test_stopped_holder(void **state)
{
	struct scratch *s = *state;

	for (int killed = 0; killed < 2; killed++) {
		struct store *st = scratch_open(s, killed ? STORE_READ_WRITE : STORE_CREATE);
		int status;

		assert_int_equal(put(st, (struct put){ .kind = 't', .id = 1, .value = 1 }), EG_OK);
		pid_t pid = spawn(stopped_holder, s);
		assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
		assert_true(WIFSTOPPED(status));

		int64_t start = clock_mono_us();
		assert_int_equal(put(st, (struct put){ .kind = 't', .id = 2 }), EG_BUSY);
		int64_t took = clock_mono_us() - start;
		assert_in_range(took, 240000, 1000000);
		/* Reading does not mind, nor does somebody who comes now. */
		assert_int_equal(value_of(st, 't', 1), 1);
		struct store *late = scratch_open(s, STORE_READ_WRITE);
		assert_int_equal(value_of(late, 't', 1), 1);
		store_close(late);

		kill(pid, killed ? SIGKILL : SIGCONT);
		assert_int_equal(await(pid), killed ? 128 + SIGKILL : 0);
		assert_int_equal(value_of(st, 't', 1), killed ? 1 : 2);
		assert_int_equal(put(st, (struct put){ .kind = 't', .id = 2 }), EG_OK);
		assert_verifies(st);
		store_close(st);
	}
}

/* A sync leader that is stopped holds nobody up: here it seems to lead, and never does. */
static void
test_stopped_sync_leader(void **state)
{
	struct scratch *s = *state;
	struct store *st = scratch_open(s, STORE_CREATE);

	assert_int_equal(put(st, (struct put){ .kind = 't', .id = 1 }), EG_OK);
	atomic_store(&st->page->sync_leader, 1);
	int64_t start = clock_mono_us();
	assert_int_equal(put(st, (struct put){ .kind = 't', .id = 1, .value = 2 }), EG_OK);
	int64_t took = clock_mono_us() - start;
	assert_in_range(took, 200000, 1000000);
	assert_int_equal(atomic_load(&st->page->sync_leader), 0);
	store_close(st);
}

/* A failed sync: everybody is refused until the segment was written anew, and nothing that was acknowledged is lost. */
static void
test_failed_sync(void **state)
{
	struct scratch *s = *state;
	struct store *st = scratch_open(s, STORE_CREATE);
	const char *journal = scratch_path(s, "journal/000001.log");
	struct stat before, after;

	assert_int_equal(put(st, (struct put){ .kind = 't', .id = 1, .value = 1 }), EG_OK);
	assert_int_equal(stat(journal, &before), 0);
	/* As a leader leaves it. */
	atomic_store(&st->page->sync_failed, 1);
	struct store *other = scratch_open(s, STORE_READ_WRITE);
	assert_int_equal(chmod(scratch_path(s, "journal"), 0500), 0);
	if (geteuid() != 0) {
		assert_int_equal(put(other, (struct put){ .kind = 't', .id = 2, .value = 2 }), EG_FAILED);
		assert_int_equal(value_of(other, 't', 1), 1);
	}
	assert_int_equal(chmod(scratch_path(s, "journal"), 0700), 0);
	assert_int_equal(put(other, (struct put){ .kind = 't', .id = 2, .value = 2 }), EG_OK);
	assert_int_equal(put(st, (struct put){ .kind = 't', .id = 3, .value = 3 }), EG_OK);
	assert_int_equal(stat(journal, &after), 0);
	assert_int_not_equal(before.st_ino, after.st_ino);
	assert_int_equal(value_of(st, 't', 2), 2);
	assert_verifies(st);
	store_close(st);
	store_close(other);
	st = scratch_open(s, STORE_READ_WRITE);
	assert_int_equal(value_of(st, 't', 3), 3);
	store_close(st);
}

/* Many come and go at once, as plain CGI programs do. */
static int
come_and_go(void *arg)
{
	struct board *b = arg;
	unsigned me = atomic_fetch_add(&b->turn, 1);

	for (unsigned i = 0; i < 40; i++) {
		struct store *st = NULL;
		struct arena *a = arena_new();
		const char *why;
		eg_err e = store_open(a, b->s->dir, b->s->ring, STORE_READ_WRITE, &st, &why);

		if (e == EG_OK && i % 4 == 0)
			e = put(st, (struct put){ .kind = 't', .id = 1 + me * 100 + i, .lists = { LIST } });
		if (e == EG_OK && value_of(st, 't', 9999) != 7)
			return 1;
		if (e != EG_OK) {
			fprintf(stderr, "%s\n", eg_err_name(e));
			return 2;
		}
		store_close(st);
		arena_free(a);
	}
	return 0;
}

static void
test_come_and_go(void **state)
{
	struct board *b = new_board(*state);
	struct store *st = scratch_open(b->s, STORE_CREATE);
	pid_t pids[WRITERS];

	assert_int_equal(put(st, (struct put){ .kind = 't', .id = 9999, .value = 7 }), EG_OK);
	store_close(st);
	for (int i = 0; i < WRITERS; i++)
		pids[i] = spawn(come_and_go, b);
	for (int i = 0; i < WRITERS; i++)
		assert_int_equal(await(pids[i]), 0);
	st = scratch_open(b->s, STORE_READ_WRITE);
	assert_int_equal(count_of(st, 't', LIST), WRITERS * 10);
	assert_verifies(st);
	store_close(st);
	munmap(b, sizeof *b);
}

#define T(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_kept_open_reader),
		T(test_reader_beside_writer),
		T(test_writers_compete),
		T(test_tending_beside_traffic),
		T(test_stopped_holder),
		T(test_stopped_sync_leader),
		T(test_failed_sync),
		T(test_come_and_go),
	};

	return cmocka_run_group_tests_name("store/processes", tests, NULL, NULL);
}
