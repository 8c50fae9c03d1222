/* SPDX-License-Identifier: GPL-3.0-or-later */
/* service: what stops a program from starting, each with a sentence that names the file and the fix (T1); what is written
 * before it closes is there when it opens again. */
#include <sys/wait.h>

#include "site.h"

#define NOBODY 65534

static int
setup(void **state)
{
	site_make("");
	return 0;
}

static int
teardown(void **state)
{
	arena_free(site.arena);
	site_remove();
	return 0;
}

/* `path` and `part` are in the sentence. */
static void
assert_refused(const char *config_path, const char *path, const char *part)
{
	struct service sv;
	const char *why = NULL;
	eg_err e = service_open(&sv, config_path, &why);

	if (e == EG_OK)
		fail_msg("opened, without '%s'", part);
	if (why == NULL || strstr(why, path) == NULL || strstr(why, part) == NULL)
		fail_msg("'%s' of '%s' is not in: %s", part, path, why);
	assert_null(sv.store);
	assert_null(sv.ring);
	service_close(&sv);
	service_close(&sv);
}

static void
opens_and_opens_again(void **state)
{
	struct scope scope;
	struct customer_row made, row;

	site_open();
	assert_string_equal(site.sv.config.public_url, "http://127.0.0.1:8080");
	scope = (struct scope){ .partner_id = site_partner("Acme", "owner@acme.example").id };
	made = site_customer(&scope, "Shop");
	service_close(&site.sv);
	site_open();
	assert_int_equal(customer_get(&site.sv, site.arena, &scope, &made.id, &row), EG_OK);
	assert_string_equal(row.name, "Shop");
	service_close(&site.sv);
}

static void
configuration(void **state)
{
	char *path = site_path("other.conf");

	assert_refused(path, path, "embedctl init");
	site_write(path, "public_url = https://a.example\nkey_rat = 3\n");
	assert_refused(path, path, ":2: unknown key 'key_rat'");
	site_write(path, "public_url = https://a.example\nkey_file = none.key\n");
	assert_refused(path, site_path("none.key"), "missing");
	site_write(path, "public_url = https://a.example\nstore_dir = none\n");
	assert_refused(path, site_path("none"), "store_dir");
	assert_int_equal(mkdir(site_path("empty"), 0700), 0);
	site_write(path, "public_url = https://a.example\nstore_dir = empty\n");
	assert_refused(path, site_path("empty"), "holds no store");
	site_write(path, "public_url = https://a.example\nstore_dir = other.conf\n");
	assert_refused(path, path, "Not a directory");
}

static void
key_files(void **state)
{
	char *path = site_path("master.key"), *aside = site_path("aside.key");
	static const struct {
		mode_t mode;
		const char *part;
	} modes[] = { { 0640, "chmod" }, { 0604, "chmod" }, { 0620, "chmod" }, { 0610, "chmod" } };

	for (size_t i = 0; i < EG_COUNT(modes); i++) {
		assert_int_equal(chmod(path, modes[i].mode), 0);
		assert_refused(site.config_path, path, modes[i].part);
	}
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(rename(path, aside), 0);
	assert_refused(site.config_path, path, "missing");
	assert_int_equal(symlink(aside, path), 0);
	assert_refused(site.config_path, path, "symbolic link");
	assert_int_equal(unlink(path), 0);
	site_write(path, "1 AAAA\n");
	assert_int_equal(chmod(path, 0600), 0);
	assert_refused(site.config_path, path, "cannot be used");
	site_write(path, "");
	assert_refused(site.config_path, path, "no key");
	/* A whole key, but not the one the store was written with. */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(keyring_create(path), EG_OK);
	assert_refused(site.config_path, path, "cannot be read with the master keys");
	assert_int_equal(rename(aside, path), 0);
	site_open();
	service_close(&site.sv);
}

/* As a user who may read everything and write nothing. */
static void
folder_that_cannot_be_written(void **state)
{
	pid_t child;
	int status;

	if (geteuid() != 0)
		skip();         /* only root may play another user */
	assert_int_equal(system(arena_printf(site.arena, "cd '%s' && chown -R %d:%d . && chmod 0500 store && chmod 0400 store/*.* store/lock",
	    site.dir, NOBODY, NOBODY)), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct service sv;
		const char *why = NULL;
		bool refused, told;

		if (setgid(NOBODY) != 0 || setuid(NOBODY) != 0)
			_exit(2);
		refused = service_open(&sv, site.config_path, &why) != EG_OK && why != NULL;
		told = refused && strstr(why, site_path("store")) != NULL && strstr(why, "writable") != NULL;
		if (!told)
			fprintf(stderr, "%s\n", refused ? why : "opened");
		service_close(&sv);
		_exit(told ? 0 : 3);
	}
	assert_true(waitpid(child, &status, 0) == child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	/* Another's folder is refused, too, whoever may read it. */
	assert_int_equal(system(arena_printf(site.arena, "chown 0:0 '%s/master.key'", site.dir)), 0);
	assert_refused(site.config_path, site_path("store"), "owner");
}

static void
the_day_of_the_build(void **state)
{
	int64_t built = service_built_at_s();

	assert_int_equal(built % 86400, 0);
	assert_true(built <= clock_now_s());
	assert_true(built > clock_now_s() - 366 * 86400LL);     /* this test is built with it */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(opens_and_opens_again, site_each),
		cmocka_unit_test_setup(configuration, site_each),
		cmocka_unit_test_setup(key_files, site_each),
		cmocka_unit_test_setup(folder_that_cannot_be_written, site_each),
		cmocka_unit_test_setup(the_day_of_the_build, site_each),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
