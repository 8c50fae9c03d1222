/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Usage slots and the files behind all usage: E5, K21, K26, T36, F9, F10, F13. */
#include "usage_fixture.h"

#include <signal.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>

#include "base/clock.h"
#include "store/usage/slots.h"

#define NOON (MIDNIGHT + 12 * 3600)
#define TODAY (USAGE_DAYS - 1)

static struct usage_view
view(struct usage *u, uint32_t slot, const struct uuid *id, int64_t now_s)
{
	struct usage_view v;

	usage_read(u, slot, id, now_s, &v);
	return v;
}

static void
load(struct usage *u, int64_t now_s, const char *origin)
{
	usage_count(u, 1, &X, USAGE_LOAD, now_s, origin, false);
}

static struct slot *
raw_slot(struct usage *u)
{
	return mapped_unit(&u->slots, 1);
}

/* ---- counts and days ---- */

static void
what_is_counted_is_read(void **state)
{
	struct usage *u = *state;

	usage_count(u, 1, &X, USAGE_LOAD, NOON, "https://acme.com", false);
	usage_count(u, 1, &X, USAGE_LOAD, NOON + 1, "https://acme.com", false);
	usage_count(u, 1, &X, USAGE_REQUEST, NOON + 2, NULL, false);
	usage_refused(u, 1, &X, NOON + 3, "origin_not_allowed", "https://evil.example");
	struct usage_view v = view(u, 1, &X, NOON + 9);
	assert_int_equal(v.loads, 2);
	assert_int_equal(v.requests, 1);
	assert_int_equal(v.refused, 1);
	assert_int_equal(v.day_loads[TODAY], 2);
	assert_int_equal(v.day_requests[TODAY], 1);
	assert_int_equal(v.day_refused[TODAY], 1);
	assert_int_equal(v.last_used_at_s, NOON + 2);
	assert_string_equal(v.last_used_origin, "");
	assert_int_equal(v.refused_at_s, NOON + 3);
	assert_string_equal(v.refused_code, "origin_not_allowed");
	assert_string_equal(v.refused_origin, "https://evil.example");
	for (uint32_t i = 0; i < USAGE_DAYS; i++)
		assert_int_equal(v.day[i], clock_day(NOON) - TODAY + i);
}

static void
nobody_is_counted_without_a_slot(void **state)
{
	static const uint32_t none[] = { 0, 1000000, UINT32_MAX };

	for (size_t i = 0; i < EG_COUNT(none); i++) {
		usage_count(*state, none[i], &X, USAGE_LOAD, NOON, "https://acme.com", false);
		usage_refused(*state, none[i], &X, NOON, "token_expired", NULL);
		usage_rotated(*state, none[i], &X);
		struct usage_view v = view(*state, none[i], &X, NOON);
		assert_int_equal(v.loads + v.refused + v.site_count, 0);
		assert_int_equal(v.day[TODAY], clock_day(NOON));
	}
}

static void
a_day_is_in_its_column_for_30_days(void **state)
{
	static const struct {
		const char *name;
		int64_t used, read;
		int column;     /* -1: none */
	} cases[] = {
		{ "first second, read in the last", MIDNIGHT,     MIDNIGHT + DAY_S - 1,      TODAY },
		{ "last second, read in the next",  MIDNIGHT - 1, MIDNIGHT,                  TODAY - 1 },
		{ "29 days later",                  NOON,         MIDNIGHT + 30 * DAY_S - 1, 0 },
		{ "30 days later",                  NOON,         MIDNIGHT + 30 * DAY_S,     -1 },
		{ "60 days later",                  NOON,         NOON + 60 * DAY_S,         -1 },
		{ "ten years later",                NOON,         NOON + 3650 * DAY_S,       -1 },
		{ "read before",                    NOON,         NOON - DAY_S,              -1 },
	};

	assert_int_equal(usage_reserve_slots(*state, EG_COUNT(cases)), EG_OK);
	for (uint32_t i = 0; i < EG_COUNT(cases); i++) {
		usage_count(*state, i + 1, &X, USAGE_LOAD, cases[i].used, NULL, false);
		usage_count(*state, i + 1, &X, USAGE_REQUEST, cases[i].used, NULL, false);
		usage_refused(*state, i + 1, &X, cases[i].used, "token_expired", NULL);
		struct usage_view v = view(*state, i + 1, &X, cases[i].read);
		for (int k = 0; k < USAGE_DAYS; k++) {
			uint32_t want = k == cases[i].column;
			if (v.day_loads[k] != want || v.day_requests[k] != want || v.day_refused[k] != want)
				fail_msg("%s: column %d holds %u", cases[i].name, k, v.day_loads[k]);
		}
		assert_int_equal(v.loads, 1);
	}
}

/* T36, F13: also where the clock was years ahead in between. */
static void
a_column_is_used_again(void **state)
{
	static const int64_t ahead[] = { 30, 60, 90, 3650, 0, 30 };

	for (size_t i = 0; i < EG_COUNT(ahead); i++) {
		int64_t now = NOON + ahead[i] * DAY_S;
		load(*state, now, "https://acme.com");
		struct usage_view v = view(*state, 1, &X, now);
		assert_int_equal(v.day_loads[TODAY], 1);
		assert_int_equal(v.loads, i + 1);
		assert_int_equal(v.last_used_at_s, now);
		assert_int_equal(v.sites[0].last_at_s, now);
	}
	/* A process that is a second late does not turn last used back. */
	load(*state, NOON + 30 * DAY_S - 1, "https://acme.com");
	assert_int_equal(view(*state, 1, &X, NOON + 30 * DAY_S).last_used_at_s, NOON + 30 * DAY_S);
}

static void
a_full_column_stays_full(void **state)
{
	load(*state, NOON, NULL);
	raw_slot(*state)->days[clock_day(NOON) % USAGE_DAYS].loads_refused += 268435455 - 2;
	for (int i = 0; i < 3; i++)
		load(*state, NOON, NULL);
	struct usage_view v = view(*state, 1, &X, NOON);
	assert_int_equal(v.day_loads[TODAY], 268435455);
	assert_int_equal(v.day_refused[TODAY], 0);
	assert_int_equal(v.loads, 4);
}

/* ---- sites ---- */

static void
the_last_four_sites_stay(void **state)
{
	static const struct {
		const char *name, *used;        /* one letter a second */
		const char *want;               /* newest first */
	} cases[] = {
		{ "one",                   "aaa",       "a" },
		{ "four",                  "abcd",      "dcba" },
		{ "the oldest goes",       "abcde",     "edcb" },
		{ "used again is younger", "abcdae",    "eadc" },
		{ "came back",             "abcdea",    "aedc" },
		{ "many",                  "abcdefghi", "ihgf" },
	};
	char origin[] = "https://?.example";

	assert_int_equal(usage_reserve_slots(*state, EG_COUNT(cases)), EG_OK);
	for (uint32_t i = 0; i < EG_COUNT(cases); i++) {
		size_t n = strlen(cases[i].used);
		for (size_t k = 0; k < n; k++) {
			origin[8] = cases[i].used[k];
			usage_count(*state, i + 1, &X, USAGE_LOAD, NOON + (int64_t)k, origin, false);
		}
		struct usage_view v = view(*state, i + 1, &X, NOON);
		char got[USAGE_SITES + 1] = "";
		for (size_t k = 0; k < v.site_count; k++)
			got[k] = v.sites[k].origin[8];
		if (strcmp(got, cases[i].want) != 0)
			fail_msg("%s: %s", cases[i].name, got);
		assert_string_equal(v.last_used_origin, v.sites[0].origin);
	}
}

static void
a_site_tells_old_text_from_new(void **state)
{
	struct usage *u = *state;

	usage_count(u, 1, &X, USAGE_LOAD, NOON, "https://a.example", true);
	usage_count(u, 1, &X, USAGE_LOAD, NOON + 1, "https://a.example", true);
	usage_count(u, 1, &X, USAGE_LOAD, NOON + 2, "https://a.example", false);
	usage_count(u, 1, &X, USAGE_REQUEST, NOON + 3, "https://b.example", true);
	struct usage_view v = view(u, 1, &X, NOON);
	assert_int_equal(v.site_count, 2);
	assert_string_equal(v.sites[1].origin, "https://a.example");
	assert_int_equal(v.sites[1].loads, 3);
	assert_int_equal(v.sites[1].old_text_loads, 2);
	assert_int_equal(v.sites[1].last_at_s, NOON + 2);
	assert_int_equal(v.sites[1].old_text_at_s, NOON + 1);
	assert_int_equal(v.sites[0].loads, 0);
	assert_int_equal(v.sites[0].old_text_at_s, NOON + 3);

	usage_rotated(u, 1, &Y);        /* not Y's slot */
	assert_int_equal(view(u, 1, &X, NOON).sites[1].old_text_loads, 2);
	usage_rotated(u, 1, &X);
	v = view(u, 1, &X, NOON);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(v.sites[i].old_text_loads + (uint64_t)v.sites[i].old_text_at_s, 0);
	assert_int_equal(v.sites[1].loads, 3);
	usage_count(u, 1, &X, USAGE_LOAD, NOON + 4, "https://a.example", true);
	assert_int_equal(view(u, 1, &X, NOON).sites[0].old_text_loads, 1);
}

/* Texts share 304 bytes: the newest always stays whole, the oldest give way. */
static void
long_origins_are_cut_and_crowd_out_old_ones(void **state)
{
	char origin[200], want[USAGE_SITE_LEN + 1] = { 0 };

	for (int i = 0; i < 4; i++) {
		memset(origin, 'a' + i, sizeof(origin) - 1);
		origin[sizeof(origin) - 1] = '\0';
		load(*state, NOON + i, origin);
	}
	struct usage_view v = view(*state, 1, &X, NOON);
	assert_int_equal(v.site_count, 2);
	for (int i = 0; i < 2; i++) {
		memset(want, 'd' - i, USAGE_SITE_LEN);
		assert_string_equal(v.sites[i].origin, want);
	}
	memset(origin, 'e', sizeof(origin) - 1);
	usage_refused(*state, 1, &X, NOON + 9, "a_code_of_thirty_two_bytes_and_m", origin);
	v = view(*state, 1, &X, NOON);
	memset(want, 'e', USAGE_SITE_LEN);
	assert_string_equal(v.refused_origin, want);
	assert_string_equal(v.refused_code, "a_code_of_thirty_two_bytes_and_m");
	assert_int_equal(v.site_count, 1);
	memset(want, 'd', USAGE_SITE_LEN);
	assert_string_equal(v.sites[0].origin, want);
	assert_int_equal(v.sites[0].loads, 1);
	/* Between characters. */
	memset(origin, 'f', USAGE_SITE_LEN - 1);
	strcpy(origin + USAGE_SITE_LEN - 1, "\xc3\xa9");
	load(*state, NOON + 10, origin);
	assert_int_equal(strlen(view(*state, 1, &X, NOON).last_used_origin), USAGE_SITE_LEN - 1);
}

static void
the_last_refusal_is_told(void **state)
{
	static const struct {
		const char *code, *origin;
	} cases[] = {
		{ "origin_not_allowed", "https://a.example" },
		{ "origin_not_allowed", "https://b.example" },
		{ "token_expired", "https://b.example" },
		{ "token_expired", NULL },
		{ "token_expired", NULL },
	};

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		usage_refused(*state, 1, &X, NOON + (int64_t)i, cases[i].code, cases[i].origin);
		struct usage_view v = view(*state, 1, &X, NOON);
		assert_int_equal(v.refused, i + 1);
		assert_int_equal(v.refused_at_s, NOON + (int64_t)i);
		assert_string_equal(v.refused_code, cases[i].code);
		assert_string_equal(v.refused_origin, cases[i].origin != NULL ? cases[i].origin : "");
	}
}

/* ---- whose a slot is ---- */

static void
a_slot_of_another_is_wiped(void **state)
{
	struct usage *u = *state;

	load(u, NOON, "https://x.example");
	usage_refused(u, 1, &X, NOON, "token_expired", "https://x.example");
	assert_int_equal(view(u, 1, &Y, NOON).loads, 0);
	usage_count(u, 1, &Y, USAGE_REQUEST, NOON + 5, "https://y.example", false);
	struct usage_view v = view(u, 1, &Y, NOON);
	assert_int_equal(v.loads, 0);
	assert_int_equal(v.requests, 1);
	assert_int_equal(v.day_loads[TODAY] + v.day_refused[TODAY], 0);
	assert_int_equal(v.site_count, 1);
	assert_string_equal(v.last_used_origin, "https://y.example");
	assert_int_equal(v.refused_at_s, 0);
	assert_string_equal(v.refused_code, "");
	assert_int_equal(view(u, 1, &X, NOON).loads, 0);
}

#define WIPED 3000

static bool
count_each(struct usage *u, int number, void *arg)
{
	for (uint32_t i = 1; i <= WIPED; i++)
		usage_count(u, i, &Y, USAGE_LOAD, NOON, NULL, false);
	return true;
}

static void
processes_that_wipe_at_once_lose_nothing(void **state)
{
	struct usage *u = *state;

	assert_int_equal(usage_reserve_slots(u, WIPED), EG_OK);
	for (uint32_t i = 1; i <= WIPED; i++)
		usage_count(u, i, &X, USAGE_LOAD, NOON, "https://x.example", false);
	fixture_at_once(count_each, NULL);
	for (uint32_t i = 1; i <= WIPED; i++)
		assert_int_equal(view(u, i, &Y, NOON).loads, PROCESSES);
}

/* A process was killed while it wiped: its time runs out, and nothing that came meanwhile is lost. */
static void
a_dead_wiper_is_waited_for_and_replaced(void **state)
{
	static const int64_t ages_ms[] = { SLOT_STALE_MS + 1, SLOT_STALE_MS - 50, -3600000 };

	for (size_t i = 0; i < EG_COUNT(ages_ms); i++) {
		struct slot *s = raw_slot(*state);
		load(*state, NOON, "https://x.example");
		int64_t begun = clock_mono_us();
		s->owner = (uint64_t)(uint32_t)(begun / 1000 - ages_ms[i]) << 32 | 2;
		assert_int_equal(view(*state, 1, &Y, NOON).loads, 0);
		usage_count(*state, 1, &Y, USAGE_LOAD, NOON, NULL, false);
		assert_int_equal(view(*state, 1, &Y, NOON).loads, 1);
		int64_t waited_us = clock_mono_us() - begun;
		assert_in_range(waited_us, ages_ms[i] == SLOT_STALE_MS - 50 ? 45000 : 0, 900000);
	}
}

/* ---- several processes ---- */

#define EACH 50000

static bool
count_over_midnight(struct usage *u, int number, void *arg)
{
	for (int i = 0; i < EACH; i++) {
		int64_t now = i < EACH / 2 ? MIDNIGHT - 1 : MIDNIGHT;
		usage_count(u, 1, &X, i % 5 ? USAGE_LOAD : USAGE_REQUEST, now, i % 2 ? "https://a.example" : "https://b.example",
		    i % 3 == 0);
		if (i % 10 == 0)
			usage_refused(u, 1, &X, now, i % 20 ? "token_expired" : "origin_not_allowed", NULL);
	}
	return true;
}

/* E5, F10: the columns of both days hold counts of a month ago when it begins. */
static void
counts_are_exact_over_midnight(void **state)
{
	struct usage *u = *state;

	for (int i = 0; i < 1000; i++) {
		load(u, MIDNIGHT - 1 - 30 * DAY_S, "https://a.example");
		load(u, MIDNIGHT - 30 * DAY_S, "https://b.example");
	}
	struct usage_view before = view(u, 1, &X, MIDNIGHT - 30 * DAY_S);
	assert_int_equal(before.day_loads[TODAY] + before.day_loads[TODAY - 1], 2000);
	fixture_at_once(count_over_midnight, NULL);
	struct usage_view v = view(u, 1, &X, MIDNIGHT);
	assert_int_equal(v.loads, 2000 + PROCESSES * EACH / 5 * 4);
	assert_int_equal(v.requests, PROCESSES * EACH / 5);
	assert_int_equal(v.refused, PROCESSES * EACH / 10);
	for (int day = TODAY - 1; day <= TODAY; day++) {
		assert_int_equal(v.day_loads[day], PROCESSES * EACH / 5 * 4 / 2);
		assert_int_equal(v.day_requests[day], PROCESSES * EACH / 5 / 2);
		assert_int_equal(v.day_refused[day], PROCESSES * EACH / 10 / 2);
	}
	for (int day = 0; day < TODAY - 1; day++)
		assert_int_equal(v.day_loads[day], 0);
	assert_int_equal(v.site_count, 2);
	assert_int_equal(v.sites[0].loads + v.sites[1].loads, v.loads);
	assert_int_equal(v.last_used_at_s, MIDNIGHT);
}

/* Process 0 reads, the others write texts of which each tells what the other must be. */
static bool
change_texts(struct usage *u, int number, void *arg)
{
	char code[40], origin[USAGE_SITE_LEN + 1];

	for (int i = 0; i < 5000; i++) {
		int kind = (i + number) % 7 + 1;
		if (number > 0) {
			memset(origin, 'a' + kind, (size_t)kind * 12);
			origin[kind * 12] = '\0';
			snprintf(code, sizeof(code), "%.*s", kind * 3, origin);
			usage_refused(u, 1, &X, NOON + i, code, origin);
			usage_count(u, 1, &X, USAGE_LOAD, NOON + i, origin, false);
			continue;
		}
		struct usage_view v = view(u, 1, &X, NOON);
		size_t len = strlen(v.refused_origin);
		if (len != strlen(v.refused_code) * 4 || strspn(v.refused_origin, v.refused_code) != len)
			return false;
		for (size_t k = 0; k < v.site_count; k++) {
			len = strlen(v.sites[k].origin);
			if (len == 0 || len != (size_t)(v.sites[k].origin[0] - 'a') * 12)
				return false;
		}
	}
	return true;
}

static void
texts_are_never_torn(void **state)
{
	fixture_at_once(change_texts, NULL);
	struct usage_view v = view(*state, 1, &X, NOON);
	assert_int_equal(v.loads, 3 * 5000);
	assert_int_equal(v.refused, 3 * 5000);
	assert_true(v.site_count > 0);
}

/* What a late writer, whose lock was taken over, or a disk may do to any word of a slot's texts. */
static void
a_torn_text_is_no_text(void **state)
{
	struct usage *u = *state;
	struct slot *s = raw_slot(u);

	for (size_t i = 0; i < SLOT_TEXT_WORDS; i++) {
		load(u, NOON, "https://a.example");
		usage_refused(u, 1, &X, NOON, "token_expired", "https://a.example");
		usage_refused(u, 1, &X, NOON, "origin_not_allowed", "https://b.example");
		s->text[i] ^= UINT64_C(0x0100000000000001);
		struct usage_view v = view(u, 1, &X, NOON);
		if (i < 9 ? v.site_count != 0 || v.refused_code[0] != '\0' : strcmp(v.refused_code, "origin_not_allowed") != 0)
			fail_msg("word %zu", i);
		load(u, NOON, "https://a.example");
		usage_refused(u, 1, &X, NOON, "token_disabled", "https://c.example");
		v = view(u, 1, &X, NOON);
		assert_string_equal(v.refused_code, "token_disabled");
		assert_int_equal(v.loads, 2 * (i + 1));
		load(u, NOON, "https://a.example");
		assert_string_equal(view(u, 1, &X, NOON).sites[0].origin, "https://a.example");
		raw_slot(u)->loads -= 1;
	}
}

/* F9: kill -9 of a process that holds the lock of the texts. */
static void
a_dead_holder_blocks_texts_for_a_second_and_counts_never(void **state)
{
	const struct timespec stale = { .tv_sec = 1, .tv_nsec = 20 * 1000 * 1000 };
	struct usage *u = *state;
	int status;

	usage_refused(u, 1, &X, NOON, "token_expired", "https://a.example");
	pid_t pid = fork();
	if (pid == 0) {
		uint64_t ticket;
		if (slot_lock(raw_slot(u), &ticket))
			kill(getpid(), SIGKILL);
		_exit(1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));

	int64_t begun = clock_mono_us();
	usage_refused(u, 1, &X, NOON + 1, "origin_not_allowed", "https://b.example");
	load(u, NOON + 1, "https://new.example");
	assert_true(clock_mono_us() - begun < 250000);
	struct usage_view v = view(u, 1, &X, NOON);
	assert_int_equal(v.refused, 2);
	assert_int_equal(v.loads, 1);
	assert_int_equal(v.day_refused[TODAY], 2);
	assert_int_equal(v.last_used_at_s, NOON + 1);
	assert_string_equal(v.refused_code, "token_expired");
	assert_int_equal(v.site_count, 0);

	nanosleep(&stale, NULL);
	usage_refused(u, 1, &X, NOON + 2, "origin_not_allowed", "https://b.example");
	load(u, NOON + 2, "https://new.example");
	v = view(u, 1, &X, NOON);
	assert_int_equal(v.refused, 3);
	assert_string_equal(v.refused_code, "origin_not_allowed");
	assert_string_equal(v.last_used_origin, "https://new.example");
}

struct progress {
	_Atomic uint64_t begun, done;
};

/* F9, F10: processes that are killed anywhere leave what they counted, and nothing that stops the others. */
static void
killed_processes_leave_their_counts(void **state)
{
	struct progress *p = mmap(NULL, sizeof(*p), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct usage *u = *state;
	pid_t pids[PROCESSES];
	char origin[] = "https://?.example";

	assert_ptr_not_equal(p, MAP_FAILED);
	for (int round = 0; round < 20; round++) {
		const struct timespec pause = { .tv_nsec = (1 + round % 5) * 700 * 1000 };
		for (int i = 0; i < PROCESSES; i++) {
			pids[i] = fork();
			for (int k = 0; pids[i] == 0; k++) {
				origin[8] = (char)('a' + (k + i) % 7);
				p->begun++;
				usage_count(u, 1, &X, USAGE_LOAD, NOON, origin, false);
				p->done++;
			}
			assert_true(pids[i] > 0);
		}
		nanosleep(&pause, NULL);
		for (int i = 0; i < PROCESSES; i++) {
			assert_int_equal(kill(pids[i], SIGKILL), 0);
			assert_int_equal(waitpid(pids[i], NULL, 0), pids[i]);
		}
		struct usage_view v = view(u, 1, &X, NOON);
		assert_in_range(v.loads, p->done, p->begun);
		assert_in_range(v.day_loads[TODAY], p->done, p->begun);
	}
	assert_true(p->done > 1000);
	int64_t begun = clock_mono_us();
	load(u, NOON + 1, "https://last.example");
	assert_true(clock_mono_us() - begun < 250000);
	assert_int_equal(view(u, 1, &X, NOON).last_used_at_s, NOON + 1);
	munmap(p, sizeof(*p));
}

static void
who_was_taken_over_cannot_unlock(void **state)
{
	struct slot *s = raw_slot(*state);
	uint64_t first, second, third;

	assert_true(slot_lock(s, &first));
	assert_false(slot_lock(s, &second));
	s->lock -= (uint64_t)(SLOT_STALE_MS + 2) << 32;
	assert_true(slot_lock(s, &second));
	slot_unlock(s, first);
	assert_false(slot_lock(s, &third));
	slot_unlock(s, second);
	assert_true(slot_lock(s, &third));
}

/* ---- files ---- */

static const struct mapped_kind *const kinds[] = { &slots_kind, &rings_kind, &limits_kind };

static int
file_open(const char *name)
{
	int fd = open(fixture_path(name), O_RDWR);

	assert_true(fd >= 0);
	return fd;
}

static off_t
file_size(const char *name)
{
	struct stat st;

	assert_int_equal(stat(fixture_path(name), &st), 0);
	return st.st_size;
}

static void
another_process_sees_the_file_grow(void **state)
{
	struct usage *u = *state;
	uint32_t far = 2 * slots_kind.chunk_units + 5;
	int ready[2], go[2], status;
	char c = 0;

	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(go), 0);
	struct slot *kept = raw_slot(u);
	pid_t pid = fork();
	if (pid == 0) {
		struct usage *own;
		if (usage_open(fixture_dir, &own) != EG_OK)
			_exit(1);
		usage_count(own, 1, &X, USAGE_LOAD, NOON, NULL, false);
		usage_count(own, far, &X, USAGE_LOAD, NOON, NULL, false);      /* not there yet */
		if (view(own, 1, &X, NOON).loads != 1 || view(own, far, &X, NOON).loads != 0)
			_exit(2);
		if (write(ready[1], &c, 1) != 1 || read(go[0], &c, 1) != 1)
			_exit(3);
		usage_count(own, far, &X, USAGE_LOAD, NOON, "https://acme.com", false);
		struct ring_row row = { .at_s = NOON };
		ring_add(own, 300, &X, &row);
		_exit(0);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	assert_int_equal(usage_reserve_slots(u, far), EG_OK);
	assert_int_equal(usage_reserve_rings(u, 300), EG_OK);
	assert_int_equal(write(go[1], &c, 1), 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(ready[0]);
	close(go[0]);
	close(go[1]);
	assert_int_equal(view(u, far, &X, NOON).loads, 1);
	assert_ptr_equal(raw_slot(u), kept);
	assert_int_equal(view(u, 1, &X, NOON).loads, 1);
	struct arena *a = arena_new();
	struct ring_row *rows;
	size_t count;
	ring_read(u, a, 300, &X, &rows, &count);
	assert_int_equal(count, 1);
	arena_free(a);
	/* Space is taken, not only promised. */
	struct stat st;
	assert_int_equal(stat(fixture_path("usage.slots"), &st), 0);
	assert_true((off_t)st.st_blocks * 512 >= st.st_size);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void
a_full_disk_changes_nothing(void **state)
{
	struct usage *u = *state;
	off_t slots = file_size("usage.slots"), rings = file_size("recent.rings");
	struct rlimit kept, tight;

	load(u, NOON, NULL);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &kept), 0);
	tight = kept;
	tight.rlim_cur = (rlim_t)slots + 5000;
	void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	eg_err with_slots = usage_reserve_slots(u, 5000), with_rings = usage_reserve_rings(u, 5000);
	eg_err had = usage_reserve_slots(u, 1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &kept), 0);
	signal(SIGXFSZ, handler);
	assert_int_equal(with_slots, EG_FULL);
	assert_int_equal(with_rings, EG_FULL);
	assert_int_equal(had, EG_OK);
	assert_int_equal(file_size("usage.slots"), slots);
	assert_int_equal(file_size("recent.rings"), rings);
	usage_count(u, 5000, &X, USAGE_LOAD, NOON, NULL, false);
	load(u, NOON, NULL);
	assert_int_equal(view(u, 1, &X, NOON).loads, 2);
	/* It heals by itself. */
	assert_int_equal(usage_reserve_slots(u, 5000), EG_OK);
	usage_count(u, 5000, &X, USAGE_LOAD, NOON, NULL, false);
	assert_int_equal(view(u, 5000, &X, NOON).loads, 1);
}

/* F3: after a power cut the head may know of more than the file has. */
static void
a_file_shorter_than_its_head_says_is_no_fault(void **state)
{
	struct usage *u = *state;

	assert_int_equal(usage_reserve_slots(u, 3000), EG_OK);
	assert_int_equal(truncate(fixture_path("usage.slots"), MAPPED_HEAD_SIZE + 100 * SLOT_SIZE + 10), 0);
	u = fixture_reopen(state);
	static const struct {
		uint32_t slot;
		uint64_t want;
	} cases[] = { { 99, 1 }, { 100, 1 }, { 101, 0 }, { 3000, 0 } };
	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		usage_count(u, cases[i].slot, &X, USAGE_LOAD, NOON, NULL, false);
		assert_int_equal(view(u, cases[i].slot, &X, NOON).loads, cases[i].want);
	}
	assert_int_equal(usage_reserve_slots(u, 3000), EG_OK);
	usage_count(u, 3000, &X, USAGE_LOAD, NOON, NULL, false);
	assert_int_equal(view(u, 3000, &X, NOON).loads, 1);
	assert_int_equal(view(u, 100, &X, NOON).loads, 1);
}

static void
a_sparse_copy_is_filled(void **state)
{
	struct stat st;

	assert_int_equal(usage_reserve_slots(*state, 3000), EG_OK);
	load(*state, NOON, NULL);
	int fd = file_open("usage.slots");
	if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 1 << 20, 1 << 20) != 0) {
		close(fd);
		skip();
	}
	assert_int_equal(fstat(fd, &st), 0);
	assert_true((off_t)st.st_blocks * 512 < st.st_size);
	fixture_reopen(state);
	assert_int_equal(fstat(fd, &st), 0);
	assert_true((off_t)st.st_blocks * 512 >= st.st_size);
	close(fd);
	assert_int_equal(view(*state, 1, &X, NOON).loads, 1);
}

static void
spoil(const char *name, off_t at, off_t cut)
{
	int fd = file_open(name);
	char c;

	if (cut >= 0) {
		assert_int_equal(ftruncate(fd, cut), 0);
	} else {
		assert_int_equal(pread(fd, &c, 1, at), 1);
		c ^= 4;
		assert_int_equal(pwrite(fd, &c, 1, at), 1);
	}
	close(fd);
}

static void
a_damaged_file_is_set_aside(void **state)
{
	static const struct {
		const char *name;
		off_t at, cut;  /* cut -1: change the byte at `at` */
	} cases[] = {
		{ "magic",            0, -1 },
		{ "version",          8, -1 },
		{ "unit size",        12, -1 },
		{ "key",              16, -1 },
		{ "checksum",         32, -1 },
		{ "empty",            0, 0 },
		{ "half a head",      0, 20 },
		{ "short of a head",  0, MAPPED_HEAD_SIZE - 1 },
	};
	char aside[64];

	for (size_t k = 0; k < EG_COUNT(kinds); k++)
		for (size_t i = 0; i < EG_COUNT(cases); i++) {
			struct usage *u = *state;
			const char *name = kinds[k]->name;
			assert_int_equal(usage_reserve_slots(u, 1), EG_OK);
			assert_int_equal(usage_reserve_rings(u, 1), EG_OK);
			spoil(name, cases[i].at, cases[i].cut);
			off_t size = file_size(name);
			u = fixture_reopen(state);
			snprintf(aside, sizeof(aside), "%s.damaged-%zu", name, i + 1);
			assert_int_equal(file_size(aside), size);
			assert_int_equal(usage_reserve_slots(u, 1), EG_OK);
			assert_int_equal(usage_reserve_rings(u, 1), EG_OK);
			load(u, NOON, NULL);
			uint64_t loads = view(u, 1, &X, NOON).loads;
			u = fixture_reopen(state);
			assert_int_equal(view(u, 1, &X, NOON).loads, loads);
			snprintf(aside, sizeof(aside), "%s.damaged-%zu", name, i + 2);
			assert_int_equal(access(fixture_path(aside), F_OK), -1);
		}
}

static bool
reserve_and_count(struct usage *u, int number, void *arg)
{
	/* The writer lock of the store, which reserving needs. */
	int lock = open(fixture_path("lock"), O_RDWR | O_CREAT, 0600);

	if (lock < 0 || flock(lock, LOCK_EX) != 0 || usage_reserve_slots(u, 1) != EG_OK)
		return false;
	close(lock);
	load(u, NOON, NULL);
	return true;
}

static void
processes_that_find_the_same_damage_agree(void **state)
{
	for (int round = 0; round < 20; round++) {
		char aside[64];
		spoil("usage.slots", 0, -1);
		fixture_at_once(reserve_and_count, NULL);
		fixture_reopen(state);
		assert_int_equal(view(*state, 1, &X, NOON).loads, PROCESSES);
		snprintf(aside, sizeof(aside), "usage.slots.damaged-%d", round + 2);
		assert_int_equal(access(fixture_path(aside), F_OK), -1);
	}
}

/* Usage is never a reason not to start. */
static void
without_files_nothing_is_counted_but_limits_hold(void **state)
{
	static const struct limit one = { 1, 60 };
	struct limit_answer answer;

	usage_close(*state);
	for (size_t i = 0; i < EG_COUNT(kinds); i++) {
		assert_int_equal(unlink(fixture_path(kinds[i]->name)), 0);
		assert_int_equal(mkdir(fixture_path(kinds[i]->name), 0700), 0);
	}
	struct usage *u;
	assert_int_equal(usage_open(fixture_dir, &u), EG_OK);
	*state = u;
	load(u, NOON, NULL);
	assert_int_equal(view(u, 1, &X, NOON).loads, 0);
	usage_metric_add(u, 1, 1);
	assert_int_equal(usage_metric_read(u, 1), 1);
	limit_take(u, "a", 1, &one, 1000, &answer);
	assert_true(answer.allowed);
	limit_take(u, "a", 1, &one, 1000, &answer);
	assert_false(answer.allowed);
	assert_int_equal(usage_reserve_slots(u, 1), EG_IO);
	/* And when the cause is gone, counting begins without a restart. */
	assert_int_equal(rmdir(fixture_path("usage.slots")), 0);
	assert_int_equal(usage_reserve_slots(u, 1), EG_OK);
	load(u, NOON, NULL);
	assert_int_equal(view(u, 1, &X, NOON).loads, 1);
}

static void
a_missing_folder_is_a_fault(void **state)
{
	struct usage *u;

	assert_int_equal(usage_open(fixture_path("nowhere"), &u), EG_IO);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE(what_is_counted_is_read),
		FIXTURE(nobody_is_counted_without_a_slot),
		FIXTURE(a_day_is_in_its_column_for_30_days),
		FIXTURE(a_column_is_used_again),
		FIXTURE(a_full_column_stays_full),
		FIXTURE(the_last_four_sites_stay),
		FIXTURE(a_site_tells_old_text_from_new),
		FIXTURE(long_origins_are_cut_and_crowd_out_old_ones),
		FIXTURE(the_last_refusal_is_told),
		FIXTURE(a_slot_of_another_is_wiped),
		FIXTURE(processes_that_wipe_at_once_lose_nothing),
		FIXTURE(a_dead_wiper_is_waited_for_and_replaced),
		FIXTURE(counts_are_exact_over_midnight),
		FIXTURE(texts_are_never_torn),
		FIXTURE(a_torn_text_is_no_text),
		FIXTURE(a_dead_holder_blocks_texts_for_a_second_and_counts_never),
		FIXTURE(killed_processes_leave_their_counts),
		FIXTURE(who_was_taken_over_cannot_unlock),
		FIXTURE(another_process_sees_the_file_grow),
		FIXTURE(a_full_disk_changes_nothing),
		FIXTURE(a_file_shorter_than_its_head_says_is_no_fault),
		FIXTURE(a_sparse_copy_is_filled),
		FIXTURE(a_damaged_file_is_set_aside),
		FIXTURE(processes_that_find_the_same_damage_agree),
		FIXTURE(without_files_nothing_is_counted_but_limits_hold),
		FIXTURE(a_missing_folder_is_a_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
