/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keyring: what is taken for a key file (T1), derived keys, and randomness that fails (T26, F14). This file stands in for
 * RAND_bytes(3), so that it can be made to. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/rand.h>

#include "base/codec.h"
#include "base/log.h"
#include "sign/keyring.h"
#include "sign/mac.h"

#define KEY_A "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define KEY_B "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8"

static int no_randomness;
static char folder[64];
static struct arena *arena;

int
RAND_bytes(unsigned char *out, int len)
{
	return !no_randomness && getrandom(out, (size_t)len, 0) == len;
}

static int
set_up(void **state)
{
	log_open("test", (enum log_level)(LOG_LEVEL_ERROR + 1));        /* the faults made here are no news */
	arena = arena_new();
	strcpy(folder, "/tmp/keyring_test.XXXXXX");
	return mkdtemp(folder) == NULL;
}

static int
tear_down(void **state)
{
	arena_free(arena);
	return rmdir(folder);           /* fails where a test left something behind */
}

static const char *
in_folder(const char *name)
{
	return arena_printf(arena, "%s/%s", folder, name);
}

static const char *
write_file(const char *name, mode_t mode, const char *text)
{
	const char *path = in_folder(name);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
	return path;
}

static void
texts(void **state)
{
	static const struct {
		const char *text;
		unsigned newest;        /* 0: refused */
		const char *why;
	} cases[] = {
		{ "1 " KEY_A "\n", 1, NULL },
		{ "1 " KEY_A, 1, NULL },
		{ "1 " KEY_A "\r\n", 1, NULL },
		{ "\n# old ones below\n\n  15\t" KEY_A " \n1 " KEY_B "\n\n", 15, NULL },
		{ "1 " KEY_A "\n2 " KEY_B, 2, NULL },
		{ "2 " KEY_A "\n1 " KEY_B, 2, NULL },
		{ "01 " KEY_A, 1, NULL },
		{ "#1 " KEY_A "\n3 " KEY_A, 3, NULL },

		{ "", 0, "It holds no key." },
		{ "# nothing\n\n", 0, "It holds no key." },
		{ KEY_A "\n", 0, "Line 1: a line is a key number from 1 to 15, a space and the key." },
		{ "0 " KEY_A, 0, "Line 1: a line is a key number from 1 to 15, a space and the key." },
		{ "16 " KEY_A, 0, "Line 1: a line is a key number from 1 to 15, a space and the key." },
		{ "1 " KEY_A "\n001 " KEY_B, 0, "Line 2: a line is a key number from 1 to 15, a space and the key." },
		{ "-1 " KEY_A, 0, "Line 1: a line is a key number from 1 to 15, a space and the key." },
		{ "1" KEY_A, 0, "Line 1: a line is a key number from 1 to 15, a space and the key." },
		{ "1", 0, "Line 1: a line is a key number from 1 to 15, a space and the key." },
		{ "1 ", 0, "Line 1: a line is a key number from 1 to 15, a space and the key." },
		{ "1 " KEY_A "\n\n1 " KEY_B, 0, "Line 3: this key number stands twice." },
		{ "1 short", 0, "Line 1: a key is 43 characters of base64url, which are 32 bytes." },
		{ "1 " KEY_A "A", 0, "Line 1: a key is 43 characters of base64url, which are 32 bytes." },
		{ "1 " KEY_A "=", 0, "Line 1: a key is 43 characters of base64url, which are 32 bytes." },
		{ "1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh", 0, "Line 1: a key is 43 characters of base64url, which are 32 bytes." },
		{ "1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9", 0, "Line 1: a key is 43 characters of base64url, which are 32 bytes." },
		{ "1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+", 0, "Line 1: a key is 43 characters of base64url, which are 32 bytes." },
		{ "1 " KEY_A " x", 0, "Line 1: a key is 43 characters of base64url, which are 32 bytes." },
	};

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		struct keyring *ring = NULL;
		const char *why = "";
		eg_err e = keyring_parse(arena, cases[i].text, strlen(cases[i].text), &ring, &why);

		if (e != (cases[i].newest == 0 ? EG_CONFIG : EG_OK))
			fail_msg("case %zu: %s, %s", i, eg_err_name(e), why);
		if (cases[i].newest == 0)
			assert_string_equal(why, cases[i].why);
		else
			assert_int_equal(keyring_newest(ring), cases[i].newest);
		keyring_free(ring);
	}
}

static void
fifteen_numbers(void **state)
{
	struct keyring *ring;
	const char *text = "", *why;

	for (unsigned i = 1; i <= KEYRING_MAX_NUMBER; i++)
		text = arena_printf(arena, "%s%u " KEY_A "\n", text, i);
	assert_int_equal(keyring_parse(arena, text, strlen(text), &ring, &why), EG_OK);
	for (unsigned i = 1; i <= KEYRING_MAX_NUMBER; i++)
		assert_true(keyring_has(ring, i));
	assert_false(keyring_has(ring, 0));
	assert_false(keyring_has(ring, KEYRING_MAX_NUMBER + 1));
	assert_false(keyring_has(ring, ~0u));
	keyring_free(ring);
	keyring_free(NULL);
}

static void
expect_refusal(const char *path, const char *words)
{
	struct keyring *ring = NULL;
	const char *why = "";

	assert_int_equal(keyring_load(arena, path, &ring, &why), EG_CONFIG);
	assert_null(ring);
	if (strstr(why, words) == NULL || strstr(why, path) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", why, words);
	unlink(path);
}

/* T1: each bad file with its own sentence. */
static void
files_refused(void **state)
{
	static const mode_t others[] = { 0640, 0620, 0610, 0604, 0602, 0601, 0666, 0777 };
	char large[20000];
	const char *path;

	for (size_t i = 0; i < EG_COUNT(others); i++)
		expect_refusal(write_file("k", others[i], "1 " KEY_A), "chmod 600");
	expect_refusal(in_folder("missing"), "missing");
	expect_refusal(in_folder("no/such/folder"), "missing");
	expect_refusal(write_file("k", 0600, ""), "no key");
	expect_refusal(write_file("k", 0600, "1 c2hvcnQ"), "43 characters");
	expect_refusal(write_file("k", 0600, "1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), "not drawn at random");
	expect_refusal(write_file("k", 0600, "1 " KEY_A "\n2 AAECAwQFBgABAgMEBQYAAQIDBAUGAAECAwQFBgABAgM"), "not drawn at random");
	memset(large, '#', sizeof(large));
	large[sizeof(large) - 1] = '\0';
	expect_refusal(write_file("k", 0600, large), "16 KiB");

	path = in_folder("folder");
	assert_int_equal(mkdir(path, 0700), 0);
	expect_refusal(path, "not a regular file");
	assert_int_equal(rmdir(path), 0);
	path = in_folder("fifo");
	assert_int_equal(mkfifo(path, 0600), 0);
	expect_refusal(path, "not a regular file");
	path = write_file("k", 0600, "1 " KEY_A);
	assert_int_equal(symlink(path, in_folder("link")), 0);
	expect_refusal(in_folder("link"), "symbolic link");
	unlink(path);
	if (geteuid() == 0) {
		path = write_file("k", 0600, "1 " KEY_A);
		assert_int_equal(chown(path, 65534, 65534), 0);
		expect_refusal(path, "belongs to user 65534");
	}
}

static void
files_accepted(void **state)
{
	static const mode_t modes[] = { 0600, 0400, 0700 };

	for (size_t i = 0; i < EG_COUNT(modes); i++) {
		const char *path = write_file("k", modes[i], "3 " KEY_A "\n");
		struct keyring *ring;
		const char *why;

		assert_int_equal(keyring_load(arena, path, &ring, &why), EG_OK);
		assert_int_equal(keyring_newest(ring), 3);
		keyring_free(ring);
		unlink(path);
	}
}

/* Mode and content do not depend on the umask; no two files are alike; what is there stays. */
static void
creating(void **state)
{
	static const mode_t masks[] = { 0, 022, 077, 0777 };
	uint8_t first[KEYRING_KEY_SIZE], other[KEYRING_KEY_SIZE];
	const char *path = in_folder("new"), *why;
	struct keyring *ring;
	struct stat st;

	for (size_t i = 0; i < EG_COUNT(masks); i++) {
		mode_t before = umask(masks[i]);

		assert_int_equal(keyring_create(path), EG_OK);
		umask(before);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode, S_IFREG | 0600);
		assert_int_equal(keyring_load(arena, path, &ring, &why), EG_OK);
		assert_int_equal(keyring_newest(ring), 1);
		assert_int_equal(keyring_derive(ring, 1, "x", i == 0 ? first : other), EG_OK);
		if (i > 0)
			assert_memory_not_equal(first, other, sizeof(first));
		keyring_free(ring);
		assert_int_equal(keyring_create(path), EG_EXISTS);
		assert_int_equal(unlink(path), 0);
	}
	assert_int_equal(keyring_create(in_folder("no/folder")), EG_IO);
}

/* A full disk leaves no file that would stand in the way of the next try. */
static void
creating_fails_cleanly(void **state)
{
	const char *path = in_folder("new");
	struct rlimit before, ten = { 10, RLIM_INFINITY };

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	ten.rlim_max = before.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &ten), 0);
	assert_int_equal(keyring_create(path), EG_IO);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(errno, ENOENT);

	no_randomness = 1;
	assert_int_equal(keyring_create(path), EG_RANDOM);
	no_randomness = 0;
	assert_int_equal(access(path, F_OK), -1);
}

static void
randomness(void **state)
{
	uint8_t bytes[64] = { 0 }, again[64];

	assert_int_equal(keyring_random(bytes, sizeof(bytes)), EG_OK);
	assert_int_equal(keyring_random(again, sizeof(again)), EG_OK);
	assert_memory_not_equal(bytes, again, sizeof(bytes));
	no_randomness = 1;
	assert_int_equal(keyring_random(bytes, sizeof(bytes)), EG_RANDOM);
	no_randomness = 0;
	assert_int_equal(keyring_random(bytes, SIZE_MAX), EG_RANDOM);
}

/* RFC 5869 section 2.3: for 32 bytes, expansion is one HMAC over the info and a byte 1. The text is what Python's hmac gives. */
static void
derivation(void **state)
{
	struct keyring *ring;
	uint8_t master[KEYRING_KEY_SIZE], key[KEYRING_KEY_SIZE], want[MAC_SIZE];
	const struct mac_part info[] = { { "embedgate ", 10 }, { "embed-token", 11 }, { "\x01", 1 } };
	const char *why, *long_label = arena_printf(arena, "%0100d", 1);
	char hex[2 * KEYRING_KEY_SIZE + 1];
	struct mac *m;
	size_t len;

	assert_int_equal(keyring_parse(arena, "1 " KEY_A "\n2 " KEY_B, 2 * 45 + 1, &ring, &why), EG_OK);
	assert_int_equal(keyring_derive(ring, 1, "embed-token", key), EG_OK);
	hex_encode(key, sizeof(key), hex);
	assert_string_equal(hex, "c53a7061823b4d4ad4895ada2805ef9c3863a3d0f811506fea79d376e1fcc487");
	assert_int_equal(base64url_decode(KEY_A, 43, master, sizeof(master), &len), EG_OK);
	assert_int_equal(mac_open_raw(master, &m), EG_OK);
	assert_int_equal(mac_compute(m, info, EG_COUNT(info), want), EG_OK);
	assert_memory_equal(key, want, sizeof(key));
	mac_free(m);

	assert_int_equal(keyring_derive(ring, 1, "embed-tokem", want), EG_OK);
	assert_memory_not_equal(key, want, sizeof(key));
	assert_int_equal(keyring_derive(ring, 2, "embed-token", want), EG_OK);
	assert_memory_not_equal(key, want, sizeof(key));
	assert_int_equal(keyring_derive(ring, 3, "embed-token", want), EG_NOTFOUND);
	assert_int_equal(keyring_derive(ring, 0, "embed-token", want), EG_NOTFOUND);
	assert_int_equal(keyring_derive(ring, 16, "embed-token", want), EG_NOTFOUND);
	assert_int_equal(keyring_derive(ring, 1, long_label, want), EG_INTERNAL);
	keyring_free(ring);
}

static void
wiping_and_comparing(void **state)
{
	uint8_t x[32], y[32];

	memset(x, 7, sizeof(x));
	memcpy(y, x, sizeof(x));
	assert_true(keyring_equal(x, y, sizeof(x)));
	assert_true(keyring_equal(x, y, 0));
	for (size_t i = 0; i < sizeof(x) * 8; i++) {
		y[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_false(keyring_equal(x, y, sizeof(x)));
		y[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	keyring_wipe(x, sizeof(x));
	memset(y, 0, sizeof(y));
	assert_memory_equal(x, y, sizeof(x));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts),
		cmocka_unit_test(fifteen_numbers),
		cmocka_unit_test(files_refused),
		cmocka_unit_test(files_accepted),
		cmocka_unit_test(creating),
		cmocka_unit_test(creating_fails_cleanly),
		cmocka_unit_test(randomness),
		cmocka_unit_test(derivation),
		cmocka_unit_test(wiping_and_comparing),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
