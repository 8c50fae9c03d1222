/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A5, A13 to A16, E16 to E18, K14 to K16: what integrators paste, to the letter. */
#include <string.h>

#include "in_arena.h"

#include "view/snippets.h"

#define ID "0199a5c2-7a10-7000-8000-0000000000aa"
#define EVENT "0199a5c2-7a10-7000-8000-0000000000ee"

static const struct config one_host = { .public_url = "https://eg.example", .embed_url = "https://eg.example" };
static const struct config two_hosts = { .public_url = "https://eg.example/app", .embed_url = "https://embed.example" };

static struct token_row
token_of(const char *event_id, int64_t agent_number)
{
	struct token_row t = { .agent_number = agent_number, .agent_id = { { (uint8_t)agent_number } } };

	assert_int_equal(uuid_parse(ID, UUID_TEXT_LEN, &t.id), EG_OK);
	if (event_id != NULL)
		assert_int_equal(uuid_parse(event_id, UUID_TEXT_LEN, &t.event_id), EG_OK);
	return t;
}

static struct snippets
snippets_of(const struct token_row *t)
{
	return (struct snippets){ .config = &one_host, .token = t, .slug = "acme", .customer_name = "Acme",
		.emb = "emb_x", .emu = "emu_y" };
}

static void
assert_snippet(json_object *v, const char *name, const char *want)
{
	assert_string_equal(json_get_str(v, name), want);
}

static void
the_four_ways_of_a_dashboard(void **state)
{
	struct token_row t = token_of(NULL, 0);
	struct snippets s = snippets_of(&t);
	json_object *v = snippets_view(*state, &s);

	assert_snippet(v, "iframe",
	    "<iframe src=\"https://eg.example/e/" ID "#emu_y\"\n"
	    "  title=\"Dashboard for Acme\"\n"
	    "  width=\"100%\" height=\"640\" loading=\"lazy\" frameborder=\"0\"\n"
	    "  referrerpolicy=\"strict-origin\"\n"
	    "  sandbox=\"allow-scripts allow-same-origin allow-forms allow-popups\"></iframe>");
	assert_snippet(v, "script",
	    "<div id=\"answering-agent\" data-token=\"emb_x\"\n"
	    "  data-api-url=\"https://eg.example\"></div>\n"
	    "<script src=\"https://eg.example/embed.js\"></script>");
	assert_snippet(v, "web_component",
	    "<script src=\"https://eg.example/embed/v1/loader.js\" async></script>\n"
	    "<acme-dashboard token=\"emb_x\"></acme-dashboard>");
	assert_snippet(v, "header",
	    "curl -H \"Authorization: Bearer emb_x\" \\\n"
	    "  https://eg.example/api/v1/embed/me");
	assert_string_equal(snippets_url(*state, &s), "https://eg.example/e/" ID "#emu_y");
	assert_string_equal(snippets_legacy_url(*state, &s), "https://eg.example/dashboard.html?token=emu_y");
}

static void
the_subject_names_the_widget(void **state)
{
	struct token_row event = token_of(EVENT, 0), agent = token_of(NULL, 7);
	struct snippets of_event = snippets_of(&event), of_agent = snippets_of(&agent);

	assert_non_null(strstr(json_get_str(snippets_view(*state, &of_event), "web_component"),
	    "<acme-schedule event-id=\"" EVENT "\" token=\"emb_x\"></acme-schedule>"));
	assert_non_null(strstr(json_get_str(snippets_view(*state, &of_event), "script"), " data-widget=\"schedule\""));
	assert_non_null(strstr(json_get_str(snippets_view(*state, &of_event), "iframe"), "title=\"Schedule for Acme\""));
	assert_non_null(strstr(json_get_str(snippets_view(*state, &of_agent), "web_component"),
	    "<acme-agent agent-id=\"7\" token=\"emb_x\"></acme-agent>"));
	assert_non_null(strstr(json_get_str(snippets_view(*state, &of_agent), "script"), " data-widget=\"agent\""));
}

static void
without_a_token_a_placeholder_stands_there(void **state)
{
	struct token_row t = token_of(NULL, 0);
	struct snippets s = snippets_of(&t);

	s.emb = s.emu = NULL;
	json_object *v = snippets_view(*state, &s);
	assert_non_null(strstr(json_get_str(v, "script"), "data-token=\"YOUR_TOKEN\""));
	assert_non_null(strstr(json_get_str(v, "web_component"), " token=\"YOUR_TOKEN\""));
	assert_non_null(strstr(json_get_str(v, "header"), "Bearer YOUR_TOKEN\""));
	assert_non_null(strstr(json_get_str(v, "iframe"), "#YOUR_URL_TOKEN\""));
}

static void
embeds_on_a_host_of_their_own_are_told_where_the_api_is(void **state)
{
	struct token_row t = token_of(NULL, 0);
	struct snippets s = snippets_of(&t);

	s.config = &two_hosts;
	json_object *v = snippets_view(*state, &s);
	assert_non_null(strstr(json_get_str(v, "iframe"), "src=\"https://embed.example/e/" ID "#"));
	assert_non_null(strstr(json_get_str(v, "script"), "src=\"https://embed.example/embed.js\""));
	assert_non_null(strstr(json_get_str(v, "script"), "data-api-url=\"https://eg.example/app\""));
	assert_non_null(strstr(json_get_str(v, "web_component"), "data-api-url=\"https://eg.example/app\""));
	assert_non_null(strstr(json_get_str(v, "header"), "https://eg.example/app/api/v1/embed/me"));
}

static void
names_cannot_leave_their_attribute(void **state)
{
	struct token_row t = token_of(NULL, 0);
	struct snippets s = snippets_of(&t);

	s.customer_name = "\"><script>alert('x')</script>&";
	const char *iframe = json_get_str(snippets_view(*state, &s), "iframe");
	assert_null(strstr(iframe, "<script"));
	assert_null(strstr(iframe, "\">&"));
	assert_non_null(strstr(iframe, "title=\"Dashboard for &quot;&gt;&lt;script&gt;"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_ARENA(the_four_ways_of_a_dashboard),
		IN_ARENA(the_subject_names_the_widget),
		IN_ARENA(without_a_token_a_placeholder_stands_there),
		IN_ARENA(embeds_on_a_host_of_their_own_are_told_where_the_api_is),
		IN_ARENA(names_cannot_leave_their_attribute),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
