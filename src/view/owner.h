/* SPDX-License-Identifier: GPL-3.0-or-later */
/* owner.h - whose embed this is, as a browser is told: ids and names. No mail address, no external id: whoever looks at the
 * page can read it. */
#ifndef EG_VIEW_OWNER_H
#define EG_VIEW_OWNER_H

#include "gate/gate.h"

/* Add "customer" and "partner", each {id, name}; the partner by its brand. */
void owner_add(struct arena *a, json_object *o, const struct identity *id);

#endif
