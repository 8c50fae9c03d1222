/* SPDX-License-Identifier: GPL-3.0-or-later */
/* assets.h - templates and the loader, compiled into the programs by the Makefile: nothing on a request's path opens a file,
 * and a program can never meet a template of another version. */
#ifndef EG_WEB_ASSETS_H
#define EG_WEB_ASSETS_H

#include <stddef.h>

struct asset {
	const char *name;       /* "templates/portal/tokens.html", "static/loader.js" */
	const char *bytes;      /* NUL-terminated behind `len` */
	size_t len;
};

extern const struct asset assets[];
extern const size_t assets_count;

/* NULL where there is none. */
const struct asset *asset_find(const char *name);

#endif
