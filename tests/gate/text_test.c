/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is told from a text alone: kinds of credentials, addresses, browsers, origins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "gate/check.h"

static const struct {
	const char *text;
	enum gate_text_kind kind;
} kinds[] = {
	{ NULL, GATE_TEXT_EMPTY },
	{ "", GATE_TEXT_EMPTY },
	{ "emb_", GATE_TEXT_EMB },
	{ "emb_AbC", GATE_TEXT_EMB },
	{ "emu_AbC", GATE_TEXT_EMU },
	{ "egp_AbC", GATE_TEXT_API_KEY },
	{ "egc_AbC", GATE_TEXT_API_KEY },
	{ "egr_AbC", GATE_TEXT_API_KEY },
	{ "egw_AbC", GATE_TEXT_API_KEY },
	{ "egx_AbC", GATE_TEXT_OTHER },
	{ "emb", GATE_TEXT_OTHER },
	{ "EMB_AbC", GATE_TEXT_OTHER },
	{ " emb_AbC", GATE_TEXT_OTHER },
	{ "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.sig", GATE_TEXT_JWT },
	{ "eyJhbGciOiJub25lIn0.e30.", GATE_TEXT_JWT },          /* alg none is a session that is not valid */
	{ "eyJhbGciOiJIUzI1NiJ9.e30", GATE_TEXT_OTHER },
	{ "eyJ.a.b.c", GATE_TEXT_OTHER },
	{ "a.b.c", GATE_TEXT_OTHER },
	{ "hello", GATE_TEXT_OTHER },
};

static void
credentials_are_told_apart_by_how_they_begin(void **state)
{
	for (size_t i = 0; i < EG_COUNT(kinds); i++)
		assert_int_equal(gate_text_kind(kinds[i].text, kinds[i].text == NULL ? 0 : strlen(kinds[i].text)), kinds[i].kind);
	assert_int_equal(gate_text_kind("emb_", 3), GATE_TEXT_OTHER);
	assert_int_equal(gate_text_kind("emb_x", 0), GATE_TEXT_EMPTY);
}

static const struct {
	const char *address, *cut;
} cuts[] = {
	{ "203.0.113.7", "203.0.113.0" },
	{ "203.0.113.255", "203.0.113.0" },
	{ "127.0.0.1", "127.0.0.0" },
	{ "::ffff:203.0.113.7", "203.0.113.0" },
	{ "2001:db8:1:2:3:4:5:6", "2001:db8:1::" },
	{ "2001:db8:1:ffff::", "2001:db8:1::" },
	{ "::1", "::" },
	{ "203.0.113", "" },
	{ "203.0.113.7:80", "" },
	{ "somewhere", "" },
	{ "", "" },
	{ NULL, "" },
};

static void
addresses_are_kept_without_their_end(void **state)
{
	struct arena *a = arena_new();

	for (size_t i = 0; i < EG_COUNT(cuts); i++)
		assert_string_equal(gate_cut_address(a, cuts[i].address), cuts[i].cut);
	arena_free(a);
}

static const struct {
	const char *one, *other;
	bool same;
} buckets[] = {
	{ "203.0.113.7", "203.0.113.7", true },
	{ "203.0.113.7", "203.0.113.8", false },
	{ "203.0.113.7", "::ffff:203.0.113.7", true },
	{ "2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true },       /* one client has a /64 */
	{ "2001:db8:1:2::1", "2001:db8:1:3::1", false },
	{ "2001:db8:1:2::1", "32.1.13.184", false },
	{ "unix:", "unix:", true },
	{ NULL, "", true },
	{ NULL, "203.0.113.7", false },
};

static void
a_client_has_one_bucket(void **state)
{
	for (size_t i = 0; i < EG_COUNT(buckets); i++) {
		uint8_t x[GATE_BUCKET_SIZE], y[GATE_BUCKET_SIZE];
		size_t nx = gate_address_bucket(buckets[i].one, x), ny = gate_address_bucket(buckets[i].other, y);

		assert_int_equal(nx == ny && memcmp(x, y, nx) == 0, buckets[i].same);
	}
}

static void
a_long_address_fits_its_bucket(void **state)
{
	char text[200];
	uint8_t out[GATE_BUCKET_SIZE + 1];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	out[GATE_BUCKET_SIZE] = 0x5a;
	assert_int_equal(gate_address_bucket(text, out), GATE_BUCKET_SIZE);
	assert_int_equal(out[GATE_BUCKET_SIZE], 0x5a);
}

static const struct {
	const char *agent, *family;
} browsers[] = {
	{ "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36", "Chrome" },
	{ "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0", "Edge" },
	{ "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15", "Safari" },
	{ "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/130.0 Mobile/15E148 Safari/604.1", "Chrome" },
	{ "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", "Firefox" },
	{ "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html) Chrome/130.0 Safari/537.36", "bot" },
	{ "curl/8.5.0", "curl" },
	{ "node", "other" },
	{ "", "other" },
	{ NULL, "other" },
};

static void
browsers_are_kept_as_families(void **state)
{
	for (size_t i = 0; i < EG_COUNT(browsers); i++)
		assert_string_equal(gate_browser(browsers[i].agent), browsers[i].family);
}

static const struct {
	const char *origin, *kept;
} origins[] = {
	{ "https://acme.example", "https://acme.example" },
	{ "https://acme.example:8443", "https://acme.example:8443" },
	{ "http://[::1]:8080", "http://[::1]:8080" },
	{ "null", "null" },
	{ "https://acme.example <script>", "invalid" },
	{ "https://acme.example\"", "invalid" },
	{ "https://\xc3\xa4.example", "invalid" },
	{ "a\x01" "b", "invalid" },
	{ "a\x7f", "invalid" },
	{ "", "invalid" },
	{ NULL, NULL },
};

static void
only_what_a_browser_sends_is_kept_of_an_origin(void **state)
{
	for (size_t i = 0; i < EG_COUNT(origins); i++) {
		if (origins[i].kept == NULL)
			assert_null(gate_origin_kept(origins[i].origin));
		else
			assert_string_equal(gate_origin_kept(origins[i].origin), origins[i].kept);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(credentials_are_told_apart_by_how_they_begin),
		cmocka_unit_test(addresses_are_kept_without_their_end),
		cmocka_unit_test(a_client_has_one_bucket),
		cmocka_unit_test(a_long_address_fits_its_bucket),
		cmocka_unit_test(browsers_are_kept_as_families),
		cmocka_unit_test(only_what_a_browser_sends_is_kept_of_an_origin),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
