/* SPDX-License-Identifier: GPL-3.0-or-later */
/* F5, F7: each call that writes, syncs or reads fails, once or from then on. A change that was acknowledged is
 * there, one that was refused is not, reading goes on, and when the fault is over all is well without anybody's
 * help. */
#include "scratch.h"

#include "faults.h"
#include "store/engine.h"

#define LIST 1000
#define ATTEMPTS 3
#define ATTEMPTS_MAX 20000

enum outcome { ABSENT, PRESENT, UNKNOWN };

struct result {
	unsigned attempt;
	eg_err e;
};

struct trial {
	struct scratch *s;
	unsigned first;
	int pipe;
	int error;
	bool sticky;
	bool reads_too;
	unsigned long at;
};

static eg_err
attempt(struct store *st, unsigned n)
{
	struct arena *a = arena_new();
	eg_err e = put(st, (struct put){ .kind = 't', .id = 10000 + n, .lists = { LIST }, .unique = arena_printf(a, "t:%u", n), .value = n });

	arena_free(a);
	return e;
}

static bool
tell(struct trial *t, unsigned n, eg_err e)
{
	struct result r = { n, e };

	return syscall(SYS_write, t->pipe, &r, sizeof r) == sizeof r;
}

/* What was there before can be read; where reads fail, too, it may be refused but not be wrong. */
static bool
can_read(struct store *st, bool may_fail)
{
	struct arena *a = arena_new();
	struct uuid id = id_of(1);
	struct store_record r;
	eg_err e = store_get(st, a, 't', &id, &r);
	bool right = e == EG_OK ? json_get_int(r.doc, "value", -1) == 7 : may_fail && (e == EG_IO || e == EG_DAMAGED || e == EG_RECOVERING);

	arena_free(a);
	return right;
}

/* Exit status 0: the fault came; 1: everything was done before it could. Others are failures. */
static int
try_it(void *arg)
{
	struct trial *t = arg;
	struct store *st;
	const char *why;

	fault.error = t->error;
	fault.sticky = t->sticky;
	fault.reads_too = t->reads_too;
	fault_arm(FAULT_FAIL, t->at);
	eg_err e = store_open(t->s->a, t->s->dir, t->s->ring, STORE_READ_WRITE, &st, &why);
	bool opened = e == EG_OK;
	if (opened) {
		for (unsigned n = t->first; n < t->first + ATTEMPTS; n++)
			if (!tell(t, n, attempt(st, n)) || !can_read(st, t->reads_too))
				return 2;
	}
	bool hit = fault.calls >= t->at;
	fault_arm(FAULT_NONE, 0);
	if (!opened && store_open(t->s->a, t->s->dir, t->s->ring, STORE_READ_WRITE, &st, &why) != EG_OK)
		return 3;
	if (!can_read(st, false))
		return 4;
	e = attempt(st, t->first + ATTEMPTS);
	if (e != EG_OK) {
		fprintf(stderr, "afterwards: %s\n", eg_err_name(e));
		return 5;
	}
	if (!tell(t, t->first + ATTEMPTS, e))
		return 6;
	/* And once more for the stop. */
	fault_arm(FAULT_FAIL, t->at % 16 + 1);
	store_close(st);
	return hit ? 0 : 1;
}

static void
note(unsigned char *outcomes, const struct result *r)
{
	switch (r->e) {
	case EG_OK:
		outcomes[r->attempt] = PRESENT;
		break;
	case EG_FAILED:
		outcomes[r->attempt] = UNKNOWN;
		break;
	case EG_FULL:
	case EG_IO:
	case EG_BUSY:
	case EG_RECOVERING:
	case EG_DAMAGED:
		outcomes[r->attempt] = ABSENT;
		break;
	default:
		fail_msg("attempt %u: %s", r->attempt, eg_err_name(r->e));
	}
}

static void
run(struct scratch *s, int error, bool sticky, bool reads_too)
{
	static unsigned char outcomes[ATTEMPTS_MAX];
	struct store *st = scratch_open(s, STORE_CREATE);
	unsigned next = 0, failed = 0;
	int status = 0;

	assert_int_equal(put(st, (struct put){ .kind = 't', .id = 1, .value = 7 }), EG_OK);
	store_close(st);
	memset(outcomes, ABSENT, sizeof outcomes);
	for (unsigned long at = 1; status == 0; at++) {
		struct trial t = { .s = s, .first = next, .error = error, .sticky = sticky, .reads_too = reads_too, .at = at };
		struct result r;
		int fds[2];

		assert_true(next + ATTEMPTS + 1 < ATTEMPTS_MAX);
		assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
		t.pipe = fds[1];
		status = await(spawn(try_it, &t));
		close(fds[1]);
		while (syscall(SYS_read, fds[0], &r, sizeof r) == sizeof r) {
			note(outcomes, &r);
			failed += r.e != EG_OK;
		}
		close(fds[0]);
		if (status > 1)
			fail_msg("call %lu: the child ended with %d", at, status);

		st = scratch_open(s, STORE_READ_WRITE);
		size_t present = 0;
		for (unsigned n = 0; n <= next + ATTEMPTS; n++) {
			if (n < next && outcomes[n] != UNKNOWN) {
				present += outcomes[n] == PRESENT;
				continue;
			}
			int64_t value = value_of(st, 't', 10000 + n);
			if (outcomes[n] == UNKNOWN)
				outcomes[n] = value == n ? PRESENT : ABSENT;
			if (value != (outcomes[n] == PRESENT ? (int)n : -1))
				fail_msg("call %lu: attempt %u should be %s", at, n, outcomes[n] == PRESENT ? "there" : "absent");
			present += outcomes[n] == PRESENT;
		}
		assert_int_equal(count_of(st, 't', LIST), present);
		assert_verifies(st);
		store_close(st);
		next += ATTEMPTS + 1;
	}
	assert_true(failed > 5);
}

static void
test_io_error_once(void **state)
{
	run(*state, EIO, false, false);
}

static void
test_io_error_for_good(void **state)
{
	run(*state, EIO, true, false);
}

static void
test_disk_full_once(void **state)
{
	run(*state, ENOSPC, false, false);
}

static void
test_disk_full_for_good(void **state)
{
	run(*state, ENOSPC, true, false);
}

static void
test_read_error_once(void **state)
{
	run(*state, EIO, false, true);
}

/* Every change is on disk when it is acknowledged; the first one after an orderly stop before it touches an index file, as
 * the stop mark would else still hold after a power cut. */
static void
test_order_of_syncs(void **state)
{
	struct scratch *s = *state;

	store_close(scratch_open(s, STORE_CREATE));
	for (int round = 0; round < 2; round++) {
		struct store *st = scratch_open(s, STORE_READ_WRITE);

		for (unsigned n = 0; n < 5; n++) {
			fault.early = 0;
			fault.unsynced = false;
			assert_int_equal(attempt(st, (unsigned)round * 10 + n), EG_OK);
			assert_false(fault.unsynced);
			if (n == 0)
				assert_int_equal(fault.early, 0);
			else
				assert_true(fault.early > 0);
		}
		store_close(st);
	}
}

/* F7: while the disk is full nothing changes and everything can be read; when there is space again, all goes on. */
static void
test_full_disk(void **state)
{
	struct scratch *s = *state;
	struct store *st = scratch_open(s, STORE_CREATE);
	unsigned n = 0, refused = 0;

	for (int round = 0; round < 3; round++) {
		for (unsigned i = 0; i < 20; i++)
			assert_int_equal(attempt(st, n++), EG_OK);
		fault_arm(FAULT_FULL, 0);
		/* Some fit into what was taken before. */
		for (unsigned i = 0; i < 1500; i++) {
			eg_err e = attempt(st, n);

			if (e == EG_OK)
				n++;
			else if (e == EG_FULL)
				refused++;
			else
				fail_msg("attempt %u: %s", n, eg_err_name(e));
			if (i % 100 == 0)
				assert_int_equal(value_of(st, 't', 10000 + n / 2), n / 2);
		}
		assert_int_equal(count_of(st, 't', LIST), n);
		assert_true(refused > 0);
		/* A process that comes now can read, too. */
		struct store *late = scratch_open(s, STORE_READ_WRITE);
		assert_int_equal(value_of(late, 't', 10000), 0);
		store_close(late);
		fault_arm(FAULT_NONE, 0);
	}
	assert_int_equal(attempt(st, n++), EG_OK);
	assert_int_equal(count_of(st, 't', LIST), n);
	assert_verifies(st);
	store_close(st);
}

/* After a failed sync the kernel may say that all is well though data is gone: nothing is acknowledged until it was written
 * anew, elsewhere. */
static void
test_failed_sync(void **state)
{
	struct scratch *s = *state;
	struct store *st = scratch_open(s, STORE_CREATE);
	const char *journal = scratch_path(s, "journal/000001.log");
	struct stat before, after;

	assert_int_equal(attempt(st, 1), EG_OK);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(stat(journal, &before), 0);
		fault_arm(FAULT_FAIL_SYNC, 0);
		assert_int_equal(attempt(st, 2), EG_FAILED);
		assert_int_equal(value_of(st, 't', 10001), 1);
		fault_arm(FAULT_NONE, 0);
		assert_int_equal(attempt(st, 3), EG_OK);
		assert_int_equal(stat(journal, &after), 0);
		assert_int_not_equal(before.st_ino, after.st_ino);
	}
	assert_verifies(st);
	store_close(st);
}

#define T(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_io_error_once),
		T(test_io_error_for_good),
		T(test_disk_full_once),
		T(test_disk_full_for_good),
		T(test_read_error_once),
		T(test_order_of_syncs),
		T(test_full_disk),
		T(test_failed_sync),
	};

	return cmocka_run_group_tests_name("store/io", tests, NULL, NULL);
}
