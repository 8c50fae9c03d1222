/* SPDX-License-Identifier: GPL-3.0-or-later */
/* scope.h - whose things a caller sees, and who acts. Every model function takes the caller's scope; what is outside it is
 * simply not found. */
#ifndef EG_MODEL_SCOPE_H
#define EG_MODEL_SCOPE_H

#include <stdbool.h>

#include "base/uuid.h"

struct scope {
	struct uuid partner_id;         /* nil: every partner (the command line only) */
	struct uuid customer_id;        /* nil: every customer of the partner */
};

/* Is a thing of that partner and customer inside? */
bool scope_covers(const struct scope *s, const struct uuid *partner_id, const struct uuid *customer_id);

/* Who makes a change: goes into the journal and the activity rows. All texts borrowed. */
struct actor {
	const char *kind;       /* "user", "api_key", "cli", "system" */
	const char *id;         /* uuid text, or a login name for "cli" */
	const char *name;       /* for people: "anna@acme.example", "N8N Production" */
	const char *address;    /* cut to /24 or /48, or NULL */
	const char *request_id; /* or NULL */
};

#endif
