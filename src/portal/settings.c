/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "portal/settings.h"

#include "portal/handlers.h"

static const struct {
	enum settings_tab tab;
	const char *path;
	const char *label;
} tabs[] = {
	{ SETTINGS_API_KEYS, "/portal/settings/api-keys", "API Keys" },
};

bool
settings_may(const struct rq *rq)
{
	const struct user_row *u = &rq->id.user;

	return u->role == USER_OWNER || (u->role == USER_ADMIN && u->may_settings);
}

eg_err
settings_page(struct rq *rq, const char *title, enum settings_tab tab, enum settings_tab under, json_object **out)
{
	EG_TRY(page_new(rq, title, PAGE_SETTINGS, out));
	if (tab == SETTINGS_NO_TAB)
		page_add_link(rq, *out, "crumbs", PAGE_SETTINGS, "Settings", false);
	for (size_t i = 0; i < EG_COUNT(tabs); i++) {
		if (tab != SETTINGS_NO_TAB)
			page_add_link(rq, *out, "tabs", tabs[i].path, tabs[i].label, tabs[i].tab == tab);
		else if (tabs[i].tab == under)
			page_add_link(rq, *out, "crumbs", tabs[i].path, tabs[i].label, false);
	}
	return EG_OK;
}

eg_err
settings_ask(struct rq *rq, struct resp *rs, enum settings_tab tab, const char *what)
{
	json_object *view, *owners = json_new_array(rq->arena);
	struct user_row *users;
	size_t count;

	EG_TRY(user_list(rq->sv, rq->arena, &rq->id.scope, &users, &count));
	EG_TRY(settings_page(rq, what, tab, SETTINGS_NO_TAB, &view));
	for (size_t i = 0; i < count; i++)
		if (users[i].role == USER_OWNER && !users[i].is_disabled)
			json_push_str(owners, users[i].email);
	json_add_str(view, "what", what);
	json_add_bool(view, "is_admin", rq->id.user.role == USER_ADMIN);
	json_add_object(view, "owners", owners);
	return page_answer(rq, rs, 200, "settings-ask", view);
}

eg_err
settings_home(struct rq *rq, struct resp *rs)
{
	return resp_redirect(rq, rs, tabs[0].path);
}
