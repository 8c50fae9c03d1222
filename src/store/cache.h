/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cache.h - decoded records of this process. A record stays until the page says that it changed, so what is read
 * often costs neither GDBM nor JSON. Bounded in number and bytes. Its records are shared with whoever asked for
 * them, by counting references (json-c's own counts are not atomic: one thread a process). */
#ifndef EG_STORE_CACHE_H
#define EG_STORE_CACHE_H

#include "store/shared.h"

struct cache;

struct cache *cache_new(void);
void cache_free(struct cache *c);

/* Drop what changed up to `version`, so that what stays is right at that version. */
void cache_advance(struct cache *c, struct shared *page, uint64_t version);
/* The record, with a reference that the arena holds. */
bool cache_get(struct cache *c, struct arena *a, char kind, const struct uuid *id, struct store_record *out);
/* Which record had `unique` when it was last looked up; the caller checks that it still has. */
bool cache_find(struct cache *c, const char *unique, char *kind, struct uuid *id);
void cache_note_unique(struct cache *c, const char *unique, char kind, const struct uuid *id);

/* Decode `s`, give it to the arena as `*out`, and keep it if it was read at the version that the cache is at (0:
 * do not). EG_DAMAGED: the document is no JSON object. */
eg_err cache_decode(struct cache *c, struct arena *a, const struct stored *s, uint64_t version,
    struct store_record *out) EG_CHECKED;

/* Can that text be read again as an object? */
bool cache_can_decode(struct cache *c, struct slice doc);

#endif
