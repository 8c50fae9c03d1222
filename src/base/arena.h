/* SPDX-License-Identifier: GPL-3.0-or-later */
/* arena.h - memory of one request: taken piece by piece, given back at once.
 * Running out of memory is the machine's fault: it is logged and the process aborts, so no caller checks for NULL.
 * Input is bounded while it is read, never here. */
#ifndef EG_BASE_ARENA_H
#define EG_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#include "base/err.h"

struct arena;

struct arena *arena_new(void);
/* Runs what arena_own() was given, newest first, then frees everything. NULL is allowed. */
void arena_free(struct arena *a);
/* The same, but keeps the first chunk (16 KiB) for the next request. Both wipe what was used: no secret of one request
 * is left for the next. */
void arena_reset(struct arena *a);

/* Zeroed, aligned for any type. */
void *arena_alloc(struct arena *a, size_t size);
/* `count` times `size`, aborting where the product overflows. */
void *arena_array(struct arena *a, size_t count, size_t size);
void *arena_copy(struct arena *a, const void *bytes, size_t len);
/* A NUL-terminated copy of `text`; NULL stays NULL. */
char *arena_strdup(struct arena *a, const char *text);
char *arena_strndup(struct arena *a, const char *text, size_t len);
char *arena_printf(struct arena *a, const char *fmt, ...) EG_PRINTF(2, 3);
char *arena_vprintf(struct arena *a, const char *fmt, va_list args);

/* Adopt `ptr`: `free_fn(ptr)` is called at reset. Returns `ptr`. */
void *arena_own(struct arena *a, void *ptr, void (*free_fn)(void *));

/* The one way out where memory ends: log and abort. For those who allocate outside an arena. */
_Noreturn void arena_exhausted(void);

#endif
