/* SPDX-License-Identifier: GPL-3.0-or-later */
/* embed_data.h - GET /api/v1/embed/...: what widgets show, as JSON, for those who draw it themselves. */
#ifndef EG_API_EMBED_DATA_H
#define EG_API_EMBED_DATA_H

#include "web/router.h"

/* Who the credential stands for and what it may do now. */
handler_fn embed_me;
handler_fn embed_dashboard;
handler_fn embed_agent;

#endif
