/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oauth.h - introspection (RFC 7662) and revocation (RFC 7009): forms in, no envelope out. Both tell a caller nothing about
 * what is not the caller's. */
#ifndef EG_API_OAUTH_H
#define EG_API_OAUTH_H

#include "web/router.h"

extern const struct field oauth_fields[];

/* {"active": false} for whatever would be refused, is unknown or belongs to somebody else. */
handler_fn introspect;
/* 200 also where there was nothing to revoke. A token's text revokes the token; its text from before a rotation ends the
 * overlap. For a partner key the same holds of the texts of API keys. A session is refused: it ends with its token. */
handler_fn revoke;

#endif
