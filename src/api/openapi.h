/* SPDX-License-Identifier: GPL-3.0-or-later */
/* openapi.h (api) - GET /api/v1/openapi.json: this API as a document for machines. The same for everybody, so it is made
 * once in each process. */
#ifndef EG_API_OPENAPI_H
#define EG_API_OPENAPI_H

#include "web/router.h"

handler_fn openapi_get;

#endif
