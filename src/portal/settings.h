/* SPDX-License-Identifier: GPL-3.0-or-later */
/* settings.h - the frame of the settings: heading, tabs, and the words for somebody who may not go further. */
#ifndef EG_PORTAL_SETTINGS_H
#define EG_PORTAL_SETTINGS_H

#include "portal/page.h"

enum settings_tab { SETTINGS_NO_TAB, SETTINGS_API_KEYS };

/* page_new() with the tabs where the page is one of them, else with crumbs that lead back to `under`. */
eg_err settings_page(struct rq *rq, const char *title, enum settings_tab tab, enum settings_tab under, json_object **out)
    EG_CHECKED;

/* Owners, and admins whom an owner granted it. */
bool settings_may(const struct rq *rq);
/* The tab for somebody who may not: what it is for, and who can grant it. (P11) */
eg_err settings_ask(struct rq *rq, struct resp *rs, enum settings_tab tab, const char *what) EG_CHECKED;

#endif
