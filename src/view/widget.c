/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "view/widget.h"

static const struct widget_info widgets[] = {
	{ "dashboard", PERM_DASHBOARD_READ },
	{ "agent", PERM_AGENTS_READ },
};

const struct widget_info *
widget_at(size_t i)
{
	return i < EG_COUNT(widgets) ? &widgets[i] : NULL;
}

json_object *
widget_array(struct arena *a, unsigned permissions)
{
	json_object *array = json_new_array(a);

	for (size_t i = 0; i < EG_COUNT(widgets); i++) {
		if (permissions & widgets[i].permission)
			json_push_str(array, widgets[i].name);
	}
	return array;
}

const char *
widget_of_token(const struct token_row *t)
{
	if (!uuid_is_nil(&t->event_id))
		return "schedule";
	if (!uuid_is_nil(&t->agent_id))
		return "agent";
	for (size_t i = 0; i < EG_COUNT(widgets); i++) {
		if (t->permissions & widgets[i].permission)
			return widgets[i].name;
	}
	return "dashboard";
}
