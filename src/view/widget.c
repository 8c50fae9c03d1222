/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "view/widget.h"

#include "model/permission.h"

static const struct widget_info widgets[] = {
	{ "dashboard", PERM_DASHBOARD_READ },
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
