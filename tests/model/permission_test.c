/* SPDX-License-Identifier: GPL-3.0-or-later */
/* permission: names and bits of permissions and features (K12, K30, K31, K34). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/permission.h"

static int
setup(void **state)
{
	*state = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static json_object *
parse(struct arena *a, const char *text)
{
	json_object *o;

	assert_int_equal(json_parse_strict(a, text, strlen(text), &o, NULL), EG_OK);
	return o;
}

static void
each_name_is_its_bit(void **state)
{
	static const struct {
		const char *name, *feature;
	} cases[] = {
		{ "dashboard:read", "analytics" }, { "events:read", "events" }, { "events:register", "events" },
		{ "agents:read", "agents" }, { "api:read", "api" },
	};
	unsigned all = 0;

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		unsigned bit = permission_by_name(cases[i].name);

		assert_string_equal(permission_name(bit), cases[i].name);
		assert_string_equal(feature_name(permission_feature(bit)), cases[i].feature);
		assert_int_equal(feature_by_name(cases[i].feature), permission_feature(bit));
		assert_false(all & bit);
		all |= bit;
	}
	assert_int_equal(all, PERM_ALL);
	assert_int_equal(feature_by_name("embed"), FEATURE_EMBED);
	assert_int_equal(permission_by_name("dashboard"), 0);
	assert_int_equal(permission_by_name(""), 0);
	assert_int_equal(feature_by_name("Embed"), 0);
	assert_null(permission_name(0));
	assert_null(feature_name(3));
}

static void
arrays(void **state)
{
	struct faults f;

	faults_init(&f, *state);
	assert_string_equal(json_text(*state, permission_array(*state, PERM_ALL), NULL),
	    "[\"dashboard:read\",\"events:read\",\"events:register\",\"agents:read\",\"api:read\"]");
	assert_string_equal(json_text(*state, feature_array(*state, FEATURE_API | FEATURE_EMBED), NULL),
	    "[\"embed\",\"api\"]");
	assert_int_equal(permission_parse(parse(*state, "[\"api:read\",\"events:read\",\"api:read\"]"), "permissions", &f),
	    PERM_API_READ | PERM_EVENTS_READ);
	assert_int_equal(permission_parse(parse(*state, "[]"), "permissions", &f), 0);
	assert_int_equal(f.count, 0);
	permission_parse(parse(*state, "[\"api:read\",\"api:write\",5]"), "permissions", &f);
	assert_int_equal(f.count, 2);
	assert_string_equal(f.first->field, "permissions[1]");
	assert_non_null(strstr(f.first->message, "events:register"));
	assert_string_equal(f.first->next->field, "permissions[2]");
	permission_parse(parse(*state, "\"api:read\""), "permissions", &f);
	assert_int_equal(f.count, 3);
}

static void
feature_switches(void **state)
{
	static const struct {
		const char *text;
		unsigned before, after;
	} cases[] = {
		{ "[\"embed\"]", FEATURE_ALL, FEATURE_EMBED },
		{ "[]", FEATURE_ALL, 0 },
		{ "{\"embed\":false,\"api\":true}", FEATURE_EMBED | FEATURE_EVENTS, FEATURE_EVENTS | FEATURE_API },
		{ "{}", FEATURE_EVENTS, FEATURE_EVENTS },
	};
	struct feature_switches s;
	struct faults f;

	faults_init(&f, *state);
	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		s = feature_parse(parse(*state, cases[i].text), "features", &f);
		assert_int_equal(feature_switched(cases[i].before, &s), cases[i].after);
	}
	assert_int_equal(f.count, 0);
	feature_parse(parse(*state, "{\"embeds\":true,\"api\":1}"), "features", &f);
	assert_int_equal(f.count, 2);
	assert_string_equal(f.first->field, "features.embeds");
	assert_string_equal(f.first->next->field, "features.api");
	s = feature_parse(parse(*state, "true"), "features", &f);
	assert_int_equal(feature_switched(FEATURE_EVENTS, &s), FEATURE_EVENTS);
	assert_int_equal(f.count, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_name_is_its_bit),
		cmocka_unit_test(arrays),
		cmocka_unit_test(feature_switches),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
