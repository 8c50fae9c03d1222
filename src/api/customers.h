/* SPDX-License-Identifier: GPL-3.0-or-later */
/* customers.h - /api/v1/customers and, the same resource with its primary token, /api/v1/users. */
#ifndef EG_API_CUSTOMERS_H
#define EG_API_CUSTOMERS_H

#include "web/router.h"

extern const struct field user_new_fields[];
extern const struct field customer_new_fields[];
extern const struct field customer_patch_fields[];

/* POST /users: 201, the customer with `embed_token` and `embed_token_id`. */
handler_fn users_create;
/* GET and POST /users/:id/embed-token: the primary token with `embed_token`; POST draws a new text, and the old one dies. */
handler_fn users_token;
handler_fn users_token_renew;

handler_fn customers_list;
handler_fn customers_create;
handler_fn customers_get;
/* Keys of one customer may not change `status`, `portal_access` and `features`: key_type_not_allowed. */
handler_fn customers_patch;
/* DELETE: disables, and answers with the customer. */
handler_fn customers_disable;
/* POST /customers/:id/revoke-tokens: {customer_id, revoked}. */
handler_fn customers_revoke_tokens;

#endif
