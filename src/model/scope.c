/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/scope.h"

bool
scope_covers(const struct scope *s, const struct uuid *partner_id, const struct uuid *customer_id)
{
	if (!uuid_is_nil(&s->partner_id) && !uuid_equal(&s->partner_id, partner_id))
		return false;
	return uuid_is_nil(&s->customer_id) || uuid_equal(&s->customer_id, customer_id);
}
