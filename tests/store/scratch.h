/* SPDX-License-Identifier: GPL-3.0-or-later */
/* scratch.h - a store in a folder of its own for one test, and small records to put into it. */
#ifndef EG_TESTS_STORE_SCRATCH_H
#define EG_TESTS_STORE_SCRATCH_H

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "store/store.h"

#define MAYBE __attribute__((unused))

struct scratch {
	struct arena *a;
	struct keyring *ring;
	char base[64];          /* removed at the end */
	char dir[80];           /* the store, not made yet */
	const char *why;
};

static MAYBE struct keyring *
scratch_ring(struct arena *a, const char *text)
{
	struct keyring *ring;
	const char *why;

	assert_int_equal(keyring_parse(a, text, strlen(text), &ring, &why), EG_OK);
	return ring;
}

#define KEY_1 "1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n"
#define KEY_2 "2 ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8\n"

static MAYBE int
scratch_setup(void **state)
{
	struct scratch *s = calloc(1, sizeof *s);

	/* What is provoked here would fill the screen; EG_TEST_LOG=1 shows it. */
	log_open("test", getenv("EG_TEST_LOG") != NULL ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERROR + 1);
	s->a = arena_new();
	s->ring = scratch_ring(s->a, KEY_1);
	/* In memory where that can be had: thousands of syncs are what these tests would wait for. EG_TEST_DIR:
	 * elsewhere. */
	const char *parent = getenv("EG_TEST_DIR") != NULL ? getenv("EG_TEST_DIR") : access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	snprintf(s->base, sizeof s->base, "%s/embedgate-test-XXXXXX", parent);
	assert_non_null(mkdtemp(s->base));
	snprintf(s->dir, sizeof s->dir, "%s/store", s->base);
	*state = s;
	return 0;
}

static MAYBE int
scratch_remove_one(const char *path, const struct stat *sb, int type, struct FTW *ftw)
{
	return remove(path);
}

static MAYBE int
scratch_teardown(void **state)
{
	struct scratch *s = *state;

	nftw(s->base, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
	keyring_free(s->ring);
	arena_free(s->a);
	free(s);
	return 0;
}

static MAYBE struct store *
scratch_open(struct scratch *s, enum store_open_mode mode)
{
	struct store *st = NULL;
	eg_err e = store_open(s->a, s->dir, s->ring, mode, &st, &s->why);

	if (e != EG_OK)
		fail_msg("store_open: %s: %s", eg_err_name(e), s->why);
	return st;
}

static MAYBE const char *
scratch_path(struct scratch *s, const char *name)
{
	return arena_printf(s->a, "%s/%s", s->dir, name);
}

/* ---- ids that tests can name ---- */

static MAYBE struct uuid
id_of(unsigned n)
{
	struct uuid id = { { 0x01, 0x99, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8),
	    (uint8_t)n } };

	return id;
}

/* ---- one change with one record ---- */

struct put {
	char kind;
	unsigned id;
	unsigned lists[STORE_LISTS_MAX];        /* 0: none */
	const char *unique;
	int64_t value;
	bool is_delete;
};

static MAYBE eg_err
put_fn(struct store_tx *tx, struct arena *a, void *arg)
{
	const struct put *p = arg;
	struct store_record r = { .kind = p->kind, .id = id_of(p->id), .uniques = { p->unique } };

	if (p->is_delete)
		return store_tx_delete(tx, p->kind, &r.id);
	for (unsigned i = 0; i < STORE_LISTS_MAX; i++)
		if (p->lists[i] != 0)
			r.lists[i] = id_of(p->lists[i]);
	r.doc = json_new_object(a);
	json_add_int(r.doc, "value", p->value);
	return store_tx_put(tx, &r);
}

static MAYBE const struct store_cause cause = { .actor = "cli:test", .action = "test.put" };

static MAYBE eg_err
put(struct store *st, struct put p)
{
	struct arena *a = arena_new();
	eg_err e = store_change(st, a, &cause, put_fn, &p);

	arena_free(a);
	return e;
}

/* The record's value; -1 where it is not there; fails for any fault. */
static MAYBE int64_t
value_of(struct store *st, char kind, unsigned n)
{
	struct arena *a = arena_new();
	struct uuid id = id_of(n);
	struct store_record r;
	int64_t value = -1;
	eg_err e = store_get(st, a, kind, &id, &r);

	if (e == EG_OK)
		value = json_get_int(r.doc, "value", -2);
	else if (e != EG_NOTFOUND)
		fail_msg("store_get: %s", eg_err_name(e));
	arena_free(a);
	return value;
}

static MAYBE size_t
count_of(struct store *st, char kind, unsigned list)
{
	struct arena *a = arena_new();
	struct uuid id = id_of(list);
	size_t total = 0;

	assert_int_equal(store_count(st, a, kind, &id, &total), EG_OK);
	arena_free(a);
	return total;
}

static MAYBE void
assert_verifies(struct store *st)
{
	struct arena *a = arena_new();
	struct store_finding *f = NULL;
	eg_err e = store_verify(st, a, NULL, NULL, &f);

	if (e != EG_OK)
		fail_msg("store_verify: %s: %s: %s", eg_err_name(e), f == NULL ? "" : f->where, f == NULL ? "" : f->what);
	assert_null(f);
	arena_free(a);
}

/* ---- processes ---- */

/* Runs `fn` in a child that exits with what it returns. */
static MAYBE pid_t
spawn(int (*fn)(void *), void *arg)
{
	fflush(NULL);
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(fn(arg));
	return pid;
}

/* Exit status, or 128 + signal. */
static MAYBE int
await(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* ---- files ---- */

static MAYBE void
write_bytes(const char *path, off_t offset, const void *bytes, size_t len)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, len, offset), (ssize_t)len);
	close(fd);
}

static MAYBE void
flip_byte(const char *path, off_t offset, uint8_t with)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	uint8_t byte;

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &byte, 1, offset), 1);
	byte ^= with;
	assert_int_equal(pwrite(fd, &byte, 1, offset), 1);
	close(fd);
}

static MAYBE off_t
size_of(const char *path)
{
	struct stat sb;

	assert_int_equal(stat(path, &sb), 0);
	return sb.st_size;
}

#endif
