/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "view/owner.h"

static json_object *
named(struct arena *a, const struct uuid *id, const char *name)
{
	json_object *o = json_new_object(a);

	json_add_uuid(o, "id", id);
	json_add_str(o, "name", name);
	return o;
}

void
owner_add(struct arena *a, json_object *o, const struct identity *id)
{
	json_add_object(o, "customer", named(a, &id->customer.id, id->customer.name));
	json_add_object(o, "partner", named(a, &id->partner.id, id->partner.brand_name));
}
