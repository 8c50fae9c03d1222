/* SPDX-License-Identifier: GPL-3.0-or-later */
/* agents.h - /api/v1/agents: agents of customers and their results. ":number" in a path may be the id, too. */
#ifndef EG_API_AGENTS_H
#define EG_API_AGENTS_H

#include "web/router.h"

extern const struct field agent_new_fields[];
extern const struct field agent_patch_fields[];
extern const struct field agent_list_query[];
extern const struct field result_new_fields[];

handler_fn agents_list;
handler_fn agents_create;
handler_fn agents_get;
handler_fn agents_patch;
/* DELETE: for good, with its results; its tokens are revoked. */
handler_fn agents_delete;
handler_fn results_list;
handler_fn results_create;

#endif
