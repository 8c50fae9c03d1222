/* SPDX-License-Identifier: GPL-3.0-or-later */
/* must.h - memory outside of arenas that is had or ends the process. */
#ifndef EG_STORE_MUST_H
#define EG_STORE_MUST_H

#include <stdlib.h>

#include "base/arena.h"

static inline void *
must(void *p)
{
	if (p == NULL)
		arena_exhausted();
	return p;
}

#endif
