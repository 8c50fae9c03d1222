/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two processes change one token at once: the second works on what the first left, and nothing brings a revoked token back
 * (E4, E14, T6). */
#include <sys/mman.h>
#include <sys/wait.h>

#include "site.h"

#define ROTATIONS 40    /* of each process */
#define RIVALS 2
#define TOKENS 30

struct turn {
	uint8_t before[EMBED_TOKEN_ISSUE_SIZE];
	uint8_t after[EMBED_TOKEN_ISSUE_SIZE];
};

/* What the processes write down, in memory that they share. */
static struct {
	struct turn turns[RIVALS][ROTATIONS];
	eg_err revoked[TOKENS];
	unsigned patched, refused, odd;
	size_t counts[RIVALS];
} *notes;

static struct token_row tokens[TOKENS];
static struct customer_row leaky;

/* Run `work` in processes of their own, each with a service of its own. */
static void
in_processes(void (*work)(struct service *sv, struct arena *a, int which))
{
	pid_t children[RIVALS];

	for (int i = 0; i < RIVALS; i++) {
		children[i] = fork();
		assert_true(children[i] >= 0);
		if (children[i] == 0) {
			struct service sv;
			struct arena *a = arena_new();
			const char *why;

			if (service_open(&sv, site.config_path, &why) != EG_OK)
				_exit(2);
			work(&sv, a, i);
			service_close(&sv);
			_exit(0);
		}
	}
	for (int i = 0; i < RIVALS; i++) {
		int status;

		assert_true(waitpid(children[i], &status, 0) == children[i]);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
}

/* "The lock was not had in time" is an answer; who got it asks again. */
static eg_err
rotate_patiently(struct service *sv, struct arena *a, const struct uuid *id, struct token_row *out)
{
	char text[EMBED_TOKEN_SIZE];
	struct faults f;
	eg_err e;

	faults_init(&f, a);
	do {
		e = token_rotate(sv, a, &site.scope, &anna, id, 0, &f, out, text);
	} while (e == EG_BUSY);
	return e;
}

static void
rotate_many(struct service *sv, struct arena *a, int which)
{
	for (int i = 0; i < ROTATIONS; i++) {
		struct turn *turn = &notes->turns[which][i];
		struct token_row row;

		if (rotate_patiently(sv, a, &tokens[0].id, &row) != EG_OK)
			_exit(3);
		memcpy(turn->before, row.previous[0].issue, sizeof(turn->before));
		memcpy(turn->after, row.issue, sizeof(turn->after));
		arena_reset(a);
	}
}

/* The turn that began with this issue; NULL: none. Fails where there are two: then both worked on one state. */
static const struct turn *
turn_from(const uint8_t issue[EMBED_TOKEN_ISSUE_SIZE])
{
	const struct turn *found = NULL;

	for (int which = 0; which < RIVALS; which++) {
		for (int i = 0; i < ROTATIONS; i++) {
			if (memcmp(notes->turns[which][i].before, issue, EMBED_TOKEN_ISSUE_SIZE) != 0)
				continue;
			assert_null(found);
			found = &notes->turns[which][i];
		}
	}
	return found;
}

static void
rotations_form_one_chain(void **state)
{
	struct token_row last;
	const uint8_t *issue = tokens[0].issue;
	const struct turn *turn;
	size_t count = 0, total;

	in_processes(rotate_many);
	while ((turn = turn_from(issue)) != NULL) {
		issue = turn->after;
		count++;
	}
	assert_int_equal(count, RIVALS * ROTATIONS);
	assert_int_equal(token_get(&site.sv, site.arena, &site.scope, &tokens[0].id, &last), EG_OK);
	assert_memory_equal(last.issue, issue, sizeof(last.issue));
	site_last_activity(&site.scope, &tokens[0].id, &total);
	assert_int_equal(total, 1 + RIVALS * ROTATIONS);
}

static void
revoke_each(struct service *sv, struct arena *a)
{
	for (size_t i = 0; i < TOKENS; i++) {
		struct token_row row;

		do {
			notes->revoked[i] = token_revoke(sv, a, &site.scope, &anna, &tokens[i].id, &row);
		} while (notes->revoked[i] == EG_BUSY);
		arena_reset(a);
	}
}

/* Switch each token off and on until it is said to be revoked. */
static void
patch_each(struct service *sv, struct arena *a)
{
	for (size_t i = 0; i < TOKENS; i++) {
		struct token_patch patch = { .set_active = true };
		eg_err e = EG_OK;

		for (int tries = 0; tries < 10000 && (e == EG_OK || e == EG_BUSY); tries++) {
			struct token_row row;
			struct faults f;

			faults_init(&f, a);
			e = token_update(sv, a, &site.scope, &anna, &tokens[i].id, &patch, &f, &row);
			patch.is_active = !patch.is_active;
			notes->patched += e == EG_OK;
			notes->odd += e == EG_OK && row.revoked_at != 0;
			arena_reset(a);
		}
		notes->refused += e == EG_CONFLICT;
	}
}

static void
patch_against_revoke(struct service *sv, struct arena *a, int which)
{
	if (which == 0)
		patch_each(sv, a);
	else
		revoke_each(sv, a);
}

static void
revoked_stays_revoked(void **state)
{
	in_processes(patch_against_revoke);
	assert_int_equal(notes->refused, TOKENS);
	assert_true(notes->patched > 0);
	assert_int_equal(notes->odd, 0);
	for (size_t i = 0; i < TOKENS; i++) {
		struct token_row row;

		assert_int_equal(notes->revoked[i], EG_OK);
		assert_int_equal(token_get(&site.sv, site.arena, &site.scope, &tokens[i].id, &row), EG_OK);
		assert_int_equal(token_status(&row, clock_now_s()), TOKEN_REVOKED);
	}
}

static void
revoke_all(struct service *sv, struct arena *a, int which)
{
	size_t count;
	eg_err e;

	do {
		e = token_revoke_all(sv, a, &site.scope, &anna, &leaky.id, &count);
		notes->counts[which] += count;
	} while (e == EG_BUSY);
}

/* K28: each token is revoked once, and counted by who did it. */
static void
two_revoke_all(void **state)
{
	static struct token_row t[3 * TOKENS];
	size_t total;

	leaky = site_customer(&site.scope, "Leaky");
	for (size_t i = 0; i < EG_COUNT(t); i++)
		t[i] = site_token(&leaky, "Leaked");
	in_processes(revoke_all);
	assert_int_equal(notes->counts[0] + notes->counts[1], EG_COUNT(t));
	for (size_t i = 0; i < EG_COUNT(t); i++) {
		assert_memory_equal(site_last_activity(&site.scope, &t[i].id, &total), "embed_token.revoke|",
		    strlen("embed_token.revoke|"));
		assert_int_equal(total, 2);
	}
}

static int
setup(void **state)
{
	struct customer_row customer;

	site_setup(state);
	customer = site_customer(&site.scope, "Acme");
	for (size_t i = 0; i < TOKENS; i++)
		tokens[i] = site_token(&customer, "Contested");
	notes = mmap(NULL, sizeof(*notes), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return notes == MAP_FAILED ? -1 : 0;
}

static int
teardown(void **state)
{
	munmap(notes, sizeof(*notes));
	return site_teardown(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(rotations_form_one_chain, site_each),
		cmocka_unit_test_setup(revoked_stays_revoked, site_each),
		cmocka_unit_test_setup(two_revoke_all, site_each),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
