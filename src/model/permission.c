/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/permission.h"

#include <string.h>

struct name {
	unsigned bit;
	const char *text;
};

static const struct permission_row {
	struct name name;
	unsigned feature;
} permissions[] = {
	{ { PERM_DASHBOARD_READ,  "dashboard:read"  }, FEATURE_ANALYTICS },
	{ { PERM_EVENTS_READ,     "events:read"     }, FEATURE_EVENTS    },
	{ { PERM_EVENTS_REGISTER, "events:register" }, FEATURE_EVENTS    },
	{ { PERM_AGENTS_READ,     "agents:read"     }, FEATURE_AGENTS    },
	{ { PERM_API_READ,        "api:read"        }, FEATURE_API       },
};

static const struct name features[] = {
	{ FEATURE_EMBED,     "embed"     },
	{ FEATURE_ANALYTICS, "analytics" },
	{ FEATURE_EVENTS,    "events"    },
	{ FEATURE_AGENTS,    "agents"    },
	{ FEATURE_API,       "api"       },
};

#define PERMISSIONS_KNOWN "dashboard:read, events:read, events:register, agents:read, api:read"
#define FEATURES_KNOWN "embed, analytics, events, agents, api"

const char *
permission_name(unsigned bit)
{
	for (size_t i = 0; i < EG_COUNT(permissions); i++) {
		if (permissions[i].name.bit == bit)
			return permissions[i].name.text;
	}
	return NULL;
}

unsigned
permission_by_name(const char *name)
{
	for (size_t i = 0; i < EG_COUNT(permissions); i++) {
		if (strcmp(permissions[i].name.text, name) == 0)
			return permissions[i].name.bit;
	}
	return 0;
}

unsigned
permission_feature(unsigned bit)
{
	for (size_t i = 0; i < EG_COUNT(permissions); i++) {
		if (permissions[i].name.bit == bit)
			return permissions[i].feature;
	}
	return 0;
}

const char *
feature_name(unsigned bit)
{
	for (size_t i = 0; i < EG_COUNT(features); i++) {
		if (features[i].bit == bit)
			return features[i].text;
	}
	return NULL;
}

unsigned
feature_by_name(const char *name)
{
	for (size_t i = 0; i < EG_COUNT(features); i++) {
		if (strcmp(features[i].text, name) == 0)
			return features[i].bit;
	}
	return 0;
}

json_object *
permission_array(struct arena *a, unsigned bits)
{
	json_object *array = json_new_array(a);

	for (size_t i = 0; i < EG_COUNT(permissions); i++) {
		if (bits & permissions[i].name.bit)
			json_push_str(array, permissions[i].name.text);
	}
	return array;
}

json_object *
feature_array(struct arena *a, unsigned bits)
{
	json_object *array = json_new_array(a);

	for (size_t i = 0; i < EG_COUNT(features); i++) {
		if (bits & features[i].bit)
			json_push_str(array, features[i].text);
	}
	return array;
}

/* The bits that an array of names stands for; what is no name becomes a fault of its entry. */
static unsigned
parse_names(json_object *array, unsigned (*by_name)(const char *), const char *known, const char *field, struct faults *f)
{
	unsigned bits = 0;

	for (size_t i = 0; i < json_object_array_length(array); i++) {
		json_object *entry = json_object_array_get_idx(array, i);
		unsigned bit = json_object_is_type(entry, json_type_string) ? by_name(json_object_get_string(entry)) : 0;

		if (bit == 0)
			faults_add(f, arena_printf(f->arena, "%s[%zu]", field, i), "Use names out of: %s.", known);
		bits |= bit;
	}
	return bits;
}

unsigned
permission_parse(json_object *array, const char *field, struct faults *f)
{
	if (!json_object_is_type(array, json_type_array)) {
		faults_add(f, field, "Give an array of names out of: " PERMISSIONS_KNOWN ".");
		return 0;
	}
	return parse_names(array, permission_by_name, PERMISSIONS_KNOWN, field, f);
}

unsigned
feature_switched(unsigned present, const struct feature_switches *s)
{
	return (present & ~s->off) | s->on;
}

/* {"embed": true, "events": false}: what is not named stays as it is. */
static struct feature_switches
parse_switches(json_object *object, const char *field, struct faults *f)
{
	struct feature_switches s = { 0 };

	for (struct lh_entry *e = json_object_get_object(object)->head; e != NULL; e = e->next) {
		const char *name = lh_entry_k(e);
		json_object *value = lh_entry_v(e);
		const char *where = arena_printf(f->arena, "%s.%s", field, name);
		unsigned bit = feature_by_name(name);

		if (bit == 0)
			faults_add(f, where, "Use names out of: " FEATURES_KNOWN ".");
		else if (!json_object_is_type(value, json_type_boolean))
			faults_add(f, where, "Give true or false.");
		else if (json_object_get_boolean(value))
			s.on |= bit;
		else
			s.off |= bit;
	}
	return s;
}

struct feature_switches
feature_parse(json_object *value, const char *field, struct faults *f)
{
	if (json_object_is_type(value, json_type_array)) {
		unsigned on = parse_names(value, feature_by_name, FEATURES_KNOWN, field, f);

		return (struct feature_switches){ .on = on, .off = FEATURE_ALL & ~on };
	}
	if (json_object_is_type(value, json_type_object))
		return parse_switches(value, field, f);
	faults_add(f, field,
	    "Give an array of names out of: " FEATURES_KNOWN "; or an object that switches them, such as {\"events\": false}.");
	return (struct feature_switches){ 0 };
}
