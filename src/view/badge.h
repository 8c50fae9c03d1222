/* SPDX-License-Identifier: GPL-3.0-or-later */
/* badge.h - a status as word and icon, never by colour alone. Rendered by templates/shared/badge.html. */
#ifndef EG_VIEW_BADGE_H
#define EG_VIEW_BADGE_H

#include "base/json.h"

/* `status` is one of those of a token, key or customer: active, rotating, disabled, expired, revoked; also on, off, ok,
 * refused. Gives
 *   word  "Active"; "Paused" for a disabled token
 *   tone  "good", "busy", "calm", "warn", "bad": a class of the style sheet
 *   icon  path data of a 16 by 16 SVG
 * An unknown status is shown as its own word, calm. */
json_object *badge_view(struct arena *a, const char *status);
/* The same with another word ("Disabled" for a customer, "Ends in 5 days"). */
json_object *badge_view_as(struct arena *a, const char *status, const char *word);

#endif
