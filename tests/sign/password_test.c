/* SPDX-License-Identifier: GPL-3.0-or-later */
/* password: policy, yescrypt, and that unknown accounts cost what known ones do (T24, T25). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/log.h"
#include "sign/password.h"

static void
policy(void **state)
{
	static const struct {
		const char *password, *why;     /* NULL: good */
		size_t len;
	} cases[] = {
		{ "123456789012", NULL, 0 },
		{ "12345678901", "shorter", 0 },
		{ "", "shorter", 0 },
		{ "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", NULL, 0 },
		{ "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", "shorter", 0 },
		{ "correct horse battery staple", NULL, 0 },
		{ "123456789012\xff", "UTF-8", 0 },
		{ "123456789012\0", "control", 13 },
		{ "12345678901\n2", "control", 0 },
		{ "12345678901\x7f" "2", "control", 0 },
		{ "12345678901\xc2\x85" "2", "control", 0 },
		{ "12345678901\xc2\xa0" "2", NULL, 0 },
	};
	char text[258];
	const char *why;

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		size_t len = cases[i].len != 0 ? cases[i].len : strlen(cases[i].password);

		why = "";
		assert_int_equal(password_check_policy(cases[i].password, len, &why), cases[i].why == NULL ? EG_OK : EG_INVALID);
		if (cases[i].why != NULL)
			assert_non_null(strstr(why, cases[i].why));
	}
	memset(text, 'x', sizeof(text));
	assert_int_equal(password_check_policy(text, PASSWORD_MAX_BYTES, &why), EG_OK);
	assert_int_equal(password_check_policy(text, PASSWORD_MAX_BYTES + 1, &why), EG_INVALID);
	assert_non_null(strstr(why, "longer"));
}

static void
hashing(void **state)
{
	struct arena *a = arena_new();
	const char *hash, *again;

	assert_int_equal(password_hash(a, "correct horse battery staple", &hash), EG_OK);
	assert_int_equal(password_hash(a, "correct horse battery staple", &again), EG_OK);
	assert_memory_equal(hash, "$y$j9T$", 7);                /* yescrypt, cost 5 */
	assert_string_not_equal(hash, again);
	assert_int_equal(password_verify("correct horse battery staple", hash), EG_OK);
	assert_int_equal(password_verify("correct horse battery staplE", hash), EG_FORGED);
	assert_int_equal(password_verify("", hash), EG_FORGED);
	assert_int_equal(password_verify("correct horse battery staple", NULL), EG_FORGED);
	assert_int_equal(password_verify("", NULL), EG_FORGED);
	arena_free(a);
}

/* Every byte counts up to the bound; what is over it is never taken for something shorter. */
static void
long_passwords(void **state)
{
	struct arena *a = arena_new();
	char text[PASSWORD_MAX_BYTES + 2];
	const char *hash, *empty;

	memset(text, 'x', sizeof(text));
	text[PASSWORD_MAX_BYTES + 1] = '\0';
	assert_int_equal(password_hash(a, text, &hash), EG_TOO_LARGE);
	text[PASSWORD_MAX_BYTES] = '\0';
	assert_int_equal(password_hash(a, text, &hash), EG_OK);
	assert_int_equal(password_verify(text, hash), EG_OK);
	text[PASSWORD_MAX_BYTES - 1] = 'y';
	assert_int_equal(password_verify(text, hash), EG_FORGED);
	text[PASSWORD_MAX_BYTES - 1] = 'x';
	text[PASSWORD_MAX_BYTES] = 'x';
	assert_int_equal(password_verify(text, hash), EG_FORGED);
	assert_int_equal(password_hash(a, "", &empty), EG_OK);
	assert_int_equal(password_verify(text, empty), EG_FORGED);
	arena_free(a);
}

/* Nothing but a whole yescrypt hash opens an account. */
static void
stored_rubbish(void **state)
{
	static const char *const hashes[] = {
		"", "*", "!", "x", "correct horse battery staple", "$1$abcdefgh$lDgIOXAPrYRwTm2QVmKyQ0", "$y$", "$y$j9T$", "$y$j9T$abc",
		"$y$$", "$y$j9T$XYJV.LqoAklqpU9nErgQb0$", "$y$j9T$XYJV.LqoAklqpU9nErgQb0", "$Y$j9T$XYJV.LqoAklqpU9nErgQb0$",
	};

	for (size_t i = 0; i < EG_COUNT(hashes); i++)
		assert_int_not_equal(password_verify("correct horse battery staple", hashes[i]), EG_OK);
}

static double
cpu_of(const char *password, const char *hash)
{
	double least = 1e9;

	for (int i = 0; i < 3; i++) {
		clock_t start = clock();
		double s;

		assert_int_equal(password_verify(password, hash), EG_FORGED);
		s = (double)(clock() - start) / CLOCKS_PER_SEC;
		least = s < least ? s : least;
	}
	return least;
}

static void
unknown_accounts_cost_the_same(void **state)
{
	struct arena *a = arena_new();
	char long_text[300] = { 0 };
	const char *hash;
	double known, unknown, too_long;

	memset(long_text, 'x', sizeof(long_text) - 1);
	assert_int_equal(password_hash(a, "correct horse battery staple", &hash), EG_OK);
	known = cpu_of("wrong", hash);
	unknown = cpu_of("wrong", NULL);
	too_long = cpu_of(long_text, hash);
	assert_true(known > 0.002);             /* work was done at all */
	assert_true(unknown > known * 0.6 && unknown < known * 1.6);
	assert_true(too_long > known * 0.6 && too_long < known * 1.6);
	arena_free(a);
}

static void
generating(void **state)
{
	static const char alphabet[] = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
	unsigned seen[256] = { 0 };
	struct arena *a = arena_new();
	const char *last = "", *password, *why;

	for (int i = 0; i < 2000; i++) {
		assert_int_equal(password_generate(a, &password), EG_OK);
		assert_int_equal(strlen(password), 20);
		assert_int_equal(strspn(password, alphabet), 20);
		assert_int_equal(password_check_policy(password, 20, &why), EG_OK);
		assert_string_not_equal(password, last);
		last = password;
		for (int n = 0; n < 20; n++)
			seen[(unsigned char)password[n]]++;
	}
	/* 40,000 draws of 56 letters: 714 of each, with a standard deviation of 26. */
	for (size_t i = 0; i < strlen(alphabet); i++)
		assert_in_range(seen[(unsigned char)alphabet[i]], 714 - 200, 714 + 200);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(policy),
		cmocka_unit_test(hashing),
		cmocka_unit_test(long_passwords),
		cmocka_unit_test(stored_rubbish),
		cmocka_unit_test(unknown_accounts_cost_the_same),
		cmocka_unit_test(generating),
	};

	log_open("test", (enum log_level)(LOG_LEVEL_ERROR + 1));        /* rubbish is reported; here it is meant */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
