/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rate limits and metrics: T22, T36, T39, F10, F13. */
#include "usage_fixture.h"

#include <sys/mman.h>

#define S INT64_C(1000000)

static const struct limit PER_MINUTE = { .rate = 6, .period_s = 60 };   /* one in 10 s, 6 at once */

static struct limit_answer
take(struct usage *u, const char *name, const struct limit *l, int64_t at)
{
	struct limit_answer answer;

	limit_take(u, name, strlen(name), l, at, &answer);
	return answer;
}

static struct limit_answer
peek(struct usage *u, const char *name, const struct limit *l, int64_t at)
{
	struct limit_answer answer;

	limit_peek(u, name, strlen(name), l, at, &answer);
	return answer;
}

static bool
is_same(const struct limit_answer *x, const struct limit_answer *y)
{
	return x->allowed == y->allowed && x->remaining == y->remaining && x->reset_s == y->reset_s &&
	    x->retry_after_s == y->retry_after_s;
}

/* The vectors of the reference implementation: key 00 01 .. 0f, input 00 01 .. n-1. */
static void
siphash_is_siphash(void **state)
{
	static const struct {
		size_t len;
		uint64_t hash;
	} cases[] = {
		{ 0, 0x726fdb47dd0e0e31 }, { 1, 0x74f839c593dc67fd }, { 2, 0x0d6c8009d9a94f5a }, { 3, 0x85676696d7fb7e2d },
		{ 4, 0xcf2794e0277187b7 }, { 5, 0x18765564cd99a68d }, { 6, 0xcbc9466e58fee3ce }, { 7, 0xab0200f58b01d137 },
		{ 8, 0x93f5f5799a932462 }, { 9, 0x9e0082df0ba9e4b0 }, { 15, 0xa129ca6149be45e5 }, { 63, 0x958a324ceb064572 },
	};
	struct siphash_key key;
	uint8_t bytes[64];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	memcpy(&key, bytes, sizeof(key));
	for (size_t i = 0; i < EG_COUNT(cases); i++)
		assert_int_equal(siphash24(&key, bytes, cases[i].len), cases[i].hash);
}

static void
a_bucket_empties_and_fills(void **state)
{
	static const struct {
		const char *name;
		int64_t at;     /* microseconds after the first */
		struct limit_answer want;
	} cases[] = {
		{ "first",                       0,          { true,  5, 10, 0 } },
		{ "second",                      0,          { true,  4, 20, 0 } },
		{ "third, later",                1,          { true,  3, 30, 0 } },
		{ "fourth",                      1,          { true,  2, 40, 0 } },
		{ "fifth",                       1,          { true,  1, 50, 0 } },
		{ "sixth, last of the burst",    1,          { true,  0, 60, 0 } },
		{ "first refused",               1,          { false, 0, 60, 10 } },
		{ "a refusal costs nothing",     2 * S,      { false, 0, 58, 8 } },
		{ "last refused microsecond",    10 * S - 1, { false, 0, 51, 1 } },
		{ "first allowed again",         10 * S,     { true,  0, 60, 0 } },
		{ "and refused again",           10 * S,     { false, 0, 60, 10 } },
		{ "half full",                   40 * S,     { true,  2, 40, 0 } },
		{ "full one microsecond later",  80 * S + 1, { true,  5, 10, 0 } },
		{ "full since long",             999 * S,    { true,  5, 10, 0 } },
	};

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		int64_t at = 1000 * S + cases[i].at;
		bool would = peek(*state, "bucket", &PER_MINUTE, at).allowed;
		struct limit_answer got = take(*state, "bucket", &PER_MINUTE, at);
		if (!is_same(&got, &cases[i].want) || would != got.allowed)
			fail_msg("%s: allowed %d (peek %d), remaining %u, reset %u, retry after %u", cases[i].name, got.allowed,
			    would, got.remaining, got.reset_s, got.retry_after_s);
	}
	struct limit_answer idle = peek(*state, "bucket", &PER_MINUTE, 9999 * S);
	assert_true(idle.allowed);
	assert_int_equal(idle.remaining, 6);
	assert_int_equal(idle.reset_s, 0);
	assert_int_equal(idle.retry_after_s, 0);
}

/* Exactly `rate` at once, whatever rounding the interval needs; the next one then after an interval. */
static void
a_burst_is_the_rate(void **state)
{
	static const struct {
		struct limit limit;
		int64_t interval;
	} cases[] = {
		{ { 1, 1 },        S },
		{ { 10, 900 },     90 * S },
		{ { 7, 60 },       8571429 },
		{ { 1200, 60 },    50000 },
		{ { 6000, 60 },    10000 },
		{ { 7000, 60 },    8572 },
		{ { 1, 31536000 }, 31536000 * S },
	};
	char name[32];

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		const struct limit *l = &cases[i].limit;
		snprintf(name, sizeof(name), "burst %zu", i);
		for (uint32_t k = 0; k < l->rate; k++)
			assert_true(take(*state, name, l, S).allowed);
		assert_false(take(*state, name, l, S).allowed);
		assert_false(take(*state, name, l, S + cases[i].interval - 1).allowed);
		assert_true(take(*state, name, l, S + cases[i].interval).allowed);
	}
	static const struct limit nothing = { 0, 60 };
	assert_false(take(*state, "nothing", &nothing, S).allowed);
	assert_int_equal(take(*state, "nothing", &nothing, S).retry_after_s, 60);
}

/* T36, F13: the clock of limits begins anew with the machine, and the table does not. */
static void
a_time_too_far_ahead_is_clamped(void **state)
{
	int64_t uptime = 90 * DAY_S * S;

	for (int i = 0; i < 6; i++)
		assert_true(take(*state, "bucket", &PER_MINUTE, uptime).allowed);
	struct limit_answer answer = take(*state, "bucket", &PER_MINUTE, 5 * S);
	assert_false(answer.allowed);
	assert_int_equal(answer.reset_s, 60);
	assert_int_equal(answer.retry_after_s, 10);
	assert_false(take(*state, "bucket", &PER_MINUTE, 15 * S - 1).allowed);
	assert_true(take(*state, "bucket", &PER_MINUTE, 15 * S).allowed);
}

static void
another_boot_voids_the_table(void **state)
{
	struct usage *u = *state;

	for (int i = 0; i < 6; i++)
		assert_true(take(u, "bucket", &PER_MINUTE, S).allowed);
	usage_metric_add(u, 3, 1);
	u = fixture_reopen(state);
	assert_false(take(u, "bucket", &PER_MINUTE, S).allowed);
	u->limits.head->boot ^= 1;
	u = fixture_reopen(state);
	assert_true(take(u, "bucket", &PER_MINUTE, S).allowed);
	assert_int_equal(usage_metric_read(u, 3), 1);
}

/* T22, T39: what many strangers use up is not refused to others. */
static void
exhausted_buckets_leave_others_alone(void **state)
{
	static const struct limit sign_in = { 10, 900 };
	char name[32];
	unsigned refused = 0;

	for (int i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "account:%d", i);
		for (int k = 0; k < 10; k++)
			refused += !take(*state, name, &sign_in, S).allowed;
		if (take(*state, name, &sign_in, S).allowed)
			fail_msg("%s got an eleventh", name);
	}
	for (int i = 0; i < 2000; i++) {
		snprintf(name, sizeof(name), "token:%d", i);
		refused += !take(*state, name, &PER_MINUTE, S).allowed;
	}
	/* The table's key is random: once in fifty runs two names share set and tag, which costs one of them its ten tries. Where
	 * buckets had one fixed place each, several hundred would be refused. */
	assert_in_range(refused, 0, 20);
	/* The same name under another limit is another bucket. */
	assert_false(take(*state, "account:1", &sign_in, S).allowed);
	assert_true(take(*state, "account:1", &PER_MINUTE, S).allowed);
}

/* Where the whole table is in use, buckets share; but none is forgotten, so nobody's limit can be flushed out. */
static void
a_full_table_forgets_nobody(void **state)
{
	static const struct limit one = { 1, 900 };
	struct limit_answer answer;

	for (uint64_t i = 0; i < 200000; i++)
		limit_take(*state, &i, sizeof(i), &one, S, &answer);
	unsigned again = 0;
	for (uint64_t i = 0; i < 1000; i++) {
		limit_take(*state, &i, sizeof(i), &one, S, &answer);
		again += answer.allowed;
	}
	assert_int_equal(again, 0);
}

static bool
take_many(struct usage *u, int number, void *arg)
{
	static const struct limit l = { 50000, 60 };
	_Atomic uint32_t *allowed = arg;

	for (int i = 0; i < 20000; i++) {
		if (take(u, "shared", &l, S).allowed)
			atomic_fetch_add(allowed, 1);
		usage_metric_add(u, 7, 2);
	}
	return true;
}

/* F10: 80,000 want one of 50,000. */
static void
processes_share_a_bucket_exactly(void **state)
{
	_Atomic uint32_t *allowed = mmap(NULL, sizeof(*allowed), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(allowed, MAP_FAILED);
	fixture_at_once(take_many, allowed);
	assert_int_equal(atomic_load(allowed), 50000);
	assert_int_equal(usage_metric_read(*state, 7), PROCESSES * 20000 * 2);
	assert_int_equal(usage_metric_read(*state, 8), 0);
	usage_metric_add(*state, USAGE_METRICS, 1);
	assert_int_equal(usage_metric_read(*state, USAGE_METRICS), 0);
	munmap(allowed, sizeof(*allowed));
}

static void
what_is_given_back_can_be_taken_again(void **state)
{
	struct usage *u = *state;

	for (int i = 0; i < 6; i++)
		assert_true(take(u, "a", &PER_MINUTE, S).allowed);
	assert_false(take(u, "a", &PER_MINUTE, S).allowed);
	limit_give_back(u, "a", 1, &PER_MINUTE, S);
	assert_true(take(u, "a", &PER_MINUTE, S).allowed);
	assert_false(take(u, "a", &PER_MINUTE, S).allowed);
	/* Never more than was taken, and never another's. */
	for (int i = 0; i < 20; i++)
		limit_give_back(u, "a", 1, &PER_MINUTE, S);
	assert_int_equal(peek(u, "a", &PER_MINUTE, S).remaining, 6);
	limit_give_back(u, "b", 1, &PER_MINUTE, S);
	assert_int_equal(take(u, "b", &PER_MINUTE, S).remaining, 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(siphash_is_siphash),
		FIXTURE(a_bucket_empties_and_fills),
		FIXTURE(what_is_given_back_can_be_taken_again),
		FIXTURE(a_burst_is_the_rate),
		FIXTURE(a_time_too_far_ahead_is_clamped),
		FIXTURE(another_boot_voids_the_table),
		FIXTURE(exhausted_buckets_leave_others_alone),
		FIXTURE(a_full_table_forgets_nobody),
		FIXTURE(processes_share_a_bucket_exactly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
