/* SPDX-License-Identifier: GPL-3.0-or-later */
/* permission.h - what an embed token may do, and which feature of its customer each permission needs. */
#ifndef EG_MODEL_PERMISSION_H
#define EG_MODEL_PERMISSION_H

#include <stdbool.h>

#include "base/faults.h"
#include "base/json.h"

enum permission {
	PERM_DASHBOARD_READ  = 1 << 0,  /* "dashboard:read" */
	PERM_EVENTS_READ     = 1 << 1,  /* "events:read" */
	PERM_EVENTS_REGISTER = 1 << 2,  /* "events:register" */
	PERM_AGENTS_READ     = 1 << 3,  /* "agents:read" */
	PERM_API_READ        = 1 << 4,  /* "api:read" */
};
#define PERM_ALL 0x1fu

enum feature {
	FEATURE_EMBED     = 1 << 0,     /* without it no embed of the customer works */
	FEATURE_ANALYTICS = 1 << 1,     /* dashboard:read */
	FEATURE_EVENTS    = 1 << 2,     /* events:read, events:register */
	FEATURE_AGENTS    = 1 << 3,     /* agents:read */
	FEATURE_API       = 1 << 4,     /* api:read */
};
#define FEATURE_ALL 0x1fu

/* The text of one bit; NULL for none. */
const char *permission_name(unsigned bit);
const char *feature_name(unsigned bit);
/* 0 for an unknown name. */
unsigned permission_by_name(const char *name);
unsigned feature_by_name(const char *name);
/* Which feature this permission bit needs besides FEATURE_EMBED. */
unsigned permission_feature(unsigned bit);

json_object *permission_array(struct arena *a, unsigned bits);
json_object *feature_array(struct arena *a, unsigned bits);
/* An array of names -> bits; every unknown name becomes a fault of "field[i]". */
unsigned permission_parse(json_object *array, const char *field, struct faults *f);

/* FEATURE_* bits to switch; what stands in neither stays as it is. So two changes of different features can come at once. */
struct feature_switches {
	unsigned on, off;
};
unsigned feature_switched(unsigned present, const struct feature_switches *s);
/* An array of names is all that is on; an object {"embed": true, ...} switches only what it names. */
struct feature_switches feature_parse(json_object *value, const char *field, struct faults *f);

#endif
