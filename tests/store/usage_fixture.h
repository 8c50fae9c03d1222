/* SPDX-License-Identifier: GPL-3.0-or-later */
/* usage_fixture.h - what the tests of store/usage share: a folder of their own, some ids, several processes at once. */
#ifndef EG_TESTS_STORE_USAGE_FIXTURE_H
#define EG_TESTS_STORE_USAGE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "store/usage/files.h"

#define DAY_S 86400
#define MIDNIGHT (INT64_C(20777) * DAY_S)       /* 2026-11-20T00:00:00Z */
#define PROCESSES 4

static const struct uuid X = { { 0x01, 0x9a, 1, 1, 1, 1, 0x70, 1, 0x80, 1, 2, 3, 4, 5, 6, 7 } };
static const struct uuid Y = { { 0x01, 0x9a, 2, 2, 2, 2, 0x70, 2, 0x80, 7, 6, 5, 4, 3, 2, 1 } };

static char fixture_dir[64];

static inline int
fixture_setup(void **state)
{
	struct usage *u;

	log_open("usage_test", LOG_LEVEL_ERROR + 1);    /* the faults here are meant */
	strcpy(fixture_dir, "/tmp/usage_test.XXXXXX");
	if (mkdtemp(fixture_dir) == NULL || usage_open(fixture_dir, &u) != EG_OK)
		return -1;
	if (usage_reserve_slots(u, 1) != EG_OK || usage_reserve_rings(u, 2) != EG_OK)
		return -1;
	*state = u;
	return 0;
}

static inline int
fixture_teardown(void **state)
{
	char path[64 + 256 + 2];
	DIR *d = opendir(fixture_dir);

	usage_close(*state);
	if (d == NULL)
		return -1;
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		snprintf(path, sizeof(path), "%s/%s", fixture_dir, e->d_name);
		if (e->d_name[0] != '.')
			remove(path);
	}
	closedir(d);
	return rmdir(fixture_dir);
}

#define FIXTURE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

static inline const char *
fixture_path(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", fixture_dir, name);
	return path;
}

static inline struct usage *
fixture_reopen(void **state)
{
	usage_close(*state);
	*state = NULL;
	struct usage *u;
	assert_int_equal(usage_open(fixture_dir, &u), EG_OK);
	return *state = u;
}

/* Run `work` in PROCESSES processes at once, each with an opening of its own; all must return true. */
static inline void
fixture_at_once(bool (*work)(struct usage *u, int number, void *arg), void *arg)
{
	pid_t pids[PROCESSES];
	int start[2];

	assert_int_equal(pipe(start), 0);
	for (int i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0) {
			struct usage *u;
			char c;
			close(start[1]);
			if (read(start[0], &c, 1) != 0)         /* until the parent closes its end */
				_exit(2);
			_exit(usage_open(fixture_dir, &u) == EG_OK && work(u, i, arg) ? 0 : 1);
		}
	}
	close(start[0]);
	close(start[1]);
	for (int i = 0; i < PROCESSES; i++) {
		int status;
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
}

#endif
