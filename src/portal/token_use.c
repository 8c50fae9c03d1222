/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "portal/token_use.h"

#include <string.h>

const struct token_use token_uses[] = {
	{
		.value = "dashboard", .title = "Dashboard",
		.about = "This customer’s charts and figures on a website: by iframe, script or web component.",
		.can = "show this customer’s dashboard.",
		.cannot = "change anything, or show another customer.",
		.permissions = PERM_DASHBOARD_READ, .feature = FEATURE_ANALYTICS,
		.feature_off = "The Analytics feature of this customer is off: the dashboard stays closed until it is on.",
		.label = "Website", .first_snippet = "iframe",
	},
	{
		.value = "api", .title = "API",
		.about = "Your app or server reads this customer’s data by header. For a mobile app, keep the token in its "
		"backend.",
		.can = "read all of this customer’s embed data as JSON.",
		.cannot = "change anything, or read another customer’s data.",
		.permissions = PERM_API_READ, .feature = FEATURE_API,
		.feature_off = "The API feature of this customer is off: requests are refused until it is on.",
		.label = "App", .first_snippet = "header",
	},
	{ 0 },
};

const struct token_use *
token_use_find(const char *value)
{
	for (const struct token_use *u = token_uses; u->value != NULL; u++)
		if (strcmp(u->value, value) == 0)
			return u;
	return NULL;
}

const char *
token_use_word(const struct token_row *t)
{
	if (!uuid_is_nil(&t->event_id))
		return "Event";
	if (t->agent_number != 0)
		return "Agent";
	for (const struct token_use *u = token_uses; u->value != NULL; u++)
		if (t->permissions == u->permissions)
			return u->title;
	return "All widgets";
}

const char *
token_use_snippet(const struct token_row *t)
{
	return t->permissions == PERM_API_READ ? "header" : "iframe";
}

json_object *
token_use_views(struct arena *a, const struct customer_row *c, const char *selected)
{
	json_object *list = json_new_array(a);

	for (const struct token_use *u = token_uses; u->value != NULL; u++) {
		json_object *o = json_new_object(a);
		json_add_str(o, "value", u->value);
		json_add_str(o, "title", u->title);
		json_add_str(o, "about", u->about);
		json_add_str(o, "can", u->can);
		json_add_str(o, "cannot", u->cannot);
		json_add_str(o, "feature_off", (c->features & u->feature) == 0 ? u->feature_off : NULL);
		json_add_bool(o, "selected", strcmp(u->value, selected) == 0);
		json_push_object(list, o);
	}
	return list;
}
