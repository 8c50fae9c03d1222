/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Testing a pasted token: what is found in a paste, and who is told what of whose token. K32, K33, T7. */
#include "world.h"

#include "gate/tester.h"

#define ID "0199a5c2-7a10-7000-8000-0000000000aa"
#define EMB "emb_AbC-_9"

static const struct {
	const char *name, *text, *token, *token_id;
} pasted[] = {
	{ "a token", EMB, EMB, NULL },
	{ "white space around it", " \n\t" EMB "\r\n ", EMB, NULL },
	{ "white space within it stays for the check", "emb_ AbC", "emb_", NULL },
	{ "what is no token stays as it is", "hello", "hello", NULL },
	{ "words", "no token in here", "no token in here", NULL },
	{ "a session", "eyJ.e30.x", "eyJ.e30.x", NULL },
	{ "an embed URL", "https://x.example/e/" ID "#emu_A", "emu_A", ID },
	{ "... below a path", "https://x.example/base/e/" ID "#emu_A", "emu_A", ID },
	{ "... whose /e/ is in the fragment", "https://x.example/y#/e/z", "/e/z", NULL },
	{ "a query", "https://x.example/dashboard.html?token=" EMB, EMB, NULL },
	{ "... not the first of it", "https://x.example/d?a=token=b&token=" EMB "&b=c#token=no", EMB, NULL },
	{ "an iframe", "<iframe src=\"https://x.example/e/" ID "#emu_A\"\n title=\"Acme\">", "emu_A", ID },
	{ "a script embed", "<div id=\"answering-agent\" data-token=\"" EMB "\" data-api-url=\"https://x.example\"></div>\n"
	    "<script src=\"https://x.example/embed.js\"></script>", EMB, NULL },
	{ "a header line", "Authorization: Bearer " EMB, EMB, NULL },
	{ "a curl line", "curl -H 'X-API-Key: egp_AbC' https://x.example/api/v1/users", "egp_AbC", NULL },
	{ "a token is not begun within a word", "my_emb_x is here: " EMB, EMB, NULL },
};

static void
the_token_in_a_paste_is_found(void **state)
{
	struct arena *a = arena_new();

	for (size_t i = 0; i < EG_COUNT(pasted); i++) {
		struct tester_pasted found;
		const char *why;

		print_message("  %s\n", pasted[i].name);
		assert_int_equal(tester_take_apart(a, pasted[i].text, strlen(pasted[i].text), &found, &why), EG_OK);
		assert_string_equal(found.token, pasted[i].token);
		if (pasted[i].token_id == NULL)
			assert_null(found.token_id);
		else
			assert_string_equal(found.token_id, pasted[i].token_id);
	}
	arena_free(a);
}

static void
a_paste_without_a_token_says_so(void **state)
{
	static const char *const texts[] = { "", " \n", "https://x.example/dashboard.html?theme=dark", "https://x.example/e/" ID "#",
		"https://x.example/?token=", "http://" };
	char novel[TESTER_PASTED_MAX + 1];
	struct arena *a = arena_new();
	struct tester_pasted found;
	const char *why;

	for (size_t i = 0; i < EG_COUNT(texts); i++) {
		assert_int_equal(tester_take_apart(a, texts[i], strlen(texts[i]), &found, &why), EG_INVALID);
		assert_non_null(why);
	}
	memset(novel, 'x', sizeof(novel));
	assert_int_equal(tester_take_apart(a, novel, sizeof(novel), &found, &why), EG_INVALID);
	assert_int_equal(tester_take_apart(a, novel, sizeof(novel) - 1, &found, &why), EG_OK);
	arena_free(a);
}

static void
test(struct world *w, const struct scope *scope, const char *text, struct gate_answer *out)
{
	const struct gate_ask ask = { .text = text, .len = strlen(text), .place = GATE_TESTER, .now_s = w->now };

	tester_run(&w->sv, w->a, scope, &ask, out);
}

static void
another_tenants_token_is_told_like_a_forged_one(void **state)
{
	struct world *w = *state;
	const struct scope foreign = { .partner_id = w->other_partner.id }, everybody = { 0 };
	const struct scope sibling = { .partner_id = w->partner.id, .customer_id = w->other_customer.id };
	struct made_token t = world_token(w, &w->customer, NULL, 0, 0);
	static const struct uuid nil;
	struct gate_answer a, b;

	test(w, &w->scope, t.emb, &a);
	assert_verdict("its own partner", &a, VERDICT_OK);
	test(w, &everybody, t.emb, &a);
	assert_verdict("the operator", &a, VERDICT_OK);

	const struct scope *strangers[] = { &foreign, &sibling };
	for (size_t i = 0; i < EG_COUNT(strangers); i++) {
		test(w, strangers[i], t.emb, &a);
		test(w, strangers[i], forged(w, t.emb, 1), &b);
		assert_verdict("a stranger", &a, VERDICT_INVALID_TOKEN);
		assert_string_equal(steps_text(w, &a), steps_text(w, &b));
		assert_false(a.secret_verified);
		assert_true(uuid_equal(&a.id.token.id, &nil));
		assert_null(a.id.customer.name);
	}

	/* Also where more than one check would fail. */
	struct token_row row;
	assert_int_equal(token_revoke(&w->sv, w->a, &w->scope, &w->who, &t.row.id, &row), EG_OK);
	test(w, &foreign, t.emb, &a);
	assert_verdict("revoked, a stranger", &a, VERDICT_INVALID_TOKEN);
	test(w, &w->scope, t.emb, &a);
	assert_verdict("revoked", &a, VERDICT_TOKEN_REVOKED);
}

static void
every_check_has_its_words_in_its_place(void **state)
{
	struct world *w = *state;
	struct made_token t = world_token(w, &w->customer, NULL, 0, 0);
	struct gate_answer out;

	test(w, &w->scope, t.emb, &out);
	for (size_t i = 0; i < out.step_count; i++) {
		assert_string_equal(out.steps[i].check, tester_check(i));
		assert_string_not_equal(tester_question(out.steps[i].check), out.steps[i].check);
	}
	assert_null(tester_check(out.step_count));
}

static void
the_view_tells_checks_codes_and_fixes(void **state)
{
	struct world *w = *state;
	struct made_token t = world_token(w, &w->customer, NULL, 0, 0);
	struct gate_answer out;
	json_object *view, *checks, *last;

	test(w, &w->scope, spoiled(w, t.emb, 20), &out);
	view = tester_view(w->a, &out);
	checks = json_get_array(view, "checks");
	last = json_object_array_get_idx(checks, 1);
	assert_string_equal(json_get_str(view, "verdict"), "token_malformed");
	assert_int_equal(json_object_array_length(checks), 2);
	assert_true(json_get_bool(json_object_array_get_idx(checks, 0), "ok", false));
	assert_string_equal(json_get_str(last, "check"), "checksum");
	assert_string_equal(json_get_str(last, "code"), "token_malformed");
	assert_non_null(json_get_str(last, "fix"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_token_in_a_paste_is_found),
		cmocka_unit_test(a_paste_without_a_token_says_so),
		WORLD(another_tenants_token_is_told_like_a_forged_one),
		WORLD(every_check_has_its_words_in_its_place),
		WORLD(the_view_tells_checks_codes_and_fixes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
