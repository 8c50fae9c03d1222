/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/time_zone.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define LIST "/usr/share/zoneinfo"
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/* Parts with slashes between, which begin with a capital: so no dots, no way out of the list's folder, and none of
 * the files that stand beside the zones. */
static bool
has_shape(const char *name)
{
	if (strlen(name) > TIME_ZONE_MAX)
		return false;
	for (;;) {
		size_t n = strspn(name, LETTERS "0123456789+-_");

		if (n == 0 || name[0] < 'A' || name[0] > 'Z')
			return false;
		name += n;
		if (*name == '\0')
			return true;
		if (*name++ != '/')
			return false;
	}
}

bool
time_zone_is_known(const char *name)
{
	char path[sizeof(LIST "/") + TIME_ZONE_MAX];
	struct stat st;

	if (!has_shape(name))
		return false;
	snprintf(path, sizeof(path), LIST "/%s", name);
	if (stat(path, &st) == 0)
		return S_ISREG(st.st_mode);
	return stat(LIST "/UTC", &st) != 0;
}
