/* SPDX-License-Identifier: GPL-3.0-or-later */
/* assets.c - the table itself is $(BUILD)/gen/assets.c, made by the Makefile in the order of the names. */
#include "web/assets.h"

#include <stdlib.h>
#include <string.h>

static int
name_compare(const void *name, const void *asset)
{
	return strcmp(name, ((const struct asset *)asset)->name);
}

const struct asset *
asset_find(const char *name)
{
	return bsearch(name, assets, assets_count, sizeof(assets[0]), name_compare);
}
