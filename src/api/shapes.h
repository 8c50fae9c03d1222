/* SPDX-License-Identifier: GPL-3.0-or-later */
/* shapes.h - what the answers of the API look like, for its documentation. The views that make them are in the model and in
 * src/view; the tests hold every answer against these tables. */
#ifndef EG_API_SHAPES_H
#define EG_API_SHAPES_H

#include "web/fields.h"

extern const struct shape customer_shape;
extern const struct shape user_shape;                   /* a customer with its primary token */
extern const struct shape token_shape;
extern const struct shape token_made_shape;             /* with `token` */
extern const struct shape token_primary_shape;          /* with `embed_token` */
extern const struct shape token_url_shape;
extern const struct shape use_shape;                    /* a row of a token's activity */
extern const struct shape tested_shape;
extern const struct shape introspected_shape;
extern const struct shape done_shape;                   /* {"success": true} */
extern const struct shape revoked_tokens_shape;
extern const struct shape key_shape;
extern const struct shape key_made_shape;               /* with `key` */
extern const struct shape agent_shape;
extern const struct shape result_shape;
extern const struct shape agent_tokens_shape;           /* of the agent login */
extern const struct shape analytics_shape;
extern const struct shape recorded_shape;
extern const struct shape exchanged_shape;
extern const struct shape me_shape;
extern const struct shape dashboard_shape;
extern const struct shape shown_agent_shape;            /* what an agent's embed shows */
extern const struct shape status_shape;
extern const struct shape document_shape;               /* any object */

#endif
