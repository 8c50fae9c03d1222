/* SPDX-License-Identifier: GPL-3.0-or-later */
/* widget.h - the widgets there are, by the name that stands in an element's suffix, in `data-widget` and in the address
 * /embed/v1/widgets/NAME, with the permission each needs. */
#ifndef EG_VIEW_WIDGET_H
#define EG_VIEW_WIDGET_H

#include "model/token.h"

struct widget_info {
	const char *name;
	unsigned permission;            /* PERM_* */
};
/* The widgets in order; NULL behind the last. */
const struct widget_info *widget_at(size_t i);

/* The names of those that somebody with these permissions (PERM_*) may see, as an array. */
json_object *widget_array(struct arena *a, unsigned permissions);

/* The widget that a token is for: that of its event or agent, else the first that its permissions open; "dashboard", where
 * they open none. */
const char *widget_of_token(const struct token_row *t);

#endif
