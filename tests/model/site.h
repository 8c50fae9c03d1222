/* SPDX-License-Identifier: GPL-3.0-or-later */
/* site.h - an installation in a folder of its own: configuration, key file, store, two partners. One for each test program,
 * opened by site_setup() and removed by site_teardown(). */
#ifndef EG_TESTS_MODEL_SITE_H
#define EG_TESTS_MODEL_SITE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "model/activity.h"
#include "model/customer.h"
#include "model/partner.h"
#include "model/service.h"
#include "model/token.h"
#include "model/user.h"

#define SITE_PASSWORD "correct horse battery"

struct site {
	char dir[64];
	char config_path[96];
	struct service sv;
	struct arena *arena;            /* of the tests; emptied before each */
	struct partner_row partner, other;
	struct scope scope, other_scope;        /* of these two */
};

static struct site site;

static const struct actor anna = { .kind = "user", .id = "01990000-0000-7000-8000-000000000001",
    .name = "anna@acme.example",
	.address = "203.0.113.0", .request_id = "01990000-0000-7000-8000-000000000002" };

static inline void
site_write(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static inline char *
site_path(const char *name)
{
	return arena_printf(site.arena, "%s/%s", site.dir, name);
}

/* Folder, configuration, key file and an empty store, as `embedctl init` makes them. */
static inline void
site_make(const char *more_config)
{
	const char *tmp = getenv("TMPDIR");
	struct keyring *ring;
	struct store *store;
	const char *why = NULL;

	log_open("test", LOG_LEVEL_ERROR);
	site.arena = arena_new();
	snprintf(site.dir, sizeof(site.dir), "%.40s/eg-model-XXXXXX", tmp == NULL ? "/tmp" : tmp);
	assert_non_null(mkdtemp(site.dir));
	snprintf(site.config_path, sizeof(site.config_path), "%s/embedgate.conf", site.dir);
	site_write(site.config_path, arena_printf(site.arena, "public_url = http://127.0.0.1:8080\n%s", more_config));
	assert_int_equal(keyring_create(site_path("master.key")), EG_OK);
	assert_int_equal(keyring_load(site.arena, site_path("master.key"), &ring, &why), EG_OK);
	if (store_open(site.arena, site_path("store"), ring, STORE_CREATE, &store, &why) != EG_OK)
		fail_msg("%s", why);
	store_close(store);
	keyring_free(ring);
}

static inline void
site_open(void)
{
	const char *why = NULL;

	if (service_open(&site.sv, site.config_path, &why) != EG_OK)
		fail_msg("%s", why);
}

static inline struct partner_row
site_partner(const char *name, const char *email)
{
	const struct partner_new in = { .name = name, .owner_email = email, .owner_password = SITE_PASSWORD };
	struct partner_row row;
	struct faults f;

	faults_init(&f, site.arena);
	assert_int_equal(partner_create(&site.sv, site.arena, &anna, &in, &f, &row), EG_OK);
	/* It outlives the arena, its texts do not. */
	return (struct partner_row){ .id = row.id };
}

static inline int
site_setup(void **state)
{
	site_make("");
	site_open();
	site.partner = site_partner("Acme Software", "owner@acme.example");
	site.other = site_partner("Other Software", "owner@other.example");
	site.scope = (struct scope){ .partner_id = site.partner.id };
	site.other_scope = (struct scope){ .partner_id = site.other.id };
	return 0;
}

static inline void
site_remove(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", site.dir);
	assert_int_equal(system(command), 0);
}

static inline int
site_teardown(void **state)
{
	service_close(&site.sv);
	arena_free(site.arena);
	site_remove();
	return 0;
}

static inline int
site_each(void **state)
{
	arena_reset(site.arena);
	return 0;
}

/* ---- things in it ---- */

static inline struct customer_row
site_customer(const struct scope *s, const char *name)
{
	const struct customer_new in = { .name = name, .features = FEATURE_ALL };
	struct customer_row row;
	struct faults f;

	faults_init(&f, site.arena);
	assert_int_equal(customer_create(&site.sv, site.arena, s, &anna, &in, &f, &row, NULL), EG_OK);
	return row;
}

static inline struct token_row
site_token(const struct customer_row *customer, const char *name)
{
	const struct scope s = { .partner_id = customer->partner_id };
	const struct token_new in = { .customer_id = customer->id, .name = name };
	char text[EMBED_TOKEN_SIZE];
	struct token_row row;
	struct faults f;

	faults_init(&f, site.arena);
	assert_int_equal(token_create(&site.sv, site.arena, &s, &anna, &in, &f, &row, text), EG_OK);
	return row;
}

static inline json_object *
site_json(const char *text)
{
	const char *why = NULL;
	json_object *o;

	if (json_parse_strict(site.arena, text, strlen(text), &o, &why) != EG_OK)
		fail_msg("%s: %s", text, why);
	return o;
}

/* "FIELD: MESSAGE" of every fault, one a line. */
static inline const char *
site_faults(const struct faults *f)
{
	const char *text = "";

	for (const struct fault *one = f->first; one != NULL; one = one->next)
		text = arena_printf(site.arena, "%s%s: %s\n", text, one->field, one->message);
	return text;
}

#define assert_fault(f, part) \
	do { \
		if (strstr(site_faults(f), part) == NULL) \
			fail_msg("no fault with '%s' in: %s", part, site_faults(f)); \
	} while (0)

/* Are these, in this order, the members of the object? */
static inline void
site_assert_members(json_object *o, const char *want)
{
	const char *names = "";

	for (struct lh_entry *e = json_object_get_object(o)->head; e != NULL; e = e->next)
		names = arena_printf(site.arena, "%s%s%s", names, *names == '\0' ? "" : " ", (const char *)lh_entry_k(e));
	assert_string_equal(names, want);
}

/* The newest activity row of a thing, "ACTION|TARGET NAME|DETAIL|ACTOR". */
static inline const char *
site_last_activity(const struct scope *s, const struct uuid *of, size_t *total)
{
	struct activity_row *rows;
	size_t count;

	assert_int_equal(activity_list(&site.sv, site.arena, s, of, 1, 1, &rows, &count, total), EG_OK);
	if (count == 0)
		return "";
	return arena_printf(site.arena, "%s|%s|%s|%s", rows[0].action, rows[0].target_name,
	    rows[0].detail == NULL ? "" : rows[0].detail, rows[0].actor_name);
}

#endif
