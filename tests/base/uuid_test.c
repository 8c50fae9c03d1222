/* SPDX-License-Identifier: GPL-3.0-or-later */
/* uuid: RFC 9562 layout, order, and what happens when clock or randomness misbehave. This file stands in for
 * clock_gettime(2) and getrandom(2), so that both can be made to. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/uuid.h"

static int64_t frozen_us;               /* 0: the real clock */
static enum { RANDOM_REAL, RANDOM_SHORT, RANDOM_INTERRUPTED, RANDOM_MISSING } random_mode;
static unsigned random_calls;

int
clock_gettime(clockid_t which, struct timespec *ts)
{
	if (frozen_us == 0 || which != CLOCK_REALTIME)
		return (int)syscall(SYS_clock_gettime, which, ts);
	ts->tv_sec = frozen_us / 1000000;
	ts->tv_nsec = frozen_us % 1000000 * 1000;
	return 0;
}

ssize_t
getrandom(void *out, size_t len, unsigned flags)
{
	random_calls++;
	switch (random_mode) {
	case RANDOM_REAL:
		break;
	case RANDOM_SHORT:
		len = 1;
		break;
	case RANDOM_INTERRUPTED:
		if (random_calls % 2 == 1) {
			errno = EINTR;
			return -1;
		}
		break;
	case RANDOM_MISSING:
		errno = ENOSYS;
		return -1;
	}
	return syscall(SYS_getrandom, out, len, flags);
}

static struct uuid
make(void)
{
	struct uuid id;

	assert_int_equal(uuid_make(&id), EG_OK);
	return id;
}

static int
compare(const void *x, const void *y)
{
	return memcmp(x, y, sizeof(struct uuid));
}

/* Version, variant and time stand where section 5.7 puts them; nothing else is fixed. */
static void
layout(void **state)
{
	uint8_t ones[16] = { 0 }, zeros[16] = { 0 };

	frozen_us = INT64_C(1645557742000000);          /* 0x017F22E279B0, the example of appendix A.6 */
	for (int i = 0; i < 2000; i++) {
		struct uuid id = make();

		assert_memory_equal(id.b, "\x01\x7f\x22\xe2\x79", 5);
		assert_int_equal(id.b[6] >> 4, 7);
		assert_int_equal(id.b[8] >> 6, 2);
		assert_int_equal(uuid_time_s(&id), 1645557742);
		for (int n = 0; n < 16; n++) {
			ones[n] |= id.b[n];
			zeros[n] |= (uint8_t)~id.b[n];
		}
	}
	assert_int_equal(ones[8], 0xbf);
	assert_int_equal(zeros[8], 0x7f);
	for (int n = 9; n < 16; n++) {
		assert_int_equal(ones[n], 0xff);
		assert_int_equal(zeros[n], 0xff);
	}
	frozen_us = 0;
}

/* 20,000 ids of one standing millisecond: more than its 4,096 numbers, so some are borrowed from the next ones. */
static void
one_millisecond_ascends(void **state)
{
	struct uuid last, id;

	frozen_us = INT64_C(1700000000000000);
	last = make();
	for (int i = 0; i < 20000; i++) {
		id = make();
		assert_true(compare(&last, &id) < 0);
		last = id;
	}
	frozen_us = 0;
}

static void
clock_steps(void **state)
{
	struct uuid before, after;

	frozen_us = INT64_C(1800000000000000);
	before = make();
	frozen_us -= 10000000;          /* 10 s back: order is kept */
	after = make();
	assert_true(compare(&before, &after) < 0);
	assert_int_equal(uuid_time_s(&after), 1800000000);
	frozen_us -= 1000;              /* more: the clock is believed */
	after = make();
	assert_int_equal(uuid_time_s(&after), 1800000000 - 11);
	frozen_us = INT64_C(253402300799000000);
	after = make();
	assert_int_equal(uuid_time_s(&after), INT64_C(253402300799));
	frozen_us = 0;
	after = make();
	assert_in_range(uuid_time_s(&after), time(NULL) - 1, time(NULL) + 1);
}

/* A forked child has its parent's counter; the ids differ all the same. */
static void
forked_processes_differ(void **state)
{
	enum { EACH = 2000 };
	struct uuid ids[2 * EACH];
	int fds[2], status;
	pid_t child;

	assert_int_equal(pipe(fds), 0);
	frozen_us = INT64_C(1700000000000000);
	child = fork();
	assert_true(child >= 0);
	for (int i = 0; i < EACH; i++)
		ids[i] = make();
	if (child == 0) {
		for (int i = 0; i < EACH; i++) {
			if (write(fds[1], &ids[i], sizeof(ids[i])) != sizeof(ids[i]))
				_exit(1);
		}
		_exit(0);
	}
	frozen_us = 0;
	for (int i = 0; i < EACH; i++)
		assert_int_equal(read(fds[0], &ids[EACH + i], sizeof(ids[0])), sizeof(ids[0]));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	close(fds[0]);
	close(fds[1]);
	qsort(ids, 2 * EACH, sizeof(ids[0]), compare);
	for (int i = 1; i < 2 * EACH; i++)
		assert_int_not_equal(compare(&ids[i - 1], &ids[i]), 0);
}

/* T26, F14. */
static void
randomness_faults(void **state)
{
	struct uuid id = { .b = "untouched" }, same = id;

	random_mode = RANDOM_SHORT;
	random_calls = 0;
	make();
	assert_int_equal(random_calls, 10);     /* one byte a call, none left out */
	random_mode = RANDOM_INTERRUPTED;
	random_calls = 0;
	make();
	assert_int_equal(random_calls, 2);
	random_mode = RANDOM_MISSING;
	log_open("test", (enum log_level)(LOG_LEVEL_ERROR + 1));
	assert_int_equal(uuid_make(&id), EG_RANDOM);
	assert_true(uuid_equal(&id, &same));
	random_mode = RANDOM_REAL;
}

static void
text(void **state)
{
	/* RFC 9562 appendix A.6 */
	static const char good[] = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
	static const char *const bad[] = {
		"", "017f22e2-79b0-7cc3-98c4-dc0c0c07398", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0", "017f22e279b07cc398c4dc0c0c07398f",
		"017f22e2-79b0-7cc3-98c4-dc0c0c07398g", "017f22e2079b0-7cc3-98c4-dc0c0c07398f", "{17f22e2-79b0-7cc3-98c4-dc0c0c07398}",
		"017f22e-279b0-7cc3-98c4-dc0c0c07398f", "017f22e2-79b0-7cc3-98c4-dc0c0c0739 f", "-17f22e2-79b0-7cc3-98c4-dc0c0c07398f",
		"0x7f22e2-79b0-7cc3-98c4-dc0c0c07398f", "017f22e2-79b0-7cc3-98c4_dc0c0c07398f",
	};
	struct uuid id, upper;
	char out[UUID_TEXT_SIZE];

	assert_int_equal(uuid_parse(good, 36, &id), EG_OK);
	assert_memory_equal(id.b, "\x01\x7f\x22\xe2\x79\xb0\x7c\xc3\x98\xc4\xdc\x0c\x0c\x07\x39\x8f", 16);
	assert_int_equal(uuid_time_s(&id), 1645557742);
	uuid_format(&id, out);
	assert_string_equal(out, good);
	assert_int_equal(uuid_parse("017F22E2-79B0-7CC3-98C4-DC0C0C07398F", 36, &upper), EG_OK);
	assert_true(uuid_equal(&id, &upper));
	for (size_t i = 0; i < EG_COUNT(bad); i++) {
		if (uuid_parse(bad[i], strlen(bad[i]), &id) != EG_MALFORMED)
			fail_msg("\"%s\" was accepted", bad[i]);
	}
	assert_int_equal(uuid_parse("017f22e2-79b0-7cc3-98c4-dc0c0c07398\0", 36, &id), EG_MALFORMED);
}

static void
equality(void **state)
{
	struct uuid x = { .b = { 1 } };

	assert_true(uuid_is_nil(&uuid_nil));
	assert_false(uuid_is_nil(&x));
	for (int i = 0; i < 128; i++) {
		struct uuid y = x;

		assert_true(uuid_equal(&x, &y));
		y.b[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_false(uuid_equal(&x, &y));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layout),
		cmocka_unit_test(one_millisecond_ascends),
		cmocka_unit_test(clock_steps),
		cmocka_unit_test(forked_processes_differ),
		cmocka_unit_test(randomness_faults),
		cmocka_unit_test(text),
		cmocka_unit_test(equality),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
