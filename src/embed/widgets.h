/* SPDX-License-Identifier: GPL-3.0-or-later */
/* widgets.h - GET /embed/v1/widgets/NAME: a widget as a fragment of HTML, for the loader to put into a page. */
#ifndef EG_EMBED_WIDGETS_H
#define EG_EMBED_WIDGETS_H

#include "web/router.h"

handler_fn widgets_dashboard;
handler_fn widgets_agent;

#endif
