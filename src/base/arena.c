/* SPDX-License-Identifier: GPL-3.0-or-later */
/* arena.c - a chain of chunks, newest first. Every chunk is all zero behind its `used` mark (calloc, or the wipe of the
 * last reset), so a piece is handed out without touching it. Under AddressSanitizer what is not handed out is poisoned,
 * with a gap behind each piece: an overflow inside the arena is found like one of malloc. */
#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#define GAP 16
#else
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define GAP 0
#endif

#define ALIGN sizeof(max_align_t)
#define FIRST_CHUNK (16u << 10)
#define LARGEST_CHUNK (1u << 20)        /* but for a piece that needs more */

struct chunk {
	struct chunk *older;
	size_t size;            /* of data */
	size_t used;
	max_align_t data[];
};

struct owned {
	void *ptr;
	void (*free_fn)(void *);
	struct owned *older;
};

struct arena {
	struct chunk *newest;
	struct owned *owned;
};

_Noreturn void
arena_exhausted(void)
{
	log_line(LOG_LEVEL_ERROR, "out of memory");
	abort();
}

static struct chunk *
chunk_new(size_t size, struct chunk *older)
{
	struct chunk *c = calloc(1, sizeof(*c) + size);

	if (c == NULL)
		arena_exhausted();
	c->older = older;
	c->size = size;
	ASAN_POISON_MEMORY_REGION(c->data, size);
	return c;
}

/* Back to all zero. explicit_bzero, because memory about to be freed is what compilers like to leave unwiped. */
static void
chunk_wipe(struct chunk *c)
{
	ASAN_UNPOISON_MEMORY_REGION(c->data, c->size);
	explicit_bzero(c->data, c->used);
	c->used = 0;
}

struct arena *
arena_new(void)
{
	struct arena *a = calloc(1, sizeof(*a));

	if (a == NULL)
		arena_exhausted();
	a->newest = chunk_new(FIRST_CHUNK - sizeof(struct chunk), NULL);
	return a;
}

void
arena_reset(struct arena *a)
{
	/* All of them before any memory goes: an owned thing may point to what is in the arena. */
	for (struct owned *o = a->owned; o != NULL; o = o->older)
		o->free_fn(o->ptr);
	a->owned = NULL;

	while (a->newest->older != NULL) {
		struct chunk *c = a->newest;

		a->newest = c->older;
		chunk_wipe(c);
		free(c);
	}
	chunk_wipe(a->newest);
	ASAN_POISON_MEMORY_REGION(a->newest->data, a->newest->size);
}

void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	arena_reset(a);
	ASAN_UNPOISON_MEMORY_REGION(a->newest->data, a->newest->size);
	free(a->newest);
	free(a);
}

void *
arena_alloc(struct arena *a, size_t size)
{
	struct chunk *c = a->newest;
	size_t taken;

	if (size > SIZE_MAX / 2)
		arena_exhausted();
	taken = (size + GAP + ALIGN - 1) / ALIGN * ALIGN;
	if (taken == 0)
		taken = ALIGN;
	if (taken > c->size - c->used) {
		size_t want = c->size < LARGEST_CHUNK / 2 ? c->size * 2 : LARGEST_CHUNK;

		c = a->newest = chunk_new(want < taken ? taken : want, c);
	}
	void *piece = (char *)c->data + c->used;
	c->used += taken;
	ASAN_UNPOISON_MEMORY_REGION(piece, size);
	return piece;
}

void *
arena_array(struct arena *a, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		arena_exhausted();
	return arena_alloc(a, bytes);
}

void *
arena_copy(struct arena *a, const void *bytes, size_t len)
{
	void *copy = arena_alloc(a, len);

	if (len > 0)
		memcpy(copy, bytes, len);
	return copy;
}

char *
arena_strdup(struct arena *a, const char *text)
{
	return text == NULL ? NULL : arena_copy(a, text, strlen(text) + 1);
}

char *
arena_strndup(struct arena *a, const char *text, size_t len)
{
	char *copy;

	if (len == SIZE_MAX)
		arena_exhausted();
	copy = arena_alloc(a, len + 1);
	if (len > 0)
		memcpy(copy, text, len);
	return copy;
}

char *
arena_vprintf(struct arena *a, const char *fmt, va_list args)
{
	va_list again;
	char *text;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, args);
	if (len < 0)
		arena_exhausted();      /* only %ls and sizes beyond INT_MAX get here */
	text = arena_alloc(a, (size_t)len + 1);
	vsnprintf(text, (size_t)len + 1, fmt, again);
	va_end(again);
	return text;
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	text = arena_vprintf(a, fmt, args);
	va_end(args);
	return text;
}

void *
arena_own(struct arena *a, void *ptr, void (*free_fn)(void *))
{
	struct owned *o = arena_alloc(a, sizeof(*o));

	*o = (struct owned){ .ptr = ptr, .free_fn = free_fn, .older = a->owned };
	a->owned = o;
	return ptr;
}
