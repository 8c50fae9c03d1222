/* SPDX-License-Identifier: GPL-3.0-or-later */
/* T17: where somebody is sent after signing in is always a page of the portal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "portal/sign_in.h"

static const char *const ours[] = {
	"/portal/",
	"/portal/customers",
	"/portal/customers/0199a5c2-7a10-7000-8000-0000000000aa/embed-urls",
	"/portal/customers?q=a%20b&page=2",
	"/portal/customers?",
};

static const char *const not_ours[] = {
	"", "/", "portal/", "/portal", "/portals/", "//portal/", "/\\portal/",
	"https://evil.example/portal/", "//evil.example/portal/", "javascript:alert(1)",
	"/portal/../evil", "/portal/./x", "/portal/%2e%2e/evil", "/portal/x\\y", "/portal/x y", "/portal/x\r\nX: y",
	"/portal/x\ty", "/portal/\xc3\xa9", "/portal/x#y", "/portal/x?y#z", "/portal/x?a b", "/portal/x?\r\n", "/portal/x?a\\b",
	"/portal/x?<", "/portal/x?\"", "/portal/@evil.example", "/portal/:80", "/portal/;x", " /portal/",
	"/portal/x?\x7f", "/portal/x?\xc3\xa9",
};

static void
pages_of_the_portal_are_kept(void **state)
{
	for (size_t i = 0; i < EG_COUNT(ours); i++)
		if (!sign_in_is_next(ours[i]))
			fail_msg("%s", ours[i]);
}

static void
anything_else_is_not(void **state)
{
	for (size_t i = 0; i < EG_COUNT(not_ours); i++)
		if (sign_in_is_next(not_ours[i]))
			fail_msg("%s", not_ours[i]);
}

static void
length_is_bounded(void **state)
{
	char text[514];

	memset(text, 'a', sizeof(text));
	memcpy(text, "/portal/", 8);
	text[512] = '\0';
	assert_true(sign_in_is_next(text));
	text[512] = 'a';
	text[513] = '\0';
	assert_false(sign_in_is_next(text));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_of_the_portal_are_kept),
		cmocka_unit_test(anything_else_is_not),
		cmocka_unit_test(length_is_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
