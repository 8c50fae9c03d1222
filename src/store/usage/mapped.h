/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mapped.h - a file of equal units behind a head, mapped into every process, that only grows.
 *
 * Growing: one process at a time (the holder of the store's writer lock) takes space with posix_fallocate and then
 * publishes the new number of units in the head. The others see it when they first ask for a unit they did not know of.
 * A mapping covers a fixed range of units, whether the file reaches that far yet or not, so nothing is ever mapped anew
 * and pointers stay good. A unit is handed out only where both the head and the size of the file cover it: touching a
 * mapping behind the end of its file, or in a hole of it on a full disk, kills the process with SIGBUS.
 *
 * A file that cannot be what it should be is set aside as NAME.damaged-1, -2, ... and made anew: counts are worth less
 * than a start. */
#ifndef EG_STORE_USAGE_MAPPED_H
#define EG_STORE_USAGE_MAPPED_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "store/usage/siphash.h"

#define MAPPED_VERSION 1u
#define MAPPED_HEAD_SIZE 65536u         /* a multiple of every page size Linux has: mappings start behind it */

/* The first bytes of each file, in the byte order of the machine. What a crc covers is written once, before the file gets
 * its name. */
struct mapped_head {
	char magic[8];
	uint32_t version;
	uint32_t unit_size;
	struct siphash_key key;         /* random, this file's own */
	uint32_t crc;                   /* of everything before it */
	_Atomic uint32_t ready;         /* units whose space is taken */
	_Atomic uint64_t boot;          /* for the owner of the file: which boot its content belongs to */
};

struct mapped_kind {
	const char *name;
	char magic[8];
	uint32_t unit_size;
	uint32_t chunk_units;           /* per mapping; times unit_size a multiple of MAPPED_HEAD_SIZE, or 1 */
	uint32_t first_units;           /* in a new file */
	bool scattered;                 /* units are used in no order: reading ahead would only waste memory */
};

struct mapped {
	const struct mapped_kind *kind;
	int dir_fd;                     /* borrowed */
	int fd;                         /* -1: there is no file */
	struct mapped_head *head;       /* NULL: not open */
	uint32_t ready;                 /* units that this process knows to be safe */
	void **chunks;
	size_t chunk_count;
	bool complained;
};

/* Opens or makes kind->name below `dir_fd`, both of which must outlive `m`. On failure `m` is as mapped_none() leaves
 * it. */
eg_err mapped_open(struct mapped *m, int dir_fd, const struct mapped_kind *kind) EG_CHECKED;
/* A file that could not be had: it has no units, until mapped_reserve() succeeds. */
void mapped_none(struct mapped *m, int dir_fd, const struct mapped_kind *kind);
/* The same things in memory of this process alone, with first_units units. */
eg_err mapped_private(struct mapped *m, const struct mapped_kind *kind) EG_CHECKED;
void mapped_close(struct mapped *m);

/* Makes sure that units 1 to `units` have their space. EG_FULL: nothing was changed. One process at a time. */
eg_err mapped_reserve(struct mapped *m, uint32_t units) EG_CHECKED;

/* Unit `n`, from 1; good until mapped_close(). NULL where there is none, which is logged once. 64-byte aligned. */
void *mapped_unit(struct mapped *m, uint32_t n);

#endif
