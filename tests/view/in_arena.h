/* SPDX-License-Identifier: GPL-3.0-or-later */
/* in_arena.h - tests whose state is an arena of their own. */
#ifndef EG_TESTS_VIEW_IN_ARENA_H
#define EG_TESTS_VIEW_IN_ARENA_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/arena.h"

static int
arena_up(void **state)
{
	*state = arena_new();
	return 0;
}

static int
arena_down(void **state)
{
	arena_free(*state);
	return 0;
}

#define IN_ARENA(fn) cmocka_unit_test_setup_teardown(fn, arena_up, arena_down)

#endif
