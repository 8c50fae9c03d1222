/* SPDX-License-Identifier: GPL-3.0-or-later */
/* files.h - the three files behind `struct usage`; for the parts of usage/ only. */
#ifndef EG_STORE_USAGE_FILES_H
#define EG_STORE_USAGE_FILES_H

#include <string.h>

#include "store/usage/mapped.h"
#include "store/usage/usage.h"

struct usage {
	int dir_fd;
	struct mapped slots;
	struct mapped rings;
	struct mapped limits;
};

extern const struct mapped_kind slots_kind;
extern const struct mapped_kind rings_kind;
extern const struct mapped_kind limits_kind;

/* After the file of limits was opened: what it holds of another boot is void, since the clock it speaks of began anew. */
void limits_boot(struct usage *u);

/* A key for things of one record. */
static inline struct siphash_key
usage_key(const struct mapped *m, const struct uuid *id)
{
	struct siphash_key key;

	memcpy(&key, id->b, sizeof(key));
	key.k[0] ^= m->head->key.k[0];
	key.k[1] ^= m->head->key.k[1];
	return key;
}

/* Bytes of `text` to keep: at most `max`, and no part of a UTF-8 character. */
static inline size_t
usage_cut(const char *text, size_t max)
{
	size_t len = strnlen(text, max + 1);

	if (len <= max)
		return len;
	for (len = max; len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80; len--)
		;
	return len;
}

#endif
