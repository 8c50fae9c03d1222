/* SPDX-License-Identifier: GPL-3.0-or-later */
/* config: what is read, what is refused and with which words and line, which file is taken (T1, T22). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "model/config.h"

#define URL "public_url = https://portal.example.com\n"
#define TEN(x) x x x x x x x x x x

static struct arena *arena;
static char path[64];

static int
setup(void **state)
{
	int fd;

	arena = arena_new();
	snprintf(path, sizeof(path), "/tmp/eg-config-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	return 0;
}

static int
teardown(void **state)
{
	unlink(path);
	arena_free(arena);
	return 0;
}

static eg_err
load_bytes(const char *text, size_t len, struct config *out, const char **why)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
	return config_load(arena, path, out, why);
}

static void
load(const char *text, struct config *out)
{
	const char *why = NULL;

	if (load_bytes(text, strlen(text), out, &why) != EG_OK)
		fail_msg("%s", why);
}

static void
defaults(void **state)
{
	struct config c;

	load(URL, &c);
	assert_string_equal(c.path, path);
	assert_string_equal(c.public_url, "https://portal.example.com");
	assert_string_equal(c.embed_url, c.public_url);
	assert_string_equal(c.public_origin, c.public_url);
	assert_string_equal(c.embed_origin, c.public_url);
	assert_string_equal(c.public_path, "");
	assert_string_equal(c.key_file, "/tmp/master.key");
	assert_string_equal(c.store_dir, "/tmp/store");
	assert_string_equal(c.event_keys_dir, "/tmp/event.keys");
	assert_true(c.copy_url);
	assert_false(c.require_origins);
	assert_true(c.rate_limit);
	assert_int_equal(c.key_rate, 1200);
	assert_int_equal(c.token_rate, 6000);
	assert_int_equal(c.address_rate, 600);
	assert_int_equal(c.agent_login_sunset, 1861833600);      /* 2028-12-31 */
	assert_int_equal(c.proxy_count, 0);
	load("public_url = https://portal.example.com/" TEN(TEN("x")) TEN("12345") "123\n", &c);
	assert_int_equal(strlen(c.public_url), 180);
}

static void
every_key(void **state)
{
	struct config c;

	load("\xef\xbb\xbf# a comment\r\n"
	    "public_url = HTTPS://Portal.Example.com:443/base/v1/\r\n"
	    "embed_url: http://127.0.0.1:9000\n"
	    "key_file = /etc/embedgate/keys ; inline comment\n"
	    "store_dir = data/store\n\n"
	    "event_keys_dir = /var/lib/embedgate/event.keys\n"
	    "copy_url=off\nrequire_origins = true\nrate_limit = no\n"
	    "key_rate = 1\ntoken_rate = 1000000\naddress_rate = 0007\n"
	    "agent_login_sunset = 2030-02-28\n"
	    "proxies = 127.0.0.1, 10.0.0.0/8\n"
	    "\t2001:db8::/33 ::1\n"
	    "  # a comment between\n"
	    "  192.0.2.128/25\n", &c);
	assert_string_equal(c.public_url, "https://portal.example.com/base/v1");
	assert_string_equal(c.public_origin, "https://portal.example.com");
	assert_string_equal(c.public_path, "/base/v1");
	assert_string_equal(c.embed_url, "http://127.0.0.1:9000");
	assert_string_equal(c.embed_origin, "http://127.0.0.1:9000");
	assert_string_equal(c.embed_path, "");
	assert_string_equal(c.key_file, "/etc/embedgate/keys");
	assert_string_equal(c.store_dir, "/tmp/data/store");
	assert_string_equal(c.event_keys_dir, "/var/lib/embedgate/event.keys");
	assert_false(c.copy_url);
	assert_true(c.require_origins);
	assert_false(c.rate_limit);
	assert_int_equal(c.key_rate, 1);
	assert_int_equal(c.token_rate, 1000000);
	assert_int_equal(c.address_rate, 7);
	assert_int_equal(c.agent_login_sunset, 1898467200);
	assert_int_equal(c.proxy_count, 5);
}

/* T22: only a listed peer's X-Forwarded-For is believed. */
static void
proxies(void **state)
{
	static const struct {
		const char *address;
		bool is_proxy;
	} cases[] = {
		{ "127.0.0.1", true }, { "127.0.0.2", false },
		{ "10.0.0.0", true }, { "10.255.255.255", true }, { "9.255.255.255", false }, { "11.0.0.0", false },
		{ "192.0.2.127", false }, { "192.0.2.128", true }, { "192.0.2.255", true }, { "192.0.3.128", false },
		{ "::ffff:10.1.2.3", true }, { "::ffff:11.1.2.3", false },
		{ "2001:db8::1", true }, { "2001:db8:7fff::1", true }, { "2001:db8:8000::1", false }, { "2001:db7::1", false },
		{ "::1", true }, { "::2", false },
		{ "", false }, { "10.0.0", false }, { "10.0.0.1 ", false }, { "localhost", false },
	};
	struct config c;

	load(URL "proxies = 127.0.0.1 10.0.0.0/8 2001:db8::/33 ::1 192.0.2.200/25\n", &c);
	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		if (config_is_proxy(&c, cases[i].address) != cases[i].is_proxy)
			fail_msg("%s", cases[i].address);
	}
	load(URL "proxies = 0.0.0.0/0\n", &c);
	assert_true(config_is_proxy(&c, "203.0.113.7"));
	assert_false(config_is_proxy(&c, "2001:db8::1"));
	load(URL, &c);
	assert_false(config_is_proxy(&c, "127.0.0.1"));
}

static void
bad_files(void **state)
{
	static const struct {
		const char *text, *want;        /* a part of the sentence behind the path */
	} cases[] = {
		{ "", ": public_url is missing. Add a line" },
		{ "# public_url = https://portal.example.com\n", ": public_url is missing" },
		{ URL "\nkey_rat = 5\n", ":3: unknown key 'key_rat'" },
		{ URL "Key_rate = 5\n", ":2: unknown key 'Key_rate'" },
		{ "[site]\n" URL, ":1: there are no sections" },
		{ URL "  [limits]\n", ":2: there are no sections" },
		{ URL "key_rate = 5\n# between\nkey_rate = 5\n", ":4: the key 'key_rate' was given before" },
		{ URL "just words\n", ":2: this is no line of the form" },
		{ "just words\n" URL "key_rat = 5\n", ":1: this is no line of the form" },
		{ "key_rat = 5\njust words\n", ":1: unknown key" },
		{ URL "  embed_url = https://embeds.example.com\n", ":2: this line is indented" },
		{ URL "key_rate =\n", ":2: the key 'key_rate' has no value" },
		{ URL "copy_url = maybe\n", ":2: the value of 'copy_url' must be yes or no" },
		{ URL "copy_url = Yes\n", "must be yes or no" },
		{ URL "key_rate = 0\n", "must be a number from 1 to 1000000" },
		{ URL "key_rate = 1000001\n", "must be a number from 1 to 1000000" },
		{ URL "key_rate = -1\n", "must be a number" },
		{ URL "key_rate = 99999999999999999999\n", "must be a number" },
		{ URL "key_rate = 12x\n", "must be a number" },
		{ URL "key_rate = 1e3\n", "must be a number" },
		{ "public_url = portal.example.com\n", ":1: the value of 'public_url' must be a URL" },
		{ "public_url = ftp://portal.example.com\n", "must be a URL" },
		{ "public_url = https://\n", "must be a URL" },
		{ "public_url = https://user:secret@portal.example.com\n", "must be a URL" },
		{ "public_url = https://*.example.com\n", "must be a URL" },
		{ "public_url = https://portal.example.com:99999\n", "must be a URL" },
		{ "public_url = https://portal.example.com/?x=1\n", "no query or fragment" },
		{ "public_url = https://portal.example.com/#x\n", "no query or fragment" },
		{ "public_url = https://portal.example.com?\n", "no query or fragment" },
		{ "public_url = https://portal.example.com/a b\n", "no query or fragment" },
		{ "public_url = https://portal.example.com/\"><b\n", "no query or fragment" },
		{ "public_url = https://portal.example.com/a//b\n", "may not hold //" },
		{ "public_url = https://portal.example.com/../b\n", "may not hold //" },
		{ "public_url = https://portal.example.com/" TEN(TEN("x")) TEN("12345") "1234\n", "must be a URL" },
		{ "public_url = http://portal.example.com\n", ":1: the value of 'public_url' must begin with https://" },
		{ URL "embed_url = HTTP://embed.example.com:8080\n", ":2: the value of 'embed_url' must begin with https://" },
		{ "public_url = http://192.168.1.5:8080\n", "but on this machine itself" },
		{ "public_url = http://localhost.example.com\n", "but on this machine itself" },
		{ URL "# " TEN(TEN("xx")) "\n", ":2: this line is too long" },
		{ URL "agent_login_sunset = 2030-02-30\n", ":2: the value of 'agent_login_sunset' must be a day" },
		{ URL "agent_login_sunset = 2030-02-28T00:00:00Z\n", "must be a day" },
		{ URL "agent_login_sunset = never\n", "must be a day" },
		{ URL "proxies = 10.0.0.0/33\n", ":2: the value of 'proxies' must be addresses" },
		{ URL "proxies = 2001:db8::/129\n", "must be addresses" },
		{ URL "proxies = 10.0.0.0/\n", "must be addresses" },
		{ URL "proxies = 10.0.0.0/x\n", "must be addresses" },
		{ URL "proxies = 10.0.0\n", "must be addresses" },
		{ URL "proxies = proxy.example.com\n", "must be addresses" },
		{ URL "proxies = " TEN("1234567890") "\n", "must be addresses" },
		{ URL "proxies = 10.0.0.0/" TEN("1234567890") "\n", "must be addresses" },
		{ URL "proxies = 127.0.0.1\nproxies = 127.0.0.2\n", ":3: the key 'proxies' was given before" },
		{ URL "proxies = 1.1.1.1 1.1.1.2 1.1.1.3 1.1.1.4 1.1.1.5 1.1.1.6 1.1.1.7 1.1.1.8\n"
		  "  1.1.1.1 1.1.1.2 1.1.1.3 1.1.1.4 1.1.1.5 1.1.1.6 1.1.1.7 1.1.1.8 1.1.1.9\n",
		  ":3: the value of 'proxies' may name at most 16" },
	};

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		const char *why = "";
		struct config c;
		eg_err e = load_bytes(cases[i].text, strlen(cases[i].text), &c, &why);

		if (e != EG_CONFIG || strncmp(why, path, strlen(path)) != 0 || strstr(why, cases[i].want) == NULL)
			fail_msg("case %zu, %s: %s", i, cases[i].want, e == EG_OK ? "accepted" : why);
	}
}

static void
bad_bytes(void **state)
{
	static const char nul[] = URL "key_rate = 5\0" "0\n";
	char *large = arena_alloc(arena, (64u << 10) + 1);
	const char *why = "";
	struct config c;

	assert_int_equal(load_bytes(nul, sizeof(nul) - 1, &c, &why), EG_CONFIG);
	assert_non_null(strstr(why, ":2: this line holds a NUL byte"));
	memset(large, '\n', (64u << 10) + 1);
	memcpy(large, URL, strlen(URL));
	assert_int_equal(load_bytes(large, 64u << 10, &c, &why), EG_OK);
	assert_int_equal(load_bytes(large, (64u << 10) + 1, &c, &why), EG_CONFIG);
	assert_non_null(strstr(why, "larger than 64 KiB"));
	assert_int_equal(config_load(arena, "/tmp/none/embedgate.conf", &c, &why), EG_CONFIG);
	assert_non_null(strstr(why, "/tmp/none/embedgate.conf: cannot be opened"));
	assert_non_null(strstr(why, "embedctl init"));
	assert_int_equal(config_load(arena, "/tmp", &c, &why), EG_CONFIG);
	assert_non_null(strstr(why, "/tmp: cannot be"));
}

/* The file that `embedctl init` writes names every key, and with its comments taken away still is right. */
static void
example(void **state)
{
	const char *text = config_example(arena, "http://127.0.0.1:8080", NULL);
	static const char *const names[] = { "public_url", "embed_url", "key_file", "store_dir", "event_keys_dir", "copy_url",
		"require_origins",
		"rate_limit", "key_rate", "token_rate", "address_rate", "agent_login_sunset", "proxies" };
	struct config c;
	char *all;

	load(text, &c);
	assert_string_equal(c.public_url, "http://127.0.0.1:8080");
	assert_string_equal(c.embed_url, "http://127.0.0.1:8080");
	load(config_example(arena, "https://a.example", "https://b.example"), &c);
	assert_string_equal(c.embed_url, "https://b.example");

	all = arena_strdup(arena, text);
	for (size_t i = 1; i < EG_COUNT(names); i++) {
		char *line = strstr(all, arena_printf(arena, "\n# %s = ", names[i]));

		if (line == NULL)
			fail_msg("%s is not in the example", names[i]);
		memmove(line + 1, line + 3, strlen(line + 3) + 1);
	}
	load(all, &c);
	assert_string_equal(c.embed_url, "https://embeds.example.com");
	assert_true(c.copy_url);
	assert_int_equal(c.key_rate, 1200);
	assert_int_equal(c.proxy_count, 2);
}

static void
which_file(void **state)
{
	unsetenv("EMBEDGATE_CONF");
	unsetenv("EMBEDGATE_DATA");
	assert_string_equal(config_find(arena, NULL, NULL), "/etc/embedgate/embedgate.conf");
	setenv("EMBEDGATE_DATA", "/srv/data", 1);
	assert_string_equal(config_find(arena, NULL, NULL), "/srv/data/embedgate.conf");
	setenv("EMBEDGATE_CONF", "/srv/eg.conf", 1);
	assert_string_equal(config_find(arena, NULL, NULL), "/srv/eg.conf");
	assert_string_equal(config_find(arena, NULL, "var"), "var/embedgate.conf");
	assert_string_equal(config_find(arena, "my.conf", "var"), "my.conf");
	setenv("EMBEDGATE_CONF", "", 1);
	setenv("EMBEDGATE_DATA", "", 1);
	assert_string_equal(config_find(arena, NULL, NULL), "/etc/embedgate/embedgate.conf");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(every_key),
		cmocka_unit_test(proxies),
		cmocka_unit_test(bad_files),
		cmocka_unit_test(bad_bytes),
		cmocka_unit_test(example),
		cmocka_unit_test(which_file),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
