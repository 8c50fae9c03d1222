/* SPDX-License-Identifier: GPL-3.0-or-later */
/* scripts.h - the loader and the script of our own pages: bytes compiled into the program, the same for everybody. Of the
 * request only If-None-Match is looked at, so a cache between us and anybody cannot be poisoned. */
#ifndef EG_EMBED_SCRIPTS_H
#define EG_EMBED_SCRIPTS_H

#include "web/router.h"

/* One hour of cache: /embed.js, /embed/v1/loader.js. */
handler_fn scripts_loader;
/* A year, immutable: the addresses with the version in them. */
handler_fn scripts_loader_versioned;
handler_fn scripts_page_versioned;

#endif
