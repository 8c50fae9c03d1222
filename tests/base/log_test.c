/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log, err: one event, one line, whatever the message holds. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/codec.h"
#include "base/err.h"
#include "base/log.h"

static char caught[8192];
static int real_stderr;
static int pipe_fds[2];

static void
catch_begin(void)
{
	assert_int_equal(pipe2(pipe_fds, O_NONBLOCK), 0);
	real_stderr = dup(STDERR_FILENO);
	dup2(pipe_fds[1], STDERR_FILENO);
}

static const char *
catch_end(void)
{
	ssize_t n = read(pipe_fds[0], caught, sizeof(caught) - 1);

	dup2(real_stderr, STDERR_FILENO);
	close(real_stderr);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	caught[n < 0 ? 0 : n] = '\0';
	return caught;
}

static const char *
logged(const char *message)
{
	catch_begin();
	log_line(LOG_LEVEL_WARN, "%s", message);
	return catch_end();
}

static void
shape(void **state)
{
	char want[128];
	const char *line;

	log_open("api", LOG_LEVEL_INFO);
	log_request("0199a0b0-0000-7000-8000-000000000000");
	line = logged("hello");
	snprintf(want, sizeof(want), " level=warn prog=api pid=%ld rid=0199a0b0-0000-7000-8000-000000000000 msg=\"hello\"\n",
	    (long)getpid());
	assert_string_equal(line + strlen("2026-11-20T10:00:00.123Z"), want);
	assert_int_equal(line[19], '.');
	assert_int_equal(line[23], 'Z');
	log_request(NULL);
	assert_null(strstr(logged("hello"), "rid="));
}

/* T35: a message can neither end its quotes nor its line, nor talk to a terminal. */
static void
escaping(void **state)
{
	static const struct {
		const char *message, *want;
	} cases[] = {
		{ "a\nlevel=error msg=\"x\"", "msg=\"a\\x0alevel=error msg=\\\"x\\\"\"\n" },
		{ "back\\slash", "msg=\"back\\\\slash\"\n" },
		{ "\x1b[31m\x7f\r\t", "msg=\"\\x1b[31m\\x7f\\x0d\\x09\"\n" },
		{ "\xc2\x9b" "31m", "msg=\"\\xc2\\x9b31m\"\n" },
		{ "\xc3\xa9\xf0\x9f\x98\x80", "msg=\"\xc3\xa9\xf0\x9f\x98\x80\"\n" },
		{ "\xc3(\xff", "msg=\"\\xc3(\\xff\"\n" },
		{ "", "msg=\"\"\n" },
	};

	for (size_t i = 0; i < EG_COUNT(cases); i++)
		assert_string_equal(strstr(logged(cases[i].message), "msg="), cases[i].want);
	log_request("a b\"\n=c");
	assert_non_null(strstr(logged("x"), " rid=a_b___c msg="));
	log_request(NULL);
}

/* Lengths around the bound, with characters of every width at the cut: never over 2,048 bytes, never a broken end. */
static void
cutting(void **state)
{
	static const char *const units[] = { "a", "\"", "\n", "\xc3\xa9", "\xf0\x9f\x98\x80", "\xff" };
	static const size_t written[] = { 1, 2, 4, 2, 4, 4 };   /* bytes of each in a line */
	unsigned whole = 0, cut = 0;

	for (size_t u = 0; u < EG_COUNT(units); u++) {
		for (size_t n = 480; n < 3000; n += 7) {
			static char message[4 * 3000 + 1];
			const char *line;
			size_t len;

			message[0] = '\0';
			for (size_t i = 0; i < n; i++)
				memcpy(message + i * strlen(units[u]), units[u], strlen(units[u]) + 1);
			line = logged(message);
			len = strlen(line);
			assert_in_range(len, 1, 2048);
			assert_int_equal(line[len - 1], '\n');
			assert_int_equal(line[len - 2], '"');
			assert_ptr_equal(strchr(line, '\n'), line + len - 1);
			assert_true(utf8_is_valid(line, len));
			if (len == (size_t)(strstr(line, "msg=\"") - line) + 5 + n * written[u] + 2) {
				whole++;
				continue;
			}
			cut++;
			assert_in_range(len, 2040, 2048);
			assert_memory_equal(line + len - 5, "...\"\n", 5);
		}
	}
	assert_true(whole > 100 && cut > 100);
}

static void
levels(void **state)
{
	log_open("api", LOG_LEVEL_WARN);
	catch_begin();
	log_line(LOG_LEVEL_DEBUG, "no");
	log_line(LOG_LEVEL_INFO, "no");
	assert_string_equal(catch_end(), "");
	assert_non_null(strstr(logged("yes"), "level=warn"));
}

static void
fault_is_logged_and_passed_on(void **state)
{
	catch_begin();
	errno = ENOSPC;
	assert_int_equal(eg_fail(EG_FULL, "write %s: %m", "x"), EG_FULL);
	assert_int_equal(errno, ENOSPC);
	assert_non_null(strstr(catch_end(), "level=error"));
	assert_non_null(strstr(caught, "msg=\"write x: No space left on device\"\n"));
}

static eg_err
through(eg_err e, int *reached)
{
	EG_TRY(e);
	*reached = 1;
	return EG_OK;
}

static void
names(void **state)
{
	int reached = 0;

	for (int i = EG_OK; i <= EG_INTERNAL; i++) {
		for (int k = EG_OK; k < i; k++)
			assert_string_not_equal(eg_err_name((eg_err)i), eg_err_name((eg_err)k));
		assert_string_not_equal(eg_err_name((eg_err)i), "unknown");
	}
	assert_string_equal(eg_err_name(EG_NOTFOUND), "notfound");
	assert_int_equal(through(EG_BUSY, &reached), EG_BUSY);
	assert_int_equal(reached, 0);
	assert_int_equal(through(EG_OK, &reached), EG_OK);
	assert_int_equal(reached, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shape),
		cmocka_unit_test(escaping),
		cmocka_unit_test(cutting),
		cmocka_unit_test(levels),
		cmocka_unit_test(fault_is_logged_and_passed_on),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
