/* SPDX-License-Identifier: GPL-3.0-or-later */
/* F1, F2: processes that are killed at any moment. A log of what was acknowledged, kept by this program, is held
 * against the store afterwards: nothing of it is lost, nothing is half done, and nobody had to help.
 * EG_FAULT_ROUNDS: so many random kills instead of 200, and every call instead of some in the tests of recovery. */
#include "scratch.h"

#include <sys/prctl.h>

#include "base/clock.h"
#include "faults.h"
#include "store/engine.h"

#define LIST 1000
#define WORKERS 3

/* What worker `w` does as its change number n: a record of its own for each, one that holds its last number, and
 * the one of three before goes. All under one number, so that half of it shows. */
static eg_err
work_fn(struct store_tx *tx, struct arena *a, void *arg)
{
	unsigned base = ((unsigned *)arg)[0] * 1000000, n = ((unsigned *)arg)[1];
	struct put fresh = { .kind = 't', .id = base + n, .lists = { LIST, base }, .unique = arena_printf(a, "u:%u", base + n), .value = n };
	struct put last = { .kind = 'l', .id = base, .lists = { LIST }, .value = n };
	struct put old = { .kind = 't', .id = base + n - 3, .is_delete = true };

	struct uuid id = id_of(base);
	struct store_record r;

	/* A change of one's life before that nobody was told of shows when the next is made. */
	eg_err e = store_tx_get(tx, 'l', &id, &r);
	if (e == EG_OK && json_get_int(r.doc, "value", -1) == n)
		return EG_CONFLICT;
	EG_TRY(put_fn(tx, a, &fresh));
	EG_TRY(put_fn(tx, a, &last));
	return n > 3 ? put_fn(tx, a, &old) : EG_OK;
}

static eg_err
work(struct store *st, unsigned worker, unsigned n)
{
	unsigned arg[2] = { worker, n };
	struct arena *a = arena_new();
	eg_err e = store_change(st, a, &cause, work_fn, arg);

	arena_free(a);
	return e;
}

/* The store holds the first `n` changes of this worker and no part of another. */
static void
assert_worked(struct store *st, unsigned worker, unsigned n)
{
	unsigned base = worker * 1000000;
	struct arena *a = arena_new();
	struct store_record r;

	assert_int_equal(value_of(st, 'l', base), n == 0 ? -1 : (int)n);
	for (unsigned i = n > 6 ? n - 6 : 1; i <= n + 1; i++) {
		bool there = i <= n && i + 3 > n;

		assert_int_equal(value_of(st, 't', base + i), there ? (int)i : -1);
		assert_int_equal(store_find(st, a, arena_printf(a, "u:%u", base + i), &r), there ? EG_OK : EG_NOTFOUND);
	}
	assert_int_equal(count_of(st, 't', base), n < 3 ? n : 3);
	arena_free(a);
}

/* How far the worker came: as far as it was told, or one change further. */
static unsigned
progress_of(struct store *st, unsigned worker, unsigned acknowledged)
{
	int64_t last = value_of(st, 'l', worker * 1000000);
	unsigned n = last < 0 ? 0 : (unsigned)last;

	if (n != acknowledged && n != acknowledged + 1)
		fail_msg("worker %u: %u changes were acknowledged, the store holds %u", worker, acknowledged, n);
	assert_worked(st, worker, n);
	return n;
}

/* ---- at every call that writes ---- */

#define CHANGES 3

struct life {
	struct scratch *s;
	unsigned acknowledged;  /* so many changes must be there */
	int pipe;               /* gets the number of the change that was found last, then of each that was acknowledged */
	enum fault_action action;
	unsigned long at;
};

/* Opens, changes, closes. Exit status 0: it lived. */
static int
live(void *arg)
{
	struct life *l = arg;
	struct store *st;
	const char *why;

	fault_arm(l->action, l->at);
	if (store_open(l->s->a, l->s->dir, l->s->ring, STORE_READ_WRITE, &st, &why) != EG_OK)
		return 1;
	int64_t last = value_of(st, 'l', 1000000);
	unsigned n = last < 0 ? 0 : (unsigned)last;
	if (n < l->acknowledged || n > l->acknowledged + 1)
		return 2;
	if (syscall(SYS_write, l->pipe, &n, sizeof n) != sizeof n)
		return 4;
	for (unsigned end = n + CHANGES; n++ < end;) {
		if (work(st, 1, n) != EG_OK)
			return 3;
		if (syscall(SYS_write, l->pipe, &n, sizeof n) != sizeof n)
			return 4;
	}
	store_close(st);
	return 0;
}

/* One life, cut short at call `at`; raises *acknowledged. True: it lived to its end. */
static bool
one_life(struct scratch *s, unsigned *acknowledged, enum fault_action action, unsigned long at)
{
	struct life l = { .s = s, .acknowledged = *acknowledged, .action = action, .at = at };
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	l.pipe = fds[1];
	int status = await(spawn(live, &l));
	close(fds[1]);
	while (syscall(SYS_read, fds[0], acknowledged, sizeof *acknowledged) == sizeof *acknowledged)
		;
	close(fds[0]);
	if (status != 0 && status != 128 + SIGKILL)
		fail_msg("call %lu: the child ended with %d", at, status);
	return status == 0;
}

/* Behind the last line there is nothing: half a line would stand there for ever where the next is shorter. */
static void
assert_clean_tail(struct scratch *s)
{
	static char text[1u << 20];
	int fd = open(scratch_path(s, "journal/000001.log"), O_RDONLY);
	ssize_t len = read(fd, text, sizeof text);
	size_t end = len > 0 ? (size_t)len : 0;

	close(fd);
	assert_in_range(len, 1, sizeof text - 1);
	while (text[end - 1] != '\n')
		assert_int_equal(text[--end], 0);
}

/* `beside`: this process has the store open meanwhile, so that the killed one leaves a running store. */
static void
kill_everywhere(struct scratch *s, enum fault_action action, bool beside)
{
	struct store *st = scratch_open(s, STORE_CREATE);
	unsigned done = 0;
	bool lived = false;

	for (unsigned long at = 1; !lived; at++) {
		if (!beside)
			store_close(st);
		lived = one_life(s, &done, action, at);
		if (!beside)
			st = scratch_open(s, STORE_READ_WRITE);
		/* What a dead writer left is put in place by the next one. */
		assert_int_equal(put(st, (struct put){ .kind = 'x', .id = 1, .value = (int64_t)at }), EG_OK);
		assert_clean_tail(s);
		done = progress_of(st, 1, done);
		assert_verifies(st);
		assert_true(at < 1000);
	}
	assert_true(done > 20);
	store_close(st);
}

static void
test_killed_before_each_call(void **state)
{
	kill_everywhere(*state, FAULT_DIE_BEFORE, false);
}

static void
test_killed_halfway_through_each_call(void **state)
{
	kill_everywhere(*state, FAULT_DIE_HALFWAY, false);
}

static void
test_killed_before_each_call_beside_others(void **state)
{
	kill_everywhere(*state, FAULT_DIE_BEFORE, true);
}

static void
test_killed_halfway_through_each_call_beside_others(void **state)
{
	kill_everywhere(*state, FAULT_DIE_HALFWAY, true);
}

static void
reboot_if(struct scratch *s, bool reboot)
{
	if (reboot)
		flip_byte(scratch_path(s, "shared.page"), offsetof(struct shared, boot_id), 0xff);
}

/* F2: killed; what mends that is killed, too, each time a few calls further; and so is the next. `reboot`: the
 * index has to be made anew. */
static void
kill_recovery(struct scratch *s, bool reboot)
{
	struct store *st = scratch_open(s, STORE_CREATE);
	bool every = getenv("EG_FAULT_ROUNDS") != NULL;
	unsigned done = 0, rounds = 0;

	for (unsigned long first = 6; first < 60; first += every ? 1 : 26) {
		bool lived = false;

		for (unsigned long at = 1; !lived; at += every ? 1 : 9) {
			store_close(st);
			(void)one_life(s, &done, FAULT_DIE_HALFWAY, first);
			reboot_if(s, reboot);
			lived = one_life(s, &done, FAULT_DIE_BEFORE, at);
			reboot_if(s, reboot);
			(void)one_life(s, &done, FAULT_DIE_HALFWAY, at + 1);
			reboot_if(s, reboot);
			st = scratch_open(s, STORE_READ_WRITE);
			done = progress_of(st, 1, done);
			assert_verifies(st);
			rounds++;
			assert_true(at < 1000);
		}
	}
	assert_true(rounds > 12);
	store_close(st);
}

static void
test_killed_in_recovery(void **state)
{
	kill_recovery(*state, false);
}

static void
test_killed_in_rebuild(void **state)
{
	kill_recovery(*state, true);
}

/* The first making of a store, cut short: the next making works, and until then there is no store. */
static int
create_and_die(void *arg)
{
	struct life *l = arg;
	struct store *st;
	const char *why;

	fault_arm(l->action, l->at);
	if (store_open(l->s->a, l->s->dir, l->s->ring, STORE_CREATE, &st, &why) != EG_OK)
		return 1;
	store_close(st);
	return 0;
}

static void
test_killed_in_creation(void **state)
{
	int status = -1;

	for (unsigned long at = 1; status != 0; at++) {
		void *inner;
		struct store *st;

		scratch_setup(&inner);
		struct scratch *s = inner;
		struct life l = { .s = s, .action = at % 2 == 0 ? FAULT_DIE_BEFORE : FAULT_DIE_HALFWAY, .at = (at + 1) / 2 };
		status = await(spawn(create_and_die, &l));
		eg_err e = store_open(s->a, s->dir, s->ring, STORE_READ_WRITE, &st, &s->why);
		if (e == EG_NOTFOUND)
			e = store_open(s->a, s->dir, s->ring, STORE_CREATE, &st, &s->why);
		if (e != EG_OK)
			fail_msg("call %lu: %s: %s", l.at, eg_err_name(e), s->why);
		assert_int_equal(put(st, (struct put){ .kind = 'x', .id = 1, .value = 1 }), EG_OK);
		assert_verifies(st);
		store_close(st);
		scratch_teardown(&inner);
		assert_true(at < 200);
	}
}

/* ---- at any moment ---- */

struct worker {
	struct scratch *s;
	unsigned number;
	int pipe;
};

/* Goes on until it is killed. */
static int
work_on(void *arg)
{
	struct worker *w = arg;
	struct store *st = NULL;
	const char *why;
	eg_err e;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	do
		e = store_open(w->s->a, w->s->dir, w->s->ring, STORE_READ_WRITE, &st, &why);
	while (e == EG_RECOVERING);
	if (e != EG_OK) {
		fprintf(stderr, "store_open: %s: %s\n", eg_err_name(e), why);
		return 1;
	}
	int64_t last = value_of(st, 'l', w->number * 1000000);
	unsigned n = last < 0 ? 0 : (unsigned)last;
	for (;;) {
		/* What was found at first, then what was acknowledged. */
		if (write(w->pipe, &n, sizeof n) != sizeof n)
			return 3;
		do
			e = work(st, w->number, n + 1);
		while (e == EG_BUSY || e == EG_RECOVERING);
		if (e != EG_OK && e != EG_CONFLICT) {
			fprintf(stderr, "store_change: %s\n", eg_err_name(e));
			return 2;
		}
		n++;
	}
}

struct crew {
	struct worker worker[WORKERS + 1];
	int read_end[WORKERS + 1];
	pid_t pid[WORKERS + 1];
	unsigned acknowledged[WORKERS + 1];
};

static void
hire(struct crew *c, struct scratch *s, unsigned i)
{
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	c->worker[i] = (struct worker){ .s = s, .number = i, .pipe = fds[1] };
	c->read_end[i] = fds[0];
	c->pid[i] = spawn(work_on, &c->worker[i]);
	close(fds[1]);
}

static void
fire(struct crew *c, unsigned i)
{
	unsigned n;

	kill(c->pid[i], SIGKILL);
	assert_int_equal(await(c->pid[i]), 128 + SIGKILL);
	while (syscall(SYS_read, c->read_end[i], &n, sizeof n) == sizeof n) {
		assert_true(n == c->acknowledged[i] || n == c->acknowledged[i] + 1);
		c->acknowledged[i] = n;
	}
	close(c->read_end[i]);
}

static void
check_all(struct crew *c, struct scratch *s)
{
	struct store *st = scratch_open(s, STORE_READ_WRITE);

	assert_int_equal(put(st, (struct put){ .kind = 'x', .id = 1 }), EG_OK);
	for (unsigned i = 1; i <= WORKERS; i++)
		c->acknowledged[i] = progress_of(st, i, c->acknowledged[i]);
	assert_verifies(st);
	store_close(st);
}

static void
test_random_kills(void **state)
{
	struct scratch *s = *state;
	int rounds = getenv("EG_FAULT_ROUNDS") != NULL ? atoi(getenv("EG_FAULT_ROUNDS")) : 200;
	struct crew c = { .acknowledged = { 0 } };
	uint32_t seed = (uint32_t)clock_now_us();

	printf("seed %u\n", seed);
	store_close(scratch_open(s, STORE_CREATE));
	for (unsigned i = 1; i <= WORKERS; i++)
		hire(&c, s, i);
	for (int round = 1; round <= rounds; round++) {
		seed = seed * 1664525u + 1013904223u;
		usleep(seed >> 20);     /* up to 4 ms */
		unsigned i = 1 + (seed >> 8) % WORKERS;
		bool all = round % 25 == 0;

		for (unsigned k = 1; k <= WORKERS; k++)
			if (all || k == i)
				fire(&c, k);
		if (all)
			check_all(&c, s);
		for (unsigned k = 1; k <= WORKERS; k++)
			if (all || k == i)
				hire(&c, s, k);
	}
	for (unsigned i = 1; i <= WORKERS; i++)
		fire(&c, i);
	check_all(&c, s);
	unsigned sum = 0;
	for (unsigned i = 1; i <= WORKERS; i++)
		sum += c.acknowledged[i];
	printf("%d kills, %u changes acknowledged\n", rounds, sum);
	assert_true(sum > (unsigned)rounds);
}

#define T(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_killed_before_each_call),
		T(test_killed_halfway_through_each_call),
		T(test_killed_before_each_call_beside_others),
		T(test_killed_halfway_through_each_call_beside_others),
		T(test_killed_in_recovery),
		T(test_killed_in_rebuild),
		T(test_killed_in_creation),
		T(test_random_kills),
	};

	return cmocka_run_group_tests_name("store/kill", tests, NULL, NULL);
}
