/* SPDX-License-Identifier: GPL-3.0-or-later */
/* world.h - what the tests of the gate stand on: a real store in a folder of its own, two partners, their customers, and texts
 * that are nearly right. */
#ifndef EG_TESTS_GATE_WORLD_H
#define EG_TESTS_GATE_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/codec.h"
#include "base/log.h"
#include "gate/gate.h"
#include "model/agent.h"
#include "model/event.h"
#include "model/kinds.h"

#define PUBLIC "https://portal.example.com"
#define EMBED "https://embeds.example.net"
#define PASSWORD "correct horse battery"
#define OWNER "Owner@partner.example"

struct world {
	char dir[64];
	char conf[96];
	struct service sv;
	struct arena *a;
	struct actor who;
	struct scope scope;             /* of the first partner */
	struct partner_row partner, other_partner;
	struct customer_row customer, other_customer;
	struct event_row event, second_event, deleted_event;    /* of the first customer ... */
	struct event_row other_event;                           /* ... and of the other */
	int64_t now;
};

static inline int
world_remove(const char *path, const struct stat *st, int type, struct FTW *at)
{
	return remove(path);
}

static inline void
world_write(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* The service anew, from the configuration as it is now. */
static inline void
world_open(struct world *w, struct service *sv)
{
	const char *why = NULL;

	if (service_open(sv, w->conf, &why) != EG_OK)
		fail_msg("service_open: %s", why);
}

static inline void
world_configure(struct world *w, const char *more)
{
	char text[1024];

	snprintf(text, sizeof(text), "public_url = " PUBLIC "\nembed_url = " EMBED "\n%s", more);
	world_write(w->conf, text);
	if (w->sv.store != NULL)
		service_close(&w->sv);
	world_open(w, &w->sv);
}

static inline struct customer_row
world_customer(struct world *w, const struct scope *scope, const char *name)
{
	const struct customer_new in = { .name = name, .features = FEATURE_ALL };
	struct customer_row row;
	struct faults f;

	faults_init(&f, w->a);
	assert_int_equal(customer_create(&w->sv, w->a, scope, &w->who, &in, &f, &row, NULL), EG_OK);
	return row;
}

static inline struct event_row
world_event(struct world *w, const struct customer_row *customer, const char *name)
{
	const struct event_new in = { .customer_id = customer->id, .name = name };
	struct event_row row;
	struct faults f;

	faults_init(&f, w->a);
	assert_int_equal(event_create(&w->sv, w->a, &w->scope, &w->who, &in, &f, &row), EG_OK);
	return row;
}

static inline struct partner_row
world_partner(struct world *w, const char *name, const char *email)
{
	const struct partner_new in = { .name = name, .owner_email = email, .owner_password = PASSWORD };
	struct partner_row row;
	struct faults f;

	faults_init(&f, w->a);
	assert_int_equal(partner_create(&w->sv, w->a, &w->who, &in, &f, &row), EG_OK);
	return row;
}

static inline int
world_setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct keyring *ring;
	struct store *store;
	const char *why = "";
	char path[128];

	log_open("gate_test", LOG_LEVEL_ERROR + 1);     /* the faults here are meant */
	w->a = arena_new();
	w->now = clock_now_s();
	w->who = (struct actor){ .kind = "cli", .id = "tester" };
	strcpy(w->dir, "/tmp/gate_test.XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	snprintf(w->conf, sizeof(w->conf), "%s/embedgate.conf", w->dir);
	snprintf(path, sizeof(path), "%s/master.key", w->dir);
	assert_int_equal(keyring_create(path), EG_OK);
	assert_int_equal(keyring_load(w->a, path, &ring, &why), EG_OK);
	snprintf(path, sizeof(path), "%s/store", w->dir);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(store_open(w->a, path, ring, STORE_CREATE, &store, &why), EG_OK);
	store_close(store);
	keyring_free(ring);
	world_configure(w, "");

	w->partner = world_partner(w, "Partner", OWNER);
	w->other_partner = world_partner(w, "Other partner", "owner@other.example");
	w->scope = (struct scope){ .partner_id = w->partner.id };
	w->customer = world_customer(w, &w->scope, "Acme");
	w->other_customer = world_customer(w, &w->scope, "Globex");
	w->event = world_event(w, &w->customer, "Fair");
	w->second_event = world_event(w, &w->customer, "Camp");
	w->deleted_event = world_event(w, &w->customer, "Cancelled");
	w->other_event = world_event(w, &w->other_customer, "Fair");
	assert_int_equal(event_delete(&w->sv, w->a, &w->scope, &w->who, &w->deleted_event.id, &w->deleted_event), EG_OK);
	*state = w;
	return 0;
}

static inline int
world_teardown(void **state)
{
	struct world *w = *state;

	service_close(&w->sv);
	nftw(w->dir, world_remove, 16, FTW_DEPTH | FTW_PHYS);
	arena_free(w->a);
	free(w);
	return 0;
}

#define WORLD(test) cmocka_unit_test_setup_teardown(test, world_setup, world_teardown)

/* ---- things ---- */

struct made_token {
	struct token_row row;
	char emb[EMBED_TOKEN_SIZE];
	char emu[EMBED_TOKEN_SIZE];
};

static inline void
world_text(struct world *w, const struct token_row *row, enum token_purpose purpose, char out[EMBED_TOKEN_SIZE])
{
	struct embed_token t = { .id = row->id, .purpose = purpose };

	memcpy(t.issue, row->issue, sizeof(t.issue));
	assert_int_equal(embed_token_make(w->sv.tokens, &t, out), EG_OK);
}

/* `origins`: separated by spaces; NULL: any site. `permissions` 0: the default. */
static inline struct made_token
world_token(struct world *w, const struct customer_row *customer, const char *origins, unsigned permissions, int64_t expires_at)
{
	struct token_new in = { .customer_id = customer->id, .name = "Website", .set_permissions = permissions != 0,
		.permissions = permissions, .expires_at = expires_at };
	const struct scope scope = { .partner_id = customer->partner_id };
	struct made_token t;
	struct faults f;

	if (origins != NULL) {
		in.allowed_origins = json_new_array(w->a);
		for (const char *at = origins; *at != '\0'; at += strspn(at, " ")) {
			size_t n = strcspn(at, " ");

			json_push_str(in.allowed_origins, arena_strndup(w->a, at, n));
			at += n;
		}
	}
	faults_init(&f, w->a);
	assert_int_equal(token_create(&w->sv, w->a, &scope, &w->who, &in, &f, &t.row, t.emb), EG_OK);
	world_text(w, &t.row, TOKEN_URL, t.emu);
	return t;
}

static inline struct key_row
world_key(struct world *w, enum api_key_type type, const struct customer_row *customer, int64_t expires_at, char text[API_KEY_SIZE])
{
	struct key_new in = { .name = "Key", .type = type, .expires_at = expires_at };
	struct key_row row;
	struct faults f;

	if (customer != NULL)
		in.customer_id = customer->id;
	faults_init(&f, w->a);
	assert_int_equal(key_create(&w->sv, w->a, &w->scope, &w->who, &in, &f, &row, text), EG_OK);
	return row;
}

static inline struct agent_row
world_agent(struct world *w, const struct customer_row *customer)
{
	const struct agent_new in = { .customer_id = customer->id, .name = "Agent" };
	struct agent_row row;
	struct faults f;

	faults_init(&f, w->a);
	assert_int_equal(agent_create(&w->sv, w->a, &w->scope, &w->who, &in, &f, &row), EG_OK);
	return row;
}

static inline const char *
world_number_text(struct world *w, int64_t n)
{
	return arena_printf(w->a, "%lld", (long long)n);
}

static inline void
world_patch_customer(struct world *w, const struct customer_patch *patch)
{
	struct customer_row row;
	struct faults f;

	faults_init(&f, w->a);
	assert_int_equal(customer_update(&w->sv, w->a, &w->scope, &w->who, &w->customer.id, patch, &f, &row), EG_OK);
}

/* ---- records as no call of today makes them ---- */

struct world_rewrite {
	char kind;
	const struct uuid *id;
	const char *member;     /* of the document ... */
	json_object *value;     /* ... set to this; NULL: taken out */
	unsigned list;          /* where not 0: this list ... */
	struct uuid list_id;    /* ... is this */
};

static inline eg_err
world_rewrite_one(struct store_tx *tx, struct arena *a, void *arg)
{
	const struct world_rewrite *r = arg;
	struct store_record rec;
	const char *text;
	size_t len;

	EG_TRY(store_tx_get(tx, r->kind, r->id, &rec));
	text = json_text(a, rec.doc, &len);
	EG_TRY(json_parse_strict(a, text, len, &rec.doc, NULL));
	json_object_object_del(rec.doc, r->member);
	if (r->value != NULL)
		json_add_object(rec.doc, r->member, r->value);
	if (r->list != 0)
		rec.lists[r->list] = r->list_id;
	return store_tx_put(tx, &rec);
}

static inline void
world_rewrite(struct world *w, const struct world_rewrite *r)
{
	const struct store_cause cause = { .actor = "cli:tester", .action = "test" };
	struct world_rewrite copy = *r;

	assert_int_equal(store_change(w->sv.store, w->a, &cause, world_rewrite_one, &copy), EG_OK);
}

static inline json_object *
world_true(struct world *w)
{
	json_object *holder = json_new_object(w->a);

	json_add_bool(holder, "b", true);
	return json_object_object_get(holder, "b");
}

static inline json_object *
world_number(struct world *w, int64_t n)
{
	json_object *holder = json_new_object(w->a);

	json_add_int(holder, "n", n);
	return json_object_object_get(holder, "n");
}

/* ---- texts that are nearly right ---- */

/* One letter of the body replaced by another. */
static inline const char *
spoiled(struct world *w, const char *text, size_t at)
{
	char *copy = arena_strdup(w->a, text);

	copy[at] = copy[at] == 'A' ? 'B' : 'A';
	return copy;
}

/* A bit flipped in byte `at` of the body and the checksum made right again: well formed, signed by nobody. */
static inline const char *
forged(struct world *w, const char *text, size_t at)
{
	uint8_t bytes[64];
	size_t n;
	char *copy = arena_strdup(w->a, text);
	uint32_t crc;

	assert_int_equal(base64url_decode(text + 4, strlen(text) - 4, bytes, sizeof(bytes), &n), EG_OK);
	bytes[at] ^= 1;
	crc = codec_crc32(codec_crc32(0, copy, 4), bytes, n - 4);
	for (size_t i = 0; i < 4; i++)
		bytes[n - 4 + i] = (uint8_t)(crc >> (24 - 8 * i));
	base64url_encode(bytes, n, copy + 4);
	return copy;
}

/* ---- answers ---- */

/* "shape checksum !kind": the checks in their order, the one that failed with a mark. */
static inline const char *
steps_text(struct world *w, const struct gate_answer *out)
{
	const char *text = "";

	for (size_t i = 0; i < out->step_count; i++) {
		assert_int_equal(out->steps[i].ok, out->steps[i].verdict == VERDICT_OK);
		text = arena_printf(w->a, "%s%s%s%s", text, i > 0 ? " " : "", out->steps[i].ok ? "" : "!", out->steps[i].check);
	}
	return text;
}

static inline void
assert_verdict(const char *name, const struct gate_answer *out, enum verdict wanted)
{
	if (out->verdict != wanted)
		fail_msg("%s: %s, wanted %s", name, verdict_info(out->verdict)->code, verdict_info(wanted)->code);
}

#endif
