/* SPDX-License-Identifier: GPL-3.0-or-later */
/* badge.c - one table of statuses. Icons are strokes on a 16 by 16 grid, drawn in the colour of the word beside them. */
#include "view/badge.h"

#include <string.h>

#define ICON_CHECK  "M3.5 8.5l3 3 6-7"
#define ICON_CROSS  "M4.5 4.5l7 7m0-7l-7 7"
#define ICON_DASH   "M4 8h8"
#define ICON_PAUSE  "M5.5 4v8M10.5 4v8"
#define ICON_CLOCK  "M8 4.5V8l2.5 1.5M8 1.75a6.25 6.25 0 1 1 0 12.5 6.25 6.25 0 0 1 0-12.5z"
#define ICON_ROTATE "M13 8a5 5 0 1 1-1.5-3.5M13 2.5v3h-3"

static const struct badge {
	const char *status;
	const char *word;
	const char *tone;
	const char *icon;
} badges[] = {
	{ "active",   "Active",   "good", ICON_CHECK },
	{ "rotating", "Rotating", "busy", ICON_ROTATE },
	{ "disabled", "Paused",   "calm", ICON_PAUSE },
	{ "expiring", "Expiring", "warn", ICON_CLOCK },
	{ "expired",  "Expired",  "warn", ICON_CLOCK },
	{ "revoked",  "Revoked",  "bad",  ICON_CROSS },
	{ "on",       "On",       "good", ICON_CHECK },
	{ "off",      "Off",      "calm", ICON_DASH },
	{ "ok",       "OK",       "good", ICON_CHECK },
	{ "refused",  "Refused",  "bad",  ICON_CROSS },
};

json_object *
badge_view_as(struct arena *a, const char *status, const char *word)
{
	struct badge b = { status, status, "calm", ICON_DASH };

	for (size_t i = 0; i < EG_COUNT(badges); i++)
		if (strcmp(badges[i].status, status) == 0)
			b = badges[i];

	json_object *o = json_new_object(a);
	json_add_str(o, "word", word != NULL ? word : b.word);
	json_add_str(o, "tone", b.tone);
	json_add_str(o, "icon", b.icon);
	return o;
}

json_object *
badge_view(struct arena *a, const char *status)
{
	return badge_view_as(a, status, NULL);
}
