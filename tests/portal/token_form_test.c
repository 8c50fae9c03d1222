/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fields of Create and Change: K7 (label), K11 and K27 (expiry), K33 (allowed sites). No store is needed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "portal/token_form.h"

#define NOW 1795168800          /* 2026-11-20T10:00:00Z, in the middle of a day */
#define DAY 86400
#define KEPT 1800000000

struct fixture {
	struct arena *arena;
	struct service sv;
	struct rq rq;
};

static void
send(struct fixture *fx, const char *name, const char *value)
{
	fx->rq.form_params[fx->rq.form_count++] = (struct param){ .name = name, .value = value };
}

/* The form as sent, understood. */
static struct token_form
check(struct fixture *fx)
{
	struct token_form form;

	faults_init(&fx->rq.faults, fx->arena);
	token_form_read(&fx->rq, &form);
	token_form_check(&fx->rq, &form, KEPT, &fx->rq.faults);
	return form;
}

static bool
has_fault(const struct fixture *fx, const char *field)
{
	for (const struct fault *f = fx->rq.faults.first; f != NULL; f = f->next)
		if (strcmp(f->field, field) == 0)
			return true;
	return false;
}

static const struct {
	const char *name;
	const char *sites;
	bool any_site;
	const char *want;       /* space separated; NULL: a fault of the field */
} sites[] = {
	{ "one", "acme.com", false, "https://acme.com" },
	{ "lines, commas and blanks", " acme.com,\r\n*.ACME.com\thttps://shop.acme.com:8443/x?y ", false,
	  "https://acme.com https://*.acme.com https://shop.acme.com:8443" },
	{ "each once", "acme.com\nhttps://ACME.com/\nacme.com:443", false, "https://acme.com" },
	{ "international", "m\xc3\xbcller.example", false, "https://xn--mller-kva.example" },
	{ "any site, said so", "", true, "" },
	{ "any site, not said", "", false, NULL },
	{ "blanks are nothing", " \r\n , ", false, NULL },
	{ "both", "acme.com", true, NULL },
	{ "another scheme", "ftp://acme.com", false, NULL },
	{ "one of two is wrong", "acme.com\n*.com", false, NULL },
};

static void
sites_are_normalised(void **state)
{
	for (size_t i = 0; i < EG_COUNT(sites); i++) {
		struct fixture *fx = *state;
		struct buf got;

		fx->rq.form_count = 0;
		send(fx, "expiry", "never");
		send(fx, "sites", sites[i].sites);
		if (sites[i].any_site)
			send(fx, "any_site", "yes");
		struct token_form form = check(fx);
		if (has_fault(fx, "sites") != (sites[i].want == NULL))
			fail_msg("%s: fault expected: %d", sites[i].name, sites[i].want == NULL);
		if (sites[i].want == NULL)
			continue;
		buf_init(&got, fx->arena, 64);
		for (size_t n = 0; n < json_object_array_length(form.origins); n++)
			buf_printf(&got, "%s%s", n > 0 ? " " : "",
			    json_object_get_string(json_object_array_get_idx(form.origins, n)));
		assert_string_equal(got.data, sites[i].want);
	}
}

static void
where_sites_are_required_none_is_a_fault(void **state)
{
	struct fixture *fx = *state;

	fx->sv.config.require_origins = true;
	fx->rq.form_count = 0;
	send(fx, "any_site", "yes");
	send(fx, "expiry", "never");
	check(fx);
	assert_true(has_fault(fx, "sites"));
}

static void
what_was_typed_is_named_in_the_fault(void **state)
{
	struct fixture *fx = *state;

	fx->rq.form_count = 0;
	send(fx, "sites", "acme.com ftp://x");
	send(fx, "expiry", "never");
	check(fx);
	assert_int_equal(fx->rq.faults.count, 1);
	assert_non_null(strstr(fx->rq.faults.first->message, "“ftp://x”"));
}

static const struct {
	const char *expiry, *date;
	int64_t want;           /* -1: a fault */
} expiries[] = {
	{ "30", "", NOW + 30 * DAY },
	{ "90", "", NOW + 90 * DAY },
	{ "365", "", NOW + 365 * DAY },
	{ "never", "", 0 },
	{ "keep", "", KEPT },
	{ "date", "2026-11-20", 1795219200 },   /* today: till midnight */
	{ "date", "2026-11-19", -1 },
	{ "date", "2027-02-28", 1803859200 },
	{ "date", "2027-02-29", -1 },
	{ "date", "", -1 },
	{ "date", "tomorrow", -1 },
	{ "date", "2026-11-20T10:00:00Z", -1 },
	{ "", "", -1 },
	{ "31", "", -1 },
};

static void
expiry_is_a_choice_or_the_last_day(void **state)
{
	for (size_t i = 0; i < EG_COUNT(expiries); i++) {
		struct fixture *fx = *state;

		fx->rq.form_count = 0;
		send(fx, "any_site", "yes");
		send(fx, "expiry", expiries[i].expiry);
		send(fx, "date", expiries[i].date);
		struct token_form form = check(fx);
		assert_int_equal(has_fault(fx, "date"), expiries[i].want < 0);
		if (expiries[i].want >= 0)
			assert_int_equal(form.expires_at, expiries[i].want);
	}
}

static void
a_form_of_a_token_says_what_it_is(void **state)
{
	static const char *const origins[] = { "https://acme.com", "https://*.acme.com" };
	const struct token_row t = { .name = "Website", .origins = origins, .origin_count = 2, .expires_at = KEPT };
	struct fixture *fx = *state;
	struct token_form form;

	token_form_of(&fx->rq, &t, &form);
	assert_string_equal(form.sites, "https://acme.com\nhttps://*.acme.com\n");
	assert_false(form.any_site);
	token_form_check(&fx->rq, &form, t.expires_at, &fx->rq.faults);
	assert_int_equal(fx->rq.faults.count, 0);
	assert_int_equal(form.expires_at, KEPT);
}

static int
up(void **state)
{
	static struct fixture fx;

	memset(&fx, 0, sizeof(fx));
	fx.arena = arena_new();
	fx.rq = (struct rq){ .sv = &fx.sv, .arena = fx.arena, .now_s = NOW };
	faults_init(&fx.rq.faults, fx.arena);
	*state = &fx;
	return 0;
}

static int
down(void **state)
{
	arena_free(((struct fixture *)*state)->arena);
	return 0;
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, up, down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sites_are_normalised),
		TEST(where_sites_are_required_none_is_a_fault),
		TEST(what_was_typed_is_named_in_the_fault),
		TEST(expiry_is_a_choice_or_the_last_day),
		TEST(a_form_of_a_token_says_what_it_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
