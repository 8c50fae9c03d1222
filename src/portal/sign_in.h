/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sign_in.h - where somebody is sent after signing in. */
#ifndef EG_PORTAL_SIGN_IN_H
#define EG_PORTAL_SIGN_IN_H

#include <stdbool.h>

/* Is `next` a page of the portal: "/portal/" and then letters, digits, "-", "_", "/", and perhaps a query? No dot and no
 * percent sign in the path, so that no browser reads another path, another host or a script in it. (T17) */
bool sign_in_is_next(const char *next);

#endif
