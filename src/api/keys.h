/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keys.h - /api/v1/api-keys: the API keys of a partner, for its partner keys alone. */
#ifndef EG_API_KEYS_H
#define EG_API_KEYS_H

#include "web/router.h"

extern const struct field key_new_fields[];
extern const struct field key_patch_fields[];
extern const struct field key_rotate_fields[];

handler_fn keys_list;
/* The answer to keys_create and keys_rotate holds `key`, this once. */
handler_fn keys_create;
handler_fn keys_get;
handler_fn keys_patch;
/* DELETE: for good. */
handler_fn keys_revoke;
handler_fn keys_rotate;

#endif
